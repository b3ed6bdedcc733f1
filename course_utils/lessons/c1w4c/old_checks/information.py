"""Checks of the two bounds on information: values and gradients, then a search through ways of getting them wrong."""

import math

import torch
import torch.nn.functional as F

from course_utils.checks.engine import Mistake, exercise
from course_utils.checks.functions import behaves_like, expect_same, normal, usual_mistakes
from course_utils.checks.probes import agrees

# --- categories --------------------------------------------------------------------------------------------------------

_LABELS = (torch.tensor([3, 0, 9, 9, 1, 4, 7]), torch.tensor([1, 0, 1]), torch.tensor([2]), torch.tensor([0, 3, 2, 2]))
_CATEGORIES = tuple(
    (normal(len(c), k, seed=i, scale=s), c)
    for i, (c, k, s) in enumerate(zip(_LABELS, (10, 2, 5, 4), (1, 2, 3, 40), strict=True))
)


def _categorical(logits, category):
    picked = torch.log_softmax(logits, dim=1).gather(1, category[:, None])  # (B, 1)
    return math.log(logits.shape[1]) + picked.mean()


def _probability(logits, category):
    return torch.softmax(logits, dim=1).gather(1, category[:, None]).mean()


def _unstable(candidate) -> bool:
    return _categories_like(_categorical)(candidate) and not behaves_like(_categorical, cases=_CATEGORIES[3:])(
        candidate
    )


def _categories_like(*wrong, factors=(1.0,)):
    return behaves_like(*wrong, cases=_CATEGORIES[:2], factors=factors)


_CATEGORY_MISTAKES = (
    *usual_mistakes(*_CATEGORIES[0]),
    Mistake(
        "negated",
        "The sign is turned round. `F.cross_entropy` is *minus* the mean log probability, and the bound is large when Q is "
        "right: `math.log(K) - F.cross_entropy(...)`.",
        lambda c: (
            _categories_like(_categorical, factors=(-1.0,))(c)
            or _categories_like(lambda x, y: math.log(x.shape[1]) + F.cross_entropy(x, y))(c)
        ),
    ),
    Mistake(
        "without_entropy",
        "The entropy of the code, log K, is missing, so the number is not a bound on information: it would be 0 for a Q that "
        "is always right. Add `math.log(logits.shape[1])`.",
        lambda c: (
            _categories_like(lambda x, y: -F.cross_entropy(x, y))(c)
            or _categories_like(lambda x, y: F.cross_entropy(x, y))(c)
        ),
    ),
    Mistake(
        "ten_for_ever",
        "Right for ten categories only: log 10 stands where log K belongs. The number of categories is `logits.shape[1]`.",
        lambda c: (
            behaves_like(_categorical, cases=_CATEGORIES[:1])(c)
            and behaves_like(lambda x, y: math.log(10) - F.cross_entropy(x, y), cases=_CATEGORIES[1:3])(c)
        ),
    ),
    Mistake(
        "softmax_first",
        "The logits go through a softmax before a loss that applies one itself. Q could then never seem surer than "
        "e times as likely. Give `F.cross_entropy` the raw logits.",
        _categories_like(lambda x, y: _categorical(torch.softmax(x, dim=1), y)),
    ),
    Mistake(
        "probability",
        "The mean *probability* of the right category is taken, or its logarithm after the mean. The bound needs the mean of "
        "the log probabilities: first the logarithm, then the mean.",
        _categories_like(
            lambda x, y: math.log(x.shape[1]) + _probability(x, y),
            lambda x, y: math.log(x.shape[1]) + _probability(x, y).log(),
        ),
    ),
    Mistake(
        "bits",
        "The number is in bits: it was divided by log 2, or log2 was used. The lesson counts in nats, with the natural "
        "logarithm, so that the ceiling is log 10 = 2.303.",
        lambda c: (
            _categories_like(_categorical, factors=(1 / math.log(2),))(c)
            or _categories_like(lambda x, y: math.log2(x.shape[1]) - F.cross_entropy(x, y))(c)
        ),
    ),
    Mistake(
        "summed",
        "The log probabilities are summed over the batch, not averaged.",
        _categories_like(
            lambda x, y: math.log(x.shape[1]) - F.cross_entropy(x, y, reduction="sum"),
            lambda x, y: len(y) * _categorical(x, y),
        ),
    ),
    Mistake(
        "images_for_categories",
        "The logarithm is that of another number than K, the categories: of the images in the batch, say. The number of "
        "categories is `logits.shape[1]`; `len(logits)` counts images.",
        _categories_like(
            lambda x, y: math.log(len(x)) - F.cross_entropy(x, y),
            lambda x, y: math.log(x.numel()) - F.cross_entropy(x, y),
        ),
    ),
    Mistake(
        "log_missing",
        "The number of categories is added, not its logarithm. The entropy of a category drawn evenly is log K.",
        _categories_like(lambda x, y: x.shape[1] - F.cross_entropy(x, y)),
    ),
    Mistake(
        "nll_of_logits",
        "`nll_loss` (or a plain look-up) was given the logits themselves. It expects log probabilities: put `log_softmax` "
        "before it, or use `F.cross_entropy`, which does both.",
        _categories_like(lambda x, y: math.log(x.shape[1]) - F.nll_loss(x, y), lambda x, y: -F.nll_loss(x, y)),
    ),
    Mistake(
        "unstable_log",
        "Right for moderate logits, wrong for very sure ones: a logarithm is taken of a softmax that was rounded to 0, which "
        "gives infinity, NaN or a capped value. `F.cross_entropy` and `log_softmax` stay exact.",
        _unstable,
    ),
)


@exercise(
    "c1w4c.categorical_information",
    reference="course_utils.losses:categorical_information",
    mistakes=_CATEGORY_MISTAKES,
)
def verify_categorical(candidate):
    expect_same("the bound", candidate, _categorical, _CATEGORIES)


# --- numbers -----------------------------------------------------------------------------------------------------------


_LOG_2, _LOG_2PI = math.log(2), math.log(2 * math.pi)


def _case(b, d, seed, scale=1.0):
    code = 2 * torch.rand(b, d, generator=torch.Generator().manual_seed(seed)) - 1
    return normal(b, d, seed=seed + 1), normal(b, d, seed=seed + 2, scale=scale), code


_NUMBERS = (_case(7, 2, 0), _case(5, 3, 10), _case(1, 1, 20), _case(4, 2, 30, scale=3.0))


def _gaussian(mean, log_variance, code, *, half=0.5, constant=_LOG_2PI, entropy=_LOG_2, power=1.0):
    spread = (power * log_variance).exp()
    return (entropy - half * (constant + log_variance + (code - mean).square() / spread)).sum(dim=1).mean()


def _with_fixed_code(function):
    """The function with a graph through what Q reads: whether one runs through the code, too, is left open."""
    return lambda mean, log_variance, code: function(mean, log_variance, code.detach())


def _half_detached(candidate) -> bool:
    """The right value, but no gradient for the mean, or for the variance?"""
    case = [x.requires_grad_() for x in _case(7, 2, 0)]
    value = candidate(*case)
    gradients = torch.autograd.grad(value, case[:2], allow_unused=True)
    return any(g is None or not g.any() for g in gradients) and agrees(value, _gaussian(*_NUMBERS[0]))


def _parts(log_variance_weight, spread):
    """The bound with another weight of log_variance, or something else than the variance below the square."""

    def wrong(mean, log_variance, code):
        below = spread(log_variance)
        inner = _LOG_2PI + log_variance_weight * log_variance + (code - mean).square() / below
        return (_LOG_2 - 0.5 * inner).sum(dim=1).mean()

    return wrong


def _wrong(**changes):
    return lambda *case: _gaussian(*case, **changes)


def _as_variance(mean, variance, code):
    return (math.log(2) + torch.distributions.Normal(mean, variance.abs().sqrt()).log_prob(code)).sum(dim=1).mean()


def _as_deviation(mean, log_variance, code):
    return (
        (math.log(2) - 0.5 * (math.log(2 * math.pi) + 2 * log_variance + ((code - mean) / log_variance.exp()) ** 2))
        .sum(dim=1)
        .mean()
    )


def _averaged(mean, log_variance, code):
    return _gaussian(mean, log_variance, code) / mean.shape[1]


def _entropy_once(mean, log_variance, code):
    return _gaussian(mean, log_variance, code, entropy=0.0) + math.log(2)


def _numbers_like(*wrong, factors=(1.0,)):
    return behaves_like(*wrong, cases=_NUMBERS[:2], factors=factors)


def _positive(wrong):
    """The same probe where the second argument is positive, so that it can be taken for a variance."""
    cases = [(mean, second.abs() + 0.5, code) for mean, second, code in _NUMBERS[:2]]
    return behaves_like(wrong, cases=cases)


_NUMBER_MISTAKES = (
    *usual_mistakes(*_NUMBERS[0]),
    Mistake(
        "negated",
        "The sign is turned round: this is a loss, small when Q is right. Asked for is the bound, which is made large.",
        _numbers_like(_gaussian, factors=(-1.0,)),
    ),
    Mistake(
        "without_entropy",
        "The entropy of the code is missing: a number from U(-1, 1) has log 2. Without it the sum is a log likelihood, not a "
        "bound on information.",
        lambda c: _numbers_like(_wrong(entropy=0.0))(c) or _numbers_like(_wrong(entropy=0.0), factors=(-1.0,))(c),
    ),
    Mistake(
        "entropy_once",
        "The entropy log 2 is added once, but every one of the d numbers has it: add it before the sum over d.",
        _numbers_like(_entropy_once),
    ),
    Mistake(
        "averaged_over_codes",
        "The numbers of a latent vector are averaged. Information about independent numbers adds up: sum over the last "
        "dimension, then take the mean over the batch.",
        _numbers_like(_averaged),
    ),
    Mistake(
        "no_constant",
        "The constant of the normal density, log 2 pi, is missing. The gradients are right without it, but the number that is "
        "printed is not the bound.",
        _numbers_like(_wrong(constant=0.0)),
    ),
    Mistake(
        "no_half",
        "The factor 1/2 of the normal density is missing.",
        _numbers_like(_wrong(half=1.0)),
    ),
    Mistake(
        "no_log_variance",
        "`log_variance` stands only below the square. Its own term is missing, without which Q could make the bound larger "
        "just by claiming a huge variance.",
        _numbers_like(_parts(0.0, torch.exp)),
    ),
    Mistake(
        "multiplied_by_variance",
        "The squared error is multiplied by the variance. It is divided by it: an error counts the less the less sure Q is.",
        _numbers_like(_parts(1.0, lambda v: (-v).exp())),
    ),
    Mistake(
        "summed",
        "The bound is summed over the batch. Sum over the numbers of a latent vector, `dim=1`, and take the mean over the "
        "batch.",
        _numbers_like(lambda *case: len(case[0]) * _gaussian(*case)),
    ),
    Mistake(
        "entropy_subtracted",
        "The entropy of the code is subtracted. It is log 2 for a number from U(-1, 1), and the bound is that *plus* the log "
        "density.",
        _numbers_like(_wrong(entropy=-_LOG_2)),
    ),
    Mistake(
        "half_detached",
        "The value is right, but no gradient reaches the mean or the variance: one of the two was detached. Q learns both.",
        _half_detached,
    ),
    Mistake(
        "log_variance_as_deviation",
        "`log_variance` is used as the logarithm of the *standard deviation*. The variance is `log_variance.exp()`, the "
        "deviation `(0.5 * log_variance).exp()`.",
        _numbers_like(_as_deviation, _wrong(power=0.5), _wrong(power=2.0)),
    ),
    Mistake(
        "log_variance_as_variance",
        "`log_variance` is used as if it were the variance itself. It is its logarithm and may be negative: the variance is "
        "`log_variance.exp()`.",
        _positive(_as_variance),
    ),
)


@exercise("c1w4c.gaussian_information", reference="course_utils.losses:gaussian_information", mistakes=_NUMBER_MISTAKES)
def verify_gaussian(candidate):
    expect_same("the bound", _with_fixed_code(candidate), _with_fixed_code(_gaussian), _NUMBERS)
