"""Samplers that are not networks: the trivial rival, the ceiling, and the four of the diagnosis."""

import torch
from torch import Tensor

from course_utils.datasets.molecules import Molecules
from course_utils.molecules.graphs import UPPER

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


def drawn(molecules: Molecules, n: int, seed: int) -> Graphs:
    """Molecules of a list, drawn at random with replacement. Of the held-out half: the ceiling."""
    rows = torch.randint(len(molecules.atoms), (n,), generator=torch.Generator().manual_seed(seed))
    return molecules.atoms[rows], molecules.bonds[rows]


def sampler(name: str, train: Molecules, held_out: Molecules, n: int) -> Graphs:
    """A sample of "sampler A" to "sampler D"."""
    return {
        "sampler A": lambda: independent_graphs(train, n, 1),
        "sampler B": lambda: drawn(train, n, 2),
        "sampler C": lambda: _mixed(train, held_out, n),
        "sampler D": lambda: drawn(Molecules(*(part[-12:] for part in held_out)), n, 4),
    }[name]()


def _mixed(train: Molecules, held_out: Molecules, n: int) -> Graphs:
    """Four fifths molecules of both halves, one fifth independent graphs, of which hardly any is valid."""
    parts = drawn(train, n * 2 // 5, 5), drawn(held_out, n * 2 // 5, 6)
    rest = independent_graphs(train, n - 2 * (n * 2 // 5), 7)
    return tuple(torch.cat(columns) for columns in zip(*parts, rest, strict=True))
