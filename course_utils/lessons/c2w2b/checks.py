"""The checks of the lesson on debiasing."""

import contextlib

import torch
from torch import nn

from course_utils.checks import exercise, mistake
from course_utils.checks.cases import call, normal, of, scenario, seeded
from course_utils.checks.naming import Naming, diagnosis
from course_utils.checks.observe import Near
from course_utils.checks.programs import Body
from course_utils.checks.steps import Watched
from course_utils.lessons.c2w2b.exercises import CLUES, NAMES, RUNS, diagnose
from course_utils.metrics.bias import attributes_together
from course_utils.steps.adversary import Hiders

# --- weights -----------------------------------------------------------------------------------------------------------


def _pair(n: int, seed: int, groups: int = 2) -> tuple[torch.Tensor, torch.Tensor]:
    """Two attributes of n people that go together, the first of them rarer."""
    chance = torch.rand(n, 3, generator=torch.Generator().manual_seed(seed))
    a = (chance[:, 0] * groups * 0.8).long().clamp(max=groups - 1)
    return a, torch.where(chance[:, 2] < 0.5, a.clamp(max=1), (chance[:, 1] < 0.6).long())


_MISSING, _LENGTHS = "called where nobody has both attributes", "called with 4 and 3 people"
_SHARE = "expected / both.double().mean()"
_EXPECTED = "(a == x).cpu().double().mean() * (b == y).cpu().double().mean()"
_NONE = torch.tensor([0, 0, 1, 1, 0]), torch.tensor([0, 1, 0, 0, 1])


def _closely(weigh) -> dict:
    """Float32 on the way leaves a mean off by some 1e-8."""
    a, b = _pair(3000, 6)
    return {"whether the mean of the weights is 1 to ten digits": bool(abs(weigh(a, b).double().mean() - 1) < 1e-10)}


exercise(
    "c2w2b.reweighing",
    "course_utils.metrics.reweighing:reweighing",
    cases=(
        call(*_pair(60, 1), gradients=False, label="called with 60 people"),
        call(*(v.float() for v in _pair(35, 2)), gradients=False, label="called with attributes as floats"),
        call(*_pair(90, 3, groups=3), gradients=False, label="called with three groups in `a`"),
        call(*(v + 4 for v in _pair(40, 4)), gradients=False, label="called with groups numbered 4 and 5"),
        call(torch.tensor([0, 0, 1, 1]), torch.tensor([0, 1, 0, 1]), gradients=False, label="called with independent ones"),
        call(*_NONE, gradients=False, label=_MISSING),
        call(torch.zeros(4), torch.zeros(3), gradients=False, label=_LENGTHS),
        call(torch.zeros(0), torch.zeros(0), gradients=False, label="called with nobody"),
        scenario("called with 3,000 people, and looked at closely", _closely),
    ),
    mistakes=(
        mistake("turned_round", (_SHARE, "both.double().mean() / expected"),
            "The fraction is turned round: combinations that are too frequent get more weight, which doubles the skew. What "
            "independence expects stands above, what was found below."),
        mistake("corners_alike", (_SHARE, "1 / both.double().mean()"), (_SHARE, "0.25 / both.double().mean()"),
            (_SHARE, "1 / (len(a.unique()) * len(b.unique())) / both.double().mean()"),
            "All combinations get the same total weight. That makes the two independent, and it also makes every attribute as "
            "frequent as its opposite. The shares are to stay: `share(a) share(b)` belongs above."),
        mistake("within_a_only", (_EXPECTED, "(a == x).double().mean()"), (_EXPECTED, "(b == y).double().mean()"),
            "Only one of the two shares stands above the line. The other attribute's share is then changed."),
        mistake("share_within_a_group", (_SHARE, "expected / (b[a == x] == y).double().mean()"),
            (_SHARE, "expected / (a[b == y] == x).double().mean()"),
            "Below the line stands a share within one group, such as that of the glasses among those with a hat. It is to be "
            "the share of *all* people who have both: the mean of `(a == x) & (b == y)`."),
        mistake("mean_of_a_mask",
            "A mask holds yes and no, and the mean of those is not defined. Make numbers of it first: `mask.double().mean()`.",
            symptom=lambda r: r.raised("could not infer output dtype")),
        mistake("some_left_at_zero", ("    return weights", "        return weights"), ("    return weights",
            "            return weights"),
            "Some people have the weight 0, so the loop ends too early: the `return` stands inside it."),
        mistake("counts", (_SHARE, "expected * len(a) / both.double().mean()"),
            "Counts and shares are mixed: the weights are N times too large. Their mean is to be 1."),
        mistake("sum_of_one", ("return weights", "return weights / weights.sum()"),
            "The weights are divided by their sum. Their mean is to be 1, so that they sum up to N."),
        mistake("float32_inside",
            "The shares go through float32, so the weights have seven digits only. `.double()` before the mean keeps all.",
            symptom=lambda r: r.only("whether the mean of the weights")),
        mistake("one_or_the_other", ("(a == x) & (b == y)", "(a == x) | (b == y)"),
            "People are counted who have one *or* the other. A combination is one *and* the other."),
        mistake("all_one", (_SHARE, "expected / expected"),
            "Every weight is 1. Below the line the product of the two shares stands again; it is to be the share of the people "
            "who have both, counted."),
        mistake("one_a_combination", ("return weights", "return weights.unique()"),
            "The weights of the combinations come back. Each person gets one: (N,)."),
        mistake("never_below_one", ("return weights", "return weights.clamp(min=1)"),
            "No weight is below 1. Those who are too many must count less, else the covariance is not 0."),
        mistake("root", (_SHARE, "(expected / both.double().mean()).sqrt()"),
            "The root of the weights was taken. That removes a part of the correlation only."),
        mistake("only_zero_and_one",
            "Only 0 and 1 are looked for. The groups may have any numbers, and more than two: `a.unique()`.",
            symptom=lambda r: _wrong_in(r) <= {"called with three groups in `a`", "called with groups numbered 4 and 5"}
            and bool(_wrong_in(r))),
        mistake("missing_accepted",
            "A combination that nobody has is accepted. No weight makes up for people who are missing: raise a ValueError.",
            symptom=lambda r: r.got[_MISSING].error is None and _wrong_in(r) == {_MISSING}),
        mistake("lengths_unchecked",
            "Attributes of different lengths, or of nobody, are not refused with a ValueError.",
            symptom=lambda r: bool(_wrong_in(r)) and _wrong_in(r) <= {_LENGTHS, "called with nobody"}),
    ),
)  # fmt: skip


def _wrong_in(record) -> set[str]:
    """The cases in which something differs."""
    return {case for case, names in record.differing.items() if names}


# --- gradient reversal -------------------------------------------------------------------------------------------------


def _reversed(*arguments, **options):
    return of(lambda cls: cls.apply, call(*arguments, **options), "x", "strength")


def _two_strengths(cls) -> dict:
    """Two reversals in one graph, each with its own strength."""
    x = normal(3, 2).requires_grad_()
    (cls.apply(x, 0.5).sum() + cls.apply(2 * x, 3.0).sum()).backward()
    return {"the gradient through two reversals": x.grad}


def _arriving(cls) -> dict:
    x, arriving = normal(4, seed=3).requires_grad_(), normal(4, seed=4)
    (found,) = torch.autograd.grad(cls.apply(x, 2.0), x, grad_outputs=arriving)
    return {"the gradient that comes out": found, "the gradient that arrived, afterwards": arriving}


_BACK = "-ctx.strength * gradient, None"

exercise(
    "c2w2b.gradient_reversal",
    "course_utils.models.reversal:GradientReversal",
    cases=(
        _reversed(normal(3, 4), 1.0, label="applied to (3, 4) with strength 1"),
        _reversed(normal(5, seed=1), 0.3, label="applied to (5,) with strength 0.3"),
        _reversed(normal(2, 3, 2, seed=2, scale=50.0), 2.5, label="applied to (2, 3, 2) with strength 2.5"),
        _reversed(normal(4, 2), 0.0, label="applied with strength 0"),
        scenario("applied twice in one graph, with strengths 0.5 and 3", _two_strengths),
        scenario("watched on the way back", _arriving),
    ),
    mistakes=(
        mistake("not_reversed", (_BACK, "ctx.strength * gradient, None"),
            "The gradient keeps its sign. Then the features learn to *help* the adversary."),
        mistake("strength_unused", (_BACK, "-gradient, None"),
            "The strength is not used on the way back: the gradient is always multiplied by -1."),
        mistake("strength_only", (_BACK, "-ctx.strength * torch.ones_like(gradient), None"),
            "What arrives is not used: the gradient is the number -strength everywhere. Multiply what arrives."),
        mistake("reversed_forward", ("x.view_as(x)", "-x"), ("x.view_as(x)", "-strength * x"),
            "The values are changed on the way forward. The adversary is to see the features as they are."),
        mistake("both_ways", ("x.view_as(x)", "-strength * x", _BACK, "gradient, None"),
            ("x.view_as(x)", "-x", _BACK, "ctx.strength * gradient, None"),
            "The values are turned round on the way forward, and the gradient is not on the way back. It is the other way."),
        mistake("scaled_forward", ("x.view_as(x)", "strength * x"),
            "The values are multiplied by the strength on the way forward. Forward is the identity."),
        mistake("cut", (_BACK, "torch.zeros_like(gradient), None"), (_BACK, "None, None"),
            "No gradient gets through. That is `detach`: the features then never learn to hide anything."),
        mistake("shared_strength",
            ("ctx.strength = strength", "GradientReversal.strength = strength",
             _BACK, "-GradientReversal.strength * gradient, None"),
            "The strength is kept in one place for all calls, on the class or in a global, so the last call decides. "
            "Keep it in "
            "`ctx`: each call has one."),
        mistake("in_place", (_BACK, "gradient.mul_(-ctx.strength), None"), (_BACK, "gradient.neg_().mul_(ctx.strength), None"),
            (_BACK, "gradient.neg_() * ctx.strength, None"),
            "The gradient that arrives is changed in place. Others may hold the same tensor; make a new one."),
        mistake("one_gradient", (_BACK, "-ctx.strength * gradient"),
            "`backward` is to return two things, as a tuple: the gradient of `x`, then None for `strength`. Yours "
            "returns another "
            "number of them."),
        mistake("other_order", (_BACK, "None, -ctx.strength * gradient"),
            "Where None belongs `backward` returns a gradient for `strength`. One thing for each argument after "
            "`ctx`, in their "
            "order: first the gradient of `x`, then None, since a plain number has no gradient."),
        mistake("times_x",
            ("ctx.strength = strength", "ctx.strength = strength; ctx.save_for_backward(x)",
             _BACK, "-ctx.strength * ctx.saved_tensors[0], None"),
            ("ctx.strength = strength", "ctx.strength = strength; ctx.save_for_backward(x)",
             _BACK, "-ctx.strength * ctx.saved_tensors[0] * gradient, None"),
            "The values of `x` stand in its gradient. Forward is the identity, whose slope is 1: only what arrives counts."),
        mistake("not_kept",
            "`backward` does not know the strength: it sees only `ctx` and the gradient that arrives. Let `forward` keep it, "
            "`ctx.strength = strength`.",
            symptom=lambda r: r.raised("name 'strength' is not defined") or r.raised("Backward' object has no attribute")),
        mistake("saved_number",
            "`ctx.save_for_backward` takes tensors only. A number is kept as an attribute: `ctx.strength = strength`.",
            symptom=lambda r: r.raised("save_for_backward can only save")),
        mistake("two_forward",
            "`forward` returns more than one thing, so more than one gradient arrives at `backward`. Return the "
            "values of `x` alone.",
            symptom=lambda r: r.raised("backward() takes")),
        mistake("a_module",
            "This is an `nn.Module`, and its `.apply` is something else. Keep the class as it was given, "
            "a `torch.autograd.Function` with two static methods.",
            symptom=lambda r: r.raised("has no attribute 'children'")),
        mistake("divided", (_BACK, "-gradient / ctx.strength, None"),
            "The gradient is divided by the strength. Multiply."),
    ),
)  # fmt: skip

# --- the adversary's step ----------------------------------------------------------------------------------------------


def _players(seed: int = 0, counts: bool = True) -> Hiders:
    """Three small networks in float64, with optimisers that are watched. The encoder counts its batches, unless they "
    "hold one."""
    parts = (
        lambda: nn.Sequential(nn.Linear(3, 5), nn.BatchNorm1d(5) if counts else nn.Tanh(), nn.Tanh()),
        lambda: nn.Linear(5, 1),
        lambda: nn.Sequential(nn.Linear(5, 4), nn.ReLU(), nn.Linear(4, 1)),
    )
    encoder, head, adversary = (seeded(make, seed + k) for k, make in enumerate(parts))
    opt_task, opt_adversary = Watched([*encoder.parameters(), *head.parameters()]), Watched(adversary.parameters(), 0.3)
    return Hiders(encoder, head, adversary, opt_task, opt_adversary)


def _row(network: nn.Module) -> torch.Tensor:
    return torch.cat([p.detach().double().flatten() for p in network.state_dict().values()])


def _step(strength: float, batch: int = 6, steps: int = 1, seed: int = 0, stale: bool = False):
    """Play steps and see what became of the three networks."""

    def run(step) -> dict:
        players, events = _players(seed, counts=batch > 1), []
        players.opt_task.log = lambda event: events.append(f"task {event}")
        players.opt_adversary.log = lambda event: events.append(f"adversary {event}")
        for p in (p for network in players.networks().values() for p in network.parameters()):
            p.grad = torch.full_like(p, 0.7) if stale else None
        for k in range(steps):
            x = normal(batch, 3, seed=10 * seed + k)
            target, protected = (x[:, 0] > 0.2).double(), (x[:, 1] > -0.3).double()
            result = step(players, x, target, protected, strength)
        return _result(result) | {
            **{f"the {name}'s weights afterwards": _row(network) for name, network in players.networks().items()},
            "how often each optimiser stepped": tuple(events.count(f"{who} steps") for who in ("task", "adversary")),
        }

    label = f"{steps} step{'s' if steps > 1 else ''} with a batch of {batch} and strength {strength:g}"
    return scenario(label + (", gradients left from before" if stale else ""), run)


def _result(result) -> dict:
    if not isinstance(result, (tuple, list)) or len(result) != 2:
        return {"what comes back": type(result).__name__}
    kinds = tuple("a tensor" if isinstance(part, torch.Tensor) else type(part).__name__ for part in result)
    graph = any(isinstance(part, torch.Tensor) and part.requires_grad for part in result)
    values = [float(part) for part in result]
    return {
        "what comes back": f"a tuple of {kinds}",
        "the task's loss": values[0],
        "the adversary's loss": values[1],
        "whether a loss still has its graph": graph,
    }


def _negative(step) -> dict:
    """A strength below 0: what is raised, and whether anything moved."""
    players = _players()
    before = [_row(network) for network in players.networks().values()]
    raised = ""
    try:
        step(players, normal(4, 3), torch.ones(4).double(), torch.zeros(4).double(), -0.5)
    except ValueError:
        raised = "ValueError"
    moved = any(not torch.equal(a, _row(b)) for a, b in zip(before, players.networks().values(), strict=True))
    return {"what is raised": raised, "whether anything changed": moved}


_NEGATIVE = "called with strength -0.5"


def _accepts_negative(record) -> bool:
    """Is that case wrong, for another reason than what fails everywhere?"""
    failed = record.got[_NEGATIVE].error is not None
    return _NEGATIVE in _wrong_in(record) and not (failed and len(record.errors()) > 1)


_HIDDEN = "GradientReversal.apply(features, strength)"
_TASK, _GUESS = "players.head(features)", "players.adversary(hidden)"
_SUM = "(task + guess).backward()"
_CLEARED = "    players.opt_task.zero_grad()\n    players.opt_adversary.zero_grad()\n"
_LATER = """
if strength < 0:
    raise ValueError(strength)
features = players.encoder(x)
guess = F.binary_cross_entropy_with_logits(players.adversary(features.detach()).squeeze(1), protected)
players.opt_adversary.zero_grad()
guess.backward()
players.opt_adversary.step()
task = F.binary_cross_entropy_with_logits(players.head(features).squeeze(1), target)
again = F.binary_cross_entropy_with_logits(players.adversary(features).squeeze(1), protected)
players.opt_task.zero_grad()
(task - strength * again).backward()
players.opt_task.step()
return task.detach(), guess.detach()
"""

exercise(
    "c2w2b.adversary_step",
    "course_utils.steps.adversary:adversary_step",
    cases=(
        _step(1.0),
        _step(0.0, batch=5, seed=1),
        _step(0.4, batch=7, seed=2),
        _step(2.5, steps=3, seed=3),
        _step(0.8, seed=4, stale=True),
        _step(0.7, batch=1, seed=5),
        scenario(_NEGATIVE, _negative),
    ),
    mistakes=(
        mistake("twice_reversed", (_HIDDEN, "GradientReversal.apply(features, -strength)"),
            "The sign is turned round twice: `GradientReversal` multiplies by minus the strength already. Give it `strength`."),
        mistake("without_apply", "`GradientReversal` is used through `apply`: `GradientReversal.apply(features, strength)`.",
            symptom=lambda r: r.raised("not GradientReversal")),
        mistake("batch_squeezed", (_TASK + ".squeeze(1)", _TASK + ".squeeze()", _GUESS + ".squeeze(1)", _GUESS + ".squeeze()"),
            (_TASK + ".squeeze(1)", _TASK + ".squeeze()"), (_GUESS + ".squeeze(1)", _GUESS + ".squeeze()"),
            "`squeeze()` without a dimension takes the batch away as well where it holds one: `squeeze(1)`."),
        mistake("sum_for_mean", (", target)", ", target, reduction='sum')"), (", protected)", ", protected, reduction='sum')"),
            (", target)", ", target, reduction='sum')", ", protected)", ", protected, reduction='sum')"),
            "The cross-entropy is summed over the batch. It is to be the mean."),
        mistake("flipped_answers",
            (_HIDDEN, "features", "squeeze(1), protected)", "squeeze(1), 1 - protected)", _SUM,
                "(task + strength * guess).backward()"),
            (_HIDDEN, "features", "squeeze(1), protected)", "squeeze(1), 1 - protected)"),
            "The adversary is given the opposite answers, 1 - protected, so it learns to guess wrong. It is to learn the true "
            "ones; the encoder alone goes the other way, through the reversal."),
        mistake("cleared_too_late",
            (_CLEARED + "    " + _SUM, "    " + _SUM + "\n" + _CLEARED.rstrip()),
            ("    players.opt_adversary.zero_grad()\n    " + _SUM, "    " + _SUM + "\n    players.opt_adversary.zero_grad()"),
            ("    players.opt_task.zero_grad()\n", "", "    " + _SUM, "    " + _SUM + "\n    players.opt_task.zero_grad()"),
            "An optimiser finds no gradient when it steps: it was cleared after `backward()`, or there is no `backward()`. "
            "First clear, then `backward`, then step."),
        mistake("stepped_between",
            "Weights have changed before the last `backward()`, and its graph still needs them. All gradients belong to the "
            "weights before the step: first every `backward`, then both optimisers.",
            symptom=lambda r: r.raised("modified by an inplace operation")),
        mistake("graph_used_twice",
            "Both losses hang on the same features, and the first `backward()` frees what the second needs. Add them "
            "and call it "
            "once: `(task + guess).backward()`.",
            symptom=lambda r: r.raised("backward through the graph a second time")),
        mistake("features_cut", ("players.encoder(x)", "players.encoder(x).detach()"),
            "The features have no graph, so the encoder learns from neither loss. Compute them without `no_grad` and "
            "`detach`."),
        mistake("encoder_in_evaluation", ("features = players.encoder(x)", "features = players.encoder.eval()(x)"),
            "The encoder is put into evaluation mode. It is training: leave its mode as it is."),
        mistake("reads_no_features",
            "The adversary reads something that has another size than the features. It is to get what the encoder returns, "
            "through the reversal.",
            symptom=lambda r: r.raised("and 5x4)")),
        mistake("steps_more_than_once", "An optimiser steps more than once. Each steps once.",
            symptom=lambda r: any(max(got) > max(wanted) for got, wanted in r.pairs("how often each optimiser stepped"))),
        mistake("numbers_returned",
            "The losses come back as plain numbers. Scalars without a graph are asked for, tensors: `task.detach()`.",
            symptom=lambda r: any("'float'" in got or "'ndarray'" in got for got, _ in r.pairs("what comes back")),
            explains=("what comes back",)),
        mistake("one_returned", "One thing comes back. Two are asked for: the task's loss, and the adversary's.",
            symptom=lambda r: any(not got.startswith("a tuple") for got, _ in r.pairs("what comes back"))),
        mistake("no_reversal", (_HIDDEN, "features"),
            "The features reach the adversary without a reversal, so the encoder learns to *help* it."),
        mistake("detached", (_HIDDEN, "features.detach()"),
            "The features are detached before the adversary. It learns, and the encoder never hears of it."),
        mistake("reversed_after", ("hidden = " + _HIDDEN, "hidden = features",
            _GUESS, "GradientReversal.apply(players.adversary(hidden), strength)"),
            ("hidden = " + _HIDDEN, "hidden = features", _SUM, "(task - strength * guess).backward()"),
            "The adversary's own weights go *up* their loss: it learns to guess badly, which hides nothing. A reversal after "
            "the adversary does that, and a minus in the sum. Turn the gradient round between features and adversary."),
        mistake("reversed_twice", (_SUM, "(task - guess).backward()"), (_SUM, "(task - strength * guess).backward()"),
            "There is a reversal, and a minus in the sum as well. The encoder then helps the adversary, and the adversary "
            "goes up its own loss."),
        mistake("strength_fixed", (_HIDDEN, "GradientReversal.apply(features, 1.0)"),
            "The strength is not used: the reversal always has 1."),
        mistake("strength_twice", (_SUM, "(task + strength * guess).backward()"),
            "The adversary's loss is multiplied by the strength as well. At strength 0 it does not learn at all; it is to go "
            "down its loss whatever the strength."),
        mistake("task_reversed", (_TASK, "players.head(GradientReversal.apply(features, strength))"),
            "The head gets reversed features: the encoder learns to be bad at the task."),
        mistake("roles_swapped",
            ("squeeze(1), target)", "squeeze(1), protected)", "squeeze(1), protected)\n    players.opt_task",
            "squeeze(1), target)\n    players.opt_task"),
            "The two answers are swapped: the head learns the protected attribute, and the target is hidden."),
        mistake("same_answer", ("squeeze(1), protected)\n    players.opt_task", "squeeze(1), target)\n    players.opt_task"),
            "The adversary guesses the target. It is to guess the protected attribute."),
        mistake("encoded_twice", (_HIDDEN, "GradientReversal.apply(players.encoder(x), strength)"),
            "The encoder is called twice. Its BatchNorm counts the batch twice, and dropout would toss other features. Compute "
            "the features once."),
        mistake("adversary_asleep", ("    players.opt_adversary.step()\n", ""),
            "The adversary's optimiser never steps. An adversary that learns nothing is easily fooled."),
        mistake("task_asleep", ("    players.opt_task.step()\n", ""),
            "The optimiser of encoder and head never steps."),
        mistake("gradients_left", ("    players.opt_task.zero_grad()\n", ""), ("    players.opt_adversary.zero_grad()\n", ""),
            (_CLEARED, ""),
            "Gradients of an earlier step are added to the new ones. Clear both optimisers before `backward`."),
        mistake("one_after_the_other", Body(_LATER),
            "The adversary steps first, and the encoder then works against the new one. The docstring asks for gradients at "
            "the weights before the step."),
        mistake("probabilities", (_TASK + ".squeeze(1)", _TASK + ".squeeze(1).sigmoid()"),
            (_GUESS + ".squeeze(1)", _GUESS + ".squeeze(1).sigmoid()"),
            "A sigmoid stands before a loss that takes logits, so it is applied twice."),
        mistake("columns_against_rows",
            "Logits (B, 1) were compared with answers (B,). Bring them to one shape: `squeeze(1)`.",
            symptom=lambda r: r.raised("Target size")),
        mistake("losses_swapped", ("return task.detach(), guess.detach()", "return guess.detach(), task.detach()"),
            "The losses come back in the other order: the task's first."),
        mistake("with_graph", ("task.detach(), guess.detach()", "task, guess"),
            "The losses come back with their graph, which keeps all of this step in memory. `detach` them."),
        mistake("below_zero_accepted", "A strength below 0 is to raise a ValueError before anything has changed.",
            symptom=_accepts_negative, explains=("what is raised", "whether anything changed", "the exception"), aside=True),
    ),
)  # fmt: skip

# --- fair latent vectors -----------------------------------------------------------------------------------------------


class _Endless(Exception):
    """Far more is drawn than anybody would need."""


_DRAWN = "how many were drawn"
_TOO_MANY = {_DRAWN: "far too many, and too few of them were kept"}


class _Urn:
    """Draws latent vectors that are numbered in order, and reads two attributes that go together."""

    def __init__(self, seed: int, pull: float, most: int = 100_000):
        self.most = most
        self.generator, self.pull, self.drawn, self.sizes = torch.Generator().manual_seed(seed), pull, 0, []

    def draw_z(self, count: int) -> torch.Tensor:
        if self.drawn > self.most:
            raise _Endless
        z = torch.rand(count, 3, generator=self.generator, dtype=torch.float64)
        z = torch.cat([torch.arange(self.drawn, self.drawn + count, dtype=torch.float64)[:, None], z], dim=1)
        self.drawn += count
        self.sizes.append(count)
        return z  # (count, 4): its number, and chance

    def read(self, z: torch.Tensor) -> torch.Tensor:
        a = z[:, 1] < 0.4
        return torch.stack([a, torch.where(z[:, 2] < self.pull, a, z[:, 3] < 0.3)], dim=1).float()


_PILOT = 4000


def _fair(n: int, pull: float, seed: int, batch: int = 1000):
    """What came of it: how many, in which order, how they go together, how many were kept."""

    def run(sample) -> dict:
        urn = _Urn(seed, pull)
        try:
            result = sample(n, urn.draw_z, urn.read, pilot=_PILOT, batch_size=batch)
        except _Endless:
            return _TOO_MANY
        if not isinstance(result, (tuple, list)) or len(result) != 2:
            return {"what comes back": type(result).__name__}
        z, accepted = result
        answers, numbers = urn.read(z), z[:, 0]
        together = attributes_together(answers)[1][0, 1]
        chance = 6 / n**0.5
        return {
            "what comes back": "a tuple of two",
            "the shape of the vectors": tuple(z.shape),
            "whether they stand in the order in which they were drawn": bool((numbers.diff() > 0).all()),
            "whether all vectors come from `draw_z`": bool(((numbers == numbers.round()) & (numbers >= 0)).all()),
            "whether the pilot is part of them": bool((numbers < _PILOT).any()),
            "the sizes of what is drawn": (urn.sizes[0], *sorted(set(urn.sizes[1:]))),
            "whether the share is one of what was drawn": _whole(float(accepted) * (urn.drawn - _PILOT)),
            "the correlation of what is kept": Near(together, chance),
            "the shares of what is kept": Near(answers.double().mean(dim=0), chance / 2),
            "the share that was kept": Near(torch.tensor(float(accepted)), 0.03),
            "whether a second call keeps others": not torch.equal(z, sample(n, *_again(seed, pull), _PILOT, batch)[0]),
        }

    return scenario(f"called for {n} vectors, pull {pull:g}", run)


def _whole(number: float) -> bool:
    """Is it a count?"""
    return abs(number - round(number)) < 0.01


_PLAIN = "whether the share is a plain number"


def _all_kept(sample) -> dict:
    """All four combinations are equally frequent, so nothing is thrown away, and all is exact."""
    urn = _Urn(9, 0.0, most=400)

    def read(z: torch.Tensor) -> torch.Tensor:
        return torch.stack([z[:, 0] % 2, z[:, 0] // 2 % 2], dim=1)

    try:
        z, accepted = sample(6, urn.draw_z, read, pilot=12, batch_size=4)
    except _Endless:
        return _TOO_MANY
    number = not isinstance(accepted, torch.Tensor)
    return {"the vectors where all are kept": z, "the share": float(accepted), _DRAWN: urn.drawn, _PLAIN: number}


def _just_enough(sample) -> dict:
    """All are kept, and with the second batch there are as many as are wanted: no third one is drawn."""
    urn = _Urn(9, 0.0, most=400)
    try:
        sample(8, urn.draw_z, lambda z: torch.stack([z[:, 0] % 2, z[:, 0] // 2 % 2], dim=1), pilot=12, batch_size=4)
    except _Endless:
        return _TOO_MANY
    return {_DRAWN: urn.drawn}


def _one_missing(sample) -> dict:
    """A ValueError is due; what never ends, or returns, raised none."""
    with contextlib.suppress(_Endless):
        sample(10, *_again(5, 1.0))
    return {}


def _again(seed: int, pull: float):
    urn = _Urn(seed, pull)
    return urn.draw_z, urn.read


_KEPT = "torch.rand(len(z)) < chance[a, b]"
_CHANCE = "weights / weights.max()"

exercise(
    "c2w2b.fair_latents",
    "course_utils.fair_sampling:fair_latents",
    cases=(
        _fair(3000, 0.6, 1),
        _fair(2000, 0.2, 2, batch=500),
        _fair(1500, 0.85, 3),
        scenario("called where all four are equally frequent", _all_kept),
        scenario("called where the second batch just fills it", _just_enough),
        scenario("called where one combination never occurs", _one_missing),
    ),
    mistakes=(
        mistake("hardly_any_kept",
            "Far more vectors are drawn than are needed. Is the weight divided by the *largest*, and not by the sum? And does "
            "the loop count vectors that were kept, not batches?",
            symptom=lambda r: any(s.facts.get(_DRAWN) == _TOO_MANY[_DRAWN] for s in r.got.values())),
        mistake("vectors_of_its_own",
            "There are vectors that `draw_z` did not draw. Call it for each batch: it knows what latent vectors the generator "
            "takes.",
            symptom=lambda r: any(w and not g for g, w in r.pairs("whether all vectors come from"))),
        mistake("share_in_a_tensor",
            "The share is right, but a tensor. A float is asked for: `.item()`, or `float(...)`.",
            symptom=lambda r: r.only(_PLAIN)),
        mistake("a_batch_too_many", ("while sum(map(len, kept)) < n:", "while sum(map(len, kept)) <= n:"),
            "One more batch is drawn when exactly `n` are kept. Go on while there are *fewer* than `n`."),
        mistake("normal_toss", (_KEPT, "torch.randn(len(z)) < chance[a, b]"),
            "The toss is a normal number: half of them are below 0, so that even a chance of 0 would keep half. A chance needs "
            "numbers that are even between 0 and 1, `torch.rand`."),
        mistake("weights_of_each_batch", ("a, b = read(z).cpu().long().T",
            "a, b = read(z).cpu().long().T; own = reweighing(a, b); chance[a, b] = own / own.max()"),
            "The chances are computed anew in each batch, from its own shares. They come from the pilot, once."),
        mistake("the_last", ("found[:n]", "found[-n:]"), "The last `n` come back. Asked for are the first."),
        mistake("toss_turned_round", (_KEPT, "torch.rand(len(z)) > chance[a, b]"),
            "The toss is the wrong way round: a vector is kept where the number is *below* its chance."),
        mistake("sum_over_combinations", ("kept, drawn = [], 0", "chance = chance / chance.sum(); kept, drawn = [], 0"),
            "The four chances are made to sum to 1. They are no shares of one whole: each is a chance of its own, and the "
            "largest is to be 1."),
        mistake("expected_share", ("len(found) / drawn", "chance[answers[:, 0], answers[:, 1]].mean().item()"),
            "The share comes from the pilot: it is what is to be expected. Count what was kept and what was drawn after the "
            "pilot."),
        mistake("one_batch", ("while sum(map(len, kept)) < n:", "for _ in range(1):"),
            "Fewer than `n` vectors come back. Go on with batches until enough are kept.",
            symptom=lambda r: any(isinstance(g, tuple) and g[:1] < w[:1] for g, w in r.pairs("the shape of the vectors"))),
        mistake("pilot_resampled",
            "The vectors of the pilot come back. It is read for the shares of the combinations only; draw anew.",
            symptom=lambda r: any(g and not w for g, w in r.pairs("whether the pilot is part of them"))
            and _PILOT in {s.facts.get("the sizes of what is drawn", (0,))[0] for s in r.got.values()}),
        mistake("sizes_ignored",
            "Other numbers are drawn than `pilot` first and `batch_size` at a time after it.",
            symptom=lambda r: any(g != w for g, w in r.pairs("the sizes of what is drawn"))),
        mistake("own_seed",
            "A second call keeps the very same vectors: a seed is set inside, or a generator made. Let `torch.rand` draw.",
            symptom=lambda r: r.only("whether a second call keeps others", "the correlation", "the shares", "the share that")
            and any(not g for g, _ in r.pairs("whether a second call keeps others"))),
        mistake("others_read", ("read(z).cpu()", "read(draw_z(batch_size)).cpu()"),
            "The answers belong to other vectors than those that are kept. Draw once, and read what was drawn."),
        mistake("not_in_order",
            "The vectors come back in another order than they were drawn in.",
            symptom=lambda r: r.only("whether they stand in the order", "the vectors where all")),
        mistake("missing_accepted",
            "A combination that does not occur in the pilot is accepted. No chance makes up for it: raise a ValueError.",
            symptom=lambda r: r.only("the exception") and not r.errors()),
        mistake("not_divided", (_CHANCE, "weights"), (_CHANCE, "weights.clamp(max=1)"),
            "The weights are used as chances as they are. Those above 1 cannot be kept more than always, so a part of the "
            "correlation stays. Divide by the largest."),
        mistake("turned_round", (_CHANCE, "weights.min() / weights"),
            "The rare combinations are thrown away and the frequent ones kept. Weights are large where there "
            "are too few."),
        mistake("no_toss", (_KEPT, "chance[a, b] > 0.5"),
            "Nothing is tossed: a combination is kept always or never. Keep each vector with the chance of its combination."),
        mistake("one_toss", (_KEPT, "torch.rand(1) < chance[a, b]"),
            "One number is tossed for a whole batch. Each vector needs a toss of its own: `torch.rand(len(z))`."),
        mistake("equal_shares", (_CHANCE, "(1 / weights.new_tensor([(answers == row).all(1).sum() for row in answers])) * "
            "min((answers == row).all(1).sum() for row in answers)"),
            "All four combinations are kept equally often. That makes the two independent, and every attribute a half. The "
            "shares are to stay as they are."),
        mistake("too_many", ("found[:n]", "found"),
            "More than `n` vectors come back. The last batch goes over; cut it."),
        mistake("the_pilot_too", ("answers = read(draw_z(pilot)).cpu()", "first = draw_z(pilot); answers = read(first).cpu()",
            "kept, drawn = [], 0", "kept, drawn = [first[torch.rand(pilot) < chance[answers[:, 0], answers[:, 1]]]], 0"),
            "The pilot is part of the result. The chances were made from it; draw anew."),
        mistake("share_of_n", ("len(found) / drawn", "n / drawn"),
            "The share is that of the `n` vectors that come back. Count all that were kept."),
        mistake("share_thrown_away", ("len(found) / drawn", "1 - len(found) / drawn"),
            "The share is that of the vectors that were thrown away."),
        mistake("pilot_counted", ("kept, drawn = [], 0", "kept, drawn = [], pilot"),
            "The pilot is counted among what was drawn. The share is of the vectors after it."),
        mistake("attributes_swapped", ("chance[a, b]", "chance[b, a]"),
            "The two attributes are swapped when the chance is looked up."),
        mistake("swapped", ("return found[:n], len(found) / drawn", "return len(found) / drawn, found[:n]"),
            "The two results come back in the other order: the vectors first.",
            symptom=lambda r: r.raised("'float' object") or r.raised("subscriptable")),
    ),
)  # fmt: skip

# --- diagnosis ----------------------------------------------------------------------------------------------------------

diagnosis("c2w2b.diagnose", "course_utils.lessons.c2w2b.exercises:diagnose", Naming("run", RUNS, NAMES, diagnose), CLUES)
