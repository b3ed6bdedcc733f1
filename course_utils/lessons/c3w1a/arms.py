"""The parts of the comparison: few labels, small GANs that learn from them, and images with labels from either."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn

from course_utils.callbacks import generate
from course_utils.datasets import to_float
from course_utils.lessons.c3w1a import together
from course_utils.lessons.c3w1a.spread import neighbour_graph, spread_labels
from course_utils.models.dense import labelled
from course_utils.training import GAN

Labelled = tuple[Tensor, Tensor]  # images (N, 1, 28, 28) in [-1, 1] and labels (N,)
LATENT_DIM = 32


def draw_z(n: int) -> Tensor:
    return torch.randn(n, LATENT_DIM)


def labelled_gans(
    sets: Sequence[tuple[Tensor, Tensor]], play: Callable, augment: Callable, rounds: int, seed: int
) -> together.Generators:
    """A small dense GAN for each set of uint8 images (N, 1, 28, 28) and labels; the averaged generators, all in one.

    They start and draw differently. ``play(gan, real, z, augment, labels)`` is a round of all of them at once.
    """
    torch.manual_seed(seed)
    generators = together.Generators([labelled.Generator(LATENT_DIM) for _ in sets])
    discriminators = together.Discriminators([labelled.Discriminator() for _ in sets])
    gan = GAN.with_adam(generators, discriminators, 2e-3, ema=0.99)
    for _ in range(rounds):
        rows = [torch.randint(len(labels), (32,)) for _, labels in sets]
        batches = [(to_float(images[i]), labels[i]) for (images, labels), i in zip(sets, rows, strict=True)]
        real, labels = (torch.cat(parts) for parts in zip(*batches, strict=True))  # (n * 32, ...)
        play(gan, real, draw_z(len(real)), augment, labels)
        gan.average()
    return gan.shown


@torch.no_grad()
def drawn_by_each(generators: together.Generators, per_class: int, seed: int) -> list[Labelled]:
    """``per_class`` images of each class by each of the generators."""
    labels = torch.arange(10).repeat_interleave(per_class)
    z = torch.randn(generators.n * len(labels), LATENT_DIM, generator=torch.Generator().manual_seed(seed))
    return [(images, labels) for images in generators(z, labels.repeat(generators.n)).chunk(generators.n)]


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
