"""What the lesson on style transfer needs of its own: sick transfers and their signs."""

import pytest
import torch

from course_utils.datasets import photographs
from course_utils.lessons.c3w3b import figures, patients
from course_utils.models.random_filters import RandomLayers
from course_utils.style_transfer import transfer


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


def test_figures_have_titles():
    pictures = {name: torch.zeros(1, 3, 8, 8) for name in "abc"}
    assert figures.panels(pictures, "Three", 2).get_suptitle() == "Three"
    assert figures.losses({"one": torch.rand(4, 3)}, "Losses").get_suptitle() == "Losses"
    assert figures.plane({"one": [(0.1, 0.2), (0.3, 0.4)]}, 0.05, "Plane").axes[0].get_title() == "Plane"
