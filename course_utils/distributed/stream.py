"""One stream of random numbers for all ranks: each draws the whole batch, and keeps its own rows."""

from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F

MARGIN = 2  # pixels of paper around an image before a crop is taken


class Batch(NamedTuple):
    """What a round of the Wasserstein game with the gradient penalty needs, n rows each."""

    real: Tensor  # (n, C, H, W) in [-1, 1]
    z_critic: Tensor  # (n, latent_dim): the fakes of the critic's step
    z_generator: Tensor  # (n, latent_dim): the fakes of the generator's step
    alpha: Tensor  # (n, 1, 1, 1) in [0, 1]: where between real and fake the penalty looks


def crop(images: Tensor, top: Tensor, left: Tensor) -> Tensor:
    """A window of each image as large as the image itself, after ``MARGIN`` pixels of paper (-1) were put around it.

    ``top`` and ``left`` (n,) int64 say where the window begins, 0 to ``2 * MARGIN``; ``MARGIN`` changes nothing.
    """
    n, _, height, width = images.shape
    padded = F.pad(images, (MARGIN,) * 4, value=-1.0).movedim(1, -1)  # (n, H + 4, W + 4, C)
    rows, columns = top[:, None] + torch.arange(height), left[:, None] + torch.arange(width)
    return padded[torch.arange(n)[:, None, None], rows[:, :, None], columns[:, None]].movedim(-1, 1)  # (n, C, H, W)


def rank_batch(
    images: Tensor, stream: torch.Generator, size: int, latent_dim: int, rank: int = 0, world: int = 1
) -> Batch:
    """The rows of ``rank`` in the next global batch. All ranks together have exactly the batch that one process would have.

    ``images`` (N, C, H, W) are floats in [-1, 1]. All ranks hold a ``stream`` of the same seed. Everything random is drawn
    from it **for the whole batch of ``size``**, by every rank, in this order:

    1. ``size`` numbers of images, ``torch.randint(len(images), (size,))``;
    2. ``top`` and then ``left`` of their crops, ``torch.randint(2 * MARGIN + 1, (size,))`` each;
    3. ``z_critic`` and then ``z_generator``, ``torch.randn(size, latent_dim)`` each;
    4. ``alpha``, ``torch.rand(size, 1, 1, 1)``.

    With n = size / world, rank 0 keeps the first n rows of everything, rank 1 the next n, and so on. Only the images that
    are kept need to be cropped: ``crop(images, top, left)``.

    Raises ValueError when ``world`` does not divide ``size``.
    """
    if size % world:
        raise ValueError(f"size: expected a multiple of world={world}, got {size}")
    rows = torch.randint(len(images), (size,), generator=stream)
    top = torch.randint(2 * MARGIN + 1, (size,), generator=stream)
    left = torch.randint(2 * MARGIN + 1, (size,), generator=stream)
    z_critic = torch.randn(size, latent_dim, generator=stream)
    z_generator = torch.randn(size, latent_dim, generator=stream)
    alpha = torch.rand(size, 1, 1, 1, generator=stream)
    n = size // world
    own = slice(rank * n, (rank + 1) * n)
    real = crop(images[rows[own]], top[own], left[own])  # (n, C, H, W)
    return Batch(real, z_critic[own], z_generator[own], alpha[own])
