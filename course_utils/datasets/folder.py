"""A folder of your own pictures as one tensor, and a report of what was found in it.

    pictures = folder("my_pictures", size=32)
    print(pictures.report)
    pictures.images                      # float (N, 3, 32, 32) in [-1, 1]

No file stops it: a picture that cannot be used is left out, and the report says which and why. ``DataError`` is raised only
where nothing is left to use. Nothing in the folder is changed.
"""

import dataclasses
import hashlib
import os
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from course_utils.datasets import DataError
from course_utils.datasets.near_duplicates import difference_hash, first_of_each

MOST_PIXELS = 50_000_000  # of a picture: larger ones may be made to fill the memory
FEW = 200  # pictures; with fewer a network learns them by heart soon
SHOWN = 6  # names that the report lists for each kind of problem
NEAR = 4  # bits of 64 in which near duplicates may differ

LEFT_OUT = {
    "not a picture": "no format that can be read; a photograph in HEIC or RAW: save it as JPEG or PNG",
    "broken": "begins as a picture, but cannot be read to its end",
    "cannot be opened": "no permission, or gone meanwhile",
    "huge": f"more than {MOST_PIXELS // 1_000_000} million pixels: shrink it first",
    "too small": "a side is shorter than the size asked for; enlarging would teach blur",
    "one colour": "nothing to see in it",
    "same file": "the same pixels as another picture",
    "nearly the same": f"at most {NEAR} of 64 bits differ from another picture",
}
CHANGED = {
    "turned": "its EXIF data say which way is up",
    "grey": "three equal channels",
    "palette": "its colours looked up",
    "transparent": "laid on white",
    "16 bits": "scaled to 8",
    "other colours": "CMYK or another space, as RGB",
    "several frames": "the first was taken",
    "trimmed": "the middle square was taken",
}


class Entry(NamedTuple):
    """What is said of one file."""

    name: str  # relative to the folder, with / between its parts
    kind: str  # a key of LEFT_OUT or CHANGED
    detail: str = ""


@dataclasses.dataclass(frozen=True)
class Report:
    """What was found in a folder; ``print`` it."""

    place: str  # the folder's own name
    files: int  # without hidden ones
    hidden: int  # names that begin with a dot, and what such folders hold
    used: int
    left_out: tuple[Entry, ...]
    changed: tuple[Entry, ...]

    def __str__(self) -> str:
        lines = [f"{self.place}: {self.files} files, {self.used} pictures used, {len(self.left_out)} left out"]
        if self.hidden:
            lines.append(f"  hidden, not looked at: {self.hidden}")
        for title, entries, kinds in (("left out", self.left_out, LEFT_OUT), ("used, with a change", self.changed, CHANGED)):
            if entries:
                lines.append(f"{title}:")
            for kind, meaning in kinds.items():
                lines += _said(kind, meaning, [entry for entry in entries if entry.kind == kind])
        if self.used < FEW:
            advice = f"below {FEW} a network soon learns them by heart: augment, and look for copies"
            lines.append(f"few: {self.used} pictures; {advice}")
        return "\n".join(lines)

    def counts(self) -> dict[str, int]:
        """How many files there are of each kind that occurs."""
        kinds = [entry.kind for entry in (*self.left_out, *self.changed)]
        return {kind: kinds.count(kind) for kind in (*LEFT_OUT, *CHANGED) if kind in kinds}


class Folder(NamedTuple):
    """Pictures of a folder, in the order of their names, and what was found."""

    images: Tensor  # float32 (N, 3, size, size) in [-1, 1]
    names: tuple[str, ...]
    report: Report


def folder(
    path: str | Path, size: int = 32, near: int | None = NEAR, hash: Callable[[Tensor], Tensor] = difference_hash
) -> Folder:
    """All pictures in a folder and in the folders below it, as the middle square of each, ``size`` pixels a side.

    ``near`` is in how many bits of ``hash`` two pictures may differ and still count as one; None keeps near duplicates.
    Links to folders are not followed. Raises DataError for a folder that is not there, or that has no usable picture.
    """
    if size < 1:
        raise ValueError(f"size: expected 1 pixel or more, got {size}")
    root = Path(path).expanduser()
    if not root.is_dir():
        what = "a file" if root.exists() else "nothing"
        raise DataError(f"{_legible(str(root))}: expected a folder of pictures, found {what}")
    found, hidden = _files(root)
    left_out, changed, pictures, seen, areas = [], [], {}, {}, {}
    for file in found:
        name = _legible(file.relative_to(root).as_posix())
        try:
            picture, notes = _read(file, size)
        except _Unusable as problem:
            left_out.append(Entry(name, problem.kind, problem.detail))
            continue
        digest = hashlib.sha256(picture.tobytes()).digest()
        if digest in seen:
            left_out.append(Entry(name, "same file", seen[digest]))
            continue
        seen[digest] = name
        pictures[name], areas[name] = _square(picture, size), picture.shape[0] * picture.shape[1]
        changed += [Entry(name, kind) for kind in notes]
    largest_first = dict(sorted(pictures.items(), key=lambda item: -areas[item[0]]))  # of near duplicates the largest stays
    names, left = _without_near(largest_first, near, hash)
    left_out += left
    changed = [entry for entry in changed if entry.name in set(names)]
    report = Report(_legible(root.resolve().name), len(found), hidden, len(names), tuple(left_out), tuple(changed))
    if not names:
        raise DataError(f"no usable picture\n{report}" if found else f"{report.place}: no files in this folder")
    pixels = torch.from_numpy(np.stack([pictures[name] for name in names])).permute(0, 3, 1, 2)
    return Folder(pixels.contiguous().float() / 127.5 - 1, names, report)  # (N, 3, size, size)


class _Unusable(Exception):
    def __init__(self, kind: str, detail: str = ""):
        self.kind, self.detail = kind, _legible(detail)


def _files(root: Path) -> tuple[list[Path], int]:
    """All files that are not hidden, in the order of their names, and the number of hidden ones."""
    found, hidden = [], 0
    for here, folders, files in os.walk(root):
        inside = Path(here).relative_to(root).parts
        below_hidden = any(part.startswith(".") for part in inside)
        for name in files:
            if below_hidden or name.startswith(".") or name in ("Thumbs.db", "desktop.ini"):
                hidden += 1
            else:
                found.append(Path(here, name))
        folders.sort()
    return sorted(found, key=lambda file: file.relative_to(root).as_posix()), hidden


def _read(file: Path, size: int) -> tuple[np.ndarray, list[str]]:
    """The pixels of a picture, uint8 (H, W, 3), and what had to be changed. Raises _Unusable."""
    from PIL import Image, UnidentifiedImageError

    try:
        if not file.is_file():
            raise _Unusable("cannot be opened", "no ordinary file")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow's own, about large pictures and odd files: told in the report instead
            with Image.open(file) as picture:
                return _decoded(picture, size)
    except UnidentifiedImageError:
        raise _Unusable("broken" if file.stat().st_size == 0 else "not a picture") from None
    except Image.DecompressionBombError:
        raise _Unusable("huge") from None
    except PermissionError:
        raise _Unusable("cannot be opened") from None
    except _Unusable:
        raise
    except Exception as error:  # noqa: BLE001 - decoders raise whatever they like at damaged files; the folder goes on
        raise _Unusable("broken", f"{type(error).__name__}: {error}"[:80]) from None


def _decoded(picture, size: int) -> tuple[np.ndarray, list[str]]:
    """What a picture that was opened holds, after its header has been looked at."""
    from PIL import ImageOps

    width, height = picture.size
    if width * height > MOST_PIXELS:
        raise _Unusable("huge", f"{width} x {height}")
    if min(width, height) < size:
        raise _Unusable("too small", f"{width} x {height}")
    notes = []
    if picture.getexif().get(0x0112, 1) in range(2, 9):
        notes.append("turned")
    if getattr(picture, "n_frames", 1) > 1:
        notes.append("several frames")
    picture.load()
    picture, more = _as_rgb(ImageOps.exif_transpose(picture))
    notes += more
    if width != height:
        notes.append("trimmed")
    pixels = np.asarray(picture)
    if pixels.min() == pixels.max() or (pixels == pixels[:1, :1]).all():
        raise _Unusable("one colour")
    return pixels, notes


def _as_rgb(picture):
    """A picture of any mode in RGB, and what had to be done."""
    from PIL import Image

    mode, notes = picture.mode, []
    if mode in ("I", "F") or mode.startswith("I;16"):
        numbers = np.asarray(picture).astype(np.float64)
        top = 65535.0 if mode != "F" or numbers.max() > 1 else 1.0
        picture = Image.fromarray((numbers / top * 255).round().clip(0, 255).astype(np.uint8))
        return picture.convert("RGB"), ["16 bits", "grey"]
    if mode in ("1", "L", "LA"):
        notes.append("grey")
    if mode == "P":
        notes.append("palette")
    if mode in ("CMYK", "YCbCr", "LAB", "HSV"):
        notes.append("other colours")
    if mode in ("LA", "RGBA", "PA", "La", "RGBa") or "transparency" in picture.info:
        picture = picture.convert("RGBA")
        if picture.getextrema()[3][0] < 255:
            notes.append("transparent")
        ground = Image.new("RGBA", picture.size, (255, 255, 255, 255))
        return Image.alpha_composite(ground, picture).convert("RGB"), notes
    return picture.convert("RGB"), notes


def _square(pixels: np.ndarray, size: int) -> np.ndarray:
    """The middle square of uint8 (H, W, 3), shrunk with antialiasing: uint8 (size, size, 3)."""
    from PIL import Image

    side = min(pixels.shape[:2])
    top, left = ((n - side) // 2 for n in pixels.shape[:2])
    square = Image.fromarray(pixels[top : top + side, left : left + side])
    return np.asarray(square if side == size else square.resize((size, size), Image.Resampling.BICUBIC))


def _without_near(
    pictures: dict[str, np.ndarray], near: int | None, hash: Callable
) -> tuple[tuple[str, ...], list[Entry]]:
    """The names that stay, in their order, and an entry for each picture that is near an earlier one."""
    names = tuple(pictures)
    if near is None or len(names) < 2:
        return tuple(sorted(names)), []
    pixels = torch.from_numpy(np.stack(list(pictures.values()))).permute(0, 3, 1, 2)  # (N, 3, size, size)
    stands = first_of_each(hash(pixels.float() / 127.5 - 1), near)
    left = [Entry(names[i], "nearly the same", names[s]) for i, s in enumerate(stands) if s != i]
    return tuple(sorted(name for i, name in enumerate(names) if stands[i] == i)), left


def _said(kind: str, meaning: str, entries: list[Entry]) -> Iterator[str]:
    """The report's lines on one kind of problem or change."""
    if not entries:
        return
    yield f"  {kind} ({len(entries)}): {meaning}"
    for entry in entries[:SHOWN]:
        yield f"    {entry.name}" + (f"  [{entry.detail}]" if entry.detail else "")
    if len(entries) > SHOWN:
        yield f"    and {len(entries) - SHOWN} more"


def _legible(text: str) -> str:
    """A name on one line: control characters and what cannot be encoded are written out."""
    text = text.encode("utf-8", "backslashreplace").decode()
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
