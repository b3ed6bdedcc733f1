"""What belongs to the lesson on progressive growing alone: the stopwatch, the sick runs and the key to them."""

import itertools
from functools import partial
from types import SimpleNamespace

import pytest
import torch

from course_utils.datasets import portraits
from course_utils.lessons.c2w3a.arena import Judge, Stopwatch
from course_utils.lessons.c2w3a.exercises import RUNS, SIGNS, contradiction, diagnose
from course_utils.lessons.c2w3a.figures import (
    distances_by_round,
    growth_charts,
    numbers_at_the_joint,
    race,
    scale_curves,
    scales_over_seconds,
)
from course_utils.lessons.c2w3a.patients import charts, young_pair
from course_utils.models.growing.progressive import GrowingDiscriminator, GrowingGenerator
from course_utils.steps.growing import GrowingGame
from course_utils.training import GAN, fit

WIDTHS = (64, 48, 24, 12)


@pytest.fixture(scope="module")
def judge():
    return Judge.of(80)


@pytest.fixture(scope="module")
def images():
    return portraits.draw(60, seed=1, size=32).images


@pytest.fixture(scope="module")
def patients(judge, images):
    torch.manual_seed(0)
    young = young_pair(images, partial(GrowingGenerator, 64, WIDTHS, 4), rounds=3)
    return charts(young, images, judge, 4, RUNS)


def test_every_run_has_a_mistake_of_its_own_and_no_two_mistakes_look_alike():
    assert len({diagnose(run) for run in RUNS}) == len(RUNS)
    assert {diagnose(run) for run in RUNS} < set(SIGNS)
    for one, other in itertools.combinations(SIGNS, 2):
        assert SIGNS[one] != SIGNS[other]
        assert SIGNS[one].keys() == SIGNS[other].keys()


def test_a_contradiction_names_the_first_number_that_differs():
    assert contradiction("run C", "alpha jumps to 1") == (
        "In “alpha jumps to 1” the picture at the joint is another one, by more than 0.3; in run C it stays as it was."
    )


@pytest.mark.parametrize("name", ["healthy", *RUNS])
def test_the_numbers_at_the_joint_are_those_of_the_mistake(patients, name):
    chart = patients[name]
    cause = "healthy" if name == "healthy" else diagnose(name)
    assert (chart.picture > 0) == (cause in ("tanh in the grown stage only", "alpha jumps to 1"))
    assert (chart.logit > 1e-6) == (cause == "alpha jumps to 1")
    assert (chart.moved > 0) == (cause not in ("alpha stays at 0", "new layers not in the optimiser"))
    own, averaged = chart.details
    assert (own > 1e-6) == (cause != "alpha stays at 0")
    assert (averaged > 1e-6) == (cause not in ("alpha stays at 0", "average left at the old stage"))
    assert chart.rounds == [0, 1, 2, 3, 4]


def test_a_stopwatch_measures_at_the_final_size_and_leaves_its_own_time_out(judge, images):
    torch.manual_seed(0)
    gan = GAN.with_adam(GrowingGenerator(64, WIDTHS, 4), GrowingDiscriminator(WIDTHS, 4), 1e-2, ema=0.9)
    slept = []

    def slow(gan, history):
        slept.append(sum(i * i for i in range(300_000)))

    watch = Stopwatch(judge, torch.randn(30, 64), every=2, callbacks=(slow,))
    game = GrowingGame(lambda n: torch.randn(n, 64), 6, (0.5, 0.5), gamma=0.1)
    fit(gan, images, game, steps=6, batch_size=4, log_every=1, callbacks=(watch,))
    assert watch.steps == [2, 4, 6]
    assert watch.sizes == [16, 32, 32]
    assert len(slept) == 6
    assert watch.lost > 0
    assert len(watch.scales) == 3
    assert watch.seconds == sorted(watch.seconds)
    assert watch.at(0) == watch.distances[0]
    middle = (watch.seconds[0] + watch.seconds[1]) / 2
    assert watch.at(middle) == pytest.approx((watch.distances[0] + watch.distances[1]) / 2)
    assert race({("grown", 0): watch}, {"32 pixels": 1.0}).axes[0].get_xlabel() == "seconds of CPU"
    assert len(scale_curves({"grown": watch}, ("a", "b", "c"), [0.1, 0.1, 0.1]).axes) == 3


def test_a_run_that_is_stopped_before_its_first_measurement_is_measured_where_it_ends(judge, images):
    def stop(gan, history):
        history.stop_requested = history.step[-1] == 2

    gan = GAN.with_adam(GrowingGenerator(64, WIDTHS, 4), GrowingDiscriminator(WIDTHS, 4), 1e-2, ema=0.9)
    watch = Stopwatch(judge, torch.randn(30, 64), every=5, callbacks=(stop,))
    game = GrowingGame(lambda n: torch.randn(n, 64), 10, (0.5, 0.5), gamma=0.1)
    fit(gan, images, game, steps=10, batch_size=4, log_every=1, callbacks=(watch,))
    assert watch.steps == [2]
    assert watch.sizes == [16]
    assert len(watch.scales) == 1
    assert watch.at(0) == watch.at(100) == watch.distances[0]


def test_the_charts_are_labelled(patients):
    fig = growth_charts(patients, "Six runs")
    assert [axes.get_title() for axes in fig.axes] == ["healthy", *RUNS]
    assert len(numbers_at_the_joint(patients).splitlines()) == 7


WIDEST = 78  # signs of a printed line on a small screen


def measured(distance):
    """What a stopwatch has after ten measurements, with numbers as wide as they come."""
    return SimpleNamespace(
        steps=[80 * i + 80 for i in range(10)],
        sizes=[32] * 10,
        seconds=[100.5 + i for i in range(10)],
        distances=[distance + i for i in range(10)],
        scales=[(0.11, 0.22, 0.33)] * 10,
    )


def test_the_table_of_the_control_has_a_column_for_each_run_and_fits_on_a_small_screen():
    runs = {("a", 0): 1000.5, ("b", 0): 2000.5, ("a", 1): 3000.5, ("b", 1): 4000.5}
    watches = {key: measured(distance) for key, distance in runs.items()}
    lines = distances_by_round(watches, {"faded in": "a", "abrupt": "b"}).splitlines()
    assert lines[0].split() == ["seed", "0", "seed", "1"]
    assert lines[1].split() == ["round", "pixels", "faded", "in", "abrupt", "faded", "in", "abrupt"]
    assert lines[2].split() == ["80", "32", "1000.5", "2000.5", "3000.5", "4000.5"]
    assert lines[-1].split() == ["800", "32", "1009.5", "2009.5", "3009.5", "4009.5"]
    assert len({len(line) for line in lines}) == 1
    assert len(lines[0]) <= WIDEST


def test_a_run_that_was_stopped_leaves_places_of_the_table_empty():
    watches = {(way, seed): measured(10.0) for way in "ab" for seed in (0, 1)}
    watches["a", 0] = SimpleNamespace(steps=[80, 100], sizes=[32, 32], distances=[7.0, 8.0])
    lines = distances_by_round(watches, {"faded in": "a", "abrupt": "b"}).splitlines()
    assert [line.split() for line in lines[2:5]] == [
        ["80", "32", "7.0", "10.0", "10.0", "10.0"],
        ["100", "32", "8.0"],
        ["160", "32", "11.0", "11.0", "11.0"],
    ]
    assert lines[4][13:25].isspace()
    assert len({len(line) for line in lines}) == 1


def test_the_table_of_the_scales_fits_on_a_small_screen():
    names = ("details, 32 pixels", "details, 16 pixels", "the rest, 8 pixels")
    table = scales_over_seconds({"not grown": measured(1.0), "skips": measured(1.0)}, names, [0.02, 0.03, 0.05])
    one, other, floors = (part.splitlines() for part in table.split("\n\n"))
    assert one[0].split()[:5] == ["not", "grown,", "CPU", "s", "100.5"]
    assert other[0].startswith("skips, CPU s ")
    assert [line[:18] for line in one[1:]] == [line[:18] for line in floors[1:]] == list(names)
    assert one[2].split()[3:] == ["0.22"] * 10
    assert [line.split()[-1] for line in floors[1:]] == ["0.02", "0.03", "0.05"]
    assert {len(line) for line in (*one, *other)} == {WIDEST}
