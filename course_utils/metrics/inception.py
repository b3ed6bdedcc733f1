"""Features of the Inception-v3 network, with which published FID and KID values are computed.

Its weights (about 100 MB) do not ship with the course and are never downloaded by it. They are looked for in the
data folder (`COURSE_DATA_ROOT`) and in the cache where pytorch-fid and torchvision put their own downloads.
"""

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from course_utils import paths
from course_utils.datasets import DataError
from course_utils.metrics.inputs import count

SIZE = 299  # pixels a side, what the network was trained on
TOLERANCE = 1e-3  # how far a pixel may lie outside [-1, 1]


class _Source(NamedTuple):
    file: str
    sha256: str  # its beginning, as in the file's name
    url: str


SOURCES = {
    "fid": _Source(
        "pt_inception-2015-12-05-6726825d.pth",
        "6726825d",
        "https://github.com/mseitzer/pytorch-fid/releases/download/fid_weights/pt_inception-2015-12-05-6726825d.pth",
    ),
    "torchvision": _Source(
        "inception_v3_google-0cc3c7bd.pth",
        "0cc3c7bd",
        "https://download.pytorch.org/models/inception_v3_google-0cc3c7bd.pth",
    ),
}


@torch.no_grad()
def inception_features(images: Tensor, weights: str = "fid", batch_size: int = 50) -> Tensor:
    """Activations of Inception-v3's last pooling layer.

    Args:
        images: float (N, 3, H, W), or (N, 1, H, W) for grey, in [-1, 1]; resized to 299 x 299 (bilinear).
        weights: "fid", the network that published FID values use; or "torchvision", whose distances are on
            another scale and can only be compared with each other.
        batch_size: images a forward pass, for memory only.

    Returns float32 (N, 2048) on the CPU.

    Raises DataError, in one line, when the weights are missing or damaged, and ValueError for images of another
    kind.
    """
    if weights not in SOURCES:
        raise ValueError(f"weights: expected one of {', '.join(SOURCES)}, got {weights!r}")
    count(batch_size, "batch_size", 1)
    _require_images(images)
    network = _network(weights, _find(SOURCES[weights]))
    return torch.cat([network(_prepared(batch)) for batch in images.detach().split(batch_size)])


def _prepared(batch: Tensor) -> Tensor:
    batch = batch.to("cpu", torch.float32).expand(-1, 3, -1, -1)  # grey becomes three equal channels
    return F.interpolate(batch, size=(SIZE, SIZE), mode="bilinear", align_corners=False)


def _find(source: _Source) -> Path:
    """The first place that has the file, or a DataError that says how to get it."""
    places = [paths.data_root(), Path(torch.hub.get_dir()) / "checkpoints"]
    for place in places:
        if (place / source.file).is_file():
            return place / source.file
    raise DataError(
        f"Inception weights {source.file} are missing; download {source.url} into {places[0]}, "
        "or use digit_features, which ships with the course"
    )


@lru_cache(maxsize=1)
def _network(weights: str, path: Path) -> nn.Module:
    """The network with verified weights, in eval mode, without gradients and without its classes; loaded once."""
    from course_utils.metrics import inception_network

    source = SOURCES[weights]
    remedy = f"delete it and download {source.url} again"
    try:
        with open(path, "rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({(error.strerror or 'unknown reason').lower()})") from error
    if not found.startswith(source.sha256):
        raise DataError(f"{path} is damaged: expected sha256 {source.sha256}..., found {found[:8]}...; {remedy}")
    network = inception_network.build(weights)
    try:
        network.load_state_dict(torch.load(path, map_location="cpu", weights_only=True))
    except Exception as error:
        raise DataError(f"{path} holds no weights of this network ({type(error).__name__}); {remedy}") from error
    network.fc = nn.Identity()
    return network.eval().requires_grad_(False)


def _require_images(images: Tensor) -> None:
    expected = "images: expected a float tensor (N, 3, H, W) or (N, 1, H, W) with pixels in [-1, 1]"
    if not isinstance(images, Tensor) or not images.is_floating_point():
        kind = images.dtype if isinstance(images, Tensor) else type(images).__name__
        raise ValueError(f"{expected}, got {kind}; scale uint8 pixels with datasets.to_float")
    if images.ndim != 4 or images.shape[1] not in (1, 3) or images.numel() == 0:
        raise ValueError(f"{expected}, got shape {tuple(images.shape)}")
    if not images.isfinite().all():
        raise ValueError(f"{expected}, got NaN or infinite values; the generator has diverged")
    low, high = images.min().item(), images.max().item()
    if low < -1 - TOLERANCE or high > 1 + TOLERANCE:
        raise ValueError(f"{expected}, got {low:.3g} to {high:.3g}; scale 0..255 with x / 127.5 - 1")
