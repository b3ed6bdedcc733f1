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


def test_run_all_goes_on_behind_an_exercise_that_is_not_python(lab, page):
    cells = [
        "from course_utils.checks import check",
        "def to_float(images):\n    return images.float( / 127.5 - 1",
        'to_float = check(to_float, "00.to_float")',
        "print('the end')",
    ]
    open_notebook(page, lab, write_notebook(lab, "not_python.ipynb", cells, {1: ["course-exercise", "raises-exception"]}))
    run_all(page)
    outputs = page.locator(".jp-OutputArea-output")
    outputs.filter(has_text="the end").wait_for()  # a cell has ended before the page has drawn what it printed
    shown = outputs.all_inner_texts()
    assert any("not Python yet" in text and "in line 2" in text for text in shown)
    assert shown[-1].strip() == "the end"


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


SAVE = "window.jupyterapp.commands.execute('docmanager:save')"


@pytest.mark.parametrize("name", ["00_start_here.ipynb", f"solutions/{C1W1}"])
def test_opening_and_saving_changes_no_byte(lab, page, name):
    before = (lab.root / name).read_bytes()
    written = (lab.root / name).stat().st_mtime_ns
    open_notebook(page, lab, name)
    page.evaluate(SAVE)
    assert (lab.root / name).stat().st_mtime_ns > written
    after = (lab.root / name).read_bytes()
    differing = [(a, b) for a, b in zip(before.splitlines(), after.splitlines(), strict=False) if a != b]
    assert differing[:3] == []
    assert after == before


def test_pictures_have_a_text(lab, page):
    text = "A red dot on a white ground."
    cell = f"from course_utils import plotting\nfig = plotting.figure(4, 3)\nfig.suptitle({text!r})\nfig"
    open_notebook(page, lab, write_notebook(lab, "picture.ipynb", [cell]))
    run_all(page)
    assert page.locator(".jp-OutputArea-output img").get_attribute("alt") == text
    page.evaluate(SAVE)  # somebody else opens it: what it shows is not trusted then
    name = "picture2.ipynb"
    (lab.root / name).write_bytes((lab.root / "picture.ipynb").read_bytes().replace(b"suptitle", b"suptitle "))
    open_notebook(page, lab, name)
    picture = page.locator(".jp-OutputArea-output img")
    assert picture.get_attribute("alt") == text
    assert picture.evaluate("one => one.complete && one.naturalWidth > 300 && one.clientWidth <= one.naturalWidth")


def test_sources_are_out_of_sight(lab):
    shown = {entry["name"] for entry in lab.request("/api/contents/")["content"]}
    assert "00_start_here.ipynb" in shown
    (lab.root / "sources").mkdir(exist_ok=True)
    assert "sources" not in {entry["name"] for entry in lab.request("/api/contents/")["content"]}


def test_no_printed_number_is_cut_where_a_line_ends(lab, page):
    cells = [
        "from course_utils.checks import check",
        "def to_float(images):\n    pass",
        'to_float = check(to_float, "00.to_float")',
        "print(' '.join(f'{k / 7:.5f}' for k in range(100)))",
    ]
    open_notebook(page, lab, write_notebook(lab, "numbers.ipynb", cells, {1: ["course-exercise", "raises-exception"]}))
    page.set_viewport_size({"width": 800, "height": 900})
    run_all(page)
    printed = page.locator(".jp-OutputArea-output pre").filter(has_text="0.14286")
    printed.wait_for()
    lines_of_each = """pre => [...pre.firstChild.data.matchAll(/\\S+/g)].map(word => {
        const range = document.createRange();
        range.setStart(pre.firstChild, word.index);
        range.setEnd(pre.firstChild, word.index + word[0].length);
        return range.getClientRects().length; })"""
    counts = printed.evaluate(lines_of_each)
    assert len(counts) == 100
    assert set(counts) == {1}, counts
