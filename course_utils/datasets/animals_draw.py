"""How an animal on its meadow is painted, from back to front: sky, hills, meadow, flowers, shadow, animal.

Tensor operations on many pictures at once. Parameters of a picture are (N, 1, 1); an animal has coordinates of its own: u
runs along its body towards the head, v downwards, both 0 in the middle of the body and in units of its size.
"""

import math
from typing import NamedTuple

import torch
from torch import Tensor

from course_utils.datasets.canvas import Canvas, blob, ellipse, ramp, step

NIGHT_TO_DAY = ((24, 28, 74), (84, 62, 128), (236, 142, 112), (250, 206, 150), (150, 204, 240))  # the sky above
HORIZON = ((58, 60, 120), (176, 108, 140), (252, 190, 130), (252, 232, 190), (226, 240, 248))  # the sky below
SEASONS = ((70, 160, 74), (140, 186, 74), (214, 186, 84), (206, 126, 66), (150, 96, 150))  # grass: spring to heather
COATS = ((240, 214, 160), (214, 150, 84), (164, 90, 48), (104, 62, 46), (58, 46, 52))  # cream, ginger, bay, dark
WHITE, BLACK = (246, 243, 234), (34, 30, 38)
PETALS = ((250, 240, 240), (250, 214, 70), (236, 90, 110), (150, 120, 230))
MOON_TO_SUN = ((244, 244, 250), (255, 214, 120), (255, 244, 170))
FLOWERS = 7  # of each picture
STRIPES = 2.5  # bands in one unit of length


class Scene(NamedTuple):
    """What is painted, (N, 1, 1) each and 0 to 1, flowers (N, FLOWERS); `striped` may be any share between 0 and 1."""

    striped: Tensor
    coat: Tensor
    facing: Tensor
    grazing: Tensor
    size: Tensor
    time: Tensor
    season: Tensor
    place_x: Tensor
    place_y: Tensor
    stride: Tensor
    hill: Tensor
    sun: Tensor
    flower_x: Tensor
    flower_y: Tensor
    flower_colour: Tensor


def paint(scene: Scene, size: int) -> tuple[Tensor, Tensor]:
    """Pictures uint8 (N, 3, size, size), and how much of each pixel is animal, float32 (N, size, size), 0 to 1."""
    canvas = Canvas(len(scene.coat), size)
    light = 0.5 + 0.5 * scene.time.sqrt()  # at night everything is darker
    _sky(canvas, scene)
    ground = _meadow(canvas, scene, light)
    _flowers(canvas, scene, ground, light)
    mask = _animal(canvas, scene, light)
    return (canvas.pixels * 255).round_().clamp_(0, 255).to(torch.uint8), mask


def _colour(stops: tuple, t: Tensor, light: Tensor | float = 1.0) -> Tensor:
    return ramp(stops, t.flatten()) * torch.as_tensor(light).reshape(-1, 1, 1, 1)  # (N, 3, 1, 1)


def _fixed(colour: tuple[int, int, int], light: Tensor) -> Tensor:
    return torch.tensor(colour).view(1, 3, 1, 1) / 255 * light.reshape(-1, 1, 1, 1)


def _sky(canvas: Canvas, scene: Scene) -> None:
    """A gradient, the sun by day and the moon by night."""
    down = ((canvas.y + 1) / 0.9).clamp(0, 1)  # (1, H, 1)
    canvas.pixels.copy_(torch.lerp(_colour(NIGHT_TO_DAY, scene.time), _colour(HORIZON, scene.time), down.unsqueeze(1)))
    x, y = canvas.x - (1.6 * scene.sun - 0.8), canvas.y + 0.72
    glow = blob(x, y, 0.3, 0.3) * (0.6 * scene.time)
    canvas.paint(glow, _colour(((255, 246, 214),) * 2, scene.time))
    canvas.paint(canvas.cover(ellipse(x, y, 0.13, 0.13)), _colour(MOON_TO_SUN, scene.time))


def _meadow(canvas: Canvas, scene: Scene, light: Tensor) -> Tensor:
    """Far hills, then the meadow, which is darker towards the reader. Returns the height of the horizon (N, 1, 1)."""
    wave = 0.10 * torch.sin(2.4 * canvas.x + 6.3 * scene.hill) + 0.05 * torch.sin(5.1 * canvas.x + 11 * scene.hill)
    far = torch.lerp(_colour(SEASONS, scene.season, light), _colour(HORIZON, scene.time), 0.45) * 0.86
    canvas.paint(canvas.cover(-0.28 + wave - canvas.y), far)
    ground = -0.1 + 0.03 * torch.sin(3 * canvas.x + 3 * scene.hill)
    grass = _colour(SEASONS, scene.season, light)
    near = canvas.cover(ground - canvas.y)
    canvas.paint(near, grass)
    depth = step(canvas.y, -0.1, 1.0)
    tufts = 0.5 + 0.5 * canvas.grain()
    canvas.paint(near * (0.34 * depth + 0.18 * tufts * (0.3 + 0.7 * depth)), grass * 0.55)
    return ground


def _flowers(canvas: Canvas, scene: Scene, ground: Tensor, light: Tensor) -> None:
    """Dots in the grass, larger in front."""
    for i in range(FLOWERS):
        x, y = 2 * scene.flower_x[:, i].view(-1, 1, 1) - 1, 0.05 + 0.93 * scene.flower_y[:, i].view(-1, 1, 1)
        radius = 0.025 + 0.03 * y
        dot = blob(canvas.x - x, canvas.y - y, radius, radius)
        canvas.paint(dot, _colour(PETALS, scene.flower_colour[:, i], light))


def _segment(u: Tensor, v: Tensor, start: tuple, end: tuple) -> tuple[Tensor, Tensor]:
    """Distance to a segment, and how far along it the nearest point lies, 0 to 1."""
    du, dv = end[0] - start[0], end[1] - start[1]
    along = ((u - start[0]) * du + (v - start[1]) * dv) / (du * du + dv * dv)
    along = along.clamp(0, 1)
    apart = ((u - start[0] - along * du).square() + (v - start[1] - along * dv).square()).sqrt()
    return apart, along


def _animal(canvas: Canvas, scene: Scene, light: Tensor) -> Tensor:
    """Shadow, far legs, tail, body, neck and head, near legs, with stripes as far as `striped` says. Returns the mask."""
    scale = 0.85 + 0.22 * scene.size
    turn = 2 * scene.facing - 1
    u = (canvas.x - (0.36 * scene.place_x - 0.18) + 0.12 * turn) * turn / scale  # (N, 1, W)
    v = (canvas.y - (0.05 + 0.18 * scene.place_y)) / scale  # (N, H, 1)
    canvas.paint(0.4 * blob(u, v - 0.64, 0.55, 0.09), _fixed(BLACK, light))
    coat = torch.lerp(_colour(COATS, scene.coat, light), _fixed(WHITE, light), scene.striped.unsqueeze(1))
    painter = _Painter(canvas, scale, coat, _fixed(BLACK, light), scene.striped)
    swing = 0.16 * scene.stride - 0.08
    painter.leg(u, v, -0.22, swing, 0.72)
    painter.leg(u, v, 0.36, -swing, 0.72)
    painter.tail(u, v)
    painter.body(u, v)
    painter.head(u, v, scene.grazing)
    painter.leg(u, v, -0.33, -swing, 1.0)
    painter.leg(u, v, 0.26, swing, 1.0)
    return painter.mask


class _Painter:
    """Paints the parts of animals, each with its own bands, and remembers what they cover."""

    def __init__(self, canvas: Canvas, scale: Tensor, coat: Tensor, dark: Tensor, striped: Tensor):
        self.canvas, self.scale, self.coat, self.dark, self.striped = canvas, scale, coat, dark, striped
        self.mask = torch.zeros(len(scale), canvas.size, canvas.size)

    def part(self, distance: Tensor, phase: Tensor, shade: float | Tensor = 1.0) -> None:
        """A part with this distance to its edge; bands go round where `phase` passes whole numbers."""
        cover = self.canvas.cover(distance * self.scale)
        self.canvas.paint(cover, self.coat * shade)
        bands = (0.5 + 1.6 * torch.sin(2 * math.pi * phase)).clamp(0, 1)
        self.canvas.paint(cover * bands * self.striped, self.dark)
        self._add(cover)

    def plain(self, distance: Tensor, colour: Tensor) -> None:
        """A part without bands."""
        cover = self.canvas.cover(distance * self.scale)
        self.canvas.paint(cover, colour)
        self._add(cover)

    def _add(self, cover: Tensor) -> None:
        self.mask = self.mask + cover - self.mask * cover

    def body(self, u: Tensor, v: Tensor) -> None:
        trunk = ellipse(u, v, 0.47, 0.21)
        rump = ellipse(u + 0.26, v + 0.03, 0.22, 0.225)
        chest = ellipse(u - 0.27, v, 0.2, 0.215)
        shade = (1.06 - 0.5 * step(v, -0.1, 0.35)).unsqueeze(1)  # the belly is darker
        self.part(torch.minimum(trunk, torch.minimum(rump, chest)), STRIPES * (u + 0.5 * v * v), shade)

    def leg(self, u: Tensor, v: Tensor, hip: float, swing: Tensor, shade: float) -> None:
        apart, along = _segment(u, v, (hip, 0.1), (hip + swing, 0.6))
        self.part(apart - (0.085 - 0.03 * along), STRIPES * 1.1 * v, shade)
        self.plain(_segment(u, v, (hip + swing, 0.59), (hip + swing, 0.62))[0] - 0.06, self.dark)

    def tail(self, u: Tensor, v: Tensor) -> None:
        apart, along = _segment(u, v, (-0.45, -0.08), (-0.58, 0.26))
        self.plain(apart - (0.025 + 0.03 * along), torch.lerp(self.coat * 0.45, self.dark, 0.5))

    def head(self, u: Tensor, v: Tensor, grazing: Tensor) -> None:
        """Neck with its mane, head with ear, eye and muzzle; up, or down in the grass."""

        def at(up: float, down: float) -> Tensor:
            return up + (down - up) * grazing

        poll = at(0.58, 0.66), at(-0.47, 0.24)  # where neck and head meet
        nose = at(0.80, 0.76), at(-0.33, 0.47)
        apart, along = _segment(u, v, (0.33, -0.06), poll)
        mane = _segment(u, v, (at(0.24, 0.36), at(-0.2, -0.17)), (poll[0] - at(0.06, -0.04), poll[1] - at(0.1, 0.07)))[
            0
        ]
        self.plain(mane - 0.055, self.dark)
        self.part(apart - (0.16 - 0.06 * along), STRIPES * 0.55 * along + 0.3)
        ear = _segment(u, v, poll, (poll[0] - at(0.03, -0.1), poll[1] - at(0.17, 0.09)))[0]
        self.plain(ear - 0.035, self.coat * 0.8)
        apart, along = _segment(u, v, poll, nose)
        self.part(apart - (0.105 - 0.035 * along), torch.full_like(along, 0.75))
        muzzle = ellipse(u - nose[0], v - nose[1], 0.085, 0.075)
        self.plain(muzzle, torch.lerp(self.coat * 0.6, self.dark, 0.35))
        eye = poll[0] + at(0.07, 0.05), poll[1] + at(0.01, 0.06)
        self.plain(ellipse(u - eye[0], v - eye[1], 0.03, 0.03), self.dark)
