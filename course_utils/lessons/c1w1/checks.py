"""The checks of the first lesson."""

import torch
from torch.nn.utils.parametrize import is_parametrized

from course_utils.checks import exercise, mistake, networks
from course_utils.checks.cases import DTYPE, call, normal, scenario, uniform
from course_utils.checks.networks import network
from course_utils.checks.observe import Near
from course_utils.checks.programs import Body
from course_utils.checks.steps import Watch, case_set, usual

_ACTIVATIONS = tuple(
    f"nn.{name}"
    for name in (
        "Tanh()", "Sigmoid()", "ELU()", "GELU()", "SiLU()", "SELU()", "ReLU6()", "Softplus()", "Hardtanh()", "Softmax(1)"
    )
)  # fmt: skip


# --- the block --------------------------------------------------------------------------------------------------------

_BLOCKS = tuple(network(a, b, inputs=(normal(64, a, scale=3.0) + 1,)) for a, b in ((7, 12), (64, 128), (5, 3)))
_LINEAR = "nn.Linear(in_features, out_features)"
_NORMED = "whether its weights are computed from others"


def _normed(make) -> dict:
    modules = list(make(3, 4).modules())
    return {_NORMED: any(is_parametrized(m) or hasattr(m, "weight_orig") or hasattr(m, "weight_g") for m in modules)}


_WEIGHT_NORM = mistake("weight_norm", (_LINEAR, f"nn.utils.parametrizations.spectral_norm({_LINEAR})"),
    "There is a spectral or a weight norm around the linear layer. Nobody asked for it here: leave it out.",
    symptom=lambda r: _NORMED in r.names)  # fmt: skip

exercise(
    "c1w1.generator_block",
    "course_utils.models.dense.mlp:generator_block",
    cases=(*_BLOCKS, network(4, 2, inputs=(normal(33, 4, scale=3.0),)), scenario("made with (3, 4)", _normed)),
    usual=networks.USUAL,
    mistakes=(
        mistake("swapped_features", (_LINEAR, "nn.Linear(out_features, in_features)"),
            (_LINEAR, "nn.Linear(out_features, in_features)", "m1d(out_", "m1d(in_"),
            "The block takes `out_features` numbers instead of `in_features`: the two are swapped in the linear layer."),
        mistake("missing_activation", ("        nn.ReLU(),\n", ""),
            ("        nn.BatchNorm1d(out_features),\n        nn.ReLU(),\n", ""),
            "The block's output is linear in its input (up to normalisation): there is no activation. A stack of such "
            "blocks is one linear layer, however deep. End the block with `nn.ReLU()`."),
        mistake("no_batchnorm", ("        nn.BatchNorm1d(out_features),\n", ""),
            ("        nn.BatchNorm1d(out_features),\n", "", "nn.ReLU()", "nn.LeakyReLU(0.2)"),
            "Multiplying the whole batch by 3 changes the output: nothing normalises. Put `nn.BatchNorm1d(out_features)` "
            "between the linear layer and the ReLU; without it this generator trains much more slowly."),
        mistake("norm_after_activation",
            ("nn.BatchNorm1d(out_features),\n        nn.ReLU()", "nn.ReLU(),\n        nn.BatchNorm1d(out_features)"),
            "Normalisation comes after the ReLU: the output has negative values. The order is linear, BatchNorm, ReLU."),
        mistake("norm_before_linear",
            ("nn.BatchNorm1d(out_features),\n", "", "nn.Linear(", "nn.BatchNorm1d(in_features), nn.Linear("),
            "The input is normalised instead of the linear layer's output. The order is linear, BatchNorm, ReLU."),
        mistake("layer_norm", ("nn.BatchNorm1d(out_features)", "VALUE"),
            "Each sample is normalised over its own features (as `VALUE` does). BatchNorm normalises each feature over the "
            "batch: "
            "`nn.BatchNorm1d(out_features)`.",
            values=("nn.LayerNorm(out_features)", "nn.InstanceNorm1d(out_features)",
                "nn.GroupNorm(3, out_features)", "nn.RMSNorm(out_features)")),
        mistake("eps_as_momentum", ("nn.BatchNorm1d(out_features)", "nn.BatchNorm1d(out_features, VALUE)"),
            ("nn.BatchNorm1d(out_features)", "nn.BatchNorm1d(out_features, VALUE)", "nn.ReLU()", "nn.LeakyReLU(0.2)"),
            "BatchNorm divides by too much. The second argument of `nn.BatchNorm1d` is `eps`, a tiny number against "
            "division by zero, not the momentum, and it is VALUE here. Write `nn.BatchNorm1d(out_features)`.",
            values=(0.8, 0.1, 0.9, 0.5, 0.99)),
        mistake("no_scale_and_shift", ("nn.BatchNorm1d(out_features)", "nn.BatchNorm1d(out_features, affine=False)"),
            ("nn.BatchNorm1d(out_features)",
             "type('', (nn.Module,), {'forward': lambda self, h: (h - h.mean(0)) / (h.std(0) + 1e-5)})()"),
            "BatchNorm has no scale and shift to learn (`affine=False`, or normalised by hand), so the block cannot decide "
            "how many of its features are off. Use `nn.BatchNorm1d(out_features)` as it is."),
        _WEIGHT_NORM,
        mistake("wrong_activation", ("nn.ReLU()", "VALUE"),
            "There is an activation after BatchNorm (VALUE), but it is not ReLU: negative inputs must become exactly 0 and "
            "positive ones stay as they are. (LeakyReLU belongs in the discriminator, tanh at the generator's very end.)",
            symptom=lambda r: networks.other_activation(r) and "another one",
            values=("nn.LeakyReLU(0.2)", "nn.LeakyReLU()", *_ACTIVATIONS)),
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
    """Is it right where the sizes are the defaults, and wrong wherever they are others, with a size of the defaults' there?"""
    wrong = [case for case, names in record.differing.items() if names]
    (first, *_, last), sizes = record.got, networks.sizes
    foreign = sizes(record.got[first]) - sizes(record.wanted[first])
    its_own = bool(foreign) and not foreign & sizes(record.wanted[last])
    return wrong == list(record.got)[:-1] and not its_own and not record.raised("unexpected keyword")


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
        mistake("flat_output", ("pixels.view(len(z), *self.image_shape)", "pixels"),
            "The output is a flat row of pixels per image. The discriminator and the plots expect images: reshape to "
            "`(len(z), *self.image_shape)` at the end of `forward`.",
            symptom=lambda r: any(g.ndim == 2 and g.numel() == w.numel() for g, w in networks.outputs(r))),
        mistake("sigmoid_output", ("nn.Tanh()", "nn.Sigmoid()"), ("self.layers(z)", "(self.layers(z) + 1) / 2"),
            "The pixels lie in [0, 1] (the output ends in a sigmoid, or is rescaled), so black (-1) can never be drawn; "
            "real images are scaled to [-1, 1], and the discriminator would tell them apart by that alone. End with "
            "`nn.Tanh()`."),
        mistake("missing_tanh", ("            nn.Tanh(),\n", ""),
            "The pixels are not kept within [-1, 1]: the output layer has no activation. Real pixels are, so one glance at "
            "the range gives every fake away. End with `nn.Tanh()`."),
        mistake("clamped_output", ("nn.Tanh()", "nn.Hardtanh()"),
            "The pixels are cut off at -1 and 1. Where that happens no gradient passes, and a pixel that has gone too far "
            "never comes back. `nn.Tanh()` bends smoothly instead."),
        mistake("tanh_twice", ("nn.Tanh()", "nn.Tanh(), nn.Tanh()"),
            "The tanh is applied twice, among the layers and again in `forward`, so no pixel gets beyond 0.76. Once is "
            "enough."),
        mistake("other_output", ("nn.Tanh()", "nn.Softsign()"), ("self.layers(z)", "VALUE * self.layers(z)"),
            "The pixels come out of something else than tanh, or are scaled after it. End with `nn.Tanh()`, which covers "
            "[-1, 1], the range of the real images.",
            values=(0.5, 2.0, 127.5)),
        mistake("batchnorm_in_output", ("nn.Tanh()", "nn.BatchNorm1d(math.prod(image_shape)), nn.Tanh()"),
            ("nn.Tanh()", "nn.BatchNorm1d(math.prod(image_shape), 0.8), nn.Tanh()"),
            "Every pixel has mean 0 over the batch before the tanh: there is BatchNorm in the output layer. It forces the "
            "corners, which are always black in real digits, to be grey half of the time. Use a plain linear layer there."),
        mistake("block_as_output", (_LAST, "generator_block(4 * hidden, math.prod(image_shape))"),
            (_LAST, "generator_block(4 * hidden, math.prod(image_shape))", "            nn.Tanh(),\n", ""),
            ("nn.Tanh()", "nn.ReLU(), nn.Tanh()"), ("nn.Tanh()", "nn.ReLU()"),
            "No pixel is ever below 0: the output layer is a generator block, or has a ReLU, which removes everything dark "
            "before the tanh. The last layer is a plain `nn.Linear`, then `nn.Tanh()`."),
        mistake("eps_as_momentum", _every("generator_block", "nn.Linear(i, o), nn.BatchNorm1d(o, 0.8), nn.ReLU()"),
            _every("generator_block", f"nn.Linear(i, o), nn.BatchNorm1d(o, 0.8), {_LEAKY}"),
            _every("generator_block", f"nn.Linear(i, o), nn.BatchNorm1d(o, 0.8), {_LEAKY}",
                "generator_block(latent_dim, hidden)", f"nn.Linear(latent_dim, hidden), {_LEAKY}"),
            "BatchNorm divides by too much: the second argument of `nn.BatchNorm1d` is `eps`, a tiny number against "
            "division by zero, not the momentum. (So it stands in much-copied code, with LeakyReLU, and no BatchNorm in the "
            "first block.) Build every hidden layer with `generator_block`."),
        mistake("no_batchnorm", _every("generator_block", "nn.Linear(i, o), VALUE"),
            "The hidden layers do not normalise, they are a linear layer and `VALUE`. Build them with `generator_block`, which "
            "holds linear, BatchNorm and ReLU.",
            values=("nn.ReLU()", _LEAKY, "nn.LeakyReLU()", *_ACTIVATIONS)),
        mistake("missing_activation", _every("generator_block", "nn.Linear(i, o)"), _every("generator_block", _NORM),
            "There is no activation between the layers, so the generator is a single linear map of `z`. Build the hidden "
            "layers with `generator_block`."),
        mistake("leaky_in_generator", _every("generator_block", f"{_NORM}, VALUE"),
            "The hidden layers end in another activation, `VALUE`, than ReLU (LeakyReLU belongs in the discriminator). "
            "Build them with `generator_block`.",
            values=(_LEAKY, "nn.LeakyReLU()", *_ACTIVATIONS)),
        mistake("layer_differs", *_one("generator_block", "nn.Linear(i, o), nn.ReLU()", *_LATENTS),
            *_one("generator_block", f"nn.Linear(i, o), {_LEAKY}", *_LATENTS), *_one("generator_block", _NORM, *_LATENTS),
            *_one("generator_block", "nn.Linear(i, o)", *_LATENTS), *_one("generator_block", f"{_NORM}, {_LEAKY}", *_LATENTS),
            *_one("generator_block", f"{_NORM}, nn.Tanh()", *_LATENTS),
            _every("generator_block", f"{_NORM}, {_LEAKY}", *_one("generator_block", "nn.Linear(i, o), nn.ReLU()",
                _LATENTS[0])[0]),
            "Not all hidden layers are alike: at least one lacks a part that the others have, or has another activation. "
            "Build every one with `generator_block`."),
        mistake("hard_coded_sizes",
            "It works with the default sizes, but not as `Generator(latent_dim=7, hidden=5, image_shape=(3, 4, 6))`: some "
            "size is written as a number (28, 784, 64, 128 ...) where an argument of the constructor belongs.",
            symptom=_hard_coded),
        mistake("wrong_widths",
            "The layers do not have the widths asked for, or there is one too many (VALUE). From `latent_dim`: `hidden`, `2 * "
            "hidden`, `4 * hidden`, and then as many outputs as an image has pixels, `math.prod(image_shape)`.",
            symptom=networks.other_sizes),
        mistake("no_bias", ("math.prod(image_shape))", "math.prod(image_shape), bias=False)"),
            _every("generator_block", "nn.Linear(i, o), nn.BatchNorm1d(o, affine=False), nn.ReLU()"),
            "A bias is missing: of the output layer (`bias=False`), which then cannot make a corner black in every image, "
            "or the scale and shift of a BatchNorm (`affine=False`). Leave these options out."),
        mistake("wrong_shape",
            "The images have another shape: VALUE. Reshape each row of pixels to `(len(z), *self.image_shape)`.",
            symptom=networks.shape, last=True),
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
        mistake("not_flattened", ("            nn.Flatten(),\n", ""),
            "The network works on flat rows of pixels but fails on images `(B, C, H, W)`. Flatten inside: `nn.Flatten()` "
            "first, or `images.flatten(1)`."),
        mistake("wrong_number_of_outputs", ("nn.Linear(hidden, 1)", "nn.Linear(hidden, VALUE)"),
            ("            nn.Linear(hidden, 1),\n", ""),
            "One number per image is asked for: the logit of 'this is real'. The last linear layer has 1 output.",
            symptom=lambda r: any(g.numel() != w.numel() for g, w in networks.outputs(r)), values=(2, 10)),
        mistake("squeezed_output", ("self.layers(images)", "self.layers(images).squeeze(1)"),
            "The output has shape (B,) instead of (B, 1). Mixed shapes are a classical trap: (B, 1) minus (B,) broadcasts "
            "to (B, B) without a word. Leave the last layer's output as it is.",
            symptom=lambda r: any(g.shape == w.shape[:1] for g, w in networks.outputs(r)), last=True),
        mistake("sigmoid_before_logits", ("nn.Linear(hidden, 1)", "nn.Linear(hidden, 1), VALUE"),
            "The network ends in `VALUE`, so its outputs are fenced in. The losses take logits and apply the sigmoid "
            "themselves: of fenced logits it makes probabilities that never come near 0 or 1 (from 0.27 to 0.73 at most), "
            "and neither player can be sure of anything. End with the linear layer.",
            values=("nn.Sigmoid()", "nn.Tanh()")),
        mistake("softmax_output", ("nn.Linear(hidden, 1)", "nn.Linear(hidden, 1), nn.Softmax(1)"),
            ("nn.Linear(hidden, 1)", "nn.Linear(hidden, 1), nn.Softmax(0)"),
            "The network ends in a softmax, which shares 1 out among several numbers. There is one number per image here "
            "(its softmax is always 1), and the losses want the logit. End with the linear layer."),
        mistake("activation_on_logits", ("nn.Linear(hidden, 1)", "discriminator_block(hidden, 1)"),
            ("nn.Linear(hidden, 1)", "nn.Linear(hidden, 1), nn.ReLU()"),
            ("nn.Linear(hidden, 1)", "nn.Linear(hidden, 1), nn.LogSigmoid()"),
            "The logit itself goes through an activation, so 'fake' is damped or cut off at 0 while 'real' is not: the last "
            "layer is a block. It must be a plain `nn.Linear(hidden, 1)`."),
        mistake("batchnorm_in_discriminator", _every("discriminator_block", f"{_NORM}, {_LEAKY}"),
            "The logit of one image depends on the other images in its batch: there is BatchNorm inside (are these "
            "generator blocks?). Build the hidden layers with `discriminator_block`.",
            symptom=networks.mixes),
        mistake("missing_activation", _every("discriminator_block", "nn.Linear(i, o)"),
            "There is no activation between the layers, so the discriminator is one linear map and its border between real "
            "and fake a plane. Build the hidden layers with `discriminator_block`."),
        mistake("relu_not_leaky", _every("discriminator_block", "nn.Linear(i, o), VALUE"),
            "The hidden layers use another activation (`VALUE`) than LeakyReLU with slope 0.2. Where a ReLU is off no "
            "gradient passes to the generator. Build them with `discriminator_block`.",
            values=("nn.ReLU()", "nn.LeakyReLU()", *_ACTIVATIONS)),
        mistake("layer_differs", *_one("discriminator_block", "nn.Linear(i, o)", *_PIXELS),
            *_one("discriminator_block", "nn.Linear(i, o), nn.ReLU()", *_PIXELS),
            *_one("discriminator_block", "nn.Linear(i, o), nn.LeakyReLU()", *_PIXELS),
            "The two hidden layers are not alike: one lacks its activation, or has another. Build both with "
            "`discriminator_block`."),
        mistake("hard_coded_sizes",
            "It works with the default sizes, but not as `Discriminator(hidden=5, image_shape=(3, 4, 6))`: some size is "
            "written as a number (28, 784, 128 ...) where an argument of the constructor belongs.",
            symptom=_hard_coded),
        mistake("wrong_widths",
            "The layers do not have the widths asked for, or there is one too many (VALUE). From `math.prod(image_shape)` "
            "pixels: `2 * hidden`, `hidden`, 1.",
            symptom=networks.other_sizes),
        mistake("no_bias", ("nn.Linear(hidden, 1)", "nn.Linear(hidden, 1, bias=False)"),
            _every("discriminator_block", f"nn.Linear(i, o, bias=False), {_LEAKY}"),
            "A linear layer has no bias. Leave out `bias=False`: without the last bias, for example, a plain grey image "
            "would always get the logit 0, 'cannot tell'."),
        mistake("wrong_shape",
            "The output has another shape: VALUE. Leave the last layer's output as it is, (B, 1).",
            symptom=networks.shape, last=True),
    ),
)

# --- the two losses ----------------------------------------------------------------------------------------------------


def _sure(record) -> bool:
    """Is something wrong where logits are very sure?"""
    return any(names and "sure" in case for case, names in record.differing.items())


def _exact(loss, count: int) -> dict:
    """A large loss to five digits, more than half precision has."""
    value = loss(*(torch.full((3, 1), -300.06 * (-1) ** i) for i in range(count)))
    return {"the result": Near(value.detach(), 0.01) if isinstance(value, torch.Tensor) else value}


def _logits(count: int) -> tuple:
    """Cases of a loss of so many batches of logits: some sizes, and a discriminator that is very sure."""
    sizes = ((8, torch.float64), (1, torch.float64), (5, torch.float32), (64, torch.float64))
    usual_ones = (
        call(*(normal(n, 1, seed=10 * n + i, scale=2.0, dtype=dtype) for i in range(count)), ignore=(DTYPE,))
        for n, dtype in sizes
    )
    sure = (
        call(
            *(torch.full((4, 1), (-1) ** i * size) for i in range(count)),
            ignore=(DTYPE,),
            label=f"sure of logits {size}",
        )
        for size in (30.0, -30.0, 200.0, -200.0)
    )
    return (*usual_ones, *sure, scenario("sure of logits 300.06", lambda loss: _exact(loss, count)))


_TARGETS = (0.95, 0.9, 0.8, 0.7)
_NO_SIGMOID = (
    "The logits are used as if they were probabilities, but they are real numbers of any size, and the logarithm of a negative "
    "one does not exist. `softplus` and `binary_cross_entropy_with_logits` take logits."
)
_EXCHANGED = "Logits and targets are exchanged: `binary_cross_entropy_with_logits(logits, targets)` wants the logits first."
_MEAN_FIRST = (
    "The logits are averaged first and the loss is taken of their mean. Each image has a cost of its own: take the softplus of "
    "every logit, then the mean."
)
_ROUNDED = (
    "[Right for moderate logits,] wrong for very sure ones: a logarithm is taken of a sigmoid that was rounded to 0 or 1, "
    "which gives infinity, NaN or a capped value. `softplus` and `binary_cross_entropy_with_logits` stay exact."
)

exercise(
    "c1w1.discriminator_loss",
    "course_utils.losses:discriminator_loss",
    cases=_logits(2),
    mistakes=(
        mistake("labels_swapped", ("(-real_logits)", "(real_logits)", "(fake_logits)", "(-fake_logits)"),
            "The labels are swapped: the loss is small when real images are called fake. Real logits go with target 1, "
            "`softplus(-real_logits)`; fake logits with target 0, `softplus(fake_logits)`."),
        mistake("sigmoid_before_logits",
            ("    return", "    real_logits, fake_logits = real_logits.sigmoid(), fake_logits.sigmoid()\n    return"),
            "The logits go through a sigmoid before a loss that applies a sigmoid itself. The loss cannot fall below 1.0 "
            "then, however good the discriminator is. Give the raw logits to `binary_cross_entropy_with_logits` or "
            "softplus."),
        mistake("loss_summed", (".mean() +", ".sum() +", ".mean()\n", ".sum()\n"),
            (".mean() +", ".sum() +", ".mean()\n", ".sum()\n", "return F", "return 0.5 * F", "+ F", "+ 0.5 * F"),
            "The loss is summed over the batch, not averaged, so the gradient (and with it the best learning rate) grows "
            "with the batch size. Use the mean."),
        mistake("loss_halved", ("return F", "return 0.5 * F", "+ F", "+ 0.5 * F"),
            "The loss is half of what is asked for: the mean of the two parts instead of their sum. Training works with "
            "either, but the lesson reads numbers off the curve: log 4 = 1.386 means 'cannot tell'."),
        mistake("wrong_sign", ("return F", "return -F", "+ F", "- F"),
            "The sign is turned round: this is the value that the discriminator maximises. Optimisers minimise, so the loss "
            "is its negative."),
        mistake("real_only", (" + F.softplus(fake_logits).mean()", ""),
            "Only the real images count. A discriminator that calls everything real would have a perfect loss; add the "
            "fakes' part, `softplus(fake_logits)`."),
        mistake("fake_only", ("F.softplus(-real_logits).mean() + ", ""),
            "Only the fakes count. A discriminator that calls everything fake would have a perfect loss; add the real "
            "images' part, `softplus(-real_logits)`."),
        mistake("same_target", ("(fake_logits)", "(-fake_logits)"), ("(-real_logits)", "(real_logits)"),
            "Both parts have the same target. Real logits are compared with 1, fake logits with 0."),
        mistake("parts_subtracted", ("+ F", "- F"), ("return F", "return -F"),
            "The two parts have opposite signs: one of them is made large. Both are costs, and their sum is made small."),
        mistake("same_logits", ("(fake_logits)", "(real_logits)"), ("(-real_logits)", "(-fake_logits)"),
            "Both parts use the same logits. The first is about the real images, the second about the fakes."),
        mistake("half_detached", ("(-real_logits)", "(-real_logits.detach())"), ("(fake_logits)", "(fake_logits.detach())"),
            "[The value is right, but] no gradient comes back through one of the two parts: it was detached (or turned into a "
            "number). Detaching is done to the images, in the training step, not to the logits."),
        mistake("missing_sigmoid", Body("return -torch.log(real_logits).mean() - torch.log(1 - fake_logits).mean()"),
            _NO_SIGMOID, symptom=lambda r: r.raised("between 0 and 1")),
        mistake("swapped_arguments",
            Body("""bce = F.binary_cross_entropy_with_logits
                real, fake = torch.ones_like(real_logits), torch.zeros_like(fake_logits)
                return bce(real, real_logits) + bce(fake, fake_logits)"""),
            _EXCHANGED),
        mistake("no_logarithm", Body("return -real_logits.sigmoid().mean() - (1 - fake_logits.sigmoid()).mean()"),
            Body("return (1 - real_logits.sigmoid()).mean() + fake_logits.sigmoid().mean()"),
            Body("return fake_logits.sigmoid().mean() - real_logits.sigmoid().mean()"),
            "The logarithm is missing: probabilities are averaged as they are. Then a real image that is called fake with "
            "certainty costs hardly more than a doubtful one, and its gradient vanishes. Use -log D(x) and -log(1 - "
            "D(G(z)))."),
        mistake("mean_before_log", Body("return F.softplus(-real_logits.mean()) + F.softplus(fake_logits.mean())"),
            _MEAN_FIRST),
        mistake("label_smoothing", ("F.softplus(-real_logits)", "(F.softplus(real_logits) - VALUE * real_logits)"),
            ("F.softplus(-real_logits)", "(F.softplus(real_logits) - VALUE * real_logits)", "F.softplus(fake_logits)",
             "(F.softplus(fake_logits) - (1 - VALUE) * fake_logits)"),
            "The real images are compared with the target VALUE instead of 1 (label smoothing). That is a known trick, but "
            "not the loss asked for: its smallest value is not 0, and the curve could not be read.",
            values=_TARGETS),
        mistake("other_gan", Body("return (real_logits - 1).square().mean() + fake_logits.square().mean()"),
            Body("return 0.5 * ((real_logits - 1).square().mean() + fake_logits.square().mean())"),
            Body("return (real_logits.sigmoid() - 1).square().mean() + fake_logits.sigmoid().square().mean()"),
            Body("return 0.5 * ((real_logits.sigmoid() - 1).square().mean() + fake_logits.sigmoid().square().mean())"),
            Body("return F.relu(1 - real_logits).mean() + F.relu(1 + fake_logits).mean()"),
            Body("return fake_logits.mean() - real_logits.mean()"),
            Body("return F.softplus(fake_logits - real_logits).mean()"),
            "This is the loss of another kind of GAN (least squares, hinge, Wasserstein or relativistic), which reads the "
            "discriminator's output in another way. Here it is a logit, and the loss is binary cross entropy."),
        mistake("unstable_log",
            Body("return -torch.log(real_logits.sigmoid()).mean() - torch.log(1 - fake_logits.sigmoid()).mean()"),
            _ROUNDED, symptom=_sure, cases=("sure",), aside=True),
    ),
)

exercise(
    "c1w1.generator_loss",
    "course_utils.losses:generator_loss",
    cases=_logits(1),
    mistakes=(
        mistake("saturating_loss", ("F.softplus(-fake_logits)", "-F.softplus(fake_logits)"),
            ("F.softplus(-fake_logits).mean()", "-F.softplus(fake_logits).sum()"),
            "This is the minimax loss, log(1 - D(G(z))). It has the right direction, but its gradient vanishes just when "
            "the discriminator sees through every fake, that is at the start. Minimise -log D(G(z)) instead."),
        mistake("labels_swapped", ("(-fake_logits)", "(fake_logits)"),
            "The generator is rewarded for being caught: the fakes are compared with target 0, as in the discriminator's "
            "loss. The generator wants them taken for real: target 1, `softplus(-fake_logits)`."),
        mistake("wrong_sign", ("return F", "return -F"),
            "The sign is turned round: minimising this makes log D(G(z)) smaller, so the fakes get worse. The loss is -log "
            "D(G(z))."),
        mistake("sigmoid_before_logits", ("    return", "    fake_logits = fake_logits.sigmoid()\n    return"),
            "The logits go through a sigmoid before a loss that applies a sigmoid itself, so the loss stays between 0.31 "
            "and 0.69 and its gradient is weak everywhere. Give the raw logits to the loss."),
        mistake("wasserstein_loss", Body("return -fake_logits.mean()"), Body("return -fake_logits.sum()"),
            "This is the raw score, -D(G(z)), as in a Wasserstein or a hinge GAN. Here the score is a logit: -log sigmoid "
            "of it, `softplus(-fake_logits)`."),
        mistake("loss_summed", (".mean()", ".sum()"),
            "The loss is summed over the batch, not averaged, so the gradient grows with the batch size. Use the mean."),
        mistake("loss_halved", (".mean()", ".mean() / 2"),
            "The loss is half of what is asked for. At equilibrium it should read log 2 = 0.693."),
        mistake("missing_sigmoid", Body("return -torch.log(fake_logits).mean()"),
            Body("return torch.log(1 - fake_logits).mean()"),
            _NO_SIGMOID, symptom=lambda r: r.raised("between 0 and 1")),
        mistake("swapped_arguments",
            Body("return F.binary_cross_entropy_with_logits(torch.ones_like(fake_logits), fake_logits)"),
            _EXCHANGED),
        mistake("no_logarithm", Body("return -fake_logits.sigmoid().mean()"),
            Body("return (1 - fake_logits.sigmoid()).mean()"),
            "The logarithm is missing: this is -D(G(z)) or 1 - D(G(z)). Its gradient vanishes where a fake is seen through, "
            "that is at the start. The loss is -log D(G(z))."),
        mistake("mean_before_log", Body("return F.softplus(-fake_logits.mean())"),
            _MEAN_FIRST),
        mistake("label_smoothing", ("F.softplus(-fake_logits)", "(F.softplus(fake_logits) - VALUE * fake_logits)"),
            "The fakes are compared with the target VALUE instead of 1 (label smoothing). The generator wants them taken "
            "for real, without a limit: target 1.",
            values=_TARGETS),
        mistake("least_squares_loss", Body("return VALUE * (fake_logits - 1).square().mean()"),
            Body("return VALUE * (fake_logits.sigmoid() - 1).square().mean()"),
            "The difference between the score and 1 is squared, as in a least-squares GAN. Here the score is a logit: minus "
            "the logarithm of its sigmoid, `softplus(-fake_logits)`.",
            values=(1, 0.5)),
        mistake("hinge_loss", Body("return F.relu(1 - fake_logits).mean()"),
            "This is a hinge: fakes count no longer once their logit is above 1. Here the score is a logit: minus the "
            "logarithm of its sigmoid, `softplus(-fake_logits)`."),
        mistake("unstable_log", Body("return -torch.log(fake_logits.sigmoid()).mean()"),
            _ROUNDED, symptom=_sure, cases=("sure",), aside=True),
    ),
)

# --- the two steps -----------------------------------------------------------------------------------------------------

_D, _G = Watch("discriminator"), Watch("generator")
_SIGMOID_FIRST = "Logits go through a sigmoid before the loss, which applies one itself. Pass them as they are."
_WRONG_SIZE = (
    "The update has the right direction and the wrong size (VALUE): the loss is multiplied by a number or summed over the "
    "batch, gradients are clipped or added up, or `backward()` runs twice. Use the mean as `{}` gives it, and one `backward()`."
)

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
        mistake("missing_zero_grad", ("    gan.opt_d.zero_grad()\n", ""),
            ("    gan.opt_d.zero_grad()\n", "", "gan.opt_d.step()", "gan.opt_d.step()\n    gan.opt_d.zero_grad()"),
            ("gan.opt_d.zero_grad()", "gan.opt_g.zero_grad()"),
            "The gradients of earlier steps are still in the sum (the generator's step leaves some in the discriminator, "
            "too). Call `gan.opt_d.zero_grad()` before `backward()`; after the step is too late."),
        mistake("no_detach", (".detach()  # (B, C, H, W)", "  # (B, C, H, W)"),
            "Gradients reached the generator. The fakes were not detached, so `backward()` ran through the generator as "
            "well: wasted time, and gradients pointing the wrong way are left in it. Use `gan.generator(z).detach()`.",
            symptom=lambda r: ("whether gradients reach the generator" in r.names and _D.stepped(r) == {"opt_d"}
                and not r.errors()),
            explains=("whether gradients reach", "the generator's")),
        mistake("labels_swapped",
            ("gan.discriminator(real), gan.discriminator(fake)", "gan.discriminator(fake), gan.discriminator(real)"),
            ("discriminator_loss(gan", "-discriminator_loss(gan"),
            "Real and fake are swapped in the loss: the discriminator learns to call fakes real. The order is "
            "`discriminator_loss(real_logits, fake_logits)`."),
        mistake("sigmoid_before_logits",
            ("gan.discriminator(real), gan.discriminator(fake)",
             "gan.discriminator(real).sigmoid(), gan.discriminator(fake).sigmoid()"),
            _SIGMOID_FIRST),
        mistake("images_in_the_loss", ("gan.discriminator(real), gan.discriminator(fake)", "real, fake"),
            ("gan.discriminator(real)", "real"), ("gan.discriminator(fake)", "fake"),
            "The loss is given images where it wants logits: each batch has to go through `gan.discriminator` first."),
        mistake("real_twice", ("gan.discriminator(fake)", "gan.discriminator(real)"),
            ("gan.discriminator(real)", "gan.discriminator(fake)"),
            "The same images are used on both sides: the loss compares real with real, or fakes with fakes."),
        mistake("generators_loss",
            ("discriminator_loss(gan.discriminator(real), gan.discriminator(fake))", "generator_loss(gan.discriminator(fake))"),
            "This is the generator's loss: the discriminator learns to call fakes real, and sees no real image. Use "
            "`discriminator_loss(real_logits, fake_logits)`."),
        mistake("real_only",
            ("discriminator_loss(gan.discriminator(real), gan.discriminator(fake))",
             "generator_loss(gan.discriminator(real))"), ("gan.discriminator(fake)", "gan.discriminator(fake).detach()"),
            "Only the real images train the discriminator: no gradient came from the fakes. Their logits were detached or made "
            "under `torch.no_grad()`, or their part of the loss was left out, or got no `backward()`."),
        mistake("fake_only",
            ("discriminator_loss(gan.discriminator(real), gan.discriminator(fake))",
             "generator_loss(-gan.discriminator(fake))"), ("gan.discriminator(real)", "gan.discriminator(real).detach()"),
            "Only the fakes train the discriminator: no gradient came from the real images. Their logits were detached or made "
            "under `torch.no_grad()`, or their part of the loss was left out, or got no `backward()`."),
        mistake("loss_scaled", ("loss = discriminator_loss(", "loss = VALUE * discriminator_loss("),
            _WRONG_SIZE.format("discriminator_loss"),
            symptom=_D.same_direction, values=(0.5, 2.0, "len(z)")),
        mistake("other_loss", ("discriminator_loss(gan", "(lambda r, f: VALUE)(gan"),
            "The loss is another one: least squares, hinge, Wasserstein, smoothed labels or probabilities without a "
            "logarithm. Use `discriminator_loss(real_logits, fake_logits)`.",
            values=("((r - 1) ** 2).mean() + (f**2).mean()", "torch.relu(1 - r).mean() + torch.relu(1 + f).mean()",
                "f.mean() - r.mean()", "discriminator_loss(r, f) - 0.1 * (-r).mean()",
                "discriminator_loss(r, f) - 0.05 * (-r).mean()", "f.sigmoid().mean() - r.sigmoid().mean()")),
        mistake("clipped",
            ("gan.opt_d.step()",
             "torch.nn.utils.clip_grad_value_(gan.discriminator.parameters(), VALUE)\n    gan.opt_d.step()"),
            ("    return", "    for p in gan.discriminator.parameters():\n        p.data.clamp_(-VALUE, VALUE)\n    return"),
            "Weights or gradients are clipped at VALUE. Nothing asks for that here: leave it out.",
            values=(0.01, 0.02, 0.1)),
        mistake("averaged_images", ("gan.generator(z)", "gan.shown(z)"),
            "The fakes come from another generator than the one that learns: from the averaged one, or a copy. The "
            "discriminator must see what `gan.generator(z)` makes now.",
            symptom=lambda r: (_D.only_first(r, "the generator's running") and _D.likeness(r) == 1
                and not _D.called_again(r))),
        mistake("evaluation_mode",
            ("    fake =", "    gan.generator.eval()\n    fake =", "    return", "    gan.generator.train()\n    return"),
            "The fakes were made with the generator in evaluation mode, so they are not those that it is trained on. Leave "
            "both networks in training mode.",
            symptom=lambda r: "networks left in evaluation mode" in r.names),
    ),
)

exercise(
    "c1w1.generator_step",
    "course_utils.training:generator_step",
    cases=case_set("z"),
    usual=usual(
        "generator",
        "detached",
        "No gradient arrived at the generator: its images or their logits were detached, or made under `torch.no_grad()`, "
        "or `backward()` is missing. Detaching belongs in the discriminator's step; here the gradient must pass through "
        "the discriminator into the generator.",
    ),
    mistakes=(
        mistake("missing_zero_grad", ("    gan.opt_g.zero_grad()\n", ""),
            ("    gan.opt_g.zero_grad()\n", "", "gan.opt_g.step()", "gan.opt_g.step()\n    gan.opt_g.zero_grad()"),
            "The gradients of earlier steps are still in the sum. Call `gan.opt_g.zero_grad()` before `backward()`."),
        mistake("cleared_the_other", ("gan.opt_g.zero_grad()", "gan.opt_d.zero_grad()"),
            "The gradients of earlier steps are still in the generator's sum: the discriminator's are cleared instead, which "
            "does not help. Call `gan.opt_g.zero_grad()` before `backward()`."),
        mistake("saturating_loss", ("generator_loss(gan.discriminator(fake))", "-generator_loss(-gan.discriminator(fake))"),
            "The step minimises log(1 - D(G(z))), whose gradient vanishes while the fakes are poor. Use `generator_loss`, "
            "-log D(G(z))."),
        mistake("labels_swapped", ("gan.discriminator(fake)", "-gan.discriminator(fake)"),
            ("generator_loss(gan", "-generator_loss(gan"),
            "The generator is trained to be caught: its images are compared with target 0, or the sign is turned round. Use "
            "`generator_loss` of the fake logits."),
        mistake("sigmoid_before_logits", ("gan.discriminator(fake)", "gan.discriminator(fake).sigmoid()"),
            _SIGMOID_FIRST),
        mistake("images_in_the_loss", ("gan.discriminator(fake)", "fake"),
            ("gan.discriminator(fake)", "gan.generator(z)"),
            "The loss is given images where it wants logits: they have to go through `gan.discriminator` first."),
        mistake("other_loss", ("generator_loss(gan", "(lambda f: VALUE)(gan"),
            "The loss is another one: least squares, Wasserstein, smoothed labels, the discriminator's, or probabilities "
            "without a logarithm. Use `generator_loss(fake_logits)`.",
            values=("((f - 1) ** 2).mean()", "-f.mean()", "-f.sigmoid().mean()", "generator_loss(f) + 0.1 * f.mean()",
                "generator_loss(f.mean())", "generator_loss(f) + generator_loss(-f)")),
        mistake("loss_scaled", ("loss = generator_loss(", "loss = VALUE * generator_loss("),
            _WRONG_SIZE.format("generator_loss"),
            symptom=_G.same_direction, values=(0.5, 2.0, "len(z)")),
        mistake("clipped",
            ("gan.opt_g.step()", "torch.nn.utils.clip_grad_value_(gan.generator.parameters(), VALUE)\n    gan.opt_g.step()"),
            "Each number of the gradient is clipped at VALUE. Nothing asks for that here: leave it out.",
            values=(0.01, 0.1)),
        mistake("averaged_images", ("gan.generator(z)", "gan.shown(z)"),
            "The images come from another generator than the one that learns: from the averaged one, or a copy. Use "
            "`gan.generator(z)`."),
        mistake("evaluation_mode",
            ("    fake =", "    gan.generator.eval()\n    fake =", "    return", "    gan.generator.train()\n    return"),
            "A network is in evaluation mode while images are made, or is left in it. There BatchNorm does not normalise "
            "with the batch. Leave both networks in training mode.",
            symptom=lambda r: "networks left in evaluation mode" in r.names),
    ),
)
