"""Check of ``QHead``: its outputs must be linear in the activations of its own hidden layer, however that is written."""

import torch
import torch.nn.functional as F

from course_utils.checks import probes
from course_utils.checks.engine import Mistake, exercise
from course_utils.checks.expect import expect_shape, expect_true
from course_utils.models.conditional.infogan import CATEGORIES, CONTINUOUS

FEATURES, HIDDEN, N = 21, 17, 200
PARTS = {"category_logits": CATEGORIES, "mean": CONTINUOUS, "log_variance": CONTINUOUS}


def _head(candidate):
    """The candidate's head in float64 with all biases at 0.1, its first weight matrix, and features for it."""
    head = probes.build_network("QHead", candidate, FEATURES, HIDDEN)
    x = 2 * torch.randn(N, FEATURES, dtype=torch.float64)
    probes.warm_up("QHead", head, x.float())
    _verify_repeatable(head, x.float())
    head = head.double()
    probes.set_vectors(head, shift=0.1)
    first = [p for p in head.parameters() if set(p.shape) - {1} == {FEATURES, HIDDEN}]
    message = f"QHead needs one layer from {FEATURES} to {HIDDEN} features, but it has {len(first)}."
    expect_true(len(first) == 1, message)
    weight = first[0].detach().squeeze()
    return head, weight if weight.shape[0] == HIDDEN else weight.T, x


def _verify_repeatable(head, x):
    """Two calls on the same features must agree, and leave them as they are."""
    probes.expect_input_kept("QHead", head, x)
    first, second = _guess(head, x), _guess(head, x)
    same = all(torch.equal(getattr(first, n), getattr(second, n)) for n in PARTS if hasattr(first, n))
    expect_true(
        same,
        "QHead gives two different guesses for the same features. Is there dropout, or is a layer made anew in `forward`? "
        "All layers belong in the constructor.",
    )


def _guess(head, x):
    with torch.no_grad():
        return head(x.clone())


def _linear_in(features: torch.Tensor, y: torch.Tensor) -> bool:
    """Is ``y`` (N, K) a linear function, with a constant, of ``features`` (N, F)?"""
    columns = torch.cat([features, torch.ones(len(features), 1, dtype=features.dtype)], dim=1)
    fit = torch.linalg.lstsq(columns, y).solution
    return torch.allclose(columns @ fit, y, atol=1e-6 * max(1.0, y.abs().max().item()))


def _hidden(weight, x, activation):
    return activation(x @ weight.T + 0.1)  # (N, 17)


def _right_activation(h):
    return F.leaky_relu(h, 0.2)


def _with(activation):
    """A probe: are the logits linear in the hidden layer with this activation?"""

    def seen(candidate):
        head, weight, x = _head(candidate)
        return _linear_in(_hidden(weight, x, activation), _guess(head, x)[0])

    return seen


def _softmax(candidate) -> bool:
    head, _, x = _head(candidate)
    logits = _guess(head, x)[0]
    sums = logits.exp() if (logits <= 0).all() else logits
    return torch.allclose(sums.sum(dim=1), torch.ones(N, dtype=torch.float64))


def _variance_itself(candidate) -> bool:
    head, weight, x = _head(candidate)
    last = _guess(head, x)[2]
    return bool((last > 0).all()) and not _linear_in(_hidden(weight, x, _right_activation), last)


def _bounded_mean(candidate) -> bool:
    head, weight, x = _head(candidate)
    mean = _guess(head, 50 * x)[1]
    return bool((mean.abs() <= 1).all()) and not _linear_in(_hidden(weight, 50 * x, _right_activation), mean)


def _not_a_guess(candidate) -> bool:
    head = probes.build_network("QHead", candidate, FEATURES, HIDDEN)
    return not all(hasattr(head(torch.randn(4, FEATURES)), name) for name in PARTS)


def _wrong_parts(candidate) -> bool:
    guess = _guess(*_head(candidate)[::2])
    return [tuple(getattr(guess, name).shape) for name in PARTS] != [(N, k) for k in PARTS.values()]


_MISTAKES = (
    Mistake(
        "not_a_guess",
        "`forward` does not return a `Guess`. The losses ask for its parts by name: "
        "`Guess(category_logits, mean, log_variance)`.",
        _not_a_guess,
    ),
    Mistake(
        "wrong_parts",
        "The three parts do not have 10, 2 and 2 columns. Split the 14 numbers in this order: "
        "`out.split([10, 2, 2], dim=1)`.",
        _wrong_parts,
    ),
    Mistake(
        "softmax",
        "The ten category numbers are already probabilities (or their logarithms): there is a softmax at the end. The loss "
        "applies one itself and needs logits of any size. End with the linear layer.",
        _softmax,
    ),
    Mistake(
        "variance_itself",
        "The last two numbers are always positive: an exponential or softplus makes variances of them. Asked for is the "
        "*logarithm* of the variance, any real number; whoever needs the variance takes `exp` of it.",
        _variance_itself,
    ),
    Mistake(
        "bounded_mean",
        "The means cannot leave [-1, 1]: there is a `tanh` behind them. Near its ends it is flat, and Q would stop learning "
        "just for the extreme codes. End with the linear layer.",
        _bounded_mean,
    ),
    Mistake(
        "no_activation",
        "There is no activation between the two linear layers, so together they are a single linear layer, and "
        "`hidden` has no effect. Put `nn.LeakyReLU(0.2)` between them.",
        _with(lambda h: h),
    ),
    Mistake(
        "relu",
        "The activation is a ReLU. Where it is off no gradient passes to the trunk, or to the generator; "
        "`nn.LeakyReLU(0.2)` lets a fifth of it through.",
        _with(F.relu),
    ),
    Mistake(
        "wrong_slope",
        "The activation is a LeakyReLU with PyTorch's default slope, 0.01. Asked for is 0.2: `nn.LeakyReLU(0.2)`.",
        _with(lambda h: F.leaky_relu(h, 0.01)),
    ),
)


@exercise("c1w4c.q_head", reference="course_utils.models.conditional.infogan:QHead", mistakes=_MISTAKES)
def verify(candidate):
    head, weight, x = _head(candidate)
    guess = _guess(head, x)
    biases = sum(p.numel() for p in head.parameters() if probes.is_vector(p))
    expected = HIDDEN + sum(PARTS.values())
    expect_true(biases == expected, f"QHead's linear layers need {expected} biases together, but it has {biases}.")
    for name, width in PARTS.items():
        expect_true(hasattr(guess, name), f"QHead must return a Guess, whose parts have names; {name} is missing.")
        expect_shape(name, getattr(guess, name), (N, width))
    hidden = _hidden(weight, x, _right_activation)
    for name in PARTS:
        message = f"{name} is not a linear function of LeakyReLU(0.2) of a linear layer, as the docstring asks."
        expect_true(_linear_in(hidden, getattr(guess, name)), message)
    _verify_gradients(head, x)
    default = probes.build_network("QHead", candidate, 8)
    probes.warm_up("QHead", default, torch.randn(4, 8))
    expect_true(
        any(set(p.shape) - {1} == {8, 64} for p in default.parameters()), "Without `hidden`, QHead must have 64."
    )


def _verify_gradients(head, x):
    features = x.clone().requires_grad_()
    guess = head(features)
    for name in PARTS:
        part = getattr(guess, name)
        expect_true(part.requires_grad, f"{name} has no graph: something in `forward` cuts it off.")
        (gradient,) = torch.autograd.grad(part.square().sum(), features, retain_graph=True, allow_unused=True)
        reached = gradient is not None and bool(gradient.any())
        expect_true(reached, f"no gradient reaches the features from {name}: something cuts it off.")
