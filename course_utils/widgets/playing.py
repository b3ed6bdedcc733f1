"""A training dashboard whose samples can be heard."""

import dataclasses
from collections.abc import Callable

import torch
from torch import Tensor

from course_utils.callbacks import as_they_were
from course_utils.widgets import dashboard


@dataclasses.dataclass(frozen=True)
class Playable:
    """What can be heard of a step: ``sound`` is a data address, ``picture`` (C, H, W) in [-1, 1] shows its ``seconds``
    from left to right, and ``name`` says what both are, also to those who cannot see.
    """

    name: str
    sound: str
    seconds: float
    picture: Tensor


class PlayingDashboard(dashboard.TrainingDashboard):
    """A ``TrainingDashboard`` that also plays a sample of each step of which it shows pictures.

    ``clip(gan)`` makes it, a ``Playable``. It is called without gradients and with seed 0, in a notebook that somebody
    watches and nowhere else, and it changes nothing. No sound begins before somebody presses play; a saved notebook keeps
    the picture alone.
    """

    def __init__(self, clip: Callable[..., Playable], every: float = 0.5):
        super().__init__(every)
        self.clip, self.clips = clip, {}

    def __call__(self, gan, history) -> None:
        if history is not self.history:
            self.clips = {}
        if not dashboard.headless() and history.snapshot_step[-1] == history.step[-1]:
            with torch.no_grad(), as_they_were(gan.networks().values()):
                torch.manual_seed(0)
                self.clips[history.step[-1]] = self.clip(gan)
        super().__call__(gan, history)

    def _new_display(self, history):
        if dashboard.headless():
            return super()._new_display(history)
        from course_utils.widgets.dashboard_live import Live

        return Live(history, self.every, self.clips)
