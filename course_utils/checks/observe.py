"""What is seen of a program in one case, and whether what is seen of two programs can be told apart."""

import dataclasses
import dis
import numbers
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch

TOLERANCES = {torch.float64: (1e-5, 1e-9), torch.float32: (1e-3, 1e-5)}  # relative to the largest number, absolute
COARSE = (1e-2, 1e-3)  # half precision


@dataclasses.dataclass(frozen=True)
class Near:
    """A measured number or tensor that may differ by ``within``: a statistic of random draws."""

    value: torch.Tensor
    within: float


@dataclasses.dataclass
class Seen:
    """``facts`` decide: a right program has the reference's. ``trace`` tells more, for the diagnosis only.

    Names of facts are words that a learner reads: "the result", "`z` afterwards". ``error`` is what was raised instead.
    """

    facts: dict[str, object] = dataclasses.field(default_factory=dict)
    trace: dict[str, object] = dataclasses.field(default_factory=dict)
    error: Exception | None = None


class NothingYet(Exception):
    """Raised by a case that finds nothing to judge yet, with a message that says so."""


def raised(error: Exception, kind: str = "") -> Seen:
    """What is seen of a program that raises: the kind of the exception decides, its text helps to tell it from others.

    An exception of the learner's own, or of a library's, counts as the built-in one that it is made from.
    """
    built_in = next(c.__name__ for c in type(error).__mro__ if c.__module__ == "builtins")
    file, by_hand = _origin(error)
    own = by_hand and not file.startswith(_COURSE)  # then its message is the author's own
    return Seen({RAISES: kind or built_in}, {"error": "" if own else text_of(error)[:200], "by hand": by_hand}, error)


def by_hand(error: BaseException) -> bool:
    """Does it come from a `raise` or `assert` of the learner's own?"""
    file, raises = _origin(error)
    return raises and not file.startswith(_COURSE)


def same_text(got: Seen, other: Seen) -> bool:
    """Do two exceptions say the same? What the course's library raises itself, a learner's function may say otherwise."""
    if same(got.trace, other.trace):
        return True
    mine, its = (seen.trace.get("error", "") for seen in (got, other))
    both_by_hand = got.trace.get("by hand") and other.trace.get("by hand")
    return bool(both_by_hand) and "" in (mine, its) and same(got.trace | {"error": ""}, other.trace | {"error": ""})


def _origin(error: BaseException) -> tuple[str, bool]:
    """In which file it was raised, and whether a `raise` or `assert` outside installed libraries did it."""
    last = error.__traceback__
    while last is not None and last.tb_next is not None:
        last = last.tb_next
    if last is None or "site-packages" in last.tb_frame.f_code.co_filename:
        return "", False
    code = last.tb_frame.f_code
    return code.co_filename, dis.opname[code.co_code[last.tb_lasti]] == "RAISE_VARARGS"


_COURSE = str(Path(__file__).resolve().parents[1])


RAISES = "the exception"


def text_of(error: BaseException) -> str:
    """The message of an exception, cut to a readable length; "" when even that cannot be had."""
    try:
        return str(error)[:600].encode("utf-8", "replace").decode()  # half a surrogate pair cannot be shown
    except Exception:  # noqa: BLE001 - a learner's exception may be broken, too
        return ""


def same(got, wanted, factor: float = 1.0) -> bool:
    """Is ``got`` what is ``wanted``, times ``factor`` where it is a number or a tensor of them?"""
    if isinstance(got, Near) and isinstance(wanted, Near):
        within = max(w for w in (got.within, wanted.within, 0.0) if w == w)
        fits = got.value.shape == wanted.value.shape
        return fits and torch.allclose(got.value.double(), wanted.value.double(), rtol=0, atol=within, equal_nan=True)
    if isinstance(got, torch.Tensor) and isinstance(wanted, torch.Tensor):
        return got.shape == wanted.shape and _close(got, wanted, factor)
    if _is_number(got) and _is_number(wanted):
        return _close(torch.tensor(float(got)), torch.tensor(float(wanted)), factor)
    if isinstance(got, dict) and isinstance(wanted, dict):
        return got.keys() == wanted.keys() and all(same(got[k], wanted[k], factor) for k in got)
    if isinstance(got, (list, tuple)) and isinstance(wanted, (list, tuple)):
        return len(got) == len(wanted) and all(same(a, b, factor) for a, b in zip(got, wanted, strict=True))
    return type(got) is type(wanted) and not isinstance(got, torch.Tensor) and bool(got == wanted)


def _is_number(value) -> bool:
    return isinstance(value, numbers.Real) and not isinstance(value, (bool, np.bool_))


def _close(got: torch.Tensor, wanted: torch.Tensor, factor: float) -> bool:
    if not (got.is_floating_point() or wanted.is_floating_point()):
        return torch.equal(got, wanted) if factor == 1 else torch.equal(got.double(), factor * wanted.double())
    if factor == 1 and got.dtype == wanted.dtype and torch.equal(got, wanted):  # most of the time
        return True
    relative, absolute = max(TOLERANCES.get(x.dtype, COARSE) for x in (got, wanted) if x.is_floating_point())
    wanted = factor * wanted.double()
    finite = wanted[wanted.isfinite()]
    size = finite.abs().max().item() if len(finite) else 0.0
    return torch.allclose(got.double(), wanted, rtol=0, atol=absolute + relative * size, equal_nan=True)


def differing(got: Seen, wanted: Seen, factor: float = 1.0, without: frozenset[str] = frozenset()) -> list[str]:
    """The names of the facts in which they differ; where only one of them raises, that is the only difference."""
    return list(_differences(got, wanted, factor, without))


def alike(got: Seen, other: Seen, factor: float = 1.0, without: frozenset[str] = frozenset()) -> bool:
    """Can the two not be told apart by their facts?"""
    return next(_differences(got, other, factor, without), None) is None


def _differences(got: Seen, wanted: Seen, factor: float, without: frozenset[str]) -> Iterator[str]:
    if (RAISES in got.facts) != (RAISES in wanted.facts):
        yield RAISES
        return
    missing = object()
    for name in (*wanted.facts, *(name for name in got.facts if name not in wanted.facts)):
        if name not in without and not same(got.facts.get(name, missing), wanted.facts.get(name, missing), factor):
            yield name


def difference(name: str, got: Seen, wanted: Seen) -> str:
    """A sentence on one fact that differs: its largest difference, or both values."""
    if RAISES in wanted.facts and RAISES not in got.facts:
        return f"{wanted.facts[RAISES]} is to be raised, but nothing was."
    if name not in got.facts:
        return f"{name} cannot be told."
    mine, right = got.facts[name], wanted.facts.get(name)
    while isinstance(mine, list | tuple) and type(mine) is type(right) and len(mine) == len(right):
        pairs = [(m, r) for m, r in zip(mine, right, strict=True) if not same(m, r)]
        if not pairs or all(isinstance(x, str) for x in mine):
            break
        mine, right = pairs[0]
    if isinstance(mine, Near) and isinstance(right, Near):
        mine, right = mine.value, right.value
    if isinstance(mine, torch.Tensor) and isinstance(right, torch.Tensor):
        return _tensors(name, mine, right)
    if _is_number(mine) and _is_number(right):
        return f"{name} is {_number(mine)}, but {_number(right)} is expected."
    return f"{name}: {_word(mine)}, where {_word(right)} is expected."


def _tensors(name: str, mine: torch.Tensor, right: torch.Tensor) -> str:
    if mine.shape != right.shape:
        return f"{name} has shape {tuple(mine.shape)}, but {tuple(right.shape)} is expected."
    mine, right = mine.double(), right.double()
    if mine.isnan().any() and not right.isnan().any():
        return f"{name} is NaN (not a number) in {int(mine.isnan().sum())} of {mine.numel()} places."
    if mine.ndim == 0:
        return f"{name} is {_number(mine.item())}, but {_number(right.item())} is expected."
    off = (mine - right).abs().nan_to_num(torch.inf)
    where = np.unravel_index(int(off.argmax()), mine.shape)
    at = ", ".join(str(int(i)) for i in where)
    return (
        f"{name} (shape {tuple(mine.shape)}) differs most at [{at}]: {_number(mine[where].item())} instead of "
        f"{_number(right[where].item())}."
    )


def _number(value) -> str:
    return str(value) if isinstance(value, int) else f"{value:.5g}"


def _word(value) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return value or "nothing"
    if isinstance(value, (tuple, list)) and all(isinstance(v, (str, numbers.Integral)) for v in value):
        return ", ".join(map(str, value)) or "none"
    return describe(value)


def describe(value) -> str:
    """A short description of any value: type, and for tensors shape and dtype."""
    if isinstance(value, torch.Tensor):
        return f"a tensor of shape {tuple(value.shape)} and dtype {str(value.dtype).removeprefix('torch.')}"
    if value is None:
        return "None (is a `return` missing?)"
    if isinstance(value, (bool, int, float, str, np.generic)):
        return f"the {type(value).__name__} {str(value)[:60]!r}" if isinstance(value, str) else f"{value!r}"
    if isinstance(value, (tuple, list)):
        return f"a {type(value).__name__} of {len(value)} items"
    return f"an object of type {type(value).__name__}"
