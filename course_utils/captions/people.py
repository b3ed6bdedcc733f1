"""Portraits to be described: six attributes, each with values that a caption has a word for.

    people = draw(500, seed=1)
    people.images                    # (500, 3, 32, 32) in [-1, 1]
    people.values                    # (500, 6) int64, columns in the order of `ATTRIBUTES`

All six are independent, and each value is as likely as its rivals. Everything else about a person varies as in
`datasets.portraits`, and no caption tells it.
"""

from typing import NamedTuple

import torch
from torch import Tensor

from course_utils.checkpoints.portraits_classifier import OUTPUTS, probabilities
from course_utils.datasets import portraits, to_float
from course_utils.runtime import seeded

SIDE = 32
ATTRIBUTES = ("hat", "glasses", "beard", "hair", "smile", "wall")
VALUES = (2, 2, 2, 2, 2, 5)  # how many values each has: no or yes; short or long; serious or smiling; five colours
_SHORT, _LONG = portraits.HAIR_STYLES.index("short"), portraits.HAIR_STYLES.index("long")


class People(NamedTuple):
    """Pictures, and the values that they were drawn with."""

    images: Tensor  # (N, 3, 32, 32) in [-1, 1]
    values: Tensor  # (N, 6) int64

    def rows(self, chosen: Tensor) -> "People":
        return People(self.images[chosen], self.values[chosen])


def draw(n: int, seed: int, values: Tensor | None = None) -> People:
    """``n`` people with random values, or with these ``values`` (n, 6)."""
    generator = seeded(seed)
    if values is None:
        values = torch.stack([torch.randint(k, (n,), generator=generator) for k in VALUES], dim=1)
    attributes, nuisances = portraits.sample(n, seed)
    columns = dict(zip(ATTRIBUTES, values.float().T, strict=True))
    attributes[:, portraits.NAMES.index("age")] *= 0.5  # no grey hair
    for name in ("hat", "glasses", "beard"):
        attributes[:, portraits.NAMES.index(name)] = columns[name]
    attributes[:, portraits.NAMES.index("hair_style")] = torch.where(columns["hair"] > 0, float(_LONG), float(_SHORT))
    attributes[:, portraits.NAMES.index("smile")] = 0.1 + 0.8 * columns["smile"]
    attributes[:, portraits.NAMES.index("background")] = columns["wall"] / 4
    return People(to_float(portraits.render(attributes, nuisances, SIDE)), values)


def judged(images: Tensor) -> Tensor:
    """The values that the shipped judge sees in pictures (N, 3, 32, 32): (N, 6) int64.

    It is `checkpoints.portraits_classifier`, trained on other portraits for other lessons.
    """
    scores = probabilities(images)  # (N, 17)

    def score(name: str) -> Tensor:
        return scores[:, OUTPUTS.index(name)]

    seen = [score(name) > 0.5 for name in ("hat", "glasses", "beard")]
    seen += [score("long") > score("short"), score("smile") > 0.5]
    return torch.stack([*(s.long() for s in seen), (4 * score("background")).round().long()], dim=1)
