"""The checks of the first lesson."""

from torch.nn.utils.parametrize import is_parametrized

from course_utils.checks import exercise, mistake, networks, symptoms
from course_utils.checks.cases import DEVICE, DTYPE, call, draws, normal, on_gpu, scenario, uniform
from course_utils.checks.networks import network
from course_utils.checks.observe import Near, Seen
from course_utils.checks.steps import Watch, case_set, usual

_ACTIVATIONS = tuple(
    f"nn.{name}"
    for name in (
        "Tanh()", "Sigmoid()", "ELU()", "GELU()", "SiLU()", "SELU()", "ReLU6()", "Softplus()", "Hardtanh()", "Softmax(1)"
    )
)  # fmt: skip


# --- the two blocks ----------------------------------------------------------------------------------------------------

_BLOCKS = tuple(network(a, b, inputs=(normal(64, a, scale=3.0) + 1,)) for a, b in ((7, 12), (64, 128), (5, 3)))
_REPARAMETRISED = scenario(
    "made with (3, 4)",
    lambda make: {"whether its weights are computed from others": any(map(is_parametrized, make(3, 4).modules()))},
)

exercise(
    "c1w1.generator_block",
    "course_utils.models.dense.mlp:generator_block",
    cases=(*_BLOCKS, network(4, 2, inputs=(normal(33, 4, scale=3.0),)), _REPARAMETRISED),
    usual=networks.USUAL,
    mistakes=(
        mistake(
            "swapped_features",
            ("nn.Linear(in_features, out_features)", "nn.Linear(out_features, in_features)"),
            ("nn.Linear(in_features, out_features)", "nn.Linear(out_features, in_features)", "m1d(out_", "m1d(in_"),
            "The block takes `out_features` numbers instead of `in_features`: the two are swapped in the linear layer.",
        ),
        mistake(
            "missing_activation",
            ("        nn.ReLU(),\n", ""),
            ("        nn.BatchNorm1d(out_features),\n        nn.ReLU(),\n", ""),
            "The block's output is linear in its input (up to normalisation): there is no activation. A stack of such "
            "blocks is one linear layer, however deep. End the block with `nn.ReLU()`.",
        ),
        mistake(
            "no_batchnorm",
            ("        nn.BatchNorm1d(out_features),\n", ""),
            ("        nn.BatchNorm1d(out_features),\n", "", "nn.ReLU()", "nn.LeakyReLU(0.2)"),
            "Multiplying the whole batch by 3 changes the output: nothing normalises. Put `nn.BatchNorm1d(out_features)` "
            "between the linear layer and the ReLU; without it this generator trains much more slowly.",
        ),
        mistake(
            "norm_after_activation",
            (
                "nn.BatchNorm1d(out_features),\n        nn.ReLU()",
                "nn.ReLU(),\n        nn.BatchNorm1d(out_features)",
            ),
            "Normalisation comes after the ReLU: the output has negative values. The order is linear, BatchNorm, ReLU.",
        ),
        mistake(
            "norm_before_linear",
            ("nn.BatchNorm1d(out_features),\n", "", "nn.Linear(", "nn.BatchNorm1d(in_features), nn.Linear("),
            "The input is normalised instead of the linear layer's output. The order is linear, BatchNorm, ReLU.",
        ),
        mistake(
            "layer_norm",
            ("nn.BatchNorm1d(out_features)", "VALUE"),
            "Each sample is normalised over its own features (`VALUE`). BatchNorm normalises each feature over the batch: "
            "`nn.BatchNorm1d(out_features)`.",
            values=(
                "nn.LayerNorm(out_features)",
                "nn.InstanceNorm1d(out_features)",
                "nn.GroupNorm(1, out_features)",
                "nn.GroupNorm(3, out_features)",
                "nn.RMSNorm(out_features)",
            ),
        ),
        mistake(
            "eps_as_momentum",
            ("nn.BatchNorm1d(out_features)", "nn.BatchNorm1d(out_features, VALUE)"),
            ("nn.BatchNorm1d(out_features)", "nn.BatchNorm1d(out_features, VALUE)", "nn.ReLU()", "nn.LeakyReLU(0.2)"),
            "BatchNorm divides by too much. The second argument of `nn.BatchNorm1d` is `eps`, a tiny number against division "
            "by zero, not the momentum, and it is VALUE here. Write `nn.BatchNorm1d(out_features)`.",
            values=(0.8, 0.1, 0.9, 0.5),
        ),
        mistake(
            "no_scale_and_shift",
            ("nn.BatchNorm1d(out_features)", "nn.BatchNorm1d(out_features, affine=False)"),
            (
                "nn.BatchNorm1d(out_features)",
                "type('', (nn.Module,), {'forward': lambda self, h: (h - h.mean(0)) / (h.std(0) + 1e-5)})()",
            ),
            "BatchNorm has no scale and shift to learn (`affine=False`, or normalised by hand), so the block cannot decide how "
            "many of its features are off. Use `nn.BatchNorm1d(out_features)` as it is.",
        ),
        mistake(
            "spectral_norm",
            ("nn.Linear(in_features, out_features)", "nn.utils.parametrizations.VALUE_norm(nn.Linear(in_features, out_features))"),
            "There is a VALUE norm around the linear layer. Nobody asked for it, and BatchNorm undoes it. Leave it out.",
            values=("spectral", "weight"),
        ),
        mistake(
            "wrong_activation",
            ("nn.ReLU()", "VALUE"),
            "There is an activation after BatchNorm (VALUE), but it is not ReLU: negative inputs must become exactly 0 and "
            "positive ones stay as they are. (LeakyReLU belongs in the discriminator, tanh at the generator's very end.)",
            symptom=lambda r: networks.other_activation(r) and "another one",
            values=("nn.LeakyReLU(0.2)", "nn.LeakyReLU()", *_ACTIVATIONS),
        ),
    ),
)

exercise(
    "c1w1.discriminator_block",
    "course_utils.models.dense.mlp:discriminator_block",
    cases=(
        *_BLOCKS,
        network(4, 6, inputs=(normal(64, 4, scale=60.0),), label="given large numbers"),
        network(4, 1, inputs=(normal(1, 4),), label="called with one row"),
    ),
    usual=networks.USUAL,
    mistakes=(
        mistake(
            "swapped_features",
            ("nn.Linear(in_features, out_features)", "nn.Linear(out_features, in_features)"),
            "The block takes `out_features` numbers instead of `in_features`: the two are swapped in the linear layer.",
        ),
        mistake(
            "learned_slope",
            ("nn.LeakyReLU(0.2)", "nn.PReLU()"),
            ("nn.LeakyReLU(0.2)", "nn.PReLU(init=0.2)"),
            ("nn.LeakyReLU(0.2)", "nn.PReLU(out_features)"),
            ("nn.LeakyReLU(0.2)", "nn.PReLU(out_features, init=0.2)"),
            "The slope for negative values is learned, as in `nn.PReLU`. The block asks for a fixed one: `nn.LeakyReLU(0.2)`.",
        ),
        mistake(
            "missing_activation",
            ("        nn.LeakyReLU(0.2),\n", ""),
            "The block's output is linear in its input: there is no activation, and a stack of such blocks can only draw a "
            "straight border between real and fake. End the block with `nn.LeakyReLU(0.2)`. (`nn.LeakyReLU(True)` is none: its "
            "first argument is the slope, and True counts as 1.)",
        ),
        mistake(
            "relu_not_leaky",
            ("nn.LeakyReLU(0.2)", "nn.ReLU()"),
            "Negative values become 0: that is ReLU. Where it is off no gradient passes, and the generator learns only from "
            "the gradient that comes through the discriminator. Use `nn.LeakyReLU(0.2)`.",
        ),
        mistake(
            "default_slope",
            ("nn.LeakyReLU(0.2)", "nn.LeakyReLU()"),
            "Negative values are multiplied by 0.01, the default of `nn.LeakyReLU()`. The block asks for a slope of 0.2: "
            "`nn.LeakyReLU(0.2)`.",
        ),
        mistake(
            "batchnorm_in_discriminator",
            ("nn.LeakyReLU(0.2)", "nn.BatchNorm1d(out_features), nn.LeakyReLU(0.2)"),
            "The output for one image depends on the other images in the batch: there is BatchNorm in the block. In this "
            "lesson the discriminator judges each image by itself.",
            symptom=networks.mixes,
        ),
        mistake(
            "layer_norm_in_discriminator",
            ("nn.LeakyReLU(0.2)", "VALUE, nn.LeakyReLU(0.2)"),
            "Each sample is normalised over its own features (`VALUE`). The block asks for a linear layer and LeakyReLU only.",
            values=(
                "nn.LayerNorm(out_features)",
                "nn.InstanceNorm1d(out_features)",
                "nn.GroupNorm(1, out_features)",
                "nn.GroupNorm(2, out_features)",
                "nn.GroupNorm(2 if out_features % 2 == 0 else 1, out_features)",
            ),
        ),
        mistake(
            "activation_first",
            (
                "nn.Linear(in_features, out_features),\n        nn.LeakyReLU(0.2)",
                "nn.LeakyReLU(0.2),\n        nn.Linear(in_features, out_features)",
            ),
            (
                "nn.Linear(in_features, out_features),\n        nn.LeakyReLU(0.2)",
                "nn.LeakyReLU(0.2, True),\n        nn.Linear(in_features, out_features)",
            ),
            "The activation is applied to the input, before the linear layer. The order is linear, then LeakyReLU.",
        ),
        mistake(
            "no_bias",
            ("(in_features, out_features)", "(in_features, out_features, bias=False)"),
            "The linear layer has no bias, so the border of each feature goes through the middle grey image. Leave out "
            "`bias=False`.",
        ),
        mistake(
            "wrong_activation",
            ("nn.LeakyReLU(0.2)", "VALUE"),
            "There is an activation (VALUE), but not the one asked for: LeakyReLU keeps positive values as they are and "
            "multiplies negative ones by 0.2.",
            symptom=lambda r: networks.other_activation(r) and "another one",
            values=("nn.LeakyReLU(0.3)", "nn.LeakyReLU(0.1)", "nn.LeakyReLU(0.02)", "nn.LeakyReLU(-0.2)", *_ACTIVATIONS),
        ),
    ),
)

# --- the two networks --------------------------------------------------------------------------------------------------


def _every(block: str, layers: str, *then: str) -> tuple:
    """The edit that makes every hidden layer, from i to o features, of these, and then some more changes."""
    return ("super().__init__()", f"super().__init__()\n        {block} = lambda i, o: nn.Sequential({layers})", *then)


def _one(block: str, layers: str, *widths: str) -> tuple:
    """The edits that make one of the hidden layers of these."""
    return tuple((f"{block}({w})", f"(lambda i, o: nn.Sequential({layers}))({w})") for w in widths)


def _hard_coded(record) -> bool:
    """Is it right where the sizes are the defaults, and wrong wherever they are others?"""
    wrong = [case for case, names in record.differing.items() if names]
    return wrong == list(record.got)[:-1] and not record.raised("unexpected keyword")


_LATENTS = ("latent_dim, hidden", "hidden, 2 * hidden", "2 * hidden, 4 * hidden")
_LEAKY = "nn.LeakyReLU(0.2)"
_NORM = "nn.Linear(i, o), nn.BatchNorm1d(o)"
_LAST = "nn.Linear(4 * hidden, math.prod(image_shape))"

exercise(
    "c1w1.generator",
    "course_utils.models.dense.mlp:Generator",
    cases=(
        network(latent_dim=7, hidden=5, image_shape=(3, 4, 6), inputs=(normal(32, 7),), order_free=True, size=2.0),
        network(3, 2, (2, 5, 3), inputs=(normal(9, 3, scale=5.0),), order_free=True),
        network(inputs=(normal(6, 64),), order_free=True),
    ),
    usual=networks.USUAL,
    mistakes=(
        mistake(
            "flat_output",
            ("pixels.view(len(z), *self.image_shape)", "pixels"),
            "The output is a flat row of pixels per image. The discriminator and the plots expect images: reshape to "
            "`(len(z), *self.image_shape)` at the end of `forward`.",
            symptom=lambda r: any(g.ndim == 2 and g.numel() == w.numel() for g, w in networks.outputs(r)),
        ),
        mistake(
            "sigmoid_output",
            ("nn.Tanh()", "nn.Sigmoid()"),
            ("self.layers(z)", "(self.layers(z) + 1) / 2"),
            "The pixels lie in [0, 1] (the output ends in a sigmoid, or is rescaled), so black (-1) can never be drawn; real "
            "images are scaled to [-1, 1], and the discriminator would tell them apart by that alone. End with `nn.Tanh()`.",
        ),
        mistake(
            "missing_tanh",
            ("            nn.Tanh(),\n", ""),
            "The pixels are not kept within [-1, 1]: the output layer has no activation. Real pixels are, so one glance "
            "at the range gives every fake away. End with `nn.Tanh()`.",
        ),
        mistake(
            "clamped_output",
            ("nn.Tanh()", "nn.Hardtanh()"),
            "The pixels are cut off at -1 and 1. Where that happens no gradient passes, and a pixel that has gone too far "
            "never comes back. `nn.Tanh()` bends smoothly instead.",
        ),
        mistake(
            "tanh_twice",
            ("nn.Tanh()", "nn.Tanh(), nn.Tanh()"),
            "The tanh is applied twice, among the layers and again in `forward`, so no pixel gets beyond 0.76. Once is enough.",
        ),
        mistake(
            "other_output",
            ("nn.Tanh()", "nn.Softsign()"),
            ("self.layers(z)", "VALUE * self.layers(z)"),
            "The pixels come out of something else than tanh, or are scaled after it. End with `nn.Tanh()`, which covers "
            "[-1, 1], the range of the real images.",
            values=(0.5, 2.0, 127.5),
        ),
        mistake(
            "batchnorm_in_output",
            ("nn.Tanh()", "nn.BatchNorm1d(math.prod(image_shape)), nn.Tanh()"),
            ("nn.Tanh()", "nn.BatchNorm1d(math.prod(image_shape), 0.8), nn.Tanh()"),
            "Every pixel has mean 0 over the batch before the tanh: there is BatchNorm in the output layer. It forces the "
            "corners, which are always black in real digits, to be grey half of the time. Use a plain linear layer there.",
        ),
        mistake(
            "block_as_output",
            (_LAST, "generator_block(4 * hidden, math.prod(image_shape))"),
            (_LAST, "generator_block(4 * hidden, math.prod(image_shape))", "            nn.Tanh(),\n", ""),
            ("nn.Tanh()", "nn.ReLU(), nn.Tanh()"),
            ("nn.Tanh()", "nn.ReLU()"),
            "No pixel is ever below 0: the output layer is a generator block, or has a ReLU, which removes everything dark "
            "before the tanh. The last layer is a plain `nn.Linear`, then `nn.Tanh()`.",
        ),
        mistake(
            "eps_as_momentum",
            _every("generator_block", "nn.Linear(i, o), nn.BatchNorm1d(o, 0.8), nn.ReLU()"),
            _every("generator_block", f"nn.Linear(i, o), nn.BatchNorm1d(o, 0.8), {_LEAKY}"),
            _every(
                "generator_block",
                f"nn.Linear(i, o), nn.BatchNorm1d(o, 0.8), {_LEAKY}",
                "generator_block(latent_dim, hidden)",
                f"nn.Linear(latent_dim, hidden), {_LEAKY}",
            ),
            "BatchNorm divides by too much: the second argument of `nn.BatchNorm1d` is `eps`, a tiny number against division "
            "by zero, not the momentum. (So it stands in much-copied code, with LeakyReLU, and no BatchNorm in the first "
            "block.) Build every hidden layer with `generator_block`.",
        ),
        mistake(
            "no_batchnorm",
            _every("generator_block", "nn.Linear(i, o), nn.ReLU()"),
            _every("generator_block", f"nn.Linear(i, o), {_LEAKY}"),
            "The hidden layers do not normalise: build them with `generator_block`, which holds linear, BatchNorm and ReLU.",
        ),
        mistake(
            "missing_activation",
            _every("generator_block", "nn.Linear(i, o)"),
            _every("generator_block", _NORM),
            "There is no activation between the layers, so the generator is a single linear map of `z`. Build the hidden "
            "layers with `generator_block`.",
        ),
        mistake(
            "leaky_in_generator",
            _every("generator_block", f"{_NORM}, VALUE"),
            "The hidden layers end in another activation, `VALUE`, than ReLU (LeakyReLU belongs in the discriminator). Build "
            "them with `generator_block`.",
            values=(_LEAKY, "nn.LeakyReLU()", *_ACTIVATIONS),
        ),
        mistake(
            "layer_differs",
            *_one("generator_block", "nn.Linear(i, o), nn.ReLU()", *_LATENTS),
            *_one("generator_block", f"nn.Linear(i, o), {_LEAKY}", *_LATENTS),
            *_one("generator_block", _NORM, *_LATENTS),
            *_one("generator_block", "nn.Linear(i, o)", *_LATENTS),
            *_one("generator_block", f"{_NORM}, {_LEAKY}", *_LATENTS),
            *_one("generator_block", f"{_NORM}, nn.Tanh()", *_LATENTS),
            _every("generator_block", f"{_NORM}, {_LEAKY}", *_one("generator_block", "nn.Linear(i, o), nn.ReLU()", _LATENTS[0])[0]),
            "Not all hidden layers are alike: at least one lacks a part that the others have, or has another activation. "
            "Build every one with `generator_block`.",
        ),
        mistake(
            "hard_coded_sizes",
            "It works with the default sizes, but not as `Generator(latent_dim=7, hidden=5, image_shape=(3, 4, 6))`: some size "
            "is written as a number (28, 784, 64, 128 ...) where an argument of the constructor belongs.",
            symptom=_hard_coded,
        ),
        mistake(
            "wrong_widths",
            "The layers do not have the widths asked for, or there is one too many. From `latent_dim`: `hidden`, `2 * hidden`, "
            "`4 * hidden`, and then as many outputs as an image has pixels, `math.prod(image_shape)`.",
            symptom=networks.other_sizes,
        ),
        mistake(
            "no_bias",
            ("math.prod(image_shape))", "math.prod(image_shape), bias=False)"),
            _every("generator_block", "nn.Linear(i, o), nn.BatchNorm1d(o, affine=False), nn.ReLU()"),
            "A bias is missing: of the output layer (`bias=False`), which then cannot make a corner black in every image, or "
            "the scale and shift of a BatchNorm (`affine=False`). Leave these options out.",
        ),
        mistake(
            "wrong_shape",
            "The images have another shape: VALUE. Reshape each row of pixels to `(len(z), *self.image_shape)`.",
            symptom=networks.shape,
        ),
    ),
)

_PIXELS = ("math.prod(image_shape), 2 * hidden", "2 * hidden, hidden")

exercise(
    "c1w1.discriminator",
    "course_utils.models.dense.mlp:Discriminator",
    cases=(
        network(hidden=5, image_shape=(3, 4, 6), inputs=(2 * uniform(32, 3, 4, 6) - 1,), size=3.0),
        network(3, (2, 5, 3), inputs=(normal(1, 2, 5, 3, scale=3.0),), label="called with one image (1, 2, 5, 3)"),
        network(inputs=(2 * uniform(6, 1, 28, 28) - 1,)),
    ),
    usual=networks.USUAL,
    mistakes=(
        mistake(
            "not_flattened",
            ("            nn.Flatten(),\n", ""),
            "The network works on flat rows of pixels but fails on images `(B, C, H, W)`. Flatten inside: `nn.Flatten()` "
            "first, or `images.flatten(1)`.",
        ),
        mistake(
            "wrong_number_of_outputs",
            ("nn.Linear(hidden, 1)", "nn.Linear(hidden, VALUE)"),
            ("            nn.Linear(hidden, 1),\n", ""),
            "One number per image is asked for: the logit of 'this is real'. The last linear layer has 1 output.",
            symptom=lambda r: any(g.numel() != w.numel() for g, w in networks.outputs(r)),
            values=(2, 10),
        ),
        mistake(
            "squeezed_output",
            ("self.layers(images)", "self.layers(images).squeeze()"),
            ("self.layers(images)", "self.layers(images).squeeze(1)"),
            "The output has shape (B,) instead of (B, 1). Mixed shapes are a classical trap: (B, 1) minus (B,) broadcasts to "
            "(B, B) without a word. Leave the last layer's output as it is.",
        ),
        mistake(
            "sigmoid_before_logits",
            ("nn.Linear(hidden, 1)", "nn.Linear(hidden, 1), VALUE"),
            "The network ends in `VALUE`, so its outputs are fenced in. The losses take logits and apply the "
            "sigmoid themselves; applied twice, 'certainly real' and 'certainly fake' become 0.73 and 0.50, and neither player "
            "can be sure of anything. End with the linear layer.",
            values=("nn.Sigmoid()", "nn.Tanh()"),
        ),
        mistake(
            "softmax_output",
            ("nn.Linear(hidden, 1)", "nn.Linear(hidden, 1), nn.Softmax(1)"),
            ("nn.Linear(hidden, 1)", "nn.Linear(hidden, 1), nn.Softmax(0)"),
            "The network ends in a softmax, which shares 1 out among several numbers. There is one number per image here (its "
            "softmax is always 1), and the losses want the logit. End with the linear layer.",
        ),
        mistake(
            "activation_on_logits",
            ("nn.Linear(hidden, 1)", "discriminator_block(hidden, 1)"),
            ("nn.Linear(hidden, 1)", "nn.Linear(hidden, 1), nn.ReLU()"),
            ("nn.Linear(hidden, 1)", "nn.Linear(hidden, 1), nn.LogSigmoid()"),
            "The logit itself goes through an activation, so 'fake' is damped or cut off at 0 while 'real' is not: the last "
            "layer is a block. It must be a plain `nn.Linear(hidden, 1)`.",
        ),
        mistake(
            "batchnorm_in_discriminator",
            _every("discriminator_block", f"{_NORM}, {_LEAKY}"),
            "The logit of one image depends on the other images in its batch: there is BatchNorm inside (are these generator "
            "blocks?). Build the hidden layers with `discriminator_block`.",
            symptom=networks.mixes,
        ),
        mistake(
            "missing_activation",
            _every("discriminator_block", "nn.Linear(i, o)"),
            "There is no activation between the layers, so the discriminator is one linear map and its border between real "
            "and fake a plane. Build the hidden layers with `discriminator_block`.",
        ),
        mistake(
            "relu_not_leaky",
            _every("discriminator_block", "nn.Linear(i, o), VALUE"),
            "The hidden layers use another activation (`VALUE`) than LeakyReLU with slope 0.2. Where a ReLU is off no "
            "gradient passes to the generator. Build them with `discriminator_block`.",
            values=("nn.ReLU()", "nn.LeakyReLU()", *_ACTIVATIONS),
        ),
        mistake(
            "layer_differs",
            *_one("discriminator_block", "nn.Linear(i, o)", *_PIXELS),
            *_one("discriminator_block", "nn.Linear(i, o), nn.ReLU()", *_PIXELS),
            *_one("discriminator_block", "nn.Linear(i, o), nn.LeakyReLU()", *_PIXELS),
            "The two hidden layers are not alike: one lacks its activation, or has another. Build both with "
            "`discriminator_block`.",
        ),
        mistake(
            "hard_coded_sizes",
            "It works with the default sizes, but not as `Discriminator(hidden=5, image_shape=(3, 4, 6))`: some size is "
            "written as a number (28, 784, 128 ...) where an argument of the constructor belongs.",
            symptom=_hard_coded,
        ),
        mistake(
            "wrong_widths",
            "The layers do not have the widths asked for, or there is one too many. From `math.prod(image_shape)` pixels: "
            "`2 * hidden`, `hidden`, 1.",
            symptom=networks.other_sizes,
        ),
        mistake(
            "no_bias",
            ("nn.Linear(hidden, 1)", "nn.Linear(hidden, 1, bias=False)"),
            _every("discriminator_block", f"nn.Linear(i, o, bias=False), {_LEAKY}"),
            "A linear layer has no bias. Leave out `bias=False`: without the last bias, for example, a plain grey image would "
            "always get the logit 0, 'cannot tell'.",
        ),
        mistake(
            "wrong_shape",
            "The output has another shape: VALUE. Leave the last layer's output as it is, (B, 1).",
            symptom=networks.shape,
        ),
    ),
)

# --- MORE

_D, _G = Watch("discriminator"), Watch("generator")

exercise(
    "c1w1.discriminator_step",
    "course_utils.training:discriminator_step",
    cases=case_set("real", "z", spared="generator"),
    usual=usual(
        "discriminator",
        "no_backward",
        "No gradient was computed: `loss.backward()` is missing, or something before it cut the graph.",
    ),
    mistakes=(
        mistake(
            "missing_zero_grad",
            ("    gan.opt_d.zero_grad()\n", ""),
            ("    gan.opt_d.zero_grad()\n", "", "gan.opt_d.step()", "gan.opt_d.step()\n    gan.opt_d.zero_grad()"),
            ("gan.opt_d.zero_grad()", "gan.opt_g.zero_grad()"),
            "The gradients of earlier steps are still in the sum (the generator's step leaves some in the discriminator, "
            "too). Call `gan.opt_d.zero_grad()` before `backward()`; after the step is too late.",
        ),
        mistake(
            "no_detach",
            (".detach()  # (B, C, H, W)", "  # (B, C, H, W)"),
            "Gradients reached the generator. The fakes were not detached, so `backward()` ran through the generator as well: "
            "wasted time, and gradients pointing the wrong way are left in it. Use `gan.generator(z).detach()`.",
            symptom=lambda r: "whether gradients reach the generator" in r.names and _D.stepped(r) == {"opt_d"} and not r.errors(),
            explains=("whether gradients reach", "the generator's"),
        ),
        mistake(
            "labels_swapped",
            ("gan.discriminator(real), gan.discriminator(fake)", "gan.discriminator(fake), gan.discriminator(real)"),
            ("discriminator_loss(gan", "-discriminator_loss(gan"),
            "Real and fake are swapped in the loss: the discriminator learns to call fakes real. The order is "
            "`discriminator_loss(real_logits, fake_logits)`.",
        ),
        mistake(
            "sigmoid_before_logits",
            (
                "gan.discriminator(real), gan.discriminator(fake)",
                "gan.discriminator(real).sigmoid(), gan.discriminator(fake).sigmoid()",
            ),
            "The discriminator's logits go through a sigmoid before the loss, which applies one itself. Pass them as they "
            "are.",
        ),
        mistake(
            "images_in_the_loss",
            ("gan.discriminator(real), gan.discriminator(fake)", "real, fake"),
            ("gan.discriminator(real)", "real"),
            ("gan.discriminator(fake)", "fake"),
            "The loss is given images where it wants logits: each batch has to go through `gan.discriminator` first.",
        ),
        mistake(
            "real_twice",
            ("gan.discriminator(fake)", "gan.discriminator(real)"),
            ("gan.discriminator(real)", "gan.discriminator(fake)"),
            "The same images are used on both sides: the loss compares real with real, or fakes with fakes.",
        ),
        mistake(
            "real_only",
            ("discriminator_loss(gan.discriminator(real), gan.discriminator(fake))", "generator_loss(gan.discriminator(real))"),
            ("gan.discriminator(fake)", "gan.discriminator(fake).detach()"),
            "Only the real images train the discriminator. Both parts of the loss need a `backward()`.",
        ),
        mistake(
            "fake_only",
            (
                "discriminator_loss(gan.discriminator(real), gan.discriminator(fake))",
                "generator_loss(-gan.discriminator(fake))",
            ),
            ("gan.discriminator(real)", "gan.discriminator(real).detach()"),
            "Only the fakes train the discriminator. Both parts of the loss need a `backward()`.",
        ),
        mistake(
            "loss_scaled",
            ("loss.backward()", "(VALUE * loss).backward()"),
            ("loss = discriminator_loss(", "loss = VALUE * discriminator_loss("),
            "The update has the right direction and the wrong size: the loss is multiplied by VALUE, summed over the batch, "
            "or `backward()` runs twice. Use the mean as `discriminator_loss` gives it, and one `backward()`.",
            values=(0.5, 2.0, 8.0),
        ),
        mistake(
            "averaged_images",
            ("gan.generator(z)", "gan.shown(z)"),
            "The fakes come from another generator than the one that learns: from the averaged one, or a copy. The "
            "discriminator must see what `gan.generator(z)` makes now.",
        ),
        mistake(
            "evaluation_mode",
            ("    fake =", "    gan.generator.eval()\n    fake =", "    return", "    gan.generator.train()\n    return"),
            "The fakes were made with the generator in evaluation mode, so they are not those that it is trained on. "
            "Leave both networks in training mode.",
            symptom=lambda r: "networks left in evaluation mode" in r.names,
        ),
    ),
)
