"""What the checks of all training steps share: the comparison with a reference, and mistakes that any step can have."""

import numbers

import torch

from course_utils.checks.engine import Mistake
from course_utils.checks.expect import Wrong, describe, expect_true
from course_utils.checks.traces import adam, run, same, sgd, small_gan


def expect_same_step(what, step, reference, arguments, learner, other, make=small_gan):
    """``step`` must move the learner as ``reference`` does, leave all else as it was, and return the same number."""
    for optimiser in (sgd, adam):
        for seed in range(3):
            for calls in (1, 3):
                got = run(step, arguments, optimiser, seed, calls, make=make)
                wanted = run(reference, arguments, optimiser, seed, calls, make=make)
                _compare(what, got, wanted, learner, other)


def _compare(what, got, wanted, learner, other):
    left_alone = same(got.weights[other], wanted.weights[other])
    expect_true(left_alone, f"{what} must leave the {other}'s weights alone, but it changes them.")
    expect_true(not got.frozen, f"{what} leaves weights of the {' and '.join(got.frozen)} with requires_grad=False.")
    expect_true(not got.quiet, f"{what} leaves the {' and '.join(got.quiet)} in evaluation mode.")
    expect_true(not got.changed, f"{what} changes its argument {' and '.join(got.changed)} in place.")
    for mine, theirs in zip(got.weights[learner], wanted.weights[learner], strict=True):
        if not same([mine], [theirs]):
            off = (mine - theirs).abs().max().item()
            raise Wrong(
                f"after {what} the {learner}'s weights of shape {tuple(mine.shape)} differ from the reference "
                f"by up to {off:.3g}. {_about_the_loss(got.returned, wanted.returned)}"
            )
    expect_true(
        got.batches <= wanted.batches,
        f"{what} sends {got.batches} batches through the generator in training mode, where {wanted.batches} are enough.",
    )
    expect_true(
        same(got.statistics, wanted.statistics),
        f"{what} gives the generator something else than its argument z: the running statistics of BatchNorm differ.",
    )
    _expect_number(what, got.returned, wanted.returned)


def _about_the_loss(returned, expected) -> str:
    """Where to look when the weights are wrong: at the loss, or at what follows it."""
    try:
        value = float(returned)
    except (TypeError, ValueError, RuntimeError):
        return ""
    if abs(value - expected.item()) < 1e-5:
        return f"The returned loss, {value:.4f}, is right: look at what happens around `backward()` and `step()`."
    return f"The returned loss is {value:.6g} instead of {expected.item():.6g}: look at how it is computed."


def _expect_number(what, returned, expected):
    if isinstance(returned, torch.Tensor):
        expect_true(returned.numel() == 1, f"{what} must return one number, but it returns {describe(returned)}.")
        expect_true(not returned.requires_grad, f"{what} must return the loss without its graph: `loss.detach()`.")
        returned = returned.item()
    expect_true(
        isinstance(returned, numbers.Real), f"{what} must return the loss, but it returns {describe(returned)}."
    )
    expect_true(
        abs(float(returned) - expected.item()) < 1e-3,
        f"{what} must return the loss {expected.item():.4f}, but it returns {float(returned):.4f}.",
    )


def cleared(probe):
    return Mistake(
        "zero_grad_after_backward",
        "The gradients are cleared between `backward()` and `step()`, so the optimiser finds nothing to do. The order is "
        "zero_grad, backward, step.",
        probe.cleared_after_backward,
    )


def common_mistakes(probe, name, own, right):
    """Mistakes that both steps can have, as (early, late): the late ones are looked for after the specific ones."""
    early = (
        Mistake(
            "reused_graph",
            "The first call works, the second fails: something of the first call, a batch of fakes or its graph, is used "
            "again. The graph is gone after `backward()`. Make the fakes anew from `z` in every step.",
            probe.reused_graph,
        ),
        Mistake(
            "no_return",
            "The step returns None. Its last line should be `return loss.detach()`, so that the loss can be plotted.",
            lambda c: probe.returns_nothing(c) and probe.like(probe.variant())(c),
        ),
        Mistake(
            "two_steps",
            f"The optimiser is stepped more than once. One call is one update: both parts of the loss, added or each with its "
            f"own `backward()`, then a single `gan.{own}.step()`.",
            probe.two_steps,
        ),
        Mistake(
            "new_optimiser",
            f"The weights change, but not through the optimisers of `gan`: a new one is made in every call (and Adam forgets "
            f"its averages), or the weights are changed by hand. Use `gan.{own}.step()`.",
            probe.new_optimiser,
        ),
        Mistake(
            "nothing_done",
            "The networks of `gan` are left as they were: no gradient was computed for them, and neither optimiser was "
            f"stepped. After the loss come `gan.{own}.zero_grad()`, `loss.backward()` and `gan.{own}.step()`, on `gan` "
            "itself, not on a copy of it.",
            probe.nothing_done,
        ),
        Mistake(
            "no_step",
            f"No optimiser was stepped, so nothing was learned. After `backward()` comes `gan.{own}.step()`.",
            probe.counts(False, False),
        ),
    )
    late = (
        Mistake(
            "own_noise",
            "The step does not depend on its argument `z`: it draws its own noise. Use `gan.generator(z)`, so that "
            "whoever calls the step decides, and a run can be repeated.",
            probe.own_noise,
        ),
        Mistake(
            "random_numbers",
            "The step draws random numbers (noise on the images or the labels, dropout, a shuffled batch), so the same "
            "arguments give a different update each time. It should do what is asked for and no more.",
            probe.random,
        ),
        Mistake(
            "changes_argument",
            "The step changes its arguments in place (a name ending in _, or an operation like `+=`). Whoever called it may "
            "still need them; make a new tensor.",
            probe.changes_arguments,
        ),
        Mistake(
            "other_noise",
            "The generator is given something else than `z`: shifted, scaled or standardised numbers. BatchNorm hides it here, "
            "but its running statistics, and with them the images in evaluation mode, come out differently. Use "
            "`gan.generator(z)`.",
            probe.other_noise,
        ),
        Mistake(
            "generator_called_twice",
            "The generator is called more than once. That costs time, and its BatchNorm counts every call in its running "
            "statistics. Call it once and keep the images.",
            probe.called_twice,
        ),
        Mistake(
            "loss_scaled",
            "The update has the right direction and the wrong size: the loss is halved, doubled, summed over the batch, or "
            f"`backward()` runs twice. Use the mean as `{name}_loss` gives it, and one `backward()`.",
            probe.loss(*[lambda *logits, k=k: k * right(*logits) for k in (0.5, 2.0, 8.0)]),
        ),
        Mistake(
            "returns_graph",
            "The returned loss still carries its graph. Kept for a curve, thousands of them fill the memory. "
            "Return `loss.detach()`.",
            probe.returns_graph,
        ),
        Mistake(
            "left_frozen",
            f"After the {name} step some weights have `requires_grad=False`, so they learn nothing any more. If you freeze a "
            "network for speed, let it be the one that does not learn in this step, and unfreeze it before you return.",
            probe.frozen,
        ),
        Mistake(
            "evaluation_mode",
            "After the step a network is left in evaluation mode. While training, BatchNorm must normalise with the batch; "
            "there is no need to call `.eval()` here.",
            probe.evaluation_mode,
        ),
    )
    return early, late
