"""The checks prove themselves: tests that run for every exercise of every lesson without being written for it."""

import functools
import tomllib
from pathlib import Path

import pytest
from answers import stub, written
from mutants import mutants

from course_utils import lessons
from course_utils.checks import examine, exercises_of, find

LESSONS = sorted(folder.name for folder in Path(lessons.__path__[0]).iterdir() if (folder / "checks.py").exists())
EXERCISES = [e.id for name in LESSONS for e in exercises_of(name.removeprefix("l") if name[1:].isdigit() else name)]
PROGRAMS = [(name, number) for name in EXERCISES for number in range(len(find(name).book.programs))]
# mutants that no case could ever tell from the reference, each with the reason
EQUIVALENT = tomllib.loads((Path(__file__).parent / "equivalent_mutants.toml").read_text())


@functools.cache
def _mutants(exercise: str) -> list:
    return mutants(find(exercise).reference)


def test_lessons_are_found():
    assert len(EXERCISES) > 40


@pytest.mark.parametrize("exercise", EXERCISES)
def test_the_reference_passes(exercise):
    report = examine(find(exercise).load_reference(), exercise)
    assert report.verdict == "passed", report


@pytest.mark.parametrize("exercise", EXERCISES)
def test_the_reference_raises_what_its_docstring_promises_and_nothing_else(exercise):
    """A case in which the reference fails by accident would call every candidate right that fails alike."""
    kinds = {seen.facts.get("the exception", "") for seen in find(exercise).wanted.values()}
    assert kinds <= {"", "ValueError", "any"}


@pytest.mark.parametrize("exercise", EXERCISES)
def test_the_stub_is_not_attempted(exercise):
    report = examine(written(stub(exercise), exercise), exercise)
    assert report.verdict == "not attempted"
    assert report.mistakes == ()


@pytest.mark.parametrize(("exercise", "number"), PROGRAMS)
def test_a_wrong_program_has_its_own_message_and_no_other(exercise, number):
    _, found, program = find(exercise).book.programs[number]
    report = examine(program.candidate, exercise)
    assert report.verdict in ("wrong", "raised"), f"{program.edits} is not refused"
    assert report.mistakes == (found.id,), program.edits
    assert report.details == (found.message,)


@pytest.mark.parametrize("exercise", EXERCISES)
def test_generic_mutants_are_refused(exercise):
    listed = EQUIVALENT.get(exercise, {})
    made = dict(_mutants(exercise))
    passing = {label for label, candidate in made.items() if examine(candidate, exercise).passed}
    assert passing == set(listed), "these pass and are not listed as equivalent, or are listed and do not pass"


def test_equivalent_mutants_have_a_reason():
    assert set(EQUIVALENT) <= set(EXERCISES)
    assert all(len(reason) > 10 for listed in EQUIVALENT.values() for reason in listed.values())
