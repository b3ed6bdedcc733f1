"""``GanLab``: a two-dimensional game to play with, driven by the notebook's own kernel."""

import asyncio
import contextvars
import dataclasses
import importlib.util
from pathlib import Path

from course_utils import budget, figures, paths, runtime
from course_utils.files import write_atomic
from course_utils.models.layers import check_choice
from course_utils.runtime import headless
from course_utils.training import Diverged
from course_utils.widgets.gan_lab import measure as measuring
from course_utils.widgets.gan_lab import registry
from course_utils.widgets.gan_lab.driver import Driver
from course_utils.widgets.gan_lab.figure import figure, heading
from course_utils.widgets.gan_lab.film import Film
from course_utils.widgets.gan_lab.game import Game
from course_utils.widgets.gan_lab.measure import Measures
from course_utils.widgets.gan_lab.own import LabError
from course_utils.widgets.gan_lab.settings import CONTROLS, LAYERS, settings_of

EVERY = 25  # steps between two measurements of a run without a browser


class GanLab:
    """A GAN in the plane: play, stop, go step by step, turn every control, draw the data yourself.

    As the value of a cell it is a live picture; where nobody watches (tests, websites, ``course run``) it is a figure
    after ``static_steps`` steps. ``run`` and ``measure`` do the same without a picture, for numbers.

    Args:
        preset: the name of an experiment, one of ``settings.PRESETS``; None is "healthy".
        generator, discriminator: your own networks, modules or functions without arguments that make them. The generator
            maps noise (B, noise_dim) to points (B, 2), the discriminator points (B, 2) to logits (B, 1).
        discriminator_step, generator_step: your own steps, ``step(gan, real, z)`` and ``step(gan, z)`` as in
            ``course_utils.training``; each returns its loss.
        strokes: a drawing for ``data="drawn"``: lists of (x, y) with coordinates from -1.2 to 1.2.
        name: laboratories of one name are one: the cell goes on where it was when it runs again. Without a name the
            cell itself is the name. What you changed in the call is changed in the running game.
        fresh: start anew instead.
        layers: what is switched on at first, of ``settings.LAYERS``.
        controls: "all", or "simple" for a few to begin with; a button in the picture shows the others.
        static_steps: how long the figure trains; None asks the budget.
        **settings: any of ``settings.Settings``: data, loss, lr_d, lr_g, d_steps, noise_dim, r1, seed, ...

    Raises ValueError for a setting out of range, ``LabError`` for networks that do not fit.
    """

    def __init__(
        self, preset=None, *, generator=None, discriminator=None, discriminator_step=None, generator_step=None,
        strokes=(), name: str | None = None, fresh: bool = False, layers=("real", "fakes", "heat", "contour"),
        controls: str = "all", static_steps: int | None = None, **settings,
    ):  # fmt: skip
        check_choice("controls", controls, CONTROLS)
        for layer in layers:
            check_choice("layers", layer, LAYERS)
        self.layers = {layer: layer in layers for layer in LAYERS}
        steps = {"discriminator_step": discriminator_step, "generator_step": generator_step}
        self.name, self.fresh, self.simple, self.static_steps = name, fresh, controls == "simple", static_steps
        self.given = settings_of(preset, settings)
        self.game = Game(self.given, generator, discriminator, strokes, **steps)
        self.film = Film()
        self.driver: Driver | None = None
        self.view = None
        self._touched = False

    # -------------------------------------------------------------- without a browser

    def run(self, steps: int) -> "GanLab":
        """Train for so many full steps and write down the curves; returns the laboratory itself.

        Raises ``Diverged`` or ``LabError`` when the game cannot go on.
        """
        self._touched = True
        for done in range(0, steps, EVERY):
            self.game.play(min(EVERY, steps - done))
            measures = self.measure()
            if self.film.due(measures.step):
                self.film.record(measuring.look(self.game), measures)
        return self

    def measure(self) -> Measures:
        """Modes covered, share of high quality, JS divergence, scores and losses, as they are now."""
        return measuring.measure(self.game)

    def slopes(self, points=None):
        """How steep the discriminator is at points (N, 2), by default at the fakes: (N,), output per unit of length."""
        return measuring.slopes(self.game, self.game.fakes() if points is None else points)

    def gradients(self):
        """How strongly the generator's loss pulls at each fake: (N,), loss per unit of length."""
        return measuring.gradients(self.game, self.game.fakes()).norm(dim=1)

    def figure(self, title: str = ""):
        """A matplotlib figure of the game as it is: the plane, and the curves beside it."""
        return figure(self.game, title)

    def save_gif(self, path: str | Path) -> Path:
        """Write the film so far as an animated GIF; returns where. Raises ValueError when nothing was played."""
        return write_atomic(path, self.film.gif())

    def save_strip(self, path: str | Path) -> Path:
        """Write six moments side by side as a PNG; returns where. Raises ValueError when nothing was played."""
        return write_atomic(path, self.film.strip())

    # -------------------------------------------------------------- in a notebook

    def __repr__(self) -> str:
        return f"GanLab: {heading(self.game)}"

    def _ipython_display_(self) -> None:
        loop = None if headless() else _event_loop()
        if loop is None:
            runtime.publish(self._repr_mimebundle_())
        else:
            self._live(loop)

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict:
        steps = budget.pick(smoke=50, cpu=1000, gpu=1000) if self.static_steps is None else self.static_steps
        try:
            if not self._touched and self.game.target is not None:
                self.run(steps)
            picture = figures.png(self.figure())
        except (Diverged, LabError) as error:
            return {"text/plain": f"{self!r}\n{error}"}
        return runtime.picture(picture, repr(self), figures.width_of(picture))

    def _live(self, loop) -> None:
        from course_utils.widgets.gan_lab.view import AGAIN, LabView
        from course_utils.widgets.still import Still

        self._take_over(self.name or registry.cell_key())
        if self.driver is None:
            self.driver = Driver(self.game, self.film, self.layers, self._save)
        self.driver.loop, self.driver.context = loop, contextvars.copy_context()
        if self.view is None:
            first = self.driver.first()
            self.view = LabView(self.driver.receive, self.driver.state(), first, self.simple)
            self.driver.send, self.driver.show = self.view.send, self.view.show
        self._touched = True
        still = Still(self.view, AGAIN, self._latest())
        self.driver.keep = lambda: still.show(self._latest())

    def _latest(self) -> dict:
        """The last picture of the film, for a notebook without its kernel; in words where there is none."""
        if not self.film.shots:
            return {"text/plain": repr(self)}
        picture, caption = self.film.last()
        return runtime.picture(picture, f"GanLab, {caption}")

    def _take_over(self, key: str | None) -> None:
        """Go on with the game that was shown under this key, unless this one has been played with already."""
        old = registry.remembered(key)
        if old is not None and old is not self:
            if not (self._touched or self.fresh):
                changed = {
                    field.name: value
                    for field in dataclasses.fields(self.given)
                    if (value := getattr(self.given, field.name)) != getattr(old.given, field.name)
                }
                self.game.continue_from(old.game, changed)
                self.film, self.layers = old.film, old.driver.layers if old.driver else old.layers
            old.close()
        registry.remember(key, self)

    def close(self) -> None:
        """Stop playing and take the picture away; the game itself stays."""
        if self.driver is not None:
            self.driver.pause()
            self.driver.send, self.driver.show = (lambda content, buffers: None), (lambda state: None)
            self.driver.keep = lambda: None
        if self.view is not None:
            self.view.close()
        self.driver = self.view = None

    def _save(self, what: str, data: bytes) -> tuple[str, str]:
        """Write a film into the folder of runs: its file name, and a sentence that says where it is."""
        name = f"gan_lab_{self.game.settings.data}_step{self.game.step}.{'gif' if what == 'gif' else 'png'}"
        path = write_atomic(paths.runs_root() / "gan_lab" / name, data)
        return name, f"Saved as {paths.shown(path)} ({len(data) / 1e6:.1f} MB)."


def _event_loop():
    """The loop that a kernel runs cells in; None where there is no such loop, or no package for live pictures."""
    if importlib.util.find_spec("anywidget") is None:
        return None
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
