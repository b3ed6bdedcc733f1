"""Checks of lesson c1w3b, Stability clinic: power iteration, spread, slopes, two losses, six diagnoses."""

from course_utils.lessons.c1w3b.old_checks import diagnosis, losses, power, slopes, spread

__all__ = ["diagnosis", "losses", "power", "slopes", "spread"]
