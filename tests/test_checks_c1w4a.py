"""The checks of c1w4a against answers as learners write them (``tests/answers``)."""

from answers.c1w4a_codes import COMBINE, INPUT_SIZES, ONE_HOT
from answers.c1w4a_scores import AUXILIARY_LOSS, PROJECTION_SCORE
from answers.contract import *  # noqa: F403

LESSON = "c1w4a"
TABLES = (ONE_HOT, COMBINE, INPUT_SIZES, AUXILIARY_LOSS, PROJECTION_SCORE)
