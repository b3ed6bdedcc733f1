"""What the lesson on bias promises of its dial, its judges and its six cases."""

import pytest
import torch

from course_utils.checkpoints import portraits_dialled as dialled
from course_utils.datasets import portraits
from course_utils.lessons.c2w2a import cases, judging
from course_utils.lessons.c2w2a.exercises import CASES, CAUSES, NAMES, diagnose
from course_utils.metrics.bias import attributes_together

PAIR = [portraits.NAMES.index(name) for name in dialled.PAIR]


@pytest.mark.parametrize("dial", [*dialled.DIALS, 1.0])
def test_the_dial_is_the_correlation(dial):
    table, _ = dialled.table(20_000, 5, dial)
    assert attributes_together(table[:, PAIR])[1][0, 1].item() == pytest.approx(dial, abs=0.025)
    assert table[:, PAIR].mean(dim=0).tolist() == pytest.approx([0.4, 0.4], abs=0.015)


def test_the_dial_moves_glasses_only():
    (a, b), (c, d) = dialled.table(500, 5, 0.0), dialled.table(500, 5, 0.9)
    differ = (a != c).any(dim=0).nonzero().flatten().tolist()
    assert differ == [portraits.NAMES.index("glasses")]
    assert torch.equal(b, d)


@pytest.mark.parametrize("dial", [-0.1, 1.1])
def test_another_dial_is_refused(dial):
    with pytest.raises(ValueError, match=f"dial: expected a number from 0 to 1, got {dial}"):
        dialled.table(5, 0, dial)


def test_tossed_answers_are_right_as_often_as_asked():
    truth = cases.pair(20_000, 0.5, torch.Generator().manual_seed(0))
    right = (judging.tossed_answers(truth, (0.97, 0.8), seed=1) == truth).double().mean(dim=0)
    assert right.tolist() == pytest.approx([0.97, 0.8], abs=0.01)


def test_errors_are_counted_in_the_corner_where_they_are_made():
    truth = torch.tensor([[0, 0], [0, 1], [1, 0], [1, 1], [1, 1]]).float()
    answers = torch.tensor([[0, 1], [0, 1], [0, 0], [1, 1], [1, 0]]).float()
    assert judging.errors_by_other(answers, truth).tolist() == [[0, 1], [0, 0], [1, 0], [0, 0.5]]


def test_the_six_cases_fit_on_a_page_of_800_pixels():
    printed = cases.tell_all({case: cases.tell(CAUSES[case]) for case in CASES}).splitlines()
    assert len(printed) == 1 + len(CASES)
    assert max(map(len, printed)) <= 78
    assert not any(name in line for line in printed for name in NAMES)


def errors_apart(one: tuple[float, float], other: tuple[float, float]) -> float:
    return abs(one[0] - other[0]) / max((one[1] ** 2 + other[1] ** 2) ** 0.5, 1e-9)


@pytest.mark.parametrize("case", CASES)
def test_the_numbers_of_a_case_say_its_name(case):
    """Going along the row, the first jump of more than two standard errors is at the station of the key."""
    told = cases.tell(CAUSES[case])
    exact = (told.trained, 0.0)
    if abs(told.trained - told.population) > 0.01:
        found = "the data"
    elif abs(told.read_at_zero) > 0.05 or (errors_apart(told.raw, exact) > 2 > errors_apart(told.corrected, exact)):
        found = "the judge"
    elif errors_apart(told.corrected, exact) > 2:
        found = "the generator"
    elif errors_apart(told.truncated, told.corrected) > 2:
        found = "the truncation"
    else:
        found = "chance"
    assert found == diagnose(case)
    assert found in NAMES
