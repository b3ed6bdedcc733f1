"""All numbers of the lesson at once, with what they share computed once."""

import torch
from torch import Tensor

from course_utils import metrics
from course_utils.datasets import digits, to_float
from course_utils.metrics.copies import authentic_share, rank_test, spacing

NAMES = (
    "FD",
    "KID",
    "precision",
    "recall",
    "coverage",
    "Inception Score",
    "digits drawn",
    "authenticity",
    "copying test",
)
SHORT = {"Inception Score": "IS", "digits drawn": "digits", "authenticity": "authentic", "copying test": "copying z"}
TERSE = {"precision": "prec", "coverage": "cov", "authenticity": "auth", "copying test": "copy z"}  # in a printed table
PLACES = {"digits drawn": 0, "copying test": 1}  # decimals; 2 where nothing else is said
WIDTHS = {"recall": 7, "digits drawn": 7, "copying test": 7}  # characters in a printed table; 6 elsewhere
PRAISE = {"FD": -1, "KID": -1}  # the direction in which a number gets better; up where nothing else is said


class Ruler:
    """Measures digits (N, 1, 28, 28) against the held-out ones; `read(images)` gives a number for each of NAMES.

    Your own functions take the place of the library's. The copying test and authenticity compare pixels with
    the training images, everything else the features of the digit classifier with those of held-out images.
    """

    def __init__(
        self,
        frechet=metrics.frechet_distance,
        kernel=metrics.kernel_distance,
        counts=metrics.ball_counts,
        reals: int = 1000,
    ):
        self.frechet, self.kernel, self.counts = frechet, kernel, counts
        self.real = metrics.digit_features(to_float(digits.load("test").images[:reals]))  # (1000, 64)
        self.train = to_float(digits.load("train").images)  # (4000, 1, 28, 28)
        self.apart = spacing(self.train)  # (4000,)
        self.near_real = metrics.nearest_neighbours(to_float(digits.load("test").images[:reals]), self.train)[0][:, 0]

    def read(self, images: Tensor, copying: bool = True) -> dict[str, float]:
        """A number for each of NAMES; without the last two, which take the longest, unless `copying`."""
        features = metrics.digit_features(images)
        balls, fakes = self.counts(self.real, features)
        back, _ = self.counts(features, self.real)  # balls around fakes
        probabilities = metrics.digit_probabilities(images)
        found = [
            self.frechet(features, self.real),
            self.kernel(features, self.real),
            _share(balls),
            _share(back),
            _share(fakes),
            metrics.inception_score(probabilities, splits=1)[0],
            _drawn(probabilities),
        ]
        found += self._copying(images) if copying else []
        return dict(zip(NAMES, found, strict=False))

    def read_real(self, n: int = 1000, draws: int = 5) -> dict[str, float]:
        """What real digits get: the mean of some draws of n training images.

        The last two numbers ask for copies of those, so they are of the held-out images.
        """
        held_out = to_float(digits.load("test").images[: len(self.real)])
        chance = torch.Generator().manual_seed(100)
        drawn = [torch.randperm(len(self.train), generator=chance)[:n] for _ in range(draws)]
        rows = [self.read(self.train[chosen], copying=False) for chosen in drawn]
        row = {name: sum(one[name] for one in rows) / draws for name in rows[0]}
        return row | dict(zip(NAMES[-2:], self._copying(held_out), strict=True))

    def _copying(self, images: Tensor) -> list[float]:
        distances, indices = metrics.nearest_neighbours(images, self.train)
        return [authentic_share(distances, indices, self.apart), rank_test(distances[:, 0], self.near_real)]


def _share(counts: Tensor) -> float:
    return (counts > 0).double().mean().item()


def _drawn(probabilities: Tensor, least: float = 0.01) -> int:
    """How many digits make up at least this share of the images."""
    shares = torch.bincount(probabilities.argmax(dim=1), minlength=10) / len(probabilities)
    return int((shares >= least).sum())


def table(rows: dict[str, dict[str, float]]) -> str:
    """Readings side by side, a line for each name, 78 characters at most for names of up to 21."""
    columns = list(next(iter(rows.values())))
    lines = [f"{'':21s}" + "".join(f"{(SHORT | TERSE).get(c, c):>{WIDTHS.get(c, 6)}s}" for c in columns)]
    for name, row in rows.items():
        lines.append(f"{name:21s}" + "".join(f"{row[c]:{WIDTHS.get(c, 6)}.{PLACES.get(c, 2)}f}" for c in row))
    return "\n".join(lines)


def verdicts(rows: dict[str, dict[str, float]], honest: list[dict[str, float]]) -> dict[str, dict[str, str]]:
    """For each reading "worse", "better" or "same" than those of the honest generator, which is measured several times.

    It counts as the same up to twice the range of the honest readings: their range, and half of it on either side.
    """
    found = {}
    for name, row in rows.items():
        found[name] = {}
        for column, value in row.items():
            usual = [reading[column] for reading in honest]
            margin = (max(usual) - min(usual)) / 2
            away = (value > max(usual) + margin) - (value < min(usual) - margin)
            found[name][column] = ("same", "better", "worse")[away * PRAISE.get(column, 1)]
    return found
