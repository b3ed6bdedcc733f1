"""The two kinds of network of CycleGAN, small: a translator from image to image, and a discriminator of patches.

The generator of Zhu et al. (2017) halves its maps twice and has nine residual blocks at 256 pixels. At 32 to 64 pixels one
halving and two blocks do.
"""

import torch
from torch import nn

from course_utils.models.layers import check_sizes


class ResidualBlock(nn.Module):
    """x + F(x), with F two 3 x 3 convolutions, each normalised for each image: (B, C, H, W) to the same shape."""

    def __init__(self, channels: int):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(channels, channels, 3, padding=1, bias=False),
            nn.InstanceNorm2d(channels, affine=True),
            nn.ReLU(),
            nn.Conv2d(channels, channels, 3, padding=1, bias=False),
            nn.InstanceNorm2d(channels, affine=True),
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + self.layers(x)


class Generator(nn.Module):
    """Translates images (B, channels, H, W) in [-1, 1] into others of the same shape, about in [-1, 1]; H and W are even.

    Each square of 2 x 2 pixels becomes one position with four times the channels, so that all convolutions work at half the
    size; ``blocks`` residual blocks of ``width`` channels follow, and the way back. Only the branches of the blocks are
    normalised, and no tanh bends the end, so that the colours of an image pass through. A new generator returns what it is
    given: it has to learn what to change, not how to copy. ``width`` is at least 4 * ``channels``. Raises ValueError for
    sizes that cannot be, and for images of another number of channels or an odd size.
    """

    def __init__(self, width: int = 24, blocks: int = 2, channels: int = 3):
        super().__init__()
        check_sizes(width=width, blocks=blocks, channels=channels)
        if width < 4 * channels:
            raise ValueError(f"width: expected at least 4 channels for each of {channels} colours, got {width}")
        self.channels = channels
        self.layers = nn.Sequential(
            nn.PixelUnshuffle(2),  # (B, 4c, H/2, W/2)
            nn.Conv2d(4 * channels, width, 3, padding=1),  # (B, w, H/2, W/2)
            *(ResidualBlock(width) for _ in range(blocks)),
            nn.Conv2d(width, 4 * channels, 3, padding=1),  # (B, 4c, H/2, W/2)
            nn.PixelShuffle(2),  # (B, c, H, W)
        )
        self._start()

    @torch.no_grad()
    def _start(self) -> None:
        """Colours go straight through the first and the last convolution, and the branches add nothing yet."""
        first, last = self.layers[1], self.layers[-2]
        colours = first.in_channels
        nn.init.dirac_(first.weight[:colours])
        nn.init.dirac_(last.weight)
        nn.init.zeros_(first.bias)
        nn.init.zeros_(last.bias)
        for module in self.modules():
            if isinstance(module, ResidualBlock):
                nn.init.zeros_(module.layers[-1].weight)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        _check_images(x, self.channels, 2)
        return self.layers(x)


class Discriminator(nn.Module):
    """A score for each patch of 22 x 22 pixels: images (B, channels, H, W) to (B, 1, H/4 - 1, W/4 - 1).

    Scores are not logits: with least squares 1 stands for real and 0 for fake. H and W are multiples of 4, 12 at least.
    Raises ValueError for sizes that cannot be.
    """

    def __init__(self, width: int = 16, channels: int = 3):
        super().__init__()
        check_sizes(width=width, channels=channels)
        self.channels = channels
        self.layers = nn.Sequential(
            nn.Conv2d(channels, width, 4, stride=2, padding=1),  # (B, w, H/2, W/2), sees 4 x 4
            nn.LeakyReLU(0.2),
            nn.Conv2d(width, 2 * width, 4, stride=2, padding=1, bias=False),  # (B, 2w, H/4, W/4), sees 10 x 10
            nn.InstanceNorm2d(2 * width, affine=True),
            nn.LeakyReLU(0.2),
            nn.Conv2d(2 * width, 1, 4, padding=1),  # (B, 1, H/4 - 1, W/4 - 1), sees 22 x 22
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        _check_images(x, self.channels, 4)
        return self.layers(x)


def _check_images(x: torch.Tensor, channels: int, multiple: int) -> None:
    if x.dim() != 4 or x.shape[1] != channels or x.shape[2] % multiple or x.shape[3] % multiple:
        raise ValueError(
            f"x: expected images (B, {channels}, H, W) with sides that are multiples of {multiple}, got {tuple(x.shape)}"
        )
