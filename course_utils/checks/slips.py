"""Slips: a reference with one small thing changed, as a hand slips, and the sentence that says which.

A table names the mistakes that teach something. Whatever else is one operator, one constant, one name or one line away from
right is found here, for every exercise, without being written down. Only lines that a learner writes are changed.
"""

import ast
import copy
import functools
import inspect
from collections.abc import Iterator
from typing import NamedTuple

from course_utils.checks.programs import load

_OPERATORS = {
    ast.Add: ("+", ast.Sub), ast.Sub: ("-", ast.Add), ast.Mult: ("*", ast.Div), ast.Div: ("/", ast.Mult),
    ast.FloorDiv: ("//", ast.Mult), ast.Mod: ("%", ast.Mult), ast.Pow: ("**", ast.Mult), ast.MatMult: ("@", ast.Mult),
    ast.Lt: ("<", ast.LtE), ast.LtE: ("<=", ast.Lt), ast.Gt: (">", ast.GtE), ast.GtE: (">=", ast.Gt),
    ast.Eq: ("==", ast.NotEq), ast.NotEq: ("!=", ast.Eq), ast.Is: ("is", ast.IsNot), ast.IsNot: ("is not", ast.Is),
    ast.And: ("and", ast.Or), ast.Or: ("or", ast.And),
}  # fmt: skip
_TWINS = {a: b for pair in (("sum", "mean"), ("amin", "amax"), ("min", "max"), ("log", "exp"), ("zeros", "ones"),
                            ("rand", "randn"), ("train", "eval"), ("values", "indices"))
          for a, b in (pair, pair[::-1])}  # fmt: skip


class Slip(NamedTuple):
    """``label``: "statement => statement"; ``message``: what stands where, as a sentence; ``code``: the whole wrong program."""

    label: str
    message: str
    code: str
    usual: bool  # one of the changes that mutation testing knows
    in_loop: bool  # inside a `while`, which may then never end


@functools.cache
def slips(reference: str) -> tuple[Slip, ...]:
    """All slips in the lines that a learner writes, each once."""
    text = inspect.getsource(load(reference))
    tree = ast.parse(text)
    lines = learners_lines(text, tree)
    names, fixed = _variables(tree), _defaults(tree)
    found = {}
    for path, node in _walk(tree):
        if getattr(node, "lineno", None) not in lines:
            continue
        for usual, changes in ((True, _mutations(node)), (False, _slips_of_the_pen(node, names, fixed))):
            for changed, message in changes:
                wrong = _put(tree, path, changed)
                label = f"{_statement(tree, path)} => {_statement(wrong, path)}"
                if label not in found:
                    place = isinstance(changed, ast.Constant | ast.Name) and "argument" not in message
                    message += _around(wrong, path) if place else ""
                    code = ast.unparse(wrong)
                    in_loop = any(isinstance(_at(tree, path[:end]), ast.While) for end in range(len(path)))
                    found[label] = Slip(label, message, code, usual, in_loop)
    return tuple(found.values())


def learners_lines(text: str, tree: ast.Module) -> set[int]:
    """The lines between solution marks, or whole bodies where there are none."""
    marked, inside = set(), False
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip() in ("# BEGIN SOLUTION", "# END SOLUTION"):
            inside = line.strip() == "# BEGIN SOLUTION"
        elif inside:
            marked.add(number)
    if marked:
        return marked
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            body = node.body[1:] if ast.get_docstring(node) is not None else node.body
            if body:
                marked |= set(range(body[0].lineno, body[-1].end_lineno + 1))
    return marked


def _mutations(node) -> Iterator[tuple]:
    """(what may take the place of ``node``, what is then wrong): operators, constants, keywords, arguments, statements."""
    if isinstance(node, ast.BinOp | ast.BoolOp) and type(node.op) in _OPERATORS:
        yield _operator(node, type(node.op), lambda op: _with(node, op=op))
    if isinstance(node, ast.Compare) and type(node.ops[0]) in _OPERATORS:
        yield _operator(node, type(node.ops[0]), lambda op: _with(node, ops=[op, *node.ops[1:]]))
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.Not):
        sign = "a minus" if isinstance(node.op, ast.USub) else "`not`"
        yield node.operand, f"{sign} is missing in front of {_code(node.operand)}"
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        yield _constant(_another(node.value))
    if isinstance(node, ast.Constant) and isinstance(node.value, bool):
        yield ast.Constant(not node.value), f"`{not node.value}` stands where `{node.value}` belongs"
    if isinstance(node, ast.If | ast.IfExp):
        yield (
            _with(node, test=ast.UnaryOp(ast.Not(), node.test)),
            f"the condition {_code(node.test)} is the wrong way round",
        )
    if isinstance(node, ast.Call):
        called = _code(node.func)
        for i, keyword in enumerate(node.keywords):
            rest = [k for j, k in enumerate(node.keywords) if j != i]
            where = "where a tensor is made" if keyword.arg == "device" else f"in the call of {called}"  # any such call
            yield _with(node, keywords=rest), f"`{keyword.arg}=` is missing {where}"
        if len(node.args) >= 2 and not any(isinstance(a, ast.Starred) for a in node.args):
            swapped = [node.args[1], node.args[0], *node.args[2:]]
            yield _with(node, args=swapped), f"the first two arguments of {called} are exchanged"
    if isinstance(node, ast.Raise):
        yield (
            ast.Pass(),
            f"nothing is raised where {_code(node.exc.func if isinstance(node.exc, ast.Call) else node)} is due",
        )
    elif isinstance(node, ast.Assign | ast.AugAssign | ast.Expr | ast.Return | ast.For | ast.If):
        yield ast.Pass(), _missing(node)


def _slips_of_the_pen(node, names: frozenset, fixed: dict) -> Iterator[tuple]:
    """Further ones that learners make: a part left out, another number, sum for mean, one variable for another."""
    if isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
        yield node.left, f"{_code(node.right, _OPERATORS[type(node.op)][0] + ' ')} is missing after {_code(node.left)}"
        yield (
            node.right,
            f"{_code(node.left, end=' ' + _OPERATORS[type(node.op)][0])} is missing before {_code(node.right)}",
        )
    if isinstance(node, ast.Slice):
        yield from _off_by_one(node)
    if isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.Eq):
        yield from (_operator(node, ast.Eq, lambda op: _with(node, ops=[op]), other) for other in (ast.LtE, ast.GtE))
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        v = node.value
        others = (v - 1, -v, 0, 1, 2, 2 * v, v // 2) if isinstance(v, int) else (0.0, 1.0, v / 2, v / 10, 10 * v, 1 - v)
        yield from (_constant(other) for other in others if other != v)
    if isinstance(node, ast.Call):
        one = [*node.args, *(k.value for k in node.keywords)]
        if isinstance(node.func, ast.Attribute) and not _is_module(node.func.value):
            method = f"`.{node.func.attr}({'...' if one else ''})`"
            yield node.func.value, f"{method} is missing after {_code(node.func.value)}"
        elif len(node.args) == 1 and not isinstance(node.args[0], ast.Starred):
            yield node.args[0], f"{_code(node.func)} is missing around {_code(node.args[0])}"
    if isinstance(node, ast.Attribute) and node.attr in _TWINS:
        yield _with(node, attr=_TWINS[node.attr]), f"`{_TWINS[node.attr]}` stands where `{node.attr}` belongs"
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in fixed:
        yield ast.Constant(fixed[node.id]), f"a fixed `{fixed[node.id]}` stands where the argument `{node.id}` belongs"
    turned = node.func if isinstance(node, ast.Call) else node
    if isinstance(turned, ast.Attribute) and turned.attr in (("T", "mT") if turned is node else ("t", "transpose", "permute")):
        shape = ast.Attribute(node, "shape", ast.Load())
        reshaped = ast.Call(ast.Attribute(turned.value, "reshape", ast.Load()), [shape], [])
        what = f"`reshape` or `view` stands where `.{turned.attr}` belongs"
        yield reshaped, f"{what}: it leaves the numbers in their order, and mixes rows"
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in names:
        yield from (
            (ast.Name(other, ast.Load()), f"`{other}` stands where `{node.id}` belongs") for other in sorted(names - {node.id})
        )
    if isinstance(node, ast.Return) and node.value is not None and not isinstance(node.value, ast.Tuple):
        yield ast.Return(ast.UnaryOp(ast.USub(), node.value)), "the result has a minus too many"


def _off_by_one(node: ast.Slice) -> Iterator[tuple]:
    """A slice that begins or ends one place too early or too late."""
    for end, word in (("lower", "begins"), ("upper", "ends")):
        place = getattr(node, end)
        if place is None or isinstance(place, ast.Constant):
            continue
        for sign, when in ((ast.Add(), "late"), (ast.Sub(), "early")):
            moved = _with(node, **{end: ast.BinOp(place, sign, ast.Constant(1))})
            yield moved, f"a slice {word} one place too {when}, as in `[{ast.unparse(moved)}]`"


def _missing(node) -> str:
    """Which statement is not there, without its code: that would be the solution."""
    if isinstance(node, ast.Assign | ast.AugAssign):
        target = node.targets[0] if isinstance(node, ast.Assign) else node.target
        return f"{_code(target)} is not computed, or not changed, as it should be"
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        return f"the call of {_code(node.value.func)} is missing"
    return {ast.Return: "a `return` is missing", ast.For: "a loop is missing", ast.If: "a condition is not asked"}.get(
        type(node), "a line is missing"
    )


def _another(number: int | float) -> int | float:
    """A number that no check can take for this one: twice a tiny one would not do."""
    if isinstance(number, int):
        return number + 1
    return 2 * number if abs(number) > 0.01 else number + 0.1


def _operator(node, kind, build, other=None) -> tuple:
    sign, usual = _OPERATORS[kind]
    other = other or usual
    wrong = build(other())
    return wrong, f"`{_OPERATORS[other][0]}` stands where `{sign}` belongs, as in {_code(wrong)}"


def _constant(value) -> tuple:
    return ast.Constant(value), f"`{value:.6g}` stands where another number belongs"


def _code(node, begin: str = "", end: str = "") -> str:
    """A piece of code in backticks, on one line and not longer than a person reads."""
    line = " ".join(ast.unparse(node).split("\n")[0].split())
    return f"`{begin}{line if len(line) <= 60 else line[:57] + '...'}{end}`"


def _is_module(node) -> bool:
    return (isinstance(node, ast.Name) and node.id in ("torch", "F", "nn", "math")) or (
        isinstance(node, ast.Attribute) and _is_module(node.value)
    )


def _variables(tree: ast.Module) -> frozenset:
    """What one can take for another: the arguments, and what is assigned where that is not much."""
    given = {a.arg for a in ast.walk(tree) if isinstance(a, ast.arg)} - {"self"}
    made = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    return frozenset(given | made if len(given | made) <= 6 else given)


def _defaults(tree: ast.Module) -> dict:
    """The numbers that arguments have where nothing is handed over: who tries that only can write them down."""
    found = {}
    for function in (n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)):
        plain = [*function.args.posonlyargs, *function.args.args]
        given = [*zip(plain[len(plain) - len(function.args.defaults) :], function.args.defaults, strict=True)]
        given += zip(function.args.kwonlyargs, function.args.kw_defaults, strict=True)
        found |= {a.arg: d.value for a, d in given if isinstance(d, ast.Constant) and type(d.value) in (int, float)}
    return found


def _walk(node, path=()):
    yield path, node
    for name, value in ast.iter_fields(node):
        if isinstance(value, ast.AST):
            yield from _walk(value, (*path, (name, None)))
        elif isinstance(value, list):
            for i, item in enumerate(value):
                if isinstance(item, ast.AST):
                    yield from _walk(item, (*path, (name, i)))


def _at(tree, path):
    for name, i in path:
        tree = getattr(tree, name) if i is None else getattr(tree, name)[i]
    return tree


def _put(tree, path, node):
    """A tree that has ``node`` at the end of ``path`` and shares all that lies beside the path with ``tree``."""
    if not path:
        return node
    (name, i), *rest = path
    if i is None:
        return _with(tree, **{name: _put(getattr(tree, name), rest, node)})
    items = list(getattr(tree, name))
    items[i] = _put(items[i], rest, node)
    return _with(tree, **{name: items})


def _statement(tree, path) -> str:
    """The innermost statement on the way to a node, on one line."""
    for end in range(len(path), 0, -1):
        node = _at(tree, path[:end])
        if isinstance(node, ast.stmt):
            return " ".join(ast.unparse(node).split("\n")[0].split())
    return ""


def _around(tree, path) -> str:
    """The expression that a changed constant or name stands in."""
    above = [_at(tree, path[:end]) for end in range(len(path) - 1, 0, -1)]
    found = next((n for n in above if isinstance(n, ast.expr)), None)
    return f", as in {_code(found)}" if found is not None else ""


def _with(node, **fields):
    changed = copy.copy(node)
    for name, value in fields.items():
        setattr(changed, name, value)
    return changed
