"""Figures of the stability clinic: charts of patients side by side."""

from course_utils import plotting
from course_utils.lessons.c1w3b.patients import Chart
from course_utils.widgets.gan_lab.points import draw_points
from course_utils.widgets.gan_lab.targets import REACH


def charts(patients: dict[str, Chart], title: str, losses: bool = True, width: float = 3.0, one_scale: bool = False):
    """A column for each patient: losses (or not), scores, and what the generator makes in the end.

    With ``one_scale`` the losses of all patients have the same axis.
    """
    rows = 2 + losses
    fig = plotting.figure(width * len(patients), width * (0.2 + 0.72 * rows))
    axes = fig.subplots(rows, len(patients), squeeze=False, height_ratios=[1] * (rows - 1) + [1.4])
    for column, (name, chart) in zip(axes.T, patients.items(), strict=True):
        if losses:
            plotting.draw_losses(column[0], chart)
        plotting.draw_scores(column[-2], chart, _kind(patients.values()))
        if chart.d_held_out:
            column[-2].plot(chart.step, chart.d_held_out, color=plotting.PURPLE, lw=1.3, label="D(x), held-out images")
        _draw_samples(column[-1], chart)
        column[-2].set(title="", ylabel='mean probability of "real"' if losses else "D, mean")
        column[0].set_title(name)
    if losses and one_scale:
        top = max(one.get_ylim()[1] for one in axes[0])
        for one in axes[0]:
            one.set_ylim(0, top)
    _one_legend(fig, axes[:-1])
    fig.suptitle(title, fontsize=11)
    return fig


def _kind(patients) -> str:
    """What these patients draw: "points", "images", or "samples" where there are both."""
    kinds = {"images" if chart.fakes.dim() == 4 else "points" for chart in patients}
    return kinds.pop() if len(kinds) == 1 else "samples"


def _one_legend(fig, axes) -> None:
    """The lines of all axes in one legend below the figure; labels at the left only."""
    lines = {line.get_label(): line for one in axes.flat for line in one.get_lines()}
    for one in axes.flat:
        one.get_legend().remove()
        one.set_ylabel(one.get_ylabel() if one.get_subplotspec().is_first_col() else "")
    fig.legend(lines.values(), lines.keys(), loc="outside lower center", ncols=4, fontsize=8)


def _draw_samples(axes, chart: Chart) -> None:
    if chart.fakes.dim() == 4:
        plotting.draw_grid(axes, chart.fakes[:32], 8, "generated digits")
        return
    draw_points(axes, chart.real, chart.fakes)
    outside = (chart.fakes.abs() > REACH).any(dim=1).double().mean().item()
    where = f"{outside:.0%} of the fakes are outside" if outside > 0.01 else "real (green), fakes (red)"
    axes.set_title(where, fontsize=9)
