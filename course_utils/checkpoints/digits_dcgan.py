"""Handwritten digits by the DCGAN made for a CPU (`models.conv.cpu_dcgan`): for lessons that start from a good generator."""

import torch

from course_utils.callbacks import generate
from course_utils.checkpoints import long_training
from course_utils.checkpoints.checkpoint import Checkpoint
from course_utils.datasets import digits, to_float
from course_utils.metrics import digit_features, frechet_distance
from course_utils.models.conv import cpu_dcgan
from course_utils.runtime import device, seed_everything
from course_utils.steps.shared_fakes import SharedFakes
from course_utils.training import GAN, fit

LATENT_DIM = 64


def train(steps: int, seed: int, run=None) -> cpu_dcgan.Generator:
    """The averaged generator, on the CPU, after `steps` rounds on the 4,000 embedded training digits."""
    seed_everything(seed)
    generator, discriminator = cpu_dcgan.Generator(LATENT_DIM).to(device()), cpu_dcgan.Discriminator().to(device())
    gan = GAN.with_adam(generator, discriminator, 2e-3, ema=0.999)
    game = SharedFakes(lambda n: torch.randn(n, LATENT_DIM, device=device()), gamma=0.5)
    history = fit(gan, digits.load("train").images, game, steps=steps, batch_size=128, log_every=100, run=run)
    long_training.refuse_half(history, run)
    return gan.shown.cpu()


def measure(generator: cpu_dcgan.Generator) -> dict[str, float]:
    """Fréchet distances in the digit classifier's features, to the 1,000 held-out digits."""
    real = digit_features(to_float(digits.load("test").images))  # (1000, 64)
    z = torch.randn(4000, LATENT_DIM, generator=torch.Generator().manual_seed(1))
    drawn = digit_features(generate(generator, z))  # (4000, 64)
    training = digit_features(to_float(digits.load("train").images))  # (4000, 64)
    return {"frechet_distance": frechet_distance(drawn, real), "frechet_floor": frechet_distance(training, real)}


CHECKPOINT = Checkpoint(
    name="digits_dcgan",
    network=lambda: cpu_dcgan.Generator(LATENT_DIM),
    train=train,
    measure=measure,
    model="course_utils.models.conv.cpu_dcgan:Generator",
    data="digits.npz, train split: 4,000 MNIST digits",
    licence="CC BY-SA 3.0, as the MNIST digits it was trained on",
    steps=6000,
    resumes=True,
)
