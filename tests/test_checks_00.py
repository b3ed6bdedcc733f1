"""The check of the toy exercise in Start here."""

import pytest
import torch
from answers import Answers, parameters, stub, written

from course_utils.checks import examine, exercises_of, find

ID = "00.to_float"
TO_FLOAT = Answers(ID)

TO_FLOAT.right(
    lambda images: images.float() / 127.5 - 1,
    lambda images: images / 127.5 - 1,
    lambda images: 2 * (images / 255) - 1,
    lambda images: (images - 127.5) / 127.5,
    lambda images: (images.to(torch.float32) / 255 - 0.5) / 0.5,
    lambda images: (images.double() / 127.5 - 1).float(),
    lambda images: torch.lerp(torch.tensor(-1.0), torch.tensor(1.0), images / 255),
    lambda images: torch.linspace(-1, 1, 256)[images.long()],
)
TO_FLOAT.wrong("range_0_1", lambda images: images / 255, lambda images: images.float().div(255))
TO_FLOAT.wrong("only_centred", lambda images: images - 127.5)
TO_FLOAT.wrong(
    "integer_arithmetic",
    lambda images: images * 2 / 255 - 1,
    lambda images: images // 127 - 1,
    lambda images: (images - 128) / 128,
    lambda images: (images / 127.5 - 1).to(torch.uint8),
)
TO_FLOAT.wrong(
    "divided_by_128",
    lambda images: images.float() / 128 - 1,
    lambda images: (images.float() - 128) / 127.5,
    lambda images: images / 256 * 2 - 1,
)
TO_FLOAT.wrong(
    "own_range",
    lambda images: 2 * (images.float() - images.min()) / (images.max() - images.min()) - 1,
    lambda images: (images.float() - images.float().mean()) / images.float().std(),
    lambda images: images / images.max() * 2 - 1,
)
TO_FLOAT.wrong("upside_down", lambda images: 1 - images / 127.5, lambda images: (127.5 - images) / 127.5)
TO_FLOAT.refused(
    lambda images: images.float(),
    lambda images: images.float() * 2 - 1,
    lambda images: (images.float() / 127.5 - 1).double(),
    lambda images: (images / 127.5 - 1).half(),
    lambda images: (images / 127.5 - 1).flatten(),
    lambda images: (images / 127.5 - 1).view(1, *images.shape),
    lambda images: (images / 127.5 - 1).tolist(),
    lambda images: (images / 127.5 - 1).numpy(),
    lambda images: torch.tanh(images.float()),
    lambda images: images.float() / 255 * 1 - 1,
    lambda images: (images / 255 - 0.1307) / 0.3081,
    lambda images: images.to(torch.int8) / 127.5 - 1,
    lambda images: images.zero_() / 127.5 - 1,
    lambda images: None,
    lambda: None,
)


@TO_FLOAT.refused
def changes_its_argument(images):
    value = images / 127.5 - 1
    images.fill_(0)
    return value


def test_the_lesson_has_this_exercise_only():
    assert [e.id for e in exercises_of("00")] == [ID]


def test_the_reference_passes_and_the_stub_is_not_attempted():
    assert examine(find(ID).load_reference(), ID).verdict == "passed"
    assert examine(written(stub(ID), ID), ID).verdict == "not attempted"


def test_every_named_mistake_is_written_out():
    assert {m.id for m in find(ID).mistakes} == {a.mistake for a in TO_FLOAT.all_wrong}


@pytest.mark.parametrize("answer", parameters([TO_FLOAT], "right"))
def test_right_answers_pass(answer):
    report = examine(answer.candidate, ID)
    assert report.verdict == "passed", report


@pytest.mark.parametrize("answer", parameters([TO_FLOAT], "wrong"))
def test_named_mistakes_get_their_own_message(answer):
    report = examine(answer.candidate, ID)
    assert report.verdict == "wrong"
    assert report.mistakes == (answer.mistake,), report


@pytest.mark.parametrize("answer", parameters([TO_FLOAT], "refused"))
def test_other_wrong_answers_are_refused(answer):
    report = examine(answer.candidate, ID)
    assert report.verdict in ("wrong", "raised"), report
