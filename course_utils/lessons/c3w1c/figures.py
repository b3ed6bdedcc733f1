"""The figures that only this lesson draws."""

import torch

from course_utils import plotting
from course_utils.metrics.membership import area, promised

COLOURS = (plotting.BLUE, plotting.ORANGE, plotting.GREEN, plotting.RED, plotting.PURPLE)


def curves(named: dict[str, tuple], title: str):
    """ROC curves ``{"name": (false, true)}`` on straight axes, and on logarithmic ones, where false alarms are rare."""
    fig = plotting.figure(7.2, 3.9)
    for axes, logarithmic in zip(fig.subplots(1, 2), (False, True), strict=True):
        for (name, (false, true)), colour in zip(named.items(), COLOURS, strict=False):
            label = None if logarithmic else f"{name}: area {area((false, true)):.2f}"
            axes.step(false, true, where="post", color=colour, lw=1.4, label=label)
        line = torch.logspace(-3, 0, 50)
        axes.plot(line, line, ":", color=plotting.GREY, label=None if logarithmic else "guessing")
        axes.set(xlabel="false positives", ylabel="true positives", title="where mistakes are rare" if logarithmic else "all")
        if logarithmic:
            axes.set(xscale="log", yscale="log", xlim=(1e-3, 1), ylim=(1e-3, 1.1))
        axes.grid(alpha=0.3)
    fig.legend(loc="outside lower center", ncols=3)
    fig.suptitle(title)
    return fig


def promises(curve: tuple, epsilons: tuple[float, ...], delta: float, title: str):
    """What each epsilon leaves to any attack (lines), and what one attack found (steps)."""
    fig = plotting.figure(7.2, 3.6)
    axes = fig.subplots()
    false = torch.linspace(0, 1, 2001).double()
    for epsilon, colour in zip(epsilons, COLOURS[1:], strict=False):
        axes.plot(false, promised(false, epsilon, delta), color=colour, label=f"no attack above: epsilon {epsilon:.3g}")
    axes.step(*curve, where="post", color=plotting.BLUE, label="this attack")
    axes.plot([0, 1], [0, 1], ":", color=plotting.GREY, label="guessing")
    axes.set(xlabel="false positives", ylabel="true positives", title=title, ylim=(0, 1.05))
    fig.legend(loc="outside lower center", ncols=3)
    axes.grid(alpha=0.3)
    return fig
