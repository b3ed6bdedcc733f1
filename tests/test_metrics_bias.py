"""Attributes that go together, amplification, the judge's correction, the parity gap: against other ways of computing them."""

import math

import numpy as np
import pytest
import torch
from seeded import randn

from course_utils.metrics.bias import amplification, attributes_together, correct_for_judge, judge_rates, parity_gap


def test_covariance_and_correlation_are_those_of_numpy():
    table = randn(50, 4) @ randn(4, 4, seed=1) + 3
    covariance, correlation = attributes_together(table)
    np.testing.assert_allclose(covariance, np.cov(table.T.numpy()), rtol=1e-10)
    np.testing.assert_allclose(correlation, np.corrcoef(table.T.numpy()), rtol=1e-10)
    assert covariance.dtype == correlation.dtype == torch.float64


def test_amplification_is_a_mean_with_its_standard_error():
    gap, error = amplification(torch.tensor([0.5, 0.7, 0.9]), 0.6)
    assert gap == pytest.approx(0.1)
    assert error == pytest.approx(0.2 / math.sqrt(3))


def counted(shares: torch.Tensor, n: int = 10_000) -> torch.Tensor:
    """Answers (n, 2) in which each corner (i, j) occurs n * shares[i, j] times."""
    counts = (n * shares).round().long()
    rows = [torch.tensor([[i, j]]).expand(counts[i, j], 2) for i in range(2) for j in range(2)]
    return torch.cat(rows).float()


@pytest.mark.parametrize("rates", [((0.97, 0.97), (0.95, 0.95)), ((0.9, 0.8), (1.0, 0.7)), ((0.2, 0.1), (0.9, 0.9))])
def test_the_correction_inverts_two_confusion_matrices(rates):
    truth = torch.tensor([[0.5, 0.1], [0.1, 0.3]], dtype=torch.float64)
    first, second = (torch.tensor([[a0, 1 - a0], [1 - a1, a1]], dtype=torch.float64) for a0, a1 in rates)
    said = first.T @ truth @ second  # shares of the answers, if errors are independent
    share_a, share_b, correlation = correct_for_judge(counted(said), *rates)
    assert (share_a, share_b) == (pytest.approx(0.4, abs=1e-3), pytest.approx(0.4, abs=1e-3))
    assert correlation == pytest.approx((0.3 - 0.16) / 0.24, abs=2e-3)


def test_a_judge_shrinks_the_covariance_by_both_slopes():
    truth = torch.tensor([[0.5, 0.1], [0.1, 0.3]], dtype=torch.float64)
    first, second = (torch.tensor([[a, 1 - a], [1 - a, a]], dtype=torch.float64) for a in (0.97, 0.95))
    said = counted(first.T @ truth @ second)
    read, true = (attributes_together(answers)[0][0, 1].item() for answers in (said, counted(truth)))
    assert read / true == pytest.approx(0.94 * 0.90, abs=2e-3)


def test_rates_of_a_judge():
    answers, truth = torch.tensor([0, 0, 1, 1, 0, 1.0]), torch.tensor([0, 0, 0, 1, 1, 1.0])
    assert judge_rates(answers, truth) == (pytest.approx(2 / 3), pytest.approx(2 / 3))


def test_parity_gap_is_the_difference_of_the_extreme_rates():
    decisions = torch.tensor([1, 0, 0, 0, 1, 1, 1, 0, 1.0])
    groups = torch.tensor([0, 0, 0, 0, 1, 1, 5, 5, 5])
    by_hand = {
        g: np.mean([d for d, h in zip(decisions.tolist(), groups.tolist(), strict=True) if h == g]) for g in (0, 1, 5)
    }
    assert parity_gap(decisions, groups) == pytest.approx(max(by_hand.values()) - min(by_hand.values()))


def test_for_two_equally_frequent_attributes_the_gap_is_the_correlation():
    answers = counted(torch.tensor([[0.5, 0.1], [0.1, 0.3]]))
    correlation = attributes_together(answers)[1][0, 1].item()
    assert parity_gap(answers[:, 1], answers[:, 0].long()) == pytest.approx(correlation, abs=1e-6)


YES = torch.tensor([1.0, 0.0, 1.0])
FAIR = (0.9, 0.9)


@pytest.mark.parametrize(
    ("ask", "words"),
    [
        (lambda: attributes_together(randn(1, 2)), "attributes: expected at least 2 rows for a covariance, got 1"),
        (
            lambda: attributes_together(torch.ones(4, 2)),
            r"attributes: expected columns that vary, got constant ones: \[0, 1\]",
        ),
        (
            lambda: amplification(torch.tensor([0.3]), 0.2),
            "generated: expected one number for each of 2 or more seeds, got 1",
        ),
        (
            lambda: correct_for_judge(YES[:, None], FAIR, FAIR),
            r"answers: expected \(N, 2\) with at least 2 rows, got \(3, 1\)",
        ),
        (lambda: correct_for_judge(torch.full((4, 2), 0.5), FAIR, FAIR), "answers: expected 0 and 1 only"),
        (
            lambda: correct_for_judge(torch.eye(2), (0.9, 1.2), FAIR),
            r"rates_a: expected two numbers from 0 to 1, got \(0.9, 1",
        ),
        (lambda: correct_for_judge(torch.eye(2), FAIR, (0.4, 0.6)), "rates_b: expected a judge that does not guess"),
        (
            lambda: correct_for_judge(torch.eye(2), FAIR, (0.4, 0.9)),
            "rates_b: expected rates that belong to the answers",
        ),
        (lambda: judge_rates(YES, torch.ones(3)), "truth: expected both 0 and 1"),
        (
            lambda: judge_rates(YES, torch.ones(4)),
            r"answers: expected one for each truth \(N,\), got \(3,\) and \(4,\)",
        ),
        (lambda: judge_rates(2 * YES, YES), "answers: expected 0 and 1 only"),
        (lambda: parity_gap(YES, torch.zeros(3)), "groups: expected two groups or more, got 1"),
        (lambda: parity_gap(YES, torch.zeros(2)), r"groups: expected one for each decision, got \(2,\) for \(3,\)"),
        (lambda: parity_gap(YES / 2, torch.arange(3)), "decisions: expected 0 and 1 only"),
    ],
)
def test_what_cannot_be_measured_is_refused_by_name(ask, words):
    with pytest.raises(ValueError, match=words):
        ask()
