"""What the helpers of the lesson on music promise."""

from pathlib import Path

import pytest
import torch

from course_utils.batches import batches_of
from course_utils.callbacks import History, Watch
from course_utils.datasets import chorales
from course_utils.lessons.c4w2a import play, shuffles
from course_utils.lessons.c4w2a.exercises import PIECES, SIGNS, diagnose
from course_utils.models.music import BarGenerator, ChoraleCritic, ChoraleGenerator
from course_utils.music import theory
from course_utils.music.tensors import CLASSES, HOLD, one_hot, to_classes, to_notes
from course_utils.training import GAN


@pytest.fixture(scope="module")
def drawn():
    return chorales.draw(60, seed=2, keys=("C", "a"))


@pytest.fixture(scope="module")
def classes(drawn):
    return to_classes(drawn.pitches, drawn.onsets)


def lines(classes):
    """Each voice of each chorale as a row."""
    return [tuple(row) for row in classes.permute(0, 3, 1, 2).flatten(2).flatten(0, 1).tolist()]


def test_voices_are_exchanged_within_a_key(drawn, classes):
    other = shuffles.voices(classes, drawn.keys)
    assert not torch.equal(other, classes)
    for key in drawn.keys.unique():
        mine = drawn.keys == key
        assert sorted(lines(other[mine])) == sorted(lines(classes[mine]))
    for voice in range(4):
        assert sorted(lines(other[..., voice : voice + 1])) == sorted(lines(classes[..., voice : voice + 1]))


def test_bars_keep_their_pitches_and_change_their_order(classes):
    bars = [to_notes(x)[0].unflatten(1, (4, 16)) for x in (classes, shuffles.bars(classes))]
    for before, after in zip(*bars, strict=True):
        assert sorted(before.flatten(1).tolist()) == sorted(after.flatten(1).tolist())
    assert not torch.equal(*bars)


def test_notes_keep_their_rhythm_and_change_their_order(classes):
    other = shuffles.notes(classes)
    assert torch.equal(other == HOLD, classes == HOLD)
    assert torch.equal(other.flatten(1, 2).sort(dim=1).values, classes.flatten(1, 2).sort(dim=1).values)
    assert not torch.equal(other, classes)


def test_the_key_to_the_diagnosis_is_what_the_rules_count(drawn, classes):
    four = shuffles.four_sets(classes, drawn.keys)
    assert tuple(four) == PIECES
    for name, pieces in four.items():
        broken, signs = theory.violations(to_notes(pieces)[0]), SIGNS[diagnose(name)]
        assert (broken["no chord"] > 4 / 3) == (signs["beats without a chord"] == "are more than a third of all beats")
        assert (broken["no chord"] == 0) == (signs["beats without a chord"] == "are 0")
        assert (broken["leaps"] == 0) == (signs["leaps of more than an octave"] == "are 0")
        assert (broken["parallels"] == 0) == (signs["parallels"] == "are 0")


def test_the_lesson_does_not_say_which_set_is_which_before_it_asks():
    source = Path(__file__).parents[1] / "notebooks/sources/course4_beyond_pictures/c4w2a_music.py"
    before, after = source.read_text(encoding="utf-8").split('# %% exercise="c4w2a.diagnose"')
    told = [f"shuffles.{name}(" for name in ("voices", "bars", "notes")]
    assert not any(call in before for call in told)
    assert any(call in after for call in told)


def test_a_row_of_a_copied_set_says_so(classes):
    bars = classes.flatten(0, 1)
    copied = play.row(classes[:5], bars, bars_compared=10)
    printed = play.tables({"a name of twenty-five signs": copied}).splitlines()
    assert max(map(len, printed)) <= 78
    assert printed[1].split()[-2:] == ["0.000", f"{copied['own']:.3f}"]
    assert printed[4].split()[-1] == "0.000"
    assert copied["nearest"] == 0
    assert copied["violations"] == 0
    assert play.row(classes[:1].expand(5, -1, -1, -1), bars, bars_compared=10)["own"] == 0


def test_variety_is_the_distance_to_the_most_similar_other_bar_of_the_same_part(classes):
    bars = classes.flatten(0, 1)[:6]
    apart = (bars[:, None] != bars[None]).flatten(2).sum(dim=2) + 1000 * torch.eye(6, dtype=torch.int64)
    assert play.variety(bars) == pytest.approx(apart.min(dim=1).values.float().mean().item())
    parts = [play.variety(bars[:3]), play.variety(bars[3:])]
    assert play.variety(bars, compared=3) == pytest.approx(sum(parts) / 2)
    assert play.variety(torch.cat([bars, bars])) == 0


def test_what_the_dashboard_plays_is_the_first_of_the_chorales_that_it_shows(classes):
    def draw_z(n):
        return torch.randn(n, 8)

    torch.manual_seed(1)
    gan = GAN.with_adam(ChoraleGenerator(BarGenerator(8, CLASSES, 8), 4), ChoraleCritic(CLASSES, width=8), ema=0.9)
    game, history = play.ChoraleGame(draw_z), History(total_steps=1)
    Watch(gan, batches_of((one_hot(classes),)), game, history).log(1, 0.0, 0.0)
    torch.manual_seed(0)
    with torch.no_grad():
        made = play.first_sample(draw_z)(gan)
    assert made.sound.startswith("data:audio/wav;base64,")
    assert made.seconds == pytest.approx(6.4)
    small, large = history.snapshots[0][0], made.picture
    assert large.shape == (3, 160, 256)
    assert torch.equal(large[:, ::4, 2::4], small)  # the third of four columns: no gap and no line is there


def test_broken_rules_are_counted_in_class_numbers(drawn, classes):
    assert play.broken(classes) == 0
    other = shuffles.voices(classes, drawn.keys)
    assert play.broken(other) == pytest.approx(sum(theory.violations(to_notes(other)[0]).values()))
