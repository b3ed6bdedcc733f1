"""Answers to the exercises of the lesson on super-resolution."""

import torch
import torch.nn.functional as F
from torch import nn

from answers import Answers, name_cases
from course_utils.lessons.c3w2c.exercises import CASES, NAMES, diagnose
from course_utils.losses import generator_loss
from course_utils.models.super_resolution import ResidualBlock, bicubic, icnr_

SSIM = Answers("c3w2c.ssim")
ICNR = Answers("c3w2c.icnr")
UPSCALER = Answers("c3w2c.upscaler")
LOSS = Answers("c3w2c.upscaler_loss")


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
