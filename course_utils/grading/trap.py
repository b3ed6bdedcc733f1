"""The course's own solution of an exercise is not there for submitted code to call.

Only what the course's own modules call inside remains as it is. Whoever copies a solution as text is not met by this, as
nobody is who reads ``notebooks/solutions``.
"""

import functools
import sys
from pathlib import Path

from course_utils.checks import pristine
from course_utils.checks.programs import load

PACKAGE = Path(__file__).resolve().parents[1]
_JUDGING = (str(PACKAGE / "checks"), str(PACKAGE / "grading"))


class AnswerKey(RuntimeError):
    """Submitted code called the course's own solution of the exercise that it is to solve."""


def set_trap(reference: str) -> None:
    """From now on the solution raises ``AnswerKey`` unless a module of the course calls it for its own work."""
    original = load(reference)
    text = f"this calls the course's own `{reference.replace(':', '.')}`; an answer has to be the learner's own code"
    if isinstance(original, type):
        original.__init__ = _guarded(original.__init__, text)
    else:
        _replace_everywhere(original, _guarded(original, text))


def _guarded(original, text: str):
    @functools.wraps(original)
    def guarded(*arguments, **keywords):
        if not _of_the_course(sys._getframe(1).f_code.co_filename):
            raise AnswerKey(text)
        return original(*arguments, **keywords)

    del guarded.__wrapped__
    return guarded


def _of_the_course(file: str) -> bool:
    return file.startswith(str(PACKAGE)) and not file.startswith(_JUDGING)


def _replace_everywhere(original, guarded) -> None:
    """In every module of the course that holds it, and in what the checks put back before they look."""
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] == PACKAGE.name and module is not None:
            for key in [key for key, value in vars(module).items() if value is original]:
                setattr(module, key, guarded)
                pristine._KEPT.pop(module, None)  # it is remembered anew, as it is now
