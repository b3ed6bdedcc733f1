"""Portraits of 64 x 64 pixels, made by a style-based generator (`models.style`): for the lesson that takes it apart."""

import torch

from course_utils.callbacks import History, generate
from course_utils.checkpoints.checkpoint import Checkpoint
from course_utils.checkpoints.long_training import Recipe
from course_utils.checkpoints.long_training import train as train_long
from course_utils.datasets import portraits, to_float
from course_utils.metrics import frechet_distance
from course_utils.models.style.generator import Generator
from course_utils.runtime import seed_everything
from course_utils.training import GAN

LATENT_DIM = 64
SIZE = 64  # pixels a side
WIDTHS = (96, 64, 48, 24, 12)  # channels at 4, 8, 16, 32, 64 pixels
DRAWN = 20_000  # portraits to learn from
MIXING = 0.5  # share of images with two styles
UNMIXED_STEPS = 3000  # before that none: with it the start is slower
RECIPE = Recipe(
    image_size=SIZE, base=16, fall=(9000, 17_000), rate=2e-3, batch_size=32, gamma=(0.5, 0.05), gamma_steps=8000, every=8
)


def network() -> Generator:
    return Generator(LATENT_DIM, SIZE, WIDTHS)


def mix_later(gan: GAN, history: History) -> None:
    """A callback of `fit`: two styles in one image, once the generator draws portraits at all."""
    gan.generator.network.mixing = MIXING if history.step[-1] >= UNMIXED_STEPS else 0.0


def train(steps: int, seed: int, callbacks: tuple = ()) -> Generator:
    """The averaged generator after `steps` rounds on 20,000 drawn portraits, all attributes independent."""
    seed_everything(seed)
    images = portraits.draw(DRAWN, seed=1, size=SIZE).images
    return train_long(network(), images, RECIPE, steps, (mix_later, *callbacks))


def measure(generator: Generator, samples: int = 4000) -> dict[str, float]:
    """Fréchet distances in the attribute classifier's features, to 2,000 portraits that nobody learned from."""
    from course_utils.checkpoints.portraits_classifier import features

    real = features(to_float(portraits.draw(2000, seed=2, size=SIZE).images))  # (2000, 64)
    z = torch.randn(samples, LATENT_DIM, generator=torch.Generator().manual_seed(1))
    with torch.random.fork_rng(devices=[]):  # noise is drawn at every call
        torch.manual_seed(2)
        drawn = features(generate(generator, z))  # (4000, 64)
    others = features(to_float(portraits.draw(4000, seed=3, size=SIZE).images))  # (4000, 64)
    return {"frechet_distance": frechet_distance(drawn, real), "frechet_floor": frechet_distance(others, real)}


CHECKPOINT = Checkpoint(
    name="portraits_stylegan",
    network=network,
    train=train,
    measure=measure,
    model="course_utils.models.style.generator:Generator",
    data="20,000 portraits drawn by course_utils.datasets.portraits, seed 1, 64 x 64 pixels",
    licence="MIT, as the code that drew them",
    steps=17_000,
    half=True,
)
