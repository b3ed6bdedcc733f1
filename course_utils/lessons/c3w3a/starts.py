"""Where generators can start: a short run with the pairs that CycleGAN cannot have, and the inverted world."""

from functools import cache

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from course_utils.datasets import animals, to_float
from course_utils.models.cyclegan import Generator
from course_utils.runtime import device


@cache
def true_pairs() -> tuple[Tensor, Tensor]:
    """Plain animals of the train split and the same scenes with stripes, uint8 (N, 3, S, S) each; drawn once."""
    plain, _ = animals.load("train")
    truth, _ = animals.render(plain.scenes, striped=True)
    return plain.images, truth


def with_pairs(steps: int, seed: int, batch_size: int = 8, lr: float = 2e-3) -> nn.Module:
    """A generator trained from plain to striped on pairs of the train split, on the device of the course.

    The loss is the mean absolute difference; the rate falls to 0 over the second half.
    """
    plain, truth = true_pairs()
    torch.manual_seed(seed)
    generator = Generator().to(device())
    optimiser = torch.optim.Adam(generator.parameters(), lr, fused=True)
    for step in range(steps):
        optimiser.param_groups[0]["lr"] = lr * min(1.0, 2 * (1 - step / steps))
        rows = torch.randint(len(truth), (batch_size,))
        images, right = (to_float(some[rows].to(device())) for some in (plain, truth))  # (B, 3, S, S)
        loss = F.l1_loss(generator(images), right)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    return generator.eval()


@torch.no_grad()
def invert(*generators: nn.Module) -> None:
    """Turn the colours of what generators of the lesson draw: a new one then returns -x instead of x."""
    for generator in generators:
        last = generator.layers[-2]
        last.weight.neg_()
        last.bias.neg_()
