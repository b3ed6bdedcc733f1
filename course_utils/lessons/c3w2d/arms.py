"""The hole, the people, and the ways to fill it that are compared."""

from typing import NamedTuple

import torch
from torch import Tensor, nn

from course_utils.checkpoints.portraits_classifier import OUTPUTS, probabilities
from course_utils.datasets import portraits, to_float
from course_utils.inpainting_losses import context_loss
from course_utils.metrics.inpainting import seam_ratio
from course_utils.metrics.psnr import psnr
from course_utils.models.inpainting import Inpainter, JointCritic, LinearFill, ResidualCritic, complete
from course_utils.training import EMA, GAN

SIDE = 32
TOP, BOTTOM, LEFT, RIGHT = 11, 20, 5, 26  # the band of the eyes, which holds all that glasses change
CORRELATION = {("glasses", "hat"): 0.5}
NOISE = 16
WINDOW = (16, 24)  # of the second critic: the band of 9 x 21, and what is known around it
GLASSES = OUTPUTS.index("glasses")


class People(NamedTuple):
    """Portraits in [-1, 1], and who wears what."""

    images: Tensor  # (N, 3, 32, 32)
    glasses: Tensor  # (N,), bool
    hat: Tensor  # (N,), bool


class Settings(NamedTuple):
    """What the arms share."""

    steps: int  # of the mean fill
    rounds: int  # of the game
    batch_size: int = 32  # of the game
    rates: tuple[float, float] = (1e-3, 3e-3)  # of the inpainter and of the critic
    weight: float = 30.0
    gamma: float = 0.02


def people(n: int, seed: int) -> People:
    """Drawn portraits in which hats and glasses go together more often than by chance."""
    drawn = portraits.draw(n, seed, CORRELATION, size=SIDE)
    return People(to_float(drawn.images), drawn.column("glasses") > 0.5, drawn.column("hat") > 0.5)


def band(columns: int = RIGHT - LEFT) -> Tensor:
    """The hole: the band of the eyes, (1, 1, 32, 32), or so many of its columns, from its middle."""
    mask = torch.zeros(1, 1, SIDE, SIDE)
    left = LEFT + (RIGHT - LEFT - columns) // 2
    mask[:, :, TOP:BOTTOM, left : left + columns] = 1
    return mask


def some_holes(n: int) -> Tensor:
    """Holes to train with: every second one is the whole band, the others have fewer columns, anywhere in it."""
    whole = torch.rand(n, 1) < 0.5
    columns = torch.where(whole, RIGHT - LEFT, torch.randint(3, RIGHT - LEFT, (n, 1)))
    left = LEFT + (torch.rand(n, 1) * (RIGHT - LEFT + 1 - columns)).long()
    x = torch.arange(SIDE)
    inside = (x >= left) & (x < left + columns)  # (n, 32)
    return band() * inside[:, None, None, :].float()


def drawn_from(images: Tensor, n: int) -> Tensor:
    return images[torch.randint(len(images), (n,))]


def left_of_the_rate(step: int, steps: int) -> float:
    """The share of a learning rate that is used at a step: all of it in the first half, then it falls to 0."""
    return min(1.0, 2 * (1 - step / steps))


def train_mean(
    start: LinearFill, images: Tensor, settings: Settings, seed: int, fill=complete, batch_size: int = 128
) -> nn.Module:
    """The averaged inpainter without noise that minimises the squared error in the hole.

    Its batches are larger than those of the game: with few pictures a step it hardly leaves its start.
    """
    torch.manual_seed(seed)
    network = Inpainter(start, noise=0)
    average = EMA(network, 0.98)
    optimiser = torch.optim.Adam(network.parameters(), settings.rates[0], betas=(0.9, 0.99), fused=True)
    for step in range(settings.steps):
        optimiser.param_groups[0]["lr"] = settings.rates[0] * left_of_the_rate(step, settings.steps)
        real, masks = drawn_from(images, batch_size), some_holes(batch_size)
        filled = fill(network, real, masks, torch.zeros(len(real), 0))
        loss = context_loss(filled, filled, real, masks)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        average.update(network)
    return average.module


def critics(start: LinearFill, crop=None) -> nn.Module:
    """One critic of whole pictures; with ``crop`` a second one beside it, of the windows that it cuts.

    The second one's weights are drawn aside: runs with and without it have the same start and the same draws.
    """
    first = ResidualCritic(start)
    if crop is None:
        return first
    with torch.random.fork_rng(devices=[]):
        return JointCritic(first, crop, WINDOW)


def train_game(
    start: LinearFill, images: Tensor, play, settings: Settings, seed: int, same_noise: bool = False, crop=None
):
    """The averaged inpainter after rounds of the game, and its losses (rounds, 3).

    With ``same_noise`` both fills of a round are made with the same noise, so that each is held against the truth by itself.
    With ``crop`` there are two critics, as `critics` says.
    """
    torch.manual_seed(seed)
    gan = GAN.with_adam(Inpainter(start, NOISE), critics(start, crop), settings.rates, (0.5, 0.99), ema=0.98)
    losses = []
    for step in range(settings.rounds):
        left = left_of_the_rate(step, settings.rounds)
        for optimiser, rate in zip((gan.opt_g, gan.opt_d), settings.rates, strict=True):
            optimiser.param_groups[0]["lr"] = rate * left
        real, masks = drawn_from(images, settings.batch_size), some_holes(settings.batch_size)
        z, other_z = torch.randn(2, len(real), NOISE)
        losses.append(play(gan, real, masks, z, z if same_noise else other_z, settings.weight, settings.gamma))
        gan.ema.update(gan.generator)
    return gan.shown, torch.tensor(losses)


@torch.no_grad()
def fills(network: nn.Module, images: Tensor, mask: Tensor, count: int, seed: int = 0) -> Tensor:
    """So many composed pictures of each hole: (count, N, 3, 32, 32)."""
    generator = torch.Generator().manual_seed(seed)
    masks = mask.expand(len(images), -1, -1, -1)
    return torch.stack([complete(network, images, masks, torch.randn(len(images), network.noise, generator=generator))
                        for _ in range(count)])  # fmt: skip


def with_glasses(pictures: Tensor) -> Tensor:
    """What the judge sees in pictures (..., 3, 32, 32): True where glasses are likelier than not, (...)."""
    return (probabilities(pictures.flatten(0, -4))[:, GLASSES] > 0.5).view(pictures.shape[:-3])


def agreement(seen: Tensor) -> float:
    """The share of pairs of fills of one hole that agree about glasses, from (count, N), count at least 2."""
    n, yes = len(seen), seen.sum(dim=0)
    return ((yes * (yes - 1) + (n - yes) * (n - yes - 1)).double().mean() / (n * (n - 1))).item()


def truth() -> tuple[float, float]:
    """P(glasses | no hat) and P(glasses | hat), from 200,000 rows of the table without a picture."""
    rows, _ = portraits.sample(200_000, 99, CORRELATION)
    glasses, hat = (rows[:, portraits.NAMES.index(name)] > 0.5 for name in ("glasses", "hat"))
    return glasses[~hat].double().mean().item(), glasses[hat].double().mean().item()


class Measured(NamedTuple):
    """What is counted of some fills of each hole."""

    one: float  # decibels in the hole, of the first fill
    mean: float  # of the mean of all fills
    seam: float  # steps across the border, over those of real pictures
    bare: float  # share of fills with glasses, without a hat
    hatted: float  # with a hat
    agree: float  # pairs of fills of one hole that show the same; 1 where there is one fill
    undecided: float  # share of fills of which the judge is neither way 90 % sure


@torch.no_grad()
def measure(pictures: Tensor, test: People, mask: Tensor) -> Measured:
    """The numbers of fills (count, N, 3, 32, 32) of the test people."""
    masks = mask.expand(len(test.images), -1, -1, -1)
    sure = probabilities(pictures.flatten(0, 1))[:, GLASSES].view(pictures.shape[:2])  # (count, N)
    seen = sure > 0.5
    return Measured(
        psnr(pictures[0], test.images, masks[:, 0]),
        psnr(pictures.mean(dim=0), test.images, masks[:, 0]),
        seam_ratio(pictures[0], test.images, masks),
        seen[:, ~test.hat].double().mean().item(),
        seen[:, test.hat].double().mean().item(),
        agreement(seen) if len(seen) > 1 else 1.0,
        ((sure > 0.1) & (sure < 0.9)).double().mean().item(),
    )
