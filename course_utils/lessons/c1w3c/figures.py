"""The figure of the remedies: planes of laboratories side by side."""

from course_utils import plotting
from course_utils.widgets.gan_lab import GanLab
from course_utils.widgets.gan_lab.points import draw_points


def planes(labs: dict[str, GanLab], title: str, columns: int = 4):
    """The plane of each laboratory, with its modes and its share of high quality: ``{"remedy": lab}``."""
    rows = -(-len(labs) // columns)
    fig = plotting.figure(2.7 * columns, 3.1 * rows)
    places = list(fig.subplots(rows, columns, squeeze=False).flat)
    for axes, (name, lab) in zip(places, labs.items(), strict=False):
        draw_points(axes, lab.game.target.pool[:300], lab.game.fakes(400))
        found = lab.measure()
        quality = f"{found.modes} of {found.modes_total} modes\n{found.high_quality:.0%} high quality"
        axes.set_title(f"{name}\n{quality}", fontsize=9)
    for axes in places[len(labs) :]:
        axes.set_axis_off()
    fig.suptitle(title, fontsize=11)
    return fig
