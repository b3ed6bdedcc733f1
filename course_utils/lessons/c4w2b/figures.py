"""The figures that only this lesson draws."""

from course_utils.plotting import BLUE, GREEN, GREY, ORANGE, PURPLE, RED, figure

_MARKS = ((RED, "o"), (GREEN, "s"), (PURPLE, "^"), (ORANGE, "D"), (BLUE, "v"))


def plane(curve: dict, points: dict, entropy: float, title: str):
    """Quality and diversity: a curve over temperatures, ``{1.0: (nll_oracle, nll_test)}``, and ``{"name": [(x, y), ...]}``.

    On the right the same, near the points.
    """
    fig = figure(7.2, 4.2)
    whole, near = fig.subplots(1, 2)
    for axes in (whole, near):
        _draw_plane(axes, curve, points, entropy)
    whole.set(title="all of it")
    x, y = ([place[k] for places in points.values() for place in places] for k in (0, 1))
    near.set(xlim=(min(x) - 0.1, max(x) + 0.1), ylim=(min(y) - 0.02, max(y) + 0.02), ylabel="", title="near the points")
    fig.suptitle(title)
    fig.legend(*whole.get_legend_handles_labels(), loc="outside lower center", ncols=2)
    return fig


def _draw_plane(axes, curve, points, entropy):
    axes.plot(*zip(*curve.values(), strict=True), color=BLUE, marker=".", label="maximum likelihood, T from 1 to 0.5")
    for temperature, place in curve.items():
        axes.annotate(
            f"T = {temperature:g}", place, xytext=(4, 7), textcoords="offset points", color=BLUE, fontsize=8, clip_on=True
        )
    for (name, places), (colour, mark) in zip(points.items(), _MARKS, strict=False):
        axes.scatter(*zip(*places, strict=True), color=colour, marker=mark, s=42, zorder=3, label=name)
    axes.scatter([entropy], [entropy], color=GREY, marker="*", s=110, zorder=3, label="the oracle itself")
    axes.axvline(entropy, color=GREY, ls=":")
    axes.set(xlabel="NLL_oracle (quality: left is better)", ylabel="NLL_test (diversity: below is better)")
    axes.margins(x=0.16, y=0.1)
    axes.grid(alpha=0.3)


def noises(values: dict, title: str):
    """A bar for the noise of each kind of gradient, ``{"name": number}``, on a logarithmic axis."""
    fig = figure(7.2, 2.6)
    axes = fig.subplots()
    axes.barh(list(values), list(values.values()), color=BLUE)
    for row, value in enumerate(values.values()):
        axes.text(value, row, f" {value:.3g}", va="center", fontsize=8)
    axes.invert_yaxis()
    axes.set(xscale="log", xlabel="total variance of one gradient / squared length of the true one", title=title)
    axes.margins(x=0.15)
    axes.grid(alpha=0.3, axis="x")
    return fig
