"""Noise injection: the small, random part of a picture."""

import torch
from torch import nn


class NoiseInjection(nn.Module):
    """Adds noise to feature maps: (B, C, H, W) to the same shape.

    The result is ``x + strength * noise``. ``noise`` (B, 1, H, W), or (1, 1, H, W) for one that all images share, is the same
    for all channels; without it new noise is drawn from N(0, 1) at every call, another for each image and position, in
    evaluation mode, too. ``strength`` (C,) is learned, a number a channel, and starts at 0: the network finds out by itself
    where chance helps (Karras et al., 2019, section 3.2).
    """

    def __init__(self, channels: int):
        super().__init__()
        # BEGIN SOLUTION
        self.strength = nn.Parameter(torch.zeros(channels))
        # END SOLUTION

    def forward(self, x: torch.Tensor, noise: torch.Tensor | None = None) -> torch.Tensor:
        # BEGIN SOLUTION
        if noise is None:
            noise = torch.randn(len(x), 1, *x.shape[2:], dtype=x.dtype, device=x.device)  # (B, 1, H, W)
        return x + self.strength[:, None, None] * noise
        # END SOLUTION
