"""The checks of WGAN-GP."""

import torch
from torch import nn

from course_utils.checks import exercise, mistake, symptoms
from course_utils.checks.cases import Fixed, call, draws, normal, seeded, uniform


def _critic(*shape, width=5):
    """A small smooth critic of samples of this shape, whose slope differs from place to place."""
    features = torch.Size(shape).numel()
    return seeded(lambda: nn.Sequential(nn.Flatten(), nn.Linear(features, width), nn.Softplus(), nn.Linear(width, 1)))


class _Bowl(nn.Module):
    """The distance from the middle, squared: the slope is twice the distance."""

    def forward(self, x):
        return x.flatten(1).square().sum(1, keepdim=True)


def _images(*shape, scale=2.0):
    """Reals, fakes and alphas for a batch of this shape."""
    alpha = uniform(shape[0], *[1] * (len(shape) - 1), seed=2)
    return normal(*shape, scale=scale), normal(*shape, seed=1), Fixed(alpha)


def _drawn(function):
    """Penalties where alpha is drawn: of a bowl, with reals at a distance of 4 and fakes opposite."""
    real = torch.ones(50, 1, 4, 4)  # a distance of 4 from the middle; 16 pixels, so that an alpha for each would show
    return torch.stack([function(_Bowl(), real, -real).detach() for _ in range(40)])[:, None]


_PLANE = _critic(2)

exercise(
    "c1w3a.gradient_penalty",
    "course_utils.losses:gradient_penalty",
    cases=(
        call(_critic(1, 4, 4), *_images(8, 1, 4, 4), label="called with images (8, 1, 4, 4)"),
        call(_critic(1, 4, 4), *_images(8, 1, 4, 4), label="called with gradients of an earlier step", stale=True),
        call(_critic(3, 3, 5), *_images(2, 3, 3, 5, scale=9.0), label="called with two images (2, 3, 3, 5)"),
        call(_PLANE, *_images(5, 2), label="called with points of the plane (5, 2)"),
        call(_critic(1, 2, 2), *_images(1, 1, 2, 2), label="called with a batch of one"),
        call(nn.Linear(1, 1).double(), *_images(3, 1), label="called with a critic of slope 1"),
        call(lambda x: _PLANE(x), *_images(4, 2), label="called with a critic that is a function"),
        call(lambda x: 0 * x.sum(1, keepdim=True), *_images(4, 2), label="called with a critic of slope 0"),
        call(_PLANE, normal(4, 2), normal(3, 2), label="called with four reals and three fakes", any_error=True),
        draws(_drawn, "called without alpha, for a critic shaped like a bowl", "penalties"),
    ),
    mistakes=(
        mistake(
            "not_a_scalar",
            "`torch.autograd.grad` starts from a single number, its first argument, and it got a tensor of several: take the "
            "*sum* of the scores (not their mean), `torch.autograd.grad(critic(mixed).sum(), mixed, create_graph=True)`.",
            symptom=lambda r: r.raised("grad can be implicitly created only for scalar outputs"),
        ),
        mistake(
            "points_without_gradient",
            "The tensor that the slope is taken with respect to does not require a gradient. What `interpolate` returns does: "
            "give that to the critic as it is, without `detach`, and differentiate with respect to that, not to `real`.",
            symptom=lambda r: r.raised("One of the differentiated Tensors does not require grad"),
        ),
        mistake(
            "scores_cut_off",
            "The critic's scores have no graph: they were computed under `torch.no_grad()` or detached, so there is no slope "
            "to be had from them.",
            symptom=lambda r: r.raised("element 0 of tensors does not require grad"),
        ),
        mistake(
            "backward_inside",
            "Gradients in the critic's weights were changed: `backward()` is called inside, which leaves those of its scores "
            "there and not of any loss, or they are cleared. "
            "`torch.autograd.grad(scores.sum(), mixed, create_graph=True)` returns the slope and touches nothing.",
            symptom=symptoms.gradients_left,
        ),
        mistake(
            "no_create_graph",
            ("create_graph=True", "retain_graph=True"),
            ("    norms =", "    gradient = gradient.detach()\n    norms ="),
            "The value is right and teaches nothing: no gradient leads from it to the critic's weights. Autograd throws the "
            "graph of the first derivative away unless it is told to keep it, `torch.autograd.grad(..., create_graph=True)`; "
            "`.detach()`, `.item()` and `retain_graph=True` alone do not help.",
            symptom=symptoms.no_gradient,
        ),
        mistake(
            "at_reals",
            ("interpolate(real, fake, alpha)", "real.detach().requires_grad_()"),
            ("interpolate(real, fake, alpha)", "real.requires_grad_()"),
            "The slope is taken at the real images (that is where R1 looks), not between reals and fakes. The critic would be "
            "free to be steep just where the generator climbs.",
        ),
        mistake(
            "at_fakes",
            ("interpolate(real, fake, alpha)", "fake.detach().requires_grad_()"),
            ("interpolate(real, fake, alpha)", "fake.requires_grad_()"),
            "The slope is taken at the fakes only, not between reals and fakes. Use the points of `interpolate`.",
        ),
        mistake(
            "reaches_generator",
            "The penalty sends gradients into what made the fakes. It is the critic's alone: the points between reals and "
            "fakes are `interpolate(real, fake, alpha)`, which is cut off from the generator.",
            symptom=lambda r: r.only("the gradient with respect to `real`", "the gradient with respect to `fake`", "the exception"),
        ),
        mistake(
            "ends_swapped",
            ("interpolate(real, fake, alpha)", "interpolate(fake, real, alpha)"),
            "Reals and fakes are exchanged: alpha = 1 is the real image. The order is `interpolate(real, fake, alpha)`.",
        ),
        mistake(
            "sigmoid",
            ("critic(mixed).sum()", "torch.sigmoid(critic(mixed)).sum()"),
            "The scores go through a sigmoid before their slope is taken. A critic gives scores, not probabilities: take the "
            "slope of the scores themselves.",
        ),
        mistake(
            "no_norm",
            ("gradient.flatten(1).norm(dim=1)", "gradient"),
            ("gradient.flatten(1).norm(dim=1)", "gradient.abs()"),
            "No norm is taken: every pixel's own derivative is compared with 1. A sample has one slope, the length of its "
            "whole gradient: `gradient.flatten(1).norm(dim=1)`.",
        ),
        mistake(
            "other_norm",
            ("norm(dim=1)", "abs().sum(1)"),
            ("norm(dim=1)", "abs().amax(1)"),
            ("norm(dim=1)", "square().mean(1).sqrt()"),
            "This is another norm than the Euclidean one: the sum of absolute values, the largest, or a mean where the sum of "
            "the squares belongs. A slope is the root of the sum of the squares, `norm(dim=1)`.",
        ),
        mistake(
            "root_at_zero",
            ("norm(dim=1)", "square().sum(1).sqrt()"),
            "Where the slope is exactly 0, the gradient of the penalty is NaN, and one such sample spoils every weight: the "
            "root of a sum of squares has no slope at 0. `norm(dim=1)` takes care of it; by hand, add 1e-12 below the root.",
        ),
        mistake(
            "squared_norm",
            ("norm(dim=1)", "square().sum(1)"),
            "The *squared* norm is compared with 1. It has its zero at the same place, but it is another penalty: far steeper "
            "above, flat near 0. Take the root first: (|grad| - 1)^2.",
        ),
        mistake(
            "norm_of_batch",
            ("gradient.flatten(1).norm(dim=1)", "gradient.norm()"),
            "One norm is taken over the whole batch. A steep sample and a flat one would cancel out, and the value grows with "
            "the batch. Every sample has a slope of its own: flatten each, `gradient.flatten(1).norm(dim=1)`.",
        ),
        mistake(
            "one_dimension",
            ("gradient.flatten(1).norm(dim=1)", "gradient.norm(dim=VALUE)"),
            "The norm runs over dimension VALUE of the gradient only. A sample's slope is the norm over *all* its pixels: "
            "flatten all but the first dimension, then `norm(dim=1)`.",
            values=("0", "1", "2", "3", "(2, 3)"),
        ),
        mistake(
            "over_the_batch",
            ("norm(dim=1)", "norm(dim=0)"),
            "The norm runs over the batch: each pixel gets a number, and samples are mixed. Every sample has a slope of its "
            "own: `gradient.flatten(1).norm(dim=1)`.",
        ),
        mistake(
            "mean_of_scores",
            ("critic(mixed).sum()", "critic(mixed).mean()"),
            "The gradient is taken of the *mean* of the scores, which makes every slope smaller by the size of the batch: the "
            "penalty would ask for slopes of 64, not 1. Take the gradient of the sum: sample i gets its own slope from it.",
        ),
        mistake(
            "mean_before_square",
            ("(norms - 1).square().mean()", "(norms - 1).mean().square()"),
            "The mean is taken before the square. Then slopes of 0 and 2 pass for slopes of 1. Square each sample's "
            "deviation, then take the mean.",
        ),
        mistake(
            "not_squared",
            ("(norms - 1).square()", "(norms - 1)"),
            ("(norms - 1).square()", "(norms - 1).abs()"),
            "The deviation is not squared. Without the square (or with an absolute value) it is another penalty; without "
            "either, slopes of 0 would even be rewarded.",
        ),
        mistake(
            "zero_centred",
            ("(norms - 1)", "norms"),
            ("(norms - 1).square()", "norms"),
            "The slope is pulled towards 0, not towards 1: the 1 is missing. A penalty centred at 0 is R1's; a Wasserstein "
            "critic needs the slope 1, which is where its score measures a distance.",
        ),
        mistake(
            "one_sided",
            ("(norms - 1)", "(norms - 1).clamp(min=0)"),
            "Only slopes above 1 are punished. That is a variant (Gulrajani et al. discuss it, Petzka et al. prefer it), but "
            "not the penalty asked for, which pulls slopes below 1 up as well.",
        ),
        mistake(
            "wrong_size",
            ("return (norms", "return VALUE * (norms"),
            "The right penalty times VALUE. The mean is asked for; the weight, 10, belongs to the step.",
            values=(10.0, 0.5, 5.0, -1.0),
        ),
        mistake(
            "summed",
            ("square().mean()", "square().sum()"),
            "The squares are summed over the batch, so the penalty grows with the batch size. Take their mean.",
        ),
        mistake(
            "ignores_alpha",
            ("interpolate(real, fake, alpha)", "interpolate(real, fake)"),
            "The argument `alpha` makes no difference. Hand it on: `interpolate(real, fake, alpha)`.",
            symptom=lambda r: r.only("the result", "the gradient", "whether the result"),
        ),
        mistake(
            "alpha_drawn_wrong",
            "With alpha given the penalty is right; where it is drawn, the points are not those of `interpolate`: one alpha "
            "for all samples, one a pixel, or always the same. Call `interpolate(real, fake, alpha)` and leave the drawing to "
            "it.",
            symptom=lambda r: r.only("the mean", "the standard deviation", "the spread", "the smallest", "whether"),
        ),
    ),
)
