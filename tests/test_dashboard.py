"""The training dashboard: what it sends, how much it keeps, how it stops a run, and when it is quiet."""

import math
import time

import matplotlib
import numpy as np
import pytest
import torch
from jupyter_client.manager import start_new_kernel
from test_plotting import make_critics_history, make_history
from tiny_gans import draw_z, labelled_images, make_conditional_gan, make_gan, make_images, plain_game, same, weights

from course_utils.runs import Run
from course_utils.steps.shared_fakes import SharedFakes
from course_utils.training import Diverged, fit
from course_utils.widgets import TrainingDashboard, dashboard, pixels
from course_utils.widgets.curves import Curves
from course_utils.widgets.playing import Playable, PlayingDashboard
from course_utils.widgets.translating import TranslationDashboard

matplotlib.use("Agg")


# --- curves and pictures -----------------------------------------------------------------------------------------------


def test_short_curves_are_kept_point_by_point():
    curves = Curves(2, bins=8)
    for i in range(7):
        curves.add(i, 10 * i)
    assert curves.rows().tolist() == [[i, 10 * i] for i in range(7)]


def test_long_curves_are_means_of_neighbours_in_bounded_memory():
    curves = Curves(2, bins=64)
    n = 100_000
    for i in range(n):
        curves.add(i, i % 2)
    rows = curves.rows()
    assert len(rows) <= 64
    assert len(curves.to_bytes()) <= 64 * 2 * 4
    width = curves.stride
    assert n / width <= 64
    assert rows[0].tolist() == [(width - 1) / 2, 0.5]
    assert np.all(np.diff(rows[:, 0]) > 0)
    last = np.arange(len(rows) * width - width, n)  # the last bin, which may be partly filled
    assert rows[-1, 0] == pytest.approx(last.mean())


def test_pixels_are_bytes_with_channels_last():
    images = torch.tensor([-1.0, 0.0, 1.0, 3.0]).view(1, 1, 2, 2)
    assert pixels.to_bytes(images) == ((1, 2, 2, 1), bytes([0, 128, 255, 255]))
    colours = torch.arange(12, dtype=torch.uint8).view(1, 3, 2, 2)
    assert pixels.to_bytes(colours) == ((1, 2, 2, 3), bytes([0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11]))


def test_large_pictures_are_reduced():
    images = torch.zeros(2, 3, 300, 200)
    images[:, :, :3, :3] = 1
    shape, data = pixels.to_bytes(images)
    assert shape == (2, 100, 66, 3)
    assert data[:3] == bytes([255] * 3)
    assert data[3:6] == bytes([128] * 3)


# --- quiet, and on a terminal ------------------------------------------------------------------------------------------


def test_status_tells_progress_speed_and_remaining_time():
    assert dashboard.status(make_history()) == "step 101 of 201, 4 s, 25 steps/s, 4 s to go, Fréchet distance 20.0"


def test_numbers_count_images():
    assert dashboard.numbers(make_history())["images_a_second"] == pytest.approx(8 * 101 / 4)


def test_one_line_at_the_end_when_nobody_watches(capsys):
    fit(make_gan(), make_images(), plain_game(), steps=21, batch_size=8, log_every=5, callbacks=(TrainingDashboard(),))
    out, err = capsys.readouterr()
    assert out.startswith("step 21 of 21, ")
    assert out.count("\n") == 1
    assert err == ""


def test_a_bar_on_a_terminal(monkeypatch, capsys):
    monkeypatch.setattr(dashboard, "unattended", lambda: False)
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    fit(make_gan(), make_images(), plain_game(), steps=21, batch_size=8, log_every=5, callbacks=(TrainingDashboard(),))
    out, err = capsys.readouterr()
    assert out == ""
    assert "21/21" in err
    assert "D=" in err


# --- live --------------------------------------------------------------------------------------------------------------


class FakeStill:
    def __init__(self, front, again, shown):
        self.show(shown)

    def show(self, shown):
        self.text, self.page = shown["text/plain"], shown.get("text/html", "")


@pytest.fixture
def live(monkeypatch):
    """A dashboard that believes in a front end; ``sent`` are the messages to it."""
    from course_utils.widgets import dashboard_live

    sent = []
    monkeypatch.setattr(dashboard, "headless", lambda: False)
    monkeypatch.setattr(dashboard_live, "Still", FakeStill)
    monkeypatch.setattr(dashboard_live.Front, "send", lambda self, content, buffers: sent.append((content, buffers)))
    watched = TrainingDashboard(every=0.0)
    watched.sent = sent
    return watched


def train(*callbacks, steps=41, gan=None, run=None, data=None, game=None, **options):
    gan = gan or make_gan()
    torch.manual_seed(5)
    options = {"batch_size": 8, "log_every": 5, "callbacks": callbacks, "run": run, **options}
    return gan, fit(gan, data or make_images(), game or plain_game(), steps=steps, **options)


def press_stop(front):
    front._handle_msg({"content": {"data": {"method": "custom", "content": {"kind": "stop"}}}, "buffers": []})


def test_every_point_and_every_picture_is_sent_once(live):
    _, history = train(live, steps=301)
    front = live.display.front
    rows = np.frombuffer(front.curves, "<f4").reshape(-1, 5)
    assert rows[:, 0].tolist() == history.step
    assert rows[:, 1] == pytest.approx(history.d_loss, rel=1e-6)
    assert rows[:, 4] == pytest.approx(history.d_fake, rel=1e-6)
    assert front.snapshots == history.snapshot_step
    assert [message["step"] for message, _ in live.sent] == history.snapshot_step
    assert live.sent[-1][1] == [pixels.to_bytes(history.snapshots[-1])[1]]
    assert front.numbers["state"] == "finished"
    assert front.numbers["step"] == 301


def test_a_view_gets_the_pictures_that_it_asks_for(live):
    _, history = train(live)
    live.sent.clear()
    wanted = history.snapshot_step[1:3]
    content = {"kind": "pictures", "steps": wanted}
    live.display.front._handle_msg({"content": {"data": {"method": "custom", "content": content}}, "buffers": []})
    assert [message["step"] for message, _ in live.sent] == wanted


def test_a_conditional_run_is_watched_like_any_other(live):
    _, history = train(live, gan=make_conditional_gan(), data=labelled_images(), game=SharedFakes(draw_z))
    assert [message["step"] for message, _ in live.sent] == history.snapshot_step
    assert live.display.front.numbers["state"] == "finished"


def test_a_dashboard_leaves_training_as_it_is(live):
    plain, _ = train()
    watched, _ = train(live)
    assert same(weights(plain.generator), weights(watched.generator))


def test_the_stop_button_ends_the_run_after_the_present_step(live, capsys):
    def press(gan, history):
        if history.step[-1] == 11:
            press_stop(live.display.front)

    _, history = train(live, press)
    assert history.stopped
    assert history.step[-1] == 11
    assert live.display.front.numbers["state"] == "stopped"
    assert "<img alt=" in live.display.still.page
    assert "Stopped at step 11 of 41; the result so far is kept." in capsys.readouterr().out


def test_a_request_between_logged_steps_is_heard_at_once():
    history_of = []

    def d_step(gan, real, z):
        if len(calls) == 12:
            history_of[0].stop_requested = True
        calls.append(1)
        return torch.tensor(1.0)

    calls = []
    _, history = train(lambda gan, history: history_of.append(history), game=plain_game(d_step))
    assert history.step == [1, 6, 11, 13]
    assert history.stopped


def test_a_request_at_the_last_step_changes_nothing(capsys):
    def request(gan, history):
        history.stop_requested = history.step[-1] == 41

    _, history = train(request)
    assert not history.stopped
    assert "Stopped" not in capsys.readouterr().out


def test_a_run_that_was_stopped_by_request_goes_on_bit_for_bit():
    def request(gan, history):
        history.stop_requested = history.step[-1] == 21

    whole, _ = train(run=Run("whole", seed=1))
    train(request, run=Run("cut", seed=1))
    again, history = train(request_nothing, gan=make_gan(seed=9), run=Run("cut", seed=1))
    assert same(weights(whole.generator), weights(again.generator))
    assert same(weights(whole.shown), weights(again.shown))
    assert history.step == [1, 6, 11, 16, 21, 26, 31, 36, 41]


def request_nothing(gan, history):
    assert not history.stop_requested


def test_a_failed_run_says_so_and_keeps_its_picture(live):
    def g_step(gan, z):
        return torch.tensor(0.7 if len(live.history.step if live.history else []) < 3 else math.nan)

    with pytest.raises(Diverged):
        train(live, game=plain_game(generator_step=g_step))
    assert live.display.front.numbers["state"] == "failed"
    assert live.display.still.text.startswith("Training, failed: step 11 of 41")


def test_updates_that_cost_much_are_rare(live):
    history = make_history()
    live(None, history)
    count = len(live.sent)
    history.snapshot_step.append(120)
    history.snapshots.append(history.snapshots[0])
    live.display.cost = 1000.0
    live(None, history)
    assert len(live.sent) == count
    live.display.cost = 0.0
    live(None, history)
    assert len(live.sent) == count + 1


def test_what_is_sent_does_not_grow_with_the_run(live):
    history = make_history()
    for step in range(200, 40_000):
        history.step.append(step)
        for name in ("seconds", "d_loss", "g_loss", "d_real", "d_fake"):
            getattr(history, name).append(1.0)
    history.score_step, history.score = list(range(5000)), [1.0] * 5000
    live(None, history)
    front = live.display.front
    assert len(front.curves) <= 512 * 5 * 4
    assert len(front.scores) <= 512 * 2 * 4


def test_a_critic_sends_the_difference_of_its_scores(live):
    history = make_critics_history()
    live(None, history)
    live.finish(None, history)
    front = live.display.front
    assert front.numbers["critic"]
    rows = np.frombuffer(front.curves, "<f4").reshape(-1, 5)
    assert rows[:, 1].tolist() == [8.0, -2.0, -0.5]
    assert rows[:, 3].tolist() == [0.0, 2.5, 0.5]
    assert "<img alt=" in live.display.still.page


def test_a_discriminator_sends_its_probabilities(live):
    history = make_history()
    live(None, history)
    assert not live.display.front.numbers["critic"]
    rows = np.frombuffer(live.display.front.curves, "<f4").reshape(-1, 5)
    assert rows[:, 3].tolist() == pytest.approx(history.d_real)


# --- what is translated ------------------------------------------------------------------------------------------------


@pytest.fixture
def pictures(monkeypatch):
    """The figures of which a still picture is made."""
    from course_utils import figures

    made = []
    monkeypatch.setattr(figures, "png", lambda fig, png=figures.png: made.append(fig) or png(fig))
    return made


def test_the_pictures_of_a_translation_have_the_lessons_caption(live, pictures):
    history = make_history()
    watched = TranslationDashboard("Streets made of sixteen maps", every=0.0)
    for one in (watched, live):
        one(None, history)
        one.finish(None, history)
    assert watched.display.front.numbers["samples"] == "Streets made of sixteen maps"
    assert "samples" not in live.display.front.numbers
    titles = [fig.axes[2].get_title().replace("\n", " ") for fig in pictures]
    assert titles == ["Streets made of sixteen maps, step 101", "fixed noise at step 101"]
    assert all(len(line) <= 22 for line in pictures[0].axes[2].get_title().splitlines())
    labels = [{line.get_label() for line in fig.axes[0].get_lines()} for fig in pictures]
    assert labels[0] == labels[1]  # the game is the usual one, and so are its lines


def test_least_squares_are_read_by_a_quarter_and_a_half(live, pictures):
    """A critic's zero would say of a game where nobody can tell that it is far from there."""
    history = make_critics_history()
    history.d_loss, history.g_loss = [0.25, 0.2, 0.22], [0.25, 0.4, 0.3]
    history.d_real, history.d_fake = [0.5, 0.7, 0.6], [0.5, 0.3, 0.4]
    watched = TranslationDashboard("Streets", least_squares=True, every=0.0)
    watched(None, history)
    watched.finish(None, history)
    assert watched.display.front.numbers["least_squares"]
    rows = np.frombuffer(watched.display.front.curves, "<f4").reshape(-1, 5)
    assert rows[:, 3:].tolist() == pytest.approx(np.array([[0.5, 0.5], [0.7, 0.3], [0.6, 0.4]]))
    dotted = [[line.get_ydata()[0] for line in axes.get_lines()[2:]] for axes in pictures[0].axes[:2]]
    assert dotted == [[0.25], [0.5]]
    assert watched.display.still.text.startswith("Training, ")


def test_a_translation_that_nobody_watches_prints_one_line(capsys):
    train(TranslationDashboard("Streets"))
    assert capsys.readouterr().out.startswith("step 41 of 41, ")


# --- what can be heard -------------------------------------------------------------------------------------------------


def playable(gan):
    """Draws, as a generator may."""
    return Playable("a sample", "data:audio/wav;base64,AAAA", 2.0, torch.rand(3, 8, 16) * 2 - 1)


@pytest.fixture
def playing(live):
    watched = PlayingDashboard(playable, every=0.0)
    watched.sent = live.sent
    return watched


def clips_of(watched):
    return [(message, buffers) for message, buffers in watched.sent if message["kind"] == "clip"]


def test_each_picture_comes_with_a_clip_of_its_step(playing):
    _, history = train(playing, steps=301)
    told = [message for message, _ in clips_of(playing)]
    assert [message["step"] for message in told] == history.snapshot_step
    assert {message["name"] for message in told} == {"a sample"}
    assert told[-1]["sound"] == "data:audio/wav;base64,AAAA"
    assert told[-1]["seconds"] == 2.0
    shape, data = pixels.to_bytes(playing.clips[301].picture[None])
    assert (told[-1]["shape"], clips_of(playing)[-1][1]) == (shape, [data])


def test_a_view_that_comes_later_can_hear_what_it_missed(playing):
    _, history = train(playing)
    playing.sent.clear()
    content = {"kind": "pictures", "steps": history.snapshot_step[1:3]}
    playing.display.front._handle_msg({"content": {"data": {"method": "custom", "content": content}}, "buffers": []})
    assert [message["step"] for message, _ in clips_of(playing)] == history.snapshot_step[1:3]


def test_making_clips_leaves_training_as_it_is(playing):
    plain, _ = train()
    watched, _ = train(playing)
    assert same(weights(plain.generator), weights(watched.generator))


def test_a_saved_page_keeps_the_picture_of_the_last_clip_and_no_sound(playing):
    train(playing)
    page = playing.display.still.page
    assert page.count("<img alt=") == 2
    assert 'alt="a sample, step 41"' in page
    assert "<audio" not in page


def test_another_run_has_clips_of_its_own(playing):
    train(playing)
    train(playing, steps=11)
    assert max(playing.clips) == 11


def test_no_clip_is_made_where_nobody_watches(capsys):
    def clip(gan):
        raise AssertionError

    train(PlayingDashboard(clip))
    assert capsys.readouterr().out.startswith("step 41 of 41, ")


# --- a real kernel -----------------------------------------------------------------------------------------------------

BUSY = """
import threading, time
from course_utils.widgets.dashboard_live import Front
from course_utils.widgets.comms import deliver, hear_while_busy
front, heard = Front(), []
front.on_msg(lambda _, message, buffers: heard.append(threading.current_thread() is threading.main_thread()))
hear_while_busy(front)
print("address", front.comm.comm_id)
deadline = time.monotonic() + 60
while not heard and time.monotonic() < deadline:
    time.sleep(0.05)
    {in_the_loop}
print("heard", heard)
"""


@pytest.fixture(scope="module")
def kernel():
    manager, client = start_new_kernel()
    yield client
    client.stop_channels()
    manager.shutdown_kernel(now=True)


def printed(client, word):
    """What the kernel prints after ``word``, as soon as the line is whole: it may come in pieces."""
    deadline, text = time.monotonic() + 120, ""
    while time.monotonic() < deadline:
        message = client.get_iopub_msg(timeout=120)
        assert message["msg_type"] != "error", message["content"]
        text += message["content"]["text"] if message["msg_type"] == "stream" else ""
        for line in text.splitlines(keepends=True):
            if line.startswith(word) and line.endswith("\n"):
                return line.removeprefix(word).strip()
    raise AssertionError(f"nothing that begins with {word!r}")


def send_to_widget(client, address, subshell=None):
    content = {"comm_id": address, "data": {"method": "custom", "content": {"kind": "stop"}}}
    message = client.session.msg("comm_msg", content)
    message["header"]["subshell_id"] = subshell
    client.shell_channel.send(message)


def test_a_busy_cell_hears_a_front_end_without_subshells(kernel):
    kernel.execute(BUSY.format(in_the_loop="deliver(front)"))
    address = printed(kernel, "address")
    kernel.execute("print('next', 1)")
    kernel.execute("print('after', 2)")
    send_to_widget(kernel, address)
    assert printed(kernel, "heard") == "[True]"
    assert printed(kernel, "next") == "1"  # cells that wait behind keep their order
    assert printed(kernel, "after") == "2"


def test_a_busy_cell_hears_a_front_end_with_subshells(kernel):
    kernel.control_channel.send(kernel.session.msg("create_subshell_request", {}))
    subshell = kernel.get_control_msg(timeout=60)["content"]["subshell_id"]
    kernel.execute(BUSY.format(in_the_loop="pass"))
    send_to_widget(kernel, printed(kernel, "address"), subshell)
    assert printed(kernel, "heard") == "[False]"
