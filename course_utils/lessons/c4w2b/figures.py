"""The figures that only this lesson draws."""

from course_utils import plotting
from course_utils.plotting import BLUE, GREEN, GREY, ORANGE, PURPLE, RED, figure

_MARKS = ((RED, "o"), (GREEN, "s"), (PURPLE, "^"), (ORANGE, "D"), (BLUE, "v"))


def plane(curve: dict, points: dict, entropy: float, title: str, moves: list = ()):
    """Quality and diversity: a curve over temperatures, ``{1.0: (nll_oracle, nll_test)}``, and ``{"name": [(x, y), ...]}``.

    On the right the same, near the points, with an arrow for each of ``moves``, (start, end).
    """
    fig = figure(7.2, 4.2)
    whole, near = fig.subplots(1, 2)
    for axes, above in ((whole, 7), (near, -14)):
        _draw_plane(axes, curve, points, entropy, above)
    whole.set(title="all of it")
    x, y = ([place[k] for places in points.values() for place in places] for k in (0, 1))
    for start, end in moves:
        near.annotate("", end, start, arrowprops={"arrowstyle": "->", "color": GREY, "shrinkA": 5, "shrinkB": 5})
    near.set(xlim=(min(x) - 0.1, max(x) + 0.1), ylim=(min(y) - 0.02, max(y) + 0.02), ylabel="", title="near the points")
    fig.suptitle(title)
    fig.legend(*whole.get_legend_handles_labels(), loc="outside lower center", ncols=2)
    return fig


def _draw_plane(axes, curve, points, entropy, above):
    axes.plot(*zip(*curve.values(), strict=True), color=BLUE, marker=".", label="maximum likelihood, T from 1 to 0.5")
    for temperature, place in curve.items():
        axes.annotate(
            f"T = {temperature:g}",
            place,
            xytext=(4, above),
            textcoords="offset points",
            color=BLUE,
            fontsize=8,
            clip_on=True,
        )
    for (name, places), (colour, mark) in zip(points.items(), _MARKS, strict=False):
        axes.scatter(*zip(*places, strict=True), color=colour, marker=mark, s=42, zorder=3, label=name)
    axes.scatter([entropy], [entropy], color=GREY, marker="*", s=110, zorder=3, label="the oracle itself")
    axes.axvline(entropy, color=GREY, ls=":")
    axes.set(xlabel="NLL_oracle (quality: left is better)", ylabel="NLL_test (diversity: below is better)")
    axes.margins(x=0.16, y=0.1)
    axes.grid(alpha=0.3)


def noises(values: dict, title: str):
    """A row of points, one a seed, for the noise of each kind of gradient, ``{"name": [numbers]}``, on a logarithmic axis."""
    fig = figure(7.2, 2.6)
    axes = fig.subplots()
    for row, numbers in enumerate(values.values()):
        axes.plot(numbers, [row] * len(numbers), color=BLUE, marker="o", ls="")
        axes.text(max(numbers), row, "   " + ", ".join(f"{value:.3g}" for value in numbers), va="center", fontsize=8)
    axes.set_yticks(range(len(values)), list(values))
    axes.invert_yaxis()
    axes.set(xscale="log", xlabel="total variance of one gradient / squared length of the reference", title=title)
    axes.margins(x=0.2, y=0.15)
    axes.grid(alpha=0.3)
    return fig


def curves(history, title: str):
    """``plotting.curves`` of a game with sequences: its legend says what was judged."""
    fig = plotting.curves(history, title)
    scores = fig.axes[1]
    for line in scores.lines:
        line.set_label(line.get_label().replace("images", "sequences"))
    plotting.legend_below(scores)
    return fig
