"""The diagnosis of the lesson: six evaluations of synthetic tables, five of them with something wrong."""

import numpy as np

from course_utils.datasets import insurance
from course_utils.lessons.c4w1a.report import distances
from course_utils.tables import measure
from course_utils.tables.rivals import GaussianCopula, IndependentColumns

CASES = ("case A", "case B", "case C", "case D", "case E", "case F")

NAMES = (
    "sound",
    "a person in both halves",
    "copies rows",
    "independent columns",
    "drops rare values",
    "the answer among the inputs",
    "numbers in another unit",
)

CLUES = {  # what the numbers of a case say against every other name
    "case A": "columns and pairs are like those of real tables, so what is wrong is neither in the columns nor in the pairs. "
    "Is a row nearer to the training rows than held-out ones are?",
    "case B": "look at the distances: held-out rows themselves are nearer to the training rows than in any other case.",
    "case C": "the columns by themselves are as good as those of real rows. Go on to the pairs.",
    "case D": "nothing stands out: the real table is at its usual AUC, and the distances are above the floor.",
    "case E": "look at the AUC of the *real* table, which no generator can change.",
    "case F": "the frequencies of the discrete columns are wrong, while the numbers are nearly as they should be.",
}


def evaluate(case: str, table, discrete: list[str]) -> list[float]:
    """The numbers of a case: AUC trained on real and on synthetic rows; KS, total variation and error of correlations beside
    the test rows; the median distance of held-out rows to the closest training row in the columns that say who somebody
    is, and that of synthetic ones.
    """
    train, test = insurance.split(table)
    without = ("visits",)
    if case == "case B":
        inside = np.random.default_rng(0).random(len(table)) < 2 / 3
        train, test = (table[rows].drop(columns="person").reset_index(drop=True) for rows in (inside, ~inside))
    if case == "case E":
        without = ()
    synthetic = _synthetic(case, train)
    columns = measure.marginals(test, synthetic, discrete)
    near = [np.median(distances(rows, train, discrete)) for rows in (test, synthetic)]
    return [
        *(measure.auc(rows, test, without=without) for rows in (train, synthetic)),
        np.mean([value for name, value in columns.items() if name not in discrete]),
        np.mean([value for name, value in columns.items() if name in discrete]),
        measure.pairs(test, synthetic, discrete)[0],
        *near,
    ]


def _synthetic(case: str, train):
    """The table that is judged: a sample of a copula, unless the table is what is wrong."""
    if case == "case A":
        return train.sample(len(train), replace=True, random_state=0).reset_index(drop=True)
    if case == "case C":
        return IndependentColumns().fit(train).sample(len(train))
    if case == "case F":
        train = train[train["health"].isin(["excellent", "good"]) & train["coinsurance"].isin([0, 25])]
    return GaussianCopula().fit(train).sample(len(train))


def diagnose(case: str) -> str:
    """What is wrong with the evaluation ``case``, which is "case A", "case B", ... or "case F".

    Returns one of these, spelled as here:

        "sound"                        nothing
        "a person in both halves"      the split was by row, and rows of one person are on either side
        "copies rows"                  the synthetic rows are training rows
        "independent columns"          each column was drawn by itself
        "drops rare values"            some values of discrete columns never occur
        "the answer among the inputs"  the classifier may use a column that nearly gives the answer away
        "numbers in another unit"      a column of numbers was scaled by mistake

    Every case has a name of its own, so one of the seven is left over.
    """
    # BEGIN SOLUTION
    names = {
        "case A": "copies rows",
        "case B": "a person in both halves",
        "case C": "independent columns",
        "case D": "sound",
        "case E": "the answer among the inputs",
        "case F": "drops rare values",
    }
    # END SOLUTION
    return names[case]
