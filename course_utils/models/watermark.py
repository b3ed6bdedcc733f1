"""An invisible mark in pictures: what writes a message of bits, and what reads it. Pictures are (B, C, S, S) in [-1, 1]."""

import torch
from torch import nn

from course_utils.models.layers import check_batch, check_sizes


class MarkWriter(nn.Module):
    """Adds a faint pattern that says ``bits`` bits; no pixel moves by more than ``strength``, of a range of 2.

    Each bit has a learned pattern, which is added or subtracted. The sum is the same for every picture with that message.
    """

    def __init__(self, bits: int = 24, image_size: int = 32, channels: int = 3, strength: float = 0.06):
        super().__init__()
        check_sizes(bits=bits, image_size=image_size, channels=channels)
        self.bits, self.strength = bits, strength
        self.patterns = nn.Parameter(0.3 * torch.randn(bits, channels, image_size, image_size))

    def pattern(self, messages: torch.Tensor) -> torch.Tensor:
        """What is added to a picture for messages (B, bits) of 0 and 1: (B, C, S, S)."""
        signs = 2 * messages.to(self.patterns.dtype) - 1  # (B, bits), -1 or 1
        added = torch.einsum("bk,kchw->bchw", signs, self.patterns) / self.bits**0.5  # (B, C, S, S)
        return self.strength * added.tanh()

    def forward(self, images: torch.Tensor, messages: torch.Tensor) -> torch.Tensor:
        messages = messages.to(self.patterns.dtype)
        check_batch("messages", messages, (self.bits,))
        return (images + self.pattern(messages)).clamp(-1, 1)  # (B, C, S, S)


class MarkReader(nn.Module):
    """One logit a bit, (B, bits), from pictures (B, C, S, S); S is a multiple of 4."""

    def __init__(self, bits: int = 24, image_size: int = 32, channels: int = 3, base: int = 16):
        super().__init__()
        check_sizes(bits=bits, image_size=image_size, channels=channels, base=base)
        self.layers = nn.Sequential(  # at 32 pixels:
            nn.Conv2d(channels, base, 3, padding=1),  # (B, 16, 32, 32)
            nn.LeakyReLU(0.2),
            nn.Conv2d(base, 2 * base, 4, 2, 1),  # (B, 32, 16, 16)
            nn.LeakyReLU(0.2),
            nn.Conv2d(2 * base, 4 * base, 4, 2, 1),  # (B, 64, 8, 8)
            nn.LeakyReLU(0.2),
            nn.Flatten(),
            nn.Linear(4 * base * (image_size // 4) ** 2, bits),  # (B, bits)
        )

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return self.layers(images)
