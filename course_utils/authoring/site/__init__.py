"""The course as web pages, without a network: the executed solutions, the reference of the library, and how to work on it.

``pages`` makes a page of a lesson, ``front`` the front page, ``reference`` the pages of the library, ``docstrings`` makes
docstrings readable for Sphinx, ``files`` keeps pictures beside the pages. ``docs/site`` holds Sphinx's settings.
"""

import shutil
import tempfile
from pathlib import Path

from course_utils.authoring import cells, slides
from course_utils.authoring.compose import Pair
from course_utils.authoring.site import front, pages, reference
from course_utils.authoring.site.files import Pictures, Places
from course_utils.authoring.source import Lesson, find_lesson, read_lessons
from course_utils.files import write_atomic

TEXTS = {  # a file of the repository: the name of its page
    "docs/instructors.md": "instructors",
    "CONTRIBUTING.md": "contributing",
    "benchmarks/RESULTS.md": "measurements",
    "data/README.md": "data",
}
MARK = ".course-site"  # a folder with this file is a site, and may be replaced


def make_site(root, names: list[str] | None = None, out=None, families: list[str] | None = None) -> Path:
    """Build the site of all lessons, or of those named, into ``build/site``; returns its first page.

    ``families`` (of ``reference.FAMILIES``) is for tests: these parts of the library only.
    Raises ``ValueError`` for an unknown lesson, for a folder that holds something else, and where Sphinx has warned.
    """
    root = Path(root).resolve()
    out = Path(out).resolve() if out else root / "build" / "site"
    lessons = read_lessons(root)
    chosen = [find_lesson(lessons, name) for name in names] if names else lessons
    pairs = [Pair(lesson, _read(root, lesson, ""), _read(root, lesson, "solutions/")) for lesson in chosen]
    if out.exists() and any(out.iterdir()) and not (out / MARK).exists():
        raise ValueError(f"{out} holds something else than a site; choose another folder")
    texts = {name: page for name, page in TEXTS.items() if (root / name).exists()}
    places = Places({pair.lesson.notebook: f"lessons/{pair.lesson.stem}" for pair in pairs}, texts)
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="site-", dir=out.parent) as work:
        source, made = Path(work) / "pages", Path(work) / "made"
        write_atomic(made / MARK, "")
        _write(root, pairs, places, source, made, families)
        _sphinx(root, source, made)
        _other_forms(pairs, places, made)
        shutil.rmtree(out, ignore_errors=True)
        made.rename(out)
    return out / "index.html"


def _read(root: Path, lesson: Lesson, below: str):
    file = root / "notebooks" / f"{below}{lesson.notebook}"
    nb = cells.read(file) if file.exists() else None
    if nb is None:
        raise ValueError(f"there is no notebook {file.relative_to(root)}; run `course build` first")
    return nb


def _write(root: Path, pairs: list[Pair], places: Places, source: Path, out: Path, families: list[str] | None) -> None:
    """Sphinx's source: a notebook a lesson, and Markdown."""
    pictures = Pictures(out)
    for pair in pairs:
        page = pages.page(pair, places, pictures)
        write_atomic(source / f"lessons/{pair.lesson.stem}.ipynb", cells.to_text(page))
    for name, page in places.texts.items():
        text = (root / name).read_text(encoding="utf-8")
        write_atomic(source / f"{page}.md", places.in_text(text, Path(name).parent.as_posix(), page))
    reference.write(root, source / "reference", families)
    frame = (root / "docs" / "site" / "index.md").read_text(encoding="utf-8")
    frame = places.in_text(frame, ".", "index")
    write_atomic(source / "index.md", front.page(frame, pairs, list(places.texts.values()), pictures))
    for picture in sorted((root / "docs").glob("*.*g")):
        pictures.keep_file(picture)


def _other_forms(pairs: list[Pair], places: Places, out: Path) -> None:
    """Each lesson's slides, with their links made for the site, and its notebook to work in."""
    shutil.copytree(slides.VENDOR, out / "slides" / "vendor")
    for lesson, learner, solution in ((pair.lesson, pair.learner, pair.solution) for pair in pairs):
        shown = slides.to_html(lesson, solution)
        file = f"slides/{lesson.stem}"
        write_atomic(out / f"{file}.html", places.in_html(shown, pages.folder_of(lesson), file))
        write_atomic(out / "notebooks" / lesson.notebook, cells.to_text(learner))


def _sphinx(root: Path, source: Path, out: Path) -> None:
    from sphinx.cmd.build import build_main

    settings = ["-c", str(root / "docs" / "site"), "-d", str(out.with_name("doctrees"))]
    if build_main(["-b", "html", "-q", "-W", "--keep-going", *settings, str(source), str(out)]):
        raise ValueError("the site was not built: Sphinx has said above what is wrong")
