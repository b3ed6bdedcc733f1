"""The checks of the semi-supervised GAN: its losses, a round, guessed labels, a diagnosis."""

import dataclasses

import torch
from torch import nn

from course_utils.checks import exercise, mistake, steps, symptoms
from course_utils.checks.cases import GRAPH, KIND, call, kind, normal, on_gpu
from course_utils.checks.naming import Naming, diagnosis
from course_utils.checks.observe import RAISES, Seen
from course_utils.checks.programs import Body
from course_utils.checks.rounds import BACK_D, RETURNED, ROUND
from course_utils.lessons.c3w1b.exercises import CASES, NAMES, diagnose

# --- the loss of K + 1 classes -------------------------------------------------------------------------------------------


def _labels(n, classes, seed=9):
    return torch.randint(classes, (n,), generator=torch.Generator().manual_seed(seed))


def _kinds(labelled, unlabelled, fakes, classes=4, scale=1.0, **options):
    logits = [normal(n, classes, seed=k, scale=scale) for k, n in enumerate((labelled, unlabelled, fakes))]
    return call(logits[0], _labels(labelled, classes), logits[1], logits[2], **options)


_ZEROS = torch.zeros(2, 10, dtype=torch.float64)
_CE = "F.cross_entropy(labelled_logits, labels)"
_ZU, _ZF = "unlabelled_logits.logsumexp(dim=1)", "fake_logits.logsumexp(dim=1)"
_U, _F = "F.softplus(-unlabelled_z).mean() / 2", "F.softplus(fake_z).mean() / 2"
_WITH_FAKE = "F.cross_entropy(F.pad(labelled_logits, (0, 1)), labels)"

exercise(
    "c3w1b.semi_supervised_loss",
    "course_utils.semi_supervised_losses:semi_supervised_loss",
    cases=(
        _kinds(5, 5, 5),
        _kinds(3, 6, 4, classes=10),
        _kinds(1, 1, 1),
        _kinds(4, 3, 5, scale=2000.0, label="called with large logits"),
        call(
            _ZEROS, torch.tensor([3, 7]), _ZEROS, _ZEROS, label="called with ten logits of 0"
        ),
        on_gpu(normal(2, 4), _labels(2, 4), normal(3, 4, seed=1), normal(2, 4, seed=2)),
    ),
    mistakes=(
        mistake("softmax_first", (_CE, "F.cross_entropy(labelled_logits.softmax(dim=1), labels)"),
            (_CE, "F.nll_loss(labelled_logits.softmax(dim=1).log_softmax(dim=1), labels)"),
            "Softmax is applied twice: once here, once in `F.cross_entropy`, which takes logits. With ten classes this loss "
            "cannot fall below 1.461."),
        mistake("maximum", (_ZU, "unlabelled_logits.amax(dim=1)", _ZF, "fake_logits.amax(dim=1)"),
            "z is the largest logit. It is log sum exp of all K: many half-likely classes add up to \"real\" as well."),
        mistake("sum_of_logits", (_ZU, "unlabelled_logits.sum(dim=1)", _ZF, "fake_logits.sum(dim=1)"),
            (_ZU, "unlabelled_logits.mean(dim=1)", _ZF, "fake_logits.mean(dim=1)"),
            "The logits are added or averaged as they are. Their exponentials are added, and the logarithm is taken after "
            "that: `logsumexp`."),
        mistake("exp_overflows", (_ZU, "unlabelled_logits.exp().sum(dim=1).log()", _ZF, "fake_logits.exp().sum(dim=1).log()"),
            "With large logits `exp` overflows or becomes 0, and the loss is infinite or NaN. `logsumexp` takes the largest "
            "logit out first."),
        mistake("log_of_a_probability", (_U, "-unlabelled_z.sigmoid().log().mean() / 2", _F,
                "-(-fake_z).sigmoid().log().mean() / 2"),
            (_U, "-unlabelled_z.sigmoid().log().mean() / 2", _F, "-(1 - fake_z.sigmoid()).log().mean() / 2"),
            "Where logits are large, a probability is rounded to 0 or 1 before its logarithm, and a small number that "
            "is added to it, or a limit as in `F.binary_cross_entropy`, only hides that. -log D is `F.softplus(-z)`, "
            "and -log(1 - D) is `F.softplus(z)`.",
            symptom=lambda r: symptoms.only_where(r, "large logits")),
        mistake("last_column_is_fake",
            (_U, "-(1 - unlabelled_logits.softmax(dim=1)[:, -1]).log().mean() / 2", _F,
             "-fake_logits.log_softmax(dim=1)[:, -1].mean() / 2"),
            (_U, "-(1 - unlabelled_logits.softmax(dim=1)[:, 0]).log().mean() / 2", _F,
             "-fake_logits.log_softmax(dim=1)[:, 0].mean() / 2"),
            "A column of the logits is taken for \"fake\". There are K of them, one for each class; the logit of "
            "\"fake\" is 0 and has no column."),
        mistake("over_the_images", (_ZU, "unlabelled_logits.logsumexp(dim=0)", _ZF, "fake_logits.logsumexp(dim=0)"),
            "The log sum exp is taken over the images. Each image has a z of its own, over its K logits: `dim=1`."),
        mistake("z_without_exponential",
            (_U, "-(unlabelled_z / (unlabelled_z + 1)).log().mean() / 2", _F, "-(1 - fake_z / (fake_z + 1)).log().mean() / 2"),
            "D is made as z / (z + 1). It is e^z / (e^z + 1), the sigmoid of z."),
        mistake("one_mean_for_both",
            (f"{_U} + {_F}", "torch.cat([F.softplus(-unlabelled_z), F.softplus(fake_z)]).mean()"),
            "Unlabelled images and fakes are in one mean, so that the kind of which there are more counts more. Each part is a "
            "mean over its own images."),
        mistake("labelled_among_unlabelled", (_ZU, "torch.cat([unlabelled_logits, labelled_logits]).logsumexp(dim=1)"),
            "The labelled images are among the unlabelled ones. Their part is the first, and only that."),
        mistake("one_against_the_rest", (_CE, "F.binary_cross_entropy_with_logits(labelled_logits, "
             "F.one_hot(labels, labelled_logits.shape[1]).to(labelled_logits))"),
            "Each class has a yes or no of its own in the labelled part. It is one softmax over the K classes: "
            "`F.cross_entropy`."),
        mistake("logits_for_log_probabilities", (_CE, "F.nll_loss(labelled_logits, labels)"),
            "`F.nll_loss` takes log-probabilities and got logits. `F.cross_entropy` takes logits."),
        mistake("hinge", (_U, "F.relu(1 - unlabelled_z).mean() / 2", _F, "F.relu(1 + fake_z).mean() / 2"),
            "This is the hinge loss. Asked for are -log D and -log(1 - D)."),
        mistake("fake_class_in_the_labelled_part", (_CE, _WITH_FAKE),
            "\"Fake\" is among the classes of the labelled part. It is a softmax over the K classes alone: given that the "
            "image is real, which one is it?"),
        mistake("labelled_are_real_too", (_CE, f"{_CE} + F.softplus(-labelled_logits.logsumexp(dim=1)).mean() / 2"),
            "The labelled images are also taught to be real. The docstring has three parts: that one is for the unlabelled."),
        mistake("normalised_first", (_ZU, "unlabelled_logits.log_softmax(dim=1).logsumexp(dim=1)", _ZF,
                "fake_logits.log_softmax(dim=1).logsumexp(dim=1)"),
            (_ZU, "unlabelled_logits.softmax(dim=1).logsumexp(dim=1)", _ZF, "fake_logits.softmax(dim=1).logsumexp(dim=1)"),
            "The logits are normalised before `logsumexp`. A softmax does not change when all logits are shifted, but D lives "
            "in that shift: behind log-softmax z is 0 for every image."),
        mistake("real_and_fake_swapped", (_U, "F.softplus(unlabelled_z).mean() / 2", _F, "F.softplus(-fake_z).mean() / 2"),
            "Real and fake are swapped: unlabelled images are taught to be fake, and fakes to be real."),
        mistake("fakes_called_real", (_F, "F.softplus(-fake_z).mean() / 2"),
            "Fakes are taught to be real. Their part is -log(1 - D)."),
        mistake("unlabelled_called_fake", (_U, "F.softplus(unlabelled_z).mean() / 2"),
            "Unlabelled images are taught to be fake. They are real images whose class nobody has told: -log D."),
        mistake("not_halved", (_U, "F.softplus(-unlabelled_z).mean()", _F, "F.softplus(fake_z).mean()"),
            "The parts of the unlabelled images and of the fakes are not halved."),
        mistake("all_in_thirds", (_CE, f"{_CE} / 3", _U, "F.softplus(-unlabelled_z).mean() / 3", _F,
                "F.softplus(fake_z).mean() / 3"),
            "The three parts are averaged. The labelled part counts whole, the other two half."),
        mistake("all_halved", (_CE, f"{_CE} / 2"),
            "The labelled part is halved as well. Only the other two are."),
        mistake("summed", (_U, "F.softplus(-unlabelled_z).sum() / 2", _F, "F.softplus(fake_z).sum() / 2"),
            (_CE, 'F.cross_entropy(labelled_logits, labels, reduction="sum")'),
            "A part is a sum over its images. Each is a mean, so that it does not depend on how many there are."),
        mistake("fakes_left_out", (f" + {_F}", ""),
            "The part of the fakes is missing. Then calling everything real is the best answer."),
        mistake("unlabelled_left_out", (f" + {_U}", ""),
            "The part of the unlabelled images is missing: nothing is learned from them."),
        mistake("labels_left_out", (_CE, "0.0"),
            "The labelled part is missing, so that no logit is tied to a class."),
    ),
)

# --- feature matching ----------------------------------------------------------------------------------------------------

_MEANS = "fake_features.mean(dim=0) - real_features.mean(dim=0).detach()"

exercise(
    "c3w1b.feature_matching_loss",
    "course_utils.semi_supervised_losses:feature_matching_loss",
    cases=(
        call(normal(6, 5), normal(6, 5, seed=1)),
        call(normal(7, 3), normal(4, 3, seed=1)),
        call(normal(1, 4), normal(1, 4, seed=1)),
        call(normal(3, 4, scale=100.0), normal(5, 4, seed=1)),
        on_gpu(normal(3, 4), normal(2, 4, seed=1)),
    ),
    mistakes=(
        mistake("means_of_squares", ("return difference.square().mean()", "return (fake_features[: len(real_features)] - "
                "real_features[: len(fake_features)].detach()).square().mean()"),
            ("return difference.square().mean()", "return F.mse_loss(fake_features, real_features.detach())"),
            ("return difference.square().mean()",
             "return (fake_features[:, None] - real_features.detach()[None]).square().mean()"),
            "Images are compared one with another. Row b of both has nothing in common: compare the *means* over images."),
        mistake("means_over_features", (_MEANS, "fake_features.mean(dim=1) - real_features.mean(dim=1).detach()"),
            "The mean is taken over the features of each image. Take it over the images: `dim=0`."),
        mistake("summed_over_images", (_MEANS, "fake_features.sum(dim=0) - real_features.sum(dim=0).detach()"),
            "Features are summed over the images, so that the number of images matters. Take their means."),
        mistake("spread_matched_too", ("return difference.square().mean()",
             "return difference.square().mean() + (fake_features.VALUE(0) - real_features.detach().VALUE(0)).square().mean()"),
            "The spread of the features is compared as well. The means alone are asked for.", values=("std", "var")),
        mistake("huber", ("difference.square().mean()", "F.smooth_l1_loss(difference, torch.zeros_like(difference))"),
            "This is the Huber loss. The mean of the squares is asked for."),
        mistake("one_mean_for_all", (_MEANS, "fake_features.mean() - real_features.mean().detach()"),
            "The mean is taken over all numbers, features and images alike. Each feature has a mean of its own, over images: "
            "`dim=0`."),
        mistake("not_squared", ("difference.square()", "difference.abs()"),
            "The differences are not squared, but taken absolutely. Public code has both; the docstring asks for squares."),
        mistake("signed", ("difference.square()", "difference"),
            "The differences keep their signs, so that they cancel, and the smallest loss is minus infinity."),
        mistake("summed", ("difference.square().mean()", "difference.square().sum()"),
            "The squares are added. Take their mean, so that the number of features does not matter."),
        mistake("root", ("difference.square().mean()", "difference.norm()"),
            ("difference.square().mean()", "difference.square().mean().sqrt()"),
            "A root is taken, as for the length of the difference. The mean of the squares is asked for, without a root."),
        mistake("real_side_learns", (".detach()", ""),
            "A gradient goes back through the real features. They are a target, and only the generator learns here."),
        mistake("fake_side_detached",
            (_MEANS, "fake_features.mean(dim=0).detach() - real_features.mean(dim=0)"),
            "No gradient goes back through the features of the fakes. The generator could not learn."),
    ),
)

# --- a round -------------------------------------------------------------------------------------------------------------

_D_LOSS, _G_LOSS = "the discriminator's loss", "the generator's loss"
_TENSORS = "whether both losses are tensors without a dimension"
_SPARED = "whether gradients reach the generator in the discriminator's step"


class _Sorter(nn.Module):
    """Logits of three classes of 1x2x2 images, and the features that they are made of."""

    def __init__(self, norm: bool = False):
        super().__init__()
        between = [nn.BatchNorm1d(5)] if norm else []
        self.features = nn.Sequential(nn.Flatten(), nn.Linear(4, 5), *between, nn.Tanh())
        self.logits = nn.Linear(5, 3)

    def forward(self, images):
        return self.logits(self.features(images))


def _gan(scale: float = 1.0, dtype=torch.float64, norm: bool = False):
    generator = nn.Sequential(
        nn.Linear(3, 6), nn.BatchNorm1d(6), nn.ReLU(), nn.Linear(6, 4), nn.Tanh(), nn.Unflatten(1, (1, 2, 2))
    )
    discriminator = _Sorter(norm)
    with torch.no_grad():
        for p in (*generator[3].parameters(), *discriminator.parameters()):
            p.mul_(scale)
    return steps.watched(generator.to(dtype), discriminator.to(dtype))


def _data(batch: int = 6, dtype=torch.float64) -> dict:
    def images(n):
        return torch.rand(n, 1, 2, 2).to(dtype) * 2 - 1

    return {"labelled": images(batch), "labels": torch.arange(batch) % 3, "unlabelled": images(batch),
            "z": torch.randn(batch, 3).to(dtype)}


def _both_losses(returned: list) -> dict:
    """The losses of each call, the discriminator's and the generator's, as facts."""
    if not all(isinstance(pair, (tuple, list)) and len(pair) == 2 for pair in returned):
        return {KIND: kind(returned[0])}
    try:
        values = torch.tensor([[float(loss) for loss in pair] for pair in returned], dtype=torch.float64)
    except (TypeError, ValueError, RuntimeError):
        return {KIND: "two that are not numbers"}
    graph = any(isinstance(loss, torch.Tensor) and loss.requires_grad for pair in returned for loss in pair)
    tensors = all(isinstance(loss, torch.Tensor) and loss.ndim == 0 for pair in returned for loss in pair)
    return {_TENSORS: tensors, KIND: "a tuple of 2", _D_LOSS: values[:, 0], _G_LOSS: values[:, 1], steps.LOSS_GRAPH: graph}


def _round(label: str, calls: int = 1, seed: int = 0, **options):
    """Rounds in a row, seen as a step is, with both of the losses that come back."""
    options = {"gan": _gan, "data": _data} | options
    given = "labelled", "labels", "unlabelled", "z"
    ignore = steps.LOSS, "the discriminator's running statistics"  # in which order it was called is not seen
    inner = steps.step(*given, label=label, calls=calls, seed=seed, ignore=ignore, **options)

    def observe(candidate, names) -> Seen:
        returned = []

        def play(*given):
            returned.append(candidate(*given))
            return torch.zeros(())

        seen = inner.observe(play, names)
        if RAISES in seen.facts:
            return seen
        once = calls * sum(1 for _ in options["gan"]().generator.parameters())
        facts = {_SPARED: seen.trace["arrived"]["generator"] > once}
        return dataclasses.replace(seen, facts=seen.facts | facts | _both_losses(returned[:calls]))

    return dataclasses.replace(inner, observe=observe)


_WATCH = steps.Watch("generator")
_GENERAL = ("reused_graph", "fixed_batch_size", "changes_argument", "left_frozen", "evaluation_mode", "own_noise")
_OF_FAKES = "gan.discriminator(fake.detach())"
_OF_FEW, _OF_MANY = "gan.discriminator(labelled)", "gan.discriminator(unlabelled)"
_MATCH = "feature_matching_loss(wanted, gan.discriminator.features(fake))"
_WANTED = "wanted = gan.discriminator.features(unlabelled)"

exercise(
    "c3w1b.semi_supervised_round",
    "course_utils.steps.semi_supervised:semi_supervised_round",
    cases=(
        _round("a round"),
        _round("three rounds", calls=3),
        _round("two rounds with large weights", calls=2, seed=3, gan=lambda: _gan(4.0)),
        _round(steps.TWO, seed=4, data=lambda: _data(2)),
        _round("a round with BatchNorm in the discriminator", seed=6, gan=lambda: _gan(norm=True)),
        _round("a round in float32", seed=5, gan=lambda: _gan(dtype=torch.float32), data=lambda: _data(dtype=torch.float32)),
    ),
    usual=tuple(m for m in steps.usual("generator", "no_gradient", "No gradient arrived at the generator.")
        if m.id in _GENERAL),
    mistakes=(
        mistake("nothing_done", Body("return torch.zeros(()), torch.zeros(())"),
            "The networks of `gan` are left as they were: no gradient was computed, and neither optimiser was stepped.",
            symptom=lambda r: not r.errors() and not any(_WATCH.first(r)["arrived"].values()) and not _WATCH.stepped(r)),
        mistake("labelled_as_fakes", (_OF_FAKES, "gan.discriminator(torch.cat([fake.detach(), labelled]))"),
            "The labelled images are among the fakes. They are real: the discriminator is taught to sort them into a class, "
            "and to call them fake at once."),
        mistake("labelled_among_unlabelled", (_OF_MANY, "gan.discriminator(torch.cat([unlabelled, labelled]))"),
            "The labelled images are counted among the unlabelled ones. That is no harm in general, but here each kind has "
            "its own part."),
        mistake("kinds_swapped", (f"{_OF_MANY}, {_OF_FAKES}", f"{_OF_FAKES}, {_OF_MANY}"),
            "Unlabelled images and fakes are swapped: the discriminator is taught to call real images fake."),
        mistake("labelled_twice", (_OF_MANY, _OF_FEW), ("features(unlabelled)", "features(labelled)", _OF_MANY, _OF_FEW),
            "The labelled images stand in the place of the unlabelled ones, which are not used. The many are what this game "
            "is for."),
        mistake("matched_to_the_labelled", ("features(unlabelled)", "features(labelled)"),
            "The generator is matched to the features of the labelled images, a hundred in all. Match it to the unlabelled "
            "ones."),
        mistake("matched_by_logits", (_WANTED, "wanted = gan.discriminator(unlabelled)", _MATCH,
                "feature_matching_loss(wanted, gan.discriminator(fake))"),
            "Logits are matched, not features. `gan.discriminator.features(images)` gives those of the last hidden layer."),
        mistake("ordinary_loss", (_MATCH, "torch.nn.functional.softplus(-gan.discriminator(fake).logsumexp(dim=1)).mean()"),
            "The generator has the ordinary loss, -log D(G(z)). Feature matching is asked for."),
        mistake("no_detach", (_OF_FAKES, "gan.discriminator(fake)", BACK_D, "    d_loss.backward(retain_graph=True)\n"),
            "Gradients reach the generator in the discriminator's step, since the fakes were not detached there. Judge "
            "`fake.detach()` in the first step and `fake` in the second; no `retain_graph` is needed.",
            symptom=lambda r: (r.raised("second time") and next(iter(r.got.values())).error is not None) or _SPARED in r.names),
        mistake("fakes_cut_off", ("features(fake)", "features(fake.detach())"),
            (f"    g_loss = {_MATCH}", f"        g_loss = {_MATCH}"),
            "No gradient comes back to the generator: the fakes of the second step were detached, or their features were "
            "computed under `torch.no_grad()`, or they stand first in `feature_matching_loss`, where the target "
            "belongs. Only the features of the unlabelled images may be without a graph.",
            symptom=lambda r: r.raised("does not require grad") and next(iter(r.got.values())).error is not None),
        mistake("new_noise_in_the_second_step", ("features(fake)", "features(gan.generator(torch.randn_like(z)))"),
            "The second step draws new noise and makes new fakes. The fakes of the first step are to be used, with "
            "their graph."),
        mistake("fakes_made_twice", ("features(fake)", "features(gan.generator(z))"),
            "The generator is called twice in a round. That costs time, and its BatchNorm counts every call in its running "
            "statistics. Make the fakes once, and keep them for the second step."),
        mistake("averaged_images", ("fake = gan.generator(z)", "fake = gan.shown(z)"),
            "The fakes come from the averaged generator (`gan.shown`), not from the one that learns. Use `gan.generator`."),
        mistake("matched_too_early", Body(
            "fake = gan.generator(z)\n"
            "g_loss = feature_matching_loss(gan.discriminator.features(unlabelled), gan.discriminator.features(fake))\n"
            "gan.opt_g.zero_grad()\ng_loss.backward()\ngan.opt_g.step()\n"
            "d_loss = semi_supervised_loss(gan.discriminator(labelled), labels, gan.discriminator(unlabelled), "
            "gan.discriminator(fake.detach()))\n"
            "gan.opt_d.zero_grad()\nd_loss.backward()\ngan.opt_d.step()\n"
            "return d_loss.detach(), g_loss.detach()"),
            "The generator learns from the discriminator as it was before its step. The round begins with the whole step of "
            "the discriminator."),
        mistake("target_from_before", Body(
            "fake = gan.generator(z)\n"
            "wanted = gan.discriminator.features(unlabelled).detach()\n"
            "d_loss = semi_supervised_loss(gan.discriminator(labelled), labels, gan.discriminator(unlabelled), "
            "gan.discriminator(fake.detach()))\n"
            "gan.opt_d.zero_grad()\nd_loss.backward()\ngan.opt_d.step()\n"
            "g_loss = feature_matching_loss(wanted, gan.discriminator.features(fake))\n"
            "gan.opt_g.zero_grad()\ng_loss.backward()\ngan.opt_g.step()\n"
            "return d_loss.detach(), g_loss.detach()"),
            "The features of the unlabelled images are those of the discriminator before its step, those of the fakes "
            "of the one after it. Compare both as the discriminator now is."),
        mistake("one_backward_for_both", Body(
            "fake = gan.generator(z)\n"
            "d_loss = semi_supervised_loss(gan.discriminator(labelled), labels, gan.discriminator(unlabelled), "
            "gan.discriminator(fake.detach()))\n"
            "g_loss = feature_matching_loss(gan.discriminator.features(unlabelled), gan.discriminator.features(fake))\n"
            "gan.opt_d.zero_grad()\ngan.opt_g.zero_grad()\n(d_loss + g_loss).backward()\n"
            "gan.opt_d.step()\ngan.opt_g.step()\n"
            "return d_loss.detach(), g_loss.detach()"),
            "Both losses are added and go backward at once. Then the discriminator also learns to make features alike, and the "
            "generator sees it as it was before its step. Two steps are asked for, each with its own `backward()`."),
        mistake("one_call_for_all_kinds", Body(
            "fake = gan.generator(z)\n"
            "few, many, made = gan.discriminator(torch.cat([labelled, unlabelled, fake.detach()])).split("
            "[len(labelled), len(unlabelled), len(fake)])\n"
            "d_loss = semi_supervised_loss(few, labels, many, made)\n"
            "gan.opt_d.zero_grad()\nd_loss.backward()\ngan.opt_d.step()\n"
            "with torch.no_grad():\n    wanted = gan.discriminator.features(unlabelled)\n"
            "g_loss = feature_matching_loss(wanted, gan.discriminator.features(fake))\n"
            "gan.opt_g.zero_grad()\ng_loss.backward()\ngan.opt_g.step()\n"
            "return d_loss.detach(), g_loss.detach()"),
            "The three kinds of images go through the discriminator in one batch. Where it has BatchNorm, fakes then "
            "change what real images become. Each kind has a call of its own."),
        mistake("labels_for_the_unlabelled", (f"{_OF_FEW}, labels, {_OF_MANY}", f"{_OF_MANY}, labels, {_OF_FEW}"),
            "The labels go with the unlabelled images, and the labelled ones stand in their place. Only `labelled` has "
            "labels."),
        mistake("softmax_first", (_OF_FEW, f"{_OF_FEW}.softmax(dim=1)"),
            (f"{_OF_FEW}, labels, {_OF_MANY}, {_OF_FAKES}", f"{_OF_FEW}.softmax(dim=1), labels, {_OF_MANY}.softmax(dim=1), "
             f"{_OF_FAKES}.softmax(dim=1)"),
            "Logits go through a softmax before the loss, which takes them as they are."),
        mistake("several_steps_of_the_discriminator",
            "The discriminator's optimiser is stepped VALUE times in a round. Each is stepped once.",
            symptom=lambda r: (n := _WATCH.first(r)["steps"]["opt_d"]) > 1 and "opt_g" in _WATCH.stepped(r) and str(n)),
        mistake("returns_other", "What comes back is VALUE. Both losses are asked for, the discriminator's first.",
            symptom=lambda r: next((got for got, wanted in r.pairs(KIND) if got not in ("None", wanted)), "")),
        *ROUND,
        mistake("returns_numbers", (RETURNED, "return d_loss.item(), g_loss.item()"),
            "[The update is right, but] what comes back are not two tensors without a dimension. `loss.detach()` is one.",
            symptom=lambda r: r.only(_TENSORS)),
    ),
)

# --- guessed labels ------------------------------------------------------------------------------------------------------

_NOBODY = "called where nobody is sure"
_SURE = "(losses * (highest >= threshold)).mean()"


def _only_nobody_lacks_a_graph(record) -> bool:
    """Does the result have a graph wherever it should, but where nobody is sure?"""
    wanted = [case for case, seen in record.wanted.items() if seen.facts.get(GRAPH)]
    return [case for case in wanted if not record.got[case].facts.get(GRAPH)] == [_NOBODY]


exercise(
    "c3w1b.pseudo_label_loss",
    "course_utils.semi_supervised_losses:pseudo_label_loss",
    cases=(
        call(normal(6, 4), normal(6, 4, seed=1, scale=3.0), 0.7),
        call(normal(5, 10), normal(5, 10, seed=1, scale=6.0)),
        call(normal(4, 3), normal(4, 3, seed=1), 0.0, label="called with threshold=0, so that all count"),
        call(normal(4, 3), normal(4, 3, seed=1), 0.999, label=_NOBODY),
        call(normal(2, 2), torch.zeros(2, 2, dtype=torch.float64), 0.5, label="called where the highest equals the threshold"),
        call(normal(3, 4, scale=2000.0), normal(3, 4, seed=2, scale=2000.0), label="called with large logits"),
        on_gpu(normal(3, 4), normal(3, 4, seed=1, scale=3.0)),
    ),
    mistakes=(
        mistake("own_guesses", ("guess_logits.detach()", "logits.detach()"),
            "The network guesses for itself: `guess_logits` is not used."),
        mistake("mean_of_the_sure", (_SURE, "losses[highest >= threshold].mean()"),
            (_SURE, "losses[highest >= threshold].sum() / max(1, int((highest >= threshold).sum()))"),
            (_SURE, "(losses * (highest >= threshold)).sum() / (highest >= threshold).sum()"),
            "The mean is taken over the sure images only. Divide by the number of all images, M: three sure guesses in a "
            "hundred should be a small loss, and none is 0, not NaN."),
        mistake("summed", (_SURE, "(losses * (highest >= threshold)).sum()"),
            "The losses are added and not divided by the number of images."),
        mistake("all_count", (_SURE, "losses.mean()"),
            "Every guess counts, however unsure. Only those with a probability of at least `threshold` do."),
        mistake("the_unsure_count", ("highest >= threshold", "highest < threshold"),
            "The unsure guesses count, and the sure ones do not."),
        mistake("threshold_on_logits", ("guess_logits.detach().softmax(dim=1).max(dim=1)", "guess_logits.detach().max(dim=1)"),
            "The threshold is compared with logits. It is a probability: apply a softmax to `guess_logits` first."),
        mistake("threshold_fixed", ("highest >= threshold", "highest >= VALUE"),
            "The threshold is always VALUE. Use the argument.", values=(0.9, 0.95, 0.5)),
        mistake("sigmoid", ("guess_logits.detach().softmax(dim=1)", "guess_logits.detach().sigmoid()"),
            "The probabilities come from a sigmoid, one for each class by itself, and do not add up to 1. Which of K "
            "classes it is, says a softmax."),
        mistake("over_the_images", ("guess_logits.detach().softmax(dim=1)", "guess_logits.detach().softmax(dim=0)"),
            (").max(dim=1)", ").max(dim=0)"),
            "Probabilities are made, or compared, over the images. Each image has its own, over the K classes: `dim=1`."),
        mistake("sure_of_itself", ("(highest >= threshold)", "(logits.softmax(dim=1).amax(dim=1) >= threshold)"),
            "Which images count is read from `logits`, the network that learns. Who guesses must be sure: `guess_logits`."),
        mistake("learner_and_guesser_swapped", ("guess_logits.detach()", "logits.detach()", "F.cross_entropy(logits,",
                "F.cross_entropy(guess_logits,"),
            "The two have changed places: `logits` guesses, and `guess_logits` is taught."),
        mistake("one_decision_for_all", ("(highest >= threshold)", "(highest >= threshold).all()"),
            ("(highest >= threshold)", "(highest.mean() >= threshold)"),
            "All images count or none. Each image is kept or left by its own probability."),
        mistake("divided_twice", (_SURE, f"{_SURE} / len(logits)"),
            "It is divided by M twice: `.mean()` does it already."),
        mistake("logits_for_log_probabilities", ("F.cross_entropy(", "F.nll_loss("),
            "`F.nll_loss` takes log-probabilities and got logits. `F.cross_entropy` takes logits."),
        mistake("distance_of_probabilities",
            ('F.cross_entropy(logits, guesses, reduction="none")',
             "(logits.softmax(dim=1) - guess_logits.detach().softmax(dim=1)).square().mean(dim=1)"),
            ('F.cross_entropy(logits, guesses, reduction="none")', "F.kl_div(logits.log_softmax(dim=1), "
             'guess_logits.detach().softmax(dim=1), reduction="none").sum(dim=1)'),
            "The probabilities of the two networks are compared, as some teachers of averages do. Here the guess is "
            "one class, and the loss its cross-entropy."),
        mistake("log_of_a_probability", ('F.cross_entropy(logits, guesses, reduction="none")',
             "-logits.softmax(dim=1).gather(1, guesses[:, None]).squeeze(1).log()"),
            "Where logits are large, a probability is rounded to 0 before its logarithm. `F.cross_entropy` takes the "
            "logits and stays finite.",
            symptom=lambda r: symptoms.only_where(r, "large logits")),
        mistake("strictly_above", ("highest >= threshold", "highest > threshold"),
            "A guess that is exactly as sure as `threshold` does not count. It says \"at least\"."),
        mistake("soft_labels", ("F.cross_entropy(logits, guesses,",
                "F.cross_entropy(logits, guess_logits.detach().softmax(dim=1),"),
            ("F.cross_entropy(logits, guesses,", "F.cross_entropy(logits, guess_logits.softmax(dim=1),"),
            "The guessed *probabilities* are the labels. The class with the highest one is the label, and the rest is "
            "forgotten."),
        mistake("guesses_learn", ("(losses * (highest >= threshold))", "(losses * highest * (highest >= threshold))",
                "guess_logits.detach()", "guess_logits"),
            ("(highest >= threshold)", "highest * (highest >= threshold)"),
            "The probabilities of the guesses weigh the loss, or have a gradient. A guess counts fully or not at all, and is "
            "only a label."),
        mistake("softmax_first", ("F.cross_entropy(logits,", "F.cross_entropy(logits.softmax(dim=1),"),
            "`F.cross_entropy` takes logits; it applies a softmax itself."),
        mistake("no_graph_where_nobody_is_sure",
            "Where nobody is sure, no graph leads back from the loss. `backward()` would fail there: multiply by 0 rather "
            "than returning a new 0.",
            symptom=_only_nobody_lacks_a_graph, cases=(_NOBODY,)),
    ),
)

# --- diagnosis -----------------------------------------------------------------------------------------------------------

CLUES = {  # what the numbers of a run say against every other name
    "run A": "how low can the cross-entropy of ten numbers between 0 and 1 fall?",
    "run B": "compare what D says of its labelled images with what it says of the unlabelled ones. Both are real.",
    "run C": "compare each of its numbers with the others before you suspect it.",
    "run D": "look at D of all three kinds of images. Which z gives that number?",
    "run E": "the same images were read twice. How often do the two readings agree?",
}

diagnosis("c3w1b.diagnose", "course_utils.lessons.c3w1b.exercises:diagnose", Naming("run", CASES, NAMES, diagnose), CLUES)
