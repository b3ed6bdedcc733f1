"""Checks of lesson c1w3a, WGAN-GP: the two losses, the points of the penalty, the penalty, the critic's step, clipping."""

from course_utils.lessons.c1w3a.old_checks import clipping, interpolates, losses, penalty, steps

__all__ = ["clipping", "interpolates", "losses", "penalty", "steps"]
