"""Handwritten digits (MNIST): 5,000 that ship with the course, or all 70,000 by torchvision's downloader.

    images, labels = digits.load()                      # 4,000 digits, no network
    images, labels = digits.load("train", size="full")  # 60,000 digits, downloaded once

The full set is looked for in torchvision's own layout under `COURSE_DATA_ROOT`:
`MNIST/raw/train-images-idx3-ubyte`, packed (`.gz`) or not. Nothing is ever used in place of what was asked
for: what cannot be loaded is a DataError of one line that says what to do.

LeCun, Cortes, Burges, "The MNIST database of handwritten digits".
"""

import gzip
import hashlib
import io
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch

from course_utils import paths
from course_utils.datasets import DataError, LabelledImages, downloads, shipped

SPLITS = ("train", "test", "all")
SIZES = ("embedded", "full")
EMBEDDED = "digits.npz"
EMBEDDED_TRAIN = 4000  # rows of the train split; the other 1,000 are the test split


class IdxFile(NamedTuple):
    """One file of the full set, as published."""

    name: str  # without .gz
    md5: str  # of the packed file, as torchvision checks it
    shape: tuple[int, ...]  # (images, rows, columns) or (labels,)


FULL_FILES = {
    "train": (
        IdxFile("train-images-idx3-ubyte", "f68b3c2dcbeaaa9fbdd348bbdeb94873", (60000, 28, 28)),
        IdxFile("train-labels-idx1-ubyte", "d53e105ee54ea40749a09fcbcd1e9432", (60000,)),
    ),
    "test": (
        IdxFile("t10k-images-idx3-ubyte", "9fb629c4189551a2d022fa330f9573f3", (10000, 28, 28)),
        IdxFile("t10k-labels-idx1-ubyte", "ec29112dd5afa0611ce80d1b7f02629c", (10000,)),
    ),
}


def load(split: str = "train", size: str = "embedded") -> LabelledImages:
    """Digits as `LabelledImages(images, labels)`: uint8 (N, 1, 28, 28), 0 paper to 255 ink, and int64 (N,).

    Args:
        split: "train" (4,000 digits, or 60,000 of the full set), "test" (1,000 or 10,000), or "all" (both,
            train first). The embedded rows are balanced: the classes take turns, 0, 1, ..., 9, 0, 1, ...
        size: "embedded" (in the repository, no network) or "full" (a copy under `COURSE_DATA_ROOT`, else a
            download).

    Raises:
        ValueError: for an unknown split or size.
        DataError: when a file is missing, damaged, or cannot be fetched or saved; one line with what to do.
    """
    if split not in SPLITS:
        raise ValueError(f"split: expected one of {', '.join(map(repr, SPLITS))}, got {split!r}")
    if size not in SIZES:
        raise ValueError(f"size: expected one of {', '.join(map(repr, SIZES))}, got {size!r}")
    images, labels = _embedded(split) if size == "embedded" else _full(split)
    return LabelledImages(torch.from_numpy(images).unsqueeze(1), torch.from_numpy(labels.astype(np.int64)))


def _embedded(split: str) -> tuple[np.ndarray, np.ndarray]:
    with np.load(io.BytesIO(shipped.read_verified(EMBEDDED))) as archive:
        images, labels = archive["images"], archive["labels"]  # (5000, 28, 28), (5000,)
    rows = {"train": slice(None, EMBEDDED_TRAIN), "test": slice(EMBEDDED_TRAIN, None), "all": slice(None)}[split]
    return images[rows], labels[rows]


def _full(split: str) -> tuple[np.ndarray, np.ndarray]:
    folder = paths.data_root() / "MNIST" / "raw"
    parts = ("train", "test") if split == "all" else (split,)
    wanted = [file for part in parts for file in FULL_FILES[part]]
    missing = [file for file in wanted if local_file(folder, file) is None]
    if missing:
        verify = {f"{file.name}.gz": partial(read_idx, file=file, remedy=downloads.AGAIN) for file in missing}
        downloads.fetch("MNIST", folder, verify, download)
    arrays = [read_idx(local_file(folder, file) or folder / file.name, file) for file in wanted]
    images, labels = np.concatenate(arrays[0::2]), np.concatenate(arrays[1::2])
    if labels.max() > 9:
        raise DataError(f"{folder}: a label of {labels.max()} is no digit; delete the label files and load again")
    return images, labels


def local_file(folder: Path, file: IdxFile) -> Path | None:
    """The file in `folder`, packed or not; packed first, since its checksum is known."""
    candidates = (folder / f"{file.name}.gz", folder / file.name)
    return next((path for path in candidates if path.is_file()), None)


def read_idx(path: Path, file: IdxFile, remedy: str = "delete it and load again") -> np.ndarray:
    """The array in an IDX file, uint8 of `file.shape`, once it is proved complete.

    A packed file must have the published MD5; an unpacked one the magic number, the sizes and the length of
    the original. Raises DataError in one line otherwise, ending in the remedy.
    """
    remedy = f"{remedy}, {downloads.OTHERWISE}"
    try:
        content = path.read_bytes()
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        raise DataError(f"{path}: cannot be read ({reason}); check its permissions, {downloads.OTHERWISE}") from error
    if path.suffix == ".gz":
        found = hashlib.md5(content, usedforsecurity=False).hexdigest()
        if found != file.md5:
            raise DataError(f"{path} is damaged: expected md5 {file.md5[:12]}..., found {found[:12]}...; {remedy}")
        content = gzip.decompress(content)
    header = _idx_header(file.shape)
    expected = len(header) + int(np.prod(file.shape))
    if len(content) != expected:
        raise DataError(f"{path} is damaged: expected {expected:,} bytes, found {len(content):,}; {remedy}")
    if not content.startswith(header):
        raise DataError(f"{path} is damaged: it does not start like an IDX file of shape {file.shape}; {remedy}")
    return np.frombuffer(bytearray(content), dtype=np.uint8, offset=len(header)).reshape(file.shape)


def _idx_header(shape: tuple[int, ...]) -> bytes:
    """Two zero bytes, 8 for uint8, the number of dimensions, then each size as a big-endian 32-bit number."""
    return bytes([0, 0, 8, len(shape)]) + b"".join(size.to_bytes(4, "big") for size in shape)


def download(folder: Path) -> None:
    """Download MNIST into `folder/MNIST/raw` with torchvision, which tries its mirrors and checks every MD5.

    Raises whatever torchvision and the network raise.
    """
    from torchvision.datasets import MNIST

    MNIST(folder, train=True, download=True)
