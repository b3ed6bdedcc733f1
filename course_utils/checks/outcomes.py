"""Outcome checks: a measured number beside the bound it must keep."""

import dataclasses
import html
import math
import os

from course_utils.checks.report import card
from course_utils.runtime import show


@dataclasses.dataclass(frozen=True)
class Outcome:
    """One measured number and its bounds; ``met`` is False for NaN."""

    what: str
    value: float
    below: float | None
    above: float | None

    @property
    def met(self) -> bool:
        low = self.above is None or self.value >= self.above
        high = self.below is None or self.value <= self.below
        return low and high and math.isfinite(self.value)

    def __repr__(self) -> str:
        bounds = [f"at most {self.below:.4g}"] if self.below is not None else []
        bounds += [f"at least {self.above:.4g}"] if self.above is not None else []
        state = "met" if self.met else "MISSED"
        return f"{self.what}: {self.value:.4g} ({' and '.join(bounds)}: {state})"

    def _repr_html_(self) -> str:
        return card(html.escape(repr(self)), "#1b9e77" if self.met else "#d95f02")


def outcome(what: str, value: float, *, below: float | None = None, above: float | None = None) -> None:
    """Show a measured number and whether it keeps its bound.

    Under ``COURSE_STRICT=1`` a missed bound raises ``AssertionError``; otherwise the notebook goes on.
    Raises ``ValueError`` when no bound is given.
    """
    if below is None and above is None:
        raise ValueError("outcome needs a bound: give below=..., above=... or both")
    result = Outcome(what, float(value), below, above)
    show(result)
    if os.environ.get("COURSE_STRICT") == "1" and not result.met:
        raise AssertionError(repr(result))
