"""What the checks of every lesson must do with answers as learners write them: the tables in ``tests/answers``."""

import ast
from pathlib import Path

import pytest
import torch
from answers import all_tables, parameters
from answers.c1w4b_directions import DIRECTION_BY_REGRESSION, ORTHOGONALISE

from course_utils.checks import examine, exercises_of, find, mistakes
from course_utils.outline import read_outline

TABLES = all_tables()
LESSONS = [entry.id for entry in read_outline(Path(__file__).parents[1])]
CHECKS = sorted((Path(__file__).parents[1] / "course_utils/lessons").glob("*/checks.py"))
GIVEN = {
    "lesson": LESSONS,
    "table": [pytest.param(table, id=table.exercise) for table in TABLES],
    "right": parameters(TABLES, "right"),
    "wrong": parameters(TABLES, "wrong"),
    "refused": parameters(TABLES, "refused"),
}


def pytest_generate_tests(metafunc):
    """A test that takes a ``lesson`` runs for each lesson, one that takes a ``wrong`` answer for each of these, and so on."""
    for name in GIVEN.keys() & set(metafunc.fixturenames):
        metafunc.parametrize(name, GIVEN[name])


@pytest.fixture(autouse=True)
def one_thread():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def test_every_exercise_of_the_lesson_has_a_table(lesson):
    exercises = exercises_of(lesson)
    tables = [table.exercise for table in TABLES if table.exercise.startswith(f"{lesson}.")]
    assert sorted(e.id for e in exercises) == sorted(tables)
    assert sum(len(e.mistakes) for e in exercises) >= min(8, 3 * len(exercises))


@pytest.mark.parametrize("path", CHECKS, ids=lambda path: path.parent.name)
def test_no_name_is_bound_twice_beside_a_table(path):
    """Functions look names up when they run: the later value would stand where the earlier one is meant."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    targets = [t for node in tree.body if isinstance(node, ast.Assign) for target in node.targets for t in ast.walk(target)]
    bound = [t.id for t in targets if isinstance(t, ast.Name) and isinstance(t.ctx, ast.Store)]
    bound += [node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)]
    assert sorted(set(bound)) == sorted(bound)


def test_every_table_belongs_to_a_lesson():
    assert {table.exercise.split(".")[0] for table in TABLES} <= set(LESSONS)


def test_a_mistake_that_is_only_a_symptom_is_written_out(table):
    symptoms = {m.id for m in find(table.exercise).mistakes if not m.programs}
    assert symptoms <= {a.mistake for a in table.all_wrong}, "an edit is its own proof, a symptom needs an answer"
    assert len(table.all_right) >= 2


def test_a_named_mistake_gets_its_own_message(wrong):
    report = examine(wrong.candidate, wrong.exercise)
    assert report.verdict in ("wrong", "raised")
    assert wrong.mistake in report.mistakes, report
    assert len(report.details) == len(report.mistakes) <= 3


def test_a_right_answer_passes_however_it_is_written(right):
    report = examine(right.candidate, right.exercise)
    assert report.verdict == "passed", report


def test_a_wrong_answer_that_nobody_listed_is_refused(refused, monkeypatch):
    """With the verdict alone: to look for a name that is not there takes seconds each time."""
    monkeypatch.setattr(mistakes, "SLIPS", 0.0)
    monkeypatch.setattr(mistakes, "SECONDS", 0.0)
    report = examine(refused.candidate, refused.exercise)
    assert report.verdict in ("wrong", "raised"), report
    assert report.summary


def test_an_answer_that_changes_its_arguments_does_not_spoil_the_diagnosis_of_the_next():
    for table in (DIRECTION_BY_REGRESSION, ORTHOGONALISE):
        for answer in (a for a in table.all_wrong if a.mistake == "changes_input"):
            examine(answer.candidate, answer.exercise)
        for answer in table.all_wrong:
            assert answer.mistake in examine(answer.candidate, answer.exercise).mistakes
