"""The cases in which a program is looked at: calls of a function, many random draws, anything else by a small function.

``networks.network`` and ``steps.step`` are the cases of modules and of training steps. What is wanted in a case is never
written down: it is what the reference shows.
"""

import copy
import dataclasses
from collections.abc import Callable

import numpy as np
import torch
from torch import nn

from course_utils.checks import devices
from course_utils.checks.observe import Near, Seen, raised, text_of

RESULT = "the result"
KIND, DTYPE, GRAPH = (
    "the type of the result",
    "the dtype of the result",
    "whether a gradient leads back from the result",
)
RANDOM = "whether the result stays the same when it is computed again"
DEVICE = "the device of the result for tensors on a GPU"


@dataclasses.dataclass(frozen=True)
class Case:
    """``observe(candidate, names)`` says what is seen of a candidate, whose arguments have these names in the reference.

    Facts in ``ignore`` do not count.
    With ``any_error`` every exception is as good as another: the docstring names none, but something must be raised.
    A case that only ``asks`` calls the candidate with each of these texts, once: its answers are all that can be seen of it.
    """

    name: str
    observe: Callable[[object, tuple[str, ...]], Seen]
    ignore: tuple[str, ...] = ()
    any_error: bool = False
    asks: tuple[str, ...] = ()

    def look(self, candidate, names: tuple[str, ...] = ()) -> Seen:
        """What is seen of ``candidate`` from a fixed random state; an exception it raises is something seen, too."""
        torch.default_generator.manual_seed(1)
        np.random.seed(1)
        try:
            seen = self.observe(candidate, names)
        except Exception as error:  # noqa: BLE001 - whatever a candidate raises is what is seen of it
            return raised(error, "any" if self.any_error and not isinstance(error, NotImplementedError) else "")
        return dataclasses.replace(seen, facts={k: v for k, v in seen.facts.items() if k not in self.ignore})


@dataclasses.dataclass(frozen=True)
class Fixed:
    """An argument that is passed without a gradient."""

    value: torch.Tensor


def normal(*shape: int, seed: int = 0, scale: float = 1.0, dtype=torch.float64) -> torch.Tensor:
    """Normal numbers that are the same at every call."""
    return (scale * torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)).to(dtype)


def uniform(*shape: int, seed: int = 0, dtype=torch.float64) -> torch.Tensor:
    """Numbers between 0 and 1 that are the same at every call."""
    return torch.rand(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64).to(dtype)


def seeded(make: Callable, seed: int = 0, double: bool = True):
    """``make()``, a network, with the same weights every time, in float64 unless ``double=False``."""
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(seed)
        made = make()
    return made.double() if double else made


# --- a call of a function ----------------------------------------------------------------------------------------------


def call(
    *arguments,
    label: str = "",
    gradients: bool = True,
    leaf: bool = False,
    stale: bool = False,
    number: bool | str = False,
    ignore: tuple[str, ...] = (),
    any_error: bool = False,
    random: bool = False,
    **keywords,
) -> Case:
    """Call the function with copies of ``arguments`` and see its result, gradients, and what became of the arguments.

    Floating-point tensors get a gradient unless they are ``Fixed`` (``gradients=False``: none does), as results of
    other computations, or, with ``leaf``, as leaves. ``stale`` leaves gradients of an earlier step in leaves and modules.
    With ``number`` a number may come in any form: of Python, of NumPy, or as a tensor; with ``number="float"`` as a tensor
    not, and that is all that is then wrong.
    Of a ``random`` function the numbers do not count, only their shape and type.
    """
    here = (
        label
        or f"called with {', '.join([*map(_shown, arguments), *(f'{k}={_shown(v)}' for k, v in keywords.items())])}"
    )

    def observe(function, names) -> Seen:
        given = _Given(arguments, keywords, gradients, leaf, stale, names)
        result = function(*given.positional, **given.named)
        if random:
            facts = {
                n: torch.zeros(v.shape) if isinstance(v, torch.Tensor) else v for n, v in _facts_of(result).items()
            }
            return Seen(facts | given.afterwards())
        tensor = isinstance(result, torch.Tensor)
        result = _as_number(result) if number else result
        facts = {**_facts_of(result), **given.gradients(result), **given.afterwards()}
        facts |= {KIND: "a tensor"} if number == "float" and tensor else {}
        return Seen(facts | {RANDOM: _repeats(function, arguments, keywords, gradients, leaf, stale, names, result)})

    return Case(here, observe, ignore, any_error)


def _repeats(function, arguments, keywords, gradients, leaf, stale, names, result) -> bool:
    """Does another call on equal arguments, from another random state, give the same?"""
    torch.default_generator.manual_seed(2)
    given = _Given(arguments, keywords, gradients, leaf, stale, names)
    again = function(*given.positional, **given.named)
    pairs = zip(_numbers(result), _numbers(again), strict=False)
    return all(a.shape == b.shape and _close(a, b) for a, b in pairs)


def _close(a: torch.Tensor, b: torch.Tensor) -> bool:
    """Are two tensors of any types alike?"""
    both = torch.promote_types(a.dtype, b.dtype)
    return torch.allclose(a.to(both), b.to(both), equal_nan=True)


def on_gpu(*arguments, label: str = "", numpy: bool = False, **keywords) -> Case:
    """Call the function with tensors that are said to be on a GPU: only the device of the result counts.

    With ``numpy`` a function that goes through NumPy, which knows no GPU, is not held against it.
    """

    def observe(function, names) -> Seen:
        given = [_plain(a) for a in arguments], {k: _plain(v) for k, v in keywords.items()}
        try:
            return Seen({DEVICE: devices.device_of_result(function, *given)})
        except (RuntimeError, TypeError) as error:
            if numpy and "to numpy" in text_of(error):
                return Seen({DEVICE: "the GPU"})
            if "same device" in text_of(error) or "cuda" in text_of(error):
                return Seen({DEVICE: "an exception, since CPU and GPU are mixed"})
            raise

    return Case(label or "called with tensors on a GPU", observe)


class _Given:
    """Fresh copies of a call's arguments, and what became of them."""

    def __init__(self, arguments, keywords, gradients, leaf, stale, names):
        self.wants, self.leaf, self.stale = gradients, leaf, stale
        self.roots, self.tensors, self.modules, self.parameters = {}, {}, {}, {}
        names = [*names, *(f"argument {i + 1}" for i in range(len(names), len(arguments)))]
        self.positional = [self._fresh(value, name) for value, name in zip(arguments, names, strict=False)]
        self.named = {name: self._fresh(value, name) for name, value in keywords.items()}

    def _fresh(self, value, name: str):
        if isinstance(value, nn.Module):
            self.modules[name] = fresh = copy.deepcopy(value)
            for p in fresh.parameters():
                p.grad = torch.full_like(p, 0.5) if self.stale else None
            self.parameters[name] = [id(p) for p in fresh.parameters()]
            return fresh
        if isinstance(value, (tuple, list)) and any(isinstance(v, torch.Tensor) for v in value):
            fresh = [self._fresh(v, f"{name}[{i}]") for i, v in enumerate(value)]
            return type(value)(*fresh) if hasattr(value, "_fields") else type(value)(fresh)
        if not isinstance(value, (torch.Tensor, Fixed)):
            return value
        fresh = _plain(value).detach().clone()
        if self.wants and isinstance(value, torch.Tensor) and value.is_floating_point():
            self.roots[name] = root = fresh.requires_grad_()
            root.grad = torch.full_like(root, 0.5) if self.stale else None
            fresh = root if self.leaf else root.clone()
        self.tensors[name] = fresh
        return fresh

    def gradients(self, result) -> dict:
        """The gradient of a weighted sum of the result with respect to each argument, and to the weights of each module."""
        value = sum((_weighted(t) for t in _tensors(result) if t.requires_grad), torch.zeros(()))
        wanted = {f"the gradient with respect to `{name}`": root for name, root in self.roots.items()}
        for name, module in self.modules.items():
            weights = {f"the gradient with respect to `{name}`'s weights {n}": p for n, p in module.named_parameters()}
            wanted |= {n: p for n, p in weights.items() if p.requires_grad}
        if not wanted or not self.wants:
            return {}
        if not value.requires_grad:
            return dict.fromkeys(wanted, "none")
        found = torch.autograd.grad(value, list(wanted.values()), allow_unused=True)
        return {n: torch.zeros_like(p) if g is None else g for (n, p), g in zip(wanted.items(), found, strict=True)}

    def afterwards(self) -> dict:
        facts = {f"`{name}` afterwards": t.detach().clone() for name, t in self.tensors.items()}
        facts |= {
            f"whether `{name}` asks for a gradient afterwards": t.requires_grad for name, t in self.tensors.items()
        }
        for name, root in self.roots.items():
            facts[f"the gradients left in `{name}`"] = (
                torch.zeros_like(root) if root.grad is None else root.grad.clone()
            )
        for name, module in self.modules.items():
            facts |= {f"`{name}`'s weights {n} afterwards": t.detach().clone() for n, t in module.state_dict().items()}
            facts[f"the gradients left in `{name}`"] = gradients_left(module)
            facts[f"whether `{name}` keeps its own parameters"] = self.parameters[name] == [
                id(p) for p in module.parameters()
            ]
            facts[f"whether `{name}` can still learn"] = all(p.requires_grad for p in module.parameters())
            facts[f"whether `{name}` is in training mode afterwards"] = module.training
        return facts


def gradients_left(module: nn.Module) -> torch.Tensor:
    """The gradients in a module's weights in one row, 0 where there is none."""
    rows = [(torch.zeros_like(p) if p.grad is None else p.grad).flatten().double() for p in module.parameters()]
    return torch.cat(rows) if rows else torch.zeros(0)


def _as_number(value):
    """A float for a number in any form, anything else as it is."""
    single = getattr(value, "shape", None) == () or isinstance(value, (int, float))
    return float(value) if single and not isinstance(value, bool) else value


def _plain(value):
    return value.value if isinstance(value, Fixed) else value


def _shown(value) -> str:
    value = _plain(value)
    if isinstance(value, torch.Tensor):
        return str(tuple(value.shape)) if value.ndim else f"{value.item():.3g}"
    if isinstance(value, (nn.Module, type)) or callable(value):
        return "a network" if isinstance(value, nn.Module) else "a function"
    return repr(value)[:40]


# --- what a result looks like ------------------------------------------------------------------------------------------


def kind(value) -> str:
    """The type of a value as a learner would say it."""
    if isinstance(value, nn.Module):
        return "a module"
    if isinstance(value, torch.Tensor):
        return "a tensor"
    if value is None:
        return "None"
    if hasattr(value, "_fields"):
        return f"a {type(value).__name__}"
    if isinstance(value, (tuple, list)):
        return f"a {'tuple' if isinstance(value, tuple) else 'list'} of {len(value)}"
    return f"a class ({value.__name__})" if isinstance(value, type) else type(value).__name__


def _parts(result) -> dict:
    """The result, or its parts, by their names in words."""
    if isinstance(result, (tuple, list)):
        names = getattr(result, "_fields", [f"part {i + 1}" for i in range(len(result))])
        return {f"{RESULT}'s {name}": part for name, part in zip(names, result, strict=True)}
    if isinstance(result, dict):
        return {f"{RESULT}'s {name!r}": part for name, part in result.items()}
    return {RESULT: result}


def _tensors(result) -> list[torch.Tensor]:
    return [part for part in _parts(result).values() if isinstance(part, torch.Tensor)]


def _numbers(result) -> list[torch.Tensor]:
    """The tensors of a result, and its plain numbers as tensors."""
    parts = _parts(result).values()
    made = [torch.tensor(float(p), dtype=torch.float64, device="cpu") if isinstance(p, (int, float)) else p for p in parts]
    return [part for part in made if isinstance(part, torch.Tensor)]


def _facts_of(result) -> dict:
    facts = {KIND: kind(result)}
    for name, part in _parts(result).items():
        tensor = isinstance(part, torch.Tensor)
        suffix = name.removeprefix(RESULT)
        facts[name] = part.detach().clone() if tensor else part
        if tensor:
            facts[DTYPE + suffix] = str(part.dtype).removeprefix("torch.")
            made_anew = part.is_leaf and part.ndim == 0  # `torch.tensor(number, requires_grad=True)`
            facts[GRAPH + suffix] = part.requires_grad and not made_anew
    return facts


def _weighted(tensor: torch.Tensor) -> torch.Tensor:
    """A sum in which every number counts differently, so that numbers in another place are seen."""
    weights = 1.5 + torch.cos(torch.arange(tensor.numel(), dtype=tensor.dtype))
    return (tensor.reshape(-1) * weights).sum() if tensor.ndim else tensor


# --- random functions, and anything else -------------------------------------------------------------------------------


CHANCE = 7.5  # standard deviations by which two means may differ: five of their difference, since hundreds are compared


def statistics(x: torch.Tensor, of: str = "the numbers") -> dict:
    """What tells the distribution of ``x`` (N, d), rows drawn independently of each other, with what chance may do to it."""
    x = x.detach().double()
    n, d = x.shape
    scale = max(x.std().item(), 1e-5 * x.abs().max().item(), 1e-9)
    chance = CHANCE * scale / n**0.5
    quantiles = torch.quantile(x.flatten()[:100_000], torch.linspace(0, 1, 21, dtype=torch.float64)[1:-1])
    centred = (x - x.mean(0)) / x.std(0).clamp(min=100 * scale if x.std() < scale else 1e-3 * scale)
    facts = {
        f"the mean of {of}": Near(x.mean(0), chance),
        f"the standard deviation of {of}": Near(x.std(0), chance),
        f"the spread of {of} (quantiles)": Near(quantiles, 2 * chance / d**0.5 + 1e-3 * scale),
        f"the smallest and the largest of {of}, to a tenth of the spread": Near(torch.stack(x.aminmax()) / scale, 2.0),
        f"the correlation of one row of {of} with the next": Near(
            (centred[1:] * centred[:-1]).mean(), CHANCE / (n * d) ** 0.5
        ),
    }
    different = torch.tensor(len(x.unique()) / x.numel())
    facts[f"the spread of {of}: how many are different, as a share of all"] = Near(different, 0.1)
    if d > 1:
        between = (centred[:, 1:] * centred[:, :-1]).mean(0)
        facts[f"the correlation between columns of {of}"] = Near(between, CHANCE / n**0.5)
        facts[f"the mean over a row of {of}"] = Near(x.mean(1).std(), CHANCE * scale / (d * n) ** 0.5)
        facts[f"the length of a row of {of}"] = Near(x.norm(dim=1).std(), CHANCE * scale / n**0.5)
    return facts


def draws(make: Callable, label: str, of: str = "the numbers") -> Case:
    """``make(function)`` draws a table (N, d): see its distribution, and whether it is new each time and repeatable."""

    def observe(function, names) -> Seen:
        table = make(function)
        torch.default_generator.manual_seed(5)
        first, second = make(function), make(function)
        torch.default_generator.manual_seed(5)
        again = make(function)
        facts = statistics(torch.cat([table, first]), of)
        facts["whether every call draws anew"] = not torch.equal(first, second)
        facts["whether the draw repeats after `torch.manual_seed`"] = torch.equal(first, again)
        means = torch.stack([t.detach().double().mean(0) for t in (table, first)])
        facts[f"the mean of {of} over one call"] = Near(
            means, CHANCE * table.double().std().item() / len(table) ** 0.5 + 1e-6
        )
        return Seen(facts)

    return Case(label, observe)


def of(change: Callable, case: Case, *names: str) -> Case:
    """``case``, of what ``change(candidate)`` makes of a candidate; its arguments have these names."""
    return dataclasses.replace(case, observe=lambda candidate, _: case.observe(change(candidate), names))


def scenario(label: str, run: Callable, ignore: tuple[str, ...] = ()) -> Case:
    """``run(candidate)`` does something with the candidate and returns the facts by their names, or a ``Seen``."""

    def observe(candidate, names) -> Seen:
        found = run(candidate)
        return found if isinstance(found, Seen) else Seen(found)

    return Case(label, observe, ignore)
