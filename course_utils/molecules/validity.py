"""Which graphs are molecules at all, and what can be counted in them: with tensors alone, many graphs at once.

Graphs come as numbers, atoms (B, N) and symmetric bonds (B, N, N), as ``datasets.molecules`` has them.
"""

import torch
from torch import Tensor

from course_utils.datasets.molecules import VALENCES


def used_valences(bonds: Tensor) -> Tensor:
    """The orders of the bonds at each place, added up: (B, N)."""
    return bonds.sum(dim=2)


def within_valence(atoms: Tensor, bonds: Tensor) -> Tensor:
    """Has no atom more bonds than it may, and no empty place any? (B,) of True and False."""
    return (used_valences(bonds) <= torch.tensor(VALENCES, device=atoms.device)[atoms]).all(dim=1)


def connected(atoms: Tensor, bonds: Tensor) -> Tensor:
    """Are the atoms one piece, and is there at least one? (B,)

    Who can be reached from the first atom is found by going along bonds, as often as there are places.
    """
    real, linked = atoms > 0, (bonds > 0).float()
    reached = torch.zeros_like(real, dtype=torch.float32)
    reached.scatter_(1, real.float().argmax(dim=1, keepdim=True), 1.0)
    for _ in range(atoms.shape[1]):
        reached = ((reached.unsqueeze(1) @ linked).squeeze(1) + reached).clamp(max=1)  # (B, N)
    return real.any(dim=1) & ((reached > 0) | ~real).all(dim=1)


def is_valid(atoms: Tensor, bonds: Tensor) -> Tensor:
    """Is it one molecule, all valences kept? (B,). Neutral atoms only, as everywhere in this data set."""
    return within_valence(atoms, bonds) & connected(atoms, bonds)


def ring_count(atoms: Tensor, bonds: Tensor) -> Tensor:
    """Rings of connected graphs, int64 (B,): as many as bonds can be taken away before they fall apart."""
    return (bonds > 0).sum(dim=(1, 2)) // 2 - (atoms > 0).sum(dim=1) + 1


def small_rings(bonds: Tensor) -> Tensor:
    """Is there a ring of three atoms? (B,)"""
    linked = (bonds > 0).float()
    return torch.einsum("bij,bjk,bki->b", linked, linked, linked) > 0


# --- the filters of the data set ----------------------------------------------------------------------------------------


def broken_filters(atoms: Tensor, bonds: Tensor) -> dict[str, Tensor]:
    """Which filters of the data set each valid molecule breaks: (B,) of True and False by the name of the filter.

    The first four hold for every part of a molecule in which they hold. The others are asked of whole molecules.
    """
    return of_parts(atoms, bonds) | of_wholes(atoms, bonds)


def of_parts(atoms: Tensor, bonds: Tensor) -> dict[str, Tensor]:
    """The filters that hold for every part of a molecule in which they hold."""
    linked, double = (bonds > 0).float(), bonds == 2
    hetero = atoms > 1
    between = linked.bool() & hetero.unsqueeze(1) & hetero.unsqueeze(2)
    return {
        "a bond between two of N, O, F": between.any(dim=(1, 2)),
        "two double bonds at an atom": (double.sum(dim=2) > 1).any(dim=1),
        "a double bond in a ring of three, a triple bond in a ring": (
            (double & (linked @ linked > 0)) | ((bonds == 3) & in_ring(bonds))
        ).any(dim=(1, 2)),
        "more than two rings": ring_count(atoms, bonds) > 2,
    }


def of_wholes(atoms: Tensor, bonds: Tensor) -> dict[str, Tensor]:
    """The filters that are asked of whole molecules: about the hydrogens that are left."""
    carbon, double, single = atoms == 1, bonds == 2, bonds == 1
    free = torch.tensor(VALENCES, device=atoms.device)[atoms] - used_valences(bonds)  # hydrogens, (B, N)
    loose = ((atoms == 2) | (atoms == 3)) & (free > 0)  # NH and OH
    alkene = carbon & (double & carbon.unsqueeze(1)).any(dim=2)
    outside = loose & ~in_ring(bonds).any(dim=2)
    crowded = carbon & ~double.any(dim=2) & ((single & (atoms > 1).unsqueeze(1)).sum(dim=2) > 1)
    return {
        "an enol": (single & alkene.unsqueeze(2) & outside.unsqueeze(1)).any(dim=(1, 2)),
        "OH or NH beside another of N, O, F at one carbon": (single & crowded.unsqueeze(2) & loose.unsqueeze(1)).any(
            dim=(1, 2)
        ),
        "an imine with a hydrogen": ((atoms == 2) & (free > 0) & double.any(dim=2)).any(dim=1),
    }


def in_ring(bonds: Tensor) -> Tensor:
    """Which bonds lie in a ring, (B, N, N): those whose ends stay joined without them."""
    linked, size = bonds > 0, bonds.shape[1]
    found = torch.zeros_like(linked)
    for i in range(size):
        for j in range(i + 1, size):
            without = linked.float() + torch.eye(size, device=bonds.device)
            without[:, i, j] = without[:, j, i] = 0
            joined = torch.linalg.matrix_power(without, size)[:, i, j] > 0
            found[:, i, j] = found[:, j, i] = linked[:, i, j] & joined
    return found
