"""A generator that plays against two: a discriminator, and an adversary that guesses one attribute from another.

The idea is that of FairGAN (Xu, Yuan, Zhang and Wu, 2018), with gradient reversal (Ganin et al., 2016).
"""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import nn

from course_utils.models.reversal import GradientReversal, reversal_schedule
from course_utils.steps.shared_fakes import SharedFakes
from course_utils.training import GAN

SCALE = 5.0  # a guide's logits are about as large; an adversary learns faster from numbers near 1


def pair_adversary(hidden: int = 16) -> nn.Sequential:
    """Guesses one attribute from the logit of another: (B, 1) to logits (B, 1)."""
    return nn.Sequential(nn.Linear(1, hidden), nn.ReLU(), nn.Linear(hidden, 1))


class FairFakes(SharedFakes):
    """``SharedFakes`` in which the second attribute of a fake must not tell its first.

    ``guide`` reads images: (B, C, H, W) to logits (B, 2) of two attributes; it is not trained. In the generator's step the
    adversary guesses the guide's answer about the first attribute from its logit of the second. ``weight`` times its loss is
    added to the generator's. The adversary goes down that loss; behind the reversal the generator goes up. ``total`` is the
    number of rounds, along which the reversal grows as ``reversal_schedule`` says. ``guesses`` keeps the adversary's losses.
    """

    def __init__(
        self,
        draw_z: Callable[[int], torch.Tensor],
        guide: nn.Module,
        adversary: nn.Module,
        total: int,
        weight: float = 1.0,
        rate: float = 5e-3,
        gamma: float = 0.0,
        reverse: Callable = GradientReversal.apply,
    ):
        super().__init__(draw_z, gamma=gamma)
        self.guide, self.adversary, self.total, self.weight = guide, adversary, total, weight
        self.reverse, self.rounds, self.guesses = reverse, 0, []
        self.optimiser = torch.optim.Adam(adversary.parameters(), rate)

    def loss_g(self, gan: GAN, fake: torch.Tensor, *asked) -> torch.Tensor:
        first, second = self.guide(fake).split(1, dim=1)  # logits (B, 1) each
        strength = self.weight * reversal_schedule(min(1.0, self.rounds / self.total))
        guess = self.adversary(self.reverse(second, strength) / SCALE)  # (B, 1)
        self.guess = F.binary_cross_entropy_with_logits(guess, (first > 0).to(guess.dtype))
        return super().loss_g(gan, fake, *asked) + self.guess

    def improve(self, gan: GAN, fake: torch.Tensor, *asked) -> torch.Tensor:
        self.optimiser.zero_grad()
        loss = super().improve(gan, fake, *asked)
        self.optimiser.step()
        self.rounds += 1
        self.guesses.append(self.guess.item())
        return loss - self.guess.detach()
