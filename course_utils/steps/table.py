"""The game of a table GAN: rows are judged in packs, and the generator has to give the value that it was asked for.

Xu, Skoularidou, Cuesta-Infante and Veeramachaneni, "Modeling Tabular data using Conditional GAN", 2019, sections 4.3 and 4.4.
"""

from collections.abc import Callable

import torch

from course_utils.game import Game
from course_utils.losses import (
    discriminator_loss,
    generator_loss,
    gradient_penalty,
    wasserstein_critic_loss,
    wasserstein_generator_loss,
)
from course_utils.training import GAN


def condition_loss(raw: torch.Tensor, condition: torch.Tensor, places: list[tuple[int, int]]) -> torch.Tensor:
    """Cross-entropy between the value that was asked for and the generator's logits of that column.

    ``raw`` (B, width) are the generator's outputs before activation; ``places`` are start and stop, in a row, of each
    discrete column, in the order of the conditions (B, K), which hold one 1 a row. Returns the mean over rows, a scalar: 0
    where there are no conditions.
    """
    if condition.shape[1] == 0:
        return raw.new_zeros(())
    logs = torch.cat([raw[:, start:stop].log_softmax(dim=1) for start, stop in places], dim=1)  # (B, K)
    return -(condition * logs).sum(dim=1).mean()


class TableGame(Game):
    """Rounds on rows and their conditions: ``fit(gan, Rows(...), TableGame(...), ...)``.

    The Wasserstein game with the gradient penalty, taken of packs; with ``wasserstein=False`` the game of the first
    lessons, without a penalty. ``condition_loss`` is added to the generator's loss, ``d_loss`` and ``g_loss`` that are returned
    are those of the game alone. ``picture()``, if given, makes pictures (N, C, H, W) that the dashboard shows of the
    generator.
    """

    def __init__(
        self,
        latent_dim: int,
        places: list[tuple[int, int]],
        wasserstein: bool = True,
        gp_weight: float = 10.0,
        critic_steps: int = 1,
        picture: Callable | None = None,
    ):
        def draw_z(n):
            return torch.randn(n, latent_dim)

        super().__init__(self.critic_step, self.generator_step, draw_z, critic_steps=critic_steps, critic=wasserstein)
        self.places, self.wasserstein, self.gp_weight, self.picture = places, wasserstein, gp_weight, picture

    def critic_step(self, gan: GAN, real, z, condition) -> torch.Tensor:
        """Let the critic set real rows apart from rows that were made for the same conditions; returns its loss."""
        critic = gan.discriminator
        fake = gan.generator(z.to(real.device), condition).detach()
        scores = critic(real, condition), critic(fake, condition)  # (B / pack, 1) each
        if self.wasserstein:
            packs = critic.packs(real, condition), critic.packs(fake, condition)
            penalty = gradient_penalty(critic.layers, *packs)
            loss = wasserstein_critic_loss(*scores) + self.gp_weight * penalty
        else:
            loss = discriminator_loss(*scores)
        gan.opt_d.zero_grad()
        loss.backward()
        gan.opt_d.step()
        return loss.detach()

    def generator_step(self, gan: GAN, z, condition) -> torch.Tensor:
        """Move the generator towards rows that pass and that have the value asked for; returns the part that is to pass."""
        raw = gan.generator.raw(z.to(condition.device), condition)
        scores = gan.discriminator(gan.generator.activate(raw), condition)
        passing = wasserstein_generator_loss(scores) if self.wasserstein else generator_loss(scores)
        loss = passing + condition_loss(raw, condition, self.places)
        gan.opt_g.zero_grad()
        loss.backward()
        gan.opt_g.step()
        return passing.detach()

    def fakes(self, gan, fixed):
        if self.picture is None:
            return torch.zeros(1, 3, 1, 1)
        return self.picture(gan.shown)

    def scores(self, gan, fixed):
        """Scores of 120 fixed rows and of rows made for their conditions, a multiple of most packs."""
        n = len(fixed.z) // gan.discriminator.pack * gan.discriminator.pack
        real, condition = (x[:n] for x in fixed.batch)
        fake = gan.shown(fixed.z[:n].to(real.device), condition)
        return gan.discriminator(real, condition), gan.discriminator(fake, condition)

    def functions(self):
        return self.round, self.critic_step, self.generator_step, condition_loss
