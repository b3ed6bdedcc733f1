"""Checks of ``auxiliary_loss`` and ``projection_score``: the class in a loss, and the class in a logit."""

import torch
import torch.nn.functional as F

from course_utils.checks.engine import Mistake, exercise
from course_utils.checks.functions import behaves_like, expect_same, learnable, normal, usual_mistakes
from course_utils.checks.probes import agrees


def _labels(n, classes, seed):
    return torch.randint(classes, (n,), generator=torch.Generator().manual_seed(seed))


# --- auxiliary loss ----------------------------------------------------------------------------------------------------


def _case(reals, fakes, classes, seed, scale=2.0):
    return (
        normal(reals, classes, seed=seed, scale=scale),
        _labels(reals, classes, seed + 1),
        normal(fakes, classes, seed=seed + 2, scale=scale),
        _labels(fakes, classes, seed + 3),
    )


_EQUAL = (_case(8, 8, 5, 0), _case(6, 6, 10, 10))  # as many fakes as reals
_UNEQUAL = (_case(4, 9, 5, 20), _case(1, 3, 2, 30))
_SURE = (_case(6, 6, 4, 40, scale=100.0),)  # logits far beyond where a probability becomes 0 in float32
_ONE = (_case(1, 1, 3, 50),)


def _right(real, real_labels, fake, fake_labels):
    return F.cross_entropy(real, real_labels) + F.cross_entropy(fake, fake_labels)


def _ce(transform=lambda x: x, **options):
    """The loss with something done to the logits before the cross entropy."""
    return lambda r, y, f, t: F.cross_entropy(transform(r), y, **options) + F.cross_entropy(transform(f), t, **options)


def _likelihoods(r, y, f, t):
    return -r.softmax(1).gather(1, y[:, None]).mean() - f.softmax(1).gather(1, t[:, None]).mean()


def _multi_label(r, y, f, t):
    return sum(
        F.binary_cross_entropy_with_logits(x, F.one_hot(labels, x.shape[1]).to(x.dtype))
        for x, labels in ((r, y), (f, t))
    )


def _only_when_moderate(candidate) -> bool:
    value = candidate(*learnable(_SURE[0]))
    return behaves_like(_right, cases=_EQUAL)(candidate) and not agrees(value, _right(*_SURE[0]))


def _only_for_equal_counts(candidate) -> bool:
    if not behaves_like(_right, cases=_EQUAL)(candidate):
        return False
    try:
        return not behaves_like(_right, cases=_UNEQUAL[:1])(candidate)
    except Exception:  # noqa: BLE001 - the shapes do not fit
        return True


def _half_detached(candidate) -> bool:
    """The right value, but no gradient for one of the two?"""
    case = learnable(_EQUAL[0])
    value = candidate(*case)
    gradients = torch.autograd.grad(value, (case[0], case[2]), allow_unused=True)
    missing = any(g is None or not g.any() for g in gradients)
    return missing and agrees(value, _right(*_EQUAL[0]))


def _as(*wrong, factors=(1.0, 0.5)):
    return behaves_like(*wrong, cases=_EQUAL, factors=factors)


def _accuracy(logits, labels):
    return (logits.argmax(1) == labels).float().mean()


def _binary(r, y, f, t):
    """Binary cross entropy after a softmax."""
    codes = [F.one_hot(labels, x.shape[1]).to(x.dtype) for x, labels in ((r, y), (f, t))]
    return F.binary_cross_entropy(r.softmax(1), codes[0]) + F.binary_cross_entropy(f.softmax(1), codes[1])


_AUXILIARY_MISTAKES = (
    Mistake(
        "counts",
        "This counts how often the largest logit is the right one (or a wrong one). A count moves in jumps and has no slope, "
        "so nothing could be learned from it. Use `F.cross_entropy` on the logits.",
        _as(
            lambda r, y, f, t: _accuracy(r, y) + _accuracy(f, t),
            lambda r, y, f, t: 2 - _accuracy(r, y) - _accuracy(f, t),
            factors=(1.0, 0.5, -1.0),
        ),
    ),
    *usual_mistakes(*_EQUAL[0]),
    Mistake(
        "softmax_first",
        "The logits go through a softmax before `cross_entropy`, which applies one itself. With ten classes the loss of a "
        "perfect reading could not fall below 1.46 then, and its gradient is weak. Give it the raw logits.",
        _as(
            _ce(lambda x: x.softmax(1)),
            _ce(lambda x: x.sigmoid()),
            lambda r, y, f, t: _right(r.softmax(1), y, f, t),
            lambda r, y, f, t: _right(r, y, f.softmax(1), t),
        ),
    ),
    Mistake(
        "softmax_over_batch",
        "The softmax runs over the batch (dim 0): images compete with each other for a class. For each image the classes "
        "compete: dim 1, which is what `cross_entropy` does by itself.",
        _as(
            lambda r, y, f, t: F.nll_loss(r.log_softmax(0), y) + F.nll_loss(f.log_softmax(0), t),
            _ce(lambda x: x.softmax(0)),
        ),
    ),
    Mistake(
        "labels_swapped",
        "The labels are exchanged: the reals are compared with what the fakes were asked for, and the other way round.",
        _as(lambda r, y, f, t: _right(r, t, f, y)),
    ),
    Mistake(
        "fakes_with_the_labels_of_the_reals",
        "Both sets of logits are compared with the same labels. The fakes have labels of their own, those they were asked "
        "for; they need not be the same as the reals'.",
        _as(lambda r, y, f, t: _right(r, y, f, y), lambda r, y, f, t: _right(r, t, f, t)),
    ),
    Mistake(
        "real_only",
        "Only the real images count. In ACGAN the discriminator also learns from the fakes what a class looks like: add their "
        "cross entropy.",
        _as(lambda r, y, f, t: F.cross_entropy(r, y)),
    ),
    Mistake(
        "fake_only",
        "Only the fakes count. A discriminator that never reads a real image does not know what the classes are: add the "
        "reals' cross entropy.",
        _as(lambda r, y, f, t: F.cross_entropy(f, t)),
    ),
    Mistake(
        "fakes_pushed_away",
        "The fakes' part is subtracted: the discriminator is rewarded for misreading fakes. The players are opponents about "
        "*real or fake*, but about the class they want the same. Add the two.",
        _as(lambda r, y, f, t: F.cross_entropy(r, y) - F.cross_entropy(f, t)),
    ),
    Mistake(
        "wrong_sign",
        "The sign is turned round: this is the mean logarithm of the likelihood, which is to be made large. Optimisers "
        "minimise, so the loss is its negative.",
        _as(lambda r, y, f, t: -_right(r, y, f, t)),
    ),
    Mistake(
        "missing_log",
        "The mean probability of the right class is taken, without a logarithm (`nll_loss` wants log-probabilities). Its "
        "gradient vanishes where the class is read most wrongly. Use `F.cross_entropy` on the logits.",
        _as(_likelihoods, lambda r, y, f, t: 2 + _likelihoods(r, y, f, t)),
    ),
    Mistake(
        "nll_of_logits",
        "`nll_loss` (or a plain look-up) was given the logits themselves. It expects log-probabilities: put `log_softmax` "
        "before it, or use `F.cross_entropy`, which does both.",
        _as(lambda r, y, f, t: F.nll_loss(r, y) + F.nll_loss(f, t)),
    ),
    Mistake(
        "multi_label",
        "Each class is judged as a yes-or-no question of its own (binary cross entropy). A digit is one of ten: the classes "
        "compete in one softmax, `F.cross_entropy`.",
        behaves_like(_multi_label, _binary, cases=_EQUAL, factors=(1.0, 0.5)),
    ),
    Mistake(
        "loss_summed",
        "The loss is summed over the batch, not averaged, so it outweighs the adversarial loss, and the more so the larger "
        "the batch. Use the mean.",
        behaves_like(_ce(reduction="sum"), cases=_EQUAL),
    ),
    Mistake(
        "loss_halved",
        "The loss is half of what is asked for: the mean over reals and fakes together instead of the sum of two means. When "
        "nothing is known it should read 2 log K, 4.605 for ten classes.",
        behaves_like(_right, cases=_EQUAL, factors=(0.5,)),
    ),
    Mistake(
        "unstable_log",
        "Right for moderate logits, wrong for very sure ones: a logarithm is taken of a softmax that was rounded to 0, which "
        "gives infinity, NaN or a capped value. `F.cross_entropy` and `log_softmax` stay exact.",
        _only_when_moderate,
    ),
    Mistake(
        "one_count_for_both",
        "Right for as many fakes as reals, wrong otherwise: the two means are taken with one count. Average over the reals, "
        "average over the fakes, then add.",
        _only_for_equal_counts,
    ),
    Mistake(
        "half_detached",
        "The value is right, but no gradient comes back through one of the two parts: it was detached or turned into a "
        "number. Detaching is done to the images, in the training step.",
        _half_detached,
    ),
)


@exercise("c1w4a.auxiliary_loss", reference="course_utils.losses:auxiliary_loss", mistakes=_AUXILIARY_MISTAKES)
def verify_auxiliary_loss(candidate):
    expect_same("auxiliary_loss", candidate, _right, (*_EQUAL, *_UNEQUAL, *_SURE, *_ONE))


# --- projection score --------------------------------------------------------------------------------------------------


def _scored(batch, width, classes, seed):
    return (
        normal(batch, width, seed=seed),
        _labels(batch, classes, seed + 1),
        normal(classes, width, seed=seed + 2),
        normal(batch, 1, seed=seed + 3),
    )


_SCORES = (_scored(6, 5, 4, 0), _scored(9, 3, 10, 10), _scored(1, 4, 3, 20), _scored(4, 4, 4, 30), _scored(8, 1, 2, 40))
_TWO = _SCORES[:2]


def _projection(features, labels, vectors, psi):
    return psi + torch.einsum("bf,bf->b", features, vectors[labels])[:, None]


def _match(features, labels, vectors):
    """The inner products, (B,)."""
    return (features * vectors[labels]).sum(1)


def _like(*wrong):
    return behaves_like(*wrong, cases=_TWO)


_PROJECTION_MISTAKES = (
    *usual_mistakes(*_SCORES[0], scalar=False)[:2],
    Mistake(
        "missing_psi",
        "The unconditional score is missing. The inner product alone says how well an image fits its class, not whether "
        "it looks real at all: add `unconditional`.",
        _like(lambda x, y, v, p: _match(x, y, v)[:, None]),
    ),
    Mistake(
        "missing_match",
        "The class vectors are not used: the score is psi alone, the same whatever the label is. Add the inner product of the "
        "features with the vector of the image's class.",
        _like(lambda x, y, v, p: p),
    ),
    Mistake(
        "everybody_with_everybody",
        "The result is (B, B): the inner products have shape (B,), and added to (B, 1) each image's psi meets the match of "
        "every other. Keep the dimension: `.sum(dim=1, keepdim=True)`.",
        _like(lambda x, y, v, p: p + _match(x, y, v)),
    ),
    Mistake(
        "matrix_of_the_batch",
        "The features of every image are multiplied with the class vectors of all images, (B, B). Only those in the same row "
        "belong together: multiply number by number, then sum over the features.",
        _like(lambda x, y, v, p: p + x @ v[y].T),
    ),
    Mistake(
        "all_classes",
        "There is a score for every class, (B, K). Only the vector of the image's own label counts: look it up with "
        "`class_vectors[labels]`.",
        _like(lambda x, y, v, p: p + x @ v.T),
    ),
    Mistake(
        "summed_over_batch",
        "The inner product is summed over the whole batch, so every image gets the same match, that of all together. Sum over "
        "the features only: dim=1.",
        _like(
            lambda x, y, v, p: p + (x * v[y]).sum(),
            lambda x, y, v, p: (p + _match(x, y, v)[:, None]).sum(),
            lambda x, y, v, p: p.sum() + _match(x, y, v).sum(),
        ),
    ),
    Mistake(
        "not_summed",
        "The products of the single features are not added up, (B, F). An inner product is their sum: `.sum(dim=1, "
        "keepdim=True)`.",
        _like(lambda x, y, v, p: p + x * v[y]),
    ),
    Mistake(
        "mean_of_features",
        "The products are averaged instead of summed, which makes the class count the less the more features there are. An "
        "inner product is a sum.",
        _like(lambda x, y, v, p: p + (x * v[y]).mean(1, keepdim=True)),
    ),
    Mistake(
        "cosine",
        "Features and class vectors are brought to length 1 first: that is the cosine of their angle. Here the lengths count: "
        "the plain inner product.",
        _like(
            lambda x, y, v, p: p + F.cosine_similarity(x, v[y])[:, None],
            lambda x, y, v, p: p + (x * F.normalize(v[y])).sum(1, keepdim=True),
            lambda x, y, v, p: p + (F.normalize(x) * v[y]).sum(1, keepdim=True),
        ),
    ),
    Mistake(
        "sigmoid",
        "The score goes through a sigmoid. It is a logit, and the losses apply the sigmoid themselves.",
        _like(lambda x, y, v, p: _projection(x, y, v, p).sigmoid()),
    ),
    Mistake(
        "rows_in_order",
        "The class vectors are taken in the order of the batch: image 0 gets the vector of class 0, whatever its label. Look "
        "them up with `class_vectors[labels]`.",
        behaves_like(lambda x, y, v, p: p + (x * v[: len(x)]).sum(1, keepdim=True), cases=(_SCORES[3], _TWO[1])),
    ),
    Mistake(
        "flat",
        "The values are right, but their shape is (B,). The losses and the other discriminators use (B, 1), and (B,) against "
        "(B, 1) would be broadcast to (B, B) in silence. Keep the dimension.",
        lambda c: c(*learnable(_TWO[0])).shape == (6,) and agrees(c(*learnable(_TWO[0])), _projection(*_TWO[0])),
    ),
    Mistake(
        "half_detached",
        "The values are right, but no gradient reaches all of features, class vectors and psi: one of them was detached. All "
        "three are learned.",
        lambda c: agrees(c(*learnable(_TWO[0])), _projection(*_TWO[0])) and _some_gradient_missing(c),
    ),
    *usual_mistakes(*_SCORES[0], scalar=False)[2:],
)


def _some_gradient_missing(candidate) -> bool:
    case = learnable(_TWO[0])
    learned = [case[0], case[2], case[3]]
    found = torch.autograd.grad(candidate(*case).sum(), learned, allow_unused=True)
    missing = [g is None or not g.any() for g in found]
    return any(missing) and not all(missing)


@exercise(
    "c1w4a.projection_score",
    reference="course_utils.models.conditional.class_labels:projection_score",
    mistakes=_PROJECTION_MISTAKES,
)
def verify_projection_score(candidate):
    expect_same("projection_score", candidate, _projection, _SCORES)
