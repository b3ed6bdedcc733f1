"""Chorales with something out of order: the rivals that any table of music needs, and the cases of the diagnosis."""

import torch
from torch import Tensor

from course_utils.lessons.c4w2a.exercises import PIECES
from course_utils.music.tensors import HOLD, LOW, to_notes


def four_sets(classes: Tensor, keys: Tensor) -> dict[str, Tensor]:
    """The four sets of the diagnosis, made of chorales (N, bars, 16, 4) in these keys (N,), under names that say nothing."""
    return dict(zip(PIECES, (voices(classes, keys), bars(classes), classes, notes(classes)), strict=True))


def voices(classes: Tensor, keys: Tensor, seed: int = 0) -> Tensor:
    """Each voice from another chorale in the same key: class numbers (N, bars, 16, 4), keys (N,)."""
    dice = torch.Generator().manual_seed(seed)
    shuffled = classes.clone()
    for key in keys.unique():
        mine = (keys == key).nonzero()[:, 0]
        for voice in range(classes.shape[-1]):
            other = mine[torch.randperm(len(mine), generator=dice)]
            shuffled[mine, ..., voice] = classes[other, ..., voice]
    return shuffled


def bars(classes: Tensor, seed: int = 0) -> Tensor:
    """The bars of each chorale in another order; a note that was held into a bar begins there instead."""
    dice = torch.Generator().manual_seed(seed)
    begun = _begun(classes)
    order = torch.stack([torch.randperm(classes.shape[1], generator=dice) for _ in range(len(classes))])  # (N, bars)
    return begun[torch.arange(len(classes))[:, None], order]


def notes(classes: Tensor, seed: int = 0) -> Tensor:
    """In each voice of each chorale the notes in another order, in the old rhythm."""
    dice = torch.Generator().manual_seed(seed)
    lines = classes.permute(0, 3, 1, 2).flatten(2).flatten(0, 1).clone()  # (N * 4, T)
    for line in lines:
        places = (line != HOLD).nonzero()[:, 0]
        line[places] = line[places[torch.randperm(len(places), generator=dice)]]
    return lines.view(len(classes), classes.shape[-1], classes.shape[1], -1).permute(0, 2, 3, 1)


def _begun(classes: Tensor) -> Tensor:
    """The same with a note that begins wherever a bar does."""
    pitches, _ = to_notes(classes)
    first = pitches.unflatten(1, classes.shape[1:3])[:, :, 0]  # (N, bars, 4)
    begun = classes.clone()
    begun[:, :, 0] = torch.where(first >= LOW, first - LOW + 1, HOLD)
    return begun
