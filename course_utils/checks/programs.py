"""Wrong programs: the source of a reference with one part changed, run where the reference lives."""

import ast
import builtins
import dis
import functools
import importlib
import inspect
import math
import sys
import types

import torch

from course_utils import losses
from course_utils.checks.observe import text_of


class Body(str):
    """A whole body that takes the place of the reference's, behind its signature and docstring."""


class Whole(str):
    """A whole program that takes the place of the reference."""


def load(reference: str):
    """The object that ``"module:name"`` names."""
    module, name = reference.split(":")
    return getattr(importlib.import_module(module), name)


@functools.cache
def parameters(reference: str) -> tuple[str, ...]:
    """The names of the arguments of a function, or of a class's constructor."""
    return tuple(inspect.signature(load(reference)).parameters)


@functools.cache
def source(reference: str) -> str:
    """The text of a function or class as it stands in the library, without its docstrings and solution marks."""
    text = inspect.getsource(load(reference))
    left_out = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and ast.get_docstring(node) is not None:
            left_out |= set(range(node.body[0].lineno, node.body[0].end_lineno + 1))
    lines = text.splitlines(keepends=True)
    return "".join(
        line
        for n, line in enumerate(lines, 1)
        if n not in left_out and line.strip() not in ("# BEGIN SOLUTION", "# END SOLUTION")
    )


def edited(text: str, edit) -> str:
    """``text`` after an edit: ``("old", "new", "old", "new", ...)``, a ``Body`` or a ``Whole``.

    Raises ``ValueError`` when an old text does not stand exactly once in it.
    """
    if isinstance(edit, Whole):
        return str(edit)
    if isinstance(edit, Body):
        return _with_body(text, edit)
    for old, new in zip(edit[::2], edit[1::2], strict=True):
        if (count := text.count(old)) != 1:
            raise ValueError(f"an edit's old text must occur once, but this one occurs {count} times: {old!r}")
        text = text.replace(old, new)
    return text


def _with_body(text: str, body: str) -> str:
    """A function's signature, then ``body``."""
    first = ast.parse(text).body[0].body[0].lineno
    head = "".join(text.splitlines(keepends=True)[: first - 1])
    return head + "".join(f"    {line}\n" for line in inspect.cleandoc(body).split("\n"))


def compiled(reference: str, text: str):
    """The object that ``text`` defines, in a copy of the reference's module, with the losses that learners have at hand."""
    _, name = reference.split(":")
    namespace = _at_hand(reference)
    exec(compile(text, f"<a wrong {name}>", "exec"), namespace)
    return namespace[name]


def _at_hand(reference: str) -> dict:
    own = vars(sys.modules[load(reference).__module__])
    return {"F": torch.nn.functional, "nn": torch.nn, "torch": torch, "math": math, **vars(losses), **own}


def unbound(reference: str, text: str) -> set[str]:
    """The global names that ``text`` uses and that nobody binds: a slip of whoever wrote the program."""
    steps = [step for code in _codes(compile(text, "<a wrong program>", "exec")) for step in dis.get_instructions(code)]
    bound = {step.argval for step in steps if step.opname in ("STORE_GLOBAL", "STORE_NAME")}
    used = {step.argval for step in steps if step.opname == "LOAD_GLOBAL"}
    return used - bound - set(_at_hand(reference)) - set(dir(builtins))


def _codes(code: types.CodeType):
    yield code
    for inner in code.co_consts:
        if isinstance(inner, types.CodeType):
            yield from _codes(inner)


class Program:
    """A wrong program, made when it is first asked for, and what was seen of it in each case."""

    def __init__(self, reference: str, edits: tuple):
        self.reference, self.edits = reference, edits
        self._seen = {}

    @property
    def text(self) -> str:
        """The reference after all edits. Raises ``ValueError`` when one does not fit."""
        return functools.reduce(edited, self.edits, source(self.reference))

    @functools.cached_property
    def candidate(self):
        """The program. Raises ``ValueError`` when it cannot be made: an edit does not fit, or what comes is no Python."""
        try:
            return compiled(self.reference, self.text)
        except (SyntaxError, NameError, TypeError) as error:
            raise ValueError(f"{self.edits}: {text_of(error)}") from error

    @functools.cached_property
    def fits_together(self) -> bool:
        """Can all the edits be made, one after the other?"""
        try:
            return self.candidate is not None
        except ValueError:
            return False

    def has_seen(self, case) -> bool:
        return case.name in self._seen

    def look(self, case):
        if case.name not in self._seen:
            self._seen[case.name] = case.look(self.candidate, parameters(self.reference))
        return self._seen[case.name]
