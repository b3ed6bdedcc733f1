"""Two steps on one batch of fakes, also with labels, and ACGAN."""

import pytest
import torch
from tiny_gans import (
    CLASSES,
    POINTS,
    SHAPE,
    draw_z,
    make_conditional_gan,
    make_gan,
    make_points_gan,
    same,
    slope_norms,
    train,
    weights,
)
from torch import nn

from course_utils import losses
from course_utils.models.conditional import class_labels
from course_utils.runs import Run
from course_utils.steps.acgan import AuxiliaryFakes
from course_utils.steps.shared_fakes import OneBatchOfFakes, SharedFakes
from course_utils.training import GAN, discriminator_step, generator_step

MAKERS = pytest.mark.parametrize(("make", "shape"), [(make_points_gan, POINTS), (make_gan, SHAPE)])


@MAKERS
def test_shared_fakes_change_one_player_a_step_and_give_the_losses_of_two_plain_steps(make, shape):
    gan, z, steps = (
        make(),
        draw_z(16),
        SharedFakes(draw_z, losses.hinge_discriminator_loss, losses.hinge_generator_loss),
    )
    real = torch.randn(16, *shape)
    fake = gan.generator(z).detach()
    expected = losses.hinge_discriminator_loss(gan.discriminator(real), gan.discriminator(fake))
    g_before, d_before = weights(gan.generator), weights(gan.discriminator)
    assert steps.discriminator_step(gan, real, z).item() == pytest.approx(expected.item())
    assert same(weights(gan.generator), g_before)
    d_after = weights(gan.discriminator)
    assert not same(d_after, d_before)
    expected = losses.hinge_generator_loss(gan.discriminator(fake))
    assert steps.generator_step(gan, draw_z(16)).item() == pytest.approx(expected.item())
    assert same(weights(gan.discriminator), d_after)
    assert not same(weights(gan.generator), g_before)
    assert all(p.requires_grad for p in gan.discriminator.parameters())


def test_shared_fakes_give_the_generator_the_gradient_of_its_plain_step():
    z, real = draw_z(16), torch.randn(16, *POINTS)
    shared, plain = make_points_gan(), make_points_gan()
    steps = SharedFakes()
    steps.discriminator_step(shared, real, z)
    steps.generator_step(shared, z)
    discriminator_step(plain, real, z)
    generator_step(plain, z)
    for a, b in zip(weights(shared.generator), weights(plain.generator), strict=True):
        assert torch.allclose(a, b)


def test_shared_fakes_penalise_one_step_of_every_and_four_times_as_much():
    gan, z, real = make_points_gan(), draw_z(16), torch.randn(16, *POINTS)
    for optimiser in (gan.opt_g, gan.opt_d):
        optimiser.param_groups[0]["lr"] = 0.0  # the same loss at every step
    with torch.no_grad():
        plain = losses.discriminator_loss(gan.discriminator(real), gan.discriminator(gan.generator(z))).item()
    penalty = slope_norms(gan.discriminator, real).square().mean().item()
    steps = SharedFakes(gamma=6.0, every=4)
    torch.manual_seed(0)
    extra = [(steps.discriminator_step(gan, real, z).item() - plain) / penalty for _ in range(400)]
    assert all(e == pytest.approx(0, abs=1e-4) or e == pytest.approx(12, rel=1e-3) for e in extra)
    assert sum(e > 1 for e in extra) == pytest.approx(100, abs=30)


def test_a_shared_generator_step_without_fakes_says_what_to_do():
    steps = SharedFakes()
    for _ in range(2):
        with pytest.raises(RuntimeError, match="expected a discriminator_step of the same object just before it"):
            steps.generator_step(make_points_gan(), draw_z(4))


def test_fit_resumes_shared_fakes_bit_for_bit(capsys):
    def options():
        return {"game": SharedFakes(draw_z, gamma=1.0)}

    whole, _ = train(Run("whole"), 41, **options())
    train(Run("cut"), 41, interrupt_at=21, **options())
    again, _ = train(Run("cut"), 41, gan=make_gan(seed=9), seed=77, **options())
    assert "Resuming" in capsys.readouterr().out
    assert same(weights(whole.generator), weights(again.generator))


def test_shared_fakes_give_both_networks_the_labels():
    gan, labels, real, z = make_conditional_gan(), torch.tensor([0, 1, 2, 2]), torch.randn(4, *SHAPE), draw_z(4)
    with torch.no_grad():
        fake_logits = gan.discriminator(gan.generator(z, labels), labels)
        expected = losses.discriminator_loss(gan.discriminator(real, labels), fake_logits)
    g_before, d_before = weights(gan.generator), weights(gan.discriminator)
    steps = SharedFakes()
    assert steps.discriminator_step(gan, real, z, labels).item() == pytest.approx(expected.item())
    assert same(weights(gan.generator), g_before)
    d_after = weights(gan.discriminator)
    assert not same(d_after, d_before)
    with torch.no_grad():
        expected = losses.generator_loss(gan.discriminator(steps.fake, labels))
    assert steps.generator_step(gan, z, labels).item() == pytest.approx(expected.item())
    assert same(weights(gan.discriminator), d_after)
    assert not same(weights(gan.generator), g_before)


def test_a_game_of_its_own_fills_in_two_losses():
    class LeastSquares(OneBatchOfFakes):
        def loss_d(self, gan, real, fake):
            assert not fake.requires_grad
            real_logits = gan.discriminator(real)
            return (real_logits - 1).square().mean() + gan.discriminator(fake).square().mean(), real_logits

        def loss_g(self, gan, fake):
            return (gan.discriminator(fake) - 1).square().mean()

    gan, z, steps = make_gan(), draw_z(8), LeastSquares(gamma=1.0, every=1)
    real = torch.rand(8, *SHAPE)
    before = weights(gan.generator)
    steps.discriminator_step(gan, real, z)
    assert same(weights(gan.generator), before)
    assert steps.z is z
    expected = (gan.discriminator(steps.fake) - 1).square().mean()
    assert steps.generator_step(gan, z).item() == pytest.approx(expected.item())
    assert steps.fake is None
    assert not same(weights(gan.generator), before)
    with pytest.raises(NotImplementedError):
        OneBatchOfFakes().discriminator_step(gan, real, z)


def make_auxiliary_gan(lr=0.1):
    torch.manual_seed(0)
    generator = class_labels.Generator(3, CLASSES, base=2)
    discriminator = class_labels.AuxiliaryDiscriminator(CLASSES, base=2, hidden=4)
    sgd = torch.optim.SGD
    return GAN(generator, discriminator, sgd(generator.parameters(), lr), sgd(discriminator.parameters(), lr))


def test_auxiliary_fakes_return_their_formulas_and_change_their_own_player():
    gan, labels, z = make_auxiliary_gan(), torch.tensor([0, 1, 2, 2]), draw_z(4)
    real = torch.rand(4, 1, 28, 28)
    fake = gan.generator(z, labels).detach()  # in training mode, as in the step
    with torch.no_grad():
        (real_logits, real_classes), (fake_logits, fake_classes) = map(gan.discriminator.both, (real, fake))
        expected = losses.discriminator_loss(real_logits, fake_logits)
        expected += 0.5 * losses.auxiliary_loss(real_classes, labels, fake_classes, labels)
    steps = AuxiliaryFakes(weight=0.5)
    g_before, d_before = weights(gan.generator), weights(gan.discriminator)
    assert steps.discriminator_step(gan, real, z, labels).item() == pytest.approx(expected.item(), rel=1e-5)
    assert same(weights(gan.generator), g_before)
    d_after = weights(gan.discriminator)
    assert not any(same([a], [b]) for a, b in zip(d_after, d_before, strict=True))
    with torch.no_grad():
        logits, classes = gan.discriminator.both(steps.fake)
        expected = losses.generator_loss(logits) + 0.5 * nn.functional.cross_entropy(classes, labels)
    assert steps.generator_step(gan, z, labels).item() == pytest.approx(expected.item(), rel=1e-5)
    assert same(weights(gan.discriminator), d_after)
    assert not same(weights(gan.generator), g_before)
    assert all(p.requires_grad for p in gan.discriminator.parameters())


def test_auxiliary_fakes_penalise_the_logit_for_real_only():
    gan, labels, z, real = make_auxiliary_gan(lr=0.0), torch.tensor([0, 1, 2, 2]), draw_z(4), torch.rand(4, 1, 28, 28)
    plain = AuxiliaryFakes().discriminator_step(gan, real, z, labels).item()
    penalised = AuxiliaryFakes(gamma=6.0, every=1).discriminator_step(gan, real, z, labels).item()
    penalty = slope_norms(gan.discriminator, real).square().mean().item()
    assert penalised - plain == pytest.approx(3 * penalty, rel=1e-3, abs=1e-6)
    assert not real.requires_grad


def test_an_auxiliary_generator_step_without_fakes_says_what_to_do():
    with pytest.raises(RuntimeError, match="expected a discriminator_step of the same object just before it"):
        AuxiliaryFakes().generator_step(make_auxiliary_gan(), draw_z(4), torch.zeros(4, dtype=torch.int64))


@pytest.mark.parametrize("fails", [False, True])
def test_shared_fakes_leave_frozen_layers_frozen_and_others_thawed(fails):
    def loss(fake_logits):
        if fails:
            raise ArithmeticError("of the loss")
        return -fake_logits.mean()

    gan, steps = make_gan(), SharedFakes(draw_z, generator_loss=loss)
    frozen = next(gan.discriminator.parameters()).requires_grad_(False)
    steps.discriminator_step(gan, torch.randn(16, *SHAPE), draw_z(16))
    if fails:
        with pytest.raises(ArithmeticError):
            steps.generator_step(gan, draw_z(16))
    else:
        steps.generator_step(gan, draw_z(16))
    assert [p is not frozen for p in gan.discriminator.parameters()] == [
        p.requires_grad for p in gan.discriminator.parameters()
    ]
