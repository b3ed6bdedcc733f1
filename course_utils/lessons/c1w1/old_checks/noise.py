"""Check of ``sample_noise``."""

import numpy as np
import torch

from course_utils.checks.engine import Mistake, exercise
from course_utils.checks.expect import expect_shape, expect_true

_SIZES = ((2000, 50), (30_000, 3), (2, 50_000))  # each about 100,000 numbers
_LARGEST = 3.7  # 100,000 normal numbers all below this: less than one chance in a thousand million


def _draw(candidate, n=2000, latent_dim=50, seed=0, device="cpu"):
    torch.manual_seed(seed)
    np.random.seed(seed)
    return expect_shape(f"sample_noise({n}, {latent_dim})", candidate(n, latent_dim, device), (n, latent_dim))


def _distance_to_normal(values: torch.Tensor) -> float:
    """Largest difference between the empirical distribution function and N(0, 1)'s (Kolmogorov-Smirnov)."""
    ordered = values.detach().flatten().double().sort().values
    rank = torch.arange(1, len(ordered) + 1, dtype=torch.float64) / len(ordered)
    return (torch.special.ndtr(ordered) - rank).abs().max().item()


def _is_normal(z: torch.Tensor) -> bool:
    return _distance_to_normal(z) < 0.01  # 1.63 / sqrt(100_000) = 0.005 is exceeded once in a hundred draws


def _is_normal_scaled(z: torch.Tensor) -> bool:
    """Normal after its mean and standard deviation are taken out?"""
    return _is_normal((z - z.mean()) / z.std())


def _repeats_rows(z: torch.Tensor) -> bool:
    """Are rows or columns copies of each other, up to the sign? Copies have the same product with any vector."""
    for rows in (z.detach().double(), z.detach().double().T):
        weights = torch.linspace(1, 2, rows.shape[1], dtype=torch.float64).sqrt()
        if len(torch.unique((rows @ weights).abs())) < len(rows):
            return True
    return False


def _equal(a: torch.Tensor, b: torch.Tensor) -> bool:
    return torch.allclose(a, b, rtol=0.0, atol=0.0, equal_nan=True)  # memory that nobody filled may hold NaN


def _ignores_seed(candidate) -> bool:
    torch.manual_seed(1)
    np.random.seed(1)
    first = candidate(20, 5, "cpu")
    torch.manual_seed(1)
    np.random.seed(2)
    return not _equal(first, candidate(20, 5, "cpu"))


def _same_every_call(candidate) -> bool:
    torch.manual_seed(1)
    first = candidate(20, 5, "cpu")
    return _equal(first, candidate(20, 5, "cpu"))


def _within(candidate, low: float, high: float) -> bool:
    z = _draw(candidate)
    return low <= z.min().item() and z.max().item() <= high


def _normal_by_rows_only(candidate) -> bool:
    """Normal in a large draw, but not where each vector, or the batch, is small: something is divided out."""
    return _is_normal_scaled(_draw(candidate)) and not _normal_at_all_sizes(candidate)


def _normal_at_all_sizes(candidate) -> bool:
    return all(_is_normal_scaled(_draw(candidate, *sizes)) for sizes in _SIZES)


def _truncated(candidate) -> bool:
    """Is the distribution normal within limits, with nothing, or the clamped rest, beyond?"""
    z = _draw(candidate).detach().flatten().double().sort().values
    limit = z.abs().max()
    inside = z[z.abs() < 0.999 * limit]
    rank = torch.linspace(0, 1, len(inside), dtype=torch.float64)
    expected = torch.special.ndtr(inside)
    expected = (expected - expected[0]) / (expected[-1] - expected[0])
    return limit < _LARGEST and len(inside) > 0.2 * len(z) and (expected - rank).abs().max().item() < 0.01


def _nothing_drawn(candidate) -> bool:
    """The same in every call, and all alike, or rising from the first number to the last?"""
    steps = torch.nan_to_num(candidate(20, 5, "cpu")).flatten().diff()
    return _same_every_call(candidate) and bool((steps >= 0).all())


def _uniform(candidate) -> bool:
    """Any stretch of the uniform distribution: after scaling to [0, 1] its distribution function is a straight line."""
    z = _draw(candidate).detach().flatten().double().sort().values
    line = torch.linspace(0, 1, len(z), dtype=torch.float64)
    return ((z - z[0]) / (z[-1] - z[0]) - line).abs().max().item() < 0.01


_MISTAKES = (
    Mistake(
        "nothing_drawn",
        "No random numbers are drawn: every call gives the same ones, all alike or counted up (`torch.zeros`, `torch.ones`, "
        "`torch.empty`, `torch.arange` ...). The generator could make only one batch of images. Draw with `torch.randn`.",
        _nothing_drawn,
    ),
    Mistake(
        "uniform_noise",
        "The numbers are spread evenly over an interval: that is the uniform distribution (`torch.rand`). "
        "The course's generators are trained and sampled with a normal distribution, `torch.randn`; one letter decides.",
        _uniform,
    ),
    Mistake(
        "shape_swapped",
        "The two sizes are the wrong way round. One row is one latent vector: `(n, latent_dim)`.",
        lambda c: tuple(c(7, 3).shape) == (3, 7),
    ),
    Mistake(
        "wrong_device",
        "The noise was not made on the device that was asked for, so on a GPU the generator would fail with "
        "'expected all tensors to be on the same device'. Pass `device=device` to the function that draws.",
        lambda c: c(2, 3, "meta").device.type != "meta",
    ),
    Mistake(
        "wrong_dtype",
        "The noise is not float32, the type of the generator's weights; multiplying them would fail. NumPy draws "
        "float64, and integers or half precision do not fit either. Draw with `torch.randn`.",
        lambda c: _draw(c).dtype != torch.float32,
    ),
    Mistake(
        "numpy_random",
        "`torch.manual_seed` does not make these numbers repeat, so they come from another generator (NumPy's or "
        "Python's). A run could not be repeated from its seed. Draw with `torch.randn`.",
        _ignores_seed,
    ),
    Mistake(
        "same_every_call",
        "Two calls give the same numbers: the seed is set inside, or earlier numbers are kept and used again. The generator "
        "would see one batch of noise for its whole life. Seed once at the top of the notebook, never in here.",
        _same_every_call,
    ),
    Mistake(
        "repeated_rows",
        "Some rows or columns are copies of each other, or copies with the other sign. Each image needs noise of its own. "
        "Draw `n * latent_dim` independent numbers.",
        lambda c: _repeats_rows(_draw(c)),
    ),
    Mistake(
        "wrong_scale",
        "The numbers are normally distributed, but not with mean 0 and standard deviation 1. Leave `torch.randn` as it is.",
        lambda c: _normal_at_all_sizes(c) and not _is_normal(_draw(c)),
    ),
    Mistake(
        "normalised",
        "The numbers of a vector (or of a batch) depend on each other: they were brought to a fixed length or to mean 0. "
        "Leave `torch.randn` as it is.",
        _normal_by_rows_only,
    ),
    Mistake(
        "truncated",
        "Large numbers are missing: the noise is clamped or drawn from a truncated normal distribution. That is done, "
        "if at all, when a finished generator is sampled. Leave `torch.randn` as it is.",
        _truncated,
    ),
)


@exercise("c1w1.sample_noise", reference="course_utils.models.dense.mlp:sample_noise", mistakes=_MISTAKES)
def verify(candidate):
    for n, latent_dim in ((7, 3), (1, 64), (128, 1)):
        z = expect_shape(f"sample_noise({n}, {latent_dim})", candidate(n, latent_dim), (n, latent_dim))
        expect_true(z.dtype == torch.float32, f"sample_noise must return float32, but it returns {z.dtype}.")
        expect_true(not z.requires_grad, "sample_noise must return plain numbers, but they require a gradient.")
    meta = expect_shape("sample_noise(2, 3, device)", candidate(2, 3, torch.device("meta")), (2, 3))
    expect_true(meta.device.type == "meta", f"asked for the device 'meta', sample_noise answered on {meta.device}.")
    for sizes in _SIZES:
        z = _draw(candidate, *sizes)
        expect_true(
            _is_normal(z) and z.abs().max().item() >= _LARGEST,
            f"The numbers of sample_noise{sizes} have mean {z.mean():.3f}, standard deviation {z.std():.3f}, smallest "
            f"{z.min():.2f} and largest {z.max():.2f}; they do not follow the normal distribution with mean 0 and standard "
            "deviation 1.",
        )
    z = _draw(candidate)
    expect_true(len(torch.unique(z)) > 0.9 * z.numel(), "The noise takes few values: were the numbers rounded?")
    expect_true(not _repeats_rows(z), "Some rows or columns of the noise are copies of each other.")
    expect_true(not _ignores_seed(candidate), "After the same torch.manual_seed two calls give different numbers.")
    expect_true(not _same_every_call(candidate), "Two calls in a row give the same numbers.")
