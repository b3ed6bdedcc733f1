"""Checks of ``one_hot``, ``combine`` and ``input_sizes``: the class as numbers, put beside the data."""

import numbers

import torch

from course_utils.checks.engine import Mistake, exercise
from course_utils.checks.expect import Wrong, describe, expect_close, expect_shape, expect_true
from course_utils.checks.functions import behaves_like, expect_same, normal, usual_mistakes
from course_utils.checks.probes import agrees

# --- one_hot -----------------------------------------------------------------------------------------------------------

_LABELS = torch.tensor([2, 0, 1, 1, 3])  # of 5 classes, the last of which does not occur
_CODES = ((_LABELS, 5), (torch.tensor([4]), 5), (torch.tensor([0, 0]), 1), (torch.arange(7).flip(0), 7))
_OUT_OF_RANGE = (([0, 5], 5), ([2, -1, 1], 5), ([1], 1), ([0, 700], 5))


def _code(labels: torch.Tensor, classes: int) -> torch.Tensor:
    code = torch.zeros(len(labels), classes)
    code[torch.arange(len(labels)), labels] = 1.0
    return code


def _code_is(value) -> bool:
    """Are these the right numbers, whatever their type?"""
    return isinstance(value, torch.Tensor) and value.shape == (5, 5) and agrees(value, _code(_LABELS, 5))


def _what_happens(candidate, labels, classes):
    """The exception that the candidate raises, or None."""
    try:
        candidate(torch.tensor(labels), classes)
    except Exception as error:  # noqa: BLE001 - a candidate may raise anything
        return error
    return None


def _refuses_a_good_label(candidate) -> bool:
    """Right in the middle of the range, but not at its ends?"""
    inner = torch.tensor([2, 1, 3, 2])
    refused = [isinstance(_what_happens(candidate, [label], 5), ValueError) for label in range(5)]
    return agrees(candidate(inner, 5), _code(inner, 5)) and any(refused)


def _raises_otherwise(candidate) -> bool:
    errors = [_what_happens(candidate, *case) for case in _OUT_OF_RANGE]
    return all(errors) and not all(isinstance(error, ValueError) for error in errors)


def _label_times(factor):
    """A probe: is every number of a row its label, times this?"""

    def seen(candidate):
        value = candidate(_LABELS.clone(), 5)
        rows = value.reshape(5, -1)
        return agrees(rows, (factor * _LABELS[:, None]).expand_as(rows).float())

    return seen


_ONE_HOT_MISTAKES = (
    Mistake(
        "no_return",
        "The function returns None: its last line needs a `return`.",
        lambda c: c(_LABELS.clone(), 5) is None,
    ),
    Mistake(
        "classes_from_batch",
        "The number of columns follows from the labels of this batch. A batch without the last class would be narrower than "
        "the network's input. Make `classes` columns, whatever occurs.",
        lambda c: c(torch.tensor([0, 1, 1]), 5).shape == (3, 2),
    ),
    Mistake(
        "transposed",
        "There is a column for each image and a row for each class; it is the other way round, `(B, classes)`. "
        "Everywhere in the course the first dimension counts images.",
        lambda c: agrees(c(_LABELS[:3].clone(), 5), _code(_LABELS[:3], 5).T) and c(_LABELS[:3].clone(), 5).ndim == 2,
    ),
    Mistake(
        "raw_label",
        "The label itself is returned as a number (perhaps scaled, or repeated). A network would take class 8 for "
        "twice as much of something as class 4. A class needs a column of its own, so that no two classes are nearer to "
        "each other than others.",
        lambda c: any(_label_times(k)(c) for k in (1, 1 / 5, 1 / 4)),
    ),
    Mistake(
        "ten_for_ever",
        "There are ten columns, however many classes there are: the number is written into the function. Make as many columns "
        "as the argument `classes` says.",
        lambda c: tuple(c(_LABELS.clone(), 5).shape) == (5, 10),
    ),
    Mistake(
        "ones_in_every_row",
        "Every row has a 1 for every label of the batch. `code[:, labels] = 1` writes these columns in all rows; give the rows "
        "as well, `code[torch.arange(len(labels)), labels] = 1`.",
        lambda c: agrees(c(_LABELS.clone(), 5), _code(_LABELS, 5).amax(0).expand(5, 5)),
    ),
    Mistake(
        "label_as_value",
        "The right place holds the label instead of 1, so class 0 cannot be told from nothing and class 9 shouts. Write 1 "
        "wherever the label points.",
        lambda c: agrees(c(_LABELS.clone(), 5), _code(_LABELS, 5) * _LABELS[:, None]),
    ),
    Mistake(
        "off_by_one",
        "The 1 stands one column beside its place. Labels and columns are both counted from 0: label 2 is column 2.",
        lambda c: any(agrees(c(torch.tensor([2, 1, 3]), 5), _code(torch.tensor([2, 1, 3]) + d, 5)) for d in (-1, 1)),
    ),
    Mistake(
        "integer_code",
        "The numbers are right, but their type is an integer or bool (as `F.one_hot` and `zeros_like(labels)` make them), and "
        "a layer multiplies only numbers of its own type, float32. Convert with `.float()`.",
        lambda c: _code_is(c(_LABELS.clone(), 5)) and not c(_LABELS.clone(), 5).is_floating_point(),
    ),
    Mistake(
        "wrong_precision",
        "The numbers are right, but not float32: put beside a float32 `z`, float64 turns everything into float64, which the "
        "layers refuse. Convert with `.float()`.",
        lambda c: _code_is(c(_LABELS.clone(), 5)) and c(_LABELS.clone(), 5).dtype != torch.float32,
    ),
    Mistake(
        "refuses_a_good_label",
        "A label that exists is refused. Both ends belong to the classes: 0 and `classes - 1`.",
        _refuses_a_good_label,
    ),
    Mistake(
        "silent_out_of_range",
        "A label that is no class is accepted in silence: -1 reaches the last row of an identity matrix, and a comparison with "
        "all columns finds none. The network would train on a wrong class. Raise a ValueError.",
        lambda c: _code_is(c(_LABELS.clone(), 5)) and not all(_what_happens(c, *case) for case in _OUT_OF_RANGE),
    ),
    Mistake(
        "another_error",
        "A label out of range raises, but not a ValueError that says so: whoever reads it must guess what was wrong with "
        "which argument. Look at the smallest and the largest label first, and `raise ValueError(...)`.",
        lambda c: _code_is(c(_LABELS.clone(), 5)) and _raises_otherwise(c),
    ),
)


@exercise("c1w4a.one_hot", reference="course_utils.models.conditional.class_labels:one_hot", mistakes=_ONE_HOT_MISTAKES)
def verify_one_hot(candidate):
    for labels, classes in _CODES:
        given = labels.clone()
        what = f"one_hot({labels.tolist()}, {classes})"
        code = expect_shape(what, candidate(given, classes), (len(labels), classes))
        expect_close(what, code, _code(labels, classes))
        expect_true(code.dtype == torch.float32, f"{what} must be float32, but it is {code.dtype}.")
        expect_true(not code.requires_grad, f"{what} must be plain numbers, but they require a gradient.")
        expect_true(torch.equal(given, labels), f"{what} changes the labels it was given.")
    for labels, classes in _OUT_OF_RANGE:
        error = _what_happens(candidate, labels, classes)
        happened = f"raises {type(error).__name__}" if error else "is accepted"
        what = f"one_hot({labels}, {classes}) must raise a ValueError, but it {happened}."
        expect_true(isinstance(error, ValueError), what)
    code = candidate(torch.tensor([1, 0]), 2)
    code[0, 0] = 5.0
    expect_close(
        "one_hot([1, 0], 2) after an earlier code was changed", candidate(torch.tensor([1, 0]), 2), 1 - torch.eye(2)
    )


# --- combine -----------------------------------------------------------------------------------------------------------


def _combined(x, code):
    if x.ndim == 4:
        code = code[:, :, None, None] * torch.ones_like(x[:1, :1])
    return torch.cat([x, code], 1)


def _pair(shape, classes, seed=0):
    return normal(*shape, seed=seed), normal(shape[0], classes, seed=seed + 100)


_VECTORS = (_pair((5, 3), 4), _pair((1, 64), 10, 1), _pair((3, 3), 3, 2))
_IMAGES = (
    _pair((4, 2, 5, 7), 3, 3),
    _pair((1, 1, 28, 28), 10, 4),
    _pair((4, 4, 4, 4), 4, 5),
    _pair((2, 3, 6, 1), 1, 6),
    _pair((3, 1, 1, 1), 2, 7),
)
_DOUBLE = tuple(x.double() for x in _IMAGES[0])
_PLAIN = _pair((2, 1, 28, 28), 10, 11)  # then one thing differs at a time
_SMALL, _OBLONG = _pair((2, 1, 6, 6), 10, 12), _pair((2, 1, 5, 7), 10, 13)
_COLOUR, _FEW = _pair((2, 3, 28, 28), 10, 14), _pair((2, 1, 28, 28), 4, 15)
_SAME_WIDTH = _pair((4, 3), 3, 8)
_SAME_CHANNELS = _pair((4, 3, 5, 6), 3, 9)
_ONE_COLOUR = _pair((4, 1, 5, 6), 3, 10)


def _right_for(*cases):
    return behaves_like(_combined, cases=cases)


def _shape(candidate, pair) -> tuple:
    return tuple(candidate(*(x.clone() for x in pair)).shape)


def _fails_for(candidate, pair) -> bool:
    try:
        return not agrees(candidate(*(x.clone() for x in pair)), _combined(*pair))
    except Exception:  # noqa: BLE001 - that is one way to fail
        return True


def _scrambled(candidate) -> bool:
    """The image is there, and behind it maps that are not constant, or constant ones in another order?"""
    x, code = _IMAGES[0]
    value, right = candidate(x.clone(), code.clone()), _combined(x, code)[:, 2:]
    maps = value[:, 2:]
    if value.shape != (4, 5, 5, 7) or not agrees(value[:, :2], x) or agrees(maps, right):
        return False
    constant = agrees(maps, maps[:, :, :1, :1].expand_as(maps))
    reordered = agrees(maps.flatten().sort().values, right.flatten().sort().values)
    return (reordered or not constant) and _right_for(*_VECTORS)(candidate)


def _right_here_not_there(here, there):
    return lambda candidate: _right_for(*here)(candidate) and _fails_for(candidate, there)


def _raises_for(candidate, pair) -> bool:
    try:
        candidate(*(x.clone() for x in pair))
    except Exception:  # noqa: BLE001 - a candidate may raise anything
        return True
    return False


def _code_first(x, code):
    return torch.cat([_combined(x, code)[:, x.shape[1] :], x], 1)


def _added_or_multiplied(candidate) -> bool:
    wrong = (lambda x, code: x + code, lambda x, code: x * code)
    maps = [lambda x, code, f=f: f(x, code[:, :, None, None]) for f in wrong]
    return behaves_like(*wrong, cases=[_SAME_WIDTH])(candidate) or behaves_like(*maps, cases=[_SAME_CHANNELS])(
        candidate
    )


_COMBINE_MISTAKES = (
    *usual_mistakes(*_VECTORS[0], scalar=False)[:2],
    Mistake(
        "along_batch",
        "The two are put one below the other, along the batch: twice as many rows, of which half are codes. The class belongs "
        "beside the data of its own row: `torch.cat(..., dim=1)`. The default of `torch.cat` is dim=0.",
        lambda c: _shape(c, _SAME_WIDTH) == (8, 3),
    ),
    Mistake(
        "along_height_or_width",
        "Images and maps are joined along the height or the width, like two photographs. Channels are dimension 1: "
        "`torch.cat(..., dim=1)`; dim=-1 is right for vectors only.",
        lambda c: _shape(c, _SAME_CHANNELS) in ((4, 3, 10, 6), (4, 3, 5, 12)),
    ),
    Mistake(
        "added",
        "The code is added to the data (or multiplied with it), not put beside it. Where the network got two things it gets "
        "their sum, and it cannot take them apart. Use `torch.cat`.",
        _added_or_multiplied,
    ),
    Mistake(
        "code_left_out",
        "What comes back is the data alone: the code is not used, so the network could not know the class. Put it behind the "
        "data with `torch.cat`.",
        behaves_like(lambda x, code: x, cases=_VECTORS[:1]),
    ),
    Mistake(
        "code_first",
        "The code stands before the data. Either order can be learned, but both networks, and every saved one, must agree: "
        "the data first, then the code.",
        lambda c: any(behaves_like(_code_first, cases=[case])(c) for case in (_VECTORS[0], _IMAGES[0])),
    ),
    Mistake(
        "flattened",
        "The image is laid out as a long vector, with the code behind it. The convolutions of the discriminator need images: "
        "give the code height and width, one constant map for each of its numbers.",
        lambda c: _right_for(*_VECTORS)(c) and _shape(c, _ONE_COLOUR) == (4, 33),
    ),
    Mistake(
        "single_map",
        "The images get one more channel instead of one for each class: the class as a single number (or the code's sum or "
        "mean). The network would take class 8 for twice class 4. Give each of the code's numbers its own map.",
        lambda c: _shape(c, _IMAGES[0]) == (4, 3, 5, 7),
    ),
    Mistake(
        "scrambled_maps",
        "The maps have the right shape, but they are not constant, or hold each other's numbers: `repeat` followed by "
        "`view` deals the numbers out across maps. Give the code two dimensions of size 1 first, `code[:, :, None, None]`, "
        "then `expand`.",
        _scrambled,
    ),
    Mistake(
        "fixed_size",
        "It works for 28 x 28 pixels and for no other size. Take height and width from the images: `x.shape[2:]`.",
        _right_here_not_there([_PLAIN], _SMALL),
    ),
    Mistake(
        "square_only",
        "It works for square images only: height and width were taken to be the same, or swapped. `x.shape[2:]` has both, in "
        "order.",
        _right_here_not_there([_PLAIN, _SMALL], _OBLONG),
    ),
    Mistake(
        "one_channel_only",
        "It works for images of one channel only: the maps are made to the image's channels, as `torch.ones_like(x)` is, and "
        "three colours do not fit to ten numbers. Take only height and width from the images: `x.shape[2:]`.",
        _right_here_not_there([_PLAIN, _SMALL, _OBLONG], _COLOUR),
    ),
    Mistake(
        "ten_classes_only",
        "It works for ten classes only: the number is written into the function. It is the code's own width, `code.shape[1]`; "
        "in `expand` and `view` -1 does.",
        _right_here_not_there([_PLAIN, _SMALL, _OBLONG, _COLOUR], _FEW),
    ),
    Mistake(
        "vectors_only",
        "Vectors come out right, but images do not: a code (B, K) has no height and width to be joined to (B, C, H, W). Make "
        "it (B, K, 1, 1) and stretch it to the size of the images.",
        lambda c: _right_for(*_VECTORS)(c) and all(_raises_for(c, pair) for pair in _IMAGES[:2]),
    ),
    Mistake(
        "images_only",
        "Images come out right, but vectors do not: `z` (B, D) has no height and width. Look at `x.dim()` first.",
        lambda c: _right_for(*_IMAGES)(c) and _fails_for(c, _VECTORS[0]),
    ),
    *usual_mistakes(*_VECTORS[0], scalar=False)[2:],
)


@exercise("c1w4a.combine", reference="course_utils.models.conditional.class_labels:combine", mistakes=_COMBINE_MISTAKES)
def verify_combine(candidate):
    expect_same("combine(x, code)", candidate, _combined, (*_VECTORS, *_IMAGES, _DOUBLE))
    for x, code in (_VECTORS[0], _IMAGES[0], _DOUBLE):
        dtype = candidate(x.clone(), code.clone()).dtype
        expect_true(
            dtype == x.dtype, f"combine must keep the type of what it is given, {x.dtype}, but it makes {dtype}."
        )


# --- input_sizes -------------------------------------------------------------------------------------------------------

_SIZES = ((64, 10, (1, 28, 28)), (5, 3, (3, 32, 48)), (100, 1, (4, 7, 9)), (7, 11, (2, 64, 16)))


def _sizes_are(*formulas):
    """A probe: does the candidate return, for all sizes, what one of these (latent, classes, (c, h, w)) formulas does?"""

    def seen(candidate):
        found = [tuple(candidate(*case)) for case in _SIZES]
        return any(found == [formula(d, k, *shape) for d, k, shape in _SIZES] for formula in formulas)

    return seen


def _two(found):
    if not isinstance(found, (tuple, list)) or len(found) != 2:
        raise TypeError("not two numbers")
    return found


_INPUT_SIZES_MISTAKES = (
    Mistake(
        "no_return",
        "The function returns None: its last line needs a `return` with two numbers.",
        lambda c: c(*_SIZES[0]) is None,
    ),
    Mistake(
        "swapped",
        "The two numbers are right, but in the other order: the generator's first.",
        _sizes_are(lambda d, k, c, h, w: (c + k, d + k)),
    ),
    Mistake(
        "one_number_for_the_class",
        "The class is counted as one number. One-hot it is `classes` numbers, and `combine` appends all of them.",
        _sizes_are(
            lambda d, k, c, h, w: (d + 1, c + 1),
            lambda d, k, c, h, w: (d + k, c + 1),
            lambda d, k, c, h, w: (d + 1, c + k),
        ),
    ),
    Mistake(
        "product",
        "The sizes are multiplied. Things put beside each other add up: the numbers of `z` and those of the code.",
        _sizes_are(
            lambda d, k, c, h, w: (d * k, c * k),
            lambda d, k, c, h, w: (d + k, c * k),
            lambda d, k, c, h, w: (d * k, c + k),
        ),
    ),
    Mistake(
        "pixels_counted",
        "The discriminator's number counts pixels. It is convolutional: the size of the images does not matter to its first "
        "layer, only how many channels there are.",
        _sizes_are(
            lambda d, k, c, h, w: (d + k, c * h * w + k),
            lambda d, k, c, h, w: (d + k, (c + k) * h * w),
            lambda d, k, c, h, w: (d + k, c + k * h * w),
            lambda d, k, c, h, w: (d + k, c * h * w),
            lambda d, k, c, h, w: (d + k, h * w + k),
        ),
    ),
    Mistake(
        "nobody_told",
        "These are the sizes without a class: neither network would be told which one is wanted. Add what `combine` appends.",
        _sizes_are(lambda d, k, c, h, w: (d, c)),
    ),
    Mistake(
        "ten_for_ever",
        "Ten is added, however many classes there are: the number is written into the function. Add the argument `classes`.",
        _sizes_are(lambda d, k, c, h, w: (d + 10, c + 10)),
    ),
    Mistake(
        "discriminator_not_told",
        "The discriminator gets the image's own channels only. If it is not told the class it cannot object to a 3 where a 7 "
        "was asked for, and the generator has no reason to listen.",
        _sizes_are(lambda d, k, c, h, w: (d + k, c)),
    ),
    Mistake(
        "generator_not_told",
        "The generator gets its noise only: it could not know which class is wanted.",
        _sizes_are(lambda d, k, c, h, w: (d, c + k)),
    ),
    Mistake(
        "one_colour_only",
        "The number of channels is taken to be 1 (or not to matter). Images of three colours have three: it is the first "
        "number of `image_shape`.",
        _sizes_are(lambda d, k, c, h, w: (d + k, 1 + k), lambda d, k, c, h, w: (d + k, k)),
    ),
    Mistake(
        "channels_last",
        "A side of the image is taken for its channels. In PyTorch channels come first: `channels, height, width`.",
        _sizes_are(lambda d, k, c, h, w: (d + k, w + k), lambda d, k, c, h, w: (d + k, h + k)),
    ),
    Mistake(
        "not_whole_numbers",
        "The sizes are not whole numbers (a float, a tensor, a string), but layers are made with them. Adding ints gives an "
        "int.",
        lambda c: any(not isinstance(n, (numbers.Integral, tuple, list)) for n in _two(c(*_SIZES[0]))),
    ),
)


@exercise(
    "c1w4a.input_sizes",
    reference="course_utils.models.conditional.class_labels:input_sizes",
    mistakes=_INPUT_SIZES_MISTAKES,
)
def verify_input_sizes(candidate):
    for latent_dim, classes, shape in _SIZES:
        what = f"input_sizes({latent_dim}, {classes}, {shape})"
        found = candidate(latent_dim, classes, shape)
        if not isinstance(found, (tuple, list)) or len(found) != 2:
            raise Wrong(f"{what} must return two numbers, but it returns {describe(found)}.")
        whole = all(isinstance(n, numbers.Integral) and not isinstance(n, bool) for n in found)
        expect_true(whole, f"{what} must return two whole numbers, but it returns {found!r}.")
        expected = (latent_dim + classes, shape[0] + classes)
        expect_true(tuple(found) == expected, f"{what} must be {expected}, but it is {tuple(found)}.")
