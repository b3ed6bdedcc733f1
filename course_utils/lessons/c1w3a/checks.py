"""The checks of WGAN-GP."""

import copy
import traceback
from collections.abc import Callable

import torch
from torch import nn

from course_utils.checks import exercise, mistake, steps, symptoms
from course_utils.checks.cases import (
    DTYPE,
    GRAPH,
    KIND,
    RANDOM,
    RESULT,
    Fixed,
    call,
    draws,
    kind,
    normal,
    of,
    on_gpu,
    scenario,
    seeded,
    uniform,
)
from course_utils.checks.observe import RAISES
from course_utils.checks.programs import Body
from course_utils.checks.steps import LOSS, Watch, step, usual

# --- the two losses ----------------------------------------------------------------------------------------------------

_RIGHT = "fake_logits.mean() - real_logits.mean()"


def _scores(batch, seed=0, shift=0.0, dtype=torch.float64):
    """Scores of reals and of fakes, the fakes' higher by ``shift``."""
    return normal(batch, 1, seed=seed, scale=2.0, dtype=dtype), normal(
        batch, 1, seed=seed + 40, scale=2.0, dtype=dtype
    ) + shift


_PAIRS = (
    call(*_scores(8)),
    call(*_scores(5, 1, 2.0), label="called with fakes that score higher"),
    call(*_scores(64, 2, -2.0), label="called with fakes that score lower"),
    call(*_scores(1, 3), label="called with a batch of one"),
    call(*_scores(6, 4, dtype=torch.float32), label="called with float32"),
    call(normal(4, 1) + 200, normal(4, 1, seed=1) - 300, label="called with very large scores"),
    on_gpu(*_scores(3)),
)

exercise(
    "c1w3a.wasserstein_critic_loss",
    "course_utils.losses:wasserstein_critic_loss",
    cases=_PAIRS,
    mistakes=(
        mistake("signs_swapped", (_RIGHT, "real_logits.mean() - fake_logits.mean()"),
            "The sign is turned round: minimising mean D(x) - mean D(G(z)) gives *fakes* the high scores. The optimiser "
            "goes down, and the critic wants reals high and fakes low: mean D(G(z)) - mean D(x)."),
        mistake("sigmoid", (_RIGHT, "fake_logits.sigmoid().mean() - real_logits.sigmoid().mean()"),
            (_RIGHT, "1 - real_logits.sigmoid().mean() + fake_logits.sigmoid().mean()"),
            "The scores go through a sigmoid. A critic's output is no probability: squeezed between 0 and 1, its difference "
            "cannot be a distance, and the slope that the penalty asks for is not there. Use the scores as they are."),
        mistake("logits_game", (_RIGHT, "F.softplus(-real_logits).mean() + F.softplus(fake_logits).mean()"),
            (_RIGHT, "(F.softplus(-real_logits).mean() + F.softplus(fake_logits).mean()) / 2"),
            (_RIGHT, "F.softplus(-real_logits).mean()"),
            (_RIGHT, "F.softplus(real_logits).mean() + F.softplus(-fake_logits).mean()"),
            "This is the loss of the first lesson, on logits (softplus, binary cross entropy). In the Wasserstein game there "
            "is no logarithm at all: the difference of two means of raw scores."),
        mistake("least_squares", (_RIGHT, "(real_logits - 1).square().mean() + fake_logits.square().mean()"),
            (_RIGHT, "((real_logits - 1).square().mean() + fake_logits.square().mean()) / 2"),
            "Scores are compared with the labels 1 and 0: that is the least-squares GAN. A critic has no labels; only the "
            "difference of two means counts."),
        mistake("hinge", (_RIGHT, "F.relu(1 - real_logits).mean() + F.relu(1 + fake_logits).mean()"),
            (_RIGHT, f"F.relu({_RIGHT})"), (_RIGHT, "F.relu(fake_logits - real_logits).mean()"),
            "The scores are cut off at a margin (hinge, or a maximum with 0). Then examples beyond the margin count no "
            "longer, and the value is no distance. Take the plain means."),
        mistake("absolute", (_RIGHT, f"({_RIGHT}).abs()"), (_RIGHT, f"-({_RIGHT}).abs()"),
            (_RIGHT, "(fake_logits - real_logits).abs().mean()"), (_RIGHT, f"({_RIGHT}).square()"),
            (_RIGHT, "(fake_logits - real_logits).square().mean()"),
            "An absolute value or a square is taken, so that it no longer matters who has the higher scores, reals or "
            "fakes. The sign is what the critic learns from: mean D(G(z)) - mean D(x)."),
        mistake("real_only", (_RIGHT, "-real_logits.mean()"), (_RIGHT, "real_logits.mean()"),
            "Only the real images count. A critic that scores everything high would have a perfect loss; add mean D(G(z))."),
        mistake("fake_only", (_RIGHT, "fake_logits.mean()"), (_RIGHT, "-fake_logits.mean()"),
            "Only the fakes count. A critic that scores everything low would have a perfect loss; subtract mean D(x)."),
        mistake("both_added", ("mean() - real", "mean() + real"), (_RIGHT, "-fake_logits.mean() - real_logits.mean()"),
            "The two means are added. The critic would push reals and fakes the same way; it is their difference that "
            "counts."),
        mistake("half_detached", ("fake_logits.mean()", "fake_logits.mean().detach()"),
            ("real_logits.mean()", "real_logits.mean().detach()"),
            "[The value is right, but] no gradient comes back through one of the two parts: it was detached, or turned into a "
            "number. Detaching is done to the images, in the critic's step, not to the scores."),
        mistake("summed", ("mean() - ", "sum() - ", "mean()\n", "sum()\n"),
            ("mean() - ", "mean() / 2 - ", "mean()\n", "mean() / 2\n"),
            "The difference has the wrong size: summed over the batch, or halved. The value is to be read as a distance, "
            "and it is weighed against the penalty, so it must be the difference of two means."),
        mistake("constant_added",
            "All gradients are right, and the value is not: something is added that no score has a part in. Every learner "
            "of these scores would do the same, but the loss could not be read as a distance.",
            symptom=lambda r: r.only(RESULT)),
    ),
)

exercise(
    "c1w3a.wasserstein_generator_loss",
    "course_utils.losses:wasserstein_generator_loss",
    cases=(
        call(_scores(8)[1]),
        call(_scores(5, 1)[1] + 3),
        call(_scores(64, 2)[1] - 3),
        call(_scores(1, 3)[1]),
        call(_scores(6, 4, dtype=torch.float32)[1], label="called with float32"),
        call(normal(4, 1) - 300, label="called with very low scores"),
        call(normal(4, 1) + 300, label="called with very high scores"),
        on_gpu(_scores(3)[1]),
    ),
    mistakes=(
        mistake("wrong_sign", ("-fake_logits", "fake_logits"),
            "The sign is turned round: minimising mean D(G(z)) makes the critic's score of the fakes *lower*, so they get "
            "worse. The generator wants it higher: the loss is -mean D(G(z))."),
        mistake("logits_game", ("-fake_logits", "F.softplus(-fake_logits)"), ("-fake_logits", "-F.softplus(fake_logits)"),
            ("-fake_logits", "F.softplus(fake_logits)"), ("-fake_logits", "-F.softplus(-fake_logits)"),
            "This is a generator's loss of the first lesson, on logits. A critic gives scores: the loss is -mean D(G(z)), "
            "without softplus, sigmoid or logarithm."),
        mistake("sigmoid", ("-fake_logits", "-fake_logits.sigmoid()"), ("-fake_logits", "(1 - fake_logits.sigmoid())"),
            "The scores go through a sigmoid, whose slope vanishes for sure critics: just what this loss is there to avoid. "
            "Use the scores as they are."),
        mistake("hinge", ("-fake_logits", "F.relu(1 - fake_logits)"), ("-fake_logits", "F.relu(-fake_logits)"),
            ("-fake_logits", "-F.relu(fake_logits)"),
            "The scores are cut off (a maximum with 0), so that fakes beyond the margin get no gradient. Take the plain "
            "mean."),
        mistake("absolute", ("-fake_logits", "fake_logits.abs()"), ("-fake_logits", "-fake_logits.abs()"),
            ("-fake_logits", "fake_logits.square()"), ("-fake_logits", "(fake_logits - 1).square()"),
            ("-fake_logits", "0.5 * (fake_logits - 1).square()"), ("-fake_logits.mean()", "fake_logits.mean().abs()"),
            "An absolute value or a square is taken, so the loss is no longer lower the higher the score. Fakes want just "
            "that: -mean D(G(z))."),
        mistake("summed", ("mean()", "sum()"), ("mean()", "mean() / 2"),
            "The wrong size: summed over the batch, or halved. Use the mean."),
        mistake("constant_added",
            "The gradient is right, and the value is not: something is added that no score has a part in. It is -mean "
            "D(G(z)), and no more.",
            symptom=lambda r: r.only(RESULT)),
    ),
)

# --- points between reals and fakes ------------------------------------------------------------------------------------


def _images(*shape, scale=2.0):
    """Reals, fakes and alphas for a batch of this shape."""
    alpha = uniform(shape[0], *[1] * (len(shape) - 1), seed=2)
    return normal(*shape, scale=scale), normal(*shape, seed=1), Fixed(alpha)


def _single(*arguments):
    """The same numbers in float32, without a gradient."""
    return [Fixed((a.value if isinstance(a, Fixed) else a).float()) for a in arguments]


def _alphas(*shape):
    """Draws alphas for a batch of this shape, reals of 1 and fakes of 0. A row a sample: its alpha, how much that differs
    within the sample, and whether it lies outside of [0, 1].
    """

    def drawn(function):
        alphas = function(torch.ones(shape), torch.zeros(shape)).detach().flatten(1)
        outside = (alphas < 0) | (alphas > 1)
        return torch.stack([alphas[:, 0], alphas.amax(1) - alphas.amin(1), outside.any(1).float()], dim=1)

    return drawn


def _only_without(record) -> bool:
    """Is everything right where alpha is given?"""
    return symptoms.only_where(record, "without alpha")


def _only_silent(record) -> bool:
    """Is nothing wrong but that an exception is missing?"""
    return record.only(RAISES) and not record.errors()


def _draws(record, fact: str, column: int = 0) -> float:
    """The largest value of a fact of the alphas that are drawn, in one column of their tables; NaN when more is wrong."""
    seen = [got.value.flatten() for got, _ in record.pairs(f"{fact} of alpha")]
    return (
        max(values[min(column, len(values) - 1)].item() for values in seen) if _only_without(record) else float("nan")
    )


_MIX = "alpha * real + (1 - alpha) * fake"

exercise(
    "c1w3a.interpolate",
    "course_utils.losses:interpolate",
    cases=(
        call(*_images(8, 1, 4, 4)),
        call(*_images(5, 2)),
        call(*_images(1, 2), label="called with leaves", leaf=True),
        call(*_images(1, 1, 3, 3)),
        call(*_images(6, 3, 2, 5)),
        call(*_images(4, 7, 3)),
        call(*_single(*_images(3, 1, 2, 2)), label="called with float32"),
        call(normal(4, 2), normal(4, 2), uniform(4, 1), gradients=False, label="called with fakes equal to the reals"),
        draws(_alphas(1000, 1, 2, 3), "called without alpha for images", "alpha"),
        draws(_alphas(400, 2), "called without alpha for points", "alpha"),
        draws(_alphas(500, 3, 4, 4), "called without alpha for images of three channels", "alpha"),
        call(
            Fixed(torch.zeros(3, 2).double()),
            Fixed(torch.zeros(3, 2).double()),
            label="called without alpha for points of float64",
        ),
        call(*_single(torch.zeros(3, 1, 2, 2), torch.zeros(3, 1, 2, 2)), label="called without alpha, with float32"),
        on_gpu(torch.zeros(3, 1, 2, 2), torch.zeros(3, 1, 2, 2), label="called without alpha, with images on a GPU"),
    ),
    mistakes=(
        mistake("ends_swapped", (_MIX, "alpha * fake + (1 - alpha) * real"),
            "alpha and 1 - alpha are the wrong way round. With random alpha nobody would notice, but alpha is an argument: "
            "alpha = 1 is the real image, `alpha * real + (1 - alpha) * fake`."),
        mistake("not_between", (_MIX, "VALUE"),
            "The points, `VALUE`, are not between reals and fakes: the two weights must add up to 1, `alpha` and `(1 - "
            "alpha)`, in its parentheses, and each belongs to one of the two.",
            values=("alpha * real + alpha * fake", "real + alpha * fake", "alpha * (real - fake)",
                "real + alpha * (real - fake)", "fake + alpha * real", "alpha * (fake - real)",
                "(alpha * real + (1 - alpha) * fake) / 2", "alpha * real - (1 - alpha) * fake",
                "alpha * real + 1 - alpha * fake", "(alpha * real + (1 - alpha)) * fake", "fake + alpha * (fake - real)",
                "alpha * real * (1 - alpha) * fake", "alpha * real", "alpha + real - fake")),
        mistake("alpha_squared", (_MIX, "alpha**2 * real + (1 - alpha**2) * fake"),
            (_MIX, "alpha.sqrt() * real + (1 - alpha).sqrt() * fake"),
            "alpha is squared, or its root is taken. The share of the real image is alpha itself."),
        mistake("ignores_alpha", (_MIX, "(real + fake) / 2"), (_MIX, "real.clone()"),
            "The argument `alpha` makes no difference: it is drawn anew although it was given, or not used at all. Draw it "
            "only when it is None, so that whoever calls the function can decide, and a test can repeat it.",
            symptom=lambda r: RANDOM in r.names and not r.differing["called with fakes equal to the reals"]),
        mistake("other_pairs", (_MIX, "alpha * real + (1 - alpha) * fake.flip(0)"),
            (_MIX, "alpha * real + (1 - alpha) * fake.roll(1, 0)"), (_MIX, "alpha * real.flip(0) + (1 - alpha) * fake"),
            "Each real is mixed with the fake of another row. `real` and `fake` are paired as they come."),
        mistake("no_gradient_asked",
            "The points do not require a gradient, so the critic's slope there cannot be computed: autograd would say that "
            "one of the tensors does not require grad. End with `.detach().requires_grad_()`, in this order.",
            symptom=lambda r: GRAPH in r.names and symptoms.no_gradient(r), explains=(GRAPH, symptoms.GRADIENT)),
        mistake("not_detached",
            "The points still hang on what made them: a gradient at a mixture would run on into the generator. They are "
            "places where the critic's slope is looked at, nothing more: `mixed.detach()`, and then `.requires_grad_()`.",
            symptom=lambda r: symptoms.reaches(r, "real", "fake"), explains=(symptoms.GRADIENT,)),
        mistake("never_draws",
            "Without alpha the function fails: None stands for 'draw it'. `if alpha is None: alpha = "
            "torch.rand(one_a_sample, ...)` comes before the mixture.",
            symptom=lambda r: _only_without(r) and r.raised("NoneType")),
        mistake("wrong_shape",
            "The alpha that is drawn has a shape that does not fit every batch. (B,) and (B, 1) line up with the last sides "
            "of an image, not with its samples, and (B, 1, 1, 1) makes something else of points (B, 2). `one_a_sample` is "
            "the shape.",
            symptom=lambda r: (symptoms.only_where(r, "without alpha for points") or (_only_without(r)
                and (symptoms.shape(r) or r.raised("must match the size"))))),
        mistake("other_dtype",
            "The alpha that is drawn has another dtype than the images, so the points have, too, and a critic of float32 "
            "refuses them. Pass `dtype=real.dtype`.",
            symptom=lambda r: _only_without(r) and DTYPE in r.names),
        mistake("one_alpha_a_pixel",
            "Pixels (or channels, or rows) of one sample are mixed with different alphas: `rand_like(real)`, or an alpha of "
            "the wrong shape. Such points do not lie on the line from a real to a fake, which is where the slope should be "
            "1. One number a sample: (B, 1, 1, 1).",
            symptom=lambda r: _draws(r, "the mean", 1) > 1e-3),
        mistake("fixed_alpha",
            "Every point is at the same place of its line, in every call. The slope must be right all along the way from "
            "reals to fakes: draw alpha anew, `torch.rand`.",
            symptom=lambda r: _draws(r, "the standard deviation") < 1e-6),
        mistake("same_every_call",
            "Two calls draw the same alphas: a seed is set inside, they come from a generator of its own, or nothing is "
            "drawn at all (`linspace`). Use `torch.rand`, and seed once at the top of the notebook, never in here.",
            symptom=lambda r: _only_without(r) and "whether every call draws anew" in r.names),
        mistake("one_alpha_for_the_batch",
            "One alpha is used for the whole batch, so all points of a step lie at the same share of the way, and the "
            "penalty jumps from step to step. Every sample needs its own: draw (B, 1, 1, 1) numbers for images.",
            symptom=lambda r: _draws(r, "the correlation of one row") > 0.25),
        mistake("outside",
            "Some points lie beyond the real or the fake: alpha is below 0 or above 1, as `torch.randn` gives it. "
            "`torch.rand` draws evenly from [0, 1).",
            symptom=lambda r: _draws(r, "the mean", 2) > 1e-3),
        mistake("not_uniform",
            "alpha lies in [0, 1] but is not spread evenly and independently (only near the reals, only a few values, or a "
            "normal distribution that was cut off). Every place on the way should be looked at equally often: `torch.rand`.",
            symptom=lambda r: _only_without(r) and any(n.endswith("of alpha") or "of alpha " in n for n in r.names)),
    ),
)

# --- the penalty --------------------------------------------------------------------------------------------------------


def _critic(*shape, width=5):
    """A small smooth critic of samples of this shape, whose slope differs from place to place."""
    features = torch.Size(shape).numel()
    return seeded(lambda: nn.Sequential(nn.Flatten(), nn.Linear(features, width), nn.Softplus(), nn.Linear(width, 1)))


class _Bowl(nn.Module):
    """The distance from the middle, squared: the slope is twice the distance."""

    def forward(self, x):
        return x.flatten(1).square().sum(1, keepdim=True)


def _on_a_bowl(function):
    """Penalties where alpha is drawn: of a bowl, with reals at a distance of 4 and fakes opposite."""
    real = torch.ones(50, 1, 4, 4)  # a distance of 4 from the middle; 16 pixels, so that an alpha for each would show
    return torch.stack([function(_Bowl(), real, -real).detach() for _ in range(40)])[:, None]


def _mean_pixel(x):
    """A critic whose slope is 1/28 everywhere, for images of 28 x 28 pixels."""
    return x.flatten(1).mean(1, keepdim=True)


_PLANE = _critic(2)
_FLAT = seeded(lambda: nn.utils.skip_init(nn.Linear, 2, 1))
nn.init.zeros_(_FLAT.weight), nn.init.ones_(_FLAT.bias)
_STEEP = copy.deepcopy(_FLAT)
nn.init.constant_(_STEEP.weight, 8**0.5)

exercise(
    "c1w3a.gradient_penalty",
    "course_utils.losses:gradient_penalty",
    cases=(
        call(_critic(1, 4, 4), *_images(8, 1, 4, 4), gradients=False, label="called with images (8, 1, 4, 4)"),
        call(_critic(1, 4, 4), *_images(8, 1, 4, 4), label="called with images that were made by a network"),
        call(_critic(1, 4, 4), *_images(8, 1, 4, 4), label="called with gradients of an earlier step", stale=True),
        call(_critic(3, 3, 5), *_images(2, 3, 3, 5, scale=9.0), label="called with two images (2, 3, 3, 5)"),
        call(_mean_pixel, *_images(2, 1, 28, 28), label="called with the mean of 28 x 28 pixels"),
        call(_PLANE, *_images(5, 2), label="called with points of the plane (5, 2)"),
        call(_critic(1, 2, 2), *_images(1, 1, 2, 2), label="called with a batch of one"),
        call(nn.Linear(1, 1).double(), *_images(3, 1), label="called with a critic of slope 1"),
        call(lambda x: _PLANE(x), *_images(4, 2), label="called with a critic that is a function"),
        call(_FLAT, *_images(4, 2), label="called with a critic of slope 0", ignore=(RESULT,)),
        call(_STEEP, *_images(4, 2), label="called with a critic of slope 4"),
        call(nn.Linear(2, 1).double(), *_images(4, 2)[:2], label="called without alpha for points"),
        call(_PLANE, normal(4, 2), normal(3, 2), label="called with four reals and three fakes", any_error=True),
        call(_PLANE, normal(4, 2), normal(1, 2), label="called without alpha, with one fake for four reals", any_error=True),
        draws(_on_a_bowl, "called without alpha, for a critic shaped like a bowl", "penalties"),
    ),
    mistakes=(
        mistake("not_a_scalar",
            "`torch.autograd.grad` starts from a single number, its first argument, and it got a tensor of several: take "
            "the *sum* of the scores (not their mean), `torch.autograd.grad(critic(mixed).sum(), mixed, "
            "create_graph=True)`.",
            symptom=lambda r: r.raised("grad can be implicitly created only for scalar outputs")),
        mistake("points_without_gradient",
            "The tensor that the slope is taken with respect to does not require a gradient. What `interpolate` returns "
            "does: give that to the critic as it is, without `detach`, and differentiate with respect to that, not to "
            "`real`.",
            symptom=lambda r: r.raised("One of the differentiated Tensors does not require grad")),
        mistake("scores_cut_off",
            "The critic's scores have no graph: they were computed under `torch.no_grad()` or detached, so there is no "
            "slope to be had from them.",
            symptom=lambda r: r.raised("element 0 of tensors does not require grad")),
        mistake("backward_inside",
            "Gradients in the critic's weights were changed: `backward()` is called inside, which leaves those of its "
            "scores there and not of any loss, or they are cleared. `torch.autograd.grad(scores.sum(), mixed, "
            "create_graph=True)` returns the slope and touches nothing.",
            symptom=symptoms.gradients_left),
        mistake("no_create_graph", ("create_graph=True", "retain_graph=True"),
            ("    norms =", "    gradient = gradient.detach()\n    norms ="),
            "The value teaches nothing: no gradient leads from it to the critic's weights. Autograd throws the graph of the "
            "first derivative away unless it is told to keep it, `torch.autograd.grad(..., create_graph=True)`; "
            "`.detach()`, `.item()` and `retain_graph=True` alone do not help.",
            symptom=symptoms.no_gradient, explains=(GRAPH, symptoms.GRADIENT, KIND, DTYPE)),
        mistake("at_reals", ("interpolate(real, fake, alpha)", "real.detach().requires_grad_()"),
            ("interpolate(real, fake, alpha)", "real.requires_grad_()"),
            ("interpolate(real, fake, alpha)", "interpolate(real, real, alpha)"),
            "The slope is taken at the real images (that is where R1 looks), not between reals and fakes. The critic would "
            "be free to be steep just where the generator climbs."),
        mistake("at_fakes", ("interpolate(real, fake, alpha)", "fake.detach().requires_grad_()"),
            ("interpolate(real, fake, alpha)", "fake.requires_grad_()"),
            ("interpolate(real, fake, alpha)", "interpolate(fake, fake, alpha)"),
            "The slope is taken at the fakes only, not between reals and fakes. Use the points of `interpolate`."),
        mistake("reaches_generator",
            "The penalty sends gradients into what made the fakes. It is the critic's alone: the points between reals and "
            "fakes are `interpolate(real, fake, alpha)`, which is cut off from the generator.",
            symptom=lambda r: symptoms.reaches(r, "real", "fake"),
            explains=("the gradient with respect to `real`", "the gradient with respect to `fake`", "the exception")),
        mistake("ends_swapped", ("interpolate(real, fake, alpha)", "interpolate(fake, real, alpha)"),
            "Reals and fakes are exchanged: alpha = 1 is the real image. The order is `interpolate(real, fake, alpha)`."),
        mistake("sigmoid", ("critic(mixed).sum()", "torch.sigmoid(critic(mixed)).sum()"),
            "The scores go through a sigmoid before their slope is taken. A critic gives scores, not probabilities: take "
            "the slope of the scores themselves."),
        mistake("no_norm", ("gradient.flatten(1).norm(dim=1)", "gradient"),
            ("gradient.flatten(1).norm(dim=1)", "gradient.abs()"),
            "No norm is taken: every pixel's own derivative is compared with 1. A sample has one slope, the length of its "
            "whole gradient: `gradient.flatten(1).norm(dim=1)`."),
        mistake("other_norm", ("norm(dim=1)", "abs().sum(1)"), ("norm(dim=1)", "abs().amax(1)"),
            ("norm(dim=1)", "square().mean(1).sqrt()"),
            "This is another norm than the Euclidean one: the sum of absolute values, the largest, or a mean where the sum "
            "of the squares belongs. A slope is the root of the sum of the squares, `norm(dim=1)`."),
        mistake("root_at_zero", ("norm(dim=1)", "square().sum(1).sqrt()"),
            "Where the slope is exactly 0, the gradient of the penalty is NaN, and one such sample spoils every weight: the "
            "root of a sum of squares has no slope at 0. `norm(dim=1)` takes care of it; by hand, add 1e-12 below the root."),
        mistake("squared_norm", ("norm(dim=1)", "square().sum(1)"),
            "The *squared* norm is compared with 1. It has its zero at the same place, but it is another penalty: far "
            "steeper above, flat near 0. Take the root first: (|grad| - 1)^2."),
        mistake("norm_of_batch", ("gradient.flatten(1).norm(dim=1)", "gradient.norm()"),
            "One norm is taken over the whole batch. A steep sample and a flat one would cancel out, and the value grows "
            "with the batch. Every sample has a slope of its own: flatten each, `gradient.flatten(1).norm(dim=1)`."),
        mistake("one_dimension", ("gradient.flatten(1).norm(dim=1)", "gradient.norm(dim=VALUE)"),
            "The norm runs over dimension VALUE of the gradient only. A sample's slope is the norm over *all* its pixels: "
            "flatten all but the first dimension, then `norm(dim=1)`.",
            values=("0", "1", "2", "3", "-1", "(2, 3)", "(-2, -1) if gradient.dim() > 3 else -1")),
        mistake("mean_of_scores", ("critic(mixed).sum()", "critic(mixed).mean()"),
            "The gradient is taken of the *mean* of the scores, which makes every slope smaller by the size of the batch: "
            "the penalty would ask for slopes of 64, not 1. Take the gradient of the sum: sample i gets its own slope from "
            "it."),
        mistake("mean_before_square", ("(norms - 1).square().mean()", "(norms - 1).mean().square()"),
            "The mean is taken before the square. Then slopes of 0 and 2 pass for slopes of 1. Square each sample's "
            "deviation, then take the mean."),
        mistake("not_squared", ("(norms - 1).square()", "(norms - 1)"), ("(norms - 1).square()", "(norms - 1).abs()"),
            "The deviation is not squared. Without the square (or with an absolute value) it is another penalty; without "
            "either, slopes of 0 would even be rewarded."),
        mistake("zero_centred", ("(norms - 1)", "norms"), ("(norms - 1).square()", "norms"),
            "The slope is pulled towards 0, not towards 1: the 1 is missing. A penalty centred at 0 is R1's; a Wasserstein "
            "critic needs the slope 1, which is where its score measures a distance."),
        mistake("one_sided", ("(norms - 1)", "(norms - 1).clamp(min=0)"),
            "Only slopes above 1 are punished. That is a variant (Gulrajani et al. discuss it, Petzka et al. prefer it), "
            "but not the penalty asked for, which pulls slopes below 1 up as well."),
        mistake("one_sided_below", ("(norms - 1)", "(norms - 1).clamp(max=0)"),
            "Only slopes below 1 are punished: steep ones, which the penalty is there to prevent, cost nothing."),
        mistake("wrong_size", ("return (norms", "return VALUE * (norms"),
            "The right penalty times VALUE. The mean is asked for; the weight, 10, belongs to the step.",
            values=(10.0, 0.5, 5.0, -1.0)),
        mistake("summed", ("square().mean()", "square().sum()"),
            "The squares are summed over the batch, so the penalty grows with the batch size. Take their mean."),
        mistake("ignores_alpha", ("interpolate(real, fake, alpha)", "interpolate(real, fake)"),
            ("interpolate(real, fake, alpha)",
             "interpolate(real, fake, torch.full((len(real), *[1] * (real.dim() - 1)), 0.5))"),
            "The argument `alpha` makes no difference. Hand it on: `interpolate(real, fake, alpha)`.",
            symptom=lambda r: RANDOM in r.names and not r.differing["called with a critic of slope 1"]),
        mistake("alpha_drawn_wrong",
            "With alpha given the penalty is right; where it is drawn, the points are not those of `interpolate`: one alpha "
            "for all samples, one a pixel, or always the same. Call `interpolate(real, fake, alpha)` and leave the drawing "
            "to it.",
            symptom=lambda r: _only_without(r) and not _only_silent(r)),
        mistake("silent_broadcast",
            "Reals and fakes of different shapes are mixed in silence: one fake would be paired with every real. "
            "`interpolate(real, fake, alpha)` looks at the shapes and raises the ValueError; points that are mixed by hand "
            "need a check of their own.",
            symptom=symptoms.not_raised, explains=(RAISES,)),
        mistake("matrix_norm",
            "`norm(dim=(1, 2, 3))` asks PyTorch for the norm of a matrix, which has two dimensions. Lay out each sample in a "
            "row first: `gradient.flatten(1).norm(dim=1)`, which also works for points.",
            symptom=lambda r: r.raised("dim must be a 2-tuple")),
    ),
)

# --- the critic's step -------------------------------------------------------------------------------------------------


def _linear_gan(slope=1.3):
    """A GAN whose critic has this slope everywhere, so that it does not matter where the penalty is taken.

    Its fakes are small: scores of reals lie beyond 1, where a hinge or a sigmoid shows.
    """
    gan = steps.small_gan()
    layers = nn.Linear(4, 5, bias=False).double(), nn.Linear(5, 1, bias=False).double()
    with torch.no_grad():
        for layer in layers:
            layer.weight.mul_((slope / (layers[1].weight @ layers[0].weight).norm()).sqrt())
    return steps.watched(gan.generator, nn.Sequential(nn.Flatten(), *layers), lr=0.02)


def _large_reals(batch=8):
    data = steps.small_data(batch)
    return data | {"real": 3 * data["real"]}


class _Slope(nn.Module):
    """D(x) = a |x|^2 / 2, whose slope at x is a |x|."""

    def __init__(self):
        super().__init__()
        self.a = nn.Parameter(torch.ones(()))

    def forward(self, x):
        return self.a / 2 * x.square().sum(dim=1, keepdim=True)  # (B, 1)


class _Opposite(nn.Module):
    """A generator of points: minus ``z``, times a weight."""

    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(()))

    def forward(self, z):
        return -self.weight * z


def _steps_on_a_bowl(function):
    """What moves the critic's weight in 16 steps, each of 80 reals at a distance of 3 and fakes opposite."""
    points = torch.tensor([[3.0, 0.0]]).repeat(80, 1)
    moved = []
    for _ in range(16):
        gan = steps.watched(_Opposite(), _Slope(), lr=1.0)
        function(gan, points, points.clone())
        moved.append(1 - gan.discriminator.a.detach())
    return torch.stack(moved)[:, None]


def _scaled_gradient(record) -> str:
    """How many times the right gradient was left in the critic by single steps, in words; "" when one points elsewhere."""
    factors = []
    for case in (c for c in record.got if "gradients" in record.got[c].trace and not c.startswith("3 steps")):
        got, wanted = (seen[case].trace["gradients"]["discriminator"] for seen in (record.got, record.wanted))
        factor = (got @ wanted / (wanted @ wanted)).item()
        factors.append(factor if factor > 0.01 and torch.allclose(got, factor * wanted, rtol=1e-4, atol=1e-8) else None)
    off = [f for f in factors if f is not None and abs(f - 1) > 1e-3]
    return f"{off[0]:.3g}" if off and None not in factors else ""


def _curved_gan():
    """With a critic through whose penalty a gradient reaches the fakes, if they are not detached."""
    gan = steps.small_gan()
    gan.discriminator[2] = torch.nn.Softplus()
    return gan


_ALPHA_DECIDES = ("the discriminator's weights", LOSS, "whether the update stays the same when it is repeated")
_BOWL = "steps on a critic whose slope differs from place to place"
_HERE = {"gan": _linear_gan, "data": _large_reals, "spared": "generator"}
_D = Watch("discriminator")
_LOSS, _PENALTY = "loss = wasserstein_critic_loss(", "gradient_penalty(gan.discriminator, real, fake)"
_ADDED = f"loss = loss + gp_weight * {_PENALTY}"
_GIVEN = "gan.discriminator(real), gan.discriminator(fake)"


exercise(
    "c1w3a.critic_step",
    "course_utils.steps.wasserstein:critic_step",
    cases=(
        step("real", "z", **_HERE),
        step("real", "z", calls=3, **_HERE),
        step("real", "z", seed=1, label="a step with gp_weight=3", gp_weight=3.0, **_HERE),
        step("real", "z", seed=1, label="a step of a flat critic", **_HERE | {"gan": lambda: _linear_gan(0.4)}),
        step("real", "z", seed=2, label="a step with a batch of two", **_HERE | {"data": lambda: _large_reals(2)}),
        draws(_steps_on_a_bowl, _BOWL, "what moves the critic"),
        step("real", "z", gan=_curved_gan, spared="generator", label="a step of a curved critic", ignore=_ALPHA_DECIDES),
    ),
    usual=usual(
        "discriminator",
        "no_backward",
        "No gradient was computed: `loss.backward()` is missing, or something before it cut the graph.",
    ),
    mistakes=(
        mistake("no_detach", (".detach()  # (B, C, H, W)", "  # (B, C, H, W)"),
            "Gradients reached the generator. The fakes were not detached, so `backward()` ran through the generator as "
            "well: wasted time, and gradients pointing the wrong way are left in it. Use `gan.generator(z).detach()`.",
            symptom=lambda r: ("whether gradients reach the generator" in r.names and _D.stepped(r) == {"opt_d"}
                and not r.errors()),
            explains=("whether gradients reach",)),
        mistake("penalty_under_no_grad",
            "The slope of the critic is asked for where there is no graph: the penalty, or the scores it is made of, are "
            "computed under `torch.no_grad()`. Only the fakes may be made there.",
            symptom=lambda r: (any("gradient_penalty" in f"{traceback.extract_tb(e.__traceback__)}" for e in r.errors())
                and r.raised("does not require grad"))),
        mistake("missing_zero_grad", ("    gan.opt_d.zero_grad()\n", ""),
            ("    gan.opt_d.zero_grad()\n", "", "gan.opt_d.step()", "gan.opt_d.step()\n    gan.opt_d.zero_grad()"),
            ("gan.opt_d.zero_grad()", "gan.opt_g.zero_grad()"),
            "The gradients of earlier steps are still in the sum (the generator's step leaves some in the critic, too). "
            "Call `gan.opt_d.zero_grad()` before `backward()`; after the step is too late."),
        mistake("no_penalty", (f"    {_ADDED}\n", ""),
            "The penalty is missing: this is the bare Wasserstein loss, and nothing bounds the critic's slope. It would "
            "grow without end, and with it the loss. Add `gp_weight * gradient_penalty(gan.discriminator, real, fake)`."),
        mistake("penalty_without_effect", (_PENALTY, f"{_PENALTY}.detach()"),
            "The penalty is in the number that is returned, but the critic moves as if there were none: it was detached, "
            "turned into a number, or computed under `no_grad`. Add the tensor as `gradient_penalty` gives it."),
        mistake("penalty_too_late",
            (f"    {_ADDED}\n    gan.opt_d.zero_grad()\n    loss.backward()\n    gan.opt_d.step()\n",
             f"    gan.opt_d.zero_grad()\n    loss.backward()\n    gan.opt_d.step()\n    {_ADDED}\n"),
            (f"    {_ADDED}\n    gan.opt_d.zero_grad()\n    loss.backward()\n",
             f"    gan.opt_d.zero_grad()\n    loss.backward()\n    {_ADDED}\n"),
            "The penalty is added to the loss after `backward()`, when the gradients have been computed already: the critic "
            "moves as if there were none. Add it before."),
        mistake("penalty_subtracted", ("loss + gp_weight", "loss - gp_weight"),
            "The penalty is subtracted, so the critic is rewarded for slopes far from 1. The loss goes down: a punishment "
            "is added, `loss + gp_weight * penalty`."),
        mistake("weight_forgotten", ("gp_weight * ", ""),
            "The penalty is added without its weight. With a weight of 1 the critic prefers a slope well above 1: multiply "
            "by `gp_weight`, 10 in the paper."),
        mistake("weight_wrong", ("gp_weight * ", "VALUE * "),
            "The penalty has the weight `VALUE`: halved as R1's is, or applied twice. It is `gp_weight * penalty`.",
            values=("gp_weight / 2", "gp_weight**2", "2 * gp_weight")),
        mistake("weight_fixed", ("gp_weight * ", "10 * "),
            "The argument `gp_weight` makes no difference: the weight is 10 in every call. Use the argument."),
        mistake("wrong_default",
            "Right where `gp_weight` is given, but its default is another than 10. Keep the signature as it was given.",
            symptom=lambda r: not r.differing["a step with gp_weight=3"] and LOSS in r.names and not r.errors()),
        mistake("signs_swapped", (_GIVEN, "gan.discriminator(fake), gan.discriminator(real)"),
            "Reals and fakes are swapped in the loss: the critic learns to give fakes the higher scores, and the generator "
            "is driven away from the data. The order is `wasserstein_critic_loss(real_logits, fake_logits)`."),
        mistake("sigmoid", (_GIVEN, "gan.discriminator(real).sigmoid(), gan.discriminator(fake).sigmoid()"),
            "The critic's scores go through a sigmoid before the loss. A score is no probability: pass it as it is."),
        mistake("logits_game", (_LOSS, "loss = discriminator_loss("), (_LOSS, "loss = 0.5 * discriminator_loss("),
            (_LOSS + _GIVEN + ")",
             "loss = F.relu(1 - gan.discriminator(real)).mean() + F.relu(1 + gan.discriminator(fake)).mean()"),
            "The loss is that of the first lesson, on logits, or a hinge, with the penalty added. The critic's loss is the "
            "difference of mean scores, `wasserstein_critic_loss`."),
        mistake("loss_without_effect", (_LOSS + _GIVEN + ")", f"loss = wasserstein_critic_loss({_GIVEN}).detach()"),
            ("gan.discriminator(fake)", "gan.discriminator(fake).detach()"),
            ("gan.discriminator(real)", "gan.discriminator(real).detach()"),
            "[The number that is returned is right, but] the critic moves by the penalty alone, or by one side of the loss: "
            "scores, or the loss of them, were detached or turned into a number, or their gradients cleared before the step. "
            "Only the fakes are detached, where they are made."),
        mistake("generators_loss",
            (f"wasserstein_critic_loss({_GIVEN})", "wasserstein_generator_loss(gan.discriminator(fake))"),
            "This is the generator's loss: the critic learns to give fakes high scores, and sees no real image. Use "
            "`wasserstein_critic_loss(real_logits, fake_logits)`."),
        mistake("images_for_scores", (_GIVEN, "real, fake"), ("gan.discriminator(real)", "real"),
            ("gan.discriminator(fake)", "fake"),
            "The loss is given images where it wants scores: pass `gan.discriminator(real)` and `gan.discriminator(fake)`."),
        mistake("loss_not_the_mean", (_LOSS, "loss = VALUE * wasserstein_critic_loss("),
            ("loss + gp_weight * ", "gp_weight * loss + "),
            "[The penalty is right, but] the loss beside it has the wrong size: summed over the batch, halved, or multiplied "
            "by `gp_weight`, which belongs to the penalty. Use the means as `wasserstein_critic_loss` gives them.",
            values=("len(real)", "8", "0.5")),
        mistake("real_twice", ("gan.discriminator(fake)", "gan.discriminator(real)"),
            ("gan.discriminator(real)", "gan.discriminator(fake)"),
            (_LOSS + _GIVEN + ")", "loss = -gan.discriminator(real).mean()"),
            (_LOSS + _GIVEN + ")", "loss = gan.discriminator(fake).mean()"), ("loss + gp_weight", "gp_weight"),
            "Only one side of the loss counts, or neither: the same images are used on both sides, one side is missing, or "
            "the penalty has taken the place of the loss (`loss = ...` where `loss = loss + ...` belongs)."),
        mistake("penalty_at_one_side", (_PENALTY, "gradient_penalty(gan.discriminator, real, real)"),
            "The penalty is computed at the reals alone, or at the fakes alone (`gradient_penalty(critic, real, real)` does "
            "that). It looks at points *between* the two: pass both, `real` and `fake`."),
        mistake("penalty_of_scores",
            (_PENALTY, "gradient_penalty(gan.discriminator, gan.discriminator(real), gan.discriminator(fake))"),
            "The penalty is given scores where it wants images: it puts points between `real` and `fake` through the critic "
            "itself."),
        mistake("penalty_elsewhere",
            "Right on a critic whose slope is the same everywhere. Where it differs from place to place the critic moves "
            "otherwise: the penalty is not taken between reals and fakes at a random place for each pair. "
            "`gradient_penalty(gan.discriminator, real, fake)` draws these places itself.",
            symptom=lambda r: not r.errors() and symptoms.only_where(r, _BOWL)),
        mistake("evaluation_mode", ("gan.generator(z)", "gan.generator.eval()(z)"),
            ("    fake =", "    gan.generator.eval()\n    fake =", "    return", "    gan.generator.train()\n    return"),
            "A network was put into evaluation mode. Fakes of a generator in that mode are not those that it is trained on, "
            "and whoever trains on would have to switch back. Leave both networks in training mode; no `.eval()` here.",
            symptom=lambda r: "networks left in evaluation mode" in r.names),
        mistake("averaged_images", ("gan.generator(z)", "gan.shown(z)"),
            "The fakes come from another generator than the one that learns: from the averaged one, or a copy. The critic "
            "must see what `gan.generator(z)` makes now."),
        mistake("loss_scaled",
            "The critic's gradient has the right direction and VALUE times the right size: the whole loss is multiplied by "
            "a number or summed over the batch, the gradients are clipped, or `backward()` runs twice. Use the mean as "
            "`wasserstein_critic_loss` gives it, and one `backward()`.",
            symptom=_scaled_gradient),
        mistake("clips_as_well",
            ("    return", "    for p in gan.discriminator.parameters():\n        p.data.clamp_(-VALUE, VALUE)\n    return"),
            "The critic's weights are clipped to VALUE after the step. The penalty takes the place of clipping: leave it "
            "out.",
            values=(0.01, 0.1)),
        mistake("returns_without_penalty",
            (_ADDED, f"penalty = gp_weight * {_PENALTY}", "loss.backward()", "(loss + penalty).backward()"),
            (_ADDED, f"penalty = gp_weight * {_PENALTY}", "loss.backward()", "(loss + penalty).backward()", "loss.detach()",
             "penalty.detach()"),
            "[The critic moves as it should, but] what is returned is the loss without the penalty (or the penalty alone). "
            "Return the whole loss, `loss.detach()`."),
    ),
)

# --- the training loop -------------------------------------------------------------------------------------------------


def _draws_of(seed: int, sizes: list, like) -> Callable:
    """A function that draws n rows ``like(n)`` from a random state of its own, and writes down each n."""
    state = [seed]

    def draw(n):
        sizes.append(n)
        state[0] += 1
        with torch.random.fork_rng(devices=[]):
            torch.default_generator.manual_seed(state[0])
            return like(n)

    return draw


def _trained(**arguments) -> Callable:
    """What is seen of a training with these arguments, on a critic for which it does not matter where the penalty looks."""

    def run(train):
        gan, reals, latents, rounds, given_losses, then = seeded(_linear_gan, double=False), [], [], [], [], []
        draw_real = _draws_of(100, reals, lambda n: 6 * torch.rand(n, 1, 2, 2, dtype=torch.float64) - 3)
        draw_z = _draws_of(500, latents, lambda n: torch.randn(n, 3, dtype=torch.float64))

        def told(k, loss):
            rounds.append((k, float(loss)))
            then.append(torch.cat([p.detach().flatten() for p in gan.generator.parameters()]))
            given_losses.append(loss)

        watch = {"after_round": told} if arguments.get("watched") else {}
        given = {name: value for name, value in arguments.items() if name != "watched"}
        result = train(gan, draw_real, draw_z, **given, **watch)
        return {
            KIND: kind(result) if not isinstance(result, (list, tuple, torch.Tensor)) else "losses",
            _LOSSES: _as_losses(result),
            _NUMBERS: _plain(result) and _plain(given_losses),
            "the sizes of the batches of reals": tuple(reals),
            "the sizes of the batches of `z`": tuple(latents),
            "the critic's weights": torch.cat([p.detach().flatten() for p in gan.discriminator.parameters()]),
            "the generator's weights": torch.cat([p.detach().flatten() for p in gan.generator.parameters()]),
            _TOLD: tuple(rounds),
            "the generator's weights when `after_round` is called": tuple(then),
        }

    return run


def _as_losses(result):
    """What was returned as a row of numbers, or its type where it is none."""
    try:
        return torch.tensor([float(loss) for loss in result], dtype=torch.float64)
    except (TypeError, ValueError, RuntimeError):
        return kind(result)


def _plain(result) -> bool:
    """Is there no tensor among these?"""
    return not any(isinstance(x, torch.Tensor) for x in (result if isinstance(result, (list, tuple)) else [result]))


_LOSSES, _TOLD = "the losses that come back", "what `after_round` was told"
_NUMBERS = "whether the losses are plain numbers"
_INNER = "        for _ in range(critic_steps):\n"
_CRITIC = "            loss = critic_step(gan, draw_real(batch_size), draw_z(batch_size), gp_weight)\n"
_MAKER = "        wasserstein_generator_step(gan, draw_z(batch_size))\n"
_KEPT = "        losses.append(loss.item())\n"
_TELL = "        if after_round is not None:\n            after_round(k, losses[-1])\n"

exercise(
    "c1w3a.train_wgan",
    "course_utils.steps.wasserstein:train_wgan",
    cases=(
        scenario("3 rounds with critic_steps=2", _trained(rounds=3, batch_size=4, critic_steps=2)),
        scenario("2 rounds as the defaults say", _trained(rounds=2)),
        scenario("2 rounds with gp_weight=3", _trained(rounds=2, batch_size=6, critic_steps=3, gp_weight=3.0)),
        scenario("4 rounds that are watched", _trained(rounds=4, batch_size=4, critic_steps=1, watched=True)),
        scenario("3 rounds of 2 that are watched", _trained(rounds=3, batch_size=4, critic_steps=2, watched=True)),
    ),
    mistakes=(
        mistake("same_reals", (_INNER + _CRITIC, "        real = draw_real(batch_size)\n" + _INNER
                + _CRITIC.replace("draw_real(batch_size)", "real")),
            ("    losses = []\n", "    losses = []\n    real = draw_real(batch_size)\n", "gan, draw_real(batch_size)",
             "gan, real"),
            "All critic steps of a round see one batch of reals. Each step wants new ones: call `draw_real` inside the inner "
            "loop."),
        mistake("same_latents", (_INNER + _CRITIC + _MAKER, "        z = draw_z(batch_size)\n" + _INNER
                + _CRITIC.replace("draw_z(batch_size)", "z") + _MAKER.replace("draw_z(batch_size)", "z")),
            (_INNER + _CRITIC, "        z = draw_z(batch_size)\n" + _INNER + _CRITIC.replace("draw_z(batch_size)", "z")),
            (_CRITIC + _MAKER, "            z = draw_z(batch_size)\n" + _CRITIC.replace("draw_z(batch_size)", "z")
                + _MAKER.replace("draw_z(batch_size)", "z")),
            "Latent vectors are used more than once in a round. Each of the critic's steps, and the generator's step, draws "
            "its own with `draw_z`."),
        mistake("both_drawn_once", (_INNER + _CRITIC, "        real, z = draw_real(batch_size), draw_z(batch_size)\n" + _INNER
                + _CRITIC.replace("draw_real(batch_size), draw_z(batch_size)", "real, z")),
            (_INNER + _CRITIC + _MAKER, "        real, z = draw_real(batch_size), draw_z(batch_size)\n" + _INNER
                + _CRITIC.replace("draw_real(batch_size), draw_z(batch_size)", "real, z")
                + _MAKER.replace("draw_z(batch_size)", "z")),
            ("    losses = []\n", "    losses = []\n    real, z = draw_real(batch_size), draw_z(batch_size)\n",
             "draw_real(batch_size), draw_z(batch_size), gp", "real, z, gp"),
            ("    losses = []\n", "    losses = []\n    real, z = draw_real(batch_size), draw_z(batch_size)\n",
             _CRITIC + _MAKER, _CRITIC.replace("draw_real(batch_size), draw_z(batch_size)", "real, z")
                + _MAKER.replace("draw_z(batch_size)", "z")),
            "All critic steps of a round (or of the training) see the same batch, reals and latent vectors. Draw new ones "
            "inside the inner loop, for each step."),
        mistake("now_and_then",
            (_INNER + _CRITIC + _MAKER, _CRITIC[4:] + f"        if VALUE % critic_steps == 0:\n    {_MAKER}"),
            "The generator moves in some rounds only, and the critic once in each: this counts a critic step as a round. A "
            "round has `critic_steps` steps of the critic in an inner loop, and then one of the generator.",
            values=("k", "(k - 1)")),
        mistake("one_after_the_other", (f"    losses = []\n    for k in range(1, rounds + 1):\n{_INNER}{_CRITIC}",
                f"    losses = []\n    for _ in range(rounds * critic_steps):\n{_CRITIC[4:]}"
                "    for k in range(1, rounds + 1):\n"),
            "The critic does all its steps before the generator's first. They take turns: the inner loop of the critic and "
            "the generator's step both stand in the loop over the rounds."),
        mistake("generator_too_often", (_MAKER, "    " + _MAKER),
            "The generator steps after each of the critic's steps, so the critic has no time to catch up. The generator's "
            "step stands after the inner loop, not in it."),
        mistake("generator_first", (_INNER + _CRITIC + _MAKER, _MAKER + _INNER + _CRITIC),
            "The generator steps before the critic. A round begins with the critic's steps, so that the generator follows "
            "one that has caught up."),
        mistake("no_generator", (_MAKER, ""),
            "The generator never learns: `wasserstein_generator_step` is missing after the critic's steps."),
        mistake("weight_forgotten", (", gp_weight)", ")"),
            "`gp_weight` is not passed on, so the critic's step takes its own default of 10 in every call."),
        mistake("one_critic_step", (_INNER + _CRITIC, _CRITIC[4:]),
            "The critic steps once in a round. `critic_steps` says how often: an inner loop."),
        mistake("critic_steps_fixed", ("range(critic_steps)", "range(VALUE)"),
            "The argument `critic_steps` makes no difference: the critic steps VALUE times in every round.",
            values=(5, 2)),
        mistake("off_by_one", ("range(critic_steps)", "range(critic_steps + 1)"),
            ("range(critic_steps)", "range(1, critic_steps)"),
            "The critic steps once too often, or once too little, in each round. `range(critic_steps)` runs `critic_steps` "
            "times."),
        mistake("rounds_off_by_one", ("range(1, rounds + 1)", "range(1, rounds)"),
            ("range(1, rounds + 1)", "range(0, rounds + 1)"),
            ("range(1, rounds + 1)", "range(2, rounds + 1)"),
            "The number of rounds is off by one. `rounds` numbers from 1: `range(1, rounds + 1)`."),
        mistake("arguments_swapped", ("draw_real(batch_size), draw_z(batch_size)", "draw_z(batch_size), draw_real(batch_size)"),
            "`critic_step` gets latent vectors in the place of reals, and reals in the place of latent vectors. The order is "
            "`critic_step(gan, real, z, gp_weight)`."),
        mistake("batch_size_fixed", ("draw_real(batch_size), draw_z(batch_size)", "draw_real(128), draw_z(128)", _MAKER,
                _MAKER.replace("batch_size", "128")),
            ("draw_real(batch_size), draw_z(batch_size)", "draw_real(128), draw_z(128)"),
            (_MAKER, _MAKER.replace("batch_size", "128")),
            "The argument `batch_size` makes no difference: 128 are drawn in every call, or in those of one player. Both "
            "players, and each of their steps, draw `batch_size`."),
        mistake("all_losses", (_CRITIC + _MAKER + _KEPT, _CRITIC + "    " + _KEPT + _MAKER),
            "The loss of every critic step is kept. Asked for is one number a round: the loss of its last critic step."),
        mistake("generators_loss", ("        wasserstein_generator_step(gan", "        loss = wasserstein_generator_step(gan"),
            "The generator's loss is kept. Asked for is the critic's: minus it is the distance, and the generator's says "
            "nothing."),
        mistake("opposite_sign", ("losses.append(loss.item())", "losses.append(-loss.item())"),
            "The losses come back with the opposite sign. They are asked for as they are; minus them are distances."),
        mistake("first_or_mean", (_INNER + _CRITIC, "        found = []\n" + _INNER + _CRITIC
                + "            found.append(loss)\n",
                "losses.append(loss.item())", "losses.append(VALUE.item())"),
            "Of each round another loss is kept than the last: the first, the mean or the sum. The last critic step is the "
            "one whose critic has caught up most.",
            values=("found[0]", "(sum(found) / len(found))", "sum(found)")),
        mistake("counts_from_zero", ("after_round(k, losses[-1])", "after_round(k - 1, losses[-1])"),
            "`after_round` is told the number of the round counted from 0. The first round is 1."),
        mistake("watched_always", (_TELL, "        after_round(k, losses[-1])\n"),
            "Without `after_round` the training fails: None is not a function. Call it only `if after_round is not None`.",
            symptom=lambda r: r.raised("'NoneType' object is not callable")),
        mistake("never_watched", (_TELL, ""),
            "`after_round` is never called. At the end of each round it is told the round's number and its loss."),
        mistake("told_all", ("after_round(k, losses[-1])", "after_round(k, losses)"),
            ("            after_round(k, losses[-1])\n    return",
             "            pass\n    after_round and after_round(k, losses[-1])\n    return"),
            "`after_round` is not told one loss at the end of each round: it gets the whole list, or is called only once. It "
            "is called inside the outer loop, as `after_round(k, loss)`."),
        mistake("told_each_step", (_CRITIC, _CRITIC + "            if after_round is not None:\n"
                "                after_round(k, loss.item())\n", _TELL, ""),
            "`after_round` is called after each of the critic's steps. It is called once a round, outside the inner loop, "
            "after the generator's step."),
        mistake("told_too_early", (_MAKER + _KEPT + _TELL, _KEPT + _TELL + _MAKER),
            "`after_round` is called before the generator's step, so whoever looks at the generator there sees that of the "
            "round before. It is the last thing in a round."),
        mistake("tensors", ("losses.append(loss.item())", "losses.append(loss)"),
            ("    return losses", "    return torch.tensor(losses)"),
            ("after_round(k, losses[-1])", "after_round(k, loss)"),
            "A loss is still a tensor where a number is promised: the list holds floats, and `after_round` is told one. Take "
            "the number out, `loss.item()`."),
        mistake("last_alone", ("    return losses", "    return losses[-1]"),
            "The loss of the last round alone comes back. Return the list with a number for every round."),
        mistake("returns_early", ("    return losses", "        return losses"),
            "The function returns in its first round: `return` is indented too far."),
    ),
)

# --- clipping ----------------------------------------------------------------------------------------------------------


def _weights_up_to(size, seed=0):
    """A critic with batch normalisation, in a network in a network, and weights and biases from -size to size."""
    critic = seeded(
        lambda: nn.Sequential(
            nn.Sequential(nn.Conv2d(1, 3, 3), nn.BatchNorm2d(3)), nn.Flatten(), nn.Linear(12, 5), nn.Linear(5, 1)
        ),
        double=False,
    )
    with torch.no_grad():
        for i, p in enumerate(critic.parameters()):
            p.copy_(size * (2 * uniform(*p.shape, seed=10 * seed + i) - 1))
    return critic


def _not_clipped(record) -> str:
    """The parameters that are larger than the limit, in words, when others are right."""
    names = [
        n for n in next(iter(record.wanted.values())).facts if n.endswith(("weight afterwards", "bias afterwards"))
    ]
    large = [n for n in names if any(g.abs().max() > w.abs().max() + 1e-9 for g, w in record.pairs(n))]
    return ", ".join(n.split()[2] for n in large) if 0 < len(large) < len(names) and set(large) == record.names else ""


_CLAMP = "weight.clamp_(-limit, limit)"


def _clips(limit, critic, label):
    """A case of a critic with gradients of an earlier step; what comes back does not matter."""
    here = call(critic, limit, label=label, stale=True)
    return of(lambda clip: lambda critic, limit: (clip(critic, limit), None)[1], here, "critic", "limit")


exercise(
    "c1w3a.clip_weights",
    "course_utils.steps.wasserstein:clip_weights",
    usual=tuple(m for m in symptoms.USUAL if m.id != "changes_input"),
    cases=(
        _clips(0.1, _weights_up_to(3), "called with a limit of 0.1"),
        _clips(0.01, _weights_up_to(3, 1), "called with a limit of 0.01"),
        _clips(1.0, _weights_up_to(3, 2), "called with a limit of 1"),
        _clips(10.0, _weights_up_to(3, 3), "called with a limit of 10"),
        _clips(0.5, _weights_up_to(3).double(), "called with a critic in float64"),
    ),
    mistakes=(
        mistake("no_no_grad", ("with torch.no_grad():", "if True:"),
            "PyTorch refuses: a weight that requires a gradient may not be changed in place while autograd is watching. Do "
            "it inside `with torch.no_grad():`.",
            symptom=lambda r: r.raised("a leaf Variable that requires grad")),
        mistake("new_weights",
            "The critic gets new parameters. The optimiser holds the old ones and would train those from now on. Change the "
            "numbers in place: `weight.clamp_(-limit, limit)`.",
            symptom=lambda r: "whether `critic` keeps its own parameters" in r.names),
        mistake("clips_gradients", (_CLAMP, "weight.grad.clamp_(-limit, limit)"),
            Body("return torch.nn.utils.clip_grad_norm_(critic.parameters(), limit)"),
            "The gradients are clipped, not the weights. Gradient clipping keeps a step short; it does not bound the "
            "critic's slope. Clip the parameters themselves."),
        mistake("touches_gradients",
            "The gradients of the weights were changed or removed. Only the weights are to be clipped; gradients and "
            "optimisers stay as they are.",
            symptom=symptoms.gradients_left),
        mistake("clips_buffers", ("critic.parameters()", "critic.state_dict().values()"),
            ("critic.parameters()", "[w for w in critic.state_dict().values() if w.is_floating_point()]"),
            "Buffers were clipped as well: batch normalisation's running statistics, which are no weights, and its counter, "
            "an integer (`state_dict()` lists them, too). Go through `critic.parameters()`."),
        mistake("not_in_place", ("weight.clamp_", "weight.clamp"),
            "The weights are as they were: `clamp` without the underscore, `weight = ...`, or a copy of the critic makes "
            "new tensors and leaves the critic alone. `clamp_` changes it in place."),
        mistake("ignores_limit", (_CLAMP, "weight.clamp_(-VALUE, VALUE)"),
            "The argument `limit` makes no difference: the bound is VALUE in every call.",
            values=(0.01, 0.1, 1.0)),
        mistake("other_limit", (_CLAMP, "weight.clamp_(-VALUE * limit, VALUE * limit)"),
            "The bounds are VALUE times as large as asked for. They are -limit and limit.",
            values=(2, 0.5)),
        mistake("one_side", (_CLAMP, "weight.clamp_(VALUE)"),
            "The bounds are VALUE. Weights go from -limit to limit, so both bounds are needed, `clamp_(-limit, limit)`.",
            values=("max=limit", "-limit", "limit", "0, limit", "-limit, 0")),
        mistake("bounds_swapped", ("-limit, limit", "limit, -limit"), ("-limit, limit", "limit, limit"),
            "All weights become the same number: the two bounds are exchanged, or one has the wrong sign. The lower one "
            "comes first, `clamp_(-limit, limit)`."),
        mistake("some_kept",
            "These parameters keep numbers beyond the limit: VALUE. Every parameter is clipped, biases and normalisation "
            "layers too: go through `critic.parameters()`, to the end.",
            symptom=_not_clipped),
        mistake("others_replaced", (_CLAMP, "weight[weight.abs() > limit] = 0"),
            (_CLAMP, "weight[weight.abs() > limit] = limit"), (_CLAMP, "weight.abs_().clamp_(max=limit)"),
            "Numbers beyond the limit lose their sign, or become 0. They are brought to the nearer bound: to -limit or to "
            "limit."),
        mistake("rescaled", (_CLAMP, "weight.mul_(limit / weight.norm())"),
            (_CLAMP, "weight.mul_((limit / weight.norm()).clamp(max=1))"),
            (_CLAMP, "weight.mul_(limit / weight.abs().max())"),
            (_CLAMP, "weight.mul_((limit / weight.abs().max()).clamp(max=1))"), (_CLAMP, "weight.tanh_().mul_(limit)"),
            (_CLAMP, "weight.sign_().mul_(limit)"),
            "Numbers within [-limit, limit] change, too: tensors are scaled until their norm or their largest number fits, "
            "or squeezed. Clipping works number by number: what is within stays as it is."),
    ),
)
