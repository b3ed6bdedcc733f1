"""Autoencoders: the networks and the step of the lesson, what needs no training, and what it measures."""

import math

import numpy as np
import pytest
import torch

from course_utils.lessons.c0w1.exercises import RUNS, SIGNS, diagnose
from course_utils.lessons.c0w1.measure import auc, errors, psnr, run
from course_utils.lessons.c0w1.patients import Chart, table
from course_utils.lessons.c0w1.rivals import PCA, best_for_the_set
from course_utils.models.autoencoder import ConvolutionalAutoencoder, DenseAutoencoder, LinearAutoencoder, walk
from course_utils.steps.denoising import corrupt, reconstruction_step


@pytest.fixture(scope="module")
def pictures():
    generator = torch.Generator().manual_seed(0)
    mixed = torch.randn(40, 6, generator=generator) @ torch.randn(6, 16, generator=generator)
    return (0.2 * mixed).view(40, 1, 4, 4).double()


@pytest.mark.parametrize("make", [LinearAutoencoder, DenseAutoencoder, ConvolutionalAutoencoder])
def test_codes_have_their_size_and_pictures_come_back_in_theirs(make):
    network = make(5, side=12)
    images = torch.rand(3, 1, 12, 12)
    assert network.encode(images).shape == (3, 5)
    assert torch.equal(network(images), network.decode(network.encode(images)))
    assert network(images).shape == images.shape


@pytest.mark.parametrize("size", [{"side": 10}, {"side": 0}, {"code_size": 0}, {"base": 1.5}])
def test_sizes_that_cannot_be_are_refused(size):
    with pytest.raises(ValueError, match=next(iter(size))):
        ConvolutionalAutoencoder(**size)


def test_a_linear_autoencoder_ends_at_the_projector_of_pca(pictures):
    torch.manual_seed(0)
    centred = pictures - pictures.mean(dim=0)
    network, pca = LinearAutoencoder(3, side=4).double(), PCA(pictures)
    optimizer = torch.optim.Adam(network.parameters(), 2e-2)
    for number in range(600):
        optimizer.param_groups[0]["lr"] = 2e-2 * min(1, 2 * (1 - number / 600))
        loss = reconstruction_step(network, optimizer, centred)
    assert loss.item() == pytest.approx(pca.variances[3:].sum().item() / 16, rel=1e-6)
    reached = (network(centred) - pca.reconstruct(pictures, 3) + pictures.mean(dim=0)).abs().max().item()
    assert reached < 1e-4


def test_pca_agrees_with_a_singular_value_decomposition(pictures):
    pca, rows = PCA(pictures), pictures.flatten(1).numpy()
    _, values, directions = np.linalg.svd(rows - rows.mean(axis=0))
    assert np.allclose(pca.variances.numpy(), np.square(values) / len(rows))
    assert np.allclose(pca.projector(2).numpy(), directions[:2].T @ directions[:2])


def test_the_wiener_filter_has_the_error_of_theory():
    """Normal data: the mean over components of variance * sigma^2 / (variance + sigma^2)."""
    torch.manual_seed(0)
    images = torch.randn(20_000, 1, 2, 2) * torch.tensor([[2.0, 1.0], [0.5, 0.1]])
    pca = PCA(images)
    expected = (pca.variances * 0.25 / (pca.variances + 0.25)).mean().item()
    error = (pca.wiener(corrupt(images, 0.5), 0.5) - images).square().mean().item()
    assert error == pytest.approx(expected, rel=0.03)


def test_the_best_denoiser_of_a_set_is_a_step_uphill(pictures):
    noisy = corrupt(pictures[:4], 0.5).requires_grad_()
    squares = (noisy.flatten(1)[:, None] - pictures.flatten(1)).square().sum(dim=2)
    (gradient,) = torch.autograd.grad(torch.logsumexp(-squares / 0.5, dim=1).sum(), noisy)
    assert torch.allclose(best_for_the_set(noisy, pictures, 0.5), noisy + 0.25 * gradient)


def test_no_other_denoiser_does_better_on_its_set(pictures):
    torch.manual_seed(0)
    many = pictures.repeat(50, 1, 1, 1)
    noisy = corrupt(many, 0.5)
    best = (best_for_the_set(noisy, pictures, 0.5) - many).square().mean()
    assert best < (PCA(pictures).wiener(noisy, 0.5) - many).square().mean()


def test_noise_is_drawn_anew_and_only_where_it_belongs():
    torch.manual_seed(0)
    images = torch.zeros(50, 1, 28, 28)
    first, second = corrupt(images, 0.5), corrupt(images, 0.5)
    assert first.std().item() == pytest.approx(0.5, rel=0.02)
    assert not torch.equal(first, second)
    assert images.count_nonzero() == 0
    with pytest.raises(ValueError, match="sigma"):
        corrupt(images, -0.1)


def test_a_step_without_noise_is_one_of_the_plain_loss():
    torch.manual_seed(0)
    network, images = DenseAutoencoder(3, 5, side=4), torch.rand(6, 1, 4, 4)
    expected = (network(images) - images).square().mean().item()
    optimizer = torch.optim.SGD(network.parameters(), 0.1)
    assert reconstruction_step(network, optimizer, images).item() == pytest.approx(expected)
    assert (network(images) - images).square().mean().item() < expected


def test_a_walk_has_both_ends():
    torch.manual_seed(0)
    network, ends = DenseAutoencoder(3, 5, side=4), torch.rand(2, 1, 4, 4)
    path = walk(network, ends[:1], ends[1:], 5)
    assert path.shape == (5, 1, 4, 4)
    assert torch.allclose(path[[0, -1]], network(ends), atol=1e-6)
    assert not path.requires_grad
    with pytest.raises(ValueError, match="count"):
        walk(network, ends[:1], ends[1:], 1)


def test_decibels_have_a_peak_of_2_and_clip_first():
    truth = torch.ones(2, 1, 2, 2)
    assert psnr(0.8 * truth, truth) == pytest.approx(20)
    assert psnr(torch.zeros(2, 1, 2, 2), truth) == pytest.approx(10 * math.log10(4))
    assert errors(3 * truth, truth).tolist() == [0, 0]


def test_auc_counts_pairs():
    scores = torch.tensor([0.1, 0.4, 0.4, 0.9])
    assert auc(scores, torch.tensor([False, False, True, True])) == pytest.approx(3.5 / 4)


def test_a_network_is_run_in_evaluation_mode_and_left_as_it_was():
    network = torch.nn.Sequential(torch.nn.Dropout(0.5))
    images = torch.ones(300, 1, 2, 2)
    assert torch.equal(run(network, images), images)
    assert network.training


def test_every_sick_run_has_signs_of_its_own():
    names = [diagnose(name) for name in RUNS]
    assert len(set(names)) == len(RUNS) < len(SIGNS)
    signs = [tuple(SIGNS[name].values()) for name in SIGNS]
    assert len(set(signs)) == len(SIGNS)
    chart = Chart(0.04, 20.0, 12.0, -1.0)
    assert chart.promised == pytest.approx(20)
    assert "20.00" in table({"sound": chart})
