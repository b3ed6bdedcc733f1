"""What the lesson on super-resolution needs of its own: rivals, the closed-form example, sick runs, judges, arms."""

import pytest
import torch

from course_utils.datasets import portraits, to_float
from course_utils.lessons.c3w2c import arms, figures, judges, rivals, sick
from course_utils.lessons.c3w2c.exercises import diagnose
from course_utils.metrics.psnr import psnr
from course_utils.models.super_resolution import Upscaler, bicubic, shrink
from course_utils.steps.super_resolution import upscaler_loss

TINY = arms.Settings(warm_up=2, steps=1, batch_size=4)


@pytest.fixture(scope="module")
def people():
    return portraits.draw(40, 1)


def test_ridge_without_a_penalty_finds_a_linear_map():
    torch.manual_seed(0)
    small, matrix = torch.rand(200, 3, 2, 2), torch.randn(12, 192)
    large = bicubic(small) + (small.flatten(1) @ matrix).view(200, 3, 8, 8)
    torch.testing.assert_close(rivals.fit_ridge(small, large, 1e-4)(small), large, atol=1e-2, rtol=0)
    plain = rivals.fit_ridge(small, large, 1e9)(small)
    mean = (large - bicubic(small)).mean(dim=0)
    torch.testing.assert_close(plain, bicubic(small) + mean, atol=1e-2, rtol=0)


def test_one_of_the_stars_has_twice_the_error_of_their_mean():
    blocks = rivals.stars()
    torch.testing.assert_close(shrink(blocks.view(16, 1, 4, 4)), torch.full((16, 1, 1, 1), 1 / 16, dtype=torch.float64))
    errors = rivals.errors_of_answers(blocks)
    assert errors["mean"] == pytest.approx(1 / 16 * (1 - 1 / 16))
    assert errors["sample"] == pytest.approx(2 * errors["mean"])


def test_each_fault_shows_in_its_column(people):
    truth = to_float(people.images)
    torch.manual_seed(1)
    noisy = (truth + 0.05 * torch.randn_like(truth)).clamp(-1, 1)
    sound = sick.read(noisy, truth, 0.0)
    assert sound.reported == pytest.approx(sound.counted)
    assert sound.gain == pytest.approx(0)
    assert sound.counted - sick.read(noisy, truth, 0.0, peak=1.0).reported == pytest.approx(6.0206, abs=1e-3)
    moved = sick.read(sick.moved(noisy, 2, 2), truth, 0.0)
    assert moved.gain > 3
    swapped = sick.read(noisy.flip(1), truth, 0.0)
    assert swapped.grey == pytest.approx(sound.grey, abs=1e-3)
    assert swapped.counted < sound.counted - 3
    aliased = arms.enlarge(bicubic, sick.thinned(truth))
    assert psnr(shrink(aliased), shrink(truth)) < psnr(shrink(arms.enlarge(bicubic, shrink(truth))), shrink(truth)) - 3


def test_aligned_interpolation_undoes_the_shift_of_every_fourth_pixel(people):
    small = shrink(to_float(people.images))[:4, :, :, :12]  # sides that differ
    torch.testing.assert_close(sick.aligned_bicubic(small, 1.5), bicubic(small), atol=1e-4, rtol=0)
    slope = torch.linspace(-1, 1, 64).expand(1, 3, 64, 64)
    inside = (..., slice(8, -8), slice(8, -8))
    for large in (slope, slope.mT):
        shifted, aligned = (way(sick.thinned(large)) - large for way in (bicubic, sick.aligned_bicubic))
        assert aligned[inside].mean().item() == pytest.approx(0, abs=1e-4)
        assert abs(shifted[inside].mean().item()) == pytest.approx(1 / 63, abs=1e-4)  # half a pixel of this slope


def test_each_patient_has_what_the_key_says(people):
    truth = to_float(people.images)
    torch.manual_seed(1)
    squared, game = (arms.enlarge(lambda x: x, truth + scale * torch.randn_like(truth)) for scale in (0.05, 0.1))
    found = sick.patients(bicubic, squared, game, truth, lambda pictures: 0.5)
    named = {diagnose(f"run {letter}"): reading for letter, reading in found.items()}
    assert list(found) == list("ABCDEF")
    assert named["sound"] == sick.read(squared, truth, 0.5)
    assert named["a heavy game"] == sick.read(game, truth, 0.5)
    assert named["a peak of 1"] == sick.read(squared, truth, 0.5, peak=1.0)
    assert named["every fourth pixel"] == sick.read(arms.enlarge(bicubic, sick.thinned(truth)), truth, 0.5)
    assert named["moved by two pixels"].gain > 3
    assert named["red and blue exchanged"].counted < named["sound"].counted - 3


def test_a_judge_gives_a_logit_an_attribute_and_measures(people):
    images, worn = to_float(people.images), people.column("glasses") > 0.5
    judge = judges.trained(images, people.attributes, steps=2, seed=0, batch_size=8)
    assert judge(images[:3]).shape == (3, 17)
    assert judge.features(images[:3]).shape == (3, 48)
    found = judges.measure(images, images, worn, judge, images)
    assert found.psnr > 100
    assert found.ssim == pytest.approx(1, abs=1e-4)
    assert found.distance == pytest.approx(0, abs=1e-3)
    assert judges.of_glasses(worn, worn) == (1, 0, 0)
    assert judges.of_glasses(~worn, worn) == (0, 1, 1)


def test_arms_leave_the_warm_up_as_it_was(people):
    large = to_float(people.images)
    torch.manual_seed(0)
    network = arms.warm_up(Upscaler(4, 1, 2), shrink(large), large, TINY)
    before = [p.clone() for p in network.parameters()]
    for weight in (0.0, 0.1):
        features = torch.nn.Flatten()
        gan, history = arms.fine_tune(network, (people.images, shrink(large)), upscaler_loss, features, (0.01, weight), TINY)
        assert gan.shown is not network
        assert len(history.step) == 1
        made = arms.enlarge(gan.shown, shrink(large))
        assert made.shape == large.shape
        assert made.abs().max() <= 1
    assert all(torch.equal(a, b) for a, b in zip(before, network.parameters(), strict=True))


def test_the_plane_has_a_mark_a_seed():
    fig = figures.plane({"bicubic": [(25.0, 0.3)], "ridge": [(28.0, 0.1), (28.1, 0.2)]}, 0.02, "Plane")
    assert [len(line.get_xdata()) for line in fig.axes[0].lines[:2]] == [1, 2]
