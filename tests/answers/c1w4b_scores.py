"""Answers to the penalised score and the table of entanglement."""

import torch
import torch.nn.functional as F

from answers import Answers

PENALISED_SCORE, ENTANGLEMENT = P, E = Answers("c1w4b.penalised_score"), Answers("c1w4b.entanglement")


def others(x, target):
    return torch.cat([x[:, :target], x[:, target + 1 :]], dim=1)


# --- penalised score, right ------------------------------------------------------------------------------------------

P.right(
    lambda scores, start, target, weight: (
        scores[:, target] - weight * (others(scores, target) - others(start, target)).abs().mean(1)
    ),
    lambda scores, start, target, weight: (
        scores[:, target]
        - weight * ((scores - start).abs().sum(1) - (scores - start)[:, target].abs()) / (scores.shape[1] - 1)
    ),
    lambda s, t, a, w: s[:, a] - w * F.l1_loss(others(s, a), others(t, a).detach(), reduction="none").mean(-1),
)


@P.right
def with_a_mask(scores, start, target, weight):
    mask = torch.ones(scores.shape[1])
    mask[target] = 0
    distance = torch.einsum("ba,a->b", (scores - start).abs(), mask / mask.sum())
    return scores[:, target] - weight * distance


@P.right
def with_loops(scores, start, target, weight):
    values = []
    for now, then in zip(scores, start, strict=True):
        moved = [abs(now[i] - then[i]) for i in range(len(now)) if i != target]
        values.append(now[target] - weight * sum(moved) / len(moved))
    return torch.stack(values)


P.right(
    lambda s, t, a, w: s[:, a] - w * (s - t)[:, torch.arange(s.shape[1]) != a].abs().mean(dim=-1),
    lambda s, t, a, w: s.T[a] - w * F.pairwise_distance(others(s, a), others(t, a), p=1, eps=0) / (s.shape[1] - 1),
    lambda s, t, a, w: s[:, a] - w * torch.stack([(s - t)[:, i].abs() for i in range(s.shape[1]) if i != a]).mean(0),
)

# --- penalised score, named mistakes ---------------------------------------------------------------------------------

P.wrong("no_return", lambda s, t, a, w: None)
P.wrong("changes_input", lambda s, t, a, w: s[:, a] - w * others(s.detach().sub_(t), a).abs().mean(1))
P.wrong(
    "no_gradient",
    lambda s, t, a, w: (s[:, a] - w * others(s - t, a).abs().mean(1)).detach(),
    torch.no_grad()(lambda s, t, a, w: s[:, a] - w * others(s - t, a).abs().mean(1)),
)
P.wrong(
    "one_number_for_the_batch",
    lambda s, t, a, w: (s[:, a] - w * others(s - t, a).abs().mean(1)).mean(),
    lambda s, t, a, w: s[:, a].mean() - w * others(s - t, a).abs().mean(),
    lambda s, t, a, w: (s[:, a] - w * others(s - t, a).abs().mean(1)).sum(),
)
P.wrong(
    "target_penalised",
    lambda s, t, a, w: s[:, a] - w * (s - t).abs().mean(1),
    lambda s, t, a, w: s[:, a] - w * (s - t).abs().sum(1),
    lambda s, t, a, w: s[:, a] - w * (s - t).pow(2).mean(1),
)
P.wrong("rewards_moving", lambda s, t, a, w: s[:, a] + w * others(s - t, a).abs().mean(1))
P.wrong(
    "signed_change",
    lambda s, t, a, w: s[:, a] - w * others(s - t, a).mean(1),
    lambda s, t, a, w: s[:, a] - w * others(t - s, a).mean(1),
    lambda s, t, a, w: s[:, a] - w * others(s - t, a).mean(1).abs(),
    lambda s, t, a, w: s[:, a] - w * (s - t).mean(1),
)
P.wrong(
    "squared_change",
    lambda s, t, a, w: s[:, a] - w * others(s - t, a).square().mean(1),
    lambda s, t, a, w: s[:, a] - w * others(s - t, a).norm(dim=1),
    lambda s, t, a, w: s[:, a] - w * others(s - t, a).pow(2).sum(1),
    lambda s, t, a, w: s[:, a] - w * others(s - t, a).pow(2).mean(1).sqrt(),
)
P.wrong(
    "summed_over_attributes",
    lambda s, t, a, w: s[:, a] - w * others(s - t, a).abs().sum(1),
    lambda s, t, a, w: s[:, a] - w * F.pairwise_distance(others(s, a), others(t, a), p=1),
)
P.wrong(
    "divided_by_all",
    lambda s, t, a, w: s[:, a] - w * others(s - t, a).abs().sum(1) / s.shape[1],
    lambda s, t, a, w: s[:, a] - w * ((s - t).abs() * (torch.arange(s.shape[1]) != a)).mean(1),
)
P.wrong(
    "averaged_over_batch",
    lambda s, t, a, w: s[:, a] - w * F.l1_loss(others(s, a), others(t, a)),
    lambda s, t, a, w: s[:, a] - w * others(s - t, a).abs().mean(),
)
P.wrong(
    "everybody_with_everybody",
    lambda s, t, a, w: s[:, a] - w * others(s - t, a).abs().mean(1, keepdim=True),
    lambda s, t, a, w: s[:, [a]] - w * others(s - t, a).abs().mean(1),
)
P.wrong("gain_of_the_target", lambda s, t, a, w: (s - t)[:, a] - w * others(s - t, a).abs().mean(1))
P.wrong(
    "target_missing",
    lambda s, t, a, w: -w * others(s - t, a).abs().mean(1),
    lambda s, t, a, w: others(s - t, a).abs().mean(1),
)
P.wrong("negated", lambda s, t, a, w: w * others(s - t, a).abs().mean(1) - s[:, a])
P.wrong(
    "half_detached",
    lambda s, t, a, w: s[:, a] - w * others((s - t).detach(), a).abs().mean(1),
    lambda s, t, a, w: s[:, a].detach() - w * others(s - t, a).abs().mean(1),
)
P.wrong(
    "level_penalised",
    lambda s, t, a, w: s[:, a] - w * others(s, a).abs().mean(1),
    lambda s, t, a, w: s[:, a] - w * others(s, a).mean(1),
)
P.wrong("weight_ignored", lambda s, t, a, w: s[:, a] - others(s - t, a).abs().mean(1))
P.wrong("penalty_missing", lambda s, t, a, w: s[:, a])

# --- penalised score, wrong in ways that nobody listed ---------------------------------------------------------------

P.refused(
    lambda s, t, a, w: w * s[:, a] - others(s - t, a).abs().mean(1),
    lambda s, t, a, w: s[:, a] - w * others(s - t, 0).abs().mean(1),
    lambda s, t, a, w: s[:, a] - w * others(s - t, a).abs().max(1).values,
    lambda s, t, a, w: (1 - w) * s[:, a] - w * others(s - t, a).abs().mean(1),
    lambda s, t, a, w: s[:, a].sigmoid() - w * others(s.sigmoid() - t.sigmoid(), a).abs().mean(1),
    lambda s, t, a, w: s[a] - w * others(s - t, a).abs().mean(1),
    lambda s, t, a, w: (s[:, a] - w * others(s - t, a).abs().mean(1)).unsqueeze(1),
)

P.right(lambda s, t, a, w: s[:, a] - w * others(torch.where(s > t, s - t, t - s), a).mean(1))  # another slope at 0
P.wrong("root_at_zero", lambda s, t, a, w: s[:, a] - w * others(s - t, a).square().sqrt().mean(1))
P.wrong("images_for_attributes", lambda s, t, a, w: s[:, a] - w * others(s - t, a).abs().mean(0))
P.wrong("squared_change", lambda s, t, a, w: s[:, a] - w * others(s - t, a).norm(dim=1) / (s.shape[1] - 1))
P.wrong("gain_of_the_target", lambda s, t, a, w: (s - t)[:, a] - w * (s - t).abs().mean(1))  # and the target penalised

# --- entanglement, right ---------------------------------------------------------------------------------------------


@E.right
@torch.no_grad()
def row_by_row(score, z, directions, step):
    table = torch.zeros(len(directions), score(z).shape[1])
    for k in range(len(directions)):
        table[k] = score(z + step * directions[k]).mean(0) - score(z).mean(0)
    return table


@E.right
@torch.no_grad()
def all_in_one_batch(score, z, directions, step):
    moved = (z[None] + step * directions[:, None]).flatten(0, 1)
    return score(moved).view(len(directions), len(z), -1).mean(1) - score(z).mean(0)


@E.right
def detached_at_the_end(score, z, directions, step):
    rows = [(score(torch.add(z, d, alpha=step)) - score(z)).sum(0) / z.shape[0] for d in directions]
    return torch.stack(rows).detach()


# --- entanglement, named mistakes ------------------------------------------------------------------------------------


def table(row):
    """A table whose rows are ``row(score, z, direction, step)``."""

    @torch.no_grad()
    def entanglement(score, z, directions, step):
        return torch.stack([row(score, z, d, step) for d in directions])

    return entanglement


@E.wrong("changes_z")
@torch.no_grad()
def moves_z(score, z, directions, step):
    before, rows = score(z), []
    for direction in directions:
        z += step * direction
        rows.append((score(z) - before).mean(0))
    return torch.stack(rows)


@E.wrong("steps_add_up")
@torch.no_grad()
def walks_on(score, z, directions, step):
    before, rows = score(z), []
    for direction in directions:
        z = z + step * direction
        rows.append((score(z) - before).mean(0))
    return torch.stack(rows)


@E.wrong("steps_add_up")
@torch.no_grad()
def forgets_where_it_began(score, z, directions, step):
    rows = []
    for direction in directions:
        moved = z + step * direction
        rows.append((score(moved) - score(z)).mean(0))
        z = moved
    return torch.stack(rows)


E.wrong("no_return", lambda score, z, directions, step: None)
E.wrong("transposed", lambda *p: row_by_row(*p).T)
E.wrong("start_not_subtracted", table(lambda score, z, d, step: score(z + step * d).mean(0)))
E.wrong("step_ignored", table(lambda score, z, d, step: (score(z + d) - score(z)).mean(0)))
E.wrong("directions_normalised", table(lambda score, z, d, step: (score(z + step * d / d.norm()) - score(z)).mean(0)))
E.wrong(
    "absolute_change",
    table(lambda score, z, d, step: (score(z + step * d) - score(z)).abs().mean(0)),
    table(lambda score, z, d, step: (score(z + step * d) - score(z)).mean(0).abs()),
)
E.wrong("summed_over_z", table(lambda score, z, d, step: (score(z + step * d) - score(z)).sum(0)))
E.wrong(
    "at_the_mean_of_z",
    table(lambda score, z, d, step: (score(z.mean(0, keepdim=True) + step * d) - score(z.mean(0, keepdim=True)))[0]),
)
E.wrong(
    "both_sides",
    table(lambda score, z, d, step: (score(z + step * d) - score(z - step * d)).mean(0)),
    table(lambda score, z, d, step: (score(z + step * d) - score(z - step * d)).mean(0) / 2),
)
E.wrong("negated", table(lambda score, z, d, step: (score(z) - score(z + step * d)).mean(0)))
E.wrong("per_step", table(lambda score, z, d, step: ((score(z + step * d) - score(z)) / step).mean(0)))
E.wrong(
    "graph_kept",
    lambda score, z, directions, step: torch.stack([(score(z + step * d) - score(z)).mean(0) for d in directions]),
)


@E.wrong("not_a_batch")
@torch.no_grad()
def in_three_dimensions(score, z, directions, step):
    return (score(z[None] + step * directions[:, None]) - score(z)).mean(1)


@E.wrong("not_a_batch")
@torch.no_grad()
def one_vector_at_a_time(score, z, directions, step):
    return torch.stack([torch.stack([score(x + step * d) - score(x) for x in z]).mean(0) for d in directions])


# --- entanglement, wrong in ways that nobody listed ------------------------------------------------------------------

E.refused(
    table(lambda score, z, d, step: (score(z - step * d) - score(z)).mean(0)),
    table(lambda score, z, d, step: (score(z + step * d) - score(z)).mean()),
    table(lambda score, z, d, step: (score(z + step * d) - score(z)).median(0).values),
    table(lambda score, z, d, step: (score(step * d + 0 * z) - score(z)).mean(0)),
    table(lambda score, z, d, step: (score(z + step * d) - score(z))[0]),
    lambda score, z, directions, step: score(z + step * directions),
)


E.wrong("absolute_change", table(lambda score, z, d, step: (score(z + step * d / d.norm()) - score(z)).abs().mean(0)))


@E.wrong("graph_kept")
def half_a_graph(score, z, directions, step):
    with torch.no_grad():
        after = [score(z + step * d).mean(0) for d in directions]
    return torch.stack(after) - score(z).mean(0)
