"""The two players, as small fully connected networks, and the noise that the generator starts from."""

import itertools

import torch
from torch import nn
from torch.nn.utils import parametrizations

from course_utils.models.layers import MinibatchStd
from course_utils.widgets.gan_lab.settings import Settings

KIND = torch.float32  # of all numbers in the game


def make_generator(settings: Settings) -> nn.Module:
    """Maps noise (B, noise_dim) to points (B, 2): hidden layers with ReLU, then a linear one."""
    hidden = _hidden(settings.noise_dim, settings.width_g, settings.depth_g, nn.ReLU())
    return nn.Sequential(*hidden, nn.Linear(settings.width_g, 2)).float()  # whatever the default type is, as the data


def make_discriminator(settings: Settings) -> nn.Module:
    """Maps points (B, 2) to logits (B, 1): hidden layers with LeakyReLU, then a linear one.

    With ``minibatch_std`` the last layer also sees how much the points of a group of four differ; with
    ``spectral_norm`` every linear layer is divided by its largest singular value (Miyato et al., 2018).
    """
    layers = _hidden(2, settings.width_d, settings.depth_d, nn.LeakyReLU(0.2))
    layers += [MinibatchStd()] if settings.minibatch_std else []
    layers += [nn.Linear(settings.width_d + settings.minibatch_std, 1)]
    if settings.spectral_norm:
        layers = [parametrizations.spectral_norm(m) if isinstance(m, nn.Linear) else m for m in layers]
    return nn.Sequential(*layers).float()


def _hidden(inputs: int, width: int, depth: int, activation: nn.Module) -> list[nn.Module]:
    widths = [inputs, *[width] * depth]
    return [layer for a, b in itertools.pairwise(widths) for layer in (nn.Linear(a, b), activation)]


def draw_noise(settings: Settings, n: int) -> torch.Tensor:
    """Noise (n, noise_dim) from N(0, 1), or uniform in [-1, 1], from PyTorch's global generator."""
    shape = (n, settings.noise_dim)
    return torch.randn(shape, dtype=KIND) if settings.noise == "normal" else 2 * torch.rand(shape, dtype=KIND) - 1


def noise_lattice(settings: Settings, side: int = 33, line: int = 400) -> torch.Tensor:
    """Noise on a lattice whose lines part the noise into equally likely strips: (side, side, noise_dim).

    For one-dimensional noise (1, line, 1). Beyond two dimensions the lattice lies in the first two; the others are 0.
    The outermost lines leave out one strip in ``side``, so that a normal distribution ends somewhere.
    """
    if settings.noise_dim == 1:
        return _quantiles(settings.noise, line)[None, :, None]
    across = _quantiles(settings.noise, side)
    lattice = torch.zeros(side, side, settings.noise_dim, dtype=KIND)
    lattice[..., 0], lattice[..., 1] = across[None, :], across[:, None]
    return lattice


def _quantiles(noise: str, n: int) -> torch.Tensor:
    share = (torch.arange(n, dtype=KIND) + 0.5) / n  # (n,), in (0, 1)
    return torch.special.ndtri(share) if noise == "normal" else 2 * share - 1
