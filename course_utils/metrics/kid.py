"""The kernel distance (KID with Inception features): how far apart two sets of features are, without bias.

    MMD^2 = E k(x, x') + E k(y, y') - 2 E k(x, y),   k(a, b) = (a.b / d + 1)^3

The cubic kernel compares means, covariances and third moments. The estimate leaves out the pairs of a sample
with itself, so its expectation is the true value at every sample size: two sets of one distribution score 0 on
average, and single scores may be negative. Binkowski et al., "Demystifying MMD GANs", 2018.
"""

from typing import NamedTuple

import torch
from torch import Tensor

from course_utils.metrics.inputs import count, feature_matrix, same_width

FLOATS_AT_ONCE = 4_000_000  # size of the largest block of kernel values: 32 MB


class KernelEstimate(NamedTuple):
    """An unbiased squared maximum mean discrepancy and the variance of that estimate."""

    value: float
    variance: float  # over new draws of both sets; its root is the standard error of `value`


def kernel_distance(x: Tensor, y: Tensor, degree: int = 3, offset: float = 1.0) -> float:
    """The unbiased squared maximum mean discrepancy with the kernel `(a.b / d + offset)**degree`.

    Args:
        x: features (N, d), N >= 2, any real dtype; computed in float64.
        y: features (M, d), M >= 2; M may differ from N.

    Returns a float: the mean kernel of two different rows of x, plus that of two different rows of y, minus twice
    the mean kernel of a row of x and a row of y. It may be negative.

    Raises ValueError for fewer than two samples, different widths, NaN or infinite features, degree < 1.
    """
    x, y = feature_matrix(x, "x", 2, "for pairs"), feature_matrix(y, "y", 2, "for pairs")  # float64, or a ValueError
    same_width(x, y, "x", "y")
    count(degree, "degree", 1)
    # BEGIN SOLUTION

    def total(a, b):
        """The sum of the kernel over all pairs, a thousand rows of `a` at a time."""
        return sum(((part @ b.T / b.shape[1] + offset) ** degree).sum() for part in a.split(1000))

    def within(a):
        """The mean over pairs of two different rows."""
        with_itself = ((a.square().sum(dim=1) / a.shape[1] + offset) ** degree).sum()
        return (total(a, a) - with_itself) / (len(a) * (len(a) - 1))

    return (within(x) + within(y) - 2 * total(x, y) / (len(x) * len(y))).item()
    # END SOLUTION


def kernel_estimate(x: Tensor, y: Tensor, degree: int = 3, offset: float = 1.0) -> KernelEstimate:
    """The kernel distance with its variance, from the Hoeffding decomposition of the estimate (N, M >= 4).

    First order: how much one sample moves the value, `4 Var(a) / N + 4 Var(b) / M`. Second order, all that is
    left where both sets come from one distribution: `2 V_xx / N^2 + 2 V_yy / M^2 + 4 V_xy / (N M)`, with V the
    variance of the kernel once row and column means are taken out. Raises ValueError as `kernel_distance`.
    """
    x, y = feature_matrix(x, "x", 4, "for pairs"), feature_matrix(y, "y", 4, "for pairs")
    same_width(x, y, "x", "y")
    count(degree, "degree", 1)
    n, m = len(x), len(y)
    xx, yy, xy = (_moments(a, b, degree, offset) for a, b in ((x, None), (y, None), (x, y)))
    a = xx.rows / (n - 1) - xy.rows / m  # (N,), what each x contributes
    b = yy.rows / (m - 1) - xy.columns / n  # (M,)
    plug_in = 4 * a.var().item() / n + 4 * b.var().item() / m  # holds the second order twice
    second = 2 * _residual_same(xx) / n**2 + 2 * _residual_same(yy) / m**2 + 4 * _residual_cross(xy) / (n * m)
    return KernelEstimate(kernel_distance(x, y, degree, offset), second + max(0.0, plug_in - 2 * second))


def kernel_distance_subsets(
    x: Tensor, y: Tensor, subsets: int = 100, size: int = 1000, generator: torch.Generator | None = None
) -> tuple[float, float]:
    """Mean and standard deviation of the kernel distance over random subsets, as KID is usually reported.

    Args:
        x: features (N, d); y: features (M, d).
        subsets: how many pairs of subsets are drawn.
        size: samples in a subset, without repeats; at most N and M.
        generator: makes the choice reproducible.

    The standard deviation is that of single subsets (dividing by `subsets`), not the error of the mean.

    Raises ValueError as `kernel_distance`, and for subsets < 1 and a size out of range.
    """
    x, y = feature_matrix(x, "x", 2, "for pairs"), feature_matrix(y, "y", 2, "for pairs")
    count(subsets, "subsets", 1)
    count(size, "size", 2, min(len(x), len(y)), " (the smaller set)")
    values = []
    for _ in range(subsets):
        rows_x = torch.randperm(len(x), generator=generator)[:size]
        rows_y = torch.randperm(len(y), generator=generator)[:size]
        values.append(kernel_distance(x[rows_x], y[rows_y]))
    values = torch.tensor(values, dtype=torch.float64)
    return values.mean().item(), values.std(correction=0).item()


class _Moments(NamedTuple):
    """Sums of a kernel matrix; without its diagonal where a set is held against itself."""

    rows: Tensor  # (N,)
    columns: Tensor  # (M,)
    squares: float  # of (entry - centre)
    centre: float  # some entry's size, so that squares lose no digits


def _moments(x: Tensor, other: Tensor | None, degree: int, offset: float) -> _Moments:
    """Row by row in blocks; `other` is None where x is held against itself."""
    y = x if other is None else other
    centre = ((x.mean(dim=0) @ y.mean(dim=0)).item() / x.shape[1] + offset) ** degree
    rows, columns, squares, start = [], torch.zeros(len(y), dtype=x.dtype), 0.0, 0
    for part in x.split(max(1, FLOATS_AT_ONCE // len(y))):
        kernel = (part @ y.T / x.shape[1] + offset) ** degree - centre  # (n, M)
        if other is None:
            kernel.diagonal(start).zero_()
        rows.append(kernel.sum(dim=1))
        columns += kernel.sum(dim=0)
        squares += kernel.square().sum().item()
        start += len(part)
    return _Moments(torch.cat(rows), columns, squares, centre)


def _residual_same(k: _Moments) -> float:
    """Variance of `k_ij - row_i - row_j - mean` over pairs i < j of one set, with N (N - 3) / 2 of freedom."""
    n = len(k.rows)
    mean = k.rows.sum() / (n * (n - 1))
    effects = (k.rows - (n - 1) * mean) / (n - 2)
    explained = n * (n - 1) * mean.square() + 2 * (n - 2) * effects.square().sum()
    return max(0.0, (k.squares - explained.item()) / (n * (n - 3)))


def _residual_cross(k: _Moments) -> float:
    """Variance of `k_ij - row_i - column_j - mean`, with (N - 1) (M - 1) degrees of freedom."""
    n, m = len(k.rows), len(k.columns)
    mean = k.rows.sum() / (n * m)
    rows, columns = k.rows / m - mean, k.columns / n - mean
    explained = n * m * mean.square() + m * rows.square().sum() + n * columns.square().sum()
    return max(0.0, (k.squares - explained.item()) / ((n - 1) * (m - 1)))
