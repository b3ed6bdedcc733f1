"""25 Gaussians on a grid: how many modes, what share of high quality, in how many seconds.

    python -m benchmarks.gaussian_grid [--seconds 20 40] [--seeds 0 1]

Three hidden layers of 64 on each side, the non-saturating loss, and the zero-centred penalties R1 and R2 on the
discriminator (Mescheder et al., 2018; Huang et al., 2024). Points are scored as in PacGAN (Lin et al., 2018): a mode
is covered when at least 20 of 10,000 points lie within three standard deviations of it.
"""

import argparse
import copy
import itertools
import math
import time

import torch
from torch import nn

from benchmarks.common import machine, table, write_section
from course_utils.datasets import gaussians
from course_utils.losses import discriminator_loss, generator_loss, r1_penalty, r2_penalty
from course_utils.training import GAN

SCALE = 4.0  # the grid reaches from -4 to 4; networks see it from -1 to 1
BATCH, HIDDEN, RATE, GAMMA, DECAY = 256, 64, 2e-3, 0.02, 0.999


def network(inputs: int, outputs: int, activation: nn.Module) -> nn.Sequential:
    """Three hidden layers of 64."""
    widths = [inputs, HIDDEN, HIDDEN, HIDDEN]
    layers = [m for a, b in itertools.pairwise(widths) for m in (nn.Linear(a, b), copy.deepcopy(activation))]
    return nn.Sequential(*layers, nn.Linear(HIDDEN, outputs))


def train(seconds: float, seed: int) -> tuple[nn.Module, int]:
    """The averaged generator after ``seconds``, and the number of steps. The rates fall along a cosine."""
    torch.manual_seed(seed)
    points = gaussians.grid().sample(100_000) / SCALE
    generator, critic = network(2, 2, nn.ReLU()), network(2, 1, nn.LeakyReLU(0.2))
    gan, steps, began = GAN.with_adam(generator, critic, RATE, ema=DECAY), 0, time.perf_counter()
    while (done := (time.perf_counter() - began) / seconds) < 1:
        for optimiser in (gan.opt_g, gan.opt_d):
            optimiser.param_groups[0]["lr"] = RATE * max(0.02, 0.5 * (1 + math.cos(math.pi * done)))
        real = points[torch.randint(len(points), (BATCH,))].requires_grad_()  # (B, 2)
        fake = generator(torch.randn(BATCH, 2)).detach().requires_grad_()  # (B, 2)
        real_logits, fake_logits = critic(real), critic(fake)
        loss = discriminator_loss(real_logits, fake_logits)
        loss = loss + GAMMA / 2 * (r1_penalty(real_logits, real) + r2_penalty(fake_logits, fake))
        gan.opt_d.zero_grad()
        loss.backward()
        gan.opt_d.step()
        loss = generator_loss(critic(generator(torch.randn(BATCH, 2))))
        gan.opt_g.zero_grad()
        loss.backward()
        gan.opt_g.step()
        gan.average()
        steps += 1
    return gan.shown, steps


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, nargs="+", default=[20, 40])
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1])
    arguments = parser.parse_args()
    torch.set_num_threads(1)  # the networks are too small for more
    mixture, rows = gaussians.grid(), []
    for seconds in arguments.seconds:
        for seed in arguments.seeds:
            generator, steps = train(seconds, seed)
            with torch.no_grad():
                points = SCALE * generator(torch.randn(10_000, 2))
            share = mixture.high_quality(points).double().mean().item()
            rows.append(
                [seed, f"{seconds:.0f}", steps, f"{mixture.modes_covered(points, at_least=20)} of 25", f"{share:.1%}"]
            )
    text = f"{machine()}; one thread.\n\n" + table(["seed", "seconds", "steps", "modes", "high quality"], rows)
    write_section("25 Gaussians on a grid", text)


if __name__ == "__main__":
    main()
