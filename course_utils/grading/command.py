"""``course grade`` from its arguments to its files."""

import sys
from pathlib import Path

from course_utils.files import write_atomic
from course_utils.grading import confine, pages, table
from course_utils.grading.catalogue import read_catalogue
from course_utils.grading.grade import Limits, Result, grade


def grade_and_write(
    root: Path, folder: Path, out: Path, lesson: str = "", jobs: int = 2, limits: Limits | None = None
) -> list[str]:
    """Grade every notebook below ``folder``; write ``grades.csv``, ``class.html`` and ``students/*.html`` into ``out``.

    Returns lines to print. Raises ``ValueError`` for arguments that cannot be, ``RuntimeError`` where grading cannot run.
    """
    limits = limits or Limits()
    _refuse(jobs, limits)
    lessons = read_catalogue(root)
    results = grade(folder.resolve(), lessons, lesson, jobs, limits, lambda result: print(_line(result), flush=True))
    how = confine.describe()
    files = {f"students/{name}": text for name, text in pages.student_pages(results, lessons).items()}
    files |= {"grades.csv": table.as_csv(results, lessons), "class.html": pages.class_page(results, lessons, how)}
    for name, text in files.items():
        write_atomic(out / name, text.encode("utf-8", "replace"))
    return [*how, f"wrote {out / 'grades.csv'}, {out / 'class.html'} and {len(files) - 2} pages in {out / 'students'}"]


def _line(result: Result) -> str:
    passed = sum(report["passed"] for report in result.verdicts.values())
    what = result.problem or f"{result.lesson}, {passed} of {len(result.verdicts)} passed, {result.points} points"
    return f"{result.file}: {what}"


def _refuse(jobs: int, limits: Limits) -> None:
    if sys.platform == "win32":
        raise RuntimeError("grading needs processes that Windows does not have; run it in WSL or in a Linux container")
    for name, value, least in (("--jobs", jobs, 1), ("--seconds", limits.seconds, 1), ("--memory", limits.memory, 200)):
        if not value >= least:
            raise ValueError(f"{name} must be at least {least}, but it is {value}; name a larger number")
