"""Modulated convolutions: how a style changes what a layer draws (Karras et al., "Analyzing and Improving StyleGAN", 2020)."""

import torch
from torch import nn
from torch.nn import functional as F

from course_utils.models.equalised import EqualisedLinear
from course_utils.models.layers import check_sizes


def modulated_convolution(
    x: torch.Tensor, weight: torch.Tensor, style: torch.Tensor, demodulate: bool = True, eps: float = 1e-8
) -> torch.Tensor:
    """A convolution whose weights are scaled for each image by its style: (B, I, H, W) to (B, O, H, W).

    ``weight`` is (O, I, k, k) with an odd k, padded by k // 2 zeros, so that the size stays. ``style`` (B, I) has a number for
    each input channel of each image: image b is convolved with ``weight[o, i] * style[b, i]``. With ``demodulate``, each
    output channel o of image b is then multiplied by

        d[b, o] = 1 / sqrt(sum over i and the k x k positions of (weight[o, i] * style[b, i])^2 + eps)

    so that inputs of variance 1 give outputs of variance 1, whatever the style's size. All images may share one convolution:
    scaling the weights of an input channel is scaling the channel.
    """
    # BEGIN SOLUTION
    x = x * style[:, :, None, None]  # (B, I, H, W)
    x = F.conv2d(x, weight, padding=weight.shape[-1] // 2)  # (B, O, H, W)
    if demodulate:
        squares = weight.square().sum(dim=(2, 3))  # (O, I)
        d = (style.square() @ squares.T + eps).rsqrt()  # (B, O)
        x = x * d[:, :, None, None]
    return x
    # END SOLUTION


class ModulatedConv2d(nn.Module):
    """A modulated convolution with its own affine map from w to a style: (B, I, H, W) and w (B, w_dim) to (B, O, H, W).

    The style is ``affine(w)`` (B, I): an equalised linear layer whose bias starts at 1, so that styles start around 1 and no
    channel is turned round. Weights start from N(0, 1) and are divided by sqrt(fan_in). There is no bias on the output.
    """

    def __init__(self, in_channels: int, out_channels: int, kernel_size: int, w_dim: int, demodulate: bool = True):
        super().__init__()
        check_sizes(in_channels=in_channels, out_channels=out_channels, kernel_size=kernel_size, w_dim=w_dim)
        self.demodulate = demodulate
        self.affine = EqualisedLinear(w_dim, in_channels, gain=1.0)
        nn.init.ones_(self.affine.bias)
        self.weight = nn.Parameter(torch.randn(out_channels, in_channels, kernel_size, kernel_size))
        self.scale = (in_channels * kernel_size**2) ** -0.5

    def forward(self, x: torch.Tensor, w: torch.Tensor) -> torch.Tensor:
        return modulated_convolution(x, self.weight * self.scale, self.affine(w), self.demodulate)

    def extra_repr(self) -> str:
        return f"{tuple(self.weight.shape)}, demodulate={self.demodulate}"
