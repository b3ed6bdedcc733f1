"""A convolutional generator and discriminator: DCGAN (Radford, Metz and Chintala, 2016), for 28, 32, 48 or 64 pixels.

Images are (B, C, H, W) floats in [-1, 1], ``z`` is (B, latent_dim) from N(0, 1), logits are (B, 1). The generator
doubles the size layer by layer, the discriminator halves it:

    28 pixels:   7 <-> 14 <-> 28                with 2, 1 times ``base`` channels
    32 pixels:   4 <-> 8 <-> 16 <-> 32          with 4, 2, 1 times ``base`` channels
    48 pixels:   6 <-> 12 <-> 24 <-> 48         with 4, 2, 1 times ``base`` channels
    64 pixels:   4 <-> 8 <-> 16 <-> 32 <-> 64   with 8, 4, 2, 1 times ``base`` channels

Weights start as ``initialise`` says. The paper's width is ``base=128`` for 64 pixels; 16 to 32 do for digits.
"""

from itertools import pairwise

import torch
from torch import nn

from course_utils.models.layers import check_batch, check_choice, check_sizes

# pixels: (size of the smallest feature maps, channels from there to the image in multiples of base)
STAGES = {28: (7, (2, 1)), 32: (4, (4, 2, 1)), 48: (6, (4, 2, 1)), 64: (4, (8, 4, 2, 1))}


def plan(image_size: int, base: int, stages: dict = STAGES) -> tuple[int, list[int]]:
    """Pixels a side of the smallest feature maps, and the channels of all maps from there to the image.

    The discriminator goes through the widths backwards. Raises ValueError for a size that is not in ``stages``.
    """
    check_choice("image_size", image_size, stages)
    size, multiples = stages[image_size]
    return size, [int(base) * m for m in multiples]


def initialise(module: nn.Module) -> None:
    """Set the weights of one layer as DCGAN does; ``network.apply(initialise)`` does it for every layer.

    Convolutions (transposed ones too) and linear layers: weights from N(0, 0.02), biases 0.
    BatchNorm: scale from N(1, 0.02), bias 0. Other layers stay as they are.

    A well-known bug draws BatchNorm's scale from N(0, 0.02) like the rest. Every normalised channel is then made fifty
    times too small, once a layer, and Adam with a rate of 2e-4 needs thousands of steps to bring a scale back to 1.
    """
    if isinstance(module, nn.Conv2d | nn.ConvTranspose2d | nn.Linear):
        nn.init.normal_(module.weight, 0.0, 0.02)
    elif isinstance(module, nn.BatchNorm1d | nn.BatchNorm2d):
        nn.init.normal_(module.weight, 1.0, 0.02)  # around 1: the mean is what matters here
    else:
        return
    if module.bias is not None:
        nn.init.zeros_(module.bias)


def double_size(channels_in: int, channels_out: int, up: str = "transposed", bias: bool = False) -> nn.Module:
    """A layer from (B, channels_in, H, W) to (B, channels_out, 2H, 2W).

    ``up="transposed"``: a transposed convolution, 4x4 with stride 2 and padding 1; the kernel is a multiple of the
    stride, so that every pixel is covered equally often. ``up="nearest"``: every pixel is repeated 2x2, then a 3x3
    convolution; no checkerboards (Odena et al., 2016), at 2.25 times the multiplications.
    """
    if up == "transposed":
        return nn.ConvTranspose2d(channels_in, channels_out, kernel_size=4, stride=2, padding=1, bias=bias)
    check_choice("up", up, ("transposed", "nearest"))
    return nn.Sequential(
        nn.Upsample(scale_factor=2, mode="nearest"),  # (B, channels_in, 2H, 2W)
        nn.Conv2d(channels_in, channels_out, kernel_size=3, padding=1, bias=bias),
    )


def generator_block(channels_in: int, channels_out: int, up: str = "transposed") -> nn.Module:
    """One hidden layer of the generator: double the size as ``up`` says, then batch normalisation, then ReLU.

    Returns a module that maps (B, channels_in, H, W) to (B, channels_out, 2H, 2W). ``double_size`` makes its first
    layer, which needs no bias: batch normalisation would take it off again, and has a bias of its own.
    """
    return nn.Sequential(
        double_size(channels_in, channels_out, up),
        nn.BatchNorm2d(channels_out),
        nn.ReLU(),
    )


class Generator(nn.Module):
    """Maps ``z`` (B, latent_dim) to images (B, channels, image_size, image_size) in [-1, 1].

    A linear layer makes small feature maps, blocks double their size, a last layer draws the image, tanh bounds it.
    ``up`` is "transposed" or "nearest" (see ``double_size``). Raises ValueError for arguments that cannot be.
    """

    def __init__(
        self,
        latent_dim: int = 64,
        base: int = 32,
        image_size: int = 28,
        channels: int = 1,
        up: str = "transposed",
    ):
        super().__init__()
        check_sizes(latent_dim=latent_dim, base=base, channels=channels)
        self.latent_dim = latent_dim
        self.image_shape = (channels, image_size, image_size)
        size, widths = plan(image_size, base)
        self.layers = nn.Sequential(  # at 28 pixels:
            nn.Linear(latent_dim, widths[0] * size * size, bias=False),  # (B, 2*base*7*7)
            nn.Unflatten(1, (widths[0], size, size)),  # (B, 2*base, 7, 7)
            nn.BatchNorm2d(widths[0]),
            nn.ReLU(),
            *[generator_block(a, b, up) for a, b in pairwise(widths)],  # (B, base, 14, 14)
            double_size(widths[-1], channels, up, bias=True),  # (B, channels, 28, 28)
            nn.Tanh(),
        )
        self.apply(initialise)

    def forward(self, z: torch.Tensor) -> torch.Tensor:
        check_batch("z", z, (self.latent_dim,))
        return self.layers(z)  # (B, channels, image_size, image_size)


def discriminator_block(channels_in: int, channels_out: int, normalise: str = "batch") -> nn.Module:
    """One layer of the discriminator: a 4x4 convolution with stride 2 and padding 1, then batch normalisation if
    ``normalise`` is "batch" and nothing if it is "none" (the two values it may have), then LeakyReLU with slope 0.2.

    Returns a module that maps (B, channels_in, H, W) to (B, channels_out, H/2, W/2). The convolution needs its bias
    where no batch normalisation follows, and only there.
    """
    batch = normalise == "batch"
    return nn.Sequential(
        nn.Conv2d(channels_in, channels_out, kernel_size=4, stride=2, padding=1, bias=not batch),
        *([nn.BatchNorm2d(channels_out)] if batch else []),
        nn.LeakyReLU(0.2),
    )


class Discriminator(nn.Module):
    """Maps images (B, channels, image_size, image_size) to one logit each, (B, 1).

    Blocks halve the size, a linear layer gives the logit (on 4x4 feature maps it is the paper's last 4x4
    convolution). ``normalise="batch"`` puts batch normalisation into every block but the first; "none" into none,
    as a gradient penalty needs it. Without normalisation nothing would make up for weights as small as N(0, 0.02),
    so they keep torch's own start: uniform, deviation (3 fan_in)^(-1/2). Raises ValueError for arguments that
    cannot be.
    """

    def __init__(self, base: int = 32, image_size: int = 28, channels: int = 1, normalise: str = "batch"):
        super().__init__()
        check_sizes(base=base, channels=channels)
        check_choice("normalise", normalise, ("batch", "none"))
        self.image_shape = (channels, image_size, image_size)
        size, widths = plan(image_size, base)
        widths = widths[::-1]
        self.layers = nn.Sequential(  # at 28 pixels:
            discriminator_block(channels, base, normalise="none"),  # (B, base, 14, 14)
            *[discriminator_block(a, b, normalise) for a, b in pairwise(widths)],  # (B, 2*base, 7, 7)
            nn.Flatten(),  # (B, 2*base*7*7)
            nn.Linear(widths[-1] * size * size, 1),  # (B, 1)
        )
        if normalise == "batch":
            self.apply(initialise)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        check_batch("images", images, self.image_shape)
        return self.layers(images)  # (B, 1)
