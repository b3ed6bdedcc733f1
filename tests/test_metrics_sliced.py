"""Sliced Wasserstein distance, and the scales of images."""

import math

import pytest
import torch
from torch.nn import functional as F

from course_utils.metrics import laplacian_pyramid, scale_distances, sliced_wasserstein


def test_it_is_pots_distance_in_the_same_directions():
    import ot

    x, y = torch.randn(60, 5, dtype=torch.float64), torch.randn(60, 5, dtype=torch.float64) * 2 + 1
    directions = F.normalize(torch.randn(5, 30, dtype=torch.float64), dim=0)
    theirs = ot.sliced_wasserstein_distance(x.numpy(), y.numpy(), projections=directions.numpy(), p=1)
    assert sliced_wasserstein(x, y, directions) == pytest.approx(float(theirs), rel=1e-10)


def test_on_a_line_it_is_the_shift():
    x = torch.randn(50, 1, dtype=torch.float64)
    assert sliced_wasserstein(x, x + 3) == pytest.approx(3)
    assert sliced_wasserstein(x, x[torch.randperm(50)]) == pytest.approx(0, abs=1e-12)


def test_a_shift_in_the_plane_counts_by_the_mean_of_the_cosine():
    x = torch.randn(30, 2, dtype=torch.float64)
    shift = torch.tensor([3.0, 4.0], dtype=torch.float64)
    assert sliced_wasserstein(x, x + shift, 20_000) == pytest.approx(5 * 2 / math.pi, rel=0.02)


def test_the_pyramid_adds_up_to_the_image_and_an_enlarged_image_has_no_details():
    images = torch.randn(3, 2, 8, 12)
    fine, middle, rest = laplacian_pyramid(images, 3)
    assert [tuple(level.shape[2:]) for level in (fine, middle, rest)] == [(8, 12), (4, 6), (2, 3)]
    back = F.interpolate(F.interpolate(rest, scale_factor=2) + middle, scale_factor=2) + fine
    assert torch.allclose(back, images, atol=1e-6)
    fine, middle, _ = laplacian_pyramid(F.interpolate(torch.randn(2, 3, 2, 2), scale_factor=4), 3)
    assert max(fine.abs().max(), middle.abs().max()) < 1e-6


def test_only_the_scale_that_is_wrong_is_far():
    torch.manual_seed(0)
    real, other = torch.randn(200, 3, 16, 16), torch.randn(200, 3, 16, 16)
    blurred = F.interpolate(F.avg_pool2d(other, 2), scale_factor=2)
    same, wrong = scale_distances(other, real, 2), scale_distances(blurred, real, 2)
    assert max(same) < 0.1
    assert wrong[0] > 0.5
    assert wrong[1] < 0.1


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: sliced_wasserstein(torch.zeros(3, 2), torch.zeros(4, 2)), "y: expected 3 points"),
        (lambda: sliced_wasserstein(torch.zeros(3, 2), torch.zeros(3, 3)), "y: expected 2 features"),
        (lambda: sliced_wasserstein(torch.full((3, 2), math.nan), torch.zeros(3, 2)), "x: expected finite"),
        (lambda: laplacian_pyramid(torch.zeros(1, 3, 6, 6), 3), "levels: expected"),
        (lambda: laplacian_pyramid(torch.zeros(1, 3, 6, 6), 0), "levels: expected at least 1"),
        (lambda: scale_distances(torch.zeros(4, 3, 8, 8), torch.zeros(4, 3, 16, 16)), "images: expected the shape"),
        (lambda: scale_distances(torch.randn(4, 3, 16, 16), torch.randn(4, 3, 16, 16)), "size: expected at most 4"),
    ],
)
def test_what_cannot_be_measured_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
