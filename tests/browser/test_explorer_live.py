"""The latent explorer in JupyterLab: every control changes the picture, quickly, and what was set stays set."""

import statistics

import pytest
from harness import assert_no_error_outputs, open_notebook, run_all, screenshot, start_all, write_notebook

SETUP = """
import torch
from course_utils.datasets import digits
from course_utils.models.dense.mlp import Generator, sample_noise
from course_utils.widgets import LatentExplorer
torch.set_num_threads(1)
torch.manual_seed(0)
generator = Generator().eval()
for layer in generator.modules():
    if hasattr(layer, "running_var"):
        layer.running_var.fill_(0.05)  # an untrained generator whose images differ visibly
"""
SHOW = "explorer = LatentExplorer(generator, lambda n: sample_noise(n, 64), neighbours_of=digits.load('train').images)"
LABELLED = """
def labelled(z, labels):
    return generator(z + labels[:, None])
LatentExplorer(labelled, 64, classes=10, directions={"smile": torch.ones(64)})
"""


def pixels(page):
    return page.locator(".gan-explorer canvas.picture").first.evaluate("canvas => canvas.toDataURL()")


def answers(page):
    return int(page.locator(".gan-explorer").get_attribute("data-answers") or 0)


def changes_the_picture(page, act):
    """Do ``act()`` and wait until the picture is another one and the widget is at rest."""
    before, count = pixels(page), answers(page)
    act()
    page.wait_for_function(f"Number(document.querySelector('.gan-explorer').dataset.answers) > {count}")
    page.wait_for_timeout(200)
    return pixels(page) != before


def open_explorer(page, lab, name="explorer.ipynb", cells=(SETUP, SHOW + "\nexplorer")):
    open_notebook(page, lab, write_notebook(lab, name, list(cells)))
    run_all(page)
    assert_no_error_outputs(page)
    page.wait_for_selector(".gan-explorer")


def test_every_control_changes_the_picture(lab, page):
    open_explorer(page, lab)
    root = page.locator(".gan-explorer")
    assert changes_the_picture(page, lambda: root.get_by_label("direction 2").first.press("PageUp"))
    assert changes_the_picture(page, lambda: root.get_by_label("truncation").press("Home"))
    assert changes_the_picture(page, lambda: root.get_by_label("truncation").press("End"))
    pad = root.get_by_role("application")
    assert changes_the_picture(page, lambda: pad.press("Shift+ArrowLeft"))
    assert changes_the_picture(page, lambda: pad.click(position={"x": 20, "y": 30}))
    assert float(root.locator(".slider output").nth(0).inner_text()) < -2  # the sliders follow the pad
    assert changes_the_picture(page, lambda: root.get_by_role("button", name="Sliders to the middle").click())
    assert changes_the_picture(page, lambda: root.get_by_role("button", name="New point").press("Enter"))
    assert changes_the_picture(page, lambda: root.get_by_role("button", name="Go to pin 3").click())
    assert changes_the_picture(page, lambda: root.get_by_label("path through the pins").press("End"))
    assert_no_error_outputs(page)


def test_playing_walks_through_the_pins_and_stops(lab, page):
    open_explorer(page, lab)
    root = page.locator(".gan-explorer")
    root.get_by_role("button", name="Pin this point").click()
    page.wait_for_function("document.querySelectorAll('.gan-explorer .pins li').length === 5")
    root.get_by_role("button", name="Remove pin 1").click()
    page.wait_for_function("document.querySelectorAll('.gan-explorer .pins li').length === 4")
    seen, looks = set(), 0
    root.get_by_role("button", name="Play").click()
    while len(seen) < 5:
        page.wait_for_timeout(400)
        seen.add(pixels(page))
        looks += 1
        assert looks < 100, f"{len(seen)} pictures in {0.4 * looks:.0f} s"
    root.get_by_role("button", name="Pause").click()
    counts = [-1, answers(page)]
    while counts[-1] != counts[-2]:
        assert len(counts) < 100, f"it does not stop: {counts[-5:]}"
        page.wait_for_timeout(500)
        counts.append(answers(page))


@pytest.mark.clock
def test_an_update_takes_less_than_50_ms(lab, page):
    """From the key to the drawn picture, with the nearest neighbour among 4,000: the best of three medians of 30."""
    open_explorer(page, lab)
    slider = page.locator(".gan-explorer").get_by_label("direction 1").first
    medians = []
    for _ in range(3):
        times = []
        for i in range(30):
            count = answers(page)
            slider.press("ArrowRight" if i % 2 else "ArrowLeft")
            page.wait_for_function(f"Number(document.querySelector('.gan-explorer').dataset.answers) > {count}")
            times.append(float(page.locator(".gan-explorer").get_attribute("data-round-trip")))
        medians.append(statistics.median(times))
    print(f"median round trips, ms: {medians}")
    assert min(medians) < 50


def test_what_was_set_survives_running_the_cell_again(lab, page):
    open_explorer(page, lab)
    root = page.locator(".gan-explorer")
    assert changes_the_picture(page, lambda: root.get_by_label("direction 1").first.press("PageUp"))
    root.get_by_role("button", name="Pin this point").click()
    page.wait_for_function("document.querySelectorAll('.gan-explorer .pins li').length === 5")
    before, value = pixels(page), root.locator(".slider output").first.inner_text()
    assert value != "0.00"
    start_all(page)
    page.wait_for_function("window.allRan && document.querySelectorAll('.gan-explorer .pins li').length === 5")
    assert page.locator(".gan-explorer").count() == 1
    assert root.locator(".slider output").first.inner_text() == value
    assert pixels(page) == before


def test_classes_and_named_directions(lab, page):
    open_explorer(page, lab, "classes.ipynb", (SETUP, LABELLED))
    root = page.locator(".gan-explorer")
    assert changes_the_picture(page, lambda: root.get_by_label("class").select_option("7"))
    assert changes_the_picture(page, lambda: root.get_by_label("smile").first.press("End"))
    assert_no_error_outputs(page)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_it_fits_and_can_be_read(lab, page, theme):
    lab.theme(theme)
    open_explorer(page, lab)
    root = page.locator(".gan-explorer")
    for width in (700, 1100, 1600):
        page.set_viewport_size({"width": width, "height": 800})
        root.scroll_into_view_if_needed()
        page.wait_for_timeout(500)
        assert root.evaluate("e => e.scrollWidth <= e.clientWidth + 1")
        screenshot(page, f"explorer-{theme}-{width}")
