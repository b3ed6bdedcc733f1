"""Five sick segmentation runs and a sound one, trained for a short time each: what their numbers show."""

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from course_utils.datasets import to_float
from course_utils.datasets.cells import Cells
from course_utils.lessons.c3w2a.training import Measured, measure, predict, train

SHIFT = 4  # pixels by which the masks of one run lie too far to the right


class Chart(NamedTuple):
    """What is known of one run."""

    loss: float  # the mean of its last steps
    trained: Measured  # on pictures that it was trained on
    held_out: Measured


class WithSigmoid(nn.Module):
    """A network whose logits went through a sigmoid: numbers from 0 to 1 that a loss takes for logits."""

    def __init__(self, network: nn.Module):
        super().__init__()
        self.network = network

    def forward(self, x: Tensor) -> Tensor:
        return self.network(x).sigmoid()


def masks_of_255(logits: Tensor, masks: Tensor, weights: Tensor) -> Tensor:
    """The loss of someone whose mask files hold 0 and 255, and who asked nothing."""
    return F.binary_cross_entropy_with_logits(logits, 255 * masks)


def masks_of_0(logits: Tensor, masks: Tensor, weights: Tensor) -> Tensor:
    """The loss of someone who divided masks of 0 and 1 by 255, as whole numbers."""
    return F.binary_cross_entropy_with_logits(logits, (masks.long() // 255).float())


def as_they_are(*pictures: Tensor) -> tuple[Tensor, ...]:
    """No flips."""
    return pictures


def charts(make: Callable, data: Cells, held_out: Cells, steps: int) -> dict[str, Chart]:
    """`make()` is a new network. Each run has one thing wrong; `sound` has none."""
    torch.manual_seed(0)
    shifted = Cells(data.images, data.labels.roll(SHIFT, dims=2))
    found = {"sound": _chart(make(), data, held_out, steps)}
    found["run A"] = _chart(make(), data, held_out, steps, loss=masks_of_255)
    found["run B"] = _chart(make(), shifted, held_out, steps, positions=as_they_are)
    found["run C"] = _chart(make(), data, held_out, steps, loss=masks_of_0)
    found["run D"] = _chart(make(), data, held_out, steps, scale=lambda images: images.float() / 255)
    found["run E"] = _chart(WithSigmoid(make()), data, held_out, steps)
    return found


def _chart(network, data: Cells, held_out: Cells, steps: int, scale: Callable = to_float, **options) -> Chart:
    watch = train(network, data, steps, held_out=held_out, looks=4, seed=1, batch=8, **options)
    trained = measure(predict(network, data.images[:100]), data.labels[:100])
    return Chart(watch.losses[-1], trained, measure(predict(network, held_out.images, scale), held_out.labels))


def table(found: dict[str, Chart]) -> str:
    """The charts as lines of text."""
    lines = [
        f"{'':8s}{'loss':>9s}{'IoU, train':>12s}{'IoU, held out':>15s}{'accuracy':>10s}{'said cell':>11s}{'objects':>9s}"
    ]
    for name, (loss, trained, held_out) in found.items():
        lines.append(
            f"{name:8s}{loss:9.3f}{trained.iou:12.3f}{held_out.iou:15.3f}{held_out.accuracy:10.3f}{held_out.said:11.3f}"
            f"{held_out.found:9d}"
        )
    return "\n".join(lines)
