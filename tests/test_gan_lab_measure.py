"""What the laboratory reads off a game: heat, arrows, slopes, measures, history."""

import math

import matplotlib
import pytest
import torch
from gan_lab_games import SMALL, game
from torch import nn

from course_utils.training import Diverged
from course_utils.widgets.gan_lab import GanLab
from course_utils.widgets.gan_lab import losses as lab_losses
from course_utils.widgets.gan_lab.game import Game
from course_utils.widgets.gan_lab.history import History
from course_utils.widgets.gan_lab.measure import LONGEST, SIDE, look, measure, slopes
from course_utils.widgets.gan_lab.settings import LOSSES, Settings

matplotlib.use("Agg")


def constant(value: float) -> nn.Module:
    layer = nn.Linear(2, 1)
    nn.init.zeros_(layer.weight)
    nn.init.constant_(layer.bias, value)
    return layer


def test_the_heat_map_is_the_probability_of_real():
    g = Game(Settings(), discriminator=constant(1.0))
    assert torch.allclose(look(g).heat, torch.full((SIDE, SIDE), torch.sigmoid(torch.tensor(1.0))))
    tilted = nn.Linear(2, 1)
    with torch.no_grad():
        tilted.weight.copy_(torch.tensor([[0.0, 3.0]]))
        tilted.bias.zero_()
    heat = look(Game(Settings(), discriminator=tilted)).heat
    assert heat[0].max() < 0.1 < 0.9 < heat[-1].min()  # rows go upwards
    assert heat[0, 0] == heat[0, -1]


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("dim", [1, 2])
def test_every_picture_is_finite_and_arrows_are_no_longer_than_they_may_be(loss, dim):
    g = game(loss=loss, noise_dim=dim, minibatch_std=True)
    g.play(2)
    picture = look(g)
    for name, value in vars(picture).items():
        assert value.isfinite().all(), name
    assert 0 <= picture.heat.min() <= picture.heat.max() <= 1
    assert picture.mesh.shape == ((1, 400, 2) if dim == 1 else (33, 33, 2))
    assert picture.arrows[:, 2:].norm(dim=1).max() <= LONGEST


@pytest.mark.parametrize("loss", LOSSES)
def test_arrows_point_to_where_the_generators_loss_falls(loss):
    g = game(loss=loss)
    g.play(20)
    arrows = look(g).arrows
    with g.evaluating():
        real = g.target.pool[: len(arrows)]
        before, after = (
            lab_losses.generator_loss(g.gan.discriminator, points, real, loss)
            for points in (arrows[:, :2], arrows[:, :2] + 0.01 * arrows[:, 2:])
        )
    assert after < before


def test_arrows_vanish_where_a_saturating_loss_does():
    seen_through = {"discriminator": lambda: steep(-8.0)}
    long = look(Game(Settings(loss="non-saturating"), **seen_through)).arrows[:, 2:].norm(dim=1)
    short = look(Game(Settings(loss="minimax"), **seen_through)).arrows[:, 2:].norm(dim=1)
    assert (short < 0.01 * long).all()


def steep(bias: float) -> nn.Module:
    layer = nn.Linear(2, 1)
    with torch.no_grad():
        layer.weight.copy_(torch.tensor([[2.0, 0.0]]))
        layer.bias.fill_(bias)
    return layer


def test_slopes_are_those_of_the_discriminators_output():
    g = Game(Settings(), discriminator=lambda: steep(0.0))
    assert slopes(g, torch.randn(5, 2)).tolist() == pytest.approx([2.0] * 5)


def test_measures_know_a_dead_generator_from_a_perfect_one():
    g = game()
    g.fakes = lambda n=2000: torch.zeros(n, 2)
    dead = measure(g)
    assert (dead.modes, dead.high_quality) == (0, 0.0)
    assert dead.js == pytest.approx(math.log(2), abs=1e-3)
    g.fakes = lambda n=2000: g.target.mixture.centres[:1].float().repeat(n, 1)
    assert measure(g).modes == 1
    assert "1 of 8 modes, 100% high quality" in str(measure(g))


def test_diverged_games_say_so_and_never_show_nan():
    lab = GanLab(loss="wasserstein", r1=0.0, lr_d=1e18, lr_g=1e18, optimiser="sgd", **SMALL)
    with pytest.raises(Diverged, match="no longer a finite number"):
        lab.run(200)
    assert all(math.isfinite(value) for column in lab.game.history.columns.values() for value in column)


def test_a_history_has_a_fixed_length_and_keeps_its_ends():
    history = History(length=16)
    for step in range(1, 1001):
        history.add(step=step, d_loss=step, g_loss=0, d_real=0, d_fake=0, modes=0, high_quality=0, js=0)
    assert 8 <= len(history) < 16
    assert (history.step[0], history.step[-1]) == (1, 1000)
    assert history.step == sorted(history.step)
    assert history.d_loss[0] < history.d_loss[5] < history.d_loss[-1]
    assert {len(column) for column in history.columns.values()} == {len(history)}
    history.add(step=1000, d_loss=7, g_loss=0, d_real=0, d_fake=0, modes=0, high_quality=0, js=0)
    assert history.step.count(1000) == 1
    assert history.d_loss[-1] == 7
