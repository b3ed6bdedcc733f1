"""The rules of a game: who is called with what, and how often."""

import torch
from tiny_gans import SHAPE, draw_z, make_conditional_gan, make_gan, make_images, make_labels, same, train, weights

from course_utils.batches import random_batch
from course_utils.game import Game
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
