"""Checks of lesson c1w3a, WGAN-GP: the two losses, the points of the penalty, the penalty, the critic's step, clipping."""

from course_utils.checks.c1w3a import clipping, interpolates, losses, penalty, quiz, steps
from course_utils.checks.c1w3a.quiz import QUIZ

__all__ = ["QUIZ", "clipping", "interpolates", "losses", "penalty", "quiz", "steps"]
