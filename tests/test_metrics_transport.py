"""The Wasserstein distance of point clouds."""

import math

import pytest
import torch

from course_utils import metrics


def test_transport_of_a_shift_is_the_shift():
    x = torch.randn(40, 3, dtype=torch.float64)
    move = torch.tensor([3.0, 0.0, 4.0], dtype=torch.float64)
    assert metrics.wasserstein_distance(x, x + move) == pytest.approx(5)
    assert metrics.wasserstein_distance(x, x[torch.randperm(40)]) == pytest.approx(0, abs=1e-12)


def test_transport_on_a_line_pairs_the_sorted_points():
    x, y = torch.randn(50, 1), 2 * torch.randn(50, 1) + 1
    expected = (x.sort(dim=0).values - y.sort(dim=0).values).abs().double().mean().item()
    assert metrics.wasserstein_distance(x, y) == pytest.approx(expected, rel=1e-5)
    assert metrics.wasserstein_distance(y, x) == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize(("x", "y"), [((5, 2), (4, 2)), ((5, 2), (5, 3)), ((5,), (5,)), ((0, 2), (0, 2))])
def test_transport_refuses_shapes_that_do_not_fit(x, y):
    with pytest.raises(ValueError, match=r"expected two tensors \(N, d\) of one shape"):
        metrics.wasserstein_distance(torch.zeros(x), torch.zeros(y))
    with pytest.raises(ValueError, match="finite"):
        metrics.wasserstein_distance(torch.full((2, 2), math.nan), torch.zeros(2, 2))
