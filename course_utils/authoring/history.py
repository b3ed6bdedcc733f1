"""When, where and with which code a solution was executed; and whether that code has changed since."""

import ast
import datetime
import hashlib
import importlib.metadata
import math
import os
import platform
import re
from pathlib import Path

from nbformat import NotebookNode

from course_utils.authoring import cells
from course_utils.authoring.cut import module_file
from course_utils.authoring.names import parse_cell, written_out
from course_utils.authoring.reach import reached
from course_utils.authoring.source import Lesson, parse_module
from course_utils.files import read_json


def record(
    root, solution: NotebookNode, loaded: set[str], budget: str, seconds: float, worked: float, package: str
) -> dict:
    """What a solution's metadata keep under ``executed``; ``loaded`` are the library's modules that the kernel had.

    ``seconds`` are by the clock, ``worked`` of the processor: the clock also counts what the machine did beside.

    Of these only those count that the cells reach by imports, and what only judges an answer, or writes notebooks, does not: a
    better check does not make a solution old.
    """
    judges = re.compile(rf"{package}\.(authoring|checks|lessons\.\w+\.(checks|quiz))(\..*)?")
    found = reached(root, _trees(solution), package, loaded, judges.fullmatch)
    kept = sorted(found & loaded)
    return {
        "budget": budget,
        "seconds": math.ceil(seconds),
        "processor_seconds": math.ceil(worked),  # whole: a browser saves 67.0 as 67
        "machine": machine(),
        "date": datetime.date.today().isoformat(),
        "python": platform.python_version(),
        "torch": _version("torch"),
        "modules": kept,
        "code": code_hash(root, solution, kept),
    }


def notes(root, lesson: Lesson, solution: NotebookNode) -> list[str]:
    """At most one line: the solution was never executed, or the code has moved on since it was."""
    name = f"notebooks/solutions/{lesson.notebook}"
    again = f"`course run {lesson.id} --update`"
    executed = solution.metadata.get("executed")
    if executed is None:
        return [f"{name}: never executed; {again} does it"]
    if executed["code"] != code_hash(root, solution, executed["modules"]):
        return [f"{name}: the code has changed since it was executed on {executed['date']}; {again}"]
    return []


def code_hash(root, solution: NotebookNode, modules: list[str]) -> str:
    """A hash of what the solution's cells and these modules do, and of the shipped files that they name.

    Comments, docstrings, Markdown, check cells and a test's budget do not count. A module that is no longer there counts as
    changed.
    Raises ``SourceError`` for a module that is not Python.
    """
    digest = hashlib.sha256()
    trees = _trees(solution)
    for tree in trees:
        digest.update(written_out(_undocumented(tree)).encode() + b"\n")
    for name in sorted(modules):
        file = module_file(root, name)
        trees.append(_undocumented(parse_module(root, file)) if file else ast.Module([], []))
        digest.update(f"{name}\n{written_out(trees[-1]) if file else 'missing'}\n".encode())
    digest.update("\n".join(_shipped(root, trees)).encode())
    return digest.hexdigest()


def _trees(solution: NotebookNode) -> list[ast.Module]:
    """The code of a solution, cell by cell, without the check and install cells."""
    kept = [cell for cell in solution.cells if cell.cell_type == "code"]
    kept = [cell for cell in kept if not cells.tagged(cell, "check") and not cells.tagged(cell, "install")]
    return [parse_cell(cell.source) for cell in kept]


def _shipped(root, trees: list[ast.Module]) -> list[str]:
    """Names and checksums of the files in ``data`` that a string in these trees names, with or without its ending."""
    listed = read_json(Path(root) / "data" / "checksums.json") or {}
    words = {node.value for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Constant)}
    return [f"{name} {sha}" for name, sha in sorted(listed.items()) if {name, name.rpartition(".")[0]} & words]


def _undocumented(tree: ast.Module) -> ast.Module:
    for node in ast.walk(tree):
        documented = isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        if documented and ast.get_docstring(node, clean=False) is not None:
            node.body = node.body[1:]
    return tree


def machine() -> dict:
    """The processor's name and the cores that this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)
    cores = len(affinity(0)) if affinity else os.cpu_count()
    return {"cpu": _cpu_model(), "cores": cores}


def _cpu_model() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine() or "unknown"


def _version(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None
