"""Checks of lesson c1w4c, InfoGAN: latent vectors with codes, Q, the two bounds on information, purity, and the quiz."""

from course_utils.checks.c1w4c import information, latent, purity, q_head, quiz
from course_utils.checks.c1w4c.quiz import QUIZ

__all__ = ["QUIZ", "information", "latent", "purity", "q_head", "quiz"]
