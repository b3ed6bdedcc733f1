"""MolGAN: a generator of molecular graphs, and networks that read graphs whatever the order of their atoms.

Between the networks a graph is one row of numbers, adjacency and nodes behind each other, so that losses and steps that know
nothing of graphs work as they are. ``join`` and ``split`` go there and back.
"""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from course_utils.models.discrete import straight_through
from course_utils.models.layers import check_sizes

PLACES, TYPES, ORDERS = 6, 5, 4  # places for atoms, types of atoms (0: none), types of bonds (0: none)
PAIRS = torch.triu_indices(PLACES, PLACES, 1)  # (2, 15): places i < j


def join(adjacency: Tensor, nodes: Tensor) -> Tensor:
    """Adjacency (B, 4, N, N) and nodes (B, N, 5) as rows (B, 4 * N * N + 5 * N), of which ``split`` is the inverse."""
    return torch.cat([adjacency.flatten(1), nodes.flatten(1)], dim=1)


def split(graphs: Tensor) -> tuple[Tensor, Tensor]:
    """Rows (B, 174) to adjacency (B, 4, 6, 6) and nodes (B, 6, 5)."""
    adjacency, nodes = graphs.split([ORDERS * PLACES * PLACES, PLACES * TYPES], dim=1)
    return adjacency.view(-1, ORDERS, PLACES, PLACES), nodes.view(-1, PLACES, TYPES)


class GraphGenerator(nn.Module):
    """Latent vectors (B, latent_dim) to graphs, one row each (B, 174): two hidden layers, then a draw of every atom and bond.

    A bond is drawn once for a pair of places and written twice, so the adjacency is symmetric; its diagonal is "none".
    ``draw(logits)`` is what draws.
    """

    def __init__(self, latent_dim: int = 32, width: int = 128, draw: Callable = straight_through):
        super().__init__()
        check_sizes(latent_dim=latent_dim, width=width)
        self.draw = draw
        self.body = nn.Sequential(nn.Linear(latent_dim, width), nn.ReLU(), nn.Linear(width, width), nn.ReLU())
        self.bonds = nn.Linear(width, PAIRS.shape[1] * ORDERS)
        self.atoms = nn.Linear(width, PLACES * TYPES)

    def forward(self, z: Tensor) -> Tensor:
        x = self.body(z)
        pairs = self.draw(self.bonds(x).view(-1, PAIRS.shape[1], ORDERS))  # (B, 15, 4)
        nodes = self.draw(self.atoms(x).view(-1, PLACES, TYPES))  # (B, 6, 5)
        return join(symmetric(pairs), nodes)


def symmetric(pairs: Tensor) -> Tensor:
    """Bonds of the pairs i < j, one-hot (B, 15, 4), to an adjacency (B, 4, 6, 6)."""
    adjacency = pairs.new_zeros(len(pairs), ORDERS, PLACES, PLACES)
    adjacency[:, 0].diagonal(dim1=1, dim2=2).fill_(1)
    adjacency[:, :, PAIRS[0], PAIRS[1]] = pairs.transpose(1, 2)
    adjacency[:, :, PAIRS[1], PAIRS[0]] = pairs.transpose(1, 2)
    return adjacency


class RelationalConvolution(nn.Module):
    """A graph convolution with weights of its own for each kind of bond: (B, N, features) to (B, N, out).

    Place i gets what it says itself, and what its neighbours say, added up over places j and kinds of bonds r:

        out_i = own(h_i) + sum over r and j of A[r, i, j] * from_neighbour[r](h_j)

    ``own`` is an ``nn.Linear`` with bias; ``from_neighbour`` an ``nn.ModuleList`` of ``relations`` of them without bias. No
    activation, no division by the number of neighbours.

    ``forward(adjacency, h)`` takes the kinds of bonds that there are, (B, relations, N, N), without "none", and the features
    of the places (B, N, features). The numbers of an adjacency need not be 0 or 1 (Schlichtkrull et al., "Modeling Relational
    Data with Graph Convolutional Networks", 2018).

    Raises ValueError for sizes below 1 and for an adjacency of another number of relations.
    """

    def __init__(self, features: int, out: int, relations: int = ORDERS - 1):
        super().__init__()
        check_sizes(features=features, out=out, relations=relations)
        self.own = nn.Linear(features, out)
        self.from_neighbour = nn.ModuleList(nn.Linear(features, out, bias=False) for _ in range(relations))

    def forward(self, adjacency: Tensor, h: Tensor) -> Tensor:
        if adjacency.shape[1] != len(self.from_neighbour):
            raise ValueError(f"adjacency: expected {len(self.from_neighbour)} relations, got {tuple(adjacency.shape)}")
        said = torch.stack([linear(h) for linear in self.from_neighbour], dim=1)  # (B, R, N, out)
        return self.own(h) + (adjacency @ said).sum(dim=1)  # (B, N, out)


class GraphReader(nn.Module):
    """Graphs in rows (B, 174) to one number each (B, 1), the same for every order of the atoms. A critic, or a reward network.

    Two relational convolutions with tanh, then a sum over the places in which each has a gate of its own (as in Li et al.,
    "Gated Graph Sequence Neural Networks", 2016), then two linear layers. No norm, so that the gradient penalty is allowed.
    ``convolution(features, out)`` makes the layers.
    """

    def __init__(self, width: int = 64, convolution: Callable[[int, int], nn.Module] = RelationalConvolution):
        super().__init__()
        check_sizes(width=width)
        self.first = convolution(TYPES, width)
        self.second = convolution(width, width)
        self.gate, self.value = nn.Linear(width + TYPES, width), nn.Linear(width + TYPES, width)
        self.head = nn.Sequential(nn.Linear(width, width), nn.LeakyReLU(0.2), nn.Linear(width, 1))

    def forward(self, graphs: Tensor) -> Tensor:
        adjacency, nodes = split(graphs)
        bonds = adjacency[:, 1:]  # (B, 3, N, N), without "none"
        h = torch.tanh(self.second(bonds, torch.tanh(self.first(bonds, nodes))))  # (B, N, width)
        h = torch.cat([h, nodes], dim=2)
        return self.head((self.gate(h).sigmoid() * self.value(h).tanh()).sum(dim=1))  # (B, 1)
