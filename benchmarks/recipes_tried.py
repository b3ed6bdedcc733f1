"""What was tried: Fréchet distance of every recipe of `benchmarks.recipes` at 30, 60 and 180 seconds of one core.

    python -m benchmarks.recipes_tried [--seconds 30 60 180] [--seeds 0 1] [--jobs 2]

This is where the recipe was chosen: trained on the 4,000 train digits and scored against the 1,000 held-out ones in the
features that the lessons use, never against MNIST's test images. Every run has a process of one thread, and its clock
is the processor time of that process, so that neither the other job nor anything else on the machine counts.
"""

import argparse
import concurrent.futures
import multiprocessing
import time

import torch

from benchmarks import recipes
from benchmarks.common import machine, table, write_section
from benchmarks.time_to_quality import race
from course_utils.datasets import digits, to_float
from course_utils.metrics import digit_features, frechet_distance, frechet_from_statistics, statistics


def run(name: str, seed: int, marks: list[float]) -> tuple[list[float], int]:
    """Distances at the marks, and steps."""
    torch.set_num_threads(1)
    images = digits.load("train").images
    real = statistics(digit_features(to_float(digits.load("test").images)))

    def score(fakes: torch.Tensor) -> float:
        return frechet_from_statistics(*statistics(digit_features(fakes)), *real)

    scores, steps = race(recipes.TRIED[name], images, marks, seed, score, time.process_time)
    print(name, seed, [round(value, 2) for _, value in scores], steps, flush=True)
    return [value for _, value in scores], steps


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, nargs="+", default=[30, 60, 180])
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1])
    parser.add_argument("--jobs", type=int, default=2)
    arguments = parser.parse_args()
    floor = frechet_distance(*(digit_features(to_float(digits.load(split).images)) for split in ("train", "test")))
    names = [name for name in recipes.TRIED for _ in arguments.seeds]
    seeds = arguments.seeds * len(recipes.TRIED)
    context = multiprocessing.get_context("spawn")
    with concurrent.futures.ProcessPoolExecutor(arguments.jobs, mp_context=context) as pool:
        results = list(pool.map(run, names, seeds, [arguments.seconds] * len(names)))
    rows = []
    for i, name in enumerate(recipes.TRIED):
        runs = results[i * len(arguments.seeds) : (i + 1) * len(arguments.seeds)]
        at_marks = [" / ".join(f"{distances[k]:.1f}" for distances, _ in runs) for k in range(len(arguments.seconds))]
        rows.append([name, *at_marks, " / ".join(f"{steps:,}" for _, steps in runs)])
    head = ["recipe", *(f"{mark:g} s" for mark in arguments.seconds), "steps"]
    text = (
        f"{machine()}; seconds of one core. 10,000 images against the 1,000 held-out digits, a number a seed (seeds "
        f"{', '.join(map(str, arguments.seeds))}); the 4,000 train digits themselves are at {floor:.2f}."
    )
    write_section("Recipes tried", f"{text}\n\n{table(head, rows)}")


if __name__ == "__main__":
    main()
