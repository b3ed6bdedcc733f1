"""The recipe with which the lesson on DCGAN trains its pair, on digits and on house numbers."""

import dataclasses
from collections.abc import Callable
from itertools import pairwise

import torch
from torch import nn

from course_utils.models.conv.dcgan import discriminator_block, double_size, generator_block, initialise, plan
from course_utils.models.dense import mlp
from course_utils.steps.shared_fakes import SharedFakes
from course_utils.training import EMA, GAN


def generator(
    image_shape: tuple[int, int, int] = (1, 28, 28),
    latent_dim: int = 64,
    base: int = 16,
    up: str = "nearest",
    mapping: tuple[int, ...] = (128, 256),
) -> nn.Module:
    """The lesson's generator, untrained: a module from ``z`` (B, latent_dim) to images (B, *image_shape) in [-1, 1].

    First the plan. ``image_shape`` is (channels, side, side). Halve the side as long as it is even and at least 8: that
    is the size of the first maps. Let k be the number of halvings. The generator doubles k times. The last maps before
    the image have ``base`` channels, the ones before them twice as many, and so on:

        28 pixels:   7 -> 14 -> 28               the maps before the image have 2, 1 times ``base`` channels
        32 pixels:   4 -> 8 -> 16 -> 32          4, 2, 1 times ``base`` channels
        64 pixels:   4 -> 8 -> 16 -> 32 -> 64    8, 4, 2, 1 times ``base`` channels

    Then the layers, in this order:

    1. fully connected, each an ``mlp.generator_block``: from ``latent_dim`` through every width in ``mapping`` to as many
       features as the first maps have numbers;
    2. these features become the first maps, (B, channels of the first maps, size, size);
    3. a ``generator_block`` with ``up`` from each number of channels to the next;
    4. ``double_size`` with ``up`` to the channels of the image, with a bias, since no batch normalisation follows;
    5. tanh.

    All its weights start as ``initialise`` says.
    """
    channels, size, _ = image_shape
    doublings = 0
    while size % 2 == 0 and size >= 8:
        size //= 2
        doublings += 1
    widths = [base * 2**i for i in reversed(range(doublings))]  # at 28 pixels: [2 * base, base]
    features = [latent_dim, *mapping, widths[0] * size * size]
    layers = nn.Sequential(
        *[mlp.generator_block(a, b) for a, b in pairwise(features)],  # (B, 128), (B, 256), (B, 2*base*7*7)
        nn.Unflatten(1, (widths[0], size, size)),  # (B, 2*base, 7, 7)
        *[generator_block(a, b, up) for a, b in pairwise(widths)],  # (B, base, 14, 14)
        double_size(widths[-1], channels, up, bias=True),  # (B, channels, 28, 28)
        nn.Tanh(),
    )
    return layers.apply(initialise)


def discriminator(
    image_shape: tuple[int, int, int] = (1, 28, 28),
    base: int = 16,
    hidden: int = 128,
    normalise: str = "none",
    block=discriminator_block,
) -> nn.Sequential:
    """Maps images (B, *image_shape) to one logit each, (B, 1): blocks that halve the size, then two dense layers.

    ``block(channels_in, channels_out, normalise)`` makes one of the blocks; the first has no normalisation.
    """
    channels, side, _ = image_shape
    size, widths = plan(side, base)
    widths = widths[::-1]
    return nn.Sequential(  # at 28 pixels:
        block(channels, widths[0], "none"),  # (B, base, 14, 14)
        *[block(a, b, normalise) for a, b in pairwise(widths)],  # (B, 2*base, 7, 7)
        nn.Flatten(),  # (B, 2*base*7*7)
        nn.Linear(widths[-1] * size * size, hidden),  # (B, hidden)
        nn.LeakyReLU(0.2),
        nn.Linear(hidden, 1),  # (B, 1)
    )


@dataclasses.dataclass(frozen=True)
class Recipe:
    """How the lesson trains its pair, on digits and on house numbers."""

    image_shape: tuple[int, int, int] = (1, 28, 28)
    latent_dim: int = 64
    base: int = 16  # channels of the largest feature maps
    up: str = "nearest"  # how the generator doubles a size
    batch_size: int = 128
    lr: float = 2e-3
    betas: tuple[float, float] = (0.0, 0.99)
    gamma: float = 0.5  # weight of R1, at one step in four
    ema_decay: float = 0.999

    def gan(self, generator: nn.Module, discriminator: nn.Module, ema=EMA) -> GAN:
        """The two networks with their optimisers and the average of the first."""
        average = ema(generator, self.ema_decay)
        return GAN.with_adam(generator, discriminator, self.lr, self.betas, average)

    def start(self) -> GAN:
        """A pair of fresh networks, made of the library's blocks."""
        made = generator(self.image_shape, self.latent_dim, self.base, self.up)
        return self.gan(made, discriminator(self.image_shape, self.base))

    def game(self, draw_z: Callable[[int], torch.Tensor]) -> SharedFakes:
        """The two training steps: one batch of fakes for both, and lazy R1."""
        return SharedFakes(draw_z, gamma=self.gamma)


DIGITS = Recipe()
MATRICES = dataclasses.replace(DIGITS, batch_size=64, lr=1e-3)  # for the fully connected networks of the first lesson
STREETS = Recipe(image_shape=(3, 32, 32), batch_size=64, gamma=5.0)
