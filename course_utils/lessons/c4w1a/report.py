"""The row of numbers that the lesson prints for a synthetic table."""

import math
from typing import NamedTuple

import numpy as np

from course_utils.tables import measure

CHANGING = ("year", "visits", "spending")  # columns that do not say who somebody is
NEAR = 0.05  # the share of held-out rows that lies below the limit for copies
UP_TO_AUC = f"{'':24s}{'KS':>7s}{'TV':>7s}{'corr.':>7s}{'conting.':>9s}{'AUC':>7s}"
HEADING = f"{UP_TO_AUC}{'closest':>9s}{'copies':>8s}"
SHAPES = ("7.3f", "7.3f", "7.3f", "9.3f", "7.3f", "9.4f", "8.1%")


class Report(NamedTuple):
    """The numbers of one table, beside real rows of persons that no model saw. NaN is printed as a dash."""

    ks: float  # mean over columns of numbers
    tv: float  # total variation, mean over discrete columns
    correlation: float  # mean error over pairs of numbers
    contingency: float  # total variation of pairs of discrete columns, mean
    auc: float  # trained on this table, tested on the real rows
    closest: float  # median distance to the closest training row, in the columns that say who somebody is
    copies: float  # share of rows nearer to a training row than 1 in 20 held-out rows is

    def __str__(self) -> str:
        return "".join(_cell(value, shape) for value, shape in zip(self, SHAPES, strict=True))

    @property
    def up_to_auc(self) -> str:
        """The numbers below ``UP_TO_AUC``, without the two distances."""
        return "".join(_cell(value, shape) for value, shape in zip(self[:5], SHAPES, strict=False))


def _cell(value: float, shape: str) -> str:
    return "–".rjust(int(shape.split(".")[0])) if math.isnan(value) else format(value, shape)


def report(table, train, test, discrete: list[str]) -> Report:
    """All numbers of ``table``, which may be synthetic or the training rows themselves.

    Columns, pairs and AUC are measured on ``test``, rows of persons that no model saw. The training rows measured in this
    way are the floor: real rows of some persons beside real rows of others.
    """
    columns = measure.marginals(test, table, discrete)
    near, limit = distances(table, train, discrete), np.quantile(distances(test, train, discrete), NEAR)
    return Report(
        float(np.mean([value for name, value in columns.items() if name not in discrete])),
        float(np.mean([value for name, value in columns.items() if name in discrete])),
        *measure.pairs(test, table, discrete),
        measure.auc(table, test),
        float(np.median(near)),
        float((near < limit).mean()),
    )


def held_out(train, test, discrete: list[str]) -> Report:
    """The floor of the two distances: how far held-out rows are from training rows. All other numbers are NaN."""
    return Report(*[math.nan] * 5, float(np.median(distances(test, train, discrete))), NEAR)


def distances(table, train, discrete: list[str]) -> np.ndarray:
    """Distances to the closest training row of 1,000 rows drawn from ``table``, by the columns that say who somebody is."""
    who = [name for name in train.columns if name not in CHANGING]
    rows = table.sample(min(1000, len(table)), random_state=0)
    return measure.closest(rows[who], train[who], [name for name in discrete if name in who])
