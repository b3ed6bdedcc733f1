"""Style transfer as its inventors made it: no network is trained, the pixels of one picture are.

Gatys, Ecker and Bethge, "Image Style Transfer Using Convolutional Neural Networks", 2016.
"""

from typing import NamedTuple

import torch
from torch import Tensor, nn

from course_utils.style_losses import content_loss, gram_matrix, style_loss, total_variation


class Weights(NamedTuple):
    """How much each loss counts."""

    content: float = 3.0  # of the mean squared difference seen from afar
    style: float = 1.0  # of the relative squared distance of Gram matrices
    smooth: float = 0.02  # of the total variation


STANDARD = Weights()


def transfer(
    network: nn.Module,
    content: Tensor,
    style: Tensor,
    steps: int,
    block: int = 8,
    rate: float = 0.05,
    weights: Weights = STANDARD,
) -> tuple[Tensor, Tensor]:
    """Paint ``content`` in the style of ``style``: optimise a picture, and nothing else.

    Args:
        network: gives a list of maps for pictures (1, 3, H, W); it stays as it is.
        content: the picture to start from and to keep, (1, 3, H, W) in [-1, 1]; it stays as it is.
        style: a picture (1, 3, H', W') in [-1, 1] of any size.
        steps: how many steps Adam makes, with the learning rate ``rate`` and its other settings as they are.
        block: the side of the squares, in pixels, of whose averages the content loss is made.
        weights: the loss is weights.content * content_loss + weights.style * style_loss + weights.smooth * total_variation.

    The Gram matrices of the style are computed once, without a graph. After each step the pixels are put back into [-1, 1].

    Returns the picture (1, 3, H, W), without a graph, and the three losses (steps, 3) before each step, without their
    weights, in the order content, style, smooth.
    """
    # BEGIN SOLUTION
    with torch.no_grad():
        wanted = [gram_matrix(maps) for maps in network(style)]
    picture = content.detach().clone().requires_grad_()
    optimiser = torch.optim.Adam([picture], lr=rate)
    curve = []
    for _ in range(steps):
        losses = torch.stack([
            content_loss(picture, content, block),
            style_loss(network(picture), wanted),
            total_variation(picture),
        ])  # (3,)
        optimiser.zero_grad()
        (losses * losses.new_tensor(weights)).sum().backward()
        optimiser.step()
        with torch.no_grad():
            picture.clamp_(-1, 1)
        curve.append(losses.detach())
    return picture.detach(), torch.stack(curve)
    # END SOLUTION
