"""Boxes, arrows, cuts and labels as SVG text: all that a diagram is drawn with.

A diagram stands on a light page and on a dark one, and the ground is transparent. So every text lies on a plate with a fill
of its own, dark on pale, and lines have middle tones that keep at least 3:1 on white and on #111. Arrows forward are solid
and blue; the way of a gradient is dashed and pink; a red double bar is where ``detach`` cuts.

Sheets are 700 units wide and are shown 700 pixels wide, so that the smallest text, 13 units, has 13 pixels.
"""

import base64
import dataclasses
from html import escape

WIDTH = 700
SANS = "system-ui, 'Segoe UI', Helvetica, Arial, 'DejaVu Sans', sans-serif"
MONO = "ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace"
INK = "#14202b"  # all text
FORWARD, BACK, CUT, EDGE = "#4f7fb5", "#c44a97", "#d1453f", "#6b7c93"  # lines
FILLS = {
    "generator": "#ffe0b8",
    "fake": "#fff1de",
    "discriminator": "#cfe3f7",
    "real": "#cdeedd",
    "loss": "#e7dcf6",
    "plain": "#e6ebf1",
    "back": "#f9dcee",
    "cut": "#fbdad7",
}
Point = tuple[float, float]


@dataclasses.dataclass(frozen=True)
class Diagram:
    """A drawing (SVG text), and one to three sentences that say what is to be learned from it.

    It shows itself at the end of a cell; ``html`` is an ``<img>`` that holds all of it.
    """

    name: str
    svg: str
    alt: str

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict[str, str]:
        return {"text/html": self.html, "text/plain": self.alt}

    @property
    def html(self) -> str:
        """One tag without a line break. JupyterLab shows no SVG as an attachment, and takes ``<svg>`` out of a text cell."""
        data = base64.b64encode(self.svg.encode()).decode()
        return f'<img width="{WIDTH}" alt="{escape(self.alt)}" src="data:image/svg+xml;base64,{data}">'


@dataclasses.dataclass(frozen=True)
class Box:
    """A rectangle on a sheet; ``at`` gives a point of it by its share of width and height."""

    x: float
    y: float
    width: float
    height: float

    def at(self, right: float, down: float) -> Point:
        return self.x + right * self.width, self.y + down * self.height

    @property
    def left(self) -> Point:
        return self.at(0, 0.5)

    @property
    def right(self) -> Point:
        return self.at(1, 0.5)

    @property
    def top(self) -> Point:
        return self.at(0.5, 0)

    @property
    def bottom(self) -> Point:
        return self.at(0.5, 1)


def text_width(text: str, size: float, mono: bool = False, bold: bool = False) -> float:
    """How wide a text is drawn at most, in the same unit as ``size``: an estimate for the widest of the fonts."""
    if mono:
        return 0.615 * size * len(text)
    narrow = sum(character in "iljtfI1.,:;'|()[] !" for character in text)
    wide = sum(character in "mwMW→≈≤≥" for character in text)
    return size * (0.4 * narrow + 0.9 * wide + 0.61 * (len(text) - narrow - wide)) * (1.1 if bold else 1)


class Sheet:
    """Collects the parts of one drawing, 700 units wide; what is drawn later lies above."""

    def __init__(self, height: float):
        self.height = height
        self.parts: list[str] = []

    def diagram(self, name: str, alt: str) -> Diagram:
        """What has been drawn so far."""
        size = f'width="{WIDTH}" height="{_n(self.height)}" viewBox="0 0 {WIDTH} {_n(self.height)}"'
        head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" font-family="{SANS}" fill="{INK}">'
        return Diagram(name, "\n".join([head, f"<title>{escape(alt)}</title>", *self.parts, "</svg>"]) + "\n", alt)

    def text(
        self,
        x: float,
        y: float,
        text: str,
        size: float = 13,
        mono: bool = False,
        bold: bool = False,
        start: bool = False,
    ) -> None:
        """Text around (x, y), or with ``start`` to the right of it. It needs a plate below it: a box, a chip or a panel."""
        style = f' font-family="{MONO}"' if mono else ""
        style += ' font-weight="600"' if bold else ""
        place = f'x="{_n(x)}" y="{_n(y + 0.35 * size)}" font-size="{_n(size)}" text-anchor="{"start" if start else "middle"}"'
        self.parts.append(f"<text {place}{style}>{escape(text)}</text>")

    def plate(self, box: Box, fill: str, edge: str | None = EDGE, corner: float = 6, dashed: bool = False) -> Box:
        """A filled rectangle without text."""
        place = f'x="{_n(box.x)}" y="{_n(box.y)}" width="{_n(box.width)}" height="{_n(box.height)}" rx="{_n(corner)}"'
        line = f' stroke="{edge}" stroke-width="1.5"' if edge else ""
        line += ' stroke-dasharray="5 4"' if dashed else ""
        self.parts.append(f'<rect {place} fill="{FILLS.get(fill, fill)}"{line}/>')
        return box

    def box(
        self, x: float, y: float, width: float, height: float, text: str, kind: str = "plain", down: float = 0.5
    ) -> Box:
        """A box with lines of text in it, the first of them bold, around the share ``down`` of its height."""
        box = self.plate(Box(x, y, width, height), kind)
        lines = text.split("\n")
        for number, line in enumerate(lines):
            place = y + down * height + 18 * (number - (len(lines) - 1) / 2)
            self.text(x + width / 2, place, line, 15 if number == 0 else 13, bold=number == 0)
        return box

    def chip(self, x: float, y: float, text: str, kind: str = "plain", mono: bool = False) -> Box:
        """A label on a small plate of its own around (x, y); a line break begins a second line."""
        lines = text.split("\n")
        width = max(text_width(line, 13, mono) for line in lines) + 12
        height = 17 * len(lines) + 5
        box = self.plate(Box(x - width / 2, y - height / 2, width, height), kind, edge=None, corner=5)
        for number, line in enumerate(lines):
            self.text(x, y + 17 * (number - (len(lines) - 1) / 2), line, 13, mono)
        return box

    def heading(self, y: float, text: str) -> Box:
        """A label that begins at the left edge."""
        return self.chip(12 + text_width(text, 13) / 2, y, text)

    def shape(self, x: float, y: float, text: str) -> Box:
        """The shape of a tensor, in monospace."""
        return self.chip(x, y, text, mono=True)

    def forward(self, *points: Point) -> None:
        """A solid arrow through these points: where values go."""
        self._arrow(points, FORWARD, "")

    def back(self, *points: Point) -> None:
        """A dashed arrow through these points: where a gradient goes."""
        self._arrow(points, BACK, ' stroke-dasharray="7 5"')

    def line(self, *points: Point, colour: str = EDGE, width: float = 1.5) -> None:
        """A thin line without a head."""
        self.parts.append(_path(points, colour, f' stroke-width="{_n(width)}"'))

    def dot(self, x: float, y: float, kind: str, radius: float = 7) -> None:
        """A point of a plane, filled as boxes of this kind are."""
        place = f'cx="{_n(x)}" cy="{_n(y)}" r="{_n(radius)}"'
        self.parts.append(f'<circle {place} fill="{FILLS.get(kind, kind)}" stroke="{EDGE}" stroke-width="1.5"/>')

    def cut(self, x: float, y: float, reach: float = 15) -> None:
        """A double bar across a level arrow."""
        for side in (x - 4, x + 4):
            self.parts.append(_path([(side, y - reach), (side, y + reach)], CUT, ' stroke-width="3.5"'))

    def legend(self, y: float, x: float = 0, cut: bool = False, back: bool = True) -> None:
        """What the two kinds of arrows mean, and the bars if there are any, in a row from ``x`` on."""
        self.forward((x + 4, y), (x + 44, y))
        x = _after(self.chip(x + 50 + text_width("values", 13) / 2 + 6, y, "values"))
        if back:
            self.back((x + 44, y), (x + 4, y))
            x = _after(self.chip(x + 50 + text_width("gradient", 13) / 2 + 6, y, "gradient", "back"))
        if cut:
            self.cut(x + 12, y, 9)
            self.chip(x + 26 + text_width("cut by detach()", 13) / 2 + 6, y, "cut by detach()", "cut")

    def _arrow(self, points: tuple[Point, ...], colour: str, dashes: str) -> None:
        """The line stops where its head begins, so that the tip is sharp."""
        (x0, y0), (x1, y1) = points[-2:]
        length = ((x1 - x0) ** 2 + (y1 - y0) ** 2) ** 0.5
        ux, uy = (x1 - x0) / length, (y1 - y0) / length
        neck = (x1 - 9 * ux, y1 - 9 * uy)
        self.parts.append(_path([*points[:-1], neck], colour, f' stroke-width="2.4"{dashes}'))
        wings = [(neck[0] - side * 5.5 * uy, neck[1] + side * 5.5 * ux) for side in (1, -1)]
        corners = " ".join(f"{_n(x)},{_n(y)}" for x, y in [(x1, y1), *wings])
        self.parts.append(f'<polygon points="{corners}" fill="{colour}"/>')


def _after(box: Box) -> float:
    return box.x + box.width + 22


def _path(points, colour: str, style: str) -> str:
    steps = " L".join(f"{_n(x)} {_n(y)}" for x, y in points)
    return f'<path d="M{steps}" fill="none" stroke="{colour}" stroke-linejoin="round"{style}/>'


def _n(value: float) -> str:
    """A number as short as it can be written."""
    return f"{value:.1f}".removesuffix(".0")
