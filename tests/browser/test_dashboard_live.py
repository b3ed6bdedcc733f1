"""The training dashboard in JupyterLab: watched, scrubbed and stopped while the cell is busy, kept in the file."""

import nbformat
import pytest
from harness import (
    NOTEBOOK,
    assert_no_error_outputs,
    open_notebook,
    run_all,
    screenshot,
    start_all,
    wait_until_all_ran,
    write_notebook,
)
from nbformat.v4 import new_code_cell
from test_lessons import C1W1

PLAYERS = """
import torch
from course_utils.datasets import digits
from course_utils.models.dense.mlp import Discriminator, Generator, sample_noise
from course_utils.game import Game
from course_utils.training import GAN, discriminator_step, fit, generator_step
from course_utils.widgets import TrainingDashboard
torch.set_num_threads(1)
torch.manual_seed(0)
generator, discriminator = Generator(hidden=16), Discriminator(hidden=16)
gan = GAN.with_adam(generator, discriminator, ema=0.999)
images, draw_z = digits.load("train").images, lambda n: sample_noise(n, 64)
game = Game(discriminator_step, generator_step, draw_z)
"""
FIT = "history = fit(gan, images, game, {}, callbacks=(TrainingDashboard(every=0.1),))"


def pixels(page):
    return page.locator(".gan-dashboard canvas.pictures").evaluate("canvas => canvas.toDataURL()")


def cells_run(page):
    """Whether cells of ``start_all`` are still at it. The kernel's status would not do: a message that a thread of its
    own handles meanwhile ends with "idle"."""
    return not page.evaluate("window.allRan")


def wait_for_pictures(page, count):
    page.wait_for_function(f"document.querySelector('.gan-dashboard input[type=range]')?.max >= {count - 1}")


def assert_scrubber_changes_the_picture(page):
    """With the keyboard: Home is the first picture, End the last."""
    scrubber = page.get_by_label("Samples from fixed noise")
    scrubber.press("Home")
    page.wait_for_function("document.querySelector('.gan-dashboard .samples .legend').textContent === 'step 1'")
    first = pixels(page)
    scrubber.press("End")
    page.wait_for_function(
        "!/^step 1$|way/.test(document.querySelector('.gan-dashboard .samples .legend').textContent)"
    )
    assert pixels(page) != first


def test_training_in_the_first_lesson_is_watched_and_stopped(lab, page):
    """With the budget of a learner's laptop; the lesson goes on to its end with what there is."""
    nb = nbformat.read(lab.root / C1W1, as_version=4)
    nb.cells.insert(0, new_code_cell("import os\nos.environ['COURSE_BUDGET'] = 'cpu'"))
    nbformat.write(nb, lab.root / "stopped.ipynb")
    open_notebook(page, lab, "stopped.ipynb")
    start_all(page)
    wait_for_pictures(page, 4)
    assert_scrubber_changes_the_picture(page)
    for nth in (0, 1):  # the pair that is given, then the learner's own
        view = f"document.querySelectorAll('.gan-dashboard')[{nth}]"
        page.wait_for_function(f"{view}?.querySelector('input[type=range]').max >= 3", timeout=600_000)
        assert cells_run(page)
        page.get_by_role("button", name="Stop early and keep the result").click()
        page.wait_for_function(f"/^Stopped/.test({view}.querySelector('.status').textContent)")
        assert cells_run(page)  # with the cells that follow
    page.locator(".gan-dashboard").nth(1).scroll_into_view_if_needed()
    screenshot(page, "dashboard-stopped")
    wait_until_all_ran(page, seconds=1800)
    assert_no_error_outputs(page)
    assert page.locator(".gan-explorer").count() == 1


def test_the_stop_button_is_heard_between_logged_steps(lab, page):
    tell = "print('told', history.stopped, len(history.step), history.step[-1] < 10**6)"
    fit = FIT.format("steps=10**6, log_every=10**6")
    open_notebook(page, lab, write_notebook(lab, "stop.ipynb", [PLAYERS, fit, tell]))
    start_all(page)
    page.get_by_role("button", name="Stop early and keep the result").press("Enter")
    wait_until_all_ran(page)
    assert_no_error_outputs(page)
    assert page.get_by_text("told True 2 True").count() == 1


def test_a_page_that_is_loaded_again_has_curves_and_pictures(lab, page):
    open_notebook(page, lab, write_notebook(lab, "again.ipynb", [PLAYERS, FIT.format("steps=300, log_every=20")]))
    run_all(page)
    page.evaluate("window.jupyterapp.commands.execute('docmanager:save')")
    page.reload()
    wait_for_pictures(page, 4)
    assert page.locator(".gan-dashboard .status").inner_text().startswith("Finished: step 300 of 300")
    assert_scrubber_changes_the_picture(page)


def test_the_file_keeps_a_picture_that_a_live_page_hides(lab, page):
    open_notebook(page, lab, write_notebook(lab, "kept.ipynb", [PLAYERS, FIT.format("steps=60, log_every=20")]))
    run_all(page)
    still = page.locator(".jp-OutputArea-child:has(.gan-dashboard) + .jp-OutputArea-child")
    assert still.locator("img").count() == 1
    assert not still.is_visible()
    page.evaluate("window.jupyterapp.commands.execute('docmanager:save')")
    page.wait_for_function(f"!{NOTEBOOK}.context.model.dirty")
    outputs = nbformat.read(lab.root / "kept.ipynb", as_version=4).cells[1]["outputs"]
    assert "<img alt=" in "".join(outputs[1]["data"]["text/html"])
    assert "\nTraining, finished: step 60 of 60" in outputs[1]["data"]["text/plain"]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_it_fits_and_can_be_read(lab, page, theme):
    lab.theme(theme)
    scored = "from course_utils.callbacks import Score\n" + FIT.format("steps=400, log_every=10").replace(
        "(Tr", "(Score(lambda images: 50 / history_length(), draw_z, every=0.2), Tr"
    )
    count = "import itertools\ncounter = itertools.count(1)\nhistory_length = lambda: next(counter)"
    open_notebook(page, lab, write_notebook(lab, "looks.ipynb", [PLAYERS, count, scored]))
    run_all(page)
    for width in (700, 1100, 1600):
        page.set_viewport_size({"width": width, "height": 800})
        page.wait_for_timeout(300)
        root = page.locator(".gan-dashboard")
        assert root.evaluate("e => e.scrollWidth <= e.clientWidth + 1")
        figures = page.locator(".gan-dashboard figure:not([hidden])")  # what can be heard is hidden where nothing can
        assert figures.evaluate_all("figures => figures.length >= 4 && figures.every(f => f.offsetWidth > 200)")
        root.scroll_into_view_if_needed()
        screenshot(page, f"dashboard-{theme}-{width}")


def test_a_critic_shows_its_estimate_of_the_distance(lab, page):
    """No probabilities, no log 2 and log 4: a critic's scores have a difference, and nothing else means anything."""
    steps = """
from course_utils.steps.wasserstein import critic_step, wasserstein_generator_step
game = Game(critic_step, wasserstein_generator_step, draw_z, critic=True)
"""
    critic = FIT.format("steps=200, log_every=10")
    open_notebook(page, lab, write_notebook(lab, "critic.ipynb", [PLAYERS, steps, critic]))
    run_all(page)
    captions = page.locator(".gan-dashboard figcaption").all_inner_texts()
    assert "Estimated distance" in captions
    assert "What D believes" not in captions
    drawn = page.locator(".gan-dashboard canvas.chart[aria-label^='Estimated distance at step']")
    assert "mean score of real minus generated images" in drawn.get_attribute("aria-label")
    page.locator(".gan-dashboard").scroll_into_view_if_needed()
    screenshot(page, "dashboard-critic")


LEAST_SQUARES = """
from course_utils.losses import least_squares_discriminator_loss
from course_utils.widgets.translating import TranslationDashboard
def judges(gan, real, z):
    loss = least_squares_discriminator_loss(gan.discriminator(real), gan.discriminator(gan.generator(z).detach()))
    gan.opt_d.zero_grad()
    loss.backward()
    gan.opt_d.step()
    return loss.detach()
def makers(gan, z):
    loss = (gan.discriminator(gan.generator(z)) - 1).square().mean()
    gan.opt_g.zero_grad()
    loss.backward()
    gan.opt_g.step()
    return loss.detach()
game = Game(judges, makers, draw_z, critic=True)
"""


def test_a_translation_has_its_caption_and_least_squares_their_lines(lab, page):
    """What a lesson says of the pictures stands above them, and the losses are read by 0.25, not by a critic's 0."""
    fit = FIT.format("steps=200, log_every=10").replace(
        "TrainingDashboard(", "TranslationDashboard('Animals, translated', least_squares=True, "
    )
    open_notebook(page, lab, write_notebook(lab, "squares.ipynb", [PLAYERS, LEAST_SQUARES, fit]))
    run_all(page)
    assert_no_error_outputs(page)
    assert page.get_by_label("Samples from fixed noise").count() == 0
    page.get_by_label("Animals, translated", exact=True).press("Home")
    assert page.locator(".gan-dashboard canvas.pictures").get_attribute("aria-label") == "Animals, translated at step 1"
    captions = page.locator(".gan-dashboard figcaption").all_inner_texts()
    assert "Mean scores" in captions
    assert "Estimated distance" not in captions
    legends = page.locator(".gan-dashboard .legend").all_inner_texts()
    assert "0.25: cannot tell" in legends[0]
    assert "0.5: cannot tell" in legends[1]
    drawn = page.locator(".gan-dashboard canvas.chart[aria-label^='Mean scores at step']").get_attribute("aria-label")
    assert "real images" in drawn
    assert "generated images" in drawn
    page.locator(".gan-dashboard").scroll_into_view_if_needed()
    screenshot(page, "dashboard-least-squares")


PLAYING = """
from course_utils.music.sound import Clip
from course_utils.widgets.playing import Playable, PlayingDashboard
pitches, onsets = torch.full((30, 1), 69), torch.zeros(30, 1, dtype=torch.bool)
onsets[::10] = True
clip = Clip("three notes", pitches, onsets)
playable = Playable("three notes", clip.address(), clip.seconds, torch.rand(3, 40, 120))
"""


def test_a_sample_sounds_when_somebody_presses_play_and_not_before(lab, page):
    fit = FIT.format("steps=300, log_every=20").replace("TrainingDashboard(", "PlayingDashboard(lambda gan: playable, ")
    open_notebook(page, lab, write_notebook(lab, "playing.ipynb", [PLAYERS, PLAYING, fit]))
    run_all(page)
    assert_no_error_outputs(page)
    audio = page.locator(".gan-dashboard audio")
    assert audio.evaluate("a => a.paused && !a.autoplay && a.currentTime === 0 && a.src.startsWith('data:audio/wav')")
    assert page.locator(".gan-dashboard .player figcaption").inner_text() == "three notes, step 300"
    assert audio.get_attribute("aria-label") == "three notes, step 300"
    audio.press("Space")
    page.wait_for_function("document.querySelector('.gan-dashboard audio').currentTime > 0.2")
    page.locator(".gan-dashboard .player").scroll_into_view_if_needed()
    screenshot(page, "dashboard-playing")
    page.get_by_label("Samples from fixed noise").press("Home")  # who asks for another step gets it at once
    page.wait_for_function(
        "document.querySelector('.gan-dashboard .player figcaption').textContent === 'three notes, step 1'"
    )
    assert audio.evaluate("a => a.paused")
