"""Pairs out of a folder of your own pictures, for Pix2Pix: each picture, and the input that it is to be made from.

    pictures, inputs = own_pairs.load("my_pictures", "edges", size=32)
    pictures.images, inputs              # float (N, 3, 32, 32) in [-1, 1] each, row by row

The input is computed from the picture ("edges", "grey", "blurred"), or stands at the right of it in the same file ("side by
side", as the published sets of Pix2Pix have it: Isola, Zhu, Zhou and Efros, 2017).
"""

import dataclasses
from collections.abc import Callable
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor

from course_utils.datasets import DataError, side_by_side, to_float
from course_utils.datasets.folder import Folder, folder
from course_utils.datasets.near_duplicates import LUMINANCE, difference_hash

SIDE_BY_SIDE = "side by side"
COARSE = 4  # times fewer pixels a side hold what "blurred" keeps


def grey(images: Tensor) -> Tensor:
    """The brightness of pictures (N, 3, H, W), in three equal channels."""
    weights = torch.tensor(LUMINANCE, dtype=images.dtype, device=images.device)
    return (images * weights[:, None, None]).sum(dim=1, keepdim=True).expand(-1, 3, -1, -1)


def edges(images: Tensor) -> Tensor:
    """A drawing of pictures (N, 3, H, W): white, and the darker the more the brightness changes from pixel to pixel."""
    around = F.pad(grey(images), (1, 1, 1, 1), mode="replicate")
    across = around[:, :, 1:-1, 2:] - around[:, :, 1:-1, :-2]
    down = around[:, :, 2:, 1:-1] - around[:, :, :-2, 1:-1]
    return (1 - 4 * (across.square() + down.square()).sqrt()).clamp(min=-1)


def blurred(images: Tensor) -> Tensor:
    """Pictures (N, 3, H, W) of which a sixteenth of the pixels is left, at their old size."""
    height, width = images.shape[2:]
    small = F.adaptive_avg_pool2d(images, (max(1, height // COARSE), max(1, width // COARSE)))
    return F.interpolate(small, size=(height, width), mode="bilinear", align_corners=False)


MAKERS: dict[str, Callable[[Tensor], Tensor]] = {"edges": edges, "grey": grey, "blurred": blurred}


def load(path: str | Path, made_from: str, size: int = 32, hash: Callable = difference_hash) -> tuple[Folder, Tensor]:
    """The pictures of a folder, checked as ``folder`` checks them, and an input (N, 3, size, size) for each.

    ``made_from`` is "edges", "grey" or "blurred", or "side by side" for files that hold two squares: the picture at the left,
    its input at the right. Near duplicates among such files are found by their middle. Raises ValueError for another
    ``made_from``, and DataError where a file does not hold two squares.
    """
    if made_from not in (*MAKERS, SIDE_BY_SIDE):
        raise ValueError(f"made_from: expected one of {', '.join((*MAKERS, SIDE_BY_SIDE))}, got {made_from!r}")
    found = folder(path, size, hash=hash)
    if made_from in MAKERS:
        return found, MAKERS[made_from](found.images)
    both = [_halves(Path(path).expanduser(), name, size) for name in found.names]
    pictures, inputs = (to_float(torch.stack(half)) for half in zip(*both, strict=True))
    changed = tuple(entry for entry in found.report.changed if entry.kind != "trimmed")  # both squares are used
    return Folder(pictures, found.names, dataclasses.replace(found.report, changed=changed)), inputs


def _halves(root: Path, name: str, size: int) -> tuple[Tensor, Tensor]:
    """The left and the right square of one file, uint8 (3, size, size) each."""
    from PIL import Image

    try:
        with Image.open(root / name) as both:
            width, height = both.size
    except OSError as error:
        raise DataError(f"{name}: expected two squares side by side, but it cannot be opened ({error})") from error
    if width != 2 * height:
        raise DataError(
            f"{name}: expected two squares side by side, twice as wide as high, got {width} x {height} pixels; "
            'take it out of the folder, or let inputs be made from each picture: "edges", "grey" or "blurred"'
        )
    return side_by_side.read(root / name, height, size)
