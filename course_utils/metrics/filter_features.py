"""Features for pictures that no network of the course has seen: how strongly random filters answer, and how unevenly.

    features = FilterFeatures(train)          # train (M, 3, H, W), the pictures to learn from
    distance = frechet_distance(features(made), features(held_out))

They know textures, colours and blobs, and no objects. Nothing is trained and nothing is downloaded.
"""

import torch
from torch import Tensor

from course_utils.models.random_filters import RandomFilters

SIDES, EACH = (3, 7, 11), 8


class FilterFeatures:
    """Maps pictures (N, 3, H, W) in [-1, 1] of 11 pixels or more a side to (N, 48), in deviations of the ``reference``.

    For each of 24 filters the mean over the picture of its answers, and their standard deviation. Each number is centred by its
    mean over the ``reference`` pictures (M, 3, H, W), M >= 2, and divided by its deviation. Another ``seed`` has other filters.
    """

    def __init__(self, reference: Tensor, seed: int = 0):
        self.filters = RandomFilters(seed, SIDES, EACH)
        answers = self._answers(reference)
        self.mean, self.deviation = answers.mean(dim=0), answers.std(dim=0).clamp(min=1e-6)

    def __call__(self, images: Tensor) -> Tensor:
        return (self._answers(images) - self.mean) / self.deviation

    @torch.no_grad()
    def _answers(self, images: Tensor) -> Tensor:
        maps = [self.filters(part.float().cpu()) for part in images.split(200)]  # (200, 24, H, W) each
        return torch.cat([torch.cat([m.mean(dim=(2, 3)), m.std(dim=(2, 3))], dim=1) for m in maps])
