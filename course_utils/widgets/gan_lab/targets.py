"""What the generator is to learn: a density in the square from -1 to 1, and the modes that are counted."""

import dataclasses

import torch

from course_utils.datasets import gaussians
from course_utils.datasets.gaussians import Mixture
from course_utils.metrics import HistogramJS
from course_utils.runtime import seeded

REACH = 1.2  # the picture goes from -REACH to REACH along both axes
BRUSH = 0.03  # standard deviation around a drawn point
POOL = 20_000  # real points that batches are taken from
MEASURED = 2_000  # fakes that are measured


@dataclasses.dataclass(frozen=True, eq=False)
class Target:
    """A data set. ``modes`` is the mixture itself or, for drawn points, one mode to each patch of the drawing."""

    mixture: Mixture
    modes: Mixture
    pool: torch.Tensor  # float32 (POOL, 2)
    js: HistogramJS
    js_floor: float  # what MEASURED real points give


def make_target(name: str, strokes=(), seed: int = 0) -> Target:
    """The data set ``name`` of ``settings.DATA``; ``strokes`` are lists of (x, y) for "drawn".

    Raises ValueError for "drawn" without a point in the picture.
    """
    mixture = draw_target(strokes) if name == "drawn" else _MIXTURES[name]()
    modes = gaussians.drawn(thinned(mixture.centres, 4 * BRUSH), BRUSH) if name == "drawn" else mixture
    pool = mixture.sample(POOL, seeded(seed))
    js = HistogramJS(mixture, REACH)
    return Target(mixture, modes, pool, js, js.floor(MEASURED, seed))


_MIXTURES = {
    "ring": lambda: gaussians.ring(8, radius=0.75, std=0.03),
    "grid": lambda: gaussians.grid(5, spacing=0.4, std=0.02),
    "spiral": lambda: gaussians.spiral(20, turns=1.5, radius=0.9, std=0.03),
    "moons": lambda: gaussians.moons(20, radius=0.6, std=0.05),
}


def draw_target(strokes) -> Mixture:
    """A Gaussian at every point of the strokes that lies in the picture. Raises ValueError when there is none."""
    points = torch.tensor([point for stroke in strokes for point in stroke], dtype=torch.float64).reshape(-1, 2)
    points = points[(points.abs() <= REACH).all(dim=1)]  # NaN is out as well
    if len(points) == 0:
        raise ValueError("strokes: expected at least one point in the picture, got none; draw something first")
    return gaussians.drawn(points, BRUSH)


def thinned(points: torch.Tensor, apart: float) -> torch.Tensor:
    """Points (K, 2), in their order, without those nearer than ``apart`` to one that was kept."""
    kept = []
    for point in points:
        if all((point - other).norm() >= apart for other in kept):
            kept.append(point)
    return torch.stack(kept)
