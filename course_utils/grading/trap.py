"""The course's own solution of an exercise is not there for submitted code to call.

Its code is taken out of this process: whoever finds the function, by import, in memory or through the checks, finds one that
raises. Whoever copies a solution as text is not met by this, as nobody is who reads ``notebooks/solutions``.
"""

import inspect
import sys
import types

from course_utils.checks import engine
from course_utils.checks.places import part_of
from course_utils.checks.programs import load, source


class AnswerKey(RuntimeError):
    """Submitted code called the course's own solution of the exercise that it is to solve."""


def set_trap(exercise_id: str, reference: str) -> None:
    """From now on the solution raises ``AnswerKey`` in this process, and its text and its mistakes are forgotten."""
    original = load(reference)
    text = f"this calls the course's own `{reference.replace(':', '.')}`; an answer has to be the learner's own code"
    for function in _functions(original):
        function.__code__ = _raising(text, len(function.__code__.co_freevars))
    _forget_lines(exercise_id, source(reference))
    kept = engine._REGISTRY[exercise_id]
    engine._REGISTRY[exercise_id] = engine.Exercise(kept.id, kept.reference, kept.cases, (), (), kept.seconds)
    source.cache_clear()


def _forget_lines(exercise_id: str, text: str) -> None:
    """Empty the texts of the lesson's modules that are pieces of the solution: a table of mistakes names what it changes."""
    lesson = part_of(exercise_id.partition(".")[0], "")
    for name, module in list(sys.modules.items()):
        if name.startswith(lesson):
            for key, value in list(vars(module).items()):
                if isinstance(value, str) and len(value) > 8 and value in text and not key.startswith("__"):
                    setattr(module, key, "")


def _functions(original) -> list[types.FunctionType]:
    """The functions in which the solution is written: itself, or the methods of a class, without what wraps them."""
    found = vars(original).values() if isinstance(original, type) else [original]
    plain = []
    for value in found:
        if isinstance(value, property):
            plain += [function for function in (value.fget, value.fset) if function]
        else:
            plain.append(inspect.unwrap(getattr(value, "__func__", value)))
    return [function for function in plain if isinstance(function, types.FunctionType)]


def _raising(text: str, free: int) -> types.CodeType:
    """The code of a function that raises ``AnswerKey(text)``, with as many free variables as the one it replaces."""
    names = ", ".join(f"v{n}" for n in range(free))
    program = f"def outer({names}):\n    def solution(*arguments, **keywords):\n        {names or 'pass'}\n"
    program += f"        raise __import__({__name__!r}, fromlist=['x']).AnswerKey({text!r})\n    return solution\n"
    namespace: dict = {}
    exec(program, namespace)
    return namespace["outer"](*[None] * free).__code__
