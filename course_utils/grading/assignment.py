"""The exercises of a lesson without its training: what an assignment for another grader is made of.

Each exercise comes with the text before it, with what it needs, its hints, and a test that asks the course's checks. The
runs of the lesson stay in the lesson's own notebook, so that a grader that runs every cell is done in seconds.
"""

import ast
import dataclasses
import re
from pathlib import Path

from course_utils.authoring import names
from course_utils.authoring.compose import cut_exercises
from course_utils.authoring.cut import Cut
from course_utils.authoring.source import Cell, Lesson, read_lessons

INTRODUCTION = (
    "These are the exercises of the lesson *{title}*, to be handed in. Texts, pictures and runs are in the lesson's notebook. "
    "The cell below each exercise says what is right and what is not, and why; run it as often as you like."
)


@dataclasses.dataclass(frozen=True)
class Task:
    """An exercise with what stands around it. ``setup`` is code that it needs and that no task before it has brought."""

    id: str
    name: str
    points: int
    texts: tuple[str, ...]
    setup: str
    stub: str
    solution: str
    hints: tuple[str, ...]

    @property
    def key(self) -> str:
        """The id in letters that every grader takes: c1w1_generator_loss."""
        return re.sub(r"\W", "_", self.id)

    @property
    def look(self) -> str:
        """Code that shows the verdict."""
        return f'show(examine({self.name}, "{self.id}"))'


@dataclasses.dataclass(frozen=True)
class Assignment:
    name: str
    introduction: str
    tasks: tuple[Task, ...]


def assignments(root: Path, lesson: str = "") -> list[Assignment]:
    """One assignment a lesson, or that of one lesson. Raises ``ValueError`` for one without exercises, ``SourceError``."""
    lessons = [found for found in read_lessons(root) if found.exercises]
    chosen = [found for found in lessons if lesson in ("", found.id)]
    if not chosen:
        known = ", ".join(found.id for found in lessons)
        raise ValueError(f"LESSON must be one with exercises, but it is {lesson!r}; there are: {known}")
    registered = names.registered_exercises(root)
    return [_assignment(found, cut_exercises(root, found, registered), registered) for found in chosen]


def _assignment(lesson: Lesson, cuts: dict[str, Cut], registered: dict) -> Assignment:
    introduction = f"# {lesson.title}: exercises\n\n" + INTRODUCTION.format(title=lesson.title)
    statements: dict[str, tuple[int, ast.stmt]] = {}  # a name, and the statement of the lesson that binds it
    brought: set[str] = set()
    tasks, texts = [], []
    for number, cell in enumerate(lesson.cells[1:]):
        if cell.kind == "exercise":
            name = cell.options["exercise"]
            setup = _setup(cuts[name], cuts, registered, statements, brought)
            tasks.append(_task(lesson, cell, cuts[name], texts, setup))
            texts = []
        elif cell.kind == "markdown":
            texts = [*texts, cell.text][-2:]  # what leads up to the exercise
        else:
            texts = []
            statements |= _bound(number, cell)
    return Assignment(lesson.id, introduction, tuple(tasks))


def _task(lesson: Lesson, cell: Cell, piece: Cut, texts: list[str], setup: str) -> Task:
    name = cell.options["exercise"]
    shown = tuple(text for text in texts if "{lessons}" not in text)
    points, hints = cell.options["difficulty"], lesson.hints[name]
    return Task(name, piece.name, points, shown, setup, piece.stub, piece.solution, hints)


def _bound(number: int, cell: Cell) -> dict[str, tuple[int, ast.stmt]]:
    found = {}
    for position, node in enumerate(names.parse_cell(cell.text).body):
        if not isinstance(node, ast.Import | ast.ImportFrom | ast.Assign | ast.FunctionDef | ast.ClassDef):
            continue
        for name in names.bound_by(ast.unparse(node)):
            found[name] = (1000 * number + position, node)
    return found


def _setup(piece: Cut, cuts: dict[str, Cut], registered: dict, statements: dict, brought: set[str]) -> str:
    """The statements that an exercise needs. Other exercises come from the course: one mistake is to count once."""
    exercises = {other.name: registered[name] for name, other in cuts.items() if other.name != piece.name}
    waiting, wanted, lines = names.needed_by(piece.solution), {}, []
    if not brought:
        lines += ["from course_utils.checks import examine", "from course_utils.runtime import show"]
        brought |= {"examine", "show"}
    while waiting:
        name = waiting.pop()
        if name in exercises:
            module = exercises[name].partition(":")[0]
            lines.append(f"from {module} import {name}  # the course's own: a mistake counts once")
        elif name not in brought and name in statements:
            brought.add(name)
            place, node = statements[name]
            wanted[place, name] = _statement(node, name)
            waiting |= set() if isinstance(node, ast.Import | ast.ImportFrom) else names.needed_by(ast.unparse(node))
    ordered = list(dict.fromkeys(text for _, text in sorted(wanted.items())))
    return "\n".join([*ordered, *sorted(lines)])


def _statement(node: ast.stmt, name: str) -> str:
    """The statement; of an import only the part that binds this name."""
    if isinstance(node, ast.Import | ast.ImportFrom):
        kept = [a for a in node.names if (a.asname or a.name.split(".")[0]) == name]
        node = ast.Import(kept) if isinstance(node, ast.Import) else ast.ImportFrom(node.module, kept, node.level)
    return ast.unparse(node)
