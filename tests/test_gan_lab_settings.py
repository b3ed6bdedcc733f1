"""The laboratory's settings, data and noise."""

import dataclasses

import matplotlib
import numpy as np
import pytest
import torch
from gan_lab_games import game, weights

from course_utils.widgets.gan_lab import GanLab, LabError
from course_utils.widgets.gan_lab.measure import look, measure
from course_utils.widgets.gan_lab.players import draw_noise, noise_lattice
from course_utils.widgets.gan_lab.settings import PRESETS, Settings, call_of, settings_of
from course_utils.widgets.gan_lab.targets import REACH, make_target, thinned

matplotlib.use("Agg")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"data": "square"}, "^data: expected one of 'ring'"),
        ({"loss": "bce"}, "^loss: expected one of"),
        ({"lr_d": -1}, "^lr_d: expected a number, 0 or more, got -1"),
        ({"beta1": 1.0}, "^beta1: expected a number, at least 0 and less than 1"),
        ({"width_g": 0}, "^width_g: expected a whole number"),
        ({"minibatch_std": True, "batch": 30}, "^batch: expected a multiple of 4"),
        ({"seed": -1}, "^seed: "),
        ({"learning_rate": 1}, "^learning_rate: there is no such setting; there are data, loss"),
    ],
)
def test_settings_out_of_range_are_named(given, message):
    with pytest.raises(ValueError, match=message):
        settings_of(None, given)


def test_presets_are_settings_and_arguments_go_before_them():
    for name in PRESETS:
        assert isinstance(settings_of(name, {}), Settings)
    assert settings_of("healthy", {"lr_g": 0.5}).lr_g == 0.5
    with pytest.raises(ValueError, match=r"^preset: expected one of 'healthy'"):
        settings_of("unknown", {})


def test_a_change_acts_at_once_and_keeps_what_it_does_not_concern():
    g = game()
    g.play(2)
    before = weights(g.gan.generator), weights(g.gan.discriminator)
    assert g.change(loss="hinge", lr_g=0.5, r1=0.2) == ""
    assert g.gan.opt_g.param_groups[0]["lr"] == 0.5
    assert torch.equal(weights(g.gan.generator), before[0])
    assert torch.equal(weights(g.gan.discriminator), before[1])
    assert g.history.marks == [(2, "loss hinge, lr_g 0.5, r1 0.2")]
    with pytest.raises(ValueError, match=r"^loss: "):
        g.change(loss="nothing")
    assert g.settings.loss == "hinge"


@pytest.mark.parametrize(
    ("change", "renewed"),
    [
        ({"width_g": 4}, "generator"),
        ({"depth_g": 1}, "generator"),
        ({"noise": "uniform"}, "generator"),
        ({"noise_dim": 1}, "generator"),
        ({"width_d": 4}, "discriminator"),
        ({"depth_d": 3}, "discriminator"),
        ({"spectral_norm": True}, "discriminator"),
        ({"minibatch_std": True}, "discriminator"),
    ],
)
def test_a_change_of_network_or_noise_resets_that_player_and_says_so(change, renewed):
    g = game()
    g.play(3)
    other = "discriminator" if renewed == "generator" else "generator"
    kept = getattr(g.gan, other)
    before = getattr(g.gan, renewed)
    assert f"The {renewed} started anew" in g.change(**change)
    assert getattr(g.gan, other) is kept
    assert getattr(g.gan, renewed) is not before
    assert g.step == 3
    g.play(2)
    measure(g)


def test_a_change_of_data_keeps_the_players():
    g = game()
    g.play(2)
    generator = g.gan.generator
    g.change(data="grid")
    assert g.gan.generator is generator
    assert measure(g).modes_total == 25


@pytest.mark.parametrize("optimiser", ["adam", "sgd"])
def test_both_optimisers_learn(optimiser):
    g = game(optimiser=optimiser, lr_d=0.01, lr_g=0.01)
    before = weights(g.gan.generator)
    g.play(1)
    assert not torch.equal(weights(g.gan.generator), before)
    g.change(optimiser="sgd", beta1=0.5)
    assert isinstance(g.gan.opt_d, torch.optim.SGD)
    assert g.gan.opt_d.param_groups[0]["momentum"] == 0.5


@pytest.mark.parametrize(("data", "modes"), [("ring", 8), ("grid", 25), ("spiral", 20), ("moons", 40)])
def test_data_lie_in_the_picture_and_cover_their_own_modes(data, modes):
    target = make_target(data)
    assert target.pool.abs().max() < REACH
    g = game(data=data)
    g.watched = None
    g.fakes = lambda n=2000: target.pool[-n:]
    found = measure(g)
    assert (found.modes, found.modes_total) == (modes, modes)
    assert found.high_quality > 0.98
    assert found.js < 3 * found.js_floor < 0.1


def test_drawn_data_are_learned_from_and_their_patches_counted():
    g = game(data="drawn")
    with pytest.raises(LabError, match="no data yet"):
        g.play(1)
    g.draw([[(-0.5, 0.0), (-0.5, 0.01)], [(0.5, 0.5)], [(9.0, 9.0)]])
    assert g.target.pool.shape == (20_000, 2)
    left = (g.target.pool[:, 0] < 0).float().mean().item()
    assert left == pytest.approx(2 / 3, abs=0.02)  # two of the three points that are in the picture
    g.play(1)
    assert measure(g).modes_total == 2
    g.draw([])
    assert g.target is None
    assert look(g).real.shape == (0, 2)


def test_thinned_points_are_apart_and_near_all_others():
    points = torch.rand(200, 2)
    kept = thinned(points, 0.2)
    distances = torch.cdist(kept, kept) + torch.eye(len(kept))
    assert distances.min() >= 0.2
    assert torch.cdist(points, kept).min(dim=1).values.max() < 0.2


@pytest.mark.parametrize("noise", ["normal", "uniform"])
def test_the_lattice_parts_the_noise_into_equally_likely_strips(noise):
    settings = Settings(noise=noise)
    across = noise_lattice(settings, side=9)[0, :, 0]
    torch.manual_seed(0)
    shares = (
        torch.bucketize(draw_noise(settings, 50_000)[:, 0].contiguous(), across.contiguous()).bincount(minlength=10)
        / 50_000
    )
    assert shares[1:-1].tolist() == pytest.approx([1 / 9] * 8, abs=0.01)
    assert noise_lattice(dataclasses.replace(settings, noise_dim=1)).shape == (1, 400, 1)
    assert noise_lattice(dataclasses.replace(settings, noise_dim=3)).shape == (33, 33, 3)


@pytest.mark.parametrize("preset", PRESETS)
def test_a_copied_line_makes_the_same_game(preset):
    settings = settings_of(preset, {"seed": 3, "lr_g": 2e-3, "data": "moons"})
    assert eval(call_of(settings)).game.settings == settings  # it needs GanLab, which a notebook has imported


def test_numpys_numbers_are_numbers():
    settings = Settings(seed=np.int64(3), batch=np.int32(64), lr_d=np.float64(0.25), spectral_norm=np.True_)
    assert settings == Settings(seed=3, batch=64, lr_d=0.25, spectral_norm=True)
    assert call_of(settings) == "GanLab(lr_d=0.25, spectral_norm=True, batch=64, seed=3)"
    lab = game(seed=3)
    lab.reset(np.int64(4))
    assert torch.equal(lab.rng, game(seed=4).rng)


def test_a_copied_line_is_short_and_holds_a_drawing_and_what_it_cannot_copy():
    assert call_of(Settings()) == "GanLab()"
    strokes = [[(0.1234567, -0.5), (0.2, 0.0)]]
    line = call_of(Settings(data="drawn"), strokes, ["generator"])
    assert line == "GanLab(data='drawn', strokes=[[(0.12, -0.5), (0.2, 0.0)]])  # and your own generator"
    assert eval(line).game.strokes == [[(0.12, -0.5), (0.2, 0.0)]]


def test_controls_are_simple_or_all():
    assert GanLab(controls="simple").simple
    assert not GanLab().simple
    with pytest.raises(ValueError, match=r"^controls: expected one of 'simple', 'all'"):
        GanLab(controls="few")
