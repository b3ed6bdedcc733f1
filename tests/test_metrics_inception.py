"""Inception's weights: found, missing, damaged, of another network."""

import math

import numpy as np
import pytest
import torch

from course_utils import metrics
from course_utils.datasets import DataError
from course_utils.metrics import inception


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
