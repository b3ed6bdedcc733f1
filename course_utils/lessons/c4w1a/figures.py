"""The figures that only this lesson draws."""

import numpy as np

from course_utils import plotting
from course_utils.plotting import BLUE, GREEN, GREY, ORANGE, PURPLE, figure, legend_below
from course_utils.tables.pictures import heights

COLOURS = (BLUE, ORANGE, GREEN, PURPLE, GREY)
MARKERS = "osD^v"


def marginals(real, synthetic, discrete: list[str], title: str):
    """All columns of two tables: bars of the real one, a line for the synthetic one."""
    names = list(real.columns)
    fig = figure(7.2, 5.6)
    panels = fig.subplots(-(-len(names) // 4), 4).ravel()
    for axes, name in zip(panels, names, strict=False):
        bars = heights(real[name], synthetic[name], name in discrete)
        at = np.arange(bars.shape[1])
        axes.bar(at, bars[0], width=1.0 if name not in discrete else 0.8, color=GREY, alpha=0.6, label="real")
        axes.plot(at, bars[1], color=ORANGE, marker="o", ms=3, lw=1, label="synthetic")
        axes.set_title(name, fontsize=9)
        axes.set_yticks([])
        if name in discrete:
            values = sorted(real[name].unique())
            axes.set_xticks(at, _beside([str(value) for value in values]), fontsize=8)
        else:
            low, high = real[name].min(), real[name].quantile(0.98)
            axes.set_xticks([-0.5, bars.shape[1] - 0.5], [f"{low:.0f}", f"{high:,.0f}"], fontsize=8)
    for axes in panels[len(names) :]:
        axes.set_axis_off()
    panels[len(names)].legend(*panels[0].get_legend_handles_labels(), loc="center")
    fig.suptitle(title)
    return fig


def _beside(names: list[str]) -> list[str]:
    """Names that stand side by side below a small panel: where they are long, every second one is a line lower."""
    return names if sum(map(len, names)) < 18 else ["\n" * (k % 2) + name for k, name in enumerate(names)]


def curves(history, title: str):
    """Losses and the critic's estimate, with plain numbers at the axes; the estimate is small enough for a linear one."""
    fig = plotting.curves(history, title)
    losses, distance = fig.axes
    low, high = losses.get_ylim()
    ticks = [tick for tick in (-10, -5, -2, -1, -0.5, 0, 0.5, 1, 2, 5, 10, 20, 50) if low <= tick <= high]
    losses.set_yticks(ticks, [f"{tick:g}" for tick in ticks])
    losses.minorticks_off()
    distance.set_yscale("linear")
    return fig


def modes(values, found, title: str, most: float):
    """A column up to ``most`` and its modes: the histogram, and each mode's normal distribution by its weight."""
    fig = figure(7.2, 2.8)
    axes = fig.subplots()
    axes.hist(values[values <= most], bins=80, density=True, color=GREY, alpha=0.5, label="real values")
    at = np.linspace(0, most, 1000)
    shown = [mode for mode in zip(*(part.tolist() for part in found), strict=True) if mode[0] < most]
    for k, (mean, std, weight) in enumerate(sorted(shown)):
        if std < most / 1000:
            axes.axvline(mean, color=COLOURS[0], lw=2, label=f"spike at {mean:g}, {weight:.0%}")
        else:
            density = weight / std / (2 * np.pi) ** 0.5 * np.exp(-0.5 * ((at - mean) / std) ** 2)
            style = "-" if k % 2 else "--"
            axes.plot(at, density, style, color=COLOURS[k % 4], lw=1.5, label=f"mode at {mean:,.0f}, {weight:.0%}")
    axes.set(xlabel="dollars", ylabel="density", title=title, ylim=(0, 0.03))
    axes.legend()
    return fig


def correlations(tables: dict, names: list[str], title: str):
    """Spearman's correlations of the numbers of several tables, side by side."""
    fig = figure(7.2, 2.6)
    panels = fig.subplots(1, len(tables))
    for axes, (label, table) in zip(panels, tables.items(), strict=True):
        image = axes.imshow(table[names].rank().corr().to_numpy(), cmap="RdBu_r", vmin=-1, vmax=1)
        axes.set_title(label, fontsize=9)
        axes.set_xticks(range(len(names)), names, rotation=90, fontsize=8)
        axes.set_yticks(range(len(names)), names if axes is panels[0] else [""] * len(names), fontsize=8)
    fig.colorbar(image, ax=panels, shrink=0.7, label="correlation")
    fig.suptitle(title)
    return fig


def dots(found: dict[str, list[float]], title: str, xlabel: str, lines: dict[str, float]):
    """One row of dots a name, a dot a seed; ``lines`` are drawn through all rows."""
    fig = figure(7.2, 0.45 * len(found) + 1.2)
    axes = fig.subplots()
    for row, values in enumerate(found.values()):
        axes.plot(values, [row] * len(values), color=COLOURS[row % 5], ls="", marker=MARKERS[row % 5], ms=8, alpha=0.8)
    for name, value in lines.items():
        axes.axvline(value, color=GREY, ls=":" if name == "chance" else "--", lw=1.5, label=name)
    legend_below(axes, columns=2)
    axes.set_yticks(range(len(found)), list(found))
    axes.set_ylim(len(found) - 0.5, -0.5)
    axes.set(xlabel=xlabel, title=title)
    axes.grid(alpha=0.3, axis="x")
    return fig
