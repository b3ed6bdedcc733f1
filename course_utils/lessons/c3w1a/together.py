"""Many small networks in one: ten are trained in the time of three or four, and none of them hears of the others.

Each class takes finished networks of one kind and becomes all of them, side by side. What it is called with holds the
batches of the networks one after the other, (n * B, ...), the first B for the first network; so does what it returns.
A loss that is a mean over n * B gives each network 1/n of its own gradient, and Adam divides by a gradient's size.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from course_utils.models.conditional.class_labels import combine, one_hot
from course_utils.models.dense import labelled


def side_by_side(tensors: Sequence[Tensor]) -> nn.Parameter:
    """One parameter (n, ...) with the values of n others."""
    return nn.Parameter(torch.stack([tensor.detach() for tensor in tensors]))


class Linears(nn.Module):
    """n linear layers: (n, B, in) to (n, B, out)."""

    def __init__(self, layers: Sequence[nn.Linear]):
        super().__init__()
        self.weight = side_by_side([layer.weight.T for layer in layers])  # (n, in, out)
        self.bias = side_by_side([layer.bias[None] for layer in layers])  # (n, 1, out)

    def forward(self, x: Tensor) -> Tensor:
        return torch.baddbmm(self.bias, x, self.weight)


class BatchNorms(nn.Module):
    """n fresh batch normalisations, each over its own batch: (n, B, D) to the same shape."""

    def __init__(self, n: int, features: int):
        super().__init__()
        self.norm = nn.BatchNorm1d(n * features)

    def forward(self, x: Tensor) -> Tensor:
        n, batch, features = x.shape
        beside = self.norm(x.transpose(0, 1).reshape(batch, n * features))
        return beside.view(batch, n, features).transpose(0, 1)  # (n, B, D)


class Generators(nn.Module):
    """Fresh generators of ``models.dense.labelled`` in one."""

    def __init__(self, networks: Sequence[labelled.Generator]):
        super().__init__()
        self.n, self.classes, self.image_shape = len(networks), networks[0].classes, networks[0].image_shape
        kinds = zip(*([m for m in network.modules() if isinstance(m, nn.Linear)] for network in networks), strict=True)
        first, second, last = (Linears(layers) for layers in kinds)
        norms = (BatchNorms(self.n, linears.weight.shape[2]) for linears in (first, second))
        self.layers = nn.Sequential(first, next(norms), nn.ReLU(), second, next(norms), nn.ReLU(), last, nn.Tanh())

    def forward(self, z: Tensor, labels: Tensor) -> Tensor:
        asked = combine(z, labelled.LOUD * one_hot(labels, self.classes))  # (n * B, latent_dim + classes)
        return self.layers(asked.unflatten(0, (self.n, -1))).reshape(-1, *self.image_shape)


class Discriminators(nn.Module):
    """Fresh discriminators of ``models.dense.labelled`` in one."""

    def __init__(self, networks: Sequence[labelled.Discriminator]):
        super().__init__()
        self.n = len(networks)
        kinds = zip(*([m for m in network.modules() if isinstance(m, nn.Linear)] for network in networks), strict=True)
        first, second, self.psi = (Linears(layers) for layers in kinds)
        self.features = nn.Sequential(first, nn.LeakyReLU(0.2), second, nn.LeakyReLU(0.2))
        self.class_vectors = side_by_side([network.class_vectors for network in networks])  # (n, classes, hidden)

    def forward(self, images: Tensor, labels: Tensor) -> Tensor:
        features = self.features(images.flatten(1).unflatten(0, (self.n, -1)))  # (n, B, hidden)
        asked = one_hot(labels, self.class_vectors.shape[1]).unflatten(0, (self.n, -1))  # (n, B, classes)
        inner = (features * (asked @ self.class_vectors)).sum(dim=2, keepdim=True)  # (n, B, 1)
        return (self.psi(features) + inner).flatten(0, 1)  # (n * B, 1)
