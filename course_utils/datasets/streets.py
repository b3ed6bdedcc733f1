"""House numbers in colour, 32x32: drawn from the embedded digits, or photographed (SVHN) by torchvision's downloader.

    images, labels = streets.load()                      # 4,000 numbers, drawn, no network
    images, labels = streets.load("train", size="full")  # 73,257 photographs, downloaded once
    images, labels = streets.draw("train", 10_000, seed=1)  # as many others as you like

A label is the digit in the middle; parts of its neighbours may stand beside it, as in SVHN. Numbers of the train split
are drawn from handwritten digits of the train split only, those of the test split from its test split.

The full set is looked for under `COURSE_DATA_ROOT` as `SVHN/train_32x32.mat` and `SVHN/test_32x32.mat`. Nothing is ever
used in place of what was asked for: what cannot be loaded is a DataError of one line that says what to do.

Netzer, Wang, Coates, Bissacco, Wu, Ng, "Reading Digits in Natural Images with Unsupervised Feature Learning", 2011.
"""

import hashlib
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch

from course_utils import paths
from course_utils.datasets import DataError, LabelledImages, digits, downloads, street_scenes
from course_utils.runtime import seeded

SPLITS = ("train", "test", "all")
SIZES = ("embedded", "full")
SEEDS = {"train": 0, "test": 1}  # of what `load` draws
CHUNK = 200  # pictures drawn at a time; a part of what a seed means


class MatFile(NamedTuple):
    """One file of the full set, as published."""

    name: str
    md5: str
    count: int  # pictures


FULL_FILES = {
    "train": MatFile("train_32x32.mat", "e26dedcc434d2e4c54c9b2d4a06d8373", 73257),
    "test": MatFile("test_32x32.mat", "eb5a983be6a315427106f1b164d9cef3", 26032),
}


def load(split: str = "train", size: str = "embedded") -> LabelledImages:
    """House numbers as `LabelledImages(images, labels)`: uint8 (N, 3, 32, 32), RGB, and int64 (N,), 0 to 9.

    Args:
        split: "train" (4,000 drawn, or 73,257 photographs), "test" (1,000 or 26,032), or "all" (both, train
            first). Drawn numbers are balanced: their middle digits are those of `digits.load(split)`, in
            that order.
        size: "embedded" (drawn in about three seconds, the same every time) or "full" (SVHN: a copy under
            `COURSE_DATA_ROOT`, else a download of 180 and 64 MB).

    Raises:
        ValueError: for an unknown split or size.
        DataError: when a file is missing, damaged, or cannot be fetched or saved; one line with what to do.
    """
    if split not in SPLITS:
        raise ValueError(f"split: expected one of {', '.join(map(repr, SPLITS))}, got {split!r}")
    if size not in SIZES:
        raise ValueError(f"size: expected one of {', '.join(map(repr, SIZES))}, got {size!r}")
    names = ("train", "test") if split == "all" else (split,)
    if size == "full":
        parts = _full(names)
    else:
        parts = [draw(name, len(digits.load(name).images), SEEDS[name]) for name in names]
    return LabelledImages(*(torch.cat(columns) for columns in zip(*parts, strict=True)))


def draw(split: str = "train", n: int = 4000, seed: int = 0) -> LabelledImages:
    """Draw `n` house numbers from the handwritten digits of a split; the same seed gives the same pictures.

    Number `i` has digit `i` of the split in its middle (beginning again after the last), so that every ten hold
    each digit once. A smaller `n` gives the first ones of a larger `n`, up to whole chunks of 200.

    Raises ValueError for a split other than "train" and "test" and for n < 1.
    """
    if split not in SEEDS:
        raise ValueError(f"split: expected one of {', '.join(map(repr, SEEDS))}, got {split!r}")
    if n < 1:
        raise ValueError(f"n: expected at least 1 picture, got {n}")
    source = digits.load(split)
    strokes = street_scenes.even_strokes(source.images)
    centre = torch.arange(n) % len(source.images)
    generator = seeded(seed)
    pictures = [street_scenes.photographs(strokes, rows, generator)[0] for rows in centre.split(CHUNK)]
    return LabelledImages(torch.cat(pictures), source.labels[centre])


# ------------------------------------------------------------------ SVHN


def _full(names: tuple[str, ...]) -> list[LabelledImages]:
    folder = paths.data_root() / "SVHN"
    missing = [name for name in names if not (folder / FULL_FILES[name].name).is_file()]
    for name in missing:
        file = FULL_FILES[name]
        verify = {file.name: partial(read_mat, file=file, remedy=downloads.AGAIN)}
        downloads.fetch("SVHN", folder, verify, partial(download, split=name))
    return [read_mat(folder / FULL_FILES[name].name, FULL_FILES[name]) for name in names]


def read_mat(path: Path, file: MatFile, remedy: str = "delete it and load again") -> LabelledImages:
    """The pictures and labels in a .mat file, once its MD5 is the published one.

    SVHN keeps pictures as (32, 32, 3, N) and writes 10 for the digit 0; here they are (N, 3, 32, 32), and 0. Raises
    DataError in one line otherwise, ending in the remedy.
    """
    from scipy.io import loadmat

    remedy = f"{remedy}, {downloads.OTHERWISE}"
    try:
        with open(path, "rb") as stream:
            found = hashlib.file_digest(stream, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        raise DataError(f"{path}: cannot be read ({reason}); check its permissions, {downloads.OTHERWISE}") from error
    if found != file.md5:
        raise DataError(f"{path} is damaged: expected md5 {file.md5[:12]}..., found {found[:12]}...; {remedy}")
    content = loadmat(path)
    images, labels = content["X"], content["y"].reshape(-1).astype(np.int64)
    if (
        images.shape != (32, 32, 3, file.count)
        or len(labels) != file.count
        or not 1 <= labels.min() <= labels.max() <= 10
    ):
        raise DataError(
            f"{path} is not SVHN: {images.shape} pictures, labels {labels.min()} to {labels.max()}; {remedy}"
        )
    pictures = np.ascontiguousarray(images.transpose(3, 2, 0, 1))  # (N, 3, 32, 32)
    return LabelledImages(torch.from_numpy(pictures), torch.from_numpy(labels % 10))


def download(folder: Path, split: str) -> None:
    """Download one split of SVHN into `folder` with torchvision, which checks the MD5. Raises whatever it raises."""
    from torchvision.datasets import SVHN

    SVHN(folder, split=split, download=True)
