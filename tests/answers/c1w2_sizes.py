"""Answers to the arithmetic of sizes and to the transposed convolution by hand."""

import math

import torch
import torch.nn.functional as F
from torch import nn

from answers import Answers, filled

OUTPUT_SIZE, TRANSPOSED_CONV = S, T = Answers("c1w2.output_size"), Answers("c1w2.transposed_conv")

# --- output_size -----------------------------------------------------------------------------------------------------


def sizes(convolution, transposed, early=False):
    """An answer made of two formulas; with ``early`` it returns before anybody looks whether a pixel comes out."""

    def answer(size, kernel, stride=1, padding=0, transposed=False, _t=transposed):
        result = (_t if transposed else convolution)(size, kernel, stride, padding)
        if not early and result is not None and result < 1:
            raise ValueError("the kernel does not fit")
        return result

    return answer


def conv(n, k, s, p):
    return (n + 2 * p - k) // s + 1


def back(n, k, s, p):
    return (n - 1) * s + k - 2 * p


S.right(
    sizes(conv, back),
    sizes(lambda n, k, s, p: (n + p + p - k + s) // s, lambda n, k, s, p: n * s - s + k - 2 * p),
    sizes(lambda n, k, s, p: math.floor((n + 2 * p - k) / s + 1), back),
    sizes(lambda n, k, s, p: len(range(0, n + 2 * p - k + 1, s)), back),
    sizes(lambda n, k, s, p: len(torch.zeros(n + 2 * p)[k - 1 :: s]), back),
    filled(
        "c1w2.output_size",
        """
        if transposed:
            result = (size - 1) * stride + kernel - 2 * padding
        else:
            result = (size + 2 * padding - kernel) // stride + 1
        """,
    ),
)
S.wrong("rounded_towards_zero", sizes(lambda n, k, s, p: int((n + 2 * p - k) / s) + 1, back))
S.wrong(
    "missing_error",
    sizes(conv, back, early=True),
    sizes(lambda *a: max(conv(*a), 0), lambda *a: max(back(*a), 0), early=True),
)
S.wrong("missing_error", sizes(lambda n, k, s, p: (n + p - k) // s + 1, back, early=True))
S.wrong("padding_once", sizes(lambda n, k, s, p: (n + p - k) // s + 1, back, early=True))
S.wrong(  # PyTorch's own exception, where it was to be a ValueError
    "other_error",
    sizes(lambda n, k, s, p: F.conv1d(torch.zeros(1, 1, n), torch.zeros(1, 1, k), None, s, p).shape[2], back),
)
S.wrong("no_return", sizes(lambda *a: None, lambda *a: None))
S.wrong(
    "not_whole",
    sizes(lambda n, k, s, p: (n + 2 * p - k) / s + 1, back),
    sizes(lambda *a: float(conv(*a)), lambda *a: float(back(*a))),
    sizes(lambda *a: torch.tensor(conv(*a)), back),
)


def first_formula(text):
    """The learner's cell, with its last lines, for another formula of the convolution."""
    return filled(
        "c1w2.output_size",
        f"result = (size - 1) * stride + kernel - 2 * padding if transposed else {text}",
    )


S.wrong("missing_plus_one", first_formula("(size + 2 * padding - kernel) // stride"))
S.wrong(
    "one_before_division",
    first_formula("(size + 2 * padding - kernel + 1) // stride"),
    first_formula("int((size + 2 * padding - kernel + 1) / stride)"),
)
S.wrong(
    "rounded_up",
    first_formula("round((size + 2 * padding - kernel) / stride + 1)"),
    first_formula("round((size + 2 * padding - kernel) / stride) + 1"),
    first_formula("int((size + 2 * padding - kernel) / stride + 1.5)"),
)
S.wrong("padding_once", first_formula("(size + padding - kernel) // stride + 1"))
S.wrong("padding_reversed", first_formula("(size - 2 * padding - kernel) // stride + 1"))
S.wrong("padding_ignored", first_formula("(size - kernel) // stride + 1"))
S.wrong("stride_ignored", first_formula("size + 2 * padding - kernel + 1"))
S.wrong("only_the_stride", first_formula("size // stride"))
S.wrong("parentheses", first_formula("size + 2 * padding - kernel // stride + 1"))
S.wrong(
    "no_result",
    filled("c1w2.output_size", "if transposed:\n    result = (size - 1) * stride + kernel - 2 * padding"),
    filled("c1w2.output_size", "pixels = (size + 2 * padding - kernel) // stride + 1"),
)
S.wrong("flag_ignored", lambda size, kernel, stride=1, padding=0, transposed=False: conv(size, kernel, stride, padding))
S.wrong("flag_reversed", sizes(back, conv))
S.wrong("missing_plus_one", sizes(lambda n, k, s, p: (n + 2 * p - k) // s, back))
S.wrong("one_before_division", sizes(lambda n, k, s, p: (n + 2 * p - k + 1) // s, back))
S.wrong("rounded_up", sizes(lambda n, k, s, p: math.ceil((n + 2 * p - k) / s) + 1, back))
S.wrong(
    "padding_once",
    sizes(lambda n, k, s, p: (n + p - k) // s + 1, lambda n, k, s, p: (n - 1) * s + k - p),
    sizes(conv, lambda n, k, s, p: (n - 1) * s + k - p),
)
S.wrong(
    "padding_reversed",
    sizes(conv, lambda n, k, s, p: (n - 1) * s + k + 2 * p),
    sizes(lambda n, k, s, p: (n - 2 * p - k) // s + 1, back),
)
S.wrong(
    "one_stamp_too_many",
    sizes(conv, lambda n, k, s, p: n * s + k - 2 * p),
    sizes(conv, lambda n, k, s, p: n * s - 2 * p),
)
S.wrong("only_the_stride", sizes(conv, lambda n, k, s, p: n * s), sizes(lambda n, k, s, p: n // s, back))
S.wrong("padding_ignored", sizes(conv, lambda n, k, s, p: (n - 1) * s + k))
S.wrong("stride_ignored", sizes(conv, lambda n, k, s, p: n - 1 + k - 2 * p))
S.wrong("one_in_both", sizes(conv, lambda n, k, s, p: (n - 1) * s + k - 2 * p + 1))
S.refused(
    sizes(conv, lambda n, k, s, p: (n - 1) * (s + k) - 2 * p),
    lambda size, kernel: size - kernel + 1,
    14,
)

# --- transposed_conv -------------------------------------------------------------------------------------------------


def crop(y, padding):
    return y[:, :, padding : y.shape[2] - padding, padding : y.shape[3] - padding]


def canvas(x, weight, stride):
    k = weight.shape[2]
    return x.new_zeros(len(x), weight.shape[1], (x.shape[2] - 1) * stride + k, (x.shape[3] - 1) * stride + k)


@T.right
def by_pixel(x, weight, stride=1, padding=0):
    """A loop over the pixels of the image."""
    y, k = canvas(x, weight, stride), weight.shape[2]
    for i in range(x.shape[2]):
        for j in range(x.shape[3]):
            stamp = torch.einsum("bc,couv->bouv", x[:, :, i, j], weight)
            y[:, :, i * stride : i * stride + k, j * stride : j * stride + k] += stamp
    return crop(y, padding)


@T.right
def zeros_between_then_a_convolution(x, weight, stride=1, padding=0):
    """The textbook's other way: insert zeros, then an ordinary convolution with the kernel turned round."""
    b, c, h, w = x.shape
    k = weight.shape[2]
    spread = x.new_zeros(b, c, (h - 1) * stride + 1, (w - 1) * stride + 1)
    spread[:, :, ::stride, ::stride] = x
    return crop(F.conv2d(spread, weight.flip(2, 3).transpose(0, 1), padding=k - 1), padding)


@T.right
def by_fold(x, weight, stride=1, padding=0):
    h, w, k = *x.shape[2:], weight.shape[2]
    columns = weight.flatten(1).T @ x.flatten(2)  # (B, O * K * K, H * W)
    size = (h - 1) * stride + k - 2 * padding, (w - 1) * stride + k - 2 * padding
    return F.fold(columns, size, k, stride=stride, padding=padding)


@T.right
def by_matrices(x, weight, stride=1, padding=0):
    """Two matrices that put a kernel's row (or column) where it belongs."""
    k = weight.shape[2]

    def places(n):
        m = x.new_zeros(k, n, (n - 1) * stride + k)
        for u in range(k):
            m[u, torch.arange(n), torch.arange(n) * stride + u] = 1
        return m[:, :, padding : m.shape[2] - padding]

    return torch.einsum("bchw,couv,uhp,vwq->bopq", x, weight, places(x.shape[2]), places(x.shape[3]))


T.right(
    filled(
        "c1w2.transposed_conv",
        """
        B, C, H, W = x.shape
        K = weight.shape[-1]
        out = torch.zeros(B, weight.shape[1], (H - 1) * stride + K, (W - 1) * stride + K, dtype=x.dtype)
        for u in range(K):
            for v in range(K):
                out[:, :, u : u + (H - 1) * stride + 1 : stride, v : v + (W - 1) * stride + 1 : stride] += (
                    (x[:, :, None] * weight[None, :, :, u, v, None, None]).sum(1)
                )
        return out[:, :, padding : out.shape[2] - padding, padding : out.shape[3] - padding]
        """,
    )
)


@T.right
def as_a_gradient(x, weight, stride=1, padding=0):
    """What a convolution hands back to its input."""
    size = [(n - 1) * stride + weight.shape[2] - 2 * padding for n in x.shape[2:]]
    y = x.new_zeros(len(x), weight.shape[1], *size).requires_grad_()
    return torch.autograd.grad(F.conv2d(y, weight, None, stride, padding), y, x, create_graph=True)[0]


def stamped(x, weight, stride=1, padding=0, *, add=True, step=None, flip=False, one=None, end=None, pad=False):
    """By hand, with one thing done otherwise."""
    step = stride if step is None else step
    k, h, w = weight.shape[2], x.shape[2], x.shape[3]
    y = canvas(x, weight, step)
    for u in range(k):
        for v in range(k):
            kernel = weight[:, :, k - 1 - u, k - 1 - v] if flip else weight[:, :, u, v]
            channels = slice(one, one + 1 or None) if one is not None else slice(None)
            stamp = torch.einsum("bchw,co->bohw", x[:, channels], kernel[channels])
            rows, columns = slice(u, u + (h - 1) * step + 1, step), slice(v, v + (w - 1) * step + 1, step)
            if add:
                y[:, :, rows, columns] += stamp
            else:
                y[:, :, rows, columns] = stamp
    if pad:
        return F.pad(y, [padding] * 4)
    if end:
        return y[:, :, : y.shape[2] - 2 * padding, : y.shape[3] - 2 * padding]
    return crop(y, padding) if padding else y


def variant(**options):
    return lambda x, weight, stride=1, padding=0: stamped(x, weight, stride, padding, **options)


T.right(variant())


@T.wrong("no_return")
def forgot_to_return(x, weight, stride=1, padding=0):
    stamped(x, weight, stride, padding)


T.wrong(
    "changes_input",
    lambda x, weight, stride=1, padding=0: stamped(x.detach().mul_(1.5), weight, stride, padding),
    lambda x, weight, stride=1, padding=0: stamped(x, weight.detach().neg_(), stride, padding),
)
T.wrong(
    "no_gradient",
    torch.no_grad()(stamped),
    lambda x, weight, stride=1, padding=0: stamped(x.data, weight.data, stride, padding),
    lambda x, weight, stride=1, padding=0: stamped(x, weight, stride, padding).detach(),
)


def by_layer(x, weight, stride=1, padding=0):
    c, o, k, _ = weight.shape
    layer = nn.ConvTranspose2d(c, o, k, stride, padding, bias=False).to(x.dtype)
    return torch.func.functional_call(layer, {"weight": weight}, (x,))


T.wrong(
    "calls_torch",
    lambda x, weight, stride=1, padding=0: F.conv_transpose2d(x, weight, stride=stride, padding=padding),
    lambda x, weight, stride=1, padding=0: torch.conv_transpose2d(x, weight, None, stride, padding),
    by_layer,
)
T.wrong(
    "weight_as_in_convolution",
    lambda x, weight, stride=1, padding=0: stamped(x, weight.transpose(0, 1), stride, padding),
)
T.wrong("kernel_flipped", variant(flip=True))
T.wrong("overwritten", variant(add=False))


@T.wrong("overwritten")
def overwrites_by_pixel(x, weight, stride=1, padding=0):
    y, k = canvas(x, weight, stride), weight.shape[2]
    for i in range(x.shape[2]):
        for j in range(x.shape[3]):
            stamp = torch.einsum("bc,couv->bouv", x[:, :, i, j], weight)
            y[:, :, i * stride : i * stride + k, j * stride : j * stride + k] = stamp
    return crop(y, padding)


@T.wrong("overwritten")
@T.wrong("padding_ignored")
def overwrites_and_cuts_nothing_off(x, weight, stride=1, padding=0):
    return overwrites_by_pixel(x, weight, stride)


@T.wrong("square_only")
def as_wide_as_high(x, weight, stride=1, padding=0):
    y, k = canvas(x, weight, stride), weight.shape[2]
    for i in range(x.shape[2]):
        for j in range(x.shape[2]):
            stamp = torch.einsum("bc,couv->bouv", x[:, :, i, j], weight)
            y[:, :, i * stride : i * stride + k, j * stride : j * stride + k] += stamp
    return crop(y, padding)


T.wrong("stride_ignored", variant(step=1))
T.wrong("padding_ignored", lambda x, weight, stride=1, padding=0: stamped(x, weight, stride))
T.wrong("padding_added", variant(pad=True))
T.wrong(
    "cropped_at_one_end",
    variant(end=True),
    lambda x, weight, stride=1, padding=0: stamped(x, weight, stride)[:, :, 2 * padding :, 2 * padding :],
    lambda x, weight, stride=1, padding=0: stamped(x, weight, stride)[:, :, padding:, padding:],
)
T.wrong("kernel_transposed", lambda x, weight, stride=1, padding=0: stamped(x, weight.mT, stride, padding))
T.wrong(
    "empty_slice",
    lambda x, weight, stride=1, padding=0: stamped(x, weight, stride)[:, :, padding:-padding, padding:-padding],
)
T.wrong("channels_not_summed", variant(one=0), variant(one=-1))
T.wrong(
    "ordinary_convolution",
    lambda x, weight, stride=1, padding=0: F.conv2d(x, weight.transpose(0, 1), stride=stride, padding=padding),
)


@T.wrong("wrong_dtype")
def float32_canvas(x, weight, stride=1, padding=0):
    return stamped(x, weight, stride, padding).float()


T.refused(
    lambda x, weight, stride=1, padding=0: stamped(x, weight, stride)[:, :, 1:-1, 1:-1],
    lambda x, weight, stride=1, padding=0: stamped(x, weight, 2, 1),
    lambda x, weight, stride=2, padding=1: stamped(x, weight, stride, padding),
    lambda x, weight, stride=1, padding=0: 2 * stamped(x, weight, stride, padding),
    lambda x, weight, stride=1, padding=0: stamped(x.detach(), weight, stride, padding),
    lambda x, weight, stride=1, padding=0: F.interpolate(x, scale_factor=stride),
    lambda x, weight, stride=1: stamped(x, weight, stride),
    nn.ConvTranspose2d(3, 4, 4, 2, 1),
)


# --- answers that were new to the tables -------------------------------------------------------------------------------

S.wrong("only_the_stride", sizes(lambda n, k, s, p: -(-n // s), lambda n, k, s, p: n * s))  # as Keras counts
S.wrong("one_short", sizes(conv, lambda n, k, s, p: (n - 1) * s - 2 * p + (k - 1)))
S.wrong("output_padding", sizes(conv, lambda n, k, s, p: n * s + k - 2 * p - 1))
S.wrong("missing_error", sizes(lambda *a: max(1, conv(*a)), lambda *a: max(1, back(*a))))
S.refused(sizes(lambda n, k, s, p: (n + k - 2 * p) // s + 1, back))


@T.right
def adds_up_padded_images(x, weight, stride=1, padding=0):
    """Out of place: every position of the kernel is an image of its own."""
    (b, _, h, w), (_, o, k, _) = x.shape, weight.shape
    total = 0
    for u in range(k):
        for v in range(k):
            spread = x.new_zeros(b, o, (h - 1) * stride + 1, (w - 1) * stride + 1)
            spread[:, :, ::stride, ::stride] = (x.movedim(1, -1) @ weight[:, :, u, v]).movedim(-1, 1)
            total = total + F.pad(spread, (v, k - 1 - v, u, k - 1 - u))
    return crop(total, padding)


@T.wrong("weight_as_in_convolution")
def zeros_between_and_the_weight_as_it_is(x, weight, stride=1, padding=0):
    (b, c, h, w), k = x.shape, weight.shape[2]
    spread = x.new_zeros(b, c, (h - 1) * stride + 1, (w - 1) * stride + 1)
    spread[:, :, ::stride, ::stride] = x
    return F.conv2d(spread, weight.flip(2, 3), padding=k - 1 - padding)


def stamps(x, weight, stride, padding, y, width, offset=0):
    """Every pixel stamps its kernel, pixel by pixel of the kernel, onto ``y``."""
    k = weight.shape[2]
    for i in range(x.shape[2]):
        for j in range(width):
            for u in range(k):
                for v in range(k):
                    row, column = i * stride + u - offset, j * stride + v - offset
                    if row < y.shape[2] and column < y.shape[3]:
                        y[:, :, row, column] += x[:, :, i, j] @ weight[:, :, u, v]
    return y


@T.wrong("negative_index")
def falls_outside_at_the_beginning(x, weight, stride=1, padding=0):
    size = [(n - 1) * stride + weight.shape[2] - 2 * padding for n in x.shape[2:]]
    return stamps(x, weight, stride, padding, x.new_zeros(len(x), weight.shape[1], *size), x.shape[3], offset=padding)


@T.wrong("square_only")
def height_for_width(x, weight, stride=1, padding=0):
    size = (x.shape[2] - 1) * stride + weight.shape[2]
    width = min(x.shape[2:])
    return crop(stamps(x, weight, stride, padding, x.new_zeros(len(x), weight.shape[1], size, size), width), padding)


@T.wrong("slice_without_end")
def canvas_without_the_kernel(x, weight, stride=1, padding=0):
    (b, _, h, w), k = x.shape, weight.shape[2]
    y = x.new_zeros(b, weight.shape[1], h * stride, w * stride)
    for i in range(h):
        for j in range(w):
            stamp = torch.einsum("bc,couv->bouv", x[:, :, i, j], weight)
            y[:, :, i * stride : i * stride + k, j * stride : j * stride + k] += stamp
    return y


T.wrong("channels_averaged", lambda x, weight, stride=1, padding=0: stamped(x / x.shape[1], weight, stride, padding))


@T.wrong("square_only")
def takes_the_width_from_the_height(x, weight, stride=1, padding=0):
    y, k, reach = canvas(x, weight, stride), weight.shape[2], stride * (x.shape[2] - 1) + 1
    for u in range(k):
        for v in range(k):
            stamp = torch.einsum("bchw,co->bohw", x, weight[:, :, u, v])
            y[:, :, u : u + reach : stride, v : v + reach : stride] += stamp
    return crop(y, padding)
