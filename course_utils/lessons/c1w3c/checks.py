"""The checks of the remedies."""

import torch
from torch.nn import functional as F

from course_utils.checks import exercise, mistake, symptoms
from course_utils.checks.cases import GRAPH, KIND, RANDOM, Fixed, call, normal, of
from course_utils.checks.steps import LOSS, Watch, case_set, step, usual
from course_utils.checks.symptoms import GRADIENT


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
    "[Right for moderate logits,] wrong for very sure ones: a logarithm is taken of a sigmoid that was rounded to 0 or "
    "1, or of an exponential that overflowed, or logits are cut off, which gives infinity, NaN or a capped value. `softplus` "
    "and `binary_cross_entropy_with_logits` stay exact."
)
_HALF_DETACHED = (
    "No gradient comes back through one of the two arguments: it was detached, or turned into a number. Detaching is done to "
    "the fakes, in the training step, not to logits."
)

# --- one-sided label smoothing ----------------------------------------------------------------------------------------

_REAL = "(1 - smoothing) * F.softplus(-real_logits) + smoothing * F.softplus(real_logits)"
_FAKE = "F.softplus(fake_logits).mean()"
_PAIR = "F.softplus(-real_logits) + smoothing * F.softplus(real_logits)"
_SOFT_FAKE = "(F.softplus(fake_logits) - smoothing * fake_logits).mean()"

exercise(
    "c1w3c.smoothing",
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
            (_REAL, "(1 - smoothing / 2) * F.softplus(-real_logits) + smoothing / 2 * F.softplus(real_logits)",
             _FAKE, _SOFT_FAKE.replace("smoothing", "smoothing / 2")),
            "The label of reals is 1 - s/2. That is the convention of label smoothing for classes, where the part that is "
            "taken off is spread over both of them. Here it is 1 - s, and that of fakes stays 0."),
        mistake("raised_label", (_REAL, "F.softplus(-real_logits) - smoothing * real_logits"),
            "The label of reals is 1 + s: smoothing takes off, it does not add. It is 1 - s."),
        mistake("not_smoothed", (_REAL, "F.softplus(-real_logits)"),
            "`smoothing` makes no difference: this is the loss of the first lesson. Compare reals with the label 1 - "
            "smoothing."),
        mistake("logit_smoothed", (_REAL, "F.softplus(smoothing - real_logits)"),
            (_REAL, "F.softplus(-(1 - smoothing) * real_logits)"),
            "`smoothing` is taken off the logits of reals. It is taken off their label: compare the logits as they are with "
            "1 - smoothing."),
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
        mistake("least_squares",
            (_REAL, "(real_logitsVALUE - (1 - smoothing)).square()", _FAKE, "fake_logitsVALUE.square().mean()"),
            "Logits, or their probabilities, are compared with the labels by their squared distance: that is the least-squares "
            "loss. Cross entropy is asked for.",
            values=("", ".sigmoid()")),
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
            (f"real.mean() + {_FAKE}", "torch.cat([real, F.softplus(fake_logits)]).mean()"),
            "Half of what is asked for: the mean of the two parts, or of all logits, where the sum of two means belongs. log 4 "
            "is to go on meaning 'cannot tell'."),
        mistake("half_detached", ("softplus(fake_logits)", "softplus(fake_logits.detach())"),
            ("real.mean()", "real.mean().detach()"),
            _HALF_DETACHED),
        mistake("unstable_log",
            _UNSTABLE,
            symptom=lambda r: symptoms.only_where(r, "very sure")),
    ),
)

# --- relativistic pairing ---------------------------------------------------------------------------------------------

_LOSS = "F.softplus(-(real_logits - fake_logits)).mean()"

exercise(
    "c1w3c.relativistic_loss",
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
            "The difference goes through a sigmoid, before the softplus or in its place: for pairs that are judged wrongly "
            "with certainty it is flat, and nothing is learned from them. -log sigmoid(d) is softplus(-d), of the "
            "difference itself."),
        mistake("both_sides", (_LOSS, f"{_LOSS} + F.softplus(real_logits - fake_logits).mean()"),
            (_LOSS, f"({_LOSS} + F.softplus(real_logits - fake_logits).mean()) / 2"),
            "The generator's side is added: softplus(-d) + softplus(d) is smallest at d = 0, so the discriminator would be "
            "rewarded for telling nothing apart. Only softplus(-(D(x) - D(G(z)))) belongs to it."),
        mistake("added", ("real_logits - fake_logits", "real_logits + fake_logits"),
            ("-(real_logits - fake_logits)", "real_logits + fake_logits"),
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

# --- power iteration --------------------------------------------------------------------------------------------------


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
    "c1w3c.power_iteration",
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
            "`sigma` has the shape VALUE, but a single number, (), is asked for: `u @ matrix @ v`, where `u` and `v` have one "
            "dimension. Dividing the weight by it is left to the layer.",
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
            (_V, "v = (v := matrix.T @ u) / v.VALUE", _U, "u = (u := matrix @ v) / u.VALUE"),
            "A vector is not brought to length 1 after it was multiplied (neither its sum nor its largest number is its "
            "length). `sigma = u^T W v` is the stretch of W only for vectors of length 1, and repeated steps would let an "
            "unnormalised one grow or vanish. `F.normalize(x, dim=0)`, for v and for u.",
            values=("sum()", "abs().sum()", "abs().max()")),
        mistake("stale_u", (*_OLD, _SIGMA, "sigma = old @ matrix @ v"),
            "`sigma` is computed with the old `u`, before it was brought up to date. The estimate lags half a step behind: "
            "use the new `u` and the new `v` together."),
        mistake("two_steps", (_U, f"{_U}\n        {_V}\n        {_U}"), (_U, f"{_U}\n        {_V}"),
            *((_U, f"{_U}\n        for _ in range({n}):\n            {_V}\n            {_U}") for n in (2, 4, 9, 19)),
            "More than one step is taken. Weights change little from call to call, so one step a call is enough: v, then u, "
            "then sigma."),
        mistake("squared", (_SIGMA, "sigma = (u @ matrix @ v) ** 2"), (_SIGMA, "sigma = u @ matrix @ matrix.T @ u"),
            (_SIGMA, "sigma = v @ matrix.T @ matrix @ v"),
            "`sigma` is the square of what is asked for. W^T W and W W^T stretch by the square of the singular value; `u @ "
            "matrix @ v` applies W once."),
        mistake("returns_old_u", (*_OLD, "return sigma, u", "return sigma, old"),
            "[`sigma` is right, but] the `u` that comes back is the one that was given, so repeated steps would stay where "
            "they are. Return the new one, which was computed from `v`."),
        mistake("returns_v", ("return sigma, u", "return sigma, v"),
            "[`sigma` is right, but] the vector that comes back is `v`, which has one number for each input. The next step "
            "needs the new `u`, one for each output."),
        mistake("exact_value", (_SIGMA, "sigma = torch.linalg.svdvals(matrix)[0]"),
            (*_OLD, _SIGMA, "sigma, u = torch.linalg.svdvals(matrix)[0], old"),
            (_SIGMA, "u, sigma, _ = torch.linalg.svd(matrix, full_matrices=False)\n"
                "    u, sigma = u[:, 0].detach(), sigma[0]"),
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
            "[The values are right, but] `u` and `v` carry a graph. They count as constants: the gradient of `sigma` is to be "
            "the matrix u v^T, and the kept `u` would drag the graphs of all earlier steps along. Compute them under "
            "`torch.no_grad()`.",
            symptom=lambda r: r.only(GRADIENT, f"{_PART} 2")),
        mistake("not_flattened",
            "Right for matrices, but not for a convolution's weight (out, in, k, k). Each of its `out` filters is one row: "
            "`weight.flatten(1)` gives (out, in * k * k).",
            symptom=lambda r: symptoms.only_where(r, "convolution")),
    ),
)

# --- the relativistic step ---------------------------------------------------------------------------------------------

_HERE = {"spared": "generator"}
_GIVEN = "real_logits, fake_logits"
_PAIRED = f"relativistic_discriminator_loss({_GIVEN})"
_PENALISED = f"loss = {_PAIRED} + gamma / 2 * penalty"
_BOTH = "penalty = r1_penalty(real_logits, real) + r2_penalty(fake_logits, fake)"
_UPDATE = "gan.opt_d.zero_grad()\n    loss.backward()\n    gan.opt_d.step()"
_D = Watch("discriminator")
_SLOPE = "torch.autograd.grad({}.sum(), {}, create_graph=True)[0]VALUE"
_SLOPES = _SLOPE.format("real_logits", "real"), _SLOPE.format("fake_logits", "fake")
_ADDED = "r1_penalty(real_logits, real) + {}r2_penalty(fake_logits, fake)"


def _other_samples(record) -> bool:
    """Do the logits of a penalty not depend on its samples, although both batches asked for a gradient in time?"""
    asked = _D.first(record)["with graph"]["discriminator"]
    return record.raised("logits that do not depend") and len(asked) > 1 and all(asked)


exercise(
    "c1w3c.relativistic_step",
    "course_utils.steps.relativistic:relativistic_step",
    cases=(
        *case_set("real", "z", **_HERE),
        step("real", "z", seed=4, label="a step with gamma=10", gamma=10.0, **_HERE),
        step("real", "z", seed=5, label="a step with gamma=0", gamma=0.0, **_HERE),
    ),
    usual=usual(
        "discriminator",
        "no_backward",
        "No gradient was computed: `loss.backward()` is missing, or something before it cut the graph.",
    ),
    mistakes=(
        mistake("logits_of_others", ("real_logits, fake_logits = gan", "fake_logits, real_logits = gan"),
            ("r1_penalty(real_logits, real)", "r1_penalty(fake_logits, real)"),
            ("r2_penalty(fake_logits, fake)", "r2_penalty(real_logits, fake)"),
            "A penalty gets logits that were not computed from its samples: two names are exchanged. `real_logits` are those "
            "of `real`, in R1, and `fake_logits` those of `fake`, in R2.",
            symptom=_other_samples),
        mistake("other_shapes",
            "The two logits have different shapes, perhaps because one of them was squeezed. Both are (B, 1) as they come "
            "from the discriminator: each real is paired with the fake in its row.",
            symptom=lambda r: r.raised("expected the shape of real_logits")),
        mistake("samples_without_gradient",
            ("real.detach().requires_grad_()", "real.detach()"),
            ("gan.generator(z).detach().requires_grad_()", "gan.generator(z).detach()"),
            "A penalty differentiates logits by samples, and what the discriminator saw does not require a gradient. "
            "Make the samples variables *before* that: `real.detach().requires_grad_()`, and "
            "`.detach().requires_grad_()` for the fakes. In the calls of the discriminator nothing is detached, and "
            "no `no_grad` is around them.",
            symptom=lambda r: r.raised("requires_grad") or r.raised("no path")),
        mistake("no_detach", (".detach().requires_grad_()  # (B, ...), cut", "  # (B, ...), cut"),
            "Gradients reached the generator: the fakes were not detached, so `backward()` ran through it as well. Cut them "
            "off and make them variables again: `gan.generator(z).detach().requires_grad_()`.",
            symptom=lambda r: ("whether gradients reach the generator" in r.names and _D.stepped(r) == {"opt_d"}
                and not r.errors()),
            explains=("whether gradients reach",)),
        mistake("missing_zero_grad", ("    gan.opt_d.zero_grad()\n", ""),
            ("gan.opt_d.zero_grad()", "gan.opt_g.zero_grad()"),
            "The gradients of earlier steps are still in the sum (the generator's step leaves some in the discriminator, "
            "too). Call `gan.opt_d.zero_grad()` before `backward()`; after the step is too late."),
        mistake("no_penalty", (" + gamma / 2 * penalty", ""),
            "Both penalties are missing: this is the pairing alone, which cures no game in this lesson. Add `gamma / 2` times "
            "the sum of R1 and R2."),
        mistake("r1_only", (" + r2_penalty(fake_logits, fake)", ""),
            "R2 is missing: only the slope at the reals is punished. R3GAN needs both: add `r2_penalty(fake_logits, fake)`."),
        mistake("r2_only", ("r1_penalty(real_logits, real) + ", ""),
            "R1 is missing: only the slope at the fakes is punished. R3GAN needs both: add `r1_penalty(real_logits, real)`."),
        mistake("r1_twice", ("r2_penalty(fake_logits, fake)", "r1_penalty(real_logits, real)"),
            ("r1_penalty(real_logits, real) + r2", "r2_penalty(fake_logits, fake) + r2"),
            "The same penalty is added twice. R1 is taken at the reals, R2 at the fakes."),
        mistake("not_halved", ("gamma / 2", "gamma"),
            "The penalties are twice as heavy as asked for: the weight of their sum is `gamma / 2`, as in the papers."),
        mistake("mean_of_both", ("gamma / 2", "gamma / 4"),
            "The penalties are half as heavy as asked for: `gamma / 2` times the *sum* of R1 and R2, not times their mean."),
        mistake("other_weights", (_PENALISED, f"loss = {_PAIRED} + VALUE"),
            "R1 and R2 have different weights: what is added is `VALUE`. `gamma / 2` weighs both; put their sum into "
            "parentheses.",
            values=("gamma / 2 * " + _ADDED.format(""), "gamma / 2 * " + _ADDED.format("gamma * "),
                "gamma * " + _ADDED.format("gamma / 2 * "), _ADDED.format("gamma / 2 * "))),
        mistake("slope_by_hand", (_BOTH, f"penalty = {_SLOPES[0]} + {_SLOPES[1]}"), (_BOTH, f"penalty = {_SLOPES[0]} + "
                "r2_penalty(fake_logits, fake)"), (_BOTH, f"penalty = r1_penalty(real_logits, real) + {_SLOPES[1]}"),
            "A penalty is another one than R1 or R2: `VALUE` of the gradient. They take the squared norm of each sample's "
            "gradient, summed over its pixels, and the mean of that over the batch. `r1_penalty` and `r2_penalty` do so.",
            values=(".flatten(1).norm(dim=1).mean()", ".square().mean()", ".square().sum()")),
        mistake("weight_forgotten", ("gamma / 2 * ", ""),
            "The penalties are added without a weight, so that `gamma` makes no difference. It is `gamma / 2` times their "
            "sum."),
        mistake("weight_fixed", ("gamma / 2", "0.5"),
            "The argument `gamma` makes no difference: the weight is the same in every call. Use `gamma / 2`.",
            symptom=lambda r: (not r.errors() and not r.differing["1 step (seed 0)"] and LOSS in r.names)),
        mistake("penalty_subtracted", ("+ gamma / 2", "- gamma / 2"),
            "The penalties are subtracted, so steep slopes are rewarded. A punishment is added to a loss that goes down."),
        mistake("penalty_without_effect", ("gamma / 2 * penalty", "gamma / 2 * penalty.detach()"),
            ("r1_penalty(real_logits, real) +", "r1_penalty(real_logits, real).detach() +"),
            ("+ r2_penalty(fake_logits, fake)", "+ r2_penalty(fake_logits, fake).detach()"),
            (f"{_PENALISED}\n    {_UPDATE}", f"loss = {_PAIRED}\n    {_UPDATE}\n    loss = loss + gamma / 2 * penalty"),
            "The penalties are in the number that is returned, but the discriminator moves as if one of them, or both, were "
            "not there: detached, turned into a number, computed without `create_graph=True`, or added after `backward()`. "
            "Add them, with their graph, before it."),
        mistake("pair_swapped", (_PAIRED, "relativistic_discriminator_loss(fake_logits, real_logits)"),
            "Reals and fakes are swapped in the loss: the discriminator learns that fakes look more real. The order is "
            "`relativistic_discriminator_loss(real_logits, fake_logits)`."),
        mistake("not_paired", (_PAIRED, "(nn.functional.softplus(-real_logits) + nn.functional.softplus(fake_logits)).mean()"),
            "This is the loss of the first lesson with R1 and R2: reals and fakes are judged each by itself. Here each real "
            "is compared with the fake in its row, `relativistic_discriminator_loss`."),
        mistake("against_the_mean", (_PAIRED, "(nn.functional.softplus(fake_logits.mean() - real_logits)"
                " + nn.functional.softplus(fake_logits - real_logits.mean())).mean()"),
            (_PAIRED, "(nn.functional.softplus(fake_logits.mean() - real_logits)"
                " + nn.functional.softplus(fake_logits - real_logits.mean())).mean() / 2"),
            (_PAIRED, "nn.functional.softplus(fake_logits.mean() - real_logits).mean()"),
            (_PAIRED, "nn.functional.softplus(fake_logits - real_logits.mean()).mean()"),
            "Samples are compared with the mean of the other side, as in the relativistic average GAN. R3GAN pairs each real "
            "with the one fake in its row: `relativistic_discriminator_loss`."),
        mistake("each_with_all", (_PAIRED, "nn.functional.softplus(fake_logits.T - real_logits).mean()"),
            "Every real is compared with every fake: (B, 1) minus (B,), or (1, B), makes a table (B, B). Only the fake in "
            "the same row counts; subtract logits of the same shape (B, 1)."),
        mistake("loss_without_effect", (_PAIRED, f"{_PAIRED}.detach()"),
            "[The number that is returned is right, but] the discriminator moves by the penalties alone: the loss, or its "
            "logits, were detached or turned into a number."),
        mistake("sigmoid", (_PAIRED, "relativistic_discriminator_loss(real_logits.sigmoid(), fake_logits.sigmoid())"),
            "The logits go through a sigmoid before the loss. The loss takes raw logits."),
        mistake("averaged_images", ("gan.generator(z)", "gan.shown(z)"),
            "The fakes come from the averaged generator. The discriminator must see what `gan.generator(z)` makes now."),
        mistake("loss_scaled", (_PENALISED, f"loss = VALUE * ({_PAIRED} + gamma / 2 * penalty)"),
            "The whole loss is VALUE times what is asked for. Return and minimise the mean loss plus `gamma / 2` times the "
            "penalties as they are.",
            values=(0.5, 2, "len(real)")),
        mistake("returns_without_penalty",
            (f"{_PENALISED}\n", f"loss = {_PAIRED}\n", "loss.backward()", "(loss + gamma / 2 * penalty).backward()"),
            "[The discriminator moves as it should, but] what is returned is the loss without the penalties. Return the whole "
            "loss, `loss.detach()`."),
        mistake("changes_the_reals", ("real.detach().requires_grad_()", "real.requires_grad_()"),
            "After the step the caller's `real` requires a gradient: `requires_grad_()` works in place. Take a detached one "
            "first: `real = real.detach().requires_grad_()`."),
    ),
)
