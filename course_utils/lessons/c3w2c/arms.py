"""Training: a warm-up by squared error alone, and fine-tunings from it that differ in one weight only."""

import copy
from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor, nn

from course_utils.models.pix2pix import PatchDiscriminator
from course_utils.steps.pix2pix import Translation
from course_utils.training import GAN, fit


class Settings(NamedTuple):
    """What all arms share."""

    warm_up: int  # steps by squared error
    steps: int  # steps of each fine-tuning
    batch_size: int = 16
    rate: float = 4e-3  # of the warm-up, falling to 0
    fine_rate: float = 1e-3  # of both players afterwards


def warm_up(network: nn.Module, small: Tensor, large: Tensor, settings: Settings) -> nn.Module:
    """Train ``network`` on float pairs (N, 3, h, w) and (N, 3, 4h, 4w) by squared error; changes it and returns it."""
    optimiser = torch.optim.Adam(network.parameters(), settings.rate, betas=(0.9, 0.99), fused=True)
    for step in range(settings.warm_up):
        optimiser.param_groups[0]["lr"] = settings.rate * min(1, (step + 1) / 20) * (1 - step / settings.warm_up)
        rows = torch.randint(len(small), (settings.batch_size,))
        loss = (network(small[rows]) - large[rows]).square().mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    return network


def fine_tune(
    network: nn.Module,
    data: tuple[Tensor, Tensor],
    loss: Callable,
    features: Callable,
    weights: tuple[float, float],
    settings: Settings,
    **options,
):
    """A copy of ``network`` after ``settings.steps`` rounds against a new discriminator, which starts weak; and the history.

    ``data`` are pictures uint8 (N, 3, 4h, 4w) and small ones as floats (N, 3, h, w). ``loss`` is called as
    ``upscaler_loss(fake_logits, fake, real, features, content_weight, adversarial_weight)`` with these ``weights``. Where the
    adversarial weight is 0, the discriminator is not trained.
    """
    judge = PatchDiscriminator(2, 16, condition_channels=0)
    gan = GAN.with_adam(copy.deepcopy(network), judge, settings.fine_rate, betas=(0.5, 0.99), ema=0.98)

    def g_loss(fake_logits, fake, real, content_weight, adversarial_weight):
        return loss(fake_logits, fake, real, features, content_weight, adversarial_weight)

    game = Translation(*weights, g_loss=g_loss)
    return gan, fit(gan, data, game, steps=settings.steps, batch_size=settings.batch_size, **options)


@torch.no_grad()
def enlarge(network: Callable, small: Tensor) -> Tensor:
    """What a network or a rival makes of small pictures (N, 3, h, w), clipped to [-1, 1]: all contenders are, or none."""
    return torch.cat([network(part) for part in small.split(100)]).clamp(-1, 1)
