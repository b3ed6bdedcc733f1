"""Check of ``initialise``: the statistics of large layers of every kind after it."""

import torch
from torch import nn

from course_utils.checks.engine import Mistake, exercise
from course_utils.checks.expect import Wrong, expect_true

_LAYERS = {  # large enough for their deviation to be known within a few per cent
    "nn.Conv2d": lambda bias=True: nn.Conv2d(32, 32, 3, bias=bias),
    "nn.ConvTranspose2d": lambda bias=True: nn.ConvTranspose2d(32, 32, 4, bias=bias),
    "nn.Linear": lambda bias=True: nn.Linear(100, 100, bias=bias),
}
_NORMS = {"nn.BatchNorm1d": nn.BatchNorm1d, "nn.BatchNorm2d": nn.BatchNorm2d}
_OTHERS = {
    "nn.LayerNorm": lambda: nn.LayerNorm(50),
    "nn.PReLU": lambda: nn.PReLU(50),
    "nn.Embedding": lambda: nn.Embedding(50, 20),
    "nn.ReLU": nn.ReLU,
}


def _after(candidate, layer, seed=0, fill=None):
    torch.manual_seed(seed)
    if fill is not None:
        with torch.no_grad():
            for p in layer.parameters():
                p.fill_(fill)
    candidate(layer)
    return layer


def _near(tensor, mean, std) -> bool:
    """Are the numbers as if from N(mean, std), within five standard errors, tails included (uniform ones have none)?"""
    tensor = tensor.detach().double()
    room = 5 / tensor.numel() ** 0.5
    tails = ((tensor - tensor.mean()) / tensor.std()).pow(4).mean()  # 3 for normal numbers, 1.8 for uniform ones
    same = (tensor.mean() - mean).abs() < room * std and (tensor.std() / std - 1).abs() < room
    return bool(same and (tails - 3).abs() < 5 * room)


def _std(layer):
    return layer.weight.detach().std().item()


def _norm(candidate, fill=3.0):
    return _after(candidate, nn.BatchNorm2d(4000), fill=fill).weight.detach()


def _weights_like(*stds):
    """A probe: have the weights of convolutions one of these deviations?"""
    return lambda c: any(_near(_after(c, nn.Conv2d(32, 32, 3)).weight, 0.0, std) for std in stds)


def _untouched(*names):
    """A probe: do these layers keep their weights, while some other layer does not?"""

    def kept(candidate, name):
        return bool((_after(candidate, _LAYERS[name](), fill=3.0).weight == 3).all())

    return lambda c: all(kept(c, n) for n in names) and not all(kept(c, n) for n in _LAYERS)


def _nothing(candidate) -> bool:
    return all((_after(candidate, make(), fill=3.0).weight == 3).all() for make in _LAYERS.values())


def _fails_without_bias(candidate) -> bool:
    for make in _LAYERS.values():
        _after(candidate, make())
    try:
        for make in _LAYERS.values():
            _after(candidate, make(bias=False))
    except (AttributeError, TypeError, ValueError):
        return True
    return False


def _biases_left(candidate) -> bool:
    layers = [_after(candidate, make(), fill=3.0) for make in _LAYERS.values()]
    norms = [_after(candidate, make(50), fill=3.0) for make in _NORMS.values()]
    return any(layer.bias.any() for layer in (*layers, *norms))


def _touches_others(candidate) -> bool:
    for make in _OTHERS.values():
        layer = make()
        before = [p.clone() for p in layer.parameters()]
        try:
            _after(candidate, layer)
        except (AttributeError, TypeError, ValueError):
            return True
        if not all(torch.equal(p, b) for p, b in zip(layer.parameters(), before, strict=True)):
            return True
    return False


def _fails_with(candidate, *texts) -> bool:
    """Does it fail on a plain convolution with one of these messages?"""
    try:
        _after(candidate, nn.Conv2d(32, 32, 3))
    except (RuntimeError, TypeError) as error:
        return any(text in str(error) for text in texts)
    return False


def _only_others(candidate) -> bool:
    """Does it work on convolutions, and touch layers that it should leave alone (or fail on them)?"""
    _after(candidate, nn.Conv2d(32, 32, 3))
    return _touches_others(candidate)


def _other_spread(candidate) -> bool:
    weight = _after(candidate, nn.Conv2d(32, 32, 3), fill=3.0).weight.detach()
    return not (weight == 3).all() and not _near(weight - weight.mean(), 0.0, 0.02)


def _always_alike(candidate) -> bool:
    a, b = (_after(candidate, nn.Linear(100, 100), seed) for seed in (0, 1))
    return torch.equal(a.weight, b.weight)


_MISTAKES = (
    Mistake(
        "no_no_grad",
        "PyTorch refuses: a weight that requires a gradient may not be changed in place while autograd is watching. "
        "`nn.init.normal_(module.weight, ...)` takes care of that; `module.weight.normal_(...)` needs `with torch.no_grad():`.",
        lambda c: _fails_with(c, "in-place operation"),
    ),
    Mistake(
        "tensor_for_parameter",
        "A plain tensor is given to `module.weight`, which holds an `nn.Parameter`. Do not replace the weight, fill it: "
        "`nn.init.normal_(module.weight, mean, std)`.",
        lambda c: _fails_with(c, "cannot assign"),
    ),
    Mistake(
        "does_nothing",
        "No weight changes. `torch.normal(...)` and `torch.randn(...)` make new tensors; to fill a layer's own weights "
        "use `nn.init.normal_(module.weight, mean, std)`, and ask `isinstance(module, nn.Conv2d)` for its kind.",
        _nothing,
    ),
    Mistake(
        "gamma_around_zero",
        "BatchNorm's scale is drawn around 0, like the other weights. It multiplies a normalised channel: around 0 it makes "
        "every channel, and the gradient that comes back, fifty times too small. It belongs around 1: N(1, 0.02).",
        lambda c: _near(_norm(c), 0.0, 0.02),
    ),
    Mistake(
        "gamma_constant",
        "BatchNorm's scale becomes exactly 1. Asked for are numbers around 1, from N(1, 0.02).",
        lambda c: bool((_norm(c) == 1).all()),
    ),
    Mistake(
        "batchnorm_forgotten",
        "BatchNorm keeps the scale that it had. Its weight is drawn, too: from N(1, 0.02), for BatchNorm1d and BatchNorm2d.",
        lambda c: bool((_norm(c) == 3).all()) or bool((_after(c, nn.BatchNorm1d(50), fill=3.0).weight == 3).all()),
    ),
    Mistake(
        "variance_for_deviation",
        "The deviation of the weights is not 0.02 but its square or its root: N(0, 0.02) names the standard deviation, and so "
        "does the second argument of `nn.init.normal_`.",
        _weights_like(0.02**0.5, 0.02**2),
    ),
    Mistake(
        "deviation_forgotten",
        "The weights of convolutions have the deviation 1, fifty times too large. `nn.init.normal_(weight, mean, std)` takes "
        "the mean first, so `normal_(weight, 0.02)` leaves the deviation at 1.",
        lambda c: _weights_like(1.0)(c) or _near(_after(c, nn.Conv2d(32, 32, 3)).weight, 0.02, 1.0),
    ),
    Mistake(
        "around_one",
        "The weights of convolutions are drawn around 1, as BatchNorm's scale is. Theirs is the mean 0: N(0, 0.02).",
        lambda c: _near(_after(c, nn.Conv2d(32, 32, 3)).weight, 1.0, 0.02),
    ),
    Mistake(
        "other_distribution",
        "The weights of convolutions have another spread than 0.02: a uniform, Xavier or Kaiming initialisation, or torch's "
        "own. Use `nn.init.normal_(module.weight, 0.0, 0.02)`.",
        _other_spread,
    ),
    Mistake(
        "transposed_forgotten",
        "Transposed convolutions keep torch's own weights. `nn.ConvTranspose2d` is not a kind of `nn.Conv2d`: name both.",
        _untouched("nn.ConvTranspose2d"),
    ),
    Mistake(
        "linear_forgotten",
        "Linear layers keep torch's own weights, but the generator begins with some. Name `nn.Linear` as well.",
        _untouched("nn.Linear"),
    ),
    Mistake(
        "fails_without_bias",
        "A layer that was made with `bias=False` has no bias (None), and this fails on it. Ask `if module.bias is not None`.",
        _fails_without_bias,
    ),
    Mistake(
        "biases_left",
        "Some biases are not 0 afterwards. Those of convolutions, linear layers and BatchNorm are all set to 0.",
        _biases_left,
    ),
    Mistake(
        "touches_others",
        "A layer of another kind was changed, or the function fails on it. `network.apply` comes by every module, "
        "activations and containers included: look at the kind before you touch anything.",
        _only_others,
    ),
    Mistake(
        "seeds_itself",
        "Two calls give the same numbers: the function sets the seed itself. Then all runs, and all layers of a size, are "
        "alike. Leave the seed to whoever calls it.",
        _always_alike,
    ),
)


@exercise("c1w2.initialise", reference="course_utils.models.conv.dcgan:initialise", mistakes=_MISTAKES)
def verify_initialise(candidate):
    for name, make in _LAYERS.items():
        for bias in (True, False):
            layer = _after(candidate, make(bias=bias), fill=3.0)
            _expect_drawn(f"{name}(bias={bias})", layer.weight, 0.0)
            expect_true(not bias or layer.bias is not None, f"{name}: the bias is gone; it must become 0.")
            expect_true(not bias or not layer.bias.any(), f"{name}: the bias is not 0.")
    for name, make in _NORMS.items():
        layer = _after(candidate, make(4000), fill=3.0)
        _expect_drawn(name, layer.weight, 1.0)
        expect_true(not layer.bias.any(), f"{name}: the bias is not 0.")
        expect_true(layer.running_var.eq(1).all() and not layer.running_mean.any(), f"{name}: statistics have changed.")
    expect_true(not _touches_others(candidate), "A layer of another kind is changed, or makes the function fail.")
    expect_true(not _always_alike(candidate), "The numbers are the same whatever the seed.")
    torch.manual_seed(5)
    network = nn.Sequential(nn.Sequential(nn.Conv2d(16, 16, 3), nn.BatchNorm2d(16)), nn.ReLU(), nn.Conv2d(16, 16, 3))
    network.apply(candidate)
    first, second = network[0][0].weight, network[2].weight
    _expect_drawn("a convolution inside a network", first, 0.0)
    expect_true(not torch.equal(first, second), "Two layers of a network have the same weights.")
    expect_true(
        all(p.requires_grad for p in network.parameters()), "Weights can no longer learn (requires_grad=False)."
    )


def _expect_drawn(what, weight, mean):
    if not _near(weight, mean, 0.02):
        found = weight.detach()
        raise Wrong(
            f"{what}: weights have mean {found.mean():.3f} and deviation {found.std():.3f}; normal numbers with "
            f"{mean:.0f} and 0.02 are expected."
        )
