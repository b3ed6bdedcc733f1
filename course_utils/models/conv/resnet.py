"""A small residual pair without any normalisation, in the manner of R3GAN (Huang et al., "The GAN is dead; long live
the GAN! A Modern GAN Baseline", 2024), for 28, 32 or 64 pixels. Made for the relativistic loss with R1 and R2.

    28 pixels:   7 <-> 14 <-> 28                with 4, 2, 1 times ``base`` channels
    32 pixels:   4 <-> 8 <-> 16 <-> 32          with 8, 4, 2, 1 times ``base`` channels
    64 pixels:   4 <-> 8 <-> 16 <-> 32 <-> 64   with 8, 8, 4, 2, 1 times ``base`` channels

As there: residual blocks 1x1, 3x3, 1x1 with LeakyReLU between, bilinear resampling apart from the convolutions, 1x1
convolutions from and to colours, Fixup's initialisation (Zhang et al., 2019). Simpler than there: plain 3x3
convolutions instead of wide grouped ones (which take as long at this size), linear layers between ``z``, the smallest
feature maps and the logit, and tanh at the end, so that images are in [-1, 1] as in all models of the course.
"""

import math

import torch
import torch.nn.functional as F
from torch import nn

from course_utils.models.conv.dcgan import plan
from course_utils.models.layers import check_batch, check_sizes

# pixels: (size of the smallest feature maps, channels from there to the image in multiples of base)
STAGES = {28: (7, (4, 2, 1)), 32: (4, (8, 4, 2, 1)), 64: (4, (8, 8, 4, 2, 1))}
SLOPE = 0.2  # of LeakyReLU


def initialise(layer: nn.Conv2d | nn.Linear, gain: float = 1.0) -> nn.Module:
    """Weights from N(0, gain^2 / fan_in), which keeps the size of activations at gain 1; bias 0. Returns the layer."""
    nn.init.normal_(layer.weight, 0.0, gain / math.sqrt(layer.weight[0].numel()))
    if layer.bias is not None:
        nn.init.zeros_(layer.bias)
    return layer


class ResidualBlock(nn.Module):
    """x + f(x) with f a 1x1, a 3x3 and a 1x1 convolution: (B, C, H, W) to the same shape.

    ``depth`` is how many such blocks the network has. Fixup: the first two convolutions start at He's size times
    depth^(-1/4), the last at 0, so that every block starts as the identity and deep stacks need no normalisation.
    """

    def __init__(self, channels: int, depth: int):
        super().__init__()
        gain = math.sqrt(2 / (1 + SLOPE**2)) * depth ** (-1 / 4)
        self.into = initialise(nn.Conv2d(channels, channels, kernel_size=1), gain)
        self.middle = initialise(nn.Conv2d(channels, channels, kernel_size=3, padding=1), gain)
        self.out = initialise(nn.Conv2d(channels, channels, kernel_size=1, bias=False), gain=0.0)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = F.leaky_relu(self.into(x), SLOPE)  # (B, C, H, W)
        y = F.leaky_relu(self.middle(y), SLOPE)  # (B, C, H, W)
        return x + self.out(y)  # (B, C, H, W)


class Up(nn.Module):
    """(B, channels_in, H, W) to (B, channels_out, 2H, 2W): a 1x1 convolution, then bilinear interpolation."""

    def __init__(self, channels_in: int, channels_out: int):
        super().__init__()
        self.mix = initialise(nn.Conv2d(channels_in, channels_out, kernel_size=1, bias=False))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return F.interpolate(self.mix(x), scale_factor=2, mode="bilinear", align_corners=False)


class Down(nn.Module):
    """(B, channels_in, H, W) to (B, channels_out, H/2, W/2): the mean of every 2x2 pixels, then a 1x1 convolution."""

    def __init__(self, channels_in: int, channels_out: int):
        super().__init__()
        self.mix = initialise(nn.Conv2d(channels_in, channels_out, kernel_size=1, bias=False))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.mix(F.avg_pool2d(x, kernel_size=2))


def stages(widths: list[int], resample: type, blocks: int) -> nn.Sequential:
    """``blocks`` residual blocks at every width, and ``resample`` (``Up`` or ``Down``) from each width to the next."""
    layers = []
    for i, width in enumerate(widths):
        if i > 0:
            layers.append(resample(widths[i - 1], width))
        layers += [ResidualBlock(width, depth=blocks * len(widths)) for _ in range(blocks)]
    return nn.Sequential(*layers)


class Generator(nn.Module):
    """Maps ``z`` (B, latent_dim) to images (B, channels, image_size, image_size) in [-1, 1].

    ``blocks`` is the number of residual blocks at each size of the feature maps. Linear and 1x1 layers start at
    N(0, 1 / fan_in), blocks as ``ResidualBlock`` says. Raises ValueError for arguments that cannot be.
    """

    def __init__(
        self,
        latent_dim: int = 64,
        base: int = 16,
        image_size: int = 28,
        channels: int = 1,
        blocks: int = 1,
    ):
        super().__init__()
        check_sizes(latent_dim=latent_dim, base=base, channels=channels, blocks=blocks)
        self.latent_dim = latent_dim
        self.image_shape = (channels, image_size, image_size)
        size, widths = plan(image_size, base, STAGES)
        self.layers = nn.Sequential(  # at 28 pixels:
            initialise(nn.Linear(latent_dim, widths[0] * size * size)),  # (B, 4*base*7*7)
            nn.Unflatten(1, (widths[0], size, size)),  # (B, 4*base, 7, 7)
            stages(widths, Up, blocks),  # (B, base, 28, 28)
            initialise(nn.Conv2d(base, channels, kernel_size=1)),  # (B, channels, 28, 28)
            nn.Tanh(),
        )

    def forward(self, z: torch.Tensor) -> torch.Tensor:
        check_batch("z", z, (self.latent_dim,))
        return self.layers(z)  # (B, channels, image_size, image_size)


class Discriminator(nn.Module):
    """Maps images (B, channels, image_size, image_size) to one logit each, (B, 1): the generator run backwards.

    Each logit depends on its own image only, as R1 and R2 need it. Initialised as the generator. Raises ValueError
    for arguments that cannot be.
    """

    def __init__(self, base: int = 16, image_size: int = 28, channels: int = 1, blocks: int = 1):
        super().__init__()
        check_sizes(base=base, channels=channels, blocks=blocks)
        self.image_shape = (channels, image_size, image_size)
        size, widths = plan(image_size, base, STAGES)
        widths = widths[::-1]
        self.layers = nn.Sequential(  # at 28 pixels:
            initialise(nn.Conv2d(channels, base, kernel_size=1)),  # (B, base, 28, 28)
            stages(widths, Down, blocks),  # (B, 4*base, 7, 7)
            nn.Flatten(),  # (B, 4*base*7*7)
            initialise(nn.Linear(widths[-1] * size * size, 1)),  # (B, 1)
        )

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        check_batch("images", images, self.image_shape)
        return self.layers(images)  # (B, 1)
