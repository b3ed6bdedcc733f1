"""A classifier that is a discriminator at once, and the generator it plays against: dense, for digits.

The classifier gives K logits, one a class, and none for "fake": that one is 0 by agreement. Noise on the pixels and behind
each hidden layer keeps it from learning a handful of labels by heart (Salimans et al., "Improved Techniques for Training
GANs", 2016; layers half as wide here, and without weight normalisation). Images are (B, *image_shape) in [-1, 1].
"""

import math

import torch
from torch import Tensor, nn

from course_utils.models.dense.mlp import generator_block
from course_utils.models.layers import check_batch, check_sizes

WIDTHS = (500, 250, 125, 125)  # features of the hidden layers


class GaussianNoise(nn.Module):
    """Adds normal noise of this standard deviation in training mode, and nothing in evaluation mode."""

    def __init__(self, deviation: float):
        super().__init__()
        self.deviation = deviation

    def forward(self, x: Tensor) -> Tensor:
        return x + self.deviation * torch.randn_like(x) if self.training and self.deviation else x


class Classifier(nn.Module):
    """Maps images (B, *image_shape) to logits of the classes (B, classes).

    ``features(images)`` are the numbers of the last hidden layer, (B, widths[-1]), before noise is added to them;
    ``logits(features)`` are the logits of these. ``noise`` is the standard deviation on the pixels, ``hidden_noise`` the one
    behind each hidden layer. Raises ValueError for sizes that cannot be.
    """

    def __init__(
        self,
        classes: int = 10,
        widths: tuple[int, ...] = WIDTHS,
        noise: float = 0.3,
        hidden_noise: float = 0.5,
        image_shape: tuple[int, ...] = (1, 28, 28),
    ):
        super().__init__()
        check_sizes(classes=classes, **{f"widths[{i}]": width for i, width in enumerate(widths)})
        self.image_shape = tuple(image_shape)
        parts: list[nn.Module] = [nn.Flatten()]
        incoming, deviation = math.prod(image_shape), noise
        for width in widths:
            parts += [GaussianNoise(deviation), nn.Linear(incoming, width), nn.ReLU()]
            incoming, deviation = width, hidden_noise
        self.features = nn.Sequential(*parts)
        self.logits = nn.Sequential(GaussianNoise(hidden_noise), nn.Linear(incoming, classes))

    def forward(self, images: Tensor) -> Tensor:
        check_batch("images", images, self.image_shape)
        return self.logits(self.features(images))


class Generator(nn.Module):
    """Maps ``z`` (B, latent_dim) to images (B, *image_shape) in [-1, 1]: two generator blocks, a linear layer, tanh."""

    def __init__(self, latent_dim: int = 50, hidden: int = 250, image_shape: tuple[int, ...] = (1, 28, 28)):
        super().__init__()
        check_sizes(latent_dim=latent_dim, hidden=hidden)
        self.latent_dim = latent_dim
        self.layers = nn.Sequential(
            generator_block(latent_dim, hidden),
            generator_block(hidden, hidden),
            nn.Linear(hidden, math.prod(image_shape)),
            nn.Tanh(),
            nn.Unflatten(1, tuple(image_shape)),
        )

    def forward(self, z: Tensor) -> Tensor:
        check_batch("z", z, (self.latent_dim,))
        return self.layers(z)
