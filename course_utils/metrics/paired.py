"""Two ways on the same draws: how far they differ, how sure that is, and how often one of them wins."""

import math
from typing import NamedTuple

from torch import Tensor


class Comparison(NamedTuple):
    """What changes from one way to the other."""

    difference: float  # mean of after - before
    low: float  # lower end of the 95 % interval of that mean
    high: float  # its upper end
    wins: int  # draws with after above before
    losses: int  # draws with after below before
    p_value: float  # of the sign test, two-sided


def paired_comparison(before: Tensor, after: Tensor) -> Comparison:
    """Compare two ways that were measured on the same draws: number i of both belongs to draw i.

    Args:
        before: (N,) scores of one way, N >= 2; computed in float64.
        after: (N,) scores of the other way, higher is better.

    Returns a Comparison of the differences ``d = after - before``, its fields plain numbers of Python:

    - the mean of d, and its 95 % interval, mean ± t s / sqrt(N). Here s is the standard deviation of d, dividing by N - 1,
      and t the 97.5 % point of Student's t with N - 1 degrees of freedom, ``scipy.special.stdtrit(N - 1, 0.975)``;
    - wins and losses, the counts of d > 0 and d < 0. Draws without a difference are in neither;
    - the two-sided p-value of the sign test. If both ways were equally good, each of the n = wins + losses signs would be
      a fair coin. It is the probability of a split at least as uneven: 2 * P(X <= min(wins, losses)) for X from
      Binomial(n, 1/2), and at most 1; 1 when n is 0.

    Raises ValueError unless both have the same shape (N,) with N >= 2.
    """
    if before.ndim != 1 or before.shape != after.shape or len(before) < 2:
        found = f"{tuple(before.shape)} and {tuple(after.shape)}"
        raise ValueError(f"before, after: expected the same shape (N,) with N of at least 2, got {found}")
    before, after = before.cpu(), after.cpu()  # not every device has float64
    # BEGIN SOLUTION
    from scipy.special import stdtrit

    d = after.double() - before.double()  # (N,)
    mean, error = d.mean().item(), d.std().item() / math.sqrt(len(d))
    half = float(stdtrit(len(d) - 1, 0.975)) * error
    wins, losses = int((d > 0).sum()), int((d < 0).sum())
    n = wins + losses
    tail = sum(math.comb(n, k) for k in range(min(wins, losses) + 1)) / 2**n
    return Comparison(mean, mean - half, mean + half, wins, losses, min(1.0, 2 * tail))
    # END SOLUTION
