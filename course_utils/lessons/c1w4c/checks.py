"""The checks of the exercises of *InfoGAN*."""

from course_utils.lessons.c1w4c import old_checks  # noqa: F401
