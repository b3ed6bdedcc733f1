"""Sliced Wasserstein distance, of points and of the scales of images.

Two sets of points are projected on random directions. On a line optimal transport is easy: sort both sets and pair them off
(Rabin et al., "Wasserstein Barycenter and its Application to Texture Mixing", 2011). For images, Karras et al. ("Progressive
Growing of GANs", 2018, section 5) compare small patches, scale by scale: a distance for coarse shapes, one for fine details.
"""

import numbers

import torch
from torch import Tensor
from torch.nn import functional as F

from course_utils.metrics.inputs import feature_matrix, same_width
from course_utils.runtime import seeded


def sliced_wasserstein(x: Tensor, y: Tensor, directions: int | Tensor = 256, seed: int = 0) -> float:
    """The Wasserstein-1 distance of two sets of points (N, d), as many of each, averaged over directions.

    ``directions`` is how many are drawn, evenly over the sphere, or the directions themselves (d, K), each of length 1.
    In the unit of the points. It is below the Wasserstein-1 distance in d dimensions, and 0 only for equal sets; two
    samples of one distribution are not at 0, so measure that beside it.

    Raises ValueError for sets of different sizes or widths and points that are not finite.
    """
    x, y = feature_matrix(x, "x"), feature_matrix(y, "y")  # float64
    same_width(x, y, "x", "y")
    if len(x) != len(y):
        raise ValueError(f"y: expected {len(x)} points, as many as x has, got {len(y)}")
    if isinstance(directions, numbers.Integral):
        drawn = torch.randn(x.shape[1], directions, generator=seeded(seed), dtype=x.dtype)
        directions = F.normalize(drawn, dim=0)  # (d, K)
    apart = (x @ directions).sort(dim=0).values - (y @ directions).sort(dim=0).values  # (N, K)
    return apart.abs().mean().item()


def laplacian_pyramid(images: Tensor, levels: int) -> list[Tensor]:
    """Images (N, C, H, W) taken apart by scale: the finest details first, at the end what is left, small and coarse.

    Each level is what is lost when the image is halved (means of 2x2 pixels) and doubled again (each pixel repeated); the next
    is that of the halved image. So level i is (N, C, H / 2^i, W / 2^i), details are 0 for an image that was enlarged,
    and doubling and adding from the last to the first gives the image back. (Burt and Adelson, 1983, smooth with a Gaussian
    where this takes the mean of a square.)

    Raises ValueError for sides that cannot be halved so often.
    """
    if levels < 1 or any(side % 2 ** (levels - 1) for side in images.shape[2:]):
        raise ValueError(
            f"levels: expected at least 1, and sides that can be halved levels - 1 times, "
            f"got {levels} for {tuple(images.shape)}"
        )
    pyramid = []
    for _ in range(levels - 1):
        small = F.avg_pool2d(images, 2)  # (N, C, H / 2, W / 2)
        pyramid.append(images - F.interpolate(small, scale_factor=2.0, mode="nearest"))  # (N, C, H, W)
        images = small
    return [*pyramid, images]


def scale_distances(
    images: Tensor, real: Tensor, levels: int = 3, patches: int = 16, size: int = 7, seed: int = 0
) -> list[float]:
    """Sliced Wasserstein distance of each level of the pyramid, the finest first, between images and as many real ones.

    From each image (N, C, H, W) ``patches`` squares of ``size`` pixels a side are cut out at random places, the same
    places in both sets. The real mean of that level and channel is taken off, and what is left divided by the real
    standard deviation; so 1 is as far as a typical contrast of real images at that scale. (The paper's code divides each
    set by its own deviation, which hides a contrast that is wrong.)

    Raises ValueError for sets of different shapes and patches larger than a level.
    """
    if images.shape != real.shape or images.ndim != 4:
        raise ValueError(
            f"images: expected the shape (N, C, H, W) of real, {tuple(real.shape)}, got {tuple(images.shape)}"
        )
    distances = []
    pyramids = laplacian_pyramid(images, levels), laplacian_pyramid(real, levels)
    for level, (one, other) in enumerate(zip(*pyramids, strict=True)):
        if min(one.shape[2:]) < size:
            raise ValueError(f"size: expected at most {min(one.shape[2:])}, the side of level {level}, got {size}")
        one, other = _patches(one, patches, size, seed), _patches(other, patches, size, seed)  # (M, C, size, size)
        mean = other.mean(dim=(0, 2, 3), keepdim=True)
        deviation = other.std(dim=(0, 2, 3), keepdim=True)
        one, other = ((part - mean) / deviation for part in (one, other))
        distances.append(sliced_wasserstein(one.flatten(1), other.flatten(1), 128, seed))
    return distances


def _patches(images: Tensor, patches: int, size: int, seed: int) -> Tensor:
    """Squares cut out at random places, the same for every set of this shape: (N * patches, C, size, size)."""
    n, _, h, w = images.shape
    generator = seeded(seed)
    rows = torch.randint(h - size + 1, (n, patches), generator=generator)
    columns = torch.randint(w - size + 1, (n, patches), generator=generator)
    step = torch.arange(size)
    rows = (rows[..., None] + step)[..., :, None]  # (N, P, size, 1)
    columns = (columns[..., None] + step)[..., None, :]  # (N, P, 1, size)
    image = torch.arange(n)[:, None, None, None]
    return images.cpu().double()[image, :, rows, columns].flatten(0, 1).permute(0, 3, 1, 2)  # (N * P, C, size, size)
