"""Adversarial losses on logits. Every function takes logits of any shape and returns a scalar to be minimised.

With ``D = sigmoid(logit)``: ``-log D = softplus(-logit)`` and ``-log(1 - D) = softplus(logit)``, which neither
overflow nor become ``log 0``, however sure the discriminator is.
"""

import torch
import torch.nn.functional as F


def discriminator_loss(real_logits: torch.Tensor, fake_logits: torch.Tensor) -> torch.Tensor:
    """The discriminator's side of the game: -mean log D(x) - mean log(1 - D(G(z))).

    Takes logits (B, 1) of real and of generated images; returns the sum of the two means,
    a scalar. It is log 4 = 1.386 when every logit is 0, that is when the discriminator cannot
    tell them apart (Goodfellow et al., 2014).
    """
    return F.softplus(-real_logits).mean() + F.softplus(fake_logits).mean()


def generator_loss(fake_logits: torch.Tensor) -> torch.Tensor:
    """The non-saturating generator loss: -mean log D(G(z)).

    Takes logits (B, 1) of generated images; returns a scalar, log 2 = 0.693 when every logit
    is 0 (Goodfellow et al., 2014, section 3).
    """
    return F.softplus(-fake_logits).mean()


def minimax_generator_loss(fake_logits: torch.Tensor) -> torch.Tensor:
    """The generator's side of the minimax game: mean log(1 - D(G(z))).

    It saturates when fakes are seen through: its gradient with respect to a logit is
    -sigmoid(logit), which vanishes just where the generator is worst.
    """
    return -F.softplus(fake_logits).mean()
