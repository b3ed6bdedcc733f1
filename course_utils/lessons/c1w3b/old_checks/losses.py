"""Checks of one-sided label smoothing and of the relativistic loss: values, gradients, very sure logits."""

import torch
import torch.nn.functional as F

from course_utils.checks.engine import Mistake, exercise
from course_utils.checks.functions import behaves_like, expect_same, learnable, normal, usual_mistakes
from course_utils.checks.probes import agrees
from course_utils.losses import discriminator_loss_smoothed, relativistic_discriminator_loss

REDUCED = (1.0, 0.5, -1.0)  # the same mistake with half the sum, or the sign turned round


def _logits(shape=(8, 1), seed=0, scale=2.0):
    return normal(*shape, seed=seed, scale=scale), normal(*shape, seed=seed + 40, scale=scale)


def _sure(size):
    """Logits far from 0; those of the fakes a little farther, since at a difference of 0 some right slopes have a kink."""
    real, fake = torch.full((4, 1), size), torch.full((4, 1), size + 1)
    return [(a * real, b * fake) for a in (1.0, -1.0) for b in (1.0, -1.0)]


def _wrong_when_sure(reference, *more):
    """A probe: right for moderate logits, wrong for very sure ones (infinite, NaN, capped)?"""

    def seen(candidate):
        def right(pair):
            return agrees(candidate(*learnable((*pair, *more))), reference(*pair, *more), 1e-4)

        sure = [pair for size in (30.0, 200.0) for pair in _sure(size)]
        return all(right(_logits(seed=seed)) for seed in range(3)) and not all(right(pair) for pair in sure)

    return seen


_UNSTABLE = (
    "Right for moderate logits, wrong for very sure ones: a logarithm is taken of a sigmoid that was rounded to 0 or "
    "1, or of an exponential that overflowed, which gives infinity, NaN or a capped value. `softplus` and "
    "`binary_cross_entropy_with_logits` stay exact."
)


def _half_detached(reference, *more):
    """A probe: the right value, but no gradient for one of the two."""

    def seen(candidate):
        pair = learnable(_logits())
        value = candidate(*pair, *more)
        if not agrees(value, reference(*_logits(), *more)):
            return False
        found = torch.autograd.grad(value, pair, allow_unused=True)
        return any(g is None or not g.any() for g in found)

    return seen


_HALF_DETACHED = (
    "The value is right, but no gradient comes back through one of the two arguments: it was detached, or turned "
    "into a number. Detaching is done to the fakes, in the training step, not to logits."
)

# --- one-sided label smoothing ----------------------------------------------------------------------------------------

S_CASES = ((*_logits(), 0.1), (*_logits((5, 1), 1), 0.3), (*_logits((1, 1), 2), 0.25))


def _soft(logits, label):
    """Cross entropy of logits with a label between 0 and 1, for each."""
    return F.softplus(logits) - label * logits


def _smoothed(reals, fakes):
    """A wrong loss from what it does to each real and each fake, for a given smoothing."""
    return lambda r, f, s: reals(r, s).mean() + fakes(f, s).mean()


def _like(*variants, factors=REDUCED):
    return behaves_like(*variants, cases=S_CASES, factors=factors)


def _one_sided(r, s):
    return _soft(r, 1 - s)


def _plain_fake(f, s):
    return F.softplus(f)


def _ignores(candidate):
    """The same for every smoothing, although smoothing 0.1 is right: the label is written out."""
    values = [candidate(*learnable((*_logits(), s))) for s in (0.1, 0.3)]
    return agrees(values[0], discriminator_loss_smoothed(*_logits(), 0.1)) and agrees(values[1], values[0])


def _random(candidate):
    """Does any of several further calls give another loss than the first? (Two of them may agree by chance.)"""
    first = candidate(*learnable(S_CASES[0])).detach()
    return not all(agrees(candidate(*learnable(S_CASES[0])), first, 1e-5) for _ in range(8))


_SMOOTHING_MISTAKES = (
    *usual_mistakes(*S_CASES[0]),
    Mistake(
        "label_is_smoothing",
        "Reals get the label `smoothing` itself, so with 0.1 they are called fake. It is what is taken *off*: the "
        "label of a real is 1 - smoothing = 0.9.",
        _like(_smoothed(lambda r, s: _soft(r, s), _plain_fake)),
    ),
    Mistake(
        "two_sided",
        "Fakes are smoothed as well. That makes the discriminator stand up for bad fakes: where there are no reals "
        "at all its best answer would be the logit -2.2 instead of minus infinity, however bad the fake. One-sided "
        "means: fakes keep the label 0.",
        _like(_smoothed(_one_sided, lambda f, s: _soft(f, s))),
    ),
    Mistake(
        "fakes_only",
        "The fakes are smoothed and the reals are not. It is the other way round: being too sure of *reals* is to "
        "cost something, and fakes keep the label 0.",
        _like(_smoothed(lambda r, s: F.softplus(-r), lambda f, s: _soft(f, s))),
    ),
    Mistake(
        "fakes_called_real",
        "Fakes are compared with the label 1, as in the generator's loss. For the discriminator they are fake: label 0, "
        "softplus(l).",
        _like(_smoothed(_one_sided, lambda f, s: F.softplus(-f))),
    ),
    Mistake(
        "reals_only",
        "Only the reals count: the fakes' part, mean softplus(l), is missing.",
        _like(lambda r, f, s: _one_sided(r, s).mean()),
    ),
    Mistake(
        "wrong_sign",
        "The right loss with the opposite sign: minimised, it makes the discriminator as wrong as can be. A logarithm of a "
        "probability is negative, and the loss is minus it.",
        _like(lambda r, f, s: _one_sided(r, s).mean() + F.softplus(f).mean(), factors=(-1.0, -0.5)),
    ),
    Mistake(
        "only_scaled",
        "The reals' part is multiplied by 1 - s, and its second half is missing. A loss made smaller is not a "
        "smoother one: its best answer is still an infinite logit. Cross entropy with the label 1 - s has two terms, "
        "(1 - s) softplus(-l) + s softplus(l).",
        _like(_smoothed(lambda r, s: (1 - s) * F.softplus(-r), _plain_fake)),
    ),
    Mistake(
        "not_weighted",
        "The term s softplus(l) is added to the whole of softplus(-l). The two weights add up to 1: (1 - s) and s. "
        "As it is the label is 1 / (1 + s), and the best logit for s = 0.1 is 2.3 instead of 2.2.",
        _like(_smoothed(lambda r, s: F.softplus(-r) + s * F.softplus(r), _plain_fake)),
    ),
    Mistake(
        "half_smoothed",
        "The label of reals is 1 - s/2. That is the convention of label smoothing for classes, where the part that "
        "is taken off is spread over both of them. Here it is 1 - s.",
        _like(_smoothed(lambda r, s: _soft(r, 1 - s / 2), _plain_fake)),
    ),
    Mistake(
        "not_smoothed",
        "`smoothing` makes no difference: this is the loss of the first lesson. Compare reals with the label 1 - "
        "smoothing.",
        _like(_smoothed(lambda r, s: F.softplus(-r), _plain_fake)),
    ),
    Mistake(
        "label_written_out",
        "Right for a smoothing of 0.1 only: the label 0.9 is written out. Use the argument: `1 - smoothing`.",
        _ignores,
    ),
    Mistake(
        "labels_swapped",
        "The labels are swapped: reals are compared with 0 and fakes with the smoothed 1. Reals go with 1 - s, fakes "
        "with 0.",
        _like(
            _smoothed(lambda r, s: F.softplus(r), lambda f, s: _soft(f, 1 - s)),
            _smoothed(lambda r, s: _soft(r, s), lambda f, s: F.softplus(-f)),
        ),
    ),
    Mistake(
        "sigmoid_before_logits",
        "The logits go through a sigmoid before a loss that applies a sigmoid itself. Give the raw logits to the loss.",
        _like(
            lambda r, f, s: _one_sided(torch.sigmoid(r), s).mean() + F.softplus(torch.sigmoid(f)).mean(),
            lambda r, f, s: _one_sided(torch.sigmoid(r), s).mean() + F.softplus(f).mean(),
        ),
    ),
    Mistake(
        "loss_summed",
        "The loss is summed over the batch, not averaged, so the best learning rate depends on the batch size. Use "
        "the mean.",
        _like(lambda r, f, s: _one_sided(r, s).sum() + F.softplus(f).sum(), factors=(1.0, 0.5)),
    ),
    Mistake(
        "loss_halved",
        "Half of what is asked for: the mean of the two parts where their sum belongs. log 4 is to go on meaning "
        "'cannot tell'.",
        _like(lambda r, f, s: _one_sided(r, s).mean() + F.softplus(f).mean(), factors=(0.5,)),
    ),
    Mistake(
        "random_labels",
        "Two calls with the same logits give different losses: the labels are drawn at random. Noisy labels are "
        "another trick; here every real has the label 1 - smoothing.",
        _random,
    ),
    Mistake("half_detached", _HALF_DETACHED, _half_detached(discriminator_loss_smoothed, 0.2)),
    Mistake("unstable_log", _UNSTABLE, _wrong_when_sure(discriminator_loss_smoothed, 0.1)),
)


@exercise("c1w3b.smoothing", reference="course_utils.losses:discriminator_loss_smoothed", mistakes=_SMOOTHING_MISTAKES)
def verify_smoothing(candidate):
    what = "the loss"
    expect_same(what, candidate, discriminator_loss_smoothed, S_CASES)
    expect_same(f"{what} with smoothing 0", candidate, discriminator_loss_smoothed, [(*_logits((6, 1), 3), 0.0)])
    expect_same(f"{what} with the default smoothing", candidate, discriminator_loss_smoothed, [_logits((3, 1), 4)])
    more_reals = (normal(9, 1, seed=7), normal(4, 1, seed=8), 0.2)
    expect_same(f"{what} with more reals than fakes", candidate, discriminator_loss_smoothed, [more_reals])
    sure = [(*pair, 0.1) for size in (30.0, 200.0) for pair in _sure(size)]
    expect_same(f"{what} for very sure logits", candidate, discriminator_loss_smoothed, sure)


# --- relativistic pairing ---------------------------------------------------------------------------------------------

R_CASES = (_logits(), _logits((5, 1), 1), _logits((64, 1), 2))


def _relativistic(*variants, factors=REDUCED, cases=R_CASES):
    return behaves_like(*variants, cases=cases, factors=factors)


_RELATIVISTIC_MISTAKES = (
    *usual_mistakes(*R_CASES[0]),
    Mistake(
        "other_way_round",
        "The difference is taken the other way round: this falls when *fakes* look more real than reals, which is "
        "the generator's side. The discriminator wants D(x) - D(G(z)) large: `softplus(-(real_logits - "
        "fake_logits))`.",
        _relativistic(lambda r, f: F.softplus(r - f).mean(), lambda r, f: F.softplus(r - f).sum(), factors=(1.0, 0.5)),
    ),
    Mistake(
        "no_lower_end",
        "The minus sign stands outside: -softplus(D(x) - D(G(z))) falls for ever, like a Wasserstein loss. Inside it makes "
        "the loss flat for pairs that are told apart: `softplus(-(real_logits - fake_logits))`.",
        _relativistic(
            lambda r, f: -F.softplus(r - f).mean(), lambda r, f: -F.softplus(r - f).sum(), factors=(1.0, 0.5)
        ),
    ),
    Mistake(
        "wrong_sign",
        "The right loss with the opposite sign, as `logsigmoid` without a minus gives it: minimised, it makes fakes look more "
        "real than reals. It is never below 0.",
        _relativistic(
            lambda r, f: -F.softplus(f - r).mean(), lambda r, f: -F.softplus(f - r).sum(), factors=(1.0, 0.5)
        ),
    ),
    Mistake(
        "wrong_size",
        "The right loss halved or doubled. It is one mean over the pairs, log 2 when the two of every pair get the same logit.",
        _relativistic(lambda r, f: F.softplus(f - r).mean(), factors=(0.5, 2.0)),
    ),
    Mistake(
        "every_with_every",
        "Every real is compared with every fake. The pairing is row by row, `real_logits - fake_logits`; B "
        "comparisons are as good as B times B, and each weighs the same fake once.",
        _relativistic(lambda r, f: F.softplus(-(r - f.T)).mean(), lambda r, f: F.softplus(-(r - f.T)).sum(1).mean()),
    ),
    Mistake(
        "against_the_mean",
        "Logits are compared with the *mean* logit of the other kind. That is the relativistic average GAN of the "
        "same paper. Here each real is paired with the fake in its row; that is what R3GAN uses.",
        _relativistic(
            lambda r, f: F.softplus(-(r - f.mean())).mean() + F.softplus(f - r.mean()).mean(),
            lambda r, f: F.softplus(-(r - f.mean())).mean(),
            lambda r, f: F.softplus(f - r.mean()).mean(),
        ),
    ),
    Mistake(
        "mean_before_softplus",
        "The mean is taken before softplus, so only the two means are compared, and a single very sure pair can hide "
        "all the others. First a softplus for each pair, then the mean.",
        _relativistic(lambda r, f: F.softplus(-(r - f).mean())),
    ),
    Mistake(
        "not_relativistic",
        "This is the loss of the first lesson: reals and fakes are judged each by itself. Here only their difference "
        "counts, and adding the same number to both changes nothing.",
        _relativistic(
            lambda r, f: F.softplus(-r).mean() + F.softplus(f).mean(),
            lambda r, f: (F.softplus(-r) + F.softplus(f)).sum(),
        ),
    ),
    Mistake(
        "wasserstein",
        "This is the bare difference of the scores, as in a Wasserstein GAN, and nothing stops it from growing for "
        "ever. Put the difference of each pair through softplus.",
        _relativistic(lambda r, f: -(r - f).mean(), lambda r, f: -(r - f).sum()),
    ),
    Mistake(
        "sigmoid_first",
        "Probabilities are subtracted, so the difference never leaves [-1, 1] and the loss never falls below 0.31. "
        "Subtract the logits themselves.",
        _relativistic(lambda r, f: F.softplus(-(torch.sigmoid(r) - torch.sigmoid(f))).mean()),
    ),
    Mistake(
        "both_sides",
        "The generator's side is added: softplus(-d) + softplus(d) is smallest at d = 0, so the discriminator would "
        "be rewarded for telling nothing apart. Only softplus(-(D(x) - D(G(z)))) belongs to it.",
        _relativistic(lambda r, f: F.softplus(r - f).mean() + F.softplus(f - r).mean()),
    ),
    Mistake(
        "loss_summed",
        "The loss is summed over the pairs, not averaged, so the best learning rate depends on the batch size. Use "
        "the mean.",
        _relativistic(lambda r, f: F.softplus(f - r).sum(), factors=(1.0, 0.5)),
    ),
    Mistake(
        "hinge",
        "Pairs that are right by a margin of 1 count no longer: that is the relativistic hinge loss. Softplus is "
        "asked for, which never goes quite flat.",
        _relativistic(lambda r, f: F.relu(1 - (r - f)).mean()),
    ),
    Mistake("half_detached", _HALF_DETACHED, _half_detached(relativistic_discriminator_loss)),
    Mistake("unstable_log", _UNSTABLE, _wrong_when_sure(relativistic_discriminator_loss)),
)


@exercise(
    "c1w3b.relativistic_loss",
    reference="course_utils.losses:relativistic_discriminator_loss",
    mistakes=_RELATIVISTIC_MISTAKES,
)
def verify_relativistic(candidate):
    cases = [*R_CASES, _logits((1, 1), 3)]
    expect_same("the loss", candidate, relativistic_discriminator_loss, cases)
    real, fake = _logits((6, 1), 5)
    expect_same("the loss of shifted logits", candidate, relativistic_discriminator_loss, [(real + 50, fake + 50)])
    sure = [pair for size in (30.0, 200.0) for pair in _sure(size)]
    expect_same("the loss for very sure logits", candidate, relativistic_discriminator_loss, sure)
