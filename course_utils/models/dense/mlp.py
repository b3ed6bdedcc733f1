"""A generator and a discriminator made of fully connected layers: the pair of Goodfellow et al. (2014), modernised.

Images are ``(B, C, H, W)`` floats in [-1, 1]; ``z`` is ``(B, latent_dim)`` drawn from N(0, 1). The discriminator returns
*logits*: real numbers of any size, where 0 means "cannot tell" and a sigmoid would give the probability of "real".
"""

import math

import torch
from torch import nn


def sample_noise(n: int, latent_dim: int, device: torch.device | str = "cpu") -> torch.Tensor:
    """Draw ``n`` latent vectors from a standard normal distribution.

    Returns a float32 tensor of shape ``(n, latent_dim)`` on ``device``, new at every call and
    reproducible after ``torch.manual_seed``.
    """
    return torch.randn(n, latent_dim, device=device)  # (n, latent_dim)


def generator_block(in_features: int, out_features: int) -> nn.Module:
    """One hidden layer of the generator: linear, then batch normalisation, then ReLU.

    Returns a module that maps ``(B, in_features)`` to ``(B, out_features)``.
    """
    return nn.Sequential(
        nn.Linear(in_features, out_features),
        nn.BatchNorm1d(out_features),
        nn.ReLU(),
    )


class Generator(nn.Module):
    """Maps ``z`` (B, latent_dim) to images (B, *image_shape) in [-1, 1].

    Three generator blocks of ``hidden``, ``2 * hidden`` and ``4 * hidden`` features, then a
    linear layer to as many outputs as an image has pixels, then tanh.
    """

    def __init__(self, latent_dim: int = 64, hidden: int = 128, image_shape: tuple = (1, 28, 28)):
        super().__init__()
        self.latent_dim = latent_dim
        self.image_shape = tuple(image_shape)
        # BEGIN SOLUTION
        self.layers = nn.Sequential(
            generator_block(latent_dim, hidden),
            generator_block(hidden, 2 * hidden),
            generator_block(2 * hidden, 4 * hidden),
            nn.Linear(4 * hidden, math.prod(image_shape)),
            nn.Tanh(),
        )
        # END SOLUTION

    def forward(self, z: torch.Tensor) -> torch.Tensor:
        # BEGIN SOLUTION
        pixels = self.layers(z)  # (B, C*H*W)
        return pixels.view(len(z), *self.image_shape)  # (B, C, H, W)
        # END SOLUTION


def discriminator_block(in_features: int, out_features: int) -> nn.Module:
    """One hidden layer of the discriminator: linear, then LeakyReLU with slope 0.2. No normalisation.

    Returns a module that maps ``(B, in_features)`` to ``(B, out_features)``.
    """
    return nn.Sequential(
        nn.Linear(in_features, out_features),
        nn.LeakyReLU(0.2),
    )


class Discriminator(nn.Module):
    """Maps images (B, *image_shape) to one logit each, (B, 1).

    The image is flattened; two discriminator blocks of ``2 * hidden`` and ``hidden`` features
    follow, then a linear layer to one number. No sigmoid: the losses take logits.
    """

    def __init__(self, hidden: int = 128, image_shape: tuple = (1, 28, 28)):
        super().__init__()
        self.image_shape = tuple(image_shape)
        # BEGIN SOLUTION
        self.layers = nn.Sequential(
            nn.Flatten(),
            discriminator_block(math.prod(image_shape), 2 * hidden),
            discriminator_block(2 * hidden, hidden),
            nn.Linear(hidden, 1),
        )
        # END SOLUTION

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        # BEGIN SOLUTION
        return self.layers(images)  # (B, 1)
        # END SOLUTION
