"""Slips: what the engine finds in any reference without a table."""

import ast

import pytest

from course_utils.checks import examine, find
from course_utils.checks.slips import learners_lines, slips


def test_only_the_lines_that_a_learner_writes_are_changed():
    text = "def f(x):\n    a = x + 1\n    # BEGIN SOLUTION\n    b = a * 2\n    # END SOLUTION\n    return b - 3\n"
    assert learners_lines(text, ast.parse(text)) == {4}
    whole = 'def f(x):\n    """Says."""\n    a = x + 1\n    return a\n'
    assert learners_lines(whole, ast.parse(whole)) == {3, 4}


def test_each_slip_is_one_change_of_its_own_that_is_still_python():
    found = slips(find("c1w3a.gradient_penalty").reference)
    assert len({slip.code for slip in found}) == len(found) > 30
    for slip in found:
        ast.parse(slip.code)
        before, after = slip.label.split(" => ")
        assert before != after


@pytest.mark.parametrize(
    ("candidate", "exercise", "words"),
    [
        (lambda images: images.float() / 255 - 1, "00.to_float", "`255` stands where"),
        (lambda categories, labels, classes: 0.5, "c1w4c.purity", "the same whatever the arguments are"),
    ],
)
def test_what_is_told(candidate, exercise, words):
    report = examine(candidate, exercise)
    assert report.verdict == "wrong"
    assert words in " ".join(report.details)


def test_an_answer_with_a_name_of_its_own_is_no_slip():
    assert examine(lambda fake_logits: fake_logits.mean(), "c1w3a.wasserstein_generator_loss").mistakes == (
        "wrong_sign",
    )


def test_what_may_never_end_is_marked():
    """`while size % 2 == 0: size //= 2` without its second line runs for ever: the search for a name leaves such slips out."""
    found = {slip.label: slip.in_loop for slip in slips(find("c1w2.generator").reference)}
    assert found["size //= 2 => pass"]
    assert not all(found.values())
    assert not any(slip.in_loop for slip in slips(find("c1w3a.gradient_penalty").reference))
