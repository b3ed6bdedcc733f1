"""Data and fakes as dots, for the figures of lessons."""

import torch

from course_utils import plotting
from course_utils.widgets.gan_lab.targets import REACH


def draw_points(axes, real: torch.Tensor, fakes: torch.Tensor) -> None:
    """Real points (N, 2) in green and fakes (N, 2) in red on given axes, over the laboratory's square."""
    for points, colour in ((real, plotting.GREEN), (fakes, plotting.RED)):
        axes.scatter(*points.T.numpy(), s=7, color=colour, edgecolors="white", linewidths=0.3)
    axes.set(xlim=(-REACH, REACH), ylim=(-REACH, REACH), xlabel="x", ylabel="y")
    axes.set_aspect("equal")
