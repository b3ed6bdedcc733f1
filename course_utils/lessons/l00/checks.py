"""The check of the toy exercise in Start here."""

import torch

from course_utils.checks import exercise, mistake, symptoms
from course_utils.checks.cases import call

_PIXELS = torch.tensor([[0, 51, 255], [128, 102, 204]], dtype=torch.uint8)
_FORMULA = "images.to(torch.float32) / 127.5 - 1"

exercise(
    "00.to_float",
    "course_utils.datasets:to_float",
    cases=(
        call(_PIXELS, label="called with pixels 0, 51, 255, 128, 102, 204"),
        call(torch.arange(24, dtype=torch.uint8).view(2, 3, 2, 2), label="called with images (2, 3, 2, 2)"),
        call(torch.tensor(7, dtype=torch.uint8), label="called with one pixel"),
        call(torch.zeros(0, 1, 2, 2, dtype=torch.uint8), label="called with no images"),
        call(_PIXELS.float() / 255, label="called with float32 images", gradients=False),
        call(_PIXELS.double() / 127.5 - 1, label="called with float64 images", gradients=False),
        call(_PIXELS.long(), label="called with int64 pixels"),
    ),
    mistakes=(
        mistake("range_0_1", (_FORMULA, "images.to(torch.float32) / 255"),
            "The values lie in [0, 1]. A generator that ends in tanh draws in [-1, 1], so real images must lie there too: "
            "multiply by 2 and subtract 1."),
        mistake("not_scaled", (_FORMULA, "images.to(torch.float32)"),
            "The values still lie in [0, 255]: only the type was changed. Divide by 127.5 and subtract 1."),
        mistake("only_centred", (_FORMULA, "images.to(torch.float32) - 127.5"),
            "The values lie in [-127.5, 127.5]: the mean was removed, the scale was not. Divide by 127.5 as well."),
        mistake(
            "integer_arithmetic",
            (_FORMULA, "VALUE"),
            (_FORMULA, f"({_FORMULA}).to(torch.uint8)"),
            "The arithmetic was done in uint8, where 255 * 2 is 254 and nothing is negative. Convert with `.float()` first.",
            symptom=lambda r: symptoms.dtypes(r).startswith("uint8"),
            values=(  # left to right, as PyTorch computes them on bytes
                "2 * images / 255 - 1",
                "images // 127 - 1",
                "(2 * images - 255) / 255",
                "(images - 127) / 127.5",
                "(images - 128) / 127.5",
                "(images - 127) / 127",
                "(images - 128) / 128",
            ),
        ),
        mistake("floor_division", (_FORMULA, "VALUE"),
            "`//` rounds down to a whole number, so that only -1, 0 and 1 are left. Divide with `/`.",
            values=("images // 127.5 - 1", "2 * (images.float() // 255) - 1")),
        mistake("other_type", (_FORMULA, f"({_FORMULA}).to(torch.VALUE)"),
            "The result is VALUE, which rounds the numbers; it is to be float32, the type of the networks' weights. Convert "
            "the pixels with `.float()`, and leave the result as it is.",
            values=("float16", "bfloat16", "int32", "int64")),
        mistake("numpy_type", (_FORMULA, f"({_FORMULA}).double()"), (_FORMULA, "images.double() / 127.5 - 1"),
            (_FORMULA, "torch.tensor(images.numpy() / 127.5 - 1)"),
            "The result is float64, NumPy's default, at twice the memory. The networks' weights are float32: convert the "
            "pixels with `.float()`, and stay in PyTorch."),
        mistake("divided_by_128", (_FORMULA, "VALUE"),
            "Half of 255 is 127.5: with 127, 128 or 256 in its place black or white lies a little off -1 and 1.",
            values=("images.float() / 128 - 1", "images.float() / 127 - 1", "images.float() / 256 * 2 - 1",
                "(images.float() - 127) / 127.5", "(images.float() - 128) / 127.5", "(images.float() - 127) / 128",
                "(images.float() - 127.5) / 128", "(images.float() - 127) / 127", "(images.float() - 128) / 128")),
        mistake("own_range", (_FORMULA, "2 * (images.float() - images.min()) / (images.max() - images.min()) - 1"),
            (_FORMULA, "(images.float() - images.float().mean()) / images.float().std()"),
            (_FORMULA, "images / images.max() * 2 - 1"), (_FORMULA, "images / images.max()"),
            "The result depends on the other pixels of the tensor (its smallest, largest or mean value). The same pixel "
            "must always become the same number: use the range of a byte, 0 to 255."),
        mistake("upside_down", (_FORMULA, "1 - images.float() / 127.5"),
            "Black and white are exchanged: pixel 0 must become -1, and pixel 255 must become 1."),
        mistake("other_numbers", (_FORMULA, "(images.float() / 255 - VALUE) / VALUE"),
            (_FORMULA, "(images / 255 - 0.1307) / 0.3081"), (_FORMULA, "torch.tanh(images.float())"),
            "Pixels are mapped in another way (a mean and a deviation of a data set, tanh ...). Pixel 0 must become -1, "
            "pixel 255 must become 1, and in between it goes in a straight line.",
            values=(0.1307,)),
        mistake("missing_error", ("raise ValueError(", "str("),
            "ValueError is to be raised when the images are not uint8, as the docstring promises, but nothing is raised: "
            "images that are scaled already would be scaled twice. Compare `images.dtype` with `torch.uint8` first.",
            symptom=symptoms.not_raised, explains=("the exception",)),
    ),
)
