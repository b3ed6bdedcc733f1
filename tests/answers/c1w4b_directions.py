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


def weights(z, scores):
    return torch.linalg.lstsq(centred(z), centred(scores)).solution  # (latent_dim, A)


# --- regression, right -----------------------------------------------------------------------------------------------

R.right(
    lambda z, scores: torch.nn.functional.normalize(weights(z, scores).T, dim=1),
    lambda z, scores: units((torch.linalg.pinv(centred(z)) @ scores).T),
    lambda z, scores: units(torch.linalg.solve(centred(z).T @ centred(z), centred(z).T @ scores).T),
)


@R.right
def with_a_column_of_ones(z, scores):
    design = torch.cat([z, torch.ones(len(z), 1, dtype=z.dtype)], dim=1)
    solution = torch.linalg.lstsq(design, scores).solution[:-1]
    return units(solution.T)


@R.right
def with_numpy(z, scores):
    design = np.column_stack([np.ones(len(z)), z.numpy()])
    solution, *_ = np.linalg.lstsq(design, scores.numpy(), rcond=None)
    return units(torch.from_numpy(solution[1:].T.copy())).to(z.dtype)


@R.right
def one_attribute_at_a_time(z, scores):
    rows = []
    for column in scores.T:
        w = torch.linalg.lstsq(centred(z), (column - column.mean())[:, None]).solution[:, 0]
        rows.append(w / torch.sqrt((w * w).sum()))
    return torch.stack(rows)


# --- regression, named mistakes --------------------------------------------------------------------------------------

R.wrong("no_return", lambda z, scores: None)
R.wrong("transposed", lambda z, scores: units(weights(z, scores).T).T, weights)
R.wrong(
    "no_constant",
    lambda z, scores: units(torch.linalg.lstsq(z, scores).solution.T),
    lambda z, scores: units(torch.linalg.lstsq(z, centred(scores)).solution.T),
    lambda z, scores: units((torch.linalg.pinv(z) @ scores).T),
)
R.wrong(
    "not_length_one",
    lambda z, scores: weights(z, scores).T,
    lambda z, scores: weights(z, scores).T / weights(z, scores).norm(),
    lambda z, scores: weights(z, scores).T / weights(z, scores).T.abs().sum(1, keepdim=True),
)
R.wrong("normalised_across_attributes", lambda z, scores: torch.nn.functional.normalize(weights(z, scores).T, dim=0))
R.wrong(
    "covariance_only",
    lambda z, scores: units(centred(scores).T @ centred(z)),
    lambda z, scores: units(torch.cat([z, scores], 1).T.cov()[z.shape[1] :, : z.shape[1]]),
    lambda z, scores: units(torch.cat([z, scores], 1).T.corrcoef()[z.shape[1] :, : z.shape[1]]),
    lambda z, scores: units(scores.T @ z),
)
R.wrong(
    "other_way_round",
    lambda z, scores: units(torch.linalg.lstsq(centred(scores), centred(z)).solution),
    lambda z, scores: torch.linalg.lstsq(centred(scores), centred(z)).solution,
)


@R.wrong("constant_kept")
def keeps_the_constant(z, scores):
    design = torch.cat([z, torch.ones(len(z), 1, dtype=z.dtype)], dim=1)
    return units(torch.linalg.lstsq(design, scores).solution.T)


# --- regression, wrong in ways that nobody listed --------------------------------------------------------------------

R.refused(
    lambda z, scores: -units(weights(z, scores).T),
    lambda z, scores: units(weights(z[:50], scores[:50]).T),
    lambda z, scores: units(weights(z, scores).T).abs(),
    lambda z, scores: units(torch.linalg.solve(z.T @ z + 50 * torch.eye(z.shape[1]).to(z), z.T @ scores).T),
    lambda z, scores: units(weights(z, scores.sigmoid()).T),
    lambda z, scores: units(scores[: scores.shape[1], :1] * z[: scores.shape[1]]),
    lambda z: z,
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


# --- orthogonalise, named mistakes -----------------------------------------------------------------------------------


def scaled(function):
    return lambda direction, others: (lambda v: v / v.norm())(function(direction, others))


N.wrong("no_return", lambda direction, others: None)
N.wrong("not_length_one", left_over)


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
)


@N.wrong("dependent_others")
def qr_only(direction, others):
    basis, _ = torch.linalg.qr(others.T)
    return refuse_or_scale(direction - basis @ (basis.T @ direction), direction)


@N.wrong("dependent_others")
def inverts_the_products(direction, others):
    coefficients = torch.linalg.inv(others @ others.T) @ (others @ direction)
    return refuse_or_scale(direction - others.T @ coefficients, direction)


N.wrong("nothing_left", scaled(left_over), scaled(lambda d, o: left_over(d.double(), o.double()).float()))

# --- orthogonalise, wrong in ways that nobody listed -----------------------------------------------------------------

N.refused(
    lambda d, o: d / d.norm(),
    scaled(lambda d, o: -left_over(d, o)),
    scaled(lambda d, o: d - o.mean(0)),
    scaled(lambda d, o: d - o.sum(0)),
    lambda d, o: refuse_or_scale(left_over(d, o), d).unsqueeze(0),
    lambda d, o: torch.zeros_like(d),
)
