"""Which digits does a generator draw, and how often?"""

import torch
from torch import Tensor

from course_utils.metrics.features import digit_labels


def class_histogram(images: Tensor) -> Tensor:
    """How many of the images the digit classifier reads as 0, 1, ..., 9.

    Takes float (N, 1, 28, 28) in [-1, 1]; returns int64 (10,) that sums to N. Raises ValueError for other
    images.
    """
    return torch.bincount(digit_labels(images), minlength=10)
