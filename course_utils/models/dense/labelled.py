"""A dense pair that is told which class is wanted: the pair of ``mlp``, small, with labels.

For hundreds of short trainings on a CPU. Images are (B, *image_shape) floats in [-1, 1], ``z`` is (B, latent_dim) from
N(0, 1), ``labels`` are int64 (B,) from 0 to classes - 1, logits are (B, 1). The generator gets the label as one-hot numbers,
three times as large, so that they are heard beside those of ``z``; the discriminator has a learned vector for each class
(Miyato and Koyama, "cGANs with Projection Discriminator", 2018).
"""

import math

import torch
from torch import nn

from course_utils.models.conditional.class_labels import combine, one_hot, projection_score
from course_utils.models.dense.mlp import discriminator_block, generator_block
from course_utils.models.layers import check_batch, check_sizes

LOUD = 3.0  # how large the one-hot label is


class Generator(nn.Module):
    """Maps ``z`` (B, latent_dim) and ``labels`` (B,) to images (B, *image_shape) in [-1, 1].

    Two generator blocks of ``hidden`` and ``2 * hidden`` features on ``z`` with the label behind it, a linear layer to the
    pixels, tanh. Raises ValueError for sizes that cannot be and labels out of range.
    """

    def __init__(self, latent_dim: int = 32, classes: int = 10, hidden: int = 64, image_shape: tuple = (1, 28, 28)):
        super().__init__()
        check_sizes(latent_dim=latent_dim, classes=classes, hidden=hidden)
        self.latent_dim, self.classes, self.image_shape = latent_dim, classes, tuple(image_shape)
        self.layers = nn.Sequential(
            generator_block(latent_dim + classes, hidden),
            generator_block(hidden, 2 * hidden),
            nn.Linear(2 * hidden, math.prod(image_shape)),
            nn.Tanh(),
            nn.Unflatten(1, self.image_shape),
        )

    def forward(self, z: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        check_batch("z", z, (self.latent_dim,))
        return self.layers(combine(z, LOUD * one_hot(labels, self.classes)))  # (B, *image_shape)


class Discriminator(nn.Module):
    """Maps images (B, *image_shape) and ``labels`` (B,) to logits (B, 1).

    Two discriminator blocks of ``2 * hidden`` and ``hidden`` features on the pixels, a last layer psi, and a learned vector
    for each class. Raises ValueError for sizes that cannot be and labels out of range.
    """

    def __init__(self, classes: int = 10, hidden: int = 64, image_shape: tuple = (1, 28, 28)):
        super().__init__()
        check_sizes(classes=classes, hidden=hidden)
        self.image_shape = tuple(image_shape)
        self.features = nn.Sequential(
            nn.Flatten(),
            discriminator_block(math.prod(image_shape), 2 * hidden),
            discriminator_block(2 * hidden, hidden),
        )
        self.psi = nn.Linear(hidden, 1)
        self.class_vectors = nn.Parameter(0.1 * torch.randn(classes, hidden))

    def forward(self, images: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        check_batch("images", images, self.image_shape)
        one_hot(labels, len(self.class_vectors))  # for its ValueError: a label of -1 would read the last row
        features = self.features(images)  # (B, hidden)
        return projection_score(features, labels, self.class_vectors, self.psi(features))  # (B, 1)
