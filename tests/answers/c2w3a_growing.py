"""Answers to the exercises of progressive growing, in other styles than the reference's."""

from itertools import pairwise

import torch
from torch import nn
from torch.nn import functional as F

from answers import Answers, name_cases
from course_utils.lessons.c2w3a.exercises import RUNS, SIGNS, diagnose
from course_utils.models.equalised import EqualisedConv2d
from course_utils.models.growing.progressive import Growing, check_alpha, fade_in, first_block, generator_block

FADE, NORM = Answers("c2w3a.fade_in"), Answers("c2w3a.pixel_norm")
CONV, GENERATOR, DIAGNOSE = (Answers(f"c2w3a.{name}") for name in ("equalised_conv", "growing_generator", "diagnose"))


def checked(mix):
    """The given part of the function, and a mixture."""

    def fade_in(old, new, alpha):
        check_alpha(alpha)
        factor = new.shape[-1] // old.shape[-1]
        if new.shape != (*old.shape[:2], *(factor * side for side in old.shape[2:])):
            raise ValueError(f"old: expected a shape that fits {tuple(new.shape)}, got {tuple(old.shape)}")
        return mix(old, new, alpha, factor)

    return fade_in


def repeated(old, factor):
    return old.repeat_interleave(factor, dim=2).repeat_interleave(factor, dim=3)


FADE.right(
    checked(lambda old, new, alpha, k: torch.lerp(repeated(old, k), new, alpha)),
    checked(lambda old, new, alpha, k: F.interpolate(old, scale_factor=float(k)) * (1 - alpha) + new * alpha),
    checked(lambda old, new, alpha, k: repeated(old, k) + alpha * (new - repeated(old, k))),
    checked(lambda old, new, alpha, k: nn.Upsample(scale_factor=k)(old).mul(1 - alpha).add(new, alpha=alpha)),
)
FADE.wrong("shares_swapped", checked(lambda old, new, alpha, k: torch.lerp(new, repeated(old, k), alpha)))
FADE.wrong("tiled", checked(lambda old, new, alpha, k: torch.lerp(old.repeat(1, 1, k, k), new, alpha)))
FADE.refused(checked(lambda old, new, alpha, k: repeated(old, k) if alpha == 0 else new))

NORM.right(
    lambda x, eps=1e-8: x / torch.sqrt((x**2).mean(1, keepdim=True) + eps),
    lambda x, eps=1e-8: x / ((x * x).sum(1, keepdim=True) / x.shape[1] + eps) ** 0.5,
    lambda x, eps=1e-8: F.rms_norm(x.movedim(1, -1), (x.shape[1],), eps=eps).movedim(-1, 1),
)
NORM.wrong("sum_not_mean", lambda x, eps=1e-8: x / torch.sqrt((x**2).sum(1, keepdim=True) + eps))
NORM.refused(
    lambda x, eps=1e-8: F.normalize(x, dim=1, eps=eps), lambda x, eps=1e-8: F.rms_norm(x, x.shape[1:], eps=eps)
)


@CONV.wrong("bias_of_another_shape")
class ABiasOfFourDimensions(EqualisedConv2d):
    """Added to the maps after the convolution, as NumPy users write it."""

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self.bias = nn.Parameter(torch.zeros(1, len(self.weight), 1, 1))

    def forward(self, x):
        out = F.conv2d(x, self.weight * self.scale, None, stride=self.stride, padding=self.padding)
        return out + self.bias * self.lr_multiplier


@CONV.wrong("scaled_once")
class TheUsualStart(nn.Module):
    """The weights are scaled once, when they are made, and nobody thought of ``lr_multiplier``."""

    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0, gain=2**0.5, lr_multiplier=1.0):
        super().__init__()
        if in_channels < 1 or gain <= 0:
            raise ValueError("sizes")
        self.stride, self.padding = stride, padding
        self.scale = gain / (in_channels * kernel_size**2) ** 0.5
        self.weight = nn.Parameter(torch.randn(out_channels, in_channels, kernel_size, kernel_size) * self.scale)
        self.bias = nn.Parameter(torch.zeros(out_channels))

    def forward(self, x):
        return F.conv2d(x, self.weight, self.bias, self.stride, self.padding)


@CONV.wrong("other_names")
class AConvolutionInside(nn.Module):
    """The scale is on the input: a convolution is linear."""

    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0, gain=2**0.5, lr_multiplier=1.0):
        super().__init__()
        if in_channels < 1 or gain <= 0:
            raise ValueError("sizes")
        self.lr_multiplier = lr_multiplier
        self.conv = nn.Conv2d(in_channels, out_channels, kernel_size, stride, padding, bias=False)
        self.bias = nn.Parameter(torch.zeros(out_channels))
        self.scale = gain * lr_multiplier * self.conv.weight[0].numel() ** -0.5
        nn.init.normal_(self.conv.weight, 0, 1 / lr_multiplier)

    def forward(self, x):
        return self.conv(x * self.scale) + (self.bias * self.lr_multiplier)[:, None, None]


@CONV.right
class WithAnInit(nn.Module):
    """The options in a dictionary, the start by `nn.init`."""

    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0, gain=2**0.5, lr_multiplier=1.0):
        super().__init__()
        if in_channels < 1 or gain <= 0:
            raise ValueError("sizes")
        self.options = {"stride": stride, "padding": padding}
        self.weight = nn.Parameter(torch.empty(out_channels, in_channels, kernel_size, kernel_size))
        self.bias = nn.Parameter(torch.zeros(out_channels))
        nn.init.normal_(self.weight, std=1 / lr_multiplier)
        self.scale, self.slower = gain * lr_multiplier / self.weight[0].numel() ** 0.5, lr_multiplier

    def forward(self, x):
        return F.conv2d(x, self.weight * self.scale, self.bias * self.slower, **self.options)


@CONV.right
class AConvolutionThatIsScaled(nn.Conv2d):
    """A convolution of PyTorch with its start written anew."""

    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0, gain=2**0.5, lr_multiplier=1.0):
        if in_channels < 1 or gain <= 0:
            raise ValueError("sizes")
        super().__init__(in_channels, out_channels, kernel_size, stride, padding)
        self.lr_multiplier, self.scale = lr_multiplier, gain * lr_multiplier / (in_channels * kernel_size**2) ** 0.5
        nn.init.normal_(self.weight, 0, 1 / lr_multiplier)
        nn.init.zeros_(self.bias)

    def forward(self, x):
        return self._conv_forward(x, self.weight * self.scale, self.bias * self.lr_multiplier)


@GENERATOR.right
class AllMapsKept(Growing):
    """All maps are kept in a list."""

    def __init__(self, latent_dim=64, widths=(64, 48, 24), smallest=8, channels=3):
        super().__init__(widths, smallest, channels)
        self.latent_dim = latent_dim
        self.first = first_block(latent_dim, widths[0], smallest)
        self.blocks = nn.ModuleList(generator_block(a, b) for a, b in pairwise(widths))
        self.to_rgb = nn.ModuleList(EqualisedConv2d(width, channels, kernel_size=1, gain=1.0) for width in widths)

    def forward(self, z):
        if z.dim() != 2 or z.shape[1] != self.latent_dim:
            raise ValueError(f"z: expected (B, {self.latent_dim}), got {tuple(z.shape)}")
        maps = [self.first(z)]
        for i in range(self.stage):
            maps.append(self.blocks[i](maps[-1]))
        new = self.to_rgb[self.stage](maps[-1])
        if self.stage == 0 or self.alpha == 1:
            return new
        return fade_in(self.to_rgb[self.stage - 1](maps[-2]), new, self.alpha)


@GENERATOR.refused
class OldColoursFirst(AllMapsKept):
    """The old picture is enlarged by smoothing."""

    def forward(self, z):
        maps = [self.first(z)]
        for i in range(self.stage):
            maps.append(self.blocks[i](maps[-1]))
        new = self.to_rgb[self.stage](maps[-1])
        if not self.fading:
            return new
        old = F.interpolate(self.to_rgb[self.stage - 1](maps[-2]), scale_factor=2, mode="bilinear")
        return (1 - self.alpha) * old + self.alpha * new


@GENERATOR.wrong("no_image_without_fading")
class OldMapsWhenGrown(AllMapsKept):
    """The last block runs only while it fades in."""

    def forward(self, z):
        if z.shape[1:] != (self.latent_dim,):
            raise ValueError("z")
        x = self.first(z)
        if self.stage == 0:
            return self.to_rgb[0](x)
        for block in self.blocks[: self.stage - 1]:
            x = block(x)
        if self.fading:
            new = self.to_rgb[self.stage](self.blocks[self.stage - 1](x))
            return fade_in(self.to_rgb[self.stage - 1](x), new, self.alpha)
        return self.to_rgb[self.stage](x)


@GENERATOR.wrong("no_image_without_fading")
class ReturnsWhileFading(AllMapsKept):
    """The name `image` exists only while a stage fades in."""

    def forward(self, z):
        if z.shape[1:] != (self.latent_dim,):
            raise ValueError("z")
        maps = [self.first(z)]
        for i in range(self.stage):
            maps.append(self.blocks[i](maps[-1]))
        if self.stage == 0:
            return self.to_rgb[0](maps[0])
        if self.fading:
            image = fade_in(self.to_rgb[self.stage - 1](maps[-2]), self.to_rgb[self.stage](maps[-1]), self.alpha)
        return image


@GENERATOR.wrong("fades_at_stage_0")
class LooksAtAlphaOnly(AllMapsKept):
    """There is no stage before the first."""

    def forward(self, z):
        if z.shape[1:] != (self.latent_dim,):
            raise ValueError("z")
        maps = [None, self.first(z)]
        for i in range(self.stage):
            maps.append(self.blocks[i](maps[-1]))
        new = self.to_rgb[self.stage](maps[-1])
        if self.alpha == 1:
            return new
        return fade_in(self.to_rgb[self.stage - 1](maps[-2]), new, self.alpha)


@GENERATOR.wrong("parts_missing")
class OtherNames(Growing):
    """The layers have names of their own."""

    def __init__(self, latent_dim=64, widths=(64, 48, 24), smallest=8, channels=3):
        super().__init__(widths, smallest, channels)
        self.latent_dim = latent_dim
        self.start = first_block(latent_dim, widths[0], smallest)
        self.steps = nn.ModuleList(generator_block(a, b) for a, b in pairwise(widths))
        self.colours = nn.ModuleList(EqualisedConv2d(width, channels, 1, gain=1.0) for width in widths)

    def forward(self, z):
        if z.shape[1:] != (self.latent_dim,):
            raise ValueError("z")
        maps = [self.start(z)]
        for i in range(self.stage):
            maps.append(self.steps[i](maps[-1]))
        new = self.colours[self.stage](maps[-1])
        return fade_in(self.colours[self.stage - 1](maps[-2]), new, self.alpha) if self.fading else new


@GENERATOR.right
class WithAnIf(AllMapsKept):
    """The last block on its own."""

    def forward(self, z):
        if z.shape[1:] != (self.latent_dim,):
            raise ValueError("z")
        if self.stage == 0:
            return self.to_rgb[0](self.first(z))
        x = nn.Sequential(self.first, *self.blocks[: self.stage - 1])(z)
        image = self.to_rgb[self.stage](self.blocks[self.stage - 1](x))
        if self.alpha < 1:
            image = fade_in(self.to_rgb[self.stage - 1](x), image, self.alpha)
        return image


KEY = {run: diagnose(run) for run in RUNS}
name_cases(DIAGNOSE, KEY, SIGNS)
DIAGNOSE.wrong("same_for_all", lambda run: "alpha stays at 0")


def _growing(**parts):
    """The generator as a learner writes it, with other parts."""
    colours = parts.get("colours", lambda width, channels: EqualisedConv2d(width, channels, 1, gain=1.0))
    layers, keep = parts.get("layers", nn.ModuleList), parts.get("keep", lambda made: made)

    class GrowingGenerator(Growing):
        def __init__(self, latent_dim=64, widths=(64, 48, 24), smallest=8, channels=3):
            super().__init__(widths, smallest, channels)
            self.latent_dim = latent_dim
            self.first = first_block(latent_dim, widths[0], parts.get("smallest", smallest))
            self.blocks = layers([generator_block(a, b) for a, b in pairwise(widths)])
            self.to_rgb = nn.ModuleList(keep([colours(width, channels) for width in widths]))

        def forward(self, z):
            if parts.get("asks", True) and z.shape[1:] != (self.latent_dim,):
                raise ValueError("z")
            before = x = self.first(z)
            for block in self.blocks[: self.stage + parts.get("more", 0)]:
                before, x = x, block(x)
            image = self.to_rgb[self.stage](x)
            if self.fading:
                before = before.detach() if parts.get("detach") else before
                old = self.to_rgb[self.stage - parts.get("back", 1)](before)
                image = parts.get("mix", fade_in)(old, image, self.alpha)
            return image

    return GrowingGenerator


GENERATOR.right(_growing())
GENERATOR.wrong("one_block_too_many", _growing(more=1))
GENERATOR.wrong("new_colours_of_old_maps", _growing(back=0))
GENERATOR.wrong("new_first", _growing(mix=lambda old, new, alpha: fade_in(new, old, alpha)))
GENERATOR.wrong("added", _growing(mix=lambda old, new, alpha: repeated(old, 2) + alpha * new))
GENERATOR.wrong(
    "enlarged_smoothly",
    _growing(mix=lambda old, new, alpha: torch.lerp(F.interpolate(old, scale_factor=2, mode="bilinear"), new, alpha)),
)
GENERATOR.wrong("layers_in_list", _growing(layers=list))
GENERATOR.wrong("another_number", _growing(keep=lambda made: made[:-1]))
GENERATOR.wrong("plain_colours", _growing(colours=lambda width, channels: nn.Conv2d(width, channels, 1)))
GENERATOR.wrong(
    "kernel_of_colours", _growing(colours=lambda width, channels: EqualisedConv2d(width, channels, 3, padding=1, gain=1.0))
)
GENERATOR.wrong("old_detached", _growing(detach=True))
GENERATOR.wrong("slip", _growing(colours=lambda width, channels: EqualisedConv2d(width, 3, 1, gain=1.0)))
GENERATOR.wrong("smallest_ignored", _growing(smallest=8))
GENERATOR.wrong("other_error", _growing(asks=False))
GENERATOR.refused(_growing(keep=lambda made: [made[0]] * len(made)))
