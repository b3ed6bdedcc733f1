"""Answers to the direction by regression and to orthogonalisation."""

import numpy as np
import torch

from answers import Answers

DIRECTION_BY_REGRESSION = R = Answers("c1w4b.direction_by_regression")
ORTHOGONALISE = N = Answers("c1w4b.orthogonalise")


def units(rows):
    return rows / rows.norm(dim=1, keepdim=True)


def centred(x):
    return x - x.mean(0)


def weights(z, scores, ridge, centre=centred, n=None):
    """(latent_dim, A)."""
    z, scores, n = centre(z), centre(scores), len(z) if n is None else n
    return torch.linalg.solve(z.T @ z / n + ridge * torch.eye(z.shape[1]).to(z), z.T @ scores / n)


# --- regression, right -----------------------------------------------------------------------------------------------

R.right(
    lambda z, scores, ridge=0.1: torch.nn.functional.normalize(weights(z, scores, ridge).T, dim=1),
    lambda z, scores, ridge=0.1: units(
        (torch.linalg.inv(z.T.cov(correction=0) + ridge * torch.eye(z.shape[1]).to(z)) @ centred(z).T @ scores).T
    ),
)


@R.right
def as_more_rows(z, scores, ridge=0.1):
    d = z.shape[1]
    more = torch.cat([centred(z), (ridge * len(z)) ** 0.5 * torch.eye(d).to(z)])
    targets = torch.cat([centred(scores), torch.zeros(d, scores.shape[1]).to(z)])
    return units(torch.linalg.lstsq(more, targets).solution.T)


@R.right
def with_numpy(z, scores, ridge=0.1):
    x, y = z.numpy().astype(float), scores.numpy().astype(float)
    x, y = x - x.mean(0), y - y.mean(0)
    solution = np.linalg.solve(x.T @ x + len(x) * ridge * np.eye(x.shape[1]), x.T @ y)
    return torch.from_numpy((solution / np.linalg.norm(solution, axis=0)).T.copy()).to(z.dtype)


@R.right
def one_attribute_at_a_time(z, scores, ridge=0.1):
    rows = []
    for column in scores.T:
        w = weights(z, column[:, None], ridge)[:, 0]
        rows.append(w / torch.sqrt((w * w).sum()))
    return torch.stack(rows)


@R.right
def with_a_column_of_ones(z, scores, ridge=0.1):
    design = torch.cat([z, torch.ones_like(z[:, :1])], dim=1)
    penalty = ridge * len(z) * torch.eye(design.shape[1]).to(z)
    penalty[-1, -1] = 0
    return units(torch.linalg.solve(design.T @ design + penalty, design.T @ scores)[:-1].T)


@R.right
def through_singular_values(z, scores, ridge=0.1):
    u, d, v = torch.linalg.svd(centred(z), full_matrices=False)
    shrunk = d / (d.square() + ridge * len(z))
    return units((v.T @ (shrunk[:, None] * (u.T @ centred(scores)))).T)


# --- regression, named mistakes --------------------------------------------------------------------------------------


def as_it_is(x):
    return x


R.wrong("no_return", lambda z, scores, ridge=0.1: None)
R.wrong("transposed", lambda z, s, ridge=0.1: units(weights(z, s, ridge).T).T, weights)
R.wrong(
    "no_constant",
    lambda z, s, ridge=0.1: units(weights(z, s, ridge, as_it_is).T),
    lambda z, s, ridge=0.1: units(weights(z, centred(s), ridge, as_it_is).T),
    lambda z, s, ridge=0.1: units(torch.linalg.lstsq(z, s).solution.T),
)


@R.wrong("constant_penalised")
def shrinks_the_constant(z, scores, ridge=0.1):
    design = torch.cat([z, torch.ones_like(z[:, :1])], dim=1)
    return units(weights(design, scores, ridge, as_it_is)[:-1].T)


R.wrong(
    "changes_input",
    lambda z, s, ridge=0.1: units(weights(z.sub_(z.mean(0)), s, ridge).T),
    lambda z, s, ridge=0.1: units(weights(z, s.sub_(s.mean(0)), ridge).T),
)
R.wrong(
    "not_length_one",
    lambda z, s, ridge=0.1: weights(z, s, ridge).T,
    lambda z, s, ridge=0.1: weights(z, s, ridge).T / weights(z, s, ridge).norm(),
    lambda z, s, ridge=0.1: weights(z, s, ridge).T / weights(z, s, ridge).T.abs().sum(1, keepdim=True),
    lambda z, s, ridge=0.1: weights(z, s, ridge).T / weights(z, s, ridge).T.abs().amax(1, keepdim=True),
    lambda z, s, ridge=0.1: weights(z, s, ridge).T / weights(z, s, ridge).T.square().sum(1, keepdim=True),
)
R.wrong(
    "normalised_across_attributes",
    lambda z, s, ridge=0.1: torch.nn.functional.normalize(weights(z, s, ridge).T, dim=0),
)
R.wrong(
    "ridge_ignored",
    lambda z, s, ridge=0.1: units(torch.linalg.lstsq(centred(z), centred(s)).solution.T),
    lambda z, s, ridge=0.1: units(weights(z, s, 0.0).T),
    lambda z, s, ridge=0.1: units(weights(z, s, 0.1).T),
)
R.wrong("ridge_not_averaged", lambda z, s, ridge=0.1: units(weights(z, s, ridge, n=1).T))
R.wrong(
    "covariance_only",
    lambda z, s, ridge=0.1: units(centred(s).T @ centred(z)),
    lambda z, s, ridge=0.1: units(torch.cat([z, s], 1).T.cov()[z.shape[1] :, : z.shape[1]]),
    lambda z, s, ridge=0.1: units(torch.cat([z, s], 1).T.corrcoef()[z.shape[1] :, : z.shape[1]]),
    lambda z, s, ridge=0.1: units(s.T @ z),
)
R.wrong(
    "other_way_round",
    lambda z, s, ridge=0.1: units(torch.linalg.lstsq(centred(s), centred(z)).solution),
    lambda z, s, ridge=0.1: units(weights(s, z, ridge)),
)


@R.wrong("constant_kept")
def keeps_the_constant(z, scores, ridge=0.1):
    design = torch.cat([z, torch.ones(len(z), 1, dtype=z.dtype)], dim=1)
    return units(weights(design, scores, ridge, as_it_is).T)


R.wrong("standardised", lambda z, s, ridge=0.1: units(weights(centred(z) / z.std(0), s, ridge).T))
R.wrong(
    "n_minus_1",
    lambda z, s, ridge=0.1: units(weights(z, s, ridge, n=len(z) - 1).T),
    lambda z, s, ridge=0.1: units(
        torch.linalg.solve(z.T.cov() + ridge * torch.eye(z.shape[1]).to(z), centred(z).T @ s).T
    ),
)
R.wrong(
    "default_ridge",
    lambda z, s, ridge=1.0: units(weights(z, s, ridge).T),
    lambda z, s, ridge=0.0: units(weights(z, s, ridge).T),
)

# --- regression, wrong in ways that nobody listed --------------------------------------------------------------------

R.refused(
    lambda z, s, ridge=0.1: -units(weights(z, s, ridge).T),
    lambda z, s, ridge=0.1: units(weights(z[:50], s[:50], ridge).T),
    lambda z, s, ridge=0.1: units(weights(z, s, ridge).T).abs(),
    lambda z, s, ridge=0.1: units(weights(z, s, ridge**2).T),
    lambda z, s, ridge=0.1: units(weights(z, s.sigmoid(), ridge).T),
    lambda z, s, ridge=0.1: units(weights(z - z.mean(), s, ridge, as_it_is).T),
    lambda z, s, ridge=0.1: z,
)

# --- orthogonalise, right --------------------------------------------------------------------------------------------


def left_over(direction, others):
    coefficients = torch.linalg.pinv(others.T) @ direction
    return direction - others.T @ coefficients


def refuse_or_scale(left, direction):
    if left.norm() <= 1e-6 * direction.norm():
        raise ValueError("nothing is left")
    return left / left.norm()


@N.right
def with_pinv(direction, others):
    return refuse_or_scale(left_over(direction.double(), others.double()), direction).float()


@N.right
def with_gram_schmidt(direction, others):
    d, basis = direction.double(), []
    for other in others.double():
        rest = other
        for _ in range(2):
            for b in basis:
                rest = rest - (rest @ b) * b
        if rest.norm() > 1e-6 * other.norm():
            basis.append(rest / rest.norm())
    for _ in range(2):
        for b in basis:
            d = d - (d @ b) * b
    return refuse_or_scale(d, direction).float()


@N.right
def with_the_null_space(direction, others):
    _, strengths, vectors = torch.linalg.svd(others.double(), full_matrices=True)
    rank = int((strengths > 1e-6 * strengths[0]).sum())
    free = vectors[rank:]
    return refuse_or_scale(free.T @ (free @ direction.double()), direction).float()


@N.right
def with_least_squares(direction, others):
    coefficients = torch.linalg.lstsq(others.T.double(), direction[:, None].double(), driver="gelsd").solution
    return refuse_or_scale(direction - (others.T.double() @ coefficients)[:, 0], direction).to(direction.dtype)


@N.right
def with_eigenvectors(direction, others):
    values, vectors = torch.linalg.eigh(others.double().T @ others.double())
    basis = vectors[:, values > 1e-10 * values.max()]
    return refuse_or_scale(direction - basis @ (basis.T @ direction.double()), direction).to(direction.dtype)


# --- orthogonalise, named mistakes -----------------------------------------------------------------------------------


def scaled(function):
    return lambda direction, others: (lambda v: v / v.norm())(function(direction, others))


N.wrong("no_return", lambda direction, others: None)
N.wrong("not_length_one", left_over)
N.wrong(
    "scaled_to_the_direction",
    lambda d, o: refuse_or_scale(left_over(d, o), d) * d.norm(),
    lambda d, o: left_over(d, o) / d.norm(),
)


@N.wrong("changes_input")
def subtracts_in_place(direction, others):
    before = direction.clone()
    for other in others:
        direction -= (direction @ other) / (other @ other) * other
    return refuse_or_scale(direction, before)


@N.wrong("changes_input")
def scales_the_others_in_place(direction, others):
    others /= others.norm(dim=1, keepdim=True)
    return refuse_or_scale(left_over(direction, others), direction)


@N.wrong("not_length_one")
def qr_without_scaling(direction, others):
    basis, _ = torch.linalg.qr(others.T)
    return direction - basis @ (basis.T @ direction)


def one_by_one(direction, others):
    for other in others:
        direction = direction - (direction @ other) / (other @ other) * other
    return direction


def at_once(direction, others):
    return direction - sum((direction @ o) / (o @ o) * o for o in others)


N.wrong("others_not_orthogonal", scaled(one_by_one), scaled(at_once), one_by_one)
N.wrong(
    "lengths_of_others_ignored",
    scaled(lambda d, o: d - o.T @ (o @ d)),
    lambda d, o: d - o.T @ (o @ d),
)


@N.wrong("lengths_of_others_ignored")
@scaled
def without_division(direction, others):
    for other in others:
        direction = direction - (direction @ other) * other
    return direction


N.wrong("projection_returned", lambda d, o: d - left_over(d, o), scaled(lambda d, o: d - left_over(d, o)))
N.wrong(
    "only_one_removed",
    scaled(lambda d, o: one_by_one(d, o[:1])),
    scaled(lambda d, o: one_by_one(d, o[-1:])),
    scaled(lambda d, o: one_by_one(d, o.mean(0, keepdim=True))),
    scaled(lambda d, o: one_by_one(d, o.sum(0, keepdim=True))),
)


@N.wrong("dependent_others")
def qr_only(direction, others):
    basis, _ = torch.linalg.qr(others.T)
    return refuse_or_scale(direction - basis @ (basis.T @ direction), direction)


@N.wrong("dependent_others")
def inverts_the_products(direction, others):
    coefficients = torch.linalg.inv(others @ others.T) @ (others @ direction)
    return refuse_or_scale(direction - others.T @ coefficients, direction)


@N.wrong("dependent_others")
def solves_with_the_products(direction, others):
    coefficients = torch.linalg.solve(others @ others.T, others @ direction)
    return refuse_or_scale(direction - coefficients @ others, direction)


N.wrong("nothing_left", scaled(left_over), scaled(lambda d, o: left_over(d.double(), o.double()).float()))


def or_else(instead):
    """Right, but ``instead()`` says what happens when nothing is left."""

    def orthogonalise(direction, others):
        left = left_over(direction, others)
        return instead() if left.norm() <= 1e-6 * direction.norm() else left / left.norm()

    return orthogonalise


def raises(error):
    raise error


N.wrong("nothing_left", or_else(lambda: None), or_else(lambda: torch.zeros(7).double()))
N.wrong("another_error", or_else(lambda: raises(RuntimeError("nothing left"))), or_else(lambda: raises(AssertionError)))


@N.wrong("fixed_threshold")
def compares_with_a_number(direction, others):
    left = left_over(direction, others)
    if left.norm() < 1e-6:
        raise ValueError("nothing is left")
    return left / left.norm()


# --- orthogonalise, wrong in ways that nobody listed -----------------------------------------------------------------

N.refused(
    lambda d, o: d / d.norm(),
    scaled(lambda d, o: -left_over(d, o)),
    scaled(lambda d, o: d - o.mean(0)),
    scaled(lambda d, o: d - o.sum(0)),
    lambda d, o: refuse_or_scale(left_over(d, o), d).unsqueeze(0),
    lambda d, o: torch.zeros_like(d),
)


@R.right
def by_cholesky(z, scores, ridge=0.1):
    x, y, n = centred(z), centred(scores), len(z)
    a = x.t().mm(x).div(n) + ridge * torch.eye(z.shape[1]).type_as(z)
    return torch.nn.functional.normalize(torch.cholesky_solve(x.t().mm(y) / n, torch.linalg.cholesky(a)).t(), dim=1)


def by_rows(z):
    return z - z.mean(1, keepdim=True)


R.wrong("no_constant", lambda z, s, ridge=0.1: units(weights(by_rows(z), centred(s), ridge, as_it_is).T))
R.wrong(
    "rows_and_columns",
    lambda z, s, ridge=0.1: units(
        torch.linalg.solve(centred(z) @ centred(z).T / len(z) + ridge * torch.eye(z.shape[1]).to(z), centred(z).T @ s).T
    ),
)


@R.right
def an_identity_on_the_cpu(z, scores, ridge=0.1):
    a = centred(z).T @ centred(z) / len(z) + ridge * torch.eye(z.shape[1])
    return units(torch.linalg.solve(a, centred(z).T @ scores / len(z)).T)


@N.wrong("others_not_orthogonal")
def one_by_one_with_a_fixed_threshold(direction, others):
    for other in others:
        direction = direction - torch.dot(direction, other) / other.norm() ** 2 * other
    if direction.norm() < 1e-6:
        raise ValueError("a message of its own")
    return direction / direction.norm()


@N.wrong("rows_and_columns")
def qr_of_the_rows(direction, others):
    basis, _ = torch.linalg.qr(others)
    return refuse_or_scale(direction - basis.T @ (basis @ direction), direction)


@N.wrong("other_threshold")
def refuses_too_much(direction, others):
    left = left_over(direction, others)
    if left.norm() < 1e-4 * direction.norm():
        raise ValueError
    return left / left.norm()


N.wrong("nothing_left", lambda d, o: torch.nn.functional.normalize(left_over(d, o), dim=0))
R.wrong("slip", lambda z, s, ridge=0.1: units(weights(z, s, ridge).T).T.reshape(s.shape[1], -1))
R.refused(
    lambda z, s, ridge=0.1: units(torch.linalg.solve(centred(z).T @ z + ridge * torch.eye(z.shape[1]).to(z), s.T @ z).T),
    lambda z, s, ridge=0.1: units(torch.linalg.solve(centred(z).T @ z + ridge * torch.eye(z.shape[1]), s.T @ z.float()).T),
)
