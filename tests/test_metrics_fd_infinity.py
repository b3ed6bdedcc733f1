"""FD-infinity takes the bias of few samples out."""

import math

import numpy as np
import pytest
import torch
from seeded import randn

from course_utils import metrics


def average(values):
    """Mean and four standard errors of it."""
    return np.mean(values), 4 * np.std(values, ddof=1) / len(values) ** 0.5


def test_extrapolation_takes_the_bias_out():
    """Both sets from N(0, I_8): the plain distance is the predicted bias, and the extrapolated one is free of it."""
    d, n, m = 8, 1000, 800
    per_sample = d + d * (d + 1) / 4
    pairs = [(randn(n, d, seed=2 * s), randn(m, d, seed=2 * s + 1)) for s in range(60)]
    plain, error = average([metrics.frechet_distance(x, y) for x, y in pairs])
    assert abs(plain - per_sample * (1 / n + 1 / m)) < error < 0.01
    generator = torch.Generator().manual_seed(0)
    both, error = average(
        [metrics.frechet_distance_infinity(x, y, 8, both=True, generator=generator) for x, y in pairs]
    )
    assert abs(both) < error < 0.02  # the plain bias is 0.0585
    left, error = average([metrics.frechet_distance_infinity(x, y, 8, generator=generator) for x, y in pairs])
    assert abs(left - per_sample / m) < error < 0.02  # what the size of the reference leaves


def test_extrapolation_of_a_true_distance():
    """N(0, I) against N(1, 4 I) in 4 dimensions is at 4 + 4 (2 - 1)^2 = 8."""
    generator = torch.Generator().manual_seed(0)
    pairs = [(randn(1000, 4, seed=2 * s), 2 * randn(1000, 4, seed=2 * s + 1) + 1) for s in range(40)]
    found, error = average([metrics.frechet_distance_infinity(*p, 8, both=True, generator=generator) for p in pairs])
    assert abs(found - 8) < error < 0.5


def test_extrapolation_is_reproducible_and_survives_few_samples():
    x, y = randn(50, 30), randn(40, 30, seed=1)  # rank-deficient subsets
    values = [
        metrics.frechet_distance_infinity(x, y, points=4, generator=torch.Generator().manual_seed(3)) for _ in range(2)
    ]
    assert values[0] == values[1]
    assert math.isfinite(values[0])
    assert metrics.frechet_distance_infinity(torch.ones(30, 2), torch.ones(30, 2)) == pytest.approx(0, abs=1e-12)


def test_the_line_is_that_of_numpy():
    sizes, distances = torch.tensor([100, 200, 400, 1000]), torch.tensor([3.0, 2.2, 1.7, 1.5])
    expected = np.polyfit(1 / sizes.numpy(), distances.numpy(), 1)[1]
    assert metrics.extrapolate(sizes, distances) == pytest.approx(expected, rel=1e-9)
    assert metrics.extrapolate(sizes, 2 + 30 / sizes) == pytest.approx(2, rel=1e-6)
