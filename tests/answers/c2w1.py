"""Answers to the exercises on evaluation, in the styles that learners write them in."""

import numpy as np
import scipy.linalg
import torch

from answers import Answers, name_cases
from course_utils.lessons.c2w1.exercises import GENERATORS, SIGNS, diagnose
from course_utils.metrics.inputs import count, feature_matrix, same_width

# --- Fréchet distance --------------------------------------------------------------------------------------------------

FRECHET = Answers("c2w1.frechet_distance")


def _moments(x):
    x = feature_matrix(x, "x")
    return x.mean(0), torch.cov(x.T)


def _with(trace):
    """An answer from means, covariances and the trace of the root that `trace` computes."""

    def frechet_distance(x, y):
        (mean_x, cov_x), (mean_y, cov_y) = _moments(x), _moments(y)
        if len(mean_x) != len(mean_y):
            raise ValueError("y: another width")
        distance = (mean_x - mean_y) @ (mean_x - mean_y) + cov_x.trace() + cov_y.trace() - 2 * trace(cov_x, cov_y)
        return max(0.0, float(distance))

    return frechet_distance


@FRECHET.right
def by_scipy(x, y):
    x, y = feature_matrix(x, "x").numpy(), feature_matrix(y, "y").numpy()
    if x.shape[1] != y.shape[1]:
        raise ValueError("y: another width")
    cov_x, cov_y = (np.cov(v, rowvar=False) for v in (x, y))
    values = scipy.linalg.eigvals(cov_x @ cov_y).real
    difference = x.mean(0) - y.mean(0)
    return max(0.0, difference @ difference + np.trace(cov_x + cov_y) - 2 * np.sqrt(values.clip(0)).sum())


def _symmetric(a, b):
    values, vectors = torch.linalg.eigh(a)
    root = vectors * values.clamp(min=0).sqrt()
    return torch.linalg.eigvalsh(root.T @ b @ root).clamp(min=0).sqrt().sum()


FRECHET.right(
    _with(lambda a, b: torch.linalg.eigvals(a @ b).real.clamp(min=0).sqrt().sum()),
    _with(lambda a, b: torch.linalg.eigvals(a @ b).sqrt().real.sum()),
    _with(_symmetric),
)


@FRECHET.right
def by_the_features_themselves(x, y):
    x, y = feature_matrix(x, "x"), feature_matrix(y, "y")
    same_width(x, y, "x", "y")
    a, b = (x - x.mean(0)) / (len(x) - 1) ** 0.5, (y - y.mean(0)) / (len(y) - 1) ** 0.5
    means = (x.mean(0) - y.mean(0)).pow(2).sum()
    distance = means + a.pow(2).sum() + b.pow(2).sum() - 2 * torch.linalg.matrix_norm(a @ b.T, "nuc")
    return distance.clamp(min=0)


FRECHET.wrong("root_of_entries", _with(lambda a, b: (a @ b).sqrt().trace()))
FRECHET.wrong("images_as_features", lambda x, y: torch.cov(feature_matrix(x, "x")) @ torch.cov(feature_matrix(y, "y")))
FRECHET.wrong(
    "needs_full_rank", _with(lambda a, b: _symmetric(torch.linalg.cholesky(a) @ torch.linalg.cholesky(a).T, b))
)
FRECHET.refused(_with(lambda a, b: 0.0), lambda x, y: 0.0)

# --- kernel distance ---------------------------------------------------------------------------------------------------

KERNEL = Answers("c2w1.kernel_distance")


@KERNEL.right
def as_matrices(x, y, degree=3, offset=1.0):
    count(degree, "degree", 1)
    x, y = feature_matrix(x, "x"), feature_matrix(y, "y")
    xx, yy, xy = ((a @ b.T / x.shape[1] + offset) ** degree for a, b in ((x, x), (y, y), (x, y)))
    n, m = len(x), len(y)
    within = (xx.sum() - xx.trace()) / (n * (n - 1)) + (yy.sum() - yy.trace()) / (m * (m - 1))
    return within - 2 * xy.mean()


@KERNEL.right
def with_a_mask(x, y, degree=3, offset=1.0):
    count(degree, "degree", 1)
    x, y = feature_matrix(x, "x"), feature_matrix(y, "y")

    def kernel(a, b):
        return (a @ b.T / a.shape[1] + offset).pow(degree)

    def different(a):
        return kernel(a, a)[~torch.eye(len(a), dtype=torch.bool)].mean()

    return float(different(x) + different(y) - 2 * kernel(x, y).mean())


@KERNEL.wrong("with_itself")
def biased(x, y, degree=3, offset=1.0):
    count(degree, "degree", 1)
    x, y = feature_matrix(x, "x"), feature_matrix(y, "y")
    return sum(s * ((a @ b.T / x.shape[1] + offset) ** degree).mean() for s, a, b in ((1, x, x), (1, y, y), (-2, x, y)))


@KERNEL.right
def in_loops(x, y, degree=3, offset=1.0):
    count(degree, "degree", 1)
    x, y = feature_matrix(x, "x"), feature_matrix(y, "y")

    def mean(a, b, skip):
        values = [
            (u @ v / len(u) + offset) ** degree for i, u in enumerate(a) for j, v in enumerate(b) if not skip or i != j
        ]
        return torch.stack(values).mean()

    return (mean(x, x, True) + mean(y, y, True) - 2 * mean(x, y, False)).item()


KERNEL.refused(lambda x, y, degree=3, offset=1.0: torch.cdist(x, y).mean(), lambda x, y, degree=3, offset=1.0: 0.0)

# --- balls -------------------------------------------------------------------------------------------------------------

BALLS = Answers("c2w1.ball_counts")


def _prepared(real, fake, k):
    count(k, "k", 1)
    return feature_matrix(real, "real", k + 1), feature_matrix(fake, "fake", 1)


@BALLS.right
def without_the_diagonal(real, fake, k=5):
    real, fake = _prepared(real, fake, k)
    among = torch.cdist(real, real, compute_mode="donot_use_mm_for_euclid_dist").fill_diagonal_(torch.inf)
    radii = among.topk(k, largest=False).values[:, -1]
    inside = torch.cdist(real, fake, compute_mode="donot_use_mm_for_euclid_dist") < radii[:, None]
    return inside.sum(0), inside.sum(1)


@BALLS.right
def by_differences(real, fake, k=5):
    real, fake = _prepared(real, fake, k)
    among = (real[:, None] - real).square().sum(-1).sqrt().sort(dim=1).values[:, k]
    inside = (fake[:, None] - real).square().sum(-1).sqrt() < among
    return inside.sum(dim=1), inside.sum(dim=0)


@BALLS.wrong("numpy_arrays")
def as_arrays(real, fake, k=5):
    real, fake = _prepared(real, fake, k)
    inside = torch.cdist(fake, real) < torch.cdist(real, real).sort(dim=1).values[:, k]
    return inside.sum(dim=1).numpy(), inside.sum(dim=0).numpy()


@BALLS.wrong("rim_inside")
def at_most(real, fake, k=5):
    real, fake = _prepared(real, fake, k)
    inside = torch.cdist(fake, real) <= torch.cdist(real, real).sort(dim=1).values[:, k]
    return inside.sum(dim=1), inside.sum(dim=0)


@BALLS.wrong("counts_itself")
def too_small(real, fake, k=5):
    real, fake = _prepared(real, fake, k)
    inside = torch.cdist(fake, real) < torch.cdist(real, real).sort(dim=1).values[:, k - 1]
    return inside.sum(dim=1), inside.sum(dim=0)


# --- the line to infinity ----------------------------------------------------------------------------------------------

LINE = Answers("c2w1.extrapolate")
LINE.right(
    lambda sizes, distances: np.polyfit(1 / sizes.double().numpy(), distances.double().numpy(), 1)[1],
    lambda sizes, distances: float(np.polynomial.Polynomial.fit(1 / sizes.double(), distances.double(), 1)(0)),
)


@LINE.right
def least_squares(sizes, distances):
    columns = torch.stack([torch.ones(len(sizes), dtype=torch.float64), 1 / sizes.double()], dim=1)
    return torch.linalg.lstsq(columns, distances.double()[:, None]).solution[0].item()


LINE.wrong("slope", lambda sizes, distances: np.polyfit(1 / sizes.double(), distances.double(), 1)[0])
LINE.wrong("over_sizes", lambda sizes, distances: np.polyfit(sizes.double(), distances.double(), 1)[1])
LINE.wrong("mean", lambda sizes, distances: distances.double().mean())
LINE.refused(lambda sizes, distances: distances.double().min())

# --- diagnoses ---------------------------------------------------------------------------------------------------------

DIAGNOSE = Answers("c2w1.diagnose")
KEY = {name: diagnose(name) for name in GENERATORS}
name_cases(DIAGNOSE, KEY, SIGNS)
DIAGNOSE.wrong("same_for_all", lambda generator: "honest")


def _by_cdist(real, fake, k, radii="torch.cdist(real, real).kthvalue(k + 1, dim=1).values"):
    real, fake = _prepared(real, fake, k)
    inside = torch.cdist(fake, real) < eval(radii, {"torch": torch, "real": real, "fake": fake, "k": k})
    return inside.sum(dim=1), inside.sum(dim=0)


_SQUARES = "(real.pow(2).sum(1, keepdim=True) + real.pow(2).sum(1) - 2 * real @ real.T).sqrt()"
BALLS.right(lambda real, fake, k=5: _by_cdist(real, fake, k))
BALLS.wrong(
    "reals_and_fakes",
    lambda real, fake, k=5: _by_cdist(real, fake, k, "torch.cdist(real, fake).kthvalue(k + 1, dim=1).values"),
)
BALLS.wrong(
    "places_for_distances",
    lambda real, fake, k=5: _by_cdist(real, fake, k, "torch.cdist(real, real).kthvalue(k + 1, dim=1).indices"),
)
BALLS.wrong(
    "expanded_squares",
    lambda real, fake, k=5: _by_cdist(real, fake, k, f"{_SQUARES}.kthvalue(k + 1, dim=1).values"),
)


@BALLS.wrong("shares")
def as_means(real, fake, k=5):
    real, fake = _prepared(real, fake, k)
    inside = (torch.cdist(fake, real) < torch.cdist(real, real).kthvalue(k + 1, dim=1).values).double()
    return inside.mean(dim=1), inside.mean(dim=0)
