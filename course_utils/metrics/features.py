"""What the shipped digit classifier makes of images: features for the Fréchet distance, and labels."""

from collections.abc import Callable
from functools import lru_cache

import torch
from torch import Tensor

from course_utils.datasets import shipped
from course_utils.models.judges.digit_classifier import DigitClassifier

WEIGHTS = "digit_classifier.safetensors"  # `course train digit_classifier` makes them
TOLERANCE = 1e-3  # how far a pixel may lie outside [-1, 1]


@lru_cache(maxsize=1)
def digit_classifier() -> DigitClassifier:
    """The course's trained classifier, on the CPU, in eval mode and without gradients; loaded once.

    Raises DataError, in one line, when its file is missing or its checksum is wrong.
    """
    from safetensors.torch import load

    model = DigitClassifier().float()  # whatever the default type is
    model.load_state_dict(load(shipped.read_verified(WEIGHTS)))
    return model.eval().requires_grad_(False)


def digit_features(images: Tensor, batch_size: int = 250) -> Tensor:
    """Penultimate activations of the digit classifier.

    Args:
        images: float (N, 1, 28, 28) in [-1, 1], on any device.
        batch_size: images a forward pass, for memory only.

    Returns float32 (N, 64) on the CPU. Raises ValueError for images of another kind.
    """
    return _in_batches(lambda batch: digit_classifier().features(batch), images, batch_size)


def digit_probabilities(images: Tensor, batch_size: int = 250) -> Tensor:
    """Probabilities of the ten digits: float (N, 1, 28, 28) in [-1, 1] to float32 (N, 10)."""
    return _in_batches(lambda batch: digit_classifier()(batch).softmax(dim=1), images, batch_size)


def digit_labels(images: Tensor, batch_size: int = 250) -> Tensor:
    """The most probable digit of each image: float (N, 1, 28, 28) in [-1, 1] to int64 (N,)."""
    return _in_batches(lambda batch: digit_classifier()(batch).argmax(dim=1), images, batch_size)


def require_digits(images: Tensor, name: str = "images") -> Tensor:
    """The images as they came, once they are known to be float (N, 1, 28, 28) in [-1, 1] with N >= 1.

    Raises ValueError naming the argument, what was expected, what came and what to do.
    """
    expected = f"{name}: expected a float tensor (N, 1, 28, 28) with pixels in [-1, 1]"
    if not isinstance(images, Tensor):
        raise ValueError(f"{expected}, got {type(images).__name__}; convert it with torch.as_tensor")
    if not images.is_floating_point():
        raise ValueError(f"{expected}, got {images.dtype}; scale uint8 pixels with datasets.to_float")
    if images.ndim != 4 or images.shape[1:] != (1, 28, 28) or len(images) == 0:
        raise ValueError(f"{expected}, got shape {tuple(images.shape)}; {_to_make_digits_of(images)}")
    if not images.isfinite().all():
        raise ValueError(f"{expected}, got NaN or infinite values; the generator has diverged")
    low, high = images.min().item(), images.max().item()
    if low < -1 - TOLERANCE or high > 1 + TOLERANCE:
        raise ValueError(f"{expected}, got {low:.3g} to {high:.3g}; scale 0..255 with x / 127.5 - 1")
    return images


def _to_make_digits_of(images: Tensor) -> str:
    """What to do about images of this shape."""
    if len(images) == 0:
        return "draw some"
    if images.ndim == 4 and images.shape[1] == 3:
        return "this classifier reads grey digits of 28x28: images.mean(dim=1, keepdim=True) has one channel"
    if images.ndim in (2, 3) and images[0].numel() in (28 * 28, 28):
        return "reshape it with .reshape(-1, 1, 28, 28)"
    return "this classifier reads digits of 28x28 pixels, and nothing else"


@torch.no_grad()
def _in_batches(function: Callable[[Tensor], Tensor], images: Tensor, batch_size: int) -> Tensor:
    if batch_size < 1:
        raise ValueError(f"batch_size: expected 1 or more, got {batch_size}")
    batches = require_digits(images).detach().split(batch_size)
    return torch.cat([function(batch.to("cpu", torch.float32)) for batch in batches])
