"""The checks of inpainting: the composed picture, the loss in the hole, a round, a window around the hole, a diagnosis."""

import contextlib
import dataclasses
import re

import torch
from torch import nn

from course_utils.checks import exercise, mistake, steps
from course_utils.checks.cases import KIND, RESULT, Fixed, call, kind, normal, on_gpu, seeded
from course_utils.checks.naming import Naming, diagnosis
from course_utils.checks.observe import RAISES, Seen, text_of
from course_utils.checks.programs import Body
from course_utils.checks.rounds import CLEAR_D, CLEAR_G, STEP_D, STEP_G
from course_utils.lessons.c3w2d.exercises import CASES, NAMES, diagnose

# --- the composed picture ----------------------------------------------------------------------------------------------


def _network(channels=3, noise=2, seed=0):
    return seeded(lambda: nn.Sequential(nn.Conv2d(channels + 1 + noise, channels, 3, padding=1), nn.Tanh()), seed)


def _holes(batch, height, width):
    """A rectangle a picture, each in another place and of another size."""
    masks = torch.zeros(batch, 1, height, width, dtype=torch.float64)
    for b in range(batch):
        masks[b, :, 1 + b % 2 : 3 + b % 2, 1 : 4 + b % 2] = 1
    return masks


def _completed(batch, height, width, noise, channels=3, **options):
    given = normal(batch, channels, height, width), Fixed(_holes(batch, height, width)), normal(batch, noise, seed=1)
    return call(_network(channels, noise), *given, **options)


class _Wide(nn.Sequential):
    """A network without a tanh, whose pictures leave [-1, 1], and which counts its calls."""

    def __init__(self):
        super().__init__(nn.Conv2d(6, 3, 3, padding=1), nn.BatchNorm2d(3))


def _channels(record):
    """How many channels come where others belong, in words; "" where that is not what failed."""
    found = next((re.search(r"to have (\d+) channels, but got (\d+)", text_of(e)) for e in record.errors()), None)
    wanted, got = map(int, found.groups()) if found else (0, 0)
    like = {5: ", as without the mask", 4: ", as without the noise", 3: ", as with the images alone",
            8: ", as with a mask for each colour"}  # fmt: skip
    return f"{got} come, where {wanted} belong{like.get(got, '') if wanted == 6 else ''}" if found else ""


def _own_size(record):
    """The side of what is joined, where it is larger than any picture of the cases; "" elsewhere."""
    found = (re.search(r"Expected size \d+ but got size (\d+) for tensor number 2", text_of(e)) for e in record.errors())
    return next((one[1] for one in found if one and int(one[1]) > 7), "")


_JOIN = "torch.cat([known, masks, maps], dim=1)"
_KNOWN = "known = images * (1 - masks)"
_RESULT = "return known + made * masks"
_MAPS = "z[:, :, None, None].expand(-1, -1, height, width)"

exercise(
    "c3w2d.complete",
    "course_utils.models.inpainting:complete",
    cases=(
        _completed(3, 5, 6, 2),
        _completed(1, 6, 6, 3),
        _completed(2, 5, 7, 0, label="called with no noise, z of (2, 0)"),
        _completed(4, 6, 5, 1, channels=1),
        call(_network(), normal(2, 3, 5, 6), Fixed(torch.zeros(2, 1, 5, 6, dtype=torch.float64)), normal(2, 2, seed=1),
            label="called without a hole"),
        call(_network(), normal(2, 3, 5, 6), Fixed(torch.ones(2, 1, 5, 6, dtype=torch.float64)), normal(2, 2, seed=1),
            label="called with nothing known"),
        call(seeded(_Wide), normal(3, 3, 5, 6), Fixed(_holes(3, 5, 6)), normal(3, 2, seed=1),
            label="called with a network whose pictures leave [-1, 1]"),
    ),
    mistakes=(
        mistake("hidden_pixels_leak", (_JOIN, "torch.cat([images, masks, maps], dim=1)"),
            "Hidden pixels reach the network. It is given what it is to invent, and learns to copy. Put 0 there: "
            "`images * (1 - masks)`."),
        mistake("mask_inverted",
            (_KNOWN, "known = images * masks", _RESULT, "return known + made * (1 - masks)"),
            (_KNOWN, "known = images * masks", _RESULT, "return images * (1 - masks) + made * masks"),
            "The mask is read the other way round: the network sees the hole and nothing else. 1 is where a pixel is "
            "*hidden*."),
        mistake("composed_the_wrong_way", (_RESULT, "return images * masks + made * (1 - masks)"),
            "Known and hidden are exchanged in the composed picture: what the network made stands where pixels are known."),
        mistake("not_composed", (_RESULT, "return made"),
            "What the network made is returned everywhere. Known pixels are known: keep them, and use its pixels in the hole "
            "alone."),
        mistake("no_mask_channel", (_JOIN, "torch.cat([known, torch.zeros_like(masks), maps], dim=1)"),
            (_JOIN, "torch.cat([known, torch.ones_like(masks), maps], dim=1)"),
            "The network is not told where the hole is. A hidden pixel looks like a grey one. Join the mask as a channel."),
        mistake("mask_channel_inverted", (_JOIN, "torch.cat([known, 1 - masks, maps], dim=1)"),
            "The mask channel is 1 where a pixel is known. The docstring has 1 where it is hidden; saved weights fit "
            "one of both."),
        mistake("other_order", (_JOIN, "torch.cat([masks, known, maps], dim=1)"),
            (_JOIN, "torch.cat([known, maps, masks], dim=1)"),
            (_JOIN, "torch.cat([maps, known, masks], dim=1)"),
            "The channels stand in another order. It could be learned, but weights fit one: images, mask, noise."),
        mistake("noise_at_each_pixel", (_MAPS, "torch.randn(*z.shape, height, width, dtype=z.dtype)"),
            (_MAPS, "torch.randn_like(z[:, :, None, None].expand(-1, -1, height, width))"),
            (_MAPS, "torch.randn_like(z)[:, :, None, None].expand(-1, -1, height, width)"),
            "New noise is drawn, so the same z gives another picture each time. Each number of `z` becomes a map that "
            "has it at all places: `expand`."),
        mistake("first_noise_for_all", (_MAPS, "z[:1, :, None, None].expand(len(z), -1, height, width)"),
            "All images get the noise of the first. Each has its own, from its row of `z`."),
        mistake("clamped", (_RESULT, "return known + made.clamp(-1, 1) * masks"),
            "The fill is clamped. It is used as the network makes it: where it is clamped no gradient comes back."),
        mistake("called_twice", (_RESULT, f"return known + network({_JOIN}) * masks"),
            "The network is called twice. That takes twice the time, and BatchNorm counts every batch twice. Keep what "
            "it made in a variable."),
        mistake("other_channels",
            "The network takes C + 1 + K channels: the images, the mask, the noise. VALUE.",
            symptom=_channels),
        mistake("not_expanded",
            "The noise is still 1 x 1. Every number becomes a map of H x W: `expand(-1, -1, *images.shape[2:])`.",
            symptom=lambda r: r.raised("but got size 1 for tensor number 2")),
        mistake("size_of_its_own",
            "The maps of the noise have a side of VALUE pixels, whatever the images have: a size is written as a number. Take "
            "it from the images, `images.shape[2:]`.",
            symptom=_own_size),
        mistake("joined_along_the_batch",
            "The three are joined along the batch, the dimension 0. Channels are the dimension 1: `torch.cat(..., dim=1)`.",
            symptom=lambda r: r.raised("except in dimension 0")),
        mistake("joined_by_the_network",
            "The network is called with several tensors. It takes one, in which the three are joined with `torch.cat`.",
            symptom=lambda r: r.raised("positional arguments but") and r.raised("forward()")),
        mistake("noise_unused", (_MAPS, "torch.zeros(*z.shape, height, width, dtype=z.dtype)"),
            "The noise does not reach the network: another z gives the same picture."),
        mistake("white_hole", (_JOIN, "torch.cat([known + masks, masks, maps], dim=1)"),
            "Hidden pixels are filled with 1, which is white. The docstring asks for 0."),
        mistake("minus_one_hole", (_JOIN, "torch.cat([known - masks, masks, maps], dim=1)"),
            "Hidden pixels are filled with -1, which is black. The docstring asks for 0."),
        mistake("noise_in_the_hole_only", (_JOIN, "torch.cat([known, masks, maps * masks], dim=1)"),
            "The noise maps are 0 outside the hole. They have the same value at all places."),
        mistake("fill_added", (_RESULT, "return images + made * masks"),
            "The fill is added to the hidden pixels, which are still there. They have to go before it takes their place."),
        mistake("fill_everywhere", (_RESULT, "return known + made"),
            "What the network made is added to known pixels as well. Multiply it by the mask."),
        mistake("tanh_twice", (_RESULT, "return known + made.tanh() * masks"),
            "What the network made goes through tanh once more. It is in [-1, 1] already; use it as it is."),
        mistake("hole_left_empty", (_RESULT, "return known"),
            "The hole stays empty: what the network made is not used."),
        mistake("fill_detached", (_RESULT, "return known + (made * masks).detach()"),
            "No gradient leads from the composed picture back to the network. Without one it cannot learn."),
        mistake("changes_images", (_KNOWN, "images.mul_(1 - masks); known = images"),
            "The images that were handed in are changed in place. They are needed afterwards, as the truth.",
            symptom=lambda r: any("`images` afterwards" in n for n in r.names), explains=("`images`", "whether `images`")),
    ),
)  # fmt: skip

# --- the loss in the hole ----------------------------------------------------------------------------------------------


def _fills(batch, channels, height, width, **options):
    first, second, images = (normal(batch, channels, height, width, seed=s) for s in range(3))
    return call(first, second, Fixed(images), Fixed(_holes(batch, height, width)), **options)


_UNEVEN = torch.zeros(2, 1, 5, 6, dtype=torch.float64)
_UNEVEN[0, :, 1:2, 1:3], _UNEVEN[1, :, :4, :5] = 1, 1
_PRODUCTS = "(first - images) * (second - images) * masks"
_MEAN = "products.sum() / (masks.sum() * images.shape[1])"
_TWICE = normal(2, 3, 5, 6)

exercise(
    "c3w2d.context_loss",
    "course_utils.inpainting_losses:context_loss",
    cases=(
        _fills(3, 3, 5, 6),
        _fills(1, 1, 4, 7),
        call(*(normal(2, 3, 5, 6, seed=s) for s in range(2)), Fixed(normal(2, 3, 5, 6, seed=2)), Fixed(_UNEVEN),
            label="called with a small and a large hole"),
        call(_TWICE, _TWICE, Fixed(normal(2, 3, 5, 6, seed=2)), Fixed(_holes(2, 5, 6)),
            label="called with the same fill twice"),
        call(_TWICE + 1, _TWICE - 1, Fixed(_TWICE), Fixed(_holes(2, 5, 6)),
            label="called with fills on both sides of the truth"),
        on_gpu(*(normal(2, 3, 4, 5, seed=s) for s in range(3)), torch.ones(2, 1, 4, 5, dtype=torch.float64)),
    ),
    mistakes=(
        mistake("each_fill_squared",
            (_PRODUCTS, "((first - images).square() + (second - images).square()) / 2 * masks"),
            (_PRODUCTS, "((first - images).square() + (second - images).square()) * masks"),
            "Each fill is held against the truth by itself. Then a fill that differs from its fellows is punished, and "
            "the noise is best ignored. Multiply the two differences."),
        mistake("first_only", (_PRODUCTS, "(first - images).square() * masks"),
            (_PRODUCTS, "(second - images).square() * masks"),
            "Only one of the fills is used. The product takes one difference from each."),
        mistake("mean_of_fills_squared", (_PRODUCTS, "((first + second) / 2 - images).square() * masks"),
            "The mean of *two* fills is held against the truth. It still varies, and half of that variance is in this "
            "loss. The product of the differences has none of it in its expectation."),
        mistake("absolute_product", (_PRODUCTS, "((first - images) * (second - images)).abs() * masks"),
            "The products are taken absolutely. Where the fills lie on both sides of the truth the product is "
            "negative, and has to be: only then is its mean the squared error of the mean fill."),
        mistake("clamped", (_MEAN, f"({_MEAN}).clamp_min(0)"), (_MEAN, f"({_MEAN}).abs()"),
            "The loss is not let below 0. It is an estimate of a square and no square: from two fills on both sides of "
            "the truth it comes out negative, and only with these is it right on average."),
        mistake("truth_left_out", (_PRODUCTS, "first * second * masks"),
            "The fills are multiplied with each other. What is multiplied are their differences from the truth."),
        mistake("first_mask_counted", (_MEAN, "products.sum() / (masks[0].sum() * len(masks) * images.shape[1])"),
            "The hidden numbers of the first image are counted, as if all holes were of one size. Count those of all: "
            "`masks.sum()`."),
        mistake("mask_not_expanded",
            "The mask has one channel, the pictures have more, so it cannot choose among their numbers. "
            "`masks.expand_as(images)` has a mask for each; in a product that happens by itself.",
            symptom=lambda r: r.raised("The shape of the mask")),
        mistake("whole_picture", (_PRODUCTS, "(first - images) * (second - images)"),
            (_PRODUCTS, "(first - images) * (second - images)", _MEAN, "products.mean()"),
            "Known pixels are counted as well. Only what lies in the hole can be wrong."),
        mistake("mean_over_all_pixels", (_MEAN, "products.mean()"),
            "The sum is divided by all pixels, hidden or not. A small hole would then count less than a large one, and "
            "the loss would look better than it is. Divide by the hidden numbers."),
        mistake("channels_forgotten", (_MEAN, "products.sum() / masks.sum()"),
            "The sum is divided by the number of hidden pixels, but each has a number for every channel."),
        mistake("three_channels", (_MEAN, "products.sum() / (masks.sum() * 3)"),
            "Three channels are counted, whatever the pictures have. `images.shape[1]` says how many."),
        mistake("negative_cut_off", (_PRODUCTS, "((first - images) * (second - images)).clamp_min(0) * masks"),
            "Negative products are cut off. Where the fills lie on both sides of the truth the product has to be negative: "
            "only then is the mean of all the squared error of the mean fill."),
        mistake("mean_of_means", (_MEAN, "(products.sum(dim=(1, 2, 3)) / (masks.sum(dim=(1, 2, 3)) * images.shape[1])).mean()"),
            "Each picture is averaged by itself first, so a pixel of a small hole counts more than one of a large hole."),
        mistake("summed", (_MEAN, "products.sum()"),
            "The products are only added. Take their mean over the hidden numbers."),
        mistake("mask_inverted", (_PRODUCTS, "(first - images) * (second - images) * (1 - masks)",
                "masks.sum()", "(1 - masks).sum()"),
            (_PRODUCTS, "(first - images) * (second - images) * (1 - masks)"),
            "The mask is read the other way round: known pixels are counted. 1 is where a pixel is hidden."),
        mistake("second_detached", (_PRODUCTS, "(first - images) * (second - images).detach() * masks"),
            (_PRODUCTS, "(first - images).detach() * (second - images) * masks"),
            "No gradient reaches one of the two fills. Both are made by the network, and both learn."),
        mistake("sign", (_PRODUCTS, "(first - images) * (images - second) * masks"),
            "One of the differences has the other sign, so that the loss is to be negative: fills would run away from "
            "the truth."),
        mistake("fills_with_each_other", (_PRODUCTS, "(first - second).square() * masks"),
            "The fills are compared with each other. The truth is not in this loss at all."),
    ),
)  # fmt: skip

# --- a round -------------------------------------------------------------------------------------------------------------

_PARTS = "the critic's loss", "the generator's loss", "the context loss"
_TENSORS = "whether all three are tensors without a dimension"
_SPARED = "whether gradients reach the generator in the critic's step"
_CALLS = "how often the generator is called in a round"


class _Filler(nn.Module):
    """Fills of 1 x 3 x 3 pictures with one map of noise."""

    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(nn.Conv2d(3, 3, 3, padding=1), nn.BatchNorm2d(3), nn.ReLU(), nn.Conv2d(3, 1, 1), nn.Tanh())

    def forward(self, given):
        return self.layers(given)


class _Judge(nn.Module):
    """A logit of a picture and its mask."""

    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(nn.Flatten(), nn.Linear(18, 5), nn.Tanh(), nn.Linear(5, 1))

    def forward(self, pictures, masks):
        return self.layers(torch.cat([pictures, masks], dim=1))


def _gan(scale: float = 1.0, dtype=torch.float64):
    generator, critic = _Filler(), _Judge()
    with torch.no_grad():
        for p in (*generator.layers[3].parameters(), *critic.parameters()):
            p.mul_(scale)
    return steps.watched(generator.to(dtype), critic.to(dtype), lr=0.1)


def _data(batch: int = 6, dtype=torch.float64) -> dict:
    masks = torch.zeros(batch, 1, 3, 3, dtype=dtype)
    for b in range(batch):
        masks[b, :, b % 2 : b % 2 + 2, 1 : 2 + b % 3] = 1
    return {"images": (torch.rand(batch, 1, 3, 3) * 2 - 1).to(dtype), "masks": masks,
            "z": torch.randn(batch, 1).to(dtype), "other_z": torch.randn(batch, 1).to(dtype)}


def _three_losses(returned: list) -> dict:
    """The losses of each call, as facts."""
    if not all(isinstance(three, (tuple, list)) and len(three) == 3 for three in returned):
        return {KIND: kind(returned[0])}
    try:
        values = torch.tensor([[float(loss) for loss in three] for three in returned], dtype=torch.float64)
    except (TypeError, ValueError, RuntimeError):
        return {KIND: "three that are not numbers"}
    graph = any(isinstance(loss, torch.Tensor) and loss.requires_grad for three in returned for loss in three)
    tensors = all(isinstance(loss, torch.Tensor) and loss.ndim == 0 for three in returned for loss in three)
    facts = dict(zip(_PARTS, values.T, strict=True))
    return {_TENSORS: tensors, KIND: "a tuple of 3", **facts, steps.LOSS_GRAPH: graph}


@contextlib.contextmanager
def _listening(gan, early: list):
    """Appends to ``early`` whether a gradient arrives at the generator before the critic is stepped."""
    log, stepped = gan.opt_d.log, []

    def hear(what):
        stepped.append(what == "steps")
        log(what)

    def arrives(_):
        early.append(not any(stepped))

    gan.opt_d.log = hear
    hooks = [p.register_hook(arrives) for p in gan.generator.parameters()]
    try:
        yield
    finally:
        gan.opt_d.log = log
        for hook in hooks:
            hook.remove()


def _round(label: str, calls: int = 1, seed: int = 0, **options):
    """Rounds in a row, seen as a step is, with the three losses that come back."""
    options = {"gan": _gan, "data": _data} | options
    inner = steps.step("images", "masks", "z", "other_z", label=label, calls=calls, seed=seed, ignore=(steps.LOSS,), **options)

    def observe(candidate, names) -> Seen:
        returned, early = [], []

        def play(gan, *given, **more):
            with _listening(gan, early):
                returned.append(candidate(gan, *given, **more))
            return torch.zeros(())

        seen = inner.observe(play, names)
        if RAISES in seen.facts:
            return seen
        called = seen.trace["called"]["generator"]
        once = calls * sum(1 for _ in options["gan"]().generator.parameters())
        facts = {_SPARED: any(early) and seen.trace["arrived"]["generator"] > once, _CALLS: called / calls}
        return dataclasses.replace(seen, facts=seen.facts | facts | _three_losses(returned[:calls]))

    return dataclasses.replace(inner, observe=observe)


_WATCH = steps.Watch("generator")
_GENERAL = ("reused_graph", "fixed_batch_size", "changes_argument", "left_frozen", "evaluation_mode", "own_noise",
    "average_updated")
_ON_FAKES = "gan.discriminator(first.detach(), masks)"
_PASS = "g_loss = generator_loss(gan.discriminator(first, masks))"
_BACK_D = "    (d_loss + gamma / 2 * r1_penalty(real_logits, real)).backward()\n"
_BACK_G = "(g_loss + weight * distance).backward()"
_CONTEXT = "context_loss(first, second, images, masks)"
_RETURNED = "return d_loss.detach(), g_loss.detach(), distance.detach()"
_SECOND = "second = complete(gan.generator, images, masks, other_z)"
_FIRST = "first = complete(gan.generator, images, masks, z)"

exercise(
    "c3w2d.inpainting_round",
    "course_utils.steps.inpainting:inpainting_round",
    cases=(
        _round("a round"),
        _round("three rounds", calls=3),
        _round("a round with weight=3 and gamma=0.5", seed=2, weight=3.0, gamma=0.5),
        _round("two rounds with large weights", calls=2, seed=3, gan=lambda: _gan(2.0)),
        _round(steps.TWO, seed=4, data=lambda: _data(2)),
        _round("a round in float32", seed=5, gan=lambda: _gan(dtype=torch.float32), data=lambda: _data(dtype=torch.float32)),
    ),
    usual=tuple(m for m in steps.usual("generator", "no_gradient", "No gradient arrived at the generator.")
        if m.id in _GENERAL),
    mistakes=(
        mistake("nothing_done", Body("return torch.zeros(()), torch.zeros(()), torch.zeros(())"),
            "The networks of `gan` are left as they were: no gradient was computed, and neither optimiser was stepped.",
            symptom=lambda r: not r.errors() and not any(_WATCH.first(r)["arrived"].values()) and not _WATCH.stepped(r)),
        mistake("no_detach", (_ON_FAKES, "gan.discriminator(first, masks)", ".backward()\n    gan.opt_d.step()",
                ".backward(retain_graph=True)\n    gan.opt_d.step()"),
            "Gradients reach the generator in the critic's step: the composed pictures were not detached there. Judge "
            "`first.detach()` in the first step and `first` in the second; no `retain_graph` is needed.",
            symptom=lambda r: (r.raised("second time") and next(iter(r.got.values())).error is not None) or _SPARED in r.names),
        mistake("fakes_cut_off", (_PASS, "g_loss = generator_loss(gan.discriminator(first.detach(), masks))"),
            "The game does not reach the generator: its pictures were detached in its own step as well."),
        mistake("real_and_fake_swapped", (f"discriminator_loss(real_logits, {_ON_FAKES})",
                f"discriminator_loss({_ON_FAKES}, real_logits)"),
            "Real and composed pictures are swapped: the critic is taught to call the fills real."),
        mistake("second_judged", (_ON_FAKES, "gan.discriminator(second.detach(), masks)"),
            (_PASS, "g_loss = generator_loss(gan.discriminator(second, masks))"),
            (_ON_FAKES, "gan.discriminator(second.detach(), masks)", _PASS,
            "g_loss = generator_loss(gan.discriminator(second, masks))"),
            "The critic judges the pictures made with `other_z`. The docstring has the first ones, in both steps."),
        mistake("both_judged", (_PASS, f"{_PASS} + generator_loss(gan.discriminator(second, masks))"),
            (_PASS, f"{_PASS} / 2 + generator_loss(gan.discriminator(second, masks)) / 2"),
            (_PASS, "g_loss = generator_loss(gan.discriminator(torch.cat([first, second]), torch.cat([masks, masks])))"),
            (_ON_FAKES, "gan.discriminator(torch.cat([first, second]).detach(), torch.cat([masks, masks]))"),
            (_ON_FAKES, "gan.discriminator(torch.cat([first, second]).detach(), torch.cat([masks, masks]))",
                _PASS, f"{_PASS} / 2 + generator_loss(gan.discriminator(second, masks)) / 2"),
            "Both composed pictures are judged. The docstring judges the first ones alone, in both steps. The second ones are "
            "there for the context loss."),
        mistake("same_noise_twice", (_SECOND, "second = complete(gan.generator, images, masks, z)"),
            (_SECOND, "second = first"),
            "Both fills are made with the same noise. Then the context loss is the squared error of each fill, and all "
            "noise is punished. `other_z` makes the second one."),
        mistake("one_fill_in_the_loss", (_CONTEXT, "context_loss(first, first, images, masks)"),
            "The context loss gets the same fill twice. It wants both."),
        mistake("one_call_for_both", (f"{_FIRST}  # (B, C, H, W)\n    {_SECOND}  # (B, C, H, W)",
                "first, second = complete(gan.generator, torch.cat([images, images]), torch.cat([masks, masks]), "
                "torch.cat([z, other_z])).chunk(2)"),
            "Both fills come from one call of the generator. A network with BatchNorm would normalise them together. Call "
            "`complete` twice, once with each noise."),
        mistake("without_composing", (_FIRST, "first = gan.generator(torch.cat([images * (1 - masks), masks, z[:, :, None, "
                "None].expand(-1, -1, *images.shape[2:])], dim=1))", _SECOND, "second = "
                "gan.generator(torch.cat([images * (1 - masks), masks, other_z[:, :, None, None].expand(-1, -1, "
                "*images.shape[2:])], dim=1))"),
            "The critic gets what the network made, and not the composed picture. It would judge pixels that nobody "
            "will see, and no seam. `complete` composes."),
        mistake("no_r1", (" + gamma / 2 * r1_penalty(real_logits, real)", ""),
            "R1 is missing in the critic's step."),
        mistake("r1_of_fakes", ("r1_penalty(real_logits, real)", "r1_penalty(gan.discriminator(fake := "
                "first.detach().requires_grad_(), masks), fake)"),
            "R1 is taken of composed pictures. It is the penalty on the critic's gradient at *real* images."),
        mistake("no_variable", ("images.detach().clone().requires_grad_()", "images"),
            "R1 is a gradient with respect to the real images, and what it is given asks for none. Take a copy of them that "
            "does, before the critic sees it: `images.clone().requires_grad_()`.",
            symptom=lambda r: r.raised("expected images with requires_grad=True")),
        mistake("judged_without_masks",
            "The critic is called without the masks. It judges a picture together with its hole: `gan.discriminator(pictures, "
            "masks)`, for real images as well.",
            symptom=lambda r: r.raised("forward() missing 1 required positional argument: 'masks'")),
        mistake("real_with_another_mask", ("gan.discriminator(real, masks)", "gan.discriminator(real, 1 - masks)"),
            ("gan.discriminator(real, masks)", "gan.discriminator(real, torch.zeros_like(masks))"),
            "Real images are judged with other masks than the composed ones. Then the mask alone tells them apart."),
        mistake("real_with_a_hole", ("gan.discriminator(real, masks)", "gan.discriminator(real * (1 - masks), masks)"),
            "Real images are judged with an empty hole. Then the empty hole tells them apart: the critic is to see "
            "them whole."),
        mistake("one_fill_detached", (_CONTEXT, "context_loss(first, second.detach(), images, masks)"),
            (_CONTEXT, "context_loss(first.detach(), second, images, masks)"),
            "One of the fills is detached in the context loss. Both are made by the generator, and both teach it."),
        mistake("cleared_before_the_step", (CLEAR_D, "", STEP_D, CLEAR_D + STEP_D), (CLEAR_G, "", STEP_G, CLEAR_G + STEP_G),
            (CLEAR_D, "", STEP_D, CLEAR_D + STEP_D, CLEAR_G, "", STEP_G, CLEAR_G + STEP_G),
            "Gradients are cleared between `backward()` and the optimiser's step, which then has nothing to step with. "
            "Clear them before `backward()`."),
        mistake("gamma_not_halved", ("gamma / 2 * r1", "gamma * r1"),
            "R1 has the weight gamma. It is gamma / 2."),
        mistake("gamma_ignored", ("gamma / 2 * r1", "0.5 * r1"),
            "`gamma` is not used: R1 has always the same weight."),
        mistake("no_context", (_BACK_G, "g_loss.backward()"),
            "The context loss is not in the generator's step: nothing ties the fill to the truth, only to what passes."),
        mistake("no_game", (_BACK_G, "(weight * distance).backward()"),
            "`generator_loss` is not in the generator's step: it learns nothing from the critic."),
        mistake("weight_ignored", (_BACK_G, "(g_loss + distance).backward()"),
            "The context loss has no weight. It is `weight` times."),
        mistake("weight_fixed", (_BACK_G, "(g_loss + 10.0 * distance).backward()"),
            "The context loss always has the weight 10. That is only what `weight` is where nobody says otherwise."),
        mistake("weight_on_the_game", (_BACK_G, "(weight * g_loss + distance).backward()"),
            "The weight stands at `generator_loss`. It belongs to the context loss."),
        mistake("gradients_not_cleared_d", (CLEAR_D, ""), (CLEAR_D, "", STEP_D, STEP_D + CLEAR_D),
            (CLEAR_D, "", STEP_G, STEP_G + CLEAR_D),
            "The critic's gradients are not cleared before its `backward()`: those of the generator's step are still "
            "in the sum."),
        mistake("gradients_not_cleared_g", (CLEAR_G, ""), (CLEAR_G, "", STEP_G, STEP_G + CLEAR_G),
            "The generator's gradients are not cleared before its `backward()`, so those that were there before are in "
            "the sum."),
        mistake("critic_steps_last", (STEP_D, "", STEP_G, STEP_G + STEP_D),
            "The critic is stepped at the end of the round. The generator then learns from the critic as it was before, and "
            "its own `backward` adds to the gradients that the critic steps with. Finish the critic's step first."),
        mistake("critic_not_stepped", (STEP_D, ""),
            "The critic does not move: `gan.opt_d.step()` is missing."),
        mistake("generator_not_stepped", (STEP_G, ""),
            "The generator does not move: `gan.opt_g.step()` is missing."),
        mistake("wrong_optimiser_g", (CLEAR_G, CLEAR_D, STEP_G, STEP_D), (STEP_G, STEP_D),
            "In the second step it is the critic's optimiser that steps. It belongs to `gan.opt_g`."),
        mistake("fakes_made_twice", (_PASS, f"{_FIRST}\n    {_PASS}"), (_PASS, f"{_SECOND}\n    {_PASS}"),
            (_PASS, f"{_FIRST}\n    {_SECOND}\n    {_PASS}"),
            "The generator makes pictures twice from the same noise. That costs time, and its BatchNorm counts every "
            "call. Make them once, and keep them for the second step."),
        mistake("averaged_pictures", (_FIRST, "first = complete(gan.shown, images, masks, z)"),
            (_FIRST, "first = complete(gan.shown, images, masks, z)", _SECOND,
                "second = complete(gan.shown, images, masks, other_z)"),
            "Fills come from the averaged generator (`gan.shown`), not from the one that learns. Use `gan.generator`."),
        mistake("returns_r1", (_RETURNED, "return (d_loss + gamma / 2 * r1_penalty(gan.discriminator(real, masks), "
                "real)).detach(), g_loss.detach(), distance.detach()"),
            ("    gan.opt_d.zero_grad()\n" + _BACK_D,
             "    d_loss = d_loss + gamma / 2 * r1_penalty(real_logits, real)\n    gan.opt_d.zero_grad()\n    "
             "d_loss.backward()\n"),
            "The critic's loss comes back with R1. Without it, log 4 means that it cannot tell.",
            symptom=lambda r: r.only(_PARTS[0])),
        mistake("returns_weighted", (_RETURNED, "return d_loss.detach(), g_loss.detach(), weight * distance.detach()"),
            (_RETURNED, "return d_loss.detach(), (g_loss + weight * distance).detach(), distance.detach()"),
            "A returned loss has the weight, or the other term, in it. The parts come back as they are."),
        mistake("returns_in_another_order", (_RETURNED, "return g_loss.detach(), d_loss.detach(), distance.detach()"),
            (_RETURNED, "return d_loss.detach(), distance.detach(), g_loss.detach()"),
            "The three losses come back in another order: the critic's, the generator's, the context loss."),
        mistake("returns_graph", (_RETURNED, "return d_loss, g_loss, distance"),
            (_RETURNED, "return d_loss.detach(), g_loss.detach(), distance"),
            (_RETURNED, "return d_loss.detach(), g_loss, distance.detach()"),
            "A returned loss still carries its graph. Kept for a curve, thousands of them fill the memory. Return "
            "`loss.detach()`.",
            symptom=lambda r: r.only(steps.LOSS_GRAPH)),
        mistake("returns_numbers", (_RETURNED, "return d_loss.item(), g_loss.item(), distance.item()"),
            "[The update is right, but] what comes back are not three tensors without a dimension. `loss.detach()` is one.",
            symptom=lambda r: r.only(_TENSORS)),
    ),
)  # fmt: skip

# --- a window around the hole ----------------------------------------------------------------------------------------------


def _at(height, width, *holes):
    """A mask a hole: (top, bottom, left, right), the last two ends not included."""
    masks = torch.zeros(len(holes), 1, height, width, dtype=torch.float64)
    for mask, (top, bottom, left, right) in zip(masks, holes, strict=True):
        mask[:, top:bottom, left:right] = 1
    return Fixed(masks)


_CORNER = torch.zeros(2, 1, 9, 12, dtype=torch.float64)  # an L and its mirror image: no middle is a centre of mass
_CORNER[0, :, 2:7, 3], _CORNER[0, :, 6, 3:9] = 1, 1
_CORNER[1] = _CORNER[0].flip(2)


def _blended(record):
    """Are there numbers in the windows of the first case that stand nowhere in its pictures, and are not 0?"""
    facts = next(iter(record.got.values())).facts
    windows, pictures = facts.get(RESULT), facts.get("`pictures` afterwards")
    right = isinstance(windows, torch.Tensor) and windows.shape == next(iter(record.wanted.values())).facts[RESULT].shape
    return right and not torch.isin(windows, torch.cat([pictures.flatten(), torch.zeros(1, dtype=pictures.dtype)])).all()


_PLACES = "rows, columns = mask[0].nonzero().T"
_TOP = "top = (int(rows.min() + rows.max()) + 1 - height) // 2"
_LEFT = "left = (int(columns.min() + columns.max()) + 1 - width) // 2"
_MOVED_TOP = "top = max(0, min(top, picture.shape[1] - height))"
_MOVED_LEFT = "left = max(0, min(left, picture.shape[2] - width))"
_CUT = "picture[:, top : top + height, left : left + width]"

exercise(
    "c3w2d.surroundings",
    "course_utils.models.inpainting:surroundings",
    cases=(
        call(normal(3, 2, 12, 14), _at(12, 14, (4, 6, 5, 8), (5, 8, 3, 6), (3, 4, 6, 9)), 6, 7,
            label="called with three holes inside the pictures"),
        call(normal(4, 1, 9, 12), _at(9, 12, (0, 2, 0, 3), (7, 9, 9, 12), (0, 1, 11, 12), (8, 9, 0, 1)), 5, 6,
            label="called with a hole in each corner"),
        call(normal(2, 3, 9, 12), Fixed(_CORNER), 6, 8, label="called with holes that are no rectangles"),
        call(normal(1, 3, 8, 10), _at(8, 10, (3, 5, 4, 9)), 8, 10, label="called with a window as large as the picture"),
        call(normal(2, 1, 20, 30), _at(20, 30, (9, 12, 12, 17), (2, 11, 4, 25)), label="called without a height and a width"),
        call(normal(1, 2, 6, 7), _at(6, 7, (2, 4, 2, 4)), 7, 7, label="called with a window that is too high"),
        call(normal(1, 2, 6, 7), _at(6, 7, (2, 4, 2, 4)), 6, 8, label="called with a window that is too wide"),
        on_gpu(normal(2, 2, 8, 9), torch.ones(2, 1, 8, 9, dtype=torch.float64), 4, 4),
    ),
    mistakes=(
        mistake("first_hole_for_all", (_PLACES, "rows, columns = masks[0, 0].nonzero().T"),
            "All windows are cut around the hole of the first picture. Each picture has a hole of its own."),
        mistake("middle_of_the_picture", (_TOP, "top = (picture.shape[1] - height) // 2",
                _LEFT, "left = (picture.shape[2] - width) // 2"),
            "The window is cut from the middle of the picture, wherever the hole is, as when the *known* pixels are looked "
            "for. It has to follow the hole, where the mask is 1."),
        mistake("starts_at_the_hole", (_TOP, "top = int(rows.min())", _LEFT, "left = int(columns.min())"),
            "The window begins where the hole begins. What is known above and to the left of it, and the seam there, is cut "
            "off: the hole belongs into the middle."),
        mistake("ends_with_the_hole", (_TOP, "top = int(rows.max()) + 1 - height",
                _LEFT, "left = int(columns.max()) + 1 - width"),
            "The window ends where the hole ends. What is known below and to the right of it, and the seam there, is cut "
            "off: the hole belongs into the middle."),
        mistake("last_row_forgotten", (_TOP, "top = (int(rows.min() + rows.max()) - height) // 2",
                _LEFT, "left = (int(columns.min() + columns.max()) - width) // 2"),
            "Some windows lie one row or column too far up or left. A hole from row 3 to row 5 has *three* rows: count the "
            "last one when you share out what is left."),
        mistake("rounded_twice", (_TOP, "top = int(rows.min() + rows.max()) // 2 - height // 2",
                _LEFT, "left = int(columns.min() + columns.max()) // 2 - width // 2"),
            "The middle of the hole is rounded, and half of the window, too, so that some windows lie one row or column off. "
            "Take both ends of the hole and the side of the window together, and divide once."),
        mistake("rounded_to_even", (_TOP, "top = round(float(rows.min()) - (height - 1 - int(rows.max() - rows.min())) / 2)",
                _LEFT, "left = round(float(columns.min()) - (width - 1 - int(columns.max() - columns.min())) / 2)"),
            "Halves are rounded by `round`, which goes to the *even* number: the spare row lies above some holes and below "
            "others. It lies above all of them."),
        mistake("one_window_for_all", (_PLACES, "rows, columns = masks.amax(dim=(0, 1)).nonzero().T"),
            "One window is cut for the whole batch, around all its holes together. Each picture has a hole of its own."),
        mistake("starts_too_early_at_the_end", (_MOVED_TOP, "top = max(0, min(top, picture.shape[1] - height - 1))",
                _MOVED_LEFT, "left = max(0, min(left, picture.shape[2] - width - 1))"),
            "The last row and the last column of a picture are never reached. A window may start at `H - height` and "
            "`W - width`: it then ends with the picture."),
        mistake("filled_up", (_MOVED_TOP, "top = top", _MOVED_LEFT, "left = left", _CUT,
                "F.pad(picture, (width, width, height, height))[:, top + height :, left + width :][:, :height, :width]"),
            "A window that would leave the picture is filled up with zeros. Move it back until it lies inside."),
        mistake("rounded_up", (_TOP, "top = -((height - 1 - int(rows.min() + rows.max())) // 2)",
                _LEFT, "left = -((width - 1 - int(columns.min() + columns.max())) // 2)"),
            "Where rows or columns cannot be shared out evenly, the spare one lies below or to the right. The docstring has "
            "it above and to the left."),
        mistake("centre_of_mass", (_TOP, "top = (int(2 * rows.double().mean() + 0.5) + 1 - height) // 2",
                _LEFT, "left = (int(2 * columns.double().mean() + 0.5) + 1 - width) // 2"),
            (_TOP, "top = int(rows.double().mean()) - height // 2", _LEFT, "left = int(columns.double().mean()) - width // 2"),
            (_TOP, "top = round(float(rows.double().mean())) - height // 2",
                _LEFT, "left = round(float(columns.double().mean())) - width // 2"),
            "The mean place of the hidden pixels is taken for the middle. For a hole that is no rectangle the two differ: the "
            "middle lies between its first and its last row, and between its first and its last column."),
        mistake("not_moved_back", (_MOVED_TOP, "top = top", _MOVED_LEFT, "left = left"),
            "Windows near the border leave the picture, and what is cut is smaller or lies elsewhere. Move such a window back "
            "until it lies inside.",
            symptom=lambda r: r.raised("stack expects each tensor to be equal size")),
        mistake("not_moved_back_from_the_end", (_MOVED_TOP, "top = max(0, top)", _MOVED_LEFT, "left = max(0, left)"),
            "A hole near the lower or right border: the window leaves the picture there. It may start at `H - height` and "
            "`W - width` at the latest."),
        mistake("not_moved_back_from_the_beginning", (_MOVED_TOP, "top = min(top, picture.shape[1] - height)",
                _MOVED_LEFT, "left = min(left, picture.shape[2] - width)"),
            "A hole near the upper or left border: the window starts before the picture does, and a negative start counts from "
            "the end. It may start at 0 at the earliest."),
        mistake("rows_and_columns_swapped", (_PLACES, "columns, rows = mask[0].nonzero().T"),
            "Rows and columns are exchanged. `nonzero` gives the row first, then the column."),
        mistake("sides_swapped", (_CUT, "picture[:, top : top + width, left : left + height]"),
            "Height and width are exchanged in the cut. Rows come first: `[:, top : top + height, left : left + width]`."),
        mistake("hole_alone", (_CUT, f"(picture * mask)[{_CUT.partition('[')[2]}"),
            "What is known is 0 in the window. The second critic is to see the fill *and* what lies around it: without that "
            "there is no seam to see."),
        mistake("surroundings_alone", (_CUT, f"(picture * (1 - mask))[{_CUT.partition('[')[2]}"),
            "The hole is 0 in the window, so the critic sees everything but the fill."),
        mistake("stretched", (_CUT, "F.interpolate(picture[:, mask[0].any(dim=1)][:, :, mask[0].any(dim=0)][None], "
                "size=(height, width))[0]"),
            "The hole is cut out and stretched to the size of the window. Pixels are cut as they are, with what lies around "
            "the hole.",
            symptom=_blended),
        mistake("window_too_large_for_the_mask", (_CUT, "mask[:, top : top + height, left : left + width].expand(len(picture), "
                "-1, -1)"),
            "The window is cut out of the mask. It belongs to the picture; the mask says where."),
    ),
)  # fmt: skip

# --- diagnosis -----------------------------------------------------------------------------------------------------------

CLUES = {  # what the numbers of a run say against every other name
    "run A": "nothing of the picture was changed, only the mask. What did the network make of that?",
    "run B": "known pixels are known. Which column should be 0 in every run?",
    "run C": "pixels that nobody may see were replaced. What happened?",
    "run D": "compare each of its numbers with the others before you suspect it.",
    "run E": "the two columns about errors tell the same in the other runs. Here one is far better than the other allows.",
}

diagnosis("c3w2d.diagnose", "course_utils.lessons.c3w2d.exercises:diagnose", Naming("run", CASES, NAMES, diagnose), CLUES)
