"""Networks and their parts: each is looked at with the same weights, wherever it keeps them.

Weights are found by their size, and those of equal size by their distance from the output, so that it does not matter
whether they sit in ``nn.Linear`` or in an ``nn.Parameter``, nor in which order they were made. Matrices get fixed numbers,
scales and shifts of equal length get equal ones.
"""

import contextlib
import copy

import torch
from torch import nn

from course_utils.checks.cases import KIND, Case, kind, normal
from course_utils.checks.mistakes import Record, mistake
from course_utils.checks.observe import Near, Seen
from course_utils.checks.symptoms import EXCEPTIONS

BATCHES = 30  # pairs of batches before evaluation mode is looked at
OUTPUT, EVALUATION = "the output", "the output in evaluation mode"
HIDDEN_LAYERS = "whether layers are kept where nobody finds their weights"
INPUT = "the gradient with respect to the input"
LAYERS = "the sizes of the weight matrices"
SLOPES = "how large the gradients of the weight matrices are"
_SAME_AGAIN = "whether the same input gives the same output"
ALIKE, LEARNED_SLOPE = "whether all weights of a layer start alike", "whether a slope is learned, as in PReLU"
_UNREACHED = "weights that no gradient reaches"
MIXES = "whether samples depend on the others in the batch"
NORMS, SHIFTS = "normalisations", "how many biases and other shifts, scales"
_NORMS = nn.modules.batchnorm._NormBase, nn.GroupNorm, nn.LayerNorm


def network(
    *arguments,
    inputs: tuple,
    label: str = "",
    ignore: tuple[str, ...] = (),
    method: str = "",
    order_free: bool = False,
    size: float = 1.0,
    vectors: float = 1.0,
    alike: bool = False,
    evaluated: bool = True,
    **keywords,
) -> Case:
    """Make a network with these arguments and call it on ``inputs`` (tensors, or anything else it takes).

    ``method`` is called in the place of the network itself; with ``order_free`` it does not matter in which order the
    numbers of a sample come out; ``size`` multiplies the weight matrices, ``vectors`` biases, scales and shifts. With
    ``alike`` all units of a layer have the same weights, so that it does not matter how a layer is cut into pieces. Where
    another case looks at evaluation mode, ``evaluated=False`` saves the sixty batches before it.
    """
    words = [*map(repr, arguments), *(f"{k}={v!r}" for k, v in keywords.items())]

    def observe(make, names) -> Seen:
        torch.default_generator.manual_seed(7)
        made, other = make(*arguments, **keywords), make(*arguments, **keywords)
        if not isinstance(made, nn.Module):
            return Seen({KIND: kind(made)})
        return _Look(made, other, inputs, method, order_free, size, vectors, alike).seen(evaluated)

    ignored = (*ignore, LAYERS, SLOPES) if alike else ignore
    return Case(label or f"made with ({', '.join(words)})", observe, ignored)


class _Look:
    """What is seen of one network."""

    def __init__(self, made, other, inputs, method, order_free, size, vectors, alike):
        self.made, self.other, self.method, self.order_free = made, other, method, order_free
        self.size, self.vectors, self.alike = size, vectors, alike
        self.inputs = tuple(x.float() if isinstance(x, torch.Tensor) and x.is_floating_point() else x for x in inputs)

    def call(self, inputs=None):
        given = tuple(x.clone() if isinstance(x, torch.Tensor) else x for x in (inputs or self.inputs))
        return (getattr(self.made, self.method) if self.method else self.made)(*given)

    def seen(self, evaluated: bool) -> Seen:
        """The facts. Lazy layers get their sizes from a first call; all others are looked at as they were made."""
        made, before = self.made, [id(p) for p in self.made.parameters()]
        lazy = any(is_lazy(p) for m in (made, self.other) for p in (*m.parameters(), *m.buffers()))
        if lazy:
            self.call()
            self.made = self.other
            self.call()
            self.made = made
            made.apply(lambda m: m.reset_running_stats() if hasattr(m, "reset_running_stats") else None)
        facts, vectors = {KIND: kind(made), **self._as_made()}, self._vectors()
        state = copy.deepcopy(made.state_dict())
        output = self.call()
        facts["whether all weights are there before the first call"] = before == [id(p) for p in made.parameters()]
        facts["the type of the output"] = kind(output)
        made.load_state_dict(state)
        made.float()
        matrices, self.shifts = fill(made, self._flat(output), self.size, self.vectors, self.alike)
        facts[LAYERS] = tuple(
            sorted("x".join(map(str, sorted(core(m)) if len(core(m)) == 2 else core(m))) for m in matrices)
        )
        if self.alike:
            facts["how many numbers it learns"] = sum(p.numel() for p in made.parameters())
        facts |= self._in_training(matrices)
        vectors[NORMS] = sorted({type(m).__name__ for m in made.modules() if isinstance(m, _NORMS)})
        vectors[SHIFTS] = len(self.shifts), sum(1 for _ in made.parameters()) - len(matrices) - len(self.shifts)
        trace = {"matrices": [tuple(m.shape) for m in matrices], MIXES: self._mixes(), **vectors}
        return Seen(facts | (self._in_evaluation() if evaluated else {}), trace)

    def _as_made(self) -> dict:
        made, other = list(self.made.parameters()), list(self.other.parameters())
        return {
            "whether it is in training mode when it is made": all(m.training for m in self.made.modules()),
            "whether all its weights can learn": all(p.requires_grad for p in made),
            "whether two networks have weights of their own": not {id(p) for p in made} & {id(p) for p in other},
            HIDDEN_LAYERS: hides_layers(self.made),
        }

    def _vectors(self) -> dict:
        """What weights that are no matrices look like as they were made, in two networks."""
        pairs = [
            (p, q) for p, q in zip(self.made.parameters(), self.other.parameters(), strict=False) if not is_matrix(p)
        ]
        return {
            ALIKE: any(p.ndim > 1 and min(p.shape[:2]) > 1 for p, _ in pairs),
            LEARNED_SLOPE: any(
                bool((p == q).all() and (p == p[0]).all() and 0 < p[0] < 0.65) for p, q in pairs if p.ndim == 1
            ),
        }

    def _flat(self, output) -> list[torch.Tensor]:
        outputs = output if isinstance(output, (tuple, list)) else [output]
        return [x for x in outputs if isinstance(x, torch.Tensor)]

    def _numbers(self, output):
        """The output's tensors, their numbers in an order of their own where the order does not matter."""
        tensors = [x.detach() for x in self._flat(output)]
        if self.order_free:
            tensors = [x.flatten(1)[:, x.double().flatten(1).sum(0).argsort()].reshape(x.shape) for x in tensors]
        return tensors[0] if len(tensors) == 1 else tensors

    def _in_training(self, matrices) -> dict:
        given = [
            x.clone().requires_grad_() if isinstance(x, torch.Tensor) and x.is_floating_point() else x
            for x in self.inputs
        ]
        watched = [x for x in given if isinstance(x, torch.Tensor) and x.requires_grad]
        state = copy.deepcopy(self.made.state_dict())
        call = getattr(self.made, self.method) if self.method else self.made
        arguments = [x.mul(1) if isinstance(x, torch.Tensor) and x.requires_grad else x for x in given]
        kept = [x.detach().clone() if isinstance(x, torch.Tensor) else x for x in arguments]
        output = call(*arguments)
        facts = {OUTPUT: self._numbers(output)}
        pairs = zip(arguments, kept, strict=True)
        facts["whether its input stays as it is"] = all(
            torch.equal(a.detach(), k) for a, k in pairs if isinstance(a, torch.Tensor)
        )
        value = sum(_asymmetric(x, self.order_free) for x in self._flat(output))
        weights = [p for p in self.made.parameters() if p.requires_grad]
        if isinstance(value, torch.Tensor) and value.requires_grad:
            found = torch.autograd.grad(value, [*watched, *weights], allow_unused=True)
            reached = found[: len(watched)]
            facts[INPUT] = [torch.zeros_like(x) if g is None else g for x, g in zip(watched, reached, strict=True)]
            unused = [p for p, g in zip(weights, found[len(watched) :], strict=True) if g is None]
            if not self.method:  # one part alone leaves the weights of the others without a gradient
                facts[_UNREACHED] = len(unused)
            by_id = {id(p): g for p, g in zip(weights, found[len(watched) :], strict=True)}
            facts[SLOPES] = [torch.zeros(()) if by_id.get(id(m)) is None else by_id[id(m)].norm() for m in matrices]
        else:
            facts[INPUT] = "none"
        self.made.load_state_dict(state)
        torch.default_generator.manual_seed(3)
        again = self.call()
        self.made.load_state_dict(state)
        torch.default_generator.manual_seed(4)
        facts[_SAME_AGAIN] = all(
            torch.equal(a, b) for a, b in zip(self._flat(again), self._flat(self.call()), strict=True)
        )
        self.made.load_state_dict(state)
        return facts

    def _mixes(self) -> bool:
        """Does what comes out for the first samples change when the last one is taken away?"""
        batch = len(self.inputs[0])
        if batch < 3:
            return False
        state, rows = copy.deepcopy(self.made.state_dict()), []
        for n in (batch, batch - 1):
            torch.default_generator.manual_seed(4)
            inputs = tuple(x[:n] if isinstance(x, torch.Tensor) and x.ndim else x for x in self.inputs)
            with contextlib.suppress(Exception):
                rows.append([x.detach()[: batch - 1] for x in self._flat(self.call(inputs)) if x.ndim])
            self.made.load_state_dict(state)
        pairs = zip(*rows, strict=False) if len(rows) == 2 else ()
        return any(a.shape == b.shape and not torch.allclose(a, b, rtol=1e-3, atol=1e-4) for a, b in pairs)

    def _in_evaluation(self) -> dict:
        """The output in evaluation mode after many batches of two kinds, its shifts at 0 (a bias before a normalisation
        is free), and no more exact than the averages over batches that normalisation may keep in different ways.
        """
        with torch.no_grad():
            for p in self.shifts:
                p.zero_()
            others = tuple(
                0.5 * x + 1 if isinstance(x, torch.Tensor) and x.is_floating_point() else x for x in self.inputs
            )
            for _ in range(BATCHES if list(self.made.buffers()) else 0):
                self.call()
                self.call(others)
            self.made.eval()
            outputs = self._numbers(self.call())
            self.made.train()
        outputs = outputs if isinstance(outputs, list) else [outputs]
        return {EVALUATION: [Near(x, 0.2 * x.double().std(unbiased=False).item() + 1e-4) for x in outputs]}


def _asymmetric(x: torch.Tensor, order_free: bool) -> torch.Tensor:
    if order_free:
        return x.square().sum()
    return (x.reshape(-1) * (1.5 + torch.cos(torch.arange(x.numel(), dtype=x.dtype)))).sum()


def is_matrix(p: torch.Tensor) -> bool:
    """Whether weights connect: more than one dimension, and not all alike at first, as a bias of shape (1, F) by hand is."""
    return p.ndim > 1 and not bool((p == p.flatten()[0]).all())


def _is_scale(p: torch.Tensor) -> bool:
    return bool((p.detach() - 1).abs().max() < 0.35)


def is_lazy(p: torch.Tensor) -> bool:
    return isinstance(p, nn.parameter.UninitializedTensorMixin)


def core(p: torch.Tensor) -> tuple:
    """The shape of a matrix; that of a kernel as it is, unless it has one number, or is as large as a whole image."""
    kernel = p.shape[2:]
    if len(set(kernel)) > 1 or (kernel and kernel[0] > 7):
        return p.shape[0], p[0].numel()
    return tuple(p.shape[:2]) if set(kernel) == {1} else tuple(p.shape)


@torch.no_grad()
def fill(made, outputs: list[torch.Tensor], size: float = 1.0, vectors: float = 1.0, alike=False) -> tuple[list, list]:
    """Give ``made`` its fixed weights. Returns its matrices, those of equal size in the order of the graph of ``outputs``,
    and its shifts: the vectors that are not scales.
    """
    depth = _distances(outputs)
    parameters = list(made.parameters())
    order = {id(p): depth.get(id(p), 10**6 + i) for i, p in enumerate(parameters)}
    matrices = sorted((p for p in parameters if is_matrix(p)), key=lambda p: (p.numel(), order[id(p)]))
    others = [p for p in parameters if not is_matrix(p)]
    scales = [p for p in others if _is_scale(p)]
    for rank, p in enumerate(matrices):
        earlier = sum(q.numel() == p.numel() for q in matrices[:rank])
        p.copy_(size * (_row_for(p) if alike else _numbers_for(p, seed=earlier)))
    for p in others:
        scale = any(p is q for q in scales)
        numbers = normal(1, seed=int(scale)).expand(p.numel()) if alike else normal(p.numel(), seed=p.numel() + scale)
        p.copy_(vectors * (scale + 0.3 * numbers).reshape(p.shape))
    return matrices, [p for p in others if not any(p is q for q in scales)]


def _numbers_for(p: torch.Tensor, seed: int) -> torch.Tensor:
    """The numbers of a matrix of this size: (rows, columns), rows the fewer, the same however it is kept."""
    numbers = normal(p.numel(), seed=1000 + p.numel() + seed)
    if len(core(p)) != 2:
        return (numbers / (p.numel() / len(p)) ** 0.5).reshape(p.shape)
    rows, columns = core(p)
    numbers = numbers / max(rows, columns) ** 0.5
    table = numbers.reshape(min(rows, columns), -1)
    return (table if rows <= columns else table.T).reshape(p.shape)


def _row_for(p: torch.Tensor) -> torch.Tensor:
    """The numbers of a matrix whose units are all alike: they depend on how many numbers each takes."""
    rows, columns = core(p)
    row = normal(max(rows, columns), seed=1000 + max(rows, columns)) / max(rows, columns) ** 0.5
    table = row.expand(rows, columns) if rows <= columns else row[:, None].expand(rows, columns)
    return table.reshape(p.shape)


def _distances(outputs: list[torch.Tensor]) -> dict[int, int]:
    """How many operations lie between the outputs and each weight, by the weight's id."""
    found, seen = {}, set()
    row = [x.grad_fn for x in outputs if x.grad_fn is not None]
    distance = 0
    while row:
        following = []
        for node in row:
            if node in seen:
                continue
            seen.add(node)
            if hasattr(node, "variable"):
                found.setdefault(id(node.variable), distance)
            following += [n for n, _ in node.next_functions if n is not None]
        row, distance = following, distance + 1
    return found


def hides_layers(made: nn.Module) -> bool:
    """Whether the network keeps layers in a plain list, tuple or dict, where nobody finds their weights."""
    registered = set(made.modules())
    for module in registered:
        for name, kept in vars(module).items():
            items = kept.values() if isinstance(kept, dict) else kept if isinstance(kept, (list, tuple)) else ()
            if name != "_modules" and any(isinstance(i, nn.Module) and i not in registered for i in items):
                return True
    return False


# --- mistakes that any network can have --------------------------------------------------------------------------------


def differs(record: Record, name: str, got=None) -> bool:
    """Does a fact differ in some case (and is it ``got`` there, unless that is None)?"""
    return any(
        name in names and (got is None or record.got[c].facts.get(name) == got) for c, names in record.differing.items()
    )


def _unused(record: Record) -> bool:
    """Are there more weights that no gradient reaches than there should be, in every case? One alone has another cause."""
    counts = [(got, wanted) for got, wanted in record.pairs(_UNREACHED) if isinstance(got, int) and isinstance(wanted, int)]
    return bool(counts) and all(got > wanted for got, wanted in counts)


def outputs(record: Record) -> list[tuple]:
    """(got, wanted) of the outputs of all cases, where both are a tensor, or a list of as many."""
    lists = [[x if isinstance(x, list) else [x] for x in pair] for pair in record.pairs(OUTPUT)]
    pairs = [(g, w) for got, wanted in lists if len(got) == len(wanted) for g, w in zip(got, wanted, strict=True)]
    return [(g, w) for g, w in pairs if isinstance(g, torch.Tensor) and isinstance(w, torch.Tensor)]


def shape(record: Record) -> str:
    """The shape of the output and the one that is wanted, in words; "" when the two are the same everywhere."""
    words = [f"{tuple(g.shape)} instead of {tuple(w.shape)}" for g, w in outputs(record) if g.shape != w.shape]
    return words[0] if words else ""


def traced(record: Record, name: str) -> bool:
    """Is this true of the candidate's trace in some case, and not of the reference's?"""
    return any(got and not wanted for got, wanted in record.traces(name))


def _as_asked(record: Record) -> bool:
    """Can all weights be found, and does the same input give the same output? Only then the numbers tell of the layers."""
    hidden = "whether layers are kept where", "whether all weights are there", _SAME_AGAIN
    return not any(name.startswith(hidden) for name in record.names)


def mixes(record: Record) -> bool:
    """Does one sample's output depend on the other samples, where it should not?"""
    return _as_asked(record) and traced(record, MIXES)


def sizes(seen: Seen) -> set[str]:
    """The numbers that occur among the sizes of the weight matrices."""
    return {n for shape in seen.facts.get(LAYERS, ()) for n in shape.split("x")}


def other_sizes(record: Record) -> str:
    """The sizes of the weight matrices and those that are asked for, in words; "" where they do not differ."""
    if not _as_asked(record) or differs(record, _UNREACHED):
        return ""
    pairs = [(got, wanted) for got, wanted in record.pairs(LAYERS) if got != wanted]
    return next((f"{', '.join(g) or 'none'}, where {', '.join(w) or 'none'} is asked for" for g, w in pairs), "")


def _how_sizes_differ(record: Record) -> str:
    """A sentence on the sizes of the weight matrices: too many, too few, other kernels, other widths; "" as above."""
    words = other_sizes(record)
    pairs = [(got, wanted) for got, wanted in record.pairs(LAYERS) if got != wanted]
    return f"{_how(*pairs[0])}: {words}" if words else ""


def _how(got: tuple[str, ...], wanted: tuple[str, ...]) -> str:
    """In what the weight matrices differ, as a sentence begins."""
    more = len(got) - len(wanted)
    if more:
        layers = "one layer" if abs(more) == 1 else f"{abs(more)} layers"
        return f"There {'is' if abs(more) == 1 else 'are'} {layers} with weights too {'many' if more > 0 else 'few'}"
    ends = [sorted(size.split("x")[:2] for size in sizes) for sizes in (got, wanted)]
    return f"{'The kernels' if ends[0] == ends[1] else 'The weight matrices'} have other sizes"


def normalised(record: Record) -> str:
    """The layer that normalises where the reference has none that does; "" when there is none."""
    pairs = list(record.traces(NORMS))
    names = {name for got, _ in pairs for name in got if name.startswith(("BatchNorm", "InstanceNorm"))}
    return "" if any(wanted for _, wanted in pairs) else " and ".join(sorted(names))


def no_bias(record: Record) -> str:
    """How many biases there are and how many should be, where the reference normalises nothing; "" when none is missing."""
    if LAYERS in record.names or not _as_asked(record):
        return ""
    pairs = [(g, w) for (g, scales), (w, more) in record.traces(SHIFTS) if not scales and not more]
    missing = [f"{g} instead of {w}" for g, w in pairs if g < w]
    return missing[0] if missing and len(pairs) == len(list(record.traces(SHIFTS))) else ""


def other_activation(record: Record) -> bool:
    """Is the output another function of what goes into the last activation (where that can be told from the output)?"""
    pairs = [(g, w) for g, w in outputs(record) if g.shape == w.shape and g.numel() > 500]
    if not pairs or not record.only("the output", "the gradient", "how large"):
        return False
    for got, wanted in pairs:
        on = wanted != 0  # where it is a ReLU, what went in is not known elsewhere
        g, w = got[on], wanted[on]
        jumps = g[w.argsort()].diff().abs().mean() > 0.03 * g.std()
        if jumps or (got[~on] == 0).sum() > 0.5 * (~on).sum():
            return False
        if not torch.equal(g, w) and torch.allclose(got, (g / w).median() * wanted, 1e-3, 1e-3):  # only scaled
            return False
    return True


def _cut_everywhere(record: Record) -> bool:
    """Has the output no graph in any case in which it should have one? In some alone, it may only not depend on the input."""
    pairs = [(got, wanted) for got, wanted in record.pairs(INPUT) if not isinstance(wanted, str)]
    return bool(pairs) and all(isinstance(got, str) for got, _ in pairs)


def _no_slope(record: Record) -> bool:
    """Is the gradient with respect to the input 0 in every case, and should not be?"""
    pairs = [p for p in record.pairs(INPUT) if all(isinstance(x, list) and x for x in p)]
    return bool(pairs) and all(any(w.any() for w in want) and not any(g.any() for g in got) for got, want in pairs)


USUAL = (
    mistake("no_return",
        "`forward` returns None: its last line needs a `return`.",
        symptom=lambda r: differs(r, "the type of the output", "None")),
    mistake("layers_in_list",
        "Layers are kept in a plain Python list, where no optimiser finds their weights. Give them to "
        "`nn.Sequential(*layers)`, or keep them in `nn.ModuleList([...])`.",
        symptom=lambda r: (differs(r, HIDDEN_LAYERS)
            or any(g.startswith(("a list", "a tuple")) for g, w in r.pairs(KIND) if g != w))),
    mistake("no_chance",
        "The same input gives the same output each time. A random draw is asked for.",
        symptom=lambda r: differs(r, _SAME_AGAIN, True) and not any(got is False for got, _ in r.pairs(_SAME_AGAIN))),
    mistake("layer_in_forward",
        "A layer is created when the network is called: it is a new one, with new random weights, in every call, and never "
        "learns. Create all layers once, in the constructor.",
        symptom=lambda r: ((differs(r, _SAME_AGAIN, False) and (LAYERS in r.names))
            or differs(r, "whether all weights are there before the first call"))),
    mistake("dropout",
        "The same input gives a different output each time: there is dropout or noise inside (or spectral "
        "normalisation, which takes many calls to settle), which is not asked for, or layers are made in `forward`: "
        "make them once, in `__init__`.",
        symptom=lambda r: differs(r, _SAME_AGAIN, False) and all(wanted for _, wanted in r.pairs(_SAME_AGAIN))),
    mistake("made_in_evaluation_mode",
        "It is in evaluation mode when it is created: there BatchNorm does not normalise with the batch. Leave out "
        "`.eval()`; a new network is in training mode.",
        symptom=lambda r: differs(r, "whether it is in training mode when it is made")),
    mistake("cannot_learn",
        "Some weights cannot learn (`requires_grad=False`).",
        symptom=lambda r: differs(r, "whether all its weights can learn")),
    mistake("weights_alike",
        "All weights of a layer start with the same value, so all its units would stay alike. Leave the initial weights as "
        "the layer makes them.",
        symptom=lambda r: traced(r, ALIKE) and not any(wanted for _, wanted in r.traces(ALIKE))),
    mistake("learned_slope",
        "The slope for negative values is learned, as in `nn.PReLU`. A fixed one is asked for.",
        symptom=lambda r: traced(r, LEARNED_SLOPE)),
    mistake("shared_weights",
        "Two networks share their weights: the layers are made once, outside, and used in every call. Create them anew.",
        symptom=lambda r: differs(r, "whether two networks have weights of their own")),
    mistake("changes_input",
        "It changes its input in place (`inplace=True` on the first layer, or an operation ending in _). Whoever called it "
        "still needs it.",
        symptom=lambda r: r.only("whether its input stays as it is")),
    mistake("graph_cut",
        "Something in `forward` cuts the graph: `.detach()`, `.data`, `torch.tensor(...)`, NumPy, `torch.no_grad()`, or a step "
        "without a slope, such as `round`. No gradient passes through to the input.",
        symptom=lambda r: _cut_everywhere(r) or _no_slope(r)),
    mistake("unused_layer",
        "A layer is created in the constructor and not used in `forward`: no gradient reaches its weights. Use it, or do "
        "not create it.",
        symptom=_unused),
    mistake("normalised",
        "There is VALUE in it, and no normalisation is asked for.",
        symptom=normalised),
    mistake("no_bias",
        "The number of biases is VALUE. Layers have one unless they are told `bias=False`; leave that out.",
        symptom=no_bias),
    mistake("no_running_statistics",
        "It is right while training, but not in evaluation mode: BatchNorm must keep running statistics for it "
        "(`track_running_stats=True` and `momentum=0.1`, the defaults).",
        symptom=lambda r: r.only(EVALUATION)),
    mistake("wrong_shape",
        "The output has the shape VALUE.",
        symptom=shape, last=True),
    *EXCEPTIONS,
    mistake("other_sizes",
        "VALUE.",
        symptom=_how_sizes_differ, last=True),
)
