"""Figures of the lesson on evaluation: tables of readings, distances over sample sizes, lines, truncation."""

import torch

from course_utils import plotting
from course_utils.lessons.c2w1.ruler import PLACES, SHORT
from course_utils.plotting import BLUE, GREEN, GREY, ORANGE, RED

WORSE, BETTER, SAME = "#f3b28f", "#9ccbea", "#e6ebf1"  # fills under dark ink, on a light page and on a dark one
INK = "#14202b"


def readings(rows: dict[str, dict[str, float]], title: str, verdicts: dict[str, dict[str, str]] | None = None):
    """A table of readings; `verdicts` (the same shape, "worse", "better" or "same") colour its cells."""
    columns = list(next(iter(rows.values())))
    fig = plotting.figure(7.2, 0.5 + 0.33 * (len(rows) + 1 + bool(verdicts)))
    axes = fig.subplots()
    for j, column in enumerate(columns):
        axes.text(j, -1, SHORT.get(column, column), ha="center", va="center", fontsize=8)
        for i, (name, row) in enumerate(rows.items()):
            fill = {"worse": WORSE, "better": BETTER}.get(verdicts[name][column] if verdicts else "", SAME)
            axes.add_patch(_cell(j, i, fill))
            axes.text(j, i, f"{row[column]:.{PLACES.get(column, 2)}f}", ha="center", va="center", fontsize=8, color=INK)
    axes.set(xlim=(-0.5, len(columns) - 0.5), ylim=(len(rows) - 0.5, -1.5), title=title)
    axes.set_yticks(range(len(rows)), rows)
    axes.set_xticks([])
    axes.tick_params(length=0)
    for spine in axes.spines.values():
        spine.set_visible(False)
    if verdicts:
        fig.legend(handles=_key(), loc="outside lower center", ncols=3)
    return fig


def _cell(column: int, row: int, fill: str, label: str = ""):
    from matplotlib.patches import Rectangle

    return Rectangle((column - 0.48, row - 0.46), 0.96, 0.92, facecolor=fill, edgecolor="none", label=label)


def _key() -> list:
    texts = {WORSE: "looks worse than honest", BETTER: "looks better than honest", SAME: "not noticed"}
    return [_cell(0, 0, fill, text) for fill, text in texts.items()]


def sample_sizes(sizes: list[int], distances: dict[str, dict[str, torch.Tensor]], title: str):
    """A panel for each distance, a line for each set: {"FD": {"real digits": (P, R)}}, R repetitions of P sizes."""
    fig = plotting.figure(7.2, 3.3)
    for axes, (name, sets) in zip(fig.subplots(1, len(distances)), distances.items(), strict=True):
        for (label, values), colour in zip(sets.items(), (GREEN, ORANGE), strict=True):
            axes.plot(sizes, values.mean(dim=1).numpy(), color=colour, marker="o", ms=4, label=label)
            low, high = values.aminmax(dim=1)
            axes.fill_between(sizes, low.numpy(), high.numpy(), color=colour, alpha=0.25, lw=0)
        axes.axhline(0, color=GREY, lw=1, ls=":")
        axes.set(xscale="log", xlabel="images measured", ylabel=name, title=name)
        axes.set_xticks(sizes, [str(size) for size in sizes])
        axes.xaxis.minorticks_off()  # labels of their own, where the sizes span less than a factor of ten
        axes.grid(alpha=0.3)
    fig.legend(*axes.get_legend_handles_labels(), loc="outside lower center", ncols=2)
    fig.suptitle(title)
    return fig


def lines_to_infinity(sizes: torch.Tensor, distances: dict[str, torch.Tensor], limits: dict[str, float], title: str):
    """Distances (P,) over one over the sizes (P,), and the lines that meet the axis at `limits`."""
    fig = plotting.figure(7.2, 3.7)
    axes = fig.subplots()
    x = 1 / sizes.double()
    for (name, values), colour, marker in zip(distances.items(), (BLUE, ORANGE), "os", strict=True):
        slope = (values.mean() - limits[name]) / x.mean()  # a least squares line runs through both means
        axes.plot(x.numpy(), values.numpy(), color=colour, marker=marker, ms=5, ls="", label=f"{name}, measured")
        ends = torch.tensor([0.0, x.max().item()], dtype=torch.float64)
        axes.plot(ends.numpy(), (limits[name] + slope * ends).numpy(), color=colour, lw=1, label="its line")
        axes.plot([0], [limits[name]], color=colour, marker="*", ms=13, ls="", clip_on=False)
    axes.set(xlabel="1 / images measured", ylabel="Fréchet distance", title=title, xlim=(0, None), ylim=(0, None))
    fig.legend(loc="outside lower center", ncols=4)
    axes.grid(alpha=0.3)
    return fig


def truncation(factors: list[float], found: dict[str, torch.Tensor], title: str):
    """Fréchet distance (left), precision and recall (right) over the factor: (F, R) each, R seeds."""
    fig = plotting.figure(7.2, 3.4)
    left, right = fig.subplots(1, 2)
    for axes, names in ((left, ("Fréchet distance",)), (right, ("precision", "recall"))):
        for name, colour in zip(names, (BLUE, RED) if axes is left else (GREEN, ORANGE), strict=False):
            axes.plot(factors, found[name].mean(dim=1).numpy(), color=colour, marker="o", ms=4, label=name)
            axes.plot(factors, found[name].numpy(), color=colour, lw=0.6, alpha=0.6)
        axes.axvline(1, color=GREY, ls=":", lw=1, label="as trained")
        axes.set(xlabel="factor on z", ylabel=names[0] if axes is left else "share")
        axes.grid(alpha=0.3)
        plotting.legend_below(axes, 3)
    left.set(yscale="log", title="Fréchet distance")
    right.set(title="Precision and recall")
    fig.suptitle(title)
    return fig
