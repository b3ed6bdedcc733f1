"""U-Nets some of whose features are taken away or exchanged."""

import torch
from torch import Tensor, nn


def altered(features: list[Tensor], levels: tuple[int, ...], how: str) -> list[Tensor]:
    """The features of a contracting path with those of some levels replaced; level 0 is the finest.

    `how` is "zero" or "another picture", which gives each picture those of the one before it in the batch.
    """
    change = {"zero": torch.zeros_like, "another picture": lambda f: f.roll(1, dims=0)}[how]
    return [change(f) if level in levels else f for level, f in enumerate(features)]


class Altered(nn.Module):
    """A U-Net that expands `altered` features. With "zero" in training as well, it is a U-Net without these skips.

    Zeros make the weights that read them mean nothing: they change no output and get no gradient. So a network trained like
    this is one without the skip, with all else the same.
    """

    def __init__(self, network: nn.Module, levels: tuple[int, ...], how: str = "zero"):
        super().__init__()
        self.network, self.levels, self.how = network, levels, how

    def forward(self, x: Tensor) -> Tensor:
        return self.network.expand(altered(self.network.contract(x), self.levels, self.how))
