"""The contract of the checks: four verdicts, never blocked, nothing disturbed, progress never lost."""

import html
import random
import re
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import torch
from answers import written
from torch import nn

import course_utils.checks as checks
from course_utils.checks import engine, mistake, mistakes, progress, sandbox, steps
from course_utils.checks.cases import call
from course_utils.checks.observe import Seen, difference
from course_utils.checks.programs import Program, unbound
from course_utils.lessons.c1w1.quiz import QUIZ

REPOSITORY = Path(__file__).resolve().parents[1]
ID = "toy.double"


def reference(x):
    return 2 * x


def right(x):
    return x + x


def toy_exercise(*mistakes):
    """A small exercise: double a number. Its half-second limit keeps the tests of endless code short."""
    cases = (call(1), call(3), call(-5))
    checks.exercise(ID, f"{__name__}:reference", cases=cases, mistakes=mistakes, seconds=0.5)


@pytest.fixture(autouse=True)
def toy(monkeypatch):
    monkeypatch.setattr(engine, "_FELL_BACK", set())
    monkeypatch.setitem(sys.modules, "course_utils.lessons.toy.checks", type(sys)("checks"))
    toy_exercise(
        mistake("broken_symptom", "Never shown.", symptom=lambda r: 1 / 0),
        mistake("squared", ("2 * x", "x * x"), "This is the `square`."),
        mistake("times", ("2 * x", "VALUE * x"), "You multiply by VALUE.", values=(3, 4)),
        mistake("one_more", ("return ", "return 1 + "), "One is added."),
    )
    yield
    del engine._REGISTRY[ID]


def examine(candidate):
    return checks.examine(candidate, ID)


# --- verdicts --------------------------------------------------------------------------------------------------------


def test_right_returns_the_learners_own_object(capsys):
    assert checks.check(right, ID) is right
    assert capsys.readouterr().out.splitlines()[0] == "toy.double: passed."


def _not_attempted(x):
    raise NotImplementedError("toy.double")


def _raising(x):
    return x / 0


@pytest.mark.parametrize(
    ("candidate", "verdict"),
    [(lambda x: x, "wrong"), (_not_attempted, "not attempted"), (_raising, "raised"), (None, "wrong")],
)
def test_anything_else_returns_the_reference_so_that_nobody_is_blocked(candidate, verdict, capsys):
    assert checks.check(candidate, ID) is reference
    out = capsys.readouterr().out
    assert out.startswith(f"toy.double: {verdict}.")
    assert "reference solution" in out


def test_running_the_check_again_does_not_pass_with_the_reference(capsys):
    double = checks.check(lambda x: x, ID)
    assert checks.check(double, ID) is reference
    assert "This is the reference" in capsys.readouterr().out
    assert checks.read_progress()[ID]["verdict"] == "wrong"
    assert checks.check(right, ID) is right
    assert checks.read_progress()[ID]["verdict"] == "passed"


@pytest.mark.parametrize("candidate", [lambda x: x, _not_attempted, _raising, None])
def test_strict_raises_in_place_of_falling_back(candidate, monkeypatch):
    monkeypatch.setenv("COURSE_STRICT", "1")
    with pytest.raises(checks.CheckFailed, match=r"toy\.double"):
        checks.check(candidate, ID)
    assert checks.check(right, ID) is right
    assert not progress.progress_file().exists()


def test_only_a_placeholder_counts_as_not_attempted():
    def empty(x):
        raise NotImplementedError

    def of_pytorch(x):
        raise NotImplementedError("Could not run 'aten::_local_scalar_dense' with arguments from the 'Meta' backend.")

    assert examine(empty).verdict == "not attempted"
    assert examine(of_pytorch).verdict == "raised"


def test_the_mistake_whose_program_it_cannot_be_told_from_is_explained():
    report = examine(lambda x: x**2)
    assert report.verdict == "wrong"
    assert report.mistakes == ("squared",)
    assert report.details == ("This is the `square`.",)
    assert examine(lambda x: x + 1).mistakes == ()


def test_a_message_says_what_was_measured():
    assert examine(lambda x: 4 * x).details == ("You multiply by 4.",)


def test_two_mistakes_at_once_are_both_explained():
    assert examine(lambda x: 1 + x * x).mistakes == ("squared", "one_more")


def test_any_other_constant_factor_is_named():
    report = examine(lambda x: 7.5 * x)
    assert report.mistakes == ("constant_factor",)
    assert "3.75" in report.details[0]


def test_diagnosis_never_decides():
    assert examine(lambda x: 9 if x == 3 else 2 * x).verdict == "wrong"
    toy_exercise(mistake("any", "Always seen.", symptom=lambda r: True))
    report = examine(right)
    assert report.verdict == "passed"
    assert report.mistakes == ()
    assert examine(lambda x: x + 1).mistakes == ("any",)


def test_a_mistake_that_is_only_an_edit_must_fit_the_reference():
    program = Program(f"{__name__}:reference", (("3 * x", "x"),))
    with pytest.raises(ValueError, match="must occur once, but this one occurs 0 times"):
        _ = program.candidate


def test_a_mistake_needs_an_edit_or_a_symptom_and_a_message():
    with pytest.raises(ValueError, match="expected edits or a symptom"):
        mistake("nothing", "A message.")
    with pytest.raises(ValueError, match="expected edits or a symptom"):
        mistake("no_message", ("a", "b"))


def test_an_edit_that_cannot_work_is_refused_with_what_is_missing():
    with pytest.raises(ValueError, match="a new text for each old one"):
        mistake("odd", ("2 * x",), "A message.")
    with pytest.raises(ValueError, match="a new text for each old one"):
        mistake("no_pair", "2 * x", "3 * x", "A message.")
    with pytest.raises(ValueError, match="nothing takes its place"):
        mistake("no_values", ("2 * x", "VALUE * x"), "A message.")
    with pytest.raises(ValueError, match="nothing takes its place"):
        mistake("no_values", ("2 * x", "3 * x"), "It is VALUE.")


def test_names_that_a_wrong_program_does_not_bind_are_found():
    text = "def f(x, n=len):\n    y = [k + math.pi for k in x]\n    return lambda: y + two + nn.ReLU + int(reference(n))"
    assert unbound(f"{__name__}:reference", text) == {"two"}


@pytest.mark.parametrize(
    ("message", "alone", "beside"),
    [
        ("[It is right, but] it has no graph.", "It is right, but it has no graph.", "It has no graph."),
        ("[Right for images,] wrong for points: 1] 2.", "Right for images, wrong for points: 1] 2.", "Wrong for points: 1] 2."),
        ("`x[0] + 1` is the first.", "`x[0] + 1` is the first.", "`x[0] + 1` is the first."),
    ],
)
def test_nothing_is_called_right_beside_another_mistake(message, alone, beside):
    found = mistakes.Found("some", message)
    assert mistakes.as_told((found,)) == (alone,)
    assert mistakes.as_told((found, mistakes.Found("other", "The sign is wrong."))) == (beside, "The sign is wrong.")


def test_two_mistakes_at_once_do_not_call_each_other_right():
    moved = mistake("moved", ("return ", "return 1 + "), "[The values are right, but] they are moved by one.")
    toy_exercise(mistake("squared", ("2 * x", "x * x"), "This is the square."), moved)
    assert examine(lambda x: 1 + 2 * x).details == ("The values are right, but they are moved by one.",)
    assert examine(lambda x: 1 + x * x).details == ("This is the square.", "They are moved by one.")


def test_two_mistakes_or_two_cases_of_one_exercise_cannot_share_a_name():
    same = mistake("same", "It is.", symptom=lambda r: False)
    with pytest.raises(ValueError, match="different names"):
        checks.exercise("toy.other", "x:y", cases=(call(1),), mistakes=(same, same))
    with pytest.raises(ValueError, match="different names"):
        checks.exercise("toy.other", "x:y", cases=(call(1), call(1)))


def test_an_unknown_exercise_is_answered_with_those_that_exist():
    with pytest.raises(KeyError, match=r"no exercise 'c1w1\.genrator_loss'.*c1w1\.generator_loss"):
        checks.check(reference, "c1w1.genrator_loss")
    with pytest.raises(KeyError, match=r"lesson 'c9w9': none"):
        checks.find("c9w9.anything")


# --- a candidate that misbehaves -------------------------------------------------------------------------------------


def _endless(x):
    while True:
        pass


def _endless_and_stubborn(x):
    swallowed = 0
    while True:
        try:
            time.sleep(0.01)
        except BaseException:
            swallowed += 1
            if swallowed > 3:
                raise


def _asleep(x):
    time.sleep(100)


@pytest.mark.parametrize("candidate", [_endless, _endless_and_stubborn, _asleep])
def test_a_candidate_that_hangs_is_left_behind(candidate, capsys):
    start = time.perf_counter()
    report = examine(candidate)
    assert time.perf_counter() - start < 6
    assert report.verdict == "raised"
    assert "did not finish" in report.summary
    print("still here")
    assert "still here" in capsys.readouterr().out


def test_a_wrong_program_that_hangs_does_not_block_either():
    toy_exercise(mistake("hangs", ("return 2 * x", "while True: pass"), "Never shown."))
    report = examine(lambda x: x)
    assert (report.verdict, report.mistakes) == ("wrong", ())


def test_what_a_candidate_prints_is_kept_apart_and_bounded(capfd):
    def talkative(x):
        for _ in range(100_000):
            print("<b>noise</b>", flush=True)
        print("to stderr", file=sys.stderr)
        return x

    report = examine(talkative)
    assert report.printed.startswith("<b>noise</b>")
    assert len(report.printed) <= sandbox.PRINTED_LIMIT
    assert "&lt;b&gt;noise" in report._repr_html_()
    assert "<b>noise" not in report._repr_html_()
    assert capfd.readouterr() == ("", "")


def test_a_torch_that_cannot_name_its_default_device_is_no_obstacle(monkeypatch):
    """2.9.0, the oldest that installs, after ``set_default_device(None)``."""

    def of_2_9_0():
        raise AttributeError("'NoneType' object has no attribute 'device'")

    monkeypatch.setattr(torch, "get_default_device", of_2_9_0)
    assert examine(lambda x: 2 * x).passed
    assert examine(lambda x: 2 * x).passed


def test_what_a_candidate_does_to_global_state_is_undone():
    def meddler(x):
        random.seed(0), np.random.seed(0), torch.manual_seed(0)
        torch.rand(3), np.random.rand(3), random.random()
        torch.set_default_dtype(torch.float64)
        torch.set_default_device("meta")
        torch.set_grad_enabled(False)
        torch.set_num_threads(2)
        torch.autograd.set_detect_anomaly(True)
        return 2 * x

    random.seed(5), np.random.seed(5), torch.manual_seed(5)
    before = random.getstate(), np.random.get_state()[1].tolist(), torch.get_rng_state().tolist()
    threads = torch.get_num_threads()
    assert examine(meddler).passed
    assert before == (random.getstate(), np.random.get_state()[1].tolist(), torch.get_rng_state().tolist())
    assert torch.get_default_dtype() == torch.float32
    assert torch.get_default_device().type == "cpu"
    assert torch.is_grad_enabled()
    assert torch.get_num_threads() == threads
    assert not torch.is_anomaly_enabled()


def test_a_notebook_with_other_defaults_is_checked_all_the_same():
    torch.set_default_dtype(torch.float64)
    torch.set_grad_enabled(False)
    try:
        report = checks.examine(checks.find("c1w1.generator_block").load_reference(), "c1w1.generator_block")
        assert torch.get_default_dtype() == torch.float64
        assert not torch.is_grad_enabled()
    finally:
        torch.set_default_dtype(torch.float32)
        torch.set_grad_enabled(True)
    assert report.passed, report


@pytest.mark.parametrize("error", [SystemExit(1), KeyboardInterrupt(), GeneratorExit(), RecursionError("too deep")])
def test_no_exception_gets_through(error):
    def leaves(x):
        raise error

    report = examine(leaves)
    assert report.verdict == "raised"
    assert type(error).__name__ in report.summary


class _Unequal:
    def __eq__(self, other):
        raise ValueError("compared")

    __hash__ = None

    def __repr__(self):
        raise ValueError("shown")


class _Opaque:
    """Refuses to be looked at."""

    def __getattr__(self, name):
        raise ValueError(name)

    def __call__(self, x):
        return x


class _SilentError(Exception):
    def __str__(self):
        raise ValueError("no message")


def _raises_a_broken_exception(x):
    raise _SilentError


GARBAGE = [
    lambda x: "a string",
    lambda x: {"a": 1},
    lambda x: [1, 2],
    lambda x: _Unequal(),
    lambda x: torch.zeros(3),
    lambda x: np.array(["text"]),
    lambda x: float("nan"),
    lambda x: lambda y: y,
    lambda x: (_ for _ in ()),
    _raises_a_broken_exception,
    _Opaque(),
    _Unequal(),
    "text",
    7,
    {},
    nn.Linear,
    nn.Linear(2, 2),
    int,
]


@pytest.mark.parametrize("candidate", GARBAGE, ids=range(len(GARBAGE)))
def test_garbage_is_refused_without_harm(candidate):
    assert checks.check(candidate, ID) is reference


@pytest.mark.parametrize("candidate", GARBAGE, ids=range(len(GARBAGE)))
@pytest.mark.parametrize("exercise", ["c1w1.generator_loss", "c1w1.generator_block", "c1w1.generator_step"])
def test_garbage_is_refused_by_real_exercises_too(exercise, candidate):
    report = checks.examine(candidate, exercise)
    assert report.verdict in ("wrong", "raised")
    assert repr(report).startswith(exercise)


def test_a_candidate_that_changes_its_input_does_not_spoil_the_comparison():
    def in_place(logits):
        logits.data.zero_()
        return logits.sum()

    report = checks.examine(in_place, "c1w1.generator_loss")
    assert report.mistakes == ("changes_input",)


# --- what is shown ---------------------------------------------------------------------------------------------------


def test_an_exception_shows_the_learners_own_line():
    code = "def generator_loss(fake_logits):\n    doubled = fake_logits * 2\n    return helper(doubled)\n"
    report = checks.examine(written(code, "c1w1.generator_loss"), "c1w1.generator_loss")
    assert report.verdict == "raised"
    assert "NameError: name 'helper' is not defined (line 3 of your cell: `return helper(doubled)`)" in report.summary


def test_the_line_is_found_in_decorated_functions_and_in_classes(monkeypatch):
    monkeypatch.setattr(mistakes, "SLIPS", 0.0)  # no name is looked for, only the line
    monkeypatch.setattr(mistakes, "SECONDS", 0.0)
    code = "@torch.no_grad()\ndef generator_loss(fake_logits):\n    return fake_logits.nothing()\n"
    report = checks.examine(written(code, "c1w1.generator_loss"), "c1w1.generator_loss")
    assert "(line 3 of your cell: `return fake_logits.nothing()`)" in report.summary
    code = "class Generator(nn.Sequential):\n    def forward(self, z):\n        return z.nothing()\n"
    report = checks.examine(written(code, "c1w1.generator"), "c1w1.generator")
    assert "of your cell" not in report.summary  # it fails in PyTorch's own constructor, which is nobody's cell
    code = "class Generator(nn.Module):\n    def __init__(self, **sizes):\n        super().__init__()\n        nn.Linear()\n"
    report = checks.examine(written(code, "c1w1.generator"), "c1w1.generator")
    assert "(line 4 of your cell: `nn.Linear()`)" in report.summary


@pytest.mark.parametrize(
    ("code", "hint"),
    [
        ("return torch.ones(2, 3) @ torch.ones(2, 3)", "another number of features"),
        ("return nn.BatchNorm1d(1).train()(torch.ones(1, 1)).sum()", "batch of one"),
        ("return torch.ones(1).sum().backward()", "no graph behind it"),
        ("return (fake_logits * 2).backward()", "is called inside"),
        ("return nn.BCEWithLogitsLoss()(fake_logits, torch.ones(3))", "ones_like"),
        ("return nn.BCELoss()(fake_logits * 0 + 9, torch.ones_like(fake_logits))", "with_logits"),
        ("return fake_logits.view(7, 7)", "rearrange"),
        ("return nn.Sequential(nn.ReLU)(fake_logits)", "create it with ()"),
    ],
)
def test_common_exceptions_are_explained(code, hint):
    candidate = written(f"def generator_loss(fake_logits):\n    {code}\n", "c1w1.generator_loss")
    report = checks.examine(candidate, "c1w1.generator_loss")
    assert report.verdict == "raised"
    assert hint in " ".join(report.details)


def test_html_is_escaped_and_code_is_set_apart():
    def nasty(x):
        raise ValueError("<script>alert('x')</script> & `code`")

    page = examine(nasty)._repr_html_()
    assert "<script>" not in page
    assert html.escape("<script>alert('x')</script> & ") + "<code>code</code>" in page
    assert "<b>toy.double</b>" in page


def test_plain_text_begins_with_one_verdict_line():
    def multiline(x):
        raise ValueError("first\nsecond\n\nthird")

    lines = repr(examine(multiline)).splitlines()
    assert lines[0] == "toy.double: raised."
    assert any(line.startswith("Seen: ValueError: first second") for line in lines)
    assert all(len(line) <= 110 for line in lines)
    assert repr(examine(reference)) == "toy.double: passed."


def test_very_long_messages_are_cut():
    def verbose(x):
        raise ValueError("x" * 100_000)

    assert len(repr(examine(verbose))) < 2000


@pytest.mark.parametrize(
    ("mine", "right", "said"),
    [
        ([[0.0, 0, 0], [0, 2, 5]], [[0.0, 0, 0], [0, 0, 0]], r"differs most at \[1, 2\]: 5 instead of 0"),
        ([float("nan"), 1.0], [1.0, 1.0], r"is NaN \(not a number\) in 1 of 2 places"),
        ([[1.0], [1.0]], [1.0, 1.0], r"has shape \(2, 1\), but \(2,\) is expected"),
        (-5.4623e-05, 5.4623e-05, r"is -5.4623e-05, but 5.4623e-05 is expected"),
    ],
)
def test_the_largest_difference_is_told(mine, right, said):
    got, wanted = (Seen({"it": torch.tensor(x)}) for x in (mine, right))
    assert re.search(said, difference("it", got, wanted))


def test_the_explanation_stands_before_the_numbers():
    page = examine(lambda x: x * x)._repr_html_()
    assert page.index("This is the <code>square</code>") < page.index("What was seen") < page.index("but 2 is expected")
    lines = repr(examine(lambda x: x * x)).splitlines()
    assert lines[:2] == ["toy.double: wrong.", "This is the `square`."]


def test_without_a_named_mistake_it_says_which_hint_to_open():
    assert "begin with the first" in " ".join(repr(examine(lambda x: x + 1)).split())


# --- outcomes and the quiz -------------------------------------------------------------------------------------------


def test_outcomes_met_and_missed(capsys):
    checks.outcome("Fréchet distance", 12.5, below=20)
    checks.outcome("modes", torch.tensor(7.0), above=8)
    checks.outcome("both", 0.5, below=1, above=0)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "Fréchet distance: 12.5 (at most 20: met)"
    assert lines[1] == "modes: 7 (at least 8: MISSED)"
    assert lines[2] == "both: 0.5 (at most 1 and at least 0: met)"


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_no_bound_is_kept_by_what_is_not_a_number(value, monkeypatch, capsys):
    monkeypatch.setenv("COURSE_STRICT", "1")
    for bound in ({"below": 1.0}, {"above": -1.0}):
        with pytest.raises(AssertionError, match="MISSED"):
            checks.outcome("it", value, **bound)
    assert "MISSED" in capsys.readouterr().out


def test_a_missed_outcome_raises_under_strict_only(monkeypatch, capsys):
    checks.outcome("it", 2, below=1)
    monkeypatch.setenv("COURSE_STRICT", "1")
    checks.outcome("it", 1, below=1)
    with pytest.raises(AssertionError, match=r"it: 2 \(at most 1: MISSED\)"):
        checks.outcome("it", 2, below=1)


def test_an_outcome_needs_a_bound():
    with pytest.raises(ValueError, match="needs a bound"):
        checks.outcome("it", 1.0)


def test_every_quiz_question_explains_every_option(capsys):
    checks.quiz("c1w1")
    out = capsys.readouterr().out
    for question in QUIZ:
        assert question.text in out
        assert all(question.options.values())
        assert question.explain(question.answer).startswith("Right.")
        wrong = [o for o in question.options if o != question.answer]
        assert len(wrong) >= 2
        assert all(question.explain(o).startswith("Not this one.") for o in wrong)


def test_a_question_must_offer_its_answer():
    with pytest.raises(ValueError, match="must be one of the options"):
        checks.Question("?", {"a": "because"}, "b")
    with pytest.raises(ValueError, match="has no quiz"):
        checks.quiz("lesson_00")


def test_what_a_case_costs_is_what_it_took_at_best_and_not_what_is_remembered(monkeypatch):
    found = checks.find("c4w3a.interpolate")
    book, case = mistakes.Book(found.reference, found.cases, (), ()), found.cases[0]
    slow, quick = (Program(found.reference, ()) for _ in range(2))
    clock = iter((0.0, 5.0, 10.0, 10.1))
    monkeypatch.setattr(mistakes.time, "thread_time", lambda: next(clock))
    assert book._price(case) == 0
    book._look(slow, case)
    assert book._price(case) == 5
    book._look(quick, case)
    assert book._price(case) == pytest.approx(0.1)
    assert book._look(slow, case) is slow.look(case)  # without a look at the clock
    assert book._price(case) == pytest.approx(0.1)


def test_a_step_is_played_twice_where_random_numbers_are_to_be_seen():
    for repeated in (True, False):
        calls = []

        def play(gan, z, calls=calls):
            calls.append(z)
            return z.sum()

        seen = steps.step("z", repeated=repeated).look(play, ("gan", "z"))
        assert len(calls) == 1 + repeated
        assert ("whether the update stays the same when it is repeated" in seen.facts) == repeated
