"""Decibels of pictures."""

import pytest
import torch

from course_utils.metrics.psnr import psnr


def test_the_peak_is_two_and_only_what_the_mask_covers_counts():
    images, truth = torch.zeros(1, 3, 4, 4), torch.zeros(1, 3, 4, 4)
    images[..., 0] = 0.2
    mask = torch.zeros(1, 4, 4)
    mask[..., 0] = 1
    assert psnr(images, truth, mask) == pytest.approx(20)  # (2 / 0.2)^2
    assert psnr(images, truth) == pytest.approx(20 + 6.0206, abs=1e-3)


def test_it_is_scikit_images_number_and_equal_pictures_have_one_too():
    from skimage.metrics import peak_signal_noise_ratio

    images, truth = 2 * torch.rand(2, 5, 1, 8, 8) - 1
    assert psnr(images, truth) == pytest.approx(
        peak_signal_noise_ratio(truth.numpy(), images.numpy(), data_range=2), abs=1e-4
    )
    assert psnr(truth, truth) == pytest.approx(126.02, abs=0.01)
