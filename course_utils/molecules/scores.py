"""Valid, unique, novel: what is counted in a sample of graphs, and what each count is a share of."""

import itertools
from typing import NamedTuple

import torch
from torch import Tensor

from course_utils.datasets.molecules import Molecules
from course_utils.molecules.graphs import keys
from course_utils.molecules.validity import broken_filters, is_valid, ring_count, small_rings


class Scores(NamedTuple):
    """Shares from 0 to 1. The product of the first three is the share of the sample that is valid, new and counted once."""

    valid: float  # of the sample: molecules
    unique: float  # of the valid: different ones
    novel: float  # of the different: not in the train half
    product: float
    filtered: float  # of the novel: those that break a filter; all the others are in the held-out half
    molecules: int = 0  # how many are valid; of more molecules a smaller share is different

    @property
    def listed(self) -> float:
        """The product without those that break a filter: the share of the sample in the held-out half, each counted once."""
        return self.product * (1 - self.filtered)

    @property
    def tested(self) -> float:
        """The same as a share of the valid: what ``listed`` is for one who throws away all graphs that are not valid."""
        return self.unique * self.novel * (1 - self.filtered)


class Ruler:
    """Measures samples against the train half and, because the list is complete, against the whole of it."""

    def __init__(self, train: Molecules, held_out: Molecules):
        self.train, self.held_out = (keys(half.atoms, half.bonds) for half in (train, held_out))

    def measure(self, atoms: Tensor, bonds: Tensor) -> Scores:
        """Scores of a sample, atoms (B, 6) and bonds (B, 6, 6). Shares of nothing are 0."""
        valid = is_valid(atoms, bonds)
        distinct = keys(atoms[valid], bonds[valid]).unique()
        novel = distinct[~torch.isin(distinct, self.train)]
        held_out = torch.isin(novel, self.held_out).sum().item()
        counts = len(atoms), int(valid.sum()), len(distinct), len(novel)
        shares = [part / whole if whole else 0.0 for whole, part in itertools.pairwise(counts)]
        filtered = 1 - held_out / len(novel) if len(novel) else 0.0
        return Scores(*shares, shares[0] * shares[1] * shares[2], filtered, counts[1])

    def novel_ones(self, atoms: Tensor, bonds: Tensor) -> tuple[Tensor, Tensor]:
        """The valid molecules that are not in the train half, each once, in the order of the sample."""
        valid = is_valid(atoms, bonds)
        atoms, bonds = atoms[valid], bonds[valid]
        names = keys(atoms, bonds).tolist()
        seen = set(self.train.tolist())
        kept = [k for k, name in enumerate(names) if not (name in seen or seen.add(name))]
        return atoms[kept], bonds[kept]


def which_filters(atoms: Tensor, bonds: Tensor) -> dict[str, float]:
    """The share of molecules that break each filter. One may break several."""
    return {name: broken.float().mean().item() for name, broken in broken_filters(atoms, bonds).items()}


def ring_reward(atoms: Tensor, bonds: Tensor) -> Tensor:
    """What the reward of the lesson pays for, float32 (B,): half for a molecule with one ring, 1 for two or more, 0 otherwise.

    Atoms (B, N) and bonds (B, N, N) are numbers, as in ``datasets.molecules``; empty places are 0. In a connected graph the
    number of rings is bonds - atoms + 1. Each bond stands in ``bonds`` twice, and its order does not count. What is not valid
    gets 0, however many rings it seems to have: ``is_valid(atoms, bonds)`` says which are (De Cao and Kipf, "MolGAN", 2018).
    """
    # BEGIN SOLUTION
    rings = (bonds > 0).sum(dim=(1, 2)) / 2 - (atoms > 0).sum(dim=1) + 1
    return torch.where(is_valid(atoms, bonds), rings.clamp(0, 2) / 2, 0.0)
    # END SOLUTION


def of_the_score(atoms: Tensor, bonds: Tensor) -> tuple[float, float]:
    """Of the valid molecules of a sample: mean number of rings, and the share with a ring of three."""
    valid = is_valid(atoms, bonds)
    if not valid.any():
        return 0.0, 0.0
    rings = ring_count(atoms[valid], bonds[valid]).float().mean().item()
    return rings, small_rings(bonds[valid]).float().mean().item()
