"""What the lesson on style transfer needs of its own: sick transfers and their signs."""

from pathlib import Path

import nbformat
import pytest
import torch

from course_utils.datasets import photographs
from course_utils.lessons.c3w3b import figures, patients
from course_utils.lessons.c3w3b.exercises import diagnose
from course_utils.models.random_filters import RandomLayers
from course_utils.style_transfer import transfer

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def setting():
    return RandomLayers(0), photographs.load("astronaut", 48), photographs.load("gravel", 64)


def test_a_sound_patient_is_a_transfer(setting):
    network, content, style = setting
    picture, _, _ = patients.treat(network, content, style, 4)
    assert torch.allclose(picture, transfer(network, content, style, 4)[0], atol=1e-5)


def test_each_ailment_has_its_sign(setting):
    network, content, style = setting
    judge = RandomLayers(5)
    ways = {"sound": {}, "unclamped": {"clamp": False}, "one size": {"one_size": True}, "follows": {"follow": True}}
    treated = {name: patients.treat(network, content, style, 8, **options) for name, options in ways.items()}
    seen = {name: patients.read(run, content, judge, style) for name, run in treated.items()}
    assert seen["unclamped"].outside > 0
    assert seen["sound"].outside == seen["one size"].outside == seen["follows"].outside == 0
    assert seen["follows"].content == 0
    assert seen["sound"].content > 0
    own = patients.read(treated["sound"], content, network, style)
    assert own.judged == pytest.approx(own.style, rel=1e-6)


def test_each_run_has_what_the_key_says(setting):
    network, content, style = setting
    found = patients.readings(network, content, style, 8, RandomLayers(5), style)
    named = {diagnose(f"run {letter}"): reading for letter, reading in found.items()}
    assert list(found) == list("ABCDE")
    assert named["pixels not clamped"].outside > 0
    assert named["content target follows the picture"].content == 0
    sound, own = named["sound"], named["judged in its own filters"]
    assert (own.content, own.style) == (sound.content, sound.style)
    assert own.judged == pytest.approx(own.style, rel=1e-6)
    assert named["Gram matrices divided by one size"].judged > sound.judged


def test_the_cell_above_the_diagnosis_names_no_fault():
    notebook = nbformat.read(ROOT / "notebooks/course3_apply_gans/c3w3b_style_transfer.ipynb", as_version=4)
    cells = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    (place,) = (i for i, code in enumerate(cells) if code.startswith("def diagnose("))
    assert "patients.readings(" in cells[place - 1]
    assert [word for word in ("treat(", "clamp=", "one_size", "follow") if word in cells[place - 1]] == []


def test_figures_have_titles():
    pictures = {name: torch.zeros(1, 3, 8, 8) for name in "abc"}
    assert figures.panels(pictures, "Three", 2).get_suptitle() == "Three"
    assert figures.losses({"one": torch.rand(4, 3)}, "Losses").get_suptitle() == "Losses"
    assert figures.plane({"one": [(0.1, 0.2), (0.3, 0.4)]}, 0.05, "Plane").axes[0].get_title() == "Plane"
