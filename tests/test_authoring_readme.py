"""README's table of lessons: numbers of executed solutions, or a dash."""

import nbformat
import pytest
from toy_course import ADDRESS, SOLUTION, SOURCE, build_toy, change, notebook, pretend_executed, publish

from course_utils.authoring import cells, readme
from course_utils.checks.outcomes import Outcome

README = f"# Toys\n\n{readme.BEGIN}\nold\n{readme.END}\n\nMore.\n"
HEADLINE = 'title = "Circles: the first [lesson]"\nheadline = "area {area of the disc|.1f}, {share (of 1)|.0%}"'


@pytest.fixture
def course(course):
    (course / "README.md").write_text(README)
    change(course / "course.toml", 'title = "Circles: the first [lesson]"', HEADLINE)
    build_toy(course)
    return course


def show(course, *outcomes, **executed):
    """Put outcomes into the solution, as its run would."""
    pretend_executed(course, **({"budget": "cpu", "seconds": 61.4, "machine": {"cores": 2}} | executed))
    nb = notebook(course, SOLUTION)
    data = [{"text/plain": repr(outcome), "text/html": "<div>"} for outcome in outcomes]
    nb.cells[3].outputs = [nbformat.v4.new_output("display_data", data=one) for one in data]
    (course / SOLUTION).write_text(cells.to_text(nb), encoding="utf-8")


AREA, SHARE = Outcome("area of the disc", 3.14159, None, 3.0), Outcome("share (of 1)", 0.5, 0.6, 0.4)


def rows(course):
    return (course / "README.md").read_text().split("\n")[5:8]


def test_a_lesson_that_was_not_executed_has_dashes(course):
    assert (course / "README.md").read_text() == README.replace("old", "\n".join([readme.HEAD, *rows(course)]))
    assert rows(course)[1] == (
        "| [Circles: the first [lesson]](notebooks/course1/c1w1_circles.ipynb) "
        "([solution](notebooks/solutions/course1/c1w1_circles.ipynb)) | 45 | – | – |"
    )


def test_numbers_come_from_the_outcomes_of_the_executed_solution(course):
    show(course, AREA, SHARE)
    assert build_toy(course, check=True).problems[-1] == "README.md: what is built of it is stale; run `course build`"
    assert build_toy(course).written[-1] == "README.md"
    assert rows(course)[1].endswith("| 45 | 61 s, 2 cores | area 3.1, 50% |")
    assert build_toy(course, check=True).problems == []
    assert build_toy(course).written == []


def test_where_the_processors_time_is_known_the_clock_does_not_count(course):
    show(course, AREA, SHARE, processor_seconds=17.3)
    build_toy(course)
    assert rows(course)[1].endswith("| 45 | 17 s | area 3.1, 50% |")


def test_an_outcome_that_is_not_shown_is_named_and_no_number_is_made_up(course):
    show(course, AREA)
    assert "course.toml: lesson 'c1w1': its solution shows no outcome 'share (of 1)'" in build_toy(course).notes
    assert rows(course)[1].endswith("| 61 s, 2 cores | – |")


def test_a_short_run_is_no_measurement(course):
    show(course, AREA, SHARE, budget="smoke")
    build_toy(course)
    assert rows(course)[1].endswith("| – | – |")


def test_a_table_edited_by_hand_is_stale(course):
    change(course / "README.md", "| 45 |", "| 50 |")
    assert build_toy(course, check=True).problems == ["README.md: what is built of it is stale; run `course build`"]


@pytest.mark.parametrize("text", ["# Toys\n", f"{readme.END}\n{readme.BEGIN}\n", README + README])
def test_a_readme_without_its_two_marks_is_refused(course, text):
    (course / "README.md").write_text(text)
    with pytest.raises(ValueError, match=r"^README.md: the table of lessons needs the lines"):
        build_toy(course)


@pytest.mark.parametrize(("seconds", "shown"), [(12.1, "12 s"), (119.4, "119 s"), (120.0, "2 min"), (314.1, "5 min")])
def test_durations(seconds, shown):
    assert readme.duration(seconds) == shown


@pytest.mark.parametrize("outcome", [AREA, SHARE, Outcome("a: b, c", 1e-7, 1e-6, None), Outcome("missed", -2, None, 3)])
def test_every_outcome_is_read_as_it_is_shown(outcome):
    cell = nbformat.v4.new_code_cell("x", outputs=[nbformat.v4.new_output("stream", text=f"{outcome!r}\n")])
    assert readme.outcomes(nbformat.v4.new_notebook(cells=[cell])) == {outcome.what: pytest.approx(outcome.value, 1e-3)}


# --- buttons and gallery, where README has room for them


@pytest.fixture
def roomy(course):
    marks = "\n".join([*readme.BUTTONS, *readme.GALLERY])
    (course / "README.md").write_text(f"{README}\n{marks}\n")
    return course


def test_without_an_address_there_is_no_button(roomy):
    build_toy(roomy)
    text = (roomy / "README.md").read_text()
    assert "\n".join([*readme.BUTTONS, *readme.GALLERY]) in text
    assert "://" not in text


def test_the_address_is_said_once_and_every_button_follows(roomy):
    publish(roomy, ADDRESS)
    build_toy(roomy)
    text = (roomy / "README.md").read_text()
    begin, end = (text.index(mark) for mark in readme.BUTTONS)
    first = "owner/name/blob/main/notebooks/00_start_here.ipynb"
    assert f"(https://colab.research.google.com/github/{first})" in text[begin:end]
    assert "(https://codespaces.new/owner/name)" in text[begin:end]
    assert "(https://mybinder.org/v2/gh/owner/name/main?labpath=notebooks%2F00_start_here.ipynb)" in text[begin:end]
    row = next(line for line in text.split("\n") if line.startswith("| [Circles"))
    assert "· [Colab](https://colab.research.google.com/github/owner/name/blob/main/notebooks/course1/c1w1_circ" in row
    assert "· [Binder](https://mybinder.org/v2/gh/owner/name/main?labpath=notebooks%2Fcourse1%2Fc1w1_circles.ipynb) " in row
    publish(roomy, "")
    build_toy(roomy)
    assert "://" not in (roomy / "README.md").read_text()


def test_the_gallery_shows_what_was_drawn_and_a_note_names_what_was_not(roomy):
    change(roomy / SOURCE, "# Of areas", '# \n\n# %% [markdown] picture="dot"\n# The result:\n\n# %% [markdown]\n# Of areas')
    report = build_toy(roomy)
    assert "README.md: its gallery has no picture of c1w1; `make pictures` draws it" in report.notes
    (roomy / "docs/gallery").mkdir(parents=True)
    (roomy / "docs/gallery/c1w1.jpg").touch()
    assert not any("gallery" in note for note in build_toy(roomy).notes)
    shown = '<a href="notebooks/solutions/course1/c1w1_circles.ipynb"><img src="docs/gallery/c1w1.jpg" width="174" alt='
    assert f'{shown}"Circles: the first [lesson]: One dot, and it is [black]."></a>' in (roomy / "README.md").read_text()
    assert build_toy(roomy, check=True).problems == []


def test_one_mark_without_the_other_is_refused(roomy):
    change(roomy / "README.md", readme.GALLERY[1], "")
    with pytest.raises(ValueError, match=r"^README.md: the gallery needs the lines"):
        build_toy(roomy)
