"""What the checks of every lesson must do with answers as learners write them. A lesson's test module holds

    from answers.contract import *
    LESSON, TABLES = "c1w1", (NOISE, ...)

and ``conftest.py`` runs each of these tests for each table, or each answer, of it.
"""

import pytest
import torch

from answers import stub, written
from course_utils.checks import examine, exercises_of, find

__all__ = [
    "one_thread",
    "test_a_named_mistake_gets_its_own_message",
    "test_a_right_answer_passes_however_it_is_written",
    "test_a_wrong_answer_that_nobody_listed_is_refused",
    "test_every_exercise_of_the_lesson_has_a_table",
    "test_every_named_mistake_is_written_out",
    "test_the_reference_passes",
    "test_the_stub_is_not_attempted",
]


@pytest.fixture(autouse=True)
def one_thread():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def test_every_exercise_of_the_lesson_has_a_table(lesson, tables):
    assert sorted(e.id for e in exercises_of(lesson)) == sorted(table.exercise for table in tables)
    assert sum(len(e.mistakes) for e in exercises_of(lesson)) >= 8


def test_the_reference_passes(table):
    report = examine(find(table.exercise).load_reference(), table.exercise)
    assert report.verdict == "passed", report


def test_the_stub_is_not_attempted(table):
    report = examine(written(stub(table.exercise), table.exercise), table.exercise)
    assert report.verdict == "not attempted"
    assert report.mistakes == ()


def test_every_named_mistake_is_written_out(table):
    assert {m.id for m in find(table.exercise).mistakes} == {a.mistake for a in table.all_wrong}
    assert len(table.all_right) >= 2


def test_a_named_mistake_gets_its_own_message(wrong):
    report = examine(wrong.candidate, wrong.exercise)
    assert report.verdict in ("wrong", "raised")
    assert report.mistakes == (wrong.mistake,), report
    message = next(m.message for m in find(wrong.exercise).mistakes if m.id == wrong.mistake)
    assert report.details == (message,)


def test_a_right_answer_passes_however_it_is_written(right):
    report = examine(right.candidate, right.exercise)
    assert report.verdict == "passed", report


def test_a_wrong_answer_that_nobody_listed_is_refused(refused):
    report = examine(refused.candidate, refused.exercise)
    assert report.verdict in ("wrong", "raised"), report
    assert report.summary
