"""Two-dimensional mixtures of Gaussians whose density is known exactly: ring, grid, spiral, two moons, and your own.

On them a generator can be held against the truth: how likely are its points, how many are of high quality
(within three standard deviations of a mode), and how many modes does it cover.

Srivastava et al., "VEEGAN: Reducing Mode Collapse in GANs using Implicit Variational Learning", 2017;
Lin et al., "PacGAN: The power of two samples in generative adversarial networks", 2018.
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True, eq=False)
class Mixture:
    """Equally likely Gaussians in the plane, all with the covariance `std**2 * I`. Points are (N, 2)."""

    centres: Tensor  # float64 (K, 2), the modes
    std: float  # standard deviation of each mode along each axis
    name: str  # for titles and file names

    def sample(self, n: int, generator: torch.Generator | None = None) -> Tensor:
        """Draw `n` points, float32 (n, 2); the same for the same seeded generator. ValueError when n < 1."""
        if n < 1:
            raise ValueError(f"n: expected at least 1 point, got {n}")
        modes = torch.randint(len(self.centres), (n,), generator=generator)
        noise = torch.randn(n, 2, generator=generator, dtype=torch.float64)
        return (self.centres[modes] + self.std * noise).float()

    def log_density(self, points: Tensor) -> Tensor:
        """The exact log density in nats at points (N, 2): float64 (N,). The density integrates to 1."""
        squared = self._distances(points).square()  # (N, K)
        constant = math.log(len(self.centres)) + math.log(2 * math.pi * self.std**2)
        return torch.logsumexp(-squared / (2 * self.std**2), dim=1) - constant

    def high_quality(self, points: Tensor, sigmas: float = 3.0) -> Tensor:
        """Which points (N, 2) lie within `sigmas` standard deviations of their nearest mode: bool (N,).

        Of true samples with well separated modes a share of `1 - exp(-sigmas**2 / 2)` does: 98.9 % for 3.
        """
        return self._distances(points).min(dim=1).values <= sigmas * self.std

    def modes_covered(self, points: Tensor, sigmas: float = 3.0, at_least: int = 1) -> int:
        """How many modes are the nearest of `at_least` high-quality points or more: 0 to K.

        Raises ValueError when at_least < 1 and, as the other methods, for points that are not finite or not
        (N, 2).
        """
        if at_least < 1:
            raise ValueError(f"at_least: expected 1 or more points a mode, got {at_least}")
        nearest = self._distances(points).argmin(dim=1)[self.high_quality(points, sigmas)]
        return int((torch.bincount(nearest, minlength=len(self.centres)) >= at_least).sum())

    def _distances(self, points: Tensor) -> Tensor:
        """From points (N, 2) to every mode, float64 (N, K)."""
        points = torch.as_tensor(points).detach().cpu().double()
        if points.ndim != 2 or points.shape[1] != 2:
            raise ValueError(f"points: expected shape (N, 2), got {tuple(points.shape)}")
        if not points.isfinite().all():
            raise ValueError("points: expected finite coordinates, got NaN or infinity; the generator has diverged")
        return torch.cdist(points, self.centres, compute_mode="donot_use_mm_for_euclid_dist")


def ring(modes: int = 8, radius: float = 2.0, std: float = 0.02) -> Mixture:
    """`modes` Gaussians evenly on a circle, the first at (radius, 0). Raises ValueError for sizes <= 0."""
    _require_positive(modes=modes, radius=radius, std=std)
    angles = torch.arange(modes, dtype=torch.float64) * (2 * math.pi / modes)
    return Mixture(radius * torch.stack([angles.cos(), angles.sin()], dim=1), std, "ring")


def grid(side: int = 5, spacing: float = 2.0, std: float = 0.05) -> Mixture:
    """`side * side` Gaussians on a square grid around the origin. Raises ValueError for sizes <= 0."""
    _require_positive(side=side, spacing=spacing, std=std)
    line = (torch.arange(side, dtype=torch.float64) - (side - 1) / 2) * spacing
    return Mixture(torch.cartesian_prod(line, line).reshape(-1, 2), std, "grid")


def spiral(modes: int = 20, turns: float = 1.5, radius: float = 2.0, std: float = 0.05) -> Mixture:
    """`modes` Gaussians about evenly along a spiral, from the origin out to `radius` in `turns` turns.

    Raises ValueError for sizes <= 0.
    """
    _require_positive(modes=modes, turns=turns, radius=radius, std=std)
    along = torch.linspace(0, 1, modes, dtype=torch.float64).sqrt()  # arc length goes as the square of this
    angles = 2 * math.pi * turns * along
    return Mixture(radius * along[:, None] * torch.stack([angles.cos(), angles.sin()], dim=1), std, "spiral")


def moons(pieces: int = 20, radius: float = 1.0, std: float = 0.08) -> Mixture:
    """Two half circles that reach into each other, `pieces` Gaussians along each, around the origin.

    With neighbours less than about two `std` apart (they are `pi * radius / (pieces - 1)` apart) the Gaussians of one
    moon run together into a curve of nearly even density. Raises ValueError for sizes <= 0 and for pieces < 2.
    """
    _require_positive(pieces=pieces, radius=radius, std=std)
    if pieces < 2:
        raise ValueError(f"pieces: expected at least 2 a moon, got {pieces}")
    angles = torch.linspace(0, math.pi, pieces, dtype=torch.float64)
    upper = torch.stack([angles.cos() - 0.5, angles.sin() - 0.25], dim=1)  # (pieces, 2)
    return Mixture(radius * torch.cat([upper, -upper]), std, "moons")


def drawn(points: Tensor, std: float = 0.05) -> Mixture:
    """Your own: a Gaussian at each of `points` (K, 2). Points that lie twice are drawn twice as often.

    Raises ValueError for points that are not finite or not (K, 2) with K >= 1, and for std <= 0.
    """
    _require_positive(std=std)
    points = torch.as_tensor(points).detach().cpu().double()
    if points.ndim != 2 or points.shape[1] != 2 or len(points) == 0 or not points.isfinite().all():
        raise ValueError(f"points: expected finite coordinates (K, 2) with K >= 1, got shape {tuple(points.shape)}")
    return Mixture(points, std, "drawn")


def _require_positive(**sizes: float) -> None:
    for name, value in sizes.items():
        if not (value > 0 and math.isfinite(value)):
            raise ValueError(f"{name}: expected a number above 0, got {value}")
