"""Checks of lesson c1w4c, InfoGAN: latent vectors with codes, Q, the two bounds on information, purity."""

from course_utils.lessons.c1w4c.old_checks import information, latent, purity, q_head

__all__ = ["information", "latent", "purity", "q_head"]
