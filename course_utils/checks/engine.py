"""Verdict first, by behaviour; diagnosis second, and it never decides.

An exercise is registered by a ``verify`` function that raises ``Wrong`` (or anything) for a candidate that does not
behave as specified. Only then is the candidate held against the exercise's named mistakes, in order.
"""

import dataclasses
import importlib
import inspect
import linecache
import os
import traceback
from collections.abc import Callable

from course_utils.checks import progress
from course_utils.checks.expect import Wrong, describe
from course_utils.checks.places import part_of
from course_utils.checks.report import NOT_ATTEMPTED, PASSED, RAISED, WRONG, Report
from course_utils.checks.sandbox import run_guarded
from course_utils.runtime import show


class CheckFailed(AssertionError):
    """Raised under ``COURSE_STRICT=1`` in place of falling back to the reference."""


@dataclasses.dataclass(frozen=True)
class Mistake:
    """A mistake with a name: ``seen(candidate)`` says whether a wrong candidate shows it; ``message`` explains it."""

    id: str
    message: str
    seen: Callable[[object], bool]


@dataclasses.dataclass(frozen=True)
class Exercise:
    """``reference`` is "module:name"; ``verify(candidate)`` raises unless the candidate is right."""

    id: str
    reference: str
    verify: Callable[[object], None]
    mistakes: tuple[Mistake, ...]
    seconds: float

    def load_reference(self):
        module, name = self.reference.split(":")
        return getattr(importlib.import_module(module), name)


_REGISTRY: dict[str, Exercise] = {}
_FELL_BACK: set[str] = set()  # exercises whose name holds the reference since their last check
_STILL_REFERENCE = (
    "This is the reference, which the last check put in place of yours. Run the cell with your own code first, then "
    "this one."
)


def exercise(exercise_id: str, *, reference: str, mistakes: tuple[Mistake, ...] = (), seconds: float = 20.0):
    """Register the decorated ``verify`` function as the check of an exercise."""

    def register(verify):
        names = [m.id for m in mistakes]
        if len(set(names)) != len(names):
            raise ValueError(f"mistakes of {exercise_id!r} must have different ids, but they are {names}")
        _REGISTRY[exercise_id] = Exercise(exercise_id, reference, verify, tuple(mistakes), seconds)
        return verify

    return register


def find(exercise_id: str) -> Exercise:
    """The registered exercise; its lesson's module is imported on first use.

    Raises ``KeyError`` naming the exercises of the lesson when there is none with this id.
    """
    lesson = exercise_id.split(".")[0]
    exercises_of(lesson)
    if exercise_id not in _REGISTRY:
        known = ", ".join(k for k in _REGISTRY if k.startswith(lesson + ".")) or "none"
        raise KeyError(f"no exercise {exercise_id!r}; exercises of lesson {lesson!r}: {known}")
    return _REGISTRY[exercise_id]


def exercises_of(lesson: str) -> list[Exercise]:
    """All exercises of a lesson (``"c1w1"``), as ``course_utils.lessons.<lesson>.checks`` registers them."""
    module = part_of(lesson, "checks")
    try:
        importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name not in (module, module.rpartition(".")[0]):
            raise
    return [e for e in _REGISTRY.values() if e.id.startswith(lesson + ".")]


def check(candidate, exercise_id: str):
    """Judge ``candidate``, show the verdict, and return the candidate when it is right, else the reference.

    Under ``COURSE_STRICT=1`` anything but *passed* raises ``CheckFailed`` instead.
    """
    reference = find(exercise_id).load_reference()
    if candidate is reference and exercise_id in _FELL_BACK:
        report = Report(exercise_id, NOT_ATTEMPTED, _STILL_REFERENCE)
    else:
        report = examine(candidate, exercise_id)
    note = progress.record(exercise_id, report.verdict)
    if note:
        report = dataclasses.replace(report, details=(*report.details, note))
    if os.environ.get("COURSE_STRICT") == "1" and not report.passed:
        raise CheckFailed(repr(report))
    show(report)
    if not report.passed:
        _FELL_BACK.add(exercise_id)
    return candidate if report.passed else reference


def examine(candidate, exercise_id: str) -> Report:
    """The verdict on ``candidate`` as a ``Report``; shows, records and returns nothing else."""
    found = find(exercise_id)
    ran = run_guarded(lambda: _verify(found, candidate), found.seconds)
    printed = ran.printed.strip()
    if ran.error is None and not ran.timed_out:
        return Report(exercise_id, PASSED, printed=printed)
    if isinstance(ran.error, NotImplementedError) and _is_stub(ran.error):
        text = f"There is nothing to judge yet: a body is still missing {_where(ran.error, candidate)}".strip() + "."
        return Report(exercise_id, NOT_ATTEMPTED, text, printed=printed)
    if ran.timed_out:
        text = f"It did not finish within {found.seconds:.0f} seconds. Look for a loop that never ends."
        return Report(exercise_id, RAISED, text, printed=printed)
    verdict, summary = _judge(ran.error, candidate)
    seen = _diagnose(found, candidate)
    details = (seen.message,) if seen else tuple(_explain(ran.error))
    return Report(exercise_id, verdict, summary, details, (seen.id,) if seen else (), printed)


def _verify(found: Exercise, candidate) -> None:
    if not callable(candidate):
        raise Wrong(
            f"A function or a class is asked for, but this is {describe(candidate)}. Pass its name, without ()."
        )
    found.verify(candidate)


def _judge(error: BaseException, candidate) -> tuple[str, str]:
    if isinstance(error, Wrong):
        text = _text(error)
        return WRONG, text[:1].upper() + text[1:] if text.startswith("the ") else text
    return RAISED, f"{type(error).__name__}: {_text(error)} {_where(error, candidate)}".strip()


def _diagnose(found: Exercise, candidate) -> Mistake | None:
    """The first named mistake that the candidate shows. A probe that fails has not seen its mistake."""

    def first():
        for mistake in found.mistakes:
            try:
                if mistake.seen(candidate):
                    return mistake
            except Exception:  # noqa: BLE001, S112 - a probe of a wrong candidate may break in any way
                continue
        return None

    return run_guarded(first, found.seconds).value


def _text(error: BaseException) -> str:
    """The message of an exception, cut to a readable length; "" when even that cannot be had."""
    try:
        return str(error)[:600]
    except Exception:  # noqa: BLE001 - a learner's exception may be broken, too
        return ""


def _is_stub(error: NotImplementedError) -> bool:
    """Raised by an exercise's own placeholder: no message, or an exercise id; not one of PyTorch's."""
    message = _text(error).strip()
    lesson, dot, name = message.partition(".")
    return message == "" or (dot == "." and lesson.isalnum() and name.isidentifier())


def _where(error: BaseException, candidate) -> str:
    """The last line of the learner's own code in the traceback, e.g. "(line 4: `return x @ w`)"."""
    own = _source_file(candidate)
    frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename == own]
    if not frames:
        return ""
    last = frames[-1]
    code = (last.line or linecache.getline(last.filename, last.lineno)).strip()
    return f"(line {last.lineno} of your cell: `{code}`)" if code else f"(line {last.lineno} of your cell)"


def _source_file(candidate) -> str:
    """The file (in a notebook: the cell) that the candidate was written in; "" when that cannot be told."""
    try:
        found = inspect.unwrap(candidate)
        owner = found if isinstance(found, type) else type(found)
        functions = [found] if inspect.isfunction(found) else [inspect.unwrap(f) for f in vars(owner).values()]
        return next((f.__code__.co_filename for f in functions if inspect.isfunction(f)), "")
    except Exception:  # noqa: BLE001 - whatever was passed may refuse to be looked at
        return ""


_EXPLAINED = {
    "mat1 and mat2 shapes cannot be multiplied": "Two matrices do not fit. Most often a linear layer got another number of "
    "features than it was made for: print the shape before it; its last size must be the layer's `in_features`.",
    "Expected more than 1 value per channel": "BatchNorm cannot normalise a batch of one while training.",
    "does not require grad": "The loss has no graph behind it: it was detached, turned into a number with `.item()`, "
    "or computed under `torch.no_grad()`, so `backward()` has nowhere to go.",
    "backward through the graph a second time": "The same graph was used for two `backward()` calls. One call per loss is "
    "enough; and make the images anew from `z` in every step instead of keeping an earlier batch.",
    "grad can be implicitly created only for scalar outputs": "`backward()` needs a single number: average the loss "
    "over the batch first.",
    "modified by an inplace operation": "Weights were changed between forward and `backward()`: call `backward()` "
    "before the optimiser's `step()`.",
    "positional argument": "Keep the signature as it was given: the check calls it that way.",
    "multiple values for argument": "Keep the signature as it was given: the check calls it that way.",
    "unexpected keyword argument": "Keep the signature as it was given: the check calls it that way.",
    "super().__init__": "A module's constructor must begin with `super().__init__()`.",
    "running_mean should contain": "BatchNorm was made for another number of features than it gets: it needs as many as "
    "come out of the layer before it, a linear layer's `out_features` or a convolution's `out_channels`.",
    "D input (got ": "The layer is for data with another number of dimensions: rows of features `(B, F)` need "
    "`nn.BatchNorm1d`; `nn.BatchNorm2d` is for images.",
    "list is not a Module subclass": "A list stands where a layer belongs. Put a * before it, so that its layers are "
    "arguments of their own: `nn.Sequential(*layers)`.",
    "torch.nn.functional": "A function stands where a layer belongs. Functions have layers of the same name: `nn.ReLU()` "
    "for `F.relu`, `nn.LeakyReLU(0.2)` for `F.leaky_relu`.",
    "is not a Module subclass": "A layer was given as a class: create it with (), as in `nn.ReLU()`.",
    "is invalid for input of size": "`view` and `reshape` only rearrange numbers, and here their count does not fit: print "
    "the shape before, and compare it with the shape you want.",
    'missing the required "forward" function': "A module computes in a method named `forward`; is its name mistyped, or "
    "its indentation wrong?",
    "Target size": "The targets must have the same shape as the logits: `torch.ones_like(logits)` makes them so.",
    "between 0 and 1": "`binary_cross_entropy` wants probabilities, but logits are what the discriminator gives. Use "
    "`binary_cross_entropy_with_logits`.",
    "before Module.__init__() call": "A module's constructor must begin with `super().__init__()`.",
    "Boolean value of Tensor": "`if` needs one answer, and a tensor of several numbers has none. Whether there is a tensor at "
    "all is asked with `x is not None`; numbers are chosen with `torch.where` or `clamp`.",
    "'tuple' object has no attribute": "A tuple stands where a tensor belongs. `torch.autograd.grad` returns one even for a "
    "single gradient: `(gradient,) = torch.autograd.grad(...)`, or `[0]`.",
    "appears to not have been used in the graph": "The gradient is asked for with respect to a tensor from which nothing was "
    "computed: a copy, or what `detach()` made. Use the very tensor that went into the network.",
    "'float' object has no attribute 'size'": "A number stands where a tensor of targets belongs, one for each logit: "
    "`torch.full_like(logits, 0.9)`.",
    "linalg.matrix_norm": "`norm` takes one dimension, or two for matrices. Put all numbers of a sample in one row first: "
    "`.flatten(1).norm(dim=1)`.",
    "Sizes of tensors must match except": "`torch.cat` joins tensors that agree in every size but the one along which they "
    "are joined. Print the shapes of both before it.",
}


def _explain(error: BaseException) -> list[str]:
    """An explanation of a common exception, if there is one."""
    return [text for pattern, text in _EXPLAINED.items() if pattern in _text(error)][:1]
