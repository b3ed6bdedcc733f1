"""Portraits: drawn faces whose attributes are known exactly, or the photographs of CelebA.

    people = portraits.load()                      # 10,000 drawn portraits, no network
    people.images                                  # uint8 (10000, 3, 64, 64)
    people.column("glasses")                       # (10000,), 0 or 1
    people = portraits.draw(500, seed=1, correlate={("glasses", "age"): 0.5})
    people = portraits.load(size="full")           # CelebA, where it has been downloaded

Every drawn face follows from its row in a table of attributes and from nuisances that belong to nobody's identity (how
wide the face is, where the light comes from, what colour the clothes have), so a model can be held against the truth.

| attribute | values | 0 | 1 (or the highest code) |
| --- | --- | --- | --- |
| skin_tone | 0 to 1 | light | dark |
| hair_colour | 0 to 1 | blond, then ginger and brown | black; age turns it grey, and it stays what it was here |
| hair_style | 0 to 5 | bald | short, curly, buns, bob, long: `HAIR_STYLES` |
| age | 0 to 1 | young | old: wrinkles, grey hair |
| glasses, hat, beard | 0 or 1 | none | worn |
| smile | 0 to 1 | serious | laughing, with teeth from about 0.6 on |
| pose | 0 to 1 | turned to the left of the picture | to the right; 0.5 looks ahead |
| background | 0 to 1 | red, then yellow, green, blue | violet |
| eye_colour | 0 to 1 | dark brown, then hazel, green | blue |
| lip_colour | 0 to 1 | as the skin has it | dark red |
"""

from collections.abc import Mapping
from typing import NamedTuple

import torch
from torch import Tensor

from course_utils.datasets import celeba, copula, portraits_draw
from course_utils.datasets.portraits_sitter import Sitter
from course_utils.runtime import seeded

HAIR_STYLES = ("bald", "short", "curly", "buns", "bob", "long")
ATTRIBUTES = {
    "skin_tone": copula.Uniform(),
    "hair_colour": copula.Uniform(),
    "hair_style": copula.Choice(0.12, 0.24, 0.16, 0.12, 0.18, 0.18),
    "age": copula.Uniform(),
    "glasses": copula.Choice(0.6, 0.4),
    "smile": copula.Uniform(),
    "hat": copula.Choice(0.7, 0.3),
    "beard": copula.Choice(0.65, 0.35),
    "pose": copula.Uniform(),
    "background": copula.Uniform(),
    "eye_colour": copula.Uniform(),
    "lip_colour": copula.Uniform(),
}
NAMES = tuple(ATTRIBUTES)
NUISANCES = (
    "shift_x", "shift_y", "scale", "face_width", "jaw", "eye_distance", "eye_size", "nose_size", "brow_angle",
    "brow_weight", "light", "warmth", "blush", "gaze", "clothes", "collar", "frame_shape", "frame_colour", "hat_colour",
    "hair_jitter", "strands", "parting",
)  # fmt: skip
SPLITS = {"train": (10_000, 1), "test": (2_000, 2)}  # portraits and seed of each split
SIZES = ("embedded", "full")
GROUP = 256  # people whose positions and colours are computed at once
CHUNK = 64  # of those, portraits painted at once


class Portraits(NamedTuple):
    """Images and the table of what is on them, row by row."""

    images: Tensor  # uint8 (N, 3, H, W), 0 to 255
    attributes: Tensor  # float32 (N, A)
    names: tuple[str, ...]  # of the A columns

    def column(self, name: str) -> Tensor:
        """One attribute of all portraits, float32 (N,). ValueError for a name that is not in `names`."""
        if name not in self.names:
            raise ValueError(f"no attribute {name!r}; there are {', '.join(self.names)}")
        return self.attributes[:, self.names.index(name)]


def load(split: str = "train", size: str = "embedded", n: int | None = None) -> Portraits:
    """Portraits of 64 x 64 pixels with their attributes.

    Args:
        split: "train" (10,000 drawn portraits, or 162,770 photographs) or "test" (2,000, or 19,962).
        size: "embedded" draws them, the same ones every time, without a network; "full" reads CelebA, with its own 40
            attributes, from `COURSE_DATA_ROOT` or by torchvision's downloader.
        n: only the first `n`; all by default.

    Raises:
        ValueError: for an unknown split or size, or `n` out of range.
        DataError: when CelebA is missing, damaged, or cannot be fetched; one line with what to do.
    """
    if split not in SPLITS:
        raise ValueError(f"split: expected one of {', '.join(map(repr, SPLITS))}, got {split!r}")
    if size not in SIZES:
        raise ValueError(f"size: expected one of {', '.join(map(repr, SIZES))}, got {size!r}")
    if n is not None and n < 1:
        raise ValueError(f"n: expected at least 1 portrait, got {n}")
    if size == "full":
        return Portraits(*celeba.load(split, n=n))
    there, seed = SPLITS[split]
    if n is not None and n > there:
        raise ValueError(f"n: the {split} split has {there:,} portraits, got {n:,}; `draw` makes as many as you like")
    return draw(n or there, seed)


def draw(n: int, seed: int = 0, correlate: Mapping[tuple[str, str], float] | None = None, size: int = 64) -> Portraits:
    """`n` drawn portraits with their attributes. Portrait i depends on the seed and i, not on `n`.

    Args:
        n: how many.
        seed: same seed, same portraits.
        correlate: Pearson's correlation between the values of two attributes in the table, for example
            `{("glasses", "age"): 0.5}`; pairs that are not named are uncorrelated. The distribution of each
            attribute stays as it is.
        size: pixels a side, 16 to 256.

    Raises ValueError for sizes that cannot be, unknown attributes, and correlations that two attributes cannot
    have, or that no table can have together.
    """
    attributes, nuisances = sample(n, seed, correlate)
    return Portraits(render(attributes, nuisances, size), attributes, NAMES)


def sample(n: int, seed: int = 0, correlate: Mapping[tuple[str, str], float] | None = None) -> tuple[Tensor, Tensor]:
    """What `draw` draws: attributes float32 (n, 12), columns in the order of `NAMES`, and nuisances (n, 22), 0 to 1."""
    if n < 1:
        raise ValueError(f"n: expected at least 1 portrait, got {n}")
    factor = copula.latent_factor(ATTRIBUTES, dict(correlate or {}))
    generator = seeded(seed)
    chance = torch.rand(n, len(NAMES) + len(NUISANCES), generator=generator, dtype=torch.float64)
    normal = torch.special.ndtri(chance[:, : len(NAMES)].clamp(1e-12, 1 - 1e-12)) @ factor.T  # (n, 12)
    columns = [kind.value(normal[:, i]) for i, kind in enumerate(ATTRIBUTES.values())]
    return torch.stack(columns, dim=1).float(), chance[:, len(NAMES) :].float()


def render(attributes: Tensor, nuisances: Tensor, size: int = 64) -> Tensor:
    """Portraits uint8 (N, 3, size, size) from rows of attributes (N, 12) and nuisances (N, 22), as `sample` gives them.

    With one value of a row changed, the same person is drawn with, say, glasses. Raises ValueError for tables of another
    shape and for values outside the ranges above.
    """
    _check_tables(attributes, nuisances, size)
    images = []
    with torch.no_grad():
        for group in range(0, len(attributes), GROUP):
            sitters = _sitters(attributes, nuisances, group)
            for start in range(0, min(GROUP, len(attributes) - group), CHUNK):
                images.append(portraits_draw.paint(sitters.rows(start, start + CHUNK), size))
    return torch.cat(images)[: len(attributes)]


def _sitters(attributes: Tensor, nuisances: Tensor, start: int) -> Sitter:
    """The people from row `start` on: always GROUP of them, the last one repeated, so that all sums are done alike."""
    rows = torch.arange(start, start + GROUP).clamp_max(len(attributes) - 1)
    a, b = attributes[rows].float(), nuisances[rows].float()
    return Sitter(dict(zip(NAMES, a.T, strict=True)), dict(zip(NUISANCES, b.T, strict=True)))


def _check_tables(attributes: Tensor, nuisances: Tensor, size: int) -> None:
    if not 16 <= size <= 256:
        raise ValueError(f"size: expected 16 to 256 pixels, got {size}")
    for label, table, names in (("attributes", attributes, NAMES), ("nuisances", nuisances, NUISANCES)):
        if table.ndim != 2 or table.shape[1] != len(names) or len(table) != len(attributes) or len(table) == 0:
            raise ValueError(f"{label}: expected (N, {len(names)}), as `sample` gives it, got {tuple(table.shape)}")
        highest = torch.tensor([5.0 if name == "hair_style" else 1.0 for name in names])
        if not ((table >= 0) & (table <= highest)).all():
            raise ValueError(f"{label}: expected values from 0 to 1 (hair_style: to 5), got others")
