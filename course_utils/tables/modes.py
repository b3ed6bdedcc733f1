"""Mode-specific normalisation: a number becomes the mode that it belongs to, and its place within that mode.

Xu, Skoularidou, Cuesta-Infante and Veeramachaneni, "Modeling Tabular data using Conditional GAN", 2019, section 4.2.
"""

import warnings
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from course_utils.runtime import seeded

FEWEST = 0.005  # weight of a mode that is kept
SPIKE = 0.1  # share of the rows that have one and the same value, from which on it is a mode by itself


class Modes(NamedTuple):
    """The modes of a column: a mixture of normal distributions, (K,) each, float64."""

    mean: Tensor
    std: Tensor
    weight: Tensor


def fit_modes(values: Tensor, most: int = 10, rows: int = 5000, seed: int = 0) -> Modes:
    """The modes of a column (N,): its spikes, and a variational mixture of normal distributions for the rest.

    A value that a tenth of the rows or more share is a spike, and a mode by itself; this is not in the paper, where zeros
    that are so frequent share a mode with small numbers. A variational mixture takes the weight away from modes that it does
    not need: of at most ``most`` some are left. It looks at most at ``rows`` rows, drawn by ``seed``. Raises ValueError for
    numbers that are not finite.
    """
    values = values.cpu().double()
    if not values.isfinite().all():
        raise ValueError("values: expected finite numbers; fill or drop rows with missing values first")
    spread = values.std(correction=0).clamp(min=1e-9)
    found, counts = values.unique(return_counts=True)
    spikes = found[counts >= SPIKE * len(values)]
    rest = values[~torch.isin(values, spikes)]
    rest = rest[torch.randperm(len(rest), generator=seeded(seed))[:rows]]
    shares = counts[counts >= SPIKE * len(values)] / len(values)
    modes = Modes(spikes, spread * 1e-6 * torch.ones_like(spikes), shares)
    if len(rest) < 2:
        return modes
    mixed = _mixture(rest, most, seed)
    mixed = mixed._replace(weight=mixed.weight * (1 - shares.sum()))
    return Modes(*(torch.cat(pair) for pair in zip(modes, mixed, strict=True)))


def _mixture(values: Tensor, most: int, seed: int) -> Modes:
    """A variational mixture of normal distributions, without the modes of nearly no weight."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.mixture import BayesianGaussianMixture

    most = min(most, len(values.unique()))
    middle, spread = values.mean(), values.std(correction=0).clamp(min=1e-9)
    mixture = BayesianGaussianMixture(
        n_components=most, weight_concentration_prior=1e-3, reg_covar=1e-5, max_iter=100, random_state=seed
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # a mixture that still moves a little is good enough
        mixture.fit(((values - middle) / spread).unsqueeze(1).numpy())
    mean, std = torch.from_numpy(mixture.means_[:, 0]), torch.from_numpy(mixture.covariances_[:, 0, 0]).sqrt()
    weight = torch.from_numpy(mixture.weights_)
    kept = weight >= FEWEST
    return Modes(mean[kept] * spread + middle, std[kept] * spread, weight[kept] / weight[kept].sum())


def one_mode(values: Tensor) -> Modes:
    """The rival, min-max scaling, written as a single mode: the smallest value becomes -1, the largest 1."""
    values = values.cpu().double()
    low, high = values.min(), values.max()
    half = ((high - low) / 2).clamp(min=1e-9)
    return Modes((low + half).view(1), (half / 4).view(1), torch.ones(1, dtype=torch.float64))


def responsibilities(values: Tensor, modes: Modes) -> Tensor:
    """How likely each mode is to have made each value: (N,) to (N, K), rows that add up to 1.

        p(k | x)  is proportional to  weight_k / std_k * exp(-(x - mean_k)^2 / (2 std_k^2))

    Computed from logarithms, so that a value far from all modes gives numbers as well.
    """
    z = (values.cpu().double().unsqueeze(1) - modes.mean) / modes.std  # (N, K)
    return (modes.weight.log() - modes.std.log() - 0.5 * z.square()).softmax(dim=1)


def normalise(values: Tensor, modes: Modes, chosen: Tensor) -> Tensor:
    """Mode-specific normalisation of a column: (N,) to (N, 1 + K), float32.

    ``chosen`` (N,), int64, is the mode that each value was given to, from 0 up; ``modes.mean`` and ``modes.std`` are (K,). A
    row is

        [ alpha, 0, ..., 1, ..., 0 ]        alpha = (x - mean) / (4 std) of the chosen mode, cut to [-1, 1]

    with the 1 at the place of the chosen mode (Xu et al., 2019, section 4.2; the paper does not cut).
    """
    alpha = (values - modes.mean[chosen]) / (4 * modes.std[chosen])  # (N,)
    place = F.one_hot(chosen, len(modes.mean))  # (N, K)
    return torch.cat([alpha.clamp(-1, 1).unsqueeze(1), place], dim=1).float()


def restore(encoded: Tensor, modes: Modes) -> Tensor:
    """The way back from ``normalise``: (N, 1 + K) to values (N,), float64.

    The first number is alpha. The others say which mode; of a generator they are probabilities, and the largest counts. The
    value is mean + 4 std alpha of that mode.
    """
    alpha, chosen = encoded[:, 0].cpu().double(), encoded[:, 1:].cpu().argmax(dim=1)
    return modes.mean[chosen] + 4 * modes.std[chosen] * alpha
