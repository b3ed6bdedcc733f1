"""The players, the two steps of a GAN, an averaged generator, and the loop around them."""

import contextlib
import copy
import dataclasses
import math
import numbers
import signal
import threading
import time
from typing import ClassVar

import torch
from torch import nn
from torch.nn.parameter import is_lazy

from course_utils.batches import batches_of
from course_utils.callbacks import History, Watch
from course_utils.game import Game
from course_utils.losses import discriminator_loss, generator_loss


class Players:
    """Named networks and optimisers that play a game: what ``fit`` trains, and a run folder keeps.

    Write a dataclass that inherits from it, with a field for each network, optimiser and average:

        @dataclasses.dataclass
        class Translators(Players):
            g_ab: nn.Module
            g_ba: nn.Module
            d_a: nn.Module
            d_b: nn.Module
            opt_g: torch.optim.Optimizer  # holds the parameters of both generators
            opt_d: torch.optim.Optimizer
            ema: EMA | None = None
            AVERAGED = {"ema": "g_ab"}
    """

    AVERAGED: ClassVar[dict[str, str]] = {}  # name of the field of an average: name of the network that it averages

    def networks(self) -> dict[str, nn.Module]:
        """The networks by name, without averages."""
        return {name: part for name, part in vars(self).items() if isinstance(part, nn.Module)}

    def averages(self) -> dict[str, "EMA"]:
        """The averages that there are, by name."""
        return {name: getattr(self, name) for name in self.AVERAGED if getattr(self, name) is not None}

    def average(self) -> None:
        """Move every average towards the present weights of its network."""
        for name, ema in self.averages().items():
            ema.update(getattr(self, self.AVERAGED[name]))

    def parts(self) -> dict:
        """Everything with a ``state_dict``, by name: networks, optimisers, averaged networks."""
        parts = {name: part for name, part in vars(self).items() if hasattr(part, "state_dict")}
        return parts | {name: ema.module for name, ema in self.averages().items()}

    @property
    def shown(self) -> nn.Module:
        """What is looked at, scored and kept for later; here all networks in one, averaged where there is an average."""
        averaged = {self.AVERAGED[name]: ema.module for name, ema in self.averages().items()}
        return nn.ModuleDict(self.networks() | averaged)

    @property
    def device(self) -> torch.device:
        return next(p.device for network in self.networks().values() for p in network.parameters())


@dataclasses.dataclass
class GAN(Players):
    """The two players, each with its own optimiser, and the averaged generator that is shown and scored."""

    generator: nn.Module
    discriminator: nn.Module
    opt_g: torch.optim.Optimizer  # holds the generator's parameters, and only those
    opt_d: torch.optim.Optimizer  # holds the discriminator's parameters, and only those
    ema: "EMA | None" = None  # average of the generator's weights; None: the generator itself is shown

    AVERAGED: ClassVar[dict[str, str]] = {"ema": "generator"}

    @classmethod
    def with_adam(
        cls,
        generator: nn.Module,
        discriminator: nn.Module,
        lr: float | tuple[float, float] = 1e-3,
        betas: tuple[float, float] = (0.0, 0.99),
        ema: "float | EMA | None" = None,
    ) -> "GAN":
        """The two players with an Adam each; ``lr`` is one rate for both, or the generator's and the discriminator's.

        ``ema`` is the decay of an average of the generator, or an average that was made of it before.
        """
        _check_sizes_known(generator=generator, discriminator=discriminator)
        _cut_off(generator)
        average = EMA(generator, ema) if isinstance(ema, numbers.Real) else ema
        rates = lr if isinstance(lr, tuple) else (lr, lr)
        opt_g, opt_d = (
            torch.optim.Adam(network.parameters(), rate, betas, fused=True)
            for network, rate in zip((generator, discriminator), rates, strict=True)
        )
        return cls(generator, discriminator, opt_g, opt_d, average)

    @property
    def shown(self) -> nn.Module:
        """The generator to look at and to score: the averaged one when there is one."""
        return self.ema.module if self.ema else self.generator


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
    forgotten quickly. Buffers (BatchNorm's running statistics) are averaged like the weights, counters copied; what two
    layers share is averaged once.
    """

    def __init__(self, module: nn.Module, decay: float = 0.999):
        self.decay = decay
        self.updates = 0
        self.module = copy.deepcopy(module).eval().requires_grad_(False)

    @torch.no_grad()
    def update(self, module: nn.Module) -> None:
        """Move the average towards the present weights of ``module``, in place: average * decay + present * (1 - decay).

        The tensors of a ``state_dict()`` are the module's own, in the same order here and there; one that two layers share
        is there twice.
        """
        decay = min(self.decay, (1 + self.updates) / (10 + self.updates))
        self.updates += 1
        # BEGIN SOLUTION
        mine, theirs = (list(network.state_dict(keep_vars=True).values()) for network in (self.module, module))
        pairs = {id(m): (m, t) for m, t in zip(mine, theirs, strict=True) if m.is_floating_point()}.values()
        torch._foreach_lerp_([m for m, _ in pairs], [t for _, t in pairs], 1 - decay)
        for averaged, counter in zip(mine, theirs, strict=True):
            if not averaged.is_floating_point():
                averaged.copy_(counter)
        # END SOLUTION


def _check_sizes_known(**networks: nn.Module) -> None:
    """Raises ValueError for a network with lazy layers that have not seen a batch."""
    for name, network in networks.items():
        if isinstance(network, nn.Module) and any(map(is_lazy, [*network.parameters(), *network.buffers()])):
            raise ValueError(
                f"{name}: expected layers of known size, got lazy ones that have no weights yet; "
                "call the network on a batch once before it is trained"
            )


def _cut_off(network: nn.Module) -> None:
    """Computed weights (of ``nn.utils.spectral_norm``) lose the graph of the last call, so that they can be copied."""
    for module in network.modules():
        for name, value in vars(module).items():
            if isinstance(value, torch.Tensor) and value.grad_fn is not None:
                setattr(module, name, value.detach())


_AGAIN = 3.0  # seconds in which a second interrupt ends the cell, with all trainings that are still to come
_TO_END_THE_CELL = f"Interrupt again within {_AGAIN:.0f} seconds to end the whole cell."
_interrupted = [-math.inf]  # when the last one came


class Diverged(RuntimeError):
    """A loss became infinite or NaN."""


def fit(
    gan: Players,
    data,
    game: Game,
    *,
    steps: int,
    batch_size: int = 64,
    log_every: int = 50,
    callbacks: tuple = (),
    run=None,
) -> History:
    """Play ``steps`` rounds of ``game`` on random batches of ``data`` and write down what happens.

    ``gan`` holds the networks and their optimisers: a ``GAN``, or other ``Players``. ``data`` are

    - images, uint8 (N, C, H, W);
    - a tuple of tensors with equal first dimension, whose rows belong together (images and labels, pairs, tokens);
    - ``Unpaired(a, b)``, sets that are drawn independently, or ``Drawn(sample)``, samples without end.

    A batch is a tuple of tensors, ``batch_size`` rows each; images come as floats in [-1, 1], all else as it is. What is
    done with a batch, and with which latent vectors, is for the ``game`` to say.

    ``callbacks`` are called as ``callback(gan, history)`` at each logged step, in order; those with a method
    ``finish(gan, history)`` get it called once, however training ends. ``run`` (a ``runs.Run``) keeps checkpoints and
    resumes an unfinished one. The stop button and ``history.stop_requested`` end training after the present step and keep
    the result; a callback that lowers ``history.total_steps`` ends it there. Raises ``Diverged`` when a loss is no longer
    a finite number, ``ValueError`` for data that cannot be drawn from and for a batch of one, and ``TypeError`` for steps
    that do not take what the data give.
    """
    data = batches_of(data)
    _check(gan, game, batch_size, log_every)
    steps, batch_size = int(steps), int(batch_size)
    game.check(data.width)
    history = History()
    start = run.resume(gan, history, game, data) if run else 0
    history.total_steps, history.batch_size, history.critic = steps, batch_size * game.critic_steps, game.critic
    watch = Watch(gan, data, game, history)
    _check_numbers(gan, watch.fixed.z, *watch.fixed.batch)

    def draw() -> tuple[torch.Tensor, ...]:
        return data.draw(batch_size, gan.device)

    try:
        with _stop_button(history):
            if start == 0:
                game.begin(gan, draw)
            for step in range(start, steps):
                d_loss, g_loss = game.round(gan, draw)
                gan.average()
                if step % log_every == 0 or step == steps - 1 or history.stop_requested:
                    _check_finite(step + 1, float(d_loss), float(g_loss))
                    watch.log(step + 1, float(d_loss), float(g_loss))
                    _tell_of_nothing_to_learn(gan, history)
                    for callback in callbacks:
                        callback(gan, history)
                    if run:
                        run.keep(gan, history)
                    if step + 1 >= history.total_steps:  # a callback may bring the end forward
                        break
                    if history.stop_requested:
                        history.stopped = True
                        print(f"Stopped at step {step + 1} of {steps}; the result so far is kept. {_TO_END_THE_CELL}")
                        break
    finally:
        for callback in callbacks:
            if hasattr(callback, "finish"):
                callback.finish(gan, history)
    if run:
        run.keep(gan, history, now=True)
    return history


def _check(gan: Players, game: Game, batch_size: int, log_every: int) -> None:
    """Raises ValueError or TypeError for players, a game or numbers that nothing can be trained with."""
    if not isinstance(gan, Players):
        raise TypeError(f"gan: expected Players, such as a GAN, got {type(gan).__name__}")
    _check_sizes_known(**gan.networks())
    forgotten = [name for name, part in vars(gan).items() if isinstance(part, EMA) and name not in gan.AVERAGED]
    if forgotten:
        raise ValueError(
            f"{forgotten[0]}: expected its network's name in {type(gan).__name__}.AVERAGED, got {gan.AVERAGED}"
        )
    if not isinstance(game, Game):
        raise TypeError(
            "game: expected a Game, such as Game(discriminator_step, generator_step, draw_z), "
            f"got {getattr(game, '__name__', type(game).__name__)}"
        )
    if not isinstance(batch_size, numbers.Integral):
        raise ValueError(f"batch_size: expected a whole number of at least 2, got {batch_size!r}")
    if batch_size < 2:
        raise ValueError(
            f"batch_size: expected at least 2, got {batch_size!r}; batch normalisation has no variance over one image"
        )
    if not log_every >= 1:
        raise ValueError(f"log_every: expected a number of steps, at least 1, got {log_every!r}")


def _check_finite(step: int, d_loss: float, g_loss: float) -> None:
    """Raises Diverged for a loss that is not a number."""
    if not (math.isfinite(d_loss) and math.isfinite(g_loss)):
        raise Diverged(
            f"at step {step} the discriminator's loss is {d_loss} and the generator's {g_loss}. Usual causes: "
            "a learning rate that is too high, the logarithm of a probability instead of softplus of a logit, "
            "or images that are not in [-1, 1]. Create the networks anew before the next run."
        )


def _tell_of_nothing_to_learn(gan: Players, history: History) -> None:
    """Prints a line where the judge's loss is exactly 0 for the first time because it is sure of every image."""
    sure = history.d_real[-1] > 0.999 and history.d_fake[-1] < 0.001 and not history.critic
    if sure and history.d_loss[-1] == 0.0 and 0.0 not in history.d_loss[:-1]:
        rates = [group["lr"] for part in gan.parts().values() for group in getattr(part, "param_groups", ())]
        print(
            f"At step {history.step[-1]} the discriminator's loss is exactly 0: its logits are so large that nobody learns "
            f"from them. A usual cause is a learning rate that is too high; the highest here is {float(max(rates)):g}."
        )


def _check_numbers(gan: Players, *inputs: torch.Tensor | None) -> None:
    """Raises TypeError where weights and what is fed to them are floats of different kinds."""
    fed = {x.dtype for x in inputs if x is not None and x.is_floating_point()}
    for name, network in gan.networks().items():
        held = {p.dtype for p in network.parameters() if p.is_floating_point()}
        if len(fed | held) > 1 and not held <= {torch.float16, torch.bfloat16}:
            kinds = " and ".join(sorted(str(kind).removeprefix("torch.") for kind in fed))
            raise TypeError(
                f"{name}: its weights are {', '.join(str(kind).removeprefix('torch.') for kind in held)}, batch and z are "
                f"{kinds}; they must be the same: torch.set_default_dtype(torch.float32), then make the networks anew"
            )


@contextlib.contextmanager
def _stop_button(history: History):
    """An interrupt (the notebook's stop button, Ctrl-C) ends training after the present step, a second one soon after it
    the whole cell, be it in this training or in the next.
    """

    def ask(signum, frame):
        before_that, _interrupted[0] = _interrupted[0], time.monotonic()
        if history.stop_requested or _interrupted[0] - before_that < _AGAIN:
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
