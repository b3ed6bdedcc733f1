"""Answers to the two losses."""

import math

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from answers import Answers

DISCRIMINATOR_LOSS, GENERATOR_LOSS = D, G = Answers("c1w1.discriminator_loss"), Answers("c1w1.generator_loss")
bce = F.binary_cross_entropy_with_logits
sigmoid, ones, zeros = torch.sigmoid, torch.ones_like, torch.zeros_like

# --- discriminator, right --------------------------------------------------------------------------------------------

D.right(
    lambda r, f: bce(r, ones(r)) + bce(f, zeros(f)),
    lambda r, f: nn.BCEWithLogitsLoss()(r, torch.ones_like(r)) + nn.BCEWithLogitsLoss()(f, torch.zeros_like(f)),
    lambda r, f: bce(r, torch.ones(len(r), 1)) + bce(f, torch.zeros(len(f), 1)),
    lambda r, f: -F.logsigmoid(r).mean() - F.logsigmoid(-f).mean(),
    lambda r, f: -(F.logsigmoid(r) + F.logsigmoid(-f)).mean(),
    lambda r, f: (F.softplus(-r) + F.softplus(f)).mean(),
    lambda r, f: (F.softplus(-r).sum() + F.softplus(f).sum()) / len(r),
    lambda r, f: 2 * bce(torch.cat([r, f]), torch.cat([ones(r), zeros(f)])),
    lambda r, f: torch.logaddexp(zeros(r), -r).mean() + torch.logaddexp(zeros(f), f).mean(),
    lambda r, f: (F.relu(-r) + torch.log1p(torch.exp(-r.abs()))).mean() + (F.softplus(-f) + f).mean(),
    lambda r, f: (
        F.cross_entropy(torch.cat([r, zeros(r)], 1), torch.zeros(len(r), dtype=torch.long))
        + F.cross_entropy(torch.cat([f, zeros(f)], 1), torch.ones(len(f), dtype=torch.long))
    ),
    lambda r, f: -torch.log(sigmoid(r.double())).mean().float() - torch.log(sigmoid(-f.double())).mean().float(),
)


class DiscriminatorLoss(nn.Module):
    """A module instead of a function."""

    def __init__(self):
        super().__init__()
        self.criterion = nn.BCEWithLogitsLoss()

    def forward(self, real_logits, fake_logits):
        return self.criterion(real_logits, ones(real_logits)) + self.criterion(fake_logits, zeros(fake_logits))


D.right(DiscriminatorLoss())

# --- discriminator, named mistakes -----------------------------------------------------------------------------------


@D.wrong("no_return")
def forgot_to_return(real_logits, fake_logits):
    F.softplus(-real_logits).mean() + F.softplus(fake_logits).mean()


D.wrong(
    "changes_input",
    lambda r, f: F.softplus(r.neg_()).mean() + F.softplus(f).mean(),
    lambda r, f: F.softplus(-r.detach().sub_(0.5)).mean() + F.softplus(f).mean(),
)
D.wrong(
    "not_reduced",
    lambda r, f: F.softplus(-r) + F.softplus(f),
    lambda r, f: bce(r, ones(r), reduction="none") + bce(f, zeros(f), reduction="none"),
    lambda r, f: F.softplus(-r).mean(0) + F.softplus(f).mean(0),
    lambda r, f: (F.softplus(-r) + F.softplus(f)).mean(dim=1),
)
D.wrong(
    "no_gradient",
    lambda r, f: (F.softplus(-r).mean() + F.softplus(f).mean()).item(),
    lambda r, f: (F.softplus(-r).mean() + F.softplus(f).mean()).detach(),
    lambda r, f: F.softplus(-r.data).mean() + F.softplus(f.data).mean(),
    lambda r, f: np.logaddexp(0, -r.detach().numpy()).mean() + np.logaddexp(0, f.detach().numpy()).mean(),
    torch.no_grad()(lambda r, f: F.softplus(-r).mean() + F.softplus(f).mean()),
)
D.wrong(
    "labels_swapped",
    lambda r, f: F.softplus(r).mean() + F.softplus(-f).mean(),
    lambda r, f: bce(r, zeros(r)) + bce(f, ones(f)),
    lambda r, f: -F.logsigmoid(-r).mean() - F.logsigmoid(f).mean(),
    lambda r, f: bce(sigmoid(r), zeros(r)) + bce(sigmoid(f), ones(f)),
)
D.wrong(
    "sigmoid_before_logits",
    lambda r, f: bce(sigmoid(r), ones(r)) + bce(sigmoid(f), zeros(f)),
    lambda r, f: F.softplus(-sigmoid(r)).mean() + F.softplus(sigmoid(f)).mean(),
    lambda r, f: (bce(sigmoid(r), ones(r)) + bce(sigmoid(f), zeros(f))) / 2,
)
D.wrong(
    "loss_summed",
    lambda r, f: F.softplus(-r).sum() + F.softplus(f).sum(),
    lambda r, f: nn.BCEWithLogitsLoss(reduction="sum")(r, ones(r)) + bce(f, zeros(f), reduction="sum"),
)
D.wrong(
    "loss_halved",
    lambda r, f: 0.5 * (bce(r, ones(r)) + bce(f, zeros(f))),
    lambda r, f: bce(torch.cat([r, f]), torch.cat([ones(r), zeros(f)])),
    lambda r, f: torch.stack([F.softplus(-r), F.softplus(f)]).mean(),
)
D.wrong(
    "wrong_sign",
    lambda r, f: F.logsigmoid(r).mean() + F.logsigmoid(-f).mean(),
    lambda r, f: -(bce(r, ones(r)) + bce(f, zeros(f))),
    lambda r, f: torch.log(sigmoid(r)).mean() + torch.log(1 - sigmoid(f)).mean(),
)
D.wrong("real_only", lambda r, f: F.softplus(-r).mean(), lambda r, f: bce(r, ones(r)))
D.wrong("fake_only", lambda r, f: F.softplus(f).mean(), lambda r, f: -torch.log(1 - sigmoid(f)).mean())
D.wrong(
    "same_target",
    lambda r, f: bce(r, ones(r)) + bce(f, ones(f)),
    lambda r, f: F.softplus(r).mean() + F.softplus(f).mean(),
    lambda r, f: bce(torch.cat([r, f]), torch.ones(2 * len(r), 1)),
)
D.wrong(
    "half_detached",
    lambda r, f: F.softplus(-r).mean() + F.softplus(f.detach()).mean(),
    lambda r, f: bce(r, ones(r)).item() + bce(f, zeros(f)),
)
D.wrong(
    "missing_sigmoid",
    lambda r, f: -torch.log(r).mean() - torch.log(1 - f).mean(),
    lambda r, f: F.binary_cross_entropy(r, ones(r)) + F.binary_cross_entropy(f, zeros(f)),
    lambda r, f: nn.BCELoss()(torch.cat([r, f]), torch.cat([ones(r), zeros(f)])),
)
D.wrong(
    "label_smoothing",
    lambda r, f: bce(r, 0.9 * ones(r)) + bce(f, zeros(f)),
    lambda r, f: bce(r, torch.full_like(r, 0.7)) + F.softplus(f).mean(),
)
D.wrong(
    "other_gan",
    lambda r, f: F.mse_loss(r, ones(r)) + F.mse_loss(f, zeros(f)),
    lambda r, f: 0.5 * ((sigmoid(r) - 1) ** 2).mean() + 0.5 * (sigmoid(f) ** 2).mean(),
    lambda r, f: F.relu(1 - r).mean() + F.relu(1 + f).mean(),
    lambda r, f: f.mean() - r.mean(),
)
D.wrong(
    "unstable_log",
    lambda r, f: -torch.log(sigmoid(r)).mean() - torch.log(1 - sigmoid(f)).mean(),
    lambda r, f: F.binary_cross_entropy(sigmoid(r), ones(r)) + F.binary_cross_entropy(sigmoid(f), zeros(f)),
    lambda r, f: -torch.log(sigmoid(r) + 1e-8).mean() - torch.log(1 - sigmoid(f) + 1e-8).mean(),
    lambda r, f: F.soft_margin_loss(r, ones(r)) + F.soft_margin_loss(f, -ones(f)),
    lambda r, f: torch.log1p(torch.exp(-r)).mean() + torch.log1p(torch.exp(f)).mean(),
    lambda r, f: F.softplus(-r.clamp(-20, 20)).mean() + F.softplus(f.clamp(-20, 20)).mean(),
)

# --- discriminator, wrong in ways that nobody listed -----------------------------------------------------------------

D.refused(
    lambda r, f: F.softplus(-r).mean() - F.softplus(f).mean(),
    lambda r, f: F.softplus(-r).mean() * F.softplus(f).mean(),
    lambda r, f: F.softplus(-r).mean() + F.softplus(f).sum(),
    lambda r, f: F.softplus(-r).max() + F.softplus(f).max(),
    lambda r, f: F.softplus(-r).median() + F.softplus(f).median(),
    lambda r, f: F.softplus(-r.mean()) + F.softplus(f.mean()),
    lambda r, f: F.softplus(-(r - f)).mean(),
    lambda r, f: F.softplus(-(r - f.mean())).mean() + F.softplus(f - r.mean()).mean(),
    lambda r, f: F.softplus(-r).mean() + F.softplus(r).mean(),
    lambda r, f: F.softplus(-r, beta=2).mean() + F.softplus(f, beta=2).mean(),
    lambda r, f: (F.softplus(-r).mean() + F.softplus(f).mean()) / math.log(2),
    lambda r, f: 2 * (F.softplus(-r).mean() + F.softplus(f).mean()),
    lambda r, f: (F.softplus(-r).mean() + F.softplus(f).mean()).half().float(),
    lambda r, f: F.softplus(-r.half()).mean().float() + F.softplus(f.half()).mean().float(),
    lambda r, f: F.softplus(-r).mean() + F.softplus(f).mean() + 0.001 * (r**2).mean(),
    lambda r, f: bce(r, ones(r) - 0.05 * torch.rand_like(r)) + bce(f, zeros(f)),
    lambda r, f: bce(r, 0.9 * ones(r)) + bce(f, 0.1 * ones(f)),
    lambda r, f: bce(r, torch.ones(len(r))) + bce(f, torch.zeros(len(f))),
    lambda r, f: bce(r, torch.ones(8, 1)) + bce(f, torch.zeros(8, 1)),
    lambda r, f: bce(r, ones(r), pos_weight=torch.tensor(2.0)) + bce(f, zeros(f)),
    lambda r, f: F.cross_entropy(r, ones(r)) + F.cross_entropy(f, zeros(f)),
    lambda r, f: (bce(r, ones(r)), bce(f, zeros(f))),
    lambda r, f: {"loss": bce(r, ones(r)) + bce(f, zeros(f))},
    lambda r, f: "0.693",
    lambda r, f: -torch.log10(sigmoid(r)).mean() - torch.log10(1 - sigmoid(f)).mean(),
    lambda r, f: torch.tensor(F.softplus(-r).mean() + F.softplus(f).mean(), requires_grad=True),
    lambda r, f: F.softplus(-torch.tanh(r)).mean() + F.softplus(torch.tanh(f)).mean(),
    lambda real_logits: F.softplus(-real_logits).mean(),
    nn.BCEWithLogitsLoss(),
    nn.BCEWithLogitsLoss,
)

# --- generator, right ------------------------------------------------------------------------------------------------

G.right(
    lambda fake_logits: bce(fake_logits, ones(fake_logits)),
    lambda fake_logits: nn.BCEWithLogitsLoss()(fake_logits, torch.ones_like(fake_logits)),
    lambda fake_logits: nn.BCEWithLogitsLoss(reduction="sum")(fake_logits, ones(fake_logits)) / fake_logits.numel(),
    lambda fake_logits: -F.logsigmoid(fake_logits).mean(),
    lambda fake_logits: torch.mean(F.softplus(-fake_logits)),
    lambda fake_logits: torch.log1p(torch.exp(-fake_logits.abs())).mean() + F.relu(-fake_logits).mean(),
    lambda fake_logits: F.softplus(-fake_logits).mean(0).squeeze(),
    lambda fake_logits: (F.softplus(fake_logits) - fake_logits).mean(),
    lambda fake_logits: -torch.log(sigmoid(fake_logits.double())).mean(),
)

# --- generator, named mistakes ---------------------------------------------------------------------------------------


@G.wrong("no_return")
def computes_and_forgets(fake_logits):
    loss = F.softplus(-fake_logits).mean()  # noqa: F841


G.wrong("changes_input", lambda f: F.softplus(f.neg_()).mean(), lambda f: F.softplus(f.mul_(-1)).mean())
G.wrong(
    "not_reduced",
    lambda f: F.softplus(-f),
    lambda f: bce(f, ones(f), reduction="none"),
    lambda f: F.softplus(-f).mean(0),
)
G.wrong(
    "no_gradient",
    lambda f: F.softplus(-f).mean().item(),
    lambda f: F.softplus(-f.detach()).mean(),
    lambda f: float(bce(f, ones(f))),
)
G.wrong(
    "saturating_loss",
    lambda f: -F.softplus(f).mean(),
    lambda f: torch.log(1 - sigmoid(f)).mean(),
    lambda f: F.logsigmoid(-f).mean(),
    lambda f: -bce(f, zeros(f)),
)
G.wrong(
    "labels_swapped",
    lambda f: F.softplus(f).mean(),
    lambda f: bce(f, zeros(f)),
    lambda f: -F.logsigmoid(-f).mean(),
    lambda f: bce(sigmoid(f), zeros(f)),
)
G.wrong("wrong_sign", lambda f: -F.softplus(-f).mean(), lambda f: F.logsigmoid(f).mean(), lambda f: -bce(f, ones(f)))
G.wrong(
    "sigmoid_before_logits",
    lambda f: bce(sigmoid(f), ones(f)),
    lambda f: F.softplus(-sigmoid(f)).mean(),
    lambda f: -F.logsigmoid(sigmoid(f)).sum(),
)
G.wrong("wasserstein_loss", lambda f: -f.mean(), lambda f: -torch.sum(f))
G.wrong("loss_summed", lambda f: F.softplus(-f).sum(), lambda f: bce(f, ones(f), reduction="sum"))
G.wrong("loss_halved", lambda f: 0.5 * F.softplus(-f).mean(), lambda f: bce(f, ones(f)) / 2)
G.wrong(
    "missing_sigmoid",
    lambda f: -torch.log(f).mean(),
    lambda f: F.binary_cross_entropy(f, ones(f)),
    lambda f: torch.log(1 - f).mean(),
)
G.wrong("label_smoothing", lambda f: bce(f, 0.9 * ones(f)))
G.wrong("least_squares_loss", lambda f: ((f - 1) ** 2).mean(), lambda f: 0.5 * F.mse_loss(sigmoid(f), ones(f)))
G.wrong(
    "unstable_log",
    lambda f: -torch.log(sigmoid(f)).mean(),
    lambda f: F.binary_cross_entropy(sigmoid(f), ones(f)),
    lambda f: -torch.log(sigmoid(f).clamp(min=1e-7)).mean(),
    lambda f: torch.log(1 + torch.exp(-f)).mean(),
)

# --- generator, wrong in ways that nobody listed ---------------------------------------------------------------------

G.refused(
    lambda f: bce(f, 0.5 * ones(f)),
    lambda f: F.softplus(-f.mean()),
    lambda f: F.softplus(-f).prod(),
    lambda f: F.relu(1 - f).mean(),
    lambda f: 2 * F.softplus(-f).mean(),
    lambda f: F.softplus(-2 * f).mean(),
    lambda f: F.softplus(-f).mean() + F.softplus(f).mean(),
    lambda f: (F.softplus(-f) / len(f)).mean(),
    lambda f: sigmoid(-f).mean(),
    lambda f: 1 - sigmoid(f).mean(),
    lambda f: F.softplus(-f).mean().exp(),
    lambda f: torch.topk(F.softplus(-f).flatten(), max(1, len(f) // 2)).values.mean(),
    lambda f: F.softplus(-f.bfloat16()).mean().float(),
    lambda f: F.softplus(-f)[0].mean(),
    lambda f: F.softplus(-f).mean() if f.mean() > 0 else -F.softplus(f).mean(),
    lambda f: -torch.log(sigmoid(f) + 0.1).mean(),
    lambda r, f: F.softplus(-f).mean(),
)


# --- answers that were new to the tables -----------------------------------------------------------------------------


def log_probability(logits, value):
    return torch.distributions.Bernoulli(logits=logits).log_prob(torch.full_like(logits, value)).mean()


D.right(lambda r, f: -(log_probability(r, 1.0) + log_probability(f, 0.0)))
G.right(
    lambda f: -log_probability(f, 1.0), lambda f: torch.logsumexp(torch.cat([zeros(f), -f], 1), 1).mean(),
    lambda f: sum(F.softplus(-x) for x in f.flatten()) / f.numel(),
)  # fmt: skip
D.wrong("swapped_arguments", lambda r, f: nn.BCEWithLogitsLoss()(ones(r), r) + nn.BCEWithLogitsLoss()(zeros(f), f))
D.wrong("no_logarithm", lambda r, f: -(sigmoid(r) + 1 - sigmoid(f)).mean())
D.wrong("labels_swapped", lambda r, f: -(torch.log(1 - sigmoid(r)) + torch.log(sigmoid(f))).mean())
D.wrong("label_smoothing", lambda r, f: (bce(r, 0.9 * ones(r)) + bce(f, zeros(f))) / 2)
G.wrong("swapped_arguments", lambda f: bce(ones(f), f))
G.wrong("no_logarithm", lambda f: (1 - sigmoid(f)).mean(), lambda f: -sigmoid(f).mean())
G.wrong("saturating_loss", lambda f: torch.log(1 - sigmoid(f) + 1e-8).mean())
