"""Rivals of a table GAN that need no network: independent columns, and a Gaussian copula. Both have ``fit`` and ``sample``."""

import numpy as np
from scipy.special import ndtr, ndtri


class IndependentColumns:
    """The trivial rival: each column drawn from its real values by itself. Every marginal is right, and no two go together."""

    def fit(self, frame) -> "IndependentColumns":
        self.frame = frame
        return self

    def sample(self, n: int, seed: int = 0):
        """``n`` rows, a data frame."""
        import pandas as pd

        rng = np.random.default_rng(seed)
        columns = {name: rng.choice(len(self.frame), n) for name in self.frame.columns}
        return pd.DataFrame({name: self.frame[name].take(rows).array for name, rows in columns.items()})


class GaussianCopula:
    """Real columns, held together by the correlations of normal numbers.

    Each value becomes a normal number by its rank, equal values in random order; discrete columns have the order of their
    values. The correlation matrix of these numbers is all that is learned of how columns go together. Random order makes
    correlations smaller, so the matrix is corrected until a sample, ranked in the same way, shows those of the real table
    (Nelsen, "An Introduction to Copulas", 2006).
    """

    def __init__(self, rounds: int = 8):
        self.rounds = rounds

    def fit(self, frame, seed: int = 0) -> "GaussianCopula":
        import pandas as pd

        self.columns = list(frame.columns)
        self.sorted = {name: frame[name].sort_values().reset_index(drop=True) for name in frame.columns}
        self.codes = {name: pd.factorize(self.sorted[name])[0] for name in frame.columns}
        rng = np.random.default_rng(seed)
        places = {name: pd.Index(self.sorted[name].unique()).get_indexer(frame[name]) for name in frame.columns}
        wanted = np.corrcoef(_scores(places, rng).T)  # (A, A)
        self.correlation = wanted.copy()
        for _ in range(self.rounds):
            rows = self._rows(len(frame), rng)
            drawn = {name: self.codes[name][rows[:, i]] for i, name in enumerate(self.columns)}
            found = np.corrcoef(_scores(drawn, rng).T)
            self.correlation = _possible(self.correlation + wanted - found)
        return self

    def sample(self, n: int, seed: int = 0):
        """``n`` rows, a data frame."""
        import pandas as pd

        rows = self._rows(n, np.random.default_rng(seed))
        return pd.DataFrame({name: self.sorted[name].take(rows[:, i]).array for i, name in enumerate(self.columns)})

    def _rows(self, n: int, rng) -> np.ndarray:
        """For each row and column a place in the sorted column: (n, A)."""
        factor = np.linalg.cholesky(self.correlation)
        share = ndtr(rng.standard_normal((n, len(self.columns))) @ factor.T)  # (n, A), between 0 and 1
        size = len(self.sorted[self.columns[0]])
        return np.minimum((share * size).astype(int), size - 1)


def _scores(codes: dict, rng) -> np.ndarray:
    """Normal numbers by rank, equal values in random order: (N, A)."""
    columns = []
    for values in codes.values():
        order = np.lexsort((rng.random(len(values)), values))
        ranks = np.empty(len(values))
        ranks[order] = np.arange(len(values))
        columns.append(ndtri((ranks + 0.5) / len(values)))
    return np.stack(columns, axis=1)


def _possible(matrix: np.ndarray) -> np.ndarray:
    """The correlation matrix next to a symmetric one: no negative eigenvalue, ones on the diagonal."""
    sizes, directions = np.linalg.eigh(matrix)
    fixed = directions * np.maximum(sizes, 1e-6) @ directions.T
    deviation = np.sqrt(np.diag(fixed))
    return fixed / np.outer(deviation, deviation)
