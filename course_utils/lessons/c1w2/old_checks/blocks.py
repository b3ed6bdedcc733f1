"""Checks of the two convolutional blocks: each is compared, in float64, with its specification on its own weights."""

import torch
import torch.nn.functional as F
from torch import nn

from course_utils.checks import probes
from course_utils.checks.engine import Mistake, exercise
from course_utils.checks.expect import Wrong, expect_close, expect_true

SCALED = "with scales set to 4 and shifts and biases to 0.5"


def _standardise(x, eps=1e-5):
    """What BatchNorm2d does to (B, C, H, W) while training, before its scale and shift."""
    return (x - x.mean((0, 2, 3), keepdim=True)) / (x.var((0, 2, 3), unbiased=False, keepdim=True) + eps).sqrt()


def _leaky(x):
    return F.leaky_relu(x, 0.2)


_UP = {
    "transposed": ((None, None, 4, 4), lambda w, x: F.conv_transpose2d(x, w, stride=2, padding=1)),
    "nearest": (
        (None, None, 3, 3),
        lambda w, x: F.conv2d(F.interpolate(x, scale_factor=2.0, mode="nearest"), w, padding=1),
    ),
}


def _down(w, x):
    return F.conv2d(x, w, stride=2, padding=1)


class _Kind:
    """One of the blocks: how it is called, what its convolution does, and what comes after that."""

    def __init__(self, argument, choices, convolve, after, kernel, input_first, grows):
        self.argument, self.choices, self.after, self.grows = argument, choices, after, grows
        self.convolve, self.kernel, self.input_first = convolve, kernel, input_first

    def build(self, candidate, choice, channels_in=5, channels_out=6, height=8, width=6):
        """The candidate's block in float64 with neutral vectors, its 4-D weight, and a batch for it."""
        given = "" if choice is None else f", {self.argument}={choice!r}"
        what = f"the block ({channels_in}, {channels_out}{given})"
        make = candidate if choice is None else lambda *a: candidate(*a, **{self.argument: choice})
        block = probes.build_network(what, make, channels_in, channels_out)
        x = torch.randn(8, channels_in, height, width) * 2 + 0.5
        probes.warm_up(what, block, x)
        block, x = block.double(), x.double()
        shape = self.weight_shape(choice, channels_in, channels_out)
        weights = [_as_kernels(p.detach(), shape) for p in block.parameters() if not probes.is_vector(p)]
        weights = [w for w in weights if w.ndim == 4]
        if len(weights) != 1:
            shapes = ", ".join(str(tuple(w.shape)) for w in weights) or "none"
            raise Wrong(f"{what} needs one convolution, but its weights of four dimensions are: {shapes}.")
        found = tuple(weights[0].shape)
        if found != shape:
            raise Wrong(f"{what}: the convolution's weight must have shape {shape}, but it has {found}.")
        probes.set_vectors(block)
        return what, block, weights[0], x

    def weight_shape(self, choice, channels_in, channels_out):
        choice = choice or self.choices[0]
        first, second = (channels_in, channels_out) if self.input_first(choice) else (channels_out, channels_in)
        return first, second, self.kernel(choice), self.kernel(choice)

    def verify(self, candidate):
        for channels in ((5, 6), (1, 4), (6, 3), (16, 16)):
            for choice in (*self.choices, None):
                what, block, weight, x = self.build(candidate, choice, *channels)
                name = choice or self.choices[0]
                out = (8, channels[1], int(x.shape[2] * self.grows), int(x.shape[3] * self.grows))
                y = probes.output(f"{what}: the output", block, x, out)
                expect_close(what, y, self.after(name, self.convolve(name)(weight, x), 1.0, 0.0), 1e-3, 1e-3)
                probes.expect_deterministic(what, block, x)
                probes.expect_input_kept(what, block, x)
                probes.expect_all_used(what, block, x)
                _expect_running_statistics(what, block, x)
                probes.set_vectors(block, scale=4.0, shift=0.5)
                expected = self.after(name, self.convolve(name)(weight, x), 4.0, 0.5)
                expect_close(f"{what} {SCALED}", _output(block, x), expected, 1e-3, 3e-3)

    def behaves(self, after, choice=None):
        """A probe: does this come after the convolution, in place of what should?"""

        def seen(candidate):
            for one in (choice,) if choice else self.choices:
                _, block, weight, x = self.build(candidate, one)
                y = _output(block, x)
                before = self.convolve(one)(weight, x)
                wrong = after(before, x, weight, one)
                if not probes.agrees(y, wrong) or probes.agrees(y, self.after(one, before, 1.0, 0.0)):
                    return False
            return True

        return seen


def _as_kernels(weight, shape):
    """A convolution's weight that is kept as a matrix, for ``unfold``, in four dimensions; others as they are."""
    rows = weight.ndim == 2 and len(weight) == shape[0] and weight.numel() == torch.Size(shape).numel()
    return weight.reshape(shape) if rows else weight


def _expect_running_statistics(what, block, x):
    y = _output(block.train(), x)
    for _ in range(150):
        _output(block, x)
    off = ((_output(block.eval(), x) - y).abs().mean() / y.abs().mean()).item()
    block.train()
    expect_true(
        off < 0.1,
        f"{what}: after 150 training batches the output in evaluation mode is {100 * off:.0f} % off. "
        "BatchNorm must keep running statistics.",
    )
    probes.expect_eval_per_sample(what, block, x)


def _output(block, x):
    with torch.no_grad():
        return block(x.clone())


GENERATOR = _Kind(
    "up",
    ("transposed", "nearest"),
    lambda choice: _UP[choice][1],
    lambda choice, y, scale, shift: F.relu(scale * _standardise(y) + shift),
    lambda choice: _UP[choice][0][2],
    lambda choice: choice == "transposed",
    2,
)


def _after_down(choice, y, scale, shift):
    if choice == "batch":
        return _leaky(scale * _standardise(y) + shift)
    return _leaky(y + shift)  # the shift is the convolution's bias


DISCRIMINATOR = _Kind(
    "normalise", ("batch", "none"), lambda choice: _down, _after_down, lambda c: 4, lambda c: False, 0.5
)


def _common(kind):
    def swapped(candidate):
        try:
            candidate(3, 8)(torch.randn(4, 3, 8, 8))
        except RuntimeError as error:
            return "to have 8 channels, but got 3" in str(error)
        return False

    def learned_slope(candidate):
        """Is there a vector of weights, all alike, that is neither a scale (1) nor a shift (0)?"""
        vectors = [p for p in candidate(5, 6).parameters() if p.ndim <= 1]
        return any((p == p[0]).all() and p[0] not in (0, 1) for p in vectors)

    def no_layer(candidate):
        blocks = [candidate(5, 6, choice) for choice in kind.choices]
        return any(layer is None for b in blocks if isinstance(b, nn.Sequential) for layer in b._modules.values())

    def wrong_size(candidate):
        for choice in kind.choices:
            y = candidate(3, 8, choice)(torch.randn(4, 3, 8, 8))
            if y.shape[2] != int(8 * kind.grows):
                return True
        return False

    def random(candidate):
        return any(
            not probes.is_deterministic(candidate(5, 6, c).train(), torch.randn(8, 5, 8, 8)) for c in kind.choices
        )

    size = "twice as high and wide" if kind.grows > 1 else "half as high and wide"
    advice = (
        "`double_size(channels_in, channels_out, up)` makes the layer that does it."
        if kind.grows > 1
        else "With a 4x4 kernel that takes `stride=2, padding=1`."
    )
    return (
        Mistake(
            "class_not_instance",
            "The function returns a class, not a layer. Create the module: `nn.Sequential(...)` with its layers, each with ().",
            lambda c: isinstance(c(5, 6), type),
        ),
        Mistake(
            "layers_in_list",
            "The layers are kept in a plain Python list, where no optimiser finds their weights. Give them to "
            "`nn.Sequential(...)` (with a * before the list).",
            lambda c: isinstance(c(5, 6), (list, tuple)) or probes.has_hidden_layers(c(5, 6)),
        ),
        Mistake(
            "swapped_channels",
            "The block takes images with `channels_out` channels: the two are exchanged in the convolution.",
            swapped,
        ),
        Mistake("wrong_size", f"The output must be {size} as the input, and is not. {advice}", wrong_size),
        Mistake(
            "none_for_a_layer",
            "`None` stands among the layers, and `nn.Sequential` calls it like the others. Leave the place out, "
            "`*([layer] if condition else [])`, or fill it with `nn.Identity()`.",
            no_layer,
        ),
        Mistake(
            "dropout",
            "The same input gives a different output each time, so there is dropout or noise in the block (or spectral "
            "normalisation, which changes with every call). None is asked for.",
            random,
        ),
        Mistake(
            "learned_slope",
            "The activation has a weight of its own (`nn.PReLU`), and training would change its slope. Here the slope is "
            "fixed: " + ("`nn.ReLU()`." if kind is GENERATOR else "`nn.LeakyReLU(0.2)`."),
            learned_slope,
        ),
    )


def _accepts_unnormalised(candidate, choice):
    """Does the block take any image by itself, whatever else is in the batch?"""
    return not probes.depends_on_batch(candidate(5, 6, choice).train(), torch.randn(8, 5, 8, 8))


def _per_image(candidate, choice) -> bool:
    """Is every image normalised by itself: the same however bright it is, and whatever else is in the batch?"""
    block, x = candidate(5, 6, choice).train(), torch.randn(8, 5, 8, 8)
    for module in block.modules():
        if getattr(module, "bias", None) is not None:
            nn.init.zeros_(module.bias)
    y = _output(block, x)
    if y.std() < 0.1:  # the same for everything: nothing comes through
        return False
    return torch.allclose(_output(block, 3 * x), y, rtol=0.02, atol=0.02) and _accepts_unnormalised(candidate, choice)


def _other_activation(kind, choice):
    """A probe: is the output some other function of what comes before the activation?"""

    def seen(candidate):
        _, block, weight, x = kind.build(candidate, choice)
        probes.set_vectors(block, scale=4.0)
        y, before = _output(block, 10 * x), kind.convolve(choice)(weight, 10 * x)
        if kind is GENERATOR or choice == "batch":
            before = 4 * _standardise(before)
        right = F.relu(before) if kind is GENERATOR else _leaky(before)
        return probes.is_function_of(y, before) and not probes.agrees(y, right)

    return seen


def _up_ignored(candidate) -> bool:
    shapes = [
        sorted(tuple(p.shape) for p in candidate(5, 6, up).parameters() if p.ndim == 4) for up in GENERATOR.choices
    ]
    return shapes[0] == shapes[1]


def _default_nearest(candidate) -> bool:
    (default, nearest) = (
        sorted(tuple(p.shape) for p in block.parameters()) for block in (candidate(5, 6), candidate(5, 6, "nearest"))
    )
    return default == nearest


def _large_eps(kind, *choices):
    """A probe: is the variance that is divided by larger by what one would choose as a momentum?"""

    def seen(candidate):
        for choice in choices:
            _, block, weight, x = kind.build(candidate, choice)
            before = kind.convolve(choice)(weight, x)
            options = [act(_standardise(before, eps)) for eps in (0.1, 0.2, 0.5, 0.8, 0.9) for act in (F.relu, _leaky)]
            if not any(probes.agrees(_output(block, x), y) for y in options):
                return False
        return True

    return seen


def _no_scale(kind, choice):
    """A probe: right with a scale of 1 and a shift of 0, and no weights to choose others?"""

    def seen(candidate):
        _, block, weight, x = kind.build(candidate, choice)
        right = kind.after(choice, kind.convolve(choice)(weight, x), 1.0, 0.0)
        return probes.agrees(_output(block, x), right) and not any((p == 1).all() for p in block.parameters())

    return seen


def _norm_first(kind, act):
    """What comes out when the input is normalised, instead of what the convolution makes of it."""
    return (
        lambda before, x, w, choice: act(kind.convolve(choice)(w, _standardise(x))),
        lambda before, x, w, choice: kind.convolve(choice)(w, act(_standardise(x))),
    )


def _no_statistics(kind, choice):
    """A probe: right while training, wrong in evaluation mode."""

    def seen(candidate):
        what, block, weight, x = kind.build(candidate, choice)
        right = kind.after(choice, kind.convolve(choice)(weight, x), 1.0, 0.0)
        if not probes.agrees(_output(block, x), right):
            return False
        try:
            _expect_running_statistics(what, block, x)
        except Wrong:
            return True
        return False

    return seen


_NO_SCALE = (
    "The channels are normalised, but BatchNorm has no scale and no shift that could be learned (`affine=False`, or "
    "`F.batch_norm` without them). `nn.BatchNorm2d(channels_out)` brings both."
)
_GENERATOR_MISTAKES = (
    *_common(GENERATOR),
    Mistake(
        "up_ignored",
        "Both values of `up` give the same layer. Pass it on: `double_size(channels_in, channels_out, up)`.",
        _up_ignored,
    ),
    Mistake(
        "wrong_default",
        "Without `up` the block does what it should do for `up='nearest'`. The default is 'transposed', as the signature says.",
        _default_nearest,
    ),
    Mistake(
        "missing_activation",
        "The output has negative values: there is no activation after batch normalisation, and a stack of such blocks stays "
        "one linear map. End the block with `nn.ReLU()`.",
        GENERATOR.behaves(lambda before, *_: _standardise(before)),
    ),
    Mistake(
        "no_batchnorm",
        "Nothing normalises the channels. Put `nn.BatchNorm2d(channels_out)` between the convolution and the ReLU.",
        lambda c: (
            GENERATOR.behaves(lambda before, *_: F.relu(before))(c)
            or GENERATOR.behaves(lambda before, *_: _leaky(before))(c)
            or GENERATOR.behaves(lambda before, *_: before)(c)
        ),
    ),
    Mistake(
        "norm_after_activation",
        "Normalisation comes after the ReLU, so the output has negative values. The order is double the size, BatchNorm, ReLU.",
        GENERATOR.behaves(lambda before, *_: _standardise(F.relu(before))),
    ),
    Mistake(
        "normalises_each_image",
        "Each image is normalised by itself (InstanceNorm, GroupNorm, LayerNorm). BatchNorm normalises a channel over "
        "the batch: `nn.BatchNorm2d(channels_out)`.",
        lambda c: all(_per_image(c, up) for up in GENERATOR.choices),
    ),
    Mistake(
        "eps_as_momentum",
        "BatchNorm divides by too much. The second argument of `nn.BatchNorm2d` is `eps`, a tiny number against division by "
        "zero, not the momentum. Write `nn.BatchNorm2d(channels_out)`.",
        _large_eps(GENERATOR, *GENERATOR.choices),
    ),
    Mistake("no_scale", _NO_SCALE, _no_scale(GENERATOR, "transposed")),
    Mistake(
        "norm_before_convolution",
        "What comes in is normalised, not what the convolution makes of it. The order is double the size, BatchNorm, ReLU.",
        lambda c: any(GENERATOR.behaves(wrong)(c) for wrong in _norm_first(GENERATOR, F.relu)),
    ),
    Mistake(
        "wrong_activation",
        "There is an activation after BatchNorm, but it is not ReLU: negative inputs must become exactly 0 and positive ones "
        "stay as they are. (LeakyReLU belongs in the discriminator, tanh at the generator's very end.)",
        lambda c: any(_other_activation(GENERATOR, up)(c) for up in GENERATOR.choices),
    ),
    Mistake(
        "no_running_statistics",
        "The block is right while training, but not in evaluation mode: BatchNorm must keep running statistics for it "
        "(`track_running_stats=True` and `momentum=0.1`, the defaults).",
        _no_statistics(GENERATOR, "transposed"),
    ),
)


@exercise("c1w2.generator_block", reference="course_utils.models.conv.dcgan:generator_block", mistakes=_GENERATOR_MISTAKES)
def verify_generator_block(candidate):
    GENERATOR.verify(candidate)


def _batch(after):
    return DISCRIMINATOR.behaves(after, "batch")


def _none(after):
    return DISCRIMINATOR.behaves(after, "none")


def _norm_first_d(wrong):
    """A probe for ``wrong``, whether or not the convolution has a bias."""

    def seen(candidate):
        _, block, weight, x = DISCRIMINATOR.build(candidate, "batch")
        kept = [p for p in block.parameters() if p.shape == (5,) and (p == 1).all()]
        return bool(kept) and probes.agrees(_output(block, x), wrong(None, x, weight, "batch"))

    return seen


def _either(after_batch, after_none):
    return lambda c: _batch(after_batch)(c) or _none(after_none)(c)


_DISCRIMINATOR_MISTAKES = (
    *_common(DISCRIMINATOR),
    Mistake(
        "condition_reversed",
        "It is the wrong way round: with `normalise='none'` the block normalises, and with 'batch' it does not. Ask "
        '`normalise == "batch"`.',
        lambda c: not _accepts_unnormalised(c, "none") and _accepts_unnormalised(c, "batch"),
    ),
    Mistake(
        "wrong_default",
        "Without `normalise` the block does what it should do for 'none'. The default is 'batch', as the signature says.",
        lambda c: (
            not _accepts_unnormalised(c, "batch")
            and not probes.depends_on_batch(c(5, 6).train(), torch.randn(8, 5, 8, 8))
        ),
    ),
    Mistake(
        "always_normalised",
        "With `normalise='none'` the logit of one image depends on the other images in the batch: BatchNorm is there all the "
        "same. A gradient penalty needs each image judged by itself.",
        lambda c: not _accepts_unnormalised(c, "none"),
    ),
    Mistake(
        "never_normalised",
        "With `normalise='batch'` nothing is normalised over the batch. For that value add `nn.BatchNorm2d(channels_out)`.",
        lambda c: _accepts_unnormalised(c, "batch") and not _per_image(c, "batch"),
    ),
    Mistake(
        "normalises_each_image",
        "Each image is normalised by itself (InstanceNorm, GroupNorm). Asked for is BatchNorm, over the batch.",
        lambda c: _per_image(c, "batch"),
    ),
    Mistake(
        "relu_not_leaky",
        "Negative values become 0: that is ReLU. Where it is off no gradient passes, and the generator learns only from the "
        "gradient that comes through the discriminator. Use `nn.LeakyReLU(0.2)`.",
        _either(lambda before, *_: F.relu(_standardise(before)), lambda before, *_: F.relu(before)),
    ),
    Mistake(
        "default_slope",
        "Negative values are multiplied by 0.01, the default of `nn.LeakyReLU()`. The block asks for 0.2: `nn.LeakyReLU(0.2)`.",
        _either(
            lambda before, *_: F.leaky_relu(_standardise(before), 0.01), lambda before, *_: F.leaky_relu(before, 0.01)
        ),
    ),
    Mistake(
        "missing_activation",
        "There is no activation: a stack of such blocks is one linear map. End the block with `nn.LeakyReLU(0.2)`.",
        _either(lambda before, *_: _standardise(before), lambda before, *_: before),
    ),
    Mistake(
        "norm_after_activation",
        "Normalisation comes after the activation. The order is convolution, BatchNorm, LeakyReLU.",
        _batch(lambda before, *_: _standardise(_leaky(before))),
    ),
    Mistake(
        "norm_before_convolution",
        "What comes in is normalised, not what the convolution makes of it. The order is convolution, BatchNorm, LeakyReLU.",
        lambda c: any(_norm_first_d(wrong)(c) for wrong in _norm_first(DISCRIMINATOR, _leaky)),
    ),
    Mistake(
        "eps_as_momentum",
        "BatchNorm divides by too much. The second argument of `nn.BatchNorm2d` is `eps`, a tiny number against division by "
        "zero, not the momentum. Write `nn.BatchNorm2d(channels_out)`.",
        _large_eps(DISCRIMINATOR, "batch"),
    ),
    Mistake("no_scale", _NO_SCALE, _no_scale(DISCRIMINATOR, "batch")),
    Mistake(
        "no_bias",
        "Without normalisation the convolution needs its bias, or the block could not move the point where its features switch "
        "on: `bias=False` only where BatchNorm follows, which has a shift of its own.",
        lambda c: not any(probes.is_vector(p) for p in c(5, 6, "none").parameters()),
    ),
    Mistake(
        "wrong_activation",
        "There is an activation, but another one than LeakyReLU with slope 0.2.",
        lambda c: any(_other_activation(DISCRIMINATOR, choice)(c) for choice in DISCRIMINATOR.choices),
    ),
    Mistake(
        "no_running_statistics",
        "The block is right while training, but not in evaluation mode: BatchNorm must keep running statistics for it "
        "(the defaults of `nn.BatchNorm2d`).",
        _no_statistics(DISCRIMINATOR, "batch"),
    ),
)


@exercise(
    "c1w2.discriminator_block",
    reference="course_utils.models.conv.dcgan:discriminator_block",
    mistakes=_DISCRIMINATOR_MISTAKES,
)
def verify_discriminator_block(candidate):
    DISCRIMINATOR.verify(candidate)
