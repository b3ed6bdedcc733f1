"""The training of the small portrait generators, `portraits_dialled.train_one`, with an adversary in the game."""

from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor, nn

from course_utils.callbacks import History
from course_utils.checkpoints import long_training
from course_utils.checkpoints import portraits_dialled as dialled
from course_utils.checkpoints.portraits_generator import falling_rates
from course_utils.models.reversal import GradientReversal
from course_utils.runtime import device, seed_everything
from course_utils.steps.fair_fakes import FairFakes, pair_adversary
from course_utils.training import GAN, fit


def train_against(
    images: Tensor,
    guide: nn.Module,
    seed: int,
    steps: int,
    weight: float,
    reverse: Callable = GradientReversal.apply,
    callbacks: tuple = (),
) -> tuple[nn.Module, History, FairFakes]:
    """The averaged generator, the history and the game after `steps` rounds; everything else is as in `train_one`.

    ``weight`` is the strength of the reversal at the end. The networks begin as those of `train_one` with this seed do.
    """
    seed_everything(seed)
    generator, discriminator = (
        dialled.network().to(device()),
        long_training.discriminator(dialled.SIZE, 16).to(device()),
    )
    gan = GAN.with_adam(generator, discriminator, dialled.RATE, ema=0.999)
    game = FairFakes(
        lambda n: torch.randn(n, dialled.LATENT_DIM, device=device()),
        guide.to(device()),
        pair_adversary().to(device()),
        steps,
        weight,
        gamma=0.5,
        reverse=reverse,
    )
    callbacks = (partial(falling_rates, rate=dialled.RATE), *callbacks)
    history = fit(gan, images, game, steps=steps, batch_size=dialled.BATCH, log_every=25, callbacks=callbacks)
    return gan.shown, history, game
