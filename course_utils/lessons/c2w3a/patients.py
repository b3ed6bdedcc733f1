"""Five sick ways of growing from 8 to 16 pixels, and the healthy one, all from the same young networks."""

import copy
import dataclasses

import torch
from torch.nn import functional as F

from course_utils.callbacks import generate
from course_utils.datasets import to_float
from course_utils.lessons.c2w3a.arena import Judge
from course_utils.lessons.c2w3a.exercises import diagnose
from course_utils.metrics.sliced import laplacian_pyramid
from course_utils.models.growing.progressive import GrowingDiscriminator
from course_utils.steps.growing import GrowingGame, enlarged, put
from course_utils.training import GAN, fit

YOUNG, GROWN = 1, 2  # stages: 8 and 16 pixels


@dataclasses.dataclass
class Chart:
    """What is known of a run."""

    picture: float  # mean change of the generated pixels at the joint
    logit: float  # mean change of the logits of real images at the joint
    moved: float  # root mean square change of the new block's weights over the run
    details: tuple[float, float]  # of 16 pixels, as a share of the real ones': generator, average
    rounds: list[int]
    distance: list[float]  # Fréchet distance of the generator
    averaged: list[float]  # Fréchet distance of the averaged generator
    images: torch.Tensor  # (N, 3, 32, 32), from the averaged generator at the end, enlarged


class Squashed(torch.nn.Module):
    """A generator with a tanh that its first stages do not have."""

    def __init__(self, network):
        super().__init__()
        self.network = network

    def __getattr__(self, name):  # sizes, stage and the rest are the network's
        return super().__getattr__(name) if name in ("_modules", "network") else getattr(self.network, name)

    def forward(self, z):
        return self.network(z).tanh() if self.network.stage >= GROWN else self.network(z)


class Jumps(GrowingGame):
    def place(self, gan):
        return GROWN, 1.0


class Stuck(GrowingGame):
    def place(self, gan):
        return GROWN, float(self.done // self.rounds)  # a whole number: 0 until the last round is over


def grow(
    young: GAN, cause: str, images: torch.Tensor, judge: Judge, rounds: int, batch: int = 16, seed: int = 0
) -> Chart:
    """Let copies of trained networks of 8 pixels grow to 16, with one thing wrong (or with "healthy"), and write the chart."""
    count = min(300, len(judge.real) // 2)
    gan, z = copy.deepcopy(young), torch.randn(count, 64, generator=torch.Generator().manual_seed(seed))
    game = _game(cause, rounds)
    put(gan, YOUNG, 1.0)
    before = _looked_at(gan, judge, z)
    _spoil(gan, cause)
    stage, alpha = game.place(gan)
    _put(gan, cause, stage, alpha)
    after = _looked_at(gan, judge, z)
    new = gan.generator.blocks[GROWN - 1].state_dict()
    start = {name: weight.clone() for name, weight in new.items()}
    chart = Chart(*(float((a - b).abs().mean()) for a, b in zip(after, before, strict=True)), 0.0, (), [], [], [], None)
    torch.manual_seed(seed)
    for step in range(rounds + 1):
        if step in {0, rounds // 4, rounds // 2, 3 * rounds // 4, rounds}:
            _measure(gan, chart, step, judge, z)
        if step < rounds:
            _round(gan, game, cause, images, batch)
    squares = [(start[name] - weight).square().mean() for name, weight in new.items() if weight.dim() > 1]
    chart.moved = float(torch.stack(squares).mean().sqrt())
    real = _details(F.avg_pool2d(judge.real, 2))
    chart.details = tuple(_details(generate(network, z)) / real for network in (gan.generator, gan.shown))
    chart.images = enlarged(generate(gan.shown, z[:12]), 32)
    return chart


def _game(cause: str, rounds: int) -> GrowingGame:
    kind = {"alpha jumps to 1": Jumps, "alpha stays at 0": Stuck}.get(cause, Growth)
    return kind(lambda n: torch.randn(n, 64), rounds, (1.0,), gamma=0.1)


class Growth(GrowingGame):
    """One stage, from alpha 0 to 1 in the first half of the rounds."""

    def place(self, gan):
        return GROWN, min(1.0, 2 * self.done / self.rounds)


def _spoil(gan: GAN, cause: str) -> None:
    if cause.startswith("tanh"):
        gan.generator, gan.ema.module = Squashed(gan.generator), Squashed(gan.ema.module)
    if cause.startswith("new layers"):
        for group in gan.opt_g.param_groups:
            new = {
                id(p)
                for p in (*gan.generator.blocks[GROWN - 1].parameters(), *gan.generator.to_rgb[GROWN].parameters())
            }
            group["params"] = [p for p in group["params"] if id(p) not in new]


def _put(gan: GAN, cause: str, stage: int, alpha: float) -> None:
    put(gan, stage, alpha)
    if cause.startswith("average"):
        gan.shown.at(YOUNG)


def _round(gan: GAN, game: GrowingGame, cause: str, images: torch.Tensor, batch: int) -> None:
    game.round(gan, lambda: (to_float(images[torch.randint(len(images), (batch,))]),))
    _put(gan, cause, gan.generator.stage, gan.generator.alpha)
    gan.average()


@torch.no_grad()
def _looked_at(gan: GAN, judge: Judge, z: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Pictures of 16 pixels, and logits of real images of 16 pixels as the discriminator's stage sees them."""
    pictures = gan.generator(z[:100])  # (100, 3, h, h)
    reals = F.avg_pool2d(judge.real[:100], judge.real.shape[-1] // gan.discriminator.image_shape[-1])
    return F.interpolate(pictures, size=(16, 16)), gan.discriminator(reals)


def _measure(gan: GAN, chart: Chart, step: int, judge: Judge, z: torch.Tensor) -> None:
    chart.rounds.append(step)
    chart.distance.append(judge.distance(generate(gan.generator, z)))
    chart.averaged.append(judge.distance(generate(gan.shown, z)))


def _details(images: torch.Tensor) -> float:
    """The standard deviation of the details of 16 pixels."""
    return float(laplacian_pyramid(F.interpolate(images, size=(16, 16)), 2)[0].std())


def charts(young: GAN, images: torch.Tensor, judge: Judge, rounds: int, runs: tuple[str, ...]) -> dict[str, Chart]:
    """The charts of the healthy run and of those named."""
    causes = {"healthy": "healthy"} | {run: diagnose(run) for run in runs}
    return {name: grow(young, cause, images, judge, rounds) for name, cause in causes.items()}


class Young(GrowingGame):
    """8 pixels, all the time."""

    def place(self, gan):
        return YOUNG, 1.0


def young_pair(images: torch.Tensor, make_generator, rounds: int, batch: int = 16) -> GAN:
    """Two networks that were trained for some rounds at 8 pixels."""
    generator = make_generator()
    discriminator = GrowingDiscriminator((64, 48, 24, 12), 4)
    gan = GAN.with_adam(generator, discriminator, 1e-2, (0.0, 0.99), 0.98)
    game = Young(lambda n: torch.randn(n, 64), rounds, (1.0,), gamma=0.1)
    fit(gan, images, game, steps=rounds, batch_size=batch)
    return gan
