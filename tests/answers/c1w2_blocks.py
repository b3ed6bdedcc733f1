"""Answers to the two convolutional blocks."""

import torch
import torch.nn.functional as F
from torch import nn
from torch.nn import BatchNorm2d, Conv2d, ConvTranspose2d, LeakyReLU, ReLU, Sequential, Upsample

from answers import Answers, filled
from course_utils.models.conv.dcgan import double_size

GENERATOR_BLOCK, DISCRIMINATOR_BLOCK = G, D = Answers("c1w2.generator_block"), Answers("c1w2.discriminator_block")


def g_block(*after, first=double_size):
    """An answer that makes these layers (from channels_out) after the one that doubles the size."""
    return lambda i, o, up="transposed": Sequential(first(i, o, up), *[make(o) for make in after])


def relu(_):
    return ReLU()


class GeneratorBlock(nn.Module):
    def __init__(self, channels_in, channels_out, up="transposed"):
        super().__init__()
        self.up = up
        if up == "transposed":
            self.conv = ConvTranspose2d(channels_in, channels_out, 4, 2, 1, bias=False)
        else:
            self.conv = Conv2d(channels_in, channels_out, 3, padding="same", bias=False)
        self.norm = BatchNorm2d(channels_out)

    def forward(self, x):
        if self.up == "nearest":
            x = x.repeat_interleave(2, dim=2).repeat_interleave(2, dim=3)
        return F.relu(self.norm(self.conv(x)))


# --- generator block -------------------------------------------------------------------------------------------------

G.right(
    g_block(BatchNorm2d, relu),
    GeneratorBlock,
    g_block(BatchNorm2d, lambda o: ReLU(inplace=True)),
    g_block(lambda o: BatchNorm2d(o, eps=1e-4), lambda o: LeakyReLU(0.0)),
    g_block(BatchNorm2d, relu, first=lambda i, o, up: double_size(i, o, up, bias=True)),
    lambda channels_in, channels_out, up="transposed": Sequential(
        *(
            [ConvTranspose2d(channels_in, channels_out, 4, 2, 1)]
            if up == "transposed"
            else [nn.UpsamplingNearest2d(scale_factor=2), Conv2d(channels_in, channels_out, 3, 1, 1)]
        ),
        Sequential(BatchNorm2d(channels_out), ReLU()),
    ),
    filled(
        "c1w2.generator_block",
        """
        block = nn.Sequential()
        block.append(double_size(channels_in, channels_out, up))
        block.append(nn.BatchNorm2d(channels_out))
        block.append(nn.ReLU())
        return block
        """,
    ),
)


@G.right
class NormalisesByHand(nn.Module):
    """Batch normalisation written out, with running statistics of its own."""

    def __init__(self, channels_in, channels_out, up="transposed"):
        super().__init__()
        self.up = double_size(channels_in, channels_out, up)
        self.scale = nn.Parameter(torch.ones(1, channels_out, 1, 1))
        self.shift = nn.Parameter(torch.zeros(1, channels_out, 1, 1))
        self.register_buffer("mean", torch.zeros(1, channels_out, 1, 1))
        self.register_buffer("var", torch.ones(1, channels_out, 1, 1))

    def forward(self, x):
        y = self.up(x)
        mean, var = self.mean, self.var
        if self.training:
            mean, var = y.mean((0, 2, 3), keepdim=True), y.var((0, 2, 3), keepdim=True, correction=0)
            self.mean.lerp_(mean.detach(), 0.1)
            self.var.lerp_(var.detach(), 0.1)
        return ((y - mean) / (var + 1e-5).sqrt() * self.scale + self.shift).clamp(min=0)


G.wrong("class_not_instance", lambda i, o, up="transposed": GeneratorBlock)
G.wrong("layers_in_list", lambda i, o, up="transposed": [double_size(i, o, up), BatchNorm2d(o), ReLU()])


@G.wrong("layers_in_list")
class KeepsAList(nn.Module):
    def __init__(self, channels_in, channels_out, up="transposed"):
        super().__init__()
        self.layers = [double_size(channels_in, channels_out, up), BatchNorm2d(channels_out), ReLU()]

    def forward(self, x):
        for layer in self.layers:
            x = layer(x)
        return x


G.wrong(
    "swapped_channels",
    lambda i, o, up="transposed": Sequential(double_size(o, i, up), BatchNorm2d(i), ReLU()),
    lambda i, o, up="transposed": Sequential(double_size(o, i, up), BatchNorm2d(o), ReLU()),
)
G.wrong("learned_slope", g_block(BatchNorm2d, lambda o: nn.PReLU()), g_block(BatchNorm2d, lambda o: nn.PReLU(o)))
G.wrong("none_for_a_layer", g_block(BatchNorm2d, lambda o: None))
G.wrong("no_scale", g_block(lambda o: BatchNorm2d(o, affine=False), relu))
G.wrong(
    "norm_before_convolution",
    lambda i, o, up="transposed": Sequential(BatchNorm2d(i), ReLU(), double_size(i, o, up)),
    lambda i, o, up="transposed": Sequential(BatchNorm2d(i), double_size(i, o, up), ReLU()),
)


@G.wrong("no_scale")
class WithoutWeightsOrStatistics(GeneratorBlock):
    def __init__(self, channels_in, channels_out, up="transposed"):
        super().__init__(channels_in, channels_out, up)
        del self.norm

    def forward(self, x):
        if self.up == "nearest":
            x = F.interpolate(x, scale_factor=2)
        return F.relu(F.batch_norm(self.conv(x), None, None, training=True))


def with_scale_zero(i, o, up="transposed"):
    block = Sequential(double_size(i, o, up), BatchNorm2d(o), ReLU())
    nn.init.zeros_(block[1].weight)
    return block


G.wrong(
    "wrong_size",
    g_block(BatchNorm2d, relu, first=lambda i, o, up: ConvTranspose2d(i, o, 4, stride=2)),
    g_block(BatchNorm2d, relu, first=lambda i, o, up: ConvTranspose2d(i, o, 3, stride=2, padding=1)),
    g_block(BatchNorm2d, relu, first=lambda i, o, up: Conv2d(i, o, 3, padding=1)),
)
G.wrong(
    "dropout",
    g_block(BatchNorm2d, relu, lambda o: nn.Dropout(0.3)),
    g_block(BatchNorm2d, relu, lambda o: nn.Dropout2d(0.3)),
)
G.wrong(
    "up_ignored",
    g_block(BatchNorm2d, relu, first=lambda i, o, up: double_size(i, o)),
    g_block(BatchNorm2d, relu, first=lambda i, o, up: Sequential(Upsample(scale_factor=2), Conv2d(i, o, 3, padding=1))),
)
G.wrong("wrong_default", lambda i, o, up="nearest": Sequential(double_size(i, o, up), BatchNorm2d(o), ReLU()))
G.wrong("missing_activation", g_block(BatchNorm2d))
G.wrong("no_batchnorm", g_block(relu), g_block(lambda o: LeakyReLU(0.2)), g_block())
G.wrong("norm_after_activation", g_block(relu, BatchNorm2d))
G.wrong(
    "normalises_each_image",
    g_block(lambda o: nn.InstanceNorm2d(o), relu),
    g_block(lambda o: nn.InstanceNorm2d(o, affine=True), relu),
    g_block(lambda o: nn.GroupNorm(1, o), relu),
)
G.wrong(
    "eps_as_momentum",
    g_block(lambda o: BatchNorm2d(o, 0.8), relu),
    g_block(lambda o: BatchNorm2d(o, 0.8), lambda o: LeakyReLU(0.2)),
)
G.wrong(
    "wrong_activation",
    *[
        g_block(BatchNorm2d, lambda o, end=end: end())
        for end in (LeakyReLU, nn.Tanh, nn.Sigmoid, nn.GELU, nn.ELU, nn.ReLU6)
    ],
    g_block(BatchNorm2d, lambda o: LeakyReLU(0.2)),
)
G.wrong(
    "no_running_statistics",
    g_block(lambda o: BatchNorm2d(o, track_running_stats=False), relu),
    g_block(lambda o: BatchNorm2d(o, momentum=0.001), relu),
)


class DetachesInput(GeneratorBlock):
    def forward(self, x):
        return super().forward(x.detach())


class CreatesInForward(GeneratorBlock):
    def forward(self, x):
        return F.relu(BatchNorm2d(self.norm.num_features)(self.conv(x)))


_shared = {}


def made_once(i, o, up="transposed"):
    if (i, o, up) not in _shared:
        _shared[i, o, up] = Sequential(double_size(i, o, up), BatchNorm2d(o), ReLU())
    return _shared[i, o, up]


G.refused(
    DetachesInput,
    CreatesInForward,
    made_once,
    g_block(BatchNorm2d, relu, BatchNorm2d),
    g_block(BatchNorm2d, relu, lambda o: Conv2d(o, o, 1)),
    g_block(BatchNorm2d, relu, first=lambda i, o, up: Sequential(double_size(i, o, up), Conv2d(o, o, 3, padding=1))),
    g_block(lambda o: BatchNorm2d(o).eval(), relu),
    g_block(lambda o: BatchNorm2d(o, affine=False), lambda o: nn.Softmax(dim=1)),
    lambda i, o, up="transposed": Sequential(double_size(i, o, up), BatchNorm2d(o), ReLU()).eval(),
    lambda i, o, up="transposed": double_size(i, o, up),
    with_scale_zero,
    lambda i, o, up="transposed": Sequential(
        Conv2d(i, 4 * o, 3, padding=1), nn.PixelShuffle(2), BatchNorm2d(o), ReLU()
    ),
    lambda i, o: Sequential(double_size(i, o), BatchNorm2d(o), ReLU()),
    lambda i, o, up="transposed": F.relu(BatchNorm2d(o)(double_size(i, o, up)(torch.zeros(2, i, 4, 4)))),
)

# --- discriminator block ---------------------------------------------------------------------------------------------


def d_block(*after, norm=BatchNorm2d, conv=None, bias=None):
    """An answer: a convolution, normalisation for "batch", then these layers (LeakyReLU unless given)."""
    after = after or (lambda o: LeakyReLU(0.2),)
    conv = conv or (lambda i, o, bias: Conv2d(i, o, 4, 2, 1, bias=bias))

    def block(channels_in, channels_out, normalise="batch"):
        batch = normalise == "batch"
        first = conv(channels_in, channels_out, (not batch) if bias is None else bias)
        return Sequential(first, *([norm(channels_out)] if batch else []), *[make(channels_out) for make in after])

    return block


class DiscriminatorBlock(nn.Module):
    def __init__(self, channels_in, channels_out, normalise="batch"):
        super().__init__()
        self.conv = Conv2d(channels_in, channels_out, 4, stride=2, padding=1)
        self.norm = BatchNorm2d(channels_out) if normalise == "batch" else nn.Identity()

    def forward(self, x):
        x = self.norm(self.conv(x))
        return torch.maximum(x, 0.2 * x)


D.right(
    d_block(),
    DiscriminatorBlock,
    d_block(lambda o: LeakyReLU(0.2, inplace=True), bias=True),
    d_block(
        lambda o: LeakyReLU(1 / 5), conv=lambda i, o, bias: Sequential(nn.ZeroPad2d(1), Conv2d(i, o, 4, 2, bias=bias))
    ),
    filled(
        "c1w2.discriminator_block",
        """
        layers = [nn.Conv2d(channels_in, channels_out, 4, 2, 1, bias=normalise == "none")]
        if normalise == "batch":
            layers.append(nn.BatchNorm2d(channels_out))
        layers.append(nn.LeakyReLU(0.2))
        return nn.Sequential(*layers)
        """,
    ),
)


@D.right
class Unfolded(nn.Module):
    """The convolution as a product of matrices, its weight a matrix."""

    def __init__(self, channels_in, channels_out, normalise="batch"):
        super().__init__()
        self.rows = nn.Parameter(torch.randn(channels_out, channels_in * 16) * 0.1)
        self.bias = nn.Parameter(torch.zeros(channels_out))
        self.norm = BatchNorm2d(channels_out) if normalise == "batch" else nn.Identity()

    def forward(self, x):
        y = self.rows @ F.unfold(x, 4, padding=1, stride=2) + self.bias[:, None]
        return F.leaky_relu(self.norm(y.unflatten(2, (x.shape[2] // 2, x.shape[3] // 2))), 0.2)


D.wrong("class_not_instance", lambda i, o, normalise="batch": DiscriminatorBlock)
D.wrong("layers_in_list", lambda i, o, normalise="batch": [Conv2d(i, o, 4, 2, 1), LeakyReLU(0.2)])
D.wrong(
    "swapped_channels", d_block(conv=lambda i, o, bias: Conv2d(o, i, 4, 2, 1, bias=bias), norm=lambda o: nn.Identity())
)
D.wrong(
    "wrong_size",
    d_block(conv=lambda i, o, bias: Conv2d(i, o, 4, 2, bias=bias)),
    d_block(conv=lambda i, o, bias: Conv2d(i, o, 3, 1, 1, bias=bias)),
    d_block(conv=lambda i, o, bias: Conv2d(i, o, 4, padding=1, bias=bias)),
)
D.wrong("swapped_channels", d_block(conv=lambda i, o, bias: Conv2d(o, i, 4, 2, 1, bias=bias)))
D.wrong("learned_slope", *[d_block(lambda o, end=end: end) for end in (nn.PReLU(), nn.PReLU(init=0.2))])
D.wrong(
    "none_for_a_layer",
    lambda i, o, normalise="batch": Sequential(
        Conv2d(i, o, 4, 2, 1), BatchNorm2d(o) if normalise == "batch" else None, LeakyReLU(0.2)
    ),
)
D.wrong(
    "condition_reversed",
    lambda i, o, normalise="batch": Sequential(
        Conv2d(i, o, 4, 2, 1), *([BatchNorm2d(o)] if normalise != "batch" else []), LeakyReLU(0.2)
    ),
)
D.wrong("wrong_default", lambda i, o, normalise="none": d_block()(i, o, normalise))
D.wrong("eps_as_momentum", d_block(norm=lambda o: BatchNorm2d(o, 0.8)), d_block(norm=lambda o: BatchNorm2d(o, 0.1)))
D.wrong("no_scale", d_block(norm=lambda o: BatchNorm2d(o, affine=False)))


@D.wrong("norm_before_convolution")
def norm_first(i, o, normalise="batch"):
    norm = [BatchNorm2d(i)] if normalise == "batch" else []
    return Sequential(*norm, Conv2d(i, o, 4, 2, 1, bias=not norm), LeakyReLU(0.2))


D.wrong("dropout", d_block(lambda o: LeakyReLU(0.2), lambda o: nn.Dropout(0.25)), d_block(lambda o: nn.RReLU()))
D.wrong(
    "always_normalised",
    lambda i, o, normalise="batch": Sequential(Conv2d(i, o, 4, 2, 1), BatchNorm2d(o), LeakyReLU(0.2)),
    lambda i, o, normalise="batch": Sequential(
        Conv2d(i, o, 4, 2, 1), *([BatchNorm2d(o)] if normalise else []), LeakyReLU(0.2)
    ),
)
D.wrong(
    "never_normalised",
    lambda i, o, normalise="batch": Sequential(Conv2d(i, o, 4, 2, 1), LeakyReLU(0.2)),
    lambda i, o, normalise="batch": Sequential(
        Conv2d(i, o, 4, 2, 1), *([BatchNorm2d(o)] if normalise is True else []), LeakyReLU(0.2)
    ),
)
D.wrong(
    "normalises_each_image",
    d_block(norm=nn.InstanceNorm2d),
    d_block(norm=lambda o: nn.GroupNorm(1, o)),
)
D.wrong("relu_not_leaky", d_block(relu), d_block(lambda o: LeakyReLU(0.0)))
D.wrong("default_slope", d_block(lambda o: LeakyReLU()))
D.wrong("missing_activation", d_block(lambda o: nn.Identity()))


@D.wrong("norm_after_activation")
def norm_last(i, o, normalise="batch"):
    return Sequential(Conv2d(i, o, 4, 2, 1), LeakyReLU(0.2), *([BatchNorm2d(o)] if normalise == "batch" else []))


D.wrong("no_bias", d_block(bias=False))
D.wrong("wrong_activation", *[d_block(lambda o, end=end: end) for end in (nn.Tanh(), nn.GELU(), nn.ELU())])
D.wrong("other_slope", d_block(lambda o: LeakyReLU(0.3)), d_block(lambda o: LeakyReLU(-0.2)))
D.wrong("no_running_statistics", d_block(norm=lambda o: BatchNorm2d(o, track_running_stats=False)))
D.refused(
    d_block(conv=lambda i, o, bias: Conv2d(i, o, 3, 2, 1, bias=bias)),
    d_block(conv=lambda i, o, bias: Sequential(Conv2d(i, o, 4, padding=2, bias=bias), nn.AvgPool2d(2))),
    d_block(conv=lambda i, o, bias: Conv2d(i, o, 4, 2, 1, padding_mode="reflect", bias=bias)),
    d_block(conv=lambda i, o, bias: nn.utils.parametrizations.spectral_norm(Conv2d(i, o, 4, 2, 1, bias=bias))),
    d_block(lambda o: LeakyReLU(0.2), lambda o: LeakyReLU(0.2)),
    lambda i, o: Sequential(Conv2d(i, o, 4, 2, 1), LeakyReLU(0.2)),
    LeakyReLU(0.2),
)

# --- answers that were new to the tables -------------------------------------------------------------------------------


@G.wrong("no_return")
class ForgetsToReturn(GeneratorBlock):
    def forward(self, x):
        super().forward(x)


def starts_alike(i, o, up="transposed"):
    block = Sequential(double_size(i, o, up), BatchNorm2d(o), ReLU())
    for p in block.parameters():
        nn.init.constant_(p, 0.02)
    return block


def bilinear(i, o, up):
    convolution = Sequential(Upsample(scale_factor=2, mode="bilinear"), Conv2d(i, o, 3, padding=1))
    return double_size(i, o, up) if up == "transposed" else convolution


G.wrong("weights_alike", starts_alike)
G.wrong(
    "other_doubling",
    g_block(BatchNorm2d, relu, first=bilinear),
    g_block(BatchNorm2d, relu, first=lambda i, o, up: Sequential(Conv2d(i, 4 * o, 3, padding=1), nn.PixelShuffle(2))),
    g_block(
        BatchNorm2d,
        relu,
        first=lambda i, o, up: double_size(i, o, up) if up == "nearest" else ConvTranspose2d(i, o, 3, 2, 1, 1),
    ),
)
G.wrong("wrong_activation", g_block(BatchNorm2d, relu, lambda o: nn.Tanh()))
G.right(
    g_block(lambda o: nn.LazyBatchNorm2d(), relu),
    lambda i, o, up="transposed": Sequential(
        nn.LazyConvTranspose2d(o, 4, 2, 1)
        if up == "transposed"
        else Sequential(Upsample(scale_factor=2), nn.LazyConv2d(o, 3, padding=1)),
        BatchNorm2d(o),
        nn.Threshold(0.0, 0.0),
    ),
)
D.wrong(
    "spectral_norm",
    d_block(conv=lambda i, o, bias: nn.utils.spectral_norm(Conv2d(i, o, 4, 2, 1, bias=bias))),
    d_block(conv=lambda i, o, bias: nn.utils.parametrizations.spectral_norm(Conv2d(i, o, 4, 2, 1, bias=bias))),
)
D.wrong("pooled", d_block(conv=lambda i, o, bias: Sequential(Conv2d(i, o, 3, 1, 1, bias=bias), nn.MaxPool2d(2))))
D.wrong("wrong_size", d_block(lambda o: LeakyReLU(0.2), lambda o: nn.Flatten()))


@D.wrong("activation_with_one_only")
def activation_inside_the_branch(i, o, normalise="batch"):
    if normalise == "batch":
        return Sequential(Conv2d(i, o, 4, 2, 1, bias=False), BatchNorm2d(o), LeakyReLU(0.2))
    return Conv2d(i, o, 4, 2, 1)


def norm_last_of_another_slope(i, o, normalise="batch"):
    return Sequential(Conv2d(i, o, 4, 2, 1), LeakyReLU(), *([BatchNorm2d(o)] if normalise == "batch" else []))


D.wrong("default_slope", norm_last_of_another_slope)
D.wrong("norm_after_activation", norm_last_of_another_slope)
