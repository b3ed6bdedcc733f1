"""Answers to the exercises on StyleGAN: other ways of writing them, and mistakes that no table lists."""

import torch
import torch.nn.functional as F
from torch import nn

from answers import Answers
from course_utils.models.equalised import EqualisedLinear, PixelNorm
from course_utils.models.style.synthesis import StyledLayer, ToRGB

MAPPING, MODULATION, NOISE, BLOCK, MIXING = (
    Answers(f"c2w3b.{name}")
    for name in ("mapping_network", "modulated_convolution", "noise_injection", "synthesis_block", "mix_styles")
)

# --- mapping network ---------------------------------------------------------------------------------------------------


@MAPPING.right
class WithAModuleList(nn.Module):
    def __init__(self, latent_dim=64, w_dim=64, layers=2, lr_multiplier=0.1):
        super().__init__()
        self.latent_dim = latent_dim
        self.stack = nn.ModuleList()
        width = latent_dim
        for _ in range(layers):
            self.stack.append(EqualisedLinear(width, w_dim, lr_multiplier=lr_multiplier))
            width = w_dim

    def forward(self, z):
        x = z / (z.pow(2).mean(1, keepdim=True) + 1e-8).sqrt()
        for layer in self.stack:
            x = F.leaky_relu(layer(x), 0.2)
        return x


@MAPPING.right
class OneLayerAtATime(nn.Module):
    def __init__(self, latent_dim=64, w_dim=64, layers=2, lr_multiplier=0.1):
        super().__init__()
        self.net = nn.Sequential(PixelNorm())
        for i in range(layers):
            self.net.append(EqualisedLinear(w_dim if i else latent_dim, w_dim, lr_multiplier=lr_multiplier))
            self.net.append(nn.LeakyReLU(negative_slope=0.2))

    def forward(self, z):
        return self.net(z)


@MAPPING.refused
class OneLayerUsedAgainAndAgain(nn.Module):
    def __init__(self, latent_dim=64, w_dim=64, layers=2, lr_multiplier=0.1):
        super().__init__()
        self.first = EqualisedLinear(latent_dim, w_dim, lr_multiplier=lr_multiplier)
        self.other = EqualisedLinear(w_dim, w_dim, lr_multiplier=lr_multiplier)
        self.count = layers - 1

    def forward(self, z):
        x = F.leaky_relu(self.first(PixelNorm()(z)), 0.2)
        for _ in range(self.count):
            x = F.leaky_relu(self.other(x), 0.2)
        return x


@MAPPING.refused
class NormalisedBetweenLayers(OneLayerAtATime):
    def forward(self, z):
        for layer in self.net:
            z = PixelNorm()(layer(z))
        return z


# --- modulated convolution ---------------------------------------------------------------------------------------------


@MODULATION.right
def grouped(x, weight, style, demodulate=True, eps=1e-8):
    batch, channels, height, width = x.shape
    out, _, k, _ = weight.shape
    scaled = weight[None] * style[:, None, :, None, None]
    if demodulate:
        scaled = scaled / torch.sqrt(scaled.pow(2).sum((2, 3, 4), keepdim=True) + eps)
    flat = x.reshape(1, batch * channels, height, width)
    return F.conv2d(flat, scaled.reshape(-1, channels, k, k), padding=k // 2, groups=batch).reshape(
        batch, out, height, width
    )


@MODULATION.right
def image_by_image(x, weight, style, demodulate=True, eps=1e-8):
    pictures = []
    for image, s in zip(x, style, strict=True):
        own = weight * s.view(1, -1, 1, 1)
        if demodulate:
            own = own * torch.rsqrt((own**2).flatten(1).sum(1) + eps).view(-1, 1, 1, 1)
        pictures.append(F.conv2d(image.unsqueeze(0), own, padding="same"))
    return torch.cat(pictures)


@MODULATION.right
def with_einsum(x, weight, style, demodulate=True, eps=1e-8):
    y = F.conv2d(torch.einsum("bihw,bi->bihw", x, style), weight, padding=weight.shape[2] // 2)
    if demodulate:
        y = y / torch.einsum("oihw,bi->bo", weight**2, style**2).add(eps).sqrt()[..., None, None]
    return y


@MODULATION.wrong("instance_norm")
def divided_by_its_root_mean_square(x, weight, style, demodulate=True, eps=1e-8):
    y = F.conv2d(x * style[:, :, None, None], weight, padding=weight.shape[2] // 2)
    return y * (y.square().mean((2, 3), keepdim=True) + eps).rsqrt() if demodulate else y


@MODULATION.refused
def eps_outside_the_root(x, weight, style, demodulate=True, eps=1e-8):
    y = F.conv2d(x * style[:, :, None, None], weight, padding=weight.shape[2] // 2)
    if demodulate:
        y = y / (torch.einsum("oihw,bi->bo", weight**2, style**2).sqrt() + eps)[..., None, None]
    return y


@MODULATION.refused
def demodulation_shared_by_the_batch(x, weight, style, demodulate=True, eps=1e-8):
    y = F.conv2d(x * style[:, :, None, None], weight, padding=weight.shape[2] // 2)
    if demodulate:
        d = (style.square() @ weight.square().sum((2, 3)).T + eps).rsqrt().mean(0)
        y = y * d[:, None, None]
    return y


# --- noise -------------------------------------------------------------------------------------------------------------


@NOISE.right
class AddedAndMultipliedAtOnce(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.strength = nn.Parameter(torch.zeros(channels))

    def forward(self, x, noise=None):
        batch, _, height, width = x.shape
        if noise is None:
            noise = x.new_empty(batch, 1, height, width).normal_()
        return torch.addcmul(x, self.strength.view(1, -1, 1, 1), noise)


@NOISE.right
class FirstChannelOfMany(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.strength = nn.Parameter(torch.zeros((channels,)))

    def forward(self, x, noise=None):
        return x + self.strength.reshape(-1, 1, 1) * (torch.randn_like(x[:, :1]) if noise is None else noise)


@NOISE.wrong("other_strength")
class StrengthOfFourDimensions(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(1, channels, 1, 1))

    def forward(self, x, noise=None):
        return x + self.weight * (torch.randn_like(x[:, :1]) if noise is None else noise)


@NOISE.wrong("other_strength")
@NOISE.wrong("noise_shared_by_images")
class TwoMistakes(StrengthOfFourDimensions):
    def forward(self, x, noise=None):
        return x + self.weight * (torch.randn_like(x[:1, :1]) if noise is None else noise)


@NOISE.refused
class DrawnOnceForAll(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.strength = nn.Parameter(torch.zeros(channels))
        self.kept = None

    def forward(self, x, noise=None):
        if noise is None and (self.kept is None or self.kept.shape[2:] != x.shape[2:]):
            self.kept = torch.randn(len(x), 1, *x.shape[2:])
        return x + self.strength[:, None, None] * (self.kept if noise is None else noise)


@NOISE.refused
class ChangesItsInput(FirstChannelOfMany):
    def forward(self, x, noise=None):
        x += super().forward(x, noise) - x
        return x


# --- synthesis block ---------------------------------------------------------------------------------------------------


@BLOCK.right
class WithUpsampleModules(nn.Module):
    def __init__(self, in_channels, out_channels, w_dim=64, channels=3, grow=True):
        super().__init__()
        self.rgb = ToRGB(out_channels, channels, w_dim)
        self.layers = nn.ModuleList(
            [StyledLayer(in_channels, out_channels, w_dim), StyledLayer(out_channels, out_channels, w_dim)]
        )
        self.up = nn.Upsample(scale_factor=2) if grow else nn.Identity()
        self.up_picture = nn.Upsample(scale_factor=2, mode="bilinear")

    def forward(self, x, picture, w, noise=None):
        x = self.up(x)
        for layer, n in zip(self.layers, noise or [None] * 2, strict=True):
            x = layer(x, w, n)
        if picture is None:
            return x, self.rgb(x, w)
        return x, self.up_picture(picture) + self.rgb(x, w)


@BLOCK.right
class WithRepeatedPixels(WithUpsampleModules):
    def __init__(self, in_channels, out_channels, w_dim=64, channels=3, grow=True):
        super().__init__(in_channels, out_channels, w_dim, channels, grow)
        self.grow = grow

    def forward(self, x, picture, w, noise=None):
        if self.grow:
            x = x.repeat_interleave(2, dim=2).repeat_interleave(2, dim=3)
        one, two = (None, None) if noise is None else noise
        x = self.layers[1](self.layers[0](x, w, one), w, two)
        drawn = self.rgb(x, w)
        return x, drawn if picture is None else drawn + F.interpolate(picture, size=x.shape[2:], mode="bilinear")


@BLOCK.refused
class ResidualFeatures(WithUpsampleModules):
    def forward(self, x, picture, w, noise=None):
        x = self.up(x)
        one, two = noise or (None, None)
        x = self.layers[0](x, w, one)
        x = x + self.layers[1](x, w, two)
        drawn = self.rgb(x, w)
        return x, drawn if picture is None else drawn + self.up_picture(picture)


@BLOCK.refused
class PictureOnlyWhereItGrows(WithRepeatedPixels):
    def forward(self, x, picture, w, noise=None):
        features, drawn = super().forward(x, picture, w, noise)
        return features, drawn if self.grow else torch.zeros_like(drawn)


# --- style mixing ------------------------------------------------------------------------------------------------------


def checked(mix):
    def mix_styles(w_first, w_second, crossover, blocks):
        if type(crossover) is not int or crossover < 0 or crossover > blocks:
            raise ValueError(f"crossover: {crossover}")
        return mix(w_first, w_second, crossover, blocks)

    return mix_styles


MIXING.right(
    checked(lambda a, b, k, n: torch.stack([a if i < k else b for i in range(n)], dim=1)),
    checked(lambda a, b, k, n: torch.cat([a[:, None].expand(-1, k, -1), b[:, None].expand(-1, n - k, -1)], dim=1)),
    checked(lambda a, b, k, n: torch.cat([a.unsqueeze(1).repeat(1, k, 1), b.unsqueeze(1).repeat(1, n - k, 1)], 1)),
)
MIXING.refused(
    lambda a, b, k, n: torch.stack([a if i < k else b for i in range(n)], dim=1),  # looks at nothing
    checked(lambda a, b, k, n: torch.stack([b if i == k else a for i in range(n)], dim=1)),
    checked(lambda a, b, k, n: torch.stack([a] * k + [b], dim=1)),
    checked(lambda a, b, k, n: torch.stack([a[:1].expand_as(a) if i < k else b for i in range(n)], dim=1)),
)
