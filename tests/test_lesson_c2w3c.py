"""What the helpers of the lesson on StyleGAN2 and BigGAN parts promise."""

import pytest
import torch
from torch import nn

from course_utils.lessons.c2w3c import digits, droplets, finetune, samplers
from course_utils.lessons.c2w3c.exercises import CASES, diagnose
from course_utils.models.conditional.batch_norm import ConditionalBatchNorm2d
from course_utils.models.style.generator import Generator
from course_utils.regularisers import orthogonal_penalty, path_length_penalty


@pytest.fixture(autouse=True)
def seed():
    torch.manual_seed(0)


def test_the_samplers_have_the_numbers_that_their_diagnosis_says():
    assert set(samplers.SAMPLERS) == set(CASES)
    found = {diagnose(name): samplers.read(draw(50_000)) for name, draw in samplers.SAMPLERS.items()}
    deviations = {name: reading.deviation for name, reading in found.items()}
    assert deviations["redrawn until inside"] == pytest.approx(0.540, abs=0.01)
    assert deviations["scaled after a cut at 2"] == pytest.approx(0.440, abs=0.01)
    assert deviations["remainder of a division"] == pytest.approx(0.515, abs=0.01)
    assert found["clamped"].at_the_bound == pytest.approx(0.317, abs=0.01)
    assert found["redrawn once"].beyond == pytest.approx(0.317**2, abs=0.01)
    assert found["only scaled"].beyond == pytest.approx(0.0455, abs=0.005)


def test_a_spike_has_a_high_peak():
    flat = torch.randn(4, 3, 8, 8)
    spiked = flat.clone()
    spiked[:, 0, 0, 0] = 100
    assert droplets.peak(spiked) > 2 * droplets.peak(flat)


def test_a_carrier_learns_and_is_repeatable():
    assert droplets.train(False, 0, 3) == droplets.train(False, 0, 3)
    assert droplets.train(False, 0, 40)[0] < droplets.train(False, 0, 1)[0]


def test_training_on_leaves_both_players_as_they_were_and_the_penalty_counts(monkeypatch):
    monkeypatch.setattr(finetune, "BATCH", 4)
    generator = Generator(8, 48, (4, 4, 4, 4), w_dim=8).eval().requires_grad_(False)
    discriminator = nn.Sequential(nn.Flatten(), nn.Linear(3 * 48 * 48, 1))
    before = [p.clone() for p in (*generator.parameters(), *discriminator.parameters())]
    real = torch.rand(8, 3, 48, 48) * 2 - 1
    without, penalised = (
        finetune.train_on(generator, discriminator, real, 2, 0, path_length_penalty, weight) for weight in (0.0, 100.0)
    )
    after = (*generator.parameters(), *discriminator.parameters())
    assert all(torch.equal(a, b) for a, b in zip(before, after, strict=True))
    pairs = zip(without.parameters(), penalised.parameters(), strict=True)
    assert any(not torch.equal(a, b) for a, b in pairs)


def test_a_penalty_of_nothing_changes_nothing(monkeypatch):
    """What the penalty draws moves no random number of the training, so that the arms see the same batches."""
    monkeypatch.setattr(finetune, "BATCH", 4)
    generator = Generator(8, 48, (4, 4, 4, 4), w_dim=8).eval().requires_grad_(False)
    discriminator = nn.Sequential(nn.Flatten(), nn.Linear(3 * 48 * 48, 1))
    real, seen = torch.rand(8, 3, 48, 48) * 2 - 1, []

    def nothing(images, w, mean, decay):
        seen.append(torch.randn(3))
        return 0 * images.sum(), mean

    without, with_nothing = (
        finetune.train_on(generator, discriminator, real, 6, 0, nothing, weight) for weight in (0.0, 1.0)
    )
    pairs = zip(without.parameters(), with_nothing.parameters(), strict=True)
    assert all(torch.equal(a, b) for a, b in pairs)
    assert len(seen) == 2
    assert not torch.equal(*seen)


def test_the_orthogonal_penalty_is_added_to_the_generators_loss():
    data = torch.randint(256, (20, 1, 28, 28), dtype=torch.uint8), torch.arange(20) % 10
    trained = [
        digits.train(data, 0, 4, ConditionalBatchNorm2d, orthogonal_penalty, weight)[0].generator for weight in (0.0, 1.0)
    ]
    pairs = zip(*(network.parameters() for network in trained), strict=True)
    assert any(not torch.equal(a, b) for a, b in pairs)
