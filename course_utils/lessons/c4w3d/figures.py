"""The figures that only this lesson draws."""

from course_utils.plotting import BLUE, GREY, ORANGE, figure

_STYLES = {"float32": (ORANGE, "o"), "float64": (BLUE, "s")}


def growth(curves: dict, title: str):
    """Distance of the weights over rounds, ``{("float32", seed): {round: distance}}``, both axes logarithmic."""
    fig = figure(7.2, 3.6)
    axes = fig.subplots()
    labelled = set()
    for (dtype, _), curve in curves.items():
        colour, mark = _STYLES[dtype]
        label = None if dtype in labelled else f"{dtype}, a line a seed"
        labelled.add(dtype)
        axes.plot(list(curve), [max(v, 1e-17) for v in curve.values()], color=colour, marker=mark, ms=4, label=label)
    axes.axhline(1e-6, color=GREY, ls=":", label="1e-6")
    axes.set(xscale="log", yscale="log", xlabel="rounds", ylabel="|two ranks - one process| / |one process|", title=title)
    axes.grid(alpha=0.3)
    fig.legend(loc="outside lower center", ncols=3)
    return fig
