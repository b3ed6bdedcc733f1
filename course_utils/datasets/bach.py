"""Bach's chorales, read out of an installed music21 (https://pypi.org/project/music21). Nothing of it ships with this course.

    train = chorales.load("train", size="full")  # pip install music21

music21 brings the chorales as compressed MusicXML. They come with terms of their own, piece by piece: read its licence, and
do not pass on what was made of them. Here they are read with the standard library alone; music21 is not imported.
"""

import importlib.util
import zipfile
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import torch
from torch import Tensor

from course_utils.datasets import DataError
from course_utils.datasets.downloads import OTHERWISE

SEMITONES = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
STEPS = 16  # of a bar: sixteenths
TEST = 10  # each tenth file is of the test split, so that no chorale is in both
AGAIN = f"install music21 again, {OTHERWISE}"
LOW, HIGH = 40, 79  # what lies outside after the transposition is left out


def load(split: str, bars: int = 4, folder: str | Path | None = None) -> tuple[Tensor, Tensor]:
    """All stretches of ``bars`` whole bars in 4/4 for four voices, transposed to C major or A minor by their key signature.

    Pitches int64 (N, 16 bars, 4) and onsets bool of the same shape. ``split`` is "train", "test" (each tenth file), or "all"
    (train first). ``folder`` holds .mxl files; without it, music21's. Stretches with a rest or a note out of range are left
    out. Takes some seconds for all.

    Raises DataError in one line where there are no such files, where one is damaged, and where no chorale has that many bars.
    """
    folder = Path(folder) if folder else _installed()
    files = sorted(folder.glob("*.mxl"))
    test = files[TEST - 1 :: TEST]
    wanted = {"train": [file for file in files if file not in test], "test": test}
    wanted["all"] = wanted["train"] + test
    pieces = [piece for file in wanted[split] for piece in _stretches(file, bars)]
    if not pieces and bars > 1 and any(True for file in wanted[split] for _ in _stretches(file, 1)):
        raise DataError(f"no chorale in {folder} has {bars} bars without a rest; ask for fewer bars, {OTHERWISE}")
    if not pieces:
        raise DataError(f"no chorale for four voices in 4/4 was found in {folder}; {AGAIN}")
    pitches, onsets = (torch.stack(column) for column in zip(*pieces, strict=True))
    return pitches, onsets


def _installed() -> Path:
    found = importlib.util.find_spec("music21")
    if found is None or found.origin is None:
        raise DataError(f"Bach's chorales come with music21, which is not installed: pip install music21, {OTHERWISE}")
    return Path(found.origin).parent / "corpus" / "bach"


def _stretches(file: Path, bars: int) -> Iterator[tuple[Tensor, Tensor]]:
    """The stretches of one file: pitches and onsets (16 * bars, 4) each."""
    score = _score(file)
    parts = score.findall("part")
    if len(parts) != 4 or {time.findtext("beats") for time in score.iter("time")} != {"4"}:
        return
    shift = _to_c(int(score.findtext(".//key/fifths", "0")))
    voices = [_bars(part) for part in parts]
    for start in range(0, min(map(len, voices)) - bars + 1, bars):
        stretch = [[step for bar in voice[start : start + bars] for step in bar] for voice in voices]
        if any(len(bar) != STEPS for voice in voices for bar in voice[start : start + bars]):
            continue
        pitches = torch.tensor([[pitch for pitch, _ in line] for line in stretch]).T + shift
        onsets = torch.tensor([[begins for _, begins in line] for line in stretch]).T
        onsets[0] = True  # a note that is held into the stretch begins there
        if pitches.min() >= LOW and pitches.max() <= HIGH:
            yield pitches, onsets


def _score(file: Path) -> ElementTree.Element:
    """The score in a compressed file: whatever member is one, as names vary."""
    try:
        with zipfile.ZipFile(file) as archive:
            for name in archive.namelist():
                if name.startswith("META-INF") or name.endswith("/"):
                    continue
                try:
                    root = ElementTree.fromstring(archive.read(name))
                except ElementTree.ParseError:  # a picture, or notes of the operating system
                    continue
                if root.tag == "score-partwise":
                    return root
    except (zipfile.BadZipFile, OSError) as error:
        raise DataError(f"{file} cannot be read ({type(error).__name__}); {AGAIN}") from error
    raise DataError(f"{file} holds no score; {AGAIN}")


def _to_c(fifths: int) -> int:
    """Semitones from a key signature to one without accidentals, -5 to 6: a sharp is a fifth."""
    shift = (-7 * fifths) % 12
    return shift - 12 if shift > 6 else shift


def _bars(part: ElementTree.Element) -> list[list[tuple[int, bool]]]:
    """Whole bars of a part, sixteenth by sixteenth: (pitch, whether it begins). A pickup comes first and is left out."""
    divisions, bars = 1, []
    for measure in part.findall("measure"):
        divisions = int(measure.findtext("attributes/divisions", str(divisions)))
        bar, time = [], 0
        for note in measure.findall("note"):
            if note.find("grace") is not None or note.find("chord") is not None:
                continue
            time += int(note.findtext("duration", "0"))
            steps = 4 * time // divisions - len(bar)  # what is shorter than a sixteenth is rounded away
            held = any(tie.get("type") == "stop" for tie in note.findall("tie"))
            bar += [(_pitch(note), not held and step == 0) for step in range(steps)]
        if bars or len(bar) == STEPS:
            bars.append(bar)
    return bars


def _pitch(note: ElementTree.Element) -> int:
    """A MIDI number; 0, which is out of range, for a rest."""
    pitch = note.find("pitch")
    if pitch is None:
        return 0
    alter = round(float(pitch.findtext("alter", "0")))
    return 12 * (int(pitch.findtext("octave")) + 1) + SEMITONES[pitch.findtext("step")] + alter
