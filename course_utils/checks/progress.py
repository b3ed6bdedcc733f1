"""Write down what has been solved. ``course_utils.progress`` says where, and reads it."""

import datetime
import os

from course_utils.files import write_json
from course_utils.progress import parse, progress_file, read_progress


def record(exercise_id: str, verdict: str) -> str:
    """Note a verdict. Returns "" or one line saying why it could not be kept; never raises.

    What was passed once stays passed. Nothing is recorded for an exercise that was not attempted, nor when
    ``COURSE_STRICT=1`` or ``COURSE_PROGRESS=off`` says that a solution is running.
    """
    off = os.environ.get("COURSE_STRICT") == "1" or os.environ.get("COURSE_PROGRESS") == "off"
    if off or verdict == "not attempted":
        return ""
    from filelock import FileLock, Timeout

    try:
        progress_file().parent.mkdir(parents=True, exist_ok=True)
        with FileLock(str(progress_file()) + ".lock", timeout=5):
            note = _set_corrupt_aside()
            exercises = read_progress()
            before = exercises.get(exercise_id, {})
            kept = "passed" if before.get("verdict") == "passed" else verdict
            now = datetime.datetime.now().isoformat(timespec="seconds")
            tries = before.get("tries", 0) + 1 if isinstance(before.get("tries", 0), int) else 1
            exercises[exercise_id] = {"verdict": kept, "tries": tries, "when": now}
            write_json(progress_file(), {"exercises": exercises})
        return note
    except (OSError, RuntimeError, Timeout) as error:
        return f"Progress could not be saved: {error}"


def _set_corrupt_aside() -> str:
    """Move an unreadable progress file out of the way instead of overwriting it."""
    path = progress_file()
    if not path.exists():
        return ""
    try:
        parse(path.read_text(encoding="utf-8"))
        return ""
    except ValueError:
        pass
    aside = path.with_name(f"progress.unreadable-{datetime.datetime.now():%Y%m%d-%H%M%S-%f}.json")
    os.replace(path, aside)
    return f"The progress file could not be read; it is kept as {aside.name} and a new one was begun."
