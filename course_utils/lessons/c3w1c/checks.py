"""The checks of the lesson on privacy: an attack score, its ROC curve, a private step, the accountant, a diagnosis."""

import torch
from torch import nn

from course_utils.checks import exercise, mistake, steps
from course_utils.checks.cases import KIND, call, normal, scenario, uniform
from course_utils.checks.naming import Naming, diagnosis
from course_utils.checks.observe import Near
from course_utils.checks.programs import Body
from course_utils.checks.symptoms import returns
from course_utils.lessons.c3w1c.exercises import CASES, NAMES, diagnose

# --- the score of an image -----------------------------------------------------------------------------------------------

_BACK = "near_reference - near_fake"


def _pictures(n, seed, side=4):
    return 2 * uniform(n, 1, side, side, seed=seed, dtype=torch.float32) - 1


exercise(
    "c3w1c.calibrated_score",
    "course_utils.metrics.membership:calibrated_score",
    cases=(
        call(_pictures(5, 1), _pictures(9, 2), _pictures(7, 3), gradients=False),
        call(_pictures(1, 4), _pictures(3, 5), _pictures(6, 6), gradients=False),
        call(_pictures(4, 7), _pictures(4, 7), _pictures(8, 8), gradients=False, label="called with fakes that are the images"),
        call(_pictures(3, 1, 6), _pictures(1, 2, 6), _pictures(1, 3, 6), gradients=False),
    ),
    mistakes=(
        mistake("other_sign", (_BACK, "near_fake - near_reference"),
            "The sign is the other way round: a member, to which the generator comes near, gets a low score."),
        mistake("not_calibrated", (_BACK, "-near_fake"),
            "The reference is not used. An easy image, to which every generator comes near, looks like a member then."),
        mistake("distance_alone", (_BACK, "near_fake"),
            "This is the distance to the nearest fake: high for images that the generator does *not* know, and not "
            "calibrated."),
        mistake("reference_alone", (_BACK, "near_reference"),
            "Only the reference is used, which knows nothing of the generator under attack."),
        mistake("added", (_BACK, "near_reference + near_fake"),
            "The two distances are added. The score is their difference."),
        mistake("ratio", (_BACK, "near_reference / near_fake"), (_BACK, "near_fake / near_reference"),
            "This is a ratio of the two distances. The docstring asks for their difference."),
        mistake("share_of_the_reference", (_BACK, "(near_reference - near_fake) / near_reference"),
            (_BACK, "1 - near_fake / near_reference"),
            "The difference is divided by a distance. The docstring asks for the difference itself."),
        mistake("indices", ("(images, fakes)[0]", "(images, fakes)[1]", "(images, reference)[0]", "(images, reference)[1]"),
            "These are differences of *indices*. `nearest_neighbours` returns distances first, then indices."),
        mistake("one_calibration_for_all", (_BACK, "near_reference.mean() - near_fake"),
            "The same number is taken for all images: the mean distance to the reference. Each image has "
            "*its own*, since some images are easy and others are not."),
        mistake("standardised", ("return near_reference - near_fake",
                "difference = near_reference - near_fake\n"
                "    return (difference - difference.mean()) / difference.std()"),
            ("return near_reference - near_fake",
                "difference = near_reference - near_fake\n    return difference - difference.mean()"),
            "The scores are centred or scaled over the images. Then the score of one depends on which others are judged, and a "
            "single image has none."),
        mistake("squared", (_BACK, "near_reference**2 - near_fake**2"),
            "The distances are squared. Take them as they are."),
        mistake("mean_distance",
            Body("a, b, c = (x.flatten(1) for x in (images, fakes, reference))\n"
                 "return torch.cdist(a, c).mean(dim=1) - torch.cdist(a, b).mean(dim=1)"),
            "The mean distance to *all* fakes is taken. A generator that knows an image has one fake near it, and that one "
            "counts: take the smallest."),
        mistake("from_the_fakes",
            Body("near_fake = nearest_neighbours(fakes, images)[0].squeeze(1)\n"
                 "near_reference = nearest_neighbours(reference, images)[0].squeeze(1)\nreturn near_reference - near_fake"),
            "The neighbours are looked for the other way round: for each fake its nearest image. Asked for is one number for "
            "each image."),
        mistake("column", (".squeeze(1)  # (N,)\n    near_reference", "\n    near_reference",
                "nearest_neighbours(images, reference)[0].squeeze(1)", "nearest_neighbours(images, reference)[0]"),
            "The scores stand in a column, (N, 1). Return (N,)."),
        mistake("per_pixel", (_BACK, "(near_reference - near_fake) / images[0].numel() ** 0.5"),
            (_BACK, "(near_reference**2 - near_fake**2) / images[0].numel()"),
            "The distance is an average over the pixels. The Euclidean distance is the root of the *sum* of squares."),
        mistake("other_distance",
            Body("a, b, c = (x.flatten(1) for x in (images, fakes, reference))\n"
                 "return torch.cdist(a, c, p=1).amin(dim=1) - torch.cdist(a, b, p=1).amin(dim=1)"),
            Body("a, b, c = (torch.nn.functional.normalize(x.flatten(1), dim=1) for x in (images, fakes, reference))\n"
                 "return (a @ b.T).amax(dim=1) - (a @ c.T).amax(dim=1)"),
            "Another distance is measured: absolute differences, or the angle between images. The docstring asks for the "
            "Euclidean distance of the pixels."),
    ),
)

# --- the ROC curve -------------------------------------------------------------------------------------------------------


def _tied(*values):
    return torch.tensor(values, dtype=torch.float64)


_TIED = ("called with equal scores", "called with scores that are all the same")


def _counted_one_by_one(record) -> bool:
    # the curve has a point for each score, and is right where all scores are different
    wrong = [case for case, names in record.differing.items() if names]
    points = [len(record.got[case].facts.get("the result's part 1", ())) for case in wrong]
    return wrong == list(_TIED) and points == [7 + 1, 5 + 1]


_THRESHOLDS = "torch.cat([members, others]).unique().flip(0)"
_BOTH = "return called(others), called(members)"
_AT_LEAST = "len(scores) - torch.searchsorted(ordered, thresholds)"

exercise(
    "c3w1c.roc",
    "course_utils.metrics.membership:roc",
    cases=(
        call(normal(6, dtype=torch.float32) + 1, normal(9, seed=1, dtype=torch.float32), gradients=False),
        call(_tied(1, 2, 2, 3), _tied(0, 1, 2), gradients=False, label=_TIED[0]),
        call(_tied(5, 5, 5), _tied(5, 5), gradients=False, label=_TIED[1]),
        call(_tied(-3), _tied(2), gradients=False, label="called with one member and one other"),
        call(_tied(4, 3), _tied(1, 2, 0), gradients=False, label="called with scores that tell everything"),
        call(normal(40, seed=2), normal(30, seed=3), gradients=False),
        call(_tied(60, 50, 1), _tied(55, 40, -50, -60), gradients=False, label="called with large scores"),
    ),
    mistakes=(
        mistake("axes_swapped", (_BOTH, "return called(members), called(others)"),
            "The two parts are swapped: false positives, the share of `others`, come first."),
        mistake("no_start", ("torch.cat([torch.zeros(1), at_least]).double()", "at_least.double()"),
            "The curve does not begin with 0. Before the first score nothing is called a member: one more point, at (0, 0)."),
        mistake("rising", (".flip(0)", ""),
            "The threshold rises. It falls from above all scores, so that both shares grow from 0 to 1."),
        mistake("above_not_at_least", (_AT_LEAST, "len(scores) - torch.searchsorted(ordered, thresholds, right=True)"),
            "Only scores *above* the threshold are called. \"At least\" includes the score itself, so the curve ends with 1."),
        mistake("ties_one_by_one", (_THRESHOLDS, "torch.cat([members, others]).sort(descending=True).values"),
            Body("scores = torch.cat([members, others])\n"
                 "hit = (scores.argsort(descending=True, stable=True) < len(members)).double()\n"
                 "zero = torch.zeros(1).double()\n"
                 "false, true = ((1 - hit).cumsum(0) / len(others), hit.cumsum(0) / len(members))\n"
                 "return torch.cat([zero, false]), torch.cat([zero, true])"),
            "A score that occurs twice is there twice. Each *different* score is one threshold: `unique`.",
            symptom=_counted_one_by_one),
        mistake("rising_from_the_lowest",
            (".flip(0)", "", "torch.cat([torch.zeros(1), at_least]).double()", "at_least.double()"),
            "The threshold rises from the lowest score, so the curve begins with 1, and the point (0, 0) is missing. Let it "
            "fall from above all scores, where nothing is called a member yet."),
        mistake("thresholds_of_others", (_THRESHOLDS, "others.unique().flip(0)"),
            "The thresholds are the scores of `others` only. Those of members are thresholds as well."),
        mistake("thresholds_of_members", (_THRESHOLDS, "members.unique().flip(0)"),
            "The thresholds are the scores of `members` only. Those of the others are thresholds as well."),
        mistake("counts", (".double() / len(scores)", ".double()"),
            "These are counts. Divide by the number of scores, so that the curve ends at (1, 1)."),
        mistake("zero_at_the_end", ("torch.cat([torch.zeros(1), at_least])", "torch.cat([at_least, torch.zeros(1)])"),
            "The 0 stands at the end. The threshold falls from above all scores, so the point (0, 0) comes first."),
        mistake("probabilities",
            (_THRESHOLDS, "torch.cat([members.sigmoid(), others.sigmoid()]).unique().flip(0)",
                "scores.sort().values", "scores.sigmoid().sort().values"),
            "Scores are put through a sigmoid. Large ones are rounded to 1 there, and different scores become equal. A ROC "
            "curve needs only their order.",
            symptom=lambda r: [c for c, n in r.differing.items() if n] == ["called with large scores"]),
        mistake("lists", (_BOTH, "return called(others).tolist(), called(members).tolist()"),
            "The two parts are lists. Return two tensors, in float64."),
        mistake("below", (_AT_LEAST, "torch.searchsorted(ordered, thresholds)"),
            (_AT_LEAST, "torch.searchsorted(ordered, thresholds, right=True)"),
            "What lies *below* the threshold is called a member. A high score says \"member\"."),
        mistake("shares_of_all", ("/ len(scores)", "/ (len(members) + len(others))"),
            (_BOTH, "return called(others), called(members) * len(members) / (len(members) + len(others))"),
            (_BOTH, "return called(others) * len(others) / (len(members) + len(others)), called(members)"),
            "The counts are divided by the number of all scores. Each share is of its own group."),
        mistake("half_precision", (".double() / len(scores)", ".float() / len(scores)"),
            "The shares are float32. Return float64."),
    ),
)

# --- a private step ------------------------------------------------------------------------------------------------------

_D, _G, _STATS = "the discriminator's weights", "the generator's weights", "the generator's running statistics"
_LOSS, _GRAPH, _SHAPE = "the returned loss", "whether the returned loss still has its graph", "the shape of the returned loss"
_CALLS, _STEPS = "how often the generator is called", "how often each optimiser is stepped"
_FROZEN, _AGAIN = "whether all weights can still learn", "whether the noise is new at every call"
_LEFT = "whether gradients of this step are left in the generator"
_SIZE = "the noise in units of C: its standard deviation"


def _players(features: int = 5, large: float = 1.0):
    torch.default_generator.manual_seed(3)
    generator = nn.Sequential(
        nn.Linear(3, 6), nn.BatchNorm1d(6), nn.ReLU(), nn.Linear(6, 4), nn.Tanh(), nn.Unflatten(1, (1, 2, 2))
    )
    discriminator = nn.Sequential(nn.Flatten(), nn.Linear(4, features), nn.LeakyReLU(0.2), nn.Linear(features, 1))
    with torch.no_grad():
        for p in discriminator.parameters():
            p.mul_(large)
    return steps.watched(generator.double(), discriminator.double(), lr=1.0)


def _row(network):
    return torch.cat([p.detach().flatten() for p in network.parameters()])


def _play(candidate, gan, b: int, m: int, clip: float, noise: float, expected: float, seed: int):
    """One step on seeded images; what it did to the discriminator's weights, and what came back."""
    real, z = (2 * uniform(b, 1, 2, 2, seed=seed) - 1) * 3, normal(m, 3, seed=seed + 50)
    real = real if b else real.reshape(0, 1, 2, 2)
    before = _row(gan.discriminator)
    torch.default_generator.manual_seed(seed)
    returned = candidate(gan, real, z, clip, noise, expected)
    return _row(gan.discriminator) - before, returned


def _silent(label: str, b: int, m: int, clip: float, expected: float, seed: int = 0, large: float = 1.0, again: bool = False):
    """A step without noise: everything is decided by the arguments."""

    def run(candidate):
        gan = _players(large=large)
        events = []
        for name in ("opt_g", "opt_d"):
            getattr(gan, name).log = lambda what, name=name: events.append(f"{name} {what}")
        gan.generator.register_forward_hook(lambda *_: events.append("called"))
        for network in (gan.generator, gan.discriminator):
            for p in network.parameters():
                p.grad = torch.full_like(p, 0.3)
        before = _row(gan.generator)
        moved, returned = _play(candidate, gan, b, m, clip, 0.0, expected, seed)
        if again:
            moved, returned = _play(candidate, gan, b, m, clip, 0.0, expected, seed + 1)
        tensor = isinstance(returned, torch.Tensor)
        return {
            _D: moved,
            _G: _row(gan.generator) - before,
            _STATS: torch.cat([x.double().flatten() for x in gan.generator.buffers()]),
            _LOSS: float(returned.detach()) if tensor and returned.numel() == 1 else str(type(returned).__name__),
            _SHAPE: tuple(returned.shape) if tensor else None,
            _GRAPH: tensor and returned.requires_grad,
            _CALLS: events.count("called"),
            _STEPS: (events.count("opt_g steps"), events.count("opt_d steps")),
            _LEFT: any(p.grad is not None and bool((p.grad != 0.3).logical_and(p.grad != 0).any())
                for p in gan.generator.parameters()),
            _FROZEN: all(p.requires_grad for n in (gan.generator, gan.discriminator) for p in n.parameters()),
        }

    return scenario(label, run)


def _noisy(label: str, b: int, clip: float, noise: float, expected: float):
    """What noise adds to a step, in units of C on the sum of the gradients."""

    def run(candidate):
        quiet, _ = _play(candidate, _players(400), b, 6, clip, 0.0, expected, 1)
        added = [(_play(candidate, _players(400), b, 6, clip, noise, expected, s)[0]) for s in (1, 1)]
        first = added[0] - quiet
        torch.default_generator.manual_seed(77)
        gan = _players(400)
        torch.default_generator.manual_seed(9)
        real, z = (2 * uniform(b, 1, 2, 2, seed=1) - 1) * 3, normal(6, 3, seed=51)
        before = _row(gan.discriminator)
        candidate(gan, real if b else real.reshape(0, 1, 2, 2), z, clip, noise, expected)
        second = _row(gan.discriminator) - before - quiet
        scale = clip / expected
        first, second = first / scale, second / scale
        parts = first[:1600], first[1600:2000], first[2000:2400]
        size = max(noise, 1e-9)
        return {
            _SIZE: Near(torch.stack([p.std() for p in parts]), 0.17 * size),
            "the noise in units of C: its mean": Near(first.mean(), 0.15 * size),
            "the noise in units of C: its largest": Near(first.abs().max() / size, 1.6),
            "the noise: how many numbers are different": Near(torch.tensor(len(first.unique()) / len(first)), 0.1),
            _AGAIN: not torch.equal(first, second),
        }

    return scenario(label, run)


def _noise_times(first: float, second: float):
    """A symptom: in the two cases with noise it is so many times as large, and all else is right. Drawn in any order."""

    def seen(record) -> bool:
        times = [(got.value / wanted.value).mean().item() for got, wanted in record.pairs(_SIZE)]
        right = len(times) == 2 and all(0.9 < t / f < 1.1 for t, f in zip(times, (first, second), strict=True))
        return right and record.only("the noise")

    return seen


_EMPTY = "a step without noise on an empty batch"
_SUM = 'torch.einsum("b,b...->...", factors, g)'
_FACTORS = "(clip / norms.clamp(min=clip)).detach()"
_NORMS = "torch.stack([g.flatten(1).norm(dim=1) for g in each.values()]).norm(dim=0)"
_NOISE = "noise * clip * torch.randn_like(p)"
_ADDED = f"of_reals[name] + {_NOISE}"
_GRAD = "noisy / expected + of_fakes[name] / len(z)"
_TOLD = "told = F.softplus(gan.discriminator(fake)).mean()"
_LOSS_OF_ONE = "F.softplus(sign * logit)"
_LOG_REAL, _LOG_FAKE = "-torch.log(torch.sigmoid(logit))", "-torch.log(1 - torch.sigmoid(logit))"
_TOLD_BY_LOG = "told = -torch.log(1 - torch.sigmoid(gan.discriminator(fake))).mean()"
_SAVED = "of_fakes, of_reals = clipped_sum(fake, 1.0), clipped_sum(real, -1.0)"

exercise(
    "c3w1c.private_discriminator_step",
    "course_utils.steps.private:private_discriminator_step",
    cases=(
        _silent("a step without noise", 6, 6, 0.5, 6.0),
        _silent("a step without noise, more expected than came", 3, 7, 0.4, 8.0, seed=1),
        _silent("a step without noise, one image", 1, 2, 0.05, 5.0, seed=2),
        _silent("two steps without noise, with large weights", 5, 4, 2.0, 4.0, seed=3, large=3.0, again=True),
        _silent("a step without noise, with a clip that nothing reaches", 6, 5, 1e6, 6.0, seed=4),
        _silent("a step without noise, with huge logits", 6, 5, 0.5, 6.0, seed=6, large=80.0),
        _silent("a step without noise, with fakes that are called real for certain", 6, 5, 0.5, 6.0, seed=7, large=-80.0),
        _silent(_EMPTY, 0, 4, 0.5, 6.0, seed=5),
        _noisy("steps with noise", 5, 0.1, 1.5, 8.0),
        _noisy("steps with noise on an empty batch", 0, 0.2, 4.0, 2.0),
    ),
    mistakes=(
        mistake("nothing_clipped", (_FACTORS, "torch.ones_like(norms)"),
            "No gradient is clipped. One strange image may then change the weights by any amount, and no noise would hide it."),
        mistake("log_of_a_probability", (_LOSS_OF_ONE, "(-torch.log(torch.sigmoid(-sign * logit)))"),
            (_LOSS_OF_ONE, "(-torch.log(torch.sigmoid(-sign * logit)))", _TOLD, _TOLD_BY_LOG),
            (_LOSS_OF_ONE, "(-torch.log(1 - torch.sigmoid(sign * logit)))", _TOLD, _TOLD_BY_LOG),
            (_LOSS_OF_ONE, f"({_LOG_REAL} if sign < 0 else {_LOG_FAKE})"),
            (_LOSS_OF_ONE, f"({_LOG_REAL} if sign < 0 else {_LOG_FAKE})", _TOLD, _TOLD_BY_LOG),
            (_LOSS_OF_ONE, f"({_LOSS_OF_ONE} if sign < 0 else {_LOG_FAKE})"), (_TOLD, _TOLD_BY_LOG),
            (_LOSS_OF_ONE, f"({_LOSS_OF_ONE} if sign < 0 else {_LOG_FAKE})", _TOLD, _TOLD_BY_LOG),
            (_LOSS_OF_ONE, f"({_LOG_REAL} if sign < 0 else {_LOSS_OF_ONE})"),
            "With huge logits the weights become NaN, or the returned loss infinite: a probability is rounded to 0 or 1 before "
            "its logarithm. "
            "`F.softplus` takes the logit itself."),
        mistake("lengths_added", (".norm(dim=0)  # (B,)", ".sum(dim=0)"),
            "The lengths of the tensors are added. The length of the whole is the root of the sum of their *squares*."),
        mistake("squared_length", (_FACTORS, "(clip / norms.square().clamp(min=clip)).detach()"),
            "The factor is made of the *square* of the length: the root is missing. Then long gradients are made too short."),
        mistake("always_length_c", (_FACTORS, "clip / norms"), (_FACTORS, "clip / norms.clamp(min=1e-12)"),
            "Every gradient gets length C, the short ones as well. Only one that is longer is scaled down."),
        mistake("clamped_numbers", (_SUM, "g.clamp(-clip, clip).sum(dim=0)"),
            "The *numbers* of the gradients are clamped. It is the length of an image's whole gradient that is limited to C: "
            "scale it, so that it keeps its direction."),
        mistake("each_tensor_apart", (_SUM, 'torch.einsum("b,b...->...", clip / g.flatten(1).norm(dim=1).clamp(min=clip), g)'),
            "Every weight matrix and every bias is clipped by itself. With L of them an image may move sqrt(L) times "
            "C: take the "
            "length over all weights together."),
        mistake("batch_clipped",
            (f"return {{name: {_SUM} for name, g in each.items()}}",
             "total = {name: g.sum(0) for name, g in each.items()}\n"
             "        size = torch.stack([g.norm() for g in total.values()]).norm()\n"
             "        return {name: g * clip / size.clamp(min=clip) for name, g in total.items()}"),
            (f"return {{name: {_SUM} for name, g in each.items()}}",
             "total = {name: g.mean(0) for name, g in each.items()}\n"
             "        size = torch.stack([g.norm() for g in total.values()]).norm()\n"
             "        return {name: len(images) * g * clip / size.clamp(min=clip) for name, g in total.items()}"),
            Body("fake = gan.generator(z).detach()\n"
                 "told = F.softplus(gan.discriminator(fake)).mean()\n"
                 "gan.opt_d.zero_grad()\n"
                 "(told + F.softplus(-gan.discriminator(real)).sum() / expected).backward()\n"
                 "torch.nn.utils.clip_grad_norm_(gan.discriminator.parameters(), clip)\n"
                 "for p in gan.discriminator.parameters():\n"
                 "    p.grad += noise * clip * torch.randn_like(p) / expected\n"
                 "gan.opt_d.step()\nreturn told.detach()"),
            "The gradient of the *batch* is clipped, as `clip_grad_norm_` does. One image can still turn it round. Each image "
            "has a gradient of its own, and each is clipped before they are added."),
        mistake("fakes_not_clipped", ("of_fakes, of_reals = clipped_sum(fake, 1.0)",
                "of_fakes, of_reals = {n: g.sum(0) for n, g in "
                "vmap(grad(loss), in_dims=(None, 0, None))(weights, fake, 1.0).items()}"),
            "The gradients of the fakes are not clipped. Privacy does not need it, but the docstring does: with one "
            "side clipped "
            "and the other not, fakes outweigh reals."),
        mistake("divided_by_the_batch", (_GRAD, "noisy / max(1, len(real)) + of_fakes[name] / len(z)"),
            "The sum is divided by the number of images that came. That number is private; divide by `expected`."),
        mistake("divided_by_the_fakes", (_GRAD, "(noisy + of_fakes[name]) / len(z)"),
            (_GRAD, "noisy / len(z) + of_fakes[name] / len(z)"),
            "The part of the reals is divided by the number of fakes. Divide it by `expected`."),
        mistake("fakes_divided_by_expected", (_GRAD, "(noisy + of_fakes[name]) / expected"),
            "The part of the fakes is divided by `expected`. There are M of them, and M is not private: average over M."),
        mistake("noise_on_the_mean",
            (_ADDED, "of_reals[name]", _GRAD, f"noisy / expected + {_NOISE} + of_fakes[name] / len(z)"),
            "The noise is added after the division, so it is `expected` times too large. It belongs to the *sum*.",
            symptom=_noise_times(8.0, 2.0)),
        mistake("noise_divided_twice", (_NOISE, "noise * clip / expected * torch.randn_like(p)"),
            "The noise is divided by `expected` once more than it should be. Its standard deviation on the *sum* is "
            "sigma * C.", symptom=_noise_times(1 / 8, 1 / 2)),
        mistake("noise_without_c", (_NOISE, "noise * torch.randn_like(p)"),
            "The noise has the standard deviation sigma. It is measured in units of the clip: sigma * C.",
            symptom=_noise_times(1 / 0.1, 1 / 0.2)),
        mistake("variance", (_NOISE, "(noise * clip) ** 0.5 * torch.randn_like(p)"),
            "sigma * C is taken for the variance. It is the standard deviation."),
        mistake("squared_noise", (_NOISE, "(noise * clip) ** 2 * torch.randn_like(p)"),
            (_NOISE, "noise**2 * clip * torch.randn_like(p)"),
            "The noise has the standard deviation (sigma C)^2, or sigma^2 C. A factor before normal numbers *is* their "
            "standard deviation: sigma * C."),
        mistake("clipped_again", ("    gan.opt_d.step()\n",
                "    torch.nn.utils.clip_grad_norm_(gan.discriminator.parameters(), clip)\n    gan.opt_d.step()\n"),
            "The whole gradient is clipped once more, after the noise. Only each image's own gradient is clipped."),
        mistake("own_seed", ("weights = {name: p.detach()", "torch.manual_seed(0)\n    weights = {name: p.detach()"),
            "The noise is the same at every call: a seed is set inside. Whoever knows it can take the noise off."),
        mistake("even_noise", (_NOISE, "noise * clip * torch.rand_like(p)"),
            "The noise is not normal: `rand_like` draws from 0 to 1. The accountant counts normal noise."),
        mistake("one_number_for_all", (_NOISE, "noise * clip * torch.randn(())"),
            "All numbers of a tensor get the same noise. Draw one for each number of the sum."),
        mistake("noise_for_each_image", (_NOISE, "noise * clip * len(real) ** 0.5 * torch.randn_like(p)"),
            "The noise grows with the batch, as if each image had its own. One draw for the sum is asked for, also when the "
            "batch is empty."),
        mistake("no_noise", (_ADDED, "of_reals[name]"),
            "There is no noise. Clipping alone promises nothing."),
        mistake("noise_on_the_fakes", (_GRAD, f"noisy / expected + (of_fakes[name] + {_NOISE}) / len(z)"),
            "The fakes get noise, too. They are made of numbers that are private already; noise there only costs quality."),
        mistake("empty_skipped", (f"    {_SAVED}", "    if not len(real):\n        with torch.no_grad():\n"
                f"            return F.softplus(gan.discriminator(fake)).mean()\n    {_SAVED}"),
            ("    weights = {name: p.detach()", "    if not len(real):\n        return torch.zeros(())\n"
                "    weights = {name: p.detach()"),
            "An empty batch is skipped. The fakes and the noise are there all the same; and that a batch was empty is private, "
            "too."),
        mistake("empty_without_noise", (_ADDED, f"of_reals[name] + {_NOISE} * (len(real) > 0)"),
            "An empty batch gets no noise. Whoever compares the weights would see that nobody was there."),
        mistake("empty_fails",
            "With an empty batch it fails, and with others it runs. A batch may be empty: the sum is 0 then, and noise is "
            "added.",
            symptom=lambda r: [c for c, s in r.got.items() if s.error is not None] in (
                [_EMPTY, "steps with noise on an empty batch"], [_EMPTY]), cases=("empty batch",)),
        mistake("reals_and_fakes_swapped", ("clipped_sum(fake, 1.0)", "clipped_sum(fake, -1.0)", "clipped_sum(real, -1.0)",
                "clipped_sum(real, 1.0)"),
            "Reals and fakes are swapped: the discriminator is taught to call reals fake. -log D is `F.softplus(-logit)`."),
        mistake("reals_called_fake", ("clipped_sum(real, -1.0)", "clipped_sum(real, 1.0)"),
            "Reals are taught to be fake. Their loss is -log D(x) = `F.softplus(-logit)`."),
        mistake("fakes_called_real", ("clipped_sum(fake, 1.0)", "clipped_sum(fake, -1.0)"),
            "Fakes are taught to be real. Their loss is -log(1 - D) = `F.softplus(logit)`."),
        mistake("fakes_left_out", (" + of_fakes[name] / len(z)", ""),
            "The fakes do not count. Then calling everything real is the best answer."),
        mistake("old_gradients", ("p.grad = noisy", "p.grad = p.grad + noisy"),
            ("p.grad = noisy", "p.grad = (0 if p.grad is None else p.grad) + noisy"),
            "Gradients that were there before are added. Clear them first, or overwrite `p.grad`."),
        mistake("ascent", (f"p.grad = {_GRAD}", f"p.grad = -({_GRAD})"),
            "The gradient has the wrong sign: an optimiser goes down."),
        mistake("halved", (_GRAD, f"({_GRAD}) / 2"),
            "Both parts are halved, as some repositories have it. They are added as they are."),
        mistake("other_optimiser", ("gan.opt_d.step()", "gan.opt_g.step()"),
            "The generator's optimiser is stepped, not the discriminator's: `gan.opt_d`."),
        mistake("own_latents", ("gan.generator(z)", "gan.generator(torch.randn_like(z))"),
            "The fakes are not made of the given `z`."),
        mistake("evaluation", ("gan.generator(z)", "gan.generator.eval()(z)"),
            "The generator is put into evaluation mode. Its batch normalisation then uses other statistics than in training, "
            "and stays so afterwards."),
        mistake("a_number", ("return told", "return told.item()"),
            "A number of Python comes back. Return a tensor of shape (), without a graph: `.detach()`."),
        mistake("no_step", ("    gan.opt_d.step()\n", ""),
            "The optimiser of the discriminator is not stepped."),
        mistake("loss_of_the_reals", (_TOLD, "told = (F.softplus(-gan.discriminator(real)).sum() / max(1, len(real))"
                " + F.softplus(gan.discriminator(fake)).mean())"),
            "What is returned contains the loss of the reals. It is a number about private images that nobody accounted for: "
            "return that of the fakes."),
        mistake("loss_after_the_step", (f"    with torch.no_grad():\n        {_TOLD}\n    gan.opt_d.step()\n",
                f"    gan.opt_d.step()\n    with torch.no_grad():\n        {_TOLD}\n"),
            "The returned loss is that after the step. Return the one that the step was made for. (Weights that are only "
            "`.detach()`ed are no copy: they change with the step.)"),
        mistake("gradients_left_in_the_generator", ("gan.generator(z).detach()", "gan.generator(z)", "p.grad = noisy",
                "p.grad = noisy.detach()", "    gan.opt_d.step()\n", "    F.softplus(gan.discriminator(fake)).mean()"
                ".backward(inputs=list(gan.generator.parameters()))\n    gan.opt_d.step()\n"),
            "Gradients of this step are left in the generator's weights: the fakes were not detached. Make them under "
            "`torch.no_grad()`, or with `.detach()`.",
            symptom=lambda r: any(got and not wanted for got, wanted in r.pairs(_LEFT)), explains=(_LEFT,)),
        mistake("returns_graph", (f"    with torch.no_grad():\n        {_TOLD}\n", f"    {_TOLD}\n"),
            "The returned loss still carries its graph. Return `loss.detach()`.",
            symptom=lambda r: r.only(_GRAPH), explains=(_GRAPH,)),
        mistake("generator_steps", ("gan.opt_d.step()", "gan.opt_d.step()\n    gan.opt_g.step()"),
            "The generator's optimiser is stepped. This step changes the discriminator only."),
        mistake("averaged_images", ("fake = gan.generator(z)", "fake = gan.shown(z)"),
            "The fakes come from the averaged generator (`gan.shown`), not from the one that learns."),
        mistake("no_return", ("return told", "return None"),
            "The step returns None. Return the mean loss of the fakes."),
    ),
)

# --- the accountant ------------------------------------------------------------------------------------------------------

_MOMENT = "(k * k - k) / (2 * noise**2)"
_IMPROVED = "math.log1p(-1 / a) - (math.log(delta) + math.log(a)) / (a - 1)"
_DIVERGENCE = "steps * log_sum(logs) / (a - 1)"
_SMALL, _NOTHING = "called with little noise", "called without noise"
_CERTAIN = "called with rate=1, so that every record is in every batch"
_CHANCE = "return log + (a - k) * math.log1p(-rate) if k < a else log"


def _overflows(record) -> bool:
    # an overflow is all that is wrong
    wrong = [case for case, names in record.differing.items() if names]
    return bool(wrong) and all(isinstance(record.got[case].error, OverflowError) for case in wrong)


def _cost(*arguments, **options):
    return call(*arguments, number="float", **options)


exercise(
    "c3w1c.epsilon",
    "course_utils.accountant:epsilon",
    cases=(
        _cost(0.004, 1.3, 3750, 1e-5),
        _cost(0.004, 1.3, 3750, 1e-5, improved=False),
        _cost(0.1, 1.5, 500, 1e-4),
        _cost(0.5, 0.7, 3, 1e-4),
        _cost(0.001, 3.0, 20, 1e-5),
        _cost(1.0, 4.0, 10, 1e-5, label=_CERTAIN),
        _cost(0.05, 0.02, 100, 1e-4, label=_SMALL),
        _cost(0.02, 30.0, 1, 0.2, label="called with so much noise that it would be below 0"),
        _cost(0.3, 0.0, 5, 1e-4, label=_NOTHING),
        _cost(0.0, 1.0, 5, 1e-4, label="called with rate=0"),
        _cost(0.1, -1.0, 5, 1e-4, label="called with negative noise"),
        _cost(0.1, 1.0, -5, 1e-4, label="called with negative steps"),
        _cost(0.1, 1.0, 5, 0.0, label="called with delta=0"),
    ),
    mistakes=(
        mistake("a_tensor",
            "Epsilon comes back as a tensor. A number of Python is asked for, as `-> float` says: `.item()`, or functions of "
            "`math`.",
            symptom=lambda r: returns(r, "a tensor"), explains=(KIND,)),
        mistake("classic_always", ("if improved:", "if False:"),
            "The classic conversion is used always. The improved one is the default."),
        mistake("improved_always", ("if improved:", "if True:"),
            "The improved conversion is used always, also with `improved=False`."),
        mistake("conversions_swapped", ("if improved:", "if not improved:"),
            "The two conversions are swapped."),
        mistake("k_squared", (_MOMENT, "k * k / (2 * noise**2)"),
            "The exponent is k^2 / (2 sigma^2). It is (k^2 - k) / (2 sigma^2): with k = 1 the two neighbours weigh the same."),
        mistake("sigma_not_squared", (_MOMENT, "(k * k - k) / (2 * noise)"),
            "sigma is not squared in the exponent."),
        mistake("no_half", (_MOMENT, "(k * k - k) / noise**2"),
            "The 2 in the exponent's denominator is missing."),
        mistake("steps_forgotten", (_DIVERGENCE, "log_sum(logs) / (a - 1)"),
            "The steps do not count. Every look at the data costs the same again."),
        mistake("steps_squared", (_DIVERGENCE, "steps**0.5 * log_sum(logs) / (a - 1)"),
            "The divergence grows with the root of the steps. Rényi divergences add up: R is `steps` times that of one step."),
        mistake("steps_to_the_square", (_DIVERGENCE, "steps**2 * log_sum(logs) / (a - 1)"),
            "The steps are squared. Rényi divergences add up: R is `steps` times that of one step."),
        mistake("decimal_logarithm", ("- math.log(delta) / (a - 1)", "- math.log10(delta) / (a - 1)",
                "(math.log(delta) + math.log(a))", "(math.log10(delta) + math.log10(a))"),
            "The logarithms are decimal. All of them are natural: `math.log`."),
        mistake("decimal_logarithm_in_one", ("- math.log(delta) / (a - 1)", "- math.log10(delta) / (a - 1)"),
            ("(math.log(delta) + math.log(a))", "(math.log10(delta) + math.log10(a))"),
            "A logarithm is decimal in one of the two conversions. All of them are natural: `math.log`."),
        mistake("probabilities_swapped", ("k * math.log(rate)", "(a - k) * math.log(rate)",
                "(a - k) * math.log1p(-rate) if k < a else log", "k * math.log1p(-rate) if rate < 1 else log"),
            "q and 1 - q are swapped: k of the a are drawn, so it is q^k (1 - q)^(a - k)."),
        mistake("first_approximation", (_DIVERGENCE, "steps * a * rate**2 / (2 * noise**2)"),
            (_DIVERGENCE, "steps * a * rate**2 / noise**2"),
            "The divergence is approximated by a q^2 over sigma^2, which holds for small rates only and promises too much. "
            "Compute the sum."),
        mistake("one_order", ("for a in ORDERS:", "for a in [VALUE]:"),
            "Only the order VALUE is tried. Which one gives the smallest epsilon depends on the numbers: try all of `ORDERS`.",
            values=(3, 8, 10, 16, 32, 64)),
        mistake("not_divided", (_DIVERGENCE, "steps * log_sum(logs)"),
            "The divergence of a step is not divided by a - 1."),
        mistake("divided_by_the_order", (_DIVERGENCE, "steps * log_sum(logs) / a"),
            "The divergence is divided by a. It is a - 1."),
        mistake("largest", ("min(found)", "max(found)"),
            "The largest epsilon over the orders is returned. Each order gives a valid promise: take the smallest."),
        mistake("first_order", ("for a in ORDERS:", "for a in ORDERS[:1]:"),
            "Only the order 2 is tried."),
        mistake("no_binomial", ("math.lgamma(a + 1) - math.lgamma(k + 1) - math.lgamma(a - k + 1) + k", "k"),
            "The binomial coefficient is missing: it counts which k of the a are drawn."),
        mistake("last_term_missing", ("range(a + 1) if rate < 1 or k == a", "range(a) if rate < 1 or k == a - 1"),
            "The sum ends at k = a - 1. It goes to a, and that term is the largest where noise is small."),
        mistake("first_term_missing", ("in range(a + 1)", "in range(1, a + 1)"),
            "The sum begins at k = 1. It begins at 0."),
        mistake("not_all_orders",
            ("for a in ORDERS:", "for a in ORDERS[:-1]:"), ("for a in ORDERS:", "for a in ORDERS[:VALUE]:"),
            "Not all orders are tried. `ORDERS` goes from 2 to 64: a small epsilon needs a high order.", values=(9, 19, 31)),
        mistake("finite_without_noise",
            "Without noise there is no promise: sigma = 0 gives `math.inf`.",
            symptom=lambda r: [c for c, n in r.differing.items() if n] == [_NOTHING], cases=(_NOTHING,)),
        mistake("negative", ("max(0.0, min(found))", "min(found)"),
            "With much noise the formula falls below 0. No promise is better than 0."),
        mistake("logarithm_of_zero", (_CHANCE, "return log + (a - k) * math.log1p(-rate)"),
            "With q = 1 this takes the logarithm of 1 - q = 0. Every record is in the batch then: only the term of k = a is "
            "left, and the others are 0.",
            symptom=lambda r: r.only("the exception") and r.raised("math domain error")
                and [c for c, n in r.differing.items() if n] == [_CERTAIN]),
        mistake("rate_ignored", ("for k in range(a + 1) if rate < 1 or k == a", "for k in [a]", "chance(a, k) + (k", "(k"),
            "The rate is not used, as if every record were in every batch."),
        mistake("plus_log_delta", (_IMPROVED, "math.log1p(-1 / a) + (math.log(delta) + math.log(a)) / (a - 1)"),
            "The sign of the last term of the improved conversion is wrong: -log(delta) is positive, and a small delta costs."),
        mistake("log_of_a_added", (_IMPROVED, "math.log1p(-1 / a) - (math.log(delta) - math.log(a)) / (a - 1)"),
            "The sign of log(a) is wrong in the improved conversion. It makes epsilon smaller."),
        mistake("no_log_of_a", (_IMPROVED, "math.log1p(-1 / a) - math.log(delta) / (a - 1)"),
            "log(a) is missing from the improved conversion."),
        mistake("overflows",
            ("top = max(logs)", "top = 0.0"),
            "With little noise the exponentials are too large for a float. Keep their logarithms, and take out the "
            "largest: log "
            "sum exp.",
            symptom=lambda r: [c for c, n in r.differing.items() if n] == [_SMALL] or _overflows(r), cases=(_SMALL,)),
    ),
)

# --- diagnosis -----------------------------------------------------------------------------------------------------------

CLUES = {  # what the audit of a step says against every other name
    "step A": "its noise is as promised, on every batch. How far may one image move a sum in which each of six "
    "tensors may have "
    "length C? sqrt(6) is 2.45.",
    "step B": "compare its noise on a batch with images and on one without.",
    "step C": "how far may one image move a sum of which only the whole is limited? Compare its influence with the others.",
    "step D": "compare all three numbers with what was promised.",
    "step E": "its noise is too small by a factor. How large are the batches of the audit?",
}

diagnosis("c3w1c.diagnose", "course_utils.lessons.c3w1c.exercises:diagnose", Naming("step", CASES, NAMES, diagnose), CLUES)
