"""Numbers that describe pieces, after MuseGAN (Dong, Hsiao, Yang and Yang, 2018), and one that asks whether a bar was copied.

Pitches are MIDI numbers (N, T, voices), sixteenth by sixteenth; -1 where a voice is silent.
"""

import math

import torch
from torch import Tensor

STEPS = 16  # of a bar


def chroma(pitches: Tensor) -> Tensor:
    """How long each pitch class sounds: (..., T) MIDI numbers to (..., 12), in sixteenths; silence does not count."""
    counted = torch.zeros(*pitches.shape[:-1], 12, device=pitches.device)
    return counted.scatter_add_(-1, pitches.clamp(min=0) % 12, (pitches >= 0).float())


def tonal_distance(x: Tensor, y: Tensor) -> Tensor:
    """How far apart two parts are in harmony: the distance of their tonal centroids.

    ``x`` and ``y`` (..., 12) say how long each pitch class sounds, from C up. Each is divided by its sum. Pitch class l then
    lies at three angles, and its centroid is the mean, with these weights, of the six numbers

        sin(l 7π/6), cos(l 7π/6), sin(l 3π/2), cos(l 3π/2), sin(l 2π/3) / 2, cos(l 2π/3) / 2

    on circles of fifths, minor thirds and major thirds. Returns the Euclidean distance of the two centroids (...). A part
    without any note has the centroid 0 (Harte, Sandler and Gasser, "Detecting Harmonic Change in Musical Audio", 2006).

    The result lies on the device of ``x`` and ``y``. Raises ValueError unless both end in 12 pitch classes.
    """
    if x.shape[-1] != 12 or y.shape[-1] != 12:
        raise ValueError(f"x, y: expected 12 pitch classes at the end, got {tuple(x.shape)} and {tuple(y.shape)}")
    # BEGIN SOLUTION
    place = torch.arange(12, dtype=x.dtype, device=x.device)
    rows = []
    for turn, radius in ((7 / 6, 1.0), (3 / 2, 1.0), (2 / 3, 0.5)):
        angle = place * turn * math.pi
        rows += [radius * angle.sin(), radius * angle.cos()]
    circles = torch.stack(rows)  # (6, 12)
    centroids = [(part / part.sum(-1, keepdim=True).clamp(min=1e-9)) @ circles.T for part in (x, y)]  # (..., 6)
    return (centroids[0] - centroids[1]).norm(dim=-1)
    # END SOLUTION


def describe(pitches: Tensor, onsets: Tensor) -> dict[str, float]:
    """Means over all bars and voices of pieces (N, T, 4).

    - empty bars: share of bars in which a voice is silent
    - pitch classes: how many a voice uses in a bar
    - notes: how many begin in a bar of a voice
    - qualified notes: share of notes that last at least an eighth; shorter ones are fragments here
    - tonal distance: between two voices in the same bar, mean over the six pairs
    """
    voices = pitches.unflatten(1, (-1, STEPS)).transpose(2, 3)  # (N, bars, 4, 16)
    counted = chroma(voices)  # (N, bars, 4, 12)
    upper, lower = torch.triu_indices(4, 4, offset=1)
    return {
        "empty bars": (voices < 0).all(-1).float().mean().item(),
        "pitch classes": (counted > 0).sum(-1).float().mean().item(),
        "notes": onsets.float().mean().item() * STEPS,
        "qualified notes": qualified(onsets),
        "tonal distance": tonal_distance(counted[:, :, upper], counted[:, :, lower]).mean().item(),
    }


def qualified(onsets: Tensor, least: int = 2) -> float:
    """Share of notes that last at least so many sixteenths, of onsets (N, T, 4); NaN where there is no note."""
    too_soon = torch.zeros_like(onsets)
    for later in range(1, least):
        too_soon[:, :-later] |= onsets[:, later:]
    return (1 - (onsets & too_soon).sum() / onsets.sum()).item()


def nearest_bar(classes: Tensor, training: Tensor, chunk: int = 200) -> Tensor:
    """For each bar, in how many of its 64 entries the most similar training bar differs: (n, 16, 4) to (n,).

    ``classes`` and ``training`` hold class numbers of bars, (n, 16, 4) and (m, 16, 4). 0 is a copy.
    """
    theirs = training.flatten(1).to(torch.uint8)
    parts = classes.flatten(1).to(torch.uint8).split(chunk)
    return torch.cat([torch.stack([(theirs != bar).sum(1).min() for bar in part]) for part in parts])
