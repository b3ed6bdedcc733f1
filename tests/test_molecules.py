"""Molecules: the complete list, graphs as tensors, validity, SMILES, scores; and RDKit's opinion where it is installed."""

import itertools

import pytest
import torch

from course_utils.datasets import molecules
from course_utils.datasets.molecules import ATOMS, VALENCES
from course_utils.molecules import chemistry, drawing, enumeration, graphs, letters, scores, smiles, validity

needs_rdkit = pytest.mark.skipif(not chemistry.available(), reason=chemistry.MISSING)


@pytest.fixture(scope="module")
def whole():
    return molecules.load("all")


@pytest.fixture(scope="module")
def some():
    """Graphs of all sorts: random ones, most of them invalid, with empty places anywhere."""
    dice = torch.Generator().manual_seed(0)
    atoms = torch.randint(5, (400, 6), generator=dice)
    upper = torch.randint(8, (400, 6, 6), generator=dice).sub(4).clamp(min=0).triu(1)
    return atoms, upper + upper.transpose(1, 2)


def read(*lines):
    return smiles.to_numbers(list(lines))


# --- the list ------------------------------------------------------------------------------------------------------------


def test_the_halves_are_the_list_and_have_nothing_in_common(whole):
    train, held_out = molecules.load("train"), molecules.load("held-out")
    assert len(train.smiles) + len(held_out.smiles) == len(whole.smiles) == 5017
    assert 0.45 < len(train.smiles) / 5017 < 0.55
    assert not set(train.smiles) & set(held_out.smiles)
    both = torch.cat([graphs.keys(*half[:2]) for half in (train, held_out)])
    assert len(both.unique()) == 5017


def test_the_halves_are_chosen_by_the_hash_of_the_smiles():
    assert not any(map(enumeration.held_out, molecules.load("train").smiles))
    assert all(map(enumeration.held_out, molecules.load("held-out").smiles))


def test_every_molecule_of_the_list_is_valid_and_passes_the_filters(whole):
    assert validity.is_valid(*whole[:2]).all()
    assert not any(broken.any() for broken in validity.broken_filters(*whole[:2]).values())


def test_the_list_of_up_to_four_atoms_is_what_trying_everything_gives():
    """All types and all bonds of four places, by brute force, against atom by atom."""
    grown = graphs.keys(*enumeration.enumerate_molecules(4))
    found = []
    for types in itertools.combinations_with_replacement(range(5), 4):
        orders = torch.tensor(list(itertools.product(range(4), repeat=6)))
        bonds = torch.zeros(len(orders), 6, 6, dtype=torch.int64)
        for k, (i, j) in enumerate(itertools.combinations(range(4), 2)):
            bonds[:, i, j] = bonds[:, j, i] = orders[:, k]
        atoms = torch.tensor([*types, 0, 0]).expand(len(orders), 6)
        kept = validity.is_valid(atoms, bonds)
        atoms, bonds = atoms[kept], bonds[kept]
        kept = ~torch.stack(list(validity.broken_filters(atoms, bonds).values())).any(dim=0)
        found.append(graphs.keys(atoms[kept], bonds[kept]))
    assert torch.equal(torch.cat(found).unique(), grown.sort().values)


def test_the_shipped_list_begins_with_what_the_script_makes(whole):
    grown = graphs.keys(*enumeration.enumerate_molecules(5))
    small = (whole.atoms > 0).sum(dim=1) <= 5
    assert torch.equal(graphs.keys(whole.atoms[small], whole.bonds[small]).sort().values, grown.sort().values)


def test_an_unknown_split_is_refused():
    with pytest.raises(ValueError, match="split: expected one of 'train', 'held-out', 'all', got 'test'"):
        molecules.load("test")


# --- graphs --------------------------------------------------------------------------------------------------------------


def test_one_hot_and_numbers_are_inverse_and_agree_with_graph_tensors(whole):
    some = whole.atoms[::500], whole.bonds[::500]
    assert all(torch.equal(a, b) for a, b in zip(graphs.numbers(*graphs.one_hot(*some)), some, strict=True))
    adjacency, nodes = graphs.graph_tensors(*smiles.symbols_and_bonds("CC(=O)N"))
    batch = graphs.one_hot(*read("CC(=O)N"))
    assert torch.equal(adjacency, batch[0][0])
    assert torch.equal(nodes, batch[1][0])


def test_keys_do_not_change_with_the_order_of_atoms(some):
    atoms, bonds = some
    before = graphs.keys(atoms, bonds)
    for seed in range(3):
        order = torch.randperm(6, generator=torch.Generator().manual_seed(seed))
        turned = graphs.numbers(*graphs.reorder(*graphs.one_hot(atoms, bonds), order))
        assert torch.equal(graphs.keys(*turned), before)


def test_keys_are_the_smallest_number_of_all_orders(some):
    """By whole numbers of Python, order by order."""
    atoms, bonds = (part[:3] for part in some[:2])
    for key, types, pairs in zip(graphs.keys(atoms, bonds).tolist(), atoms.tolist(), bonds.tolist(), strict=True):
        found = []
        for order in itertools.permutations(range(6)):
            digits = [pairs[order[i]][order[j]] for i in range(6) for j in range(i + 1, 6)]
            code = sum(digit * 4**place for place, digit in enumerate(digits))
            found.append(code + 4**15 * sum((4 - types[at]) * 5**place for place, at in enumerate(order)))
        assert key == min(found)


def test_keys_tell_isomers_apart():
    lines = "CCO", "COC", "C=CC", "C1CC1", "CC=C", "OCC", "CCN", "C#CC", "CCC"
    keys = graphs.keys(*read(*lines)).tolist()
    assert keys[0] == keys[5]
    assert keys[2] == keys[4]
    assert len(set(keys)) == len(lines) - 2


# --- validity --------------------------------------------------------------------------------------------------------------


def test_validity_of_what_is_known():
    fine = read("C", "CC(=O)O", "C1=CC=CC=C1", "C#N", "FC(F)(F)F", "N#CC#N")
    assert validity.is_valid(*fine).all()
    wrong = read("CN(C)(C)C", "O=O=O", "FCF=C", "C#C#C", "OO=C=C", "C(C)(C)(C)(C)C")
    assert not validity.is_valid(*wrong)[[0, 1, 2, 3, 4, 5]].any()
    assert not validity.is_valid(*read("nonsense", "", "CC(C", "C1CC")).any()


def test_two_pieces_and_bonds_to_nowhere_are_not_valid():
    atoms, bonds = read("CC")
    apart = atoms.clone()
    apart[0, 3] = 1
    assert not validity.is_valid(apart, bonds).item()
    to_nowhere = bonds.clone()
    to_nowhere[0, 1, 4] = to_nowhere[0, 4, 1] = 1
    assert not validity.is_valid(atoms, to_nowhere).item()


def test_rings_are_counted():
    lines = "CCC", "C1CC1", "C1=CC=CC=C1", "C12CC1C2", "C12C3C1C23"
    assert validity.ring_count(*read(*lines)).tolist() == [0, 1, 1, 2, 3]
    assert validity.small_rings(read(*lines)[1]).tolist() == [False, True, False, True, True]
    reward = scores.ring_reward(*read(*lines, "C1CC1(C)(C)C", "FC1CC1"))
    assert reward.tolist() == [0, 0.5, 0.5, 1, 1, 0, 0.5]


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("CNOC", "a bond between two of N, O, F"),
        ("C=C=C", "two double bonds at an atom"),
        ("C1=CC1", "a double bond in a ring of three, a triple bond in a ring"),
        ("C1CC#CCC1", "a double bond in a ring of three, a triple bond in a ring"),
        ("C12C3C1C23", "more than two rings"),
        ("C=CO", "an enol"),
        ("C=CN", "an enol"),
        ("CC(O)F", "OH or NH beside another of N, O, F at one carbon"),
        ("CC=N", "an imine with a hydrogen"),
    ],
)
def test_each_filter_catches_what_it_names(line, name):
    found = [filter_name for filter_name, broken in validity.broken_filters(*read(line)).items() if broken.item()]
    assert found == [name]


@pytest.mark.parametrize("line", ["C1=CNC=C1", "COC=C", "CC(=O)O", "CC(=O)N", "CN=C", "C1CCC=CC1", "FC(F)C", "COCOC"])
def test_no_filter_catches_what_is_stable(line):
    assert not any(broken.item() for broken in validity.broken_filters(*read(line)).values())


# --- RDKit -----------------------------------------------------------------------------------------------------------------


@needs_rdkit
def test_rdkit_agrees_on_validity(some, whole):
    atoms, bonds = some
    own = validity.is_valid(atoms, bonds).tolist()
    assert own == [chemistry.passes(a, b) for a, b in zip(atoms, bonds, strict=True)]
    assert all(chemistry.passes(a, b) for a, b in zip(whole.atoms[::50], whole.bonds[::50], strict=True))


@needs_rdkit
def test_rdkit_refuses_one_bond_more_than_a_valence():
    for kind, valence in list(enumerate(VALENCES))[1:]:
        if valence < 5:
            atoms, bonds = torch.zeros(6, dtype=torch.int64), torch.zeros(6, 6, dtype=torch.int64)
            atoms[0], atoms[1 : valence + 2] = kind, 1
            bonds[0, 1 : valence + 2] = bonds[1 : valence + 2, 0] = 1
            assert not chemistry.passes(atoms, bonds), ATOMS[kind]


@needs_rdkit
def test_rdkit_writes_the_smiles_that_are_shipped(whole):
    for k in range(0, len(whole.smiles), 100):
        assert chemistry.smiles_of(whole.atoms[k], whole.bonds[k]) == whole.smiles[k]


@needs_rdkit
def test_log_p_is_rdkits():
    from rdkit.Chem import Crippen, MolFromSmiles

    atoms, bonds = read("CC(=O)N")
    assert chemistry.log_p(atoms[0], bonds[0]) == pytest.approx(Crippen.MolLogP(MolFromSmiles("CC(=O)N")))


@pytest.mark.parametrize("with_rdkit", [True, False])
def test_every_graph_has_a_picture(some, with_rdkit, monkeypatch):
    if not with_rdkit:
        monkeypatch.setattr(chemistry, "available", lambda: False)
    atoms, bonds = (torch.cat([a[:5], b]) for a, b in zip(some, read("CCO", "C1CC1N", ""), strict=True))
    made = drawing.pictures(atoms, bonds, 48)
    assert made.shape == (8, 3, 48, 48)
    assert made.min() >= -1
    assert made.max() <= 1
    assert made[5].std() > 0.05
    assert drawing.pictures(atoms[:0], bonds[:0], 48).shape == (0, 3, 48, 48)


# --- SMILES ----------------------------------------------------------------------------------------------------------------


def test_smiles_of_the_list_are_read_as_their_graphs(whole):
    same = graphs.keys(*smiles.to_numbers(list(whole.smiles))) == graphs.keys(*whole[:2])
    assert (~same).sum() <= 1  # one molecule has two sets of double bonds for one SMILES


@pytest.mark.parametrize(
    "line", ["", "=C", "C(", "C)", "C()C", "(C)C", "C=", "C=(C)C", "C1", "C11", "C1C1", "CX", "C==C", "1CC1", "C=1CC#1"]
)
def test_what_is_no_smiles_is_told(line):
    assert smiles.read(line) is None


def test_a_line_with_too_many_atoms_becomes_an_empty_graph():
    atoms, bonds = read("CCCCCCC")
    assert atoms.sum() == bonds.sum() == 0


def test_ring_digits_can_carry_an_order():
    assert smiles.read("C=1CC1") == smiles.read("C1CC=1") == ([1, 1, 1], {(0, 1): 1, (1, 2): 1, (0, 2): 2})


def test_lines_survive_tokens(whole):
    lines = whole.smiles[::97]
    assert letters.to_lines(letters.to_tokens(lines)[:, 1:]) == list(lines)


# --- scores ----------------------------------------------------------------------------------------------------------------


def test_scores_of_a_sample_by_hand():
    train, held_out = molecules.load("train"), molecules.load("held-out")
    known, new = train.smiles[100], held_out.smiles[100]
    sample = read(known, known, new, "CNOC", "CN(C)(C)C", "CCCCCCC")
    found = scores.Ruler(train, held_out).measure(*sample)
    assert found == pytest.approx((4 / 6, 3 / 4, 2 / 3, 2 / 6, 1 / 2, 4))
    assert found.tested == pytest.approx(1 / 4)  # one of the four valid ones: a listed molecule, counted once
    nothing = scores.Ruler(train, held_out).measure(*read("", "CX"))
    assert nothing == (0, 0, 0, 0, 0, 0)
    assert nothing.tested == 0


def test_new_ones_come_once_and_in_the_order_of_the_sample():
    train, held_out = molecules.load("train"), molecules.load("held-out")
    a, b = held_out.smiles[50], held_out.smiles[60]
    atoms, bonds = scores.Ruler(train, held_out).novel_ones(*read(b, train.smiles[7], a, b, "F=F"))
    assert torch.equal(graphs.keys(atoms, bonds), graphs.keys(*read(b, a)))
