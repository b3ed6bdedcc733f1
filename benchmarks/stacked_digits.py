"""Stacked digits: three random digits in the colours of one image make 1,000 modes. How many does a GAN find?

    python -m benchmarks.stacked_digits [--seconds 120 300 900] [--seeds 0 1] [--jobs 2]

The fully connected pair of the first lesson with three colours, on one batch of fakes a round, with lazy R1. Both rates
fall in the last third of the longest time. Weight of R1 and fall were chosen with another seed (7). Seconds are of one
core, each run in a process of its own. 26,000 samples are read, channel by channel, by the classifier that ships
with the course (Metz et al., "Unrolled GANs", 2017; Lin et al., "PacGAN", 2018).
"""

import argparse
import concurrent.futures
import multiprocessing
import time
from functools import partial

import torch

from benchmarks import recipes
from benchmarks.common import machine, table, write_section
from course_utils.callbacks import generate
from course_utils.datasets import digits, to_float
from course_utils.metrics import digit_labels, stacked_modes
from course_utils.models.dense import mlp
from course_utils.steps.shared_fakes import SharedFakes
from course_utils.training import GAN

SAMPLES, SHAPE = 26_000, (3, 28, 28)
RECIPE = recipes.BenchmarkRecipe(
    generator=lambda latent_dim: mlp.Generator(latent_dim, image_shape=SHAPE),
    discriminator=lambda: mlp.Discriminator(hidden=128, image_shape=SHAPE),
    game=partial(SharedFakes, gamma=0.2),
)


def stack(images: torch.Tensor, n: int) -> torch.Tensor:
    """``n`` images of three digits each, drawn at random: uint8 (N, 1, 28, 28) to floats (n, 3, 28, 28)."""
    return to_float(images[torch.randint(len(images), (n, 3))].squeeze(2))


def modes(images: torch.Tensor) -> tuple[int, float]:
    """Modes covered, and the divergence of their histogram from uniform, of images (N, 3, 28, 28)."""
    return stacked_modes(digit_labels(images.flatten(0, 1)[:, None]).view(-1, 3))


def set_rates(gan: GAN, seconds: float, end: float) -> None:
    """Both rates: as they are in the recipe for two thirds of the time, then falling evenly, to a fiftieth at the end."""
    left = max(0.02, min(1.0, 3 * (1 - seconds / end)))
    for optimiser in (gan.opt_g, gan.opt_d):
        optimiser.param_groups[0]["lr"] = left * RECIPE.rate


def run(seed: int, marks: list[float]) -> list[tuple[int, int, float]]:
    """Steps, modes and divergence at ``marks`` (seconds of this process)."""
    torch.set_num_threads(1)
    torch.manual_seed(seed)
    images, (gan, step), z = digits.load("train").images, RECIPE.start(), RECIPE.draw_z(SAMPLES)
    results, steps, paused, began = [], 0, 0.0, time.process_time()
    for mark in marks:
        while (now := time.process_time() - began - paused) < mark:
            set_rates(gan, now, marks[-1])
            step(stack(images, RECIPE.batch_size))
            steps += 1
        results.append((steps, *modes(generate(gan.shown, z))))
        print(seed, mark, results[-1], flush=True)
        paused = time.process_time() - began - now
    return results


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, nargs="+", default=[120, 300, 900])
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1])
    parser.add_argument("--jobs", type=int, default=2)
    arguments = parser.parse_args()
    context = multiprocessing.get_context("spawn")
    with concurrent.futures.ProcessPoolExecutor(arguments.jobs, mp_context=context) as pool:
        results = list(pool.map(run, arguments.seeds, [arguments.seconds] * len(arguments.seeds)))
    real_modes, real_kl = modes(stack(digits.load("test").images, SAMPLES))
    rows = [
        [seed, f"{mark:g}", f"{steps:,}", covered, f"{kl:.3f}"]
        for seed, result in zip(arguments.seeds, results, strict=True)
        for mark, (steps, covered, kl) in zip(arguments.seconds, result, strict=True)
    ]
    rows.append(["real digits, held out", "", "", real_modes, f"{real_kl:.3f}"])
    head = ["seed", "seconds of one core", "steps", "modes of 1,000", "KL, nats"]
    write_section("Stacked digits", f"{machine()}; {SAMPLES:,} samples.\n\n{table(head, rows)}")


if __name__ == "__main__":
    main()
