"""Layers that several models share, and the checks of what they are given."""

import torch
from torch import nn


class MinibatchStd(nn.Module):
    """Appends one channel that says how much the images of a group differ: (B, C, H, W) to (B, C + 1, H, W).

    The batch is split into groups of ``group``; in each the standard deviation of every feature over the group
    is taken, then the mean of these over channels and positions: one number a group, written everywhere in the
    new channel of its images. A generator that draws the same picture again and again is thus found out by a
    discriminator that sees each image for itself (Karras et al., "Progressive Growing of GANs", 2018, section 3).

    Image ``i`` is in group ``i % (B / group)``. Points (B, C) work too: (B, C + 1). A batch smaller than
    ``group`` is one group. Raises ValueError for a batch that cannot be split.
    """

    def __init__(self, group: int = 4):
        super().__init__()
        check_sizes(group=group)
        self.group = group

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        group = min(self.group, len(x))
        if len(x) % group:
            raise ValueError(f"x: expected a batch that is a multiple of group={self.group}, got {len(x)} images")
        groups = x.reshape(group, -1, *x.shape[1:])  # (G, B/G, C, H, W)
        std = (groups.var(dim=0, correction=0) + 1e-8).sqrt()  # (B/G, C, H, W)
        spread = std.flatten(1).mean(dim=1).repeat(group)  # (B,)
        new = spread.view(-1, *[1] * (x.dim() - 1)).expand(-1, 1, *x.shape[2:])  # (B, 1, H, W)
        return torch.cat([x, new], dim=1)  # (B, C + 1, H, W)

    def extra_repr(self) -> str:
        return f"group={self.group}"


def check_sizes(**sizes: int) -> None:
    """Raises ValueError for the first of the named sizes that is not a whole number of at least 1."""
    for name, size in sizes.items():
        if not isinstance(size, int) or isinstance(size, bool) or size < 1:
            raise ValueError(f"{name}: expected a whole number of at least 1, got {size!r}")


def check_choice(name: str, value, choices) -> None:
    """Raises ValueError when ``value`` is not one of ``choices``."""
    if value not in choices:
        raise ValueError(f"{name}: expected one of {', '.join(map(repr, choices))}, got {value!r}")


def check_batch(name: str, batch: torch.Tensor, shape: tuple) -> None:
    """Raises ValueError when ``batch`` does not hold floats of shape (B, *shape)."""
    if batch.shape[1:] != shape or not batch.is_floating_point():
        expected = ", ".join(["B", *map(str, shape)])
        raise ValueError(f"{name}: expected floats ({expected}), got {tuple(batch.shape)} of {batch.dtype}")


def check_labels(labels: torch.Tensor, classes: int) -> None:
    """Raises ValueError when a label is not one of 0 to ``classes - 1``."""
    if len(labels) and not (labels.min() >= 0 and labels.max() < classes):
        found = f"{labels.min().item()} to {labels.max().item()}"
        raise ValueError(f"labels: expected numbers from 0 to {classes - 1}, got {found}")
