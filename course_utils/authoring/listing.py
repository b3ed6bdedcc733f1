"""The table of lessons with what has been solved of each."""

from pathlib import Path

from course_utils import files, paths
from course_utils.authoring.source import Lesson, read_lessons


def table(root) -> str:
    """Lessons, titles, minutes, exercises and state, one line each; a note when the progress file cannot be read."""
    progress, note = read_progress()
    rows = [("lesson", "title", "minutes", "exercises", "state")]
    for lesson in read_lessons(Path(root).resolve()):
        count = len(lesson.exercises)
        rows.append((lesson.id, lesson.title, str(lesson.minutes), str(count), state(lesson, progress)))
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
    return "\n".join(lines + ([note] if note else []))


def state(lesson: Lesson, progress: dict) -> str:
    """``3 of 9 passed``, ``not started``, or nothing for a lesson without exercises."""
    entries = [progress.get(cell.options["exercise"]) for cell in lesson.exercises]
    verdicts = [entry.get("verdict") for entry in entries if isinstance(entry, dict)]
    if not entries:
        return ""
    if not any(verdict in ("passed", "wrong", "raised") for verdict in verdicts):
        return "not started"
    return f"{verdicts.count('passed')} of {len(entries)} passed"


def read_progress() -> tuple[dict, str]:
    """``{exercise id: entry}`` and a note, empty when all is well. A damaged file counts as empty."""
    path = paths.home() / "progress.json"
    try:
        exercises = files.read_json(path, default={"exercises": {}})["exercises"]
        if isinstance(exercises, dict):
            return exercises, ""
    except (ValueError, KeyError, TypeError, OSError):
        pass
    return {}, f"note: {path} cannot be read, so the table shows no progress"
