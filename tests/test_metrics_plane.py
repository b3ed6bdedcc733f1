"""Jensen-Shannon divergence in the plane, on cases whose value is known."""

import math

import pytest
import torch

from course_utils.datasets import gaussians
from course_utils.metrics import HistogramJS, jensen_shannon

RING = gaussians.ring(8, radius=0.75, std=0.03)


def draw(mixture, n, seed=0):
    return mixture.sample(n, torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("mixture", [RING, gaussians.grid(5, spacing=0.4, std=0.02), gaussians.moons(20, 0.6, 0.05)])
def test_the_probabilities_of_cells_are_exact(mixture):
    js = HistogramJS(mixture, reach=1.2, bins=30)
    assert js.probabilities.sum().item() == pytest.approx(1, abs=1e-12)
    cells = ((draw(mixture, 400_000) + 1.2) / 0.08).floor().long()
    shares = torch.bincount(cells[:, 0] * 30 + cells[:, 1], minlength=901) / 400_000
    assert (shares - js.probabilities).abs().max() < 0.001


def test_what_lies_outside_is_a_cell_of_its_own():
    js = HistogramJS(gaussians.drawn(torch.tensor([[1.0, 0.0]]), std=0.1), reach=1.0, bins=4)
    assert js.probabilities[-1].item() == pytest.approx(0.5, abs=1e-6)
    far = torch.tensor([[50.0, 0.0]])
    assert js(far) == pytest.approx(js(-far))


def test_points_of_the_mixture_itself_come_close_to_0_and_closer_the_more_there_are():
    js = HistogramJS(RING)
    occupied = int((js.probabilities > 1e-4).sum())
    for n in (2_000, 20_000):
        assert js.floor(n) == pytest.approx((occupied - 1) / (8 * n), rel=0.5)
    assert js(draw(RING, 2_000, seed=3)) == pytest.approx(js.floor(2_000), rel=0.5)


def test_points_where_the_mixture_is_not_are_log_2_away():
    js = HistogramJS(RING)
    assert js(torch.zeros(500, 2)) == pytest.approx(math.log(2), abs=1e-6)
    assert js(torch.full((500, 2), 99.0)) == pytest.approx(math.log(2), abs=1e-6)


@pytest.mark.parametrize("kept", [1, 2, 4, 8])
def test_a_generator_of_some_modes_is_as_far_as_the_formula_says(kept):
    """q lives on `kept` of the 8 equally likely modes: KL(p|m) and KL(q|m) follow from the shares 1/8 and 1/kept."""
    p, q = torch.full((8,), 1 / 8, dtype=torch.float64), torch.zeros(8, dtype=torch.float64)
    q[:kept] = 1 / kept
    m = (p + q) / 2
    expected = ((p * (p / m).log()).sum() + (q * (q / m).log())[:kept].sum()) / 2
    some = gaussians.drawn(RING.centres[:kept], RING.std)
    assert HistogramJS(RING)(draw(some, 50_000)) == pytest.approx(float(expected), abs=0.004)
    assert jensen_shannon(p, q) == pytest.approx(float(expected))


def test_half_of_the_modes_is_three_quarters_of_log_4_over_3():
    assert HistogramJS(RING)(draw(gaussians.drawn(RING.centres[:4], 0.03), 50_000)) == pytest.approx(
        0.75 * math.log(4 / 3), abs=0.004
    )


def test_it_agrees_with_an_integral_over_the_plane():
    """Two broad Gaussians whose densities vary little within a cell, integrated on a fine grid."""
    one, other = (gaussians.drawn(torch.tensor([[x, 0.0]]), std=0.25) for x in (-0.15, 0.15))
    side = torch.linspace(-1.5, 1.5, 301, dtype=torch.float64)
    points = torch.cartesian_prod(side, side)
    p, q = (mixture.log_density(points).exp() * 1e-4 for mixture in (one, other))
    expected = jensen_shannon(p, q)
    found = HistogramJS(one, reach=1.5, bins=40)(draw(other, 200_000))
    assert found == pytest.approx(expected, abs=0.004)
    assert expected > 0.03


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: HistogramJS(RING)(torch.zeros(3)), r"^points: expected shape \(N, 2\)"),
        (lambda: HistogramJS(RING)(torch.zeros(0, 2)), r"^points: expected shape \(N, 2\) with N >= 1"),
        (lambda: HistogramJS(RING)(torch.full((2, 2), math.nan)), "^points: .*NaN"),
        (lambda: HistogramJS(RING, reach=0), "^reach: "),
        (lambda: HistogramJS(RING, bins=0), "^bins: "),
    ],
)
def test_what_cannot_be_measured_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
