"""Filters that nobody trained: random numbers without a mean, on three scales, and a second layer of the same kind.

Ustyuzhaninov, Brendel, Gatys and Bethge, "Texture Synthesis Using Shallow Convolutional Networks with Random Filters", 2016,
found that one such layer is a good model of textures.
"""

import operator

import torch
import torch.nn.functional as F
from torch import Tensor, nn


def zero_mean_filters(count: int, channels: int, side: int, generator: torch.Generator) -> Tensor:
    """Normal random filters (count, channels, side, side) of mean 0 in each channel, each of length 1.

    A filter of mean 0 is silent where nothing changes.
    """
    filters = torch.randn(count, channels, side, side, generator=generator)
    filters = filters - filters.mean(dim=(2, 3), keepdim=True)
    return filters / filters.flatten(1).norm(dim=1).view(-1, 1, 1, 1)


def same_size(images: Tensor, filters: Tensor) -> Tensor:
    """Convolve without losing a border: (B, C, H, W) -> (B, count, H, W). The images are reflected at their edges."""
    reach = filters.shape[-1] // 2
    return F.conv2d(F.pad(images, (reach,) * 4, mode="reflect"), filters)


class RandomFilters(nn.Module):
    """One layer of random filters and ReLU: pictures (B, 3, H, W) -> maps (B, 72, H, W). The seed is all it has."""

    def __init__(self, seed: int, sides: tuple[int, ...] = (3, 7, 15), each: int = 24):
        super().__init__()
        generator = torch.Generator().manual_seed(operator.index(seed))
        self.names = [f"filters_{side}" for side in sides]
        for name, side in zip(self.names, sides, strict=True):
            self.register_buffer(name, zero_mean_filters(each, 3, side, generator))

    def forward(self, pictures: Tensor) -> Tensor:
        maps = [same_size(pictures, getattr(self, name)) for name in self.names]  # 3 x (B, 24, H, W)
        return F.relu(torch.cat(maps, dim=1))  # (B, 72, H, W)


class RandomLayers(nn.Module):
    """Two layers of random filters: pictures (B, 3, H, W) -> [maps (B, 72, H, W), maps (B, 64, H / 4, W / 4)].

    The second layer looks at how strongly the first one answers, over 5 x 5 averages of 4 x 4 pixels each.
    """

    def __init__(self, seed: int):
        super().__init__()
        self.first = RandomFilters(seed)
        generator = torch.Generator().manual_seed(operator.index(seed) + 1000)
        self.register_buffer("second", zero_mean_filters(64, 72, 5, generator))

    def forward(self, pictures: Tensor) -> list[Tensor]:
        maps = self.first(pictures)  # (B, 72, H, W)
        return [maps, F.relu(same_size(F.avg_pool2d(maps, 4), self.second))]
