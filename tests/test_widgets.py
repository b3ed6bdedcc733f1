"""The map of lessons, and what stays of a widget in a saved notebook."""

import importlib
import json
from pathlib import Path

import pytest

from course_utils.checks.progress import record
from course_utils.lessons.c1w1.quiz import QUIZ
from course_utils.widgets import still
from course_utils.widgets.lesson_map import LessonMap

quiz_module = importlib.import_module("course_utils.checks.quiz")  # its name is a function of the package


def make_notebook(path, lesson, title, kind="learner"):
    path.parent.mkdir(parents=True, exist_ok=True)
    exercises = [f"{lesson}.{name}" for name in ("generator", "generator_loss", "noise")]
    about = {"lesson": lesson, "title": title, "minutes": 30, "kind": kind, "exercises": exercises}
    path.write_text(json.dumps({"metadata": {"course": about}, "cells": []}))


def test_the_map_lists_lessons_in_order_with_what_is_solved(tmp_path):
    make_notebook(tmp_path / "course1_x" / "c1w1_a.ipynb", "c1w1", "A <lesson>")
    make_notebook(tmp_path / "course1_x" / "c1w1_a_mine_2026-11-23.ipynb", "c1w1", "An older lesson")
    make_notebook(tmp_path / "00_start.ipynb", "00", "Start")
    make_notebook(tmp_path / "course1_x" / "other.ipynb", "c1w1", "A solution", kind="solution")
    (tmp_path / "scratch.ipynb").write_text("not a notebook")
    record("c1w1.generator_loss", "passed")
    record("c1w1.generator", "wrong")
    shown = LessonMap(tmp_path)
    assert [row["lesson"] for row in shown.rows] == ["00", "c1w1"]
    assert "1 of 3 solved" in repr(shown)
    page = shown._repr_html_()
    assert "A &lt;lesson&gt;" in page
    assert f"href='{tmp_path}/course1_x/c1w1_a.ipynb'" in page


def test_the_map_is_the_same_beside_the_solutions(tmp_path, monkeypatch):
    make_notebook(tmp_path / "course1_x" / "c1w1_a.ipynb", "c1w1", "A lesson")
    (tmp_path / "solutions").mkdir()
    monkeypatch.chdir(tmp_path / "solutions")
    assert "href='../course1_x/c1w1_a.ipynb'" in LessonMap(Path())._repr_html_()
    monkeypatch.chdir(tmp_path)
    assert "href='course1_x/c1w1_a.ipynb'" in LessonMap(Path())._repr_html_()


class Widget:
    """As anywidget's: an address in the kernel, a lot of Python, and something for a front end that asks for it."""

    def _repr_mimebundle_(self, **kwargs):
        return {still.WIDGET: {"model_id": "m"}, "text/plain": "Widget(state=[...])"}, {still.WIDGET: {"manager": "m"}}


class OldWidget:
    """As one of ipywidgets 7, which Colab has: it displays itself, and gives no bundle."""

    model_id = "m"


@pytest.fixture
def published(monkeypatch):
    """What cells display, (data, metadata) each; an update takes the place of the last one."""
    said = []

    class Handle:
        def update(self, data, raw):
            said[-1] = (data, {})

    def display(data, *, metadata=None, raw, display_id=None):
        said.append((data, metadata or {}))
        return Handle()

    monkeypatch.setattr("IPython.display.display", display)
    return said


def test_a_picture_and_a_sentence_stay_beside_a_widget(published):
    stays = still.Still(Widget(), "Run <it> again.", {"text/plain": "not < yet"})
    assert published[0] == (
        {still.WIDGET: {"model_id": "m"}, "text/plain": still.LIVE},
        {still.WIDGET: {"manager": "m"}},
    )
    assert "<small>Run &lt;it&gt; again.</small></p>not &lt; yet</div>" in published[1][0]["text/html"]
    stays.show({"text/plain": "a picture", "text/html": "<img>"})
    assert len(published) == 2
    assert published[1][0]["text/plain"] == "Run <it> again.\na picture"
    assert published[1][0]["text/html"].endswith("again.</small></p><img></div>")


def test_a_widget_of_ipywidgets_7_is_shown_by_its_address(published):
    still.Still(OldWidget(), "Run it again.", {"text/plain": "not yet"})
    assert published[0][0] == {
        still.WIDGET: {"version_major": 2, "version_minor": 0, "model_id": "m"},
        "text/plain": still.LIVE,
    }


def test_a_quiz_stays_as_text(published, monkeypatch):
    monkeypatch.setattr(quiz_module, "in_notebook", lambda: True)
    monkeypatch.setattr(quiz_module, "headless", lambda: False)
    quiz_module.quiz("c1w1")
    assert still.WIDGET in published[0][0]
    for question in QUIZ:
        assert question.text in published[1][0]["text/plain"]
    assert "Run this cell again" in published[1][0]["text/html"]
    assert len(published[1][0]["text/html"]) < 30_000
