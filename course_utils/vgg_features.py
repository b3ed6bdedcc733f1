"""The network of the original style transfer, when its weights are on this machine already. Nothing is downloaded.

VGG-19 (Simonyan and Zisserman, 2014) with torchvision's weights, about 550 MB. ``weights_file()`` says where they are looked
for: in the data folder, and in the cache of ``torch.hub``, where torchvision puts its own downloads.
"""

import hashlib
from pathlib import Path

import torch
from torch import Tensor, nn

from course_utils import paths
from course_utils.datasets import DataError

FILE = "vgg19-dcbb9e9d.pth"  # the end of the name is the beginning of its sha256
LAYERS = (1, 6, 11, 20, 29)  # ReLU 1_1, 2_1, 3_1, 4_1, 5_1 of torchvision's `features`
MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)  # of ImageNet, for pixels in [0, 1]


def weights_file() -> Path | None:
    """The weights on this machine, or None."""
    folders = (paths.data_root(), Path(torch.hub.get_dir()) / "checkpoints")
    return next((folder / FILE for folder in folders if (folder / FILE).is_file()), None)


class VGGLayers(nn.Module):
    """Pictures (B, 3, H, W) in [-1, 1] -> five maps, as ``RandomLayers`` gives two. Average pooling, no in-place ReLU."""

    def __init__(self, features: nn.Sequential):
        super().__init__()
        self.layers = nn.ModuleList(map(_plain, features[: LAYERS[-1] + 1]))
        self.register_buffer("mean", torch.tensor(MEAN).view(1, 3, 1, 1))
        self.register_buffer("deviation", torch.tensor(DEVIATION).view(1, 3, 1, 1))
        self.requires_grad_(False)

    def forward(self, pictures: Tensor) -> list[Tensor]:
        x, maps = ((pictures + 1) / 2 - self.mean) / self.deviation, []
        for number, layer in enumerate(self.layers):
            x = layer(x)
            maps += [x] if number in LAYERS else []
        return maps


def _plain(layer: nn.Module) -> nn.Module:
    """An in-place ReLU would overwrite the maps before it; the paper's authors prefer average pooling."""
    if isinstance(layer, nn.ReLU):
        return nn.ReLU()
    return nn.AvgPool2d(2) if isinstance(layer, nn.MaxPool2d) else layer


def load() -> VGGLayers:
    """VGG-19 from the weights on this machine. ``DataError`` says where they are looked for, or that they are damaged."""
    from torchvision.models import vgg19

    file = weights_file()
    if file is None:
        raise DataError(f"{FILE} is neither in {paths.data_root()} nor in the cache of torch.hub; nothing is downloaded")
    if not hashlib.sha256(file.read_bytes()).hexdigest().startswith(FILE[6:14]):
        raise DataError(f"{file} is damaged: its checksum is not the one in its name")
    network = vgg19(weights=None)
    network.load_state_dict(torch.load(file, weights_only=True))
    return VGGLayers(network.features)
