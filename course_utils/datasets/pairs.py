"""Pairs of a label map and a picture: drawn streets whose truth is known, or the photographs of facades and maps.

    pairs = pairs.load()                               # 4,000 drawn pairs, no network
    pairs.maps, pairs.images                           # uint8 (4000, 3, 48, 48) each
    pairs = pairs.draw(500, seed=1)                    # as many others as you like
    pairs = pairs.load(size="full", name="facades")    # 400 photographs with their maps, downloaded once

A drawn map says where sky, roofs, walls, windows, doors, trees and street are. It does not say which colour a house was
painted in: red, green or blue, each with the same probability, for each house anew. `read_labels` reads the map back from
a picture, by the nearest colour of the palette. With the same `seed` and another `chance` the same maps get other pictures.
"""

from typing import NamedTuple

import torch
from torch import Tensor

from course_utils.datasets import pairs_draw, side_by_side
from course_utils.datasets.pairs_draw import CLASSES, MAP_COLOURS, PALETTE, WALL, WALL_COLOURS, WALL_NAMES
from course_utils.runtime import seeded

__all__ = [
    "CLASSES",
    "MAP_COLOURS",
    "PALETTE",
    "WALL",
    "WALL_COLOURS",
    "WALL_NAMES",
    "Pairs",
    "draw",
    "load",
    "read_labels",
]

SPLITS = {"train": (4000, 1), "test": (500, 2)}  # pairs and seed of each split
SIZES = ("embedded", "full")
CHUNK = 100  # pairs drawn at a time; a part of what a seed means


class Pairs(NamedTuple):
    """Pictures and their maps, row by row. Photographs have no labels and no houses."""

    images: Tensor  # uint8 (N, 3, S, S), 0 to 255
    maps: Tensor  # uint8 (N, 3, S, S), a colour for each class
    labels: Tensor | None = None  # int64 (N, S, S), places in CLASSES
    houses: Tensor | None = None  # int64 (N, S, S), which house a pixel belongs to, 1 to 3, 0 for none


def load(split: str = "train", size: str = "embedded", name: str = "facades", pixels: int = 48) -> Pairs:
    """Pairs of a picture and its map.

    Args:
        split: "train" (4,000 drawn pairs) or "test" (500); of photographs the splits that the published set has.
        size: "embedded" draws streets, the same ones every time, without a network; "full" reads photographs from
            `COURSE_DATA_ROOT` or downloads them.
        name: which photographs, "facades" or "maps"; only for `size="full"`.
        pixels: of a side, 32 to 128 for drawn pairs; photographs are scaled to it.

    Raises:
        ValueError: for an unknown split, size or name, or pixels out of range.
        DataError: when photographs are missing, damaged, or cannot be fetched; one line with what to do.
    """
    if size not in SIZES:
        raise ValueError(f"size: expected one of {', '.join(map(repr, SIZES))}, got {size!r}")
    if size == "full":
        return Pairs(*side_by_side.load(name, split, pixels))
    if split not in SPLITS:
        raise ValueError(f"split: expected one of {', '.join(map(repr, SPLITS))}, got {split!r}")
    n, seed = SPLITS[split]
    return draw(n, seed, pixels)


def draw(n: int, seed: int = 0, size: int = 48, chance: int | None = None) -> Pairs:
    """``n`` drawn pairs of ``size`` pixels a side; the same seed gives the same pairs.

    ``chance`` is the seed of what the maps do not know: colours, clouds, bricks. By default it follows from ``seed``. A
    smaller ``n`` gives the first ones of a larger ``n``. Raises ValueError for n < 1 and for sizes outside 32 to 128.
    """
    if n < 1:
        raise ValueError(f"n: expected at least 1 pair, got {n}")
    if not 32 <= size <= 128:
        raise ValueError(f"size: expected 32 to 128 pixels, got {size}")
    plan = seeded(2 * seed)
    luck = seeded(2 * (seed if chance is None else chance) + 1)
    parts = []
    for _ in range(0, n, CHUNK):
        street = pairs_draw.label_map(pairs_draw.layouts(CHUNK, plan), size)
        images = pairs_draw.picture(street, pairs_draw.chances(CHUNK, size, luck))
        parts.append((images, paint_map(street.labels), street.labels, street.houses))
    return Pairs(*(torch.cat(columns)[:n] for columns in zip(*parts, strict=True)))


def paint_map(labels: Tensor) -> Tensor:
    """Labels (N, H, W) as a picture of the map: uint8 (N, 3, H, W)."""
    return MAP_COLOURS.to(torch.uint8)[labels].permute(0, 3, 1, 2).contiguous()


def read_labels(images: Tensor) -> Tensor:
    """The class of the nearest colour of the palette for each pixel: floats (N, 3, H, W) in [-1, 1] to int64 (N, H, W)."""
    classes = torch.cat([torch.full((len(colours),), label) for label, colours in PALETTE.items()])
    return classes[nearest_colour(images, torch.cat(list(PALETTE.values())))[0]]


def nearest_colour(images: Tensor, colours: Tensor) -> tuple[Tensor, Tensor]:
    """For each pixel of floats (N, 3, H, W) in [-1, 1], which of ``colours`` (K, 3), 0 to 255, is nearest, and how far it is.

    Both are (N, H, W); the distance is Euclid's, in steps of 0 to 255.
    """
    pixels = (images.permute(0, 2, 3, 1).float() + 1) * 127.5  # (N, H, W, 3)
    distance, index = torch.cdist(pixels.reshape(-1, 3), colours.float()).min(dim=1)
    return index.view(pixels.shape[:3]), distance.view(pixels.shape[:3])
