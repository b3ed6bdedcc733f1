"""A street at dusk, drawn twice: as a map of what stands where, and as a picture with its coins tossed.

Everything is arithmetic on whole batches. A `Layout` holds what the map knows; places run from 0 to 1 across the picture,
heights are shares of the picture's height. `label_map` draws the map, `picture` the picture that belongs to it.
"""

from typing import NamedTuple

import torch
from torch import Tensor

CLASSES = ("sky", "roof", "wall", "window", "door", "tree", "street")
SKY, ROOF, WALL, WINDOW, DOOR, TREE, STREET = range(len(CLASSES))
MAP_COLOURS = torch.tensor(  # how a map shows its classes
    [[90, 180, 255], [150, 60, 40], [255, 240, 200], [255, 150, 0], [170, 0, 170], [0, 150, 60], [110, 110, 130]]
)
WALL_NAMES = ("red", "green", "blue")
WALL_COLOURS = torch.tensor([[206, 66, 62], [80, 172, 96], [62, 84, 200]])
SKY_COLOURS = torch.tensor([[136, 168, 228], [198, 190, 216], [250, 204, 190]])  # high, middle, low
ROOF_COLOUR = torch.tensor([[112, 66, 58]])
WINDOW_COLOUR = torch.tensor([[252, 222, 120]])
DOOR_COLOUR = torch.tensor([[58, 34, 40]])
TREE_COLOUR = torch.tensor([[34, 106, 76]])
STREET_COLOURS = torch.tensor([[152, 148, 158], [112, 110, 126]])  # pavement, road
PALETTE = {  # the colours of each class in a picture, before light and grain
    SKY: SKY_COLOURS, ROOF: ROOF_COLOUR, WALL: WALL_COLOURS, WINDOW: WINDOW_COLOUR, DOOR: DOOR_COLOUR, TREE: TREE_COLOUR,
    STREET: STREET_COLOURS,
}  # fmt: skip
FIRST_WALL, PAVEMENT = len(CLASSES), len(CLASSES) + len(WALL_COLOURS)
TABLE = torch.cat(  # a colour for each class, then those of walls, then the pavement's
    [torch.stack([PALETTE[label][-1] for label in range(len(CLASSES))]), WALL_COLOURS, STREET_COLOURS[:1]]
).float()
HOUSES, TREES = 3, 2  # at most, in a picture
GROUND = 0.84  # where houses stand


class Layout(NamedTuple):
    """What the map knows: (N, HOUSES) for houses, (N, TREES) for trees. What is absent has the width 0."""

    left: Tensor
    width: Tensor
    floors: Tensor  # 1 to 3
    columns: Tensor  # of windows, 2 or 3
    door: Tensor  # the column in which the door is
    roof: Tensor  # height
    gable: Tensor  # 1: a triangle, 0: a flat roof
    chimney: Tensor  # where along the house
    tree_x: Tensor
    tree_width: Tensor
    tree_height: Tensor


def layouts(n: int, generator: torch.Generator) -> Layout:
    """``n`` streets of two or three houses, with up to two trees."""

    def uniform(low: float, high: float, columns: int = HOUSES) -> Tensor:
        return low + (high - low) * torch.rand(n, columns, generator=generator)

    count = 2 + (torch.rand(n, 1, generator=generator) < 0.6)  # (N, 1)
    slot, place = 1 / count, torch.arange(HOUSES)
    width = slot * uniform(0.78, 0.94) * (place < count)
    left = slot * place + (slot - width) * uniform(0.15, 0.85)
    columns = 2 + ((width > 0.36) & (uniform(0, 1) < 0.7))
    tree_width = uniform(0.045, 0.08, TREES) * (uniform(0, 1, TREES) < 0.6)
    return Layout(
        left, width, 1 + (3 * uniform(0, 1)).long().clamp(max=2), columns, (uniform(0, 1) * columns).long(),
        uniform(0.08, 0.16), (uniform(0, 1) < 0.6).float(), uniform(0.2, 0.8), uniform(0.05, 0.95, TREES), tree_width,
        uniform(0.09, 0.2, TREES),
    )  # fmt: skip


class Street(NamedTuple):
    """Where everything is: labels (N, S, S) int64, and the house to which a pixel belongs, 0 for none, 1 to HOUSES."""

    labels: Tensor
    houses: Tensor


def label_map(layout: Layout, size: int) -> Street:
    """Labels of every pixel, drawn from back to front: sky, street, houses, trees."""
    middle = (torch.arange(size) + 0.5) / size
    x, y = middle.view(1, 1, size), middle.view(1, size, 1)
    labels = torch.full((len(layout.left), size, size), SKY).masked_fill((y > GROUND).expand(1, size, size), STREET)
    houses = torch.zeros_like(labels)
    for number in range(HOUSES):
        part = [column[:, number, None, None] for column in layout[:8]]  # (N, 1, 1) each
        body, above = _house(*part, x, y, size)
        labels = torch.where(above, ROOF, torch.where(body >= 0, body, labels))
        houses = torch.where(body >= 0, number + 1, houses)
    for number in range(TREES):
        across, wide, tall = (column[:, number, None, None] for column in layout[8:])
        crown = ((x - across) / wide.clamp(min=1e-6)).square() + ((y - GROUND + tall * 0.7) / tall).square() < 1
        labels = torch.where(crown & (y < GROUND + 0.04) & (wide > 0), TREE, labels)
    return Street(labels, houses)


FLOOR = 0.17  # height of a floor


def _house(left, width, floors, columns, door, roof, gable, chimney, x, y, size) -> tuple[Tensor, Tensor]:
    """One house: labels of its front, -1 outside (N, S, S), and the mask of its roof."""
    across = (x - left) / width.clamp(min=1e-6)  # 0 to 1 inside
    up = (GROUND - y) / FLOOR  # counts floors
    inside = (across >= 0) & (across < 1)
    front = inside & (up >= 0) & (up < floors + 0.12)
    column, floor = across * columns, up.floor()
    in_column, in_floor = column % 1, up % 1
    window = (in_column > 0.24) & (in_column < 0.76) & (in_floor > 0.34) & (in_floor < 0.82) & (floor < floors)
    is_door = (column.floor() == door) & (floor == 0)
    opening = is_door & (in_column > 0.22) & (in_column < 0.78) & (in_floor < 0.76)
    labels = torch.where(opening, DOOR, torch.where(window & ~is_door, WINDOW, WALL))
    eaves = GROUND - (floors + 0.12) * FLOOR
    height = (eaves - y) / roof  # 0 at the eaves, 1 at the top
    reach = torch.where(
        gable > 0, (across - 0.5).abs() < 0.56 * (1 - height), (across - 0.5).abs() < 0.53 - 0.04 * height
    )
    above = (height >= 0) & (height < torch.where(gable > 0, 1.0, 0.55)) & reach
    stack = ((across - chimney).abs() * width < 0.022) & (height >= 0) & (height < 1.0)
    there = width > 0
    return torch.where(front & there, labels, -1), (above | stack) & there


class Chance(NamedTuple):
    """What the map does not know."""

    wall: Tensor  # (N, HOUSES), which of three colours
    light: Tensor  # (N, 1, 1, 1), how bright the evening is
    phase: Tensor  # (N, HOUSES, 2), where the bricks begin
    grain: Tensor  # (N, 1, S, S)
    clouds: Tensor  # (N, 1, S, S), 0 to 1


def chances(n: int, size: int, generator: torch.Generator) -> Chance:
    """Everything that is up to chance, tossed ``n`` times."""
    lumps = torch.randn(n, 1, 5, 3, generator=generator)
    clouds = torch.nn.functional.interpolate(lumps, (size, size), mode="bilinear", align_corners=True)
    return Chance(
        torch.randint(len(WALL_COLOURS), (n, HOUSES), generator=generator),
        0.94 + 0.1 * torch.rand(n, 1, 1, 1, generator=generator),
        torch.rand(n, HOUSES, 2, generator=generator),
        torch.randn(n, 1, size, size, generator=generator),
        (clouds - 0.2).clamp(0, 1),
    )


def picture(street: Street, chance: Chance) -> Tensor:
    """The pictures, uint8 (N, 3, S, S)."""
    labels, size = street.labels, street.labels.shape[-1]
    y = ((torch.arange(size) + 0.5) / size).view(1, size, 1)
    own = torch.gather(chance.wall, 1, (street.houses - 1).clamp(min=0).flatten(1)).view_as(labels)
    index = torch.where(labels == WALL, FIRST_WALL + own, labels)
    index = torch.where((labels == STREET) & (y < GROUND + 0.05), PAVEMENT, index)
    colours = TABLE.T[:, index].transpose(0, 1)  # (N, 3, S, S)
    colours = torch.where((labels == SKY)[:, None], _sky(y, chance.clouds), colours)
    return (colours * chance.light * _relief(street, chance)).round_().clamp_(0, 255).to(torch.uint8)


CLOUD = torch.tensor([244.0, 236.0, 240.0]).view(1, 3, 1, 1)


def _sky(y: Tensor, clouds: Tensor) -> Tensor:
    """A blue that turns pink towards the roofs, with pale clouds: (N, 3, S, S)."""
    high, middle, low = (colour.float().view(1, 3, 1, 1) for colour in SKY_COLOURS)
    t = (y / 0.7).clamp(0, 1)[:, None]  # (1, 1, S, 1)
    sky = torch.where(t < 0.5, high + 2 * t * (middle - high), middle + (2 * t - 1) * (low - middle))  # (1, 3, S, 1)
    return torch.lerp(sky, CLOUD, 0.4 * clouds)


def _relief(street: Street, chance: Chance) -> Tensor:
    """How much lighter or darker a pixel is: bricks of walls, rows of tiles, leaves, grain (N, 1, S, S)."""
    labels, size = street.labels, street.labels.shape[-1]
    column, row = torch.arange(size).view(1, 1, size), torch.arange(size).view(1, size, 1)
    phase = (chance.phase * 6).long()  # (N, HOUSES, 2)
    house = (street.houses - 1).clamp(min=0)
    shift_x, shift_y = (torch.gather(phase[..., k], 1, house.flatten(1)).view_as(labels) for k in (0, 1))
    course = (row + shift_y) // 3
    joint = ((row + shift_y) % 3 == 0) | ((column + shift_x + 3 * (course % 2)) % 6 == 0)
    strength = torch.tensor([0.0, 0.05, 0.03, 0.01, 0.03, 0.13, 0.03])[labels]
    relief = 1 + strength * chance.grain[:, 0].clamp(-2, 2)
    relief = torch.where((labels == WALL) & joint, relief - 0.13, relief)
    relief = torch.where((labels == ROOF) & (row % 2 == 0), relief + 0.16, relief)
    return relief[:, None]
