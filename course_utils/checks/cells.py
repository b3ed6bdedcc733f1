"""Exercise cells that do not run: their check says why, and the notebook goes on behind them.

The build tags exercise cells ``raises-exception``, so that *Run All* does not end at one. What the cell should have defined
is bound to a ``NotRun`` here; ``check`` reports its error and puts the reference in its place, as for any wrong answer.
"""

import re
import sys

from course_utils.checks.observe import text_of
from course_utils.runtime import in_notebook

_DEFINED = re.compile(r"^(?:(?:async\s+)?def|class)\s+(\w+)|^(\w+)\s*(?::[^=\n]*)?=\s*lambda\b", re.MULTILINE)
_CHECKED = re.compile(r"^(\w+) = check\(\1, ", re.MULTILINE)
_NOTHING = object()


class NotRun:
    """Stands where a cell would have defined ``name``, had it not ended with ``error``; None: no cell defined it."""

    def __init__(self, name: str, error: BaseException | None = None):
        self.name, self.error = name, error

    def __call__(self, *arguments, **keywords):
        raise RuntimeError(self.reason)

    @property
    def reason(self) -> str:
        """Why there is nothing to judge, and where to look."""
        if self.error is None:
            return f"There is no `{self.name}`. Run the cell with your answer, in which it must have this name."
        if isinstance(self.error, SyntaxError) and self.error.lineno is None:
            return f"It is not Python yet: {self.error.msg}."
        if isinstance(self.error, SyntaxError):
            line = f"`{self.error.text.strip()}`" if self.error.text and self.error.text.strip() else "its end"
            return f"It is not Python yet: {self.error.msg}, in line {self.error.lineno}: {line}."
        what = f"{type(self.error).__name__}: {text_of(self.error)}".removesuffix(": ")
        return f"It ended before it had defined `{self.name}`: {what}. The traceback below the cell names the line."


class _Watch:
    """What the names of a cell held before it ran, and what they hold after it failed."""

    def __init__(self, namespace: dict):
        self.namespace, self.before = namespace, {}

    def begins(self, info) -> None:
        defined = [a or b for a, b in _DEFINED.findall(info.raw_cell or "")]
        self.before = {name: self.namespace.get(name, _NOTHING) for name in defined}
        for name in _CHECKED.findall(info.raw_cell or ""):
            self.namespace.setdefault(name, NotRun(name))  # so that the check says it, and no NameError ends the notebook

    def ended(self, result) -> None:
        error = result.error_before_exec or result.error_in_exec
        if isinstance(error, (Exception, SystemExit)):  # not an interrupt
            for name, before in self.before.items():
                if self.namespace.get(name, _NOTHING) is before:
                    self.namespace[name] = NotRun(name, error)


def watch(shell) -> None:
    """From now on, what a failed cell of this IPython ``shell`` should have defined is a ``NotRun``."""
    cells = _Watch(shell.user_ns)
    shell.events.register("pre_run_cell", cells.begins)
    shell.events.register("post_run_cell", cells.ended)


if "ipykernel" in sys.modules and in_notebook():  # a lesson imports the checks before its first exercise
    from IPython import get_ipython

    watch(get_ipython())
