"""A U-Net: a contracting path that sees more and more, an expanding path that says where, and skips between them.

Ronneberger, Fischer and Brox, "U-Net: Convolutional Networks for Biomedical Image Segmentation", 2015. Theirs is
`UNet(1, 2, (64, 128, 256, 512, 1024), padded=False)`, without normalisation: 572 pixels in, 388 out. Pix2Pix took the idea for
its generator.
"""

from itertools import pairwise

import torch
from torch import Tensor, nn


class DoubleConvolution(nn.Sequential):
    """Two 3 x 3 convolutions, each with normalisation and ReLU: (B, I, H, W) to (B, O, H, W).

    With ``padded=False`` each convolution uses only whole neighbourhoods, and takes a pixel off at every side: the result is
    (B, O, H - 4, W - 4). GroupNorm looks at one image at a time, so that training and evaluation do the same.
    """

    def __init__(self, in_channels: int, out_channels: int, padded: bool = True):
        layers = []
        for channels in (in_channels, out_channels):
            convolution = nn.Conv2d(channels, out_channels, 3, padding=1 if padded else 0, bias=False)
            layers += [convolution, nn.GroupNorm(1, out_channels), nn.ReLU()]
        super().__init__(*layers)


class ExpandingBlock(nn.Module):
    """Doubles the size, joins the skip, convolves twice: (B, 2C, H, W) and a skip (B, C, H', W') to C channels.

    1. A transposed convolution, 2 x 2 with stride 2, makes (B, C, 2H, 2W) of x.
    2. The skip may be larger, where convolutions are not padded. What is used is its centre, of 2H x 2W; where the margin is
       odd, the pixel more is cut off below and at the right.
    3. Both are joined along the channels, the skip first: (B, 2C, 2H, 2W).
    4. `DoubleConvolution` makes C channels of them: (B, C, 2H, 2W) with padding, (B, C, 2H - 4, 2W - 4) without.

    The constructor takes ``channels`` (C) and ``padded``. ``forward(x, skip)`` raises ValueError when the skip is smaller than
    2H x 2W.
    """

    def __init__(self, channels: int, padded: bool = True):
        super().__init__()
        self.up = nn.ConvTranspose2d(2 * channels, channels, 2, stride=2)
        self.convolutions = DoubleConvolution(2 * channels, channels, padded)

    def forward(self, x: Tensor, skip: Tensor) -> Tensor:
        x = self.up(x)  # (B, C, 2H, 2W)
        height, width = x.shape[2:]
        above, left = (skip.shape[2] - height) // 2, (skip.shape[3] - width) // 2
        if above < 0 or left < 0:
            raise ValueError(f"skip: expected at least {height} x {width}, got {skip.shape[2]} x {skip.shape[3]}")
        skip = skip[:, :, above : above + height, left : left + width]  # (B, C, 2H, 2W)
        return self.convolutions(torch.cat([skip, x], dim=1))


class UNet(nn.Module):
    """A whole U-Net: images (B, in_channels, H, W) to logits (B, out_channels, H', W').

    - Contracting path: a `DoubleConvolution` for each width, from in_channels to widths[0], from there to widths[1], and so on.
      Before each but the first, 2 x 2 max pooling halves the size.
    - Expanding path: an `ExpandingBlock` for each width but the last, the widest first. It gets what lies below it, and as
      skip the features of the contracting path that have its width.
    - At the end a 1 x 1 convolution from widths[0] to out_channels, and nothing behind it: logits are any numbers.

    Each width is twice the one before. With ``padded`` H' = H; without, every 3 x 3 convolution takes a pixel off at each side.

    - ``contract(x)`` returns a list of the features of every level, the finest first: ``len(widths)`` tensors.
    - ``expand(features)`` makes logits of such a list, and leaves the list as it is.
    - ``forward(x)`` does both, and raises ValueError where `check_side` does, for height or width.
    """

    def __init__(
        self, in_channels: int = 1, out_channels: int = 1, widths: tuple[int, ...] = (8, 16, 32), padded: bool = True
    ):
        super().__init__()
        self.padded = padded
        self.down = nn.ModuleList(DoubleConvolution(a, b, padded) for a, b in pairwise((in_channels, *widths)))
        self.up = nn.ModuleList(ExpandingBlock(width, padded) for width in reversed(widths[:-1]))
        self.pool = nn.MaxPool2d(2)
        self.head = nn.Conv2d(widths[0], out_channels, 1)

    def contract(self, x: Tensor) -> list[Tensor]:
        features = [self.down[0](x)]  # (B, widths[0], H, W)
        for block in self.down[1:]:
            features.append(block(self.pool(features[-1])))  # half the size, twice the channels
        return features

    def expand(self, features: list[Tensor]) -> Tensor:
        *skips, x = features
        for block, skip in zip(self.up, reversed(skips), strict=True):
            x = block(x, skip)
        return self.head(x)  # (B, out_channels, H', W')

    def forward(self, x: Tensor) -> Tensor:
        for side in x.shape[2:]:
            check_side(side, len(self.down) - 1, self.padded)
        return self.expand(self.contract(x))


def check_side(side: int, poolings: int, padded: bool = True) -> None:
    """Raises ValueError unless a picture of this many pixels can be halved so often, and something is left of it."""
    here = side
    for _ in range(poolings):
        here -= 0 if padded else 4
        if here < 2 or here % 2:
            raise ValueError(
                f"expected a side that can be halved {poolings} times, got {side}: {here} is odd or too small"
            )
        here //= 2
    if not padded and out_side(side, poolings) < 1:
        raise ValueError(f"expected a side of which something is left, got {side}")


def out_side(side: int, poolings: int) -> int:
    """Pixels that come out of a U-Net without padding. Each double convolution takes 4 off; a level down they count double."""
    return side - (12 * 2**poolings - 8)
