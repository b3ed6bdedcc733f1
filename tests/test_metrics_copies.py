"""What tells copies of the training set from new images."""

import pytest
import torch
from scipy.stats import mannwhitneyu
from seeded import randn

from course_utils import metrics


def test_copies_are_no_authentic_images_and_new_draws_mostly_are():
    train = randn(400, 8).float()
    assert metrics.authenticity(train[:100], train) == 0
    assert metrics.authenticity(train[:100] + 50, train) == 1
    shares = [metrics.authenticity(randn(300, 8, seed=s).float(), train) for s in range(1, 6)]
    assert 0.4 < sum(shares) / 5 < 0.7


def test_the_copying_test_of_pure_copies_is_the_closed_form():
    n = 1000
    train, held_out = randn(n, 5).float(), randn(n, 5, seed=1).float()
    expected = -(n * n / 2) / (n * n * (2 * n + 1) / 12) ** 0.5
    assert expected == pytest.approx(-38.7, abs=0.05)
    assert metrics.copying_test(train, held_out, train) == pytest.approx(expected, rel=1e-9)


def test_the_copying_test_of_new_draws_is_near_standard_normal():
    train = randn(500, 4).float()
    found = torch.tensor(
        [
            metrics.copying_test(randn(200, 4, seed=2 * s + 1).float(), randn(300, 4, seed=2 * s + 2).float(), train)
            for s in range(40)
        ]
    )
    assert found.mean().abs() < 0.6
    assert 0.7 < found.std() < 1.4


def test_the_copying_test_is_that_of_scipy():
    train, fake, held_out = (randn(n, 3, seed=n).float() for n in (200, 150, 120))
    near = [metrics.nearest_neighbours(x, train)[0][:, 0].numpy() for x in (fake, held_out)]
    wins = mannwhitneyu(*near).statistic
    n, h = 150, 120
    expected = (wins - n * h / 2) / (n * h * (n + h + 1) / 12) ** 0.5
    assert metrics.copying_test(fake, held_out, train) == pytest.approx(expected, abs=1e-6)
