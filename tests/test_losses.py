"""Losses: values at equilibrium, agreement with probabilities, gradients, and very sure logits."""

import math

import pytest
import torch
import torch.nn.functional as F

from course_utils import losses


def test_values_when_the_discriminator_cannot_tell():
    zero = torch.zeros(7, 1)
    assert losses.discriminator_loss(zero, zero).item() == pytest.approx(math.log(4))
    assert losses.generator_loss(zero).item() == pytest.approx(math.log(2))
    assert losses.minimax_generator_loss(zero).item() == pytest.approx(-math.log(2))


def test_losses_are_the_formulas_in_probabilities():
    torch.manual_seed(0)
    real, fake = torch.randn(9, 1, dtype=torch.float64), torch.randn(5, 1, dtype=torch.float64)
    p_real, p_fake = torch.sigmoid(real), torch.sigmoid(fake)
    assert torch.allclose(losses.discriminator_loss(real, fake), -p_real.log().mean() - (1 - p_fake).log().mean())
    assert torch.allclose(losses.generator_loss(fake), -p_fake.log().mean())
    assert torch.allclose(losses.minimax_generator_loss(fake), (1 - p_fake).log().mean())


def test_discriminator_loss_is_binary_cross_entropy_on_both_halves():
    torch.manual_seed(0)
    real, fake = torch.randn(6, 1), torch.randn(6, 1)
    together = F.binary_cross_entropy_with_logits(
        torch.cat([real, fake]), torch.cat([torch.ones(6, 1), torch.zeros(6, 1)]), reduction="sum"
    )
    assert torch.allclose(losses.discriminator_loss(real, fake), together / 6)


def test_gradients():
    torch.manual_seed(0)
    real = torch.randn(4, 1, dtype=torch.float64, requires_grad=True)
    fake = torch.randn(4, 1, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(losses.discriminator_loss, (real, fake))
    assert torch.autograd.gradcheck(losses.generator_loss, (fake,))
    assert torch.autograd.gradcheck(losses.minimax_generator_loss, (fake,))


def test_only_the_non_saturating_loss_pushes_a_generator_that_is_seen_through():
    logits = torch.full((1,), -10.0, requires_grad=True)
    (strong,) = torch.autograd.grad(losses.generator_loss(logits), logits)
    (weak,) = torch.autograd.grad(losses.minimax_generator_loss(logits), logits)
    assert strong.item() == pytest.approx(-1, abs=1e-4)
    assert abs(weak.item()) < 1e-4


@pytest.mark.parametrize("size", [100.0, 1e4])
def test_very_sure_logits_stay_finite(size):
    sure = torch.full((3, 1), size)
    assert losses.discriminator_loss(-sure, sure).item() == pytest.approx(2 * size)
    assert losses.generator_loss(-sure).item() == pytest.approx(size)


# --- other losses ------------------------------------------------------------------------------------------------------

PAIRS = {  # discriminator's loss, generator's loss, their values when every logit is 0
    "smoothed": (losses.discriminator_loss_smoothed, losses.generator_loss, math.log(4), math.log(2)),
    "least squares": (losses.least_squares_discriminator_loss, losses.least_squares_generator_loss, 0.5, 0.5),
    "hinge": (losses.hinge_discriminator_loss, losses.hinge_generator_loss, 2.0, 0.0),
    "wasserstein": (losses.wasserstein_critic_loss, losses.wasserstein_generator_loss, 0.0, 0.0),
    "relativistic": (
        losses.relativistic_discriminator_loss,
        losses.relativistic_generator_loss,
        math.log(2),
        math.log(2),
    ),
}


def both_logits(n=6, seed=0):
    torch.manual_seed(seed)
    return [torch.randn(n, 1, dtype=torch.float64, requires_grad=True) for _ in range(2)]


@pytest.mark.parametrize("name", PAIRS)
def test_values_at_zero_and_gradients_of_the_other_losses(name):
    d_loss, g_loss, d_value, g_value = PAIRS[name]
    zero = torch.zeros(7, 1)
    generator_takes = 2 if name == "relativistic" else 1
    assert d_loss(zero, zero).item() == pytest.approx(d_value)
    assert g_loss(*[zero] * generator_takes).item() == pytest.approx(g_value)
    real, fake = both_logits()
    assert torch.autograd.gradcheck(d_loss, (real, fake))
    assert torch.autograd.gradcheck(g_loss, (real, fake)[-generator_takes:])


@pytest.mark.parametrize("name", PAIRS)
def test_going_down_tells_real_from_fake_and_lifts_fakes(name):
    d_loss, g_loss, *_ = PAIRS[name]
    real, fake = torch.zeros(5, 1, requires_grad=True), torch.zeros(5, 1, requires_grad=True)
    up_real, up_fake = torch.autograd.grad(d_loss(real, fake), (real, fake))
    assert (up_real < 0).all()
    assert (up_fake >= 0).all()
    assert name == "least squares" or (up_fake > 0).all()  # whose target for fakes is 0
    inputs = (real, fake) if name == "relativistic" else (fake,)
    assert (torch.autograd.grad(g_loss(*inputs), fake)[0] < 0).all()


def test_closed_forms():
    real, fake = torch.tensor([[3.0], [0.5]]), torch.tensor([[-2.0], [0.0]])
    assert losses.least_squares_discriminator_loss(real, fake).item() == pytest.approx(((4 + 0.25) / 2 + 4 / 2) / 2)
    assert losses.least_squares_generator_loss(fake).item() == pytest.approx((9 + 1) / 4)
    half = torch.full((3, 1), 0.5)
    assert losses.least_squares_discriminator_loss(half, half).item() == pytest.approx(0.25)
    assert losses.hinge_discriminator_loss(real, fake).item() == pytest.approx(0.5 / 2 + 1 / 2)
    assert losses.hinge_generator_loss(fake).item() == 1
    assert losses.wasserstein_critic_loss(real, fake).item() == pytest.approx(-1 - 1.75)
    assert losses.wasserstein_generator_loss(fake).item() == 1
    expected = (math.log1p(math.exp(-5)) + math.log1p(math.exp(-0.5))) / 2
    assert losses.relativistic_discriminator_loss(real, fake).item() == pytest.approx(expected)
    assert losses.relativistic_generator_loss(real, fake).item() == pytest.approx(expected + (5 + 0.5) / 2)


def test_relativistic_losses_see_differences_only_and_stay_finite():
    real, fake = both_logits()
    for loss in (losses.relativistic_discriminator_loss, losses.relativistic_generator_loss):
        assert torch.allclose(loss(real + 100, fake + 100), loss(real, fake))
        assert torch.isfinite(loss(real + 1e4, fake - 1e4))
        assert torch.isfinite(loss(real - 1e4, fake + 1e4))


@pytest.mark.parametrize("loss", [losses.relativistic_discriminator_loss, losses.relativistic_generator_loss])
@pytest.mark.parametrize("shape", [(6,), (5, 1), (1, 1)])
def test_relativistic_losses_refuse_logits_that_would_be_broadcast(loss, shape):
    with pytest.raises(ValueError, match=r"fake_logits: expected the shape of real_logits, \(6, 1\), got \(\d"):
        loss(torch.zeros(6, 1), torch.zeros(shape))


def test_smoothing_is_cross_entropy_with_a_soft_label_for_reals_only():
    real, fake = both_logits()
    soft = F.binary_cross_entropy_with_logits(real, torch.full_like(real, 0.8))
    expected = soft + F.binary_cross_entropy_with_logits(fake, torch.zeros_like(fake))
    assert torch.allclose(losses.discriminator_loss_smoothed(real, fake, 0.2), expected)
    assert torch.equal(
        losses.discriminator_loss_smoothed(real, fake, smoothing=0), losses.discriminator_loss(real, fake)
    )
    best = torch.full((3, 1), math.log(9.0), requires_grad=True)  # log((1 - s) / s) for s = 0.1
    (slope,) = torch.autograd.grad(losses.discriminator_loss_smoothed(best, torch.zeros(3, 1)), best)
    assert slope.abs().max() < 1e-7


@pytest.mark.parametrize("smoothing", [-0.1, 0.5, 0.9, math.nan])
def test_smoothing_is_not_the_label(smoothing):
    with pytest.raises(ValueError, match=r"smoothing: expected at least 0 and less than 0\.5, got"):
        losses.discriminator_loss_smoothed(torch.zeros(2, 1), torch.zeros(2, 1), smoothing)


# --- penalties on the critic's slope -----------------------------------------------------------------------------------


def batch(*shape, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(*shape, dtype=torch.float64, generator=generator)


def linear_critic(w):
    return lambda x: x.flatten(1) @ w.view(-1, 1)  # (B, 1), its gradient is w everywhere


SHAPES = [(5, 2), (5, 3, 4, 4), (1, 1, 2, 3)]


@pytest.mark.parametrize("shape", SHAPES)
def test_penalties_of_a_linear_critic(shape):
    real, fake = batch(*shape).requires_grad_(), batch(*shape, seed=1).requires_grad_()
    w = batch(real[0].numel(), seed=2)
    critic, norm = linear_critic(w), w.norm().item()
    assert losses.r1_penalty(critic(real), real).item() == pytest.approx(norm**2)
    assert losses.r2_penalty(critic(fake), fake).item() == pytest.approx(norm**2)
    assert losses.gradient_penalty(critic, real, fake).item() == pytest.approx((norm - 1) ** 2)
    assert losses.gradient_penalty(linear_critic(w / norm), real, fake).item() == pytest.approx(0, abs=1e-20)


def test_penalties_of_a_quadratic_critic():
    a = batch(3, 3, seed=5)
    a = a + a.T
    real, fake = batch(7, 3).requires_grad_(), batch(7, 3, seed=1).requires_grad_()

    def critic(x):
        return (x @ a * x).sum(dim=1, keepdim=True) / 2  # gradient a x

    assert torch.allclose(losses.r1_penalty(critic(real), real), (real @ a).square().sum(dim=1).mean())
    assert torch.allclose(losses.r2_penalty(critic(fake), fake), (fake @ a).square().sum(dim=1).mean())
    alpha = torch.rand(7, 1, dtype=torch.float64)
    norms = ((alpha * real + (1 - alpha) * fake) @ a).norm(dim=1)
    assert torch.allclose(losses.gradient_penalty(critic, real, fake, alpha), (norms - 1).square().mean())
    ends = [losses.gradient_penalty(critic, real, fake, torch.full((7, 1), end, dtype=torch.float64)) for end in (1, 0)]
    for penalty, x in zip(ends, (real, fake), strict=True):
        assert torch.allclose(penalty, ((x @ a).norm(dim=1) - 1).square().mean())


def test_alpha_is_drawn_between_zero_and_one_for_every_sample():
    torch.manual_seed(0)
    seen = []

    def critic(x):
        seen.append(x.detach())
        return x.flatten(1).sum(dim=1, keepdim=True)

    losses.gradient_penalty(critic, torch.ones(500, 1, 2, 2), torch.zeros(500, 1, 2, 2))
    mixed = seen[0].flatten(1)
    assert (mixed == mixed[:, :1]).all()  # one alpha an image
    assert 0 <= mixed.min() < 0.02
    assert 0.98 < mixed.max() <= 1
    assert mixed[:, 0].mean().item() == pytest.approx(0.5, abs=0.05)
    assert mixed[:, 0].var().item() == pytest.approx(1 / 12, abs=0.01)


@pytest.mark.parametrize("shape", [(4, 2), (4, 1, 2, 2)])
def test_penalties_can_be_differentiated_again(shape):
    """d penalty / d weights, the second derivatives that training uses, against finite differences."""
    real, fake = batch(*shape), batch(*shape, seed=1)
    alpha = torch.rand(4, *[1] * (len(shape) - 1), dtype=torch.float64)
    features = real[0].numel()
    w1, w2 = batch(features, 3, seed=2).requires_grad_(), batch(3, 1, seed=3).requires_grad_()

    def critic(x, w1, w2):
        return torch.tanh(x.flatten(1) @ w1) @ w2

    def r1(w1, w2):
        x = real.clone().requires_grad_()
        return losses.r1_penalty(critic(x, w1, w2), x)

    def r2(w1, w2):
        x = fake.clone().requires_grad_()
        return losses.r2_penalty(critic(x, w1, w2), x)

    def gp(w1, w2):
        return losses.gradient_penalty(lambda x: critic(x, w1, w2), real, fake, alpha)

    for penalty in (r1, r2, gp):
        assert torch.autograd.gradcheck(penalty, (w1, w2))
        assert torch.autograd.gradgradcheck(penalty, (w1, w2))


def test_gradient_penalty_reaches_the_critic_only():
    critic = torch.nn.Sequential(torch.nn.Linear(2, 4), torch.nn.Tanh(), torch.nn.Linear(4, 1))
    real, fake = torch.randn(3, 2, requires_grad=True), torch.randn(3, 2, requires_grad=True)
    losses.gradient_penalty(critic, real, fake).backward()
    assert real.grad is None
    assert fake.grad is None
    assert critic[0].weight.grad.abs().sum() > 0


def test_a_flat_critic_has_penalty_one_and_no_nan():
    w = torch.zeros(4, requires_grad=True)
    penalty = losses.gradient_penalty(linear_critic(w), torch.randn(3, 1, 2, 2), torch.randn(3, 1, 2, 2))
    assert penalty.item() == 1
    penalty.backward()
    assert torch.isfinite(w.grad).all()


@pytest.mark.parametrize(("penalty", "name"), [(losses.r1_penalty, "real"), (losses.r2_penalty, "fake")])
def test_a_penalty_without_a_path_to_the_images_says_what_to_do(penalty, name):
    critic = torch.nn.Linear(2, 1)
    images = torch.randn(3, 2)
    with pytest.raises(RuntimeError, match=rf"{name}: expected images with requires_grad=True.*{name}.requires_grad_"):
        penalty(critic(images), images)
    too_early = critic(images)
    images.requires_grad_()
    with pytest.raises(RuntimeError, match=f"{name}: expected logits that were computed from this very tensor"):
        penalty(too_early, images)
    with torch.no_grad():
        logits = critic(images)
    with pytest.raises(RuntimeError, match="without detach or no_grad"):
        penalty(logits, images)


def test_gradient_penalty_refuses_shapes_that_do_not_fit():
    critic = linear_critic(torch.ones(4))
    images = torch.zeros(3, 1, 2, 2)
    with pytest.raises(ValueError, match=r"fake: expected the shape of real, \(3, 1, 2, 2\), got \(2, 1, 2, 2\)"):
        losses.gradient_penalty(critic, images, images[:2])
    with pytest.raises(ValueError, match=r"alpha: expected one number a sample, \(3, 1, 1, 1\), got \(3, 1\)"):
        losses.gradient_penalty(critic, images, images, torch.zeros(3, 1))
    with pytest.raises(ValueError, match=r"alpha: expected one number a sample, \(3, 1\), got \(3, 1, 1, 1\)"):
        losses.gradient_penalty(critic, images.flatten(1), images.flatten(1), torch.zeros(3, 1, 1, 1))


def test_auxiliary_loss_is_the_cross_entropy_of_reals_and_of_fakes():
    torch.manual_seed(0)
    real, fake = torch.randn(5, 3, dtype=torch.float64), torch.randn(7, 3, dtype=torch.float64)
    real_labels, fake_labels = torch.randint(3, (5,)), torch.randint(3, (7,))
    chosen = [torch.softmax(x, 1)[range(len(y)), y] for x, y in ((real, real_labels), (fake, fake_labels))]
    loss = losses.auxiliary_loss(real, real_labels, fake, fake_labels)
    assert torch.allclose(loss, -chosen[0].log().mean() - chosen[1].log().mean())
    nothing_known = torch.zeros(4, 10), torch.arange(4)
    assert losses.auxiliary_loss(*nothing_known, *nothing_known).item() == pytest.approx(2 * math.log(10))


def test_interpolates_are_mixtures_that_hang_on_nothing():
    real, weight = batch(4, 1, 2, 2), torch.ones(1, dtype=torch.float64, requires_grad=True)
    fake = batch(4, 1, 2, 2, seed=1) * weight
    alpha = torch.tensor([0.0, 1.0, 0.5, 0.25], dtype=torch.float64).view(4, 1, 1, 1)
    mixed = losses.interpolate(real, fake, alpha)
    assert torch.equal(mixed[0], fake[0])
    assert torch.equal(mixed[1], real[1])
    assert torch.allclose(mixed[3], 0.25 * real[3] + 0.75 * fake[3])
    assert mixed.is_leaf
    assert mixed.requires_grad
    assert losses.interpolate(real, fake).dtype == torch.float64


def test_the_penalised_slope_is_the_compromise_of_profit_and_penalty():
    """On a line, with D(x) = s x and reals at a distance W: s W - gp (s - 1)^2 is largest at s = 1 + W / (2 gp)."""
    slope = torch.tensor([[1.0]], dtype=torch.float64, requires_grad=True)
    real, fake = torch.full((5, 1), 3.0, dtype=torch.float64), torch.zeros(5, 1, dtype=torch.float64)
    optimiser = torch.optim.SGD([slope], 0.01)
    for _ in range(500):
        loss = losses.wasserstein_critic_loss(real @ slope, fake @ slope)
        loss = loss + 10 * losses.gradient_penalty(lambda x: x @ slope, real, fake)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    assert slope.item() == pytest.approx(1 + 3 / 20)
    assert -loss.item() == pytest.approx(3 + 9 / 40)
