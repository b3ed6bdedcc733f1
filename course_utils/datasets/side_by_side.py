"""Facades and maps of Pix2Pix: JPEG files that hold two pictures side by side, the photograph at the left.

The folders are those of the published archives, under `COURSE_DATA_ROOT/pix2pix`: `facades/train/1.jpg`, `facades/val`,
`facades/test`, `maps/train`, `maps/val`. A facade is 256 x 256 pixels beside its map of 12 classes (Tylecek and Sara,
2013), an aerial photograph 600 x 600 beside its street map. No checksum is published for the archives. They are used only
when their own (gzip's) is right and they hold as many pictures as they should. An interrupted download goes on where it
stopped.

Isola, Zhu, Zhou, Efros, "Image-to-Image Translation with Conditional Adversarial Networks", 2017.
"""

import os
import tarfile
import tempfile
import zlib
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from course_utils import paths
from course_utils.datasets import DataError, downloads, resumed

URL = "http://efrosgans.eecs.berkeley.edu/pix2pix/datasets"
FOLDER = "pix2pix"


class Published(NamedTuple):
    """A published set: how many files each split has, and the side of one of the two pictures in a file."""

    counts: dict[str, int]
    side: int


SETS = {
    "facades": Published({"train": 400, "val": 100, "test": 106}, 256),
    "maps": Published({"train": 1096, "val": 1098}, 600),
}


def load(name: str, split: str = "train", pixels: int = 256) -> tuple[Tensor, Tensor]:
    """Photographs and their maps, uint8 (N, 3, pixels, pixels) each, in the order of the numbers of their files.

    Raises ValueError for an unknown set or split, and for fewer than 16 pixels; DataError when files are missing, damaged,
    or cannot be fetched: one line with what to do.
    """
    if name not in SETS:
        raise ValueError(f"name: expected one of {', '.join(map(repr, SETS))}, got {name!r}")
    counts, side = SETS[name]
    if split not in counts:
        raise ValueError(f"split: expected one of {', '.join(map(repr, counts))} for {name}, got {split!r}")
    if pixels < 16:
        raise ValueError(f"pixels: expected at least 16, got {pixels}")
    folder = paths.data_root() / FOLDER / name
    if not folder.exists():
        _fetch(name, folder)
    files = sorted((folder / split).glob("*.jpg"), key=_number)
    if len(files) != counts[split]:
        raise DataError(
            f"{folder / split}: expected {counts[split]} files, found {len(files)}; delete {folder} and load again, "
            f"{downloads.OTHERWISE}"
        )
    with ThreadPoolExecutor() as pool:
        both = list(pool.map(partial(read, side=side, pixels=pixels), files))
    photographs, maps = zip(*both, strict=True)
    return torch.stack(photographs), torch.stack(maps)


def read(path: Path, side: int, pixels: int) -> tuple[Tensor, Tensor]:
    """The left and the right half of one file, uint8 (3, pixels, pixels). DataError when it is not two squares of ``side``."""
    from PIL import Image

    try:
        with Image.open(path) as image:
            array = np.array(image.convert("RGB"))  # (side, 2 * side, 3)
    except (OSError, ValueError, SyntaxError) as error:
        raise DataError(
            f"{path}: cannot be read ({downloads.reason(error)}); delete {path.parent.parent} and load again, "
            f"{downloads.OTHERWISE}"
        ) from error
    if array.shape[:2] != (side, 2 * side):
        raise DataError(
            f"{path}: expected {2 * side} x {side} pixels, got {array.shape[1]} x {array.shape[0]}; "
            f"delete {path.parent.parent} and load again, {downloads.OTHERWISE}"
        )
    halves = torch.from_numpy(array).permute(2, 0, 1).unflatten(2, (2, side)).permute(2, 0, 1, 3).float()
    scaled = F.interpolate(halves, (pixels, pixels), mode="bilinear", antialias=True)  # (2, 3, pixels, pixels)
    left, right = scaled.round_().clamp_(0, 255).to(torch.uint8)
    return left, right


def verify(path: Path, name: str) -> None:
    """Raises DataError unless the archive can be read to its end and holds what the set should hold."""
    found = dict.fromkeys(SETS[name].counts, 0)
    try:
        with tarfile.open(path, "r:gz") as archive:
            for member in archive:
                parts = Path(member.name).parts
                if member.isfile() and len(parts) == 3 and parts[0] == name and parts[1] in found:
                    found[parts[1]] += parts[2].endswith(".jpg")
    except (tarfile.TarError, OSError, EOFError, zlib.error) as error:
        raise DataError(f"{path.name} is damaged ({downloads.reason(error)}); {downloads.AGAIN}") from error
    if found != SETS[name].counts:
        raise DataError(f"{path.name}: expected {SETS[name].counts} files, found {found}; {downloads.AGAIN}")


def _fetch(name: str, folder: Path) -> None:
    """Download the archive, unpack it beside, and put the folder in its place: all of it or nothing."""
    archive = f"{name}.tar.gz"
    path = folder.parent / archive
    if not path.exists():
        downloads.fetch(name, folder.parent, {archive: partial(verify, name=name)}, partial(download, name=name))
    with (
        downloads.saving(name, folder.parent),
        tempfile.TemporaryDirectory(dir=folder.parent, prefix=".unpack-") as space,
    ):
        try:
            with tarfile.open(path, "r:gz") as packed:
                packed.extractall(space, filter="data")
        except (tarfile.TarError, EOFError, zlib.error) as error:
            raise DataError(
                f"{path} is damaged ({downloads.reason(error)}); delete it and load again, {downloads.OTHERWISE}"
            ) from error
        os.replace(Path(space) / name, folder)


def download(folder: Path, name: str) -> None:
    """Download one archive into ``folder``, but for what an earlier attempt has fetched. Raises whatever it raises."""
    resumed.fetch_rest(f"{URL}/{name}.tar.gz", folder)


def _number(path: Path) -> tuple[int, str]:
    return (int(path.stem) if path.stem.isdigit() else 10**9, path.name)
