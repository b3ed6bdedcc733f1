"""The row of numbers that the lesson prints for a synthetic table."""

from typing import NamedTuple

import numpy as np

from course_utils.tables import measure

CHANGING = ("year", "visits", "spending")  # columns that do not say who somebody is
HEADING = f"{'':26s}{'KS':>8s}{'TV':>8s}{'corr.':>8s}{'conting.':>10s}{'AUC':>8s}{'closest':>9s}{'copies':>8s}"


class Report(NamedTuple):
    """The numbers of one table, beside the table that it was made from."""

    ks: float  # mean over columns of numbers
    tv: float  # total variation, mean over discrete columns
    correlation: float  # mean error over pairs of numbers
    contingency: float  # total variation of pairs of discrete columns, mean
    auc: float  # trained on this table, tested on real rows of other persons
    closest: float  # median distance to the closest training row, in the columns that say who somebody is
    copies: float  # share of rows nearer to a training row than 1 in 20 held-out rows is

    def __str__(self) -> str:
        return "{:8.3f}{:8.3f}{:8.3f}{:10.3f}{:8.3f}{:9.4f}{:8.1%}".format(*self)


def report(table, train, test, discrete: list[str]) -> Report:
    """All numbers of ``table``, which may be synthetic or real, of the rows ``train`` and tested on ``test``."""
    columns = measure.marginals(train, table, discrete)
    near, limit = distances(table, train, discrete), np.quantile(distances(test, train, discrete), 0.05)
    return Report(
        float(np.mean([value for name, value in columns.items() if name not in discrete])),
        float(np.mean([value for name, value in columns.items() if name in discrete])),
        *measure.pairs(train, table, discrete),
        measure.auc(table, test),
        float(np.median(near)),
        float((near < limit).mean()),
    )


def distances(table, train, discrete: list[str]) -> np.ndarray:
    """Distances to the closest training row of 1,000 rows drawn from ``table``, by the columns that say who somebody is."""
    who = [name for name in train.columns if name not in CHANGING]
    rows = table.sample(min(1000, len(table)), random_state=0)
    return measure.closest(rows[who], train[who], [name for name in discrete if name in who])
