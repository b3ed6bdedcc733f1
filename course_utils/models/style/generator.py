"""A StyleGAN for a CPU: the mapping network and the synthesis network in one generator of z."""

from collections.abc import Callable

import torch
from torch import nn

from course_utils.models.layers import check_batch
from course_utils.models.style.mapping import MappingNetwork
from course_utils.models.style.synthesis import SynthesisBlock, SynthesisNetwork, stages


class Generator(nn.Module):
    """Maps ``z`` (B, latent_dim) to images (B, channels, image_size, image_size) in [-1, 1].

        w = generator.mapping(z)                # (B, w_dim)
        images = generator.draw(w)              # one w for all blocks, or (B, blocks, w_dim): one for each
        images = generator(z)                   # both at once

    ``widths`` are the channels of the blocks, one for each of ``synthesis.stages(image_size)``: 4, 8, 16, 32 pixels at 32.
    ``mixing`` is the share of images that are drawn, in training mode only, with the w of another z from a random block
    on (Karras et al., 2019, section 3.1).
    ``mapping(latent_dim, w_dim)`` and ``block`` make the parts, those of the library unless others are given.
    Raises ValueError for an image size that cannot be halved down to 4 to 7, and for another number of widths.
    """

    def __init__(
        self,
        latent_dim: int = 64,
        image_size: int = 32,
        widths: tuple[int, ...] = (32, 24, 16, 12),
        channels: int = 3,
        w_dim: int = 64,
        mixing: float = 0.0,
        mapping: Callable[..., nn.Module] = MappingNetwork,
        block: Callable[..., nn.Module] = SynthesisBlock,
    ):
        super().__init__()
        sizes = stages(image_size)
        self.blocks = len(sizes)
        if len(widths) != self.blocks:
            raise ValueError(f"widths: expected {self.blocks} of them for {image_size} pixels, got {len(widths)}")
        self.latent_dim, self.w_dim, self.mixing = latent_dim, w_dim, mixing
        self.image_shape = (channels, image_size, image_size)
        self.mapping = mapping(latent_dim, w_dim)
        self.synthesis = SynthesisNetwork(widths, w_dim, channels, sizes[0], block)

    def draw(self, w: torch.Tensor, noise: list | None = None) -> torch.Tensor:
        """Images of w, (B, w_dim) or (B, blocks, w_dim); ``noise`` as `synthesis.draw_noise` makes it, or new at every call."""
        if w.ndim == 2:
            w = w[:, None].expand(-1, self.blocks, -1)
        check_batch("w", w, (self.blocks, self.w_dim))
        return self.synthesis(w, noise)

    def forward(self, z: torch.Tensor) -> torch.Tensor:
        w = self.mapping(z)
        if self.training and self.mixing:
            w = self.mixed(w)
        return self.draw(w)

    def mixed(self, w: torch.Tensor) -> torch.Tensor:
        """w (B, w_dim) as one w for each block, (B, blocks, w_dim); a share ``mixing`` changes to another w at some block."""
        other = self.mapping(torch.randn(len(w), self.latent_dim, dtype=w.dtype, device=w.device))
        crossover = torch.randint(1, self.blocks, (len(w), 1), device=w.device)
        crossover[torch.rand(len(w), device=w.device) >= self.mixing] = self.blocks  # these stay with their own w
        first = torch.arange(self.blocks, device=w.device) < crossover  # (B, blocks)
        return torch.where(first[:, :, None], w[:, None], other[:, None])
