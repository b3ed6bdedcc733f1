"""Checks of the two networks: each is compared with its specification on its own weights."""

import dataclasses
import itertools
import math

import torch
import torch.nn.functional as F

from course_utils.checks import probes
from course_utils.checks.engine import Mistake, exercise
from course_utils.checks.expect import Wrong, expect_close, expect_true
from course_utils.lessons.c1w1.old_checks.blocks import leaky, same


@dataclasses.dataclass(frozen=True)
class _Sizes:
    """The sizes of a network, and the weight matrices (out, in) that follow from them."""

    latent: int
    hidden: int
    image: tuple

    @property
    def pixels(self):
        return math.prod(self.image)

    def generator(self):
        widths = [self.latent, self.hidden, 2 * self.hidden, 4 * self.hidden, self.pixels]
        return [(b, a) for a, b in itertools.pairwise(widths)]

    def discriminator(self):
        return [(2 * self.hidden, self.pixels), (self.hidden, 2 * self.hidden), (1, self.hidden)]


_SMALL = _Sizes(7, 5, (3, 4, 6))  # sizes nobody expects, so that nothing can be written as a number
_DEFAULT = _Sizes(64, 128, (1, 28, 28))
_VECTORS = "with scales and biases set to 0.5 (a linear layer has a bias, BatchNorm a scale and a shift),"

_ACTIVATIONS = {
    "relu": F.relu,
    "leaky": leaky,
    "leaky_0.01": F.leaky_relu,
    "none": same,
    "tanh": torch.tanh,
    "sigmoid": torch.sigmoid,
    "gelu": F.gelu,
    "elu": F.elu,
    "silu": F.silu,
    "selu": F.selu,
}


def _enlarge(network, factor: float = 4.0) -> None:
    """Make weights large enough for the end of the network to matter (fresh weights keep a tanh in its linear part)."""
    with torch.no_grad():
        for parameter in network.parameters():
            if not probes.is_vector(parameter):
                parameter.mul_(factor)


def _output(network, x):
    with torch.no_grad():
        return network(x.clone())


def _same_columns(y, expected) -> bool:
    """Are the numbers of each sample the same in some other order, one that all samples share?"""

    def ordered(values):
        columns = values.double().flatten(1)
        return columns[:, columns.sum(0).argsort()]

    return y.shape == expected.shape and torch.allclose(ordered(y), ordered(expected), 1e-3, 1e-3)


class _Network:
    """What is common to the checks of the two networks: how one is made, called, and compared."""

    def __init__(self, name, parts, ends):
        self.name, self.parts, self.ends = name, parts, ends  # the first end and the part "right" are as specified

    def arguments(self, sizes):
        arguments = {"hidden": sizes.hidden, "image_shape": sizes.image}
        return {"latent_dim": sizes.latent, **arguments} if self.name == "Generator" else arguments

    def shapes(self, sizes):
        return sizes.generator() if self.name == "Generator" else sizes.discriminator()

    def what(self, sizes):
        return f"{self.name}({', '.join(f'{k}={v}' for k, v in self.arguments(sizes).items())})"

    def make(self, candidate, sizes=_SMALL):
        """The candidate's network and a batch of 32 for it. Default sizes are not passed, so defaults are tested, too."""
        arguments = {} if sizes is _DEFAULT else self.arguments(sizes)
        network = probes.build_network(self.what(sizes), candidate, **arguments)
        if self.name == "Generator":
            x = torch.randn(32, sizes.latent)
        else:
            x = torch.rand(32, *sizes.image) * 2 - 1
        probes.warm_up(self.what(sizes), network, x)
        return network, x

    def specification(self, weights, x, end, layers, scale=1.0, shift=0.0):
        """What such a network gives, as a function of its weight matrices; all scales and all shifts are alike.

        ``layers`` holds (normalise, activate) for each hidden layer.
        """
        h = x.flatten(1)
        for weight, (normalise, activate) in zip(weights[:-1], layers, strict=True):
            before = normalise(h @ weight.T)
            h = activate((before if normalise is same else scale * before) + shift)
        return end(h @ weights[-1].T + shift)

    def expect_right(self, candidate, sizes, right):
        """Raise unless the candidate is right at these sizes. ``right`` is (end, normalise, activate)."""
        network, x = self.make(candidate, sizes)
        what = self.what(sizes)
        shape = (32, *sizes.image) if self.name == "Generator" else (32, 1)
        y = probes.output(f"the output of {what} for a batch of 32", network, x, shape)
        probes.expect_deterministic(what, network, x)
        if self.name == "Generator":
            largest = y.abs().max().item()
            expect_true(largest <= 1, f"Pixels must lie in [-1, 1], but one is {largest:.3g}.")
        else:
            alone = not probes.depends_on_batch(network, x)
            expect_true(alone, "The logit of one image must not depend on the other images in the batch.")
        probes.expect_input_kept(what, network, x)
        probes.expect_all_used(what, network, x)
        probes.expect_eval_per_sample(what, network, x)
        weights = probes.matrices(network, self.shapes(sizes))
        probes.expect_different_weights(weights)
        _enlarge(network)
        for scale, shift, how in ((1.0, 0.0, "computed from its own weights,"), (0.5, 0.5, _VECTORS)):
            probes.set_vectors(network, scale, shift)
            end, *layer = right
            expected = self.specification(weights, x, end, [layer] * len(weights[:-1]), scale, shift).view(shape)
            y = _output(network, x)
            if not _same_columns(y, expected):  # which output unit paints which pixel does not matter
                expect_close(f"the output of {what}, {how}", y, expected, 1e-3, 1e-3)

    # --- probes ---

    def likeness(self, candidate):
        """A function: is the candidate, its vectors neutral, like a network with this end and these hidden parts?"""
        network, x = self.make(candidate)
        _enlarge(network)
        weights = probes.matrices(network, self.shapes(_SMALL))
        probes.set_vectors(network)
        y = _output(network, x)

        def like(end, *parts):
            layers = [self.parts[part] for part in (parts * len(weights[:-1]) if len(parts) == 1 else parts)]
            return probes.agrees(y, self.specification(weights, x, self.ends[end], layers))

        return like

    def behaves(self, ends, parts=None):
        """A probe: like a network with one of these ends, and one of these hidden parts (default: whatever they are)?"""

        def seen(candidate):
            like = self.likeness(candidate)
            if like(next(iter(self.ends)), "right"):
                return False
            return any(like(end, part) for end, part in itertools.product(ends, parts or self.parts))

        return seen

    def layer_differs(self, candidate):
        """Are some hidden layers right, and the others all of another kind?"""
        like, end = self.likeness(candidate), next(iter(self.ends))
        for part in self.parts:
            mixed = itertools.product(("right", part), repeat=len(self.shapes(_SMALL)) - 1)
            if any(like(end, *parts) for parts in mixed if len(set(parts)) == 2):
                return not like(end, "right")
        return False

    def other_widths(self, candidate):
        network, _ = self.make(candidate)
        try:
            probes.matrices(network, self.shapes(_SMALL))
        except probes.Alike:
            return False
        except Wrong:
            return True
        return False

    def unused_layer(self, candidate):
        network, x = self.make(candidate)
        return probes.is_deterministic(network, x) and probes.has_unused_weights(network, x)

    def random(self, candidate):
        return not probes.is_deterministic(*self.make(candidate))

    def layers_in_forward(self, candidate):
        return self.random(candidate) and self.other_widths(candidate)

    def hides_layers(self, candidate):
        return probes.has_hidden_layers(candidate(**self.arguments(_SMALL)))

    def hard_coded(self, right):
        """A probe of a wrong candidate: is it right at the default sizes, and not even of the right sizes at others?"""

        def seen(candidate):
            try:
                candidate(**self.arguments(_SMALL))
            except TypeError:  # its arguments have other names
                return False
            if self.has_right_sizes(candidate):
                return False
            self.expect_right(candidate, _DEFAULT, right)
            return True

        return seen

    def has_right_sizes(self, candidate):
        """Does it run at small sizes, with the right weight matrices and the right shape of the output?"""
        try:
            network, x = self.make(candidate)
            probes.matrices(network, self.shapes(_SMALL))
            return tuple(_output(network, x).shape) == ((32, *_SMALL.image) if self.name == "Generator" else (32, 1))
        except (Wrong, RuntimeError, ValueError):
            return False

    def lacks_vectors(self, per_hidden, at_end):
        """A probe: right but for fewer vectors of weights than this for a hidden width, or for the last layer?"""

        def seen(candidate):
            if not self.likeness(candidate)(next(iter(self.ends)), "right"):
                return False
            network, _ = self.make(candidate)
            sizes = [p.numel() for p in network.parameters() if probes.is_vector(p)]
            *hidden, last = [out for out, _ in self.shapes(_SMALL)]
            return sizes.count(last) < at_end or any(sizes.count(width) < per_hidden for width in hidden)

        return seen

    def mistakes(self, right):
        """Mistakes that both networks can have, as (early, late)."""
        early = (
            Mistake(
                "layers_in_list",
                "Some layers are kept in a plain Python list, where no optimiser finds their weights. Use "
                "`nn.Sequential(...)` or `nn.ModuleList([...])`.",
                self.hides_layers,
            ),
            Mistake(
                "layers_in_forward",
                "A layer is created in `forward`: it is a new one, with new random weights, in every call, and never "
                "learns. Create all layers in the constructor.",
                self.layers_in_forward,
            ),
        )
        block = f"{self.name.lower()}_block"
        late = (
            Mistake(
                "layer_differs",
                "Not all hidden layers are alike: at least one lacks a part that the others have, or has another activation. "
                f"Build every one with `{block}`.",
                self.layer_differs,
            ),
            Mistake(
                "unused_layer",
                "Some weights have no influence on the output: a layer is created in the constructor and left out in "
                "`forward`. Use it, or do not create it.",
                self.unused_layer,
            ),
            Mistake(
                "dropout",
                "The same input gives a different output each time: there is dropout or noise inside the network (or "
                "spectral normalisation, which takes many calls to settle). The specification has none.",
                self.random,
            ),
            Mistake(
                "hard_coded_sizes",
                f"It works with the default sizes, but not as `{self.what(_SMALL)}`: some size is written as a number "
                "(28, 784, 64, 128 ...) where an argument of the constructor belongs.",
                self.hard_coded(right),
            ),
        )
        return early, late


# --- generator -------------------------------------------------------------------------------------------------------

_norm = probes.standardise
_HIDDEN_GENERATOR = {
    "right": (_norm, F.relu),
    **{name: (_norm, activate) for name, activate in _ACTIVATIONS.items()},
    **{f"{name}_no_batchnorm": (same, activate) for name, activate in _ACTIVATIONS.items()},
}
_GENERATOR = _Network(
    "Generator",
    _HIDDEN_GENERATOR,
    {
        "tanh": torch.tanh,
        "sigmoid": torch.sigmoid,
        "rescaled": lambda x: (torch.tanh(x) + 1) / 2,
        "none": same,
        "clamp": lambda x: x.clamp(-1, 1),
        "tanh_twice": lambda x: torch.tanh(torch.tanh(x)),
        "batchnorm": lambda x: torch.tanh(_norm(x)),
        "block": lambda x: torch.tanh(F.relu(_norm(x))),
        "block_no_tanh": lambda x: F.relu(_norm(x)),
        "relu": lambda x: torch.tanh(F.relu(x)),
        "relu_no_tanh": F.relu,
    },
)
_RIGHT_GENERATOR = (torch.tanh, _norm, F.relu)


def _flat_images(candidate) -> bool:
    generator, z = _GENERATOR.make(candidate)
    y = _output(generator, z)
    return isinstance(y, torch.Tensor) and tuple(y.shape) == (32, _SMALL.pixels)


_EARLY, _LATE = _GENERATOR.mistakes(_RIGHT_GENERATOR)
_GENERATOR_MISTAKES = (
    *_EARLY,
    Mistake(
        "flat_output",
        "The output is a flat row of pixels per image. The discriminator and the plots expect images: reshape to "
        "`(len(z), *self.image_shape)` at the end of `forward`.",
        _flat_images,
    ),
    Mistake(
        "sigmoid_output",
        "The pixels lie in [0, 1] (the output ends in a sigmoid, or is rescaled), so black (-1) can never be drawn; real "
        "images are scaled to [-1, 1], and the discriminator would tell them apart by that alone. End with `nn.Tanh()`.",
        _GENERATOR.behaves(["sigmoid", "rescaled"]),
    ),
    Mistake(
        "missing_tanh",
        "The pixels are not kept within [-1, 1]: the output layer has no activation. Real pixels are, so one glance "
        "at the range gives every fake away. End with `nn.Tanh()`.",
        _GENERATOR.behaves(["none"]),
    ),
    Mistake(
        "clamped_output",
        "The pixels are cut off at -1 and 1. Where that happens no gradient passes, and a pixel that has gone too far "
        "never comes back. `nn.Tanh()` bends smoothly instead.",
        _GENERATOR.behaves(["clamp"]),
    ),
    Mistake(
        "tanh_twice",
        "The tanh is applied twice, among the layers and again in `forward`, so no pixel gets beyond 0.76. Once is enough.",
        _GENERATOR.behaves(["tanh_twice"]),
    ),
    Mistake(
        "batchnorm_in_output",
        "Every pixel has mean 0 over the batch before the tanh: there is BatchNorm in the output layer. It forces the "
        "corners, which are always black in real digits, to be grey half of the time. Use a plain linear layer there.",
        _GENERATOR.behaves(["batchnorm"]),
    ),
    Mistake(
        "block_as_output",
        "No pixel is ever below 0: the output layer is a generator block, and its ReLU removes everything dark before "
        "the tanh. The last layer is a plain `nn.Linear`, then `nn.Tanh()`.",
        _GENERATOR.behaves(["block", "block_no_tanh", "relu", "relu_no_tanh"]),
    ),
    Mistake(
        "no_batchnorm",
        "The hidden layers do not normalise: build them with `generator_block`, which holds linear, BatchNorm and ReLU.",
        _GENERATOR.behaves(["tanh"], [f"{a}_no_batchnorm" for a in _ACTIVATIONS if a != "none"]),
    ),
    Mistake(
        "missing_activation",
        "There is no activation between the layers, so the generator is a single linear map of `z`. Build the hidden "
        "layers with `generator_block`.",
        _GENERATOR.behaves(["tanh"], ["none", "none_no_batchnorm"]),
    ),
    Mistake(
        "leaky_in_generator",
        "The hidden layers end in another activation than ReLU (LeakyReLU belongs in the discriminator). Build them with "
        "`generator_block`.",
        _GENERATOR.behaves(["tanh"], [a for a in _ACTIVATIONS if a not in ("relu", "none")]),
    ),
    *_LATE,
    Mistake(
        "wrong_widths",
        "The layers do not have the widths asked for, or there is one too many. From `latent_dim`: `hidden`, `2 * hidden`, "
        "`4 * hidden`, and then as many outputs as an image has pixels, `math.prod(image_shape)`.",
        _GENERATOR.other_widths,
    ),
    Mistake(
        "no_bias",
        "A bias is missing: of the output layer (`bias=False`), which then cannot make a corner black in every image, or "
        "the scale and shift of a BatchNorm (`affine=False`). Leave these options out.",
        _GENERATOR.lacks_vectors(per_hidden=2, at_end=1),
    ),
)


@exercise("c1w1.generator", reference="course_utils.models.dense.mlp:Generator", mistakes=_GENERATOR_MISTAKES)
def verify_generator(candidate):
    _GENERATOR.expect_right(candidate, _SMALL, _RIGHT_GENERATOR)
    _GENERATOR.expect_right(candidate, _DEFAULT, _RIGHT_GENERATOR)


# --- discriminator ---------------------------------------------------------------------------------------------------

_DISCRIMINATOR = _Network(
    "Discriminator",
    {"right": (same, leaky), **{name: (same, activate) for name, activate in _ACTIVATIONS.items()}},
    {
        "none": same,
        "sigmoid": torch.sigmoid,
        "tanh": torch.tanh,
        "leaky": leaky,
        "relu": F.relu,
        "softmax": lambda x: x.softmax(1),
        "softmax_batch": lambda x: x.softmax(0),
    },
)
_RIGHT_DISCRIMINATOR = (same, same, leaky)


def _needs_flat_images(candidate) -> bool:
    discriminator = candidate(hidden=_SMALL.hidden, image_shape=_SMALL.image)
    discriminator(torch.rand(4, _SMALL.pixels))
    try:
        discriminator(torch.rand(4, *_SMALL.image))
    except RuntimeError:
        return True
    return False


def _wrong_outputs(candidate) -> bool:
    discriminator, images = _DISCRIMINATOR.make(candidate)
    return _output(discriminator, images).numel() != len(images)


def _squeezed(candidate) -> bool:
    discriminator, images = _DISCRIMINATOR.make(candidate)
    return tuple(_output(discriminator, images).shape) == (32,)


def _depends_on_batch(candidate) -> bool:
    return probes.depends_on_batch(*_DISCRIMINATOR.make(candidate))


_EARLY, _LATE = _DISCRIMINATOR.mistakes(_RIGHT_DISCRIMINATOR)
_DISCRIMINATOR_MISTAKES = (
    *_EARLY,
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
        "The network ends in a sigmoid or a tanh, so its outputs are fenced in. The losses take logits and apply the "
        "sigmoid themselves; applied twice, 'certainly real' and 'certainly fake' become 0.73 and 0.50, and neither player "
        "can be sure of anything. End with the linear layer.",
        _DISCRIMINATOR.behaves(["sigmoid", "tanh"]),
    ),
    Mistake(
        "softmax_output",
        "The network ends in a softmax, which shares 1 out among several numbers. There is one number per image here (its "
        "softmax is always 1), and the losses want the logit. End with the linear layer.",
        _DISCRIMINATOR.behaves(["softmax", "softmax_batch"]),
    ),
    Mistake(
        "activation_on_logits",
        "The logit itself goes through an activation, so 'fake' is damped or cut off at 0 while 'real' is not: the last "
        "layer is a block. It must be a plain `nn.Linear(hidden, 1)`.",
        _DISCRIMINATOR.behaves(["leaky", "relu"]),
    ),
    Mistake(
        "batchnorm_in_discriminator",
        "The logit of one image depends on the other images in its batch: there is BatchNorm inside (are these generator "
        "blocks?). Build the hidden layers with `discriminator_block`.",
        lambda c: _depends_on_batch(c) and not _DISCRIMINATOR.random(c),
    ),
    Mistake(
        "missing_activation",
        "There is no activation between the layers, so the discriminator is one linear map and its border between real "
        "and fake a plane. Build the hidden layers with `discriminator_block`.",
        _DISCRIMINATOR.behaves(["none"], ["none"]),
    ),
    Mistake(
        "relu_not_leaky",
        "The hidden layers use another activation than LeakyReLU with slope 0.2. Where a ReLU is off no gradient passes "
        "to the generator. Build them with `discriminator_block`.",
        _DISCRIMINATOR.behaves(["none"], [a for a in _ACTIVATIONS if a not in ("leaky", "none")]),
    ),
    *_LATE,
    Mistake(
        "wrong_widths",
        "The layers do not have the widths asked for, or there is one too many. From `math.prod(image_shape)` pixels: "
        "`2 * hidden`, `hidden`, 1.",
        _DISCRIMINATOR.other_widths,
    ),
    Mistake(
        "no_bias",
        "A linear layer has no bias. Leave out `bias=False`: without the last bias, for example, a plain grey image would "
        "always get the logit 0, 'cannot tell'.",
        _DISCRIMINATOR.lacks_vectors(per_hidden=1, at_end=1),
    ),
)


@exercise("c1w1.discriminator", reference="course_utils.models.dense.mlp:Discriminator", mistakes=_DISCRIMINATOR_MISTAKES)
def verify_discriminator(candidate):
    _DISCRIMINATOR.expect_right(candidate, _SMALL, _RIGHT_DISCRIMINATOR)
    _DISCRIMINATOR.expect_right(candidate, _DEFAULT, _RIGHT_DISCRIMINATOR)
