"""Portraits of 64 x 64 pixels, made by a style-based generator: for the lesson that takes it apart."""

from course_utils.checkpoints.long_training import Recipe
from course_utils.checkpoints.portraits_stylegan import Portraits

WIDTHS = (96, 64, 48, 24, 12)  # channels at 4, 8, 16, 32, 64 pixels
RECIPE = Recipe(
    image_size=64, base=16, fall=(9000, 17_000), rate=2e-3, batch_size=32, gamma=(0.5, 0.05), gamma_steps=8000, every=8
)
CHECKPOINT = Portraits(WIDTHS, RECIPE).checkpoint("portraits_stylegan_64")
