"""The loss of a U-Net: cross-entropy for every pixel, with more weight where two cells nearly touch.

Ronneberger, Fischer and Brox, "U-Net: Convolutional Networks for Biomedical Image Segmentation", 2015.
"""

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F


def border_weights(labels: Tensor, w0: float = 10.0, sigma: float = 5.0) -> Tensor:
    """How much each pixel of one picture counts in the loss: float32 (H, W), 1 or more.

    A pixel of background between two cells has the weight

        1 + w0 exp(-(d1 + d2)^2 / (2 sigma^2)),

    where d1 and d2 are its distances in pixels to the nearest and to the second nearest cell. Pixels in cells have weight 1,
    and so have all pixels of a picture with fewer than two cells.

    Args:
        labels: whole numbers (H, W), 0 for background, else the number of the cell. Numbers may be missing.
        w0: how much is added where both distances are 0; 0 or more.
        sigma: pixels over which the weight falls off, above 0.

    Raises ValueError for labels that are not (H, W), for w0 < 0 and for sigma <= 0.
    """
    from scipy.ndimage import distance_transform_edt

    if labels.ndim != 2:
        raise ValueError(f"labels: expected one picture (H, W), got {tuple(labels.shape)}")
    if w0 < 0 or sigma <= 0:
        raise ValueError(f"expected w0 of 0 or more and sigma above 0, got {w0} and {sigma}")
    numbers = [k for k in labels.unique().tolist() if k != 0]
    weights = torch.ones(labels.shape)
    if len(numbers) < 2:
        return weights
    distances = [distance_transform_edt((labels != k).cpu().numpy()) for k in numbers]  # 0 in cell k, growing outside
    nearest = torch.tensor(np.stack(distances)).topk(2, dim=0, largest=False).values  # (2, H, W)
    border = w0 * torch.exp(-(nearest.sum(dim=0) ** 2) / (2 * sigma**2))
    return weights + border.float() * (labels == 0).cpu()


def weighted_bce(logits: Tensor, masks: Tensor, weights: Tensor | float = 1.0) -> Tensor:
    """Binary cross-entropy with logits, each pixel times its weight, then the mean over all pixels: a number.

    Logits, masks (0 or 1) and weights have one shape. Raises ValueError for masks outside of 0 to 1, which is where files
    with 0 and 255 end.
    """
    if masks.amin() < 0 or masks.amax() > 1:
        raise ValueError(f"masks: expected 0 to 1, got {masks.amin().item():g} to {masks.amax().item():g}")
    losses = F.binary_cross_entropy_with_logits(logits, masks.to(logits.dtype), reduction="none")
    return (weights * losses).mean()
