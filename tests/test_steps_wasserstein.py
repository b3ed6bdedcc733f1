"""The Wasserstein game, and what all penalised steps have in common."""

import math

import pytest
import torch
from tiny_gans import (
    POINTS,
    SHAPE,
    draw_z,
    make_gan,
    make_images,
    make_points_gan,
    same,
    slope_norms,
    weights,
)
from torch import nn

from course_utils.game import Game
from course_utils.steps.r1 import discriminator_step_r1
from course_utils.steps.relativistic import RelativisticSteps
from course_utils.steps.shared_fakes import SharedFakes
from course_utils.steps.wasserstein import clip_weights, critic_step, train_wgan, wasserstein_generator_step
from course_utils.training import fit

MAKERS = pytest.mark.parametrize(("make", "shape"), [(make_points_gan, POINTS), (make_gan, SHAPE)])


@MAKERS
@pytest.mark.parametrize(
    "step",
    [
        critic_step,
        discriminator_step_r1,
        RelativisticSteps().discriminator_step,
        SharedFakes(gamma=1, every=1).discriminator_step,
    ],
)
def test_penalised_steps_change_only_the_critic(step, make, shape):
    gan = make()
    g_before, d_before = weights(gan.generator), weights(gan.discriminator)
    real = torch.randn(8, *shape)
    loss = step(gan, real, draw_z(8))
    assert same(weights(gan.generator), g_before)
    assert all(p.grad is None for p in gan.generator.parameters())
    assert not any(same([w], [b]) for w, b in zip(weights(gan.discriminator)[:-1], d_before, strict=False))
    assert loss.shape == ()
    assert not loss.requires_grad
    assert not real.requires_grad
    assert real.grad is None


@MAKERS
def test_wasserstein_generator_step_changes_only_the_generator_and_raises_its_score(make, shape):
    gan = make()
    z = draw_z(64)
    g_before, d_before = weights(gan.generator), weights(gan.discriminator)
    loss = wasserstein_generator_step(gan, z)
    assert same(weights(gan.discriminator), d_before)
    assert not same(weights(gan.generator), g_before)
    assert not loss.requires_grad
    assert -gan.discriminator(gan.generator(z)).mean() < loss


def test_critic_step_returns_the_formula_and_does_gradient_descent_on_it():
    gan, z, real = make_points_gan(), draw_z(16), torch.randn(16, *POINTS)
    with torch.no_grad():
        fake = gan.generator(z)
        distance = gan.discriminator(real).mean() - gan.discriminator(fake).mean()
    torch.manual_seed(4)
    alpha = torch.rand(16, 1)
    penalty = (slope_norms(gan.discriminator, alpha * real + (1 - alpha) * fake) - 1).square().mean()
    torch.manual_seed(4)
    assert critic_step(gan, real, z, gp_weight=3.0).item() == pytest.approx((3 * penalty - distance).item())
    torch.manual_seed(4)
    assert critic_step(gan, real, z, gp_weight=3.0) < 3 * penalty - distance


def test_critic_steps_hold_the_slope_near_one_and_measure_a_distance():
    """Reals are the fakes moved by (3, 0), so the Wasserstein distance is 3 and the best critic has slope 1."""
    gan = make_points_gan()
    gan.opt_d = torch.optim.Adam(gan.discriminator.parameters(), 1e-2, betas=(0.0, 0.9))
    torch.manual_seed(1)
    move = torch.tensor([3.0, 0.0])
    for _ in range(400):
        real = gan.generator(draw_z(64)).detach() + move
        critic_step(gan, real, draw_z(64))
    fake = gan.generator(draw_z(2000)).detach()
    distance = (gan.discriminator(fake + move) - gan.discriminator(fake)).mean().item()
    assert distance == pytest.approx(3, rel=0.15)
    assert slope_norms(gan.discriminator, fake + move / 2).mean().item() == pytest.approx(1, abs=0.15)


def test_fit_takes_the_wasserstein_steps():
    gan = make_gan()
    game = Game(critic_step, wasserstein_generator_step, draw_z, critic_steps=2, critic=True)
    history = fit(gan, make_images(), game, steps=5, batch_size=8)
    assert all(math.isfinite(loss) for loss in history.d_loss + history.g_loss)


def test_clip_weights_changes_numbers_beyond_the_limit_and_nothing_else():
    network = nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3))
    before = [p.detach().clone() for p in network.parameters()]
    ids, network[1].running_mean[:] = [id(p) for p in network.parameters()], 5.0
    clip_weights(network, 0.2)
    for weight, old in zip(network.parameters(), before, strict=True):
        assert torch.equal(weight.detach(), old.clamp(-0.2, 0.2))
    assert [id(p) for p in network.parameters()] == ids
    assert (network[1].running_mean == 5).all()


def test_the_loop_alternates_critic_steps_and_a_step_of_the_generator():
    told, rounds = [], 3
    torch.manual_seed(0)
    by_hand, by_fit = make_points_gan(), make_points_gan()
    by_fit.generator.load_state_dict(by_hand.generator.state_dict())
    by_fit.discriminator.load_state_dict(by_hand.discriminator.state_dict())
    torch.manual_seed(1)
    losses = train_wgan(
        by_hand, lambda n: torch.randn(n, *POINTS), draw_z, rounds, 8, 2, after_round=lambda *seen: told.append(seen)
    )
    torch.manual_seed(1)
    for _ in range(rounds):
        for _ in range(2):
            critic_step(by_fit, torch.randn(8, *POINTS), draw_z(8))
        wasserstein_generator_step(by_fit, draw_z(8))
    assert same(weights(by_hand.generator), weights(by_fit.generator))
    assert told == list(enumerate(losses, start=1))
