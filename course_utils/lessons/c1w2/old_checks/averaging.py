"""Check of ``EMA``: its average after several updates, against the same average by hand."""

import copy

import torch
from torch import nn

from course_utils.checks.engine import Mistake, exercise
from course_utils.checks.expect import expect_close, expect_true
from course_utils.training import EMA


def _module(seed=0):
    """A small network with weights, running statistics and a counter."""
    torch.manual_seed(seed)
    return nn.Sequential(nn.Conv2d(2, 3, 3, padding=1), nn.BatchNorm2d(3), nn.ReLU(), nn.Flatten(), nn.Linear(48, 2))


def _change(module):
    """What a training step does: other weights, other statistics, and a counter that goes on."""
    with torch.no_grad():
        for p in module.parameters():
            p.add_(torch.randn_like(p))
        module(torch.randn(8, 2, 4, 4) * 2 + 1)


def _follow(make, decay=0.999, updates=5, seed=0):
    """An EMA of a network that changes, and the network."""
    module = _module(seed)
    ema = make(module, decay)
    for _ in range(updates):
        _change(module)
        ema.update(module)
    return ema, module


def _state(module):
    return {name: tensor.clone() for name, tensor in module.state_dict().items()}


def _variant(merge=None, buffers=None, counter=True, ramp=True):
    """An EMA whose update merges weights, and buffers, in another way: ``merge(mine, theirs, decay)``."""

    class Variant(EMA):
        @torch.no_grad()
        def update(self, module):
            decay = min(self.decay, (1 + self.updates) / (10 + self.updates)) if ramp else self.decay
            self.updates += 1
            names = {name for name, _ in module.named_parameters()}
            for (name, mine), theirs in zip(
                self.module.state_dict().items(), module.state_dict().values(), strict=True
            ):
                if not mine.is_floating_point():
                    if counter:
                        mine.copy_(theirs)
                    continue
                rule = merge if name in names or buffers is None else buffers
                mine.copy_(rule(mine, theirs, decay))

    return Variant


def _average(mine, theirs, decay):
    return decay * mine + (1 - decay) * theirs


def _same(a, b, floats=True) -> bool:
    pairs = [(a[n], b[n]) for n in b if b[n].is_floating_point() or not floats]
    return all(torch.allclose(x.double(), y.double(), rtol=1e-4, atol=1e-5) for x, y in pairs)


def _like(*variants):
    """A probe: does the average come out as with one of these updates (weights and statistics; the counter apart)?"""

    def seen(candidate):
        found = _state(_follow(candidate)[0].module)
        return any(_same(found, _state(_follow(variant)[0].module)) for variant in variants)

    return seen


def _counter_wrong(candidate) -> bool:
    found, wanted = (_state(_follow(make)[0].module) for make in (candidate, EMA))
    return _same(found, wanted) and not _same(found, wanted, floats=False)


def _changes_module(candidate) -> bool:
    module = _module()
    ema = candidate(module, 0.9)
    _change(module)
    before = _state(module)
    ema.update(module)
    return not _same(_state(module), before, floats=False)


def _shares_tensors(candidate) -> bool:
    ema, module = _follow(candidate)
    before = _state(ema.module)
    _change(module)
    return not _same(_state(ema.module), before, floats=False)


def _keep(mine, theirs, decay):
    return mine


def _copy(mine, theirs, decay):
    return theirs


def _swapped(mine, theirs, decay):
    return (1 - decay) * mine + decay * theirs


def _sum(mine, theirs, decay):
    return decay * mine + theirs


def _added(mine, theirs, decay):
    return mine + (1 - decay) * theirs


def _averages_counter(candidate) -> bool:
    """Does the update fail, because an integer was to be averaged?"""
    try:
        _follow(candidate)
    except (RuntimeError, NotImplementedError) as error:
        return "Long" in str(error)
    return False


def _also_without_buffers(merge, **options):
    """The update with another rule for weights, and buffers averaged so, too, left as they are, or copied."""
    return [_variant(merge, buffers=buffers, **options) for buffers in (None, _keep, _copy)]


_MISTAKES = (
    Mistake(
        "counter_averaged",
        "Batch normalisation also keeps a counter of batches, an integer, and an integer cannot be averaged: this is where "
        "PyTorch fails. Ask `mine.is_floating_point()`, average what is, and copy what is not.",
        _averages_counter,
    ),
    Mistake(
        "changes_module",
        "The network that is being trained was changed. Only the average moves: write into the tensors of `self.module`.",
        _changes_module,
    ),
    Mistake(
        "shares_tensors",
        "The average holds the very tensors of the trained network, so it follows that network without any update. Copy "
        "values (`copy_`, `lerp_`), do not bind tensors.",
        _shares_tensors,
    ),
    Mistake(
        "never_moves",
        "The weights of the average stay where they began: what was computed is not written back, or they are never visited. "
        "`mine.lerp_(theirs, ...)` or `mine.copy_(...)` change the tensor; `mine = ...` only gives a new tensor an old name.",
        _like(_variant(_keep), _variant(_keep, buffers=_average), _variant(_keep, buffers=_copy)),
    ),
    Mistake(
        "only_copied",
        "The average is just the present weights: nothing of the past is kept. A share of `decay` of the average stays.",
        _like(_variant(_copy)),
    ),
    Mistake(
        "shares_swapped",
        "The two shares are exchanged: the average keeps 1 - decay of itself and takes `decay` of the present weights, and "
        "so forgets everything at once. With `lerp_(theirs, weight)`, `weight` is the share of theirs: 1 - decay.",
        _like(*_also_without_buffers(_swapped), *_also_without_buffers(_swapped, ramp=False)),
    ),
    Mistake(
        "sum_not_average",
        "The shares do not add up to 1: the present weights come in whole, so the average grows at every update. They are "
        "multiplied by 1 - decay.",
        _like(*_also_without_buffers(_sum)),
    ),
    Mistake(
        "average_kept_whole",
        "The shares do not add up to 1: the average is kept whole, and a share of the present weights is added at every "
        "update, so it grows. Multiply it by `decay` first, or use `lerp_`, which does both.",
        _like(*_also_without_buffers(_added)),
    ),
    Mistake(
        "no_ramp",
        "The final decay is used from the first update on, so the average is made of the first, useless weights for a "
        "thousand steps. Use the local variable `decay`, which grows up to `self.decay`.",
        _like(*_also_without_buffers(_average, ramp=False)),
    ),
    Mistake(
        "buffers_forgotten",
        "The weights are averaged, but the running statistics of batch normalisation stay as at the start, and the averaged "
        "generator draws with wrong ones. `parameters()` does not list them; `state_dict()` does.",
        _like(_variant(_average, buffers=_keep)),
    ),
    Mistake(
        "buffers_copied",
        "The weights are averaged, but the running statistics are copied: those of the present generator, not of the "
        "averaged one. They are averaged like the weights.",
        _like(_variant(_average, buffers=_copy)),
    ),
    Mistake(
        "counter_not_copied",
        "Everything that is not a whole number is right. Batch normalisation also keeps a counter of batches, an integer, "
        "which cannot be averaged: copy it.",
        _counter_wrong,
    ),
)


@exercise("c1w2.ema", reference="course_utils.training:EMA", mistakes=_MISTAKES)
def verify_ema(candidate):
    for decay, updates, seed in ((0.999, 5, 0), (0.5, 12, 1), (0.0, 2, 2), (0.2, 1, 3)):
        ema, module = _follow(candidate, decay, updates, seed)
        expected, reference_module = _follow(EMA, decay, updates, seed)
        what = f"after {updates} updates with decay={decay}, the average of"
        expect_true(module.training, "The trained network was put into evaluation mode by an update.")
        found = ema.module.state_dict()
        for name, wanted in expected.module.state_dict().items():
            expect_close(f"{what} {name}", found[name], wanted)
        for name, wanted in reference_module.state_dict().items():
            expect_close(f"the trained network's own {name}", module.state_dict()[name], wanted)
    ema, module = _follow(candidate)
    expect_true(not ema.module.training, "The averaged network must be in evaluation mode.")
    expect_true(all(not p.requires_grad for p in ema.module.parameters()), "The average must not ask for gradients.")
    expect_true(all(p.requires_grad for p in module.parameters()), "The trained network can no longer learn.")
    before = _state(copy.deepcopy(ema.module))
    _change(module)
    expect_true(_same(_state(ema.module), before, floats=False), "The average moves without an update.")
    expect_true(not _changes_module(candidate), "The trained network was changed by an update.")
