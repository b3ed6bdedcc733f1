"""Checks of ``penalised_score`` and ``entanglement``."""

import torch

from course_utils.checks.engine import Mistake, exercise
from course_utils.checks.expect import expect_close, expect_tensor, expect_true
from course_utils.checks.functions import behaves_like, changes_input, expect_same, no_graph, normal, returns_nothing
from course_utils.checks.probes import agrees
from course_utils.latent import entanglement, penalised_score


def _case(n=6, attributes=5, target=2, weight=0.7, seed=0):
    return normal(n, attributes, seed=seed, scale=2.0), normal(n, attributes, seed=seed + 50), target, weight


_CASES = (_case(), _case(1, 3, 0, 2.0, 1), _case(9, 4, 3, 0.25, 2), _case(4, 5, 1, 0.0, 3))
_PENALISED = (_case(), _case(9, 4, 3, 0.25, 2))  # more rows than one, a weight above 0


def _variant(distance, reduce=torch.mean, drop_target=True, sign=-1.0):
    def wrong(scores, start, target, weight):
        keep = torch.ones(scores.shape[1], dtype=torch.bool)
        keep[target] = not drop_target
        return scores[:, target] + sign * weight * reduce(distance(scores, start)[:, keep], dim=1)

    return wrong


def _absolute(s, start):
    return (s - start).abs()


def _moved(scores, start, target):
    """How far the others have moved, (B,)."""
    return _others(scores - start, target).abs().mean(dim=1)


def _half_detached(candidate) -> bool:
    """The right values, but a gradient for the target only, or for the others only?"""
    scores, start, target, weight = _case()
    scores.requires_grad_()
    value = candidate(scores, start, target, weight)
    (gradient,) = torch.autograd.grad(value.sum(), scores)
    missing = not gradient[:, target].any() or not _others(gradient, target).any()
    return missing and agrees(value, penalised_score(*_case()))


_SCORE_MISTAKES = (
    Mistake(
        "no_return",
        "The function returns None: its last line needs a `return`.",
        returns_nothing(*_case()),
    ),
    Mistake(
        "changes_input",
        "The function changes a tensor it was given (a name ending in _, or an operation like `-=`). The scores are still "
        "needed by whoever computed them; make a new tensor.",
        changes_input(*_case()),
    ),
    Mistake(
        "no_gradient",
        "The result has no graph behind it: `.item()`, `.detach()`, NumPy or `torch.no_grad()` cut it off. The noise learns "
        "only from this gradient. Return the tensor as computed.",
        no_graph(*_case()),
    ),
    Mistake(
        "one_number_for_the_batch",
        "The result is one number for the whole batch. Each z is to be moved by its own score, so average over the attributes "
        "only: `dim=1`.",
        lambda c: c(*_case()).ndim == 0,
    ),
    Mistake(
        "target_penalised",
        "The target is among the attributes that must not move, so the penalty fights the change that you want, the more the "
        "further it has come. Leave its column out of the mean.",
        behaves_like(
            _variant(_absolute, drop_target=False), _variant(_absolute, torch.sum, False),
            _variant(lambda s, t: (s - t).square(), drop_target=False), cases=_PENALISED,
        ),
    ),
    Mistake(
        "rewards_moving",
        "The penalty is added, so the score is highest where the other attributes have moved far. Subtract it.",
        behaves_like(_variant(_absolute, sign=1.0), cases=_PENALISED),
    ),
    Mistake(
        "signed_change",
        "A rise of one attribute cancels a fall of another, and a fall alone even raises the score: the differences kept their "
        "signs. How far an attribute moved is the absolute difference.",
        behaves_like(
            _variant(lambda s, t: s - t), _variant(lambda s, t: t - s),
            lambda s, t, a, w: s[:, a] - w * _others(s - t, a).mean(1).abs(),
            lambda s, t, a, w: s[:, a] - w * (s - t).mean(1), cases=_PENALISED,
        ),
    ),
    Mistake(
        "squared_change",
        "The differences are squared (or their root is taken after adding them up). The docstring asks for the mean of "
        "absolute differences: a square hardly punishes small moves, and a few large ones decide.",
        behaves_like(
            _variant(lambda s, t: (s - t).square()),
            lambda s, t, a, w: s[:, a] - w * _others(s - t, a).norm(dim=1),
            lambda s, t, a, w: s[:, a] - w * _others(s - t, a).square().sum(1),
            lambda s, t, a, w: s[:, a] - w * _others(s - t, a).square().mean(1).sqrt(), cases=_PENALISED,
        ),
    ),
    Mistake(
        "summed_over_attributes",
        "The movements of the others are added up instead of averaged, so the same weight means something else when there are "
        "more attributes. Take the mean over the other attributes.",
        behaves_like(_variant(_absolute, torch.sum), cases=_PENALISED),
    ),
    Mistake(
        "divided_by_all",
        "The movements of the others are divided by the number of all attributes: a 0 in the target's place counts in "
        "the mean. Divide by how many others there are, `scores.shape[1] - 1`.",
        behaves_like(
            lambda s, t, a, w: s[:, a] - w * _others(s - t, a).abs().sum(1) / s.shape[1], cases=_PENALISED
        ),
    ),
    Mistake(
        "averaged_over_batch",
        "The movements are averaged over the batch as well (`l1_loss` and `.mean()` do so), so each z is punished for what all "
        "have moved. Average over the attributes only: `dim=1`.",
        behaves_like(lambda s, t, a, w: s[:, a] - w * _moved(s, t, a).mean(), cases=_PENALISED),
    ),
    Mistake(
        "everybody_with_everybody",
        "The result is (B, B): one of the two parts is (B, 1), the other (B,), so each z's score meets the movement of every "
        "other. Both must be (B,): index with `target`, not `[target]`, and leave out `keepdim`.",
        behaves_like(
            lambda s, t, a, w: s[:, a] - w * _moved(s, t, a)[:, None],
            lambda s, t, a, w: s[:, a, None] - w * _moved(s, t, a), cases=_PENALISED,
        ),
    ),
    Mistake(
        "gain_of_the_target",
        "The target's score at the start is subtracted as well. Asked for is how much there is of the target now; only "
        "the others are compared with the start.",
        behaves_like(lambda s, t, a, w: (s - t)[:, a] - w * _moved(s, t, a), cases=_PENALISED),
    ),
    Mistake(
        "target_missing",
        "The score of the target is not in the result, only how far the others have moved: nothing would make z go anywhere. "
        "Begin with `scores[:, target]`.",
        behaves_like(
            lambda s, t, a, w: w * _moved(s, t, a), lambda s, t, a, w: _moved(s, t, a),
            cases=_PENALISED, factors=(1.0, -1.0),
        ),
    ),
    Mistake(
        "negated",
        "The sign is turned round: this is a loss, small where the target is present. Asked for is a score, which is to rise.",
        behaves_like(penalised_score, cases=_PENALISED, factors=(-1.0,)),
    ),
    Mistake(
        "half_detached",
        "The values are right, but a part has no graph: z would learn only from the target, or only from the others. Leave "
        "both as computed from `scores`.",
        _half_detached,
    ),
    Mistake(
        "level_penalised",
        "The penalty does not depend on `start`: it punishes the other attributes for being there, not for having moved. "
        "Subtract `start` first.",
        behaves_like(
            _variant(lambda s, t: s.abs()), _variant(lambda s, t: s), _variant(lambda s, t: s.sigmoid()), cases=_PENALISED
        ),
    ),
    Mistake(
        "weight_ignored",
        "Twice the weight gives the same result: `weight` is not used.",
        lambda c: agrees(c(*_case(weight=0.7)), c(*_case(weight=1.4))),
    ),
)  # fmt: skip


def _others(x, target):
    return torch.cat([x[:, :target], x[:, target + 1 :]], dim=1)


@exercise("c1w4b.penalised_score", reference="course_utils.latent:penalised_score", mistakes=_SCORE_MISTAKES)
def verify_score(candidate):
    expect_same("penalised_score", _of_scores(candidate), _of_scores(penalised_score), _CASES)


def _of_scores(function):
    """The function with a graph through the scores only: whether one runs through ``start``, too, is left open."""
    return lambda scores, start, target, weight: function(scores, start.detach(), target, weight)


# --- entanglement ----------------------------------------------------------------------------------------------------


def _problem(n=8, width=4, directions=3, attributes=5, seed=0):
    """A curved score of z, and arguments: nothing is symmetric, no two sizes are equal."""
    mixing = normal(width, attributes, seed=seed + 1)

    def score(z):
        if z.ndim != 2:  # as generators do
            raise ValueError(f"score: expected z of shape (N, {width}), got {tuple(z.shape)}")
        return torch.tanh(z @ mixing) + 0.3 * (z @ mixing).square()

    return score, normal(n, width, seed=seed + 2), normal(directions, width, seed=seed + 3), 0.8


def _table(function):
    """A wrong table of the same problem."""

    def seen(candidate):
        problems = (_problem(), _problem(5, 3, 4, 2, 7))
        return all(agrees(candidate(*p), function(*p)) for p in problems)

    return seen


def _no_start(score, z, directions, step):
    return torch.stack([score(z + step * d).mean(0) for d in directions])


def _walking_on(score, z, directions, step):
    rows, place = [], z
    for d in directions:
        place = place + step * d
        rows.append((score(place) - score(z)).mean(0))
    return torch.stack(rows)


def _from_the_last_place(score, z, directions, step):
    rows, place = [], z
    for d in directions:
        rows.append((score(place + step * d) - score(place)).mean(0))
        place = place + step * d
    return torch.stack(rows)


def _unit_step(score, z, directions, step):
    return entanglement(score, z, directions, 1.0)


def _normalised(score, z, directions, step):
    return entanglement(score, z, directions / directions.norm(dim=1, keepdim=True), step)


def _absolute_change(score, z, directions, step):
    return torch.stack([(score(z + step * d) - score(z)).abs().mean(0) for d in directions])


def _graph_kept(candidate) -> bool:
    score, z, directions, step = _problem()
    table = candidate(score, z.requires_grad_(), directions, step)
    return agrees(table, entanglement(*_problem())) and table.requires_grad


def _not_two_dimensions(candidate) -> bool:
    """Does the candidate call the score with anything but (N, latent_dim)?"""
    score, *arguments = _problem()
    shapes = []

    def listening(z):
        shapes.append(z.ndim)
        return score(z)

    try:
        candidate(listening, *arguments)
    except ValueError:
        return any(n != 2 for n in shapes)
    return False


def _summed(score, z, directions, step):
    return len(z) * entanglement(score, z, directions, step)


def _at_the_mean(score, z, directions, step):
    middle = z.mean(0, keepdim=True)
    return entanglement(score, middle, directions, step)


def _both_sides(score, z, directions, step):
    return torch.stack([(score(z + step * d) - score(z - step * d)).mean(0) for d in directions])


def _changes_z(candidate) -> bool:
    score, z, directions, step = _problem()
    before = z.clone(), directions.clone()
    candidate(score, z, directions, step)
    return not (torch.equal(z, before[0]) and torch.equal(directions, before[1]))


_TABLE_MISTAKES = (
    Mistake(
        "no_return", "The function returns None: its last line needs a `return`.", lambda c: c(*_problem()) is None
    ),
    Mistake(
        "changes_z",
        "z or the directions are changed (`z += ...`), so each direction starts where the last one ended, and whoever called "
        "the function has lost the latent vectors. Write `z + step * direction`.",
        _changes_z,
    ),
    Mistake(
        "transposed",
        "Rows and columns are the wrong way round. The row says which direction was moved along, the column which attribute "
        "changed.",
        _table(lambda *p: entanglement(*p).T),
    ),
    Mistake(
        "start_not_subtracted",
        "These are the scores after the step, not what the step changed: subtract the scores of z itself.",
        _table(_no_start),
    ),
    Mistake(
        "steps_add_up",
        "The first row is right, the later ones are not: each step begins where the one before ended. Begin each at z.",
        lambda c: _table(_walking_on)(c) or _table(_from_the_last_place)(c),
    ),
    Mistake("step_ignored", "Every step has the length of its direction: `step` is not used.", _table(_unit_step)),
    Mistake(
        "directions_normalised",
        "The directions were scaled to length 1. The docstring asks for them as they are: whoever calls the function "
        "decides how long they are.",
        _table(_normalised),
    ),
    Mistake(
        "absolute_change",
        "All entries are positive: the absolute value was taken. Whether a step adds glasses or removes them is half of what "
        "the table has to say.",
        lambda c: _table(_absolute_change)(c) or _table(lambda *p: entanglement(*p).abs())(c),
    ),
    Mistake(
        "summed_over_z",
        "The changes are added up over z instead of averaged, so they grow with the number of latent vectors.",
        _table(_summed),
    ),
    Mistake(
        "at_the_mean_of_z",
        "The latent vectors were averaged before the score was taken. The score is not linear: the mean of z gives an image "
        "that nobody drew. Average the changes, not z.",
        _table(_at_the_mean),
    ),
    Mistake(
        "both_sides",
        "The difference is taken between a step forwards and a step backwards. The docstring asks for the change from z.",
        lambda c: _table(_both_sides)(c) or _table(lambda *p: _both_sides(*p) / 2)(c),
    ),
    Mistake(
        "negated",
        "The sign is turned round: the scores after the step are subtracted from those of z. A rise must be positive: after "
        "minus before.",
        _table(lambda *p: -entanglement(*p)),
    ),
    Mistake(
        "per_step",
        "The change is divided by the length of the step, as for a slope. The docstring asks for the change itself.",
        _table(lambda *p: entanglement(*p) / p[-1]),
    ),
    Mistake(
        "not_a_batch",
        "`score` was called with something else than (N, latent_dim): with single vectors, or with all directions in one "
        "tensor of three dimensions. A generator takes a batch of latent vectors. Move the whole z along one direction at a "
        "time, or flatten the first two dimensions before the call.",
        _not_two_dimensions,
    ),
    Mistake(
        "graph_kept",
        "The table still has a graph, and with it all activations of two networks for every direction. Compute it under "
        "`torch.no_grad()`.",
        _graph_kept,
    ),
)


@exercise("c1w4b.entanglement", reference="course_utils.latent:entanglement", mistakes=_TABLE_MISTAKES)
def verify_table(candidate):
    for sizes in ((8, 4, 3, 5, 0), (1, 3, 2, 4, 10), (6, 5, 1, 1, 20)):
        score, z, directions, step = _problem(*sizes)
        for amount in (step, -2.0):
            before = z.clone()
            table = expect_tensor("entanglement", candidate(score, z, directions, amount))
            expect_true(torch.equal(z, before), "entanglement changes the z that it was given.")
            what = f"entanglement for {sizes[2]} directions and {sizes[3]} attributes"
            expect_close(what, table, entanglement(score, z, directions, amount))
    score, z, directions, step = _problem()
    table = candidate(score, z.requires_grad_(), directions, step)
    expect_true(not table.requires_grad, "The table still has a graph: compute it under torch.no_grad().")
