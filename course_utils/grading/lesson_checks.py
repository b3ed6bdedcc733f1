"""The checks of a lesson, the same in every process: their cases draw numbers when they are imported."""

import random

import numpy as np
import torch

from course_utils.checks import find
from course_utils.checks.engine import Exercise


def find_seeded(exercise_id: str) -> Exercise:
    """``checks.find`` after the same seeds in every process, whatever was drawn before."""
    random.seed(0)
    np.random.seed(0)
    torch.manual_seed(0)
    return find(exercise_id)
