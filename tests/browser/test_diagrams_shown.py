"""Diagrams as a learner sees them: in a text cell and as the value of a cell, in both themes."""

import nbformat
import pytest
from harness import assert_no_error_outputs, open_notebook, run_all, screenshot, write_notebook

from course_utils import diagrams

SHOWN = (
    "() => [...document.querySelectorAll('.jp-NotebookPanel img')].filter(image => image.src.startsWith('data:image/svg'))"
    ".map(image => ({alt: image.alt, drawn: image.complete && image.naturalWidth, wide: image.clientWidth}))"
)


def with_text_cells(lab, path: str) -> str:
    """Put every diagram into a text cell of its own, as the build does."""
    nb = nbformat.read(lab.root / path, as_version=4)
    nb.cells += [nbformat.v4.new_markdown_cell(diagrams.draw(name).html) for name in diagrams.DIAGRAMS]
    nbformat.write(nb, lab.root / path)
    return path


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_diagram_is_drawn(lab, page, theme):
    lab.theme(theme)
    code = "from course_utils import diagrams\ndiagrams.draw('gan_game')"
    open_notebook(page, lab, with_text_cells(lab, write_notebook(lab, f"diagrams-{theme}.ipynb", [code])))
    run_all(page)
    assert_no_error_outputs(page)
    expected = ["gan_game", *diagrams.DIAGRAMS]
    page.wait_for_function(f"({SHOWN})().length === {len(expected)}")
    shown = page.evaluate(SHOWN)
    assert [image["alt"] for image in shown] == [diagrams.draw(name).alt for name in expected]
    assert [image for image in shown if (image["drawn"], image["wide"]) != (700, 700)] == []
    screenshot(page, f"diagrams-{theme}")
