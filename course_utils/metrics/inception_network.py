"""Inception-v3 as the first FID implementation had it, in TensorFlow, on top of torchvision's blocks.

It differs from torchvision's in widths, in average pooling that leaves the padding out of the average, and in a
maximum where the last block has an average. The differences and the layout of the weights are those of pytorch-fid
(Seitzer, 2020). Imported only by a caller of `inception_features`: it needs torchvision.
"""

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torchvision.models import inception_v3
from torchvision.models.inception import InceptionA, InceptionC, InceptionE


def build(weights: str) -> nn.Module:
    """A network without trained weights: "fid" or "torchvision". Takes (N, 3, 299, 299) in [-1, 1]."""
    if weights == "torchvision":
        return inception_v3(weights=None, init_weights=False, transform_input=False)
    network = inception_v3(weights=None, init_weights=False, aux_logits=False, num_classes=1008)
    network.Mixed_5b = FidInceptionA(192, pool_features=32)
    network.Mixed_5c = FidInceptionA(256, pool_features=64)
    network.Mixed_5d = FidInceptionA(288, pool_features=64)
    network.Mixed_6b = FidInceptionC(768, channels_7x7=128)
    network.Mixed_6c = FidInceptionC(768, channels_7x7=160)
    network.Mixed_6d = FidInceptionC(768, channels_7x7=160)
    network.Mixed_6e = FidInceptionC(768, channels_7x7=192)
    network.Mixed_7b = FidInceptionE(1280, _average)
    network.Mixed_7c = FidInceptionE(2048, _maximum)
    return network


def _average(x: Tensor) -> Tensor:
    return F.avg_pool2d(x, kernel_size=3, stride=1, padding=1, count_include_pad=False)


def _maximum(x: Tensor) -> Tensor:
    return F.max_pool2d(x, kernel_size=3, stride=1, padding=1)


class FidInceptionA(InceptionA):
    def forward(self, x: Tensor) -> Tensor:
        wide = self.branch5x5_2(self.branch5x5_1(x))
        double = self.branch3x3dbl_3(self.branch3x3dbl_2(self.branch3x3dbl_1(x)))
        return torch.cat([self.branch1x1(x), wide, double, self.branch_pool(_average(x))], dim=1)


class FidInceptionC(InceptionC):
    def forward(self, x: Tensor) -> Tensor:
        wide = self.branch7x7_3(self.branch7x7_2(self.branch7x7_1(x)))
        double = self.branch7x7dbl_3(self.branch7x7dbl_2(self.branch7x7dbl_1(x)))
        double = self.branch7x7dbl_5(self.branch7x7dbl_4(double))
        return torch.cat([self.branch1x1(x), wide, double, self.branch_pool(_average(x))], dim=1)


class FidInceptionE(InceptionE):
    def __init__(self, in_channels: int, pool: Callable[[Tensor], Tensor]):
        super().__init__(in_channels)
        self.pool = pool

    def forward(self, x: Tensor) -> Tensor:
        wide = self.branch3x3_1(x)
        double = self.branch3x3dbl_2(self.branch3x3dbl_1(x))
        branches = [
            self.branch1x1(x),
            self.branch3x3_2a(wide),
            self.branch3x3_2b(wide),
            self.branch3x3dbl_3a(double),
            self.branch3x3dbl_3b(double),
            self.branch_pool(self.pool(x)),
        ]
        return torch.cat(branches, dim=1)
