"""A laboratory for hidden messages: the discriminator is replaced by an inspector who knows the right translation.

It takes the mean squared distance from the truth, so that a small deviation costs next to nothing. Two translators remain: one
that adds stripes, and one that has to bring the plain animal back, coat and all. A translation that is right holds nothing about the
coat; whatever comes back above guessing came with a message.
"""

from collections.abc import Callable

import torch
from torch import nn

from course_utils.datasets import animals, to_float
from course_utils.models.cyclegan import Generator


def train(
    round_trip: Callable,
    plain: torch.Tensor,
    truth: torch.Tensor,
    steps: int,
    seed: int,
    noise: float = 0.0,
    batch_size: int = 8,
    strictness: float = 100.0,
    lr: float = 2e-3,
) -> tuple[nn.Module, nn.Module]:
    """Both translators after so many steps on uint8 pairs (N, 3, S, S); the loss is strictness * distance + cycle loss.

    The rate falls to 0 over the second half. ``noise`` is the deviation of what is added on the way back.
    """
    torch.manual_seed(seed)
    there, back = Generator(), Generator()
    optimiser = torch.optim.Adam([*there.parameters(), *back.parameters()], lr, fused=True)
    for step in range(steps):
        optimiser.param_groups[0]["lr"] = lr * min(1.0, 2 * (1 - step / steps))
        rows = torch.randint(len(plain), (batch_size,))
        images, right = to_float(plain[rows]), to_float(truth[rows])  # (B, 3, S, S)
        fake, cycle = round_trip(there, back, images, noise)
        loss = strictness * (fake - right).square().mean() + cycle
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    return there.eval(), back.eval()


def pairs(n: int, pixels: int = 32) -> tuple[torch.Tensor, torch.Tensor]:
    """Training animals, plain, and the same ones striped: uint8 (n, 3, pixels, pixels) each."""
    plain, _ = animals.load("train", pixels=pixels)
    striped, _ = animals.render(plain.scenes[:n], striped=True, pixels=pixels)
    return plain.images[:n], striped
