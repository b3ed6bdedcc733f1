"""The Fréchet distance between two sets of features, in float64 and without a general matrix square root.

    d^2 = |mu_x - mu_y|^2 + tr(S_x) + tr(S_y) - 2 tr((S_x S_y)^(1/2))

It is the squared 2-Wasserstein distance of the two Gaussians with those means and covariances (Dowson and
Landau, 1982). With Inception features it is called FID: Heusel et al., "GANs Trained by a Two Time-Scale
Update Rule Converge to a Local Nash Equilibrium", 2017.
"""

import torch
from torch import Tensor


def frechet_distance(x: Tensor, y: Tensor) -> float:
    """The Fréchet distance (squared, as FID is reported) between two feature matrices.

    Args:
        x: features (N, d), N >= 2, any real dtype; computed in float64.
        y: features (M, d), M >= 2.

    Returns a float >= 0. It is biased upwards on small samples, so print it beside the distance of two real
    sets. Fewer samples than features are fine: the trace of the root is then the nuclear norm of the centred
    cross matrix.

    Raises ValueError for fewer than two samples, different widths, NaN or infinite features.
    """
    x, y = _matrix(x, "x"), _matrix(y, "y")
    if x.shape[1] != y.shape[1]:
        raise ValueError(f"y: expected {x.shape[1]} features as in x, got {y.shape[1]}; use one feature extractor")
    if max(len(x), len(y)) > x.shape[1]:
        return frechet_from_statistics(*statistics(x), *statistics(y))
    mean_x, mean_y = x.mean(dim=0), y.mean(dim=0)
    x = (x - mean_x) / (len(x) - 1) ** 0.5  # (N, d), x.T @ x is the covariance
    y = (y - mean_y) / (len(y) - 1) ** 0.5  # (M, d)
    trace_of_root = torch.linalg.svdvals(x @ y.T).sum()
    return _combine(mean_x - mean_y, x.square().sum() + y.square().sum(), trace_of_root)


def statistics(x: Tensor) -> tuple[Tensor, Tensor]:
    """Mean (d,) and unbiased covariance (d, d) of features (N, d), float64. ValueError as above."""
    x = _matrix(x, "x")
    mean = x.mean(dim=0)
    centred = x - mean
    return mean, centred.T @ centred / (len(x) - 1)


def frechet_from_statistics(mean_x: Tensor, cov_x: Tensor, mean_y: Tensor, cov_y: Tensor) -> float:
    """The Fréchet distance (squared) of two Gaussians from means (d,) and covariances (d, d).

    With R R^T = S_x, S_x S_y has the eigenvalues of the symmetric R^T S_y R, so the trace of its root is a
    sum of real square roots. Covariances may be singular.

    Raises ValueError for shapes that do not fit, NaN or infinite values, and covariances that are not
    symmetric.
    """
    mean_x, cov_x = _moments(mean_x, cov_x, "x")
    mean_y, cov_y = _moments(mean_y, cov_y, "y")
    if len(mean_x) != len(mean_y):
        raise ValueError(f"mean_y: expected {len(mean_x)} features as in mean_x, got {len(mean_y)}")
    root = _square_root(cov_x)
    product = root.T @ cov_y @ root
    eigenvalues = torch.linalg.eigvalsh((product + product.T) / 2)
    return _combine(mean_x - mean_y, cov_x.trace() + cov_y.trace(), eigenvalues.clamp(min=0).sqrt().sum())


def _square_root(covariance: Tensor) -> Tensor:
    """A matrix R with R R^T = covariance: Cholesky's factor, or from eigenvectors where it is singular."""
    factor, info = torch.linalg.cholesky_ex(covariance)
    if info.item() == 0:
        return factor
    values, vectors = torch.linalg.eigh(covariance)
    return vectors * values.clamp(min=0).sqrt()


def _combine(difference: Tensor, traces: Tensor, trace_of_root: Tensor) -> float:
    return max(0.0, (difference.square().sum() + traces - 2 * trace_of_root).item())  # not -1e-12


def _matrix(x: Tensor, name: str) -> Tensor:
    """Features as a finite float64 matrix on the CPU, or a ValueError that names the argument."""
    x = torch.as_tensor(x).detach().to("cpu", torch.float64)
    if x.ndim != 2 or x.shape[1] == 0:
        raise ValueError(f"{name}: expected features (N, d), got shape {tuple(x.shape)}; flatten all but the first")
    if len(x) < 2:
        raise ValueError(f"{name}: expected at least 2 samples for a covariance, got {len(x)}; draw more")
    return _finite(x, name)


def _moments(mean: Tensor, covariance: Tensor, name: str) -> tuple[Tensor, Tensor]:
    mean = _finite(torch.as_tensor(mean).detach().to("cpu", torch.float64), f"mean_{name}")
    covariance = _finite(torch.as_tensor(covariance).detach().to("cpu", torch.float64), f"cov_{name}")
    if mean.ndim != 1:
        raise ValueError(f"mean_{name}: expected shape (d,), got {tuple(mean.shape)}")
    if covariance.shape != (len(mean), len(mean)):
        expected = (len(mean), len(mean))
        raise ValueError(f"cov_{name}: expected shape {expected} as mean_{name} has, got {tuple(covariance.shape)}")
    if not torch.allclose(covariance, covariance.T, rtol=1e-6, atol=1e-9 * covariance.abs().max().item()):
        raise ValueError(f"cov_{name}: expected a symmetric matrix, got one that is not; pass a covariance")
    return mean, covariance


def _finite(values: Tensor, name: str) -> Tensor:
    if not values.isfinite().all():
        raise ValueError(f"{name}: expected finite numbers, got NaN or infinity; look at the images it came from")
    return values
