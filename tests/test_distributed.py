"""Training on several ranks: what they draw, how they average, and how processes are started and ended."""

import time

import pytest
import torch
from torch import nn

from course_utils.distributed import launch
from course_utils.distributed.places import ALONE, Deserted, in_threads
from course_utils.distributed.rounds import accumulated_step, parallel_round
from course_utils.distributed.script import script_of
from course_utils.distributed.stream import MARGIN, Batch, crop, rank_batch
from course_utils.lessons.c4w3d.players import LATENT_DIM, apart, new_players, row

FACTOR = 2.0
TABLE = torch.zeros(3)


@pytest.fixture(scope="module")
def images():
    return torch.rand(20, 1, 28, 28, generator=torch.Generator().manual_seed(0)) * 2 - 1


def test_a_crop_moves_the_image_and_puts_paper_where_it_left(images):
    n = torch.arange(20)
    same = crop(images, torch.full((20,), MARGIN), torch.full((20,), MARGIN))
    assert torch.equal(same, images)
    moved = crop(images, torch.full((20,), MARGIN + 1), n % (2 * MARGIN + 1))
    assert torch.equal(moved[2, :, :27], images[2, :, 1:])
    assert (moved[2, :, 27] == -1).all()
    assert torch.equal(moved[4, :, :27, :26], images[4, :, 1:, 2:])


@pytest.mark.parametrize("world", [1, 2, 3, 4])
def test_the_shares_are_the_batch(images, world):
    def stream():
        return torch.Generator().manual_seed(4)

    whole = rank_batch(images, stream(), 12, 5)
    shares = [rank_batch(images, stream(), 12, 5, rank, world) for rank in range(world)]
    for field in Batch._fields:
        assert torch.equal(torch.cat([getattr(s, field) for s in shares]), getattr(whole, field))
    assert whole.real.shape == (12, 1, 28, 28)
    assert whole.alpha.shape == (12, 1, 1, 1)


def test_a_size_that_does_not_divide_is_refused(images):
    with pytest.raises(ValueError, match="size: expected a multiple of world=2, got 7"):
        rank_batch(images, torch.Generator(), 7, 5, 0, 2)


def played(place, rounds, images, norm="layer"):
    gan, stream = new_players(3, norm, "float64", width=16), torch.Generator().manual_seed(1)
    for _ in range(rounds):
        batch = rank_batch(images, stream, 12, LATENT_DIM, place.rank, place.world)
        parallel_round(gan, Batch(*(t.double() for t in batch)), place.average)
    return row(gan.generator, gan.discriminator)


@pytest.mark.parametrize("world", [2, 3])
def test_ranks_train_what_one_process_trains(images, world):
    one = played(ALONE, 5, images)
    (ranks,) = in_threads(played, [{"rounds": 5, "images": images}], world)
    assert all(apart(rank, one) < 1e-12 for rank in ranks)


def test_batch_normalisation_makes_another_training(images):
    one = played(ALONE, 5, images, "batch")
    (ranks,) = in_threads(played, [{"rounds": 5, "images": images, "norm": "batch"}])
    assert apart(ranks[0], one) > 1e-5
    assert torch.equal(*ranks)


@pytest.mark.parametrize("parts_of", [10, 4, 3, 1])
def test_parts_give_the_step_of_the_whole(parts_of):
    rows, steps = torch.randn(10, 3, dtype=torch.float64), []
    for size in (10, parts_of):
        torch.manual_seed(0)
        network = nn.Linear(3, 1).double()
        optimiser = torch.optim.SGD(network.parameters(), 0.1, momentum=0.9)
        losses = [
            accumulated_step(optimiser, lambda x: network(x).square().mean(), rows.split(size), ALONE.average)  # noqa: B023
            for _ in range(3)
        ]
        steps.append(torch.cat([row(network), torch.stack(losses)]))
    assert torch.allclose(*steps, atol=1e-13)


def test_no_parts_are_refused():
    with pytest.raises(ValueError, match="parts: expected at least one tensor"):
        accumulated_step(torch.optim.SGD([nn.Parameter(torch.zeros(1))], 0.1), lambda x: x, [], ALONE.average)


def uneven(place):
    weight = nn.Parameter(torch.zeros(3))
    for _ in range(2 - place.rank):
        weight.grad = torch.ones(3)
        place.average([weight])
    return place.rank


def test_a_rank_that_nobody_joins_says_so():
    with pytest.raises(Deserted, match="did not come"):
        in_threads(uneven, [{}], patience=0.2)


def failing(place):
    raise ValueError(f"no luck on rank {place.rank}")


def test_the_exception_of_a_thread_comes_back():
    with pytest.raises(ValueError, match="no luck"):
        in_threads(failing, [{}])


def in_turns(place, at_work):
    most = 0
    for _ in range(5):
        at_work.append(place.rank)
        most = max(most, len(at_work))
        time.sleep(0.005)
        at_work.pop()
        weight = nn.Parameter(torch.zeros(1))
        place.average([weight])
    return most


def test_threads_compute_in_turns():
    """NumPy's reader of archives calls Python's parser, and that fails now and then in two threads at once."""
    assert in_threads(in_turns, [{"at_work": []}], 3) == [[1, 1, 1]]


def doubled(place, value):
    return {"value": FACTOR * value, "mean": helper(place)}


def helper(place):
    weight = nn.Parameter(torch.zeros(2))
    weight.grad = torch.full((2,), float(place.rank))
    place.average([weight])
    return weight.grad


def test_a_script_holds_what_the_work_names():
    text = script_of(doubled)
    assert "FACTOR = 2.0" in text
    assert "import torch as torch" in text
    assert "from torch import nn" in text or "import torch.nn as nn" in text
    assert "def helper(place):" in text
    assert script_of(parallel_round) == "from course_utils.distributed.rounds import parallel_round\n"


class Scaled(nn.Linear):
    factor = FACTOR

    def forward(self, x):
        return self.factor * super().forward(torch.relu(x))


def with_a_class(place, images=3):
    return Scaled(images, 1).images if hasattr(Scaled, "images") else images


def test_a_script_holds_classes_and_what_they_are_made_of():
    text = script_of(with_a_class)
    assert "class Scaled(nn.Linear):" in text
    assert "import torch.nn as nn" in text
    assert "FACTOR = 2.0" in text
    made = {"__name__": "made"}
    exec(compile(text.replace("return self.factor *", "return"), "<script>", "exec"), made)
    assert made["with_a_class"](None) == 3


def test_an_attribute_that_is_called_like_something_here_is_not_taken_along():
    def work(place):
        return place.TABLE

    assert "TABLE =" not in script_of(work)


def names_a_tensor(place):
    return TABLE + place.rank


def test_a_script_refuses_what_it_cannot_hold():
    with pytest.raises(ValueError, match="TABLE: expected a function"):
        script_of(names_a_tensor)
    with pytest.raises(ValueError, match="made with def"):
        script_of(_LAMBDA)


_LAMBDA = lambda place: place.rank  # noqa: E731


def test_what_cannot_be_written_into_a_file_runs_in_threads(capsys):
    results = launch.together(names_a_tensor, [{}])
    assert [r[0].item() for r in results[0]] == [0, 1]
    assert "2 threads of this one stand in" in capsys.readouterr().out


def test_two_processes_average_and_answer(capsys):
    try:
        results = launch.in_processes(doubled, [{"value": 1.0}, {"value": 4.0}], timeout=120)
    except launch.NoProcesses as error:
        pytest.skip(f"no processes here: {error}")
    assert [[rank["value"] for rank in job] for job in results] == [[2.0, 2.0], [8.0, 8.0]]
    assert all(torch.equal(rank["mean"], torch.full((2,), 0.5)) for job in results for rank in job)


def test_processes_cannot_be_started_where_there_is_no_python(monkeypatch):
    monkeypatch.setattr(launch.sys, "executable", "/nowhere/python")
    with pytest.raises(launch.NoProcesses):
        launch.in_processes(helper, [{}])
