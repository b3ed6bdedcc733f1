"""What the lesson on scaling up needs of its own: sick runs, what faults do, memory and precision."""

import pytest
import torch

from course_utils.datasets import digits, to_float
from course_utils.distributed.places import ALONE, in_threads
from course_utils.distributed.rounds import parallel_round
from course_utils.distributed.stream import Batch, rank_batch
from course_utils.lessons.c4w3d import measure, sick
from course_utils.lessons.c4w3d.exercises import CASES, NAMES, diagnose
from course_utils.lessons.c4w3d.players import LATENT_DIM, apart, new_players, row


def faulty(place, fault, rounds=3):
    return sick.run(place, fault, rounds, rank_batch, parallel_round)


@pytest.fixture(scope="module")
def table():
    jobs = [{"fault": fault} for fault in sick.FAULTS.values()]
    two = dict(zip(sick.FAULTS, in_threads(faulty, jobs), strict=True))
    return sick.table(two, {name: faulty(ALONE, **job) for name, job in zip(sick.FAULTS, jobs, strict=True)})


def test_every_sick_run_shows_its_own_sign_and_no_other(table):
    assert {f"run {name}": fault for name, fault in sick.FAULTS.items()} == {case: diagnose(case) for case in CASES}
    assert set(NAMES) == set(sick.FAULTS.values())
    for name, (ranks, off, gradient, vectors, pixel) in table.items():
        fault = sick.FAULTS[name]
        assert (ranks > 1e-6) == (fault == "generator not averaged")
        assert (off < 1e-12) == (fault == "sound"), (fault, off)
        assert (vectors == 32) == (fault == "same noise on both ranks")
        assert (pixel > 1e-3) == (fault == "batch normalisation")
        assert (abs(gradient - 2) < 1e-9) == (fault == "sum instead of mean"), (fault, gradient)


def test_equal_shares_or_weights_by_rows_give_the_gradient_of_the_batch():
    images = to_float(digits.load("train").images)
    batch = Batch(*(t.double() for t in rank_batch(images, torch.Generator().manual_seed(0), 64, LATENT_DIM)))
    assert sick.mean_of_means(batch, 32, 0, weighted=False) < 1e-12
    assert sick.mean_of_means(batch, 40, 0, weighted=True) < 1e-12
    assert sick.mean_of_means(batch, 40, 0, weighted=False) > 1e-3


def test_a_sum_doubles_the_step_of_sgd_only():
    assert sick.step_of_a_sum("sgd", rank_batch, parallel_round, 0) == pytest.approx(2, abs=1e-9)
    assert sick.step_of_a_sum("adam", rank_batch, parallel_round, 0) == pytest.approx(1, abs=1e-2)


def test_players_depend_on_their_arguments_alone():
    first = new_players(1)
    torch.manual_seed(99)
    assert torch.equal(row(first.generator), row(new_players(1).generator))
    before = torch.get_rng_state()
    new_players(2)
    assert torch.equal(before, torch.get_rng_state())
    assert apart(row(new_players(2).generator), row(first.generator)) > 0.1


def test_saved_bytes_are_counted_at_their_peak_and_without_weights():
    linear = torch.nn.Linear(4, 4, bias=False)
    x = torch.randn(8, 4)

    def once():
        linear(x).square().sum().backward()

    def twice():
        once()
        once()

    peak = measure.peak_of_saved(once, linear.parameters())
    assert peak == 2 * 8 * 4 * 4  # the input of the layer and that of the square
    assert measure.peak_of_saved(twice, linear.parameters()) == peak


def test_reduced_precision_is_further_from_float64():
    images = to_float(digits.load("train").images)
    # with seed 0 a LeakyReLU tips over between float32 and float64, and the error is that of one row of 16
    batch = rank_batch(images, torch.Generator().manual_seed(1), 16, LATENT_DIM)
    exact = measure.critic_gradient(new_players(0, dtype="float64"), Batch(*(t.double() for t in batch)), "float64")
    single, half = (apart(measure.critic_gradient(new_players(0), batch, name), exact) for name in ("float32", "bf16"))
    assert single < 1e-5 < half < 0.5


def test_times_takes_turns():
    order = []
    found = measure.times({"a": lambda: order.append("a"), "b": lambda: order.append("b")}, repeats=2)
    assert order == ["a", "b"] * 3
    assert set(found) == {"a", "b"}
