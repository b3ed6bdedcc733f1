"""The Inception Score: is each image clearly of one class, and are the classes spread evenly?

    IS = exp( E_x KL( p(class | x) || p(class) ) )

from 1 (the classifier says the same of every image) to the number of classes. It never looks at real images, so
it cannot see memorised or ugly ones. Salimans et al., "Improved Techniques for Training GANs", 2016.
"""

from itertools import pairwise

import torch
from torch import Tensor

from course_utils.metrics.inputs import count, double, finite

TOLERANCE = 1e-3  # how far a row may sum from 1
ROUNDED = 2e-2  # the same for probabilities in float16 or bfloat16, which has eight bits


def inception_score(probabilities: Tensor, splits: int = 10) -> tuple[float, float]:
    """Mean and standard deviation of the score over `splits` parts of the samples.

    Args:
        probabilities: (N, classes) from a classifier, rows that sum to 1; zeros are fine. For the digits
            `digit_probabilities(images)`.
        splits: parts of consecutive rows, 1 to N; shuffle rows that are sorted. The score of a small part is
            biased, so compare scores of equal N and splits only.

    The standard deviation divides by `splits`, as the first implementation did: 0 for one part.

    Raises ValueError for another shape, negative numbers, rows that do not sum to 1, NaN, splits out of range.
    """
    p = _probabilities(probabilities)
    count(splits, "splits", 1, len(p), " (the number of samples)")
    edges = [i * len(p) // splits for i in range(splits + 1)]
    parts = [p[start:stop] for start, stop in pairwise(edges)]
    scores = torch.stack([_mutual_information(part).exp() for part in parts])
    return scores.mean().item(), scores.std(correction=0).item()


def _mutual_information(p: Tensor) -> Tensor:
    """E KL(p_i || mean p) = entropy of the mean - mean of the entropies, in nats; 0 log 0 is 0."""
    return torch.special.entr(p.mean(dim=0)).sum() - torch.special.entr(p).sum(dim=1).mean()


def _probabilities(values: Tensor) -> Tensor:
    p = finite(double(values, "probabilities"), "probabilities")
    if p.ndim != 2 or len(p) == 0 or p.shape[1] == 0:
        raise ValueError(f"probabilities: expected shape (N, classes), got {tuple(p.shape)}")
    sums = p.sum(dim=1)
    rounded = getattr(values, "dtype", None) in (torch.float16, torch.bfloat16)
    if p.min() < 0 or (sums - 1).abs().max() > (ROUNDED if rounded else TOLERANCE):
        came = f"values from {p.min():.3g} and sums from {sums.min():.3g} to {sums.max():.3g}"
        raise ValueError(f"probabilities: expected rows >= 0 that sum to 1, got {came}; apply softmax to logits")
    return p / sums[:, None]
