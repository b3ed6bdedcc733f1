"""Small worlds in the plane for the lesson on WGAN-GP, where the true distance of two distributions can be computed."""

import contextlib
from collections.abc import Callable

import torch
from torch import nn

from course_utils.batches import Drawn
from course_utils.callbacks import History
from course_utils.datasets import gaussians
from course_utils.game import Game
from course_utils.losses import interpolate
from course_utils.metrics import wasserstein_distance
from course_utils.training import GAN, Diverged, fit

OCTAGON = gaussians.ring(modes=8, radius=2.0, std=0.1)  # the data of the small games
BETAS = (0.0, 0.9)  # of Adam, without momentum, as WGAN-GP wants it: the opponent moves


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


def train_critic(
    step: Callable, draw_p: Callable, draw_q: Callable, steps: int, lr: float = 2e-3, batch: int = 256, **network
) -> nn.Module:
    """A fresh critic of the plane after ``steps`` calls of ``step(gan, real, z)`` on points of P (reals) and of Q.

    Q plays the generator: it is an identity, and its ``z`` are points of Q. The learning rate falls to 0 along a line.
    """
    critic = plane_network(**network)
    gan = GAN(nn.Identity(), critic, None, torch.optim.Adam(critic.parameters(), lr, BETAS, fused=True))
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
    return GAN.with_adam(generator, critic, (lr_g, lr_d), BETAS)


class PlaneWatch:
    """A callback of ``fit`` that measures a game in the plane on 1,000 new reals and fakes.

    ``step``, ``d_loss``, ``d_real``, ``d_fake`` (mean scores) and ``slope`` (the critic's mean slope between reals and
    fakes) get an entry a logged step, and where ``exact`` is not 0 also ``score_step`` and ``score``, the exact Wasserstein
    distance of so many points.
    """

    def __init__(self, draw: Callable[[int], torch.Tensor], exact: int = 0):
        self.draw, self.exact = draw, exact
        self.step, self.d_loss, self.d_real, self.d_fake, self.slope = [], [], [], [], []
        self.score_step, self.score = [], []

    def __call__(self, gan: GAN, history: History) -> None:
        self.look(gan, history.step[-1], history.d_loss[-1])

    def look(self, gan: GAN, step: int, d_loss: float) -> None:
        """Measure now, after this step, in which the critic had this loss."""
        real, fake = self.draw(1000), gan.generator(torch.randn(1000, 2)).detach()  # (1000, 2) each
        self.slope.append(slopes_between(gan.discriminator, real, fake).mean().item())
        self.step.append(step)
        self.d_loss.append(d_loss)
        self.d_real.append(gan.discriminator(real).mean().item())
        self.d_fake.append(gan.discriminator(fake).mean().item())
        if self.exact and fake.isfinite().all():
            self.score_step.append(step)
            self.score.append(wasserstein_distance(self.draw(self.exact), gan.generator(torch.randn(self.exact, 2))))

    def estimates(self) -> torch.Tensor:
        """The critic's estimate of the distance at the logged steps, with its slope brought to 1: (n,)."""
        return (torch.tensor(self.d_real) - torch.tensor(self.d_fake)) / torch.tensor(self.slope)


def play(
    gan: GAN,
    draw: Callable[[int], torch.Tensor],
    rounds: int,
    game: Game,
    batch: int = 128,
    log_every: int = 25,
    exact: int = 0,
) -> PlaneWatch:
    """Play a game on points that ``draw`` draws, and watch it every ``log_every`` rounds; ends early when it diverges."""
    watch = PlaneWatch(draw, exact)
    with contextlib.suppress(Diverged):
        fit(gan, Drawn(draw), game, steps=rounds, batch_size=batch, log_every=log_every, callbacks=(watch,))
    return watch


def noise(n: int) -> torch.Tensor:
    """What the generators of the plane start from: (n, 2)."""
    return torch.randn(n, 2)


def estimate_curve(history: History) -> dict[int, float]:
    """Of a critic's run: step -> mean D(x) - mean D(G(z)), as it was written down."""
    return {s: r - f for s, r, f in zip(history.step, history.d_real, history.d_fake, strict=True)}


def correlation(x, y) -> float:
    """Pearson's correlation of two equally long lists of numbers."""
    return torch.corrcoef(torch.stack([torch.as_tensor(x).double(), torch.as_tensor(y).double()]))[0, 1].item()
