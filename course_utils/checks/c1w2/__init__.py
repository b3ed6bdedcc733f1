"""Checks of lesson c1w2, DCGAN: sizes, transposed convolution, the two blocks, initialisation, averaging, and the quiz."""

from course_utils.checks.c1w2 import arithmetic, averaging, blocks, initialisation, quiz, transposed
from course_utils.checks.c1w2.quiz import QUIZ

__all__ = ["QUIZ", "arithmetic", "averaging", "blocks", "initialisation", "quiz", "transposed"]
