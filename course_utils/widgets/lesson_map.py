"""The map of the course: which lessons there are, how long they take, and what has been solved of each."""

import html
import json
from pathlib import Path

from course_utils import outline
from course_utils.progress import read_progress
from course_utils.runtime import show


class LessonMap:
    """A table of lessons, drawn from the notebooks beside this one and from the progress file."""

    def __init__(self, folder: Path):
        if folder.resolve().name == "solutions":  # the solution of Start here shows the learner's lessons, too
            folder = folder / ".."
        place = {entry.id: index for index, entry in enumerate(outline.of_clone())}
        self.rows = sorted(_rows(folder), key=lambda row: (place.get(row["lesson"], len(place)), row["lesson"]))

    def __repr__(self) -> str:
        width = max((len(row["title"]) for row in self.rows), default=0)
        return "\n".join(
            f"{row['lesson']:6s} {row['title']:{width}s} {row['minutes']:3d} min  {_state(row)}" for row in self.rows
        )

    def _repr_html_(self) -> str:
        lines = "".join(
            f"<tr><td>{row['lesson']}</td>"
            f"<td style='text-align:left'><a href='{row['path']}' target='_blank'>{html.escape(row['title'])}</a></td>"
            f"<td>{row['minutes']} min</td><td>{_bar(row)}</td><td style='text-align:left'>{_state(row)}</td></tr>"
            for row in self.rows
        )
        head = "<tr><th>id</th><th style='text-align:left'>lesson</th><th>time</th><th colspan='2'>exercises</th></tr>"
        return f"<table>{head}{lines}</table>"


def lesson_map(folder: str | Path = ".") -> None:
    """Show the map of the lessons whose notebooks lie below ``folder``, by default beside the notebook that asks."""
    show(LessonMap(Path(folder)))


def _rows(folder: Path) -> list[dict]:
    solved = {name for name, entry in read_progress().items() if entry.get("verdict") == "passed"}
    rows = []
    found = [*folder.glob("*.ipynb"), *folder.glob("*/*.ipynb")]
    for path in sorted(found, key=lambda path: len(path.name)):  # dated copies of a notebook have longer names
        about = _about(path)
        if about.get("kind") != "learner" or about["lesson"] in [row["lesson"] for row in rows]:
            continue
        names = about["exercises"]
        rows.append(
            {
                "lesson": about["lesson"],
                "title": about["title"],
                "minutes": about["minutes"],
                "path": path.as_posix(),
                "count": len(names),
                "solved": sum(name in solved for name in names),
            }
        )
    return rows


def _about(path: Path) -> dict:
    """What the build wrote about a notebook; empty for one of somebody else's, or one that cannot be read."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))["metadata"]["course"]
    except (ValueError, KeyError, TypeError, OSError):
        return {}


def _state(row: dict) -> str:
    return f"{row['solved']} of {row['count']} solved" if row["count"] else ""


def _bar(row: dict) -> str:
    if not row["count"]:
        return ""
    share = 100 * row["solved"] / row["count"]
    return (
        "<div style='width:140px;height:10px;background:rgba(127,127,127,0.25)'>"
        f"<div style='width:{share:.0f}%;height:10px;background:#1b9e77'></div></div>"
    )
