"""Labels for images that nobody has labelled: handed on from neighbour to neighbour."""

import torch
from torch import Tensor


def neighbour_graph(images: Tensor, neighbours: int = 8) -> Tensor:
    """How strongly images (N, ...) are linked: (N, N), symmetric, 1 over the root of both degrees for linked pairs.

    Two images are linked when one is among the nearest ``neighbours`` of the other, by the distance of their pixels.
    """
    flat = images.flatten(1)
    distances = torch.cdist(flat, flat)  # (N, N)
    distances.fill_diagonal_(float("inf"))
    nearest = distances.topk(neighbours, largest=False).indices  # (N, neighbours)
    linked = torch.zeros_like(distances).scatter_(1, nearest, 1.0)
    linked = torch.maximum(linked, linked.T)
    root = linked.sum(dim=1).sqrt()  # (N,)
    return linked / root[:, None] / root


def spread_labels(graph: Tensor, rows: Tensor, labels: Tensor, classes: int = 10, keep: float = 0.95) -> Tensor:
    """A label for each image of ``graph`` (N, N), from those of a few: int64 (N,).

    ``rows`` (K,) are the images with ``labels`` (K,). Each image gets ``keep`` times what its neighbours have, and the
    labelled ones their own label again, until nothing changes (Zhou et al., "Learning with Local and Global Consistency",
    2004): where that ends is solved for. The labelled images keep their labels.
    """
    start = torch.zeros(len(graph), classes)
    start[rows, labels] = 1.0
    start = start / start.sum(dim=0).clamp(min=1)  # each class has the same weight
    kept = torch.eye(len(graph)) - keep * graph  # symmetric, and positive definite for keep below 1
    scores = torch.cholesky_solve(start, torch.linalg.cholesky(kept))  # scores = keep * graph @ scores + start
    guesses = scores.argmax(dim=1)
    guesses[rows] = labels
    return guesses
