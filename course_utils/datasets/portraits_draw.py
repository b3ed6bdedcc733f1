"""How a portrait is drawn: seventeen layers from the background to the hat, each a few lines, for many faces at once.

Each layer paints a `Canvas` with the positions and colours of a `Sitter`, a tensor of shape (N, 1, 1) each.
"""

import torch
from torch import Tensor

from course_utils.datasets.canvas import Canvas, blob, box, ellipse, step
from course_utils.datasets.portraits_sitter import BALD, BOB, BUNS, CURLY, INK, LONG, SHORT, WHITE, Sitter, constant

# ------------------------------------------------------------------------------------------------ behind the head


def background(canvas: Canvas, p: Sitter) -> None:
    """A wall, lighter behind the head on the side of the light, darker towards the corners."""
    glow = blob(canvas.x - 0.45 * p.light, canvas.y + 0.25, 0.9, 0.9)  # (N, H, W)
    corners = canvas.x.square() + canvas.y.square()
    shade = (0.76 + 0.34 * glow - 0.10 * corners).unsqueeze(1)
    torch.mul(p.wall, shade, out=canvas.pixels)


def clothes(canvas: Canvas, p: Sitter) -> None:
    """Shoulders with folds of light, and a collar around the neck."""
    part = canvas.window(-1, 0.55, 1, 1)
    x, y = p.across(part), part.y - p.cy
    shoulders = part.cover(ellipse(x, y - 1.16, 0.94, 0.50))
    light = (0.88 + 0.30 * x * p.light - 0.16 * x.square() + 0.22 * (0.95 - y)).unsqueeze(1)  # (N, 1, H, W)
    part.paint(shoulders, p.cloth * light)


def hair_behind(canvas: Canvas, p: Sitter) -> None:
    """What is seen of the hair beside and below the face; nothing of short hair."""
    part = canvas.window(-0.82, -0.85, 0.82, 1)
    x, v = p.across(part) + 0.05 * p.yaw, p.height(part)
    waves = 0.035 * torch.sin(9 * v + 6.3 * p.b["strands"]) * step(v, 0.0, 0.5)  # (N, H, 1)
    flare = 1 + 0.06 * step(v, 0.0, 0.6) * (p.hair_bottom > 0.9)
    u = x / (p.w * p.hair_half * flare + waves)  # (N, H, W), -1 to 1 across the hair
    squared = u.square()
    crown = (squared + ((v.clamp_max(-0.1) + 0.1) / (0.48 + p.volume)).square()).sqrt_().sub_(1).mul_(p.w)
    below = squared.mul_(0.10 * p.s).add_((v - p.hair_bottom) * p.s)
    distance = torch.maximum(crown, below).add_(curls(part, p))
    part.shade(part.cover(distance), p.hair_dark, p.hair_light, tone_of_hair(p, x / p.w, v, 0.26))


def curls(canvas: Canvas, p: Sitter) -> Tensor:
    """A ripple (N, H, W) that turns a smooth outline into curls."""
    turn = 6.3 * p.b["strands"]
    return (0.030 * p.styles[CURLY] * torch.sin(25 * canvas.x + turn)) * torch.sin(25 * canvas.y + turn)


def tone_of_hair(p: Sitter, u: Tensor, v: Tensor, brightness: float) -> Tensor:
    """How light hair is at columns u (N, 1, W) and rows v (N, H, 1): strands, a band of gloss, darker below."""
    strands = torch.sin(u * (26 + 6 * p.b["strands"])) + 0.5 * torch.sin(u * 61)  # (N, 1, W)
    straight, locks = 1 - p.styles[CURLY], p.styles[CURLY] * torch.sin(24 * v + 6.3 * p.b["strands"])
    band = ((v + 0.52) / 0.16) - u.square()  # (N, H, W), 0 on an arc below the crown
    gloss = band.square_().neg_().add_(1).clamp_min_(0).mul_(0.30 * (1 + 0.8 * u * p.light).clamp(0.2, 1.8))
    rows = brightness - 0.22 * v.clamp_min(0)
    return gloss.add_(0.075 * strands * (straight + 1.6 * locks) + 0.14 * u * p.light + rows)


def buns(canvas: Canvas, p: Sitter) -> None:
    """Two round buns beside the head, at the height of the eyes."""
    part = canvas.window(-0.95, -0.62, 0.95, 0.02)
    side = p.across(part).abs() - (p.w + 0.10 * p.s)  # (N, 1, W)
    y = part.y - p.cy + 0.30 * p.s
    mask = part.cover(ellipse(side, y, 0.17 * p.s, 0.17 * p.s)) * p.styles[BUNS]
    swirl = torch.sin(34 * (side.square() + y.square()).sqrt() + 8 * side)
    part.shade(mask, p.hair_dark, p.hair_light, 0.40 + 0.16 * swirl - 1.2 * y - 0.6 * side)


def neck(canvas: Canvas, p: Sitter) -> None:
    """A neck in the shadow of the chin, and the edge of the collar."""
    part = canvas.window(-0.5, 0.2, 0.5, 1)
    x, y = p.across(part), part.y - p.cy
    deep = 0.10 * (p.b["collar"] > 0.5)  # some necklines are deeper, and pointed
    throat = ellipse(x, y - 0.70 * p.s, 0.27, 0.13 + deep) + 0.35 * deep
    column = torch.maximum(x.abs() - 0.235 * p.s + 0.02 * (y - 0.5), y - 0.74 * p.s)
    distance = torch.minimum(column, throat)
    part.paint(part.cover(distance - 0.045), p.cloth * 0.66)
    shade = step(y / p.s, 0.48, 0.88) * 0.55 + 0.10 + 0.9 * x * p.light  # (N, H, W)
    part.shade(part.cover(distance), p.shadow, p.skin, shade)


def ears(canvas: Canvas, p: Sitter) -> None:
    """An ear on each side; the one that the head turns away disappears behind it."""
    part = canvas.window(-0.75, -0.3, 0.75, 0.35)
    v = p.height(part)
    for sign in (-1.0, 1.0):
        middle = p.cx + sign * p.w * (1.02 - 0.16 * sign * p.yaw)
        x = part.x - middle
        part.paint(part.cover(ellipse(x, v - 0.05, 0.085, 0.145)), torch.lerp(p.skin, p.shadow, 0.25))
        part.paint(0.55 * part.cover(ellipse(x, v - 0.04, 0.035, 0.08), 2.0), p.shadow)


# ------------------------------------------------------------------------------------------------ the face


def face_distance(canvas: Canvas, p: Sitter) -> tuple[Tensor, Tensor, Tensor]:
    """Distance to the outline of the face, and the position on it: u (N, H, W) and v (N, H, 1), -1 to 1."""
    y = canvas.y - p.cy
    v = torch.where(y < 0, y / p.up, y / p.down)  # (N, H, 1)
    taper = 1 - (0.20 - 0.10 * p.b["jaw"] - 0.04 * p.age) * step(v, 0.1, 1.0)  # narrower towards the chin
    u = p.across(canvas) / (p.w * taper)  # (N, H, W)
    return ((u.square() + v.square()).sqrt() - 1) * p.w, u, v


def face(canvas: Canvas, p: Sitter) -> None:
    """The skin, shaded like a ball in the light; warm where it turns away."""
    part = canvas.window(-0.7, -0.75, 0.7, 0.8)
    distance, u, v = face_distance(part, p)
    depth = u.square().neg_().add_(1 - v.square()).clamp_min_(0).sqrt_()  # (N, H, W), of the ball towards us
    bright = depth.mul_(0.95).add_(u * (0.62 * p.light)).add_(-0.30 * v - 0.12)
    part.shade(part.cover(distance), p.shadow, p.lit, bright)


def cheeks(canvas: Canvas, p: Sitter) -> None:
    """Blush, the hollows of the eyes, light on forehead and chin."""
    part = canvas.window(-0.6, -0.5, 0.6, 0.65)
    v = p.height(part)
    cheek = p.pair(part, 0.62, 0.15)
    lift = 0.02 * p.smiling
    part.paint((0.30 + 0.45 * p.b["blush"]) * blob(cheek, v - 0.16 + lift, 1.0, 0.12), p.blush)
    part.paint(0.50 * blob(cheek + 0.15, v - 0.06 + lift, 0.55, 0.05), p.lit)
    socket = p.pair(part, 0.38, 0.15)
    part.paint(0.34 * blob(socket, v + 0.10, 1.1, 0.085), p.shadow)
    part.paint(0.40 * blob(part.x - p.front - 0.1 * p.light, v + 0.33, 0.20, 0.12), p.lit)
    part.paint(0.35 * blob(part.x - p.front, v - 0.50, 0.10, 0.04), p.lit)


def stroke(part: Canvas, distance: Tensor, width: float | Tensor) -> Tensor:
    """A soft line where the distance is 0."""
    return part.cover(distance.abs() - width, 1.6)


def wrinkles(canvas: Canvas, p: Sitter) -> None:
    """With age: lines on the forehead, beside the mouth and the eyes, and bags under the eyes."""
    part = canvas.window(-0.6, -0.5, 0.6, 0.55)
    x, v = part.x - p.front, p.height(part)
    within = (1 - (x / (0.26 * p.s)).square()).clamp_min(0)  # (N, 1, W), fades towards the temples
    lines = sum(stroke(part, v + y + 0.35 * x.square(), 0.007) for y in (0.31, 0.385))
    part.paint(0.62 * p.age * within * lines, p.shadow)
    fold = p.pair(part, 0.30, 0.10)  # from the nose around the mouth
    course = fold - 0.55 - 0.75 * step(v, 0.12, 0.42)
    length = step(v, 0.12, 0.18) * (1 - step(v, 0.36, 0.46))
    length = length * part.cover(face_distance(part, p)[0] + 0.04)
    part.paint(0.62 * p.age * length * part.cover(course.abs() * 0.10 - 0.010, 1.6), p.shadow)
    eye = p.pair(part, 0.38, 0.13)
    below = stroke(part, v + 0.005 + 0.03 * eye.square(), 0.010) * (1 - eye.square()).clamp_min(0)
    part.paint(0.75 * p.age * below, p.shadow)
    corner = ((eye - 1.12).clamp_min(0) < 0.55) * (eye > 1.12)
    fan = sum(stroke(part, v + 0.075 - slope * (eye - 1), 0.006) for slope in (-0.06, 0.05))
    part.paint(0.7 * p.age * corner * fan, p.shadow)


def beard(canvas: Canvas, p: Sitter) -> None:
    """A full beard with a moustache, in the colour of the hair."""
    part = canvas.window(-0.62, -0.05, 0.62, 0.9)
    distance, u, _ = face_distance(part, p)
    height = p.height(part)
    x = (part.x - p.front) / p.s
    turned = u - 0.75 * p.yaw.sin() * (1 - u.square()).clamp_min(0)  # follows the turned face
    edge = 0.335 - 0.52 * (turned.abs() - 0.45).clamp_min(0) - 0.17 * torch.exp(-(x / 0.17).square() * 1.3)
    inside = torch.maximum(distance - 0.035 - 0.05 * step(height, 0.35, 0.6), (edge - height) * 0.5)
    curl = part.grain()
    mask = part.cover(inside + 0.012 * curl, 1.8) * (0.94 * p.a["beard"])
    tone = u * (0.55 * p.light) + (0.46 + 0.30 * curl - 0.5 * (height - 0.4))
    part.shade(mask, p.hair_dark, torch.lerp(p.hair, p.hair_light, 0.3), tone)


def mouth(canvas: Canvas, p: Sitter) -> None:
    """Lips that bend with the smile and open to show teeth; a shadow below them."""
    part = canvas.window(-0.5, 0.1, 0.5, 0.6)
    half = (0.150 + 0.070 * p.smiling) * p.s * p.yaw.cos()
    x = part.x - p.front
    far = (x * p.yaw > 0) * p.yaw.abs()  # the far corner is foreshortened
    q = x / (half * (1 - 0.55 * far))  # (N, 1, W), -1 to 1 from corner to corner
    arch = (1 - q.square()).clamp_min(0)
    bend = (0.125 * p.smiling - 0.040) * (q.square().clamp_max(1.3) - 0.45)
    v = p.height(part) - 0.335 + bend  # (N, H, W), 0 on the line between the lips
    gap = 0.105 * step(p.smiling, 0.42, 1.0)
    bow = 1 - 0.45 * torch.exp(-(q / 0.20).square())
    ends = part.cover((q.abs() - 1) * half, 2.0)  # (N, 1, W)
    part.paint(0.45 * blob(q, v - 0.105 - gap, 0.6, 0.030), p.shadow)
    upper, lower = v + 0.048 * bow * arch.sqrt() - 0.002, (0.060 + gap) * arch.sqrt() - v
    lips = part.cover(-upper) * part.cover(-lower) * ends
    shine = (0.92 + 0.8 * v.clamp(-0.05, 0.09)).unsqueeze(1)
    part.paint(lips, p.lips * shine)
    opening = torch.minimum(v, gap * arch - v)
    part.paint(part.cover(-opening, 1.3) * ends * (gap > 0), constant(((96, 22, 30),)))
    teeth = torch.minimum(v - 0.004, 0.66 * gap * arch - v)
    part.paint(part.cover(-teeth, 1.3) * ends * step(gap, 0.01, 0.03), constant(WHITE))
    line = stroke(part, v, 0.007) * ends
    part.paint((0.75 - 0.5 * step(gap, 0.0, 0.04)) * line, p.shadow * 0.55)
    corner = blob(q.abs() - 1.02, v, 0.10, 0.022)
    part.paint(0.7 * corner, p.shadow * 0.7)


def nose(canvas: Canvas, p: Sitter) -> None:
    """A bridge lit from one side, a tip, nostrils, and the shadow under them."""
    part = canvas.window(-0.5, -0.25, 0.5, 0.32)
    size = p.s * (0.85 + 0.4 * p.b["nose_size"])
    tip = p.cx + p.w * 1.18 * p.yaw.sin()
    v = p.height(part)
    along = ((v + 0.1) / 0.27).clamp(0, 1)  # (N, H, 1), 0 between the eyes, 1 at the tip
    x = part.x - torch.lerp(p.front, tip, along)  # (N, H, W), the bridge leans with the head
    side = torch.where(p.light + 1.2 * p.yaw < 0, 1.0, -1.0)
    bridge = torch.exp(-((x - side * 0.058 * size) / (0.034 * size)).square()) * step(v, -0.16, 0.08)
    bridge = bridge * (1 - step(v, 0.15, 0.22))
    part.paint(0.50 * bridge, p.shadow)
    part.paint(0.55 * torch.exp(-((x + side * 0.012) / (0.026 * size)).square()) * step(v, -0.2, 0.0)
               * (1 - step(v, 0.12, 0.2)), p.lit)  # fmt: skip
    part.paint(0.55 * blob(part.x - tip, v - 0.215, 0.10 * size, 0.028), p.shadow)
    tilt = part.x - tip
    part.paint(0.60 * blob(tilt + side * 0.015, v - 0.145, 0.034 * size, 0.034), p.lit)
    wings = blob(tilt.abs() - 0.078 * size, v - 0.175, 0.024, 0.034)
    part.paint(0.40 * wings, p.shadow)
    part.paint(0.85 * blob(tilt.abs() - 0.040 * size, v - 0.195, 0.022 * size, 0.014), p.shadow * 0.55)


def eyes(canvas: Canvas, p: Sitter) -> None:
    """Whites, irises with a rim and a catchlight, lids and lashes; a smile narrows them a little."""
    part = canvas.window(-0.6, -0.3, 0.6, 0.12)
    angle = 0.36 + 0.08 * p.b["eye_distance"]
    half = 0.118 + 0.022 * p.b["eye_size"]
    q = p.pair(part, angle, half)  # (N, 1, W)
    v = p.height(part) + 0.07
    arch = (1 - q.square()).clamp_min(0)
    upper = -(0.066 + 0.018 * p.b["eye_size"] - 0.012 * p.age) * arch.sqrt() * (1 - 0.08 * p.smiling)
    lower = (0.050 - 0.018 * p.smiling) * arch.sqrt()
    slit = torch.maximum(upper - v, v - lower)  # (N, H, W)
    ends = part.cover((q.abs() - 1) * half * p.s, 1.5)
    open_eye = part.cover(slit) * ends
    part.paint(0.5 * blob(q, v + 0.112, 0.9, 0.026), p.shadow)  # the crease of the lid
    part.paint(0.35 * blob(q, v + 0.090, 0.8, 0.018), p.lit)
    part.paint(open_eye, constant(WHITE) * (0.97 - 0.9 * (v + 0.05).clamp_max(0).abs()).unsqueeze(1).clamp(0.8, 1))
    sign = torch.where(part.x < p.front, -1.0, 1.0)
    sideways = q - sign * ((p.b["gaze"] - 0.5) * 0.3 + 0.25 * p.yaw)  # the eyes look where the head looks
    radius = ((sideways * half).square() + (v + 0.012).square()).sqrt()  # (N, H, W)
    ball = 0.068
    part.paint(open_eye * part.cover(radius - ball), p.iris * 0.45)
    part.paint(open_eye * part.cover(radius - ball + 0.016), p.iris * (0.95 + 4.0 * (v + 0.012)).unsqueeze(1))
    part.paint(open_eye * part.cover(radius - 0.033), constant(((14, 10, 12),)))
    spark = ((sideways * half - sign * 0.024).square() + (v + 0.040).square()).sqrt()
    part.paint(0.95 * open_eye * part.cover(spark - 0.019), constant(WHITE))
    lash = part.cover((v - upper + 0.006).abs() - 0.014, 1.3) * part.cover((q.abs() - 1.12) * half, 1.5)
    part.paint(0.90 * lash * (q.abs() < 1.2), torch.lerp(constant(INK), p.shadow, 0.15))
    part.paint(0.35 * part.cover((v - lower).abs() - 0.006, 1.5) * ends, p.shadow * 0.8)


def brows(canvas: Canvas, p: Sitter) -> None:
    """Eyebrows, thicker in the middle of the face, in a darker shade of the hair."""
    part = canvas.window(-0.65, -0.45, 0.65, -0.05)
    q = p.pair(part, 0.40, 0.165)  # (N, 1, W)
    tilt = (p.b["brow_angle"] - 0.4) * 0.05  # above 0: the outer end is lower
    v = p.height(part) + 0.250 + 0.010 * p.smiling - 0.045 * (q + 0.05).square() - tilt * q
    thick = (0.018 + 0.016 * p.b["brow_weight"]) * (1 - 0.35 * q).clamp(0.4, 1.35)
    mask = part.cover(v.abs() - thick, 1.4) * part.cover((q.abs() - 0.95) * 0.16, 2.0)
    part.paint(0.86 * mask, p.brow)


# ------------------------------------------------------------------------------------------------ in front of the face


def hair_in_front(canvas: Canvas, p: Sitter) -> None:
    """Hair above the forehead, with a fringe or a parting, and at the sides of the face."""
    part = canvas.window(-0.72, -0.85, 0.72, 0.5)
    x, v = p.across(part), p.height(part)
    u = (part.x - p.cx - 0.35 * (p.front - p.cx)) / p.w  # (N, 1, W), the hairline turns with the head
    skull = 0.56 + p.volume
    wide = p.w * (1.03 + 0.75 * p.volume)
    outline = ((x / wide).square() + ((v.clamp_max(0)) / skull).square()).sqrt().sub(1) * p.w  # (N, H, W)
    outline = outline.add_(curls(part, p))
    parting = (u - 0.55 * (p.b["parting"] - 0.5)).abs()
    comb = 0.022 * torch.sin(u * 21 + 6.3 * p.b["strands"]) * (p.styles[BOB] + p.styles[SHORT] + 1.6 * p.styles[CURLY])
    middle = torch.where(p.styles[LONG] > 0, parting * 0.75, u.square())
    line = p.hairline + p.temples * middle + comb  # (N, 1, W), lower at the temples
    top = v - line
    sides = torch.maximum(0.86 - 0.05 * p.volume - u.abs(), v - p.sideburn)  # hair beside the face
    sides = torch.where(p.styles[LONG] + p.styles[BOB] > 0, torch.maximum(sides + 0.04, v - 0.9), sides)
    bald = torch.maximum(sides + 0.02, -0.20 - v)
    grown = torch.where(p.styles[BALD] > 0, bald, torch.minimum(top, torch.maximum(sides, -0.3 - v)))
    shadow = part.cover(torch.maximum(outline, grown - 0.05), 3.0)
    part.paint(0.40 * shadow * (1 - p.styles[BALD]), p.shadow * 0.8)
    mask = part.cover(torch.maximum(outline, grown * 0.8), 1.3)
    part.shade(mask, p.hair_dark, p.hair_light, tone_of_hair(p, u, v, 0.34))


def glasses(canvas: Canvas, p: Sitter) -> None:
    """Frames around both eyes, a bridge, arms to the ears, and a gleam on the glass."""
    part = canvas.window(-0.75, -0.35, 0.75, 0.22)
    worn = p.a["glasses"]
    width = 0.190
    q = p.pair(part, 0.40, width) * width  # (N, 1, W), in units of the head
    v = p.height(part) + 0.06
    corner = 0.06 + 0.075 * p.b["frame_shape"]
    rim = box(q, v, width, 0.140, corner)  # (N, H, W)
    glass = part.cover(rim)
    gleam = part.cover((q - 0.7 * v - 0.06).abs() - 0.022, 1.5) + part.cover((q - 0.7 * v - 0.135).abs() - 0.010, 1.5)
    part.paint(0.14 * glass * worn, constant(((200, 220, 235),)))
    part.paint(0.36 * glass * gleam.clamp_max(1) * worn, constant(WHITE))
    part.paint(part.cover(rim.abs() - 0.019, 1.2) * worn, p.frame)
    bridge = part.cover((v + 0.035 - 0.9 * (q + width).square()).abs() - 0.017, 1.2) * (q < -width)
    part.paint(bridge * worn, p.frame)
    inside = (p.across(part).abs() < p.w * 1.02) * (q > width)
    part.paint(part.cover((v + 0.05).abs() - 0.016, 1.2) * inside * worn, p.frame * 0.8)


def hat(canvas: Canvas, p: Sitter) -> None:
    """A knitted hat with a ribbed edge and a bobble."""
    part = canvas.window(-0.65, -1, 0.65, -0.15)
    worn = p.a["hat"]
    x, v = p.across(part), p.height(part)
    wide = p.w * 1.13
    bobble = ellipse(x - 0.03 * p.yaw, part.y - p.cy + 0.83 * p.s, 0.12, 0.105)
    bright = torch.lerp(p.wool, torch.ones(1), 0.6)
    part.shade(part.cover(bobble, 1.6) * worn, p.wool * 0.72, bright, 0.4 + 0.25 * part.grain() - 3 * (v + 0.83))
    crown = torch.maximum(((x / wide).square() + ((v + 0.34) / 0.45).square()).sqrt_().sub_(1).mul_(0.45), v + 0.34)
    ribs = 0.12 * torch.sin(x * 46) + 0.6 * x * p.light - 0.6 * x.square()  # (N, 1, W)
    part.shade(part.cover(crown) * worn, p.wool * 0.62, p.wool * 1.06, 0.72 + ribs - 0.3 * (v + 0.6))
    dip = 0.05 * (x / wide).square() - 0.035  # the edge follows the round head
    edge = box(x, v + 0.375 + dip, wide * 1.03, 0.085, 0.05)
    below = 0.45 * part.cover(edge - 0.05, 4.0) * (v > -0.36) * (x.abs() < p.w * 0.97)
    part.paint(below * worn, p.shadow * 0.7)
    part.shade(part.cover(edge) * worn, p.wool * 0.70, torch.lerp(p.wool, torch.ones(1), 0.3),
               0.55 + 0.22 * torch.sin(x * 62) + 0.6 * x * p.light - 0.6 * x.square())  # fmt: skip


LAYERS = (
    background, clothes, hair_behind, neck, buns, ears, face, cheeks, wrinkles, beard, mouth, nose, eyes, brows,
    hair_in_front, glasses, hat,
)  # fmt: skip


def paint(sitter: Sitter, size: int) -> Tensor:
    """Portraits of N people, uint8 (N, 3, size, size)."""
    canvas = Canvas(len(sitter.s), size)
    for layer in LAYERS:
        layer(canvas, sitter)
    return canvas.pixels.mul_(255).round_().clamp_(0, 255).to(torch.uint8)
