"""The learner's own steps, losses and networks in the laboratory."""

import matplotlib
import pytest
import torch
from gan_lab_games import SMALL, weights
from torch import nn

from course_utils import training
from course_utils.training import GAN
from course_utils.widgets.gan_lab import GanLab, LabError
from course_utils.widgets.gan_lab.game import Game
from course_utils.widgets.gan_lab.settings import Settings

matplotlib.use("Agg")


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
