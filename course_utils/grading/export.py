"""``course export``: assignments for Otter 7 and nbgrader 0.9 from the same sources as the lessons."""

import ast
import difflib
import itertools
import re
import textwrap
from pathlib import Path

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_raw_cell

from course_utils.authoring.cells import KERNELSPEC, LANGUAGE_INFO, to_text
from course_utils.files import write_atomic
from course_utils.grading.assignment import Assignment, Task, assignments

# ``course_id`` names the database; the marks of a solution are the course's own, which nbgrader knows
NBGRADER_CONFIG = """\
c = get_config()  # noqa: F821
c.CourseDirectory.course_id = "gan_course"
c.ExecutePreprocessor.timeout = 300
"""


def export(root: Path, form: str, lesson: str, out: Path) -> list[Path]:
    """Write the assignments below ``out/form`` and return the files. Raises ``ValueError``, ``OSError``."""
    writers = {"otter": _write_otter, "nbgrader": _write_nbgrader}
    if form not in writers:
        raise ValueError(f"FORMAT must be one of {', '.join(writers)}, but it is {form!r}; choose one")
    return writers[form](assignments(root, lesson), out / form)


def _write_otter(found: list[Assignment], out: Path) -> list[Path]:
    return [write_atomic(out / a.name / f"{a.name}.ipynb", to_text(otter(a))) for a in found]


def _write_nbgrader(found: list[Assignment], out: Path) -> list[Path]:
    files = [write_atomic(out / "source" / a.name / f"{a.name}.ipynb", to_text(nbgrader(a))) for a in found]
    return [*files, write_atomic(out / "nbgrader_config.py", NBGRADER_CONFIG)]


def _notebook(cells: list[NotebookNode]) -> NotebookNode:
    for number, cell in enumerate(cells):
        cell["id"] = f"cell-{number:04}"
    return new_notebook(cells=cells, metadata={"kernelspec": dict(KERNELSPEC), "language_info": dict(LANGUAGE_INFO)})


def _hints(task: Task) -> str:
    blocks = [
        f"<details>\n<summary>Hint {number} of {len(task.hints)}</summary>\n\n{hint}\n\n</details>"
        for number, hint in enumerate(task.hints, start=1)
    ]
    return "\n\n".join(blocks)


def _badge(task: Task) -> str:
    return f"**Exercise `{task.name}`** ({task.points} {'point' if task.points == 1 else 'points'})"


# --- Otter -------------------------------------------------------------------------------------------------------------


def otter(assignment: Assignment) -> NotebookNode:
    """The source notebook for ``otter assign``."""
    config = (
        f"# ASSIGNMENT CONFIG\nname: {assignment.name}\ninit_cell: true\ncheck_all_cell: false\n"
        "export_cell:\n  pdf: false\n  run_tests: false\ntests:\n  files: false\n  ok_format: false\n"
        "generate:\n  pdf: false"
    )
    cells = [new_raw_cell(config), new_markdown_cell(assignment.introduction)]
    for task in assignment.tasks:
        cells += _otter_task(task)
    return _notebook(cells)


def _otter_task(task: Task) -> list[NotebookNode]:
    question = f"# BEGIN QUESTION\nname: {task.key}\npoints: {task.points}"
    test = (
        f"# HIDDEN\ndef test_{task.key}({task.name}):\n    from course_utils.checks import examine\n"
        f'    report = examine({task.name}, "{task.id}")\n    assert report.passed, repr(report)'
    )
    return [
        *map(new_markdown_cell, task.texts),
        *([new_code_cell(task.setup)] if task.setup else []),
        new_raw_cell(question),
        new_markdown_cell(_badge(task)),
        *_between("SOLUTION", new_code_cell(with_prompts(task))),
        *_between("TESTS", new_code_cell(test)),
        new_raw_cell("# END QUESTION"),
        new_markdown_cell(_hints(task)),
        new_code_cell(task.look),
    ]


def _between(word: str, cell: NotebookNode) -> list[NotebookNode]:
    return [new_raw_cell(f"# BEGIN {word}"), cell, new_raw_cell(f"# END {word}")]


# --- nbgrader ----------------------------------------------------------------------------------------------------------


def nbgrader(assignment: Assignment) -> NotebookNode:
    """The source notebook for ``nbgrader generate_assignment``."""
    cells = [_text(assignment.introduction, f"{assignment.name}_introduction")]
    for task in assignment.tasks:
        cells += _nbgrader_task(task)
    return _notebook(cells)


def _nbgrader_task(task: Task) -> list[NotebookNode]:
    setup = new_code_cell(task.setup, metadata=_marked(f"{task.key}_setup", locked=True))
    hidden = f'### BEGIN HIDDEN TESTS\nassert examine({task.name}, "{task.id}").passed\n### END HIDDEN TESTS'
    again = "from course_utils.checks import examine\nfrom course_utils.runtime import show\n\n"
    test = new_code_cell(
        f"{again}{task.look}\n{hidden}", metadata=_marked(f"{task.key}_test", grade=True, locked=True, points=task.points)
    )
    return [
        *(_text(text, f"{task.key}_text_{number}") for number, text in enumerate(task.texts)),
        *([setup] if task.setup else []),
        _text(_badge(task), f"{task.key}_badge"),
        new_code_cell(with_marks(task), metadata=_marked(task.key, solution=True)),
        _text(_hints(task), f"{task.key}_hints"),
        test,
    ]


def _text(text: str, name: str) -> NotebookNode:
    return new_markdown_cell(text, metadata=_marked(name, locked=True))


def _marked(name: str, grade=False, solution=False, locked=False, points=None) -> dict:
    """nbgrader's metadata, schema 3. No other keys are allowed in them."""
    marks = {"schema_version": 3, "grade_id": re.sub(r"[^\w-]", "_", name), "grade": grade, "solution": solution}
    marks |= {"locked": locked, "task": False} | ({} if points is None else {"points": points})
    return {"nbgrader": marks}


def with_prompts(task: Task) -> str:
    """The solution in Otter's marks: in the student's copy the stub's lines stand in the place of the solution's."""
    lines = []
    for right, given, indent in _parts(task):
        if right != given:
            lines += [f"{indent}# BEGIN SOLUTION NO PROMPT", *right, f"{indent}# END SOLUTION"]
            lines += [f'{indent}""" # BEGIN PROMPT', *given, f'{indent}"""; # END PROMPT']
        else:
            lines += right
    return "\n".join(lines)


def with_marks(task: Task) -> str:
    """The solution with nbgrader's marks around what a learner is to write: the lines that its stub does not have.

    nbgrader puts its own placeholder there. What else the stub has in their place, a dictionary's keys, becomes a comment.
    """
    lines = []
    for right, given, indent in _parts(task):
        if right != given:
            keys = [line for line in given if line.strip() and "raise NotImplementedError" not in line]
            lines += [f"{indent}# {line.removeprefix(indent)}" for line in keys]
            lines += [f"{indent}# BEGIN SOLUTION", *right, f"{indent}# END SOLUTION"]
        else:
            lines += right
    return "\n".join(lines)


def _parts(task: Task) -> list[tuple[list[str], list[str], str]]:
    """(lines of the solution, lines of the stub in their place, indentation), from top to bottom; the same or not."""
    right, given = task.solution.split("\n"), task.stub.split("\n")
    codes = difflib.SequenceMatcher(None, right, given, autojunk=False).get_opcodes()
    ends = [[0, 0]]  # (line of the solution, line of the stub) at which a part ends
    for what, a, b, c, d in codes:
        if what != "equal" and not _whole(given[c:d]):  # a dictionary's keys: its brackets belong to them
            ends[-1] = [a - 1, c - 1]
            ends.append([b + 1, d + 1])
        else:
            ends.append([b, d])
    parts = []
    for (a, c), (b, d) in itertools.pairwise(ends):
        filled = [line for line in (*given[c:d], *right[a:b]) if line.strip()]
        indent = filled[0][: len(filled[0]) - len(filled[0].lstrip())] if filled else ""
        parts.append((right[a:b], given[c:d], indent))
    return parts


def _whole(lines: list[str]) -> bool:
    """Are these lines Python on their own?"""
    try:
        return bool(ast.parse(textwrap.dedent("\n".join(lines))))
    except SyntaxError:
        return False
