"""The benchmarks' own arithmetic, and one round of every recipe."""

import math

import pytest
import torch

from benchmarks import common, judge, recipes, stacked_digits, textbook, time_to_quality
from course_utils.datasets import digits

ALL = recipes.TRIED | time_to_quality.RACERS


def test_the_time_to_a_score_is_interpolated():
    scores = [(10.0, 100.0), (20.0, 50.0), (30.0, 40.0)]
    assert time_to_quality.seconds_to(scores, 100.0) == 10
    assert time_to_quality.seconds_to(scores, 75.0) == pytest.approx(15)
    assert time_to_quality.seconds_to(scores, 45.0) == pytest.approx(25)
    assert time_to_quality.seconds_to(scores, 39.9) == math.inf


def test_the_report_says_how_much_sooner():
    names = list(time_to_quality.RACERS)
    slow, fast = ([(3.0, 90.0), (180.0, 30.0)], 7), ([(3.0, 30.0), (180.0, 3.0)], 9000)
    results = {(name, 0): fast if name == time_to_quality.OURS else slow for name in names}
    text = time_to_quality.report(results, [3.0, 180.0])
    ours = next(line for line in text.splitlines() if line.startswith(f"| {time_to_quality.OURS}"))
    assert "| 30.00 | 3.00 | 9,000 | 3.0 s, 60 times sooner |" in ours


@pytest.mark.parametrize("name", ALL)
def test_every_recipe_plays_a_round(name):
    recipe, images = ALL[name], digits.load("test").images[:130]
    torch.manual_seed(0)
    gan, step = recipe.start()
    players = [list(gan.generator.parameters()), list(gan.discriminator.parameters())]
    before = [[p.detach().clone() for p in player] for player in players]
    real = next(recipe.batches(images))
    assert real.shape[:2] == (recipe.batch_size, 1)
    assert real.min() >= -1
    assert real.max() <= 1
    step(real)
    for player, old in zip(players, before, strict=True):
        assert not all(torch.equal(a, b) for a, b in zip(player, old, strict=True))
    with torch.no_grad():
        assert time_to_quality.to_28(gan.shown(recipe.draw_z(3))).shape == (3, 1, 28, 28)


def test_the_textbook_initialisation_has_its_bug():
    generator, _ = textbook.networks_64()
    scales = [m.weight for m in generator.modules() if isinstance(m, torch.nn.BatchNorm2d)]
    assert all(abs(scale.mean()) < 0.02 for scale in scales)


def test_translation_moves_each_image_by_itself_and_keeps_the_gradient():
    torch.manual_seed(0)
    dot = torch.full((200, 1, 9, 9), -1.0)
    dot[:, :, 4, 4] = 1.0
    moved = recipes.Translate(2)(dot.requires_grad_())
    assert (moved.flatten(1).sum(1) == -79).all()  # one bright pixel each
    places = moved.flatten(1).argmax(1)
    assert {((p // 9).item(), (p % 9).item()) for p in places} == {(r, c) for r in range(2, 7) for c in range(2, 7)}
    moved.sum().backward()
    assert dot.grad[:, :, 4, 4].eq(1).all()


def test_the_rates_of_stacked_digits_fall_in_the_last_third():
    gan, _ = stacked_digits.RECIPE.start()
    for seconds, share in ((0, 1.0), (600, 1.0), (750, 0.5), (900, 0.02)):
        stacked_digits.set_rates(gan, seconds, 900)
        for optimiser in (gan.opt_g, gan.opt_d):
            assert optimiser.param_groups[0]["lr"] == pytest.approx(share * stacked_digits.RECIPE.rate)


def test_stacked_digits_are_three_digits():
    torch.manual_seed(0)
    data = digits.load("test")
    images = stacked_digits.stack(data.images, 500)
    assert images.shape == (500, 3, 28, 28)
    modes, kl = stacked_digits.modes(images)
    assert modes > 300
    assert kl < 1.5
    assert stacked_digits.modes(images[:1].repeat(50, 1, 1, 1)) == (1, pytest.approx(math.log(1000)))


def test_the_judge_reads_ten_classes_in_features_of_its_own():
    model = judge.Judge()
    images = torch.rand(2, 1, 28, 28)
    assert model(images).shape == (2, 10)
    assert model.features(images).shape == (2, 128)
    assert model.features(images).min() >= 0


def test_sections_are_replaced_and_appended(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(common, "RESULTS", tmp_path / "RESULTS.md")
    for title, text in (("One", "first"), ("Two", "second"), ("One", "third")):
        common.write_section(title, text)
    written = (tmp_path / "RESULTS.md").read_text()
    assert written == f"{common.HEADING}\n## One\n\nthird\n\n## Two\n\nsecond\n"
    assert "third" in capsys.readouterr().out
