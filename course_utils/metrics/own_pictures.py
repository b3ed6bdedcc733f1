"""The measured part of a report on pictures of one's own: how near to held-out pictures, and how near to training pictures."""

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

from course_utils.metrics.copies import spacing
from course_utils.metrics.frechet import frechet_distance
from course_utils.metrics.neighbours import nearest_neighbours


class Measured(NamedTuple):
    """What ``measure`` finds."""

    distance: float  # Fréchet distance to held-out pictures; 0 is best, and nothing real reaches it
    nearness: float  # 1: as near to training pictures as new real pictures are; 0: they are training pictures
    copies: float  # share of suspects, 0 to 1


def measure(
    made: Tensor, train: Tensor, held_out: Tensor, features: Callable[[Tensor], Tensor], mirrored: bool = False
) -> Measured:
    """How made pictures stand beside held-out ones, and whether they are the training pictures.

    ``made`` (N, C, H, W), ``train`` (M, C, H, W) and ``held_out`` (H, C, H, W) are floats in [-1, 1]; ``features`` turns
    pictures into (., d).

    - ``distance``: the Fréchet distance between features of made and of held-out pictures, from equal numbers: the first n of
      each, n the smaller of both. Its bias depends on n, so distances at different n cannot be compared.
    - ``nearness``: the median over all made pictures of the distance to the nearest training picture, divided by the same
      median of held-out pictures.
    - ``copies``: the share of all made pictures that are suspects. A suspect is nearer to its nearest training picture than
      that one is to any other training picture. ``spacing(train)`` (M,) holds the latter.

    With ``mirrored`` made pictures are compared with the training pictures and their mirror images (left and right
    exchanged), the nearer counts, for ``nearness`` and ``copies`` alike; held-out pictures likewise. The spacing stays that
    of the training pictures as they are.
    """
    # BEGIN SOLUTION
    n = min(len(made), len(held_out))
    distance = frechet_distance(features(made[:n]), features(held_out[:n]))

    def nearest(images: Tensor) -> tuple[Tensor, Tensor]:  # distance to the nearest training picture, its index: (., 1)
        known = torch.cat([train, train.flip(3)]) if mirrored else train
        distances, indices = nearest_neighbours(images, known)
        return distances, indices % len(train)

    near, which = nearest(made)
    nearness = near.median() / nearest(held_out)[0].median()
    copies = (near[:, 0] < spacing(train)[which[:, 0]]).double().mean()
    return Measured(distance, nearness.item(), copies.item())
    # END SOLUTION
