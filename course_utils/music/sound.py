"""Chorales as sound: harmonics of each note, added up."""

import base64
import html
import io
import wave as wave_file

import numpy as np
from torch import Tensor

RATE = 8_000  # samples a second; the highest harmonic lies below half of it
HARMONICS = (1.0, 0.55, 0.3, 0.16, 0.1, 0.05)


def wave(pitches: Tensor, onsets: Tensor, seconds_a_step: float = 0.12) -> np.ndarray:
    """One piece, pitches and onsets (T, voices), as samples in [-1, 1], float32; -1 is silence."""
    length = int(seconds_a_step * RATE)
    sound = np.zeros(length * (len(pitches) + 4), dtype=np.float32)
    for start, steps, pitch in notes_of(pitches, onsets):
        tone = _tone(pitch, steps * seconds_a_step)
        sound[start * length :][: len(tone)] += tone[: len(sound) - start * length]
    return 0.9 * sound / max(np.abs(sound).max(), 1e-9)


def notes_of(pitches: Tensor, onsets: Tensor) -> list[tuple[int, int, int]]:
    """The notes of all voices of a piece: (first step, steps, pitch), in the order of their voices."""
    found = []
    for voice in range(pitches.shape[1]):
        starts = [step for step in onsets[:, voice].nonzero()[:, 0].tolist() if pitches[step, voice] >= 0]
        ends = [*starts[1:], len(pitches)]
        found += [(a, b - a, int(pitches[a, voice])) for a, b in zip(starts, ends, strict=True)]
    return found


def _tone(pitch: int, seconds: float) -> np.ndarray:
    """A note that swells quickly, dies away slowly and is let go at its end."""
    release = 0.12
    time = np.arange(int((seconds + release) * RATE)) / RATE
    frequency = 440 * 2 ** ((pitch - 69) / 12)
    tone = sum(
        w * np.sin(2 * np.pi * k * frequency * time) for k, w in enumerate(HARMONICS, 1) if k * frequency < RATE / 2
    )
    envelope = np.minimum(time / 0.02, 1) * np.exp(-0.9 * time) * np.clip((seconds + release - time) / release, 0, 1)
    return (tone * envelope).astype(np.float32)


class Clip:
    """A piece (T, voices) with a play button, at the end of a cell; ``name`` says what is heard. Nothing else is needed.

    ``seconds`` is the length of the piece, without the sound of its last notes dying away.
    """

    def __init__(self, name: str, pitches: Tensor, onsets: Tensor, seconds_a_step: float = 0.1):
        self.name, self.samples = name, wave(pitches, onsets, seconds_a_step)
        self.seconds = len(pitches) * seconds_a_step

    def wav(self) -> bytes:
        """The sound as a WAV file: 16 bits, one channel."""
        file = io.BytesIO()
        with wave_file.open(file, "wb") as out:
            out.setparams((1, 2, RATE, 0, "NONE", ""))
            out.writeframes((self.samples * 32767).astype("<i2").tobytes())
        return file.getvalue()

    def address(self) -> str:
        """The sound as a data address, which a page plays without a file."""
        return f"data:audio/wav;base64,{base64.b64encode(self.wav()).decode()}"

    def _repr_html_(self) -> str:
        name = html.escape(self.name)
        player = f'<audio controls aria-label="{name}" src="{self.address()}"></audio>'
        return f"<figure><figcaption>{name}</figcaption>{player}</figure>"

    def __repr__(self) -> str:
        return f"{self.name}: {len(self.samples) / RATE:.1f} seconds of sound"
