"""The rules of a game: who is called with what, and how often."""

import pytest
import torch
from tiny_gans import (
    SHAPE,
    draw_z,
    labelled_images,
    make_conditional_gan,
    make_gan,
    make_images,
    make_labels,
    plain_game,
    same,
    train,
    weights,
)

from course_utils import training
from course_utils.batches import random_batch
from course_utils.game import Game
from course_utils.runs import Run
from course_utils.steps.acgan import AuxiliaryFakes
from course_utils.steps.info import InfoSteps
from course_utils.steps.shared_fakes import SharedFakes
from course_utils.training import fit


def test_fit_uses_the_steps_it_is_given():
    calls = []

    def d_step(gan, real, z):
        calls.append(("d", real.shape, z.shape))
        return torch.tensor(1.0)

    def g_step(gan, z):
        calls.append(("g", z.shape))
        return torch.tensor(1.0)

    fit(make_gan(), make_images(), Game(d_step, g_step, draw_z), steps=2, batch_size=5)
    assert calls == [("d", (5, *SHAPE), (5, 3)), ("g", (5, 3))] * 2


def test_batches_come_with_their_labels_and_both_steps_get_the_same_ones():
    images, labels, seen = make_images(), make_labels(), []

    def d_step(gan, real, z, asked):
        seen.append((real, asked))
        return torch.tensor(1.0)

    def g_step(gan, z, asked):
        assert torch.equal(asked, seen[-1][1])
        return torch.tensor(1.0)

    fit(make_conditional_gan(), (images, labels), Game(d_step, g_step, draw_z), steps=3, batch_size=5)
    assert len(seen) == 3
    pixels = (images / 127.5 - 1).flatten(1)
    for real, asked in seen:
        rows = torch.cdist(real.flatten(1), pixels).argmin(1)
        assert torch.equal(labels[rows], asked)


def test_a_round_is_a_batch_and_two_steps_with_noise_of_their_own():
    gan, _ = train(None, 12, game=SharedFakes(draw_z, gamma=1.0))
    torch_steps = SharedFakes(gamma=1.0)
    other = make_gan()
    torch.manual_seed(5)
    for _ in range(12):
        torch_steps.discriminator_step(other, random_batch(make_images(), 8), draw_z(8))
        torch_steps.generator_step(other, draw_z(8))
    assert same(weights(gan.generator), weights(other.generator))


def recorded(calls):
    def d_step(gan, real, z):
        calls.append(("d", real, z))
        return torch.tensor(float(len(calls)))

    def g_step(gan, z):
        calls.append(("g", z))
        return torch.tensor(float(len(calls)))

    return d_step, g_step


def test_critic_steps_have_a_batch_and_noise_each():
    calls = []
    game = Game(*recorded(calls), draw_z, critic_steps=3, head_start=2)
    history = fit(make_gan(), make_images(), game, steps=2, batch_size=4, log_every=1)
    assert [name for name, *_ in calls] == list("dd" + "dddg" * 2)
    assert all(len(x) == 4 for _, *given in calls for x in given)
    assert len({float(real.sum()) for name, real, *_ in calls if name == "d"}) == 8
    assert history.d_loss == [5.0, 9.0]
    assert history.g_loss == [6.0, 10.0]
    assert history.batch_size == 12


def test_a_resumed_run_has_no_second_head_start(capsys):
    whole, _ = train(Run("whole"), 21, game=plain_game(head_start=3, critic_steps=2))
    train(Run("cut"), 21, game=plain_game(head_start=3, critic_steps=2), interrupt_at=11)
    again, _ = train(Run("cut"), 21, gan=make_gan(seed=9), seed=77, game=plain_game(head_start=3, critic_steps=2))
    assert "Resuming" in capsys.readouterr().out
    assert same(weights(whole.generator), weights(again.generator))


def test_without_noise_both_steps_get_the_whole_batch():
    calls = []

    class Pairs(Game):
        def fakes(self, gan, fixed):
            return fixed.batch[0]

        def scores(self, gan, fixed):
            return fixed.batch[1], fixed.batch[1]

    def step(gan, x, y):
        calls.append((x, y))
        return torch.tensor(1.0)

    rows = torch.randn(20, 2)
    fit(make_gan(), (rows, -rows), Pairs(step, step), steps=1, batch_size=5)
    assert torch.equal(calls[0][0], -calls[0][1])
    assert calls[0][0] is calls[1][0]
    with pytest.raises(TypeError, match="fakes, scores: a game without draw_z says itself what is watched"):
        fit(make_gan(), (rows, -rows), Game(step, step), steps=1, batch_size=5)


@pytest.mark.parametrize(
    ("data", "game", "message"),
    [
        (
            labelled_images(),
            plain_game(),
            r"called as discriminator_step\(gan, real, z, labels\), but it takes \(gan: ",
        ),
        (
            make_images(),
            Game(training.discriminator_step, training.generator_step),
            r"discriminator_step\(gan, real\), but it takes .*a step that takes z wants a game with draw_z",
        ),
        (make_images(), plain_game(generator_step=lambda gan: 0), r"generator_step\(gan, z\), but it takes \(gan\)"),
        (make_images(), AuxiliaryFakes(draw_z), r"called as loss_d\(gan, real, fake\), but it takes"),
        (labelled_images(), InfoSteps(draw_z), r"called as loss_d\(gan, real, fake, labels\), but it takes"),
        (make_images(), draw_z, r"game: expected a Game, such as Game\(discriminator_step.*got draw_z"),
    ],
)
def test_steps_that_do_not_take_what_the_data_give_are_named(data, game, message):
    with pytest.raises(TypeError, match=message):
        fit(make_gan(), data, game, steps=1, batch_size=4)


@pytest.mark.parametrize("rules", [{"critic_steps": 0}, {"head_start": -1}])
def test_odd_counts_are_named(rules):
    with pytest.raises(ValueError, match="critic_steps, head_start: expected at least 1"):
        fit(make_gan(), make_images(), plain_game(**rules), steps=1, batch_size=4)
