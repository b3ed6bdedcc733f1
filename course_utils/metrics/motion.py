"""How something moves in a video, from the path of its centre; and whether it stays what it is."""

import math
from typing import NamedTuple

import torch
from torch import Tensor


class Motion(NamedTuple):
    """What is measured of the paths of several videos."""

    speed: float  # pixels a step
    jolt: float  # change of velocity from one step to the next in the open, pixels; nan where nothing is in the open
    turns: float  # turns a video, both axes together
    at_wall: float  # share of turns that happen near a wall; nan where there are none


def track(frames: Tensor) -> Tensor:
    """The centre of the ink in each frame: videos (N, T, H, W) in [-1, 1], -1 without ink, to (N, T, 2), x and y in pixels.

    Ink below an eighth of the full scale does not count: faint grey far away would move the centre.
    """
    ink = (frames + 1).clamp(min=0)
    ink = ink * (ink > 0.25)  # (N, T, H, W)
    mass = ink.sum(dim=(2, 3)).clamp(min=1e-6)
    x, y = (torch.arange(side, dtype=ink.dtype, device=ink.device) for side in (frames.shape[3], frames.shape[2]))
    return torch.stack([(ink.sum(dim=2) * x).sum(dim=2) / mass, (ink.sum(dim=3) * y).sum(dim=2) / mass], dim=2)


def motion(paths: Tensor, low: float, high: float, margin: float = 2.0, slow: float = 0.5) -> Motion:
    """Measures paths (N, T, 2), x and y in pixels, in a room with walls at ``low`` and ``high`` on both axes; T is 3 at least.

    A step is the difference of two positions that follow each other. Each axis is looked at by itself. Three positions of an
    axis that follow each other are a triple: two steps, one before and one after.

    - ``speed``: the mean length of a step, both axes together (Euclidean).
    - A triple is *in the open* when all three of its positions are more than ``margin`` away from both walls. Beyond a wall is
      not in the open.
    - ``jolt``: the mean of |step after - step before| over all triples in the open.
    - A triple is a *turn* when its steps have opposite signs and both are longer than ``slow``.
    - ``turns``: the number of turns divided by N.
    - ``at_wall``: the share of turns that are not in the open.

    Returns a ``Motion`` of four plain numbers. ``jolt`` is nan without a triple in the open, ``at_wall`` is nan without turns.
    Raises ValueError for fewer than three positions.
    """
    if paths.shape[1] < 3:
        raise ValueError(f"paths: expected at least 3 positions, got {paths.shape[1]}")
    # BEGIN SOLUTION
    steps = paths.diff(dim=1)  # (N, T - 1, 2)
    speed = steps.norm(dim=2).mean().item()
    before, after = steps[:, :-1], steps[:, 1:]  # (N, T - 2, 2)
    triples = paths.unfold(1, 3, 1)  # (N, T - 2, 2, 3)
    in_the_open = ((triples - low > margin) & (high - triples > margin)).all(dim=3)
    jolts = (after - before).abs()[in_the_open]
    turned = (before * after < 0) & (before.abs() > slow) & (after.abs() > slow)
    count = turned.sum().item()
    at_wall = (turned & ~in_the_open).sum().item() / count if count else math.nan
    return Motion(speed, jolts.mean().item(), count / len(paths), at_wall)
    # END SOLUTION


def kept(labels: Tensor) -> float:
    """The share of neighbouring frames that a judge reads alike, from its labels (N, T)."""
    return (labels[:, 1:] == labels[:, :-1]).cpu().double().mean().item()
