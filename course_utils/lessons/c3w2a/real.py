"""Real pictures that come with scikit-image, and what classical methods find in pictures without learning."""

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F


def picture(name: str, scale: float, multiple: int = 4) -> Tensor:
    """`skimage.data.coins()` or `.cell()` at a scale, grey, uint8 (H, W), both sides multiples of `multiple`."""
    from skimage import data
    from skimage.transform import resize

    whole = getattr(data, name)()
    sides = [max(1, round(side * scale / multiple)) * multiple for side in whole.shape]
    small = resize(whole, sides, anti_aliasing=True, preserve_range=True)
    return torch.from_numpy(np.rint(small).astype(np.uint8))


def otsu(images: Tensor, flatten: float = 0.0, smooth: int = 1) -> Tensor:
    """How far pixels lie above Otsu's threshold of their picture: uint8 (N, 1, H, W) to float (N, H, W).

    With `smooth` each pixel is first the mean of so many to each side (an odd number). With `flatten` the light is evened out:
    a mean over a neighbourhood of this share of the picture is taken off.
    """
    from skimage.filters import threshold_otsu

    grey = F.avg_pool2d(images.float(), smooth, stride=1, padding=smooth // 2, count_include_pad=False)
    if flatten:
        radius = round(flatten * images.shape[-1] / 2)
        around = F.pad(grey, (radius,) * 4, mode="reflect")
        rows = F.avg_pool2d(around, (1, 2 * radius + 1), stride=1)
        grey = grey - F.avg_pool2d(rows, (2 * radius + 1, 1), stride=1)
    return torch.stack([one - float(threshold_otsu(one.numpy())) for one in grey[:, 0]])


def watershed(masks: Tensor, at_least: int = 4) -> Tensor:
    """Areas of masks (N, H, W) cut at their waists: label maps (N, H, W) by a watershed of the distance to the edge."""
    from scipy import ndimage
    from skimage.feature import peak_local_max
    from skimage.segmentation import watershed

    cut = []
    for mask in masks.numpy():
        distance = ndimage.gaussian_filter(ndimage.distance_transform_edt(mask), 1.0)
        peaks = peak_local_max(distance, min_distance=at_least, labels=mask.astype(int), exclude_border=False)
        seeds = np.zeros(mask.shape, dtype=int)
        seeds[tuple(peaks.T)] = np.arange(1, len(peaks) + 1)
        cut.append(torch.from_numpy(watershed(-distance, seeds, mask=mask)).long())
    return torch.stack(cut)
