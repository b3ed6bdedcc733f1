"""Fidelity and diversity apart: how much of what is drawn is real, and how much of what is real is drawn?

A set's manifold is approximated by balls around its points that reach to their k-th neighbour in the same set.

- precision: share of fakes inside some real ball; recall: share of reals inside some fake ball.
  Kynkäänniemi et al., "Improved Precision and Recall Metric for Assessing Generative Models", 2019.
- density: how many real balls hold a fake, divided by k, on average; coverage: share of reals whose ball holds a
  fake. Both build balls on real points alone, so one outlier among the fakes does less harm.
  Naeem et al., "Reliable Fidelity and Diversity Metrics for Generative Models", 2020.

For two sets of one distribution the expected density is 1; `expected_coverage` says what the coverage is.
"""

import numbers

import torch
from torch import Tensor

from course_utils.metrics.inputs import count, feature_matrix, same_width


def ball_counts(real: Tensor, fake: Tensor, k: int = 5) -> tuple[Tensor, Tensor]:
    """How many real balls hold each fake, and how many fakes each real ball holds.

    Around each real point lies a ball that reaches to its k-th neighbour among the *other* real points. A point is in
    a ball when its Euclidean distance to the centre is smaller than the radius; the rim is outside.

    Args:
        real: features (N, d), N > k; computed in float64.
        fake: features (M, d), M >= 1; M may differ from N.
        k: the neighbour that a ball reaches to.

    Returns `(balls, fakes)`, int64: the number of balls around each fake (M,), and of fakes in each ball (N,).

    Raises ValueError for sets that are too small, different widths, NaN or infinite features, k < 1.
    """
    count(k, "k", 1)
    real = feature_matrix(real, "real", k + 1, f"for k = {k} neighbours")  # float64, or a ValueError
    fake = feature_matrix(fake, "fake", 1, "to look for")
    same_width(real, fake, "real", "fake")
    # BEGIN SOLUTION

    def distances(a, b):
        """Exact, so that two copies of a point are at 0: (A, B)."""
        return torch.cdist(a, b, compute_mode="donot_use_mm_for_euclid_dist")

    radii = [distances(rows, real).kthvalue(k + 1, dim=1).values for rows in real.split(500)]  # the first is itself
    radii = torch.cat(radii)  # (N,)
    balls, fakes = [], torch.zeros(len(real), dtype=torch.long)
    for rows in fake.split(500):
        inside = distances(rows, real) < radii  # (500, N)
        balls.append(inside.sum(dim=1))
        fakes += inside.sum(dim=0)
    return torch.cat(balls), fakes
    # END SOLUTION


def precision_recall(real: Tensor, fake: Tensor, k: int = 3) -> tuple[float, float]:
    """Improved precision and recall, each from 0 to 1.

    Args:
        real: features (N, d), N > k.
        fake: features (M, d), M > k.
        k: the neighbour that a ball reaches to. Points that repeat more than k times have empty balls.

    Raises ValueError for sets not larger than k, different widths, NaN or infinite features.
    """
    fake = feature_matrix(fake, "fake", k + 1, f"for k = {k} neighbours") if isinstance(k, numbers.Integral) else fake
    balls_of_reals, _ = ball_counts(real, fake, k)  # (M,)
    balls_of_fakes, _ = ball_counts(fake, real, k)  # (N,)
    return _share(balls_of_reals), _share(balls_of_fakes)


def density_coverage(real: Tensor, fake: Tensor, k: int = 5) -> tuple[float, float]:
    """Density (>= 0, may exceed 1) and coverage (0 to 1).

    Args:
        real: features (N, d), N > k.
        fake: features (M, d), M >= 1.
        k: the neighbour that a ball reaches to.

    Raises ValueError as `ball_counts`.
    """
    balls, fakes = ball_counts(real, fake, k)
    return balls.double().mean().item() / k, _share(fakes)


def expected_coverage(n: int, m: int, k: int = 5) -> float:
    """The coverage of n reals by m fakes of the same continuous distribution, on average: about 1 - 2^-k for n = m.

    A ball stays empty when the k nearest of the n - 1 other reals and m fakes are all real.
    """
    miss = 1.0
    for i in range(1, k + 1):
        miss *= (n - i) / (n + m - i)
    return 1 - miss


def _share(counts: Tensor) -> float:
    return (counts > 0).double().mean().item()
