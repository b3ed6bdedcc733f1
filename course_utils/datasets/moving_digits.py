"""Short videos of one handwritten digit that moves straight on and is reflected by the walls; its path is known.

    videos = moving_digits.draw("train", 500, seed=0)  # 16 frames of 32 x 32 pixels each

Each digit is one of `digits.load(split)`, made smaller to 16 x 16 pixels. Its centre moves through a room from LOW to HIGH, in
pixels, along both axes, as fast at the end as at the start. Where it lies between pixels, the frame is drawn by interpolation.

After Srivastava, Mansimov and Salakhutdinov, "Unsupervised Learning of Video Representations using LSTMs", 2015 (Moving MNIST).
"""

from functools import cache
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from course_utils.datasets import digits, to_float
from course_utils.models.video import SIDE, SPRITE, place
from course_utils.runtime import seeded

FRAMES = 16
LOW, HIGH = 6.0, 25.0  # the walls, for the centre of a digit; the centres of pixels are 0 to 31
SLOWEST, FASTEST = 1.5, 2.5  # pixels a frame


class Videos(NamedTuple):
    """Videos in [-1, 1], -1 where there is no ink, and what is true of them."""

    frames: Tensor  # (N, T, 32, 32)
    paths: Tensor  # (N, T, 2), x and y of the centre, in pixels
    labels: Tensor  # (N,), 0 to 9


def draw(split: str, n: int, seed: int, frames: int = FRAMES) -> Videos:
    """`n` videos of so many frames; digit, start, direction and speed of each are drawn at random.

    Raises ValueError for an unknown split, and unless there is at least one video and one frame.
    """
    if n < 1 or frames < 1:
        raise ValueError(f"n and frames: expected at least 1 each, got {n} and {frames}")
    small, labels = _sprites(split)
    generator = seeded(seed)
    rows = torch.randint(len(small), (n,), generator=generator)
    start = LOW + (HIGH - LOW) * torch.rand(n, 2, generator=generator)
    angle = 2 * torch.pi * torch.rand(n, generator=generator)
    speed = SLOWEST + (FASTEST - SLOWEST) * torch.rand(n, generator=generator)
    velocity = speed[:, None] * torch.stack([angle.cos(), angle.sin()], dim=1)  # (N, 2)
    time = torch.arange(frames)[:, None]  # (T, 1)
    paths = reflected(start[:, None] + time * velocity[:, None])  # (N, T, 2)
    return Videos(place(small[rows], paths), paths, labels[rows])


def sprites(split: str, n: int, seed: int) -> Tensor:
    """`n` digits of this split, drawn at random, of 16 x 16 pixels in [-1, 1]: (n, 1, 16, 16)."""
    small, _ = _sprites(split)
    return small[torch.randint(len(small), (n,), generator=seeded(seed))]


def reflected(straight: Tensor) -> Tensor:
    """Where something is that would be at `straight` if there were no walls."""
    room = HIGH - LOW
    return HIGH - ((straight - LOW) % (2 * room) - room).abs()


def cut_out(frames: Tensor, paths: Tensor, size: int = SPRITE) -> Tensor:
    """The 16 x 16 pixels around `paths` (N, T, 2) in videos (N, T, 32, 32), as (N, T, 1, size, size); -1 beyond an edge."""
    n, t = paths.shape[:2]
    axis = (torch.arange(size) + 0.5) * SPRITE / size - SPRITE / 2
    pixels = torch.stack(torch.meshgrid(axis, axis, indexing="xy"), dim=-1)  # (size, size, 2)
    grid = (pixels + paths.flatten(0, 1)[:, None, None] + 0.5) / (SIDE / 2) - 1  # (N * T, size, size, 2)
    pieces = F.grid_sample(frames.flatten(0, 1)[:, None] + 1, grid, align_corners=False, mode="bicubic")
    return (pieces - 1).clamp(-1, 1).view(n, t, 1, size, size)


@cache
def _sprites(split: str) -> tuple[Tensor, Tensor]:
    """The digits of a split with 16 x 16 pixels, in [-1, 1], and their labels."""
    images, labels = digits.load(split)
    small = F.interpolate(to_float(images), size=(SPRITE, SPRITE), mode="bilinear", antialias=True, align_corners=False)
    return small, labels
