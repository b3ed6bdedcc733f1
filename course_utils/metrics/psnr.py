"""Peak signal-to-noise ratio: the mean squared error of pictures, in decibels."""

import math

from torch import Tensor


def psnr(images: Tensor, truth: Tensor, masks: Tensor | None = None) -> float:
    """Decibels for images (N, C, H, W) in [-1, 1], from the mean squared error of all of them: 10 log10(2^2 / error).

    The peak is 2, from the darkest to the brightest pixel there can be. With masks (N, H, W) only what they cover counts. An
    error below 1e-12 counts as that: 126 dB. Nothing is clipped: who compares methods clips all of them, or none.
    """
    errors = (images - truth).square().mean(dim=1)  # (N, H, W)
    error = errors.mean() if masks is None else (errors * masks).sum() / masks.sum()
    return 10 * math.log10(4 / max(error.item(), 1e-12))
