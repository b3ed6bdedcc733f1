"""Answers to one-sided smoothing and the relativistic loss."""

import torch
import torch.nn.functional as F

from answers import Answers, filled

SMOOTHING, RELATIVISTIC = S, R = Answers("c1w3c.smoothing"), Answers("c1w3c.relativistic_loss")
bce = F.binary_cross_entropy_with_logits

# --- one-sided smoothing ----------------------------------------------------------------------------------------------


def soft(logits, label):
    return bce(logits, torch.full_like(logits, label))


S.right(
    lambda r, f, smoothing=0.1: soft(r, 1 - smoothing) + soft(f, 0.0),
    lambda r, f, smoothing=0.1: (F.softplus(-r) + smoothing * r).mean() + F.softplus(f).mean(),
    lambda r, f, smoothing=0.1: -((1 - smoothing) * F.logsigmoid(r) + smoothing * F.logsigmoid(-r)).mean()
    - F.logsigmoid(-f).mean(),
    lambda r, f, smoothing=0.1: (1 - smoothing) * soft(r, 1.0) + smoothing * soft(r, 0.0) + soft(f, 0.0),
    lambda r, f, s=0.1: torch.lerp(F.softplus(-r), F.softplus(r), s).mean() + F.softplus(f).sum() / f.numel(),
    filled("c1w3c.smoothing", "labels = torch.full_like(real_logits, 1 - smoothing)\n"
           "real = F.binary_cross_entropy_with_logits(real_logits, labels)\n"
           "return real + F.softplus(fake_logits).mean()"),
)  # fmt: skip


@S.wrong("no_return")
def forgot(r, f, smoothing=0.1):
    soft(r, 1 - smoothing) + soft(f, 0.0)


S.wrong("changes_input", lambda r, f, s=0.1: (F.softplus(-r.detach().mul_(0.9)) + s * r).mean() + F.softplus(f).mean())
S.wrong(
    "not_reduced",
    lambda r, f, s=0.1: F.softplus(r) - (1 - s) * r + F.softplus(f),
    lambda r, f, s=0.1: (F.softplus(r) - (1 - s) * r).mean(0) + F.softplus(f).mean(0),
)
S.wrong(
    "no_gradient",
    lambda r, f, s=0.1: (soft(r, 1 - s) + soft(f, 0.0)).item(),
    lambda r, f, s=0.1: soft(r.data, 1 - s) + soft(f.data, 0.0),
)
S.wrong("label_is_smoothing", lambda r, f, s=0.1: soft(r, s) + soft(f, 0.0))
S.wrong(
    "two_sided",
    lambda r, f, s=0.1: soft(r, 1 - s) + soft(f, s),
    lambda r, f, s=0.1: (soft(r, 1 - s) + soft(f, s)) / 2,
)
S.wrong("fakes_only", lambda r, f, s=0.1: soft(r, 1.0) + soft(f, s))
S.wrong("only_scaled", lambda r, f, s=0.1: (1 - s) * F.softplus(-r).mean() + F.softplus(f).mean())
S.wrong("not_weighted", lambda r, f, s=0.1: (F.softplus(-r) + s * F.softplus(r)).mean() + F.softplus(f).mean())
S.wrong("half_smoothed", lambda r, f, s=0.1: soft(r, 1 - s / 2) + soft(f, 0.0))
S.wrong("not_smoothed", lambda r, f, s=0.1: soft(r, 1.0) + soft(f, 0.0))
S.wrong("label_written_out", lambda r, f, s=0.1: soft(r, 0.9) + soft(f, 0.0))
S.wrong(
    "labels_swapped",
    lambda r, f, s=0.1: soft(r, 0.0) + soft(f, 1 - s),
    lambda r, f, s=0.1: soft(f, 1.0) + soft(r, s),
)
S.wrong(
    "sigmoid_before_logits",
    lambda r, f, s=0.1: soft(torch.sigmoid(r), 1 - s) + soft(torch.sigmoid(f), 0.0),
)
S.wrong("loss_summed", lambda r, f, s=0.1: (F.softplus(r) - (1 - s) * r).sum() + F.softplus(f).sum())
S.wrong("loss_halved", lambda r, f, s=0.1: (soft(r, 1 - s) + soft(f, 0.0)) / 2)
S.wrong(
    "random_labels",
    lambda r, f, s=0.1: bce(r, 1 - s * torch.rand_like(r)) + soft(f, 0.0),
)
S.wrong(
    "half_detached",
    lambda r, f, s=0.1: soft(r, 1 - s) + soft(f.detach(), 0.0),
    lambda r, f, s=0.1: soft(r.detach(), 1 - s) + soft(f, 0.0),
)


def with_probabilities(r, f, s=0.1):
    p, q = torch.sigmoid(r), torch.sigmoid(f)
    return -((1 - s) * p.log() + s * (1 - p).log()).mean() - (1 - q).log().mean()


S.wrong("unstable_log", with_probabilities)
S.wrong("fakes_called_real", lambda r, f, s=0.1: soft(r, 1 - s) + F.softplus(-f).mean())
S.wrong("reals_only", lambda r, f, s=0.1: soft(r, 1 - s))
S.wrong("wrong_sign", lambda r, f, s=0.1: -(soft(r, 1 - s) + soft(f, 0.0)))
S.refused(
    lambda r, f, s=0.1: (1 - s) * soft(r, 1.0) + s + soft(f, 0.0),
    lambda r, f, s=0.1: soft(r, 1 - s) - soft(f, 0.0),
    lambda r, f, s=0.2: soft(r, 1 - s) + soft(f, 0.0),
    lambda r, f: soft(r, 0.9) + soft(f, 0.0),
    lambda r, f, s=0.1: soft(r, 1 + s) + soft(f, 0.0),
    lambda r, f, s=0.1: (1 - s - r).square().mean() + f.square().mean(),
    lambda r, f, s=0.1: (F.softplus(r) - (1 - s) * r + F.softplus(f)).mean(),
    lambda r, f, s=0.1: soft(r.clamp(-20, 20), 1 - s) + soft(f.clamp(-20, 20), 0.0),
    bce,
)

# --- relativistic pairing ---------------------------------------------------------------------------------------------

R.right(
    lambda r, f: F.softplus(f - r).mean(),
    lambda r, f: -F.logsigmoid(r - f).mean(),
    lambda r, f: bce(r - f, torch.ones_like(r)),
    lambda r, f: (torch.logsumexp(torch.cat([r, f], 1), 1) - r.squeeze(1)).mean(),
    lambda r, f: F.cross_entropy(torch.cat([r, f], 1), torch.zeros(len(r), dtype=torch.long)),
    lambda r, f: sum(F.softplus(b - a) for a, b in zip(r.flatten(), f.flatten(), strict=True)) / len(r),
    filled("c1w3c.relativistic_loss", "return F.softplus(-(real_logits - fake_logits)).mean()"),
)


@R.wrong("no_return")
def nothing(r, f):
    F.softplus(f - r).mean()


R.wrong("changes_input", lambda r, f: F.softplus(f - r.detach().add_(1)).mean())
R.wrong("not_reduced", lambda r, f: F.softplus(f - r), lambda r, f: F.softplus(f - r).mean(0))
R.wrong("no_gradient", lambda r, f: F.softplus(f - r).mean().item(), lambda r, f: F.softplus(f.data - r.data).mean())
R.wrong("other_way_round", lambda r, f: F.softplus(r - f).mean(), lambda r, f: bce(f - r, torch.ones_like(r)))
R.wrong(
    "every_with_every",
    lambda r, f: F.softplus(f.flatten() - r).mean(),
    lambda r, f: F.softplus(f - r.view(-1)).mean(),
)
R.wrong(
    "against_the_mean",
    lambda r, f: (F.softplus(f.mean() - r).mean() + F.softplus(f - r.mean()).mean()) / 2,
    lambda r, f: F.softplus(f.mean() - r).mean() + F.softplus(f - r.mean()).mean(),
    lambda r, f: F.softplus(f.mean() - r).mean(),
)
R.wrong("mean_before_softplus", lambda r, f: F.softplus(f.mean() - r.mean()))
R.wrong(
    "not_relativistic",
    lambda r, f: F.softplus(-r).mean() + F.softplus(f).mean(),
    lambda r, f: (F.softplus(-r).mean() + F.softplus(f).mean()) / 2,
)
R.wrong("wasserstein", lambda r, f: (f - r).mean())
R.wrong("sigmoid_first", lambda r, f: F.softplus(torch.sigmoid(f) - torch.sigmoid(r)).mean())
R.wrong("both_sides", lambda r, f: F.softplus(f - r).mean() + F.softplus(r - f).mean())
R.wrong("loss_summed", lambda r, f: F.softplus(f - r).sum())
R.wrong("hinge", lambda r, f: F.relu(1 - (r - f)).mean())
R.wrong(
    "half_detached",
    lambda r, f: F.softplus(f.detach() - r).mean(),
    lambda r, f: F.softplus(f - r.detach()).mean(),
)
R.wrong(
    "unstable_log",
    lambda r, f: -torch.log(torch.sigmoid(r - f)).mean(),
    lambda r, f: torch.log(1 + torch.exp(f - r)).mean(),
    lambda r, f: F.soft_margin_loss(r - f, torch.ones_like(r)),
)
R.wrong("no_lower_end", lambda r, f: -F.softplus(r - f).mean())
R.wrong("wrong_sign", lambda r, f: F.logsigmoid(r - f).mean(), lambda r, f: -F.softplus(f - r).mean())
R.wrong("wrong_size", lambda r, f: F.softplus(f - r).mean() / 2, lambda r, f: 2 * F.softplus(f - r).mean())


@R.right
def with_absolute_values(r, f):
    d = r - f
    return (d.relu() - d + torch.log1p(torch.exp(-d.abs()))).mean()


R.refused(
    lambda r, f: F.softplus(-r - f).mean(),
    lambda r, f: (r - f - 1).square().mean(),
    lambda r, f: F.softplus(f - r).max(),
    lambda r, f: F.softplus(f - r)[0].mean(),
    lambda r, f: F.softplus(2 * (f - r)).mean(),
    lambda r, f: F.softplus((f - r).clamp(-20, 20)).mean(),
    lambda r, f: F.softplus(f - r).mean() + 1,
    lambda r: F.softplus(-r).mean(),
    F.softplus,
    "softplus",
)


@S.wrong("wrong_default")
def smoothing_of_a_fifth(real_logits, fake_logits, smoothing=0.2):
    if not 0 <= smoothing < 0.5:
        raise ValueError("smoothing")
    real = (1 - smoothing) * F.softplus(-real_logits) + smoothing * F.softplus(real_logits)
    return real.mean() + F.softplus(fake_logits).mean()


# --- in other words, and two mistakes at once --------------------------------------------------------------------------

S.right(lambda r, f, s=0.1: soft(r, 1 - s) + torch.logaddexp(torch.zeros_like(f), f).mean())
S.wrong("arguments_swapped", lambda r, f, s=0.1: bce(torch.full_like(r, 1 - s), r) + bce(torch.zeros_like(f), f))
S.wrong("two_sided", lambda r, f, s=0.1: (soft(r, 1 - s) + soft(f, s)) / 2)
S.wrong("wrong_default", lambda r, f, s=0.2: soft(r, 1 - s) + soft(f, 0.0))
S.wrong("raised_label", lambda r, f, s=0.1: soft(r, 1 + s) + soft(f, 0.0))
S.wrong("fakes_subtracted", lambda r, f, s=0.1: soft(r, 1 - s) - soft(f, 0.0))
S.wrong(
    "unstable_log",
    lambda r, f, s=0.1: F.binary_cross_entropy(torch.sigmoid(r), torch.full_like(r, 1 - s)) + soft(f, 0.0),
)
S.refused(
    lambda r, f, s=0.1: F.softplus(-(1 - s) * r).mean() + soft(f, 0.0),
    lambda r, f, s=0.1: F.softplus(-r).mean() - s + soft(f, 0.0),
)

R.right(lambda r, f: -F.log_softmax(torch.stack([r, f], dim=-1), dim=-1)[..., 0].mean())
R.wrong("other_way_round", lambda r, f: bce(r - f, torch.zeros_like(r)), lambda r, f: F.softplus(r - f).sum())
R.wrong("unstable_log", lambda r, f: -torch.log(torch.sigmoid(r - f).clamp(min=1e-7)).mean())
R.wrong("sigmoid_of_the_difference", lambda r, f: 1 - torch.sigmoid(r - f).mean())
R.wrong("added", lambda r, f: F.softplus(-r - f).mean())
R.wrong("least_squares", lambda r, f: F.mse_loss(r - f, torch.ones_like(r)))
