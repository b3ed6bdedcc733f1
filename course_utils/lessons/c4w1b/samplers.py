"""Samplers that are not networks: the trivial rival, the ceiling, and the four of the diagnosis."""

from collections.abc import Callable

import torch
from torch import Tensor

from course_utils.datasets.molecules import Molecules
from course_utils.molecules.graphs import UPPER
from course_utils.molecules.validity import is_valid

Graphs = tuple[Tensor, Tensor]  # atoms (n, 6) and bonds (n, 6, 6)


def independent_graphs(train: Molecules, n: int, seed: int) -> Graphs:
    """The trivial rival: each atom and each bond is drawn for itself, as often as the train half has it at that place."""
    dice = torch.Generator().manual_seed(seed)

    def column(values: Tensor) -> Tensor:
        return values[torch.randint(len(values), (n,), generator=dice)]

    atoms = torch.stack([column(values) for values in train.atoms.T], dim=1)
    bonds = torch.zeros(n, *train.bonds.shape[1:], dtype=torch.int64)
    for i, j in UPPER.T.tolist():
        bonds[:, i, j] = bonds[:, j, i] = column(train.bonds[:, i, j])
    return atoms, bonds


def until_valid(draw: Callable[[int], Graphs], n: int, at_most: int = 20) -> Graphs:
    """Graphs up to the ``n``-th valid one: of ``draw(0)``, ``draw(1)``, ... and so on, but of ``at_most`` parts.

    The more molecules, the smaller the share of different ones. Samples of equally many valid ones can be compared.
    """
    parts, found = [], 0
    while found < n and len(parts) < at_most:
        parts.append(draw(len(parts)))
        found += int(is_valid(*parts[-1]).sum())
    atoms, bonds = (torch.cat(part) for part in zip(*parts, strict=True))
    places = is_valid(atoms, bonds).nonzero()[:, 0]
    last = len(atoms) if len(places) < n else places[n - 1] + 1
    return atoms[:last], bonds[:last]


def valid_ones(atoms: Tensor, bonds: Tensor) -> Graphs:
    """The valid graphs of a sample: it is easy to test, so anybody may throw the others away."""
    kept = is_valid(atoms, bonds)
    return atoms[kept], bonds[kept]


def drawn(molecules: Molecules, n: int, seed: int) -> Graphs:
    """Molecules of a list, drawn at random with replacement. Of the held-out half: the ceiling."""
    rows = torch.randint(len(molecules.atoms), (n,), generator=torch.Generator().manual_seed(seed))
    return molecules.atoms[rows], molecules.bonds[rows]


def sampler(name: str, train: Molecules, held_out: Molecules, n: int) -> Graphs:
    """A sample of "sampler A" to "sampler D", with ``n`` valid molecules."""
    return {
        "sampler A": lambda: until_valid(lambda part: independent_graphs(train, n, 1001 + part), n),
        "sampler B": lambda: drawn(train, n, 2),
        "sampler C": lambda: until_valid(lambda part: _mixed(train, held_out, n, 10 * part), n),
        "sampler D": lambda: drawn(Molecules(*(part[-12:] for part in held_out)), n, 4),
    }[name]()


def _mixed(train: Molecules, held_out: Molecules, n: int, seed: int) -> Graphs:
    """Four fifths molecules of both halves, one fifth independent graphs, of which few are valid, in random order."""
    parts = drawn(train, n * 2 // 5, seed + 5), drawn(held_out, n * 2 // 5, seed + 6)
    rest = independent_graphs(train, n - 2 * (n * 2 // 5), seed + 7)
    order = torch.randperm(n, generator=torch.Generator().manual_seed(seed))
    return tuple(torch.cat(columns)[order] for columns in zip(*parts, rest, strict=True))
