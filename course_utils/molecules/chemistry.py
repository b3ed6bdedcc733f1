"""What RDKit knows: a second opinion on validity, SMILES, logP. Without RDKit the lesson does without these.

Install it with ``pip install rdkit``, or the course with its extra ``chemistry``.
"""

import functools
import importlib.util

from torch import Tensor

from course_utils.datasets.molecules import ATOMS

MISSING = "RDKit is not installed: this part is left out. pip install rdkit brings it."


def available() -> bool:
    """Is RDKit installed?"""
    return importlib.util.find_spec("rdkit") is not None


@functools.cache
def _rdkit():
    """RDKit's modules, with its messages about broken molecules turned off."""
    from rdkit import Chem, RDLogger
    from rdkit.Chem import Crippen

    RDLogger.DisableLog("rdApp.*")
    return Chem, Crippen


def molecule_of(atoms: Tensor, bonds: Tensor):
    """An RDKit molecule of atoms (N,) and bonds (N, N), empty places left out; None where RDKit refuses to sanitise it."""
    chem, _ = _rdkit()
    molecule = chem.RWMol()
    places = [place for place in range(len(atoms)) if atoms[place] > 0]
    if (bonds > 0).any(dim=1)[atoms == 0].any():
        return None  # a bond to nowhere
    for place in places:
        molecule.AddAtom(chem.Atom(ATOMS[int(atoms[place])]))
    orders = {1: chem.BondType.SINGLE, 2: chem.BondType.DOUBLE, 3: chem.BondType.TRIPLE}
    for a, i in enumerate(places):
        for b, j in enumerate(places[:a]):
            if bonds[i, j] > 0:
                molecule.AddBond(a, b, orders[int(bonds[i, j])])
    try:
        chem.SanitizeMol(molecule)
    except chem.MolSanitizeException:
        return None
    return molecule.GetMol()


def passes(atoms: Tensor, bonds: Tensor) -> bool:
    """Does RDKit take atoms (N,) and bonds (N, N) for one molecule, in one piece?"""
    molecule = molecule_of(atoms, bonds)
    return molecule is not None and molecule.GetNumAtoms() > 0 and "." not in _rdkit()[0].MolToSmiles(molecule)


def smiles_of(atoms: Tensor, bonds: Tensor) -> str:
    """Canonical SMILES with the double bonds of rings written out. Raises ValueError where RDKit refuses the molecule."""
    chem, _ = _rdkit()
    molecule = molecule_of(atoms, bonds)
    if molecule is None:
        raise ValueError("atoms, bonds: expected a molecule that RDKit can sanitise")
    text = chem.MolToSmiles(molecule)
    molecule = chem.MolFromSmiles(text)
    chem.Kekulize(molecule, clearAromaticFlags=True)
    return chem.MolToSmiles(molecule, kekuleSmiles=True)


def log_p(atoms: Tensor, bonds: Tensor) -> float:
    """Crippen's estimate of logP, oil against water, of a molecule that passes; from a table where it was asked before."""
    return _log_p(smiles_of(atoms, bonds))


@functools.cache
def _log_p(smiles: str) -> float:
    chem, crippen = _rdkit()
    return crippen.MolLogP(chem.MolFromSmiles(smiles))


def png(atoms: Tensor, bonds: Tensor, side: int) -> bytes:
    """A drawing of a molecule that passes, ``side`` pixels wide and high, as a PNG file."""
    from rdkit.Chem.Draw import rdMolDraw2D

    canvas = rdMolDraw2D.MolDraw2DCairo(side, side)
    options = canvas.drawOptions()
    options.padding, options.bondLineWidth, options.minFontSize, options.fixedFontSize = 0.12, 1.4, 11, 13
    options.fixedBondLength = side / 4.2
    rdMolDraw2D.PrepareAndDrawMolecule(canvas, molecule_of(atoms, bonds))
    canvas.FinishDrawing()
    return canvas.GetDrawingText()
