"""A few labels of each class, drawn so that draws can be numbered and paired."""

import torch
from torch import Tensor

from course_utils.runtime import seeded


def few_labels(labels: Tensor, per_class: int, draw: int, classes: int = 10) -> Tensor:
    """Rows of ``per_class`` images of each class, int64 (classes * per_class,), class by class; ``draw`` numbers the draws.

    ``labels`` (N,) are 0 to ``classes`` - 1. Raises ValueError when a class has fewer than ``per_class`` images.
    """
    generator = seeded(1000 * per_class + draw)
    rows = [torch.nonzero(labels == label).flatten() for label in range(classes)]
    if (fewest := min(map(len, rows))) < per_class:
        raise ValueError(f"per_class: expected at most {fewest}, as many as the rarest class has, got {per_class}")
    return torch.cat([r[torch.randperm(len(r), generator=generator)[:per_class]] for r in rows])
