"""The checks of the exercises of *Conditional GAN*."""

from course_utils.lessons.c1w4a import old_checks  # noqa: F401
