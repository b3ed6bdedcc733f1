"""The relativistic game of R3GAN."""

from collections.abc import Callable

import torch

from course_utils.game import Game
from course_utils.losses import (
    r1_penalty,
    r2_penalty,
    relativistic_discriminator_loss,
    relativistic_generator_loss,
)
from course_utils.training import GAN


class RelativisticSteps(Game):
    """The two steps of R3GAN (Huang et al., 2024): relativistic pairing, with ``gamma / 2`` times R1 plus R2.

    The generator, too, needs real images to be compared with; it gets those of the discriminator's step before it.
    That is why the two steps are methods of one object: ``fit(gan, images, RelativisticSteps(draw_z, gamma=1.0), ...)``.

    Each changes its own player only and returns its loss, a scalar without a graph. Both take as many images as the
    batch has. No BatchNorm in the discriminator: the penalties need logits that depend on one image each.
    """

    def __init__(self, draw_z: Callable[[int], torch.Tensor] | None = None, gamma: float = 1.0):
        super().__init__(self.discriminator_step, self.generator_step, draw_z)
        self.gamma = gamma
        self.real: torch.Tensor | None = None  # (B, C, H, W), of the last discriminator step

    def discriminator_step(self, gan: GAN, real: torch.Tensor, z: torch.Tensor) -> torch.Tensor:
        """``real`` (B, C, H, W) should look more real than the fake in its row, made of ``z`` (B, latent_dim)."""
        self.real = real
        real = real.detach().requires_grad_()  # (B, C, H, W), variables now: the penalties differentiate by them
        fake = gan.generator(z).detach().requires_grad_()  # (B, C, H, W)
        real_logits, fake_logits = gan.discriminator(real), gan.discriminator(fake)  # (B, 1) each
        penalty = r1_penalty(real_logits, real) + r2_penalty(fake_logits, fake)
        loss = relativistic_discriminator_loss(real_logits, fake_logits) + self.gamma / 2 * penalty
        gan.opt_d.zero_grad()
        loss.backward()
        gan.opt_d.step()
        return loss.detach()

    def generator_step(self, gan: GAN, z: torch.Tensor) -> torch.Tensor:
        """The fakes made of ``z`` (B, latent_dim) should look more real than the reals of the step before.

        Raises RuntimeError when there was no discriminator step before it.
        """
        if self.real is None:
            raise RuntimeError(
                "generator_step: expected a discriminator_step of the same object before it, got none; "
                "the fakes are compared with the real images of that step"
            )
        real_logits = gan.discriminator(self.real).detach()  # (B, 1)
        loss = relativistic_generator_loss(real_logits, gan.discriminator(gan.generator(z)))
        gan.opt_g.zero_grad()
        loss.backward()
        gan.opt_g.step()
        return loss.detach()
