"""Check of the toy exercise in Start here."""

import torch

from course_utils.checks.engine import Mistake, exercise
from course_utils.checks.expect import expect_close, expect_true

_PIXELS = torch.tensor([[0, 51, 255], [128, 102, 204]], dtype=torch.uint8)


def _behaves_like(formula):
    def seen(candidate):
        value = candidate(_PIXELS.clone())
        return value.shape == _PIXELS.shape and torch.allclose(value.float(), formula(_PIXELS), atol=1e-3)

    return seen


def _depends_on_the_others(candidate) -> bool:
    """Do the pixels of the second row become something else when they are alone?"""
    whole, alone = candidate(_PIXELS.clone()), candidate(_PIXELS[1:].clone())
    return whole.shape == _PIXELS.shape and not torch.allclose(whole[1:].float(), alone.float(), atol=1e-3)


_IN_UINT8 = (  # left to right, as PyTorch computes them on bytes
    lambda x: (2 * x) / 255 - 1,
    lambda x: (2 * x - 255) / 255,
    lambda x: (x - 127) / 127.5,
    lambda x: (x - 128) / 127.5,
    lambda x: (x - 127) / 127,
    lambda x: (x - 128) / 128,
)
_NEARLY = (
    lambda x: x.float() / 128 - 1,
    lambda x: x.float() / 127 - 1,
    lambda x: x.float() / 256 * 2 - 1,
    lambda x: (x.float() - 127) / 127.5,
    lambda x: (x.float() - 128) / 127.5,
    lambda x: (x.float() - 127) / 128,
)

_MISTAKES = (
    Mistake(
        "range_0_1",
        "The values lie in [0, 1]. A generator that ends in tanh draws in [-1, 1], so real images must lie there too: "
        "multiply by 2 and subtract 1.",
        _behaves_like(lambda x: x.float() / 255),
    ),
    Mistake(
        "only_centred",
        "The values lie in [-127.5, 127.5]: the mean was removed, the scale was not. Divide by 127.5 as well.",
        _behaves_like(lambda x: x.float() - 127.5),
    ),
    Mistake(
        "integer_arithmetic",
        "The arithmetic was done in uint8, where 255 * 2 is 254 and nothing is negative. Convert with `.float()` first.",
        lambda c: c(_PIXELS.clone()).dtype == torch.uint8 or any(_behaves_like(f)(c) for f in _IN_UINT8),
    ),
    Mistake(
        "divided_by_128",
        "Half of 255 is 127.5: with 127, 128 or 256 in its place black or white lies a little off -1 and 1.",
        lambda c: any(_behaves_like(f)(c) for f in _NEARLY),
    ),
    Mistake(
        "own_range",
        "The result depends on the other pixels of the tensor (its smallest, largest or mean value). The same pixel must "
        "always become the same number: use the range of a byte, 0 to 255.",
        _depends_on_the_others,
    ),
    Mistake(
        "upside_down",
        "Black and white are exchanged: pixel 0 must become -1, and pixel 255 must become 1.",
        _behaves_like(lambda x: 1 - x.float() / 127.5),
    ),
)  # fmt: skip


@exercise("00.to_float", reference="course_utils.datasets:to_float", mistakes=_MISTAKES)
def verify(candidate):
    value = candidate(_PIXELS.clone())
    expect_close("to_float of pixels 0, 51, 255, 128, 102, 204", value, _PIXELS.float() / 127.5 - 1)
    expect_true(value.dtype == torch.float32, f"the result must be float32, but it is {value.dtype}.")
    batch = torch.arange(24, dtype=torch.uint8).view(2, 3, 2, 2)
    kept = batch.clone()
    expect_close("to_float of a batch of shape (2, 3, 2, 2)", candidate(batch), kept.float() / 127.5 - 1)
    expect_true(torch.equal(batch, kept), "to_float must leave its argument as it is.")
