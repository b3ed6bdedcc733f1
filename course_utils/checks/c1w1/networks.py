"""Checks of the blocks and the two networks: each is compared with its specification on its own weights."""

import math

import torch
import torch.nn.functional as F

from course_utils.checks import probes
from course_utils.checks.engine import Mistake, exercise
from course_utils.checks.expect import Wrong, expect_close, expect_true

IMAGE = (3, 4, 6)  # an image shape nobody expects, so that nothing can be hard-coded
PIXELS = math.prod(IMAGE)
HIDDEN, LATENT = 5, 7


def _leaky(x):
    return F.leaky_relu(x, 0.2)


# --- generator block -------------------------------------------------------------------------------------------------

_GENERATOR_BLOCKS = {  # what a block with weight matrix w does to x
    "right": lambda w, x: F.relu(probes.standardise(x @ w.T)),
    "missing_activation": lambda w, x: probes.standardise(x @ w.T),
    "no_batchnorm": lambda w, x: F.relu(x @ w.T),
    "norm_after_activation": lambda w, x: probes.standardise(F.relu(x @ w.T)),
    "norm_before_linear": lambda w, x: F.relu(probes.standardise(x) @ w.T),
    "layer_norm": lambda w, x: F.relu(F.layer_norm(x @ w.T, (len(w),))),
    "leaky_relu": lambda w, x: _leaky(probes.standardise(x @ w.T)),
    "leaky_relu_0.01": lambda w, x: F.leaky_relu(probes.standardise(x @ w.T)),
    "tanh": lambda w, x: torch.tanh(probes.standardise(x @ w.T)),
    "sigmoid": lambda w, x: torch.sigmoid(probes.standardise(x @ w.T)),
    "only_linear": lambda w, x: x @ w.T,
}


def _block(candidate, in_features=7, out_features=12):
    block = probes.build_network(f"generator_block({in_features}, {out_features})", candidate, in_features, out_features)
    x = torch.randn(64, in_features) * 3 + 1
    probes.output("the block's output", block.train(), x, (64, out_features))
    (weight,) = probes.matrices(block, [(out_features, in_features)])
    probes.neutralise(block)
    return block, weight, x


def _behaves(variants, *names):
    """A probe: does the candidate's block behave like one of these variants?"""

    def seen(candidate):
        block, weight, x = _block(candidate)
        with torch.no_grad():
            y = block(x)
        return any(probes.agrees(y, variants[name](weight, x)) for name in names)

    return seen


def _accepts_swapped(candidate) -> bool:
    candidate(3, 9)(torch.randn(4, 9))
    return True


def _random_block(candidate) -> bool:
    return not probes.is_deterministic(candidate(7, 12).train(), torch.randn(64, 7))


_SWAPPED = Mistake(
    "swapped_features",
    "The block takes `out_features` numbers instead of `in_features`: the two are swapped in the linear layer.",
    _accepts_swapped,
)
_DROPOUT = Mistake(
    "dropout",
    "The same input gives a different output each time, so there is dropout (or noise) in the block. None is asked for: "
    "it would make this small network slower to train.",
    _random_block,
)
_NOT_CALLED = Mistake(
    "class_not_instance",
    "The function returns a class, not a layer. Create the module: `nn.Sequential(...)` with its layers, each with ().",
    lambda c: isinstance(c(7, 12), type),
)

_GENERATOR_BLOCK_MISTAKES = (
    _NOT_CALLED,
    _SWAPPED,
    _DROPOUT,
    Mistake(
        "missing_activation",
        "The block's output is linear in its input (up to normalisation): there is no activation. A stack of such "
        "blocks is one linear layer, however deep. End the block with `nn.ReLU()`.",
        _behaves(_GENERATOR_BLOCKS, "missing_activation", "only_linear"),
    ),
    Mistake(
        "no_batchnorm",
        "Multiplying the whole batch by 3 changes the output: nothing normalises. Put `nn.BatchNorm1d(out_features)` "
        "between the linear layer and the ReLU; without it this generator trains much more slowly.",
        _behaves(_GENERATOR_BLOCKS, "no_batchnorm"),
    ),
    Mistake(
        "norm_after_activation",
        "Normalisation comes after the ReLU: the output has negative values. The order is linear, BatchNorm, ReLU.",
        _behaves(_GENERATOR_BLOCKS, "norm_after_activation"),
    ),
    Mistake(
        "norm_before_linear",
        "The input is normalised instead of the linear layer's output. The order is linear, BatchNorm, ReLU.",
        _behaves(_GENERATOR_BLOCKS, "norm_before_linear"),
    ),
    Mistake(
        "layer_norm",
        "Each sample is normalised over its features (LayerNorm). BatchNorm normalises each feature over the batch: "
        "`nn.BatchNorm1d(out_features)`.",
        _behaves(_GENERATOR_BLOCKS, "layer_norm"),
    ),
    Mistake(
        "wrong_activation",
        "There is an activation after BatchNorm, but it is not ReLU: negative inputs must become exactly 0 and positive "
        "ones stay as they are. (LeakyReLU belongs in the discriminator, tanh at the generator's very end.)",
        _behaves(_GENERATOR_BLOCKS, "leaky_relu", "leaky_relu_0.01", "tanh", "sigmoid"),
    ),
)


@exercise(
    "c1w1.generator_block", reference="course_utils.models.mlp:generator_block", mistakes=_GENERATOR_BLOCK_MISTAKES
)
def verify_generator_block(candidate):
    for sizes in ((7, 12), (64, 128), (5, 3)):
        what = f"generator_block{sizes}"
        block, weight, x = _block(candidate, *sizes)
        probes.expect_deterministic(what, block, x)
        with torch.no_grad():
            y = block(x)
        expect_close(f"{what} on a batch of 64", y, _GENERATOR_BLOCKS["right"](weight, x), 1e-3, 1e-3)
        probes.expect_all_used(what, block, x)
        for _ in range(60):
            block(x)  # the running statistics settle
        probes.expect_eval_per_sample(what, block, x)
        block.eval()
        with torch.no_grad():
            off = (block(x) - y).abs().mean() / y.abs().mean()
        expect_true(
            off.item() < 0.1,
            f"{what}: after 60 training batches the output in evaluation mode is {100 * off.item():.0f} % off. "
            "BatchNorm must keep running statistics.",
        )


# --- discriminator block ---------------------------------------------------------------------------------------------

_DISCRIMINATOR_BLOCKS = {
    "right": lambda w, x: _leaky(x @ w.T),
    "missing_activation": lambda w, x: x @ w.T,
    "relu": lambda w, x: F.relu(x @ w.T),
    "slope_0.01": lambda w, x: F.leaky_relu(x @ w.T, 0.01),
    "activation_first": lambda w, x: _leaky(x) @ w.T,
    "batchnorm": lambda w, x: _leaky(probes.standardise(x @ w.T)),
    "batchnorm_after": lambda w, x: probes.standardise(_leaky(x @ w.T)),
    "tanh": lambda w, x: torch.tanh(x @ w.T),
    "sigmoid": lambda w, x: torch.sigmoid(x @ w.T),
}

_DISCRIMINATOR_BLOCK_MISTAKES = (
    _NOT_CALLED,
    _SWAPPED,
    _DROPOUT,
    Mistake(
        "missing_activation",
        "The block's output is linear in its input: there is no activation, and a stack of such blocks can only draw a "
        "straight border between real and fake. End the block with `nn.LeakyReLU(0.2)`.",
        _behaves(_DISCRIMINATOR_BLOCKS, "missing_activation"),
    ),
    Mistake(
        "relu_not_leaky",
        "Negative values become 0: that is ReLU. Where it is off no gradient passes, and the generator learns only from "
        "the gradient that comes through the discriminator. Use `nn.LeakyReLU(0.2)`.",
        _behaves(_DISCRIMINATOR_BLOCKS, "relu"),
    ),
    Mistake(
        "default_slope",
        "Negative values are multiplied by 0.01, the default of `nn.LeakyReLU()`. The block asks for a slope of 0.2: "
        "`nn.LeakyReLU(0.2)`.",
        _behaves(_DISCRIMINATOR_BLOCKS, "slope_0.01"),
    ),
    Mistake(
        "batchnorm_in_discriminator",
        "The output for one image depends on the other images in the batch: there is BatchNorm in the block. In this "
        "lesson the discriminator judges each image by itself.",
        lambda c: probes.depends_on_batch(c(7, 12).train(), torch.randn(64, 7)),
    ),
    Mistake(
        "activation_first",
        "The activation is applied to the input, before the linear layer. The order is linear, then LeakyReLU.",
        _behaves(_DISCRIMINATOR_BLOCKS, "activation_first"),
    ),
    Mistake(
        "wrong_activation",
        "There is an activation, but it squashes: large values come out near 1. LeakyReLU keeps positive values as they "
        "are and multiplies negative ones by 0.2.",
        _behaves(_DISCRIMINATOR_BLOCKS, "tanh", "sigmoid"),
    ),
)


@exercise(
    "c1w1.discriminator_block",
    reference="course_utils.models.mlp:discriminator_block",
    mistakes=_DISCRIMINATOR_BLOCK_MISTAKES,
)
def verify_discriminator_block(candidate):
    for sizes in ((7, 12), (64, 128), (5, 3)):
        what = f"discriminator_block{sizes}"
        block, weight, x = _block(candidate, *sizes)
        probes.expect_deterministic(what, block, x)
        with torch.no_grad():
            y = block(x)
        expect_close(f"{what} on a batch of 64", y, _DISCRIMINATOR_BLOCKS["right"](weight, x), 1e-3, 1e-4)
        probes.expect_eval_per_sample(what, block, x)
        probes.expect_all_used(what, block, x)


# --- generator -------------------------------------------------------------------------------------------------------

_GENERATOR_SHAPES = [(HIDDEN, LATENT), (2 * HIDDEN, HIDDEN), (4 * HIDDEN, 2 * HIDDEN), (PIXELS, 4 * HIDDEN)]


def _generator(end=torch.tanh, normalise=probes.standardise, activate=F.relu):
    """A generator with these parts, as a function of its weight matrices and ``z``."""

    def forward(weights, z):
        for weight in weights[:-1]:
            z = activate(normalise(z @ weight.T))
        return end(z @ weights[-1].T)

    return forward


def _same(x):
    return x


_GENERATORS = {
    "right": _generator(),
    "sigmoid_output": _generator(end=torch.sigmoid),
    "missing_tanh": _generator(end=_same),
    "batchnorm_output": _generator(end=lambda x: torch.tanh(probes.standardise(x))),
    "block_output": _generator(end=lambda x: torch.tanh(F.relu(probes.standardise(x)))),
    "block_output_no_tanh": _generator(end=lambda x: F.relu(probes.standardise(x))),
    "relu_output": _generator(end=lambda x: torch.tanh(F.relu(x))),
    "clamped": _generator(end=lambda x: x.clamp(-1, 1)),
    "no_batchnorm": _generator(normalise=_same),
    "no_activation": _generator(activate=_same),
    "neither": _generator(activate=_same, normalise=_same),
    "leaky": _generator(activate=_leaky),
}


def _make_generator(candidate):
    generator = probes.build_network(
        "Generator(latent_dim=7, hidden=5, image_shape=(3, 4, 6))",
        candidate,
        latent_dim=LATENT,
        hidden=HIDDEN,
        image_shape=IMAGE,
    ).train()
    z = torch.randn(32, LATENT)
    with torch.no_grad():
        generator(z)  # lazy layers get their sizes here
    return generator, z


def _enlarge(network, factor: float = 4.0) -> None:
    """Make weights large enough for the end of the network to matter (fresh weights keep a tanh in its linear part)."""
    with torch.no_grad():
        for parameter in network.parameters():
            if parameter.ndim >= 2:
                parameter.mul_(factor)


def _generates(*names):
    def seen(candidate):
        generator, z = _make_generator(candidate)
        _enlarge(generator)
        weights = probes.matrices(generator, _GENERATOR_SHAPES)
        probes.neutralise(generator)
        with torch.no_grad():
            images = generator(z)
        return any(probes.agrees(images, _GENERATORS[name](weights, z)) for name in names)

    return seen


def _flat_images(candidate) -> bool:
    generator, z = _make_generator(candidate)
    return tuple(generator(z).shape) == (32, PIXELS)


def _has_other_widths(candidate) -> bool:
    generator, _ = _make_generator(candidate)
    try:
        probes.matrices(generator, _GENERATOR_SHAPES)
    except Wrong:
        return True
    return False


_RANDOM_NETWORK = (
    "The same input gives a different output each time: there is dropout or noise inside the network. "
    "The specification has none."
)

_GENERATOR_MISTAKES = (
    Mistake(
        "flat_output",
        "The output is a flat row of pixels per image. The discriminator and the plots expect images: reshape to "
        "`(len(z), *self.image_shape)` at the end of `forward`.",
        _flat_images,
    ),
    Mistake(
        "sigmoid_output",
        "The output ends in a sigmoid, so pixels lie in [0, 1] and black (-1) can never be drawn; real images are "
        "scaled to [-1, 1], and the discriminator would tell them apart by that alone. End with `nn.Tanh()`.",
        _generates("sigmoid_output"),
    ),
    Mistake(
        "missing_tanh",
        "The pixels are not kept within [-1, 1]: the output layer has no activation. Real pixels are, so one glance "
        "at the range gives every fake away. End with `nn.Tanh()`.",
        _generates("missing_tanh", "clamped"),
    ),
    Mistake(
        "batchnorm_in_output",
        "Every pixel has mean 0 over the batch before the tanh: there is BatchNorm in the output layer. It forces the "
        "corners, which are always black in real digits, to be grey half of the time. Use a plain linear layer there.",
        _generates("batchnorm_output"),
    ),
    Mistake(
        "block_as_output",
        "No pixel is ever below 0: the output layer is a generator block, and its ReLU removes everything dark before "
        "the tanh. The last layer is a plain `nn.Linear`, then `nn.Tanh()`.",
        _generates("block_output", "block_output_no_tanh", "relu_output"),
    ),
    Mistake(
        "no_batchnorm",
        "The hidden layers do not normalise: build them with `generator_block`, which holds linear, BatchNorm and ReLU.",
        _generates("no_batchnorm"),
    ),
    Mistake(
        "missing_activation",
        "There is no activation between the layers, so the generator is a single linear map of `z`. Build the hidden "
        "layers with `generator_block`.",
        _generates("no_activation", "neither"),
    ),
    Mistake(
        "leaky_in_generator",
        "The hidden layers use LeakyReLU: those are discriminator blocks. Build them with `generator_block`.",
        _generates("leaky"),
    ),
    Mistake(
        "dropout",
        _RANDOM_NETWORK,
        lambda c: not probes.is_deterministic(*_make_generator(c)),
    ),
    Mistake(
        "wrong_widths",
        "The layers do not have the widths asked for. From `latent_dim`: `hidden`, `2 * hidden`, `4 * hidden`, and then "
        "as many outputs as an image has pixels, `math.prod(image_shape)`.",
        _has_other_widths,
    ),
)


@exercise("c1w1.generator", reference="course_utils.models.mlp:Generator", mistakes=_GENERATOR_MISTAKES)
def verify_generator(candidate):
    generator, z = _make_generator(candidate)
    what = "Generator(latent_dim=7, hidden=5, image_shape=(3, 4, 6))"
    images = probes.output("the generator's output for 32 latent vectors", generator, z, (32, *IMAGE))
    expect_true(images.abs().max().item() <= 1, f"Pixels must lie in [-1, 1], but one is {images.abs().max().item():.3g}.")
    probes.expect_deterministic(what, generator, z)
    probes.expect_all_used(what, generator, z)
    probes.expect_eval_per_sample(what, generator, z)
    _enlarge(generator)
    weights = probes.matrices(generator, _GENERATOR_SHAPES)
    probes.neutralise(generator)
    expected = _GENERATORS["right"](weights, z).view(32, *IMAGE)
    expect_close("the generator's output, computed from its own weights,", generator(z), expected, 1e-3, 1e-3)
    default = probes.build_network("Generator()", candidate)
    probes.output("Generator()'s output for 2 vectors of 64 numbers", default, torch.randn(2, 64), (2, 1, 28, 28))


# --- discriminator ---------------------------------------------------------------------------------------------------

_DISCRIMINATOR_SHAPES = [(2 * HIDDEN, PIXELS), (HIDDEN, 2 * HIDDEN), (1, HIDDEN)]


def _discriminator(end=_same, normalise=_same, activate=_leaky):
    """A discriminator with these parts, as a function of its weight matrices and the images."""

    def forward(weights, images):
        h = images.flatten(1)
        for weight in weights[:-1]:
            h = activate(normalise(h @ weight.T))
        return end(h @ weights[-1].T)

    return forward


_DISCRIMINATORS = {
    "right": _discriminator(),
    "sigmoid": _discriminator(end=torch.sigmoid),
    "tanh": _discriminator(end=torch.tanh),
    "leaky_end": _discriminator(end=_leaky),
    "relu_end": _discriminator(end=F.relu),
    "relu": _discriminator(activate=F.relu),
    "slope": _discriminator(activate=lambda x: F.leaky_relu(x, 0.01)),
    "no_activation": _discriminator(activate=_same),
    "generator_blocks": _discriminator(activate=F.relu, normalise=probes.standardise),
    "batchnorm": _discriminator(normalise=probes.standardise),
}


def _make_discriminator(candidate):
    discriminator = probes.build_network(
        "Discriminator(hidden=5, image_shape=(3, 4, 6))", candidate, hidden=HIDDEN, image_shape=IMAGE
    ).train()
    images = torch.rand(32, *IMAGE) * 2 - 1
    with torch.no_grad():
        discriminator(images)  # lazy layers get their sizes here
    return discriminator, images


def _discriminates(*names):
    def seen(candidate):
        discriminator, images = _make_discriminator(candidate)
        _enlarge(discriminator)
        weights = probes.matrices(discriminator, _DISCRIMINATOR_SHAPES)
        probes.neutralise(discriminator)
        with torch.no_grad():
            logits = discriminator(images)
        return any(probes.agrees(logits, _DISCRIMINATORS[name](weights, images)) for name in names)

    return seen


def _needs_flat_images(candidate) -> bool:
    discriminator = probes.build_network("Discriminator", candidate, hidden=HIDDEN, image_shape=IMAGE)
    discriminator(torch.rand(4, PIXELS))
    try:
        discriminator(torch.rand(4, *IMAGE))
    except RuntimeError:
        return True
    return False


def _wrong_outputs(candidate) -> bool:
    discriminator, images = _make_discriminator(candidate)
    return discriminator(images).numel() != len(images)


def _squeezed(candidate) -> bool:
    discriminator, images = _make_discriminator(candidate)
    return tuple(discriminator(images).shape) == (32,)


def _has_other_discriminator_widths(candidate) -> bool:
    discriminator, _ = _make_discriminator(candidate)
    try:
        probes.matrices(discriminator, _DISCRIMINATOR_SHAPES)
    except Wrong:
        return True
    return False


_DISCRIMINATOR_MISTAKES = (
    Mistake(
        "not_flattened",
        "The network works on flat rows of pixels but fails on images `(B, C, H, W)`. Flatten inside: `nn.Flatten()` "
        "first, or `images.flatten(1)`.",
        _needs_flat_images,
    ),
    Mistake(
        "wrong_number_of_outputs",
        "One number per image is asked for: the logit of 'this is real'. The last linear layer has 1 output.",
        _wrong_outputs,
    ),
    Mistake(
        "squeezed_output",
        "The output has shape (B,) instead of (B, 1). Mixed shapes are a classical trap: (B, 1) minus (B,) broadcasts to "
        "(B, B) without a word. Leave the last layer's output as it is.",
        _squeezed,
    ),
    Mistake(
        "sigmoid_before_logits",
        "Every output lies between 0 and 1: the network ends in a sigmoid. The losses take logits and apply the sigmoid "
        "themselves; applied twice, 'certainly real' and 'certainly fake' become 0.73 and 0.50, and neither player "
        "can be sure of anything. End with the linear layer.",
        _discriminates("sigmoid", "tanh"),
    ),
    Mistake(
        "activation_on_logits",
        "The logit itself goes through an activation, so 'fake' is damped or cut off at 0 while 'real' is not: the last "
        "layer is a block. It must be a plain `nn.Linear(hidden, 1)`.",
        _discriminates("leaky_end", "relu_end"),
    ),
    Mistake(
        "batchnorm_in_discriminator",
        "The logit of one image depends on the other images in its batch: there is BatchNorm inside (are these generator "
        "blocks?). Build the hidden layers with `discriminator_block`.",
        lambda c: probes.depends_on_batch(*_make_discriminator(c)),
    ),
    Mistake(
        "missing_activation",
        "There is no activation between the layers, so the discriminator is one linear map and its border between real "
        "and fake a plane. Build the hidden layers with `discriminator_block`.",
        _discriminates("no_activation"),
    ),
    Mistake(
        "relu_not_leaky",
        "The hidden layers use another activation than LeakyReLU with slope 0.2. Where a ReLU is off no gradient passes "
        "to the generator. Build them with `discriminator_block`.",
        _discriminates("relu", "slope"),
    ),
    Mistake(
        "dropout",
        _RANDOM_NETWORK,
        lambda c: not probes.is_deterministic(*_make_discriminator(c)),
    ),
    Mistake(
        "wrong_widths",
        "The layers do not have the widths asked for. From `math.prod(image_shape)` pixels: `2 * hidden`, `hidden`, 1.",
        _has_other_discriminator_widths,
    ),
)


@exercise("c1w1.discriminator", reference="course_utils.models.mlp:Discriminator", mistakes=_DISCRIMINATOR_MISTAKES)
def verify_discriminator(candidate):
    discriminator, images = _make_discriminator(candidate)
    what = "Discriminator(hidden=5, image_shape=(3, 4, 6))"
    probes.output("the discriminator's output for 32 images", discriminator, images, (32, 1))
    probes.expect_deterministic(what, discriminator, images)
    probes.expect_all_used(what, discriminator, images)
    expect_true(
        not probes.depends_on_batch(discriminator, images),
        "The logit of one image must not depend on the other images in the batch.",
    )
    probes.expect_eval_per_sample(what, discriminator, images)
    _enlarge(discriminator)
    weights = probes.matrices(discriminator, _DISCRIMINATOR_SHAPES)
    probes.neutralise(discriminator)
    expected = _DISCRIMINATORS["right"](weights, images)
    expect_close("the discriminator's output, computed from its own weights,", discriminator(images), expected, 1e-3, 1e-3)
    default = probes.build_network("Discriminator()", candidate)
    probes.output("Discriminator()'s output for 2 digits", default, torch.zeros(2, 1, 28, 28), (2, 1))
