"""Augmentation that gradients flow through, for the images that a discriminator sees (DiffAugment).

    augment = DiffAugment(shift=3, brightness=0.25, contrast=0.3, hole=8)
    seen = augment(images)  # new random amounts for each image

The same operations serve a classifier, where no gradient is needed. Images are (B, C, H, W) floats in [-1, 1] on the way
in; brightness and contrast may take them out of that range, and nothing clips them, since a clipped pixel has no gradient.

Zhao, Liu, Lin, Zhu and Han, "Differentiable Augmentation for Data-Efficient GAN Training", 2020.
"""

import dataclasses
from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

PAPER = -1.0  # what stands where a digit has moved away


class Amounts(NamedTuple):
    """How each of B images is changed."""

    down: Tensor  # int64 (B,), pixels; below 0 is up
    right: Tensor  # int64 (B,), pixels; below 0 is left
    contrast: Tensor  # (B,), factor; 1 changes nothing
    brightness: Tensor  # (B,), added; 0 changes nothing
    top: Tensor  # int64 (B,), first row of the hole; may lie outside of the image
    left: Tensor  # int64 (B,), first column of the hole


def augment_by(images: Tensor, amounts: Amounts, hole: int = 8) -> Tensor:
    """Change each image by its own amounts, in this order; gradients flow to ``images``.

    1. Translation: the content moves ``down`` rows and ``right`` columns. What leaves the image is lost, and paper (-1)
       takes the place that becomes free. An image that moves further than its own size is paper alone.
    2. Contrast: the distance of each pixel from the mean of its image is multiplied by ``contrast``.
    3. Brightness: ``brightness`` is added to all pixels.
    4. Cutout: a square of ``hole`` x ``hole`` pixels, whose upper left corner lies in row ``top`` and column ``left``,
       becomes 0. The part of it outside the image does nothing. ``hole=0`` cuts nothing.

    Takes ``images`` (B, C, H, W), float, and ``amounts``, whose tensors have B numbers each: ``down``, ``right``, ``top``
    and ``left`` are int64, and below 0 they are up, left or outside the image; the other two are floats. Returns
    (B, C, H, W) of the same dtype, not clipped; ``images`` stay as they are (Zhao et al., 2020).
    """
    # BEGIN SOLUTION
    height, width = images.shape[2:]
    rows, columns = torch.arange(height, device=images.device), torch.arange(width, device=images.device)
    from_row = rows[:, None] == rows + amounts.down[:, None, None]  # (B, H, H): row i gets the row `down` above it
    from_column = columns == columns[:, None] + amounts.right[:, None, None]  # (B, W, W)
    ink = images - PAPER  # (B, C, H, W), 0 is paper
    moved = from_row[:, None].to(ink) @ ink @ from_column[:, None].to(ink) + PAPER

    mean = moved.mean(dim=(1, 2, 3), keepdim=True)  # (B, 1, 1, 1)
    contrast, brightness = (a[:, None, None, None] for a in (amounts.contrast, amounts.brightness))
    coloured = (moved - mean) * contrast + mean + brightness

    row, column = rows - amounts.top[:, None], columns - amounts.left[:, None]  # (B, H), (B, W), counted from the hole
    cut = ((row >= 0) & (row < hole))[:, :, None] & ((column >= 0) & (column < hole))[:, None]  # (B, H, W)
    return coloured.masked_fill(cut[:, None], 0.0)
    # END SOLUTION


@dataclasses.dataclass(frozen=True)
class DiffAugment:
    """Draws new amounts for each image and changes it by them; a call maps (B, C, H, W) to (B, C, H, W).

    The same object is meant for reals and fakes, in the steps of both players.
    """

    shift: int = 3  # pixels at most, each way
    brightness: float = 0.25  # at most, each way
    contrast: float = 0.3  # the factor lies between 1 - contrast and 1 + contrast
    hole: int = 8  # side of the square that is cut out, pixels
    by: Callable = augment_by  # ``by(images, amounts, hole)`` changes the images

    def draw(self, images: Tensor) -> Amounts:
        """New amounts for images (B, C, H, W); the centre of the hole lies anywhere in the image."""
        n, (height, width), device = len(images), images.shape[2:], images.device

        def whole(low: int, high: int) -> Tensor:
            return torch.randint(low, high + 1, (n,), device=device)

        def around(centre: float, most: float) -> Tensor:
            return (centre + most * (2 * torch.rand(n, device=device) - 1)).to(images.dtype)

        half = self.hole // 2
        return Amounts(
            whole(-self.shift, self.shift),
            whole(-self.shift, self.shift),
            around(1.0, self.contrast),
            around(0.0, self.brightness),
            whole(-half, height - 1 - half),
            whole(-half, width - 1 - half),
        )

    def __call__(self, images: Tensor) -> Tensor:
        return self.by(images, self.draw(images), self.hole)
