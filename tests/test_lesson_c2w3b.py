"""What the helpers of the lesson on StyleGAN promise."""

import pytest
import torch

from course_utils.checkpoints.portraits_classifier import OUTPUTS
from course_utils.datasets import portraits
from course_utils.lessons.c2w3b import figures, measure, sick
from course_utils.lessons.c2w3b.parts import with_weights_of
from course_utils.models.style.generator import Generator
from course_utils.models.style.mapping import MappingNetwork
from course_utils.models.style.noise import NoiseInjection
from course_utils.models.style.styles import mix_styles
from course_utils.models.style.synthesis import SynthesisBlock, draw_noise


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


def test_pictures_drawn_in_small_batches_are_the_same_and_keep_their_noise():
    generator = measure.set_noise(Generator(16, 48, (8, 8, 8, 8), w_dim=16).eval(), 0.5, NoiseInjection)
    w, noise = generator.mapping(torch.randn(7, 16)), draw_noise(generator.synthesis.sizes, n=7)
    for codes in (w, w[:, None].expand(-1, 4, -1)):
        assert torch.allclose(measure.drawn(generator, codes, noise, batch=3), generator.draw(codes, noise), atol=1e-5)


def test_the_edges_of_the_table_of_mixed_portraits_say_which_blocks_they_give():
    generator = Generator(16, 32, (8, 8, 8, 8), w_dim=16).eval()
    w, noise = generator.mapping(torch.randn(2, 16)), draw_noise(generator.synthesis.sizes)
    for crossover, rows, columns in (
        (1, "the block of 4 x 4 pixels", "the blocks of 8 x 8 to 32 x 32 pixels"),
        (3, "the blocks of 4 x 4 to 16 x 16 pixels", "the block of 32 x 32 pixels"),
    ):
        axes = figures.mixing_table(generator, w, w, mix_styles, crossover, noise, "Mixed").axes[0]
        assert (axes.get_ylabel(), axes.get_xlabel()) == (f"gives {rows}", f"gives {columns}")


class OtherNames(MappingNetwork):
    """A mapping network that keeps its layers under a name of its own."""

    def __init__(self, *sizes):
        super().__init__(*sizes)
        self.net = self.layers
        del self.layers

    def forward(self, z):
        return self.net(z)


class OtherOrder(SynthesisBlock):
    """A block that makes the layer for the colours first."""

    def __init__(self, *sizes, **options):
        super().__init__(*sizes, **options)
        first, second, to_rgb = self.first, self.second, self.to_rgb
        del self.first, self.second, self.to_rgb
        self.to_rgb, self.first, self.second = to_rgb, first, second


class Quiet(SynthesisBlock):
    """A block with another behaviour: no noise, whatever it is given."""

    def forward(self, x, picture, w, noise=None):
        return super().forward(x, picture, w, [0 * n for n in noise])


def small(**parts):
    """A generator whose noise is switched on."""
    return measure.set_noise(Generator(16, 32, (8, 8, 6, 4), w_dim=16, **parts), 0.3, NoiseInjection)


@pytest.mark.parametrize("parts", [{}, {"mapping": OtherNames}, {"block": OtherOrder}])
def test_own_parts_take_the_shipped_weights_over(parts, capsys):
    trained, own = small().eval(), small(**parts)
    taken, z = with_weights_of(trained, own), torch.randn(3, 16)
    noise = draw_noise(trained.synthesis.sizes)
    assert taken is own
    assert torch.equal(own.draw(own.mapping(z), noise), trained.draw(trained.mapping(z), noise))
    assert not any(p.requires_grad for p in own.parameters())
    assert capsys.readouterr().out == ""


def test_where_the_pictures_differ_the_shipped_network_stays(capsys):
    trained = small().eval()
    assert with_weights_of(trained, small(block=Quiet)) is trained
    assert "The shipped network stays as it is" in capsys.readouterr().out
