"""The pairs: shapes, ranges, initialisation, gradients, and what the blocks and layers do."""

import math

import pytest
import torch
from torch import nn

from course_utils.models.conditional import class_labels
from course_utils.models.conv import cpu_dcgan, dcgan, resnet, sndcgan
from course_utils.models.dense import mlp
from course_utils.models.layers import MinibatchDiscrimination, MinibatchStd, Packed, power_iteration, spectral_norm


@pytest.mark.parametrize(("latent_dim", "hidden", "image_shape"), [(64, 128, (1, 28, 28)), (3, 4, (3, 5, 7))])
def test_generator_draws_images_between_minus_one_and_one(latent_dim, hidden, image_shape):
    generator = mlp.Generator(latent_dim, hidden, image_shape)
    images = generator(100 * mlp.sample_noise(6, latent_dim))
    assert images.shape == (6, *image_shape)
    assert images.abs().max() <= 1
    assert images.min() < 0 < images.max()


def test_discriminator_gives_one_unbounded_logit_an_image():
    discriminator = mlp.Discriminator(hidden=8, image_shape=(3, 5, 7))
    logits = discriminator(1000 * torch.randn(50, 3, 5, 7))
    assert logits.shape == (50, 1)
    assert logits.max() > 1
    assert logits.min() < 0


def test_noise_follows_the_seed():
    torch.manual_seed(3)
    first = mlp.sample_noise(4, 5)
    torch.manual_seed(3)
    assert torch.equal(first, mlp.sample_noise(4, 5))
    assert not torch.equal(first, mlp.sample_noise(4, 5))
    assert mlp.sample_noise(2, 3, "meta").device.type == "meta"


# --- convolutional pairs -----------------------------------------------------------------------------------------------

IMAGES = [(28, 1), (32, 3), (64, 3)]
VARIANTS = {  # module, options of the generator, options of the discriminator
    "dcgan": (dcgan, {}, {}),
    "dcgan, nearest, no normalisation": (dcgan, {"up": "nearest"}, {"normalise": "none"}),
    "cpu_dcgan": (cpu_dcgan, {}, {}),
    "cpu_dcgan, no mapping": (cpu_dcgan, {"mapping": ()}, {"hidden": 3}),
    "sndcgan": (sndcgan, {}, {}),
    "resnet": (resnet, {}, {}),
    "resnet, two blocks": (resnet, {"blocks": 2}, {"blocks": 2}),
}


def make_pair(variant, size, channels, base=4):
    module, g_options, d_options = VARIANTS[variant]
    torch.manual_seed(0)
    generator = module.Generator(latent_dim=5, base=base, image_size=size, channels=channels, **g_options)
    return generator, module.Discriminator(base=base, image_size=size, channels=channels, **d_options)


@pytest.mark.parametrize(("size", "channels"), IMAGES)
@pytest.mark.parametrize("variant", VARIANTS)
def test_every_pair_at_every_size(variant, size, channels):
    generator, discriminator = make_pair(variant, size, channels)
    assert generator.latent_dim == 5
    assert generator.image_shape == discriminator.image_shape == (channels, size, size)
    images = generator(100 * mlp.sample_noise(3, 5))
    assert images.shape == (3, channels, size, size)
    assert images.abs().max() <= 1
    assert images.min() < 0 < images.max()
    logits = discriminator(images)
    assert logits.shape == (3, 1)
    assert (generator.eval()(mlp.sample_noise(1, 5)).shape, discriminator(images[:1]).shape) == (
        images[:1].shape,
        (1, 1),
    )


@pytest.mark.parametrize(("size", "channels"), IMAGES)
@pytest.mark.parametrize("variant", VARIANTS)
def test_gradients_reach_every_parameter(variant, size, channels):
    generator, discriminator = make_pair(variant, size, channels)
    for _, p in _outs_of_blocks(generator, discriminator):
        nn.init.normal_(p, 0, 0.1)  # these start at 0 and hold back the gradients of the layers before
    images = generator(mlp.sample_noise(4, 5))
    (discriminator(images).square().sum() + images.square().sum()).backward()
    for name, p in [*generator.named_parameters(), *discriminator.named_parameters()]:
        assert p.grad.abs().sum() > 0, name


def _outs_of_blocks(*networks):
    return [(n, p) for network in networks for n, p in network.named_parameters() if n.endswith("out.weight")]


@pytest.mark.parametrize("variant", ["dcgan, nearest, no normalisation", "cpu_dcgan", "sndcgan", "resnet"])
def test_without_batch_normalisation_a_logit_depends_on_its_own_image_only(variant):
    _, discriminator = make_pair(variant, 28, 1)
    images = torch.rand(4, 1, 28, 28).requires_grad_()
    (gradient,) = torch.autograd.grad(discriminator(images)[1].sum(), images)
    per_image = gradient.abs().flatten(1).sum(dim=1)
    assert per_image[1] > 0
    assert per_image[[0, 2, 3]].sum() == 0


@pytest.mark.parametrize(
    ("size", "sizes", "widths"),
    [(28, [7, 14], [8, 4]), (32, [4, 8, 16], [16, 8, 4]), (64, [4, 8, 16, 32], [32, 16, 8, 4])],
)
@pytest.mark.parametrize("up", ["transposed", "nearest"])
def test_dcgan_doubles_and_halves(size, sizes, widths, up):
    generator, discriminator = dcgan.Generator(5, 4, size, 3, up), dcgan.Discriminator(4, size, 3)
    seen = []
    for layer in [*generator.modules(), *discriminator.modules()]:
        if isinstance(layer, nn.ReLU | nn.LeakyReLU):
            layer.register_forward_hook(lambda module, x, y: seen.append((y.shape[2], y.shape[1])))
    discriminator(generator(mlp.sample_noise(2, 5)))
    down = list(zip(sizes, widths, strict=True))
    assert seen == down + down[::-1]


def test_plan_gives_the_smallest_size_and_the_widths_from_there():
    assert dcgan.plan(48, 3) == (6, [12, 6, 3])
    assert dcgan.plan(64, 3, resnet.STAGES) == (4, [24, 24, 12, 6, 3])
    with pytest.raises(ValueError, match="image_size: expected one of 28, 32, 48, 64, got 20"):
        dcgan.plan(20, 3)


def test_the_head_judges_what_the_trunk_sees():
    discriminator, images = cpu_dcgan.Discriminator(base=2, hidden=5), torch.rand(3, 1, 28, 28)
    features = discriminator.trunk(images)
    assert features.shape == (3, 5)
    assert torch.equal(discriminator.head(features), discriminator(images))


def test_transposed_convolution_covers_every_pixel_equally_often():
    layer = dcgan.double_size(1, 1)
    nn.init.ones_(layer.weight)
    inside = layer(torch.ones(1, 1, 6, 6))[..., 1:-1, 1:-1]
    assert (inside == 4).all()


def test_the_first_maps_of_cpu_dcgan_differ_between_images_at_every_position():
    """BatchNorm over each feature; over channels alone, a picture that is the same for all images would pass."""
    generator = cpu_dcgan.Generator(latent_dim=5, base=4)
    seen = []
    normalisation = next(
        m for m in generator.modules() if isinstance(m, nn.BatchNorm1d) and m.num_features == 8 * 7 * 7
    )
    normalisation.register_forward_hook(lambda module, x, y: seen.append(y))
    torch.manual_seed(0)
    generator(mlp.sample_noise(200, 5))
    assert torch.allclose(seen[0].std(dim=0, correction=0), torch.ones(8 * 7 * 7), atol=1e-3)


def test_cpu_dcgan_asks_for_a_batch_while_it_trains():
    generator = cpu_dcgan.Generator(latent_dim=5, base=4)
    with pytest.raises(ValueError, match=r"z: expected at least 2 latent vectors in training mode.*eval"):
        generator(mlp.sample_noise(1, 5))
    assert generator.eval()(mlp.sample_noise(1, 5)).shape == (1, 1, 28, 28)


def test_initialise_sets_convolutions_and_linear_layers_around_zero_and_batch_norm_around_one():
    torch.manual_seed(0)
    network = nn.Sequential(
        nn.Conv2d(30, 40, 4),
        nn.ConvTranspose2d(40, 30, 4),
        nn.Linear(100, 90),
        nn.BatchNorm2d(4000),
        nn.BatchNorm1d(4000),
    )
    plain = nn.GroupNorm(2, 4)
    network.append(plain)
    network.apply(dcgan.initialise)
    for layer in network[:5]:
        mean = 1.0 if isinstance(layer, nn.BatchNorm1d | nn.BatchNorm2d) else 0.0
        assert layer.weight.mean().item() == pytest.approx(mean, abs=2e-3)
        assert layer.weight.std().item() == pytest.approx(0.02, rel=0.1)
        assert (layer.bias == 0).all()
    assert (plain.weight == 1).all()


def test_dcgan_starts_initialised_and_has_batch_norm_where_the_paper_has_it():
    generator, discriminator = (
        dcgan.Generator(image_size=64, channels=3),
        dcgan.Discriminator(image_size=64, channels=3),
    )
    for layer in [*generator.modules(), *discriminator.modules()]:
        if isinstance(layer, nn.Conv2d | nn.ConvTranspose2d | nn.Linear):
            assert layer.weight.std().item() == pytest.approx(0.02, rel=0.12)
        if isinstance(layer, nn.BatchNorm2d):
            assert layer.weight.mean().item() == pytest.approx(1, abs=0.02)
    count = lambda network: sum(isinstance(m, nn.BatchNorm2d) for m in network.modules())  # noqa: E731
    assert count(generator) == 4  # at 4, 8, 16 and 32 pixels, not at the image
    assert count(discriminator) == 3  # not in the first block
    assert not any(isinstance(m, nn.BatchNorm2d) for m in discriminator.layers[0].modules())
    assert count(dcgan.Discriminator(normalise="none")) == 0


def test_discriminator_block_has_slope_one_fifth():
    block = dcgan.discriminator_block(1, 1, normalise="none")
    nn.init.constant_(block[0].weight, 1 / 16)
    nn.init.zeros_(block[0].bias)
    inside = block(torch.full((1, 1, 8, 8), -1.0))[..., 1:-1, 1:-1]
    assert torch.allclose(inside, torch.tensor(-0.2))


@pytest.mark.parametrize(("size", "channels"), IMAGES)
def test_spectral_norm_holds_the_largest_singular_value_of_every_layer_at_one(size, channels):
    _, discriminator = make_pair("sndcgan", size, channels, base=8)
    for _ in range(30):
        discriminator(torch.randn(2, channels, size, size))
    layers = [m for m in discriminator.modules() if isinstance(m, nn.Conv2d | nn.Linear)]
    assert len(layers) == {28: 3, 32: 4, 64: 5}[size]
    for layer in layers:
        matrix = layer.weight.detach().flatten(1)  # (out, in * 4 * 4)
        assert torch.linalg.svdvals(matrix)[0].item() == pytest.approx(1, abs=0.03)
        original = layer.parametrizations.weight.original.detach().flatten(1)
        assert torch.allclose(matrix * torch.linalg.svdvals(original)[0], original, rtol=0.03, atol=1e-6)
        assert original.std().item() == pytest.approx(0.02, rel=0.2)  # initialise reached the parameter
        assert (layer.bias == 0).all()
    assert not any(isinstance(m, nn.BatchNorm2d) for m in discriminator.modules())


def test_residual_blocks_start_as_the_identity():
    torch.manual_seed(0)
    block = resnet.ResidualBlock(64, depth=16)
    x = torch.randn(2, 64, 5, 5)
    assert torch.equal(block(x), x)
    gain = math.sqrt(2 / 1.04) / 2  # 16^(-1/4) = 1/2
    assert block.into.weight.std().item() == pytest.approx(gain / math.sqrt(64), rel=0.05)
    assert block.middle.weight.std().item() == pytest.approx(gain / math.sqrt(64 * 9), rel=0.05)


def test_residual_networks_have_the_blocks_they_are_asked_for():
    for blocks in (1, 3):
        for network in (resnet.Generator(base=2, image_size=64, blocks=blocks), resnet.Discriminator(2, 64, 1, blocks)):
            assert len(_outs_of_blocks(network)) == 5 * blocks


def test_resampling_keeps_a_flat_picture_flat_and_averages():
    up, down = resnet.Up(1, 1), resnet.Down(1, 1)
    nn.init.ones_(up.mix.weight)
    nn.init.ones_(down.mix.weight)
    assert torch.allclose(up(torch.full((1, 1, 3, 3), 2.0)), torch.full((1, 1, 6, 6), 2.0))
    x = torch.rand(1, 1, 4, 4)
    assert torch.allclose(down(x)[0, 0, 0, 0], x[0, 0, :2, :2].mean())


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: dcgan.Generator(image_size=27), "image_size: expected one of 28, 32, 48, 64, got 27"),
        (lambda: dcgan.Generator(latent_dim=0), "latent_dim: expected a whole number of at least 1, got 0"),
        (lambda: dcgan.Generator(base=1.5), "base: expected a whole number of at least 1, got 1.5"),
        (lambda: dcgan.Generator(up="bilinear"), "up: expected one of 'transposed', 'nearest', got 'bilinear'"),
        (
            lambda: dcgan.Discriminator(image_size=(28, 28)),
            r"image_size: expected one of 28, 32, 48, 64, got \(28, 28\)",
        ),
        (lambda: dcgan.Discriminator(channels=-1), "channels: expected a whole number of at least 1, got -1"),
        (lambda: dcgan.Discriminator(normalise=None), "normalise: expected one of 'batch', 'none', got None"),
        (lambda: cpu_dcgan.Generator(mapping=(8, 0)), r"mapping\[1\]: expected a whole number of at least 1, got 0"),
        (lambda: cpu_dcgan.Discriminator(hidden=0), "hidden: expected a whole number of at least 1, got 0"),
        (lambda: sndcgan.Discriminator(image_size=16), "image_size: expected one of 28, 32, 48, 64, got 16"),
        (lambda: sndcgan.Discriminator(base=True), "base: expected a whole number of at least 1, got True"),
        (lambda: resnet.Generator(blocks=0), "blocks: expected a whole number of at least 1, got 0"),
        (lambda: resnet.Generator(image_size=128), "image_size: expected one of 28, 32, 64, got 128"),
        (lambda: resnet.Discriminator(image_size=128), "image_size: expected one of 28, 32, 64, got 128"),
        (lambda: MinibatchStd(group=0), "group: expected a whole number of at least 1, got 0"),
    ],
)
def test_sizes_that_cannot_be_are_named(make, message):
    with pytest.raises(ValueError, match=message):
        make()


@pytest.mark.parametrize("variant", VARIANTS)
def test_batches_that_do_not_fit_are_named(variant):
    generator, discriminator = make_pair(variant, 28, 1)
    with pytest.raises(ValueError, match=r"z: expected floats \(B, 5\), got \(4, 6\) of torch.float32"):
        generator(torch.zeros(4, 6))
    with pytest.raises(ValueError, match=r"images: expected floats \(B, 1, 28, 28\), got \(4, 3, 28, 28\)"):
        discriminator(torch.zeros(4, 3, 28, 28))
    with pytest.raises(ValueError, match=r"got \(4, 1, 28, 28\) of torch.uint8"):
        discriminator(torch.zeros(4, 1, 28, 28, dtype=torch.uint8))


# --- minibatch standard deviation --------------------------------------------------------------------------------------


def test_minibatch_std_by_hand():
    x = torch.tensor([[0.0, 1.0], [5.0, 5.0], [4.0, 1.0], [7.0, 11.0]]).view(4, 2, 1, 1).expand(4, 2, 2, 3)
    out = MinibatchStd(group=2)(x)  # groups: images 0 and 2, images 1 and 3
    assert out.shape == (4, 3, 2, 3)
    assert torch.equal(out[:, :2], x)
    for image, expected in enumerate([(2 + 0) / 2, (1 + 3) / 2] * 2):
        assert torch.allclose(out[image, 2], torch.tensor(expected), atol=1e-3)


def test_minibatch_std_of_features_small_batches_and_copies():
    torch.manual_seed(0)
    x = torch.randn(4, 6, dtype=torch.float64)
    out = MinibatchStd()(x)
    assert out.shape == (4, 7)
    assert torch.allclose(out[:, 6], x.std(dim=0, correction=0).mean())
    assert torch.allclose(MinibatchStd(8)(x), out)  # a batch smaller than a group is one group
    for same in (torch.ones(4, 1, 2, 2), torch.randn(1, 1, 2, 2)):
        same.requires_grad_()
        new = MinibatchStd()(same)[:, 1]
        assert torch.allclose(new, torch.tensor(1e-4))
        (gradient,) = torch.autograd.grad(new.sum(), same)
        assert torch.isfinite(gradient).all()


def test_minibatch_std_gradients_and_batches_that_cannot_be_split():
    x = torch.randn(4, 2, 2, 2, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(MinibatchStd(2), (x,))
    with pytest.raises(ValueError, match="x: expected a batch that is a multiple of group=4, got 6 images"):
        MinibatchStd()(torch.zeros(6, 1, 2, 2))


def test_minibatch_discrimination_by_hand():
    layer = MinibatchDiscrimination(features=2, kernels=1, dims=2)
    nn.init.eye_(layer.project.weight)
    x = torch.tensor([[0.0, 0.0], [0.0, 0.0], [1.0, 2.0]])
    out = layer(x)
    assert torch.equal(out[:, :2], x)
    far = math.exp(-3)
    assert torch.allclose(out[:, 2], torch.tensor([(1 + far) / 2, (1 + far) / 2, far]))
    assert layer(x[:1].expand(4, -1))[:, 2].tolist() == [1.0] * 4


def test_minibatch_discrimination_is_learned_and_needs_others():
    torch.manual_seed(0)
    layer = MinibatchDiscrimination(4, kernels=3, dims=2).double()
    x = torch.randn(5, 4, dtype=torch.float64, requires_grad=True)
    assert layer(x).shape == (5, 7)
    order = torch.randperm(5)
    assert torch.allclose(layer(x)[order], layer(x[order]))
    assert torch.autograd.gradcheck(layer, (x,))
    layer(x)[:, 4:].sum().backward()
    assert layer.project.weight.grad.abs().sum() > 0
    with pytest.raises(ValueError, match="x: expected at least 2 samples to compare, got 1"):
        layer(x[:1])
    with pytest.raises(ValueError, match="kernels: expected a whole number of at least 1, got 0"):
        MinibatchDiscrimination(4, kernels=0)


# --- told which class is wanted ----------------------------------------------------------------------------------------

DISCRIMINATORS = [
    class_labels.ConcatenationDiscriminator,
    class_labels.AuxiliaryDiscriminator,
    class_labels.ProjectionDiscriminator,
]


def test_one_hot_has_a_one_where_the_label_says():
    code = class_labels.one_hot(torch.tensor([2, 0, 2]), 4)
    assert code.tolist() == [[0, 0, 1, 0], [1, 0, 0, 0], [0, 0, 1, 0]]
    assert code.dtype == torch.float32
    assert class_labels.one_hot(torch.tensor([], dtype=torch.int64), 3).shape == (0, 3)
    for labels in ([0, 4], [-1, 2]):
        with pytest.raises(ValueError, match=f"labels: expected numbers from 0 to 3, got {labels[0]} to {labels[1]}"):
            class_labels.one_hot(torch.tensor(labels), 4)


def test_combine_puts_the_code_behind_vectors_and_as_maps_behind_channels():
    code = torch.tensor([[0.0, 1.0], [0.25, 0.75]])
    z = torch.randn(2, 3)
    assert torch.equal(class_labels.combine(z, code), torch.cat([z, code], 1))
    images = torch.randn(2, 3, 4, 5)
    both = class_labels.combine(images, code)
    assert both.shape == (2, 5, 4, 5)
    assert torch.equal(both[:, :3], images)
    assert torch.equal(both[:, 3:], code[:, :, None, None] * torch.ones(4, 5))
    assert class_labels.input_sizes(64, 10, (3, 32, 40)) == (74, 13)


def test_projection_score_is_psi_and_an_inner_product_for_each_image():
    features, vectors, psi = torch.randn(5, 7), torch.randn(3, 7), torch.randn(5, 1)
    labels = torch.tensor([2, 0, 1, 1, 2])
    score = class_labels.projection_score(features, labels, vectors, psi)
    assert score.shape == (5, 1)
    for i, label in enumerate(labels):
        assert score[i].item() == pytest.approx((psi[i] + features[i] @ vectors[label]).item(), abs=1e-5)


@pytest.mark.parametrize("make", DISCRIMINATORS)
@pytest.mark.parametrize(("size", "channels"), IMAGES)
def test_conditional_networks_fit_together_and_every_weight_learns(make, size, channels):
    torch.manual_seed(0)
    generator = class_labels.Generator(5, 3, base=2, image_size=size, channels=channels)
    discriminator = make(3, base=2, image_size=size, channels=channels, hidden=6)
    labels = torch.tensor([0, 1, 2, 2])
    images = generator(torch.randn(4, 5), labels)
    assert images.shape == (4, channels, size, size) == (4, *generator.image_shape)
    assert images.abs().max() <= 1
    logits = discriminator(images, labels)
    assert logits.shape == (4, 1)
    score = logits.square().sum()
    if hasattr(discriminator, "both"):
        score = score + discriminator.both(images)[1].square().sum()
    score.backward()
    assert all(p.grad is not None and p.grad.isfinite().all() for p in generator.parameters())
    assert all(p.grad is not None and p.grad.any() for p in discriminator.parameters())


@pytest.mark.parametrize("make", DISCRIMINATORS)
def test_conditional_discriminators_judge_each_image_by_itself(make):
    torch.manual_seed(0)
    discriminator, images, labels = make(3, base=2, hidden=6), torch.randn(4, 1, 28, 28), torch.tensor([0, 1, 2, 2])
    together = discriminator(images, labels)
    alone = torch.cat([discriminator(images[i, None], labels[i, None]) for i in range(4)])
    assert torch.allclose(together, alone, atol=1e-5)


def test_the_label_counts_where_it_should():
    torch.manual_seed(0)
    images, zeros, ones = torch.randn(4, 1, 28, 28), torch.zeros(4, dtype=torch.int64), torch.ones(4, dtype=torch.int64)
    concatenation, auxiliary, projection = (make(3, base=2, hidden=6) for make in DISCRIMINATORS)
    assert not torch.allclose(concatenation(images, zeros), concatenation(images, ones))
    assert torch.equal(auxiliary(images, zeros), auxiliary(images))
    assert torch.equal(auxiliary(images), auxiliary.both(images)[0])
    assert torch.equal(projection(images, zeros), projection(images, ones))  # not yet: the class vectors start at zero
    nn.init.normal_(projection.class_vectors)
    assert not torch.allclose(projection(images, zeros), projection(images, ones))
    z, generator = torch.randn(4, 5), class_labels.Generator(5, 3, base=2).eval()
    assert not torch.allclose(generator(z, zeros), generator(z, ones))
    half = torch.tensor([[0.5, 0.5, 0.0]]).expand(4, 3)
    assert torch.equal(generator(z, ones), generator.draw(z, class_labels.one_hot(ones, 3)))
    assert generator.draw(z, half).shape == (4, 1, 28, 28)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: class_labels.Generator(classes=0), "classes: expected a whole number of at least 1, got 0"),
        (lambda: class_labels.ProjectionDiscriminator(classes=1.5), "classes: expected a whole number"),
        (
            lambda: class_labels.Generator(5, 3, base=2)(torch.randn(4, 8), torch.zeros(4, dtype=torch.int64)),
            r"z: expected floats \(B, 5\), got \(4, 8\)",
        ),
        (
            lambda: class_labels.Generator(5, 3, base=2)(torch.randn(4, 5), torch.full((4,), 3)),
            "labels: expected numbers from 0 to 2, got 3 to 3",
        ),
        (
            lambda: class_labels.ProjectionDiscriminator(3, base=2)(torch.randn(2, 1, 28, 28), torch.tensor([0, -1])),
            "labels: expected numbers from 0 to 2, got -1 to 0",
        ),
        (
            lambda: class_labels.ConcatenationDiscriminator(3, base=2)(
                torch.randn(4, 4, 28, 28), torch.zeros(4, dtype=torch.int64)
            ),
            r"images: expected floats \(B, 1, 28, 28\), got \(4, 4, 28, 28\)",
        ),
    ],
)
def test_what_a_conditional_network_cannot_take_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()


# --- spectral normalisation and packing ----------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(5, 3), (3, 8), (4, 2, 3, 3)])
def test_power_iteration_grows_to_the_largest_singular_value(shape):
    torch.manual_seed(0)
    weight = torch.randn(shape, dtype=torch.float64)
    u = nn.functional.normalize(torch.randn(shape[0], dtype=torch.float64), dim=0)
    exact, last = torch.linalg.svdvals(weight.flatten(1))[0], 0.0
    for _ in range(500):
        sigma, u = power_iteration(weight, u)
        assert last - 1e-12 <= sigma <= exact + 1e-12
        last = sigma.item()
    assert sigma.item() == pytest.approx(exact.item(), rel=1e-6)
    assert u.norm().item() == pytest.approx(1)


def test_power_iteration_of_a_diagonal_matrix_by_hand():
    weight = torch.diag(torch.tensor([3.0, 4.0])).requires_grad_()
    sigma, u = power_iteration(weight, torch.tensor([0.8, 0.6]))  # W^T u = (2.4, 2.4), W v = (3, 4) / sqrt 2
    assert torch.allclose(u, torch.tensor([0.6, 0.8]))
    assert sigma.item() == pytest.approx(5 / math.sqrt(2))
    (gradient,) = torch.autograd.grad(sigma, weight)
    assert torch.allclose(gradient, torch.outer(u, torch.full((2,), math.sqrt(0.5))))


@pytest.mark.parametrize("make", [lambda: nn.Linear(7, 5), lambda: nn.Conv2d(3, 6, 4, 2, 1)])
def test_a_spectrally_normalised_layer_has_the_singular_value_one_and_follows_its_weight(make):
    torch.manual_seed(0)
    layer = spectral_norm(make())

    def largest():
        return torch.linalg.svdvals(layer.weight.detach().flatten(1))[0].item()

    assert largest() == pytest.approx(1, abs=0.03)
    with torch.no_grad():
        layer.parametrizations.weight.original.mul_(torch.rand_like(layer.parametrizations.weight.original) * 9)
    for _ in range(200):
        _ = layer.weight  # one iteration a call
    assert largest() == pytest.approx(1, abs=1e-3)
    layer.eval()
    kept = layer.parametrizations.weight[0].u.clone()
    _ = layer.weight
    assert torch.equal(layer.parametrizations.weight[0].u, kept)


def test_a_spectrally_normalised_network_stretches_nothing_and_its_weights_do_not_gain_by_growing():
    torch.manual_seed(0)
    network = nn.Sequential(spectral_norm(nn.Linear(3, 16)), nn.LeakyReLU(0.2), spectral_norm(nn.Linear(16, 1)))
    for _ in range(50):
        network(torch.randn(2, 3))
    x = torch.randn(64, 3, requires_grad=True)
    (slope,) = torch.autograd.grad(network(x).sum(), x)
    assert slope.norm(dim=1).max() <= 1.001
    original = network[0].parametrizations.weight.original
    (gradient,) = torch.autograd.grad(network(x).sum(), original)
    assert abs((gradient * original).sum()) < 1e-4 * gradient.norm() * original.norm() + 1e-4


def test_packed_gives_each_sample_the_logit_of_its_pack():
    torch.manual_seed(0)
    network = nn.Linear(6, 1)
    points = torch.randn(8, 3)
    logits = Packed(network, pack=2)(points)
    assert logits.shape == (8, 1)
    assert torch.allclose(logits[2], network(torch.cat([points[2], points[3]])))
    assert torch.equal(logits[2], logits[3])
    images = torch.randn(6, 2, 4, 4)
    convolution = nn.Sequential(nn.Conv2d(6, 1, 4), nn.Flatten())
    logits = Packed(convolution, pack=3)(images)
    assert torch.allclose(logits[3:4], convolution(torch.cat(list(images[3:6]))[None]), atol=1e-6)


def test_packed_refuses_batches_that_cannot_be_split():
    with pytest.raises(ValueError, match="x: expected a batch that is a multiple of pack=2, got 5 samples"):
        Packed(nn.Linear(4, 1))(torch.zeros(5, 2))
    with pytest.raises(ValueError, match="pack: expected a whole number of at least 1, got 0"):
        Packed(nn.Linear(4, 1), pack=0)
