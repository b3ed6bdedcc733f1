"""The perceptual path length on curves whose length is known."""

import math

import pytest
import torch

from course_utils import metrics


def identity(x):
    return x


def draws(*seeds):
    """Points on the unit circle, each call from the next seed; the angle between two is uniform on [0, pi]."""
    remaining = iter(seeds)

    def draw(n):
        angles = 2 * math.pi * torch.rand(n, generator=torch.Generator().manual_seed(next(remaining))).double()
        return torch.stack([angles.cos(), angles.sin()], dim=1)

    return draw


@pytest.mark.parametrize("sampling", ["full", "end"])
@pytest.mark.parametrize("scale", [1.0, 3.0])
def test_path_length_on_the_circle(sampling, scale):
    """A linear model moves at scale times the angle: mean scale^2 pi^2 / 3, variance scale^4 4 pi^4 / 45."""
    n = 20_000
    mean, deviation = metrics.perceptual_path_length(
        lambda z: scale * z, identity, draws(0, 1), n, discard=0.0, sampling=sampling
    )
    assert mean == pytest.approx(scale**2 * math.pi**2 / 3, abs=4 * deviation / n**0.5)
    assert deviation == pytest.approx(scale**2 * math.sqrt(4 / 45) * math.pi**2, rel=0.03)


def test_a_straight_path_has_the_length_of_its_chord():
    """Along a line the squared speed is |a - b|^2, for points of the unit circle 2 on average; along the arc it is more."""
    arguments = (lambda z: z, identity, draws(0, 1), 20_000)
    mean, _ = metrics.perceptual_path_length(*arguments, discard=0.0, interpolate=metrics.lerp)
    assert mean == pytest.approx(2, rel=0.03)
    assert metrics.lerp(torch.zeros(2, 3), torch.ones(2, 3), torch.tensor([0.25, 1.0]))[:, 0].tolist() == [0.25, 1.0]


def test_discarding_the_tails():
    """Uniform angles: of squares of u in [0.1, 0.9] times pi the mean is (0.9^3 - 0.1^3) / (3 * 0.8) pi^2."""
    mean, _ = metrics.perceptual_path_length(lambda z: z, identity, draws(0, 1), 20_000, discard=0.1)
    assert mean == pytest.approx((0.9**3 - 0.1**3) / 2.4 * math.pi**2, rel=0.03)


def test_a_constant_model_has_no_path_and_a_step_a_long_one():
    constant = metrics.perceptual_path_length(torch.zeros_like, identity, 6, 100)
    assert constant == (0.0, 0.0)
    generator = torch.Generator().manual_seed(0)
    smooth, _ = metrics.perceptual_path_length(lambda z: z.tanh(), identity, 6, 2000, generator=generator)
    steps, _ = metrics.perceptual_path_length(
        lambda z: (50 * z).tanh(), identity, 6, 2000, generator=generator, discard=0.0
    )
    assert steps > 10 * smooth


def test_path_length_is_reproducible_in_any_batch_size():
    arguments = (lambda z: z.double().sin(), identity, 4, 50)
    found = [
        metrics.perceptual_path_length(*arguments, batch_size=b, generator=torch.Generator().manual_seed(1))
        for b in (7, 50, 500)
    ]
    assert found[0] == pytest.approx(found[1], rel=1e-12)
    assert found[1] == pytest.approx(found[2], rel=1e-12)


def test_slerp_moves_along_the_great_circle():
    a, b = torch.tensor([[1.0, 0.0]]).double(), torch.tensor([[0.0, 1.0]]).double()
    assert torch.allclose(metrics.slerp(a, b, 1 / 3), torch.tensor([[3**0.5 / 2, 0.5]]).double())
    assert torch.allclose(metrics.slerp(a, 3 * a, 0.5), 2 * a)  # on one line
