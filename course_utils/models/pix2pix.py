"""Pix2Pix: a U-Net that turns one picture into another, and a discriminator that judges patches.

Isola, Zhu, Zhou and Efros, "Image-to-Image Translation with Conditional Adversarial Networks", 2017. Pictures are
(B, C, H, W) floats in [-1, 1]. Two things are not as in the paper, which trains on one pair at a time:

- The generator has GroupNorm and no dropout, so that it does the same in training and in evaluation.
- The discriminator has no norm. A norm over positions mixes the whole picture into each logit, and a patch of 34 pixels
  would not be one.
"""

import torch
import torch.nn.functional as F
from torch import nn

from course_utils.models.layers import check_batch, check_sizes


class Translator(nn.Module):
    """Maps pictures (B, in_channels, S, S) to pictures (B, out_channels, S, S) in [-1, 1], for S = 16, 32, 48, ...

    A U-Net of four halvings: each size on the way up also gets what the way down had at this size, the full size the input
    itself. It has no ``z``: the same input gives the same picture. Raises ValueError for sizes that cannot be.
    """

    def __init__(self, base: int = 16, in_channels: int = 3, out_channels: int = 3):
        super().__init__()
        check_sizes(base=base, in_channels=in_channels, out_channels=out_channels)
        self.in_channels = in_channels
        widths = [base, 2 * base, 4 * base, 4 * base]
        self.down = nn.ModuleList(
            _Down(a, b, norm=i > 0) for i, (a, b) in enumerate(zip([in_channels, *widths], widths, strict=False))
        )
        self.up = nn.ModuleList([_Up(4 * base, 4 * base, 4 * base), _Up(4 * base, 2 * base, 2 * base)])
        self.up.append(_Up(2 * base, base, base))
        self.last = nn.Sequential(
            nn.Conv2d(base + in_channels, base, 3, padding=1), nn.ReLU(), nn.Conv2d(base, out_channels, 3, padding=1)
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        _check_picture("x", x, self.in_channels)
        kept, features = [], x
        for down in self.down:
            features = down(features)
            kept.append(features)  # at half the size each
        for up, beside in zip(self.up, reversed(kept[:-1]), strict=True):
            features = up(features, beside)
        full = F.interpolate(features, scale_factor=2, mode="nearest")
        return self.last(torch.cat([full, x], dim=1)).tanh()


class _Down(nn.Module):
    """Half the size: a 4 x 4 convolution, GroupNorm, LeakyReLU."""

    def __init__(self, in_channels: int, out_channels: int, norm: bool):
        super().__init__()
        self.convolution = nn.Conv2d(in_channels, out_channels, 4, stride=2, padding=1)
        self.norm = nn.GroupNorm(4, out_channels) if norm else nn.Identity()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return F.leaky_relu(self.norm(self.convolution(x)), 0.2)


class _Up(nn.Module):
    """Double the size, then a 3 x 3 convolution of it and of what lies beside, GroupNorm, ReLU."""

    def __init__(self, in_channels: int, beside: int, out_channels: int):
        super().__init__()
        self.convolution = nn.Conv2d(in_channels + beside, out_channels, 3, padding=1)
        self.norm = nn.GroupNorm(4, out_channels)

    def forward(self, x: torch.Tensor, beside: torch.Tensor) -> torch.Tensor:
        x = F.interpolate(x, scale_factor=2, mode="nearest")
        return F.relu(self.norm(self.convolution(torch.cat([x, beside], dim=1))))


def receptive_field(layers: list[tuple[int, int]]) -> int:
    """How many pixels a side one output of a chain of convolutions sees.

    ``layers`` are (kernel, stride) of each convolution, from the picture to the output; the list stays as it is. Start
    from one output and go back: if the outputs of a layer cover r positions, and neighbours are ``stride`` apart, its
    inputs cover (r - 1) * stride + kernel. An empty chain sees 1. Padding does not matter.

    Raises ValueError when a kernel or a stride is less than 1.
    """
    if any(kernel < 1 or stride < 1 for kernel, stride in layers):
        raise ValueError(f"layers: expected kernels and strides of at least 1, got {layers}")
    # BEGIN SOLUTION
    seen = 1
    for kernel, stride in reversed(layers):
        seen = (seen - 1) * stride + kernel
    return seen
    # END SOLUTION


def seen_by(network: nn.Module, image: torch.Tensor, row: int, column: int) -> torch.Tensor:
    """Which pixels can change one output: a mask (H, W), True where the gradient of the output is not 0.

    ``network`` maps ``image`` (1, C, H, W) to (1, 1, h, w); the output is the one at ``row`` and ``column``. A pixel counts
    when the gradient of any of its C channels is not 0, however small it is. Neither the image nor
    gradients of the network change. The mask has no graph.
    """
    image = image.detach().clone().requires_grad_()
    output = network(image)[0, 0, row, column]
    (gradient,) = torch.autograd.grad(output, image)  # (1, C, H, W)
    return (gradient[0] != 0).any(dim=0)


class PatchDiscriminator(nn.Module):
    """Maps a picture (B, image_channels, H, W) and its condition (B, condition_channels, H, W) to logits (B, 1, h, w).

    Each logit judges a patch, with its part of the condition: both are joined along the channels, the condition first.
    All convolutions but the last are followed by LeakyReLU(0.2), and ``layers`` is an ``nn.Sequential`` of all of them.

    - ``n_layers`` = 0: three 1 x 1 convolutions, to ``base``, 2 ``base`` and 1 channels. A patch is a pixel.
    - ``n_layers`` >= 1: so many 4 x 4 convolutions of stride 2, to ``base``, 2 ``base``, 4 ``base``, ... channels; then one of
      stride 1 to twice as many again; then one of stride 1 to 1 channel. All have padding 1, and no layer has more than
      8 ``base`` channels. One to three of them see 16, 34 and 70 pixels.

    With ``condition_channels`` = 0 the condition is not looked at, whatever it is. Raises ValueError for sizes that cannot be.
    """

    def __init__(self, n_layers: int = 2, base: int = 16, image_channels: int = 3, condition_channels: int = 3):
        super().__init__()
        check_sizes(base=base, image_channels=image_channels)
        if n_layers < 0 or condition_channels < 0:
            raise ValueError(
                f"n_layers, condition_channels: expected whole numbers of at least 0, got {n_layers} and {condition_channels}"
            )
        # BEGIN SOLUTION
        self.reads_condition = condition_channels > 0
        channels, parts = image_channels + condition_channels, []
        shapes = [(1, 1, 0)] * 2 if n_layers == 0 else [(4, 2, 1)] * n_layers + [(4, 1, 1)]  # kernel, stride, padding
        for i, (kernel, stride, padding) in enumerate(shapes):
            width = base * min(2**i, 8)
            parts += [nn.Conv2d(channels, width, kernel, stride, padding), nn.LeakyReLU(0.2)]
            channels = width
        self.layers = nn.Sequential(*parts, nn.Conv2d(channels, 1, *shapes[-1]))
        # END SOLUTION

    def forward(self, image: torch.Tensor, condition: torch.Tensor) -> torch.Tensor:
        # BEGIN SOLUTION
        if self.reads_condition:
            image = torch.cat([condition, image], dim=1)  # (B, condition_channels + image_channels, H, W)
        return self.layers(image)
        # END SOLUTION


def _check_picture(name: str, x: torch.Tensor, channels: int) -> None:
    """Raises ValueError unless x is (B, channels, H, W) with sides that can be halved four times."""
    if x.dim() != 4 or x.shape[1] != channels or any(side % 16 or side == 0 for side in x.shape[2:]):
        raise ValueError(f"{name}: expected (B, {channels}, H, W) with sides of 16, 32, 48, ..., got {tuple(x.shape)}")
    check_batch(name, x, tuple(x.shape[1:]))
