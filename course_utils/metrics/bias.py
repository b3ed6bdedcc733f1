"""How attributes go together, how far a generator exaggerates that, and what the judge's errors hide.

Attributes are tables (N, A): a row a person or an image, a column an attribute, 0 or 1 unless it has grades. The *judge* is
a classifier that fills such a table from images. Its two rates of an attribute are

    rates = (right on 0, right on 1) = (P(judge says 0 | truth 0), P(judge says 1 | truth 1))

Every ValueError names the argument, what was expected and what came.
"""

import math

import torch
from torch import Tensor

from course_utils.metrics.inputs import double


def attributes_together(attributes: Tensor) -> tuple[Tensor, Tensor]:
    """Covariance and Pearson's correlation of every two columns of ``attributes`` (N, A).

    Returns the two matrices, ``(covariance, correlation)``, both float64 (A, A).

    The covariance of columns a and b is the sum of (a - mean of a) (b - mean of b) over the N rows, divided by N - 1. The
    correlation is that, divided by the standard deviations of both columns: 1 on the diagonal, between -1 and 1 elsewhere.

    Raises:
        ValueError: for fewer than 2 rows, and for a column that is constant, whose correlation would be 0 / 0.
    """
    attributes = attributes.cpu().double()  # (N, A); not every device has float64
    if len(attributes) < 2:
        raise ValueError(f"attributes: expected at least 2 rows for a covariance, got {len(attributes)}")
    constant = (attributes == attributes[0]).all(dim=0)  # (A,)
    if constant.any():
        raise ValueError(
            f"attributes: expected columns that vary, got constant ones: {constant.nonzero().flatten().tolist()}"
        )
    centred = attributes - attributes.mean(dim=0)  # (N, A)
    covariance = centred.T @ centred / (len(attributes) - 1)  # (A, A)
    deviation = covariance.diagonal().sqrt()  # (A,)
    return covariance, covariance / (deviation[:, None] * deviation)


def amplification(generated: Tensor, trained: float) -> tuple[float, float]:
    """By how much generators exceed the data that they learned from, with its standard error.

    Args:
        generated: one number for each generator, float (S,), S >= 2: the same share, covariance or correlation, measured on
            generators that differ in their seed only.
        trained: the same number of the training data.

    Returns the two numbers ``(gap, error)``, floats:
        gap: the mean of ``generated`` minus ``trained``. Above 0 a positive number was exaggerated.
        error: the standard deviation of ``generated`` (with S - 1) over the root of S. It holds the chance of training,
            and that of the images that were drawn.

    Raises:
        ValueError: for fewer than 2 generators: one says nothing about how much the next would differ.
    """
    if len(generated) < 2:
        raise ValueError(f"generated: expected one number for each of 2 or more seeds, got {len(generated)}")
    error = generated.std(correction=1) / math.sqrt(len(generated))
    return generated.mean().item() - trained, error.item()


def correct_for_judge(
    answers: Tensor, rates_a: tuple[float, float], rates_b: tuple[float, float]
) -> tuple[float, float, float]:
    """Shares and correlation of two attributes of images, from the answers of a judge that errs.

    ``answers`` (N, 2) are 0 or 1: what the judge says about attributes a and b of N images. ``rates_a`` = (a0, a1) says how
    often it is right about a where the truth is 0, and where it is 1; ``rates_b`` = (b0, b1) likewise. They are measured
    on images whose truth is known. Errors are taken to be independent of each other and of the other attribute.

    If a share p of the images has attribute a, the judge says 1 for the share

        m = p a1 + (1 - p) (1 - a0)                            which is solved for p,

    and it shrinks the covariance of the two attributes by (a0 + a1 - 1) (b0 + b1 - 1). The covariance here is the mean of
    the product minus the product of the means. The correlation is the corrected covariance, divided by the
    deviations sqrt(p (1 - p)) of both corrected shares. (Teo et al., "On Measuring Fairness in Generative Models", 2023,
    correct a share in this way.)

    Returns the three numbers ``(share of a, share of b, correlation)``, corrected, floats.

    Raises:
        ValueError: when ``answers`` are not (N, 2) with N >= 2 and values 0 and 1; when a rate lies outside [0, 1]; when
            the two rates of an attribute add up to 1, as those of a judge that guesses do (to 1e-9), which cannot be undone;
            when a corrected share is not above 0 and below 1: these rates do not belong to these answers.
    """
    answers = answers.cpu().double()  # (N, 2)
    if answers.ndim != 2 or answers.shape[1] != 2 or len(answers) < 2:
        raise ValueError(f"answers: expected (N, 2) with at least 2 rows, got {tuple(answers.shape)}")
    if not ((answers == 0) | (answers == 1)).all():
        raise ValueError("answers: expected 0 and 1 only, got other values")
    measured = answers.mean(dim=0).tolist()
    shares, slopes = [], []
    for name, share, (right_on_0, right_on_1) in zip("ab", measured, (rates_a, rates_b), strict=True):
        if not (0 <= right_on_0 <= 1 and 0 <= right_on_1 <= 1):
            raise ValueError(f"rates_{name}: expected two numbers from 0 to 1, got {(right_on_0, right_on_1)}")
        slope = right_on_0 + right_on_1 - 1
        if abs(slope) < 1e-9:
            raise ValueError(f"rates_{name}: expected a judge that does not guess, got rates that add up to 1")
        p = (share - (1 - right_on_0)) / slope
        if not 0 < p < 1:
            raise ValueError(
                f"rates_{name}: expected rates that belong to the answers, got a corrected share of {p:.3f}"
            )
        shares.append(p)
        slopes.append(slope)
    covariance = answers.prod(dim=1).mean().item() - measured[0] * measured[1]
    corrected = covariance / (slopes[0] * slopes[1])
    deviations = [math.sqrt(p * (1 - p)) for p in shares]
    return *shares, corrected / (deviations[0] * deviations[1])


def judge_rates(answers: Tensor, truth: Tensor) -> tuple[float, float]:
    """How often a judge is right where the truth is 0, and where it is 1: answers (N,) and truth (N,), 0 or 1.

    Raises ValueError for other values, another number of answers, and a truth without one of the two.
    """
    answers, truth = _yes_or_no(double(answers, "answers"), "answers"), _yes_or_no(double(truth, "truth"), "truth")
    if answers.ndim != 1 or answers.shape != truth.shape:
        raise ValueError(
            f"answers: expected one for each truth (N,), got {tuple(answers.shape)} and {tuple(truth.shape)}"
        )
    if not 0 < truth.mean() < 1:
        raise ValueError("truth: expected both 0 and 1, got only one of them")
    return tuple((answers[truth == value] == value).double().mean().item() for value in (0, 1))


def parity_gap(decisions: Tensor, groups: Tensor) -> float:
    """Demographic parity gap: how differently often groups get a yes. 0 when all get it equally often, 1 at most.

    ``decisions`` (N,) are 0 or 1, ``groups`` (N,) are whole numbers, one for each group, and there may be more than two. The
    rate of a group is the mean of its decisions; the gap is the highest rate minus the lowest. It does not ask who
    deserved a yes.

    Raises:
        ValueError: when the two differ in length, when a decision is neither 0 nor 1, and for fewer than two groups.
    """
    if decisions.ndim != 1 or decisions.shape != groups.shape:
        raise ValueError(
            f"groups: expected one for each decision, got {tuple(groups.shape)} for {tuple(decisions.shape)}"
        )
    if not ((decisions == 0) | (decisions == 1)).all():
        raise ValueError("decisions: expected 0 and 1 only, got other values")
    labels = groups.unique()
    if len(labels) < 2:
        raise ValueError(f"groups: expected two groups or more, got {len(labels)}")
    rates = torch.stack([decisions[groups == label].cpu().double().mean() for label in labels])  # (G,)
    return (rates.max() - rates.min()).item()


def _yes_or_no(values: Tensor, name: str) -> Tensor:
    """The values as they came, once all are 0 or 1."""
    if not ((values == 0) | (values == 1)).all():
        raise ValueError(f"{name}: expected 0 and 1 only, got other values")
    return values
