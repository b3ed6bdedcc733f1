"""Fréchet distance over training time: our recipes against two textbook DCGANs, on the same 5,000 digits.

    COURSE_DATA_ROOT=FOLDER python -m benchmarks.time_to_quality [--seconds 180] [--seeds 0 1]

Every recipe gets the same number of seconds, one after the other, with all threads. Scoring stops the clock. Scores
are of 10,000 generated images (ours: of the averaged generator), in the judge's features (`benchmarks/judge.py`).
"""

import time

import torch
from torch.nn import functional as F

from course_utils.training import generate

MARKS = (3, 6, 12, 20, 30, 45, 60, 90, 120, 150, 180, 240, 300)  # seconds of training at which scores are taken
SAMPLES = 10_000


def race(recipe, images: torch.Tensor, seconds: float, seed: int, score) -> tuple[list[tuple[float, float]], int]:
    """Train for ``seconds`` and score on the way: [(seconds, score)], and the number of steps."""
    torch.manual_seed(seed)
    gan, batches = recipe.players(), recipe.batches(images)
    z = recipe.draw_z(SAMPLES)
    marks = [m for m in MARKS if m < seconds] + [seconds]
    scores, steps, paused, began = [], 0, 0.0, time.perf_counter()
    while marks:
        recipe.step(gan, next(batches))
        steps += 1
        now = time.perf_counter() - began - paused
        if now >= marks[0]:
            scores.append((now, score(to_28(generate(gan.shown, z)))))
            marks.pop(0)
            paused = time.perf_counter() - began - now
    return scores, steps


def to_28(images: torch.Tensor) -> torch.Tensor:
    """Images (N, 1, S, S) in the digits' size, (N, 1, 28, 28)."""
    if images.shape[-1] == 28:
        return images
    return F.interpolate(images, size=28, mode="bilinear", antialias=True).clamp(-1, 1)


def seconds_to(scores: list[tuple[float, float]], target: float) -> float:
    """When the score was first at ``target`` or below, interpolated between measurements; infinite when it never was."""
    before_t, before = 0.0, None
    for t, value in scores:
        if value <= target:
            if before is None:
                return t
            share = (before - target) / (before - value)
            return before_t + share * (t - before_t)
        before_t, before = t, value
    return float("inf")
