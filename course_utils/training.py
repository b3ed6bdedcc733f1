"""The two steps of a GAN, an averaged generator, and the loop around them."""

import contextlib
import copy
import dataclasses
import math
import signal
import threading
import time
from collections.abc import Callable

import torch
from torch import nn

from course_utils.datasets import to_float
from course_utils.losses import discriminator_loss, generator_loss


@dataclasses.dataclass
class GAN:
    """The two players, each with its own optimiser, and the averaged generator that is shown and scored."""

    generator: nn.Module
    discriminator: nn.Module
    opt_g: torch.optim.Optimizer  # holds the generator's parameters, and only those
    opt_d: torch.optim.Optimizer  # holds the discriminator's parameters, and only those
    ema: "EMA | None" = None  # average of the generator's weights; None: the generator itself is shown

    @property
    def shown(self) -> nn.Module:
        """The generator to look at and to score: the averaged one when there is one."""
        return self.ema.module if self.ema else self.generator

    @property
    def device(self) -> torch.device:
        return next(self.generator.parameters()).device

    def parts(self) -> dict:
        """Everything with a ``state_dict``, by name."""
        parts = {name: getattr(self, name) for name in ("generator", "discriminator", "opt_g", "opt_d")}
        return parts | ({"ema": self.ema.module} if self.ema else {})


def discriminator_step(gan: GAN, real: torch.Tensor, z: torch.Tensor) -> torch.Tensor:
    """Let the discriminator tell ``real`` (B, C, H, W) from images made of ``z`` (B, latent_dim).

    Changes the discriminator only; no gradient reaches the generator. Gradients that were
    there before do not matter. Returns the loss, a scalar without a graph.
    """
    fake = gan.generator(z).detach()  # (B, C, H, W), cut off from the generator
    loss = discriminator_loss(gan.discriminator(real), gan.discriminator(fake))
    gan.opt_d.zero_grad()
    loss.backward()
    gan.opt_d.step()
    return loss.detach()


def generator_step(gan: GAN, z: torch.Tensor) -> torch.Tensor:
    """Let the generator make images of ``z`` (B, latent_dim) that are taken for real.

    Changes the generator only: the gradient passes through the discriminator, whose weights
    stay as they are. Gradients that were there before do not matter. Returns the loss, a
    scalar without a graph.
    """
    fake = gan.generator(z)  # (B, C, H, W)
    loss = generator_loss(gan.discriminator(fake))
    gan.opt_g.zero_grad()
    loss.backward()
    gan.opt_g.step()
    return loss.detach()


class EMA:
    """Exponential moving average of a module's weights; ``ema.module`` is the averaged copy, in evaluation mode.

    The decay grows as ``(1 + t) / (10 + t)`` up to its final value, so that the first, useless weights are
    forgotten quickly. Buffers (BatchNorm's running statistics) are averaged like the weights, counters copied.
    """

    def __init__(self, module: nn.Module, decay: float = 0.999):
        self.decay = decay
        self.updates = 0
        self.module = copy.deepcopy(module).eval().requires_grad_(False)

    @torch.no_grad()
    def update(self, module: nn.Module) -> None:
        """Move the average towards the present weights of ``module``, in place: average * decay + present * (1 - decay).

        The tensors of a ``state_dict()`` are the module's own, in the same order here and there.
        """
        decay = min(self.decay, (1 + self.updates) / (10 + self.updates))
        self.updates += 1
        # BEGIN SOLUTION
        mine, theirs = list(self.module.state_dict().values()), list(module.state_dict().values())
        pairs = [(m, t) for m, t in zip(mine, theirs, strict=True) if m.is_floating_point()]
        torch._foreach_lerp_([m for m, _ in pairs], [t for _, t in pairs], 1 - decay)
        for averaged, counter in zip(mine, theirs, strict=True):
            if not averaged.is_floating_point():
                averaged.copy_(counter)
        # END SOLUTION


_WITHOUT_LABELS = (discriminator_step, generator_step)  # the steps above, which take none


class Diverged(RuntimeError):
    """A loss became infinite or NaN."""


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
    batch_size: int = 0
    critic: bool = False  # the discriminator gives scores (Wasserstein), not logits
    stopped: bool = False  # by the stop button
    stop_requested: bool = False  # set it, from a callback or another thread, to end training after the present step

    def columns(self) -> dict:
        """All of it but the pictures and what is of the moment, as plain values."""
        columns = {f.name: getattr(self, f.name) for f in dataclasses.fields(self)}
        del columns["snapshots"], columns["stop_requested"]
        return columns


def fit(
    gan: GAN,
    images: torch.Tensor,
    draw_z: Callable[[int], torch.Tensor],
    *,
    steps: int,
    batch_size: int = 64,
    labels: torch.Tensor | None = None,
    discriminator_step: Callable = discriminator_step,
    generator_step: Callable = generator_step,
    critic: bool = False,
    log_every: int = 50,
    callbacks: tuple = (),
    run=None,
) -> History:
    """Alternate the two steps on random batches of ``images`` (uint8, N x C x H x W) and write down what happens.

    With ``labels`` (int64, (N,)) batches are drawn with their labels, and the steps are called as
    ``discriminator_step(gan, real, z, labels)`` and ``generator_step(gan, z, labels)``: the fakes of a round are asked
    for with the labels of its reals, so that classes come equally often on both sides and no player can gain by
    guessing which is more frequent. What is logged calls ``generator(z, labels)`` and ``discriminator(images,
    labels)``; the fixed noise goes through the classes in turn.

    ``critic=True`` says that the discriminator's output is a Wasserstein critic's score, which is written down and shown as
    it is, not as a probability.

    ``draw_z(n)`` gives ``n`` latent vectors. ``callbacks`` are called as ``callback(gan, history)`` at each logged
    step, in order; those with a method ``finish(gan, history)`` get it called once, however training ends. ``run`` (a
    ``runs.Run``) keeps checkpoints and resumes an unfinished one. The stop button and ``history.stop_requested`` end
    training after the present step and keep the result. Raises ``Diverged`` when a loss is no longer a finite number
    and ``ValueError`` for images that are not uint8 (N, C, H, W), for a batch of one, for labels that are not one
    class number an image, and for labels with steps that take none.
    """
    _check_data(images, batch_size)
    if labels is not None:
        _check_labels(labels, len(images), (discriminator_step, generator_step))
    history = History()
    start = run.resume(gan, history, (discriminator_step, generator_step)) if run else 0
    history.total_steps, history.batch_size, history.critic = steps, batch_size, critic
    watch = _Watch(gan, images, labels, draw_z, history)
    try:
        with _stop_button(history):
            for step in range(start, steps):
                real, *asked = _batch(images, labels, batch_size, gan.device)  # (B, C, H, W), and with labels (B,)
                d_loss = discriminator_step(gan, real, draw_z(batch_size), *asked)
                g_loss = generator_step(gan, draw_z(batch_size), *asked)
                if gan.ema:
                    gan.ema.update(gan.generator)
                if step % log_every == 0 or step == steps - 1 or history.stop_requested:
                    watch.log(step + 1, float(d_loss), float(g_loss))
                    for callback in callbacks:
                        callback(gan, history)
                    if run:
                        run.keep(gan, history)
                    if history.stop_requested and step < steps - 1:
                        history.stopped = True
                        print(f"Stopped at step {step + 1} of {steps}; the result so far is kept.")
                        break
    finally:
        for callback in callbacks:
            if hasattr(callback, "finish"):
                callback.finish(gan, history)
    if run:
        run.keep(gan, history, now=True)
    return history


def _check_data(images: torch.Tensor, batch_size: int) -> None:
    """Raises ValueError for images or a batch size that no GAN of the course can be trained with."""
    if images.dtype != torch.uint8 or images.dim() != 4 or len(images) == 0:
        raise ValueError(
            f"images: expected uint8 pixels (N, C, H, W) from 0 to 255, got {tuple(images.shape)} of {images.dtype}; "
            "batches are scaled to [-1, 1] when they are drawn"
        )
    if not isinstance(batch_size, int) or batch_size < 2:
        raise ValueError(
            f"batch_size: expected at least 2, got {batch_size!r}; batch normalisation has no variance over one image"
        )


def _check_labels(labels: torch.Tensor, count: int, step_functions: tuple = ()) -> None:
    """Raises ValueError unless ``labels`` are ``count`` class numbers and the steps are made for them."""
    expected = f"labels: expected one class number for each of the {count} images, int64 ({count},) from 0 up"
    if not isinstance(labels, torch.Tensor):
        raise ValueError(f"{expected}, got {type(labels).__name__}; torch.as_tensor makes a tensor of it")
    if labels.dtype != torch.int64 or labels.shape != (count,):
        raise ValueError(f"{expected}, got {tuple(labels.shape)} of {labels.dtype}")
    if labels.min() < 0:
        raise ValueError(f"{expected}, got {labels.min().item()}")
    if any(step in _WITHOUT_LABELS for step in step_functions):
        raise ValueError(
            "labels: expected steps that take them, got a step of training.py, which does not; give fit "
            "discriminator_step and generator_step, such as those of steps.SharedFakes()"
        )


@contextlib.contextmanager
def _stop_button(history: History):
    """An interrupt (the notebook's stop button, Ctrl-C) ends training after the present step; a second one at once."""

    def ask(signum, frame):
        if history.stop_requested:
            raise KeyboardInterrupt
        history.stop_requested = True

    if threading.current_thread() is not threading.main_thread():  # interrupts go to the main thread only
        yield
        return
    before = signal.signal(signal.SIGINT, ask)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before or signal.SIG_DFL)


def random_batch(images: torch.Tensor, batch_size: int, device: torch.device | str = "cpu") -> torch.Tensor:
    """``batch_size`` images drawn at random from a uint8 tensor (N, C, H, W), as floats in [-1, 1]."""
    chosen = torch.randint(len(images), (batch_size,))
    return to_float(images[chosen].to(device))


def random_labelled_batch(
    images: torch.Tensor, labels: torch.Tensor, batch_size: int, device: torch.device | str = "cpu"
) -> tuple[torch.Tensor, torch.Tensor]:
    """As ``random_batch``, with the labels of the images that were drawn: (B, C, H, W) and (B,)."""
    chosen = torch.randint(len(images), (batch_size,))
    return to_float(images[chosen].to(device)), labels[chosen].to(device)


def _batch(images, labels, batch_size: int, device) -> tuple[torch.Tensor, ...]:
    """A random batch, ``(real,)`` or ``(real, labels)``."""
    if labels is None:
        return (random_batch(images, batch_size, device),)
    return random_labelled_batch(images, labels, batch_size, device)


def in_turn(labels: torch.Tensor, n: int) -> torch.Tensor:
    """``n`` labels: the given ones one after the other, from the start again when they run out."""
    return labels[torch.arange(n, device=labels.device) % len(labels)]


class _Watch:
    """Measures what is written down: losses, mean scores on fixed images, pictures from fixed noise (and labels)."""

    def __init__(self, gan, images, labels, draw_z, history):
        self.gan, self.history = gan, history
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            self.z = draw_z(128)
            self.real = _batch(images, labels, 128, gan.device)  # (128, C, H, W), and with labels (128,)
        self.asked = () if labels is None else (in_turn(labels.unique(), 128).to(gan.device),)
        self.began = time.perf_counter() - (history.seconds[-1] if history.seconds else 0.0)

    @torch.no_grad()
    def log(self, step: int, d_loss: float, g_loss: float) -> None:
        if not (math.isfinite(d_loss) and math.isfinite(g_loss)):
            raise Diverged(
                f"at step {step} the discriminator's loss is {d_loss} and the generator's {g_loss}. Usual causes: "
                "a learning rate that is too high, the logarithm of a probability instead of softplus of a logit, "
                "or images that are not in [-1, 1]. Create the networks anew before the next run."
            )
        history, gan = self.history, self.gan
        history.step.append(step)
        history.seconds.append(time.perf_counter() - self.began)
        history.d_loss.append(d_loss)
        history.g_loss.append(g_loss)
        read = torch.Tensor.float if history.critic else torch.sigmoid
        with _as_it_was(gan.discriminator):
            history.d_real.append(read(gan.discriminator(*self.real)).mean().item())
            fake = gan.shown(self.z, *self.asked)  # (128, C, H, W)
            history.d_fake.append(read(gan.discriminator(fake, *self.asked)).mean().item())
        if not history.snapshot_step or step >= 1.4 * history.snapshot_step[-1] or step == history.total_steps:
            history.snapshots.append(gan.shown(self.z[:16], *(y[:16] for y in self.asked)).cpu())
            history.snapshot_step.append(step)


@contextlib.contextmanager
def _as_it_was(module: nn.Module):
    """Looking at a module changes nothing: running statistics, power iterations and the random generator come back."""
    buffers = [buffer.clone() for buffer in module.buffers()]
    with torch.random.fork_rng(devices=[]):
        yield
    for buffer, before in zip(module.buffers(), buffers, strict=True):
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
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(1)
            self.z = draw_z(n)

    def __call__(self, gan: GAN, history: History) -> None:
        finished = history.step[-1] == history.total_steps
        if history.seconds[-1] - self.last < self.every and not finished:
            return
        self.last = history.seconds[-1]
        history.score.append(self.distance(generate(gan.shown, self.z, self.labels)))
        history.score_step.append(history.step[-1])


@torch.no_grad()
def generate(
    generator: nn.Module, z: torch.Tensor, labels: torch.Tensor | None = None, batch_size: int = 500
) -> torch.Tensor:
    """Images for every row of ``z``, in evaluation mode and in batches, on the CPU: (N, C, H, W) in [-1, 1].

    A conditional generator is called as ``generator(z, labels)``, with ``labels`` (N,). Raises ValueError for another
    number of labels than of latent vectors.
    """
    given = (z,) if labels is None else (z, labels.to(z.device))
    if labels is not None and len(labels) != len(z):
        raise ValueError(f"labels: expected one for each of the {len(z)} latent vectors, got {len(labels)}")
    was_training = generator.training
    generator.eval()
    parts = zip(*(x.split(batch_size) for x in given), strict=True)
    images = torch.cat([generator(*part).cpu() for part in parts])
    generator.train(was_training)
    return images
