"""Drawing by distance: many pictures at once, anti-aliased, with tensor operations only.

A shape is a signed distance to its edge, negative inside; `Canvas.cover` turns it into the share of each pixel that the
shape covers. Parameters of a picture are (N, 1, 1), positions along x (N, 1, W), along y (N, H, 1), so that most of the
arithmetic happens on rows and columns and only the last step on pixels. Small features are drawn through a `window`.

Positions run from -1 (left, top) to 1 (right, bottom); colours are (N, 3, 1, 1), 0 to 1.
"""

from functools import lru_cache

import torch
from torch import Tensor

from course_utils.runtime import seeded


class Canvas:
    """N pictures of the same size, or a window of them that shares their pixels."""

    def __init__(self, n: int, size: int):
        middle = (torch.arange(size, dtype=torch.float32) + 0.5) * (2 / size) - 1
        self.size = size
        self.pixels = torch.zeros(n, 3, size, size)
        self.x, self.y = middle.view(1, 1, size), middle.view(1, size, 1)
        self.pixel = 2 / size  # width of a pixel

    def window(self, left: float, top: float, right: float, bottom: float) -> "Canvas":
        """The part of the pictures between two corners, cut at whole pixels."""
        size = self.size
        left, top, right, bottom = (
            min(size, max(0, round((edge + 1) / 2 * size))) for edge in (left, top, right, bottom)
        )
        part = object.__new__(Canvas)
        part.size = size
        part.pixels = self.pixels[:, :, top:bottom, left:right]
        part.x, part.y, part.pixel = self.x[:, :, left:right], self.y[:, top:bottom], self.pixel
        return part

    def cover(self, distance: Tensor, softness: float | Tensor = 1.0) -> Tensor:
        """Share of each pixel inside a shape, 0 to 1; the edge is `softness` pixels wide."""
        return (0.5 - distance / (self.pixel * softness)).clamp_(0, 1)

    def paint(self, mask: Tensor, colour: Tensor) -> None:
        """Lay a colour (N, 3, 1, 1), or a picture (N, 3, H, W), over the pixels as far as the mask (N, H, W) says."""
        self.pixels.lerp_(colour, mask.unsqueeze(1))

    def shade(self, mask: Tensor, dark: Tensor, light: Tensor, tone: Tensor) -> None:
        """Lay a mixture of two colours over the pixels: `dark` where the tone (N, H, W) is 0, `light` where it is 1."""
        self.paint(mask, dark)
        self.paint(tone.clamp(0, 1) * mask, light)

    def grain(self) -> Tensor:
        """A fixed fine texture, (1, H, W), about -1 to 1: wool, beards."""
        rows, columns = self.y.storage_offset(), self.x.storage_offset()
        return _texture(self.size)[:, rows : rows + self.y.shape[1], columns : columns + self.x.shape[2]]


@lru_cache(maxsize=4)
def _texture(size: int) -> Tensor:
    noise = torch.randn(1, 1, 64, 64, generator=seeded(0))
    smooth = torch.nn.functional.avg_pool2d(noise, (3, 1), stride=1, padding=(1, 0))  # short upright strokes
    return torch.nn.functional.interpolate(smooth, (size, size), mode="bicubic")[0].clamp(-1, 1)


def ellipse(x: Tensor, y: Tensor, width: float | Tensor, height: float | Tensor) -> Tensor:
    """Distance to an ellipse around 0 with these half axes, exact at its edge up to its elongation."""
    radius = ((x / width).square() + (y / height).square()).sqrt_()
    return radius.sub_(1).mul_(torch.as_tensor(width).minimum(torch.as_tensor(height)))


def box(x: Tensor, y: Tensor, width: float | Tensor, height: float | Tensor, corner: float | Tensor) -> Tensor:
    """Distance to a rectangle around 0 with these half sides and rounded corners."""
    across, down = x.abs() - (width - corner), y.abs() - (height - corner)
    outside = (across.clamp_min(0).square() + down.clamp_min(0).square()).sqrt()
    return outside + torch.maximum(across, down).clamp_max(0) - corner


def blob(x: Tensor, y: Tensor, width: float | Tensor, height: float | Tensor) -> Tensor:
    """A soft spot around 0: 1 in its middle, 0.37 at these distances from it."""
    return (x / width).square().neg().exp() * (y / height).square().neg().exp()


def step(values: Tensor, low: float, high: float) -> Tensor:
    """0 below `low`, 1 above `high`, smooth between."""
    t = ((values - low) / (high - low)).clamp(0, 1)
    return t * t * (3 - 2 * t)


def ramp(stops: tuple[tuple[int, int, int], ...], t: Tensor) -> Tensor:
    """The colour at `t` (N,), 0 to 1, on a ramp through equally spaced colours of 0 to 255: (N, 3, 1, 1), 0 to 1."""
    colours = torch.tensor(stops, dtype=torch.float32) / 255  # (K, 3)
    place = t.float().clamp(0, 1) * (len(stops) - 1)
    below = place.floor().clamp_max(len(stops) - 2).long()
    return torch.lerp(colours[below], colours[below + 1], (place - below).unsqueeze(1))[:, :, None, None]
