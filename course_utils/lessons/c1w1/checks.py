"""The checks of the exercises of *Your first GAN*."""

from course_utils.lessons.c1w1 import old_checks  # noqa: F401
