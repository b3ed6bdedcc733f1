"""The training of the small portrait generators, `portraits_dialled.train_one`, with an adversary in the game."""

import copy
from collections.abc import Callable

from torch import Tensor, nn

from course_utils.callbacks import History
from course_utils.checkpoints import portraits_dialled as dialled
from course_utils.models.reversal import GradientReversal
from course_utils.runtime import device
from course_utils.steps.fair_fakes import FairFakes, pair_adversary


def train_against(
    images: Tensor,
    guide: nn.Module,
    seed: int,
    steps: int,
    weight: float,
    reverse: Callable = GradientReversal.apply,
    callbacks: tuple = (),
) -> tuple[nn.Module, History, FairFakes]:
    """The averaged generator, the history and the game after `steps` rounds; everything else is as in `train_one`.

    ``weight`` is the strength of the reversal at the end. The networks begin as those of `train_one` with this seed do.
    """
    made = []

    def fair_game(draw_z: Callable) -> FairFakes:
        judge, adversary = copy.deepcopy(guide).to(device()), pair_adversary().to(device())
        made.append(FairFakes(draw_z, judge, adversary, steps, weight, gamma=0.5, reverse=reverse))
        return made[0]

    generator, history = dialled.train_one(images, seed, steps, callbacks, fair_game)
    return generator, history, made[0]
