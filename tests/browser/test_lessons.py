"""Lessons as a learner meets them: opened in JupyterLab, all cells run, looked at."""

import pytest
from harness import assert_no_error_outputs, open_notebook, run_all, screenshot, write_notebook

C1W1 = "course1_build_basic_gans/c1w1_your_first_gan.ipynb"


def test_the_first_lesson_runs_to_its_end(lab, page):
    open_notebook(page, lab, C1W1)
    run_all(page, seconds=600)
    assert_no_error_outputs(page)
    screenshot(page, "c1w1-run")


def test_an_error_in_a_cell_is_found(lab, page):
    open_notebook(page, lab, write_notebook(lab, "broken.ipynb", ["x = 1", "x / 0", "x = 2"]))
    run_all(page)
    with pytest.raises(AssertionError, match=r"(?s)ZeroDivisionError: division by zero.*x / 0"):
        assert_no_error_outputs(page)


def test_a_widget_that_cannot_be_drawn_is_found(lab, page):
    broken = """
import anywidget
class Broken(anywidget.AnyWidget):
    _esm = "export default { render() { throw new Error('cannot be drawn'); } }"
Broken()
"""
    open_notebook(page, lab, write_notebook(lab, "broken.ipynb", [broken]))
    with page.expect_event("pageerror"):
        run_all(page)
    with pytest.raises(AssertionError, match="cannot be drawn"):
        assert_no_error_outputs(page)


def test_nobody_is_taken_for_a_test_runner(lab, page):
    cell = "from course_utils import budget, runtime\nassert not runtime.headless() and budget.name() == 'smoke'"
    open_notebook(page, lab, write_notebook(lab, "watched.ipynb", [cell]))
    run_all(page)
    assert_no_error_outputs(page)
