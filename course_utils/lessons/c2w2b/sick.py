"""Steps of an adversary with one thing wrong, for the diagnosis, and the five runs."""

import torch.nn.functional as F
from torch import Tensor

from course_utils.lessons.c2w2b.hiding import STRENGTH
from course_utils.models.reversal import GradientReversal
from course_utils.steps.adversary import Hiders, adversary_step


def _play(players: Hiders, task: Tensor, guess: Tensor, listening: bool = True) -> tuple[Tensor, Tensor]:
    players.opt_task.zero_grad()
    players.opt_adversary.zero_grad()
    (task + guess).backward()
    players.opt_task.step()
    if listening:
        players.opt_adversary.step()
    return task.detach(), guess.detach()


def _losses(players: Hiders, seen: Tensor, logits: Tensor, target: Tensor, protected: Tensor):
    task = F.binary_cross_entropy_with_logits(players.head(seen).squeeze(1), target)
    return task, F.binary_cross_entropy_with_logits(logits.squeeze(1), protected)


def detached(players: Hiders, x, target, protected, strength):
    """The encoder never hears of the adversary."""
    seen = players.encoder(x)
    return _play(players, *_losses(players, seen, players.adversary(seen.detach()), target, protected))


def reversed_after(players: Hiders, x, target, protected, strength):
    """The reversal stands behind the adversary, whose own weights go up their loss."""
    seen = players.encoder(x)
    logits = GradientReversal.apply(players.adversary(seen), strength)
    return _play(players, *_losses(players, seen, logits, target, protected))


def asleep(players: Hiders, x, target, protected, strength):
    """The adversary keeps the weights that it was born with."""
    seen = players.encoder(x)
    logits = players.adversary(GradientReversal.apply(seen, strength))
    return _play(players, *_losses(players, seen, logits, target, protected), listening=False)


def at_once(progress: float) -> float:
    """A schedule that is none: full strength from the first step on."""
    return 1.0


SOUND = {"step": adversary_step}
PATIENTS = {  # what each run is trained with, beside what all share
    "run A": {"step": asleep},
    "run B": {"step": adversary_step, "weight": 10 * STRENGTH, "schedule": at_once},
    "run C": {"step": detached},
    "run D": SOUND,
    "run E": {"step": reversed_after},
}
