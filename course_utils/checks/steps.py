"""Training steps: what a step did to two small networks, and a trace of how it did it.

Facts decide: weights, statistics and flags of both networks, the returned loss, the arguments. The trace tells which
network was called with what, where gradients arrived, and which optimiser was cleared and stepped, in which order.
"""

import collections
import copy
import dataclasses
import numbers
from collections.abc import Callable

import torch
from torch import nn

from course_utils.checks.cases import Case, gradients_left, kind
from course_utils.checks.mistakes import Record, mistake
from course_utils.checks.observe import RAISES, Seen, raised, same
from course_utils.training import EMA, GAN

NETWORKS = {"generator": "opt_g", "discriminator": "opt_d"}
TWO = "a step with a batch of two"
LOSS, LOSS_GRAPH = "the returned loss", "whether the returned loss still has its graph"
AVERAGE = "the averaged generator's weights"


class Watched:
    """Gradient descent with momentum that tells ``log`` when it is cleared and stepped.

    No ``torch.optim.Optimizer``: the first of these in a process imports hundreds of modules.
    """

    log: Callable = staticmethod(lambda event: None)

    def __init__(self, parameters, lr: float = 0.5, momentum: float = 0.5):
        self.sizes = []  # of the gradients, at each step
        self.param_groups = [{"params": list(parameters), "lr": lr, "momentum": momentum}]
        self.state = collections.defaultdict(dict)

    def zero_grad(self, set_to_none: bool = True):
        self.log("clears")
        for p in self.param_groups[0]["params"]:
            p.grad = None if set_to_none or p.grad is None else torch.zeros_like(p.grad)

    @torch.no_grad()
    def step(self, closure=None):
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        self.log("steps")
        self.sizes.append(_sizes([p.grad for group in self.param_groups for p in group["params"] if p.grad is not None]))
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is not None:
                    speed = self.state[p].setdefault("speed", torch.zeros_like(p))
                    speed.mul_(group["momentum"]).add_(p.grad)
                    p.sub_(group["lr"] * speed)
        return loss

    def __deepcopy__(self, memo):
        """A copy for a copied network, which nobody watches."""
        other = Watched([copy.deepcopy(p, memo) for p in self.param_groups[0]["params"]])
        memo[id(self)] = other
        return other


def _sizes(gradients) -> dict:
    """The length of all gradients together, and their largest number, with what makes a round number of them."""
    together = _row(gradients)
    largest = together.abs().max().item() if len(together) else 0.0
    return {"length of VALUE (`clip_grad_norm_`)": together.norm().item(), "range of VALUE (`clip_grad_value_`)": largest}


def small_gan(scale: float = 1.0) -> GAN:
    """A GAN on 1x2x2 images, in float64; ``scale`` 4 makes its gradients large."""
    generator = nn.Sequential(
        nn.Linear(3, 6), nn.BatchNorm1d(6), nn.ReLU(), nn.Linear(6, 4), nn.Tanh(), nn.Unflatten(1, (1, 2, 2))
    )
    discriminator = nn.Sequential(nn.Flatten(), nn.Linear(4, 5), nn.LeakyReLU(0.2), nn.Linear(5, 1))
    with torch.no_grad():
        for p in (*generator[3].parameters(), *discriminator.parameters()):
            p.mul_(scale)
    return watched(generator.double(), discriminator.double())


def watched(generator: nn.Module, discriminator: nn.Module, lr: float = 0.5) -> GAN:
    """A GAN whose optimisers can be watched."""
    optimisers = Watched(generator.parameters(), lr), Watched(discriminator.parameters(), lr)
    return GAN(generator, discriminator, *optimisers, EMA(generator))  # the average shows who draws with it


def single_gan() -> GAN:
    """The small GAN in float32, the precision of real ones, where automatic half precision would show."""
    gan = small_gan()
    for network in (gan.generator, gan.discriminator, gan.ema.module):
        network.float()
    return gan


def single_data() -> dict:
    """Reals and noise for ``single_gan``."""
    return {name: x.float() for name, x in small_data().items()}


def small_data(batch: int = 8) -> dict:
    """Reals, and two batches of noise, for ``small_gan``."""
    real = torch.rand(batch, 1, 2, 2, dtype=torch.float64) * 2 - 1
    return {"real": real, "z": torch.randn(batch, 3, dtype=torch.float64)}


def step(
    *arguments: str,
    gan: Callable = small_gan,
    data: Callable = small_data,
    calls: int = 1,
    seed: int = 0,
    spared: str = "",
    label: str = "",
    ignore: tuple[str, ...] = (),
    repeated: bool = True,
    **keywords,
) -> Case:
    """Call ``step(gan, *arguments, **keywords)`` ``calls`` times; ``arguments`` are names of what ``data()`` gives.

    No gradient may reach the network ``spared``. A case that is not ``repeated`` costs half, and leaves it to others to see
    whether random numbers are drawn.
    """
    times = f"{calls} step{'s' if calls > 1 else ''}"

    def observe(candidate, names) -> Seen:
        seen = _play(candidate, arguments, gan, data, calls, seed, keywords, 1)
        again = _play(candidate, arguments, gan, data, calls, seed, keywords, 2) if repeated else seen
        if RAISES in seen.facts:
            return seen
        same_again = all(same(seen.facts.get(n), again.facts[n]) for n in again.facts)
        if spared:
            seen.facts[f"whether gradients reach the {spared}"] = bool(seen.trace["arrived"][spared])
        if repeated:
            seen.facts["whether the update stays the same when it is repeated"] = same_again
        return seen

    return Case(label or f"{times} (seed {seed})", observe, ignore)


def _play(candidate, arguments, gan, data, calls, seed, keywords, random_state) -> Seen:
    torch.default_generator.manual_seed(seed)
    players, given = gan(), data()
    trace = _Trace(players)
    before = {n: _row(getattr(players, n).parameters()) for n in NETWORKS}
    changed, returned = [], []
    try:
        for call in range(calls):
            fresh = {name: given[name].roll(call, -1).clone() for name in arguments}
            kept = {name: value.clone() for name, value in fresh.items()}
            torch.default_generator.manual_seed(100 * random_state + call)
            returned.append(candidate(players, *fresh.values(), **keywords))
            changed += [n for n in arguments if fresh[n].requires_grad or not torch.equal(fresh[n], kept[n])]
            trace.events.append("returns")
    except Exception as error:  # noqa: BLE001 - what was done before it is seen, too
        seen = raised(error)
        return dataclasses.replace(seen, trace=seen.trace | trace.summary(players))
    facts = {
        **{f"the {n}'s weights": _row(getattr(players, n).parameters()) for n in NETWORKS},
        **{f"the {n}'s running statistics": _row(getattr(players, n).buffers()) for n in NETWORKS},
        **_loss(returned),
        AVERAGE: _row(players.ema.module.parameters()) if players.ema is not None else torch.zeros(0),
        "networks with weights that can no longer learn": tuple(
            n for n in NETWORKS if not all(p.requires_grad for p in getattr(players, n).parameters())
        ),
        "networks left in evaluation mode": tuple(
            n for n in NETWORKS if not all(m.training for m in getattr(players, n).modules())
        ),
        "arguments that were changed": tuple(sorted(set(changed))),
    }
    summary = trace.summary(players) | {"weights before": before}
    return Seen(
        facts | {"the optimisers that are stepped": tuple(o for o, n in summary["steps"].items() if n)}, summary
    )


def _row(tensors) -> torch.Tensor:
    tensors = [t.detach().flatten() for t in tensors]
    return torch.cat(tensors) if tensors else torch.zeros(0)


def _loss(returned: list) -> dict:
    """The losses that the calls returned, as numbers."""
    facts = {LOSS_GRAPH: any(isinstance(r, torch.Tensor) and r.requires_grad for r in returned)}
    try:
        numbers_ = [float(r.detach() if isinstance(r, torch.Tensor) else r) for r in returned]
        is_number = all(isinstance(r, (torch.Tensor, numbers.Real)) or hasattr(r, "dtype") for r in returned)
    except (TypeError, ValueError, RuntimeError):
        is_number = False
    facts[LOSS] = torch.tensor(numbers_, dtype=torch.float64) if is_number else kind(returned[0])
    return facts


class _Trace:
    """What happens while a step runs."""

    def __init__(self, gan: GAN):
        self.events, self.felt, self.arrived = [], collections.Counter(), collections.Counter()
        self.inputs = collections.defaultdict(list)  # of each network: (the input, whether it has a graph)
        self.outputs = collections.defaultdict(list)
        for name, optimiser in NETWORKS.items():
            network = getattr(gan, name)
            network.register_forward_hook(lambda _, x, y, name=name: self._called(name, x[0], y))
            for p in network.parameters():
                p.grad = torch.full_like(p, 0.3)  # of an earlier step, as in a real run
                p.register_hook(lambda gradient, name=name: self._arrives(name, gradient))
            getattr(gan, optimiser).log = lambda what, optimiser=optimiser: self.events.append(f"{optimiser} {what}")

    def _called(self, name: str, x, y) -> None:
        self.events.append(f"{name} called")
        if isinstance(x, torch.Tensor):
            self.inputs[name].append((x.detach().clone(), x.requires_grad))
        if isinstance(y, torch.Tensor):
            self.outputs[name].append(y.detach().clone())

    def _arrives(self, name: str, gradient) -> None:
        self.arrived[name] += 1
        self.felt[name] += bool(gradient.any())
        if self.events[-1:] != ["backward"]:
            self.events.append("backward")

    def summary(self, gan: GAN) -> dict:
        return {
            "events": tuple(self.events),
            "steps": {o: self.events.count(f"{o} steps") for o in NETWORKS.values()},
            "cleared": {o: self.events.count(f"{o} clears") for o in NETWORKS.values()},
            "called": {n: self.events.count(f"{n} called") for n in NETWORKS},
            "arrived": {n: self.arrived[n] for n in NETWORKS},
            "felt": {n: self.felt[n] for n in NETWORKS},
            "gradients": {n: gradients_left(getattr(gan, n)) for n in NETWORKS},
            "sizes": {o: tuple(getattr(gan, o).sizes) for o in NETWORKS.values()},
            "inputs": {n: [x for x, _ in self.inputs[n]] for n in NETWORKS},
            "with graph": {n: [g for _, g in self.inputs[n]] for n in NETWORKS},
        }


# --- mistakes that any step can have -----------------------------------------------------------------------------------


class Watch:
    """Predicates for the symptoms of a step in which ``learner`` ("generator" or "discriminator") learns."""

    def __init__(self, learner: str):
        self.learner, self.own = learner, NETWORKS[learner]
        self.other = next(n for n in NETWORKS if n != learner)
        self.foreign = NETWORKS[self.other]

    def first(self, record: Record) -> dict:
        """The trace of the first case."""
        return next(iter(record.got.values())).trace

    def stepped(self, record: Record) -> set[str]:
        """The optimisers that were stepped in the first case."""
        return {name for name, count in self.first(record)["steps"].items() if count}

    def moved(self, record: Record, network: str) -> bool:
        """Did the weights of a network change other than the reference changes them?"""
        return f"the {network}'s weights" in record.names

    def too_many_steps(self, record: Record) -> bool:
        return self.first(record)["steps"][self.own] > 1

    def no_gradient(self, record: Record) -> bool:
        """Did no gradient arrive at the learner, so that its optimiser had nothing (new) to step with?"""
        return not self.first(record)["arrived"][self.learner]

    def nothing_done(self, record: Record) -> bool:
        trace = self.first(record)
        return not record.errors() and not any(trace["arrived"].values()) and not any(trace["steps"].values())

    def moves_without_step(self, record: Record) -> bool:
        """Are the weights neither the reference's nor the old ones, although no optimiser of ``gan`` was stepped?"""
        return (
            not record.errors()
            and not self.stepped(record)
            and self.first(record)["arrived"][self.learner]
            and self._has_moved(record)
        )

    def _has_moved(self, record: Record) -> bool:
        one, three = (record.got[c].facts.get(f"the {self.learner}'s weights") for c in list(record.got)[:2])
        return one is not None and three is not None and not torch.equal(one, three)

    def order(self, record: Record, *events: str) -> bool:
        """Do these events occur in the first case in this order?"""
        found = iter(self.first(record)["events"])
        return all(any(e == wanted for e in found) for wanted in events)

    def likeness(self, record: Record) -> float:
        """How much what the generator was given is like what the reference gives it: 1 for the same, 0 for other noise."""
        case, seen = next(iter(record.got.items()))
        inputs, wanted = (s.trace["inputs"]["generator"] for s in (seen, record.wanted[case]))
        pairs = [(x, w) for x in inputs for w in wanted if x.shape == w.shape]
        if any(same(x, w) for x, w in pairs):
            return 1.0
        alike = (torch.corrcoef(torch.stack([x.flatten(), w.flatten()]))[0, 1].item() for x, w in pairs)
        return min(max(alike, default=0.0), 1 - 1e-6)  # shifted or scaled numbers are alike, and not the same

    def only_first(self, record: Record, *beginnings: str) -> bool:
        """Are these the only facts that differ in the first case, and do some?"""
        names = next(iter(record.differing.values()))
        return bool(names) and all(n.startswith(beginnings) for n in names)

    def called_again(self, record: Record) -> bool:
        """Was the generator called more than once in the first case?"""
        return self.first(record)["called"]["generator"] > 1

    def same_direction(self, record: Record) -> str:
        """How far the learner has moved for the right distance, in words, when only that is wrong; "" otherwise."""
        case, seen = next(iter(record.got.items()))
        name, before = f"the {self.learner}'s weights", seen.trace["weights before"][self.learner]
        got, wanted = seen.facts[name] - before, record.wanted[case].facts[name] - before
        factor = (got @ wanted / wanted.square().sum()).item()
        once = seen.trace["steps"][self.own] == 1
        right = once and self.only_first(record, name, LOSS) and (got - factor * wanted).norm() < 1e-3 * got.norm()
        return f"{factor:.3g} times as far" if right and abs(factor - 1) > 1e-3 else ""

    def clipped(self, record: Record) -> str:
        """To what the gradients were clipped, in words: their norm or largest number is round in a case that differs."""
        differing = [record.got[case] for case, names in record.differing.items() if names]
        for size in (size for seen in differing for size in seen.trace["sizes"][self.own]):
            for words, number in size.items():
                whole = float(f"{number:.1g}")
                if whole and abs(number - whole) < 1e-5 * whole:
                    return words.replace("VALUE", f"{whole:g}")
        return ""

    def early(self, record: Record) -> bool:
        """Was the learner's optimiser stepped before any gradient of this step arrived?"""
        events = self.first(record)["events"]
        step = f"{self.own} steps"
        return (
            step in events
            and "backward" not in events[: events.index(step)]
            and ("backward" in events or record.raised("modified by an inplace operation"))
        )


def usual(learner: str, cut: str, message: str) -> tuple:
    """Mistakes of any step in which ``learner`` learns: what is wrong whatever the loss.

    ``cut`` is the id of the mistake that no gradient arrives, ``message`` its explanation.
    """
    w = Watch(learner)
    own = w.own
    return (
        mistake("reused_graph",
            "The first call works, the second fails: something of the first call, a batch of fakes or its graph, is used "
            "again. The graph is gone after `backward()`. Make the fakes anew from `z` in every step.",
            symptom=lambda r: r.raised("second time") and next(iter(r.got.values())).error is None),
        mistake("fixed_batch_size",
            "With a batch of eight it runs, with a batch of two it fails: a size is written as a number. Take it from the "
            "tensors, as `torch.ones_like(logits)` and `len(z)` do.",
            symptom=lambda r: [c for c, s in r.got.items() if s.error is not None] == [TWO], cases=(TWO,)),
        mistake("nothing_done",
            "The networks of `gan` are left as they were: no gradient was computed for them, and neither optimiser was "
            f"stepped. After the loss come `gan.{own}.zero_grad()`, `loss.backward()` and `gan.{own}.step()`, on `gan` "
            "itself, not on a copy of it.",
            symptom=w.nothing_done),
        mistake("no_return",
            "The step returns None. Its last line should be `return loss.detach()`, so that the loss can be plotted.",
            symptom=lambda r: any(s.facts.get(LOSS) == "None" for s in r.got.values() if isinstance(s.facts.get(LOSS), str)),
            explains=(LOSS,)),
        mistake("two_steps",
            f"The optimiser is stepped more than once. One call is one update: both parts of the loss, added or each with its "
            f"own `backward()`, then a single `gan.{own}.step()`.",
            symptom=w.too_many_steps),
        mistake("new_optimiser",
            "The weights change, but not through the optimisers of `gan`: a new one is made in every call (and Adam forgets "
            f"its averages), or the weights are changed by hand. Use `gan.{own}.step()`.",
            symptom=w.moves_without_step),
        mistake("no_step",
            f"No optimiser was stepped, so nothing was learned. After `backward()` comes `gan.{own}.step()`.",
            symptom=lambda r: not r.errors() and not w.stepped(r)),
        mistake("wrong_optimiser",
            f"The other player's optimiser is stepped. This step changes the {learner}: `gan.{own}.step()`.",
            symptom=lambda r: w.stepped(r) == {w.foreign}),
        mistake("both_optimisers",
            f"Both optimisers are stepped. This step changes the {learner} only; the other player has a step of its own.",
            symptom=lambda r: w.stepped(r) == {w.own, w.foreign}),
        mistake("step_before_backward",
            "The optimiser is stepped before `backward()` has computed the gradients of this loss. The order is zero_grad, "
            "backward, step.",
            symptom=w.early),
        mistake("zero_grad_after_backward",
            "The gradients are cleared between `backward()` and `step()`, so the optimiser finds nothing to do. The order "
            "is zero_grad, backward, step.",
            symptom=lambda r: (w.order(r, "backward", f"{own} clears", f"{own} steps")
                and not w.order(r, f"{own} clears", "backward", f"{own} steps"))),
        mistake("average_updated",
            "The averaged generator is changed inside the step. The training loop does that once a round, after both steps: "
            "twice would be another decay.",
            symptom=lambda r: AVERAGE in r.names, explains=(AVERAGE,)),
        mistake("own_noise",
            "The step does not use its argument `z`: it draws its own noise. Use `gan.generator(z)`, so that whoever calls "
            "the step decides, and a run can be repeated.",
            symptom=lambda r: ("whether the update stays the same when it is repeated" in r.names and w.likeness(r) < 0.7)),
        mistake("random_numbers",
            "The step draws random numbers (noise on the images or the labels, dropout, a shuffled batch), so the same "
            "arguments give a different update each time. It should do what is asked for and no more.",
            symptom=lambda r: "whether the update stays the same when it is repeated" in r.names),
        mistake("changes_argument",
            "The step changes its arguments in place (a name ending in _, or an operation like `+=`). Whoever called it may "
            "still need them; make a new tensor.",
            symptom=lambda r: "arguments that were changed" in r.names, explains=("arguments that were changed",)),
        mistake("generator_called_twice",
            "The generator is called more than once. That costs time, and its BatchNorm counts every call in its running "
            "statistics. Call it once and keep the images.",
            symptom=lambda r: w.called_again(r) and w.only_first(r, "the generator's running statistics")),
        mistake("other_noise",
            "The generator is given something else than `z`: shifted, scaled or standardised numbers. BatchNorm hides it "
            "here, but its running statistics, and with them the images in evaluation mode, come out differently. Use "
            "`gan.generator(z)`.",
            symptom=lambda r: w.only_first(r, "the generator's running statistics") and w.likeness(r) < 1),
        mistake("returns_graph",
            "The returned loss still carries its graph. Kept for a curve, thousands of them fill the memory. Return "
            "`loss.detach()`.",
            symptom=lambda r: LOSS_GRAPH in r.names, explains=(LOSS_GRAPH,)),
        mistake("left_frozen",
            "After the step some weights have `requires_grad=False`, so they learn nothing any more. If you freeze a "
            "network for speed, let it be the one that does not learn in this step, and unfreeze it before you return.",
            symptom=lambda r: "networks with weights that can no longer learn" in r.names,
            explains=("networks with weights",)),
        mistake("evaluation_mode",
            "After the step a network is left in evaluation mode. While training, BatchNorm must normalise with the batch; "
            "there is no need to call `.eval()` here.",
            symptom=lambda r: "networks left in evaluation mode" in r.names),
        mistake("other_return",
            "[The update is right; only] the returned value is another. Return the loss that `backward()` was called on, "
            "`loss.detach()`.",
            symptom=lambda r: r.only(LOSS)),
        mistake("clips_gradients",
            "Between `backward()` and the step the gradients are clipped to a VALUE. That is right only while they are "
            "small; where they are large the step is another. It is not asked for: leave it out.",
            symptom=lambda r: not r.errors() and w.clipped(r)),
        mistake(cut,
            message,
            symptom=lambda r: r.raised("does not require grad") or (not r.errors() and w.no_gradient(r))),
    )


def case_set(*arguments: str, **options) -> tuple[Case, ...]:
    """One step, three steps in a row, large weights, a batch of two, and float32, for a step with these arguments."""
    return (
        step(*arguments, **options),
        step(*arguments, calls=3, **options),
        step(*arguments, seed=1, calls=2, gan=lambda: small_gan(4.0), label="2 steps with large weights", **options),
        step(*arguments, seed=2, data=lambda: small_data(2), label=TWO, **options),
        step(*arguments, seed=3, gan=single_gan, data=single_data, label="a step in float32", **options),
    )
