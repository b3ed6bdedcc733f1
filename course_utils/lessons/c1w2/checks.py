"""The checks of the exercises of *DCGAN*."""

from course_utils.lessons.c1w2 import old_checks  # noqa: F401
