"""InfoGAN's two steps, and how well categories found without labels match the classes."""

from collections.abc import Callable

import torch

from course_utils.checkpoints.digit_classifier import Recipe, augment
from course_utils.losses import categorical_information, discriminator_loss, gaussian_information, generator_loss
from course_utils.models.conditional.infogan import codes_of
from course_utils.steps import OneBatchOfFakes
from course_utils.training import GAN, History


class InfoSteps(OneBatchOfFakes):
    """The two steps of InfoGAN (Chen et al., 2016): the usual game, and both players want Q to read the codes.

    ``gan.discriminator`` is an ``infogan.Discriminator``, whose head Q (the discriminator's own) reads category and
    numbers from an image; the codes stand in ``z`` itself. The bound on the information, categories plus
    ``continuous_weight`` times numbers, is added to both players' aims ``info_weight`` times.

    ``bounds`` are the two functions that compute it. With ``distort`` the category is read from distorted images, so
    that it cannot be told by what distortion changes.
    """

    def __init__(
        self,
        info_weight: float = 1.0,
        continuous_weight: float = 0.1,
        gamma: float = 0.5,
        every: int = 4,
        bounds: tuple[Callable, Callable] = (categorical_information, gaussian_information),
        distort: Callable[[torch.Tensor], torch.Tensor] | None = None,
    ):
        super().__init__(gamma, every)
        self.info_weight, self.continuous_weight = info_weight, continuous_weight
        self.bounds, self.distort = bounds, distort

    def judge(self, gan: GAN, images: torch.Tensor, z: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """The logits (B, 1) of images made of ``z``, and the weighted bound on the information that they carry."""
        codes, (categorical, gaussian) = codes_of(z), self.bounds
        logits, guess = gan.discriminator.judge(images)
        numbers = gaussian(guess.mean, guess.log_variance, codes.continuous)
        if self.distort is not None:
            _, guess = gan.discriminator.judge(self.distort(images))
        return logits, categorical(guess.category_logits, codes.category) + self.continuous_weight * numbers

    def loss_d(self, gan, real, fake):
        real_logits = gan.discriminator(real)  # (B, 1)
        fake_logits, information = self.judge(gan, fake, self.z)
        return discriminator_loss(real_logits, fake_logits) - self.info_weight * information, real_logits

    def loss_g(self, gan, fake):
        fake_logits, information = self.judge(gan, fake, self.z)
        return generator_loss(fake_logits) - self.info_weight * information


def purity(category: torch.Tensor, labels: torch.Tensor, classes: int = 10) -> float:
    """How pure the categories are: the share of images that show the most frequent class of their own category.

    Takes the category that each image was made with and the class that a classifier reads in it, int64 (N,), both from 0 to
    ``classes - 1``. Which class belongs to which category does not matter, since nobody told the generator names. Returns a
    number from 0 to 1. It is also 1 when all images show the same class, so count the classes that are claimed as well.
    """
    table = torch.bincount(category * classes + labels, minlength=classes * classes)  # (classes * classes,)
    table = table.view(classes, classes)  # a row for each category, a column for each class
    return table.max(dim=1).values.sum().item() / len(labels)


def distort(images: torch.Tensor) -> torch.Tensor:
    """Turn, lean, stretch and move each image at random, and add a little noise: (B, 1, 28, 28) to the same.

    What is left of a digit is its shape. Gradients pass through.
    """
    recipe = Recipe(rotation=0.25, shear=0.4, scale=0.2, translation=0.2, noise=0.1)
    return augment(images, recipe, None)


class WatchInformation:
    """A callback that writes down, at each logged step, the two bounds for images of ``n`` fixed latent vectors.

    ``category`` and ``continuous`` hold the bounds in nats, ``step`` the steps.
    """

    def __init__(self, draw_z: Callable[[int], torch.Tensor], n: int = 500):
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(2)
            self.z = draw_z(n)  # (n, 74)
        self.step: list[int] = []
        self.category: list[float] = []
        self.continuous: list[float] = []

    @torch.no_grad()
    def __call__(self, gan: GAN, history: History) -> None:
        codes = codes_of(self.z)
        _, guess = gan.discriminator.judge(gan.shown(self.z))
        self.step.append(history.step[-1])
        self.category.append(categorical_information(guess.category_logits, codes.category).item())
        self.continuous.append(gaussian_information(guess.mean, guess.log_variance, codes.continuous).item())


def ink(images: torch.Tensor) -> torch.Tensor:
    """How much of each image is ink: (N, 1, H, W) in [-1, 1] to (N,), 0 for an empty sheet, 1 for a full one."""
    return ((images + 1) / 2).mean(dim=(1, 2, 3))


def slant(images: torch.Tensor) -> torch.Tensor:
    """How far the ink leans to the right, per unit of height: (N, 1, H, W) in [-1, 1] to (N,).

    The slope of the column on the row, over the ink: 0 for an upright stroke, 1 for one at 45 degrees, positive for the
    lean of italics. An image without ink has 0.
    """
    weight = (images[:, 0] + 1) / 2  # (N, H, W)
    height, width = weight.shape[1:]
    up, right = -torch.arange(height, dtype=weight.dtype)[:, None], torch.arange(width, dtype=weight.dtype)[None, :]
    total = weight.sum(dim=(1, 2)).clamp(min=1e-6)  # (N,)

    def mean(x):
        return (weight * x).sum(dim=(1, 2)) / total

    covariance = mean(up * right) - mean(up) * mean(right)
    return covariance / (mean(up * up) - mean(up).square()).clamp(min=1e-6)
