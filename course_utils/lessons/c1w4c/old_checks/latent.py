"""Check of ``sample_latent``: what stands where in a latent vector, and how it is distributed."""

import torch

from course_utils.checks.engine import Mistake, exercise
from course_utils.checks.expect import expect_close, expect_shape, expect_true
from course_utils.models.conditional.infogan import CATEGORIES, LATENT_DIM, NOISE

N = 4000


def _draw(candidate, n=N, seed=0, **given):
    torch.manual_seed(seed)
    return expect_shape(f"sample_latent({n})", candidate(n, **given), (n, LATENT_DIM))


def _parts(z):
    return z[:, :NOISE], z[:, NOISE : NOISE + CATEGORIES], z[:, NOISE + CATEGORIES :]


def _is_one_hot(part) -> bool:
    return bool((((part == 0) | (part == 1)).all()) and (part.sum(dim=1) == 1).all())


def _even(shares: torch.Tensor, among: int) -> bool:
    """Are counted shares those of an even draw, within five standard deviations?"""
    p = 1 / among
    return bool(((shares - p).abs() < 5 * (p * (1 - p) / N) ** 0.5).all())


def _fits(values: torch.Tensor, distribution) -> bool:
    """Kolmogorov-Smirnov: do the numbers follow this distribution function? Exceeded once in many thousand draws."""
    ordered = values.flatten().double().sort().values
    rank = torch.arange(1, len(ordered) + 1, dtype=torch.float64) / len(ordered)
    return (distribution(ordered) - rank).abs().max().item() < 2.3 / len(ordered) ** 0.5


def _uniform(x):
    return ((x + 1) / 2).clamp(0, 1)


def _code_is_elsewhere(candidate) -> bool:
    """Is there a one-hot part, but not behind the noise?"""
    z = _draw(candidate)
    starts = [i for i in range(LATENT_DIM - CATEGORIES + 1) if _is_one_hot(z[:, i : i + CATEGORIES])]
    return bool(starts) and NOISE not in starts


_THREES, _HALVES = torch.full((N,), 3), torch.full((N, 2), 0.5)


def _varied(part) -> bool:
    return not torch.equal(part, part[:1].expand_as(part))


def _ignores_category(candidate) -> bool:
    """Is a category drawn although 3 was asked for, for all?"""
    _, alone, _ = _parts(_draw(candidate, category=_THREES.clone()))
    _, both, _ = _parts(_draw(candidate, category=_THREES.clone(), continuous=_HALVES.clone()))
    return _is_one_hot(both) and _varied(both.argmax(dim=1)) and _varied(alone.argmax(dim=1))


def _ignores_continuous(candidate) -> bool:
    _, _, alone = _parts(_draw(candidate, continuous=_HALVES.clone()))
    _, _, both = _parts(_draw(candidate, category=_THREES.clone(), continuous=_HALVES.clone()))
    return _varied(both) and _varied(alone)


def _only_together(candidate) -> bool:
    """Both arguments are used when both are given; when one is, it is not, or nothing is drawn for the other."""
    if not all(_varied(part) for part in _parts(_draw(candidate))):
        return False
    _, one_hot, continuous = _parts(_draw(candidate, category=_THREES.clone(), continuous=_HALVES.clone()))
    if _varied(one_hot) or not torch.equal(continuous, _HALVES):
        return False
    _, kept, drawn = _parts(_draw(candidate, category=_THREES.clone()))
    _, drawn_too, kept_too = _parts(_draw(candidate, continuous=_HALVES.clone()))
    return _varied(kept) or _varied(kept_too) or not _varied(drawn) or not _varied(drawn_too)


def _share(candidate):
    """How often each category is drawn; of one-hot vectors only."""
    one_hot = _parts(_draw(candidate))[1]
    if not _is_one_hot(one_hot):
        raise ValueError("no one-hot vectors")
    return one_hot.mean(dim=0)


def _noise(candidate):
    return _parts(_draw(candidate))[0]


def _scaled_noise(candidate) -> bool:
    noise = _noise(candidate)
    return not _fits(noise, torch.special.ndtr) and _fits((noise - noise.mean()) / noise.std(), torch.special.ndtr)


def _repeated_noise(candidate) -> bool:
    """Is the noise the same in every row, in every column, or in every call?"""
    noise = _noise(candidate)
    again = torch.equal(_parts(_draw(candidate, 20, 1))[0], _parts(_draw(candidate, 20, 2))[0])
    return bool(noise.std() > 0) and (not _varied(noise) or not _varied(noise.T) or again)


def _continuous(candidate):
    return _parts(_draw(candidate))[2]


_MISTAKES = (
    Mistake("no_return", "The function returns None: its last line needs a `return`.", lambda c: c(4) is None),
    Mistake(
        "category_as_number",
        "There are 65 columns: the category stands in one column as a number. A network would read 9 as nine times as much "
        "of something as 1, and 4.5 as a mixture of 4 and 5. Write it as a one-hot vector of ten.",
        lambda c: tuple(c(4).shape) == (4, NOISE + 1 + 2),
    ),
    Mistake(
        "wrong_order",
        "The one-hot category is there, but not in columns 62 to 71. Q's loss and `codes_of` look for noise, category and "
        "numbers in this order; join them in it.",
        _code_is_elsewhere,
    ),
    Mistake(
        "one_category_for_all",
        "All latent vectors of a batch have the same category, so Q could never learn what differs between two of them. Draw "
        "one for each: `torch.randint(10, (n,))`.",
        lambda c: _share(c).max() > 0.99,
    ),
    Mistake(
        "category_never_drawn",
        "Some categories are never drawn. The upper end of `torch.randint(high, size)` is not drawn itself, so `high` is 10.",
        lambda c: bool((_share(c) == 0).any()),
    ),
    Mistake(
        "numbers_0_1",
        "The two numbers lie between 0 and 1. They are to be drawn from U(-1, 1): `2 * torch.rand(n, 2) - 1`.",
        lambda c: _fits(_continuous(c), lambda x: x.clamp(0, 1)),
    ),
    Mistake(
        "numbers_normal",
        "The two numbers are normally distributed. They are to be drawn evenly from -1 to 1, so that the ends of their range "
        "are seen as often as the middle: `2 * torch.rand(n, 2) - 1`.",
        lambda c: _fits(_continuous(c), torch.special.ndtr),
    ),
    Mistake(
        "noise_uniform",
        "The 62 noise numbers are uniformly distributed. The course's generators get N(0, 1): `torch.randn`.",
        lambda c: _fits(_noise(c), lambda x: x.clamp(0, 1)) or _fits(_noise(c), _uniform),
    ),
    Mistake(
        "noise_repeated",
        "The 62 noise numbers are drawn once and used again: for all latent vectors, for all 62 columns, or in the next call. "
        "Draw n times 62 of them in each call: `torch.randn(n, 62)`.",
        _repeated_noise,
    ),
    Mistake(
        "noise_scaled",
        "The 62 noise numbers are normally distributed, but not with mean 0 and standard deviation 1. Leave them as "
        "`torch.randn` gives them.",
        _scaled_noise,
    ),
    Mistake(
        "only_together",
        "It is right when both codes are given, or none, but each may be given alone: what is given must be used, and the "
        "other drawn. Ask for each by itself: `if category is None: ...`, `if continuous is None: ...`.",
        _only_together,
    ),
    Mistake(
        "ignores_category",
        "The categories that were asked for are not those in the vectors: the argument `category` is not used. Draw only "
        "when it is None.",
        _ignores_category,
    ),
    Mistake(
        "ignores_continuous",
        "The numbers that were asked for are not those in the vectors: the argument `continuous` is not used. Draw only "
        "when it is None.",
        _ignores_continuous,
    ),
)


@exercise(
    "c1w4c.sample_latent",
    reference="course_utils.models.conditional.infogan:sample_latent",
    mistakes=_MISTAKES,
    seconds=60.0,  # the first use of the device 'meta' imports half of PyTorch, which takes 7 s here
)
def verify(candidate):
    for n in (1, 7, N):
        z = _draw(candidate, n)
        expect_true(z.dtype == torch.float32, f"sample_latent must return float32, but it returns {z.dtype}.")
        expect_true(not z.requires_grad, "sample_latent must return plain numbers, but they require a gradient.")
        expect_true(_is_one_hot(_parts(z)[1]), "Columns 62 to 71 must hold a single 1 and nine zeros in each row.")
    noise, one_hot, continuous = _parts(z)
    expect_true(_fits(noise, torch.special.ndtr), "Columns 0 to 61 do not follow the normal distribution N(0, 1).")
    expect_true(_even(one_hot.mean(dim=0), CATEGORIES), "The ten categories are not drawn equally often.")
    expect_true(_fits(continuous, _uniform), "The last two columns do not follow the uniform distribution on [-1, 1].")
    rows = len(torch.unique(noise @ torch.linspace(1, 2, NOISE)))
    expect_true(rows > 0.99 * N, "Many latent vectors have the same noise.")
    related = torch.corrcoef(continuous.T)[0, 1].abs().item()
    expect_true(related < 0.1, f"The two numbers depend on each other (correlation {related:.2f}).")
    names, two = ("noise", "categories", "numbers"), (_parts(_draw(candidate, 20, seed)) for seed in (1, 2))
    for name, first, second in zip(names, *two, strict=True):
        expect_true(not torch.equal(first, second), f"Two calls of sample_latent(20) give the same {name}.")
    _verify_given(candidate)
    _verify_one_given(candidate)


def _verify_given(candidate):
    wanted = torch.tensor([3, 0, 9, 9])
    numbers = torch.tensor([[-1.0, 0.5], [0.0, 0.0], [1.0, -0.25], [0.1, 0.2]])
    z = _draw(candidate, 4, category=wanted, continuous=numbers)
    _, one_hot, continuous = _parts(z)
    expect_true(_is_one_hot(one_hot), "With `category` given, columns 62 to 71 must hold a single 1 in each row.")
    expect_close("the categories that were asked for", one_hot.argmax(dim=1), wanted)
    expect_close("the numbers that were asked for", continuous, numbers)
    for codes in ({}, {"category": wanted, "continuous": numbers}):
        device = candidate(4, "meta", **codes).device.type
        expect_true(device == "meta", f"Asked for the device 'meta', it answered on {device}.")


def _verify_one_given(candidate):
    """The one code must be as given, the other drawn as always."""
    wanted, numbers = torch.arange(N) % CATEGORIES, torch.linspace(-1, 1, 2 * N).view(N, 2)
    _, one_hot, continuous = _parts(_draw(candidate, category=wanted))
    expect_close("the categories, where only they were given,", one_hot.argmax(dim=1), wanted)
    expect_true(_fits(continuous, _uniform), "With only `category` given, the two numbers are not drawn from U(-1, 1).")
    _, one_hot, continuous = _parts(_draw(candidate, continuous=numbers))
    expect_close("the numbers, where only they were given,", continuous, numbers)
    even = _is_one_hot(one_hot) and _even(one_hot.mean(dim=0), CATEGORIES)
    expect_true(even, "With only `continuous` given, the categories are not drawn equally often.")
