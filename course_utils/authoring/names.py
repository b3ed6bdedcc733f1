"""Names without running anything: what a cell binds, what an exercise needs, which exercises have a check."""

import ast
import builtins
import symtable
from collections.abc import Iterator
from pathlib import Path

from course_utils.authoring.source import parse_module

GIVEN = set(dir(builtins)) | {"display", "get_ipython"}  # what a notebook has without an import


def plain_python(text: str) -> str:
    """A cell's text with its magics and shell lines replaced by ``pass``, line for line."""
    if text.lstrip().startswith("%%"):
        return ""
    lines = text.split("\n")
    for index, line in enumerate(lines):
        if line.lstrip().startswith(("%", "!")):
            lines[index] = line[: len(line) - len(line.lstrip())] + "pass"
    return "\n".join(lines)


def parse_cell(text: str) -> ast.Module:
    """The syntax tree of a cell, in which ``await`` may stand outside a function. Raises ``SyntaxError``."""
    return compile(plain_python(text), "<cell>", "exec", ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)


def written_out(node) -> str:
    """What a syntax tree does, as text that is the same in every version of Python: fields that are empty are left out.

    So is ``smoke=`` of a ``pick``: no test's budget changes what a lesson shows.
    """
    if isinstance(node, list):
        return "[" + ",".join(map(written_out, node)) + "]"
    if not isinstance(node, ast.AST):
        return repr(node)
    fields = [(name, value) for name, value in ast.iter_fields(node) if value is not None and value != []]
    if isinstance(node, ast.Call) and _called(node) == "pick":
        fields = [(name, [k for k in value if k.arg != "smoke"] if name == "keywords" else value) for name, value in fields]
    return type(node).__name__ + "(" + ",".join(f"{name}={written_out(value)}" for name, value in fields) + ")"


def shows_the_same(text: str, other: str) -> bool:
    """Whether two texts of a cell give the same output: they are equal, but for comments, lines and a test's budget.

    Magics, shell lines and a semicolon at the end, which silences a cell, count; so does every word of what is not Python.
    """
    if text == other:
        return True
    try:
        trees = written_out(parse_cell(text)), written_out(parse_cell(other))
    except SyntaxError:
        return False
    return trees[0] == trees[1] and _beside_python(text) == _beside_python(other)


def _beside_python(text: str) -> tuple[bool, list[str]]:
    """What IPython reads in a cell's text and a syntax tree does not hold."""
    lines = [text] if text.lstrip().startswith("%%") else text.split("\n")
    return text.rstrip().endswith(";"), [line.strip() for line in lines if line.lstrip().startswith(("%", "!"))]


def bound_by(text: str) -> set[str]:
    """The global names that a cell binds: assignments, imports, definitions. ``"*"`` stands for a starred import.

    Raises ``SyntaxError`` when the cell is not Python.
    """
    names: set[str] = set()
    for node in _own_scope(parse_cell(text)):
        match node:
            case ast.Name(id=name, ctx=ast.Store()):
                names.add(name)
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                names.add(name)
            case ast.alias(name=name, asname=asname):
                names.add(asname or name.split(".")[0])
            case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
                names.add(name)
    return names


def _own_scope(node: ast.AST) -> Iterator[ast.AST]:
    """``node`` and what lies in it, without entering functions, classes and the loops of comprehensions."""
    yield node
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
        return
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, ast.comprehension):
            yield from _own_scope(child)


def needed_by(source: str) -> set[str]:
    """The global names that the source of one function or class reads, except itself and what Python gives.

    Decorators, defaults and annotations that are not strings count: they are evaluated when the cell runs.
    """
    module = symtable.symtable(source, "<exercise>", "exec")
    own = {symbol.get_name() for symbol in module.get_symbols() if symbol.is_assigned() or symbol.is_namespace()}
    needed = {symbol.get_name() for symbol in module.get_symbols() if symbol.is_referenced()}
    tables = list(module.get_children())
    while tables:
        table = tables.pop()
        tables += table.get_children()
        needed |= {symbol.get_name() for symbol in table.get_symbols() if symbol.is_global() and symbol.is_referenced()}
    return {name for name in needed - own - GIVEN if not name.startswith(("__", "."))}


def registered_exercises(root, package: str = "course_utils") -> dict[str, str | None]:
    """``{exercise id: "module:name" of its reference}`` of every ``exercise("id", "module:name", ...)`` of the lessons,
    and of every ``diagnosis`` that begins so.

    Found with ``ast`` in every module below ``<package>/lessons``. The reference stands second, or as ``reference=``; None
    where it is not written out as a string.
    Raises ``SourceError`` for a file that is not Python.
    """
    found: dict[str, str | None] = {}
    for file in sorted((Path(root) / package / "lessons").rglob("*.py")):
        for node in ast.walk(parse_module(root, file)):
            if not (isinstance(node, ast.Call) and node.args and _called(node) in ("exercise", "diagnosis")):
                continue
            first = node.args[0]
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                found[first.value] = _reference(node)
    return found


def _called(call: ast.Call) -> str | None:
    return getattr(call.func, "id", None) or getattr(call.func, "attr", None)


def _reference(call: ast.Call) -> str | None:
    given = [*call.args[1:2], *[keyword.value for keyword in call.keywords if keyword.arg == "reference"]]
    return next((node.value for node in given if isinstance(node, ast.Constant) and isinstance(node.value, str)), None)
