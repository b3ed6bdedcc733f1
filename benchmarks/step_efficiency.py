"""Images/s and GFLOP/s of a training step, beside the machine's matmul rate in the same run.

    python -m benchmarks.step_efficiency [--threads 1 2] [--seconds 5]

Floating point operations are those of matrix products and convolutions, forward and backward, as
`torch.utils.flop_counter` counts them in one step; normalisation, activations, losses and Adam take time but count as
none. A step is one of the discriminator and one of the generator and the update of the average, as `fit` makes them.
"""

import argparse
import dataclasses
import time
from collections.abc import Callable
from functools import partial

import torch
from torch.utils.flop_counter import FlopCounterMode

from benchmarks import recipes
from benchmarks.common import machine, matmul_rate, table, write_section
from course_utils.batches import random_batch
from course_utils.datasets import digits
from course_utils.steps.shared_fakes import SharedFakes


def operations(step: Callable[[], None]) -> int:
    """Floating point operations of one call. The counter cannot follow R1, a gradient of a gradient."""
    with FlopCounterMode(display=False) as counter:
        step()
    return counter.get_total_flops()


def rate(step: Callable[[], None], seconds: float) -> float:
    """Calls a second, the fastest of ten stretches."""
    step()
    best, stretch = 0.0, seconds / 10
    for _ in range(10):
        began, calls = time.perf_counter(), 0
        while time.perf_counter() - began < stretch:
            step()
            calls += 1
        best = max(best, calls / (time.perf_counter() - began))
    return best


UNPENALISED = dataclasses.replace(recipes.CPU_DCGAN, game=SharedFakes)
RECIPES = {
    "fully connected pair of the first lesson": recipes.FIRST_LESSON,
    "the same, batch 256": dataclasses.replace(recipes.FIRST_LESSON, batch_size=256),
    "CPU DCGAN (ours), without R1": UNPENALISED,
    "the same, transposed convolutions": dataclasses.replace(
        UNPENALISED, generator=recipes.with_transposed_convolutions
    ),
    "the same, base 64": dataclasses.replace(
        UNPENALISED,
        generator=partial(recipes.ours, base=64),
        discriminator=partial(recipes.ours_d, base=64),
    ),
}


def row(name: str, recipe: recipes.BenchmarkRecipe, threads: int, seconds: float) -> list[str]:
    """One line of the table."""
    torch.set_num_threads(threads)
    images = digits.load("all").images
    torch.manual_seed(0)
    _, round_ = recipe.start()

    def step():
        round_(random_batch(images, recipe.batch_size))

    flops, peak = operations(step), matmul_rate(2048)
    steps = rate(step, seconds)
    peak = max(peak, matmul_rate(2048))
    achieved = flops * steps / 1e9
    return [
        name,
        threads,
        recipe.batch_size,
        f"{flops / recipe.batch_size / 1e6:.1f}",
        f"{steps * recipe.batch_size:,.0f}",
        f"{achieved:.0f}",
        f"{peak:.0f}",
        f"{achieved / peak:.0%}",
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--seconds", type=float, default=5.0, help="of each measurement")
    arguments = parser.parse_args()
    head = ["recipe", "threads", "batch", "MFLOP an image", "images/s", "GFLOP/s", "matmul GFLOP/s", "share"]
    rows = [
        row(name, recipe, threads, arguments.seconds)
        for name, recipe in RECIPES.items()
        for threads in arguments.threads
    ]
    write_section("Step efficiency", f"{machine()}\n\n{table(head, rows)}")


if __name__ == "__main__":
    main()
