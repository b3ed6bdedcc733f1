"""Mean and covariance of a stream are those of all at once."""

import math

import pytest
import torch
from seeded import randn

from course_utils import metrics
from course_utils.datasets import digits, to_float


@pytest.mark.parametrize("offset", [0.0, 1e6])
@pytest.mark.parametrize("batch_size", [1, 7, 100])
def test_streaming_agrees_with_all_at_once(offset, batch_size):
    x = (randn(100, 6) @ randn(6, 6, seed=1)) + offset
    seen = metrics.FeatureStatistics()
    for batch in x.split(batch_size):
        seen.update(batch)
    mean, covariance = metrics.statistics(x)
    assert seen.count == 100
    assert torch.allclose(seen.mean, mean, rtol=1e-14, atol=1e-12)
    assert torch.allclose(seen.covariance, covariance, rtol=1e-8, atol=1e-8)


def test_streams_are_merged():
    x = randn(90, 4) + 3
    parts = [metrics.FeatureStatistics() for _ in range(4)]  # the last stays empty
    for part, batch in zip(parts, x.split([50, 39, 1]), strict=False):
        part.update(batch)
    whole = metrics.FeatureStatistics()
    for part in parts:
        whole.merge(part)
    mean, covariance = metrics.statistics(x)
    assert whole.count == 90
    assert torch.allclose(whole.mean, mean)
    assert torch.allclose(whole.covariance, covariance)
    assert parts[0].count == 50
    assert torch.allclose(parts[0].mean, x[:50].mean(dim=0))


def test_what_is_read_does_not_change_afterwards():
    seen = metrics.FeatureStatistics()
    seen.update(randn(10, 3))
    mean, covariance = seen.mean, seen.covariance
    kept = mean.clone(), covariance.clone()
    seen.update(randn(10, 3, seed=1) + 5)
    assert torch.equal(mean, kept[0])
    assert torch.equal(covariance, kept[1])
    seen.mean.zero_()
    assert seen.mean.abs().sum() > 0


def test_a_bad_batch_leaves_the_statistics_alone():
    seen = metrics.FeatureStatistics()
    seen.update(randn(10, 3))
    before = seen.count, seen.mean, seen.covariance
    for bad in (randn(4, 2), torch.full((2, 3), math.nan), torch.zeros(0, 3), torch.zeros(3)):
        with pytest.raises(ValueError, match=r"^features: expected"):
            seen.update(bad)
    assert seen.count == before[0]
    assert torch.equal(seen.mean, before[1])
    assert torch.equal(seen.covariance, before[2])


def test_statistics_of_batches_of_images():
    images = to_float(digits.load("test").images[:300])
    mean, covariance = metrics.statistics_of((part for part in images.split(64)), metrics.digit_features)
    expected = metrics.statistics(metrics.digit_features(images))
    assert torch.allclose(mean, expected[0], atol=1e-5)
    assert torch.allclose(covariance, expected[1], atol=1e-4)
    with pytest.raises(ValueError, match="expected at least 1 samples, got 0"):
        metrics.statistics_of([], metrics.digit_features)
