"""horse2zebra: 2,661 photographs of horses and of zebras, unpaired, as published with CycleGAN.

The files lie under `COURSE_DATA_ROOT/horse2zebra` in the published layout: folders `trainA` and `testA` (horses), `trainB` and
`testB` (zebras), with .jpg files of 256 x 256 pixels. When they are missing, the published archive is downloaded, compared
with its checksum and unpacked. Nothing half-fetched is ever used; an interrupted download goes on where it stopped.

Zhu, Park, Isola and Efros, "Unpaired Image-to-Image Translation using Cycle-Consistent Adversarial Networks", 2017.
"""

import hashlib
import os
import shutil
import tempfile
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from course_utils import paths
from course_utils.datasets import DataError, downloads, resumed
from course_utils.datasets.downloads import OTHERWISE, reason

FOLDER, ARCHIVE = "horse2zebra", "horse2zebra.zip"
FOLDERS = ("trainA", "trainB", "testA", "testB")
URL = "http://efrosgans.eecs.berkeley.edu/cyclegan/datasets/horse2zebra.zip"
SHA256 = "a74d9d392eecca9966b51287a76ca126af473d9de4f3e8fc0e9cda08fa1730a1"


def load(split: str = "train", pixels: int = 64) -> tuple[Tensor, Tensor]:
    """Horses and zebras of "train" or "test", scaled: two uint8 tensors (N, 3, pixels, pixels).

    Raises DataError when they are missing and cannot be downloaded, or are damaged; one line with what to do.
    """
    folder = paths.data_root() / FOLDER
    if not all((folder / name).is_dir() for name in FOLDERS):
        with downloads.saving("horse2zebra", folder):
            _fetch(folder)
    return tuple(_photographs(folder / f"{split}{domain}", pixels) for domain in "AB")


def _fetch(folder: Path) -> None:
    """Download and unpack beside, then move into place; whatever stops it leaves no folder behind."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    downloads.fetch("horse2zebra", folder.parent, {ARCHIVE: verify}, download)
    archive = folder.parent / ARCHIVE
    with tempfile.TemporaryDirectory(prefix=".unpack-", dir=folder.parent) as temporary:
        unpack(archive, Path(temporary))
        shutil.rmtree(folder, ignore_errors=True)  # an incomplete one
        os.replace(Path(temporary) / FOLDER, folder)
    archive.unlink()


def download(temporary: Path) -> None:
    """Download the archive into a folder, but for what an earlier attempt has fetched. Raises whatever it raises."""
    resumed.fetch_rest(URL, temporary)


def verify(archive: Path) -> None:
    """Raises DataError unless the archive is the published one, by its SHA-256."""
    with open(archive, "rb") as stream:
        found = hashlib.file_digest(stream, "sha256").hexdigest()
    if found != SHA256:
        raise DataError(
            f"horse2zebra is damaged: expected sha256 {SHA256[:12]}..., found {found[:12]}...; {downloads.AGAIN}, {OTHERWISE}"
        )


def unpack(archive: Path, into: Path) -> None:
    """Unpack the four folders below `into`. Raises DataError for an archive without them, or that cannot be read."""
    try:
        with zipfile.ZipFile(archive) as content:
            content.extractall(into)
    except (zipfile.BadZipFile, EOFError) as error:
        raise DataError(
            f"{archive}: cannot be unpacked ({reason(error)}); delete it and load again, {OTHERWISE}"
        ) from error
    if missing := [name for name in FOLDERS if not (into / FOLDER / name).is_dir()]:
        raise DataError(f"{archive} holds no {FOLDER}/{missing[0]}; delete it and load again, {OTHERWISE}")


def _photographs(folder: Path, pixels: int) -> Tensor:
    """All photographs of a folder in the order of their names: uint8 (N, 3, pixels, pixels)."""
    files = sorted(file for file in folder.iterdir() if file.suffix.lower() in (".jpg", ".jpeg", ".png"))
    if not files:
        raise DataError(f"{folder} holds no photographs; delete {folder.parent} and load again, {OTHERWISE}")
    with ThreadPoolExecutor() as pool:
        return torch.stack(list(pool.map(lambda file: _photograph(file, pixels), files)))


def _photograph(file: Path, pixels: int) -> Tensor:
    """One photograph, its middle square scaled: uint8 (3, pixels, pixels)."""
    from PIL import Image

    try:
        with Image.open(file) as image:
            array = np.array(image.convert("RGB"))  # (H, W, 3)
    except (OSError, ValueError, SyntaxError) as error:
        raise DataError(
            f"{file}: cannot be read ({reason(error)}); delete {file.parents[1]} and load again, {OTHERWISE}"
        ) from error
    side = min(array.shape[:2])
    top, left = ((length - side) // 2 for length in array.shape[:2])
    square = torch.from_numpy(array).permute(2, 0, 1)[:, top : top + side, left : left + side]
    scaled = F.interpolate(square[None].float(), (pixels, pixels), mode="bilinear", antialias=True)
    return scaled[0].round_().clamp_(0, 255).to(torch.uint8)
