"""Checks of the two Wasserstein losses."""

import torch
import torch.nn.functional as F

from course_utils.checks.engine import Mistake, exercise
from course_utils.checks.functions import behaves_like, expect_same, normal, usual_mistakes, value_and_gradients

_SIZES = (8, 1, 5, 64)
_PAIRS = [(normal(n, 1, seed=n, scale=2), normal(n, 1, seed=n + 1, scale=2)) for n in _SIZES]
_PAIRS.append((torch.full((4, 1), 200.0), torch.full((4, 1), -300.0)))
_SEEN = [
    _PAIRS[0],
    (_PAIRS[0][1] + 1, _PAIRS[0][0] - 1),
    (_PAIRS[0][0] - 2, _PAIRS[0][1] + 2),
]  # either has the higher mean
_FACTORS = (1.0, 8.0, 0.5)  # averaged, summed, halved


def _right(real, fake):
    return fake.mean() - real.mean()


def _half_detached(candidate) -> bool:
    value, gradients = value_and_gradients("the loss", candidate, _PAIRS[0])
    return bool(torch.isclose(value, _right(*_PAIRS[0]), rtol=1e-4)) and any(not g.any() for g in gradients)


def _like(*formulas, factors=_FACTORS):
    return behaves_like(*formulas, cases=_SEEN, factors=factors)


_CRITIC = (
    *usual_mistakes(*_PAIRS[0]),
    Mistake(
        "signs_swapped",
        "The sign is turned round: minimising mean D(x) - mean D(G(z)) gives *fakes* the high scores. The optimiser goes "
        "down, and the critic wants reals high and fakes low: mean D(G(z)) - mean D(x).",
        _like(lambda r, f: r.mean() - f.mean()),
    ),
    Mistake(
        "sigmoid",
        "The scores go through a sigmoid. A critic's output is no probability: squeezed between 0 and 1, its difference "
        "cannot be a distance, and the slope that the penalty asks for is not there. Use the scores as they are.",
        _like(lambda r, f: torch.sigmoid(f).mean() - torch.sigmoid(r).mean()),
    ),
    Mistake(
        "logits_game",
        "This is the loss of the first week, on logits (softplus, binary cross entropy). In the Wasserstein game there is "
        "no logarithm at all: the difference of two means of raw scores.",
        _like(lambda r, f: F.softplus(-r).mean() + F.softplus(f).mean(), lambda r, f: F.softplus(-r).mean()),
    ),
    Mistake(
        "hinge",
        "The scores are cut off at a margin (hinge, or a maximum with 0). Then examples beyond the margin count no longer, "
        "and the value is no distance. Take the plain means.",
        _like(
            lambda r, f: F.relu(1 - r).mean() + F.relu(1 + f).mean(),
            lambda r, f: F.relu(f.mean() - r.mean()),
            lambda r, f: F.relu(f - r).mean(),
        ),
    ),
    Mistake(
        "absolute",
        "An absolute value or a square is taken. It is smallest when reals and fakes have the *same* mean score, so the "
        "critic would learn to tell nothing apart. The sign is what it learns from: mean D(G(z)) - mean D(x).",
        _like(
            lambda r, f: (f.mean() - r.mean()).abs(),
            lambda r, f: (f - r).abs().mean(),
            lambda r, f: (f.mean() - r.mean()).square(),
        ),
    ),
    Mistake(
        "real_only",
        "Only the real images count. A critic that scores everything high would have a perfect loss; add mean D(G(z)).",
        _like(lambda r, f: -r.mean()),
    ),
    Mistake(
        "fake_only",
        "Only the fakes count. A critic that scores everything low would have a perfect loss; subtract mean D(x).",
        _like(lambda r, f: f.mean()),
    ),
    Mistake(
        "both_added",
        "The two means are added. The critic would push reals and fakes the same way; it is their difference that counts.",
        _like(lambda r, f: f.mean() + r.mean(), lambda r, f: -f.mean() - r.mean()),
    ),
    Mistake(
        "summed",
        "The right difference in the wrong size: summed over the batch, or halved. The value is to be read as a distance, "
        "and it is weighed against the penalty, so it must be the difference of two means.",
        _like(_right, factors=(8.0, 0.5, 4.0)),
    ),
    Mistake(
        "half_detached",
        "The value is right, but no gradient comes back through one of the two parts: it was detached, or turned into a "
        "number. Detaching is done to the images, in the critic's step, not to the scores.",
        _half_detached,
    ),
)


@exercise("c1w3a.wasserstein_critic_loss", reference="course_utils.losses:wasserstein_critic_loss", mistakes=_CRITIC)
def verify_critic_loss(candidate):
    expect_same("the critic's loss", candidate, _right, _PAIRS)


_FAKES = [(fake,) for _, fake in _PAIRS]


def _like_g(*formulas, factors=_FACTORS):
    return behaves_like(*formulas, cases=[_FAKES[0]], factors=factors)


_GENERATOR = (
    *usual_mistakes(*_FAKES[0]),
    Mistake(
        "wrong_sign",
        "The sign is turned round: minimising mean D(G(z)) makes the critic's score of the fakes *lower*, so they get "
        "worse. The generator wants it higher: the loss is -mean D(G(z)).",
        _like_g(lambda f: f.mean()),
    ),
    Mistake(
        "logits_game",
        "This is the generator's loss of the first week, on logits. A critic gives scores: the loss is -mean D(G(z)), "
        "without softplus, sigmoid or logarithm.",
        _like_g(lambda f: F.softplus(-f).mean(), lambda f: -F.softplus(f).mean(), lambda f: F.softplus(f).mean()),
    ),
    Mistake(
        "sigmoid",
        "The scores go through a sigmoid, whose slope vanishes for sure critics: just what this loss is there to avoid. "
        "Use the scores as they are.",
        _like_g(lambda f: -torch.sigmoid(f).mean(), lambda f: (1 - torch.sigmoid(f)).mean()),
    ),
    Mistake(
        "hinge",
        "The scores are cut off (a maximum with 0), so that fakes beyond the margin get no gradient. Take the plain mean.",
        _like_g(lambda f: F.relu(1 - f).mean(), lambda f: F.relu(-f).mean()),
    ),
    Mistake(
        "absolute",
        "An absolute value or a square is taken, so fakes with a high score are pulled down again. "
        "The higher the score the better: -mean D(G(z)).",
        _like_g(lambda f: f.abs().mean(), lambda f: f.square().mean(), lambda f: (f - 1).square().mean()),
    ),
    Mistake(
        "summed",
        "The right direction in the wrong size: summed over the batch, or halved. Use the mean.",
        _like_g(lambda f: -f.mean(), factors=(8.0, 0.5)),
    ),
)


@exercise(
    "c1w3a.wasserstein_generator_loss", reference="course_utils.losses:wasserstein_generator_loss", mistakes=_GENERATOR
)
def verify_generator_loss(candidate):
    expect_same("the generator's loss", candidate, lambda fake: -fake.mean(), _FAKES)
