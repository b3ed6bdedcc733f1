"""Five reports on one photograph, four of them with a fault, and their table."""

from typing import NamedTuple

import torch
from torch import Tensor

from course_utils.datasets import to_float
from course_utils.datasets.crops import separate_crops, shared_pixels
from course_utils.lessons.c4w4 import recipes
from course_utils.metrics.filter_features import FilterFeatures

FEW = 36  # pictures of a distance that is taken from too few


class Row(NamedTuple):
    """One report."""

    distance: float
    floor: float
    numbers: str  # of pictures, in the distance and in the floor
    nearness: float
    mirrored: float  # nearness, with mirror images among the known ones
    shared: int  # held-out crops that share a patch with a training crop


def row(made: Tensor, train: Tensor, held_out: Tensor, measure, shared: int, few: int | None = None) -> Row:
    """Report on made pictures; with ``few`` the distance is taken from so many pictures, and the floor is not."""
    features = FilterFeatures(train)
    n = min(len(train), len(held_out))
    order = torch.randperm(len(train), generator=torch.Generator().manual_seed(0))[:n]
    floor = measure(train[order], train, held_out, features).distance
    found = measure(made[:few], train, held_out[:few], features)
    again = measure(made[:few], train, held_out[:few], features, True)
    counted = min(few or n, len(made))
    return Row(found.distance, floor, f"{counted}/{n}", found.nearness, again.nearness, shared)


def leaking(picture: Tensor, size: int, like: tuple[int, int]) -> tuple[Tensor, Tensor]:
    """Overlapping crops of the left side, dealt out at random: as many as in ``like``, floats in [-1, 1]."""
    crops = separate_crops(picture, size, size // 2)[0]
    order = torch.randperm(len(crops), generator=torch.Generator().manual_seed(1))
    crops = to_float(crops[order])
    return crops[: like[0]], crops[like[0] : like[0] + like[1]]


def five(made: Tensor, train: Tensor, held_out: Tensor, picture: Tensor, measure) -> dict[str, Row]:
    """The reports A to E on pictures ``made`` by a network that learned from ``train``."""
    order = torch.randperm(len(train), generator=torch.Generator().manual_seed(2))[: len(held_out)]
    copies = train[order]
    mixed_train, mixed_held = leaking(picture, train.shape[-1], (len(train), len(held_out)))
    shared, leaked = (
        shared_pixels(recipes.pixels(a), recipes.pixels(b)) for a, b in ((train, held_out), (mixed_train, mixed_held))
    )
    return {
        "A": row(made, mixed_train, mixed_held, measure, leaked),
        "B": row(copies.flip(3), train, held_out, measure, shared),
        "C": row(made, train, held_out, measure, shared),
        "D": row(made, train, held_out, measure, shared, FEW),
        "E": row(copies, train, held_out, measure, shared),
    }


def table(rows: dict[str, Row]) -> str:
    """The reports as lines."""
    lines = [f"{'report':6s}{'distance':>9s}{'floor':>7s}{'pictures':>10s}{'nearness':>10s}{'mirrored':>10s}{'shared':>8s}"]
    for name, r in rows.items():
        numbers = f"{r.distance:9.1f}{r.floor:7.2f}{r.numbers:>10s}{r.nearness:10.2f}{r.mirrored:10.2f}{r.shared:8d}"
        lines.append(f"{name:6s}{numbers}")
    return "\n".join(lines)
