"""The same numbers as torch-fidelity, torchmetrics, pytorch-fid and prdc, on the same features."""

from types import SimpleNamespace

import numpy as np
import prdc
import pytest
import scipy.linalg
import torch
from pytorch_fid import fid_score
from pytorch_fid import inception as their_inception
from seeded import randn
from torch import nn
from torch_fidelity.metric_fid import fid_features_to_statistics, fid_statistics_to_metric
from torch_fidelity.metric_isc import isc_features_to_metric
from torch_fidelity.metric_kid import kid_features_to_metric
from torch_fidelity.metric_prc import prc_features_to_metric
from torch_fidelity.noise import batch_slerp_any
from torchmetrics.functional.image import perceptual_path_length as their_path_length
from torchmetrics.image.fid import FrechetInceptionDistance, _compute_fid
from torchmetrics.image.inception import InceptionScore
from torchmetrics.image.kid import poly_mmd

from course_utils import metrics
from course_utils.metrics import inception

SIZES = [(300, 200, 24), (50, 60, 64), (500, 400, 1)]  # more and fewer samples than features, a single feature


def pair(n, m, d, gap=0.3):
    """Two correlated sets with features of unlike scale."""
    x = randn(n, d) @ randn(d, d, seed=1) / d**0.5 + 1
    y = randn(m, d, seed=2) @ randn(d, d, seed=3) / d**0.5 + 1 + gap
    return x, y


# ------------------------------------------------------------------ Fréchet distance


def by_torch_fidelity(x, y):
    one, two = fid_features_to_statistics(x), fid_features_to_statistics(y)
    one, two = ({"mu": s["mu"], "sigma": np.atleast_2d(s["sigma"])} for s in (one, two))
    return fid_statistics_to_metric(one, two, verbose=False)["frechet_inception_distance"]


def by_torchmetrics(x, y):
    (mean_x, cov_x), (mean_y, cov_y) = ((v.mean(0), torch.atleast_2d(torch.cov(v.T))) for v in (x, y))
    return _compute_fid(mean_x, cov_x, mean_y, cov_y).item()


def by_pytorch_fid(x, y):
    statistics = [part for v in (x.numpy(), y.numpy()) for part in (v.mean(0), np.cov(v, rowvar=False))]
    return fid_score.calculate_frechet_distance(*statistics)


@pytest.fixture
def sqrtm_with_disp(monkeypatch):
    """SciPy 1.18 dropped the argument `disp` that pytorch-fid passes."""
    shim = SimpleNamespace(sqrtm=lambda a, disp=True: scipy.linalg.sqrtm(a) if disp else (scipy.linalg.sqrtm(a), 0.0))
    monkeypatch.setattr(fid_score, "linalg", shim)


@pytest.mark.parametrize("sizes", SIZES)
@pytest.mark.parametrize("peer", [by_torch_fidelity, by_torchmetrics])
def test_frechet_distance(peer, sizes):
    x, y = pair(*sizes)
    assert metrics.frechet_distance(x, y) == pytest.approx(peer(x, y), rel=1e-6)


@pytest.mark.parametrize("sizes", [SIZES[0], SIZES[2]])
def test_frechet_distance_of_pytorch_fid(sizes, sqrtm_with_disp):
    x, y = pair(*sizes)
    assert metrics.frechet_distance(x, y) == pytest.approx(by_pytorch_fid(x, y), rel=1e-8)


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_streamed_statistics_give_the_distance_of_torchmetrics_updates():
    """Both fed with the same batches of unlike size; their metric keeps sums in float64."""
    x, y = pair(200, 250, 8)
    metric = FrechetInceptionDistance(feature=Flat(8), input_img_size=(1, 1, 8)).set_dtype(torch.float64)
    ours = {True: metrics.FeatureStatistics(), False: metrics.FeatureStatistics()}
    for values, real in ((x, True), (y, False)):
        for batch in values.split(33):
            metric.update(batch.view(-1, 1, 1, 8), real=real)
            ours[real].update(batch)
    got = metrics.frechet_from_statistics(*(part for s in ours.values() for part in (s.mean, s.covariance)))
    assert got == pytest.approx(metric.compute().item(), rel=1e-6)


class Flat(nn.Module):
    """Images are their own features."""

    def __init__(self, num_features):
        super().__init__()
        self.num_features = num_features

    def forward(self, images):
        return images.flatten(1)


# ------------------------------------------------------------------ kernel distance, Inception Score


@pytest.mark.parametrize("d", [1, 16, 200])
@pytest.mark.parametrize("degree", [1, 2, 3])
def test_kernel_distance(d, degree):
    x, y = pair(150, 150, d)
    ours = metrics.kernel_distance(x, y, degree=degree)
    theirs = kid_features_to_metric(
        x, y, kid_subsets=1, kid_subset_size=150, kid_kernel_poly_degree=degree, verbose=False
    )
    assert ours == pytest.approx(theirs["kernel_inception_distance_mean"], rel=1e-9)
    assert ours == pytest.approx(poly_mmd(x, y, degree=degree).item(), rel=1e-9)


def test_kernel_distance_subsets_are_those_of_torchmetrics():
    """Its own sums, over the subsets that the same generator draws."""
    x, y = pair(300, 200, 12)
    mean, deviation = metrics.kernel_distance_subsets(x, y, 20, 50, generator=torch.Generator().manual_seed(4))
    chosen = torch.Generator().manual_seed(4)
    values = []
    for _ in range(20):
        rows_x = torch.randperm(300, generator=chosen)[:50]
        rows_y = torch.randperm(200, generator=chosen)[:50]
        values.append(poly_mmd(x[rows_x], y[rows_y]).item())
    assert mean == pytest.approx(np.mean(values), rel=1e-9)
    assert deviation == pytest.approx(np.std(values), rel=1e-9)


@pytest.mark.parametrize("scale", [1.0, 8.0, 200.0])
@pytest.mark.parametrize("splits", [1, 7, 10])
def test_inception_score(scale, splits):
    """Large scales make probabilities that are 0 in float64."""
    logits = randn(333, 10) * scale
    theirs = isc_features_to_metric(logits, splits=splits, shuffle=False)
    mean, deviation = metrics.inception_score(logits.softmax(dim=1), splits=splits)
    assert mean == pytest.approx(theirs["inception_score_mean"], rel=1e-9)
    assert deviation == pytest.approx(theirs["inception_score_std"], rel=1e-9, abs=1e-12)


@pytest.mark.filterwarnings("ignore")
def test_inception_score_of_torchmetrics():
    logits = randn(200, 10) * 3
    metric = InceptionScore(feature=Flat(10), splits=1)
    metric.update(logits.view(200, 1, 1, 10))
    assert metrics.inception_score(logits.softmax(dim=1), 1)[0] == pytest.approx(metric.compute()[0].item(), rel=1e-6)


# ------------------------------------------------------------------ precision, recall, density, coverage


@pytest.mark.parametrize("k", [1, 3, 5])
@pytest.mark.parametrize(("n", "m", "d"), [(300, 200, 8), (100, 150, 64), (50, 60, 1)])
def test_manifold_metrics(n, m, d, k):
    real, fake = pair(n, m, d)
    precision, recall = metrics.precision_recall(real, fake, k)
    density, coverage = metrics.density_coverage(real, fake, k)
    theirs = prdc.compute_prdc(real.numpy(), fake.numpy(), nearest_k=k)
    assert 0 < precision <= 1
    assert {"precision": precision, "recall": recall, "density": density, "coverage": coverage} == pytest.approx(
        theirs, rel=1e-12
    )
    theirs = prc_features_to_metric(fake, real, prc_neighborhood=k, verbose=False)
    assert precision == pytest.approx(theirs["precision"], rel=1e-6)
    assert recall == pytest.approx(theirs["recall"], rel=1e-6)


# ------------------------------------------------------------------ perceptual path length


def test_slerp():
    a, b = randn(50, 6), randn(50, 6, seed=1) * 3
    b[0] = 2 * a[0]  # on one line
    for t in (0.0, 1e-4, 0.3, 1.0):
        assert torch.allclose(metrics.slerp(a, b, t), batch_slerp_any(a, b, t), atol=1e-6)


class Painter(nn.Module):
    """Smooth pictures with pixels 0 to 255 from given z, as torchmetrics asks for."""

    def __init__(self, draws):
        super().__init__()
        self.layer, self.draws = nn.Linear(5, 3 * 4 * 4, bias=False).double(), iter(draws)
        nn.init.normal_(self.layer.weight, generator=torch.Generator().manual_seed(0))

    def forward(self, z):
        return 255 * self.layer(z).sigmoid().view(-1, 3, 4, 4)

    def sample(self, n):
        return next(self.draws)


class SquaredDistance(nn.Module):
    def forward(self, a, b):
        return (a - b).flatten(1).square().sum(dim=1)


@pytest.mark.parametrize("discard", [0.0, 0.01, 0.1])
def test_perceptual_path_length(discard):
    draws = [randn(401, 5), randn(401, 5, seed=1)]
    mean, deviation, kept = their_path_length(
        Painter(draws),
        num_samples=401,
        interpolation_method="slerp_any",
        resize=None,
        lower_discard=discard,
        upper_discard=1 - discard,
        sim_net=SquaredDistance(),
    )
    painter = Painter(draws)
    got = metrics.perceptual_path_length(
        painter, lambda x: (x / 127.5 - 1).flatten(1), painter.sample, 401, discard=discard, sampling="end"
    )
    assert got[0] == pytest.approx(mean.item(), rel=1e-6)
    assert got[1] * (len(kept) / (len(kept) - 1)) ** 0.5 == pytest.approx(deviation.item(), rel=1e-6)


# ------------------------------------------------------------------ Inception features


def test_inception_features_are_those_of_pytorch_fid(monkeypatch, tmp_path):
    """The same random weights, in a file of the real layout, through both networks."""
    from course_utils.metrics import inception_network

    torch.manual_seed(0)
    state = inception_network.build("fid").state_dict()
    for name, values in state.items():
        if name.endswith("bn.weight"):
            values.fill_(1.5)  # so that activations stay alive through the depth
        if name.endswith("bn.running_var"):
            values.fill_(0.3)
    monkeypatch.setattr(their_inception, "load_state_dict_from_url", lambda url, progress: state)
    monkeypatch.setattr(inception, "_find", lambda source: tmp_path / source.file)
    monkeypatch.setattr(inception, "SOURCES", {"fid": inception.SOURCES["fid"]._replace(sha256="")})
    torch.save(state, tmp_path / inception.SOURCES["fid"].file)
    inception._network.cache_clear()
    images = torch.rand(3, 3, 32, 40, generator=torch.Generator().manual_seed(0)) * 2 - 1
    with torch.no_grad():
        theirs = their_inception.InceptionV3().eval()((images + 1) / 2)[0].flatten(1)
    ours = metrics.inception_features(images, batch_size=2)
    inception._network.cache_clear()
    assert ours.shape == (3, 2048)
    assert theirs.std() > 1e-3
    assert (ours - theirs).abs().max() <= 1e-4 * theirs.abs().max()
    assert not torch.allclose(ours[0], ours[1], rtol=1e-3)
