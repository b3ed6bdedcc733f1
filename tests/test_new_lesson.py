"""A new lesson touches five places, and everything else follows: links, map, README's table, its tests, its run."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from course_utils.outline import read_outline

ROOT = Path(__file__).parents[1]
COPIED = ("course_utils", "tests/answers", "tests/conftest.py", "tests/test_checks.py", "notebooks/sources")
COPIED += ("course.toml", "README.md", "pyproject.toml")

ENTRY = """
[[lesson]]
id = "atoy9"
title = "Doubling"
source = "course9_toys/atoy9_doubling.py"
headline = "twice one is {twice one|.0f}"
"""

SOURCE = """# %% [markdown] minutes=7
# # Doubling, at length

# %%
import torch

from course_utils.checks import check, outcome, quiz

# %% exercise="atoy9.doubled" difficulty=1 minutes=2

# %% [markdown] hints="atoy9.doubled"
# Twice.

# %%
outcome("twice one", doubled(torch.ones(1)).item(), above=2, below=2)

# %%
quiz("atoy9")
"""

LIBRARY = '''"""Doubling."""

import torch


def doubled(x: torch.Tensor) -> torch.Tensor:
    """Twice ``x``, of its shape."""
    return 2 * x
'''

CHECKS = '''"""The check of *Doubling*."""

from course_utils.checks import exercise, mistake
from course_utils.checks.cases import call, normal

exercise(
    "atoy9.doubled",
    "course_utils.doubling:doubled",
    cases=(call(normal(3)), call(normal(2, 2, seed=1)), call(normal(1, scale=100.0))),
    mistakes=(
        mistake("squared", ("2 * x", "x * x"), "This is the square."),
        mistake("halved", ("2 * x", "x / 2"), "This is the half."),
        mistake("same", ("2 * x", "x.clone()"), "This is what came in."),
    ),
)
'''

QUIZ = '''"""The quiz of *Doubling*."""

from course_utils.checks.quiz import Question

QUIZ = (Question("Twice two?", {"four": "Two and two.", "five": "One too many."}, "four"),)
'''

ANSWERS = '''"""Answers to the exercise of *Doubling*."""

from answers import Answers

DOUBLED = Answers("atoy9.doubled")
DOUBLED.right(lambda x: x + x, lambda x: x * 2)
DOUBLED.wrong("squared", lambda x: x**2)
DOUBLED.wrong("halved", lambda x: 0.5 * x)
DOUBLED.wrong("same", lambda x: x)
DOUBLED.refused(lambda x: 3 * x)
'''

PLACES = {
    "notebooks/sources/course9_toys/atoy9_doubling.py": SOURCE,
    "course_utils/lessons/atoy9/__init__.py": "",
    "course_utils/lessons/atoy9/checks.py": CHECKS,
    "course_utils/lessons/atoy9/quiz.py": QUIZ,
    "course_utils/doubling.py": LIBRARY,
    "tests/answers/atoy9.py": ANSWERS,
}


@pytest.fixture(scope="module")
def clone(tmp_path_factory) -> Path:
    """This repository without its notebooks, with one lesson more, which was built and executed."""
    root = tmp_path_factory.mktemp("clone")
    for name in COPIED:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints"))
        else:
            shutil.copy(ROOT / name, root / name)
    (root / "data").symlink_to(ROOT / "data")
    for name, text in PLACES.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    with (root / "course.toml").open("a", encoding="utf-8") as file:
        file.write(ENTRY)
    python(root, "-m", "course_utils", "run", "atoy9", "--update")
    return root


def python(root: Path, *arguments: str) -> str:
    """Run Python in the clone, with the clone's library, and return what it prints. It must not fail."""
    own = {"PYTHONPATH": str(root), "COURSE_HOME": str(root / "home"), "COURSE_RUNS": str(root / "runs")}
    environment = {name: value for name, value in os.environ.items() if name != "PYTEST_CURRENT_TEST"} | own
    done = subprocess.run([sys.executable, *arguments], cwd=root, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_its_notebooks_are_built_and_nothing_is_left_to_do(clone):
    learner = nbformat.read(clone / "notebooks/course9_toys/atoy9_doubling.ipynb", as_version=4)
    assert 'raise NotImplementedError("atoy9.doubled")' in "".join(cell.source for cell in learner.cells)
    assert learner.metadata.course.exercises == ["atoy9.doubled"]
    assert "wrote" not in python(clone, "-m", "course_utils", "build")
    python(clone, "-m", "course_utils", "build", "--check")


def test_the_lesson_before_it_links_to_it(clone):
    before = [entry for entry in read_outline(clone) if not entry.beside][-2]
    notebook = (clone / "notebooks" / before.source).with_suffix(".ipynb")
    assert "next: [Doubling](../course9_toys/atoy9_doubling.ipynb)" in notebook.read_text(encoding="utf-8")


def test_readme_shows_what_its_run_measured(clone):
    (row,) = [line for line in (clone / "README.md").read_text(encoding="utf-8").split("\n") if "[Doubling]" in line]
    assert "(notebooks/course9_toys/atoy9_doubling.ipynb)" in row
    assert row.split(" | ")[1] == "7"
    assert row.endswith("| twice one is 2 |")


def test_the_list_and_the_map_show_it_after_the_others(clone):
    assert python(clone, "-m", "course_utils", "list").splitlines()[-1].split()[:2] == ["atoy9", "Doubling"]
    shown = python(clone, "-c", "from course_utils.widgets import lesson_map; lesson_map('notebooks')")
    assert [line.split()[0] for line in shown.splitlines()] == [entry.id for entry in read_outline(clone)]
    assert shown.splitlines()[-1].split() == ["atoy9", "Doubling", "7", "min", "0", "of", "1", "solved"]


def test_its_answers_are_tested(clone):
    shown = python(clone, "-m", "pytest", "-v", "-p", "no:cacheprovider", "tests/test_checks.py", "-k", "atoy9")
    passed = [line.split("::")[1].split("[")[0] for line in shown.splitlines() if " PASSED " in line]
    assert passed.count("test_a_right_answer_passes_however_it_is_written") == 2
    assert passed.count("test_a_named_mistake_gets_its_own_message") == ANSWERS.count(".wrong(")
    assert passed.count("test_a_wrong_answer_that_nobody_listed_is_refused") == ANSWERS.count(".refused(")
