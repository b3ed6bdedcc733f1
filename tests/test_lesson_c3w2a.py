"""What only the lesson on the U-Net needs: its measures, flips, cut skips, rivals and real pictures."""

import itertools

import pytest
import torch

from course_utils.datasets import cells
from course_utils.lessons.c3w2a import figures, real, skips, training
from course_utils.lessons.c3w2a.exercises import RUNS, SIGNS, contradiction, diagnose
from course_utils.models.unet import UNet

LABELS = cells.draw(40, seed=5).labels


def test_the_truth_measures_as_the_truth():
    found = training.measure((LABELS > 0).float() - 0.5, LABELS)
    assert found[:3] == (1, 1, 1)
    assert found.matched > 0.97  # a sliver at the edge may have fewer than 8 pixels
    assert found.count_error < 0.1


def test_flips_keep_pictures_and_masks_together():
    torch.manual_seed(0)
    picture, seen = torch.arange(12.0).view(1, 3, 4), set()
    for _ in range(100):
        one, other = training.flipped(picture, picture + 100)
        assert torch.equal(one + 100, other)
        seen.add(tuple(one.flatten().tolist()))
    assert len(seen) == 8


def test_training_lowers_the_loss_and_watches():
    data = cells.draw(50, seed=0)
    watch = training.train(UNet(1, 1, (4, 8)), data, 20, held_out=data, looks=4)
    assert watch.steps == [5, 10, 15, 20]
    assert watch.losses[-1] < watch.losses[0]


def test_zeroed_skips_make_their_weights_meaningless():
    torch.manual_seed(0)
    network = UNet(1, 1, (2, 4))
    cut, x = skips.Altered(network, (0,)), torch.randn(2, 1, 8, 8)
    before = cut(x)
    cut(x).square().sum().backward()
    kernel = network.up[0].convolutions[0].weight  # reads 2 channels of the skip, then 2 from below
    assert kernel.grad[:, :2].abs().max() == 0
    with torch.no_grad():
        kernel[:, :2] += 5
        assert torch.equal(cut(x), before)


def test_another_picture_gives_each_the_features_of_the_one_before():
    features = [torch.arange(3.0).view(3, 1), torch.arange(3.0).view(3, 1)]
    first, second = skips.altered(features, (0,), "another picture")
    assert first.flatten().tolist() == [2, 0, 1]
    assert second is features[1]


def test_otsu_separates_two_levels_and_evens_out_light():
    ramp = torch.linspace(0, 200, 64).expand(64, 64).clone()
    ramp[20:30, 20:30] += 40
    picture = ramp.to(torch.uint8)[None, None]
    assert real.otsu(picture)[0, 25, 60] > 0  # the bright end of the ramp is no object
    even = real.otsu(picture, flatten=0.7)
    assert even[0, 25, 25] > 0


def test_the_watershed_cuts_two_discs_at_their_waist():
    rows, columns = torch.arange(30)[:, None], torch.arange(40)[None]
    mask = ((rows - 15) ** 2 + (columns - 12) ** 2 < 81) | ((rows - 15) ** 2 + (columns - 27) ** 2 < 81)
    assert real.watershed(mask[None], 5).max() == 2
    assert training.connected(mask[None]).max() == 1


@pytest.mark.parametrize(("name", "sides"), [("coins", (100, 128)), ("cell", (216, 180))])
def test_real_pictures_have_sides_that_can_be_halved_twice(name, sides):
    grey = real.picture(name, 0.33)
    assert grey.dtype == torch.uint8
    assert tuple(grey.shape) == sides


def test_every_wrong_name_is_contradicted_by_a_number():
    for run in RUNS:
        for name in set(SIGNS) - {diagnose(run)}:
            assert name in contradiction(run, name)


def test_cells_that_nearly_touch_have_different_colours():
    objects = torch.zeros(1, 12, 40, dtype=torch.long)
    for place in range(9):  # the ninth would come round to the colour of the first
        objects[0, 2:6, 4 * place + 1 : 4 * place + 4] = place + 1
    objects[0, 7:10, 1:4] = 17  # below the first, and its colour by number alone
    places = figures.neighbours_differ(objects)[0]
    row = [places[3, 4 * k + 2].item() for k in range(9)]
    assert all(a != b for a, b in itertools.pairwise(row))
    assert places[8, 2] != places[3, 2]
