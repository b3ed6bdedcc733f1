"""A script out of what stands in a notebook's cells: other processes can run a file, and not a cell."""

import ast
import dis
import inspect
import sys
import textwrap
import types

LITERALS = (bool, int, float, str, bytes, tuple, type(None))


def script_of(work: types.FunctionType) -> str:
    """The text of a module that holds ``work`` and whatever it names, as ``inspect`` finds it.

    Functions and classes of notebook cells come with their source, modules and what other modules define as imports, and
    numbers, texts and tuples of them by their value. Raises ValueError for anything else, such as a tensor.
    """
    if _is_ours(work):
        return f"from {work.__module__} import {work.__name__}\n"
    imports, constants, sources, waiting, seen = set(), [], [], [work], set()
    while waiting:
        thing = waiting.pop()
        if id(thing) in seen:
            continue
        seen.add(id(thing))
        sources.insert(0, textwrap.dedent(inspect.getsource(thing)))
        for name in sorted(_names(thing)):
            value = _scope(thing).get(name, _scope)
            if value is _scope:
                continue  # a builtin
            if isinstance(value, (types.FunctionType, type)) and value.__module__ == work.__module__:
                waiting.append(value)
            elif line := _import(name, value):
                imports.add(line)
            elif isinstance(value, LITERALS):
                constants.append(f"{name} = {value!r}")
            else:
                raise ValueError(
                    f"{name}: expected a function, a class, a module, a number or a text, got {type(value).__name__}; "
                    f"make it inside {getattr(thing, '__name__', 'the function')}"
                )
    return "\n".join([*sorted(imports), "", *sorted(set(constants)), "", *(f"\n{text}" for text in sources)])


def _is_ours(thing) -> bool:
    return thing.__module__.split(".")[0] == __name__.split(".")[0]


def _scope(thing) -> dict:
    """The names that were known where a function or class was made."""
    return vars(sys.modules[thing.__module__]) if isinstance(thing, type) else thing.__globals__


def _names(thing) -> set[str]:
    """The names that a function or a class looks up where it was made: in its head, its body, and in inner functions."""
    head, waiting = _names_of_head(thing), []
    methods = vars(thing).values() if isinstance(thing, type) else [thing]
    for method in methods:
        method = getattr(method, "__func__", method)  # of a static method or one of the class
        waiting += [method.__code__] if isinstance(method, types.FunctionType) else []
    while waiting:
        code = waiting.pop()
        head |= {i.argval for i in dis.get_instructions(code) if i.opname in ("LOAD_GLOBAL", "LOAD_NAME")}
        waiting += [c for c in code.co_consts if isinstance(c, types.CodeType)]
    return head


def _names_of_head(thing) -> set[str]:
    """What is read when a function or class is made: decorators, annotations, defaults, bases."""
    (made,) = ast.parse(textwrap.dedent(inspect.getsource(thing))).body
    if isinstance(made, ast.ClassDef):
        inside = [n for line in made.body for n in (_head_of(line) if isinstance(line, ast.FunctionDef) else [line])]
        parts = [*made.decorator_list, *made.bases, *made.keywords, *inside]
    elif isinstance(made, ast.FunctionDef):
        parts = _head_of(made)
    else:
        raise ValueError(f"{thing.__name__}: expected a function that is made with def, got {type(made).__name__}")
    return {node.id for part in parts for node in ast.walk(part) if isinstance(node, ast.Name)}


def _head_of(made: ast.FunctionDef) -> list[ast.AST]:
    return [*made.decorator_list, made.args, *filter(None, [made.returns])]


def _import(name: str, value) -> str:
    if isinstance(value, types.ModuleType):
        return f"import {value.__name__} as {name}"
    module, own = getattr(value, "__module__", None), getattr(value, "__qualname__", None)
    if isinstance(module, str) and isinstance(own, str) and "." not in own and module != "__main__":
        return f"from {module} import {own} as {name}"
    return ""
