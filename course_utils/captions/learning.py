"""What is learned from captions: a space shared with pictures, and a game in which a wrong caption counts as fake."""

import torch
import torch.nn.functional as F
from torch import Tensor

from course_utils.losses import generator_loss, r1_penalty
from course_utils.training import GAN


def contrastive_loss(pictures: Tensor, captions: Tensor, temperature: float = 0.1) -> Tensor:
    """Which caption belongs to which picture? The mean cross-entropy of this question, asked in both directions.

    Takes codes of length 1, (B, K) each; row i of both belong together. The logit of a picture and a caption is the inner
    product of their codes divided by ``temperature``. For every picture the B captions are B classes, for every caption the B
    pictures. The cross-entropy is averaged over the pictures, then over the captions; returned is the mean of these two, a
    scalar. It is log B when all codes are alike (Radford et al., 2021). Raises ValueError unless ``temperature`` is above 0.
    """
    if not temperature > 0:
        raise ValueError(f"temperature: expected a number above 0, got {temperature}")
    # BEGIN SOLUTION
    logits = pictures @ captions.T / temperature  # (B, B)
    own = torch.arange(len(logits), device=logits.device)  # (B,)
    return (F.cross_entropy(logits, own) + F.cross_entropy(logits.T, own)) / 2
    # END SOLUTION


def interpolate(first: Tensor, second: Tensor, share: Tensor | float) -> Tensor:
    """Codes between two captions: ``first`` and ``second`` (B, K), of length 1, to (B, K), of length 1.

    ``share`` says how far to go on the straight line from ``first`` (0) to ``second`` (1): a number, or one a row (B, 1). A
    point of that line is shorter than 1, so it is divided by its length.
    """
    return F.normalize(first + share * (second - first), dim=1)


def matching_round(
    gan: GAN, real: Tensor, codes: Tensor, wrong: Tensor, between: Tensor, z: Tensor, gamma: float = 0.0
) -> tuple[Tensor, Tensor]:
    """One round of a matching-aware GAN on pictures (B, 3, H, W) with their captions' ``codes`` (B, K): both players learn.

    ``wrong`` (B, K) are codes of captions that are not true of the pictures; ``between`` (B, K) are interpolated codes, which
    no picture belongs to. ``gan.generator(z, codes)`` draws pictures, ``gan.discriminator(pictures, codes)`` gives logits
    (B, 1).

    1. The fakes for ``codes`` are made once and serve in both steps.
    2. The discriminator's step. A real picture with its own code shall be called real: mean softplus(-logit). Two kinds shall
       be called fake, mean softplus(logit) each: real pictures with ``wrong`` codes, and fakes with the codes that they were
       made for. The *mean* of these two stands beside the first term, so that both sides weigh the same. With ``gamma > 0``,
       ``gamma / 2`` times ``r1_penalty(logits, real)`` of the first kind is added; R1 is a gradient with respect to the
       pictures. No gradient reaches the generator.
    3. The generator's step: the mean of ``generator_loss`` for the fakes of step 1 with ``codes``, and of ``generator_loss``
       for new fakes, made of the same ``z`` for ``between``, with ``between``. The discriminator is the one *after* its step.

    Each step clears the gradients of its own optimiser before ``backward``. ``real`` stays as it is. Returns both losses, the
    first without R1, as scalars without a graph (Reed et al., 2016, algorithm 1 and equation 5).
    """
    fake = gan.generator(z, codes)  # (B, 3, H, W)
    seen = real.detach().clone().requires_grad_(gamma > 0)  # (B, 3, H, W), R1 is a gradient with respect to it
    right = gan.discriminator(seen, codes)  # (B, 1)
    mismatched = F.softplus(gan.discriminator(real, wrong)).mean()
    made = F.softplus(gan.discriminator(fake.detach(), codes)).mean()
    d_loss = F.softplus(-right).mean() + (mismatched + made) / 2
    penalty = gamma / 2 * r1_penalty(right, seen) if gamma > 0 else 0.0
    gan.opt_d.zero_grad()
    (d_loss + penalty).backward()
    gan.opt_d.step()
    own = generator_loss(gan.discriminator(fake, codes))
    mixed = generator_loss(gan.discriminator(gan.generator(z, between), between))
    g_loss = (own + mixed) / 2
    gan.opt_g.zero_grad()
    g_loss.backward()
    gan.opt_g.step()
    return d_loss.detach(), g_loss.detach()
