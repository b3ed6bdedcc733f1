"""Figures of the lesson on debiasing."""

import torch
from torch import Tensor

from course_utils import plotting

MARKS = "osD^v"
COLOURS = (plotting.GREY, plotting.BLUE, plotting.ORANGE, plotting.GREEN, plotting.PURPLE)


def price(correlations: Tensor, measured: Tensor, title: str):
    """Share of the sample that is left (D,) over the correlation of the data (D,), beside 1 - r^2."""
    fig = plotting.figure(7.2, 3.4)
    axes = fig.subplots()
    r = torch.linspace(0, 1, 101)
    axes.plot(r, 1 - r.square(), color=plotting.GREY, ls="--", label="1 - r²")
    axes.plot(correlations, measured, "o", color=plotting.BLUE, ms=7, label="measured: variance without / with weights")
    axes.set(xlabel="correlation r of hat and glasses in the data", ylabel="share of the sample left", title=title)
    axes.grid(alpha=0.3)
    fig.legend(loc="outside lower center", ncols=2)
    return fig


def bias_and_cost(found: dict[str, list], title: str):
    """Correlation over Fréchet distance, a mark for each generator: ``{"method": [Found, ...]}``; the band is 0 +- 0.05."""
    fig = plotting.figure(7.2, 4.0)
    axes = fig.subplots()
    axes.axhspan(-0.05, 0.05, color=plotting.GREEN, alpha=0.15, label="within 0.05 of 0")
    for (name, several), mark, colour in zip(found.items(), MARKS, COLOURS, strict=False):
        x, y = [one.distance for one in several], [one.correlation for one in several]
        axes.plot(x, y, mark, color=colour, ms=8, label=name)
    axes.set(
        xlabel="Fréchet distance to drawn portraits with the dial at 0", ylabel="correlation, corrected", title=title
    )
    axes.grid(alpha=0.3)
    fig.legend(loc="outside lower center", ncols=2)
    return fig
