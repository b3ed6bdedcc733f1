"""The figures that only this lesson draws."""

import torch
from torch import Tensor

from course_utils import plotting
from course_utils.datasets import moving_digits as data
from course_utils.metrics.motion import track

COLOURS = (plotting.BLUE, plotting.ORANGE, plotting.GREEN, plotting.RED)


def strips(videos: dict[str, Tensor], title: str, every: int = 3):
    """Videos (T, H, W) as rows of their frames, each row below its name, so that the frames have the whole width."""
    shown = {name: frames[::every].unsqueeze(1) for name, frames in videos.items()}
    columns = max(map(len, shown.values()))
    fig = plotting.figure(7.2, (7.2 / columns + 0.25) * len(shown) + 0.3)
    for axes, (name, frames) in zip(fig.subplots(len(shown), 1, squeeze=False)[:, 0], shown.items(), strict=True):
        plotting.draw_grid(axes, frames, columns, name)
    fig.suptitle(title)
    return fig


def paths(sets: dict[str, Tensor], title: str, count: int = 12):
    """The tracked paths of some videos of each set, seen from above; a dot is where a path begins, dashes are the walls."""
    fig = plotting.figure(7.2, 7.2 / len(sets) + 0.7)
    panels = fig.subplots(1, len(sets), sharey=True)
    for axes, (name, frames) in zip(panels, sets.items(), strict=True):
        for path in track(frames[:count]):
            axes.plot(path[:, 0], path[:, 1], "-", lw=1, color=plotting.BLUE, alpha=0.7)
            axes.plot(path[0, 0], path[0, 1], "o", ms=3, color=plotting.ORANGE)
        box = [data.LOW, data.HIGH, data.HIGH, data.LOW, data.LOW], [data.LOW, data.LOW, data.HIGH, data.HIGH, data.LOW]
        axes.plot(*box, "--", lw=1, color=plotting.GREY)
        axes.set(xlim=(0, 31), ylim=(31, 0), aspect="equal", title=name, xlabel="x, pixels")
    panels[0].set_ylabel("y, pixels")
    fig.suptitle(title)
    return fig


def losses(histories: dict[str, Tensor], title: str, parts: int = 20):
    """The losses (rounds, 2) of each run, as means over so many parts of the rounds."""
    fig = plotting.figure(7.2, 3.0)
    panels = fig.subplots(1, 2)
    for (name, two), colour in zip(histories.items(), COLOURS, strict=False):
        means = torch.stack([piece.mean(dim=0) for piece in two.tensor_split(min(parts, len(two)))])
        x = [len(two) * (k + 0.5) / len(means) for k in range(len(means))]
        for axes, values in zip(panels, means.T, strict=True):
            axes.plot(x, values, color=colour, label=name if axes is panels[0] else None)
    panels[0].axhline(2 * plotting.LOG4, color=plotting.GREY, ls=":", label="2 log 4: cannot tell")
    panels[0].set(xlabel="round", ylabel="loss", title="both critics, added")
    panels[1].set(xlabel="round", ylabel="loss", title="generator")
    for axes in panels:
        axes.grid(alpha=0.3)
    fig.legend(loc="outside lower center", ncols=3)
    fig.suptitle(title)
    return fig
