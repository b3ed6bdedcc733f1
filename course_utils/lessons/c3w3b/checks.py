"""The checks of style transfer: Gram matrices, two losses, the optimisation of a picture, five diagnoses."""

import traceback

import torch
from torch import nn

from course_utils.checks import exercise, mistake
from course_utils.checks.cases import RESULT, Fixed, call, normal, on_gpu, scenario, seeded, uniform
from course_utils.checks.naming import Naming, diagnosis
from course_utils.checks.programs import Body
from course_utils.lessons.c3w3b.exercises import CASES, NAMES, diagnose
from course_utils.style_transfer import Weights

_ASSERT = mistake("assert_for_an_exception",
    "An `assert` fails where `ValueError` is to be raised. Whoever calls catches `ValueError`, and Python with -O "
    "leaves asserts out: ask with `if`, then `raise ValueError(...)`.",
    symptom=lambda r: any((got, wanted) == ("AssertionError", "ValueError") for got, wanted in r.pairs("the exception")),
    explains=("the exception",))


def _shaped(record, shape):
    """Has the result somewhere this shape, which is made of the right one, and not the right one?"""
    pairs = [p for p in record.pairs(RESULT) if all(isinstance(x, torch.Tensor) for x in p)]
    return any(w.ndim == 3 and g.shape != w.shape and tuple(g.shape) == shape(*w.shape[:2]) for g, w in pairs)


def _stopped_in(record, name):
    """Is a `ValueError` raised in a function of this name?"""
    errors = [e for e in record.errors() if isinstance(e, ValueError)]
    return any(frame.name == name for e in errors for frame in traceback.extract_tb(e.__traceback__)[-1:])


# --- gram_matrix ---------------------------------------------------------------------------------------------------------

_ROWS = "rows = maps.flatten(2)"
_PRODUCT = "rows @ rows.transpose(1, 2) / rows.shape[2]"

exercise(
    "c3w3b.gram_matrix",
    "course_utils.style_losses:gram_matrix",
    cases=(
        call(normal(2, 3, 4, 5)),
        call(normal(1, 5, 3, 2, seed=1)),
        call(normal(3, 1, 1, 7, seed=2)),
        call(normal(2, 3, 4, 4, seed=5) + 2, label="called with maps that have a mean"),
        call(normal(2, 4, 3, 3, seed=3, scale=1e4), label="called with large numbers"),
        call(normal(2, 4, 3, 3, seed=3).transpose(2, 3), label="called with maps that are not contiguous"),
        call(normal(3, 4, 5), label="called with three dimensions"),
        call(normal(1, 2, 3, 2, 2), label="called with five dimensions"),
        on_gpu(normal(2, 3, 4, 4)),
    ),
    mistakes=(
        mistake("not_divided", (_PRODUCT, "rows @ rows.transpose(1, 2)"),
            "The products are added and not divided by the number of positions, H * W. Pictures of two sizes could not be "
            "compared."),
        mistake("divided_by_c_h_w", (_PRODUCT, "rows @ rows.transpose(1, 2) / (rows.shape[1] * rows.shape[2])"),
            (_PRODUCT, "rows @ rows.transpose(1, 2) / maps[0].numel()"),
            "The products are divided by C * H * W. Many programs do that, and it is only another weight; here an entry is "
            "the *mean over the positions*, so divide by H * W."),
        mistake("divided_by_the_batch_too", (_PRODUCT, "rows @ rows.transpose(1, 2) / (len(maps) * rows.shape[2])"),
            "The number of pictures divides as well. Each picture has a Gram matrix of its own."),
        mistake("divided_by_b_c_h_w", (_PRODUCT, "rows @ rows.transpose(1, 2) / maps.numel()"),
            "The products are divided by all numbers of the batch, B * C * H * W. Divide by the number of positions, H * W."),
        mistake("divided_by_channels", (_PRODUCT, "rows @ rows.transpose(1, 2) / rows.shape[1]"),
            "The products are divided by the number of channels. The mean is over the positions: divide by H * W."),
        mistake("one_matrix_for_the_batch",
            Body("if maps.ndim != 4:\n    raise ValueError('maps')\nrows = maps.transpose(0, 1).flatten(1)\n"
                 "return rows @ rows.T / rows.shape[1]"),
            Body("if maps.ndim != 4:\n    raise ValueError('maps')\nrows = maps.flatten(2)\n"
                 "return (rows @ rows.transpose(1, 2) / rows.shape[2]).mean(dim=0)"),
            "There is one matrix for the whole batch. Each picture has its own: the result has shape (B, C, C).",
            symptom=lambda r: _shaped(r, lambda b, c: (c, c) if b > 1 else None)
            or _shaped(r, lambda b, c: (1, c, c) if b > 1 else None)),
        mistake("batch_into_channels",
            Body("if maps.ndim != 4:\n    raise ValueError('maps')\nb, c, h, w = maps.shape\n"
                 "rows = maps.reshape(b * c, h * w)\n"
                 "return rows @ rows.T / (h * w)"),
            Body("if maps.ndim != 4:\n    raise ValueError('maps')\nb, c, h, w = maps.shape\n"
                 "rows = maps.reshape(b * c, h * w)\n"
                 "return rows @ rows.T / (b * c * h * w)"),
            "Batch and channels are one dimension, as in PyTorch's tutorial, which has a batch of one. With two pictures the "
            "matrix compares maps of different pictures; the result should have shape (B, C, C).",
            symptom=lambda r: _shaped(r, lambda b, c: (b * c, b * c) if min(b, c) > 1 else None)
            or _shaped(r, lambda b, c: (1, b * c, b * c) if min(b, c) > 1 else None)),
        mistake("channels_into_positions",
            "Channels and positions are one dimension (`flatten(1)`), so whole pictures are multiplied with each "
            "other, (B, B). Join height and width alone: `flatten(2)`.",
            symptom=lambda r: _shaped(r, lambda b, c: (b, b) if b != c and min(b, c) > 1 else None)),
        mistake("batch_transposed", (_PRODUCT, "rows @ rows.transpose(0, 1) / rows.shape[2]"),
            (_PRODUCT, "rows @ rows.T / rows.shape[2]"),
            "The batch is transposed as well. The rows are (B, C, H * W): exchange the last two dimensions, "
            "`transpose(1, 2)`."),
        mistake("one_side_detached", (_PRODUCT, "rows @ rows.detach().transpose(1, 2) / rows.shape[2]"),
            (_PRODUCT, "rows.detach() @ rows.transpose(1, 2) / rows.shape[2]"),
            "One of the two factors is detached. The values are right, and the gradient is half of what it should be."),
        mistake("absolute", (_PRODUCT, "(rows @ rows.transpose(1, 2) / rows.shape[2]).abs()"),
            "The products are taken absolutely. Two maps of which one is high where the other is low have a negative entry."),
        mistake("five_dimensions", ("maps.ndim != 4", "maps.ndim < 4"), ("maps.ndim != 4", "maps.ndim == 3"),
            "Maps with five dimensions are taken as they are. The docstring asks for a `ValueError` unless there are four."),
        _ASSERT,
        mistake("positions_by_positions", (_PRODUCT, "rows.transpose(1, 2) @ rows / rows.shape[1]"),
            (_PRODUCT, "rows.transpose(1, 2) @ rows / rows.shape[2]"), (_PRODUCT, "rows.transpose(1, 2) @ rows"),
            "The product is of positions with positions, (B, H * W, H * W). Transpose the *second* factor: channels with "
            "channels."),
        mistake("scrambled", (_ROWS, "rows = maps.permute(0, 2, 3, 1).reshape(len(maps), maps.shape[1], -1)"),
            "Channels and positions are scrambled by a `reshape` of the permuted tensor. A row has to hold one map: "
            "`maps.flatten(2)` keeps B and C and joins H and W."),
        mistake("centred", (_ROWS, "rows = maps.flatten(2)\n    rows = rows - rows.mean(dim=2, keepdim=True)"),
            "The mean of each map is subtracted first. That gives covariances; here the products are of the maps as they are."),
        mistake("cosine", (_ROWS, "rows = torch.nn.functional.normalize(maps.flatten(2), dim=2)"),
            (_PRODUCT, "torch.nn.functional.normalize(rows, dim=2) @ "
                "torch.nn.functional.normalize(rows, dim=2).transpose(1, 2)"),
            "Each map is divided by its length, so a filter that answers strongly looks like a weak one. Leave the maps as "
            "they "
            "are."),
        mistake("height_squared", (_PRODUCT, "rows @ rows.transpose(1, 2) / maps.shape[2] ** 2"),
            (_PRODUCT, "rows @ rows.transpose(1, 2) / maps.shape[3] ** 2"),
            (_PRODUCT, "rows @ rows.transpose(1, 2) / maps.shape[2]"),
            (_PRODUCT, "rows @ rows.transpose(1, 2) / maps.shape[3]"),
            "Only one side of the maps divides. Pictures need not be square: the number of positions is H * W."),
        mistake("channels_and_positions_mixed",
            Body("if maps.ndim != 4:\n    raise ValueError('maps')\nb, c, h, w = maps.shape\nrows = maps.reshape(b, h * w, c)\n"
                "return rows.transpose(1, 2) @ rows / (h * w)"),
            "A `reshape` to (B, H * W, C) does not exchange dimensions: it cuts the same numbers in another place, so each row "
            "mixes channels. `maps.flatten(2)` keeps the maps together."),
        mistake("rectified", (_ROWS, "rows = maps.relu().flatten(2)"),
            "Negative numbers are set to 0 first. The network has its ReLU; the maps are taken as they come."),
        mistake("root", (_PRODUCT, "rows @ rows.transpose(1, 2) / rows.shape[2] ** 0.5"),
            "The products are divided by the root of the number of positions. A mean divides by the number itself."),
        mistake("no_dimension_check", ("maps.ndim != 4", "False"), ("maps.ndim != 4", "maps.ndim < 3"),
            "Maps with three dimensions are taken as they are. The docstring asks for a `ValueError` unless there are four: a "
            "forgotten batch dimension would give another matrix without a word."),
    ),
)

# --- style_loss ----------------------------------------------------------------------------------------------------------


def _layers(*shapes, seed=0, scale=1.0):
    return [normal(1, *shape, seed=seed + k, scale=scale) for k, shape in enumerate(shapes)]


def _wanted(*channels, seed=50, scale=1.0):
    made = [normal(1, c, 3 * c, seed=seed + k, scale=scale) for k, c in enumerate(channels)]
    return [Fixed(rows @ rows.transpose(1, 2) / rows.shape[2]) for rows in made]


def _plain(fixed):
    return [f.value for f in fixed]


def _losses(layers, wanted, **options):
    """Whether the wanted matrices get a gradient is left open: detached or not, they are only targets."""
    open_to = tuple(f"the gradient with respect to `wanted[{k}]`" for k in range(len(wanted)))
    return call(layers, wanted, ignore=open_to, **options)


_ERROR = "error = (gram_matrix(maps) - target).square().sum()"
_RELATIVE = "losses.append(error / target.square().sum())"
_MEAN = "torch.stack(losses).mean()"

exercise(
    "c3w3b.style_loss",
    "course_utils.style_losses:style_loss",
    cases=(
        _losses(_layers((3, 4, 5), (2, 2, 2)), _plain(_wanted(3, 2)), label="called with two layers"),
        _losses(_layers((4, 3, 3), seed=3), _plain(_wanted(4, seed=60)), label="called with one layer"),
        _losses(_layers((2, 4, 4), (3, 2, 5), (5, 2, 2), seed=6), _plain(_wanted(2, 3, 5, seed=70)),
            label="called with three layers"),
        _losses(_layers((2, 4, 4), (3, 2, 5), seed=9, scale=30.0), _plain(_wanted(2, 3, seed=80)),
                label="called with large maps"),
        _losses(_layers((2, 3, 3), (3, 2, 2), seed=12, scale=0.0), _plain(_wanted(2, 3, seed=90)),
             label="called with an empty picture", gradients=False),
        _losses(_layers((3, 4, 4), (3, 2, 2), seed=30), _plain([*_wanted(3, seed=90, scale=0.2), *_wanted(3, seed=95)]),
            label="called with two layers of three maps, the first of which is further off"),
        _losses(_layers((2, 3, 3), (3, 2, 2), seed=12), _plain(_wanted(2, seed=90)), label="called with a matrix too few"),
        _losses(_layers((2, 3, 3), seed=12), _plain(_wanted(2, 3, seed=90)), label="called with a matrix too many"),
        on_gpu(_layers((3, 2, 2)), _plain(_wanted(3))),
    ),
    mistakes=(
        mistake("not_relative", (_RELATIVE, "losses.append(error)"),
            "The squared difference is not divided by the sum of the squares of the wanted matrix. Layers with larger numbers "
            "would then drown the others."),
        mistake("mean_not_relative", (_ERROR, "error = (gram_matrix(maps) - target).square().mean()",
            _RELATIVE, "losses.append(error)"),
            "Each layer counts as a mean squared error (`mse_loss`), not relative to the wanted matrix. Divide the sum of the "
            "squared differences by the sum of the squares of the wanted matrix."),
        mistake("mse_added", (_ERROR, "error = (gram_matrix(maps) - target).square().mean()", _RELATIVE,
                              "losses.append(error)", _MEAN, "torch.stack(losses).sum()"),
            "The mean squared errors of the layers are added, as in many programs. Here each layer is relative to the wanted "
            "matrix (sum of squares over sum of squares), and the layers are averaged."),
        mistake("square_of_the_sum", (_RELATIVE, "losses.append(error / target.sum() ** 2)"),
            "The wanted entries are added first and squared then. It is the sum of the squares: `target.square().sum()`."),
        mistake("something_added_below", (_RELATIVE, "losses.append(error / (target.square().sum() + VALUE))"),
            "A constant is added to what divides. A wanted Gram matrix is not 0, and a constant makes weak layers weaker.",
            values=(0.001, 0.01, 0.1, 1.0)),
        mistake("mean_absolute", (_ERROR, "error = (gram_matrix(maps) - target).abs().mean()",
                                  _RELATIVE, "losses.append(error)"),
            (_ERROR, "error = (gram_matrix(maps) - target).abs().sum()", _RELATIVE, "losses.append(error)"),
            "Absolute differences are taken, not relative to anything. Sums of squares stand above and below."),
        mistake("matrix_of_a_matrix",
            "`gram_matrix` is called with something that has not four dimensions. `wanted` holds Gram matrices already; only "
            "the layers of the picture are turned into them, and as they are.",
            symptom=lambda r: _stopped_in(r, "gram_matrix")),
        mistake("root_of_the_norms", (_RELATIVE, "losses.append((error / target.square().sum()).sqrt())"),
            "The root is taken. The distance is squared: a sum of squares over a sum of squares."),
        mistake("divided_by_the_norm", (_RELATIVE, "losses.append(error / target.norm())"),
            "The sum of squares is divided by the length of the wanted matrix, not by its square. Sums of squares belong above "
            "and below."),
        mistake("relative_to_the_picture", (_RELATIVE, "losses.append(error / gram_matrix(maps).square().sum())"),
            "The distance is relative to the *picture's* matrix. It divides by the wanted one, which stays the same while the "
            "picture changes."),
        mistake("each_entry_relative", (_RELATIVE, "losses.append(((gram_matrix(maps) - target) / target).square().sum())"),
            (_RELATIVE, "losses.append(((gram_matrix(maps) - target) / target).square().mean())"),
            "Every entry is divided by its own wanted value; entries near 0 then count most. One number divides: the sum of "
            "all "
            "squares of the wanted matrix."),
        mistake("summed_layers", (_MEAN, "torch.stack(losses).sum()"),
            "The layers are added. Take their mean, so that the weight of the loss does not depend on how many there are."),
        mistake("last_layer_only", (_MEAN, "losses[-1]"), (_MEAN, "losses[-1] / len(losses)"),
            "Only the last layer is left: is the loss overwritten in the loop, or returned from inside it?"),
        mistake("first_layer_only", (_MEAN, "losses[0]"), (_MEAN, "losses[0] / len(losses)"),
            "Only the first layer counts. Is there a `return` inside the loop?"),
        mistake("absolute", (_ERROR, "error = (gram_matrix(maps) - target).abs().sum()"),
            "The differences are not squared, but what divides them is."),
        mistake("both_absolute", (_ERROR, "error = (gram_matrix(maps) - target).abs().sum()", _RELATIVE,
                                  "losses.append(error / target.abs().sum())"),
            "Absolute values are added in the place of squares."),
        mistake("mean_over_sum", (_ERROR, "error = (gram_matrix(maps) - target).square().mean()"),
            (_RELATIVE, "losses.append(error / target.square().mean())"),
            "A mean and a sum are mixed: one stands above, the other below. Use the same for both."),
        mistake("of_all_layers_at_once",
            Body("if len(layers) != len(wanted):\n    raise ValueError('wanted')\n"
                 "above = sum((gram_matrix(m) - t).square().sum() for m, t in zip(layers, wanted))\n"
                 "return above / sum(t.square().sum() for t in wanted)"),
            "All layers are divided by one number. Each layer is relative to its own matrix; the mean is taken after that."),
        mistake("largest_layer_only", (_MEAN, "torch.stack(losses).max()"),
            "Only the layer that is furthest off counts. Take the mean over the layers."),
        mistake("two_layers_always", (_MEAN, "torch.stack(losses).sum() / 2"),
            "The sum is divided by 2, however many layers there are. Divide by their number."),
        mistake("summed_before_the_square", (_ERROR, "error = (gram_matrix(maps) - target).sum().square()"),
            "The differences are added first and squared then, so that they cancel. Square each, then add."),
        mistake("divided_by_sizes", (_RELATIVE, "losses.append(error / (4 * maps[0].numel() ** 2))"),
            (_RELATIVE, "losses.append(error / maps[0].numel() ** 2)"), (_RELATIVE, "losses.append(error / maps.numel())"),
            "The squared differences are divided by sizes of the maps, as in the paper of Gatys et al. Here what "
            "divides is the sum of the squares of the wanted matrix."),
        mistake("maps_for_matrices", ("(gram_matrix(maps) - target)", "(maps - target)"),
            "Maps are compared with Gram matrices. Make a matrix of the maps first: `gram_matrix`."),
        _ASSERT,
        mistake("maps_not_matrices", (_ERROR, "error = (maps.flatten(2).mean(dim=2)[..., None] - target).square().sum()"),
            "Means of maps are compared with a Gram matrix. Make the matrix with `gram_matrix` first."),
        mistake("a_bare_number", (_MEAN, _MEAN + ".item()"), (_MEAN, "torch.tensor([loss.item() for loss in losses]).mean()"),
            (_MEAN, _MEAN + ".detach()"),
            "The loss is turned into a bare number or cut off (`.item()`, `.detach()`): no gradient leads back to the "
            "picture."),
        mistake("detached_maps", ("gram_matrix(maps)", "gram_matrix(maps.detach())"),
            "The maps are detached, so no gradient leads back to the picture. Its pixels are what learns."),
        mistake("lengths_not_checked", ("len(layers) != len(wanted)", "False", "zip(layers, wanted, strict=True)",
            "zip(layers, wanted)"),
            ("len(layers) != len(wanted)", "len(layers) > len(wanted)", "zip(layers, wanted, strict=True)",
                "zip(layers, wanted)"),
            ("len(layers) != len(wanted)", "len(layers) < len(wanted)", "zip(layers, wanted, strict=True)",
                "zip(layers, wanted)"),
            "With another number of matrices than layers no `ValueError` is raised: `zip` stops at the shorter of the two, "
            "silently. `zip(..., strict=True)` does not."),
    ),
)

# --- total_variation -----------------------------------------------------------------------------------------------------

_ACROSS = "(pictures[..., :, 1:] - pictures[..., :, :-1])"
_DOWN = "(pictures[..., 1:, :] - pictures[..., :-1, :])"
_BOTH = "return across + down"

exercise(
    "c3w3b.total_variation",
    "course_utils.style_losses:total_variation",
    cases=(
        call(normal(2, 3, 4, 6)),
        call(normal(1, 1, 5, 2, seed=1)),
        call(normal(3, 2, 2, 7, seed=2, scale=50.0)),
        call(torch.full((1, 3, 4, 4), 0.5, dtype=torch.float64), label="called with a constant picture", gradients=False),
        call(torch.linspace(0, 3, 12, dtype=torch.float64).view(1, 1, 3, 4), label="called with a ramp"),
        on_gpu(normal(1, 3, 4, 4)),
    ),
    mistakes=(
        mistake("squared", (f"{_ACROSS}.abs()", f"{_ACROSS}.square()", f"{_DOWN}.abs()", f"{_DOWN}.square()"),
            "The differences are squared. The total variation takes absolute values, which spare edges: one large step costs "
            "as "
            "much as many small ones."),
        mistake("no_absolute", (f"{_ACROSS}.abs()", _ACROSS, f"{_DOWN}.abs()", _DOWN),
            "The differences are added with their signs, so that they cancel. Take absolute values."),
        mistake("summed", (f"{_ACROSS}.abs().mean()", f"{_ACROSS}.abs().sum()", f"{_DOWN}.abs().mean()",
            f"{_DOWN}.abs().sum()"),
            "The differences are summed. Take means, so that the weight means the same at every size."),
        mistake("summed_over_the_size", (f"{_ACROSS}.abs().mean()", f"{_ACROSS}.abs().sum() / pictures.numel()",
                                         f"{_DOWN}.abs().mean()", f"{_DOWN}.abs().sum() / pictures.numel()"),
            "The sums are divided by the number of pixels. There is one pair less than pixels in a row or a column: take the "
            "mean "
            "over the pairs."),
        mistake("summed_over_pictures",
            (f"{_ACROSS}.abs().mean()", f"{_ACROSS}.abs().sum() / len(pictures)",
             f"{_DOWN}.abs().mean()", f"{_DOWN}.abs().sum() / len(pictures)"),
            "The sums are divided by the number of pictures only. Take the mean over all pairs."),
        mistake("colours_added", (f"{_ACROSS}.abs().mean()", f"{_ACROSS}.abs().sum() / pictures[:, 0].numel()",
                f"{_DOWN}.abs().mean()", f"{_DOWN}.abs().sum() / pictures[:, 0].numel()"),
            (f"{_ACROSS}.abs().mean()", f"{_ACROSS}.abs().sum(dim=1).mean()", f"{_DOWN}.abs().mean()",
                f"{_DOWN}.abs().sum(dim=1).mean()"),
            "The colours are added. The mean runs over them as well."),
        mistake("smooth_at_zero",
            Body("across = torch.nn.functional.smooth_l1_loss(pictures[..., :, 1:], pictures[..., :, :-1])\n"
                 "down = torch.nn.functional.smooth_l1_loss(pictures[..., 1:, :], pictures[..., :-1, :])\nreturn "
                 "across + down"),
            "This is the smooth L1 loss, which squares small differences. The absolute differences are asked for: `l1_loss`."),
        mistake("edge_compared_with_nothing",
            Body("wide = torch.nn.functional.pad(pictures, (0, 1, 0, 1))\n"
                 "return (wide[..., :-1, 1:] - pictures).abs().mean() + (wide[..., 1:, :-1] - pictures).abs().mean()"),
            "The picture is padded with 0, so that its last row and column are compared with grey. Compare neighbours only."),
        mistake("rows_left_out",
            Body("across = pictures[..., 1:, 1:] - pictures[..., 1:, :-1]\n"
                 "down = pictures[..., 1:, 1:] - pictures[..., :-1, 1:]\nreturn across.abs().mean() + down.abs().mean()"),
            Body("across = pictures[..., :-1, 1:] - pictures[..., :-1, :-1]\ndown = pictures[..., 1:, :-1] - "
                 "pictures[..., :-1, :-1]\nreturn across.abs().mean() + down.abs().mean()"),
            "A row and a column are left out, so that both differences have one shape. They need not: all pairs count."),
        mistake("first_picture_only", (_ACROSS, f"{_ACROSS}[:1]", _DOWN, f"{_DOWN}[:1]"),
            "Only the first picture of the batch counts."),
        mistake("absolute_of_the_mean", (f"{_ACROSS}.abs().mean()", f"{_ACROSS}.mean().abs()",
                                         f"{_DOWN}.abs().mean()", f"{_DOWN}.mean().abs()"),
            "The absolute value is taken of the mean, when up and down have cancelled. Absolute values come "
            "first."),
        mistake("two_apart", (_ACROSS, "(pictures[..., :, 2:] - pictures[..., :, :-2])", _DOWN,
                              "(pictures[..., 2:, :] - pictures[..., :-2, :])"),
            "Pixels two places apart are compared. A chessboard would then be smooth. Compare neighbours."),
        mistake("across_only", (_BOTH, "return across"), (_BOTH, "return 2 * across"),
            "Only pixels side by side are compared. Those one above the other count, too."),
        mistake("down_only", (_BOTH, "return down"), (_BOTH, "return 2 * down"),
            "Only pixels one above the other are compared. Those side by side count, too."),
        mistake("mean_of_both", (_BOTH, "return (across + down) / 2"),
            "The mean of the two directions is returned. They are added."),
        mistake("all_pairs_alike",
            Body("across = (pictures[..., :, 1:] - pictures[..., :, :-1]).abs()\n"
                 "down = (pictures[..., 1:, :] - pictures[..., :-1, :]).abs()\n"
                 "return torch.cat([across.flatten(), down.flatten()]).mean()"),
            Body("across = (pictures[..., :, 1:] - pictures[..., :, :-1]).abs()\n"
                 "down = (pictures[..., 1:, :] - pictures[..., :-1, :]).abs()\n"
                 "return 2 * torch.cat([across.flatten(), down.flatten()]).mean()"),
            "All pairs go into one mean. Each direction has its own mean, and the two are added."),
        mistake("wraps_around", (_ACROSS, "(pictures - pictures.roll(1, -1))", _DOWN, "(pictures - pictures.roll(1, -2))"),
            "The picture wraps around (`roll`): the first column is compared with the last. Compare neighbours only."),
        mistake("other_axes", (_ACROSS, "(pictures[:, 1:] - pictures[:, :-1])",
            _DOWN, "(pictures[:, :, 1:] - pictures[:, :, :-1])"),
            (_ACROSS, "(pictures[1:] - pictures[:-1])", _DOWN, "(pictures[:, 1:] - pictures[:, :-1])"),
            "Other dimensions are compared: `pictures[1:]` is the pictures, `pictures[:, 1:]` the channels from the second on. "
            "Height and width are the last two dimensions."),
        mistake("gradient_length",
            Body("a = pictures[..., :-1, 1:] - pictures[..., :-1, :-1]\nb = pictures[..., 1:, :-1] - pictures[..., :-1, :-1]\n"
                 "return (a.square() + b.square()).sqrt().mean()"),
            Body("a = pictures[..., :-1, 1:] - pictures[..., :-1, :-1]\nb = pictures[..., 1:, :-1] - pictures[..., :-1, :-1]\n"
                 "return (a.square() + b.square() + 1e-8).sqrt().mean()"),
            "The length of the gradient is taken (isotropic total variation). Here the two directions are added as they are."),
    ),
)

# --- transfer ------------------------------------------------------------------------------------------------------------


class _Maps(nn.Module):
    """A small network with two layers of maps."""

    def __init__(self):
        super().__init__()
        self.first, self.second = nn.Conv2d(3, 4, 3, padding=1), nn.Conv2d(4, 3, 3, padding=1)

    def forward(self, pictures):
        maps = self.first(pictures).relu()
        return [maps, self.second(maps).relu()]


def _picture(*size, seed=0):
    return Fixed(2 * uniform(1, 3, *size, seed=seed) - 1)


def _paint(steps, *more, seed=0, size=(8, 10), style=(7, 6), frozen=True, **keywords):
    """The losses may come in float32, as a table of plain numbers does. A network that can learn may get gradients."""
    network = seeded(_Maps, seed).requires_grad_(not frozen)
    arguments = network, _picture(*size, seed=seed), _picture(*style, seed=seed + 9), steps
    open_to = "the dtype of the result's part 2", "the gradients left in `network`"
    return call(*arguments, *more, gradients=False, ignore=open_to, **keywords)


_CALLS = "how often the network looks at a picture"


def _looks(candidate):
    network, sizes = seeded(_Maps).requires_grad_(False), []
    network.register_forward_hook(lambda _, given, __: sizes.append(given[0].shape))
    candidate(network, _picture(8, 10).value, _picture(7, 6, seed=9).value, 3)
    return {_CALLS: len(sizes)}


_START = "picture = content.detach().clone().requires_grad_()"
_ADAM = "torch.optim.Adam([picture], lr=rate)"
_CLAMP = "        with torch.no_grad():\n            picture.clamp_(-1, 1)\n"
_WANTED = "wanted = [gram_matrix(maps) for maps in network(style)]"
_TOTAL = "(losses * losses.new_tensor(weights)).sum().backward()"
_RETURNED = "return picture.detach(), torch.stack(curve)"
_LOUD = Weights(content=300.0, style=2.0, smooth=5.0)

exercise(
    "c3w3b.transfer",
    "course_utils.style_transfer:transfer",
    cases=(
        _paint(1, 4, 0.1, _LOUD, label="one step"),
        _paint(6, 4, 0.1, _LOUD, seed=1, label="six steps"),
        _paint(4, 2, 0.4, Weights(100.0, 1.0, 10.0), seed=2, size=(6, 6), label="four steps at a high rate"),
        _paint(3, seed=3, size=(8, 16), label="three steps with the defaults"),
        _paint(3, 4, 0.1, Weights(0.0, 1.0, 0.0), seed=4, label="three steps with the style alone"),
        _paint(2, 4, 0.1, _LOUD, seed=5, frozen=False, label="two steps with a network whose weights can learn"),
        scenario("three steps with a network that counts", _looks),
    ),
    mistakes=(
        mistake("not_clamped", (_CLAMP, ""),
            "The pixels are not put back into [-1, 1] after a step. What lies outside cannot be shown, yet the losses count "
            "it."),
        mistake("clamped_at_the_end", (_CLAMP, "", _RETURNED, "return picture.detach().clamp(-1, 1), torch.stack(curve)"),
            "The pixels are put back into [-1, 1] at the end only. Do it after each step: otherwise the losses are those of a "
            "picture that cannot be shown."),
        mistake("clamped_with_a_graph",
            "The picture is clamped in place while it asks for gradients, which PyTorch refuses. Clamp under "
            "`torch.no_grad()`.",
            symptom=lambda r: r.raised("leaf Variable that requires grad")),
        mistake("clamped_before_the_step", (_CLAMP, "", "        optimiser.step()\n", _CLAMP + "        optimiser.step()\n"),
            "The pixels are put back into [-1, 1] before the step, which then moves some of them out again. Clamp after it."),
        mistake("not_a_leaf",
            "The optimiser refuses the picture: it is the result of a computation, and not a leaf. First copy, then "
            "ask for gradients: `content.detach().clone().requires_grad_()`.",
            symptom=lambda r: r.raised("non-leaf")),
        mistake("style_seen_in_every_step", ("style_loss(network(picture), wanted)",
                "style_loss(network(picture), [gram_matrix(maps).detach() for maps in network(style)])"),
            "The style goes through the network in every step. Its matrices never change: compute them once, before the loop.",
            symptom=lambda r: r.only(_CALLS)),
        mistake("style_loss_of_the_content", ("style_loss(network(picture)", "style_loss(network(content)"),
            "The style loss looks at the content, which never changes, so that no gradient of it reaches the picture. Give the "
            "*picture* to the network."),
        mistake("pixel_by_pixel", ("content_loss(picture, content, block)", "torch.nn.functional.mse_loss(picture, content)"),
            "The content is compared pixel by pixel, which leaves no room for a texture. `content_loss` compares "
            "averages over squares."),
        mistake("maps_are_wanted", (_WANTED, "wanted = network(style)"),
            "Maps of the style are wanted, and not their Gram matrices. Make one of each layer: `gram_matrix`."),
        mistake("network_learns", (_ADAM, "torch.optim.Adam([picture, *network.parameters()], lr=rate)"),
            "The optimiser holds the network's weights, too, and changes them. It holds the picture alone."),
        mistake("new_optimiser_each_step", (f"    optimiser = {_ADAM}\n", "", "        optimiser.zero_grad()\n",
                f"        optimiser = {_ADAM}\n        optimiser.zero_grad()\n"),
            "A new Adam is made in every step, so that it forgets its running means. Make it once, before the loop."),
        mistake("returns_in_the_loop", ("        curve.append(losses.detach())\n",
                f"        curve.append(losses.detach())\n        {_RETURNED}\n"),
            "The function ends after the first step: `return` stands inside the loop."),
        mistake("clamped_into_a_new_tensor",
            (_CLAMP, "        picture = picture.detach().clamp(-1, 1).requires_grad_()\n"),
            "The clamped picture is a new tensor, and the optimiser still has the old one. Clamp in place, under "
            "`torch.no_grad()`: `picture.clamp_(-1, 1)`."),
        mistake("clamped_without_a_leaf",
            "`backward()` fails: after the clamp the picture is a new tensor that asks for no gradients, and the optimiser "
            "still has the old one. Clamp in place: `picture.clamp_(-1, 1)`.",
            symptom=lambda r: r.raised("does not require grad")),
        mistake("shown_from_zero_to_one", (_RETURNED, "return picture.detach().clamp(0, 1), torch.stack(curve)"),
            (_RETURNED, "return (picture.detach() + 1) / 2, torch.stack(curve)"),
            "The returned picture was brought to [0, 1]. Pictures of this course reach from -1 to 1."),
        mistake("begins_with_grey", (_START, "picture = torch.zeros_like(content).requires_grad_()"),
            "The optimisation begins with a grey picture. It begins with the content."),
        mistake("losses_as_a_list", (_RETURNED, "return picture.detach(), curve"),
            (_RETURNED, "return picture.detach(), [losses.tolist() for losses in curve]"),
            "The losses are a list. A tensor (steps, 3) is asked for: `torch.stack`."),
        mistake("clamped_to_zero_one", ("picture.clamp_(-1, 1)", "picture.clamp_(0, 1)"),
            "The pixels are clamped to [0, 1]. Pictures of this course reach from -1 to 1."),
        mistake("gradients_pile_up", ("        optimiser.zero_grad()\n", ""),
            "The gradients of earlier steps are still there: `optimiser.zero_grad()` before `backward()`."),
        mistake("begins_with_the_style", (_START, "picture = style.detach().clone().requires_grad_()"),
            "The optimisation begins with the style picture. It begins with the content."),
        mistake("begins_with_noise", (_START, "picture = torch.randn_like(content).requires_grad_()"),
            (_START, "picture = (2 * torch.rand_like(content) - 1).requires_grad_()"),
            "The optimisation begins with noise. That is possible, but slow; here it begins with the content.",
            symptom=lambda r: "whether the result stays the same when it is computed again" in r.names),
        mistake("content_is_overwritten", (_START, "picture = content.requires_grad_()"),
            (_START, "picture = content.detach().requires_grad_()"),
            "The content itself is optimised, so it changes, and the content loss compares a picture with itself. Start from a "
            "copy: `content.clone()`."),
        mistake("style_and_content_exchanged", ("network(style)", "network(content)"),
            "The Gram matrices that are wanted are those of the content. They are those of the style."),
        mistake("content_follows", ("content_loss(picture, content, block)", "content_loss(picture, picture.detach(), block)"),
            "The content loss compares the picture with itself, so it is 0 and holds nothing. Compare with `content`."),
        mistake("block_not_used", ("content_loss(picture, content, block)", "content_loss(picture, content)"),
            "`block` is not used: the content is always seen in squares of 8 pixels. Pass it to `content_loss`."),
        mistake("rate_not_used", (_ADAM, "torch.optim.Adam([picture], lr=0.05)"), (_ADAM, "torch.optim.Adam([picture])"),
            (_ADAM, "torch.optim.Adam([picture], lr=0.01)"), (_ADAM, "torch.optim.Adam([picture], lr=0.02)"),
            (_ADAM, "torch.optim.Adam([picture], lr=0.1)"), (_ADAM, "torch.optim.Adam([picture], lr=1.0)"),
            "`rate` is not used. It is Adam's `lr`."),
        mistake("other_betas", (_ADAM, "torch.optim.Adam([picture], lr=rate, betas=(0.5, 0.999))"),
            "Adam has `betas=(0.5, 0.999)`, as in a GAN. Nothing is played against here: leave its other settings as they "
            "are."),
        mistake("other_optimiser", (_ADAM, "torch.optim.SGD([picture], lr=rate)"),
            (_ADAM, "torch.optim.AdamW([picture], lr=rate)"),
            (_ADAM, "torch.optim.SGD([picture], lr=rate, momentum=0.9)"),
            "The picture moves otherwise than with Adam. The docstring asks for `torch.optim.Adam`."),
        mistake("weights_not_used", (_TOTAL, "losses.sum().backward()"),
            "`weights` are not used: the three losses are added as they are."),
        mistake("standard_weights", ("losses.new_tensor(weights)", "losses.new_tensor(STANDARD)"),
            "The standard weights are always used. Use the argument `weights`."),
        mistake("weights_exchanged", ("losses.new_tensor(weights)", "losses.new_tensor((weights[1], weights[0], weights[2]))"),
            "The weights of content and style are exchanged."),
        mistake("no_smoothing", ("losses.new_tensor(weights)", "losses.new_tensor((weights[0], weights[1], 0.0))"),
            "The total variation is missing from the loss."),
        mistake("no_content", ("losses.new_tensor(weights)", "losses.new_tensor((0.0, weights[1], weights[2]))"),
            "The content loss is missing from what is optimised."),
        mistake("no_style", ("losses.new_tensor(weights)", "losses.new_tensor((weights[0], 0.0, weights[2]))"),
            "The style loss is missing from what is optimised."),
        mistake("curve_is_weighted", ("curve.append(losses.detach())",
            "curve.append(losses.detach() * losses.new_tensor(weights))"),
            "The returned losses have their weights. They are asked for without."),
        mistake("curve_in_another_order", (_RETURNED, "return picture.detach(), torch.stack(curve)[:, [1, 0, 2]]"),
            (_RETURNED, "return picture.detach(), torch.stack(curve)[:, [0, 2, 1]]"),
            "The columns of the losses are in another order. It is content, style, smooth."),
        mistake("curve_after_the_step", ("curve.append(losses.detach())",
                "with torch.no_grad():\n            after = [content_loss(picture, content, block), "
                "style_loss(network(picture), wanted), total_variation(picture)]\n        curve.append(torch.stack(after))"),
            "The losses are those *after* each step. That costs a second pass through the network; keep those that the step "
            "used."),
        mistake("total_only", ("curve.append(losses.detach())",
            "curve.append((losses * losses.new_tensor(weights)).sum().detach())"),
            "Only the total is kept. Three losses a step are asked for, (steps, 3)."),
        mistake("only_the_last_losses", (_RETURNED, "return picture.detach(), curve[-1]"),
            "Only the last losses are returned. Stack those of all steps: (steps, 3)."),
        mistake("a_step_too_few", ("range(steps)", "range(1, steps)"),
            "There is a step too few: count from 0."),
        mistake("a_step_too_many", ("range(steps)", "range(steps + 1)"),
            "There is a step too many: `range(steps)` counts to steps - 1."),
        mistake("graph_of_the_picture", (_RETURNED, "return picture, torch.stack(curve)"),
            "The returned picture still asks for gradients: `picture.detach()`."),
        mistake("graph_of_the_losses", ("curve.append(losses.detach())", "curve.append(losses)"),
            "The returned losses still have their graphs, which keeps every step's maps in memory: `losses.detach()`."),
        mistake("only_the_picture", (_RETURNED, "return picture.detach()"),
            "Only one thing is returned. Two are asked for: the picture, then the losses."),
        mistake("exchanged_results", (_RETURNED, "return torch.stack(curve), picture.detach()"),
            "The losses come first. The docstring asks for the picture first."),
        mistake("graph_kept",
            ("    with torch.no_grad():\n        " + _WANTED, "    style = style.clone().requires_grad_()\n    " + _WANTED),
            (_CLAMP, "        picture = picture.clamp(-1, 1)\n"),
            "The second `backward()` fails, since something keeps the graph of the first step. Two usual causes: the Gram "
            "matrices of the style were computed with a graph (use `torch.no_grad()`), or `picture = picture.clamp(-1, 1)`, "
            "which makes a new tensor with a graph (clamp in place, under `torch.no_grad()`).",
            symptom=lambda r: r.raised("second time")),
        mistake("the_optimiser_has_a_copy", (_ADAM, "torch.optim.Adam([picture.detach().clone().requires_grad_()], lr=rate)"),
            ("        optimiser.step()\n", ""),
            ("        optimiser.zero_grad()\n", "", "        optimiser.step()\n",
             "        optimiser.zero_grad()\n        optimiser.step()\n"),
            "The picture never moves. Either `optimiser.step()` is missing, or the gradients are cleared between "
            "`backward()` and the step, or the optimiser has another tensor than the one that the losses see."),
    ),
)

# --- diagnosis -----------------------------------------------------------------------------------------------------------

CLUES = {  # what the numbers of a run say against every other name
    "run A": "which of its columns is 0 in all the other runs?",
    "run B": "its own style loss and the judge contradict each other, by far more than in the others. What makes both true?",
    "run C": "compare each of its numbers with the others before you suspect it.",
    "run D": "one of its losses is smaller than any optimisation makes it. And its SSIM says whether the picture has moved.",
    "run E": "compare the style that was optimised with the one that was judged, digit by digit.",
}

diagnosis("c3w3b.diagnose", "course_utils.lessons.c3w3b.exercises:diagnose", Naming("run", CASES, NAMES, diagnose), CLUES)
