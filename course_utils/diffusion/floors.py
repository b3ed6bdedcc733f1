"""What no network can beat: the smallest losses on data from a normal distribution, and the networks that reach them.

For data with covariance S every optimal answer is linear in the noisy picture, so that each principal axis can be looked at by
itself. ``variances`` (D,) are the variances along these axes. For data that are not normal the same numbers are what the best
*linear* network reaches: a rival, no longer a floor.
"""

import math

import torch
from torch import Tensor, nn


def noise_floor(variances: Tensor, signal: Tensor) -> Tensor:
    """The smallest mean squared error of a guess of the noise, at each step: (D,) and (T,) to (T,).

    Of a x + noise, 1 - a of it, only the sum is seen. Along an axis of variance S the error left is a S / (a S + 1 - a). A
    loss over steps that are equally probable is at least the mean of the result.
    """
    a, s = signal[:, None], variances[None]  # (T, 1) and (1, D)
    return (a * s / (a * s + 1 - a)).mean(dim=1)


def velocity_floor(variances: Tensor, times: Tensor) -> Tensor:
    """The smallest mean squared error of a velocity, at each time in [0, 1]: (D,) and (T,) to (T,).

    Along an axis of variance S it is S / (t^2 S + (1 - t)^2).
    """
    t, s = times[:, None], variances[None]  # (T, 1) and (1, D)
    return (s / (t**2 * s + (1 - t) ** 2)).mean(dim=1)


def entropy(variances: Tensor) -> Tensor:
    """The entropy of the normal distribution, in nats: no model has a smaller mean -log p(x), and no VAE a smaller -ELBO."""
    return 0.5 * (2 * math.pi * math.e * variances).log().sum()


class BestNoise(nn.Module):
    """The best guess of the noise for data from N(mean, diag(variances)): (B, ...) and levels sqrt(1 - a) (B,) to (B, ...)."""

    def __init__(self, variances: Tensor, mean: Tensor | float = 0.0):
        super().__init__()
        self.variances, self.mean = variances, mean

    def forward(self, x: Tensor, level: Tensor) -> Tensor:
        level = level.view(-1, *[1] * (x.dim() - 1))
        a = 1 - level.square()
        return level * (x - a.sqrt() * self.mean) / (a * self.variances + 1 - a)


class BestVelocity(nn.Module):
    """The best velocity for data from N(mean, diag(variances)): (B, ...) and times (B,) to (B, ...)."""

    def __init__(self, variances: Tensor, mean: Tensor | float = 0.0):
        super().__init__()
        self.variances, self.mean = variances, mean

    def forward(self, x: Tensor, times: Tensor) -> Tensor:
        t = times.view(-1, *[1] * (x.dim() - 1))
        slope = (t * self.variances - (1 - t)) / (t**2 * self.variances + (1 - t) ** 2)
        return self.mean + slope * (x - t * self.mean)


class BestVAE(nn.Module):
    """The VAE that no other beats on data from N(0, diag(variances)), with a code for each variance above sigma^2.

    Its data are those of probabilistic PCA: all other variances equal sigma^2. Then the encoder's answer is the exact
    distribution of the code, and -ELBO is the `entropy` on average (Tipping and Bishop, "Probabilistic Principal Component
    Analysis", 1999).
    """

    def __init__(self, variances: Tensor, sigma: float):
        super().__init__()
        if ((variances - sigma**2) < -1e-9).any():
            raise ValueError(f"variances: expected at least sigma^2 = {sigma**2:g} each, got {variances.min():g}")
        self.variances, self.sigma = variances, sigma
        self.scale = (variances - sigma**2).clamp(min=0).sqrt()  # (D,); an axis of variance sigma^2 has a scale of 0

    def encode(self, x: Tensor) -> tuple[Tensor, Tensor]:
        return x * self.scale / self.variances, (self.sigma**2 / self.variances).log().expand_as(x)

    def decode(self, z: Tensor) -> Tensor:
        return z * self.scale


def linear_code_cost(train: Tensor, held_out: Tensor, code: int, sigma: float) -> float:
    """Mean -log p of rows (M, D) under the best linear model with ``code`` numbers and a pixel's deviation ``sigma``, in nats.

    The rival of a VAE of the same size, in closed form: probabilistic PCA fitted to ``train`` (N, D).
    """
    train, held_out = train.cpu().double(), held_out.cpu().double()
    mean = train.mean(dim=0)
    variances, axes = torch.linalg.eigh(train.T.cov())  # ascending
    variances[:-code] = 0
    model = variances.clamp(min=sigma**2)  # (D,)
    along = (held_out - mean) @ axes  # (M, D)
    return 0.5 * (along.square() / model + model.log() + math.log(2 * math.pi)).sum(dim=1).mean().item()
