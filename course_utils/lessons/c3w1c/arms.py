"""The trainings that are attacked: the same networks with few and many digits, without and with private steps."""

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

from course_utils.callbacks import History
from course_utils.datasets import to_float
from course_utils.game import Game
from course_utils.models.dense.mlp import Discriminator, Generator
from course_utils.steps.private import PoissonBatches, PrivateGame
from course_utils.training import GAN, discriminator_step, fit, generator_step

LATENT_DIM = 64


class Cast(NamedTuple):
    """One draw of who is who: uint8 images (N, 1, 28, 28), all from the same 5,000."""

    members: Tensor  # 3,000; a training gets the first of them
    others: Tensor  # 1,000 that no training ever sees
    reference: Tensor  # 1,000 for the attacker's own generator


def cast(images: Tensor, seed: int) -> Cast:
    """Who is a member, by chance: one shuffle of all 5,000 images, cut into three."""
    order = torch.randperm(len(images), generator=torch.Generator().manual_seed(seed))
    return Cast(*images[order].split((3000, 1000, 1000)))


class Settings(NamedTuple):
    """What all trainings share."""

    batch_size: int = 32
    rate: float = 1e-3
    hidden_g: int = 64
    hidden_d: int = 128


def draw_z(n: int) -> Tensor:
    return torch.randn(n, LATENT_DIM)


def new_players(settings: Settings, seed: int) -> GAN:
    """Fresh dense networks. The discriminator has no normalisation: each logit comes from one image only."""
    torch.manual_seed(seed)
    networks = Generator(LATENT_DIM, settings.hidden_g), Discriminator(settings.hidden_d)
    return GAN.with_adam(*networks, lr=settings.rate, betas=(0.5, 0.99))


def train(images: Tensor, settings: Settings, rounds: int, seed: int, **options) -> tuple[GAN, History]:
    """The players after so many ordinary rounds on uint8 images (N, 1, 28, 28), and what happened."""
    gan = new_players(settings, seed)
    game = Game(discriminator_step, generator_step, draw_z)
    options = {"log_every": max(1, rounds // 20)} | options
    return gan, fit(gan, images, game, steps=rounds, batch_size=settings.batch_size, **options)


def train_private(
    images: Tensor, play: Callable, settings: Settings, looks: int, seed: int, noise: float, each: int = 1, clip: float = 1.0
) -> GAN:
    """The players after ``looks`` private steps of the discriminator, ``each`` for one step of the generator."""
    gan = new_players(settings, seed)
    batches = PoissonBatches(images, settings.batch_size / len(images))
    game = PrivateGame(play, draw_z, settings.batch_size, clip, noise, critic_steps=each)
    rounds = looks // each
    fit(gan, batches, game, steps=rounds, batch_size=settings.batch_size, log_every=rounds)
    return gan


@torch.no_grad()
def white_box(gan: GAN, images: Tensor) -> Tensor:
    """The discriminator's logit of each uint8 image (N, 1, 28, 28): (N,), higher for "real"."""
    return gan.discriminator(to_float(images)).squeeze(1)


@torch.no_grad()
def fakes(gan: GAN, n: int, seed: int = 0) -> Tensor:
    """``n`` fakes (n, 1, 28, 28) in [-1, 1], the same latent vectors for every generator."""
    generator = gan.generator.eval()
    made = generator(torch.randn(n, LATENT_DIM, generator=torch.Generator().manual_seed(seed)))
    generator.train()
    return made
