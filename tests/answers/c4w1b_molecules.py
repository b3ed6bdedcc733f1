"""Answers to the exercises of the lesson on molecules."""

import torch
import torch.nn.functional as F
from torch import nn

from answers import Answers, name_cases
from course_utils.datasets.molecules import ATOMS
from course_utils.lessons.c4w1b.exercises import SAMPLERS, SIGNS, name_sampler
from course_utils.models.discrete import gumbel
from course_utils.molecules.validity import is_valid

GRAPH = Answers("c4w1b.graph_tensors")
CONVOLUTION = Answers("c4w1b.relational_convolution")
DRAW = Answers("c4w1b.straight_through")
REWARD = Answers("c4w1b.ring_reward")
NAMES = Answers("c4w1b.name_sampler")


def _refuse(atoms, bonds, size):
    if len(atoms) > size or set(atoms) - set("CNOF"):
        raise ValueError("atoms")
    for i, j, order in bonds:
        if i == j or not 0 <= i < len(atoms) or not 0 <= j < len(atoms) or not 1 <= order <= 3:
            raise ValueError("bonds")


@GRAPH.right
def by_one_hot(atoms, bonds, size=6):
    """Numbers first, one-hot at the end."""
    _refuse(atoms, bonds, size)
    types = torch.tensor([ATOMS.index(a) for a in atoms] + [0] * (size - len(atoms)))
    orders = torch.zeros(size, size, dtype=torch.long)
    for i, j, order in bonds:
        orders[i, j] = orders[j, i] = order
    return F.one_hot(orders, 4).permute(2, 0, 1).float(), F.one_hot(types, 5).float()


@GRAPH.right
def the_rest_is_none(atoms, bonds, size=6):
    """Bonds first; what has none gets channel 0."""
    _refuse(atoms, bonds, size)
    adjacency, nodes = torch.zeros(4, size, size), torch.zeros(size, 5)
    for i, j, order in bonds:
        adjacency[order, i, j] += 1
        adjacency[order, j, i] += 1
    adjacency[0] = 1 - adjacency.sum(dim=0)
    nodes[range(len(atoms)), [ATOMS.index(a) for a in atoms]] = 1
    nodes[len(atoms) :, 0] = 1
    return adjacency, nodes


@GRAPH.refused
def nothing_is_checked(atoms, bonds, size=6):
    types = torch.tensor([(*ATOMS, "S").index(a) % 5 for a in atoms[:size]] + [0] * (size - len(atoms)))
    orders = torch.zeros(size, size, dtype=torch.long)
    for i, j, order in bonds:
        orders[i, j] = orders[j, i] = order % 4
    return F.one_hot(orders, 4).permute(2, 0, 1).float(), F.one_hot(types, 5).float()


@CONVOLUTION.right
class WithEinsum(nn.Module):
    """All relations in one sum."""

    def __init__(self, features, out, relations=3):
        super().__init__()
        if min(features, out, relations) < 1:
            raise ValueError("sizes")
        self.own = nn.Linear(features, out)
        self.from_neighbour = nn.ModuleList([nn.Linear(features, out, bias=False) for _ in range(relations)])

    def forward(self, adjacency, h):
        if adjacency.size(1) != len(self.from_neighbour):
            raise ValueError("relations")
        weights = torch.stack([layer.weight for layer in self.from_neighbour])
        return self.own(h) + torch.einsum("brij,bjf,rof->bio", adjacency, h, weights)


@CONVOLUTION.right
class WithALoop(nn.Module):
    """One relation after the other; the neighbours are added up before they are read."""

    def __init__(self, features, out, relations=3):
        super().__init__()
        if features < 1 or out < 1 or relations < 1:
            raise ValueError("sizes")
        self.from_neighbour = nn.ModuleList()
        for _ in range(relations):
            self.from_neighbour.append(nn.Linear(features, out, bias=False))
        self.own = nn.Linear(features, out)

    def forward(self, adjacency, h):
        if adjacency.shape[1] != len(self.from_neighbour):
            raise ValueError("relations")
        out = self.own(h)
        for r, layer in enumerate(self.from_neighbour):
            out = out + layer(torch.bmm(adjacency[:, r], h))
        return out


@CONVOLUTION.refused
class WithBiases(nn.Module):
    """Neighbours have biases, so that an atom with many neighbours gets more of them."""

    def __init__(self, features, out, relations=3):
        super().__init__()
        if min(features, out, relations) < 1:
            raise ValueError("sizes")
        self.own = nn.Linear(features, out)
        self.from_neighbour = nn.ModuleList([nn.Linear(features, out) for _ in range(relations)])

    def forward(self, adjacency, h):
        if adjacency.size(1) != len(self.from_neighbour):
            raise ValueError("relations")
        return self.own(h) + sum(adjacency[:, r] @ layer(h) for r, layer in enumerate(self.from_neighbour))


CONVOLUTION.wrong("other_names")(WithBiases)


@DRAW.right
def with_scatter(logits, noise=None):
    """One-hot by scatter, and the parts of the sum in another order."""
    if noise is None:
        noise = gumbel(logits)
    elif noise.shape != logits.shape:
        raise ValueError("noise")
    noisy = logits + noise
    soft = F.softmax(noisy, dim=-1)
    hard = torch.zeros_like(logits).scatter_(-1, noisy.argmax(dim=-1, keepdim=True), 1.0)
    return soft + (hard - soft).detach()


@DRAW.right
def with_uniform_numbers(logits, noise=None):
    """Gumbel noise by its formula."""
    if noise is None:
        noise = -torch.log(-torch.log(torch.rand_like(logits).clamp(1e-9, 1 - 1e-7)))
    if noise.shape != logits.shape:
        raise ValueError("noise")
    soft = torch.softmax(logits + noise, -1)
    return (F.one_hot(soft.argmax(-1), soft.size(-1)) - soft).detach() + soft


@DRAW.refused
def temperature_of_a_half(logits, noise=None):
    if noise is not None and noise.shape != logits.shape:
        raise ValueError("noise")
    noise = gumbel(logits) if noise is None else noise
    soft = ((logits + noise) / 0.5).softmax(-1)
    return (F.one_hot(soft.argmax(-1), soft.size(-1)) - soft).detach() + soft


@REWARD.right
def one_by_one(atoms, bonds):
    """A loop over the graphs."""
    rewards = []
    for a, b, fine in zip(atoms, bonds, is_valid(atoms, bonds), strict=True):
        joined = int((b.triu(1) > 0).sum())
        rings = joined - int((a > 0).sum()) + 1
        rewards.append(min(max(rings, 0), 2) / 2 if fine else 0.0)
    return torch.tensor(rewards)


@REWARD.right
def with_a_product(atoms, bonds):
    rings = (bonds != 0).float().triu(1).flatten(1).sum(1) - (atoms != 0).float().sum(1) + 1
    return (rings / 2).clamp(0, 1) * is_valid(atoms, bonds).float()


@REWARD.refused
def pieces_are_paid(atoms, bonds):
    """Only valences are asked, not whether it is one piece."""
    from course_utils.molecules.validity import within_valence

    rings = (bonds > 0).sum(dim=(1, 2)) / 2 - (atoms > 0).sum(dim=1) + 1
    return torch.where(within_valence(atoms, bonds), rings.clamp(0, 2) / 2, 0.0)


KEY = {sampler: name_sampler(sampler) for sampler in SAMPLERS}
name_cases(NAMES, KEY, SIGNS)
NAMES.wrong("same_for_all", lambda sampler: "sound", lambda sampler: "random")


@NAMES.right
def with_ifs(sampler):
    if sampler == "sampler A":
        return "random"
    if sampler == "sampler B":
        return "memorised"
    return "sound" if sampler == "sampler C" else "collapsed"


@DRAW.wrong("drawn_again")
def gumbel_softmax_on_top(logits, noise=None):
    return F.gumbel_softmax(logits if noise is None else logits + noise, hard=True, dim=-1)
