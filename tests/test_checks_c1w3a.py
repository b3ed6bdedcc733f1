"""The checks of c1w3a against answers as learners write them (``tests/answers``)."""

from answers.c1w3a_losses import CRITIC_LOSS, GENERATOR_LOSS
from answers.c1w3a_penalty import INTERPOLATE, PENALTY
from answers.c1w3a_steps import CLIP, CRITIC_STEP
from answers.contract import *  # noqa: F403

LESSON = "c1w3a"
TABLES = (CRITIC_LOSS, GENERATOR_LOSS, INTERPOLATE, PENALTY, CRITIC_STEP, CLIP)
