"""The game of MolGAN: a Wasserstein critic, and beside it a network that learns the reward so that it has a gradient."""

import dataclasses
from collections.abc import Callable
from typing import ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from course_utils.game import Game
from course_utils.losses import wasserstein_generator_loss
from course_utils.steps.wasserstein import critic_step
from course_utils.training import EMA, Players


@dataclasses.dataclass
class MolGAN(Players):
    """Generator, critic (``discriminator``, the name that the steps of WGAN-GP know) and the network that learns the reward."""

    generator: nn.Module
    discriminator: nn.Module
    rewarder: nn.Module
    opt_g: torch.optim.Optimizer
    opt_d: torch.optim.Optimizer
    opt_r: torch.optim.Optimizer
    ema: EMA | None = None

    AVERAGED: ClassVar[dict[str, str]] = {"ema": "generator"}

    @classmethod
    def with_adam(
        cls, generator: nn.Module, critic: nn.Module, rewarder: nn.Module, lr: float = 1e-3, ema: float = 0.99
    ) -> "MolGAN":
        """The three networks with an Adam each, and an average of the generator with the decay ``ema``."""
        networks = generator, critic, rewarder
        adams = (torch.optim.Adam(n.parameters(), lr, betas=(0.0, 0.9), fused=True) for n in networks)
        return cls(*networks, *adams, EMA(generator, ema))

    @property
    def shown(self) -> nn.Module:
        """The generator to look at and to score: the averaged one when there is one."""
        return self.ema.module if self.ema else self.generator


def reward_step(gan: MolGAN, graphs: Tensor, rewards: Tensor) -> Tensor:
    """Let the reward network come nearer to ``rewards`` (B,) of ``graphs`` (B, 174). Returns the mean squared error."""
    loss = F.mse_loss(gan.rewarder(graphs).squeeze(1), rewards)
    gan.opt_r.zero_grad()
    loss.backward()
    gan.opt_r.step()
    return loss.detach()


def rewarded_generator_step(gan: MolGAN, z: Tensor, weight: float) -> Tensor:
    """Let the generator please both: (1 - weight) of the critic's loss, and weight times what the reward network expects.

    Changes the generator only. Returns the critic's part, so that curves of different weights can be compared.
    """
    fake = gan.generator(z)  # (B, 174)
    game = wasserstein_generator_loss(gan.discriminator(fake))
    loss = (1 - weight) * game
    if weight:
        loss = loss - weight * gan.rewarder(fake).mean()
    gan.opt_g.zero_grad()
    loss.backward()
    gan.opt_g.step()
    return game.detach()


class MoleculeGame(Game):
    """WGAN-GP on graphs in rows; with ``weight`` above 0 the reward network is taught in each round, on reals and fakes.

    ``reward(graphs)`` gives the true rewards (B,) of rows (B, 174), of which no gradient is asked. ``drawn(graphs)`` makes
    pictures (B, 3, H, W) of rows, for those who watch.
    """

    def __init__(
        self, draw_z: Callable, drawn: Callable, reward: Callable | None = None, weight: float = 0.0, **options
    ):
        super().__init__(critic_step, self._generators_turn, draw_z, critic=True, **options)
        self.drawn, self.reward, self.weight = drawn, reward, weight
        if weight and reward is None:
            raise ValueError("reward: expected a function of graphs where weight is above 0, got None")

    def round(self, gan: MolGAN, draw: Callable) -> tuple[Tensor, Tensor]:
        """The critic's steps, the reward network's, then the generator's."""
        if self.weight:
            (real,) = draw()
            with torch.no_grad():
                graphs = torch.cat([real, gan.generator(self.draw_z(len(real)))])
            reward_step(gan, graphs, self.reward(graphs))
        return super().round(gan, draw)

    def _generators_turn(self, gan: MolGAN, z: Tensor) -> Tensor:
        return rewarded_generator_step(gan, z, self.weight)

    def fakes(self, gan: MolGAN, fixed) -> Tensor:
        """Pictures of what the generator makes of fixed latent vectors."""
        return self.drawn(gan.shown(fixed.z))

    def scores(self, gan: MolGAN, fixed) -> tuple[Tensor, Tensor]:
        return gan.discriminator(*fixed.batch), gan.discriminator(gan.shown(fixed.z))
