"""Notebooks for everyone: headings in order, pictures in words, links and tables that name things, contrast, no motion."""

import json
import re
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest
from test_diagrams import contrast

from course_utils import figures

ROOT = Path(__file__).parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").rglob("*.ipynb"))
FENCE = re.compile(r"^(```|~~~).*?^\1", re.DOTALL | re.MULTILINE)
HEADING = re.compile(r"^(?P<marks>#{1,6}) ", re.MULTILINE)
PICTURE = re.compile(r"!\[(?P<alt>[^\]]*)\]\(")
LINK = re.compile(r"(?<!!)\[(?P<text>[^\[\]]+)\]\((?P<target>[^)\s]+)\)")
TABLE = re.compile(r"^\|(?P<head>.*)\|[ \t]*\n\|[ :|-]+\|", re.MULTILINE)
NUMBERED = re.compile(r"^ +(\d{3,}[.)])", re.MULTILINE)  # a year at the end of a reference, say
VAGUE = {"here", "click here", "link", "this", "this link", "more", "read more", "see", "it", "there", "page", "notebook"}
SHORTEST = 15  # characters of an alternative text: a name is none
WEB = ROOT / "course_utils" / "widgets"


class Shown(HTMLParser):
    """Pictures, tables and headings of a piece of HTML."""

    def __init__(self, text: str):
        super().__init__()
        self.alts, self.tables, self.heads, self.moving = [], 0, 0, []
        self.calm = False  # inside a <picture> that stands still for whoever asked for it
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        about = dict(attrs)
        if tag == "img":
            self.alts.append(about.get("alt") or "")
        self.tables += tag == "table"
        self.heads += tag == "th"
        if tag == "picture":
            self.calm = False
        self.calm = self.calm or (tag == "source" and about.get("media") == "(prefers-reduced-motion: reduce)")
        film = not self.calm and (about.get("src") or "").startswith("data:image/gif")
        if tag in ("marquee", "blink") or "autoplay" in about or film:
            self.moving.append(tag)

    def handle_endtag(self, tag):
        self.calm = self.calm and tag != "picture"


def problems(nb: dict) -> list[str]:
    """What keeps somebody out of a notebook, one line each."""
    found, levels = [], []
    for cell in nb["cells"]:
        text = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            prose = FENCE.sub("", text)
            levels += [len(heading["marks"]) for heading in HEADING.finditer(prose)]
            found += _of_text(prose)
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            if any(kind.startswith("image/") for kind in data):
                found.append("a picture that carries no words")
            found += _of_html("".join(data.get("text/html", "")))
    if levels[:1] != [1] or levels.count(1) != 1:
        found.append(f"not one title at the top: {levels}")
    found += [f"a heading of level {b} below one of {a}" for a, b in pairwise(levels) if b > a + 1]
    return found


def _of_text(prose: str) -> list[str]:
    alts = [picture["alt"] for picture in PICTURE.finditer(prose)]
    found = [f"a picture says only {alt!r}" for alt in alts if len(alt) < SHORTEST]
    found += [
        f"a link says only {link[0]!r}"
        for link in LINK.finditer(prose)
        if link["text"].strip(" `*_.").lower() in VAGUE or link["text"].startswith("http")
    ]
    found += [f"a list of its own begins with {number!r}" for number in NUMBERED.findall(prose)]
    for table in TABLE.finditer(prose):
        if not all(name.strip() for name in table["head"].split("|")):
            found.append(f"a column without a name: {table['head']!r}")
    return found + _of_html(prose)


def _of_html(text: str) -> list[str]:
    shown = Shown(text)
    found = [f"a picture says only {alt!r}" for alt in shown.alts if len(alt) < SHORTEST]
    found += ["a table without names"] if shown.tables and not shown.heads else []
    return found + [f"{tag} moves unasked" for tag in shown.moving]


def test_every_notebook_is_for_everyone():
    assert len(NOTEBOOKS) > 60
    found = {file.relative_to(ROOT).as_posix(): problems(json.loads(file.read_text(encoding="utf-8"))) for file in NOTEBOOKS}
    assert {file: lines for file, lines in found.items() if lines} == {}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("# One\n# Two", "not one title"),
        ("## No title", "not one title"),
        ("# One\n### Three", "a heading of level 3 below one of 1"),
        ("# One\n![plot](a.png)", "a picture says only 'plot'"),
        ("# One\n<img src='a.png'>", "a picture says only ''"),
        ("# One\n[here](a.ipynb)", "a link says only"),
        ("# One\n[https://a.org](https://a.org)", "a link says only"),
        ("# One\n\n- A paper,\n  2016.\n- Another, 2017.", "a list of its own begins with '2016.'"),
        ("# One\n\n| | size |\n| --- | --- |\n| a | 3 |", "a column without a name"),
        ("# One\n<table><tr><td>1</td></tr></table>", "a table without names"),
        ("# One\n<video autoplay></video>", "video moves unasked"),
        ("# One\n<img alt='A film of digits' src='data:image/gif;base64,R0'>", "img moves unasked"),
        (
            "# One\n<picture><source media='(prefers-reduced-motion: reduce)' srcset='a.png'></picture>"
            "<img alt='A film of digits' src='data:image/gif;base64,R0'>",
            "img moves unasked",
        ),
    ],
)
def test_what_keeps_somebody_out_is_found(text, problem):
    (found,) = problems({"cells": [{"cell_type": "markdown", "source": text}]})
    assert found.startswith(problem)


def test_a_comment_in_code_is_no_heading_and_a_good_notebook_has_no_problem():
    text = "# One\n\n## Two\n\n```python\n# code\n```\n\n[Your first GAN](a.ipynb) ![A curve that falls](a.png)"
    assert problems({"cells": [{"cell_type": "markdown", "source": text}]}) == []


# --- contrast


def colours(css: str, selector: str) -> dict[str, str]:
    """The custom properties that the rules of ``selector`` set to plain colours."""
    found = {}
    for rule in re.finditer(r"(?P<selectors>[^{}]+)\{(?P<body>[^{}]*)\}", re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)):
        if rule["selectors"].strip().splitlines()[-1].strip() == selector:
            found |= dict(re.findall(r"--([\w-]+):\s*(#[0-9a-f]{6})\b", rule["body"]))
    return found


def test_text_of_the_laboratory_can_be_read_in_both_themes():
    css = (WEB / "gan_lab" / "web" / "gan_lab.css").read_text(encoding="utf-8")
    light, dark = colours(css, ".gan-lab"), colours(css, 'html[theme="dark"] .gan-lab')
    asked = colours(css, "body:not([data-jp-theme-light]):not(.vscode-light) .gan-lab")
    assert asked == dark  # the same by attribute and by media query
    written = set(re.findall(r"\.(?:gl-key-\w+ b|gl-wrong|gl-file) \{ color: var\(--([\w-]+)\)", css))
    assert len(written) == 7
    for name in written:
        assert contrast(light[name], "#ffffff") >= 4.5, name
        assert min(contrast((light | dark)[name], ground) for ground in ("#111111", "#1e1e1e", "#212121")) >= 4.5, name
    assert contrast(light["gl-accent"], "#ffffff") >= 4.5  # the button that plays
    assert contrast(dark["gl-accent"], "#212121") >= 4.5


def test_text_of_the_other_widgets_can_be_read_where_no_theme_gives_colours():
    css = (WEB / "web" / "theme.css").read_text(encoding="utf-8")
    last = re.findall(r"--(text|faint|back): .*?(#[0-9a-f]{3})\)+;", css)
    assert [name for name, _ in last] == ["text", "faint", "back"] * 2
    for inks in (last[:3], last[3:]):
        text, faint, back = ("#" + "".join(2 * digit for digit in colour[1:]) for _, colour in inks)
        assert contrast(text, back) >= 7
        assert contrast(faint, back) >= 4.5


def test_the_ink_of_figures_can_be_read_on_white_and_on_black():
    assert contrast(figures.INK, "#ffffff") >= 4.5
    assert contrast(figures.INK, "#000000") >= 4.5
    assert contrast(figures.INK, "#111111") >= 4.1  # no ink has 4.5 on this and on white


# --- keyboard and motion

SCRIPTS = sorted(file for file in WEB.rglob("*.js"))
STYLES = sorted([*WEB.rglob("*.css"), *(ROOT / "course_utils" / "authoring" / "slides_web").glob("*.css")])


def test_whatever_can_be_clicked_can_be_reached_with_the_keyboard():
    assert len(SCRIPTS) >= 8
    for file in SCRIPTS:
        text = file.read_text(encoding="utf-8")
        assert not re.search(r'make\("(?:div|span|p|li|i)", \{[^}]*onclick', text), file.name
        for canvas in re.findall(r'make\("canvas", \{[^}]*\}', text):
            assert "aria-label" in canvas or 'role: "img"' in canvas or "aria-hidden" in canvas, canvas


def test_nothing_moves_by_itself():
    for file in STYLES:
        assert not re.search(r"@keyframes|\b(?:animation|transition)(?:-\w+)?:", file.read_text(encoding="utf-8")), file.name
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for film in re.findall(r"docs/\w+\.gif", readme):
        shown = next(part for part in re.findall(r"<picture>.*?</picture>", readme, re.DOTALL) if film in part)
        assert 'media="(prefers-reduced-motion: reduce)"' in shown
