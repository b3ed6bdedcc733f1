"""Answers to the exercises of the lesson on super-resolution."""

import torch
import torch.nn.functional as F
from torch import nn

from answers import Answers, filled, name_cases
from course_utils.lessons.c3w2c.exercises import CASES, NAMES, diagnose
from course_utils.losses import generator_loss
from course_utils.models.super_resolution import ResidualBlock, bicubic, icnr_

SSIM = Answers("c3w2c.ssim")
ICNR = Answers("c3w2c.icnr")
UPSCALER = Answers("c3w2c.upscaler")
LOSS = Answers("c3w2c.upscaler_loss")


def _edited(table, body, *pairs):
    """The stub filled in with ``body`` (one text, or one for each place), in which each first text of a pair is the second."""
    parts = [body] if isinstance(body, str) else list(body)
    for old, new in zip(pairs[::2], pairs[1::2], strict=True):
        assert sum(part.count(old) for part in parts) == 1, old
        parts = [part.replace(old, new) for part in parts]
    return filled(table.exercise, *parts)



def _compare(images, truth):
    if images.shape != truth.shape or images.dim() != 4 or min(images.shape[-2:]) < 11:
        raise ValueError("two equal shapes (N, C, H, W), please")


def _gaussian(like, size=11, sigma=1.5):
    x = torch.arange(size).to(like) - size // 2
    g = torch.exp(-(x**2) / (2 * sigma**2))
    return g / g.sum()


@SSIM.right
def separable(images, truth):
    """Each channel a picture of its own, the window in two passes, all five means at once."""
    _compare(images, truth)
    n, c, h, w = images.shape
    x, y = ((z / 2 + 0.5).reshape(n * c, 1, h, w) for z in (images, truth))
    g = _gaussian(images)
    stack = torch.cat([x, y, x * x, y * y, x * y], dim=1).reshape(-1, 1, h, w)
    means = F.conv2d(F.conv2d(stack, g.view(1, 1, 11, 1)), g.view(1, 1, 1, 11))
    mx, my, xx, yy, xy = means.view(n * c, 5, h - 10, w - 10).unbind(1)
    luminance = (2 * mx * my + 1e-4) / (mx**2 + my**2 + 1e-4)
    structure = (2 * (xy - mx * my) + 9e-4) / (xx - mx**2 + yy - my**2 + 9e-4)
    return float((luminance * structure).mean())


@SSIM.right
def by_scikit_image(images, truth):
    from skimage.metrics import structural_similarity

    _compare(images, truth)
    options = {"data_range": 1, "gaussian_weights": True, "use_sample_covariance": False, "channel_axis": 0}
    pairs = zip((images.numpy() + 1) / 2, (truth.numpy() + 1) / 2, strict=True)
    values = [structural_similarity(a, b, **options) for a, b in pairs]
    return float(sum(values) / len(values))


@SSIM.right
def with_unfold(images, truth):
    _compare(images, truth)
    g = _gaussian(images)
    weights = torch.outer(g, g).flatten()
    n, c, h, w = images.shape
    x, y = (F.unfold((z.reshape(n * c, 1, h, w) + 1) / 2, 11).transpose(1, 2) for z in (images, truth))
    mx, my = x @ weights, y @ weights
    dx, dy = x - mx[..., None], y - my[..., None]
    vx, vy, cov = (dx * dx) @ weights, (dy * dy) @ weights, (dx * dy) @ weights
    values = (2 * mx * my + 0.01**2) * (2 * cov + 0.03**2) / ((mx**2 + my**2 + 0.01**2) * (vx + vy + 0.03**2))
    return values.mean().item()


def _popular(images, truth, padding=5, peak=2.0, unit=False):
    """As pytorch-ssim has it: a padded window, the constants given, the range of the pictures left to the caller."""
    _compare(images, truth)
    x, y = ((images + 1) / 2, (truth + 1) / 2) if unit else (images, truth)
    g, c = _gaussian(x), x.shape[1]
    w = torch.outer(g, g).expand(c, 1, 11, 11)
    m1, m2 = F.conv2d(x, w, padding=padding, groups=c), F.conv2d(y, w, padding=padding, groups=c)
    s1 = F.conv2d(x * x, w, padding=padding, groups=c) - m1.pow(2)
    s2 = F.conv2d(y * y, w, padding=padding, groups=c) - m2.pow(2)
    s12 = F.conv2d(x * y, w, padding=padding, groups=c) - m1 * m2
    c1, c2 = (0.01 * peak) ** 2, (0.03 * peak) ** 2
    return (((2 * m1 * m2 + c1) * (2 * s12 + c2)) / ((m1**2 + m2**2 + c1) * (s1 + s2 + c2))).mean().item()


@SSIM.wrong("padded")
def padded_window(images, truth):
    return _popular(images, truth, padding=5, peak=1.0, unit=True)


@SSIM.wrong("around_zero")
def in_minus_one_to_one(images, truth):
    return _popular(images, truth, padding=0, peak=2.0)


@SSIM.refused
def as_in_pytorch_ssim(images, truth):
    return _popular(images, truth, padding=5, peak=1.0)


@SSIM.refused
def of_the_whole_picture(images, truth):
    _compare(images, truth)
    x, y = (images + 1) / 2, (truth + 1) / 2
    mx, my = x.mean(), y.mean()
    cov = ((x - mx) * (y - my)).mean()
    return ((2 * mx * my + 1e-4) * (2 * cov + 9e-4) / ((mx**2 + my**2 + 1e-4) * (x.var() + y.var() + 9e-4))).item()


@ICNR.right
def as_in_fastai(weight, factor=4):
    """A loop over the places of a block."""
    channels = weight.shape[0] // factor**2
    if channels * factor**2 != weight.shape[0]:
        raise ValueError("not a multiple")
    kernel = nn.init.kaiming_normal_(torch.zeros([channels, *weight.shape[1:]], dtype=weight.dtype, device=weight.device))
    for place in range(factor**2):
        weight.data[place :: factor**2] = kernel
    return weight


@ICNR.right
@torch.no_grad()
def filled_and_copied(weight, factor=4):
    places = factor * factor
    if weight.size(0) % places:
        raise ValueError("not a multiple")
    blocks = weight.view(-1, places, *weight.shape[1:])
    first = blocks[:, 0].clone()
    nn.init.kaiming_normal_(first)
    blocks.copy_(first.unsqueeze(1).expand_as(blocks))
    return weight


@ICNR.wrong("tiled")
def one_set_after_the_other(weight, factor=4):
    if len(weight) % factor**2:
        raise ValueError("not a multiple")
    with torch.no_grad():
        kernel = nn.init.kaiming_normal_(torch.empty_like(weight[: len(weight) // factor**2]))
        weight.copy_(torch.cat([kernel] * factor**2))
    return weight


@ICNR.wrong("all_drawn_apart")
def only_kaiming(weight, factor=4):
    if len(weight) % factor**2:
        raise ValueError("not a multiple")
    return nn.init.kaiming_normal_(weight)


@ICNR.refused
def returns_nothing(weight, factor=4):
    filled_and_copied(weight, factor)


@UPSCALER.right
class Flat(nn.Module):
    """Layers by name, functions for the rest."""

    def __init__(self, width=32, blocks=4, fine=8):
        super().__init__()
        if min(width, blocks, fine) < 1:
            raise ValueError("sizes of at least 1")
        self.conv1 = nn.Conv2d(3, width, 3, 1, 1)
        self.blocks = nn.ModuleList([ResidualBlock(width) for _ in range(blocks)])
        self.conv2 = nn.Conv2d(width, 16 * fine, 3, 1, 1)
        self.conv3 = nn.Conv2d(fine, 3, 3, 1, 1)
        icnr_(self.conv2.weight)
        for p in (self.conv2.bias, *self.conv3.parameters()):
            p.data.zero_()

    def forward(self, small):
        x = F.relu(self.conv1(small))
        for block in self.blocks:
            x = block(x)
        return self.conv3(F.relu(F.pixel_shuffle(self.conv2(x), 4))) + bicubic(small)


@UPSCALER.right
class Chain(Flat):
    """One chain, and the ReLU before the shuffle, where it does the same."""

    def __init__(self, width=32, blocks=4, fine=8):
        super().__init__(width, blocks, fine)
        self.chain = nn.Sequential(
            self.conv1, nn.ReLU(inplace=True), *self.blocks, self.conv2, nn.ReLU(), nn.PixelShuffle(4), self.conv3
        )

    def forward(self, small):
        return F.interpolate(small, scale_factor=4, mode="bicubic") + self.chain(small)


@UPSCALER.wrong("no_icnr")
class OwnStart(Flat):
    def __init__(self, width=32, blocks=4, fine=8):
        super().__init__(width, blocks, fine)
        nn.init.kaiming_normal_(self.conv2.weight)


@UPSCALER.wrong("no_skip")
class WithoutSkip(Flat):
    def forward(self, small):
        return super().forward(small) - bicubic(small)


@UPSCALER.refused
class AsSRGAN(nn.Module):
    """PReLU, BatchNorm, two shuffles by 2 and a tanh."""

    def __init__(self, width=32, blocks=4, fine=8):
        super().__init__()
        if min(width, blocks, fine) < 1:
            raise ValueError("sizes of at least 1")
        self.first = nn.Sequential(nn.Conv2d(3, width, 9, padding=4), nn.PReLU())
        self.body = nn.Sequential(*(ResidualBlock(width) for _ in range(blocks)), nn.BatchNorm2d(width))
        up = [[nn.Conv2d(width, 4 * width, 3, padding=1), nn.PixelShuffle(2), nn.PReLU()] for _ in range(2)]
        self.up = nn.Sequential(*up[0], *up[1])
        self.last = nn.Sequential(nn.Conv2d(width, 3, 9, padding=4), nn.Tanh())

    def forward(self, small):
        x = self.first(small)
        return self.last(self.up(x + self.body(x)))


@LOSS.right
def by_hand(fake_logits, fake, real, features, content_weight=0.01, adversarial_weight=1e-3):
    wanted = features(real).detach()
    content = (features(fake) - wanted).pow(2).mean()
    game = F.binary_cross_entropy_with_logits(fake_logits, torch.ones_like(fake_logits))
    return ((fake - real) ** 2).mean() + content_weight * content + adversarial_weight * game


@LOSS.right
def with_modules(fake_logits, fake, real, features, content_weight=0.01, adversarial_weight=1e-3):
    mse = nn.MSELoss()
    with torch.no_grad():
        target = features(real)
    return torch.stack(
        [mse(fake, real), content_weight * mse(features(fake), target), adversarial_weight * generator_loss(fake_logits)]
    ).sum()


@LOSS.wrong("target_learns")
def no_detach(fake_logits, fake, real, features, content_weight=0.01, adversarial_weight=1e-3):
    content = F.mse_loss(features(fake), features(real))
    return F.mse_loss(fake, real) + content_weight * content + adversarial_weight * F.softplus(-fake_logits).mean()


@LOSS.refused
def weights_of_the_paper(fake_logits, fake, real, features, content_weight=0.01, adversarial_weight=1e-3):
    """The pixels left out and fixed weights, as in SRGAN with VGG."""
    content = F.mse_loss(features(fake), features(real).detach())
    return 0.006 * content + 1e-3 * generator_loss(fake_logits)


@LOSS.refused
def as_in_pytorch_gan(fake_logits, fake, real, features, content_weight=0.01, adversarial_weight=1e-3):
    """L1 in feature space, and least squares."""
    content = F.l1_loss(features(fake), features(real).detach())
    return content + 1e-3 * F.mse_loss(fake_logits, torch.ones_like(fake_logits))


# --- diagnosis -----------------------------------------------------------------------------------------------------------

DIAGNOSE = Answers("c3w2c.diagnose")
name_cases(DIAGNOSE, {case: diagnose(case) for case in CASES}, NAMES)

# --- the stubs filled in, and what goes wrong there --------------------------------------------------------------------------

_SSIM = """
x, y = (images + 1) / 2, (truth + 1) / 2
k, groups = window(x), x.shape[1]
m = lambda t: F.conv2d(t, k, groups=groups)
mx, my = m(x), m(y)
vx = m(x * x) - mx**2
vy = m(y * y) - my**2
c = m(x * y) - mx * my
s = (2 * mx * my + 1e-4) * (2 * c + 9e-4) / ((mx**2 + my**2 + 1e-4) * (vx + vy + 9e-4))
return s.mean().item()
"""
_UNIT = "(images + 1) / 2, (truth + 1) / 2"
SSIM.right(_edited(SSIM, _SSIM))
SSIM.wrong(
    "sample_variance",
    _edited(SSIM, _SSIM, "m(x * x) - mx**2", "(m(x * x) - mx**2) * 121 / 120", "m(y * y) - my**2",
        "(m(y * y) - my**2) * 121 / 120", "m(x * y) - mx * my", "(m(x * y) - mx * my) * 121 / 120"),
)  # fmt: skip
SSIM.wrong("only_shifted", _edited(SSIM, _SSIM, _UNIT, "images + 1, truth + 1"))
SSIM.wrong("dark_half_cut", _edited(SSIM, _SSIM, _UNIT, "images.clamp(0, 1), truth.clamp(0, 1)"))
SSIM.wrong("one_side_only", _edited(SSIM, _SSIM, _UNIT, "(images + 1) / 2, truth"))
SSIM.wrong("padded_by_copies", _edited(SSIM, _SSIM, "F.conv2d(t,", "F.conv2d(F.pad(t, (5,) * 4, mode='reflect'),"))
SSIM.wrong("three_channels", _edited(SSIM, _SSIM, "x.shape[1]", "3"))
SSIM.wrong("means_not_squared", _edited(SSIM, _SSIM, "m(x * x) - mx**2", "m(x * x) - mx", "m(y * y) - my**2", "m(y * y) - my"))
SSIM.wrong("whole_picture")(
    _edited(SSIM, _SSIM, "F.conv2d(t, k, groups=groups)", "t.mean(dim=(2, 3))"),
    _edited(SSIM, _SSIM, "F.conv2d(t, k, groups=groups)", "t.mean()"),
)

_ICNR = """
kernels = torch.empty(len(weight) // factor**2, *weight.shape[1:])
nn.init.kaiming_normal_(kernels)
with torch.no_grad():
    weight.copy_(kernels.repeat_interleave(factor**2, dim=0))
return weight
"""
ICNR.right(_edited(ICNR, _ICNR))
ICNR.wrong("even_draw", _edited(ICNR, _ICNR, "kaiming_normal_", "kaiming_uniform_"))
ICNR.wrong("learns_from_the_filling", _edited(ICNR, _ICNR, "with torch.no_grad():", "with torch.enable_grad():"))
ICNR.wrong("always_sixteen", _edited(ICNR, _ICNR.replace("factor**2", "16")))
ICNR.wrong("own_seed", _edited(ICNR, "torch.manual_seed(0)" + _ICNR))
ICNR.wrong("fan_of_the_outputs", _edited(ICNR, _ICNR, "normal_(kernels)", "normal_(kernels, nonlinearity='linear')"))
ICNR.wrong("nothing_returned", _edited(ICNR, _ICNR, "return weight", ""))
ICNR.refused(_edited(ICNR, _ICNR, "repeat_interleave(factor**2, dim=0)", "repeat(factor**2, 1, 1, 1)", "return weight", ""))

_UPSCALER = (
    """
    self.first = nn.Sequential(nn.Conv2d(3, width, 3, padding=1), nn.ReLU())
    self.body = nn.Sequential(*[ResidualBlock(width) for _ in range(blocks)])
    conv = nn.Conv2d(width, 16 * fine, 3, padding=1)
    icnr_(conv.weight)
    nn.init.zeros_(conv.bias)
    self.up = nn.Sequential(conv, nn.PixelShuffle(4), nn.ReLU())
    self.last = nn.Conv2d(fine, 3, 3, padding=1)
    nn.init.zeros_(self.last.weight)
    nn.init.zeros_(self.last.bias)
    """,
    "return bicubic(small) + self.last(self.up(self.body(self.first(small))))",
)
UPSCALER.right(_edited(UPSCALER, _UPSCALER))
UPSCALER.wrong(
    "corners_aligned",
    _edited(UPSCALER, _UPSCALER, "bicubic(small)", "F.interpolate(small, scale_factor=4, mode='bicubic', align_corners=True)"),
)
UPSCALER.wrong("leaky", _edited(UPSCALER, _UPSCALER, "padding=1), nn.ReLU())", "padding=1), nn.LeakyReLU(0.2))"))
UPSCALER.wrong(
    "norms", _edited(UPSCALER, _UPSCALER, "conv = nn.Conv2d", "self.body.append(nn.BatchNorm2d(width))\n    conv = nn.Conv2d")
)
UPSCALER.wrong("sizes_in_the_code")(
    _edited(UPSCALER, _UPSCALER, "range(blocks)", "range(4)"),
    _edited(UPSCALER, _UPSCALER, "16 * fine", "128", "nn.Conv2d(fine,", "nn.Conv2d(8,"),
)
UPSCALER.wrong(
    "no_bias", _edited(UPSCALER, _UPSCALER, "16 * fine, 3, padding=1", "16 * fine, 3, padding=1, bias=False",
        "    nn.init.zeros_(conv.bias)\n", ""),
)  # fmt: skip
UPSCALER.wrong("no_padding", _edited(UPSCALER, _UPSCALER, "nn.Conv2d(fine, 3, 3, padding=1)", "nn.Conv2d(fine, 3, 3)"))
UPSCALER.wrong(
    "twice_only",
    _edited(UPSCALER, _UPSCALER, "16 * fine", "4 * fine", "PixelShuffle(4)", "PixelShuffle(2)", "icnr_(conv.weight)",
        "icnr_(conv.weight, 2)"),
)  # fmt: skip

_LOSS = """
content = content_weight * content_loss(features, fake, real)
game = adversarial_weight * generator_loss(fake_logits)
return F.mse_loss(fake, real) + content + game
"""
LOSS.right(_edited(LOSS, _LOSS))
LOSS.wrong("weights_ignored", _edited(LOSS, _LOSS, "content_weight", "0.01", "adversarial_weight", "1e-3"))
LOSS.wrong("no_content")(
    _edited(LOSS, _LOSS, " + content +", " +"),
    _edited(LOSS, _LOSS, "content_loss(features, fake, real)", "content_loss(features, fake, fake)"),
)
LOSS.wrong("content_the_other_way", _edited(LOSS, _LOSS, "fake, real)\ngame", "real, fake)\ngame"))
LOSS.wrong("features_last", _edited(LOSS, _LOSS, "features, fake, real", "fake, real, features"))
LOSS.wrong("pixels_without_gradient", _edited(LOSS, _LOSS, "mse_loss(fake,", "mse_loss(fake.detach(),"))
LOSS.wrong("scores_themselves")(
    _edited(LOSS, _LOSS, "generator_loss(fake_logits)", "-fake_logits.mean()"),
    _edited(LOSS, _LOSS, "generator_loss(fake_logits)", "torch.mean(1 - fake_logits)"),
)
LOSS.wrong("saturating", _edited(LOSS, _LOSS, "generator_loss(fake_logits)", "-F.softplus(fake_logits).mean()"))
LOSS.wrong("game_under_both_weights", _edited(LOSS, _LOSS, "game = adversarial", "game = content_weight * adversarial"))
