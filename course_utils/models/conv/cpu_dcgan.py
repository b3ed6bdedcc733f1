"""A DCGAN made for a CPU: convolutions where images need them, matrix products everywhere else.

Images are (B, C, H, W) floats in [-1, 1], ``z`` is (B, latent_dim) from N(0, 1), logits are (B, 1); 28, 32, 48 or 64 pixels
in the stages of ``models.conv.dcgan``. Trained with ``SharedFakes`` and lazy R1, as ``benchmarks/recipes.py`` does.
Four things differ from DCGAN (Radford et al., 2016); ``benchmarks/RESULTS.md`` has the first two measured, and R1:

- ``z`` passes through fully connected layers first. With few channels, one linear layer and two convolutions cannot
  turn a point into the plan of a digit; hidden layers can, and cost next to nothing.
- The first feature maps are batch-normalised one by one (every channel at every position), not channel by channel.
  A channel can have variance 1 over its positions while all images are the same, and just that happens: the generator
  soon draws one picture for every ``z``. A single position cannot hide it.
- Sizes are doubled by a 3x3 convolution to four times the channels, whose outputs become 2x2 pixels (Shi et al., "Real-
  Time Single Image Super-Resolution", 2016), at the small size throughout.
- The discriminator has no normalisation, and a hidden layer before its logit.
"""

from itertools import pairwise

import torch
from torch import nn

from course_utils.models.conv.dcgan import discriminator_block, plan
from course_utils.models.dense import mlp
from course_utils.models.layers import check_batch, check_sizes


def double_size(channels_in: int, channels_out: int, bias: bool = False) -> nn.Sequential:
    """(B, channels_in, H, W) to (B, channels_out, 2H, 2W): a 3x3 convolution, then four channels become 2x2 pixels."""
    return nn.Sequential(
        nn.Conv2d(channels_in, 4 * channels_out, kernel_size=3, padding=1, bias=bias),  # (B, 4 * out, H, W)
        nn.PixelShuffle(2),  # (B, out, 2H, 2W)
    )


def generator_block(channels_in: int, channels_out: int) -> nn.Sequential:
    """Double the size, batch normalisation, ReLU: (B, channels_in, H, W) to (B, channels_out, 2H, 2W)."""
    return nn.Sequential(double_size(channels_in, channels_out), nn.BatchNorm2d(channels_out), nn.ReLU())


class Generator(nn.Module):
    """Maps ``z`` (B, latent_dim) to images (B, channels, image_size, image_size) in [-1, 1].

    ``mapping`` holds the widths of the fully connected layers. Weights keep torch's own start, uniform with deviation
    (3 fan_in)^(-1/2). Raises ValueError for sizes that cannot be, and for a batch of one in
    training mode.
    """

    def __init__(
        self,
        latent_dim: int = 64,
        base: int = 16,
        image_size: int = 28,
        channels: int = 1,
        mapping: tuple[int, ...] = (128, 256),
    ):
        super().__init__()
        check_sizes(latent_dim=latent_dim, base=base, channels=channels)
        check_sizes(**{f"mapping[{i}]": width for i, width in enumerate(mapping)})
        self.latent_dim = latent_dim
        self.image_shape = (channels, image_size, image_size)
        size, widths = plan(image_size, base)
        dense = [latent_dim, *mapping, widths[0] * size * size]
        self.layers = nn.Sequential(  # at 28 pixels:
            *[mlp.generator_block(a, b) for a, b in pairwise(dense)],  # (B, 128), (B, 256), (B, 2*base*7*7)
            nn.Unflatten(1, (widths[0], size, size)),  # (B, 2*base, 7, 7)
            *[generator_block(a, b) for a, b in pairwise(widths)],  # (B, base, 14, 14)
            double_size(widths[-1], channels, bias=True),  # (B, channels, 28, 28)
            nn.Tanh(),
        )

    def forward(self, z: torch.Tensor) -> torch.Tensor:
        check_batch("z", z, (self.latent_dim,))
        if self.training and len(z) < 2:
            raise ValueError(
                f"z: expected at least 2 latent vectors in training mode, where features are normalised over the batch, "
                f"got {len(z)}; call generator.eval() to draw a single image"
            )
        return self.layers(z)  # (B, channels, image_size, image_size)


class Discriminator(nn.Module):
    """Maps images (B, channels, image_size, image_size) to one logit each, (B, 1), each from its own image only.

    ``trunk``: DCGAN's blocks without normalisation, then ``hidden`` features; ``head``: from these to the logit. Weights
    keep torch's own start.
    Raises ValueError for sizes that cannot be.
    """

    def __init__(self, base: int = 16, image_size: int = 28, channels: int = 1, hidden: int = 128):
        super().__init__()
        check_sizes(base=base, channels=channels, hidden=hidden)
        self.image_shape = (channels, image_size, image_size)
        size, widths = plan(image_size, base)
        between = pairwise([channels, *reversed(widths)])
        self.trunk = nn.Sequential(  # at 28 pixels:
            *[discriminator_block(a, b, normalise="none") for a, b in between],  # (B, 2*base, 7, 7)
            nn.Flatten(),  # (B, 2*base*7*7)
            nn.Linear(widths[0] * size * size, hidden),  # (B, hidden)
            nn.LeakyReLU(0.2),
        )
        self.head = nn.Linear(hidden, 1)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        check_batch("images", images, self.image_shape)
        return self.head(self.trunk(images))  # (B, 1)
