"""Fréchet distance over training time: our recipes against two textbook DCGANs, on the same 5,000 digits.

    COURSE_DATA_ROOT=FOLDER python -m benchmarks.time_to_quality [--seconds 180] [--seeds 0 1]

Every recipe gets the same number of seconds, one after the other, with all threads. Scoring stops the clock. Scores
are of 10,000 generated images (ours: of the averaged generator), in the judge's features (`benchmarks/judge.py`).
"""

import argparse
import resource
import time
from collections.abc import Callable

import torch
from torch.nn import functional as F

from benchmarks import judge, recipes, textbook
from benchmarks.common import machine, table, write_section
from course_utils.callbacks import generate
from course_utils.datasets import digits, to_float

MARKS = (2, 4, 6, 9, 12, 15, 20, 30, 60, 120)  # seconds at which scores are taken, and the last
SAMPLES = 10_000
RACERS = {
    "textbook, 64 channels": textbook.WIDTH_64,
    "textbook, 128 channels": textbook.WIDTH_128,
    "CPU DCGAN (ours)": recipes.CPU_DCGAN,
}
BASELINE, OURS = "textbook, 128 channels", "CPU DCGAN (ours)"

Scores = list[tuple[float, float]]  # (seconds of training, Fréchet distance)


def race(
    recipe,
    images: torch.Tensor,
    marks: list[float],
    seed: int,
    score: Callable[[torch.Tensor], float],
    clock: Callable[[], float] = time.perf_counter,
) -> tuple[Scores, int]:
    """Train until the last of ``marks`` (seconds by ``clock``) and score at each. Returns scores and steps."""
    torch.manual_seed(seed)
    gan, step = recipe.start()
    batches, z = recipe.batches(images), recipe.draw_z(SAMPLES)
    scores, steps, paused, began = [], 0, 0.0, clock()
    for mark in marks:
        while (now := clock() - began - paused) < mark:
            step(next(batches))
            steps += 1
        scores.append((now, score(to_28(generate(gan.shown, z)))))
        paused = clock() - began - now
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


def race_in_turn(
    images: torch.Tensor, marks: list[float], seeds: list[int]
) -> dict[tuple[str, int], tuple[Scores, int]]:
    """Scores and steps of every racer and seed."""
    results = {}
    for name, recipe in RACERS.items():
        for seed in seeds if name == OURS else seeds[:1]:
            results[name, seed] = race(recipe, images, marks, seed, judge.distance)
            print(name, seed, [f"{t:.0f} s: {value:.1f}" for t, value in results[name, seed][0]], flush=True)
    return results


def report(results: dict, marks: list[float]) -> str:
    """The table of scores, and how much sooner ours was where the baseline ended."""
    shown = [i for i, mark in enumerate(marks) if mark in (3, 6, 15, 30, 60, 120, marks[-1])]
    head = ["recipe", "seed", *(f"{marks[i]:g} s" for i in shown), "steps", f"first at {BASELINE}'s last"]
    last, target = next(scores for (name, _), (scores, _) in results.items() if name == BASELINE)[-1]
    rows = []
    for (name, seed), (scores, steps) in results.items():
        needed = seconds_to(scores, target)
        sooner = "never" if needed == float("inf") else f"{needed:.1f} s, {last / needed:.0f} times sooner"
        rows.append([name, seed, *(f"{scores[i][1]:.2f}" for i in shown), f"{steps:,}", sooner])
    return table(head, rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=180.0)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1], help="ours; the others run with the first")
    arguments = parser.parse_args()
    images, (_, reference) = digits.load("all").images, judge.test_images()
    marks = [*(m for m in MARKS if m < arguments.seconds), arguments.seconds]
    floor, accuracy = judge.distance(to_float(images)), judge.accuracy()
    results = race_in_turn(images, marks, arguments.seeds)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    text = (
        f"{machine()}, {torch.get_num_threads()} threads. Trained on the 5,000 embedded digits, scored with 10,000 images "
        f"against {reference}, in the features of a classifier that reads {accuracy:.1%} of those correctly and that no "
        f"recipe was chosen with. Real digits "
        f"(the 5,000) are at {floor:.2f}. Most memory of the process: {peak:.2f} GiB."
    )
    write_section("Time to quality", f"{text}\n\n{report(results, marks)}")


if __name__ == "__main__":
    main()
