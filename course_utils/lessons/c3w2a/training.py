"""Training a network to tell cells from background, and measuring it: overlap in pixels and cells counted."""

import time
from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor, nn

from course_utils.datasets import to_float
from course_utils.datasets.cells import Cells
from course_utils.metrics.segmentation import connected, count_error, match_objects, overlap
from course_utils.segmentation_losses import weighted_bce

AT_LEAST = 8  # pixels of an object that is counted


class Watch(NamedTuple):
    """What was seen while a network learned."""

    steps: list[int]
    seconds: list[float]  # of the processor, without the time of looking
    losses: list[float]  # the mean since the entry before
    ious: list[float]  # on held-out pictures


class Measured(NamedTuple):
    """A set of masks against the truth: means over pictures, and sums over objects."""

    iou: float
    dice: float
    accuracy: float  # share of pixels that are right
    said: float  # share of pixels that are said to be cell
    true: int  # cells
    found: int  # objects
    matched: float  # share of the cells that an object covers with an IoU above 0.5
    count_error: float  # objects too many or too few, the mean over pictures


@torch.no_grad()
def predict(network: nn.Module, images: Tensor, scale: Callable = to_float) -> Tensor:
    """Logits (N, H, W) for pictures uint8 (N, 1, H, W)."""
    return torch.cat([network(scale(part))[:, 0] for part in images.split(50)])


class Counted(NamedTuple):
    """Objects against the true cells."""

    true: int  # cells
    found: int  # objects
    matched: float  # share of the cells that an object covers with an IoU above 0.5
    count_error: float  # objects too many or too few, the mean over pictures


def count(objects: Tensor, labels: Tensor) -> Counted:
    """Objects and true cells, two label maps (N, H, W)."""
    true, found, matched = (sum(column) for column in zip(*map(match_objects, objects, labels), strict=True))
    return Counted(true, found, matched / max(true, 1), count_error(objects, labels))


def measure(logits: Tensor, labels: Tensor) -> Measured:
    """Logits, or anything that is above 0 where a cell is said to be, against label maps: (N, H, W) both."""
    masks = labels > 0
    dice, iou = overlap(logits, masks)
    accuracy = ((logits > 0) == masks).double().mean().item()
    said = (logits > 0).double().mean().item()
    counted = count(connected(logits > 0, AT_LEAST), labels)
    return Measured(iou.mean().item(), dice.mean().item(), accuracy, said, *counted)


def flipped(*pictures: Tensor) -> tuple[Tensor, ...]:
    """The same flips and quarter turns for all tensors (..., H, W): one of eight positions, drawn anew."""
    across, down, turned = (torch.rand(3) < 0.5).tolist()
    sides = [side for side, wanted in ((-1, across), (-2, down)) if wanted]
    pictures = tuple(p.flip(sides) for p in pictures)
    return tuple(p.transpose(-1, -2) for p in pictures) if turned else pictures


def train(
    network: nn.Module,
    data: Cells,
    steps: int,
    weights: Tensor | float = 1.0,
    held_out: Cells | None = None,
    rate: float = 8e-3,
    batch: int = 16,
    seed: int = 0,
    looks: int = 5,
    say: bool = False,
    positions: Callable = flipped,
    loss: Callable = weighted_bce,
) -> Watch:
    """Adam with a rate that rises and falls (one cycle). `weights` (N, H, W) count in the loss; 1 counts all pixels alike.

    With `held_out` IoU is measured at so many `looks`, and printed with `say`. Stopping the cell ends training early.
    """
    torch.manual_seed(seed)
    optimiser = torch.optim.Adam(network.parameters(), rate)
    cycle = torch.optim.lr_scheduler.OneCycleLR(optimiser, rate, total_steps=steps)
    looked = {round(steps * (i + 1) / looks) for i in range(looks)}
    watch, spent, losses = Watch([], [], [], []), 0.0, []
    try:
        for step in range(1, steps + 1):
            began = time.process_time()
            rows = torch.randint(len(data.images), (batch,))
            w = weights[rows, None] if isinstance(weights, Tensor) else torch.full((batch, 1, 1, 1), weights)
            x, y, w = positions(to_float(data.images[rows]), (data.labels[rows, None] > 0).float(), w)
            value = loss(network(x), y, w)
            optimiser.zero_grad()
            value.backward()
            optimiser.step()
            cycle.step()
            losses.append(value.item())
            spent += time.process_time() - began
            if step in looked and held_out is not None:
                iou = overlap(predict(network, held_out.images), held_out.labels > 0)[1].mean().item()
                mean, losses = sum(losses) / len(losses), []
                for column, entry in zip(watch, (step, spent, mean, iou), strict=True):
                    column.append(entry)
                if say:
                    print(f"step {step:4d}   {spent:5.1f} s   loss {mean:7.4f}   held-out IoU {iou:.3f}", flush=True)
    except KeyboardInterrupt:
        print(f"stopped at step {step}")
    return watch
