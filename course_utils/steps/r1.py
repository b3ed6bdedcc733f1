"""The discriminator's step of the first lesson with R1."""

import torch

from course_utils.losses import discriminator_loss, r1_penalty
from course_utils.training import GAN


def discriminator_step_r1(gan: GAN, real: torch.Tensor, z: torch.Tensor, gamma: float = 1.0) -> torch.Tensor:
    """``discriminator_step`` with ``gamma / 2`` times R1, the squared slope at real images (Mescheder et al., 2018).

    Changes the discriminator only. Returns the loss with the penalty, a scalar without a graph.
    """
    fake = gan.generator(z).detach()  # (B, C, H, W), cut off from the generator
    real = real.detach().requires_grad_()  # (B, C, H, W), a variable now: R1 is a gradient with respect to it
    real_logits = gan.discriminator(real)  # (B, 1)
    loss = discriminator_loss(real_logits, gan.discriminator(fake)) + gamma / 2 * r1_penalty(real_logits, real)
    gan.opt_d.zero_grad()
    loss.backward()
    gan.opt_d.step()
    return loss.detach()
