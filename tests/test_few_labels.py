"""Drawing a few labels, and how often labels are right."""

import pytest
import torch
from torch import nn

from course_utils.datasets.few_labels import few_labels
from course_utils.metrics.accuracy import accuracy, nearest_neighbour_accuracy


def test_few_labels_have_as_many_of_each_class_and_differ_from_draw_to_draw():
    labels = torch.arange(200) % 10
    rows = few_labels(labels, 3, draw=0)
    assert labels[rows].bincount().tolist() == [3] * 10
    assert len(rows.unique()) == 30
    assert torch.equal(rows, few_labels(labels, 3, draw=0))
    assert not torch.equal(rows, few_labels(labels, 3, draw=1))


def test_more_labels_than_the_rarest_class_has_are_refused():
    with pytest.raises(ValueError, match="per_class: expected at most 4"):
        few_labels(torch.arange(44) % 10, 5, draw=0)


def test_the_nearest_neighbour_of_a_known_image_is_itself():
    images, labels = torch.rand(40, 1, 6, 6), torch.arange(40) % 10
    assert nearest_neighbour_accuracy((images, labels), images, labels) == 1
    assert nearest_neighbour_accuracy((images, labels), images, (labels + 1) % 10) == 0


def test_accuracy_is_the_share_of_largest_logits_and_keeps_the_mode():
    logits, labels = torch.eye(4), torch.tensor([0, 1, 2, 0])
    network = nn.Identity().train()
    assert accuracy(network, logits, labels) == 0.75
    assert network.training
