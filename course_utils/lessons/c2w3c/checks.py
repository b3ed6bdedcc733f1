"""The checks of StyleGAN2 and BigGAN parts: truncation, conditional normalisation, two penalties, a diagnosis."""

from unittest import mock

import torch
from torch import nn

from course_utils.checks import exercise, mistake, networks
from course_utils.checks.cases import DTYPE, KIND, call, draws, kind, normal, scenario, seeded
from course_utils.checks.naming import Naming, diagnosis
from course_utils.checks.networks import LAYERS, network
from course_utils.checks.observe import Near
from course_utils.checks.programs import Body
from course_utils.checks.symptoms import only_where
from course_utils.lessons.c2w3c.exercises import CASES, NAMES, diagnose

# --- truncated normal ----------------------------------------------------------------------------------------------------


_ENDS = "whether an end comes before far more numbers are drawn than z has"
_BEYOND, _AT = "whether a number lies beyond the threshold", "the share of numbers exactly at the threshold"


class _Endless(RuntimeError):
    """Raised where far more numbers are drawn than any right answer needs."""


def _patient(candidate, n, width, threshold, *generator):
    """``candidate(...)``, or an exception where it draws anew for ever: a loop without an end is to be seen at once."""
    drawn, large, randn = 0, 0, torch.randn

    def counted(*size, **options):
        nonlocal drawn, large
        found = randn(*size, **options)
        drawn, large = drawn + found.numel(), large + (found.numel() > width)
        if drawn > 100 * n * width or large > 500:  # one number, or one row, may be drawn at a time
            error = _Endless(f"more and more numbers are drawn for the {n * width} of z, and no end comes")
            error.last = found.numel()
            raise error
        return found

    with mock.patch.object(torch, "randn", counted):
        return candidate(n, width, threshold, *generator)


def _reading(n, width, threshold, within=0.02):
    """Deviation, bounds and shares of a large sample, and whether the generator that is given decides."""

    def run(candidate):
        torch.manual_seed(3)
        try:
            z = _patient(candidate, n, width, threshold)
        except _Endless as error:
            return {_ENDS: False, "the last draw, as a share of z": Near(torch.tensor(error.last / (n * width)), 0.02)}
        return {
            _ENDS: True,
            "the shape of z": tuple(z.shape),
            DTYPE: str(z.dtype).removeprefix("torch."),
            "whether z has a graph": z.requires_grad,
            _BEYOND: bool((z.abs() > threshold).any()),
            _AT: Near((z.abs() == threshold).double().mean(), 1e-3),
            "the deviation, as a share of the threshold": Near(z.double().std() / threshold, within),
            "the share below a quarter of the threshold": Near((z.abs() < threshold / 4).double().mean(), within),
            "the share below 0": Near((z < 0).double().mean(), 0.02),
        }

    return scenario(f"called with ({n}, {width}, {threshold})", run)


def _refuses(threshold):
    """A threshold that is none: without the exception a loop would go on for ever."""
    return scenario(f"called with (3, 2, {threshold})", lambda f: {"the shape of z": tuple(_patient(f, 3, 2, threshold).shape)})


def _from_generator(candidate):
    def given(seed):
        return _patient(candidate, 300, 4, 1.0, torch.Generator().manual_seed(seed))

    torch.manual_seed(1)
    first = given(0)
    torch.manual_seed(2)
    return {
        "whether the given generator decides alone": torch.equal(first, given(0)),
        "whether another generator gives other numbers": not torch.equal(first, given(1)),
    }


_WHILE = "while (outside := z.abs() > threshold).any():"
_REDRAW = "        z[outside] = torch.randn(int(outside.sum()), generator=generator)\n"
_LOOP = f"    {_WHILE}\n{_REDRAW}"
_FIRST = "z = torch.randn(n, latent_dim, generator=generator)"


def _loop(head, redraw):
    """A whole body with another loop. It is not put together with other edits: their loops need not end, either."""
    check = 'if not threshold > 0:\n    raise ValueError(f"threshold: expected a number above 0, got {threshold}")'
    return Body(f"{check}\n{_FIRST}\n{head}\n{redraw[4:]}return z\n".replace("\n    while", "\nwhile"))


exercise(
    "c2w3c.truncated_normal",
    "course_utils.latent:truncated_normal",
    cases=(
        _reading(400, 320, 1.0, within=0.008),
        _reading(4000, 8, 0.5),
        _reading(4000, 8, 2.0),
        _reading(4000, 8, 3.5),
        draws(lambda f: _patient(f, 2000, 3, 1.5), "2,000 rows with a threshold of 1.5", of="z"),
        scenario("called with a generator", _from_generator),
        _refuses(0.0),
        _refuses(-1.0),
    ),
    mistakes=(
        mistake("clamped", (_LOOP, "    z = z.clamp(-threshold, threshold)\n"),
            (_LOOP, f"    outside = z.abs() > threshold\n{_REDRAW[4:]}    z = z.clamp(-threshold, threshold)\n"),
            "Numbers beyond the threshold are set to it, so that many lie exactly at the bounds. They are to be drawn anew."),
        mistake("scaled", (_LOOP, "    z = threshold * z\n"),
            "All numbers are multiplied by the threshold, and some still lie beyond it. Draw those anew that do, and leave "
            "the others as they are."),
        mistake("cut_at_two_and_scaled", (_LOOP, "    while (outside := z.abs() > 2).any():\n" + _REDRAW
                + "    z = threshold / 2 * z\n"),
            (_LOOP, "    while (outside := z.abs() > 2).any():\n" + _REDRAW + "    z = threshold * z\n"),
            "The numbers are cut at 2 and then scaled. That is the other truncation: with the same bounds it has another "
            "deviation. Cut at the threshold, and scale nothing."),
        mistake("positive_remainder", (_LOOP, "    z = z % threshold\n"),
            "`%` gives a remainder between 0 and the threshold: no number is negative any more, and the tails are "
            "folded onto the middle. Draw what lies beyond anew."),
        mistake("remainder", (_LOOP, "    z = torch.fmod(z, threshold)\n"),
            "The remainder after a division by the threshold is kept. It folds the tails onto the middle, so the density is "
            "no longer that of normal numbers. Draw what lies beyond anew."),
        mistake("redrawn_once", (_WHILE, "if (outside := z.abs() > threshold).any():"),
            "Numbers beyond the threshold are drawn anew once, and some of the new ones lie beyond it again. Repeat until none "
            "is left."),
        mistake("not_truncated", (_LOOP, ""),
            "Numbers beyond the threshold stay as they are."),
        mistake("one_side", (_WHILE, "while (outside := z > threshold).any():"),
            "Only the numbers above the threshold are drawn anew; those below minus the threshold stay. Compare their size: "
            "`z.abs()`."),
        mistake("other_side", (_WHILE, "while (outside := z < -threshold).any():"),
            "Only the numbers below minus the threshold are drawn anew; those above the threshold stay. Compare their size: "
            "`z.abs()`."),
        mistake("mask_never_updated", _loop("outside = z.abs() > threshold\n    while outside.any():", _REDRAW),
            _loop(_WHILE, "        z[outside].copy_(torch.randn(int(outside.sum()), generator=generator))\n"),
            "The loop never ends: in every turn the same numbers are drawn anew. Is the mask looked up again after "
            "each redraw? Do the new numbers get into z? (`z[mask] = ...` puts them there; `z[mask]` alone is a copy.)"),
        mistake("all_anew", _loop(_WHILE, "        z = torch.randn(n, latent_dim, generator=generator)\n"),
            "All numbers are drawn anew until none lies outside, which hardly ever happens. Keep those that lie "
            "inside: redraw only `z[mask]`."),
        mistake("whole_rows", _loop("while (outside := (z.abs() > threshold).any(dim=1)).any():",
                "        z[outside] = torch.randn(int(outside.sum()), latent_dim, generator=generator)\n"),
            "Whole rows are drawn anew. That a row of many numbers lies inside altogether is rare, so that the loop "
            "hardly ends for a small threshold. Redraw only the numbers that lie outside."),
        mistake("uniform_redraw", (_LOOP, "    outside = z.abs() > threshold\n    z[outside] = threshold * (2 * "
                "torch.rand(int(outside.sum()), generator=generator) - 1)\n"),
            "New numbers are uniform between the bounds, so that too many lie near the bounds. Draw them from N(0, 1) as well, "
            "and look again."),
        mistake("halved", (_LOOP, "    while bool((z.abs() > threshold).any()):\n        z[z.abs() > threshold] /= 2\n"),
            "Numbers beyond the threshold are halved until they lie inside. They are to be drawn anew: the density between the "
            "bounds keeps its shape."),
        mistake("narrower", (_FIRST, "z = threshold * torch.randn(n, latent_dim, generator=generator)", _REDRAW,
                "        z[outside] = threshold * torch.randn(int(outside.sum()), generator=generator)\n"),
            (_FIRST, "z = threshold * torch.randn(n, latent_dim, generator=generator)"),
            "The normal numbers are multiplied by the threshold before they are cut. They come from N(0, 1), whatever the "
            "threshold."),
        mistake("rows_left_out", (_LOOP, "    z = z[(z.abs() <= threshold).all(dim=1)]\n"),
            "Rows with a number beyond the threshold are left out, so that fewer than n are left. Draw such numbers anew."),
        mistake("two_at_most", (_LOOP, "    while (outside := z.abs() > 2).any():\n" + _REDRAW),
            "Numbers are cut at 2, whatever `threshold` is."),
        mistake("same_every_time", (_FIRST, "torch.manual_seed(0)\n    " + _FIRST),
            (_FIRST, "generator = torch.Generator().manual_seed(0) if generator is None else generator\n    " + _FIRST),
            "A seed is set inside, so that every call gives the same z. Without `generator` the numbers come from the "
            "global one, as it stands."),
        mistake("no_size", (_LOOP, _LOOP + "    z = z.abs()\n"),
            "No number is negative. The size is compared with the threshold; the numbers keep their sign."),
        mistake("uniform", (_FIRST, "z = threshold * (2 * torch.rand(n, latent_dim, generator=generator) - 1)"),
            "The numbers are uniform between the bounds. Inside of them they are to keep the shape of the normal density."),
        mistake("set_to_zero", (_LOOP, "    z[z.abs() > threshold] = 0.0\n"),
            "Numbers beyond the threshold become 0, so that many numbers are exactly 0. They are to be drawn anew."),
        mistake("pressed_by_tanh", (_LOOP, "    z = threshold * torch.tanh(z)\n"),
            "The numbers are pressed between the bounds by a tanh. Those inside are to stay as they are."),
        mistake("generator_unused", (_FIRST, "z = torch.randn(n, latent_dim)"),
            (_REDRAW, "        z[outside] = torch.randn(int(outside.sum()))\n"),
            (_FIRST, "z = torch.randn(n, latent_dim)", _REDRAW, "        z[outside] = torch.randn(int(outside.sum()))\n"),
            "A random number does not come from `generator`, so that a seeded generator does not repeat the sample. Hand it "
            "to both `torch.randn`."),
        mistake("one_number_for_all", (_REDRAW, "        z[outside] = torch.randn((), generator=generator)\n"),
            "All numbers beyond the threshold get one and the same new number. Draw one for each."),
        mistake("zero_accepted", ("if not threshold > 0:", "if threshold < 0:"),
            "A threshold of 0 must raise `ValueError`: no number lies inside, and the loop would never end."),
        mistake("not_of_torch",
            "The numbers do not come from torch: after `torch.manual_seed` the draw does not repeat.",
            symptom=lambda r: any(wanted and not got for got, wanted in r.pairs("whether the draw repeats")),
            explains=("whether the draw repeats", "whether the given generator", DTYPE)),
        mistake("never_ends",
            "The loop does not end: far more numbers are drawn than z has. Does what is outside become less?",
            symptom=lambda r: any(wanted and not got for got, wanted in r.pairs(_ENDS)), explains=("",)),
        mistake("still_beyond",
            "At the end some numbers still lie beyond the threshold. Draw those anew, on both sides, until none is left.",
            symptom=lambda r: any(got and not wanted for got, wanted in r.pairs(_BEYOND)), explains=("",)),
    ),
)

# --- conditional batch normalisation ------------------------------------------------------------------------------------


_MATTERS, _MISSING = "whether the code matters to a new layer", "which of the layers have no such name"


def _new(layer):
    torch.manual_seed(0)
    made, x = layer(3, 5), normal(6, 3, 4, 4, dtype=torch.float32, scale=3.0)
    code = normal(6, 5, seed=1, dtype=torch.float32)
    first = made(x, code)
    norm = getattr(made, "norm", None)
    return {
        "what a new layer gives": first.detach(),
        _MATTERS: not torch.allclose(first, made(x, 2 * code), atol=1e-5),
        _MISSING: ", ".join(f"`{n}`" for n in ("norm", "gain", "shift") if not isinstance(getattr(made, n, None), nn.Module)),
        "whether `norm` has a gain and bias of its own": bool(getattr(norm, "affine", False)),
        "the shapes of `gain` and `shift`": str([tuple(p.shape) for n in ("gain", "shift") if hasattr(made, n)
            for p in getattr(made, n).parameters()]),
    }


def _with_weights(layer):
    """The two linear layers get known weights that differ."""
    made, x = layer(3, 4), normal(5, 3, 4, 6, dtype=torch.float32)
    code = normal(5, 4, seed=1, dtype=torch.float32)
    with torch.no_grad():
        made.gain.weight.copy_(normal(3, 4, seed=2))
        made.shift.weight.copy_(normal(3, 4, seed=3))
    out = made(x, code).detach()
    return {"the output with given weights": out, "the output in evaluation mode": made.eval()(x, code).detach()}


def _codes(n, channels, width, size=4, seed=0):
    return normal(n, channels, size, size + 1, seed=seed), normal(n, width, seed=seed + 1)


_GAIN = "gain = 1 + self.gain(code)[:, :, None, None]"
_SHIFT = "shift = self.shift(code)[:, :, None, None]"
_RESULT = "return gain * self.norm(x) + shift"
_AFFINE = "nn.BatchNorm2d(channels, affine=False)"
_ZEROS = "            nn.init.zeros_(layer.weight)"

exercise(
    "c2w3c.conditional_batch_norm",
    "course_utils.models.conditional.batch_norm:ConditionalBatchNorm2d",
    cases=(
        network(3, 5, inputs=_codes(6, 3, 5), evaluated=False),
        network(4, 2, inputs=_codes(3, 4, 2, seed=4), evaluated=False),
        scenario("a new layer", _new),
        scenario("a layer with given weights", _with_weights),
        network(0, 5, inputs=_codes(3, 3, 5), evaluated=False),
        network(3, 0, inputs=_codes(3, 3, 5), evaluated=False),
        network(3, 5, inputs=_codes(3, 3, 4), evaluated=False, label="called with a code of 4 numbers where 5 belong"),
    ),
    usual=networks.USUAL,
    mistakes=(
        mistake("own_gain_and_bias", (_AFFINE, "nn.BatchNorm2d(channels)"),
            "`norm` has a gain and a bias of its own, beside those of the code. Make it with `affine=False`."),
        mistake("one_left_out", (_GAIN, "gain = self.gain(code)[:, :, None, None]"),
            "The gain is not 1 + W code, but W code, which is 0 in a new layer: everything is multiplied by 0."),
        mistake("not_zero_at_first", (_ZEROS, "            pass"),
            (_ZEROS, "            nn.init.normal_(layer.weight, std=0.02)"),
            (_ZEROS, "            nn.init.ones_(layer.weight)"),
            "The linear layers do not start at 0, so a new layer is not plain batch normalisation. Set both weights to 0."),
        mistake("scaled_before_the_norm", (_RESULT, "return self.norm(gain * x) + shift"),
            (_RESULT, "return self.norm(gain * x + shift)"),
            "The features are scaled by the code first and normalised then. Normalise first: the code decides what comes out."),
        mistake("instance_norm", (_RESULT, "return gain * nn.functional.instance_norm(x) + shift"),
            (_AFFINE, "nn.InstanceNorm2d(channels)"),
            "Each image is normalised by itself, as in AdaIN. Batch normalisation takes mean and variance over the images as "
            "well."),
        mistake("shift_left_out", (" + shift", ""), "The shift is computed and not added."),
        mistake("gain_left_out", (_RESULT, "return self.norm(x) + shift"), "The gain is computed and not used."),
        mistake("gain_and_shift_swapped", ("gain = 1 + self.gain(code)", "gain = 1 + self.shift(code)",
                "shift = self.shift(code)", "shift = self.gain(code)"),
            "`gain` and `shift` have changed places."),
        mistake("gain_is_exponential", ("1 + self.gain(code)[:, :, None, None]", "self.gain(code)[:, :, None, None].exp()"),
            "The gain is an exponential. The docstring asks for 1 + gain(code)."),
        mistake("shift_is_scaled", (_RESULT, "return gain * (self.norm(x) + shift)"),
            "The gain multiplies the shift as well. Scale first, then shift."),
        mistake("mean_code", ("self.gain(code)", "self.gain(code.mean(0, keepdim=True))", "self.shift(code)",
                "self.shift(code.mean(0, keepdim=True))"),
            "All images get the gain and the shift of the mean code. Each has its own, from its row of `code`."),
        mistake("ones_for_the_one", (_ZEROS, "            nn.init.ones_(layer.weight)", _GAIN,
                "gain = self.gain(code)[:, :, None, None]"),
            ("        for layer in (self.gain, self.shift):\n            nn.init.zeros_(layer.weight)",
             "        nn.init.ones_(self.gain.weight)\n        nn.init.zeros_(self.shift.weight)", _GAIN,
             "gain = self.gain(code)[:, :, None, None]"),
            "The gain's weights start at 1 in the place of the 1 in the formula. Then a new gain is the sum of the code, which "
            "may be 0 or negative. Add the 1, and start the weights at 0."),
        mistake("one_on_the_shift", ("1 + self.gain", "self.gain", "self.shift(code)", "1 + self.shift(code)"),
            "The 1 is added to the shift. It belongs to the gain, which then is 1 in a new layer: (1 + gain) * h + shift."),
        mistake("gain_pressed", (_GAIN, "gain = 1 + torch.tanh(self.gain(code))[:, :, None, None]"),
            (_GAIN, "gain = 2 * torch.sigmoid(self.gain(code))[:, :, None, None]"),
            (_GAIN, "gain = torch.sigmoid(self.gain(code))[:, :, None, None]"),
            "The gain goes through a sigmoid or a tanh. It is 1 + gain(code), as it is."),
        mistake("normalised_twice", (_RESULT, "return self.norm(x) + (gain - 1) * self.norm(x) + shift"),
            "`self.norm` is called twice, so that every batch moves its running statistics twice. Keep what it gives "
            "in a variable."),
        mistake("code_detached", ("self.gain(code)", "self.gain(code.detach())", "self.shift(code)",
                "self.shift(code.detach())"),
            ("self.gain(code)", "self.gain(code.detach())"), ("self.shift(code)", "self.shift(code.detach())"),
            "The code is detached: class vectors and z get no gradient from this layer, so that the class vectors "
            "never learn."),
        mistake("first_code", ("self.gain(code)", "self.gain(code[:1])", "self.shift(code)", "self.shift(code[:1])"),
            "All images get the gain and the shift of the first code. Each has its own, from its row of `code`."),
        mistake("input_added", (_RESULT, _RESULT + " + x"),
            "The input is added at the end. This is a normalisation, no residual block."),
        mistake("not_spread_over_places", (_GAIN, "gain = 1 + self.gain(code)", _SHIFT, "shift = self.shift(code)"),
            (_GAIN, "gain = 1 + self.gain(code)[None, None]", _SHIFT, "shift = self.shift(code)[None, None]"),
            (_GAIN, "gain = 1 + self.gain(code)"), (_SHIFT, "shift = self.shift(code)"),
            "gain(code) and shift(code) are (B, C), features are (B, C, H, W). Add two sides of length 1 at the *end*: "
            "`[:, :, None, None]`."),
        mistake("sizes_of_linear_exchanged",
            ("self.gain = nn.Linear(code_dim, channels", "self.gain = nn.Linear(channels, code_dim",
                "self.shift = nn.Linear(code_dim, channels", "self.shift = nn.Linear(channels, code_dim"),
            "The sizes of the linear layers are exchanged: from the K numbers of a code to C numbers, `nn.Linear(code_dim, "
            "channels, ...)`."),
        mistake("embedding_for_linear", ("self.gain = nn.Linear(code_dim, channels, bias=False)",
                "self.gain = nn.Embedding(code_dim, channels)", "self.shift = nn.Linear(code_dim, channels, bias=False)",
                "self.shift = nn.Embedding(code_dim, channels)"),
            "`nn.Embedding` takes the number of a class. The code is a row of K real numbers: class vector and z. Use "
            "linear layers."),
        mistake("sizes_not_checked", ("check_sizes(channels=channels, code_dim=code_dim)", "pass"),
            "A layer of 0 channels, or for a code of 0 numbers, must raise `ValueError`. Keep the line with `check_sizes`."),
        mistake("code_not_checked", ('check_batch("code", code, (self.code_dim,))', "pass"),
            "A code of another width must raise `ValueError`. Keep the line with `check_batch`."),
        mistake("other_names",
            "The docstring names the layers `norm`, `gain` and `shift`, and others look for them by these names. Here "
            "no layer is called VALUE.",
            symptom=lambda r: next((got for got, wanted in r.pairs(_MISSING) if got != wanted), ""),
            explains=(_MISSING, "the shapes of", "the exception", LAYERS, "the output", "the gradient", "how large")),
        mistake("not_zero_as_made",
            "Weights of `gain` or `shift` do not start at 0, so that a new layer is not plain batch normalisation: the "
            "code matters already. Set the weights of both to 0.",
            symptom=lambda r: any(got and not wanted for name in (_MATTERS, LAYERS) for got, wanted in r.pairs(name)),
            explains=(_MATTERS, LAYERS, "the output", "the gradient", "how large", "what a new layer gives")),
        mistake("norm_left_out", (_RESULT, "return gain * x + shift"), "The features are not normalised."),
        mistake("linear_with_bias", ("self.gain = nn.Linear(code_dim, channels, bias=False)",
                "self.gain = nn.Linear(code_dim, channels)", "self.shift = nn.Linear(code_dim, channels, bias=False)",
                "self.shift = nn.Linear(code_dim, channels)"),
            "The linear layers have a bias, the same for every code, which starts at random. Make them with `bias=False`."),
    ),
)

# --- path length --------------------------------------------------------------------------------------------------------


def _images(batch, blocks, width, size, kind="curved", w_seed=0):
    """w, and images (B, 2, size, size + 1) drawn from it, by a small network or by a matrix."""
    matrix = normal(blocks * width, 2 * size * (size + 1), seed=5)
    w = normal(batch, blocks, width, seed=w_seed)

    def draw(w, weight):
        flat = w.flatten(1) @ weight
        flat = flat if kind == "linear" else torch.tanh(flat) + flat**2 / 10
        return flat.view(batch, 2, size, size + 1)

    return w, matrix, draw


def _penalty(batch, blocks, width, size, mean=0.5, scale=None, label="", **options):
    """The penalty, the mean, and the gradients to the generator's weights and to the mean so far."""

    def run(candidate):
        w, matrix, draw = _images(batch, blocks, width, size)
        if scale is not None:
            w = w * torch.tensor(scale, dtype=torch.float64)[:, None, None]
        w, weight = w.requires_grad_(), matrix.requires_grad_()
        target = torch.tensor(mean, dtype=torch.float64)
        y = normal(batch, 2, size, size + 1, seed=7)
        kept, mean_kept = y.clone(), target.clone()
        returned = candidate(draw(w, weight), w, target, y=y, **options)
        after = {
            "`y` afterwards": torch.equal(y, kept),
            "`mean_length` afterwards": torch.equal(target, mean_kept),
            "the gradients left in w and in the generator's weights": w.grad is not None or weight.grad is not None,
        }
        if not isinstance(returned, (tuple, list)) or len(returned) != 2:
            return {KIND: kind(returned), **after}
        if not all(isinstance(x, torch.Tensor) for x in returned):
            return {KIND: f"a {kind(returned[0])} and a {kind(returned[1])}".replace("a a ", "a "), **after}
        penalty, new = returned
        back = penalty.requires_grad
        gradient = torch.autograd.grad(penalty.sum(), weight, allow_unused=True)[0] if back else None
        return {
            KIND: "a tuple of 2",
            "the penalty": penalty.detach(),
            "the new mean": new.detach(),
            "whether the new mean has a graph": new.requires_grad,
            "the gradient with respect to the generator's weights": "none" if gradient is None else gradient,
            **after,
        }

    return scenario(label or f"{batch} images from {blocks} blocks of {width} numbers", run)


_OWN_NOISE_EACH = "whether each image has noise of its own"


def _own_noise(candidate):
    torch.manual_seed(0)
    w, matrix, draw = _images(64, 2, 3, 4, kind="linear")
    w = w.requires_grad_()
    images = draw(w, matrix)
    found = [candidate(images, w, torch.zeros((), dtype=torch.float64), decay=1.0) for _ in range(40)]
    if not isinstance(found[0], (tuple, list)) or len(found[0]) != 2:
        return {KIND: kind(found[0])}
    if not all(isinstance(x, torch.Tensor) for x in found[0]):
        return {KIND: f"a {kind(found[0][0])} and a {kind(found[0][1])}".replace("a a ", "a ")}
    spread = torch.stack([penalty.detach() for penalty, _ in found]).mean()
    found = [mean.detach() for _, mean in found]
    mean = torch.stack(found).mean()
    return {
        KIND: "a tuple of 2",
        "the mean length with noise of its own": Near(mean, 0.05 * mean.item()),
        "whether noise is drawn anew": found[0].item() != found[1].item(),
        _OWN_NOISE_EACH: bool(spread > 1e-6 * mean**2),
    }


_SLOPE = "(slope,) = torch.autograd.grad((images * y).sum(), w, create_graph=True)"
_LENGTHS = "slope.square().sum(dim=2).mean(dim=1).sqrt()"
_MEAN = "(mean_length + decay * (lengths.mean() - mean_length)).detach()"
_ROOT = "y = y / (images.shape[2] * images.shape[3]) ** 0.5"
_OUT = "return (lengths - mean_length).square().mean(), mean_length"

exercise(
    "c2w3c.path_length_penalty",
    "course_utils.regularisers:path_length_penalty",
    cases=(
        _penalty(4, 3, 2, 3),
        _penalty(3, 1, 5, 2, decay=0.5),
        _penalty(1, 2, 3, 3, decay=0.0),
        _penalty(3, 2, 4, 4, mean=0.0, decay=1.0),
        _penalty(3, 2, 3, 3, scale=[0.1, 1.0, 10.0], label="three images, one of them with a steep slope"),
        scenario("called without y", _own_noise),
    ),
    mistakes=(
        mistake("no_second_graph", (", create_graph=True", ", retain_graph=True"), (_LENGTHS, _LENGTHS + ".detach()"),
            (_OUT, "return (lengths - mean_length).square().mean().detach(), mean_length"),
            "No gradient comes back to the generator. The slope is itself a derivative that will be differentiated once more: "
            "take it with `create_graph=True`, and detach neither the lengths nor the penalty."),
        mistake("not_divided", (_ROOT, "pass"),
            "`y` is not divided by sqrt(H * W), so that lengths grow with the size of the image."),
        mistake("divided_by_pixels", (") ** 0.5", ")"),
            "`y` is divided by H * W without the root."),
        mistake("divided_with_channels", (_ROOT, "y = y / images[0].numel() ** 0.5"),
            "`y` is divided by sqrt(C * H * W). The colours do not count: sqrt(H * W)."),
        mistake("one_side_for_both", ("images.shape[2] * images.shape[3]", "images.shape[2] * images.shape[2]"),
            ("images.shape[2] * images.shape[3]", "images.shape[3] * images.shape[3]"),
            "`y` is divided by one side of the images, as if they were squares. Take both: sqrt(H * W)."),
        mistake("only_own_noise_divided", ("y = torch.randn_like(images)",
                "y = torch.randn_like(images) / (images.shape[2] * images.shape[3]) ** 0.5", _ROOT, "pass"),
            "A given `y` is not divided by sqrt(H * W), only new noise is. It is divided in both cases."),
        mistake("slope_of_a_mean", ("(images * y).sum()", "(images * y).mean()"),
            ("(images * y).sum()", "(images * y).sum() / len(images)"),
            "The gradient is taken of a mean of images * y. Each image's slope is then divided by how many there are. "
            "Take it of the sum."),
        mistake("not_summed", ("(images * y).sum()", "images * y"),
            "`torch.autograd.grad` differentiates a single number, and images * y is as large as the images. Add "
            "everything up first: `(images * y).sum()`."),
        mistake("mean_over_the_batch", (_LENGTHS, "slope.square().sum(dim=2).mean(dim=0).sqrt()"),
            "The mean is taken over the images, and a length is left for each block. A length belongs to an image: take the "
            "mean over blocks, `dim=1`. (A popular implementation has its blocks in front, and this mistake.)"),
        mistake("dimensions_exchanged", (_LENGTHS, "slope.square().sum(dim=1).mean(dim=1).sqrt()"),
            (_LENGTHS, "slope.norm(dim=1).mean(dim=1)"),
            "The sum runs over the blocks and the mean over the numbers of w. It is the other way round: the slope is "
            "(B, L, w_dim), sum over the last dimension, then mean over the blocks."),
        mistake("sum_over_blocks", (_LENGTHS, "slope.square().sum(dim=(1, 2)).sqrt()"),
            (_LENGTHS, "slope.flatten(1).norm(dim=1)"),
            "The blocks are added up. Take their mean, so that the length does not depend on how many there are."),
        mistake("mean_over_numbers", (_LENGTHS, "slope.square().mean(dim=(1, 2)).sqrt()"),
            (_LENGTHS, "slope.square().mean(dim=2).mean(dim=1).sqrt()"),
            "The mean is taken over the numbers of w as well. They are added: it is a length."),
        mistake("mean_of_roots", (_LENGTHS, "slope.norm(dim=2).mean(dim=1)"),
            "The root is taken before the mean over blocks. First the mean of the squares, then the root."),
        mistake("no_root", (_LENGTHS, "slope.square().sum(dim=2).mean(dim=1)"),
            "The root is missing: these are squared lengths."),
        mistake("length_of_the_batch", (_LENGTHS, "slope.square().sum(dim=2).mean().sqrt()"),
            "There is one length for the whole batch. Each image has its own, and the penalty is about how they differ."),
        mistake("target_with_a_graph", (".detach()", ""),
            "The new mean has a graph. It is a target: without `detach()` the graphs of all steps are kept as well."),
        mistake("detached_too_late", (".detach()", "", _OUT, _OUT + ".detach()"),
            "The mean is detached only where it is returned: in the penalty the target still has a graph, so that the "
            "gradient is another. Detach it before the difference is taken. (A popular implementation does it like this.)"),
        mistake("mean_as_a_number", (_OUT, _OUT + ".item()"),
            "The new mean is a number of Python. It is asked for as a scalar, a tensor without a graph: `.detach()`, "
            "not `.item()`."),
        mistake("mean_of_this_batch", (_OUT, "return (lengths - mean_length).square().mean(), lengths.mean().detach()"),
            "What comes back as the new mean is the mean length of this batch. Return the one that has moved towards "
            "it by `decay`."),
        mistake("not_averaged", (_OUT, "return (lengths - mean_length).square(), mean_length"),
            "The penalty is a number for each image. Take the mean over the images."),
        mistake("lengths_returned", (_OUT, "return lengths, mean_length"),
            "The lengths come back in the place of the penalty. It is the mean of their squared differences from the "
            "new mean."),
        mistake("three_results", (_OUT, _OUT + ", lengths"),
            "Three results come back. Two are asked for: the penalty and the new mean."),
        mistake("pulled_to_one", (_OUT, "return (lengths - 1).square().mean(), mean_length"),
            "The lengths are pulled to 1, as in a gradient penalty. Here the target is their running mean."),
        mistake("only_too_long", (_OUT, "return (lengths - mean_length).clamp(min=0).square().mean(), mean_length"),
            "Only lengths above the mean are punished. Those below it count as well: the penalty is about even steps."),
        mistake("old_mean_as_target", (_OUT, "return (lengths - mean_before).square().mean(), mean_length",
                "    mean_length = (mean_length", "    mean_before = mean_length.detach()\n    mean_length = (mean_length"),
            "The lengths are compared with the mean as it was. The mean moves first, and the new one is the target."),
        mistake("mean_never_moves", (_MEAN, "mean_length.detach()"),
            "The mean does not move: it stays what it was."),
        mistake("decay_turned_round", (_MEAN, "(lengths.mean() + decay * (mean_length - lengths.mean())).detach()"),
            "The shares are exchanged. `decay` is the share of the *new* length, small, and the old mean keeps the rest."),
        mistake("penalty_of_the_mean", (_OUT, "return (lengths.mean() - mean_length).square(), mean_length"),
            "The mean length is compared with the target. Take each image's difference, square it, then the mean."),
        mistake("summed", (_OUT, "return (lengths - mean_length).square().sum(), mean_length"),
            "The squares are added. Take their mean over the images."),
        mistake("length_itself", (_OUT, "return lengths.square().mean(), mean_length"),
            "The lengths are pulled to 0. They are pulled to their mean: a generator that ignores w would be best otherwise."),
        mistake("uniform_noise", ("torch.randn_like(images)", "torch.rand_like(images)"),
            ("torch.randn_like(images)", "2 * torch.rand_like(images) - 1"),
            "The noise is uniform. Draw it from N(0, 1): `torch.randn_like`."),
        mistake("no_noise", ("torch.randn_like(images)", "torch.ones_like(images)"),
            "Without `y` nothing random is drawn. Draw noise from N(0, 1)."),
        mistake("one_noise_for_all", ("torch.randn_like(images)", "torch.randn_like(images[:1])"),
            ("torch.randn_like(images)", "torch.randn_like(images[0])"),
            "All images of the batch get the same noise. It has the shape of the images: each has its own."),
        mistake("own_noise_always", ("if y is None:", "if True:"),
            "The given `y` is not used. Draw noise only where there is none."),
        mistake("absolute", (_OUT, "return (lengths - mean_length).abs().mean(), mean_length"),
            "The differences are taken absolutely. They are squared."),
        mistake("penalty_only", (_OUT, "return (lengths - mean_length).square().mean()"),
            "Only the penalty comes back. The new mean is needed for the next step: return both."),
        mistake("order_of_results", (_OUT, "return mean_length, (lengths - mean_length).square().mean()"),
            "The results are in the wrong order: first the penalty, then the new mean."),
    ),
)

# --- orthogonal weights -------------------------------------------------------------------------------------------------


class _OddOne(nn.Module):
    """A layer that keeps its matrix under ``weight``, without being any layer of torch's."""

    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(3, 2))


def _net(kind):
    layers = {
        "linear": lambda: nn.Sequential(nn.Linear(4, 3), nn.ReLU(), nn.Linear(3, 5)),
        "convolution": lambda: nn.Sequential(nn.Conv2d(2, 4, 3), nn.BatchNorm2d(4), nn.Conv2d(4, 3, 1)),
        "nested": lambda: nn.Sequential(nn.Sequential(nn.Linear(3, 4), nn.Sequential(nn.Linear(4, 2)))),
        "embedding": lambda: nn.Sequential(nn.Embedding(4, 3), nn.Linear(3, 6, bias=False)),
        "no weights": lambda: nn.ReLU(),
        "one row": lambda: nn.Linear(6, 1),
        "own layer": lambda: nn.Sequential(_OddOne(), nn.LayerNorm(3)),
        "a layer without a weight": lambda: nn.Sequential(nn.Linear(3, 2), nn.BatchNorm1d(2, affine=False)),
        "another name": lambda: nn.Sequential(nn.Linear(3, 4), nn.MultiheadAttention(2, 1, batch_first=True)),
    }
    return seeded(layers[kind], seed=3)


def _orthogonal():
    layer = nn.Linear(5, 3, bias=False).double()
    rows = torch.linalg.qr(normal(5, 3))[0].T * torch.tensor([[1.0], [7.0], [0.2]], dtype=torch.float64)
    with torch.no_grad():
        layer.weight.copy_(rows)
    return layer


_PRODUCTS = "products = products - torch.diag(products.diag())"
_SQUARE = "products.square().sum()"

exercise(
    "c2w3c.orthogonal_penalty",
    "course_utils.regularisers:orthogonal_penalty",
    cases=(
        *(call(_net(kind), label=f"called with: {kind}") for kind in ("linear", "convolution", "nested", "embedding",
            "one row", "own layer", "a layer without a weight", "another name")),
        call(_orthogonal(), label="called with orthogonal rows of lengths 1, 7 and 0.2"),
        call(_net("no weights"), label="called with a network without weights", ignore=("the dtype of the result",)),
    ),
    mistakes=(
        mistake("lengths_fixed", (_PRODUCTS, "products = products - torch.eye(len(rows)).to(products)"),
            "Rows are also pulled to length 1: the identity is taken off, and the squared lengths stay in. Multiply the "
            "diagonal by 0, so that rows may have any length."),
        mistake("diagonal_kept", (_PRODUCTS, "pass"),
            "The diagonal is still there: it holds the squared lengths, and would pull all weights to 0."),
        mistake("columns", ("rows @ rows.T", "rows.T @ rows"),
            "The products are those of the columns, W^T W. There is a row for each output: W W^T."),
        mistake("inputs_first", ("weight.flatten(1)", "weight.transpose(0, 1).flatten(1)"),
            "The weights are written with one row for each input. Rows are outputs, the first dimension."),
        mistake("reshaped", ("weight.flatten(1)", "weight.reshape(-1, weight.shape[-1])"),
            ("weight.flatten(1)", "weight.reshape(-1, weight.shape[0])"),
            "The weights are reshaped so that a row is no output any more. (out, in, k, k) becomes (out, in * k * k): "
            "`weight.flatten(1)`."),
        mistake("returns_in_the_loop", ("total = total.to(weight) + ", "return "),
            "The function ends after the first layer: `return` stands inside the loop."),
        mistake("weight_may_be_none",
            "A layer may have a `weight` that is None: a normalisation with `affine=False` does. Ask whether it is a tensor.",
            symptom=lambda r: bool(r.errors()) and only_where(r, "without a weight")),
        mistake("any_name", Body("""
            kept = {id(m.weight) for m in network.modules() if isinstance(m, nn.Embedding)}
            total = torch.zeros(())
            for weight in network.parameters():
                if weight.ndim > 1 and id(weight) not in kept:
                    products = weight.flatten(1) @ weight.flatten(1).T
                    total = total.to(weight) + (products - torch.diag(products.diag())).square().sum()
            return total
            """),
            Body("""
            kept = {id(m.weight) for m in network.modules() if isinstance(m, nn.Embedding)}
            total = torch.zeros(())
            for name, weight in network.named_parameters():
                if weight.ndim > 1 and "weight" in name and id(weight) not in kept:
                    products = weight.flatten(1) @ weight.flatten(1).T
                    total = total.to(weight) + (products - torch.diag(products.diag())).square().sum()
            return total
            """),
            "Parameters of another name are penalised, too. Only those that are called `weight` in their layer count."),
        mistake("any_name_and_embeddings", Body("""
            total = torch.zeros(())
            for weight in network.parameters():
                if weight.ndim > 1:
                    products = weight.flatten(1) @ weight.flatten(1).T
                    total = total.to(weight) + (products - torch.diag(products.diag())).square().sum()
            return total
            """),
            Body("""
            total = torch.zeros(())
            for name, weight in network.named_parameters():
                if weight.ndim > 1 and "weight" in name:
                    products = weight.flatten(1) @ weight.flatten(1).T
                    total = total.to(weight) + (products - torch.diag(products.diag())).square().sum()
            return total
            """),
            "Every parameter with two dimensions is penalised. Leave out the table of an `nn.Embedding`, and "
            "parameters of another name than `weight`. Ask layers, not parameters: `network.modules()`."),
        mistake("zero_of_python", ("total = torch.zeros(())", "total = 0", "total.to(weight)", "total"),
            ("total = torch.zeros(())", "total = 0.0", "total.to(weight)", "total"),
            "A network without such weights gives a number of Python. Begin with a tensor: `torch.zeros(())`."),
        mistake("zero_in_a_row", ("total = torch.zeros(())", "total = torch.zeros(1)"),
            "The result has the shape (1,): `torch.zeros(1)` is a row of one number. A scalar is `torch.zeros(())`."),
        mistake("fails_without_weights",
            "It fails for a network without such weights. Nothing is added there: return a 0 of one number.",
            symptom=lambda r: bool(r.errors()) and only_where(r, "without weights")),
        mistake("norm_not_squared", (_SQUARE, "products.norm()"),
            "The norm is not squared."),
        mistake("absolute", (_SQUARE, "products.abs().sum()"),
            "The products are taken absolutely. They are squared."),
        mistake("not_squared", (_SQUARE, "products.sum()"),
            "The products are added as they are, so that negative ones cancel others. Square them first."),
        mistake("mean", (_SQUARE, "products.square().mean()"),
            "The mean over the entries is taken. They are added."),
        mistake("pairs_once", (_PRODUCTS, "products = products.triu(1)"),
            "Every pair counts once. In the norm of the whole matrix it counts twice."),
        mistake("first_layer_of_a_level", ("network.modules()", "network.children()"),
            "Layers inside of other modules are not found: `network.children()` looks one level down. `network.modules()` "
            "finds all."),
        mistake("embedding_counts", (" or isinstance(layer, nn.Embedding)", ""),
            "The table of an `nn.Embedding` is penalised, too. Leave it out."),
        mistake("linear_only", ("not isinstance(weight, Tensor)", "not isinstance(layer, nn.Linear)"),
            "Only linear layers count. Convolutions have rows as well: `weight.flatten(1)`."),
        mistake("convolutions_only", ("not isinstance(weight, Tensor)", "not isinstance(layer, nn.Conv2d)"),
            "Only convolutions count. Linear layers have weights as well."),
        mistake("known_layers_only", ("not isinstance(weight, Tensor)", "not isinstance(layer, (nn.Conv2d, nn.Linear))"),
            "Only `nn.Linear` and `nn.Conv2d` count. Any layer with a `weight` of two or more dimensions does."),
        mistake("cosines", ("rows = weight.flatten(1)", "rows = nn.functional.normalize(weight.flatten(1), dim=1)"),
            "Every row is divided by its length first: these are cosines. The docstring asks for the inner products of rows "
            "as they are."),
        mistake("mean_over_layers", ("return total", "return total / max(1, sum(getattr(m, 'weight', None) is not None and "
                "m.weight.ndim > 1 and not isinstance(m, nn.Embedding) for m in network.modules()))"),
            "The mean over layers is taken. The penalties of the layers are added."),
        mistake("detached", ("rows = weight.flatten(1)", "rows = weight.detach().flatten(1)"),
            "No gradient goes back to the weights: they were detached."),
        mistake("last_layer_only", ("total = total.to(weight) + ", "total = "),
            "Only one layer counts: each overwrites the sum so far."),
    ),
)

# --- diagnosis ----------------------------------------------------------------------------------------------------------

CLUES = {
    "sampler A": "numbers lie beyond 1. How does its deviation compare with 1?",
    "sampler B": "its largest number and its deviation say two things. Which bounds, and 0.54 of what?",
    "sampler C": "nothing lies beyond 1, and nothing at it. Compare its deviation and its small numbers with B.",
    "sampler D": "look at the column of numbers exactly at the bound.",
    "sampler E": "its bounds are those of B. Twice its deviation is that of which distribution?",
    "sampler F": "some numbers lie beyond 1, as many as 0.317 of what?",
}

diagnosis("c2w3c.diagnose", "course_utils.lessons.c2w3c.exercises:diagnose", Naming("sampler", CASES, NAMES, diagnose), CLUES)
