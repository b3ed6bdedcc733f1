"""The laboratory's game: its losses, its steps and its seeds."""

import dataclasses

import matplotlib
import pytest
import torch
from gan_lab_games import game, weights
from torch import nn

from course_utils import losses
from course_utils.steps.wasserstein import critic_step
from course_utils.widgets.gan_lab import losses as lab_losses
from course_utils.widgets.gan_lab.game import Game
from course_utils.widgets.gan_lab.measure import look, measure
from course_utils.widgets.gan_lab.players import draw_noise
from course_utils.widgets.gan_lab.settings import LOSSES, Settings

matplotlib.use("Agg")


def test_every_loss_of_the_library_is_offered():
    assert set(LOSSES) == set(lab_losses.LOSSES)
    used = {f for loss in lab_losses.LOSSES.values() for f in (loss.discriminator, loss.generator)}
    offered = {getattr(losses, name) for name in vars(losses) if "loss" in name and name[0] != "_"}
    assert used == offered - {losses.auxiliary_loss}  # it needs classes, and points have none


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("extra", [{}, {"r1": 0.5, "r2": 0.3}, {"spectral_norm": True, "minibatch_std": True}])
def test_a_step_moves_its_own_player_only(loss, extra):
    g = game(loss=loss, **{"r1": 0.0} | extra)
    before = weights(g.gan.generator), weights(g.gan.discriminator)
    g.discriminator_step()
    assert torch.equal(weights(g.gan.generator), before[0])
    assert not torch.equal(weights(g.gan.discriminator), before[1])
    middle = weights(g.gan.discriminator)
    g.generator_step()
    assert torch.equal(weights(g.gan.discriminator), middle)
    assert not torch.equal(weights(g.gan.generator), before[0])


def step_of(loss, **settings):
    """The value that a discriminator step returns, and the same batch and networks as they were before it."""
    torch.manual_seed(1)
    g = game(loss=loss, **{"r1": 0.0} | settings)
    real, z = g.target.pool[:16].clone(), draw_noise(g.settings, 16)
    critic = nn.Sequential(*list(g.gan.discriminator))
    critic.load_state_dict({name: t.clone() for name, t in g.gan.discriminator.state_dict().items()})
    with torch.no_grad():
        fake = g.gan.generator(z)
    frozen = dataclasses.replace(g.gan, opt_d=torch.optim.SGD(g.gan.discriminator.parameters(), 0.0))
    torch.manual_seed(2)
    value = lab_losses.discriminator_step(frozen, real.clone(), z, g.settings)
    return value, critic, real, fake


@pytest.mark.parametrize("loss", LOSSES)
def test_a_discriminator_step_has_the_librarys_loss(loss):
    value, critic, real, fake = step_of(loss)
    expected = lab_losses.LOSSES[loss].discriminator(critic(real), critic(fake))
    if loss == "wgan-gp":
        torch.manual_seed(2)
        expected = expected + 10 * losses.gradient_penalty(critic, real, fake)
    assert value.item() == pytest.approx(expected.item(), rel=1e-5)
    assert not value.requires_grad


def test_penalties_are_the_librarys_with_gamma_half():
    plain = step_of("hinge")[0]
    value, critic, real, fake = step_of("hinge", r1=0.6, r2=0.2)
    real.requires_grad_()
    fake.requires_grad_()
    r1, r2 = losses.r1_penalty(critic(real), real), losses.r2_penalty(critic(fake), fake)
    assert (value - plain).item() == pytest.approx((0.3 * r1 + 0.1 * r2).item(), rel=1e-4)


def test_wgan_gp_takes_the_step_of_the_training_module():
    a, b = game(loss="wgan-gp", r1=0.0), game(loss="wgan-gp", r1=0.0)
    real, z = a.target.pool[:16], draw_noise(a.settings, 16)
    torch.manual_seed(3)
    lab_losses.discriminator_step(a.gan, real, z, a.settings)
    torch.manual_seed(3)
    critic_step(b.gan, real, z)
    assert torch.allclose(weights(a.gan.discriminator), weights(b.gan.discriminator), atol=1e-6)


def test_clipping_keeps_every_weight_small():
    g = game(loss="wasserstein", r1=0.0, clip=0.01)
    g.play(2)
    assert weights(g.gan.discriminator).abs().max() <= 0.01
    assert weights(g.gan.generator).abs().max() > 0.01


def test_only_the_paired_loss_looks_at_real_points_in_the_generators_step():
    g = game()
    fake, real = g.fakes(16), g.target.pool[:16]
    far = real + 1
    for name, loss in lab_losses.LOSSES.items():
        near_value = lab_losses.generator_loss(g.gan.discriminator, fake, real, name)
        assert (near_value != lab_losses.generator_loss(g.gan.discriminator, fake, far, name)) == loss.paired


def test_a_head_start_is_taken_by_the_discriminator_alone():
    ahead, level = game(head_start=5), game()
    assert torch.equal(weights(ahead.gan.generator), weights(level.gan.generator))
    assert not torch.equal(weights(ahead.gan.discriminator), weights(level.gan.discriminator))
    assert ahead.step == 0
    level.change(head_start=5)
    assert torch.equal(weights(ahead.gan.discriminator), weights(level.gan.discriminator))


def test_several_discriminator_steps_to_one_of_the_generator():
    counts = {"d": 0, "g": 0}

    def d_step(gan, real, z):
        counts["d"] += 1
        return 0.0

    def g_step(gan, z):
        counts["g"] += 1
        return 0.0

    g = Game(Settings(d_steps=3), discriminator_step=d_step, generator_step=g_step)
    assert g.play(4) == 4
    assert counts == {"d": 12, "g": 4}
    assert g.step == 4


@pytest.mark.parametrize("loss", ["non-saturating", "wgan-gp"])
def test_a_seed_repeats_a_game_however_it_is_cut_into_slices(loss):
    whole, pieces = game(loss=loss, seed=5), game(loss=loss, seed=5)
    whole.play(6)
    for count in (1, 3, 2):
        pieces.play(count)
        torch.rand(7)  # what happens outside does not matter
        measure(pieces)
        look(pieces)
    assert torch.equal(weights(whole.gan.generator), weights(pieces.gan.generator))
    other = game(loss=loss, seed=6)
    other.play(6)
    assert not torch.equal(weights(whole.gan.generator), weights(other.gan.generator))


def test_a_reset_is_a_new_game_of_the_same_seed():
    g = game(seed=1)
    first = weights(g.gan.generator)
    g.play(3)
    g.reset()
    assert torch.equal(weights(g.gan.generator), first)
    assert (g.step, len(g.history)) == (0, 0)
    g.reset(seed=2)
    assert g.settings.seed == 2
    assert not torch.equal(weights(g.gan.generator), first)


def test_a_game_leaves_global_randomness_and_threads_alone():
    state, threads = torch.get_rng_state(), torch.get_num_threads()
    g = game()
    g.play(2)
    measure(g)
    look(g)
    assert torch.equal(state, torch.get_rng_state())
    assert threads == torch.get_num_threads()


def test_looking_changes_nothing_and_leaves_training_mode_on():
    g = Game(Settings(), generator=lambda: nn.Sequential(nn.Linear(2, 8), nn.BatchNorm1d(8), nn.Linear(8, 2)))
    before = {name: t.clone() for name, t in g.gan.generator.state_dict().items()}
    measure(g)
    look(g)
    assert all(torch.equal(before[name], t) for name, t in g.gan.generator.state_dict().items())
    assert g.gan.generator.training
    assert g.gan.discriminator.training


@pytest.mark.parametrize("given", [{}, {"spectral_norm": True, "minibatch_std": True}, {"noise_dim": 1, "loss": "wgan-gp"}])
def test_a_default_type_of_float64_changes_neither_the_numbers_type_nor_the_pictures(given):
    torch.set_default_dtype(torch.float64)
    try:
        played = Game(Settings(**given))
        played.play(3)
        found = look(played)
    finally:
        torch.set_default_dtype(torch.float32)
    assert played.fakes().dtype == torch.float32
    assert all(x.dtype != torch.float64 for x in vars(found).values() if isinstance(x, torch.Tensor))
