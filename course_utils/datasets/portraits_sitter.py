"""Who sits for a portrait: where everything is on the picture, and in which colours.

The head is a ball of half width `w` around (`cx`, `cy`): a feature at the angle `t` from the middle of the face appears at
`w * sin(t + yaw)`, narrowed by the cosine, so that a turned head looks turned. Lengths are shares of half the picture.
"""

import math

import torch
from torch import Tensor

from course_utils.datasets.canvas import Canvas, ramp, step

SKIN = ((255, 226, 204), (241, 196, 160), (214, 155, 112), (170, 112, 76), (122, 78, 54), (86, 54, 42))
HAIR = ((236, 203, 128), (198, 112, 52), (110, 66, 38), (34, 26, 28))  # blond, ginger, brown, black
GREY = ((214, 213, 216),)
BACKGROUND = ((226, 140, 120), (240, 206, 150), (150, 196, 160), (116, 168, 206), (140, 128, 190))
EYES = ((70, 42, 26), (128, 92, 44), (86, 138, 84), (86, 150, 206))  # dark brown, hazel, green, blue
LIPS = ((196, 116, 104), (198, 60, 76), (140, 14, 54))  # mixed into the skin's colour at first
CLOTHES = ((58, 78, 118), (70, 120, 116), (150, 70, 72), (206, 168, 96), (108, 92, 132), (62, 66, 72), (230, 226, 216))
FRAMES = ((26, 24, 28), (96, 48, 28), (150, 40, 48), (40, 62, 110), (206, 170, 96))
HATS = ((176, 52, 56), (222, 154, 58), (58, 122, 104), (52, 86, 150), (112, 66, 128), (60, 60, 68))
WHITE, INK = ((250, 248, 244),), ((36, 20, 20),)

BALD, SHORT, CURLY, BUNS, BOB, LONG = range(6)
#                    bald   short  curly  buns   bob    long
HALF_WIDTH = (0.90, 0.90, 1.30, 1.02, 1.28, 1.32)  # of the hair behind the head, in widths of the head
BOTTOM = (-0.30, -0.20, 0.22, 0.00, 0.44, 0.98)  # how far down that hair reaches
HAIRLINE = (-2.00, -0.37, -0.34, -0.41, -0.22, -0.44)  # height of the hairline in the middle of the forehead
TEMPLES = (0.00, 0.16, 0.20, 0.26, 0.04, 0.62)  # how much lower it is at the sides
VOLUME = (0.00, 0.10, 0.17, 0.06, 0.12, 0.10)  # how far the hair stands above the skull
SIDEBURN = (0.08, 0.04, 0.10, -0.06, 0.32, 0.34)  # how far down the hair at the sides of the face reaches


def constant(stops) -> Tensor:
    return ramp(stops * 2, torch.zeros(1))  # (1, 3, 1, 1)


class Sitter:
    """Positions, sizes and colours of N people, from columns of attributes and nuisances (dicts of (N,) tensors)."""

    def __init__(self, a: dict[str, Tensor], b: dict[str, Tensor]):
        def of(column: Tensor) -> Tensor:
            return column.float().view(-1, 1, 1)  # (N, 1, 1)

        self.a = {name: of(column) for name, column in a.items()}
        self.b = {name: of(column) for name, column in b.items()}
        self._place(self.a, self.b)
        self._colour(a, b)
        style = a["hair_style"].long()
        for name, table in (
            ("hair_half", HALF_WIDTH), ("hair_bottom", BOTTOM), ("hairline", HAIRLINE), ("temples", TEMPLES),
            ("volume", VOLUME), ("sideburn", SIDEBURN),
        ):  # fmt: skip
            setattr(self, name, of(torch.tensor(table)[style]))
        self.styles = [of(style == k) for k in range(len(VOLUME))]

    def _place(self, a, b) -> None:
        self.cx, self.cy = 0.10 * (b["shift_x"] - 0.5), 0.03 + 0.08 * (b["shift_y"] - 0.5)
        self.s = 0.95 + 0.09 * b["scale"]
        self.w = self.s * (0.43 + 0.06 * b["face_width"])
        self.up, self.down = self.s * 0.56, self.s * (0.575 + 0.055 * b["jaw"])
        self.yaw = (a["pose"] - 0.5) * 0.95  # radians, up to 27 degrees to either side
        self.front = self.cx + self.w * 0.92 * self.yaw.sin()  # x of the middle of the face
        self.age = a["age"]
        self.smiling = a["smile"]
        self.light = (b["light"] - 0.5) * 1.5  # where the light comes from: left below 0, right above

    def _colour(self, a, b) -> None:
        skin = ramp(SKIN, a["skin_tone"])
        warmth = torch.tensor([0.05, 0.0, -0.05]).view(1, 3, 1, 1) * (b["warmth"].float().view(-1, 1, 1, 1) - 0.5)
        self.skin = (skin + warmth).clamp(0, 1)
        self.lit = (self.skin * 1.10 + 0.03).clamp(0, 1)
        self.shadow = self.skin * torch.tensor([0.66, 0.54, 0.52]).view(1, 3, 1, 1)
        self.blush = torch.lerp(self.skin, torch.tensor([0.86, 0.30, 0.28]).view(1, 3, 1, 1), 0.42)
        jitter = (a["hair_colour"] + 0.08 * (b["hair_jitter"] - 0.5)).clamp(0, 1)
        grey = 0.86 * step(a["age"].float(), 0.45, 1.0).view(-1, 1, 1, 1)
        self.hair = torch.lerp(ramp(HAIR, jitter), constant(GREY), grey)
        self.hair_light = torch.lerp(self.hair, torch.ones(1), 0.26) * 1.02
        self.hair_dark = self.hair * 0.62
        self.brow = torch.lerp(self.hair * 0.62, self.shadow * 0.55, 0.25)
        self.iris = ramp(EYES, a["eye_colour"])
        natural = torch.lerp(self.skin, ramp(LIPS, torch.zeros_like(a["lip_colour"])), 0.55) * 0.93
        painted = step(a["lip_colour"].float(), 0.0, 0.55).view(-1, 1, 1, 1)
        self.lips = torch.lerp(natural, ramp(LIPS, a["lip_colour"]), painted)
        self.wall = ramp(BACKGROUND, a["background"])
        self.cloth = ramp(CLOTHES, b["clothes"])
        self.frame = ramp(FRAMES, b["frame_colour"])
        self.wool = ramp(HATS, b["hat_colour"])

    def rows(self, start: int, stop: int) -> "Sitter":
        """Some of the people."""

        def cut(value):
            if isinstance(value, dict):
                return {name: cut(part) for name, part in value.items()}
            return value[start:stop] if isinstance(value, Tensor) else [cut(part) for part in value]

        some = object.__new__(Sitter)
        some.__dict__ = {name: cut(value) for name, value in self.__dict__.items()}
        return some

    def across(self, canvas: Canvas) -> Tensor:
        return canvas.x - self.cx  # (N, 1, W)

    def height(self, canvas: Canvas) -> Tensor:
        return (canvas.y - self.cy) / self.s  # (N, H, 1), in units of the head: eyes at -0.07, chin at 0.6

    def pair(self, canvas: Canvas, angle: Tensor | float, half: Tensor | float) -> Tensor:
        """Columns relative to the nearer of two mirrored features at +-`angle`, in their half widths: (N, 1, W).

        Positive towards the ears. The features are `half` wide, before a turned head narrows the far one.
        """
        sides = []
        for sign in (-1.0, 1.0):
            turned = sign * angle + self.yaw
            middle = self.cx + self.w * torch.sin(turned)
            sides.append(sign * (canvas.x - middle) / (half * self.s * (turned.cos() / math.cos(0.4)).clamp_min(0.3)))
        return torch.where(canvas.x < self.front, sides[0], sides[1])
