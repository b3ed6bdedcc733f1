"""A submitted notebook, read as text: which lesson it is, and what of it belongs to each exercise. Nothing is run."""

import ast
import dataclasses
import json
import re
from pathlib import Path

from course_utils.authoring.names import needed_by, plain_python
from course_utils.grading.catalogue import Exercise, Lesson

MOST_BYTES = 60_000_000  # of a notebook
MOST_CELLS = 5_000
MOST_CODE = 400_000  # characters of a cell
DEFINITIONS = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
IMPORTS = ast.Import | ast.ImportFrom
_CHECKED = re.compile(r"""(?:check|examine)\(\s*\w+\s*,\s*["']([\w.]+)["']\s*\)""")


class Refused(ValueError):
    """A file that cannot be graded. Its text says why, for the instructor."""


@dataclasses.dataclass
class Code:
    """A code cell: its text, the exercise that its metadata name, its statements, or why it has none."""

    text: str
    exercise: str = ""
    check: bool = False
    body: list = dataclasses.field(default_factory=list)
    problem: str = ""


@dataclasses.dataclass
class Answer:
    """What a notebook holds for one exercise.

    ``state`` is "code", "stub" (as it was given out), "broken" (not Python) or "missing". ``pieces`` are texts that are run
    before the answer, ``text`` defines it, ``uses`` are the other exercises that it calls.
    """

    id: str
    state: str
    text: str = ""
    pieces: list[str] = dataclasses.field(default_factory=list)
    uses: list[str] = dataclasses.field(default_factory=list)
    note: str = ""


def read_notebook(file: Path) -> dict:
    """The JSON of a notebook. Raises ``Refused``."""
    try:
        if not file.is_file():
            raise Refused("it is no file")
        if file.stat().st_size > MOST_BYTES:
            raise Refused(f"it has {file.stat().st_size // 1_000_000} MB, more than {MOST_BYTES // 1_000_000}")
        text = file.read_bytes().decode("utf-8-sig", "replace")
    except OSError as error:
        raise Refused(f"it cannot be read: {error.strerror}") from None
    if not text.strip():
        raise Refused("it is empty")
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise Refused("it is no notebook: its text is not JSON") from None
    if not isinstance(found, dict) or not isinstance(found.get("cells"), list):
        raise Refused("it is no notebook: it has no cells")
    if len(found["cells"]) > MOST_CELLS:
        raise Refused(f"it has {len(found['cells'])} cells, more than {MOST_CELLS}")
    return found


def code_cells(notebook: dict) -> list[Code]:
    """The code cells of a notebook. What is no cell is passed over."""
    cells = []
    for cell in notebook["cells"]:
        if not isinstance(cell, dict) or cell.get("cell_type") != "code":
            continue
        source, metadata = cell.get("source", ""), cell.get("metadata")
        metadata = metadata if isinstance(metadata, dict) else {}
        lines = source if isinstance(source, list) else [source]
        tags = metadata.get("tags") if isinstance(metadata.get("tags"), list) else []
        exercise = metadata.get("exercise") if isinstance(metadata.get("exercise"), str) else ""
        text = "".join(line for line in lines if isinstance(line, str))
        cells.append(_parsed(Code(text, exercise, "course-check" in tags)))
    return cells


def _parsed(cell: Code) -> Code:
    if len(cell.text) > MOST_CODE:
        cell.problem = f"the cell has {len(cell.text):,} characters, more than {MOST_CODE:,}"
        return cell
    try:
        cell.body = ast.parse(_python(cell.text)).body
    except SyntaxError as error:
        line = (error.text or "").strip()[:100]
        cell.problem = f"It is not Python yet: {error.msg}, in line {error.lineno}: `{line}`."
    except (ValueError, RecursionError, MemoryError):
        cell.problem = "It cannot be read as Python: it is nested too deep, or holds a character that has no place there."
    return cell


def _python(text: str) -> str:
    """A cell's text without magics; a cell magic such as ``%%time`` loses its line only."""
    first, _, rest = text.lstrip().partition("\n")
    if re.match(r"%%(time|timeit|capture|prun|python3?)\b", first):
        text = "pass\n" + rest
    return plain_python(text)


def lesson_of(notebook: dict, cells: list[Code], lessons: dict[str, Lesson]) -> Lesson:
    """The lesson of a notebook: as its metadata say, else the one most of whose exercises it holds. Raises ``Refused``."""
    metadata = notebook.get("metadata")
    course = metadata.get("course") if isinstance(metadata, dict) else None
    said = course.get("lesson") if isinstance(course, dict) else None
    if isinstance(said, str) and said in lessons:
        return lessons[said]
    marked = [cell.exercise for cell in cells] + [i for cell in cells for i in _CHECKED.findall(cell.text)]
    defined = {node.name for cell in cells for node in cell.body if isinstance(node, DEFINITIONS)}
    scores = {}
    for lesson in lessons.values():
        ids = sum(exercise.id in marked for exercise in lesson.exercises)
        scores[lesson.id] = (ids, sum(exercise.name in defined for exercise in lesson.exercises))
    best = max(scores, key=scores.get)
    ids, names = scores[best]
    if not ids and names < 2:
        raise Refused("it holds no exercise of this course")
    return lessons[best]


def answers(cells: list[Code], lesson: Lesson, stubs: dict[str, str]) -> list[Answer]:
    """What the notebook holds for each exercise of the lesson; ``stubs`` are the cells as they were given out."""
    return [_answer(cells, exercise, lesson, stubs.get(exercise.id, "")) for exercise in lesson.exercises]


def _answer(cells: list[Code], exercise: Exercise, lesson: Lesson, stub: str) -> Answer:
    own = [cell for cell in cells if cell.exercise == exercise.id and not cell.check]
    others = [cell for cell in cells if cell not in own and not cell.check]
    found, elsewhere = ([c for c in some if _defines(c, exercise.name)] for some in (own, others))
    written = [c for c in found if not _untouched(c, stub)] or [c for c in elsewhere if not _untouched(c, stub)]
    broken = next((cell.problem for cell in reversed(own) if cell.problem), "")
    if not written and broken:
        return Answer(exercise.id, "broken", note=broken)
    if not written and not found and not elsewhere:
        note = f"No cell defines `{exercise.name}`: the exercise's cell was deleted, or its name changed."
        return Answer(exercise.id, "missing", note=note)
    if not written:
        return Answer(exercise.id, "stub")
    chosen = written[-1]
    note = f"{len(written)} cells define `{exercise.name}`; the last one counts." if len(written) > 1 else ""
    text = _kept(chosen)
    pieces, uses = _helpers(cells, chosen, exercise, lesson)
    return Answer(exercise.id, "code", text, pieces, uses, note)


def _defines(cell: Code, name: str) -> bool:
    return any(name in _bound(node) and not _only_checks(node, name) for node in cell.body)


def _bound(node) -> set[str]:
    """The names that a statement on a cell's own level binds."""
    if isinstance(node, DEFINITIONS):
        return {node.name}
    if isinstance(node, IMPORTS):
        return {alias.asname or alias.name.split(".")[0] for alias in node.names}
    if isinstance(node, ast.Assign):
        targets = node.targets
    else:
        targets = [node.target] if isinstance(node, ast.AnnAssign) and node.value else []
    return {leaf.id for target in targets for leaf in ast.walk(target) if isinstance(leaf, ast.Name)}


def _only_checks(node, name: str) -> bool:
    """Is it ``f = check(f, "...")``, or an import of the course's own?"""
    if isinstance(node, IMPORTS):
        return True
    call = getattr(node, "value", None)
    called = isinstance(call, ast.Call) and isinstance(call.func, ast.Name | ast.Attribute)
    return bool(called and (getattr(call.func, "id", None) or getattr(call.func, "attr", None)) == "check")


def _untouched(cell: Code, stub: str) -> bool:
    return bool(stub) and "".join(cell.text.split()) == "".join(stub.split())


def _kept(cell: Code) -> str:
    """The text of a cell, its lines where they were, with nothing but imports, definitions and assignments."""
    lines = _python(cell.text).split("\n")
    kept = [""] * len(lines)
    for node in cell.body:
        if isinstance(node, DEFINITIONS | IMPORTS | ast.Assign | ast.AnnAssign) and not _only_checked(node):
            first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", []))])
            kept[first - 1 : node.end_lineno] = lines[first - 1 : node.end_lineno]
    return "\n".join(kept)


def _only_checked(node) -> bool:
    return not isinstance(node, DEFINITIONS | IMPORTS) and _only_checks(node, "")


def _helpers(cells: list[Code], chosen: Code, exercise: Exercise, lesson: Lesson) -> tuple[list[str], list[str]]:
    """Statements of other cells that the answer needs, in order, and the other exercises that it calls."""
    exercises = {other.name: other.id for other in lesson.exercises if other.id != exercise.id}
    binding: dict[str, tuple[int, int]] = {}
    statements: dict[tuple[int, int], tuple[object, str]] = {}
    for number, cell in enumerate(cells):
        for position, node in enumerate(cell.body):
            if cell is chosen or cell.check or _only_checked(node):
                continue
            for name in _bound(node):
                statements[number, position] = (node, ast.unparse(node))
                binding[name] = (number, position)
    waiting, wanted, uses = _needs(_kept(chosen)), set(), set()
    while waiting:
        name = waiting.pop()
        if name in exercises:
            uses.add(exercises[name])
        elif name in binding and binding[name] not in wanted:
            wanted.add(binding[name])
            waiting |= _needs(statements[binding[name]][1])
    return [statements[key][1] for key in sorted(wanted)], sorted(uses)


def _needs(text: str) -> set[str]:
    try:
        return needed_by(text)
    except (SyntaxError, ValueError, RecursionError):
        return set()
