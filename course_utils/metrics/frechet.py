"""The Fréchet distance between two sets of features, in float64 and without a general matrix square root.

    d^2 = |mu_x - mu_y|^2 + tr(S_x) + tr(S_y) - 2 tr((S_x S_y)^(1/2))

It is the squared 2-Wasserstein distance of the two Gaussians with those means and covariances (Dowson and
Landau, 1982). With Inception features it is called FID: Heusel et al., "GANs Trained by a Two Time-Scale
Update Rule Converge to a Local Nash Equilibrium", 2017.
"""

import torch
from torch import Tensor

from course_utils.metrics.inputs import double, feature_matrix, finite, same_width


def frechet_distance(x: Tensor, y: Tensor) -> float:
    """The Fréchet distance (squared, as FID is reported) between two feature matrices.

    Args:
        x: features (N, d), N >= 2, any real dtype; computed in float64.
        y: features (M, d), M >= 2.

    Returns a float >= 0: the squared distance of the means, plus the traces of both covariances (dividing by N - 1
    and M - 1), minus twice the trace of the square root of their product. Fewer samples than features are fine.
    It is biased upwards on small samples, so print it beside the distance of two real sets.

    Raises ValueError for fewer than two samples, different widths, NaN or infinite features.
    """
    x, y = feature_matrix(x, "x"), feature_matrix(y, "y")  # float64, or a ValueError
    same_width(x, y, "x", "y")
    # BEGIN SOLUTION
    mean_x, mean_y = x.mean(dim=0), y.mean(dim=0)  # (d,)
    x = (x - mean_x) / (len(x) - 1) ** 0.5  # (N, d); x.T @ x is the covariance
    y = (y - mean_y) / (len(y) - 1) ** 0.5  # (M, d)
    root_x = torch.linalg.qr(x, mode="r").R  # at most (d, d), with root_x.T @ root_x = x.T @ x
    root_y = torch.linalg.qr(y, mode="r").R
    trace_of_root = torch.linalg.svdvals(root_x @ root_y.T).sum()  # squared, they are the eigenvalues of the product
    traces = x.square().sum() + y.square().sum()
    distance = (mean_x - mean_y).square().sum() + traces - 2 * trace_of_root
    return max(0.0, distance.item())  # rounding may leave -1e-12
    # END SOLUTION


def statistics(x: Tensor) -> tuple[Tensor, Tensor]:
    """Mean (d,) and unbiased covariance (d, d) of features (N, d), float64. ValueError as above."""
    x = feature_matrix(x, "x")
    mean = x.mean(dim=0)
    centred = x - mean
    return mean, centred.T @ centred / (len(x) - 1)


def frechet_from_statistics(mean_x: Tensor, cov_x: Tensor, mean_y: Tensor, cov_y: Tensor) -> float:
    """The Fréchet distance (squared) of two Gaussians from means (d,) and covariances (d, d).

    With R R^T = S_x, S_x S_y has the eigenvalues of the symmetric R^T S_y R, so the trace of its root is a
    sum of real square roots. Covariances may be singular. At d = 2048 it takes about a second on one core.

    Raises ValueError for shapes that do not fit, NaN or infinite values, and covariances that are not
    symmetric.
    """
    mean_x, cov_x = _moments(mean_x, cov_x, "x")
    mean_y, cov_y = _moments(mean_y, cov_y, "y")
    if len(mean_x) != len(mean_y):
        raise ValueError(f"mean_y: expected {len(mean_x)} features as in mean_x, got {len(mean_y)}")
    trace_of_root = _eigenvalues_of_product(cov_x, cov_y).clamp(min=0).sqrt().sum()
    return _combine(mean_x - mean_y, cov_x.trace() + cov_y.trace(), trace_of_root)


def _eigenvalues_of_product(a: Tensor, b: Tensor) -> Tensor:
    """The eigenvalues of `a @ b` for covariances, ascending: those of R^T b R for any root R of `a`.

    From Cholesky's factor LAPACK's `sygst` makes that product in a quarter of the work of two multiplications;
    SciPy's symmetric solver is faster than PyTorch's. A singular matrix has a root by eigenvectors.
    """
    from scipy.linalg import eigvalsh
    from scipy.linalg.lapack import dpotrf, dsygst

    for first, second in ((a, b), (b, a)):
        factor, failed = dpotrf(first.numpy().T, lower=1)  # symmetric: the transpose is the order LAPACK reads
        if not failed:
            product, _ = dsygst(second.numpy().T, factor, itype=2, lower=1)
            return torch.from_numpy(eigvalsh(product, lower=True, overwrite_a=True, check_finite=False))
    values, vectors = torch.linalg.eigh(a)
    root = vectors * values.clamp(min=0).sqrt()
    return torch.linalg.eigvalsh(root.T @ b @ root)


def _combine(difference: Tensor, traces: Tensor, trace_of_root: Tensor) -> float:
    return max(0.0, (difference.square().sum() + traces - 2 * trace_of_root).item())  # not -1e-12


def _moments(mean: Tensor, covariance: Tensor, name: str) -> tuple[Tensor, Tensor]:
    mean = finite(double(mean, f"mean_{name}"), f"mean_{name}")
    covariance = finite(double(covariance, f"cov_{name}"), f"cov_{name}")
    if mean.ndim != 1 or len(mean) == 0:
        raise ValueError(f"mean_{name}: expected shape (d,), got {tuple(mean.shape)}")
    if covariance.shape != (len(mean), len(mean)):
        expected = (len(mean), len(mean))
        raise ValueError(f"cov_{name}: expected shape {expected} as mean_{name} has, got {tuple(covariance.shape)}")
    if not _symmetric(covariance):
        raise ValueError(f"cov_{name}: expected a symmetric matrix, got one that is not; pass a covariance")
    return mean, covariance


def _symmetric(matrix: Tensor, strip: int = 64) -> bool:
    """Up to rounding; a strip of rows at a time against the same columns, which is kind to the cache."""
    limit = 1e-6 * matrix.diagonal().abs().max()
    starts = range(0, len(matrix), strip)
    strips = ((matrix[i : i + strip, i:], matrix[i:, i : i + strip].T) for i in starts)
    return all((rows - columns).abs_().max() <= limit for rows, columns in strips)
