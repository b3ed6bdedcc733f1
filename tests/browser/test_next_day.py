"""A notebook with widgets that is opened again when its kernel is gone: what they showed last, and what to do."""

import nbformat
import pytest
from harness import (
    NOTEBOOK,
    assert_no_error_outputs,
    open_notebook,
    run_all,
    screenshot,
    write_notebook,
)
from test_dashboard_live import FIT, PLAYERS
from test_explorer_live import SETUP, SHOW

CELLS = {  # a widget's element, and the cell that shows it
    ".gan-lab": "from course_utils.widgets import GanLab\nGanLab()",
    ".gan-dashboard": PLAYERS + FIT.format("steps=60, log_every=20"),
    ".gan-explorer": SETUP + SHOW + "\nexplorer",
    ".course-quiz": "from course_utils.checks import quiz\nquiz('c1w1')",
}
DEAD = "Error displaying widget"


@pytest.fixture
def saved(lab, page):
    """A notebook in which every widget was used, saved; its kernel is gone. While it lived it was as usual."""
    open_notebook(page, lab, write_notebook(lab, "next_day.ipynb", list(CELLS.values())))
    run_all(page)
    for widget in CELLS:
        page.wait_for_selector(widget)
    assert_no_error_outputs(page)
    assert page.locator(".course-still").count() == len(CELLS)
    assert not page.locator(".course-still:visible").count()
    play = page.locator(".gl-play")
    play.click()
    page.wait_for_function("Number(document.querySelector('.gan-lab').dataset.step) > 20")
    play.click()
    shown = f"{NOTEBOOK}.content.widgets[0].model.outputs.get(1).data['text/plain']"
    page.wait_for_function(f"!/step 0 /.test({shown})")
    page.evaluate("window.jupyterapp.commands.execute('docmanager:save')")
    page.wait_for_function(f"!{NOTEBOOK}.context.model.dirty")
    lab.shut_kernels_down()
    return "next_day.ipynb"


def assert_everything_stayed(page):
    page.wait_for_function(f"document.querySelectorAll('.course-still').length === {len(CELLS)}")
    for i, widget in enumerate(CELLS):
        still = page.locator(".course-still").nth(i)
        still.scroll_into_view_if_needed()
        assert still.is_visible()
        assert "Run this cell again" in still.inner_text()
        assert widget == ".course-quiz" or still.locator("img").evaluate("image => image.naturalWidth > 100")
    assert page.locator(".course-still").last.get_by_text("Answers explained").first.is_visible()


def test_with_a_new_kernel_there_are_pictures_and_no_messages_of_missing_models(lab, page, saved):
    open_notebook(page, lab, saved)
    page.get_by_text(DEAD).last.wait_for(state="attached")
    page.wait_for_function(f"document.body.textContent.split('{DEAD}').length === {len(CELLS) + 1}")
    assert_everything_stayed(page)
    assert not page.get_by_text(DEAD).filter(visible=True).count()
    page.locator(".course-still").first.scroll_into_view_if_needed()
    screenshot(page, "next-day")
    run_all(page)
    for widget in CELLS:
        page.wait_for_selector(widget)
    assert not page.locator(".course-still:visible").count()


def test_a_reader_who_does_not_trust_the_small_file_sees_the_same(lab, page, saved):
    """As on GitHub: no address of a widget is followed, and no style sheet of an output is taken over."""
    nb = nbformat.read(lab.root / saved, as_version=4)
    nb.cells[0].source += "  # changed elsewhere, so its outputs are not trusted any more"
    for cell in nb.cells:
        assert len(nbformat.writes(nbformat.v4.new_notebook(cells=[cell]))) < 100_000
        cell.outputs[1].data["text/plain"] += " "
    nbformat.write(nb, lab.root / "not_trusted.ipynb")
    open_notebook(page, lab, "not_trusted.ipynb")
    assert not page.evaluate(f"{NOTEBOOK}.content.widgets[1].model.trusted")
    assert_everything_stayed(page)
    assert not page.get_by_text(DEAD).count()
