"""The small classifier of every arm, its training, and what classical augmentation does to a batch."""

import math
from collections.abc import Callable, Sequence
from itertools import accumulate

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from course_utils.lessons.c3w1a import together


class SmallClassifier(nn.Module):
    """Maps digits (B, 1, 28, 28) in [-1, 1] to logits (B, 10): one convolution, pooling, one linear layer."""

    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(1, 8, kernel_size=5, stride=2, padding=2),  # (B, 8, 14, 14)
            nn.MaxPool2d(2),  # (B, 8, 7, 7)
            nn.ReLU(),
            nn.Flatten(),
            nn.Linear(8 * 7 * 7, 10),
        )

    def forward(self, images: Tensor) -> Tensor:
        return self.layers(images)


class SmallClassifiers(nn.Module):
    """Several of them in one, as ``together`` has it: (n * B, 1, 28, 28) to logits (n * B, 10)."""

    def __init__(self, networks: Sequence[SmallClassifier]):
        super().__init__()
        self.n = len(networks)
        filters, *_, linears = zip(*(network.layers for network in networks), strict=True)
        self.filters = nn.Conv2d(self.n, 8 * self.n, kernel_size=5, stride=2, padding=2, groups=self.n)
        with torch.no_grad():
            self.filters.weight.copy_(torch.cat([layer.weight for layer in filters]))
            self.filters.bias.copy_(torch.cat([layer.bias for layer in filters]))
        self.filters.to(memory_format=torch.channels_last)  # twice as fast on a CPU
        self.linears = together.Linears(linears)

    def forward(self, images: Tensor) -> Tensor:
        beside = images.unflatten(0, (self.n, -1)).squeeze(2).transpose(0, 1)  # (B, n, 28, 28)
        maps = self.filters(beside.contiguous(memory_format=torch.channels_last))  # (B, 8 * n, 14, 14)
        features = F.max_pool2d(maps, 2).relu().unflatten(1, (self.n, 8))  # (B, n, 8, 7, 7)
        return self.linears(features.transpose(0, 1).flatten(2)).flatten(0, 1)  # (n * B, 10)

    def apart(self) -> list[SmallClassifier]:
        """Each for itself, in evaluation mode."""
        networks = [SmallClassifier().eval() for _ in range(self.n)]
        filters = zip(self.filters.weight.chunk(self.n), self.filters.bias.chunk(self.n), strict=True)
        with torch.no_grad():
            for network, (weight, bias), matrix, add in zip(
                networks, filters, self.linears.weight, self.linears.bias, strict=True
            ):
                own = (weight, bias, matrix.T, add[0])
                for parameter, values in zip(network.parameters(), own, strict=True):
                    parameter.copy_(values)
        return networks


def shifted_and_rotated(images: Tensor, shift: float, degrees: float) -> Tensor:
    """Each image (B, C, H, W) moved by up to ``shift`` pixels either way and turned by up to ``degrees``; -1 comes in."""

    def uniform(most: float) -> Tensor:
        return (2 * torch.rand(len(images)) - 1) * most

    angle, pixel = uniform(degrees * math.pi / 180), 2 / images.shape[-1]
    cos, sin = angle.cos(), angle.sin()
    rows = [
        torch.stack([cos, -sin, uniform(shift * pixel)], dim=1),
        torch.stack([sin, cos, uniform(shift * pixel)], dim=1),
    ]
    grid = F.affine_grid(torch.stack(rows, dim=1), list(images.shape), align_corners=False)  # (B, H, W, 2)
    return F.grid_sample(images + 1, grid, align_corners=False) - 1


def train_together(
    loss: Callable,
    reals: Sequence[tuple[Tensor, Tensor]],
    mades: Sequence[tuple[Tensor, Tensor]] | None,
    weight: float,
    steps: int,
    seeds: Sequence[int],
) -> list[SmallClassifier]:
    """A classifier for each seed after ``steps`` steps of ``loss(classifier, images, labels, made, made_labels, weight)``.

    Number k learns from ``reals[k]``, images and labels, and ``mades[k]``, generated ones (None: from its reals again), in
    batches of 32 that its seed alone decides: its real batches are the same whatever ``mades`` and ``weight`` are. All are
    trained as one network, ``SmallClassifiers``, which ``loss`` gets with the batches of all, one after the other.
    """
    networks = []
    for seed in seeds:
        torch.manual_seed(seed)
        networks.append(SmallClassifier())
    classifiers = SmallClassifiers(networks)
    optimiser = torch.optim.Adam(classifiers.parameters(), 2e-3, fused=True)
    images, labels, own = _in_batches(reals, steps, seeds)
    made, made_labels, others = _in_batches(mades or reals, steps, [seed + 1 for seed in seeds])
    for i, j in zip(own, others, strict=True):
        value = loss(classifiers, images[i], labels[i], made[j], made_labels[j], weight)
        optimiser.zero_grad()
        (len(seeds) * value).backward()  # a mean over all; each network gets the gradient of its own mean
        optimiser.step()
    return classifiers.apart()


def _in_batches(sets: Sequence[tuple[Tensor, Tensor]], steps: int, seeds: Sequence[int]) -> tuple[Tensor, Tensor, Tensor]:
    """All images, all labels, and for each step the rows of a batch of each set, (steps, 32 * n)."""
    images, labels = (torch.cat(parts) for parts in zip(*sets, strict=True))
    starts = [0, *accumulate(len(part) for part, _ in sets)]
    rows = [
        start + torch.randint(len(part), (steps, 32), generator=torch.Generator().manual_seed(seed))
        for start, (part, _), seed in zip(starts, sets, seeds, strict=False)
    ]
    return images, labels, torch.cat(rows, dim=1)
