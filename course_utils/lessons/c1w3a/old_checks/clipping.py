"""Check of ``clip_weights``."""

import torch
from torch import nn

from course_utils.checks.engine import Mistake, exercise
from course_utils.checks.expect import expect_close, expect_true


def _network(seed=0) -> nn.Module:
    """Weights, biases and buffers from -3 to 3, with gradients as large."""
    torch.manual_seed(seed)
    network = nn.Sequential(nn.Conv2d(1, 3, 3), nn.BatchNorm2d(3), nn.Flatten(), nn.Linear(12, 5), nn.Linear(5, 1))
    with torch.no_grad():
        for p in network.parameters():
            p.uniform_(-3, 3)
            p.grad = torch.empty_like(p).uniform_(-3, 3)
        for buffer in network.buffers():
            buffer.copy_(torch.full_like(buffer, 2))
    return network


def _state(network):
    return [p.detach().clone() for p in network.parameters()]


def _clipped(candidate, limit=0.1, seed=0):
    network = _network(seed)
    before = _state(network)
    candidate(network, limit)
    return before, _state(network), network


def _is(function):
    """A probe: do the weights become ``function(weight, limit)``?"""

    def seen(candidate):
        before, after, _ = _clipped(candidate)
        return all(
            torch.allclose(a, function(b, 0.1), rtol=1e-4, atol=1e-6) for b, a in zip(before, after, strict=True)
        )

    return seen


def _rescaled(w, limit):
    return w * (limit / w.norm()).clamp(max=1)


def _by_largest(w, limit):
    return w * (limit / w.abs().max()).clamp(max=1)


def _raises_in_place(candidate) -> bool:
    try:
        candidate(_network(), 0.1)
    except RuntimeError as error:
        return "in-place" in str(error)
    return False


def _some_kept(candidate) -> bool:
    """Are some weights clipped, and some as they were?"""
    before, after, _ = _clipped(candidate)
    right = [torch.allclose(a, b.clamp(-0.1, 0.1)) for b, a in zip(before, after, strict=True)]
    kept = [torch.equal(a, b) for b, a in zip(before, after, strict=True)]
    return any(right) and any(kept) and all(r or k for r, k in zip(right, kept, strict=True))


def _clips_buffers(candidate) -> bool:
    network = _network()
    try:
        candidate(network, 0.1)
    except RuntimeError as error:  # an integer counter cannot be clipped to 0.1
        return "desired output type" in str(error)
    return not all(torch.equal(buffer, torch.full_like(buffer, 2)) for buffer in network.buffers())


def _changes_gradients(candidate) -> bool:
    network = _network()
    before = [p.grad.clone() for p in network.parameters()]
    candidate(network, 0.1)
    return any(p.grad is None or not torch.equal(p.grad, g) for p, g in zip(network.parameters(), before, strict=True))


def _replaces(candidate) -> bool:
    network = _network()
    before = [id(p) for p in network.parameters()]
    candidate(network, 0.1)
    return before != [id(p) for p in network.parameters()]


def _ignores_limit(candidate) -> bool:
    after = [_clipped(candidate, limit)[1] for limit in (0.1, 0.5)]
    return all(torch.equal(a, b) for a, b in zip(*after, strict=True))


_MISTAKES = (
    Mistake(
        "no_no_grad",
        "PyTorch refuses: a weight that requires a gradient may not be changed in place while autograd is watching. Do it "
        "inside `with torch.no_grad():`.",
        _raises_in_place,
    ),
    Mistake(
        "new_weights",
        "The critic gets new parameters. The optimiser holds the old ones and would train those from now on. Change the "
        "numbers in place: `weight.clamp_(-limit, limit)`.",
        _replaces,
    ),
    Mistake(
        "clips_gradients",
        "The gradients are clipped, not the weights. Gradient clipping keeps a step short; it does not bound the critic's "
        "slope. Clip the parameters themselves.",
        lambda c: _changes_gradients(c) and _is(lambda w, limit: w)(c),
    ),
    Mistake(
        "touches_gradients",
        "The gradients of the weights were changed or removed. Only the weights are to be clipped; gradients and optimisers "
        "stay as they are.",
        _changes_gradients,
    ),
    Mistake(
        "clips_buffers",
        "Buffers were clipped as well: batch normalisation's running statistics, which are no weights, and its counter, an "
        "integer (`state_dict()` lists them, too). Go through `critic.parameters()`.",
        _clips_buffers,
    ),
    Mistake(
        "not_in_place",
        "The weights are as they were: `clamp` without the underscore, `weight = ...`, or a copy of the critic makes new "
        "tensors and leaves the critic alone. `clamp_` changes it in place.",
        _is(lambda w, limit: w),
    ),
    Mistake(
        "ignores_limit",
        "The argument `limit` makes no difference: the bound is a fixed number.",
        _ignores_limit,
    ),
    Mistake(
        "one_side",
        "Only one side is clipped: weights go from -limit to limit, so both bounds are needed, `clamp_(-limit, limit)`.",
        lambda c: (
            _is(lambda w, limit: w.clamp(max=limit))(c)
            or _is(lambda w, limit: w.clamp(min=-limit))(c)
            or _is(lambda w, limit: w.clamp(0, limit))(c)
            or _is(lambda w, limit: w.clamp(min=limit))(c)
        ),
    ),
    Mistake(
        "bounds_swapped",
        "All weights become the same number: the two bounds are exchanged, or one has the wrong sign. The lower one comes "
        "first, `clamp_(-limit, limit)`.",
        lambda c: _is(lambda w, limit: torch.full_like(w, -limit))(c) or _is(lambda w, limit: w * 0 + limit)(c),
    ),
    Mistake(
        "some_kept",
        "Some parameters keep their size: biases, or layers that are not asked for by their kind, or all after the first. "
        "Every parameter is clipped: go through `critic.parameters()`, to the end.",
        _some_kept,
    ),
    Mistake(
        "rescaled",
        "Whole tensors are scaled down until their norm, or their largest number, fits. Clipping works number by number: "
        "what is within [-limit, limit] stays as it is.",
        lambda c: _is(_rescaled)(c) or _is(_by_largest)(c),
    ),
)


@exercise("c1w3a.clip_weights", reference="course_utils.steps.wasserstein:clip_weights", mistakes=_MISTAKES)
def verify(candidate):
    for seed, limit in enumerate((0.1, 0.01, 1.0, 10.0)):
        before, after, network = _clipped(candidate, limit, seed)
        for old, new in zip(before, after, strict=True):
            expect_close(
                f"after clip_weights(critic, {limit}) weights of shape {tuple(old.shape)}",
                new,
                old.clamp(-limit, limit),
            )
        expect_true(
            all(p.requires_grad for p in network.parameters()), "clip_weights leaves weights that cannot learn."
        )
        expect_true(all(m.training for m in network.modules()), "clip_weights leaves the critic in evaluation mode.")
        kept = all(torch.equal(buffer, torch.full_like(buffer, 2)) for buffer in network.buffers())
        expect_true(kept, "clip_weights changes buffers (BatchNorm's running statistics), which are no weights.")
    expect_true(
        not _replaces(candidate), "clip_weights gives the critic new parameters, which its optimiser does not hold."
    )
    expect_true(not _changes_gradients(candidate), "clip_weights changes the gradients of the weights.")
