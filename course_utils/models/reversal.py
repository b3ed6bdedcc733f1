"""Gradient reversal: what comes after it learns to find something, what comes before it learns to hide it.

Ganin and Lempitsky, "Unsupervised Domain Adaptation by Backpropagation", 2015; Ganin et al., "Domain-Adversarial Training of
Neural Networks", 2016.
"""

import math

import torch


class GradientReversal(torch.autograd.Function):
    """Identity on the way forward; on the way back the gradient is multiplied by ``-strength``.

    Called as ``GradientReversal.apply(x, strength)``. ``x`` (B, ...) is any tensor of floats, ``strength`` a float >= 0.
    Returns a tensor of the same shape and values. The gradient that reaches ``x`` is ``-strength`` times the one that arrives
    at the result; ``strength`` gets none. The gradient that arrives is not changed in place: others may hold it, too.
    """

    @staticmethod
    def forward(ctx, x: torch.Tensor, strength: float) -> torch.Tensor:
        """Keeps ``strength`` in ``ctx`` for the way back, and returns ``x`` as it is, as a view."""
        ctx.strength = strength
        return x.view_as(x)

    @staticmethod
    def backward(ctx, gradient: torch.Tensor) -> tuple[torch.Tensor, None]:
        """One gradient for each argument of ``forward``: that of ``x``, and None for ``strength``."""
        return -ctx.strength * gradient, None


def reversal_schedule(progress: float, sharpness: float = 10.0) -> float:
    """How strong the reversal is when this share of the training is over: 2 / (1 + exp(-sharpness progress)) - 1.

    0 at ``progress`` 0, so that the features first learn their task and the adversary its own; 0.99 half way; near 1 at the
    end (Ganin et al., 2016). Raises ValueError for a progress outside [0, 1].
    """
    if not 0 <= progress <= 1:
        raise ValueError(f"progress: expected a share from 0 to 1, got {progress!r}")
    return 2 / (1 + math.exp(-sharpness * progress)) - 1
