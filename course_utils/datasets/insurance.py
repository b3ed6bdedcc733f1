"""A table of persons with a health insurance: who they are, how often they saw a doctor, and what it cost.

    table = insurance.load()                 # 20,190 rows, a year of a person each
    train, test = insurance.split(table)     # no person is in both

From the RAND Health Insurance Experiment, which gave 5,912 persons one of several insurances by lot, for three or five years,
and paid what it said (USA, from 1974 on). `data/README.md` says what was changed. The columns:

    person       number of the person, 0 to 5911; no part of what is to be learned
    site         one of six places, 1 to 6
    coinsurance  percent of a bill that the person pays: 0, 25, 50, 95 or 100
    deductible   "yes" for the plan with a deductible for each person
    year         of the experiment, 1 to 5
    sex          "female" or "male"
    health       as the person rates it: "excellent", "good", "fair" or "poor"
    limited      "yes" with a physical limitation
    age          in years, one decimal
    income       of the family, dollars a year, as the experiment's authors adjusted it
    family       members of the family
    chronic      index of chronic diseases, 0 and up
    mental       index of mental health, 0 to 100, 100 is best
    visits       to a doctor in this year
    spending     on health in this year, dollars; 0 in more than a fifth of the rows, with a long tail
"""

import io

import numpy as np

from course_utils.datasets import DataError, shipped

FILE = "insurance.csv.gz"


def load():
    """The whole table, a data frame of 20,190 rows and 15 columns.

    Raises DataError when the file is missing or damaged; one line with what to do.
    """
    import pandas as pd

    content = shipped.read_verified(FILE)
    try:
        return pd.read_csv(io.BytesIO(content), compression="gzip")
    except (ValueError, OSError) as error:  # the checksum is right, so it is pandas that cannot read it
        raise DataError(f"{FILE}: cannot be read ({error})") from error


def split(table, share: float = 2 / 3, seed: int = 0, by: str = "person"):
    """Two tables without the column ``by``: ``share`` of the persons with all of their rows, and the others.

    Persons are drawn by ``seed``; rows keep their order and get new numbers. Raises ValueError for a ``share`` that leaves
    one side empty and for a table without the column.
    """
    if by not in table.columns:
        raise ValueError(f"by: expected a column of the table, one of {', '.join(table.columns)}, got {by!r}")
    persons = table[by].unique()
    first = round(share * len(persons))
    if not 0 < first < len(persons):
        raise ValueError(f"share: expected at least one of {len(persons)} persons on either side, got {share}")
    chosen = np.random.default_rng(seed).permutation(persons)[:first]
    inside = table[by].isin(chosen)
    return tuple(part.drop(columns=by).reset_index(drop=True) for part in (table[inside], table[~inside]))
