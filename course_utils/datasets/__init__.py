"""Data sets, one module each. Every set has an offline default; pictures come as one uint8 tensor in memory."""

from typing import NamedTuple

import torch


class DataError(RuntimeError):
    """A data file is missing, damaged or out of reach. The message is one line that says what to do."""


class LabelledImages(NamedTuple):
    """Images and their labels, row by row."""

    images: torch.Tensor  # uint8 (N, C, H, W), 0 to 255
    labels: torch.Tensor  # int64 (N,)


def to_float(images: torch.Tensor) -> torch.Tensor:
    """Pixels from 0 to 255 (uint8, any shape) as float32 from -1 to 1, the range of tanh.

    Raises ValueError when the images are not uint8, so that nobody scales twice.
    """
    if images.dtype != torch.uint8:
        raise ValueError(f"images: expected uint8 pixels 0 to 255, got {images.dtype}; they may be scaled already")
    # BEGIN SOLUTION
    return images.to(torch.float32) / 127.5 - 1
    # END SOLUTION
