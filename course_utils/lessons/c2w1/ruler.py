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
        self.near_real = metrics.nearest_neighbours(to_float(digits.load("test").images), self.train)[0][:, 0]

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
        if copying:
            distances, indices = metrics.nearest_neighbours(images, self.train)
            found += [authentic_share(distances, indices, self.apart), rank_test(distances[:, 0], self.near_real)]
        return dict(zip(NAMES, found, strict=False))


def _share(counts: Tensor) -> float:
    return (counts > 0).double().mean().item()


def _drawn(probabilities: Tensor, least: float = 0.01) -> int:
    """How many digits make up at least this share of the images."""
    shares = torch.bincount(probabilities.argmax(dim=1), minlength=10) / len(probabilities)
    return int((shares >= least).sum())


def table(rows: dict[str, dict[str, float]]) -> str:
    """Readings side by side, a line for each name."""
    columns = list(next(iter(rows.values())))
    short = {"Inception Score": "IS", "digits drawn": "digits", "authenticity": "authentic", "copying test": "copying z"}
    places = {"digits drawn": 0, "copying test": 1, "Inception Score": 2, "FD": 2, "KID": 3}
    lines = [f"{'':24s}" + "".join(f"{short.get(c, c):>10s}" for c in columns)]
    for name, row in rows.items():
        lines.append(f"{name:24s}" + "".join(f"{row[c]:10.{places.get(c, 3)}f}" for c in columns))
    return "\n".join(lines)
