"""Draws out of categories: what they are, how often each comes, and which gradient passes them."""

import pytest
import torch

from course_utils.models.discrete import gumbel, straight_through


def test_draws_are_one_hot_and_come_as_often_as_the_softmax_says():
    torch.manual_seed(0)
    shares = torch.tensor([0.6, 0.3, 0.1])
    draws = straight_through(shares.log().expand(20_000, 3))
    torch.testing.assert_close(draws.sort(dim=1).values, torch.tensor([0.0, 0.0, 1.0]).expand(20_000, 3))
    torch.testing.assert_close(draws.mean(dim=0), shares, atol=0.02, rtol=0)


@pytest.mark.parametrize("temperature", [1.0, 0.3])
def test_draw_and_gradient_are_those_of_torchs_gumbel_softmax(temperature):
    logits = torch.randn(7, 4, dtype=torch.float64).requires_grad_()
    weights = torch.randn(7, 4, dtype=torch.float64)
    torch.manual_seed(3)
    theirs = torch.nn.functional.gumbel_softmax(logits, tau=temperature, hard=True)
    torch.manual_seed(3)
    ours = straight_through(logits / temperature, noise=gumbel(logits) / temperature)
    torch.testing.assert_close(ours, theirs)
    found = [torch.autograd.grad((draws * weights).sum(), logits)[0] for draws in (ours, theirs)]
    torch.testing.assert_close(*found)


def test_without_noise_the_largest_is_chosen_with_the_gradient_of_the_softmax():
    logits = torch.randn(2, 5, requires_grad=True)
    weights = torch.arange(5.0)
    chosen = straight_through(logits, noise=torch.zeros(2, 5))
    assert torch.equal(chosen.argmax(-1), logits.argmax(-1))
    found = [torch.autograd.grad((x * weights).sum(), logits)[0] for x in (chosen, logits.softmax(-1))]
    torch.testing.assert_close(*found)


def test_noise_of_another_shape_is_refused():
    with pytest.raises(ValueError, match="noise: expected the shape of logits"):
        straight_through(torch.zeros(2, 3), torch.zeros(2, 4))
