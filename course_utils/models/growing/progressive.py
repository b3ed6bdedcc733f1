"""Progressive growing: a generator and a discriminator whose image size doubles from stage to stage.

Karras et al., "Progressive Growing of GANs for Improved Quality, Stability, and Variation" (2018). With ``smallest=8`` and
three widths:

    stage 0:   8 x 8      stage 1:   16 x 16      stage 2:   32 x 32

All layers of all stages are made at the start, so optimisers and averages hold them from the first step on.
``at(stage, alpha)`` says which of them are used. Within a stage ``alpha`` goes from 0, where the network computes what
the stage before did, to 1.

Images are (B, channels, size, size) around [-1, 1] (the last layer is linear), ``z`` is (B, latent_dim) from N(0, 1),
logits are (B, 1). The discriminator has no batch normalisation, so R1 may be used with it.
"""

from itertools import pairwise

import torch
from torch import nn
from torch.nn import functional as F

from course_utils.models.equalised import EqualisedConv2d, EqualisedLinear, PixelNorm
from course_utils.models.layers import MinibatchStd, check_batch, check_sizes


def fade_in(old: torch.Tensor, new: torch.Tensor, alpha: float) -> torch.Tensor:
    """A mixture of what the old layers and the new ones make: (1 - alpha) * old + alpha * new, as large as ``new``.

    ``new`` is (B, C, H, W). ``old`` is (B, C, H, W) too, or smaller by a whole factor, the same for both sides; then each of
    its pixels is first repeated to fill the square that it covers in ``new`` ("nearest"). With ``alpha=0`` the result is
    the old picture and with ``alpha=1`` the new one.

    Raises ValueError for an ``alpha`` outside [0, 1] and for sizes that do not fit (Karras et al., 2018, figure 2).
    """
    check_alpha(alpha)
    (*rest, h, w), factor = old.shape, new.shape[-1] // old.shape[-1]
    if new.shape != (*rest, factor * h, factor * w):
        raise ValueError(
            f"old: expected the shape of new, {tuple(new.shape)}, or sides smaller by a whole factor, got {tuple(old.shape)}"
        )
    # BEGIN SOLUTION
    old = F.interpolate(old, size=new.shape[2:], mode="nearest")  # (B, C, H, W)
    return (1 - alpha) * old + alpha * new
    # END SOLUTION


def first_block(latent_dim: int, width: int, size: int) -> nn.Sequential:
    """From ``z`` (B, latent_dim) to the first feature maps (B, width, size, size)."""
    return nn.Sequential(
        PixelNorm(),  # z as a direction: its length is the same for every image
        EqualisedLinear(latent_dim, width * size * size),
        nn.Unflatten(1, (int(width), int(size), int(size))),  # (B, width, size, size)
        nn.LeakyReLU(0.2),
        PixelNorm(),
        *_convolution(width, width),
    )


def generator_block(width_in: int, width_out: int) -> nn.Sequential:
    """Double the size, then a convolution: (B, width_in, H, W) to (B, width_out, 2H, 2W). The paper has two convolutions."""
    return nn.Sequential(
        nn.Upsample(scale_factor=2, mode="nearest"),  # (B, width_in, 2H, 2W)
        *_convolution(width_in, width_out),
    )


def _convolution(width_in: int, width_out: int) -> tuple[nn.Module, ...]:
    """3x3, leaky ReLU and pixel norm, the size kept."""
    return EqualisedConv2d(width_in, width_out, 3, padding=1), nn.LeakyReLU(0.2), PixelNorm()


def discriminator_block(width_in: int, width_out: int) -> nn.Sequential:
    """A 4x4 convolution with stride 2: (B, width_in, H, W) to (B, width_out, H/2, W/2)."""
    return nn.Sequential(EqualisedConv2d(width_in, width_out, 4, stride=2, padding=1), nn.LeakyReLU(0.2))


class Growing(nn.Module):
    """What both networks have in common: the sizes of the stages, and where in its growth the network is."""

    def __init__(self, widths: tuple[int, ...], smallest: int, channels: int):
        super().__init__()
        check_sizes(smallest=smallest, channels=channels)
        check_sizes(stages=len(widths), **{f"widths[{i}]": width for i, width in enumerate(widths)})
        self.sizes = tuple(smallest * 2**i for i in range(len(widths)))  # pixels a side at each stage
        self.channels = channels
        self.at(len(widths) - 1)  # a new network is used in full

    def at(self, stage: int, alpha: float = 1.0) -> "Growing":
        """Use the network up to ``stage``, with a share ``alpha`` of that stage's layers; returns the network itself.

        ``alpha`` says nothing at stage 0, where there is no stage before. Raises ValueError for a stage that does not exist
        and for an ``alpha`` outside [0, 1].
        """
        if stage not in range(len(self.sizes)):
            raise ValueError(
                f"stage: expected 0 to {len(self.sizes) - 1}, one of {len(self.sizes)} stages, got {stage!r}"
            )
        check_alpha(alpha)
        self.stage, self.alpha = stage, alpha
        return self

    @property
    def fading(self) -> bool:
        """Is the stage before still part of what is computed?"""
        return self.stage > 0 and self.alpha < 1

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """Of the images at the present stage."""
        return self.channels, self.sizes[self.stage], self.sizes[self.stage]


class GrowingGenerator(Growing):
    """Maps ``z`` (B, latent_dim) to images (B, channels, size, size), where ``size`` is ``self.sizes[self.stage]``.

    ``widths[i]`` is how many feature maps there are at stage ``i``. The parts:

    - ``first``: a ``first_block`` from ``latent_dim`` numbers to ``widths[0]`` maps of ``self.sizes[0]`` pixels a side;
    - ``blocks``: an ``nn.ModuleList`` with one ``generator_block`` from each width to the next;
    - ``to_rgb``: an ``nn.ModuleList`` with one ``EqualisedConv2d`` a stage, 1x1 and with ``gain=1.0``, from that stage's
      maps to the ``channels`` of an image. Nothing follows it: no tanh.

    ``forward`` makes the maps of ``first`` and passes them through the first ``self.stage`` blocks. The image of the last maps
    is returned, or, where ``self.fading`` (above stage 0 with alpha below 1), ``fade_in`` of two images with ``self.alpha``:
    the old one, which the layer of the stage before makes of the maps before the last block, and the new one. Layers that
    are not needed are not called.

    Raises ValueError for sizes that cannot be, and for a ``z`` of another shape.
    """

    def __init__(
        self,
        latent_dim: int = 64,
        widths: tuple[int, ...] = (64, 48, 24),
        smallest: int = 8,
        channels: int = 3,
    ):
        super().__init__(widths, smallest, channels)
        check_sizes(latent_dim=latent_dim)
        self.latent_dim = latent_dim
        # BEGIN SOLUTION
        self.first = first_block(latent_dim, widths[0], self.sizes[0])
        self.blocks = nn.ModuleList([generator_block(a, b) for a, b in pairwise(widths)])
        self.to_rgb = nn.ModuleList([EqualisedConv2d(width, channels, 1, gain=1.0) for width in widths])
        # END SOLUTION

    def forward(self, z: torch.Tensor) -> torch.Tensor:
        check_batch("z", z, (self.latent_dim,))
        # BEGIN SOLUTION
        before, x = None, self.first(z)  # (B, widths[0], smallest, smallest)
        for block in self.blocks[: self.stage]:
            before, x = x, block(x)  # (B, widths[i], H, W), (B, widths[i + 1], 2H, 2W)
        image = self.to_rgb[self.stage](x)  # (B, channels, size, size)
        if self.fading:
            old = self.to_rgb[self.stage - 1](before)  # (B, channels, size / 2, size / 2)
            image = fade_in(old, image, self.alpha)
        return image
        # END SOLUTION


class SkipGenerator(GrowingGenerator):
    """The layers of a ``GrowingGenerator``, all used from the start: the images of all stages are added.

    Each stage's ``to_rgb`` makes a picture; it is doubled in size and that of the next stage added to it. So coarse
    layers reach the image without a detour, and nothing has to be grown (Karras et al., "Analyzing and Improving the Image
    Quality of StyleGAN", 2020, section 4). A sum of ``n`` pictures is divided by the root of ``n``, which keeps its spread.
    """

    def forward(self, z: torch.Tensor) -> torch.Tensor:
        check_batch("z", z, (self.latent_dim,))
        x = self.first(z)
        image = self.to_rgb[0](x)  # (B, channels, smallest, smallest)
        for block, to_rgb in zip(self.blocks[: self.stage], self.to_rgb[1:], strict=False):
            x = block(x)
            image = F.interpolate(image, scale_factor=2.0, mode="nearest") + to_rgb(x)  # (B, channels, 2H, 2W)
        return image / (self.stage + 1) ** 0.5


class GrowingDiscriminator(Growing):
    """Maps images (B, channels, size, size) to logits (B, 1), where ``size`` is ``self.sizes[self.stage]``.

    The mirror image of the generator: ``from_rgb`` of the stage makes maps of the image, ``blocks`` halve them down to
    ``smallest``, ``last`` gives the logit. Where ``self.fading``, the maps after the stage's block are mixed with those
    that the stage before makes of the image at half its size. Batches must be multiples of 4, or smaller (``MinibatchStd``).

    Raises ValueError for sizes that cannot be, and for images of another size than the stage's.
    """

    def __init__(
        self,
        widths: tuple[int, ...] = (64, 48, 24),
        smallest: int = 8,
        channels: int = 3,
        hidden: int = 128,
    ):
        super().__init__(widths, smallest, channels)
        check_sizes(hidden=hidden)
        self.from_rgb = nn.ModuleList(
            [nn.Sequential(EqualisedConv2d(channels, width, 1), nn.LeakyReLU(0.2)) for width in widths]
        )
        self.blocks = nn.ModuleList([discriminator_block(b, a) for a, b in pairwise(widths)])
        self.last = nn.Sequential(
            MinibatchStd(),  # (B, widths[0] + 1, smallest, smallest)
            EqualisedConv2d(widths[0] + 1, widths[0], 3, padding=1),
            nn.LeakyReLU(0.2),
            nn.Flatten(),
            EqualisedLinear(widths[0] * smallest * smallest, hidden),
            nn.LeakyReLU(0.2),
            EqualisedLinear(hidden, 1, gain=1.0),
        )

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        check_batch("images", images, self.image_shape)
        x = self.from_rgb[self.stage](images)  # (B, widths[stage], size, size)
        for stage in range(self.stage, 0, -1):
            x = self.blocks[stage - 1](x)  # (B, widths[stage - 1], half the size)
            if stage == self.stage and self.fading:
                old = self.from_rgb[stage - 1](F.avg_pool2d(images, 2))  # (B, widths[stage - 1], half the size)
                x = fade_in(old, x, self.alpha)
        return self.last(x)  # (B, 1)


def check_alpha(alpha: float) -> None:
    """Raises ValueError for a share that is not between 0 and 1."""
    if not 0 <= alpha <= 1:
        raise ValueError(f"alpha: expected a share from 0 to 1, got {alpha!r}")
