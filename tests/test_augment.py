"""Augmentation that gradients flow through, the game that uses it, and comparisons on paired draws."""

import pytest
import torch
from scipy import stats

from course_utils.augment import Amounts, DiffAugment, augment_by
from course_utils.metrics.paired import paired_comparison
from course_utils.models.dense import labelled, mlp
from course_utils.steps.augmented import AugmentedGame, augmented_round
from course_utils.training import GAN, fit


@pytest.fixture(autouse=True)
def seed():
    torch.manual_seed(0)


def still(n: int) -> Amounts:
    zero = torch.zeros(n, dtype=torch.int64)
    return Amounts(zero, zero, torch.ones(n), torch.zeros(n), zero, zero)


def test_amounts_of_nothing_change_nothing():
    images = torch.rand(3, 1, 6, 5) * 2 - 1
    assert torch.allclose(augment_by(images, still(3), hole=0), images, atol=1e-6)


def test_content_moves_and_paper_comes_in():
    images = torch.full((1, 1, 4, 4), -1.0)
    images[0, 0, 1, 1] = 1.0
    moved = augment_by(images, still(1)._replace(down=torch.tensor([2]), right=torch.tensor([-1])), hole=0)
    assert moved[0, 0, 3, 0] == 1
    assert (moved == 1).sum() == 1
    assert (moved == -1).sum() == 15


def test_a_gradient_comes_back_from_everywhere_but_the_hole():
    images = torch.zeros(1, 1, 6, 6, requires_grad=True)
    augment_by(images, still(1)._replace(top=torch.tensor([-1]), left=torch.tensor([2])), hole=3).sum().backward()
    cut = images.grad[0, 0] == 0
    assert cut[:2, 2:5].all()
    assert cut.sum() == 6


def test_drawn_amounts_fill_their_ranges_and_no_more():
    augment = DiffAugment(shift=2, brightness=0.3, contrast=0.4, hole=5)
    amounts = augment.draw(torch.zeros(5000, 1, 9, 7))
    for whole in (amounts.down, amounts.right):
        assert whole.unique().tolist() == [-2, -1, 0, 1, 2]
    assert 0.6 <= amounts.contrast.min() < 0.61
    assert 1.39 < amounts.contrast.max() <= 1.4
    assert -0.3 <= amounts.brightness.min() < -0.29
    assert 0.29 < amounts.brightness.max() <= 0.3
    assert amounts.top.unique().tolist() == list(range(-2, 7))
    assert amounts.left.unique().tolist() == list(range(-2, 5))
    assert augment(torch.zeros(4, 3, 9, 7, dtype=torch.float64)).dtype == torch.float64


def test_the_game_trains_with_and_without_labels():
    images, labels = torch.randint(256, (40, 1, 28, 28), dtype=torch.uint8), torch.arange(40) % 10
    pairs = (mlp.Generator(8, 8), mlp.Discriminator(8)), (labelled.Generator(8, 10, 8), labelled.Discriminator(10, 8))
    for data, (generator, discriminator) in zip((images, (images, labels)), pairs, strict=True):
        before = [p.clone() for p in generator.parameters()]
        game = AugmentedGame(lambda n: torch.randn(n, 8), DiffAugment())
        history = fit(GAN.with_adam(generator, discriminator), data, game, steps=2, batch_size=8, log_every=1)
        assert len(history.d_loss) == 2
        assert all(not torch.equal(a, b) for a, b in zip(before, generator.parameters(), strict=True))


def test_without_augmentation_it_is_the_conditional_round():
    from course_utils.steps.conditional import conditional_round

    found = []
    for play in (
        lambda gan, x, z, y: augmented_round(gan, x, z, lambda x: x, y),
        lambda gan, x, z, y: conditional_round(gan, x, y, z),
    ):
        torch.manual_seed(1)
        gan = GAN.with_adam(labelled.Generator(8, 10, 8), labelled.Discriminator(10, 8))
        losses = play(gan, torch.rand(6, 1, 28, 28) * 2 - 1, torch.randn(6, 8), torch.arange(6))
        found.append([*losses, *gan.generator.parameters(), *gan.discriminator.parameters()])
    assert all(torch.equal(a, b) for a, b in zip(*found, strict=True))


@pytest.mark.parametrize("network", [labelled.Generator(8, 4, 8), labelled.Discriminator(4, 8)])
def test_labels_out_of_range_are_refused(network):
    x = torch.zeros(2, 8) if isinstance(network, labelled.Generator) else torch.zeros(2, 1, 28, 28)
    for label in (-1, 4):
        with pytest.raises(ValueError, match="labels"):
            network(x, torch.tensor([0, label]))


@pytest.mark.parametrize("n", [2, 3, 10, 25])
def test_the_comparison_is_that_of_scipy(n):
    before, after = torch.rand(n, dtype=torch.float64), torch.rand(n, dtype=torch.float64)
    found, d = paired_comparison(before, after), (after - before).numpy()
    peer = stats.ttest_rel(after.numpy(), before.numpy()).confidence_interval(0.95)
    assert (found.low, found.high) == pytest.approx((peer.low, peer.high))
    assert found.p_value == pytest.approx(stats.binomtest(int((d > 0).sum()), n).pvalue)
    assert (found.difference, found.wins + found.losses) == (pytest.approx(d.mean()), n)


def test_ties_and_bad_shapes():
    same = paired_comparison(torch.ones(4), torch.ones(4))
    assert same == (0, 0, 0, 0, 0, 1)
    for pair in ((torch.ones(1), torch.ones(1)), (torch.ones(3), torch.ones(4)), (torch.ones(2, 2), torch.ones(2, 2))):
        with pytest.raises(ValueError, match="before, after"):
            paired_comparison(*pair)
