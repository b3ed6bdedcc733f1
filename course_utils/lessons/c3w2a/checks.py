"""The checks of the U-Net: expanding block, the whole network, overlap, border weights, and the diagnosis of five runs."""

import re

import torch

from course_utils.checks import exercise, mistake, networks
from course_utils.checks.cases import call, kind, normal, scenario
from course_utils.checks.naming import Naming
from course_utils.checks.networks import network
from course_utils.checks.programs import Body
from course_utils.lessons.c3w2a.exercises import RUNS, SIGNS, diagnose

_HIDDEN = mistake("hidden_by_a_method",
    "A layer has the name of a method, VALUE, and the method hides it. Give the layer another name.",
    symptom=lambda r: _hidden(r))  # fmt: skip
_ASSERT = mistake("assert_for_an_exception",
    "An `assert` fails where `ValueError` is to be raised. Whoever calls catches `ValueError`, and Python with -O leaves "
    "asserts out: ask with `if`, then `raise ValueError(...)`.",
    symptom=lambda r: any((got, wanted) == ("AssertionError", "ValueError") for got, wanted in r.pairs("the exception")),
    explains=("the exception",))  # fmt: skip


def _hidden(record) -> str:
    """The method that was taken for a layer, in words."""
    texts = " ".join(str(error) for error in record.errors())
    found = re.search(r"Module\.(\w+)\(\) (?:takes|got|missing)", texts)
    if found:
        return f"`{found[1]}`, which every `nn.Module` has"
    own = re.search(r"'method' object is not (iterable|subscriptable)|'method' has no", texts)
    return "`contract` or `expand`" if own else ""


# --- expanding block ---------------------------------------------------------------------------------------------------

_CROP = "skip[:, :, above : above + height, left : left + width]"
_MARGIN = "above, left = (skip.shape[2] - height) // 2, (skip.shape[3] - width) // 2"
_UP = "nn.ConvTranspose2d(2 * channels, channels, 2, stride=2)"
_JOIN = "torch.cat([skip, x], dim=1)"
_SMALL = """        if above < 0 or left < 0:
            raise ValueError(f"skip: expected at least {height} x {width}, got {skip.shape[2]} x {skip.shape[3]}")
"""

exercise(
    "c3w2a.expanding_block",
    "course_utils.models.unet:ExpandingBlock",
    cases=(
        network(3, inputs=(normal(2, 6, 4, 5), normal(2, 3, 8, 10, seed=1))),
        network(3, inputs=(normal(3, 6, 3, 4), normal(3, 3, 9, 13, seed=1)), label="a skip with an odd margin"),
        network(4, padded=False, inputs=(normal(2, 8, 6, 5), normal(2, 4, 20, 18, seed=2))),
        network(2, padded=False, inputs=(normal(1, 4, 5, 5), normal(1, 2, 13, 15, seed=3))),
        network(2, inputs=(normal(1, 4, 4, 4), normal(1, 2, 7, 8, seed=3)), label="a skip that is too low"),
        network(2, inputs=(normal(1, 4, 4, 4), normal(1, 2, 10, 7, seed=3)), label="a skip that is too narrow"),
    ),
    usual=networks.USUAL,
    mistakes=(
        mistake("corner_crop", (_CROP, "skip[:, :, :height, :width]"),
            "The upper left corner of the skip is used. Its centre lies over x: without padding both sides lost as many "
            "pixels. With the corner, every level is shifted against the one below."),
        mistake("odd_pixel_above", 
            (_MARGIN, "above, left = (skip.shape[2] - height + 1) // 2, (skip.shape[3] - width + 1) // 2"),
            "Where the margin is odd, the pixel more is cut off above and at the left. The docstring wants it cut off below "
            "and at the right: `//` rounds the first margin down."),
        mistake("sides_exchanged", (_CROP, "skip[:, :, left : left + height, above : above + width]"),
            "Height and width are exchanged in the crop. The third dimension is the height."),
        mistake("skip_resized", (_CROP, 'nn.functional.interpolate(skip, (height, width), mode="bilinear")'),
            (_CROP, "nn.functional.interpolate(skip, (height, width))"),
            "The skip is resized. It is at the right scale already, and has a margin too much: crop it."),
        mistake("x_padded",
            (f"skip = {_CROP}", "right, below = skip.shape[3] - width - left, skip.shape[2] - height - above\n"
             "        x = nn.functional.pad(x, (left, right, above, below))"),
            "x is padded to the size of the skip. Then a frame of zeros goes through all that follows. The skip is cropped "
            "to the size of x."),
        mistake("no_skip", (_JOIN, "torch.cat([x, x], dim=1)"), (_JOIN, "torch.cat([torch.zeros_like(skip), x], dim=1)"),
            "The skip does not get into the result. Join the cropped skip and x along the channels."),
        mistake("added", (_JOIN, "skip + x", "DoubleConvolution(2 * channels, channels, padded)",
             "DoubleConvolution(channels, channels, padded)"),
            "The skip is added to x. A U-Net joins them, so that the next convolution sees both, 2C channels. Adding is what a "
            "residual network does."),
        mistake("x_first", (_JOIN, "torch.cat([x, skip], dim=1)"),
            "x comes first. It would learn the same; but weights that somebody else trained would meet the wrong channels. "
            "The docstring wants the skip first."),
        mistake("joined_along_the_batch", (_JOIN, "torch.cat([skip, x])"),
            "Skip and x are joined along the batch, which is what `torch.cat` does without `dim`. Join the channels.",
            symptom=lambda r: r.raised("expected input[4, 3, 8, 10] to have 6 channels")),
        mistake("one_margin_for_both", (_CROP, "skip[:, :, above : above + height, above : above + width]"),
            (_CROP, "skip[:, :, left : left + height, left : left + width]"),
            "One margin is used for both sides. Height and width have margins of their own."),
        mistake("negative_end", (_CROP, "skip[:, :, above:-above, left:-left]"),
            "The crop ends at minus the margin. With a margin of 0 that is `0:-0`, which is empty, and with an odd one it "
            "keeps a pixel too many. End at the start plus the size of x."),
        mistake("cropped_before_doubling", ("x = self.up(x)  # (B, C, 2H, 2W)\n        height, width = x.shape[2:]",
             "height, width = x.shape[2:]\n        x = self.up(x)"),
            "The skip is cropped to the size that x has *before* it is doubled. Double x first, then look at its size."),
        mistake("activation_after_doubling", ("x = self.up(x)", "x = self.up(x).relu()"),
            "There is a ReLU behind the transposed convolution. The docstring asks for none there."),
        _HIDDEN,
        _ASSERT,
        mistake("interpolated", (_UP, "nn.Sequential(nn.Upsample(scale_factor=2), nn.Conv2d(2 * channels, channels, 1))"),
            (_UP, 'nn.Sequential(nn.Upsample(scale_factor=2, mode="bilinear"), nn.Conv2d(2 * channels, channels, 1))'),
            "The size is doubled by interpolation. That works, and is often used, but what is asked for is a transposed "
            "convolution, 2 x 2 with stride 2."),
        mistake("channels_kept", (_UP, "nn.ConvTranspose2d(2 * channels, 2 * channels, 2, stride=2)"),
            (_UP, "nn.ConvTranspose2d(2 * channels, 2 * channels, 2, stride=2)",
             "DoubleConvolution(2 * channels,", "DoubleConvolution(3 * channels,"),
            "The transposed convolution keeps 2C channels. It halves them, so that x and skip have C each.",
            symptom=lambda r: r.raised("expected input[2, 9, 8, 10] to have 6 channels")),
        mistake("other_kernel", (_UP, "nn.ConvTranspose2d(2 * channels, channels, 4, stride=2, padding=1)"),
            (_UP, "nn.ConvTranspose2d(2 * channels, channels, 3, stride=2, padding=1, output_padding=1)"),
            "The kernel of the transposed convolution is another one. With 2 x 2 and stride 2 each pixel becomes four, and "
            "none of them overlap."),
        mistake("padding_lost", ("(2 * channels, channels, padded)", "(2 * channels, channels)"),
            "`padded` does not reach the convolutions: they pad although `padded=False`."),
        mistake("joined_uncropped", (f"skip = {_CROP}", "skip = skip"),
            "A skip that is larger than x is joined as it is, which fails: only sizes that are the same can be joined. Crop "
            "its centre first."),
        mistake("small_skips_accepted", (_SMALL, ""), (_SMALL, "        above, left = max(above, 0), max(left, 0)\n"),
            "A skip smaller than x must raise `ValueError`, as the docstring says. Here something else happens: without the "
            "question a negative margin counts from the other end."),
    ),
)

# --- the whole network -------------------------------------------------------------------------------------------------


def _sizes(make):
    """Sizes of the features and of the logits, and the list after it was expanded."""
    made = make(1, 2, (2, 4, 8), padded=False)
    features = made.contract(normal(1, 1, 44, 52, dtype=torch.float32))
    returned, sizes = kind(features).split(" of ")[0], [tuple(f.shape) for f in features]
    logits = made.expand(features)
    after = [tuple(f.shape) for f in features]
    return {
        "the type of what `contract` returns": returned,
        "the sizes of the features, the finest first": sizes,
        "the size of the logits": tuple(logits.shape),
        "whether `expand` leaves the list as it is": after == sizes,
    }


def _whole(make):
    """`forward` is `expand` of what `contract` gives, and every skip counts."""
    torch.manual_seed(2)
    made = make(2, 1, (3, 6, 12))
    x = normal(2, 2, 8, 16, dtype=torch.float32)
    with torch.no_grad():
        logits, features = made(x), made.contract(x)
        counts = []
        for level in range(len(features)):
            other = [f.flip(0) if i == level else f for i, f in enumerate(features)]
            counts.append(not torch.allclose(made.expand(other), logits, atol=1e-6))
        same = torch.allclose(made.expand(features), logits, atol=1e-5)
    return {
        "whether `forward` gives what `expand(contract(x))` gives": same,
        "which levels count in `expand`": counts,
        "whether logits of a new network are negative somewhere": bool((logits < 0).any()),
    }


_DOWN = "DoubleConvolution(a, b, padded) for a, b in pairwise((in_channels, *widths))"
_UPS = "ExpandingBlock(width, padded) for width in reversed(widths[:-1])"

exercise(
    "c3w2a.unet",
    "course_utils.models.unet:UNet",
    cases=(
        scenario("the sizes of a network without padding", _sizes),  # the cheapest first: most wrong programs end here
        network(2, 3, (3, 6), inputs=(normal(1, 2, 6, 4, seed=1),)),
        network(1, 1, (2, 4, 8), inputs=(normal(2, 1, 8, 12),)),
        network(1, 1, (2, 4, 8, 16), inputs=(normal(3, 1, 16, 16, seed=2),)),
        network(1, 2, (2, 4, 8), padded=False, inputs=(normal(1, 1, 44, 52, seed=3),)),
        network(1, 1, (2,), inputs=(normal(2, 1, 5, 7, seed=4),), label="one level, no pooling"),
        network(1, 1, (2, 4, 8), inputs=(normal(1, 1, 8, 10),), label="a width that cannot be halved twice"),
        network(1, 1, (2, 4, 8), inputs=(normal(1, 1, 6, 8),), label="a height that cannot be halved twice"),
        network(1, 1, (2, 4, 8), padded=False, inputs=(normal(1, 1, 42, 44),), label="without padding, an odd size on the way"),
        network(1, 1, (2, 4, 8), padded=False, inputs=(normal(1, 1, 40, 40),), label="without padding, nothing is left"),
        scenario("contracting and expanding by hand", _whole),
    ),
    usual=networks.USUAL,
    mistakes=(
        mistake("expand_returns_nothing", ("return self.head(x)", "self.head(x)"),
            "`expand` returns None: its last line needs a `return`."),
        mistake("contract_returns_nothing", ("return features", "pass"),
            "`contract` returns None: its last line needs a `return`."),
        mistake("a_tuple_of_features", ("return features", "return tuple(features)"),
            "`contract` returns a tuple. The docstring wants a list, which `expand` gets."),
        mistake("coarsest_first", ("return features", "return features[::-1]"),
            "`contract` returns the features of the coarsest level first. The docstring wants the finest first, and `expand` "
            "gets such a list."),
        mistake("a_block_for_every_width", (_UPS, "ExpandingBlock(width, padded) for width in reversed(widths)"),
            (_UPS, "ExpandingBlock(width, padded) for width in reversed(widths)", ", strict=True", ""),
            "There is an expanding block for every width. The lowest level has none above it to get its skip from: leave out "
            "the last width."),
        _HIDDEN,
        mistake("no_pooling", ("block(self.pool(features[-1]))", "block(features[-1])"),
            "Nothing is halved between the levels. `nn.MaxPool2d(2)` comes before each double convolution but the first."),
        mistake("pools_before_the_first", ("[self.down[0](x)]", "[self.down[0](self.pool(x))]"),
            "The picture is halved before the first convolution. The finest level keeps all pixels."),
        mistake("average_pooling", ("nn.MaxPool2d(2)", "nn.AvgPool2d(2)"),
            "Levels are halved by a mean. Max pooling is asked for."),
        mistake("input_of_the_level", ("features.append(block(self.pool(features[-1])))",
             "features.append(block(self.pool(features[0] if len(features) == 1 else features[-1].detach())))"),
            "A level is cut off from the one above: no gradient leads back through it."),
        mistake("skips_not_reversed", ("zip(self.up, reversed(skips), strict=True)", "zip(self.up, skips, strict=True)"),
            "The skips are used from the finest to the coarsest. The expanding path begins below: the coarsest skip first."),
        mistake("blocks_not_reversed", (_UPS, "ExpandingBlock(width, padded) for width in widths[:-1]"),
            "The expanding blocks stand in the order of the contracting path. The widest comes first."),
        mistake("no_skips", ("x = block(x, skip)", "x = block(x, torch.zeros_like(skip))"),
            ("x = block(x, skip)", "x = block(x, skip * 0)"),
            "The skips do not count: zeros are joined in their place. Each expanding block gets the features of its level."),
        mistake("skip_detached", ("x = block(x, skip)", "x = block(x, skip.detach())"),
            "No gradient goes back through the skips. They are the shortest path to the first convolutions; do not detach."),
        mistake("sigmoid_at_the_end", ("return self.head(x)", "return self.head(x).sigmoid()"),
            "The network ends in a sigmoid. The loss takes logits and has the sigmoid in it; with both, it cannot fall below "
            "0.31 and the threshold of 0 calls every pixel a cell."),
        mistake("softmax_at_the_end", ("return self.head(x)", "return self.head(x).softmax(dim=1)"),
            "The network ends in a softmax. Of one channel that is 1 everywhere. Return the logits."),
        mistake("activation_at_the_end", ("return self.head(x)", "return self.head(x).relu()"),
            "A ReLU comes after the last convolution, so no logit is below 0, and no pixel can be called background."),
        mistake("head_of_three", ("nn.Conv2d(widths[0], out_channels, 1)", "nn.Conv2d(widths[0], out_channels, 3, padding=1)"),
            "The last convolution is 3 x 3. A 1 x 1 convolution is asked for: it mixes channels and looks at one pixel."),
        mistake("padding_of_the_way_down", (_DOWN, "DoubleConvolution(a, b) for a, b in pairwise((in_channels, *widths))"),
            (_UPS, "ExpandingBlock(width) for width in reversed(widths[:-1])"),
            "`padded` does not reach all blocks. Both paths need it."),
        mistake("sizes_not_asked", ("            check_side(side, len(self.down) - 1, self.padded)", "            pass"),
            ("x.shape[2:]", "x.shape[2:3]"), ("x.shape[2:]", "x.shape[3:]"),
            "A side that cannot be halved often enough must raise `ValueError`. Call `check_side` for height and width."),
        mistake("padding_not_asked", ("len(self.down) - 1, self.padded)", "len(self.down) - 1)"),
            "`check_side` is asked about a padded network, whatever this one is. Hand `padded` on."),
        mistake("list_changed", ("*skips, x = features", "x = features.pop()\n        skips = features"),
            "`expand` takes the last entry out of the list it was given. Who calls it twice with one list gets something else: "
            "`*skips, x = features` makes a new list."),
        mistake("one_pooling_more", ("check_side(side, len(self.down) - 1,", "check_side(side, len(self.down),"),
            "`check_side` is told one pooling too many. Between the levels lie len(widths) - 1 of them."),
    ),
)

# --- overlap -----------------------------------------------------------------------------------------------------------


def _masks(*shape, seed=0, share=0.3):
    return torch.rand(shape, generator=torch.Generator().manual_seed(seed)) < share


_LOGITS, _TRUE = normal(4, 6, 5, seed=3), _masks(4, 6, 5, seed=1)
_NOTHING, _NONE = torch.full((3, 4, 4), -2.0), torch.zeros(3, 4, 4, dtype=torch.bool)
_SOME = _NOTHING.clone()
_SOME[1, 2, 2] = 3.0
_IOU = "iou = torch.where(either == 0, 1.0, both / either.clamp(min=1))"
_RETURN = "return 2 * iou / (1 + iou), iou"
_SOFT = """
p, true = logits.sigmoid().flatten(1).double(), masks.flatten(1).double()
if logits.shape != masks.shape or not ((masks == 0) | (masks == 1)).all():
    raise ValueError
both = (p * true).sum(1)
dice = (2 * both + VALUE) / (p.sum(1) + true.sum(1) + VALUE)
return dice, dice / (2 - dice)
"""
_ADDED = """
said, true = (logits > 0).flatten(1), masks.flatten(1) == 1
if logits.shape != masks.shape or not ((masks == 0) | (masks == 1)).all():
    raise ValueError
both, either = (said & true).sum(1).double(), (said | true).sum(1).double()
return (2 * both + VALUE) / (both + either + VALUE), (both + VALUE) / (either + VALUE)
"""

exercise(
    "c3w2a.overlap",
    "course_utils.metrics.segmentation:overlap",
    cases=(
        call(_LOGITS, _TRUE, gradients=False),
        call(normal(3, 1, 4, 7, seed=5), _masks(3, 1, 4, 7, seed=2).long(), gradients=False),
        call(normal(2, 30, seed=6, dtype=torch.float32), _masks(2, 30, seed=4, share=0.9).float(), gradients=False),
        call(0.3 * normal(5, 8, 8, seed=7), _masks(5, 8, 8, seed=5), gradients=False, label="called with logits near 0"),
        call(torch.zeros(2, 3, 3), _masks(2, 3, 3, seed=6), gradients=False, label="called with logits of exactly 0"),
        call(_NOTHING, _NONE, gradients=False, label="called with empty pictures in which nothing is found"),
        call(_SOME, _NONE, gradients=False, label="called with empty pictures, in one of which a pixel is found"),
        call(_SOME, _SOME > 0, gradients=False, label="called with one cell of one pixel, which is found"),
        call(_NOTHING, _masks(3, 4, 4, seed=7), gradients=False, label="called with cells of which none is found"),
        call(_LOGITS, _TRUE.long() * 255, gradients=False, label="called with masks of 0 and 255"),
        call(_LOGITS, _TRUE[:, None], gradients=False, label="called with shapes that differ"),
        call(_LOGITS, _TRUE.double() * 0.5, gradients=False, label="called with masks of 0 and 0.5"),
    ),
    mistakes=(
        mistake("threshold_of_a_half", ("logits > 0", "logits > 0.5"),
            "A pixel is called cell where its *logit* is above 0.5. That is a probability of 0.62. A probability of one half "
            "is the logit 0."),
        mistake("sigmoid_above_0", ("logits > 0", "logits.sigmoid() > 0"),
            "Every pixel is called cell: a sigmoid is always above 0. Ask for logits above 0, or a sigmoid above 0.5."),
        mistake("threshold_includes_0", ("logits > 0", "logits >= 0"),
            "A logit of exactly 0 counts as cell. The docstring says above 0."),
        mistake("soft", Body(_SOFT),
            "These are soft scores, of probabilities. They are good as a loss, since they have a gradient. A metric asks what "
            "was said: pixels above the threshold.", values=("1e-6", "1", "1e-7", "0")),
        mistake("empty_is_0", (_IOU, "iou = both / either.clamp(min=1)"), ("either == 0, 1.0,", "either == 0, 0.0,"),
            "An empty picture in which nothing is found gets 0, the worst there is, for being right. Both scores are 1 there."),
        mistake("empty_is_nan", (_IOU, "iou = both / either"),
            "An empty picture in which nothing is found gives 0 / 0 = NaN, and the mean over all pictures with it. Both scores "
            "are 1 there."),
        mistake("smoothed", (_IOU, "iou = (both + VALUE) / (either + VALUE)"), Body(_ADDED),
            "A small number is added above and below the line. It makes 1 of 0 / 0, and it also changes every other score: a "
            "miss of all cells gets more than 0. Ask for the empty case instead.", values=("1", "1e-3", "1e-2", "0.1")),
        mistake("found_in_empty_forgiven", ("either == 0, 1.0,", "true.sum(dim=1) == 0, 1.0,"),
            "Where there is no cell the score is 1, whatever was found. It is 1 only where nothing was found, either; else 0."),
        mistake("pooled", ("both, either = (said & true).sum(dim=1).double(), (said | true).sum(dim=1).double()",
             "both, either = (v.sum().double().expand(len(said)) for v in (said & true, said | true))"),
            "The pixels of all pictures are counted together. That is another number: pictures with much cell then count more, "
            "and an empty one counts nothing. Sum over the pixels of each picture."),
        _ASSERT,
        mistake("mean_taken", (_RETURN, "return (2 * iou / (1 + iou)).mean(), iou.mean()"),
            "The means over all pictures are returned. What is asked for is a number for each picture."),
        mistake("dice_without_2", (_RETURN, "return iou / (1 + iou), iou"),
            (_RETURN, "return torch.where(either == 0, 1.0, iou / (1 + iou)), iou"),
            "Dice is half of what it should be: the pixels in both masks count twice above the line, since they do below."),
        mistake("both_counted_twice",
            (_RETURN, "dice = 2 * iou / (1 + iou)\n    return dice, torch.where(either == 0, 1.0, dice / 2)"),
            (_IOU, "iou = torch.where(either == 0, 1.0, both / (both + either).clamp(min=1))"),
            "IoU is divided by the sum of both areas, in which the pixels in both count twice: two equal masks get 0.5. Divide "
            "by the pixels in at least one mask."),
        mistake("exchanged", (_RETURN, "return iou, 2 * iou / (1 + iou)"),
            "IoU comes first. The docstring wants Dice first. (Dice is the larger of the two.)"),
        mistake("dice_of_the_mean", (_RETURN, "return 2 * iou.mean() / (1 + iou.mean()) * torch.ones_like(iou), iou"),
            "Dice is computed from the mean IoU. 2 IoU / (1 + IoU) holds for one picture, not for means."),
        mistake("accuracy", (_IOU, "iou = (said == true).double().mean(dim=1)"),
            (_RETURN, "iou = (said == true).double().mean(dim=1)\n    return iou, iou"),
            "This is the share of pixels that are right. Background that is called background counts in it, and most pixels "
            "are background. In IoU they do not count."),
        mistake("precision", ("(said | true).sum", "said.sum"),
            "The pixels in both are divided by the pixels *found*: that is precision. IoU divides by the pixels in at least "
            "one of the masks."),
        mistake("recall", ("(said | true).sum", "true.sum"),
            "The pixels in both are divided by the *true* pixels: that is recall, and all cell everywhere gets 1. IoU divides "
            "by the pixels in at least one of the masks."),
        mistake("one_row_of_pixels", ("both, either = (said & true).sum(dim=1).double(), (said | true).sum(dim=1).double()",
             "said, true = said.view(logits.shape), true.view(logits.shape)\n"
             "    both, either = ((v.sum(dim=1).double().flatten(1).mean(1)) for v in (said & true, said | true))"),
            "The sum goes over one dimension only. All dimensions but the first are pixels: `flatten(1)`."),
    ),
)

# --- border weights ----------------------------------------------------------------------------------------------------


def _discs(side, *cells):
    """A label map (side, side + 3) of discs: (number, row, column, radius)."""
    rows, columns = torch.arange(side)[:, None], torch.arange(side + 3)[None]
    labels = torch.zeros(side, side + 3, dtype=torch.long)
    for number, row, column, radius in cells:
        labels[(rows - row) ** 2 + (columns - column) ** 2 <= radius**2] = number
    return labels


_THREE = _discs(16, (1, 4, 4, 3), (2, 4, 11, 3), (3, 11, 7, 3))
_GAPS = _discs(14, (2, 3, 3, 2), (5, 8, 9, 3))
_FORMULA = "border = w0 * torch.exp(-(nearest.sum(dim=0) ** 2) / (2 * sigma**2))"
_ADD = "return weights + border.float() * (labels == 0).cpu()"
_TO = "distance_transform_edt((labels != k).cpu().numpy())"

exercise(
    "c3w2a.border_weights",
    "course_utils.segmentation_losses:border_weights",
    cases=(
        call(_THREE, gradients=False, label="called with three cells"),
        call(_THREE, w0=4.0, sigma=2.0, gradients=False, label="called with three cells, w0=4.0, sigma=2.0"),
        call(_GAPS, w0=3.0, sigma=3.0, gradients=False, label="called with cells 2 and 5, and no others"),
        call(_discs(9, (1, 4, 3, 2)), gradients=False, label="called with one cell"),
        call(torch.zeros(5, 7, dtype=torch.uint8), gradients=False, label="called with no cell"),
        call(_GAPS.to(torch.uint8), w0=0.0, gradients=False, label="called with w0=0.0 and labels in uint8"),
        call(_GAPS, sigma=0.8, gradients=False, label="called with sigma=0.8"),
        call(_THREE[None], gradients=False, label="called with (1, H, W)"),
        call(_THREE, w0=-1.0, gradients=False, label="called with w0=-1.0"),
        call(_THREE, sigma=0.0, gradients=False, label="called with sigma=0.0"),
    ),
    mistakes=(
        mistake("nearest_only", ("nearest.sum(dim=0)", "nearest[0]"),
            "Only the distance to the nearest cell counts, so every cell gets a heavy ring. Either d2 is left out, or "
            "background, number 0, is taken for a cell, and its distance of 0 for d1."),
        mistake("second_only", ("nearest.sum(dim=0)", "nearest[1]"),
            "Only the distance to the second nearest cell counts. d1 + d2 is asked for."),
        mistake("squares_summed", ("(nearest.sum(dim=0) ** 2)", "(nearest ** 2).sum(dim=0)"),
            "The distances are squared and then summed. The formula has (d1 + d2)^2."),
        mistake("cells_too", (_ADD, "return weights + border.float()"),
            "Pixels inside cells get weight, too: there d1 is 0. Only background counts more; else the loss asks for seams and "
            "for what lies beside them equally."),
        mistake("zero_in_cells", (_ADD, "return (weights + border.float()) * (labels == 0)"),
            "Pixels in cells have the weight 0, so the loss does not see them at all. They have weight 1: only what is "
            "*added* is for background alone."),
        mistake("on_cells_only", ("(labels == 0)", "(labels != 0)"),
            "Pixels in cells get the weight, and the background between them none. It is the background that is to be kept."),
        mistake("weights_from_0", ("torch.ones(labels.shape)", "torch.zeros(labels.shape)"),
            (_ADD, "return border.float() * (labels == 0)"),
            "Pixels far from any border have weight 0 and do not count at all. The weight begins at 1."),
        mistake("all_distances", (".topk(2, dim=0, largest=False).values", ""),
            "The distances to all cells are summed. With many cells hardly any pixel is near. Take the two smallest."),
        mistake("farthest", (".topk(2, dim=0, largest=False)", ".topk(2, dim=0)"),
            "The two *largest* distances are taken: `topk` gives the largest unless `largest=False`."),
        mistake("no_2", ("(2 * sigma**2)", "(sigma**2)"),
            "The 2 in 2 sigma^2 is missing: borders are narrower than sigma says."),
        mistake("no_brackets", ("/ (2 * sigma**2)", "/ 2 * sigma**2"),
            "The exponent is *multiplied* by sigma^2: `a / 2 * b` is (a / 2) * b. Put 2 sigma^2 in brackets."),
        mistake("areas_numbered_anew", ("    numbers = [k", "    from scipy.ndimage import label\n"
             "    labels = torch.tensor(label(labels.numpy() > 0)[0])\n    numbers = [k"),
            "Cells that touch are taken for one, as if they had been numbered anew by connected areas. The numbers in `labels` "
            "say which cell is which."),
        mistake("sigma_not_squared", ("(2 * sigma**2)", "(2 * sigma)"),
            "Sigma is not squared."),
        mistake("distance_not_squared", ("(nearest.sum(dim=0) ** 2)", "nearest.sum(dim=0)"),
            "The sum of the distances is not squared."),
        mistake("inside_distances", (_TO, "distance_transform_edt((labels == k).numpy())"),
            "The distances are measured inside of the cells. `distance_transform_edt` gives the distance to the nearest "
            "*False*: it needs True outside of cell k, `labels != k`."),
        mistake("to_any_cell", (_TO, "distance_transform_edt((labels == 0).numpy())"),
            "Every distance is that to any cell, so both are the same. Each cell needs a transform of its own."),
        mistake("background_is_a_cell", (" if k != 0]", "]"),
            "Background counts as a cell, with a distance of 0 to every background pixel. Leave the number 0 out."),
        mistake("numbers_counted", ("[k for k in labels.unique().tolist() if k != 0]", "list(range(1, int(labels.max()) + 1))"),
            "Numbers that no cell has are asked for as well; the distance to nothing is no number. Take those that are there: "
            "`labels.unique()`."),
        mistake("city_blocks", (f"distances = [{_TO}", "from scipy.ndimage import distance_transform_cdt\n"
             "    distances = [distance_transform_cdt((labels != k).numpy(), 'taxicab').astype(float)"),
            "Distances are counted along rows and columns. The straight distance is asked for: `distance_transform_edt`."),
        mistake("chessboard", (f"distances = [{_TO}", "from scipy.ndimage import distance_transform_cdt\n"
             "    distances = [distance_transform_cdt((labels != k).numpy()).astype(float)"),
            "A diagonal step counts as one, as for a king at chess. The straight distance is asked for: "
            "`distance_transform_edt`."),
        mistake("w0_of_0_refused", ("w0 < 0", "w0 <= 0"),
            "`w0=0` is refused. It is allowed: nothing is added then, and all weights are 1."),
        mistake("too_few_cells", ("if len(numbers) < 2:", "if len(numbers) < 1:"),
            ("    if len(numbers) < 2:\n        return weights\n", ""),
            "With fewer than two cells something fails. There is no second nearest cell then, and all weights are 1."),
        mistake("w0_not_used", ("border = w0 * torch", "border = 10.0 * torch"), ("border = w0 * torch", "border = torch"),
            "`w0` does not count. The exponential is multiplied by it."),
        mistake("sigma_not_used", ("(2 * sigma**2)", "(2 * 5.0**2)"),
            "`sigma` does not count: another number stands in its place."),
        mistake("normalised", (_ADD, "weights = weights + border.float() * (labels == 0)\n    return weights / weights.mean()"),
            "The weights are divided by their mean. That makes sense in some recipes; here the docstring fixes 1 for all "
            "pixels far from a border."),
    ),
)

# --- diagnosis ---------------------------------------------------------------------------------------------------------

_TOO_NEAR = {"is not far from that of the sound run", "is that of the sound run"}  # nobody tells these two losses apart


def _against(run: str, name: str) -> str:
    """The first sign that tells the right name from this one."""
    shown, expected = SIGNS[diagnose(run)], SIGNS[name]
    what = next(s for s in shown if shown[s] != expected[s] and {shown[s], expected[s]} != _TOO_NEAR)
    said = f"In “{name}” {what} {expected[what]}; in {run} it {shown[what]}."
    return f"{said} Look at the row of this run in the table once more."


_NAMED = Naming("run", RUNS, SIGNS, diagnose)

exercise(
    "c3w2a.diagnose",
    "course_utils.lessons.c3w2a.exercises:diagnose",
    cases=(_NAMED.case,),
    mistakes=_NAMED.mistakes(
        mistake(
            "same_for_all",
            "All five runs get the same name, but each has a mistake of its own. Begin with the share that is said to be cell: "
            "in one run it is 0, in one it is 1.",
            symptom=_NAMED.all_alike,
        ),
        against=_against,
    ),
)
