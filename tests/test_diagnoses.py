"""The cell above a diagnosis makes the patients and does not say what they have."""

import ast
from importlib import import_module
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).parents[1]
LESSONS = ("c3w1b", "c3w1c", "c3w2b", "c3w2c", "c3w2d")  # whose patients come from one function


def above(cells: list[str]) -> str:
    """The code cell before the one that defines ``diagnose``."""
    (place,) = (i for i, code in enumerate(cells) if code.startswith("def diagnose("))
    return cells[place - 1]


def given_away(code: str, names) -> list[str]:
    """What a cell says of the patients: functions of ``sick`` other than ``patients``, and names to choose from."""
    tree = ast.parse(code)
    used = {n.attr for n in ast.walk(tree) if isinstance(n, ast.Attribute) and getattr(n.value, "id", "") == "sick"}
    return sorted(used - {"patients"}) + [name for name in names if name in code]


@pytest.mark.parametrize("lesson", LESSONS)
def test_the_cell_above_a_diagnosis_gives_nothing_away(lesson):
    (path,) = (ROOT / "notebooks").glob(f"course*/{lesson}_*.ipynb")
    cells = [cell.source for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
    exercises = import_module(f"course_utils.lessons.{lesson}.exercises")
    assert "sick.patients(" in above(cells)
    assert given_away(above(cells), exercises.NAMES) == []


def test_a_cell_that_names_a_fault_is_found():
    cells = ['runs = {"A": sick.flipped(x), "B": x}', "def diagnose(run): ..."]
    assert given_away(above(cells), ("sound", "flipped pictures")) == ["flipped"]
    assert given_away('print("flipped pictures")', ("sound", "flipped pictures")) == ["flipped pictures"]
