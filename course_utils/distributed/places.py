"""A rank's place among the others, and three ways to average gradients: alone, between processes, between threads."""

import threading
from collections.abc import Callable, Iterable
from typing import NamedTuple

import torch
from torch import Tensor, nn


class Place(NamedTuple):
    """What a rank knows of itself."""

    rank: int  # 0 to world - 1
    world: int  # how many ranks there are
    average: Callable[[Iterable[nn.Parameter]], None]  # the mean over the ranks in the place of every gradient


class Deserted(RuntimeError):
    """A rank waited for the others, and they did not come."""


def by_itself(parameters: Iterable[nn.Parameter]) -> None:
    """The average over a world of one: nothing changes."""


ALONE = Place(0, 1, by_itself)


def average_gradients(parameters: Iterable[nn.Parameter]) -> None:
    """Put the mean over the processes of ``torch.distributed`` in the place of every gradient; one message in all.

    A parameter without a gradient counts as 0, and the gradients have one dtype. Every process has to call this equally often,
    with the same parameters: one that does not come leaves the others waiting.
    """
    parameters = list(parameters)
    flat = _flat(parameters)  # all gradients in one row, so that there is one message
    torch.distributed.all_reduce(flat)  # the sum over the processes, in place
    _put_back(flat / torch.distributed.get_world_size(), parameters)


def _flat(parameters: list[nn.Parameter]) -> Tensor:
    return torch.cat([(torch.zeros_like(p) if p.grad is None else p.grad).flatten() for p in parameters])


def _put_back(flat: Tensor, parameters: list[nn.Parameter]) -> None:
    for p, row in zip(parameters, flat.split([p.numel() for p in parameters]), strict=True):
        p.grad = row.view_as(p).clone()


class _Table:
    """Where threads lay their gradients, so that each can take the mean. They compute in turns."""

    def __init__(self, world: int, patience: float):
        self.barrier, self.rows, self.patience = threading.Barrier(world), [None] * world, patience
        self.turn = threading.Lock()  # held by the thread that computes: NumPy's reader of archives fails in two at once

    def average(self, rank: int, parameters: Iterable[nn.Parameter]) -> None:
        parameters = list(parameters)
        self.rows[rank] = _flat(parameters)
        self._wait()
        mean = torch.stack(self.rows).mean(dim=0)
        self._wait()  # nobody lays down the next row before all have read this one
        _put_back(mean, parameters)

    def _wait(self) -> None:
        self.turn.release()
        try:
            self.barrier.wait(self.patience)
        except threading.BrokenBarrierError:
            raise Deserted("the other ranks did not come to average their gradients") from None
        finally:
            self.turn.acquire()


def in_threads(work: Callable, jobs: list[dict], world: int = 2, patience: float = 20.0) -> list[list]:
    """``work(place, **job)`` of every job on ``world`` threads of this process: a stand-in where processes are not to be had.

    The threads take turns: one computes until it waits for the others. Returns what each rank returned, a list a job. An
    exception of any rank is raised again; ``Deserted`` is raised when a rank waits longer than ``patience`` seconds.
    """
    return [_one_job(work, job, world, patience) for job in jobs]


def _one_job(work: Callable, job: dict, world: int, patience: float) -> list:
    table, returned, errors = _Table(world, patience), [None] * world, {}

    def run(rank: int) -> None:
        try:
            with table.turn:
                returned[rank] = work(Place(rank, world, lambda parameters: table.average(rank, parameters)), **job)
        except Exception as error:  # noqa: BLE001 - it is raised again by the thread that waits for this one
            errors[rank] = error
            table.barrier.abort()

    threads = [threading.Thread(target=run, args=(rank,), daemon=True) for rank in range(world)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    causes = [e for e in errors.values() if not isinstance(e, Deserted)] or list(errors.values())
    if causes:
        raise causes[0]
    return returned
