"""The figures that only this lesson draws."""

import torch

from course_utils.lessons.c0w1.measure import psnr
from course_utils.plotting import figure


def with_decibels(columns: dict[str, torch.Tensor], truth: torch.Tensor, rows: tuple[int, ...], title: str):
    """Pictures ``{"method": (N, 1, S, S)}``, a column for each method, with the decibels of each picture below it."""
    fig = figure(7.2, 1.25 * len(rows) + 0.7)
    panels = fig.subplots(len(rows), len(columns), squeeze=False)
    for line, row in zip(panels, rows, strict=True):
        for axes, (name, images) in zip(line, columns.items(), strict=True):
            axes.imshow(images[row, 0].clamp(-1, 1).numpy(), cmap="gray", vmin=-1, vmax=1)
            axes.set_xticks([])
            axes.set_yticks([])
            same = torch.equal(images[row], truth[row])
            axes.set_xlabel("" if same else f"{psnr(images[row], truth[row]):.1f} dB")
            axes.set_title(name if row == rows[0] else "")
    fig.suptitle(title)
    return fig
