"""The two steps for every loss of the course. Each moves one player and leaves the other as it was."""

import dataclasses
from collections.abc import Callable

import torch

from course_utils import losses as library
from course_utils.steps.wasserstein import clip_weights
from course_utils.training import GAN
from course_utils.widgets.gan_lab.settings import Settings


@dataclasses.dataclass(frozen=True)
class Loss:
    """Both sides of a loss, and how its discriminator's output is to be read."""

    discriminator: Callable  # (real_logits, fake_logits) -> scalar
    generator: Callable  # (fake_logits) -> scalar, or (real_logits, fake_logits) where ``paired``
    output: str = "logit"  # "logit": its sigmoid is D(x). "score": only differences mean something
    middle: float | None = 0.0  # the output that means "cannot tell"; None: between the means of reals and fakes
    paired: bool = False
    gradient_penalty: bool = False


LOSSES = {
    "minimax": Loss(library.discriminator_loss, library.minimax_generator_loss),
    "non-saturating": Loss(library.discriminator_loss, library.generator_loss),
    "smoothed": Loss(library.discriminator_loss_smoothed, library.generator_loss),
    "least squares": Loss(
        library.least_squares_discriminator_loss, library.least_squares_generator_loss, "score", middle=0.5
    ),
    "hinge": Loss(library.hinge_discriminator_loss, library.hinge_generator_loss, "score"),
    "wasserstein": Loss(library.wasserstein_critic_loss, library.wasserstein_generator_loss, "score", middle=None),
    "wgan-gp": Loss(
        library.wasserstein_critic_loss, library.wasserstein_generator_loss, "score", None, gradient_penalty=True
    ),
    "relativistic": Loss(
        library.relativistic_discriminator_loss, library.relativistic_generator_loss, "score", None, paired=True
    ),
}


def discriminator_step(gan: GAN, real: torch.Tensor, z: torch.Tensor, settings: Settings) -> torch.Tensor:
    """One step of the discriminator on ``real`` (B, 2) and on fakes made of ``z`` (B, noise_dim).

    Returns the loss with its penalties, a scalar without a graph.
    """
    loss = LOSSES[settings.loss]
    with torch.no_grad():
        fake = gan.generator(z)  # (B, 2)
    if settings.r1:
        real.requires_grad_()
    if settings.r2:
        fake.requires_grad_()
    real_logits, fake_logits = gan.discriminator(real), gan.discriminator(fake)  # (B, 1)
    value = loss.discriminator(real_logits, fake_logits)
    if loss.gradient_penalty:
        penalty = library.gradient_penalty(gan.discriminator, real.detach(), fake.detach())
        value = value + settings.gp_weight * penalty
    if settings.r1:
        value = value + settings.r1 / 2 * library.r1_penalty(real_logits, real)
    if settings.r2:
        value = value + settings.r2 / 2 * library.r2_penalty(fake_logits, fake)
    gan.opt_d.zero_grad()
    value.backward()
    gan.opt_d.step()
    if settings.clip:
        clip_weights(gan.discriminator, settings.clip)
    return value.detach()


def generator_step(gan: GAN, z: torch.Tensor, real: torch.Tensor, settings: Settings) -> torch.Tensor:
    """One step of the generator on ``z`` (B, noise_dim); only the paired loss looks at ``real`` (B, 2).

    Returns the loss, a scalar without a graph.
    """
    value = generator_loss(gan.discriminator, gan.generator(z), real, settings.loss)
    gan.opt_g.zero_grad()
    value.backward(inputs=list(gan.generator.parameters()))  # the discriminator's gradients are not needed
    gan.opt_g.step()
    return value.detach()


def generator_loss(discriminator, fake: torch.Tensor, real: torch.Tensor, name: str) -> torch.Tensor:
    """The generator's side of the loss ``name`` for fakes (B, 2): a scalar."""
    loss = LOSSES[name]
    if not loss.paired:
        return loss.generator(discriminator(fake))
    with torch.no_grad():
        real_logits = discriminator(real)
    return loss.generator(real_logits, discriminator(fake))
