"""The check of squared slopes: one number a sample, and a graph that can be walked once more."""

import torch
from torch import nn

from course_utils.checks.engine import Mistake, exercise
from course_utils.checks.expect import expect_close, expect_shape, expect_true
from course_utils.checks.functions import normal
from course_utils.checks.probes import agrees

SHAPES = ((7, 2), (3, 1, 3, 3), (1, 2, 4, 2), (5, 6))


def _network(features):
    """A smooth network in float64, its weights the same at every call."""
    first, last = nn.Linear(features, 5), nn.Linear(5, 1)
    for seed, parameter in enumerate([*first.parameters(), *last.parameters()]):
        parameter.data = normal(*parameter.shape, seed=seed)
    return nn.Sequential(nn.Flatten(), first, nn.Tanh(), last).double()


def _case(shape, seed=0):
    """(network, samples that require a gradient, their logits)."""
    x = normal(*shape, seed=seed + 10).double().requires_grad_()
    network = _network(x[0].numel())
    return network, x, network(x)


def _gradient(logits, x):
    return torch.autograd.grad(logits.sum(), x, create_graph=True)[0]


def _right(logits, x):
    return _gradient(logits, x).flatten(1).square().sum(dim=1)


def _value(candidate, shape):
    _, x, logits = _case(shape)
    return candidate(logits, x), logits, x


# --- ways of getting it wrong -----------------------------------------------------------------------------------------


def _gives(*variants, shapes=SHAPES[:2], penalty=False):
    """A probe: one of these, for points and for images."""

    def seen(candidate):
        found = [_value(candidate, shape) for shape in shapes]
        return any(all(agrees(got, v(logits, x).detach()) for got, logits, x in found) for v in variants)

    return seen


def _no_second_walk(candidate):
    """Is there no graph to the weights behind the values, whatever they are?"""
    network, x, logits = _case((7, 2))
    value = candidate(logits, x)
    if isinstance(value, tuple):
        return False
    if not isinstance(value, torch.Tensor) or not value.requires_grad:
        return True
    found = torch.autograd.grad(value.sum(), list(network.parameters()), allow_unused=True)
    return all(g is None or not g.any() for g in found)


def _leaves_gradients(candidate):
    network, x, logits = _case((7, 2))
    candidate(logits, x)
    return x.grad is not None or any(p.grad is not None for p in network.parameters())


def _not_a_number(candidate):
    try:
        _value(candidate, (7, 2))
    except RuntimeError as error:
        return "grad can be implicitly created only for scalar outputs" in str(error)
    return False


def _kept_dimension(candidate):
    value, logits, x = _value(candidate, (3, 1, 3, 3))
    return value.dim() > 1 and agrees(value, _right(logits, x).detach())


def _images_only(candidate):
    value, logits, x = _value(candidate, (3, 1, 3, 3))
    if not agrees(value, _right(logits, x).detach()):
        return False
    try:
        _value(candidate, (7, 2))
    except (IndexError, RuntimeError):
        return True
    return False


def _wrong_shape(candidate):
    return isinstance(_value(candidate, (3, 1, 3, 3))[0], torch.Tensor) and _value(candidate, (3, 1, 3, 3))[0].dim() > 1


_MISTAKES = (
    Mistake(
        "no_return",
        "The function returns None: its last line needs a `return`.",
        lambda c: _value(c, (7, 2))[0] is None,
    ),
    Mistake(
        "not_a_number",
        "Differentiation starts from a single number, and `logits` are several (the first argument is what is differentiated, "
        "the second by what). Each logit depends on its own sample only, so take their *sum*: `torch.autograd.grad("
        "logits.sum(), samples, create_graph=True)`.",
        _not_a_number,
    ),
    Mistake(
        "leaves_gradients",
        "After the call the samples or the weights have something in `.grad`: `backward()` was used. The "
        "discriminator's step would add its own gradient to that. `torch.autograd.grad(..., create_graph=True)` "
        "returns the gradient and leaves no traces.",
        _leaves_gradients,
    ),
    Mistake(
        "no_second_walk",
        "The values have no graph to the weights, so a penalty made of them would change nothing: the "
        "discriminator's step differentiates this gradient once more. `torch.autograd.grad(..., create_graph=True)`, "
        "and no `detach` or `.item()` after it.",
        _no_second_walk,
    ),
    Mistake(
        "already_averaged",
        "One number comes back, the mean over the batch. One for each sample is asked for, (B,); R1 and R2 take the "
        "mean later.",
        _gives(lambda logits, x: _right(logits, x).mean(), lambda logits, x: _gradient(logits, x).square().mean()),
    ),
    Mistake(
        "summed_over_batch",
        "One number comes back, the sum over the batch. One for each sample is asked for: keep dimension 0, "
        "`.flatten(1)...sum(dim=1)`.",
        _gives(lambda logits, x: _right(logits, x).sum()),
    ),
    Mistake(
        "mean_logit",
        "Everything is too small by the square of the batch size: the *mean* of the logits was differentiated. Each "
        "logit depends on its own sample only, so the gradient of the *sum* holds each sample's own gradient.",
        _gives(lambda logits, x: _right(logits, x) / len(x) ** 2),
    ),
    Mistake(
        "not_squared",
        "This is the length of the gradient, not its square. The square is what R1 penalises, and it needs no root, "
        "whose slope is infinite at 0.",
        _gives(lambda logits, x: _right(logits, x).sqrt(), lambda logits, x: (_right(logits, x) + 1e-8).sqrt()),
    ),
    Mistake(
        "mean_over_pixels",
        "The squares are averaged over the numbers of a sample, where their sum is the squared length. For 28 x 28 "
        "pixels that is a penalty 784 times weaker.",
        _gives(lambda logits, x: _gradient(logits, x).flatten(1).square().mean(dim=1)),
    ),
    Mistake(
        "sum_before_square",
        "The numbers of a gradient are added first and squared afterwards, so that slopes of different sign cancel. "
        "First the square of each, then the sum.",
        _gives(lambda logits, x: _gradient(logits, x).flatten(1).sum(dim=1).square()),
    ),
    Mistake(
        "deviation_from_one",
        "This is the penalty of WGAN-GP, which draws slopes towards 1. R1 and R2 are centred at 0: the squared "
        "length as it is.",
        _gives(lambda logits, x: (_right(logits, x).sqrt() - 1).square()),
    ),
    Mistake(
        "halved",
        "Half of what is asked for. The factor gamma / 2 of R1 belongs to the step; here it is the squared length itself.",
        _gives(lambda logits, x: _right(logits, x) / 2),
    ),
    Mistake(
        "kept_dimension",
        "The numbers are right, but their shape is (B, 1), and (B,) is asked for: leave out `keepdim=True`.",
        _kept_dimension,
    ),
    Mistake(
        "images_only",
        "Right for images, but points (B, 2) fail: they have no height and width. `gradient.flatten(1)` works for both.",
        _images_only,
    ),
    Mistake(
        "one_dimension_only",
        "For images a tensor of more than one dimension comes back: the sum runs over one dimension only, or is "
        "missing. A sample is all of its numbers: `gradient.flatten(1)` first.",
        _wrong_shape,
    ),
)


@exercise("c1w3b.squared_slopes", reference="course_utils.lessons.c1w3b.exercises:squared_slopes", mistakes=_MISTAKES)
def verify_squared_slopes(candidate):
    for seed, shape in enumerate(SHAPES):
        what = f"squared_slopes for samples of shape {shape}"
        network, x, logits = _case(shape, seed)
        before = x.detach().clone()
        value = expect_shape(what, candidate(logits, x), (shape[0],))
        expect_true(torch.equal(x.detach(), before), f"{what}: the samples were changed.")
        left = [x, *network.parameters()]
        expect_true(all(p.grad is None for p in left), f"{what}: something was left in .grad.")
        expected = _right(logits, x)
        expect_close(what, value, expected.detach(), 1e-6, 1e-9)
        weights = [p for name, p in network.named_parameters() if name != "3.bias"]  # no slope depends on the last bias
        expect_true(value.requires_grad, f"{what}: there is no graph to differentiate once more.")
        share = normal(shape[0], seed=seed + 70).double()
        mine = torch.autograd.grad((share * value).sum(), weights, retain_graph=True, allow_unused=True)
        right = torch.autograd.grad((share * expected).sum(), weights, retain_graph=True, allow_unused=True)
        for one, other in zip(mine, right, strict=True):
            expect_true(one is not None, f"{what}: no gradient reaches a weight.")
            expect_close(f"the gradient of {what} with respect to a weight", one, other, 1e-5, 1e-8)
        logits.sum().backward()  # the graph of the logits is still needed, for the loss itself
