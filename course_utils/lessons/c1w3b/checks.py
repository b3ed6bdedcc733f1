"""The checks of the stability clinic."""

import torch
from torch import nn
from torch.nn import functional as F

from course_utils.checks import exercise, mistake, networks, symptoms
from course_utils.checks.cases import DTYPE, GRAPH, KIND, RANDOM, Fixed, call, normal, of, scenario, seeded
from course_utils.checks.networks import network
from course_utils.checks.observe import Seen
from course_utils.checks.symptoms import GRADIENT, USUAL
from course_utils.lessons.c1w3b.exercises import RUNS, SIGNS, contradiction, diagnose


def _logits(batch, seed=0, dtype=torch.float64):
    return normal(batch, 1, seed=seed, scale=2.0, dtype=dtype), normal(batch, 1, seed=seed + 40, scale=2.0, dtype=dtype)


def _sure(*more) -> tuple:
    """Cases of logits far from 0; those of the fakes a little farther, since at a difference of 0 some right slopes jump."""
    return tuple(
        call(
            a * (size + normal(3, 1)),
            b * (size + 1 + normal(3, 1)),
            *more,
            label=f"called with very sure logits, {a * size}, {b * size}",
        )
        for size in (30, 200, 1000)
        for a, b in ((1, 1), (1, -1), (-1, 1), (-1, -1))
    )


_UNSTABLE = (
    "Right for moderate logits, wrong for very sure ones: a logarithm is taken of a sigmoid that was rounded to 0 or "
    "1, or of an exponential that overflowed, or logits are cut off, which gives infinity, NaN or a capped value. `softplus` "
    "and `binary_cross_entropy_with_logits` stay exact."
)
_HALF_DETACHED = (
    "No gradient comes back through one of the two arguments: it was detached, or turned into a number. Detaching is done to "
    "the fakes, in the training step, not to logits."
)

# --- squared slopes ----------------------------------------------------------------------------------------------------


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
            "One number comes back, the sum over the batch. One for each sample is asked for: keep dimension 0, "
            "`.flatten(1)...sum(dim=1)`."),
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
            (".square().sum(dim=1)", ".abs().amax(dim=1)"),
            "Absolute values take the place of squares. The squared length of a gradient is the sum of the squares of its "
            "numbers."),
        mistake("deviation_from_one", (_SQUARES, "(gradient.flatten(1).norm(dim=1) - 1).square()"),
            "This is the penalty of WGAN-GP, which draws slopes towards 1. R1 and R2 are centred at 0: the squared length "
            "as it is."),
        mistake("halved", ("return ", "return VALUE * "),
            "This is VALUE times what is asked for. The factor gamma / 2 of R1 belongs to the step; here it is the squared "
            "length itself.",
            values=(0.5, 2, 5, 10)),
        mistake("kept_dimension", ("sum(dim=1)", "sum(dim=1, keepdim=True)"),
            "The numbers are right, but their shape is (B, 1), and (B,) is asked for: leave out `keepdim=True`."),
        mistake("one_dimension_only", (_SQUARES, "gradient.square().sum(dim=VALUE)"),
            (_SQUARES, "gradient.square() if VALUE == 1 else gradient.square().mean(dim=VALUE)"),
            "For images a tensor of more than one dimension comes back: the sum runs over one dimension only (VALUE), or is "
            "missing. A sample is all of its numbers: `gradient.flatten(1)` first.",
            values=(1, -1, 2, 3)),
        mistake("images_only",
            "Right for images, but points (B, 2) fail: they have no height and width. `gradient.flatten(1)` works for both.",
            symptom=lambda r: symptoms.only_where(r, "points")),
    ),
)

# --- one-sided label smoothing ----------------------------------------------------------------------------------------

_REAL = "(1 - smoothing) * F.softplus(-real_logits) + smoothing * F.softplus(real_logits)"
_FAKE = "F.softplus(fake_logits).mean()"
_PAIR = "F.softplus(-real_logits) + smoothing * F.softplus(real_logits)"
_SOFT_FAKE = "(F.softplus(fake_logits) - smoothing * fake_logits).mean()"

exercise(
    "c1w3b.smoothing",
    "course_utils.losses:discriminator_loss_smoothed",
    cases=(
        call(*_logits(8), 0.1),
        call(*_logits(5, 1), 0.3),
        call(*_logits(1, 2), 0.25),
        call(*_logits(6, 3), 0.0),
        call(*_logits(3, 4), label="called without smoothing, which is 0.1"),
        call(normal(9, 1, seed=7), normal(4, 1, seed=8), 0.2, label="called with more reals than fakes"),
        call(*_logits(6, 5, torch.float32), 0.1, label="called with float32"),
        *_sure(0.1),
    ),
    mistakes=(
        mistake("random_labels",
            "Two calls with the same logits give different losses: the labels are drawn at random. Noisy labels are another "
            "trick; here every real has the label 1 - smoothing.",
            symptom=lambda r: RANDOM in r.names),
        mistake("label_is_smoothing", (_PAIR, "F.softplus(real_logits) + smoothing * F.softplus(-real_logits)"),
            "Reals get the label `smoothing` itself, so with 0.1 they are called fake. It is what is taken *off*: the label "
            "of a real is 1 - smoothing = 0.9."),
        mistake("two_sided", (_FAKE, _SOFT_FAKE),
            "Fakes are smoothed as well. That makes the discriminator stand up for bad fakes: where there are no reals at "
            "all its best answer would be the logit -2.2 instead of minus infinity, however bad the fake. One-sided means: "
            "fakes keep the label 0."),
        mistake("fakes_only", (_REAL, "F.softplus(-real_logits)", _FAKE, _SOFT_FAKE),
            "The fakes are smoothed and the reals are not. It is the other way round: being too sure of *reals* is to cost "
            "something, and fakes keep the label 0."),
        mistake("fakes_called_real", (_FAKE, "F.softplus(-fake_logits).mean()"),
            "Fakes are compared with the label 1, as in the generator's loss. For the discriminator they are fake: label 0, "
            "softplus(l)."),
        mistake("reals_only", (f" + {_FAKE}", ""),
            "Only the reals count: the fakes' part, mean softplus(l), is missing."),
        mistake("fakes_only_counted", ("real.mean() + ", ""),
            "Only the fakes count: the reals' part is missing."),
        mistake("fakes_subtracted", (" + F.softplus(fake_logits)", " - F.softplus(fake_logits)"),
            "The fakes' part is subtracted, so the discriminator is rewarded for calling fakes real. Both parts are costs: "
            "add them."),
        mistake("wrong_sign", ("return real.mean() + ", "return -real.mean() - "),
            "The right loss with the opposite sign: minimised, it makes the discriminator as wrong as can be. A logarithm "
            "of a probability is negative, and the loss is minus it."),
        mistake("only_scaled", (" + smoothing * F.softplus(real_logits)", ""),
            "The reals' part is multiplied by 1 - s, and its second half is missing. A loss made smaller is not a smoother "
            "one: its best answer is still an infinite logit. Cross entropy with the label 1 - s has two terms, (1 - s) "
            "softplus(-l) + s softplus(l)."),
        mistake("not_weighted", ("(1 - smoothing) * ", ""),
            "The term s softplus(l) is added to the whole of softplus(-l). The two weights add up to 1: (1 - s) and s. As "
            "it is the label is 1 / (1 + s), and the best logit for s = 0.1 is 2.3 instead of 2.2."),
        mistake("half_smoothed",
            (_REAL, "(1 - smoothing / 2) * F.softplus(-real_logits) + smoothing / 2 * F.softplus(real_logits)"),
            "The label of reals is 1 - s/2. That is the convention of label smoothing for classes, where the part that is "
            "taken off is spread over both of them. Here it is 1 - s."),
        mistake("raised_label", (_REAL, "F.softplus(-real_logits) - smoothing * real_logits"),
            "The label of reals is 1 + s: smoothing takes off, it does not add. It is 1 - s."),
        mistake("not_smoothed", (_REAL, "F.softplus(-real_logits)"),
            "`smoothing` makes no difference: this is the loss of the first lesson. Compare reals with the label 1 - "
            "smoothing."),
        mistake("label_written_out", (_REAL, "0.9 * F.softplus(-real_logits) + 0.1 * F.softplus(real_logits)"),
            "Right for a smoothing of 0.1 only: the label 0.9 is written out. Use the argument: `1 - smoothing`."),
        mistake("wrong_default",
            "Right wherever `smoothing` is given, but its default is another than 0.1. Keep the signature as it was given.",
            symptom=lambda r: not r.errors() and symptoms.only_where(r, "called without smoothing")),
        mistake("labels_swapped",
            (_REAL, "F.softplus(real_logits)", _FAKE, "(F.softplus(-fake_logits) + smoothing * fake_logits).mean()"),
            (_PAIR, "F.softplus(real_logits) + smoothing * F.softplus(-real_logits)", _FAKE,
             "F.softplus(-fake_logits).mean()"),
            "The labels are swapped: reals are compared with 0 and fakes with the smoothed 1. Reals go with 1 - s, fakes "
            "with 0."),
        mistake("least_squares", (_REAL, "(real_logits - (1 - smoothing)).square()", _FAKE, "fake_logits.square().mean()"),
            "Logits are compared with the labels by their squared distance: that is the least-squares loss. Cross entropy "
            "is asked for."),
        mistake("sigmoid_before_logits",
            (_REAL, f"[l := real_logits.sigmoid(), {_REAL.replace('real_logits', 'l')}][1]", _FAKE,
             "F.softplus(fake_logits.sigmoid()).mean()"),
            (_REAL, f"[l := real_logits.sigmoid(), {_REAL.replace('real_logits', 'l')}][1]"),
            "The logits go through a sigmoid before a loss that applies a sigmoid itself. Give the raw logits to the loss."),
        mistake("arguments_swapped",
            (_REAL, "F.softplus(torch.full_like(real_logits, 1 - smoothing)) - (1 - smoothing) * real_logits", _FAKE,
             "F.softplus(torch.zeros_like(fake_logits)).mean()"),
            "Logits and labels have changed places in the cross entropy, so that no gradient reaches the fakes at all. The "
            "order is `binary_cross_entropy_with_logits(logits, labels)`."),
        mistake("loss_summed", ("real.mean()", "real.sum()", "fake_logits).mean()", "fake_logits).sum()"),
            "The loss is summed over the batch, not averaged, so the best learning rate depends on the batch size. Use the "
            "mean."),
        mistake("loss_halved", ("return real.mean() + ", "return real.mean() / 2 + 0.5 * "),
            "Half of what is asked for: the mean of the two parts where their sum belongs. log 4 is to go on meaning "
            "'cannot tell'."),
        mistake("half_detached", ("softplus(fake_logits)", "softplus(fake_logits.detach())"),
            ("real.mean()", "real.mean().detach()"),
            _HALF_DETACHED),
        mistake("unstable_log",
            _UNSTABLE,
            symptom=lambda r: symptoms.only_where(r, "very sure")),
    ),
)

# --- relativistic pairing ----------------------------------------------------------------------------------------------

_LOSS = "F.softplus(-(real_logits - fake_logits)).mean()"

exercise(
    "c1w3b.relativistic_loss",
    "course_utils.losses:relativistic_discriminator_loss",
    cases=(
        call(*_logits(8)),
        call(*_logits(5, 1)),
        call(*_logits(64, 2)),
        call(*_logits(1, 3)),
        call(*(x + 50 for x in _logits(6, 5)), label="called with logits that are all 50 higher"),
        call(*_logits(6, 4, torch.float32), label="called with float32"),
        *_sure(),
    ),
    mistakes=(
        mistake("other_way_round", (_LOSS, "F.softplus(real_logits - fake_logits).mean()"),
            "The difference is taken the other way round: this falls when *fakes* look more real than reals, which is the "
            "generator's side. The discriminator wants D(x) - D(G(z)) large: `softplus(-(real_logits - fake_logits))`."),
        mistake("no_lower_end", (_LOSS, "-F.softplus(real_logits - fake_logits).mean()"),
            "The minus sign stands outside: -softplus(D(x) - D(G(z))) falls for ever, like a Wasserstein loss. Inside it "
            "makes the loss flat for pairs that are told apart: `softplus(-(real_logits - fake_logits))`."),
        mistake("wrong_sign", ("F.softplus", "-F.softplus"),
            "The right loss with the opposite sign, as `logsigmoid` without a minus gives it: minimised, it makes fakes "
            "look more real than reals. It is never below 0."),
        mistake("every_with_every", ("real_logits - fake_logits", "real_logits - fake_logits.T"),
            "Every real is compared with every fake. The pairing is row by row, `real_logits - fake_logits`; B comparisons "
            "are as good as B times B, and each weighs the same fake once."),
        mistake("against_the_mean",
            (_LOSS,
             "F.softplus(fake_logits.mean() - real_logits).mean() + F.softplus(fake_logits - real_logits.mean()).mean()"),
            (_LOSS,
             "(F.softplus(fake_logits.mean() - real_logits) + F.softplus(fake_logits - real_logits.mean())).mean() / 2"),
            (_LOSS, "F.softplus(fake_logits.mean() - real_logits).mean()"),
            (_LOSS, "F.softplus(fake_logits - real_logits.mean()).mean()"),
            "Logits are compared with the *mean* logit of the other kind. That is the relativistic average GAN of the same "
            "paper. Here each real is paired with the fake in its row; that is what R3GAN uses."),
        mistake("mean_before_softplus", (_LOSS, "F.softplus(-(real_logits - fake_logits).mean())"),
            "The mean is taken before softplus, so only the two means are compared, and a single very sure pair can hide "
            "all the others. First a softplus for each pair, then the mean."),
        mistake("not_relativistic", (_LOSS, "F.softplus(-real_logits).mean() + F.softplus(fake_logits).mean()"),
            (_LOSS, "(F.softplus(-real_logits) + F.softplus(fake_logits)).mean() / 2"),
            (_LOSS, "F.softplus(-real_logits).mean()"),
            "This is the loss of the first lesson: reals and fakes are judged each by itself. Here only their difference "
            "counts, and adding the same number to both changes nothing."),
        mistake("wasserstein", (_LOSS, "-(real_logits - fake_logits).mean()"),
            "This is the bare difference of the scores, as in a Wasserstein GAN, and nothing stops it from growing for "
            "ever. Put the difference of each pair through softplus."),
        mistake("sigmoid_first", ("real_logits - fake_logits", "real_logits.sigmoid() - fake_logits.sigmoid()"),
            "Probabilities are subtracted, so the difference never leaves [-1, 1] and the loss never falls below 0.31. "
            "Subtract the logits themselves."),
        mistake("sigmoid_of_the_difference", ("-(real_logits - fake_logits)", "-(real_logits - fake_logits).sigmoid()"),
            ("F.softplus(-(real_logits - fake_logits))", "(-(real_logits - fake_logits).sigmoid())"),
            ("F.softplus(-(real_logits - fake_logits))", "(1 - (real_logits - fake_logits).sigmoid())"),
            ("F.softplus(-(real_logits - fake_logits))", "(fake_logits - real_logits).sigmoid()"),
            "The difference goes through a sigmoid, before the softplus or in its place: for pairs that are told wrong for "
            "sure it is flat, and nothing is learned from them. -log sigmoid(d) is softplus(-d), of the difference itself."),
        mistake("both_sides", (_LOSS, f"{_LOSS} + F.softplus(real_logits - fake_logits).mean()"),
            (_LOSS, f"({_LOSS} + F.softplus(real_logits - fake_logits).mean()) / 2"),
            "The generator's side is added: softplus(-d) + softplus(d) is smallest at d = 0, so the discriminator would be "
            "rewarded for telling nothing apart. Only softplus(-(D(x) - D(G(z)))) belongs to it."),
        mistake("added", ("real_logits - fake_logits", "real_logits + fake_logits"),
            "The logits of a pair are added. It is their difference that tells which of the two looks more real."),
        mistake("hinge", ("F.softplus(-(real_logits - fake_logits))", "F.relu(1 - (real_logits - fake_logits))"),
            "Pairs that are right by a margin of 1 count no longer: that is the relativistic hinge loss. Softplus is asked "
            "for, which never goes quite flat."),
        mistake("least_squares", ("F.softplus(-(real_logits - fake_logits))", "(real_logits - fake_logits - 1).square()"),
            "The difference is drawn towards 1 by its squared distance: that is the relativistic least-squares loss. Put "
            "the difference of each pair through softplus."),
        mistake("loss_summed", ("mean()", "sum()"),
            "The loss is summed over the pairs, not averaged, so the best learning rate depends on the batch size. Use the "
            "mean."),
        mistake("wrong_size", ("mean()", "mean() * VALUE"),
            "The right loss times VALUE. It is one mean over the pairs, log 2 when the two of every pair get the same "
            "logit.",
            values=(0.5, 2)),
        mistake("half_detached", ("real_logits - fake_logits", "real_logits - fake_logits.detach()"),
            ("real_logits - fake_logits", "real_logits.detach() - fake_logits"),
            _HALF_DETACHED),
        mistake("unstable_log",
            _UNSTABLE,
            symptom=lambda r: symptoms.only_where(r, "very sure")),
    ),
)

# --- power iteration ---------------------------------------------------------------------------------------------------


def _weight(*shape, seed=0, dtype=torch.float64, label=""):
    """A case: a weight that can learn, and a vector of length 1. The two results may come in a list."""
    u = F.normalize(normal(shape[0], seed=seed + 50), dim=0).to(dtype)
    what = label or f"called with {'a convolution' if len(shape) > 2 else 'a matrix'} {shape}"
    here = call(normal(*shape, seed=seed, dtype=dtype), Fixed(u), label=what)

    def listed(candidate):
        def function(weight, u):
            result = candidate(weight, u)
            return tuple(result) if isinstance(result, list) else result

        return function

    return of(listed, here, "weight", "u")


_V = "v = nn.functional.normalize(matrix.T @ u, dim=0)"
_U = "u = nn.functional.normalize(matrix @ v, dim=0)"
_SIGMA = "sigma = u @ matrix @ v"
_OLD = ("    matrix =", "    old = u\n    matrix =")
_PART = GRAPH + "'s part"

exercise(
    "c1w3b.power_iteration",
    "course_utils.models.layers:power_iteration",
    cases=(
        _weight(4, 4),
        _weight(5, 3, seed=1),
        _weight(3, 7, seed=2),
        _weight(1, 6, seed=3),
        _weight(4, 2, 3, 3, seed=4),
        _weight(3, 1, 2, 5, seed=5),
        _weight(4, 3, seed=6, dtype=torch.float32, label="called with a matrix in float32"),
    ),
    mistakes=(
        mistake("one_result",
            "One thing comes back, but two are asked for: `return sigma, u`. Without the new `u` the next call would have "
            "to start from the old guess again, and would never get beyond one step.",
            symptom=lambda r: any(got in ("a tensor", "float") for got, _ in r.pairs(KIND))),
        mistake("not_reduced",
            "`sigma` has the shape VALUE, but a single number, (), is asked for: `u` and `v` are kept as columns or rows. "
            "Take them as vectors of one dimension.",
            symptom=symptoms.not_reduced),
        mistake("swapped_results", ("return sigma, u", "return u, sigma"),
            "The two results come in the wrong order. The docstring says `sigma` first, then the new `u`."),
        mistake("changes_u",
            "The function writes into the `u` it was given (`copy_`, `out=`, or an operation ending in _). Whoever called "
            "it decides whether the new guess is kept: in evaluation mode it is not. Compute a new tensor.",
            symptom=lambda r: "`u` afterwards" in r.names, explains=("`u` afterwards", RANDOM)),
        mistake("normalise_dim",
            "`F.normalize` runs along dimension 1 unless it is told otherwise, and a vector has dimension 0 only: "
            "`F.normalize(x, dim=0)`.",
            symptom=lambda r: r.raised("Dimension out of range")),
        mistake("transposed", ("matrix.T @ u", "matrix @ u"), ("matrix.T @ u", "matrix @ u", "(matrix @ v", "(matrix.T @ v"),
            ("matrix.T @ u", "matrix @ u", "(matrix @ v", "(matrix.T @ v", _SIGMA, "sigma = u @ matrix.T @ v"),
            ("matrix.T @ u", "matrix @ u", "(matrix @ v", "(matrix.T @ v", _SIGMA, "sigma = v @ matrix @ u"),
            ("(matrix @ v", "(matrix.T @ v"),
            "W and its transpose have changed places. `weight` has a row for each output, so `u` (out,) is multiplied by "
            "the transpose, `matrix.T @ u`, and `v`, which has as many numbers as the layer has inputs, by the matrix "
            "itself."),
        mistake("ends_exchanged", (_SIGMA, "sigma = v @ matrix @ u"),
            "In `sigma` the two vectors have changed places: `u` has a number for each output, a row of the matrix, `v` one "
            "for each input. `u @ matrix @ v`."),
        mistake("reshaped", ("weight.flatten(1)", "weight.reshape(-1, len(weight))"),
            ("weight.flatten(1)", "weight.reshape(-1, len(weight)).T"),
            ("weight.flatten(1)", "weight.reshape(weight.shape[-1], -1)"),
            "The numbers of the weight are put into rows of another length, which tears the filters apart. A row is what "
            "one output is made of: `weight.flatten(1)`, or `weight.reshape(len(weight), -1)`."),
        mistake("not_normalised", (_V, "v = matrix.T @ u", _U, "u = matrix @ v"), (_V, "v = matrix.T @ u"),
            (_U, "u = matrix @ v"),
            "A vector is not brought to length 1 after it was multiplied. `sigma = u^T W v` is the stretch of W only for "
            "vectors of length 1, and repeated steps would let an unnormalised one grow or vanish. `F.normalize(x, dim=0)`, "
            "for v and for u."),
        mistake("stale_u", (*_OLD, _SIGMA, "sigma = old @ matrix @ v"),
            "`sigma` is computed with the old `u`, before it was brought up to date. The estimate lags half a step behind: "
            "use the new `u` and the new `v` together."),
        mistake("two_steps", (_U, f"{_U}\n        {_V}\n        {_U}"), (_U, f"{_U}\n        {_V}"),
            "More than one step is taken. Weights change little from call to call, so one step a call is enough: v, then u, "
            "then sigma."),
        mistake("squared", (_SIGMA, "sigma = (u @ matrix @ v) ** 2"), (_SIGMA, "sigma = u @ matrix @ matrix.T @ u"),
            (_SIGMA, "sigma = v @ matrix.T @ matrix @ v"),
            "`sigma` is the square of what is asked for. W^T W and W W^T stretch by the square of the singular value; `u @ "
            "matrix @ v` applies W once."),
        mistake("returns_old_u", (*_OLD, "return sigma, u", "return sigma, old"),
            "`sigma` is right, but the `u` that comes back is the one that was given, so repeated steps would stay where "
            "they are. Return the new one, which was computed from `v`."),
        mistake("returns_v", ("return sigma, u", "return sigma, v"),
            "`sigma` is right, but the vector that comes back is `v`, which has one number for each input. The next step "
            "needs the new `u`, one for each output."),
        mistake("exact_value", (_SIGMA, "sigma = torch.linalg.svdvals(matrix)[0]"),
            (*_OLD, _SIGMA, "sigma, u = torch.linalg.svdvals(matrix)[0], old"),
            "This is the exact singular value, by a decomposition. It is what repeated steps approach, but at every forward "
            "pass it would cost many times as much as two products of a matrix and a vector. One step is asked for, from "
            "the given `u`."),
        mistake("frobenius", (_SIGMA, "sigma = matrix.norm()"), (*_OLD, _SIGMA, "sigma, u = matrix.norm(), old"),
            "This is the norm of all weights together, the root of the sum of the squares of all singular values. The "
            "largest one alone is asked for: two products with the matrix, each brought to length 1."),
        mistake("no_gradient",
            "`sigma` has no graph to the weight: it was computed under `torch.no_grad()`, detached, or turned into a "
            "number. Dividing by it would then not tell the weight that growing is of no use. Only `u` and `v` belong under "
            "`no_grad`.",
            symptom=lambda r: (f"{_PART} 1" in r.names
                and r.only(_PART, GRADIENT, "the type", "the dtype", "the result's part 1")),
            explains=(_PART, GRADIENT, "the type", "the dtype")),
        mistake("graph_through_u", ("with torch.no_grad():", "if True:"),
            "The values are right, but `u` and `v` carry a graph. They count as constants: the gradient of `sigma` is to be "
            "the matrix u v^T, and the kept `u` would drag the graphs of all earlier steps along. Compute them under "
            "`torch.no_grad()`.",
            symptom=lambda r: r.only(GRADIENT, f"{_PART} 2")),
        mistake("not_flattened",
            "Right for matrices, but not for a convolution's weight (out, in, k, k). Each of its `out` filters is one row: "
            "`weight.flatten(1)` gives (out, in * k * k).",
            symptom=lambda r: symptoms.only_where(r, "convolution")),
    ),
)

# --- minibatch standard deviation --------------------------------------------------------------------------------------


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
            "Each number is right, but it is written to the images of another group. With `x.reshape(group, -1, ...)` image "
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
            "The value is right, but no gradient comes back through the new channel (`detach`, `no_grad`, `.item()`). It is "
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
            "Right for images, but points (B, C) fail: they have no height and width. `*x.shape[2:]` is empty for them and "
            "works for both.",
            symptom=lambda r: all("points" in c or "made" in c for c, names in r.differing.items() if names)),
        mistake("group_ignored", ("min(self.group, len(x))", "min(4, len(x))"),
            "The layer compares four images whatever `group` says. Use `self.group`."),
    ),
)

# --- diagnoses ---------------------------------------------------------------------------------------------------------

_ALL = "called with each of the six runs"


def _answers(candidate) -> Seen:
    """Only the number of right names is told: which they are is for the learner to find."""
    answers = {run: candidate(run) for run in RUNS}
    known = {run: answer if isinstance(answer, str) else None for run, answer in answers.items()}
    right = sum(known[run] == diagnose(run) for run in RUNS)
    return Seen({"the number of runs with the right name": right, KIND: _kind(answers)}, known)


def _kind(answers) -> str:
    return "None" if None in answers.values() else ", ".join(sorted({type(a).__name__ for a in answers.values()}))


def _names(record) -> dict:
    return {} if record.got[_ALL].error else record.got[_ALL].trace


def _contradicted(run):
    """A predicate: is this run called by one of the other names? In words, which curve contradicts it."""

    def seen(record) -> str:
        name = _names(record).get(run)
        return contradiction(run, name) if name in SIGNS and name != diagnose(run) else ""

    return seen


exercise(
    "c1w3b.diagnose",
    "course_utils.lessons.c1w3b.exercises:diagnose",
    cases=(scenario(_ALL, _answers),),
    mistakes=(
        mistake("no_return",
            "The function returns None for a run. Is there an answer for each of the six, and a `return`?",
            symptom=lambda r: symptoms.returns(r, "None")),
        mistake("unknown_name",
            "VALUE is not among the nine names of the docstring. They are compared letter by letter: copy them from there.",
            symptom=lambda r: next((f"“{name[:60]}”" for name in _names(r).values() if name and name not in SIGNS), "")),
        mistake("same_for_all",
            "All six runs get the same name, but each has a disease of its own. Start with the losses: which run has both "
            "of them at 0?",
            symptom=lambda r: (len(set(_names(r).values())) == 1 and not r.errors()
                and all(isinstance(name, str) for name in _names(r).values()))),
        *[
            mistake(f"{run} called something else".replace(" ", "_"),
                "VALUE Look at the two side by side once more.",
                symptom=_contradicted(run))
            for run in RUNS
        ],
    ),
)
