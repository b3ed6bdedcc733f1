"""The GAN laboratory: the game and what is measured on it, the learner's own parts, the loop, the film, the registry."""

import asyncio
import dataclasses
import gc
import io
import itertools
import math
import re
import resource

import matplotlib
import pytest
import torch
from torch import nn

from course_utils import losses, training
from course_utils.steps.wasserstein import critic_step
from course_utils.training import GAN, Diverged
from course_utils.widgets.gan_lab import GanLab, LabError, compare, registry
from course_utils.widgets.gan_lab import losses as lab_losses
from course_utils.widgets.gan_lab import view as lab_view
from course_utils.widgets.gan_lab.driver import Driver
from course_utils.widgets.gan_lab.film import FRAMES, Film
from course_utils.widgets.gan_lab.game import Game
from course_utils.widgets.gan_lab.history import History
from course_utils.widgets.gan_lab.measure import LONGEST, SIDE, look, measure, slopes
from course_utils.widgets.gan_lab.packing import pack, unpack
from course_utils.widgets.gan_lab.players import draw_noise, noise_lattice
from course_utils.widgets.gan_lab.settings import DATA, LOSSES, PRESETS, Settings, settings_of
from course_utils.widgets.gan_lab.targets import REACH, make_target, thinned

matplotlib.use("Agg")
SMALL = {"width_d": 8, "width_g": 8, "batch": 16}


def weights(module) -> torch.Tensor:
    return torch.cat([p.detach().flatten().clone() for p in module.parameters()])


def game(**settings) -> Game:
    return Game(Settings(**SMALL | settings))


# ------------------------------------------------------------------ losses and steps


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


# ------------------------------------------------------------------ seeds, and the world outside


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


# ------------------------------------------------------------------ settings


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


# ------------------------------------------------------------------ data and noise


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


# ------------------------------------------------------------------ what is read off a game


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


# ------------------------------------------------------------------ the learner's own parts


def my_discriminator_step(gan, real, z):
    return training.discriminator_step(gan, real, z)


def test_the_learners_steps_are_the_ones_that_run():
    calls = []

    def d_step(gan, real, z):
        calls.append(("d", type(gan), tuple(real.shape), tuple(z.shape)))
        return training.discriminator_step(gan, real, z)

    def g_step(gan, z):
        calls.append(("g", type(gan), tuple(z.shape)))
        return training.generator_step(gan, z)

    GanLab(discriminator_step=d_step, generator_step=g_step, noise_dim=1, **SMALL).run(2)
    assert calls == [("d", GAN, (16, 2), (16, 1)), ("g", GAN, (16, 1))] * 2


def test_the_librarys_steps_given_as_ones_own_make_the_same_game():
    own = Game(Settings(r1=0.0), discriminator_step=my_discriminator_step, generator_step=training.generator_step)
    built_in = Game(Settings(r1=0.0))
    own.play(5)
    built_in.play(5)
    assert torch.allclose(weights(own.gan.generator), weights(built_in.gan.generator), atol=1e-5)


def test_own_modules_are_trained_and_a_reset_gives_their_first_weights_back():
    mine = nn.Sequential(nn.Linear(2, 8), nn.ReLU(), nn.Linear(8, 2))
    first = weights(mine)
    g = Game(Settings(), generator=mine)
    g.play(2)
    assert g.gan.generator is mine
    assert not torch.equal(weights(mine), first)
    g.reset(seed=4)
    assert torch.equal(weights(mine), first)


def test_own_factories_give_other_weights_for_another_seed():
    g = Game(Settings(), discriminator=lambda: nn.Linear(2, 1))
    first = weights(g.gan.discriminator)
    g.play(1)
    g.reset()
    assert torch.equal(weights(g.gan.discriminator), first)
    g.reset(seed=9)
    assert not torch.equal(weights(g.gan.discriminator), first)


@pytest.mark.parametrize(
    ("own", "message"),
    [
        ({"generator": nn.Linear(3, 2)}, r"^generator: expected a module that maps \(8, 2\) to \(8, 2\), got RuntimeE"),
        ({"generator": nn.Linear(2, 3)}, r"^generator: .* to \(8, 2\), got \(8, 3\); it gets noise \(B, 2\)"),
        ({"discriminator": nn.Linear(2, 2)}, r"^discriminator: .* to \(8, 1\), got \(8, 2\); it judges points"),
        ({"discriminator": nn.Flatten()}, "^discriminator: expected a module with weights"),
        ({"generator": 5}, "^generator: expected a module or a function without arguments.*got a int"),
        ({"generator": lambda: 5}, "^generator: expected a function that makes a module, got one that makes a int"),
        ({"generator": lambda: 1 / 0}, "^generator: ZeroDivisionError"),
        ({"discriminator_step": 3}, "^discriminator_step: expected a function"),
    ],
)
def test_parts_that_do_not_fit_are_named(own, message):
    with pytest.raises(LabError, match=message):
        GanLab(**own)


@pytest.mark.parametrize(
    ("returned", "message"),
    [
        (None, "got None; end it with `return loss.detach\\(\\)`"),
        (torch.zeros(3), r"got a tensor of shape \(3,\)"),
        ("loss", "got 'loss'"),
    ],
)
def test_a_step_must_return_its_loss(returned, message):
    g = Game(Settings(), generator_step=lambda gan, z: returned)
    with pytest.raises(LabError, match=f"^generator_step: expected it to return its loss, a scalar, {message}"):
        g.play(1)


def test_a_step_that_raises_is_told_with_its_line():
    def broken_step(gan, real, z):
        wrong = real.view(-1, 3, 3)
        return wrong.mean()

    g = Game(Settings(), discriminator_step=broken_step)
    with pytest.raises(LabError, match=r"discriminator_step failed at step 1: RuntimeError: .*`wrong = real.view"):
        g.play(1)


def test_a_loss_with_its_graph_does_not_pile_up():
    g = Game(Settings(), generator_step=lambda gan, z: gan.discriminator(gan.generator(z)).mean())
    g.play(3)
    assert not g._sums["g"][0].requires_grad


# ------------------------------------------------------------------ the loop


class Browser:
    """Stands for the front end: remembers messages and answers frames, or does not."""

    def __init__(self, game: Game, answers: bool = True):
        self.driver, self.answers = Driver(game, Film()), answers
        self.frames, self.files, self.states = [], [], []
        self.driver.send, self.driver.show = self.send, self.states.append

    def send(self, content, buffers):
        if content["kind"] == "file":
            self.files.append((content, buffers[0]))
        else:
            self.frames.append((content, buffers[0]))
        if self.answers and content["kind"] == "frame":
            self.ask("ack", id=content["id"])

    def ask(self, kind, **more):
        self.driver.receive({"kind": kind, **more})

    async def until(self, condition, seconds: float = 20):
        for _ in range(round(seconds / 0.01)):
            if condition():
                return
            await asyncio.sleep(0.01)
        raise AssertionError("did not happen in time")


def play(script, answers: bool = True, **settings):
    """Run ``script(browser)`` in an event loop."""

    async def run():
        browser = Browser(Game(Settings(**SMALL | settings)), answers)
        browser.driver.loop = asyncio.get_running_loop()
        browser.ask("hello", view="1")
        await script(browser)
        browser.driver.pause()
        if browser.driver.task:
            await browser.driver.task
        return browser

    return asyncio.run(run())


def test_play_trains_and_sends_frames_until_paused():
    async def script(browser):
        browser.ask("play", on=True)
        await browser.until(lambda: len(browser.frames) > 5)
        browser.ask("play", on=False)
        await browser.until(lambda: browser.driver.task.done())

    browser = play(script)
    assert browser.driver.game.step > 5
    assert [state["playing"] for state in browser.states if state["playing"]]
    assert not browser.states[-1]["playing"]
    steps = [content["step"] for content, _ in browser.frames]
    assert steps == sorted(steps)
    assert steps[-1] == browser.driver.game.step


def test_no_frame_is_sent_before_the_last_was_drawn(monkeypatch):
    monkeypatch.setattr("course_utils.widgets.gan_lab.driver.LATE", 0.3)
    monkeypatch.setattr("course_utils.widgets.gan_lab.driver.LOST", 0.8)

    async def script(browser):
        await browser.until(lambda: browser.frames)
        browser.ask("play", on=True)
        await browser.until(lambda: browser.driver.task and browser.driver.task.done())

    browser = play(script, answers=False)
    assert len(browser.frames) == 2  # the first picture, and the one after it had given up
    assert browser.driver.note == "Paused: nobody is watching."
    assert browser.driver.game.step > 0


def test_one_step_at_a_time():
    async def script(browser):
        for player in ("D", "D", "G", "both"):
            browser.ask("step", player=player)
        await browser.until(lambda: browser.driver.game.step == 2)

    browser = play(script)
    assert [content["phase"] for content, _ in browser.frames][-4:] == [
        "discriminator step taken",
        "discriminator step taken",
        "generator step taken",
        "both steps taken",
    ]


def test_slow_motion_shows_the_two_halves_apart(monkeypatch):
    monkeypatch.setattr("course_utils.widgets.gan_lab.driver.SLOW", 0.01)

    async def script(browser):
        browser.ask("play", on=True, slow=True)
        await browser.until(lambda: browser.driver.game.step == 3)

    phases = [content["phase"] for content, _ in play(script).frames if content["phase"]]
    assert phases[:4] == ["the discriminator has moved", "the generator has moved"] * 2


def test_controls_act_while_it_plays():
    async def script(browser):
        browser.ask("play", on=True)
        await browser.until(lambda: browser.driver.game.step > 0)
        browser.ask("set", name="loss", value="hinge")
        browser.ask("set", name="width_g", value=16)
        await browser.until(lambda: browser.driver.game.settings.width_g == 16)
        assert browser.driver.playing
        reached = browser.driver.game.step
        await browser.until(lambda: browser.driver.game.step > reached)
        browser.ask("draw", strokes=[[[0, 0], [0.1, 0]]])
        browser.ask("set", name="data", value="drawn")
        await browser.until(lambda: browser.driver.game.settings.data == "drawn")
        reached = browser.driver.game.step
        await browser.until(lambda: browser.driver.game.step > reached)

    browser = play(script)
    assert any("The generator started anew" in state["note"] for state in browser.states)
    assert not any(state["error"] for state in browser.states)
    assert browser.frames[-1][0]["measures"]["modes_total"] == 1


def test_a_reset_while_it_plays_starts_from_the_seed():
    async def script(browser):
        browser.ask("play", on=True)
        await browser.until(lambda: browser.driver.game.step > 3)
        browser.ask("reset", seed=7)
        await browser.until(lambda: browser.driver.game.settings.seed == 7)

    assert any(state["note"] == "Reset with seed 7." for state in play(script).states)


def test_a_failing_step_pauses_and_is_told_and_the_loop_can_start_again():
    fail = [True]

    def step(gan, z):
        if fail[0]:
            raise IndexError("no such layer")
        return training.generator_step(gan, z)

    async def run():
        browser = Browser(Game(Settings(**SMALL), generator_step=step))
        browser.driver.loop = asyncio.get_running_loop()
        browser.ask("play", on=True)
        await browser.until(lambda: browser.driver.error)
        assert "generator_step failed at step 1: IndexError: no such layer" in browser.driver.error
        assert not browser.driver.playing
        fail[0] = False
        browser.ask("play", on=True)
        await browser.until(lambda: browser.driver.game.step > 0)
        assert not browser.driver.error
        browser.driver.pause()
        await browser.driver.task

    asyncio.run(run())


def test_a_diverging_game_pauses_with_a_message_and_a_reset_cures_it():
    async def script(browser):
        browser.ask("play", on=True)
        await browser.until(lambda: browser.driver.error)
        assert "no longer a finite number" in browser.driver.error
        browser.ask("set", name="lr_d", value=0.001)
        browser.ask("set", name="lr_g", value=0.001)
        browser.ask("reset")
        browser.ask("play", on=True)
        await browser.until(lambda: browser.driver.playing and browser.driver.game.step > 3)
        assert not browser.driver.error

    play(script, loss="wasserstein", r1=0.0, lr_d=1e18, lr_g=1e18, optimiser="sgd")


@pytest.mark.parametrize("message", [{"kind": "nonsense"}, {}, {"kind": "set", "name": "nothing", "value": 1}])
def test_odd_messages_do_no_harm(message):
    async def script(browser):
        browser.driver.receive(message)
        browser.ask("step", player="both")
        await browser.until(lambda: browser.driver.game.step == 1)

    play(script)


def test_it_pauses_when_the_last_view_is_closed():
    async def script(browser):
        browser.ask("hello", view="2")
        browser.ask("play", on=True)
        browser.ask("bye", view="2")
        await browser.until(lambda: browser.driver.game.step > 0)
        assert browser.driver.playing
        browser.ask("bye", view="1")
        await browser.until(lambda: browser.driver.task.done())

    assert play(script).driver.note == "Paused: the picture was closed."


def test_the_stop_button_pauses_it():
    import signal

    before = signal.signal(signal.SIGINT, signal.SIG_IGN)  # as in a kernel that runs no cell

    async def script(browser):
        browser.ask("play", on=True)
        await browser.until(lambda: browser.driver.game.step > 0)
        signal.raise_signal(signal.SIGINT)
        await browser.until(lambda: browser.driver.task.done())

    try:
        assert play(script).driver.note == "Paused by the kernel's stop button."
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)


def test_a_frame_survives_its_way():
    g = game(noise_dim=1)
    g.play(2)
    measures, picture = measure(g), look(g)
    content, buffer = pack(picture, measures, g.history)
    arrays = unpack(content, buffer)
    for name in ("heat", "fakes", "real", "mesh", "arrows"):
        assert torch.equal(arrays[name], getattr(picture, name))
    assert arrays["curves"][content["columns"].index("js"), -1].item() == pytest.approx(measures.js)
    assert len(buffer) == 4 * sum(torch.Size(shape).numel() for _, shape in content["parts"])


def test_playing_does_not_grow_in_memory():
    """Half a minute of frames at 20 a second; ``benchmarks/gan_lab_memory.py`` plays for ten minutes."""
    browser = Browser(game(), answers=False)
    sizes = []
    for frame in range(600):
        browser.driver.game.play(3)
        browser.driver._frame()
        browser.frames.clear()
        if frame in (299, 599):
            gc.collect()
            sizes.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    assert sizes[1] - sizes[0] < 6  # MB; a frame is 0.04 MB, so a leak of one frame in two would show
    assert len(browser.driver.film.shots) <= FRAMES
    assert len(browser.driver.game.history) < 600


# ------------------------------------------------------------------ film, figure, notebook


def test_the_gif_runs_and_is_small():
    from PIL import Image

    lab = GanLab(**SMALL)
    lab.run(25 * (FRAMES + 10))
    data = lab.film.gif()
    assert len(data) < 3_000_000
    with Image.open(io.BytesIO(data)) as gif:
        assert gif.format == "GIF"
        assert gif.n_frames == len(lab.film.shots) > FRAMES / 2
        assert gif.info["loop"] == 0
        gif.seek(gif.n_frames - 1)
        assert gif.size == (360, 384)
    steps = [shot.step for shot in lab.film.shots]
    assert len({b - a for a, b in itertools.pairwise(steps)}) == 1


def test_the_strip_shows_six_moments_and_files_are_written(tmp_path):
    from PIL import Image

    lab = GanLab(**SMALL).run(250)
    with Image.open(lab.save_strip(tmp_path / "deep" / "strip.png")) as strip:
        assert strip.size == (6 * 308 - 8, 324)
    assert lab.save_gif(tmp_path / "film.gif").read_bytes()[:6] == b"GIF89a"
    with pytest.raises(ValueError, match="nothing is recorded yet"):
        GanLab().save_gif(tmp_path / "empty.gif")


def test_a_film_begins_anew_after_a_reset():
    lab = GanLab(**SMALL).run(100)
    lab.game.reset()
    lab.run(25)
    assert [shot.step for shot in lab.film.shots] == [25]


def test_without_a_front_end_it_is_a_figure():
    lab = GanLab(static_steps=30, **SMALL)
    bundle = lab._repr_mimebundle_()
    assert set(bundle) == {"text/plain", "image/png"}
    assert lab.game.step == 30
    assert bundle["text/plain"] == "GanLab: ring of 8, non-saturating loss, step 30, seed 0"
    lab._repr_mimebundle_()
    assert lab.game.step == 30
    titles = [axes.get_title() for axes in lab.figure("A title").axes]
    assert titles == ["Where D says real and fake", "Losses", "Discriminator", "Fakes", "JS divergence"]
    for axes in lab.figure().axes:
        assert axes.get_xlabel()
        assert axes.get_ylabel()
        assert axes.get_legend() is not None


def test_laboratories_are_compared_side_by_side():
    labs = {"one": GanLab(**SMALL).run(5), "the other": GanLab(data="grid", **SMALL).run(5)}
    fig = compare(labs, "Both")
    assert [axes.get_title().splitlines()[0] for axes in fig.axes] == ["one", "the other"]
    assert "of 25 modes" in fig.axes[1].get_title()
    assert fig.axes[0].get_legend() is not None


def test_a_discriminator_that_compares_is_asked_about_single_points_in_the_company_of_real_ones():
    from course_utils.models.layers import MinibatchStd

    g = Game(Settings(), discriminator=lambda: nn.Sequential(nn.Linear(2, 4), MinibatchStd(), nn.Linear(5, 1)))
    one, other = torch.tensor([[0.1, 0.2]]), torch.tensor([[0.9, 0.9]])
    together = g.judge(torch.cat([one, other]))
    company = g.target.pool[:6]
    alone = g.gan.discriminator(torch.cat([one, other, company]))[:2]
    assert torch.allclose(together, alone)
    assert not torch.allclose(together[:1], g.gan.discriminator(one.repeat(4, 1))[:1])


def test_a_game_that_cannot_go_on_is_told_and_not_raised(watched):
    wild = {"loss": "wasserstein", "lr_d": 1e18, "lr_g": 1e18, "optimiser": "sgd", **SMALL}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("course_utils.widgets.gan_lab.lab.headless", lambda: True)
        bundle = GanLab(static_steps=300, **wild)._repr_mimebundle_()
    assert set(bundle) == {"text/plain"}
    assert "no longer a finite number" in bundle["text/plain"]
    lab = GanLab(**wild)
    lab.game.play(50)
    assert "no longer a finite number" in watched(lab).view.state["error"]
    assert watched(GanLab(data="drawn")).view.state["error"] == ""


def test_outside_of_a_kernel_there_is_no_cell_and_no_loop(monkeypatch):
    assert registry.cell_key() is None
    monkeypatch.setattr("course_utils.widgets.gan_lab.lab.headless", lambda: False)
    assert "image/png" in GanLab(static_steps=1, **SMALL)._repr_mimebundle_()


@pytest.mark.parametrize("data", DATA)
def test_every_data_set_has_a_figure(data):
    GanLab(data=data, static_steps=5, **SMALL)._repr_mimebundle_()


# ------------------------------------------------------------------ running a cell again


@pytest.fixture
def watched(monkeypatch):
    """As in a notebook that somebody looks at: ``show(lab)`` is what a cell does with its value."""
    monkeypatch.setattr("course_utils.widgets.gan_lab.lab.headless", lambda: False)

    def show(lab):
        async def cell():
            return lab._repr_mimebundle_()

        bundle = asyncio.run(cell())
        data = bundle[0] if isinstance(bundle, tuple) else bundle
        assert "application/vnd.jupyter.widget-view+json" in data
        return lab

    yield show
    while registry._LABS:
        registry._LABS.popitem()[1].close()


def test_a_cell_that_runs_again_goes_on_where_it_was(watched):
    old = watched(GanLab(name="a", **SMALL))
    old.game.play(5)
    old.game.change(loss="hinge")
    trained = weights(old.game.gan.generator)
    new = watched(GanLab(name="a", **SMALL))
    assert new.game.step == 5
    assert new.game.settings.loss == "hinge"
    assert torch.equal(weights(new.game.gan.generator), trained)
    assert old.view is None
    assert not torch.equal(weights(watched(GanLab(name="b", **SMALL)).game.gan.generator), trained)
    assert watched(GanLab(name="a", fresh=True, **SMALL)).game.step == 0


def test_what_changed_in_the_call_is_changed_in_the_running_game(watched):
    old = watched(GanLab(name="a", **SMALL))
    old.game.play(5)
    old.game.change(lr_d=0.5)
    new = watched(GanLab(name="a", **SMALL | {"loss": "hinge", "width_d": 16}))
    assert (new.game.step, new.game.settings.loss, new.game.settings.lr_d) == (5, "hinge", 0.5)
    assert new.game.gan.discriminator[0].out_features == 16


def test_layers_are_as_they_were(watched):
    old = watched(GanLab(name="a", layers=("fakes", "mesh"), **SMALL))
    assert [name for name, on in old.view.state["layers"].items() if on] == ["fakes", "mesh"]
    old.driver._on_layers({"layers": {"heat": True}})
    assert watched(GanLab(name="a", **SMALL)).view.state["layers"] == {"heat": True}
    with pytest.raises(ValueError, match=r"^layers: expected one of 'real'"):
        GanLab(layers=("grid",))


def test_a_laboratory_that_was_used_keeps_its_own_game(watched):
    watched(GanLab(name="a", **SMALL)).game.play(5)
    assert watched(GanLab(name="a", **SMALL).run(2)).game.step == 2


def test_own_networks_go_on_when_they_have_the_same_shape(watched):
    def make():
        return nn.Linear(2, 2)

    old = watched(GanLab(name="a", generator=make, discriminator=lambda: nn.Linear(2, 1)))
    old.game.play(5)
    kept = weights(old.game.gan.generator)
    new = watched(
        GanLab(name="a", generator=make, discriminator=lambda: nn.Sequential(nn.Linear(2, 3), nn.Linear(3, 1)))
    )
    assert torch.equal(weights(new.game.gan.generator), kept)
    assert len(new.game.gan.opt_g.state) == 2
    assert len(new.game.gan.opt_d.state) == 0
    new.game.play(1)
    assert not torch.equal(weights(new.game.gan.generator), kept)


def test_steps_that_were_written_anew_are_used(watched):
    calls = []
    watched(GanLab(name="a", generator_step=training.generator_step, **SMALL)).game.play(2)
    new = watched(GanLab(name="a", generator_step=lambda gan, z: calls.append(1) or 0.0, **SMALL))
    new.game.play(1)
    assert (new.game.step, calls) == (3, [1])


def test_few_laboratories_are_remembered(watched):
    labs = [watched(GanLab(name=str(i), **SMALL)) for i in range(registry.KEPT + 2)]
    assert labs[0].view is None
    assert labs[-1].view is not None
    assert registry.remembered("0") is None


def test_the_scripts_are_joined_into_one_module():
    text = lab_view.joined()
    assert "import " not in "\n".join(line for line in text.splitlines() if not line.startswith("//"))
    assert text.count("export default") == 1
    assert text.count("export ") == 1
    names = re.findall(r"(?m)^(?:const|let|class|function) (\w+)", text)
    assert len(names) == len(set(names)) > 20
    assert sorted(lab_view.MODULES) == sorted(file.name for file in lab_view.FOLDER.glob("*.js"))


def test_every_setting_has_a_control_and_every_control_a_setting():
    offered = set(lab_view.controls()) | {"spectral_norm", "minibatch_std", "head_start", "seed"}
    assert offered == {field.name for field in dataclasses.fields(Settings)}
    for name, choices in lab_view.controls().items():
        for value in choices:
            Settings(**{name: value})
