"""The mapping network of StyleGAN: from noise z to the space W, where styles come from."""

from itertools import pairwise

import torch
from torch import nn

from course_utils.models.equalised import EqualisedLinear, PixelNorm
from course_utils.models.layers import check_batch, check_sizes


class MappingNetwork(nn.Module):
    """Maps ``z`` (B, latent_dim) to ``w`` (B, w_dim): Karras et al., "A Style-Based Generator Architecture for GANs" (2019).

    ``PixelNorm`` first: every z is brought to the length sqrt(latent_dim), so that the network sees its direction only. Then
    ``layers`` times an ``EqualisedLinear`` with the given ``lr_multiplier`` and LeakyReLU with slope 0.2, after the last one,
    too. All layers give w_dim numbers. All this is ``self.layers``, one module, which ``forward`` calls. The equalised layers
    keep the size of their inputs, so w varies with z from the start: its standard deviation over z is between 0.4 and 0.9 at
    every width.

    Raises ValueError for sizes that cannot be and for a z of another width.
    """

    def __init__(self, latent_dim: int = 64, w_dim: int = 64, layers: int = 2, lr_multiplier: float = 0.1):
        super().__init__()
        check_sizes(latent_dim=latent_dim, w_dim=w_dim, layers=layers)
        self.latent_dim = latent_dim
        # BEGIN SOLUTION
        parts = [PixelNorm()]
        for a, b in pairwise([latent_dim] + layers * [w_dim]):
            parts += [EqualisedLinear(a, b, lr_multiplier=lr_multiplier), nn.LeakyReLU(0.2)]
        self.layers = nn.Sequential(*parts)
        # END SOLUTION

    def forward(self, z: torch.Tensor) -> torch.Tensor:
        check_batch("z", z, (self.latent_dim,))
        return self.layers(z)  # (B, w_dim)
