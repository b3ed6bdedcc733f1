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
