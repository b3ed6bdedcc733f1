"""The shipped network, made of the parts that the lesson wrote."""

import torch
from torch import nn

from course_utils.models.style.synthesis import draw_noise

CLOSE = 1e-3  # of a pixel's range of 2: what another order of sums may make


@torch.no_grad()
def with_weights_of(trained: nn.Module, own: nn.Module) -> nn.Module:
    """``own``, a generator of the same sizes, with the weights of ``trained`` and ready to draw.

    Parts may keep weights under names of their own: then the weights are handed over in the order in which both have them.
    Where the two do not draw the same picture after that, ``trained`` comes back, and a line says so.
    """
    try:
        own.load_state_dict(trained.state_dict())
    except RuntimeError:  # other names, or other shapes
        _in_order(trained, own)
    own.eval().requires_grad_(False)
    if not _alike(trained, own):
        print("Your parts draw other pictures with the shipped weights; perhaps they keep weights in another order.")
        print("The shipped network stays as it is.")
        return trained
    return own


def _in_order(trained: nn.Module, own: nn.Module) -> None:
    """Copy every weight into the one at the same place of the other network, as far as they have equally many numbers."""
    for mine, theirs in zip(own.parameters(), trained.parameters(), strict=False):
        if mine.numel() == theirs.numel():
            mine.copy_(theirs.view_as(mine))


def _alike(trained: nn.Module, own: nn.Module) -> bool:
    """Do both draw the same two pictures?"""
    z = torch.randn(2, trained.latent_dim, generator=torch.Generator().manual_seed(0))
    noise = draw_noise(trained.synthesis.sizes, generator=torch.Generator().manual_seed(1))
    first, second = (network.draw(network.mapping(z), noise) for network in (trained, own))
    return torch.allclose(first, second, atol=CLOSE)
