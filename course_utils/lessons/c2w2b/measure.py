"""What is measured of a generator of portraits: hat, glasses, how they go together, and what that has cost."""

from typing import NamedTuple

import torch
from torch import Tensor

from course_utils.checkpoints import portraits_dialled as dialled
from course_utils.checkpoints.portraits_classifier import OUTPUTS, features, probabilities
from course_utils.datasets import to_float
from course_utils.datasets.portraits import NAMES, Portraits
from course_utils.lessons.c2w2b.hiding import fresh_adversary
from course_utils.metrics import frechet_distance
from course_utils.metrics.bias import attributes_together, correct_for_judge, judge_rates
from course_utils.metrics.odds import balanced_accuracy

COLUMNS = [OUTPUTS.index(name) for name in dialled.PAIR]  # of hat and glasses among the judge's 17 answers
PAIR = [NAMES.index(name) for name in dialled.PAIR]  # and in the table of portraits
UNASKED = ("background", "skin_tone", "hair_colour", "smile")
NOISE = 0.3  # as in the lesson on bias: drawn portraits with it are about as hard to read as generated ones
NAN = float("nan")


class Found(NamedTuple):
    """Shares and correlation of hat and glasses, corrected for the judge; the correlation as the judge says; the distance."""

    hats: float
    glasses: float
    correlation: float
    raw: float
    distance: float

    def __str__(self) -> str:
        return f"{self.raw:+8.3f}{self.correlation:+11.3f}{self.hats:6.2f}{self.glasses:9.2f}{self.distance:7.1f}"


HEADING = f"{'judge':>8s}{'corrected':>11s}{'hats':>6s}{'glasses':>9s}{'FD':>7s}"


def truth_of(people: Portraits) -> Tensor:
    """Hat and glasses in the table: (N, 2), 0 or 1."""
    return torch.stack([people.column(name) for name in dialled.PAIR], dim=1)


def answers_of(scores: Tensor) -> Tensor:
    """Hat and glasses as the judge says, yes or no: (N, 2) from scores (N, 17)."""
    return (scores[:, COLUMNS] > 0.5).float()


def noisy(images: Tensor, seed: int = 0) -> Tensor:
    """Portraits (N, 3, H, W) in [-1, 1] that are as hard to read as generated ones."""
    return (images + NOISE * torch.randn(images.shape, generator=torch.Generator().manual_seed(seed))).clamp(-1, 1)


def rates_on_noisy(people: Portraits) -> list[tuple[float, float]]:
    """How often the judge is right about hat and about glasses of drawn portraits with noise."""
    said, true = answers_of(probabilities(noisy(to_float(people.images)))), truth_of(people)
    return [judge_rates(said[:, i], true[:, i]) for i in range(2)]


def reference(n: int, seed: int = 2) -> Tensor:
    """Features (n, 64) of drawn portraits with the dial at 0: what everybody is compared with."""
    return features(to_float(dialled.people(n, seed, 0.0).images))


def measure(images: Tensor, rates: list[tuple[float, float]], real: Tensor) -> Found:
    """What is found in images (N, 3, H, W) in [-1, 1]. The distance takes as many of them as there are in ``real``.

    After a few steps of training there may be nothing to read; what cannot be said is NaN.
    """
    answers = answers_of(probabilities(images))
    distance = frechet_distance(features(images[: len(real)]), real)
    try:
        hats, glasses, corrected = correct_for_judge(answers, *rates)
        return Found(hats, glasses, corrected, attributes_together(answers)[1][0, 1].item(), distance)
    except ValueError:
        return Found(NAN, NAN, NAN, NAN, distance)


def guessed_from(images: Tensor, sets: tuple[tuple[str, ...], ...], steps: int) -> tuple[float, ...]:
    """Balanced accuracy of fresh adversaries that guess hats from the judge's scores of other attributes, one for each set.

    They learn on the first half of the images (N, 3, H, W) and are tested on the second. NaN where all or none have hats.
    """
    scores = probabilities(images)
    hats, half = answers_of(scores)[:, 0], len(scores) // 2
    if not (0 < hats[:half].mean() < 1 and 0 < hats[half:].mean() < 1):
        return (NAN,) * len(sets)
    accuracies = []
    for names in sets:
        x = scores[:, [OUTPUTS.index(name) for name in names]]  # (N, A)
        fresh = fresh_adversary(x[:half], hats[:half], steps)
        with torch.no_grad():
            guesses = (fresh(x[half:]).squeeze(1) > 0).float()
        accuracies.append(balanced_accuracy(guesses, hats[half:])[0])
    return tuple(accuracies)
