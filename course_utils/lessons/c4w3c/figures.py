"""The figures that only this lesson draws."""

import torch
from torch import Tensor

from course_utils import plotting

COLOURS = (plotting.ORANGE, plotting.BLUE, plotting.GREEN, plotting.PURPLE)


def spectra(excess: dict[str, list[Tensor]], title: str):
    """For each name the log power above that of real pictures, (N, R) of each seed: means over pictures, a line a seed."""
    fig = plotting.figure(7.2, 3.2)
    axes = fig.subplots()
    axes.axhline(0, color=plotting.GREY, lw=1, ls="--", label="real pictures")
    for (name, seeds), colour in zip(excess.items(), COLOURS, strict=False):
        for k, values in enumerate(seeds):
            axes.plot(values.mean(dim=0), color=colour, marker="o", ms=3, lw=1.2, label=name if k == 0 else None)
    axes.set(xlabel="waves a picture (ring)", ylabel="log power minus real", title=title)
    axes.grid(alpha=0.3)
    fig.legend(loc="outside lower center", ncols=4)
    return fig


def broken(rows: dict[str, dict[str, list]], title: str):
    """For each detector and each row its ``Tested`` of each seed: share right with 95 % intervals, a mark a seed."""
    fig = plotting.figure(7.2, 3.6)
    axes = fig.subplots()
    axes.axhline(0.5, color=plotting.GREY, lw=1, ls="--", label="chance")
    names = list(next(iter(rows.values())))
    for k, ((detector, tests), colour, mark) in enumerate(zip(rows.items(), COLOURS[1:], "os^", strict=False)):
        for place, name in enumerate(names):
            for i, one in enumerate(tests[name]):
                x = place + 0.4 * (k - 0.5) + 0.08 * (i - 1.5)
                errors = [[max(0, one.right - one.low)], [max(0, one.high - one.right)]]
                label = detector if place == i == 0 else None
                axes.errorbar(x, one.right, yerr=errors, fmt=mark, color=colour, ms=5, capsize=2, label=label)
    axes.set_xticks(range(len(names)), names, rotation=20, ha="right")
    axes.set(ylim=(0.3, 1.03), ylabel="share right", title=title)
    axes.grid(alpha=0.3, axis="y")
    fig.legend(loc="outside lower center", ncols=3)
    return fig


def calibrated(p_values: dict[str, Tensor], title: str):
    """How often p-values of messages that are in no picture fall below a level, for all levels; right is the diagonal."""
    fig = plotting.figure(7.2, 3.4)
    axes = fig.subplots()
    levels = torch.logspace(-4, 0, 200)
    axes.plot(levels, levels, color=plotting.GREY, lw=1, ls="--", label="what a p-value promises, at most")
    for (name, values), colour in zip(p_values.items(), COLOURS[1:], strict=False):
        axes.plot(levels, [(values <= level).double().mean().item() for level in levels], color=colour, label=name)
    axes.set(xscale="log", yscale="symlog", xlabel="level", ylabel="share of p-values at or below it", title=title)
    axes.set_yscale("symlog", linthresh=1e-3)
    axes.set_ylim(0, 1.3)
    axes.grid(alpha=0.3)
    fig.legend(loc="outside lower center", ncols=2)
    return fig
