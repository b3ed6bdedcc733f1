"""Mean and covariance of features that come in batches, without keeping the features.

50,000 samples of 2,048 features are 800 MB in float64; their statistics are 34 MB and are all that the Fréchet
distance needs. Batches are joined by the update of Chan, Golub and LeVeque, "Updating Formulae and a Pairwise
Algorithm for Computing Sample Variances", 1979, which subtracts means first and so loses no digits.
"""

from collections.abc import Callable, Iterable

import torch
from torch import Tensor

from course_utils.metrics.inputs import feature_matrix


class FeatureStatistics:
    """Accumulates count, mean and covariance in float64; batches may have any size from one up.

    >>> seen = FeatureStatistics()
    >>> for images in batches:
    ...     seen.update(digit_features(images))
    >>> frechet_from_statistics(seen.mean, seen.covariance, *statistics(real))
    """

    def __init__(self) -> None:
        self.count = 0  # samples so far
        self._mean = torch.zeros(0, dtype=torch.float64)  # (d,)
        self._scatter = torch.zeros(0, 0, dtype=torch.float64)  # (d, d), sum of (x - mean) (x - mean)^T

    def update(self, features: Tensor) -> None:
        """Take in a batch (B, d), B >= 1.

        Raises ValueError for another shape or width and for NaN or infinite features; what was accumulated
        before then stays as it was.
        """
        features = feature_matrix(features, "features", 1, "in a batch")
        self._require_width(features.shape[1], "features")
        mean = features.mean(dim=0)
        centred = features - mean
        self._join(len(features), mean, centred.T @ centred)

    def merge(self, other: "FeatureStatistics") -> None:
        """Take in all that another has seen, which stays as it is. ValueError for another width."""
        if other.count:
            self._require_width(len(other._mean), "other")
            self._join(other.count, other._mean, other._scatter)

    @property
    def mean(self) -> Tensor:
        """Mean (d,), float64. ValueError before the first batch."""
        self._require_count(1)
        return self._mean.clone()

    @property
    def covariance(self) -> Tensor:
        """Unbiased covariance (d, d), float64. ValueError before the second sample."""
        self._require_count(2)
        return self._scatter / (self.count - 1)

    def _join(self, count: int, mean: Tensor, scatter: Tensor) -> None:
        if not self.count:
            self.count, self._mean, self._scatter = count, mean.clone(), scatter.clone()
            return
        total = self.count + count
        shift = mean - self._mean
        self._scatter += scatter
        self._scatter += torch.outer(shift, shift) * (self.count * count / total)
        self._mean += shift * (count / total)
        self.count = total

    def _require_width(self, width: int, name: str) -> None:
        if self.count and width != len(self._mean):
            raise ValueError(f"{name}: expected {len(self._mean)} features as in earlier batches, got {width}")

    def _require_count(self, needed: int) -> None:
        if self.count < needed:
            raise ValueError(f"count: expected at least {needed} samples, got {self.count}; call update first")


def statistics_of(batches: Iterable[Tensor], features: Callable[[Tensor], Tensor]) -> tuple[Tensor, Tensor]:
    """Mean (d,) and covariance (d, d) of `features(images)` over batches of images, for frechet_from_statistics.

    `batches` may be a generator expression, so that images too are made and dropped batch by batch. Raises
    ValueError as `FeatureStatistics`, also when there are fewer than two images.
    """
    seen = FeatureStatistics()
    for images in batches:
        seen.update(features(images))
    return seen.mean, seen.covariance
