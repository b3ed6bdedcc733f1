"""What the metrics refuse, and with which words."""

import math

import pytest
import torch

from course_utils import metrics
from course_utils.datasets import gaussians

GOOD, WIDE = torch.arange(90.0).reshape(30, 3), torch.zeros(30, 4)
PICTURES = torch.zeros(2, 3, 32, 32)
PAIRED = [
    (metrics.kernel_distance, "x", "y"),
    (metrics.kernel_estimate, "x", "y"),
    (metrics.frechet_distance_infinity, "x", "y"),
    (metrics.precision_recall, "real", "fake"),
    (metrics.density_coverage, "real", "fake"),
]


@pytest.mark.parametrize(("function", "first", "second"), PAIRED)
def test_bad_pairs_of_features(function, first, second):
    cases = [
        (GOOD, WIDE, f"^{second}: expected 3 features as in {first}, got 4"),
        (GOOD * math.nan, GOOD, f"^{first}: expected finite"),
        (GOOD, GOOD / 0, f"^{second}: expected finite"),
        (GOOD[0], GOOD, rf"^{first}: expected features \(N, d\), got shape \(3,\)"),
        (GOOD, GOOD.view(30, 1, 3), rf"^{second}: expected features \(N, d\), got shape \(30, 1, 3\)"),
        (GOOD[:1], GOOD, f"^{first}: expected at least .* samples.*got 1; draw more"),
        (GOOD, GOOD[:0], f"^{second}: expected at least .* samples.*got 0; draw more"),
        ("features", GOOD, f"^{first}: expected a tensor of numbers, got str"),
        (GOOD, GOOD.to(torch.complex64), f"^{second}: expected real numbers, got torch.complex64"),
    ]
    for x, y, message in cases:
        with pytest.raises(ValueError, match=message):
            function(x, y)


ROWS = torch.full((20, 4), 0.25)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: metrics.kernel_distance(GOOD, GOOD, degree=0), "^degree: expected a whole number, 1 or more, got 0"),
        (lambda: metrics.kernel_estimate(GOOD[:3], GOOD), "^x: expected at least 4 samples for pairs, got 3"),
        (lambda: metrics.kernel_distance_subsets(GOOD, GOOD), "^size: .* 2 to 30 .the smaller set., got 1000"),
        (lambda: metrics.kernel_distance_subsets(GOOD, GOOD, 0, 10), "^subsets: expected .* 1 or more, got 0"),
        (lambda: metrics.precision_recall(GOOD, GOOD, k=0), "^k: expected a whole number, 1 or more, got 0"),
        (lambda: metrics.precision_recall(GOOD, GOOD, k=2.5), "^k: expected a whole number, 1 or more, got 2.5"),
        (
            lambda: metrics.precision_recall(GOOD, GOOD[:3]),
            "^fake: expected at least 4 samples for k = 3 neighbours, got 3",
        ),
        (lambda: metrics.density_coverage(GOOD, GOOD, k=30), "^real: expected at least 31 samples for k = 30"),
        (lambda: metrics.frechet_distance_infinity(GOOD[:19], GOOD), "^x: expected at least 20 samples to extra"),
        (lambda: metrics.frechet_distance_infinity(GOOD, GOOD[:19], both=True), "^y: expected at least 20 samples"),
        (lambda: metrics.frechet_distance_infinity(GOOD, GOOD, points=1), "^points: expected .* 2 or more, got 1"),
        (lambda: metrics.inception_score(ROWS * 2), "^probabilities: expected rows >= 0 that sum to 1.*softmax"),
        (lambda: metrics.inception_score(ROWS - torch.tensor([0.5, -0.5, 0, 0])), "^probabilities: .*values from"),
        (lambda: metrics.inception_score(ROWS * math.nan), "^probabilities: expected finite"),
        (lambda: metrics.inception_score(ROWS[0]), r"^probabilities: expected shape \(N, classes\), got \(4,\)"),
        (lambda: metrics.inception_score(ROWS[:0]), "^probabilities: expected shape"),
        (lambda: metrics.inception_score(ROWS, splits=21), "^splits: .* 1 to 20 .the number of samples., got 21"),
        (lambda: metrics.perceptual_path_length(torch.clone, torch.clone, 1), "^latent: expected .* 2 or more, got 1"),
        (
            lambda: metrics.perceptual_path_length(torch.clone, torch.clone, lambda n: torch.zeros(n), 9),
            r"^latent: expected a function that returns floats \(9, latent_dim >= 2\), got \(9,\)",
        ),
        (lambda: metrics.perceptual_path_length(torch.clone, torch.clone, 4, 1), "^n: expected .* 2 or more, got 1"),
        (lambda: metrics.perceptual_path_length(torch.clone, torch.clone, 4, 9, epsilon=0), "^epsilon: expected"),
        (lambda: metrics.perceptual_path_length(torch.clone, torch.clone, 4, 9, discard=0.5), "^discard: expected"),
        (lambda: metrics.perceptual_path_length(torch.clone, torch.clone, 4, 9, sampling="mid"), "^sampling: expected"),
        (lambda: metrics.perceptual_path_length(torch.clone, torch.sum, 4, 9), r"^features: .*\(18, d\), got shape"),
        (lambda: metrics.perceptual_path_length(lambda z: z / 0, torch.clone, 4, 9), "^features: expected finite"),
        (lambda: metrics.mode_statistics(gaussians.ring(), torch.zeros(0, 2)), "^points: expected at least 1 point"),
        (lambda: metrics.mode_statistics(gaussians.ring(), torch.zeros(5, 3)), "^points: expected shape"),
        (lambda: metrics.mode_statistics(gaussians.ring(), torch.full((5, 2), math.nan)), "^points: expected finite"),
        (lambda: metrics.mode_statistics(gaussians.ring(), torch.zeros(5, 2), at_least=0), "^at_least: expected"),
        (lambda: metrics.stacked_modes(torch.zeros(5, 3)), "^labels: expected an integer tensor.*float32"),
        (lambda: metrics.stacked_modes([[1, 2, 3]]), "^labels: expected an integer tensor.*list"),
        (lambda: metrics.stacked_modes(torch.zeros(5, dtype=torch.long)), "^labels: expected shape"),
        (lambda: metrics.stacked_modes(torch.full((5, 3), 10)), "^labels: expected digits 0 to 9, got 10 to 10"),
        (lambda: metrics.FeatureStatistics().mean, "^count: expected at least 1 samples, got 0"),
        (lambda: metrics.inception_features(PICTURES, "imagenet"), "^weights: expected one of fid, torchvision"),
        (lambda: metrics.inception_features(PICTURES, batch_size=0), "^batch_size: expected"),
    ],
)
def test_bad_arguments(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_all_public_names_are_there():
    for name in metrics.__all__:
        assert callable(getattr(metrics, name))
    assert metrics.__all__ == sorted(metrics.__all__)


def test_numpys_integers_are_whole_numbers():
    import numpy as np

    from course_utils.models.layers import check_sizes
    from course_utils.models.style.synthesis import stages
    from course_utils.tables.modes import fit_modes

    torch.manual_seed(0)
    x = torch.randn(30, 3)
    assert metrics.precision_recall(x, x, k=np.int64(3)) == metrics.precision_recall(x, x, k=3)
    points = torch.rand(20, 2) - 0.5
    three, images = np.int64(3), torch.rand(4, 1, 32, 32)
    assert metrics.HistogramJS(gaussians.ring(), reach=2.5, bins=three).floor(three, three) > 0
    assert metrics.sliced_wasserstein(points, x[:20, :2], three, three) == metrics.sliced_wasserstein(points, x[:20, :2], 3, 3)
    distances = metrics.scale_distances(images, images.flip(0) ** 2, *np.array([2, 3, 5, 3]))
    assert distances == metrics.scale_distances(images, images.flip(0) ** 2, 2, 3, 5, 3)
    assert len(fit_modes(x[:, 0], *np.array([2, 20, 3])).mean) == len(fit_modes(x[:, 0], 2, 20, 3).mean)
    check_sizes(size=np.int32(4))
    assert stages(np.int64(32)) == stages(32)


def test_probabilities_of_few_digits_are_not_told_to_apply_softmax():
    torch.manual_seed(0)
    half = torch.randn(50, 10).softmax(dim=1).bfloat16()
    assert metrics.inception_score(half)[0] > 1
