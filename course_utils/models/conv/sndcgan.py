"""DCGAN with spectral normalisation: Miyato et al., "Spectral Normalization for Generative Adversarial Networks", 2018.

The generator is DCGAN's. The discriminator has no batch normalisation; instead every weight, as a matrix
(out, everything else), is divided by its largest singular value, so that no layer stretches its input by more than a
fixed factor. The singular value comes from power iteration: one step at each forward pass in training mode, its vectors
kept as buffers. Goes well with the hinge loss.
"""

from itertools import pairwise

import torch
from torch import nn
from torch.nn.utils.parametrizations import spectral_norm

from course_utils.models.conv.dcgan import Generator, initialise, plan
from course_utils.models.layers import check_batch, check_sizes

__all__ = ["Discriminator", "Generator", "discriminator_block"]


def discriminator_block(channels_in: int, channels_out: int) -> nn.Module:
    """One layer: a 4x4 convolution with stride 2 and padding 1, spectrally normalised, then LeakyReLU with slope 0.2.

    Returns a module that maps (B, channels_in, H, W) to (B, channels_out, H/2, W/2).
    """
    convolution = nn.Conv2d(channels_in, channels_out, kernel_size=4, stride=2, padding=1)
    initialise(convolution)  # before spectral_norm: after it, .weight is a result, not a parameter
    return nn.Sequential(spectral_norm(convolution), nn.LeakyReLU(0.2))


class Discriminator(nn.Module):
    """Maps images (B, channels, image_size, image_size) to one logit each, (B, 1).

    ``image_size`` is 28, 32, 48 or 64. Weights start from N(0, 0.02), biases at 0, as in DCGAN; the deviation makes no
    difference here, since every weight is divided by its own norm. Raises ValueError for arguments that cannot be.
    """

    def __init__(self, base: int = 32, image_size: int = 28, channels: int = 1):
        super().__init__()
        check_sizes(base=base, channels=channels)
        self.image_shape = (channels, image_size, image_size)
        size, widths = plan(image_size, base)
        widths = widths[::-1]
        last = nn.Linear(widths[-1] * size * size, 1)
        initialise(last)
        self.layers = nn.Sequential(  # at 28 pixels:
            discriminator_block(channels, base),  # (B, base, 14, 14)
            *[discriminator_block(a, b) for a, b in pairwise(widths)],  # (B, 2*base, 7, 7)
            nn.Flatten(),  # (B, 2*base*7*7)
            spectral_norm(last),  # (B, 1)
        )

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        check_batch("images", images, self.image_shape)
        return self.layers(images)  # (B, 1)
