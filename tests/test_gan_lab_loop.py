"""The laboratory's loop: frames, controls, failures, memory."""

import asyncio
import gc
import resource

import matplotlib
import pytest
import torch
from gan_lab_games import SMALL, game

from course_utils import training
from course_utils.widgets.gan_lab.driver import Driver
from course_utils.widgets.gan_lab.film import FRAMES, Film
from course_utils.widgets.gan_lab.game import Game
from course_utils.widgets.gan_lab.measure import look, measure
from course_utils.widgets.gan_lab.packing import pack, unpack
from course_utils.widgets.gan_lab.settings import Settings

matplotlib.use("Agg")


class Browser:
    """Stands for the front end: remembers messages and answers frames, or does not."""

    def __init__(self, game: Game, answers: bool = True):
        self.driver, self.answers = Driver(game, Film()), answers
        self.frames, self.files, self.states = [], [], []
        self.driver.send, self.driver.show = self.send, self.states.append

    def send(self, content, buffers):
        if content["kind"] == "file":
            self.files.append((content, buffers[0]))
        else:
            self.frames.append((content, buffers[0]))
        if self.answers and content["kind"] == "frame":
            self.ask("ack", id=content["id"])

    def ask(self, kind, **more):
        self.driver.receive({"kind": kind, **more})

    async def until(self, condition, seconds: float = 20):
        for _ in range(round(seconds / 0.01)):
            if condition():
                return
            await asyncio.sleep(0.01)
        raise AssertionError("did not happen in time")


def play(script, answers: bool = True, **settings):
    """Run ``script(browser)`` in an event loop."""

    async def run():
        browser = Browser(Game(Settings(**SMALL | settings)), answers)
        browser.driver.loop = asyncio.get_running_loop()
        browser.ask("hello", view="1")
        await script(browser)
        browser.driver.pause()
        if browser.driver.task:
            await browser.driver.task
        return browser

    return asyncio.run(run())


def test_play_trains_and_sends_frames_until_paused():
    async def script(browser):
        browser.ask("play", on=True)
        await browser.until(lambda: len(browser.frames) > 5)
        browser.ask("play", on=False)
        await browser.until(lambda: browser.driver.task.done())

    browser = play(script)
    assert browser.driver.game.step > 5
    assert [state["playing"] for state in browser.states if state["playing"]]
    assert not browser.states[-1]["playing"]
    steps = [content["step"] for content, _ in browser.frames]
    assert steps == sorted(steps)
    assert steps[-1] == browser.driver.game.step


def test_no_frame_is_sent_before_the_last_was_drawn(monkeypatch):
    monkeypatch.setattr("course_utils.widgets.gan_lab.driver.LATE", 0.3)
    monkeypatch.setattr("course_utils.widgets.gan_lab.driver.LOST", 0.8)

    async def script(browser):
        await browser.until(lambda: browser.frames)
        browser.ask("play", on=True)
        await browser.until(lambda: browser.driver.task and browser.driver.task.done())

    browser = play(script, answers=False)
    assert len(browser.frames) == 2  # the first picture, and the one after it had given up
    assert browser.driver.note == "Paused: nobody is watching."
    assert browser.driver.game.step > 0


def test_one_step_at_a_time():
    async def script(browser):
        for player in ("D", "D", "G", "both"):
            browser.ask("step", player=player)
        await browser.until(lambda: browser.driver.game.step == 2)

    browser = play(script)
    assert [content["phase"] for content, _ in browser.frames][-4:] == [
        "discriminator step taken",
        "discriminator step taken",
        "generator step taken",
        "both steps taken",
    ]


def test_slow_motion_shows_the_two_halves_apart(monkeypatch):
    monkeypatch.setattr("course_utils.widgets.gan_lab.driver.SLOW", 0.01)

    async def script(browser):
        browser.ask("play", on=True, slow=True)
        await browser.until(lambda: browser.driver.game.step == 3)

    phases = [content["phase"] for content, _ in play(script).frames if content["phase"]]
    assert phases[:4] == ["the discriminator has moved", "the generator has moved"] * 2


def test_controls_act_while_it_plays():
    async def script(browser):
        browser.ask("play", on=True)
        await browser.until(lambda: browser.driver.game.step > 0)
        browser.ask("set", name="loss", value="hinge")
        browser.ask("set", name="width_g", value=16)
        await browser.until(lambda: browser.driver.game.settings.width_g == 16)
        assert browser.driver.playing
        reached = browser.driver.game.step
        await browser.until(lambda: browser.driver.game.step > reached)
        browser.ask("draw", strokes=[[[0, 0], [0.1, 0]]])
        browser.ask("set", name="data", value="drawn")
        await browser.until(lambda: browser.driver.game.settings.data == "drawn")
        reached = browser.driver.game.step
        await browser.until(lambda: browser.driver.game.step > reached)

    browser = play(script)
    assert any("The generator started anew" in state["note"] for state in browser.states)
    assert not any(state["error"] for state in browser.states)
    assert browser.frames[-1][0]["measures"]["modes_total"] == 1


def test_a_reset_while_it_plays_starts_from_the_seed():
    async def script(browser):
        browser.ask("play", on=True)
        await browser.until(lambda: browser.driver.game.step > 3)
        browser.ask("reset", seed=7)
        await browser.until(lambda: browser.driver.game.settings.seed == 7)

    assert any(state["note"] == "Reset with seed 7." for state in play(script).states)


def test_a_failing_step_pauses_and_is_told_and_the_loop_can_start_again():
    fail = [True]

    def step(gan, z):
        if fail[0]:
            raise IndexError("no such layer")
        return training.generator_step(gan, z)

    async def run():
        browser = Browser(Game(Settings(**SMALL), generator_step=step))
        browser.driver.loop = asyncio.get_running_loop()
        browser.ask("play", on=True)
        await browser.until(lambda: browser.driver.error)
        assert "generator_step failed at step 1: IndexError: no such layer" in browser.driver.error
        assert not browser.driver.playing
        fail[0] = False
        browser.ask("play", on=True)
        await browser.until(lambda: browser.driver.game.step > 0)
        assert not browser.driver.error
        browser.driver.pause()
        await browser.driver.task

    asyncio.run(run())


def test_a_diverging_game_pauses_with_a_message_and_a_reset_cures_it():
    async def script(browser):
        browser.ask("play", on=True)
        await browser.until(lambda: browser.driver.error)
        assert "no longer a finite number" in browser.driver.error
        browser.ask("set", name="lr_d", value=0.001)
        browser.ask("set", name="lr_g", value=0.001)
        browser.ask("reset")
        browser.ask("play", on=True)
        await browser.until(lambda: browser.driver.playing and browser.driver.game.step > 3)
        assert not browser.driver.error

    play(script, loss="wasserstein", r1=0.0, lr_d=1e18, lr_g=1e18, optimiser="sgd")


@pytest.mark.parametrize("message", [{"kind": "nonsense"}, {}, {"kind": "set", "name": "nothing", "value": 1}])
def test_odd_messages_do_no_harm(message):
    async def script(browser):
        browser.driver.receive(message)
        browser.ask("step", player="both")
        await browser.until(lambda: browser.driver.game.step == 1)

    play(script)


def test_it_pauses_when_the_last_view_is_closed():
    async def script(browser):
        browser.ask("hello", view="2")
        browser.ask("play", on=True)
        browser.ask("bye", view="2")
        await browser.until(lambda: browser.driver.game.step > 0)
        assert browser.driver.playing
        browser.ask("bye", view="1")
        await browser.until(lambda: browser.driver.task.done())

    assert play(script).driver.note == "Paused: the picture was closed."


def test_the_stop_button_pauses_it():
    import signal

    before = signal.signal(signal.SIGINT, signal.SIG_IGN)  # as in a kernel that runs no cell

    async def script(browser):
        browser.ask("play", on=True)
        await browser.until(lambda: browser.driver.game.step > 0)
        signal.raise_signal(signal.SIGINT)
        await browser.until(lambda: browser.driver.task.done())

    try:
        assert play(script).driver.note == "Paused by the kernel's stop button."
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)


def test_a_frame_survives_its_way():
    g = game(noise_dim=1)
    g.play(2)
    measures, picture = measure(g), look(g)
    content, buffer = pack(picture, measures, g.history)
    arrays = unpack(content, buffer)
    for name in ("heat", "fakes", "real", "mesh", "arrows"):
        assert torch.equal(arrays[name], getattr(picture, name))
    assert arrays["curves"][content["columns"].index("js"), -1].item() == pytest.approx(measures.js)
    assert len(buffer) == 4 * sum(torch.Size(shape).numel() for _, shape in content["parts"])


def test_playing_does_not_grow_in_memory():
    """Half a minute of frames at 20 a second; ``benchmarks/gan_lab_memory.py`` plays for ten minutes."""
    browser = Browser(game(), answers=False)
    sizes = []
    for frame in range(600):
        browser.driver.game.play(3)
        browser.driver._frame()
        browser.frames.clear()
        if frame in (299, 599):
            gc.collect()
            sizes.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    assert sizes[1] - sizes[0] < 6  # MB; a frame is 0.04 MB, so a leak of one frame in two would show
    assert len(browser.driver.film.shots) <= FRAMES
    assert len(browser.driver.game.history) < 600
