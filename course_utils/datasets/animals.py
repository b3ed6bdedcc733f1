"""Animals on meadows, plain and striped: unpaired sets whose hidden pairs are known; or the photographs of horse2zebra.

    plain, striped = animals.load()            # two sets of 2,000 pictures, nobody of the one stands in the other
    plain.images                               # uint8 (2000, 3, 32, 32)
    truth = animals.render(plain.scenes, striped=True)  # the same animals, striped: what nobody is told in training
    plain, striped = animals.load(size="full")  # horse2zebra, where it has been downloaded

Every picture follows from a row of numbers, its scene. Stripes follow from the pose alone, so there is exactly one striped
picture for a plain one. A striped animal is white and black whatever its coat was: its coat cannot be seen any more.

| attribute | values | 0 | 1 |
| --- | --- | --- | --- |
| coat | 0 to 1 | cream, then ginger, bay | dark; cannot be seen of a striped animal |
| facing | 0 or 1 | to the left of the picture | to the right |
| grazing | 0 or 1 | head up | head down in the grass |
| size | 0 to 1 | small | large |
| time | 0 to 1 | night, then dawn | day |
| season | 0 to 1 | green, then yellow, orange grass | violet heather |
"""

from typing import NamedTuple

import torch
from torch import Tensor

from course_utils.datasets import animals_draw, horse2zebra
from course_utils.runtime import seeded

NAMES = ("coat", "facing", "grazing", "size", "time", "season")
SWITCHES = ("facing", "grazing")  # 0 or 1 and nothing between
NUISANCES = ("place_x", "place_y", "stride", "hill", "sun")
COLUMNS = len(NAMES) + len(NUISANCES) + 3 * animals_draw.FLOWERS
SPLITS = {"train": (2000, 0), "test": (500, 1)}  # pictures of each set, seed
SIZES = ("embedded", "full")
CHUNK = 100  # pictures painted at a time


class Animals(NamedTuple):
    """Pictures, and the rows that they follow from."""

    images: Tensor  # uint8 (N, 3, S, S)
    masks: Tensor  # float32 (N, S, S): how much of each pixel is animal, 0 to 1
    scenes: Tensor  # float32 (N, COLUMNS), 0 to 1; the first six columns are the attributes NAMES

    def column(self, name: str) -> Tensor:
        """One attribute of all animals, float32 (N,). ValueError for a name that is not in `NAMES`."""
        return self.scenes[:, place(name)]


def place(name: str) -> int:
    """The column of an attribute in a table of scenes. ValueError for a name that is not in `NAMES`."""
    if name not in NAMES:
        raise ValueError(f"no attribute {name!r}; there are {', '.join(NAMES)}")
    return NAMES.index(name)


def load(split: str = "train", size: str = "embedded", pixels: int = 32) -> tuple[Animals, Animals]:
    """A plain and a striped set; no animal of the one stands in the other.

    Args:
        split: "train" (2,000 drawn animals in each set) or "test" (500).
        size: "embedded" draws them, the same ones every time, without a network; "full" reads horse2zebra from
            `COURSE_DATA_ROOT`, or downloads it (117 MB). Photographs have no masks and no scenes: these are empty.
        pixels: a side of the pictures; photographs are scaled to it.

    Raises:
        ValueError: for an unknown split or size, and for pixels out of range.
        DataError: when horse2zebra is missing, damaged, or cannot be fetched; one line with what to do.
    """
    if split not in SPLITS:
        raise ValueError(f"split: expected one of {', '.join(map(repr, SPLITS))}, got {split!r}")
    if size not in SIZES:
        raise ValueError(f"size: expected one of {', '.join(map(repr, SIZES))}, got {size!r}")
    _check_pixels(pixels)
    if size == "full":
        found = horse2zebra.load(split, pixels)
        return tuple(Animals(images, torch.empty(0, pixels, pixels), torch.empty(0, COLUMNS)) for images in found)
    n, seed = SPLITS[split]
    return draw(n, 2 * seed, striped=False, pixels=pixels), draw(n, 2 * seed + 1, striped=True, pixels=pixels)


def draw(n: int, seed: int = 0, striped: bool = False, pixels: int = 32) -> Animals:
    """`n` animals, all plain or all striped; the same seed gives the same scenes, and `n` fewer are the first of more.

    Raises ValueError for n < 1 and for pixels out of range.
    """
    scenes = sample(n, seed)
    return Animals(*render(scenes, striped, pixels), scenes)


def sample(n: int, seed: int = 0) -> Tensor:
    """Scenes, float32 (n, COLUMNS): the attributes in the order of `NAMES`, then what belongs to nobody's identity."""
    if n < 1:
        raise ValueError(f"n: expected at least 1 animal, got {n}")
    scenes = torch.rand(n, COLUMNS, generator=seeded(seed))
    for name in SWITCHES:
        scenes[:, place(name)] = (scenes[:, place(name)] < 0.5).float()
    return scenes


def render(scenes: Tensor, striped: bool, pixels: int = 32) -> tuple[Tensor, Tensor]:
    """The pictures of these scenes, uint8 (N, 3, pixels, pixels), and the masks of their animals (N, pixels, pixels).

    Raises ValueError for a table of another shape, numbers outside 0 to 1, and pixels below 16 or above 256.
    """
    _check_pixels(pixels)
    if scenes.dim() != 2 or scenes.shape[1] != COLUMNS or len(scenes) == 0:
        raise ValueError(
            f"scenes: expected rows of {COLUMNS} numbers, as `sample` gives them, got {tuple(scenes.shape)}"
        )
    if not (scenes.min() >= 0 and scenes.max() <= 1):
        raise ValueError(f"scenes: expected numbers from 0 to 1, got {scenes.min():.3g} to {scenes.max():.3g}")
    painted = [animals_draw.paint(_scene(rows, striped), pixels) for rows in scenes.split(CHUNK)]
    images, masks = zip(*painted, strict=True)
    return torch.cat(images), torch.cat(masks)


def changed(scenes: Tensor, name: str, value: float | Tensor) -> Tensor:
    """The same scenes with one attribute set to a value, or to one value a row (N,)."""
    other = scenes.clone()
    other[:, place(name)] = torch.as_tensor(value, dtype=other.dtype)
    return other


def _scene(rows: Tensor, striped: bool) -> animals_draw.Scene:
    single = len(NAMES) + len(NUISANCES)
    columns = [column.view(-1, 1, 1) for column in rows[:, :single].unbind(dim=1)]
    flowers = rows[:, single:].split(animals_draw.FLOWERS, dim=1)  # x, y, colour: (N, FLOWERS) each
    return animals_draw.Scene(torch.full_like(columns[0], float(striped)), *columns, *flowers)


def _check_pixels(pixels: int) -> None:
    if not 16 <= pixels <= 256:
        raise ValueError(f"pixels: expected 16 to 256 a side, got {pixels}")
