"""Checks of lesson c1w3b, Stability clinic: power iteration, spread, slopes, two losses, six diagnoses, and the quiz."""

from course_utils.checks.c1w3b import diagnosis, losses, power, quiz, slopes, spread
from course_utils.checks.c1w3b.quiz import QUIZ

__all__ = ["QUIZ", "diagnosis", "losses", "power", "quiz", "slopes", "spread"]
