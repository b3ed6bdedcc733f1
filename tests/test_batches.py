"""Kinds of data, their batches, and what is said of data that cannot be used."""

import pytest
import torch
from tiny_gans import CLASSES, SHAPE, draw_z, make_conditional_gan, make_gan, make_images, make_labels, plain_game

from course_utils.batches import Drawn, Together, Unpaired, batches_of, random_batch
from course_utils.datasets import LabelledImages
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
        (make_images(), 2.5, "batch_size: expected a whole number of at least 2, got 2.5"),
    ],
)
def test_data_that_cannot_be_trained_on_is_named(images, batch_size, message):
    with pytest.raises(ValueError, match=message):
        fit(make_gan(), images, plain_game(), steps=1, batch_size=batch_size)


def test_a_label_that_the_networks_do_not_know_is_named():
    data = (make_images(), make_labels() + 1)
    with pytest.raises(ValueError, match=f"labels: expected numbers from 0 to {CLASSES - 1}"):
        fit(make_conditional_gan(), data, SharedFakes(draw_z, gamma=1.0), steps=9, batch_size=8)


def test_images_and_labels_come_in_the_same_rows():
    images, labels = make_images(), make_labels()
    torch.manual_seed(3)
    plain = random_batch(images, 7)
    torch.manual_seed(3)
    real, asked = batches_of(LabelledImages(images, labels)).draw(7)
    assert torch.equal(real, plain)
    rows = torch.cdist(real.flatten(1), (images / 127.5 - 1).flatten(1)).argmin(1)
    assert torch.equal(labels[rows], asked)


def test_images_become_floats_and_all_else_comes_as_it_is():
    tokens, rows = torch.arange(100).view(50, 2) - 1, torch.randn(50, 3)
    real, drawn_tokens, drawn_rows = batches_of((make_images(), tokens, rows)).draw(8)
    assert real.dtype == torch.float32
    assert real.min() < -0.5
    assert drawn_tokens.dtype == torch.int64
    place = torch.cdist(drawn_rows, rows).argmin(1)
    assert torch.equal(drawn_rows, rows[place])
    assert torch.equal(drawn_tokens, tokens[place])


def test_unpaired_sets_are_drawn_independently():
    a, b = torch.arange(40.0)[:, None], torch.arange(30.0)[:, None]
    data = Unpaired((a,), (b,))
    torch.manual_seed(0)
    first, second = data.draw(200)
    torch.manual_seed(0)
    assert torch.equal(first, a[torch.randint(40, (200,))])
    assert torch.equal(second, b[torch.randint(30, (200,))])
    assert data.width == 2
    assert [tuple(x.shape) for x in Unpaired(make_images(), (make_images()[:9], make_labels()[:9])).draw(5)] == [
        (5, *SHAPE), (5, *SHAPE), (5,),
    ]  # fmt: skip


def test_samples_without_end_are_drawn_anew():
    data = batches_of(Drawn(lambda n: torch.randn(n, 2)))
    (first,), (second,) = data.draw(4), data.draw(4)
    assert first.shape == (4, 2)
    assert not torch.equal(first, second)


def test_fakes_are_asked_for_the_classes_in_turn_and_for_all_else_as_in_the_batch():
    pairs, labels = torch.randn(50, 2), make_labels() * 2
    data = Together(make_images(), labels, pairs)
    batch = data.draw(6)
    asked_labels, asked_pairs = data.asked(8, batch)
    assert asked_labels.tolist() == [0, 2, 4, 0, 2, 4, 0, 2]
    assert torch.equal(asked_pairs, batch[2][[0, 1, 2, 3, 4, 5, 0, 1]])


@pytest.mark.parametrize(
    ("data", "error", "message"),
    [
        ((make_images(), make_labels().tolist()), ValueError, r"data\[1\]: expected a tensor, got list; torch.as_tensor"),
        ((make_images(), make_labels()[:49]), ValueError, "equally many rows in each tensor, got 50, 49; Unpaired"),
        ((make_images(), make_labels().int()), ValueError, r"data\[1\]: expected class numbers, int64 \(50,\).*torch.int32"),
        ((make_images(), make_labels() - 1), ValueError, r"data\[1\]: expected class numbers.* from 0 up, got -1"),
        ((make_images(), torch.tensor(1.0)), ValueError, r"data\[1\]: expected rows \(N, ...\), got \(\)"),
        ((make_images()[:, 0],), ValueError, r"data\[0\]: expected uint8 pixels \(N, C, H, W\)"),
        (draw_z, TypeError, "data: expected images, a tuple of tensors"),
        ([make_images()], TypeError, "got list"),
        ((), TypeError, "got tuple"),
    ],
)  # fmt: skip
def test_data_of_no_kind_are_named(data, error, message):
    with pytest.raises(error, match=message):
        batches_of(data)
