"""Answers to the exercises of the lesson on Pix2Pix."""

import itertools

import torch
import torch.nn.functional as F
from torch import nn

from answers import Answers, name_cases
from course_utils.lessons.c3w2b.exercises import CASES, NAMES, diagnose

FIELD = Answers("c3w2b.receptive_field")
SEEN = Answers("c3w2b.seen_by")
PATCH = Answers("c3w2b.patch_discriminator")
D_LOSS = Answers("c3w2b.conditional_discriminator_loss")
G_LOSS = Answers("c3w2b.translator_loss")


@FIELD.right
def forwards(layers):
    """From the picture on: how far neighbours are apart, and how much one sees."""
    seen = apart = 1
    for kernel, stride in layers:
        if kernel < 1 or stride < 1:
            raise ValueError("kernels and strides of at least 1")
        seen += (kernel - 1) * apart
        apart *= stride
    return seen


@FIELD.right
def recursive(layers):
    for kernel, stride in layers:
        if min(kernel, stride) < 1:
            raise ValueError(layers)
    if not layers:
        return 1
    (kernel, stride), *rest = layers
    return (recursive(rest) - 1) * stride + kernel


@FIELD.wrong("no_layers")
def from_the_last_kernel(layers):
    if any(min(layer) < 1 for layer in layers):
        raise ValueError(layers)
    seen = layers[-1][0]
    for kernel, stride in layers[-2::-1]:
        seen = (seen - 1) * stride + kernel
    return seen


@SEEN.right
def with_backward_on_a_copy(network, image, row, column):
    import copy

    image = image.detach().clone().requires_grad_(True)
    copy.deepcopy(network)(image)[0, 0, row, column].backward()
    return image.grad[0].abs().amax(dim=0) > 0


@SEEN.refused
def of_another_image(network, image, row, column):
    return with_functional(network, torch.randn_like(image), row, column)


@SEEN.right
def with_functional(network, image, row, column):
    gradient = torch.func.grad(lambda x: network(x)[0, 0, row, column])(image.detach())
    return (gradient != 0).any(dim=1)[0]


@PATCH.right
class OneByOne(nn.Module):
    """Layers appended one after the other, as in popular repositories."""

    def __init__(self, n_layers=2, base=16, image_channels=3, condition_channels=3):
        super().__init__()
        if n_layers < 0 or condition_channels < 0 or base < 1 or image_channels < 1:
            raise ValueError("sizes")
        self.conditional = condition_channels != 0
        width = image_channels + condition_channels
        sequence = []
        if n_layers == 0:
            sequence += [nn.Conv2d(width, base, 1), nn.LeakyReLU(0.2), nn.Conv2d(base, 2 * base, 1), nn.LeakyReLU(0.2)]
            sequence.append(nn.Conv2d(2 * base, 1, 1))
        else:
            for n in range(n_layers):
                out = min(base * 2**n, base * 8)
                sequence += [nn.Conv2d(width, out, 4, stride=2, padding=1), nn.LeakyReLU(0.2, inplace=True)]
                width = out
            out = min(base * 2**n_layers, base * 8)
            sequence += [nn.Conv2d(width, out, 4, stride=1, padding=1), nn.LeakyReLU(0.2, inplace=True)]
            sequence.append(nn.Conv2d(out, 1, 4, stride=1, padding=1))
        self.layers = nn.Sequential(*sequence)

    def forward(self, image, condition):
        x = torch.cat((condition, image), 1) if self.conditional else image
        return self.layers(x)


@PATCH.right
class Table(nn.Module):
    """A table of channels first, and the layers from it."""

    def __init__(self, n_layers=2, base=16, image_channels=3, condition_channels=3):
        super().__init__()
        if min(n_layers, condition_channels) < 0 or min(base, image_channels) < 1:
            raise ValueError("sizes")
        self.condition_channels = condition_channels
        pixel = n_layers == 0
        factors = [1, 2] if pixel else [1, 2, 4, *[8] * n_layers][: n_layers + 1]
        widths = [image_channels + condition_channels, *(base * f for f in factors), 1]
        self.layers = nn.Sequential()
        for place, (a, b) in enumerate(itertools.pairwise(widths)):
            if place:
                self.layers.append(nn.LeakyReLU(negative_slope=0.2))
            stride = 2 if place < n_layers else 1
            self.layers.append(nn.Conv2d(a, b, 1) if pixel else nn.Conv2d(a, b, 4, stride, 1))

    def forward(self, image, condition):
        if self.condition_channels == 0:
            return self.layers(image)
        return self.layers(torch.concatenate([condition, image], dim=-3))


@PATCH.wrong("sizes_unchecked")
class AnySize(Table):
    def __init__(self, n_layers=2, base=16, image_channels=3, condition_channels=3):
        super().__init__(abs(n_layers), max(base, 1), image_channels, abs(condition_channels))


@D_LOSS.right
def both_at_once(discriminator, real, fake, condition):
    """One call with twice the batch."""
    pictures, maps = torch.cat([real, fake.detach()]), torch.cat([condition, condition])
    on_real, on_fake = discriminator(pictures, maps).chunk(2)
    return F.softplus(-on_real).mean() + F.softplus(on_fake).mean()


@D_LOSS.right
def with_bce(discriminator, real, fake, condition):
    on_real, on_fake = discriminator(real, condition), discriminator(fake.detach(), condition)
    return F.binary_cross_entropy_with_logits(on_real, torch.ones_like(on_real)) + F.binary_cross_entropy_with_logits(
        on_fake, torch.zeros_like(on_fake)
    )


@D_LOSS.wrong("joined_by_hand")
def joined_before(discriminator, real, fake, condition):
    on_real, on_fake = (discriminator(torch.cat([condition, x], dim=1)) for x in (real, fake.detach()))
    return F.softplus(-on_real).mean() + F.softplus(on_fake).mean()


@D_LOSS.wrong("least_squares")
def least_squares(discriminator, real, fake, condition):
    on_real, on_fake = discriminator(real, condition), discriminator(fake.detach(), condition)
    return (on_real - 1).square().mean() + on_fake.square().mean()


@G_LOSS.right
def by_hand(fake_logits, fake, real, l1_weight=100.0, gan_weight=1.0):
    passing = -F.logsigmoid(fake_logits).mean()
    near = (fake - real).abs().flatten(1).mean(dim=1).mean()
    return l1_weight * near + gan_weight * passing


@G_LOSS.right
def with_bce_and_mean(fake_logits, fake, real, l1_weight=100.0, gan_weight=1.0):
    adversarial = F.binary_cross_entropy_with_logits(fake_logits, torch.ones_like(fake_logits))
    return gan_weight * adversarial + l1_weight * torch.mean(torch.abs(real - fake))


@G_LOSS.refused
def averaged_over_everything(fake_logits, fake, real, l1_weight=100.0, gan_weight=1.0):
    """The logits are averaged before the loss is taken of them."""
    return gan_weight * F.softplus(-fake_logits.mean()) + l1_weight * (fake - real).abs().mean()

# --- diagnosis -----------------------------------------------------------------------------------------------------------

DIAGNOSE = Answers("c3w2b.diagnose")
name_cases(DIAGNOSE, {case: diagnose(case) for case in CASES}, NAMES)

# --- further patch discriminators ---------------------------------------------------------------------------------------


def _patch(first=1, norm=None, halvings=lambda n: n, pixel=1, last=nn.Conv2d, behind=(), wide=2):
    """As in popular repositories: norms behind all but the first, a number of halvings, what stands last and behind it."""

    class PatchDiscriminator(nn.Module):
        def __init__(self, n_layers=2, base=16, image_channels=3, condition_channels=3):
            super().__init__()
            if n_layers < 0 or condition_channels < 0 or base < 1 or image_channels < 1:
                raise ValueError("sizes")
            self.conditional = condition_channels > 0
            width, layers = image_channels + condition_channels, []
            if n_layers == 0:
                layers += [nn.Conv2d(width, base, pixel), nn.LeakyReLU(0.2), nn.Conv2d(base, wide * base, pixel)]
                layers += [nn.LeakyReLU(0.2), nn.Conv2d(wide * base, 1, pixel)]
            else:
                for n in range(halvings(n_layers)):
                    out = min(base * 2**n, base * 8)
                    layers += [nn.Conv2d(width, out, 4, stride=2, padding=1)]
                    layers += [norm(out)] if norm and n >= first else []
                    layers, width = [*layers, nn.LeakyReLU(0.2)], out
                out = min(2 * width, base * 8)
                layers += [nn.Conv2d(width, out, 4, padding=1), nn.LeakyReLU(0.2), last(out, 1, 4, padding=1), *behind]
            self.layers = nn.Sequential(*layers)

        def forward(self, image, condition):
            return self.layers(torch.cat([condition, image], 1) if self.conditional else image)

    return PatchDiscriminator


PATCH.right(_patch())
PATCH.wrong("normalised", _patch(norm=nn.BatchNorm2d), _patch(norm=nn.InstanceNorm2d, first=0))
PATCH.wrong("one_more_or_less", _patch(behind=(nn.LeakyReLU(0.2),)))
PATCH.wrong("no_bias", _patch(last=lambda *sizes, **options: nn.Conv2d(*sizes, **options, bias=False)))
PATCH.wrong("one_halving_less", _patch(halvings=lambda n: max(n - 1, 1)))
PATCH.wrong("same_width", _patch(wide=1))
PATCH.wrong("kernel_four_for_pixels", _patch(pixel=4))
