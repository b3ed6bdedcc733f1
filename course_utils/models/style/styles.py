"""What can be done with w once a generator is trained: truncation and style mixing."""

import numbers

import torch
from torch import nn

from course_utils.models.layers import check_sizes

MANY = 1000  # codes that a mean is taken of, at least


def truncate(w: torch.Tensor, w_mean: torch.Tensor, psi: float) -> torch.Tensor:
    """The truncation trick: w (..., w_dim) drawn towards the mean code (w_dim,), ``w_mean + psi * (w - w_mean)``.

    psi = 1 leaves w as it is, psi = 0 gives the mean code, one picture for all; between them quality is bought with variety.
    Above 1 the codes move away from the mean, into places that were never trained; this is allowed, up to 2, to look at.
    Raises ValueError for a psi outside 0 to 2.
    """
    if not 0 <= psi <= 2:
        raise ValueError(f"psi: expected a number from 0 (the mean) to 2, got {psi}")
    return w_mean + psi * (w - w_mean)


def mix_styles(w_first: torch.Tensor, w_second: torch.Tensor, crossover: int, blocks: int) -> torch.Tensor:
    """One w for each block: ``w_first`` below the crossover, ``w_second`` from there on: two (B, w_dim) to (B, blocks, w_dim).

    Blocks are counted from 0, the smallest size. With crossover = blocks everything comes from the first code, with 0
    everything from the second. Raises ValueError for a crossover that is not a whole number from 0 to blocks.
    """
    if isinstance(crossover, bool | float) or crossover not in range(blocks + 1):
        raise ValueError(
            f"crossover: expected a whole number from 0 to {blocks}, the number of blocks, got {crossover!r}"
        )
    # BEGIN SOLUTION
    first = torch.arange(blocks, device=w_first.device) < crossover  # (blocks,)
    return torch.where(first[:, None], w_first[:, None], w_second[:, None])  # (B, blocks, w_dim)
    # END SOLUTION


@torch.no_grad()
def mean_code(mapping, latent_dim: int, n: int = 10_000, generator: torch.Generator | None = None) -> torch.Tensor:
    """The mean of w over n draws of z: (w_dim,). Raises ValueError for fewer than 1,000, too few to stand for all of W."""
    check_sizes(latent_dim=latent_dim)
    if not isinstance(n, numbers.Integral) or n < MANY:
        raise ValueError(f"n: expected at least {MANY:,} codes to take the mean of, got {n!r}")
    weights = list(mapping.parameters()) if isinstance(mapping, nn.Module) else []
    z = torch.randn(n, latent_dim, generator=generator).to(weights[0].device if weights else "cpu")
    return mapping(z).mean(dim=0)
