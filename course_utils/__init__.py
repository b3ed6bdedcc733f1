"""A small library for learning generative adversarial networks: every exercise of the course is a function of it.

Import the module you need (``from course_utils import losses``); this file imports nothing, so that nothing is slow.
"""

__version__ = "0.1.0"
