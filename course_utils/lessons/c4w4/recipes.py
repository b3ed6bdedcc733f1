"""Recipes of the course for pictures of 32 pixels, behind one call: ``train("DCGAN", images, settings, seed)``."""

from functools import partial
from typing import NamedTuple

import torch
from torch import Tensor

from course_utils.augment import DiffAugment
from course_utils.callbacks import generate
from course_utils.checkpoints.portraits_generator import falling_rates
from course_utils.models.conv import cpu_dcgan, dcgan
from course_utils.models.style.generator import Generator as StyleGenerator
from course_utils.processor_time import StopAfter
from course_utils.runtime import seed_everything
from course_utils.steps.augmented_shared import AugmentedSharedFakes
from course_utils.training import GAN, fit

LATENT = 64
SIZE = 32  # pixels a side of a crop
STRIDE = 24  # pixels from one crop to learn from to the next
AUGMENT = DiffAugment(shift=4, brightness=0.2, contrast=0.2, hole=10)


class Settings(NamedTuple):
    """The same for all recipes."""

    steps: int = 900
    batch_size: int = 32
    rate: float = 1e-3  # of both players, in the first half; then it falls to a fiftieth
    gamma: float = 0.1  # of R1
    base: int = 24  # channels
    ema: float = 0.995


def train(generator: str, images: Tensor, settings: Settings, seed: int, augment=None, callbacks: tuple = (), run=None):
    """Train on images (N, 3, 32, 32), floats in [-1, 1] or uint8; returns the players and the history.

    ``generator`` is "DCGAN" or "StyleGAN"; ``augment`` is T of DiffAugment, or None.
    """
    seed_everything(seed)
    makes = {
        "DCGAN": lambda: dcgan.Generator(LATENT, settings.base, SIZE, channels=3),
        "StyleGAN": lambda: StyleGenerator(LATENT, SIZE),
    }
    if generator not in makes:
        raise ValueError(f"generator: expected one of {', '.join(makes)}, got {generator!r}")
    players = makes[generator](), cpu_dcgan.Discriminator(settings.base, SIZE, channels=3)
    gan = GAN.with_adam(*players, settings.rate, ema=settings.ema)
    game = AugmentedSharedFakes(lambda n: torch.randn(n, LATENT), augment, gamma=settings.gamma)
    options = {"steps": settings.steps, "batch_size": settings.batch_size, "log_every": 25, "run": run}
    watched = (StopAfter(float("inf")), partial(falling_rates, rate=settings.rate), *callbacks)
    history = fit(gan, pixels(images), game, callbacks=watched, **options)
    return gan, history


def untrained(count: int, settings: Settings, seed: int = 0) -> Tensor:
    """So many pictures of a DCGAN that has learned nothing: (count, 3, 32, 32)."""
    seed_everything(seed)
    generator = dcgan.Generator(LATENT, settings.base, SIZE, channels=3)
    return generate(generator, torch.randn(count, LATENT))


def pixels(images: Tensor) -> Tensor:
    """Images in [-1, 1] as uint8, which is what ``fit`` draws from; uint8 as it is."""
    if images.dtype == torch.uint8:
        return images
    return ((images + 1) * 127.5).round().clamp(0, 255).to(torch.uint8)


def draw(gan: GAN, count: int, seed: int = 0) -> Tensor:
    """So many pictures of the averaged generator, always from the same z: (count, 3, 32, 32)."""
    z = torch.randn(count, LATENT, generator=torch.Generator().manual_seed(seed))
    return generate(gan.shown, z)
