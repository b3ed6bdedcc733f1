"""The game itself: two players, their optimisers, the data, and steps that can be taken one by one. No notebook needed."""

import contextlib
import dataclasses
import math
import time

import torch

from course_utils.models.layers import MinibatchStd
from course_utils.runtime import seeded
from course_utils.training import GAN, Diverged
from course_utils.widgets.gan_lab import losses, players
from course_utils.widgets.gan_lab.history import History
from course_utils.widgets.gan_lab.own import LabError, Own, as_loss, check_player, failure
from course_utils.widgets.gan_lab.settings import NEW_DISCRIMINATOR, NEW_GENERATOR, Settings
from course_utils.widgets.gan_lab.targets import MEASURED, Target, make_target

STEP_NAMES = ("discriminator_step", "generator_step")


class Game:
    """A game of ``settings``, in which the learner's own networks and steps take the place of the built-in ones.

    ``generator`` maps (B, noise_dim) to (B, 2), ``discriminator`` (B, 2) to (B, 1): modules, or functions that make them.
    ``discriminator_step(gan, real, z)`` and ``generator_step(gan, z)`` are those of ``course_utils.training``. Randomness
    is the game's own: the same seed gives the same game, and PyTorch's global generator is left as it was.
    Raises ``LabError`` for networks of the wrong shape.
    """

    def __init__(self, settings: Settings, generator=None, discriminator=None, strokes=(), **steps):
        self.settings, self.strokes = settings, [list(stroke) for stroke in strokes]
        self.own = {name: step for name, step in steps.items() if step is not None}
        for name, step in self.own.items():
            if name not in STEP_NAMES or not callable(step):
                raise LabError(f"{name}: expected a function, as in course_utils.training, got {step!r}")
        for name, given in (("generator", generator), ("discriminator", discriminator)):
            if given is not None:
                self.own[name] = Own(name, given)
        self.reset()

    # -------------------------------------------------------------- beginning anew

    def reset(self, seed: int | None = None) -> None:
        """Fresh players, data and curves; ``seed`` becomes the game's, or it keeps the one it has."""
        if seed is not None:
            self.settings = dataclasses.replace(self.settings, seed=seed)
        self.rng = seeded(self.settings.seed).get_state()
        self.history, self.step, self.phase = History(), 0, ""
        self._sums = {"d": [0.0, 0], "g": [0.0, 0]}
        self._last = {"d": math.nan, "g": math.nan}
        self._target()
        self.gan = GAN(None, None, None, None)
        self._new_generator()
        self._new_discriminator()
        self._head_start()

    def _head_start(self) -> None:
        with self._own_randomness():
            for _ in range(self.settings.head_start if self.target else 0):
                self._discriminator_step()

    def _target(self) -> None:
        has_data = self.settings.data != "drawn" or any(self.strokes)
        self.target: Target | None = None
        if has_data:
            self.target = make_target(self.settings.data, self.strokes, self.settings.seed)

    def _new_generator(self) -> None:
        with self._own_randomness():
            own = self.own.get("generator")
            generator = own.fresh() if own else players.make_generator(self.settings)
            self.watched = players.draw_noise(
                self.settings, MEASURED
            )  # (MEASURED, noise_dim), what is measured and shown
        if own:
            dim = self.settings.noise_dim
            advice = f"it gets noise (B, {dim}); noise_dim= changes that, and the last layer has 2 outputs"
            check_player("generator", generator, self.watched[:8], 2, advice)
        self.gan.generator, self.gan.opt_g = generator, self._optimiser(generator, self.settings.lr_g)

    def _new_discriminator(self) -> None:
        with self._own_randomness():
            own = self.own.get("discriminator")
            discriminator = own.fresh() if own else players.make_discriminator(self.settings)
        if own:
            advice = "it judges points (B, 2), one logit each, without a sigmoid"
            check_player("discriminator", discriminator, torch.zeros(8, 2, dtype=torch.float32), 1, advice)
        self.gan.discriminator, self.gan.opt_d = discriminator, self._optimiser(discriminator, self.settings.lr_d)

    def _optimiser(self, module, lr: float) -> torch.optim.Optimizer:
        momentum = float(self.settings.beta1)
        if self.settings.optimiser == "sgd":
            return torch.optim.SGD(module.parameters(), lr, momentum, fused=True)
        return torch.optim.Adam(module.parameters(), lr, (momentum, 0.99), fused=True)

    # -------------------------------------------------------------- changing while it runs

    def change(self, **given) -> str:
        """Apply new settings to the running game; returns what that did, in a sentence, or "".

        A player whose network or noise changes starts anew, the other goes on. Raises ValueError for a value out of range.
        """
        new = dataclasses.replace(self.settings, **given)
        changed = {name for name in given if getattr(new, name) != getattr(self.settings, name)}
        old, self.settings = self.settings, new
        if not changed:
            return ""
        if changed & {"seed", "head_start"}:
            self.reset()
            return f"Reset with seed {new.seed}."
        self.history.mark(self.step, ", ".join(f"{name} {getattr(new, name)}" for name in sorted(changed)))
        if "data" in changed:
            self._target()
        if losses.LOSSES[old.loss].output != losses.LOSSES[new.loss].output:
            self.history.forget("d_real", "d_fake", "d_loss", "g_loss")
        text = self._renew(changed)
        self._retune(changed)
        return text

    def _renew(self, changed: set[str]) -> str:
        texts = []
        if changed & NEW_GENERATOR and not ("generator" in self.own and not changed & {"noise", "noise_dim"}):
            self._new_generator()
            texts.append("The generator started anew: its noise or network changed.")
        if changed & NEW_DISCRIMINATOR and "discriminator" not in self.own:
            self._new_discriminator()
            texts.append("The discriminator started anew: its network changed.")
        return " ".join(texts)

    def _retune(self, changed: set[str]) -> None:
        """New rates for the optimisers there are; another kind of optimiser, or momentum, starts without a memory."""
        if changed & {"optimiser", "beta1"}:
            self.gan.opt_d = self._optimiser(self.gan.discriminator, self.settings.lr_d)
            self.gan.opt_g = self._optimiser(self.gan.generator, self.settings.lr_g)
        self.gan.opt_d.param_groups[0]["lr"] = self.settings.lr_d
        self.gan.opt_g.param_groups[0]["lr"] = self.settings.lr_g

    def draw(self, strokes) -> None:
        """Take these strokes, lists of (x, y), as the drawing; it becomes the data when "drawn" is chosen."""
        self.strokes = [[(float(x), float(y)) for x, y in stroke] for stroke in strokes]
        if self.settings.data == "drawn":
            self._target()

    def continue_from(self, other: "Game", changed: dict) -> str:
        """Go on where another game stands, with this game's own networks and steps and ``changed`` settings.

        Weights and optimisers are taken over where the shapes agree; a player of another shape starts anew. Returns what
        else happened, in a sentence, or "".
        """
        mine = (self.gan.generator, self.gan.opt_g), (self.gan.discriminator, self.gan.opt_d)
        self.settings, self.rng, self.watched = other.settings, other.rng, other.watched
        self.history, self.step, self.strokes = other.history, other.step, self.strokes or other.strokes
        self._target()
        theirs = (other.gan.generator, other.gan.opt_g), (other.gan.discriminator, other.gan.opt_d)
        texts = []
        for name, new, old in zip(("generator", "discriminator"), mine, theirs, strict=True):
            if name not in self.own and name not in other.own:
                setattr(self.gan, name, old[0])
                setattr(self.gan, f"opt_{name[0]}", old[1])
            elif _shapes(new[0]) == _shapes(old[0]):
                for part, source in zip(new, old, strict=True):
                    part.load_state_dict(source.state_dict())
            else:
                texts.append(f"The {name} started anew: its network changed.")
        return " ".join(filter(None, [*texts, self.change(**changed)]))

    # -------------------------------------------------------------- steps

    def discriminator_step(self) -> None:
        """One step of the discriminator. Raises ``LabError`` when the learner's own step fails."""
        with self._own_randomness():
            self._discriminator_step()

    def generator_step(self) -> None:
        """One step of the generator. Raises ``LabError`` when the learner's own step fails."""
        with self._own_randomness():
            self._generator_step()

    def play(self, steps: int | None = None, seconds: float = math.inf) -> int:
        """Full steps (``d_steps`` of the discriminator, then one of the generator) until ``steps`` are taken or ``seconds``
        are over, at least one. Returns how many."""
        taken, end = 0, time.perf_counter() + seconds
        with self._own_randomness():
            while True:
                for _ in range(self.settings.d_steps):
                    self._discriminator_step()
                self._generator_step()
                taken += 1
                if taken == steps or time.perf_counter() >= end:
                    return taken

    def _discriminator_step(self) -> None:
        real, z = self._real(), players.draw_noise(self.settings, self.settings.batch)
        own = self.own.get("discriminator_step")
        if own:
            loss = self._own_step("discriminator_step", real, z)
        else:
            loss = losses.discriminator_step(self.gan, real, z, self.settings)
        self._note("d", loss)

    def _generator_step(self) -> None:
        z = players.draw_noise(self.settings, self.settings.batch)
        if "generator_step" in self.own:
            loss = self._own_step("generator_step", z)
        else:
            real = self._real() if losses.LOSSES[self.settings.loss].paired else z
            loss = losses.generator_step(self.gan, z, real, self.settings)
        self._note("g", loss)
        self.step += 1

    def _own_step(self, name: str, *arguments) -> torch.Tensor:
        step = self.own[name]
        try:
            return as_loss(name, step(self.gan, *arguments))
        except LabError:
            raise
        except Exception as error:
            raise LabError(f"{name} failed at step {self.step + 1}: {failure(step, error)}") from error

    def _real(self) -> torch.Tensor:
        """A batch of real points (batch, 2)."""
        if self.target is None:
            raise LabError("There are no data yet: draw some points with the mouse, or choose another data set.")
        return self.target.pool[torch.randint(len(self.target.pool), (self.settings.batch,))]

    def _note(self, player: str, loss: torch.Tensor) -> None:
        self._sums[player][0] = self._sums[player][0] + loss
        self._sums[player][1] += 1

    def mean_losses(self) -> tuple[float, float]:
        """Mean losses of both players since the last call, or the last known. Raises ``Diverged`` for NaN or infinity."""
        for player, (total, count) in self._sums.items():
            if count:
                self._last[player] = float(total) / count
                if not math.isfinite(self._last[player]):
                    self._diverged(f"the {'discriminator' if player == 'd' else 'generator'}'s loss")
        self._sums = {"d": [0.0, 0], "g": [0.0, 0]}
        return self._last["d"], self._last["g"]

    def _diverged(self, what: str):
        raise Diverged(
            f"By step {self.step} {what} is no longer a finite number. Usual causes: a learning rate that is too high, a "
            "Wasserstein loss without clipping or penalty, or the logarithm of a probability. Change that, then reset."
        )

    # -------------------------------------------------------------- reading

    @property
    def loss(self) -> losses.Loss:
        """The loss by which the discriminator's output is read; steps of the learner's own are taken to use logits."""
        own = "discriminator_step" in self.own
        return losses.LOSSES["non-saturating" if own else self.settings.loss]

    @torch.no_grad()
    def fakes(self, n: int = MEASURED) -> torch.Tensor:
        """The generator's points (n, 2), n <= MEASURED, for noise that stays the same. Raises ``Diverged``."""
        with self.evaluating():
            points = self.gan.generator(self.watched[:n])
        if not points.isfinite().all():
            self._diverged("what the generator makes")
        return points

    def judge(self, points: torch.Tensor) -> torch.Tensor:
        """The discriminator's output for points (N, 2), each in the company of three real ones: (N, 1), with a graph.

        The company matters only to a discriminator with minibatch standard deviation.
        """
        compares = any(isinstance(module, MinibatchStd) for module in self.gan.discriminator.modules())
        if not compares or self.target is None:
            return self.gan.discriminator(points)
        company = self.target.pool[torch.arange(3 * len(points)) % len(self.target.pool)]
        return self.gan.discriminator(torch.cat([points, company]))[: len(points)]

    @contextlib.contextmanager
    def evaluating(self):
        """Both players in evaluation mode, so that looking at them changes nothing."""
        modules = (self.gan.generator, self.gan.discriminator)
        modes = [module.training for module in modules]
        try:
            yield [module.eval() for module in modules]
        finally:
            for module, training in zip(modules, modes, strict=True):
                module.train(training)

    @contextlib.contextmanager
    def _own_randomness(self):
        """Let PyTorch draw from the game's own random state, and work on one thread."""
        outside = torch.get_rng_state()
        torch.set_rng_state(self.rng)
        try:
            with one_thread():
                yield
        finally:
            self.rng = torch.get_rng_state()
            torch.set_rng_state(outside)


@contextlib.contextmanager
def one_thread():
    """Networks this small lose by a second thread, the more when the browser needs the other core."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def _shapes(module) -> dict:
    return {name: tensor.shape for name, tensor in module.state_dict().items()}
