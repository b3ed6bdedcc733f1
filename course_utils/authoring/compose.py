"""A lesson's source and the library become two notebooks: the learner's copy and the solution."""

import dataclasses
import os
import re
from pathlib import Path
from urllib.parse import quote

from nbformat import NotebookNode

from course_utils.authoring import names, pictures, repository
from course_utils.authoring.cells import carry_over, code, markdown, notebook
from course_utils.authoring.cut import Cut, cut
from course_utils.authoring.source import Cell, Lesson
from course_utils.diagrams import draw

LESSONS = "{lessons}"  # in a text cell: the table of lessons stands there


@dataclasses.dataclass(frozen=True)
class Pair:
    lesson: Lesson
    learner: NotebookNode
    solution: NotebookNode


@dataclasses.dataclass(frozen=True)
class Links:
    """The lessons that a notebook links to; None where there is none."""

    start: Lesson | None
    previous: Lesson | None
    following: Lesson | None


def compose(root, lessons: list[Lesson], executed, package: str = "course_utils") -> list[Pair]:
    """The notebooks of all lessons. ``executed(lesson)`` gives the solution whose outputs are kept, or None.

    Raises ``SourceError`` for the first exercise that cannot be cut, has no check, or needs a name nobody binds.
    """
    registered = names.registered_exercises(root, package)
    address = repository.read_repository(root)
    pairs = []
    for lesson in lessons:
        cuts = cut_exercises(root, lesson, registered)
        check_names(lesson, cuts)
        solution = _notebook(lesson, "solution", cuts, lessons, address)
        carry_over(executed(lesson), solution)
        learner = _notebook(lesson, "learner", cuts, lessons, address, solution)
        pairs.append(Pair(lesson, learner, solution))
    return pairs


def links_of(lesson: Lesson, lessons: list[Lesson]) -> Links:
    """The first lesson, and those before and after this one; a notebook beside the lessons has none and is none."""
    start, *row = [other for other in lessons if not other.entry.beside]
    if lesson not in row:
        return Links(None, None, row[0] if row else None) if lesson is start else Links(start, None, None)
    before, after = [None, *row], [*row[1:], None]
    return Links(start, before[row.index(lesson)], after[row.index(lesson)])


def cut_exercises(root, lesson: Lesson, registered: dict[str, str | None]) -> dict[str, Cut]:
    """``{exercise id: Cut}`` of a lesson, cut out of where its checks say. Raises ``SourceError``."""
    cuts = {}
    for cell in lesson.exercises:
        name = cell.options["exercise"]
        if name not in registered:
            wanted = f'`exercise("{name}", "module:name", ...)`'
            raise lesson.error(cell, f"no check is registered for {name!r}; add {wanted} to the lesson's checks")
        reference = registered[name] or ""
        if not re.fullmatch(r"[\w.]+:\w+", reference):
            said = f"it says {reference!r}" if reference else "it says none"
            raise lesson.error(cell, f"the check of {name!r} must say its reference, \"module:name\", but {said}")
        try:
            cuts[name] = cut(root, reference, name)
        except LookupError as error:
            raise lesson.error(cell, f"the reference of {name!r}: {error.args[0]}") from None
    return cuts


def check_names(lesson: Lesson, cuts: dict[str, Cut]) -> None:
    """Every global name that an exercise reads must be bound by a cell above it. Raises ``SourceError``."""
    bound = {"course_utils"}  # by the install cell
    for cell in lesson.cells:
        if cell.kind == "code":
            bound |= _bound_by(lesson, cell)
        elif cell.kind == "exercise":
            piece = cuts[cell.options["exercise"]]
            missing = sorted((names.needed_by(piece.solution) | {"check"}) - bound)
            if missing:
                wanted = f"{piece.name} ({piece.path}:{piece.line}) and its check need {', '.join(missing)}"
                raise lesson.error(cell, f"{wanted}, which no cell above binds; import it before the exercise")
            bound.add(piece.name)


def _bound_by(lesson: Lesson, cell: Cell) -> set[str]:
    try:
        bound = names.bound_by(cell.text)
    except SyntaxError as error:
        line = (error.text or "").strip()
        raise lesson.error(cell, f"this cell is not Python: {error.msg} in its line {error.lineno}: {line}") from None
    if "*" in bound:
        raise lesson.error(cell, "`import *` hides where names come from; import them one by one")
    return bound


def _notebook(lesson: Lesson, kind: str, cuts: dict[str, Cut], lessons: list[Lesson], address: str, solution=None):
    links = navigation(lesson, kind, links_of(lesson, lessons), address)
    title, *rest = lesson.cells
    cells = [_plain(title), links(), _built(code, repository.install_cell(address), "install", "skip")]
    listed = lesson_table(lesson, lessons, kind)
    for cell in rest:
        if cell.kind == "exercise":
            cells += _exercise(lesson, cell, cuts[cell.options["exercise"]], kind)
        elif cell.kind == "markdown":
            cells.append(_plain(dataclasses.replace(cell, text=cell.text.replace(LESSONS, listed))))
        else:
            cells.append(_plain(cell))
        if "diagram" in cell.options:
            cells.append(_diagram(cell))
    cells.append(links())
    course = {"lesson": lesson.id, "kind": kind, "title": lesson.title, "minutes": lesson.minutes}
    course["exercises"] = [cell.options["exercise"] for cell in lesson.exercises]
    course["source_hash"] = lesson.source_hash
    built = notebook(cells, course)
    return built if solution is None else notebook(_with_figures(lesson, built, solution), course)


def _plain(cell: Cell) -> NotebookNode:
    options = {name: cell.options.get(name) for name in ("slide", "tags", "jupyter")}
    return (code if cell.kind == "code" else markdown)(cell.text, **options)


def _diagram(cell: Cell) -> NotebookNode:
    """The diagram of a text cell, in a cell and on a slide of its own.

    Whoever edits the text does not meet the drawing's bytes, and both fit on a screen.
    """
    text = "\n\n".join([draw(cell.options["diagram"]).html, *filter(None, [cell.options.get("caption")])])
    slide = cell.options.get("slide")
    return _built(markdown, text, "diagram", slide if slide in ("skip", "notes") else "subslide")


def _built(make, text: str, part: str, slide: str | None = None, **metadata) -> NotebookNode:
    return make(text, tags=[f"course-{part}"], slide=slide, **metadata)


def _exercise(lesson: Lesson, cell: Cell, piece: Cut, kind: str) -> list[NotebookNode]:
    """Badge, code, hints and check."""
    name, options = cell.options["exercise"], cell.options
    ids = [other.options["exercise"] for other in lesson.exercises]
    badge = (
        f"**Exercise {ids.index(name) + 1} of {len(ids)}: `{piece.name}`** &nbsp;·&nbsp; "
        f"difficulty {options['difficulty']} of 5 &nbsp;·&nbsp; {options['minutes']} minutes &nbsp;·&nbsp; `{name}`"
    )
    hidden = "skip" if options.get("slide") in ("skip", "notes") else None
    text = piece.stub if kind == "learner" else piece.solution
    exercise = _built(code, text, "exercise", hidden, exercise=name)
    exercise.metadata["tags"] += [*options.get("tags", []), *(["raises-exception"] if kind == "learner" else [])]
    check = f'{piece.name} = check({piece.name}, "{name}")'
    return [
        _built(markdown, badge, "badge", options.get("slide", "subslide")),
        exercise,
        _built(markdown, _folded_hints(lesson.hints[name]), "hints", "skip"),
        _built(code, check, "check", "skip", exercise=name),
    ]


def _folded(summary: str, text: str) -> str:
    """Blank lines inside let Markdown and formulae render."""
    return f"<details>\n<summary>{summary}</summary>\n\n{text}\n\n</details>"


def _folded_hints(hints: tuple[str, ...]) -> str:
    blocks = [_folded(f"Hint {number} of {len(hints)}", hint) for number, hint in enumerate(hints, start=1)]
    return "\n\n".join(blocks)


def _with_figures(lesson: Lesson, built: NotebookNode, solution: NotebookNode) -> list[NotebookNode]:
    """The cells of a learner's copy with the pictures that the solution holds.

    *What you should see* is folded below the cell that draws it; a text cell with ``picture`` is followed by it as it is.
    A picture that a text cell has shown is not kept twice.
    """
    options = {cell.text: cell.options for cell in lesson.cells if {"figure", "picture"} & cell.options.keys()}
    executed = {cell.id: cell for cell in solution.cells}
    drawn = {
        options[cell.source]["figure"]: pictures.of(executed[cell.id])
        for cell in built.cells
        if cell.cell_type == "code" and cell.source in options and cell.id in executed
    }
    cells = []
    for cell in built.cells:
        cells.append(cell)
        wanted = options.get(cell.source, {})
        name = wanted.get("figure") or wanted.get("picture")
        if drawn.get(name):
            cells.append(_figure(name, wanted, drawn.pop(name), folded="figure" in wanted))
    return cells


def _figure(name: str, options: dict, drawn: list[str], folded: bool) -> NotebookNode:
    files = [f"{name}.png" if number == 0 else f"{name}-{number + 1}.png" for number in range(len(drawn))]
    caption = options.get("caption", "")
    alt = (options.get("alt") or caption or name).replace("[", "(").replace("]", ")")
    lines = [caption] if caption else []
    lines += [f"![{alt}](attachment:{file})" for file in files]
    text = "\n\n".join(lines)
    attachments = {file: {"image/png": picture} for file, picture in zip(files, drawn, strict=True)}
    return _built(
        markdown,
        _folded("What you should see", text) if folded else text,
        "figure",
        "skip",
        attachments=attachments,
    )


def place_of(lesson: Lesson, kind: str) -> str:
    """Where a copy of a lesson lies below ``notebooks``."""
    return lesson.notebook if kind == "learner" else f"solutions/{lesson.notebook}"


def lesson_table(here: Lesson, lessons: list[Lesson], kind: str) -> str:
    """Markdown tables of all other lessons, one for each folder, with links from the notebook ``here``."""
    tables = {}
    for lesson in lessons:
        target = os.path.relpath(place_of(lesson, kind), Path(place_of(here, kind)).parent)
        link = f"[{lesson.title}]({quote(Path(target).as_posix())})"
        if lesson is not here:
            rows = tables.setdefault(Path(lesson.notebook).parent.name, [])
            rows.append(f"| {lesson.id} | {link} | {lesson.minutes} | {len(lesson.exercises) or ''} |")
    head = "| id | lesson | minutes | exercises |\n| --- | --- | ---: | ---: |\n"
    return "\n\n".join(_name_of(folder) + head + "\n".join(rows) for folder, rows in tables.items())


def course_of(folder: str) -> str:
    """``course1_build_basic_gans`` in words; nothing for a folder that is named otherwise."""
    found = re.fullmatch(r"course(\d+)_(\w+)", folder)
    if not found:
        return ""
    number, words = found[1], found[2].replace("_", " ").replace("gans", "GANs")
    return f"Course {number}: {words}"


def _name_of(folder: str) -> str:
    """The name of a course as a line above its table."""
    name = course_of(folder)
    return f"**{name}**\n\n" if name else ""


def navigation(lesson: Lesson, kind: str, linked: Links, address: str):
    """A function that makes the cell of links to the lessons before and after, the other copy, the start, and Colab."""
    here = Path(place_of(lesson, kind)).parent

    def link(text: str, target: str) -> str:
        return f"[{text}]({quote(Path(os.path.relpath(target, here)).as_posix())})"

    links = []
    if linked.start is not None:
        links.append(link(linked.start.title, linked.start.notebook))
    if linked.previous is not None:
        links.append("previous: " + link(linked.previous.title, place_of(linked.previous, kind)))
    if linked.following is not None:
        links.append("next: " + link(linked.following.title, place_of(linked.following, kind)))
    if kind == "learner":
        links.append(link("solution", place_of(lesson, "solution")))
    else:
        links.append("this is the solution of " + link("the learner's notebook", place_of(lesson, "learner")))
    if address:
        links.append(f"[open in Colab]({repository.open_in_colab(address, f'notebooks/{place_of(lesson, kind)}')})")
    return lambda: _built(markdown, " &nbsp;·&nbsp; ".join(links), "navigation", "skip")
