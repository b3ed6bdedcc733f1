"""A committed solution is whole: each cell that prints has the output of its run beside it."""

import ast
import sys
from pathlib import Path

import nbformat
import pytest

from course_utils.authoring.source import read_lessons

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tools"))
from stored_words import renew_alts, renew_quiz  # noqa: E402

LESSONS = read_lessons(ROOT)
SOLUTIONS = sorted((ROOT / "notebooks/solutions").rglob("*.ipynb"))


def prints(code: str) -> bool:
    """Does a cell print with its own statements, outside of the functions that it defines?"""
    body = ast.parse(code).body
    outside = [node for node in body if not isinstance(node, ast.FunctionDef | ast.ClassDef)]
    calls = [node.func for statement in outside for node in ast.walk(statement) if isinstance(node, ast.Call)]
    return any(getattr(called, "id", "") in ("print", "check", "outcome", "quiz") for called in calls)


def silent(notebook: nbformat.NotebookNode) -> list[str]:
    """The cells that print and have no output; those that only say where the course is are silent where it is installed."""
    cells = [c for c in notebook.cells if c.cell_type == "code" and "course-install" not in c.metadata.get("tags", [])]
    return [c.source[:60] for c in cells if not c.outputs and prints(c.source)]


@pytest.mark.parametrize("path", SOLUTIONS, ids=[path.stem for path in SOLUTIONS])
def test_what_a_solution_prints_is_in_it(path):
    assert silent(nbformat.read(path, as_version=4)) == []


def test_a_cell_without_its_output_is_found():
    new, shown = nbformat.v4.new_code_cell, nbformat.v4.new_output("stream", text="2")
    quiet, lost = [new("x = 1"), new("def f():\n    print(1)"), new("print(2)", outputs=[shown])], new("print(3)")
    assert silent(nbformat.v4.new_notebook(cells=quiet)) == []
    assert silent(nbformat.v4.new_notebook(cells=[*quiet, lost])) == ["print(3)"]


WIDE = 79  # signs of a printed line; tables have 78 at most, so that they fit on a small screen
NARROW = (  # lessons with many tables
    "c1w1_your_first_gan",
    "c1w2_dcgan",
    "c1w3a_wgan_gp",
    "c1w3b_stability_clinic",
    "c1w3c_remedies",
    "c1w4a_conditional_gan",
    "c1w4b_controllable_generation",
    "c1w4c_infogan",
    "c2w2b_debiasing",
    "c2w2c_arena",
    "c2w3a_progressive_growing",
    "c3w3a_cyclegan",
    "c4w1a_tables",
    "c4w1b_molecules",
    "c4w2a_music",
    "c4w2b_text",
    "gan_lab",
)


def broken_lines(notebook: nbformat.NotebookNode) -> list[str]:
    """The printed lines that a small screen would break."""
    printed = [out.text for cell in notebook.cells for out in cell.get("outputs", []) if out.output_type == "stream"]
    return [line for text in printed for line in text.splitlines() if len(line) > WIDE]


@pytest.mark.parametrize("lesson", NARROW)
def test_tables_fit_on_a_small_screen(lesson):
    (path,) = (path for path in SOLUTIONS if path.stem == lesson)
    assert broken_lines(nbformat.read(path, as_version=4)) == []


def test_a_line_that_is_too_long_is_found():
    shown = nbformat.v4.new_output("stream", text="x" * 79 + "\n" + "y" * 80 + "\n")
    cells = [nbformat.v4.new_markdown_cell("z" * 100), nbformat.v4.new_code_cell("1", outputs=[shown])]
    assert broken_lines(nbformat.v4.new_notebook(cells=cells)) == ["y" * 80]


@pytest.mark.parametrize("path", SOLUTIONS, ids=[path.stem for path in SOLUTIONS])
def test_the_stored_words_are_those_of_the_lesson(path):
    """The site and the slides show them. Where quiz or alternative texts have changed: `python tools/stored_words.py`."""
    notebook = nbformat.read(path, as_version=4)
    lesson = next(lesson for lesson in LESSONS if Path(lesson.notebook).name == path.name)
    assert not renew_quiz(notebook, lesson)
    assert not renew_alts(notebook, lesson)
