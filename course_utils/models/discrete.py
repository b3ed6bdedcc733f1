"""A draw out of categories, and a gradient that passes it all the same: Gumbel noise and straight-through."""

import torch
import torch.nn.functional as F
from torch import Tensor


def gumbel(like: Tensor) -> Tensor:
    """Gumbel noise, -log(-log(u)) of uniform u, of this shape. The largest of logits plus noise is a draw of their softmax."""
    return -torch.empty_like(like).exponential_().log()


def straight_through(logits: Tensor, noise: Tensor | None = None) -> Tensor:
    """One-hot draws of the categories in the last dimension, (..., K), through which a gradient passes all the same.

    ``noise`` (..., K) is added to the logits first; None draws it anew, ``gumbel(logits)``, at every call; given noise
    is all there is. What is returned is
    one-hot: 1 at the largest of logits plus noise, 0 elsewhere. Its gradient with respect to the logits is the one that
    softmax(logits + noise) has (Jang, Gu and Poole, "Categorical Reparameterization with Gumbel-Softmax", 2017, with
    temperature 1).

    Raises ValueError for noise of another shape.
    """
    if noise is not None and noise.shape != logits.shape:
        raise ValueError(f"noise: expected the shape of logits, {tuple(logits.shape)}, got {tuple(noise.shape)}")
    # BEGIN SOLUTION
    noise = gumbel(logits) if noise is None else noise
    soft = (logits + noise).softmax(dim=-1)
    hard = F.one_hot(soft.argmax(dim=-1), logits.shape[-1]).to(soft.dtype)
    return hard - soft.detach() + soft
    # END SOLUTION
