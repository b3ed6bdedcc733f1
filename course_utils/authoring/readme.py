"""README's table of lessons: what each takes, and what its executed solution measured."""

import re
from urllib.parse import quote

from nbformat import NotebookNode

from course_utils.authoring.source import Lesson

BEGIN, END = "<!-- lessons: `course build` writes this table -->", "<!-- end of lessons -->"
HEAD = "| lesson | minutes | executed in | measured in that run |\n| --- | --- | --- | --- |"
OUTCOME = re.compile(r"(?P<what>.+): (?P<value>\S+) \(at (?:most|least) .+: (?:met|MISSED)\)")  # as `outcome` shows it
PLACE = re.compile(r"\{(?P<what>[^{}|]+)\|(?P<format>[^{}|]+)\}")
NOTHING = "–"


def updated(text: str, lessons: list[tuple[Lesson, NotebookNode]]) -> str:
    """README's ``text`` with the table of these lessons, each with its solution.

    Raises ``ValueError`` when the two marks between which the table stands are not there, once each, in this order.
    """
    if not text.count(BEGIN) == text.count(END) == 1 or text.index(BEGIN) > text.index(END):
        raise ValueError(f"README.md: the table of lessons needs the lines `{BEGIN}` and `{END}` around it, once each")
    before, rest = text.split(BEGIN)
    rows = "\n".join(row(lesson, solution) for lesson, solution in lessons)
    return f"{before}{BEGIN}\n{HEAD}\n{rows}\n{END}{rest.split(END)[1]}"


def row(lesson: Lesson, solution: NotebookNode) -> str:
    """One line of the table."""
    notebook = quote(lesson.notebook)
    links = f"[{lesson.title}](notebooks/{notebook}) ([solution](notebooks/solutions/{notebook}))"
    return f"| {links} | {lesson.minutes} | {took(solution)} | {headline(lesson, solution)} |"


def took(solution: NotebookNode) -> str:
    """How long a processor worked on the solution: ``95 s``; where only the clock was read: ``95 s, 2 cores``."""
    if budget_of(solution) != "cpu":
        return NOTHING
    executed = solution.metadata["executed"]
    if "processor_seconds" in executed:
        return duration(executed["processor_seconds"])
    cores = executed["machine"]["cores"]
    return f"{duration(executed['seconds'])}, {cores} {'core' if cores == 1 else 'cores'}"


def headline(lesson: Lesson, solution: NotebookNode) -> str:
    """The lesson's headline with its numbers; a dash while the solution was not executed, or does not show one of them."""
    template, values = lesson.entry.headline, outcomes(solution)
    wanted = [place["what"] for place in PLACE.finditer(template)]
    if not template or not values.keys() >= set(wanted) or (wanted and budget_of(solution) != "cpu"):
        return NOTHING
    return PLACE.sub(lambda place: format(values[place["what"]], place["format"]), template)


def missing(lesson: Lesson, solution: NotebookNode) -> list[str]:
    """Outcomes that the headline names and the executed solution does not show."""
    if budget_of(solution) != "cpu":
        return []
    shown = outcomes(solution)
    return [place["what"] for place in PLACE.finditer(lesson.entry.headline) if place["what"] not in shown]


def budget_of(solution: NotebookNode) -> str | None:
    """The budget that a solution was executed with; None when it never was."""
    return solution.metadata.get("executed", {}).get("budget")


def outcomes(solution: NotebookNode) -> dict[str, float]:
    """The measured numbers that a solution shows: ``{"Fréchet distance": 4.489}``."""
    found = {}
    for cell in solution.cells:
        for output in cell.get("outputs", []):
            text = output.get("text") or output.get("data", {}).get("text/plain", "")
            for line in "".join(text).splitlines():
                if shown := OUTCOME.fullmatch(line.strip()):
                    found[shown["what"]] = float(shown["value"])
    return found


def duration(seconds: float) -> str:
    """``95 s``, or ``5 min`` from two minutes on."""
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"
