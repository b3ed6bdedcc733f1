"""How a generator that ships with the course is trained when there are more than the lessons' minutes for it.

Four things differ from the lessons' two minutes (`lessons.c1w2.recipe`):

- Networks run in bfloat16 where that is faster: a processor with matrix units (AMX) multiplies it twice as fast, one
  without them several times more slowly. Weights, losses and optimisers stay in float32.
- The discriminator also sees how much the images of a group differ (`MinibatchStd`), so that a handful of colours,
  used again and again, is found out.
- R1 is strong at first and weak later: it keeps the start stable, and then lets the discriminator look at fine strokes
  (as R3GAN does, Huang et al., 2024).
- Both rates fall at the end, so that the two players stop circling around each other.
"""

import dataclasses
import functools
import time
from itertools import pairwise

import torch
from torch import Tensor, nn

from course_utils.callbacks import History
from course_utils.models.conv.dcgan import discriminator_block, plan
from course_utils.models.layers import MinibatchStd
from course_utils.runtime import device
from course_utils.steps.shared_fakes import SharedFakes
from course_utils.training import GAN, fit


@dataclasses.dataclass(frozen=True)
class Recipe:
    """The numbers of one training."""

    image_size: int
    base: int  # channels of the discriminator's largest feature maps
    fall: tuple[int, int]  # both rates fall evenly from the first of these steps on, towards 0 at the second
    rate: float = 1e-3  # of both players until then
    batch_size: int = 64
    gamma: tuple[float, float] = (0.5, 0.05)  # weight of R1 at first, and after gamma_steps
    gamma_steps: int = 6000
    every: int = 4  # R1 in one step of so many, as many times as heavy
    ema: float = 0.999


@functools.cache
def faster_type() -> torch.dtype:
    """bfloat16 or float32, whichever convolves faster on the course's device: it is tried, for a few hundredths of a second."""
    seconds = {}
    for dtype in (torch.float32, torch.bfloat16):
        images = torch.zeros(16, 32, 32, 32, dtype=dtype, device=device()).to(memory_format=torch.channels_last)
        kernels = torch.zeros(32, 32, 3, 3, dtype=dtype, device=device())
        times = []
        for _ in range(5):
            start = time.perf_counter()
            nn.functional.conv2d(images, kernels, padding=1).sum().item()  # waits for the result
            times.append(time.perf_counter() - start)
        seconds[dtype] = min(times)
    return min(seconds, key=seconds.get)


class InBfloat16(nn.Module):
    """The same network, run in bfloat16 where that is faster: floats in, floats out."""

    def __init__(self, network: nn.Module):
        super().__init__()
        self.network = network.to(memory_format=torch.channels_last)

    def forward(self, x: Tensor) -> Tensor:
        if faster_type() == torch.float32:  # some devices know no autocast at all
            return self.network(x)
        with torch.autocast(x.device.type, torch.bfloat16):
            return self.network(x).float()


def discriminator(image_size: int, base: int, hidden: int = 128) -> nn.Sequential:
    """Maps images (B, 3, S, S) to logits (B, 1): `models.conv.cpu_dcgan.Discriminator` with `MinibatchStd`."""
    size, widths = plan(image_size, base)
    between = pairwise([3, *reversed(widths)])
    return nn.Sequential(  # at 32 pixels:
        *[discriminator_block(a, b, normalise="none") for a, b in between],  # (B, 4*base, 4, 4)
        MinibatchStd(),  # (B, 4*base + 1, 4, 4)
        nn.Flatten(),
        nn.Linear((widths[0] + 1) * size * size, hidden),  # (B, hidden)
        nn.LeakyReLU(0.2),
        nn.Linear(hidden, 1),  # (B, 1)
    )


class FallingR1(SharedFakes):
    """The usual game, with a weight of R1 that changes: a checkpoint keeps it."""

    def state_dict(self) -> dict:
        return {"gamma": self.gamma}

    def load_state_dict(self, state: dict) -> None:
        self.gamma = state["gamma"]


class Schedule:
    """A callback of `fit` that sets both rates and the weight of R1, at each logged step."""

    def __init__(self, recipe: Recipe, game: SharedFakes):
        self.recipe, self.game = recipe, game

    def __call__(self, gan: GAN, history: History) -> None:
        recipe, step = self.recipe, history.step[-1]
        begin, end = recipe.fall
        left = (end - step) / (end - begin)  # above 1 before the fall
        for optimiser in (gan.opt_g, gan.opt_d):
            optimiser.param_groups[0]["lr"] = recipe.rate * max(0.02, min(1.0, left))
        first, last = recipe.gamma
        self.game.gamma = first * (last / first) ** min(1.0, step / recipe.gamma_steps)


def falling_rates(gan: GAN, history: History, rate: float = 1e-3) -> None:
    """A callback of `fit`: in the second half of the training both rates fall, step by step, to a fiftieth."""
    share = max(0.02, min(1.0, 2 - 2 * history.step[-1] / history.total_steps))
    for optimiser in (gan.opt_g, gan.opt_d):
        optimiser.param_groups[0]["lr"] = share * rate


def tell(gan: GAN, history: History) -> None:
    """A callback of `fit`: twenty times in a training a line says how far it is."""
    parts = [20 * step // history.total_steps for step in history.step[-2:]]
    if parts[0] < parts[-1]:
        step, total, seconds = history.step[-1], history.total_steps, history.seconds[-1]
        print(f"step {step:,} of {total:,}, {seconds:.0f} s, {seconds * (total / step - 1):.0f} s to go", flush=True)


def refuse_half(history: History, run=None) -> None:
    """Raises RuntimeError after a training that was stopped: a card would tell of all its steps."""
    if history.stopped:
        on = "the same command goes on from there" if run else "the same command begins again"
        step, total = history.step[-1], history.total_steps
        raise RuntimeError(f"stopped at step {step:,} of {total:,}: no network is written, and {on}")


def train(generator: nn.Module, images: Tensor, recipe: Recipe, steps: int, callbacks: tuple = (), run=None) -> nn.Module:
    """The averaged generator, on the CPU, after `steps` rounds on images (N, 3, S, S), uint8; `run` as in `fit`."""
    latent_dim = generator.latent_dim
    critic = discriminator(recipe.image_size, recipe.base)
    players = InBfloat16(generator.to(device())), InBfloat16(critic.to(device()))
    gan = GAN.with_adam(*players, recipe.rate, ema=recipe.ema)
    game = FallingR1(lambda n: torch.randn(n, latent_dim, device=device()), gamma=recipe.gamma[0], every=recipe.every)
    history = fit(
        gan,
        images,
        game,
        steps=steps,
        batch_size=recipe.batch_size,
        log_every=100,
        callbacks=(Schedule(recipe, game), tell, *callbacks),
        run=run,
    )
    refuse_half(history, run)
    return gan.shown.network.cpu().to(memory_format=torch.contiguous_format)
