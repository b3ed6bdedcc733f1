"""The check of one step of power iteration: values, the gradient of sigma, and that nothing else moves."""

import numbers

import torch
import torch.nn.functional as F

from course_utils.checks.engine import Mistake, exercise
from course_utils.checks.expect import Wrong, describe, expect_close, expect_shape, expect_true
from course_utils.checks.functions import normal
from course_utils.checks.probes import agrees

SHAPES = ((5, 3), (3, 7), (4, 4), (1, 6), (4, 2, 3, 3), (3, 1, 2, 5))


def _case(shape, seed=0, dtype=torch.float32):
    """A weight that can learn, and a vector of length 1."""
    weight = normal(*shape, seed=seed).to(dtype).requires_grad_()
    return weight, F.normalize(normal(shape[0], seed=seed + 50).to(dtype), dim=0)


def _step(weight, u):
    """(sigma, new u, v), of a weight as a matrix."""
    matrix = weight.detach().flatten(1)
    v = F.normalize(matrix.T @ u, dim=0)
    u = F.normalize(matrix @ v, dim=0)
    return u @ matrix @ v, u, v


def _pair(what, found):
    if not isinstance(found, tuple | list) or len(found) != 2:
        raise Wrong(f"{what} must return two things, sigma and the new u, but it returns {describe(found)}.")
    return found


# --- ways of getting it wrong -----------------------------------------------------------------------------------------

_MATRICES = tuple(_case(shape, seed) for seed, shape in enumerate(((5, 3), (3, 7), (4, 4))))
_CONVOLUTIONS = tuple(_case(shape, seed) for seed, shape in enumerate(((4, 2, 3, 3), (3, 2, 2, 5))))


def _call(candidate, case):
    return candidate(case[0].detach().clone().requires_grad_(), case[1].clone())


def _values_are(*variants, cases=_MATRICES):
    """A probe: for matrices, does the candidate return what one of these gives? None stands for any value."""

    def matches(got, wanted):
        return all(b is None or agrees(a, b) for a, b in zip(got, wanted, strict=True))

    def seen(candidate):
        found = [_call(candidate, case) for case in cases]
        for variant in variants:
            wanted = [variant(weight.detach().flatten(1), u) for weight, u in cases]
            if all(matches(_pair("", got), want) for got, want in zip(found, wanted, strict=True)):
                return True
        return False

    return seen


def _right(matrix, u):
    return _step(matrix, u)[:2]


def _no_lengths(matrix, u):
    v = matrix.T @ u
    u = matrix @ v
    return u @ matrix @ v, None


def _v_as_it_is(matrix, u):
    v = matrix.T @ u
    u = F.normalize(matrix @ v, dim=0)
    return u @ matrix @ v, u


def _u_as_it_is(matrix, u):
    v = F.normalize(matrix.T @ u, dim=0)
    u = matrix @ v
    return u @ matrix @ v, u


def _only_u_long(matrix, u):
    sigma, _, v = _step(matrix, u)
    return sigma, matrix @ v


def _stale(matrix, u):
    _, new, v = _step(matrix, u)
    return u @ matrix @ v, new


def _squared(matrix, u):
    sigma, new, _ = _step(matrix, u)
    return sigma**2, new


def _squared_through_transpose(matrix, u):
    new = _step(matrix, u)[1]
    return new @ matrix @ matrix.T @ new, new


def _exact(matrix, u):
    return torch.linalg.matrix_norm(matrix, 2), None


def _frobenius(matrix, u):
    return matrix.norm(), None


def _old_u(matrix, u):
    return _right(matrix, u)[0], u


def _ends_exchanged(matrix, u):
    _, new, v = _step(matrix, u)
    return v @ matrix @ new, new


def _second_v(matrix, u):
    sigma, _, v = _step(matrix, u)
    return sigma, v


def _transposed(candidate):
    """On a square matrix, does it work with W where W^T belongs, or the other way round, once or twice?"""
    weight, u = _MATRICES[2]
    matrix = weight.detach()
    new = _call(candidate, (weight, u))[1]

    def found(first, second):
        return agrees(new, F.normalize(second @ F.normalize(first @ u, dim=0), dim=0))

    return found(matrix, matrix.T) or found(matrix, matrix) or found(matrix.T, matrix.T)


def _fails_with(kind, text):
    def seen(candidate):
        try:
            _call(candidate, _MATRICES[0])
        except kind as error:
            return text in str(error)
        return False

    return seen


def _changes(index):
    def seen(candidate):
        for case in (*_MATRICES, *_CONVOLUTIONS):
            given = [case[0].detach().clone(), case[1].clone()]
            candidate(given[0].requires_grad_() if index else given[0], given[1])
            if not torch.equal(given[index].detach(), case[index].detach()):
                return True
        return False

    return seen


def _swapped(candidate):
    u, sigma = _pair("", _call(candidate, _MATRICES[0]))
    return agrees(sigma, _right(*_MATRICES[0])[0].detach()) and agrees(u, _right(*_MATRICES[0])[1])


def _only_matrices(candidate):
    if not _values_are(_right)(candidate):
        return False
    try:
        return not _values_are(_right, cases=_CONVOLUTIONS)(candidate)
    except Exception:  # noqa: BLE001 - it fails on four dimensions, whatever way
        return True


def _no_graph(candidate):
    sigma, _ = _pair("", _call(candidate, _MATRICES[0]))
    return isinstance(sigma, numbers.Number) or (isinstance(sigma, torch.Tensor) and not sigma.requires_grad)


def _graph_through_u(candidate):
    """Is the value right, but u carries a graph, or the gradient is another than u v^T?"""
    if not _values_are(_right)(candidate):
        return False
    weight, u = _MATRICES[0]
    sigma, new = candidate(weight, u.clone())
    _, right, v = _step(weight, u)
    (gradient,) = torch.autograd.grad(sigma, weight)
    return new.requires_grad or not agrees(gradient, torch.outer(right, v))


_MISTAKES = (
    Mistake(
        "no_return",
        "The function returns None: its last line needs a `return sigma, u`.",
        lambda c: _call(c, _MATRICES[0]) is None,
    ),
    Mistake(
        "one_result",
        "One thing comes back, but two are asked for: `return sigma, u`. Without the new `u` the next call would "
        "have to start from the old guess again, and would never get beyond one step.",
        lambda c: isinstance(_call(c, _MATRICES[0]), torch.Tensor | float),
    ),
    Mistake(
        "swapped_results",
        "The two results come in the wrong order. The docstring says `sigma` first, then the new `u`.",
        _swapped,
    ),
    Mistake(
        "changes_u",
        "The function writes into the `u` it was given (`copy_`, `out=`, or an operation ending in _). Whoever "
        "called it decides whether the new guess is kept: in evaluation mode it is not. Compute a new tensor.",
        _changes(1),
    ),
    Mistake(
        "transposed",
        "W and its transpose have changed places. `weight` has a row for each output, so `u` (out,) is multiplied by "
        "the transpose, `matrix.T @ u`, and `v`, which has as many numbers as the layer has inputs, by the matrix "
        "itself.",
        _transposed,
    ),
    Mistake(
        "normalise_dim",
        "`F.normalize` runs along dimension 1 unless it is told otherwise, and a vector has dimension 0 only: "
        "`F.normalize(x, dim=0)`.",
        _fails_with(IndexError, "Dimension out of range"),
    ),
    Mistake(
        "ends_exchanged",
        "In `sigma` the two vectors have changed places: `u` has a number for each output, a row of the matrix, `v` one for "
        "each input. `u @ matrix @ v`.",
        _values_are(_ends_exchanged, cases=_MATRICES[2:]),
    ),
    Mistake(
        "not_flattened",
        "Right for matrices, but not for a convolution's weight (out, in, k, k). Each of its `out` filters is one row: "
        "`weight.flatten(1)` gives (out, in * k * k).",
        _only_matrices,
    ),
    Mistake(
        "not_normalised",
        "A vector is not brought to length 1 after it was multiplied. `sigma = u^T W v` is the stretch of W only for "
        "vectors of length 1, and repeated steps would let an unnormalised one grow or vanish. `F.normalize(x, "
        "dim=0)`, for v and for u.",
        _values_are(_no_lengths, _v_as_it_is, _u_as_it_is, _only_u_long),
    ),
    Mistake(
        "stale_u",
        "`sigma` is computed with the old `u`, before it was brought up to date. The estimate lags half a step "
        "behind: use the new `u` and the new `v` together.",
        _values_are(_stale),
    ),
    Mistake(
        "squared",
        "`sigma` is the square of what is asked for. W^T W and W W^T stretch by the square of the singular value; "
        "`u @ matrix @ v` applies W once.",
        _values_are(_squared, _squared_through_transpose),
    ),
    Mistake(
        "returns_old_u",
        "`sigma` is right, but the `u` that comes back is the one that was given, so repeated steps would stay where they "
        "are. Return the new one, which was computed from `v`.",
        _values_are(_old_u),
    ),
    Mistake(
        "returns_v",
        "`sigma` is right, but the vector that comes back is `v`, which has one number for each input. The next step "
        "needs the new `u`, one for each output.",
        _values_are(_second_v),
    ),
    Mistake(
        "exact_value",
        "This is the exact singular value, by a decomposition. It is what repeated steps approach, but at every "
        "forward pass it would cost many times as much as two products of a matrix and a vector. One step is asked "
        "for, from the given `u`.",
        _values_are(_exact),
    ),
    Mistake(
        "frobenius",
        "This is the norm of all weights together, the root of the sum of the squares of all singular values. The "
        "largest one alone is asked for: two products with the matrix, each brought to length 1.",
        _values_are(_frobenius),
    ),
    Mistake(
        "no_gradient",
        "`sigma` has no graph to the weight: it was computed under `torch.no_grad()`, detached, or turned into a "
        "number. Dividing by it would then not tell the weight that growing is of no use. Only `u` and `v` belong "
        "under `no_grad`.",
        _no_graph,
    ),
    Mistake(
        "graph_through_u",
        "The values are right, but `u` and `v` carry a graph. They count as constants: the gradient of `sigma` is to "
        "be the matrix u v^T, and the kept `u` would drag the graphs of all earlier steps along. Compute them under "
        "`torch.no_grad()`.",
        _graph_through_u,
    ),
)


@exercise("c1w3b.power_iteration", reference="course_utils.models.layers:power_iteration", mistakes=_MISTAKES)
def verify_power_iteration(candidate):
    for seed, shape in enumerate(SHAPES):
        for dtype in (torch.float32, torch.float64):
            _verify_one(candidate, shape, seed, dtype)
    weight, u = _case((6, 4), seed=3, dtype=torch.float64)
    for _ in range(300):
        sigma, u = _pair("power_iteration", candidate(weight, u))
    exact = torch.linalg.svdvals(weight.detach())[0]
    expect_close("sigma after 300 steps from one's own result", sigma, exact, rtol=1e-6)


def _verify_one(candidate, shape, seed, dtype):
    what = f"power_iteration for a weight of shape {shape}"
    weight, u = _case(shape, seed, dtype)
    weight_before, u_before = weight.detach().clone(), u.clone()
    sigma, new = _pair(what, candidate(weight, u))
    kept = torch.equal(weight.detach(), weight_before) and torch.equal(u, u_before)
    expect_true(kept, f"{what}: the function changes a tensor it was given (an in-place operation).")
    expected, right, v = _step(weight, u)
    expect_close(f"sigma of {what}", expect_shape(f"sigma of {what}", sigma, ()), expected)
    expect_close(f"the new u of {what}", new, right)
    expect_true(not new.requires_grad, f"{what}: the new u carries a graph; u and v count as constants.")
    expect_true(sigma.requires_grad, f"{what}: sigma has no graph to the weight.")
    (gradient,) = torch.autograd.grad(sigma, weight)
    expect_close(f"the gradient of sigma of {what}", gradient, torch.outer(right, v).view(shape))
