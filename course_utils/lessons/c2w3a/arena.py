"""Trainings that are compared by the seconds of CPU that they cost, and what is measured on the way."""

import dataclasses
import time
from itertools import pairwise

import torch

from course_utils.callbacks import History, generate
from course_utils.checkpoints.portraits_classifier import features
from course_utils.datasets import portraits, to_float
from course_utils.metrics import frechet_distance, scale_distances
from course_utils.steps.growing import enlarged

SIZE = 32  # pixels a side of the final images
SCALED = 500  # images, at most, whose single scales are compared: that takes the longest of all measurements


@dataclasses.dataclass
class Judge:
    """What images are measured against: held-out portraits of the final size."""

    real: torch.Tensor  # (N, 3, 32, 32) in [-1, 1]
    features: torch.Tensor  # (N, 64), of the portraits classifier

    @classmethod
    def of(cls, count: int) -> "Judge":
        real = to_float(portraits.draw(count, seed=2, size=SIZE).images)
        return cls(real, features(real))

    def distance(self, images: torch.Tensor) -> float:
        """The Fréchet distance of images (N, 3, h, h), enlarged to the final size and cut to [-1, 1], to the real ones."""
        return frechet_distance(features(enlarged(images, SIZE).clamp(-1, 1)), self.features)

    def scales(self, images: torch.Tensor) -> list[float]:
        """The sliced Wasserstein distance of the details of 32 and of 16 pixels, and of the picture of 8 pixels.

        Of the first SCALED images.
        """
        images = enlarged(images, SIZE).clamp(-1, 1)
        count = min(len(images), len(self.real), SCALED)
        return scale_distances(images[:count], self.real[:count])


class Stopwatch:
    """A callback that writes down how much CPU time a training took, and measures its images now and then.

    The time is that of the process, less what this callback, and those that it calls, take. It does not count what other
    programs do; but on a busy computer, where they share its caches, the same work has been seen to take a quarter more.
    Without ``with_scales`` the distances of single scales, which take most of the time of a measurement, are left out.
    A training that is stopped is measured where it ends.
    """

    def __init__(self, judge: Judge, z: torch.Tensor, every: int, callbacks: tuple = (), with_scales: bool = True):
        self.judge, self.z, self.every, self.callbacks, self.with_scales = judge, z, every, callbacks, with_scales
        self.began, self.lost, self.next = time.process_time(), 0.0, every
        self.steps, self.seconds, self.distances, self.scales, self.sizes = [], [], [], [], []

    def __call__(self, gan, history: History) -> None:
        stopped = time.process_time()
        step = history.step[-1]
        if step >= self.next or step == history.total_steps:
            self._measure(gan, step, stopped)
        for callback in self.callbacks:
            callback(gan, history)
        self.lost += time.process_time() - stopped

    def _measure(self, gan, step: int, stopped: float) -> None:
        self.next = step + self.every
        images = generate(gan.shown, self.z)
        self.steps.append(step)
        self.seconds.append(stopped - self.began - self.lost)
        self.sizes.append(images.shape[-1])
        self.distances.append(self.judge.distance(images))
        if self.with_scales:
            self.scales.append(self.judge.scales(images))

    def finish(self, gan, history: History) -> None:
        if history.stop_requested and history.step and history.step[-1] not in self.steps:
            self._measure(gan, history.step[-1], time.process_time())  # a run that is stopped has an end as well
        for callback in self.callbacks:
            if hasattr(callback, "finish"):
                callback.finish(gan, history)

    def at(self, seconds: float) -> float:
        """The distance after so many seconds, on a straight line between the two nearest measurements."""
        points = list(zip(self.seconds, self.distances, strict=True))
        for (s0, d0), (s1, d1) in pairwise(points):
            if s0 <= seconds <= s1:
                return d0 + (d1 - d0) * (seconds - s0) / max(s1 - s0, 1e-9)
        return points[0][1] if seconds < points[0][0] else points[-1][1]
