"""PyTorch, NumPy's chance, Python's and the course's own functions as they were when the checks were imported.

Somebody's code may put something else in their place: `F.softplus = ...` in a cell, or in the body that is judged. While a
check looks, they are what they were, for the candidate, the reference and the comparison alike; afterwards a notebook finds
its own replacements again, and nothing that the candidate replaced.
"""

import builtins
import contextlib
import math
import random
import sys

import numpy as np
import torch

_OWNERS = (torch, torch.nn, torch.nn.functional, torch.nn.init, torch.optim, torch.autograd, torch.linalg, torch.Tensor)
_OWNERS += (torch.nn.Module, torch.random, np.random, random, math, builtins)
_OTHERS = {"input", "__import__", "exit", "quit", "display", "get_ipython"}  # kernels and debuggers put theirs there
__builtins__ = dict(vars(builtins))  # what the functions below call: no replacement of `len` or `setattr` reaches them
_KEPT: dict[object, dict] = {}  # owner -> its functions and classes by name
_SEEN = [None]  # how many modules there were, and name and identity of the last, when they were last gone through
_NOTHING = object()  # stands for a name that is not there, or is inherited
_OPEN = [False]  # is a block of `pristine` open? Then everything is as it was already


def _functions(owner) -> dict:
    inherited = set(dir(owner)) - set(vars(owner)) if isinstance(owner, type) else ()
    return dict.fromkeys(inherited, _NOTHING) | {name: value for name, value in vars(owner).items() if callable(value)}


def _own(module) -> dict:
    """What a module of the course defines itself: a name that it rebinds while it works is its own affair."""
    found = _functions(module).items()
    return {name: value for name, value in found if getattr(value, "__module__", "") == module.__name__}


def _remember() -> None:
    """Take in the course's modules that have been imported since the last time."""
    last = next(reversed(sys.modules))
    state = len(sys.modules), last, id(sys.modules[last])
    if state == _SEEN[0]:
        return
    for name, module in list(sys.modules.items()):
        if name.startswith("course_utils.") and module is not None and module not in _KEPT:
            _KEPT[module] = _own(module)
    _SEEN[0] = state


def _replaced() -> list[tuple]:
    """(owner, name, what stands there now, what belongs there)."""
    found = []
    for owner, kept in _KEPT.items():
        now = vars(owner)
        found += [(owner, n, now.get(n, _NOTHING), was) for n, was in kept.items() if now.get(n, _NOTHING) is not was]
    return found


def _put(owner, name: str, value) -> None:
    if value is _NOTHING:
        delattr(owner, name)
    else:
        setattr(owner, name, value)


def restore() -> None:
    """Put everything back as it was at the import."""
    for owner, name, _, was in _replaced():
        _put(owner, name, was)


@contextlib.contextmanager
def pristine():
    """Everything as it was at the import, until the block ends; then as it was before the block.

    A block calls ``restore`` before it ends: what was replaced inside it stays nowhere, and no block looks twice.
    """
    _remember()
    inside = _OPEN[0]
    theirs = [] if inside else _replaced()
    for owner, name, _, was in theirs:
        _put(owner, name, was)
    try:
        _OPEN[0] = True
        yield
    finally:
        _OPEN[0] = inside
        for owner, name, now, _ in theirs:
            _put(owner, name, now)


def python_back() -> dict[str, object]:
    """Put Python's own functions back into ``builtins``. Returns what stood in their place, by name."""
    kept, now = _KEPT[builtins], vars(builtins)
    theirs = {name: now.get(name, _NOTHING) for name, was in kept.items() if now.get(name, _NOTHING) is not was}
    now.update({name: kept[name] for name in theirs})
    return theirs


class PythonsOwn:
    """Until the block ends ``builtins`` holds Python's own functions, then what a notebook put there. Gives the names of those.

    A class, since `contextlib` calls `next` and `getattr`, which somebody may have replaced.
    """

    def __enter__(self) -> list[str]:
        self.theirs = python_back()
        return list(self.theirs)

    def __exit__(self, *error) -> None:
        python_back()
        for name, value in self.theirs.items():
            _put(builtins, name, value)


_KEPT.update({owner: _functions(owner) for owner in _OWNERS})
_KEPT[builtins] = {name: value for name, value in _KEPT[builtins].items() if name not in _OTHERS}
_remember()
