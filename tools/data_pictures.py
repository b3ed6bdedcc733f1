"""Make the pictures of data/README.md: the first twenty of each set that the course draws, as a seed draws them.

    make pictures

Each is a sheet of rows of ten, in as many colours of its own as keep the file small.
"""

import io
from pathlib import Path

import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor

from course_utils.datasets import animals, cells, pairs, portraits, streets

ROOT = Path(__file__).parents[1]
COUNT, COLUMNS = 20, 10
MOST_BYTES = 60_000
GAP, GREY = 1, 128  # pixels around each picture, and their colour
PALETTES = (256, 128, 96, 64, 48, 32, 24, 16)
SHADES = torch.tensor(  # of cells by their number; 0 is what is no cell
    [(20, 24, 38), (240, 196, 80), (86, 180, 233), (204, 121, 167), (0, 158, 115), (230, 97, 1), (150, 150, 235),
     (190, 220, 120), (240, 240, 240), (120, 94, 60), (250, 150, 150)], dtype=torch.uint8
)  # fmt: skip


def main() -> None:
    for name, sheet in sheets().items():
        path = ROOT / "docs" / f"drawn_{name}.png"
        path.write_bytes(packed(sheet))
        print(f"{path.relative_to(ROOT)}: {sheet.width} x {sheet.height}, {path.stat().st_size:,} bytes")


def sheets() -> dict[str, Image.Image]:
    """A sheet for each drawn set; where a set has its truth, that stands below each row."""
    drawn, streets_and_maps = cells.draw(COUNT), pairs.draw(COUNT)
    plain = animals.draw(COUNT)
    striped, _ = animals.render(plain.scenes, striped=True)
    truth = SHADES[drawn.labels.long()].permute(0, 3, 1, 2)  # (20, 3, 64, 64)
    return {
        "cells": sheet(drawn.images.expand(-1, 3, -1, -1), truth),
        "pairs": sheet(streets_and_maps.maps, streets_and_maps.images),
        "animals": sheet(plain.images, striped, scale=2),
        "portraits": sheet(portraits.draw(COUNT).images),
        "streets": sheet(streets.draw(n=COUNT).images, scale=2),
    }


def sheet(*sets: Tensor, scale: int = 1) -> Image.Image:
    """Rows of ten pictures, uint8 (20, 3, S, S) a set; the sets take turns, and each pixel becomes ``scale`` x ``scale``."""
    large = [images.repeat_interleave(scale, 2).repeat_interleave(scale, 3) for images in sets]
    framed = [F.pad(images, (GAP, GAP, GAP, GAP), value=GREY) for images in large]
    rows = [part for parts in zip(*(images.split(COLUMNS) for images in framed), strict=True) for part in parts]
    pixels = torch.cat([torch.cat(tuple(row), dim=2) for row in rows], dim=1)
    return Image.fromarray(pixels.permute(1, 2, 0).numpy())


def packed(picture: Image.Image) -> bytes:
    """A PNG in the largest palette that keeps it small."""
    for colours in PALETTES:
        file = io.BytesIO()
        picture.quantize(colours, dither=Image.Dither.NONE).save(file, "PNG", optimize=True)
        if file.tell() < MOST_BYTES:
            return file.getvalue()
    raise ValueError(f"picture: expected one that takes less than {MOST_BYTES:,} bytes, got {file.tell():,}")


if __name__ == "__main__":
    main()
