"""What is read off a game: numbers for the curves, and shapes for the picture."""

import dataclasses
import math

import torch

from course_utils.metrics import mode_statistics
from course_utils.widgets.gan_lab import losses, players
from course_utils.widgets.gan_lab.game import Game, one_thread
from course_utils.widgets.gan_lab.targets import REACH

SHOWN, ARROWS, SIDE = 300, 60, 64  # points drawn, arrows drawn, cells of the heat map along each axis
LONGEST = 0.3  # length of an arrow where the gradient is very large


@dataclasses.dataclass(frozen=True)
class Measures:
    """One line of numbers. ``d_real`` and ``d_fake`` are mean outputs of the discriminator at real points and at fakes:
    probabilities where the loss works on logits, else scores."""

    step: int
    d_loss: float
    g_loss: float
    d_real: float
    d_fake: float
    modes: int
    modes_total: int
    high_quality: float  # share of fakes within three standard deviations of a mode, 0 to 1
    js: float  # Jensen-Shannon divergence in nats, 0 to 0.693, see course_utils.metrics.HistogramJS
    js_floor: float  # what as many real points give

    def __str__(self) -> str:
        return (
            f"step {self.step}: {self.modes} of {self.modes_total} modes, {self.high_quality:.0%} high quality, "
            f"JS {self.js:.2f} (floor {self.js_floor:.2f}), D(x) {self.d_real:.2f}, D(G(z)) {self.d_fake:.2f}, "
            f"losses {self.d_loss:.2f} and {self.g_loss:.2f}"
        )


@one_thread()
def measure(game: Game) -> Measures:
    """Measure a game as it stands, on 2,000 fakes, and write it into its history. Raises ``Diverged``, ``LabError``.

    A mode counts as covered when it gets a twentieth of its share of the fakes, at least one (for the grid of 25 as in
    PacGAN, Lin et al., 2018).
    """
    d_loss, g_loss = game.mean_losses()
    fakes = game.fakes()
    real = real_points(game, len(fakes))
    with torch.no_grad(), game.evaluating():
        d_real, d_fake = (_mean_output(game, points) for points in (real, fakes))
    target = game.target
    total = len(target.modes.centres)
    modes = mode_statistics(target.modes, fakes, at_least=max(1, len(fakes) // (20 * total)))
    found = Measures(
        game.step, d_loss, g_loss, d_real, d_fake, modes.covered, total, modes.high_quality, target.js(fakes), target.js_floor
    )  # fmt: skip
    game.history.add(**dataclasses.asdict(found) | {"modes": modes.covered / total})
    return found


def real_points(game: Game, n: int) -> torch.Tensor:
    """The first n real points (n, 2) of the pool. Raises ``LabError`` where nothing is drawn yet."""
    if game.target is None:
        game._real()
    return game.target.pool[:n]


def _mean_output(game: Game, points: torch.Tensor) -> float:
    out = game.gan.discriminator(points)
    return (torch.sigmoid(out) if game.loss.output == "logit" else out).mean().item()


@dataclasses.dataclass(frozen=True)
class Picture:
    """The shapes of one picture, in the coordinates of the data."""

    heat: torch.Tensor  # (SIDE, SIDE), 0 "fake" to 1 "real", row by row from the lower left
    fakes: torch.Tensor  # (SHOWN, 2)
    real: torch.Tensor  # (SHOWN, 2), empty where nothing is drawn yet
    mesh: torch.Tensor  # (rows, columns, 2), the lattice of the noise pushed through the generator
    arrows: torch.Tensor  # (ARROWS, 4), from the first fakes (x, y) by (dx, dy), where the generator's loss falls


@one_thread()
def look(game: Game) -> Picture:
    """The picture of a game as it stands. Raises ``Diverged`` when the generator makes NaN."""
    fakes = game.fakes(SHOWN)
    real = torch.zeros(0, 2, dtype=torch.float32) if game.target is None else game.target.pool[:SHOWN]
    with game.evaluating():
        arrows = torch.zeros(0, 4, dtype=torch.float32) if game.target is None else _arrows(game, fakes[:ARROWS])
        with torch.no_grad():
            lattice = players.noise_lattice(game.settings)
            mesh = game.gan.generator(lattice.flatten(0, 1)).view(*lattice.shape[:2], 2)
            heat = _levels(game)
    return Picture(heat, fakes, real, mesh, arrows)


def grid_points() -> torch.Tensor:
    """The middles of the heat map's cells, (SIDE * SIDE, 2), row by row from the lower left."""
    side = (torch.arange(SIDE, dtype=torch.float32) + 0.5) * (2 * REACH / SIDE) - REACH
    y, x = torch.meshgrid(side, side, indexing="ij")
    return torch.stack([x.flatten(), y.flatten()], dim=1)


def _levels(game: Game) -> torch.Tensor:
    """The discriminator over the picture as 0 to 1, with 1/2 where it cannot tell: (SIDE, SIDE).

    For logits this is the probability D(x). Scores are centred at the value that means "cannot tell" (1/2 for least
    squares, 0 for hinge, half way between the means of reals and fakes for the others) and divided by half of their
    spread over the picture.
    """
    out = game.judge(grid_points()).view(SIDE, SIDE)
    if game.loss.output == "logit":
        return torch.sigmoid(out)
    middle = game.loss.middle
    if middle is None:
        real = real_points(game, SHOWN) if game.target else grid_points()
        middle = (game.judge(real).mean() + game.judge(game.fakes(SHOWN)).mean()) / 2
    return torch.sigmoid((out - middle) / (out.std() / 2 + 1e-8))


def _arrows(game: Game, fakes: torch.Tensor) -> torch.Tensor:
    """(N, 4): each fake, and the direction in which the generator's loss falls there.

    An arrow is ``LONGEST * g / (g + 1)`` long for a gradient of length g, taken of the fake's own loss (not of the mean),
    so that vanishing gradients show as vanishing arrows. With a generator_step of the learner's own the loss is not
    known; the arrows point to where the discriminator's output grows.
    """
    gradient = gradients(game, fakes)
    return torch.cat([fakes, -gradient * (LONGEST / (gradient.norm(dim=1, keepdim=True) + 1))], dim=1)


def gradients(game: Game, fakes: torch.Tensor) -> torch.Tensor:
    """How the generator's loss of each fake changes as that fake moves: (N, 2) for fakes (N, 2)."""
    name = "wasserstein" if "generator_step" in game.own else game.settings.loss
    fakes = fakes.detach().requires_grad_()
    with game.evaluating():
        loss = losses.generator_loss(game.gan.discriminator, fakes, real_points(game, len(fakes)), name)
    return torch.autograd.grad(loss * len(fakes), fakes)[0]


def slopes(game: Game, points: torch.Tensor) -> torch.Tensor:
    """How steep the discriminator's output (the logit, or the score) is at points (N, 2): (N,), per unit of length."""
    points = points.detach().requires_grad_()
    with game.evaluating():
        (gradient,) = torch.autograd.grad(game.judge(points).sum(), points)
    return gradient.norm(dim=1)


def finite(value: float) -> float | None:
    """A number as JSON can hold it."""
    return value if math.isfinite(value) else None
