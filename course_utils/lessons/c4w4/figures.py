"""The figures that only this lesson draws."""

from torch import Tensor

from course_utils import plotting
from course_utils.metrics.neighbours import nearest_neighbours

MARKS = {"real": ("s", plotting.GREEN), "rival": ("^", plotting.GREY), "network": ("o", plotting.BLUE)}


def plane(points: dict[str, tuple[float, float, str]], title: str):
    """Distance and nearness of each maker; ``points`` holds (distance, nearness, kind), kind a key of ``MARKS``."""
    fig = plotting.figure(7.2, 4.2)
    axes = fig.subplots()
    for kind, (mark, colour) in MARKS.items():
        chosen = [(d, n) for d, n, k in points.values() if k == kind]
        if chosen:
            axes.plot(*zip(*chosen, strict=True), mark, color=colour, ms=8, label=kind)
    for number, (name, (d, n, _)) in enumerate(points.items()):
        place = ((8, 5), (8, -13))[number % 2]
        axes.annotate(name, (d, n), xytext=place, textcoords="offset points", fontsize=8)
    axes.axhline(1, color=plotting.GREY, lw=1, ls=":")
    axes.set(xscale="log", xlabel="Fréchet distance to held-out crops (logarithmic)", ylabel="nearness", title=title)
    axes.margins(x=0.25, y=0.15)
    axes.grid(alpha=0.3)
    plotting.legend_below(axes, 3)
    return fig


def beside_neighbours(made: Tensor, train: Tensor, title: str):
    """Made pictures, and below each the training picture nearest to it, as it is or mirrored."""
    nearest = train[nearest_neighbours(made, train)[1][:, 0]]
    mirrored = train.flip(3)[nearest_neighbours(made, train.flip(3))[1][:, 0]]
    return plotting.image_strips({"generated": made, "nearest": nearest, "nearest, mirrored": mirrored}, title)
