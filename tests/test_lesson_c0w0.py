"""The refresher's reading list."""

import pytest

from course_utils.lessons.c0w0 import plan, selftest

OWN = [lambda: None] * 10
NAMES = "as_rows picked standardise slope distance TwoLayers convolve training_step accuracy same_noise"
LENT = [getattr(selftest, name) for name in NAMES.split()]


def test_what_was_solved_need_not_be_read(capsys):
    assert plan.to_read(*OWN) == []
    assert plan.to_read(*OWN[:6], selftest.convolve, *OWN[7:]) == ["5 Convolution"]
    plan.reading_list(*LENT[:2], *OWN[2:])
    lines = capsys.readouterr().out.splitlines()
    assert [line.endswith("read it") for line in lines] == [True] + [False] * 7


def test_every_part_is_asked_for():
    assert plan.to_read(*LENT) == sorted(set(plan.PARTS))


def test_the_list_wants_all_ten():
    with pytest.raises(ValueError, match="the 10 of the self-test, got 3"):
        plan.to_read(*OWN[:3])
