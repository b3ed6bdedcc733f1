"""Curves of any length in bounded memory: what a long run sends to its display."""

import numpy as np


class Curves:
    """Several curves over the same points, kept as at most ``bins`` means of equally many neighbouring points.

    While there are fewer than ``bins`` points every one is kept as it is. When the table is full, neighbours are
    averaged two by two, so that a run of a million points needs no more memory, or time to send, than one of a thousand.
    """

    def __init__(self, columns: int, bins: int = 512):
        self.table = np.zeros((bins, columns))
        self.count, self.stride = 0, 1  # rows in use, points a row
        self.sum, self.waiting = np.zeros(columns), 0  # the last bin, as long as it is not full

    def add(self, *values: float) -> None:
        """One more point: a number for each curve."""
        self.sum += values
        self.waiting += 1
        if self.waiting < self.stride:
            return
        self.table[self.count] = self.sum / self.stride
        self.count += 1
        self.sum[:], self.waiting = 0, 0
        if self.count == len(self.table):
            pairs = self.table.reshape(-1, 2, self.table.shape[1])  # (bins / 2, 2, columns)
            self.count, self.stride = len(pairs), 2 * self.stride
            self.table[: self.count] = pairs.mean(axis=1)

    def rows(self) -> np.ndarray:
        """The means, oldest first, (n, columns) with n <= bins; the last bin counts as far as it is filled."""
        rows = self.table[: self.count]
        return np.vstack([rows, self.sum / self.waiting]) if self.waiting else rows.copy()

    def to_bytes(self) -> bytes:
        """``rows`` as float32, row after row."""
        return self.rows().astype("<f4").tobytes()
