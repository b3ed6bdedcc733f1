"""The six patients of the stability clinic, as they come in and cured, and the chart of each."""

import dataclasses
from functools import partial

import torch
from torch import nn
from torch.nn import functional as F

from course_utils.callbacks import generate
from course_utils.datasets import digits, to_float
from course_utils.game import Game
from course_utils.losses import discriminator_loss
from course_utils.models.dense import mlp
from course_utils.training import GAN, discriminator_step, fit, generator_step
from course_utils.widgets.gan_lab import GanLab
from course_utils.widgets.gan_lab.players import make_generator
from course_utils.widgets.gan_lab.settings import Settings


@dataclasses.dataclass
class Chart:
    """What is known of a patient: curves over ``step``, and what the generator makes in the end."""

    step: list[int]
    d_loss: list[float]
    g_loss: list[float]
    d_real: list[float]  # mean D(x) on real samples that the discriminator trains on
    d_fake: list[float]  # mean D(G(z))
    fakes: torch.Tensor  # points (N, 2), or images (N, 1, 28, 28)
    real: torch.Tensor  # as many real ones
    number: str  # what ``value`` is
    value: float  # lower is better
    floor: float  # what ``value`` is for a perfect generator
    d_held_out: list[float] | None = None  # mean D(x) on real samples that nobody trains on
    critic: bool = False  # logits, not a critic's scores: for ``plotting.draw_losses``


def examine(run: str, steps: int, cured: bool = False, seed: int = 0) -> Chart:
    """Train the patient called ``run``, as it came in or cured, and write its chart."""
    if run == "run D":
        return _digits_chart(steps, images=4000 if cured else 200, seed=seed)
    lab = GanLab(seed=seed, **(_CURED if cured else _SICK)[run]).run(steps)
    past = lab.game.history
    fakes, real = lab.game.fakes(300), lab.game.target.pool[:300]
    found = lab.measure()
    curves = [past.step, past.d_loss, past.g_loss, past.d_real, past.d_fake]
    return Chart(*curves, fakes, real, "JS divergence", found.js, found.js_floor)


def _step(optimiser: torch.optim.Optimizer, loss: torch.Tensor) -> torch.Tensor:
    optimiser.zero_grad()
    loss.backward()
    optimiser.step()
    return loss.detach()


def _step_left_out(gan: GAN, real: torch.Tensor, z: torch.Tensor) -> torch.Tensor:
    """The discriminator's step without ``gan.opt_d.step()``."""
    fake = gan.generator(z).detach()
    loss = discriminator_loss(gan.discriminator(real), gan.discriminator(fake))
    gan.opt_d.zero_grad()
    loss.backward()
    return loss.detach()


def _labels_swapped(gan: GAN, z: torch.Tensor) -> torch.Tensor:
    """The generator's step with the target 0 for its fakes: it helps the discriminator."""
    return _step(gan.opt_g, F.softplus(gan.discriminator(gan.generator(z))).mean())


def _ending_in(activation: type) -> nn.Module:
    return nn.Sequential(make_generator(Settings()), activation())


_SICK = {
    "run A": {"lr_d": 5e-2, "lr_g": 5e-2},
    "run B": {"data": "moons", "generator_step": _labels_swapped},
    "run C": {"lr_g": 5e-3},
    "run E": {"data": "spiral", "discriminator_step": _step_left_out},
    "run F": {"generator": partial(_ending_in, nn.Sigmoid)},
}
_CURED = {
    "run A": {"lr_d": 2e-3, "lr_g": 2e-3},
    "run B": {"data": "moons"},
    "run C": {},
    "run E": {"data": "spiral"},
    "run F": {"generator": partial(_ending_in, nn.Tanh)},
}


def _digits_chart(steps: int, images: int, seed: int) -> Chart:
    """The fully connected pair of the first lesson, trained on the first ``images`` digits."""
    torch.manual_seed(seed)
    gan = GAN.with_adam(mlp.Generator(), mlp.Discriminator(), ema=0.999)
    train, draw_z = digits.load("train").images[:images], partial(mlp.sample_noise, latent_dim=gan.generator.latent_dim)
    held_out = HeldOut(digits.load("test").images)
    game = Game(discriminator_step, generator_step, draw_z)
    past = fit(gan, train, game, steps=steps, log_every=25, callbacks=(held_out,))
    fakes, real = generate(gan.shown, draw_z(1000)), to_float(train[:32])
    gap = sum(past.d_real[-5:]) / 5 - sum(held_out.scores[-5:]) / 5
    curves = [past.step, past.d_loss, past.g_loss, past.d_real, past.d_fake]
    return Chart(*curves, fakes, real, "D(x), training minus held-out", gap, 0.0, held_out.scores)


class HeldOut:
    """A callback of ``fit`` that writes down the mean D(x) on images (N, C, H, W) that nobody trains on, in ``scores``."""

    def __init__(self, images: torch.Tensor, n: int = 500):
        self.images, self.scores = to_float(images[:n]), []

    @torch.no_grad()
    def __call__(self, gan: GAN, history) -> None:
        self.scores.append(torch.sigmoid(gan.discriminator(self.images.to(gan.device))).mean().item())
