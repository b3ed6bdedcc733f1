"""Chorales by rule: repeatable, in their key, with their cadences, and without a broken rule."""

import time

import pytest
import torch

from course_utils.datasets import chorales
from course_utils.music import theory


@pytest.mark.parametrize("bars", [2, 4, 8])
def test_no_rule_is_broken_in_any_key(bars):
    drawn = chorales.draw(300, seed=3, bars=bars)
    assert len(drawn.keys.unique()) == 24
    assert theory.violations(drawn.pitches) == dict.fromkeys(theory.RULES, 0.0)


def test_the_same_seed_gives_the_same_chorales_and_another_others():
    first, again, other = (chorales.draw(20, seed=s, keys=("C",)) for s in (5, 5, 6))
    assert all(torch.equal(a, b) for a, b in zip(first, again, strict=True))
    assert not torch.equal(first.pitches, other.pitches)


def test_shapes_and_what_is_struck():
    drawn = chorales.draw(10, bars=6)
    assert drawn.pitches.shape == drawn.onsets.shape == (10, 96, 4)
    assert drawn.onsets[:, 0].all()
    assert not drawn.onsets[:, 1::2].any()  # nothing is shorter than an eighth
    changed = drawn.pitches[:, 1:] != drawn.pitches[:, :-1]
    assert drawn.onsets[:, 1:][changed].all()


def test_notes_are_struck_again_and_held():
    drawn = chorales.draw(200)
    same = drawn.pitches[:, 4::4] == drawn.pitches[:, 3:-1:4]
    struck = drawn.onsets[:, 4::4][same].float().mean()
    assert 0.2 < struck < 0.9


@pytest.mark.parametrize(("key", "scale"), [("C", {0, 2, 4, 5, 7, 9, 11}), ("a", {9, 11, 0, 2, 4, 5, 7, 8})])
def test_notes_are_in_the_key_and_the_end_is_its_tonic(key, scale):
    drawn = chorales.draw(200, keys=(key,))
    assert set((drawn.pitches % 12).unique().tolist()) == scale
    tonic = chorales.KEYS.index(key) % 12
    assert (drawn.pitches[:, -1, [0, 3]] % 12 == tonic).all()
    middle = drawn.pitches[:, 28:32, 3] % 12  # four bars: the first phrase ends on the dominant
    assert (middle[:, 0] == (tonic + 7) % 12).all()


def test_nearly_all_chorales_differ():
    assert len(chorales.draw(500, keys=("C",)).pitches.unique(dim=0)) == 500


def test_they_are_written_fast_enough():
    chorales.draw(2, bars=8)
    began = time.process_time()
    chorales.draw(1000, seed=9, bars=8)
    assert 1000 / (time.process_time() - began) > 500


@pytest.mark.parametrize(
    ("arguments", "name"), [({"n": 0}, "n"), ({"n": 1, "bars": 3}, "bars"), ({"n": 1, "keys": ("H",)}, "keys")]
)
def test_what_cannot_be_written_is_refused(arguments, name):
    with pytest.raises(ValueError, match=f"{name}: expected"):
        chorales.draw(**arguments)


def test_load_gives_the_same_splits_every_time_in_c_and_a_alone():
    train, test = chorales.load(), chorales.load("test")
    assert (len(train.keys), len(test.keys)) == (8000, 500)
    assert {chorales.KEYS[key] for key in train.keys.unique()} == {"C", "a"}
    assert torch.equal(test.pitches, chorales.load("test").pitches)
    assert not (train.pitches[:500] == test.pitches).flatten(1).all(1).any()
    assert chorales.load("test", bars=2).pitches.shape == (500, 32, 4)


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ({"split": "all"}, "split: expected one of 'train', 'test', got 'all'"),
        ({"size": "huge"}, "size: expected one of 'embedded', 'full', got 'huge'"),
        ({"size": "full", "bars": 0}, "bars: expected a whole number of at least 1, got 0"),
        ({"size": "full", "bars": 2.5}, "bars: expected a whole number of at least 1, got 2.5"),
        ({"bars": 3}, "bars: expected an even number"),
    ],
)
def test_what_cannot_be_loaded_is_refused(arguments, problem):
    with pytest.raises(ValueError, match=problem):
        chorales.load(**arguments)
