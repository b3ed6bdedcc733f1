"""Checks of lesson c1w2, DCGAN: sizes, transposed convolution, the two blocks, initialisation, averaging."""

from course_utils.lessons.c1w2.old_checks import averaging, initialisation

__all__ = ["averaging", "initialisation"]
