"""Portraits of 48 x 48 pixels, made by a style-based generator (`models.style`); `portraits_stylegan_64` draws larger ones."""

import dataclasses

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
SIZE = 48  # pixels a side
WIDTHS = (96, 64, 32, 16)  # channels at 6, 12, 24, 48 pixels
DRAWN = 20_000  # portraits to learn from
MIXING = 0.5  # share of images with two styles
UNMIXED_STEPS = 3000  # before that none: with it the start is slower
RECIPE = Recipe(
    image_size=SIZE, base=24, fall=(10_000, 20_000), rate=2e-3, batch_size=32, gamma=(0.5, 0.05), gamma_steps=8000, every=8
)


def mix_later(gan: GAN, history: History) -> None:
    """A callback of `fit`: two styles in one image, once the generator draws portraits at all."""
    gan.generator.network.mixing = MIXING if history.step[-1] >= UNMIXED_STEPS else 0.0


@dataclasses.dataclass(frozen=True)
class Portraits:
    """A generator of portraits of one size: how it is made, trained and measured, as `Checkpoint` asks."""

    widths: tuple[int, ...]  # channels of the blocks, from the smallest size up
    recipe: Recipe

    @property
    def size(self) -> int:
        return self.recipe.image_size

    def network(self) -> Generator:
        return Generator(LATENT_DIM, self.size, self.widths)

    def train(self, steps: int, seed: int, run=None) -> Generator:
        """The averaged generator, on the CPU, after `steps` rounds on 20,000 drawn portraits, all attributes independent."""
        seed_everything(seed)
        images = portraits.draw(DRAWN, seed=1, size=self.size).images
        return train_long(self.network(), images, self.recipe, steps, (mix_later,), run)

    def measure(self, generator: Generator, samples: int = 4000) -> dict[str, float]:
        """Fréchet distances in the attribute classifier's features, to 2,000 portraits that nobody learned from."""
        from course_utils.checkpoints.portraits_classifier import features

        real = features(to_float(portraits.draw(2000, seed=2, size=self.size).images))  # (2000, 64)
        z = torch.randn(samples, LATENT_DIM, generator=torch.Generator().manual_seed(1))
        with torch.random.fork_rng(devices=[]):  # noise is drawn at every call
            torch.manual_seed(2)
            drawn = features(generate(generator, z))  # (4000, 64)
        others = features(to_float(portraits.draw(4000, seed=3, size=self.size).images))  # (4000, 64)
        return {"frechet_distance": frechet_distance(drawn, real), "frechet_floor": frechet_distance(others, real)}

    def checkpoint(self, name: str) -> Checkpoint:
        return Checkpoint(
            name=name,
            network=self.network,
            train=self.train,
            measure=self.measure,
            model="course_utils.models.style.generator:Generator",
            data=f"20,000 portraits drawn by course_utils.datasets.portraits, seed 1, {self.size} x {self.size} pixels",
            licence="MIT, as the code that drew them",
            steps=self.recipe.fall[1],
            half=True,
            resumes=True,
        )


CHECKPOINT = Portraits(WIDTHS, RECIPE).checkpoint("portraits_stylegan")
