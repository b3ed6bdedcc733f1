"""Weights that undo a correlation in data, and what they cost.

Kamiran and Calders, "Data Preprocessing Techniques for Classification without Discrimination", 2012.
"""

import torch
from torch import Tensor


def reweighing(a: Tensor, b: Tensor) -> Tensor:
    """Weights under which two attributes of N people are independent: (N,), float64.

    ``a`` and ``b`` (N,) are 0 or 1, or any other numbers of groups. With shares of the N people, a person whose attributes
    are x and y gets the weight

        share(a = x) share(b = y) / share(a = x and b = y)

    which is above 1 for a combination that is rarer than it would be by chance. The weights have the mean 1, no attribute
    changes its weighted share, and the weighted covariance of a and b is 0.

    Raises ValueError when the two differ in length or are empty, and when a combination of a value of ``a`` with a value of
    ``b`` does not occur at all: no weight can make up for people who are missing.
    """
    if a.ndim != 1 or a.shape != b.shape or len(a) == 0:
        raise ValueError(f"b: expected one number for each of a's, got {tuple(a.shape)} and {tuple(b.shape)}")
    weights = torch.zeros(len(a), dtype=torch.float64)  # (N,)
    for x in a.unique():
        for y in b.unique():
            both = ((a == x) & (b == y)).cpu()  # (N,); not every device has float64
            if not both.any():
                raise ValueError(f"a, b: expected every combination, got none of {x.item():g} and {y.item():g}")
            expected = (a == x).cpu().double().mean() * (b == y).cpu().double().mean()
            weights[both] = expected / both.double().mean()
    return weights


def effective_sample_size(weights: Tensor) -> float:
    """How many equally weighted people would give a mean as certain as weights (N,) >= 0 do: (sum w)^2 / sum w^2.

    N when all weights are equal, 1 when one has everything (Kish, 1965). Raises ValueError for weights below 0 and for
    weights that are all 0.
    """
    weights = weights.cpu().double()
    if weights.ndim != 1 or not (weights >= 0).all() or not weights.sum() > 0:
        raise ValueError("weights: expected numbers (N,) that are not below 0, some above it")
    return (weights.sum() ** 2 / weights.square().sum()).item()


def kept_share(correlation: float) -> float:
    """Effective share of the sample under ``reweighing`` when both attributes have the share one half: 1 - r^2."""
    return 1 - correlation**2
