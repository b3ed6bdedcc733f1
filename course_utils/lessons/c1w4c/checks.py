"""The checks of the lesson on InfoGAN."""

import torch
from torch import nn

from course_utils.checks import exercise, mistake, networks, steps, symptoms
from course_utils.checks.cases import (
    DEVICE,
    DTYPE,
    GRAPH,
    KIND,
    RESULT,
    Fixed,
    call,
    draws,
    kind,
    normal,
    of,
    on_gpu,
    scenario,
    uniform,
)
from course_utils.checks.devices import device_of_result
from course_utils.checks.networks import OUTPUT, network
from course_utils.checks.observe import Near
from course_utils.checks.programs import Body
from course_utils.checks.steps import LOSS, TWO, step, usual
from course_utils.models.conditional.infogan import LATENT_DIM, QHead, sample_latent

# --- the latent vector -------------------------------------------------------------------------------------------------

_NOISE, _PAIR = "the noise", "the two numbers"
_SHAPE = "the result's shape"
_STARTS, _SHARES = "the column in which the one-hot part begins", "the share of each category"
_FOLLOWS = "how often the next vector has the same category"
_KEEPS_C, _KEEPS_N = "whether the categories are those that were given", "whether the numbers are those that were given"
_CATEGORIES = torch.tensor([3, 0, 9, 9, 5])
_NUMBERS = torch.tensor([[-1.0, 0.5], [0.0, 0.0], [1.0, -0.25], [0.1, 0.2], [0.7, -0.9]])


def _one_hot(part) -> bool:
    return bool(((part == 0) | (part == 1)).all() and (part.sum(dim=1) == 1).all())


def _layout(z) -> dict:
    """What stands where in latent vectors."""
    facts = {KIND: kind(z), _SHAPE: tuple(getattr(z, "shape", ()))}
    if facts[_SHAPE][1:] != (74,):
        return facts
    begins = "62" if _one_hot(z[:, 62:72]) else ", ".join(str(i) for i in range(65) if _one_hot(z[:, i : i + 10]))
    return facts | {DTYPE: str(z.dtype), "whether the result has a graph": z.requires_grad, _STARTS: begins}


def _other_columns(r) -> str:
    """What comes back, in words, where no call gives 74 columns."""
    found = [(what, shape) for (what, _), (shape, _) in zip(r.pairs(KIND), r.pairs(_SHAPE), strict=True)]
    return "" if not found or any(shape[1:] == (74,) for _, shape in found) else f"{found[0][0]} {found[0][1] or ''}".strip()


def _many(sample_latent) -> dict:
    z = sample_latent(5000)
    if _STARTS not in _layout(z):
        return _layout(z)
    category = z[:, 62:72].argmax(dim=1)
    follows = (category[1:] == category[:-1]).double().mean()
    return _layout(z) | {
        _SHARES: Near(torch.bincount(category, minlength=10) / 5000, 0.03),
        _FOLLOWS: Near(follows, 0.05),
    }


def _single(sample_latent) -> dict:
    """The layout of a vector alone: of the first that has not 74 columns, if there is one."""
    found = [_layout(sample_latent(1)) for _ in range(20)]
    return next((facts for facts in found if facts[_SHAPE] != (1, 74)), found[0])


def _columns(columns: slice, of: str, *sizes: int):
    """The distribution of these columns in calls of these sizes; small ones show what is made even within a call."""
    label = f"called for {of}, {len(sizes)} times {sizes[0]}"
    return draws(lambda f: torch.cat([f(n)[:, columns] for n in sizes]), label, of)


def _given(label: str, **codes):
    """Latent vectors where these codes are given: they must be kept, the others drawn."""

    def run(sample_latent):
        given = {name: code.clone() for name, code in codes.items()}
        first, second = sample_latent(5, **given), sample_latent(5, **given)
        kept = {f"`{name}` afterwards": code for name, code in given.items()}
        if "category" in codes:
            kept[_KEEPS_C] = torch.equal(first[:, 62:72].argmax(dim=1), _CATEGORIES)
        if "continuous" in codes:
            kept[_KEEPS_N] = torch.equal(first[:, 72:].float(), _NUMBERS)
        varies = [not torch.equal(first[:, a:b], second[:, a:b]) for a, b in ((0, 62), (62, 72), (72, 74))]
        return _layout(first) | kept | {"whether noise, categories, numbers are drawn anew": varies}

    return scenario(f"called with {label}", run)


def _stays(of: str):
    """A symptom: numbers that are the same in all rows, all columns, or in the next call."""
    related = f"the correlation between columns of {of}", f"the correlation of one row of {of} with the next"

    def seen(r) -> bool:
        calls = [s.facts.get("whether every call draws anew") for case, s in r.got.items() if of in case]
        flat = any(g.value.max() < 0.01 for g, _ in r.pairs(f"the standard deviation of {of}"))
        return False in calls or flat or any(g.value.min() > 0.9 for name in related for g, _ in r.pairs(name))

    return seen


def _never_anew(r) -> bool:
    """A symptom: noise and numbers are both the same in every call."""
    anew = [seen.facts.get("whether every call draws anew") for seen in r.got.values()]
    return anew.count(False) == 4


exercise(
    "c1w4c.sample_latent",
    "course_utils.models.conditional.infogan:sample_latent",
    cases=(
        scenario("called for 5000 vectors", _many),
        scenario("called for one vector, twenty times", _single),
        _given("category only", category=_CATEGORIES),
        _given("continuous only", continuous=_NUMBERS),
        _given("category and continuous", category=_CATEGORIES, continuous=_NUMBERS),
        _columns(slice(0, 62), _NOISE, 1000),
        _columns(slice(0, 62), _NOISE, *[4] * 40),
        _columns(slice(72, 74), _PAIR, 1000),
        _columns(slice(72, 74), _PAIR, *[4] * 40),
        on_gpu(4, "cuda", label="called for a GPU"),
        scenario(
            "called for a GPU with codes that are on the CPU",
            lambda f: {DEVICE: device_of_result(lambda: f(5, "cuda", _CATEGORIES, _NUMBERS), (), {})},
        ),
    ),
    mistakes=(
        mistake("no_return",
            "The function returns None: its last line needs a `return`.",
            symptom=lambda r: symptoms.returns(r, "None")),
        mistake("seed_inside",
            "Every call gives the same vectors: the random generator is set to a fixed seed inside "
            "(`torch.manual_seed`), or what was drawn is kept. Draw anew; whoever calls decides about the seed.",
            symptom=_never_anew),
        mistake("category_as_number",
            "There are 65 columns: the category stands in one column as a number. A network would read 9 as nine times as "
            "much of something as 1, and 4.5 as a mixture of 4 and 5. Write it as a one-hot vector of ten.",
            symptom=lambda r: any(g[1:] == (65,) for g, _ in r.pairs(_SHAPE))),
        mistake("wrong_order",
            "The one-hot category is there, but it begins in column VALUE, not in 62. Q's loss and `codes_of` look for "
            "noise, category and numbers in this order; join them in it.",
            symptom=lambda r: next((g for g, w in r.pairs(_STARTS) if g and g != w), "")),
        mistake("not_one_hot",
            "Columns 62 to 71 are no one-hot vector: each row must hold a single 1 and nine zeros there. "
            "`F.one_hot(category, 10)` makes it from the numbers 0 to 9; no softmax or other change comes after it.",
            symptom=lambda r: any(w and not g for g, w in r.pairs(_STARTS))),
        mistake("one_category_for_all",
            "All latent vectors of a batch have the same category, so Q could never learn what differs between two of them. "
            "Draw one for each: `torch.randint(10, (n,))`.",
            symptom=lambda r: any(g.value > 0.99 for g, _ in r.pairs(_FOLLOWS))),
        mistake("category_never_drawn",
            "Never drawn: VALUE. `torch.randint(high, size)` draws from 0 to high - 1, `torch.randint(low, high, size)` "
            "from low to high - 1: `torch.randint(10, (n,))` gives all ten.",
            symptom=lambda r: next((", ".join(map(str, (g.value == 0).nonzero()[:, 0].tolist())) for g,
                _ in r.pairs(_SHARES)), "")),
        mistake("classes_not_given",
            "The one-hot part has ten columns only when category 9 happens to be among the drawn: `F.one_hot(category)` "
            "counts up to the largest. Say how many there are, `F.one_hot(category, 10)`.",
            symptom=lambda r: (
                any(g[1:] == (74,) for g, _ in r.pairs(_SHAPE))
                and any(64 < (*g, 0, 0)[1] < 74 for g, _ in r.pairs(_SHAPE))
            )),
        mistake("other_columns",
            "What comes back is VALUE. Asked for is one tensor (n, 74): 62 columns of noise, ten of the one-hot category and "
            "two numbers, joined by `torch.cat(..., dim=1)`.",
            symptom=_other_columns),
        mistake("asks_a_tensor",
            "`category or ...`, `if category` and `if not continuous` ask a tensor for a single answer, which it has not. "
            "Ask whether there is one: `if category is None: ...`.",
            symptom=lambda r: r.raised("Boolean value of Tensor")),
        mistake("categories_uneven",
            "The ten categories are not drawn equally often, or one follows another by a rule. `torch.randint(10, (n,))` draws "
            "each for itself; rounding gives the two ends half as often as the others.",
            symptom=lambda r: {_SHARES, _FOLLOWS} & r.names and any(r.pairs(_SHARES))),
        mistake("numbers_0_1",
            ("2 * torch.rand(n, CONTINUOUS, device=device) - 1", "torch.rand(n, CONTINUOUS, device=device)"),
            "The two numbers lie between 0 and 1. They are to be drawn from U(-1, 1): `2 * torch.rand(n, 2) - 1`."),
        mistake("numbers_normal",
            ("2 * torch.rand(n, CONTINUOUS, device=device) - 1", "torch.randn(n, CONTINUOUS, device=device)"),
            ("2 * torch.rand(n, CONTINUOUS, device=device) - 1", "2 * torch.randn(n, CONTINUOUS, device=device) - 1"),
            "The two numbers are normally distributed. They are to be drawn evenly from -1 to 1, so that the ends of their "
            "range are seen as often as the middle: `2 * torch.rand(n, 2) - 1`."),
        mistake("noise_uniform", ("torch.randn(n, NOISE, device=device)", "torch.rand(n, NOISE, device=device)"),
            ("torch.randn(n, NOISE, device=device)", "2 * torch.rand(n, NOISE, device=device) - 1"),
            "The 62 noise numbers are uniformly distributed. The course's generators get N(0, 1): `torch.randn`."),
        mistake("noise_repeated",
            "The 62 noise numbers are the same for all latent vectors, in all columns, or in the next call. Draw n times 62 "
            "of them in each call: `torch.randn(n, 62)`.",
            symptom=_stays(_NOISE)),
        mistake("numbers_repeated",
            "The two numbers are the same for all latent vectors, equal to each other, or the same in the next call. Draw n "
            "times two in each call: `2 * torch.rand(n, 2) - 1`.",
            symptom=_stays(_PAIR)),
        mistake("noise_scaled",
            "The 62 noise numbers are no independent draws from N(0, 1): they are scaled, shifted, limited, or centred over "
            "a row or the batch. Leave them as `torch.randn(n, 62)` gives them.",
            symptom=lambda r: any(f"of {_NOISE}" in n for n in r.names)),
        mistake("numbers_elsewhere",
            "The two numbers are no independent draws from U(-1, 1): mean, spread or ends are others, only some numbers "
            "occur, or they are centred over the batch. Write `2 * torch.rand(n, 2) - 1`.",
            symptom=lambda r: any(f"of {_PAIR}" in n for n in r.names)),
        mistake("ignores_codes", ("if category is None:", "if True:", "if continuous is None:", "if True:"),
            *((f"if {code} is None:", "if True:") for code in ("category", "continuous")),
            "What was asked for is not in the vectors: `category`, `continuous`, or both, are drawn although they are given. "
            "Draw a code only when it is None."),
        mistake("only_together",
            ("    noise =",
             "    if category is None or continuous is None:\n        category = continuous = None\n    noise ="),
            ("if category is None:", "if category is None and continuous is None:"),
            ("if continuous is None:", "if category is None and continuous is None:"),
            "[It is right when both codes are given, or none, but] each may be given alone: what is given must be used, and "
            "the other drawn. Ask for each by itself: `if category is None: ...`, `if continuous is None: ...`.",
            symptom=lambda r: symptoms.only_where(r, " only")),
        mistake("codes_changed",
            "Codes that were given come out changed: scaled, shifted or rounded. Only numbers that are drawn here are to be "
            "brought to [-1, 1]; given ones are used as they are.",
            symptom=lambda r: _KEEPS_C in r.names or _KEEPS_N in r.names),
        mistake("codes_elsewhere", ("category.to(device)", "category"), ("continuous.to(device)", "continuous"),
            "Codes that are given stay on the device where they were, and on a GPU they do not fit to the noise. Move them: "
            "`category.to(device)`, `continuous.to(device)`."),
    ),
)

# --- information -------------------------------------------------------------------------------------------------------

_SURE = "very sure"
_ENTROPY, _MEAN = "math.log(logits.shape[1])", "F.cross_entropy(logits, category)"
_PICKED = "logits.log_softmax(1).gather(1, category[:, None])"


def _read(b: int, k: int, seed: int = 0, scale: float = 1.0, right: float = 0.0, dtype=torch.float64):
    """Logits for b images and k categories, the right ones raised by ``right``, and the categories."""
    category = (uniform(b, seed=seed + 9) * k).long()
    return normal(b, k, seed=seed, scale=scale, dtype=dtype) + right * torch.eye(k, dtype=dtype)[category], category


exercise(
    "c1w4c.categorical_information",
    "course_utils.losses:categorical_information",
    cases=(
        call(*_read(7, 10)),
        call(*_read(3, 2, 1, 2.0)),
        call(*_read(1, 5, 2, 3.0)),
        call(*_read(9, 6, 5, right=4.0), label="called with logits that are mostly right"),
        call(*_read(6, 4, 4, 3.0, dtype=torch.float32), label="called with float32 (6, 4)"),
        call(*_read(5, 4, 3, 40.0), label=f"called with logits that are {_SURE}"),
        call(*_read(5, 3, 4, 1000.0), label=f"called with logits that are {_SURE} (1000)"),
        on_gpu(*_read(4, 10)),
    ),
    mistakes=(
        mistake("negated", (f"{_ENTROPY} - {_MEAN}", f"{_MEAN} - {_ENTROPY}"), (f"{_ENTROPY} -", f"{_ENTROPY} +"),
            "A sign is turned round. `F.cross_entropy` is *minus* the mean log probability, and the bound is large when Q "
            "is right: `math.log(K) - F.cross_entropy(...)`."),
        mistake("cross_entropy_alone", (f"{_ENTROPY} - ", ""),
            "This is the cross entropy: a loss, small when Q is right. The bound turns its sign round *and* adds the "
            "entropy of the code: log K minus the cross entropy."),
        mistake("without_entropy", (f"{_ENTROPY} - ", "-"),
            "The entropy of the code, log K, is missing, so the number is not a bound on information: it would be 0 for a Q "
            "that is always right. Add `math.log(logits.shape[1])`."),
        mistake("ten_for_ever", (_ENTROPY, "math.log(10)"),
            "Right for ten categories only: log 10 stands where log K belongs. The number of categories is "
            "`logits.shape[1]`."),
        mistake("images_for_categories", (_ENTROPY, "math.log(len(logits))"), (_ENTROPY, "math.log(logits.numel())"),
            (_ENTROPY, "math.log(int(category.max()) + 1)"), (_ENTROPY, "math.log(len(category.unique()))"),
            "The logarithm is that of another number than K: of the images in the batch, say, or of the categories that "
            "happen to be in it. The number of categories is `logits.shape[1]`."),
        mistake("log_missing", (_ENTROPY, "logits.shape[1]"),
            "The number of categories is added, not its logarithm. The entropy of a category drawn evenly is log K."),
        mistake("softmax_first", (_MEAN, "F.cross_entropy(logits.softmax(1), category)"),
            "The logits go through a softmax before a loss that applies one itself. Q could then never seem surer than e "
            "times as likely. Give `F.cross_entropy` the raw logits."),
        mistake("over_the_batch", (_MEAN, f"-{_PICKED.replace('log_softmax(1)', 'log_softmax(0)')}.mean()"),
            "The softmax runs over the batch, so the images share out one category among them. Each image has probabilities "
            "of its own, over its K categories: `dim=1`."),
        mistake("probability", (f"- {_MEAN}", f"+ {_PICKED}.exp().mean()"), (f"- {_MEAN}", f"+ {_PICKED}.exp().mean().log()"),
            (f"{_ENTROPY} - {_MEAN}", f"{_PICKED}.exp().mean()"),
            "The mean *probability* of the right category is taken, or its logarithm after the mean. The bound needs the "
            "mean of the log probabilities: first the logarithm, then the mean."),
        mistake("accuracy", (f"- {_MEAN}", "+ (logits.argmax(dim=1) == category).VALUE().mean()"),
            (f"{_ENTROPY} - {_MEAN}", "(logits.argmax(dim=1) == category).VALUE().mean()"),
            (f"{_ENTROPY} - {_MEAN}", "(logits.argmax(dim=1) == category).VALUE().mean().item()"),
            "This counts how often the largest logit is the right one. A share of hits has no gradient, and is no "
            "information: the bound needs the log probability of the right category, `-F.cross_entropy(logits, category)`.",
            values=("float", "double")),
        mistake("everybody_with_everybody", (f"- {_MEAN}", "+ logits.log_softmax(1)[:, category].mean()"),
            "Each image is asked for the categories of all the others, too: `[:, category]` takes whole columns. Take one "
            "number from each row, `[torch.arange(len(category)), category]` or `gather`, or let `F.cross_entropy` do it."),
        mistake("averaged_over_categories",
            (f"- {_MEAN}", "+ (F.one_hot(category, logits.shape[1]) * logits.log_softmax(1)).mean()"),
            "The mean runs over all K places of each row, of which K - 1 are zeros. Sum over the categories, then take the "
            "mean over the images."),
        mistake("category_unused", (_MEAN, "torch.distributions.Categorical(logits=logits).entropy().mean()"),
            (f"- {_MEAN}", "+ logits.log_softmax(1).amax(dim=1).mean()"), (f"- {_MEAN}", "+ logits.log_softmax(1).mean()"),
            "The argument `category` plays no part: this says how sure Q is, not whether it is right. The bound needs the "
            "log probability of the category that the image was made with."),
        mistake("nll_of_logits", (_MEAN, "F.nll_loss(logits, category)"),
            (f"{_ENTROPY} - {_MEAN}", "-F.nll_loss(logits, category)"),
            "`nll_loss` (or a plain look-up) was given the logits themselves. It expects log probabilities: put "
            "`log_softmax` before it, or use `F.cross_entropy`, which does both."),
        mistake("bits", (f"{_ENTROPY} - {_MEAN}", f"({_ENTROPY} - {_MEAN}) / math.log(2)"),
            (_ENTROPY, "math.log2(logits.shape[1])"), (_ENTROPY, "math.log10(logits.shape[1])"),
            "The number is in bits: it was divided by log 2, or log2 or log10 was used. The lesson counts in nats, with the "
            "natural logarithm, so that the ceiling is log 10 = 2.303."),
        mistake("summed", (_MEAN, "F.cross_entropy(logits, category, reduction='sum')"),
            (f"{_ENTROPY} - {_MEAN}", f"len(logits) * ({_ENTROPY} - {_MEAN})"),
            "The log probabilities are summed over the batch, not averaged."),
        mistake("no_gradient",
            "No gradient leads back from the result: it was cut off (`.item()`, `.detach()`, NumPy, `torch.no_grad()`), or "
            "it counts hits (`argmax`, `==`), which have no slope. Neither Q nor the generator would learn from it.",
            symptom=symptoms.no_gradient, explains=(symptoms.GRADIENT, GRAPH, KIND, DTYPE, DEVICE)),
        mistake("clamped", (f"{_ENTROPY} - {_MEAN}", f"({_ENTROPY} - {_MEAN}).clamp(min=0)"),
            (f"{_ENTROPY} - {_MEAN}", f"({_ENTROPY} - {_MEAN}).abs()"),
            "Values below 0 are cut off, or lose their sign. The bound may be negative, for a Q that is sure and wrong, and "
            "there it must have a slope: leave it as it is."),
        mistake("unstable_log", (_MEAN, "F.nll_loss((logits.softmax(1) + VALUE).log(), category)"),
            (_MEAN, "F.nll_loss(logits.softmax(1).clamp(min=VALUE).log(), category)"),
            "A logarithm is taken of a softmax. For very sure logits that is rounded to 0, which gives infinity or NaN, or "
            "a capped value where something is added to it. `F.cross_entropy` and `log_softmax` stay exact.",
            values=(1e-3, 1e-4, 1e-5, 1e-6, 1e-7), symptom=lambda r: symptoms.only_where(r, _SURE)),
    ),
)

_NARROW = "very small"
_ADD, _CODE = "(math.log(2) + log_density)", "(code - mean).square() / log_variance.exp()"


_ERRORS = "F.mse_loss(mean, code)", "0.5 * F.mse_loss(mean, code)", "(code - mean).square().sum(dim=1).mean()"


def _sure_and_wrong():
    """An error of 0.9 where a deviation of 0.05 is read: the density itself is 0 in float32."""
    return torch.full((3, 2), 0.9), torch.full((3, 2), -6.0), Fixed(torch.zeros(3, 2))


def _numbers(b: int, d: int, seed: int = 0, scale: float = 1.0, dtype=torch.float64):
    """What Q reads, and the codes; without a gradient for these: whether one comes through them is left open."""
    code = Fixed(2 * uniform(b, d, seed=seed, dtype=dtype) - 1)
    return normal(b, d, seed=seed + 1, dtype=dtype), normal(b, d, seed=seed + 2, scale=scale, dtype=dtype), code


def _narrow():
    """Guesses with variances from 1e-11 to 1e3, as far off as they claim."""
    log_variance = torch.linspace(-25, 7, 12, dtype=torch.float64).reshape(6, 2)
    mean = normal(6, 2)
    return mean, log_variance, Fixed(mean + (log_variance / 2).exp() * normal(6, 2, seed=1))


exercise(
    "c1w4c.gaussian_information",
    "course_utils.losses:gaussian_information",
    cases=(
        call(*_numbers(7, 2)),
        call(*_numbers(5, 3, 10)),
        call(*_numbers(1, 1, 20)),
        call(*_numbers(4, 2, 30, 3.0)),
        call(*_numbers(6, 2, 40, dtype=torch.float32), label="called with float32 (6, 2)"),
        call(*_narrow(), label=f"called with variances from {_NARROW} to large"),
        call(*_sure_and_wrong(), label="called with a Q that is sure and wrong, in float32"),
    ),
    mistakes=(
        mistake("negated", ("return ", "return -"),
            "The sign is turned round: this is a loss, small when Q is right. Asked for is the bound, which is made large."),
        mistake("likelihood_alone", (f"return {_ADD}", "return -log_density"),
            "This is the negative log likelihood: a loss, small when Q is right. The bound turns its sign round *and* adds "
            "the entropy of the code, log 2 for each number."),
        mistake("without_entropy", (_ADD, "log_density"),
            "The entropy of the code is missing: a number from U(-1, 1) has log 2. Without it the sum is a log likelihood, "
            "not a bound on information."),
        mistake("entropy_once", (f"{_ADD}.sum(dim=1).mean()", "(VALUE * math.log(2) + log_density.sum(dim=1).mean())"),
            "The entropy log 2 is added to the sum over d, but every one of the d numbers has it: add it before that.",
            values=(1, 2)),
        mistake("entropy_subtracted", ("math.log(2) +", "-math.log(2) +"),
            "The entropy of the code is subtracted. It is log 2 for a number from U(-1, 1), and the bound is that *plus* "
            "the log density."),
        mistake("averaged_over_codes", (".sum(dim=1).mean()", ".mean()"),
            "The numbers of a latent vector are averaged. Information about independent numbers adds up: sum over the last "
            "dimension, then take the mean over the batch."),
        mistake("summed", (".sum(dim=1).mean()", ".sum()"), (".sum(dim=1).mean()", ".sum(dim=0).mean()"),
            "The bound is summed over the batch. Sum over the numbers of a latent vector, `dim=1`, and take the mean over "
            "the batch."),
        mistake("no_constant", ("math.log(2 * math.pi) + ", ""),
            "The constant of the normal density, log 2 pi, is missing (`F.gaussian_nll_loss` leaves it out unless told "
            "`full=True`). The gradients are right without it, but the number that is printed is not the bound."),
        mistake("defaults_of_the_loss",
            (f"return {_ADD}",
             "log_density = -F.gaussian_nll_loss(mean, code, log_variance.exp(), reduction='none')\n    return " + _ADD),
            "These are the defaults of `F.gaussian_nll_loss`: it leaves out the constant log 2 pi, and limits the variance "
            "at 1e-6. The bound needs both as they are: `full=True, eps=0`."),
        mistake("whole_loss",
            *(Body(f"return {sign}F.gaussian_nll_loss(mean, code, log_variance.exp(){more})")
              for sign in ("-", "math.log(2) - ") for more in ("", ", full=True")),
            "`F.gaussian_nll_loss` also takes the mean over the d numbers, which are to be added up. With "
            "`reduction='none', full=True, eps=0` it is minus the log density of each: log 2 minus that, then the "
            "sum over `dim=1`, then the mean."),
        mistake("signs_inside", ("-0.5 * (", "0.5 * ("), ("+ log_variance +", "- log_variance +"),
            ("+ (code - mean)", "- (code - mean)"), ("math.log(2 * math.pi) +", "-math.log(2 * math.pi) +"),
            "A sign inside the log density is turned round: all three parts, the constant, `log_variance` and the squared "
            "error, are subtracted (half of each)."),
        mistake("not_squared", (".square()", ".abs()"), (".square()", ""),
            "The error is not squared. A normal density has the square of the error in its exponent."),
        mistake("no_half", ("-0.5 * (", "-("), ("+ log_variance +", "+ 2 * log_variance +"), ("(code -", "2 * (code -"),
            "The factor 1/2 of the normal density is missing, in all of it or in one part: half the constant, half of "
            "`log_variance`, and half of the squared error over the variance."),
        mistake("no_log_variance", ("+ log_variance +", "+"),
            "`log_variance` stands only below the square. Its own term is missing, without which Q could make the bound "
            "larger just by claiming a huge variance."),
        mistake("squared_error",
            *(Body(f"return {sign}{error}") for sign in ("", "-", "math.log(2) - ") for error in _ERRORS),
            "This is the squared error of the means; how sure Q is plays no part in it. The bound needs the log density of "
            "a normal distribution with this mean *and* this variance."),
        mistake("multiplied_by_variance", ("/ log_variance.exp()", "* log_variance.exp()"),
            "The squared error is multiplied by the variance. It is divided by it: an error counts the less the less sure Q "
            "is."),
        mistake("log_variance_as_deviation",
            ("log_variance + (code - mean).square() / log_variance.exp()",
             "2 * log_variance + (code - mean).square() / (2 * log_variance).exp()"),
            ("log_variance.exp()", "(0.5 * log_variance).exp()"), ("log_variance.exp()", "(2 * log_variance).exp()"),
            "`log_variance` is used as the logarithm of the *standard deviation*. The variance is `log_variance.exp()`, the "
            "deviation `(0.5 * log_variance).exp()`."),
        mistake("log_variance_as_variance",
            (f"log_variance + {_CODE}", "log_variance.log() + (code - mean).square() / log_variance"),
            (f"log_variance + {_CODE}", "log_variance.abs().log() + (code - mean).square() / log_variance.abs()"),
            ("log_variance.exp()", "log_variance"),
            "`log_variance` is used as if it were the variance itself. It is its logarithm and may be negative: the "
            "variance is `log_variance.exp()`.",
            symptom=lambda r: r.raised("found invalid values") or r.raised("negative entr")),
        mistake("half_detached", ("    log_density =", "    log_variance = log_variance.detach()\n    log_density ="),
            ("    log_density =", "    mean = mean.detach()\n    log_density ="),
            ("/ log_variance.exp()", "/ log_variance.exp().detach()"), ("log_variance + (", "log_variance.detach() + ("),
            "[The value is right, but] no gradient, or only a part of it, reaches the mean or the variance: something was "
            "detached. Q learns both."),
        mistake("variance_limited", ("/ log_variance.exp()", "/ (log_variance.exp() + VALUE)"),
            "Right but for variances that are very small or large: the variance, its logarithm or the deviation is limited, "
            "or something like 1e-6 is added to it (`F.gaussian_nll_loss` limits it unless told `eps=0`). The exponential "
            "is never 0 here; use it as it is. The bound has no ceiling, and a limit would be one.",
            values=(1e-3, 1e-4, 1e-5, 1e-6),
            symptom=lambda r: symptoms.only_where(r, _NARROW) and not symptoms.not_a_number(r)),
    ),
)

# --- Q -----------------------------------------------------------------------------------------------------------------


_DIFFERENT = "how many of the 14 numbers differ from each other"


def _different(make) -> dict:
    with torch.no_grad():
        return {_DIFFERENT: torch.cat(list(make(21)(normal(40, 21).float())), dim=1).unique(dim=1).shape[1]}


def _part(category="a", mean="b", log_variance="c") -> tuple[str, str]:
    """An edit: something is done to a part of the guess."""
    parts = f"a, b, c = out[:, :10], out[:, 10:12], out[:, 12:]; out = torch.cat([{category}, {mean}, {log_variance}], dim=1)"
    return "        return Guess", f"        {parts}\n        return Guess"


exercise(
    "c1w4c.q_head",
    "course_utils.models.conditional.infogan:QHead",
    cases=(
        network(21, 17, inputs=(normal(40, 21, scale=2.0),), alike=True, size=3.0, vectors=3.0),
        network(
            21,
            hidden=23,
            inputs=(normal(1, 21, seed=1, scale=9.0),),
            alike=True,
            label="made with (21, hidden=23), one sample",
        ),
        network(8, inputs=(normal(5, 8, seed=2),), alike=True),
        scenario("called with weights as they are made", _different),
    ),
    usual=networks.USUAL,
    mistakes=(
        mistake("not_a_guess",
            "`forward` does not return a `Guess`. The losses ask for its parts by name: `Guess(category_logits, mean, "
            "log_variance)`.",
            symptom=lambda r: any(g != w for g, w in r.pairs("the type of the output"))),
        mistake("wrong_parts", (", dim=1))", "))"),
            "The three parts do not have 10, 2 and 2 columns. Split the 14 numbers in this order: `out.split([10, 2, 2], "
            "dim=1)`.",
            symptom=lambda r: any([x.shape for x in g] != [x.shape for x in w] for g, w in r.pairs(OUTPUT))),
        mistake("columns_twice", _part(log_variance="out[:, 11:13]"), _part(mean="out[:, 9:11]"), _part(mean="c"),
            "A column of the 14 stands in two parts of the guess, and another in none: 10, 2 and 2 follow each other, "
            "`[:, :10]`, `[:, 10:12]`, `[:, 12:]`.",
            symptom=lambda r: r.only(_DIFFERENT)),
        mistake("half_detached", _part(category="a.detach()"), _part(mean="b.detach()"), _part(log_variance="c.detach()"),
            _part(mean="b.detach()", log_variance="c.detach()"),
            "[The numbers are right, but] no gradient comes through a part of the guess: something in `forward` detaches it."),
        mistake("softmax", _part(category="a.VALUE(dim=1)"),
            "The ten category numbers are already probabilities (or their logarithms): there is a `VALUE` at the end. The "
            "loss applies one itself and needs logits of any size. End with the linear layer.",
            values=("softmax", "log_softmax")),
        mistake("softmax_over_all", ("2 * CONTINUOUS),\n", "2 * CONTINUOUS),\n            nn.VALUE(dim=1),\n"),
            "A `VALUE` stands at the end and runs over all 14 numbers. The logits, the means and the log variances "
            "can be any numbers: end with the linear layer.",
            values=("Softmax", "LogSoftmax")),
        mistake("variance_itself", _part(log_variance="VALUE"),
            "The last two numbers are always positive: an exponential, softplus or similar makes variances of them. Asked "
            "for is the *logarithm* of the variance, any real number; whoever needs the variance takes `exp` of it.",
            values=("c.exp()", "F.softplus(c)", "c.abs()", "c.square()", "(0.5 * c).exp()", "c.relu()", "c.sigmoid()")),
        mistake("bounded_mean", _part(mean="b.tanh()"), _part(mean="b.clamp(-1, 1)"), _part(mean="b.sigmoid()"),
            _part(mean="2 * b.sigmoid() - 1"),
            "The means cannot leave an interval: there is a `tanh` or similar behind them. Near its ends it is flat, and Q "
            "would stop learning just for the extreme codes. End with the linear layer."),
        mistake("no_activation", ("            nn.LeakyReLU(0.2),\n", ""),
            "There is no activation between the two linear layers, so together they are a single linear layer, and `hidden` "
            "has no effect. Put `nn.LeakyReLU(0.2)` between them (`nn.LeakyReLU(True)` has the slope 1, which is none)."),
        mistake("relu", ("nn.LeakyReLU(0.2)", "nn.ReLU()"),
            "The activation is a ReLU. Where it is off no gradient passes to the trunk, or to the generator; "
            "`nn.LeakyReLU(0.2)` lets a fifth of it through."),
        mistake("wrong_slope", ("nn.LeakyReLU(0.2)", "nn.LeakyReLU(VALUE)"),
            "The activation is a LeakyReLU with the slope VALUE (0.01 is PyTorch's default). Asked for is 0.2: "
            "`nn.LeakyReLU(0.2)`.",
            values=(0.01, 0.1, 0.3, 0.02)),
        mistake("other_activation", ("nn.LeakyReLU(0.2)", "nn.VALUE()"),
            "The activation is `nn.VALUE()`. Asked for is `nn.LeakyReLU(0.2)`.",
            values=("Tanh", "Sigmoid", "ELU", "GELU", "SiLU", "SELU", "ReLU6", "Softplus")),
        mistake("normalised",
            ("nn.Linear(features, hidden),\n", "nn.Linear(features, hidden),\n            nn.BatchNorm1d(hidden),\n"),
            ("nn.LeakyReLU(0.2),\n", "nn.LeakyReLU(0.2),\n            nn.BatchNorm1d(hidden),\n"),
            ("nn.Linear(features, hidden),\n", "nn.Linear(features, hidden),\n            nn.LayerNorm(hidden),\n"),
            "A normalisation stands between the layers. None is asked for; BatchNorm would even make what Q reads from an "
            "image depend on the other images of the batch.",
            symptom=lambda r: r.raised("Expected more than 1 value per channel")),
        mistake("no_bias", ("nn.Linear(features, hidden)", "nn.Linear(features, hidden, bias=False)"),
            ("2 * CONTINUOUS)", "2 * CONTINUOUS, bias=False)"),
            ("nn.Linear(features, hidden)", "nn.Linear(features, hidden, bias=False)", "2 * CONTINUOUS)",
             "2 * CONTINUOUS, bias=False)"),
            "A linear layer has no bias. With `nn.Linear` it is there unless it is switched off."),
        mistake("hidden_ignored", ("features, hidden)", "features, VALUE)", "(hidden,", "(VALUE,"),
            "The hidden layer has VALUE features, whatever the argument `hidden` says: use it in both layers.",
            values=(32, 64, 100, 128, 256)),
        mistake("other_layers",
            "It learns VALUE numbers. Asked for are two linear layers with their biases, `features` to `hidden` and "
            "`hidden` to 14 (in one layer or cut into three), on one hidden layer for all parts.",
            symptom=lambda r: (not networks.differs(r, networks.HIDDEN_LAYERS)
                and next((f"{g} instead of {w}" for g, w in r.pairs("how many numbers") if g and g != w), ""))),
    ),
)

# --- the generator's step ----------------------------------------------------------------------------------------------


class _TwoHeads(nn.Module):
    """A discriminator of 1x2x2 images whose Q stands on its trunk."""

    def __init__(self):
        super().__init__()
        self.trunk = nn.Sequential(nn.Flatten(), nn.Linear(4, 6), nn.LeakyReLU(0.2))
        self.head, self.q = nn.Linear(6, 1), QHead(6, 5)

    def forward(self, images):
        return self.head(self.trunk(images))

    def judge(self, images):
        features = self.trunk(images)
        return self.head(features), self.q(features)


def _info_gan(dtype=torch.float64):
    """A small InfoGAN on 1x2x2 images, whose optimisers are watched."""
    generator = nn.Sequential(
        nn.Linear(LATENT_DIM, 6), nn.BatchNorm1d(6), nn.ReLU(), nn.Linear(6, 4), nn.Tanh(), nn.Unflatten(1, (1, 2, 2))
    )
    return steps.watched(generator.to(dtype), _TwoHeads().to(dtype))


def _info_data(batch=8, dtype=torch.float64):
    return {"z": sample_latent(batch).to(dtype)}


def _distort(images):
    """A distortion without chance: the images mirrored, and paler."""
    return 0.5 * images.flip(-1) - 0.2


def _rewarded(**options):
    """A case of a step on images that the generator has just made."""

    def on_its_images(candidate):
        def run(gan, z, **keywords):
            z = _readable(z) if options.get("calls") else z
            return candidate(gan, gan.generator(z), z, **keywords)

        return run

    return of(on_its_images, step("z", **{"gan": _info_gan, "data": _info_data} | options))


def _readable(z):
    """Latent vectors whose one-hot part is one again: further calls of a step get theirs shifted along the row."""
    return torch.cat([z[:, :62], nn.functional.one_hot(z[:, 62:72].argmax(1), 10), z[:, 72:].clamp(-1, 1)], dim=1)


_SINGLE = {"gan": lambda: _info_gan(torch.float32), "data": lambda: _info_data(dtype=torch.float32)}
_TWO_ROWS = {"data": lambda: _info_data(2), "label": TWO}
_JUDGED = "gan.discriminator.judge(fake)"
_READ = "gan.discriminator.judge(distort(fake))"
_REWARD = "info_weight * (category + continuous_weight * numbers)"
_OWN_LOSS = f"generator_loss(logits) - {_REWARD}"
_IF = "    if distort is not None:\n        _, guess = gan.discriminator.judge(distort(fake))\n"
_NAMED = "categorical_information(guess.category_logits, codes.category)"
_MEASURED = "gaussian_information(guess.mean, guess.log_variance, codes.continuous)"
_CROSS_ENTROPY = "torch.nn.functional.cross_entropy(guess.category_logits, codes.category)"
_NUMBERS_LINE = "    numbers = gaussian_information(guess.mean, guess.log_variance, codes.continuous)\n"


def _constant_off(record) -> bool:
    """Is only the loss wrong, by the same number for every call of the first two cases?"""
    pairs = [(got, wanted) for got, wanted in record.pairs(LOSS) if isinstance(got, torch.Tensor)][:2]
    offsets = torch.cat([got - wanted for got, wanted in pairs])
    return record.only(LOSS) and bool(offsets.abs().min() > 1e-3 and offsets.std() < 1e-5)


exercise(
    "c1w4c.info_step",
    "course_utils.steps.info:info_step",
    cases=(
        _rewarded(),
        _rewarded(calls=3, distort=_distort, label="3 steps with `distort`"),
        _rewarded(seed=1, label="a step with info_weight=2.5", info_weight=2.5),
        _rewarded(seed=2, label="a step with continuous_weight=0.7", continuous_weight=0.7),
        _rewarded(seed=3, **_TWO_ROWS),
        _rewarded(seed=4, label="a step in float32", **_SINGLE),
    ),
    usual=usual(
        "generator",
        "no_gradient_for_generator",
        "No gradient reaches the generator: `fake` was detached, the loss became a number, or `loss.backward()` is missing. "
        "Both terms go backward through the discriminator into the images.",
    ),
    mistakes=(
        mistake("logits_alone",
            "Calling `gan.discriminator` gives logits and nothing else. Q reads in its method: `logits, guess = "
            "gan.discriminator.judge(fake)`.",
            symptom=lambda r: r.raised("values to unpack")),
        mistake("no_reward", (_OWN_LOSS, "generator_loss(logits)"),
            "The information is missing from the loss. This is the generator's step of the first lesson: nothing rewards a "
            "generator for showing its code. Subtract `info_weight` times the information."),
        mistake("reward_without_effect", (_REWARD, f"({_REWARD}).detach()"),
            (_JUDGED, f"{_JUDGED}\n    _, guess = gan.discriminator.judge(fake.detach())",
             "judge(distort(fake))", "judge(distort(fake.detach()))"),
            (_NAMED, f"{_NAMED}.detach()"), (_MEASURED, f"{_MEASURED}.detach()"),
            "[The loss that comes back is right, but] the generator moves as if the reward, or a part of it, were not there: "
            "the information was detached, turned into a number, or read from detached images. Its gradient must go back "
            "through Q into `fake`."),
        mistake("reward_subtracted_twice", (_OWN_LOSS, f"generator_loss(logits) + {_REWARD}"),
            "The information is added to the loss. What is added is made small, so the generator learns to hide its code. A "
            "reward is subtracted."),
        mistake("distorted_cut_off", ("judge(distort(fake))", "judge(distort(fake.detach()))"),
            "With `distort` the category's bound is in the loss, but it teaches the generator nothing: the distorted images "
            "were made of detached ones, or under `torch.no_grad()`. The gradient must go back through `distort` into "
            "`fake`."),
        mistake("category_twice",
            (_IF, "", f"    category = {_NAMED}\n",
             f"    category = {_NAMED}\n{_IF}        category = category + {_NAMED}\n"),
            "With `distort` the category counts twice, as read from `fake` and from `distort(fake)`. Only the distorted "
            "reading counts then."),
        mistake("constant_missing", (_NAMED, f"-{_CROSS_ENTROPY}"), (_MEASURED, f"{_MEASURED} - torch.tensor(2.0).log() * 2"),
            "[The update is right, but] the returned loss differs by a constant: a term of the bound on which no weight "
            "depends. Minus the cross-entropy is not the category's information yet; log K belongs to it, as in "
            "`categorical_information`. The entropy of the two numbers is part of theirs in the same way.",
            symptom=_constant_off),
        mistake("cross_entropy_added", (_NAMED, _CROSS_ENTROPY),
            "The category's part is the cross-entropy itself, which is small when Q reads well: its sign is the opposite of "
            "the information's. Use `categorical_information`."),
        mistake("squared_error", (_MEASURED, "-(guess.mean - codes.continuous).square().VALUE"),
            "The numbers' part is a squared error, `VALUE`. The bound also needs how sure Q is, `guess.log_variance`: use "
            "`gaussian_information`.",
            values=("mean()", "sum(1).mean()", "sum()")),
        mistake("info_weight_ignored", (_REWARD, "(category + continuous_weight * numbers)"),
            (_REWARD, "(info_weight * category + continuous_weight * numbers)"),
            "`info_weight` does not reach all of the information. It multiplies the sum of both parts: `info_weight * "
            "(category + continuous_weight * numbers)`."),
        mistake("numbers_not_weighted", ("continuous_weight * numbers", "numbers"),
            "The two numbers count as much as the category: `continuous_weight` is missing. Their bound has no ceiling, so "
            "it gets a small weight."),
        mistake("weight_fixed", ("continuous_weight * numbers", "0.1 * numbers"),
            "The argument `continuous_weight` makes no difference: the numbers always have the weight 0.1, its default. "
            "Multiply by `continuous_weight`."),
        mistake("weights_swapped", (_REWARD, "continuous_weight * (category + info_weight * numbers)"),
            "The two weights are swapped: `info_weight` belongs before the parentheses, `continuous_weight` before the "
            "numbers."),
        mistake("wrong_part_weighted", ("category + continuous_weight * numbers", "continuous_weight * category + numbers"),
            ("(category + continuous_weight * numbers)", "continuous_weight * (category + numbers)"),
            "`continuous_weight` is applied to the category. It belongs to the two numbers alone: `category + "
            "continuous_weight * numbers`."),
        mistake("category_missing", ("category + continuous_weight", "continuous_weight"),
            "The category's bound is missing from the reward; only the two numbers are rewarded."),
        mistake("numbers_missing", ("category + continuous_weight * numbers", "category"),
            "The bound of the two numbers is missing from the reward; only the category is rewarded."),
        mistake("distort_ignored", (_IF, ""),
            "The argument `distort` makes no difference. When it is given, the category is read from `distort(fake)`, with a "
            "second call of `judge`."),
        mistake("numbers_from_distorted", (_NUMBERS_LINE + _IF, _IF + _NUMBERS_LINE),
            (_NUMBERS_LINE + _IF + f"    category = {_NAMED}\n", f"    category = {_NAMED}\n" + _IF + _NUMBERS_LINE),
            "The two numbers are read from the distorted images. Slant and size are just what distortion changes: read "
            "the numbers from `fake`, and only the category from `distort(fake)`."),
        mistake("logits_from_distorted", (f"_, guess = {_READ}", f"logits, guess = {_READ}"),
            (_JUDGED, "gan.discriminator.judge(fake if distort is None else distort(fake))", _IF, ""),
            "The logits come from the distorted images, too, so the generator is judged on pictures that it did not draw. "
            "Keep the logits of `fake`."),
        mistake("distort_always", (_IF, "    _, guess = gan.discriminator.judge(distort(fake))\n"),
            "Without `distort` the step fails: None is not a function. Distort only `if distort is not None`.",
            symptom=lambda r: r.raised("'NoneType' object is not callable")),
        mistake("guess_of_its_own", ("guess.category_logits, codes.category",
                "guess.category_logits, guess.category_logits.argmax(1)"),
            "Q is compared with its own guess, not with the category that was drawn. Then being sure is rewarded, right or "
            "wrong. What Q should read is `codes_of(z).category`."),
        mistake("softmax_first", ("guess.category_logits, codes", "guess.category_logits.softmax(1), codes"),
            "The category's logits go through a softmax before `categorical_information`, which applies one itself. Pass the "
            "logits as Q gives them."),
        mistake("variance_for_logarithm", ("guess.log_variance, codes", "guess.log_variance.exp(), codes"),
            "`gaussian_information` is given the variance where it wants its logarithm. Pass `guess.log_variance` as it is."),
        mistake("deviation_for_logarithm", ("guess.log_variance, codes", "(0.5 * guess.log_variance).exp(), codes"),
            "`gaussian_information` is given a standard deviation where it wants the logarithm of the variance. Pass "
            "`guess.log_variance` as it is."),
        mistake("other_places", ("codes.category)", "z[:, :10].argmax(1))"),
            ("codes.continuous)", "z[:, VALUE])"), ("codes.category)", "z[:, 61:71].argmax(1))"),
            ("codes.category)", "z[:, 63:73].argmax(1))"),
            "The codes are read from other places of `z` than those where they stand: Q is asked for noise. Take them from "
            "`codes_of(z)`, which knows the order.",
            values=("71:73", ":2", "62:64")),
        mistake("saturating_loss", ("generator_loss(logits)", "-torch.nn.functional.softplus(logits).mean()"),
            "The generator's part is log(1 - D(G(z))), whose gradient vanishes while the fakes are poor. Use "
            "`generator_loss(logits)`."),
        mistake("guess_out_of_order", ("guess.mean, guess.log_variance, codes", "guess.log_variance, guess.mean, codes"),
            "The arguments of `gaussian_information` are in another order. It wants what Q guessed and then the truth: "
            "`(guess.mean, guess.log_variance, codes.continuous)`."),
        mistake("wants_to_be_caught", ("generator_loss(logits)", "generator_loss(-logits)"),
            ("generator_loss(logits)", "-generator_loss(logits)"),
            "The generator is rewarded for being caught: its usual loss has the wrong sign. It wants its fakes taken for "
            "real: `generator_loss(logits)`."),
        mistake("looks_missing", (_OWN_LOSS, f"-{_REWARD}"),
            "Only the information counts; nothing asks for images that look real. Add `generator_loss(logits)`."),
        mistake("raw_score", ("generator_loss(logits)", "-logits.mean()"),
            "The generator's part is the raw score, -D(G(z)), as in a Wasserstein GAN. Here the score is a logit: "
            "`generator_loss(logits)`."),
        mistake("missing_zero_grad", ("    gan.opt_g.zero_grad()\n", ""),
            ("    gan.opt_g.zero_grad()\n", "", "gan.opt_g.step()", "gan.opt_g.step()\n    gan.opt_g.zero_grad()"),
            ("gan.opt_g.zero_grad()", "gan.opt_d.zero_grad()"),
            "The gradients of earlier steps are still in the sum. Call `gan.opt_g.zero_grad()` before `backward()`; after the "
            "step is too late."),
    ),
)

# --- purity ------------------------------------------------------------------------------------------------------------


def _sorted_by(seed: int, n: int, classes: int):
    """Categories of uneven size, the last one empty, and labels that follow them most of the time."""
    category = (uniform(n, seed=seed).square() * (classes - 1)).long()
    follows = uniform(n, seed=seed + 50) < 0.6
    drawn = (uniform(n, seed=seed + 70) * classes).long()
    return category, torch.where(follows, (category * 3 + 1) % classes, drawn)


_ROW_SHARES = "shares = table / table.sum(dim=1, keepdim=True).clamp(min=1)\n"
_ENTROPIES = "torch.special.entr(shares).sum(dim=1)"
_SHARE = "return table.max(dim=1).values.sum().item() / len(labels)"

exercise(
    "c1w4c.purity",
    "course_utils.lessons.c1w4c.exercises:purity",
    cases=(
        call(torch.tensor([0, 0, 0, 1, 1]), torch.tensor([4, 4, 2, 7, 7]), 10, number=True),
        call(torch.tensor([5, 5, 5, 5]), torch.tensor([1, 2, 3, 1]), 10, number=True),
        call(torch.tensor([2]), torch.tensor([2]), 10, number=True),
        call(torch.arange(10), torch.arange(10), 10, number=True, label="called with every category once"),
        call(
            torch.tensor([0, 0, 1, 1, 1, 2]),
            torch.tensor([3, 3, 3, 3, 3, 5]),
            10,
            number=True,
            label="called with one class twice",
        ),
        call(*_sorted_by(0, 300, 10), number=True, label="called without `classes`"),
        call(*_sorted_by(1, 200, 4), 4, number=True),
        call(*_sorted_by(2, 500, 7), 7, number=True),
        call(*_sorted_by(3, 400, 12), 12, number=True, label="called with twelve classes"),
    ),
    mistakes=(
        mistake("category_is_label", Body("return (category == labels).double().mean().item()"),
            "Category and class are compared number by number. Nobody told the generator names: what it draws for category "
            "0 may be sevens. Count for each category how often each class is read, and take the largest count."),
        mistake("by_class", ("max(dim=1)", "max(dim=0)"),
            "For each class the most frequent category is counted, but it is for each *category* the most frequent class: "
            "the table is used the wrong way round."),
        mistake("count", (" / len(labels)", ""), (" / len(labels)", " * 100 / len(labels)"),
            "This is the number of images, or a percentage, not their share: divide by how many there are, and no more."),
        mistake("floor_division", (" / len(labels)", " // len(labels)"),
            "`//` rounds down to a whole number, so that every share below 1 becomes 0. Divide with `/`."),
        mistake("impurity", (_SHARE, "return 1 - table.max(dim=1).values.sum().item() / len(labels)"),
            "This is the share of the *other* images, 1 minus the purity."),
        mistake("gini", (_SHARE, f"{_ROW_SHARES}    return (shares**2).sum(dim=1).mean().item()"),
            (_SHARE, f"{_ROW_SHARES}    return 1 - (shares**2).sum(dim=1).mean().item()"),
            (_SHARE, f"{_ROW_SHARES}    return (shares**2).sum(dim=1)[table.sum(dim=1) > 0].mean().item()"),
            (_SHARE, f"{_ROW_SHARES}    return (shares**2 * table.sum(dim=1, keepdim=True)).sum().item() / len(labels)"),
            "Shares are squared: that is the Gini index. Purity takes the largest count of each category as it is."),
        mistake("entropy", (_SHARE, f"{_ROW_SHARES}    return {_ENTROPIES}.mean().item()"),
            (_SHARE, f"{_ROW_SHARES}    return 1 - {_ENTROPIES}.mean().item()"),
            (_SHARE, f"{_ROW_SHARES}    return 1 - {_ENTROPIES}.mean().item() / torch.tensor(classes).log().item()"),
            "An entropy is computed, another measure of how mixed the categories are. Purity takes the largest count of each "
            "category: no logarithm."),
        mistake("first_read", Body("found = 0\nfor k in category.unique():\n    mine = labels[category == k]\n"
                "    found += (mine == mine[0]).sum().item()\nreturn found / len(labels)"),
            "For each category the class of its first image is taken. It is the most frequent class that counts."),
        mistake("pairs_that_occur", (_SHARE, "return (table > 0).sum().item() / classes**2"),
            "The pairs of category and class that occur are counted, not the images. Take the largest count of each "
            "category."),
        mistake("places", ("max(dim=1).values", "argmax(dim=1)"),
            (_SHARE, "return table.argmax(dim=1).double().mean().item()"),
            "`argmax` gives the place of the largest count, the number of a class, not the count itself: take "
            "`max(dim=1).values`."),
        mistake("not_summed", (_SHARE, "return table.max(dim=1).values / len(labels)"),
            "A number for each category comes back. Asked for is one number: add up the largest counts, then divide by the "
            "number of images.",
            symptom=lambda r: any(isinstance(g, torch.Tensor) and g.numel() > 1 for g, _ in r.pairs(RESULT))),
        mistake("no_minlength", (", minlength=classes * classes", ""),
            "`torch.bincount` counts up to the largest number that occurs, so the result has too few places for a table. "
            "Say how many there are: `minlength=classes * classes`."),
        mistake("divided_by_classes", ("/ len(labels)", "/ classes"), ("/ len(labels)", "/ classes**2"),
            "The counts are divided by the number of classes. Asked for is the share of *images*: divide by how many there "
            "are."),
        mistake("counted_once", ("table.view(classes, classes)", "table.view(classes, classes).clamp(max=1)"),
            "However often a pair of category and class occurs, it is counted once: `table[category, labels] += 1` adds 1 "
            "to each place that is named, not 1 for each time. Use `torch.bincount`, or `index_put_` with "
            "`accumulate=True`."),
        mistake("empty_category", (_SHARE, "return (table.max(dim=1).values / table.sum(dim=1)).mean().item()"),
            "The result is NaN where a category has no image: 0 divided by 0, or the mean of nothing. It need not be "
            "divided category by category: add up the largest counts, then divide by the number of images.",
            symptom=symptoms.not_a_number),
        mistake("empty_category_fails",
            "It fails where a category has no image: there is nothing of which a maximum, a mode or a mean could be taken. "
            "Skip such a category, or count with `torch.bincount(..., minlength=classes)`.",
            symptom=lambda r: any(map(r.raised, ("numel() == 0", "no elements", "empty", "zero-size", "non-zero size")))),
        mistake("categories_weigh_the_same",
            (_SHARE, "return (table.max(dim=1).values / table.sum(dim=1).clamp(min=1)).mean().item()"),
            (_SHARE,
             "used = table[table.sum(dim=1) > 0]\n    return (used.max(dim=1).values / used.sum(dim=1)).mean().item()"),
            "The purities of the categories are averaged, so an image in a small category counts more than one in a large "
            "one. Asked for is the share of *images*: add up the largest counts, then divide by the number of images."),
        mistake("one_category_only", (_SHARE, "return table[VALUE].max().item() / len(labels)"),
            (_SHARE, f"{_ROW_SHARES}    return shares.max().item()"),
            "One category alone counts (the first, the last or the best): a loop ends too early, or each turn overwrites what "
            "the one before found. Add up the largest counts of all.",
            values=("0", "table.sum(dim=1).nonzero().max()")),
        mistake("one_class_for_all", (_SHARE, "return table.sum(dim=0).max().item() / len(labels)"),
            (_SHARE, "return table.max().item() / len(labels)"),
            "One class is looked for that is the most frequent overall. Every category has its own: the largest count of "
            "each row, not of the table."),
        mistake("each_class_once",
            (
                _SHARE,
                """table, found = table.double(), 0.0
    for _ in range(classes):
        i, j = divmod(int(table.argmax()), classes)
        found += table[i, j].item()
        table[i], table[:, j] = -1, -1
    return found / len(labels)""",
            ),

            (
                _SHARE,
                """from scipy.optimize import linear_sum_assignment
    return table.numpy()[linear_sum_assignment(-table.numpy())].sum() / len(labels)""",
            ),
            "No two categories may show the same class here, as if each had a name of its own. Two categories that both "
            "draw nines are both pure: take the largest count of each row, whatever the other rows have."),
        mistake("classes_ignored", ("    table = torch", "    classes = 10\n    table = torch"),
            ("    table = torch", "    classes = int(labels.max()) + 1\n    table = torch"),
            ("minlength=classes * classes", "minlength=100", "table.view(classes, classes)", "table.view(10, 10)"),
            "`classes` is not used: with another number than ten it fails or counts wrongly. The table has `classes` rows "
            "and as many columns.",
            symptom=lambda r: symptoms.only_where(r, "twelve")),
    ),
)
