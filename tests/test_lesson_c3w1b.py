"""What the lesson on semi-supervised GANs needs of its own: few labels, rivals, other fakes, and sick runs."""

import json
from pathlib import Path

import pytest
import torch
from torch import nn

from course_utils.datasets import LabelledImages
from course_utils.lessons.c3w1b import arms, exercises, sick
from course_utils.models.conv import semi_supervised as conv
from course_utils.semi_supervised_losses import pseudo_label_loss, real_logit
from course_utils.steps.semi_supervised import semi_supervised_round

ROOT = Path(__file__).resolve().parent.parent
TINY = arms.Settings(rounds=6, batch_size=4, widths=(8, 6))


@pytest.fixture(scope="module")
def images():
    generator = torch.Generator().manual_seed(0)
    return LabelledImages(
        torch.randint(256, (40, 1, 28, 28), dtype=torch.uint8, generator=generator), torch.arange(40) % 10
    )


def test_the_rivals_train_the_same_network_and_guessing_changes_it(images):
    few = LabelledImages(images.images[:10], images.labels[:10])
    alone = arms.train_classifier(few, TINY, 0)
    again = arms.train_classifier(few, TINY, 0)
    guessed = arms.train_classifier(few, TINY, 0, images.images, pseudo_label_loss, threshold=0.0)
    assert not alone.training
    weights = [torch.cat([p.flatten() for p in network.parameters()]) for network in (alone, again, guessed)]
    assert torch.equal(weights[0], weights[1])
    assert not torch.equal(weights[0], weights[2])


def test_house_numbers_are_read_by_convolutions_and_made_in_colour():
    images = torch.randint(256, (20, 3, 32, 32), dtype=torch.uint8)
    few, settings = LabelledImages(images[:10], torch.arange(10)), TINY._replace(widths=(3, 4))
    gan = arms.new_players(settings, 0, conv.Classifier)
    arms.train_gan(few, images, semi_supervised_round, settings, 0, gan)
    alone = arms.train_classifier(few, settings, 0, make=conv.Classifier)
    assert gan.shown(torch.randn(4, arms.LATENT_DIM)).shape == (4, 3, 32, 32)
    for network in (gan.classifier, alone):
        assert network(torch.randn(4, 3, 32, 32)).shape == (4, 10)


@pytest.mark.parametrize("play", [sick.ordinary_round, sick.labelled_as_fakes, semi_supervised_round])
def test_every_round_trains_both_players(images, play):
    before = arms.new_players(TINY, 0)
    gan, history = arms.train_gan(images, images.images, play, TINY, 0)
    assert len(history.d_loss) > 0
    for name, network in gan.networks().items():
        old = before.networks()[name]
        assert any(not torch.equal(a, b) for a, b in zip(old.parameters(), network.parameters(), strict=True))


def test_a_round_with_given_fakes_leaves_the_generator_alone(images):
    before = arms.new_players(TINY, 0)
    gan, _ = arms.train_gan(images, images.images, sick.round_with(sick.noise), TINY, 0)
    pairs = zip(before.generator.parameters(), gan.generator.parameters(), strict=True)
    assert all(torch.equal(a, b) for a, b in pairs)


def test_makers_give_as_many_fakes_as_they_are_asked_for(images):
    gan, z = arms.new_players(TINY, 0), torch.randn(7, arms.LATENT_DIM)
    for name in ("matching", "perfect: real digits", "noise"):
        made = sick.made_by(name, gan, images.images, z)
        assert made.shape == (7, 1, 28, 28)
        assert made.abs().max() <= 1
    real = sick.made_by("perfect: real digits", gan, images.images, z)
    known = (images.images / 127.5 - 1).flatten(1)
    assert torch.cdist(real.flatten(1), known).min(dim=1).values.max() < 0.05


def test_a_network_that_ends_in_log_softmax_has_a_d_of_one_half(images):
    gan = sick.ending_in(arms.new_players(TINY, 0), nn.LogSoftmax(dim=1))
    for network in (gan.discriminator, gan.classifier):
        assert real_logit(network(torch.randn(3, 1, 28, 28))).abs().max() < 1e-5
    reading = sick.read(gan, images, images.images, images)
    assert reading.d_fake == pytest.approx(0.5, abs=1e-5)
    assert reading.agree == 1


def test_only_a_noisy_reading_disagrees_with_itself(images):
    torch.manual_seed(0)
    gan = arms.new_players(TINY, 0)
    assert sick.read(gan, images, images.images, images).agree == 1
    assert sick.read(gan, images, images.images, images, noisy=True).agree < 1
    assert not gan.classifier.training


def test_what_is_printed_of_each_patient_bears_its_name_out(images):
    few = LabelledImages(images.images[:10], images.labels[:10])
    seen = sick.patients(few, images.images, images, semi_supervised_round, TINY)
    named = {exercises.diagnose(f"run {letter}"): reading for letter, reading in seen.items()}
    assert named["log-softmax in the network"].d_fake == pytest.approx(0.5, abs=1e-5)
    assert named["softmax in the network"].labelled_loss > 1.461
    sound, noisy = named["sound"], named["noise left on in the test"]
    assert sound.agree == 1 > noisy.agree
    assert named["labelled images counted as fakes"].d_labelled != sound.d_labelled


def test_no_code_before_the_diagnosis_tells_what_is_wrong_with_a_run():
    notebook = json.loads((ROOT / "notebooks/course3_apply_gans/c3w1b_semi_supervised.ipynb").read_text())
    code = "".join("".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code")
    assert "sick.patients(" in code
    for giveaway in ("nn.Softmax", "nn.LogSoftmax", "labelled_as_fakes", "noisy"):
        assert giveaway not in code
