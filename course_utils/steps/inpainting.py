"""The game of an inpainter: composed pictures against real ones, both with the mask of the hole."""

from torch import Tensor

from course_utils.inpainting_losses import context_loss
from course_utils.losses import discriminator_loss, generator_loss, r1_penalty
from course_utils.models.inpainting import complete
from course_utils.training import GAN


def inpainting_round(
    gan: GAN, images: Tensor, masks: Tensor, z: Tensor, other_z: Tensor, weight: float = 10.0, gamma: float = 1.0
) -> tuple[Tensor, Tensor, Tensor]:
    """One round on images (B, C, H, W) in [-1, 1] and holes (B, 1, H, W), 1 where a pixel is hidden: both players learn.

    1. Two composed pictures of the same holes, with ``complete``, one made with ``z``, one with ``other_z``, (B, K) each. They
       are made once, before the critic's step, and serve in both steps.
    2. The critic's step: ``discriminator_loss`` of real images and of the *first* composed pictures, plus
       ``gamma / 2 * r1_penalty(real_logits, real)``, where ``real`` are the images as a variable: R1 is a gradient with respect
       to them. ``gan.discriminator(pictures, masks)`` gives logits (B, 1); both kinds are judged with the masks. No gradient
       reaches the generator.
    3. The generator's step: ``generator_loss`` of the first composed pictures, judged by the critic as it is *after* its step,
       plus ``weight`` times ``context_loss`` of both.

    Each step clears the gradients of its own optimiser before ``backward``. ``images`` stays as it is. Returns three scalars
    without a graph: the critic's ``discriminator_loss`` without R1, ``generator_loss``, ``context_loss`` without its weight.
    """
    first = complete(gan.generator, images, masks, z)  # (B, C, H, W)
    second = complete(gan.generator, images, masks, other_z)  # (B, C, H, W)
    real = images.detach().clone().requires_grad_()  # (B, C, H, W)
    real_logits = gan.discriminator(real, masks)  # (B, 1)
    d_loss = discriminator_loss(real_logits, gan.discriminator(first.detach(), masks))
    gan.opt_d.zero_grad()
    (d_loss + gamma / 2 * r1_penalty(real_logits, real)).backward()
    gan.opt_d.step()
    g_loss = generator_loss(gan.discriminator(first, masks))
    distance = context_loss(first, second, images, masks)
    gan.opt_g.zero_grad()
    (g_loss + weight * distance).backward()
    gan.opt_g.step()
    return d_loss.detach(), g_loss.detach(), distance.detach()
