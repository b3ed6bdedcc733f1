"""A result that is the right one put through one function too many, or one too few: told from the numbers of all cases."""

import torch
import torch.nn.functional as F

from course_utils.checks.observe import Seen, same

_FUNCTIONS = (
    ("a sigmoid", torch.sigmoid),
    ("tanh", torch.tanh),
    ("a ReLU", torch.relu),
    ("a LeakyReLU of slope 0.2", lambda x: F.leaky_relu(x, 0.2)),
    ("a LeakyReLU of slope 0.01", F.leaky_relu),
    ("the exponential function", torch.exp),
    ("the natural logarithm", torch.log),
    ("the square root", torch.sqrt),
    ("a square", torch.square),
    ("the absolute value", torch.abs),
    ("1 - x", lambda x: 1 - x),
    ("1 / x", torch.reciprocal),
)
_NAMES = "the result", "the output"
_FEWEST = 3  # numbers that differ before and after: fewer can be chance


def one_more_or_less(got: dict[str, Seen], wanted: dict[str, Seen]) -> str:
    """Which function stands between what came and what is wanted, in every case, as a sentence; "" when there is none."""
    pairs = [p for case in got for name in _NAMES for p in _tensors(got[case], wanted[case], name)]
    if not pairs or any(g is None or w is None or g.shape != w.shape for g, w in pairs):
        return ""
    if sum(int((g.double() - w.double()).abs().gt(1e-6).sum()) for g, w in pairs) < _FEWEST:
        return ""
    for words, function in _FUNCTIONS:
        if all(_is(g, function(w.double())) for g, w in pairs):
            return f"What comes out is right but for {words} that it went through at the end, in every case: take that away."
        if all(_is(function(g.double()), w) for g, w in pairs):
            return f"What comes out would be right after {words}, in every case: that is missing at the end."
    return ""


def _is(one: torch.Tensor, other: torch.Tensor) -> bool:
    return bool(one.isfinite().all()) and same(one, other)


def _tensors(got: Seen, wanted: Seen, name: str) -> list[tuple]:
    """(got, wanted) of this fact, as tensors; None stands for what is none."""
    if name not in wanted.facts:
        return []
    mine, right = (seen.facts.get(name) for seen in (got, wanted))
    lists = [x if isinstance(x, list) else [x] for x in (mine, right)]
    if len(lists[0]) != len(lists[1]):
        return [(None, None)]
    return [tuple(map(_tensor, pair)) for pair in zip(*lists, strict=True)]


def _tensor(value) -> torch.Tensor | None:
    if isinstance(value, torch.Tensor):
        return value if value.is_floating_point() else None
    return torch.tensor(float(value)) if isinstance(value, float) else None
