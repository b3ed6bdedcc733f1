"""Lesson c1w2, DCGAN: transposed convolution by hand, sizes, and the recipe with which the lesson trains its pair."""

import dataclasses
import time
from collections.abc import Callable
from itertools import pairwise

import torch
from torch import nn

from course_utils.callbacks import History
from course_utils.models import mlp
from course_utils.models.dcgan import STAGES, discriminator_block, double_size, generator_block, initialise
from course_utils.models.layers import check_choice
from course_utils.steps.shared_fakes import SharedFakes
from course_utils.training import EMA, GAN


def output_size(size: int, kernel: int, stride: int = 1, padding: int = 0, transposed: bool = False) -> int:
    """How many pixels come out along one side when ``size`` go in.

    A convolution puts its kernel at every place of the padded side, ``stride`` apart, where it fits entirely: the first
    place costs ``kernel`` pixels, each further one ``stride``. What is left at the end is ignored (rounded down).
    A transposed convolution is the way back: ``size`` kernels laid out ``stride`` apart, and ``padding`` pixels cut off
    at both ends.

    Returns a whole number. Raises ValueError when not a single pixel would come out.
    """
    # BEGIN SOLUTION
    if transposed:
        result = (size - 1) * stride + kernel - 2 * padding
    else:
        result = (size + 2 * padding - kernel) // stride + 1
    # END SOLUTION
    if result < 1:
        raise ValueError(
            f"size: expected a side that the kernel fits into, got {size}, which would give {result} pixels"
        )
    return result


def transposed_conv(x: torch.Tensor, weight: torch.Tensor, stride: int = 1, padding: int = 0) -> torch.Tensor:
    """A transposed convolution by hand: every input pixel stamps the kernel onto the output, weighted with itself.

        y[b, o, i * stride + u - padding, j * stride + v - padding] += x[b, c, i, j] * weight[c, o, u, v]

    summed over all c, i, j, u, v; what falls outside the output is cut off. Takes ``x`` (B, C, H, W) and ``weight``
    (C, O, K, K), input channels first as in ``nn.ConvTranspose2d``. Returns (B, O, H', W') with
    H' = (H - 1) * stride + K - 2 * padding, of the dtype of ``x`` and with its graph: what
    ``F.conv_transpose2d(x, weight, stride=stride, padding=padding)`` gives, without using that or ``nn.ConvTranspose2d``.
    """
    batch, _, height, width = x.shape
    _, channels, kernel, _ = weight.shape
    reach = stride * (height - 1) + 1, stride * (width - 1) + 1  # from the first stamp's corner to the last one's
    y = x.new_zeros(batch, channels, reach[0] + kernel - 1, reach[1] + kernel - 1)
    for u in range(kernel):
        for v in range(kernel):
            stamp = torch.einsum("bchw,co->bohw", x, weight[:, :, u, v])  # (B, O, H, W)
            y[:, :, u : u + reach[0] : stride, v : v + reach[1] : stride] += stamp
    return y[:, :, padding : y.shape[2] - padding, padding : y.shape[3] - padding]  # (B, O, H', W')


def generator(
    image_shape: tuple[int, int, int] = (1, 28, 28),
    latent_dim: int = 64,
    base: int = 16,
    up: str = "nearest",
    mapping: tuple[int, ...] = (128, 256),
    block=generator_block,
) -> nn.Sequential:
    """Maps ``z`` (B, latent_dim) to images (B, *image_shape) in [-1, 1]: dense layers, then blocks that double the size.

    ``block(channels_in, channels_out, up)`` makes one of them. The dense layers are the first lesson's; their batch
    normalisation takes every feature by itself, so that the first maps cannot become the same for all images.
    """
    channels, size, widths = _plan(image_shape, base)
    dense = [latent_dim, *mapping, widths[0] * size * size]
    return nn.Sequential(  # at 28 pixels:
        *[mlp.generator_block(a, b) for a, b in pairwise(dense)],  # (B, 128), (B, 256), (B, 2*base*7*7)
        nn.Unflatten(1, (widths[0], size, size)),  # (B, 2*base, 7, 7)
        *[block(a, b, up) for a, b in pairwise(widths)],  # (B, base, 14, 14)
        double_size(widths[-1], channels, up, bias=True),  # (B, channels, 28, 28)
        nn.Tanh(),
    )


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
    channels, size, widths = _plan(image_shape, base)
    widths = widths[::-1]
    return nn.Sequential(  # at 28 pixels:
        block(channels, widths[0], "none"),  # (B, base, 14, 14)
        *[block(a, b, normalise) for a, b in pairwise(widths)],  # (B, 2*base, 7, 7)
        nn.Flatten(),  # (B, 2*base*7*7)
        nn.Linear(widths[-1] * size * size, hidden),  # (B, hidden)
        nn.LeakyReLU(0.2),
        nn.Linear(hidden, 1),  # (B, 1)
    )


def _plan(image_shape: tuple[int, int, int], base: int) -> tuple[int, int, list[int]]:
    """Channels of the image, size of the smallest maps, and the channels from there to the image."""
    channels, image_size, _ = image_shape
    check_choice("image_size", image_size, STAGES)
    size, multiples = STAGES[image_size]
    return channels, size, [base * m for m in multiples]


class StopAfter:
    """A callback of ``training.fit`` that ends training after so many seconds of the processor, from its creation on.

    On one thread these are seconds of the clock, but they stand still while the machine works for somebody else.
    """

    def __init__(self, seconds: float):
        self.until = time.process_time() + seconds

    def __call__(self, gan: GAN, history: History) -> None:
        history.stop_requested |= time.process_time() >= self.until


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
        made = generator(self.image_shape, self.latent_dim, self.base, self.up).apply(initialise)
        return self.gan(made, discriminator(self.image_shape, self.base))

    def game(self, draw_z: Callable[[int], torch.Tensor]) -> SharedFakes:
        """The two training steps: one batch of fakes for both, and lazy R1."""
        return SharedFakes(draw_z, gamma=self.gamma)


DIGITS = Recipe()
STREETS = Recipe(image_shape=(3, 32, 32), batch_size=64, gamma=5.0)
