"""Small games of the laboratory, for its tests."""

import torch

from course_utils.widgets.gan_lab.game import Game
from course_utils.widgets.gan_lab.settings import Settings

SMALL = {"width_d": 8, "width_g": 8, "batch": 16}


def weights(module) -> torch.Tensor:
    return torch.cat([p.detach().flatten().clone() for p in module.parameters()])


def game(**settings) -> Game:
    return Game(Settings(**SMALL | settings))
