"""Exercises that name cases: what is said while names are missing, and that no right name is given away."""

import sys

import pytest

import course_utils.checks as checks
from course_utils.checks import engine, mistake
from course_utils.checks.naming import Naming

ID = "toy.diagnose"
KEY = {"run A": "red", "run B": "green", "run C": "blue", "run D": "black"}
NAMES = ("red", "green", "blue", "black", "white")


def diagnose(run):
    return KEY[run]


@pytest.fixture(autouse=True)
def toy(monkeypatch):
    monkeypatch.setitem(sys.modules, "course_utils.lessons.toy.checks", type(sys)("checks"))
    named = Naming("run", tuple(KEY), NAMES, diagnose)
    alike = mistake("same_for_all", "All alike.", symptom=named.all_alike)
    mistakes = named.mistakes(alike, against=lambda run, name: f"{run} is not {name}.")
    checks.exercise(ID, f"{__name__}:diagnose", cases=(named.case,), mistakes=mistakes)
    yield
    del engine._REGISTRY[ID]


def examine(candidate):
    return checks.examine(candidate, ID)


def test_all_names_right_pass():
    assert examine(lambda run: KEY[run]).passed


@pytest.mark.parametrize("nothing", [..., "", " "])
def test_nothing_named_is_not_attempted(nothing):
    report = examine(lambda run: nothing)
    assert (report.verdict, report.mistakes) == ("not attempted", ())
    assert report.summary == "There is nothing to judge yet: none of the four runs has a name."


SO_FAR = {
    "A": "Run B, run C and run D have no name yet. The one that has a name is right.",
    "AB": "Run C and run D have no name yet. Of the two that have one, both are right.",
    "ABC": "Run D has no name yet. Of the three that have one, all are right.",
    "BCD": "Run A has no name yet. Of the three that have one, all are right.",
}


@pytest.mark.parametrize("letters", SO_FAR)
@pytest.mark.parametrize("missing", [None, ..., "", KeyError])
def test_what_has_no_name_yet_is_told(letters, missing):
    names = {run: name if run[-1] in letters else missing for run, name in KEY.items()}
    if missing is KeyError:
        names = {run: name for run, name in names.items() if name is not KeyError}
    report = examine(lambda run: names[run])
    assert (report.verdict, report.mistakes) == ("wrong", ("no_name_yet",))
    assert report.details == (SO_FAR[letters],)


def test_a_branch_that_is_missing_is_a_name_that_is_missing():
    def with_if(run):
        if run == "run A":
            name = "red"
        return name

    assert examine(with_if).details == (SO_FAR["A"],)


@pytest.mark.parametrize(
    ("names", "so_far", "ids"),
    [
        ({"run A": "white"}, "The one that has a name is wrong.", ("run_A_called_something_else",)),
        ({"run A": "wite"}, "The one that has a name is wrong.", ("unknown_name",)),
        ({"run A": "red", "run C": "red"}, "Of the two that have one, one is right.", ("run_C_called_something_else",)),
        ({"run A": "blue", "run C": "red"}, "Of the two that have one, none is right.", ("run_A_called_something_else",)),
    ],
)
def test_a_wrong_name_among_few_is_explained_too(names, so_far, ids):
    report = examine(names.get)
    assert report.mistakes == ("no_name_yet", *ids)
    assert report.details[0].endswith(so_far)


def test_how_many_are_wrong_is_told_once_all_have_a_name():
    report = examine((KEY | {"run A": "white", "run D": "white"}).get)
    assert report.details == ("Two of the four names are wrong; here is one. run A is not white.",)
    assert examine((KEY | {"run D": "white"}).get).details == ("run D is not white.",)


@pytest.mark.parametrize(
    ("candidate", "verdict", "ids"),
    [
        (lambda run: None, "wrong", ("no_return",)),
        (lambda run: KEY, "wrong", ("whole_table",)),
        ({"A": "red"}.__getitem__, "raised", ("no_such_key",)),
        (lambda run: "red", "wrong", ("same_for_all",)),
        (lambda run: names[run], "raised", ()),  # noqa: F821 - a table of another name
        (lambda run: (KEY | {"run A": 3})[run], "wrong", ()),
    ],
)
def test_what_is_no_missing_name(candidate, verdict, ids):
    report = examine(candidate)
    assert (report.verdict, report.mistakes) == (verdict, ids)


def test_who_returns_the_whole_table_is_told_to_look_up_the_argument_of_the_function():
    """A case may be a "set", and the function's argument "pieces": `names[set]` would be another mistake."""
    usual = Naming("set", tuple(KEY), NAMES, diagnose).mistakes(against=lambda run, name: "")
    (message,) = [m.message for m in usual if m.id == "whole_table"]
    assert message.endswith("Asked for is the name of one set: look it up, as in `names[run]`.")
