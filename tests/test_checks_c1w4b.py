"""The checks of c1w4b against answers as learners write them (``tests/answers``)."""

from answers.c1w4b_directions import DIRECTION_BY_REGRESSION, ORTHOGONALISE
from answers.c1w4b_scores import ENTANGLEMENT, PENALISED_SCORE
from answers.c1w4b_steps import NOISE_STEP
from answers.contract import *  # noqa: F403

LESSON = "c1w4b"
TABLES = (NOISE_STEP, PENALISED_SCORE, DIRECTION_BY_REGRESSION, ORTHOGONALISE, ENTANGLEMENT)
