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
        lambda c: c(_PIXELS.clone()).dtype == torch.uint8 or c(_PIXELS.clone()).float().abs().max() > 1.01
        or _behaves_like(lambda x: (2 * x) / 255 - 1)(c),
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
