"""The course as web pages: complete, folded where answers stand, without a network, and with links that lead somewhere."""

import html
import json
import re
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from course_utils.authoring.site import docstrings, files, make_site, reference

ROOT = Path(__file__).parents[1]
LESSONS = ["00", "c1w1"]
FIRST = "lessons/c1w1_your_first_gan.html"


class Page(HTMLParser):
    """What a page links to, loads, and holds."""

    def __init__(self, file: Path):
        super().__init__()
        self.links, self.loaded, self.names, self.headings, self.pictures = [], [], set(), [], []
        self.text = file.read_text(encoding="utf-8")
        self.feed(self.text)

    def handle_starttag(self, tag, attrs):
        about = dict(attrs)
        self.names |= {about[name] for name in ("id", "name") if about.get(name)}
        if tag == "a" and "href" in about:
            self.links.append(about["href"])
        if tag == "link" and about.get("rel") in ("stylesheet", "icon", "search", "next", "prev", "index", "preload"):
            self.loaded.append(about["href"])
        self.loaded += [about[name] for name in ("src", "srcset", "poster", "data") if about.get(name)]
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag == "img":
            self.pictures.append(about)


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    return make_site(ROOT, LESSONS, tmp_path_factory.mktemp("site") / "site", families=["losses"]).parent


@pytest.fixture(scope="module")
def pages(site):
    return {file.relative_to(site).as_posix(): Page(file) for file in sorted(site.rglob("*.html"))}


def test_nothing_is_loaded_from_a_network(site, pages):
    loaded = {(name, address) for name, page in pages.items() for address in page.loaded}
    assert [(name, address) for name, address in loaded if re.match(r"([a-z]+:)?//", address)] == []
    missing = [(name, a) for name, a in loaded if not a.startswith("data:") and not _target(site, name, a).is_file()]
    assert missing == []
    for file in site.rglob("*.css"):
        assert not re.search(r"(@import|url\()\s*['\"]?(https?:)?//", file.read_text(encoding="utf-8")), file


def test_every_link_leads_somewhere(site, pages):
    broken = []
    for name, page in pages.items():
        for link in page.links:
            address = urlsplit(link)
            if address.scheme in ("http", "https"):
                continue
            there = _target(site, name, link)
            known = pages.get(there.relative_to(site.resolve()).as_posix()) if there.is_file() else None
            if not there.is_file() or (address.fragment and known and unquote(address.fragment) not in known.names):
                broken.append((name, link))
    assert broken == []


def _target(site: Path, page: str, link: str) -> Path:
    path = unquote(urlsplit(link).path)
    return ((site / page).parent / path).resolve() if path else (site / page).resolve()


def test_a_lesson_is_shown_as_it_was_executed_with_its_answers_folded(pages):
    nb = json.loads((ROOT / "notebooks/solutions/course1_build_basic_gans/c1w1_your_first_gan.ipynb").read_text("utf-8"))
    page = pages[FIRST]
    shown = "".join("".join(o.get("data", {}).get("text/html", "")) for c in nb["cells"] for o in c.get("outputs", []))
    drawn = re.findall(r'alt="([^"]+)"', shown)
    assert {picture["alt"] for picture in page.pictures} >= set(map(html.unescape, drawn))
    assert "(at most 6: met)" in page.text  # an outcome
    assert page.text.count(">Solution<") == 2 * 7  # one line for opening and one for closing
    first = page.text.index("generator_block</span></code>")
    asked, hint, answer = (page.text.index(word, first) for word in ("NotImplementedError", "Hint 1 of", ">Solution<"))
    assert asked < hint < answer
    assert "ModuleNotFoundError" not in page.text  # the cell that installs
    assert "80 minutes" in page.text
    assert 'href="../slides/c1w1_your_first_gan.html"' in page.text


def test_the_front_page_maps_the_lessons(pages):
    page = pages["index.html"]
    assert {"lessons/00_start_here.html", FIRST, "slides/c1w1_your_first_gan.html", "contributing.html"} <= set(page.links)
    assert "80 minutes, 7 exercises" in page.text
    assert "Course 1: build basic GANs" in page.text
    assert "c0w0_refresher" not in page.text  # which was not built


def test_the_library_and_the_search_are_there(site, pages):
    assert "course_utils.losses.generator_loss" in pages["reference/losses.html"].names
    assert {"search.html", "genindex.html"} <= pages.keys()
    assert "discriminator_loss" in (site / "searchindex.js").read_text(encoding="utf-8")


def test_pages_have_one_title_no_skipped_heading_and_words_for_pictures(pages):
    for name, page in pages.items():
        if name.startswith("slides/"):
            continue
        assert page.headings.count(1) == 1, name
        assert all(b <= a + 1 for a, b in pairwise(page.headings)), (name, page.headings)
        assert [picture for picture in page.pictures if not picture.get("alt")] == [], name


def test_a_folder_that_holds_something_else_is_left_alone(tmp_path):
    (tmp_path / "thesis.txt").write_text("all of it")
    with pytest.raises(ValueError, match="holds something else"):
        make_site(ROOT, LESSONS, tmp_path)
    with pytest.raises(ValueError, match="c9w9"):
        make_site(ROOT, ["c9w9"], tmp_path / "new")
    assert [file.name for file in tmp_path.iterdir()] == ["thesis.txt"]


def test_each_part_of_the_library_has_one_place():
    rooms = [room for _, listed in reference.families_of(ROOT).values() for room in listed]
    assert len(rooms) == len(set(rooms))
    found = {path.stem for path in (ROOT / "course_utils").iterdir() if (path / "__init__.py").exists() or path.suffix == ".py"}
    assert set(rooms) == found - reference.NOT_SHOWN


def test_docstrings_become_what_sphinx_reads():
    text = "Mean of *its kind*, 2 *x and |y|, `name_` too.\n\n    a * b\n\n"
    text += "Raises:\n    OSError: with a (*) line\n        and more.\n    ValueError: no."
    assert docstrings.rest(text) == (
        "Mean of *its kind*, 2 \\*x and \\|y\\|, `name_` too.\n\n::\n\n    a * b\n\n"
        "**Raises**\n\n- OSError: with a (\\*) line\n  and more.\n- ValueError: no.\n"
    )
    assert docstrings.rest("Two kinds:\n- one;\n- two.") == "Two kinds:\n\n- one;\n- two.\n"
    assert docstrings.rest("Two:\n\n    a: of ``x``,\n        long;\n    b.") == "Two:\n\n- a: of ``x``,\n  long;\n- b.\n"
    assert docstrings.rest("Call it so:\n    f(*x)\nand go on.") == "Call it so:\n\n::\n\n    f(*x)\n\nand go on.\n"


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("see [a lesson](a.ipynb#end)", "see [a lesson](a.ipynb#end)"),
        ("see [a lesson](../../c/a.ipynb)", "see [a lesson](a.ipynb)"),  # the learner's copy
        ("see [the data](../../../data/README.md)", "see [the data](../data.md)"),
        ("see [no such page](b.ipynb)", "see no such page"),
        ("see [elsewhere](https://example.org)", "see [elsewhere](https://example.org)"),
        ("![a picture](p.png)", "![a picture](p.png)"),
        ("![a picture](../../../docs/p.png)", '<img alt="a picture" src="../pictures/p.png">'),
        ("`f[0](x)` and $g[i](y)$", "`f[0](x)` and $g[i](y)$"),
    ],
)
def test_links_between_notebooks_become_links_between_pages(text, made):
    places = files.Places({"c/a.ipynb": "lessons/a"}, {"data/README.md": "data"})
    assert places.in_text(text, "notebooks/solutions/c", "lessons/x") == made


def test_the_workflow_runs_the_two_commands_and_pins_its_actions():
    text = (ROOT / ".github" / "workflows" / "pages.yml").read_text(encoding="utf-8")
    assert re.findall(r"- run: (.+)", text) == ["make setup", "make site"]
    assert all(re.fullmatch(r"actions/[\w-]+@v\d+", action) for action in re.findall(r"uses: (.+)", text))
    assert "path: build/site" in text
    assert re.search(r"^site: \$\(TEST_READY\)", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
