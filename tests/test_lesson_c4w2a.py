"""What the helpers of the lesson on music promise."""

import pytest
import torch

from course_utils.datasets import chorales
from course_utils.lessons.c4w2a import play, shuffles
from course_utils.lessons.c4w2a.exercises import PIECES, SIGNS, diagnose
from course_utils.music import theory
from course_utils.music.tensors import HOLD, to_classes, to_notes


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
    four = zip(
        PIECES,
        (shuffles.voices(classes, drawn.keys), shuffles.bars(classes), classes, shuffles.notes(classes)),
        strict=True,
    )
    for name, pieces in four:
        broken, signs = theory.violations(to_notes(pieces)[0]), SIGNS[diagnose(name)]
        assert (broken["no chord"] > 4 / 3) == (signs["beats without a chord"] == "are more than a third of all beats")
        assert (broken["no chord"] == 0) == (signs["beats without a chord"] == "are 0")
        assert (broken["leaps"] == 0) == (signs["leaps of more than an octave"] == "are 0")
        assert (broken["parallels"] == 0) == (signs["parallels"] == "are 0")


def test_a_row_of_a_copied_set_says_so(classes):
    bars = classes.flatten(0, 1)
    copied = play.row(classes[:5], bars, bars_compared=10)
    assert copied["nearest"] == 0
    assert copied["violations"] == 0
    assert play.row(classes[:1].expand(5, -1, -1, -1), bars, bars_compared=10)["own"] == 0
