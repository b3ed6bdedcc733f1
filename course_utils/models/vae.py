"""A variational autoencoder: an encoder that answers with a distribution, a decoder, and the bound that trains both.

Kingma and Welling, "Auto-Encoding Variational Bayes", 2014.
"""

import math

import torch
from torch import Tensor, nn

from course_utils.models.layers import check_sizes


class VAE(nn.Module):
    """Fully connected encoder and decoder for images (B, *image_shape) in [-1, 1].

    - ``encode(images)``: mean and log-variance of the code, (B, code) each.
    - ``decode(z)``: the mean of the pixels, (B, *image_shape) in [-1, 1], for codes (B, code).
    - ``sigma``: the standard deviation that the model gives to every pixel. Small: pixels count for much, and the code holds
      more of the image.
    """

    def __init__(
        self, code: int = 16, hidden: int = 512, image_shape: tuple[int, ...] = (1, 28, 28), sigma: float = 0.4
    ):
        super().__init__()
        check_sizes(code=code, hidden=hidden)
        self.code, self.sigma = code, sigma
        pixels = math.prod(image_shape)
        self.encoder = nn.Sequential(
            nn.Flatten(),
            nn.Linear(pixels, hidden),
            nn.SiLU(),
            nn.Linear(hidden, hidden),
            nn.SiLU(),
            nn.Linear(hidden, 2 * code),
        )
        self.decoder = nn.Sequential(
            nn.Linear(code, hidden),
            nn.SiLU(),
            nn.Linear(hidden, hidden),
            nn.SiLU(),
            nn.Linear(hidden, pixels),
            nn.Tanh(),
            nn.Unflatten(1, image_shape),
        )

    def encode(self, images: Tensor) -> tuple[Tensor, Tensor]:
        mean, log_variance = self.encoder(images).chunk(2, dim=1)  # (B, code) each
        return mean, log_variance

    def decode(self, z: Tensor) -> Tensor:
        return self.decoder(z)  # (B, *image_shape)


def negative_elbo(vae: nn.Module, images: Tensor, noise: Tensor | None = None) -> tuple[Tensor, Tensor]:
    """The two parts of a VAE's loss, in nats an image: what the pixels cost, and what the code costs.

    ``images`` are pictures (B, C, H, W) or rows (B, D).

    1. ``mean, log_variance = vae.encode(images)``, (B, K) each.
    2. The code is drawn so that a gradient gets through (reparameterisation): z = mean + deviation noise, with the standard
       deviation that belongs to the log-variance. ``noise`` (B, K) is standard normal, and drawn where it is None.
    3. ``vae.decode(z)`` is the mean of the pixels, and ``vae.sigma`` their standard deviation s:

           pixels = sum over pixels of (image - decoded)^2 / (2 s^2) + log s + log(2 pi) / 2
           code   = sum over K of (mean^2 + variance - 1 - log_variance) / 2

    Returns both, each *summed* over the dimensions of an image and *averaged* over the batch: two scalars. Their sum is -ELBO,
    an upper bound of -log p(image) (Kingma and Welling, "Auto-Encoding Variational Bayes", 2014, section 3).
    """
    mean, log_variance = vae.encode(images)  # (B, K) each
    if noise is None:
        noise = torch.randn_like(mean)
    z = mean + (0.5 * log_variance).exp() * noise  # (B, K)
    apart = (images - vae.decode(z)).flatten(1)  # (B, D)
    pixels = apart.square() / (2 * vae.sigma**2) + math.log(vae.sigma) + 0.5 * math.log(2 * math.pi)
    code = (mean.square() + log_variance.exp() - 1 - log_variance) / 2
    return pixels.sum(dim=1).mean(), code.sum(dim=1).mean()
