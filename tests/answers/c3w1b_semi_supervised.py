"""Answers to the exercises of the semi-supervised GAN."""

import torch
import torch.nn.functional as F

from answers import Answers, name_cases
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


KEY = {case: diagnose(case) for case in CASES}
name_cases(DIAGNOSE, KEY, NAMES)
