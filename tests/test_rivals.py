"""The trivial rivals have what they are said to have, and no more."""

import pytest
import torch

from course_utils import rivals
from course_utils.datasets import portraits, to_float


def test_the_gaussian_rival_has_the_pixels_mean_and_spread_and_no_more():
    images = portraits.draw(400, seed=1, size=16).images
    rival = rivals.gaussian_of_pixels(images, 400)
    real = to_float(images)
    assert rival.shape == real.shape
    assert (rival.mean(dim=0) - real.mean(dim=0)).abs().mean() < 0.05
    assert (rival.std(dim=0) / real.std(dim=0)).mean().item() == pytest.approx(0.93, abs=0.1)


def test_the_gaussian_rival_keeps_main_covariances_of_two_pixels():
    images = portraits.draw(400, seed=1, size=16).images
    torch.manual_seed(0)
    own, real = (x.flatten(1)[:, ::48] for x in (rivals.gaussian_of_pixels(images, 4000), to_float(images)))
    assert torch.corrcoef(torch.stack([torch.cov(own.T).flatten(), torch.cov(real.T).flatten()]))[0, 1] > 0.95
