"""The kernel distance against closed forms, blocks and subsets."""

import numpy as np
import pytest
import torch
from seeded import randn

from course_utils import metrics
from course_utils.metrics import kid


def cubic_kernel_distance(mean, d):
    """Between N(0, I) and N(mean, I) in d dimensions, with s = |mean|^2."""
    s = mean.square().sum().item()
    return 3 * s / d + 3 * s**2 / d**2 + (s**3 + 6 * s**2 + 3 * s * d + 6 * s) / d**3


@pytest.mark.parametrize(("d", "shift"), [(1, 0.5), (4, 1.0), (16, 2.0), (16, 0.0)])
def test_kernel_distance_of_shifted_gaussians(d, shift):
    """The average of 60 independent estimates lies within four of its standard errors of the closed form."""
    mean = torch.full((d,), shift / d**0.5, dtype=torch.float64)
    values = [
        metrics.kernel_distance(randn(200, d, seed=2 * s), randn(150, d, seed=2 * s + 1) + mean) for s in range(60)
    ]
    error = np.std(values, ddof=1) / 60**0.5
    assert abs(np.mean(values) - cubic_kernel_distance(mean, d)) < 4 * error
    if shift:
        assert np.mean(values) == pytest.approx(cubic_kernel_distance(mean, d), rel=0.1)


def test_kernel_distance_by_hand():
    """x = 0, 2 and y = 1, 1 in one dimension: k = 1 off the diagonal in x, 8 in y, and 1, 1, 27, 27 across."""
    x, y = torch.tensor([[0.0], [2.0]]), torch.tensor([[1.0], [1.0]])
    assert metrics.kernel_distance(x, y) == pytest.approx(1 + 8 - 2 * 14, rel=1e-12)
    assert metrics.kernel_distance(x, y, degree=1, offset=0.0) == pytest.approx(0 + 1 - 2 * 1, rel=1e-12)


def test_kernel_distance_does_not_depend_on_the_block_size(monkeypatch):
    x, y = randn(70, 5), randn(50, 5, seed=1) + 0.3
    expected = metrics.kernel_estimate(x, y)
    for size in (1, 130, 999):
        monkeypatch.setattr(kid, "FLOATS_AT_ONCE", size)
        assert metrics.kernel_estimate(x, y) == pytest.approx(expected, rel=1e-10)
    assert metrics.kernel_distance(x, y) == pytest.approx(expected.value, rel=1e-10)


def test_kernel_distance_of_a_set_with_itself_and_of_constants():
    x = randn(40, 3)
    k = (x @ x.T / 3 + 1) ** 3
    off_diagonal = (k.sum() - k.trace()) / (40 * 39)
    assert metrics.kernel_distance(x, x) == pytest.approx(2 * (off_diagonal - k.mean()).item(), rel=1e-10)
    one = torch.ones(5, 3)
    assert metrics.kernel_distance(one, one) == pytest.approx(0, abs=1e-12)
    assert metrics.kernel_distance(one, torch.zeros(4, 3)) == pytest.approx(8 + 1 - 2, rel=1e-12)
    assert metrics.kernel_estimate(one, torch.zeros(4, 3)).variance == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("shift", [0.0, 0.2, 1.0])
def test_the_variance_of_the_kernel_distance(shift):
    """On average it is the variance of the estimate over new draws, also where first-order terms vanish."""
    found = [
        metrics.kernel_estimate(randn(40, 3, seed=2 * s), randn(30, 3, seed=2 * s + 1) + shift) for s in range(600)
    ]
    true = np.var([estimate.value for estimate in found], ddof=1)
    assert np.mean([estimate.variance for estimate in found]) == pytest.approx(true, rel=0.25)
    assert min(estimate.variance for estimate in found) > 0


def test_subsets_of_everything_have_no_spread_and_are_reproducible():
    x, y = randn(60, 4), randn(60, 4, seed=1) + 1
    mean, deviation = metrics.kernel_distance_subsets(x, y, subsets=3, size=60)
    assert mean == pytest.approx(metrics.kernel_distance(x, y), rel=1e-10)
    assert deviation == pytest.approx(0, abs=1e-10)
    draws = [metrics.kernel_distance_subsets(x, y, 5, 20, torch.Generator().manual_seed(s)) for s in (0, 0, 1)]
    assert draws[0] == draws[1] != draws[2]
    assert draws[0][1] > 0
