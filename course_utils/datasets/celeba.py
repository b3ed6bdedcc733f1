"""CelebA: 202,599 photographs of faces with 40 attributes, where torchvision has put them or can download them.

The files lie under `COURSE_DATA_ROOT/celeba` in torchvision's layout: `img_align_celeba/*.jpg`, `list_attr_celeba.txt`,
`list_eval_partition.txt`, `identity_CelebA.txt`, `list_bbox_celeba.txt`, `list_landmarks_align_celeba.txt`. Lists are
only used with the published MD5. CelebA is for non-commercial research.

Liu et al., "Deep Learning Face Attributes in the Wild", 2015.
"""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from course_utils import paths
from course_utils.datasets import DataError
from course_utils.datasets.downloads import OTHERWISE, attempt, reason, saving

FOLDER = "celeba"
SIDE = 178  # of the square cut out of the middle of a photograph, 178 x 218
BATCH = 256  # photographs scaled at once


def load(split: str, size: int = 64, n: int | None = None) -> tuple[Tensor, Tensor, tuple[str, ...]]:
    """Images uint8 (N, 3, size, size), attributes float32 (N, 40) of 0 and 1, and their names.

    `n` takes the first rows only: all 162,770 training images take 2 GB at 64 pixels. Raises DataError when files are
    missing and cannot be downloaded, or are damaged; one line with what to do.
    """
    folder = paths.data_root() / FOLDER
    if missing := _missing(folder):
        what, instead = f"CelebA is not complete (no {missing[0]}) and", f"put its files in {folder}"
        with saving("CelebA", folder):
            attempt(what, instead, lambda: download(folder.parent))
    table = _open(folder, split)
    images = _photographs([folder / "img_align_celeba" / name for name in table.filename[:n]], size)
    return images, table.attr[:n].float(), tuple(name for name in table.attr_names if name)


def _missing(folder: Path) -> list[str]:
    from torchvision.datasets import CelebA

    lists = [name for _, _, name in CelebA.file_list if not name.endswith(".zip")]
    return [name for name in (*lists, "img_align_celeba") if not (folder / name).exists()]


def _open(folder: Path, split: str):
    """torchvision's table of one split; DataError naming the file that is not as published."""
    from torchvision.datasets import CelebA
    from torchvision.datasets.utils import check_integrity

    for _, md5, name in CelebA.file_list:
        if not name.endswith(".zip") and not check_integrity(str(folder / name), md5):
            raise DataError(
                f"{folder / name} is damaged: its md5 is not {md5[:12]}...; delete it and load again, {OTHERWISE}"
            )
    try:
        return CelebA(folder.parent, split=split, target_type="attr")
    except (RuntimeError, OSError, ValueError, IndexError) as error:
        raise DataError(f"{folder}: cannot be read ({reason(error)}); delete it and load again, {OTHERWISE}") from error


def _photographs(files: list[Path], size: int) -> Tensor:
    """The middle of each photograph, scaled: uint8 (N, 3, size, size)."""
    images = torch.empty(len(files), 3, size, size, dtype=torch.uint8)
    with ThreadPoolExecutor() as pool:
        for start in range(0, len(files), BATCH):
            squares = torch.stack(list(pool.map(_middle, files[start : start + BATCH]))).float()  # (B, 3, 178, 178)
            scaled = F.interpolate(squares, (size, size), mode="bilinear", antialias=True)
            images[start : start + BATCH] = scaled.round_().clamp_(0, 255).to(torch.uint8)
    return images


def _middle(file: Path) -> Tensor:
    from PIL import Image

    try:
        with Image.open(file) as image:
            photograph = np.array(image.convert("RGB"))  # (218, 178, 3)
    except (OSError, ValueError, SyntaxError) as error:
        raise DataError(
            f"{file}: cannot be read ({reason(error)}); unpack img_align_celeba.zip again, {OTHERWISE}"
        ) from error
    top, left = ((side - SIDE) // 2 for side in photograph.shape[:2])
    if top < 0 or left < 0:
        raise DataError(
            f"{file}: expected a photograph of 178 x 218 pixels, got {photograph.shape[1::-1]}; {OTHERWISE}"
        )
    return torch.from_numpy(photograph).permute(2, 0, 1)[:, top : top + SIDE, left : left + SIDE]


def download(root: Path) -> None:
    """Download CelebA, 1.4 GB, into `root/celeba` with torchvision, which checks every MD5. Raises whatever it raises."""
    from torchvision.datasets import CelebA

    CelebA(root, download=True)
