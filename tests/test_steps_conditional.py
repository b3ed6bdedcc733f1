"""Rounds with labels: what the game asks of the learner's round."""

import pytest
import torch
from tiny_gans import CLASSES, SHAPE, draw_z, make_conditional_gan, same, weights

from course_utils.steps.conditional import ConditionalGame, conditional_round
from course_utils.training import fit

IMAGES = torch.randint(256, (32, *SHAPE), dtype=torch.uint8)
LABELS = torch.arange(32) % CLASSES


def test_a_conditional_game_trains_both_players():
    gan = make_conditional_gan()
    before = weights(gan.generator), weights(gan.discriminator)
    history = fit(gan, (IMAGES, LABELS), ConditionalGame(draw_z, gamma=0.5), steps=3, batch_size=8, log_every=1)
    assert history.step == [1, 2, 3]
    assert not same(weights(gan.generator), before[0])
    assert not same(weights(gan.discriminator), before[1])


@pytest.mark.parametrize(("gamma", "asked"), [(0.0, {0.0}), (0.5, {0.0, 2.0})])
def test_the_penalty_is_asked_for_now_and_then_and_as_strong_on_average(gamma, asked):
    seen = []

    def play(gan, real, labels, z, gamma):
        seen.append(gamma)
        return conditional_round(gan, real, labels, z, gamma)

    torch.manual_seed(0)
    fit(make_conditional_gan(), (IMAGES, LABELS), ConditionalGame(draw_z, play, gamma), steps=200, batch_size=4)
    assert set(seen) == asked
    assert sum(seen) / len(seen) == pytest.approx(gamma, abs=0.15)


def test_a_conditional_game_wants_labels():
    with pytest.raises(TypeError, match="images and their labels"):
        fit(make_conditional_gan(), IMAGES, ConditionalGame(draw_z), steps=1, batch_size=8)
