"""Training for so many seconds of the processor, whatever else the machine has to do."""

import time

from course_utils.callbacks import History
from course_utils.training import Players


class StopAfter:
    """A callback of ``training.fit`` that ends training after so many seconds of the processor, from its creation on.

    On one thread these are seconds of the clock, but they stand still while the machine works for somebody else. They
    take the place of the history's seconds, so that the curves of several runs have one clock; it stands before a ``Score``.
    """

    def __init__(self, seconds: float):
        self.began, self.seconds = time.process_time(), seconds

    def __call__(self, gan: Players, history: History) -> None:
        history.seconds[-1] = time.process_time() - self.began
        if history.seconds[-1] >= self.seconds:
            history.total_steps = history.step[-1]  # the run is as long as its time
