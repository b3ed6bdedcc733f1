"""The checks of the exercises of *WGAN-GP*."""

from course_utils.lessons.c1w3a import old_checks  # noqa: F401
