"""What watches a training: the history, the scores on fixed inputs, the callbacks, and images on demand."""

import contextlib
import dataclasses
import math
import time
from collections.abc import Callable

import torch
from torch import nn

from course_utils.batches import in_turn
from course_utils.runtime import chance_kept


@dataclasses.dataclass
class History:
    """What a run looked like: one entry a logged step.

    ``d_real`` and ``d_fake`` are mean probabilities of "real", or, where ``critic``, mean scores: the difference of
    the two is then the critic's estimate of a distance, and each alone means nothing.
    """

    step: list[int] = dataclasses.field(default_factory=list)
    seconds: list[float] = dataclasses.field(default_factory=list)
    d_loss: list[float] = dataclasses.field(default_factory=list)
    g_loss: list[float] = dataclasses.field(default_factory=list)
    d_real: list[float] = dataclasses.field(default_factory=list)
    d_fake: list[float] = dataclasses.field(default_factory=list)
    score_step: list[int] = dataclasses.field(default_factory=list)  # where the score was measured
    score: list[float] = dataclasses.field(default_factory=list)  # Frechet distance
    snapshots: list[torch.Tensor] = dataclasses.field(default_factory=list)  # (16, C, H, W), fixed noise (and labels)
    snapshot_step: list[int] = dataclasses.field(default_factory=list)
    total_steps: int = 0
    batch_size: int = 0  # reals that are looked at in a round
    critic: bool = False  # the discriminator gives scores (Wasserstein), not logits
    stopped: bool = False  # by the stop button
    stop_requested: bool = False  # set it, from a callback or another thread, to end training after the present step

    def columns(self) -> dict:
        """All of it but the pictures and what is of the moment, as plain values."""
        columns = {f.name: getattr(self, f.name) for f in dataclasses.fields(self)}
        del columns["snapshots"], columns["stop_requested"]
        return columns


@dataclasses.dataclass(frozen=True)
class Fixed:
    """What a game is looked at with, the same at every logged step."""

    batch: tuple[torch.Tensor, ...]  # a batch of the data, (128, ...) each
    z: torch.Tensor | None  # (128, latent_dim), of a game that draws z
    asked: tuple[torch.Tensor, ...] = ()  # what fakes are asked for: labels (128,), say; all of the batch but its first

    def first(self, n: int) -> "Fixed":
        """The first ``n`` of everything."""
        z = None if self.z is None else self.z[:n]
        return Fixed(tuple(x[:n] for x in self.batch), z, tuple(x[:n] for x in self.asked))


class Watch:
    """Writes into a history: losses, mean scores on fixed inputs, pictures made of fixed inputs.

    ``game.scores`` and ``game.fakes`` say what is looked at. Looking changes nothing.
    """

    def __init__(self, gan, data, game, history: History):
        self.gan, self.game, self.history = gan, game, history
        with chance_kept():
            torch.manual_seed(0)
            z = game.draw_z(128) if game.draw_z else None
            batch = data.draw(128, gan.device)
        self.fixed = Fixed(batch, z, data.asked(128, batch))
        self.began = time.perf_counter() - (history.seconds[-1] if history.seconds else 0.0)

    @torch.no_grad()
    def log(self, step: int, d_loss: float, g_loss: float) -> None:
        """Add an entry for ``step``, and a picture when one is due."""
        history, gan, game = self.history, self.gan, self.game
        history.step.append(step)
        history.seconds.append(time.perf_counter() - self.began)
        history.d_loss.append(d_loss)
        history.g_loss.append(g_loss)
        read = torch.Tensor.float if history.critic else torch.sigmoid
        with as_they_were(gan.networks().values()):
            real, fake = game.scores(gan, self.fixed)  # (128, 1) each
            history.d_real.append(read(real).mean().item())
            history.d_fake.append(read(fake).mean().item())
            if picture_due(history, step):
                history.snapshots.append(game.fakes(gan, self.fixed.first(16)).cpu())
                history.snapshot_step.append(step)


def picture_due(history: History, step: int) -> bool:
    """Is it time for a picture? Often at first, then every eighth of the run, and where the run ends or is stopped."""
    if not history.snapshot_step or history.stop_requested or step == history.total_steps:
        return True
    last = history.snapshot_step[-1]
    return step >= min(1.4 * last, last + history.total_steps / 8)


@contextlib.contextmanager
def as_they_were(modules):
    """Looking at modules changes nothing: running statistics, power iterations and the random generator come back."""
    buffers = [(buffer, buffer.clone()) for module in modules for buffer in module.buffers()]
    try:
        with chance_kept():
            yield
    finally:
        for buffer, before in buffers:
            buffer.copy_(before)


class Score:
    """A callback that measures ``distance(images)`` of ``n`` generated images about every ``every`` seconds.

    A conditional generator is asked for these images with ``labels`` (M,), one after the other and then from the start.
    """

    def __init__(
        self,
        distance: Callable,
        draw_z: Callable[[int], torch.Tensor],
        n: int = 1000,
        every: float = 8.0,
        labels: torch.Tensor | None = None,
    ):
        self.distance, self.every, self.last = distance, every, -math.inf
        self.labels = None if labels is None else in_turn(labels, n)  # (n,)
        with chance_kept():
            torch.manual_seed(1)
            self.z = draw_z(n)

    def __call__(self, gan, history: History) -> None:
        finished = history.stop_requested or history.step[-1] == history.total_steps
        if history.seconds[-1] - self.last < self.every and not finished:
            return
        self.last = history.seconds[-1]
        with chance_kept():  # a generator may draw noise, and measuring changes nothing
            torch.manual_seed(2)
            history.score.append(float(self.distance(generate(gan.shown, self.z, self.labels))))
        history.score_step.append(history.step[-1])


@torch.no_grad()
def generate(
    generator: nn.Module, z: torch.Tensor, labels: torch.Tensor | None = None, batch_size: int = 100
) -> torch.Tensor:
    """Images for every row of ``z``, in evaluation mode and in batches, on the CPU: (N, C, H, W) in [-1, 1].

    A conditional generator is called as ``generator(z, labels)``, with ``labels`` (N,). Raises ValueError for another
    number of labels than of latent vectors.
    """
    batch_size = int(batch_size)
    given = (z,) if labels is None else (z, labels.to(z.device))
    if labels is not None and len(labels) != len(z):
        raise ValueError(f"labels: expected one for each of the {len(z)} latent vectors, got {len(labels)}")
    modes = [(module, module.training) for module in generator.modules()]
    try:
        generator.eval()
        parts = zip(*(x.split(batch_size) for x in given), strict=True)
        return torch.cat([generator(*part).cpu() for part in parts])
    finally:
        for module, mode in modes:  # each has its own: a frozen BatchNorm stays in evaluation mode
            module.training = mode
