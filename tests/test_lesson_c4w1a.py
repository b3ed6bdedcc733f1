"""Tables: the six evaluations of the diagnosis show what their names say, and the report's numbers are bounded."""

import pytest

from course_utils.datasets import insurance
from course_utils.lessons.c4w1a.exercises import CASES, CLUES, NAMES, diagnose, evaluate
from course_utils.lessons.c4w1a.report import report

DISCRETE = ["site", "coinsurance", "deductible", "year", "sex", "health", "limited"]


@pytest.fixture(scope="module")
def table():
    whole = insurance.load()
    return whole[whole["person"] % 5 == 0]


@pytest.fixture(scope="module")
def numbers(table):
    return {diagnose(case): evaluate(case, table, DISCRETE) for case in CASES}


def test_every_case_has_a_name_of_its_own_and_a_clue():
    assert len({diagnose(case) for case in CASES}) == len(CASES)
    assert {diagnose(case) for case in CASES} < set(NAMES)
    assert set(CLUES) == set(CASES)


def test_each_case_stands_out_where_its_clue_points(numbers):
    sound = numbers["sound"]
    assert numbers["copies rows"][6] == 0
    assert numbers["a person in both halves"][5] < 0.2 * sound[5]
    assert numbers["independent columns"][4] > 3 * sound[4]
    assert numbers["the answer among the inputs"][0] > sound[0] + 0.1
    assert numbers["drops rare values"][3] > 3 * sound[3]


def test_other_persons_are_the_floor(table):
    train, test = insurance.split(table)
    other, copies = (report(rows, train, test, DISCRETE) for rows in (test, train))
    assert copies.closest == 0
    assert copies.ks == 0
    assert copies.copies == 1
    assert 0.02 < other.copies < 0.08
    assert other.closest > 0
    assert len(str(other)) == len(str(copies))
