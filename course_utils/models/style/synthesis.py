"""The synthesis network of StyleGAN: a learned constant becomes a picture, and every block asks w how to go on."""

import numbers
from collections.abc import Callable

import torch
from torch import nn
from torch.nn import functional as F

from course_utils.models.layers import check_sizes
from course_utils.models.style.modulation import ModulatedConv2d
from course_utils.models.style.noise import NoiseInjection


def stages(image_size: int) -> list[int]:
    """Pixels a side of all blocks, from the smallest: 32 is 4, 8, 16, 32, and 48 is 6, 12, 24, 48.

    The size is halved as long as it is even and at least 8. Raises ValueError for one that does not come down to 4 to 7.
    """
    sizes = [image_size]
    while isinstance(image_size, numbers.Integral) and sizes[0] % 2 == 0 and sizes[0] >= 8:
        sizes.insert(0, sizes[0] // 2)
    if not 4 <= sizes[0] <= 7:
        raise ValueError(
            f"image_size: expected 4 to 7 pixels doubled again and again, such as 32 or 48, got {image_size!r}"
        )
    return sizes


class StyledLayer(nn.Module):
    """A modulated 3x3 convolution, noise, a bias, LeakyReLU(0.2): (B, I, H, W) and w (B, w_dim) to (B, O, H, W).

    The result is multiplied by sqrt(2), so that the activation keeps the size of its input.
    """

    def __init__(self, in_channels: int, out_channels: int, w_dim: int):
        super().__init__()
        self.convolution = ModulatedConv2d(in_channels, out_channels, 3, w_dim)
        self.noise = NoiseInjection(out_channels)
        self.bias = nn.Parameter(torch.zeros(out_channels))

    def forward(self, x: torch.Tensor, w: torch.Tensor, noise: torch.Tensor | None = None) -> torch.Tensor:
        x = self.noise(self.convolution(x, w), noise)
        return F.leaky_relu(x + self.bias[:, None, None], 0.2) * 2**0.5


class ToRGB(nn.Module):
    """A modulated 1x1 convolution without demodulation, and a bias: (B, I, H, W) and w (B, w_dim) to (B, channels, H, W)."""

    def __init__(self, in_channels: int, channels: int, w_dim: int):
        super().__init__()
        self.convolution = ModulatedConv2d(in_channels, channels, 1, w_dim, demodulate=False)
        self.bias = nn.Parameter(torch.zeros(channels))

    def forward(self, x: torch.Tensor, w: torch.Tensor) -> torch.Tensor:
        return self.convolution(x, w) + self.bias[:, None, None]


class SynthesisBlock(nn.Module):
    """One size of the synthesis network: features (B, I, H, W) become (B, O, 2H, 2W), and a picture grows with them.

    In this order: features are doubled in size (each pixel becomes 2x2, "nearest"); ``first``, a ``StyledLayer`` from I to O
    channels; ``second``, another from O to O; ``to_rgb``, a ``ToRGB`` of the result. The picture so far, (B, channels, H, W),
    is doubled in size, too ("bilinear", align_corners=False), and what ``to_rgb`` gives is added to it: a skip connection, so
    that each block draws only what is new at its size. The first block (``grow=False``) doubles nothing, and gets None as the
    picture so far. All three layers get the same w (B, w_dim). ``noise`` is a pair of tensors (B, 1, 2H, 2W) for the two
    styled layers, or None: new noise at every call.

    Returns the features and the picture.
    """

    def __init__(self, in_channels: int, out_channels: int, w_dim: int = 64, channels: int = 3, grow: bool = True):
        super().__init__()
        check_sizes(in_channels=in_channels, out_channels=out_channels, w_dim=w_dim, channels=channels)
        self.grow = grow
        # BEGIN SOLUTION
        self.first = StyledLayer(in_channels, out_channels, w_dim)
        self.second = StyledLayer(out_channels, out_channels, w_dim)
        self.to_rgb = ToRGB(out_channels, channels, w_dim)
        # END SOLUTION

    def forward(
        self,
        x: torch.Tensor,
        picture: torch.Tensor | None,
        w: torch.Tensor,
        noise: tuple[torch.Tensor, torch.Tensor] | None = None,
    ) -> tuple[torch.Tensor, torch.Tensor]:
        # BEGIN SOLUTION
        noise = noise or (None, None)
        if self.grow:
            x = F.interpolate(x, scale_factor=2, mode="nearest")  # (B, I, 2H, 2W)
        x = self.first(x, w, noise[0])  # (B, O, 2H, 2W)
        x = self.second(x, w, noise[1])
        drawn = self.to_rgb(x, w)  # (B, channels, 2H, 2W)
        if picture is not None:
            drawn = drawn + F.interpolate(picture, scale_factor=2, mode="bilinear", align_corners=False)
        return x, drawn
        # END SOLUTION


class SynthesisNetwork(nn.Module):
    """Maps one w for each block, (B, blocks, w_dim), to images (B, channels, S, S) in [-1, 1].

    ``widths`` are the channels of the blocks, each twice as large as the one before: from ``smallest`` = 4 pixels three blocks
    draw 16 pixels, four 32. The input is a constant (1, widths[0], smallest, smallest) that is learned; everything that
    differs between images comes from w and from noise. ``noise`` is a pair of tensors for each block (`draw_noise`), or None.
    ``block`` makes the blocks and is called as `SynthesisBlock` is.
    """

    def __init__(
        self,
        widths: tuple[int, ...] = (32, 24, 16, 12),
        w_dim: int = 64,
        channels: int = 3,
        smallest: int = 4,
        block: Callable[..., nn.Module] = SynthesisBlock,
    ):
        super().__init__()
        check_sizes(**{f"widths[{i}]": width for i, width in enumerate(widths)}, w_dim=w_dim, channels=channels)
        check_sizes(smallest=smallest)
        self.constant = nn.Parameter(torch.randn(1, widths[0], smallest, smallest))
        into = (widths[0], *widths[:-1])
        self.blocks = nn.ModuleList(
            block(a, b, w_dim, channels, grow=i > 0) for i, (a, b) in enumerate(zip(into, widths, strict=True))
        )
        self.sizes = [smallest * 2**i for i in range(len(widths))]  # pixels a side, block by block

    def forward(self, w: torch.Tensor, noise: list | None = None) -> torch.Tensor:
        x, picture = self.constant.expand(len(w), -1, -1, -1), None
        for i, block in enumerate(self.blocks):
            x, picture = block(x, picture, w[:, i], noise[i] if noise else None)
        return picture.tanh()  # (B, channels, S, S)


def draw_noise(
    sizes: list[int], n: int = 1, strength: float = 1.0, generator: torch.Generator | None = None
) -> list[tuple[torch.Tensor, torch.Tensor]]:
    """Noise that stays: for each block a pair (n, 1, size, size), to be handed to the synthesis network again and again.

    ``strength=0`` switches noise off. n = 1 gives all images of a batch the same noise.
    """
    return [tuple(strength * torch.randn(n, 1, size, size, generator=generator) for _ in range(2)) for size in sizes]
