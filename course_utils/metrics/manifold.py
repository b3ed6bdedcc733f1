"""Fidelity and diversity apart: how much of what is drawn is real, and how much of what is real is drawn?

A set's manifold is approximated by balls around its points that reach to their k-th neighbour in the same set.

- precision: share of fakes inside some real ball; recall: share of reals inside some fake ball.
  Kynkäänniemi et al., "Improved Precision and Recall Metric for Assessing Generative Models", 2019.
- density: how many real balls hold a fake, divided by k, on average; coverage: share of reals whose ball holds a
  fake. Both build balls on real points alone, so one outlier among the fakes does less harm.
  Naeem et al., "Reliable Fidelity and Diversity Metrics for Generative Models", 2020.

For two sets of one distribution the expected density is 1 and the expected coverage about 1 - 2^-k.
"""

from collections.abc import Iterator

import torch
from torch import Tensor

from course_utils.metrics.inputs import count, feature_matrix, same_width

FLOATS_AT_ONCE = 4_000_000  # size of the largest block of distances: 32 MB
TIE = 1e-12  # squared distances are alike when they differ by less, relative to the largest squared norm


def precision_recall(real: Tensor, fake: Tensor, k: int = 3) -> tuple[float, float]:
    """Improved precision and recall, each from 0 to 1. A point on the rim of a ball is inside.

    Args:
        real: features (N, d), N > k; computed in float64, in blocks, so memory does not grow as N M.
        fake: features (M, d), M > k.
        k: the neighbour that a ball reaches to. Points that repeat k times or more have a ball of radius 0,
            which holds only their copies.

    Raises ValueError for sets not larger than k, different widths, NaN or infinite features.
    """
    real, fake, slack = _sets(real, fake, k, fakes=k + 1)
    return _share_inside(fake, real, k, slack), _share_inside(real, fake, k, slack)


def density_coverage(real: Tensor, fake: Tensor, k: int = 5) -> tuple[float, float]:
    """Density (>= 0, may exceed 1) and coverage (0 to 1). A point on the rim of a ball is outside.

    Args:
        real: features (N, d), N > k; computed in float64, in blocks, so memory does not grow as N M.
        fake: features (M, d), M >= 1.
        k: the neighbour that a ball reaches to.

    Raises ValueError as `precision_recall`, and where every real ball has radius 0 because the points repeat.
    """
    real, fake, slack = _sets(real, fake, k, fakes=1)
    radii = _squared_radii(real, k)
    if (radii <= slack).all():
        raise ValueError(f"real: expected points that differ, got each at least {k + 1} times; every ball is empty")
    hits = torch.cat([(block < radii[rows, None] - slack).sum(dim=1) for rows, block in _blocks(real, fake)])
    return hits.sum().item() / (k * len(fake)), (hits > 0).double().mean().item()  # hits (N,): fakes in each ball


def _share_inside(points: Tensor, centres: Tensor, k: int, slack: float) -> float:
    """Share of the points that lie in the ball of some centre."""
    radii = _squared_radii(centres, k)
    inside = [(block <= radii + slack).any(dim=1) for _, block in _blocks(points, centres)]
    return torch.cat(inside).double().mean().item()


def _squared_radii(points: Tensor, k: int) -> Tensor:
    """Squared distance from each point to its k-th neighbour in the same set, itself not counted: (N,)."""
    radii = []
    for rows, block in _blocks(points, points):
        block.diagonal(rows.start).fill_(-1)  # itself comes first
        radii.append(block.kthvalue(k + 1, dim=1).values)
    return torch.cat(radii)


def _blocks(x: Tensor, y: Tensor) -> Iterator[tuple[slice, Tensor]]:
    """Some rows of x at a time, and their squared distances to all of y by |a|^2 + |b|^2 - 2ab."""
    norms = y.square().sum(dim=1)
    step = max(1, FLOATS_AT_ONCE // len(y))
    for start in range(0, len(x), step):
        part = x[start : start + step]
        squared = part.square().sum(dim=1)[:, None] + norms - 2 * part @ y.T
        yield slice(start, start + len(part)), squared.clamp(min=0)


def _sets(real: Tensor, fake: Tensor, k: int, fakes: int) -> tuple[Tensor, Tensor, float]:
    """Both sets around the real mean, so that distances lose no digits, and what counts as a tie."""
    count(k, "k", 1)
    reason = f"for k = {k} neighbours"
    real, fake = feature_matrix(real, "real", k + 1, reason), feature_matrix(fake, "fake", fakes, reason)
    same_width(real, fake, "real", "fake")
    mean = real.mean(dim=0)
    real, fake = real - mean, fake - mean
    largest = max(part.square().sum(dim=1).max().item() for part in (real, fake))
    return real, fake, TIE * largest
