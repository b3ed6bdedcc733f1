"""The arena of the lesson: one clock for four kinds of training, one table for what they draw."""

import dataclasses
import time
from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor, nn

from course_utils.batches import random_batch
from course_utils.metrics import digit_features, frechet_distance
from course_utils.metrics.copies import authentic_share, rank_test, spacing
from course_utils.metrics.manifold import density_coverage, precision_recall
from course_utils.metrics.neighbours import nearest_neighbours
from course_utils.runtime import device
from course_utils.training import GAN


@dataclasses.dataclass
class Trained:
    """What a contender has become after its seconds."""

    shown: nn.Module  # the averaged network, or the VAE as it is: what samples and is measured
    network: nn.Module  # the one that trained
    losses: list[float]  # one a step; of the GAN those of the generator
    seconds: float  # of one core

    @property
    def steps(self) -> int:
        return len(self.losses)


class Clock:
    """Seconds of the processor; they stand still while the machine works for somebody else."""

    def __init__(self, seconds: float, fewest: int = 2):
        self.began, self.seconds, self.left = time.process_time(), seconds, fewest

    @property
    def passed(self) -> float:
        return time.process_time() - self.began

    def goes_on(self) -> bool:
        """Is there time for another step? A few steps are always made."""
        self.left -= 1
        return self.left >= 0 or self.passed < self.seconds


def train(
    network: nn.Module,
    loss: Callable[[nn.Module, Tensor], Tensor],
    images: Tensor,
    seconds: float,
    *,
    batch_size: int = 64,
    lr: float = 2e-3,
    averages: tuple = (),
) -> Trained:
    """Minimise ``loss(network, batch)`` over images (N, C, H, W), uint8, for so many seconds of the processor.

    ``averages`` are moved after each step by ``update(network)``; the first of them is what is shown. The learning rate rises
    over the first 50 steps.
    """
    optimiser = torch.optim.Adam(network.parameters(), lr, betas=(0.9, 0.99), fused=True)
    losses, clock = [], Clock(seconds)
    while clock.goes_on():
        optimiser.param_groups[0]["lr"] = lr * min(1.0, (len(losses) + 1) / 50)
        value = loss(network, random_batch(images, batch_size, device()))
        optimiser.zero_grad()
        value.backward()
        optimiser.step()
        for average in averages:
            average.update(network)
        losses.append(value.item())
    shown = averages[0].module if averages else network
    return Trained(shown.eval(), network.eval(), losses, clock.passed)


def train_gan(gan: GAN, game, images: Tensor, seconds: float, batch_size: int) -> Trained:
    """Play rounds of a game for so many seconds of the processor."""

    def draw() -> tuple[Tensor, ...]:
        return (random_batch(images, batch_size, device()),)

    losses, clock = [], Clock(seconds)
    while clock.goes_on():
        _, value = game.round(gan, draw)
        gan.average()
        losses.append(value.item())
    return Trained(gan.shown.eval(), gan.generator.eval(), losses, clock.passed)


class Drawn(NamedTuple):
    """Pictures, and what they cost."""

    images: Tensor  # (N, 1, 28, 28), clamped to [-1, 1], on the CPU
    seconds: float  # of one core, for a thousand


@torch.no_grad()
def draw(sampler: Callable[[int], Tensor], n: int, seed: int, at_once: int = 250) -> Drawn:
    """``n`` pictures of ``sampler(how many)``, in parts, from a random state of their own."""
    torch.manual_seed(seed)
    began = time.process_time()
    parts = [sampler(min(at_once, n - start)).cpu() for start in range(0, n, at_once)]
    seconds = time.process_time() - began
    return Drawn(torch.cat(parts).clamp(-1, 1), 1000 * seconds / n)


class Row(NamedTuple):
    """The numbers of one set of pictures."""

    distance: float  # Frechet distance in the course's digit features
    precision: float
    recall: float
    coverage: float
    authentic: float  # share that is not suspiciously near a training image
    copying: float  # z-score: far below 0 for copies


class Ruler:
    """Measures pictures against held-out images, and looks for copies of training images; both (N, 1, 28, 28) floats."""

    def __init__(self, train: Tensor, held_out: Tensor):
        self.train, self.features = train, digit_features(held_out)
        self.apart = spacing(train)
        self.near = nearest_neighbours(held_out, train)[0][:, 0]

    def distance(self, images: Tensor) -> float:
        return frechet_distance(digit_features(images), self.features)

    def row(self, images: Tensor) -> Row:
        """All numbers of images (N, 1, 28, 28) in [-1, 1]."""
        features = digit_features(images)
        distances, indices = nearest_neighbours(images, self.train)
        return Row(
            frechet_distance(features, self.features),
            *precision_recall(self.features, features),
            density_coverage(self.features, features)[1],
            authentic_share(distances, indices, self.apart),
            rank_test(distances[:, 0], self.near),
        )


def mean_row(rows: list[Row]) -> Row:
    """The mean of several rows, number by number."""
    return Row(*(sum(values) / len(rows) for values in zip(*rows, strict=True)))


@torch.no_grad()
def held_out_loss(
    loss: Callable[[nn.Module, Tensor], Tensor], network: nn.Module, images: Tensor, draws: int = 4
) -> float:
    """The mean of ``loss(network, images)`` over several draws of times and noise."""
    torch.manual_seed(0)
    images = images.to(device())
    return sum(loss(network, part).item() * len(part) for _ in range(draws) for part in images.split(250)) / (
        draws * len(images)
    )


def pixel_variances(images: Tensor) -> Tensor:
    """The variances of images (N, C, H, W) along their principal axes: (C * H * W,), none below 0."""
    return torch.linalg.eigvalsh(images.flatten(1).double().T.cov()).clamp(min=0)
