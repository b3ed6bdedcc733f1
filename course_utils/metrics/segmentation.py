"""How well does a mask fit the truth? Overlap in pixels, and objects counted.

- IoU (Jaccard): pixels in both masks / pixels in at least one of them. Dice (F1): twice the first / the sum of both areas.
  Of one pair of masks Dice = 2 IoU / (1 + IoU), so they order pictures alike; their means need not.
- Counting: connected areas are objects. `matched` pairs an object with the true one that it covers with an IoU above 0.5; there
  can be only one. Kirillov et al., "Panoptic Segmentation", 2019.
"""

from typing import NamedTuple

import torch
from torch import Tensor


class Matches(NamedTuple):
    """Objects of one picture, or sums over many."""

    true: int  # objects in the truth
    found: int  # objects in the mask
    matched: int  # pairs with an IoU above 0.5


def overlap(logits: Tensor, masks: Tensor) -> tuple[Tensor, Tensor]:
    """Dice and IoU of each picture, from logits and true masks, (N, ...) each: two tensors (N,) of float64, Dice first.

    - A pixel is said to be cell where its logit is above 0.
    - Each picture is measured by itself, over all of its pixels. The mean over pictures is left to the caller.
    - Where there is no cell and none is said to be, both are 1: nothing was there, and nothing was said.
    - Of one picture Dice = 2 IoU / (1 + IoU).

    Raises ValueError for shapes that differ, and for masks that hold anything but 0 and 1 (or False and True).
    """
    if logits.shape != masks.shape:
        raise ValueError(f"masks: expected the shape of the logits, {tuple(logits.shape)}, got {tuple(masks.shape)}")
    if not ((masks == 0) | (masks == 1)).all():
        raise ValueError(f"masks: expected 0 and 1, got numbers up to {masks.max().item():g}")
    said, true = (logits > 0).flatten(1).cpu(), (masks == 1).flatten(1).cpu()  # (N, P); not every device has float64
    both, either = (said & true).sum(dim=1).double(), (said | true).sum(dim=1).double()  # (N,)
    iou = torch.where(either == 0, 1.0, both / either.clamp(min=1))
    return 2 * iou / (1 + iou), iou


def connected(masks: Tensor, at_least: int = 1) -> Tensor:
    """Connected areas of masks (N, H, W), numbered in each picture from 1 on: int64 (N, H, W), 0 where the mask is 0.

    Pixels are neighbours along a side, not across a corner. Areas of fewer than `at_least` pixels are left out.
    """
    from scipy import ndimage

    numbered = []
    for mask in masks.cpu():
        areas = torch.from_numpy(ndimage.label(mask.numpy() != 0)[0]).long()  # (H, W)
        sizes = torch.bincount(areas.flatten())
        keep = (sizes >= at_least) & (torch.arange(len(sizes)) > 0)
        numbered.append((keep.cumsum(dim=0) * keep)[areas])
    return torch.stack(numbered)


def match_objects(found: Tensor, true: Tensor) -> Matches:
    """Objects of one picture in two label maps (H, W), and how many pairs of them have an IoU above 0.5."""
    n_found, n_true = len(found[found > 0].unique()), len(true[true > 0].unique())
    if n_found == 0 or n_true == 0:
        return Matches(n_true, n_found, 0)
    rows, columns = int(true.max()) + 1, int(found.max()) + 1
    pairs = torch.bincount((true.long() * columns + found.long()).flatten(), minlength=rows * columns).view(
        rows, columns
    )
    union = pairs.sum(dim=1, keepdim=True) + pairs.sum(dim=0, keepdim=True) - pairs
    return Matches(n_true, n_found, int((2 * pairs > union)[1:, 1:].sum()))


def count_error(found: Tensor, true: Tensor) -> float:
    """How far the number of objects is off, in the mean over pictures: label maps (N, H, W) of both."""
    return (_how_many(found) - _how_many(true)).abs().cpu().double().mean().item()


def _how_many(labels: Tensor) -> Tensor:
    return torch.tensor([len(one[one > 0].unique()) for one in labels])
