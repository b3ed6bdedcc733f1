"""House numbers drawn from handwritten digits: strokes made even, painted on a wall or a plate, and photographed.

Everything is arithmetic on whole batches, from back to front: wall, plate, shadow of the number, number, light, lens,
sensor. Colours are RGB in [0, 1], masks are (N, 1, 32, 32) in [0, 1]; places run from -1 to 1 unless pixels are named.
"""

import math
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

SIZE = 32  # pixels of a picture
CONTRAST = 0.3  # least difference in luminance between a number and what is behind it, before light and lens
LUMINANCE = (0.299, 0.587, 0.114)

WALLS = torch.tensor(
    [
        [0.55, 0.27, 0.20],  # brick
        [0.66, 0.42, 0.32],
        [0.88, 0.86, 0.80],  # plaster
        [0.80, 0.74, 0.62],
        [0.74, 0.66, 0.60],
        [0.72, 0.62, 0.48],  # sandstone
        [0.58, 0.58, 0.56],  # concrete
        [0.47, 0.46, 0.44],
        [0.36, 0.37, 0.39],  # slate
        [0.16, 0.17, 0.19],
        [0.17, 0.27, 0.42],  # painted doors
        [0.20, 0.32, 0.26],
        [0.43, 0.15, 0.16],
        [0.40, 0.28, 0.18],  # wood
    ]
)
PLATES = torch.tensor(
    [
        [0.94, 0.94, 0.91],  # enamel
        [0.12, 0.20, 0.47],
        [0.10, 0.11, 0.12],  # slate
        [0.66, 0.55, 0.32],  # brass
        [0.68, 0.70, 0.72],  # steel
        [0.42, 0.27, 0.15],  # wood
        [0.16, 0.30, 0.23],
        [0.55, 0.15, 0.15],
    ]
)
INKS = torch.tensor(  # hues: how bright a number is follows from what is behind it
    [
        [1.0, 1.0, 1.0],  # iron, or white paint
        [1.0, 1.0, 1.0],
        [1.0, 0.97, 0.90],
        [1.0, 0.95, 0.85],
        [1.0, 0.82, 0.50],  # brass
        [0.75, 0.85, 1.15],  # weathered blue
        [1.25, 0.68, 0.60],  # rust
        [0.85, 1.05, 0.92],  # copper
    ]
)


class Strokes(NamedTuple):
    """Digits as fields that can be cut at a level, and how far each reaches to the left and right of its middle."""

    fields: Tensor  # (M, 1, 48, 48), about 0.5 along the edges of strokes
    half_width: Tensor  # (M, 1, 1, 1), where the field's own half width is 1
    middle: Tensor  # (M, 1, 1, 1), where the ink's middle lies, in the same unit


class Dice:
    """Random numbers of one seeded generator, one a picture: (N, 1, 1, 1)."""

    def __init__(self, n: int, generator: torch.Generator):
        self.n, self.generator = n, generator

    def uniform(self, low: float, high: float, *shape: int) -> Tensor:
        drawn = torch.rand(self.n, *(shape or (1, 1, 1)), generator=self.generator)
        return low + (high - low) * drawn

    def normal(self, *shape: int) -> Tensor:
        return torch.randn(self.n, *shape, generator=self.generator)

    def happens(self, probability: float) -> Tensor:
        """1 with this probability, else 0."""
        return (self.uniform(0, 1) < probability).float()

    def pick(self, table: Tensor) -> Tensor:
        """A row of the table for each picture, as a colour (N, 3, 1, 1)."""
        rows = torch.randint(len(table), (self.n,), generator=self.generator)
        return table[rows][:, :, None, None]

    def rows(self, count: int) -> Tensor:
        return torch.randint(count, (self.n,), generator=self.generator)


def photographs(strokes: Strokes, centre: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Pictures uint8 (N, 3, 32, 32) of numbers whose middle digit is row ``centre`` (N,) of ``strokes``.

    ``strokes`` holds all digits that may be drawn, neighbours too. The second tensor, float (N, 1, 32, 32) in [0, 1],
    is the ink of the middle digit.
    """
    dice = Dice(len(centre), generator)
    middle, number = place(dice, strokes, centre)
    picture = wall(dice)
    picture = plate(dice, picture)
    picture = paint(dice, picture, number)
    picture = light(dice, picture)
    picture = camera(dice, picture)
    return (picture * 255).round().to(torch.uint8), middle


# ------------------------------------------------------------------ the number


def even_strokes(digits: Tensor) -> Strokes:
    """Handwritten digits uint8 (M, 1, 28, 28), set upright and smoothed: cut at a level, they have clean edges.

    A low level gives fat strokes, a high one thin strokes, of about the same width in every digit.
    """
    ink = digits.float() / 255
    kernel = torch.exp(-0.5 * (torch.arange(-2.0, 3.0) / 0.8) ** 2)
    kernel = (kernel / kernel.sum()).view(1, 1, 1, 5)
    smooth = F.conv2d(F.conv2d(ink, kernel, padding=(0, 2)), kernel.transpose(2, 3), padding=(2, 0))
    fields = upright(smooth)
    fields = fields / (0.9 * fields.amax(dim=(2, 3), keepdim=True)).clamp(min=0.2)
    columns = fields.amax(dim=(1, 2)) > 0.4  # (M, 48)
    places = (torch.arange(fields.shape[3]) + 0.5) / fields.shape[3] * 2 - 1
    first = torch.where(columns, places, 9.0).amin(dim=1)
    last = torch.where(columns, places, -9.0).amax(dim=1)
    half_width, middle = (last - first) / 2, (last + first) / 2
    return Strokes(fields, half_width.view(-1, 1, 1, 1), middle.view(-1, 1, 1, 1))


def upright(ink: Tensor) -> Tensor:
    """Digits (M, 1, 28, 28) without the slant of the hand, as (M, 1, 48, 48)."""
    y, x = torch.meshgrid(*[(torch.arange(28) - 13.5) / 14] * 2, indexing="ij")
    weight = ink / ink.sum(dim=(2, 3), keepdim=True).clamp(min=1e-6)
    mean_x, mean_y = (weight * x).sum(dim=(2, 3)), (weight * y).sum(dim=(2, 3))  # (M, 1)
    dx, dy = x - mean_x[:, :, None, None], y - mean_y[:, :, None, None]
    slant = (weight * dx * dy).sum(dim=(2, 3)) / (weight * dy * dy).sum(dim=(2, 3)).clamp(min=1e-4)
    slant = slant.clamp(-0.6, 0.6)
    one, zero = torch.ones_like(slant), torch.zeros_like(slant)
    shear = torch.stack([one, slant, mean_x, zero, one, mean_y], dim=2).view(-1, 2, 3)
    return F.grid_sample(ink, F.affine_grid(shear, (len(ink), 1, 48, 48), align_corners=False), align_corners=False)


def place(dice: Dice, strokes: Strokes, centre: Tensor) -> tuple[Tensor, Tensor]:
    """Masks of the middle digit and of the whole number, its neighbours included, seen from the same angle."""
    level = dice.uniform(0.30, 0.54)  # where the strokes are cut: low is fat
    height = dice.uniform(0.58, 0.90)  # of a digit; at 1 it fills the picture
    angle, shear = 0.10 * dice.normal(1, 1, 1), 0.12 * dice.normal(1, 1, 1)
    narrow, gap = dice.uniform(0.62, 0.95), dice.uniform(0.10, 0.24)
    shift_x, shift_y = 0.09 * dice.normal(1, 1, 1), 0.07 * dice.normal(1, 1, 1)
    perspective = 0.10 * dice.normal(1, 1, 1)

    y, x = torch.meshgrid(*[torch.linspace(-1, 1, SIZE)] * 2, indexing="ij")
    x, y = x - shift_x.clamp(-0.16, 0.16), y - shift_y.clamp(-0.14, 0.14)  # (N, 1, 32, 32)
    depth = 0.72 * (1 + perspective * x) / height
    u = (angle.cos() * x + (angle.sin() + shear) * y) * depth / narrow
    v = (angle.cos() * y - angle.sin() * x) * depth

    def digit(rows: Tensor, offset) -> Tensor:
        where = torch.stack([u - offset + strokes.middle[rows], v], dim=-1).squeeze(1)  # (N, 32, 32, 2)
        field = F.grid_sample(strokes.fields[rows], where, align_corners=False)
        return ((field - level) * 3.5 + 0.5).clamp(0, 1)  # (N, 1, 32, 32), edges about a pixel wide

    middle = number = digit(centre, 0.0)
    for side in (-1, 1):
        rows = dice.rows(len(strokes.fields))
        offset = side * (strokes.half_width[centre] + strokes.half_width[rows] + gap)
        number = torch.maximum(number, dice.happens(0.55) * digit(rows, offset))
    return middle, number


# ------------------------------------------------------------------ what is behind it


def wall(dice: Dice) -> Tensor:
    """Plaster, courses of brick, or boards, in one colour that varies: (N, 3, 32, 32)."""
    colour = dice.pick(WALLS) + 0.05 * dice.normal(3, 1, 1)
    y, x = torch.meshgrid(*[torch.arange(SIZE, dtype=torch.float32)] * 2, indexing="ij")
    stains = clouds(dice, 4) * dice.uniform(0.02, 0.10) + clouds(dice, 12) * dice.uniform(0.0, 0.07)
    grain = dice.normal(1, SIZE, SIZE) * dice.uniform(0.0, 0.05)

    course, length, joint = dice.uniform(7, 12), dice.uniform(14, 26), dice.uniform(1.0, 1.6)
    y_wall = y + dice.uniform(0, 12)
    x_wall = x + dice.uniform(0, 20) + (y_wall / course).floor() % 2 * length / 2
    mortar = torch.maximum(line(y_wall % course, joint), line(x_wall % length, joint))
    bricks = dice.happens(0.22) * mortar * dice.uniform(-0.25, 0.35)

    upright = dice.happens(0.5)
    across = upright * x + (1 - upright) * y
    joints = line((across + dice.uniform(0, 15)) % dice.uniform(9, 20), 1.0)
    streaks = upright * clouds(dice, 20, 2) + (1 - upright) * clouds(dice, 2, 20)
    boards = dice.happens(0.2) * (0.09 * streaks - dice.uniform(0.1, 0.3) * joints)
    return (colour + stains + grain + bricks + boards).clamp(0.02, 1)


def line(distance: Tensor, width) -> Tensor:
    """1 within ``width`` pixels from where the distance begins, with a soft end."""
    return (width + 0.5 - distance).clamp(0, 1)


def clouds(dice: Dice, across: int, up: int | None = None) -> Tensor:
    """Smooth noise with so many lumps across and up, (N, 1, 32, 32)."""
    lumps = dice.normal(1, up or across, across)
    return F.interpolate(lumps, size=(SIZE, SIZE), mode="bilinear", align_corners=True)


def plate(dice: Dice, picture: Tensor) -> Tensor:
    """A plate with round corners and a rim in about two pictures of five, a part of it often outside the picture."""
    y, x = torch.meshgrid(*[torch.linspace(-1, 1, SIZE)] * 2, indexing="ij")
    half_width, half_height = dice.uniform(0.75, 1.5), dice.uniform(0.78, 1.2)
    x, y = x - 0.15 * dice.normal(1, 1, 1), y - 0.06 * dice.normal(1, 1, 1)
    tilt = 0.07 * dice.normal(1, 1, 1)
    x, y = x + tilt * y, y - tilt * x
    corner = dice.uniform(0.02, 0.5)
    outside = torch.stack([x.abs() - half_width + corner, y.abs() - half_height + corner]).clamp(min=0)
    distance = outside.square().sum(0).sqrt() - corner  # (N, 1, 32, 32), negative inside
    present = dice.happens(0.42)
    inside = present * (0.5 - distance * 16).clamp(0, 1)
    rim = present * (1 - ((distance + dice.uniform(0.06, 0.14)).abs() * 16 - 0.2).clamp(0, 1)) * dice.happens(0.5)
    colour = dice.pick(PLATES) + 0.04 * dice.normal(3, 1, 1) + 0.03 * clouds(dice, 3)
    shade = present * (1 - (distance * 7).abs().clamp(0, 1)) * dice.uniform(0.1, 0.5)
    picture = picture * (1 - shade * (1 - inside))
    picture = picture + inside * (colour - picture)
    return (picture + rim * dice.uniform(-0.45, 0.45)).clamp(0.02, 1)


# ------------------------------------------------------------------ the number on it, and the photograph


def paint(dice: Dice, picture: Tensor, number: Tensor) -> Tensor:
    """The number, with the shadow or the bevel that it throws, lighter or darker than what is behind it."""
    around = blur(number, torch.full_like(number[:, :, :1, :1], 1.5), reach=3) + 1e-3
    here = (luminance(picture) * around).sum(dim=(2, 3), keepdim=True) / around.sum(dim=(2, 3), keepdim=True)
    room_above, room_below = 0.97 - here, here - 0.03
    brighter = (dice.uniform(0, 1) * (room_above + room_below) < room_above).float()
    brighter = torch.where(room_above < CONTRAST + 0.1, 0.0, torch.where(room_below < CONTRAST + 0.1, 1.0, brighter))
    room = brighter * room_above + (1 - brighter) * room_below
    step = CONTRAST + 0.1 + (room - CONTRAST - 0.1).clamp(min=0) * dice.uniform(0.1, 1.0)
    target = here + (2 * brighter - 1) * step
    colour = with_luminance(dice.pick(INKS), target)

    shadow = blur(torch.roll(number, (1, 2), dims=(2, 3)), dice.uniform(0.4, 1.0), reach=3) * (1 - number)
    picture = picture * (1 - dice.happens(0.5) * dice.uniform(0.15, 0.55) * shadow * brighter)
    bevel = (torch.roll(number, (1, 1), dims=(2, 3)) - number) * number
    ink = colour * (1 + 0.08 * clouds(dice, 3)) + bevel * dice.happens(0.4) * dice.uniform(-0.15, 0.15)
    return (picture + number * (ink - picture)).clamp(0, 1)


def luminance(picture: Tensor) -> Tensor:
    """How bright colours look: (N, 3, ...) to (N, 1, ...)."""
    weights = torch.tensor(LUMINANCE).view(1, 3, *[1] * (picture.dim() - 2))
    return (picture * weights).sum(dim=1, keepdim=True)


def with_luminance(colour: Tensor, target: Tensor) -> Tensor:
    """The colour (N, 3, 1, 1) made as bright as the target (N, 1, 1, 1) says, paler where that needs more than pure."""
    scaled = colour * target / luminance(colour)
    grey = target.expand_as(scaled)
    excess = (scaled.amax(dim=1, keepdim=True) - 1).clamp(min=0)
    mix = (excess / (scaled.amax(dim=1, keepdim=True) - target).clamp(min=1e-4)).clamp(0, 1)
    return (scaled + mix * (grey - scaled)).clamp(0, 1)


def light(dice: Dice, picture: Tensor) -> Tensor:
    """Light that falls off to one side, the edge of a shadow across some pictures, and a tint of sun or shade."""
    y, x = torch.meshgrid(*[torch.linspace(-1, 1, SIZE)] * 2, indexing="ij")
    angle = dice.uniform(0, 2 * math.pi)
    along = angle.cos() * x + angle.sin() * y
    slope = dice.uniform(0, 0.28)
    angle = dice.uniform(0, 2 * math.pi)
    edge = torch.sigmoid((angle.cos() * x + angle.sin() * y - dice.uniform(-0.6, 0.6)) * dice.uniform(4, 25))
    shade = 1 - dice.happens(0.3) * dice.uniform(0.2, 0.5) * edge
    tint = 1 + 0.06 * dice.normal(1, 1, 1) * torch.tensor([1.0, 0.1, -1.0]).view(3, 1, 1)
    return (picture * (1 + slope * along) * shade * tint * dice.uniform(0.75, 1.05)).clamp(0, 1)


def camera(dice: Dice, picture: Tensor) -> Tensor:
    """Lens, sensor and compression at 32 pixels: blur, a curve, noise, and colours stored at half the size."""
    sigma = dice.uniform(0.15, 1.0) * dice.uniform(0.4, 1.15)
    picture = blur(picture, sigma, reach=3)
    picture = 0.5 + (picture - 0.5) * dice.uniform(0.82, 1.05) + dice.uniform(-0.02, 0.05)
    grey = luminance(picture)
    colour = F.avg_pool2d(picture - grey, 2)
    colour = F.interpolate(colour, scale_factor=2, mode="bilinear", align_corners=False)
    noise = dice.normal(1, SIZE, SIZE) * 0.02 + dice.normal(3, SIZE, SIZE) * 0.008
    return (grey + colour + dice.uniform(0.1, 1.3) * noise).clamp(0, 1)


def blur(images: Tensor, sigma: Tensor, reach: int) -> Tensor:
    """Each image (N, C, H, W) blurred with its own Gaussian of ``sigma`` (N, 1, 1, 1) pixels, cut at ``reach``."""
    n, _, h, w = images.shape
    places = torch.arange(-reach, reach + 1)
    kernel = torch.exp(-0.5 * (places / sigma.view(n, 1)) ** 2)  # (N, 2 reach + 1)
    kernel = kernel / kernel.sum(dim=1, keepdim=True)
    for dim in (2, 3):
        pads = (0, 0, reach, reach) if dim == 2 else (reach, reach, 0, 0)
        padded = F.pad(images, pads, mode="replicate")
        images = sum(
            kernel[:, i].view(n, 1, 1, 1) * padded.narrow(dim, i, h if dim == 2 else w) for i in range(len(places))
        )
    return images
