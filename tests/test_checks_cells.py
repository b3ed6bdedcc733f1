"""Cells that do not run, in an IPython shell of their own."""

import pytest
from IPython.core.interactiveshell import InteractiveShell

from course_utils.checks import cells, check, find
from course_utils.checks.cells import NotRun

ID = "00.to_float"
GOOD = "def to_float(images):\n    return images.float() / 127.5 - 1"
NOT_PYTHON = "def to_float(images):\n    return images.float( / 127.5 - 1"
ENDS_EARLY = "1 / 0\n" + GOOD
ENDS_LATE = GOOD + "\nto_float(1)"


@pytest.fixture
def shell(capsys):
    shell = InteractiveShell()
    cells.watch(shell)
    return shell


def after(shell, *texts):
    for text in texts:
        shell.run_cell(text)
    return shell.user_ns.get("to_float")


def test_what_a_cell_with_a_syntax_error_should_have_defined_is_told(shell, capsys):
    found = after(shell, NOT_PYTHON)
    capsys.readouterr()
    assert check(found, ID) is find(ID).load_reference()
    told = " ".join(capsys.readouterr().out.split())
    assert "not Python yet" in told
    assert "in line 2: `return images.float( / 127.5 - 1`" in told


@pytest.mark.parametrize("broken", [NOT_PYTHON, ENDS_EARLY])
def test_an_older_definition_is_not_judged_in_its_place(shell, broken):
    assert isinstance(after(shell, GOOD, broken), NotRun)


def test_a_cell_that_fails_before_its_definition_says_with_what(shell, capsys):
    found = after(shell, ENDS_EARLY)
    assert "ZeroDivisionError: division by zero" in found.reason
    with pytest.raises(RuntimeError, match="ZeroDivisionError"):
        found(1)


@pytest.mark.parametrize(
    "cell", [GOOD.replace("to_float", "to_floats"), GOOD + "\ndel to_float", "", "to_float: object = nothing"]
)
def test_a_name_that_no_cell_defined_is_told_and_ends_nothing(shell, cell, capsys):
    shell.user_ns["check"] = check
    after(shell, cell)
    done = shell.run_cell(f'to_float = check(to_float, "{ID}")')
    assert done.success
    assert shell.user_ns["to_float"] is find(ID).load_reference()
    assert "There is no `to_float`." in capsys.readouterr().out


@pytest.mark.parametrize(
    "broken",
    [
        "to_float = lambda images: images.float( / 127.5",
        "async def to_float(images):\n    return images.float( / 127.5",
        "import sys\nsys.exit()\n" + GOOD,
        GOOD + "\n\0",
    ],
)
def test_other_ways_to_break_a_cell(shell, broken, capsys):
    found = after(shell, GOOD, broken)
    assert isinstance(found, NotRun)
    assert "None" not in found.reason


def test_what_was_defined_before_the_error_is_judged(shell):
    assert after(shell, ENDS_LATE).__name__ == "to_float"


def test_a_cell_that_runs_and_an_interrupt_bind_nothing(shell):
    assert after(shell, GOOD).__name__ == "to_float"
    shell.run_cell("raise KeyboardInterrupt\ndef other(): pass")
    assert "other" not in shell.user_ns
