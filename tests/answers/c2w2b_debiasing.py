"""Answers to the exercises of the lesson on debiasing."""

import torch
import torch.nn.functional as F

from answers import Answers, name_cases
from course_utils.lessons.c2w2b.exercises import NAMES, RUNS, diagnose
from course_utils.metrics.reweighing import reweighing
from course_utils.models.reversal import GradientReversal

WEIGHTS = Answers("c2w2b.reweighing")
REVERSAL = Answers("c2w2b.gradient_reversal")
STEP = Answers("c2w2b.adversary_step")
FAIR = Answers("c2w2b.fair_latents")
DIAGNOSE = Answers("c2w2b.diagnose")

# --- weights -----------------------------------------------------------------------------------------------------------


@WEIGHTS.right
def by_counting(a, b):
    if a.ndim != 1 or a.shape != b.shape or a.numel() == 0:
        raise ValueError("a and b")
    _, rows = a.unique(return_inverse=True)
    _, columns = b.unique(return_inverse=True)
    table = torch.zeros(rows.max() + 1, columns.max() + 1, dtype=torch.float64)
    table.index_put_((rows, columns), torch.ones(len(a), dtype=torch.float64), accumulate=True)
    if (table == 0).any():
        raise ValueError("a combination is missing")
    weights = table.sum(1, keepdim=True) * table.sum(0) / (table * len(a))
    return weights[rows, columns]


@WEIGHTS.right
def person_by_person(a, b):
    if len(a) != len(b) or len(a) == 0:
        raise ValueError("a and b")
    pairs = list(zip(a.tolist(), b.tolist(), strict=True))
    if any((x, y) not in pairs for x in set(a.tolist()) for y in set(b.tolist())):
        raise ValueError("a combination is missing")
    n = len(pairs)
    numbers = [a.tolist().count(x) * b.tolist().count(y) / (n * pairs.count((x, y))) for x, y in pairs]
    return torch.tensor(numbers, dtype=torch.float64)


@WEIGHTS.wrong("only_zero_and_one")
def two_groups_only(a, b):
    if a.shape != b.shape or len(a) == 0:
        raise ValueError("a and b")
    weights = torch.zeros(len(a), dtype=torch.float64)
    for x in (0, 1):
        for y in (0, 1):
            both = (a == x) & (b == y)
            if both.any():
                weights[both] = (a == x).double().mean() * (b == y).double().mean() / both.double().mean()
            elif (a == x).any() and (b == y).any():
                raise ValueError("a combination is missing")
    return weights


@WEIGHTS.wrong("missing_accepted")
def no_look_at_who_is_missing(a, b):
    if a.shape != b.shape or len(a) == 0:
        raise ValueError("a and b")
    weights = torch.zeros(len(a), dtype=torch.float64)
    for x in a.unique():
        for y in b.unique():
            both = (a == x) & (b == y)
            weights[both] = (a == x).double().mean() * (b == y).double().mean() / both.double().mean()
    return weights


@WEIGHTS.wrong("lengths_unchecked")
def of_any_length(a, b):
    if len(a) == 0:
        return torch.zeros(0, dtype=torch.float64)
    return reweighing(a, b)


# --- gradient reversal -------------------------------------------------------------------------------------------------


@REVERSAL.right
class SavedAsTensor(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, strength):
        ctx.save_for_backward(torch.tensor(float(strength), dtype=x.dtype))
        return x.clone()

    @staticmethod
    def backward(ctx, gradient):
        (strength,) = ctx.saved_tensors
        return gradient.neg() * strength, None


@REVERSAL.right
class WithSetupContext(torch.autograd.Function):
    @staticmethod
    def forward(x, strength):
        return x.view_as(x)

    @staticmethod
    def setup_context(ctx, inputs, output):
        _, ctx.strength = inputs

    @staticmethod
    def backward(ctx, gradient):
        return gradient * (-ctx.strength), None


# --- the adversary's step ----------------------------------------------------------------------------------------------


@STEP.right
def without_a_reversal(players, x, target, protected, strength):
    """Gradients taken by hand, as in an older style."""
    if not strength >= 0:
        raise ValueError("strength")
    features = players.encoder(x)
    task = F.binary_cross_entropy_with_logits(players.head(features).flatten(), target)
    guess = F.binary_cross_entropy_with_logits(players.adversary(features).flatten(), protected)
    shared, own = list(players.encoder.parameters()), list(players.adversary.parameters())
    head = list(players.head.parameters())
    up = torch.autograd.grad(guess, shared + own, retain_graph=True)
    down = torch.autograd.grad(task, shared + head)
    players.opt_task.zero_grad()
    players.opt_adversary.zero_grad()
    for p, g, h in zip(shared, down, up, strict=False):
        p.grad = g - strength * h
    for p, g in zip(head + own, (*down[len(shared) :], *up[len(shared) :]), strict=True):
        p.grad = g
    players.opt_task.step()
    players.opt_adversary.step()
    return task.detach(), guess.detach()


@STEP.right
def in_columns(players, x, target, protected, strength):
    if strength < 0:
        raise ValueError("strength")
    players.opt_adversary.zero_grad()
    players.opt_task.zero_grad()
    z = players.encoder(x)
    guess = F.binary_cross_entropy_with_logits(
        players.adversary(GradientReversal.apply(z, strength)), protected.unsqueeze(1)
    )
    task = F.binary_cross_entropy_with_logits(players.head(z), target.unsqueeze(1))
    guess.backward(retain_graph=True)
    task.backward()
    players.opt_adversary.step()
    players.opt_task.step()
    return task.detach(), guess.detach()


@STEP.wrong("columns_against_rows")
def shapes_that_differ(players, x, target, protected, strength):
    if strength < 0:
        raise ValueError("strength")
    z = players.encoder(x)
    task = F.binary_cross_entropy_with_logits(players.head(z), target)
    guess = F.binary_cross_entropy_with_logits(players.adversary(GradientReversal.apply(z, strength)), protected)
    (task + guess).backward()
    return task.detach(), guess.detach()


@STEP.wrong("below_zero_accepted")
def any_strength(players, x, target, protected, strength):
    z = players.encoder(x)
    task = F.binary_cross_entropy_with_logits(players.head(z).squeeze(1), target)
    guess = F.binary_cross_entropy_with_logits(
        players.adversary(GradientReversal.apply(z, strength)).squeeze(1), protected
    )
    players.opt_task.zero_grad()
    players.opt_adversary.zero_grad()
    (task + guess).backward()
    players.opt_task.step()
    players.opt_adversary.step()
    return task.detach(), guess.detach()


# --- fair latent vectors -----------------------------------------------------------------------------------------------


@FAIR.right
def one_by_one(n, draw_z, read, pilot=2000, batch_size=500):
    said = read(draw_z(pilot)).long().tolist()
    a, b = zip(*said, strict=True)
    weight = {}
    for x in (0, 1):
        for y in (0, 1):
            both = said.count([x, y])
            if both == 0 and x in a and y in b:
                raise ValueError("a combination is missing")
            weight[x, y] = a.count(x) * b.count(y) / max(both, 1)
    top, kept, drawn = max(weight.values()), [], 0
    while len(kept) < n:
        z = draw_z(batch_size)
        drawn += batch_size
        tossed = torch.rand(batch_size).tolist()
        for row, (x, y), chance in zip(z, read(z).long().tolist(), tossed, strict=True):
            if chance < weight[x, y] / top:
                kept.append(row)
    return torch.stack(kept[:n]), len(kept) / drawn


@FAIR.right
def with_bernoulli(n, draw_z, read, pilot=2000, batch_size=500):
    first = read(draw_z(pilot))
    weights = reweighing(first[:, 0], first[:, 1])
    code = (2 * first[:, 0] + first[:, 1]).long()
    chance = torch.zeros(4, dtype=torch.float64).scatter(0, code, weights) / weights.max()
    result, total, passed = torch.empty(0), 0, 0
    while passed < n:
        z = draw_z(batch_size)
        said = read(z)
        good = z[torch.bernoulli(chance[(2 * said[:, 0] + said[:, 1]).long()]).bool()]
        result = good if total == 0 else torch.cat([result, good])
        total, passed = total + batch_size, len(result)
    return result[:n], passed / total


@FAIR.wrong("swapped")
def share_first(n, draw_z, read, pilot=2000, batch_size=500):
    z, accepted = with_bernoulli(n, draw_z, read, pilot, batch_size)
    return accepted, z


# --- diagnosis ---------------------------------------------------------------------------------------------------------

name_cases(DIAGNOSE, {run: diagnose(run) for run in RUNS}, NAMES)
