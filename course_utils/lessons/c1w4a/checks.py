"""The checks of conditional GANs: the class as numbers, beside the data, in a round of the game, in a loss and in a score."""

import dataclasses

import torch
from torch import nn

from course_utils.checks import exercise, mistake, steps, symptoms
from course_utils.checks.cases import DTYPE, GRAPH, KIND, call, kind, normal, on_gpu, scenario
from course_utils.checks.observe import RAISES, Seen
from course_utils.checks.programs import Body
from course_utils.checks.rounds import BACK_D, BACK_G, CLEAR_D, CLEAR_G, RETURNED, ROUND, STEP_D, STEP_G

# --- one_hot -----------------------------------------------------------------------------------------------------------

_CODE = "(labels[:, None] == columns).float()"
_SAME = "labels[:, None] == columns"
_AFTER = "the code after an earlier one was changed"


def _labels(*numbers_of_classes):
    return torch.tensor(numbers_of_classes)


def _again(function):
    function(_labels(1, 0), 2).detach()[0, 0] = 5.0
    return {_AFTER: function(_labels(1, 0), 2)}


exercise(
    "c1w4a.one_hot",
    "course_utils.models.conditional.class_labels:one_hot",
    cases=(
        call(_labels(2, 0, 1, 1, 3), 5, label="called with the labels 2, 0, 1, 1, 3 and 5 classes"),
        call(_labels(4), 5, label="called with the label 4 and 5 classes"),
        call(_labels(0, 0), 1, label="called with the labels 0, 0 and 1 class"),
        call(_labels(*range(7)).flip(0), 7, label="called with the labels 6 to 0 and 7 classes"),
        call(_labels(1, 2), 12, label="called with the labels 1, 2 and 12 classes"),
        call(_labels(0, 5), 5, label="called with the labels 0, 5 and 5 classes"),
        call(_labels(2, -1, 1), 5, label="called with the labels 2, -1, 1 and 5 classes"),
        call(_labels(1), 1, label="called with the label 1 and 1 class"),
        call(_labels(0, 700), 5, label="called with the labels 0, 700 and 5 classes"),
        on_gpu(_labels(2, 0, 1), 5, label="called with labels on a GPU"),
        scenario("called twice", _again),
    ),
    mistakes=(
        mistake("classes_from_batch", ("torch.arange(classes,", "torch.arange(int(labels.max()) + 1,"),
            "The number of columns follows from the labels of this batch. A batch without the last class would be narrower "
            "than the network's input. Make `classes` columns, whatever occurs."),
        mistake("transposed", (_SAME, "labels == columns[:, None]"),
            "There is a column for each image and a row for each class; it is the other way round, `(B, classes)`. "
            "Everywhere in the course the first dimension counts images."),
        mistake("raw_label", (_CODE, "VALUE"),
            "The label itself is returned as a number (perhaps scaled, or repeated). A network would take class 8 for twice "
            "as much of something as class 4. A class needs a column of its own, so that no two classes are nearer to each "
            "other than others.",
            values=(*("labels.float()", "labels", "labels[:, None].float()", "labels[:, None]"), *("labels / classes",
                "(labels / classes)[:, None]", "labels / (classes - 1)"), *("(labels / (classes - 1))[:, None]",
                "labels[:, None].expand(-1, classes).float()"))),
        mistake("ten_for_ever", ("torch.arange(classes,", "torch.arange(10,"),
            "There are ten columns, however many classes there are: the number is written into the function. Make as many "
            "columns as the argument `classes` says."),
        mistake("ones_in_every_row", (_CODE, _CODE + ".amax(0).expand(len(labels), -1)"),
            "Every row has a 1 for every label of the batch. `code[:, labels] = 1` writes these columns in all rows; give "
            "the rows as well, `code[torch.arange(len(labels)), labels] = 1`."),
        mistake("rows_for_columns", (_CODE, "torch.zeros(len(labels), classes).to(labels.device).VALUE"),
            "The labels were taken for rows, which are images: a label says in which *column* of its own row the 1 stands. "
            "That is dimension 1: `code.scatter_(1, labels[:, None], 1)`, or `code[torch.arange(len(labels)), labels] = 1`.",
            values=("scatter_(0, labels[:, None], 1.0)", "index_fill(0, labels, 1.0)")),
        mistake("label_as_value", (_CODE, _CODE + " * labels[:, None]"),
            "The right place holds the label instead of 1, so class 0 cannot be told from nothing and class 9 shouts. Write "
            "1 wherever the label points."),
        mistake("off_by_one", (_SAME, "labels[:, None] + VALUE == columns"),
            (_SAME, "(labels[:, None] + VALUE) % classes == columns"),
            "The 1 stands one column beside its place. Labels and columns are both counted from 0: label 2 is column 2.",
            values=(1, -1)),
        mistake("inverted", (_SAME, "labels[:, None] != columns"),
            "0 and 1 are exchanged: the label's column holds 0 and all others 1."),
        mistake("up_to_the_label", (_SAME, "labels[:, None] >= columns"), (_SAME, "labels[:, None] <= columns"),
            "A row has several ones, from its label to the end (or the beginning): neighbouring classes share most of them. "
            "Only the label's own column is 1: compare with `==`."),
        mistake("integer_code",
            "The type of the numbers is an integer or bool (as `F.one_hot` and `zeros_like(labels)` make them), and a layer "
            "multiplies only numbers of its own type, float32. Convert with `.float()`.",
            symptom=lambda r: any(g.startswith(("int", "bool", "uint")) for g, _ in r.pairs(DTYPE)), explains=(DTYPE,)),
        mistake("wrong_precision",
            "The numbers are VALUE: put beside a `z` of another type they change the type of everything, or are refused by the "
            "layers. Convert with `.float()`.",
            symptom=symptoms.dtypes, explains=(DTYPE,)),
        mistake("asks_for_a_gradient",
            "The code requires a gradient. It is made of labels, which are no numbers to be learned: leave it as it is.",
            symptom=lambda r: any(got and not wanted for got, wanted in r.pairs(GRAPH)), explains=(GRAPH,)),
        mistake("refuses_a_good_label", ("labels.max() < classes", "labels.max() < classes - 1"),
            ("labels.min() >= 0", "labels.min() > 0"),
            "A label that exists is refused. Both ends belong to the classes: 0 and `classes - 1`.",
            symptom=lambda r: any(isinstance(e, ValueError) for e in r.errors())),
        mistake("silent_out_of_range",
            "A label that is no class is accepted in silence (-1 reaches the last row of an identity matrix, and a "
            "comparison with all columns finds none): VALUE. The network would train on a wrong class.",
            symptom=symptoms.not_raised, explains=("the exception",)),
        mistake("another_error",
            "A label out of range raises, but not a ValueError that says so (VALUE): whoever reads it must guess what was "
            "wrong with which argument. Look at the smallest and the largest label first, and `raise ValueError(...)`.",
            symptom=symptoms.other_exception, explains=("the exception",)),
        mistake("numpy_array",
            "A NumPy array comes back, where a tensor is asked for. NumPy knows neither GPUs nor gradients: stay with torch, "
            "for instance `torch.eye`, or compare the labels with `torch.arange(classes)`.",
            symptom=lambda r: symptoms.returns(r, "ndarray")),
        mistake("plus_and_minus", (_CODE, f"2 * {_CODE} - 1"),
            "The other columns hold -1. In a one-hot code they are 0."),
        mistake("keeps_its_codes",
            "The same tensor is returned again when the same labels come, with whatever was done to it since. Make a new "
            "one in every call.",
            symptom=lambda r: r.only(_AFTER)),
        mistake("other_shape",
            "The shape is VALUE. For each label there is one row, and `classes` columns, also where there is a single label: "
            "(B, classes).",
            symptom=symptoms.shape),
    ),
)


# --- combine -----------------------------------------------------------------------------------------------------------


def _pair(*shape, classes, dtype=torch.float32, **options):
    """A call with data of this shape and codes of this width."""
    return call(normal(*shape, dtype=dtype), normal(shape[0], classes, seed=5, dtype=dtype), **options)


_MAPS = "code[:, :, None, None].expand(-1, -1, *x.shape[2:])"
_IF = f"    if x.dim() == 4:\n        code = {_MAPS}  # (B, K, H, W)\n"
_CAT = "torch.cat([x, code], dim=1)"

exercise(
    "c1w4a.combine",
    "course_utils.models.conditional.class_labels:combine",
    cases=(
        _pair(5, 3, classes=4),
        _pair(1, 64, classes=10),
        _pair(4, 3, classes=3, label="called with as many numbers in `x` as in the code, (4, 3)"),
        _pair(4, 2, 5, 7, classes=3),
        _pair(2, 1, 28, 28, classes=10),
        _pair(2, 1, 6, 6, classes=10),
        _pair(4, 4, 4, 4, classes=4),
        _pair(2, 3, 6, 1, classes=1),
        _pair(3, 1, 1, 1, classes=2),
        _pair(4, 3, 5, 6, classes=3),
        _pair(2, 3, 28, 28, classes=10),
        _pair(4, 2, 5, 7, classes=3, dtype=torch.float64, label="called with float64"),
    ),
    mistakes=(
        mistake("along_batch", ("dim=1", "dim=0"), (_IF, "", "dim=1", "dim=0"),
            "The two are put one below the other, along the batch: twice as many rows, of which half are codes. The class "
            "belongs beside the data of its own row: `torch.cat(..., dim=1)`. The default of `torch.cat` is dim=0."),
        mistake("along_height_or_width", ("dim=1", "dim=-1"), ("dim=1", "dim=x.dim() // 2"),
            "Images and maps are joined along the height or the width, like two photographs. Channels are dimension 1: "
            "`torch.cat(..., dim=1)`; dim=-1 is right for vectors only."),
        mistake("added", (_CAT, "x + code"), (_CAT, "x * code"),
            "The code is added to the data (or multiplied with it), not put beside it. Where the network got two things it "
            "gets their sum, and it cannot take them apart. Use `torch.cat`."),
        mistake("code_left_out", (_CAT, "x"),
            "What comes back is the data alone: the code is not used, so the network could not know the class. Put it "
            "behind the data with `torch.cat`."),
        mistake("code_first", ("[x, code]", "[code, x]"), ("[x, code]", "[code, x] if x.dim() == 4 else [x, code]"),
            ("[x, code]", "[code, x] if x.dim() == 2 else [x, code]"),
            "The code stands before the data. Either order can be learned, but both networks, and every saved one, must "
            "agree: the data first, then the code."),
        mistake("flattened", (_IF, "    x = x.flatten(1)\n"),
            "The image is laid out as a long vector, with the code behind it. The convolutions of the discriminator need "
            "images: give the code height and width, one constant map for each of its numbers."),
        mistake("single_map", (_MAPS, "code.VALUE.view(-1, 1, 1, 1).expand(-1, 1, *x.shape[2:]).to(x.dtype)"),
            "The images get one more channel instead of one for each class: the class as a single number (or the code's sum "
            "or mean). The network would take class 8 for twice class 4. Give each of the code's numbers its own map.",
            values=("argmax(1)", "sum(1)", "mean(1)", "amax(1)")),
        mistake("scrambled_maps", (_MAPS, "code.repeat(1, x.shape[2] * x.shape[3]).view(len(x), -1, *x.shape[2:])"),
            (_MAPS, "code.T.reshape(len(x), -1, 1, 1).expand(-1, -1, *x.shape[2:])"),
            "The maps have the right shape, but they are not constant, or hold each other's numbers: `repeat` followed by "
            "`view` deals the numbers out across maps. Give the code two dimensions of size 1 first, `code[:, :, None, "
            "None]`, then `expand`."),
        mistake("one_pixel",
            (_MAPS, "torch.nn.functional.pad(code[:, :, None, None], (0, x.shape[3] - 1, 0, x.shape[2] - 1))"),
            "The maps hold the code at one pixel and 0 elsewhere: that is what padding does. A convolution sees a few "
            "pixels at a time, so every pixel needs the class: stretch the code with `expand`."),
        mistake("first_code_for_all", (_MAPS, _MAPS.replace("code[:,", "code[:1,").replace("-1, -1", "len(x), -1")),
            "All images get the class of the first one. Each image has its own row of the code: leave the batch dimension as "
            "it is, `code[:, :, None, None]`."),
        mistake("fixed_size", ("*x.shape[2:])", "28, 28)"),
            "It works for 28 x 28 pixels and for no other size. Take height and width from the images: `x.shape[2:]`."),
        mistake("square_only", ("*x.shape[2:])", "x.shape[VALUE])"),
            "It works for square images only: height and width were taken to be the same, or swapped. `x.shape[2:]` has "
            "both, in order.",
            values=("2], x.shape[2", "3], x.shape[2", "3], x.shape[3")),
        mistake("one_channel_only", (_MAPS, "code[:, :, None, None] * torch.ones_like(x)"),
            "It works for images of one channel only: the maps are made to the image's channels, as `torch.ones_like(x)` "
            "is, and three colours do not fit to ten numbers. Take only height and width from the images: `x.shape[2:]`."),
        mistake("ten_classes_only", (_MAPS, "code.view(-1, 10, 1, 1).expand(-1, 10, *x.shape[2:])"),
            "It works for ten classes only: the number is written into the function. It is the code's own width, "
            "`code.shape[1]`; in `expand` and `view` -1 does."),
        mistake("vectors_only", (_IF, ""), (_MAPS, "code[:, :, None, None]"),
            (_MAPS, "code[:, :, None].expand(-1, -1, x.shape[3])"),
            "Vectors come out right, but images do not: a code (B, K) has no height and width to be joined to (B, C, H, W). "
            "Make it (B, K, 1, 1) and stretch it to the size of the images."),
        mistake("images_only", (_IF, f"    code = {_MAPS}\n"),
            (_IF, "    code = code[:, :, None, None].expand(-1, -1, x.shape[2], x.shape[3])\n"),
            "Images come out right, but vectors do not: `z` (B, D) has no height and width. Look at `x.dim()` first."),
    ),
)


# --- a round of the game -----------------------------------------------------------------------------------------------

_D_LOSS, _G_LOSS = "the discriminator's loss", "the generator's loss"
_SPARED = "whether gradients reach the generator in the discriminator's step"


class _Told(nn.Module):
    """Layers on vectors or images, laid out in a row, with the one-hot label of one of three classes behind them."""

    def __init__(self, *layers: nn.Module):
        super().__init__()
        self.layers = nn.Sequential(*layers)

    def forward(self, x, labels):
        code = nn.functional.one_hot(labels, 3).to(x.dtype)  # (B, 3)
        return self.layers(torch.cat([x.flatten(1), code], dim=1))


def _told_gan(scale: float = 1.0, dtype=torch.float64):
    """Two small players that take labels, on 1x2x2 images; ``scale`` makes their gradients large."""
    generator = _Told(nn.Linear(6, 6), nn.BatchNorm1d(6), nn.ReLU(), nn.Linear(6, 4), nn.Tanh(), nn.Unflatten(1, (1, 2, 2)))
    discriminator = _Told(nn.Linear(7, 5), nn.LeakyReLU(0.2), nn.Linear(5, 1))
    with torch.no_grad():
        for p in (*generator.layers[3].parameters(), *discriminator.parameters()):
            p.mul_(scale)
    return steps.watched(generator.to(dtype), discriminator.to(dtype))


def _told_data(batch: int = 8, dtype=torch.float64) -> dict:
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
    return {KIND: "a tuple of 2", _D_LOSS: values[:, 0], _G_LOSS: values[:, 1], steps.LOSS_GRAPH: graph}


def _round(label: str, calls: int = 1, seed: int = 0, **options):
    """Rounds in a row, seen as a step is, with both of the losses that come back."""
    options = {"gan": _told_gan, "data": _told_data} | options
    inner = steps.step("real", "labels", "z", label=label, calls=calls, seed=seed, ignore=(steps.LOSS,), **options)

    def observe(candidate, names) -> Seen:
        returned = []

        def play(gan, *given, **keywords):
            returned.append(candidate(gan, *given, **keywords))
            return torch.zeros(())

        seen = inner.observe(play, names)
        if RAISES in seen.facts:
            return seen
        once = calls * sum(1 for _ in options["gan"]().generator.parameters())
        facts = {_SPARED: seen.trace["arrived"]["generator"] > once}
        return dataclasses.replace(seen, facts=seen.facts | facts | _both_losses(returned[:calls]))

    return dataclasses.replace(inner, observe=observe)


_WATCH = steps.Watch("generator")


def _only_raised_with_gamma(record) -> bool:
    """Does it fail where there is a penalty, and nowhere else, because no gradient leads to the reals?"""
    failed = [case for case, seen in record.got.items() if seen.error is not None]
    words = "does not require grad", "not have been used in the graph", "requires_grad=False", "do not depend"
    return bool(failed) and all("gamma" in case for case in failed) and any(map(record.raised, words))


def _until_step(record, optimiser: str) -> tuple[str, ...]:
    """What happened in the first case before this optimiser's step: all, or since the discriminator's."""
    events = _WATCH.first(record)["events"]
    own, other = f"{optimiser} steps", "opt_d steps"
    if own not in events:
        return ()
    begin = events.index(other) if optimiser == "opt_g" and other in events[: events.index(own)] else 0
    return events[begin : events.index(own) + 1]


def _never_backward(record, optimiser: str) -> bool:
    """Did the optimiser step although no `backward()` had brought its network a gradient?"""
    events = _until_step(record, optimiser)
    arrived = optimiser == "opt_g" and _WATCH.first(record)["arrived"]["generator"]
    return bool(events) and not record.errors() and not arrived and "backward" not in events


def _cleared_too_late(record) -> bool:
    """Was an optimiser cleared after `backward()` and before its step?"""
    for optimiser in ("opt_d", "opt_g"):
        events = _until_step(record, optimiser)
        after = events[::-1][: events[::-1].index("backward")] if "backward" in events else ()
        if f"{optimiser} clears" in after:
            return not record.errors()
    return False


_GENERAL = ("reused_graph", "fixed_batch_size", "changes_argument", "left_frozen", "evaluation_mode")
_FAKE = "fake = gan.generator(z, labels)"
_OF_REALS, _OF_FAKES = "gan.discriminator(real, labels)", "gan.discriminator(fake.detach(), labels)"
_PLAIN, _OF_G = f"discriminator_loss(real_logits, {_OF_FAKES})", "generator_loss(gan.discriminator(fake, labels))"
_R1 = "gamma / 2 * r1_penalty(real_logits, real)"

exercise(
    "c1w4a.conditional_round",
    "course_utils.steps.conditional:conditional_round",
    cases=(
        _round("a round"),
        _round("three rounds", calls=3),
        _round("a round with gamma=3", seed=1, gamma=3.0),
        _round("three rounds with gamma=0.5", calls=3, seed=2, gamma=0.5),
        _round("two rounds with large weights", calls=2, seed=3, gan=lambda: _told_gan(4.0)),
        _round(steps.TWO, seed=4, data=lambda: _told_data(2)),
        _round("a round in float32", seed=5, gan=lambda: _told_gan(dtype=torch.float32),
            data=lambda: _told_data(dtype=torch.float32)),
    ),
    usual=tuple(m for m in steps.usual("generator", "no_gradient", "No gradient arrived at the generator.")
        if m.id in _GENERAL),
    mistakes=(
        mistake("labels_forgotten",
            "A network is called without labels. Both take them as their second argument: `gan.generator(z, labels)`, "
            "`gan.discriminator(images, labels)`, for reals as for fakes.",
            symptom=lambda r: r.raised("missing 1 required positional argument: 'labels'")),
        mistake("nothing_done", Body("return torch.zeros(()), torch.zeros(())"),
            "The networks of `gan` are left as they were: no gradient was computed, and neither optimiser was stepped. Each "
            "step ends with `zero_grad()`, `backward()` and `step()` of its own player, on `gan` itself, not on a copy of it.",
            symptom=lambda r: not r.errors() and not any(_WATCH.first(r)["arrived"].values()) and not _WATCH.stepped(r)),
        mistake("labels_drawn_anew",
            "The round draws random numbers, so the same arguments give a different update each time. Labels that are drawn "
            "or shuffled inside are not those that the images were made for; `z` is given, too. Use the arguments.",
            symptom=lambda r: "whether the update stays the same when it is repeated" in r.names),
        mistake("fakes_judged_with_other_labels", (_OF_FAKES, "gan.discriminator(fake.detach(), labels.roll(1))"),
            (_OF_FAKES, "gan.discriminator(fake.detach(), labels.flip(0))"),
            (_OF_FAKES, "gan.discriminator(fake.detach(), torch.zeros_like(labels))"),
            (_OF_FAKES, "gan.discriminator(fake.detach(), (labels + 1) % 3)"),
            "The discriminator's step judges the fakes with other labels than they were made for. Then the label gives a "
            "fake away, whatever is drawn on it. Pass the same `labels` to generator and discriminator."),
        mistake("other_labels_for_the_generator", (_OF_G, "generator_loss(gan.discriminator(fake, labels.roll(1)))"),
            (_OF_G, "generator_loss(gan.discriminator(fake, labels.flip(0)))"),
            (_OF_G, "generator_loss(gan.discriminator(fake, torch.zeros_like(labels)))"),
            "The generator's step judges the fakes with other labels than they were made for: the generator is taught to "
            "draw another class than it was asked for. Pass the same `labels`."),
        mistake("reals_with_other_labels", (_OF_REALS, "gan.discriminator(real, labels.roll(1))"),
            (_OF_REALS, "gan.discriminator(real, labels.flip(0))"),
            (_OF_REALS, "gan.discriminator(real, torch.zeros_like(labels))"),
            "The reals are judged with labels that are not theirs, so the discriminator cannot learn what a class looks "
            "like. Row i of `labels` belongs to row i of `real`."),
        mistake("fakes_of_another_class", (_FAKE, "fake = gan.generator(z, labels.roll(1))"),
            (_FAKE, "fake = gan.generator(z, labels.flip(0))"), (_FAKE, "fake = gan.generator(z, torch.zeros_like(labels))"),
            "The generator is asked for other classes than its images are judged for. Draw with `labels`, and judge with "
            "`labels`."),
        mistake("no_detach",
            (_OF_FAKES, "gan.discriminator(fake, labels)", BACK_D, "    d_loss.backward(retain_graph=True)\n"),
            "Gradients reach the generator in the discriminator's step, since the fakes were not detached there. Judge "
            "`fake.detach()` in the first step and `fake` in the second; no `retain_graph` is needed.",
            symptom=lambda r: _SPARED in r.names or (r.raised("second time") and _WATCH.first(r)["arrived"]["generator"]
                and next(iter(r.got.values())).error is not None)),
        mistake("labels_encoded",
            "The labels were turned into a one-hot code (or into floats) before a network got them. The networks do that "
            "themselves: pass `labels` as they are, int64 (B,).",
            symptom=lambda r: r.raised("one_hot is only applicable to index tensor")),
        mistake("no_backward_g",
            "The generator's optimiser steps, but no gradient was computed for it: `g_loss.backward()` is missing between "
            "`gan.opt_g.zero_grad()` and `gan.opt_g.step()`.",
            symptom=lambda r: _never_backward(r, "opt_g")),
        mistake("no_backward_d",
            "The discriminator's optimiser steps, but no gradient was computed for it: `d_loss.backward()` is missing "
            "between `gan.opt_d.zero_grad()` and `gan.opt_d.step()`.",
            symptom=lambda r: _never_backward(r, "opt_d")),
        mistake("detached_for_the_generator",
            "No gradient arrives at the generator: its images are detached in its own step as well, or were made under "
            "`torch.no_grad()`. Keep `fake` with its graph, and detach it only where the discriminator's loss is computed.",
            symptom=lambda r: not _WATCH.first(r)["arrived"]["generator"] and not r.errors()),
        mistake("fakes_made_twice", (_OF_G, "generator_loss(gan.discriminator(gan.generator(z, labels), labels))"),
            "The generator is called twice in a round. That costs time, and its BatchNorm counts every call in its running "
            "statistics. Make the fakes once, and keep them for the second step."),
        mistake("averaged_images", (_FAKE, "fake = gan.shown(z, labels)"),
            "The fakes come from the averaged generator (`gan.shown`), not from the one that learns. Use `gan.generator`."),
        *ROUND,
        mistake("cleared_at_the_end", (CLEAR_D, "", CLEAR_G, "", STEP_G, STEP_G + CLEAR_D + CLEAR_G),
            "Both optimisers are cleared at the end of the round only, so that gradients from before the first round are in "
            "its sums. Clear each one before its own `backward()`."),
        mistake("cleared_too_late",
            "Gradients are cleared between `backward()` and `step()`, so an optimiser finds nothing to do. The order is "
            "zero_grad, backward, step.",
            symptom=_cleared_too_late),
        mistake("discriminator_stepped_twice", (STEP_G, STEP_G + STEP_D), (STEP_D, STEP_D + STEP_D),
            "The discriminator's optimiser is stepped twice in a round. After the generator's `backward()` its gradients are "
            "those of the generator's loss: it would help the generator. Step `gan.opt_d` once, in the first step."),
        mistake("generator_stepped_twice", (STEP_G, STEP_G + STEP_G),
            "The generator's optimiser is stepped twice in a round. It moves once, after `g_loss.backward()`."),
        mistake("mixed_gradients", (STEP_D, "", STEP_G, STEP_D + STEP_G), (STEP_D, "", STEP_G, STEP_G + STEP_D),
            "The discriminator steps after both `backward()` calls. The generator's leaves its gradients in the "
            "discriminator, too, and these pull towards being fooled. Step `gan.opt_d` before the generator's loss is "
            "computed."),
        mistake("generator_first", Body(
            "fake = gan.generator(z, labels)\n"
            "g_loss = generator_loss(gan.discriminator(fake, labels))\n"
            "gan.opt_g.zero_grad()\ng_loss.backward()\ngan.opt_g.step()\n"
            "real = real.detach().requires_grad_(gamma > 0)\n"
            "real_logits = gan.discriminator(real, labels)\n"
            "d_loss = discriminator_loss(real_logits, gan.discriminator(fake.detach(), labels))\n"
            "if gamma > 0:\n    d_loss = d_loss + gamma / 2 * r1_penalty(real_logits, real)\n"
            "gan.opt_d.zero_grad()\nd_loss.backward()\ngan.opt_d.step()\n"
            "return d_loss.detach(), g_loss.detach()"),
            (CLEAR_D + BACK_D + STEP_D, "",
             CLEAR_G + BACK_G + STEP_G, CLEAR_G + BACK_G + CLEAR_D + BACK_D + STEP_D + STEP_G),
            "The generator learns from the discriminator as it was before its step: the generator moves first, or its "
            "gradient is computed first and both step at the end. The round begins with the whole step of the discriminator, "
            "`gan.opt_d.step()` included; after it `fake` is judged again."),
        mistake("logits_of_the_old_discriminator",
            "The generator's loss is made of logits from before the discriminator's step: the weights, or the graph, that they "
            "were computed with are gone. Judge `fake`, not detached, again after `gan.opt_d.step()`.",
            symptom=lambda r: r.raised("second time") or (
                r.raised("modified by an inplace operation") and not r.raised("a leaf Variable"))),
        mistake("real_and_fake_swapped", (_PLAIN, f"discriminator_loss({_OF_FAKES}, real_logits)"),
            "Real and fake are swapped in the discriminator's loss: it learns to call fakes real. The order is "
            "`discriminator_loss(real_logits, fake_logits)`."),
        mistake("reals_alone", (_PLAIN, "generator_loss(real_logits)"),
            (_PLAIN, "discriminator_loss(real_logits, real_logits)"), (_PLAIN, f"generator_loss(-{_OF_FAKES})"),
            "Only one side of the discriminator's loss counts: the reals alone, or the fakes alone. "
            "`discriminator_loss(real_logits, fake_logits)` has both."),
        mistake("fights_itself", (_OF_G, "generator_loss(-gan.discriminator(fake, labels))"),
            (_OF_G, "-generator_loss(gan.discriminator(fake, labels))"),
            "The generator is trained to be caught: the sign of its loss, or of its logits, is turned round. Minimise "
            "`generator_loss` of the fake logits."),
        mistake("saturating_loss", (_OF_G, "-generator_loss(-gan.discriminator(fake, labels))"),
            (_OF_G, "-discriminator_loss(real_logits.detach(), gan.discriminator(fake, labels))"),
            "The generator minimises log(1 - D(G(z))), whose gradient vanishes while the fakes are poor. Use "
            "`generator_loss`."),
        mistake("sigmoid_before_logits",
            (_PLAIN, f"discriminator_loss(real_logits.sigmoid(), {_OF_FAKES}.sigmoid())"),
            (_OF_G, "generator_loss(gan.discriminator(fake, labels).sigmoid())"),
            "Logits go through a sigmoid before a loss that applies one itself. Pass them as they are."),
        mistake("no_penalty", (f"d_loss = d_loss + {_R1}", "pass"), (_R1, f"({_R1}).detach()"),
            "Right with `gamma=0`, but with `gamma > 0` the discriminator moves as if there were no penalty: R1 is missing, "
            "or was detached. Add `gamma / 2 * r1_penalty(real_logits, real)` to its loss before `backward()`."),
        mistake("penalty_weight", ("gamma / 2 *", "VALUE *"),
            "R1 has the weight `VALUE` where `gamma / 2` is asked for.",
            values=("gamma", "2 * gamma", "1", "0.5", "10")),
        mistake("penalty_subtracted", ("d_loss + gamma", "d_loss - gamma"),
            "R1 is subtracted, so steep slopes are rewarded. A penalty is added to a loss."),
        mistake("penalty_at_the_fakes", (f"        d_loss = d_loss + {_R1}", "        at = fake.detach().requires_grad_()\n"
                "        d_loss = d_loss + gamma / 2 * r1_penalty(gan.discriminator(at, labels), at)"),
            "The slope is punished at the fakes: that is R2. R1 is taken at the reals, `r1_penalty(real_logits, real)`."),
        mistake("penalty_in_the_generators_loss", (f"d_loss = d_loss + {_R1}", f"extra = {_R1}", _OF_G,
            f"{_OF_G} + (extra.detach() if gamma > 0 else 0)"),
            "R1 is in the generator's loss. It is a penalty on the discriminator's slope at real images, and belongs to the "
            "first step."),
        mistake("no_slope_at_the_reals",
            "R1 finds no gradient with respect to the reals. They must ask for one before the discriminator sees them, "
            "`real = real.detach().requires_grad_()`, and the logits must be theirs: `r1_penalty(real_logits, real)`.",
            symptom=lambda r: _only_raised_with_gamma(r)),
        mistake("returns_the_sum", (RETURNED, "return d_loss.detach() + g_loss.detach()"),
            (RETURNED, "return g_loss.detach()"), (RETURNED, "return d_loss.detach()"),
            "One number comes back. Return both losses, the discriminator's first: `return d_loss.detach(), "
            "g_loss.detach()`."),
        mistake("returns_without_penalty", (f"d_loss = d_loss + {_R1}", f"penalty = {_R1}", BACK_D,
            "    (d_loss + penalty if gamma > 0 else d_loss).backward()\n"),
            "[The update is right, but] the loss that comes back leaves the penalty out. Return the loss that `backward()` was "
            "called on."),
        mistake("loss_scaled", (_PLAIN, f"VALUE * {_PLAIN}"), (_OF_G, f"VALUE * {_OF_G}"),
            "A loss has the wrong size: it is multiplied by VALUE, or summed over the batch. Use the means as they come.",
            values=(0.5, 2, "len(z)")),
        mistake("ones_loss", (_PLAIN, f"(real_logits - 1).square().mean() + {_OF_FAKES}.square().mean()"),
            (_PLAIN, f"torch.relu(1 - real_logits).mean() + torch.relu(1 + {_OF_FAKES}).mean()"),
            (_OF_G, "-gan.discriminator(fake, labels).mean()"),
            (_OF_G, "(gan.discriminator(fake, labels) - 1).square().mean()"),
            "One of the losses is another one: least squares, hinge or Wasserstein. Use `discriminator_loss` and "
            "`generator_loss`."),
    ),
)


# --- auxiliary loss ----------------------------------------------------------------------------------------------------


def _classes(n, classes, seed):
    return torch.randint(classes, (n,), generator=torch.Generator().manual_seed(seed))


def _judged(reals, fakes, classes, seed, scale=2.0, label=""):
    """Class logits and labels of this many reals and fakes; float32, as learners' own constants are."""
    logits = [normal(n, classes, seed=seed + i, scale=scale, dtype=torch.float32) for i, n in enumerate((reals, fakes))]
    labels = [_classes(n, classes, seed + i) for i, n in enumerate((reals, fakes), 2)]
    many = label or f"called with {reals} reals, {fakes} fakes and {classes} classes"
    return call(logits[0], labels[0], logits[1], labels[1], label=many)


_MORE, _SURE = "called with more fakes than reals", "called with very sure logits, up to 200"
_FROM_REALS, _FROM_FAKES = "F.cross_entropy(real_logits, real_labels)", "F.cross_entropy(fake_logits, fake_labels)"


def _both(term, how=" + "):
    """An edit: LOGITS and LABELS of ``term`` are the reals' and then the fakes'."""
    terms = (term.replace("LOGITS", f"{w}_logits").replace("LABELS", f"{w}_labels") for w in ("real", "fake"))
    return (f"{_FROM_REALS} + {_FROM_FAKES}", how.join(terms))


_TOGETHER = "F.cross_entropy(torch.cat([real_logits, fake_logits]), torch.cat([real_labels, fake_labels]))"
_CODES = "F.one_hot(LABELS, LOGITS.shape[1]).float()"

exercise(
    "c1w4a.auxiliary_loss",
    "course_utils.losses:auxiliary_loss",
    cases=(
        _judged(8, 8, 5, 0),
        _judged(6, 6, 10, 10),
        _judged(4, 9, 5, 20, label=f"{_MORE}, 4 and 9"),
        _judged(1, 3, 2, 30, label=f"{_MORE}, 1 and 3"),
        _judged(6, 6, 4, 40, scale=100.0, label=_SURE),
        _judged(1, 1, 3, 50),
    ),
    mistakes=(
        mistake("counts", _both("(LOGITS.argmax(1) == LABELS).float().mean()"),
            _both("(LOGITS.argmax(1) != LABELS).float().mean()"), _both("-(LOGITS.argmax(1) == LABELS).float().mean()"),
            "This counts how often the largest logit is the right one (or a wrong one). A count moves in jumps and has no "
            "slope, so nothing could be learned from it. Use `F.cross_entropy` on the logits."),
        mistake("softmax_first", _both("F.cross_entropy(LOGITS.softmax(1), LABELS)"),
            _both("0.5 * F.cross_entropy(LOGITS.softmax(1), LABELS)"), _both("F.cross_entropy(LOGITS.sigmoid(), LABELS)"),
            ("F.cross_entropy(real_logits,", "F.cross_entropy(real_logits.softmax(1),"),
            ("F.cross_entropy(fake_logits,", "F.cross_entropy(fake_logits.softmax(1),"),
            "The logits go through a softmax before `cross_entropy`, which applies one itself. With ten classes the loss of "
            "a perfect reading could not fall below 1.46 then, and its gradient is weak. Give it the raw logits."),
        mistake("softmax_over_batch", _both("F.nll_loss(LOGITS.log_softmax(0), LABELS)"),
            _both("F.cross_entropy(LOGITS.softmax(0), LABELS)"),
            "The softmax runs over the batch (dim 0): images compete with each other for a class. For each image the "
            "classes compete: dim 1, which is what `cross_entropy` does by itself."),
        mistake("labels_swapped",
            (f"{_FROM_REALS} + {_FROM_FAKES}",
             "F.cross_entropy(real_logits, fake_labels) + F.cross_entropy(fake_logits, real_labels)"),
            "The labels are exchanged: the reals are compared with what the fakes were asked for, and the other way round."),
        mistake("fakes_with_the_labels_of_the_reals", ("(fake_logits, fake_labels)", "(fake_logits, real_labels)"),
            ("(real_logits, real_labels)", "(real_logits, fake_labels)"),
            (f"{_FROM_REALS} + {_FROM_FAKES}", _TOGETHER.replace("fake_labels", "real_labels")),
            "Both sets of logits are compared with the same labels. The fakes have labels of their own, those they were "
            "asked for; they need not be the same as the reals'."),
        mistake("same_logits_twice", ("(fake_logits, fake_labels)", "(real_logits, fake_labels)"),
            ("(fake_logits, fake_labels)", "(real_logits, real_labels)"),
            ("(real_logits, real_labels)", "(fake_logits, fake_labels)"),
            "The same logits stand in both parts: one part is for the reals, the other for the fakes."),
        mistake("real_only", (f" + {_FROM_FAKES}", ""),
            "Only the real images count. In ACGAN the discriminator also learns from the fakes what a class looks like: add "
            "their cross entropy."),
        mistake("fake_only", (f"{_FROM_REALS} + ", ""),
            "Only the fakes count. A discriminator that never reads a real image does not know what the classes are: add "
            "the reals' cross entropy."),
        mistake("fakes_pushed_away", (f"+ {_FROM_FAKES}", f"- {_FROM_FAKES}"),
            "The fakes' part is subtracted: the discriminator is rewarded for misreading fakes. The players are opponents "
            "about *real or fake*, but about the class they want the same. Add the two."),
        mistake("wrong_sign", _both("-F.cross_entropy(LOGITS, LABELS)"),
            "The sign is turned round: this is the mean logarithm of the likelihood, which is to be made large. Optimisers "
            "minimise, so the loss is its negative."),
        mistake("missing_log", _both("F.nll_loss(LOGITS.softmax(1), LABELS)"),
            _both("1 + F.nll_loss(LOGITS.softmax(1), LABELS)"),
            "The mean probability of the right class is taken, without a logarithm (`nll_loss` wants log-probabilities). "
            "Its gradient vanishes where the class is read most wrongly. Use `F.cross_entropy` on the logits."),
        mistake("every_label_for_every_image", _both("-LOGITS.log_softmax(1)[:, LABELS].mean()"),
            "Each image is compared with the labels of all: `[:, labels]` takes these columns from every row. Give the rows, "
            "too, `[torch.arange(len(labels)), labels]`, or use `F.cross_entropy`."),
        mistake("own_guess", _both("F.cross_entropy(LOGITS, LOGITS.argmax(1))"),
            "The labels make no difference: the logits are compared with their own largest one, so being sure is rewarded, "
            "right or wrong."),
        mistake("nll_of_logits", _both("F.nll_loss(LOGITS, LABELS)"),
            "`nll_loss` (or a plain look-up) was given the logits themselves. It expects log-probabilities: put "
            "`log_softmax` before it, or use `F.cross_entropy`, which does both."),
        mistake("multi_label", _both(f"F.binary_cross_entropy_with_logits(LOGITS, {_CODES})"),
            _both(f"F.binary_cross_entropy(LOGITS.softmax(1), {_CODES})"),
            _both(f"F.binary_cross_entropy(LOGITS.sigmoid(), {_CODES})"),
            "Each class is judged as a yes-or-no question of its own (binary cross entropy). A digit is one of ten: the "
            "classes compete in one softmax, `F.cross_entropy`."),
        mistake("loss_summed", _both('F.cross_entropy(LOGITS, LABELS, reduction="sum")'),
            "The loss is summed over the batch, not averaged, so it outweighs the adversarial loss, and the more so the "
            "larger the batch. Use the mean."),
        mistake("averaged_over_classes", _both("F.cross_entropy(LOGITS, LABELS) / LOGITS.shape[1]"),
            "The mean is taken over the classes as well (`.mean()` of a whole (B, K) table), so the loss is K times too "
            "small. Sum over the classes, then take the mean over the images."),
        mistake("loss_halved", _both("0.5 * F.cross_entropy(LOGITS, LABELS)"), (f"{_FROM_REALS} + {_FROM_FAKES}", _TOGETHER),
            "The loss is half of what is asked for: the mean over reals and fakes together instead of the sum of two means. "
            "When nothing is known it should read 2 log K, 4.605 for ten classes."),
        mistake("smoothed_labels", _both("F.cross_entropy(LOGITS, LABELS, label_smoothing=0.1)"),
            "The labels are smoothed: a part of each goes to the other classes. The loss asked for takes the labels as they "
            "are."),
        mistake("squared_error", _both(f"F.mse_loss(LOGITS.softmax(1), {_CODES})"), _both(f"F.mse_loss(LOGITS, {_CODES})"),
            "This is a squared distance from the one-hot labels. The loss asked for is minus the logarithm of the right "
            "class's probability: `F.cross_entropy` on the logits."),
        mistake("unstable_log", _both("F.nll_loss((LOGITS.softmax(1) + 1e-8).log(), LABELS)"),
            "[Right for moderate logits,] wrong for very sure ones: a logarithm is taken of a softmax that was rounded to 0, "
            "which gives infinity, NaN or a capped value. `F.cross_entropy` and `log_softmax` stay exact.",
            symptom=lambda r: [case for case, names in r.differing.items() if names] == [_SURE]),
        mistake("one_count_for_both",
            "Right for as many fakes as reals, wrong otherwise: the two means are taken with one count. Average over the "
            "reals, average over the fakes, then add.",
            symptom=lambda r: all(case.startswith(_MORE) for case, names in r.differing.items() if names)),
    ),
)

# --- projection score --------------------------------------------------------------------------------------------------


def _scored(batch, width, classes, seed):
    """A call with this many images, features and classes; float32, as learners' own constants are."""
    features, vectors, psi = (
        normal(*shape, seed=seed + i, dtype=torch.float32)
        for i, shape in enumerate(((batch, width), (classes, width), (batch, 1)))
    )
    label = f"called with {batch} images, {width} features and {classes} classes"
    return call(features, _classes(batch, classes, seed), vectors, psi, label=label)


_MATCH = "(features * class_vectors[labels]).sum(dim=1, keepdim=True)"
_TOTAL = "unconditional + matches"

exercise(
    "c1w4a.projection_score",
    "course_utils.models.conditional.class_labels:projection_score",
    cases=(
        _scored(6, 5, 4, 0),
        _scored(9, 3, 10, 10),
        _scored(1, 4, 3, 20),
        _scored(4, 4, 4, 30),
        _scored(8, 1, 2, 40),
    ),
    mistakes=(
        mistake("missing_psi", (_TOTAL, "matches"), (_TOTAL, "matches.squeeze(1)"),
            "The unconditional score is missing. The inner product alone says how well an image fits its class, not whether "
            "it looks real at all: add `unconditional`."),
        mistake("missing_match", (_TOTAL, "unconditional"),
            "The class vectors are not used: the score is psi alone, the same whatever the label is. Add the inner product "
            "of the features with the vector of the image's class."),
        mistake("everybody_with_everybody", ("keepdim=True", "keepdim=False"), (_TOTAL, "unconditional + matches[:, :, None]"),
            "The result has a number for every pair of images: inner products of shape (B,), added to (B, 1), let each image's "
            "psi meet the match of every other. Keep the dimension: `.sum(dim=1, keepdim=True)`."),
        mistake("matrix_of_the_batch", (_MATCH, "features @ class_vectors[labels].T"),
            "The features of every image are multiplied with the class vectors of all images, (B, B). Only those in the "
            "same row belong together: multiply number by number, then sum over the features."),
        mistake("all_classes", (_MATCH, "(features @ class_vectors.T)VALUE"),
            "The labels are not used: there is a score for every class, (B, K), or the largest, the sum or the mean of these. "
            "Only the vector of the image's own label counts: look it up with `class_vectors[labels]`.",
            values=("", *(f".{how}(dim=1, keepdim=True)" for how in ("amax", "sum", "mean")))),
        mistake("summed_over_batch", ("sum(dim=1, keepdim=True)", "sum()"), (_TOTAL, "(unconditional + matches).sum()"),
            ("sum(dim=1, keepdim=True)", "sum(dim=0, keepdim=True)"),
            "The inner product is summed over the batch, so images get each other's matches. Sum over the features only: "
            "dim=1."),
        mistake("not_summed", (".sum(dim=1, keepdim=True)", ""),
            "The products of the single features are not added up, (B, F). An inner product is their sum: `.sum(dim=1, "
            "keepdim=True)`."),
        mistake("mean_of_features", ("sum(dim=1", "mean(dim=1"),
            "The products are averaged instead of summed, which makes the class count the less the more features there are. "
            "An inner product is a sum."),
        mistake("scaled_by_width", (_TOTAL, "unconditional + matches / features.shape[1] ** 0.5"),
            "The inner product is divided by the root of the number of features, as attention does. Here it is added as it "
            "is."),
        mistake("cosine", (_MATCH, "torch.cosine_similarity(features, class_vectors[labels])[:, None]"),
            ("class_vectors[labels]", "nn.functional.normalize(class_vectors)[labels]"),
            ("(features *", "(nn.functional.normalize(features) *"),
            "Features or class vectors, or both, are brought to length 1 first, as for the cosine of their angle. "
            "Here the lengths count: the plain inner product."),
        mistake("sigmoid", (_TOTAL, "torch.sigmoid(unconditional + matches)"),
            "The score goes through a sigmoid. It is a logit, and the losses apply the sigmoid themselves."),
        mistake("rows_in_order", ("class_vectors[labels]", "class_vectors[: len(features)]"),
            ("class_vectors[labels]", "class_vectors"),
            "The class vectors are taken in the order of the batch: image 0 gets the vector of class 0, whatever its label. "
            "Look them up with `class_vectors[labels]`."),
        mistake("subtracted", (_TOTAL, "unconditional - matches"),
            "The match is subtracted: an image that fits its class would look less real. Add it."),
        mistake("multiplied", (_TOTAL, "unconditional * matches"),
            "Psi is multiplied with the match. The logit is their sum."),
        mistake("side_by_side", (_TOTAL, "torch.cat([unconditional, matches], dim=1)"),
            "The two numbers stand beside each other, (B, 2). The logit is their sum, (B, 1)."),
        mistake("features_unused", (_MATCH, "class_vectors[labels]"),
            "The class vector itself is added, whatever the features are. Multiply it with them, then sum: that says how well "
            "the two fit."),
        mistake("flat", (_TOTAL, "(unconditional + matches).squeeze(1)"),
            "[The values are right, but] their shape is (B,). The losses and the other discriminators use (B, 1), and (B,) "
            "against (B, 1) would be broadcast to (B, B) in silence. Keep the dimension."),
    ),
)
