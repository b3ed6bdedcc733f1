"""Check of ``gradient_penalty``: values and second derivatives on small critics, then how alpha comes in."""

import numbers

import torch
from torch import nn

from course_utils.checks.engine import Mistake, exercise
from course_utils.checks.expect import expect_close, expect_shape, expect_tensor, expect_true
from course_utils.checks.functions import normal

_SHAPES = ((8, 1, 4, 4), (5, 2), (1, 2), (3, 2, 3, 2), (6, 7))


class _Bowl(nn.Module):
    """D(x) = a |x|^2 / 2, whose slope at x is a |x|."""

    def __init__(self):
        super().__init__()
        self.a = nn.Parameter(torch.ones(()))

    def forward(self, x):
        return self.a / 2 * x.flatten(1).square().sum(dim=1, keepdim=True)  # (B, 1)


def _critic(shape, seed=0, scale=2.0) -> nn.Module:
    """A smooth critic without normalisation, of float64 weights large enough for slopes above and below 1."""
    torch.manual_seed(seed)
    features = int(torch.tensor(shape[1:]).prod())
    critic = nn.Sequential(nn.Flatten(), nn.Linear(features, 6), nn.Tanh(), nn.Linear(6, 1)).double()
    with torch.no_grad():
        for weight in critic.parameters():
            weight.mul_(scale)
    return critic


def _case(shape, seed=0):
    alpha = torch.rand((shape[0], *[1] * (len(shape) - 1)), generator=torch.Generator().manual_seed(seed)).double()
    real, fake = normal(*shape, seed=seed).double(), normal(*shape, seed=seed + 1).double() + 0.5
    return _critic(shape, seed), real, fake, alpha


def _norms(critic, real, fake, alpha) -> torch.Tensor:
    """|grad D| at the mixtures with a graph, each sample for itself: (B,)."""
    mixed = (alpha * real + (1 - alpha) * fake).detach().requires_grad_()
    (gradient,) = torch.autograd.grad(critic(mixed).sum(), mixed, create_graph=True)
    return gradient.flatten(1).norm(dim=1)


def _right(critic, real, fake, alpha):
    return (_norms(critic, real, fake, alpha) - 1).square().mean()


def _weights_gradient(value, critic) -> list:
    """The gradient of the value with respect to the critic's weights; zeros where there is none."""
    weights = list(critic.parameters())
    if not value.requires_grad:
        return [torch.zeros_like(w) for w in weights]
    found = torch.autograd.grad(value, weights, allow_unused=True)
    return [torch.zeros_like(w) if g is None else g for g, w in zip(found, weights, strict=True)]


# --- mistakes ----------------------------------------------------------------------------------------------------------


def _value(candidate, shape=(8, 1, 4, 4), seed=0):
    """What the candidate gives, whether or not anything hangs on it."""
    value = candidate(*_case(shape, seed))
    if isinstance(value, numbers.Number):
        return torch.tensor(float(value), dtype=torch.float64)
    return value.detach().double() if isinstance(value, torch.Tensor) and value.numel() == 1 else None


def _gives(*formulas, factors=(1.0,), shapes=((8, 1, 4, 4), (3, 2, 3, 2))):
    """A probe: is the value that of one of these formulas (critic, real, fake, alpha) for two batches of images?"""

    def seen(candidate):
        got = [_value(candidate, shape) for shape in shapes]

        def same(formula, factor):
            wanted = [factor * formula(*_case(shape)).detach() for shape in shapes]
            return all(torch.allclose(g.reshape(()), w, rtol=1e-4) for g, w in zip(got, wanted, strict=True))

        return any(same(formula, factor) for formula in formulas for factor in factors)

    return seen


def _from_norms(function):
    """The formula that makes the penalty of the norms (B,) in another way."""
    return lambda *case: function(_norms(*case))


def _from_gradient(function, reduce=torch.sum):
    """The formula that makes the penalty of the gradient (B, C, H, W), of the sum or the mean of the scores."""

    def formula(critic, real, fake, alpha):
        mixed = (alpha * real + (1 - alpha) * fake).detach().requires_grad_()
        (gradient,) = torch.autograd.grad(reduce(critic(mixed)), mixed, create_graph=True)
        return function(gradient)

    return formula


def _squared(norms):
    return (norms - 1).square().mean()


_ONE_DIMENSION = [_from_gradient(lambda g, d=d: _squared(g.norm(dim=d))) for d in (0, 1, 2, 3)]
_ONE_DIMENSION += [_from_gradient(lambda g, d=d: _squared(g.flatten(1).norm(dim=d))) for d in (0,)]
_ONE_DIMENSION += [_from_gradient(lambda g: _squared(g.norm(dim=(2, 3))))]


def _no_graph(candidate) -> bool:
    """The right value, but nothing can be learned from it?"""
    value = candidate(*_case((8, 1, 4, 4)))
    plain = not isinstance(value, torch.Tensor) or not value.requires_grad
    return plain and _gives(_right)(candidate)


def _cut_inside(candidate) -> bool:
    """The right value with a graph from which no second derivative comes?"""
    critic, real, fake, alpha = _case((8, 1, 4, 4))
    value = candidate(critic, real, fake, alpha)
    if not _gives(_right)(candidate) or not value.requires_grad:
        return False
    return not any(g.any() for g in _weights_gradient(value, critic))


def _leaks(candidate) -> bool:
    """Does the penalty send a gradient to what made the images?"""
    critic, real, fake, alpha = _case((8, 1, 4, 4))
    maker = torch.ones(1, dtype=torch.float64, requires_grad=True)
    value = candidate(critic, real * maker, fake * maker, alpha)
    if not isinstance(value, torch.Tensor) or not value.requires_grad:
        return False
    (found,) = torch.autograd.grad(value, maker, allow_unused=True)
    return found is not None and bool(found.abs() > 1e-12)


def _leaves_gradients(candidate) -> bool:
    """Are gradients left in the critic's weights, or those of an earlier step changed?"""
    for before in (None, 0.5):
        critic, *images = _case((8, 1, 4, 4))
        for p in critic.parameters():
            p.grad = None if before is None else torch.full_like(p, before)
        candidate(critic, *images)
        if before is None and any(p.grad is not None for p in critic.parameters()):
            return True
        if before and not all(p.grad is not None and (p.grad == before).all() for p in critic.parameters()):
            return True
    return False


def _fails_with(text):
    """A probe: does the call fail with this message?"""

    def seen(candidate):
        try:
            candidate(*_case((8, 1, 4, 4)))
        except RuntimeError as error:
            return text in str(error)
        return False

    return seen


def _changes_images(candidate) -> bool:
    critic, *images = _case((8, 1, 4, 4))
    copies = [x.clone() for x in images]
    candidate(critic, *copies)
    return not all(torch.equal(a, b) for a, b in zip(images, copies, strict=True))


def _ignores_alpha(candidate) -> bool:
    critic, real, fake, alpha = _case((8, 1, 4, 4))
    values = []
    for given in (alpha, 1 - alpha):
        torch.manual_seed(3)
        values.append(candidate(critic, real, fake, given))
    return torch.equal(*values)


_DRAWN = 16 / 3 - 4 + 1  # the mean of (4 |2 alpha - 1| - 1)^2
_OFF, _BATCH_OFF = 0.5, 2.2  # six standard deviations of the mean of 1,000 of them, and of 50


def _drawn(candidate, seed) -> torch.Tensor:
    """The penalty where alpha is drawn, of a bowl with reals at a distance of 4 and fakes opposite: 7 / 3 on average.

    Of 20 batches of 50, small for those who loop over the samples; 16 pixels, so that an alpha for each of them shows.
    """
    torch.manual_seed(seed)
    real = torch.ones(50, 1, 4, 4)  # a distance of 4 from the middle
    return torch.stack([candidate(_Bowl(), real, -real).detach() for _ in range(20)])


def _drawn_evenly(penalties) -> bool:
    """Are the penalties of all batches near their expectation, and their mean nearer (one alpha a batch scatters)?"""
    off = penalties - _DRAWN
    return bool(off.mean().abs() <= _OFF and off.abs().max() <= _BATCH_OFF)


_MISTAKES = (
    Mistake(
        "no_return",
        "The function returns None: its last line needs a `return`.",
        lambda c: c(*_case((8, 1, 4, 4))) is None,
    ),
    Mistake(
        "not_reduced",
        "The result is one number a sample, or a pixel, but the loss needs a single one: take the mean over the samples.",
        lambda c: c(*_case((8, 1, 4, 4))).numel() > 1,
    ),
    Mistake(
        "changes_images",
        "The function changes the images it was given (a name ending in _, or an operation like `+=`). Whoever called it "
        "still needs them; compute new tensors.",
        _changes_images,
    ),
    Mistake(
        "not_a_number",
        "`torch.autograd.grad` starts from a single number, its first argument, and it got a tensor of several: take the "
        "*sum* of the scores (not their mean), `torch.autograd.grad(critic(mixed).sum(), mixed, create_graph=True)`.",
        _fails_with("grad can be implicitly created only for scalar outputs"),
    ),
    Mistake(
        "points_without_gradient",
        "The tensor that the slope is taken with respect to does not require a gradient. What `interpolate` returns does: "
        "give that to the critic as it is, without `detach`, and differentiate with respect to that, not to `real`.",
        _fails_with("One of the differentiated Tensors does not require grad"),
    ),
    Mistake(
        "scores_cut_off",
        "The critic's scores have no graph: they were computed under `torch.no_grad()` or detached, so there is no slope to be "
        "had from them.",
        _fails_with("element 0 of tensors does not require grad"),
    ),
    Mistake(
        "backward_inside",
        "Gradients in the critic's weights were changed: `backward()` is called inside, which leaves those of its scores "
        "there and not of any loss, or they are cleared. "
        "`torch.autograd.grad(scores.sum(), mixed, create_graph=True)` returns the slope and touches nothing.",
        _leaves_gradients,
    ),
    Mistake(
        "no_create_graph",
        "The value is right and teaches nothing: no gradient leads from it to the critic's weights. Autograd throws the "
        "graph of the first derivative away unless it is told to keep it, `torch.autograd.grad(..., create_graph=True)`; "
        "`.detach()`, `.item()` and `retain_graph=True` alone do not help.",
        lambda c: _no_graph(c) or _cut_inside(c),
    ),
    Mistake(
        "at_reals",
        "The slope is taken at the real images (that is where R1 looks), not between reals and fakes. The critic would be "
        "free to be steep just where the generator climbs.",
        _gives(lambda c, r, f, a: _right(c, r, f, torch.ones_like(a))),
    ),
    Mistake(
        "at_fakes",
        "The slope is taken at the fakes only, not between reals and fakes. Use the points of `interpolate`.",
        _gives(lambda c, r, f, a: _right(c, r, f, torch.zeros_like(a))),
    ),
    Mistake(
        "reaches_generator",
        "The penalty sends gradients into what made the fakes. It is the critic's alone: the points between reals and fakes "
        "are `interpolate(real, fake, alpha)`, which is cut off from the generator.",
        _leaks,
    ),
    Mistake(
        "ends_swapped",
        "Reals and fakes are exchanged: alpha = 1 is the real image. The order is `interpolate(real, fake, alpha)`.",
        _gives(lambda c, r, f, a: _right(c, r, f, 1 - a)),
    ),
    Mistake(
        "sigmoid",
        "The scores go through a sigmoid before their slope is taken. A critic gives scores, not probabilities: take the "
        "slope of the scores themselves.",
        _gives(
            _from_gradient(lambda g: _squared(g.flatten(1).norm(dim=1)), lambda scores: torch.sigmoid(scores).sum())
        ),
    ),
    Mistake(
        "no_norm",
        "No norm is taken: every pixel's own derivative is compared with 1. A sample has one slope, the length of its whole "
        "gradient: `gradient.flatten(1).norm(dim=1)`.",
        _gives(_from_gradient(_squared), _from_gradient(lambda g: _squared(g.abs()))),
    ),
    Mistake(
        "other_norm",
        "This is another norm than the Euclidean one: the sum of absolute values, the largest, or a mean where the sum of the "
        "squares belongs. A slope is the root of the sum of the squares, `norm(dim=1)`.",
        _gives(
            _from_gradient(lambda g: _squared(g.flatten(1).abs().sum(1))),
            _from_gradient(lambda g: _squared(g.flatten(1).abs().amax(1))),
            _from_gradient(lambda g: _squared(g.flatten(1).square().mean(1).sqrt())),
        ),
    ),
    Mistake(
        "squared_norm",
        "The *squared* norm is compared with 1. It has its zero at the same place, but it is another penalty: far steeper "
        "above, flat near 0. Take the root first: (|grad| - 1)^2.",
        _gives(_from_norms(lambda n: _squared(n.square()))),
    ),
    Mistake(
        "norm_of_batch",
        "One norm is taken over the whole batch. A steep sample and a flat one would cancel out, and the value grows with "
        "the batch. Every sample has a slope of its own: flatten each, `gradient.flatten(1).norm(dim=1)`.",
        _gives(_from_gradient(lambda g: _squared(g.norm()))),
    ),
    Mistake(
        "one_dimension",
        "The norm runs over one dimension of the gradient only (channels, rows, or the batch). A sample's slope is the norm "
        "over *all* its pixels: flatten all but the first dimension, then `norm(dim=1)`.",
        _gives(*_ONE_DIMENSION),
    ),
    Mistake(
        "mean_of_scores",
        "The gradient is taken of the *mean* of the scores, which makes every slope smaller by the size of the batch: the "
        "penalty would ask for slopes of 64, not 1. Take the gradient of the sum: sample i gets its own slope from it.",
        _gives(_from_gradient(lambda g: _squared(g.flatten(1).norm(dim=1)), torch.mean)),
    ),
    Mistake(
        "mean_before_square",
        "The mean is taken before the square. Then slopes of 0 and 2 pass for slopes of 1. Square each sample's "
        "deviation, then take the mean.",
        _gives(_from_norms(lambda n: (n.mean() - 1).square())),
    ),
    Mistake(
        "not_squared",
        "The deviation is not squared. Without the square (or with an absolute value) it is another penalty; without "
        "either, slopes of 0 would even be rewarded.",
        _gives(_from_norms(lambda n: (n - 1).mean()), _from_norms(lambda n: (n - 1).abs().mean())),
    ),
    Mistake(
        "zero_centred",
        "The slope is pulled towards 0, not towards 1: the 1 is missing. A penalty centred at 0 is R1's; a Wasserstein "
        "critic needs the slope 1, which is where its score measures a distance.",
        _gives(_from_norms(lambda n: n.square().mean()), _from_norms(lambda n: n.mean())),
    ),
    Mistake(
        "one_sided",
        "Only slopes above 1 are punished. That is a variant (Gulrajani et al. discuss it, Petzka et al. prefer it), but "
        "not the penalty asked for, which pulls slopes below 1 up as well.",
        _gives(_from_norms(lambda n: (n - 1).clamp(min=0).square().mean())),
    ),
    Mistake(
        "wrong_size",
        "The right penalty times a constant: half of it, already with the weight 10, or with a minus sign. The mean is asked "
        "for; the weight belongs to the step.",
        _gives(_right, factors=(10.0, 0.5, 5.0, -1.0)),
    ),
    Mistake(
        "summed",
        "The squares are summed over the batch, so the penalty grows with the batch size. Take their mean.",
        _gives(_from_norms(lambda n: (n - 1).square().sum())),
    ),
    Mistake(
        "ignores_alpha",
        "The argument `alpha` makes no difference. Hand it on: `interpolate(real, fake, alpha)`.",
        _ignores_alpha,
    ),
    Mistake(
        "alpha_drawn_wrong",
        "With alpha given the penalty is right; where it is drawn, the points are not those of `interpolate`: one alpha for "
        "all samples, one a pixel, or always the same. Call `interpolate(real, fake, alpha)` and leave the drawing to it.",
        lambda c: _gives(_right)(c) and not all(_drawn_evenly(_drawn(c, seed)) for seed in range(3)),
    ),
)


@exercise("c1w3a.gradient_penalty", reference="course_utils.losses:gradient_penalty", mistakes=_MISTAKES)
def verify(candidate):
    for seed, shape in enumerate(_SHAPES):
        critic, *images = _case(shape, seed)
        copies = [x.clone() for x in images]
        value = expect_shape(f"gradient_penalty for images of shape {shape}", candidate(critic, *copies), ())
        expected = _right(critic, *images)
        expect_close(f"gradient_penalty for images of shape {shape}", value, expected.detach())
        learn = all(p.requires_grad for p in critic.parameters())
        expect_true(learn, "gradient_penalty leaves weights of the critic that cannot learn (requires_grad=False).")
        kept = all(torch.equal(a, b) and not b.requires_grad for a, b in zip(images, copies, strict=True))
        expect_true(kept, "gradient_penalty changes a tensor it was given.")
        expect_true(value.requires_grad, "the penalty has no graph: nothing can be learned from it.")
        left = [p for p in critic.parameters() if p.grad is not None]
        expect_true(not left, "gradient_penalty leaves gradients in the critic's weights.")
        pairs = zip(_weights_gradient(value, critic), _weights_gradient(expected, critic), strict=True)
        for mine, right in pairs:
            expect_close(f"the penalty's gradient with respect to weights of shape {tuple(right.shape)}", mine, right)
        drawn = candidate(critic, *copies[:2])
        expect_shape(f"gradient_penalty without alpha, for images of shape {shape},", drawn, ())
    expect_true(not _leaves_gradients(candidate), "gradient_penalty changes gradients in the critic's weights.")
    expect_true(not _leaks(candidate), "the penalty sends gradients into what made reals or fakes.")
    case = _case((5, 2))
    value = expect_tensor("gradient_penalty", candidate(lambda x: case[0](x), *case[1:]))
    expect_close("gradient_penalty for a critic that is a function", value, _right(*case).detach())
    drawn = [_drawn(candidate, seed) for seed in range(3)]
    expect_true(
        all(map(_drawn_evenly, drawn)),
        f"without alpha the penalty of a known critic comes out as {', '.join(f'{v.mean():.2f}' for v in drawn)} on average, "
        f"in single batches from {torch.stack(drawn).min():.2f} to {torch.stack(drawn).max():.2f}; it should be near "
        f"{_DRAWN:.2f} each time, for alphas that are drawn evenly, one a sample.",
    )
