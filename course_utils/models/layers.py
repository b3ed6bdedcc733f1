"""Layers that several models share, and the checks of what they are given."""

import numbers

import torch
from torch import nn
from torch.nn.utils import parametrize


class MinibatchStd(nn.Module):
    """Appends one channel that says how much the images of a group differ: (B, C, H, W) to (B, C + 1, H, W).

    The batch is split into groups of ``group``; in each the standard deviation of every feature over the group
    is taken (divided by n, not n - 1; 1e-8 is added to the variance, for the gradient of images that are all alike),
    then the mean of these over channels and positions: one number a group, written everywhere in the new channel of
    its images. A generator that draws the same picture again and again is thus found out by a discriminator that
    sees each image for itself (Karras et al., "Progressive Growing of GANs", 2018, section 3).

    Image ``i`` is in group ``i % (B / group)``. Points (B, C) work too: (B, C + 1). A batch smaller than
    ``group`` is one group. Raises ValueError for a batch that cannot be split.
    """

    def __init__(self, group: int = 4):
        super().__init__()
        check_sizes(group=group)
        self.group = group

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        # BEGIN SOLUTION
        group = min(self.group, len(x))
        if len(x) % group:
            raise ValueError(f"x: expected a batch that is a multiple of group={self.group}, got {len(x)} images")
        groups = x.reshape(group, -1, *x.shape[1:])  # (G, B/G, C, H, W)
        std = (groups.var(dim=0, correction=0) + 1e-8).sqrt()  # (B/G, C, H, W)
        spread = std.flatten(1).mean(dim=1).repeat(group)  # (B,)
        new = spread.view(-1, *[1] * (x.dim() - 1)).expand(-1, 1, *x.shape[2:])  # (B, 1, H, W)
        return torch.cat([x, new], dim=1)  # (B, C + 1, H, W)
        # END SOLUTION

    def extra_repr(self) -> str:
        return f"group={self.group}"


class MinibatchDiscrimination(nn.Module):
    """Appends to each sample how near the others of its batch are: (B, features) to (B, features + kernels).

    A learned matrix maps features to ``kernels`` rows of ``dims`` numbers. In each row the nearness of two samples is
    exp(-|a - b|_1), 1 for equal ones, and what is appended is its mean over the other samples of the batch: close to
    1 where a generator draws one picture again and again (Salimans et al., "Improved Techniques for Training GANs",
    2016, section 3.2, where it is the sum). Raises ValueError for a batch of one, which has no others.
    """

    def __init__(self, features: int, kernels: int = 5, dims: int = 3):
        super().__init__()
        check_sizes(features=features, kernels=kernels, dims=dims)
        self.kernels, self.dims = kernels, dims
        self.project = nn.Linear(features, kernels * dims, bias=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if len(x) < 2:
            raise ValueError(f"x: expected at least 2 samples to compare, got {len(x)}")
        rows = self.project(x).view(len(x), self.kernels, self.dims)  # (B, K, dims)
        apart = (rows[:, None] - rows[None]).abs().sum(dim=3)  # (B, B, K), 0 between a sample and itself
        near = (torch.exp(-apart).sum(dim=1) - 1) / (len(x) - 1)  # (B, K), the mean over the others
        return torch.cat([x, near], dim=1)  # (B, features + K)


def power_iteration(weight: torch.Tensor, u: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """One step of power iteration towards the largest singular value of a layer's weights.

    ``weight`` (out, ...) is read as a matrix W of ``out`` rows, everything else in a row: a convolution's (out, in, k, k)
    becomes (out, in * k * k). ``u`` (out,) is a vector of length 1, the guess so far. The step is

        v = W^T u / |W^T u|        u = W v / |W v|        sigma = u^T W v

    Returns ``sigma``, a scalar, and the new ``u`` (out,). Repeated from its own result, ``sigma`` grows to the largest singular
    value, the most by which W can stretch a vector (Miyato et al., "Spectral Normalization for Generative Adversarial
    Networks", 2018, algorithm 1). ``u`` and ``v`` count as constants: they carry no graph, and the gradient of ``sigma``
    with respect to W is the matrix u v^T. Neither argument is changed.
    """
    matrix = weight.flatten(1)  # (out, in * k * k)
    with torch.no_grad():
        v = nn.functional.normalize(matrix.T @ u, dim=0)  # (in * k * k,)
        u = nn.functional.normalize(matrix @ v, dim=0)  # (out,)
    sigma = u @ matrix @ v  # a scalar, with a graph to the weight
    return sigma, u


class SpectralNorm(nn.Module):
    """Divides a weight by its largest singular value, which it follows with one ``power_iteration`` a call.

    A parametrisation: ``spectral_norm`` puts it on a layer. The vector ``u`` is kept from call to call, in evaluation
    mode as it is: weights change little from step to step, so one iteration a step keeps up with them.
    """

    def __init__(self, weight: torch.Tensor, warm_up: int = 15):
        super().__init__()
        u = nn.functional.normalize(torch.randn(len(weight), device=weight.device, dtype=weight.dtype), dim=0)
        for _ in range(warm_up):
            _, u = power_iteration(weight.detach(), u)
        self.register_buffer("u", u)  # (out,)

    def forward(self, weight: torch.Tensor) -> torch.Tensor:
        sigma, u = power_iteration(weight, self.u)
        if self.training:
            self.u = u
        return weight / sigma


def spectral_norm(layer: nn.Module) -> nn.Module:
    """The same layer, its ``weight`` divided by its largest singular value at every call (Miyato et al., 2018).

    No input is then stretched by more than a factor of 1 (for a convolution, whose windows overlap, by more than a
    fixed factor). As ``torch.nn.utils.parametrizations.spectral_norm``, on the power iteration of the course.
    """
    parametrize.register_parametrization(layer, "weight", SpectralNorm(layer.weight))
    return layer


class Packed(nn.Module):
    """PacGAN: a discriminator that judges ``pack`` samples at once (Lin et al., "PacGAN", 2018).

    ``network`` maps packs, joined along their channels, to logits: (B / pack, pack * C, H, W) to (B / pack, 1), for
    points (B / pack, pack * C). It must be made for ``pack`` times the channels. This module maps (B, C, H, W) to
    (B, 1): every sample gets its pack's logit, so that losses and steps stay as they are. Reals must be packed with
    reals and fakes with fakes, so the discriminator has to be called with each by itself.

    Sample ``i`` is in pack ``i // pack``. Raises ValueError for a batch that cannot be split.
    """

    def __init__(self, network: nn.Module, pack: int = 2):
        super().__init__()
        check_sizes(pack=pack)
        self.network, self.pack = network, pack

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if len(x) % self.pack:
            raise ValueError(f"x: expected a batch that is a multiple of pack={self.pack}, got {len(x)} samples")
        packs = x.reshape(-1, self.pack * x.shape[1], *x.shape[2:])  # (B / pack, pack * C, H, W)
        return self.network(packs).repeat_interleave(self.pack, dim=0)  # (B, 1)

    def extra_repr(self) -> str:
        return f"pack={self.pack}"


def check_sizes(**sizes: int) -> None:
    """Raises ValueError for the first of the named sizes that is not a whole number of at least 1."""
    for name, size in sizes.items():
        if not isinstance(size, numbers.Integral) or isinstance(size, bool) or size < 1:
            raise ValueError(f"{name}: expected a whole number of at least 1, got {size!r}")


def check_choice(name: str, value, choices) -> None:
    """Raises ValueError when ``value`` is not one of ``choices``."""
    if value not in choices:
        raise ValueError(f"{name}: expected one of {', '.join(map(repr, choices))}, got {value!r}")


def check_batch(name: str, batch: torch.Tensor, shape: tuple) -> None:
    """Raises ValueError when ``batch`` does not hold floats of shape (B, *shape)."""
    if batch.shape[1:] != shape or not batch.is_floating_point():
        expected = ", ".join(["B", *map(str, shape)])
        raise ValueError(f"{name}: expected floats ({expected}), got {tuple(batch.shape)} of {batch.dtype}")
