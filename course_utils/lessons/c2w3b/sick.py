"""Generators with one thing wrong at the start: for the lesson's table of mapping networks and its diagnosis."""

from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from course_utils.lessons.c2w3b.measure import set_noise
from course_utils.models.equalised import EqualisedLinear
from course_utils.models.style.generator import Generator


class UnitLength(nn.Module):
    """z brought to the length 1, and layers with gain 1: (B, latent_dim) to (B, w_dim)."""

    def __init__(self, latent_dim: int = 64, w_dim: int = 64, layers: int = 8, lr_multiplier: float = 0.01):
        super().__init__()
        widths = [latent_dim] + layers * [w_dim]
        self.layers = nn.ModuleList(EqualisedLinear(a, b, 1.0, lr_multiplier) for a, b in pairwise(widths))

    def forward(self, z: Tensor) -> Tensor:
        x = F.normalize(z, dim=1)
        for layer in self.layers:
            x = F.leaky_relu(layer(x), 0.2)
        return x


class ScaledDown(UnitLength):
    """The same with weights from N(0, 0.1) that are used as they are, whatever the number of inputs."""

    def __init__(self, latent_dim: int = 64, w_dim: int = 64, layers: int = 8):
        super().__init__(latent_dim, w_dim, layers)
        for layer in self.layers:
            nn.init.normal_(layer.weight, std=0.1 / layer.scale)  # what is used is weight * scale


@torch.no_grad()
def spread(mapping: nn.Module, latent_dim: int, n: int = 2000) -> float:
    """How far w varies with z: its standard deviation over n draws, the mean over its numbers."""
    return mapping(torch.randn(n, latent_dim)).std(dim=0).mean().item()


def patients(mapping, block, noise: type[nn.Module]) -> dict[str, nn.Module]:
    """Three new generators of 32 pixels, made of the given parts: two have one thing wrong with them."""

    def new(mapping, strength: float) -> nn.Module:
        made = Generator(64, 32, (32, 24, 16, 12), mapping=mapping, block=block)
        return set_noise(made, strength, noise)

    return {"A": new(UnitLength, 0.1), "B": new(mapping, 3.0), "C": new(mapping, 0.1)}
