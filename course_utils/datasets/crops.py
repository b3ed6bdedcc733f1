"""Many small pictures from a large one, so that those to learn from and those to judge by have no pixel in common."""

from torch import Tensor


def separate_crops(picture: Tensor, size: int, stride: int, held_out: float = 0.4) -> tuple[Tensor, Tensor]:
    """Cut crops to learn from out of the left of a picture, and held-out crops out of its right.

    For a ``picture`` (C, H, W) of any dtype:

    1. A cut parts it: the right side has ``round(held_out * W)`` columns.
    2. Crops to learn from lie in the left side. Their upper left corners stand on a grid: rows 0, stride, 2 * stride, ...,
       and columns likewise, as long as the crop lies wholly in the side.
    3. Held-out crops lie in the right side, whose first column is column 0 of their grid. They never overlap, so the step of
       their grid is ``size``, whatever ``stride`` is.

    Returns (N, C, size, size) and (M, C, size, size), both row of the grid by row, of the picture's dtype. Raises ValueError
    in one line that names ``size`` where a side has no room for a crop.
    """
    # BEGIN SOLUTION
    columns = picture.shape[2] - round(held_out * picture.shape[2])
    sides = []
    for side, step in ((picture[:, :, :columns], stride), (picture[:, :, columns:], size)):
        if min(side.shape[1:]) < size:
            raise ValueError(f"size: expected at most {min(side.shape[1:])}, as both sides have, got {size}")
        windows = side.unfold(1, size, step).unfold(2, size, step)  # (C, rows, columns, size, size)
        sides.append(windows.permute(1, 2, 0, 3, 4).flatten(0, 1).contiguous())
    return sides[0], sides[1]
    # END SOLUTION


def shared_pixels(train: Tensor, held_out: Tensor, side: int = 8) -> int:
    """How many held-out pictures (M, C, H, W) have a patch of ``side`` x ``side`` pixels in common with a training picture.

    Only patches that are not of one colour count. Patches are compared exactly, so it finds crops that overlap, and no
    pictures that are merely alike.
    """
    known = set()
    for picture in train:
        known |= _patches(picture, side, 1)
    return sum(bool(_patches(picture, side, side) & known) for picture in held_out)


def _patches(picture: Tensor, side: int, step: int) -> set[bytes]:
    """All patches at a step, as bytes, without those of one colour."""
    windows = picture.unfold(1, side, step).unfold(2, side, step).permute(1, 2, 0, 3, 4).flatten(0, 1)
    several = (windows.flatten(2).amax(2) > windows.flatten(2).amin(2)).any(dim=1)
    return {window.contiguous().numpy().tobytes() for window in windows[several]}
