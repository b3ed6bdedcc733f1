"""Structural similarity: do two pictures agree in mean, contrast and structure, window by window?"""

import torch
import torch.nn.functional as F
from torch import Tensor

RADIUS, SIGMA = 5, 1.5  # a window of 11 x 11 pixels, weighted by a Gaussian


def ssim(images: Tensor, truth: Tensor) -> float:
    """Structural similarity of images (N, C, H, W) in [-1, 1] and their truth: 1 where they are equal (Wang et al., 2004).

    Both are brought to [0, 1] first: around 0, the product of two means says nothing about brightness. Each channel then has
    local means m, variances v and a covariance c, in windows of 11 x 11 pixels that lie wholly inside the picture:
    ``window(images)`` gives the Gaussian weights of one, for each channel, (C, 1, 11, 11). Variances and covariance are
    E[xy] - m_x m_y, without N - 1. With C1 = 0.01^2 and C2 = 0.03^2

        (2 m_x m_y + C1) (2 c_xy + C2) / ((m_x^2 + m_y^2 + C1) (v_x + v_y + C2))

    is averaged over places, channels and pictures. Returns a plain number.
    Raises ValueError for shapes that differ, and for pictures with a side below 11 pixels.
    """
    if images.shape != truth.shape or images.ndim != 4 or min(images.shape[2:]) < 2 * RADIUS + 1:
        found = f"{tuple(images.shape)} and {tuple(truth.shape)}"
        raise ValueError(f"images, truth: expected one shape (N, C, H, W), sides of at least 11, got {found}")
    # BEGIN SOLUTION
    x, y = (images + 1) / 2, (truth + 1) / 2  # (N, C, H, W) in [0, 1]
    weights = window(x)  # (C, 1, 11, 11)

    def local_mean(values: Tensor) -> Tensor:
        return F.conv2d(values, weights, groups=values.shape[1])  # (N, C, H - 10, W - 10)

    mean_x, mean_y = local_mean(x), local_mean(y)
    variance_x = local_mean(x * x) - mean_x * mean_x
    variance_y = local_mean(y * y) - mean_y * mean_y
    covariance = local_mean(x * y) - mean_x * mean_y
    c1, c2 = 0.01**2, 0.03**2
    above = (2 * mean_x * mean_y + c1) * (2 * covariance + c2)
    below = (mean_x * mean_x + mean_y * mean_y + c1) * (variance_x + variance_y + c2)
    return (above / below).mean().item()
    # END SOLUTION


def brightness_ssim(picture: Tensor, reference: Tensor) -> float:
    """``ssim`` of the brightness, the mean over the channels, of pictures (N, C, H, W) in [-1, 1]."""
    return ssim(picture.mean(dim=1, keepdim=True), reference.mean(dim=1, keepdim=True))


def window(images: Tensor) -> Tensor:
    """The Gaussian weights of a window, once for each channel of images (N, C, H, W): (C, 1, 11, 11), each sums to 1."""
    places = torch.arange(-RADIUS, RADIUS + 1, dtype=images.dtype, device=images.device)
    line = torch.exp(-places.square() / (2 * SIGMA**2))
    line = line / line.sum()
    return torch.outer(line, line).expand(images.shape[1], 1, -1, -1)
