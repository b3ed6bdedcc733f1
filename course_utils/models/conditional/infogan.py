"""InfoGAN (Chen et al., 2016): a latent vector with a part that can be read back from the image.

``z`` is (B, 74) for digits: 62 numbers of noise from N(0, 1), a category of ten as a one-hot vector, and two numbers from
U(-1, 1). Any generator that takes 74 latent numbers will do; `models.conv.cpu_dcgan` is the course's. The discriminator has a
second head, Q, that reads category and numbers from the picture.
"""

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import nn

from course_utils.models.conv import cpu_dcgan
from course_utils.models.layers import check_batch

NOISE, CATEGORIES, CONTINUOUS = 62, 10, 2
LATENT_DIM = NOISE + CATEGORIES + CONTINUOUS


class Codes(NamedTuple):
    """The part of the latent vectors that images have to show."""

    category: torch.Tensor  # (B,) int64, 0 to 9
    continuous: torch.Tensor  # (B, 2) in [-1, 1]


class Guess(NamedTuple):
    """What Q reads from images: a distribution over codes for each."""

    category_logits: torch.Tensor  # (B, 10)
    mean: torch.Tensor  # (B, 2)
    log_variance: torch.Tensor  # (B, 2)


def sample_latent(
    n: int,
    device: torch.device | str = "cpu",
    category: torch.Tensor | None = None,
    continuous: torch.Tensor | None = None,
) -> torch.Tensor:
    """Latent vectors (n, 74): 62 numbers from N(0, 1), a one-hot category (10), two numbers from U(-1, 1), in this order.

    Categories are drawn evenly from 0 to 9 unless ``category`` (n,) int64 is given, the two numbers unless
    ``continuous`` (n, 2) is. Everything is float32, on ``device``.
    """
    noise = torch.randn(n, NOISE, device=device)  # (n, 62)
    if category is None:
        category = torch.randint(CATEGORIES, (n,), device=device)  # (n,)
    if continuous is None:
        continuous = 2 * torch.rand(n, CONTINUOUS, device=device) - 1  # (n, 2)
    one_hot = F.one_hot(category.to(device), CATEGORIES).float()  # (n, 10)
    return torch.cat([noise, one_hot, continuous.to(device)], dim=1)  # (n, 74)


def codes_of(z: torch.Tensor) -> Codes:
    """The codes that are written in latent vectors (B, 74)."""
    check_batch("z", z, (LATENT_DIM,))
    _, one_hot, continuous = z.split([NOISE, CATEGORIES, CONTINUOUS], dim=1)
    return Codes(one_hot.argmax(dim=1), continuous)  # (B,), (B, 2)


class QHead(nn.Module):
    """Reads the codes from the discriminator's features: (B, features) to a ``Guess``.

    A linear layer to ``hidden`` features, LeakyReLU with slope 0.2, and a linear layer to 10 + 2 + 2 numbers: the logits of
    the ten categories, the means of the two continuous codes, and the logarithms of their variances, in this order.
    """

    def __init__(self, features: int, hidden: int = 64):
        super().__init__()
        # BEGIN SOLUTION
        self.layers = nn.Sequential(
            nn.Linear(features, hidden),
            nn.LeakyReLU(0.2),
            nn.Linear(hidden, CATEGORIES + 2 * CONTINUOUS),
        )
        # END SOLUTION

    def forward(self, features: torch.Tensor) -> Guess:
        # BEGIN SOLUTION
        out = self.layers(features)  # (B, 14)
        return Guess(*out.split([CATEGORIES, CONTINUOUS, CONTINUOUS], dim=1))  # (B, 10), (B, 2), (B, 2)
        # END SOLUTION


class Discriminator(cpu_dcgan.Discriminator):
    """Maps images (B, channels, image_size, image_size) to one logit each, (B, 1); ``judge`` also lets Q read the codes.

    Both heads stand on the trunk of ``cpu_dcgan.Discriminator``. Raises ValueError for sizes that cannot be.
    """

    def __init__(self, base: int = 16, image_size: int = 28, channels: int = 1, hidden: int = 128):
        super().__init__(base, image_size, channels, hidden)
        self.q = QHead(hidden)

    def judge(self, images: torch.Tensor) -> tuple[torch.Tensor, Guess]:
        """The logits (B, 1) and what Q reads, at the cost of one pass through the trunk."""
        check_batch("images", images, self.image_shape)
        features = self.trunk(images)  # (B, hidden)
        return self.head(features), self.q(features)
