"""Answers to the two Wasserstein losses."""

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from answers import Answers

CRITIC_LOSS, GENERATOR_LOSS = C, G = (
    Answers("c1w3a.wasserstein_critic_loss"),
    Answers("c1w3a.wasserstein_generator_loss"),
)
sigmoid = torch.sigmoid

# --- critic, right -----------------------------------------------------------------------------------------------------

C.right(
    lambda r, f: f.mean() - r.mean(),
    lambda r, f: -(r.mean() - f.mean()),
    lambda r, f: (f - r).mean(),
    lambda r, f: -torch.mean(r) + torch.mean(f),
    lambda r, f: f.sum() / len(f) - r.sum() / r.numel(),
    lambda r, f: torch.cat([f, -r]).sum() / len(r),
    lambda r, f: torch.einsum("bi->", f - r) / len(r),
)


@C.right
def with_signs(real_logits, fake_logits):
    signs = torch.cat([-torch.ones_like(real_logits), torch.ones_like(fake_logits)])
    return 2 * (signs * torch.cat([real_logits, fake_logits])).mean()


class CriticLoss(nn.Module):
    def forward(self, real_logits, fake_logits):
        return fake_logits.squeeze(1).mean(0) - real_logits.squeeze(1).mean(0)


C.right(CriticLoss())

# --- critic, named mistakes --------------------------------------------------------------------------------------------


@C.wrong("no_return")
def forgets_to_return(real_logits, fake_logits):
    loss = fake_logits.mean() - real_logits.mean()  # noqa: F841


C.wrong("cut_off", lambda r, f: (f.mean() - r.mean()).clamp(min=-1))
C.wrong("other_factors", lambda r, f: (f - r).sum() / 2)
C.wrong("changes_input", lambda r, f: (f.detach().sub_(r)).mean(), lambda r, f: f.sub_(r).mean())
C.wrong("not_reduced", lambda r, f: f - r, lambda r, f: (f - r).mean(0), lambda r, f: f.mean(1) - r.mean(1))
C.wrong(
    "no_gradient",
    lambda r, f: (f.mean() - r.mean()).item(),
    lambda r, f: (f.mean() - r.mean()).detach(),
    lambda r, f: np.mean(f.detach().numpy()) - np.mean(r.detach().numpy()),
)
C.wrong(
    "signs_swapped",
    lambda r, f: r.mean() - f.mean(),
    lambda r, f: -(f.mean() - r.mean()),
    lambda r, f: (r - f).sum(),
)
C.wrong("sigmoid", lambda r, f: sigmoid(f).mean() - sigmoid(r).mean(), lambda r, f: (sigmoid(f) - sigmoid(r)).sum())
C.wrong(
    "logits_game",
    lambda r, f: F.softplus(-r).mean() + F.softplus(f).mean(),
    lambda r, f: F.binary_cross_entropy_with_logits(
        torch.cat([r, f]), torch.cat([torch.ones(len(r), 1), torch.zeros(len(f), 1)])
    ),
)
C.wrong(
    "hinge",
    lambda r, f: F.relu(1 - r).mean() + F.relu(1 + f).mean(),
    lambda r, f: (f.mean() - r.mean()).clamp(min=0),
)
C.wrong("absolute", lambda r, f: (r.mean() - f.mean()).abs(), lambda r, f: F.l1_loss(r, f))
C.wrong("real_only", lambda r, f: -r.mean())
C.wrong("fake_only", lambda r, f: f.mean())
C.wrong("both_added", lambda r, f: -r.mean() - f.mean(), lambda r, f: r.mean() + f.mean())
C.wrong("summed", lambda r, f: f.sum() - r.sum(), lambda r, f: 0.5 * (f.mean() - r.mean()))
C.wrong("half_detached", lambda r, f: f.detach().mean() - r.mean(), lambda r, f: f.mean() - r.mean().item())

C.refused(
    lambda r, f: f.median() - r.median(),
    lambda r, f: f.max() - r.min(),
    lambda r, f: torch.log(f.mean() - r.mean()),
    lambda r, f: (f.mean() - r.mean()) + 1e-2 * r.square().mean(),
    lambda r, f: torch.tanh(f).mean() - torch.tanh(r).mean(),
    lambda r, f: f.mean() - f.mean(),
    lambda r, f: (f.mean() - r.mean(), 0.0),
    lambda r, f: 10 * (f.mean() - r.mean()),
    lambda r, f: f[:8].mean() - r[:8].mean(),
    lambda r, f: f.clamp(-50, 50).mean() - r.clamp(-50, 50).mean(),
    lambda real_logits: -real_logits.mean(),
    lambda r, f: "0",
)

# --- generator ---------------------------------------------------------------------------------------------------------

G.right(
    lambda f: -f.mean(),
    lambda f: (-f).mean(),
    lambda f: -f.sum() / f.numel(),
    lambda f: f.neg().squeeze().mean(),
    lambda f: (0 - f).mean(),
)


@G.wrong("no_return")
def computes_only(fake_logits):
    loss = -fake_logits.mean()  # noqa: F841


G.wrong("changes_input", lambda f: f.neg_().mean())
G.wrong("not_reduced", lambda f: -f, lambda f: -f.mean(0))
G.wrong("no_gradient", lambda f: -f.mean().item(), lambda f: -f.detach().mean())
G.wrong("wrong_sign", lambda f: f.mean(), lambda f: f.sum())
G.wrong(
    "logits_game", lambda f: F.softplus(-f).mean(), lambda f: F.logsigmoid(-f).mean(), lambda f: F.softplus(f).mean()
)
G.wrong("sigmoid", lambda f: -sigmoid(f).mean(), lambda f: 1 - sigmoid(f).mean())
G.wrong("hinge", lambda f: F.relu(1 - f).mean(), lambda f: F.relu(-f).mean())
G.wrong("absolute", lambda f: f.abs().mean(), lambda f: (f - 1).square().mean())
G.wrong("summed", lambda f: -f.sum(), lambda f: -0.5 * f.mean())
G.refused(
    lambda f: -f.max(),
    lambda f: -torch.tanh(f).mean(),
    lambda f: -(f.mean() ** 3),
    lambda f: -f[:5].mean(),
    lambda f: 1 - f.mean(),
    lambda f: None if f is None else [-f.mean()],
)

C.wrong("constant_added", lambda real_logits, fake_logits: fake_logits.mean() - real_logits.mean() + 1)
G.wrong("constant_added", lambda fake_logits: 1 - fake_logits.mean())


# --- in other words ----------------------------------------------------------------------------------------------------

C.right(lambda r, f: torch.mean(r * -torch.ones_like(r)) + torch.mean(f * torch.ones_like(f)))
C.wrong("constant_added", lambda r, f: (1 - r).mean() + f.mean())
C.wrong("least_squares", lambda r, f: F.mse_loss(r, torch.ones_like(r)) + F.mse_loss(f, torch.zeros_like(f)))
C.wrong("no_gradient", lambda r, f: r.new_tensor(r.mean().item() - f.mean().item(), requires_grad=True))
C.wrong("logits_game", lambda r, f: -torch.mean(torch.log(sigmoid(r)) + torch.log(1 - sigmoid(f))))
G.wrong("constant_added", lambda f: torch.mean(1 - f))
G.wrong("logits_game", lambda f: F.binary_cross_entropy_with_logits(f, torch.ones(len(f), 1)))
