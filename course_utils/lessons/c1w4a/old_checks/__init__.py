"""Checks of lesson c1w4a, Conditional GAN: the class as numbers, beside the data, in a loss and in a score."""

from course_utils.lessons.c1w4a.old_checks import codes, scores

__all__ = ["codes", "scores"]
