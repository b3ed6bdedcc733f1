"""Checks of ``direction_by_regression`` and ``orthogonalise``: on problems whose answer is known."""

import torch

from course_utils.checks.engine import Mistake, exercise
from course_utils.checks.expect import Wrong, expect_close, expect_shape, expect_true
from course_utils.checks.functions import changes_input, normal
from course_utils.checks.probes import agrees
from course_utils.latent import direction_by_regression, orthogonalise


def _regression(n=200, width=6, attributes=3, seed=0, noise=0.5, ridge=0.4):
    """z with a mean and correlated columns, scores with a constant and noise. Float64, so that ways of solving agree."""
    mixing = torch.eye(width, dtype=torch.float64) + 0.6 * normal(width, width, seed=seed).double()
    z = normal(n, width, seed=seed + 1).double() @ mixing + 2 * normal(width, seed=seed + 2).double()
    weights = normal(width, attributes, seed=seed + 3).double()
    scores = z @ weights + 3 + noise * normal(n, attributes, seed=seed + 4).double()
    return z, scores, ridge


_PROBLEMS = (_regression(), _regression(120, 4, 1, 20, ridge=0.0), _regression(300, 9, 5, 40, ridge=0.1))


def _given(*case) -> list:
    """Copies for the candidate: what it does to them in place must not spoil the next attempt."""
    return [x.clone() if isinstance(x, torch.Tensor) else x for x in case]


def _unit(rows):
    return rows / rows.norm(dim=1, keepdim=True)


def _centred(x):
    return x - x.mean(dim=0)


def _solve(z, s, ridge, n=None):
    n = len(z) if n is None else n
    eye = ridge * torch.eye(z.shape[1], dtype=z.dtype)
    return torch.linalg.solve(z.T @ z / n + eye, z.T @ s / n).T


def _looks_like(wrong, tolerance=1e-3):
    def seen(candidate):
        pairs = [(candidate(*_given(z, s, r)), wrong(z, s, r)) for z, s, r in (_PROBLEMS[0], _PROBLEMS[2])]
        return all(agrees(value.double(), expected, tolerance) for value, expected in pairs)

    return seen


def _any_of(*wrongs):
    probes = [_looks_like(wrong) for wrong in wrongs]
    return lambda candidate: any(probe(candidate) for probe in probes)


def _constant_penalised(z, scores, ridge):
    ones = torch.ones(len(z), 1, dtype=z.dtype)
    return _unit(_solve(torch.cat([z, ones], dim=1), scores, ridge)[:, :-1])


def _of_default_ridge(candidate) -> bool:
    """Right for every ridge that is given, but not without one?"""
    if not _looks_like(direction_by_regression, 1e-4)(candidate):
        return False
    z, scores, _ = _PROBLEMS[0]
    return not agrees(candidate(*_given(z, scores)).double(), direction_by_regression(z, scores), 1e-3)


_REGRESSION_MISTAKES = (
    Mistake(
        "no_return",
        "The function returns None: its last line needs a `return`.",
        lambda c: c(*_given(*_PROBLEMS[0])) is None,
    ),
    Mistake(
        "changes_input",
        "z or the scores are changed (a name ending in _, or an operation like `-=`). Whoever called the function still needs "
        "them; write `z - z.mean(dim=0)`, which makes a new tensor.",
        changes_input(*_PROBLEMS[0]),
    ),
    Mistake(
        "transposed",
        "The directions stand in columns. One row is one direction, (A, latent_dim): transpose before you return.",
        lambda c: tuple(c(*_given(*_PROBLEMS[0])).shape) == (6, 3),
    ),
    Mistake(
        "no_constant",
        "The regression has no constant, so a score that is large everywhere is explained by the mean of z. Subtract "
        "the mean from z and from the scores first, or add a column of ones and leave its weight out at the end.",
        _any_of(
            lambda z, s, r: _unit(_solve(z, s, r)),
            lambda z, s, r: _unit(_solve(z, _centred(s), r)),
            lambda z, s, r: _solve(z, s, r),
            lambda z, s, r: _unit(_solve(z, s, 0.0)),
        ),
    ),
    Mistake(
        "constant_penalised",
        "The ridge also shrinks the weight of the constant, so what is missing from it is explained by the mean of z. Leave "
        "the constant out of the penalty: subtract the means, or put a 0 into the last place of the ridge's diagonal.",
        _looks_like(_constant_penalised),
    ),
    Mistake(
        "not_length_one",
        "The directions are right, but not of length 1: their lengths say how steep a score is, and a step of 3 would mean "
        "something else for each attribute. Divide each by its own length.",
        _any_of(
            lambda z, s, r: _solve(_centred(z), _centred(s), r),
            lambda z, s, r: (lambda w: w / w.norm())(_solve(_centred(z), _centred(s), r)),
            lambda z, s, r: (lambda w: w / w.abs().sum(1, keepdim=True))(_solve(_centred(z), _centred(s), r)),
            lambda z, s, r: (lambda w: w / w.abs().amax(1, keepdim=True))(_solve(_centred(z), _centred(s), r)),
            lambda z, s, r: (lambda w: w / w.square().sum(1, keepdim=True))(_solve(_centred(z), _centred(s), r)),
        ),
    ),
    Mistake(
        "normalised_across_attributes",
        "The lengths were taken over the wrong dimension: each component was divided by its length over the attributes. "
        "One direction, over all its latent components, has length 1.",
        _looks_like(lambda z, s, r: (lambda w: w / w.norm(dim=0, keepdim=True))(_solve(_centred(z), _centred(s), r))),
    ),
    Mistake(
        "ridge_ignored",
        "The result is the same for every ridge: `ridge` is not used. Components of z that hardly vary can then get weights so "
        "large that a step along the direction changes little else. Add `ridge * torch.eye(latent_dim)` to the covariance.",
        _any_of(
            lambda z, s, r: _unit(_solve(_centred(z), _centred(s), 0.0)),
            lambda z, s, r: _unit(_solve(_centred(z), _centred(s), 0.1)),
        ),
    ),
    Mistake(
        "ridge_not_averaged",
        "The ridge is added to a sum over N rows instead of a mean, so it weighs less the more rows there are. Divide "
        "both covariances by N.",
        _looks_like(lambda z, s, r: _unit(_solve(_centred(z), _centred(s), r, n=1))),
    ),
    Mistake(
        "covariance_only",
        "These are covariances of z with the scores, not weights of a regression. The two point the same way only when the "
        "columns of z are uncorrelated and equally wide, as they are in a large normal sample but not in yours. Solve for the "
        "weights: `torch.linalg.solve(covariance + ridge * eye, ...)`.",
        _any_of(
            lambda z, s, r: _unit(_centred(s).T @ _centred(z)),
            lambda z, s, r: _unit(s.T @ z),
            lambda z, s, r: _unit((_centred(s) / s.std(0)).T @ (_centred(z) / z.std(0))),
        ),
    ),
    Mistake(
        "other_way_round",
        "z was predicted from the scores. What is wanted is the direction in z along which a score grows, so the scores are "
        "predicted from z.",
        _any_of(
            lambda z, s, r: _unit(_solve(_centred(s), _centred(z), r).T),
            lambda z, s, r: _unit(_solve(_centred(s), _centred(z), 0.0).T),
            lambda z, s, r: _solve(_centred(s), _centred(z), r).T,
        ),
    ),
    Mistake(
        "constant_kept",
        "The weight of the constant is among the latent components: the directions have one number too many.",
        lambda c: tuple(c(*_given(*_PROBLEMS[0])).shape) == (3, 7),
    ),
    Mistake(
        "standardised",
        "The columns of z were divided by their standard deviations, so the weights belong to other coordinates than those in "
        "which z is moved. Subtract the mean only.",
        _any_of(
            lambda z, s, r: _unit(_solve(_centred(z) / z.std(0), _centred(s), r)),
            lambda z, s, r: _unit(_solve(_centred(z) / z.std(0, correction=0), _centred(s), r)),
        ),
    ),
    Mistake(
        "n_minus_1",
        "The covariance of z is divided by N - 1, as `torch.cov` does by default, so the ridge has not quite the weight that "
        "the docstring gives it. Divide both covariances by N: `correction=0`.",
        _looks_like(lambda z, s, r: _unit(_solve(_centred(z), _centred(s), r * (len(z) - 1) / len(z))), 1e-6),
    ),
    Mistake(
        "default_ridge",
        "Right whenever a ridge is given, but not without one: the default is 0.1. Keep the signature as it was given.",
        _of_default_ridge,
    ),
)


@exercise(
    "c1w4b.direction_by_regression",
    reference="course_utils.latent:direction_by_regression",
    mistakes=_REGRESSION_MISTAKES,
)
def verify_regression(candidate):
    for z, scores, ridge in _PROBLEMS:
        given = _given(z, scores, ridge)
        found = expect_shape("the directions", candidate(*given), (scores.shape[1], z.shape[1]))
        unchanged = torch.equal(z, given[0]) and torch.equal(scores, given[1])
        expect_true(unchanged, "direction_by_regression changes a tensor that it was given.")
        what = f"the directions with a ridge of {ridge}"
        expect_close(what, found.double(), direction_by_regression(z, scores, ridge), rtol=1e-3, atol=1e-4)
    z, scores, _ = _regression(400, 5, 2, 60)
    what, expected = "the directions without a ridge given", direction_by_regression(z, scores)
    expect_close(what, candidate(*_given(z, scores)), expected, rtol=1e-3, atol=1e-4)
    found = candidate(z.float(), scores.float(), 0.1)
    expect_close("the directions of float32 data", found, expected, rtol=1e-2, atol=1e-3)


# --- orthogonalise ---------------------------------------------------------------------------------------------------


def _vectors(width=7, others=3, seed=0):
    """A direction, and others of different lengths at slanted angles to each other and to it."""
    shared = normal(width, seed=seed).double()
    lengths = torch.linspace(0.5, 3.0, others, dtype=torch.float64)[:, None]
    slanted = lengths * (normal(others, width, seed=seed + 2) + shared)
    return normal(width, seed=seed + 1) + 0.5 * shared, slanted  # float64, so that ways of solving agree


_VECTORS = (_vectors(), _vectors(5, 1, 10), _vectors(12, 6, 20), _vectors(4, 2, 30))


def _one_by_one(direction, others):
    for other in others:
        direction = direction - (direction @ other) / (other @ other) * other
    return direction


def _at_once(direction, others):
    units = _unit(others)
    return direction - units.T @ (units @ direction)


def _without_lengths(direction, others):
    return direction - others.T @ (others @ direction)


def _without_lengths_one_by_one(direction, others):
    for other in others:
        direction = direction - (direction @ other) * other
    return direction


def _part_inside(direction, others):
    return direction - _left(direction, others)


def _left(direction, others):
    """The part at right angles, with the length it has."""
    basis, _ = torch.linalg.qr(others.T)
    return direction - basis @ (basis.T @ direction)


def _vector_like(*wrongs, cases=_VECTORS):
    """A probe: the same vector in every case as one of these, whatever length it was given."""

    def seen(candidate):
        found = [candidate(*_given(*case)) for case in cases]

        def same(wrong):
            expected = [wrong(d, o) for d, o in cases]
            plain = all(agrees(f, e, 1e-3) for f, e in zip(found, expected, strict=True))
            return plain or all(agrees(f, e / e.norm(), 1e-3) for f, e in zip(found, expected, strict=True))

        return any(same(wrong) for wrong in wrongs)

    return seen


def _right_for(candidate, cases) -> bool:
    return all(agrees(candidate(*_given(*case)), orthogonalise(*case), 1e-3) for case in cases)


def _refusal(candidate):
    """What the candidate raises for a direction in the space of the others, or None."""
    _, others = _vectors()
    try:
        candidate(others.sum(dim=0), others)
    except Exception as error:  # noqa: BLE001 - a candidate may raise anything
        return error
    return None


def _does_not_refuse(candidate) -> bool:
    return _right_for(candidate, _VECTORS[:1]) and _refusal(candidate) is None


def _raises_otherwise(candidate) -> bool:
    error = _refusal(candidate)
    return error is not None and not isinstance(error, ValueError) and _right_for(candidate, _VECTORS)


def _refuses_short_ones(candidate) -> bool:
    """Right for long directions, but a short one is refused?"""
    try:
        candidate(*_short())
    except ValueError:
        return _right_for(candidate, (*_VECTORS, _dependent()))
    return False


def _fails_for_dependent(candidate) -> bool:
    """Right for independent others, wrong or failing when one of them is a copy of another."""
    if not _right_for(candidate, _VECTORS):
        return False
    try:
        return not _right_for(candidate, (_dependent(),))
    except (RuntimeError, ValueError, ArithmeticError):
        return True


def _short():
    direction, others = _vectors()
    return 1e-7 * direction, others


def _dependent():
    direction, others = _vectors()
    return direction, torch.cat([others, others[:1] * 2, others[:1] + others[1:2]])


_ORTHOGONAL_MISTAKES = (
    Mistake(
        "no_return",
        "The function returns None: its last line needs a `return`.",
        lambda c: c(*_vectors()) is None,
    ),
    Mistake(
        "changes_input",
        "The direction or the others are changed (a name ending in _, or an operation like `-=`). Whoever called the function "
        "still needs them: write `direction = direction - ...`, which makes a new tensor.",
        changes_input(*_vectors()),
    ),
    Mistake(
        "not_length_one",
        "The vector is at right angles to the others, but its length is not 1: what was subtracted is missing. Divide by "
        "its norm, or a step along it is shorter than one along other directions.",
        lambda c: all(agrees(c(*_given(d, o)), _left(d, o), 1e-3) for d, o in _VECTORS),
    ),
    Mistake(
        "scaled_to_the_direction",
        "The vector is at right angles to the others, but its length is not 1: it was divided by the direction's length, or "
        "brought back to it. Divide what is left by its own norm.",
        lambda c: any(
            all(agrees(c(*_given(d, o)), scaled(_left(d, o), d.norm()), 1e-3) for d, o in _VECTORS)
            for scaled in (lambda left, length: left / length, lambda left, length: left / left.norm() * length)
        ),
    ),
    Mistake(
        "lengths_of_others_ignored",
        "The projection on an other is `(d @ o) / (o @ o) * o`. Without the division it is right only for others of length 1; "
        "here they have different lengths.",
        _vector_like(_without_lengths, _without_lengths_one_by_one),
    ),
    Mistake(
        "others_not_orthogonal",
        "The projections on the single others were subtracted, in turn or all at once. With others at slanted angles that "
        "takes out too much here and puts something back there: the result is not at right angles to them. Make a "
        "basis of right angles from the others first (QR or SVD), or solve for all of them together (`lstsq`).",
        _vector_like(_one_by_one, _at_once, lambda d, o: _one_by_one(d, o.flip(0))),
    ),
    Mistake(
        "projection_returned",
        "This is the part of the direction that lies in the space of the others. The wanted one is what is left: subtract it "
        "from the direction.",
        _vector_like(_part_inside),
    ),
    Mistake(
        "only_one_removed",
        "Only one of the others (the first, the last, or their mean) was taken out. The result must be at right angles to "
        "each of them.",
        _vector_like(
            lambda d, o: _one_by_one(d, o[:1]),
            lambda d, o: _one_by_one(d, o[-1:]),
            lambda d, o: _one_by_one(d, o.mean(0, keepdim=True)),
            lambda d, o: _one_by_one(d, _unit(o).mean(0, keepdim=True)),
            cases=(_VECTORS[0], _VECTORS[2]),
        ),
    ),
    Mistake(
        "dependent_others",
        "Right as long as the others are independent. When one of them is a multiple or a sum of others (two names for one "
        "thing), the basis has a column of rounding errors, or a matrix cannot be inverted. Keep only directions "
        "with a singular value above zero, or use `pinv` or `lstsq` with a driver that allows it.",
        _fails_for_dependent,
    ),
    Mistake(
        "nothing_left",
        "A direction in the space of the others raises no ValueError. What is left of it are rounding errors, which point "
        "anywhere once they are divided by their length; zeros or None would go unnoticed. Compare the length of what is "
        "left with the direction's, and raise ValueError.",
        _does_not_refuse,
    ),
    Mistake(
        "another_error",
        "A direction in the space of the others raises, but not a ValueError, which is what whoever calls the function looks "
        "for. Compare the length of what is left with the direction's, and `raise ValueError(...)`.",
        _raises_otherwise,
    ),
    Mistake(
        "fixed_threshold",
        "A short direction is refused although most of it is left: the length of what is left is compared with a fixed "
        "number. Compare it with the direction's: `left.norm() <= 1e-6 * direction.norm()`.",
        _refuses_short_ones,
    ),
)


@exercise("c1w4b.orthogonalise", reference="course_utils.latent:orthogonalise", mistakes=_ORTHOGONAL_MISTAKES)
def verify_orthogonalise(candidate):
    for direction, others in (*_VECTORS, _dependent(), _short()):
        given = _given(direction, others)
        found = expect_shape("the direction", candidate(*given), tuple(direction.shape))
        unchanged = torch.equal(direction, given[0]) and torch.equal(others, given[1])
        expect_true(unchanged, "orthogonalise changes a tensor that it was given.")
        expect_close("the direction", found, orthogonalise(direction, others), rtol=1e-3, atol=1e-4)
    direction, others = _vectors()
    for inside in (others.sum(dim=0), others[1]):
        try:
            found = candidate(inside, others)
        except ValueError:
            continue
        raise Wrong(f"nothing of the direction is left, so ValueError is expected, but {found!r} came back.")
    found = candidate(100 * direction.float(), 0.01 * others.float())
    found = expect_shape("the direction for float32 vectors", found, tuple(direction.shape)).double()
    expect_close("a long direction with short others", found, orthogonalise(direction, others), rtol=1e-3, atol=1e-4)
