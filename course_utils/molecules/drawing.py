"""Drawings of molecules as small pictures (3, H, W): RDKit's where it is installed, else dots and lines of our own."""

import io
import math

import numpy as np
import torch
from torch import Tensor

from course_utils.datasets.molecules import ATOMS
from course_utils.molecules import chemistry
from course_utils.molecules.validity import is_valid

COLOURS = {"C": "#333333", "N": "#2050c0", "O": "#d02020", "F": "#208040"}


def pictures(atoms: Tensor, bonds: Tensor, side: int = 96) -> Tensor:
    """One picture a graph, float32 in [-1, 1] (B, 3, side, side). What is not valid gets dots in a circle on grey."""
    valid = is_valid(atoms, bonds).tolist()
    drawn = [_picture(a, b, side, ok) for a, b, ok in zip(atoms, bonds, valid, strict=True)]
    return torch.stack(drawn) if drawn else torch.zeros(0, 3, side, side)


def _picture(atoms: Tensor, bonds: Tensor, side: int, valid: bool) -> Tensor:
    if valid and chemistry.available():
        return _to_tensor(chemistry.png(atoms, bonds, side))
    return _to_tensor(_plain(atoms, bonds, side, valid))


def _to_tensor(png: bytes) -> Tensor:
    from PIL import Image

    pixels = np.asarray(Image.open(io.BytesIO(png)).convert("RGB"))
    return torch.from_numpy(pixels.copy()).permute(2, 0, 1).float() / 127.5 - 1


def _plain(atoms: Tensor, bonds: Tensor, side: int, valid: bool) -> bytes:
    """Dots and lines, the atoms at the corners of a regular polygon in their order."""
    from PIL import Image, ImageDraw

    large = 4 * side
    image = Image.new("RGB", (large, large), "white" if valid else "#dddddd")
    pen, size = ImageDraw.Draw(image), len(atoms)
    spots = [
        (large * (0.5 + 0.36 * math.cos(math.tau * k / size)), large * (0.5 + 0.36 * math.sin(math.tau * k / size)))
        for k in range(size)
    ]
    for i in range(size):
        for j in range(i):
            _bond(pen, spots[i], spots[j], int(bonds[i, j]), large)
    for (x, y), atom in zip(spots, atoms.tolist(), strict=True):
        radius = large * (0.055 if atom else 0.02)
        pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=COLOURS.get(ATOMS[atom], "#aaaaaa"))
    data = io.BytesIO()
    image.resize((side, side), Image.Resampling.LANCZOS).save(data, "PNG")
    return data.getvalue()


def _bond(pen, start, end, order: int, large: int) -> None:
    """As many parallel lines as the order says."""
    across = math.atan2(end[1] - start[1], end[0] - start[0]) + math.pi / 2
    for line in range(order):
        off = (line - (order - 1) / 2) * large * 0.04
        dx, dy = off * math.cos(across), off * math.sin(across)
        pen.line((start[0] + dx, start[1] + dy, end[0] + dx, end[1] + dy), fill="#333333", width=large // 50)
