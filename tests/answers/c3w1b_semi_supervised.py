"""Answers to the exercises of the semi-supervised GAN."""

import torch
import torch.nn.functional as F

from answers import Answers, name_cases, written
from course_utils.lessons.c3w1b.exercises import CASES, NAMES, diagnose
from course_utils.semi_supervised_losses import feature_matching_loss, semi_supervised_loss

LOSS = Answers("c3w1b.semi_supervised_loss")
MATCH = Answers("c3w1b.feature_matching_loss")
ROUND = Answers("c3w1b.semi_supervised_round")
GUESS = Answers("c3w1b.pseudo_label_loss")
DIAGNOSE = Answers("c3w1b.diagnose")


@LOSS.right
def as_in_the_paper(labelled_logits, labels, unlabelled_logits, fake_logits):
    """The three parts as the paper's code writes them, with z - l_y for the labelled."""
    own = labelled_logits.gather(1, labels[:, None]).squeeze(1)
    z_l, z_u, z_f = (torch.logsumexp(x, dim=1) for x in (labelled_logits, unlabelled_logits, fake_logits))
    unlabelled = -0.5 * z_u.mean() + 0.5 * F.softplus(z_u).mean()
    return (z_l - own).mean() + unlabelled + 0.5 * F.softplus(z_f).mean()


@LOSS.right
def with_a_column_of_zeros(labelled_logits, labels, unlabelled_logits, fake_logits):
    """K + 1 logits, the last of them 0."""
    real = F.log_softmax(F.pad(unlabelled_logits, (0, 1)), dim=1)[:, :-1].logsumexp(dim=1)
    fake = F.log_softmax(F.pad(fake_logits, (0, 1)), dim=1)[:, -1]
    return F.cross_entropy(labelled_logits, labels) - real.mean() / 2 - fake.mean() / 2


@LOSS.right
def with_bce(labelled_logits, labels, unlabelled_logits, fake_logits):
    u, f = unlabelled_logits.logsumexp(1), fake_logits.logsumexp(1)
    real = F.binary_cross_entropy_with_logits(u, torch.ones_like(u))
    fake = F.binary_cross_entropy_with_logits(f, torch.zeros_like(f))
    return F.nll_loss(labelled_logits.log_softmax(1), labels) + (real + fake) / 2


@LOSS.refused
def sgan(labelled_logits, labels, unlabelled_logits, fake_logits):
    """A fake class beside the others in the labelled part, and D from the likeliest class."""
    u, f = unlabelled_logits.amax(1), fake_logits.amax(1)
    supervised = F.cross_entropy(F.pad(labelled_logits, (0, 1)), labels)
    return supervised + (F.softplus(-u).mean() + F.softplus(f).mean()) / 2


@MATCH.right
def by_mse(real_features, fake_features):
    return F.mse_loss(fake_features.mean(0), real_features.mean(0).detach())


@MATCH.right
def without_grad(real_features, fake_features):
    with torch.no_grad():
        wanted = real_features.sum(dim=0) / len(real_features)
    return ((wanted - fake_features.mean(dim=0)) ** 2).sum() / len(wanted)


@ROUND.right
def with_names(gan, labelled, labels, unlabelled, z):
    fakes = gan.generator(z)
    d = gan.discriminator
    few, many, made = d(labelled), d(unlabelled), d(fakes.detach())
    gan.opt_d.zero_grad()
    d_loss = semi_supervised_loss(few, labels, many, made)
    d_loss.backward()
    gan.opt_d.step()
    gan.opt_g.zero_grad()
    g_loss = feature_matching_loss(d.features(unlabelled).detach(), d.features(fakes))
    g_loss.backward()
    gan.opt_g.step()
    return d_loss.detach(), g_loss.detach()


@ROUND.right
def fakes_first_and_no_no_grad(gan, labelled, labels, unlabelled, z):
    fake = gan.generator(z)
    logits = gan.discriminator(fake.detach())
    loss = semi_supervised_loss(gan.discriminator(labelled), labels, gan.discriminator(unlabelled), logits)
    gan.opt_d.zero_grad(set_to_none=True)
    loss.backward()
    gan.opt_d.step()
    matched = feature_matching_loss(gan.discriminator.features(unlabelled), gan.discriminator.features(fake))
    gan.opt_g.zero_grad(set_to_none=True)
    matched.backward()
    gan.opt_g.step()
    return loss.detach(), matched.detach()


@GUESS.right
def by_a_mask(logits, guess_logits, threshold=0.9):
    with torch.no_grad():
        p = guess_logits.softmax(1)
        sure = p.amax(1) >= threshold
        labels = p.argmax(1)
    return (F.cross_entropy(logits, labels, reduction="none") * sure.to(logits)).sum() / len(logits)


@GUESS.right
def only_the_sure(logits, guess_logits, threshold=0.9):
    p, labels = guess_logits.detach().softmax(1).max(1)
    sure = p >= threshold
    return F.cross_entropy(logits[sure], labels[sure], reduction="sum") / len(logits)


@GUESS.wrong("no_graph_where_nobody_is_sure")
def a_new_zero(logits, guess_logits, threshold=0.9):
    p, labels = guess_logits.detach().softmax(1).max(1)
    sure = p >= threshold
    if not sure.any():
        return logits.new_zeros(())
    return F.cross_entropy(logits[sure], labels[sure], reduction="sum") / len(logits)


# --- in other words, and changed in one place ----------------------------------------------------------------------------


def _changed(table, code, *changes: str):
    """An answer to the exercise of this table, each first text in the place of which the second stands."""
    for old, new in zip(changes[::2], changes[1::2], strict=True):
        assert old in code, old
        code = code.replace(old, new)
    return written(code, table.exercise)


_GUESS = """
def pseudo_label_loss(logits, guess_logits, threshold=0.9):
    probs = guess_logits.detach().softmax(dim=1)
    conf, guess = probs.max(dim=1)
    mask = (conf >= threshold).to(logits.dtype)
    losses = F.cross_entropy(logits, guess, reduction="none")
    return (losses * mask).mean()
"""
_ONE_LOSS_EACH = 'F.cross_entropy(logits, guess, reduction="none")'


def _guess(*changes: str):
    return _changed(GUESS, _GUESS, *changes)


GUESS.right(_guess(), _guess("guess_logits.detach()", "guess_logits"), written("""
def pseudo_label_loss(logits, guess_logits, threshold=0.9):
    conf, guess = guess_logits.detach().softmax(1).max(1)
    guess[conf < threshold] = -100
    return F.cross_entropy(logits, guess, ignore_index=-100, reduction="sum") / len(guess)
""", GUESS.exercise))  # fmt: skip
GUESS.wrong("mean_of_the_sure", _guess("(losses * mask).mean()", "(losses * mask).sum() / mask.sum()"))
GUESS.wrong("mean_of_the_sure", _guess("(losses * mask).mean()", "losses[conf >= threshold].mean()"))
GUESS.wrong("threshold_fixed", _guess(">= threshold", ">= 0.95"))
GUESS.wrong("sigmoid", _guess("softmax(dim=1)", "sigmoid()"))
GUESS.wrong("over_the_images", _guess("softmax(dim=1)", "softmax(dim=0)"))
GUESS.wrong("sure_of_itself", _guess("(conf >=", "(logits.softmax(1).amax(1) >="))
GUESS.wrong("learner_and_guesser_swapped", written("""
def pseudo_label_loss(logits, guess_logits, threshold=0.9):
    p, y = logits.detach().softmax(1).max(1)
    return (F.cross_entropy(guess_logits, y, reduction="none") * (p >= threshold)).mean()
""", GUESS.exercise))  # fmt: skip
GUESS.wrong("one_decision_for_all", _guess("(conf >= threshold).to(logits.dtype)", "float((conf >= threshold).all())"))
GUESS.wrong("divided_twice", _guess("(losses * mask).mean()", "(losses * mask).mean() / len(logits)"))
GUESS.wrong("logits_for_log_probabilities", _guess("F.cross_entropy(", "F.nll_loss("))
GUESS.wrong("distance_of_probabilities", _guess(_ONE_LOSS_EACH, "(logits.softmax(1) - probs).square().mean(1)"))
GUESS.wrong("soft_labels", _guess("(logits, guess,", "(logits, guess_logits.softmax(1),"))
_PICKED = "logits.softmax(1)[torch.arange(len(guess)), guess]"
GUESS.wrong("log_of_a_probability", _guess(_ONE_LOSS_EACH, f"-{_PICKED}.log()"))
GUESS.wrong("log_of_a_probability", _guess(_ONE_LOSS_EACH, f"-({_PICKED} + 1e-8).log()"))
GUESS.wrong("no_graph_where_nobody_is_sure", written("""
def pseudo_label_loss(logits, guess_logits, threshold=0.9):
    p, y = guess_logits.detach().softmax(1).max(1)
    sure = p >= threshold
    if not sure.any():
        return 0
    return F.cross_entropy(logits[sure], y[sure], reduction="sum") / len(y)
""", GUESS.exercise))  # fmt: skip
GUESS.refused(_guess("F.cross_entropy(logits, guess", "F.cross_entropy(logits, probs", "mean()", "sum() / mask.sum()"))

_LOSS = """
def semi_supervised_loss(labelled_logits, labels, unlabelled_logits, fake_logits):
    z_u = torch.logsumexp(unlabelled_logits, dim=1)
    z_f = torch.logsumexp(fake_logits, dim=1)
    supervised = F.cross_entropy(labelled_logits, labels)
    real, fake = F.softplus(-z_u).mean(), F.softplus(z_f).mean()
    return supervised + 0.5 * real + 0.5 * fake
"""
_U, _F, _PARTS = "F.softplus(-z_u)", "F.softplus(z_f)", "0.5 * real + 0.5 * fake"


def _loss(*changes: str):
    return _changed(LOSS, _LOSS, *changes)


LOSS.right(_loss(), _loss(_U, "-F.logsigmoid(z_u)", _F, "-F.logsigmoid(-z_f)"), _loss(_U, "torch.logaddexp(0 * z_u, -z_u)"))
LOSS.right(_loss("F.cross_entropy(labelled_logits,", "F.cross_entropy(labelled_logits.log_softmax(1),"))
LOSS.wrong("log_of_a_probability", _loss(_U, "-(z_u.sigmoid() + 1e-7).log()", _F, "-(1 - z_f.sigmoid() + 1e-7).log()"))
LOSS.wrong("log_of_a_probability", _loss(_U, "F.binary_cross_entropy(z_u.sigmoid(), torch.ones_like(z_u))"))
LOSS.wrong("last_column_is_fake", _loss(_U, "-(1 - unlabelled_logits.softmax(1)[:, -1]).log()",
    _F, "-fake_logits.log_softmax(1)[:, -1]"))  # fmt: skip
LOSS.wrong("over_the_images", _loss("dim=1", "dim=0"))
LOSS.wrong("z_without_exponential", _loss(_U, "-(z_u / (z_u + 1)).log()", _F, "-(1 - z_f / (z_f + 1)).log()"))
LOSS.wrong("one_mean_for_both", _loss(_PARTS, f"torch.cat([{_U}, {_F}]).mean()"))
LOSS.wrong("labelled_among_unlabelled", _loss("(unlabelled_logits,", "(torch.cat([labelled_logits, unlabelled_logits]),"))
LOSS.wrong("one_against_the_rest", _loss("F.cross_entropy(labelled_logits, labels)",
    "F.binary_cross_entropy_with_logits(labelled_logits, F.one_hot(labels, labelled_logits.size(1)).double())"))  # fmt: skip
LOSS.wrong("logits_for_log_probabilities", _loss("F.cross_entropy(", "F.nll_loss("))
LOSS.wrong("hinge", _loss(_U, "F.relu(1 - z_u)", _F, "F.relu(1 + z_f)"))
LOSS.wrong("all_in_thirds", _loss(f"supervised + {_PARTS}", "(supervised + real + fake) / 3"))
LOSS.wrong("real_and_fake_swapped", _loss(_U, "F.softplus(z_u)", _F, "F.softplus(-z_f)"))
LOSS.wrong("maximum", _loss("torch.logsumexp", "torch.amax", "0.5 * ", ""))

_MATCH = """
def feature_matching_loss(real_features, fake_features):
    real = real_features.detach().mean(dim=0)
    fake = fake_features.mean(dim=0)
    return (fake - real).square().mean()
"""
_SQUARES = "(fake - real).square().mean()"


def _match(*changes: str):
    return _changed(MATCH, _MATCH, *changes)


MATCH.right(_match(), _match(_SQUARES, "(fake - real) @ (fake - real) / len(fake)"), _match("dim=0", "dim=0, keepdim=True"))
MATCH.wrong("means_over_features", _match("dim=0", "dim=1"))
MATCH.wrong("means_of_squares", _match(_SQUARES, "F.mse_loss(fake_features, real_features.detach())"))
MATCH.wrong("means_of_squares", _match(_SQUARES, "(fake_features[:, None] - real_features.detach()).square().mean()"))
MATCH.wrong("summed_over_images", _match(".mean(dim=0)", ".sum(dim=0)"))
_SPREADS = "(fake_features.std(0) - real_features.detach().std(0)).pow(2).mean()"
MATCH.wrong("spread_matched_too", _match(_SQUARES, f"{_SQUARES} + {_SPREADS}"))
MATCH.wrong("huber", _match(_SQUARES, "F.smooth_l1_loss(fake, real)"))
MATCH.wrong("root", _match(_SQUARES, f"{_SQUARES}.sqrt()"))
MATCH.wrong("not_squared", _match("square()", "abs()", "dim=0", "dim=1"))
MATCH.refused(_match(_SQUARES, "1 - F.cosine_similarity(fake, real, dim=0)"))
MATCH.refused(_match("fake_features.mean(dim=0)", "fake_features[0]"))

_ROUND = """
def semi_supervised_round(gan, labelled, labels, unlabelled, z):
    D = gan.discriminator
    fakes = gan.generator(z)
    d_loss = semi_supervised_loss(D(labelled), labels, D(unlabelled), D(fakes.detach()))
    gan.opt_d.zero_grad()
    d_loss.backward()
    gan.opt_d.step()
    real = D.features(unlabelled).detach()
    g_loss = feature_matching_loss(real, D.features(fakes))
    gan.opt_g.zero_grad()
    g_loss.backward()
    gan.opt_g.step()
    return d_loss.detach(), g_loss.detach()
"""
_BACK = "return d_loss.detach(), g_loss.detach()"


def _round(*changes: str):
    return _changed(ROUND, _ROUND, *changes)


ROUND.right(_round())
ROUND.right(_round("    real =", "    D.requires_grad_(False)\n    real =",
    "    return", "    D.requires_grad_(True)\n    return"))  # fmt: skip
ROUND.wrong("one_call_for_all_kinds", _round("semi_supervised_loss(D(labelled), labels, D(unlabelled), D(fakes.detach()))",
    "(lambda l, u, f: semi_supervised_loss(l, labels, u, f))("
    "*D(torch.cat([labelled, unlabelled, fakes.detach()])).chunk(3))"))  # fmt: skip
ROUND.wrong("new_noise_in_the_second_step", _round("D.features(fakes)", "D.features(gan.generator(torch.randn_like(z)))"))
ROUND.wrong("fakes_cut_off", _round("(real, D.features(fakes))", "(D.features(fakes), real)"))
ROUND.wrong("left_frozen", _round("    real =", "    D.requires_grad_(False)\n    real ="))
ROUND.wrong("target_from_before", _round("    real = D.features(unlabelled).detach()\n", "",
    "    fakes =", "    real = D.features(unlabelled).detach()\n    fakes ="))  # fmt: skip
ROUND.wrong("one_backward_for_both", written("""
def semi_supervised_round(gan, labelled, labels, unlabelled, z):
    D = gan.discriminator
    fakes = gan.generator(z)
    d = semi_supervised_loss(D(labelled), labels, D(unlabelled), D(fakes.detach()))
    g = feature_matching_loss(D.features(unlabelled), D.features(fakes))
    gan.opt_d.zero_grad(); gan.opt_g.zero_grad()
    (d + g).backward()
    gan.opt_d.step(); gan.opt_g.step()
    return d.detach(), g.detach()
""", ROUND.exercise))  # fmt: skip
ROUND.wrong("labels_for_the_unlabelled", _round("D(labelled), labels, D(unlabelled)", "D(unlabelled), labels, D(labelled)"))
ROUND.wrong("softmax_first", _round("D(labelled), labels", "D(labelled).softmax(1), labels"))
ROUND.wrong("several_steps_of_the_discriminator", _round("gan.opt_d.step()", "gan.opt_d.step(); gan.opt_d.step()"))
ROUND.wrong("returns_other", _round(_BACK, "return {'d': d_loss.detach(), 'g': g_loss.detach()}"))
ROUND.wrong("returns_other", _round(_BACK, "return d_loss.detach()"))
ROUND.wrong("fakes_made_twice", _round("D.features(fakes)", "D.features(gan.generator(z))", "    gan.opt_g.zero_grad()\n", ""))

KEY = {case: diagnose(case) for case in CASES}
name_cases(DIAGNOSE, KEY, NAMES)
