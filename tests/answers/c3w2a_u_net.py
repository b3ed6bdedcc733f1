"""Answers to the exercises of the U-Net, in other styles than the reference's."""

import math

import numpy as np
import torch
from scipy import ndimage
from torch import nn
from torch.nn import functional as F
from torchvision.transforms.functional import center_crop

from answers import Answers, name_cases
from course_utils.lessons.c3w2a.exercises import RUNS, SIGNS, diagnose
from course_utils.models.unet import DoubleConvolution, ExpandingBlock, check_side

BLOCK, UNET = Answers("c3w2a.expanding_block"), Answers("c3w2a.unet")
OVERLAP, BORDER, DIAGNOSE = Answers("c3w2a.overlap"), Answers("c3w2a.border_weights"), Answers("c3w2a.diagnose")

# --- expanding block ---------------------------------------------------------------------------------------------------


class Base(nn.Module):
    def __init__(self, channels, padded=True):
        super().__init__()
        self.conv = DoubleConvolution(channels * 2, channels, padded)
        self.up = nn.ConvTranspose2d(channels * 2, channels, kernel_size=2, stride=2)

    def forward(self, x, skip):
        x = self.up(x)
        h, w = x.shape[-2:]
        if skip.shape[-2] < h or skip.shape[-1] < w:
            raise ValueError("skip is too small")
        return self.conv(torch.cat((self.crop(skip, h, w), x), 1))


@BLOCK.right
class ByNegativePadding(Base):
    def crop(self, skip, h, w):
        dy, dx = skip.shape[2] - h, skip.shape[3] - w
        return F.pad(skip, (-(dx // 2), -(dx - dx // 2), -(dy // 2), -(dy - dy // 2)))


@BLOCK.right
class ByNarrow(Base):
    def crop(self, skip, h, w):
        return skip.narrow(2, (skip.size(2) - h) // 2, h).narrow(3, (skip.size(3) - w) // 2, w)


@BLOCK.right
class WrittenOut(nn.Module):
    """The double convolution as single layers, the doubling as a matrix for each pixel."""

    def __init__(self, channels, padded=True):
        super().__init__()
        p = int(padded)
        self.up = nn.ConvTranspose2d(2 * channels, channels, 2, 2)
        self.a, self.b = (
            nn.Conv2d(2 * channels, channels, 3, 1, p, bias=False),
            nn.Conv2d(channels, channels, 3, 1, p, bias=False),
        )
        self.na, self.nb = nn.GroupNorm(1, channels), nn.GroupNorm(1, channels)

    def forward(self, x, skip):
        x = self.up(x)
        top, left = (skip.shape[2] - x.shape[2]) // 2, (skip.shape[3] - x.shape[3]) // 2
        if min(top, left) < 0:
            raise ValueError
        x = torch.cat([skip[..., top : top + x.shape[2], left : left + x.shape[3]], x], 1)
        return F.relu(self.nb(self.b(F.relu(self.na(self.a(x))))))


@BLOCK.refused
class ByTorchvision(Base):
    """Rounds an odd margin to the nearest even number, and pads where the skip is too small."""

    def crop(self, skip, h, w):
        return center_crop(skip, [h, w])


@BLOCK.refused
class LowerRight(Base):
    def crop(self, skip, h, w):
        return skip[:, :, -h:, -w:]


@BLOCK.wrong("corner_crop")
class Corner(Base):
    def crop(self, skip, h, w):
        return skip[..., :h, :w]


# --- the whole network -------------------------------------------------------------------------------------------------


class Whole(nn.Module):
    def __init__(self, in_channels=1, out_channels=1, widths=(8, 16, 32), padded=True):
        super().__init__()
        self.levels, self.padded = len(widths), padded
        self.encoder = nn.ModuleList()
        for width in widths:
            self.encoder.append(DoubleConvolution(in_channels, width, padded))
            in_channels = width
        self.decoder = nn.ModuleList([ExpandingBlock(w, padded) for w in widths[:-1][::-1]])
        self.last = nn.Conv2d(widths[0], out_channels, kernel_size=1)

    def contract(self, x):
        found = []
        for level, block in enumerate(self.encoder):
            x = block(x if level == 0 else F.max_pool2d(x, 2))
            found.append(x)
        return found

    def expand(self, features):
        x = features[-1]
        for level, block in enumerate(self.decoder):
            x = block(x, features[-2 - level])
        return self.last(x)

    def forward(self, x):
        check_side(x.shape[2], self.levels - 1, self.padded)
        check_side(x.shape[3], self.levels - 1, self.padded)
        return self.expand(self.contract(x))


UNET.right(Whole)


@UNET.right
class InOnePass(Whole):
    """Forward does its own pass; the two methods are there as well."""

    def forward(self, x):
        for side in (x.shape[-1], x.shape[-2]):
            check_side(side, self.levels - 1, self.padded)
        kept = []
        for block in self.encoder[:-1]:
            kept.append(block(x))
            x = F.max_pool2d(kept[-1], 2)
        x = self.encoder[-1](x)
        for block in self.decoder:
            x = block(x, kept.pop())
        return self.last(x)


@UNET.wrong("a_tuple_of_features")
class Tuple(Whole):
    def contract(self, x):
        return tuple(super().contract(x))


@UNET.wrong("sizes_not_asked")
class OnlyHeightAsked(Whole):
    def forward(self, x):
        check_side(x.shape[2], self.levels - 1, self.padded)
        return self.expand(self.contract(x))


@UNET.refused
class LastSkipForAll(Whole):
    def expand(self, features):
        x = features[-1]
        for block in self.decoder:
            x = block(x, features[0][:, :1].expand(-1, block.up.out_channels, -1, -1))
        return self.last(x)


@UNET.wrong("sigmoid_at_the_end")
class Probabilities(Whole):
    def expand(self, features):
        return torch.sigmoid(super().expand(features))


# --- overlap -----------------------------------------------------------------------------------------------------------


def checked(logits, masks):
    if logits.shape != masks.shape:
        raise ValueError("shapes differ")
    if not set(masks.unique().tolist()) <= {0, 1}:
        raise ValueError("masks are not 0 and 1")


@OVERLAP.right
def by_confusion(logits, masks):
    checked(logits, masks)
    said, true = (logits > 0).reshape(len(logits), -1), masks.reshape(len(masks), -1).bool()
    tp, fp, fn = ((a & b).sum(1).double() for a, b in ((said, true), (said, ~true), (~said, true)))
    dice = torch.where(tp + fp + fn > 0, 2 * tp / (2 * tp + fp + fn), torch.ones_like(tp))
    iou = torch.where(tp + fp + fn > 0, tp / (tp + fp + fn), torch.ones_like(tp))
    return dice, iou


@OVERLAP.right
def one_by_one(logits, masks):
    checked(logits, masks)
    rows = []
    for z, m in zip(logits, masks, strict=True):
        a, b = z.sigmoid() > 0.5, m == 1
        union = int((a | b).sum())
        j = int((a & b).sum()) / union if union else 1.0
        rows.append((2 * j / (1 + j), j))
    return tuple(torch.tensor(rows, dtype=torch.float64).T)


@OVERLAP.wrong("found_in_empty_forgiven")
def by_the_truth(logits, masks):
    checked(logits, masks)
    said, true = (logits > 0).flatten(1), masks.flatten(1).bool()
    i = torch.where(true.any(1), (said & true).sum(1).double() / (said | true).sum(1).clamp(min=1), 1.0)
    return 2 * i / (1 + i), i


@OVERLAP.refused
def without_questions(logits, masks):
    said, true = (logits > 0).flatten(1), masks.flatten(1).bool()
    i = torch.where((said | true).any(1), (said & true).sum(1).double() / (said | true).sum(1).clamp(min=1), 1.0)
    return 2 * i / (1 + i), i


# --- border weights ----------------------------------------------------------------------------------------------------


@BORDER.right
def sorted_in_numpy(labels, w0=10.0, sigma=5.0):
    if labels.dim() != 2 or w0 < 0 or not sigma > 0:
        raise ValueError("labels (H, W), w0 >= 0, sigma > 0")
    array = labels.numpy()
    cells = [k for k in np.unique(array) if k]
    weights = np.ones(array.shape, dtype=np.float32)
    if len(cells) > 1:
        maps = np.sort(np.stack([ndimage.distance_transform_edt(array != k) for k in cells]), axis=0)
        extra = w0 * np.exp(-np.square(maps[0] + maps[1]) / 2 / sigma**2)
        weights = np.where(array == 0, 1 + extra, 1).astype(np.float32)
    return torch.from_numpy(weights)


@BORDER.right
def from_pixels(labels, w0=10.0, sigma=5.0):
    """Distances to all pixels of each cell, without SciPy."""
    if labels.ndim != 2 or w0 < 0 or sigma <= 0:
        raise ValueError("out of range")
    here = torch.cartesian_prod(*(torch.arange(float(s)) for s in labels.shape)).double()
    flat = labels.flatten()
    apart = [torch.cdist(here, here[flat == k]).amin(1) for k in flat.unique() if k]
    if len(apart) < 2:
        return torch.ones(labels.shape)
    d = torch.stack(apart).sort(0).values
    w = 1 + w0 * torch.exp(-((d[0] + d[1]) ** 2) / (2 * sigma**2))
    return torch.where(flat == 0, w, 1.0).view(labels.shape).float()


@BORDER.wrong("cells_too")
def everywhere(labels, w0=10.0, sigma=5.0):
    if labels.ndim != 2 or w0 < 0 or sigma <= 0:
        raise ValueError("out of range")
    cells = [int(k) for k in labels.unique() if k]
    if len(cells) < 2:
        return torch.ones(labels.shape)
    d = np.sort([ndimage.distance_transform_edt((labels != k).numpy()) for k in cells], axis=0)
    return torch.tensor(1 + w0 * np.exp(-((d[0] + d[1]) ** 2) / (2 * sigma**2))).float()


@BORDER.refused
def double_weights(labels, w0=10.0, sigma=5.0):
    """Right numbers in float64: the docstring says float32."""
    return sorted_in_numpy(labels, w0, sigma).double()


@BORDER.refused
def with_a_dilation(labels, w0=10.0, sigma=5.0):
    """A band around every cell in place of the formula."""
    band = ndimage.binary_dilation(labels.numpy() > 0, iterations=math.ceil(sigma / 2)) & (labels.numpy() == 0)
    return torch.from_numpy(1 + w0 * band.astype(np.float32))


# --- diagnosis ---------------------------------------------------------------------------------------------------------

KEY = {run: diagnose(run) for run in RUNS}
name_cases(DIAGNOSE, KEY, SIGNS)
DIAGNOSE.wrong("same_for_all", lambda run: "skips left out")
