"""Read a lesson's source, and refuse what could not become a lesson."""

import ast
import dataclasses
import hashlib
import re
from pathlib import Path, PurePosixPath

from course_utils.diagrams import DIAGRAMS
from course_utils.outline import NAME, Entry, read_outline

SLIDES = ("slide", "subslide", "fragment", "skip", "notes")
EVERY_CELL = {"title", "slide", "tags", "jupyter"}
EXERCISE_ONLY = {"exercise", "difficulty"}
OPTIONS = {
    "title": EVERY_CELL | {"minutes"},
    "markdown": EVERY_CELL | {"picture", "diagram", "caption", "alt"},
    "hints": EVERY_CELL | {"hints"},
    "code": EVERY_CELL | {"figure", "caption", "alt"},
    "exercise": EVERY_CELL | EXERCISE_ONLY | {"minutes"},
}
TYPES = {"minutes": int, "difficulty": int, "tags": list, "jupyter": dict}  # every other option is a str
CHECKED = re.compile(r"(?m)^# NBVAL_CHECK_OUTPUT[ \t]*\n?")  # becomes a tag, which nbval reads and learners do not see
MARKER = re.compile(r"#\s*%%%*(\s|$)")


class SourceError(ValueError):
    """A lesson's source, or the library function it names, cannot be built. Its text is ``file:line: message``."""

    def __init__(self, path, line: int, message: str):
        super().__init__(f"{path}:{line}: {message}")


def parse_module(root, file: Path) -> ast.Module:
    """The syntax tree of a module of the library. Raises ``SourceError`` when it is not Python."""
    path = file.relative_to(root).as_posix()
    try:
        return ast.parse(file.read_text(encoding="utf-8"), filename=path)
    except SyntaxError as error:
        raise SourceError(path, error.lineno or 1, f"not Python: {error.msg}") from None


@dataclasses.dataclass(frozen=True)
class Cell:
    """One cell of a source; ``kind`` is title, markdown, hints, code or exercise."""

    kind: str
    text: str
    line: int  # of its `# %%`, counted from 1
    options: dict


@dataclasses.dataclass(frozen=True)
class Lesson:
    """A source as read, and what ``course.toml`` says of it."""

    entry: Entry
    minutes: int
    cells: tuple[Cell, ...]
    hints: dict[str, tuple[str, ...]]  # exercise id -> hints, in order
    source_hash: str

    @property
    def id(self) -> str:
        return self.entry.id

    @property
    def title(self) -> str:
        return self.entry.title

    @property
    def path(self) -> str:
        """The source, relative to the repository, in POSIX form, as messages show it."""
        return f"notebooks/sources/{self.entry.source}"

    @property
    def stem(self) -> str:
        return PurePosixPath(self.entry.source).stem

    @property
    def notebook(self) -> str:
        """Where the learner's copy lies below ``notebooks/``; the solution lies there below ``solutions/``."""
        return PurePosixPath(self.entry.source).with_suffix(".ipynb").as_posix()

    @property
    def exercises(self) -> list[Cell]:
        return [cell for cell in self.cells if cell.kind == "exercise"]

    def error(self, cell: Cell, message: str) -> SourceError:
        return SourceError(self.path, cell.line, message)


def read_lessons(root) -> list[Lesson]:
    """All lessons of a repository, in the order of its ``course.toml``.

    Raises ``SourceError`` for the first source that cannot be read, that is not listed, or two with one exercise id, and
    ``ValueError`` for a list that is wrong.
    """
    root = Path(root)
    lessons = [read_lesson(root, entry) for entry in read_outline(root)]
    _refuse_unlisted(root, lessons)
    seen: dict[str, str] = {}
    for lesson in lessons:
        for cell in lesson.exercises:
            name = cell.options["exercise"]
            if name in seen:
                raise lesson.error(cell, f"the id {name!r} is already used at {seen[name]}; choose another")
            seen[name] = f"{lesson.path}:{cell.line}"
    return lessons


def _refuse_unlisted(root: Path, lessons: list[Lesson]) -> None:
    listed = {lesson.path for lesson in lessons}
    for file in sorted((root / "notebooks" / "sources").rglob("*.py")):
        path = file.relative_to(root).as_posix()
        if path not in listed and ".ipynb_checkpoints" not in file.parts:
            raise SourceError(path, 1, f"{NAME} does not list this source; add it there, or take it away")


def read_lesson(root, entry: Entry) -> Lesson:
    """The lesson of an entry. Raises ``SourceError``, and ``ValueError`` when there is no such file."""
    path = f"notebooks/sources/{entry.source}"
    try:
        text = (Path(root) / path).read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ValueError(f"{NAME}: lesson {entry.id!r}: there is no {path}") from None
    cells = _cells(path, text)
    for cell in cells:
        _validate(path, cell, entry.id)
    figures = {cell.options["figure"] for cell in cells if "figure" in cell.options}
    for cell in cells:
        if "picture" in cell.options and cell.options["picture"] not in figures:
            raise SourceError(path, cell.line, f"there is no figure {cell.options['picture']!r} in this lesson")
    return Lesson(
        entry=entry,
        minutes=cells[0].options["minutes"],
        cells=tuple(cell for cell in cells if cell.kind != "hints"),
        hints=_hints(path, cells),
        source_hash=hashlib.sha256(text.encode()).hexdigest(),
    )


def find_lesson(lessons: list[Lesson], name: str) -> Lesson:
    """The lesson with this id, or with this file name. Raises ``ValueError`` that lists what there is."""
    wanted = Path(name).stem
    for lesson in lessons:
        if wanted in (lesson.id, lesson.stem):
            return lesson
    known = ", ".join(lesson.id for lesson in lessons) or "none"
    raise ValueError(f"there is no lesson {name!r}; the lessons are: {known}")


def _cells(path: str, text: str) -> list[Cell]:
    lines = text.splitlines()
    markers = [number for number, line in enumerate(lines, start=1) if MARKER.match(line)]
    if not markers:
        raise SourceError(path, 1, "there is no cell: a cell starts with a line `# %%`")
    read = _read(path, text, markers)
    if len(read) == len(markers) + 1:
        raise SourceError(
            path, 1, "there is text before the first `# %%` (or a header that is not YAML); make it a cell"
        )
    if len(read) != len(markers):
        inside = "a line that starts with `# %%` must not stand inside a string"
        raise SourceError(path, markers[0], f"{len(markers)} cells begin but {len(read)} were read; {inside}")
    cells = []
    for line, cell in zip(markers, read, strict=True):
        options = {k: v for k, v in cell.metadata.items() if k != "lines_to_next_cell"}
        kind = _kind(path, line, cell.cell_type, options, first=not cells)
        text, checked = CHECKED.subn("", cell.source) if kind == "code" else (cell.source, 0)
        if checked:
            options["tags"] = [*options.get("tags", []), "nbval-check-output"]
        cells.append(Cell(kind, text, line, options))
    return cells


def _read(path: str, text: str, markers: list[int]) -> list:
    """The cells as jupytext reads them; what it refuses is looked for cell by cell, to say the line."""
    import jupytext
    import nbformat

    try:
        return jupytext.reads(text, fmt="py:percent").cells
    except nbformat.ValidationError as error:
        lines = text.splitlines()
        for line, following in zip(markers, [*markers[1:], len(lines) + 1], strict=True):
            try:
                jupytext.reads("\n".join(lines[line - 1 : following - 1]), fmt="py:percent")
            except nbformat.ValidationError as found:
                raise SourceError(path, line, f"an option has the wrong type: {found.message}") from None
        raise SourceError(path, 1, f"the header does not make a notebook: {error.message}") from None


def _kind(path: str, line: int, cell_type: str, options: dict, first: bool) -> str:
    if first and cell_type == "markdown":
        return "title"
    if first:
        raise SourceError(path, line, "the first cell must be markdown: `# %% [markdown] minutes=45`, then `# # Title`")
    if cell_type == "code":
        return "exercise" if EXERCISE_ONLY & options.keys() else "code"
    if cell_type == "markdown":
        return "hints" if "hints" in options else "markdown"
    raise SourceError(path, line, f"cells are code or [markdown], but this one is [{cell_type}]")


def _validate(path: str, cell: Cell, lesson_id: str) -> None:
    def refuse(message: str):
        raise SourceError(path, cell.line, message)

    title = cell.options.get("title", "")
    if "incorrectly_encoded_metadata" in cell.options or "=" in str(title) or title in ("markdown", "md", *TYPES):
        refuse('options are written name="text" or name=5 after `# %%`, and [markdown] in brackets')
    for name, value in cell.options.items():
        if name not in OPTIONS[cell.kind]:
            known = ", ".join(sorted(OPTIONS[cell.kind] - {"title"}))
            refuse(f"unknown option {name!r} of a {cell.kind} cell; known: {known}")
        expected = TYPES.get(name, str)
        if not isinstance(value, expected) or isinstance(value, bool):
            refuse(f"the option {name!r} must be of type {expected.__name__}, but it is {value!r}")
    if cell.options.get("slide", "slide") not in SLIDES:
        refuse(f"unknown slide type {cell.options['slide']!r}; known: {', '.join(SLIDES)}")
    if cell.kind == "exercise":
        _validate_exercise(cell, lesson_id, refuse)
    elif not cell.text.strip():
        refuse("this cell is empty; write into it or remove it")
    if cell.kind == "title" and not cell.text.lstrip().startswith("# "):
        refuse("the first cell must start with the lesson's title: `# # Your first GAN`")
    if cell.kind == "title" and cell.options.get("minutes", 0) < 1:
        refuse("the first cell must say how long the lesson takes: `# %% [markdown] minutes=45`")
    if "caption" in cell.options and not {"figure", "picture", "diagram"} & cell.options.keys():
        refuse('a caption needs a figure="name" (or picture="name", or diagram="name") beside it')
    if {"picture", "diagram"} <= cell.options.keys():
        refuse("a cell shows a picture or a diagram, not both; write two cells")
    if cell.options.get("diagram", next(iter(DIAGRAMS))) not in DIAGRAMS:
        refuse(f"there is no diagram {cell.options['diagram']!r}; the diagrams are: {', '.join(DIAGRAMS)}")
    if "alt" in cell.options and not cell.options["alt"].strip():
        refuse("alt says what the cell's picture shows; it cannot be empty")
    if not re.fullmatch(r"[\w-]+", cell.options.get("figure", "x")):
        refuse(f"a figure's name is made of letters, digits, - and _, but it is {cell.options['figure']!r}")


def _validate_exercise(cell: Cell, lesson_id: str, refuse) -> None:
    for name in ("exercise", "difficulty", "minutes"):
        if name not in cell.options:
            example = 'exercise="c1w1.loss" difficulty=2 minutes=5'
            refuse(f"an exercise must say {name!r}: `# %% {example}`")
    if not re.fullmatch(rf"{lesson_id}\.\w+", cell.options["exercise"]):
        refuse(f"the exercise's id must look like {lesson_id}.name, but it is {cell.options['exercise']!r}")
    if not 1 <= cell.options["difficulty"] <= 5 or cell.options["minutes"] < 1:
        refuse("an exercise's difficulty goes from 1 to 5, and its minutes start at 1")
    if cell.text.strip():
        refuse("an exercise's cell stays empty: its code is cut out of the library")


def _hints(path: str, cells: list[Cell]) -> dict[str, tuple[str, ...]]:
    hints: dict[str, tuple[str, ...]] = {}
    known = [cell.options["exercise"] for cell in cells if cell.kind == "exercise"]
    before: dict[str, int] = {}
    for cell in cells:
        if cell.kind == "exercise" and cell.options["exercise"] in before:
            used = f"{path}:{before[cell.options['exercise']]}"
            raise SourceError(path, cell.line, f"the id {cell.options['exercise']!r} is already used at {used}")
        if cell.kind == "exercise":
            before[cell.options["exercise"]] = cell.line
        if cell.kind != "hints":
            continue
        name = cell.options["hints"]
        if name not in known:
            raise SourceError(path, cell.line, f"hints for {name!r}, but this lesson has no such exercise")
        if name not in before or name in hints:
            raise SourceError(path, cell.line, f"the hints for {name!r} must stand once, after their exercise")
        hints[name] = tuple(hint.strip() for hint in re.split(r"(?m)^---[ \t]*$", cell.text))
        if not all(hints[name]):
            raise SourceError(path, cell.line, "a hint is empty; `---` stands between two hints, not around them")
    for cell in cells:
        if cell.kind == "exercise" and cell.options["exercise"] not in hints:
            wanted = f'`# %% [markdown] hints="{cell.options["exercise"]}"`'
            raise SourceError(path, cell.line, f"the exercise has no hints; write them in a cell {wanted}")
    return hints
