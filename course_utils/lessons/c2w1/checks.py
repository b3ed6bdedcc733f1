"""The checks of the lesson on evaluation: two distances, balls around neighbours, a line to infinity, six diagnoses."""

import torch

from course_utils.checks import exercise, mistake, symptoms
from course_utils.checks.cases import call, normal, scenario
from course_utils.checks.naming import Naming
from course_utils.checks.observe import Near
from course_utils.checks.programs import Body
from course_utils.lessons.c2w1.exercises import GENERATORS, SIGNS, diagnose


def _sets(n, m, d, gap=0.5, scale=1.0):
    """Two sets of correlated features, whose means differ."""
    x = normal(n, d) @ normal(d, d, seed=1) + 1
    return scale * x, scale * (normal(m, d, seed=2) @ normal(d, d, seed=3) + 1 + gap)


def _number(*arguments, label):
    """A call whose result may be a number in any form."""
    return call(*arguments, label=f"called with {label}", gradients=False, number=True)


def _of(n, m, d, label="", dtype=torch.float64, **options):
    x, y = _sets(n, m, d, **options)
    return _number(x.to(dtype), y.to(dtype), label=label or f"features {(n, d)} and {(m, d)}")


def _with(value, *shape, seed=0):
    """Features of which one is NaN or infinite."""
    x = normal(*shape, seed=seed)
    x[1, 0] = value
    return x


# --- Fréchet distance --------------------------------------------------------------------------------------------------

_TRACE = "torch.linalg.svdvals(root_x @ root_y.T).sum()"
_RETURN = "max(0.0, distance.item())"
_PRODUCT = "torch.linalg.eigvals(cov_x @ cov_y).real.clamp(min=0)"
_MEANS = "(x.mean(0) - y.mean(0)).square().sum()"
_TRACES = "cov_x.trace() + cov_y.trace()"
_LEAST = ("distance.clamp(min=0).item()", "max(0.0, distance.item())")  # they differ where it is not a number


def _sum(trace: str, least: str = _LEAST[0], means: str = _MEANS, covariances: str = "torch.cov(x.T), torch.cov(y.T)"):
    """A body that computes covariances, and from them the distance with this trace of a root."""
    return Body(f"""
    x, y = feature_matrix(x, 'x'), feature_matrix(y, 'y')
    same_width(x, y, 'x', 'y')
    cov_x, cov_y = {covariances}
    distance = {means} + {_TRACES} - 2 * {trace}
    return {least}
    """)


def _roots(divisor: str, root: str = ""):
    """A body that takes the singular values of A Bᵀ, where A and B are centred features over the divisor."""
    return _sum(f"torch.linalg.svdvals((x - x.mean(0)) @ (y - y.mean(0)).T / {divisor}){root}.sum()")


_ROOT = "(lambda s: (lambda l, v: (v * l.clamp(min=0).sqrt()) @ v.T)(*torch.linalg.eigh(s)))"


def _same_sets(function):
    """Rounding leaves some of these below 0 when nothing is done about it."""
    found = [float(function(x, x.clone())) for x in (normal(12, 3, seed=s) * 30 + 5 for s in range(12))]
    return {
        "whether the distance of a set to itself is ever below 0": min(found) < 0,
        "the distance of a set to itself": Near(torch.tensor(max(found)), 1e-4),
    }


exercise(
    "c2w1.frechet_distance",
    "course_utils.metrics.frechet:frechet_distance",
    cases=(
        _of(60, 40, 5),
        _of(30, 30, 4),
        _of(30, 20, 4, gap=100.0, label="clouds far apart"),
        _of(7, 9, 12, label="fewer samples than features, (7, 12) and (9, 12)"),
        _of(50, 40, 3, gap=0.0, label="clouds in the same place"),
        _of(80, 60, 4, scale=30.0, label="large features"),
        _number(normal(40, 3) + 1e5, normal(30, 3, seed=1) + 1e5, label="features near 100,000"),
        _of(60, 40, 5, dtype=torch.float32, label="float32 features"),
        scenario("called with the same set twice", _same_sets),
        call(normal(1, 3), normal(9, 3), label="called with a single sample"),
        call(normal(9, 3), normal(9, 4), label="called with 3 and 4 features"),
        call(_with(torch.nan, 9, 3), normal(8, 3), label="called with a feature that is NaN"),
        call(normal(9, 3), _with(torch.inf, 8, 3), label="called with an infinite feature"),
    ),
    mistakes=(
        mistake("root_of_entries",
            *(_sum(f"(cov_x @ cov_y){root}.trace()", least) for root in (".sqrt()", ".clamp(min=0).sqrt()", ".abs().sqrt()")
              for least in (*_LEAST, "distance.item()")),
            "The root of each *entry* of the product was taken. (Σx Σy)^½ is the matrix R with R R = Σx Σy. Its trace "
            "is the sum of the roots of the eigenvalues."),
        mistake("symmetric_solver", _sum("torch.linalg.eigvalsh(cov_x @ cov_y).clamp(min=0).sqrt().sum()"),
            _sum("torch.linalg.svdvals(cov_x @ cov_y).sqrt().sum()"),
            "The product of two covariances is not symmetric. `eigvalsh` reads one half of it only, and its singular "
            "values are not its eigenvalues. Use `eigvals` and the real parts, or the singular values of A Bᵀ."),
        mistake("negative_not_lifted",
            *(_sum("torch.linalg.eigvals(cov_x @ cov_y).real.sqrt().sum()", least) for least in _LEAST),
            "With fewer samples than features some eigenvalues are 0, and rounding makes them a little negative. "
            "Their roots are not numbers. Lift them to 0 first, with `clamp(min=0)`."),
        mistake("roots_apart", _sum(f"({_ROOT}(cov_x) @ {_ROOT}(cov_y)).trace()"),
            "The roots of the two covariances were taken one by one and multiplied. That is the root of the product "
            "only where both have the same axes. Take the root of the product."),
        mistake("root_of_trace", _sum("(cov_x @ cov_y).trace().clamp(min=0).sqrt()"),
            "The root of the trace was taken, which is the root of a sum. Take the root of each eigenvalue, then sum."),
        mistake("divisor_of_roots", _roots("1"), _roots("((len(x) - 1) * (len(y) - 1))"),
            ("x = (x - mean_x) / (len(x) - 1) ** 0.5", "x = x - mean_x", "y = (y - mean_y) / (len(y) - 1) ** 0.5",
             "y = y - mean_y"),
            ("(len(x) - 1) ** 0.5", "(len(x) - 1)", "(len(y) - 1) ** 0.5", "(len(y) - 1)"),
            "The singular values of A Bᵀ have another size than the traces ask for, or both are off. AᵀA is to be the "
            "covariance, so the centred features are divided by the *root* of N - 1: once, in A and in B."),
        mistake("rooted_twice", _roots("((len(x) - 1) * (len(y) - 1)) ** 0.5", ".sqrt()"),
            "The singular values of A Bᵀ are roots already: squared, they are the eigenvalues of the product. Only sum "
            "them."),
        mistake("one_mean", _sum(f"{_PRODUCT}.sqrt().sum()", means="(x.mean() - y.mean()).square()"),
            _sum(f"{_PRODUCT}.sqrt().sum()", means="(x.mean(1) - y.mean(1)).square().sum()"),
            "One mean over all numbers was taken, or one for each image. The mean of a set has an entry for each "
            "feature: `x.mean(dim=0)`."),
        mistake("always_regularised",
            _sum("torch.linalg.eigvals((cov_x + VALUE * torch.eye(len(cov_x))) @ (cov_y + VALUE * torch.eye(len(cov_x))))"
                 ".real.clamp(min=0).sqrt().sum()"),
            "VALUE was added to the diagonals of both covariances. Where features have no variance in some direction, "
            "the roots of such small numbers count. The roots can be taken without it.", values=(1e-4, 1e-3)),
        mistake("no_root", (_TRACE, "torch.linalg.svdvals(root_x @ root_y.T).square().sum()"),
            "The trace of Σx Σy itself is taken off: the root is missing. Take the root of each eigenvalue before the "
            "sum."),
        mistake("no_covariance", (_RETURN, "(mean_x - mean_y).square().sum().item()"),
            "Only the means are compared. Two clouds in the same place may still have different widths and "
            "directions: the traces are missing."),
        mistake("one_by_one", (_TRACE, "(x.square().sum(0) * y.square().sum(0)).sqrt().sum()"),
            "Each feature is compared by itself: only the variances count, not how features vary together. The "
            "product of the two covariance *matrices* is meant."),
        mistake("divided_by_n", ("(len(x) - 1)", "len(x)", "(len(y) - 1)", "len(y)"),
            "The covariances divide by N. Here, and in the published FID, they divide by N - 1."),
        mistake("not_centred", ("(x - mean_x) / (", "x / (", "(y - mean_y) / (", "y / ("),
            "The means were not taken off before the covariances: the traces hold the squares of the means as well."),
        mistake("length_of_means", ("(mean_x - mean_y).square().sum()", "(mean_x - mean_y).norm()"),
            "The means enter with their distance, where its *square* belongs."),
        mistake("root_of_all", (_RETURN, f"{_RETURN} ** 0.5"),
            "The square root of the whole was taken. By custom the squared distance is reported."),
        mistake("images_as_features",
            _sum(f"{_PRODUCT}.sqrt().sum()", covariances="torch.cov(x), torch.cov(y)"),
            "The covariance is (N, N): of images, not of features. `torch.cov` takes a *row* for a variable, so give "
            "it `x.T`.", symptom=lambda r: r.raised("mat1 and mat2 shapes cannot be multiplied")),
        mistake("needs_full_rank",
            _sum("torch.linalg.eigvalsh((low := torch.linalg.cholesky(cov_x)).T @ cov_y @ low).clamp(min=0).sqrt().sum()"),
            "With fewer samples than features the covariance is singular, and Cholesky's factor does not exist. Take "
            "roots by eigenvalues, or singular values.",
            symptom=lambda r: symptoms.only_where(r, "fewer samples") and bool(r.errors())),
        mistake("single_precision", ("mean_x, mean_y", "x, y = x.float(), y.float()\n    mean_x, mean_y"),
            "Only features far from 0 come out wrong: their digits are lost, as when features are made float32 on the "
            "way. Stay in float64, which is what the first line makes.",
            symptom=lambda r: (symptoms.only_where(r, "near 100,000", "same set twice")
                and not symptoms.only_where(r, "same set twice"))),
        mistake("below_zero", (_RETURN, "distance.item()"),
            "A set is at a distance a little below 0 from itself. That is rounding; return at least 0."),
    ),
)

# --- kernel distance ---------------------------------------------------------------------------------------------------

_WITHIN = "(total(a, a) - with_itself) / (len(a) * (len(a) - 1))"
_BETWEEN = "2 * total(x, y) / (len(x) * len(y))"
_PAIRED = "((x[: len(y)] * y[: len(x)]).sum(dim=1) / x.shape[1] + offset).pow(degree)"
_KERNEL = "(part @ b.T / b.shape[1] + offset) ** degree"
_OF_PAIRS = "(a @ b.T / a.shape[1] + offset) ** degree"
_DIFFERENT = "(k(a, a).sum() - k(a, a).trace()) / (len(a) * (len(a) - 1))"


def _pairs(kernel: str = _OF_PAIRS, within: str = _DIFFERENT, between: str = "k(x, y).mean()"):
    """A body that makes the matrices of all pairs."""
    return Body(f"""
    x, y = feature_matrix(x, "x", 2, "for pairs"), feature_matrix(y, "y", 2, "for pairs")
    same_width(x, y, "x", "y")
    count(degree, "degree", 1)
    k = lambda a, b: {kernel}
    within = lambda a: {within}
    return (within(x) + within(y) - 2 * {between}).item()
    """)


exercise(
    "c2w1.kernel_distance",
    "course_utils.metrics.kid:kernel_distance",
    cases=(
        _of(30, 30, 5, label="as many of both"),
        _of(12, 20, 3),
        _of(2, 2, 4, label="two of each"),
        _of(25, 10, 1, label="one feature"),
        _number(normal(15, 3) + 1e3, normal(12, 3, seed=1) + 1e3, label="features near 1,000"),
        _number(normal(40, 6), normal(40, 6, seed=1), label="two sets of one distribution"),
        _number(normal(9, 4), normal(8, 4, seed=1), 2, label="degree 2"),
        _number(normal(9, 4), normal(8, 4, seed=1), 3, 0.25, label="offset 0.25"),
        _of(15, 12, 3, dtype=torch.float32, label="float32 features"),
        _number(normal(120, 2), normal(110, 2, seed=1), label="more than a hundred"),
        call(normal(1, 3), normal(9, 3), label="called with a single sample"),
        call(normal(9, 3), normal(8, 3), 0, label="called with degree 0"),
        call(_with(torch.nan, 9, 3), normal(8, 3), label="called with a feature that is NaN"),
        call(normal(9, 3), _with(torch.inf, 8, 3), label="called with an infinite feature"),
    ),
    mistakes=(
        mistake("with_itself", (_WITHIN, "total(a, a) / len(a) ** 2"),
            _pairs(within="k(a, a)[tuple(torch.triu_indices(len(a), len(a)))].mean()"),
            "The pairs of an image with itself are counted. They are the most similar of all, so two sets of one "
            "distribution get more than 0. Leave the diagonal out, and divide by N (N - 1)."),
        mistake("wrong_count", (_WITHIN, "(total(a, a) - with_itself) / len(a) ** 2"),
            "The diagonal is left out of the sum, but it is still counted: without it there are N (N - 1) pairs, not "
            "N²."),
        mistake("diagonal_counted", (_WITHIN, "total(a, a) / (len(a) * (len(a) - 1))"),
            "The sum is divided by N (N - 1), the number of pairs of different images, but the diagonal is still in "
            "it."),
        mistake("never_negative",
            ("(within(x) + within(y) - " + _BETWEEN + ").item()",
             "max(0.0, (within(x) + within(y) - " + _BETWEEN + ").item())"),
            "Negative values were cut off. The estimate is right on average only if it is left as it comes."),
        mistake("absolute",
            ("(within(x) + within(y) - " + _BETWEEN + ")", "(within(x) + within(y) - " + _BETWEEN + ").abs()"),
            "The absolute value was taken, so equal sets are above 0 on average. Leave negative values as they come."),
        mistake("root_of_all",
            ("(within(x) + within(y) - " + _BETWEEN + ")", "(within(x) + within(y) - " + _BETWEEN + ").sqrt()"),
            ("(within(x) + within(y) - " + _BETWEEN + ")", "(within(x) + within(y) - " + _BETWEEN + ").abs().sqrt()"),
            "The square root was taken. It is the *squared* discrepancy that has an unbiased estimate, and a negative "
            "one has no root."),
        mistake("not_divided_by_d",
            (_KERNEL, "(part @ b.T + offset) ** degree", "a.square().sum(dim=1) / a.shape[1]", "a.square().sum(dim=1)"),
            "The inner product is not divided by the number of features, so the kernel of 2,048 features would be "
            "dominated by its cube."),
        mistake("degree_ignored",
            (_KERNEL, "(part @ b.T / b.shape[1] + offset) ** VALUE", "/ a.shape[1] + offset) ** degree",
             "/ a.shape[1] + offset) ** VALUE"),
            "The power is VALUE whatever `degree` says. Use the argument.", values=(3, 2)),
        mistake("offset_ignored",
            (_KERNEL, "(part @ b.T / b.shape[1] + 1) ** degree", "/ a.shape[1] + offset) ** degree",
             "/ a.shape[1] + 1) ** degree"),
            "The offset is 1 whatever `offset` says. Use the argument."),
        mistake("half_the_pairs", _pairs(within="k(a, a).triu(1).sum() / (len(a) * (len(a) - 1))"),
            "Above the diagonal each pair of images is summed once, but N (N - 1) counts it twice. Divide by half of "
            "it, or take both triangles."),
        mistake("count_of_x",
            ("(len(a) * (len(a) - 1))", "(len(x) * (len(x) - 1))", "(len(x) * len(y))", "len(x) ** 2"),
            ("(len(a) * (len(a) - 1))", "(len(x) * (len(x) - 1))"), _pairs(between="k(x, y).sum() / len(x) ** 2"),
            "Both sums were divided by counts of `len(x)`. The sets may have different sizes: y has M images, and "
            "between the sets there are N M pairs."),
        mistake("count_between", _pairs(between="k(x, y).sum() / (len(x) * (len(y) - 1))"),
            "Between the sets no pair is left out, so there are N M of them. The minus 1 belongs within a set."),
        mistake("divided_by_the_samples", *(_pairs(f"(a @ b.T / len({which}) + offset) ** degree") for which in "abxy"),
            "The inner product is divided by the number of samples. It is a sum over features, so divide it by their number "
            "d, `x.shape[1]`: the kernel of two images is the same however many others there are."),
        mistake("divided_by_another_number", _pairs("(a @ b.T / (VALUE) + offset) ** degree"),
            "The inner product is divided by VALUE. Divide it by d, the number of features, `x.shape[1]`.",
            values=("x.shape[1] ** 0.5", "64")),
        mistake("offset_misplaced", _pairs("((a @ b.T + offset) / a.shape[1]) ** degree"),
            _pairs("(a @ b.T / a.shape[1]) ** degree + offset"), _pairs("(a @ b.T / (a.shape[1] + offset)) ** degree"),
            "The offset stands in another place. First divide the inner product by d, then add the offset, then take "
            "the power of the sum."),
        mistake("another_kernel",
            *(_pairs(f"torch.exp(-torch.cdist(a, b).square() / {width})") for width in ("(2 * a.shape[1])", "2", "a.shape[1]")),
            "This is the kernel of a Gaussian (RBF), over distances. Asked for is the power of an inner product."),
        mistake("single_precision",
            ("    def total(a, b):", "    x, y = x.float(), y.float()\n\n    def total(a, b):"),
            "Only features far from 0 come out wrong: their digits are lost, as when features are made float32 on the "
            "way. Stay in float64, which is what the first line makes.",
            symptom=lambda r: symptoms.only_where(r, "near 1,000")),
        mistake("paired_rows", (_BETWEEN, f"2 * {_PAIRED}.mean()"),
            "Between the sets only row i of x meets row i of y. All rows of x meet all rows of y: a matrix product."),
        mistake("diagonal_left_out_between",
            (_BETWEEN, f"2 * (total(x, y) - {_PAIRED}.sum()) / (len(x) * (len(y) - 1))"),
            "Between the sets the diagonal was left out as well. There it holds pairs of different images like all "
            "the others."),
        mistake("one_set_only", ("within(x) + within(y)", "2 * within(x)"), ("within(x) + within(y)", "2 * within(y)"),
            "The pairs within one of the sets are taken twice, and those within the other not at all."),
        mistake("similarity",
            ("(within(x) + within(y) - " + _BETWEEN + ")", "(" + _BETWEEN + " - within(x) - within(y))"),
            "The sign is reversed: sets far apart get a number far below 0."),
    ),
)

# --- balls around neighbours -------------------------------------------------------------------------------------------

_KTH = "kthvalue(k + 1, dim=1)"
_RADIUS = f"distances(rows, real).{_KTH}.values"
_EXPANDED = "(rows.square().sum(1, keepdim=True) + real.square().sum(1) - 2 * rows @ real.T)"
_GRID = torch.tensor([[float(i), float(j)] for i in range(4) for j in range(4)], dtype=torch.float64)


def _balls(*arguments, label):
    return call(*arguments, label=label, gradients=False)


exercise(
    "c2w1.ball_counts",
    "course_utils.metrics.manifold:ball_counts",
    cases=(
        _balls(normal(30, 4), normal(20, 4, seed=1), 3, label="called with 30 reals, 20 fakes and k = 3"),
        _balls(normal(24, 3), normal(24, 3, seed=1), label="called without k"),
        _balls(normal(12, 2), normal(40, 2, seed=1), 1, label="called with 12 reals, 40 fakes and k = 1"),
        _balls(normal(9, 1), normal(7, 1, seed=1), 8, label="called with as many neighbours as there are"),
        _balls(_GRID, _GRID + torch.tensor([1.0, 0.0]), 2, label="called with points on a grid, some on rims"),
        _balls(normal(20, 3), normal(20, 3)[:15], 2, label="called with copies of the reals"),
        _balls(normal(6, 3).repeat(3, 1), normal(9, 3, seed=1), 2, label="called with each real three times"),
        _balls(normal(15, 3), normal(1, 3), 4, label="called with one fake"),
        _balls(normal(25, 3).float(), normal(18, 3, seed=1).float(), 2, label="called with float32 features"),
        _balls(normal(25, 3) + 1e6, normal(25, 3, seed=1) + 1e6, 3, label="called with features near 1,000,000"),
        _balls(normal(700, 2), normal(600, 2, seed=1), 3, label="called with more than five hundred"),
        _balls(normal(5, 3), normal(9, 3), 5, label="called with no more reals than neighbours"),
        _balls(normal(9, 3), normal(9, 3), 0, label="called with k = 0"),
        _balls(_with(torch.nan, 9, 3), normal(8, 3), 2, label="called with a feature that is NaN"),
        _balls(normal(9, 3), _with(torch.inf, 8, 3), 2, label="called with an infinite feature"),
    ),
    mistakes=(
        mistake("counts_itself", (_KTH, "kthvalue(k, dim=1)"),
            "The balls are one neighbour too small. The nearest point of each row is the point itself, at distance 0: "
            "the k-th neighbour is the (k + 1)-th smallest."),
        mistake("one_too_far", (_KTH, "kthvalue(k + 2, dim=1)"),
            (_RADIUS, "distances(rows, real).sort(dim=1).values[:, min(k + 1, len(real) - 1)]"),
            (_RADIUS, "F.pad(distances(rows, real).sort(dim=1).values, (0, 1), value=torch.inf)[:, k + 1]"),
            "The balls are one neighbour too large. Only the point itself comes before the first neighbour. Where the "
            "diagonal was made infinite, not even that: there it is the k-th smallest."),
        mistake("largest", (f"{_KTH}.values", "topk(k + 1, dim=1).values[:, -1]"),
            (f"{_KTH}.values", "topk(k, dim=1).values[:, -1]"),
            "The radii reach to one of the *farthest* points: `topk` takes the largest unless it is told "
            "`largest=False`."),
        mistake("squared_against_not", ("inside = distances(rows, real) <", "inside = distances(rows, real).square() <"),
            ("radii = torch.cat(radii)", "radii = torch.cat(radii).square()"),
            "A squared distance is compared with one that is not. Square both, or neither."),
        mistake("another_distance", ('compute_mode="donot_use_mm_for_euclid_dist"', "p=1"),
            "The distances are sums of absolute differences. Euclidean ones are asked for, as `torch.cdist` gives them "
            "without `p`."),
        mistake("outside", ("real) < radii", "real) > radii"),
            "The points *outside* the balls are counted: the distance must be smaller than the radius."),
        mistake("radii_along_fakes",
            Body("""
            count(k, "k", 1)
            real = feature_matrix(real, "real", k + 1, f"for k = {k} neighbours")
            fake = feature_matrix(fake, "fake", 1, "to look for")
            same_width(real, fake, "real", "fake")
            inside = torch.cdist(real, fake) < torch.cdist(real, real).kthvalue(k + 1, dim=1).values
            return inside.sum(dim=0), inside.sum(dim=1)
            """),
            "`torch.cdist(real, fake)` has a row for each real point, and the radii are compared along the columns. "
            "They belong to the rows: `radii[:, None]`, or `torch.cdist(fake, real)`."),
        mistake("divided_by_k", ("torch.cat(balls), fakes", "torch.cat(balls) // k, fakes"),
            ("torch.cat(balls), fakes", "torch.cat(balls) / k, fakes"),
            "The number of balls was divided by k. That is part of the density; here counts are asked for."),
        mistake("numpy_arrays",
            "NumPy arrays came back, where tensors are asked for: `torch.from_numpy`.",
            symptom=lambda r: any(type(v).__name__ == "ndarray" for s in r.got.values() for v in s.facts.values())),
        mistake("single_precision",
            ("    def distances(a, b):", "    real, fake = real.float(), fake.float()\n\n    def distances(a, b):"),
            "Only features far from 0 come out wrong: their digits are lost, as when features are made float32 on the "
            "way. Stay in float64, which is what the first lines make.",
            symptom=lambda r: symptoms.only_where(r, "near 1,000,000")),
        mistake("mean_radius", (f"{_KTH}.values", "sort(dim=1).values[:, 1 : k + 1].mean(dim=1)"),
            "The radius is the mean distance of the k neighbours. It reaches *to* the k-th."),
        mistake("neighbours_among_fakes",
            ("distances(rows, real).kthvalue(k + 1,", "distances(rows, fake).kthvalue(min(k, len(fake)),"),
            "The balls reach to the k-th *fake*. Then every ball holds fakes by construction. The neighbours are "
            "those among the reals."),
        mistake("neighbours_in_both",
            ("distances(rows, real).kthvalue(k", "distances(rows, torch.cat([real, fake])).kthvalue(k"),
            "The k-th neighbour was looked for among reals and fakes together. Then fakes nearby shrink the balls. The "
            "neighbours are those among the reals."),
        mistake("copies_skipped",
            (_RADIUS, "(d := distances(rows, real)).where(d > 0, torch.inf).kthvalue(k, dim=1).values"),
            "All distances of 0 were left out. That is right for the point itself, but another real point in the same "
            "place is a neighbour."),
        mistake("balls_around_fakes",
            Body("""
            radii = torch.cdist(fake.double(), fake.double()).kthvalue(min(k + 1, len(fake)), dim=1).values
            inside = torch.cdist(real.double(), fake.double()) < radii
            return inside.sum(dim=0), inside.sum(dim=1)
            """),
            Body("""
            count(k, "k", 1)
            real = feature_matrix(real, "real", k + 1, f"for k = {k} neighbours")
            fake = feature_matrix(fake, "fake", 1, "to look for")
            same_width(real, fake, "real", "fake")
            real, fake = fake, real
            inside = torch.cdist(fake, real) < torch.cdist(real, real).kthvalue(k + 1, dim=1).values
            return inside.sum(dim=1), inside.sum(dim=0)
            """),
            "The balls are around fakes. Here they are around reals; the other way round comes from calling the "
            "function with the sets exchanged."),
        mistake("one_radius",
            ("    radii = torch.cat(radii)", "    radii = torch.cat(radii).VALUE().expand(len(real))"),
            "All balls have the same radius (VALUE of all). Each real point has its own, so that balls are small "
            "where data are dense.", values=("mean", "median", "amax")),
        mistake("radius_of_the_fake",
            ("inside = distances(rows, real) < radii",
             "inside = distances(rows, real) < distances(rows, real).kthvalue(k, dim=1, keepdim=True).values"),
            "Each fake is compared with its own k-th nearest real, which always gives k - 1. The radius belongs to "
            "the real point."),
        mistake("rim_inside", ("real) < radii", "real) <= radii"),
            "Points on the rim are counted. They are outside: the distance must be *smaller* than the radius."),
        mistake("shares",
            ("torch.cat(balls), fakes", "torch.cat(balls) / len(real), fakes / len(fake)"),
            ("torch.cat(balls), fakes", "torch.cat(balls) / len(real), fakes"),
            ("torch.cat(balls), fakes", "torch.cat(balls), fakes / len(fake)"),
            "Shares came back, a mean of yes and no. Counts are asked for: add up."),
        mistake("expanded_squares",
            (_RADIUS, f"{_EXPANDED}.sqrt().{_KTH}.values"), (_RADIUS, f"{_EXPANDED}.clamp(min=0).sqrt().{_KTH}.values"),
            "Distances from a.a + b.b - 2 a.b lose their last digits, so a point is not at 0 from itself: it can even be NaN, "
            "and ranks and rims go wrong. `torch.cdist` does not compute so in small sets, nor with "
            "`compute_mode=\"donot_use_mm_for_euclid_dist\"`."),
        mistake("places_for_distances", (f"{_KTH}.values", f"{_KTH}.indices"),
            "`kthvalue` gives distances and places; the places are taken for radii. Use `.values`."),
        mistake("reals_and_fakes",
            (_RADIUS, "distances(rows, fake).kthvalue(k + 1, dim=1).values"),
            (_RADIUS, "torch.cdist(rows, fake).kthvalue(k + 1, dim=1).values",
             "inside = distances(rows, real)", "inside = torch.cdist(rows, real)"),
            "The balls reach to a fake. They reach to the k-th neighbour among the *reals*."),
        mistake("yes_or_no",
            ("inside.sum(dim=1)", "inside.any(dim=1)", "fakes += inside.sum(dim=0)",
             "fakes = fakes.bool() | inside.any(dim=0)"),
            "Yes or no came back, where counts are asked for. Density needs them; the shares follow with `> 0`."),
        mistake("swapped", ("torch.cat(balls), fakes", "fakes, torch.cat(balls)"),
            "The two come in the other order: first the balls around each fake (M,), then the fakes in each ball "
            "(N,)."),
        mistake("already_shares",
            ("torch.cat(balls), fakes", "(torch.cat(balls) > 0).double().mean(), (fakes > 0).double().mean()"),
            "Shares came back, where the counts of each point are asked for: int64 (M,) and (N,)."),
        mistake("fixed_k", (_KTH, "kthvalue(min(6, len(real)), dim=1)"), (_KTH, "kthvalue(min(4, len(real)), dim=1)"),
            (_KTH, "kthvalue(2, dim=1)"),
            "The number of neighbours is always the same, whatever `k` says."),
    ),
)

# --- the line to infinity ----------------------------------------------------------------------------------------------


def _line(sizes, distances, label=""):
    sizes = torch.tensor(sizes)
    distances = torch.tensor(distances, dtype=torch.float64)
    return call(sizes, distances, label=label or f"called with {len(sizes)} sizes", gradients=False, number=True)


exercise(
    "c2w1.extrapolate",
    "course_utils.metrics.fd_infinity:extrapolate",
    cases=(
        _line([100, 200, 500, 1000], [12.0, 7.1, 4.3, 3.2]),
        _line([100, 300], [5.0, 3.0], label="called with two sizes"),
        _line([50, 100, 200, 400, 800], [1.0, 0.4, 0.2, 0.05, -0.02], label="called where the line ends below 0"),
        _line([1000, 100, 500], [3.1, 9.7, 4.2], label="called with sizes out of order"),
        _line([100.0, 100.0, 400.0], [8.0, 9.0, 3.5], label="called with floats, a size twice"),
        _number(torch.tensor([10, 20, 40]), torch.tensor([3.0, 2.0, 1.6]), label="float32 distances"),
        _line([100, 200, 400], [2.0, 2.0, 2.0], label="called with a level line"),
    ),
    mistakes=(
        mistake("over_sizes", ("1 / sizes.double()", "sizes.double()"),
            "The line is drawn over the sizes, and read off at *no* images. Infinity is where 1 / size is 0: put 1 / "
            "size on the axis."),
        mistake("over_root", ("1 / sizes.double()", "1 / sizes.double().sqrt()"),
            "The line is drawn over one over the *root* of the size. The bias of a Fréchet distance falls as 1 / N: "
            "its standard error is what falls with the root."),
        mistake("over_square", ("1 / sizes.double()", "1 / sizes.double().square()"),
            "The line is drawn over one over the *square* of the size. The bias of a Fréchet distance falls as 1 / N."),
        mistake("over_logarithm", ("1 / sizes.double()", "sizes.double().log()"),
            "The line is drawn over the logarithm of the sizes, which has no end at infinity."),
        mistake("whole_numbers",
            ("1 / sizes.double()", "1 // sizes"), ("1 / sizes.double()", "(1 // sizes).double()"),
            "`1 // size` is 0 for every size above 1: all points then lie at one place, and no line can be fitted. Divide "
            "with `/`.",
            symptom=lambda r: r.raised("did not converge")),
        mistake("slope", ("(y.mean() - slope * x.mean())", "slope"),
            "The slope came back: how fast the bias falls. Asked for is the value at 1 / size = 0."),
        mistake("both",
            ("(y.mean() - slope * x.mean()).item()", "(slope.item(), (y.mean() - slope * x.mean()).item())"),
            ("(y.mean() - slope * x.mean()).item()", "((y.mean() - slope * x.mean()).item(), slope.item())"),
            "Slope and height came back. Asked for is one float, the height at 1 / size = 0."),
        mistake("at_one", ("slope * x.mean()).item()", "slope * x.mean() + slope * VALUE).item()"),
            "The line is read off at 1 / size = VALUE. Infinity is where 1 / size is 0.", values=("1", "1 / 50000")),
        mistake("at_largest", ("slope * x.mean())", "slope * (x.mean() - x.min()))"),
            "The line is read off at the largest size. It still holds that sample's bias. Infinity is where 1 / size is "
            "0."),
        mistake("no_constant", ("(y.mean() - slope * x.mean())", "(x * y).sum() / x.square().sum()"),
            "The line has no constant, so it runs through the origin, and its slope came back. Give `lstsq` a column of "
            "ones beside 1 / size."),
        mistake("two_divisors", ("- slope * x.mean()", "- slope * len(x) / (len(x) - 1) * x.mean()"),
            ("- slope * x.mean()", "- slope * (len(x) - 1) / len(x) * x.mean()"),
            "Covariance and variance were divided by different numbers, one by P and one by P - 1. Divide both by the "
            "same; it cancels in the slope."),
        mistake("ratio_of_spreads",
            ("((x - x.mean()) * (y - y.mean())).sum() / (x - x.mean()).square().sum()", "y.std() / x.std()"),
            "The slope is the ratio of the two standard deviations. That is so only for points on a rising line. The "
            "slope is the sum of products over the sum of squares of x."),
        mistake("slope_upside_down",
            ("((x - x.mean()) * (y - y.mean())).sum() / (x - x.mean()).square().sum()",
             "(x - x.mean()).square().sum() / ((x - x.mean()) * (y - y.mean())).sum()"),
            "The slope is upside down. It is the sum of products over the sum of squares of x."),
        mistake("mean", ("(y.mean() - slope * x.mean())", "y.mean()"),
            "The mean of the distances came back. It keeps the mean of the biases. A fit gives it, too, where all points lie "
            "at one place, as with `1 // size`, which is 0 for every size."),
        mistake("last", ("(y.mean() - slope * x.mean())", "y[-1]"), ("(y.mean() - slope * x.mean())", "y[x.argmin()]"),
            "The distance of the largest sample came back. It still holds that sample's bias."),
        mistake("two_points", ("(y.mean() - slope * x.mean())", "(y[-1] - (y[-1] - y[0]) / (x[-1] - x[0]) * x[-1])"),
            "The line runs through the first and the last point only. The least squares line uses all of them."),
        mistake("through_origin",
            ("(y.mean() - slope * x.mean())", "(y.mean() - (x * y).sum() / x.square().sum() * x.mean())"),
            "The slope is that of a line through the origin, which takes for granted that the distance at infinity is "
            "0."),
        mistake("cut_at_zero",
            ("(y.mean() - slope * x.mean()).item()", "max(0.0, (y.mean() - slope * x.mean()).item())"),
            "Values below 0 were cut off. For equal distributions the estimate is around 0, on either side."),
        mistake("axes_swapped",
            ("x, y = 1 / sizes.double(), distances.double()", "y, x = 1 / sizes.double(), distances.double()"),
            "The axes are exchanged: 1 / size was fitted over the distance."),
    ),
)

# --- diagnoses ---------------------------------------------------------------------------------------------------------

_NAMED = Naming("generator", GENERATORS, SIGNS, diagnose)


def _column(shown: dict, expected: dict) -> str:
    """The column that decides: what it shows cannot be with the other name."""
    digits, score, recall, authenticity, _, centre = shown
    if shown[digits] != expected[digits] and {shown[digits], expected[digits]} != {"is 10", "is 9 or 10"}:
        return digits
    if (shown[recall] == "is 0") != (expected[recall] == "is 0"):
        return recall
    if expected is SIGNS["keeps z near 0"] and shown[authenticity] != "is 0":
        return score
    return centre if shown[centre] != expected[centre] else authenticity


def _against(generator: str, name: str) -> str:
    """Which number contradicts the name."""
    shown, expected = SIGNS[diagnose(generator)], SIGNS[name]
    what = _column(shown, expected)
    return f"With “{name}” {what} {expected[what]}; of {generator} it {shown[what]}. Look at its row once more."


exercise(
    "c2w1.diagnose",
    "course_utils.lessons.c2w1.exercises:diagnose",
    cases=(_NAMED.case,),
    mistakes=_NAMED.mistakes(
        mistake("same_for_all",
            "All six get the same name, but each does something else. Begin with the digits drawn: which generator "
            "does not draw all ten?",
            symptom=_NAMED.all_alike),
        against=_against,
    ),
)
