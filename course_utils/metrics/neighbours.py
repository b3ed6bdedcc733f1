"""Has the generator learned to draw, or has it memorised? The training images nearest to its samples tell."""

import torch
from torch import Tensor

FLOATS_AT_ONCE = 8_000_000  # size of the largest block of distances: 32 MB
SPARE = 4  # further candidates whose exact distance is looked at, since the fast distances are rounded


@torch.no_grad()
def nearest_neighbours(images: Tensor, references: Tensor, k: int = 1) -> tuple[Tensor, Tensor]:
    """The k references nearest to each image, by Euclidean distance of the pixels.

    Args:
        images: float (N, ...), N >= 1.
        references: float (M, ...) with the same trailing shape, M >= k.
        k: neighbours wanted, from 1 to M.

    Returns `(distances, indices)`, float32 and int64 (N, k), nearest first, on the CPU. Memory does not grow
    with N.

    Raises ValueError for k out of range, shapes that differ, integer pixels, NaN or infinite values.
    """
    images, references = _rows(images, "images"), _rows(references, "references")
    if images.shape[1] != references.shape[1]:
        raise ValueError(
            f"references: expected {images.shape[1]} pixels each, as in images, got {references.shape[1]}; resize them"
        )
    if not 1 <= k <= len(references):
        raise ValueError(f"k: expected 1 to {len(references)}, the number of references, got {k}")
    chunk = max(1, FLOATS_AT_ONCE // len(references))
    found = [_nearest(part, references, k) for part in images.split(chunk)]
    return torch.cat([d for d, _ in found]), torch.cat([i for _, i in found])


def _nearest(images: Tensor, references: Tensor, k: int) -> tuple[Tensor, Tensor]:
    """Candidates by the fast |a - b|^2 = |a|^2 - 2ab + |b|^2, then their distances by subtraction."""
    rough = references.square().sum(dim=1) - 2 * images @ references.T  # (n, M), without |a|^2
    candidates = rough.topk(min(k + SPARE, len(references)), dim=1, largest=False).indices  # (n, k + 4)
    columns = [(images - references[column]).norm(dim=1) for column in candidates.T]
    distances, order = torch.stack(columns, dim=1).sort(dim=1, stable=True)
    return distances[:, :k], candidates.gather(1, order)[:, :k]


def _rows(images: Tensor, name: str) -> Tensor:
    if not isinstance(images, Tensor) or not images.is_floating_point():
        kind = images.dtype if isinstance(images, Tensor) else type(images).__name__
        raise ValueError(f"{name}: expected a float tensor, got {kind}; scale uint8 pixels with datasets.to_float")
    if images.ndim < 2 or len(images) == 0:
        raise ValueError(f"{name}: expected shape (N, ...) with N >= 1, got {tuple(images.shape)}")
    if not images.isfinite().all():
        raise ValueError(f"{name}: expected finite pixels, got NaN or infinity; the generator has diverged")
    return images.detach().to("cpu", torch.float32).flatten(1)
