"""The figures that only this lesson draws."""

from torch import Tensor

from course_utils import plotting

COLOURS = (plotting.BLUE, plotting.ORANGE, plotting.GREEN, plotting.RED, plotting.PURPLE, plotting.GREY)
MARKS = "osD^vPX"


def panels(pictures: dict[str, Tensor], title: str, columns: int):
    """Pictures (1, 3, H, W) of one height beside each other, each below its name."""
    rows = -(-len(pictures) // columns)
    fig = plotting.figure(7.2, rows * (7.2 / columns + 0.25) + 0.3)
    axes = fig.subplots(rows, columns, squeeze=False).flat
    for one in axes:
        one.set_axis_off()
    for one, (name, picture) in zip(fig.axes, pictures.items(), strict=False):
        one.imshow(((picture[0].permute(1, 2, 0) + 1) / 2).clamp(0, 1).numpy())
        one.set_title(name)
    fig.suptitle(title)
    return fig


def losses(curves: dict[str, Tensor], title: str):
    """Content and style loss (steps, 3) of runs, over their steps."""
    fig = plotting.figure(7.2, 3.0)
    for axes, column, name in zip(fig.subplots(1, 2), (0, 1), ("content loss", "style loss"), strict=True):
        for (label, curve), colour in zip(curves.items(), COLOURS, strict=False):
            axes.plot(curve[:, column], color=colour, label=label if column == 0 else None)
        axes.set(xlabel="step", ylabel=name, title=name, yscale="log" if column else "linear")
        axes.grid(alpha=0.3)
    fig.legend(loc="outside lower center", ncols=3)
    fig.suptitle(title)
    return fig


def plane(points: dict[str, list[tuple[float, float]]], floor: float, title: str):
    """Style distance (to the left is better) and content SSIM (up is better); points of one name are joined."""
    fig = plotting.figure(7.2, 3.8)
    axes = fig.subplots()
    for (name, values), colour, mark in zip(points.items(), COLOURS, MARKS, strict=False):
        axes.plot(*zip(*values, strict=True), mark, ls="-", lw=0.8, ms=7, color=colour, label=name)
    axes.axvline(floor, color=plotting.GREY, ls=":", label="floor: two halves of the style")
    axes.set(xlabel="style distance, in filters that were not optimised", ylabel="SSIM to the content", title=title)
    axes.set_xscale("log")
    axes.grid(alpha=0.3)
    fig.legend(loc="outside lower center", ncols=3)
    return fig
