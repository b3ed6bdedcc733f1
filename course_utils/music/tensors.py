"""Chorales as class numbers and one-hot tensors, and back."""

import torch
import torch.nn.functional as F
from torch import Tensor

LOW, HIGH = 40, 79  # the pitches that there are classes for, as MIDI numbers
HOLD = 0  # the class that says: the note before goes on
CLASSES = HIGH - LOW + 2
STEPS = 16  # of a bar


def to_classes(pitches: Tensor, onsets: Tensor) -> Tensor:
    """What each voice does at each sixteenth: 0 where its note is held, else 1 + pitch - LOW where one begins.

    Takes pitches int64 and onsets bool, both (N, T, 4) with T = 16 * bars; returns int64 (N, bars, 16, 4).
    Raises ValueError for a pitch outside LOW to HIGH.
    """
    if pitches.min() < LOW or pitches.max() > HIGH:
        raise ValueError(f"pitches: expected {LOW} to {HIGH}, got {pitches.min().item()} to {pitches.max().item()}")
    return torch.where(onsets, pitches - LOW + 1, HOLD).unflatten(1, (-1, STEPS))


def to_notes(classes: Tensor) -> tuple[Tensor, Tensor]:
    """The way back: which note each voice sounds at each sixteenth, and where notes begin.

    ``classes`` (N, bars, steps, voices), int64, 16 steps and 4 voices in a chorale: HOLD, or 1 + pitch - LOW where a note
    begins. A held note goes on, also from one bar to the next. A voice that begins with HOLD is silent until its first note.

    Returns pitches int64 (N, bars * steps, voices), -1 for silence, and onsets bool of the same shape, both on the
    device of ``classes``.
    """
    # BEGIN SOLUTION
    steps = classes.flatten(1, 2)  # (N, T, 4)
    onsets = steps != HOLD
    place = torch.arange(steps.shape[1], device=steps.device).view(1, -1, 1)
    latest = torch.where(onsets, place, -1).cummax(dim=1).values  # where the sounding note began, -1 for nowhere
    begun = steps.gather(1, latest.clamp(min=0))
    return torch.where(latest >= 0, begun - 1 + LOW, -1), onsets
    # END SOLUTION


def one_hot(classes: Tensor) -> Tensor:
    """Class numbers (...) as float (..., CLASSES), which networks read."""
    return F.one_hot(classes, CLASSES).float()
