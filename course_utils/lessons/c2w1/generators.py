"""Images of the shipped generator of digits, what can be done to them, and the six anonymous generators."""

import torch
import torch.nn.functional as F
from torch import Tensor

from course_utils import checkpoints
from course_utils.callbacks import generate
from course_utils.datasets import digits, to_float
from course_utils.metrics import digit_labels, digit_probabilities

LATENT_DIM = 64


def honest(n: int, seed: int, truncation: float = 1.0) -> Tensor:
    """n digits of the shipped DCGAN, (n, 1, 28, 28); every z is multiplied by `truncation`."""
    z = torch.randn(n, LATENT_DIM, generator=torch.Generator().manual_seed(seed))
    return generate(checkpoints.load("digits_dcgan"), truncation * z)


def copies(n: int, seed: int) -> Tensor:
    """n training images, each at most once."""
    chosen = torch.randperm(digits.EMBEDDED_TRAIN, generator=torch.Generator().manual_seed(seed))[:n]
    return to_float(digits.load("train").images[chosen])


def blurred(images: Tensor, sigma: float = 0.6) -> Tensor:
    """A Gaussian blur over 5 x 5 pixels, with its deviation in pixels."""
    line = torch.exp(-0.5 * (torch.arange(-2.0, 3.0) / sigma) ** 2)
    line = line / line.sum()
    return F.conv2d(F.pad(images, (2, 2, 2, 2), mode="replicate"), torch.outer(line, line)[None, None])


def noisy(images: Tensor, deviation: float = 0.3, seed: int = 0) -> Tensor:
    """Normal noise on every pixel, cut off at -1 and 1."""
    noise = torch.randn(images.shape, generator=torch.Generator().manual_seed(seed))
    return (images + deviation * noise).clamp(-1, 1)


def shifted(images: Tensor, pixels: int = 3) -> Tensor:
    """Moved to the right; what leaves comes back at the left."""
    return torch.roll(images, pixels, dims=3)


def ink_centre(images: Tensor) -> float:
    """The mean column of the ink of images (N, 1, H, W), in pixels from the left; ink is 0 at -1 and 1 at 1."""
    ink = ((images + 1) / 2).mean(dim=(0, 1, 2))  # (W,)
    return (ink @ torch.arange(float(len(ink))) / ink.sum()).item()


def wrong_range(images: Tensor) -> Tensor:
    """Pixels from 0 to 1 where -1 to 1 is expected."""
    return (images + 1) / 2


def without(images: Tensor, dropped: tuple[int, ...] = (0, 1, 2, 3, 4)) -> Tensor:
    """The images that are read as none of these digits."""
    return images[~torch.isin(digit_labels(images), torch.tensor(dropped))]


def one_a_class(images: Tensor, n: int) -> Tensor:
    """The image that is read with most certainty as each digit, again and again, n in all."""
    best = digit_probabilities(images).argmax(dim=0)  # (10,)
    return images[best].repeat(-(-n // len(best)), 1, 1, 1)[:n]


def anonymous(n: int, seed: int) -> dict[str, Tensor]:
    """n images of each of the six generators. What each one does stands in `exercises.diagnose`."""
    drawn = honest(3 * n, seed)
    return {
        "generator A": blurred(drawn[:n]),
        "generator B": without(drawn)[:n],
        "generator C": one_a_class(drawn, n),
        "generator D": drawn[:n],
        "generator E": copies(n, seed),
        "generator F": noisy(drawn[:n]),
    }
