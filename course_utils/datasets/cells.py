"""Cells under a fluorescence microscope, drawn: pictures in which every pixel's cell is known.

    images, labels = cells.load()             # 2,000 pictures of 64 x 64, the same ones every time
    images, labels = cells.draw(500, seed=3)  # as many others as you like
    masks = labels > 0                        # what is cell and what is not

A picture holds up to 10 cells on uneven ground: some touch, light falls off to the sides, and out-of-focus cells, dust and the
noise of the camera lie over it. Now and then it holds none. Where cells touch, a seam of one to two pixels between them
belongs to no cell, as in the hand-drawn truth of cell tracking challenges: the connected areas of a mask are the cells.

A microscope's camera sees no colour; `stained` adds one for the eye.
"""

import math
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from course_utils.datasets.canvas import ramp, step
from course_utils.runtime import seeded

MOST = 10  # cells of a picture
CANDIDATES = 22  # places that are tried for them
CHUNK = 50  # pictures drawn at a time; a part of what a seed means
SEEDS = {"train": 0, "test": 1}
COUNTS = {"train": 2000, "test": 500}
SEAM = 0.75  # half width, in pixels, of the seam between touching cells
STAINS = (  # false colours from dark to light, one a fluorescent dye
    ((4, 7, 28), (10, 58, 92), (22, 146, 140), (150, 228, 176), (252, 255, 232)),
    ((14, 5, 34), (76, 20, 106), (186, 46, 128), (248, 132, 124), (255, 240, 214)),
    ((6, 10, 30), (28, 44, 128), (46, 112, 212), (128, 196, 244), (244, 252, 255)),
    ((20, 8, 12), (104, 26, 30), (206, 82, 34), (246, 176, 72), (255, 250, 220)),
)


class Cells(NamedTuple):
    """Pictures and their truth."""

    images: Tensor  # uint8 (N, 1, size, size)
    labels: Tensor  # uint8 (N, size, size): 0 where no cell is, else the number of the cell, from 1 on


def load(split: str = "train") -> Cells:
    """The pictures of a split, the same ones every time: "train" (2,000) or "test" (500). Raises ValueError for another."""
    if split not in SEEDS:
        raise ValueError(f"split: expected one of {', '.join(map(repr, SEEDS))}, got {split!r}")
    return draw(COUNTS[split], SEEDS[split])


def draw(n: int, seed: int = 0, size: int = 64) -> Cells:
    """`n` pictures of cells with their truth; the same seed gives the same pictures.

    Args:
        n: pictures, at least 1. A smaller n gives the first ones of a larger n.
        seed: 0 and 1 are those of `load`.
        size: pixels of a side, 32 to 256. Cells keep their share of the picture.

    Raises ValueError for an n or a size out of range.
    """
    if n < 1:
        raise ValueError(f"n: expected at least 1 picture, got {n}")
    if not 32 <= size <= 256:
        raise ValueError(f"size: expected 32 to 256 pixels, got {size}")
    parts = [_chunk(seeded(1_000_003 * seed + i), size) for i in range(math.ceil(n / CHUNK))]
    images, labels = (torch.cat(column)[:n] for column in zip(*parts, strict=True))
    return Cells(images, labels)


def stained(images: Tensor, stains: tuple = STAINS) -> Tensor:
    """Pictures (N, 1, H, W), uint8, in the false colours of dyes that take turns: float (N, 3, H, W) in [-1, 1]."""
    grey = images.float().flatten() / 255
    colours = torch.stack([ramp(stain, torch.arange(256) / 255)[:, :, 0, 0] for stain in stains])  # (S, 256, 3)
    which = (torch.arange(len(images)) % len(stains)).view(-1, 1, 1, 1).expand(images.shape).flatten()
    painted = colours[which, (grey * 255).round().long()]  # (N * H * W, 3)
    return painted.view(len(images), *images.shape[2:], 3).permute(0, 3, 1, 2) * 2 - 1


def outlined(images: Tensor, masks: Tensor, colour: tuple[float, float, float] = (1.0, 1.0, 0.2)) -> Tensor:
    """Pictures (N, 3, H, W) in [-1, 1] with a line one pixel wide around each connected area of the masks (N, H, W)."""
    solid = masks.float().unsqueeze(1)  # (N, 1, H, W)
    inner = 1 - F.max_pool2d(1 - solid, 3, stride=1, padding=1)
    edge = (solid - inner).clamp(0, 1)
    return torch.lerp(images, torch.tensor(colour).view(1, 3, 1, 1), edge)


class _Bodies(NamedTuple):
    """What the cells of a chunk are: (N, MOST) each. Lengths are in half pictures."""

    x: Tensor
    y: Tensor
    radius: Tensor
    stretch: Tensor  # longer than wide, by its square
    turn: Tensor  # radians
    lobes: Tensor  # depth of three dents, 0 to 0.13
    brightness: Tensor
    there: Tensor  # 1 for cells, 0 where a picture has fewer


def _chunk(dice: torch.Generator, size: int) -> tuple[Tensor, Tensor]:
    """CHUNK pictures, from back to front: cells, ground, ghosts, dust, light, lens, camera."""
    bodies = _bodies(dice)
    middle = (torch.arange(size) + 0.5) * (2 / size) - 1
    x, y = middle.view(1, 1, size), middle.view(1, size, 1)
    depth, seam, number = _nearest(bodies, x, y)
    pixel = 2 / size
    inside = (depth > 0) & (seam > SEAM * pixel)
    picture = _cytoplasm(dice, bodies, x, y, depth, seam, number, pixel)
    picture = _ground(dice, picture, x, y, depth, pixel) * _light(dice, x, y)
    picture = _camera(dice, picture)
    return picture, _numbered(number, inside)


def _uniform(dice: torch.Generator, low: float, high: float, *shape: int) -> Tensor:
    return low + (high - low) * torch.rand(CHUNK, *shape, generator=dice)


def _bodies(dice: torch.Generator) -> _Bodies:
    """Places one after the other: each new cell lies beside an earlier one, or anywhere; what overlaps too much is dropped."""
    shape = (CANDIDATES,)
    typical = _uniform(dice, 0.19, 0.3, 1)  # cells of a picture are of one kind
    radius = typical * _uniform(dice, 0.8, 1.25, *shape)
    anywhere = _uniform(dice, -0.95, 0.95, 2, *shape)
    beside = _uniform(dice, 0, 1, *shape) < _uniform(dice, 0.2, 0.9, 1)
    towards = _uniform(dice, 0, 2 * math.pi, *shape)
    parent = (_uniform(dice, 0, 1, *shape) * torch.arange(CANDIDATES)).long()  # an earlier one
    wanted = torch.randint(MOST + 1, (CHUNK,), generator=dice)
    x, y = anywhere[:, 0].clone(), anywhere[:, 1].clone()
    there = torch.zeros(CHUNK, CANDIDATES)
    rows = torch.arange(CHUNK)
    for k in range(CANDIDATES):
        if k:
            p = parent[:, k]
            near = 0.86 * (radius[rows, p] + radius[:, k])
            usable = beside[:, k] & (there[rows, p] > 0)
            x[:, k] = torch.where(usable, x[rows, p] + near * towards[:, k].cos(), x[:, k])
            y[:, k] = torch.where(usable, y[rows, p] + near * towards[:, k].sin(), y[:, k])
        apart = (x - x[:, k : k + 1]).hypot(y - y[:, k : k + 1]) > 0.82 * (radius + radius[:, k : k + 1])
        free = (apart | (there == 0)).all(dim=1) & (x[:, k].abs() < 0.95) & (y[:, k].abs() < 0.95)
        there[:, k] = (free & (there.sum(dim=1) < wanted)).float()
    stretch, turn = _uniform(dice, 1.0, 1.16, *shape), _uniform(dice, 0, math.pi, *shape)
    lobes = _uniform(dice, 0, 0.13, *shape)
    brightness = _uniform(dice, 0.32, 0.85, *shape)
    columns = (x, y, radius, stretch, turn, lobes, brightness, there)
    cells_first = there.argsort(dim=1, descending=True, stable=True)[:, :MOST]  # (N, MOST)
    return _Bodies(*(column.gather(1, cells_first) for column in columns))


def _nearest(b: _Bodies, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """For each pixel: how deep it lies in its nearest cell, its distance to that cell's seam, and the cell's number."""
    shape = (CHUNK, y.shape[1], x.shape[2])
    first, second, number = torch.full(shape, 9.0), torch.full(shape, 9.0), torch.zeros(shape, dtype=torch.long)
    for k in range(MOST):
        rows = b.there[:, k].nonzero()[:, 0]  # the pictures that have a cell k
        distance = _distance([v[rows, k].view(-1, 1, 1) for v in b[:6]], x, y)
        best, next_best = first[rows], second[rows]
        closer = distance < best
        second[rows] = torch.where(closer, best, torch.minimum(next_best, distance))
        first[rows] = torch.minimum(best, distance)
        number[rows] = torch.where(closer, k, number[rows])
    return -first, (second - first) / 2, number


def _distance(cells: list[Tensor], x: Tensor, y: Tensor) -> Tensor:
    """Distance of each pixel to the edge of one cell a picture, (n, H, W), negative inside; exact for round cells."""
    cx, cy, r, stretch, turn, lobes = cells  # (n, 1, 1)
    dx, dy = x - cx, y - cy  # (n, 1, W), (n, H, 1)
    u = dx * (turn.cos() / (r * stretch)) + dy * (turn.sin() / (r * stretch))  # (n, H, W), 1 at the edge
    v = dy * (turn.cos() * stretch / r) - dx * (turn.sin() * stretch / r)
    square = (u * u).addcmul_(v, v).add_(1e-6)
    three = u * (u * u).addcmul_(v, v, value=-3) / square  # rho cos(3 theta)
    return square.sqrt_().sub_(lobes * three).sub_(1).mul_(r)


def _cytoplasm(dice, b: _Bodies, x, y, depth, seam, number, pixel) -> Tensor:
    """The cells, 0 to about 1: bodies that are thicker in the middle, a nucleus, grains, dark seams."""

    def of(values: Tensor) -> Tensor:
        return values.gather(1, number.flatten(1)).view_as(number)

    radius = of(b.radius)
    dx, dy = x - of(b.x + 0.25 * b.radius * b.turn.sin()), y - of(b.y + 0.25 * b.radius * (3 * b.turn).cos())
    away = (dx.square() + dy.square()).sqrt() / radius
    nucleus = 1 - step(away, 0.34, 0.52)
    grains = F.avg_pool2d(torch.randn(depth.shape, generator=dice), 3, stride=1, padding=1)
    body = 0.62 + 0.3 * (depth / radius).clamp(0, 1) + 0.4 * nucleus + 0.16 * grains
    rim = 0.22 * (-((depth - 1.2 * pixel) / (1.1 * pixel)).square()).exp()
    cover = (depth / (1.6 * pixel) + 0.5).clamp(0, 1)
    cleft = 1 - 0.5 * (-(seam / (0.8 * pixel)).square()).exp()
    return of(b.brightness) * (body + rim) * cover * cleft


def _ground(dice, picture, x, y, depth, pixel) -> Tensor:
    """A dim ground, the glow around cells, out-of-focus cells and dust below and above the focus."""
    glow = 0.1 * (depth.clamp(max=0) / (5 * pixel)).exp()
    picture = picture + _uniform(dice, 0.05, 0.14, 1, 1) + glow
    for most, low, high in ((0.3, 0.2, 0.4), (0.25, 0.2, 0.4), (0.5, 0.025, 0.04), (0.5, 0.025, 0.04)):
        cx, cy, width = _uniform(dice, -1, 1, 1, 1), _uniform(dice, -1, 1, 1, 1), _uniform(dice, low, high, 1, 1)
        spot = (-((x - cx) / width).square()).exp() * (-((y - cy) / width).square()).exp()
        picture = picture + spot * (_uniform(dice, -0.6 * most, most, 1, 1)).clamp(min=0)
    return picture


def _light(dice, x, y) -> Tensor:
    """How bright the lamp is at each pixel, about 0.35 to 1: it comes from one side and falls off to the edges."""
    angle, slope = _uniform(dice, 0, 2 * math.pi, 1, 1), _uniform(dice, 0, 0.55, 1, 1)
    side = (x * angle.cos() + y * angle.sin()) * slope
    fall = _uniform(dice, 0, 0.25, 1, 1) * (x.square() + y.square()) / 2
    return _uniform(dice, 0.75, 1.1, 1, 1) * (1 - fall + side - slope * 0.35).clamp(min=0.12)


def _camera(dice, picture) -> Tensor:
    """A soft lens, then noise: of light, which grows with brightness, and of the sensor."""
    kernel = torch.tensor([0.16, 0.68, 0.16])
    blurred = F.pad(picture.unsqueeze(1), (1, 1, 1, 1), mode="replicate")
    blurred = F.conv2d(F.conv2d(blurred, kernel.view(1, 1, 1, 3)), kernel.view(1, 1, 3, 1))
    gain = _uniform(dice, 0.02, 0.07, 1, 1, 1)
    noise = torch.randn(blurred.shape, generator=dice)
    noisy = blurred + noise * (gain * blurred.clamp(min=0).sqrt() + 0.012)
    return (noisy.clamp(0, 1) * 255).round().to(torch.uint8)


def _numbered(number: Tensor, inside: Tensor) -> Tensor:
    """Cells numbered 1, 2, ... without gaps, though some lie behind others; 0 where no cell is."""
    seen = torch.zeros(CHUNK, MOST)
    seen.scatter_add_(1, number.flatten(1), inside.flatten(1).float())
    new = (seen > 0).cumsum(dim=1)  # (N, MOST)
    return (new.gather(1, number.flatten(1)).view_as(number) * inside).to(torch.uint8)
