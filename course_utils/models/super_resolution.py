"""Super-resolution: how pictures are made small, and a network that makes them four times as large.

A small SRResNet (Ledig et al., "Photo-Realistic Single Image Super-Resolution Using a Generative Adversarial Network", 2017)
without BatchNorm, whose statistics of a batch leave marks in the pictures. Pictures are (B, 3, H, W) floats in [-1, 1].
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from course_utils.models.layers import check_sizes

FACTOR = 4


def shrink(images: Tensor) -> Tensor:
    """The mean of each block of 4 x 4 pixels: (B, C, 4H, 4W) to (B, C, H, W)."""
    return F.avg_pool2d(images, FACTOR)


def bicubic(small: Tensor) -> Tensor:
    """Four times as large by cubic interpolation, not clipped: (B, C, H, W) to (B, C, 4H, 4W)."""
    return F.interpolate(small, scale_factor=FACTOR, mode="bicubic", align_corners=False)


def back_projected(large: Tensor, small: Tensor) -> Tensor:
    """The nearest picture to ``large`` (B, C, 4H, 4W) that becomes exactly ``small`` (B, C, H, W) when it is shrunk.

    Each block of 4 x 4 pixels gets what its mean lacks: the orthogonal projection onto the pictures that fit.
    """
    return large + F.interpolate(small - shrink(large), scale_factor=FACTOR, mode="nearest")


def icnr_(weight: Tensor, factor: int = FACTOR) -> Tensor:
    """Fill the weights of a convolution before ``nn.PixelShuffle(factor)`` so that nothing of its grid shows at the start.

    ``weight`` is (C * factor^2, in, k, k). Pixel shuffle makes one output channel of ``factor^2`` consecutive input channels,
    one for each place in a block. ICNR draws one kernel for each output channel, with ``nn.init.kaiming_normal_`` on
    (C, in, k, k), and gives it to all ``factor^2`` of them. The layer then starts as a convolution whose result is enlarged by
    repeating pixels (Aitken et al., "Checkerboard artifact free sub-pixel convolution", 2017).

    Changes ``weight`` in place, without a graph, and returns it. Raises ValueError when ``factor^2`` does not divide its
    length.
    """
    if len(weight) % factor**2:
        raise ValueError(f"weight: expected a multiple of {factor**2} output channels, got {len(weight)}")
    # BEGIN SOLUTION
    with torch.no_grad():
        kernels = torch.empty_like(weight[:: factor**2])  # (C, in, k, k)
        nn.init.kaiming_normal_(kernels)
        return weight.copy_(kernels.repeat_interleave(factor**2, dim=0))
    # END SOLUTION


class ResidualBlock(nn.Module):
    """x + convolution(ReLU(convolution(x))), 3 x 3 each, no norm: (B, C, H, W) to (B, C, H, W)."""

    def __init__(self, channels: int):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(channels, channels, 3, padding=1), nn.ReLU(), nn.Conv2d(channels, channels, 3, padding=1)
        )

    def forward(self, x: Tensor) -> Tensor:
        return x + self.layers(x)


class Upscaler(nn.Module):
    """Maps small pictures (B, 3, H, W) to large ones (B, 3, 4H, 4W); both are in about [-1, 1], and nothing is clipped.

    It adds what bicubic interpolation lacks. In this order, all convolutions 3 x 3 with padding 1:

    - ``first``: a convolution from 3 to ``width`` channels, then ReLU;
    - ``body``: ``blocks`` times ``ResidualBlock(width)``;
    - ``up``: a convolution to 16 ``fine`` channels, with weights from ``icnr_`` and a bias of 0, pixel shuffle by 4,
      then ReLU: (B, fine, 4H, 4W);
    - ``last``: a convolution to 3 channels, whose weights and bias start at 0.

    The output is ``bicubic(small)`` plus what ``last`` gives, so that it begins as bicubic interpolation. No norm and no
    activation at the end. Raises ValueError for sizes below 1.
    """

    def __init__(self, width: int = 32, blocks: int = 4, fine: int = 8):
        super().__init__()
        check_sizes(width=width, blocks=blocks, fine=fine)
        # BEGIN SOLUTION
        self.first = nn.Sequential(nn.Conv2d(3, width, 3, padding=1), nn.ReLU())
        self.body = nn.Sequential(*(ResidualBlock(width) for _ in range(blocks)))
        wide = nn.Conv2d(width, FACTOR**2 * fine, 3, padding=1)
        icnr_(wide.weight)
        nn.init.zeros_(wide.bias)
        self.up = nn.Sequential(wide, nn.PixelShuffle(FACTOR), nn.ReLU())
        self.last = nn.Conv2d(fine, 3, 3, padding=1)
        nn.init.zeros_(self.last.weight)
        nn.init.zeros_(self.last.bias)
        # END SOLUTION

    def forward(self, small: Tensor) -> Tensor:
        # BEGIN SOLUTION
        features = self.body(self.first(small))  # (B, width, H, W)
        return bicubic(small) + self.last(self.up(features))  # (B, 3, 4H, 4W)
        # END SOLUTION
