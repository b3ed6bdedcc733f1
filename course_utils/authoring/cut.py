"""Cut an exercise out of the library: the learner's stub and the solution, without importing the module."""

import ast
import dataclasses
import re
import textwrap
from pathlib import Path

from course_utils.authoring.source import SourceError, parse_module

BEGIN, END = "# BEGIN SOLUTION", "# END SOLUTION"
NEARLY_A_MARK = re.compile(r"#+\s*(BEGIN|END)\s+SOLUTION\b", re.IGNORECASE)


@dataclasses.dataclass(frozen=True)
class Cut:
    """The source of one object as it stands in the library (without marks), and what a learner gets to fill in."""

    name: str
    solution: str
    stub: str
    path: str  # of the module, relative to the repository
    line: int  # where the object starts


def module_file(root, module: str) -> Path | None:
    """The file of a module below ``root``; None when there is none."""
    base = Path(root).joinpath(*module.split("."))
    for file in (base.with_suffix(".py"), base / "__init__.py"):
        if file.is_file():
            return file
    return None


def cut(root, reference: str, exercise_id: str) -> Cut:
    """Cut ``"module:name"`` out of the library below ``root``.

    Raises ``LookupError`` (one line) when there is no such module or top-level function or class in it, and
    ``SourceError`` with the library's file and line when it is not Python, its solution marks do not pair, or nothing is
    left to write.
    """
    module, name = reference.split(":")
    file = module_file(root, module)
    if file is None:
        raise LookupError(f"there is no module {module!r}")
    path = file.relative_to(root).as_posix()
    node = _find(parse_module(root, file), name)
    if node is None:
        raise LookupError(f"{path} has no top-level function or class {name!r}")
    lines = file.read_text(encoding="utf-8").splitlines()
    first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
    last = _last_line(lines, node)
    solution = lines[first - 1 : last]
    stub = _stub(solution, path, first, exercise_id)
    shown = [line for line in solution if line.strip() not in (BEGIN, END)]
    return Cut(name, "\n".join(shown), "\n".join(stub), path, first)


def _find(tree: ast.Module, name: str):
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and node.name == name:
            return node
    return None


def _last_line(lines: list[str], node) -> int:
    """Where ``node`` ends, with the comments of its body that follow its last statement (``ast`` leaves them out)."""
    last = node.end_lineno
    for number in range(node.end_lineno + 1, len(lines) + 1):
        line = lines[number - 1].lstrip()
        if line and not (line.startswith("#") and len(lines[number - 1]) - len(line) > node.col_offset):
            break
        last = number if line else last
    return last


def _stub(lines: list[str], path: str, first: int, exercise_id: str) -> list[str]:
    raising = f'raise NotImplementedError("{exercise_id}")'
    regions = _regions(lines, path, first)
    if regions:
        stub = _without_regions(lines, regions, raising)
    else:
        stub = _without_bodies(lines, raising)
    if stub == lines:
        raise SourceError(path, first, f"nothing is left to write in {exercise_id!r}: it has no method and no marks")
    try:
        ast.parse("\n".join(stub))
    except SyntaxError as error:
        raise SourceError(path, first, f"its solution marks cut a statement in two: {error.msg}") from error
    return stub


def _regions(lines: list[str], path: str, first: int) -> list[tuple[int, int]]:
    """Index pairs (BEGIN line, END line) of the marked regions."""
    regions, opened = [], None
    for index, line in enumerate(lines):
        mark = line.strip()
        if mark not in (BEGIN, END):
            if NEARLY_A_MARK.match(mark):
                raise SourceError(path, first + index, f"a mark must be exactly `{BEGIN}` or `{END}`, not `{mark}`")
        elif mark == BEGIN and opened is None:
            opened = index
        elif mark == END and opened is not None:
            regions.append((opened, index))
            opened = None
        else:
            problem = "a region is already open" if mark == BEGIN else "no region is open"
            raise SourceError(path, first + index, f"unpaired `{mark}`: {problem}")
    if opened is not None:
        raise SourceError(path, first + opened, f"`{BEGIN}` has no `{END}` in this function or class")
    return regions


def _without_regions(lines: list[str], regions: list[tuple[int, int]], raising: str) -> list[str]:
    kept, position = [], 0
    for begin, end in regions:
        indent = lines[begin][: len(lines[begin]) - len(lines[begin].lstrip())]
        kept += [*lines[position:begin], *(_with_keys(lines[begin + 1 : end], indent) or [indent + raising])]
        position = end + 1
    return kept + lines[position:]


def _with_keys(region: list[str], indent: str) -> list[str]:
    """A region that is one dictionary, as it is to be filled in: its keys stay, each with ``...``. Empty for any other."""
    text = textwrap.dedent("\n".join(region))
    try:
        (node,) = ast.parse(text).body
    except (SyntaxError, ValueError):  # a part of a statement, or more than one: what is left in the stub will tell
        return []
    if not (isinstance(node, ast.Assign) and isinstance(node.value, ast.Dict) and node.value.keys):
        return []
    if not all(isinstance(key, ast.Constant) for key in node.value.keys):
        return []
    keys = [ast.get_source_segment(text, key) for key in node.value.keys]
    names = text[: text.index("{")]
    return [f"{indent}{names}{{", *(f"{indent}    {key}: ...," for key in keys), f"{indent}}}"]


def _without_bodies(lines: list[str], raising: str) -> list[str]:
    node = ast.parse("\n".join(lines)).body[0]
    functions = node.body if isinstance(node, ast.ClassDef) else [node]
    stub = list(lines)
    for function in reversed(functions):  # from the last, so that the lines above keep their numbers
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            _empty(stub, function, raising)
    return stub


def _empty(lines: list[str], function, raising: str) -> None:
    """Replace the body of ``function`` in ``lines``; the signature and the docstring stay."""
    body = function.body[0]
    last = _last_line(lines, function)
    indent = " " * (function.col_offset + 4)
    header = lines[body.lineno - 1].encode()[: body.col_offset].decode()  # ast counts columns in bytes
    if header.strip():  # def f(x): return x
        lines[body.lineno - 1 : last] = [header.rstrip(), indent + raising]
    elif ast.get_docstring(function, clean=False) is not None:
        lines[body.end_lineno : last] = [indent + raising]
    else:
        start = min([body.lineno, *(decorator.lineno for decorator in getattr(body, "decorator_list", []))])
        while lines[start - 2].lstrip().startswith("#") or not lines[start - 2].strip():
            start -= 1  # comments between the signature and the body belong to the body
        lines[start - 1 : last] = [indent + raising]
