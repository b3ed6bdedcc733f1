"""No learner's work is lost, and what differs from the sources is named."""

import copy
import datetime

import nbformat
import pytest
from toy_course import (
    LEARNER,
    PNG,
    SOLUTION,
    SOURCE,
    build_toy,
    cell_with,
    change,
    edit,
    notebook,
    pretend_executed,
    snapshot,
)

from course_utils.authoring import cells
from course_utils.authoring.build import keep_dated_copy, reset
from course_utils.authoring.saving import as_built

# --- a learner's work


def test_an_edited_notebook_is_left_alone(course):
    build_toy(course)
    edit(course / LEARNER)
    mine = (course / LEARNER).read_bytes()
    change(course / SOURCE, "# ## The end", "# ## The very end")
    report = build_toy(course)
    assert (course / LEARNER).read_bytes() == mine
    assert report.kept == [
        f"kept {LEARNER}: it has been edited (`course reset c1w1` brings the original back and keeps yours)"
    ]
    assert report.written == [SOLUTION]


@pytest.mark.parametrize("content", ["<<<<<<< HEAD\n{", "[]", '{"cells": 3, "nbformat": 4, "nbformat_minor": 5}', ""])
def test_a_damaged_notebook_counts_as_edited(course, content):
    build_toy(course)
    (course / LEARNER).write_text(content)
    assert build_toy(course).kept[0].startswith(f"kept {LEARNER}")
    assert (course / LEARNER).read_text() == content
    assert any(LEARNER in problem for problem in build_toy(course, check=True).problems)
    build_toy(course, force=True)
    assert len(list((course / LEARNER).parent.glob("c1w1_circles_mine_*.ipynb"))) == 1


def test_outputs_alone_are_no_edit_and_are_kept_while_the_lesson_is_the_same(course):
    build_toy(course)
    pretend_executed(course, LEARNER)
    executed = (course / LEARNER).read_bytes()
    assert build_toy(course).kept == []
    assert (course / LEARNER).read_bytes() == executed
    change(course / SOURCE, "# ## The end", "# ## The very end")
    assert build_toy(course).written == [LEARNER, SOLUTION]
    assert "The very end" in (course / LEARNER).read_text()


def test_force_keeps_a_dated_copy_and_never_overwrites_one(course):
    build_toy(course)
    original = (course / LEARNER).read_bytes()
    contents = []
    for number in range(3):
        edit(course / LEARNER, new=f"print({number})")
        contents.append((course / LEARNER).read_bytes())
        report = build_toy(course, force=True)
        assert (course / LEARNER).read_bytes() == original
        assert report.written == [LEARNER]
        assert report.kept[0].startswith(f"kept what was in {LEARNER} as c1w1_circles_mine_20")
    copies = list((course / LEARNER).parent.glob("c1w1_circles_mine_*.ipynb"))
    assert sorted(copy.read_bytes() for copy in copies) == sorted(contents)
    assert build_toy(course, check=True).problems == []  # copies are no orphans
    build_toy(course, force=True)
    assert len(list((course / LEARNER).parent.glob("c1w1_circles_mine_*.ipynb"))) == 3  # nothing was edited


def test_dated_copies_of_one_day_get_different_names(tmp_path):
    file = tmp_path / "a.ipynb"
    file.write_text("1")
    now = datetime.datetime(2026, 11, 23, 14, 15, 1)
    first = keep_dated_copy(file, now)
    file.write_text("2")
    second = keep_dated_copy(file, now)
    assert (first.name, second.name) == ("a_mine_2026-11-23.ipynb", "a_mine_2026-11-23-2.ipynb")
    assert (first.read_text(), second.read_text()) == ("1", "2")


def test_a_copy_that_cannot_be_written_leaves_everything_as_it_was(course, monkeypatch):
    build_toy(course)
    edit(course / LEARNER)
    mine = (course / LEARNER).read_bytes()

    def full(*_):
        raise OSError(28, "the disk is full")

    monkeypatch.setattr("course_utils.authoring.build.write_atomic", full)
    with pytest.raises(OSError, match="disk is full"):
        build_toy(course, force=True)
    assert (course / LEARNER).read_bytes() == mine
    assert list((course / LEARNER).parent.glob("c1w1_circles_mine_*.ipynb")) == []


def test_reset_brings_the_original_back_and_keeps_the_learners(course):
    build_toy(course)
    original = (course / LEARNER).read_bytes()
    assert reset(course, "c1w1", "toy") == f"{LEARNER} is the original already"
    edit(course / LEARNER)
    mine = (course / LEARNER).read_bytes()
    line = reset(course, "c1w1", "toy")
    assert (course / LEARNER).read_bytes() == original
    copy = (course / LEARNER).with_name(line.split("kept as ")[1])
    assert copy.read_bytes() == mine
    (course / LEARNER).unlink()
    reset(course, "c1w1_circles", "toy")
    assert (course / LEARNER).read_bytes() == original
    with pytest.raises(ValueError, match="no lesson 'c7w7'"):
        reset(course, "c7w7", "toy")


# --- check


def test_check_passes_after_a_build_and_writes_nothing(course):
    build_toy(course)
    before = snapshot(course)
    report = build_toy(course, check=True)
    assert report.problems == []
    assert [note.split(": ")[1].split(";")[0] for note in report.notes] == ["never executed"] * 3
    assert snapshot(course) == before


def test_check_names_missing_notebooks(course):
    report = build_toy(course, check=True)
    assert len(report.problems) == 6
    assert f"{SOLUTION}: missing; run `course build`" in report.problems
    assert snapshot(course) == {}


def test_check_names_stale_notebooks(course):
    build_toy(course)
    change(course / "toy" / "lib.py", "    square = radius**2", "    square = radius * radius")
    assert build_toy(course, check=True).problems == [f"{SOLUTION}: stale; run `course build`"]
    change(course / "toy" / "lib.py", "radius: float) -> float", "radius: float, /) -> float")
    names = [problem.split(":")[0] for problem in build_toy(course, check=True).problems]
    assert names == [LEARNER, SOLUTION]


@pytest.mark.parametrize("name", [LEARNER, SOLUTION])
def test_check_names_edited_notebooks(course, name):
    build_toy(course)
    edit(course / name)
    assert [problem.split(";")[0] for problem in build_toy(course, check=True).problems] == [f"{name}: edited by hand"]


@pytest.mark.parametrize(
    "tamper",
    [
        lambda nb: nb.cells[3].update(id="other"),
        lambda nb: nb.metadata.course.update(minutes=1),
        lambda nb: nb.cells[3].metadata.update(tags=["raises-exception"]),
        lambda nb: nb.cells[0].update(attachments={"a.png": {"image/png": PNG}}),
    ],
)
def test_check_sees_ids_metadata_and_attachments(course, tamper):
    build_toy(course)
    nb = notebook(course, LEARNER)
    tamper(nb)
    nbformat.write(nb, course / LEARNER)
    assert build_toy(course, check=True).problems == [f"{LEARNER}: stale; run `course build`"]
    build_toy(course)
    assert build_toy(course, check=True).problems == []


def test_check_refuses_outputs_in_a_learners_notebook(course):
    build_toy(course)
    pretend_executed(course, LEARNER)
    assert build_toy(course, check=True).problems == [
        f"{LEARNER}: edited, it holds outputs; run `course build --force`"
    ]
    build_toy(course, force=True)
    assert build_toy(course, check=True).problems == []


def test_check_names_orphans(course):
    build_toy(course)
    for folder in ("notebooks/course1", "notebooks/solutions", "notebooks/course1/.ipynb_checkpoints"):
        (course / folder).mkdir(exist_ok=True)
        (course / folder / "c9w9_gone.ipynb").write_text("{}")
    assert build_toy(course, check=True).problems == [
        "notebooks/course1/c9w9_gone.ipynb: no source builds it",
        "notebooks/solutions/c9w9_gone.ipynb: no source builds it",
    ]


def test_check_refuses_a_solution_that_is_too_large(course):
    build_toy(course)
    nb = notebook(course, SOLUTION)
    cell_with(nb, "def area").outputs = [nbformat.v4.new_output("stream", text="x" * 1_600_000)]
    (course / SOLUTION).write_text(cells.to_text(nb), encoding="utf-8")
    assert build_toy(course, check=True).problems == [f"{SOLUTION}: 1606 kB, more than 700 kB"]


def test_what_jupyterlab_saves_is_what_the_build_writes(course):
    build_toy(course)
    built = notebook(course, LEARNER)
    saved = copy.deepcopy(built)
    saved.metadata.language_info["version"] = "3.14.1"
    saved.metadata.kernelspec["display_name"] = "Python 3"
    model = {"type": "notebook", "content": saved}
    as_built(model=model, path=LEARNER, contents_manager=None)
    assert model["content"] == built
    foreign = {"type": "notebook", "content": {"metadata": {"language_info": {"version": "3.14.1"}}}}
    as_built(model=foreign)
    assert foreign["content"]["metadata"]["language_info"]["version"] == "3.14.1"
    as_built(model={"type": "file", "content": "text"})
