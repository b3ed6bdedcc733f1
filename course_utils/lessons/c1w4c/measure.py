"""What the lesson on InfoGAN does to images and measures in them: distortions, ink, slant, information."""

from collections.abc import Callable

import torch

from course_utils.callbacks import History
from course_utils.checkpoints.digit_classifier import ClassifierRecipe, augment
from course_utils.losses import categorical_information, gaussian_information
from course_utils.models.conditional.infogan import codes_of
from course_utils.training import GAN


def distort(images: torch.Tensor) -> torch.Tensor:
    """Turn, lean, stretch and move each image at random, and add a little noise: (B, 1, 28, 28) to the same.

    What is left of a digit is its shape. Gradients pass through.
    """
    recipe = ClassifierRecipe(rotation=0.25, shear=0.4, scale=0.2, translation=0.2, noise=0.1)
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
