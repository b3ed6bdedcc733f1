"""The checks of progressive growing: the fade, two layers, the generator that grows, and five diagnoses."""

import re

import torch

from course_utils.checks import exercise, mistake, networks
from course_utils.checks.cases import call, normal, on_gpu, scenario
from course_utils.checks.naming import Naming
from course_utils.checks.networks import network
from course_utils.checks.observe import Seen, text_of
from course_utils.lessons.c2w3a.exercises import RUNS, SIGNS, contradiction, diagnose

# --- fade_in -----------------------------------------------------------------------------------------------------------

_MIX = "(1 - alpha) * old + alpha * new"
_ENLARGE = 'F.interpolate(old, size=new.shape[2:], mode="nearest")'


def _fade(small, large, alpha, **options):
    return call(normal(*small), normal(*large, seed=1), alpha, **options)


exercise(
    "c2w3a.fade_in",
    "course_utils.models.growing.progressive:fade_in",
    cases=(
        _fade((2, 3, 4, 4), (2, 3, 8, 8), 0.25),
        _fade((1, 1, 2, 3), (1, 1, 4, 6), 0.7),
        _fade((2, 3, 4, 4), (2, 3, 8, 8), 0.0),
        _fade((2, 3, 4, 4), (2, 3, 8, 8), 1.0),
        _fade((2, 5, 4, 4), (2, 5, 4, 4), 0.4, label="called with two pictures of one size"),
        _fade((2, 3, 2, 2), (2, 3, 8, 8), 0.5, label="called with sides four times as large"),
        _fade((2, 3, 4, 4), (2, 3, 8, 8), 1.5),
        _fade((2, 3, 4, 4), (2, 3, 8, 8), -0.1),
        _fade((2, 3, 4, 4), (2, 1, 8, 8), 0.5),
        _fade((2, 3, 4, 4), (2, 3, 7, 7), 0.5),
        on_gpu(normal(2, 3, 4, 4), normal(2, 3, 8, 8, seed=1), 0.25),
    ),
    mistakes=(
        mistake(
            "shares_swapped",
            (_MIX, "alpha * old + (1 - alpha) * new"),
            "The shares are exchanged: at `alpha=0` the new picture comes out. A stage would begin with random layers and fade "
            "back to the old ones. `alpha` is the share of the new picture.",
        ),
        mistake(
            "added_on_top",
            (_MIX, "old + alpha * new"),
            "The old picture keeps its full share while the new one is added. At `alpha=1` both are there, and the old layers "
            "would never be given up. The old picture's share is `1 - alpha`.",
        ),
        mistake(
            "old_left_out",
            (_MIX, "alpha * new"),
            "Only the new picture is faded in; the old one is missing. At `alpha=0` the picture would be grey.",
        ),
        mistake(
            "bilinear",
            ('mode="nearest"', 'mode="bilinear"'),
            ('mode="nearest"', 'mode="bilinear", align_corners=True'),
            ('mode="nearest"', 'mode="bicubic"'),
            'The old picture is smoothed while it is enlarged. Here each pixel is repeated, mode "nearest": halving the result '
            "then gives the old picture back, and the discriminator's test at the joint is exact.",
        ),
        mistake(
            "new_halved",
            (f"old = {_ENLARGE}", "new = F.avg_pool2d(new, new.shape[-1] // old.shape[-1])"),
            (f"old = {_ENLARGE}", "new = F.interpolate(new, size=old.shape[2:])"),
            "The result has the size of the old picture: the new one was made smaller. A stage is there for the larger one; "
            "enlarge `old`.",
        ),
        mistake(
            "always_twice",
            (_ENLARGE, 'F.interpolate(old, scale_factor=2, mode="nearest")'),
            "It works for a factor of 2 and nothing else. The discriminator mixes maps of one size, and the factor may be "
            "larger: enlarge to `size=new.shape[2:]`.",
        ),
        mistake(
            "tiled",
            (_ENLARGE, "old.repeat(1, 1, new.shape[2] // old.shape[2], new.shape[3] // old.shape[3])"),
            "`repeat` puts copies of the whole picture side by side. Each *pixel* is to be repeated in its place: "
            "`F.interpolate` does it, or `repeat_interleave` along both sides.",
        ),
        mistake(
            "not_enlarged",
            (_ENLARGE, "old"),
            (_ENLARGE, "old.repeat_interleave(new.shape[3] // old.shape[3], dim=3)"),
            (_ENLARGE, "old.repeat_interleave(new.shape[2] // old.shape[2], dim=2)"),
            "The old picture is not enlarged, or along one side only, so the two do not fit. Repeat its pixels along both "
            "sides until it has the size of `new`, and mix then.",
        ),
        mistake(
            "squashed",
            (_MIX, "torch.tanh((1 - alpha) * old + alpha * new)"),
            "A tanh follows the mixture. At `alpha=0` the picture is then not the old one any more: what was 0.8 becomes 0.66. "
            "Nothing may follow.",
        ),
        mistake(
            "old_detached",
            (_ENLARGE, f"{_ENLARGE}.detach()"),
            "No gradient leads back to the old picture. While it is part of what is seen, its layers go on learning.",
        ),
        mistake(
            "only_the_ends",
            (_MIX, "new if alpha >= 0.5 else old"),
            (_MIX, "new if alpha > 0 else old"),
            "Either the old or the new picture comes out, but no mixture.",
        ),
    ),
)

# --- pixel norm --------------------------------------------------------------------------------------------------------

_NORM = "x * (x.square().mean(dim=1, keepdim=True) + eps).rsqrt()"
_MEAN = "x.mean(dim=1, keepdim=True)"
_STDS = [f"x.std(dim=1, keepdim=True, correction={correction})" for correction in (0, 1)]

exercise(
    "c2w3a.pixel_norm",
    "course_utils.models.equalised:pixel_norm",
    cases=(
        call(normal(3, 5, 4, 4)),
        call(normal(4, 6)),
        call(normal(1, 8, 2, 3, scale=50.0)),
        call(normal(2, 1, 3, 3)),
        call(torch.zeros(2, 3, 2, 2, dtype=torch.float64), label="called with zeros"),
        call(normal(2, 4, 3, 3), 0.5, label="called with eps=0.5"),
        call(normal(2, 4, 3, 3, scale=1e-5), label="called with tiny features"),
        on_gpu(normal(3, 5, 4, 4)),
    ),
    mistakes=(
        mistake(
            "sum_not_mean",
            ("x.square().mean(dim=1", "x.square().sum(dim=1"),
            (_NORM, "torch.nn.functional.normalize(x, dim=1)"),
            "The features are divided by their length, so that the *sum* of their squares is 1. With 64 channels they would be "
            "eight times too small. The mean over the channels is to be 1.",
        ),
        mistake(
            "over_positions",
            ("dim=1", "dim=(2, 3)"),
            ("dim=1", "dim=-1"),
            ("dim=1", "dim=(1, 2, 3)"),
            "The mean runs over positions. Pixel norm takes each position on its own and averages over its channels, dimension "
            "1; codes (B, C) have no other.",
        ),
        mistake(
            "over_the_batch",
            ("dim=1", "dim=0"),
            "The mean runs over the batch, so that images change each other. It runs over the channels, dimension 1.",
        ),
        mistake(
            "dimension_lost",
            (", keepdim=True", ""),
            "The mean lost its dimension: `mean(dim=1)` of (B, C, H, W) is (B, H, W), which does not fit beside the features, "
            "or falls on the wrong ones. With `keepdim=True` it is (B, 1, H, W), one number a position for all channels.",
        ),
        mistake(
            "standard_deviation",
            *((_NORM, f"x / ({std} + eps)") for std in _STDS),
            *((_NORM, f"x * ({std}.square() + eps).rsqrt()") for std in _STDS),
            *((_NORM, f"x / {std}") for std in _STDS),
            "The features are divided by their standard deviation, which is measured from their mean. Pixel norm knows no "
            "mean: it divides by the root of the mean *square*.",
        ),
        mistake(
            "centred",
            *((_NORM, f"(x - {_MEAN}) * ({std}.square() + eps).rsqrt()") for std in _STDS),
            *((_NORM, f"(x - {_MEAN}) / ({std} + eps)") for std in _STDS),
            "The mean is taken off first: that is layer normalisation at one position. Pixel norm only divides.",
        ),
        mistake(
            "divided_twice",
            ("rsqrt()", "reciprocal()"),
            "The features are divided by their mean square, without the root. Twice as large features would come out half as "
            "large; they should come out the same.",
        ),
        mistake(
            "eps_outside",
            (_NORM, "x / (x.square().mean(dim=1, keepdim=True).sqrt() + eps)"),
            "`eps` is added outside the root. Where all features are 0 the root has an infinite slope and the gradient is NaN. "
            "Add it to the mean square, inside.",
        ),
        mistake("no_eps", (" + eps", ""), "`eps` is not used. Where all features are 0 the result is 0 divided by 0."),
        mistake(
            "mean_of_absolutes",
            (_NORM, "x / (x.abs().mean(dim=1, keepdim=True) + eps)"),
            "The features are divided by the mean of their absolute values. It is the root of the mean of their squares.",
        ),
        mistake(
            "multiplied",
            ("x *", "x /"),
            "The features are multiplied by their root mean square where they should be divided by it.",
        ),
        mistake(
            "fixed_eps", ("+ eps", "+ 1e-8"), "The argument `eps` is not used; another number is written in its place."
        ),
    ),
)

# --- the equalised convolution -----------------------------------------------------------------------------------------

_WEIGHT = "torch.randn(out_channels, in_channels, kernel_size, kernel_size) / lr_multiplier"
_SCALE = "gain * lr_multiplier / math.sqrt(fan_in)"
_SCALE_WITHOUT = "gain * lr_multiplier / math", "gain / math"
_NAMES = "the names weight, bias and scale"
_STARTS = "the deviation of the stored weights at the start, to a tenth"
_BIASES = "the largest bias at the start"
_USED = "the deviation of what comes out at the start, to a tenth"


def _shape_of_bias(layer) -> str:
    bias = getattr(layer, "bias", None)
    return f"a bias of shape {tuple(bias.shape)}" if isinstance(bias, torch.Tensor) else "no parameter (out,)"


def _starts(**options):
    """A layer as it is made: how large its stored weights are, its bias, and what comes out."""

    def run(make) -> dict:
        layer = make(64, 64, 3, **options)
        missing = [name for name in ("weight", "bias", "scale") if not hasattr(layer, name)]
        weights = [p for p in layer.parameters() if p.dim() > 1]
        biases = [p for p in layer.parameters() if p.dim() == 1]
        with torch.no_grad():
            out = layer(torch.randn(8, 64, 6, 6))
        return {
            _NAMES: f"{', '.join(missing)} missing" if missing else "there",
            _STARTS: round(float(weights[0].std() * options.get("lr_multiplier", 1)), 1) if weights else None,
            _BIASES: float(biases[0].abs().max()) if biases else _shape_of_bias(layer),
            _USED: round(float(out.std()), 1),
        }

    words = ", ".join(f"{k}={v}" for k, v in options.items()) or "as it is made"
    return scenario(f"made with (64, 64, 3): {words}", run)


_X = normal(2, 3, 6, 7, dtype=torch.float32)

exercise(
    "c2w3a.equalised_conv",
    "course_utils.models.equalised:EqualisedConv2d",
    cases=(
        _starts(),
        _starts(lr_multiplier=0.1),
        _starts(gain=1.0),
        network(3, 5, 3, padding=1, inputs=(_X,)),
        network(3, 4, 1, gain=1.0, inputs=(_X,)),
        network(3, 4, 3, stride=2, inputs=(_X,)),
        network(3, 4, 3, lr_multiplier=0.25, inputs=(_X,)),
        scenario("made with in_channels=0", lambda make: make(0, 4, 3)),
        scenario("made with gain=0", lambda make: make(3, 4, 3, gain=0.0)),
    ),
    usual=networks.USUAL,
    mistakes=(
        mistake(
            "other_names",
            "Something has another name than the docstring gives it: VALUE. Others look at `layer.weight`, `layer.bias` and "
            "`layer.scale`.",
            symptom=lambda r: next((got for got, wanted in r.pairs(_NAMES) if got != wanted), ""),
            explains=(_NAMES,),
        ),
        mistake(
            "scaled_once",
            (f"self.scale = {_SCALE}", "self.scale = 1.0", _WEIGHT, f"{_WEIGHT} * {_SCALE}"),
            (
                *(f"self.scale = {_SCALE}", "self.scale = 1.0"),
                *(_WEIGHT, f"{_WEIGHT.removesuffix(' / lr_multiplier')} * {_SCALE.replace(' * lr_multiplier', '')}"),
                *("self.bias * self.lr_multiplier", "self.bias"),
            ),
            "The weights are scaled when they are made, not when they are used. That is the usual start: a step of Adam is "
            "then large for some layers and small for others. Keep N(0, 1), and multiply in `forward`.",
        ),
        mistake(
            "scaled_twice",
            (_WEIGHT, f"{_WEIGHT} * {_SCALE}"),
            "The weights are scaled when they are made and again when they are used. Keep N(0, 1), and multiply in "
            "`forward` only.",
        ),
        mistake(
            "gradient_cut",
            ("self.weight * self.scale", "self.weight.data * self.scale"),
            ("self.weight * self.scale", "self.weight.detach() * self.scale"),
            "`.data` or `.detach()` cuts the weight off: no gradient reaches it, and it never learns. Multiply the parameter "
            "itself.",
        ),
        mistake(
            "never_scaled",
            ("self.weight * self.scale", "self.weight"),
            "The weights are used as they are, N(0, 1): what comes out grows with every layer. Multiply them by `self.scale` "
            "in `forward`.",
        ),
        mistake(
            "kernel_forgotten",
            ("in_channels * kernel_size**2", "in_channels"),
            "`fan_in` counts the channels only. Each output is a sum over the kernel's pixels, too: in_channels * "
            "kernel_size^2.",
        ),
        mistake(
            "fan_out",
            ("in_channels * kernel_size**2", "out_channels * kernel_size**2"),
            "The scale uses the channels that go *out*. How large a sum becomes depends on how many numbers are added: those "
            "that come in.",
        ),
        mistake(
            "no_root",
            ("math.sqrt(fan_in)", "fan_in"),
            "The scale is gain / fan_in, without the root. The deviation of a sum of n independent numbers grows as "
            "the root of n.",
        ),
        mistake(
            "bias_scaled",
            ("self.bias * self.lr_multiplier", "self.bias * self.scale"),
            ("self.bias * self.lr_multiplier", "self.bias * self.lr_multiplier * self.scale"),
            "The bias is multiplied by the weights' scale, alone or with all that comes out of the convolution. It is no sum: "
            "it is used as it is, times `lr_multiplier`. Multiply the weight by the scale, before the convolution.",
        ),
        mistake(
            "bias_not_multiplied",
            ("self.bias * self.lr_multiplier", "self.bias"),
            "The bias does not get `lr_multiplier`, so it learns at the full rate while the weights are slowed down.",
        ),
        mistake(
            "multiplier_not_in_scale",
            _SCALE_WITHOUT,
            "`lr_multiplier` is missing in the scale. The stored weights are divided by it, so the used ones have to be "
            "multiplied by it: the layer should start as always, and learn more slowly.",
        ),
        mistake(
            "multiplier_ignored",
            (*_SCALE_WITHOUT, " / lr_multiplier)", ")", "self.bias * self.lr_multiplier", "self.bias"),
            "`lr_multiplier` changes nothing: the layer learns at the full rate whatever it is. It divides the stored weights, "
            "and multiplies the scale and the bias.",
        ),
        mistake(
            "weights_not_divided",
            (f"{_WEIGHT}", "torch.randn(out_channels, in_channels, kernel_size, kernel_size)"),
            "The stored weights are not divided by `lr_multiplier`. The layer starts with weights that are too small by that "
            "factor: it should start as always, and learn more slowly.",
        ),
        mistake(
            "stride_forgotten", ("stride=self.stride, ", ""), "`stride` is not handed on, so every position is computed."
        ),
        mistake(
            "padding_forgotten", (", padding=self.padding", ""), "`padding` is not handed on, so the edges are lost."
        ),
        mistake(
            "bias_of_another_shape",
            "The layer has VALUE. The docstring says `bias` (out,): one number for each of the channels that come out, which "
            "`F.conv2d` takes as it is.",
            symptom=lambda r: next((got for got, _ in r.pairs(_BIASES) if str(got).startswith("a bias")), ""),
        ),
        mistake(
            "bias_random",
            ("torch.zeros(out_channels)", "torch.randn(out_channels)"),
            "The bias starts with random numbers. It starts at 0.",
        ),
    ),
)

# --- the generator that grows ------------------------------------------------------------------------------------------


def _grown(stage: int, alpha: float = 1.0, widths=(6, 5, 4), smallest: int = 2, **options):
    """The generator put to a stage and an alpha before it is called."""
    z = normal(3, 7, dtype=torch.float32)
    inner = network(7, widths, smallest, inputs=(z,), **options)

    def observe(make, names) -> Seen:
        def made(*arguments, **keywords):
            return make(*arguments, **keywords).at(stage, alpha)

        return inner.observe(made, names)

    import dataclasses

    label = f"at stage {stage}" + (f" with alpha={alpha}" if alpha < 1 else "")
    unused = ("whether all weights are reached by the gradient",)
    return dataclasses.replace(inner, name=f"{label}, widths {widths}", observe=observe, ignore=unused)


_PARTS = "its parts"


def _parts(make) -> dict:
    made = make(7, (6, 5, 4), 2)
    names = [name for name in ("first", "blocks", "to_rgb") if not hasattr(made, name)]
    lengths = [len(getattr(made, name, ())) for name in ("blocks", "to_rgb")]
    hidden = "in a plain list: " if networks.hides_layers(made) else ""
    return {_PARTS: f"missing: {', '.join(names)}" if names else f"{hidden}{lengths[0]} blocks, {lengths[1]} to_rgb"}


def _colours(record) -> tuple[int, int] | None:
    """For how many maps the `to_rgb` that fails was made, and how many it gets, where stage 2 fades in over (6, 5, 4) maps.

    None where another layer fails, or where it fails without fading, too.
    """
    if any(seen.error for case, seen in record.got.items() if case.startswith("at stage") and "alpha" not in case):
        return None
    errors = [text_of(record.got[c].error) for c in record.got if c.startswith("at stage 2 with") and record.got[c].error]
    found = [re.search(r"weight of size \[\d+, (\d+), 1, 1\], expected input\[\d+, (\d+),", text) for text in errors]
    return (int(found[0][1]), int(found[0][2])) if found and found[0] else None


def _old_colours(make) -> dict:
    """Is the old layer called, and does it get a gradient, where alpha is 1?"""
    made = make(7, (6, 5, 4), 2).at(2, 1.0)
    made(torch.randn(2, 7)).sum().backward()
    old = [p.grad for p in made.to_rgb[1].parameters() if p.grad is not None]
    return {"the gradient of the old to_rgb at alpha = 1": "none" if all(not g.any() for g in old) else "some"}


def _stops_when_grown(record) -> bool:
    """Does it fail, or return no tensor, wherever a stage is in use in full, and only there?"""
    failed = {
        case for case, seen in record.got.items() if seen.error or "the type of the output" in record.differing[case]
    }
    grown = {case for case in record.got if case.startswith(("at stage 1,", "at stage 2,"))}
    return grown <= failed and not any(case.startswith("at stage") for case in failed - grown)


_OLD = "old = self.to_rgb[self.stage - 1](before)"
_IMAGE = "image = self.to_rgb[self.stage](x)"
_LOOP = "self.blocks[: self.stage]"
_KEEP = "before, x = x, block(x)"
_FADE = "image = fade_in(old, image, self.alpha)"
_COLOURS = "EqualisedConv2d(width, channels, 1, gain=1.0)"

exercise(
    "c2w3a.growing_generator",
    "course_utils.models.growing.progressive:GrowingGenerator",
    cases=(
        scenario("made with (7, (6, 5, 4), 2)", _parts),
        _grown(2),
        _grown(0),
        _grown(1),
        _grown(2, 0.3),
        _grown(1, 0.0),
        _grown(2, 0.0),
        _grown(1, 0.6, widths=(5, 5)),
        _grown(0, 0.4),
        _grown(1, 0.5, widths=(6, 5, 4), channels=1),
        scenario("put to stage 2 with alpha=1", _old_colours),
        scenario("called with a z of another width", lambda make: make(7, (6, 5), 2)(torch.randn(2, 8))),
    ),
    usual=networks.USUAL,
    mistakes=(
        mistake(
            "parts_missing",
            "A part that the docstring names is VALUE. `at`, the discriminator and the tests rely on `first`, `blocks` and "
            "`to_rgb`.",
            symptom=lambda r: next((got for got, wanted in r.pairs(_PARTS) if str(got).startswith("missing")), ""),
        ),
        mistake(
            "another_number",
            "It has VALUE. Between neighbouring widths there is one block, and every width has a `to_rgb` of its own.",
            symptom=lambda r: next(
                (got for got, wanted in r.pairs(_PARTS) if got != wanted and str(got)[0].isdigit()), ""
            ),
            explains=(_PARTS, "the exception", "the sizes"),
        ),
        mistake(
            "all_blocks",
            (_LOOP, "self.blocks"),
            "All blocks are used at every stage, so the image is always as large as at the last one. Use the first "
            "`self.stage` of them.",
        ),
        mistake(
            "one_block_too_many",
            (_LOOP, "self.blocks[: self.stage + 1]"),
            "One block too many is used: at stage 0 none belongs between the first maps and `to_rgb`.",
        ),
        mistake(
            "one_block_too_few",
            (_LOOP, "self.blocks[: max(0, self.stage - 1)]"),
            "One block too few is used: at stage 1 the maps have already been doubled once.",
        ),
        mistake(
            "tanh_at_the_end",
            ("return image", "return image.tanh()"),
            "A tanh follows. The docstring says that nothing does: the last layer is linear.",
        ),
        mistake(
            "tanh_of_each_picture",
            (_COLOURS, f"nn.Sequential({_COLOURS}, nn.Tanh())"),
            (_IMAGE, "image = self.to_rgb[self.stage](x).tanh()"),
            "A tanh follows `to_rgb`, before the pictures are mixed. The docstring says that nothing does: the layer is "
            "linear. A picture that goes through a tanh in one stage only changes at the joint.",
        ),
        mistake(
            "tanh_when_grown",
            ("return image", "return image.tanh() if self.stage else image"),
            "A tanh follows at every stage but the first, as in a popular implementation. When the second stage begins, at "
            "`alpha=0`, the picture changes.",
        ),
        mistake(
            "no_image_without_fading",
            ("return image", "return image if self.fading or self.stage == 0 else None"),
            "While a stage fades in it runs, and at stage 0. Above stage 0 with `alpha=1`, where nothing fades, no image comes "
            "back. Make the image of the last maps with `self.to_rgb[self.stage]` in any case; only the mixing depends on "
            "`self.fading`.",
            symptom=lambda r: _stops_when_grown(r),
        ),
        mistake(
            "old_colours_of_new_maps",
            (_OLD, "old = self.to_rgb[self.stage - 1](x if x.shape[1] == before.shape[1] else before)"),
            "The old picture is made of the maps *after* the last block. Where widths differ that does not even fit. Keep the "
            "maps from before the block, and give those to the old `to_rgb`.",
            symptom=lambda r: _colours(r) == (5, 4),
        ),
        mistake(
            "new_colours_of_old_maps",
            "The old picture is made by the `to_rgb` of the *new* stage. The maps from before the last block belong to the "
            "stage before, whose layer is `self.to_rgb[self.stage - 1]`.",
            symptom=lambda r: _colours(r) == (4, 5),
        ),
        mistake(
            "last_colours",
            (_IMAGE, "image = self.to_rgb[-1](x)"),
            "The new picture is always made by the last `to_rgb`. Each stage has its own, `self.to_rgb[self.stage]`.",
        ),
        mistake(
            "old_detached",
            (_OLD, f"{_OLD}.detach()"),
            (_OLD, _OLD.replace("before", "before.detach()")),
            "No gradient leads back through the old picture. While it is part of what is seen, its layers and those below go "
            "on learning.",
        ),
        mistake(
            "first_colours",
            (_OLD, "old = self.to_rgb[0](self.first(z))"),
            "The old picture is always that of the first stage. It is that of the stage *before*, "
            "`self.to_rgb[self.stage - 1]`.",
        ),
        mistake(
            "no_fade",
            ("if self.fading:", "if False:"),
            "The new picture comes alone, whatever `alpha` is. Where `self.fading`, mix it with the old one by `fade_in`.",
        ),
        mistake(
            "fade_swapped",
            (_FADE, "image = fade_in(old, image, 1 - self.alpha)"),
            "The shares are exchanged: at `alpha=0` the new layers alone make the picture.",
        ),
        mistake(
            "new_first",
            (_FADE, "image = fade_in(image, old, self.alpha)"),
            "`fade_in` gets the new picture first. The old one comes first, which is the smaller.",
        ),
        mistake(
            "added",
            (_FADE, "image = nn.functional.interpolate(old, scale_factor=2) + self.alpha * image"),
            (_FADE, "image = old.repeat_interleave(2, dim=2).repeat_interleave(2, dim=3) + self.alpha * image"),
            "The new picture is added to the old one, which stays in full. Mixed they are by `fade_in`: the old one with the "
            "share 1 - alpha.",
        ),
        mistake(
            "enlarged_smoothly",
            (_FADE, 'old = nn.functional.interpolate(old, scale_factor=2, mode="bilinear"); '
            "image = (1 - self.alpha) * old + self.alpha * image"),
            "The old picture is enlarged by bilinear interpolation. `fade_in` repeats each pixel, as the blocks do with their "
            "maps.",
        ),
        mistake(
            "always_fading",
            ("if self.fading:", "if self.stage > 0:"),
            "The old layer is called at `alpha=1` as well. Its share is 0, so it costs time for nothing. Ask `self.fading`.",
        ),
        mistake(
            "fades_at_stage_0",
            "At stage 0 something fails: there is no stage before, so there is nothing to fade from. `self.fading` is False "
            "there, whatever `alpha` is.",
            symptom=lambda r: (r.raised("NoneType") or r.raised("index out of range")) and not _stops_when_grown(r),
        ),
        mistake(
            "plain_colours",
            (_COLOURS, "nn.Conv2d(width, channels, 1)"),
            "`to_rgb` is made of plain convolutions, whose weights are not scaled when they are used. Take `EqualisedConv2d`.",
        ),
        mistake(
            "smallest_ignored",
            ("widths[0], self.sizes[0])", "widths[0], 8)"),
            "The first maps have a fixed size. They have `self.sizes[0]` pixels a side.",
        ),
        mistake(
            "kernel_of_colours",
            (_COLOURS, "EqualisedConv2d(width, channels, 3, padding=1, gain=1.0)"),
            "`to_rgb` looks at 3x3 pixels. It is a 1x1 convolution: it turns the maps of one position into its colours.",
        ),
        mistake(
            "gain_of_colours",
            ("1, gain=1.0)", "1)"),
            "`to_rgb` has the gain sqrt(2), the default. No ReLU follows it: `gain=1.0`.",
        ),
    ),
)

# --- diagnoses ---------------------------------------------------------------------------------------------------------

_NAMED = Naming("run", RUNS, SIGNS, diagnose)

exercise(
    "c2w3a.diagnose",
    "course_utils.lessons.c2w3a.exercises:diagnose",
    cases=(_NAMED.case,),
    mistakes=_NAMED.mistakes(
        mistake(
            "same_for_all",
            "All five runs get the same name, but each has a mistake of its own. Begin with the new layers: in which runs have "
            "they not moved?",
            symptom=_NAMED.all_alike,
        ),
        against=lambda run, name: f"{contradiction(run, name)} Look at the row of this run in the table once more.",
    ),
)
