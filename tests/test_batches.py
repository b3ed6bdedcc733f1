"""Kinds of data, their batches, and what is said of data that cannot be used."""

import pytest
import torch
from tiny_gans import CLASSES, SHAPE, draw_z, make_conditional_gan, make_gan, make_images, make_labels, plain_game

from course_utils.steps.shared_fakes import SharedFakes
from course_utils.training import fit


@pytest.mark.parametrize(
    ("images", "batch_size", "message"),
    [
        (
            torch.zeros(9, *SHAPE),
            4,
            r"images: expected uint8 pixels \(N, C, H, W\).*got \(9, 1, 4, 4\) of torch.float32",
        ),
        (torch.zeros(9, 4, 4, dtype=torch.uint8), 4, r"images: expected uint8.*got \(9, 4, 4\) of torch.uint8"),
        (torch.zeros(0, *SHAPE, dtype=torch.uint8), 4, r"images: .*got \(0, 1, 4, 4\)"),
        (make_images(), 1, "batch_size: expected at least 2, got 1; batch normalisation"),
        (make_images(), 2.5, "batch_size: expected at least 2, got 2.5"),
    ],
)
def test_data_that_cannot_be_trained_on_is_named(images, batch_size, message):
    with pytest.raises(ValueError, match=message):
        fit(make_gan(), images, plain_game(), steps=1, batch_size=batch_size)


def test_a_label_that_the_networks_do_not_know_is_named():
    data = (make_images(), make_labels() + 1)
    with pytest.raises(ValueError, match=f"labels: expected numbers from 0 to {CLASSES - 1}"):
        fit(make_conditional_gan(), data, SharedFakes(draw_z, gamma=1.0), steps=9, batch_size=8)
