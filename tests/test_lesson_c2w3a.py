"""What belongs to the lesson on progressive growing alone: the stopwatch, the sick runs and the key to them."""

import itertools
from functools import partial

import pytest
import torch

from course_utils.datasets import portraits
from course_utils.lessons.c2w3a.arena import Judge, Stopwatch
from course_utils.lessons.c2w3a.exercises import RUNS, SIGNS, contradiction, diagnose
from course_utils.lessons.c2w3a.figures import growth_charts, numbers_at_the_joint, race, scale_curves
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


def test_the_charts_are_labelled(patients):
    fig = growth_charts(patients, "Six runs")
    assert [axes.get_title() for axes in fig.axes] == ["healthy", *RUNS]
    assert len(numbers_at_the_joint(patients).splitlines()) == 7
