"""What a filled hole is worth: whether hidden pixels leak, whether the seam shows, and the nearest rival."""

import torch
from torch import Tensor


def leak(fill, images: Tensor, masks: Tensor) -> float:
    """The largest change of ``fill(images, masks)`` when hidden pixels are replaced by noise: 0 where nothing leaks.

    ``images`` are (N, C, H, W) in [-1, 1], ``masks`` (N, 1, H, W), 1 where a pixel is hidden; only changes of hidden pixels
    count. ``fill`` must give the same for the same input: fix its noise.
    """
    generator = torch.Generator().manual_seed(0)
    noise = 2 * torch.rand(images.shape, generator=generator) - 1
    disturbed = images * (1 - masks) + noise.to(images) * masks
    return ((fill(disturbed, masks) - fill(images, masks)) * masks).abs().max().item()


def seam_ratio(pictures: Tensor, real: Tensor, masks: Tensor) -> float:
    """Mean step across the border of the hole in ``pictures``, over that in ``real`` ones: 1 where no seam can be seen.

    A step is the absolute difference of two neighbours, one hidden, one known. Pictures are (N, C, H, W), masks (N, 1, H, W).
    Below 1 the fill is too smooth at the border, above 1 there is an edge. Raises ValueError where there is no border.
    """
    found = [_steps(images, masks) for images in (pictures, real)]
    if not found[0][1]:
        raise ValueError("masks: expected a hole with a border, got only hidden or only known pixels")
    return (found[0][0] / found[1][0]).item()


def _steps(images: Tensor, masks: Tensor) -> tuple[Tensor, float]:
    """The sum of all steps across a border, and how many there are."""
    down = masks.diff(dim=2).abs()  # (N, 1, H - 1, W), 1 where the border is
    right = masks.diff(dim=3).abs()
    total = (images.diff(dim=2).abs() * down).sum() + (images.diff(dim=3).abs() * right).sum()
    return total, (down.sum() + right.sum()).item()


def nearest_fill(train: Tensor, images: Tensor, mask: Tensor) -> Tensor:
    """The hole filled with that of the training picture whose known pixels are nearest: (N, C, H, W)."""
    known = ~mask[0, 0].bool().expand(train.shape[1:])
    nearest = torch.cdist(images[:, known], train[:, known]).argmin(dim=1)
    return images * (1 - mask) + train[nearest] * mask
