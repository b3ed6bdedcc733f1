"""The figures of the lesson on the U-Net."""

import torch
import torch.nn.functional as F
from torch import Tensor

from course_utils.datasets.cells import outlined, stained
from course_utils.lessons.c3w2a.training import Watch
from course_utils.plotting import BLUE, GREEN, GREY, ORANGE, RED, figure, tile

PALETTE = (  # of objects
    (0.90, 0.62, 0.00),
    (0.34, 0.71, 0.91),
    (0.00, 0.72, 0.52),
    (0.94, 0.89, 0.26),
    (0.93, 0.45, 0.30),
    (0.86, 0.55, 0.75),
    (0.62, 0.56, 0.95),
    (0.72, 0.90, 0.52),
)


def neighbours_differ(objects: Tensor, near: int = 3) -> Tensor:
    """A place in PALETTE for each pixel of label maps (N, H, W): objects within so many pixels of each other differ."""
    places = torch.zeros_like(objects, dtype=torch.long)
    for one, chosen in zip(objects, places, strict=True):
        for label in range(1, int(one.max()) + 1):
            mine = one == label
            around = F.max_pool2d(mine[None].float(), 2 * near + 1, stride=1, padding=near)[0] > 0
            taken = set(chosen[around & (one > 0) & (one < label)].tolist())
            first = label % len(PALETTE)
            order = [(first + k) % len(PALETTE) for k in range(len(PALETTE))]
            chosen[mine] = next((place for place in order if place not in taken), first)
    return places


def objects_in_colour(images: Tensor, objects: Tensor, strength: float = 0.75) -> Tensor:
    """Pictures uint8 (N, 1, H, W) in grey, each object of the label maps (N, H, W) in a colour: (N, 3, H, W) in [-1, 1]."""
    grey = (images.float() / 255).expand(-1, 3, -1, -1)
    colours = torch.tensor([(0.0, 0.0, 0.0), *PALETTE])[(objects > 0) * (1 + neighbours_differ(objects))]
    paint = strength * (objects > 0).float().unsqueeze(1)
    lit = colours.permute(0, 3, 1, 2) * (0.45 + 0.55 * grey)
    return torch.lerp(grey, lit, paint).clamp(0, 1) * 2 - 1


def overlap_curves(watches: dict[str, Watch], aim: float, title: str):
    """Held-out IoU over seconds of the processor, a line for each run; runs of one name before the comma share a colour."""
    fig = figure(7.2, 3.4)
    axes = fig.subplots()
    kinds = list(dict.fromkeys(name.split(",")[0] for name in watches))
    for name, watch in watches.items():
        kind = name.split(",")[0]
        colour = (BLUE, ORANGE, GREEN, RED)[kinds.index(kind) % 4]
        first = name == next(n for n in watches if n.split(",")[0] == kind)
        axes.plot(watch.seconds, watch.ious, color=colour, marker="o", ms=3, label=kind if first else None)
    axes.axhline(aim, color=GREY, ls=":", label=f"{aim:g}")
    axes.set(xlabel="seconds of the processor", ylabel="IoU of held-out pictures", title=title)
    fig.legend(loc="outside lower center", ncols=4)
    axes.grid(alpha=0.3)
    return fig


def weight_maps(images: Tensor, weights: Tensor, title: str):
    """Pictures uint8 (N, 1, H, W) above their border weights (N, H, W), on one colour scale."""
    fig = figure(7.2, 3.6)
    rows = fig.subplots(2, len(images))
    for axes, image in zip(rows[0], stained(images), strict=True):
        axes.imshow(((image + 1) / 2).permute(1, 2, 0).numpy())
    for axes, values in zip(rows[1], weights, strict=True):
        shown = axes.imshow(values.numpy(), cmap="viridis", vmin=1, vmax=float(weights.max()))
    for axes in rows.flat:
        axes.set_xticks([])
        axes.set_yticks([])
    fig.colorbar(shown, ax=rows, label="weight of a pixel", shrink=0.8)
    fig.suptitle(title)
    return fig


def found_in(pictures: dict[str, tuple[Tensor, Tensor]], title: str, columns: int = 2):
    """Pictures uint8 (H, W) of any size with the outlines of what was found in them (H, W), each with its name."""
    rows = -(-len(pictures) // columns)
    fig = figure(7.2, 3.0 * rows)
    panels = fig.subplots(rows, columns, squeeze=False).flat
    for axes, (name, (grey, mask)) in zip(panels, pictures.items(), strict=False):
        drawn = outlined(stained(grey[None, None]), mask[None])
        axes.imshow(tile(drawn, 1).numpy(), interpolation="nearest")
        axes.set_title(name, fontsize=9)
    for axes in panels:
        axes.set_axis_off()
    for axes in fig.axes:
        axes.set_axis_off()
    fig.suptitle(title)
    return fig
