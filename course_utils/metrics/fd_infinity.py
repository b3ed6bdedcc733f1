"""The Fréchet distance that infinitely many samples would have, from a straight line.

Its bias falls as 1/N, and differently for each generator. So it is measured on subsets of several sizes, a line
is fitted in 1/N, and where that line meets 1/N = 0 is the estimate. Chong and Forsyth, "Effectively Unbiased FID
and Inception Score and Where to Find Them", 2020.
"""

import torch
from torch import Tensor

from course_utils.metrics.frechet import frechet_from_statistics, statistics
from course_utils.metrics.inputs import count, feature_matrix, same_width

SMALLEST = 10  # the smallest subset holds one sample in so many


def frechet_distance_infinity(
    x: Tensor, y: Tensor, points: int = 15, both: bool = False, generator: torch.Generator | None = None
) -> float:
    """The Fréchet distance of x to y, extrapolated to infinitely many samples of x.

    Args:
        x: features (N, d) of the generator, N >= 20; a good deal more than 10 d, or the line is none.
        y: features (M, d) of the reference, used whole.
        points: subset sizes, evenly spaced from N / 10 to N; at least 2.
        both: shrink y in proportion too, which also takes out the bias that y's M samples cause. Without it,
            as published, the reference is taken as it is.
        generator: makes the choice of subsets reproducible.

    Returns a float, slightly below 0 at times when both sets are of one distribution.

    Raises ValueError for too few samples, different widths, NaN or infinite features, points < 2.
    """
    least = 2 * SMALLEST
    x = feature_matrix(x, "x", least, "to extrapolate from")
    y = feature_matrix(y, "y", least if both else 2, "to extrapolate from" if both else "for a covariance")
    same_width(x, y, "x", "y")
    count(points, "points", 2)
    sizes = torch.linspace(len(x) // SMALLEST, len(x), points).round().long().tolist()
    reference = statistics(y)
    distances = []
    for size in sizes:
        if both:
            reference = statistics(_subset(y, max(2, round(len(y) * size / len(x))), generator))
        distances.append(frechet_from_statistics(*reference, *statistics(_subset(x, size, generator))))
    return extrapolate(torch.tensor(sizes), torch.tensor(distances, dtype=torch.float64))


def _subset(x: Tensor, size: int, generator: torch.Generator | None) -> Tensor:
    return x[torch.randperm(len(x), generator=generator)[:size]]


def extrapolate(sizes: Tensor, distances: Tensor) -> float:
    """Where the least squares line through distances over 1 / size meets 1 / size = 0.

    Args:
        sizes: numbers of samples (P,), at least two that differ; integers or floats.
        distances: what was measured with each, (P,).

    Returns a float: what infinitely many samples would give, if the bias falls as 1 / size.
    """
    sizes, distances = sizes.cpu(), distances.cpu()  # not every device has float64
    # BEGIN SOLUTION
    x, y = 1 / sizes.double(), distances.double()  # (P,)
    slope = ((x - x.mean()) * (y - y.mean())).sum() / (x - x.mean()).square().sum()
    return (y.mean() - slope * x.mean()).item()
    # END SOLUTION
