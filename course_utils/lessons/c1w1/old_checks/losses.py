"""Checks of the two losses: values, gradients and very sure logits; then a search through ways of getting them wrong."""

import torch
import torch.nn.functional as F

from course_utils.checks.engine import Mistake, exercise
from course_utils.checks.expect import expect_close, expect_tensor, expect_true
from course_utils.checks.functions import changes_input, no_graph, not_reduced, returns_nothing

SHAPES = ((8, 1), (1, 1), (5, 1), (64, 1))  # what the two functions say that they take


def _logits(shape, seed, scale=2.0):
    generator = torch.Generator().manual_seed(seed)
    return scale * torch.randn(shape, generator=generator)


def _loss_and_gradients(loss, *logits):
    """The loss and its gradients with respect to each of the logits, which must stay as they are."""
    inputs = [x.clone().requires_grad_() for x in logits]
    value = expect_tensor("the loss", loss(*inputs))
    for x, original in zip(inputs, logits, strict=True):
        expect_true(
            torch.equal(x.detach(), original), "The loss changes the logits it was given (an in-place operation)."
        )
    expect_true(value.ndim == 0, f"the loss must be a single number, but it has shape {tuple(value.shape)}.")
    expect_true(value.requires_grad, "the loss has no gradient: it was detached or turned into a plain number.")
    gradients = torch.autograd.grad(value, inputs, allow_unused=True)
    return value, [torch.zeros_like(x) if g is None else g for g, x in zip(gradients, inputs, strict=True)]


def _compare(candidate, reference, names):
    for seed, shape in enumerate(SHAPES):
        logits = [_logits(shape, 10 * seed + i) for i in range(len(names))]
        value, gradients = _loss_and_gradients(candidate, *logits)
        expected, expected_gradients = _loss_and_gradients(reference, *logits)
        expect_close(f"the loss for logits of shape {shape}", value, expected)
        for name, gradient, wanted in zip(names, gradients, expected_gradients, strict=True):
            expect_close(f"the gradient with respect to {name}", gradient, wanted)
    for size in (30.0, 200.0):  # a discriminator that is very sure, rightly or wrongly
        for sign in (1.0, -1.0):
            logits = [sign * (-1) ** i * torch.full((4, 1), size) for i in range(len(names))]
            value, gradients = _loss_and_gradients(candidate, *logits)
            expected, expected_gradients = _loss_and_gradients(reference, *logits)
            expect_close(f"the loss for logits of size {size:.0f}", value, expected)
            for name, gradient, wanted in zip(names, gradients, expected_gradients, strict=True):
                expect_close(f"the gradient with respect to {name} for logits of size {size:.0f}", gradient, wanted)


# --- ways of getting the discriminator's loss wrong ------------------------------------------------------------------


def _bce(logits, target: float, squash: bool, reduce):
    if squash:
        logits = torch.sigmoid(logits)
    return reduce(F.binary_cross_entropy_with_logits(logits, torch.full_like(logits, target), reduction="none"))


def _mean(x):
    return x.mean()


def _sum(x):
    return x.sum()


def _value(candidate, shape=(8, 1), scale=2.0):
    real, fake = _logits(shape, 1, scale), _logits(shape, 2, scale)
    return candidate(real, fake), real, fake


def _d_variant(candidate, *, swapped=False, squash=False, reduce=_mean, factor=1.0):
    value, real, fake = _value(candidate)
    if swapped:
        real, fake = fake, real
    expected = factor * (_bce(real, 1.0, squash, reduce) + _bce(fake, 0.0, squash, reduce))
    return bool(torch.isclose(value, expected, rtol=1e-4))


_REDUCTIONS = ({"reduce": _mean}, {"reduce": _sum}, {"factor": 0.5}, {"factor": 0.5, "reduce": _sum}, {"factor": -1.0})


def _d_any(**fixed):
    """A probe: this mistake, with or without a wrong reduction on top."""
    return lambda c: any(_d_variant(c, **{**extra, **fixed}) for extra in _REDUCTIONS)


def _d_matches(formula):
    def seen(candidate):
        value, real, fake = _value(candidate)
        return any(bool(torch.isclose(value, reduce(real, fake), rtol=1e-4)) for reduce in _both_reductions(formula))

    return seen


def _both_reductions(formula):
    each = (lambda r, f: formula(r, f).mean(), lambda r, f: formula(r, f).sum())
    return [*each, lambda r, f: formula(r, f).mean() / 2]  # halved: both halves in one batch


def _right_for(logits, candidate, reference) -> bool:
    """Are the value and the gradients right for these logits?"""
    value, gradients = _loss_and_gradients(candidate, *logits)
    expected, expected_gradients = _loss_and_gradients(reference, *logits)
    pairs = zip([value, *gradients], [expected, *expected_gradients], strict=True)
    return all(torch.allclose(mine, right, rtol=1e-3, atol=1e-5) for mine, right in pairs)


def _wrong_when_sure(candidate, reference, count) -> bool:
    """Right for small logits, wrong for large ones (inf, NaN, capped)?"""
    sure = [
        [sign * (-1) ** i * torch.full((8, 1), size) for i in range(count)]
        for size in (30.0, 200.0)
        for sign in (1, -1)
    ]
    small = [_logits((8, 1), i) for i in range(count)]
    return _right_for(small, candidate, reference) and not all(_right_for(s, candidate, reference) for s in sure)


def _half_detached(candidate) -> bool:
    """The right value, but no gradient for one of the two?"""
    value, gradients = _loss_and_gradients(candidate, *_PAIR)
    return bool(torch.isclose(value, _right(*_PAIR), rtol=1e-4)) and any(not g.any() for g in gradients)


def _missing_sigmoid(count, formula):
    """A probe: are numbers between 0 and 1 taken for probabilities?"""

    def seen(candidate):
        probabilities = [torch.sigmoid(_logits((8, 1), i)) for i in range(count)]
        value, expected = candidate(*probabilities), formula(*probabilities)
        return any(bool(torch.isclose(value, expected * factor, rtol=1e-3)) for factor in (1.0, 8.0, 0.5, -1.0))

    return seen


_SMOOTH = (0.95, 0.9, 0.8, 0.7)  # targets of label smoothing


def _right(real, fake):
    return F.softplus(-real).mean() + F.softplus(fake).mean()


_OTHER_GAN = (
    "This is the loss of another kind of GAN (least squares, hinge, or Wasserstein), which reads the discriminator's output "
    "as a score. Here it is a logit, and the loss is binary cross entropy."
)
_OTHER_D_LOSSES = (
    lambda r, f: (r - 1) ** 2 + f**2,
    lambda r, f: (torch.sigmoid(r) - 1) ** 2 + torch.sigmoid(f) ** 2,
    lambda r, f: F.relu(1 - r) + F.relu(1 + f),
    lambda r, f: f - r,
)

_PAIR = (_logits((8, 1), 1), _logits((8, 1), 2))

_D_MISTAKES = (
    Mistake("no_return", "The function returns None: its last line needs a `return`.", returns_nothing(*_PAIR)),
    Mistake(
        "changes_input",
        "The function changes the logits it was given (a name ending in _, or an operation like `+=`). "
        "Whoever called it still needs them; compute a new tensor.",
        changes_input(*_PAIR),
    ),
    Mistake(
        "not_reduced",
        "The loss is not a single number, which is what `backward()` and the plots need: take the mean over everything, "
        "`.mean()` without a dimension.",
        not_reduced(*_PAIR),
    ),
    Mistake(
        "no_gradient",
        "The loss has no graph behind it: `.item()`, `.detach()`, `.data`, NumPy or `torch.no_grad()` cut it off, and "
        "`backward()` could not reach any weight. Return the tensor as computed.",
        no_graph(*_PAIR),
    ),
    Mistake(
        "labels_swapped",
        "The labels are swapped: the loss is small when real images are called fake. Real logits go with target 1, "
        "`softplus(-real_logits)`; fake logits with target 0, `softplus(fake_logits)`.",
        lambda c: _d_any(swapped=True)(c) or _d_any(swapped=True, squash=True)(c),
    ),
    Mistake(
        "sigmoid_before_logits",
        "The logits go through a sigmoid before a loss that applies a sigmoid itself. The loss cannot fall below 1.0 "
        "then, however good the discriminator is. Give the raw logits to `binary_cross_entropy_with_logits` or softplus.",
        _d_any(squash=True),
    ),
    Mistake(
        "loss_summed",
        "The loss is summed over the batch, not averaged, so the gradient (and with it the best learning rate) grows "
        "with the batch size. Use the mean.",
        lambda c: _d_variant(c, reduce=_sum) or _d_variant(c, reduce=_sum, factor=0.5),
    ),
    Mistake(
        "loss_halved",
        "The loss is half of what is asked for: the mean of the two parts instead of their sum. Training works with "
        "either, but the lesson reads numbers off the curve: log 4 = 1.386 means 'cannot tell'.",
        lambda c: _d_variant(c, factor=0.5),
    ),
    Mistake(
        "wrong_sign",
        "The sign is turned round: this is the value that the discriminator maximises. Optimisers minimise, so the loss "
        "is its negative.",
        lambda c: _d_variant(c, factor=-1.0) or _d_variant(c, factor=-1.0, reduce=_sum),
    ),
    Mistake(
        "real_only",
        "Only the real images count. A discriminator that calls everything real would have a perfect loss; add the "
        "fakes' part, `softplus(fake_logits)`.",
        _d_matches(lambda r, f: F.softplus(-r)),
    ),
    Mistake(
        "fake_only",
        "Only the fakes count. A discriminator that calls everything fake would have a perfect loss; add the real "
        "images' part, `softplus(-real_logits)`.",
        _d_matches(lambda r, f: F.softplus(f)),
    ),
    Mistake(
        "same_target",
        "Both parts have the same target. Real logits are compared with 1, fake logits with 0.",
        lambda c: (
            _d_matches(lambda r, f: F.softplus(-r) + F.softplus(-f))(c)
            or _d_matches(lambda r, f: F.softplus(r) + F.softplus(f))(c)
        ),
    ),
    Mistake(
        "half_detached",
        "The value is right, but no gradient comes back through one of the two parts: it was detached (or turned into a "
        "number). Detaching is done to the images, in the training step, not to the logits.",
        _half_detached,
    ),
    Mistake(
        "missing_sigmoid",
        "The logits are used as if they were probabilities, but they are real numbers of any size, and the logarithm of a "
        "negative one does not exist. `softplus` and `binary_cross_entropy_with_logits` take logits.",
        _missing_sigmoid(2, lambda r, f: -r.log().mean() - (1 - f).log().mean()),
    ),
    Mistake(
        "label_smoothing",
        "The real images are compared with a target below 1 (label smoothing). That is a known trick, but not the loss "
        "asked for: its smallest value is not 0, and the curve could not be read.",
        lambda c: any(_d_matches(lambda r, f, t=t: F.softplus(r) - t * r + F.softplus(f))(c) for t in _SMOOTH),
    ),
    Mistake("other_gan", _OTHER_GAN, lambda c: any(_d_matches(formula)(c) for formula in _OTHER_D_LOSSES)),
    Mistake(
        "unstable_log",
        "Right for moderate logits, wrong for very sure ones: a logarithm is taken of a sigmoid that was rounded to 0 "
        "or 1, which gives infinity, NaN or a capped value. `softplus` and `binary_cross_entropy_with_logits` stay exact.",
        lambda c: _wrong_when_sure(c, _right, 2),
    ),
)


@exercise("c1w1.discriminator_loss", reference="course_utils.losses:discriminator_loss", mistakes=_D_MISTAKES)
def verify_discriminator_loss(candidate):
    _compare(candidate, _right, ("real_logits", "fake_logits"))


# --- ways of getting the generator's loss wrong ----------------------------------------------------------------------


def _right_g(fake):
    return F.softplus(-fake).mean()


def _g_matches(*formulas):
    """A probe: one of these per-image losses, averaged or summed."""

    def seen(candidate):
        fake = _logits((8, 1), 2)
        value = candidate(fake)
        each = [f(fake) for f in formulas]
        return any(torch.isclose(value, r, rtol=1e-4) for e in each for r in (e.mean(), e.sum(), e.mean() / 2))

    return seen


def _g_value_is(function):
    def seen(candidate):
        fake = _logits((8, 1), 2)
        return bool(torch.isclose(candidate(fake), function(fake), rtol=1e-4))

    return seen


_FAKE = (_logits((8, 1), 2),)

_G_MISTAKES = (
    Mistake("no_return", "The function returns None: its last line needs a `return`.", returns_nothing(*_FAKE)),
    Mistake(
        "changes_input",
        "The function changes the logits it was given (a name ending in _, or an operation like `+=`). "
        "Compute a new tensor.",
        changes_input(*_FAKE),
    ),
    Mistake(
        "not_reduced",
        "The loss is not a single number, which is what `backward()` and the plots need: take the mean over everything, "
        "`.mean()` without a dimension.",
        not_reduced(*_FAKE),
    ),
    Mistake(
        "no_gradient",
        "The loss has no graph behind it: `.item()`, `.detach()`, `.data`, NumPy or `torch.no_grad()` cut it off, and "
        "the generator would never learn. Return the tensor as computed.",
        no_graph(*_FAKE),
    ),
    Mistake(
        "saturating_loss",
        "This is the minimax loss, log(1 - D(G(z))). It has the right direction, but its gradient vanishes just when the "
        "discriminator sees through every fake, that is at the start. Minimise -log D(G(z)) instead.",
        _g_matches(lambda f: -F.softplus(f)),
    ),
    Mistake(
        "labels_swapped",
        "The generator is rewarded for being caught: the fakes are compared with target 0, as in the discriminator's "
        "loss. The generator wants them taken for real: target 1, `softplus(-fake_logits)`.",
        _g_matches(lambda f: F.softplus(f), lambda f: F.softplus(torch.sigmoid(f))),
    ),
    Mistake(
        "wrong_sign",
        "The sign is turned round: minimising this makes log D(G(z)) smaller, so the fakes get worse. "
        "The loss is -log D(G(z)).",
        _g_matches(lambda f: -F.softplus(-f)),
    ),
    Mistake(
        "sigmoid_before_logits",
        "The logits go through a sigmoid before a loss that applies a sigmoid itself, so the loss stays between 0.31 and "
        "0.69 and its gradient is weak everywhere. Give the raw logits to the loss.",
        _g_matches(lambda f: F.softplus(-torch.sigmoid(f))),
    ),
    Mistake(
        "wasserstein_loss",
        "This is the raw score, -D(G(z)), as in a Wasserstein GAN. Here the score is a logit: -log sigmoid of it, "
        "`softplus(-fake_logits)`.",
        _g_matches(lambda f: -f),
    ),
    Mistake(
        "loss_summed",
        "The loss is summed over the batch, not averaged, so the gradient grows with the batch size. Use the mean.",
        _g_value_is(lambda f: F.softplus(-f).sum()),
    ),
    Mistake(
        "loss_halved",
        "The loss is half of what is asked for. At equilibrium it should read log 2 = 0.693.",
        _g_value_is(lambda f: 0.5 * F.softplus(-f).mean()),
    ),
    Mistake(
        "missing_sigmoid",
        "The logits are used as if they were probabilities, but they are real numbers of any size, and the logarithm of a "
        "negative one does not exist. `softplus` and `binary_cross_entropy_with_logits` take logits.",
        lambda c: any(_missing_sigmoid(1, f)(c) for f in (lambda p: -p.log().mean(), lambda p: (1 - p).log().mean())),
    ),
    Mistake(
        "label_smoothing",
        "The fakes are compared with a target below 1 (label smoothing). The generator wants them taken for real, "
        "without a limit: target 1.",
        _g_matches(*[lambda f, t=t: F.softplus(f) - t * f for t in _SMOOTH]),
    ),
    Mistake(
        "least_squares_loss",
        "The difference between the score and 1 is squared, as in a least-squares GAN. Here the score is a logit: minus the "
        "logarithm of its sigmoid, `softplus(-fake_logits)`.",
        _g_matches(lambda f: (f - 1) ** 2, lambda f: (torch.sigmoid(f) - 1) ** 2),
    ),
    Mistake(
        "unstable_log",
        "Right for moderate logits, wrong for very sure ones: a logarithm is taken of a sigmoid that was rounded to 0, "
        "which gives infinity, NaN or a capped value. `softplus` and `binary_cross_entropy_with_logits` stay exact.",
        lambda c: _wrong_when_sure(c, _right_g, 1),
    ),
)


@exercise("c1w1.generator_loss", reference="course_utils.losses:generator_loss", mistakes=_G_MISTAKES)
def verify_generator_loss(candidate):
    _compare(candidate, _right_g, ("fake_logits",))
