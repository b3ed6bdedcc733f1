"""A GAN that classifies: its losses, its networks, its round."""

import math

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from course_utils.losses import discriminator_loss
from course_utils.models.conv import semi_supervised as conv
from course_utils.models.dense.semi_supervised import Classifier, GaussianNoise, Generator
from course_utils.semi_supervised_losses import (
    feature_matching_loss,
    pseudo_label_loss,
    real_logit,
    semi_supervised_loss,
)
from course_utils.steps.semi_supervised import SemiSupervisedGame, SemiSupervisedGAN
from course_utils.training import EMA, fit


def test_ten_logits_of_zero_give_the_values_of_the_closed_form():
    zeros, labels = torch.zeros(3, 10), torch.tensor([0, 4, 9])
    assert real_logit(zeros).sigmoid().flatten().tolist() == pytest.approx([10 / 11] * 3)
    parts = math.log(10), math.log(11 / 10) / 2, math.log(11) / 2
    assert semi_supervised_loss(zeros, labels, zeros, zeros).item() == pytest.approx(sum(parts))


def test_a_shift_of_all_logits_changes_d_and_no_class():
    logits = torch.randn(5, 4, dtype=torch.float64)
    assert torch.allclose(logits.softmax(dim=1), (logits + 3).softmax(dim=1))
    assert torch.allclose(real_logit(logits + 3), real_logit(logits) + 3)


def test_it_is_the_cross_entropy_of_k_plus_one_classes():
    """The parts of unlabelled images and fakes, with a column of zeros and softmax over all K + 1."""
    few, many, fakes = torch.randn(3, 6, 4, dtype=torch.float64)
    labels = torch.randint(4, (6,))
    all_many, all_fakes = (F.pad(x, (0, 1)).softmax(dim=1) for x in (many, fakes))
    expected = F.cross_entropy(few, labels)
    expected = expected - all_many[:, :4].sum(dim=1).log().mean() / 2 - all_fakes[:, 4].log().mean() / 2
    assert semi_supervised_loss(few, labels, many, fakes).item() == pytest.approx(expected.item())


def test_with_one_class_it_is_half_the_loss_of_a_gan():
    few, many, fakes = torch.randn(3, 6, 1)
    expected = discriminator_loss(many, fakes) / 2
    assert semi_supervised_loss(few, torch.zeros(6, dtype=torch.int64), many, fakes).item() == pytest.approx(
        expected.item()
    )


def test_large_logits_give_a_finite_loss():
    logits = torch.tensor([[3e4, -3e4], [-3e4, -3e4]])
    assert semi_supervised_loss(logits, torch.tensor([1, 0]), logits, logits).isfinite()


def test_feature_matching_compares_means_and_leaves_the_real_side_alone():
    real, fake = torch.randn(5, 3).requires_grad_(), torch.randn(7, 3).requires_grad_()
    loss = feature_matching_loss(real, fake)
    assert loss.item() == pytest.approx(F.mse_loss(fake.mean(0), real.mean(0)).item())
    loss.backward()
    assert real.grad is None
    assert fake.grad.any()
    assert feature_matching_loss(real, real[torch.randperm(5)]).item() == pytest.approx(0, abs=1e-12)


def test_only_sure_guesses_count_and_nobody_learns_to_guess():
    guesses = torch.tensor([[4.0, 0.0], [0.1, 0.0], [0.0, 9.0]]).requires_grad_()
    logits = torch.randn(3, 2).requires_grad_()
    loss = pseudo_label_loss(logits, guesses, 0.9)
    expected = F.cross_entropy(logits[[0, 2]], torch.tensor([0, 1]), reduction="sum") / 3
    assert loss.item() == pytest.approx(expected.item())
    loss.backward()
    assert guesses.grad is None
    assert not logits.grad[1].any()


@pytest.mark.parametrize(("classes", "least"), [(10, 1.461), (11, 1.543)])
def test_a_second_softmax_has_a_least_loss(classes, least):
    sure = 100 * torch.eye(classes)
    assert F.cross_entropy(sure.softmax(dim=1), torch.arange(classes)).item() == pytest.approx(least, abs=1e-3)


@pytest.mark.parametrize(
    ("classifier", "width"),
    [(Classifier(widths=(8, 6)), 6), (conv.Classifier(widths=(4, 6), image_shape=(1, 28, 28)), 6 * 7 * 7)],
)
def test_the_classifier_is_noisy_in_training_only(classifier, width):
    images = torch.randn(3, 1, 28, 28)
    assert not torch.equal(classifier(images), classifier(images))
    classifier.eval()
    assert torch.equal(classifier(images), classifier(images))
    assert torch.equal(classifier(images), classifier.logits(classifier.features(images)))
    assert classifier.features(images).shape == (3, width)
    assert GaussianNoise(0.0)(images) is images


@pytest.mark.parametrize(("shape", "last"), [((3, 32, 32), 5 * 4 * 4), ((3, 30, 17), 5 * 4 * 3)])
def test_convolutions_halve_any_size(shape, last):
    classifier, images = conv.Classifier(4, (3, 4, 5), image_shape=shape), torch.randn(2, *shape)
    assert classifier.features(images).shape == (2, last)
    assert classifier(images).shape == (2, 4)
    with pytest.raises(ValueError, match="images"):
        classifier(images[:, :1])


def test_sizes_that_cannot_be_are_refused():
    with pytest.raises(ValueError, match="classes"):
        Classifier(classes=0)
    with pytest.raises(ValueError, match="widths"):
        Classifier(widths=(8, 0))
    with pytest.raises(ValueError, match="widths"):
        conv.Classifier(widths=(8, 0))
    with pytest.raises(ValueError, match="z"):
        Generator(5, 8)(torch.randn(2, 4))


def players():
    torch.manual_seed(0)
    generator, classifier = Generator(5, 8), Classifier(widths=(8, 6))
    optimisers = (torch.optim.SGD(network.parameters(), 0.1) for network in (generator, classifier))
    return SemiSupervisedGAN(generator, classifier, *optimisers, EMA(generator), EMA(classifier))


def test_a_game_plays_and_averages_both():
    images, labels = torch.randint(256, (30, 1, 28, 28), dtype=torch.uint8), torch.arange(30) % 10
    gan = players()
    before = {name: [p.clone() for p in ema.module.parameters()] for name, ema in gan.averages().items()}
    game = SemiSupervisedGame(images[:10], labels[:10], lambda n: torch.randn(n, 5))
    history = fit(gan, images, game, steps=3, batch_size=4, log_every=1)
    assert len(history.d_loss) == 3
    for name, ema in gan.averages().items():
        assert any(not torch.equal(a, b) for a, b in zip(before[name], ema.module.parameters(), strict=True))
    assert gan.classifier is gan.ema_d.module


def test_a_game_refuses_labelled_data_in_the_place_of_unlabelled():
    images, labels = torch.zeros(10, 1, 28, 28, dtype=torch.uint8), torch.arange(10)
    game = SemiSupervisedGame(images, labels, lambda n: torch.randn(n, 5))
    with pytest.raises(TypeError, match="unlabelled"):
        fit(players(), (images, labels), game, steps=1, batch_size=4)


def test_without_an_average_the_discriminator_is_the_classifier():
    gan = players()
    gan.ema_d = None
    assert isinstance(gan.classifier, nn.Module)
    assert gan.classifier is gan.discriminator
