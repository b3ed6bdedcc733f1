"""In a process of its own: run what was submitted for one exercise, and say what was seen of it. It gives no verdict."""

import dataclasses
import linecache
import math

import torch
import torch.nn.functional as F
from torch import nn

from course_utils.authoring.names import needed_by
from course_utils.checks import find
from course_utils.checks.cases import Case
from course_utils.checks.engine import Exercise
from course_utils.checks.observe import describe, text_of
from course_utils.checks.programs import load, parameters, source
from course_utils.checks.sandbox import run_guarded
from course_utils.grading.facts import packed, packed_error, packed_seen
from course_utils.grading.trap import set_trap

OWN_FILE = "<your cell>"


@dataclasses.dataclass(frozen=True)
class Prepared:
    """All that is needed of the course to run an answer, taken while its files can still be read."""

    found: Exercise
    name: str
    arguments: tuple[str, ...]
    namespace: dict


def prepare(request: dict) -> Prepared:
    """Take what the answer to ``request`` needs, and put a trap in the place of the course's own solution.

    ``request`` holds ``exercise``, ``reference``, ``names`` ({name: "module:name"} of the other exercises), ``pieces``,
    ``text`` and ``seconds``.
    """
    found, name = find(request["exercise"]), request["reference"].partition(":")[2]
    namespace = _given(request["reference"], request["names"], name)
    arguments = parameters(found.reference)
    set_trap(request["exercise"], request["reference"])
    linecache.clearcache()
    return Prepared(found, name, arguments, namespace)


def attempt(request: dict, prepared: Prepared) -> dict:
    """What was seen of an answer, for ``judge.judged`` to read."""
    found, name, names, namespace = prepared.found, prepared.name, prepared.arguments, prepared.namespace
    ran = run_guarded(lambda: _define(namespace, request), request["seconds"])
    if ran.timed_out:
        return {"end": "time", "printed": ran.printed}
    if ran.error is not None or name not in namespace:
        reason = f"{type(ran.error).__name__}: {text_of(ran.error)}" if ran.error else "the name is not there afterwards"
        return {"end": "no definition", "text": reason, "printed": ran.printed}
    candidate = namespace[name]
    if not callable(candidate):
        return {"end": "not callable", "text": describe(candidate), "printed": ran.printed}
    looked = run_guarded(lambda: _looked(found, candidate, names), min(found.seconds, request["seconds"]))
    if looked.timed_out:
        return {"end": "time", "printed": looked.printed}
    if looked.error is not None:
        return {"end": "error", "error": packed_error(looked.error, OWN_FILE), "printed": looked.printed}
    return {"end": "seen", "seen": looked.value, "canary": _canary(found, names), "printed": looked.printed}


def _given(reference: str, others: dict[str, str], name: str) -> dict:
    """What a notebook has at hand: PyTorch, what the exercise's own solution needs, and the other exercises' solutions."""
    own = vars(__import__(reference.partition(":")[0], fromlist=["x"]))
    needed = {n: own[n] for n in needed_by(source(reference)) if n in own}
    given = {"torch": torch, "nn": nn, "F": F, "math": math} | needed | {n: load(r) for n, r in others.items()}
    given.pop(name, None)
    return given | {"__name__": "__main__"}


def _define(namespace: dict, request: dict) -> None:
    """Run the pieces, each of which may fail, then the answer's own cell."""
    for piece in request["pieces"]:
        try:
            exec(compile(piece, "<another cell>", "exec"), namespace)
        except Exception:  # noqa: BLE001, S112 - what it should have bound will be missed where it is used
            continue
    text = request["text"]
    linecache.cache[OWN_FILE] = (len(text), None, text.splitlines(keepends=True), OWN_FILE)
    exec(compile(text, OWN_FILE, "exec"), namespace)


def _looked(found: Exercise, candidate, names: tuple) -> list:
    return [[c.name, _asked(c, candidate) if c.asks else packed_seen(c.look(candidate, names), OWN_FILE)] for c in found.cases]


def _asked(case: Case, candidate) -> dict:
    """The candidate's answers where a case only asks for some: what is right is not known here."""
    answers = []
    for question in case.asks:
        try:
            answers.append([packed(candidate(question)), None])
        except Exception as error:  # noqa: BLE001 - whatever a candidate raises is its answer
            answers.append([None, packed_error(error, OWN_FILE)])
    return {"answers": answers}


class _Canary(Exception):
    """What a program raises that is wrong in every case."""


def _wrong(*arguments, **keywords):
    raise _Canary("a wrong answer")


def _canary(found: Exercise, names: tuple) -> list[str]:
    """The cases in which a program that always raises is seen to raise: where one is missing, the checks were changed."""

    def look() -> list[str]:
        return [case.name for case in found.cases if case.asks or case.look(_wrong, names).error is not None]

    return run_guarded(look, found.seconds).value or []
