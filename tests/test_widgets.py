"""The map of lessons."""

import json
from pathlib import Path

from course_utils.checks.progress import record
from course_utils.widgets.lesson_map import LessonMap


def make_notebook(path, lesson, title, kind="learner"):
    path.parent.mkdir(parents=True, exist_ok=True)
    exercises = [f"{lesson}.{name}" for name in ("generator", "generator_loss", "noise")]
    about = {"lesson": lesson, "title": title, "minutes": 30, "kind": kind, "exercises": exercises}
    path.write_text(json.dumps({"metadata": {"course": about}, "cells": []}))


def test_the_map_lists_lessons_in_order_with_what_is_solved(tmp_path):
    make_notebook(tmp_path / "course1_x" / "c1w1_a.ipynb", "c1w1", "A <lesson>")
    make_notebook(tmp_path / "course1_x" / "c1w1_a.2026-11-23-141501.ipynb", "c1w1", "An older lesson")
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
