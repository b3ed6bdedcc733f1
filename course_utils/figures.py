"""How every figure of the course looks: one size, one ink, no ground of its own, and a text for those who cannot see it.

A page may be white or nearly black (#111), and a picture that is kept cannot know which. So figures are transparent, and their
ink is a grey that has a contrast of 4.5 to 1 with white and of 4.2 to 1 with #111.
"""

import io
import textwrap

from matplotlib.figure import Figure

from course_utils import runtime

INK = "#767676"
WIDEST = 7.2  # inches, 720 pixels of a page; type of 8 points can be read there without zooming
PIXELS = 100  # of a page, to an inch
STYLE = {
    "figure.facecolor": "none",
    "axes.facecolor": "none",
    "savefig.facecolor": "none",
    "legend.frameon": False,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "grid.color": INK,
    "axes.titlesize": 10,
    "axes.labelsize": 9,
    "xtick.labelsize": 8,
    "ytick.labelsize": 8,
    "legend.fontsize": 8,
    "figure.titlesize": 11,
}


class CourseFigure(Figure):
    """A figure that a notebook shows with an alternative text, which JupyterLab gives to no other picture."""

    def _ipython_display_(self) -> None:
        sharp = 1 if runtime.unattended() else 2  # what is kept is small, what is seen is sharp
        data, text = png(self, sharp * PIXELS), described(self)
        runtime.publish(runtime.picture(data, text, width_of(data) // sharp))


def empty(width: float, height: float) -> CourseFigure:
    """An empty figure (inches) that is shown only when it is the value of a cell.

    A wider one than ``WIDEST`` is made as wide as that, so that its type is not shrunk with it when it is shown.
    """
    import matplotlib.pyplot as plt

    plt.rcParams.update(STYLE)
    shrunk = min(1.0, WIDEST / width)
    size = (width * shrunk, height * shrunk**0.5)
    fig = plt.figure(figsize=size, layout="constrained", FigureClass=CourseFigure)
    plt.close(fig)  # otherwise the notebook shows it twice
    return fig


def png(fig: Figure, dpi: int = PIXELS) -> bytes:
    """A figure as a PNG file, cut to what is drawn."""
    data = io.BytesIO()
    fig.savefig(data, format="png", dpi=dpi, bbox_inches="tight", pad_inches=0.05)
    return data.getvalue()


def width_of(data: bytes) -> int:
    """The width of a PNG file in pixels; it stands at a fixed place."""
    return int.from_bytes(data[16:20], "big")


def described(fig: Figure) -> str:
    """What a figure's titles say, in one line."""
    panels = [" ".join(axes.get_title().split()) for axes in fig.axes]
    panels = list(dict.fromkeys(filter(None, panels)))
    above = " ".join(fig.get_suptitle().split())
    return ": ".join(filter(None, [above, "; ".join(panels)])) or "A figure without a title"


def in_lines(text: str, width: int = 18) -> str:
    """A label in lines of about ``width`` characters, so that it fits beside what it names."""
    return textwrap.fill(text, width, break_long_words=False)
