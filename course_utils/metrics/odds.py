"""Equalised odds: do groups get a yes equally often among those who deserve it, and among those who do not?"""

import torch
from torch import Tensor

from course_utils.metrics.bias import parity_gap


def odds_gap(decisions: Tensor, truth: Tensor, groups: Tensor) -> float:
    """The larger of two gaps between groups: in the rate of a yes where the truth is 1, and where it is 0.

    ``decisions`` and ``truth`` (N,) are 0 or 1, ``groups`` (N,) whole numbers. 0 when errors do not depend on the group. Hardt,
    Price and Srebro, "Equality of Opportunity in Supervised Learning", 2016.

    Raises ValueError as ``parity_gap`` does, and when a group lacks one of the two truths.
    """
    if not decisions.shape == truth.shape == groups.shape or not ((truth == 0) | (truth == 1)).all():
        raise ValueError(f"truth: expected 0 or 1 for each of {tuple(decisions.shape)} decisions, got others")
    for group in groups.unique():
        if len(truth[groups == group].unique()) < 2:
            raise ValueError(f"truth: expected both 0 and 1 in every group, got one only in group {group.item()}")
    return max(parity_gap(decisions[truth == value], groups[truth == value]) for value in (0, 1))


def balanced_accuracy(guesses: Tensor, truth: Tensor) -> tuple[float, float]:
    """Mean of the rates of being right where the truth (N,) is 0 and where it is 1, and its standard error under chance.

    0.5 for whoever has no idea, however frequent a truth is. A guess at random, fair on both sides, has the standard error
    sqrt(1/n0 + 1/n1) / 4. Raises ValueError when one of the two truths is missing.
    """
    counts = [(truth == value).sum().item() for value in (0, 1)]
    if guesses.shape != truth.shape or 0 in counts or sum(counts) != len(truth):
        raise ValueError(f"truth: expected 0 and 1, one for each guess, got {counts[0]} of 0 and {counts[1]} of 1")
    rates = [(guesses[truth == value] == value).cpu().double().mean() for value in (0, 1)]
    return torch.stack(rates).mean().item(), (1 / counts[0] + 1 / counts[1]) ** 0.5 / 4
