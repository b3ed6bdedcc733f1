"""What the helpers of the lesson on molecules promise."""

import math

import pytest
import torch

from course_utils.callbacks import History
from course_utils.datasets import molecules
from course_utils.lessons.c4w1b import exercises, figures, measure, samplers
from course_utils.models import molgan
from course_utils.models.smiles_gru import LetterGRU
from course_utils.molecules import letters, smiles, validity
from course_utils.molecules.graphs import keys
from course_utils.molecules.scores import Ruler, Scores
from course_utils.steps import molgan as molgan_game


@pytest.fixture(scope="module")
def halves():
    return molecules.load("train"), molecules.load("held-out")


def test_independent_graphs_have_the_frequencies_of_the_data(halves):
    train, _ = halves
    atoms, bonds = samplers.independent_graphs(train, 4000, seed=0)
    assert torch.equal(bonds, bonds.transpose(1, 2))
    for place in range(6):
        got, wanted = (torch.bincount(t[:, place], minlength=5) / len(t) for t in (atoms, train.atoms))
        assert (got - wanted).abs().max() < 0.05
    assert ((bonds == 2).float().mean() - (train.bonds == 2).float().mean()).abs() < 0.01
    assert validity.is_valid(atoms, bonds).float().mean() < 0.3


@pytest.mark.parametrize("n", [300, 2000])
def test_each_sampler_shows_the_signs_of_its_name(halves, n):
    ruler = Ruler(*halves)
    for name in exercises.SAMPLERS:
        found = ruler.measure(*samplers.sampler(name, *halves, n))
        assert found.molecules == n
        kind = exercises.name_sampler(name)
        assert (found.valid < 0.3) == (kind == "random")
        assert (found.unique < 0.1) == (kind == "collapsed")
        assert (found.novel == 0) == (kind == "memorised")
        if kind == "sound":
            assert 0.4 < found.novel < 0.6
            assert found.filtered < 0.1


def test_samples_end_at_the_valid_one_that_was_asked_for(halves):
    """So that the share of different ones is one of equally many molecules in every row."""
    train, _ = halves
    parts = [samplers.independent_graphs(train, 400, seed) for seed in range(20)]
    atoms, bonds = samplers.until_valid(parts.__getitem__, 100)
    valid = validity.is_valid(atoms, bonds)
    assert valid.sum() == 100
    assert valid[-1]
    assert torch.equal(atoms, torch.cat([part[0] for part in parts])[: len(atoms)])
    assert torch.equal(bonds, torch.cat([part[1] for part in parts])[: len(bonds)])
    kept = samplers.valid_ones(atoms, bonds)
    assert torch.equal(kept[0], atoms[valid])
    assert torch.equal(kept[1], bonds[valid])


def test_a_sampler_that_makes_too_few_valid_ones_is_given_up_and_said_so(halves):
    asked = []
    atoms = torch.ones(5, 6, dtype=torch.int64)  # six carbons without a bond: not one piece
    nothing = samplers.until_valid(
        lambda part: asked.append(part) or (atoms, torch.zeros(5, 6, 6, dtype=torch.int64)), 3, at_most=4
    )
    assert asked == [0, 1, 2, 3]
    assert len(nothing[0]) == 20
    found = Ruler(*halves).measure(*nothing)
    line, note = measure.row("none", found, 3).splitlines()
    assert line == measure.row("none", found)
    assert "of 0 valid ones, not 3" in note
    assert max(map(len, (line, note, measure.HEADING))) <= 78


def test_a_sample_of_a_generator_begins_with_the_graphs_that_are_shown():
    torch.manual_seed(0)
    gan = molgan_game.MolGAN.with_adam(molgan.GraphGenerator(), molgan.GraphReader(), molgan.GraphReader(), 1e-3)
    first, whole = measure.graphs_of(gan, 30), measure.sample_of(gan, 30)
    assert len(whole[0]) == 600  # untrained: none of its graphs are valid
    for part, all_parts in zip(first, whole, strict=True):
        assert torch.equal(part, all_parts[:30])
        assert not torch.equal(all_parts[:30], all_parts[30:60])


def test_every_wrong_name_is_contradicted():
    for name in exercises.SAMPLERS:
        for wrong in exercises.SIGNS:
            if wrong != exercises.name_sampler(name):
                assert wrong in exercises.contradiction(name, wrong)


def test_the_letter_model_is_stopped_where_lines_that_it_never_saw_are_likeliest(halves):
    torch.manual_seed(0)
    tokens = letters.to_tokens(halves[0].smiles[:300])
    times, found, losses, best = measure.follow_letters(LetterGRU(12, 16), tokens, 60.0, 40, 4, Ruler(*halves), 50)
    assert times == [15.0, 30.0, 45.0, 60.0]
    assert len(found) == len(losses) == 4
    assert losses[best] == min(losses)
    assert losses[-1] < losses[0]


def test_figures_have_titles_and_labels():
    atoms, bonds = torch.tensor([1, 3, 0]), torch.zeros(3, 3, dtype=torch.int64)
    fig = figures.tensors({"a": (atoms, bonds), "b": (atoms, bonds)}, "Twice")
    assert fig.get_suptitle() == "Twice"
    scores = [Scores(0.0, 0.0, 0.0, 0.0, 0.0), Scores(0.5, 0.4, 0.5, 0.1, 0.75)]
    fig = figures.products({"arm": [([1, 2], scores)]}, {"floor": scores[0]}, "Race")
    assert [axes.get_xlabel() for axes in fig.axes] == ["seconds of the processor"] * 2
    assert [axes.lines[0].get_ydata().tolist() for axes in fig.axes] == [[0.0, 0.1], [0.0, 0.025]]
    fig = figures.shares({"arm": [([1, 2], scores)]}, {"floor": scores[1]}, "Shares")
    assert [axes.get_title() for axes in fig.axes] == ["valid", "unique", "novel"]
    valid, unique, _ = (axes.lines[0].get_ydata().tolist() for axes in fig.axes)
    assert valid == [0.0, 0.5]
    assert math.isnan(unique[0])
    assert unique[1] == 0.4
    level = scores[1]._replace(molecules=7)  # of fewer molecules more are different, so these are not drawn
    few, enough = (scores[1]._replace(molecules=count) for count in (6, 7))
    axes = figures.shares({"arm": [([1, 2], [few, enough])]}, {"floor": level}, "Shares").axes
    assert [math.isnan(y) for y in axes[1].lines[0].get_ydata()] == [True, False]
    assert axes[0].lines[0].get_ydata().tolist() == [0.5, 0.5]
    history = History(step=[1, 2], d_real=[1.0, 2.0], d_fake=[0.5, 0.0])
    (line, _) = figures.estimates({"seed 0": history}, "Apart").axes[0].lines
    assert line.get_ydata().tolist() == [0.5, 2.0]


def test_listed_is_the_share_of_the_sample_in_the_held_out_half(halves):
    """Counted by hand: five of the held-out half, one of them twice, two of the other half, two that break a filter."""
    train, held_out = halves
    odd = smiles.to_numbers(["C12C3C1C23", "NC(F)O"])
    parts = [(t[:5], t[:1], u[:2], o) for t, u, o in zip(held_out[:2], train[:2], odd, strict=True)]
    found = Ruler(*halves).measure(*(torch.cat(part) for part in parts))
    assert found.product == pytest.approx(7 / 10)
    assert found.listed == pytest.approx(5 / 10)
    assert len(measure.row("a", found)) == len(measure.HEADING)


def test_what_is_valid_and_not_in_the_list_breaks_a_filter(halves):
    """There is no third case, as the lesson says; six atoms included."""
    atoms, bonds = samplers.independent_graphs(halves[0], 20_000, seed=3)
    kept = validity.is_valid(atoms, bonds)
    atoms, bonds = atoms[kept], bonds[kept]
    ruler = Ruler(*halves)
    listed = torch.isin(keys(atoms, bonds), torch.cat([ruler.train, ruler.held_out]))
    broken = torch.stack(list(validity.broken_filters(atoms, bonds).values())).any(dim=0)
    assert len(atoms) > 1500
    assert torch.equal(listed, ~broken)
