"""Answers to the generator's block."""

import torch
import torch.nn.functional as F
from torch import nn
from torch.nn import BatchNorm1d, LeakyReLU, Linear, ReLU, Sequential

from answers import Answers

GENERATOR_BLOCK = G = Answers("c1w1.generator_block")


class ByHand(nn.Module):
    """Linear, optionally normalised by hand with running statistics, then an activation: everything from parameters."""

    def __init__(self, i, o, activation, normalise, transpose=False):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(*((i, o) if transpose else (o, i))) / i**0.5)
        self.bias = nn.Parameter(torch.zeros(o))
        self.transpose, self.activation, self.normalise = transpose, activation, normalise
        if normalise:
            self.scale, self.shift = nn.Parameter(torch.ones(o)), nn.Parameter(torch.zeros(o))
            self.register_buffer("mean", torch.zeros(o))
            self.register_buffer("var", torch.ones(o))

    def forward(self, x):
        x = torch.einsum("bi,io->bo" if self.transpose else "bi,oi->bo", x, self.weight) + self.bias
        if self.normalise:
            x = F.batch_norm(x, self.mean, self.var, self.scale, self.shift, self.training)
        return self.activation(x)


class GeneratorBlock(nn.Module):
    """A subclass in place of a function."""

    def __init__(self, in_features, out_features):
        super().__init__()
        self.linear = Linear(in_features, out_features)
        self.norm = BatchNorm1d(out_features)

    def forward(self, x):
        return F.relu(self.norm(self.linear(x)))


# --- generator block -------------------------------------------------------------------------------------------------

G.right(
    GeneratorBlock,
    lambda in_features, out_features: Sequential(Linear(in_features, out_features), BatchNorm1d(out_features), ReLU()),
    lambda i, o: Sequential(nn.LazyLinear(o), nn.LazyBatchNorm1d(), ReLU()),
    lambda i, o: Sequential(Sequential(Linear(i, o, bias=False), BatchNorm1d(o)), ReLU(inplace=True)),
    lambda i, o: Sequential(Linear(i, o), BatchNorm1d(o, eps=1e-3), LeakyReLU(0.0)),
    lambda i, o: Sequential(Linear(i, o), BatchNorm1d(o, momentum=None), nn.Threshold(0, 0)),
    lambda i, o: Sequential(nn.Unflatten(1, (i, 1)), nn.Conv1d(i, o, 1), nn.Flatten(), BatchNorm1d(o), ReLU()),
    lambda i, o: ByHand(i, o, F.relu, normalise=True),
    lambda i, o: ByHand(i, o, lambda x: x.clamp(min=0), normalise=True, transpose=True),
    lambda i, o: Sequential(Linear(i, o), BatchNorm1d(o), nn.Dropout(0.0), ReLU()),
)


@G.right
def initialised_as_in_dcgan(in_features, out_features):
    linear, norm = nn.Linear(in_features, out_features), nn.BatchNorm1d(out_features)
    nn.init.normal_(linear.weight, 0.0, 0.02)
    nn.init.normal_(norm.weight, 1.0, 0.02)
    return nn.Sequential(linear, norm, nn.ReLU(True))


G.wrong("class_not_instance", lambda i, o: GeneratorBlock, lambda i, o: nn.Sequential)
G.wrong("layers_in_list", lambda i, o: [Linear(i, o), BatchNorm1d(o), ReLU()], lambda i, o: (Linear(i, o), ReLU()))


@G.wrong("layers_in_list")
class KeepsAList(nn.Module):
    def __init__(self, in_features, out_features):
        super().__init__()
        self.layers = [nn.Linear(in_features, out_features), nn.BatchNorm1d(out_features), nn.ReLU()]

    def forward(self, x):
        for layer in self.layers:
            x = layer(x)
        return x


G.wrong(
    "swapped_features",
    lambda i, o: Sequential(Linear(o, i), BatchNorm1d(i), ReLU()),
    lambda out_features, in_features: Sequential(Linear(in_features, out_features), BatchNorm1d(out_features), ReLU()),
)


@G.wrong("layer_in_forward")
class CreatesInForward(nn.Module):
    def __init__(self, i, o):
        super().__init__()
        self.norm, self.o = nn.BatchNorm1d(o), o

    def forward(self, x):
        return F.relu(self.norm(nn.Linear(x.shape[1], self.o)(x)))


G.wrong(
    "dropout",
    lambda i, o: Sequential(Linear(i, o), BatchNorm1d(o), ReLU(), nn.Dropout(0.3)),
    lambda i, o: Sequential(nn.Dropout(0.1), Linear(i, o), BatchNorm1d(o), ReLU()),
)
G.wrong("missing_activation", lambda i, o: Sequential(Linear(i, o), BatchNorm1d(o)), lambda i, o: Linear(i, o))
G.wrong(
    "no_batchnorm",
    lambda i, o: Sequential(Linear(i, o), ReLU()),
    lambda i, o: Sequential(Linear(i, o), LeakyReLU(0.2)),
)
G.wrong("norm_after_activation", lambda i, o: Sequential(Linear(i, o), ReLU(), BatchNorm1d(o)))
G.wrong("norm_before_linear", lambda i, o: Sequential(BatchNorm1d(i), Linear(i, o), ReLU()))
G.wrong(
    "layer_norm",
    lambda i, o: Sequential(Linear(i, o), nn.LayerNorm(o), ReLU()),
    lambda i, o: Sequential(Linear(i, o), nn.InstanceNorm1d(o), ReLU()),
    lambda i, o: Sequential(Linear(i, o), nn.GroupNorm(1, o), ReLU()),
    lambda i, o: Sequential(Linear(i, o), nn.GroupNorm(3, o), ReLU()),
    lambda i, o: Sequential(Linear(i, o), nn.RMSNorm(o), ReLU()),
    lambda i, o: Sequential(Linear(i, o), nn.LayerNorm(o), LeakyReLU(0.2)),
)
G.wrong(
    "eps_as_momentum",
    lambda i, o: Sequential(Linear(i, o), BatchNorm1d(o, 0.8), ReLU()),
    lambda i, o: Sequential(Linear(i, o), BatchNorm1d(o, 0.8), LeakyReLU(0.2)),
)
G.wrong(
    "wrong_activation",
    *[
        lambda i, o, end=end: Sequential(Linear(i, o), BatchNorm1d(o), end())
        for end in (
            LeakyReLU,
            nn.Tanh,
            nn.Sigmoid,
            nn.GELU,
            nn.SiLU,
            nn.ELU,
            nn.ReLU6,
            nn.Softplus,
            nn.SELU,
            nn.Hardtanh,
        )
    ],
    lambda i, o: Sequential(Linear(i, o), BatchNorm1d(o), LeakyReLU(0.2)),
)
G.wrong("no_scale_and_shift", lambda i, o: Sequential(Linear(i, o), BatchNorm1d(o, affine=False), ReLU()))


@G.wrong("no_scale_and_shift")
class StandardisesByHand(nn.Module):
    def __init__(self, i, o):
        super().__init__()
        self.linear = nn.Linear(i, o)

    def forward(self, x):
        h = self.linear(x)
        return F.relu((h - h.mean(0)) / (h.std(0) + 1e-5))


G.wrong(
    "no_running_statistics",
    lambda i, o: Sequential(Linear(i, o), BatchNorm1d(o, track_running_stats=False), ReLU()),
    lambda i, o: Sequential(Linear(i, o), BatchNorm1d(o, momentum=0.001), ReLU()),
)


def frozen(module):
    return module.requires_grad_(False)


class CreatesOnFirstCall(nn.Module):
    """The optimiser, made before the first call, never hears of the linear layer."""

    def __init__(self, i, o):
        super().__init__()
        self.norm, self.linear, self.sizes = nn.BatchNorm1d(o), None, (i, o)

    def forward(self, x):
        if self.linear is None:
            self.linear = nn.Linear(*self.sizes)
        return F.relu(self.norm(self.linear(x)))


class NoSuper(nn.Module):
    def __init__(self, i, o):
        self.linear = nn.Linear(i, o)

    def forward(self, x):
        return self.linear(x)


class Detaches(GeneratorBlock):
    def forward(self, x):
        return F.relu(self.norm(self.linear(x).detach()))


class IgnoresGradients(GeneratorBlock):
    @torch.no_grad()
    def forward(self, x):
        return super().forward(x)


class MisspeltForward(nn.Module):
    def __init__(self, i, o):
        super().__init__()
        self.linear = nn.Linear(i, o)

    def foward(self, x):
        return self.linear(x)


def all_weights_alike(i, o):
    linear = nn.Linear(i, o)
    nn.init.constant_(linear.weight, 0.1)
    return nn.Sequential(linear, nn.BatchNorm1d(o), nn.ReLU())


def scales_of_zero(i, o):
    norm = nn.BatchNorm1d(o)
    nn.init.zeros_(norm.weight)
    return nn.Sequential(nn.Linear(i, o), norm, nn.ReLU())


_shared = {}


def made_once(i, o):
    if (i, o) not in _shared:
        _shared[i, o] = nn.Sequential(nn.Linear(i, o), nn.BatchNorm1d(o), nn.ReLU())
    return _shared[i, o]


G.refused(
    scales_of_zero,
    CreatesOnFirstCall,
    NoSuper,
    Detaches,
    IgnoresGradients,
    MisspeltForward,
    all_weights_alike,
    made_once,
    ReLU,
    lambda i, o: frozen(Sequential(Linear(i, o), BatchNorm1d(o), ReLU())),
    lambda i, o: Sequential(frozen(Linear(i, o)), BatchNorm1d(o), ReLU()),
    lambda i, o: Sequential(Linear(i, o), frozen(BatchNorm1d(o)), ReLU()),
    lambda i, o: Sequential(Linear(i, o), BatchNorm1d(o), ReLU()).eval(),
    lambda i, o: Sequential(Linear(i, o), BatchNorm1d(o).eval(), ReLU()),
    lambda i, o: Sequential(Linear(i, o), BatchNorm1d(i), ReLU()),
    lambda i, o: Sequential(Linear(i, o), nn.BatchNorm2d(o), ReLU()),
    lambda i, o: Sequential(Linear(i, o), BatchNorm1d(o), ReLU(), Linear(o, o)),
    lambda i, o: Sequential(Linear(i, o), BatchNorm1d(o), ReLU(), BatchNorm1d(o)),
    lambda i, o: Sequential(Linear(i, o), BatchNorm1d(o), ReLU)(),
    lambda i, o: Sequential(Linear(128, 256), BatchNorm1d(256), ReLU()),
    lambda i, o: Sequential(Linear(i, o + 1), BatchNorm1d(o + 1), ReLU()),
    lambda i, o: Sequential(Linear(i, o), BatchNorm1d(o), ReLU()).half(),
    lambda i, o: Sequential(Linear(i, o), BatchNorm1d(o), ReLU()).double(),
    lambda i, o: Sequential(Linear(i, o), BatchNorm1d(o), nn.Softmax(dim=1)),
    lambda i, o: Sequential(Linear(i, o), BatchNorm1d(o), nn.PReLU()),
    lambda i, o: Sequential(nn.utils.parametrizations.spectral_norm(Linear(i, o)), BatchNorm1d(o), ReLU()),
    lambda i, o: Sequential(nn.utils.parametrizations.weight_norm(Linear(i, o)), BatchNorm1d(o), ReLU()),
    lambda i, o: lambda x: F.relu(BatchNorm1d(o)(Linear(i, o)(x))),
    lambda x: Sequential(Linear(7, 12), BatchNorm1d(12), ReLU())(x),
    lambda i, o: torch.randn(64, o),
    lambda: Sequential(Linear(7, 12), BatchNorm1d(12), ReLU()),
    lambda i, o: Sequential(ReLU(), Linear(i, o), BatchNorm1d(o)),
)

# --- answers that were new to the tables -----------------------------------------------------------------------------


G.wrong("eps_as_momentum", lambda i, o: Sequential(Linear(i, o), BatchNorm1d(o, 0.99), ReLU()))
G.wrong("wrong_activation", lambda i, o: Sequential(Linear(i, o), BatchNorm1d(o), nn.Mish()))
G.wrong("layer_norm", lambda i, o: Sequential(Linear(i, o), nn.LayerNorm(o, elementwise_affine=False), ReLU()))
G.wrong("other_sizes", lambda i, o: Sequential(Linear(i, o), BatchNorm1d(o), ReLU(), Linear(o, o)))
