"""A small U-Net that is told how much noise its input has: the network of diffusion and of flow matching, made for a CPU.

Two things keep it fast on 28 x 28 pixels. Patches of 2 x 2 pixels become channels first, so that no convolution runs at full
size. And only two sizes are left, 14 and 7, with few channels each.
"""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from course_utils.models.layers import check_sizes


class TimeBlock(nn.Module):
    """Two 3 x 3 convolutions beside a shortcut, shifted by the time: (B, C, H, W) and (B, T) to (B, O, H, W)."""

    def __init__(self, channels: int, out_channels: int, time_width: int):
        super().__init__()
        self.norms = nn.ModuleList([nn.GroupNorm(4, channels), nn.GroupNorm(4, out_channels)])
        self.convolutions = nn.ModuleList(
            [nn.Conv2d(channels, out_channels, 3, padding=1), nn.Conv2d(out_channels, out_channels, 3, padding=1)]
        )
        self.of_time = nn.Linear(time_width, out_channels)
        self.shortcut = nn.Identity() if channels == out_channels else nn.Conv2d(channels, out_channels, 1)
        nn.init.zeros_(self.convolutions[1].weight)  # a block begins as its shortcut

    def forward(self, x: Tensor, time: Tensor) -> Tensor:
        h = self.convolutions[0](F.silu(self.norms[0](x))) + self.of_time(time)[:, :, None, None]  # (B, O, H, W)
        return self.shortcut(x) + self.convolutions[1](F.silu(self.norms[1](h)))


class TimeUNet(nn.Module):
    """Maps pictures (B, channels, H, W) and one number in [0, 1] a picture, (B,), to pictures of the same shape.

    H and W are multiples of 4. The number says where on the way between noise and picture the input is. It is turned into waves
    of several lengths, which shift the channels of every block. Nothing limits the output: noise and velocities have no bounds.
    With ``base`` = 16 it has about 65,000 weights: 16 channels at half the size, 32 at a quarter.
    """

    def __init__(self, base: int = 16, channels: int = 1, time_width: int = 64):
        super().__init__()
        check_sizes(base=base, channels=channels, time_width=time_width)
        self.time_width = time_width
        self.embed = nn.Sequential(nn.Linear(time_width, time_width), nn.SiLU())
        self.first = nn.Conv2d(4 * channels, base, 3, padding=1)  # patches of 2 x 2 pixels come in
        self.fine = TimeBlock(base, base, time_width)  # (B, base, H/2, W/2)
        self.down = nn.Conv2d(base, 2 * base, 2, stride=2)
        self.coarse = nn.ModuleList(
            TimeBlock(2 * base, 2 * base, time_width) for _ in range(2)
        )  # (B, 2 * base, H/4, W/4)
        self.up = nn.ConvTranspose2d(2 * base, base, 2, stride=2)
        self.fine_again = TimeBlock(2 * base, base, time_width)
        self.last = nn.Conv2d(base, 4 * channels, 3, padding=1)

    def forward(self, x: Tensor, time: Tensor) -> Tensor:
        if time.shape != x.shape[:1]:
            raise ValueError(f"time: expected one number a picture, ({len(x)},), got {tuple(time.shape)}")
        time = self.embed(waves(time, self.time_width))  # (B, T)
        fine = self.fine(self.first(F.pixel_unshuffle(x, 2)), time)  # (B, base, H/2, W/2)
        coarse = self.down(fine)  # (B, 2 * base, H/4, W/4)
        for block in self.coarse:
            coarse = block(coarse, time)
        joined = torch.cat([fine, self.up(coarse)], dim=1)  # (B, 2 * base, H/2, W/2)
        return F.pixel_shuffle(self.last(F.silu(self.fine_again(joined, time))), 2)


def waves(time: Tensor, width: int) -> Tensor:
    """Sines and cosines of numbers (B,) in [0, 1], at frequencies from 1 to 1,000: (B, width)."""
    frequencies = torch.exp(torch.linspace(0, math.log(1000), width // 2, dtype=time.dtype, device=time.device))
    angles = time[:, None] * frequencies  # (B, width / 2)
    return torch.cat([angles.sin(), angles.cos()], dim=1)
