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
    distance, nearest = nearest_neighbours(fake, train)  # (N, 1) each
    apart = nearest_neighbours(train, train, k=2)[0][:, 1]  # (M,), the first is itself
    return (distance[:, 0] > apart[nearest[:, 0]]).double().mean().item()


def copying_test(fake: Tensor, held_out: Tensor, train: Tensor) -> float:
    """How much nearer fakes (N, ...) are to the training set (M, ...) than held-out reals (H, ...): a z-score.

    About standard normal when fakes are new draws of the real distribution, far below 0 for copies. Ties count half.

    Raises ValueError as `nearest_neighbours`.
    """
    near_fake = nearest_neighbours(fake, train)[0][:, 0]  # (N,)
    near_real = nearest_neighbours(held_out, train)[0][:, 0]  # (H,)
    n, h = len(near_fake), len(near_real)
    larger = torch.searchsorted(near_real.sort().values, near_fake)  # held-out images that are nearer than each fake
    larger_or_tied = torch.searchsorted(near_real.sort().values, near_fake, right=True)
    wins = (larger + larger_or_tied).double().sum().item() / 2
    return (wins - n * h / 2) / (n * h * (n + h + 1) / 12) ** 0.5
