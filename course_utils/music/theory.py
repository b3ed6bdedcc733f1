"""Rules of four-part writing, counted in the notes alone: nothing here knows who wrote them, or in which key.

Pitches are MIDI numbers (N, T, 4), sixteenth by sixteenth, soprano first; -1 where a voice is silent.
"""

import torch
from torch import Tensor

RANGES = ((60, 79), (55, 74), (48, 67), (40, 62))
RULES = ("parallels", "crossings", "range", "spacing", "leaps", "no chord")
PAIRS = tuple((upper, lower) for upper in range(4) for lower in range(upper + 1, 4))
STEPS, BEAT = 16, 4  # sixteenths of a bar and of a beat


def violations(pitches: Tensor) -> dict[str, float]:
    """How often each rule of ``RULES`` is broken, a bar: means over all bars of pitches (N, T, 4).

    - parallels: two voices move from a fifth to a fifth, or from an octave (unison) to an octave
    - crossings: steps of a chorale, in eighths, at which a voice lies above its upper neighbour
    - range: notes, in eighths, outside the range of their voice
    - spacing: eighths at which soprano and alto, or alto and tenor, are more than an octave apart
    - leaps: moves of a voice by more than an octave
    - no chord: beats whose notes do not all belong to one triad or dominant seventh chord
    """
    bars = pitches.shape[0] * pitches.shape[1] / STEPS
    eighths = pitches[:, ::2]  # (N, T/2, 4); nothing in these chorales moves faster
    before, after = eighths[:, :-1], eighths[:, 1:]
    counts = (
        parallel_moves(before, after).sum(),
        (eighths[..., :-1] < eighths[..., 1:]).sum(),
        outside(eighths).sum(),
        (eighths[..., :2] - eighths[..., 1:3] > 12).sum(),
        (((after - before).abs() > 12) & (after >= 0) & (before >= 0)).sum(),
        (~is_chord(pitches[:, ::BEAT])).sum(),
    )
    return {rule: count.item() / bars for rule, count in zip(RULES, counts, strict=True)}


def parallel_moves(before: Tensor, after: Tensor) -> Tensor:
    """Parallel fifths and octaves between two moments, pitches (..., 4) each: bool (..., 6), one for each pair of voices.

    Both voices of the pair move, and their interval, octaves apart, is a fifth (7) both times or an octave or unison
    (0) both times. A silent voice (-1) moves in parallel with nobody.
    """
    found = []
    for upper, lower in PAIRS:
        high, low = (
            torch.stack([before[..., upper], after[..., upper]]),
            torch.stack([before[..., lower], after[..., lower]]),
        )
        interval = (high - low) % 12  # (2, ...)
        moved = (high[0] != high[1]) & (low[0] != low[1])
        sounds = (high >= 0).all(0) & (low >= 0).all(0)
        found.append(moved & sounds & (interval[0] == interval[1]) & ((interval[0] == 7) | (interval[0] == 0)))
    return torch.stack(found, dim=-1)


def outside(pitches: Tensor) -> Tensor:
    """Which notes (..., 4) lie outside the range of their voice; silence does not."""
    low, high = torch.tensor(RANGES, device=pitches.device).T
    return ((pitches < low) | (pitches > high)) & (pitches >= 0)


def _chord_table() -> Tensor:
    """For each set of pitch classes, as 12 bits, whether one triad or dominant seventh chord holds them all: bool (4096,)."""
    chords = [(0, 4, 7), (0, 3, 7), (0, 3, 6), (0, 4, 7, 10)]
    masks = torch.tensor([sum(1 << ((root + c) % 12) for c in chord) for chord in chords for root in range(12)])
    sets = torch.arange(4096)[:, None]
    return ((sets & masks) == sets).any(dim=1)


IN_ONE_CHORD = _chord_table()


def is_chord(pitches: Tensor) -> Tensor:
    """Whether the notes (..., 4) of a moment all belong to one triad or dominant seventh chord: bool (...)."""
    bits = torch.zeros(pitches.shape[:-1], dtype=torch.long, device=pitches.device)
    for voice in range(pitches.shape[-1]):
        note = pitches[..., voice]
        bits |= torch.where(note >= 0, torch.ones_like(note) << (note % 12), 0)
    return IN_ONE_CHORD.to(bits.device)[bits]
