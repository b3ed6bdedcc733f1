"""What passes between the process of a submission and the judge: plain values do, and nothing that equals more than it is."""

import json

import pytest
import torch

from course_utils.checks import engine, exercises_of, find
from course_utils.checks.observe import RAISES, Near, Seen, alike, same
from course_utils.grading import facts
from course_utils.grading.judge import judged

FILE = "<a cell>"


def there_and_back(value, wanted=None):
    return facts.unpacked(json.loads(json.dumps(facts.packed(value))), wanted)


@pytest.mark.parametrize("value", [
    None, True, 3, -(10**30), 0.1, float("inf"), "text ü", ..., [1, "a"], (1, (2.0, None)), {"a": 1, 2: [3]}, [], {},
])  # fmt: skip
def test_plain_values_pass(value):
    got = there_and_back(value)
    assert type(got) is type(value)
    assert got == value


@pytest.mark.parametrize("dtype", ["float64", "float32", "float16", "bfloat16", "int64", "uint8", "bool", "complex64"])
def test_tensors_pass_bit_for_bit(dtype):
    for tensor in (torch.arange(6).reshape(2, 3), torch.tensor(3), torch.zeros(0, 2), torch.ones(1).expand(4).t()):
        tensor = tensor.to(facts.DTYPES[dtype])
        got = there_and_back(tensor)
        assert got.dtype == tensor.dtype
        assert torch.equal(got, tensor)
    assert there_and_back(torch.tensor(2.0, requires_grad=True)).requires_grad is False


class EqualsAll:
    def __eq__(self, other):
        return True


class Text(str):
    def __eq__(self, other):
        return True


@pytest.mark.parametrize("value", [EqualsAll(), Text("x"), {1}, object, lambda: 1, torch.ones(1).to_sparse(), "x" * 10**6])
def test_anything_else_arrives_as_what_equals_nothing(value):
    got = there_and_back(value)
    assert isinstance(got, facts.Foreign)
    assert not same(got, value)
    assert not same(value, got)
    assert type(got).__name__ == type(value).__name__


def test_a_statistic_may_not_say_how_far_it_is_off():
    wanted = Near(torch.tensor(1.0), 0.1)
    assert there_and_back(Near(torch.tensor(1.1), 0.1), wanted).within == 0.1
    assert not same(there_and_back(Near(torch.tensor(9.0), float("inf")), wanted), wanted)
    assert not same(there_and_back(Near(torch.tensor(9.0), float("nan")), wanted), wanted)
    assert isinstance(there_and_back(Near(torch.tensor(1.0), 9.0), torch.tensor(1.0)), facts.Foreign)


@pytest.mark.parametrize("sent", [
    {}, [], 3, {"plain": 3}, {"plain": [1]}, {"int": "x"}, {"float": "one"}, {"dict": [[{"dict": []}, {"plain": None}]]},
    {"tensor": "AAAA", "dtype": "float32", "shape": [2]}, {"tensor": "", "dtype": "float32", "shape": [-1, 0]},
    {"tensor": "", "dtype": "object", "shape": [0]}, {"tensor": "", "dtype": "float32", "shape": [0, 10**30]},
    {"tensor": "\u00e4", "dtype": "float32", "shape": []},
])  # fmt: skip
def test_what_is_no_value_is_refused(sent):
    with pytest.raises(facts.Unreadable):
        facts.unpacked(sent)


def test_a_value_without_an_end_is_refused():
    sent = {"plain": None}
    for _ in range(200):
        sent = {"list": [sent]}
    with pytest.raises(facts.Unreadable):
        facts.unpacked(sent)


def raise_in_a_cell():
    namespace = {}
    exec(compile("\n\ndef f():\n    return {}['key']", FILE, "exec"), namespace)
    try:
        namespace["f"]()
    except KeyError as error:
        return error


def test_an_exception_leads_to_its_line():
    error = facts.unpacked_error(facts.packed_error(raise_in_a_cell(), FILE), FILE)
    assert isinstance(error, KeyError)
    assert (type(error).__name__, str(error)) == ("KeyError", "'key'")
    assert (error.__traceback__.tb_lineno, error.__traceback__.tb_frame.f_code.co_filename) == (4, FILE)


@pytest.mark.parametrize("base", ["SystemExit", "BaseException", "print", "ExceptionGroup", "UnicodeDecodeError", "", "os"])
def test_an_exception_is_made_from_a_plain_one_only(base):
    sent = {"name": "Odd name", "base": base, "text": "t", "nothing": False, "line": 10**9, "ours": False}
    error = facts.unpacked_error(sent, FILE)
    assert isinstance(error, Exception)
    assert str(error) == "t"


@pytest.mark.parametrize("lesson", ["c1w1", "c1w4b", "c3w3a"])
def test_what_the_reference_shows_arrives_as_it_is(lesson):
    for exercise in exercises_of(lesson):
        for wanted in exercise.wanted.values():
            sent = json.loads(json.dumps(facts.packed_seen(wanted, FILE)))
            got = facts.unpacked_seen(sent, wanted, FILE)
            assert alike(got, wanted), exercise.id
            assert all(same(got.trace[name], value) for name, value in wanted.trace.items())


@pytest.mark.parametrize("text", [
    "", "null", "[]", "{}", '{"end": "passed"}', '{"end": "seen"}', '{"end": "seen", "seen": [], "canary": []}', "[" * 10**5,
    '{"end": "error", "error": 3}', '{"end": "seen", "seen": 3, "canary": 3}',
])  # fmt: skip
def test_a_message_that_is_none_is_no_verdict(text):
    report = judged("00.to_float", text, 1.0)
    assert (report.verdict, report.mistakes) == ("wrong", ("tampered",))


def test_a_wrong_answer_that_looked_right_gives_no_points():
    found = find("00.to_float")
    seen = [[name, facts.packed_seen(s, FILE)] for name, s in found.wanted.items()]
    sent = {"end": "seen", "seen": seen, "canary": [], "printed": ""}
    assert judged("00.to_float", json.dumps(sent), 1.0).mistakes == ("tampered",)
    sent["canary"] = list(found.wanted)
    assert judged("00.to_float", json.dumps(sent), 1.0).passed


def test_an_exception_that_is_no_fact_is_refused():
    sent = facts.packed_seen(Seen({"a": 1}, {}, ValueError("x")), FILE)
    with pytest.raises(facts.Unreadable):
        facts.unpacked_seen(sent, Seen({RAISES: "ValueError"}), FILE)


def test_the_engine_judges_what_was_seen_elsewhere():
    found = find("00.to_float")
    assert engine.judge(lambda x: x, found.id, found.wanted).passed
    report = engine.judge(lambda x: x, found.id, found.look(lambda images: images.float() / 255))
    assert report.verdict == "wrong"
    assert "missing_error" in report.mistakes
