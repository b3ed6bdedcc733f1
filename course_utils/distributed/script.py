"""A script out of what stands in a notebook's cells: other processes can run a file, and not a cell."""

import ast
import dis
import inspect
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
    if isinstance(thing, type):
        methods = [m for m in vars(thing).values() if isinstance(m, types.FunctionType)]
        return methods[0].__globals__ if methods else {}
    return thing.__globals__


def _names(thing) -> set[str]:
    """All names in the code of a function or of a class's methods, with those of inner functions and annotations."""
    if isinstance(thing, type):
        own = {base.__name__ for base in thing.__bases__}
        return own.union(*(_names(m) for m in vars(thing).values() if isinstance(m, types.FunctionType)))
    found, waiting = set(), [thing.__code__]
    while waiting:
        code = waiting.pop()
        found |= {i.argval for i in dis.get_instructions(code) if i.opname in ("LOAD_GLOBAL", "LOAD_NAME")}
        waiting += [c for c in code.co_consts if isinstance(c, types.CodeType)]
    return found | _names_of_head(thing)


def _names_of_head(function) -> set[str]:
    """What is read when a function is made: its decorators, annotations and defaults."""
    (made,) = ast.parse(textwrap.dedent(inspect.getsource(function))).body
    if not isinstance(made, ast.FunctionDef):
        raise ValueError(f"{function.__name__}: expected a function that is made with def, got {type(made).__name__}")
    head = [*made.decorator_list, made.args, *filter(None, [made.returns])]
    return {node.id for part in head for node in ast.walk(part) if isinstance(node, ast.Name)}


def _import(name: str, value) -> str:
    if isinstance(value, types.ModuleType):
        return f"import {value.__name__} as {name}"
    module, own = getattr(value, "__module__", None), getattr(value, "__qualname__", None)
    if isinstance(module, str) and isinstance(own, str) and "." not in own and module != "__main__":
        return f"from {module} import {own} as {name}"
    return ""
