"""Checks of the two blocks: each is compared with its specification on its own weights."""

import torch
import torch.nn.functional as F

from course_utils.checks import probes
from course_utils.checks.engine import Mistake, exercise
from course_utils.checks.expect import expect_close, expect_true

VECTORS = "with scales set to 4 and biases to 0.5 (a linear layer has a bias, BatchNorm a scale and a shift),"


def leaky(x):
    return F.leaky_relu(x, 0.2)


def same(x):
    return x


_GENERATOR_BLOCKS = {  # what a block with weight matrix w does to x
    "right": lambda w, x: F.relu(probes.standardise(x @ w.T)),
    "missing_activation": lambda w, x: probes.standardise(x @ w.T),
    "no_batchnorm": lambda w, x: F.relu(x @ w.T),
    "leaky_no_batchnorm": lambda w, x: leaky(x @ w.T),
    "norm_after_activation": lambda w, x: probes.standardise(F.relu(x @ w.T)),
    "norm_before_linear": lambda w, x: F.relu(probes.standardise(x) @ w.T),
    "large_eps": lambda w, x: F.relu(F.batch_norm(x @ w.T, None, None, training=True, eps=0.8)),
    "leaky_large_eps": lambda w, x: leaky(F.batch_norm(x @ w.T, None, None, training=True, eps=0.8)),
    "only_linear": lambda w, x: x @ w.T,
}

_DISCRIMINATOR_BLOCKS = {
    "right": lambda w, x: leaky(x @ w.T),
    "missing_activation": lambda w, x: x @ w.T,
    "relu": lambda w, x: F.relu(x @ w.T),
    "slope_0.01": lambda w, x: F.leaky_relu(x @ w.T, 0.01),
    "activation_first": lambda w, x: leaky(x) @ w.T,
}


def _block(candidate, in_features=7, out_features=12):
    """The candidate's block with neutral scales and biases, its weight matrix, and a batch for it."""
    block = probes.build_network(f"the block ({in_features}, {out_features})", candidate, in_features, out_features)
    x = torch.randn(64, in_features) * 3 + 1
    probes.warm_up("the block", block, x)
    probes.output("the block's output", block, x, (64, out_features))
    (weight,) = probes.matrices(block, [(out_features, in_features)])
    probes.set_vectors(block)
    return block, weight, x


def _output(block, x):
    with torch.no_grad():
        return block(x.clone())


# --- probes ----------------------------------------------------------------------------------------------------------


def _behaves(variants, *names, tolerance=1e-3):
    """A probe: does the candidate's block behave like one of these variants?"""

    def seen(candidate):
        block, weight, x = _block(candidate)
        y = _output(block, x)
        right = probes.agrees(y, variants["right"](weight, x), tolerance)
        if names == ("right",):
            return right
        return not right and any(probes.agrees(y, variants[name](weight, x)) for name in names)

    return seen


def _other_activation(normalise, activation):
    """A probe: is the output a function of what should come before the activation, but another one?"""

    def seen(candidate):
        block, weight, x = _block(candidate)
        probes.set_vectors(block, scale=4.0)
        x = 20 * x  # large enough for a function that is cut off somewhere
        y, before = _output(block, x), (1.0 if normalise is same else 4.0) * normalise(x @ weight.T)
        return probes.is_function_of(y, before) and not probes.agrees(y, activation(before))

    return seen


def _accepts_swapped(candidate) -> bool:
    block = candidate(3, 9)
    block(torch.randn(4, 9))
    try:
        block(torch.randn(4, 3))
    except RuntimeError:
        return True
    return False


def _random_block(candidate) -> bool:
    return not probes.is_deterministic(candidate(7, 12).train(), torch.randn(64, 7))


def _layer_in_forward(candidate) -> bool:
    """Is the output random, and the weight matrix not among the block's weights?"""
    block = probes.build_network("the block", candidate, 7, 12)
    return not probes.is_deterministic(block, torch.randn(64, 7)) and all(map(probes.is_vector, block.parameters()))


def _too_few_vectors(count):
    """A probe: a block of the right sizes with fewer vectors of weights than this?"""
    return lambda c: sum(probes.is_vector(p) and p.numel() == 12 for p in _block(c)[0].parameters()) < count


def _ignores_size(candidate) -> bool:
    """Does each sample come out the same when it is multiplied by 3, and whatever else is in the batch?"""
    block, _, x = _block(candidate)
    small, large = _output(block, x), _output(block, 3 * x)
    alike = torch.allclose(small, large, rtol=0.02, atol=0.02)
    return alike and small.std().item() > 0 and not probes.depends_on_batch(block, x)


def _learned_slope(candidate) -> bool:
    """Has the block a parameter as of ``nn.PReLU``: a single number, or equal numbers between 0 and 1?"""
    vectors = [p.detach().flatten() for p in candidate(7, 12).parameters() if p.numel() in (1, 12)]
    return any(p.numel() == 1 or ((p == p[0]).all() and 0 < p[0] < 1) for p in vectors)


def _running_statistics(candidate) -> bool:
    """Does one sample in evaluation mode depend on the batch, or the running mean not arrive?"""
    block, _, x = _block(candidate)
    right = _behaves(_GENERATOR_BLOCKS, "right")(candidate)
    return right and (probes.depends_on_batch(block.eval(), x) or _far_from_training(block, x) >= 0.1)


def _far_from_training(block, x) -> float:
    """How far the output in evaluation mode is from that in training mode after 200 batches, relative to its size."""
    y = _output(block.train(), x)
    for _ in range(200):
        _output(block, x)  # the running statistics settle
    off = (_output(block.eval(), x) - y).abs().mean() / y.abs().mean()
    block.train()
    return off.item()


_COMMON = (
    Mistake(
        "class_not_instance",
        "The function returns a class, not a layer. Create the module: `nn.Sequential(...)` with its layers, each with ().",
        lambda c: isinstance(c(7, 12), type),
    ),
    Mistake(
        "layers_in_list",
        "The layers are kept in a plain Python list, where no optimiser finds their weights. Give them to "
        "`nn.Sequential(...)` (with a * before the list).",
        lambda c: isinstance(c(7, 12), (list, tuple)) or probes.has_hidden_layers(c(7, 12)),
    ),
    Mistake(
        "swapped_features",
        "The block takes `out_features` numbers instead of `in_features`: the two are swapped in the linear layer.",
        _accepts_swapped,
    ),
    Mistake(
        "layer_in_forward",
        "The linear layer is created when the block is called: it is a new one, with new random weights, in every call, and "
        "never learns. Create all layers once, before any call.",
        _layer_in_forward,
    ),
    Mistake(
        "dropout",
        "The same input gives a different output each time, so there is dropout or noise in the block (or spectral "
        "normalisation, which takes many calls to settle). None is asked for.",
        _random_block,
    ),
)

# --- generator block -------------------------------------------------------------------------------------------------

_GENERATOR_BLOCK_MISTAKES = (
    *_COMMON,
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
        _behaves(_GENERATOR_BLOCKS, "no_batchnorm", "leaky_no_batchnorm"),
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
        "Each sample is normalised over its own features (LayerNorm, GroupNorm, InstanceNorm). BatchNorm normalises each "
        "feature over the batch: `nn.BatchNorm1d(out_features)`.",
        _ignores_size,
    ),
    Mistake(
        "eps_as_momentum",
        "BatchNorm divides by too much. The second argument of `nn.BatchNorm1d` is `eps`, a tiny number against division by "
        "zero, not the momentum. Write `nn.BatchNorm1d(out_features)`.",
        _behaves(_GENERATOR_BLOCKS, "large_eps", "leaky_large_eps"),
    ),
    Mistake(
        "no_scale_and_shift",
        "BatchNorm has no scale and shift to learn (`affine=False`, or normalised by hand), so the block cannot decide how "
        "many of its features are off. Use `nn.BatchNorm1d(out_features)` as it is.",
        lambda c: _too_few_vectors(2)(c) and _behaves(_GENERATOR_BLOCKS, "right", tolerance=0.03)(c),
    ),
    Mistake(
        "wrong_activation",
        "There is an activation after BatchNorm, but it is not ReLU: negative inputs must become exactly 0 and positive "
        "ones stay as they are. (LeakyReLU belongs in the discriminator, tanh at the generator's very end.)",
        _other_activation(probes.standardise, F.relu),
    ),
    Mistake(
        "no_running_statistics",
        "The block is right while training, but not in evaluation mode: BatchNorm must keep running statistics for it "
        "(`track_running_stats=True` and `momentum=0.1`, the defaults).",
        _running_statistics,
    ),
)


@exercise(
    "c1w1.generator_block", reference="course_utils.models.dense.mlp:generator_block", mistakes=_GENERATOR_BLOCK_MISTAKES
)
def verify_generator_block(candidate):
    for sizes in ((7, 12), (64, 128), (5, 3)):
        what = f"generator_block{sizes}"
        block, weight, x = _block(candidate, *sizes)
        probes.expect_deterministic(what, block, x)
        expect_close(f"{what} on a batch of 64", _output(block, x), _GENERATOR_BLOCKS["right"](weight, x), 1e-3, 1e-3)
        probes.expect_input_kept(what, block, x)
        probes.expect_all_used(what, block, x)
        probes.expect_different_weights([weight])
        off = _far_from_training(block, x)
        expect_true(
            off < 0.1,
            f"{what}: after 200 training batches the output in evaluation mode is {100 * off:.0f} % off. "
            "BatchNorm must keep running statistics.",
        )
        probes.expect_eval_per_sample(what, block, x)
        probes.set_vectors(block, scale=4.0, shift=0.5)
        expected = F.relu(4 * probes.standardise(x @ weight.T) + 0.5)
        expect_close(f"{what} {VECTORS}", _output(block, x), expected, 1e-3, 2e-3)


# --- discriminator block ---------------------------------------------------------------------------------------------

_DISCRIMINATOR_BLOCK_MISTAKES = (
    *_COMMON,
    Mistake(
        "learned_slope",
        "The slope for negative values is learned, as in `nn.PReLU`. The block asks for a fixed one: `nn.LeakyReLU(0.2)`.",
        _learned_slope,
    ),
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
        "layer_norm_in_discriminator",
        "Each sample is normalised over its own features (LayerNorm, GroupNorm, InstanceNorm). The block asks for a linear "
        "layer and LeakyReLU only.",
        _ignores_size,
    ),
    Mistake(
        "activation_first",
        "The activation is applied to the input, before the linear layer. The order is linear, then LeakyReLU.",
        _behaves(_DISCRIMINATOR_BLOCKS, "activation_first"),
    ),
    Mistake(
        "wrong_activation",
        "There is an activation, but not the one asked for: LeakyReLU keeps positive values as they are and multiplies "
        "negative ones by 0.2.",
        _other_activation(same, leaky),
    ),
    Mistake(
        "no_bias",
        "The linear layer has no bias, so the border of each feature goes through the middle grey image. Leave out "
        "`bias=False`.",
        _too_few_vectors(1),
    ),
)


@exercise(
    "c1w1.discriminator_block",
    reference="course_utils.models.dense.mlp:discriminator_block",
    mistakes=_DISCRIMINATOR_BLOCK_MISTAKES,
)
def verify_discriminator_block(candidate):
    for sizes in ((7, 12), (64, 128), (5, 3)):
        what = f"discriminator_block{sizes}"
        block, weight, x = _block(candidate, *sizes)
        probes.expect_deterministic(what, block, x)
        expected = _DISCRIMINATOR_BLOCKS["right"](weight, x)
        expect_close(f"{what} on a batch of 64", _output(block, x), expected, 1e-3, 1e-4)
        probes.expect_input_kept(what, block, x)
        probes.expect_eval_per_sample(what, block, x)
        probes.expect_all_used(what, block, x)
        probes.expect_different_weights([weight])
        probes.set_vectors(block, scale=4.0, shift=0.5)
        expect_close(f"{what} {VECTORS}", _output(block, 20 * x), leaky(20 * x @ weight.T + 0.5), 1e-3, 1e-2)
