"""The parts of the comparison: few labels, a small GAN that learns from them, and images with labels from either."""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from course_utils.callbacks import generate
from course_utils.datasets import to_float
from course_utils.lessons.c3w1a.spread import neighbour_graph, spread_labels
from course_utils.models.dense import labelled
from course_utils.steps.augmented import AugmentedGame
from course_utils.training import GAN, fit

Labelled = tuple[Tensor, Tensor]  # images (N, 1, 28, 28) in [-1, 1] and labels (N,)
LATENT_DIM = 32


def draw_z(n: int) -> Tensor:
    return torch.randn(n, LATENT_DIM)


def labelled_gan(
    images: Tensor, labels: Tensor, play: Callable, augment: Callable, rounds: int, seed: int
) -> nn.Module:
    """The averaged generator of a small dense pair after so many rounds on uint8 images (N, 1, 28, 28) and their labels."""
    torch.manual_seed(seed)
    gan = GAN.with_adam(labelled.Generator(LATENT_DIM), labelled.Discriminator(), 2e-3, ema=0.99)
    game = AugmentedGame(draw_z, augment, play)
    fit(gan, (images, labels), game, steps=rounds, batch_size=32, log_every=rounds)
    return gan.shown


def drawn(generator: nn.Module, per_class: int, seed: int) -> Labelled:
    """``per_class`` images of each class by a generator that takes labels."""
    labels = torch.arange(10).repeat_interleave(per_class)
    z = torch.randn(len(labels), LATENT_DIM, generator=torch.Generator().manual_seed(seed))
    return generate(generator, z, labels), labels


def with_spread_labels(few: Labelled, others: Tensor) -> Labelled:
    """Images without labels (M, 1, 28, 28) with those that the few labelled ones hand on to them."""
    graph = neighbour_graph(torch.cat([few[0], others]))
    labels = spread_labels(graph, torch.arange(len(few[1])), few[1])
    return others, labels[len(few[1]) :]


def as_pair(images: Tensor, labels: Tensor) -> Labelled:
    """uint8 images and labels as a classifier gets them."""
    return to_float(images), labels
