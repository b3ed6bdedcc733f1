"""Check of ``noise_step``: what it does to z, with scores whose gradients are known."""

import torch

from course_utils.checks.engine import Mistake, exercise
from course_utils.checks.expect import expect_close, expect_tensor, expect_true
from course_utils.checks.functions import normal
from course_utils.checks.probes import agrees
from course_utils.latent import noise_step


def _score(z):
    """A different slope for every row and column, and none that is the same everywhere."""
    return (z.square() * torch.linspace(0.5, 1.5, z.shape[1])).sum(dim=1) + torch.sin(z).prod(dim=1)


def _leaf(shape=(5, 3), seed=0, grad=None):
    z = normal(*shape, seed=seed).requires_grad_()
    z.grad = grad
    return z


def _after(step, z, *arguments):
    """z after one step, and what came back."""
    value = step(z, _score, *arguments)
    return z.detach().clone(), value


def _right(shape=(5, 3), seed=0, *arguments):
    return _after(noise_step, _leaf(shape, seed), *arguments)


def _moves_like(change):
    """A probe: from a fresh z, does the step move it by ``change(right step, z)``?"""

    def seen(candidate):
        start = _leaf().detach()
        moved = _after(candidate, _leaf(), 0.3)[0] - start
        return agrees(moved, change(_right((5, 3), 0, 0.3)[0] - start, start))

    return seen


def _fresh_is_right(candidate) -> bool:
    return agrees(_after(candidate, _leaf(), 0.3)[0], _right((5, 3), 0, 0.3)[0])


def _accumulates(candidate) -> bool:
    """Right from a fresh z; with an old gradient in the way, off by just that gradient."""
    old = normal(5, 3, seed=9)
    found = _after(candidate, _leaf(grad=old.clone()), 0.3)[0]
    return _fresh_is_right(candidate) and agrees(found, _right((5, 3), 0, 0.3)[0] + 0.3 * old)


def _does_not_move(candidate) -> bool:
    return torch.equal(_after(candidate, _leaf(), 0.3)[0], _leaf().detach())


def _fixed_step(candidate) -> bool:
    small, large = (_after(candidate, _leaf(), size)[0] for size in (0.1, 0.3))
    return torch.equal(small, large) and not torch.equal(small, _leaf().detach())


def _loses_gradient(candidate) -> bool:
    z = _leaf()
    candidate(z, _score, 0.3)
    return not (z.requires_grad and z.is_leaf)


def _keeps_graph(candidate) -> bool:
    value = _after(candidate, _leaf())[1]
    return value.requires_grad and agrees(value, _score(_leaf()).detach())


def _calls_backward_on_the_batch(candidate) -> bool:
    try:
        candidate(_leaf(), _score)
    except RuntimeError as error:
        return "only for scalar outputs" in str(error)
    return False


def _wants_an_old_gradient(candidate) -> bool:
    """Right with a gradient in ``z.grad``, but it fails without one?"""
    found = _after(candidate, _leaf(grad=torch.ones(5, 3)), 0.3)[0]
    try:
        candidate(_leaf(), _score)
    except (AttributeError, TypeError):
        return agrees(found, _right((5, 3), 0, 0.3)[0])
    return False


def _clears_too_late(candidate) -> bool:
    """Did a gradient arrive, and yet nothing was there when z was to be moved?"""
    z, arrived = _leaf(), []
    z.register_hook(lambda gradient: arrived.append(True))
    try:
        candidate(z, _score, 0.3)
    except (AttributeError, TypeError):
        return bool(arrived) and z.grad is None
    empty = z.grad is not None and not z.grad.any()
    return bool(arrived) and empty and torch.equal(z.detach(), _leaf().detach())


def _scores_after(candidate) -> bool:
    z = _leaf()
    value = candidate(z, _score, 0.3)
    return agrees(value, _score(z.detach())) and _fresh_is_right(candidate)


def _returns_z(candidate) -> bool:
    z = _leaf()
    return agrees(candidate(z, _score, 0.3), z.detach()) and _fresh_is_right(candidate)


def _normalised(candidate) -> bool:
    def units(x):
        return x / x.norm(dim=1, keepdim=True)

    start = _leaf().detach()
    mine, right = _after(candidate, _leaf(), 0.3)[0] - start, _right((5, 3), 0, 0.3)[0] - start
    whole = agrees(mine / mine.norm(), right / right.norm())
    return (agrees(units(mine), units(right)) or whole or agrees(mine, 0.3 * right.sign())) and not agrees(mine, right)


_MISTAKES = (
    Mistake(
        "no_return",
        "The function returns None. It must return the scores from before the step, so that you can watch them rise: "
        "end with `return scores.detach()`.",
        lambda c: _after(c, _leaf())[1] is None and _fresh_is_right(c),
    ),
    Mistake(
        "not_summed",
        "`backward()` is called on all scores at once, but it needs a single number. Sum them: the gradient of the sum is, row "
        "by row, the gradient of each. (With the mean each row would move less in a larger batch.)",
        _calls_backward_on_the_batch,
    ),
    Mistake(
        "no_gradient_yet",
        "It works when `z.grad` already holds a gradient, and fails on a fresh z, where it is None. Write `z.grad = None`, "
        "which is always possible, or look first: `if z.grad is not None: z.grad.zero_()`.",
        _wants_an_old_gradient,
    ),
    Mistake(
        "cleared_too_late",
        "`z.grad` is cleared between `backward()` and the step, so there is nothing to move z by. Clear it before "
        "`backward()`.",
        _clears_too_late,
    ),
    Mistake(
        "gradient_accumulates",
        "The first step is right, and then old gradients are added to new ones: `backward()` adds to what it finds in "
        "`z.grad`. Clearing the classifier's or the generator's gradients does not help, the noise keeps its own. Clear "
        "`z.grad` before `backward()`: `z.grad = None`, or `z.grad.zero_()` where there is one.",
        _accumulates,
    ),
    Mistake(
        "descends",
        "The scores fall: the step goes against the gradient, as it would for a loss. A score is to rise, so the gradient is "
        "added: `z += step_size * z.grad`.",
        _moves_like(lambda step, z: -step),
    ),
    Mistake(
        "mean_over_batch",
        "Each row moves only a B-th of the way, so the same z moves less in a larger batch: the scores were averaged before "
        "`backward()`. Each row has a score of its own; the gradient of their sum is, row by row, the gradient of each.",
        _moves_like(lambda step, z: step / len(z)),
    ),
    Mistake(
        "z_not_changed",
        "After the call z is what it was. `z = z + ...` makes a new tensor and gives it the name z inside the function only. "
        "Change the tensor itself, under `torch.no_grad()`: `z += step_size * z.grad`.",
        _does_not_move,
    ),
    Mistake(
        "fixed_step",
        "Steps of size 0.1 and 0.3 move z equally far: `step_size` is not used.",
        _fixed_step,
    ),
    Mistake(
        "normalised_step",
        "The direction is right, but not the length: the gradient was scaled (to length 1, to its signs, by a factor). The "
        "step is `step_size` times the gradient as it is, so that it becomes small where the score is flat.",
        _normalised,
    ),
    Mistake(
        "graph_kept",
        "The scores that come back still carry their graph, and with it all activations of two networks, for as long as "
        "somebody keeps them. Return `scores.detach()`.",
        lambda c: _fresh_is_right(c) and _keeps_graph(c),
    ),
    Mistake(
        "returns_z",
        "z moves correctly, but z itself comes back. It was changed in place, so whoever called the function has it. Return "
        "the scores from before the step, `scores.detach()`.",
        _returns_z,
    ),
    Mistake(
        "scores_after_step",
        "z moves correctly, but the scores that come back are those after the step. Return the ones the gradient was taken "
        "of: a second forward pass only for them costs as much as the first.",
        _scores_after,
    ),
    Mistake(
        "gradient_switched_off",
        "After the step z no longer requires a gradient, so a second step fails. Change its numbers under `torch.no_grad()` "
        "and leave the tensor as it is.",
        _loses_gradient,
    ),
)


@exercise("c1w4b.noise_step", reference="course_utils.latent:noise_step", mistakes=_MISTAKES)
def verify(candidate):
    for seed, shape in enumerate(((5, 3), (1, 7), (16, 4))):
        for grad in (None, normal(*shape, seed=90 + seed)):
            z = _leaf(shape, seed, None if grad is None else grad.clone())
            before = z.detach().clone()
            for step in range(3):  # in a row, as it will be used
                expected, scores = _right_from(before, 0.2)
                value = expect_tensor("what noise_step returns", candidate(z, _score, 0.2))
                expect_close("what noise_step returns", value, scores)
                expect_true(not value.requires_grad, "The scores that come back still have a graph: detach them.")
                where = f"z after step {step + 1}" + (", with an old gradient in z.grad," if grad is not None else "")
                expect_close(where, z.detach(), expected)
                expect_true(z.requires_grad and z.is_leaf, "After the step z no longer requires a gradient.")
                before = z.detach().clone()
    z = _leaf()
    candidate(z, _score)
    expect_close("z after a step of the default size 0.1", z.detach(), _right((5, 3), 0, 0.1)[0])


def _right_from(before, size):
    z = before.clone().requires_grad_()
    scores = noise_step(z, _score, size)
    return z.detach(), scores
