"""Checks of lesson c1w4b, Controllable generation: steps on the noise, scores, directions, entanglement."""

from course_utils.lessons.c1w4b.old_checks import directions, scores, steps

__all__ = ["directions", "scores", "steps"]
