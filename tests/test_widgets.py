"""Latent walks and the map of lessons."""

import json
from pathlib import Path

import matplotlib
import pytest
import torch

from course_utils.checks.progress import record
from course_utils.models.mlp import Generator
from course_utils.widgets import latent_walk
from course_utils.widgets.latent import on_path, png
from course_utils.widgets.lesson_map import LessonMap

matplotlib.use("Agg")


def test_a_path_passes_through_its_points_and_keeps_the_length_between_them():
    torch.manual_seed(0)
    starts = torch.nn.functional.normalize(torch.randn(3, 64), dim=1) * 8
    assert torch.allclose(on_path(starts, 0.0), starts[0], atol=1e-4)
    assert torch.allclose(on_path(starts, 1.0), starts[1], atol=1e-4)
    assert torch.allclose(on_path(starts, 2.0), starts[2], atol=1e-4)
    assert on_path(starts, 0.5).norm().item() == pytest.approx(8.0, rel=1e-3)


def test_opposite_and_equal_vectors_have_a_finite_path():
    a = torch.ones(1, 4)
    assert on_path(torch.cat([a, a]), 0.5).isfinite().all()
    assert on_path(torch.cat([a, -a]), 0.5).isfinite().all()


def test_latent_walk_is_a_strip_and_refuses_other_shapes():
    generator = Generator(latent_dim=5, hidden=4)
    assert len(latent_walk(generator, torch.randn(3, 5), steps=4).axes) == 1
    with pytest.raises(ValueError, match=r"starts must have shape \(K, latent_dim\).*\(5,\)"):
        latent_walk(generator, torch.randn(5))


def test_png_is_a_picture_of_the_right_size():
    import io

    from matplotlib.image import imread

    assert imread(io.BytesIO(png(torch.zeros(1, 1, 4, 6), scale=3))).shape[:2] == (12, 18)


def make_notebook(path, lesson, title, kind="learner"):
    path.parent.mkdir(parents=True, exist_ok=True)
    about = {"lesson": lesson, "title": title, "minutes": 30, "kind": kind}
    path.write_text(json.dumps({"metadata": {"course": about}, "cells": []}))


def test_the_map_lists_lessons_in_order_with_what_is_solved(tmp_path):
    make_notebook(tmp_path / "course1_x" / "c1w1_a.ipynb", "c1w1", "A <lesson>")
    make_notebook(tmp_path / "00_start.ipynb", "00", "Start")
    make_notebook(tmp_path / "course1_x" / "other.ipynb", "c1w1", "A solution", kind="solution")
    (tmp_path / "scratch.ipynb").write_text("not a notebook")
    record("c1w1.generator_loss", "passed")
    record("c1w1.generator", "wrong")
    shown = LessonMap(tmp_path)
    assert [row["lesson"] for row in shown.rows] == ["00", "c1w1"]
    assert "1 of 9 solved" in repr(shown)
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
