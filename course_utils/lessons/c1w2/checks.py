"""The checks of DCGAN: sizes, a transposed convolution by hand, the two blocks, their start, and their average."""

import torch
from torch import nn
from torch.overrides import TorchFunctionMode

from course_utils.checks import exercise, mistake, networks, symptoms
from course_utils.checks.cases import DTYPE, KIND, RESULT, call, draws, normal, scenario
from course_utils.checks.networks import LAYERS, OUTPUT, network
from course_utils.checks.observe import RAISES, Near, same
from course_utils.checks.programs import Body

# --- sizes -------------------------------------------------------------------------------------------------------------


def _sizes(*cases, **options):
    """A call for each (size, kernel, stride, padding)."""
    return tuple(call(n, kernel=k, stride=s, padding=p, **options) for n, k, s, p in cases)


def _below_one(record):
    """Is a number of pixels below 1 returned somewhere?"""
    results = [seen.facts.get(RESULT) for seen in record.got.values()]
    return any(isinstance(n, int) and n < 1 for n in results)


exercise(
    "c1w2.output_size",
    "course_utils.lessons.c1w2.sizes:output_size",
    cases=(
        *_sizes((28, 4, 2, 1), (7, 3, 2, 0), (8, 3, 2, 0), (65, 7, 3, 3), (13, 5, 3, 2), (5, 1, 1, 0)),
        *_sizes((32, 3, 2, 1), (6, 3, 2, 0), (9, 4, 3, 2), (9, 2, 1, 3)),
        *(call(*given) for given in ((9, 3), (9, 3, 2), (9, 3, 2, 1), (7, 4, 2, 1, True))),
        *_sizes((28, 4, 2, 1), (5, 3, 1, 0), (8, 5, 3, 2), (1, 3, 1, 1), (13, 2, 3, 0), (7, 1, 2, 0), transposed=True),
        *_sizes((1, 4, 1, 0), (2, 5, 2, 0), transposed=True),  # a kernel larger than what goes in
        *_sizes((2, 5, 1, 0), (4, 5, 2, 0), (4, 5, 1, 0), (1, 7, 3, 2)),  # not a single pixel comes out of these
        *_sizes((1, 1, 2, 1), (1, 2, 1, 1), transposed=True),
    ),
    mistakes=(
        mistake("no_result",
            "For one of the two kinds at least nothing is called `result`, which the last lines check and return. Both "
            "branches, `if transposed` and `else`, have to set it.",
            symptom=lambda r: r.raised("'result'")),
        mistake("not_whole", (") // stride", ") / stride"),
            "The result is not a whole number of type int: `/` always gives a float. Pixels are counted with `//`, which "
            "rounds down.",
            symptom=lambda r: any(g.startswith(("float", "a tensor")) for g, _ in r.pairs(KIND))),
        mistake("missing_error",
            "A ValueError is to be raised when not a single pixel would come out, as the docstring promises. Here a number is "
            "returned: look at it before you do.",
            symptom=lambda r: symptoms.not_raised(r) and (r.only(RAISES) or _below_one(r)), explains=(RAISES,)),
        mistake("flag_reversed", ("if transposed", "if not transposed"),
            "The two formulas are exchanged: the small size comes out of the transposed convolution."),
        mistake("flag_ignored", ("if transposed", "if False"),
            ("if transposed", "if False", "if result < 1", "if result < 1 and not transposed"),
            "A transposed convolution gets the size of an ordinary one: `transposed` is not looked at. It needs a formula "
            "of its own, the ordinary one solved for the input."),
        mistake("not_solved", ("(size - 1) * stride + kernel - 2 * padding", "(size + 2 * padding - kernel) * stride + 1"),
            "The transposed size is the ordinary formula with `*` for `//`. The way back turns it all round: subtract the 1, "
            "multiply by the stride, add the kernel, take off 2 * padding."),
        mistake("missing_plus_one", ("// stride + 1", "// stride"),
            "One place of the kernel is not counted. It can be moved (size + 2 padding - kernel) // stride times, and the "
            "place where it starts counts as well: add 1."),
        mistake("one_in_both", ("kernel - 2 * padding", "kernel - 2 * padding + 1"),
            "The transposed size is too large by 1. Solved for the input, (result - 1) * stride = size + 2 * padding - "
            "kernel, the 1 of the ordinary formula is in `size - 1` already."),
        mistake("output_padding", (") * stride + kernel", ") * stride + kernel + stride - 1"),
            "The transposed size is too large by stride - 1, as with an `output_padding`. There is none here: (size - 1) * "
            "stride + kernel - 2 * padding."),
        mistake("one_short", ("+ kernel - 2 * padding", "+ kernel - 1 - 2 * padding"),
            "The transposed size is too small by 1. PyTorch's documentation writes `kernel - 1` and adds 1 at the end; "
            "together that is `kernel`."),
        mistake("one_before_division", ("kernel) // stride + 1", "kernel + 1) // stride"),
            "The 1 is added before the division by the stride. The stride divides the moves of the kernel; its first place "
            "is added afterwards."),
        mistake("kernel_minus_one", ("padding - kernel) //", "padding - (kernel - 1)) //"),
            "A place too many is counted where the last one just does not fit. PyTorch's documentation takes off `kernel - 1`, "
            "and then another 1 before it divides; together that is `kernel`."),
        mistake("rounded_up", ("(size + 2 * padding - kernel) // stride + 1", "VALUE"),
            "A place where only a part of the kernel fits is counted, too. What is left over at the end is ignored: round "
            "down, `//`.",
            values=("-((kernel - size - 2 * padding) // stride) + 1", "round((size + 2 * padding - kernel) / stride) + 1",
                "round((size + 2 * padding - kernel) / stride + 1)", "int((size + 2 * padding - kernel) / stride + 1.5)")),
        mistake("rounded_towards_zero",
            ("(size + 2 * padding - kernel) // stride", "int((size + 2 * padding - kernel) / stride)"),
            "Right where the kernel fits, but where it does not, one pixel comes out instead of a ValueError: `int` rounds "
            "-0.5 to 0, and `//` to -1."),
        mistake("padding_once", ("2 * padding - kernel", "padding - kernel"), ("kernel - 2 * padding", "kernel - padding"),
            ("2 * padding - kernel", "padding - kernel", "kernel - 2 * padding", "kernel - padding"),
            "The padding is counted once, but there is padding at both ends of a side: 2 * padding."),
        mistake("padding_reversed", ("size + 2 * padding", "size - 2 * padding"),
            ("kernel - 2 * padding", "kernel + 2 * padding"),
            ("size + 2 * padding", "size - 2 * padding", "kernel - 2 * padding", "kernel + 2 * padding"),
            "The padding has the wrong sign. It makes the input of a convolution larger; in a transposed convolution, which "
            "goes the other way, it cuts pixels off the output."),
        mistake("padding_ignored", ("size + 2 * padding", "size"), ("kernel - 2 * padding", "kernel"),
            ("size + 2 * padding", "size", "kernel - 2 * padding", "kernel"),
            "`padding` makes no difference. A convolution has 2 * padding pixels more to lie on; from the output of a "
            "transposed one as many are cut off."),
        mistake("stride_ignored", (" // stride", ""), (" * stride", ""), (" // stride", "", " * stride", ""),
            "`stride` makes no difference. The kernel moves by `stride` pixels, so it has fewer places: divide by it. In a "
            "transposed convolution the stamps are `stride` apart: multiply."),
        mistake("only_the_stride", ("(size + 2 * padding - kernel) // stride + 1", "size // stride"),
            ("(size + 2 * padding - kernel) // stride + 1", "-(-size // stride)"),
            ("(size - 1) * stride + kernel - 2 * padding", "size * stride"),
            ("(size + 2 * padding - kernel) // stride + 1", "size // stride", "(size - 1) * stride + kernel - 2 * padding",
             "size * stride"),
            ("(size + 2 * padding - kernel) // stride + 1", "-(-size // stride)", "(size - 1) * stride + kernel - 2 * padding",
             "size * stride"),
            "The size is divided, or multiplied, by the stride alone. That is right for some kernels only (4x4 with padding "
            "1 and stride 2); kernel and padding belong into the formula."),
        mistake("kernel_forgotten", (" - kernel)", ")"), (" + kernel -", " -"),
            "`kernel` makes no difference. It takes its own width away from the places where it fits; in a transposed "
            "convolution the last stamp reaches `kernel` pixels beyond its corner."),
        mistake("parentheses", ("(size + 2 * padding - kernel) //", "size + 2 * padding - kernel //"),
            ("(size - 1) * stride", "size - 1 * stride"),
            "A part of the formula binds closer than it should: `//` and `*` come before + and -. Use parentheses: (size + "
            "2 * padding - kernel) // stride, and (size - 1) * stride."),
        mistake("one_stamp_too_many", ("(size - 1) * stride +", "size * stride +"),
            ("(size - 1) * stride + kernel", "size * stride"),
            "The transposed size is too large by stride - or by the kernel. Of `size` stamps only the first costs a whole "
            "kernel, the other size - 1 a stride each: (size - 1) * stride + kernel."),
    ),
)


# --- a transposed convolution by hand ----------------------------------------------------------------------------------


class _Watch(TorchFunctionMode):
    """Writes down whether PyTorch's own transposed convolution is called, by whatever name."""

    called = False

    def __torch_function__(self, function, types, args=(), kwargs=None):
        name = getattr(function, "__name__", "")
        self.called |= "conv_transpose" in name or (name in ("convolution", "_convolution") and any(a is True for a in args))
        return function(*args, **(kwargs or {}))


_OWN = "whether PyTorch's transposed convolution is called"


def _watched(function):
    with _Watch() as watch:
        function(*_stamps(2, 3, 4, 5, 6, 4), 2, 1)
    return {_OWN: watch.called}


def _stamps(batch, channels_in, channels_out, height, width, kernel, dtype=torch.float64):
    """Images and a weight."""
    weight = normal(channels_in, channels_out, kernel, kernel, seed=9, dtype=dtype)
    return normal(batch, channels_in, height, width, dtype=dtype), weight


_LOOP = """
    batch, _, height, width = x.shape
    _, channels, kernel, _ = weight.shape
    y = x.new_zeros(batch, channels, stride * (height - 1) + kernel, stride * (width - 1) + kernel)
    for i in range(height):
        for j in range(width):
            stamp = torch.einsum("bc,couv->bouv", x[:, :, i, j], weight)
            y[:, :, i * stride : i * stride + kernel, j * stride : j * stride + kernel] = stamp
    return y[:, :, padding : y.shape[2] - padding, padding : y.shape[3] - padding]
"""
_LITERAL = """
    _, channels, kernel, _ = weight.shape
    y = x.new_zeros(len(x), channels, *(stride * (n - 1) + kernel - 2 * padding for n in x.shape[2:]))
    for i, j in torch.cartesian_prod(torch.arange(x.shape[2]), torch.arange(x.shape[3])):
        for u, v in torch.cartesian_prod(torch.arange(kernel), torch.arange(kernel)):
            row, column = i * stride + u - padding, j * stride + v - padding
            if row < y.shape[2] and column < y.shape[3]:
                y[:, :, row, column] += x[:, :, i, j] @ weight[:, :, u, v]
    return y
"""


def _fails_unless_square(record) -> bool:
    """Is it right for all square images, while it fails for others?"""
    square = {c: s.facts[RESULT].shape[2] == s.facts[RESULT].shape[3] for c, s in record.wanted.items() if RESULT in s.facts}
    right = not any(record.differing[c] for c, yes in square.items() if yes)
    return right and any(record.got[c].error is not None for c in square)


_SLICES = "u : u + reach[0] : stride, v : v + reach[1] : stride"
_CANVAS = "reach[0] + kernel - 1, reach[1] + kernel - 1"
_CROP = "y[:, :, padding : y.shape[2] - padding, padding : y.shape[3] - padding]"

exercise(
    "c1w2.transposed_conv",
    "course_utils.lessons.c1w2.sizes:transposed_conv",
    cases=(
        call(*_stamps(2, 3, 4, 5, 6, 4), 2, 1, label="called with stride 2 and padding 1, a kernel of 4"),
        call(*_stamps(1, 1, 1, 1, 1, 3), 1, 0, label="called with a single pixel"),
        call(*_stamps(1, 2, 5, 4, 3, 3), 1, 1, label="called with stride 1 and padding 1, a kernel of 3"),
        call(*_stamps(3, 4, 2, 3, 5, 3), 2, 1, label="called with stride 2 and padding 1, a kernel of 3"),
        call(*_stamps(2, 2, 3, 3, 2, 2), 3, 0, label="called with stride 3, a kernel of 2: gaps between the stamps"),
        call(*_stamps(1, 3, 3, 6, 4, 5), 3, 0, label="called with as many channels out as in"),
        call(*_stamps(2, 3, 2, 2, 7, 1), 2, 0, label="called with a kernel of 1"),
        call(*_stamps(2, 3, 2, 2, 3, 7), 4, 3, label="called with stride 4 and padding 3, a kernel of 7"),
        call(*_stamps(2, 3, 4, 5, 6, 4), padding=1, stride=2, label="called with `padding=1, stride=2` by name"),
        call(*_stamps(2, 3, 2, 3, 4, 3), label="called without stride and padding (1 and 0)"),
        call(*_stamps(2, 3, 4, 5, 6, 4, torch.float32), 2, 1, label="called with float32"),
        scenario("watched while it works", _watched),
    ),
    mistakes=(
        mistake("calls_torch",
            "PyTorch's own transposed convolution does the work. It is what yours is compared with; write the stamping "
            "yourself, with a loop over the positions of the kernel.",
            symptom=lambda r: _OWN in r.names),
        mistake("weight_as_in_convolution", ("    batch, _,", "    weight = weight.transpose(0, 1)\n    batch, _,"),
            "The first two sizes of the weight are exchanged: a transposed convolution keeps (in, out, K, K), because it is "
            "a convolution read backwards. In einsum: `bchw,co->bohw`; for `F.conv2d`: `weight.transpose(0, 1)`.",
            symptom=lambda r: r.raised("has size 4 for operand 1 which does not broadcast with previously seen size 3")),
        mistake("kernel_flipped", ("weight[:, :, u, v]", "weight[:, :, kernel - 1 - u, kernel - 1 - v]"),
            "The kernel is stamped upside down and mirrored: position (u, v) of the kernel belongs at (i * stride + u, j * "
            "stride + v). If you insert zeros and then convolve, flip the kernel first: `weight.flip(2, 3)`."),
        mistake("kernel_transposed", ("weight[:, :, u, v]", "weight[:, :, v, u]"),
            "Rows and columns of the kernel are exchanged: `u` counts rows and moves the stamp down, `v` counts columns and "
            "moves it to the right, and `weight[:, :, u, v]` belongs to both."),
        mistake("overwritten", ("+= stamp", "= stamp"), Body(_LOOP),
            "Where stamps overlap, the later one replaces the earlier one. They add up: `+=` in place of `=`."),
        mistake("stride_ignored", ("    batch, _,", "    stride = 1\n    batch, _,"),
            (_SLICES, "u : u + height, v : v + width"),
            "The stamps are laid out one pixel apart whatever the stride. Pixel i stamps at i * stride: slice the output "
            "with a step, `y[:, :, u : u + reach : stride, ...]`."),
        mistake("slice_without_end", (_SLICES, "u::stride, v::stride"),
            (_SLICES, "u : u + reach[0] - 1 : stride, v : v + reach[1] - 1 : stride"),
            "A slice of the output and the stamp that is added to it have different sizes. For one place of the kernel "
            "there are H rows, `stride` apart: they begin at u and end before u + stride * (H - 1) + 1. `y[:, :, "
            "u::stride]` goes on to the end of the image. Or the image is too small: stamps need (H - 1) * "
            "stride + K rows and (W - 1) * stride + K columns.",
            symptom=lambda r: (r.raised("The size of tensor a") or r.raised("shape mismatch"))
                and not _fails_unless_square(r)),
        mistake("square_only", Body(_LOOP.replace("= stamp", "+= stamp").replace("range(width)", "range(height)")),
            "Height and width are taken to be the same: wherever an image is not square, columns are missing or too many.",
            symptom=lambda r: _fails_unless_square(r)
                or any(0 != g.shape[2] == g.shape[3] != w.shape[3] for g, w in r.pairs(RESULT))),
        mistake("negative_index", Body(_LITERAL),
            "Pixels at the far end hold what falls outside at the beginning: an index below 0 counts from the end. What falls "
            "outside is left out on both sides: `if 0 <= row < height and ...`, or stamp first and crop afterwards."),
        mistake("canvas_of_other_size", (_CANVAS, "stride * height + kernel, stride * width + kernel"),
            (_CANVAS, "reach[0] + kernel, reach[1] + kernel"),
            (_CANVAS, "stride * height + kernel - 1, stride * width + kernel - 1"),
            "[The stamps are right, but] the image is too large: empty pixels stand at its end. H stamps, `stride` apart, "
            "cover (H - 1) * stride + K pixels."),
        mistake("padding_ignored", (_CROP, "y"),
            "Nothing is cut off: the output has the size for padding 0. Take `padding` pixels off each of the four sides."),
        mistake("padding_added", (_CROP, "torch.nn.functional.pad(y, [padding] * 4)"),
            "The output is padded with zeros. In a transposed convolution padding works the other way: it cuts pixels off, "
            "because the convolution that it reverses had added them."),
        mistake("cropped_at_one_end", (_CROP, "y[:, :, VALUE]"),
            "Pixels are cut off at one end only, so the image is shifted. Cut `padding` pixels at the beginning and as many "
            "at the end.",
            values=(": y.shape[2] - 2 * padding, : y.shape[3] - 2 * padding", "2 * padding :, 2 * padding :",
                "padding :, padding :", ": y.shape[2] - padding, : y.shape[3] - padding")),
        mistake("empty_slice", (_CROP, "y[:, :, padding:-padding, padding:-padding]"),
            "Right where something is cut off; for padding 0 nothing is left: `y[:, :, padding:-padding]` is `y[:, :, "
            "0:0]`, which is empty. Count the end from the beginning: `y[:, :, padding : y.shape[2] - padding]`."),
        mistake("channels_not_summed", ("x, weight[:, :, u, v]", "x[:, :1], weight[:1, :, u, v]"),
            ("x, weight[:, :, u, v]", "x[:, -1:], weight[-1:, :, u, v]"),
            "Only one input channel reaches the output. Every output channel is a sum over all input channels."),
        mistake("channels_averaged", ("+= stamp", "+= stamp / x.shape[1]"),
            "The input channels are averaged. Every output channel is a sum over all of them."),
        mistake("ordinary_convolution",
            Body("return torch.nn.functional.conv2d(x, weight.transpose(0, 1), stride=stride, padding=padding)"),
            Body( "return torch.nn.functional.conv2d(x, weight.flip(2, 3).transpose(0, 1), stride=stride, padding=padding)" ),
            "The image got smaller: this is an ordinary convolution, which gathers a patch into a pixel. Here every pixel "
            "is spread over a patch."),
        mistake("wrong_dtype", ("x.new_zeros(", "torch.zeros("),
            "The output does not have the dtype of `x`: `torch.zeros(...)` makes float32 whatever it is added to. Use "
            "`x.new_zeros(...)`, or pass `dtype=x.dtype, device=x.device`.",
            symptom=lambda r: r.only(DTYPE)),
    ),
)


# --- the two blocks ----------------------------------------------------------------------------------------------------


def _blocks(argument, *choices):
    """The block made for different channels, with each of these choices, and without one."""
    x = (normal(6, 5, 8, 6, scale=2.0) + 0.5,), (normal(6, 1, 4, 4, scale=2.0),), (normal(6, 6, 2, 4),)
    options = [{argument: choice} for choice in choices]
    return tuple(
        network(
            *sizes, inputs=inputs, ignore=(LAYERS,), size=3.0, **given
        )  # a kernel may be kept as a matrix, for `unfold`
        for sizes, inputs, all_given in (
            ((5, 6), x[0], (*options, {})),
            ((1, 4), x[1], options),
            ((6, 6), x[2], options[:1]),
            ((6, 2), x[2], options[1:]),
        )
        for given in all_given
    )


def _size(record):
    """The shapes of the output, in words, where height or width are not as wanted."""
    pairs = [p for p in record.pairs(OUTPUT) if all(isinstance(x, torch.Tensor) for x in p)]
    wrong = any(g.shape[2:] != w.shape[2:] for g, w in pairs)
    return wrong and symptoms.shape(record, OUTPUT)


def _other_weights(record):
    """Has the output its size, but the layers weights of shapes that no block of the reference has?"""
    wanted = [shape for seen in record.wanted.values() for shape in seen.trace["matrices"]]
    found = [shape for got, _ in record.traces("matrices") for shape in got]
    return not _size(record) and any(shape not in wanted for shape in found)


def _each_image(norm):
    """Normalisations of every image by itself, in the place of ``norm``."""
    kinds = ("InstanceNorm2d(channels_out)", "InstanceNorm2d(channels_out, affine=True)", "GroupNorm(1, channels_out)")
    return tuple((norm, f"nn.{kind}") for kind in kinds)


_NORM = "nn.BatchNorm2d(channels_out)"
_DOUBLE = "double_size(channels_in, channels_out, up)"
_ORDER = (
    "        double_size(channels_in, channels_out, up),\n        nn.BatchNorm2d(channels_out),\n        nn.ReLU(),\n"
)
_EPS = (
    "BatchNorm divides by too much. The second argument of `nn.BatchNorm2d` is `eps`, a tiny number against division by "
    "zero, not the momentum. Write `nn.BatchNorm2d(channels_out)`."
)
_NO_SCALE = (
    "The channels are normalised, but BatchNorm has no scale and no shift that could be learned (`affine=False`, or "
    "`F.batch_norm` without them). `nn.BatchNorm2d(channels_out)` brings both."
)
_NONE = mistake(
    "none_for_a_layer",
    "`None` stands where a layer belongs, and it is called like one. Leave the place out, "
    "`*([layer] if condition else [])`, or fill it with `nn.Identity()`.",
    symptom=lambda r: r.raised("'NoneType' object is not callable"),
)
_SWAPPED = "The block takes images with `channels_out` channels: the two are exchanged in the convolution."
_OTHER = ("Tanh", "Sigmoid", "GELU", "ELU", "SELU", "SiLU", "ReLU6", "Softplus", "Hardtanh")  # than (Leaky)ReLU

exercise(
    "c1w2.generator_block",
    "course_utils.models.conv.dcgan:generator_block",
    cases=_blocks("up", "transposed", "nearest"),
    usual=networks.USUAL,
    mistakes=(
        _NONE,
        mistake("swapped_channels", ("channels_in, channels_out, up)", "channels_out, channels_in, up)"),
            ("channels_in, channels_out, up)", "channels_out, channels_in, up)", _NORM, "nn.BatchNorm2d(channels_in)"),
            _SWAPPED),
        mistake("wrong_size",
            "The output must be twice as high and wide as the input, but it is VALUE. `double_size(channels_in, "
            "channels_out, up)` makes the layer that does it.",
            symptom=_size),
        mistake("other_doubling",
            (_DOUBLE, f"{_DOUBLE} if up == 'transposed' else nn.Sequential(nn.Upsample(scale_factor=2, mode='bilinear'), "
             "nn.Conv2d(channels_in, channels_out, 3, padding=1))"),
            "The size is doubled, but not as `double_size(channels_in, channels_out, up)` does it: by another kernel, another "
            "way of filling in pixels, or `nn.PixelShuffle`.",
            symptom=_other_weights),
        mistake("up_ignored", ("channels_out, up)", "channels_out)"), ("channels_out, up)", 'channels_out, "nearest")'),
            "Both values of `up` give the same layer. Pass it on: `double_size(channels_in, channels_out, up)`."),
        mistake("wrong_default", ('up: str = "transposed"', 'up: str = "nearest"'),
            "Without `up` the block does what it should do for `up='nearest'`. The default is 'transposed', as the "
            "signature says."),
        mistake("missing_activation", ("        nn.ReLU(),\n", ""),
            "The output has negative values: there is no activation after batch normalisation, and a stack of such blocks "
            "stays one linear map. End the block with `nn.ReLU()`."),
        mistake("no_batchnorm", ("        nn.BatchNorm2d(channels_out),\n", ""),
            ("        nn.BatchNorm2d(channels_out),\n        nn.ReLU(),\n", ""),
            ("        nn.BatchNorm2d(channels_out),\n        nn.ReLU(),\n", "        nn.LeakyReLU(0.2),\n"),
            ("        nn.BatchNorm2d(channels_out),\n", "", "out, up)", "out, up, bias=True)"),
            "Nothing normalises the channels. Put `nn.BatchNorm2d(channels_out)` between the convolution and the ReLU."),
        mistake("norm_after_activation",
            ("        nn.BatchNorm2d(channels_out),\n        nn.ReLU(),\n",
             "        nn.ReLU(),\n        nn.BatchNorm2d(channels_out),\n"),
            "Normalisation comes after the ReLU, so the output has negative values. The order is double the size, "
            "BatchNorm, ReLU."),
        mistake("normalises_each_image", *_each_image(_NORM),
            "Each image is normalised by itself (InstanceNorm, GroupNorm, LayerNorm). BatchNorm normalises a channel over "
            "the batch: `nn.BatchNorm2d(channels_out)`."),
        mistake("eps_as_momentum", (_NORM, "nn.BatchNorm2d(channels_out, VALUE)"),
            (_NORM, "nn.BatchNorm2d(channels_out, VALUE)", "nn.ReLU()", "nn.LeakyReLU(0.2)"),
            _EPS,
            values=(0.8, 0.9, 0.1)),
        mistake("no_scale", (_NORM, "nn.BatchNorm2d(channels_out, affine=False)"),
            (_NORM, "nn.BatchNorm2d(channels_out, affine=False, track_running_stats=False)"),
            _NO_SCALE),
        mistake("norm_before_convolution",
            (_ORDER, "nn.BatchNorm2d(channels_in), nn.ReLU(), double_size(channels_in, channels_out, up)"),
            (_ORDER, "nn.BatchNorm2d(channels_in), double_size(channels_in, channels_out, up), nn.ReLU()"),
            (_ORDER, "nn.ReLU(), nn.BatchNorm2d(channels_in), double_size(channels_in, channels_out, up)"),
            "What comes in is normalised, not what the convolution makes of it. The order is double the size, BatchNorm, "
            "ReLU."),
        mistake("wrong_activation", ("nn.ReLU()", "VALUE"),
            "There is an activation after BatchNorm, as `VALUE` has it, but it is not ReLU: negative inputs must become "
            "exactly 0 and positive ones stay as they are. (LeakyReLU belongs in the discriminator, tanh at the generator's "
            "very end.)",
            values=(*(f"nn.{name}()" for name in _OTHER), "nn.LeakyReLU()", "nn.LeakyReLU(0.2)", "nn.LeakyReLU(0.1)",
                "nn.ReLU(), nn.Tanh()")),
    ),
)

_BATCH = "        *([nn.BatchNorm2d(channels_out)] if batch else []),\n"
_CONV = "        nn.Conv2d(channels_in, channels_out, kernel_size=4, stride=2, padding=1, bias=not batch),\n"
_END = "        nn.LeakyReLU(0.2),\n"
_KERNEL, _CONV_END = "kernel_size=4, stride=2, padding=1", "bias=not batch),"

exercise(
    "c1w2.discriminator_block",
    "course_utils.models.conv.dcgan:discriminator_block",
    cases=_blocks("normalise", "batch", "none"),
    usual=networks.USUAL,
    mistakes=(
        _NONE,
        mistake("swapped_channels", ("nn.Conv2d(channels_in, channels_out,", "nn.Conv2d(channels_out, channels_in,"),
            _SWAPPED),
        mistake("wrong_size",
            "The output must be half as high and wide as the input, but it is VALUE. With a 4x4 kernel that takes "
            "`stride=2, padding=1`.",
            symptom=_size),
        mistake("other_kernel", ("kernel_size=4, stride=2, padding=1", "kernel_size=3, stride=2, padding=1"),
            ("kernel_size=4, stride=2, padding=1", "kernel_size=5, stride=2, padding=2"),
            ("kernel_size=4, stride=2, padding=1", "kernel_size=2, stride=2"),
            "The size of the output is right, but not the kernel, which is 4 x 4 (`kernel_size=4, stride=2, padding=1`): a "
            "multiple of the stride covers every pixel equally often."),
        mistake("condition_reversed", ('normalise == "batch"', 'normalise != "batch"'),
            "It is the wrong way round: with `normalise='none'` the block normalises, and with 'batch' it does not. Ask "
            '`normalise == "batch"`.'),
        mistake("wrong_default", ('normalise: str = "batch"', 'normalise: str = "none"'),
            "Without `normalise` the block does what it should do for 'none'. The default is 'batch', as the signature "
            "says."),
        mistake("always_normalised", (" if batch else []", ""),
            "With `normalise='none'` the logit of one image depends on the other images in the batch: BatchNorm is there "
            "all the same (a string that is not empty counts as true). A gradient penalty needs each image judged by "
            "itself."),
        mistake("never_normalised", (_BATCH, ""), (_BATCH, "", "bias=not batch", "bias=True"),
            "With `normalise='batch'` nothing is normalised over the batch. For that value add "
            "`nn.BatchNorm2d(channels_out)`."),
        mistake("normalises_each_image", *_each_image(_NORM),
            "Each image is normalised by itself (InstanceNorm, GroupNorm). Asked for is BatchNorm, over the batch."),
        mistake("relu_not_leaky", ("nn.LeakyReLU(0.2)", "nn.ReLU()"),
            "Negative values become 0: that is ReLU. Where it is off no gradient passes, and the generator learns only from "
            "the gradient that comes through the discriminator. Use `nn.LeakyReLU(0.2)`."),
        mistake("default_slope", ("nn.LeakyReLU(0.2)", "nn.LeakyReLU()"),
            "Negative values are multiplied by 0.01, the default of `nn.LeakyReLU()`. The block asks for 0.2: "
            "`nn.LeakyReLU(0.2)`."),
        mistake("other_slope", ("LeakyReLU(0.2)", "LeakyReLU(VALUE)"),
            "Negative values are multiplied by VALUE. The block asks for 0.2: `nn.LeakyReLU(0.2)`.",
            values=(0.02, 0.05, 0.1, 0.25, 0.3, 0.5, 2, -0.2)),
        mistake("spectral_norm", ("nn.Conv2d(", "nn.utils.spectral_norm(nn.Conv2d(", "=not batch)", "=not batch))"),
            ("nn.Conv2d(", "nn.utils.parametrizations.spectral_norm(nn.Conv2d(", "=not batch)", "=not batch))"),
            "The convolution's weight is divided by its largest singular value (`spectral_norm`), and so every image is far "
            "less amplified. That is another way of taming a discriminator; none is asked for here."),
        mistake("pooled", (_KERNEL, "kernel_size=3, padding=1", _CONV_END, _CONV_END + "nn.MaxPool2d(2),"),
            (_KERNEL, "kernel_size=4, padding='same'", _CONV_END, _CONV_END + "nn.AvgPool2d(2),"),
            (_KERNEL, "kernel_size=3, padding=1", _CONV_END, _CONV_END + "nn.AvgPool2d(2),"),
            "The size is halved by pooling. DCGAN leaves that to the convolution, `stride=2`: how to take a size away is "
            "learned, too."),
        mistake("activation_with_one_only",
            (_BATCH + _END, f"*([{_NORM}, nn.LeakyReLU(0.2)] if batch else []),\n"),
            (_BATCH + _END, f"{_NORM} if batch else nn.LeakyReLU(0.2),\n"),
            "For one value of `normalise` there is no activation. Both blocks end in `nn.LeakyReLU(0.2)`."),
        mistake("missing_activation", (_END, ""),
            "Negative values pass as they are: there is no activation, and a stack of such blocks is one linear map. End "
            "the block with `nn.LeakyReLU(0.2)`. (`nn.LeakyReLU(True)` is none either: its first argument is the slope, and "
            "True counts as 1.)"),
        mistake("norm_after_activation", (_BATCH + _END, _END + _BATCH),
            (_BATCH + _END, _END + _BATCH, "bias=not batch", "bias=True"),
            "Normalisation comes after the activation. The order is convolution, BatchNorm, LeakyReLU."),
        mistake("norm_before_convolution", (_CONV + _BATCH, "*([nn.BatchNorm2d(channels_in)] if batch else []),\n" + _CONV),
            (_CONV + _BATCH, "*([nn.BatchNorm2d(channels_in)] if batch else []),\n" + _CONV.replace("not batch", "True")),
            (_CONV + _BATCH + _END, "*([nn.BatchNorm2d(channels_in)] if batch else []),\n" + _END + _CONV),
            "What comes in is normalised, not what the convolution makes of it. The order is convolution, BatchNorm, "
            "LeakyReLU."),
        mistake("eps_as_momentum", (_NORM, "nn.BatchNorm2d(channels_out, VALUE)"),
            _EPS,
            values=(0.8, 0.9, 0.1)),
        mistake("no_scale", (_NORM, "nn.BatchNorm2d(channels_out, affine=False)"),
            (_NORM, "nn.BatchNorm2d(channels_out, affine=False, track_running_stats=False)"),
            _NO_SCALE),
        mistake("no_bias", ("bias=not batch", "bias=False"),
            "Without normalisation the convolution needs its bias, or the block could not move the point where its features "
            "switch on: `bias=False` only where BatchNorm follows, which has a shift of its own."),
        mistake("wrong_activation", ("nn.LeakyReLU(0.2)", "VALUE"),
            "There is an activation, as `VALUE` has it, but another one than LeakyReLU with slope 0.2.",
            values=tuple(f"nn.{name}()" for name in _OTHER)),
    ),
)


# --- how the weights start ---------------------------------------------------------------------------------------------

_KINDS = {  # large enough for the deviation of their weights to be known within a few per cent
    "a convolution": lambda bias=True: nn.Conv2d(32, 32, 3, bias=bias),
    "a transposed convolution": lambda bias=True: nn.ConvTranspose2d(32, 32, 4, bias=bias),
    "a linear layer": lambda bias=True: nn.Linear(100, 100, bias=bias),
    "BatchNorm1d": lambda: nn.BatchNorm1d(4000),
    "BatchNorm2d": lambda: nn.BatchNorm2d(4000),
}
_OTHERS = {
    "LayerNorm": lambda: nn.LayerNorm(50),
    "PReLU": lambda: nn.PReLU(50),
    "Embedding": lambda: nn.Embedding(50, 20),
    "ReLU": nn.ReLU,
    "Sequential": lambda: nn.Sequential(nn.Tanh()),
}
_WITHOUT_BIAS, _ELSEWHERE = "applied to layers without a bias", "applied to layers of other kinds"
_LEARNS = "whether its weights can still learn"


def _after(function, make, **options):
    """A layer whose numbers were all 3 before ``function`` came."""
    layer = make(**options)
    with torch.no_grad():
        for p in layer.parameters():
            p.fill_(3.0)
    function(layer)
    return layer


def _weights(name):
    """The distribution of the weights of one kind of layer."""
    shape = _KINDS[name]().weight.shape

    def table(function):
        weight = _after(function, _KINDS[name]).weight.detach()
        if weight.shape != shape:
            raise ValueError(f"the weight had shape {tuple(shape)} before, and {tuple(weight.shape)} afterwards")
        return weight.view(-1, 4)

    return draws(table, f"applied to {name}", f"{name}'s weights")


def _others(function):
    found = {name: list(_after(function, make).parameters()) for name, make in _OTHERS.items()}
    return {f"{name} afterwards": [p.detach() for p in ps] for name, ps in found.items()}


def _biases(function):
    layers = {name: _after(function, make) for name, make in _KINDS.items()}
    facts = {f"the bias of {n}": "none" if m.bias is None else m.bias.detach() for n, m in layers.items()}
    statistics = [torch.stack([m.running_mean, m.running_var]) for n, m in layers.items() if "Norm" in n]
    learn = all(p.requires_grad for m in layers.values() for p in m.parameters())
    return facts | {"BatchNorm's running statistics": statistics, _LEARNS: learn}


def _without_bias(function):
    layers = [_after(function, make, bias=False) for name, make in _KINDS.items() if "Norm" not in name]
    return {"layers that were given a bias": sum(m.bias is not None for m in layers)}


def _network(function):
    net = nn.Sequential(nn.Sequential(nn.Conv2d(16, 16, 3), nn.BatchNorm2d(16)), nn.ReLU(), nn.Conv2d(16, 16, 3))
    first, second = net.apply(function)[0][0].weight, net[2].weight
    return {"whether two layers of a network get numbers of their own": not torch.equal(first, second)}


def _kept(record) -> str:
    """The kinds of layers whose weights are as they were, in words."""
    left = {n for n in _KINDS for mean, _ in record.pairs(f"the mean of {n}'s weights") if (mean.value == 3).all()}
    return ", ".join(n for n in _KINDS if n in left)


def _measured(*names):
    """A symptom: weights of these layers are not as they should be; says the mean and the deviation that they have."""

    def symptom(record):
        for name in names:
            mean, std = (f"the {what} of {name}'s weights" for what in ("mean", "standard deviation"))
            seen, differing = record.got[f"applied to {name}"], record.differing[f"applied to {name}"]
            if any(n.endswith(f"{name}'s weights") for n in differing) and name not in _kept(record):
                return f"{seen.facts[mean].value.mean():.4g} and {seen.facts[std].value.mean():.4g}"
        return ""

    return symptom


def _left(record) -> bool:
    """Is the bias of a layer left that was drawn otherwise?"""
    kinds = {n.removeprefix("the bias of ") for n in record.names if n.startswith("the bias of ")}
    return any(f"the mean of {name}'s weights" not in record.names for name in kinds)


def _spread(record) -> bool:
    """Are the numbers drawn, and not all alike, or left as they were?"""
    return all(g.value.min() > 0.01 for g, _ in record.pairs("the standard deviation of"))


_NORMAL, _GAMMA = "(module.weight, 0.0, 0.02)", "nn.init.normal_(module.weight, 1.0, 0.02)"

exercise(
    "c1w2.initialise",
    "course_utils.models.conv.dcgan:initialise",
    cases=(
        *map(_weights, _KINDS),
        scenario(_WITHOUT_BIAS, _without_bias),
        scenario(_ELSEWHERE, _others),
        scenario("applied to each kind of layer", _biases),
        scenario("applied to a network, `network.apply(initialise)`", _network),
    ),
    mistakes=(
        mistake("no_no_grad",
            "PyTorch refuses: a weight that requires a gradient may not be changed in place while autograd is watching. "
            "`nn.init.normal_(module.weight, ...)` takes care of that; `module.weight.normal_(...)` needs `with "
            "torch.no_grad():`.",
            symptom=lambda r: r.raised("leaf Variable that requires grad")),
        mistake("tensor_for_parameter",
            "A plain tensor is given to `module.weight`, which holds an `nn.Parameter`. Do not replace the weight, fill it: "
            "`nn.init.normal_(module.weight, mean, std)`.",
            symptom=lambda r: r.raised("cannot assign")),
        mistake("does_nothing", Body("pass"),
            "No weight changes. `torch.normal(...)` and `torch.randn(...)` make new tensors; to fill a layer's own weights "
            "use `nn.init.normal_(module.weight, mean, std)`, and ask `isinstance(module, nn.Conv2d)` for its kind."),
        mistake("gamma_around_zero", (_GAMMA, "nn.init.normal_(module.weight, 0.0, 0.02)"),
            (_GAMMA, "nn.init.normal_(module.weight, 0.0, 0.02); return"),
            "BatchNorm's scale is drawn around 0, like the other weights. It multiplies a normalised channel: around 0 it "
            "makes every channel, and the gradient that comes back, fifty times too small. It belongs around 1: N(1, 0.02)."),
        mistake("gamma_constant", (_GAMMA, "nn.init.ones_(module.weight)"),
            "BatchNorm's scale becomes exactly 1. Asked for are numbers around 1, from N(1, 0.02)."),
        mistake("batchnorm_forgotten", ("isinstance(module, nn.BatchNorm1d | nn.BatchNorm2d)", "False"),
            ("nn.BatchNorm1d | nn.BatchNorm2d", "nn.BatchNorm1d"), ("nn.BatchNorm1d | nn.BatchNorm2d", "nn.BatchNorm2d"),
            (_GAMMA, "pass"),
            "BatchNorm keeps the scale that it had. Its weight is drawn, too: from N(1, 0.02), for BatchNorm1d and "
            "BatchNorm2d."),
        mistake("variance_for_deviation", (_NORMAL, "(module.weight, 0.0, VALUE)"),
            (_GAMMA, "nn.init.normal_(module.weight, 1.0, VALUE)"),
            (_NORMAL, "(module.weight, 0.0, VALUE)", _GAMMA, "nn.init.normal_(module.weight, 1.0, VALUE)"),
            "The deviation is `VALUE`, but 0.02 *is* the standard deviation: of N(0, 0.02), of N(1, 0.02), and as the third "
            "argument of `nn.init.normal_`. No root and no square is needed.",
            values=("0.02**0.5", "0.02**2")),
        mistake("deviation_forgotten", (_NORMAL, "(module.weight)"), (_NORMAL, "(module.weight, 0.02)"),
            "The weights of convolutions have the deviation 1, fifty times too large. `nn.init.normal_(weight, mean, std)` "
            "takes the mean first, so `normal_(weight, 0.02)` leaves the deviation at 1."),
        mistake("around_one", (_NORMAL, "(module.weight, 1.0, 0.02)"),
            "The weights of convolutions are drawn around 1, as BatchNorm's scale is. Theirs is the mean 0: N(0, 0.02)."),
        mistake("transposed_forgotten", ("nn.Conv2d | nn.ConvTranspose2d | nn.Linear", "nn.Conv2d | nn.Linear"),
            ("nn.Conv2d | nn.ConvTranspose2d | nn.Linear", "nn.Conv2d"),
            "Transposed convolutions keep torch's own weights. `nn.ConvTranspose2d` is not a kind of `nn.Conv2d`: name "
            "both, and `nn.Linear` as well."),
        mistake("linear_forgotten", ("nn.Conv2d | nn.ConvTranspose2d | nn.Linear", "nn.Conv2d | nn.ConvTranspose2d"),
            "Linear layers keep torch's own weights, but the generator begins with some. Name `nn.Linear` as well."),
        mistake("convolution_forgotten", ("nn.Conv2d | nn.ConvTranspose2d | nn.Linear", "nn.ConvTranspose2d | nn.Linear"),
            "Convolutions keep torch's own weights: name `nn.Conv2d` beside the transposed kind."),
        mistake("fails_without_bias",
            ("    if module.bias is not None:\n        nn.init.zeros_(module.bias)", "    nn.init.zeros_(module.bias)"),
            "A layer that was made with `bias=False` has no bias (None), and this fails on it. Ask `if module.bias is not "
            "None`.",
            symptom=lambda r: RAISES in r.differing[_WITHOUT_BIAS] and len(r.errors()) == 1),
        mistake("bias_removed",
            "A layer's bias is gone (None). It is to become 0, and training goes on from there: "
            "`nn.init.zeros_(module.bias)`.",
            symptom=lambda r: any(g == "none" for g, _ in r.pairs("the bias of") if isinstance(g, str)),
            explains=("the bias of",)),
        mistake("biases_left", ("        nn.init.zeros_(module.bias)", "        pass"),
            "Some biases are not 0 afterwards. Those of convolutions, linear layers and BatchNorm are all set to 0.",
            symptom=_left, explains=("the bias of",)),
        mistake("touches_others",
            "A layer of another kind was changed, or the function fails on it. `network.apply` comes by every module, "
            "activations and containers included: look at the kind before you touch anything.",
            symptom=lambda r: bool(r.differing[_ELSEWHERE]), explains=(*(f"{name} afterwards" for name in _OTHERS), RAISES)),
        mistake("seeds_itself",
            "Two calls give the same numbers: the function sets the seed itself. Then all runs, and all layers of a size, "
            "are alike. Leave the seed to whoever calls it.",
            symptom=lambda r: networks.differs(r, "whether every call draws anew", False) and _spread(r),
            explains=("whether", "the mean of", "the correlation")),
        mistake("cannot_learn",
            "Some weights can no longer learn (`requires_grad=False`). Fill them and leave the rest as it is.",
            symptom=lambda r: _LEARNS in r.names, explains=(_LEARNS,)),
        mistake("kinds_left",
            "These kinds of layers keep the weights that they had: VALUE. Name each: `nn.ConvTranspose2d` is no `nn.Conv2d`, "
            "and `nn.BatchNorm1d` no `nn.BatchNorm2d`.",
            symptom=_kept, last=True),
        mistake("other_distribution",
            "The weights of convolutions or linear layers have another distribution than N(0, 0.02): their mean and "
            "deviation are VALUE (a uniform, Xavier or Kaiming initialisation, or torch's own). Use "
            "`nn.init.normal_(module.weight, 0.0, 0.02)`.",
            symptom=_measured("a convolution", "a transposed convolution", "a linear layer"), last=True),
        mistake("other_gamma",
            "BatchNorm's scale has another distribution than N(1, 0.02): its mean and deviation are VALUE.",
            symptom=_measured("BatchNorm1d", "BatchNorm2d"), last=True),
    ),
)

# --- the generator -----------------------------------------------------------------------------------------------------

_STARTS = "made with (image_shape=(1, 28, 28), base=32), its weights as they start"
_STARTED = "the start of "
_LAYERS = f"{_STARTED}weights that are not as `initialise` says: their number"


def _start(make):
    """The mean and the deviation with which each kind of weights starts."""
    made = make((1, 28, 28), 64, 32)
    layers = [m for m in made.modules() if isinstance(m, nn.Linear | nn.Conv2d | nn.ConvTranspose2d | nn.Sequential)]
    kernels = [m.weight.flatten() for m in layers if isinstance(m, nn.Conv2d | nn.ConvTranspose2d)]
    matrices = [m.weight.flatten() for m in layers if isinstance(m, nn.Linear)]
    scales = [m.weight for m in made.modules() if isinstance(m, nn.BatchNorm1d | nn.BatchNorm2d)]
    shifts = [p for name, p in made.named_parameters() if name.endswith("bias")]
    groups = {"the kernels": kernels, "the matrices": matrices, "BatchNorm's scales": scales, "the biases": shifts}
    facts = {f"{_STARTED}{name}": _mean_and_deviation(group) for name, group in groups.items()}
    drawn = [*((w, 0.0) for w in (*kernels, *matrices)), *((w, 1.0) for w in scales)]
    return facts | {_LAYERS: sum(not _from_normal(w, mean) for w, mean in drawn) + sum(bool(b.any()) for b in shifts)}


def _from_normal(weight, mean) -> bool:
    """Can these be numbers from N(mean, 0.02)? Their mean and deviation within six standard errors."""
    numbers, n = weight.detach().double() / 0.02, weight.numel()
    far = (numbers.mean() - mean / 0.02).abs() * n**0.5, (numbers.std() - 1).abs() * (2 * n) ** 0.5
    return bool(max(far) < 6)


def _mean_and_deviation(group):
    if not group:
        return "none"
    numbers = torch.cat([p.detach() for p in group]).double()
    return Near(torch.stack([numbers.mean(), numbers.std()]), 0.004)


def _right_with_defaults_only(record) -> bool:
    """Is it right where all sizes are the defaults, and wrong where they are others?"""
    cases = [c for c in record.got if c != _STARTS]
    wrong = [c for c in cases if record.differing[c]]
    return bool(wrong) and wrong == cases[:-1] and not record.raised("unexpected keyword")


def _scales(record, place: int) -> float:
    """The mean (0) or the deviation (1) of BatchNorm's scales as they start; NaN where there is none."""
    return next((g.value[place].item() for g, _ in record.pairs(f"{_STARTED}BatchNorm's scales")), float("nan"))


_DENSE = "*[mlp.generator_block(a, b) for a, b in pairwise(features)],"
_UNFLATTEN = "nn.Unflatten(1, (widths[0], size, size)),"
_LAST = "double_size(widths[-1], channels, up, bias=True),"
_WIDTHS = "[base * 2**i for i in reversed(range(doublings))]"
_WHILE = "size % 2 == 0 and size >= 8"
_STACKED = "*[generator_block(a, b, up) for a, b in pairwise(widths)],"

exercise(
    "c1w2.generator",
    "course_utils.lessons.c1w2.recipe:generator",
    cases=(
        network((3, 16, 16), 7, 3, "transposed", (9, 5), inputs=(normal(8, 7, scale=2.0),), size=2.0),
        network((2, 36, 36), 4, 2, "nearest", (6,), inputs=(normal(8, 4, scale=2.0),), size=2.0, evaluated=False),
        network((1, 8, 8), latent_dim=5, base=4, mapping=(), inputs=(normal(8, 5, scale=2.0),), size=2.0),
        network((1, 24, 24), 3, 1, mapping=(4,), inputs=(normal(8, 3, scale=2.0),), size=2.0, evaluated=False),
        network((3, 32, 32), 6, 2, "transposed", inputs=(normal(6, 6, scale=2.0),), size=2.0, evaluated=False),
        scenario(_STARTS, _start),
        network(inputs=(normal(6, 64),), size=2.0, evaluated=False),
    ),
    usual=networks.USUAL,
    mistakes=(
        mistake("not_initialised", (".apply(initialise)", ""),
            "The weights start as PyTorch makes them, not as `initialise` says. A network hands a function to all its layers "
            "with `network.apply(initialise)`, which also returns the network.",
            symptom=lambda r: (not abs(_scales(r, 0)) < 0.1 and _scales(r, 1) == 0
                and (r.only(_STARTED) or f"{_STARTED}the kernels" in r.names)),
            explains=(_STARTED,), aside=True),
        mistake("some_not_initialised", ("return layers.apply(initialise)", "layers[:-2].apply(initialise)\n    return layers"),
            ("return layers.apply(initialise)", "layers[-2:].apply(initialise)\n    return layers"),
            "Some weights do not start as `initialise` says: it was not applied to all layers, or something after it draws "
            "them anew. Apply it to the whole network at the end, `network.apply(initialise)`.",
            symptom=lambda r: r.only(_STARTED) and not abs(_scales(r, 0)) < 0.1, explains=(_STARTED,)),
        mistake("empty_mapping",
            "It fails where `mapping` is empty: `mapping[-1]` is not there then, and the first maps are made straight from "
            "`latent_dim`. One list of widths from `latent_dim` on goes round that.",
            symptom=lambda r: r.raised("index out of range")
                and ["mapping=()" in case for case, seen in r.got.items() if seen.error is not None] == [True],
            cases=("mapping=()",)),
        mistake("scales_around_0", ("return layers.apply(initialise)", "for m in layers.apply(initialise).modules():\n"
                "        if isinstance(m, (nn.BatchNorm1d, nn.BatchNorm2d)):\n"
                "            nn.init.normal_(m.weight, 0.0, 0.02)\n    return layers"),
            ("return layers.apply(initialise)",
             "for p in layers.parameters():\n        nn.init.normal_(p, 0.0, 0.02)\n    return layers"),
            "BatchNorm's scales start around 0: they are drawn from N(0, 0.02) like the kernels. Then every block multiplies "
            "its features by about 0.02, or by less, and hardly anything of `z` is left in the image. `initialise` draws "
            "them around 1 and sets the biases to 0: `network.apply(initialise)`, and nothing after it.",
            symptom=lambda r: abs(_scales(r, 0)) < 0.1),
        mistake("missing_tanh", ("        nn.Tanh(),\n", ""),
            "The pixels are not kept within [-1, 1]: nothing follows the last layer. Real pixels are, so one glance at the "
            "range gives every fake away. End with `nn.Tanh()`."),
        mistake("sigmoid_output", ("nn.Tanh()", "nn.Sigmoid()"),
            "The pixels lie in [0, 1]: the network ends in a sigmoid. Real images are scaled to [-1, 1], where black is -1. "
            "End with `nn.Tanh()`."),
        mistake("block_as_output", (_LAST, "generator_block(widths[-1], channels, up),"),
            (_LAST, "generator_block(widths[-1], channels, up),", "        nn.Tanh(),\n", ""),
            (_LAST, "double_size(widths[-1], channels, up, bias=True), nn.BatchNorm2d(channels), nn.ReLU(),"),
            "No pixel is ever below 0: the last layer is a `generator_block`, whose ReLU takes away everything darker than "
            "grey. It is a plain `double_size(..., bias=True)`, then tanh."),
        mistake("batchnorm_in_output", (_LAST, _LAST + " nn.BatchNorm2d(channels),"),
            (_LAST, "double_size(widths[-1], channels, up), nn.BatchNorm2d(channels),"),
            "Every channel of the image has mean 0 over the batch before the tanh: there is batch normalisation in the last "
            "layer. Digits are mostly black; leave it out there, as DCGAN does."),
        mistake("no_bias_at_the_end", (", bias=True", ""),
            "The last layer has no bias: `double_size` makes one only for `bias=True`. Without it an image whose features are "
            "all 0 is grey, and black has to be learned from the features."),
        mistake("up_ignored_in_the_blocks", ("generator_block(a, b, up)", "generator_block(a, b)"),
            ("generator_block(a, b, up)", 'generator_block(a, b, "nearest")'),
            "The blocks double the size in the same way whatever `up` is. Pass it on: `generator_block(a, b, up)`."),
        mistake("up_ignored_at_the_end", ("channels, up, bias", "channels, bias"),
            ("channels, up, bias", 'channels, "nearest", bias'),
            "The last layer doubles the size in the same way whatever `up` is. Pass it on: `double_size(..., up, bias=True)`."),
        mistake("up_ignored", ("generator_block(a, b, up)", "generator_block(a, b)", "channels, up, bias", "channels, bias"),
            ("generator_block(a, b, up)", 'generator_block(a, b, "nearest")', "channels, up, bias",
             'channels, "nearest", bias'),
            "Both values of `up` give the same network. Pass it on to every block and to the last `double_size`."),
        mistake("channels_grow", (_WIDTHS, "[base * 2**i for i in range(doublings)]"),
            "The channels grow towards the image: the small maps have the fewest. It is the other way round. Where the size "
            "is doubled the channels are halved, down to `base`."),
        mistake("channels_stay", (_WIDTHS, "[base] * doublings"),
            "All maps have `base` channels. Each halving of the size doubles them, so the small maps have the most."),
        mistake("base_at_the_start", (_WIDTHS, "[base // 2**i or 1 for i in range(doublings)]"),
            "`base` is taken for the channels of the smallest maps. It is the number of the largest ones before the image; the "
            "smaller ones have 2, 4, ... times as many."),
        mistake("channels_doubled_once_more", (_WIDTHS, "[base * 2 ** (i + 1) for i in reversed(range(doublings))]"),
            "All maps have twice the channels that they should. The last maps before the image have `base` of them, not twice "
            "as many."),
        mistake("halved_too_far", (_WHILE, "size % 2 == 0"), (_WHILE, "size % 2 == 0 and size > 4"),
            (_WHILE, "size % 2 == 0 and size >= 6"), (_WHILE, "size >= 8"), (_WHILE, "size > 7"),
            "For some sides the first maps are too small, and there is a block too many. Halve only while the side is even and "
            "at least 8: 24 becomes 12, then 6, and stays there."),
        mistake("halved_to_two", (_WHILE, "size % 2 == 0 and size >= 4"), (_WHILE, "size % 2 == 0 and size > 2"),
            (_WHILE, "size >= 4"),
            "For some sides the first maps are 2x2: 32, 16, 8, 4, and on to 2. Halve only while the side is even and at least "
            "8, so that it ends at 4 or more."),
        mistake("one_number_of_channels_too_many", (_WIDTHS, "[base * 2**i for i in reversed(range(doublings + 1))]"),
            (_WIDTHS, "[base * 2**i for i in reversed(range(doublings + 1))]", _LAST,
             "nn.Conv2d(widths[-1], channels, 3, padding=1),"),
            "The list of channels has an entry too many: the first maps have twice the channels, and a block too many "
            "follows. One entry a halving: 28 pixels are halved twice, so [2 * base, base]."),
        mistake("halved_too_little", (_WHILE, "size % 2 == 0 and size > 8"), (_WHILE, "size % 2 == 0 and size >= 16"),
            "For some sides the first maps are too large, and a block is missing. A side of 8 is halved, too: 32 becomes 16, "
            "8, and then 4."),
        mistake("halved_twice", ("    while size % 2 == 0 and size >= 8:\n        size //= 2\n        doublings += 1\n",
            "    size, doublings = size // 4, 2\n"),
            "Every side is halved twice. That is right for 28 pixels; 32 need three halvings and 8 one. Halve in a loop, "
            "for as long as the side is even and at least 8."),
        mistake("mapping_ignored", ("[latent_dim, *mapping, widths", "[latent_dim, widths"),
            "`mapping` makes no difference: there are no fully connected layers between `latent_dim` and the first maps."),
        mistake("first_maps_by_channel",
            (_DENSE, "*[mlp.generator_block(a, b) for a, b in pairwise(features[:-1])], nn.Linear(*features[-2:]),",
             _UNFLATTEN, f"{_UNFLATTEN} nn.BatchNorm2d(widths[0]), nn.ReLU(),"),
            (_DENSE, "*[mlp.generator_block(a, b) for a, b in pairwise(features[:-1])], nn.Linear(*features[-2:], bias=False),",
             _UNFLATTEN, f"{_UNFLATTEN} nn.BatchNorm2d(widths[0]), nn.ReLU(),"),
            "The first maps are normalised channel by channel, over batch *and* positions (`nn.BatchNorm2d`). Asked for is a "
            "`mlp.generator_block`, which normalises every feature by itself; the lesson shows what becomes of the other."),
        mistake("plain_layer_to_the_maps",
            (_DENSE, "*[mlp.generator_block(a, b) for a, b in pairwise(features[:-1])], nn.Linear(*features[-2:]),"),
            "The layer that makes the first maps is a plain linear one, without batch normalisation and ReLU. It is an "
            "`mlp.generator_block` like the others."),
        mistake("dense_without_batchnorm", ("mlp.generator_block(a, b)", "nn.Sequential(nn.Linear(a, b), VALUE)"),
            "The fully connected layers are not normalised: they are a linear layer and `VALUE`. Build each with "
            "`mlp.generator_block`.",
            values=("nn.ReLU()", "nn.LeakyReLU(0.2)")),
        mistake("blocks_without_batchnorm",
            ("generator_block(a, b, up)", "nn.Sequential(double_size(a, b, up, bias=VALUE), nn.ReLU())"),
            ("generator_block(a, b, up)", "nn.Sequential(double_size(a, b, up, bias=VALUE), nn.LeakyReLU(0.2))"),
            "The blocks that double the size have no batch normalisation. Each is a `generator_block(a, b, up)`: "
            "`double_size`, `nn.BatchNorm2d`, ReLU.",
            values=(True, False)),
        mistake("other_activation",
            ("generator_block(a, b, up)", "nn.Sequential(double_size(a, b, up), nn.BatchNorm2d(b), VALUE)"),
            (_DENSE, "*[nn.Sequential(nn.Linear(a, b), nn.BatchNorm1d(b), VALUE) for a, b in pairwise(features)],"),
            (_DENSE, "*[nn.Sequential(nn.Linear(a, b), nn.BatchNorm1d(b), VALUE) for a, b in pairwise(features)],",
             "generator_block(a, b, up)", "nn.Sequential(double_size(a, b, up), nn.BatchNorm2d(b), VALUE)"),
            "Hidden layers end in `VALUE`. The generator's end in ReLU, as the two `generator_block`s make them; LeakyReLU "
            "is for the discriminator.",
            values=("nn.LeakyReLU(0.2)", "nn.Identity()", "nn.Tanh()")),
        mistake("dense_linear", ("mlp.generator_block(a, b)", "nn.Linear(a, b)"),
            "The fully connected layers are linear, with nothing between them: together they are one matrix. Build each with "
            "`mlp.generator_block`."),
        mistake("channels_last", (_UNFLATTEN, "nn.Unflatten(1, (size, size, widths[0])),"),
            (_UNFLATTEN, "nn.Unflatten(1, (size, widths[0], size)),"),
            "The first maps have their channels at the wrong place. PyTorch has them before height and width: "
            "`nn.Unflatten(1, (channels, size, size))`."),
        mistake("always_one_channel", ("double_size(widths[-1], channels,", "double_size(widths[-1], 1,"),
            "The image has one channel whatever is asked for. `image_shape[0]` says how many: 3 for colour."),
        mistake("last_layer_without_doubling", (_LAST, "nn.Conv2d(widths[-1], channels, 3, padding=1),"),
            "The image has half its side: the last layer does not double the size. It is `double_size(..., bias=True)`, not an "
            "ordinary convolution."),
        mistake("hard_coded_sizes",
            "It works with the default sizes, but with no others: some size is written as a number (28, 7, 32, 64, 1568 ...) "
            "where an argument, or what follows from `image_shape` and `base`, belongs.",
            symptom=_right_with_defaults_only),
        mistake("wrong_widths",
            "The layers do not have the sizes asked for, or there is one too many or too few: VALUE.",
            symptom=networks.other_sizes),
        mistake("wrong_shape",
            "The images have another shape: VALUE. Count the doublings: as many as there were halvings, the last of them "
            "in the layer that draws the image.",
            symptom=networks.shape, last=True),
    ),
)


# --- the averaged generator --------------------------------------------------------------------------------------------

_AVERAGE, _TRAINED, _STILL = "the average's", "the trained network's", "whether the average stays until the next update"


def _follow(make, decay, updates):
    """An average of a network that changes: other weights, other statistics, and a counter that goes on."""
    torch.default_generator.manual_seed(3)
    module = nn.Sequential(nn.Conv2d(2, 3, 3, padding=1), nn.BatchNorm2d(3), nn.ReLU(), nn.Flatten(), nn.Linear(48, 2))
    ema = make(module, decay)
    for _ in range(updates):
        with torch.no_grad():
            for p in module.parameters():
                p.add_(torch.randn_like(p))
            module(2 * torch.randn(8, 2, 4, 4) + 1)
        ema.update(module)
    return ema, module


def _state(module, whose):
    """Weights, statistics and counter of a network, and in which mode it is."""
    floats = {n: b.clone() for n, b in module.named_buffers() if b.is_floating_point()}
    counters = {n: b.clone() for n, b in module.named_buffers() if not b.is_floating_point()}
    return {
        f"{whose} weights": torch.cat([p.detach().flatten() for p in module.parameters()]),
        f"{whose} running statistics": torch.cat(list(floats.values())),
        f"{whose} counter": list(counters.values()),
        f"{whose} mode": "training" if module.training else "evaluation",
        f"{whose} wish for gradients": any(p.requires_grad for p in module.parameters()),
    }


_SHARED = "with a layer that is there twice"


def _followed_twice(make) -> dict:
    """An update of a network in which two layers are one; the decay is 0.4, the ramp of the fifth update is above it."""
    torch.default_generator.manual_seed(4)
    shared = nn.Sequential(nn.Linear(3, 3), nn.BatchNorm1d(3))
    module = nn.Sequential(shared, nn.Tanh(), shared)
    ema = make(module, 0.4)
    ema.updates = 5
    with torch.no_grad():
        for p in module.parameters():
            p.add_(torch.randn_like(p))
        module(2 * torch.randn(8, 3) + 1)
    ema.update(module)
    return {n: f for n, f in _state(ema.module, _AVERAGE).items() if not n.endswith(("mode", "gradients"))}


def _followed_frozen(make) -> dict:
    """Two updates of a network whose weights were frozen after they had changed."""
    ema, module = _follow(make, 0.999, 1)
    with torch.no_grad():
        for p in module.parameters():
            p.add_(torch.randn_like(p))
    ema.update(module.requires_grad_(False))
    return {n: f for n, f in _state(ema.module, _AVERAGE).items() if not n.endswith(("mode", "gradients"))}


def _followed(decay, updates):
    def run(make):
        ema, module = _follow(make, decay, updates)
        facts = _state(ema.module, _AVERAGE) | _state(module, _TRAINED)
        kept = ema.module
        ema.update(module)
        facts |= {"whether `ema.module` stays the same network at an update": ema.module is kept}
        before = _state(ema.module, _AVERAGE)
        with torch.no_grad():
            for t in (*module.parameters(), *module.buffers()):
                t.add_(1)
        after = _state(ema.module, _AVERAGE)
        return facts | {_STILL: all(same(after[n], before[n]) for n in after)}

    return scenario(f"after {updates} updates with decay {decay}", run)


_LERP = "torch._foreach_lerp_([m for m, _ in pairs], [t for _, t in pairs], 1 - decay)"
_LISTS = "(list(network.state_dict(keep_vars=True).values()) for network in (self.module, module))"
_COUNTER = """        for averaged, counter in zip(mine, theirs, strict=True):
            if not averaged.is_floating_point():
                averaged.copy_(counter)
"""
_ONCE = "{id(m): (m, t) for m, t in zip(mine, theirs, strict=True) if m.is_floating_point()}.values()"
_PAIRS = f"        pairs = {_ONCE}\n"
_RIGHT = "m.lerp_(t, 1 - decay)"
_WEIGHT = "isinstance(m, nn.Parameter)"


def _loop(wrong: str) -> tuple:
    """Edits that do ``wrong`` with all pairs, with the weights alone, and with the statistics alone, as in two loops."""
    loops = wrong, f"{wrong} if {_WEIGHT} else {_RIGHT}", f"{_RIGHT} if {_WEIGHT} else {wrong}"
    return tuple((_LERP, f"[{loop} for m, t in pairs]") for loop in loops)


_ALL = f"        mine, theirs = {_LISTS}\n{_PAIRS}        {_LERP}\n{_COUNTER}"

exercise(
    "c1w2.ema",
    "course_utils.training:EMA",
    cases=(
        *(_followed(decay, updates) for decay, updates in ((0.999, 5), (0.5, 12), (0.0, 2), (0.2, 1))),
        scenario(f"after an update of a network {_SHARED}", _followed_twice),
        scenario("after two updates, frozen before the second", _followed_frozen),
    ),
    mistakes=(
        mistake("counter_averaged",
            "Batch normalisation also keeps a counter of batches, an integer, and an integer cannot be averaged: this is "
            "where PyTorch fails. Ask `mine.is_floating_point()`, average what is, and copy what is not.",
            symptom=lambda r: r.raised("Long")),
        mistake("changes_module",
            "The network that is being trained was changed. Only the average moves: write into the tensors of "
            "`self.module`.",
            symptom=lambda r: any(n.startswith(_TRAINED) for n in r.names), explains=(_TRAINED,)),
        mistake("shares_tensors",
            "The average holds the very tensors of the trained network, so it follows that network without any update. Copy "
            "values (`copy_`, `lerp_`), do not bind tensors.",
            symptom=lambda r: _STILL in r.names, explains=(_STILL,)),
        mistake("never_moves", (f"        {_LERP}\n", ""), (_ALL, "        pass\n"),
            (_LERP, f"[{_RIGHT} for m, t in pairs if not {_WEIGHT}]"),
            "The weights of the average stay where they began: what was computed is not written back, or they are never "
            "visited. `mine.lerp_(theirs, ...)` or `mine.copy_(...)` change the tensor; `mine = ...` only gives a new "
            "tensor an old name."),
        mistake("only_copied", ("pairs], 1 - decay)", "pairs], 1.0)"),
            (_ALL, "        self.module = copy.deepcopy(module)\n"),
            "The average is just the present weights: nothing of the past is kept. A share of `decay` of the average stays."),
        mistake("shares_swapped", *_loop("m.lerp_(t, decay)"), ("pairs], 1 - decay)", "pairs], self.decay)"),
            "The two shares are exchanged: the average keeps 1 - decay of itself and takes `decay` of the present weights, "
            "and so forgets everything at once. With `lerp_(theirs, weight)`, `weight` is the share of theirs: 1 - decay."),
        mistake("sum_not_average", *_loop("m.mul_(decay).add_(t)"),
            "The shares do not add up to 1: the present weights come in whole, so the average grows at every update. They "
            "are multiplied by 1 - decay."),
        mistake("average_kept_whole", *_loop("m.add_(t, alpha=1 - decay)"),
            "The shares do not add up to 1: the average is kept whole, and a share of the present weights is added at every "
            "update, so it grows. Multiply it by `decay` first, or use `lerp_`, which does both."),
        mistake("same_share_twice", *_loop("m.mul_(decay).add_(t, alpha=decay)"),
            "The shares do not add up to 1: average and present weights are both multiplied by `decay`. The present ones get "
            "the rest, 1 - decay."),
        mistake("moves_away", *_loop("m.lerp_(t, decay - 1)"),
            "The average moves away from the present weights: a sign is turned round. Add (1 - decay) * (theirs - mine), or "
            "subtract (1 - decay) * (mine - theirs)."),
        mistake("plain_mean", ("pairs], 1 - decay)", "pairs], 0.5)"),
            "The average is half its old self and half the present weights, whatever `decay` is. Keep a share of `decay`."),
        mistake("ramp_again", ("pairs], 1 - decay)", "pairs], 1 - min(self.decay, (1 + self.updates) / (10 + self.updates)))"),
            "The decay is computed again, and one step too late: `self.updates` has been raised since. Use the local variable "
            "`decay`."),
        mistake("no_ramp", *_loop("m.lerp_(t, 1 - self.decay)"),
            "The final decay is used from the first update on, so the average is made of the first, useless weights for a "
            "thousand steps. Use the local variable `decay`, which grows up to `self.decay`."),
        mistake("buffers_forgotten", (_LISTS, "list(self.module.parameters()), list(module.parameters())"),
            (_LISTS, _LISTS, _PAIRS, _PAIRS + "        pairs = list(zip(self.module.parameters(), module.parameters()))\n"),
            "The weights are averaged, but the running statistics of batch normalisation stay as at the start, and the "
            "averaged generator draws with wrong ones. `parameters()` does not list them; `buffers()` does."),
        mistake("buffers_copied",
            (_COUNTER, "        [m.copy_(t) for m, t in zip(self.module.buffers(), module.buffers())]\n"),
            "The weights are averaged, but the running statistics are copied: those of the present generator, not of the "
            "averaged one. They are averaged like the weights."),
        mistake("counter_not_copied", (_COUNTER, ""),
            ("averaged.copy_(counter)", "averaged.copy_(decay * averaged + (1 - decay) * counter)"),
            "Batch normalisation also keeps a counter of batches, an integer, and it is not the trained network's. It "
            "cannot be averaged: copy it."),
        mistake("shared_twice", (_ONCE, "[(m, t) for m, t in zip(mine, theirs, strict=True) if m.is_floating_point()]"),
            "What two layers share is averaged twice, and moves too far. A `state_dict()` lists such a tensor twice, under two "
            "names. `parameters()` and `buffers()` list it once, so `zip` over these two of each network.",
            symptom=lambda r: (any(names and _SHARED in case for case, names in r.differing.items())
                and all(s.error is None for s in r.got.values())),
            cases=(_SHARED,), aside=True),
        mistake("frozen_left_out", (_LERP, f"[{_RIGHT} for m, t in pairs if t.requires_grad or not {_WEIGHT}]"),
            "Weights with `requires_grad=False` are left out. They are the network's own all the same, and may have changed "
            "before they were frozen: average every weight."),
        mistake("not_in_evaluation_mode",
            "The averaged network is left in another mode, or asks for gradients, which it did not when it was made: an "
            "update moves its numbers and nothing else.",
            symptom=lambda r: any(n in r.names for n in (f"{_AVERAGE} mode", f"{_AVERAGE} wish for gradients")),
            explains=(f"{_AVERAGE} mode", f"{_AVERAGE} wish for gradients")),
    ),
)
