"""What the helpers of the lesson on StyleGAN promise."""

import pytest
import torch

from course_utils.checkpoints.portraits_classifier import OUTPUTS
from course_utils.datasets import portraits
from course_utils.lessons.c2w3b import measure, sick
from course_utils.models.style.generator import Generator
from course_utils.models.style.mapping import MappingNetwork
from course_utils.models.style.noise import NoiseInjection
from course_utils.models.style.synthesis import SynthesisBlock


@pytest.fixture(autouse=True)
def seed():
    torch.manual_seed(0)


def test_the_sick_mapping_networks_hardly_vary_at_64_numbers():
    assert sick.spread(MappingNetwork(64, 64, 8), 64) > 0.35
    assert sick.spread(sick.ScaledDown(64, 64), 64) < 0.01
    assert sick.spread(sick.UnitLength(64, 64), 64) < 0.02
    assert sick.spread(sick.ScaledDown(512, 512), 512) > 0.3  # it was made for this width


def test_the_patients_have_the_ratios_that_their_diagnosis_says():
    a, b, c = sick.patients(MappingNetwork, SynthesisBlock, NoiseInjection).values()
    for patient, low, high in ((a, 0, 0.3), (b, 0.7, 2), (c, 2.2, 1000)):
        over_z, over_noise = measure.z_against_noise(patient)
        assert low <= over_z / over_noise <= high


def scores(**values):
    """Scores of three portraits, 0 but for the given ones."""
    table = torch.zeros(3, len(OUTPUTS))
    for name, value in values.items():
        table[:, OUTPUTS.index(name)] = value
    return table


def test_moved_and_read():
    before, after = scores(hat=0.9, bald=1.0, age=0.2), scores(hat=0.1, long=1.0, age=0.5)
    found = dict(zip(portraits.NAMES, measure.moved(before, after)[0].tolist(), strict=True))
    assert found["hat"] == pytest.approx(0.8)
    assert found["hair_style"] == pytest.approx(1.0)  # from surely bald to surely long
    assert found["age"] == pytest.approx(0.3)
    assert found["glasses"] == 0
    assert (measure.read(before) != measure.read(after))[0].tolist() == [False, True, False, True]


def test_swapping_every_block_at_once_is_a_whole_swap_and_nothing_moves_nothing():
    before, after = scores(hat=0.9, age=0.2), scores(hat=0.1, age=0.5) + 0.1
    table = {"a": before, "b": after, "other noise": before, "4 x 4": after}
    names, shares = measure.block_matrix(table)
    assert names == ("other noise", "4 x 4")
    assert (shares[0] == 0).all()
    assert torch.allclose(shares[1], torch.ones(12))


def test_scores_of_every_block():
    generator = Generator(16, 48, (8, 8, 8, 8), w_dim=16).eval()
    w_a, w_b = generator.mapping(torch.randn(2, 4, 16).flatten(0, 1)).chunk(2)
    found = measure.swap_each_block(generator, w_a, w_b)
    assert list(found) == ["a", "b", "other noise", "6 x 6", "12 x 12", "24 x 24", "48 x 48"]
    assert torch.equal(found["a"], found["other noise"])  # the strengths start at 0
    assert not torch.equal(found["a"], found["24 x 24"])
    assert set(measure.flips(found)) == set(found) - {"a"}
