"""The checks of the lesson on control without labels."""

import torch

from course_utils.checks import exercise, mistake, symptoms
from course_utils.checks.cases import DTYPE, GRAPH, KIND, RESULT, Fixed, call, kind, normal, scenario
from course_utils.checks.observe import RAISES, Seen, raised
from course_utils.checks.programs import Body

# --- a step on the noise -----------------------------------------------------------------------------------------------

_NEW_Z, _LEAF = "`z` after the step", "whether `z` is still a leaf that requires a gradient"
_NO_GRADIENTS = tuple(m for m in symptoms.USUAL if m.id != "no_gradient")  # none is to come back
_SMALL, _LARGE = "a step of size 0.1", "a step of size 0.3"


def _slanted(z):
    """A score with a different slope for every row and column, and none that is the same everywhere."""
    return (z.square() * torch.linspace(0.5, 1.5, z.shape[1], dtype=z.dtype)).sum(dim=1) + torch.sin(z).prod(dim=1)


def _stepped(label: str, *size: float, shape=(5, 3), seed: int = 0, old=None, calls: int = 1, dtype=torch.float64):
    """Steps in a row from the same z, with the gradient ``old`` (a factor) already there or none."""

    def run(noise_step):
        z = normal(*shape, seed=seed, dtype=dtype).requires_grad_()
        z.grad = None if old is None else old * normal(*shape, seed=seed + 9, dtype=dtype)
        arrived, facts = [], {}
        z.register_hook(lambda gradient: arrived.append(True))
        try:
            for call_ in range(calls):
                scores = noise_step(z, _slanted, *size)
                tensor = isinstance(scores, torch.Tensor)
                facts |= {KIND: kind(scores), RESULT: scores.detach().clone() if tensor else scores}
                facts |= {GRAPH: scores.requires_grad} if tensor else {}
                facts |= {f"{_NEW_Z} ({call_ + 1})": z.detach().clone(), _LEAF: z.requires_grad and z.is_leaf}
        except Exception as error:  # noqa: BLE001 - what was done before it tells more than the exception
            facts = raised(error).facts
            return Seen(facts, {"left": z.grad, "arrived": bool(arrived)}, error)
        return Seen(facts, {"left": z.grad, "arrived": bool(arrived)})

    return scenario(label, run)


def _size_ignored(r) -> bool:
    small, large = (r.got[case].facts[f"{_NEW_Z} (1)"] for case in (_SMALL, _LARGE))
    return torch.equal(small, large) and not torch.equal(small, normal(5, 3))


_MOVE = "    with torch.no_grad():\n        z += step_size * z.grad"

exercise(
    "c1w4b.noise_step",
    "course_utils.latent:noise_step",
    cases=(
        _stepped(_SMALL, 0.1),
        _stepped(_LARGE, 0.3),
        _stepped("a step of the default size"),
        _stepped("a step where `z.grad` holds an old gradient", 0.3, old=1.0),
        _stepped("three steps in a row", 0.2, shape=(16, 4), seed=1, calls=3),
        _stepped("three steps of a single row, `z.grad` at 0", 0.2, shape=(1, 7), seed=2, old=0.0, calls=3),
        _stepped("a step in float32", 0.2, shape=(2, 3), seed=3, dtype=torch.float32),
    ),
    usual=tuple(m for m in _NO_GRADIENTS if m.id != "changes_input"),
    mistakes=(
        mistake("not_summed",
            "`backward()` is called on all scores at once, but it needs a single number. Sum them: the gradient of the sum "
            "is, row by row, the gradient of each. (With the mean each row would move less in a larger batch.)",
            symptom=lambda r: r.raised("only for scalar outputs")),
        mistake("in_place_on_a_leaf",
            "z is changed where autograd writes down every operation, and there it forbids that for a leaf. Change it under "
            "`with torch.no_grad():`; the line itself stays, `z += step_size * z.grad`.",
            symptom=lambda r: r.raised("leaf Variable that requires grad")),
        mistake("scores_without_graph",
            "The scores have no graph: they were computed under `torch.no_grad()`, detached, or from a copy of z that "
            "requires no gradient. Only the change of z belongs under `torch.no_grad()`.",
            symptom=lambda r: (next(iter(r.got.values())).error is not None and (r.raised("does not require grad")
                or r.raised("does not have a grad_fn")))),
        mistake("no_gradient_yet", ("z.grad = None", "z.grad.zero_()"),
            "It works when `z.grad` already holds a gradient, and fails on a fresh z, where it is None. Write `z.grad = "
            "None`, which is always possible, or look first: `if z.grad is not None: z.grad.zero_()`."),
        mistake("cleared_too_late", ("    with torch", "    z.grad = None\n    with torch"),
            ("    with torch", "    z.grad.zero_()\n    with torch"),
            ("z.grad = None", "pass", "    with torch", "    z.grad = None\n    with torch"),
            ("z.grad = None", "pass", "    with torch", "    z.grad.zero_()\n    with torch"),
            "`z.grad` is cleared between `backward()` and the step, so there is nothing to move z by. Clear it before "
            "`backward()`."),
        mistake("gradient_accumulates", ("z.grad = None", "pass"),
            ("z.grad = None", "pass", "scores.sum()", "(-scores.sum())", "z += step_size", "z -= step_size"),
            "The first step is right, and then old gradients are added to new ones: `backward()` adds to what it finds in "
            "`z.grad`. Clearing the classifier's or the generator's gradients does not help, the noise keeps its own. Clear "
            "`z.grad` before `backward()`: `z.grad = None`, or `z.grad.zero_()` where there is one."),
        mistake("cleared_at_the_end", ("z.grad = None", "pass", "    return scores", "    VALUE\n    return scores"),
            "`z.grad` is cleared after the step only, so a gradient that was there before the call is in the sum. Clear it "
            "before `backward()`.",
            values=("z.grad = None", "z.grad.zero_()")),
        mistake("no_backward", ("    scores.sum().backward()", "    pass"),
            ("z.grad = None", "torch.autograd.grad(score(z).sum(), z)", "    scores.sum().backward()", "    pass"),
            "`z.grad` is None where the step wants it, or holds an old gradient: none was computed, it went to a "
            "copy of z, or it was not put there, since `torch.autograd.grad` returns it. `score(z)`, of this very z, "
            "and `scores.sum().backward()` come before the step."),
        mistake("descends", ("z += step_size", "z -= step_size"), ("scores.sum()", "(-scores.sum())"),
            "The scores fall: the step goes against the gradient, as it would for a loss. A score is to rise, so the "
            "gradient is added: `z += step_size * z.grad`."),
        mistake("mean_over_batch", ("scores.sum()", "scores.mean()"),
            "Each row moves only a B-th of the way, so the same z moves less in a larger batch: the scores were averaged "
            "before `backward()`. Each row has a score of its own; the gradient of their sum is, row by row, the gradient "
            "of each."),
        mistake("one_row_moves", ("scores.sum()", "scores.max()"), ("scores.sum()", "scores[0]"),
            "Only one row moves, the first or the one with the highest score. Every row climbs its own score: sum them all."),
        mistake("no_gradient_computed", Body("return score(z).detach()"),
            "After the call z is what it was, and no gradient arrived at it: none was computed, or it went to a copy "
            "(`z.detach()`, `clone()`). Sum the scores of z itself, call `backward()`, and move z by `step_size * z.grad`.",
            symptom=lambda r: (not any(s.trace.get("arrived", True) for s in r.got.values()) and not r.errors()
                and torch.equal(r.got[_LARGE].facts[f"{_NEW_Z} (1)"], normal(5, 3)))),
        mistake("z_not_changed", ("        z += step_size * z.grad", "        z = z + step_size * z.grad"),
            ("z.grad = None", "pass", "scores.sum().backward()", "(g,) = torch.autograd.grad(scores.sum(), z)",
             "z += step_size * z.grad", "z = z + step_size * g"),
            "After the call z is what it was. `z = z + ...` makes a new tensor and gives it the name z inside the function "
            "only, and a `clone()` is another tensor, too. Change the tensor itself, under `torch.no_grad()`: `z += "
            "step_size * z.grad`."),
        mistake("gradient_of_a_copy",
            "A gradient arrived at z, but the name z stands for another tensor by then, whose `.grad` is None: a copy such "
            "as `z = z.clone()`. Only the z that was passed, a leaf, gets a `.grad`: use it throughout.",
            symptom=lambda r: r.raised("NoneType") and r.got[_LARGE].trace["left"] is not None),
        mistake("new_z_returned", (_MOVE, "    moved = z + step_size * z.grad", "scores.detach()", "moved"),
            (_MOVE, "    moved = (z + step_size * z.grad).detach()", "scores.detach()", "moved"),
            "z itself is what it was; a moved copy comes back. z is to be changed in place, under `torch.no_grad()`, and "
            "what comes back are the scores from before the step."),
        mistake("fixed_step", ("step_size * z.grad", "z.grad"),
            "Steps of size 0.1 and 0.3 move z equally far: `step_size` is not used.",
            symptom=_size_ignored),
        mistake("normalised_step", ("step_size * z.grad", "step_size * z.grad.sign()"),
            ("step_size * z.grad", "step_size * z.grad / z.grad.norm(dim=1, keepdim=True)"),
            ("step_size * z.grad", "step_size * z.grad / z.grad.norm()"),
            ("step_size * z.grad", "step_size * z.grad / z.grad.abs().max()"),
            ("step_size * z.grad", "step_size * z.grad / z.grad.std()"),
            ("step_size * z.grad", "step_size * z.grad.clamp(-1, 1)"),
            "The gradient was scaled before the step: to length 1, to its signs (as Adam does), to a limit. The step is "
            "`step_size` times the gradient as it is, so that it becomes small where the score is flat."),
        mistake("scaled_step", ("step_size * z.grad", "VALUE * step_size * z.grad"),
            "[The direction is right, but] each step is VALUE times as long: a factor, two steps in one, or `backward()` "
            "twice. The step is `step_size` times the gradient.",
            values=(2, 0.5)),
        mistake("two_steps", (_MOVE, f"{_MOVE}\n    z.grad = None\n    score(z).sum().backward()\n{_MOVE}"),
            ("    z.grad = None", f"    score(z).sum().backward()\n{_MOVE}\n    z.grad = None"),
            "Two steps were made in one call, the second from where the first ended. One call is one step."),
        mistake("graph_kept", ("return scores.detach()", "return scores"),
            "The scores that come back still carry their graph, and with it all activations of two networks, for as long as "
            "somebody keeps them. Return `scores.detach()`."),
        mistake("returns_z", ("scores.detach()", "z"), ("scores.detach()", "z.detach()"),
            "[z moves correctly, but] z itself comes back. It was changed in place, so whoever called the function has it. "
            "Return the scores from before the step, `scores.detach()`."),
        mistake("one_score", ("scores.detach()", "scores.detach().sum()"), ("scores.detach()", "scores.detach().mean()"),
            ("scores.detach()", "scores.sum()"), ("scores.detach()", "scores.sum().item()"),
            ("scores.detach()", "scores.mean().item()"),
            "[z moves correctly, but] one number comes back for all rows. Return a score for each, (B,): `scores.detach()`."),
        mistake("scores_after_step", ("return scores.detach()", "return score(z).detach()"),
            ("return scores.detach()", "return score(z)"),
            "[z moves correctly, but] the scores that come back are those after the step. Return the ones the gradient was "
            "taken of: a second forward pass only for them costs as much as the first."),
        mistake("gradient_switched_off", (_MOVE, "    z.requires_grad_(False)\n    z += step_size * z.grad"),
            "After the step z no longer requires a gradient, so a second step fails. Change its numbers under "
            "`torch.no_grad()` and leave the tensor as it is.",
            symptom=lambda r: _LEAF in r.names),
    ),
)

# --- the penalised score -----------------------------------------------------------------------------------------------

_MOVED, _OTHERS = "(scores[:, others] - start[:, others])", "if i != target"
_FIRST, _SCORE = "before the first step (scores equal to the start)", "return scores[:, target] - weight * moved"


def _scored(n: int, attributes: int, target: int, weight: float, seed: int = 0):
    """Scores now and at the start; whether a gradient leads to the start is left open."""
    start = Fixed(normal(n, attributes, seed=seed + 50, dtype=torch.float32))
    return normal(n, attributes, seed=seed, scale=2.0, dtype=torch.float32), start, target, weight


def _at_the_start(penalised_score) -> dict:
    """The gradient of an absolute value at 0 is open, but must be a number."""
    scores = normal(3, 4).float().requires_grad_()
    result = penalised_score(scores, scores.detach().clone(), 1, 4.0)
    (gradient,) = torch.autograd.grad(result.sum(), scores) if result.requires_grad else (torch.zeros(()),)
    return {RESULT: result.detach().clone(), "whether the gradient is a number": bool(gradient.isfinite().all())}


exercise(
    "c1w4b.penalised_score",
    "course_utils.latent:penalised_score",
    cases=(
        call(*_scored(6, 5, 2, 0.7)),
        call(*_scored(9, 4, 3, 0.25, 2)),
        call(*_scored(1, 3, 0, 2.0, 1)),
        call(*_scored(4, 5, 1, 0.0, 3)),
        call(*_scored(5, 2, 1, 3.0, 4)),
        call(*_scored(5, 5, 2, 1.5, 5)),
        scenario(f"called {_FIRST}", _at_the_start),
    ),
    mistakes=(
        mistake("changes_input",
            "The function changes a tensor it was given (a name ending in _, or an operation like `-=`). The scores are "
            "still needed by whoever computed them; make a new tensor.",
            symptom=symptoms.changes_argument, explains=("",)),
        mistake("no_gradient", (_SCORE, _SCORE.replace("return ", "return (") + ").detach()"),
            "The result has no graph behind it: `.item()`, `.detach()`, NumPy or `torch.no_grad()` cut it off. The noise "
            "learns only from this gradient. Return the tensor as computed."),
        mistake("one_number_for_the_batch", (_SCORE, _SCORE.replace("return ", "return (") + ").mean()"),
            (_SCORE, _SCORE.replace("return ", "return (") + ").sum()"),
            "The result is one number for the whole batch. Each z is to be moved by its own score, so average over the "
            "attributes only: `dim=1`.",
            symptom=lambda r: any(getattr(g, "ndim", 1) == 0 for g, _ in r.pairs(RESULT))),
        mistake("probabilities", (_MOVED, "(scores[:, others].sigmoid() - start[:, others].sigmoid())"),
            (_MOVED, "(scores[:, others].sigmoid() - start[:, others].sigmoid())", "return scores[:, target]",
             "return scores[:, target].sigmoid()"),
            "The scores go through a sigmoid. That hides moves far from 0, where it is flat. Compare the scores as "
            "they come."),
        mistake("target_penalised", (_OTHERS, "if True"), (_OTHERS, "if True", ".mean(dim=1)", ".sum(dim=1)"),
            (_OTHERS, "if True", ".abs()", ".square()"),
            "The target is among the attributes that must not move, so the penalty fights the change that you want, the "
            "more the further it has come. Leave its column out of the mean."),
        mistake("before_the_target", ("range(scores.shape[1])", "range(target + 1)"),
            ("range(scores.shape[1])", "range(target, scores.shape[1])"),
            "Only the columns before the target, or only those behind it, are in the penalty. All others must not move: "
            "join the two parts."),
        mistake("rewards_moving", ("- weight * moved", "+ weight * moved"),
            "The penalty is added, so the score is highest where the other attributes have moved far. Subtract it."),
        mistake("signed_change", (".abs()", ""), (f"{_MOVED}.abs()", "(start[:, others] - scores[:, others])"),
            (".abs().mean(dim=1)", ".mean(dim=1).abs()"), (".abs()", "", _OTHERS, "if True"), (".abs()", ".clamp(min=0)"),
            "A rise of one attribute cancels a fall of another, or one of the two is free: the differences kept their "
            "signs. How far an attribute moved is the absolute difference, taken before the mean."),
        mistake("squared_change", (".abs()", ".square()"), (".abs().mean(dim=1)", ".norm(dim=1)"),
            (".abs().mean(dim=1)", ".norm(dim=1) / (scores.shape[1] - 1)"), (".abs().mean(dim=1)", ".square().sum(dim=1)"),
            (".abs().mean(dim=1)", ".square().mean(dim=1).sqrt()"), (".abs().mean(dim=1)", ".norm(dim=1).mean()"),
            "The differences are squared (or their root is taken after adding them up). The docstring asks for the mean of "
            "absolute differences: a square hardly punishes small moves, and a few large ones decide."),
        mistake("other_average", (".mean(dim=1)", ".amax(dim=1)"), (".mean(dim=1)", ".median(dim=1).values"),
            (".abs().mean(dim=1)", ".std(dim=1)"),
            "The largest movement, the middle one, or their standard deviation is taken where the mean of the absolute "
            "movements belongs."),
        mistake("summed_over_attributes", (".mean(dim=1)", ".sum(dim=1)"),
            (".abs().mean(dim=1)", ".add(1e-6).abs().sum(dim=1)"),
            "The movements of the others are added up instead of averaged, so the same weight means something else when "
            "there are more attributes. Take the mean over the other attributes."),
        mistake("divided_by_all", (".mean(dim=1)", ".sum(dim=1) / scores.shape[1]"),
            "The movements of the others are divided by the number of all attributes: a 0 in the target's place counts in "
            "the mean. Divide by how many others there are, `scores.shape[1] - 1`."),
        mistake("averaged_over_batch", (".mean(dim=1)", ".mean()"),
            "The movements are averaged over the batch as well (`l1_loss` and `.mean()` do so), so each z is punished for "
            "what all have moved. Average over the attributes only: `dim=1`."),
        mistake("everybody_with_everybody", (".mean(dim=1)", ".mean(dim=1, keepdim=True)"),
            ("return scores[:, target]", "return scores[:, [target]]"),
            "The result is (B, B): one of the two parts is (B, 1), the other (B,), so each z's score meets the movement of "
            "every other. Both must be (B,): index with `target`, not `[target]`, and leave out `keepdim`."),
        mistake("a_row_for_the_target", ("return scores[:, target]", "return scores[target]"),
            "The target is looked up among the rows, which are images. Attributes are columns: `scores[:, target]`."),
        mistake("images_for_attributes", ("range(scores.shape[1])", "range(len(scores))"), (".mean(dim=1)", ".mean(dim=0)"),
            "Rows and columns are confused: the others are counted, or averaged, over the images. Rows are images, columns "
            "are attributes: there are `scores.shape[1]` of them, and the mean over them is `dim=1`."),
        mistake("a_column", (_SCORE, _SCORE.replace("return ", "return (") + ")[:, None]"),
            "The result is (B, 1), a column. Asked for is one number for each image, (B,): leave out `keepdim`, `[target]` "
            "and `unsqueeze`.",
            symptom=lambda r: any(g.shape == (*w.shape, 1) for g, w in r.pairs(RESULT))),
        mistake("gain_of_the_target", ("return scores[:, target]", "return scores[:, target] - start[:, target]"),
            "The target's score at the start is subtracted as well. Asked for is how much there is of the target now; only "
            "the others are compared with the start."),
        mistake("target_missing", ("scores[:, target] - weight * moved", "-weight * moved"),
            ("scores[:, target] - weight * moved", "weight * moved"), ("scores[:, target] - weight * moved", "moved"),
            "The score of the target is not in the result, only how far the others have moved: nothing would make z go "
            "anywhere. Begin with `scores[:, target]`."),
        mistake("negated", ("scores[:, target] - weight * moved", "weight * moved - scores[:, target]"),
            "The sign is turned round: this is a loss, small where the target is present. Asked for is a score, which is to "
            "rise."),
        mistake("half_detached", (_MOVED, f"{_MOVED}.detach()"),
            ("return scores[:, target]", "return scores[:, target].detach()"),
            "[The values are right, but] a part has no graph: z would learn only from the target, or only from the others. "
            "Leave both as computed from `scores`."),
        mistake("level_penalised", (_MOVED, "scores[:, others]"), (f"{_MOVED}.abs()", "scores[:, others]"),
            (f"{_MOVED}.abs()", "scores[:, others].sigmoid()"),
            "The penalty does not depend on `start`: it punishes the other attributes for being there, not for having "
            "moved. Subtract `start` first."),
        mistake("weight_ignored", ("weight * moved", "moved"), (_SCORE, "return weight * (scores[:, target] - moved)"),
            "`weight` is not used, or multiplies the score of the target, too. The movement of the others alone counts "
            "`weight` times."),
        mistake("penalty_missing", (" - weight * moved", ""),
            "There is no penalty: the others may move as they like. Subtract `weight` times how far they have moved."),
        mistake("root_at_zero", (".abs()", ".square().sqrt()"),
            "Where an attribute has not moved at all, as before the first step, the gradient is NaN: the root of a square "
            "has no slope at 0. `.abs()` takes care of it.",
            symptom=lambda r: r.only("whether the gradient is a number")),
    ),
)

# --- directions --------------------------------------------------------------------------------------------------------


def _regression(n: int, width: int, attributes: int, *ridge: float, seed: int = 0, dtype=torch.float64):
    """z with a mean and correlated columns of different widths, and scores with a constant and noise."""
    mixing = torch.eye(width, dtype=torch.float64) + 0.6 * normal(width, width, seed=seed)
    z = normal(n, width, seed=seed + 1) @ mixing + 2 * normal(width, seed=seed + 2)
    scores = z @ normal(width, attributes, seed=seed + 3) + 3 + 0.5 * normal(n, attributes, seed=seed + 4)
    return z.to(dtype), scores.to(dtype), *ridge


def _only_length(r, *but: str) -> bool:
    """Are all directions right but for their lengths, in all cases but these?"""
    cases = [case for case in r.got if RESULT in r.got[case].facts and RESULT in r.wanted[case].facts]
    pairs = [
        (r.got[c].facts[RESULT].double(), r.wanted[c].facts[RESULT].double()) for c in cases if not c.endswith(but)
    ]
    if r.errors() or not any(RESULT in names for case, names in r.differing.items() if not case.endswith(but)):
        return False
    return all(g.shape == w.shape and torch.allclose(_unit(g), _unit(w), atol=1e-4) for g, w in pairs)


def _unit(x):
    return x / x.norm(dim=-1, keepdim=True)


_UNIT, _EYE = (
    "return (weights / weights.norm(dim=0)).T",
    "ridge * torch.eye(z.shape[1], dtype=z.dtype, device=z.device)",
)
_SOLVED = "torch.linalg.solve(covariance + ridges, z_centred.T @ s_centred / len(z))"
_CENTRED = "z - z.mean(dim=0), scores - scores.mean(dim=0)"
_ONES = "torch.cat([z, torch.ones_like(z[:, :1])], dim=1), scores"
_WIDER = "torch.eye(z.shape[1] + 1, dtype=z.dtype, device=z.device)"

exercise(
    "c1w4b.direction_by_regression",
    "course_utils.latent:direction_by_regression",
    cases=(
        call(*_regression(200, 6, 3, 0.4), gradients=False),
        call(*_regression(120, 4, 1, 0.0, seed=20), gradients=False),
        call(*_regression(300, 9, 5, 0.1, seed=40), gradients=False),
        call(*_regression(12, 5, 2, 1.0, seed=60), gradients=False),
        call(*_regression(150, 5, 2, seed=60), gradients=False, label="called without `ridge`"),
        call(*_regression(200, 6, 3, 0.4, dtype=torch.float32), gradients=False, label="called with float32 numbers"),
    ),
    mistakes=(
        mistake("changes_input",
            "z or the scores are changed (a name ending in _, or an operation like `-=`). Whoever called the function still "
            "needs them; write `z - z.mean(dim=0)`, which makes a new tensor.",
            symptom=symptoms.changes_argument, explains=("`", "the exception", "whether the result")),
        mistake("transposed", (_UNIT, "return weights / weights.norm(dim=0)"),
            (_UNIT, "return weights / weights.norm(dim=1, keepdim=True)"), (_UNIT, "return weights"),
            "The directions stand in columns. One row is one direction, (A, latent_dim), of length 1: divide by the length "
            "of each column and transpose before you return.",
            symptom=lambda r: any(g.shape == w.T.shape != w.shape for g, w in r.pairs(RESULT))),
        mistake("no_constant", (_CENTRED, "z, scores"), (_CENTRED, "z, scores - scores.mean(dim=0)"),
            (_CENTRED, "z - z.mean(), scores"), (_CENTRED, "z - z.mean(dim=1, keepdim=True), scores"),
            (_CENTRED, "z - z.mean(dim=1, keepdim=True), scores - scores.mean(dim=0)"),
            (_CENTRED, "z, scores", _EYE, "0 * z[0]"), (_CENTRED, "z, scores", _UNIT, "return weights.T"),
            "The regression has no constant for each column, so a score that is large everywhere is explained by the mean "
            "of z. Subtract the mean over the rows, `dim=0`, from z and from the scores first, or add a column of ones and "
            "leave its weight out at the end."),
        mistake("constant_penalised",
            (_CENTRED, _ONES, "torch.eye(z.shape[1], dtype=z.dtype, device=z.device)", _WIDER, "    return (weights",
             "    weights = weights[:-1]\n    return (weights"),
            "The ridge also shrinks the weight of the constant, so what is missing from it is explained by the mean of z. "
            "Leave the constant out of the penalty: subtract the means, or put a 0 into the last place of the ridge's "
            "diagonal."),
        mistake("constant_kept", (_CENTRED, _ONES, "torch.eye(z.shape[1], dtype=z.dtype, device=z.device)", _WIDER),
            "The weight of the constant is among the latent components: the directions have one number too many.",
            symptom=lambda r: any(g.ndim == 2 and g.shape[1] == w.shape[1] + 1 for g, w in r.pairs(RESULT))),
        mistake("not_length_one", (_UNIT, "return weights.T"), (_UNIT, "return (weights / weights.norm()).T"),
            (_UNIT, "return (weights / weights.abs().sum(dim=0)).T"),
            (_UNIT, "return (weights / weights.abs().amax(dim=0)).T"),
            (_UNIT, "return (weights / weights.square().sum(dim=0)).T"),
            "The directions are right, but not of length 1: their lengths say how steep a score is, and a step of 3 would "
            "mean something else for each attribute. Divide each by its own length.",
            symptom=_only_length),
        mistake("normalised_across_attributes", (_UNIT, "return (weights / weights.norm(dim=1, keepdim=True)).T"),
            "The lengths were taken over the wrong dimension: each component was divided by its length over the attributes. "
            "One direction, over all its latent components, has length 1."),
        mistake("ridge_ignored", ("covariance + ridges", "covariance"),
            (_SOLVED, "torch.linalg.lstsq(z_centred, s_centred).solution"), (_EYE, _EYE.replace("ridge", "0.1")),
            "The result is the same for every ridge: `ridge` is not used. Components of z that hardly vary can then get "
            "weights so large that a step along the direction changes little else. Add `ridge * torch.eye(latent_dim)` to "
            "the covariance."),
        mistake("ridge_everywhere", (_EYE, "ridge"),
            "The ridge is added to every entry of the covariance. It belongs to the diagonal only: `ridge * "
            "torch.eye(latent_dim)`."),
        mistake("ridge_not_averaged",
            ("covariance = z_centred.T @ z_centred / len(z)", "covariance = z_centred.T @ z_centred"),
            (_EYE, _EYE.replace("ridge *", "ridge / len(z) / len(z) *")),
            "The ridge is added to a sum over N rows instead of a mean, so it weighs less the more rows there are. Divide "
            "both covariances by N."),
        mistake("n_minus_1", ("z_centred.T @ z_centred / len(z)", "z_centred.T @ z_centred / (len(z) - 1)"),
            "The covariance of z is divided by N - 1, as `torch.cov` does by default, so the ridge has not quite the weight "
            "that the docstring gives it. Divide both covariances by N: `correction=0`."),
        mistake("covariance_only", (_SOLVED, "z_centred.T @ s_centred"), (_SOLVED, "z.T @ scores"),
            (_SOLVED, "(z_centred / z.std(dim=0)).T @ s_centred"),
            "These are covariances of z with the scores, not weights of a regression. The two point the same way only when "
            "the columns of z are uncorrelated and equally wide, as they are in a large normal sample but not in yours. "
            "Solve for the weights: `torch.linalg.solve(covariance + ridge * eye, ...)`."),
        mistake("rows_and_columns", ("z_centred.T @ z_centred", "z_centred @ z_centred.T"),
            "The product is (N, N), a number for each pair of rows. The covariance of the columns is (latent_dim, "
            "latent_dim): `z_centred.T @ z_centred / len(z)`."),
        mistake("other_way_round",
            Body("""z_centred, s_centred = z - z.mean(dim=0), scores - scores.mean(dim=0)
                weights = torch.linalg.lstsq(s_centred, z_centred).solution
                return weights / weights.norm(dim=1, keepdim=True)"""),

            Body("""z_centred, s_centred = z - z.mean(dim=0), scores - scores.mean(dim=0)
                eye = torch.eye(scores.shape[1], dtype=z.dtype, device=z.device)
                weights = torch.linalg.solve(s_centred.T @ s_centred / len(z) + ridge * eye, s_centred.T @ z_centred)
                return weights / weights.norm(dim=1, keepdim=True)"""),
            "z was predicted from the scores. What is wanted is the direction in z along which a score grows, so the scores "
            "are predicted from z."),
        mistake("standardised", ("z - z.mean(dim=0),", "(z - z.mean(dim=0)) / z.std(dim=0),"),
            ("z - z.mean(dim=0),", "(z - z.mean(dim=0)) / z.std(dim=0, correction=0),"),
            "The columns of z were divided by their standard deviations, so the weights belong to other coordinates than "
            "those in which z is moved. Subtract the mean only."),
        mistake("default_ridge",
            "Right whenever a ridge is given, but not without one: the default is 0.1. Keep the signature as it was given.",
            symptom=lambda r: symptoms.only_where(r, "without `ridge`")),
    ),
)


def _slanted_vectors(width: int, others: int, seed: int = 0):
    """A direction, and others of different lengths at slanted angles to each other and to it."""
    shared = normal(width, seed=seed)
    lengths = torch.linspace(0.5, 3.0, others, dtype=torch.float64)[:, None]
    return normal(width, seed=seed + 1) + 0.5 * shared, lengths * (normal(others, width, seed=seed + 2) + shared)


def _nearly_inside(left: float):
    """A long direction, of which this part is at right angles to the others."""
    direction, others = _slanted_vectors(7, 3)
    basis = torch.linalg.qr(others.T).Q
    outside, inside = direction - basis @ (basis.T @ direction), others.T @ torch.tensor([1.0, -2.0, 0.5]).double()
    return 50 * (inside / inside.norm() + left * outside / outside.norm()), others


def _vectors(direction, others, label: str):
    return call(direction, others, gradients=False, ignore=(DTYPE,), label=label)


_D, _O = _slanted_vectors(7, 3)
_WHOLE = torch.tensor([2.0, 1.0, -1.0, 3.0], dtype=torch.float64)
_TWICE = torch.tensor([[1.0, 2.0, 0.0, -2.0]] * 2, dtype=torch.float64)  # whole numbers: the products are exactly singular
_LEFT, _LENGTH = "left = direction - basis.T @ (basis @ direction)", "return left / left.norm()"
_RAISE = 'raise ValueError("direction: expected one outside the space of the others, but nothing of it is left")'
_ONE_BY_ONE = "left = direction\n    for o in VECTORS:\n        left = left - (left @ o) / (o @ o) * o"
_DEPENDENT, _MILLIONTH, _SHORT = "others that depend on each other", "millionth", "called with a short direction"


def _removed(*vectors: str) -> tuple:
    """Edits: these vectors are taken out, one after the other; or without the last division, or with a fixed threshold."""
    edits = [(_LEFT, _ONE_BY_ONE.replace("VECTORS", v)) for v in vectors]
    also = (_LENGTH, "return left"), ("1e-6 * direction.norm()", "1e-6")
    return *edits, *((*edit, *more) for edit in edits for more in also)


exercise(
    "c1w4b.orthogonalise",
    "course_utils.latent:orthogonalise",
    cases=(
        _vectors(_D, _O, "called with (7,) and three others"),
        _vectors(*_slanted_vectors(5, 1, 10), "called with (5,) and one other"),
        _vectors(*_slanted_vectors(12, 6, 20), "called with (12,) and six others"),
        _vectors(_D, torch.cat([_O, 2 * _O[:1], _O[:1] + _O[1:2]]), f"called with {_DEPENDENT}"),
        _vectors(_WHOLE, _TWICE, f"called with one that is there twice among {_DEPENDENT}"),
        _vectors(_WHOLE.float(), _TWICE.float(), f"called with float32 numbers, and one twice among {_DEPENDENT}"),
        _vectors(
            _D,
            torch.cat([_O, _O[:1] + 1e-3 * normal(1, 7, seed=5)]),
            "called with two others that are hardly different",
        ),
        _vectors(1e-7 * _D, _O, _SHORT),
        _vectors(_D, 1e-8 * _O, "called with tiny others"),
        _vectors(100 * _D.float(), 0.01 * _O.float(), "called with float32 numbers, long and short"),
        _vectors(*_nearly_inside(4e-6), f"called with a direction of which four {_MILLIONTH}s are left"),
        _vectors(*_nearly_inside(2.5e-7), f"called with a direction of which a quarter of a {_MILLIONTH} is left"),
        _vectors(
            _O.T @ torch.tensor([1.0, -2.0, 0.5]).double(), _O, "called with a direction in the space of the others"
        ),
        _vectors(_O[1], _O, "called with one of the others"),
    ),
    mistakes=(
        mistake("nothing_left", (_RAISE, "pass"),
            "A direction in the space of the others raises no ValueError. What is left of it are rounding errors, which "
            "point anywhere once they are divided by their length; zeros or None would go unnoticed. Compare the length of "
            "what is left with the direction's, and raise ValueError.",
            symptom=lambda r: (symptoms.only_where(r, _DEPENDENT, _SHORT, _MILLIONTH, "in the space", "one of the others")
                and not any(RAISES in s.facts for s in r.got.values())),
            explains=(RAISES,)),
        mistake("another_error",
            "A direction in the space of the others raises, but not a ValueError, which is what whoever calls the function "
            "looks for. Compare the length of what is left with the direction's, and `raise ValueError(...)`.",
            symptom=symptoms.other_exception, explains=("the exception",)),
        mistake("fixed_threshold", ("1e-6 * direction.norm()", "VALUE"),
            "A short direction is refused although most of it is left: the length of what is left is compared with a fixed "
            "number. Compare it with the direction's: `left.norm() <= 1e-6 * direction.norm()`.",
            values=(1e-6, 1e-5, 1e-4, 1e-3),
            symptom=lambda r: r.got[_SHORT].error is not None and symptoms.only_where(r, _SHORT, _MILLIONTH)),
        mistake("other_threshold", ("1e-6 * direction.norm()", "VALUE * direction.norm()"),
            ("1e-6 * direction.norm()", "VALUE"),
            "The limit below which nothing counts as left is another than a millionth of the direction's length. The "
            "comparison that the docstring asks for is `left.norm() <= 1e-6 * direction.norm()`.",
            values=(1e-8, 1e-10), symptom=lambda r: symptoms.only_where(r, _MILLIONTH)),
        mistake("changes_input",
            "The direction or the others are changed (a name ending in _, or an operation like `-=`). Whoever called the "
            "function still needs them: write `direction = direction - ...`, which makes a new tensor.",
            symptom=symptoms.changes_argument, explains=("`", "the exception", "whether the result")),
        mistake("scaled_to_the_direction", (_LENGTH, "return left / direction.norm()"),
            (_LENGTH, f"{_LENGTH} * direction.norm()"), (_LENGTH, "return left / direction.norm()", _RAISE, "pass"),
            "The vector is at right angles to the others, but its length is not 1: it was divided by the direction's "
            "length, or brought back to it. Divide what is left by its own norm."),
        mistake("not_length_one", (_LENGTH, "return left"), (_LENGTH, "return left", _RAISE, "pass"),
            (_LENGTH, "return left / left.square().sum()"),
            "The vector is at right angles to the others, but its length is not 1: what was subtracted is missing. Divide "
            "by its norm, or a step along it is shorter than one along other directions.",
            symptom=lambda r: _only_length(r, _DEPENDENT), explains=(RESULT,)),
        mistake("nothing_removed", (_LEFT, "left = direction"),
            "This is the direction itself, with length 1. What it shares with the others is to be subtracted."),
        mistake("lengths_of_others_ignored", (_LEFT, "left = direction - others.T @ (others @ direction)"),
            (_LEFT, "left = direction - others.T @ (others @ direction)", _LENGTH, "return left"),
            (_LEFT, "left = direction\n    for o in others:\n        left = left - (left @ o) * o"),
            (_LEFT, "left = direction\n    for o in others:\n        left = left - (left @ o) / o.norm() * o"),
            (_LEFT, "left = direction - ((others @ direction) / others.norm(dim=1)) @ others"),
            "The projection on an other is `(d @ o) / (o @ o) * o`. Without the division, or with one by the length instead "
            "of its square, it is right only for others of length 1; here they have different lengths."),
        mistake("others_not_orthogonal", *_removed("others", "others.flip(0)"),
            (_LEFT, "left = direction - sum((direction @ o) / (o @ o) * o for o in others)"),
            (_LEFT, "left = direction - sum((direction @ o) / (o @ o) * o for o in others)", _LENGTH, "return left"),
            "The projections on the single others were subtracted, in turn or all at once. With others at slanted angles "
            "that takes out too much here and puts something back there: the result is not at right angles to them. Make a "
            "basis of right angles from the others first (QR or SVD), or solve for all of them together (`lstsq`)."),
        mistake("rows_and_columns", (_LEFT, "q = torch.linalg.qr(others).Q\n    left = direction - q.T @ (q @ direction)"),
            (_LEFT, "q = torch.linalg.qr(others).Q\n    left = direction - q @ (q.T @ direction)"),
            (_LEFT, "q = torch.linalg.qr(others.T).Q\n    left = direction - q.T @ (q @ direction)"),
            "Rows and columns are confused: the vectors stand in the rows of `others`, and QR makes a basis of columns. "
            "`basis, _ = torch.linalg.qr(others.T)` is (latent_dim, K): `direction - basis @ (basis.T @ direction)`."),
        mistake("projection_returned", (_LEFT, "left = basis.T @ (basis @ direction)"),
            (_LEFT, "left = basis.T @ (basis @ direction)", _LENGTH, "return left"),
            "This is the part of the direction that lies in the space of the others. The wanted one is what is left: "
            "subtract it from the direction."),
        mistake("only_one_removed",
            *_removed(
                "others[:1]",
                "others[-1:]",
                "others.mean(0, keepdim=True)",
                "(others / others.norm(dim=1, keepdim=True)).mean(0, keepdim=True)",
                "basis[:1]",
            ),
            "Only one direction (the first of the others or of their basis, the last, or the mean) was taken out. The "
            "result must be at right angles to each of them."),
        mistake("dependent_others", ("basis[strengths > 1e-6 * strengths.max()]", "basis"),
            ("strengths > 1e-6 * strengths.max()", "strengths > 0"),
            "Right as long as the others are independent. When one of them is a multiple or a sum of others (two names for "
            "one thing), the basis has a column of rounding errors, or a matrix cannot be inverted. Keep only directions "
            "with a singular value above zero, or use `pinv` or `lstsq` with a driver that allows it.",
            symptom=lambda r: symptoms.only_where(r, _DEPENDENT)),
    ),
)

# --- what changes along ------------------------------------------------------------------------------------------------


def _problem(n: int, width: int, directions: int, attributes: int, seed: int = 0):
    """A curved score of z, and arguments: nothing is symmetric."""
    mixing = normal(width, attributes, seed=seed + 1, dtype=torch.float32)

    def score(z):
        if z.ndim != 2:  # as generators do
            raise ValueError(f"score: expected z of shape (N, {width}), got {tuple(z.shape)}")
        return torch.tanh(z @ mixing) + 0.3 * (z @ mixing).square()

    return (
        score,
        normal(n, width, seed=seed + 2, dtype=torch.float32),
        normal(directions, width, seed=seed + 3, dtype=torch.float32),
    )


_AFTER, _STACK = "score(z + step * direction)", "for direction in directions])"

exercise(
    "c1w4b.entanglement",
    "course_utils.latent:entanglement",
    usual=_NO_GRADIENTS,
    cases=(
        call(*_problem(8, 4, 3, 5), 0.8),
        call(*_problem(8, 4, 3, 5), -2.0),
        call(*_problem(1, 3, 2, 4, 10), 0.5),
        call(*_problem(6, 5, 1, 1, 20), 3),
        call(*_problem(5, 3, 4, 2, 7), 0.8),
        call(*_problem(4, 4, 4, 4, 30), 0.0, label="called with a step of 0"),
    ),
    mistakes=(
        mistake("changes_z", (_AFTER, "score(z.add_(step * direction))"),
            "z or the directions are changed (`z += ...`), so each direction starts where the last one ended, and whoever "
            "called the function has lost the latent vectors. Write `z + step * direction`.",
            symptom=symptoms.changes_argument, explains=("",)),
        mistake("not_a_batch",
            "`score` was called with something else than (N, latent_dim): with single vectors, or with all directions in "
            "one tensor of three dimensions. A generator takes a batch of latent vectors. Move the whole z along one "
            "direction at a time, or flatten the first two dimensions before the call.",
            symptom=lambda r: r.raised("score: expected z of shape")),
        mistake("transposed", (_STACK, "for direction in directions], dim=1)"),
            "Rows and columns are the wrong way round. The row says which direction was moved along, the column which "
            "attribute changed."),
        mistake("start_not_subtracted", (" - before", ""),
            "These are the scores after the step, not what the step changed: subtract the scores of z itself."),
        mistake("steps_add_up", (_AFTER, "score(z := z + step * direction)"),
            (f"{_AFTER} - before", "-score(z) + score(z := z + step * direction)"),
            "The first row is right, the later ones are not: each step begins where the one before ended. Begin each at z."),
        mistake("step_ignored", ("step * direction", "direction"),
            "Every step has the length of its direction: `step` is not used."),
        mistake("directions_normalised", ("step * direction", "step * direction / direction.norm()"),
            "The directions were scaled to length 1. The docstring asks for them as they are: whoever calls the function "
            "decides how long they are."),
        mistake("backwards", ("z + step", "z - step"),
            "The step goes against the direction: `z + step * direction`."),
        mistake("absolute_change", (" - before)", " - before).abs()"), (".mean(dim=0)", ".mean(dim=0).abs()"),
            (" - before)", " - before).square()"),
            "All entries are positive: the absolute value or a square was taken. Whether a step adds glasses or removes "
            "them is half of what the table has to say."),
        mistake("summed_over_z", (".mean(dim=0)", ".sum(dim=0)"),
            "The changes are added up over z instead of averaged, so they grow with the number of latent vectors."),
        mistake("averaged_over_attributes", (".mean(dim=0)", ".mean()"), (".mean(dim=0)", ".mean(dim=1)"),
            "The changes are averaged over the attributes, which the columns should tell apart. Average over the latent "
            "vectors only: `mean(dim=0)`."),
        mistake("not_averaged", (".mean(dim=0)", ""),
            "The changes of the single latent vectors are not averaged: the table has a dimension too many. Take the mean "
            "over them, `mean(dim=0)`."),
        mistake("at_the_mean_of_z", ("    with", "    z = z.mean(dim=0, keepdim=True)\n    with"),
            "The latent vectors were averaged before the score was taken. The score is not linear: the mean of z gives an "
            "image that nobody drew. Average the changes, not z."),
        mistake("both_sides", (" - before)", " - score(z - step * direction))"),
            (" - before).mean(dim=0)", " - score(z - step * direction)).mean(dim=0) / 2"),
            "The difference is taken between a step forwards and a step backwards. The docstring asks for the change from "
            "z."),
        mistake("negated", ("[(score", "[-(score"),
            "The sign is turned round: the scores after the step are subtracted from those of z. A rise must be positive: "
            "after minus before."),
        mistake("per_step", (".mean(dim=0)", ".mean(dim=0) / step"), (".mean(dim=0)", ".mean(dim=0) / abs(step)"),
            "The change is divided by the length of the step, as for a slope. The docstring asks for the change itself."),
        mistake("graph_kept", ("with torch.no_grad():", "if True:"),
            "The table still has a graph, and with it all activations of two networks for every direction. Compute it under "
            "`torch.no_grad()`.",
            symptom=lambda r: any(got and not wanted for got, wanted in r.pairs(GRAPH)), explains=(GRAPH, symptoms.GRADIENT)),
    ),
)
