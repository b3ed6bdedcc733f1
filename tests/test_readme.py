"""README and the pages in docs/: links lead somewhere, commands exist, numbers come from where they are decided."""

import json
import re
import sys
import tomllib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from course_utils import cli
from course_utils.authoring import readme
from course_utils.outline import read_outline
from course_utils.places import installing

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tools"))
import before_install  # noqa: E402
import data_pictures  # noqa: E402

PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "data/README.md", *sorted((ROOT / "docs").glob("*.md"))]
LINK = re.compile(r"\]\(([^)\s]+)\)|(?:src|href|srcset)=\"([^\"]+)\"")


def written_by_hand() -> str:
    """README without what `course build` writes into it."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    for begin, end in ((readme.BEGIN, readme.END), readme.BUTTONS, readme.GALLERY):
        before, _, rest = text.partition(begin)
        text = before + rest.partition(end)[2]
    return text


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_and_picture_is_there(page):
    targets = [a or b for a, b in LINK.findall(page.read_text(encoding="utf-8"))]
    inside = [target.partition("#")[0] for target in targets if "://" not in target and not target.startswith("#")]
    assert [target for target in inside if not (page.parent / target).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_picture_says_what_it_shows(page):
    text = page.read_text(encoding="utf-8")
    assert re.findall(r"!\[\s*\]\(", text) == []
    assert [tag for tag in re.findall(r"<img [^>]*>", text) if not re.search(r'alt="[^"]{5,}"', tag)] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_and_target_exists(page):
    text = page.read_text(encoding="utf-8")
    commands = set(re.findall(r"\n    ([a-z]+)", cli.parser().format_help()))
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE))
    fenced = re.findall(r"```[^`]*```", text)
    pieces = fenced + re.findall(r"`[^`\n]+`", re.sub(r"```[^`]*```", "", text))
    assert {name for piece in pieces for name in re.findall(r"\b(?:course|course_utils) ([a-z]+)\b", piece)} - commands == set()
    assert {name for piece in pieces for name in re.findall(r"\bmake ([a-z-]+)\b", piece)} - targets == set()


def test_no_page_names_a_place_to_fill_in():
    assert [page.name for page in PAGES if re.search(r"<org>|<repo>", page.read_text(encoding="utf-8"))] == []


def test_every_number_written_by_hand_comes_from_where_it_is_decided():
    """Numbers of lessons stand in the built table only. What remains is what an installation needs, and a card of data/."""
    card = json.loads((ROOT / "data/portraits_generator.json").read_text(encoding="utf-8"))
    measured = card["measured"]
    assert card["machine"].endswith("CPU, 2 threads")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    low, high = before_install.PYTHON
    known = {
        f"Python {low[0]}.{low[1]} to {high[0]}.{high[1]}",
        "glibc {}.{}".format(*before_install.GLIBC),
        "macOS {}".format(*before_install.MACOS),
        "(64 bits)",
        "CC BY 4.0",
        f"for {card['seconds'] / 60:.0f} minutes on\ntwo CPU cores",
        f"distance is {measured['frechet_distance']:.1f} in the features of a small classifier",
        f"between two sets of real portraits it is {measured['frechet_floor']:.1f}",
    }
    text = written_by_hand()
    assert {phrase for phrase in known if phrase not in text} == set()
    for phrase in known:
        text = text.replace(phrase, "")
    assert project["requires-python"] == f">={low[0]}.{low[1]},<{high[0]}.{high[1] + 1}"
    assert re.findall(r".*(?<![\w/])\d[\d.,]*.*", text) == []


def test_the_size_that_is_told_is_said_once():
    assert "4 GB of the 6.2 GB" in (ROOT / "docs/places.md").read_text(encoding="utf-8")
    assert installing.DISK.startswith("6.2 GB on the disk (measured), 4 GB of them CUDA libraries")


def test_every_lesson_with_a_picture_in_the_gallery_is_in_the_course():
    known = {entry.id for entry in read_outline(ROOT)}
    assert {file.stem for file in (ROOT / "docs/gallery").glob("*.jpg")} <= known


@pytest.fixture(scope="module")
def drawn_sheets():
    return data_pictures.sheets()


@pytest.mark.parametrize("name", ["cells", "pairs", "animals", "portraits", "streets"])
def test_the_pictures_of_the_drawn_sets_are_small_and_show_what_is_drawn(drawn_sheets, name):
    """They are packed in a palette: the mean pixel is off by a few of 255 steps. Other twenty pictures are further away."""
    file = ROOT / "docs" / f"drawn_{name}.png"
    assert file.stat().st_size < 60_000
    kept, drawn = (np.asarray(image.convert("RGB"), dtype=float) for image in (Image.open(file), drawn_sheets[name]))
    assert kept.shape == drawn.shape
    assert np.abs(kept - drawn).mean() < 6
    assert np.abs(kept - drawn[:, ::-1]).mean() > 12
    assert f"](../docs/{file.name})" in (ROOT / "data/README.md").read_text(encoding="utf-8")
