"""A fully connected network that is told how much noise its input has: the network of diffusion and of flow matching.

On 28 x 28 pixels and a CPU a matrix product costs far less time than convolutions with as many operations. A network that is
called a hundred times for a picture has to be cheap.
"""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from course_utils.models.layers import check_sizes


class TimeBlock(nn.Module):
    """Two layers beside a shortcut, shifted by the time: (B, width) and (B, T) to (B, width). It begins as the identity."""

    def __init__(self, width: int, time_width: int):
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.first, self.second = nn.Linear(width, width), nn.Linear(width, width)
        self.of_time = nn.Linear(time_width, width)
        nn.init.zeros_(self.second.weight)
        nn.init.zeros_(self.second.bias)

    def forward(self, h: Tensor, time: Tensor) -> Tensor:
        return h + self.second(F.silu(self.first(self.norm(h)) + self.of_time(time)))


class TimeMLP(nn.Module):
    """Maps pictures (B, *image_shape) and one number in [0, 1] a picture, (B,), to pictures of the same shape.

    The number says where on the way between noise and picture the input is. It is turned into waves of several lengths, which
    shift the features of every block, and it weighs each pixel of the input in the output: where there is nothing but noise,
    the noise is the input itself. Nothing limits the output: noise and velocities have no bounds.

    Raises ValueError unless there is one number for each picture.
    """

    def __init__(
        self, width: int = 512, blocks: int = 2, image_shape: tuple[int, ...] = (1, 28, 28), time_width: int = 64
    ):
        super().__init__()
        check_sizes(width=width, blocks=blocks, time_width=time_width)
        self.time_width, pixels = time_width, math.prod(image_shape)
        self.embed = nn.Sequential(nn.Linear(time_width, 2 * time_width), nn.SiLU())
        self.first, self.last = nn.Linear(pixels, width), nn.Linear(width, pixels)
        self.blocks = nn.ModuleList(TimeBlock(width, 2 * time_width) for _ in range(blocks))
        self.passed = nn.Linear(2 * time_width, pixels)  # how much of each pixel of the input is in the output

    def forward(self, x: Tensor, time: Tensor) -> Tensor:
        if time.shape != x.shape[:1]:
            raise ValueError(f"time: expected one number a picture, ({len(x)},), got {tuple(time.shape)}")
        time = self.embed(waves(time, self.time_width))  # (B, 2T)
        pixels = x.flatten(1)  # (B, D)
        h = self.first(pixels)  # (B, width)
        for block in self.blocks:
            h = block(h, time)
        return (self.last(h) + self.passed(time) * pixels).view_as(x)


def waves(time: Tensor, width: int) -> Tensor:
    """Sines and cosines of numbers (B,) in [0, 1], at frequencies from 1 to 1,000: (B, width)."""
    frequencies = torch.exp(torch.linspace(0, math.log(1000), width // 2, dtype=time.dtype, device=time.device))
    angles = time[:, None] * frequencies  # (B, width / 2)
    return torch.cat([angles.sin(), angles.cos()], dim=1)
