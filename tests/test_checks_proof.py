"""The checks prove themselves: tests that run for every exercise of every lesson without being written for it."""

import re
import tomllib
from pathlib import Path

import pytest
from answers import stub, written

from course_utils import lessons
from course_utils.checks import examine, exercises_of, find
from course_utils.checks.engine import judge, refused
from course_utils.checks.mistakes import as_told
from course_utils.checks.programs import compiled, unbound
from course_utils.checks.sandbox import run_guarded
from course_utils.checks.slips import slips

LESSONS = sorted(folder.name for folder in Path(lessons.__path__[0]).iterdir() if (folder / "checks.py").exists())
EXERCISES = [e.id for name in LESSONS for e in exercises_of(name.removeprefix("l") if name[1:].isdigit() else name)]
PROGRAMS = [(name, number) for name in EXERCISES for number in range(len(find(name).book.programs))]
# mutants that no case could ever tell from the reference, each with the reason
EQUIVALENT = tomllib.loads((Path(__file__).parent / "equivalent_mutants.toml").read_text())


CALLS_THE_REST_RIGHT = re.compile(
    r"(Right for|[^.:;[]* (is|are|moves?) (right|correctly|as it should))[^.:;]*?(, but (?!not |of |a tensor)|; only )"
)


def mutants(reference: str):
    """(what was changed, the program) of every usual mutant of a reference that is still Python."""
    for slip in slips(reference):
        if slip.usual:
            try:
                yield slip.label, compiled(reference, slip.code)
            except (SyntaxError, NameError, TypeError, ValueError):
                continue


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
def test_a_message_that_begins_by_calling_the_rest_right_marks_it(exercise):
    book = find(exercise).book
    assert [m.id for m in (*book.own, *book.generic) if CALLS_THE_REST_RIGHT.match(m.message)] == []


@pytest.mark.parametrize("exercise", EXERCISES)
def test_the_stub_is_not_attempted(exercise):
    report = examine(written(stub(exercise), exercise), exercise)
    assert report.verdict == "not attempted"
    assert report.mistakes == ()


@pytest.mark.parametrize(("exercise", "number"), PROGRAMS)
def test_a_wrong_program_has_its_own_message_and_no_other(exercise, number):
    """One in five is looked at anew; of the others the look is taken that the diagnosis of any answer takes."""
    named = find(exercise)
    _, found, program = named.book.programs[number]
    if number % 5:
        seen = run_guarded(lambda: {case.name: program.look(case) for case in named.cases}, named.seconds).value
        report = judge(program.candidate, exercise, seen)
    else:
        report = examine(program.candidate, exercise)
    assert report.verdict in ("wrong", "raised"), f"{program.edits} is not refused"
    assert report.mistakes == (found.id,), program.edits
    assert report.details == as_told((found,))
    assert not unbound(named.reference, program.text), "a name that is bound nowhere"


@pytest.mark.parametrize("exercise", EXERCISES)
def test_generic_mutants_are_refused(exercise):
    listed = EQUIVALENT.get(exercise, {})
    made = dict(mutants(find(exercise).reference))
    passing = {label for label, candidate in made.items() if not refused(candidate, exercise)}
    assert passing == set(listed), "these pass and are not listed as equivalent, or are listed and do not pass"


def test_a_slip_that_no_table_lists_is_told_as_what_stands_where():
    def to_float(images):
        return images.float() / 127.5 + 1

    report = examine(to_float, "00.to_float")
    assert report.mistakes == ("missing_error", "slip")
    assert "`+` stands where `-` belongs" in report.details[1]


def test_equivalent_mutants_have_a_reason():
    assert set(EQUIVALENT) <= set(EXERCISES)
    assert all(len(reason) > 10 for listed in EQUIVALENT.values() for reason in listed.values())
