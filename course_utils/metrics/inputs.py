"""What the metrics ask of their arguments. Every ValueError names the argument, what was expected and what came."""

import numbers

import torch
from torch import Tensor


def feature_matrix(x: Tensor, name: str, at_least: int = 2, reason: str = "for a covariance") -> Tensor:
    """Features (N, d) as a finite float64 matrix on the CPU, or a ValueError.

    `reason` says in the message what `at_least` samples are needed for.
    """
    x = double(x, name)
    if x.ndim != 2 or x.shape[1] == 0:
        raise ValueError(f"{name}: expected features (N, d), got shape {tuple(x.shape)}; flatten all but the first")
    if len(x) < at_least:
        raise ValueError(f"{name}: expected at least {at_least} samples {reason}, got {len(x)}; draw more")
    return finite(x, name)


def same_width(x: Tensor, y: Tensor, name_x: str, name_y: str) -> None:
    """Raises ValueError unless both matrices have as many features."""
    if x.shape[1] != y.shape[1]:
        expected = f"expected {x.shape[1]} features as in {name_x}"
        raise ValueError(f"{name_y}: {expected}, got {y.shape[1]}; use one feature extractor")


def finite(values: Tensor, name: str) -> Tensor:
    """The values as they came, once none is NaN or infinite."""
    if not values.sum().isfinite() and not values.isfinite().all():  # the sum is fast and misses nothing
        raise ValueError(f"{name}: expected finite numbers, got NaN or infinity; look at the images it came from")
    return values


def double(values: Tensor, name: str) -> Tensor:
    """Anything that PyTorch reads as real numbers, detached, float64 on the CPU."""
    try:
        values = torch.as_tensor(values).detach()
    except (TypeError, ValueError, RuntimeError) as error:
        raise ValueError(f"{name}: expected a tensor of numbers, got {type(values).__name__}") from error
    if values.is_complex():
        raise ValueError(f"{name}: expected real numbers, got {values.dtype}")
    return values.cpu().double()


def count(value: int, name: str, low: int, high: int | None = None, what: str = "") -> int:
    """A whole number from `low` to `high`; `what` says in the message where `high` comes from."""
    if (
        isinstance(value, bool)
        or not isinstance(value, numbers.Integral)
        or value < low
        or (high is not None and value > high)
    ):
        wanted = f"{low} or more" if high is None else f"{low} to {high}"
        raise ValueError(f"{name}: expected a whole number, {wanted}{what}, got {value!r}")
    return int(value)
