"""Columns of a table with chosen distributions and chosen correlations between them, by a Gaussian copula.

Each row begins as correlated normal numbers; each column then takes the shape that it should have, monotonically. The
shape changes the correlation, so the one between the normal numbers is solved for. Nelsen, "An Introduction to Copulas", 2006.
"""

import math
import numbers

import torch
from torch import Tensor

GRID = 4001  # points at which expectations are taken


class Uniform:
    """A number between 0 and 1, all equally likely."""

    mean, deviation = 0.5, math.sqrt(1 / 12)

    def value(self, normal: Tensor) -> Tensor:
        """Standard normal numbers, of any shape, as values of this column."""
        return torch.special.ndtr(normal)

    def mean_given(self, middle: Tensor, spread: float) -> Tensor:
        """Expected value when the normal number has this mean and standard deviation."""
        return torch.special.ndtr(middle / math.sqrt(1 + spread**2))


class Choice:
    """One of 0, 1, ..., K - 1, with these probabilities."""

    def __init__(self, *probabilities: float):
        p = torch.tensor(probabilities, dtype=torch.float64)
        codes = torch.arange(len(p), dtype=torch.float64)
        self.mean = (p * codes).sum().item()
        self.deviation = (p * (codes - self.mean).square()).sum().sqrt().item()
        self.limits = torch.special.ndtri(p.cumsum(0)[:-1])  # (K - 1,) normal numbers where the code goes up

    def value(self, normal: Tensor) -> Tensor:
        return (normal.unsqueeze(-1) > self.limits).sum(-1).to(normal.dtype)

    def mean_given(self, middle: Tensor, spread: float) -> Tensor:
        return torch.special.ndtr((middle.unsqueeze(-1) - self.limits) / max(spread, 1e-9)).sum(-1)


def correlation(one, other, latent: float) -> float:
    """Pearson's correlation of two columns whose normal numbers have the correlation `latent`."""
    normal = torch.special.ndtri((torch.arange(GRID, dtype=torch.float64) + 0.5) / GRID)  # equally likely points
    given = other.mean_given(latent * normal, math.sqrt(1 - latent**2))  # (GRID,)
    product = (one.value(normal) * given).mean().item()
    return (product - one.mean * other.mean) / (one.deviation * other.deviation)


def solve(one, other, wanted: float, label: str) -> float:
    """The latent correlation that gives two columns the correlation `wanted`. ValueError beyond what they allow."""
    low, high = -0.999, 0.999
    reach = correlation(one, other, low), correlation(one, other, high)
    if not reach[0] <= wanted <= reach[1]:
        raise ValueError(
            f"correlate[{label}]: {wanted:g} is impossible, the distributions of the two columns allow "
            f"{math.ceil(reach[0] * 100) / 100:.2f} to {math.floor(reach[1] * 100) / 100:.2f}"
        )
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if correlation(one, other, middle) < wanted else (low, middle)
    return (low + high) / 2


def latent_factor(columns: dict[str, object], wanted: dict[tuple[str, str], float]) -> Tensor:
    """`L` (A, A) such that `normal @ L.T` has the latent correlations for `wanted`: float64, rows of length 1.

    Pairs that are not named are uncorrelated. Raises ValueError for unknown or repeated pairs, for values that two
    columns cannot have, and for values that no table can have together.
    """
    names = list(columns)
    matrix = torch.eye(len(names), dtype=torch.float64)
    seen = set()
    for pair, value in wanted.items():
        first, second = _pair(pair, names)
        label = f"({first!r}, {second!r})"
        if {first, second} in seen or first == second:
            raise ValueError(f"correlate[{label}]: expected two different columns, each pair once")
        seen.add(frozenset((first, second)))
        if not isinstance(value, numbers.Real) or not -1 <= value <= 1:
            raise ValueError(f"correlate[{label}]: expected a number from -1 to 1, got {value!r}")
        i, j = names.index(first), names.index(second)
        matrix[i, j] = matrix[j, i] = solve(columns[first], columns[second], value, label) if value else 0.0
    factor, failed = torch.linalg.cholesky_ex(matrix)
    if failed:
        raise ValueError(
            "correlate: no table can have these correlations together; when A goes with B and B with C, then A goes "
            "with C: name that pair too, or make the values smaller"
        )
    return factor


def _pair(pair: object, names: list[str]) -> tuple[str, str]:
    if not (isinstance(pair, tuple) and len(pair) == 2):
        raise ValueError(f"correlate: expected pairs of column names as keys, got {pair!r}")
    for name in pair:
        if name not in names:
            raise ValueError(f"correlate: no column {name!r}; there are {', '.join(names)}")
    return pair
