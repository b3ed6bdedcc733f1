"""The figures that only this lesson draws."""

from torch import Tensor

from course_utils.datasets.molecules import ATOMS, BONDS
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


def products(runs: dict[str, list[tuple[list, list]]], lines: dict[str, float], title: str):
    """The product of the three shares over seconds: ``{"arm": [(seconds, products), one a seed]}``, and level lines."""
    fig = figure(7.2, 3.4)
    axes = fig.subplots()
    for colour, marker, (name, seeds) in zip(COLOURS, "os^Dv", runs.items(), strict=False):
        for number, (seconds, values) in enumerate(seeds):
            style = {"color": colour, "marker": marker, "markersize": 4, "linestyle": "-" if number == 0 else "--"}
            axes.plot(seconds, values, label=f"{name}, seed {number}", **style)
    end = max(max(seconds) for seeds in runs.values() for seconds, _ in seeds)
    for name, value in lines.items():
        axes.axhline(value, color=GREY, linestyle=":")
        axes.text(end, value, name, color=GREY, ha="right", va="bottom", fontsize=8)
    axes.set(title=title, xlabel="seconds of the processor", ylabel="valid × unique × novel", ylim=(0, None))
    legend_below(axes, columns=2)
    return fig


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
