"""Does a generator return its training images? Two numbers that a copy cannot hide from.

- authenticity: the share of fakes that are *not* suspiciously near a training image. Alaa et al., "How Faithful is
  your Synthetic Data? Sample-level Metrics for Evaluating and Auditing Generative Models", 2022.
- copying test: are fakes nearer to the training set than held-out real images are? The rank test of Mann and Whitney.
  Meehan, Chaudhuri and Dasgupta, "A Non-Parametric Test to Detect Data-Copying in Generative Models", 2020.
"""

import torch
from torch import Tensor

from course_utils.metrics.neighbours import nearest_neighbours


def authenticity(fake: Tensor, train: Tensor) -> float:
    """The share of fakes (N, ...) that are authentic, from 0 (copies) to 1; train (M, ...), M >= 2, as floats.

    A fake is a suspect when it is nearer to its nearest training image than that image is to any other training image.

    Raises ValueError as `nearest_neighbours`.
    """
    return authentic_share(*nearest_neighbours(fake, train), spacing(train))


def spacing(train: Tensor) -> Tensor:
    """The distance of each training image (M, ...) to the nearest other one: (M,)."""
    return nearest_neighbours(train, train, k=2)[0][:, 1]  # the first is itself


def authentic_share(distances: Tensor, indices: Tensor, apart: Tensor) -> float:
    """`authenticity` from the `nearest_neighbours` of the fakes (N, 1), (N, 1) and the `spacing` of the training set (M,)."""
    return (distances[:, 0] > apart[indices[:, 0]]).double().mean().item()


def copying_test(fake: Tensor, held_out: Tensor, train: Tensor) -> float:
    """How much nearer fakes (N, ...) are to the training set (M, ...) than held-out reals (H, ...): a z-score.

    About standard normal when fakes are new draws of the real distribution, far below 0 for copies. Ties count half.

    Raises ValueError as `nearest_neighbours`.
    """
    near = [nearest_neighbours(images, train)[0][:, 0] for images in (fake, held_out)]
    return rank_test(*near)


def rank_test(x: Tensor, y: Tensor) -> float:
    """Mann and Whitney's z-score: how far the numbers x (N,) tend to lie above (> 0) or below (< 0) the y (H,)."""
    n, h, y = len(x), len(y), y.sort().values
    below = torch.searchsorted(y, x) + torch.searchsorted(y, x, right=True)  # twice, so that a tie counts half
    return (below.sum().item() / 2 - n * h / 2) / (n * h * (n + h + 1) / 12) ** 0.5
