"""What was seen of a program, as text that can be read without trusting who wrote it.

Only numbers, texts, tensors and collections of them pass. Anything else becomes a ``Foreign``, which equals nothing.
"""

import base64
import builtins
import json
import keyword
import math
import numbers

import numpy as np
import torch

from course_utils.checks.observe import RAISES, Near, NothingYet, Seen, text_of

MOST_BYTES = 32_000_000  # of one tensor
MOST_TEXT, DEEPEST = 20_000, 12
DTYPES = {str(d).removeprefix("torch."): d for d in (
    torch.float64, torch.float32, torch.float16, torch.bfloat16, torch.int64, torch.int32, torch.int16, torch.int8,
    torch.uint8, torch.bool, torch.complex64, torch.complex128)}  # fmt: skip


class Foreign:
    """Stands for a value that does not pass. It equals nothing, and its type has the value's name."""

    __hash__ = None

    def __eq__(self, other):
        return False


class Unreadable(ValueError):
    """What came from the process of a submission is not what such a process sends."""


# --- writing, in the process of the submission -------------------------------------------------------------------------


def packed(value, depth: int = 0):
    """A value as JSON can hold it."""
    try:
        return _packed(value, depth)
    except Exception:  # noqa: BLE001 - values of a submission may break in any way
        return _foreign(value)


def _packed(value, depth: int):
    if value is None or isinstance(value, bool):
        return {"plain": value}
    if value is ...:
        return {"dots": True}
    if type(value) is str:
        return {"plain": value} if len(value) <= MOST_TEXT else _foreign(value)
    if isinstance(value, torch.Tensor):
        return _tensor(value)
    if isinstance(value, numbers.Integral) and not isinstance(value, np.bool_):
        return {"int": str(int(value))}
    if isinstance(value, numbers.Real):
        return {"float": float(value).hex()}
    if depth > DEEPEST:
        return _foreign(value)
    if isinstance(value, Near):
        return {"near": packed(value.value, depth + 1), "within": float(value.within).hex()}
    if isinstance(value, dict):
        return {"dict": [[packed(k, depth + 1), packed(v, depth + 1)] for k, v in value.items()]}
    if isinstance(value, (list, tuple)):
        kind = "tuple" if isinstance(value, tuple) else "list"
        return {kind: [packed(v, depth + 1) for v in value]}
    return _foreign(value)


def _foreign(value) -> dict:
    return {"foreign": str(type(value).__name__)[:60]}


def _tensor(value: torch.Tensor) -> dict:
    dtype = str(value.dtype).removeprefix("torch.")
    plain = value.detach().cpu()
    if dtype not in DTYPES or plain.numel() * plain.element_size() > MOST_BYTES:
        return _foreign(value)
    raw = _known_to_numpy(plain).numpy().tobytes()
    return {"tensor": base64.b64encode(raw).decode(), "dtype": dtype, "shape": list(plain.shape)}


def _known_to_numpy(tensor: torch.Tensor) -> torch.Tensor:
    return tensor.float() if tensor.dtype is torch.bfloat16 else tensor.resolve_conj().resolve_neg()


def packed_error(error: BaseException, own_file: str) -> dict:
    """An exception: what it is called, which built-in one it is made from, its text, and where it was raised."""
    base = next((c.__name__ for c in type(error).__mro__ if c.__module__ == "builtins"), "Exception")
    frames = []
    step = error.__traceback__
    while step is not None:
        frames.append((step.tb_frame.f_code.co_filename, step.tb_lineno))
        step = step.tb_next
    own = [line for file, line in frames if file == own_file]
    return {
        "name": type(error).__name__[:80],
        "base": base,
        "text": text_of(error),
        "nothing": isinstance(error, NothingYet),
        "line": own[-1] if own else None,
        "ours": bool(frames) and "/checks/" in frames[-1][0].replace("\\", "/"),
    }


def packed_seen(seen: Seen, own_file: str) -> dict:
    """Everything that was seen in one case."""
    return {
        "facts": [[str(name), packed(value)] for name, value in seen.facts.items()],
        "trace": [[str(name), packed(value)] for name, value in seen.trace.items()],
        "error": None if seen.error is None else packed_error(seen.error, own_file),
    }


# --- reading, in the judge ---------------------------------------------------------------------------------------------


def parsed(text: bytes) -> dict:
    """The JSON object that the process of a submission sent. Raises ``Unreadable``."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"no JSON: {text_of(error)[:80]}") from None
    if not isinstance(found, dict):
        raise Unreadable("no JSON object")
    return found


def unpacked(value, wanted=None, depth: int = 0):
    """The value; ``wanted`` is what the reference shows in its place. Raises ``Unreadable``."""
    try:
        return _unpacked(value, wanted, depth)
    except (KeyError, TypeError, ValueError, OverflowError, RuntimeError) as error:
        raise Unreadable(f"no value: {text_of(error)[:80]}") from None


def _unpacked(value: dict, wanted, depth: int):
    if depth > DEEPEST + 2:
        raise Unreadable("too deep")
    if "plain" in value:
        plain = value["plain"]
        if plain is not None and type(plain) not in (bool, str):
            raise Unreadable("no plain value")
        return plain
    if "dots" in value:
        return ...
    if "int" in value:
        return int(value["int"][:400])
    if "float" in value:
        return float.fromhex(value["float"])
    if "tensor" in value:
        return _read_tensor(value)
    if "near" in value:
        return _near(value, wanted, depth)
    if "dict" in value:
        return {unpacked(k, None, depth + 1): unpacked(v, None, depth + 1) for k, v in value["dict"]}
    for kind in (list, tuple):
        if kind.__name__ in value:
            items = value[kind.__name__]
            rights = wanted if isinstance(wanted, (list, tuple)) and len(wanted) == len(items) else [None] * len(items)
            return kind(unpacked(v, w, depth + 1) for v, w in zip(items, rights, strict=True))
    return type(_name(value["foreign"]), (Foreign,), {})()


def _near(value: dict, wanted, depth: int):
    """A statistic. How far it may be off is for the reference to say: at most twice what is so for the reference."""
    centre = unpacked(value["near"], None, depth + 1)
    within = float.fromhex(value["within"])
    if not (isinstance(wanted, Near) and isinstance(centre, torch.Tensor)):
        return Foreign()
    return Near(centre, min(within, 2 * wanted.within) if within == within else 0.0)


def _read_tensor(value: dict) -> torch.Tensor:
    raw = bytearray(base64.b64decode(value["tensor"], validate=True))
    shape = [int(side) for side in value["shape"]]
    dtype = DTYPES[value["dtype"]]
    sent = torch.float32 if dtype is torch.bfloat16 else dtype
    count = math.prod(shape)
    if min(shape, default=0) < 0 or count * sent.itemsize != len(raw):
        raise Unreadable("a tensor whose bytes do not fit its shape")
    read = torch.frombuffer(raw, dtype=sent).reshape(shape) if count else torch.empty(shape, dtype=sent)
    return read.to(dtype)


def _name(text) -> str:
    text = str(text)[:60]
    return text if text.isidentifier() and not keyword.iskeyword(text) else "object"


def unpacked_error(sent: dict, own_file: str) -> Exception:
    """An exception like the one that was raised, with a traceback that leads to the same line of the same cell."""
    base = getattr(builtins, str(sent["base"]), Exception)
    if not (isinstance(base, type) and issubclass(base, Exception)) or issubclass(base, UnicodeError | ExceptionGroup):
        base = Exception
    if sent["nothing"] is True:
        base = NothingYet
    text = str(sent["text"])
    made = type(_name(sent["name"]), (base,), {"__str__": lambda _: text})
    line = sent["line"] if isinstance(sent["line"], int) and 0 < sent["line"] < 10_000 else None
    file = own_file if line else ("/checks/call" if sent["ours"] is True else "<a library>")
    return _raised_at(made(text), file, line or 1)


def _raised_at(error: Exception, file: str, line: int) -> Exception:
    """``error`` with a traceback whose last line is this one."""
    program = compile("\n" * (line - 1) + "raise error", file, "exec")
    try:
        exec(program, {"error": error})
    except Exception as again:  # noqa: BLE001 - it is the one that was made above
        error = again
    return error.with_traceback(error.__traceback__.tb_next)


def unpacked_seen(sent: dict, wanted: Seen, own_file: str) -> Seen:
    """What was seen in one case. Raises ``Unreadable``."""
    try:
        error = None if sent["error"] is None else unpacked_error(sent["error"], own_file)
        facts = {str(n): unpacked(v, wanted.facts.get(n)) for n, v in sent["facts"]}
        trace = {str(n): unpacked(v, wanted.trace.get(n)) for n, v in sent["trace"]}
    except (KeyError, TypeError, ValueError) as problem:
        raise Unreadable(f"no observation: {text_of(problem)[:80]}") from None
    if error is not None and RAISES not in facts:
        raise Unreadable("an exception that is no fact")
    return Seen(facts, trace, error)


def unpacked_answers(sent: dict, asked: tuple[str, ...], own_file: str):
    """A function that gives the answers which a candidate gave when it was asked. Raises ``Unreadable``."""
    try:
        pairs = [(unpacked(v) if e is None else None, None if e is None else unpacked_error(e, own_file)) for v, e in sent]
        found = dict(zip(asked, pairs, strict=True))
    except (KeyError, TypeError, ValueError) as problem:
        raise Unreadable(f"no answers: {text_of(problem)[:80]}") from None

    def candidate(question: str):
        answer, error = found[question]
        if error is not None:
            raise error
        return answer

    return candidate
