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


def relativistic_step(gan: GAN, real: torch.Tensor, z: torch.Tensor, gamma: float = 1.0) -> torch.Tensor:
    """The discriminator's step of R3GAN: let ``real`` (B, ...) look more real than as many samples made of ``z``.

    The loss is ``relativistic_discriminator_loss`` of the logits (B, 1), each real paired with the fake in its row, plus
    ``gamma / 2`` times the sum of ``r1_penalty``, taken at the reals, and ``r2_penalty``, taken at the fakes (Huang et
    al., 2024). Both penalties differentiate logits by samples, so the samples need a gradient before the discriminator
    sees them.

    Changes the discriminator only: no gradient reaches the generator, ``real`` stays as it was, and gradients that were
    there before do not matter. Returns the loss with the penalties, a scalar without a graph.
    """
    # BEGIN SOLUTION
    real = real.detach().requires_grad_()  # (B, ...), a variable now
    fake = gan.generator(z).detach().requires_grad_()  # (B, ...), cut off from the generator
    real_logits, fake_logits = gan.discriminator(real), gan.discriminator(fake)  # (B, 1) each
    penalty = r1_penalty(real_logits, real) + r2_penalty(fake_logits, fake)
    loss = relativistic_discriminator_loss(real_logits, fake_logits) + gamma / 2 * penalty
    gan.opt_d.zero_grad()
    loss.backward()
    gan.opt_d.step()
    return loss.detach()
    # END SOLUTION


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
        """``relativistic_step``, and ``real`` (B, C, H, W) is kept for the generator's step."""
        self.real = real
        return relativistic_step(gan, real, z, self.gamma)

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
