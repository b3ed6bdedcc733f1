"""The accountant, the private step, and the attack scores."""

import math

import numpy as np
import pytest
import torch
from scipy.integrate import quad
from scipy.stats import norm
from torch import nn

from course_utils.accountant import epsilon
from course_utils.metrics.membership import area, calibrated_score, guessing_error, promised, roc, true_rate_at
from course_utils.steps.private import PoissonBatches, PrivateGame, private_discriminator_step
from course_utils.training import GAN, fit

# rate, noise, steps, delta; RdpAccountant of dp-accounting 0.6.0 with the orders 2 to 64, and its PLDAccountant
PEER = (
    ((0.004, 1.3, 3750, 1e-5), 0.922049, 0.8336),
    ((0.016, 1.0, 500, 1e-4), 2.122993, 1.8000),
    ((64 / 3000, 0.8, 2000, 1e-4), 9.714961, 8.5231),
    ((64 / 3000, 4.0, 2000, 1e-4), 0.843544, 0.7531),
    ((1.0, 4.0, 10, 1e-5), 3.627852, 3.3414),
    ((0.3, 5.0, 1500, 1e-4), 11.970813, 10.9039),
)


@pytest.mark.parametrize(("setting", "renyi", "losses"), PEER)
def test_epsilon_is_that_of_dp_accounting_and_above_its_tighter_accountant(setting, renyi, losses):
    assert epsilon(*setting) == pytest.approx(renyi, abs=2e-6)
    assert losses <= epsilon(*setting) <= epsilon(*setting, improved=False)


def test_both_conversions_of_a_published_setting():
    assert round(epsilon(0.004, 1.3, 3750, 1e-5, improved=False), 2) == 1.16
    assert round(epsilon(0.004, 1.3, 3750, 1e-5), 2) == 0.92


@pytest.mark.parametrize(("rate", "noise", "steps"), [(0.1, 1.0, 50), (0.02, 0.8, 400), (0.5, 2.0, 20)])
def test_epsilon_by_numerical_integration_of_the_densities(rate, noise, steps):
    delta, found = 1e-4, []
    for a in range(2, 33):

        def weighed(x, a=a):
            without = norm.logpdf(x, 0, noise)
            with_it = np.logaddexp(np.log1p(-rate) + without, np.log(rate) + norm.logpdf(x, 1, noise))
            return np.exp(without + a * (with_it - without))

        moment = quad(weighed, -12 * noise, a + 12 * noise, limit=400, points=[0, 1, a])[0]
        divergence = steps * math.log(moment) / (a - 1)
        found.append(divergence + math.log((a - 1) / a) - (math.log(delta) + math.log(a)) / (a - 1))
    assert epsilon(rate, noise, steps, delta) == pytest.approx(min(found), rel=1e-5)


def test_epsilon_of_no_noise_of_little_and_of_much():
    assert epsilon(0.1, 0.0, 1, 1e-4) == math.inf
    assert math.isfinite(epsilon(0.1, 0.01, 10, 1e-4))
    assert epsilon(0.01, 50.0, 1, 0.1) == 0


@pytest.mark.parametrize("wrong", [{"rate": 0}, {"rate": 1.1}, {"noise": -1}, {"steps": -1}, {"delta": 0}, {"delta": 1}])
def test_epsilon_refuses(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        epsilon(**({"rate": 0.1, "noise": 1.0, "steps": 3, "delta": 1e-4} | wrong))


def _small(seed: int = 0) -> GAN:
    torch.manual_seed(seed)
    generator = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Unflatten(1, (1, 2, 2)))
    discriminator = nn.Sequential(nn.Flatten(), nn.Linear(4, 6), nn.LeakyReLU(0.2), nn.Linear(6, 1))
    return GAN(
        generator,
        discriminator,
        torch.optim.SGD(generator.parameters(), 0.1),
        torch.optim.SGD(discriminator.parameters(), 1.0),
    )


def _moved(real, clip, noise=0.0, expected=4.0):
    gan, z = _small(), torch.randn(5, 3, generator=torch.Generator().manual_seed(1))
    before = torch.cat([p.detach().flatten() for p in gan.discriminator.parameters()])
    private_discriminator_step(gan, real, z, clip, noise, expected)
    return torch.cat([p.detach().flatten() for p in gan.discriminator.parameters()]) - before


def test_no_image_moves_the_sum_by_more_than_the_clip():
    real = torch.randn(6, 1, 2, 2) * torch.logspace(-2, 3, 6).view(-1, 1, 1, 1)
    for clip in (0.01, 0.3):
        for k in range(6):
            change = (_moved(real, clip) - _moved(torch.cat([real[:k], real[k + 1 :]]), clip)) * 4.0
            assert change.norm() <= clip * 1.001


def test_without_a_clip_and_noise_it_is_the_ordinary_gradient():
    real, z = torch.randn(4, 1, 2, 2), torch.randn(5, 3, generator=torch.Generator().manual_seed(1))
    gan = _small()
    loss = nn.functional.softplus(-gan.discriminator(real)).mean()
    loss = loss + nn.functional.softplus(gan.discriminator(gan.generator(z).detach())).mean()
    wanted = torch.cat([g.flatten() for g in torch.autograd.grad(loss, list(gan.discriminator.parameters()))])
    assert torch.allclose(_moved(real, 1e9), -wanted, atol=1e-6)


def test_an_empty_batch_gets_noise_and_the_fakes():
    empty = torch.zeros(0, 1, 2, 2)
    assert _moved(empty, 1.0).norm() > 0
    assert not torch.equal(_moved(empty, 1.0), _moved(empty, 1.0, noise=1.0))


def test_poisson_batches_vary_and_each_image_comes_as_often_as_it_should():
    torch.manual_seed(0)
    images = torch.arange(50, dtype=torch.uint8).view(50, 1, 1, 1).expand(50, 1, 2, 2).contiguous()
    batches = PoissonBatches(images, 0.1)
    drawn = [batches.draw(5)[0] for _ in range(2000)]
    sizes = torch.tensor([len(x) for x in drawn]).double()
    assert sizes.mean() == pytest.approx(5, abs=0.25)
    assert sizes.std() == pytest.approx((50 * 0.1 * 0.9) ** 0.5, abs=0.25)
    assert sizes.min() == 0
    assert drawn[0].is_floating_point()
    with pytest.raises(ValueError, match="rate"):
        PoissonBatches(images, 0)


def test_a_private_game_counts_its_looks_and_trains_both():
    images = torch.randint(256, (40, 1, 2, 2), dtype=torch.uint8)
    gan, old = _small(), _small()
    game = PrivateGame(private_discriminator_step, lambda n: torch.randn(n, 3), 8, 1.0, 0.5, critic_steps=3)
    fit(gan, PoissonBatches(images, 0.2), game, steps=4, batch_size=8)
    assert game.looks == 12
    for name in ("generator", "discriminator"):
        pairs = zip(getattr(gan, name).parameters(), getattr(old, name).parameters(), strict=True)
        assert any(not torch.equal(a, b) for a, b in pairs)


def test_the_area_of_normal_scores_is_that_of_the_formula():
    torch.manual_seed(0)
    curve = roc(torch.randn(20000) + 0.5, torch.randn(20000))
    assert area(curve) == pytest.approx(norm.cdf(0.5 / 2**0.5), abs=0.01)
    assert true_rate_at(curve, 0.01) == pytest.approx(norm.sf(norm.isf(0.01) - 0.5), abs=0.01)
    assert guessing_error(500, 500) == pytest.approx(0.018, abs=5e-4)


def test_ties_count_half_and_a_curve_ends_at_one():
    curve = roc(torch.ones(3), torch.ones(5))
    assert area(curve) == 0.5
    assert [c.tolist() for c in curve] == [[0, 1], [0, 1]]
    assert true_rate_at(curve, 0.01) == 0


def test_a_copied_image_has_the_highest_calibrated_score():
    torch.manual_seed(0)
    images, reference = torch.rand(5, 1, 4, 4), torch.rand(30, 1, 4, 4)
    scores = calibrated_score(images, torch.cat([images[:1], torch.rand(30, 1, 4, 4)]), reference)
    assert scores.shape == (5,)
    assert scores[0] == pytest.approx((reference - images[0]).flatten(1).norm(dim=1).min().item(), rel=1e-4)


def test_what_is_promised_holds_in_both_directions():
    false = torch.tensor([0.0, 0.01, 0.5, 1.0]).double()
    assert promised(false, 10, 1e-4)[1] == pytest.approx(1, abs=1e-3)
    assert torch.allclose(promised(false, 0, 0), false)
    assert promised(false, 1, 0)[2] == pytest.approx(1 - 0.5 / math.e)
