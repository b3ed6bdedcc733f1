"""Portraits of 48 x 48 pixels, made by the DCGAN for a CPU (`models.conv.cpu_dcgan`): for lessons that steer a generator."""

import torch

from course_utils.callbacks import generate
from course_utils.checkpoints import long_training
from course_utils.checkpoints.checkpoint import Checkpoint
from course_utils.datasets import portraits, to_float
from course_utils.metrics import frechet_distance
from course_utils.models.conv import cpu_dcgan
from course_utils.runtime import seed_everything

LATENT_DIM = 64
SIZE = 48  # pixels a side
DRAWN = 100_000  # portraits to learn from
RECIPE = long_training.Recipe(image_size=SIZE, base=24, fall=(15_000, 30_000), gamma=(2.0, 0.5), gamma_steps=20_000)


def network() -> cpu_dcgan.Generator:
    return cpu_dcgan.Generator(LATENT_DIM, base=24, image_size=SIZE, channels=3)


def train(steps: int, seed: int, run=None) -> cpu_dcgan.Generator:
    """The averaged generator, on the CPU, after `steps` rounds on 100,000 drawn portraits, all attributes independent."""
    seed_everything(seed)
    return long_training.train(network(), portraits.draw(DRAWN, seed=1, size=SIZE).images, RECIPE, steps, run=run)


def measure(generator: cpu_dcgan.Generator) -> dict[str, float]:
    """Fréchet distances in the attribute classifier's features, to 2,000 portraits that nobody learned from."""
    from course_utils.checkpoints.portraits_classifier import features

    real = features(to_float(portraits.draw(2000, seed=2, size=SIZE).images))  # (2000, 64)
    z = torch.randn(4000, LATENT_DIM, generator=torch.Generator().manual_seed(1))
    drawn = features(generate(generator, z))  # (4000, 64)
    others = features(to_float(portraits.draw(4000, seed=3, size=SIZE).images))  # (4000, 64)
    return {"frechet_distance": frechet_distance(drawn, real), "frechet_floor": frechet_distance(others, real)}


CHECKPOINT = Checkpoint(
    name="portraits_generator",
    network=network,
    train=train,
    measure=measure,
    model="course_utils.models.conv.cpu_dcgan:Generator",
    data="100,000 portraits drawn by course_utils.datasets.portraits, seed 1, 48 x 48 pixels",
    licence="MIT, as the code that drew them",
    steps=RECIPE.fall[1],
    half=True,
    resumes=True,
)
