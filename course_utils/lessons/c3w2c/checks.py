"""The checks of super-resolution: similarity, a start without a grid, the network, the loss with three parts."""

import torch
from torch import nn

from course_utils.checks import exercise, mistake, networks
from course_utils.checks.cases import call, normal, on_gpu, scenario, seeded, uniform
from course_utils.checks.naming import Naming, diagnosis
from course_utils.checks.networks import network
from course_utils.checks.programs import Body
from course_utils.lessons.c3w2c.exercises import CASES, NAMES, diagnose
from course_utils.models.super_resolution import bicubic

# --- structural similarity -----------------------------------------------------------------------------------------------


def _compared(n, channels, height, width, noise=0.3, shift=0.0, **options):
    truth = 2 * uniform(n, channels, height, width) - 1
    images = truth + noise * normal(n, channels, height, width, seed=1) + shift
    return call(images, truth, gradients=False, number="float", **options)


_TO_UNIT = "x, y = (images + 1) / 2, (truth + 1) / 2"
_C = "c1, c2 = 0.01**2, 0.03**2"
_COV = "covariance = local_mean(x * y) - mean_x * mean_y"
_MEAN = "(above / below).mean().item()"
_WINDOW = "F.conv2d(values, weights, groups=values.shape[1])"
_PADDED = "F.conv2d(F.pad(values, (5, 5, 5, 5), mode='VALUE'), weights, groups=values.shape[1])"
_RATIO = "variance_x + variance_y + c2"
_VARIANCES = ("local_mean(x * x) - mean_x * mean_x", "local_mean(y * y) - mean_y * mean_y")
_FLAT = normal(1, 1, 12, 12) * 0
_PALE = 0.04 * normal(2, 2, 13, 12)  # a variance of about half of C2: what is done to all variances shows


def _wrapped(form):
    """An edit that puts both variances and the covariance into ``form``."""
    return tuple(text for line in (*_VARIANCES, "local_mean(x * y) - mean_x * mean_y") for text in (line, form.format(line)))

exercise(
    "c3w2c.ssim",
    "course_utils.metrics.ssim:ssim",
    cases=(
        _compared(2, 3, 16, 21),
        _compared(1, 1, 11, 11),
        _compared(3, 3, 14, 12, noise=0.0, label="called with equal pictures"),
        _compared(2, 3, 13, 13, noise=0.0, shift=0.4, label="called with pictures that are only brighter"),
        _compared(2, 2, 12, 15, noise=3.0, label="called with pictures that are mostly noise"),
        call(_FLAT - 0.5, _FLAT + 0.25, gradients=False, number="float", label="called with two plain greys"),
        call(0.02 * uniform(2, 1, 12, 12) - 1, 0.02 * uniform(2, 1, 12, 12, seed=1) - 1, gradients=False, number="float",
            label="called with nearly black pictures"),
        call(_PALE, -_PALE, gradients=False, number="float", label="called with pale pictures and their negatives"),
        call(normal(1, 3, 10, 12), normal(1, 3, 10, 12), gradients=False),
        call(normal(1, 3, 12, 12), normal(1, 3, 12, 13), gradients=False),
    ),
    mistakes=(
        mistake("around_zero", (_TO_UNIT, "x, y = images, truth"),
            (_TO_UNIT, "x, y = images, truth", _C, "c1, c2 = 0.02**2, 0.06**2"),
            "The pictures stay in [-1, 1]. There the product of two means can be negative or near 0, whatever the brightness, "
            "and a negative can count as similar. Bring both to [0, 1] first."),
        mistake("only_shifted", (_TO_UNIT, "x, y = images + 1, truth + 1"),
            "The pictures are brought to [0, 2]. C1 and C2 belong to [0, 1]: halve, too."),
        mistake("dark_half_cut", (_TO_UNIT, "x, y = images.clamp(0, 1), truth.clamp(0, 1)"),
            "Numbers below 0 are cut off, and the dark half of each picture with them. Add 1 and halve instead."),
        mistake("one_side_only", (_TO_UNIT, "x, y = (images + 1) / 2, truth"), (_TO_UNIT, "x, y = images, (truth + 1) / 2"),
            "Only one of the two pictures is brought to [0, 1]."),
        mistake("stretched", (_TO_UNIT, "x, y = ((z - z.min()) / (z.max() - z.min()) for z in (images, truth))"),
            (_TO_UNIT, "x, y = ((z - truth.min()) / (truth.max() - truth.min()) for z in (images, truth))"),
            "Pictures are stretched by their own smallest and largest number. The range is known: [-1, 1], whatever occurs. A "
            "pale picture stays pale."),
        mistake("constants_of_bytes", (_C, "c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2"),
            "C1 and C2 are those of pictures from 0 to 255. In [0, 1] they drown everything, and all pictures look alike."),
        mistake("constants_of_peak_two", (_C, "c1, c2 = 0.02**2, 0.06**2"),
            "C1 and C2 belong to a peak of 2. The formula is applied in [0, 1], where the peak is 1."),
        mistake("constants_not_squared", (_C, "c1, c2 = 0.01, 0.03"),
            "C1 and C2 are not squared."),
        mistake("constants_swapped", (_C, "c2, c1 = 0.01**2, 0.03**2"),
            "C1 and C2 are swapped. C1 belongs to the means, C2 to the variances."),
        mistake("padded", (_WINDOW, "F.conv2d(values, weights, groups=values.shape[1], padding=5)"),
            "The picture is padded with zeros, so that windows reach over its edge. Only those that lie wholly inside count."),
        mistake("padded_by_copies", (_WINDOW, _PADDED),
            "The picture is padded with its own pixels (VALUE), so that windows reach over its edge. Only those that lie "
            "wholly inside count.", values=("reflect", "replicate", "circular")),
        mistake("three_channels", (_WINDOW, "F.conv2d(values, weights[:1].expand(3, -1, -1, -1), groups=3)"),
            (_WINDOW, "F.conv2d(values, weights, groups=3)"),
            "It works for three channels only. Pictures may have another number: `images.shape[1]`."),
        mistake("whole_picture",
            Body("x, y = (images + 1) / 2, (truth + 1) / 2\ndims = (2, 3)\n"
                 "a, b = x - x.mean(dims, keepdim=True), y - y.mean(dims, keepdim=True)\n"
                 "m, n = x.mean(dims), y.mean(dims)\nv, w, c = ((p * q).mean(dims) for p, q in ((a, a), (b, b), (a, b)))\n"
                 "above = (2 * m * n + 1e-4) * (2 * c + 9e-4)\n"
                 "return (above / ((m * m + n * n + 1e-4) * (v + w + 9e-4))).mean().item()"),
            Body("x, y = (images + 1) / 2, (truth + 1) / 2\ndims = (0, 1, 2, 3)\n"
                 "a, b = x - x.mean(dims, keepdim=True), y - y.mean(dims, keepdim=True)\n"
                 "m, n = x.mean(dims), y.mean(dims)\nv, w, c = ((p * q).mean(dims) for p, q in ((a, a), (b, b), (a, b)))\n"
                 "above = (2 * m * n + 1e-4) * (2 * c + 9e-4)\n"
                 "return (above / ((m * m + n * n + 1e-4) * (v + w + 9e-4))).mean().item()"),
            "Means and variances are those of whole pictures. SSIM compares *windows*: each place has its own, a convolution "
            "with `window(x)`."),
        mistake("flat_window", ("weights = window(x)", "weights = torch.ones_like(window(x)) / 121"),
            "All pixels of a window weigh the same. `window` gives the Gaussian weights."),
        mistake("not_centred", (_COV, "covariance = local_mean(x * y)"),
            "The product of the means is not taken off the covariance, so that two bright pictures are always alike."),
        mistake("standard_deviations",
            (_RATIO, "(variance_x * variance_y).clamp(min=0).sqrt() * 2 + c2"),
            "The product of the standard deviations stands below the line. The formula has the sum of the variances, which "
            "also sees a difference in contrast."),
        mistake("roots_of_variances",
            (_RATIO, "variance_x.clamp(min=0).sqrt() + variance_y.clamp(min=0).sqrt() + c2"),
            "Roots are taken of the variances. The formula has the variances themselves."),
        mistake("means_not_squared", (_VARIANCES[0], "local_mean(x * x) - mean_x", _VARIANCES[1], "local_mean(y * y) - mean_y"),
            "The local mean is taken off the mean of squares. It is the *square* of the mean that belongs there."),
        mistake("sample_variance", _wrapped("({}) * 121 / 120"),
            "Variances and covariance are divided by N - 1, as scikit-image does unless told otherwise. Here they are E[xy] - "
            "m_x m_y as it stands."),
        mistake("brightness_left_out", ("(2 * mean_x * mean_y + c1) * ", "",
                "(mean_x * mean_x + mean_y * mean_y + c1) * ", ""),
            "The factor of the means is missing. A picture that is only brighter would be perfect."),
        mistake("grey_first", (_TO_UNIT, "x, y = ((z + 1).mean(dim=1, keepdim=True) / 2 for z in (images, truth))"),
            "The channels are averaged before they are compared. Each channel is compared by itself."),
        mistake("ratio_of_means", (_MEAN, "(above.mean() / below.mean()).item()"),
            "The means of numerator and denominator are divided. Divide in each window, then take the mean."),
        mistake("distance", (_MEAN, "1 - (above / below).mean().item()"), (_MEAN, "(1 - (above / below).mean().item()) / 2"),
            "This is a distance: 0 where pictures are equal. Similarity is 1 there."),
        mistake("clipped", (_MEAN, "(above / below).clamp(0, 1).mean().item()"),
            "Windows are clipped to [0, 1]. A window whose structure is reversed is below 0, and counts so."),
        mistake("a_tensor", (_MEAN, "(above / below).mean()"),
            "What comes back is a tensor. A plain number is asked for: `.item()`."),
    ),
)

# --- ICNR ------------------------------------------------------------------------------------------------------------------


def _filled(channels, factor, inside=8, kernel=3):
    """What became of the weights of a layer: a random draw, of which only what does not depend on chance is told."""

    def look(icnr_) -> dict:
        weight = nn.Parameter(torch.full((channels * factor**2, inside, kernel, kernel), 7.0))
        returned = icnr_(weight, factor)
        kernels = weight.detach().view(channels, factor**2, -1)
        ratio = kernels[:, 0].std() / (2 / (inside * kernel**2)) ** 0.5
        first = weight.detach().clone()
        icnr_(weight, factor)
        return {
            "whether what comes back is `weight` itself": returned is weight,
            "whether the kernels of one output channel are equal": bool((kernels == kernels[:, :1]).all()),
            "how many different kernels there are": len(kernels.flatten(0, 1).unique(dim=0)),
            "the standard deviation, in tenths of that of Kaiming": round(10 * ratio.item()),
            "whether numbers beyond two standard deviations occur": bool((kernels[:, 0].abs() > 2 * kernels[:, 0].std()).any()),
            "whether a second call draws new kernels": not torch.equal(first, weight.detach()),
            "whether `weight` is still a leaf that learns": weight.is_leaf and weight.requires_grad,
        }

    return scenario(f"called with {channels} output channels and factor {factor}", look)


def _refused(icnr_) -> dict:
    icnr_(torch.zeros(12, 2, 3, 3), 4)
    return {"a weight whose length is no multiple": "accepted"}


_EMPTY = "torch.empty_like(weight[:: factor**2])"
_COPY = "kernels.repeat_interleave(factor**2, dim=0)"

exercise(
    "c3w2c.icnr",
    "course_utils.models.super_resolution:icnr_",
    cases=(_filled(64, 4), _filled(96, 2), scenario("called with 12 channels and factor 4", _refused)),
    mistakes=(
        mistake("tiled", (_COPY, "kernels.repeat(factor**2, 1, 1, 1)"),
            "The kernels are repeated one set after the other. Pixel shuffle makes an output channel of input channels that "
            "*follow each other*: each kernel stands `factor^2` times in a row."),
        mistake("all_drawn_apart", (f"kernels = {_EMPTY}", "kernels = torch.empty_like(weight)", _COPY, "kernels"),
            "Each input channel has a kernel of its own, as in any convolution. The pixels of a block then start with nothing "
            "in common: that is the grid."),
        mistake("repeated_factor_times", (f"kernels = {_EMPTY}", "kernels = torch.empty_like(weight[::factor])", _COPY,
                "kernels.repeat_interleave(factor, dim=0)"),
            "Each kernel stands `factor` times. A block has factor x factor places."),
        mistake("one_kernel", (_COPY, "kernels[:1].expand_as(weight)"),
            "All output channels have the same kernel. They would all learn the same."),
        mistake("fan_of_the_outputs", ("nn.init.kaiming_normal_(kernels)", 'nn.init.kaiming_normal_(kernels, mode="fan_out")'),
            ("nn.init.kaiming_normal_(kernels)", "nn.init.normal_(kernels, std=0.02)"),
            ("nn.init.kaiming_normal_(kernels)", "nn.init.xavier_normal_(kernels)"),
            ("nn.init.kaiming_normal_(kernels)", 'nn.init.kaiming_normal_(kernels, nonlinearity="linear")'),
            ("nn.init.kaiming_normal_(kernels)", "nn.init.kaiming_normal_(kernels).div_(factor)"),
            ("nn.init.kaiming_normal_(kernels)", "nn.init.kaiming_normal_(kernels).div_(factor**2)"),
            "The numbers have another size than those of `nn.init.kaiming_normal_` with its defaults, on (C, in, k, k)."),
        mistake("even_draw", ("nn.init.kaiming_normal_(kernels)", "nn.init.kaiming_uniform_(kernels)"),
            "The numbers are drawn evenly from an interval. A normal draw is asked for: `nn.init.kaiming_normal_`."),
        mistake("own_seed", (f"kernels = {_EMPTY}", f"torch.manual_seed(0)\n        kernels = {_EMPTY}"),
            "A second call draws the same kernels: a seed is set inside. Whoever calls it decides about the seed."),
        mistake("always_sixteen", (f"kernels = {_EMPTY}", "kernels = torch.empty_like(weight[::16])",
                _COPY, "kernels.repeat_interleave(16, dim=0)"),
            "There are always 16 copies of a kernel. It is `factor**2` of them, and `factor` may be another."),
        mistake("nothing_returned", ("return weight.copy_(", "weight.copy_("),
            "`weight` is filled, and nothing is returned. Return it."),
        mistake("learns_from_the_filling", ("with torch.no_grad():", "if True:"),
            "A weight that learns cannot be changed in place while PyTorch keeps a graph. Do it under `torch.no_grad()`, as "
            "the functions of `nn.init` do."),
        mistake("not_filled", ("weight.copy_(kernels.repeat_interleave(factor**2, dim=0))",
                "kernels.repeat_interleave(factor**2, dim=0)"),
            "`weight` itself is left as it was: something new came back. The underscore in the name says: in place, `copy_`."),
        mistake("nothing_refused", ("if len(weight) % factor**2:", "if False:"),
            "A weight whose length is no multiple of `factor^2` is not refused with a ValueError."),
    ),
)

# --- the network -------------------------------------------------------------------------------------------------------------


def _upscaler(*sizes, side=(5, 4), batch=2, **options):
    return network(*sizes, inputs=(normal(batch, 3, *side),), **options)


def _as_made(make) -> dict:
    """What the weights are before the first step."""
    made, small = make(6, 2, 3), normal(2, 3, 5, 4).float()
    wide = next((p for p in made.parameters() if tuple(p.shape) == (48, 6, 3, 3)), None)
    biases = [p for p in made.parameters() if tuple(p.shape) == (48,)]
    return {
        "whether it begins as bicubic interpolation": torch.allclose(made(small), bicubic(small), atol=1e-5),
        "whether the 16 kernels of a fine channel start alike": wide is not None
        and bool((wide.view(3, 16, -1) == wide.view(3, 16, -1)[:, :1]).all()),
        "whether the bias before the shuffle starts at 0": all(bool((b == 0).all()) for b in biases),
    }


_WIDE = "nn.Conv2d(width, FACTOR**2 * fine, 3, padding=1)"
_SKIP = "bicubic(small) + self.last(self.up(features))"
_UP = "nn.Sequential(wide, nn.PixelShuffle(FACTOR), nn.ReLU())"
_FIRST = "nn.Sequential(nn.Conv2d(3, width, 3, padding=1), nn.ReLU())"
_BLOCKS = "(ResidualBlock(width) for _ in range(blocks))"
_LAST = "nn.Conv2d(fine, 3, 3, padding=1)"

exercise(
    "c3w2c.upscaler",
    "course_utils.models.super_resolution:Upscaler",
    cases=(
        _upscaler(4, 2, 3),
        _upscaler(3, 1, 2, side=(4, 6), batch=1),
        _upscaler(2, 4, 1, side=(3, 3)),
        scenario("looked at as it is made", _as_made),
        _upscaler(0, 1, 1),
        _upscaler(1, 0, 1),
        _upscaler(1, 1, 0),
    ),
    usual=networks.USUAL,
    mistakes=(
        mistake("no_skip", (_SKIP, "self.last(self.up(features))"),
            "The bicubic picture is not added. The network would have to learn the whole picture, not only what is missing."),
        mistake("other_skip",
            (_SKIP, 'F.interpolate(small, scale_factor=FACTOR, mode="nearest") + self.last(self.up(features))'),
            (_SKIP, 'F.interpolate(small, scale_factor=FACTOR, mode="bilinear") + self.last(self.up(features))'),
            "It is not bicubic interpolation that is added. `bicubic(small)` is."),
        mistake("corners_aligned",
            ("bicubic(small) +", 'F.interpolate(small, scale_factor=FACTOR, mode="bicubic", align_corners=True) +'),
            "The cubic interpolation aligns the *corners*, which moves pixels: a block of 4 x 4 no longer lies where its small "
            "pixel was. `bicubic(small)` has it right."),
        mistake("tanh", (_SKIP, f"({_SKIP}).tanh()"), (_SKIP, f"({_SKIP}).clamp(-1, 1)"),
            (_SKIP, "bicubic(small) + self.last(self.up(features)).tanh()"),
            "Something follows the last layer: a tanh, or a clamp. Nothing is squashed or clipped here; a clipped pixel has no "
            "gradient."),
        mistake("no_icnr", ("        icnr_(wide.weight)\n", ""),
            "The convolution before the shuffle has PyTorch's own weights. Its 16 kernels for a fine channel start apart, and "
            "a grid of 4 x 4 pixels shows. Fill them with `icnr_`."),
        mistake("bias_of_the_shuffle", ("        nn.init.zeros_(wide.bias)\n", ""),
            "The bias before the shuffle does not start at 0. It has 16 different numbers for a fine channel, one for each "
            "place in a block: again a grid."),
        mistake("last_not_zero", ("        nn.init.zeros_(self.last.weight)\n", ""),
            ("        nn.init.zeros_(self.last.bias)\n", ""),
            "It does not begin as bicubic interpolation. Set weights and bias of `last` to 0."),
        mistake("activation_before_last", (_LAST, "nn.Sequential(nn.Tanh(), nn.Conv2d(fine, 3, 3, padding=1))"),
            "There is one activation more than the docstring has."),
        mistake("no_relu_at_64", (_UP, "nn.Sequential(wide, nn.PixelShuffle(FACTOR))"),
            "No ReLU follows the pixel shuffle. Then two convolutions stand in a row, which together can do no more than one."),
        mistake("no_relu_at_first", (_FIRST, "nn.Conv2d(3, width, 3, padding=1)"),
            "No ReLU follows the first convolution."),
        mistake("leaky", *[
                (old, old.replace("nn.ReLU()", f"nn.{new}"))
                for old in (_UP, _FIRST)
                for new in ("LeakyReLU(0.2)", "LeakyReLU(0.01)", "GELU()", "SiLU()")
            ],
            "The activation is another one than ReLU."),
        mistake("no_bias", (_WIDE, "nn.Conv2d(width, FACTOR**2 * fine, 3, padding=1, bias=False)",
                "        nn.init.zeros_(wide.bias)\n", ""),
            (_LAST, "nn.Conv2d(fine, 3, 3, padding=1, bias=False)", "        nn.init.zeros_(self.last.bias)\n", ""),
            "A convolution has no bias. It is to *start* at 0, and to be learned."),
        mistake("no_padding", (_LAST, "nn.Conv2d(fine, 3, 3)"), (_FIRST, "nn.Sequential(nn.Conv2d(3, width, 3), nn.ReLU())"),
            (_WIDE, "nn.Conv2d(width, FACTOR**2 * fine, 3)"),
            "A convolution has no padding, so the picture shrinks and no longer fits on the bicubic one: "
            "`padding=1`."),
        mistake("twice_only", (_WIDE, "nn.Conv2d(width, 4 * fine, 3, padding=1)", "icnr_(wide.weight)", "icnr_(wide.weight, 2)",
                "nn.PixelShuffle(FACTOR)", "nn.PixelShuffle(2)"),
            "The picture gets twice as large, not four times: pixel shuffle by 4 needs 16 channels for each it makes."),
        mistake("repeated_pixels",
            (_UP, "nn.Sequential(nn.Conv2d(width, fine, 3, padding=1), nn.Upsample(scale_factor=4), nn.ReLU())",
                "        icnr_(wide.weight)\n", ""),
            "The features are enlarged by repeating pixels. Pixel shuffle gives each of the 16 places a kernel of its own."),
        mistake("shared_block", (f"*{_BLOCKS}", "*[ResidualBlock(width)] * blocks"),
            "All blocks are one and the same, with the same weights. Make a new one each time."),
        mistake("no_body", ("self.body(self.first(small))", "self.first(small)"),
            "The residual blocks are made and not used."),
        mistake("norms", (_BLOCKS, "(nn.Sequential(ResidualBlock(width), nn.BatchNorm2d(width)) for _ in range(blocks))"),
            (f"*{_BLOCKS}", f"*{_BLOCKS}, nn.BatchNorm2d(width)"),
            (_FIRST, "nn.Sequential(nn.Conv2d(3, width, 3, padding=1), nn.BatchNorm2d(width), nn.ReLU())"),
            (_UP, "nn.Sequential(wide, nn.PixelShuffle(FACTOR), nn.BatchNorm2d(fine), nn.ReLU())"),
            (_UP, "nn.Sequential(wide, nn.BatchNorm2d(16 * fine), nn.PixelShuffle(FACTOR), nn.ReLU())"),
            "There are norms in it. Statistics of a batch leave marks in pictures that differ from training to test. The "
            "docstring asks for none."),
        mistake("skip_around_the_body", ("self.body(self.first(small))", "self.body(self.first(small)) + self.first(small)"),
            "There is one more skip, around all blocks, as SRResNet has it. The blocks of the docstring have their own."),
        mistake("sizes_in_the_code", (_BLOCKS, "(ResidualBlock(width) for _ in range(4))"),
            (_WIDE, "nn.Conv2d(width, 128, 3, padding=1)", _LAST, "nn.Conv2d(8, 3, 3, padding=1)"),
            "A size is a number in the code, so that an argument has no effect: `blocks`, or `fine`."),
        mistake("two_shuffles",
            (_UP, "nn.Sequential(*(layer for c in (width, fine) for layer in (nn.Conv2d(c, 4 * fine, 3, padding=1), "
                "nn.PixelShuffle(2), nn.ReLU())))", "        icnr_(wide.weight)\n", ""),
            "There are two pixel shuffles by 2, as in SRResNet. One by 4 is asked for."),
        mistake("sizes_accepted", ("check_sizes(width=width, blocks=blocks, fine=fine)", "pass"),
            "A size below 1 is not refused with a ValueError: `check_sizes` does it."),
    ),
)

# --- the loss ----------------------------------------------------------------------------------------------------------------


def _features(seed=0):
    return seeded(lambda: nn.Sequential(nn.Conv2d(3, 2, 3), nn.Tanh(), nn.Flatten(), nn.Linear(32, 5)), seed)


def _made(batch, scale=1.0, **options):
    pictures = normal(batch, 3, 6, 6, seed=1), normal(batch, 3, 6, 6, seed=2)
    return call(normal(batch, 1, 3, 2, scale=scale), *pictures, _features(), **options)


_PIXELS, _CONTENT = "F.mse_loss(fake, real)", "content_loss(features, fake, real)"
_GAME = "generator_loss(fake_logits)"

exercise(
    "c3w2c.upscaler_loss",
    "course_utils.steps.super_resolution:upscaler_loss",
    cases=(
        _made(3),
        _made(2, content_weight=0.5, adversarial_weight=0.0),
        _made(2, content_weight=0.0, adversarial_weight=0.7),
        _made(1, content_weight=2.0, adversarial_weight=3.0),
        _made(2, scale=2000.0, content_weight=1.0, adversarial_weight=1.0, label="called with large logits"),
        on_gpu(normal(2, 1, 3, 2), normal(2, 3, 6, 6, seed=1), normal(2, 3, 6, 6, seed=2), nn.Flatten()),
    ),
    mistakes=(
        mistake("absolute", (_PIXELS, "F.l1_loss(fake, real)"),
            "The pixels' part is L1. The squared error is asked for, so that the result can be read in decibels."),
        mistake("summed", (_PIXELS, '(fake - real).square().sum() / len(fake)'),
            (_PIXELS, 'F.mse_loss(fake, real, reduction="sum")'),
            "The squared error is summed over pixels. With a mean, a weight means the same for any size."),
        mistake("root", (_PIXELS, "F.mse_loss(fake, real).sqrt()"),
            "A root is taken of the squared error. None is asked for."),
        mistake("content_absolute", (_CONTENT, "F.l1_loss(features(fake), features(real).detach())"),
            "The content's part is L1, as some repositories have it. `content_loss` is the squared difference."),
        mistake("target_learns", (_CONTENT, "F.mse_loss(features(fake), features(real))"),
            "A gradient goes back through the features of the real pictures. They are a target: `content_loss` cuts them off."),
        mistake("content_without_gradient", (_CONTENT, "content_loss(features, fake.detach(), real)"),
            "No gradient comes back from the content's part: it has a value and teaches nothing."),
        mistake("no_content", (_CONTENT, "content_loss(features, fake, fake)"), (f"content_weight * {_CONTENT}", "0.0"),
            "The content's part is missing, or always 0, as it is where fakes are compared with themselves."),
        mistake("content_the_other_way", (_CONTENT, "content_loss(features, real, fake)"),
            "`content_loss` is given the pictures in the other order. It takes its second as the target, with no graph: so the "
            "fakes do not learn from it."),
        mistake("features_last", (_CONTENT, "content_loss(fake, real, features)"),
            "`content_loss` takes `features` first, then the fakes, then the reals."),
        mistake("pixels_without_gradient", (_PIXELS, "F.mse_loss(fake.detach(), real)"),
            "No gradient comes back from the squared error: it has a value and teaches nothing."),
        mistake("weights_swapped", (f"adversarial_weight * {_GAME}", f"content_weight * {_GAME}",
                f"content_weight * {_CONTENT}",
                f"adversarial_weight * {_CONTENT}"),
            "The two weights are swapped."),
        mistake("weights_ignored", (f"content_weight * {_CONTENT}", f"0.01 * {_CONTENT}",
                f"adversarial_weight * {_GAME}", f"1e-3 * {_GAME}"),
            (f"content_weight * {_CONTENT}", f"0.01 * {_CONTENT}"), (f"adversarial_weight * {_GAME}", f"1e-3 * {_GAME}"),
            "A weight is a number in the code, so that an argument has no effect: `content_weight`, `adversarial_weight`."),
        mistake("pixels_weighted", (_PIXELS, f"(1 - content_weight - adversarial_weight) * {_PIXELS}"),
            (_PIXELS, f"(1 - content_weight) * {_PIXELS}"), (_PIXELS, f"0.5 * {_PIXELS}"),
            "The squared error has a factor. It has none: the two weights say how much is added to it."),
        mistake("game_under_both_weights", (f"adversarial_weight * {_GAME}", f"content_weight * adversarial_weight * {_GAME}"),
            "The game's part has both weights. Each of the two has its own: look at the parentheses."),
        mistake("content_unweighted", (f"content_weight * {_CONTENT}", _CONTENT),
            "The content's part has no weight."),
        mistake("game_unweighted", (f"adversarial_weight * {_GAME}", _GAME),
            "The game's part has no weight."),
        mistake("weight_on_all", ("F.mse_loss(fake, real) + content_weight * content_loss(features, fake, real) + game",
                "content_weight * (F.mse_loss(fake, real) + content_loss(features, fake, real)) + game"),
            "The content's weight is also on the pixels' part."),
        mistake("log_of_a_probability", (_GAME, "-fake_logits.sigmoid().log().mean()"),
            "Where logits get very negative, the loss is infinite: a probability is rounded to 0 before its logarithm. "
            "`generator_loss` takes the logits themselves."),
        mistake("least_squares", (_GAME, "(fake_logits - 1).square().mean()"),
            "The game's part is that of LSGAN. `generator_loss` is asked for."),
        mistake("saturating", (_GAME, "-F.softplus(fake_logits).mean()"),
            "The game's part is log(1 - D), whose gradient dies where the discriminator is sure. `generator_loss` is -log D."),
        mistake("scores_themselves", (_GAME, "-fake_logits.mean()"), (_GAME, "(1 - fake_logits).mean()"),
            (_GAME, "(1 - fake_logits.sigmoid()).mean()"),
            "The game's part is the mean of the discriminator's output itself, as with a critic, or in a copy of SRGAN. "
            "`generator_loss` makes -log D of the logits."),
        mistake("wrong_side", (_GAME, "F.softplus(fake_logits).mean()"),
            "The sign of the logits is wrong: the upscaler is taught to be called fake."),
        mistake("game_summed", (_GAME, "F.softplus(-fake_logits).sum()"),
            "The game's part is summed over patches and pictures. `generator_loss` takes their mean."),
        mistake("pixels_left_out", (f"{_PIXELS} + ", ""),
            "The squared error is missing. Nothing ties the result to its truth, pixel by pixel."),
        mistake("game_left_out", (" + game", ""),
            "The game is missing."),
    ),
)

# --- the diagnosis ----------------------------------------------------------------------------------------------------------

CLUES = {  # what the numbers of a run say against every other name
    "run A": "its results do not fit small pictures that are means. Neither a move nor grey brings them back.",
    "run B": "one column says how much is gained when the pictures are moved. In which run is that most?",
    "run C": "compare what it reports with what is counted, then look at the other columns beside the other runs.",
    "run D": "which run is nearest to real people in the judge's features, and yet loses decibels?",
    "run E": "subtract what it reports from what is counted. What is 20 log10 of 2?",
    "run F": "compare its decibels in colour with those of its brightness.",
}

diagnosis("c3w2c.diagnose", "course_utils.lessons.c3w2c.exercises:diagnose", Naming("run", CASES, NAMES, diagnose), CLUES)
