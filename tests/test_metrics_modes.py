"""Which modes of a mixture are covered."""

import math

import pytest
import torch

from course_utils import metrics
from course_utils.datasets import gaussians


def test_modes_of_a_mixture():
    grid = gaussians.grid()
    points = torch.cat([grid.centres[:1].repeat(3, 1), grid.centres[1:2], torch.full((4, 2), 50.0)])
    found = metrics.mode_statistics(grid, points)
    assert found.covered == 2
    assert found.high_quality == 0.5
    assert found.kl == pytest.approx(0.75 * math.log(0.75 * 25) + 0.25 * math.log(0.25 * 25), rel=1e-12)
    assert metrics.mode_statistics(grid, points, at_least=2).covered == 1


def test_modes_of_true_and_of_hopeless_samples():
    ring = gaussians.ring()
    found = metrics.mode_statistics(ring, ring.sample(20_000, torch.Generator().manual_seed(0)))
    assert found.covered == 8
    assert found.high_quality == pytest.approx(1 - math.exp(-4.5), abs=0.004)
    assert found.kl < 0.002  # about 7 / (2 * 20,000)
    assert metrics.mode_statistics(ring, torch.full((5, 2), 9.0)) == (0, 0.0, math.inf)
    assert metrics.mode_statistics(ring, ring.centres) == pytest.approx((8, 1.0, 0.0), abs=1e-12)


def test_stacked_modes():
    everything = torch.cartesian_prod(*[torch.arange(10)] * 3)
    assert metrics.stacked_modes(everything) == pytest.approx((1000, 0), abs=1e-12)
    assert metrics.stacked_modes(everything[:250].repeat(2, 1)) == pytest.approx((250, math.log(4)), rel=1e-12)
    assert metrics.stacked_modes(torch.tensor([[9, 0, 5]], dtype=torch.uint8)) == pytest.approx((1, math.log(1000)))
    labels = torch.randint(10, (26_000, 3), generator=torch.Generator().manual_seed(0))
    covered, kl = metrics.stacked_modes(labels)
    assert covered == 1000
    assert kl == pytest.approx(999 / 52_000, rel=0.2)  # the bias of even samples; its deviation is 4.5 %
