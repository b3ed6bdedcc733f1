"""The figures that only this lesson draws."""

import torch

from course_utils.plotting import BLUE, GREY, ORANGE, figure


def precision_over_recall(curves: dict, title: str):
    """Precision over recall, a mark for each threshold: ``curves`` maps (name, seed) to lists of (recall, precision)."""
    fig = figure(7.2, 3.6)
    axes = fig.subplots()
    colours = dict(zip(dict.fromkeys(name for name, _ in curves), (BLUE, ORANGE), strict=False))
    for (name, seed), points in curves.items():
        x, y = zip(*points, strict=True)
        style = "-" if seed == 0 else "--"
        axes.plot(x, y, style, marker="os"[seed], color=colours[name], ms=5, label=f"{name}, seed {seed}")
    axes.set(xlabel="recall", ylabel="precision", title=title)
    axes.grid(alpha=0.3)
    axes.legend(loc="best")
    return fig


def densities(samples: dict, title: str):
    """Histograms of numbers by name, one small plot each."""
    fig = figure(7.2, 3.8)
    bins = torch.linspace(-2.55, 2.55, 52).tolist()  # -1 and 1 lie in the middle of a bin
    for axes, (name, z) in zip(fig.subplots(2, 3, sharex=True, sharey=True).flatten(), samples.items(), strict=True):
        axes.hist(z.flatten().numpy(), bins=bins, density=True, color=GREY)
        axes.set(title=name)
        axes.set_ylim(0, 2)
    fig.supxlabel("number", fontsize=9)
    fig.supylabel("density", fontsize=9)
    fig.suptitle(title)
    return fig
