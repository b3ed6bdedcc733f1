"""Noise of two kinds: one that stays for a whole video, one that is new in every frame."""

import torch
from torch import Tensor


def video_noise(
    n: int, frames: int, content: int, motion: int, generator: torch.Generator | None = None
) -> tuple[Tensor, Tensor]:
    """Normal noise for ``n`` videos: of content (n, frames, content), and of motion (n, frames, motion).

    The noise of content is drawn once a video and is the same in all of its frames. The noise of motion is new in every frame.
    Videos share nothing. All numbers come from ``generator``; without one, from PyTorch's own.
    """
    # BEGIN SOLUTION
    fixed = torch.randn(n, 1, content, generator=generator).expand(-1, frames, -1)  # (n, frames, content)
    fresh = torch.randn(n, frames, motion, generator=generator)  # (n, frames, motion)
    return fixed, fresh
    # END SOLUTION
