"""Answers to exercises as learners write them: right ones, named mistakes, and wrong ones that nobody listed.

Every module here may hold tables (``Answers``), whatever it is called; ``all_tables`` finds them.
"""

import importlib
import itertools
import linecache
import math
import pkgutil
import textwrap
from pathlib import Path
from typing import NamedTuple

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from course_utils import losses, training
from course_utils.authoring.cut import cut
from course_utils.checks import find
from course_utils.models.dense import mlp

ROOT = Path(__file__).resolve().parents[2]
_NUMBERS = itertools.count(1)


class Answer(NamedTuple):
    """One answer: to which exercise, what the learner wrote, and the mistake that it shows ("" when none is named)."""

    exercise: str
    candidate: object
    mistake: str = ""


class Answers:
    """The answers to one exercise. ``right``, ``wrong("mistake")`` and ``refused`` also work as decorators."""

    def __init__(self, exercise: str):
        self.exercise = exercise
        self.all_right, self.all_wrong, self.all_refused = [], [], []

    def right(self, *candidates):
        """Correct answers, however they are written."""
        self.all_right += [Answer(self.exercise, c) for c in candidates]
        return candidates[0]

    def wrong(self, mistake: str, *candidates):
        """Answers with exactly this named mistake."""

        def add(*more):
            self.all_wrong.extend(Answer(self.exercise, c, mistake) for c in more)
            return more[0]

        return add(*candidates) if candidates else add

    def refused(self, *candidates):
        """Wrong answers that no table of mistakes lists, or several mistakes at once."""
        self.all_refused += [Answer(self.exercise, c) for c in candidates]
        return candidates[0]


def all_tables() -> list[Answers]:
    """Every table that a module of this package holds, each once, in the order of the modules."""
    modules = [importlib.import_module(f"{__name__}.{found.name}") for found in pkgutil.iter_modules(__path__)]
    values = [value for module in modules for value in vars(module).values() if isinstance(value, Answers)]
    return list({id(table): table for table in values}.values())


def parameters(tables, kind: str):
    """The answers of this kind in all the tables, as pytest parameters with readable ids."""
    found = [a for table in tables for a in getattr(table, f"all_{kind}")]
    return [pytest.param(a, id=f"{a.exercise}-{a.mistake or 'answer'}-{i}") for i, a in enumerate(found)]


def stub(exercise: str) -> str:
    """The code cell that a learner gets."""
    return cut(ROOT, find(exercise).reference, exercise).stub


def written(code: str, exercise: str):
    """Run a learner's cell and return what it defines, with source lines that a traceback can show."""
    filename = f"<cell {next(_NUMBERS)}>"
    linecache.cache[filename] = (len(code), None, code.splitlines(keepends=True), filename)
    namespace = {"math": math, "torch": torch, "nn": nn, "F": F}
    reference = find(exercise).reference
    for module in (mlp, losses, training, importlib.import_module(reference.split(":")[0])):
        namespace |= {name: value for name, value in vars(module).items() if not name.startswith("_")}
    exec(compile(code, filename, "exec"), namespace)
    return namespace[reference.split(":")[1]]


def filled(exercise: str, *parts: str):
    """The stub with each ``raise NotImplementedError`` replaced by the next of ``parts``, as a learner fills it in."""
    placeholder = f'raise NotImplementedError("{exercise}")'
    pieces = stub(exercise).split(placeholder)
    assert len(pieces) == len(parts) + 1, (
        f"{exercise} has {len(pieces) - 1} places to fill, but {len(parts)} parts came"
    )
    code = pieces[0]
    for part, piece in zip(parts, pieces[1:], strict=True):
        indent = code[code.rindex("\n") + 1 :]
        code += textwrap.indent(textwrap.dedent(part).strip("\n"), indent)[len(indent) :] + piece
    return written(code, exercise)


def named(exercise: str, names: dict):
    """The stub of an exercise that names cases, with these names filled in; the others stay ``...``."""
    code = stub(exercise)
    for case, name in names.items():
        assert code.count(f'"{case}": ...,') == 1
        code = code.replace(f'"{case}": ...,', f'"{case}": {name!r},')
    return written(code, exercise)


def name_cases(table: Answers, key: dict, names) -> None:
    """Answers to an exercise that names cases: ``key`` holds the right ``names``."""
    (first, right), second = next(iter(key.items())), list(key)[1]
    table.right(key.get, key.__getitem__, lambda case: key[case], named(table.exercise, key))
    for case, name in itertools.product(key, names):
        if name != key[case]:
            table.wrong(f"{case} called something else".replace(" ", "_"), (key | {case: name}).get)
    wrong = next(name for name in names if name not in (right, key[second]))
    table.wrong(f"{first} called something else".replace(" ", "_"), (key | {first: wrong, second: wrong}).get)
    table.wrong(f"{first} called something else".replace(" ", "_"), {first: wrong}.get)
    table.wrong("no_return", lambda case: None, lambda case: print(key[case]))
    table.wrong("whole_table", lambda case: key)
    table.wrong("no_such_key", {case[-1]: name for case, name in key.items()}.__getitem__, {}.__getitem__)
    table.wrong("no_name_yet", {first: right}.get, {first: right}.__getitem__, {first: wrong}.__getitem__)
    table.wrong("no_name_yet", named(table.exercise, {first: right}), (key | {second: ""}).get)
    table.wrong("unknown_name", (key | {second: "something"}).get, lambda case: key[case].upper())
    table.wrong("unknown_name", {first: "something"}.__getitem__)
    table.wrong("no_text", lambda case: 3, lambda case: [key[case]], lambda case: (key[case],))
    table.refused(lambda: key, key)
