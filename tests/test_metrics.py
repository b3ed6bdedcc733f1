"""Fréchet distance against closed forms and SciPy, features, histogram, neighbours, and what is refused."""

import math

import numpy as np
import pytest
import torch
from seeded import randn

from course_utils.datasets import digits, to_float
from course_utils.metrics import features, modes, neighbours
from course_utils.metrics.frechet import frechet_distance, frechet_from_statistics, statistics


def random_covariance(d, rank=None, seed=0):
    factor = randn(d, rank or d, seed=seed)
    return factor @ factor.T


def scipy_distance(x, y):
    """The textbook formula with SciPy's general matrix square root."""
    from scipy.linalg import sqrtm

    x, y = x.double().numpy(), y.double().numpy()
    cov_x, cov_y = np.atleast_2d(np.cov(x, rowvar=False)), np.atleast_2d(np.cov(y, rowvar=False))
    root = sqrtm(cov_x @ cov_y).real
    return ((x.mean(0) - y.mean(0)) ** 2).sum() + np.trace(cov_x) + np.trace(cov_y) - 2 * np.trace(root)


# ------------------------------------------------------------------ Fréchet distance: closed forms


def test_one_dimension_is_squared_differences_of_mean_and_deviation():
    x, y = randn(50, 1) * 3 + 1, randn(70, 1, seed=1) * 0.5 - 2
    expected = (x.mean() - y.mean()) ** 2 + (x.std() - y.std()) ** 2
    assert frechet_distance(x, y) == pytest.approx(expected.item(), rel=1e-12)


def test_two_points_each_in_one_dimension():
    x, y = torch.tensor([[0.0], [2.0]]), torch.tensor([[5.0], [9.0]])  # means 1, 7; variances 2, 8
    assert frechet_distance(x, y) == pytest.approx(36 + 2, rel=1e-12)


def test_commuting_covariances():
    basis = torch.linalg.qr(randn(6, 6)).Q
    a, b = randn(6, seed=1).square(), randn(6, seed=2).square()
    mean_x, mean_y = randn(6, seed=3), randn(6, seed=4)
    expected = (mean_x - mean_y).square().sum() + (a.sqrt() - b.sqrt()).square().sum()
    got = frechet_from_statistics(mean_x, basis @ a.diag() @ basis.T, mean_y, basis @ b.diag() @ basis.T)
    assert got == pytest.approx(expected.item(), rel=1e-10)


@pytest.mark.parametrize("c", [0.0, 0.25, 1.0, 9.0])
def test_a_scaled_covariance(c):
    covariance, zero = random_covariance(7), torch.zeros(7)
    expected = (1 - math.sqrt(c)) ** 2 * covariance.trace().item()
    assert frechet_from_statistics(zero, covariance, zero, c * covariance) == pytest.approx(expected, abs=1e-9)
    x = randn(40, 7)
    moved = (x - x.mean(dim=0)) * math.sqrt(c) + x.mean(dim=0)
    expected = (1 - math.sqrt(c)) ** 2 * x.var(dim=0).sum().item()
    assert frechet_distance(x, moved) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("seed", range(5))
def test_two_by_two_trace_of_the_root(seed):
    a, b = random_covariance(2, seed=seed), random_covariance(2, seed=seed + 10)
    root = math.sqrt((a @ b).trace().item() + 2 * math.sqrt((a.det() * b.det()).item()))
    expected = (a.trace() + b.trace()).item() - 2 * root
    assert frechet_from_statistics(torch.zeros(2), a, torch.zeros(2), b) == pytest.approx(expected, rel=1e-9)


def test_the_bias_of_finite_samples_is_as_predicted():
    d, n, m = 8, 2000, 1500
    predicted = (d + d * (d + 1) / 4) * (1 / n + 1 / m)
    measured = [frechet_distance(randn(n, d, seed=2 * s), randn(m, d, seed=2 * s + 1)) for s in range(20)]
    assert sum(measured) / 20 == pytest.approx(predicted, rel=0.08)


@pytest.mark.parametrize(("n", "m", "d"), [(200, 150, 16), (40, 300, 16), (300, 20, 16), (17, 17, 16), (5, 5, 1)])
def test_agrees_with_scipy(n, m, d):
    x = randn(n, d) @ randn(d, d, seed=5) + 1
    y = randn(m, d, seed=1) @ randn(d, d, seed=6)
    assert frechet_distance(x, y) == pytest.approx(scipy_distance(x, y), rel=1e-8)


@pytest.mark.parametrize(("n", "m"), [(5, 7), (2, 2), (16, 3)])
def test_fewer_samples_than_features_agree_with_the_covariances(n, m):
    x, y = randn(n, 16), randn(m, 16, seed=1) + 0.5
    by_covariances = frechet_from_statistics(*statistics(x), *statistics(y))
    assert frechet_distance(x, y) == pytest.approx(by_covariances, rel=1e-7)


def test_singular_covariances():
    """Dead and repeated features, and more samples than features on one side only."""
    x, y = randn(100, 5), randn(90, 5, seed=1) * 2
    padding_x, padding_y = torch.zeros(100, 3, dtype=torch.float64), torch.zeros(90, 3, dtype=torch.float64)
    padded = frechet_distance(torch.cat([x, padding_x], 1), torch.cat([y, padding_y], 1))
    assert padded == pytest.approx(frechet_distance(x, y), rel=1e-9)
    doubled = frechet_distance(torch.cat([x, x], 1), torch.cat([y, y], 1))
    assert doubled == pytest.approx(2 * frechet_distance(x, y), rel=1e-7)
    low = random_covariance(6, rank=2)
    assert frechet_from_statistics(torch.zeros(6), low, torch.zeros(6), 4 * low) == pytest.approx(low.trace().item())


def test_identical_sets_are_at_zero_and_order_does_not_matter():
    x, y = randn(300, 12), randn(200, 12, seed=1) + 1
    assert 0 <= frechet_distance(x, x) < 1e-10
    assert frechet_distance(x, y) == pytest.approx(frechet_distance(y, x), rel=1e-10)
    assert frechet_distance(x[torch.randperm(300)], y) == pytest.approx(frechet_distance(x, y), rel=1e-10)


def test_a_large_offset_costs_no_precision():
    x, y = randn(400, 8), randn(400, 8, seed=1)
    assert frechet_distance(x + 1e6, y + 1e6) == pytest.approx(frechet_distance(x, y), rel=1e-6)


def test_float32_and_numpy_features_are_computed_in_double():
    x, y = randn(100, 4).float(), randn(100, 4, seed=1).float()
    assert frechet_distance(x, y) == frechet_distance(x.double().numpy(), y.double().numpy())
    assert isinstance(frechet_distance(x, y), float)


def test_statistics_are_those_of_numpy():
    x = randn(30, 5) + 3
    mean, covariance = statistics(x)
    assert np.allclose(mean, x.numpy().mean(0), atol=1e-14)
    assert np.allclose(covariance, np.cov(x.numpy(), rowvar=False))
    assert mean.dtype == covariance.dtype == torch.float64


@pytest.mark.parametrize(
    ("x", "y", "message"),
    [
        (torch.zeros(1, 3), torch.zeros(5, 3), "^x: expected at least 2 samples.*got 1"),
        (torch.zeros(5, 3), torch.zeros(0, 3), "^y: expected at least 2 samples.*got 0"),
        (torch.zeros(5, 3), torch.zeros(5, 4), "^y: expected 3 features as in x, got 4"),
        (torch.zeros(5), torch.zeros(5, 1), r"^x: expected features \(N, d\), got shape \(5,\)"),
        (torch.zeros(5, 1, 28, 28), torch.zeros(5, 784), r"^x: expected features \(N, d\)"),
        (torch.full((5, 3), math.nan), torch.zeros(5, 3), "^x: expected finite.*NaN"),
        (torch.zeros(5, 3), torch.full((5, 3), math.inf), "^y: expected finite"),
    ],
)
def test_bad_features(x, y, message):
    with pytest.raises(ValueError, match=message):
        frechet_distance(x, y)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((torch.zeros(3), torch.eye(3), torch.zeros(2), torch.eye(2)), "^mean_y: expected 3"),
        ((torch.zeros(3), torch.eye(2), torch.zeros(3), torch.eye(3)), r"^cov_x: expected shape \(3, 3\)"),
        (
            (torch.zeros(3), torch.eye(3), torch.zeros(3), torch.ones(3, 3).triu()),
            "^cov_y: expected a symmetric",
        ),
        ((torch.zeros(3, 1), torch.eye(3), torch.zeros(3), torch.eye(3)), "^mean_x: expected shape"),
        ((torch.zeros(3), torch.eye(3) * math.nan, torch.zeros(3), torch.eye(3)), "^cov_x: expected finite"),
    ],
)
def test_bad_statistics(arguments, message):
    with pytest.raises(ValueError, match=message):
        frechet_from_statistics(*arguments)


# ------------------------------------------------------------------ features of images


@pytest.fixture(scope="module")
def test_digits():
    images, labels = digits.load("test")
    return to_float(images), labels


def test_features_probabilities_and_labels_belong_together(test_digits):
    images, labels = test_digits
    found = features.digit_features(images)
    assert found.shape == (1000, 64)
    assert found.dtype == torch.float32
    assert not found.requires_grad
    logits = features.digit_classifier().head(found)
    probabilities = features.digit_probabilities(images)
    assert torch.allclose(probabilities, logits.softmax(dim=1), atol=1e-6)
    assert torch.allclose(probabilities.sum(dim=1), torch.ones(1000), atol=1e-5)
    assert torch.equal(features.digit_labels(images), probabilities.argmax(dim=1))
    assert (features.digit_labels(images) == labels).double().mean() >= 0.98


def test_the_batch_size_does_not_matter(test_digits):
    images = test_digits[0][:50]
    assert torch.allclose(features.digit_features(images, batch_size=7), features.digit_features(images), atol=1e-4)


def test_gradients_and_other_float_types_are_accepted(test_digits):
    images = test_digits[0][:3].double().requires_grad_()
    assert torch.allclose(features.digit_features(images), features.digit_features(images.detach().float()))


def test_the_distance_of_real_digits_is_small_and_that_of_noise_large(test_digits):
    real = features.digit_features(to_float(digits.load("train").images))
    floor = frechet_distance(features.digit_features(test_digits[0]), real)
    noise = torch.rand(1000, 1, 28, 28, generator=torch.Generator().manual_seed(0)) * 2 - 1
    blank = torch.full((100, 1, 28, 28), -1.0)
    assert floor > 0
    assert frechet_distance(features.digit_features(noise), real) > 20 * floor
    assert frechet_distance(features.digit_features(blank), real) > 20 * floor


def test_the_histogram_counts_classes(test_digits):
    images, labels = test_digits
    found = modes.class_histogram(images)
    assert found.dtype == torch.int64
    assert found.sum() == 1000
    assert (found - 100).abs().max() <= 5
    assert modes.class_histogram(images[labels == 7])[7] >= 97


def test_the_classifier_is_loaded_once_in_eval_mode():
    model = features.digit_classifier()
    assert model is features.digit_classifier()
    assert not model.training
    assert not any(parameter.requires_grad for parameter in model.parameters())


GOOD = torch.zeros(2, 1, 28, 28)


@pytest.mark.parametrize(
    ("images", "message"),
    [
        (torch.zeros(2, 1, 28, 28, dtype=torch.uint8), "got torch.uint8; .*to_float"),
        (GOOD + 255, r"got 255 to 255; scale 0..255 with x / 127.5 - 1"),
        (GOOD[:, 0], r"got shape \(2, 28, 28\)"),
        (torch.zeros(2, 784), r"got shape \(2, 784\)"),
        (torch.zeros(0, 1, 28, 28), r"got shape \(0, 1, 28, 28\)"),
        (torch.zeros(2, 3, 28, 28), "got shape"),
        (GOOD * math.nan, "NaN or infinite"),
        (np.zeros((2, 1, 28, 28)), "got ndarray"),
    ],
)
@pytest.mark.parametrize("function", [features.digit_features, features.digit_labels, modes.class_histogram])
def test_images_of_another_kind_are_refused(function, images, message):
    with pytest.raises(ValueError, match=message) as raised:
        function(images)
    assert str(raised.value).startswith("images: expected a float tensor (N, 1, 28, 28)")


# ------------------------------------------------------------------ nearest neighbours


def brute_force(images, references, k):
    distances = (images[:, None] - references[None]).flatten(2).double().norm(dim=2)
    return distances.sort(dim=1, stable=True).values[:, :k]


@pytest.mark.parametrize("k", [1, 5, 40])
def test_neighbours_agree_with_brute_force(monkeypatch, k):
    images, references = randn(33, 1, 6, 6).float(), randn(40, 1, 6, 6, seed=1).float()
    expected = brute_force(images, references, k)
    for size in (neighbours.FLOATS_AT_ONCE, 100, 1):
        monkeypatch.setattr(neighbours, "FLOATS_AT_ONCE", size)
        distances, indices = neighbours.nearest_neighbours(images, references, k)
        assert distances.shape == indices.shape == (33, k)
        assert indices.dtype == torch.int64
        assert torch.allclose(distances.double(), expected, atol=1e-5)
        reached = (images[:, None] - references[indices]).flatten(2).norm(dim=2)
        assert torch.allclose(reached, distances, atol=1e-6)


def test_a_memorised_image_is_found_at_distance_zero(test_digits):
    train = to_float(digits.load("train").images)
    rows = torch.tensor([3, 3999, 1234])
    distances, indices = neighbours.nearest_neighbours(train[rows], train, k=2)
    assert indices[:, 0].tolist() == rows.tolist()
    assert distances[:, 0].tolist() == [0.0, 0.0, 0.0]
    assert (distances[:, 1] > 1).all()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((GOOD, GOOD, 3), "^k: expected 1 to 2"),
        ((GOOD, GOOD, 0), "^k: expected 1 to 2"),
        ((GOOD, torch.zeros(2, 1, 14, 14)), "^references: expected 784 pixels"),
        ((GOOD.to(torch.uint8), GOOD), "^images: expected a float tensor, got torch.uint8"),
        ((GOOD, torch.zeros(0, 1, 28, 28)), "^references: expected shape"),
        ((GOOD * math.nan, GOOD), "^images: expected finite"),
    ],
)
def test_bad_neighbours(arguments, message):
    with pytest.raises(ValueError, match=message):
        neighbours.nearest_neighbours(*arguments)


def test_memory_stays_bounded(monkeypatch):
    seen = []
    real = neighbours._nearest

    def watch(images, references, k):
        seen.append(len(images) * len(references))
        return real(images, references, k)

    monkeypatch.setattr(neighbours, "_nearest", watch)
    monkeypatch.setattr(neighbours, "FLOATS_AT_ONCE", 1000)
    neighbours.nearest_neighbours(randn(100, 4), randn(90, 4))
    assert max(seen) <= 1000
    assert len(seen) == 10


def test_the_module_imports_nothing_heavy():
    import subprocess
    import sys

    code = "import sys, course_utils.metrics.features, course_utils.metrics.frechet\n"
    code += "import course_utils.datasets.digits, course_utils.datasets.gaussians\n"
    code += "print([m for m in ('scipy', 'matplotlib', 'torchvision', 'ipywidgets') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
