"""Runs on two ranks with one thing wrong, for the diagnosis, and what each fault does by itself."""

from collections.abc import Callable

import torch
from torch import Tensor

from course_utils.datasets import digits, to_float
from course_utils.distributed.places import ALONE, Place
from course_utils.distributed.stream import Batch
from course_utils.lessons.c4w3d.players import LATENT_DIM, apart, new_players, row
from course_utils.losses import wasserstein_critic_loss, wasserstein_generator_loss

SIZE = 64
FAULTS = {
    "A": "unequal shares",
    "B": "sum instead of mean",
    "C": "sound",
    "D": "batch normalisation",
    "E": "generator not averaged",
    "F": "same noise on both ranks",
}


def run(place: Place, fault: str, rounds: int, draw: Callable, play: Callable, seed: int = 0) -> dict:
    """``rounds`` rounds in float64 with a fault, by ``draw`` (as ``rank_batch``) and ``play`` (as ``parallel_round``).

    Returns the weights, the first gradient of the critic as its optimiser sees it, the first latent vectors, how many rows
    this rank had, and how far a fake that is made in this rank's share is from the same fake made with half of them.
    """
    gan = new_players(seed, "batch" if fault == "batch normalisation" else "layer", "float64")
    images, stream = to_float(digits.load("train").images), torch.Generator().manual_seed(seed)
    seen = {}

    def average(parameters) -> None:
        parameters = list(parameters)
        critic = parameters[0] is next(gan.discriminator.parameters())
        if critic or fault != "generator not averaged":
            place.average(parameters)
        if fault == "sum instead of mean":
            for p in parameters:
                p.grad.mul_(place.world)
        if "gradient" not in seen:
            seen["gradient"] = torch.cat([p.grad.flatten() for p in parameters]).norm().item()

    for _ in range(rounds):
        batch = _share(draw, images, stream, place, fault)
        batch = Batch(*(t.double() for t in batch))
        seen.setdefault("z", batch.z_critic.clone())
        seen.setdefault("rows", len(batch.real))
        seen.setdefault("company", in_company(gan.generator, batch.z_critic))
        play(gan, batch, average)
    return seen | {"weights": row(gan.generator, gan.discriminator)}


def _share(draw: Callable, images: Tensor, stream: torch.Generator, place: Place, fault: str) -> Batch:
    if fault == "unequal shares" and place.world == 2:
        cut = SIZE * 5 // 8
        whole = draw(images, stream, SIZE, LATENT_DIM, 0, 1)
        return Batch(*(t[:cut] if place.rank == 0 else t[cut:] for t in whole))
    if fault == "same noise on both ranks" and place.world == 2:
        before = stream.get_state()
        first = draw(images, stream, SIZE, LATENT_DIM, 0, 2)
        stream.set_state(before)
        own = draw(images, stream, SIZE, LATENT_DIM, place.rank, 2)
        return own._replace(z_critic=first.z_critic, z_generator=first.z_generator)
    return draw(images, stream, SIZE, LATENT_DIM, place.rank, place.world)


def table(two: dict[str, list], one: dict[str, dict]) -> dict[str, tuple]:
    """What the diagnosis shows of each run: ``two[run]`` holds both ranks' dicts, ``one[run]`` that of one process."""
    return {
        name: (
            apart(ranks[1]["weights"], ranks[0]["weights"]),
            apart(ranks[0]["weights"], one[name]["weights"]),
            ranks[0]["gradient"] / one[name]["gradient"],
            len(torch.cat([r["z"] for r in ranks]).unique(dim=0)),
            ranks[0]["company"],
        )
        for name, ranks in two.items()
    }


@torch.no_grad()
def in_company(generator, z: Tensor) -> float:
    """By how much a fake changes when half of its batch is left out: the largest change of a pixel, in [0, 2]."""
    half = len(z) // 2
    kept = [b.clone() for b in generator.buffers()]
    change = (generator(z)[:half] - generator(z[:half])).abs().max().item()
    for buffer, before in zip(generator.buffers(), kept, strict=True):
        buffer.copy_(before)
    return change


def critic_gradient(gan, real: Tensor, fake: Tensor) -> Tensor:
    """The gradient of the critic's loss without a penalty, in a row."""
    loss = wasserstein_critic_loss(gan.discriminator(real), gan.discriminator(fake))
    return torch.cat([g.flatten() for g in torch.autograd.grad(loss, list(gan.discriminator.parameters()), allow_unused=True)
                      if g is not None])


def mean_of_means(batch: Batch, cut: int, seed: int, weighted: bool) -> float:
    """How far the mean of two shares' gradients is from that of the batch, if rank 0 has ``cut`` rows of it."""
    gan, size = new_players(seed, dtype="float64"), len(batch.real)
    fake = gan.generator(batch.z_critic).detach()
    whole = critic_gradient(gan, batch.real, fake)
    first, second = (critic_gradient(gan, batch.real[s], fake[s]) for s in (slice(cut), slice(cut, None)))
    share = cut / size if weighted else 0.5
    return apart(share * first + (1 - share) * second, whole)


def noise_variance(seed: int, draws: int, same: bool, size: int = SIZE) -> float:
    """The variance of the generator's averaged gradient over draws of noise, summed over weights; two ranks."""
    gan, stream = new_players(seed, dtype="float64"), torch.Generator().manual_seed(100 + seed)
    rows = []
    for _ in range(draws):
        first, second = (torch.randn(size // 2, LATENT_DIM, generator=stream).double() for _ in range(2))
        z = torch.cat([first, first if same else second])
        loss = wasserstein_generator_loss(gan.discriminator(gan.generator(z)))
        rows.append(torch.cat([g.flatten() for g in torch.autograd.grad(loss, list(gan.generator.parameters()))]))
    return torch.stack(rows).var(dim=0).sum().item()


def step_of_a_sum(optimiser: str, draw: Callable, play: Callable, seed: int) -> float:
    """How many times as far the critic's first step goes when its gradient is the sum over two ranks, and not the mean."""
    images = to_float(digits.load("train").images)
    moved = []
    for factor in (1, 2):
        gan = new_players(seed, dtype="float64", optimiser=optimiser)
        before = row(gan.discriminator)
        batch = Batch(*(t.double() for t in draw(images, torch.Generator().manual_seed(seed), SIZE, LATENT_DIM)))
        play(gan, batch, lambda parameters, factor=factor: [p.grad.mul_(factor) for p in parameters])
        moved.append((row(gan.discriminator) - before).norm().item())
    return moved[1] / moved[0]


__all__ = ["ALONE", "FAULTS", "in_company", "mean_of_means", "noise_variance", "run", "step_of_a_sum", "table"]
