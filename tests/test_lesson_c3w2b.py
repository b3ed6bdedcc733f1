"""What the helpers of the lesson on Pix2Pix promise."""

import pytest
import torch

from course_utils.datasets import pairs, to_float
from course_utils.lessons.c3w2b import measure, sick
from course_utils.lessons.c3w2b.exercises import diagnose
from course_utils.models.pix2pix import PatchDiscriminator, seen_by
from course_utils.steps.pix2pix import translator_loss


@pytest.fixture(scope="module")
def street():
    return pairs.draw(60, seed=7)


@pytest.fixture(scope="module")
def real_patches():
    return measure.patches(to_float(pairs.draw(60, seed=8).images))


def test_true_pictures_are_the_ceiling_of_every_number(street, real_patches):
    found = measure.measure(to_float(street.images), street, real_patches)
    assert found.accuracy > 0.99
    assert found.legal == found.whole == 1
    assert found.colours > 2.8
    assert found.patches < 8


def test_mean_colours_have_no_legal_wall_and_other_patches(street, real_patches):
    found = measure.measure(measure.mean_colours(street, street.labels), street, real_patches)
    assert found.legal == found.whole == found.colours == 0
    assert found.patches > 12


def test_one_colour_for_all_houses_is_legal_and_counts_as_one(street, real_patches):
    found = measure.measure(measure.palette_colours(street.labels), street, real_patches)
    assert found.patches > 30  # the only number that tells it from a game with L1
    assert found[:4] == pytest.approx((1, 1, 1, 1))


def test_a_house_of_two_colours_is_legal_and_not_whole(street, real_patches):
    images = to_float(street.images)
    wall = street.labels == pairs.WALL
    striped = torch.zeros_like(wall)
    striped[:, ::2] = True
    colours = (pairs.WALL_COLOURS[striped.long()].float() / 127.5 - 1).permute(0, 3, 1, 2)
    found = measure.measure(torch.where(wall[:, None], colours, images), street, real_patches)
    assert found.legal == 1
    assert found.whole == 0
    assert found.colours == pytest.approx(2, abs=0.05)


def test_the_nearest_map_of_a_set_in_itself_is_its_own(street):
    assert torch.equal(measure.nearest_maps(street, street.labels), to_float(street.images))


def test_a_discriminator_without_maps_is_not_moved_by_them(street):
    torch.manual_seed(0)
    images, maps = to_float(street.images), to_float(street.maps)
    own, other, moved = measure.reads_condition(PatchDiscriminator(1, 4, condition_channels=0), images, maps)
    assert own == other
    assert moved == 0
    assert measure.reads_condition(PatchDiscriminator(1, 4), images, maps)[2] > 0


def test_summed_l1_is_as_many_times_as_heavy_as_a_picture_has_numbers():
    logits, fake, real = torch.zeros(2, 1, 3, 3), torch.zeros(2, 3, 4, 4), torch.ones(2, 3, 4, 4)
    mean, summed = (loss(logits, fake, real, 1.0, 0.0) for loss in (translator_loss, sick.summed_l1))
    assert summed.item() == pytest.approx(48 * mean.item())


def test_each_patient_has_what_the_key_says():
    def train(discriminator, game, seed):
        return discriminator, game, seed, torch.rand(())  # the last one: what the dice were at

    def game(l1_weight, loss=translator_loss):
        return l1_weight, loss

    runs = {("game", 0): "the game alone", ("both", 0): "the game with L1"}
    found = sick.patients(runs, train, game, PatchDiscriminator, {"l1_weight": 100.0, "judge": 4})
    named = {diagnose(name): run for name, run in found.items()}
    assert (named["no L1 term"], named["sound"]) == ("the game alone", "the game with L1")
    summed, blind = named["the L1 term is a sum"], named["D never sees the map"]
    assert summed[1:3] == ((100.0, sick.summed_l1), 0)
    assert blind[1:3] == ((100.0, translator_loss), 0)
    channels = [run[0].layers[0].in_channels for run in (summed, blind)]
    assert channels == [6, 3]
    torch.manual_seed(0)
    assert summed[3] == train(PatchDiscriminator(2, 4), game(100.0), 0)[3]


def test_norms_show_a_logit_the_whole_picture():
    torch.manual_seed(0)
    assert seen_by(sick.normed(2), torch.randn(1, 3, 64, 64), 5, 5).all()


def test_the_inputs_of_other_tasks_lack_what_they_should(street):
    images = to_float(street.images[:3])
    holed = sick.with_hole(images)
    assert (holed[:, :, 12:36, 12:36] == 0).all()
    assert torch.equal(holed[..., :12], images[..., :12])
    small = sick.small(images)
    assert small.shape == images.shape
    assert torch.equal(small[..., 0], small[..., 3])
    lines = sick.sketch(images)
    assert set(lines.unique().tolist()) == {-1.0, 1.0}
    assert 0.02 < (lines < 0).float().mean() < 0.5
