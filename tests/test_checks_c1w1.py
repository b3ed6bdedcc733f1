"""The checks of c1w1 against answers as learners write them (``tests/answers``)."""

from answers.c1w1_blocks import DISCRIMINATOR_BLOCK, GENERATOR_BLOCK
from answers.c1w1_discriminator import DISCRIMINATOR
from answers.c1w1_discriminator_step import DISCRIMINATOR_STEP
from answers.c1w1_generator import GENERATOR
from answers.c1w1_generator_step import GENERATOR_STEP
from answers.c1w1_losses import DISCRIMINATOR_LOSS, GENERATOR_LOSS
from answers.c1w1_noise import NOISE
from answers.contract import *  # noqa: F403

LESSON = "c1w1"
TABLES = (
    NOISE,
    GENERATOR_BLOCK,
    GENERATOR,
    DISCRIMINATOR_BLOCK,
    DISCRIMINATOR,
    DISCRIMINATOR_LOSS,
    GENERATOR_LOSS,
    DISCRIMINATOR_STEP,
    GENERATOR_STEP,
)
