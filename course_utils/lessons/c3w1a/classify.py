"""The small classifier of every arm, and what classical augmentation does to a batch."""

import math
from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class SmallClassifier(nn.Module):
    """Maps digits (B, 1, 28, 28) in [-1, 1] to logits (B, 10): one convolution, pooling, one linear layer."""

    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(1, 8, kernel_size=5, stride=2, padding=2),  # (B, 8, 14, 14)
            nn.ReLU(),
            nn.MaxPool2d(2),  # (B, 8, 7, 7)
            nn.Flatten(),
            nn.Linear(8 * 7 * 7, 10),
        )

    def forward(self, images: Tensor) -> Tensor:
        return self.layers(images)


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


def train_classifier(
    loss: Callable,
    real: tuple[Tensor, Tensor],
    made: tuple[Tensor, Tensor] | None,
    weight: float,
    steps: int,
    seed: int,
) -> SmallClassifier:
    """A classifier after ``steps`` steps of ``loss(classifier, images, labels, made, made_labels, weight)``.

    Batches of 32 are drawn from ``real``, images and labels, and from ``made``, generated ones (None: from ``real`` again).
    The real batches of a seed are the same whatever ``made`` and ``weight`` are.
    """
    torch.manual_seed(seed)
    classifier = SmallClassifier()
    optimiser = torch.optim.Adam(classifier.parameters(), 2e-3, fused=True)
    own, others = torch.Generator().manual_seed(seed), torch.Generator().manual_seed(seed + 1)
    made = made or real
    for _ in range(steps):
        i = torch.randint(len(real[0]), (32,), generator=own)
        j = torch.randint(len(made[0]), (32,), generator=others)
        value = loss(classifier, real[0][i], real[1][i], made[0][j], made[1][j], weight)
        optimiser.zero_grad()
        value.backward()
        optimiser.step()
    return classifier.eval()
