"""Answers to the exercises of the lesson on debiasing."""

import torch
import torch.nn.functional as F

from answers import Answers, filled, name_cases
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

# --- more of them, each an edit of what learners write ------------------------------------------------------------------

_STEP = """
if strength < 0:
    raise ValueError(strength)
features = players.encoder(x)
task = F.binary_cross_entropy_with_logits(players.head(features).squeeze(1), target)
guess = F.binary_cross_entropy_with_logits(players.adversary(REVERSED).squeeze(1), protected)
CLEAR
(task + guess).backward()
players.opt_task.step()
players.opt_adversary.step()
return task.detach(), guess.detach()
"""
_REVERSED = "GradientReversal.apply(features, strength)"
_CLEAR = "players.opt_task.zero_grad()\nplayers.opt_adversary.zero_grad()"


def _step(*edits):
    code = _STEP
    for old, new in (*edits, ("REVERSED", _REVERSED), ("CLEAR", _CLEAR)):
        code = code.replace(old, new)
    return filled("c2w2b.adversary_step", code)


STEP.right(_step())
STEP.wrong("without_apply", _step(("REVERSED", "GradientReversal(features, strength)")))
STEP.wrong("twice_reversed", _step(("REVERSED", "GradientReversal.apply(features, -strength)")))
STEP.wrong("batch_squeezed", _step((".squeeze(1)", ".squeeze()")))
STEP.wrong("gradients_left", _step(("CLEAR", "")))
STEP.wrong("cleared_too_late", _step(("CLEAR\n(task + guess).backward()", "(task + guess).backward()\nCLEAR")))
STEP.wrong("graph_used_twice", _step(("(task + guess).backward()", "task.backward()\nguess.backward()")))
STEP.wrong(
    "stepped_between",
    _step(
        (
            "(task + guess).backward()\nplayers.opt_task.step()",
            "task.backward(retain_graph=True)\nplayers.opt_task.step()\nguess.backward()",
        )
    ),
)
STEP.wrong("numbers_returned", _step(("task.detach(), guess.detach()", "task.item(), guess.item()")))
STEP.wrong("one_returned", _step(("return task.detach(), guess.detach()", "return (task + guess).detach()")))
STEP.wrong(
    "steps_more_than_once",
    _step(("players.opt_adversary.step()", "players.opt_adversary.step()\nplayers.opt_adversary.step()")),
)
STEP.wrong("reads_no_features", _step(("REVERSED", "GradientReversal.apply(players.head(features), strength)")))
STEP.wrong(
    "below_zero_accepted",
    _step(("if strength < 0:\n    raise ValueError(strength)", ""), ("task + guess", "task + strength * guess")),
)

for _name, _forward, _backward in (
    ("not_kept", "return x.view_as(x)", "return -strength * gradient, None"),
    ("not_kept", "return x.view_as(x)", "return -ctx.strength * gradient, None"),
    (
        "saved_number",
        "ctx.save_for_backward(strength)\nreturn x.view_as(x)",
        "(s,) = ctx.saved_tensors\nreturn -s * gradient, None",
    ),
    ("other_order", "ctx.s = strength\nreturn x.view_as(x)", "return -ctx.s * gradient, 0.0"),
    ("two_forward", "ctx.s = strength\nreturn x.view_as(x), strength", "return -ctx.s * gradient, None"),
):
    REVERSAL.wrong(_name, filled("c2w2b.gradient_reversal", _forward, _backward))


@REVERSAL.wrong("a_module")
class AModule(torch.nn.Module):
    def forward(self, x):
        return x


_WEIGH = """
if len(a) != len(b) or len(a) == 0:
    raise ValueError
w = torch.zeros(len(a), dtype=torch.float64)
for x in a.unique():
    for y in b.unique():
        m = (a == x) & (b == y)
        if not m.any():
            raise ValueError
        w[m] = (a == x).double().mean() * (b == y).double().mean() / m.double().mean()
return w
"""


def _weigh(*edits):
    code = _WEIGH
    for old, new in edits:
        code = code.replace(old, new)
    return filled("c2w2b.reweighing", code)


WEIGHTS.right(_weigh())
WEIGHTS.wrong("mean_of_a_mask", _weigh((".double().mean()", ".mean()")))
WEIGHTS.wrong(
    "float32_inside",
    _weigh((", dtype=torch.float64", ""), (".double()", ".float()"), ("return w", "return w.double()")),
)
WEIGHTS.wrong("some_left_at_zero", _weigh(("return w", "    return w")))
WEIGHTS.wrong("all_one", _weigh(("/ m.double().mean()", "/ ((a == x).double().mean() * (b == y).double().mean())")))
WEIGHTS.wrong("share_within_a_group", _weigh(("m.double().mean()", "(b[a == x] == y).double().mean()")))

_FAIR = """
ab = read(draw_z(pilot)).long()
w = reweighing(ab[:, 0], ab[:, 1])
chance = torch.zeros(2, 2, dtype=torch.float64)
chance[ab[:, 0], ab[:, 1]] = w / w.max()
kept, drawn, count = [], 0, 0
while count < n:
    z = draw_z(batch_size)
    said = read(z).long()
    keep = torch.rand(len(z)) < chance[said[:, 0], said[:, 1]]
    kept.append(z[keep])
    count += int(keep.sum())
    drawn += len(z)
return torch.cat(kept)[:n], count / drawn
"""


def _fair(*edits):
    code = _FAIR
    for old, new in edits:
        code = code.replace(old, new)
    return filled("c2w2b.fair_latents", code)


FAIR.right(_fair(), _fair(("count / drawn", "torch.tensor(count / drawn).item()")))
FAIR.wrong("hardly_any_kept", _fair(("w.max()", "w.sum()")))
FAIR.wrong("the_last", _fair(("[:n]", "[-n:]")))
FAIR.wrong("expected_share", _fair(("count / drawn", "float((w / w.max()).mean())")))
FAIR.wrong("one_batch", _fair(("while count < n", "if count < n")))
FAIR.wrong(
    "not_in_order", _fair(("return torch.cat(kept)[:n]", "z = torch.cat(kept)[:n]\nreturn z[torch.randperm(n)]"))
)
FAIR.wrong("sizes_ignored", _fair(("draw_z(batch_size)", "draw_z(500)")))
FAIR.wrong("own_seed", _fair(("torch.rand(", "torch.manual_seed(0) and torch.rand(")))
FAIR.wrong("missing_accepted", _fair(("w = rew", "if len(ab.unique(dim=0)) < 4:\n    return draw_z(n), 1.0\nw = rew")))
FAIR.wrong(
    "pilot_resampled",
    _fair(
        ("ab = read(draw_z(pilot)).long()", "first = draw_z(pilot)\nab = read(first).long()"),
        ("while", "return first[torch.multinomial(w, n, replacement=True)], 0.5\nwhile"),
    ),
)
FAIR.refused(_fair(("draw_z(pilot)", "draw_z(2000)")))
FAIR.wrong("vectors_of_its_own", _fair(("z = draw_z(batch_size)", "z = torch.randn(batch_size, draw_z(1).shape[1])")))
FAIR.wrong("a_batch_too_many", _fair(("count < n", "count <= n")))
FAIR.wrong("share_in_a_tensor", _fair(("count / drawn", "torch.tensor(count / drawn)")))
FAIR.wrong("normal_toss", _fair(("torch.rand(", "torch.randn(")))
FAIR.wrong(
    "weights_of_each_batch",
    _fair(
        (
            "    keep =",
            "    own = reweighing(said[:, 0], said[:, 1])\n    chance[said[:, 0], said[:, 1]] = own / own.max()\n    keep =",
        )
    ),
)
