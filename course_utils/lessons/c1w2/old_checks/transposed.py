"""Check of ``transposed_conv``: against PyTorch's in float64, with gradients, on many sizes."""

import torch
import torch.nn.functional as F
from torch.overrides import TorchFunctionMode

from course_utils.checks import functions
from course_utils.checks.engine import Mistake, exercise
from course_utils.checks.expect import Wrong, expect_true


def _case(batch, c, o, height, width, kernel, stride, padding, seed=0):
    x = functions.normal(batch, c, height, width, seed=seed).double()
    weight = functions.normal(c, o, kernel, kernel, seed=seed + 100).double()
    return x, weight, stride, padding


_CASES = (
    _case(2, 3, 4, 5, 6, 4, 2, 1),
    _case(1, 1, 1, 1, 1, 3, 1, 0),
    _case(1, 2, 5, 4, 3, 3, 1, 1),
    _case(3, 4, 2, 3, 5, 3, 2, 1),
    _case(2, 5, 1, 4, 4, 5, 2, 2),
    _case(2, 2, 3, 3, 2, 2, 3, 0),  # gaps between the stamps
    _case(1, 3, 3, 6, 4, 5, 3, 0),
    _case(2, 1, 2, 2, 7, 1, 2, 0),
    _case(1, 7, 1, 7, 7, 4, 2, 1),
    _case(2, 3, 2, 2, 3, 7, 4, 3),
)
_SQUARE = (_case(2, 3, 3, 4, 5, 4, 2, 1), _case(1, 2, 2, 3, 3, 3, 2, 0))


def _reference(x, weight, stride=1, padding=0):
    return F.conv_transpose2d(x, weight, stride=stride, padding=padding)


class _Watch(TorchFunctionMode):
    """Writes down whether PyTorch's own transposed convolution is called, by whatever name."""

    def __init__(self):
        super().__init__()
        self.called = False

    def __torch_function__(self, function, types, args=(), kwargs=None):
        name = getattr(function, "__name__", "")
        self.called |= "conv_transpose" in name or (name in ("convolution", "_convolution") and True in args)
        return function(*args, **(kwargs or {}))


def _calls_torch(candidate) -> bool:
    with _Watch() as watch:
        candidate(*functions.learnable(_CASES[0]))
    return watch.called


def _overwrites(x, weight, stride=1, padding=0, by_pixel=False):
    """Stamps that replace what is there instead of adding to it, position by position of the kernel or the image."""
    _, _, height, width = x.shape
    kernel = weight.shape[2]
    y = x.new_zeros(_reference(x, weight, stride).shape)
    if by_pixel:
        for i in range(height):
            for j in range(width):
                stamp = torch.einsum("bc,couv->bouv", x[:, :, i, j], weight)
                y[:, :, i * stride : i * stride + kernel, j * stride : j * stride + kernel] = stamp
    else:
        rows, columns = stride * (height - 1) + 1, stride * (width - 1) + 1
        for u in range(kernel):
            for v in range(kernel):
                stamp = torch.einsum("bchw,co->bohw", x, weight[:, :, u, v])
                y[:, :, u : u + rows : stride, v : v + columns : stride] = stamp
    return y[:, :, padding : y.shape[2] - padding, padding : y.shape[3] - padding]


def _padded(x, weight, stride=1, padding=0):
    return F.pad(_reference(x, weight, stride), (padding,) * 4)


def _cropped_at_end(x, weight, stride=1, padding=0):
    y = _reference(x, weight, stride)
    return y[:, :, : y.shape[2] - 2 * padding, : y.shape[3] - 2 * padding]


def _cropped_at_start(x, weight, stride=1, padding=0):
    return _reference(x, weight, stride)[:, :, 2 * padding :, 2 * padding :]


def _cropped_once(x, weight, stride=1, padding=0, at_end=False):
    y = _reference(x, weight, stride)
    return y[:, :, : y.shape[2] - padding, : y.shape[3] - padding] if at_end else y[:, :, padding:, padding:]


def _empty_slice(candidate) -> bool:
    """Right where something is cut off, and nothing left where padding is 0?"""
    if not _like(_reference, cases=(_CASES[0], _CASES[2], _CASES[3]))(candidate):
        return False
    return candidate(*_CASES[1]).numel() == 0


def _like(*wrong, cases=_CASES[:5]):
    return functions.behaves_like(*wrong, cases=cases)


def _convolution_size(candidate) -> bool:
    """Does it make the image smaller, as an ordinary convolution does?"""
    x, weight, stride, padding = _case(2, 3, 3, 9, 9, 4, 2, 1)
    return (
        candidate(x, weight, stride, padding).shape[2:] == F.conv2d(x, weight, stride=stride, padding=padding).shape[2:]
    )


def _wrong_dtype(candidate) -> bool:
    return any(candidate(*case).dtype != case[0].dtype for case in (_CASES[0], [_as_float(x) for x in _CASES[0]]))


def _as_float(x):
    return x.float() if isinstance(x, torch.Tensor) else x


def _first_channel(x, weight, stride=1, padding=0):
    """Only one input channel reaches the output."""
    return _reference(x[:, :1], weight[:1], stride, padding)


def _last_channel(x, weight, stride=1, padding=0):
    return _reference(x[:, -1:], weight[-1:], stride, padding)


_MISTAKES = (
    *functions.usual_mistakes(*_CASES[0], scalar=False),
    Mistake(
        "calls_torch",
        "PyTorch's own transposed convolution does the work. It is what yours is compared with; write the stamping yourself, "
        "with a loop over the positions of the kernel.",
        _calls_torch,
    ),
    Mistake(
        "weight_as_in_convolution",
        "The first two sizes of the weight are exchanged: a transposed convolution keeps (in, out, K, K), because it is a "
        "convolution read backwards. In einsum: `bchw,co->bohw`.",
        _like(lambda x, w, s=1, p=0: _reference(x, w.transpose(0, 1), s, p), cases=_SQUARE),
    ),
    Mistake(
        "kernel_flipped",
        "The kernel is stamped upside down and mirrored: position (u, v) of the kernel belongs at (i * stride + u, "
        "j * stride + v). If you insert zeros and then convolve, flip the kernel first: `weight.flip(2, 3)`.",
        _like(lambda x, w, s=1, p=0: _reference(x, w.flip(2, 3), s, p)),
    ),
    Mistake(
        "kernel_transposed",
        "Rows and columns of the kernel are exchanged: `u` counts rows and moves the stamp down, `v` counts columns and moves "
        "it to the right, and `weight[:, :, u, v]` belongs to both.",
        _like(lambda x, w, s=1, p=0: _reference(x, w.transpose(2, 3), s, p)),
    ),
    Mistake(
        "overwritten",
        "Where stamps overlap, the later one replaces the earlier one. They add up: `+=` in place of `=`.",
        _like(_overwrites, lambda *a: _overwrites(*a, by_pixel=True)),
    ),
    Mistake(
        "stride_ignored",
        "The stamps are laid out one pixel apart whatever the stride. Pixel i stamps at i * stride: slice the output with a "
        "step, `y[:, :, u : u + reach : stride, ...]`.",
        _like(lambda x, w, s=1, p=0: _reference(x, w, 1, p)),
    ),
    Mistake(
        "padding_ignored",
        "Nothing is cut off: the output has the size for padding 0. Take `padding` pixels off each of the four sides.",
        _like(lambda x, w, s=1, p=0: _reference(x, w, s)),
    ),
    Mistake(
        "padding_added",
        "The output is padded with zeros. In a transposed convolution padding works the other way: it cuts pixels off, because "
        "the convolution that it reverses had added them.",
        _like(_padded),
    ),
    Mistake(
        "cropped_at_one_end",
        "Pixels are cut off at one end only, so the image is shifted. Cut `padding` pixels at the beginning and as many at "
        "the end.",
        _like(_cropped_at_end, _cropped_at_start, _cropped_once, lambda *a: _cropped_once(*a, at_end=True)),
    ),
    Mistake(
        "empty_slice",
        "Right where something is cut off; for padding 0 nothing is left: `y[:, :, padding:-padding]` is `y[:, :, 0:0]`, which "
        "is empty. Count the end from the beginning: `y[:, :, padding : y.shape[2] - padding]`.",
        _empty_slice,
    ),
    Mistake(
        "channels_not_summed",
        "Only one input channel reaches the output. Every output channel is a sum over all input channels.",
        _like(_first_channel, _last_channel),
    ),
    Mistake(
        "ordinary_convolution",
        "The image got smaller: this is an ordinary convolution, which gathers a patch into a pixel. Here every pixel is "
        "spread over a patch.",
        _convolution_size,
    ),
    Mistake(
        "wrong_dtype",
        "The output does not have the dtype of `x`: `torch.zeros(...)` makes float32 whatever it is added to. Use "
        "`x.new_zeros(...)`, or pass `dtype=x.dtype, device=x.device`.",
        _wrong_dtype,
    ),
)


@exercise("c1w2.transposed_conv", reference="course_utils.lessons.c1w2.sizes:transposed_conv", mistakes=_MISTAKES)
def verify_transposed_conv(candidate):
    functions.expect_same("transposed_conv", candidate, _reference, _CASES)
    for given in (_CASES[0], [_as_float(v) for v in _CASES[0]]):
        found = candidate(*given).dtype
        expect_true(found == given[0].dtype, f"For images of {given[0].dtype} the result is of {found}.")
    x, weight, _, _ = _CASES[0]
    expected = _reference(x, weight, 2, 1)
    if not torch.allclose(candidate(x.clone(), weight.clone(), padding=1, stride=2), expected):
        raise Wrong("Called with `stride=2, padding=1` by name, the result is different.")
    if not torch.allclose(candidate(x.clone(), weight.clone()), _reference(x, weight)):
        raise Wrong("Called without stride and padding, they must be 1 and 0.")
    expect_true(not _calls_torch(candidate), "PyTorch's own transposed convolution was called.")
