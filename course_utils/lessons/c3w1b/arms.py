"""The ways to use a hundred labels that are compared: the labels alone, guessed labels beside them, and a GAN."""

from collections.abc import Callable
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from course_utils.batches import Together
from course_utils.datasets import LabelledImages
from course_utils.models.dense.semi_supervised import Classifier, Generator
from course_utils.steps.semi_supervised import SemiSupervisedGame, SemiSupervisedGAN
from course_utils.training import EMA, fit

LATENT_DIM = 50


class Settings(NamedTuple):
    """What all arms share: the same classifier, as many steps, batches as large."""

    rounds: int
    batch_size: int = 50
    rate: float = 3e-3
    ema: float = 0.995
    widths: tuple[int, ...] = (250, 125, 125)


STREETS = Settings(rounds=500, rate=4e-3, ema=0.99, widths=(8, 16, 32))  # convolutions, house numbers


def draw_z(n: int) -> Tensor:
    return torch.randn(n, LATENT_DIM)


def _optimiser(network: nn.Module, rate: float) -> torch.optim.Adam:
    return torch.optim.Adam(network.parameters(), rate, betas=(0.5, 0.99), fused=True)


def train_classifier(
    few: LabelledImages,
    settings: Settings,
    seed: int,
    unlabelled: Tensor | None = None,
    guess_loss: Callable | None = None,
    threshold: float = 0.9,
    make: Callable = Classifier,
) -> nn.Module:
    """The averaged classifier of the labels alone, or, with ``unlabelled`` uint8 images, of guessed labels beside them.

    Guessing begins after a fifth of the steps, with the averaged classifier of that moment, which reads without noise.
    ``make(widths=...)`` is a new classifier.
    """
    torch.manual_seed(seed)
    network = make(widths=settings.widths)
    average, optimiser = EMA(network, settings.ema), _optimiser(network, settings.rate)
    known, others = Together(*few), None if unlabelled is None else Together(unlabelled)
    for step in range(settings.rounds):
        images, labels = known.draw(settings.batch_size)
        loss = F.cross_entropy(network(images), labels)
        if others and step >= settings.rounds // 5:
            (more,) = others.draw(settings.batch_size)
            loss = loss + guess_loss(network(more), average.module(more), threshold)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        average.update(network)
    return average.module


def new_players(settings: Settings, seed: int, make: Callable = Classifier) -> SemiSupervisedGAN:
    """Fresh players with their optimisers and averages; ``make(widths=...)`` is a new classifier."""
    torch.manual_seed(seed)
    classifier = make(widths=settings.widths)
    generator = Generator(LATENT_DIM, image_shape=classifier.image_shape)
    return SemiSupervisedGAN(
        generator,
        classifier,
        _optimiser(generator, settings.rate),
        _optimiser(classifier, settings.rate),
        EMA(generator, settings.ema),
        EMA(classifier, settings.ema),
    )


def train_gan(
    few: LabelledImages, unlabelled: Tensor, play: Callable, settings: Settings, seed: int, gan=None, **options
):
    """The players after so many rounds of ``play`` on a few labelled and many unlabelled uint8 images, and the history."""
    gan = gan or new_players(settings, seed)
    game = SemiSupervisedGame(few.images, few.labels, draw_z, play)
    options = {"log_every": max(1, settings.rounds // 20)} | options
    return gan, fit(gan, unlabelled, game, steps=settings.rounds, batch_size=settings.batch_size, **options)
