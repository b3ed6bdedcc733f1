"""CycleGAN: two translators that undo each other, two discriminators, and their two steps (Zhu et al., 2017)."""

import dataclasses
from collections.abc import Callable
from typing import ClassVar, NamedTuple

import torch
import torch.nn.functional as F
from torch import nn

from course_utils.game import Game
from course_utils.steps.image_pool import ImagePool
from course_utils.steps.shared_fakes import frozen
from course_utils.training import EMA, Players


@dataclasses.dataclass
class Translators(Players):
    """Two generators and two discriminators: ``g_ab`` makes images of B from images of A, ``d_b`` judges them."""

    g_ab: nn.Module
    g_ba: nn.Module
    d_a: nn.Module
    d_b: nn.Module
    opt_g: torch.optim.Optimizer  # holds the parameters of both generators
    opt_d: torch.optim.Optimizer  # holds the parameters of both discriminators
    ema_ab: EMA | None = None
    ema_ba: EMA | None = None

    AVERAGED: ClassVar[dict[str, str]] = {"ema_ab": "g_ab", "ema_ba": "g_ba"}

    @classmethod
    def with_adam(
        cls,
        generators: tuple[nn.Module, nn.Module],
        discriminators: tuple[nn.Module, nn.Module],
        lr: float | tuple[float, float] = 2e-4,
        ema: float | None = None,
    ) -> "Translators":
        """An Adam for both generators and one for both discriminators, each with betas (0.5, 0.999).

        ``lr`` is one rate, or that of the generators and that of the discriminators; ``ema`` the decay of averages of both
        generators.
        """
        rates = lr if isinstance(lr, tuple) else (lr, lr)
        optimisers = (
            torch.optim.Adam([p for n in pair for p in n.parameters()], rate, (0.5, 0.999), fused=True)
            for pair, rate in zip((generators, discriminators), rates, strict=True)
        )
        averages = [None if ema is None else EMA(generator, ema) for generator in generators]
        return cls(*generators, *discriminators, *optimisers, *averages)

    def translators(self) -> tuple[nn.Module, nn.Module]:
        """From A to B, and back: averaged where there are averages."""
        return self.shown["g_ab"], self.shown["g_ba"]


class Turn(NamedTuple):
    """What a step of the generators made, and what it cost: all of it without a graph."""

    fake_a: torch.Tensor  # (B, C, H, W), made of b
    fake_b: torch.Tensor  # (B, C, H, W), made of a
    adversarial: torch.Tensor  # a scalar each: the sum over both directions, without weights
    cycle: torch.Tensor
    identity: torch.Tensor


def adversarial_loss(scores: torch.Tensor, real: bool) -> torch.Tensor:
    """Least squares: the mean of (score - 1)^2 where the images should be ``real``, of score^2 where not.

    Takes scores of any shape, one for each patch; returns a scalar. It is 0.25 when every score is 0.5, that is when the
    discriminator cannot tell reals from fakes (Mao et al., "Least Squares Generative Adversarial Networks", 2017).
    """
    target = 1.0 if real else 0.0
    return (scores - target).square().mean()


def round_trip(
    there: nn.Module, back: nn.Module, images: torch.Tensor, noise: float = 0.0
) -> tuple[torch.Tensor, torch.Tensor]:
    """Translate images (B, C, H, W) with ``there``, and what comes out with ``back``. Each of the two is called once.

    With ``noise`` above 0, ``back`` gets the translation plus normal noise of this standard deviation, new for every number;
    with 0 nothing is drawn. Returns the translation (B, C, H, W) itself, without noise, and the cycle loss: the mean absolute
    difference between the images and what came back, a scalar. Both keep their graphs, and the gradient of the loss
    reaches both networks. Raises ValueError for ``noise`` below 0.
    """
    # BEGIN SOLUTION
    if noise < 0:
        raise ValueError(f"noise: expected a standard deviation, 0 or more, got {noise}")
    fake = there(images)  # (B, C, H, W)
    sent = fake + noise * torch.randn_like(fake) if noise else fake
    return fake, F.l1_loss(back(sent), images)
    # END SOLUTION


def generators_step(
    gan: Translators,
    a: torch.Tensor,
    b: torch.Tensor,
    cycle_weight: float = 10.0,
    identity_weight: float = 5.0,
    noise: float = 0.0,
) -> Turn:
    """Let both generators make images that are taken for real, and that the other one can undo (Zhu et al., 2017).

    ``a`` and ``b`` (B, C, H, W) are real images of the two domains, which do not belong together. Three parts, each the sum
    over both directions:

    - adversarial: ``d_b`` should take ``g_ab(a)`` for real, and ``d_a`` should take ``g_ba(b)``;
    - cycle: a, translated to B and back, should be a again, and b likewise, with ``noise`` on the way back;
    - identity: ``g_ab`` should leave b as it is, and ``g_ba`` should leave a, in mean absolute difference. With
      ``identity_weight=0`` it is not computed, and is 0 in the result, a number or a tensor.

    The loss is adversarial + ``cycle_weight`` * cycle + ``identity_weight`` * identity. One ``backward()`` and one step of
    ``opt_g``. Changes the generators only; the gradient passes through the discriminators, whose weights stay as they are,
    gather no gradients, and can learn afterwards as before, also when this raises. Gradients of the generators that were
    there before do not matter. Returns ``Turn(fake_a, fake_b, adversarial, cycle, identity)``, each part detached and without
    its weight: ``fake_a`` was made of b, ``fake_b`` of a.
    """
    # BEGIN SOLUTION
    with frozen(nn.ModuleList([gan.d_a, gan.d_b])):  # no gradients of weights that are not changed here
        fake_b, cycle_a = round_trip(gan.g_ab, gan.g_ba, a, noise)
        fake_a, cycle_b = round_trip(gan.g_ba, gan.g_ab, b, noise)
        adversarial = adversarial_loss(gan.d_b(fake_b), real=True) + adversarial_loss(gan.d_a(fake_a), real=True)
        cycle = cycle_a + cycle_b
        identity = torch.zeros_like(cycle)
        if identity_weight:
            identity = F.l1_loss(gan.g_ab(b), b) + F.l1_loss(gan.g_ba(a), a)
        gan.opt_g.zero_grad()
        (adversarial + cycle_weight * cycle + identity_weight * identity).backward()
        gan.opt_g.step()
    return Turn(*(part.detach() for part in (fake_a, fake_b, adversarial, cycle, identity)))
    # END SOLUTION


def discriminators_step(
    gan: Translators, a: torch.Tensor, b: torch.Tensor, fake_a: torch.Tensor, fake_b: torch.Tensor
) -> torch.Tensor:
    """Let each discriminator tell real images of its domain from fakes.

    ``d_a`` judges ``a`` against ``fake_a``, ``d_b`` judges ``b`` against ``fake_b``, all (B, C, H, W). The loss of one
    discriminator is **half** the sum of its least-squares losses for reals and for fakes, so that it is 0.25 when it cannot
    tell; the losses of both are added, and ``opt_d`` is stepped once. Changes the discriminators only: no gradient reaches a
    generator, even when the fakes come with their graph. Gradients that were there before do not matter. Returns the loss, a
    tensor () without a graph.
    """
    # BEGIN SOLUTION
    loss = 0.0
    for judge, real, fake in ((gan.d_a, a, fake_a), (gan.d_b, b, fake_b)):
        of_reals = adversarial_loss(judge(real), real=True)
        of_fakes = adversarial_loss(judge(fake.detach()), real=False)
        loss = loss + (of_reals + of_fakes) / 2
    gan.opt_d.zero_grad()
    loss.backward()
    gan.opt_d.step()
    return loss.detach()
    # END SOLUTION


class CycleGame(Game):
    """The game of CycleGAN for ``training.fit`` on ``Unpaired(a, b)``: the generators' step, then the discriminators'.

    The discriminators see the fakes of the same round through two pools, of ``pool_size`` images each, made by ``pool``. A
    history holds the loss of one discriminator and the adversarial loss of one generator, mean over both directions, so
    that 0.25 stands for both when nobody can tell; and mean scores as they are (of B: reals, and fakes made of A). What the
    step of the generators returned is kept in ``turns`` every ``every`` rounds, as (round, adversarial, cycle, identity).
    With ``rounds`` both learning rates fall to 0 over the second half of so many rounds.
    """

    def __init__(
        self,
        generators_step: Callable = generators_step,
        discriminators_step: Callable = discriminators_step,
        pool: Callable = ImagePool,
        pool_size: int = 50,
        every: int = 10,
        rounds: int | None = None,
        **weights: float,
    ):
        super().__init__(discriminators_step, generators_step, critic=True)
        self.pools, self.weights, self.every = (pool(pool_size), pool(pool_size)), weights, every
        self.rounds, self.rates, self.done, self.turns = rounds, {}, 0, []

    def round(self, gan: Translators, draw):
        self._decay(gan)
        a, b = draw()
        turn = self.generator_step(gan, a, b, **self.weights)
        shown = [pool(fakes) for pool, fakes in zip(self.pools, (turn.fake_a, turn.fake_b), strict=True)]
        loss = self.discriminator_step(gan, a, b, *shown)
        if self.done % self.every == 0:
            self.turns.append((self.done, *(float(part) for part in turn[2:])))
        self.done += 1
        return loss / 2, turn.adversarial / 2

    def _decay(self, gan: Translators) -> None:
        """Both rates: as they were in the first half of the rounds, then down to 0 in a straight line."""
        if self.rounds is None:
            return
        for name in ("opt_g", "opt_d"):
            group = getattr(gan, name).param_groups[0]
            start = self.rates.setdefault(name, group["lr"])
            group["lr"] = start * min(1.0, 2 * (1 - self.done / self.rounds))

    def fakes(self, gan: Translators, fixed):
        """The first eight images of A, and what is made of them."""
        a = fixed.batch[0][:8]
        return torch.cat([a, gan.translators()[0](a)])

    def scores(self, gan: Translators, fixed):
        """Mean scores (N, 1) of reals of B, and of fakes made of A."""
        a, b = fixed.batch
        fakes = gan.translators()[0](a)
        return tuple(gan.d_b(images).flatten(1).mean(dim=1, keepdim=True) for images in (b, fakes))

    def check(self, width: int) -> None:
        """Raises ValueError unless a batch holds two sets."""
        if width != 2:
            raise ValueError(f"data: expected two sets, Unpaired(a, b), got {width}")

    def state_dict(self) -> dict:
        return {
            "done": self.done,
            "rates": self.rates,
            "turns": self.turns,
            "pools": [list(pool.images) for pool in self.pools],
        }

    def load_state_dict(self, state: dict) -> None:
        self.done, self.rates, self.turns = state["done"], dict(state["rates"]), list(state["turns"])
        for pool, images in zip(self.pools, state["pools"], strict=True):
            pool.images = list(images)
