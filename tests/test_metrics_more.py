"""KID, Inception Score, precision and its kin, FD-infinity, path length, modes, streaming: closed forms and refusals."""

import math

import numpy as np
import pytest
import torch

from course_utils import metrics
from course_utils.datasets import DataError, digits, gaussians, to_float
from course_utils.metrics import inception, kid, manifold


def randn(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


# ------------------------------------------------------------------ kernel distance


def cubic_kernel_distance(mean, d):
    """Between N(0, I) and N(mean, I) in d dimensions, with s = |mean|^2."""
    s = mean.square().sum().item()
    return 3 * s / d + 3 * s**2 / d**2 + (s**3 + 6 * s**2 + 3 * s * d + 6 * s) / d**3


@pytest.mark.parametrize(("d", "shift"), [(1, 0.5), (4, 1.0), (16, 2.0), (16, 0.0)])
def test_kernel_distance_of_shifted_gaussians(d, shift):
    """The average of 60 independent estimates lies within four of its standard errors of the closed form."""
    mean = torch.full((d,), shift / d**0.5, dtype=torch.float64)
    values = [
        metrics.kernel_distance(randn(200, d, seed=2 * s), randn(150, d, seed=2 * s + 1) + mean) for s in range(60)
    ]
    error = np.std(values, ddof=1) / 60**0.5
    assert abs(np.mean(values) - cubic_kernel_distance(mean, d)) < 4 * error
    if shift:
        assert np.mean(values) == pytest.approx(cubic_kernel_distance(mean, d), rel=0.1)


def test_kernel_distance_by_hand():
    """x = 0, 2 and y = 1, 1 in one dimension: k = 1 off the diagonal in x, 8 in y, and 1, 1, 27, 27 across."""
    x, y = torch.tensor([[0.0], [2.0]]), torch.tensor([[1.0], [1.0]])
    assert metrics.kernel_distance(x, y) == pytest.approx(1 + 8 - 2 * 14, rel=1e-12)
    assert metrics.kernel_distance(x, y, degree=1, offset=0.0) == pytest.approx(0 + 1 - 2 * 1, rel=1e-12)


def test_kernel_distance_does_not_depend_on_the_block_size(monkeypatch):
    x, y = randn(70, 5), randn(50, 5, seed=1) + 0.3
    expected = metrics.kernel_estimate(x, y)
    for size in (1, 130, 999):
        monkeypatch.setattr(kid, "FLOATS_AT_ONCE", size)
        assert metrics.kernel_estimate(x, y) == pytest.approx(expected, rel=1e-10)
    assert metrics.kernel_distance(x, y) == pytest.approx(expected.value, rel=1e-10)


def test_kernel_distance_of_a_set_with_itself_and_of_constants():
    x = randn(40, 3)
    k = (x @ x.T / 3 + 1) ** 3
    off_diagonal = (k.sum() - k.trace()) / (40 * 39)
    assert metrics.kernel_distance(x, x) == pytest.approx(2 * (off_diagonal - k.mean()).item(), rel=1e-10)
    one = torch.ones(5, 3)
    assert metrics.kernel_distance(one, one) == pytest.approx(0, abs=1e-12)
    assert metrics.kernel_distance(one, torch.zeros(4, 3)) == pytest.approx(8 + 1 - 2, rel=1e-12)
    assert metrics.kernel_estimate(one, torch.zeros(4, 3)).variance == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("shift", [0.0, 0.2, 1.0])
def test_the_variance_of_the_kernel_distance(shift):
    """On average it is the variance of the estimate over new draws, also where first-order terms vanish."""
    found = [
        metrics.kernel_estimate(randn(40, 3, seed=2 * s), randn(30, 3, seed=2 * s + 1) + shift) for s in range(600)
    ]
    true = np.var([estimate.value for estimate in found], ddof=1)
    assert np.mean([estimate.variance for estimate in found]) == pytest.approx(true, rel=0.25)
    assert min(estimate.variance for estimate in found) > 0


def test_subsets_of_everything_have_no_spread_and_are_reproducible():
    x, y = randn(60, 4), randn(60, 4, seed=1) + 1
    mean, deviation = metrics.kernel_distance_subsets(x, y, subsets=3, size=60)
    assert mean == pytest.approx(metrics.kernel_distance(x, y), rel=1e-10)
    assert deviation == pytest.approx(0, abs=1e-10)
    draws = [metrics.kernel_distance_subsets(x, y, 5, 20, torch.Generator().manual_seed(s)) for s in (0, 0, 1)]
    assert draws[0] == draws[1] != draws[2]
    assert draws[0][1] > 0


# ------------------------------------------------------------------ Inception Score


def test_inception_score_of_sure_and_of_undecided_classifiers():
    sure = torch.eye(7, dtype=torch.float64).repeat(20, 1)
    assert metrics.inception_score(sure, splits=10) == pytest.approx((7, 0), abs=1e-9)
    assert metrics.inception_score(torch.full((50, 7), 1 / 7), splits=5) == pytest.approx((1, 0), abs=1e-6)
    one_class = torch.eye(7)[:1].repeat(30, 1)
    assert metrics.inception_score(one_class, splits=3) == pytest.approx((1, 0), abs=1e-9)


def test_inception_score_between_them():
    """Each row gives 1 - e to its class and shares e among the others: log IS = log C - H(row)."""
    classes, e = 5, 0.2
    rows = torch.full((classes, classes), e / (classes - 1), dtype=torch.float64).fill_diagonal_(1 - e)
    entropy = -(1 - e) * math.log(1 - e) - e * math.log(e / (classes - 1))
    mean, deviation = metrics.inception_score(rows.repeat(8, 1), splits=4)
    assert mean == pytest.approx(classes * math.exp(-entropy), rel=1e-12)
    assert deviation == pytest.approx(0, abs=1e-12)


def test_inception_score_of_digits():
    score, _ = metrics.inception_score(metrics.digit_probabilities(to_float(digits.load("test").images)), splits=1)
    assert 9.3 < score <= 10


# ------------------------------------------------------------------ precision, recall, density, coverage


def expected_coverage(n, m, k):
    """Of two sets of one continuous distribution, n reals and m fakes (Naeem et al., 2020)."""
    miss = 1.0
    for i in range(1, k + 1):
        miss *= (n - i) / (m + n - i)
    return 1 - miss


@pytest.mark.parametrize(("n", "m", "k"), [(400, 400, 5), (400, 400, 1), (300, 100, 3)])
def test_density_and_coverage_of_one_distribution(n, m, k):
    """Within four standard errors over 25 draws of 1 and of the closed form, which is 1 - 2^-k for n = m large."""
    found = np.array(
        [metrics.density_coverage(randn(n, 4, seed=2 * s), randn(m, 4, seed=2 * s + 1), k) for s in range(25)]
    )
    error = found.std(axis=0, ddof=1) / 5
    density, coverage = found.mean(axis=0)
    assert abs(density - 1) < 4 * error[0]
    assert abs(coverage - expected_coverage(n, m, k)) < 4 * error[1]
    assert error.max() < 0.02
    assert expected_coverage(10**7, 10**7, k) == pytest.approx(1 - 2**-k, rel=1e-5)


def test_gaussians_in_many_dimensions():
    """In 1,000 dimensions a few points are neighbours of very many, and the expectations are still the same."""
    pairs = [(randn(300, 1000, seed=2 * s), randn(300, 1000, seed=2 * s + 1)) for s in range(12)]
    found = np.array([metrics.density_coverage(*pair, 5) + metrics.precision_recall(*pair, 5) for pair in pairs])
    error = found.std(axis=0, ddof=1) / 12**0.5
    density, coverage, precision, recall = found.mean(axis=0)
    assert abs(density - 1) < 4 * error[0]
    assert abs(coverage - expected_coverage(300, 300, 5)) < 4 * error[1]
    assert abs(precision - recall) < 4 * (error[2] + error[3])
    assert error.max() < 0.1


def test_dropped_modes_cost_recall_and_bad_samples_precision():
    left, right = randn(200, 2) * 0.1, randn(200, 2, seed=1) * 0.1 + 5
    both = torch.cat([left, right])
    half = randn(300, 2, seed=2) * 0.1
    precision, recall = metrics.precision_recall(both, half)
    assert precision > 0.9
    assert 0.4 < recall < 0.51
    density, coverage = metrics.density_coverage(both, half)
    assert density > 0.8
    assert 0.4 < coverage < 0.51
    wide = torch.cat([both, randn(400, 2, seed=3) * 0.1 - 20])
    precision, recall = metrics.precision_recall(both, wide)
    assert 0.4 < precision < 0.51
    assert recall > 0.9


@pytest.mark.parametrize("offset", [0.0, 1e4])
def test_copies_of_the_real_set(offset):
    """Ties are exact: the k-th neighbour is on the rim, which counts for precision and not for density."""
    real = randn(300, 20) + offset
    fake = real[torch.randperm(300, generator=torch.Generator().manual_seed(0))]
    assert metrics.precision_recall(real, fake) == (1.0, 1.0)
    assert metrics.density_coverage(real, fake) == (1.0, 1.0)


def test_constant_features():
    real, constant = randn(50, 3), torch.zeros(40, 3)
    precision, recall = metrics.precision_recall(real, constant)
    assert precision in (0.0, 1.0)
    assert recall == 0.0
    assert metrics.precision_recall(constant, constant) == (1.0, 1.0)
    assert metrics.precision_recall(constant, constant + 1) == (0.0, 0.0)
    assert metrics.density_coverage(real, real[:1].repeat(9, 1))[1] >= 1 / 50
    with pytest.raises(ValueError, match=r"^real: expected points that differ, got each at least 6 times"):
        metrics.density_coverage(constant, real)


def test_manifold_blocks(monkeypatch):
    real, fake = randn(90, 5), randn(70, 5, seed=1) + 0.5
    expected = metrics.precision_recall(real, fake), metrics.density_coverage(real, fake)
    largest = []
    whole = manifold._blocks

    def watch(x, y):
        for rows, block in whole(x, y):
            largest.append(block.numel())
            yield rows, block

    monkeypatch.setattr(manifold, "_blocks", watch)
    monkeypatch.setattr(manifold, "FLOATS_AT_ONCE", 300)
    assert (metrics.precision_recall(real, fake), metrics.density_coverage(real, fake)) == expected
    assert max(largest) <= 300
    assert len(largest) > 100


# ------------------------------------------------------------------ FD-infinity


def average(values):
    """Mean and four standard errors of it."""
    return np.mean(values), 4 * np.std(values, ddof=1) / len(values) ** 0.5


def test_extrapolation_takes_the_bias_out():
    """Both sets from N(0, I_8): the plain distance is the predicted bias, and the extrapolated one is free of it."""
    d, n, m = 8, 1000, 800
    per_sample = d + d * (d + 1) / 4
    pairs = [(randn(n, d, seed=2 * s), randn(m, d, seed=2 * s + 1)) for s in range(60)]
    plain, error = average([metrics.frechet_distance(x, y) for x, y in pairs])
    assert abs(plain - per_sample * (1 / n + 1 / m)) < error < 0.01
    generator = torch.Generator().manual_seed(0)
    both, error = average(
        [metrics.frechet_distance_infinity(x, y, 8, both=True, generator=generator) for x, y in pairs]
    )
    assert abs(both) < error < 0.02  # the plain bias is 0.0585
    left, error = average([metrics.frechet_distance_infinity(x, y, 8, generator=generator) for x, y in pairs])
    assert abs(left - per_sample / m) < error < 0.02  # what the size of the reference leaves


def test_extrapolation_of_a_true_distance():
    """N(0, I) against N(1, 4 I) in 4 dimensions is at 4 + 4 (2 - 1)^2 = 8."""
    generator = torch.Generator().manual_seed(0)
    pairs = [(randn(1000, 4, seed=2 * s), 2 * randn(1000, 4, seed=2 * s + 1) + 1) for s in range(40)]
    found, error = average([metrics.frechet_distance_infinity(*p, 8, both=True, generator=generator) for p in pairs])
    assert abs(found - 8) < error < 0.5


def test_extrapolation_is_reproducible_and_survives_few_samples():
    x, y = randn(50, 30), randn(40, 30, seed=1)  # rank-deficient subsets
    values = [
        metrics.frechet_distance_infinity(x, y, points=4, generator=torch.Generator().manual_seed(3)) for _ in range(2)
    ]
    assert values[0] == values[1]
    assert math.isfinite(values[0])
    assert metrics.frechet_distance_infinity(torch.ones(30, 2), torch.ones(30, 2)) == pytest.approx(0, abs=1e-12)


# ------------------------------------------------------------------ perceptual path length


def identity(x):
    return x


def draws(*seeds):
    """Points on the unit circle, each call from the next seed; the angle between two is uniform on [0, pi]."""
    remaining = iter(seeds)

    def draw(n):
        angles = 2 * math.pi * torch.rand(n, generator=torch.Generator().manual_seed(next(remaining))).double()
        return torch.stack([angles.cos(), angles.sin()], dim=1)

    return draw


@pytest.mark.parametrize("sampling", ["full", "end"])
@pytest.mark.parametrize("scale", [1.0, 3.0])
def test_path_length_on_the_circle(sampling, scale):
    """A linear model moves at scale times the angle: mean scale^2 pi^2 / 3, variance scale^4 4 pi^4 / 45."""
    n = 20_000
    mean, deviation = metrics.perceptual_path_length(
        lambda z: scale * z, identity, draws(0, 1), n, discard=0.0, sampling=sampling
    )
    assert mean == pytest.approx(scale**2 * math.pi**2 / 3, abs=4 * deviation / n**0.5)
    assert deviation == pytest.approx(scale**2 * math.sqrt(4 / 45) * math.pi**2, rel=0.03)


def test_discarding_the_tails():
    """Uniform angles: of squares of u in [0.1, 0.9] times pi the mean is (0.9^3 - 0.1^3) / (3 * 0.8) pi^2."""
    mean, _ = metrics.perceptual_path_length(lambda z: z, identity, draws(0, 1), 20_000, discard=0.1)
    assert mean == pytest.approx((0.9**3 - 0.1**3) / 2.4 * math.pi**2, rel=0.03)


def test_a_constant_model_has_no_path_and_a_step_a_long_one():
    constant = metrics.perceptual_path_length(torch.zeros_like, identity, 6, 100)
    assert constant == (0.0, 0.0)
    generator = torch.Generator().manual_seed(0)
    smooth, _ = metrics.perceptual_path_length(lambda z: z.tanh(), identity, 6, 2000, generator=generator)
    steps, _ = metrics.perceptual_path_length(
        lambda z: (50 * z).tanh(), identity, 6, 2000, generator=generator, discard=0.0
    )
    assert steps > 10 * smooth


def test_path_length_is_reproducible_in_any_batch_size():
    arguments = (lambda z: z.double().sin(), identity, 4, 50)
    found = [
        metrics.perceptual_path_length(*arguments, batch_size=b, generator=torch.Generator().manual_seed(1))
        for b in (7, 50, 500)
    ]
    assert found[0] == pytest.approx(found[1], rel=1e-12)
    assert found[1] == pytest.approx(found[2], rel=1e-12)


def test_slerp_moves_along_the_great_circle():
    a, b = torch.tensor([[1.0, 0.0]]).double(), torch.tensor([[0.0, 1.0]]).double()
    assert torch.allclose(metrics.slerp(a, b, 1 / 3), torch.tensor([[3**0.5 / 2, 0.5]]).double())
    assert torch.allclose(metrics.slerp(a, 3 * a, 0.5), 2 * a)  # on one line


# ------------------------------------------------------------------ modes


def test_modes_of_a_mixture():
    grid = gaussians.grid()
    points = torch.cat([grid.centres[:1].repeat(3, 1), grid.centres[1:2], torch.full((4, 2), 50.0)])
    found = metrics.mode_statistics(grid, points)
    assert found.covered == 2
    assert found.high_quality == 0.5
    assert found.kl == pytest.approx(0.75 * math.log(0.75 * 25) + 0.25 * math.log(0.25 * 25), rel=1e-12)
    assert metrics.mode_statistics(grid, points, at_least=2).covered == 1


def test_modes_of_true_and_of_hopeless_samples():
    ring = gaussians.ring()
    found = metrics.mode_statistics(ring, ring.sample(20_000, torch.Generator().manual_seed(0)))
    assert found.covered == 8
    assert found.high_quality == pytest.approx(1 - math.exp(-4.5), abs=0.004)
    assert found.kl < 0.002  # about 7 / (2 * 20,000)
    assert metrics.mode_statistics(ring, torch.full((5, 2), 9.0)) == (0, 0.0, math.inf)
    assert metrics.mode_statistics(ring, ring.centres) == pytest.approx((8, 1.0, 0.0), abs=1e-12)


def test_stacked_modes():
    everything = torch.cartesian_prod(*[torch.arange(10)] * 3)
    assert metrics.stacked_modes(everything) == pytest.approx((1000, 0), abs=1e-12)
    assert metrics.stacked_modes(everything[:250].repeat(2, 1)) == pytest.approx((250, math.log(4)), rel=1e-12)
    assert metrics.stacked_modes(torch.tensor([[9, 0, 5]], dtype=torch.uint8)) == pytest.approx((1, math.log(1000)))
    labels = torch.randint(10, (26_000, 3), generator=torch.Generator().manual_seed(0))
    covered, kl = metrics.stacked_modes(labels)
    assert covered == 1000
    assert kl == pytest.approx(999 / 52_000, rel=0.2)  # the bias of even samples; its deviation is 4.5 %


# ------------------------------------------------------------------ streaming


@pytest.mark.parametrize("offset", [0.0, 1e6])
@pytest.mark.parametrize("batch_size", [1, 7, 100])
def test_streaming_agrees_with_all_at_once(offset, batch_size):
    x = (randn(100, 6) @ randn(6, 6, seed=1)) + offset
    seen = metrics.FeatureStatistics()
    for batch in x.split(batch_size):
        seen.update(batch)
    mean, covariance = metrics.statistics(x)
    assert seen.count == 100
    assert torch.allclose(seen.mean, mean, rtol=1e-14, atol=1e-12)
    assert torch.allclose(seen.covariance, covariance, rtol=1e-8, atol=1e-8)


def test_streams_are_merged():
    x = randn(90, 4) + 3
    parts = [metrics.FeatureStatistics() for _ in range(4)]  # the last stays empty
    for part, batch in zip(parts, x.split([50, 39, 1]), strict=False):
        part.update(batch)
    whole = metrics.FeatureStatistics()
    for part in parts:
        whole.merge(part)
    mean, covariance = metrics.statistics(x)
    assert whole.count == 90
    assert torch.allclose(whole.mean, mean)
    assert torch.allclose(whole.covariance, covariance)
    assert parts[0].count == 50
    assert torch.allclose(parts[0].mean, x[:50].mean(dim=0))


def test_what_is_read_does_not_change_afterwards():
    seen = metrics.FeatureStatistics()
    seen.update(randn(10, 3))
    mean, covariance = seen.mean, seen.covariance
    kept = mean.clone(), covariance.clone()
    seen.update(randn(10, 3, seed=1) + 5)
    assert torch.equal(mean, kept[0])
    assert torch.equal(covariance, kept[1])
    seen.mean.zero_()
    assert seen.mean.abs().sum() > 0


def test_a_bad_batch_leaves_the_statistics_alone():
    seen = metrics.FeatureStatistics()
    seen.update(randn(10, 3))
    before = seen.count, seen.mean, seen.covariance
    for bad in (randn(4, 2), torch.full((2, 3), math.nan), torch.zeros(0, 3), torch.zeros(3)):
        with pytest.raises(ValueError, match=r"^features: expected"):
            seen.update(bad)
    assert seen.count == before[0]
    assert torch.equal(seen.mean, before[1])
    assert torch.equal(seen.covariance, before[2])


def test_statistics_of_batches_of_images():
    images = to_float(digits.load("test").images[:300])
    mean, covariance = metrics.statistics_of((part for part in images.split(64)), metrics.digit_features)
    expected = metrics.statistics(metrics.digit_features(images))
    assert torch.allclose(mean, expected[0], atol=1e-5)
    assert torch.allclose(covariance, expected[1], atol=1e-4)
    with pytest.raises(ValueError, match="expected at least 1 samples, got 0"):
        metrics.statistics_of([], metrics.digit_features)


# ------------------------------------------------------------------ Inception features


@pytest.fixture
def no_weights(monkeypatch, tmp_path):
    monkeypatch.setenv("COURSE_DATA_ROOT", str(tmp_path / "data"))
    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path / "hub"))
    inception._network.cache_clear()
    return tmp_path


PICTURES = torch.zeros(2, 3, 32, 32)


@pytest.mark.parametrize("weights", ["fid", "torchvision"])
def test_missing_inception_weights(no_weights, weights):
    with pytest.raises(DataError) as raised:
        metrics.inception_features(PICTURES, weights)
    message = str(raised.value)
    assert inception.SOURCES[weights].file in message
    assert str(no_weights / "data") in message
    assert "digit_features" in message
    assert "\n" not in message


@pytest.mark.parametrize("folder", ["data", "hub/checkpoints"])
def test_damaged_inception_weights(no_weights, folder):
    path = no_weights / folder / inception.SOURCES["fid"].file
    path.parent.mkdir(parents=True)
    path.write_bytes(b"half a download")
    with pytest.raises(DataError, match=r"is damaged: expected sha256 6726825d\.\.\., found .*delete it and download"):
        metrics.inception_features(PICTURES)


def test_a_file_of_another_network(no_weights, monkeypatch):
    source = inception.SOURCES["torchvision"]._replace(sha256="")
    monkeypatch.setitem(inception.SOURCES, "torchvision", source)
    (no_weights / "data").mkdir()
    torch.save({"weight": torch.zeros(3)}, no_weights / "data" / source.file)
    with pytest.raises(DataError, match=r"holds no weights of this network \(RuntimeError\)"):
        metrics.inception_features(PICTURES, "torchvision")


def test_torchvision_weights_give_the_last_pooling_layer(no_weights, monkeypatch):
    """A random network, saved as torchvision saves it; grey images are three equal channels."""
    from torchvision.models import inception_v3

    torch.manual_seed(0)
    network = inception_v3(weights=None, init_weights=False, transform_input=False).eval()
    source = inception.SOURCES["torchvision"]._replace(sha256="")
    monkeypatch.setitem(inception.SOURCES, "torchvision", source)
    (no_weights / "hub" / "checkpoints").mkdir(parents=True)
    torch.save(network.state_dict(), no_weights / "hub" / "checkpoints" / source.file)
    pooled = []
    network.avgpool.register_forward_hook(lambda module, inputs, output: pooled.append(output.flatten(1)))
    grey = torch.rand(2, 1, 28, 28, generator=torch.Generator().manual_seed(0)) * 2 - 1
    with torch.no_grad():
        resized = torch.nn.functional.interpolate(grey, size=(299, 299), mode="bilinear", align_corners=False)
        network(resized.repeat(1, 3, 1, 1))
    found = metrics.inception_features(grey, "torchvision", batch_size=1)
    inception._network.cache_clear()
    assert found.shape == (2, 2048)
    assert torch.allclose(found, pooled[0], rtol=1e-3, atol=1e-3 * pooled[0].abs().max().item())


@pytest.mark.parametrize(
    ("images", "message"),
    [
        (PICTURES.to(torch.uint8), "got torch.uint8; .*to_float"),
        (np.zeros((2, 3, 32, 32)), "got ndarray"),
        (PICTURES[0], r"got shape \(3, 32, 32\)"),
        (torch.zeros(2, 4, 8, 8), r"got shape \(2, 4, 8, 8\)"),
        (torch.zeros(0, 3, 8, 8), r"got shape \(0, 3, 8, 8\)"),
        (PICTURES * math.nan, "got NaN"),
        (PICTURES + 255, "got 255 to 255; scale"),
    ],
)
def test_pictures_of_another_kind(images, message):
    with pytest.raises(ValueError, match=rf"^images: expected a float tensor \(N, 3, H, W\).*{message}"):
        metrics.inception_features(images)


# ------------------------------------------------------------------ what is refused

GOOD, WIDE = torch.arange(90.0).reshape(30, 3), torch.zeros(30, 4)
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
        (lambda: metrics.perceptual_path_length(identity, identity, 1), "^latent: expected .* 2 or more, got 1"),
        (
            lambda: metrics.perceptual_path_length(identity, identity, lambda n: torch.zeros(n), 9),
            r"^latent: expected a function that returns floats \(9, latent_dim >= 2\), got \(9,\)",
        ),
        (lambda: metrics.perceptual_path_length(identity, identity, 4, 1), "^n: expected .* 2 or more, got 1"),
        (lambda: metrics.perceptual_path_length(identity, identity, 4, 9, epsilon=0), "^epsilon: expected"),
        (lambda: metrics.perceptual_path_length(identity, identity, 4, 9, discard=0.5), "^discard: expected"),
        (lambda: metrics.perceptual_path_length(identity, identity, 4, 9, sampling="mid"), "^sampling: expected"),
        (lambda: metrics.perceptual_path_length(identity, torch.sum, 4, 9), r"^features: .*\(18, d\), got shape"),
        (lambda: metrics.perceptual_path_length(lambda z: z / 0, identity, 4, 9), "^features: expected finite"),
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


# ------------------------------------------------------------------ conditional generators


def test_alignment_is_the_share_that_is_read_as_asked():
    test = digits.load("test")
    images, read = to_float(test.images[:200]), metrics.digit_labels(to_float(test.images[:200]))
    assert metrics.label_alignment(images, read) == 1.0
    assert metrics.label_alignment(images, (read + 1) % 10) == 0.0
    mixed = torch.cat([read[:50], (read[50:] + 1) % 10])
    assert metrics.label_alignment(images, mixed) == 0.25
    assert metrics.label_alignment(images, test.labels[:200]) > 0.95
    with pytest.raises(ValueError, match=r"labels: expected one for each of the 200 images, got \(199,\)"):
        metrics.label_alignment(images, read[:199])


def test_class_frechet_is_the_distance_within_each_class():
    labels = torch.arange(600) % 3
    real, fake = randn(600, 2, seed=1), randn(600, 2, seed=2)
    fake[labels == 1] += 3.0
    distances = metrics.class_frechet(fake, labels, real, labels)
    for label in range(3):
        expected = metrics.frechet_distance(fake[labels == label], real[labels == label])
        assert distances[label].item() == pytest.approx(expected)
    assert distances[1] == pytest.approx(18, rel=0.1)
    assert distances[[0, 2]].max() < 0.2
    swapped = metrics.class_frechet(real, (labels + 1) % 3, fake, labels)  # class 1 was asked for in vain
    assert swapped[1] == pytest.approx(18, rel=0.1)
    with pytest.raises(ValueError, match="class 1: expected at least 2 of each, got 1 fakes and 200 reals"):
        metrics.class_frechet(fake[:5], torch.tensor([0, 0, 1, 2, 2]), real, labels)


def test_class_spread_is_the_mean_distance_within_each_class():
    features = torch.tensor([[0.0], [3.0], [4.0], [1.0], [1.0]])
    assert metrics.class_spread(features, torch.tensor([0, 0, 0, 4, 4])).tolist() == pytest.approx([8 / 3, 0.0])
    many = metrics.class_spread(randn(2000, 3), torch.zeros(2000, dtype=torch.int64))
    few = torch.stack([metrics.class_spread(randn(20, 3, seed=s), torch.zeros(20)) for s in range(100)]).mean()
    assert few.item() == pytest.approx(many.item(), rel=0.05)
    with pytest.raises(ValueError, match="class 4: expected at least 2 samples, got 1"):
        metrics.class_spread(features[:4], torch.tensor([0, 0, 0, 4]))


def test_transport_of_a_shift_is_the_shift():
    x = torch.randn(40, 3, dtype=torch.float64)
    move = torch.tensor([3.0, 0.0, 4.0], dtype=torch.float64)
    assert metrics.wasserstein_distance(x, x + move) == pytest.approx(5)
    assert metrics.wasserstein_distance(x, x[torch.randperm(40)]) == pytest.approx(0, abs=1e-12)


def test_transport_on_a_line_pairs_the_sorted_points():
    x, y = torch.randn(50, 1), 2 * torch.randn(50, 1) + 1
    expected = (x.sort(dim=0).values - y.sort(dim=0).values).abs().double().mean().item()
    assert metrics.wasserstein_distance(x, y) == pytest.approx(expected, rel=1e-5)
    assert metrics.wasserstein_distance(y, x) == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize(("x", "y"), [((5, 2), (4, 2)), ((5, 2), (5, 3)), ((5,), (5,)), ((0, 2), (0, 2))])
def test_transport_refuses_shapes_that_do_not_fit(x, y):
    with pytest.raises(ValueError, match=r"expected two tensors \(N, d\) of one shape"):
        metrics.wasserstein_distance(torch.zeros(x), torch.zeros(y))
    with pytest.raises(ValueError, match="finite"):
        metrics.wasserstein_distance(torch.full((2, 2), math.nan), torch.zeros(2, 2))
