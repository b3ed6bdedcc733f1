"""Orthogonal and path length penalties, truncated z, and batch normalisation that is told a code, against closed forms."""

import pytest
import torch
from torch import nn

from course_utils.latent import scaled_truncated_normal, truncated_normal
from course_utils.models.conditional import biggan
from course_utils.models.conditional.batch_norm import ConditionalBatchNorm2d, standing_statistics
from course_utils.regularisers import orthogonal_penalty, path_length_penalty


@pytest.fixture(autouse=True)
def seed():
    torch.manual_seed(0)


@pytest.mark.parametrize(("threshold", "deviation"), [(2.0, 0.880), (1.0, 0.540), (0.5, 0.284)])
def test_the_deviation_of_truncated_numbers_is_that_on_paper(threshold, deviation):
    z = truncated_normal(20_000, 5, threshold)
    assert z.abs().max() <= threshold
    assert z.std().item() == pytest.approx(deviation, abs=0.005)


def test_the_other_truncation_scales():
    z = scaled_truncated_normal(20_000, 5, 0.5)
    assert z.abs().max() <= 1
    assert z.std().item() == pytest.approx(0.44, abs=0.005)


@pytest.mark.parametrize("threshold", [0, -1.0, float("nan")])
def test_a_threshold_has_to_be_above_0(threshold):
    with pytest.raises(ValueError, match="threshold: expected a number above 0"):
        truncated_normal(2, 2, threshold)


def test_orthogonal_rows_of_any_length_cost_nothing_and_others_do():
    layer = nn.Linear(6, 4, bias=False)
    rows = torch.linalg.qr(torch.randn(6, 4))[0].T
    with torch.no_grad():
        layer.weight.copy_(torch.tensor([[0.1], [1.0], [3.0], [9.0]]) * rows)
        assert orthogonal_penalty(layer) < 1e-8
        layer.weight[1] = layer.weight[0]  # two rows in one direction: their product 0.01 counts twice, squared
        assert orthogonal_penalty(layer).item() == pytest.approx(2 * 0.01**2, rel=1e-3)


def test_path_lengths_of_a_linear_generator_are_those_on_paper():
    """|J^T y|^2 has the mean |A|_F^2 / (H W), where every image has one w."""
    matrix = torch.randn(5, 2 * 4 * 4, dtype=torch.float64)
    w = torch.randn(4000, 1, 5, dtype=torch.float64, requires_grad=True)
    penalty, mean = path_length_penalty((w[:, 0] @ matrix).view(4000, 2, 4, 4), w, torch.zeros(()).double(), decay=1.0)
    assert (penalty + mean**2).item() == pytest.approx(matrix.square().sum().item() / 16, rel=0.03)
    assert not mean.requires_grad


def test_a_new_conditional_layer_is_plain_batch_normalisation_and_keeps_to_its_code_width():
    layer, plain, x = ConditionalBatchNorm2d(3, 4), nn.BatchNorm2d(3), torch.randn(5, 3, 4, 4)
    assert torch.allclose(layer(x, torch.randn(5, 4)), plain(x), atol=1e-6)
    with pytest.raises(ValueError, match="code: expected floats"):
        layer(x, torch.randn(5, 3))


def test_standing_statistics_are_the_plain_means_and_leave_all_else():
    network = nn.Sequential(nn.BatchNorm1d(2)).eval()
    batches = [torch.randn(10, 2) + k for k in range(3)]
    left = iter(batches)
    standing_statistics(network, lambda n: (next(left),), batches=3, batch_size=10)
    assert torch.allclose(network[0].running_mean, torch.stack([b.mean(dim=0) for b in batches]).mean(dim=0), atol=1e-5)
    assert network[0].momentum == 0.1
    assert not network.training


def test_the_generator_draws_digits_of_every_class():
    generator = biggan.Generator(8, base=4)
    assert generator(torch.randn(10, 8), torch.arange(10)).shape == (10, 1, 28, 28)
    with pytest.raises(ValueError, match="z: expected floats"):
        generator(torch.randn(10, 7), torch.arange(10))
