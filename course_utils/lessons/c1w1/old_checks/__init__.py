"""Checks of lesson c1w1, Your first GAN: noise, the two networks, the two losses, the two steps."""

from course_utils.lessons.c1w1.old_checks import blocks, losses, networks, noise, steps

__all__ = ["blocks", "losses", "networks", "noise", "steps"]
