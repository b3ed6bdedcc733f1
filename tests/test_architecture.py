"""Which part of the library imports which: the arrows run one way, from lessons down to models."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = "course_utils"
ROOT = Path(__file__).parents[1]

FLOORS = (  # an arrow runs within a floor or down; a room is a folder or a module right below the package
    {"__init__", "paths", "files", "runtime", "budget", "outline", "progress", "diagrams"},
    {"models", "losses", "datasets", "latent"},
    {"training", "steps", "metrics", "plotting", "checkpoints", "runs"},  # and every room that is named nowhere else
    {"checks", "widgets"},
    {"lessons"},
    {"authoring", "doctor", "places"},
    {"grading"},
    {"cli"},
    {"__main__"},
)
SCIENCE = 2  # the floor of rooms that are not listed
MAY_IMPORT = {  # rooms that import less than their floor allows
    "models": {"models", "losses"},
    "losses": {"losses"},
    "authoring": {"authoring", "__init__", "paths", "files", "outline", "progress", "diagrams"},
    "diagrams": {"diagrams"},
    "outline": {"outline", "paths"},
    "progress": {"progress", "paths"},
}
OTHERS = {"models": {"torch"}, "losses": {"torch"}, "diagrams": set()}  # what of other people's they may import
NOTEBOOK = {"IPython", "ipywidgets", "anywidget", "traitlets", "jupytext", "nbformat", "nbclient", "nbconvert"}


def files_of(package: Path) -> Iterator[tuple[str, Path]]:
    """The modules below ``package``, each with its room."""
    for file in sorted(package.rglob("*.py")):
        yield file.relative_to(package).with_suffix("").parts[0], file


def imports_of(package: Path, file: Path) -> set[str]:
    """Dotted names of the modules that a file imports, at its top or in a function."""
    names = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}: write imports out in full"
            names |= {_module(package, node.module, alias.name) for alias in node.names}
    return names


def _module(package: Path, module: str, name: str) -> str:
    """``from module import name`` imports a module of ours or something in one."""
    inside = package.parent.joinpath(*module.split("."), name)
    return f"{module}.{name}" if inside.is_dir() or inside.with_suffix(".py").is_file() else module


def room_of(name: str) -> str:
    """The room of one of our modules."""
    parts = name.split(".")
    return parts[1] if len(parts) > 1 else "__init__"


def floor_of(room: str) -> int:
    return next((number for number, rooms in enumerate(FLOORS) if room in rooms), SCIENCE)


def problems(package: Path) -> list[str]:
    """Every import that must not be, one line each."""
    found = []
    arrows: dict[str, set[str]] = {}
    for room, file in files_of(package):
        names = imports_of(package, file)
        ours = {name for name in names if name.split(".")[0] == package.name}
        found += [f"{file.relative_to(package.parent)} imports {text}" for text in _wrong(room, file, names, ours)]
        arrows.setdefault(room, set()).update({room_of(name) for name in ours} - {room})
    return found + [f"a circle: {' -> '.join(circle)}" for circle in circles(arrows)]


def _wrong(room: str, file: Path, names: set[str], ours: set[str]) -> Iterator[str]:
    for name in sorted(ours):
        there = room_of(name)
        if floor_of(there) > floor_of(room):
            yield f"{name}, which is a floor above"
        elif there not in MAY_IMPORT.get(room, {there}):
            yield f"{name}, which {room} may not"
        elif room == there == "lessons" and name.split(".")[2:3] != [file.parts[file.parts.index("lessons") + 1]]:
            yield f"{name}, which belongs to another lesson"
    for name in sorted({name.split(".")[0] for name in names - ours}):
        if name in NOTEBOOK and 1 <= floor_of(room) <= SCIENCE:
            yield f"{name}, which belongs to notebooks"
        if room in OTHERS and name not in OTHERS[room] | sys.stdlib_module_names:
            yield f"{name}, which {room} may not"


def circles(arrows: dict[str, set[str]]) -> Iterator[list[str]]:
    """Rooms that import each other, each circle as a walk from its first room (by name) back to it."""

    def walk(path: list[str]) -> Iterator[list[str]]:
        for room in sorted(arrows.get(path[-1], ())):
            if room == path[0]:
                yield [*path, room]
            elif room > path[0] and room not in path:
                yield from walk([*path, room])

    for room in sorted(arrows):
        yield from walk([room])


def test_the_arrows_run_one_way():
    assert problems(ROOT / PACKAGE) == []


@pytest.mark.parametrize(
    ("file", "code", "problem"),
    [
        ("models/mlp.py", "from course_utils import training", "course_utils.training, which is a floor above"),
        ("models/mlp.py", "from course_utils.datasets import digits", "course_utils.datasets.digits, which models may not"),
        ("losses.py", "import numpy as np", "numpy, which losses may not"),
        ("training.py", "def f():\n    from course_utils.widgets import GanLab", "course_utils.widgets, which is a floor"),
        ("metrics/kid.py", "def f():\n    from IPython.display import display", "IPython, which belongs to notebooks"),
        ("fresh.py", "import course_utils.checks", "course_utils.checks, which is a floor above"),
        ("checks/engine.py", "from course_utils.lessons import c1w1", "course_utils.lessons.c1w1, which is a floor above"),
        ("lessons/c1w2/checks.py", "from course_utils.lessons.c1w1 import quiz", "c1w1.quiz, which belongs to another"),
        ("authoring/run.py", "from course_utils.training import fit", "course_utils.training, which authoring may not"),
    ],
)
def test_an_arrow_that_runs_back_up_is_found(tmp_path, file, code, problem):
    package = tmp_path / PACKAGE
    for name in (file, "training.py", "datasets/digits.py", "lessons/c1w1/quiz.py"):
        (package / name).parent.mkdir(parents=True, exist_ok=True)
        (package / name).touch()
    (package / file).write_text(code)
    (found,) = problems(package)
    assert found.startswith(f"{PACKAGE}/{file} imports ")
    assert problem in found


def test_a_circle_is_found():
    arrows = {"steps": {"training"}, "training": {"runs"}, "runs": {"steps", "files"}, "files": set()}
    assert list(circles(arrows)) == [["runs", "steps", "training", "runs"]]
