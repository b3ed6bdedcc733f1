"""The figures that only this lesson draws."""

import torch

from course_utils.plotting import figure


def fields(masks: dict[str, torch.Tensor], title: str):
    """Which pixels change one logit, ``{"name": mask (H, W)}``, side by side."""
    fig = figure(7.2, 2.1)
    panels = fig.subplots(1, len(masks), squeeze=False)[0]
    for axes, (name, mask) in zip(panels, masks.items(), strict=True):
        axes.imshow(mask.float().numpy(), cmap="Blues", vmin=0, vmax=1.3)
        axes.set(title=name, xlabel="column", ylabel="row" if axes is panels[0] else "")
        axes.set_xticks([0, mask.shape[1] - 1])
        axes.set_yticks([0, mask.shape[0] - 1])
    fig.suptitle(title)
    return fig
