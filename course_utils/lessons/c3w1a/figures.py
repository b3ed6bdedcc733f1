"""The figures that only this lesson draws."""

import torch
from torch import Tensor

from course_utils import plotting

COLOURS = (plotting.GREY, plotting.BLUE, plotting.ORANGE, plotting.GREEN, plotting.RED, plotting.PURPLE)
MARKS = "os^DPv"


def over_labels(sizes: tuple[int, ...], scores: dict[str, Tensor], title: str, ylabel: str, zero: bool = False):
    """Numbers over labels a class: ``{"arm": (S, N)}`` for S sizes and N draws. Small marks are draws, lines their means.

    With ``zero`` a dashed line marks 0, as for gains.
    """
    fig = plotting.figure(7.2, 4.4)
    axes = fig.subplots()
    places = torch.arange(len(sizes), dtype=torch.float32)
    for number, ((name, values), colour) in enumerate(zip(scores.items(), COLOURS, strict=False)):
        shifted = places + 0.1 * (number - (len(scores) - 1) / 2)
        for column in values.T:
            axes.plot(shifted, column, MARKS[number], color=colour, ms=3, alpha=0.35)
        axes.plot(shifted, values.mean(dim=1), MARKS[number] + "-", color=colour, ms=7, lw=1.5, label=name)
    if zero:
        axes.axhline(0, color=plotting.GREY, ls="--")
    axes.set_xticks(places.tolist(), [str(size) for size in sizes])
    axes.set(xlabel="labels a class", ylabel=ylabel, title=title)
    axes.grid(alpha=0.3)
    fig.legend(loc="outside lower center", ncols=2)
    return fig


def gains(sizes: tuple[int, ...], found: dict, title: str):
    """Mean gains with their 95 % intervals, ``{"arm": [Comparison, ...]}`` with one for each size."""
    fig = plotting.figure(7.2, 4.2)
    axes = fig.subplots()
    places = torch.arange(len(sizes), dtype=torch.float32)
    for number, (name, rows) in enumerate(found.items()):
        shifted = places + 0.12 * (number - (len(found) - 1) / 2)
        middle = [100 * c.difference for c in rows]
        half = [100 * (c.high - c.difference) for c in rows]
        colour = COLOURS[number + 1]
        axes.errorbar(shifted, middle, half, fmt=MARKS[number + 1], color=colour, ms=6, capsize=4, label=name)
    axes.axhline(0, color=plotting.GREY, ls="--")
    axes.set_xticks(places.tolist(), [str(size) for size in sizes])
    axes.set(xlabel="labels a class", ylabel="gain over real, points of accuracy", title=title)
    axes.grid(alpha=0.3)
    fig.legend(loc="outside lower center", ncols=2)
    return fig


def over_weights(weights: tuple[float, ...], scores: dict[str, list], title: str):
    """Accuracy on the validation digits over the weight of generated images: a panel an arm, a line a size."""
    fig = plotting.figure(7.2, 5.8)
    grid = fig.subplots((len(scores) + 1) // 2, 2, sharex=True, sharey=True, squeeze=False)
    panels = grid.flat[: len(scores)]
    for axes, (name, lines) in zip(panels, scores.items(), strict=True):
        for (label, values), colour, mark in zip(lines.items(), COLOURS, MARKS, strict=False):
            axes.plot(weights, values, mark + "-", color=colour, ms=5, label=label)
        axes.set(title=name)
        axes.grid(alpha=0.3)
    for axes in grid[-1]:
        axes.set(xlabel="weight of what was added")
    for axes in grid[:, 0]:
        axes.set(ylabel="accuracy on validation digits")
    handles, labels = panels[0].get_legend_handles_labels()
    fig.legend(handles, labels, title="labels a class", loc="outside lower center", ncols=len(labels))
    fig.suptitle(title)
    return fig
