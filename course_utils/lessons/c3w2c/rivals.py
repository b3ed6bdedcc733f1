"""Rivals without a network, and the smallest example in which a sharp picture must have twice the error."""

from typing import NamedTuple

import torch
from torch import Tensor

from course_utils.models.super_resolution import FACTOR, bicubic


class Ridge(NamedTuple):
    """The best linear map from all pixels of a small picture to what bicubic interpolation lacks."""

    mean_in: Tensor  # (3 h w,)
    mean_out: Tensor  # (48 h w,)
    weights: Tensor  # (3 h w, 48 h w)

    def __call__(self, small: Tensor) -> Tensor:
        """(N, 3, h, w) to (N, 3, 4h, 4w), not clipped."""
        lacks = (small.flatten(1) - self.mean_in) @ self.weights + self.mean_out
        large = bicubic(small)
        return large + lacks.view_as(large)


def fit_ridge(small: Tensor, large: Tensor, penalty: float) -> Ridge:
    """Ridge regression on pairs (N, 3, h, w) and (N, 3, 4h, 4w); ``penalty`` is the factor of the squared weights."""
    x, y = small.flatten(1), (large - bicubic(small)).flatten(1)
    mean_in, mean_out = x.mean(dim=0), y.mean(dim=0)
    x, y = x - mean_in, y - mean_out
    weights = torch.linalg.solve(x.T @ x + penalty * torch.eye(x.shape[1]), x.T @ y)
    return Ridge(mean_in, mean_out, weights)


def stars(factor: int = FACTOR) -> Tensor:
    """All blocks of factor x factor pixels with one white pixel (1) on black (0): (factor^2, factor^2), a block a row.

    All of them become the same grey pixel when they are shrunk, and each is as likely as the others.
    """
    return torch.eye(factor**2, dtype=torch.float64)


def errors_of_answers(blocks: Tensor) -> dict[str, float]:
    """The expected squared error a pixel of two answers to "which block was it?", where all blocks (K, P) are equally likely.

    ``mean``: the mean of the blocks, which has the smallest squared error there is. ``sample``: one of the blocks, drawn at
    random, whatever the truth was: it has the distribution of the truth. Over all pairs its error is exactly twice the first.
    """
    truth, answer = blocks[:, None], blocks[None]  # all pairs
    return {
        "mean": (truth - blocks.mean(dim=0)).square().mean().item(),
        "sample": (truth - answer).square().mean().item(),
    }
