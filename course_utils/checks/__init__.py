"""Checks that judge an exercise by what it does, then explain the mistake they recognise.

``check(candidate, "c1w1.generator_loss")`` returns the learner's own object when it is right and the reference
otherwise, so that a notebook always runs on. ``outcome`` prints a measured number beside its bound.
"""

from course_utils.checks.engine import CheckFailed, check, examine, exercise, exercises_of, find
from course_utils.checks.mistakes import mistake
from course_utils.checks.outcomes import outcome
from course_utils.checks.quiz import Question, quiz
from course_utils.progress import read_progress

__all__ = [
    "CheckFailed",
    "Question",
    "check",
    "examine",
    "exercise",
    "exercises_of",
    "find",
    "mistake",
    "outcome",
    "quiz",
    "read_progress",
]
