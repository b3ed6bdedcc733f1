"""How much work a lesson may do: ``smoke`` (tests), ``cpu`` (a learner's laptop) or ``gpu``."""

import os

NAMES = ("smoke", "cpu", "gpu")


def name() -> str:
    """The budget in force: ``COURSE_BUDGET`` when it is set, else ``gpu`` when one is found, else ``cpu``.

    Raises ``ValueError`` when ``COURSE_BUDGET`` is none of smoke, cpu, gpu.
    """
    chosen = os.environ.get("COURSE_BUDGET", "").strip().lower()
    if not chosen:
        from course_utils import runtime

        return "gpu" if runtime.device().type == "cuda" else "cpu"
    if chosen not in NAMES:
        raise ValueError(f"COURSE_BUDGET must be one of {', '.join(NAMES)}, but it is {chosen!r}")
    return chosen


def pick(*, smoke, cpu, gpu):
    """The value for the budget in force: ``steps = budget.pick(smoke=60, cpu=4000, gpu=20_000)``."""
    return {"smoke": smoke, "cpu": cpu, "gpu": gpu}[name()]
