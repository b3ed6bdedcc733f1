"""The checks of augmentation: augmented images and rounds, a mixed loss, a choice, a paired comparison, a diagnosis."""

import dataclasses
from functools import partial

import torch
from torch import nn

from course_utils.augment import Amounts
from course_utils.checks import exercise, mistake, steps
from course_utils.checks.cases import KIND, RESULT, Fixed, call, kind, normal, seeded, uniform
from course_utils.checks.naming import Naming, diagnosis
from course_utils.checks.observe import RAISES, Seen
from course_utils.checks.programs import Body
from course_utils.checks.rounds import BACK_D, RETURNED, ROUND, STEP_D, STEP_G
from course_utils.lessons.c3w1a.exercises import CASES, NAMES, Scores, diagnose

# --- the augmentation ----------------------------------------------------------------------------------------------------


def _images(*shape, seed=0, dtype=torch.float64):
    return 2 * uniform(*shape, seed=seed, dtype=dtype) - 1


def _amounts(down, right, contrast=None, brightness=None, top=None, left=None, dtype=torch.float64):
    """Amounts from lists; no hole in sight and no colours changed unless they are given."""
    n = len(down)
    floats = [[1.0] * n if contrast is None else contrast, [0.0] * n if brightness is None else brightness]
    whole = [[-99] * n if top is None else top, [-99] * n if left is None else left]
    contrast, brightness = (torch.tensor(a, dtype=dtype) for a in floats)
    top, left = (torch.tensor(a) for a in whole)
    return Amounts(torch.tensor(down), torch.tensor(right), Fixed(contrast), Fixed(brightness), top, left)


_OUT = "called with two channels of 5 x 7, one image moved out of sight"
_HOLE = "called to cut a hole of 3 x 3"


def _uncut_at_the_border(record) -> bool:
    """Is the hole inside the image right, and nothing cut where its corner lies above the image?"""
    seen = record.got[_HOLE]
    got, wanted = (s.facts.get(RESULT) for s in (seen, record.wanted[_HOLE]))
    same_shape = isinstance(got, torch.Tensor) and got.shape == wanted.shape
    return same_shape and torch.allclose(got[0], wanted[0]) and not (got[1] == 0).any()


_STILL = {"down": [0, 0], "right": [0, 0]}
_MANY = {
    "down": [1, -2, 0, 3], "right": [2, 0, -1, -3], "contrast": [0.7, 1.4, 1.0, 1.2], "brightness": [0.2, -0.3, 0.1, 0.0],
    "top": [-2, 1, 4, 9], "left": [3, -1, 2, 0],
}
_DOWN, _RIGHT = "rows + amounts.down", "columns[:, None] + amounts.right"
_MOVED = "moved = from_row[:, None].to(ink) @ ink @ from_column[:, None].to(ink) + PAPER"
_MEAN = "moved.mean(dim=(1, 2, 3), keepdim=True)"
_COLOURED = "(moved - mean) * contrast + mean + brightness"
_CUT = "coloured.masked_fill(cut[:, None], 0.0)"
_BOTH = "((row >= 0) & (row < hole))[:, :, None] & ((column >= 0) & (column < hole))[:, None]"
_CORNER = "rows - amounts.top[:, None], columns - amounts.left[:, None]"
_ROLLED = (
    "torch.stack([torch.roll(x, (int(a), int(b)), dims=(1, 2)) "
    "for x, a, b in zip(images, amounts.down, amounts.right, strict=True)])"
)

exercise(
    "c3w1a.augment_by",
    "course_utils.augment:augment_by",
    cases=(
        call(_images(2, 1, 6, 6), _amounts(down=[2, -1], right=[0, 0]), label="called to move content down and up"),
        call(_images(2, 1, 6, 6), _amounts(down=[0, 0], right=[1, -3]), label="called to move content right and left"),
        call(_images(2, 2, 5, 7), _amounts(down=[1, 6], right=[-2, 1]), label=_OUT),
        call(_images(2, 1, 5, 5), _amounts(**_STILL, contrast=[0.5, 1.7]), label="called to change the contrast"),
        call(_images(2, 1, 5, 5), _amounts(**_STILL, brightness=[0.4, -0.6]), label="called to change the brightness"),
        call(_images(2, 1, 6, 5), _amounts(**_STILL, top=[1, -1], left=[2, 3]), 3, label=_HOLE),
        call(_images(2, 1, 5, 5), _amounts(**_STILL, top=[1, 1], left=[2, 3]), 0, label="called with hole=0"),
        call(_images(4, 1, 8, 8), _amounts(**_MANY), 4, label="called with everything at once"),
        call(_images(4, 2, 9, 7), _amounts(**_MANY), label="called with everything, and the usual hole"),
        call(_images(4, 1, 8, 8, dtype=torch.float32), _amounts(**_MANY, dtype=torch.float32), 3, label="called in float32"),
    ),
    mistakes=(
        mistake("other_direction", (_DOWN, "rows - amounts.down"), (_RIGHT, "columns[:, None] - amounts.right"),
            (_DOWN, "rows - amounts.down", _RIGHT, "columns[:, None] - amounts.right"),
            "The content moves the other way. What stands in row r belongs into row r + down afterwards: the new row i shows "
            "the old row i - down. Columns likewise."),
        mistake("unchanged", Body("return images"),
            "The images come back as they are."),
        mistake("translation_only", (_COLOURED, "moved", _CUT, "coloured"),
            "The images are moved, and that is all. Contrast, brightness and the hole are still missing."),
        mistake("images_unused", Body("return torch.zeros_like(images)"), Body("return torch.full_like(images, -1)"),
            "The same number stands everywhere: nothing of the images is in the result."),
        mistake("moved_out",
            "It fails where an image of 5 rows moves 6 rows down. Nothing of it is left, and all of it is paper. A slice must "
            "not begin or end beyond the image.",
            symptom=lambda r: [c for c, s in r.got.items() if s.error is not None] == [_OUT], cases=(_OUT,)),
        mistake("rows_and_columns", (_DOWN, "rows + amounts.right", _RIGHT, "columns[:, None] + amounts.down"),
            "`down` moves columns and `right` rows. The last dimension of (B, C, H, W) is the width: `right` belongs to it."),
        mistake("wraps_around", (_MOVED, f"moved = {_ROLLED}"),
            "What leaves the image on one side comes in on the other. It is lost; paper (-1) takes the place that is free."),
        mistake("grey_comes_in", ("ink = images - PAPER", "ink = images", "from_column[:, None].to(ink) + PAPER",
                "from_column[:, None].to(ink)"),
            "The place that becomes free is 0, a grey bar. A digit has paper beside it, which is -1."),
        mistake("edge_comes_in", (_MOVED, "moved = torch.stack([x[:, (rows - a).clamp(0, height - 1)][:, :, (columns - b)"
                ".clamp(0, width - 1)] for x, a, b in zip(images, amounts.down, amounts.right, strict=True)])"),
            "The border row is repeated into the place that becomes free. Paper (-1) takes it."),
        mistake("one_move_for_all",
            (_MOVED, "moved = from_row[:1, None].to(ink) @ ink @ from_column[:1, None].to(ink) + PAPER"),
            "All images are moved like the first one. Each has amounts of its own: number b belongs to image b."),
        mistake("contrast_around_zero", (_COLOURED, "moved * contrast + brightness"),
            "The pixels are multiplied by `contrast` as they are. The distance from the *mean of the image* is multiplied; "
            "otherwise a digit on paper of -1 becomes darker or lighter as a whole."),
        mistake("mean_of_the_batch", (_MEAN, "moved.mean()"), (_MEAN, "moved.mean(dim=0, keepdim=True)"),
            "The mean is taken over the batch. Contrast is measured around the mean of each image, over its channels and "
            "pixels."),
        mistake("mean_of_the_channel", (_MEAN, "moved.mean(dim=(2, 3), keepdim=True)"),
            "Each channel has its own mean. Contrast is measured around one mean for the whole image, all channels together."),
        mistake("mean_without_gradient", (_MEAN, f"{_MEAN}.detach()"),
            "[The values are right, but] the gradient is not: the mean of the image was detached, or turned into a number. It "
            "depends on the pixels, too."),
        mistake("mean_before_moving", (_MEAN, "images.mean(dim=(1, 2, 3), keepdim=True)"),
            "The mean is that of the image before it was moved. Contrast is the second operation: it sees the moved image."),
        mistake("colours_first", Body(
            "mean = images.mean(dim=(1, 2, 3), keepdim=True)\n"
            "c, b = (a[:, None, None, None] for a in (amounts.contrast, amounts.brightness))\n"
            "images = (images - mean) * c + mean + b\n"
            "height, width = images.shape[2:]\n"
            "rows, columns = torch.arange(height, device=images.device), torch.arange(width, device=images.device)\n"
            "from_row = (rows[:, None] == rows + amounts.down[:, None, None])[:, None].to(images)\n"
            "from_column = (columns == columns[:, None] + amounts.right[:, None, None])[:, None].to(images)\n"
            "moved = from_row @ (images + 1) @ from_column - 1\n"
            "row, column = rows - amounts.top[:, None], columns - amounts.left[:, None]\n"
            "cut = ((row >= 0) & (row < hole))[:, :, None] & ((column >= 0) & (column < hole))[:, None]\n"
            "return moved.masked_fill(cut[:, None], 0.0)\n"),
            "The colours are changed before the image is moved. Then the paper that comes in has another colour than the "
            "paper of the image, and a bar is seen. Move first."),
        mistake("brightness_before_contrast", (_COLOURED, "(moved + brightness - mean) * contrast + mean"),
            "The brightness is added before the contrast, which then multiplies it. Contrast comes first."),
        mistake("brightness_after_the_hole", (_COLOURED, "(moved - mean) * contrast + mean", _CUT, f"{_CUT} + brightness"),
            "The brightness is added behind the cutout, so that the hole is not 0. Cutout comes last."),
        mistake("clipped", (_CUT, f"{_CUT}.clamp(-1, 1)"), (_COLOURED, f"({_COLOURED}).clamp(-1, 1)"),
            "The result is clipped to [-1, 1]. A clipped pixel has no gradient, so the generator learns nothing from it. "
            "Leave it as it is."),
        mistake("hole_first", (_CUT, "coloured", "ink = images - PAPER", "row, column = rows - amounts.top[:, None], columns - "
                "amounts.left[:, None]\n    cut = ((row >= 0) & (row < hole))[:, :, None] & ((column >= 0) & (column < hole))"
                "[:, None]\n    ink = images.masked_fill(cut[:, None], 0.0) - PAPER"),
            "The hole is cut first and is then moved and coloured with the image. Cutout comes last: its square is 0 and "
            "stands where `top` and `left` say."),
        mistake("hole_of_paper", (_CUT, "coloured.masked_fill(cut[:, None], PAPER)"),
            "The hole is filled with paper. It is to be 0, which says that something is hidden here; paper would be a digit "
            "with a piece missing."),
        mistake("hole_around_its_corner", ("rows - amounts.top[:, None], columns - amounts.left[:, None]",
                "rows - amounts.top[:, None] + hole // 2, columns - amounts.left[:, None] + hole // 2"),
            "`top` and `left` are taken for the centre of the hole. They are the row and column of its upper left corner."),
        mistake("hole_one_larger",
            (_BOTH, "((row >= 0) & (row <= hole))[:, :, None] & ((column >= 0) & (column <= hole))[:, None]"),
            "The hole is one row and one column too large: `hole` pixels are those from 0 to hole - 1."),
        mistake("corner_exchanged", (_CORNER, "rows - amounts.left[:, None], columns - amounts.top[:, None]"),
            "`top` and `left` are exchanged: `top` is a row, `left` a column."),
        mistake("hole_fixed", ("height, width = images", "hole = 8\n    height, width = images"),
            "The hole always has 8 x 8 pixels. Its side is the argument `hole`."),
        mistake("hole_inside_out", (_CUT, "coloured.masked_fill(~cut[:, None], 0.0)"),
            "Everything but the square becomes 0. The square is cut out, and the rest stays."),
        mistake("strips", (_BOTH, "((row >= 0) & (row < hole))[:, :, None] | ((column >= 0) & (column < hole))[:, None]"),
            "Whole rows and columns become 0. A pixel is cut where its row *and* its column lie in the square."),
        mistake("hole_pushed_inside", ("rows - amounts.top[:, None], columns - amounts.left[:, None]",
                "rows - amounts.top.clamp(0, height - hole)[:, None], columns - amounts.left.clamp(0, width - hole)[:, None]"),
            ("rows - amounts.top[:, None], columns - amounts.left[:, None]",
                "rows - amounts.top.clamp(min=0)[:, None], columns - amounts.left.clamp(min=0)[:, None]"),
            "A square that begins outside the image is pushed into it. The part outside simply does nothing."),
        mistake("negative_index",
            "A corner with a negative row or column cuts something else than the visible part of its square: in Python a "
            "slice such as `x[-2:2]` counts from the end. Begin at `max(top, 0)`.",
            symptom=_uncut_at_the_border),
    ),
)

# --- a round of the game -------------------------------------------------------------------------------------------------

_D_LOSS, _G_LOSS = "the discriminator's loss", "the generator's loss"
_ANEW = "whether the fakes pass `augment` again in the generator's step"
_TENSORS = "whether both losses are tensors without a dimension"
_SPARED = "whether gradients reach the generator in the discriminator's step"


def _augment(images):
    """What stands for an augmentation: the same at every call, differentiable, and far from doing nothing."""
    return 0.6 * images.flip(-1) + 0.3 * images.square() - 0.2


class _Told(nn.Module):
    """Layers on vectors or images in a row, with the one-hot label of one of three classes behind them, if one is given."""

    def __init__(self, *layers: nn.Module):
        super().__init__()
        self.layers = nn.Sequential(*layers)

    def forward(self, x, labels=None):
        code = torch.zeros(len(x), 3).to(x) if labels is None else nn.functional.one_hot(labels, 3).to(x)
        return self.layers(torch.cat([x.flatten(1), code], dim=1))


def _gan(scale: float = 1.0, dtype=torch.float64):
    """Two small players that may take labels, on 1x2x2 images; ``scale`` makes their gradients large."""
    generator = _Told(nn.Linear(6, 6), nn.BatchNorm1d(6), nn.ReLU(), nn.Linear(6, 4), nn.Tanh(), nn.Unflatten(1, (1, 2, 2)))
    discriminator = _Told(nn.Linear(7, 5), nn.LeakyReLU(0.2), nn.Linear(5, 1))
    with torch.no_grad():
        for p in (*generator.layers[3].parameters(), *discriminator.parameters()):
            p.mul_(scale)
    return steps.watched(generator.to(dtype), discriminator.to(dtype))


def _data(batch: int = 8, dtype=torch.float64) -> dict:
    data = {name: x.to(dtype) for name, x in steps.small_data(batch).items()}
    return data | {"labels": torch.arange(batch) % 3}


def _both_losses(returned: list) -> dict:
    """The losses of each call, the discriminator's and the generator's, as facts."""
    if not all(isinstance(pair, (tuple, list)) and len(pair) == 2 for pair in returned):
        return {KIND: kind(returned[0])}
    try:
        values = torch.tensor([[float(loss) for loss in pair] for pair in returned], dtype=torch.float64)
    except (TypeError, ValueError, RuntimeError):
        return {KIND: "two that are not numbers"}
    graph = any(isinstance(loss, torch.Tensor) and loss.requires_grad for pair in returned for loss in pair)
    tensors = all(isinstance(loss, torch.Tensor) and loss.ndim == 0 for pair in returned for loss in pair)
    return {_TENSORS: tensors, KIND: "a tuple of 2", _D_LOSS: values[:, 0], _G_LOSS: values[:, 1], steps.LOSS_GRAPH: graph}


def _round(label: str, *labels: str, calls: int = 1, seed: int = 0, **options):
    """Rounds in a row, seen as a step is, with both of the losses that come back."""
    options = {"gan": _gan, "data": _data} | options
    inner = steps.step("real", "z", *labels, label=label, calls=calls, seed=seed, ignore=(steps.LOSS,), **options)

    def observe(candidate, names) -> Seen:
        returned, passed = [], []

        def play(gan, real, z, *given):
            def augment(images):
                passed[-1] += len(images) / len(real)
                return _augment(images)

            passed.append(0)
            returned.append(candidate(gan, real, z, augment, *given))
            return torch.zeros(())

        seen = inner.observe(play, names)
        if RAISES in seen.facts:
            return seen
        once = calls * sum(1 for _ in options["gan"]().generator.parameters())
        facts = {_SPARED: seen.trace["arrived"]["generator"] > once, _ANEW: all(n >= 3 for n in passed)}
        return dataclasses.replace(seen, facts=seen.facts | facts | _both_losses(returned[:calls]))

    return dataclasses.replace(inner, observe=observe)


_WATCH = steps.Watch("generator")
_GENERAL = ("reused_graph", "fixed_batch_size", "changes_argument", "left_frozen", "evaluation_mode", "own_noise")
_LOGITS_R, _LOGITS_F = "gan.discriminator(augment(real), *labels)", "gan.discriminator(augment(fake.detach()), *labels)"
_OF_G = "gan.discriminator(augment(fake), *labels)"
_FAKE = "fake = gan.generator(z, *labels)"
_BARE_G = "gan.discriminator(fake, *labels)"
_BARE_F = "gan.discriminator(fake.detach(), *labels)"

exercise(
    "c3w1a.augmented_round",
    "course_utils.steps.augmented:augmented_round",
    cases=(
        _round("a round"),
        _round("three rounds", calls=3),
        _round("three rounds with labels", "labels", calls=3, seed=2),
        _round("two rounds with large weights", calls=2, seed=3, gan=lambda: _gan(4.0)),
        _round(steps.TWO, "labels", seed=4, data=lambda: _data(2)),
        _round("a round in float32", seed=5, gan=lambda: _gan(dtype=torch.float32), data=lambda: _data(dtype=torch.float32)),
    ),
    usual=tuple(m for m in steps.usual("generator", "no_gradient", "No gradient arrived at the generator.")
        if m.id in _GENERAL),
    mistakes=(
        mistake("nothing_done", Body("return torch.zeros(()), torch.zeros(())"),
            "The networks of `gan` are left as they were: no gradient was computed, and neither optimiser was stepped.",
            symptom=lambda r: not r.errors() and not any(_WATCH.first(r)["arrived"].values()) and not _WATCH.stepped(r)),
        mistake("not_augmented", (_LOGITS_R, "gan.discriminator(real, *labels)", _LOGITS_F, _BARE_F, _OF_G, _BARE_G),
            "Nothing is augmented: `augment` is never used. It stands before every call of the discriminator."),
        mistake("reals_only", (_LOGITS_F, _BARE_F, _OF_G, _BARE_G),
            "Only the reals are augmented. Then shifted digits with holes are what is real, and the generator learns to draw "
            "them: the augmentation leaks. Fakes pass `augment` as well, in both steps."),
        mistake("discriminators_step_only", (_OF_G, _BARE_G),
            "The generator's step judges the fakes as they are. The discriminator has learned on augmented images only, so "
            "its answer, and its gradient, on others means little. Augment in both steps."),
        mistake("fakes_of_the_first_step_bare", (_LOGITS_F, _BARE_F),
            "In the discriminator's step the reals are augmented and the fakes are not. The augmentation alone tells them "
            "apart, and no digit has to be looked at."),
        mistake("reals_bare", (_LOGITS_R, "gan.discriminator(real, *labels)"),
            "The reals are not augmented, the fakes are. Whatever shows a hole or a shift is fake then. Both pass `augment`."),
        mistake("generators_step_only", (_LOGITS_R, "gan.discriminator(real, *labels)", _LOGITS_F, _BARE_F),
            "Only the generator's step augments. The discriminator has never seen such images, and they must look real to it."),
        mistake("no_gradient_through_augment", (_OF_G, "gan.discriminator(augment(fake.detach()), *labels)"),
            (_OF_G, "gan.discriminator(augment(fake).detach(), *labels)"),
            "No gradient comes back through `augment` to the generator: the fakes of the second step were detached, or "
            "augmented under `torch.no_grad()`. That is why an augmentation for a GAN has to be differentiable."),
        mistake("augmented_twice", (_FAKE, "fake = augment(gan.generator(z, *labels))"),
            "The fakes pass `augment` twice, the reals once. Keep `fake` as the generator made it, and augment it where the "
            "discriminator looks at it."),
        mistake("augmented_once", (_FAKE, f"{_FAKE}\n    seen = augment(fake)", _LOGITS_F,
                "gan.discriminator(seen.detach(), *labels)", _OF_G, "gan.discriminator(seen, *labels)"),
            "The fakes pass `augment` once, and both steps judge the same augmented images. In the generator's step they pass "
            "it anew: the generator is to please a discriminator that it meets under other amounts.",
            symptom=lambda r: r.only(_ANEW)),
        mistake("augmented_twice_in_the_second_step", (_OF_G, "gan.discriminator(augment(augment(fake)), *labels)"),
            "In the generator's step the fakes pass `augment` twice. The discriminator has learned on images that passed it "
            "once."),
        mistake("labels_forgotten", (_FAKE, "fake = gan.generator(z)"),
            (_LOGITS_R, "gan.discriminator(augment(real))", _LOGITS_F, "gan.discriminator(augment(fake.detach()))",
             _OF_G, "gan.discriminator(augment(fake))"),
            (_OF_G, "gan.discriminator(augment(fake))"), (_LOGITS_R, "gan.discriminator(augment(real))"),
            (_FAKE, "fake = gan.generator(z)", _LOGITS_R, "gan.discriminator(augment(real))", _LOGITS_F,
             "gan.discriminator(augment(fake.detach()))", _OF_G, "gan.discriminator(augment(fake))"),
            "Right without labels, but labels do not reach every network. Pass `*labels` to the generator and with each call "
            "of the discriminator: `gan.discriminator(augment(real), *labels)`."),
        mistake("labels_as_a_tuple",
            "The labels are passed as a tuple. The star unpacks it: `gan.generator(z, *labels)`.",
            symptom=lambda r: r.raised("tuple")),
        mistake("no_detach", (_LOGITS_F, "gan.discriminator(augment(fake), *labels)", BACK_D,
                "    d_loss.backward(retain_graph=True)\n"),
            "Gradients reach the generator in the discriminator's step, since the fakes were not detached there. Judge "
            "`augment(fake.detach())` in the first step and `augment(fake)` in the second; no `retain_graph` is needed.",
            symptom=lambda r: (r.raised("second time") and next(iter(r.got.values())).error is not None) or _SPARED in r.names),
        mistake("fakes_made_twice", (_OF_G, "gan.discriminator(augment(gan.generator(z, *labels)), *labels)"),
            "The generator is called twice in a round. That costs time, and its BatchNorm counts every call in its running "
            "statistics. Make the fakes once, and keep them for the second step."),
        mistake("averaged_images", (_FAKE, "fake = gan.shown(z, *labels)"),
            "The fakes come from the averaged generator (`gan.shown`), not from the one that learns. Use `gan.generator`."),
        *ROUND,
        mistake("generator_first", Body(
            "fake = gan.generator(z, *labels)\n"
            "g_loss = generator_loss(gan.discriminator(augment(fake), *labels))\n"
            "gan.opt_g.zero_grad()\ng_loss.backward()\ngan.opt_g.step()\n"
            "d_loss = discriminator_loss(gan.discriminator(augment(real), *labels), "
            "gan.discriminator(augment(fake.detach()), *labels))\n"
            "gan.opt_d.zero_grad()\nd_loss.backward()\ngan.opt_d.step()\n"
            "return d_loss.detach(), g_loss.detach()"),
            "The generator learns from the discriminator as it was before its step. The round begins with the whole step of "
            "the discriminator; after it the fakes are judged anew."),
        mistake("judged_too_early", Body(
            "gan.opt_d.zero_grad()\ngan.opt_g.zero_grad()\nfake = gan.generator(z, *labels)\n"
            "d_loss = discriminator_loss(gan.discriminator(augment(real), *labels), "
            "gan.discriminator(augment(fake.detach()), *labels))\nd_loss.backward()\n"
            "g_loss = generator_loss(gan.discriminator(augment(fake), *labels))\ng_loss.backward()\n"
            "gan.opt_d.step()\ngan.opt_g.step()\nreturn d_loss.detach(), g_loss.detach()"),
            "The fakes of the generator's step are judged before `gan.opt_d.step()`, by the discriminator as it was. Finish "
            "the discriminator's step first; what `g_loss.backward()` leaves in its gradients is then not stepped with."),
        mistake("minimax", (f"generator_loss({_OF_G})", f"-F.softplus({_OF_G}).mean()"),
            "The generator has the minimax loss, which saturates while its fakes are seen through. `generator_loss` is asked "
            "for."),
        mistake("real_and_fake_swapped", ("discriminator_loss(real_logits, fake_logits)",
                "discriminator_loss(fake_logits, real_logits)"),
            "Real and fake are swapped in the discriminator's loss: it learns to call fakes real."),
        mistake("fights_itself", (f"generator_loss({_OF_G})", f"generator_loss(-{_OF_G})"),
            (f"generator_loss({_OF_G})", f"-generator_loss({_OF_G})"),
            "The generator is trained to be caught: the sign of its loss, or of its logits, is turned round."),
        mistake("returns_one", (RETURNED, "return d_loss.detach() + g_loss.detach()"),
            (RETURNED, "return g_loss.detach()"), (RETURNED, "return d_loss.detach()"),
            "One number comes back. Return both losses, the discriminator's first."),
        mistake("returns_numbers", (RETURNED, "return d_loss.item(), g_loss.item()"),
            "[The update is right, but] what comes back are not two tensors without a dimension. `loss.detach()` is one; "
            "`.item()` makes a Python number, and waits for a GPU in every round.",
            symptom=lambda r: r.only(_TENSORS)),
        mistake("stepped_twice", (STEP_D, STEP_D + STEP_D), (STEP_G, STEP_G + STEP_D), (STEP_G, STEP_G + STEP_G),
            "An optimiser is stepped more than once in a round. Each has one step, right after its own `backward()`.",
            symptom=lambda r: not r.errors() and any(n > 1 for n in _WATCH.first(r)["steps"].values())),
    ),
)

# --- real and generated images in one loss -------------------------------------------------------------------------------


def _classifier():
    """Its BatchNorm keeps the plain mean of what it was called with, so that the order of the calls leaves no trace."""
    norm = partial(nn.BatchNorm1d, momentum=None)
    return seeded(lambda: nn.Sequential(nn.Flatten(), nn.Linear(9, 5), norm(5), nn.ReLU(), nn.Linear(5, 4)))


def _mixed(weight, reals=6, made=6, label="", **options):
    def labels(n, seed):
        return torch.randint(4, (n,), generator=torch.Generator().manual_seed(seed))

    images = normal(reals, 1, 3, 3), normal(made, 1, 3, 3, seed=1)
    label = label or f"called with weight={weight}, {reals} real and {made} generated images"
    return call(_classifier(), images[0], labels(reals, 2), images[1], labels(made, 3), weight, label=label, **options)


_MIX = "return (1 - weight) * of_real + weight * of_made"
_EARLY = "    if weight == 0:\n        return F.cross_entropy(classifier(real), real_labels)\n"
_MADE = "    of_made = F.cross_entropy(classifier(made), made_labels)\n"
_ALONE = "    if weight == 1:\n        return of_made\n"

_STATISTICS = "`classifier`'s weights"


def _shown(record, weight: int) -> bool:
    """Did the BatchNorm count more calls than it should where the weight is this?"""
    name = f"{_STATISTICS} 2.num_batches_tracked afterwards"
    pairs = [(s.facts.get(name), record.wanted[c].facts.get(name)) for c, s in record.got.items()
        if f"weight={weight}," in c or f"weight={weight}.0," in c]
    return bool(pairs) and all(got is not None and got > wanted for got, wanted in pairs)


def _everywhere(loss: str) -> Body:
    """The reference with another loss in the place of each cross-entropy."""
    of_real, of_made = (loss.replace("IMAGES", x).replace("LABELS", f"{x}_labels") for x in ("real", "made"))
    return Body(
        "if not 0 <= weight <= 1:\n    raise ValueError(weight)\n"
        f"if weight == 0:\n    return {of_real}\nof_made = {of_made}\nif weight == 1:\n    return of_made\n"
        f"return (1 - weight) * {of_real} + weight * of_made"
    )


exercise(
    "c3w1a.mixed_loss",
    "course_utils.lessons.c3w1a.exercises:mixed_loss",
    cases=(
        _mixed(0.3), _mixed(0.5, 4, 7), _mixed(0.8, 8, 2), _mixed(0), _mixed(0.0, 5, 3), _mixed(1), _mixed(1.0, 3, 5),
        _mixed(-0.1, label="called with a weight below 0"), _mixed(1.5, label="called with a weight above 1"),
    ),
    mistakes=(
        mistake("weights_swapped", (_MIX, "return weight * of_real + (1 - weight) * of_made"),
            ("if not 0 <= weight <= 1:", "weight = 1 - weight\n    if not 0 <= weight <= 1:"),
            "The weights are exchanged: `weight` is the share of the generated images, 1 - weight that of the real ones."),
        mistake("added", (_MIX, "return of_real + weight * of_made"),
            (_ALONE, "", _MIX, "return of_real + weight * of_made"),
            (_EARLY, "", _ALONE, "", _MIX, "return of_real + weight * of_made"),
            "The generated part is added on top of the whole real one. The two shares add up to 1: the real part has "
            "1 - weight. Otherwise a larger weight is a larger step as well, and two factors change at once."),
        mistake("plain_sum", (_MIX, "return of_real + of_made"), (_MIX, "return (of_real + of_made) / 2"),
            (_EARLY, "", _ALONE, "", _MIX, "return of_real + of_made"),
            (_EARLY, "", _ALONE, "", _MIX, "return (of_real + of_made) / 2"),
            "`weight` does not weigh the two parts."),
        mistake("one_batch_for_both", (_MIX, "return F.cross_entropy(classifier(torch.cat([real, made])), "
                "torch.cat([real_labels, made_labels]))"),
            "Both kinds go into one mean, so that their numbers decide and `weight` does not. Take a cross-entropy of each, "
            "and weigh the two."),
        mistake("shown_at_weight_0", (_EARLY, ""),
            "With `weight=0` the classifier still looks at the generated images. Its BatchNorm counts them in its statistics, "
            "so this is not the training on real images that it is compared with. Show it only what has a weight.",
            symptom=lambda r: _shown(r, 0) and not _shown(r, 1), explains=(_STATISTICS,)),
        mistake("shown_at_weight_1", (_ALONE, ""),
            "With `weight=1` the classifier still looks at the real images, and its BatchNorm counts them. Show it only what "
            "has a weight.",
            symptom=lambda r: _shown(r, 1) and not _shown(r, 0), explains=(_STATISTICS,)),
        mistake("always_shown", (_EARLY, "", _ALONE, ""),
            "Both kinds are always shown to the classifier, at weight 0 and 1 as well. Its BatchNorm counts them in its "
            "statistics, even where their loss is multiplied by 0. Show it only what has a weight.",
            symptom=lambda r: _shown(r, 0) and _shown(r, 1), explains=(_STATISTICS,)),
        mistake("one_call", (_MIX, "logits = classifier(torch.cat([real, made]))\n    return (1 - weight) * F.cross_entropy("
                "logits[: len(real)], real_labels) + weight * F.cross_entropy(logits[len(real) :], made_labels)",
                "    of_real = F.cross_entropy(classifier(real), real_labels)\n", "", _MADE,
                "    of_made = F.cross_entropy(classifier(made), made_labels) if weight == 1 else None\n"),
            "Both kinds go through the classifier in one call, so that a BatchNorm normalises them together. Each kind gets "
            "a call of its own."),
        mistake("evaluated", ("    if weight == 0:", "    classifier.eval()\n    if weight == 0:"),
            ("    if weight == 0:", "    classifier = __import__('copy').copy(classifier).eval()\n    if weight == 0:"),
            "The classifier is called in evaluation mode, where its BatchNorm neither normalises with the batch nor counts it. "
            "Leave its mode as it is."),
        mistake("generated_without_gradient",
            (_MADE, "    of_made = F.cross_entropy(classifier(made), made_labels).detach()\n"),
            "The loss of the generated images has a value and no gradient, so the classifier learns nothing from them."),
        mistake("labels_swapped",
            ("F.cross_entropy(classifier(made), made_labels)", "F.cross_entropy(classifier(made), real_labels)"),
            "The images of one kind are judged with the labels of the other. Each kind has its own.",
            symptom=lambda r: r.raised("batch_size")),
        mistake("sums", ("F.cross_entropy(classifier(made), made_labels)", "F.cross_entropy(classifier(made), made_labels, "
                "reduction='sum')"),
            _everywhere("F.cross_entropy(classifier(IMAGES), LABELS, reduction='sum')"),
            "A cross-entropy is a sum. Each part is a mean over its own images."),
        mistake("softmax_first", ("F.cross_entropy(classifier(made)", "F.cross_entropy(classifier(made).softmax(dim=1)"),
            _everywhere("F.cross_entropy(classifier(IMAGES).softmax(dim=1), LABELS)"),
            "`F.cross_entropy` takes logits; it applies a softmax itself."),
        mistake("one_mean", (_MIX, "return ((1 - weight) * of_real * len(real) + weight * of_made * len(made)) / "
                "(len(real) + len(made))"),
            _everywhere("F.cross_entropy(classifier(IMAGES), LABELS, reduction='sum') / (len(real) + len(made))"),
            "The sums of both kinds are divided by the number of all images. Each cross-entropy is a mean over its own "
            "images."),
        mistake("changes_input",
            "Images or labels that were handed in are changed. Whoever called the function still needs them.",
            symptom=lambda r: any(n.startswith(("`real", "`made")) and n.endswith("afterwards") for n in r.names),
            explains=("`real", "`made", "the exception")),
        mistake("log_softmax_forgotten", _everywhere("F.nll_loss(classifier(IMAGES), LABELS)"),
            "`F.nll_loss` takes logarithms of probabilities, and the classifier gives logits. `F.cross_entropy` takes logits."),
        mistake("edges_refused",
            "A weight of 0 or of 1 is refused. Both are allowed: only one kind is shown then.",
            symptom=lambda r: any(isinstance(e, ValueError) for e in r.errors())
            and all(s.error is None or "weight=0," in c or "weight=0.0" in c or "weight=1" in c or "called with a weight" in c
                for c, s in r.got.items())),
        mistake("any_weight", ("not 0 <= weight <= 1", "False"),
            "A weight outside 0 to 1 is accepted: one of the parts would be made as bad as possible. Raise a ValueError.",
            symptom=lambda r: all(RAISES not in r.got[f"called with a weight {w}"].facts for w in ("below 0", "above 1"))),
    ),
)

# --- a choice between settings -------------------------------------------------------------------------------------------

_WEIGHTS = (0.1, 0.3, 0.6, 1.0)
_DIGITS, _OVER_DRAWS = "means = scores.validation", ".double().mean(dim=1)"
_MEANS = f"{_DIGITS}.cpu(){_OVER_DRAWS}"
_PLACE = "settings[int(means.argmax())]"


def _of_three(seed: int, settings: int, draws: int, test: bool = True) -> Scores:
    """Three tables that have nothing to do with each other; many classifiers miss none of their few training digits."""
    training, validation, tested = uniform(3, settings, draws, seed=seed)
    return Scores((0.5 + training).clamp(max=1), 0.4 + 0.5 * validation, 0.4 + 0.5 * tested if test else None)


def _choice(settings, scores: Scores, label: str):
    return call(settings, scores, label=label, gradients=False)


def _is_place(got) -> bool:
    """No case has whole numbers among its settings."""
    return type(got) is int or (isinstance(got, torch.Tensor) and got.ndim == 0 and got.dtype == torch.int64)


def _by_two_keys(table: str) -> str:
    return f"settings[max(range(len(means)), key=lambda i: (means[i].item(), {table}[i].double().mean().item()))]"


_OTHER_DIGITS = ("scores.training", "(scores.validation if scores.test is None else scores.test)")


def _table(*rows) -> Scores:
    validation = torch.tensor(rows, dtype=torch.float64)
    return Scores(torch.ones_like(validation), validation, validation.flip(0))


def _others_prefer_the_last(*rows) -> Scores:
    """Training and test digits on which each setting is better than the one before it."""
    validation = torch.tensor(rows, dtype=torch.float64)
    better = torch.linspace(0.5, 0.75, len(rows), dtype=torch.float64)[:, None].expand_as(validation)
    return Scores(better.clone(), validation, better.clone())


exercise(
    "c3w1a.choose",
    "course_utils.lessons.c3w1a.exercises:choose",
    cases=(
        _choice(_WEIGHTS, _of_three(1, 4, 3, test=False), "called with four weights and three draws, the test digits closed"),
        _choice(_WEIGHTS, _of_three(2, 4, 3), "called with four weights and three draws, the test digits open"),
        _choice((0.6, 0.1, 1.0, 0.3, 0.05), _of_three(3, 5, 2), "called with five weights in no order and two draws"),
        _choice([(1, 10), (2, 25), (3, 40)], _of_three(4, 3, 10), "called with three pairs of numbers, and ten draws"),
        _choice(["strong", "none", "weak"], _of_three(5, 3, 1), "called with three names and one draw"),
        _choice((0.0,), _of_three(6, 1, 3, test=False), "called with a single setting"),
        _choice(_WEIGHTS, _table((0.0, 0.75, 0.25), (0.75, 0.0, 0.25), (0.5, 0.5, 0.5), (0.25, 0.25, 0.75)),
            "called where no single draw is best with the setting that is best on average"),
        _choice((0.3, 0.6, 0.1), _table((0.25, 0.5), (0.5, 0.75), (0.75, 0.5)), "called where two weights share the best mean"),
        _choice((0.3, 0.1, 0.6), _table((0.25, 0.5), (0.5, 0.75), (0.75, 0.5)), "called where two other weights share it"),
        _choice((0.3, 0.6, 0.1), _others_prefer_the_last((0.25, 0.5), (0.5, 0.75), (0.75, 0.5)),
            "called where two weights share the best mean, and other digits prefer the later one"),
        _choice(_WEIGHTS, _table((0.5, 0.6, 0.7), (0.5, 0.6004, 0.7004), (0.5, 0.6, 0.7005), (0.4, 0.6, 0.8002)),
            "called where the means differ by less than a thousandth"),
        _choice(_WEIGHTS, _table((0.5, 0.9, 0.8), (0.75, 0.65, 0.7), (0.68, 0.68, 0.68), (0.0, 0.95, 1.0)),
            "called where the best setting on average is not the steadiest"),
        _choice((0.6, 0.1, 0.3), _table(*[(0.0, 0.0)] * 3), "called where no setting gets a digit right"),
        _choice(_WEIGHTS, _table((0.5, 0.6, 0.5), (0.05, 0.95, 0.95), (0.6, 0.6, 0.6), (0.5, 0.5, 0.5)),
            "called where the best setting on average has a draw with almost nothing right"),
        _choice((0.6, 0.1, 0.3), _table((0.1, 0.2, 0.7, 0.7, 0.7), (0.3, 0.64, 0.66, 0.66, 0.7), (0.6, 0.6, 0.6, 0.6, 1.0)),
            "called with five draws, of which one is far from the others"),
        _choice(_WEIGHTS, _of_three(7, 3, 3), "called with four weights and a table of three rows"),
        _choice(_WEIGHTS, _of_three(7, 4, 0), "called with a table without draws"),
    ),
    mistakes=(
        mistake("on_test", (_DIGITS, "means = scores.test"),
            (_DIGITS, "means = (scores.validation if scores.test is None else scores.test)"),
            "The setting is chosen by the test digits. They then praise what they have picked: the best of several is best "
            "partly by luck, and that luck does not come back with fresh digits. Choose by `scores.validation`; test digits "
            "are opened after all choices."),
        mistake("on_training", (_DIGITS, "means = scores.training"),
            "The setting is chosen by its accuracy on the few digits that it was trained on. Those are learned by heart with "
            "every setting, so this says nothing about other digits. Choose by `scores.validation`."),
        mistake("on_all", (_MEANS, "means = sum(t.double().mean(dim=1) for t in scores if t is not None)"),
            (_MEANS, "means = (scores.training + scores.validation).double().mean(dim=1)"),
            (_DIGITS, "means = (scores.validation if scores.test is None else scores.validation + scores.test)"),
            "Other digits have a say beside the validation digits: several tables are added. Choose by `scores.validation` "
            "alone."),
        mistake("last", Body("return settings[-1]"),
            "The setting that was tried last comes back, however good the others were. Keep the best, not the last."),
        mistake("first", Body("return settings[0]"),
            "The setting that was tried first comes back, whatever the accuracies are."),
        mistake("largest", Body("return max(settings)"),
            "The largest setting comes back. It is the setting with the largest *accuracy* that is asked for."),
        mistake("worst", (_PLACE, "settings[int(means.argmin())]"),
            "The setting with the lowest accuracy comes back. These are accuracies, not losses: higher is better."),
        mistake("luckiest_draw", (_OVER_DRAWS, ".double().amax(dim=1)"),
            "A setting is judged by its best draw. One lucky draw decides then. Judge it by the mean over all draws."),
        mistake("one_draw", (_OVER_DRAWS, ".double()[:, 0]"),
            (_OVER_DRAWS, ".double()[:, -1]"),
            "One draw decides, and the others are not looked at. Which digits have a label is luck; take the mean over draws."),
        mistake("worst_draw", (_OVER_DRAWS, ".double().amin(dim=1)"),
            "A setting is judged by its worst draw. Judge it by the mean over all draws."),
        mistake("votes", (_PLACE, "settings[int(scores.validation.argmax(dim=0).mode().values)]"),
            "Each draw votes for its own best setting, and the most votes win. A setting that is good in all draws and best in "
            "none gets no vote. Take the mean over draws first, then the best."),
        mistake("median", (_OVER_DRAWS, ".double().median(dim=1).values"),
            (_OVER_DRAWS, ".double().quantile(0.5, dim=1)"),
            "The median over draws decides. The mean is asked for."),
        mistake("extremes_left_out",
            (_OVER_DRAWS, ".double().sort(dim=1).values[:, (cut := shape[1] > 2) : shape[1] - cut].mean(dim=1)"),
            "The best and the worst draw of a setting are left out. The mean over all draws is asked for."),
        mistake("product", (_OVER_DRAWS, ".double().prod(dim=1)"), (_OVER_DRAWS, ".double().log().mean(dim=1)"),
            "The accuracies of a setting are multiplied, or their logarithms added, so that one bad draw can rule it out. "
            "The mean over draws is asked for, which adds them."),
        mistake("ranks", (_OVER_DRAWS, ".argsort(dim=0).argsort(dim=0).double().mean(dim=1)"),
            "Settings are ranked within each draw, and the ranks are averaged: how far apart the accuracies are no longer "
            "counts. Take the mean of the accuracies."),
        mistake("spread_taken_off", (_MEANS, _MEANS + " - scores.validation.double().std(dim=1, correction=0)"),
            (_MEANS, _MEANS + " - scores.validation.double().std(dim=1)"),
            "The deviation between draws is taken off the mean before settings are compared. It is mostly luck of the labels, "
            "which all settings share. The mean alone is asked for."),
        mistake("smallest_gap", (_MEANS, "means = (scores.validation.double() - scores.training.double()).mean(dim=1)"),
            "The setting with the smallest gap between its own few digits and the validation digits comes back. A classifier "
            "that has learned nothing has no gap either. Choose by the accuracy on the validation digits itself."),
        mistake("rounded", (_MEANS, _MEANS + ".mul(10**VALUE).round()"),
            "The means are rounded (decimals: VALUE) before they are compared, so that settings that differ count as equal. "
            "Compare the means as they are.",
            values=(1, 2, 3)),
        mistake("other_axis", (_OVER_DRAWS, ".double().mean(dim=0)"),
            "The mean is taken over the settings, which leaves a number for each draw. Rows are settings, columns are draws: "
            "the mean over draws runs along dimension 1."),
        mistake("place_in_the_flat_table", (_PLACE, "settings[int(scores.validation.argmax())]"),
            "`argmax()` of a whole table counts through all its numbers, so that its place is no row. Take the mean over draws "
            "first: one number for each setting is left."),
        mistake("returns_the_place", (_PLACE, "int(means.argmax())"),
            (_PLACE, "means.argmax()"), (_PLACE, "means.numpy().argmax()"),
            "The place of the best setting comes back. The setting itself is asked for: `settings[place]`.",
            symptom=lambda r: bool(places := [got for got, _ in r.pairs(RESULT)]) and all(map(_is_place, places))),
        mistake("returns_the_accuracy", (_PLACE, "means.max().item()"), (_PLACE, "means.max()"),
            "The best accuracy comes back. The setting that reached it is asked for."),
        mistake("setting_and_accuracy", (_PLACE, _PLACE + ", means.max().item()"), (_PLACE, "means.max().item(), " + _PLACE),
            "The setting comes back together with its accuracy. The setting alone is asked for."),
        mistake("all_of_the_best", (_PLACE, "[s for s, m in zip(settings, means, strict=True) if m == means.max()]"),
            "All settings with the highest mean come back in a list. One is asked for, the first of them."),
        mistake("made_a_number", (_PLACE, f"float({_PLACE})"),
            (_PLACE, "torch.tensor(settings)[means.argmax()]"), (_PLACE, "torch.tensor(settings)[means.argmax()].item()"),
            "The setting is turned into a number or a tensor. Settings may be pairs or names, too: give back the entry of "
            "`settings` as it stands there."),
        mistake("starts_at_zero", (_PLACE, f"{_PLACE} if means.max() > 0 else None"),
            "Where no setting gets a digit right, nothing comes back. A loop whose best starts at 0 never takes a setting "
            "then: start below 0, or with the first."),
        mistake("next_to_the_best", (_PLACE, "settings[int(means.argmax()) + 1]"),
            (_PLACE, "settings[int(means.argmax()) - 1]"),
            "A neighbour of the best setting comes back. Places count from 0, those of `argmax` and those of `settings`: "
            "add nothing, and take nothing off."),
        mistake("index_of_a_tensor", (_PLACE, "settings[means.index(max(means))]"),
            (_PLACE, "settings[means.index(means.max())]"),
            "`index` of a list looks for a value, and that of a tensor does not. `argmax()` gives the place of the largest."),
        mistake("larger_of_equals", (_PLACE, "max(zip(means.tolist(), settings, strict=True))[1]"),
            "Of two settings with the same mean the larger one comes back. Pairs of a mean and a setting are compared by the "
            "setting where the means are the same; the one that stands first is asked for."),
        mistake("last_of_equals", (_PLACE, "settings[len(means) - 1 - int(means.flip(0).argmax())]"),
            "Of two settings with the same mean the later one comes back. The first of them is asked for: `>=` in a loop takes "
            "the last, `>` keeps the first."),
        mistake("smaller_of_equals", (_PLACE, "min(s for s, m in zip(settings, means, strict=True) if m == means.max())"),
            "Of two settings with the same mean the smaller one comes back. The one that stands first is asked for."),
        mistake("others_part_equals", *[(_PLACE, _by_two_keys(table)) for table in _OTHER_DIGITS],
            "Of two settings with the same mean the one comes back that is better on other digits. These have no say, not even "
            "between equals: the first of them is asked for."),
        mistake("sorted_settings", (_PLACE, "sorted(settings)[int(means.argmax())]"),
            "The settings are sorted, and the rows of the table are not. Row i belongs to `settings[i]` as they came."),
    ),
)

# --- two ways on the same draws ------------------------------------------------------------------------------------------


def _pairs(*differences, label, seed=0, spread=0.1):
    before = 0.7 + normal(len(differences), seed=seed, scale=spread)
    return call(Fixed(before), Fixed(before + torch.tensor(differences, dtype=torch.float64)), label=label)


_UP = (0.02, 0.035, -0.01, 0.05, 0.03, 0.015, 0.04, 0.025, 0.06, -0.02)
_HALF = "half = float(stdtrit(len(d) - 1, 0.975)) * error"
_N = "n = wins + losses"

exercise(
    "c3w1a.paired_comparison",
    "course_utils.metrics.paired:paired_comparison",
    cases=(
        _pairs(*_UP, label="called with ten draws, most of them better"),
        _pairs(*[-d for d in _UP], label="called with ten draws, most of them worse", seed=1),
        _pairs(0.03, 0.01, -0.02, label="called with three draws"),
        _pairs(0.1, 0.05, 0.2, 0.15, 0.1, 0.3, 0.25, label="called with seven wins", seed=2),
        call(Fixed(torch.tensor([0.5, 0.75, 0.25, 0.5, 0.5])), Fixed(torch.tensor([0.75, 0.75, 0.25, 0.25, 1.0])),
            label="called with two ties among five draws"),
        call(Fixed(torch.tensor([0.5, 0.25])), Fixed(torch.tensor([0.5, 0.25])), label="called with the same scores twice"),
        _pairs(0.2, -0.2, 0.1, -0.05, label="called with as many wins as losses", seed=3),
        call(Fixed(torch.ones(4)), Fixed(torch.tensor([1e8, -1e8, 1e8, -1e8])), label="called with huge float32 scores"),
        call(Fixed(torch.tensor([0.5])), Fixed(torch.tensor([0.6])), label="called with one draw"),
        call(Fixed(torch.rand(3)), Fixed(torch.rand(4)), label="called with three and four draws"),
    ),
    mistakes=(
        mistake("before_minus_after", ("d = after.double() - before.double()", "d = before.double() - after.double()"),
            "The differences have the other sign. They are `after - before`, so that above 0 means better."),
        mistake("not_in_float64", ("d = after.double() - before.double()", "d = after - before"),
            ("d = after.double() - before.double()", "d = (after - before).double()"),
            "The differences are computed in float32, where 100,000,000 - 1 is 100,000,000. Convert both scores with "
            "`.double()` before you subtract."),
        mistake("numbers_as_tensors",
            "A field of the Comparison is a tensor. Its fields are plain numbers: `.item()` makes one of a tensor.",
            symptom=lambda r: any(isinstance(got, torch.Tensor) for got, _ in r.pairs(RESULT))),
        mistake("ends_exchanged", ("mean - half, mean + half", "mean + half, mean - half"),
            "`low` and `high` are exchanged: `low` is the smaller end of the interval."),
        mistake("wins_and_losses_exchanged", ("(d > 0).sum()), int((d < 0).sum())", "(d < 0).sum()), int((d > 0).sum())"),
            "`wins` and `losses` are exchanged. A draw is won where `after` is above `before`."),
        mistake("not_paired", ("d.std().item()", "(before.double().var() + after.double().var()).sqrt().item()"),
            "The interval comes from the spreads of the two lists, as if they were drawn independently. The draws are "
            "paired: take the differences first, and their standard deviation. What a lucky draw adds to both cancels."),
        mistake("spread_of_one_draw", (" / math.sqrt(len(d))", ""),
            "The interval is that of a single draw. The mean of N draws is sqrt(N) times as certain."),
        mistake("normal_quantile", (_HALF, "half = VALUE * error"),
            "The interval uses VALUE standard errors, whatever N is. With few draws the spread itself is uncertain; Student's "
            "t makes the interval wider: `stdtrit(N - 1, 0.975)`.",
            values=(1.96, 2, 1)),
        mistake("one_sided_point", ("0.975", "0.95"),
            "The interval is one of 90 %: with 0.95, 5 % are left out at *each* end. Take the 97.5 % point."),
        mistake("degrees_of_freedom", ("stdtrit(len(d) - 1", "stdtrit(len(d)"),
            "t has N - 1 degrees of freedom, since the mean was estimated from the same numbers."),
        mistake("population_deviation", ("d.std()", "d.std(correction=0)"),
            "The standard deviation divides by N. With few draws that is too small; divide by N - 1, as `Tensor.std()` does."),
        mistake("ties_are_losses", ("(d < 0)", "(d <= 0)"), ("(d > 0)", "(d >= 0)"),
            "Draws without a difference are counted as wins or as losses. They are neither."),
        mistake("ties_in_the_test", (_N, "n = len(d)"),
            "The ties are among the coins of the sign test. Only wins and losses are: n = wins + losses."),
        mistake("one_sided", ("2 * tail", "tail"),
            "The p-value is one-sided. Nobody knew beforehand which way would win: double it."),
        mistake("above_1", ("min(1.0, 2 * tail)", "2 * tail"),
            "The p-value is above 1 where wins and losses balance: the middle of the distribution is counted twice. Take at "
            "most 1."),
        mistake("more_uneven_only", ("range(min(wins, losses) + 1)", "range(min(wins, losses))"),
            "The observed split itself is left out of the tail. `range(k)` ends at k - 1; the split *at least* as uneven is "
            "asked for."),
        mistake("probability_of_this_split", ("sum(math.comb(n, k) for k in range(min(wins, losses) + 1))",
                "math.comb(n, wins)"),
            "This is the probability of exactly this split. A p-value adds all those that are at least as uneven."),
        mistake("tail_of_the_wins", ("range(min(wins, losses) + 1)", "range(wins + 1)"),
            ("range(min(wins, losses) + 1)", "range(losses + 1)"),
            "The tail is always that of the same side. It belongs to the rarer sign, `min(wins, losses)`: two-sided, both ways "
            "are treated alike."),
        mistake("t_test", ("min(1.0, 2 * tail)", "2 * float(__import__('scipy.special', fromlist=['stdtr']).stdtr(len(d) - 1, "
                "-abs(mean) / max(error, 1e-300)))"),
            ("min(1.0, 2 * tail)", "float('nan') if error == 0 else 2 * float(__import__('scipy.special', fromlist=['stdtr'])"
                ".stdtr(len(d) - 1, -abs(mean) / error))"),
            "The p-value is that of a t-test. The sign test looks at wins and losses only, and so trusts no outlier."),
    ),
)

# --- diagnosis -----------------------------------------------------------------------------------------------------------

CLUES = {  # what the numbers of a case say against every other name
    "case A": "look at its border pixels, and at what D thinks of its fakes with and without augmentation.",
    "case B": "its digits look sound. Compare the accuracy that was reported with the one on fresh digits.",
    "case C": "how far off the centre are its digits, beside real ones?",
    "case D": "compare each of its numbers with real digits and with the floor before you suspect it.",
    "case E": "its digits are centred. How much does their paper differ from image to image, beside the other projects?",
}

diagnosis("c3w1a.diagnose", "course_utils.lessons.c3w1a.exercises:diagnose", Naming("case", CASES, NAMES, diagnose), CLUES)
