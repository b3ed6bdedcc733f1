"""Check of ``interpolate``: where the points lie, what they are cut off from, and how alpha is drawn."""

import torch

from course_utils.checks.engine import Mistake, exercise
from course_utils.checks.expect import expect_close, expect_shape, expect_true
from course_utils.checks.functions import normal
from course_utils.checks.probes import agrees

_SHAPES = ((8, 1, 4, 4), (5, 2), (1, 2), (1, 1, 3, 3), (6, 3, 2, 5), (64, 3, 2, 2), (4, 7, 3))


def _case(shape, seed=0):
    alpha = torch.rand((shape[0], *[1] * (len(shape) - 1)), generator=torch.Generator().manual_seed(seed))
    return normal(*shape, seed=seed), normal(*shape, seed=seed + 1), alpha


def _drawn(candidate, shape=(2000, 1, 2, 3), seed=0) -> torch.Tensor:
    """The alphas of a call that draws them: reals are all 1 and fakes all 0."""
    torch.manual_seed(seed)
    return candidate(torch.ones(shape), torch.zeros(shape)).detach()  # the shape


def _from_uniform(values: torch.Tensor) -> float:
    """Largest difference of the distribution function from that of the uniform distribution on [0, 1]."""
    ordered = values.flatten().double().sort().values
    rank = torch.arange(1, len(ordered) + 1, dtype=torch.float64) / len(ordered)
    return (ordered.clamp(0, 1) - rank).abs().max().item()


def _reaches(candidate) -> bool:
    """Does a gradient at the mixtures go on to what made the reals or the fakes?"""
    real, fake, alpha = _case((5, 1, 3, 3))
    makers = [torch.ones(1, requires_grad=True) for _ in range(3)]
    real, fake, alpha = (x * maker for x, maker in zip((real, fake, alpha), makers, strict=True))
    mixed = candidate(real, fake, alpha)
    if not mixed.requires_grad:
        return False
    found = torch.autograd.grad(mixed.sum(), makers, allow_unused=True)
    return any(g is not None for g in found)


# --- mistakes ----------------------------------------------------------------------------------------------------------


def _gives(*formulas):
    """A probe: with alpha given, are the points those of one of these formulas?"""

    def seen(candidate):
        cases = [_case((8, 1, 4, 4)), _case((5, 2))]
        return any(all(agrees(candidate(*case), formula(*case)) for case in cases) for formula in formulas)

    return seen


def _right(real, fake, alpha):
    return alpha * real + (1 - alpha) * fake


def _draws(probe):
    """A probe of how alpha is drawn, for candidates that are right where it is given."""
    return lambda candidate: _gives(_right)(candidate) and probe(candidate)


def _never_draws(candidate) -> bool:
    real, fake, _ = _case((5, 2))
    try:
        candidate(real, fake)
    except (TypeError, AttributeError) as error:
        return "NoneType" in str(error)
    return False


def _wrong_shape(candidate) -> bool:
    """Does the alpha that is drawn not fit images, or points?"""
    for shape in ((5, 2), (8, 1, 4, 4), (6, 3, 2, 5)):
        real, fake, _ = _case(shape)
        try:
            if candidate(real, fake).shape != shape:
                return True
        except RuntimeError as error:
            return "must match the size" in str(error)
    return False


def _other_dtype(candidate) -> bool:
    real, fake, _ = _case((5, 2))
    return candidate(real, fake).dtype != real.dtype


def _ignores_alpha(candidate) -> bool:
    real, fake, alpha = _case((8, 1, 4, 4))
    results = []
    for given in (alpha, 1 - alpha):
        torch.manual_seed(3)
        results.append(candidate(real, fake, given))
    return torch.equal(*results)


def _changes_input(candidate) -> bool:
    case = _case((8, 1, 4, 4))
    copies = [x.clone() for x in case]
    candidate(*copies)
    return any(not torch.equal(a, b) or b.requires_grad for a, b in zip(case, copies, strict=True))


def _one_for_the_batch(candidate) -> bool:
    alphas = _drawn(candidate)
    return bool((alphas - alphas.flatten()[0]).abs().max() < 1e-6) and not torch.allclose(
        alphas, _drawn(candidate, seed=1)
    )


def _fixed(candidate) -> bool:
    alphas = _drawn(candidate)
    return bool((alphas - alphas[:1]).abs().max() < 1e-6) and torch.allclose(alphas, _drawn(candidate, seed=1))


def _one_a_pixel(candidate) -> bool:
    """Different within a sample (a number a pixel, a channel, a column)."""
    alphas = _drawn(candidate, (500, 3, 4, 5)).flatten(1)
    return bool((alphas - alphas[:, :1]).abs().max() > 1e-3)


def _ignores_seed(candidate) -> bool:
    return torch.equal(_drawn(candidate, seed=0), _drawn(candidate, seed=1))


_MISTAKES = (
    Mistake(
        "no_return",
        "The function returns None: its last line needs a `return`.",
        lambda c: c(*_case((5, 2))) is None,
    ),
    Mistake(
        "changes_input",
        "The function changes a tensor it was given (a name ending in _, an operation like `+=`, or `requires_grad_()` on "
        "the real images themselves). Whoever called it still needs them as they were; compute a new tensor.",
        _changes_input,
    ),
    Mistake(
        "ends_swapped",
        "alpha and 1 - alpha are the wrong way round. With random alpha nobody would notice, but alpha is an argument: "
        "alpha = 1 is the real image, `alpha * real + (1 - alpha) * fake`.",
        _gives(lambda r, f, a: a * f + (1 - a) * r),
    ),
    Mistake(
        "not_between",
        "The points are not between reals and fakes: the two weights must add up to 1, `alpha` and `(1 - alpha)`, in its "
        "parentheses, and each belongs to one of the two.",
        _gives(
            lambda r, f, a: a * r + a * f,
            lambda r, f, a: r + a * f,
            lambda r, f, a: a * (r - f),
            lambda r, f, a: r + a * (r - f),
            lambda r, f, a: f + a * r,
            lambda r, f, a: a * (f - r),
            lambda r, f, a: (a * r + (1 - a) * f) / 2,
            lambda r, f, a: a * r - (1 - a) * f,
            lambda r, f, a: a * r + 1 - a * f,
            lambda r, f, a: (a * r + (1 - a)) * f,
        ),
    ),
    Mistake(
        "ignores_alpha",
        "The argument `alpha` makes no difference: it is drawn anew although it was given, or not used at all. Draw it only "
        "when it is None, so that whoever calls the function can decide, and a test can repeat it.",
        _ignores_alpha,
    ),
    Mistake(
        "not_detached",
        "The points still hang on what made them: a gradient at a mixture would run on into the generator. They are "
        "places where the critic's slope is looked at, nothing more: `mixed.detach()`, and then `.requires_grad_()`.",
        _reaches,
    ),
    Mistake(
        "no_gradient_asked",
        "The points do not require a gradient, so the critic's slope there cannot be computed: autograd would say that "
        "one of the tensors does not require grad. End with `.detach().requires_grad_()`, in this order.",
        lambda c: not c(*_case((5, 2))).requires_grad,
    ),
    Mistake(
        "never_draws",
        "Without alpha the function fails: None stands for 'draw it'. `if alpha is None: alpha = torch.rand(one_a_sample, "
        "...)` comes before the mixture.",
        _draws(_never_draws),
    ),
    Mistake(
        "wrong_shape",
        "The alpha that is drawn has a shape that does not fit every batch. (B,) and (B, 1) line up with the last sides of an "
        "image, not with its samples, and (B, 1, 1, 1) makes something else of points (B, 2). `one_a_sample` is the shape.",
        _draws(_wrong_shape),
    ),
    Mistake(
        "other_dtype",
        "The alpha that is drawn has another dtype than the images, so the points have, too, and a critic of float32 refuses "
        "them. Pass `dtype=real.dtype`.",
        _draws(_other_dtype),
    ),
    Mistake(
        "one_alpha_for_the_batch",
        "One alpha is used for the whole batch, so all points of a step lie at the same share of the way, and the penalty "
        "jumps from step to step. Every sample needs its own: draw (B, 1, 1, 1) numbers for images.",
        _draws(_one_for_the_batch),
    ),
    Mistake(
        "one_alpha_a_pixel",
        "Pixels (or channels, or rows) of one sample are mixed with different alphas: `rand_like(real)`, or an alpha of the "
        "wrong shape. Such points do not lie on the line from a real to a fake, which is where the slope should be 1. One "
        "number a sample: (B, 1, 1, 1).",
        _draws(_one_a_pixel),
    ),
    Mistake(
        "fixed_alpha",
        "Every point is at the same place of its line, in every call. The slope must be right all along the way from reals "
        "to fakes: draw alpha anew, `torch.rand`.",
        _draws(_fixed),
    ),
    Mistake(
        "same_every_call",
        "Two calls draw the same alphas: a seed is set inside, they come from a generator of its own, or nothing is drawn at "
        "all (`linspace`). Use `torch.rand`, and seed once at the top of the notebook, never in here.",
        _draws(_ignores_seed),
    ),
    Mistake(
        "outside",
        "Some points lie beyond the real or the fake: alpha is below 0 or above 1, as `torch.randn` gives it. `torch.rand` "
        "draws evenly from [0, 1).",
        _draws(lambda c: bool(_drawn(c).min() < -0.01) or bool(_drawn(c).max() > 1.01)),
    ),
    Mistake(
        "not_uniform",
        "alpha lies in [0, 1] but is not spread evenly (only near the reals, only a few values, or a normal distribution "
        "that was cut off). Every place on the way should be looked at equally often: `torch.rand`.",
        _draws(lambda c: _from_uniform(_drawn(c)[:, 0, 0, 0]) > 0.05),
    ),
    Mistake(
        "wrong_device",
        "alpha is made on the CPU whatever the device of the images, which fails on a GPU ('expected all tensors to be on "
        "the same device'). Pass `device=real.device`.",
        lambda c: _breaks_elsewhere(c),
    ),
)


def _breaks_elsewhere(candidate) -> bool:
    """Does it fail for tensors on another device? The meta device computes shapes only."""
    images = torch.zeros(3, 1, 2, 2, device="meta")
    try:
        return candidate(images, images).device.type != "meta"
    except RuntimeError:
        return True


@exercise("c1w3a.interpolate", reference="course_utils.losses:interpolate", mistakes=_MISTAKES)
def verify(candidate):
    for seed, shape in enumerate(_SHAPES):
        real, fake, alpha = _case(shape, seed)
        copies = [x.clone() for x in (real, fake, alpha)]
        mixed = expect_shape(f"interpolate for images of shape {shape}", candidate(*copies), shape)
        expect_close(f"interpolate for images of shape {shape}", mixed, alpha * real + (1 - alpha) * fake)
        same = all(torch.equal(a, b) and not b.requires_grad for a, b in zip((real, fake, alpha), copies, strict=True))
        expect_true(same, "interpolate changes a tensor it was given.")
        expect_true(mixed.requires_grad, "the points of interpolate must require a gradient, but they do not.")
        drawn = expect_shape("interpolate without alpha", candidate(real, fake), shape)
        expect_true(drawn.dtype == real.dtype, f"of {real.dtype} images interpolate makes points of {drawn.dtype}.")
        expect_true(drawn.requires_grad, "without alpha the points of interpolate do not require a gradient.")
    expect_true(not _reaches(candidate), "a gradient at the points of interpolate reaches what made reals and fakes.")
    double = candidate(torch.zeros(3, 2, dtype=torch.float64), torch.ones(3, 2, dtype=torch.float64))
    expect_true(double.dtype == torch.float64, f"of float64 points interpolate makes {double.dtype}.")
    for shape in ((2000, 1, 2, 3), (2000, 2), (2000, 3, 4, 4)):
        alphas = _drawn(candidate, shape).flatten(1)  # (2000, numbers of a sample)
        spread = (alphas - alphas[:, :1]).abs().max().item()
        expect_true(
            spread < 1e-4, f"within one sample alpha differs by up to {spread:.2f}; it must be one number a sample."
        )
        off = _from_uniform(alphas[:, 0])
        inside = bool(alphas.min() >= 0) and bool(alphas.max() <= 1)
        expect_true(
            inside and off < 0.05,
            f"the alphas that are drawn go from {alphas.min():.2f} to {alphas.max():.2f} with mean {alphas.mean():.2f}; they "
            "must be spread evenly over [0, 1], another for every sample.",
        )
    different = len(torch.unique(_drawn(candidate)[:, 0, 0, 0]))
    expect_true(different > 1980, f"2,000 samples share {different} alphas; every sample needs its own.")
    expect_true(not _ignores_seed(candidate), "two calls in a row draw the same alphas.")
    expect_true(not _breaks_elsewhere(candidate), "for images on another device than the CPU the function fails.")
