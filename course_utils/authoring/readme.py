"""What `course build` writes into README: buttons, the gallery, and the table of lessons with what their solutions measured."""

import html
import re
from pathlib import Path
from urllib.parse import quote

from nbformat import NotebookNode

from course_utils.authoring import repository
from course_utils.authoring.source import Cell, Lesson

BEGIN, END = "<!-- lessons: `course build` writes this table -->", "<!-- end of lessons -->"
BUTTONS = "<!-- buttons: `course build` writes them, where course.toml says the repository -->", "<!-- end of buttons -->"
GALLERY = "<!-- gallery: `course build` writes it, `make pictures` draws it -->", "<!-- end of gallery -->"
HEAD = "| lesson | minutes | executed in | measured in that run |\n| --- | --- | --- | --- |"
OUTCOME = re.compile(r"(?P<what>.+): (?P<value>\S+) \(at (?:most|least) .+: (?:met|MISSED)\)")  # as `outcome` shows it
PLACE = re.compile(r"\{(?P<what>[^{}|]+)\|(?P<format>[^{}|]+)\}")
NOTHING = "–"
WIDTH = 174  # of a picture in the gallery: four stand side by side on a wide screen, two on a telephone


def updated(text: str, lessons: list[tuple[Lesson, NotebookNode]], address: str = "", root: Path | None = None) -> str:
    """README's ``text`` with the table of these lessons, each with its solution; with buttons and gallery where it has room.

    Raises ``ValueError`` when the two marks around one of them are not there, once each, in this order.
    """
    rows = "\n".join(row(lesson, solution, address) for lesson, solution in lessons)
    text = _between(text, "the table of lessons", (BEGIN, END), f"{HEAD}\n{rows}")
    if any(mark in text for mark in BUTTONS):
        text = _between(text, "the row of buttons", BUTTONS, buttons(address, lessons[0][0].notebook))
    if any(mark in text for mark in GALLERY):
        text = _between(text, "the gallery", GALLERY, gallery(root, [lesson for lesson, _ in lessons]))
    return text


def _between(text: str, what: str, marks: tuple[str, str], content: str) -> str:
    begin, end = marks
    if not text.count(begin) == text.count(end) == 1 or text.index(begin) > text.index(end):
        raise ValueError(f"README.md: {what} needs the lines `{begin}` and `{end}` around it, once each")
    before, rest = text.split(begin)
    return f"{before}{begin}\n{content}{chr(10) if content else ''}{end}{rest.split(end)[1]}"


def buttons(address: str, first: str) -> str:
    """Badges that open the first notebook elsewhere; nothing while the course is not published."""
    if not address:
        return ""
    file = f"notebooks/{first}"
    places = (
        ("Open in Colab", "https://colab.research.google.com/assets/colab-badge.svg", repository.open_in_colab(address, file)),
        ("Open in Codespaces", "https://github.com/codespaces/badge.svg", repository.open_in_codespaces(address)),
        ("Open in Binder", "https://mybinder.org/badge_logo.svg", repository.open_in_binder(address, file)),
    )
    return "\n".join(f"[![{name}]({badge})]({target})" for name, badge, target in places)


def gallery(root: Path, lessons: list[Lesson]) -> str:
    """A picture of each lesson that has one in ``docs/gallery``, with a link to its executed solution."""
    shown = [lesson for lesson in lessons if (root / tile(lesson)).is_file()]
    return '<p align="center">\n' + "\n".join(_tile(lesson) for lesson in shown) + "\n</p>" if shown else ""


def tile(lesson: Lesson) -> str:
    return f"docs/gallery/{lesson.id}.jpg"


def result(lesson: Lesson) -> Cell | None:
    """The cell that draws what the lesson begins with, its result; None where it begins with no picture."""
    name = next((cell.options["picture"] for cell in lesson.cells if "picture" in cell.options), None)
    return next((cell for cell in lesson.cells if name and cell.options.get("figure") == name), None)


def undrawn(root: Path, lessons: list[Lesson]) -> list[str]:
    """The ids of lessons that begin with a picture and have none in the gallery."""
    return [lesson.id for lesson in lessons if result(lesson) and not (root / tile(lesson)).is_file()]


def _tile(lesson: Lesson) -> str:
    cell = result(lesson)
    said = (cell.options.get("alt") or cell.options.get("caption") or "") if cell else ""
    alt = html.escape(f"{lesson.title}: {said}" if said else lesson.title)
    target = f"notebooks/solutions/{quote(lesson.notebook)}"
    return f'<a href="{target}"><img src="{tile(lesson)}" width="{WIDTH}" alt="{alt}"></a>'


def row(lesson: Lesson, solution: NotebookNode, address: str = "") -> str:
    """One line of the table; of a published course with links that open the lesson in Colab and Binder."""
    notebook = quote(lesson.notebook)
    links = f"[{lesson.title}](notebooks/{notebook}) ([solution](notebooks/solutions/{notebook}))"
    if address:
        file = f"notebooks/{lesson.notebook}"
        colab, binder = repository.open_in_colab(address, file), repository.open_in_binder(address, file)
        links += f" · [Colab]({colab}) · [Binder]({binder})"
    return f"| {links} | {lesson.minutes} | {took(solution)} | {headline(lesson, solution)} |"


def took(solution: NotebookNode) -> str:
    """How long a processor worked on the solution: ``95 s``; where only the clock was read: ``95 s, 2 cores``."""
    if budget_of(solution) != "cpu":
        return NOTHING
    executed = solution.metadata["executed"]
    if "processor_seconds" in executed:
        return duration(executed["processor_seconds"])
    cores = executed["machine"]["cores"]
    return f"{duration(executed['seconds'])}, {cores} {'core' if cores == 1 else 'cores'}"


def headline(lesson: Lesson, solution: NotebookNode) -> str:
    """The lesson's headline with its numbers; a dash while the solution was not executed, or does not show one of them."""
    template, values = lesson.entry.headline, outcomes(solution)
    wanted = [place["what"] for place in PLACE.finditer(template)]
    if not template or not values.keys() >= set(wanted) or (wanted and budget_of(solution) != "cpu"):
        return NOTHING
    return PLACE.sub(lambda place: format(values[place["what"]], place["format"]), template)


def missing(lesson: Lesson, solution: NotebookNode) -> list[str]:
    """Outcomes that the headline names and the executed solution does not show."""
    if budget_of(solution) != "cpu":
        return []
    shown = outcomes(solution)
    return [place["what"] for place in PLACE.finditer(lesson.entry.headline) if place["what"] not in shown]


def budget_of(solution: NotebookNode) -> str | None:
    """The budget that a solution was executed with; None when it never was."""
    return solution.metadata.get("executed", {}).get("budget")


def outcomes(solution: NotebookNode) -> dict[str, float]:
    """The measured numbers that a solution shows: ``{"Fréchet distance": 4.489}``."""
    found = {}
    for cell in solution.cells:
        for output in cell.get("outputs", []):
            text = output.get("text") or output.get("data", {}).get("text/plain", "")
            for line in "".join(text).splitlines():
                if shown := OUTCOME.fullmatch(line.strip()):
                    found[shown["what"]] = float(shown["value"])
    return found


def duration(seconds: float) -> str:
    """``95 s``, or ``5 min`` from two minutes on."""
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"
