"""A generator with the parts of BigGAN (Brock, Donahue and Simonyan, 2019), made small for 28 x 28 digits on a CPU.

``z`` is (B, latent_dim) from N(0, 1), ``labels`` are int64 (B,). One table of class vectors serves all layers. Each layer gets
the code of an image: z and its class vector beside each other. What BigGAN has and this one has not: attention, spectral
normalisation, residual connections, and batches of 2,048.
"""

from collections.abc import Callable

import torch
from torch import nn

from course_utils.models.conditional.batch_norm import ConditionalBatchNorm2d
from course_utils.models.conv.cpu_dcgan import double_size
from course_utils.models.dense import mlp
from course_utils.models.layers import check_batch, check_sizes


class Generator(nn.Module):
    """Maps ``z`` (B, latent_dim) and ``labels`` (B,) to digits (B, 1, 28, 28) in [-1, 1].

    ``norm(channels, code_dim)`` makes the layers that normalise and are told the code, those of the library unless others are
    given. Raises ValueError for sizes that cannot be.
    """

    def __init__(
        self,
        latent_dim: int = 32,
        classes: int = 10,
        base: int = 16,
        class_dim: int = 16,
        norm: Callable[..., nn.Module] = ConditionalBatchNorm2d,
    ):
        super().__init__()
        check_sizes(latent_dim=latent_dim, classes=classes, base=base, class_dim=class_dim)
        self.latent_dim, self.classes, self.image_shape = latent_dim, classes, (1, 28, 28)
        code_dim = latent_dim + class_dim
        self.class_vectors = nn.Embedding(classes, class_dim)
        self.dense = nn.Sequential(
            mlp.generator_block(code_dim, 128),  # (B, 128)
            mlp.generator_block(128, 2 * base * 7 * 7),  # each place normalised by itself
            nn.Unflatten(1, (2 * base, 7, 7)),  # (B, 2 * base, 7, 7)
        )
        self.grow = nn.ModuleList([double_size(2 * base, base), double_size(base, base)])
        self.norms = nn.ModuleList([norm(base, code_dim), norm(base, code_dim)])
        self.draw = nn.Conv2d(base, 1, 3, padding=1)

    def forward(self, z: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        check_batch("z", z, (self.latent_dim,))
        code = torch.cat([z, self.class_vectors(labels)], dim=1)  # (B, latent_dim + class_dim)
        x = self.dense(code)  # (B, 2 * base, 7, 7)
        for grow, norm in zip(self.grow, self.norms, strict=True):
            x = norm(grow(x), code).relu()  # (B, base, 14, 14), (B, base, 28, 28)
        return self.draw(x).tanh()  # (B, 1, 28, 28)
