"""Autoencoders: an encoder that squeezes an image into a code of few numbers, and a decoder that paints it again.

Images are (B, 1, S, S) floats in [-1, 1], codes (B, code_size) any numbers. Every autoencoder here has ``encode(images)``,
``decode(codes)``, and ``forward(images)``, which is both. Hinton and Salakhutdinov, "Reducing the Dimensionality of Data with
Neural Networks", 2006.
"""

import torch
from torch import Tensor, nn

from course_utils.models.layers import check_sizes


class LinearAutoencoder(nn.Module):
    """One matrix to the code and one back, no activation: images (B, 1, S, S), codes (B, code_size)."""

    def __init__(self, code_size: int = 16, side: int = 28):
        super().__init__()
        check_sizes(code_size=code_size, side=side)
        self.encode = nn.Sequential(nn.Flatten(), nn.Linear(side * side, code_size))
        self.decode = nn.Sequential(nn.Linear(code_size, side * side), nn.Unflatten(1, (1, side, side)))

    def forward(self, images: Tensor) -> Tensor:
        return self.decode(self.encode(images))


class DenseAutoencoder(nn.Module):
    """Two linear layers each way, ``hidden`` features between them, ReLU: images (B, 1, S, S)."""

    def __init__(self, code_size: int = 16, hidden: int = 64, side: int = 28):
        super().__init__()
        check_sizes(code_size=code_size, hidden=hidden, side=side)
        self.encode = nn.Sequential(
            nn.Flatten(), nn.Linear(side * side, hidden), nn.ReLU(), nn.Linear(hidden, code_size)
        )
        self.decode = nn.Sequential(
            *(nn.Linear(code_size, hidden), nn.ReLU(), nn.Linear(hidden, side * side)),
            nn.Unflatten(1, (1, side, side)),
        )

    def forward(self, images: Tensor) -> Tensor:
        return self.decode(self.encode(images))


class ConvolutionalAutoencoder(nn.Module):
    """An encoder that halves the image twice, and a decoder that is its mirror image.

    - ``encode``: images (B, 1, S, S) to codes (B, code_size). Two 4 x 4 convolutions of stride 2 and padding 1, to ``base`` and
      to 2 ``base`` channels, each followed by ReLU; all features in a row; a linear layer to the code. Nothing follows it:
      a code may be any numbers.
    - ``decode``: codes (B, code_size) to images (B, 1, S, S). A linear layer to 2 ``base`` maps of S/4 x S/4, ReLU;
      a 4 x 4 transposed convolution of stride 2 and padding 1 to ``base`` channels, ReLU; another one to 1 channel. Nothing
      follows it: through a tanh, a network that paints -1 everywhere would hardly get a gradient.
    - ``forward``: images to images, the one after the other.

    ``encode`` and ``decode`` may be methods or modules. Raises ValueError for a size that is not a whole number of at
    least 1, and for a ``side`` S that is no multiple of 4.
    """

    def __init__(self, code_size: int = 16, base: int = 16, side: int = 28):
        super().__init__()
        check_sizes(code_size=code_size, base=base, side=side)
        if side % 4:
            raise ValueError(f"side: expected a multiple of 4, which can be halved twice, got {side}")
        # BEGIN SOLUTION
        features = 2 * base * (side // 4) ** 2
        self.encode = nn.Sequential(
            *(nn.Conv2d(1, base, 4, stride=2, padding=1), nn.ReLU()),  # (B, base, 14, 14)
            *(nn.Conv2d(base, 2 * base, 4, stride=2, padding=1), nn.ReLU()),  # (B, 2 base, 7, 7)
            *(nn.Flatten(), nn.Linear(features, code_size)),  # (B, code_size)
        )
        self.decode = nn.Sequential(
            *(nn.Linear(code_size, features), nn.ReLU(), nn.Unflatten(1, (2 * base, side // 4, side // 4))),
            *(nn.ConvTranspose2d(2 * base, base, 4, stride=2, padding=1), nn.ReLU()),  # (B, base, 14, 14)
            nn.ConvTranspose2d(base, 1, 4, stride=2, padding=1),  # (B, 1, 28, 28)
        )
        # END SOLUTION

    def forward(self, images: Tensor) -> Tensor:
        # BEGIN SOLUTION
        return self.decode(self.encode(images))
        # END SOLUTION


def walk(autoencoder: nn.Module, first: Tensor, last: Tensor, count: int) -> Tensor:
    """Images on the straight line between two codes, from ``first`` to ``last``, both with their ends.

    ``autoencoder`` has ``encode`` and ``decode``; ``first`` and ``last`` are one image each, (1, 1, S, S). Both are encoded,
    and ``count`` codes are taken from the line between the two codes, at equal steps: the first is that of ``first``, the
    last that of ``last``. Returns what they are decoded to, (count, 1, S, S), without a graph.

    Raises ValueError when ``count`` is less than 2.
    """
    if count < 2:
        raise ValueError(f"count: expected at least 2 images, the two ends, got {count}")
    with torch.no_grad():
        start, end = autoencoder.encode(first), autoencoder.encode(last)  # (1, code_size) each
        share = torch.linspace(0, 1, count, dtype=start.dtype, device=start.device)[:, None]  # (count, 1)
        return autoencoder.decode((1 - share) * start + share * end)  # (count, 1, S, S)
