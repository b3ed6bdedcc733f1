"""Give a picture the colours of another one: the cheapest linear map between two clouds of colours, in closed form.

Pitié and Kokaram, "The Linear Monge-Kantorovitch Linear Colour Mapping for Example-Based Colour Transfer", 2007. What the map
costs, the mean squared way of a colour, is the Fréchet distance of the two clouds.
"""

import torch
from torch import Tensor

from course_utils.metrics.frechet import statistics


def colours(picture: Tensor) -> Tensor:
    """The pixels of a picture (1, 3, H, W) as rows (H * W, 3), in float64 on the CPU."""
    return picture[0].flatten(1).T.cpu().double()


def symmetric_power(matrix: Tensor, power: float) -> Tensor:
    """A power of a symmetric positive matrix, by its eigenvalues; those below a billionth of the largest count as that."""
    values, vectors = torch.linalg.eigh(matrix)
    values = values.clamp(min=1e-9 * values.max())
    return vectors * values**power @ vectors.T


def linear_map(source: Tensor, target: Tensor) -> Tensor:
    """The symmetric matrix T (d, d) that turns the covariance A of ``source`` (N, d) into that of ``target`` (M, d), B.

    T = A^(-1/2) (A^(1/2) B A^(1/2))^(1/2) A^(-1/2): of all maps that do, it moves the points least.
    """
    (_, a), (_, b) = statistics(source), statistics(target)
    root, inverse = symmetric_power(a, 0.5), symmetric_power(a, -0.5)
    return inverse @ symmetric_power(root @ b @ root, 0.5) @ inverse


def match_colours(picture: Tensor, style: Tensor) -> Tensor:
    """``picture`` (1, 3, H, W) with mean and covariance of the colours of ``style``; not clamped to [-1, 1]."""
    x, y = colours(picture), colours(style)
    matched = (x - x.mean(dim=0)) @ linear_map(x, y) + y.mean(dim=0)  # (N, 3)
    return matched.T.reshape(picture.shape).to(picture)


def keep_colours(painted: Tensor, content: Tensor) -> Tensor:
    """The brightness of one picture (1, 3, H, W) with the colours of another, in [-1, 1].

    Gatys, Bethge, Hertzmann and Shechtman, "Preserving Color in Neural Artistic Style Transfer", 2016. Brightness is the mean
    of the three channels here.
    """
    return (content + painted.mean(dim=1, keepdim=True) - content.mean(dim=1, keepdim=True)).clamp(-1, 1)
