"""The losses of super-resolution: pixels, content, and the game (Ledig et al., 2017)."""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

from course_utils.losses import generator_loss


def content_loss(features: Callable[[Tensor], Tensor], fake: Tensor, real: Tensor) -> Tensor:
    """The mean squared difference between what ``features`` makes of fake and of real pictures, a scalar.

    ``features`` maps pictures (B, 3, H, W) to a tensor with B rows. The real side is a target: no graph leads back from it.
    """
    with torch.no_grad():
        wanted = features(real)
    return F.mse_loss(features(fake), wanted)


def upscaler_loss(
    fake_logits: Tensor,
    fake: Tensor,
    real: Tensor,
    features: Callable[[Tensor], Tensor],
    content_weight: float = 0.01,
    adversarial_weight: float = 1e-3,
) -> Tensor:
    """The upscaler's loss: squared error + content_weight * ``content_loss`` + adversarial_weight * ``generator_loss``.

    ``fake_logits`` are what the discriminator says of ``fake``, of any shape; ``fake`` and ``real`` are (B, 3, H, W). The
    squared error is a mean over all numbers. The two others are called as ``content_loss(features, fake, real)`` and
    ``generator_loss(fake_logits)``. Returns a scalar.
    """
    game = adversarial_weight * generator_loss(fake_logits)
    return F.mse_loss(fake, real) + content_weight * content_loss(features, fake, real) + game
