"""What TrainingDashboard costs: the first lesson's training with and without it, in JupyterLab, watched in Chromium.

    python -m benchmarks.dashboard_cost [--steps 1500] [--rounds 4]

Runs with and without take turns in one kernel, so that what else the machine does hits both. Wall time counts what the
learner waits for; the kernel's processor time counts all its threads, also the one that writes to the front end, and is
nearly free of the machine's other work. The picture that stays in the notebook is drawn once a run, whatever its length:
it is told apart, because a run of 1,500 steps is a third of the lesson's. Needs Chromium and the package's test extra.
"""

import argparse
import json
import statistics
import sys
import tempfile
from pathlib import Path

from benchmarks.common import machine, table, write_section

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "browser"))

SETUP = """
import json, time
import torch
from course_utils.datasets import digits
from course_utils.models.dense.mlp import Discriminator, Generator, sample_noise
from course_utils.game import Game
from course_utils.training import GAN, discriminator_step, fit, generator_step
from course_utils.widgets import TrainingDashboard
torch.set_num_threads(1)
images, pictures = digits.load("train").images, []

class Timed(TrainingDashboard):
    def finish(self, gan, history):
        clocks = time.perf_counter(), time.process_time()
        super().finish(gan, history)
        pictures.append((time.perf_counter() - clocks[0], time.process_time() - clocks[1]))

def train(*callbacks):
    torch.manual_seed(0)
    g, d = Generator(), Discriminator()
    gan = GAN.with_adam(g, d, ema=0.999)
    game = Game(discriminator_step, generator_step, lambda n: sample_noise(n, 64))
    clocks = time.perf_counter(), time.process_time()
    fit(gan, images, game, steps=STEPS, callbacks=callbacks)
    return time.perf_counter() - clocks[0], time.process_time() - clocks[1]
"""
MEASURE = """
train(), train(Timed())  # what is imported on first use
pictures.clear()
rounds = [(train(), train(Timed())) for _ in range(ROUNDS)]
print("measured", json.dumps([rounds, pictures]))
"""


def measure(steps: int, rounds: int) -> tuple[list, list]:
    """Seconds (wall, processor) of each run, [[plain, watched], ...], and of each final picture."""
    import harness
    from playwright.sync_api import sync_playwright

    folder = Path(tempfile.mkdtemp())
    lab = harness.start_lab(folder, folder / "jupyterlab.log")
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=harness.chromium(), args=["--no-sandbox"])
            page = browser.new_page()
            page.problems = []
            cells = [SETUP.replace("STEPS", str(steps)), MEASURE.replace("ROUNDS", str(rounds))]
            harness.open_notebook(page, lab, harness.write_notebook(lab, "cost.ipynb", cells))
            harness.run_all(page, seconds=36_000)
            harness.assert_no_error_outputs(page)
            printed = page.locator(".jp-OutputArea-output", has_text="measured").last.inner_text()
            return json.loads(printed.partition("measured ")[2])
    finally:
        lab.stop()


def rows(rounds: list, pictures: list) -> list[list]:
    """Medians for the two clocks, and the cost as the median of the rounds' own ratios."""
    found = []
    for clock, name in enumerate(("wall", "processor")):
        plain, watched = ([run[arm][clock] for run in rounds] for arm in (0, 1))
        pairs = list(zip(plain, watched, (p[clock] for p in pictures[-len(rounds) :]), strict=True))
        live = statistics.median((w - picture) / p - 1 for p, w, picture in pairs)
        picture = statistics.median(picture for *_, picture in pairs)
        medians = [f"{statistics.median(values):.2f}" for values in (plain, watched)]
        found.append([name, *medians, f"{100 * live:.1f} %", f"{picture:.2f}"])
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=1500)
    parser.add_argument("--rounds", type=int, default=4)
    arguments = parser.parse_args()
    head = ["clock", "without, s", "with, s", "cost of watching", "picture at the end, s"]
    text = table(head, rows(*measure(arguments.steps, arguments.rounds)))
    about = (
        f"{machine()}; {arguments.steps} steps of the first lesson, {arguments.rounds} rounds of both in turn; medians."
    )
    write_section("Training dashboard", f"{about}\n\n{text}")


if __name__ == "__main__":
    main()
