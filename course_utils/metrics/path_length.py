"""Perceptual path length: how far do the images jump when z takes a very small step?

    PPL = E |f(G(slerp(z0, z1, t))) - f(G(slerp(z0, z1, t + eps)))|^2 / eps^2

A smooth latent space has a short path. Karras et al., "A Style-Based Generator Architecture for Generative
Adversarial Networks", 2019, with distances in whatever features f are given instead of LPIPS.
"""

from collections.abc import Callable

import torch
from torch import Tensor

from course_utils.metrics.inputs import count, double, finite


@torch.no_grad()
def perceptual_path_length(
    model: Callable[[Tensor], Tensor],
    features: Callable[[Tensor], Tensor],
    latent: int | Callable[[int], Tensor],
    n: int = 10_000,
    epsilon: float = 1e-4,
    discard: float = 0.01,
    sampling: str = "full",
    batch_size: int = 100,
    generator: torch.Generator | None = None,
    interpolate: Callable[[Tensor, Tensor, Tensor], Tensor] | None = None,
) -> tuple[float, float]:
    """Mean and standard deviation of the squared feature distance per squared step of the interpolation.

    Args:
        model: maps z (B, latent_dim) to images; in eval mode, or its batch statistics are measured too.
        features: maps images (B, ...) to (B, d), for example `digit_features`.
        latent: the width of z, drawn from N(0, I) on the CPU, or a function that draws: n to z (n, latent_dim).
        n: paths.
        epsilon: the step, as a share of the way from one z to the other. Below 1e-5, float32 pictures round
            the difference away.
        discard: share left out at either end of the distances, where a single jump outweighs all others.
        sampling: "full" starts at a random t along the path, "end" at t = 0.
        batch_size: paths at once, for memory only.
        generator: makes z (where `latent` is a width) and t reproducible.
        interpolate: the path from one latent vector to another: `slerp`, the default, for Gaussian z; `lerp` for codes w
            of a mapping network, whose lengths mean something.

    Raises ValueError for numbers out of range and for a model or features that return other shapes or NaN.
    """
    _check(n, epsilon, discard, sampling, batch_size)
    z0, z1 = _draw(latent, n, generator), _draw(latent, n, generator)
    t = torch.zeros(n, dtype=torch.float64)
    if sampling == "full":
        t = torch.rand(n, generator=generator, dtype=torch.float64)
    parts = zip(z0.split(batch_size), z1.split(batch_size), t.split(batch_size), strict=True)
    path = interpolate or slerp
    distances = torch.cat([_distances(model, features, a, b, s, epsilon, path) for a, b, s in parts])
    kept = _without_tails(distances, discard)
    return kept.mean().item(), kept.std(correction=0).item()


def slerp(a: Tensor, b: Tensor, t: Tensor | float) -> Tensor:
    """Spherical interpolation from a (N, d) at t = 0 to b (N, d) at t = 1 at constant angular speed.

    Rows need not have length 1. `t` is a number or one for each row, (N,). Where two rows lie on one line the
    interpolation is linear. Shoemake, "Animating rotation with quaternion curves", 1985.
    """
    t = torch.as_tensor(t, dtype=a.dtype, device=a.device).reshape(-1, 1)
    unit_a, unit_b = (v / v.norm(dim=1, keepdim=True).clamp(min=1e-12) for v in (a, b))
    cosine = (unit_a * unit_b).sum(dim=1, keepdim=True)
    omega = cosine.clamp(-1, 1).acos()  # (N, 1), the angle between the rows
    along = (((1 - t) * omega).sin() * a + (t * omega).sin() * b) / omega.sin().clamp(min=1e-12)
    return torch.where(cosine.abs() > 1 - 1e-12, a + t * (b - a), along)


def lerp(a: Tensor, b: Tensor, t: Tensor | float) -> Tensor:
    """The straight line from a (N, d) at t = 0 to b (N, d) at t = 1; `t` is a number or one for each row, (N,)."""
    return a + torch.as_tensor(t, dtype=a.dtype, device=a.device).reshape(-1, 1) * (b - a)


def _distances(
    model: Callable[[Tensor], Tensor],
    features: Callable[[Tensor], Tensor],
    z0: Tensor,
    z1: Tensor,
    t: Tensor,
    epsilon: float,
    path: Callable[[Tensor, Tensor, Tensor], Tensor],
) -> Tensor:
    """Squared distances over squared step: (B,). Both ends pass through the model in one batch."""
    a, b = z0.cpu().double(), z1.cpu().double()  # not every device has float64
    z = torch.cat([path(a, b, t), path(a, b, t + epsilon)]).to(z0)
    found = finite(double(features(model(z)), "features"), "features")
    if found.ndim != 2 or len(found) != len(z):
        expected = f"expected the features of {len(z)} images as ({len(z)}, d)"
        raise ValueError(f"features: {expected}, got shape {tuple(found.shape)}; flatten all but the first")
    start, stop = found.chunk(2)
    return (start - stop).square().sum(dim=1) / epsilon**2


def _without_tails(distances: Tensor, share: float) -> Tensor:
    low = torch.quantile(distances, share, interpolation="lower")
    high = torch.quantile(distances, 1 - share, interpolation="higher")
    return distances[(distances >= low) & (distances <= high)]


def _draw(latent: int | Callable[[int], Tensor], n: int, generator: torch.Generator | None) -> Tensor:
    if not callable(latent):
        return torch.randn(n, count(latent, "latent", 2), generator=generator)
    z = latent(n)
    if not isinstance(z, Tensor) or not z.is_floating_point() or z.ndim != 2 or len(z) != n or z.shape[1] < 2:
        came = tuple(z.shape) if isinstance(z, Tensor) else type(z).__name__
        raise ValueError(f"latent: expected a function that returns floats ({n}, latent_dim >= 2), got {came}")
    return z


def _check(n: int, epsilon: float, discard: float, sampling: str, batch_size: int) -> None:
    count(n, "n", 2)
    count(batch_size, "batch_size", 1)
    if not 0 < epsilon < 1:
        raise ValueError(f"epsilon: expected a number between 0 and 1, got {epsilon}")
    if not 0 <= discard < 0.5:
        raise ValueError(f"discard: expected a share from 0 to below 0.5, got {discard}")
    if sampling not in ("full", "end"):
        raise ValueError(f'sampling: expected "full" or "end", got {sampling!r}')
