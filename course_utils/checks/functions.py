"""Judging a function of tensors (a loss, a penalty, a score) by its values and gradients, shared by the lessons' checks.

A *case* is a tuple of arguments. Floating-point tensors among them get a gradient; everything else is passed as it is.
"""

import numbers
from collections.abc import Callable, Iterable

import numpy as np
import torch

from course_utils.checks.engine import Mistake
from course_utils.checks.expect import expect_close, expect_shape, expect_tensor, expect_true
from course_utils.checks.probes import agrees


def normal(*shape: int, seed: int = 0, scale: float = 1.0) -> torch.Tensor:
    """Normal numbers that are the same at every call."""
    return scale * torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def learnable(case: Iterable) -> list:
    """Fresh copies of a case's tensors, the floating-point ones with ``requires_grad``."""
    copies = [x.detach().clone() if isinstance(x, torch.Tensor) else x for x in case]
    return [x.requires_grad_() if isinstance(x, torch.Tensor) and x.is_floating_point() else x for x in copies]


def value_and_gradients(what: str, function: Callable, case: Iterable) -> tuple[torch.Tensor, list]:
    """The value, and the gradient of its sum with respect to each floating-point tensor of the case (zeros if none)."""
    case = list(case)
    arguments = learnable(case)
    value = expect_tensor(what, function(*arguments))
    for given, original in zip(arguments, case, strict=True):
        kept = not isinstance(given, torch.Tensor) or torch.equal(given.detach(), original.detach())
        expect_true(kept, f"{what}: the function changes a tensor it was given (an in-place operation).")
    inputs = [x for x in arguments if isinstance(x, torch.Tensor) and x.requires_grad]
    if not value.requires_grad:
        return value, [None for _ in inputs]
    found = torch.autograd.grad(value.sum(), inputs, allow_unused=True)
    return value, [torch.zeros_like(x) if g is None else g for g, x in zip(found, inputs, strict=True)]


def expect_same(what: str, candidate: Callable, reference: Callable, cases: Iterable, gradients: bool = True) -> None:
    """The candidate must have the reference's shape, values and (unless ``gradients=False``) gradients in every case."""
    for case in cases:
        expected, wanted = value_and_gradients(what, reference, case)
        value, got = value_and_gradients(what, candidate, case)
        here = f"{what}{_for_arguments(case)}"
        expect_shape(here, value, tuple(expected.shape))
        expect_close(here, value.detach(), expected.detach())
        if not gradients or not expected.requires_grad:
            continue
        cut = "it was detached or turned into a plain number"
        expect_true(value.requires_grad, f"{here} has no gradient: {cut}.")
        for i, (mine, right) in enumerate(zip(got, wanted, strict=True)):
            expect_close(f"the gradient of {here} with respect to tensor {i + 1}", mine, right)


def _for_arguments(case: Iterable) -> str:
    """The shapes of a case's tensors and its other arguments, in words."""
    case = list(case)
    shapes = ", ".join(str(tuple(x.shape)) for x in case if isinstance(x, torch.Tensor))
    others = ", ".join(repr(x) for x in case if not isinstance(x, torch.Tensor))
    return (f" for arguments of shape {shapes}" if shapes else "") + (f", then {others}," if shapes and others else "")


def behaves_like(*wrong: Callable, cases: Iterable, factors: tuple[float, ...] = (1.0,)) -> Callable:
    """A probe: does the candidate give, in every case, what one of these wrong functions gives (times a factor)?"""
    cases = [tuple(case) for case in cases]

    def seen(candidate) -> bool:
        got = [candidate(*learnable(case)) for case in cases]

        def same(function, factor):
            pairs = zip(got, cases, strict=True)
            return all(agrees(value, factor * function(*learnable(case)).detach()) for value, case in pairs)

        return any(same(function, factor) for function in wrong for factor in factors)

    return seen


def returns_nothing(*case) -> Callable:
    return lambda candidate: candidate(*learnable(case)) is None


def not_reduced(*case) -> Callable:
    def seen(candidate) -> bool:
        value = candidate(*learnable(case))
        return isinstance(value, torch.Tensor) and value.ndim > 0

    return seen


def no_graph(*case) -> Callable:
    """A probe: is what comes back a plain number, or a tensor from which no gradient reaches any argument?"""

    def seen(candidate) -> bool:
        arguments = learnable(case)
        inputs = [x for x in arguments if isinstance(x, torch.Tensor) and x.requires_grad]
        value = candidate(*arguments)
        if isinstance(value, torch.Tensor) and value.requires_grad:
            return all(g is None for g in torch.autograd.grad(value.sum(), inputs, allow_unused=True))
        return isinstance(value, (torch.Tensor, numbers.Number, np.ndarray))

    return seen


def changes_input(*case) -> Callable:
    def seen(candidate) -> bool:
        arguments = [x.detach().clone() if isinstance(x, torch.Tensor) else x for x in case]
        candidate(*arguments)
        pairs = zip(arguments, case, strict=True)
        return any(isinstance(x, torch.Tensor) and not torch.equal(x, y.detach()) for x, y in pairs)

    return seen


def usual_mistakes(*case, scalar: bool = True) -> tuple[Mistake, ...]:
    """What can go wrong with any differentiable function: nothing returned, arguments changed, no graph, no mean."""
    mean = Mistake(
        "not_reduced",
        "The result is not a single number, which is what `backward()` and the plots need: take the mean over everything, "
        "`.mean()` without a dimension.",
        not_reduced(*case),
    )
    return (
        Mistake("no_return", "The function returns None: its last line needs a `return`.", returns_nothing(*case)),
        Mistake(
            "changes_input",
            "The function changes a tensor it was given (a name ending in _, or an operation like `+=`). "
            "Whoever called it still needs it; compute a new tensor.",
            changes_input(*case),
        ),
        *((mean,) if scalar else ()),
        Mistake(
            "no_gradient",
            "The result has no graph behind it: `.item()`, `.detach()`, `.data`, NumPy or `torch.no_grad()` cut it off, "
            "and `backward()` could not reach any weight. Return the tensor as computed.",
            no_graph(*case),
        ),
    )
