"""Features that serve a task and hide an attribute: an encoder, a head for the task, and an adversary that guesses.

Ganin et al., "Domain-Adversarial Training of Neural Networks", 2016; Zhang, Lemoine and Mitchell, "Mitigating Unwanted Biases
with Adversarial Learning", 2018.
"""

import dataclasses

import torch
import torch.nn.functional as F
from torch import nn

from course_utils.models.reversal import GradientReversal
from course_utils.training import Players


@dataclasses.dataclass
class Hiders(Players):
    """Who takes part in ``adversary_step``."""

    encoder: nn.Module  # (B, ...) to features (B, d)
    head: nn.Module  # features (B, d) to the task's logits (B, 1)
    adversary: nn.Module  # features (B, d) to logits (B, 1) of the attribute that is to be hidden
    opt_task: torch.optim.Optimizer  # holds the parameters of encoder and head
    opt_adversary: torch.optim.Optimizer  # holds those of the adversary


def adversary_step(
    players: Hiders, x: torch.Tensor, target: torch.Tensor, protected: torch.Tensor, strength: float
) -> tuple[torch.Tensor, torch.Tensor]:
    """One step of the three: learn ``target``, and make it hard to guess ``protected`` from the features.

    Args:
        players: ``encoder`` makes features (B, d) of x; ``head`` and ``adversary`` make logits (B, 1) of features. ``opt_task``
            holds the weights of encoder and head, ``opt_adversary`` those of the adversary.
        x: what the encoder reads, (B, ...).
        target: 0 or 1, float (B,), what the head is to say.
        protected: 0 or 1, float (B,), what the adversary is to guess.
        strength: how much the encoder works against the adversary, a float >= 0.

    Two losses are taken on the same features, which are computed once: the mean binary cross-entropy of the head's logits with
    ``target``, and that of the adversary's logits with ``protected``. Head and adversary each go down their own loss, whatever
    the strength. The encoder goes down the first, and up the second times ``strength``: features reach the adversary
    through ``GradientReversal``. All gradients belong to the weights before the step; gradients that were left there do not
    matter. Each optimiser steps once.

    Returns both losses, ``(task, guess)``, scalars without a graph. Raises ValueError for a strength below 0, before
    anything has changed.
    """
    if strength < 0:
        raise ValueError(f"strength: expected a number that is not below 0, got {strength!r}")
    features = players.encoder(x)  # (B, d)
    task = F.binary_cross_entropy_with_logits(players.head(features).squeeze(1), target)
    hidden = GradientReversal.apply(features, strength)  # the same numbers, another gradient
    guess = F.binary_cross_entropy_with_logits(players.adversary(hidden).squeeze(1), protected)
    players.opt_task.zero_grad()
    players.opt_adversary.zero_grad()
    (task + guess).backward()
    players.opt_task.step()
    players.opt_adversary.step()
    return task.detach(), guess.detach()
