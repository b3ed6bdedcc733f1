"""Answers to ``auxiliary_loss`` and ``projection_score``."""

import torch
import torch.nn.functional as F
from torch import nn

from answers import Answers

AUXILIARY_LOSS, PROJECTION_SCORE = A, P = Answers("c1w4a.auxiliary_loss"), Answers("c1w4a.projection_score")
ce = F.cross_entropy

# --- auxiliary loss, right ---------------------------------------------------------------------------------------------


def picked(logits, labels):
    """Minus the log-probability of each row's label, (B,)."""
    return -logits.log_softmax(1)[torch.arange(len(labels)), labels]


A.right(
    lambda r, y, f, t: nn.CrossEntropyLoss()(r, y) + nn.CrossEntropyLoss()(f, t),
    lambda r, y, f, t: F.nll_loss(F.log_softmax(r, dim=1), y) + F.nll_loss(F.log_softmax(f, dim=1), t),
    lambda r, y, f, t: picked(r, y).mean() + picked(f, t).mean(),
    lambda r, y, f, t: ce(r, y, reduction="sum") / len(y) + ce(f, t, reduction="sum") / len(t),
    lambda r, y, f, t: (
        (r.logsumexp(1) - r.gather(1, y[:, None])[:, 0]).mean()
        + (f.logsumexp(1) - f.gather(1, t[:, None])[:, 0]).mean()
    ),
    lambda r, y, f, t: ce(r, F.one_hot(y, r.shape[1]).to(r.dtype)) + ce(f, F.one_hot(t, f.shape[1]).to(f.dtype)),
    lambda r, y, f, t: ce(r.log_softmax(1), y) + ce(f.log_softmax(1), t),  # twice is once
    lambda r, y, f, t: torch.cat([picked(r, y) / len(y), picked(f, t) / len(t)]).sum(),
)
A.right(
    lambda r, y, f, t: (
        -(
            torch.distributions.Categorical(logits=r).log_prob(y).mean()
            + torch.distributions.Categorical(logits=f).log_prob(t).mean()
        )
    ),
    lambda r, y, f, t: torch.stack([ce(r, y), ce(f, t)]).mean() * 2,
    lambda r, y, f, t: sum(
        (row.logsumexp(0) - row[k]) / len(labels)
        for x, labels in ((r, y), (f, t))
        for row, k in zip(x, labels, strict=True)
    ),
)


@A.right
def loops_over_the_two(real_logits, real_labels, fake_logits, fake_labels):
    loss = 0
    for logits, labels in ((real_logits, real_labels), (fake_logits, fake_labels)):
        loss = loss + ce(logits, labels)
    return loss


class AuxiliaryLoss(nn.Module):
    def __init__(self):
        super().__init__()
        self.criterion = nn.CrossEntropyLoss()

    def forward(self, real_logits, real_labels, fake_logits, fake_labels):
        return self.criterion(real_logits, real_labels) + self.criterion(fake_logits, fake_labels)


A.right(AuxiliaryLoss())

# --- auxiliary loss, named mistakes ------------------------------------------------------------------------------------


@A.wrong("no_return")
def computes_and_forgets(real_logits, real_labels, fake_logits, fake_labels):
    ce(real_logits, real_labels) + ce(fake_logits, fake_labels)


A.wrong("changes_input", lambda r, y, f, t: ce(r.detach().mul_(2), y) + ce(f, t))
A.wrong(
    "not_reduced",
    lambda r, y, f, t: ce(r, y, reduction="none") + ce(f, t, reduction="none"),
    lambda r, y, f, t: torch.stack([ce(r, y), ce(f, t)]),
)
A.wrong(
    "no_gradient",
    lambda r, y, f, t: (ce(r, y) + ce(f, t)).item(),
    lambda r, y, f, t: ce(r.detach(), y) + ce(f.detach(), t),
)
A.wrong(
    "softmax_first",
    lambda r, y, f, t: ce(r.softmax(1), y) + ce(f.softmax(1), t),
    lambda r, y, f, t: nn.CrossEntropyLoss()(nn.Softmax(dim=1)(r), y) + nn.CrossEntropyLoss()(nn.Softmax(dim=1)(f), t),
    lambda r, y, f, t: (ce(r.softmax(1), y) + ce(f.softmax(1), t)) / 2,
    lambda r, y, f, t: ce(torch.sigmoid(r), y) + ce(torch.sigmoid(f), t),
    lambda r, y, f, t: ce(r.softmax(1), y) + ce(f, t),
    lambda r, y, f, t: ce(r, y) + ce(f.softmax(1), t),
)
A.wrong(
    "counts",
    lambda r, y, f, t: (r.argmax(1) != y).float().mean() + (f.argmax(1) != t).float().mean(),
    lambda r, y, f, t: (r.argmax(1) == y).float().mean() + (f.argmax(1) == t).float().mean(),
)
A.wrong(
    "nll_of_logits",
    lambda r, y, f, t: F.nll_loss(r, y) + F.nll_loss(f, t),
    lambda r, y, f, t: -r[torch.arange(len(y)), y].mean() - f[torch.arange(len(t)), t].mean(),
)
A.wrong(
    "softmax_over_batch",
    lambda r, y, f, t: F.nll_loss(F.log_softmax(r, dim=0), y) + F.nll_loss(F.log_softmax(f, dim=0), t),
    lambda r, y, f, t: ce(r.softmax(0), y) + ce(f.softmax(0), t),
)
A.wrong("labels_swapped", lambda r, y, f, t: ce(r, t) + ce(f, y))
A.wrong(
    "fakes_with_the_labels_of_the_reals",
    lambda r, y, f, t: ce(r, y) + ce(f, y),
    lambda r, y, f, t: ce(r, t) + ce(f, t),
    lambda r, y, f, t: ce(torch.cat([r, f]), torch.cat([y, y])),
)
A.wrong("real_only", lambda r, y, f, t: ce(r, y))
A.wrong("fake_only", lambda r, y, f, t: ce(f, t))
A.wrong("fakes_pushed_away", lambda r, y, f, t: ce(r, y) - ce(f, t))
A.wrong(
    "wrong_sign",
    lambda r, y, f, t: -ce(r, y) - ce(f, t),
    lambda r, y, f, t: -(picked(r, y).mean() + picked(f, t).mean()),
)
A.wrong(
    "missing_log",
    lambda r, y, f, t: F.nll_loss(r.softmax(1), y) + F.nll_loss(f.softmax(1), t),
    lambda r, y, f, t: 1 - r.softmax(1).gather(1, y[:, None]).mean() + 1 - f.softmax(1).gather(1, t[:, None]).mean(),
)
A.wrong(
    "multi_label",
    lambda r, y, f, t: (
        F.binary_cross_entropy_with_logits(r, F.one_hot(y, r.shape[1]).float())
        + F.binary_cross_entropy_with_logits(f, F.one_hot(t, f.shape[1]).float())
    ),
    lambda r, y, f, t: (
        F.binary_cross_entropy(r.softmax(1), F.one_hot(y, r.shape[1]).float())
        + F.binary_cross_entropy(f.softmax(1), F.one_hot(t, f.shape[1]).float())
    ),
)
A.wrong(
    "loss_summed",
    lambda r, y, f, t: ce(r, y, reduction="sum") + ce(f, t, reduction="sum"),
    lambda r, y, f, t: picked(r, y).sum() + picked(f, t).sum(),
)
A.wrong(
    "loss_halved",
    lambda r, y, f, t: (ce(r, y) + ce(f, t)) / 2,
    lambda r, y, f, t: ce(torch.cat([r, f]), torch.cat([y, t])),
)
A.wrong(
    "unstable_log",
    lambda r, y, f, t: F.nll_loss(r.softmax(1).log(), y) + F.nll_loss(f.softmax(1).log(), t),
    lambda r, y, f, t: F.nll_loss((r.softmax(1) + 1e-9).log(), y) + F.nll_loss((f.softmax(1) + 1e-9).log(), t),
    lambda r, y, f, t: sum(
        (x.exp().sum(1).log() - x.gather(1, labels[:, None])[:, 0]).mean() for x, labels in ((r, y), (f, t))
    ),
)
A.wrong(
    "one_count_for_both",
    lambda r, y, f, t: 2 * ce(torch.cat([r, f]), torch.cat([y, t])),
    lambda r, y, f, t: (picked(r, y).sum() + picked(f, t).sum()) / len(r),
    lambda r, y, f, t: (picked(r, y) + picked(f, t)).mean(),
)
A.wrong(
    "half_detached",
    lambda r, y, f, t: ce(r, y) + ce(f.detach(), t),
    lambda r, y, f, t: ce(r, y).item() + ce(f, t),
)

# --- auxiliary loss, wrong in ways that nobody listed --------------------------------------------------------------------

A.refused(
    lambda r, y, f, t: ce(r, y) * ce(f, t),
    lambda r, y, f, t: 2 * (ce(r, y) + ce(f, t)),
    lambda r, y, f, t: ce(r, y) + 0.5 * ce(f, t),
    lambda r, y, f, t: ce(r, y, label_smoothing=0.1) + ce(f, t, label_smoothing=0.1),
    lambda r, y, f, t: F.mse_loss(r.softmax(1), F.one_hot(y, r.shape[1]).float()) + ce(f, t),
    lambda r, y, f, t: torch.maximum(ce(r, y), ce(f, t)),
    lambda r, y, f, t: ce(r, y) + ce(f, torch.zeros_like(t)),
    lambda r, y, f, t: ce(r.clamp(-20, 20), y) + ce(f.clamp(-20, 20), t),
    lambda r, y, f, t: (ce(r, y), ce(f, t)),
    lambda r, y, f, t: ce(r, y) + ce(-f, t),
    lambda r, f: ce(r, f),
    nn.CrossEntropyLoss(),
)

# --- projection score, right -------------------------------------------------------------------------------------------

P.right(
    lambda x, y, v, p: p + (x * v[y]).sum(1, keepdim=True),
    lambda x, y, v, p: p + (v[y] * x).sum(dim=1)[:, None],
    lambda x, y, v, p: p + torch.einsum("bf,bf->b", x, v[y]).unsqueeze(1),
    lambda x, y, v, p: (x @ v.T).gather(1, y[:, None]) + p,
    lambda x, y, v, p: torch.bmm(x[:, None], v[y][:, :, None])[:, 0] + p,
    lambda x, y, v, p: p + (F.one_hot(y, len(v)).to(x.dtype) @ v * x).sum(1, keepdim=True),
    lambda x, y, v, p: p + F.embedding(y, v).mul(x).sum(-1, keepdim=True),
    lambda x, y, v, p: p + (x @ v[y].T).diagonal()[:, None],
    lambda x, y, v, p: torch.stack([p[i] + x[i] @ v[y[i]] for i in range(len(x))]),
    lambda x, y, v, p: p + torch.index_select(v, 0, y).unsqueeze(1).matmul(x.unsqueeze(2)).squeeze(2),
    lambda x, y, v, p: (p.squeeze(1) + torch.linalg.vecdot(x, v[y])).view(-1, 1),
    lambda x, y, v, p: torch.cat([x * v[y], p], 1).sum(1, keepdim=True),
    lambda x, y, v, p: torch.einsum("bf,kf,bk->b", x, v, F.one_hot(y, len(v)).to(x)).view_as(p) + p,
    lambda x, y, v, p: torch.vmap(lambda a, b, c: c + a @ b)(x, v[y], p),
)

# --- projection score, named mistakes ----------------------------------------------------------------------------------


@P.wrong("no_return")
def scores_and_forgets(features, labels, class_vectors, unconditional):
    unconditional + (features * class_vectors[labels]).sum(1, keepdim=True)


P.wrong(
    "changes_input",
    lambda x, y, v, p: p.detach().add_((x * v[y]).sum(1, keepdim=True)),
    lambda x, y, v, p: p + x.detach().mul_(v[y]).sum(1, keepdim=True),
)
P.wrong(
    "missing_psi",
    lambda x, y, v, p: (x * v[y]).sum(1, keepdim=True),
    lambda x, y, v, p: (x * v[y]).sum(1),
)
P.wrong("missing_match", lambda x, y, v, p: p, lambda x, y, v, p: p.clone())
P.wrong(
    "everybody_with_everybody",
    lambda x, y, v, p: p + (x * v[y]).sum(1),
    lambda x, y, v, p: torch.einsum("bf,bf->b", x, v[y]) + p,
)
P.wrong(
    "matrix_of_the_batch",
    lambda x, y, v, p: p + x @ v[y].T,
    lambda x, y, v, p: torch.matmul(x, v[y].transpose(0, 1)) + p,
)
P.wrong("all_classes", lambda x, y, v, p: p + x @ v.T, lambda x, y, v, p: F.linear(x, v) + p)
P.wrong(
    "summed_over_batch",
    lambda x, y, v, p: p + (x * v[y]).sum(),
    lambda x, y, v, p: p + torch.dot(x.flatten(), v[y].flatten()),
    lambda x, y, v, p: (p + (x * v[y]).sum(1, keepdim=True)).sum(),
)
P.wrong("not_summed", lambda x, y, v, p: p + x * v[y])
P.wrong("mean_of_features", lambda x, y, v, p: p + (x * v[y]).mean(1, keepdim=True))
P.wrong(
    "cosine",
    lambda x, y, v, p: p + F.cosine_similarity(x, v[y], dim=1)[:, None],
    lambda x, y, v, p: p + (F.normalize(x, dim=1) * F.normalize(v, dim=1)[y]).sum(1, keepdim=True),
    lambda x, y, v, p: p + (x * F.normalize(v, dim=1)[y]).sum(1, keepdim=True),
)
P.wrong("sigmoid", lambda x, y, v, p: torch.sigmoid(p + (x * v[y]).sum(1, keepdim=True)))
P.wrong("rows_in_order", lambda x, y, v, p: p + (x * v[: len(x)]).sum(1, keepdim=True))
P.wrong(
    "flat",
    lambda x, y, v, p: p.squeeze(1) + (x * v[y]).sum(1),
    lambda x, y, v, p: (p + (x * v[y]).sum(1, keepdim=True)).flatten(),
)
P.wrong(
    "half_detached",
    lambda x, y, v, p: p + (x * v.detach()[y]).sum(1, keepdim=True),
    lambda x, y, v, p: p + (x.detach() * v[y]).sum(1, keepdim=True),
    lambda x, y, v, p: p.data + (x * v[y]).sum(1, keepdim=True),
)
P.wrong(
    "no_gradient",
    lambda x, y, v, p: (p + (x * v[y]).sum(1, keepdim=True)).detach(),
    torch.no_grad()(lambda x, y, v, p: p + (x * v[y]).sum(1, keepdim=True)),
)

# --- projection score, wrong in ways that nobody listed ------------------------------------------------------------------

P.refused(
    lambda x, y, v, p: p - (x * v[y]).sum(1, keepdim=True),
    lambda x, y, v, p: p * (x * v[y]).sum(1, keepdim=True),
    lambda x, y, v, p: p + (x - v[y]).square().sum(1, keepdim=True),
    lambda x, y, v, p: p + (x + v[y]).sum(1, keepdim=True),
    lambda x, y, v, p: p + (x * v[y]).sum(0, keepdim=True).T,
    lambda x, y, v, p: p + (x * v[0]).sum(1, keepdim=True),
    lambda x, y, v, p: p + (x * v[y]).sum(1, keepdim=True) / x.shape[1] ** 0.5,
    lambda x, y, v, p: p + (x @ v.T).max(1, keepdim=True).values,
    lambda x, y, v, p: p + (x @ v.T).log_softmax(1).gather(1, y[:, None]),
    lambda x, y, v, p: 2 * p + (x * v[y]).sum(1, keepdim=True),
    lambda x, y, v, p: p + (x * v[y]).abs().sum(1, keepdim=True),
    lambda x, y, v, p: p.mean() + (x * v[y]).sum(1, keepdim=True),
    lambda x, y, v, p: p + F.dropout((x * v[y]), 0.5).sum(1, keepdim=True),
    lambda x, y, v: (x * v[y]).sum(1, keepdim=True),
    nn.Bilinear(5, 5, 1),
)

# --- answers that were new to the tables -------------------------------------------------------------------------------

A.wrong(
    "every_label_for_every_image",
    lambda r, y, f, t: -r.log_softmax(1)[:, y].mean() - f.log_softmax(1)[:, t].mean(),
)
A.wrong(
    "own_guess",
    lambda r, y, f, t: -r.softmax(1).amax(1).log().mean() - f.softmax(1).amax(1).log().mean(),
    lambda r, y, f, t: ce(r, r.argmax(1)) + ce(f, f.argmax(1)),
)
A.wrong(
    "averaged_over_classes",
    lambda r, y, f, t: sum(-(F.one_hot(k, x.shape[1]) * x.log_softmax(1)).mean() for x, k in ((r, y), (f, t))),
)
A.right(
    lambda r, y, f, t: sum(ce(x, F.one_hot(k, x.shape[1]).float()) for x, k in ((r, y), (f, t))),
    lambda r, y, f, t: sum(
        torch.vmap(lambda row, k: row.logsumexp(0) - row.gather(0, k[None])[0])(x, labels).mean()
        for x, labels in ((r, y), (f, t))
    ),
)
P.wrong("rows_in_order", lambda x, y, v, p: p + (x * v).sum(1, keepdim=True))
P.wrong("side_by_side", lambda x, y, v, p: torch.cat([p, (x * v[y]).sum(1, keepdim=True)], 1))
P.wrong("features_unused", lambda x, y, v, p: p + F.one_hot(y, len(v)).float() @ v)
P.wrong("everybody_with_everybody", lambda x, y, v, p: p + torch.bmm(x[:, None], v[y][:, :, None]))
P.wrong("half_detached", lambda x, y, v, p: p + (x * nn.Embedding.from_pretrained(v)(y)).sum(1, keepdim=True))
P.right(lambda x, y, v, p: p + (F.one_hot(y, len(v)).float().mm(v) * x).sum(-1, True))
