"""Ways of looking at a network from outside, shared by the lessons' checks.

A network is compared with its specification *on the network's own weights*: they are found by shape, so it does not
matter whether they sit in ``nn.Linear``, in an ``nn.Parameter`` for ``einsum``, or in which order they were made.
"""

import torch
from torch import nn

from course_utils.checks.expect import Wrong, expect_close, expect_module, expect_shape, expect_true


def build_network(what: str, make, *args, **kwargs) -> nn.Module:
    """Create the candidate's network from a fixed seed: a new module in training mode with weights that can learn."""
    if isinstance(make, nn.Module):
        raise Wrong("A function or a class is asked for, but this is a finished network. Pass its name, without ().")
    torch.manual_seed(7)
    network, other = (expect_module(what, make(*args, **kwargs)) for _ in range(2))
    frozen = [name for name, p in network.named_parameters() if not p.requires_grad]
    expect_true(not frozen, f"{what}: {', '.join(frozen)} cannot learn (requires_grad=False).")
    expect_true(
        all(module.training for module in network.modules()),
        f"{what} is in evaluation mode when it is created: there BatchNorm does not normalise with the batch. "
        "Leave out `.eval()`; a new network is in training mode.",
    )
    shared = {id(p) for p in network.parameters()} & {id(p) for p in other.parameters()}
    expect_true(not shared, f"{what} has the same weights in two networks: create the layers anew in every call.")
    return network


def warm_up(what: str, network: nn.Module, x: torch.Tensor) -> None:
    """Call the network once, so that lazy layers get their sizes; it must not get new weights by that."""
    before = {id(p) for p in network.parameters()}
    with torch.no_grad():
        network(x.clone())
    expect_true(
        before == {id(p) for p in network.parameters()},
        f"{what} gets new weights when it is called; the optimiser was made before and does not know them. "
        "Create all layers in the constructor.",
    )


def set_vectors(network: nn.Module, scale: float = 1.0, shift: float = 0.0) -> None:
    """Fill every vector of weights: scales (those near 1) with ``scale``, biases and shifts with ``shift``."""
    with torch.no_grad():
        for parameter in network.parameters():
            if is_vector(parameter):
                parameter.fill_(scale if (parameter - 1).abs().max() < 0.3 else shift)


def is_vector(parameter: torch.Tensor) -> bool:
    """Whether weights are a bias, scale or shift: a vector, or all alike at first, as a bias of shape (1, F) by hand."""
    return parameter.ndim <= 1 or bool((parameter == parameter.flatten()[0]).all())


def matrices(network: nn.Module, shapes: list[tuple[int, int]]) -> list[torch.Tensor]:
    """The network's weight matrices, one for each ``(out, in)`` in ``shapes``, also when stored transposed.

    Raises ``Wrong`` when the network has other matrices than these.
    """
    found = [p.detach() for p in network.parameters() if not is_vector(p)]
    wanted = []
    for out_features, in_features in shapes:
        match = next((p for p in found if _is_matrix(p, out_features, in_features)), None)
        if match is None:
            _expect_not_alike(network, out_features, in_features)
            have = ", ".join(str(tuple(p.shape)) for p in network.parameters() if not is_vector(p)) or "none"
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


def expect_different_weights(weights: list[torch.Tensor]) -> None:
    """The weights of a layer must not all start with the same value."""
    for matrix in weights:
        expect_true(not (matrix == matrix[0, 0]).all(), _alike(*matrix.shape))


def _alike(out_features: int, in_features: int) -> str:
    return (
        f"All weights of the layer from {in_features} to {out_features} features start with the same value, "
        "so all its units would stay alike. Leave the initial weights as the layer makes them."
    )


class Alike(Wrong):
    """All weights of a layer start with the same value."""


def _expect_not_alike(network: nn.Module, out_features: int, in_features: int) -> None:
    """Raise when the matrix that is looked for is there, with the same number everywhere."""
    alike = [p for p in network.parameters() if p.ndim > 1 and is_vector(p)]
    if any(_is_matrix(p, out_features, in_features) for p in alike):
        raise Alike(_alike(out_features, in_features))


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
        return torch.equal(network(x.clone()), network(x.clone()))


def expect_all_used(what: str, network: nn.Module, x: torch.Tensor) -> None:
    """A gradient must reach every weight, and the input."""
    network.zero_grad()
    x = x.clone().requires_grad_()
    y = network(x.mul(1))
    cut = (
        "Something in `forward` cuts the graph: `.detach()`, `.data`, `torch.tensor(...)`, NumPy or `torch.no_grad()`."
    )
    expect_true(y.requires_grad, f"{what}: the output has no graph. {cut}")
    y.square().sum().backward()
    unused = [name for name, p in network.named_parameters() if p.grad is None]
    network.zero_grad()
    expect_true(
        not unused, f"{what}: no gradient reaches {', '.join(unused)}. Is it used in `forward`, and not detached?"
    )
    expect_true(x.grad is not None, f"{what}: no gradient passes through to its input. {cut}")


def depends_on_batch(network: nn.Module, x: torch.Tensor) -> bool:
    """Whether the output for the first half of ``x`` changes when the second half does."""
    half = len(x) // 2
    other = torch.cat([x[:half], 3 * x[half:] + 1])
    with torch.no_grad():
        return not torch.allclose(network(x.clone())[:half], network(other)[:half], rtol=1e-3, atol=1e-5)


def expect_eval_per_sample(what: str, network: nn.Module, x: torch.Tensor) -> None:
    """In evaluation mode one sample alone must give what it gives within a batch."""
    network.eval()
    with torch.no_grad():
        alone, together = network(x[:1].clone()), network(x.clone())[:1]
    network.train()
    expect_close(f"{what} in evaluation mode, one sample alone against the same in a batch,", alone, together)


def output(what: str, network: nn.Module, x: torch.Tensor, shape: tuple) -> torch.Tensor:
    """``network(x)`` without a graph, which must have ``shape``."""
    with torch.no_grad():
        return expect_shape(what, network(x.clone()), shape)


def expect_input_kept(what: str, network: nn.Module, x: torch.Tensor) -> None:
    """The network must not change its input in place."""
    given = x.clone()
    with torch.no_grad():
        network(given)
    message = f"{what} changes its input (`inplace=True` on the first layer, or an operation ending in _)."
    expect_true(torch.equal(given, x), message)


def has_unused_weights(network: nn.Module, x: torch.Tensor) -> bool:
    """Whether some weights can be changed without any change of the output (in evaluation mode, for BatchNorm's sake)."""
    training, before = network.training, None
    network.eval()
    try:
        with torch.no_grad():
            before = network(x.clone())
            for parameter in network.parameters():
                kept = parameter.clone()
                parameter.copy_(torch.randn_like(parameter))
                unused = torch.equal(before, network(x.clone()))
                parameter.copy_(kept)
                if unused:
                    return True
    finally:
        network.train(training)
    return False


def is_function_of(y: torch.Tensor, x: torch.Tensor) -> bool:
    """Whether ``y`` is ``x``, number by number, after some activation function (of slope 3 at most)."""
    order = x.flatten().argsort()
    steps, rise = x.flatten()[order].diff(), y.flatten()[order].diff()
    return bool((rise.abs() <= 3 * steps + 1e-3).all() and rise.abs().max() > 0)


def has_hidden_layers(network: nn.Module) -> bool:
    """Whether the network keeps layers in a plain list, tuple or dict, where nobody finds their weights."""
    registered = set(network.modules())
    for module in network.modules():
        for name, kept in vars(module).items():
            items = kept.values() if isinstance(kept, dict) else kept if isinstance(kept, (list, tuple)) else ()
            if name != "_modules" and any(isinstance(i, nn.Module) and i not in registered for i in items):
                return True
    return False


def agrees(value, expected: torch.Tensor, tolerance: float = 1e-3) -> bool:
    """Whether ``value`` is a tensor like ``expected``, up to shape."""
    if not isinstance(value, torch.Tensor) or value.numel() != expected.numel():
        return False
    return torch.allclose(
        value.detach().reshape(expected.shape).to(expected.dtype), expected, rtol=tolerance, atol=tolerance
    )
