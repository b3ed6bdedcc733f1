"""The figures that only this lesson draws."""

from torch import Tensor

from course_utils import plotting
from course_utils.metrics.neighbours import nearest_neighbours

NETWORKS = (("o", plotting.ORANGE), ("s", plotting.PURPLE), ("D", plotting.GREEN), ("P", plotting.BLUE))


def plane(rivals: dict[str, tuple[float, float]], networks: dict[str, list[tuple[float, float]]], title: str):
    """Distance and nearness of rivals, each with its name beside it, and of networks, a point a seed."""
    fig = plotting.figure(7.2, 4.2)
    axes = fig.subplots()
    furthest = max(distance for distance, _ in rivals.values())
    for number, (name, place) in enumerate(rivals.items()):
        axes.plot(*place, "^", color=plotting.GREY, ms=8)
        side, align = (-8, "right") if place[0] == furthest else (8, "left")  # a name at the right edge would cross the frame
        shift = side, (6, -14)[number % 2]
        axes.annotate(name, place, xytext=shift, textcoords="offset points", fontsize=9, ha=align)
    for (name, seeds), (mark, colour) in zip(networks.items(), NETWORKS, strict=False):
        axes.plot(*zip(*seeds, strict=True), mark, color=colour, ms=8, alpha=0.8, label=name)
    axes.axhline(1, color=plotting.GREY, lw=1, ls=":")
    axes.set(xscale="log", xlabel="Fréchet distance to held-out crops (logarithmic)", ylabel="nearness", title=title)
    axes.margins(x=0.25, y=0.15)
    axes.grid(alpha=0.3)
    plotting.legend_below(axes, 4)
    return fig


def beside_neighbours(made: Tensor, train: Tensor, title: str):
    """Made pictures, and below each the training picture nearest to it, as it is or mirrored."""
    nearest = train[nearest_neighbours(made, train)[1][:, 0]]
    mirrored = train.flip(3)[nearest_neighbours(made, train.flip(3))[1][:, 0]]
    return plotting.image_strips({"generated": made, "nearest": nearest, "nearest, mirrored": mirrored}, title)
