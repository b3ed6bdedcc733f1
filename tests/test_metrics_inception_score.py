"""The Inception Score of sure, undecided and real classifiers."""

import math

import pytest
import torch

from course_utils import metrics
from course_utils.datasets import digits, to_float


def test_inception_score_of_sure_and_of_undecided_classifiers():
    sure = torch.eye(7, dtype=torch.float64).repeat(20, 1)
    assert metrics.inception_score(sure, splits=10) == pytest.approx((7, 0), abs=1e-9)
    assert metrics.inception_score(torch.full((50, 7), 1 / 7), splits=5) == pytest.approx((1, 0), abs=1e-6)
    one_class = torch.eye(7)[:1].repeat(30, 1)
    assert metrics.inception_score(one_class, splits=3) == pytest.approx((1, 0), abs=1e-9)


def test_inception_score_between_them():
    """Each row gives 1 - e to its class and shares e among the others: log IS = log C - H(row)."""
    classes, e = 5, 0.2
    rows = torch.full((classes, classes), e / (classes - 1), dtype=torch.float64).fill_diagonal_(1 - e)
    entropy = -(1 - e) * math.log(1 - e) - e * math.log(e / (classes - 1))
    mean, deviation = metrics.inception_score(rows.repeat(8, 1), splits=4)
    assert mean == pytest.approx(classes * math.exp(-entropy), rel=1e-12)
    assert deviation == pytest.approx(0, abs=1e-12)


def test_inception_score_of_digits():
    score, _ = metrics.inception_score(metrics.digit_probabilities(to_float(digits.load("test").images)), splits=1)
    assert 9.3 < score <= 10
