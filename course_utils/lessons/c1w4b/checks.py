"""The checks of the exercises of *Controllable generation*."""

from course_utils.lessons.c1w4b import old_checks  # noqa: F401
