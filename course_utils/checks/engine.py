"""Verdict first, by behaviour; diagnosis second, and it never decides.

An exercise is a reference, cases in which a program is looked at, and named mistakes. A candidate is right when nothing
that was seen of it differs from the reference. Only otherwise is it held against the mistakes.
"""

import dataclasses
import functools
import importlib
import inspect
import linecache
import os
import sys
import traceback
from collections.abc import Sequence

from course_utils.checks import progress
from course_utils.checks.cases import Case
from course_utils.checks.cells import NotRun
from course_utils.checks.errors import explain
from course_utils.checks.mistakes import Book, Mistake, Record, as_told
from course_utils.checks.observe import RAISES, NothingYet, describe, difference, differing, text_of
from course_utils.checks.places import part_of
from course_utils.checks.pristine import PythonsOwn
from course_utils.checks.programs import load, parameters
from course_utils.checks.report import NOT_ATTEMPTED, PASSED, RAISED, WRONG, Report
from course_utils.checks.sandbox import Ran, run_guarded, undisturbed
from course_utils.checks.symptoms import FORMS, STRUCTURE, USUAL
from course_utils.runtime import show


class CheckFailed(AssertionError):
    """Raised under ``COURSE_STRICT=1`` in place of falling back to the reference."""


@dataclasses.dataclass(frozen=True)
class Exercise:
    """``reference`` is "module:name"; ``cases`` say how a program is looked at; ``mistakes`` are its own."""

    id: str
    reference: str
    cases: tuple[Case, ...]
    mistakes: tuple[Mistake, ...]
    generic: tuple[Mistake, ...]
    seconds: float

    def load_reference(self):
        return load(self.reference)

    @functools.cached_property
    def book(self) -> Book:
        return Book(self.reference, self.cases, self.mistakes, self.generic)

    @functools.cached_property
    def wanted(self) -> dict:
        """What is seen of the reference in each case."""
        return self.look(self.load_reference())

    def look(self, candidate) -> dict:
        """What is seen of ``candidate`` in each case, by the cases' names."""
        names = parameters(self.reference)
        return {case.name: case.look(candidate, names) for case in self.cases}


_REGISTRY: dict[str, Exercise] = {}
_FELL_BACK: set[str] = set()  # exercises whose name holds the reference since their last check
_UNREADABLE = "It is wrong, and what it raised or returned could not be looked at: reading it fails or does not end."
_STILL_REFERENCE = (
    "This is the reference, which the last check put in place of yours. Run the cell with your own code first, then "
    "this one."
)


def exercise(
    exercise_id: str,
    reference: str,
    *,
    cases: tuple[Case, ...],
    mistakes: tuple[Mistake, ...] = (),
    usual: tuple[Mistake, ...] = USUAL,
    seconds: float = 20.0,
) -> None:
    """Register an exercise. ``usual`` are the mistakes that any exercise of this kind can have; those with the id of one
    of its own are left out. Raises ``ValueError`` for two mistakes or two cases of the same name.
    """
    for what, names in (("mistakes", [m.id for m in mistakes]), ("cases", [c.name for c in cases])):
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"{what} of {exercise_id!r} must have different names, but several are called {twice}")
    own = {m.id for m in mistakes}
    generic = tuple(m for m in (*STRUCTURE, *usual, *FORMS) if m.id not in own)
    _REGISTRY[exercise_id] = Exercise(exercise_id, reference, tuple(cases), tuple(mistakes), generic, seconds)


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
    if module not in sys.modules:
        try:
            with undisturbed():  # cases hold networks, which draw their weights
                importlib.import_module(module)
        except ModuleNotFoundError as error:
            if error.name not in (module, module.rpartition(".")[0]):
                raise
    return [e for e in _REGISTRY.values() if e.id.startswith(lesson + ".")]


def check(candidate, exercise_id: str):
    """Judge ``candidate``, show the verdict, and return the candidate when it is right, else the reference.

    Under ``COURSE_STRICT=1`` anything but *passed* raises ``CheckFailed`` instead.
    """
    with PythonsOwn() as replaced:
        return _checked(candidate, exercise_id, replaced)


def _checked(candidate, exercise_id: str, replaced: list[str]):
    """As ``check``; ``replaced`` are the functions of Python that the notebook had replaced before."""
    reference = find(exercise_id).load_reference()
    if candidate is reference and exercise_id in _FELL_BACK:
        report = Report(exercise_id, NOT_ATTEMPTED, _STILL_REFERENCE)
    else:
        report = examine(candidate, exercise_id)
    if replaced and report.verdict in (WRONG, RAISED):
        report = _with(report, f"A cell has replaced Python's own {_names(replaced)}; this check used Python's. Restart the "
                       "kernel if that was not meant.")
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
    with PythonsOwn():
        found = find(exercise_id)
        with undisturbed():
            return _examine(candidate, found)


def _examine(candidate, found: Exercise) -> Report:
    exercise_id = found.id
    if isinstance(candidate, NotRun):
        seen = "No cell has defined it." if candidate.error is None else "The cell above did not run to its end."
        return Report(exercise_id, RAISED, seen, (candidate.reason,), ("not_run",))
    if not callable(candidate):
        what = f"A function or a class is asked for, but this is {describe(candidate)}. Pass its name, without ()."
        return Report(exercise_id, WRONG, what)
    look_at_reference(found)
    ran = run_guarded(lambda: found.look(candidate), found.seconds)
    report = _seen(candidate, found, ran)
    if ran.replaced and not report.passed:
        report = _with(report, f"Your code replaced Python's own {_names(ran.replaced)}; after the check it is back.")
    return report


def _seen(candidate, found: Exercise, ran: Ran) -> Report:
    """The verdict on what came of looking at ``candidate``."""
    printed = ran.printed.strip()
    if ran.timed_out:
        return Report(found.id, RAISED, _too_long(ran, found.seconds), printed=printed)
    if ran.error is not None:  # SystemExit, KeyboardInterrupt and the like
        return Report(found.id, RAISED, f"{type(ran.error).__name__} {_where(ran.error, candidate)}", printed=printed)
    return _compared(candidate, found, ran.value, printed)


def _with(report: Report, sentence: str) -> Report:
    return dataclasses.replace(report, summary=f"{report.summary} {sentence}".strip())


def _names(functions: Sequence[str]) -> str:
    more = f" and {len(functions) - 3} more" if len(functions) > 3 else ""
    return ", ".join(f"`{name}`" for name in functions[:3]) + more


def _too_long(ran: Ran, limit: float) -> str:
    """What the card says of code that did not end in time."""
    text = f"It did not finish within {limit:.0f} seconds. Look for a loop that never ends."
    if ran.runs_on:
        text += " It is still running, and slows everything else: restart the kernel."
    elif ran.seconds > 2 * limit:
        text += f" It could be stopped only after {ran.seconds:.0f} seconds: one operation, such as a huge power or a regular"
        text += " expression that goes wrong, let nothing else run."
    return text


def judge(candidate, exercise_id: str, got: dict, printed: str = "") -> Report:
    """The verdict on what was seen elsewhere: ``got`` holds a ``Seen`` for each case, by its name.

    ``candidate`` is not called; it says in which file a traceback's lines are the learner's own.
    """
    found = find(exercise_id)
    with undisturbed():
        look_at_reference(found)
        return _compared(candidate, found, got, printed)


def look_at_reference(found: Exercise) -> None:
    """See once what the reference shows. Raises ``RuntimeError`` where that cannot be seen."""
    if "wanted" in vars(found):
        return
    wanted = run_guarded(lambda: found.wanted, 10 * found.seconds)
    if wanted.value is None:
        raise RuntimeError(f"the reference of {found.id!r} could not be looked at") from wanted.error


def _compared(candidate, found: Exercise, got: dict, printed: str) -> Report:
    record = Record(got, found.wanted)
    if not record.names:
        return Report(found.id, PASSED, printed=printed)
    return dataclasses.replace(_judge(candidate, found, record), printed=printed)


def refused(candidate, exercise_id: str) -> bool:
    """The verdict alone, for many candidates: is it told from the reference in some case? Looks no further than that.

    What computes for more than five seconds is refused like what never ends.
    """
    found, names = find(exercise_id), parameters(find(exercise_id).reference)
    wanted = found.wanted

    def differs() -> bool:
        return any(differing(case.look(candidate, names), wanted[case.name]) for case in found.cases)

    return run_guarded(differs, min(5.0, found.seconds)).value is not False


def _judge(candidate, found: Exercise, record: Record) -> Report:
    """The report on a candidate that is not right. What it raised or returned may have methods of its own: all is guarded."""
    named = run_guarded(lambda: _missing_body(candidate, record) or found.book.find(record), found.seconds).value
    if isinstance(named, str):
        return Report(found.id, NOT_ATTEMPTED, named)
    if named is None:  # what was raised cannot be read; mistakes may be seen all the same
        named = run_guarded(lambda: found.book.find(record), found.seconds).value or ()
    told = run_guarded(lambda: _told(candidate, found, record, named), found.seconds).value
    return told or Report(found.id, RAISED, _UNREADABLE, as_told(named), tuple(m.id for m in named))


def _missing_body(candidate, record: Record) -> str:
    """What to say when an exercise's own placeholder was met, or a case found nothing to judge, else ""."""
    nothing = next((text_of(e) for e in record.errors() if isinstance(e, NothingYet)), "")
    if nothing:
        return nothing
    stub = next((e for e in record.errors() if isinstance(e, NotImplementedError) and _is_stub(e)), None)
    where = "" if stub is None else _where(stub, candidate)
    return "" if stub is None else f"There is nothing to judge yet: a body is still missing {where}".strip() + "."


def _told(candidate, found: Exercise, record: Record, named: tuple) -> Report:
    errors = record.errors()
    verdict, seen, numbers = _what_was_seen(candidate, record)
    details = as_told(named) or tuple(explain(errors[0], candidate) if errors else ())
    right = sum(not names for names in record.differing.values())
    if not details and right:
        seen += f" It is right in {right} of {len(record.differing)} cases."
    return Report(found.id, verdict, seen, details, tuple(m.id for m in named), numbers=numbers)


def _what_was_seen(candidate, record: Record) -> tuple[str, str, tuple[str, ...]]:
    """The verdict, a line on the first difference, and the others."""
    lines = []
    for case, names in record.differing.items():
        got, wanted = record.got[case], record.wanted[case]
        if not names:
            continue
        if got.error is not None and RAISES not in wanted.facts:
            lines.append(f"{type(got.error).__name__}: {text_of(got.error)} {_where(got.error, candidate)}".strip())
            lines[-1] += f", when it is {case}" if case.startswith("called") else f" ({case})"
        else:
            lines += [f"{_here(case)}: {difference(n, got, wanted)}" for n in names[:2]]
    first = next(case for case, names in record.differing.items() if names)
    ended = record.got[first].error is not None and RAISES not in record.wanted[first].facts
    verdict = RAISED if ended else WRONG
    return verdict, lines[0], tuple(lines[1:8])


def _here(case: str) -> str:
    return case[:1].upper() + case[1:]


def _is_stub(error: NotImplementedError) -> bool:
    """Raised by an exercise's own placeholder: no message, or an exercise id; not one of PyTorch's."""
    message = text_of(error).strip()
    lesson, dot, name = message.partition(".")
    return message == "" or (dot == "." and lesson.isalnum() and name.isidentifier())


def _where(error: BaseException, candidate) -> str:
    """The last line of the learner's own code in the traceback, e.g. "(line 4: `return x @ w`)"."""
    frames = own_frames(error, candidate)
    if not frames:
        return ""
    last = frames[-1]
    code = (last.line or linecache.getline(last.filename, last.lineno)).strip()
    return f"(line {last.lineno} of your cell: `{code}`)" if code else f"(line {last.lineno} of your cell)"


def own_frames(error: BaseException, candidate) -> list:
    """The frames of a traceback that lie in the file (in a notebook: the cell) that the candidate was written in."""
    own = _source_file(candidate)
    return [f for f in traceback.extract_tb(error.__traceback__) if f.filename == own]


def _source_file(candidate) -> str:
    """The file (in a notebook: the cell) that the candidate was written in; "" when that cannot be told."""
    try:
        found = inspect.unwrap(candidate)
        owner = found if isinstance(found, type) else type(found)
        functions = [found] if inspect.isfunction(found) else [inspect.unwrap(f) for f in vars(owner).values()]
        return next((f.__code__.co_filename for f in functions if inspect.isfunction(f)), "")
    except Exception:  # noqa: BLE001 - whatever was passed may refuse to be looked at
        return ""
