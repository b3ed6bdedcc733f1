"""The front page: what the course is, and the map of its lessons."""

import html
from pathlib import PurePosixPath

from course_utils.authoring import slides
from course_utils.authoring.compose import Pair, course_of
from course_utils.authoring.site.files import Pictures

LESSONS, CONTENTS = "{lessons}", "{contents}"  # where they stand in docs/site/index.md


def page(frame: str, pairs: list[Pair], texts: list[str], pictures: Pictures) -> str:
    """``frame`` with the map of lessons and Sphinx's table of contents."""
    groups: dict[str, list[Pair]] = {}
    for pair in pairs:
        folder = PurePosixPath(pair.lesson.notebook).parent.name
        name = course_of(folder) or ("Beside the lessons" if pair.lesson.entry.beside else "Begin")
        groups.setdefault(name, []).append(pair)
    shown = [f"### {name}\n\n" + _cards(group, pictures) for name, group in groups.items()]
    contents = [
        _toctree(name, [f"{p.lesson.title} <lessons/{p.lesson.stem}>" for p in group]) for name, group in groups.items()
    ]
    contents.append(_toctree("Reference", ["reference/index", *texts]))
    return frame.replace(LESSONS, "\n\n".join(shown)).replace(CONTENTS, "\n\n".join(contents))


def _toctree(caption: str, entries: list[str]) -> str:
    depth = 2 if caption == "Reference" else 1
    return "\n".join(["```{toctree}", ":hidden:", f":maxdepth: {depth}", f":caption: {caption}", "", *entries, "```"])


def _cards(pairs: list[Pair], pictures: Pictures) -> str:
    return '<ul class="lessons">\n' + "\n".join(_card(pair, pictures) for pair in pairs) + "\n</ul>"


def _card(pair: Pair, pictures: Pictures) -> str:
    lesson = pair.lesson
    count = len(lesson.exercises)
    facts = f"{lesson.minutes} minutes" + (f", {count} exercise{'s' if count > 1 else ''}" if count else "")
    return (
        f"<li>{pictures.in_html(_result(pair), up='')}"
        f'<a class="title" href="lessons/{lesson.stem}.html">{html.escape(lesson.title)}</a> '
        f'<span class="facts">{facts} · <a href="slides/{lesson.stem}.html">slides<span class="unseen"> of '
        f"{html.escape(lesson.title)}</span></a></span></li>"
    )


def _result(pair: Pair) -> str:
    """The picture that the lesson begins with, else its first."""
    announced = [shown for drawn in slides.announced(pair.lesson, pair.solution).values() for shown in drawn]
    every = [slides.picture(output) for cell in pair.solution.cells for output in cell.get("outputs", [])]
    return next(filter(None, announced + every), "")
