"""Slides of a lesson: reveal.js HTML, made by nbconvert from the executed solution."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from course_utils.authoring import cells
from course_utils.authoring.source import Lesson, find_lesson, read_lessons
from course_utils.files import write_atomic

SCRIPTS = ("reveal.js@4.6.1", "requirejs@2.3.7", "jquery@3.7.1", "mathjax@2.7.9")
LOCAL = {  # nbconvert's options, relative to the slides
    "reveal_url_prefix": "vendor/reveal.js",
    "require_js_url": "vendor/requirejs/require.js",
    "jquery_url": "vendor/jquery/dist/jquery.min.js",
    "mathjax_url": "vendor/mathjax/MathJax.js?config=TeX-AMS_CHTML-full,Safe",
}
ONLINE: dict[str, str] = {}  # nbconvert's own addresses


def make_slides(root, name: str | None = None, out=None) -> list[Path]:
    """Write ``build/slides/<lesson>.html`` for one lesson, or for all; returns the files.

    They need no network when npm can fetch reveal.js and MathJax (80 MB, once, beside the slides); else they load them
    from the web when they are shown, and a line says so.
    Raises ``ValueError`` for an unknown lesson and ``FileNotFoundError`` when its solution has not been built.
    """
    root = Path(root).resolve()
    out = Path(out) if out else root / "build" / "slides"
    lessons = read_lessons(root)
    chosen = [find_lesson(lessons, name)] if name else lessons
    sources = [(lesson, _solution(root, lesson)) for lesson in chosen]
    out.mkdir(parents=True, exist_ok=True)
    addresses = LOCAL if fetch_scripts(out) else ONLINE
    if addresses is ONLINE:
        print("note: npm could not fetch reveal.js and MathJax, so the slides need the network when they are shown")
    return [write_atomic(out / f"{lesson.stem}.html", to_html(lesson, file, addresses)) for lesson, file in sources]


def _solution(root: Path, lesson: Lesson) -> Path:
    file = root / "notebooks" / "solutions" / lesson.notebook
    if not file.exists():
        raise FileNotFoundError(f"there is no {file}; run `course build` first")
    return file


def to_html(lesson: Lesson, solution: Path, addresses: dict[str, str]) -> str:
    """One HTML file with all pictures inside. ``addresses`` are nbconvert's options for the scripts."""
    from nbconvert import SlidesExporter

    nb = cells.read(solution)
    if nb is None:
        raise ValueError(f"{solution} is no notebook; run `course build`")
    exporter = SlidesExporter(
        **addresses,
        reveal_scroll=True,
        reveal_width="1200",
        reveal_height="800",
        reveal_number="c/t",
        reveal_transition="none",
        embed_images=True,
    )
    place = {"metadata": {"name": lesson.title, "path": str(solution.parent)}}
    return exporter.from_notebook_node(nb, resources=place)[0]


def fetch_scripts(out: Path) -> bool:
    """Put reveal.js and what it needs into ``out/vendor`` with the user's npm, once. False when that is not possible."""
    vendor = out / "vendor"
    if vendor.is_dir():
        return True
    npm = shutil.which("npm")
    if npm is None:
        return False
    with tempfile.TemporaryDirectory(dir=out) as work:
        command = [
            npm,
            "install",
            "--silent",
            "--no-save",
            "--ignore-scripts",
            "--no-audit",
            "--prefix",
            work,
            *SCRIPTS,
        ]
        try:
            subprocess.run(command, cwd=work, capture_output=True, timeout=120, check=True)
            os.replace(Path(work) / "node_modules", vendor)
        except (OSError, subprocess.SubprocessError):
            return False
    return True
