"""The parts of a style-based generator: what each promises, and the errors that name what came."""

import pytest
import torch
from torch.nn import functional as F

from course_utils.models.style.generator import Generator
from course_utils.models.style.mapping import MappingNetwork
from course_utils.models.style.modulation import ModulatedConv2d, modulated_convolution
from course_utils.models.style.noise import NoiseInjection
from course_utils.models.style.styles import mean_code, mix_styles, truncate
from course_utils.models.style.synthesis import SynthesisBlock, draw_noise, stages


@pytest.fixture(autouse=True)
def seed():
    torch.manual_seed(0)


@pytest.mark.parametrize("width", [16, 64, 512])
@pytest.mark.parametrize("layers", [2, 8])
def test_w_varies_with_z_at_every_width(width, layers):
    mapping = MappingNetwork(width, width, layers, lr_multiplier=0.01)
    assert 0.35 < mapping(torch.randn(1000, width)).std(dim=0).mean().item() < 0.95


def test_only_the_direction_of_z_counts():
    mapping, z = MappingNetwork(8, 6), torch.randn(5, 8)
    assert torch.allclose(mapping(z), mapping(7 * z), atol=1e-5)
    with pytest.raises(ValueError, match=r"z: expected floats \(B, 8\), got \(5, 7\)"):
        mapping(torch.randn(5, 7))


def grouped(x, weight, style, demodulate):
    """The form of the paper: weights scaled for each image, and one convolution with a group for each."""
    batch, (out, _, k, _) = len(x), weight.shape
    scaled = weight[None] * style[:, None, :, None, None]  # (B, O, I, k, k)
    if demodulate:
        scaled = scaled * (scaled.square().sum(dim=(2, 3, 4), keepdim=True) + 1e-8).rsqrt()
    y = F.conv2d(
        x.reshape(1, -1, *x.shape[2:]), scaled.reshape(batch * out, *weight.shape[1:]), None, 1, k // 2, groups=batch
    )
    return y.reshape(batch, out, *x.shape[2:])


@pytest.mark.parametrize("demodulate", [True, False])
@pytest.mark.parametrize("kernel", [1, 3, 5])
def test_modulation_equals_the_grouped_convolution(demodulate, kernel):
    x, weight = torch.randn(3, 4, 7, 6).double(), torch.randn(5, 4, kernel, kernel).double()
    style = torch.randn(3, 4).double()
    assert torch.allclose(modulated_convolution(x, weight, style, demodulate), grouped(x, weight, style, demodulate))


def test_demodulation_keeps_variance_and_takes_a_common_factor_off():
    x, weight = torch.randn(8, 32, 64, 64), torch.randn(16, 32, 3, 3)
    style = 1 + torch.randn(8, 32)
    y = modulated_convolution(x, weight, style)
    assert y[:, :, 1:-1, 1:-1].std().item() == pytest.approx(1, abs=0.02)
    assert torch.allclose(modulated_convolution(x, weight, 5 * style), y, atol=1e-4)


def test_styles_start_around_one():
    layer = ModulatedConv2d(32, 8, 3, w_dim=64)
    styles = layer.affine(0.6 * torch.randn(500, 64))
    assert styles.mean().item() == pytest.approx(1, abs=0.1)
    assert 0.3 < styles.std().item() < 1


def test_noise_starts_silent_and_is_shared_by_channels():
    layer, x = NoiseInjection(3), torch.randn(4, 3, 5, 6)
    assert torch.equal(layer(x), x)
    torch.nn.init.ones_(layer.strength)
    added = layer.eval()(x) - x
    assert torch.allclose(added[:, 0], added[:, 2], atol=1e-5)
    assert not torch.allclose(added[0], added[1], atol=0.1)
    assert torch.allclose(layer(x, torch.ones(1, 1, 5, 6)), x + 1)


def test_a_block_that_draws_nothing_hands_the_picture_on():
    block = SynthesisBlock(6, 4, 8)
    torch.nn.init.zeros_(block.to_rgb.convolution.weight)
    picture = torch.randn(2, 3, 4, 4)
    x, drawn = block(torch.randn(2, 6, 4, 4), picture, torch.randn(2, 8))
    assert x.shape == (2, 4, 8, 8)
    assert torch.equal(drawn, F.interpolate(picture, scale_factor=2, mode="bilinear"))


@pytest.mark.parametrize(("size", "sizes"), [(32, [4, 8, 16, 32]), (48, [6, 12, 24, 48]), (64, [4, 8, 16, 32, 64])])
def test_generator_of_every_size(size, sizes):
    generator = Generator(16, size, tuple(8 for _ in sizes), w_dim=12)
    assert generator.synthesis.sizes == sizes == stages(size)
    assert generator(torch.randn(2, 16)).shape == (2, 3, size, size)
    assert generator(torch.randn(2, 16)).abs().max() <= 1


def test_same_noise_gives_the_same_picture_and_z_matters_from_the_start():
    generator = Generator(16, 32, (8, 8, 8, 8), w_dim=16)
    w, noise = generator.mapping(torch.randn(6, 16)), draw_noise(generator.synthesis.sizes)
    images = generator.draw(w, noise)
    assert torch.equal(images, generator.draw(w, noise))
    assert images.std(dim=0).mean() > 0.1
    assert all((n == 0).all() for pair in draw_noise([4, 8], strength=0.0) for n in pair)


def test_mixing_happens_in_training_mode_only():
    generator = Generator(16, 32, (8, 8, 8, 8), w_dim=16, mixing=1.0)
    w = generator.mapping(torch.randn(50, 16))
    mixed = generator.mixed(w)  # (50, 4, 16)
    own = (mixed == w[:, None]).all(dim=2)  # (50, 4)
    assert own[:, 0].all()  # the first block always keeps its own
    assert not own[:, 3].any()  # the last never does
    assert (own.long().diff(dim=1) <= 0).all()
    z = torch.randn(3, 16)
    assert torch.equal(generator.eval()(z), generator(z))


def test_truncation():
    w, mean = torch.randn(50, 6), torch.randn(6)
    assert torch.allclose(truncate(w, mean, 1.0), w, atol=1e-6)
    assert torch.allclose(truncate(w, mean, 0.0), mean.expand(50, 6))
    assert truncate(w, mean, 0.5).std(dim=0).sum() == pytest.approx(0.5 * w.std(dim=0).sum().item(), rel=1e-4)
    assert torch.allclose(truncate(w, mean, 2.0) - mean, 2 * (w - mean), atol=1e-5)


def test_mixing_by_blocks():
    a, b = torch.zeros(2, 3), torch.ones(2, 3)
    assert mix_styles(a, b, 1, 4)[:, :, 0].tolist() == [[0, 1, 1, 1]] * 2
    assert (mix_styles(a, b, 4, 4) == 0).all()
    assert (mix_styles(a, b, 0, 4) == 1).all()


def test_the_mean_code_is_the_mean():
    mapping = MappingNetwork(8, 6)
    found = mean_code(mapping, 8, 20_000)
    assert torch.allclose(found, mapping(torch.randn(20_000, 8)).mean(dim=0), atol=0.1)


W = torch.zeros(2, 3)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Generator(image_size=33), "image_size: expected .* such as 32 or 48, got 33"),
        (lambda: Generator(image_size=36), "image_size: expected .*, got 36"),
        (lambda: Generator(image_size=64), "widths: expected 5 of them for 64 pixels, got 4"),
        (lambda: Generator().draw(torch.zeros(2, 3, 64)), r"w: expected floats \(B, 4, 64\), got \(2, 3, 64\)"),
        (lambda: truncate(W, W[0], 2.1), r"psi: expected a number from 0 \(the mean\) to 2, got 2.1"),
        (lambda: truncate(W, W[0], -0.5), "psi: .* got -0.5"),
        (lambda: mix_styles(W, W, 5, 4), "crossover: expected a whole number from 0 to 4, the number of blocks, got 5"),
        (lambda: mix_styles(W, W, -1, 4), "crossover: .* got -1"),
        (lambda: mix_styles(W, W, 1.0, 4), "crossover: .* got 1.0"),
        (
            lambda: mean_code(MappingNetwork(4, 4), 4, 100),
            "n: expected at least 1,000 codes to take the mean of, got 100",
        ),
        (lambda: MappingNetwork(layers=0), "layers: expected a whole number of at least 1, got 0"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
