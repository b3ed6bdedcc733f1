"""The Fréchet distance from means and covariances: ours, SciPy's general matrix square root, and torchmetrics.

    python -m benchmarks.metric_speed [--sizes 64 512 2048] [--samples 10000] [--threads 1 2]

All three get the same statistics of the same two sets of correlated features, one after the other in one run. Ours
is timed three times and the fastest counts; `sqrtm` runs once, torchmetrics once at d > 1000.
"""

import argparse
import time
from collections.abc import Callable

import scipy
import torch
import torchmetrics
from scipy.linalg import sqrtm
from threadpoolctl import threadpool_limits
from torch import Tensor
from torchmetrics.image.fid import _compute_fid

from benchmarks.common import machine, table, write_section
from course_utils.metrics import frechet_from_statistics, statistics

Statistics = tuple[Tensor, Tensor, Tensor, Tensor]  # mean, covariance, mean, covariance


def features(samples: int, d: int, seed: int) -> Tensor:
    """Correlated features (samples, d) whose scales fall over two orders of magnitude."""
    generator = torch.Generator().manual_seed(seed)
    mixing = torch.randn(d, d, generator=generator, dtype=torch.float64) / d**0.5
    scales = torch.logspace(0, -2, d, dtype=torch.float64)
    return torch.randn(samples, d, generator=generator, dtype=torch.float64) * scales @ mixing + 0.1 * seed


def by_sqrtm(mean_x: Tensor, cov_x: Tensor, mean_y: Tensor, cov_y: Tensor) -> float:
    """The textbook formula."""
    root = sqrtm((cov_x @ cov_y).numpy()).real
    return ((mean_x - mean_y).square().sum() + cov_x.trace() + cov_y.trace()).item() - 2 * root.trace().item()


def by_torchmetrics(*moments: Tensor) -> float:
    """The function that its FrechetInceptionDistance ends in."""
    return _compute_fid(*moments).item()


def timed(function: Callable[..., float], moments: Statistics, times: int) -> tuple[float, float]:
    """Value and seconds of the fastest run."""
    best = float("inf")
    for _ in range(times):
        began = time.perf_counter()
        value = function(*moments)
        best = min(best, time.perf_counter() - began)
    return value, best


def row(d: int, samples: int, threads: int) -> list[str]:
    """One line of the table."""
    torch.set_num_threads(threads)
    threadpool_limits(threads)
    moments = (*statistics(features(samples, d, 0)), *statistics(features(samples, d, 1)))
    ours, seconds = timed(frechet_from_statistics, moments, 3)
    scipys, seconds_scipy = timed(by_sqrtm, moments, 1)
    theirs, seconds_theirs = timed(by_torchmetrics, moments, 3 if d <= 1000 else 1)
    apart = max(abs(other / ours - 1) for other in (scipys, theirs))
    times = [f"{s:.4f}" if s < 0.1 else f"{s:.2f}" for s in (seconds, seconds_scipy, seconds_theirs)]
    return [
        d,
        threads,
        f"{ours:.9g}",
        *times,
        f"{seconds_scipy / seconds:.1f}",
        f"{seconds_theirs / seconds:.1f}",
        f"{apart:.0e}",
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[64, 512, 2048], help="features")
    parser.add_argument("--samples", type=int, default=10_000, help="in each set")
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2], help="for PyTorch and for SciPy")
    arguments = parser.parse_args()
    frechet_from_statistics(torch.zeros(2), torch.eye(2), torch.zeros(2), torch.eye(2))  # what is imported on first use
    head = [
        "d",
        "threads",
        "value",
        "ours, s",
        "SciPy sqrtm, s",
        "torchmetrics, s",
        "times SciPy",
        "times torchmetrics",
        "apart",
    ]
    rows = [row(d, arguments.samples, threads) for d in arguments.sizes for threads in arguments.threads]
    versions = f"{machine()}, SciPy {scipy.__version__}, torchmetrics {torchmetrics.__version__}"
    text = f"{versions}; {arguments.samples:,} samples a set, seeds 0 and 1. `apart`: largest relative difference of values."
    write_section("Fréchet distance", f"{text}\n\n{table(head, rows)}")


if __name__ == "__main__":
    main()
