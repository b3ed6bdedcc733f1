"""The checks of c1w3b against answers as learners write them (``tests/answers``)."""

from answers.c1w3b_diagnosis import DIAGNOSE
from answers.c1w3b_layers import POWER, SPREAD
from answers.c1w3b_losses import RELATIVISTIC, SLOPES, SMOOTHING
from answers.contract import *  # noqa: F403

LESSON = "c1w3b"
TABLES = (POWER, SPREAD, SLOPES, SMOOTHING, RELATIVISTIC, DIAGNOSE)
