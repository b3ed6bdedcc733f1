"""Answers to ``QHead``."""

import torch
import torch.nn.functional as F
from torch import nn

from answers import Answers, filled
from course_utils.models.conditional.infogan import Guess

Q_HEAD = Q = Answers("c1w4c.q_head")
LAYERS = "self.layers = nn.Sequential(nn.Linear(features, hidden), nn.LeakyReLU(0.2), nn.Linear(hidden, 14))"
FORWARD = "return Guess(*self.layers(features).split([10, 2, 2], dim=1))"


def version(layers=LAYERS, forward=FORWARD):
    return filled("c1w4c.q_head", layers, forward)


class ThreeHeads(nn.Module):
    """A layer for each part."""

    def __init__(self, features, hidden=64):
        super().__init__()
        self.first = nn.Linear(features, hidden)
        self.category, self.mean, self.spread = nn.Linear(hidden, 10), nn.Linear(hidden, 2), nn.Linear(hidden, 2)

    def forward(self, features):
        h = F.leaky_relu(self.first(features), 0.2)
        return Guess(self.category(h), self.mean(h), self.spread(h))


class ByHand(nn.Module):
    def __init__(self, features, hidden=64):
        super().__init__()
        self.a = nn.Parameter(torch.randn(features, hidden) / features**0.5)
        self.b = nn.Parameter(torch.randn(hidden, 14) / hidden**0.5)

    def forward(self, features):
        h = features @ self.a + 0.1
        out = torch.where(h > 0, h, 0.2 * h) @ self.b
        return Guess(out[:, :10], out[:, 10:12], out[:, 12:])


class Lazy(nn.Module):
    """A first layer that finds out by itself how many features it gets."""

    def __init__(self, features, hidden=64):
        super().__init__()
        self.hidden = nn.Sequential(nn.LazyLinear(hidden), nn.LeakyReLU(0.2))
        self.parts = nn.ModuleDict({"category_logits": nn.Linear(hidden, 10), "mean": nn.Linear(hidden, 2)})
        self.spread = nn.Linear(hidden, 2)

    def forward(self, features):
        h = self.hidden(features)
        return Guess(log_variance=self.spread(h), **{name: layer(h) for name, layer in self.parts.items()})


class Convolutions(nn.Module):
    """Linear layers written as convolutions over a single place."""

    def __init__(self, features, hidden=64):
        super().__init__()
        self.first, self.second = nn.Conv1d(features, hidden, 1), nn.Conv1d(hidden, 14, 1)

    def forward(self, features):
        h = self.first(features[:, :, None])
        out = self.second(torch.maximum(h, 0.2 * h)).squeeze(2)
        return Guess._make(torch.tensor_split(out, (10, 12), dim=1))


class LayersInForward(nn.Module):
    def __init__(self, features, hidden=64):
        super().__init__()
        self.hidden, self.last = hidden, nn.Linear(hidden, 14)

    def forward(self, features):
        h = F.leaky_relu(nn.Linear(features.shape[1], self.hidden)(features), 0.2)
        return Guess(*self.last(h).split([10, 2, 2], dim=1))


Q.right(
    version(),
    version(
        "self.a, self.b = nn.Linear(features, hidden), nn.Linear(hidden, 14)",
        "out = self.b(F.leaky_relu(self.a(features), 0.2))\nreturn Guess(out[:, :10], out[:, 10:12], out[:, 12:14])",
    ),
    ThreeHeads,
    Lazy,
    Convolutions,
)

Q.wrong(
    "not_a_guess",
    version(forward="return self.layers(features)"),
    version(forward="return tuple(self.layers(features).split([10, 2, 2], dim=1))"),
)
Q.wrong(
    "wrong_parts", version(forward="a, b, c = self.layers(features).split([2, 2, 10], dim=1)\nreturn Guess(a, b, c)")
)
Q.wrong(
    "softmax",
    version(forward="a, b, c = self.layers(features).split([10, 2, 2], dim=1)\nreturn Guess(a.softmax(dim=1), b, c)"),
    version(
        forward="a, b, c = self.layers(features).split([10, 2, 2], dim=1)\nreturn Guess(a.log_softmax(dim=1), b, c)"
    ),
)
Q.wrong(
    "variance_itself",
    version(forward="a, b, c = self.layers(features).split([10, 2, 2], dim=1)\nreturn Guess(a, b, c.exp())"),
    version(forward="a, b, c = self.layers(features).split([10, 2, 2], dim=1)\nreturn Guess(a, b, F.softplus(c))"),
)
Q.wrong(
    "bounded_mean",
    version(forward="a, b, c = self.layers(features).split([10, 2, 2], dim=1)\nreturn Guess(a, b.tanh(), c)"),
)
Q.wrong("no_activation", version("self.layers = nn.Sequential(nn.Linear(features, hidden), nn.Linear(hidden, 14))"))
Q.wrong("relu", version(LAYERS.replace("nn.LeakyReLU(0.2)", "nn.ReLU()")))
Q.wrong("wrong_slope", version(LAYERS.replace("0.2", "")))

Q.refused(
    ByHand,  # its shift is a constant that cannot learn, and no layer has a bias
    version(LAYERS.replace("nn.LeakyReLU(0.2)", "nn.Tanh()")),
    version(LAYERS.replace("nn.LeakyReLU(0.2)", "nn.BatchNorm1d(hidden), nn.LeakyReLU(0.2)")),
    version(LAYERS.replace("features, hidden)", "features, 64)").replace("(hidden, 14", "(64, 14")),
    LayersInForward,
    version(LAYERS.replace("nn.LeakyReLU(0.2)", "nn.LeakyReLU(0.2), nn.Dropout(0.5)")),
    version(forward="return Guess(*self.layers(features.sub_(0.5)).split([10, 2, 2], dim=1))"),
    version(forward="out = self.layers(features.detach())\nreturn Guess(*out.split([10, 2, 2], dim=1))"),
)


PARTS = "a, b, c = self.layers(features).split([10, 2, 2], dim=1)\nreturn Guess({})"
Q.right(
    version(
        "self.heads = nn.ModuleList([nn.Linear(hidden, k) for k in (10, 2, 2)])\nself.first = nn.Linear(features, hidden)",
        "h = F.leaky_relu(self.first(features), 0.2)\nreturn Guess(*[head(h) for head in self.heads])",
    )
)
Q.wrong("half_detached", version(forward=PARTS.format("a, b, c.detach()")))
Q.wrong("variance_itself", version(forward=PARTS.format("a, b.tanh(), c.exp()")))  # and the means are bounded
Q.wrong("no_activation", version(LAYERS.replace("0.2", "True")))
Q.wrong("normalised", version(LAYERS.replace("nn.LeakyReLU", "nn.LayerNorm(hidden), nn.LeakyReLU")))
Q.wrong(
    "other_layers",
    version(
        LAYERS.replace("14", "10") + "\n" + LAYERS.replace("layers", "more").replace("14", "4"),
        "return Guess(self.layers(features), *self.more(features).split(2, dim=1))",
    ),
)
