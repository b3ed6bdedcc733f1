"""Six ways to shorten normal numbers that are all called truncation somewhere, and what can be read of each."""

from typing import NamedTuple

import torch
from torch import Tensor

from course_utils.latent import scaled_truncated_normal, truncated_normal


def _redrawn_once(n: int) -> Tensor:
    z = torch.randn(n, 1)
    return torch.where(z.abs() > 1, torch.randn(n, 1), z)


SAMPLERS = {
    "sampler A": lambda n: 0.5 * torch.randn(n, 1),
    "sampler B": lambda n: truncated_normal(n, 1, 1.0),
    "sampler C": lambda n: torch.fmod(torch.randn(n, 1), 1.0),
    "sampler D": lambda n: torch.randn(n, 1).clamp(-1, 1),
    "sampler E": lambda n: scaled_truncated_normal(n, 1, 0.5),
    "sampler F": _redrawn_once,
}


class Reading(NamedTuple):
    """What one can print of a sampler."""

    deviation: float
    largest: float  # size of the largest number
    beyond: float  # share of numbers beyond 1
    at_the_bound: float  # share of numbers whose size is exactly 1
    small: float  # share of numbers below 0.25 in size


def read(z: Tensor) -> Reading:
    """The numbers of a sample (N, 1)."""
    size = z.abs()
    shares = [(size > 1), (size == 1), (size < 0.25)]
    return Reading(z.std().item(), size.max().item(), *(s.double().mean().item() for s in shares))
