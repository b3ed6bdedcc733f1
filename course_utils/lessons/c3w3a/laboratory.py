"""A laboratory for hidden messages: an inspector who knows the truth stands in the place of the discriminator.

It takes the mean squared distance of a translation from the right one, and grows stricter while training goes on, as a
discriminator does that learns. Two translators remain: one that adds stripes, and one that has to bring the plain animal
back, coat and all. A right translation holds nothing about the coat, so a coat that comes back came with a message.
"""

from collections.abc import Callable

import torch
from torch import nn

from course_utils.datasets import to_float
from course_utils.lessons.c3w3a.starts import true_pairs
from course_utils.models.cyclegan import Generator


def strictness(progress: float, first: float = 3.0, last: float = 3000.0) -> float:
    """The weight of the inspector: from ``first`` to ``last`` over the first 70 % of training, by equal factors."""
    return first * (last / first) ** min(1.0, progress / 0.7)


def train(
    round_trip: Callable,
    steps: int,
    seed: int,
    noise: float = 0.0,
    batch_size: int = 8,
    lr: float = 2e-3,
    last: float = 3000.0,
) -> tuple[nn.Module, nn.Module]:
    """Both translators after so many steps on the train split; the loss is strictness * distance + 10 * cycle loss.

    The rate falls to 0 over the second half. ``noise`` is the deviation of what is added on the way back.
    """
    plain, truth = true_pairs()
    torch.manual_seed(seed)
    there, back = Generator(), Generator()
    optimiser = torch.optim.Adam([*there.parameters(), *back.parameters()], lr, fused=True)
    for step in range(steps):
        optimiser.param_groups[0]["lr"] = lr * min(1.0, 2 * (1 - step / steps))
        rows = torch.randint(len(truth), (batch_size,))
        images, right = to_float(plain[rows]), to_float(truth[rows])  # (B, 3, S, S)
        fake, cycle = round_trip(there, back, images, noise)
        loss = strictness(step / steps, last=last) * (fake - right).square().mean() + 10 * cycle
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    return there.eval(), back.eval()
