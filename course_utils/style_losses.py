"""What a picture is compared by in style transfer: what it shows, how it is painted, how smooth it is."""

import torch
import torch.nn.functional as F
from torch import Tensor


def gram_matrix(maps: Tensor) -> Tensor:
    """How often two filters answer together: maps (B, C, H, W) -> Gram matrices (B, C, C), one a picture.

    Entry (i, j) is the mean, over all H * W positions, of map i times map j. Each picture of the batch has its own.
    Gatys, Ecker and Bethge, "Texture Synthesis Using Convolutional Neural Networks", 2015.

    Raises ValueError unless the maps have four dimensions.
    """
    # BEGIN SOLUTION
    if maps.ndim != 4:
        raise ValueError(f"maps: expected shape (B, C, H, W), got {tuple(maps.shape)}")
    rows = maps.flatten(2)  # (B, C, H * W)
    return rows @ rows.transpose(1, 2) / rows.shape[2]  # (B, C, C)
    # END SOLUTION


def style_loss(layers: list[Tensor], wanted: list[Tensor]) -> Tensor:
    """How far a picture is from a style: the mean over its layers of a relative squared distance, a scalar.

    ``layers`` are maps (1, C, H, W) of the picture, one tensor a layer; ``wanted`` are the Gram matrices (1, C, C) of the
    style, in the same order. A layer counts as the sum of all squared differences between its Gram matrix and the wanted
    one, divided by the sum of the squares of the wanted one. So 0 is the style, and an empty picture is at 1.

    Raises ValueError when there are not as many layers as matrices.
    """
    # BEGIN SOLUTION
    if len(layers) != len(wanted):
        raise ValueError(f"wanted: expected {len(layers)} Gram matrices, one a layer, got {len(wanted)}")
    losses = []
    for maps, target in zip(layers, wanted, strict=True):
        error = (gram_matrix(maps) - target).square().sum()
        losses.append(error / target.square().sum())
    return torch.stack(losses).mean()
    # END SOLUTION


def content_loss(picture: Tensor, content: Tensor, block: int = 8) -> Tensor:
    """The mean squared difference of two pictures (1, 3, H, W) seen from afar: of averages over squares of ``block`` pixels.

    The squares overlap, a quarter of their side apart: side by side they would leave a grid in the picture.
    """
    apart = max(1, block // 4)
    return F.mse_loss(F.avg_pool2d(picture, block, apart), F.avg_pool2d(content, block, apart))


def total_variation(pictures: Tensor) -> Tensor:
    """How much neighbouring pixels differ: pictures (B, C, H, W) -> a scalar.

    The mean absolute difference of pixels side by side, plus that of pixels one above the other.
    Rudin, Osher and Fatemi (1992) remove noise by making it small.
    """
    # BEGIN SOLUTION
    across = (pictures[..., :, 1:] - pictures[..., :, :-1]).abs().mean()
    down = (pictures[..., 1:, :] - pictures[..., :-1, :]).abs().mean()
    return across + down
    # END SOLUTION
