"""MolGAN: draws, symmetry, critics that do not see the order of atoms, the game; and the letter model beside it."""

import math

import pytest
import torch

from course_utils.datasets import molecules
from course_utils.losses import gradient_penalty
from course_utils.models import molgan
from course_utils.models.molgan import GraphGenerator, GraphReader, RelationalConvolution, join, split
from course_utils.models.smiles_gru import LetterGRU
from course_utils.molecules import graphs, letters, scores
from course_utils.steps.molgan import MoleculeGame, MolGAN, reward_step, rewarded_generator_step
from course_utils.training import fit


@pytest.fixture(scope="module")
def rows():
    train = molecules.load("train")
    return join(*graphs.one_hot(train.atoms[:200], train.bonds[:200]))


def players(seed=0):
    torch.manual_seed(seed)
    return MolGAN.with_adam(GraphGenerator(8, 16), GraphReader(8), GraphReader(8))


def test_sizes_are_those_of_the_data():
    assert molecules.SIZE == molgan.PLACES
    assert len(molecules.ATOMS) == molgan.TYPES
    assert len(molecules.BONDS) == molgan.ORDERS


def test_split_undoes_join(rows):
    assert torch.equal(join(*split(rows)), rows)


def test_what_is_generated_is_one_hot_and_symmetric():
    torch.manual_seed(0)
    adjacency, nodes = split(GraphGenerator(8, 16)(torch.randn(50, 8)))
    assert torch.allclose(adjacency, adjacency.transpose(2, 3))
    assert torch.allclose(adjacency.sum(dim=1), torch.ones(50, 6, 6))
    assert torch.allclose(nodes.sum(dim=2), torch.ones(50, 6))
    assert torch.allclose(adjacency * (1 - adjacency), torch.zeros(1), atol=1e-6)
    assert (adjacency[:, 0].diagonal(dim1=1, dim2=2) == 1).all()


def test_a_gradient_reaches_the_generator_through_the_draw():
    gan = players()
    gan.discriminator(gan.generator(torch.randn(4, 8))).sum().backward()
    assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in gan.generator.bonds.parameters())


def test_a_convolution_turns_with_the_atoms_and_a_reader_does_not_notice(rows):
    torch.manual_seed(0)
    adjacency, nodes = split(rows)
    order = torch.tensor([4, 2, 0, 5, 1, 3])
    turned = graphs.reorder(adjacency, nodes, order)
    layer = RelationalConvolution(5, 7)
    assert torch.allclose(layer(adjacency[:, 1:], nodes)[:, order], layer(turned[0][:, 1:], turned[1]), atol=1e-5)
    reader = GraphReader(8)
    assert torch.allclose(reader(rows), reader(join(*turned)), atol=1e-5)


def test_a_convolution_is_the_sum_of_its_formula():
    torch.manual_seed(0)
    layer = RelationalConvolution(2, 3, relations=2)
    adjacency, h = torch.rand(1, 2, 4, 4), torch.randn(1, 4, 2)
    for i in range(4):
        wanted = layer.own(h[0, i])
        for r in range(2):
            for j in range(4):
                wanted = wanted + adjacency[0, r, i, j] * layer.from_neighbour[r](h[0, j])
        assert torch.allclose(layer(adjacency, h)[0, i], wanted, atol=1e-6)


def test_the_gradient_penalty_works_on_rows(rows):
    torch.manual_seed(0)
    reader = GraphReader(8)
    penalty = gradient_penalty(reader, rows[:6], rows[6:12])
    penalty.backward()
    assert penalty.item() > 0
    assert reader.first.own.weight.grad.abs().sum() > 0


def test_the_reward_network_learns_and_nothing_else_moves(rows):
    gan = players()
    before = [p.clone() for p in (*gan.generator.parameters(), *gan.discriminator.parameters())]
    rewards = scores.ring_reward(*graphs.numbers(*split(rows)))
    losses = [reward_step(gan, rows, rewards).item() for _ in range(60)]
    assert losses[-1] < 0.7 * losses[0]
    after = (*gan.generator.parameters(), *gan.discriminator.parameters())
    assert all(torch.equal(a, b) for a, b in zip(before, after, strict=True))


def test_the_generators_step_moves_only_the_generator_and_weighs_both():
    torch.manual_seed(0)
    z, gan, other = torch.randn(16, 8), players(), players()
    before = [p.clone() for p in (*gan.discriminator.parameters(), *gan.rewarder.parameters())]
    torch.manual_seed(1)
    first = rewarded_generator_step(gan, z, 0.0)
    torch.manual_seed(1)
    second = rewarded_generator_step(other, z, 0.9)
    assert torch.equal(first, second)
    after = (*gan.discriminator.parameters(), *gan.rewarder.parameters())
    assert all(torch.equal(a, b) for a, b in zip(before, after, strict=True))
    moved = [(p, q) for p, q in zip(gan.generator.parameters(), other.generator.parameters(), strict=True)]
    assert any(not torch.equal(p, q) for p, q in moved)


def test_a_game_is_played_and_watched(rows):
    gan = players()
    game = MoleculeGame(
        lambda n: torch.randn(n, 8),
        lambda graph_rows: torch.zeros(len(graph_rows), 3, 4, 4),
        lambda graph_rows: scores.ring_reward(*graphs.numbers(*split(graph_rows))),
        weight=0.5,
        critic_steps=2,
    )
    history = fit(gan, (rows,), game, steps=3, batch_size=8, log_every=1)
    assert history.snapshots[-1].shape == (16, 3, 4, 4)
    assert all(map(math.isfinite, history.d_loss + history.g_loss))
    assert history.critic


def test_a_weight_without_a_reward_is_refused():
    with pytest.raises(ValueError, match="reward: expected a function"):
        MoleculeGame(lambda n: torch.randn(n, 8), lambda g: g, weight=0.5)


def test_the_likelihood_counts_each_line_up_to_its_end():
    model = LetterGRU(12, width=8)
    torch.nn.init.zeros_(model.head.weight)
    torch.nn.init.zeros_(model.head.bias)
    tokens = letters.to_tokens(("C", "CCO"))
    assert letters.likelihood_loss(model, tokens).item() == pytest.approx(math.log(12))
    with torch.no_grad():
        model.head.bias[0] = 100.0  # sure of the end: right at 2 of the 6 places that count
    assert letters.likelihood_loss(model, tokens).item() == pytest.approx(100 * 4 / 6, rel=1e-4)


def test_a_letter_model_learns_by_heart_what_it_sees_often():
    torch.manual_seed(0)
    model, tokens = LetterGRU(12, width=24), letters.to_tokens(("CCO", "C1CC1", "FC#N"))
    optimiser = torch.optim.Adam(model.parameters(), 1e-2)
    losses = letters.train(model, optimiser, tokens, seconds=60, steps=60)
    assert losses[-1] < 0.5 < losses[0]
    atoms, bonds = letters.sample(model, 50)
    found = torch.isin(graphs.keys(atoms, bonds), graphs.keys(*letters.to_numbers(["CCO", "C1CC1", "FC#N"])))
    assert found.float().mean() > 0.8


def test_nothing_is_written_after_the_end():
    torch.manual_seed(0)
    written = LetterGRU(12, width=8).sample(40, 12)
    ended = (written == 0).cumsum(dim=1) > 0
    assert (written[ended] == 0).all()
    assert written.shape == (40, 12)
