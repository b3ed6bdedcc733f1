"""Ways of looking at a network from outside, shared by the lessons' checks.

A network is compared with its specification *on the network's own weights*: they are found by shape, so it does not
matter whether they sit in ``nn.Linear``, in an ``nn.Parameter`` for ``einsum``, or in which order they were made.
"""

import torch
from torch import nn

from course_utils.checks.expect import Wrong, expect_close, expect_module, expect_shape, expect_true


def build_network(what: str, make, *args, **kwargs) -> nn.Module:
    """Create the candidate's network from a fixed seed; it must be a module."""
    torch.manual_seed(7)
    return expect_module(what, make(*args, **kwargs))


def neutralise(network: nn.Module) -> None:
    """Give every vector of weights its neutral value: scales (near 1) become 1, biases and shifts become 0."""
    with torch.no_grad():
        for parameter in network.parameters():
            if parameter.squeeze().ndim <= 1 and parameter.ndim <= 1:
                parameter.fill_(1.0 if (parameter - 1).abs().max() < 0.3 else 0.0)


def matrices(network: nn.Module, shapes: list[tuple[int, int]]) -> list[torch.Tensor]:
    """The network's weight matrices, one for each ``(out, in)`` in ``shapes``, also when stored transposed.

    Raises ``Wrong`` when the network has other matrices than these.
    """
    found = [p.detach() for p in network.parameters() if p.ndim >= 2]
    wanted = []
    for out_features, in_features in shapes:
        match = next((p for p in found if _is_matrix(p, out_features, in_features)), None)
        if match is None:
            have = ", ".join(str(tuple(p.shape)) for p in network.parameters() if p.ndim >= 2) or "none"
            raise Wrong(
                f"The network needs a layer from {in_features} to {out_features} features (a weight of shape "
                f"{(out_features, in_features)}), but its weights have the shapes {have}."
            )
        found = [p for p in found if p is not match]
        matrix = match if match.shape[0] == out_features else match.reshape(in_features, out_features).T
        wanted.append(matrix.reshape(out_features, in_features))
    if found:
        extra = ", ".join(str(tuple(p.shape)) for p in found)
        raise Wrong(f"The network has layers that were not asked for, with weights of shape {extra}.")
    return wanted


def _is_matrix(parameter: torch.Tensor, out_features: int, in_features: int) -> bool:
    right_size = parameter.numel() == out_features * in_features
    return right_size and parameter.shape[0] in (out_features, in_features)


def standardise(x: torch.Tensor) -> torch.Tensor:
    """What BatchNorm does to ``(B, F)`` while training, before its scale and shift."""
    return (x - x.mean(0)) / torch.sqrt(x.var(0, unbiased=False) + 1e-5)


def expect_deterministic(what: str, network: nn.Module, x: torch.Tensor) -> None:
    """Two calls on the same input must agree (no dropout, no noise inside)."""
    expect_true(
        is_deterministic(network, x),
        f"{what} gives two different outputs for the same input. Is there dropout or noise inside?",
    )


def is_deterministic(network: nn.Module, x: torch.Tensor) -> bool:
    with torch.no_grad():
        return torch.equal(network(x), network(x))


def expect_all_used(what: str, network: nn.Module, x: torch.Tensor) -> None:
    """A gradient must reach every weight."""
    network.zero_grad()
    network(x).square().sum().backward()
    unused = [name for name, p in network.named_parameters() if p.requires_grad and p.grad is None]
    network.zero_grad()
    expect_true(not unused, f"{what}: no gradient reaches {', '.join(unused)}. Is it used in `forward`?")


def depends_on_batch(network: nn.Module, x: torch.Tensor) -> bool:
    """Whether the output for the first half of ``x`` changes when the second half does."""
    half = len(x) // 2
    other = torch.cat([x[:half], 3 * x[half:] + 1])
    with torch.no_grad():
        return not torch.allclose(network(x)[:half], network(other)[:half], rtol=1e-3, atol=1e-5)


def expect_eval_per_sample(what: str, network: nn.Module, x: torch.Tensor) -> None:
    """In evaluation mode one sample alone must give what it gives within a batch."""
    network.eval()
    with torch.no_grad():
        alone, together = network(x[:1]), network(x)[:1]
    network.train()
    expect_close(f"{what} in evaluation mode, one sample alone against the same in a batch,", alone, together)


def output(what: str, network: nn.Module, x: torch.Tensor, shape: tuple) -> torch.Tensor:
    """``network(x)`` without a graph, which must have ``shape``."""
    with torch.no_grad():
        return expect_shape(what, network(x), shape)


def agrees(value, expected: torch.Tensor, tolerance: float = 1e-3) -> bool:
    """Whether ``value`` is a tensor like ``expected``, up to shape."""
    if not isinstance(value, torch.Tensor) or value.numel() != expected.numel():
        return False
    return torch.allclose(value.detach().reshape(expected.shape).to(expected.dtype), expected, rtol=tolerance, atol=tolerance)

