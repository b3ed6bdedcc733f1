"""The figures that only this lesson draws."""

import torch
from torch import Tensor

from course_utils import plotting

COLOURS = (plotting.GREY, plotting.GREEN, plotting.ORANGE, plotting.BLUE, plotting.PURPLE)
MARKS = "os^Dv"


def arms(scores: dict[str, Tensor], title: str):
    """Accuracies (N,) of N draws for each arm: small marks are draws, joined where they share a draw, bars are means."""
    fig = plotting.figure(7.2, 3.6)
    axes = fig.subplots()
    places = torch.arange(len(scores)).tolist()
    table = torch.stack(list(scores.values()))  # (arms, N)
    for column in table.T:
        axes.plot(places, column, "-", color=plotting.GREY, lw=0.8, alpha=0.6)
    for place, values, colour, mark in zip(places, table, COLOURS, MARKS, strict=False):
        axes.plot([place] * len(values), values, mark, color=colour, ms=5)
        axes.plot([place - 0.25, place + 0.25], [values.mean()] * 2, "-", color=colour, lw=3)
    axes.set_xticks(places, list(scores))
    axes.set(ylabel="accuracy on test digits", title=title)
    axes.grid(alpha=0.3, axis="y")
    return fig


def quality_and_use(distances: dict[str, list[float]], scores: dict[str, list[float]], title: str):
    """Accuracy of the classifier over the Fréchet distance of the fakes that it learned with, a mark a run."""
    fig = plotting.figure(7.2, 3.6)
    axes = fig.subplots()
    for (name, x), colour, mark in zip(distances.items(), COLOURS[1:], MARKS[1:], strict=False):
        axes.plot(x, scores[name], mark, color=colour, ms=8, label=name)
    axes.set(xlabel="Fréchet distance of the fakes", ylabel="accuracy on validation digits", title=title)
    axes.set_xscale("log")
    axes.grid(alpha=0.3)
    fig.legend(loc="outside lower center", ncols=len(distances))
    return fig
