"""What the helpers of the lesson on super-resolution promise."""

import pytest
import torch

from course_utils.lessons.c3w2c import arms, rivals
from course_utils.models.super_resolution import Upscaler, bicubic, shrink
from course_utils.steps.super_resolution import upscaler_loss

TINY = arms.Settings(warm_up=12, steps=3, batch_size=4)


@pytest.fixture(scope="module")
def pairs():
    images = torch.randint(256, (30, 3, 32, 32), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    large = images / 127.5 - 1
    return images, large, shrink(large)


@pytest.mark.parametrize("factor", [2, 3, 4])
def test_a_drawn_answer_has_exactly_twice_the_error_of_the_mean(factor):
    errors = rivals.errors_of_answers(rivals.stars(factor))
    share = 1 / factor**2
    assert errors["mean"] == pytest.approx(share * (1 - share))
    assert errors["sample"] == pytest.approx(2 * errors["mean"])


def test_ridge_finds_a_linear_truth_and_shrinks_towards_the_mean():
    torch.manual_seed(0)
    small = torch.randn(60, 3, 2, 2)
    hidden = torch.randn(12, 192) / 4
    large = bicubic(small) + (small.flatten(1) @ hidden).view(60, 3, 8, 8) + 0.5
    torch.testing.assert_close(rivals.fit_ridge(small, large, 1e-6)(small), large, atol=1e-3, rtol=1e-3)
    mean = (large - bicubic(small)).mean(dim=0)
    torch.testing.assert_close(
        rivals.fit_ridge(small, large, 1e8)(small), bicubic(small) + mean, atol=1e-3, rtol=1e-3
    )


def test_the_warm_up_lowers_the_squared_error_and_repeats(pairs):
    _, large, small = pairs
    made = []
    for _ in range(2):
        torch.manual_seed(0)
        network = Upscaler(4, 1, 2)
        before = (network(small) - large).square().mean()
        made.append(arms.warm_up(network, small, large, TINY)(small))
    assert (made[0] - large).square().mean() < before
    assert torch.equal(*made)


@pytest.mark.parametrize("adversarial_weight", [0.0, 0.1])
def test_fine_tunings_leave_the_network_that_they_start_from(pairs, adversarial_weight):
    images, _, small = pairs
    torch.manual_seed(0)
    network = Upscaler(4, 1, 2)
    before = [p.clone() for p in network.parameters()]
    weights = (0.01, adversarial_weight)
    gan, history = arms.fine_tune(network, (images, small), upscaler_loss, torch.nn.Flatten(), weights, TINY)
    assert all(map(torch.equal, before, network.parameters()))
    assert not all(map(torch.equal, before, gan.generator.parameters()))
    assert len(history.g_loss) > 0
    out = arms.enlarge(gan.shown, small)
    assert out.shape == images.shape
    assert out.abs().max() <= 1
