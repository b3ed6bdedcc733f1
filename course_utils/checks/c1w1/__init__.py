"""Checks of lesson c1w1, Your first GAN: noise, the two networks, the two losses, the two steps, and the quiz."""

from course_utils.checks.c1w1 import blocks, losses, networks, noise, quiz, steps
from course_utils.checks.c1w1.quiz import QUIZ

__all__ = ["QUIZ", "blocks", "losses", "networks", "noise", "quiz", "steps"]
