"""Answers to the two bounds on information."""

import math

import torch
import torch.nn.functional as F

from answers import Answers

CATEGORICAL, GAUSSIAN = C, G = Answers("c1w4c.categorical_information"), Answers("c1w4c.gaussian_information")
log = math.log

C.right(
    lambda x, c: log(x.shape[1]) - F.cross_entropy(x, c),
    lambda x, c: log(x.shape[1]) + torch.log_softmax(x, dim=1)[torch.arange(len(c)), c].mean(),
    lambda x, c: torch.distributions.Categorical(logits=x).log_prob(c).mean() + log(x.size(-1)),
    lambda x, c: log(x.shape[1]) - (x.logsumexp(dim=1) - x.gather(1, c[:, None]).squeeze(1)).mean(),
)
C.right(
    lambda x, c: F.cross_entropy(torch.zeros_like(x), c) - F.cross_entropy(x, c),
    lambda x, c: (F.one_hot(c, x.shape[1]) * (x.log_softmax(1) + log(x.shape[1]))).sum(1).mean(),
    lambda x, c: torch.stack([row[k] - row.logsumexp(0) + log(len(row)) for row, k in zip(x, c, strict=True)]).mean(),
)


@C.wrong("no_return")
def forgot(logits, category):
    math.log(logits.shape[1]) - F.cross_entropy(logits, category)


C.wrong("changes_input", lambda x, c: log(x.shape[1]) - F.cross_entropy(x.sub_(1), c))
C.wrong("not_reduced", lambda x, c: log(x.shape[1]) - F.cross_entropy(x, c, reduction="none"))
C.wrong("no_gradient", lambda x, c: (log(x.shape[1]) - F.cross_entropy(x, c)).item())
C.wrong(
    "negated",
    lambda x, c: F.cross_entropy(x, c) - log(x.shape[1]),
    lambda x, c: log(x.shape[1]) + F.cross_entropy(x, c),
)
C.wrong("without_entropy", lambda x, c: -F.cross_entropy(x, c))
C.wrong("cross_entropy_alone", F.cross_entropy)
C.wrong("ten_for_ever", lambda x, c: log(10) - F.cross_entropy(x, c))
C.wrong("softmax_first", lambda x, c: log(x.shape[1]) - F.cross_entropy(x.softmax(dim=1), c))
C.wrong(
    "probability",
    lambda x, c: log(x.shape[1]) + x.softmax(dim=1).gather(1, c[:, None]).mean(),
    lambda x, c: log(x.shape[1]) + x.softmax(dim=1).gather(1, c[:, None]).mean().log(),
)
C.wrong(
    "bits",
    lambda x, c: math.log2(x.shape[1]) - F.cross_entropy(x, c) / log(2),
    lambda x, c: math.log2(x.shape[1]) - F.cross_entropy(x, c),
)
C.wrong(
    "summed",
    lambda x, c: log(x.shape[1]) - F.cross_entropy(x, c, reduction="sum"),
    lambda x, c: (log(x.shape[1]) + x.log_softmax(1).gather(1, c[:, None])).sum(),
)
C.wrong(
    "images_for_categories",
    lambda x, c: log(x.shape[0]) - F.cross_entropy(x, c),
    lambda x, c: log(x.numel()) - F.cross_entropy(x, c),
)
C.wrong("log_missing", lambda x, c: x.shape[1] - F.cross_entropy(x, c))
C.wrong(
    "nll_of_logits",
    lambda x, c: log(x.shape[1]) - F.nll_loss(x, c),
    lambda x, c: log(x.shape[1]) + x.gather(1, c[:, None]).mean(),
    lambda x, c: x.gather(1, c[:, None]).mean(),
)
C.wrong(
    "unstable_log",
    lambda x, c: log(x.shape[1]) + x.softmax(1).log().gather(1, c[:, None]).mean(),
    lambda x, c: log(x.shape[1]) + (x.softmax(1) + 1e-8).log().gather(1, c[:, None]).mean(),
)
C.refused(
    lambda x, c: log(x.shape[1]) + (x.softmax(dim=1) + 1e-3).log().gather(1, c[:, None]).mean(),
    lambda x, c: log(x.shape[1]) - F.cross_entropy(x, c, label_smoothing=0.1),
    lambda x, c: log(x.shape[1]) + x.log_softmax(0).gather(1, c[:, None]).mean(),
    lambda x, c: (log(x.shape[1]) - F.cross_entropy(x, c)).clamp(min=0),
    lambda x, c: log(int(c.max()) + 1) - F.cross_entropy(x, c),
)


LOG_2PI = log(2 * math.pi)


def density(m, lv, c, half=0.5, constant=LOG_2PI):
    return -half * (constant + lv + (c - m) ** 2 * torch.exp(-lv))


def by_distribution(mean, log_variance, code):
    normal = torch.distributions.Normal(mean, torch.exp(log_variance / 2))
    return (normal.log_prob(code) + log(2)).sum(-1).mean()


def by_torch(mean, log_variance, code):
    each = F.gaussian_nll_loss(mean, code, log_variance.exp(), full=True, eps=1e-12, reduction="none")
    return mean.shape[1] * log(2) - each.sum(dim=1).mean()


G.right(
    by_distribution,
    by_torch,
    lambda m, lv, c: (log(2) + density(m, lv, c)).sum() / len(m),
    lambda m, lv, c: m.shape[1] * (log(2) + density(m, lv, c).mean()),
    lambda m, lv, c: by_distribution(m, lv, c.detach()),  # nobody learns from the code
    lambda m, lv, c: (log(2) + density(m, lv, c)).mean(0).sum(),
)


@G.wrong("no_return")
def forgot_too(mean, log_variance, code):
    (log(2) + density(mean, log_variance, code)).sum(dim=1).mean()


G.wrong("changes_input", lambda m, lv, c: (log(2) + density(m, lv, c.add_(1).sub_(1.5))).sum(dim=1).mean())
G.wrong("not_reduced", lambda m, lv, c: (log(2) + density(m, lv, c)).sum(dim=1))
G.wrong("no_gradient", lambda m, lv, c: by_distribution(m, lv, c).detach())
G.wrong("negated", lambda m, lv, c: -by_distribution(m, lv, c))
G.wrong("without_entropy", lambda m, lv, c: density(m, lv, c).sum(dim=1).mean())
G.wrong("likelihood_alone", lambda m, lv, c: -density(m, lv, c).sum(dim=1).mean())
G.wrong("entropy_once", lambda m, lv, c: log(2) + density(m, lv, c).sum(dim=1).mean())
G.wrong("averaged_over_codes", lambda m, lv, c: (log(2) + density(m, lv, c)).mean())
G.wrong("no_constant", lambda m, lv, c: (log(2) + density(m, lv, c, constant=0.0)).sum(dim=1).mean())
G.wrong("summed", lambda m, lv, c: (log(2) + density(m, lv, c)).sum())
G.wrong("entropy_subtracted", lambda m, lv, c: (log(0.5) + density(m, lv, c)).sum(dim=1).mean())
G.wrong(
    "no_log_variance",
    lambda m, lv, c: (log(2) - 0.5 * (LOG_2PI + (c - m) ** 2 / lv.exp())).sum(1).mean(),
)
G.wrong(
    "multiplied_by_variance",
    lambda m, lv, c: (log(2) - 0.5 * (LOG_2PI + lv + (c - m) ** 2 * lv.exp())).sum(1).mean(),
)
G.wrong(
    "half_detached",
    lambda m, lv, c: by_distribution(m, lv.detach(), c),
    lambda m, lv, c: by_distribution(m.detach(), lv, c),
)
G.wrong("no_half", lambda m, lv, c: (log(2) + density(m, lv, c, half=1.0)).sum(dim=1).mean())
G.wrong(
    "log_variance_as_deviation",
    lambda m, lv, c: (log(2) + torch.distributions.Normal(m, lv.exp()).log_prob(c)).sum(dim=1).mean(),
)
G.wrong(
    "log_variance_as_variance",
    lambda m, v, c: (log(2) + torch.distributions.Normal(m, v.abs() ** 0.5).log_prob(c)).sum(dim=1).mean(),
    lambda m, v, c: (log(2) - 0.5 * (log(2 * math.pi) + v.log() + (c - m) ** 2 / v)).sum(dim=1).mean(),
)
G.refused(
    lambda m, lv, c: -F.mse_loss(m, c),
    lambda m, lv, c: by_distribution(lv, m, c),
    lambda m, lv, c: by_distribution(m, lv.clamp(min=-1), c),
)

C.right(
    lambda x, c: log(x.shape[1]) - F.cross_entropy(x, F.one_hot(c, x.shape[1]).to(x.dtype)),
    lambda x, c: torch.log(torch.tensor(x.shape[-1])) - torch.nn.CrossEntropyLoss()(x, c),
)
C.wrong("accuracy", lambda x, c: (x.argmax(1) == c).double().mean())
C.wrong("no_gradient", lambda x, c: log(x.shape[1]) * (x.argmax(1) == c).float().mean())
C.wrong("clamped", lambda x, c: (log(x.shape[1]) - F.cross_entropy(x, c)).abs())
C.wrong("everybody_with_everybody", lambda x, c: log(x.shape[1]) + x.log_softmax(1)[:, c].mean())
C.wrong("category_unused", lambda x, c: log(x.shape[1]) + x.log_softmax(1).max(1).values.mean())
C.wrong("summed", lambda x, c: x.shape[1] - F.cross_entropy(x, c, reduction="sum"))  # and the logarithm is missing
C.refused(lambda x, c: log(x.shape[1]) - F.cross_entropy(x, c[:, None]), lambda x, c: F.cross_entropy(c, x))

G.right(lambda m, lv, c: m.size(1) * (log(2) - F.gaussian_nll_loss(m, c, lv.exp(), full=True, eps=0)))
G.wrong(
    "defaults_of_the_loss",
    lambda m, lv, c: (log(2) - F.gaussian_nll_loss(m, c, lv.exp(), reduction="none")).sum(1).mean(),
)
G.wrong(
    "variance_limited",
    lambda m, lv, c: (log(2) - F.gaussian_nll_loss(m, c, lv.exp(), full=True, reduction="none")).sum(1).mean(),
    lambda m, lv, c: by_distribution(m, lv.exp().clamp(min=1e-4).log(), c),
    lambda m, lv, c: (log(2) - 0.5 * (LOG_2PI + lv + (c - m) ** 2 / (lv.exp() + 1e-6))).sum(1).mean(),
)
G.wrong("log_variance_as_variance", lambda m, lv, c: torch.distributions.Normal(m, lv).log_prob(c).sum(1).mean())
G.wrong("signs_inside", lambda m, lv, c: (log(2) - density(m, lv, c)).sum(1).mean())
G.wrong("squared_error", lambda m, lv, c: -F.mse_loss(m, c))
