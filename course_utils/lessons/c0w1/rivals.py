"""What needs no training: principal components, the Wiener filter, and the best denoiser of a finite set of images."""

import torch
from torch import Tensor


class PCA:
    """Principal components of images (N, 1, S, S): the best linear code of any size. Computed in float64.

    ``mean`` (D,), ``axes`` (D, D) with a direction in each column, the one of the largest variance first, and
    ``variances`` (D,), divided by N. D is the number of pixels.
    """

    def __init__(self, images: Tensor):
        pixels = images.flatten(1).double()  # (N, D)
        self.shape = tuple(images.shape[1:])
        self.mean = pixels.mean(dim=0)
        centred = pixels - self.mean
        self.covariance = centred.T @ centred / len(pixels)  # (D, D)
        variances, axes = torch.linalg.eigh(self.covariance)
        self.variances, self.axes = variances.flip(0).clamp(min=0), axes.flip(1)

    def projector(self, code_size: int) -> Tensor:
        """The matrix (D, D) that keeps the part of an image in the first ``code_size`` directions."""
        kept = self.axes[:, :code_size]
        return kept @ kept.T

    def reconstruct(self, images: Tensor, code_size: int) -> Tensor:
        """Images (N, 1, S, S) from their first ``code_size`` components."""
        return self._shrunk(images, torch.ones(code_size, dtype=torch.float64))

    def wiener(self, noisy: Tensor, sigma: float) -> Tensor:
        """The best *linear* denoiser: each component times variance / (variance + sigma^2)."""
        return self._shrunk(noisy, self.variances / (self.variances + sigma**2))

    def _shrunk(self, images: Tensor, factors: Tensor) -> Tensor:
        axes = self.axes[:, : len(factors)]
        amounts = (images.flatten(1).double() - self.mean) @ axes  # (N, K)
        return (self.mean + (amounts * factors) @ axes.T).float().view(-1, *self.shape)


def best_for_the_set(noisy: Tensor, images: Tensor, sigma: float) -> Tensor:
    """The denoiser with the smallest mean squared error *if nothing but these images existed*, each equally often.

    ``noisy`` is (B, 1, S, S), ``images`` (N, 1, S, S). The answer is the mean of the images, each weighted with the
    probability that it was the one: softmax over n of -|noisy - image n|^2 / (2 sigma^2). Returns (B, 1, S, S).
    """
    flat, there = noisy.flatten(1), images.flatten(1)
    squares = flat.square().sum(dim=1, keepdim=True) + there.square().sum(dim=1) - 2 * flat @ there.T  # (B, N)
    return ((-squares / (2 * sigma**2)).softmax(dim=1) @ there).view(noisy.shape)
