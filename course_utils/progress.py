"""What has been solved so far, as read from one small JSON file outside the notebooks. ``checks`` writes it."""

import json
from pathlib import Path

from course_utils import paths

MOVED = {f"c1w3b.{name}": f"c1w3c.{name}" for name in ("power_iteration", "smoothing", "relativistic_loss")}  # old: new id


def progress_file() -> Path:
    """Where progress is kept; ``COURSE_HOME`` moves it."""
    return paths.home() / "progress.json"


def read_progress() -> dict:
    """``{exercise id: {"verdict", "tries", "when"}}``; empty when there is no file or it cannot be read."""
    return load()[0]


def load() -> tuple[dict, str]:
    """What ``read_progress`` gives, and a note that says when a file is there and cannot be read, else ""."""
    try:
        return parse(progress_file().read_text(encoding="utf-8")), ""
    except FileNotFoundError:
        return {}, ""
    except (OSError, RuntimeError, ValueError) as error:  # RuntimeError: there is no home folder
        place = "" if isinstance(error, RuntimeError) else f" in {progress_file()}"
        return {}, f"the progress{place} cannot be read"


def parse(text: str) -> dict:
    """The exercises in a progress file. Raises ``ValueError`` when it is not one."""
    try:
        exercises = json.loads(text)["exercises"]
    except (KeyError, TypeError, RecursionError) as error:
        raise ValueError("not a progress file") from error
    if not isinstance(exercises, dict) or not all(isinstance(entry, dict) for entry in exercises.values()):
        raise ValueError("not a progress file")
    moved = {MOVED[name]: entry for name, entry in exercises.items() if name in MOVED}
    return moved | {name: entry for name, entry in exercises.items() if name not in MOVED}
