"""Weights, gradient reversal, the adversary's steps, fair sampling, and the gaps between groups."""

import math

import pytest
import torch
from torch import nn

from course_utils.fair_sampling import fair_latents
from course_utils.metrics.bias import attributes_together, parity_gap
from course_utils.metrics.odds import balanced_accuracy, odds_gap
from course_utils.metrics.reweighing import effective_sample_size, kept_share, reweighing
from course_utils.models.reversal import GradientReversal, reversal_schedule
from course_utils.steps.adversary import Hiders, adversary_step
from course_utils.steps.fair_fakes import FairFakes, pair_adversary
from course_utils.training import GAN, fit


def pair(n: int, pull: float, seed: int = 0, share: float = 0.4) -> torch.Tensor:
    """Two attributes (n, 2); the second copies the first with the chance `pull`."""
    chance = torch.rand(n, 3, generator=torch.Generator().manual_seed(seed))
    a = chance[:, 0] < share
    return torch.stack([a, torch.where(chance[:, 2] < pull, a, chance[:, 1] < share)], dim=1).long()


# --- weights -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("pull", [0.0, 0.5, 0.9])
def test_under_the_weights_the_two_are_independent_and_as_frequent_as_before(pull):
    table = pair(3000, pull)
    weights = reweighing(*table.T)
    assert weights.mean().item() == pytest.approx(1)
    means = (weights[:, None] * table).mean(dim=0)
    assert means.tolist() == pytest.approx(table.double().mean(dim=0).tolist())
    assert (weights * (table - means).prod(dim=1)).mean().item() == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("r", [0.0, 0.25, 0.5])
def test_the_share_that_is_left_is_exact_for_shares_of_one_half(r):
    counts = [round(400 * (1 + s * r)) for s in (1, -1, -1, 1)]  # of (0, 0), (0, 1), (1, 0), (1, 1)
    table = torch.tensor([[0, 0], [0, 1], [1, 0], [1, 1]]).repeat_interleave(torch.tensor(counts), dim=0)
    left = effective_sample_size(reweighing(*table.T)) / len(table)
    assert attributes_together(table)[1][0, 1].item() == pytest.approx(r)
    assert left == pytest.approx(kept_share(r))


def test_the_effective_sample_lies_between_one_and_all():
    assert effective_sample_size(torch.ones(7)) == pytest.approx(7)
    assert effective_sample_size(torch.tensor([0.0, 3.0, 0.0])) == pytest.approx(1)


@pytest.mark.parametrize("weights", [[-1.0, 2.0], [0.0, 0.0], [float("nan")]])
def test_weights_that_cannot_be_are_refused(weights):
    with pytest.raises(ValueError, match="weights: expected"):
        effective_sample_size(torch.tensor(weights))


def test_a_missing_combination_is_refused():
    with pytest.raises(ValueError, match="expected every combination, got none of 1 and 1"):
        reweighing(torch.tensor([0, 0, 1]), torch.tensor([0, 1, 0]))


# --- gaps between groups, and fairlearn's --------------------------------------------------------------------------------


def decisions(seed: int) -> tuple[torch.Tensor, ...]:
    """Decisions, truth and groups of 500 people; two groups or three."""
    chance = torch.rand(500, 3, generator=torch.Generator().manual_seed(seed))
    groups = (chance[:, 0] * (2 + seed % 2)).long()
    truth = (chance[:, 1] < 0.3 + 0.2 * groups).long()
    return (chance[:, 2] < 0.2 + 0.4 * truth + 0.1 * groups).long(), truth, groups


@pytest.mark.parametrize("seed", range(4))
def test_the_gaps_are_those_of_fairlearn(seed):
    fairlearn = pytest.importorskip("fairlearn.metrics")
    decided, truth, groups = decisions(seed)
    parity = fairlearn.demographic_parity_difference(truth.numpy(), decided.numpy(), sensitive_features=groups.numpy())
    odds = fairlearn.equalized_odds_difference(truth.numpy(), decided.numpy(), sensitive_features=groups.numpy())
    assert parity_gap(decided, groups) == pytest.approx(parity)
    assert odds_gap(decided, truth, groups) == pytest.approx(odds)


def test_odds_are_equal_where_errors_do_not_know_the_group():
    truth, groups = torch.tensor([0, 0, 1, 1] * 2), torch.tensor([0] * 4 + [1] * 4)
    assert odds_gap(torch.tensor([0, 1, 0, 1] * 2), truth, groups) == 0
    assert odds_gap(torch.tensor([0, 0, 1, 1, 1, 1, 1, 1]), truth, groups) == 1


def test_odds_need_both_truths_in_each_group():
    with pytest.raises(ValueError, match="got one only in group 1"):
        odds_gap(torch.tensor([0, 1, 0]), torch.tensor([0, 1, 1]), torch.tensor([0, 0, 1]))


def test_balanced_accuracy_is_a_half_for_whoever_says_always_the_same():
    truth = torch.tensor([0, 0, 0, 1])
    assert balanced_accuracy(torch.zeros(4), truth)[0] == 0.5
    assert balanced_accuracy(truth, truth)[0] == 1
    with pytest.raises(ValueError, match="truth: expected 0 and 1"):
        balanced_accuracy(torch.zeros(2), torch.zeros(2))


def test_its_error_is_what_guessing_shows():
    truth = torch.tensor([0] * 300 + [1] * 100)
    guesses = torch.rand(2000, 400, generator=torch.Generator().manual_seed(0)) < 0.5
    found = torch.tensor([balanced_accuracy(row.long(), truth)[0] for row in guesses])
    assert found.std().item() == pytest.approx(balanced_accuracy(truth, truth)[1], rel=0.08)


# --- reversal and steps --------------------------------------------------------------------------------------------------


def test_the_gradient_is_turned_round_and_the_values_are_not():
    x = torch.randn(3, 2, dtype=torch.float64, requires_grad=True)
    y = GradientReversal.apply(x, 0.7)
    (found,) = torch.autograd.grad((y**3).sum(), x)
    assert torch.equal(y, x)
    assert torch.allclose(found, -0.7 * 3 * x**2)


def test_the_schedule_begins_at_nothing_and_ends_near_one():
    assert reversal_schedule(0) == 0
    assert reversal_schedule(0.5) == pytest.approx(2 / (1 + math.exp(-5)) - 1)
    assert 0.999 < reversal_schedule(1) < 1
    with pytest.raises(ValueError, match="progress: expected a share"):
        reversal_schedule(1.5)


def hiders(seed: int = 0) -> Hiders:
    torch.manual_seed(seed)
    encoder, head, adversary = nn.Linear(4, 3), nn.Linear(3, 1), nn.Linear(3, 1)
    task = torch.optim.SGD([*encoder.parameters(), *head.parameters()], 0.1)
    return Hiders(encoder, head, adversary, task, torch.optim.SGD(adversary.parameters(), 0.1))


def test_only_the_encoder_feels_the_strength():
    x, a, b = torch.randn(16, 4), torch.ones(16), torch.arange(16).remainder(2).float()
    one, other = hiders(), hiders()
    assert adversary_step(one, x, a, b, 0.0) == adversary_step(other, x, a, b, 2.0)
    for name in ("head", "adversary"):
        assert torch.equal(getattr(one, name).weight, getattr(other, name).weight)
    assert not torch.equal(one.encoder.weight, other.encoder.weight)


def test_two_attributes_of_which_one_is_hidden():
    """Two columns tell the target, one of them the protected attribute as well: only the other is to be used."""
    players = hiders()
    torch.manual_seed(1)
    for k in range(1500):
        target, protected = torch.randint(2, (2, 64)).float()
        x = torch.stack([target, target + 2 * protected, protected, torch.randn(64)], dim=1)
        adversary_step(players, x, target, protected, reversal_schedule(k / 1500))
    features = players.encoder(x)
    told = ((players.head(features).squeeze(1) > 0) == target.bool()).float().mean()
    apart = (features[protected == 1].mean(0) - features[protected == 0].mean(0)).norm()
    useful = (features[target == 1].mean(0) - features[target == 0].mean(0)).norm()
    assert told > 0.95
    assert apart < 0.3 * useful


def test_a_negative_strength_is_refused():
    with pytest.raises(ValueError, match="strength: expected"):
        adversary_step(hiders(), torch.randn(2, 4), torch.ones(2), torch.ones(2), -1.0)


def fair_game(weight: float = 1.0) -> tuple[GAN, FairFakes]:
    torch.manual_seed(0)
    generator = nn.Sequential(nn.Linear(2, 12), nn.Tanh(), nn.Unflatten(1, (3, 2, 2)))
    discriminator = nn.Sequential(nn.Flatten(), nn.Linear(12, 1))
    guide = nn.Sequential(nn.Flatten(), nn.Linear(12, 2)).requires_grad_(False)
    game = FairFakes(lambda n: torch.randn(n, 2), guide, pair_adversary(), total=4, weight=weight)
    return GAN.with_adam(generator, discriminator), game


def test_a_fair_game_trains_the_adversary_and_not_the_guide():
    gan, game = fair_game()
    before = [p.clone() for p in (*game.guide.parameters(), *game.adversary.parameters())]
    images = torch.randint(256, (20, 3, 2, 2), dtype=torch.uint8)
    fit(gan, images, game, steps=4, batch_size=8)
    after = [*game.guide.parameters(), *game.adversary.parameters()]
    same = [torch.equal(a, b) for a, b in zip(before, after, strict=True)]
    assert same == [True] * 2 + [False] * 4
    assert len(game.guesses) == 4


def test_the_generator_goes_up_the_adversarys_loss():
    """At the end of the schedule its gradient is that of the game minus weight times that of the guess."""
    found = {}
    for weight in (0.0, 1.0, 2.0):
        gan, game = fair_game(weight)
        game.rounds = game.total
        loss = game.loss_g(gan, gan.generator(torch.randn(8, 2, generator=torch.Generator().manual_seed(1))))
        found[weight] = torch.autograd.grad(loss, gan.generator[0].weight)[0]
    assert torch.allclose(found[2.0] - found[0.0], 2 * (found[1.0] - found[0.0]), atol=1e-6)
    assert (found[1.0] - found[0.0]).abs().max() > 0


# --- fair sampling -------------------------------------------------------------------------------------------------------


def test_what_is_kept_is_independent_and_as_frequent_as_before():
    torch.manual_seed(0)
    kept, accepted = fair_latents(
        8000, lambda n: pair(n, 0.6, seed=int(torch.randint(10**6, ()))).double(), lambda z: z
    )
    table = pair(100_000, 0.6)
    assert attributes_together(kept)[1][0, 1].item() == pytest.approx(0, abs=0.05)
    assert kept.mean(dim=0).tolist() == pytest.approx([0.4, 0.4], abs=0.03)
    assert accepted == pytest.approx(1 / reweighing(*table.T).max().item(), abs=0.03)
    assert len(kept) == 8000


def test_a_generator_that_lacks_a_combination_cannot_be_sampled_fairly():
    with pytest.raises(ValueError, match="expected every combination"):
        fair_latents(5, lambda n: pair(n, 1.0), lambda z: z)
