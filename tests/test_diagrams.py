"""Diagrams: well-formed, told in words, legible on a light and on a dark page, the same at every call."""

import dataclasses
import re
from itertools import combinations
from xml.etree import ElementTree

import pytest
import torch

from course_utils import diagrams, losses
from course_utils.diagrams import chart, ink

NAMES = list(diagrams.DIAGRAMS)
LIGHT, DARK = "#ffffff", "#111111"
SVG = "{http://www.w3.org/2000/svg}"


@dataclasses.dataclass(frozen=True)
class Area:
    x0: float
    y0: float
    x1: float
    y1: float
    what: str = ""

    def holds(self, other: "Area") -> bool:
        return self.x0 <= other.x0 and self.y0 <= other.y0 and self.x1 >= other.x1 and self.y1 >= other.y1

    def meets(self, other: "Area") -> bool:
        return self.x0 < other.x1 and other.x0 < self.x1 and self.y0 < other.y1 and other.y0 < self.y1


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def area_of_text(node) -> Area:
    size = float(node.get("font-size"))
    width = ink.text_width(node.text, size, node.get("font-family") == ink.MONO, node.get("font-weight") is not None)
    left = float(node.get("x")) - (width / 2 if node.get("text-anchor") == "middle" else 0)
    baseline = float(node.get("y"))
    return Area(left, baseline - 0.75 * size, left + width, baseline + 0.2 * size, node.text)


def area_of_rect(node) -> Area:
    x, y, width, height = (float(node.get(name)) for name in ("x", "y", "width", "height"))
    return Area(x, y, x + width, y + height, node.get("fill"))


@pytest.fixture(params=NAMES)
def drawn(request):
    return diagrams.draw(request.param)


@pytest.fixture
def parts(drawn):
    return ElementTree.fromstring(drawn.svg)


def test_a_diagram_has_its_name_and_says_what_is_to_be_learned(drawn, parts):
    assert drawn.name in NAMES
    assert 80 <= len(drawn.alt) <= 400
    assert 1 <= len(re.findall(r"[.?](?= |$)", drawn.alt)) <= 4
    assert parts.find(f"{SVG}title").text == drawn.alt
    assert drawn == diagrams.draw(drawn.name)  # the same at every call


def test_nothing_leaves_the_sheet(drawn, parts):
    left, top, width, height = map(float, parts.get("viewBox").split())
    assert (left, top, width) == (0, 0, ink.WIDTH)
    sheet = Area(0, 0, width, height)
    areas = [area_of_text(node) for node in parts.iter(f"{SVG}text")]
    areas += [area_of_rect(node) for node in parts.iter(f"{SVG}rect")]
    assert [area for area in areas if not sheet.holds(area)] == []
    for node in parts.iter(f"{SVG}path"):
        points = re.findall(r"(-?[\d.]+) (-?[\d.]+)", node.get("d"))
        assert all(0 <= float(x) <= width and 0 <= float(y) <= height for x, y in points), node.get("d")


def test_every_text_is_large_enough_and_stands_on_a_pale_plate_that_holds_it(parts):
    plates = []
    for node in parts:
        if node.tag == f"{SVG}rect" and not node.get("fill-opacity"):
            plates.append(area_of_rect(node))
        if node.tag == f"{SVG}text":
            text = area_of_text(node)
            below = [plate for plate in plates if plate.meets(text)]
            assert float(node.get("font-size")) >= 13
            assert below, f"no plate below {text}"
            assert below[-1].holds(text), f"{text} leaves {below[-1]}"
            assert contrast(ink.INK, below[-1].what) >= 7


def test_texts_do_not_overlap_and_no_plate_hides_one(parts):
    texts = [(place, area_of_text(node)) for place, node in enumerate(parts) if node.tag == f"{SVG}text"]
    rects = [(place, area_of_rect(node)) for place, node in enumerate(parts) if node.tag == f"{SVG}rect"]
    assert [(a.what, b.what) for (_, a), (_, b) in combinations(texts, 2) if a.meets(b)] == []
    assert [(t.what, r) for place, t in texts for above, r in rects if above > place and r.meets(t)] == []


def test_every_line_can_be_seen_on_both_grounds(drawn, parts):
    on_panels = {ink.INK, chart.LOSS_D, chart.LOSS_G}  # of what is drawn on white plates only
    strokes = {node.get("stroke") for node in parts.iter() if node.get("stroke")}
    heads = {node.get("fill") for node in parts.iter(f"{SVG}polygon")}
    for colour in strokes | heads:
        assert contrast(colour, LIGHT) >= 3
        assert colour in on_panels or contrast(colour, DARK) >= 3


def test_it_needs_nothing_from_elsewhere_and_shows_itself(drawn):
    bundle = drawn._repr_mimebundle_()
    assert bundle["text/plain"] == drawn.alt
    assert "\n" not in bundle["text/html"]
    assert bundle["text/html"].startswith(f'<img width="{ink.WIDTH}" alt="')
    assert not re.search(r"href|url\(|<script|<style|@import", drawn.svg)
    assert len(drawn.svg) < 20_000


def test_the_chart_reads_least_squares_by_what_its_losses_are_where_nobody_can_tell():
    see, (d_loss, g_loss), *_ = next(row for row in chart.ROWS if row[0].startswith("Least squares"))
    undecided = torch.full((4, 1), 0.5)
    of_d = losses.least_squares_discriminator_loss(undecided, undecided).item()
    halved = losses.least_squares_generator_loss(undecided).item()
    assert re.findall(r"0\.\d+", see) == [f"{of_d:g}", f"{halved:g}"]
    assert all(d_loss(t / 40) < 0.5 < g_loss(t / 40) for t in range(20, 41))  # of the sketch, whose dotted line is at 0.5
    usual = sum(not row[0].startswith(("Least squares", "A critic")) for row in chart.ROWS)
    assert chart.curve_chart().svg.count("stroke-dasharray") == len(chart.ROWS) + usual


def test_quotes_in_an_alt_text_do_not_end_it():
    assert 'alt="a &quot;b&quot; &lt;c"' in ink.Sheet(10).diagram("x", 'a "b" <c').html


def test_an_unknown_name_is_answered_with_the_known_ones():
    with pytest.raises(
        ValueError, match=r"there is no diagram 'gan_gam'; the diagrams are: .*gan_game, discriminator_step"
    ):
        diagrams.draw("gan_gam")
