"""How sets of features are compared: as two clouds, by balls around points, by distances to the training set."""

import math

from course_utils.diagrams.ink import EDGE, FILLS, Box, Diagram, Point, Sheet


def _ellipse(sheet: Sheet, centre: Point, long: float, short: float, turn: float, kind: str) -> None:
    """An ellipse whose long axis is turned by so many degrees, clockwise."""
    x, y = centre
    place = f'cx="{x}" cy="{y}" rx="{long}" ry="{short}" transform="rotate({turn} {x} {y})"'
    sheet.parts.append(f'<ellipse {place} fill="{FILLS[kind]}" fill-opacity="0.7" stroke="{EDGE}" stroke-width="1.5"/>')


def _spots(centre: Point, long: float, short: float, turn: float, count: int = 22) -> list[Point]:
    """Points within such an ellipse, evenly spread along a spiral."""
    cosine, sine = math.cos(math.radians(turn)), math.sin(math.radians(turn))
    spots = []
    for i in range(count):
        reach, angle = 0.9 * math.sqrt((i + 0.5) / count), 2.4 * i
        a, b = reach * long * math.cos(angle), reach * short * math.sin(angle)
        spots.append((centre[0] + cosine * a - sine * b, centre[1] + sine * a + cosine * b))
    return spots


def frechet_two_clouds() -> Diagram:
    """Two clouds of features, each summed up by a mean and a covariance."""
    sheet = Sheet(318)
    sheet.plate(Box(6, 34, 428, 238), "#ffffff")
    sheet.chip(220, 16, "features: each image is one point")
    clouds = (((140, 176), 112, 56, -28, "real"), ((300, 138), 92, 40, 24, "fake"))
    for centre, long, short, turn, kind in clouds:
        _ellipse(sheet, centre, long, short, turn, kind)
    for centre, long, short, turn, kind in clouds:
        for x, y in _spots(centre, long, short, turn):
            sheet.dot(x, y, kind, 3.5)
    (real, *_), (fake, *_) = clouds
    sheet.line(real, fake, colour="#d1453f", width=3)
    for (x, y), kind in ((real, "real"), (fake, "fake")):
        sheet.dot(x, y, kind, 9)
    sheet.chip(78, 250, "real images", "real")
    sheet.chip(352, 52, "generated images", "fake")
    sheet.box(450, 40, 244, 72, "the means\n|μx − μy|²: how far apart\nthe red line, squared", "loss")
    sheet.box(
        450,
        128,
        244,
        90,
        "the covariances\ntr Sx + tr Sy − 2 tr (Sx Sy)^½:\nwidth and direction,\n0 where both are the same",
        "loss",
    )
    sheet.box(450, 234, 244, 38, "their sum is the distance", "plain")
    sheet.chip(350, 298, "all else about the clouds (lumps, holes, single points) is not looked at")
    return sheet.diagram(
        "frechet_two_clouds",
        "Each image becomes a point by its features. Of the cloud of real and the cloud of generated images only mean "
        "and covariance are kept. The Fréchet distance adds what the means differ and what the covariances differ.",
    )


REALS = ((44, 56), (74, 42), (90, 76), (58, 94), (154, 148), (174, 136), (168, 166))
FAKES = ((60, 60), (70, 76), (86, 58), (52, 74), (118, 122), (130, 106))


def _balls(points: tuple[Point, ...]) -> list[tuple[Point, float]]:
    """A ball around each point that reaches to its second neighbour in the same set."""
    return [(p, sorted(math.dist(p, q) for q in points)[2]) for p in points]


def _inside(point: Point, balls: list[tuple[Point, float]]) -> bool:
    return any(math.dist(point, centre) < radius for centre, radius in balls)


def knn_balls() -> Diagram:
    """Three shares of the same points: of fakes in real balls, of reals in fake balls, of real balls with a fake."""
    sheet = Sheet(364)
    around_real, around_fake = _balls(REALS), _balls(FAKES)
    precise = sum(_inside(p, around_real) for p in FAKES)
    recalled = sum(_inside(p, around_fake) for p in REALS)
    covered = sum(any(math.dist(p, c) < r for p in FAKES) for c, r in around_real)
    panels = (
        ("precision", around_real, f"balls around reals:\n{precise} of {len(FAKES)} fakes are in one"),
        ("recall", around_fake, f"balls around fakes:\n{recalled} of {len(REALS)} reals are in one"),
        ("coverage", around_real, f"balls around reals:\n{covered} of {len(REALS)} hold a fake"),
    )
    for number, (title, balls, text) in enumerate(panels):
        left = 6 + 233 * number
        sheet.plate(Box(left, 34, 222, 222), "#ffffff")
        sheet.chip(left + 111, 16, title)
        _points(sheet, left + 8, 42, balls, kind="fake" if title == "recall" else "real")
        sheet.chip(left + 111, 284, text, "fake" if title == "recall" else "real")
    for x, kind, text in ((20, "real", "real image"), (146, "fake", "generated image")):
        sheet.dot(x, 342, kind, 7)
        sheet.chip(x + (56 if kind == "real" else 76), 342, text, kind)
    sheet.chip(502, 342, "here a ball reaches to the second neighbour")
    return sheet.diagram(
        "knn_balls",
        "The same points three times. Precision: the share of generated images that lie in a ball around some real one. "
        "Recall: the share of real images in a ball around some generated one. Coverage: the share of balls around real "
        "images that hold a generated one.",
    )


def _points(sheet: Sheet, x: float, y: float, balls, kind: str) -> None:
    """All the points, and these balls below them."""
    for (a, b), radius in balls:
        place = f'cx="{x + a}" cy="{y + b}" r="{radius:.1f}"'
        sheet.parts.append(
            f'<circle {place} fill="{FILLS[kind]}" fill-opacity="0.35" stroke="{EDGE}" stroke-width="1.2"/>'
        )
    for points, colour in ((REALS, "real"), (FAKES, "fake")):
        for a, b in points:
            sheet.dot(x + a, y + b, colour, 5.5)


def authentic_or_not() -> Diagram:
    """A generated image is a suspect when it is nearer to a training image than the next training image is."""
    sheet = Sheet(318)
    for x, title, reach, kind in ((6, "suspect", 34, "cut"), (356, "authentic", 112, "real")):
        sheet.plate(Box(x, 34, 338, 200), "#ffffff")
        sheet.chip(x + 169, 16, title, kind)
        centre, other, fake = (x + 150, 140), (x + 222, 104), (x + 150 - 0.8 * reach, 140 + 0.6 * reach)
        radius = math.dist(centre, other)
        place = f'cx="{centre[0]}" cy="{centre[1]}" r="{radius:.1f}"'
        sheet.parts.append(f'<circle {place} fill="none" stroke="{EDGE}" stroke-width="1.5" stroke-dasharray="5 4"/>')
        sheet.line(centre, other, width=2)
        sheet.line(centre, fake, colour="#d1453f", width=2.4)
        for point in (centre, other, (x + 290, 178), (x + 300, 70)):
            sheet.dot(*point, "real", 8)
        sheet.dot(*fake, "fake", 8)
    sheet.chip(175, 258, "nearer to its nearest training image\nthan any other training image is")
    sheet.chip(525, 258, "farther from its nearest training image\nthan the next training image is")
    for x, kind, text in ((160, "real", "training image"), (380, "fake", "generated image")):
        sheet.dot(x, 304, kind, 7)
        sheet.chip(x + 80, 304, text, kind)
    return sheet.diagram(
        "authentic_or_not",
        "A generated image and its nearest training image. The dashed circle reaches to the next training image. A "
        "generated image inside it is a suspect; outside it is authentic. A copy is always inside.",
    )
