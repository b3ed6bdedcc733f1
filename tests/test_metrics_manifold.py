"""Precision, recall, density and coverage against what they must be."""

import numpy as np
import pytest
import torch
from seeded import randn

from course_utils import metrics


@pytest.mark.parametrize(("n", "m", "k"), [(400, 400, 5), (400, 400, 1), (300, 100, 3)])
def test_density_and_coverage_of_one_distribution(n, m, k):
    """Within four standard errors over 25 draws of 1 and of the closed form, which is 1 - 2^-k for n = m large."""
    found = np.array(
        [metrics.density_coverage(randn(n, 4, seed=2 * s), randn(m, 4, seed=2 * s + 1), k) for s in range(25)]
    )
    error = found.std(axis=0, ddof=1) / 5
    density, coverage = found.mean(axis=0)
    assert abs(density - 1) < 4 * error[0]
    assert abs(coverage - metrics.expected_coverage(n, m, k)) < 4 * error[1]
    assert error.max() < 0.02
    assert metrics.expected_coverage(10**7, 10**7, k) == pytest.approx(1 - 2**-k, rel=1e-5)


def test_gaussians_in_many_dimensions():
    """In 1,000 dimensions a few points are neighbours of very many, and the expectations are still the same."""
    pairs = [(randn(300, 1000, seed=2 * s), randn(300, 1000, seed=2 * s + 1)) for s in range(12)]
    found = np.array([metrics.density_coverage(*pair, 5) + metrics.precision_recall(*pair, 5) for pair in pairs])
    error = found.std(axis=0, ddof=1) / 12**0.5
    density, coverage, precision, recall = found.mean(axis=0)
    assert abs(density - 1) < 4 * error[0]
    assert abs(coverage - metrics.expected_coverage(300, 300, 5)) < 4 * error[1]
    assert abs(precision - recall) < 4 * (error[2] + error[3])
    assert error.max() < 0.1


def test_dropped_modes_cost_recall_and_bad_samples_precision():
    left, right = randn(200, 2) * 0.1, randn(200, 2, seed=1) * 0.1 + 5
    both = torch.cat([left, right])
    half = randn(300, 2, seed=2) * 0.1
    precision, recall = metrics.precision_recall(both, half)
    assert precision > 0.9
    assert 0.4 < recall < 0.51
    density, coverage = metrics.density_coverage(both, half)
    assert density > 0.8
    assert 0.4 < coverage < 0.51
    wide = torch.cat([both, randn(400, 2, seed=3) * 0.1 - 20])
    precision, recall = metrics.precision_recall(both, wide)
    assert 0.4 < precision < 0.51
    assert recall > 0.9


@pytest.mark.parametrize("offset", [0.0, 1e4])
def test_copies_of_the_real_set(offset):
    """Ties are exact: the k-th neighbour is on the rim, which is outside."""
    real = randn(300, 20) + offset
    fake = real[torch.randperm(300, generator=torch.Generator().manual_seed(0))]
    assert metrics.precision_recall(real, fake) == (1.0, 1.0)
    assert metrics.density_coverage(real, fake) == (1.0, 1.0)


def test_constant_features():
    real, constant = randn(50, 3), torch.zeros(40, 3)
    precision, recall = metrics.precision_recall(real, constant)
    assert precision in (0.0, 1.0)
    assert recall == 0.0
    assert metrics.precision_recall(constant, constant) == (0.0, 0.0)  # every ball is empty
    assert metrics.density_coverage(constant, real) == (0.0, 0.0)
    assert metrics.density_coverage(real, real[:1].repeat(9, 1))[1] >= 1 / 50


@pytest.mark.parametrize(("n", "m"), [(1200, 700), (40, 1100)])
def test_balls_by_hand_and_in_parts(n, m):
    real, fake = randn(n, 3), randn(m, 3, seed=1) + 0.5
    balls, fakes = metrics.ball_counts(real, fake, 4)
    own = (real[:, None] - real).norm(dim=2).sort(dim=1).values[:, 4]
    inside = (fake[:, None] - real).norm(dim=2) < own
    assert torch.equal(balls, inside.sum(dim=1))
    assert torch.equal(fakes, inside.sum(dim=0))


def test_coverage_depends_on_both_counts():
    assert metrics.expected_coverage(5000, 1000) == pytest.approx(0.598, abs=5e-4)
    assert metrics.expected_coverage(1000, 1000) == pytest.approx(0.969, abs=5e-4)
