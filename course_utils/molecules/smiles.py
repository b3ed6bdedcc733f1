"""SMILES, the molecule as a line of text, as far as this data set needs it: C N O F, = and #, brackets for branches, 1 to 9.

``CC(=O)N1CC1``: neighbours follow each other, a bracket is a side chain, and two atoms with the same digit are joined.
Hydrogens are left out (Weininger, "SMILES, a chemical language and information system", 1988).
"""

import torch
from torch import Tensor

from course_utils.datasets.molecules import ATOMS, SIZE

ALPHABET = "CNOF=#()123"
BOND_ORDERS = {"=": 2, "#": 3}


def read(text: str) -> tuple[list[int], dict[tuple[int, int], int]] | None:
    """Numbers of the atoms, and order by pair of atoms, of a line of SMILES; None for a line that is none."""
    reader = _Reader()
    return (reader.atoms, reader.bonds) if all(map(reader.takes, text)) and reader.complete() else None


class _Reader:
    """Reads letter by letter; ``takes(letter)`` says whether the line can go on like this."""

    def __init__(self):
        self.atoms: list[int] = []
        self.bonds: dict[tuple[int, int], int] = {}
        self.branches: list[tuple[int, int]] = []  # where each open bracket goes back to, and how many atoms there were
        self.rings: dict[str, tuple[int, int]] = {}  # the atom and the order that each open digit has
        self.last, self.order = None, 0  # the atom that a bond would start from, and = or # that waits for its end

    def complete(self) -> bool:
        return bool(self.atoms) and not (self.branches or self.rings or self.order)

    def takes(self, letter: str) -> bool:
        if letter in ATOMS[1:]:
            return self._atom(ATOMS.index(letter))
        if self.last is None:
            return False
        if letter.isdigit():
            return self._digit(letter)
        if self.order:  # nothing but an atom or a digit follows = and #
            return False
        if letter in BOND_ORDERS:
            self.order = BOND_ORDERS[letter]
        elif letter == "(":
            self.branches.append((self.last, len(self.atoms)))
        elif letter == ")" and self.branches and self.branches[-1][1] < len(self.atoms):
            self.last, _ = self.branches.pop()
        else:
            return False
        return True

    def _atom(self, number: int) -> bool:
        self.atoms.append(number)
        start, self.last = self.last, len(self.atoms) - 1
        return start is None or self._joined(start, self.last)

    def _digit(self, digit: str) -> bool:
        if digit not in self.rings:
            self.rings[digit] = self.last, self.order
            self.order = 0
            return True
        other, first = self.rings.pop(digit)
        if first and self.order and first != self.order:
            return False
        self.order = self.order or first
        return self._joined(other, self.last)

    def _joined(self, i: int, j: int) -> bool:
        pair, order = (min(i, j), max(i, j)), self.order or 1
        self.order = 0
        if i == j or pair in self.bonds:
            return False
        self.bonds[pair] = order
        return True


def symbols_and_bonds(text: str) -> tuple[list[str], list[tuple[int, int, int]]]:
    """Symbols of the atoms and triples (i, j, order) of the bonds of a line of SMILES. Raises ValueError where it is none."""
    found = read(text)
    if found is None:
        raise ValueError(f"text: expected SMILES of {', '.join(ATOMS[1:])}, got {text!r}")
    return [ATOMS[k] for k in found[0]], [(i, j, order) for (i, j), order in found[1].items()]


def to_numbers(lines: list[str]) -> tuple[Tensor, Tensor]:
    """Atoms (B, 6) and bonds (B, 6, 6) of lines of SMILES. A line that is none, or has more atoms, becomes an empty graph,
    which is not valid.
    """
    atoms, bonds = (
        torch.zeros(len(lines), SIZE, dtype=torch.int64),
        torch.zeros(len(lines), SIZE, SIZE, dtype=torch.int64),
    )
    for row, line in enumerate(lines):
        found = read(line)
        if found is None or len(found[0]) > SIZE:
            continue
        atoms[row, : len(found[0])] = torch.tensor(found[0])
        for (i, j), order in found[1].items():
            bonds[row, i, j] = bonds[row, j, i] = order
    return atoms, bonds
