"""House numbers in colour, 32 x 32 pixels, by the DCGAN made for a CPU (`models.conv.cpu_dcgan`).

`shapes` and `colours` are the features in which house numbers are measured, here and in the lesson on DCGAN.
"""

import torch
from torch import Tensor
from torch.nn import functional as F

from course_utils.callbacks import generate
from course_utils.checkpoints import long_training
from course_utils.checkpoints.checkpoint import Checkpoint
from course_utils.datasets import streets, to_float
from course_utils.metrics import digit_features, frechet_distance
from course_utils.models.conv import cpu_dcgan
from course_utils.runtime import seed_everything

LATENT_DIM = 64
SIZE = 32  # pixels a side
DRAWN = 60_000  # house numbers to learn from, of the 4,000 digits of the train split
LUMINANCE = (0.299, 0.587, 0.114)  # of red, green, blue
RECIPE = long_training.Recipe(image_size=SIZE, base=32, fall=(26_000, 36_000), gamma=(5.0, 0.5))


def network() -> cpu_dcgan.Generator:
    return cpu_dcgan.Generator(LATENT_DIM, base=32, image_size=SIZE, channels=3)


def train(steps: int, seed: int, run=None) -> cpu_dcgan.Generator:
    """The averaged generator after `steps` rounds on drawn house numbers of the train split."""
    seed_everything(seed)
    images = streets.draw("train", min(DRAWN, 64 * steps), seed=2).images  # (N, 3, 32, 32)
    return long_training.train(network(), images, RECIPE, steps, run=run)


def shapes(images: Tensor) -> Tensor:
    """Strokes and blur, no colour: the digit classifier's features (N, 64) of images (N, 3, 32, 32) in [-1, 1], in grey."""
    grey = (images * torch.tensor(LUMINANCE).view(1, 3, 1, 1)).sum(dim=1, keepdim=True)  # (N, 1, 32, 32)
    return digit_features(F.interpolate(grey, size=28, mode="bilinear", antialias=True).clamp(-1, 1))


def colours(images: Tensor) -> Tensor:
    """Colours, light and where they are, nothing fine: thumbnails of 4 x 4 pixels, (N, 3, 32, 32) to (N, 48)."""
    return F.adaptive_avg_pool2d(images, 4).flatten(1)


def measure(generator: cpu_dcgan.Generator) -> dict[str, float]:
    """Fréchet distances in shapes and in colours, to the 1,000 house numbers of the test split, beside their floors."""
    test = to_float(streets.load("test").images)  # (1000, 3, 32, 32)
    z = torch.randn(4000, LATENT_DIM, generator=torch.Generator().manual_seed(1))
    drawn = generate(generator, z)  # (4000, 3, 32, 32)
    training = to_float(streets.load("train").images)  # (4000, 3, 32, 32), not those that the generator learned from
    found = {}
    for features in (shapes, colours):
        real = features(test)  # (1000, 64 or 48)
        found[f"frechet_{features.__name__}"] = frechet_distance(features(drawn), real)
        found[f"floor_{features.__name__}"] = frechet_distance(features(training), real)
    return found


CHECKPOINT = Checkpoint(
    name="streets_dcgan",
    network=network,
    train=train,
    measure=measure,
    model="course_utils.models.conv.cpu_dcgan:Generator",
    data="60,000 house numbers drawn by course_utils.datasets.streets from the 4,000 digits of its train split, seed 2",
    licence="CC BY-SA 3.0, as the MNIST digits it was trained on",
    steps=RECIPE.fall[1],
    half=True,
    resumes=True,
)
