"""The figures that only this lesson draws."""

import math

from torch import Tensor

from course_utils.datasets.molecules import ATOMS, BONDS
from course_utils.molecules.scores import Scores
from course_utils.plotting import BLUE, GREEN, GREY, ORANGE, PURPLE, RED, figure, legend_below

COLOURS = (BLUE, ORANGE, GREEN, RED, PURPLE)


def tensors(graphs: dict[str, tuple[Tensor, Tensor]], title: str):
    """Numbers of graphs, ``{"name": (atoms (N,), bonds (N, N))}``, as tables with the atoms at their sides."""
    fig = figure(7.2, 2.7)
    panels = fig.subplots(1, len(graphs), squeeze=False)[0]
    for axes, (name, (atoms, bonds)) in zip(panels, graphs.items(), strict=True):
        axes.imshow(bonds.numpy(), cmap="Blues", vmin=0, vmax=len(BONDS) + 1)
        for i, row in enumerate(bonds.tolist()):
            for j, order in enumerate(row):
                axes.text(j, i, str(order), ha="center", va="center", fontsize=9)
        labels = [ATOMS[k] if k else "–" for k in atoms.tolist()]
        axes.set_xticks(range(len(labels)), labels)
        axes.set_yticks(range(len(labels)), labels)
        axes.set(title=name, xlabel="atom j", ylabel="atom i" if axes is panels[0] else "")
    fig.suptitle(title)
    return fig


Runs = dict[str, list[tuple[list, list[Scores]]]]  # {"arm": [(steps or seconds, scores), one a seed]}


def products(runs: Runs, lines: dict[str, Scores], title: str):
    """The product over seconds, with and without the molecules that break a filter, and level lines for samplers."""
    fig = figure(7.2, 4.2)
    panels = fig.subplots(1, 2, sharey=True)
    for axes, what in zip(panels, ("product", "listed"), strict=True):
        _draw(axes, runs, lines, what)
        axes.set_xlabel("seconds of the processor")
    panels[0].set(title="valid × unique × novel", ylabel="share of the sample", ylim=(0, None))
    panels[1].set_title("the same, without broken filters")
    fig.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=3)
    fig.suptitle(title)
    return fig


def shares(runs: Runs, lines: dict[str, Scores], title: str):
    """Valid, unique and novel over steps, a panel each, and level lines for samplers."""
    fig = figure(7.2, 3.4)
    panels = fig.subplots(1, 3, sharex=True, sharey=True)
    for axes, what in zip(panels, ("valid", "unique", "novel"), strict=True):
        _draw(axes, runs, lines, what)
        axes.set(title=what, xlabel="step", ylim=(-0.03, 1.05))
    panels[0].set_ylabel("share")
    fig.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=3)
    fig.suptitle(title)
    return fig


def _draw(axes, runs: Runs, lines: dict[str, Scores], what: str) -> None:
    """The score ``what`` of all runs: a colour and a marker for each arm, a dash for its second seed."""
    wanted = max(found.molecules for found in lines.values())
    for colour, marker, (name, seeds) in zip(COLOURS, "os^Dv", runs.items(), strict=False):
        for number, (at, scores) in enumerate(seeds):
            style = {"color": colour, "marker": marker, "markersize": 4, "linestyle": "--" if number else "-"}
            axes.plot(at, [_value(found, what, wanted) for found in scores], label=f"{name}, seed {number}", **style)
    for style, (name, found) in zip((":", "-.", "--"), lines.items(), strict=False):
        axes.axhline(getattr(found, what), color=GREY, linestyle=style, label=name)


def _value(found: Scores, what: str, wanted: int) -> float:
    """The score ``what``; NaN, which is not drawn, for shares of no molecule or of fewer than ``wanted``."""
    few = not found.valid or found.molecules < wanted
    return math.nan if what in ("unique", "novel") and few else getattr(found, what)


def estimates(histories: dict, title: str):
    """The critic's estimate of the distance over steps: ``{"name": history}``."""
    fig = figure(7.2, 2.8)
    axes = fig.subplots()
    for colour, style, (name, history) in zip(COLOURS, ("-", "--", "-.", ":", "-"), histories.items(), strict=False):
        apart = [real - fake for real, fake in zip(history.d_real, history.d_fake, strict=True)]
        axes.plot(history.step, apart, color=colour, linestyle=style, label=name)
    axes.axhline(0, color=GREY, linestyle=":")
    axes.set(title=title, xlabel="step", ylabel="mean D(x) - mean D(G(z))")
    legend_below(axes, columns=2)
    return fig
