"""Portraits of 48 x 48 pixels, made by the DCGAN for a CPU (`models.conv.cpu_dcgan`): for lessons that steer a generator."""

import torch

from course_utils.callbacks import History, generate
from course_utils.checkpoints import long_training
from course_utils.checkpoints.checkpoint import Checkpoint
from course_utils.datasets import portraits, to_float
from course_utils.metrics import frechet_distance
from course_utils.models.conv import cpu_dcgan
from course_utils.runtime import device, seed_everything
from course_utils.steps.shared_fakes import SharedFakes
from course_utils.training import GAN, fit

LATENT_DIM = 64
SIZE = 48  # pixels a side
DRAWN = 20_000  # portraits to learn from
RATE = 1e-3  # of both players, in the first half of the training


def network() -> cpu_dcgan.Generator:
    return cpu_dcgan.Generator(LATENT_DIM, base=24, image_size=SIZE, channels=3)


def falling_rates(gan: GAN, history: History, rate: float = RATE) -> None:
    """A callback of `fit`: in the second half of the training both rates fall, step by step, to a fiftieth."""
    share = max(0.02, min(1.0, 2 - 2 * history.step[-1] / history.total_steps))
    for optimiser in (gan.opt_g, gan.opt_d):
        optimiser.param_groups[0]["lr"] = share * rate


def train(steps: int, seed: int, run=None) -> cpu_dcgan.Generator:
    """The averaged generator, on the CPU, after `steps` rounds on 20,000 drawn portraits, all attributes independent."""
    seed_everything(seed)
    generator, discriminator = network().to(device()), cpu_dcgan.Discriminator(24, SIZE, channels=3).to(device())
    gan = GAN.with_adam(generator, discriminator, RATE, ema=0.999)
    game = SharedFakes(lambda n: torch.randn(n, LATENT_DIM, device=device()), gamma=0.5)
    history = fit(
        gan,
        portraits.draw(DRAWN, seed=1, size=SIZE).images,
        game,
        steps=steps,
        batch_size=64,
        log_every=100,
        callbacks=(falling_rates, long_training.tell),
        run=run,
    )
    long_training.refuse_half(history, run)
    return gan.shown.cpu()


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
    data="20,000 portraits drawn by course_utils.datasets.portraits, seed 1, 48 x 48 pixels",
    licence="MIT, as the code that drew them",
    steps=20_000,
    half=True,
    resumes=True,
)
