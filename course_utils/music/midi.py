"""A piece as a MIDI file, which any music program opens. Type 1: a track for each voice."""

import struct
from pathlib import Path

from torch import Tensor

from course_utils.music.sound import notes_of

TICKS = 120  # of a sixteenth


def write(path: str | Path, pitches: Tensor, onsets: Tensor, beats_a_minute: int = 96) -> Path:
    """Write one piece, pitches and onsets (T, voices), and return the file's path. -1 is silence."""
    tempo = b"\x00\xff\x51\x03" + int(60e6 / beats_a_minute).to_bytes(3, "big")
    tracks = [_track(tempo)]
    for voice in range(pitches.shape[1]):
        events = []
        for start, steps, pitch in notes_of(pitches[:, voice : voice + 1], onsets[:, voice : voice + 1]):
            events += [(start * TICKS, 0x90, pitch, 80), ((start + steps) * TICKS, 0x80, pitch, 0)]
        tracks.append(_track(_timed(sorted(events), voice)))
    head = b"MThd" + struct.pack(">IHHH", 6, 1, len(tracks), 4 * TICKS)
    path = Path(path)
    path.write_bytes(head + b"".join(tracks))
    return path


def _timed(events: list[tuple], channel: int) -> bytes:
    """Events (tick, kind, pitch, strength) as bytes, each after the time since the one before."""
    data, now = b"", 0
    for tick, kind, pitch, strength in events:
        data += _variable(tick - now) + bytes((kind | channel, pitch, strength))
        now = tick
    return data


def _track(data: bytes) -> bytes:
    data += b"\x00\xff\x2f\x00"  # the end of the track
    return b"MTrk" + struct.pack(">I", len(data)) + data


def _variable(number: int) -> bytes:
    """A number in groups of seven bits; all bytes but the last have their highest bit set."""
    data = bytes([number & 127])
    while number := number >> 7:
        data = bytes([number & 127 | 128]) + data
    return data
