"""Jensen-Shannon divergence in the plane: a histogram of generated points against the exact density."""

import math

import torch
from torch import Tensor

from course_utils.datasets.gaussians import Mixture
from course_utils.metrics.inputs import count
from course_utils.runtime import seeded


class HistogramJS:
    """Jensen-Shannon divergence, in nats, between a mixture and points, both cut into the same square cells.

    The square from `-reach` to `reach` along both axes is cut into `bins * bins` cells, and all that lies outside is one
    cell more. The mixture's probability of a cell is exact (a product of two normal distribution functions, averaged over
    the modes); the points give a histogram. With `m = (p + q) / 2` the result is `(KL(p | m) + KL(q | m)) / 2`: 0 when the
    two agree in every cell, log 2 = 0.693 when no cell holds both.

    Differences within a cell are not seen, so this is a lower bound of the divergence of the densities. And n points from
    the very mixture do not give 0 but about (occupied cells - 1) / (8 n); `floor(n)` measures it.
    """

    def __init__(self, mixture: Mixture, reach: float = 1.2, bins: int = 30):
        if not (reach > 0 and math.isfinite(reach)):
            raise ValueError(f"reach: expected a number above 0, got {reach}")
        self.mixture, self.reach, self.bins = mixture, reach, count(bins, "bins", 1)
        self.probabilities = self._exact()  # float64 (bins * bins + 1,), the last is what lies outside

    def __call__(self, points: Tensor) -> float:
        """The divergence of points (N, 2), N >= 1, in [0, log 2]. Raises ValueError for others, or not finite ones."""
        points = torch.as_tensor(points).detach().cpu().double()
        if points.ndim != 2 or points.shape[1] != 2 or len(points) == 0:
            raise ValueError(f"points: expected shape (N, 2) with N >= 1, got {tuple(points.shape)}")
        if not points.isfinite().all():
            raise ValueError("points: expected finite coordinates, got NaN or infinity; the generator has diverged")
        cells = ((points + self.reach) * (self.bins / (2 * self.reach))).floor()  # (N, 2)
        inside = ((cells >= 0) & (cells < self.bins)).all(dim=1)
        flat = (cells[:, 0] * self.bins + cells[:, 1]).where(inside, self.bins**2).long()  # (N,)
        return jensen_shannon(self.probabilities, torch.bincount(flat, minlength=self.bins**2 + 1) / len(points))

    def floor(self, n: int, seed: int = 0) -> float:
        """What `n` points drawn from the mixture itself give: as low as `n` generated points can be expected to go."""
        return self(self.mixture.sample(n, seeded(seed)))

    def _exact(self) -> Tensor:
        edges = torch.linspace(-self.reach, self.reach, self.bins + 1, dtype=torch.float64)
        standard = (edges - self.mixture.centres[:, :, None]) / self.mixture.std  # (K, 2, bins + 1)
        share = torch.special.ndtr(standard).diff(dim=2)  # (K, 2, bins), of each mode in each column and row
        cells = torch.einsum("kx,ky->xy", share[:, 0], share[:, 1]) / len(share)  # (bins, bins)
        return torch.cat([cells.flatten(), (1 - cells.sum()).clamp(min=0)[None]])


def jensen_shannon(p: Tensor, q: Tensor) -> float:
    """Jensen-Shannon divergence in nats of two lists of probabilities (K,) and (K,): 0 to log 2."""
    m = (p + q) / 2
    value = (torch.special.xlogy(p, p / m) + torch.special.xlogy(q, q / m)).where(m > 0, 0.0).sum() / 2
    return min(max(value.item(), 0.0), math.log(2))
