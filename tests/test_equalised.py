import pytest
import torch
from torch import nn

from course_utils.models.equalised import EqualisedConv2d, EqualisedLinear, PixelNorm, pixel_norm


@pytest.mark.parametrize("shape", [(3, 5), (2, 7, 4, 4), (1, 1, 2, 3)])
def test_pixel_norm_has_a_mean_square_of_one(shape):
    x = torch.randn(shape, dtype=torch.float64) * 30 + 2
    ours = pixel_norm(x)
    assert ours.shape == x.shape
    assert torch.allclose(ours.square().mean(dim=1), torch.ones(1, dtype=torch.float64), atol=1e-6)
    assert torch.allclose(ours / ours.abs().sum(1, keepdim=True), x / x.abs().sum(1, keepdim=True))  # same direction
    assert torch.equal(PixelNorm()(x), ours)


def test_pixel_norm_keeps_zero_at_zero_with_a_finite_gradient():
    x = torch.zeros(2, 3, 1, 1, requires_grad=True)
    pixel_norm(x).sum().backward()
    assert torch.equal(pixel_norm(x), x)
    assert x.grad.isfinite().all()


def test_pixel_norm_is_torchs_rms_norm_of_codes():
    x = torch.randn(4, 6)
    assert torch.allclose(pixel_norm(x), nn.functional.rms_norm(x, (6,), eps=1e-8), atol=1e-6)


@pytest.mark.parametrize("lr_multiplier", [1.0, 0.01])
def test_layers_start_as_plain_ones_with_scaled_weights(lr_multiplier):
    torch.manual_seed(0)
    conv = EqualisedConv2d(3, 4, 3, stride=2, padding=1, gain=1.5, lr_multiplier=lr_multiplier).double()
    with torch.no_grad():
        conv.bias.normal_()
    x = torch.randn(2, 3, 5, 7, dtype=torch.float64)
    expected = nn.functional.conv2d(
        x, conv.weight * 1.5 * lr_multiplier / 27**0.5, conv.bias * lr_multiplier, stride=2, padding=1
    )
    assert torch.allclose(conv(x), expected)
    linear = EqualisedLinear(10, 4, gain=1.0, lr_multiplier=lr_multiplier).double()
    x = torch.randn(2, 10, dtype=torch.float64)
    assert torch.allclose(linear(x), x @ linear.weight.T * lr_multiplier / 10**0.5)


@pytest.mark.parametrize("lr_multiplier", [1.0, 0.1])
def test_a_signal_keeps_its_size_through_a_layer_whatever_the_multiplier(lr_multiplier):
    torch.manual_seed(0)
    linear = EqualisedLinear(400, 500, gain=1.0, lr_multiplier=lr_multiplier)
    assert linear(torch.randn(200, 400)).std().item() == pytest.approx(1, abs=0.03)
    conv = EqualisedConv2d(64, 500, 3, gain=1.0, lr_multiplier=lr_multiplier)
    assert conv(torch.randn(20, 64, 5, 5)).std().item() == pytest.approx(1, abs=0.05)


@pytest.mark.parametrize("size", [4, 400])
@pytest.mark.parametrize("gradient", [1e-3, 1e3])
def test_one_step_of_adam_moves_a_used_weight_by_the_rate_times_the_scale(size, gradient):
    linear = EqualisedLinear(size, 2, lr_multiplier=0.5)
    before = (linear.weight * linear.scale).detach()
    optimizer = torch.optim.Adam(linear.parameters(), lr=0.01)
    (linear(torch.ones(1, size)).sum() * gradient).backward()
    optimizer.step()
    moved = (before - linear.weight.detach() * linear.scale).abs()
    assert torch.allclose(moved, torch.tensor(0.01 * linear.scale), rtol=0.01)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: EqualisedConv2d(0, 4, 3), "in_channels: expected a whole number of at least 1, got 0"),
        (lambda: EqualisedConv2d(3, 4, 3, gain=0), "gain: expected a number above 0, got 0"),
        (lambda: EqualisedLinear(3, 4.0), "out_features: expected a whole number of at least 1, got 4.0"),
        (lambda: EqualisedLinear(3, 4, lr_multiplier=-1), "lr_multiplier: expected a number above 0, got -1"),
    ],
)
def test_what_makes_no_layer_is_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()
