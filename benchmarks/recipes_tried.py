"""What was tried: Fréchet distance of every recipe of `benchmarks.recipes` at 30, 60 and 180 seconds of one core.

    python -m benchmarks.recipes_tried [--seconds 30 60 180] [--seeds 0 1] [--jobs 2] [--resume]

This is where the recipe was chosen: trained on the 4,000 train digits and scored against the 1,000 held-out ones in the
features that the lessons use, never against MNIST's test images. Every run has a process of one thread, and its clock
is the processor time of that process, so that neither the other job nor anything else on the machine counts. Runs are
kept in `build/recipes_tried/` as they end; `--resume` takes those that are there. All of it is about fifty minutes.
"""

import argparse
import concurrent.futures
import multiprocessing
import re
import time
from itertools import repeat
from pathlib import Path

import torch

from benchmarks import recipes
from benchmarks.common import machine, table, write_section
from benchmarks.time_to_quality import race
from course_utils import files
from course_utils.datasets import digits, to_float
from course_utils.metrics import digit_features, frechet_distance, frechet_from_statistics, statistics

KEPT = Path(__file__).parent.parent / "build" / "recipes_tried"


def run(name: str, seed: int, marks: list[float], resume: bool) -> tuple[list[float], int]:
    """Distances at the marks, and steps."""
    kept = KEPT / f"{re.sub(r'[^a-z0-9]+', '-', name.lower())}_{seed}_{'-'.join(f'{mark:g}' for mark in marks)}.json"
    if resume and (found := files.read_json(kept)) is not None:
        return found["distances"], found["steps"]
    torch.set_num_threads(1)
    images = digits.load("train").images
    real = statistics(digit_features(to_float(digits.load("test").images)))

    def score(fakes: torch.Tensor) -> float:
        return frechet_from_statistics(*statistics(digit_features(fakes)), *real)

    scores, steps = race(recipes.TRIED[name], images, marks, seed, score, time.process_time)
    distances = [value for _, value in scores]
    print(name, seed, [round(value, 2) for value in distances], steps, flush=True)
    files.write_json(kept, {"distances": distances, "steps": steps})
    return distances, steps


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, nargs="+", default=[30, 60, 180])
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1])
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--resume", action="store_true", help="take the runs that an earlier call has finished")
    arguments = parser.parse_args()
    floor = frechet_distance(*(digit_features(to_float(digits.load(split).images)) for split in ("train", "test")))
    names = [name for name in recipes.TRIED for _ in arguments.seeds]
    seeds = arguments.seeds * len(recipes.TRIED)
    context = multiprocessing.get_context("spawn")
    with concurrent.futures.ProcessPoolExecutor(arguments.jobs, mp_context=context) as pool:
        results = list(pool.map(run, names, seeds, repeat(arguments.seconds), repeat(arguments.resume)))
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
