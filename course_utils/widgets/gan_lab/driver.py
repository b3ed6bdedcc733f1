"""Plays a game in the kernel's event loop: a slice of training, a frame, a breath for everything else.

The driver knows nothing of widgets. ``send(content, buffers)`` takes a message to the browser, ``show(state)`` makes the
state known to it, and ``receive(content)`` takes what comes back, from any thread. ``keep()`` is called when the game rests in
another state, for a picture that stays.
"""

import asyncio
import contextlib
import signal
import time

from course_utils.training import Diverged
from course_utils.widgets.gan_lab.film import Film
from course_utils.widgets.gan_lab.game import Game
from course_utils.widgets.gan_lab.measure import look, measure
from course_utils.widgets.gan_lab.own import LabError
from course_utils.widgets.gan_lab.packing import pack
from course_utils.widgets.gan_lab.settings import call_of

SLICE = 0.03  # seconds of training between two looks at the clock
SLOW = 0.7  # seconds that each half of a step stays in sight in slow motion
LATE = 2.0  # seconds without an answer from the browser after which training waits for it
LOST = 30.0  # seconds after which it is taken to be gone


class Driver:
    """One game, its film, and the loop that plays it. Back-pressure: no frame goes out before the last was drawn."""

    def __init__(self, game: Game, film: Film, layers: dict | None = None, save=None):
        self.game, self.film, self.layers, self.save = game, film, layers or {}, save
        self.send, self.show, self.keep = (lambda content, buffers: None), (lambda state: None), (lambda: None)
        self.loop, self.context, self.task = None, None, None
        self.playing, self.slow, self.interrupted = False, False, False
        self.note, self.error = "", ""
        self.views: set[str] = set()
        self.frame, self.sent, self.waiting = 0, 0.0, False
        self._rate = (time.perf_counter(), game.step, 0.0)

    # -------------------------------------------------------------- messages from the browser

    def receive(self, content: dict) -> None:
        """Do what a message asks, on the kernel's main loop: messages may arrive on another thread."""
        if self.loop is not None and not self.loop.is_closed():
            self.loop.call_soon_threadsafe(self._handle, content, context=self.context)

    def _handle(self, content: dict) -> None:
        action = getattr(self, f"_on_{content.get('kind')}", None)
        if action is None:
            return
        with self._explaining():
            action(content)

    def _on_ack(self, content: dict) -> None:
        self.waiting = False

    def _on_hello(self, content: dict) -> None:
        self.views.add(content["view"])
        self._picture()

    def _on_bye(self, content: dict) -> None:
        self.views.discard(content["view"])
        if not self.views:
            self.pause("Paused: the picture was closed.")

    def _on_play(self, content: dict) -> None:
        self.slow = bool(content.get("slow", self.slow))
        self.play() if content.get("on", True) else self.pause()

    def _on_step(self, content: dict) -> None:
        self.pause()
        self._clear()
        player = content.get("player", "both")
        if player in ("D", "both"):
            for _ in range(self.game.settings.d_steps if player == "both" else 1):
                self.game.discriminator_step()
        if player in ("G", "both"):
            self.game.generator_step()
        self.game.phase = {"D": "discriminator step taken", "G": "generator step taken"}.get(player, "both steps taken")
        self._picture()

    def _on_reset(self, content: dict) -> None:
        self._clear()
        self.game.reset(content.get("seed"))
        self.note = f"Reset with seed {self.game.settings.seed}."
        self._picture()

    def _on_set(self, content: dict) -> None:
        self._clear()
        self.note = self.game.change(**{content["name"]: content["value"]})
        self._picture()

    def _on_draw(self, content: dict) -> None:
        self._clear()
        self.game.draw(content["strokes"])
        self._picture()

    def _on_layers(self, content: dict) -> None:
        self.layers = content["layers"]
        self._state()

    def _on_save(self, content: dict) -> None:
        made = self.film.gif() if content["what"] == "gif" else self.film.strip()
        name, self.note = self.save(content["what"], made) if self.save else ("", "")
        self.send({"kind": "file", "name": name, "what": content["what"]}, [made])
        self._state()

    # -------------------------------------------------------------- playing

    def play(self) -> None:
        """Start the loop, if it does not run yet. Needs ``loop``."""
        self._clear()
        self.playing, self.game.phase = True, ""
        self._rate = (time.perf_counter(), self.game.step, 0.0)
        self._state()
        if self.task is None or self.task.done():
            self.task = self.loop.create_task(self._play(), context=self.context)

    def pause(self, note: str = "") -> None:
        """Stop after the present slice."""
        if self.playing:
            self.playing, self.note = False, note
            self._state()

    async def _play(self) -> None:
        with _Interrupt(self):
            while self.playing:
                if self.interrupted:
                    self.interrupted = False
                    self.pause("Paused by the kernel's stop button.")
                elif self.waiting and time.perf_counter() - self.sent > LOST:
                    self.pause("Paused: nobody is watching.")
                elif self.waiting and time.perf_counter() - self.sent > LATE:
                    await asyncio.sleep(0.1)
                else:
                    await self._turn()
        with self._explaining():
            self._picture()

    async def _turn(self) -> None:
        with self._explaining():
            if self.slow:
                for phase, step in (("D", self.game.discriminator_step), ("G", self.game.generator_step)):
                    await self._half_step(phase, step)
            else:
                self.game.phase = ""
                self.game.play(seconds=SLICE)
                if not self.waiting:
                    self._frame()
        await asyncio.sleep(0.001)  # messages, other cells, and the stop button have their turn

    async def _half_step(self, phase: str, step) -> None:
        if not self.playing:
            return
        count = self.game.settings.d_steps if phase == "D" else 1
        for _ in range(count):
            step()
        name = "discriminator" if phase == "D" else "generator"
        self.game.phase = f"the {name} has moved" + (f" ({count} steps)" if count > 1 else "")
        self._frame()
        for _ in range(7):
            if self.playing and self.slow:
                await asyncio.sleep(SLOW / 7)

    # -------------------------------------------------------------- messages to the browser

    def _picture(self) -> None:
        """State and frame, whatever the browser has drawn so far."""
        self._state()
        self._frame()
        if not self.playing:
            self.keep()

    def _frame(self) -> None:
        content, buffer = self.still()
        self.frame += 1
        self.sent, self.waiting = time.perf_counter(), True
        self.send({**content, "kind": "frame", "id": self.frame}, [buffer])

    def still(self) -> tuple[dict, bytes]:
        """The present frame: its numbers and texts, and the buffer with its arrays."""
        game = self.game
        measures = measure(game) if game.target is not None else None
        picture = look(game)
        if measures:
            self.film.record(picture, measures)
        content, buffer = pack(picture, measures, game.history)
        about = {"step": game.step, "phase": game.phase, "rate": self._steps_a_second(), "output": game.loss.output}
        return content | about, buffer

    def first(self) -> tuple[dict, bytes]:
        """A frame to begin with; an empty one, and the reason as the error, for a game that has nothing to show."""
        with self._explaining():
            return self.still()
        return {}, b""

    def _steps_a_second(self) -> float:
        """Full steps a second of the last second or so; 0 when it does not play."""
        began, step, _ = self._rate
        now = time.perf_counter()
        if not self.playing or self.game.step < step:
            self._rate = (now, self.game.step, 0.0)
        elif now - began > 1.0:
            self._rate = (now, self.game.step, (self.game.step - step) / (now - began))
        return self._rate[2]

    def _state(self) -> None:
        self.show(self.state())

    def state(self) -> dict:
        """What the controls show, as plain values."""
        settings = {name: getattr(self.game.settings, name) for name in self.game.settings.__dataclass_fields__}
        own = sorted(self.game.own)
        return {
            "settings": settings,
            "own": own,
            "call": call_of(self.game.settings, self.game.strokes, own),
            "playing": self.playing,
            "slow": self.slow,
            "note": self.note,
            "error": self.error,
            "strokes": self.game.strokes,
            "layers": self.layers,
        }

    # -------------------------------------------------------------- when something goes wrong

    def _clear(self) -> None:
        self.note = self.error = ""

    @contextlib.contextmanager
    def _explaining(self):
        """Whatever goes wrong pauses the game and is told in the picture; the loop and the widget stay alive."""
        try:
            yield
        except (LabError, Diverged, ValueError) as error:
            self._fail(str(error))
        except Exception as error:  # noqa: BLE001 - a dead widget would hide what happened
            self._fail(f"{type(error).__name__}: {error}")

    def _fail(self, text: str) -> None:
        self.playing, self.error = False, text
        self._state()


class _Interrupt:
    """While a game plays and no cell runs, the kernel's stop button pauses it; otherwise a kernel ignores it then."""

    def __init__(self, driver: Driver):
        self.driver, self.ours = driver, False

    def __enter__(self):
        with contextlib.suppress(ValueError):  # only the main thread may
            if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
                signal.signal(signal.SIGINT, self._stop)
                self.ours = True

    def __exit__(self, *_):
        if self.ours and signal.getsignal(signal.SIGINT) == self._stop:
            signal.signal(signal.SIGINT, signal.SIG_IGN)

    def _stop(self, *_) -> None:
        self.driver.interrupted = True
