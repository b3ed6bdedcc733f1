"""The checks of c1w4c against answers as learners write them (``tests/answers``)."""

from answers.c1w4c_information import CATEGORICAL, GAUSSIAN
from answers.c1w4c_latent import LATENT
from answers.c1w4c_purity import PURITY
from answers.c1w4c_q_head import Q_HEAD
from answers.contract import *  # noqa: F403

LESSON = "c1w4c"
TABLES = (LATENT, Q_HEAD, CATEGORICAL, GAUSSIAN, PURITY)
