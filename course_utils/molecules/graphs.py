"""A molecule as two tensors, and a number that names it whatever the order of its atoms."""

import itertools

import torch
import torch.nn.functional as F
from torch import Tensor

from course_utils.datasets.molecules import ATOMS, BONDS, SIZE

UPPER = torch.triu_indices(SIZE, SIZE, 1)  # (2, 15): the pairs i < j
ORDERS = torch.tensor(list(itertools.permutations(range(SIZE))))  # (720, 6)


def graph_tensors(atoms: list[str], bonds: list[tuple[int, int, int]], size: int = SIZE) -> tuple[Tensor, Tensor]:
    """The two tensors of one molecule: ``adjacency`` (4, size, size) and ``nodes`` (size, 5), float32, of ones and zeros.

    ``atoms`` are symbols, "C", "N", "O" or "F", at most ``size``; places behind the last atom are empty, type "none".
    ``bonds`` are triples (i, j, order): atoms i and j, counted from 0, are joined by a single, double or triple bond, order 1,
    2 or 3. Each bond is given once.

    ``nodes[i]`` is one-hot over ATOMS. ``adjacency[:, i, j]`` is one-hot over BONDS, the same for (i, j) and (j, i); pairs
    without a bond, and the diagonal, are "none", number 0.

    Raises ValueError for more atoms than places, for another symbol or order, and for a bond of an atom with itself or to a
    place without an atom (De Cao and Kipf, "MolGAN", 2018).
    """
    if len(atoms) > size or any(atom not in ATOMS[1:] for atom in atoms):
        raise ValueError(f"atoms: expected at most {size} of {', '.join(ATOMS[1:])}, got {atoms}")
    places = range(len(atoms))
    if any(i == j or i not in places or j not in places or order not in (1, 2, 3) for i, j, order in bonds):
        raise ValueError(f"bonds: expected (i, j, order) of two of {len(atoms)} atoms, order 1 to 3, got {bonds}")
    # BEGIN SOLUTION
    nodes = torch.zeros(size, len(ATOMS))
    for place in range(size):
        nodes[place, ATOMS.index(atoms[place]) if place < len(atoms) else 0] = 1
    adjacency = torch.zeros(len(BONDS), size, size)
    adjacency[0] = 1
    for i, j, order in bonds:
        adjacency[0, i, j] = adjacency[0, j, i] = 0
        adjacency[order, i, j] = adjacency[order, j, i] = 1
    return adjacency, nodes
    # END SOLUTION


def one_hot(atoms: Tensor, bonds: Tensor) -> tuple[Tensor, Tensor]:
    """Numbers, atoms (B, N) and bonds (B, N, N), to one-hot tensors: adjacency (B, 4, N, N) and nodes (B, N, 5)."""
    adjacency = F.one_hot(bonds, len(BONDS)).permute(0, 3, 1, 2).float()
    return adjacency, F.one_hot(atoms, len(ATOMS)).float()


def numbers(adjacency: Tensor, nodes: Tensor) -> tuple[Tensor, Tensor]:
    """Back again: the likeliest atom at each place (B, N) and bond of each pair (B, N, N)."""
    return nodes.argmax(dim=2), adjacency.argmax(dim=1)


def reorder(adjacency: Tensor, nodes: Tensor, order: Tensor) -> tuple[Tensor, Tensor]:
    """The same molecules with their atoms in another order, a permutation (N,): place i holds what was at order[i]."""
    return adjacency[..., order, :][..., order], nodes[:, order]


def keys(atoms: Tensor, bonds: Tensor, at_once: int = 500) -> Tensor:
    """An int64 for each molecule (B,): the same for two graphs exactly when one is the other in another order.

    Atoms (B, 6) and bonds (B, 6, 6) are read as the digits of a number, in each of the 720 orders; the key is the smallest.
    Keys are on the CPU, wherever the graphs are: CUDA multiplies no matrices of whole numbers.
    """
    parts = zip(atoms.cpu().split(at_once), bonds.cpu().split(at_once), strict=True)
    found = [_smallest(some_atoms, some_bonds) for some_atoms, some_bonds in parts]
    return torch.cat(found) if found else torch.zeros(0, dtype=torch.int64)


def _digits() -> tuple[Tensor, Tensor]:
    """What an atom at each place (6, 720), and a bond of each pair (36, 720), adds to the number that an order gives."""
    atoms, pairs = (torch.zeros(n, len(ORDERS), dtype=torch.int64) for n in (SIZE, SIZE * SIZE))
    pair_digits = len(BONDS) ** torch.arange(len(UPPER[0]))  # (15,)
    rows, columns = ORDERS[:, UPPER[0]], ORDERS[:, UPPER[1]]  # (720, 15)
    pairs.scatter_(0, (rows * SIZE + columns).T, pair_digits[:, None].expand(-1, len(ORDERS)))
    atom_digits = len(BONDS) ** len(UPPER[0]) * len(ATOMS) ** torch.arange(SIZE)  # (6,)
    atoms.scatter_(0, ORDERS.T, atom_digits[:, None].expand(-1, len(ORDERS)))
    return atoms.double(), pairs.double()


ATOM_DIGITS, PAIR_DIGITS = _digits()


def _smallest(atoms: Tensor, bonds: Tensor) -> Tensor:
    """Type 0 must not come first, or else empty places would: the digits of atoms are turned round.

    All numbers are whole and below 2**53, so that products of float64 are exact, and many times as fast as those of int64.
    """
    turned = (len(ATOMS) - 1 - atoms).double()  # (B, 6)
    return (turned @ ATOM_DIGITS + bonds.flatten(1).double() @ PAIR_DIGITS).amin(dim=1).long()  # of (B, 720)
