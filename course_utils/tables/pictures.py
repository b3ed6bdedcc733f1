"""Small pictures of the columns of two tables, for a dashboard that shows images."""

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from course_utils.callbacks import as_they_were

SIDE, BINS = 32, 15
REAL, FAKE, BOTH = (0.75, 0.75, 0.75), (0.90, 0.62, 0.0), (0.50, 0.42, 0.25)  # bars: only real, only synthetic, both


def heights(real, synthetic, discrete: bool) -> np.ndarray:
    """Bars of a column of two tables, (2, bins): the frequency of each value, or of bins up to the 98th percentile.

    What lies above is counted in the last bin.
    """
    if discrete:
        values = sorted(real.unique())
        shares = [column.value_counts(normalize=True).reindex(values, fill_value=0) for column in (real, synthetic)]
        return np.stack(shares)
    low, high = real.min(), real.quantile(0.98)
    places = [
        np.clip((column - low) / max(high - low, 1e-9) * BINS, 0, BINS - 1).astype(int) for column in (real, synthetic)
    ]
    return np.stack([np.bincount(place, minlength=BINS) / len(place) for place in places])


def tile(bars: np.ndarray) -> Tensor:
    """A picture (3, 32, 32) in [-1, 1] of two rows of bars, one behind the other."""
    which = np.arange(SIDE) * bars.shape[1] // SIDE  # the bar that each column of pixels belongs to
    tall = bars[:, which] / max(bars.max(), 1e-9) * (SIDE - 2)  # (2, SIDE)
    above = np.arange(SIDE, 0, -1)[:, None]  # (SIDE, 1), counted from below
    real, fake = (tall[k] >= above for k in (0, 1))  # (SIDE, SIDE) each
    picture = np.ones((SIDE, SIDE, 3))
    picture[real & ~fake], picture[fake & ~real], picture[real & fake] = REAL, FAKE, BOTH
    return torch.from_numpy(picture).permute(2, 0, 1).float() * 2 - 1


def marginal_tiles(real, discrete: list[str], n: int = 1000) -> Callable:
    """``picture`` for ``TableGAN.fit``: a tile for each column of the real table and of ``n`` synthetic rows."""

    def picture(model) -> Tensor:
        with as_they_were([model.gan.generator]):
            torch.manual_seed(0)
            synthetic = model.sample(n)
        return torch.stack([tile(heights(real[name], synthetic[name], name in discrete)) for name in real.columns])

    return picture
