"""Checks of lesson c1w4a, Conditional GAN: the class as numbers, beside the data, in a loss and in a score, and the quiz."""

from course_utils.checks.c1w4a import codes, quiz, scores
from course_utils.checks.c1w4a.quiz import QUIZ

__all__ = ["QUIZ", "codes", "quiz", "scores"]
