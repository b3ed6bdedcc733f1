"""Layers whose learning rate is equalised, and pixel norm: what progressive growing and StyleGAN are made of.

Karras et al., "Progressive Growing of GANs for Improved Quality, Stability, and Variation" (2018), sections 4.1 and 4.2,
and, for the learning-rate multiplier, "A Style-Based Generator Architecture for Generative Adversarial Networks" (2019).
"""

import math

import torch
from torch import nn
from torch.nn import functional as F

from course_utils.models.layers import check_sizes


def pixel_norm(x: torch.Tensor, eps: float = 1e-8) -> torch.Tensor:
    """Features (B, C, ...) divided by their root mean square over the C channels: the same shape.

    At each position of each image on its own, the mean over the channels of the squared result is 1:

        x / sqrt(mean over C of x^2 + eps)

    Nothing is subtracted, nothing is learned, and no image sees another. ``eps`` keeps a position that is 0
    everywhere at 0. Codes (B, C) work too: each code then has the length sqrt(C).
    """
    return x * (x.square().mean(dim=1, keepdim=True) + eps).rsqrt()


class PixelNorm(nn.Module):
    """``pixel_norm`` as a layer: (B, C, ...) to the same shape."""

    def __init__(self, eps: float = 1e-8):
        super().__init__()
        self.eps = eps

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return pixel_norm(x, self.eps)


class EqualisedConv2d(nn.Module):
    """A convolution with an equalised learning rate: (B, in_channels, H, W) to (B, out_channels, H', W').

    ``weight`` (out, in, k, k) starts from N(0, 1), divided by ``lr_multiplier``; ``bias`` (out,) starts at 0.
    ``scale`` is a number. What the convolution uses are ``weight * scale`` and ``bias * lr_multiplier``, with

        scale = gain * lr_multiplier / sqrt(fan_in)        fan_in = in_channels * kernel_size^2

    The used weights start with the standard deviation gain / sqrt(fan_in) (He et al., 2015), like those of other
    networks. But a step of Adam, which moves a stored weight by about its rate, moves every used weight by the same
    fraction of that standard deviation, whatever the layer's size. A smaller ``lr_multiplier`` slows this layer down.

    ``gain`` is sqrt(2) for a layer that a ReLU or a leaky ReLU follows, 1 for one that ends a network.
    Raises ValueError for sizes below 1 and for a ``gain`` or ``lr_multiplier`` that is not above 0.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int,
        stride: int = 1,
        padding: int = 0,
        gain: float = math.sqrt(2),
        lr_multiplier: float = 1.0,
    ):
        super().__init__()
        check_sizes(in_channels=in_channels, out_channels=out_channels, kernel_size=kernel_size)
        check_above_zero(gain=gain, lr_multiplier=lr_multiplier)
        self.stride, self.padding, self.lr_multiplier = stride, padding, lr_multiplier
        # BEGIN SOLUTION
        fan_in = in_channels * kernel_size**2
        self.scale = gain * lr_multiplier / math.sqrt(fan_in)
        self.weight = nn.Parameter(torch.randn(out_channels, in_channels, kernel_size, kernel_size) / lr_multiplier)
        self.bias = nn.Parameter(torch.zeros(out_channels))
        # END SOLUTION

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        # BEGIN SOLUTION
        weight, bias = self.weight * self.scale, self.bias * self.lr_multiplier
        return F.conv2d(x, weight, bias, stride=self.stride, padding=self.padding)  # (B, out, H', W')
        # END SOLUTION

    def extra_repr(self) -> str:
        return f"{tuple(self.weight.shape)}, scale={self.scale:.3g}, lr_multiplier={self.lr_multiplier:g}"


class EqualisedLinear(nn.Module):
    """A linear layer with an equalised learning rate: (B, in_features) to (B, out_features).

    As ``EqualisedConv2d``, with ``weight`` (out, in) and fan_in = in_features. The layers of StyleGAN's mapping network
    have ``lr_multiplier=0.01``: their stored weights start with a standard deviation of 100 and are used 100 times
    smaller, so that codes spread as they would without it, and learn 100 times more slowly.
    """

    def __init__(self, in_features: int, out_features: int, gain: float = math.sqrt(2), lr_multiplier: float = 1.0):
        super().__init__()
        check_sizes(in_features=in_features, out_features=out_features)
        check_above_zero(gain=gain, lr_multiplier=lr_multiplier)
        self.lr_multiplier = lr_multiplier
        self.scale = gain * lr_multiplier / math.sqrt(in_features)
        self.weight = nn.Parameter(torch.randn(out_features, in_features) / lr_multiplier)
        self.bias = nn.Parameter(torch.zeros(out_features))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return F.linear(x, self.weight * self.scale, self.bias * self.lr_multiplier)  # (B, out)

    def extra_repr(self) -> str:
        return f"{tuple(self.weight.shape)}, scale={self.scale:.3g}, lr_multiplier={self.lr_multiplier:g}"


def check_above_zero(**numbers: float) -> None:
    """Raises ValueError for the first of the named numbers that is not above 0."""
    for name, number in numbers.items():
        if not 0 < number < math.inf:
            raise ValueError(f"{name}: expected a number above 0, got {number!r}")
