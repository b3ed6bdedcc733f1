"""The live side of ``TrainingDashboard``: what goes to the front end, and the stop button's way back.

Small things (numbers, curves) are the widget's state, of bounded size, so a page that is loaded anew has them at
once. Pictures are sent once, when they are made; a view that lacks some asks for them.
"""

import time
from collections.abc import Callable
from pathlib import Path

import anywidget
import traitlets

from course_utils import runtime
from course_utils.widgets import pixels, web
from course_utils.widgets.comms import deliver, hear_while_busy
from course_utils.widgets.curves import Curves
from course_utils.widgets.dashboard import numbers, picture, status
from course_utils.widgets.rerun import predecessor
from course_utils.widgets.still import Still, small

AGAIN = "This is what stayed of a training run. Run this cell again to train and watch it live."


class Front(anywidget.AnyWidget):
    """The state that the browser draws."""

    _esm = web.script(*(Path(__file__).parent / name for name in ("player.js", "dashboard.js")))
    _css = web.style(Path(__file__).parent / "dashboard.css")
    numbers = traitlets.Dict().tag(sync=True)  # of ``dashboard.numbers``, with "state" and the look of ``Live``
    curves = traitlets.Bytes().tag(
        sync=True
    )  # float32 rows: step, d_loss, g_loss, d_real, d_fake (of a critic without "least_squares": d_real - d_fake, 0)
    scores = traitlets.Bytes().tag(sync=True)  # float32 rows: step, score
    snapshots = traitlets.List().tag(sync=True)  # the steps of which there are pictures


class Live:
    """One run's display. ``clips`` are what can be heard, ``{step: Playable}``; it may grow while the run lasts.

    ``look`` says how it differs from the usual one: ``samples`` is the caption of the pictures, ``least_squares`` that the
    scores are pulled towards 1 and 0. ``draw(history)`` makes the picture that stays, a PNG file.
    """

    def __init__(
        self,
        history,
        every: float,
        clips: dict | None = None,
        look: dict | None = None,
        draw: Callable[..., bytes] = picture,
    ):
        self.history, self.every = history, every
        self.clips = {} if clips is None else clips
        self.look, self.draw = look or {}, draw
        self.last, self.cost = -1e9, 0.0
        self.points, self.scores = 0, 0  # how many of the history's are in the curves
        self.curves, self.score_curve = Curves(5), Curves(2)
        self.front = Front(numbers=numbers(history) | self.look | {"state": "running"})
        self.front.on_msg(self._heard)
        hear_while_busy(self.front)
        before = predecessor("dashboard", self.front)
        if before is not None:
            before.close()
        self.still = Still(self.front, AGAIN, {"text/plain": "The run had not ended when this was saved."})

    def update(self, history) -> None:
        """Send what is new, unless that was done a moment ago."""
        began = time.perf_counter()
        if began - self.last < max(self.every, 50 * self.cost):
            return
        deliver(self.front)
        self._send(history, "running")
        self.last = time.perf_counter()
        self.cost = self.last - began

    def end(self, history) -> None:
        finished = history.step[-1] == history.total_steps
        state = "finished" if finished else "stopped" if history.stopped else "failed"
        self._send(history, state)
        deliver(self.front)
        shown = runtime.picture(small(self.draw(history)), f"Training, {state}: {status(history)}")
        self.still.show(shown | {"text/html": shown["text/html"] + self._last_clip()})

    def _last_clip(self) -> str:
        """The picture of the last clip, for a page that plays nothing; empty without one."""
        if not self.clips:
            return ""
        step, clip = list(self.clips.items())[-1]
        return "<br>" + runtime.picture(pixels.png(clip.picture), f"{clip.name}, step {step}")["text/html"]

    def _send(self, history, state: str) -> None:
        for i in range(self.points, len(history.step)):
            said = (history.d_real[i], history.d_fake[i])
            if history.critic and not self.look.get("least_squares"):
                said = (history.d_real[i] - history.d_fake[i], 0.0)
            self.curves.add(history.step[i], history.d_loss[i], history.g_loss[i], *said)
        for i in range(self.scores, len(history.score)):
            self.score_curve.add(history.score_step[i], history.score[i])
        self.points, self.scores = len(history.step), len(history.score)
        new = history.snapshot_step[len(self.front.snapshots) :]
        with self.front.hold_sync():
            self.front.numbers = numbers(history) | self.look | {"state": state}
            self.front.curves, self.front.scores = self.curves.to_bytes(), self.score_curve.to_bytes()
            self.front.snapshots = list(history.snapshot_step)
        for step in new:
            self._send_picture(step)

    def _send_picture(self, step: int) -> None:
        images = self.history.snapshots[self.history.snapshot_step.index(step)]  # (16, C, H, W)
        shape, data = pixels.to_bytes(images)
        self.front.send({"kind": "picture", "step": step, "shape": shape}, [data])
        if step in self.clips:
            self._send_clip(step, self.clips[step])

    def _send_clip(self, step: int, clip) -> None:
        shape, data = pixels.to_bytes(clip.picture[None], largest=512)
        told = {"name": clip.name, "seconds": clip.seconds, "sound": clip.sound, "shape": shape}
        self.front.send({"kind": "clip", "step": step, **told}, [data])

    def _heard(self, _, message: dict, buffers) -> None:
        """Runs on the main thread or on one of its own, at any time."""
        if message["kind"] == "stop":
            self.history.stop_requested = True
        elif message["kind"] == "pictures":
            for step in message["steps"]:
                self._send_picture(step)
