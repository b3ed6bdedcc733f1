"""All molecules of up to six heavy atoms of C, N, O and F that pass a few filters, half of them held out.

    train = molecules.load("train")  # Molecules(atoms, bonds, smiles)

The list is complete: `course_utils.molecules.enumeration` grows it atom by atom and names the filters. So a valid molecule
that is not in the list breaks a filter, and one that is not in the train half is held out: novelty is exact. Hydrogens are
not drawn; they fill the valences that are left. Double bonds of rings are fixed (Kekulé), no bond is aromatic.
"""

import io
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from course_utils.datasets import shipped

FILE = "molecules.npz"
SPLITS = ("train", "held-out", "all")
SIZE = 6  # places for atoms
ATOMS = ("none", "C", "N", "O", "F")  # what can stand at a place; "none" is an empty one
VALENCES = (0, 4, 3, 2, 1)  # how many bonds, counted with their order, each of ATOMS may have
BONDS = ("none", "single", "double", "triple")  # the number of a bond is its order


class Molecules(NamedTuple):
    atoms: Tensor  # int64 (M, 6), numbers of ATOMS; empty places come last
    bonds: Tensor  # int64 (M, 6, 6), numbers of BONDS, symmetric
    smiles: tuple[str, ...]  # one line of text a molecule, with double bonds written out


def load(split: str = "train") -> Molecules:
    """The molecules of a half, or all of them; always in the same order. Each half was chosen by a hash of the SMILES.

    Raises ValueError for an unknown split and DataError when the file is missing or damaged.
    """
    if split not in SPLITS:
        raise ValueError(f"split: expected one of {', '.join(map(repr, SPLITS))}, got {split!r}")
    with np.load(io.BytesIO(shipped.read_verified(FILE))) as archive:
        atoms, upper = (torch.from_numpy(archive[name].astype(np.int64)) for name in ("atoms", "bonds"))
        smiles, held_out = archive["smiles"].tobytes().decode().split("\n"), torch.from_numpy(archive["held_out"])
    rows, columns = torch.triu_indices(SIZE, SIZE, 1)
    bonds = torch.zeros(len(atoms), SIZE, SIZE, dtype=torch.int64)
    bonds[:, rows, columns] = bonds[:, columns, rows] = upper
    chosen = torch.ones_like(held_out) if split == "all" else held_out == (split == "held-out")
    return Molecules(atoms[chosen], bonds[chosen], tuple(s for s, c in zip(smiles, chosen.tolist(), strict=True) if c))
