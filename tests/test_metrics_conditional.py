"""Alignment, distance and spread within each class."""

import pytest
import torch
from seeded import randn

from course_utils import metrics
from course_utils.datasets import digits, to_float


def test_alignment_is_the_share_that_is_read_as_asked():
    test = digits.load("test")
    images, read = to_float(test.images[:200]), metrics.digit_labels(to_float(test.images[:200]))
    assert metrics.label_alignment(images, read) == 1.0
    assert metrics.label_alignment(images, (read + 1) % 10) == 0.0
    mixed = torch.cat([read[:50], (read[50:] + 1) % 10])
    assert metrics.label_alignment(images, mixed) == 0.25
    assert metrics.label_alignment(images, test.labels[:200]) > 0.95
    with pytest.raises(ValueError, match=r"labels: expected one for each of the 200 images, got \(199,\)"):
        metrics.label_alignment(images, read[:199])


def test_class_frechet_is_the_distance_within_each_class():
    labels = torch.arange(600) % 3
    real, fake = randn(600, 2, seed=1), randn(600, 2, seed=2)
    fake[labels == 1] += 3.0
    distances = metrics.class_frechet(fake, labels, real, labels)
    for label in range(3):
        expected = metrics.frechet_distance(fake[labels == label], real[labels == label])
        assert distances[label].item() == pytest.approx(expected)
    assert distances[1] == pytest.approx(18, rel=0.1)
    assert distances[[0, 2]].max() < 0.2
    swapped = metrics.class_frechet(real, (labels + 1) % 3, fake, labels)  # class 1 was asked for in vain
    assert swapped[1] == pytest.approx(18, rel=0.1)
    with pytest.raises(ValueError, match="class 1: expected at least 2 of each, got 1 fakes and 200 reals"):
        metrics.class_frechet(fake[:5], torch.tensor([0, 0, 1, 2, 2]), real, labels)


def test_class_spread_is_the_mean_distance_within_each_class():
    features = torch.tensor([[0.0], [3.0], [4.0], [1.0], [1.0]])
    assert metrics.class_spread(features, torch.tensor([0, 0, 0, 4, 4])).tolist() == pytest.approx([8 / 3, 0.0])
    many = metrics.class_spread(randn(2000, 3), torch.zeros(2000, dtype=torch.int64))
    few = torch.stack([metrics.class_spread(randn(20, 3, seed=s), torch.zeros(20)) for s in range(100)]).mean()
    assert few.item() == pytest.approx(many.item(), rel=0.05)
    with pytest.raises(ValueError, match="class 4: expected at least 2 samples, got 1"):
        metrics.class_spread(features[:4], torch.tensor([0, 0, 0, 4]))
