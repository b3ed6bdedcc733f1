"""Recipes of the course for pictures of 32 pixels, behind one call: ``train("DCGAN", images, settings, seed)``."""

import dataclasses
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import torch
from torch import Tensor

from course_utils.augment import DiffAugment
from course_utils.callbacks import generate
from course_utils.checkpoints.long_training import falling_rates
from course_utils.models.conv import cpu_dcgan, dcgan
from course_utils.models.pix2pix import PatchDiscriminator, Translator
from course_utils.models.style.generator import Generator as StyleGenerator
from course_utils.processor_time import StopAfter
from course_utils.runtime import seed_everything
from course_utils.steps.augmented_shared import AugmentedSharedFakes
from course_utils.steps.pix2pix import Translation
from course_utils.training import GAN, fit

LATENT = 64
SIZE = 32  # pixels a side of a crop
STRIDE = 24  # pixels from one crop to learn from to the next
AUGMENT = DiffAugment(shift=4, brightness=0.2, contrast=0.2, hole=10)
ADDED = {"DCGAN": "R1", "StyleGAN": "R1", "Pix2Pix": "L1"}  # what each recipe adds to the game's losses


class Settings(NamedTuple):
    """The same for all recipes."""

    steps: int = 900
    batch_size: int = 32
    rate: float = 1e-3  # of both players, in the first half; then it falls to a fiftieth
    gamma: float = 0.1  # of R1, which Pix2Pix does without
    base: int = 24  # channels
    ema: float = 0.995


def train(
    recipe: str,
    images: Tensor,
    settings: Settings,
    seed: int,
    augment: Callable | None = None,
    inputs: Tensor | None = None,
    callbacks: tuple = (),
    run=None,
):
    """Train on images (N, 3, 32, 32), floats in [-1, 1] or uint8; returns the players and the history.

    ``recipe`` is "DCGAN", "StyleGAN" or "Pix2Pix". The last one needs ``inputs``, one for each image and of the same kind,
    from which the image is to be made; the others take none. ``augment`` is T of DiffAugment, or None.
    """
    if recipe not in ADDED:
        raise ValueError(f"recipe: expected one of {', '.join(ADDED)}, got {recipe!r}")
    if (inputs is not None) != (recipe == "Pix2Pix"):
        raise ValueError(f"inputs: expected one for each image with Pix2Pix, and none without, got {recipe!r}")
    seed_everything(seed)
    generator, discriminator = _players(recipe, settings.base)
    gan = GAN.with_adam(generator, discriminator, settings.rate, ema=settings.ema)
    if inputs is None:
        game = AugmentedSharedFakes(lambda n: torch.randn(n, LATENT), augment, gamma=settings.gamma)
        data = pixels(images)
    else:
        game, data = AugmentedTranslation(augment), (pixels(images), pixels(inputs))
    options = {"steps": settings.steps, "batch_size": settings.batch_size, "log_every": 25, "run": run}
    watched = (StopAfter(float("inf")), partial(falling_rates, rate=settings.rate), *callbacks)
    return gan, fit(gan, data, game, callbacks=watched, **options)


def used(recipe: str, settings: Settings) -> dict:
    """Name and value of each setting that a recipe reads: Pix2Pix has no R1, so no ``gamma``."""
    return {name: value for name, value in settings._asdict().items() if name != "gamma" or ADDED[recipe] == "R1"}


def _players(recipe: str, base: int):
    """The generator and the discriminator of a recipe."""
    if recipe == "Pix2Pix":
        return Translator(base), PatchDiscriminator(1, base)  # each logit sees 16 x 16 pixels
    generator = _dcgan(base) if recipe == "DCGAN" else StyleGenerator(LATENT, SIZE)
    return generator, cpu_dcgan.Discriminator(base, SIZE, channels=3)


def _dcgan(base: int):
    return dcgan.Generator(LATENT, base, SIZE, channels=3, up="nearest")  # transposed convolutions leave a grid


class AugmentedTranslation(Translation):
    """``Translation`` whose discriminator sees no pair that has not passed ``augment``; picture and input change alike."""

    def __init__(self, augment: Callable | None = None, **options):
        super().__init__(**options)
        self.augment = augment

    def round(self, gan, draw):
        return super().round(dataclasses.replace(gan, discriminator=self._behind(gan.discriminator)), draw)

    def _behind(self, discriminator):
        def seen(image, condition):
            pair = self.augment(torch.cat([image, condition], dim=1))
            return discriminator(*pair.split([image.shape[1], condition.shape[1]], dim=1))

        return seen if self.augment else discriminator


def untrained(count: int, settings: Settings, seed: int = 0) -> Tensor:
    """So many pictures of a DCGAN that has learned nothing: (count, 3, 32, 32)."""
    seed_everything(seed)
    return generate(_dcgan(settings.base), torch.randn(count, LATENT))


def pixels(images: Tensor) -> Tensor:
    """Images in [-1, 1] as uint8, which is what ``fit`` draws from; uint8 as it is."""
    if images.dtype == torch.uint8:
        return images
    return ((images + 1) * 127.5).round().clamp(0, 255).to(torch.uint8)


def draw(gan: GAN, count: int, seed: int = 0, inputs: Tensor | None = None) -> Tensor:
    """So many pictures of the averaged generator, always from the same z: (count, 3, 32, 32).

    With ``inputs``, for Pix2Pix, one picture of each of the first ``count`` inputs: there may be fewer.
    """
    if inputs is not None:
        return generate(gan.shown, inputs[:count])
    return generate(gan.shown, torch.randn(count, LATENT, generator=torch.Generator().manual_seed(seed)))
