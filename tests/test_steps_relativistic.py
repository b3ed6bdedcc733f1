"""The relativistic game, and R1 by itself."""

import pytest
import torch
from tiny_gans import POINTS, SHAPE, draw_z, make_gan, make_points_gan, same, slope_norms, train, weights

from course_utils import losses
from course_utils.runs import Run
from course_utils.steps.r1 import discriminator_step_r1
from course_utils.steps.relativistic import RelativisticSteps

MAKERS = pytest.mark.parametrize(("make", "shape"), [(make_points_gan, POINTS), (make_gan, SHAPE)])


def test_discriminator_step_r1_returns_the_formula():
    gan, z, real = make_points_gan(), draw_z(16), torch.randn(16, *POINTS)
    with torch.no_grad():
        expected = losses.discriminator_loss(gan.discriminator(real), gan.discriminator(gan.generator(z)))
    expected = expected + 5.0 * slope_norms(gan.discriminator, real).square().mean()
    assert discriminator_step_r1(gan, real, z, gamma=10.0).item() == pytest.approx(expected.item())


def test_relativistic_steps_return_the_formula_and_pair_the_same_reals():
    gan, z, real = make_points_gan(), draw_z(16), torch.randn(16, *POINTS)
    steps = RelativisticSteps(draw_z, gamma=10.0)
    with torch.no_grad():
        fake = gan.generator(z)
        expected = losses.relativistic_discriminator_loss(gan.discriminator(real), gan.discriminator(fake))
    for points in (real, fake):
        expected = expected + 5.0 * slope_norms(gan.discriminator, points).square().mean()
    assert steps.discriminator_step(gan, real, z).item() == pytest.approx(expected.item())
    with torch.no_grad():
        expected = losses.relativistic_generator_loss(gan.discriminator(real), gan.discriminator(gan.generator(z)))
    assert steps.generator_step(gan, z).item() == pytest.approx(expected.item())


@MAKERS
def test_the_relativistic_generator_step_changes_only_the_generator_and_improves_it(make, shape):
    gan, z, steps = make(), draw_z(64), RelativisticSteps()
    steps.discriminator_step(gan, torch.randn(64, *shape), z)
    g_before, d_before = weights(gan.generator), weights(gan.discriminator)
    loss = steps.generator_step(gan, z)
    assert same(weights(gan.discriminator), d_before)
    assert not same(weights(gan.generator), g_before)
    assert not loss.requires_grad
    after = losses.relativistic_generator_loss(gan.discriminator(steps.real), gan.discriminator(gan.generator(z)))
    assert after < loss


def test_a_relativistic_generator_step_without_reals_says_what_to_do():
    with pytest.raises(RuntimeError, match="expected a discriminator_step of the same object before it"):
        RelativisticSteps().generator_step(make_points_gan(), draw_z(4))


def test_fit_takes_the_relativistic_steps_and_resumes_them_bit_for_bit(capsys):
    def options():
        return {"game": RelativisticSteps(draw_z)}

    whole, _ = train(Run("whole"), 21, **options())
    train(Run("cut"), 21, interrupt_at=11, **options())
    again, _ = train(Run("cut"), 21, gan=make_gan(seed=9), seed=77, **options())
    assert "Resuming" in capsys.readouterr().out
    assert same(weights(whole.generator), weights(again.generator))
