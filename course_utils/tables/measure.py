"""How good a synthetic table is: its columns, its pairs of columns, what a classifier learns from it, and whom it copies.

``discrete`` names the columns that are compared value by value; all others are numbers. Every measure wants a floor: the
same measure between two real tables of different persons.
"""

import numpy as np


def marginals(real, synthetic, discrete: list[str]) -> dict[str, float]:
    """For each column how far two distributions are apart, from 0 to 1.

    Numbers: the Kolmogorov-Smirnov statistic, the largest difference of the two cumulative distributions. Discrete columns:
    the total variation, half the sum of the absolute differences of the frequencies.
    """
    return {
        name: total_variation(real[name], synthetic[name]) if name in discrete else ks(real[name], synthetic[name])
        for name in real.columns
    }


def ks(one, other) -> float:
    """The largest difference of the cumulative distributions of two columns of numbers."""
    one, other = np.sort(np.asarray(one, float)), np.sort(np.asarray(other, float))
    at = np.concatenate([one, other])
    below = [np.searchsorted(values, at, side="right") / len(values) for values in (one, other)]
    return float(np.abs(below[0] - below[1]).max())


def total_variation(one, other) -> float:
    """Half the sum of the absolute differences of the frequencies of all values, or pairs of values."""
    return float(one.value_counts(normalize=True).sub(other.value_counts(normalize=True), fill_value=0).abs().sum() / 2)


def pairs(real, synthetic, discrete: list[str]) -> tuple[float, float]:
    """Mean error over pairs of numbers, and mean error over pairs of discrete columns.

    Of numbers it is the absolute difference of Spearman's correlations, of discrete columns the total variation of the
    contingency tables (the frequencies of all pairs of values).
    """
    numbers = [name for name in real.columns if name not in discrete]
    upper = np.triu_indices(len(numbers), 1)
    spearman = [table[numbers].rank().corr().fillna(0).to_numpy()[upper] for table in (real, synthetic)]
    tables = [
        total_variation(real[[a, b]], synthetic[[a, b]]) for i, a in enumerate(discrete) for b in discrete[i + 1 :]
    ]
    return float(np.abs(spearman[0] - spearman[1]).mean()), float(np.mean(tables))


def auc(train, test, target: str = "spending", above: float = 100.0, without: tuple = ("visits",)) -> float:
    """Train on one table, test on another: the area under the ROC curve of gradient boosting.

    The question is whether ``target`` is larger than ``above``; the columns in ``without`` may not be used for it. 0.5 is
    chance, also where the training table has no row on one of the two sides.
    """
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.metrics import roc_auc_score

    names = [name for name in train.columns if name not in (target, *without)]
    inputs = _numbers(train[names], test[names])
    answers = [(table[target] > above).to_numpy() for table in (train, test)]
    if answers[0].all() or not answers[0].any():
        return 0.5
    model = HistGradientBoostingClassifier(learning_rate=0.05, max_leaf_nodes=15, max_iter=100, random_state=0)
    model.fit(inputs[0], answers[0])
    return float(roc_auc_score(answers[1], model.predict_proba(inputs[1])[:, 1]))


def _numbers(*tables):
    """Texts as numbers, by the sorted values that occur in any of the tables; numbers as they are."""
    made = [table.copy() for table in tables]
    for name in tables[0].columns:
        if tables[0][name].dtype.kind in "biuf":
            continue
        values = sorted(set().union(*(table[name] for table in tables)))
        for table in made:
            table[name] = table[name].map({value: place for place, value in enumerate(values)}).astype(float)
    return [table.to_numpy(dtype=float) for table in made]


def closest(rows, train, discrete: list[str], most: int = 2000) -> np.ndarray:
    """For each of the first ``most`` rows the distance to the closest row of ``train``, (N,).

    The mean over all columns of: 0 or 1 for discrete columns (equal or not), and for numbers the difference of the places in
    the training column, from 0 to 1. So a distance of 0 is a copy.
    """
    from scipy.spatial.distance import cdist

    a, b = (_places(table, train, discrete) for table in (rows.iloc[:most], train))
    return (cdist(a, b, "cityblock") / len(train.columns)).min(axis=1)


def _places(table, train, discrete: list[str]) -> np.ndarray:
    """Numbers as places among the training values, discrete columns as halves of a one-hot code."""
    columns = []
    for name in train.columns:
        if name in discrete:
            columns += [(table[name] == value).to_numpy() * 0.5 for value in train[name].unique()]
        else:
            values = np.sort(train[name].to_numpy(dtype=float))
            columns.append(np.searchsorted(values, table[name].to_numpy(dtype=float), side="right") / len(values))
    return np.stack(columns, axis=1)
