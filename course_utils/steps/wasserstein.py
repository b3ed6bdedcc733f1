"""The Wasserstein game: a critic with the gradient penalty, its generator, and clipped weights."""

from collections.abc import Callable

import torch

from course_utils.losses import gradient_penalty, wasserstein_critic_loss, wasserstein_generator_loss
from course_utils.training import GAN


def critic_step(gan: GAN, real: torch.Tensor, z: torch.Tensor, gp_weight: float = 10.0) -> torch.Tensor:
    """Let the critic (``gan.discriminator``) set ``real`` (B, ...) apart from as many samples made of ``z``.

    The Wasserstein loss plus ``gp_weight`` times the gradient penalty (Gulrajani et al., 2017). Changes the
    critic only; no gradient reaches the generator. Returns the loss with the penalty, a scalar without a graph.
    """
    fake = gan.generator(z).detach()  # (B, C, H, W), cut off from the generator
    loss = wasserstein_critic_loss(gan.discriminator(real), gan.discriminator(fake))
    loss = loss + gp_weight * gradient_penalty(gan.discriminator, real, fake)
    gan.opt_d.zero_grad()
    loss.backward()
    gan.opt_d.step()
    return loss.detach()


def wasserstein_generator_step(gan: GAN, z: torch.Tensor) -> torch.Tensor:
    """Let the generator make samples of ``z`` (B, latent_dim) that the critic scores higher.

    Changes the generator only: the gradient passes through the critic, whose weights stay as they are.
    Returns the loss, a scalar without a graph.
    """
    fake = gan.generator(z)  # (B, C, H, W)
    loss = wasserstein_generator_loss(gan.discriminator(fake))
    gan.opt_g.zero_grad()
    loss.backward()
    gan.opt_g.step()
    return loss.detach()


def train_wgan(
    gan: GAN,
    draw_real: Callable[[int], torch.Tensor],
    draw_z: Callable[[int], torch.Tensor],
    rounds: int,
    batch_size: int = 128,
    critic_steps: int = 5,
    gp_weight: float = 10.0,
    after_round: Callable[[int, float], None] | None = None,
) -> list[float]:
    """Train critic and generator for some rounds, and return the critic's losses: a number for each round, its last one.

    A round is ``critic_steps`` calls of ``critic_step`` with the weight ``gp_weight``, each on new reals from
    ``draw_real(batch_size)`` and new latent vectors from ``draw_z(batch_size)``; then one call of
    ``wasserstein_generator_step`` on latent vectors of its own. At the end of round k, counted from 1,
    ``after_round(k, loss)`` is called if it is given, with the loss that is kept of this round.
    """
    losses = []
    for k in range(1, rounds + 1):
        for _ in range(critic_steps):
            loss = critic_step(gan, draw_real(batch_size), draw_z(batch_size), gp_weight)
        wasserstein_generator_step(gan, draw_z(batch_size))
        losses.append(loss.item())
        if after_round is not None:
            after_round(k, losses[-1])
    return losses


def clip_weights(critic: torch.nn.Module, limit: float) -> None:
    """Bring every weight of ``critic`` into [-limit, limit], in place: the first way to bound a critic's slope.

    Biases count as weights. Gradients and optimisers are not touched (Arjovsky, Chintala and Bottou, "Wasserstein
    GAN", 2017, with the limit 0.01).
    """
    with torch.no_grad():
        for weight in critic.parameters():
            weight.clamp_(-limit, limit)
