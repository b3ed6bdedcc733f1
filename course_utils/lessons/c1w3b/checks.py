"""The checks of the exercises of *Stability clinic*."""

from course_utils.lessons.c1w3b import old_checks  # noqa: F401
