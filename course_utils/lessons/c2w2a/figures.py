"""Figures of the lesson on bias: correlations over the dial."""

import torch
from torch import Tensor

from course_utils import plotting

COLOURS = (plotting.BLUE, plotting.ORANGE, plotting.GREEN, plotting.PURPLE)
MARKS = "os^D"


def over_the_dial(
    dials: tuple, measured: dict[str, Tensor], title: str, ylabel: str, follows: bool, extra: dict | None = None
):
    """Correlations over the dial: ``measured`` has a name and numbers (D, S) for D dials and S seeds.

    Small marks are seeds, bars the mean with two standard errors. The dashed line is the dial itself where a number should
    follow it, else 0. ``extra`` are single points, ``{"name": (dial, correlation)}``.
    """
    fig = plotting.figure(7.2, 4.2)
    axes = fig.subplots()
    ends = torch.tensor([min(dials) - 0.05, max(dials) + 0.08])
    axes.plot(ends, ends if follows else 0 * ends, color=plotting.GREY, ls="--", label="the truth")
    for number, ((name, values), colour) in enumerate(zip(measured.items(), COLOURS, strict=False)):
        shift = 0.022 * (number - (len(measured) - 1) / 2)
        places = torch.tensor(dials) + shift
        error = values.std(dim=1) / values.shape[1] ** 0.5  # (D,)
        for column in values.T:
            axes.plot(places, column, MARKS[number], color=colour, ms=3, alpha=0.5)
        axes.errorbar(
            places, values.mean(dim=1), 2 * error, fmt=MARKS[number], color=colour, ms=6, capsize=4, label=name
        )
    for name, (dial, value) in (extra or {}).items():
        axes.plot([dial], [value], "*", color=plotting.RED, mec="black", ms=16, label=name, zorder=5)
    axes.set(xlabel="dial: correlation of hat and glasses in the data", ylabel=ylabel, title=title)
    axes.set_xticks(dials)
    axes.grid(alpha=0.3)
    fig.legend(loc="outside lower center", ncols=2)
    return fig


def corner_errors(errors: dict[str, Tensor], title: str):
    """How often judges misread glasses in each corner of the truth: ``{"judge": numbers (4,)}``."""
    names = ("neither", "glasses only", "hat only", "both")
    return plotting.bars(errors, title, "share misread", names=names)
