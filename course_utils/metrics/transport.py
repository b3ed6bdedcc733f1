"""Exact optimal transport between two sets of points: the Wasserstein-1 distance that a critic estimates."""

import torch
from torch import Tensor


def wasserstein_distance(x: Tensor, y: Tensor) -> float:
    """The Wasserstein-1 distance of two sets of points (N, d), as many of each: the cheapest way to move one onto the other.

    Every point of ``x`` goes to a point of its own in ``y``, so that the mean Euclidean way is the shortest possible
    (an assignment problem, solved exactly by SciPy in about N^3 operations: 0.1 s for N = 1,000). In the unit of the points.

    It is the distance of the *samples*. Two samples of one distribution are not at distance 0, and in general N points
    overestimate the distance of the distributions, most where it is small: measure ``wasserstein_distance(x, x2)`` of a
    second sample beside it. Raises ValueError for shapes that differ or points that are not finite.
    """
    x, y = (torch.as_tensor(points).detach().cpu().double() for points in (x, y))
    if x.ndim != 2 or x.shape != y.shape or len(x) == 0:
        raise ValueError(f"points: expected two tensors (N, d) of one shape, got {tuple(x.shape)} and {tuple(y.shape)}")
    if not (x.isfinite().all() and y.isfinite().all()):
        raise ValueError("points: expected finite coordinates, got NaN or infinity")
    from scipy.optimize import linear_sum_assignment

    ways = torch.cdist(x, y, compute_mode="donot_use_mm_for_euclid_dist").numpy()  # (N, N)
    rows, columns = linear_sum_assignment(ways)
    return float(ways[rows, columns].mean())
