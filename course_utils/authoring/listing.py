"""The table of lessons with what has been solved of each."""

from pathlib import Path

from course_utils import progress
from course_utils.authoring.source import Lesson, read_lessons


def table(root) -> str:
    """Lessons, titles, minutes, exercises and state, one line each; a note when the progress file cannot be read."""
    solved, note = progress.load()
    rows = [("lesson", "title", "minutes", "exercises", "state")]
    for lesson in read_lessons(Path(root).resolve()):
        count = len(lesson.exercises)
        rows.append((lesson.id, lesson.title, str(lesson.minutes), str(count), state(lesson, solved)))
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    lines = []
    for row in rows:
        name, title, minutes, exercises, shown = row
        cells = [
            name.ljust(widths[0]),
            title.ljust(widths[1]),
            minutes.rjust(widths[2]),
            exercises.rjust(widths[3]),
        ]
        lines.append("  ".join([*cells, shown]).rstrip())
    return "\n".join(lines + ([f"note: {note}, so the table shows none"] if note else []))


def state(lesson: Lesson, solved: dict) -> str:
    """``3 of 9 passed``, ``not started``, or nothing for a lesson without exercises."""
    if not lesson.exercises:
        return ""
    verdicts = [solved.get(cell.options["exercise"], {}).get("verdict") for cell in lesson.exercises]
    if not any(verdict in ("passed", "wrong", "raised") for verdict in verdicts):
        return "not started"
    return f"{verdicts.count('passed')} of {len(verdicts)} passed"
