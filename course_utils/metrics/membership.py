"""Membership inference: was this image among those that a network was trained with? Scores, and how much they give away.

- Hayes et al., "LOGAN: Membership Inference Attacks Against Generative Models", 2019: the discriminator's score;
- Chen et al., "GAN-Leaks: A Taxonomy of Membership Inference Attacks against Generative Models", 2020: the distance to the
  nearest fake, calibrated by a reference;
- Carlini et al., "Membership Inference Attacks From First Principles", 2022: the ROC curve where false alarms are rare.
"""

import math

import torch
from torch import Tensor

from course_utils.metrics.neighbours import nearest_neighbours


def calibrated_score(images: Tensor, fakes: Tensor, reference: Tensor) -> Tensor:
    """How much nearer the generator comes to each image than a generator that never saw it.

    Takes ``images`` (N, C, H, W) to be judged, ``fakes`` (M, C, H, W) of the generator under attack, and ``reference``
    (R, C, H, W), fakes of a generator that was trained with other images. M and R may differ.

    The score of an image is its Euclidean distance to the nearest of ``reference`` minus its Euclidean distance to the
    nearest of ``fakes``: high for a member. Without the first distance, easy images would look like members: every generator
    comes near a plain 1. Returns float32 (N,).
    """
    # BEGIN SOLUTION
    near_fake = nearest_neighbours(images, fakes)[0].squeeze(1)  # (N,)
    near_reference = nearest_neighbours(images, reference)[0].squeeze(1)  # (N,)
    return near_reference - near_fake
    # END SOLUTION


def roc(members: Tensor, others: Tensor) -> tuple[Tensor, Tensor]:
    """The ROC curve of the attack that calls everything a member whose score is at least a threshold.

    Takes scores of ``members`` (N,) and of ``others`` (M,), higher for "member". The threshold falls from above all scores
    through each *different* score that occurs, so that equal scores are called together.

    Returns two float64 tensors (K + 1,), where K is the number of different scores: the share of ``others`` that is called
    a member (false positives) and the share of ``members`` that is (true positives). Both begin with 0, where nothing is
    called, and end with 1.
    """
    members, others = members.cpu(), others.cpu()  # not every device has float64
    # BEGIN SOLUTION
    thresholds = torch.cat([members, others]).unique().flip(0)  # (K,), falling

    def called(scores):
        ordered = scores.sort().values
        at_least = len(scores) - torch.searchsorted(ordered, thresholds)  # (K,)
        return torch.cat([torch.zeros(1), at_least]).double() / len(scores)

    return called(others), called(members)
    # END SOLUTION


def area(curve: tuple[Tensor, Tensor]) -> float:
    """The area under a ROC curve (AUC), 0.5 for guessing: the chance that a member scores higher than another image."""
    false, true = curve
    return torch.trapezoid(true, false).item()


def true_rate_at(curve: tuple[Tensor, Tensor], false_rate: float) -> float:
    """The highest share of members found while at most this share of the others is called a member by mistake."""
    false, true = curve
    return true[false <= false_rate + 1e-12].max().item()


def guessing_error(members: int, others: int) -> float:
    """The standard error of the area when the scores say nothing about membership (Mann and Whitney, 1947)."""
    return math.sqrt((members + others + 1) / (12 * members * others))


def promised(false_rate: Tensor, epsilon: float, delta: float) -> Tensor:
    """The highest true positive rate that (epsilon, delta) leaves to any attack with these false positive rates.

    Both directions of the promise: TPR <= e^epsilon FPR + delta and 1 - FPR <= e^epsilon (1 - TPR) + delta.
    """
    first = math.exp(epsilon) * false_rate + delta
    second = 1 - math.exp(-epsilon) * (1 - false_rate - delta)
    return torch.minimum(first, second).clamp(max=1)
