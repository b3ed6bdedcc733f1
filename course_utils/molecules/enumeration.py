"""Makes ``data/molecules.npz``: ``python -m course_utils.molecules.enumeration [FOLDER]``. Needs RDKit, for the SMILES only.

Every connected graph comes from one with an atom less, by a new atom and then perhaps bonds that close rings. What stays:

- carbon, nitrogen, oxygen and fluorine, neutral, valences kept; at most six atoms beside hydrogen; one piece;
- no bond between two of N, O and F;
- at most one double bond an atom, none in a ring of three, and no triple bond in a ring;
- at most two rings;
- no enols: no OH, and no NH outside rings, at a carbon with a double bond to another carbon;
- no OH or NH at a saturated carbon that has another N, O or F: most of these lose water or ammonia;
- no imines with a hydrogen at the nitrogen.

The first three hold for every part of a molecule in which they hold, so that they cut while it grows; the others are asked
at the end. They are a rough picture of what is stable, made to keep the list short. `validity.broken_filters` has them.
"""

import hashlib
import sys
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from course_utils.datasets import shipped
from course_utils.datasets.molecules import ATOMS, FILE, SIZE
from course_utils.molecules import validity
from course_utils.molecules.graphs import UPPER, keys

Graphs = tuple[Tensor, Tensor]  # atoms (M, 6) and bonds (M, 6, 6)


def enumerate_molecules(largest: int = SIZE) -> Graphs:
    """All molecules of at most ``largest`` atoms, sorted by size and key."""
    atoms = torch.zeros(len(ATOMS) - 1, SIZE, dtype=torch.int64)
    atoms[:, 0] = torch.arange(1, len(ATOMS))
    grown = [(atoms, torch.zeros(len(atoms), SIZE, SIZE, dtype=torch.int64))]
    for count in range(1, largest):
        grown.append(_rings_closed(_distinct(*_atom_added(*grown[-1], count)), count + 1))
    atoms, bonds = (torch.cat(parts) for parts in zip(*grown, strict=True))
    kept = ~torch.stack(list(validity.broken_filters(atoms, bonds).values())).any(dim=0)
    return atoms[kept], bonds[kept]


def _atom_added(atoms: Tensor, bonds: Tensor, count: int) -> Graphs:
    """Every way to hang a new atom, at place ``count``, on one of the others."""
    made = []
    for kind in range(1, len(ATOMS)):
        for order in (1, 2, 3):
            for place in range(count):
                new_atoms, new_bonds = atoms.clone(), bonds.clone()
                new_atoms[:, count] = kind
                new_bonds[:, count, place] = new_bonds[:, place, count] = order
                made.append((new_atoms, new_bonds))
    return tuple(torch.cat(parts) for parts in zip(*made, strict=True))


def _rings_closed(graphs: Graphs, count: int) -> Graphs:
    """These, and every way to join atoms that are not joined yet, again and again."""
    found, newest = [graphs], graphs
    while len(newest[0]):
        made = []
        for i in range(count):
            for j in range(i + 1, count):
                for order in (1, 2):
                    open_pair = newest[1][:, i, j] == 0
                    atoms, bonds = newest[0][open_pair], newest[1][open_pair].clone()
                    bonds[:, i, j] = bonds[:, j, i] = order
                    made.append((atoms, bonds))
        newest = _distinct(*(torch.cat(parts) for parts in zip(*made, strict=True)))
        found.append(newest)
    return _distinct(*(torch.cat(parts) for parts in zip(*found, strict=True)))


def _distinct(atoms: Tensor, bonds: Tensor) -> Graphs:
    """One of each molecule that passes the filters which its parts must pass as well, sorted by key."""
    kept = validity.within_valence(atoms, bonds)
    atoms, bonds = atoms[kept], bonds[kept]
    kept = ~torch.stack(list(validity.of_parts(atoms, bonds).values())).any(dim=0)
    atoms, bonds = atoms[kept], bonds[kept]
    _, first = np.unique(keys(atoms, bonds).numpy(), return_index=True)
    return atoms[first], bonds[first]


def held_out(smiles: str) -> bool:
    """Half of all molecules, by the first bit of the SHA-256 of the SMILES."""
    return hashlib.sha256(smiles.encode()).digest()[0] >= 128


def main(folder: Path) -> None:
    from course_utils.molecules.chemistry import smiles_of

    atoms, bonds = enumerate_molecules()
    smiles = [smiles_of(a, b) for a, b in zip(atoms, bonds, strict=True)]
    order = sorted(range(len(smiles)), key=lambda k: (int((atoms[k] > 0).sum()), smiles[k]))
    atoms, bonds, smiles = atoms[order], bonds[order], [smiles[k] for k in order]
    path = folder / FILE
    np.savez_compressed(
        path,
        atoms=atoms.numpy().astype(np.uint8),
        bonds=bonds[:, UPPER[0], UPPER[1]].numpy().astype(np.uint8),
        smiles=np.frombuffer("\n".join(smiles).encode(), dtype=np.uint8),
        held_out=np.array([held_out(text) for text in smiles]),
    )
    print(f"{path}: {len(smiles):,} molecules, sha256 {shipped.record(path)}")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "data"))
