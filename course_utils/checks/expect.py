"""What a check may ask of a candidate's answer. Each function raises ``Wrong`` with what was seen and what was expected."""

import torch
from torch import nn


class Wrong(Exception):
    """The candidate behaves differently from its specification; the message says how."""


def describe(value) -> str:
    """A short description of any value: type, and for tensors shape and dtype."""
    if isinstance(value, torch.Tensor):
        return f"a tensor of shape {tuple(value.shape)} and dtype {str(value.dtype).removeprefix('torch.')}"
    if value is None:
        return "None (is a `return` missing?)"
    if isinstance(value, (bool, int, float, str)):
        return f"the {type(value).__name__} {str(value)[:60]!r}" if isinstance(value, str) else f"{value!r}"
    if isinstance(value, (tuple, list)):
        return f"a {type(value).__name__} of {len(value)} items"
    return f"an object of type {type(value).__name__}"


def expect_true(condition: bool, message: str) -> None:
    """Raise ``Wrong(message)`` unless ``condition`` holds."""
    if not condition:
        raise Wrong(message)


def expect_tensor(what: str, value) -> torch.Tensor:
    """``value`` must be a tensor."""
    if not isinstance(value, torch.Tensor):
        raise Wrong(f"{what} must be a tensor, but it is {describe(value)}.")
    return value


def expect_module(what: str, value) -> nn.Module:
    """``value`` must be an ``nn.Module`` (so that an optimiser finds its weights) with weights."""
    if isinstance(value, type):
        raise Wrong(f"{what} must be a module, but it is the class {value.__name__}: create an instance with ().")
    if not isinstance(value, nn.Module):
        raise Wrong(
            f"{what} must be an nn.Module, so that an optimiser finds its weights, but it is {describe(value)}."
        )
    if not list(value.parameters()):
        raise Wrong(
            f"{what} has no weights. Layers must be created once, in the constructor, and kept as attributes "
            "of the module (a plain Python list hides them: use `nn.Sequential` or `nn.ModuleList`)."
        )
    return value


def expect_shape(what: str, value, shape: tuple) -> torch.Tensor:
    """``value`` must be a tensor of exactly this shape."""
    tensor = expect_tensor(what, value)
    if tuple(tensor.shape) != tuple(shape):
        raise Wrong(f"{what} must have shape {tuple(shape)}, but it has shape {tuple(tensor.shape)}.")
    return tensor


def expect_close(what: str, value, expected: torch.Tensor, rtol: float = 1e-4, atol: float = 1e-5) -> None:
    """``value`` must be a tensor of the same shape and, within tolerance, the same values as ``expected``."""
    tensor = expect_shape(what, value, expected.shape).detach().to(expected.dtype)
    off = ~torch.isclose(tensor, expected, rtol=rtol, atol=atol)
    if not off.any():
        return
    if tensor.ndim == 0:
        raise Wrong(f"{what} is {tensor.item():.5g}, but {expected.item():.5g} is expected.")
    where = tuple(off.nonzero()[0].tolist())
    raise Wrong(
        f"{what} differs from what is expected in {int(off.sum())} of {off.numel()} values, first at index {where}: "
        f"{tensor[where].item():.5g} instead of {expected[where].item():.5g}."
    )
