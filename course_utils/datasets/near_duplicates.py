"""Pictures that are nearly the same, found by hashes of 64 bits: which of two neighbouring patches is brighter."""

import torch
import torch.nn.functional as F
from torch import Tensor

SIDE = 8  # a hash has 8 x 8 bits
LUMINANCE = (0.299, 0.587, 0.114)  # of red, green, blue


def difference_hash(images: Tensor) -> Tensor:
    """A hash of each picture that survives scaling, compression, and another brightness or contrast: bool (N, 64).

    For images (N, C, H, W), float, of 1 or 3 channels and any height and width:

    1. Grey: the only channel, or 0.299 red + 0.587 green + 0.114 blue.
    2. Shrink to 8 rows and 9 columns with ``F.adaptive_avg_pool2d``, so that fine detail is gone.
    3. A bit is true where a patch is brighter than its neighbour to the left. That makes 8 x 8 bits, row by row.

    Raises ValueError, in one line that names ``images``, for another number of channels.
    """
    # BEGIN SOLUTION
    channels = images.shape[1]
    if channels not in (1, 3):
        raise ValueError(f"images: expected 1 or 3 channels, got {channels}")
    weights = torch.tensor(LUMINANCE if channels == 3 else (1.0,), dtype=images.dtype, device=images.device)
    grey = (images * weights[:, None, None]).sum(dim=1, keepdim=True)  # (N, 1, H, W)
    small = F.adaptive_avg_pool2d(grey, (SIDE, SIDE + 1))[:, 0]  # (N, 8, 9)
    return (small[:, :, 1:] > small[:, :, :-1]).flatten(1)  # (N, 64)
    # END SOLUTION


def differing_bits(a: Tensor, b: Tensor) -> Tensor:
    """In how many bits hashes a (N, K) and b (M, K) differ: int64 (N, M), on the CPU."""
    a, b = a.cpu().double(), b.cpu().double()
    return (a @ (1 - b).T + (1 - a) @ b.T).round().long()


def first_of_each(hashes: Tensor, most: int) -> list[int]:
    """For each hash (N, K) the index of the picture that stands for it: its own, or that of the first one that is near.

    Near means that at most ``most`` bits differ. Pictures are compared with those that stand for themselves only, so that a
    long series of small changes is not one picture.
    """
    kept: list[int] = []
    stands: list[int] = []
    for i in range(len(hashes)):
        near = differing_bits(hashes[i : i + 1], hashes[kept])[0] if kept else torch.zeros(0)
        found = (near <= most).nonzero()
        stands.append(kept[int(found[0])] if len(found) else i)
        if not len(found):
            kept.append(i)
    return stands
