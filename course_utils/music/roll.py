"""Piano rolls: time to the right, pitch upwards, a colour for each voice."""

import torch
from torch import Tensor

from course_utils.music.sound import notes_of
from course_utils.music.tensors import HIGH, LOW, to_notes
from course_utils.plotting import BLUE, GREEN, ORANGE, RED, figure

COLOURS = {"soprano": RED, "alto": ORANGE, "tenor": GREEN, "bass": BLUE}
GROUND = -0.85  # of small rolls, nearly black


def piano_rolls(pieces: dict[str, tuple[Tensor, Tensor]], title: str, columns: int = 1):
    """Pieces ``{"name": (pitches, onsets)}``, (T, 4) each, one below the other; a bar's beginning is a line."""
    rows = -(-len(pieces) // columns)
    fig = figure(7.2, 1.75 * rows + 0.6)
    panels = fig.subplots(rows, columns, squeeze=False, sharex=True, sharey=True)
    for axes, (name, (pitches, onsets)) in zip(panels.flat, pieces.items(), strict=False):
        _draw(axes, pitches, onsets)
        axes.set_title(name)
    for axes in panels[:, 0]:
        axes.set_ylabel("pitch")
    for axes in panels[-1]:
        axes.set_xlabel("bar")
    handles = [panels[0][0].plot([], [], color=colour, lw=4, label=name)[0] for name, colour in COLOURS.items()]
    fig.legend(handles=handles, loc="outside lower center", ncols=4)
    fig.suptitle(title)
    return fig


def _draw(axes, pitches: Tensor, onsets: Tensor) -> None:
    for voice, colour in enumerate(COLOURS.values()):
        for start, steps, pitch in notes_of(pitches[:, voice : voice + 1], onsets[:, voice : voice + 1]):
            axes.broken_barh([(start + 0.15, steps - 0.3)], (pitch - 0.42, 0.84), facecolors=colour)
    bars = len(pitches) // 16
    axes.set_xticks([16 * bar for bar in range(bars)], [str(bar + 1) for bar in range(bars)])
    axes.set_yticks([48, 60, 72], ["C3", "C4", "C5"])
    axes.set(xlim=(0, len(pitches)), ylim=(LOW - 1.5, HIGH + 1.5))
    axes.grid(alpha=0.4)


def pictures(classes: Tensor, scale: int = 1) -> Tensor:
    """Chorales (N, bars, 16, 4) of class numbers as small piano rolls (N, 3, pitches, T) in [-1, 1], for the dashboard."""
    pitches, _ = to_notes(classes)  # (N, T, 4)
    rolls = torch.full((len(pitches), 3, HIGH - LOW + 1, pitches.shape[1]), GROUND, device=pitches.device)
    piece, step, voice = (pitches >= LOW).nonzero(as_tuple=True)
    inks = torch.tensor([[int(c[i : i + 2], 16) for i in (1, 3, 5)] for c in COLOURS.values()]) / 127.5 - 1  # (4, 3)
    rolls[piece, :, HIGH - pitches[piece, step, voice], step] = inks.to(rolls.device)[voice]
    return rolls.repeat_interleave(scale, 2).repeat_interleave(scale, 3)


def one_roll(classes: Tensor, scale: int = 4) -> Tensor:
    """One chorale (bars, 16, 4) of class numbers as a larger piano roll (3, pitches * scale, T * scale) in [-1, 1].

    Notes that are struck again are parted by a gap, and bars by a faint line.
    """
    drawn = pictures(classes[None], scale)[0]
    pitches, onsets = (part[0] for part in to_notes(classes[None]))  # (T, 4)
    for step, voice in onsets.nonzero().tolist():
        row = (HIGH - pitches[step, voice]) * scale
        drawn[:, row : row + scale, step * scale] = GROUND
    for start in range(16 * scale, drawn.shape[2], 16 * scale):
        line = drawn[:, :, start]
        line[:, (line == GROUND).all(dim=0)] = -0.45
    return drawn
