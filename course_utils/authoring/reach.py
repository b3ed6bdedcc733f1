"""Which modules of the library a lesson's cells reach by their imports, without importing anything."""

import ast
from collections.abc import Callable, Iterator
from pathlib import Path

from course_utils.authoring.cut import module_file
from course_utils.authoring.source import parse_module


def reached(root: Path, trees: list[ast.Module], package: str, loaded: set[str], left_out: Callable) -> set[str]:
    """The modules of ``package`` that the cells ``trees`` import, and those import, and so on, through functions too.

    A package that only hands a name on (``from course_utils.metrics import frechet_distance``) leads to the module that has the
    name, and to no other. A module that is imported by a name made while running counts when it was ``loaded``.
    ``left_out(name)`` says which modules are not looked at. Raises ``SourceError`` for a module that is not Python.
    """
    found: set[str] = set()
    waiting = [name for tree in trees for name in _imported(root, tree, package, loaded)]
    while waiting:
        name = waiting.pop()
        if name not in found and not left_out(name):
            found.add(name)
            waiting += _imported(root, parse_module(root, module_file(root, name)), package, loaded)
    return found


def _imported(root: Path, tree: ast.Module, package: str, loaded: set[str]) -> Iterator[str]:
    """The modules of the package that one module or cell imports."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield from _used(root, tree, alias.name, alias.asname or alias.name, package)
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                inside = f"{node.module}.{alias.name}"
                if module_file(root, inside):
                    yield from _used(root, tree, inside, alias.asname or alias.name, package)
                else:
                    yield from _home(root, node.module, alias.name, package)
        elif isinstance(node, ast.Call) and "import_module" in ast.unparse(node.func):
            start = _first_words(node)
            yield from (name for name in loaded if start.startswith(f"{package}.") and name.startswith(start))


def _used(root: Path, tree: ast.Module, module: str, bound: str, package: str) -> Iterator[str]:
    """Of a module that a tree knows as ``bound``: itself, or where the names come from that are taken out of a package."""
    if module.split(".")[0] != package or module_file(root, module) is None:
        return
    if module_file(root, module).name != "__init__.py":
        yield module
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) == bound:
            yield from _home(root, module, node.attr, package)


def _home(root: Path, module: str, name: str, package: str) -> Iterator[str]:
    """Where ``from module import name`` finds the name in the end."""
    file = module_file(root, module) if module.split(".")[0] == package else None
    if file is None:
        return
    if file.name == "__init__.py":
        if module_file(root, f"{module}.{name}"):
            yield f"{module}.{name}"
            return
        for node in parse_module(root, file).body:
            if isinstance(node, ast.ImportFrom) and name in [alias.asname or alias.name for alias in node.names]:
                yield from _home(root, node.module, name, package)
                return
    yield module


def _first_words(call: ast.Call) -> str:
    """The text that a call's first argument begins with, as far as it is written out."""
    given = call.args[0] if call.args else None
    if isinstance(given, ast.JoinedStr) and given.values:
        given = given.values[0]
    return given.value if isinstance(given, ast.Constant) and isinstance(given.value, str) else ""
