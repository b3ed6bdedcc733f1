"""What the lesson on InfoGAN does to images and measures in them: distortions, ink, slant, width, information."""

from collections.abc import Callable

import torch

from course_utils.callbacks import History
from course_utils.checkpoints.digit_classifier import ClassifierRecipe, augment
from course_utils.lessons.c1w4c.exercises import purity
from course_utils.losses import categorical_information, gaussian_information
from course_utils.metrics import digit_labels
from course_utils.models.conditional.infogan import codes_of
from course_utils.runtime import chance_kept
from course_utils.training import GAN


def distort(images: torch.Tensor) -> torch.Tensor:
    """Turn, lean, stretch and move each image at random, and add a little noise: (B, 1, 28, 28) to the same.

    What is left of a digit is its shape. Gradients pass through.
    """
    recipe = ClassifierRecipe(rotation=0.25, shear=0.4, scale=0.2, translation=0.2, noise=0.1)
    return augment(images, recipe, None)


class WatchInformation:
    """A callback that writes down, at each logged step, what can be read from images of ``n`` fixed latent vectors.

    ``category`` and ``continuous`` hold Q's two bounds in nats, ``purity`` that of the categories by the classifier of
    digits, which has no part in the training, and ``step`` the steps.
    """

    def __init__(self, draw_z: Callable[[int], torch.Tensor], n: int = 500):
        with chance_kept():
            torch.manual_seed(2)
            self.z = draw_z(n)  # (n, 74)
        self.step: list[int] = []
        self.category: list[float] = []
        self.continuous: list[float] = []
        self.purity: list[float] = []

    @torch.no_grad()
    def __call__(self, gan: GAN, history: History) -> None:
        codes = codes_of(self.z)
        images = gan.shown(self.z)  # (n, 1, 28, 28)
        _, guess = gan.discriminator.judge(images)
        self.step.append(history.step[-1])
        self.category.append(categorical_information(guess.category_logits, codes.category).item())
        self.continuous.append(gaussian_information(guess.mean, guess.log_variance, codes.continuous).item())
        self.purity.append(purity(codes.category.cpu(), digit_labels(images)))


def ink(images: torch.Tensor) -> torch.Tensor:
    """How much of each image is ink: (N, 1, H, W) in [-1, 1] to (N,), 0 for an empty sheet, 1 for a full one."""
    return ((images + 1) / 2).mean(dim=(1, 2, 3))


def slant(images: torch.Tensor) -> torch.Tensor:
    """How far the ink leans to the right, per unit of height: (N, 1, H, W) in [-1, 1] to (N,).

    The slope of the column on the row, over the ink: 0 for an upright stroke, 1 for one at 45 degrees, positive for the
    lean of italics. An image without ink has 0.
    """
    up, _, covariance = _spread(images)
    return covariance / up.clamp(min=1e-6)


def width(images: torch.Tensor) -> torch.Tensor:
    """How wide the ink is spread once its slant is taken off, in pixels: (N, 1, H, W) in [-1, 1] to (N,).

    The standard deviation of the column about the line that leans with the ink: 0 for a straight stroke of one pixel.
    """
    up, right, covariance = _spread(images)
    return (right - covariance.square() / up.clamp(min=1e-6)).clamp(min=0).sqrt()


def _spread(images: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Of the ink of images (N, 1, H, W): the variances of its height and of its column, and their covariance, (N,) each."""
    weight = (images[:, 0] + 1) / 2  # (N, H, W)
    height, columns = weight.shape[1:]
    up, right = (torch.arange(side, dtype=weight.dtype, device=weight.device) for side in (height, columns))
    up, right = -up[:, None], right[None, :]
    total = weight.sum(dim=(1, 2)).clamp(min=1e-6)  # (N,)

    def mean(x):
        return (weight * x).sum(dim=(1, 2)) / total

    return (
        mean(up * up) - mean(up).square(),
        mean(right * right) - mean(right).square(),
        mean(up * right) - mean(up) * mean(right),
    )
