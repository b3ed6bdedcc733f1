"""Which modes does a generator cover, and how evenly? Digits, mixtures in the plane, stacked digits."""

import math
from typing import NamedTuple

import torch
from torch import Tensor

from course_utils.datasets.gaussians import Mixture
from course_utils.metrics.features import digit_labels
from course_utils.metrics.inputs import count


class ModeStatistics(NamedTuple):
    """How points stand to the modes of a mixture."""

    covered: int  # modes with enough high-quality points, 0 to K
    high_quality: float  # share of points near a mode, 0 to 1
    kl: float  # nats from the high-quality points' histogram over the modes to uniform, 0 to log K


def class_histogram(images: Tensor) -> Tensor:
    """How many of the images the digit classifier reads as 0, 1, ..., 9.

    Takes float (N, 1, 28, 28) in [-1, 1]; returns int64 (10,) that sums to N. Raises ValueError for other
    images.
    """
    return torch.bincount(digit_labels(images), minlength=10)


def mode_statistics(mixture: Mixture, points: Tensor, sigmas: float = 3.0, at_least: int = 1) -> ModeStatistics:
    """Modes covered, share of high quality, and how unevenly the modes are hit.

    Args:
        mixture: of `datasets.gaussians`, with K modes.
        points: generated, (N, 2), N >= 1.
        sigmas: a point is of high quality within so many standard deviations of its nearest mode; of true
            samples 98.9 % are for 3.
        at_least: high-quality points that make a mode covered.

    Where no point is of high quality the divergence is infinite. Srivastava et al., "VEEGAN", 2017; Lin et al.,
    "PacGAN", 2018. Raises ValueError for points that are not finite or not (N, 2), and for at_least < 1.
    """
    count(at_least, "at_least", 1)
    good = mixture.high_quality(points, sigmas)  # (N,)
    if len(good) == 0:
        raise ValueError("points: expected at least 1 point, got 0; draw some from the generator")
    points = torch.as_tensor(points).detach().cpu().double()
    nearest = torch.cdist(points, mixture.centres, compute_mode="donot_use_mm_for_euclid_dist").argmin(dim=1)
    hits = torch.bincount(nearest[good], minlength=len(mixture.centres))  # (K,)
    return ModeStatistics(int((hits >= at_least).sum()), good.double().mean().item(), _kl_to_uniform(hits))


def stacked_modes(labels: Tensor) -> tuple[int, float]:
    """Modes covered of the 1,000 of stacked digits, and the KL divergence of their histogram to uniform, in nats.

    Args:
        labels: integers (N, 3) from 0 to 9, the digit read in each colour channel, N >= 1.

    N even samples still measure about 999 / (2 N), so compare equal N (26,000 by custom). Metz et al., "Unrolled
    GANs", 2017; Lin et al., "PacGAN", 2018. Raises ValueError for labels of another shape, type or range.
    """
    if not isinstance(labels, Tensor) or labels.is_floating_point() or labels.is_complex():
        kind = labels.dtype if isinstance(labels, Tensor) else type(labels).__name__
        raise ValueError(f"labels: expected an integer tensor (N, 3), got {kind}; take digit_labels of each channel")
    if labels.ndim != 2 or labels.shape[1] != 3 or len(labels) == 0:
        raise ValueError(f"labels: expected shape (N, 3) with N >= 1, got {tuple(labels.shape)}")
    if labels.min() < 0 or labels.max() > 9:
        raise ValueError(f"labels: expected digits 0 to 9, got {labels.min()} to {labels.max()}")
    numbers = (labels.detach().cpu().long() * torch.tensor([100, 10, 1])).sum(dim=1)
    hits = torch.bincount(numbers, minlength=1000)
    return int((hits > 0).sum()), _kl_to_uniform(hits)


def _kl_to_uniform(hits: Tensor) -> float:
    """KL(histogram || uniform) = log K - entropy, in nats; infinite for an empty histogram."""
    if hits.sum() == 0:
        return math.inf
    return max(0.0, math.log(len(hits)) - torch.special.entr(hits.double() / hits.sum()).sum().item())
