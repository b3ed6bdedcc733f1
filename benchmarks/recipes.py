"""The recipes that the benchmarks compare: networks, loss, optimiser and averaging, one line each.

A recipe has `players()`, `draw_z(n)`, `batches(images)` and `step(gan, real)`, as the textbook ones have.
"""

import dataclasses
from collections.abc import Callable, Iterator

import torch

from course_utils import training
from course_utils.losses import hinge_discriminator_loss, hinge_generator_loss
from course_utils.training import EMA, GAN, SharedFakes, random_batch


class TwoBatches:
    """The plain pair of steps of the first lesson: each on fakes of its own."""

    discriminator_step = staticmethod(training.discriminator_step)
    generator_step = staticmethod(training.generator_step)


def hinge() -> SharedFakes:
    return SharedFakes(hinge_discriminator_loss, hinge_generator_loss)


@dataclasses.dataclass(frozen=True)
class Recipe:
    """One way to train a GAN on digits."""

    generator: Callable  # latent_dim -> network
    discriminator: Callable  # () -> network
    steps: Callable = SharedFakes  # () -> an object with discriminator_step and generator_step
    rate: float = 1e-3
    betas: tuple[float, float] = (0.0, 0.99)
    decay: float = 0.999  # of the averaged generator
    batch_size: int = 64
    latent_dim: int = 64

    def players(self) -> GAN:
        """Two fresh players, their optimisers and the average."""
        generator, discriminator = self.generator(self.latent_dim), self.discriminator()
        opt_g, opt_d = (
            torch.optim.Adam(network.parameters(), self.rate, self.betas, fused=True)
            for network in (generator, discriminator)
        )
        return GAN(generator, discriminator, opt_g, opt_d, EMA(generator, self.decay))

    def draw_z(self, n: int) -> torch.Tensor:
        return torch.randn(n, self.latent_dim)  # (n, latent_dim)

    def batches(self, images: torch.Tensor) -> Iterator[torch.Tensor]:
        """Real batches (B, 1, 28, 28) in [-1, 1] without end, from uint8 (N, 1, 28, 28)."""
        while True:
            yield random_batch(images, self.batch_size)
