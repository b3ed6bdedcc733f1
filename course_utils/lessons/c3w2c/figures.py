"""The figure that only this lesson draws."""

from course_utils import plotting

COLOURS = (plotting.GREY, plotting.GREEN, plotting.BLUE, plotting.BLUE, plotting.ORANGE, plotting.ORANGE, plotting.RED)
MARKS = "sosvo^D"


def plane(points: dict[str, list[tuple[float, float]]], floor: float, title: str):
    """Each way to enlarge as marks (PSNR, Fréchet distance), one a seed; dashed: the distance between real people."""
    fig = plotting.figure(7.2, 3.9)
    axes = fig.subplots()
    for (name, marks), colour, mark in zip(points.items(), COLOURS, MARKS, strict=False):
        x, y = zip(*marks, strict=True)
        axes.plot(x, y, mark, color=colour, ms=7, ls="", label=name, fillstyle="none" if mark in "v^" else "full")
    axes.axhline(floor, color=plotting.GREY, lw=1, ls="--", label="real people")
    axes.set(xlabel="PSNR, dB (right is nearer to the truth)", ylabel="Fréchet distance", yscale="log", title=title)
    axes.grid(alpha=0.3)
    fig.legend(loc="outside lower center", ncols=4)
    return fig
