"""How far are two ways to a gradient from the truth: their variance, and their bias."""

from collections.abc import Callable
from typing import NamedTuple

import torch


class Estimate(NamedTuple):
    """What many gradients of one kind say, against a reference."""

    noise: float  # total variance of one gradient, in squared lengths of the reference
    cosine: float  # between their mean and the reference
    length: float  # of their mean, in lengths of the reference


def flat_gradient(generator) -> torch.Tensor:
    """All gradients of a generator in one row (P,)."""
    return torch.cat([weights.grad.flatten() for weights in generator.parameters()])


def repeat(backward: Callable[[], None], generator, times: int) -> torch.Tensor:
    """``backward()`` leaves a gradient in the generator; here are ``times`` of them, (times, P)."""
    rows = []
    for _ in range(times):
        generator.zero_grad()
        backward()
        rows.append(flat_gradient(generator))
    return torch.stack(rows)


def compare(gradients: torch.Tensor, reference: torch.Tensor) -> Estimate:
    """Noise and bias of ``gradients`` (R, P) against ``reference`` (P,)."""
    mean, scale = gradients.mean(dim=0), reference.norm()
    noise = gradients.var(dim=0).sum() / scale**2
    cosine = torch.nn.functional.cosine_similarity(mean, reference, dim=0)
    return Estimate(noise.item(), cosine.item(), (mean.norm() / scale).item())
