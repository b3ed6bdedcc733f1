"""The checks of the stability clinic."""

import torch
from torch import nn

from course_utils.checks import exercise, mistake, networks, symptoms
from course_utils.checks.cases import DTYPE, GRAPH, KIND, call, normal, of, seeded
from course_utils.checks.naming import Naming
from course_utils.checks.networks import network
from course_utils.checks.symptoms import GRADIENT, USUAL
from course_utils.lessons.c1w3b.exercises import RUNS, SIGNS, contradiction, diagnose

# --- squared slopes ---------------------------------------------------------------------------------------------------


def _at(*shape, label="", flat=False, **options):
    """A case: samples of this shape, and logits that a smooth network computes from them."""
    features = torch.Size(shape[1:]).numel()
    made = seeded(lambda: nn.Sequential(nn.Flatten(), nn.Linear(features, 5), nn.Tanh(), nn.Linear(5, 1)))
    if flat:
        nn.init.zeros_(made[1].weight)
    what = "points" if len(shape) == 2 else "images"
    here = call(made, normal(*shape), label=label or f"called with {what} {shape}", **options)
    return of(lambda candidate: lambda net, samples: candidate(net(samples), samples), here, "network", "samples")


_SQUARES = "gradient.flatten(1).square().sum(dim=1)"

exercise(
    "c1w3b.squared_slopes",
    "course_utils.lessons.c1w3b.exercises:squared_slopes",
    cases=(
        _at(7, 2),
        _at(3, 1, 3, 3),
        _at(1, 2, 4, 2),
        _at(5, 6, leaf=True),
        _at(4, 3, 2, 2, label="called with images and gradients of an earlier step", stale=True),
        _at(4, 1, 2, 2, label="called where the slope is 0", flat=True),
    ),
    mistakes=(
        mistake("not_a_scalar",
            "Differentiation starts from a single number, and `logits` are several (the first argument is what is "
            "differentiated, the second by what). Each logit depends on its own sample only, so take their *sum*: "
            "`torch.autograd.grad(logits.sum(), samples, create_graph=True)`.",
            symptom=lambda r: r.raised("grad can be implicitly created only for scalar outputs")),
        mistake("leaves_gradients",
            "After the call the samples or the weights have something else in `.grad`: `backward()` was used. The "
            "discriminator's step would add its own gradient to that. `torch.autograd.grad(..., create_graph=True)` returns "
            "the gradient and leaves no traces.",
            symptom=symptoms.gradients_left, explains=("the gradients left in",)),
        mistake("no_second_walk", ("create_graph=True", "retain_graph=True"),
            "The values have no graph to the weights, so a penalty made of them would change nothing: the discriminator's "
            "step differentiates this gradient once more. `torch.autograd.grad(..., create_graph=True)`, and no `detach` or "
            "`.item()` after it.",
            symptom=symptoms.no_gradient, explains=(GRAPH, GRADIENT, KIND, DTYPE)),
        mistake("already_averaged", (_SQUARES, f"{_SQUARES}.mean()"), (_SQUARES, "gradient.square().mean()"),
            "One number comes back, a mean over the batch. One for each sample is asked for, (B,); R1 and R2 take the mean "
            "later."),
        mistake("summed_over_batch", (_SQUARES, "gradient.square().sum()"),
            (_SQUARES, "gradient.square().sum().expand(len(samples))"),
            "The sum runs over the batch as well, so that there is one number for all samples. One for each is asked for: keep "
            "dimension 0, `.flatten(1)...sum(dim=1)`."),
        mistake("over_the_batch", (_SQUARES, "gradient.flatten(1).square().sum(dim=0)"),
            (_SQUARES, "gradient.square().sum(dim=0)"),
            "The sum runs over the batch, dimension 0, and mixes the samples. Each sample has a slope of its own: flatten "
            "all but the first dimension and sum over dimension 1."),
        mistake("mean_logit", ("logits.sum()", "logits.mean()"),
            "Everything is too small by the square of the batch size: the *mean* of the logits was differentiated. Each "
            "logit depends on its own sample only, so the gradient of the *sum* holds each sample's own gradient."),
        mistake("probabilities", ("logits.sum()", "logits.sigmoid().sum()"),
            "The slope of the probabilities is taken: the logits went through a sigmoid. Differentiate the logits "
            "themselves."),
        mistake("not_squared", (_SQUARES, "gradient.flatten(1).norm(dim=1)"),
            (_SQUARES, "gradient.flatten(1).square().sum(dim=1).sqrt()"),
            (_SQUARES, "(gradient.flatten(1).square().sum(dim=1) + 1e-12).sqrt()"),
            "This is the length of the gradient, not its square. The square is what R1 penalises, and it needs no root, "
            "whose slope is infinite at 0."),
        mistake("mean_over_pixels", ("sum(dim=1)", "mean(dim=1)"),
            "The squares are averaged over the numbers of a sample, where their sum is the squared length. For 28 x 28 "
            "pixels that is a penalty 784 times weaker."),
        mistake("sum_before_square", ("square().sum(dim=1)", "sum(dim=1).square()"),
            "The numbers of a gradient are added first and squared afterwards, so that slopes of different sign cancel. "
            "First the square of each, then the sum."),
        mistake("absolute_values", ("square()", "abs()"), (".square().sum(dim=1)", ".abs().sum(dim=1).square()"),
            (".square().sum(dim=1)", ".abs().amax(dim=1)"), ("square().sum(dim=1)", "square().amax(dim=1)"),
            "Absolute values, or the largest number alone, take the place of all squares. The squared length of a gradient is "
            "the sum of the squares of its numbers."),
        mistake("deviation_from_one", (_SQUARES, "(gradient.flatten(1).norm(dim=1) - 1).square()"),
            "This is the penalty of WGAN-GP, which draws slopes towards 1. R1 and R2 are centred at 0: the squared length "
            "as it is."),
        mistake("halved", ("return ", "return VALUE * "),
            "This is VALUE times what is asked for. The factor gamma / 2 of R1 belongs to the step; here it is the squared "
            "length itself.",
            values=(0.5, 2, 5, 10)),
        mistake("kept_dimension", ("sum(dim=1)", "sum(dim=1, keepdim=True)"),
            "[The numbers are right, but] their shape is (B, 1), and (B,) is asked for: leave out `keepdim=True`."),
        mistake("one_dimension_only", (_SQUARES, "gradient.square().sum(dim=VALUE)"),
            (_SQUARES, "gradient.square() if VALUE == 1 else gradient.square().mean(dim=VALUE)"),
            "For images a tensor of more than one dimension comes back: the sum runs over one dimension only (VALUE), or is "
            "missing. A sample is all of its numbers: `gradient.flatten(1)` first.",
            values=(1, -1, 2, 3)),
        mistake("images_only",
            "[Right for images, but] points (B, 2) fail: they have no height and width. `gradient.flatten(1)` works for both.",
            symptom=lambda r: symptoms.only_where(r, "points")),
    ),
)

# --- minibatch standard deviation -------------------------------------------------------------------------------------


def _batch(group, *shape, label="", scale=1.0, alike=False, dtype=torch.float64, **options):
    """A case: a batch whose samples differ more and more, or are all alike, through ``MinibatchStd(group)``."""
    spread = torch.linspace(0.2, 3.0, shape[0], dtype=torch.float64).view(-1, *[1] * (len(shape) - 1))
    x = scale * (torch.ones(shape, dtype=torch.float64) if alike else spread * normal(*shape) + 1)
    what = f"called with {'points' if len(shape) == 2 else 'images'} {shape} {label or 'in'} groups of {group}"
    return of(lambda make: lambda x: make(group)(x), call(x.to(dtype), label=what, **options), "x")


_GROUPS = "groups = x.reshape(group, -1, *x.shape[1:])"
_STD = "(groups.var(dim=0, correction=0) + 1e-8).sqrt()"
_SPREAD = "spread = std.flatten(1).mean(dim=1).repeat(group)"
_NEW = "new = spread.view(-1, *[1] * (x.dim() - 1)).expand(-1, 1, *x.shape[2:])"
_NEIGHBOURS = "groups = x.reshape(-1, group, *x.shape[1:]).transpose(0, 1)"
_ALONE = "called with points (4, 2) alone in groups of 1"
_LARGE = (
    50.0  # beside numbers of this size the 1e-4 of the epsilon does not count: other ways to a finite slope are right
)

exercise(
    "c1w3b.minibatch_std",
    "course_utils.models.layers:MinibatchStd",
    cases=(
        network(inputs=(normal(8, 3),), label="made without a group, which is 4"),
        _batch(4, 8, 3, 2, 5),
        _batch(4, 12, 6),
        _batch(2, 8, 2, 3, 3),
        _batch(3, 12, 4),
        _batch(4, 4, 5),
        _batch(8, 4, 2, 2, 2, label="smaller than the"),
        _batch(4, 1, 3, label="smaller than the", scale=_LARGE),
        _batch(1, 4, 2, label="alone in", scale=_LARGE),
        _batch(4, 4, 3, 2, 2, label="that are all alike in", alike=True, scale=_LARGE),
        _batch(4, 8, 6, label="of float32 in", dtype=torch.float32),
        _batch(4, 6, 5, label="that cannot be split into"),
    ),
    usual=(*USUAL, *(m for m in networks.USUAL if m.id not in {u.id for u in USUAL})),
    mistakes=(
        mistake("only_new", ("torch.cat([x, new], dim=1)", "new"),
            "What comes back is the new channel alone. The layer *appends* it: `torch.cat([x, new], dim=1)`, or the "
            "discriminator loses sight of the images themselves."),
        mistake("new_first", ("[x, new]", "[new, x]"),
            "The new channel comes first. It is appended, as the last channel: `torch.cat([x, new], dim=1)`."),
        mistake("within_sample", (_SPREAD, "spread = (x.flatten(1).var(dim=1, correction=0) + 1e-8).sqrt()"),
            (_SPREAD, "spread = x.flatten(1).std(dim=1)"),
            "The deviation is taken within each sample, over its own features. That says how lively one image is, not "
            "whether images differ, and a generator that always draws the same lively image passes. Take it *over the "
            "group*, dimension 0."),
        mistake("whole_batch", (_GROUPS, "groups = x[:, None]", "repeat(group)", "repeat(len(x))"),
            ("if len(x) % group:", "if False:",
             _GROUPS, "return torch.cat([x, x.std(dim=0).mean().repeat(len(x), 1, x.shape[2], x.shape[3])], dim=1)"),
            "The deviation is taken over the whole batch, and `group` is ignored. Groups give several numbers a batch, "
            "which tell more than one. Split the batch first: `x.reshape(group, -1, *x.shape[1:])`."),
        mistake("all_together",
            (_STD, "(groups.transpose(0, 1).flatten(1).var(dim=1, correction=0) + 1e-8).sqrt()", "std.flatten(1).mean(dim=1)",
             "std"),
            "All features of a group are thrown together before the deviation is taken. Then it is large as soon as "
            "*features* differ from each other, although the samples may be alike. First the deviation of each feature over "
            "the group, then the mean."),
        mistake("neighbours", (_GROUPS, _NEIGHBOURS, "repeat(group)", "repeat_interleave(group)"),
            "Neighbouring images are put into one group: `reshape(-1, group, ...)`. That would be as good, but the "
            "docstring fixes it the other way round: image `i` is in group `i % (B / group)`, `reshape(group, -1, ...)`."),
        mistake("written_elsewhere", ("repeat(group)", "repeat_interleave(group)"), (_GROUPS, _NEIGHBOURS),
            "[Each number is right, but] it is written to the images of another group. With `x.reshape(group, -1, ...)` image "
            "`i` is in group `i % (B / group)`, so the numbers are repeated as a whole, `.repeat(group)`; "
            "`repeat_interleave` belongs to groups of neighbours."),
        mistake("over_groups", ("std.flatten(1).mean(dim=1).repeat(group)", "std.mean().repeat(len(x))"),
            "The mean runs over the groups as well, so all of them get the same number. Average within each: "
            "`std.flatten(1).mean(dim=1)`, of shape (B / group,)."),
        mistake("root_last",
            (_STD, "groups.var(dim=0, correction=0)", "std.flatten(1).mean(dim=1)",
             "(std.flatten(1).mean(dim=1) + 1e-8).sqrt()"),
            "The root is taken of the mean variance. First the root of each feature's variance, then the mean of these "
            "deviations."),
        mistake("variance", (_STD, "groups.var(dim=0, correction=0)"),
            "The new channel holds the mean variance: the square root is missing. Take it of each feature, before the mean."),
        mistake("mean_deviation", (_STD, "(groups - groups.mean(dim=0)).abs().mean(dim=0)"),
            "The mean of the absolute deviations is taken. The standard deviation is the root of the mean *square*."),
        mistake("unbiased", ("correction=0", "correction=1"),
            (_GROUPS, "groups = x[:, None]", "repeat(group)", "repeat(len(x))", "correction=0", "correction=1"),
            "The deviation is the unbiased one (divided by n - 1), PyTorch's default. The docstring's divides by n: "
            "`correction=0`. It also gives NaN for a group of one.",
            symptom=lambda r: bool(r.got[_ALONE].facts["the result"][:, -1].isnan().all())),
        mistake("summed", ("flatten(1).mean(dim=1)", "flatten(1).sum(dim=1)"),
            "The deviations are added up where their mean is asked for, so the number grows with the size of the feature "
            "maps."),
        mistake("a_map", (_NEW, "new = std.mean(1, keepdim=True).repeat(group, *[1] * (x.dim() - 1))"),
            (_NEW, "new = std.repeat(group, *[1] * (x.dim() - 1))"),
            "The new channel is not one number an image: it keeps a deviation for each position or feature. Average over "
            "channels *and* positions (`.flatten(1).mean(1)`), then write that number everywhere."),
        mistake("no_epsilon", (" + 1e-8", ""),
            "A group of images that are all alike, which is just the case this layer is for, gives a gradient that is not a "
            "number: the root has an infinite slope at 0. Add 1e-8 to the variance before the root.",
            symptom=lambda r: r.only(GRADIENT) and symptoms.not_a_number(r)),
        mistake("cut_off",
            "[The value is right, but] no gradient comes back through the new channel (`detach`, `no_grad`, `.item()`). It is "
            "that gradient which tells the generator to spread out.",
            symptom=lambda r: r.only(GRADIENT)),
        mistake("takes_any_batch",
            "A batch of 6 with groups of 4 must raise a `ValueError`, as the docstring says. Without it images are left out "
            "or mixed silently, or a message about `reshape` comes up that does not say why.",
            symptom=lambda r: (not r.errors() and any("cannot be split" in c for c, names in r.differing.items() if names)),
            explains=("the exception",)),
        mistake("small_batch",
            "A batch smaller than `group` fails or gives something else. It is one group: `group = min(self.group, "
            "len(x))`.",
            symptom=lambda r: symptoms.only_where(r, "smaller")),
        mistake("images_only",
            "[Right for images, but] points (B, C) fail: they have no height and width. `*x.shape[2:]` is empty for them and "
            "works for both.",
            symptom=lambda r: all("points" in c or "made" in c for c, names in r.differing.items() if names)),
        mistake("group_ignored", ("min(self.group, len(x))", "min(4, len(x))"),
            "The layer compares four images whatever `group` says. Use `self.group`."),
    ),
)

# --- diagnoses --------------------------------------------------------------------------------------------------------

_NAMED = Naming("run", RUNS, SIGNS, diagnose)

exercise(
    "c1w3b.diagnose",
    "course_utils.lessons.c1w3b.exercises:diagnose",
    cases=(_NAMED.case,),
    mistakes=_NAMED.mistakes(
        mistake("same_for_all",
            "All six runs get the same name, but each has a disease of its own. Start with the losses: which run has both "
            "of them at 0?",
            symptom=_NAMED.all_alike),
        against=lambda run, name: f"{contradiction(run, name)} Look at the two side by side once more.",
    ),
)
