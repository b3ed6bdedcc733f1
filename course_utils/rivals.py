"""Trivial rivals: images without a network. A generator that does not beat them has learned little."""

import torch
from torch import Tensor

from course_utils.datasets import to_float


def gaussian_of_pixels(images: Tensor, n: int, rank: int = 64) -> Tensor:
    """A trivial rival: n draws from a Gaussian with the mean and the main covariance of images (N, C, H, W), uint8.

    The first ``rank`` principal components of the pixels, each with its own standard deviation, and nothing else.
    """
    pixels = to_float(images).flatten(1)  # (N, C * H * W)
    rank = min(rank, len(pixels))
    _, sizes, directions = torch.pca_lowrank(pixels, q=rank)
    amounts = torch.randn(n, rank).to(sizes) * sizes / len(pixels) ** 0.5
    return (pixels.mean(dim=0) + amounts @ directions.T).view(n, *images.shape[1:]).clamp(-1, 1)
