"""Drawn cells: seeds, truth, seams, speed, and what is refused."""

import time

import pytest
import torch
from skimage import measure

from course_utils.datasets import cells


@pytest.fixture(scope="module")
def some():
    return cells.draw(200, seed=3)


def test_kinds_shapes_and_ranges(some):
    assert some.images.shape == (200, 1, 64, 64)
    assert some.labels.shape == (200, 64, 64)
    assert some.images.dtype == some.labels.dtype == torch.uint8
    assert 0 < some.images.float().mean() < 128
    counts = some.labels.flatten(1).amax(dim=1)
    assert counts.min() == 0
    assert counts.max() == cells.MOST
    assert 0.1 < (some.labels > 0).float().mean() < 0.3


def test_the_same_seed_gives_the_same_pictures_and_fewer_are_the_first_ones(some):
    state = torch.get_rng_state()
    again = cells.draw(120, seed=3)
    assert torch.equal(torch.get_rng_state(), state)
    assert torch.equal(again.images, some.images[:120])
    assert torch.equal(again.labels, some.labels[:120])
    other = cells.draw(120, seed=4)
    assert not (other.images == again.images).flatten(1).all(dim=1).any()


def test_load_is_a_draw_and_its_splits_share_no_picture():
    test = cells.load("test")
    assert torch.equal(test.images, cells.draw(500, cells.SEEDS["test"]).images)
    train = {image.numpy().tobytes() for image in cells.draw(500, cells.SEEDS["train"]).images}
    assert not train & {image.numpy().tobytes() for image in test.images}


def test_numbers_have_no_gaps_and_connected_areas_are_the_cells(some):
    for labels in some.labels:
        present = labels.unique().tolist()
        assert present == list(range(len(present))) or present == list(range(1, len(present) + 1))
        assert measure.label(labels.numpy() > 0, connectivity=1).max() == labels.max()


def test_cells_touch_in_many_pictures(some):
    """Background with two different cells within two pixels: the seams that border weights are for."""
    near = 0
    for labels in some.labels.float():
        grown = [
            torch.nn.functional.max_pool2d((labels == k).float()[None, None], 5, 1, 2) for k in labels.unique() if k
        ]
        near += bool(grown) and bool((torch.cat(grown).sum(dim=0) > 1).any())
    assert near > 100


def test_cells_are_brighter_than_what_is_around_them(some):
    inside, images = some.labels > 0, some.images[:, 0].float()
    assert images[inside].mean() > 2 * images[~inside].mean()


@pytest.mark.parametrize("size", [32, 96])
def test_other_sizes_show_cells_of_the_same_share(size):
    drawn = cells.draw(100, seed=1, size=size)
    assert drawn.images.shape == (100, 1, size, size)
    assert abs((drawn.labels > 0).float().mean() - (cells.draw(100, seed=1).labels > 0).float().mean()) < 0.03


@pytest.mark.parametrize(("arguments", "word"), [((0,), "n"), ((5, 0, 16), "size"), ((5, 0, 512), "size")])
def test_bad_arguments_are_named(arguments, word):
    with pytest.raises(ValueError, match=f"^{word}: expected"):
        cells.draw(*arguments)


def test_an_unknown_split_is_named():
    with pytest.raises(ValueError, match="split: expected one of 'train', 'test', got 'all'"):
        cells.load("all")


def test_stains_keep_order_of_brightness_and_take_turns(some):
    grey = torch.arange(256, dtype=torch.uint8).view(1, 1, 16, 16).expand(5, -1, -1, -1)
    drawn = cells.stained(grey)
    assert drawn.shape == (5, 3, 16, 16)
    assert drawn.min() >= -1
    assert drawn.max() <= 1
    light = drawn.mean(dim=1).flatten(1)
    assert (light.diff(dim=1) >= -1e-6).all()
    assert torch.equal(drawn[0], drawn[4])
    assert not torch.equal(drawn[0], drawn[1])


def test_outlines_lie_on_the_edge_of_a_mask():
    mask = torch.zeros(1, 9, 9)
    mask[0, 2:7, 2:7] = 1
    drawn = cells.outlined(torch.zeros(1, 3, 9, 9), mask, colour=(1.0, 1.0, 1.0))
    assert drawn[0, 0].sum() == 16  # of 25 pixels, the outer ones
    assert drawn[0, 0, 3:6, 3:6].sum() == 0


def test_a_thousand_pictures_a_second_on_two_cores():
    cells.draw(50)
    best = 0.0
    for _ in range(3):
        began = time.process_time()
        cells.draw(200)
        best = max(best, 200 / (time.process_time() - began))
    assert best > 500  # a core; measured alone 970 on one
