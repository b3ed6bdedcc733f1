"""Checks of lesson c1w4b, Controllable generation: steps on the noise, scores, directions, entanglement, and the quiz."""

from course_utils.checks.c1w4b import directions, quiz, scores, steps
from course_utils.checks.c1w4b.quiz import QUIZ

__all__ = ["QUIZ", "directions", "quiz", "scores", "steps"]
