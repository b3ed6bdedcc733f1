"""The checks of c1w2 against answers as learners write them (``tests/answers``)."""

from answers.c1w2_blocks import DISCRIMINATOR_BLOCK, GENERATOR_BLOCK
from answers.c1w2_sizes import OUTPUT_SIZE, TRANSPOSED_CONV
from answers.c1w2_weights import AVERAGE, INITIALISE
from answers.contract import *  # noqa: F403

LESSON = "c1w2"
TABLES = (OUTPUT_SIZE, TRANSPOSED_CONV, GENERATOR_BLOCK, DISCRIMINATOR_BLOCK, INITIALISE, AVERAGE)
