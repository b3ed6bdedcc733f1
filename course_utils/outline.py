"""The lessons and their order, as ``course.toml`` lists them."""

import dataclasses
import re
import tomllib
from pathlib import Path

from course_utils import paths

NAME = "course.toml"


@dataclasses.dataclass(frozen=True)
class Entry:
    """One lesson of ``course.toml``, which says what each field means."""

    id: str
    title: str
    source: str
    headline: str = ""
    beside: bool = False


def read_outline(root) -> list[Entry]:
    """The lessons of the repository ``root``, in order.

    Raises ``ValueError`` (one line) when the list cannot be read or an entry is wrong, and ``OSError``.
    """
    text = (Path(root) / NAME).read_text(encoding="utf-8")
    try:
        listed = tomllib.loads(text)["lesson"]
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"{NAME}: {error}") from None
    except KeyError:
        raise ValueError(f"{NAME}: there is no [[lesson]]") from None
    entries = [_entry(number, values) for number, values in enumerate(listed, start=1)]
    if not entries or entries[0].beside:
        raise ValueError(f"{NAME}: the first lesson is where the course starts; it cannot stand beside the lessons")
    for field in ("id", "source"):
        values = [getattr(entry, field) for entry in entries]
        twice = sorted({value for value in values if values.count(value) > 1})
        if twice:
            raise ValueError(f"{NAME}: two lessons have the {field} {twice[0]!r}")
    return entries


def of_clone() -> list[Entry]:
    """The lessons of the clone that this package is imported from; none where there is no clone, or no readable list."""
    root = paths.repository()
    try:
        return read_outline(root) if root else []
    except (ValueError, OSError):
        return []


def _entry(number: int, values: dict) -> Entry:
    """One entry; ``number`` counts from 1, for messages."""

    def refuse(message: str):
        raise ValueError(f"{NAME}: lesson {values.get('id', number)!r}: {message}")

    types = {field.name: field.type for field in dataclasses.fields(Entry)}
    for name, value in values.items():
        if name not in types:
            refuse(f"unknown field {name!r}; known: {', '.join(types)}")
        if not isinstance(value, types[name]):
            refuse(f"{name!r} must be of type {types[name].__name__}, but it is {value!r}")
    missing = [name for name in ("id", "title", "source") if name not in values]
    if missing:
        refuse(f"it has no {missing[0]!r}")
    if not re.fullmatch(r"\w+", values["id"]):
        refuse("an id is made of letters, digits and _")
    if not re.fullmatch(r"(?:\w+/)*\w+\.py", values["source"]):
        refuse(f"'source' must be like course1/c1w1_name.py, but it is {values['source']!r}")
    return Entry(**values)
