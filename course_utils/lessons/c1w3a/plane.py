"""Small worlds in the plane for the lesson on WGAN-GP, where the true distance of two distributions can be computed."""

import dataclasses
import time
from collections.abc import Callable

import torch
from torch import nn

from course_utils.datasets import gaussians
from course_utils.losses import interpolate
from course_utils.metrics import wasserstein_distance
from course_utils.training import GAN, History

OCTAGON = gaussians.ring(modes=8, radius=2.0, std=0.1)  # the data of the small games


def blob(std: float, x: float = 0.0, y: float = 0.0) -> Callable[[int], torch.Tensor]:
    """A function that draws n points (n, 2) from a round Gaussian around (x, y)."""
    return lambda n: torch.tensor([x, y]) + std * torch.randn(n, 2)


def pairs() -> dict[str, tuple[Callable, Callable]]:
    """Pairs of distributions in the plane, each as two functions n -> points (n, 2): shifted, scaled, and of another shape."""
    shifts = {f"shifted by {x}": (blob(0.5), blob(0.5, x)) for x in (0.5, 1.0, 2.0, 3.0)}
    scaled = {f"{k} times as wide": (blob(0.25), blob(0.25 * k)) for k in (3, 5)}
    small_ring = gaussians.ring(modes=8, radius=1.0, std=0.1)
    return {
        **shifts,
        **scaled,
        "ring and small ring": (OCTAGON.sample, small_ring.sample),
        "ring and wide blob": (OCTAGON.sample, blob(0.7)),
        "ring and blob": (OCTAGON.sample, blob(0.2)),
        "ring and blob beside it": (OCTAGON.sample, blob(0.2, 2.0)),
    }


def plane_network(inputs: int = 2, outputs: int = 1, width: int = 64, batch_norm: bool = False) -> nn.Sequential:
    """Two hidden layers with LeakyReLU: (B, inputs) to (B, outputs). ``batch_norm`` adds what must not be there."""

    def hidden(a: int, b: int) -> list[nn.Module]:
        return [nn.Linear(a, b), *([nn.BatchNorm1d(b)] if batch_norm else []), nn.LeakyReLU(0.2)]

    return nn.Sequential(*hidden(inputs, width), *hidden(width, width), nn.Linear(width, outputs))


def adam(network: nn.Module, lr: float) -> torch.optim.Optimizer:
    """Adam without momentum, as WGAN-GP wants it: the opponent moves."""
    return torch.optim.Adam(network.parameters(), lr, (0.0, 0.9), fused=True)


def train_critic(
    step: Callable, draw_p: Callable, draw_q: Callable, steps: int, lr: float = 2e-3, batch: int = 256, **network
) -> nn.Module:
    """A fresh critic of the plane after ``steps`` calls of ``step(gan, real, z)`` on points of P (reals) and of Q.

    Q plays the generator: it is an identity, and its ``z`` are points of Q. The learning rate falls to 0 along a line.
    """
    critic = plane_network(**network)
    gan = GAN(nn.Identity(), critic, None, adam(critic, lr))
    for k in range(steps):
        gan.opt_d.param_groups[0]["lr"] = lr * (1 - k / steps)
        step(gan, draw_p(batch), draw_q(batch))
    return critic


@torch.no_grad()
def estimate(critic: nn.Module, real: torch.Tensor, fake: torch.Tensor) -> float:
    """What the critic says of the distance: mean D(x) - mean D(G(z)), in its own units."""
    return (critic(real).mean() - critic(fake).mean()).item()


def slopes(critic: nn.Module, points: torch.Tensor) -> torch.Tensor:
    """|grad D| at points (N, ...), each for itself: (N,)."""
    points = points.detach().requires_grad_()
    (gradient,) = torch.autograd.grad(critic(points).sum(), points)
    return gradient.flatten(1).norm(dim=1)


def slopes_between(critic: nn.Module, real: torch.Tensor, fake: torch.Tensor) -> torch.Tensor:
    """|grad D| at random points between reals and fakes (N, ...), where the penalty looks: (N,)."""
    return slopes(critic, interpolate(real, fake))


def exact_distance(draw_p: Callable, draw_q: Callable, n: int = 1000) -> float:
    """The exact Wasserstein-1 distance of n points of P and n of Q."""
    return wasserstein_distance(draw_p(n), draw_q(n))


def plane_gan(lr_d: float = 1e-3, lr_g: float = 1e-3, seed: int = 0, **network) -> GAN:
    """A generator (B, 2) -> (B, 2) and a critic (B, 2) -> (B, 1) with their optimisers, from a seed."""
    torch.manual_seed(seed)
    generator, critic = plane_network(outputs=2), plane_network(**network)
    return GAN(generator, critic, adam(generator, lr_g), adam(critic, lr_d))


@dataclasses.dataclass
class PlaneHistory(History):
    """A game in the plane; ``score`` is the exact distance, ``slope`` the mean slope between reals and fakes."""

    slope: list[float] = dataclasses.field(default_factory=list)

    def estimates(self) -> torch.Tensor:
        """The critic's estimate of the distance at the logged steps, with its slope brought to 1: (n,)."""
        return (torch.tensor(self.d_real) - torch.tensor(self.d_fake)) / torch.tensor(self.slope)


def play(
    gan: GAN,
    draw: Callable[[int], torch.Tensor],
    rounds: int,
    critic_step: Callable,
    generator_step: Callable,
    critic_steps: int = 5,
    batch: int = 128,
    log_every: int = 25,
    exact: int = 0,
    head_start: int = 0,
) -> PlaneHistory:
    """A game in the plane: ``critic_steps`` steps of the critic, then one of the generator, ``rounds`` times.

    Every ``log_every`` rounds the history gets both losses, the mean scores of 1,000 reals and fakes, the critic's slope
    between them and, where ``exact`` is not 0, the exact Wasserstein distance of so many points (as ``score``). The
    critic has ``head_start`` steps before the game begins. Ends early when a loss is not finite.
    """
    history = PlaneHistory(total_steps=rounds, batch_size=batch, critic=True)
    began = time.perf_counter()
    for _ in range(head_start):
        critic_step(gan, draw(batch), torch.randn(batch, 2))
    for k in range(rounds):
        for _ in range(critic_steps):
            d_loss = critic_step(gan, draw(batch), torch.randn(batch, 2))
        g_loss = generator_step(gan, torch.randn(batch, 2))
        if not (torch.isfinite(torch.as_tensor(d_loss)) and torch.isfinite(torch.as_tensor(g_loss))):
            break
        if k % log_every == 0 or k == rounds - 1:
            _log(history, gan, draw, k + 1, float(d_loss), float(g_loss), exact)
            history.seconds.append(time.perf_counter() - began)
    return history


def _log(history: PlaneHistory, gan: GAN, draw: Callable, step: int, d_loss: float, g_loss: float, exact: int) -> None:
    real, fake = draw(1000), gan.generator(torch.randn(1000, 2)).detach()
    history.slope.append(slopes_between(gan.discriminator, real, fake).mean().item())
    history.step.append(step)
    history.d_loss.append(d_loss)
    history.g_loss.append(g_loss)
    history.d_real.append(gan.discriminator(real).mean().item())
    history.d_fake.append(gan.discriminator(fake).mean().item())
    if exact and fake.isfinite().all():
        history.score_step.append(step)
        history.score.append(wasserstein_distance(draw(exact), gan.generator(torch.randn(exact, 2))))


def estimate_curve(history: History) -> dict[int, float]:
    """Of a critic's run: step -> mean D(x) - mean D(G(z)), as it was written down."""
    return {s: r - f for s, r, f in zip(history.step, history.d_real, history.d_fake, strict=True)}


def correlation(x, y) -> float:
    """Pearson's correlation of two equally long lists of numbers."""
    return torch.corrcoef(torch.stack([torch.as_tensor(x).double(), torch.as_tensor(y).double()]))[0, 1].item()
