"""What can go wrong in any exercise, known here once. Each symptom reads what was observed and calls nothing."""

import torch

from course_utils.checks.cases import DEVICE, DTYPE, GRAPH, KIND, RANDOM, RESULT
from course_utils.checks.mistakes import Record, mistake
from course_utils.checks.observe import RAISES, same

GRADIENT = "the gradient with respect to"


def only_where(record: Record, *words: str) -> bool:
    """Do some cases differ, and all that do have one of these words in their names?"""
    cases = [case for case, names in record.differing.items() if names]
    return bool(cases) and all(any(word in case for word in words) for case in cases)


def returns(record: Record, kind: str) -> bool:
    """Is the result of this kind somewhere, where it should not be?"""
    return any(got.startswith(kind) and not wanted.startswith(kind) for got, wanted in record.pairs(KIND))


def differs_when_repeated(record: Record) -> bool:
    """Do most calls with equal arguments give another result the second time?"""
    answers = [got for got, wanted in record.pairs(RANDOM) if wanted]
    return answers.count(False) > len(answers) / 2


def changes_argument(record: Record) -> bool:
    """Was an argument changed that the reference leaves alone?"""
    changed = {n for n in record.names if n.startswith("`") and n.endswith(" afterwards")}
    changed |= {n for n in record.names if n.endswith("asks for a gradient afterwards")}
    in_place = "leaf Variable that requires grad is being used in an in-place", "modified by an inplace operation"
    return bool(changed) or any(map(record.raised, in_place))


def not_reduced(record: Record) -> str:
    """The shape of a tensor that has come where a single number belongs, in words; "" when there is none."""
    pairs = [p for p in record.pairs(RESULT) if all(isinstance(x, torch.Tensor) for x in p)]
    return next((str(tuple(g.shape)) for g, w in pairs if w.ndim == 0 and g.ndim), "")


def reaches(record: Record, *names: str) -> bool:
    """Does a gradient go to one of these arguments that is to get none?"""
    pairs = [
        p for name in names for p in record.pairs(f"{GRADIENT} `{name}`") if all(isinstance(x, torch.Tensor) for x in p)
    ]
    return any(bool(g.any()) and not w.any() for g, w in pairs)


def no_gradient(record: Record) -> bool:
    """Does no gradient lead back from a result that should have one?"""
    cut = any(wanted and not got for got, wanted in record.pairs(GRAPH))
    learns = any(v is True for s in record.wanted.values() for n, v in s.facts.items() if n.startswith(GRAPH))
    plain = learns and any(
        wanted == "a tensor" and got in ("float", "int", "ndarray", "float64", "float32")
        for got, wanted in record.pairs(KIND)
    )
    lost = [got for name in record.names if name.startswith(GRADIENT) for got in _everywhere(record.got, name)]
    zero = bool(lost) and not any(isinstance(g, torch.Tensor) and g.any() for g in lost)
    return cut or plain or (zero and RESULT not in record.names)


def half_detached(record: Record) -> str:
    """The arguments that no gradient reaches although the result is right and has a graph; "" when there is none."""
    if not record.only(GRADIENT):
        return ""
    off = {n: [record.got[c].facts.get(n) for c, ns in record.differing.items() if n in ns] for n in record.names}
    lost = [n for n, found in off.items() if not any(torch.is_tensor(g) and g.any() for g in found)]
    return " and ".join(sorted(n.removeprefix(GRADIENT).strip() for n in lost))


def _everywhere(seen, name: str) -> list:
    return [s.facts[name] for s in seen.values() if name in s.facts]


def gradients_left(record: Record) -> bool:
    """Were gradients left in the weights of a network or in an argument, or those that were there changed?"""
    return any(name.startswith("the gradients left in") for name in record.names)


def not_a_number(record: Record) -> bool:
    """Is all that is wrong NaN or infinity where the reference has finite numbers?"""
    cases = [case for case, names in record.differing.items() if names]
    return bool(cases) and all(any(_not_finite(record, case, b) for b in (RESULT, GRADIENT)) for case in cases)


def _not_finite(record: Record, case: str, beginning: str) -> bool:
    got, wanted = record.got[case].facts, record.wanted[case].facts
    pairs = [(got[n], wanted[n]) for n in got if n.startswith(beginning) and n in wanted]
    pairs = [p for p in pairs if all(isinstance(x, torch.Tensor) for x in p) and p[0].shape == p[1].shape]
    return any(w.double().isfinite().all() and not g.double().isfinite().all() for g, w in pairs)


def shape(record: Record, what: str = RESULT) -> str:
    """The shape of the result and the one that is wanted, in words; "" when the two are the same everywhere."""
    for got, wanted in record.pairs(what):
        if isinstance(got, torch.Tensor) and isinstance(wanted, torch.Tensor) and got.shape != wanted.shape:
            return f"{tuple(got.shape)} instead of {tuple(wanted.shape)}"
    return ""


def kinds(record: Record) -> str:
    """The type of the result and the one that is wanted, in words."""
    return next((f"{got}, where {wanted} is asked for" for got, wanted in record.pairs(KIND) if got != wanted), "")


def dtypes(record: Record) -> str:
    return next((f"{got} instead of {wanted}" for got, wanted in record.pairs(DTYPE) if got != wanted), "")


def not_raised(record: Record) -> str:
    """The exception that the reference raises in a case in which the candidate raises none; "" when there is none.

    A function that never returns anything has another mistake.
    """
    if returns(record, "None"):
        return ""
    for case, seen in record.got.items():
        wanted = record.wanted[case].facts.get("the exception")
        if wanted and seen.error is None:
            return f"{'An exception' if wanted == 'any' else wanted} is to be raised when it is {case}"
    return ""


def other_exception(record: Record) -> str:
    """The kind of an exception and the one that is wanted, in words, unless the candidate fails elsewhere, too."""
    if record.errors():
        return ""
    for got, wanted in record.pairs("the exception"):
        if got != wanted and not record.errors():
            return f"{got} instead of {wanted}"
    return ""


def always_the_same(record: Record) -> bool:
    """Is each number that is wrong somewhere the same in all cases, where the right ones are not?"""
    if not record.names or record.errors() or record.names & {KIND, DTYPE, RAISES}:
        return False
    pairs = [list(record.pairs(name)) for name in record.names]
    return all(
        len(found) > 2 and all(same(g, found[0][0]) for g, _ in found) and not all(same(w, found[0][1]) for _, w in found)
        for found in pairs
    )


def cut_off(record: Record) -> str:
    """Beyond which number the result never goes, in words, where the right one does and nothing but that is wrong; "" else."""
    pairs = [p for p in record.pairs(RESULT) if all(isinstance(x, torch.Tensor) and x.numel() == 1 for x in p)]
    off = [(g.item(), w.item()) for g, w in pairs if not same(g, w)]
    right = [g.item() for g, w in pairs if same(g, w)]
    if min(len(off), len(right)) < 2 or not record.only(RESULT, GRADIENT) or len({round(g, 6) for g, _ in off}) > 1:
        return ""
    end = off[0][0]
    if all(w < end for _, w in off) and min(right) > end:
        return f"below {end:.4g}"
    return f"above {end:.4g}" if all(w > end for _, w in off) and max(right) < end else ""


def other_form(record: Record, tensor: bool) -> str:
    """The facts in which a number comes as a tensor, or a tensor of one number as a plain number, where nothing else is
    wrong but dtypes and graphs; "" where something is.
    """
    found = []
    for case, names in record.differing.items():
        for name in names:
            got, wanted = record.got[case].facts.get(name), record.wanted[case].facts.get(name)
            one, other = (got, wanted) if tensor else (wanted, got)
            if isinstance(one, torch.Tensor) and one.ndim == 0 and isinstance(other, (int, float)):
                same_number = same(float(one), float(other))
                found += [name] if same_number and not isinstance(other, bool) else [""]
            elif not any(word in name for word in ("dtype", "graph", "leads back", "type of")):
                return ""
    return "" if "" in found else " and ".join(dict.fromkeys(found))


def lists(record: Record) -> str:
    """The facts in which a list comes where a tensor is wanted, if nothing else is wrong but dtypes and graphs."""
    off = {n: (record.got[c].facts.get(n), record.wanted[c].facts.get(n)) for c, ns in record.differing.items() for n in ns}
    found = [n for n, (g, w) in off.items() if isinstance(g, list) and isinstance(w, torch.Tensor)]
    rest = [n for n in off if n not in found]
    return " and ".join(found) if all(any(w in n for w in ("dtype", "graph", "leads back", "type of")) for n in rest) else ""


def carries_graph(record: Record) -> bool:
    """Is all that is wrong that results have a graph, where they should have none?"""
    off = [(c, n) for c, names in record.differing.items() for n in names]
    has = [record.got[c].facts.get(n) is True and record.wanted[c].facts.get(n) is False for c, n in off]
    return bool(off) and all(has) and all("graph" in n or n.startswith(GRAPH) for _, n in off)


STRUCTURE = (
    mistake("no_return",
        "The function returns None: its last line needs a `return`.",
        symptom=lambda r: returns(r, "None") and next(iter(r.got.values())).error is None, first=True),
    mistake("tuple_of_one",
        "The result is a tuple of one: a comma stands at the end of a line, or `torch.autograd.grad` gave it, which returns "
        "a tuple even for a single gradient. Take what is in it.",
        symptom=lambda r: returns(r, "a tuple of 1"), first=True),
    mistake("function_returned",
        "What comes back is a function, not VALUE. An optimiser finds the weights of a module only: return the module itself.",
        symptom=lambda r: next((w for g, w in r.pairs(KIND) if g == "function" and w == "a module"), ""), first=True),
    mistake("class_not_instance",
        "The function returns a class, not an object of it. Create one: `nn.Sequential(...)`, `nn.ReLU()`, with ().",
        symptom=lambda r: returns(r, "a class"), first=True),
)

EXCEPTIONS = (  # of an exercise that is to raise one
    mistake("missing_error",
        "VALUE, as the docstring promises, but nothing is raised.",
        symptom=not_raised, explains=("the exception",), aside=True),
    mistake("other_error",
        "An exception is to be raised, but it is VALUE. Look at its message: was it meant to be raised there?",
        symptom=other_exception, explains=("the exception",), aside=True),
)

USUAL = (
    mistake("changes_input",
        "The function changes a tensor it was given (a name ending in _, or an operation like `+=`). Whoever called it "
        "still needs it; compute a new tensor.",
        symptom=changes_argument, explains=("`", "the exception", RANDOM)),
    mistake("not_reduced",
        "The result has the shape VALUE and not that of a single number, (), which is what `backward()` and the plots need: "
        "take the mean over everything, `.mean()` without a dimension.",
        symptom=not_reduced),
    mistake("half_detached",
        "[The result is right, but] no gradient leads back to VALUE: it was detached, or turned into numbers, on the way.",
        symptom=half_detached),
    mistake("no_gradient",
        "The result has no graph behind it: `.item()`, `.detach()`, `.data`, NumPy or `torch.no_grad()` cut it off, and "
        "`backward()` could not reach any weight. Return the tensor as computed.",
        symptom=no_gradient, explains=(GRADIENT, GRAPH, KIND, DTYPE, DEVICE)),
    mistake("gradients_left",
        "Gradients are left in weights or arguments, or those of an earlier step were changed: `backward()` is called "
        "inside. `torch.autograd.grad(value, tensor)` returns the gradient and touches nothing else.",
        symptom=gradients_left, explains=("the gradients left in",)),
    mistake("left_frozen",
        "Afterwards some weights have `requires_grad=False`, so they learn nothing any more. Unfreeze them before you "
        "return.",
        symptom=lambda r: any(n.startswith("whether") and n.endswith("can still learn") for n in r.names),
        explains=("whether",)),
    mistake("evaluation_mode",
        "Afterwards a network is left in another mode than before (`.eval()`, `.train()`). Leave the mode as it is, or "
        "bring it back.",
        symptom=lambda r: any(n.startswith("whether") and n.endswith("training mode afterwards") for n in r.names),
        explains=("whether",)),
    mistake("random_numbers",
        "Two calls with the same arguments give two results: random numbers are drawn inside, or something is kept from one "
        "call to the next. The same arguments must give the same result.",
        symptom=differs_when_repeated, explains=("",)),
    mistake("not_a_number",
        "Where numbers get very large, very small or exactly 0, the result or its gradient is NaN or infinite. A logarithm "
        "of 0, a root at 0, an overflow of `exp` or a division by 0 does that.",
        symptom=not_a_number),
    *EXCEPTIONS,
    mistake("wrong_device",
        "The result is made on the CPU although the arguments are on a GPU: create tensors with `device=` of the argument's "
        "device, and do not move anything with `.cpu()`.",
        symptom=lambda r: DEVICE in r.names and not r.errors(), explains=(DEVICE,), aside=True),
    mistake("always_the_same",
        "The result is the same whatever the arguments are. Compute it from them, not from the sizes of one example.",
        symptom=always_the_same),
    mistake("cut_off",
        "The result never goes VALUE, where the right one does: something cuts it off, such as `clamp`, a maximum or a ReLU.",
        symptom=cut_off),
    mistake("wrong_dtype",
        "The numbers are right, but of another type: VALUE.",
        symptom=lambda r: r.only(DTYPE) and dtypes(r)),
    mistake("wrong_type",
        "The result is VALUE.",
        symptom=lambda r: r.only(KIND, DTYPE, GRAPH, GRADIENT, RESULT) and kinds(r)),
    mistake("wrong_shape",
        "The result has the shape VALUE.",
        symptom=lambda r: "" if r.errors() else shape(r), last=True),
)

FORMS = (
    mistake("tensor_for_a_number",
        "[The numbers are right, but] this comes in a tensor: VALUE. Plain numbers are asked for: `.item()`, or `float(...)`.",
        symptom=lambda r: other_form(r, tensor=True)),
    mistake("number_for_a_tensor",
        "[The numbers are right, but] this is a plain number: VALUE. A tensor is asked for: leave out `.item()` or "
        "`float(...)`.",
        symptom=lambda r: other_form(r, tensor=False)),
    mistake("list_for_a_tensor",
        "A list comes back here: VALUE. A tensor is asked for: `torch.stack(...)` or `torch.cat(...)` makes one of a list of "
        "tensors, `torch.tensor(...)` of numbers.",
        symptom=lists),
    mistake("carries_a_graph",
        "[The numbers are right, but] something that comes back still has its graph, which keeps everything that it was made "
        "of: `.detach()`.",
        symptom=carries_graph),
)
