"""Tables: the six evaluations of the diagnosis show what their names say, and the report's numbers are bounded."""

import math

import pytest

from course_utils.datasets import insurance
from course_utils.lessons.c4w1a.exercises import CASES, CLUES, NAMES, diagnose, evaluate
from course_utils.lessons.c4w1a.report import HEADING, UP_TO_AUC, held_out, report

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
    assert numbers["drops rare values"][3] > 1.8 * sound[3]  # of the whole table six times: there the floor is lower


def test_real_rows_are_the_floors(table):
    train, test = insurance.split(table)
    reals, floor = report(train, train, test, DISCRETE), held_out(train, test, DISCRETE)
    assert reals.closest == 0
    assert reals.copies == 1
    assert 0 < reals.ks < 0.1  # real rows of other persons, not the rows themselves
    assert 0 < reals.correlation < 0.1
    assert floor.closest > 0
    assert [math.isnan(value) for value in floor] == [True] * 5 + [False] * 2
    assert str(floor).split() == ["–"] * 5 + [f"{floor.closest:.4f}", "5.0%"]
    assert len(str(floor)) == len(str(reals)) == len(HEADING) - 24
    assert len(HEADING) <= 78  # a wider line is broken on a small screen
    assert reals.up_to_auc == str(reals)[: len(UP_TO_AUC) - 24]


def test_columns_pairs_and_auc_are_measured_on_the_test_rows(table):
    train, test = insurance.split(table)
    found = report(test, train, test, DISCRETE)
    assert found[:4] == (0, 0, 0, 0)
    assert found.closest > 0
