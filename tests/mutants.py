"""Generic wrong programs: one operator, constant, statement, keyword or branch of a reference changed at a time.

Only the lines that a learner writes are changed: those between solution marks, or whole bodies where there are none.
"""

import ast
import copy
import inspect

from course_utils.checks.programs import compiled, load

_SWAPPED = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.FloorDiv: ast.Mult, ast.Mod: ast.Mult,
    ast.Pow: ast.Mult, ast.MatMult: ast.Mult,
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.And: ast.Or, ast.Or: ast.And,
}  # fmt: skip


def mutants(reference: str) -> list[tuple[str, object]]:
    """(what was changed, the program) of every mutant of a reference that is still Python."""
    text = inspect.getsource(load(reference))
    tree = ast.parse(text)
    lines = _learners_lines(text, tree)
    found = {}
    for path, node in _walk(tree):
        if getattr(node, "lineno", None) in lines:
            for changed in _changes(node):
                mutant = copy.deepcopy(tree)
                _put(mutant, path, changed)
                label = f"{_statement(tree, path)} => {_statement(mutant, path)}"
                found[label] = ast.unparse(ast.fix_missing_locations(mutant))
    made = []
    for label, code in found.items():
        try:
            made.append((label, compiled(reference, code)))
        except (SyntaxError, NameError, TypeError, ValueError):
            continue
    return made


def _learners_lines(text: str, tree: ast.Module) -> set[int]:
    lines = text.splitlines()
    marked, inside = set(), False
    for number, line in enumerate(lines, 1):
        if line.strip() == "# BEGIN SOLUTION":
            inside = True
        elif line.strip() == "# END SOLUTION":
            inside = False
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


def _put(tree, path, node) -> None:
    *above, (name, i) = path
    parent = _at(tree, above)
    if i is None:
        setattr(parent, name, node)
    else:
        getattr(parent, name)[i] = node


def _statement(tree, path) -> str:
    """The innermost statement on the way to a node, on one line."""
    for end in range(len(path), 0, -1):
        node = _at(tree, path[:end])
        if isinstance(node, ast.stmt):
            return " ".join(ast.unparse(node).split("\n")[0].split())
    return ""


def _changes(node):
    """The nodes that may take the place of ``node``."""
    if isinstance(node, ast.BinOp) and type(node.op) in _SWAPPED:
        yield _with(node, op=_SWAPPED[type(node.op)]())
    if isinstance(node, ast.BoolOp):
        yield _with(node, op=_SWAPPED[type(node.op)]())
    if isinstance(node, ast.Compare) and type(node.ops[0]) in _SWAPPED:
        yield _with(node, ops=[_SWAPPED[type(node.ops[0])](), *node.ops[1:]])
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.Not):
        yield node.operand
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        yield ast.Constant(node.value + 1 if isinstance(node.value, int) else 2 * node.value + 0.1)
    if isinstance(node, ast.Constant) and isinstance(node.value, bool):
        yield ast.Constant(not node.value)
    if isinstance(node, ast.If | ast.IfExp):
        yield _with(node, test=ast.UnaryOp(ast.Not(), node.test))
    if isinstance(node, ast.Call):
        for i in range(len(node.keywords)):
            yield _with(node, keywords=[k for j, k in enumerate(node.keywords) if j != i])
        if len(node.args) >= 2 and not any(isinstance(a, ast.Starred) for a in node.args):
            yield _with(node, args=[node.args[1], node.args[0], *node.args[2:]])
    if isinstance(node, ast.Assign | ast.AugAssign | ast.Expr | ast.Raise | ast.Return | ast.For | ast.If):
        yield ast.Pass()


def _with(node, **fields):
    changed = copy.copy(node)
    for name, value in fields.items():
        setattr(changed, name, value)
    return changed
