"""A second judge, of hat and glasses only, that methods may lean on: what it says is never what they are measured by."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from course_utils.datasets import to_float
from course_utils.runtime import seed_everything


def network(width: int = 12) -> nn.Sequential:
    """Images (B, 3, 32, 32) in [-1, 1] to logits (B, 2) of hat and glasses."""
    return nn.Sequential(
        nn.Conv2d(3, width, 4, stride=2, padding=1),  # (B, 12, 16, 16)
        nn.LeakyReLU(0.1),
        nn.Conv2d(width, 2 * width, 4, stride=2, padding=1),  # (B, 24, 8, 8)
        nn.LeakyReLU(0.1),
        nn.Flatten(),
        nn.Linear(2 * width * 64, 32),  # (B, 32)
        nn.LeakyReLU(0.1),
        nn.Linear(32, 2),
    )


def train(images: Tensor, truth: Tensor, steps: int, seed: int = 0) -> nn.Module:
    """A guide that learned from portraits uint8 (N, 3, 32, 32) with their truth (N, 2), 0 or 1, some of them noisy."""
    seed_everything(seed)
    guide = network()
    optimiser = torch.optim.Adam(guide.parameters(), lr=2e-3)
    for _ in range(steps):
        rows = torch.randint(len(images), (64,))
        seen = to_float(images[rows])
        seen = seen + 0.3 * torch.rand(len(seen), 1, 1, 1) * torch.randn_like(seen)  # generated portraits are rough
        loss = F.binary_cross_entropy_with_logits(guide(seen), truth[rows])
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    return guide.eval().requires_grad_(False)


@torch.no_grad()
def answers(guide: nn.Module, images: Tensor, batch_size: int = 500) -> Tensor:
    """What a guide says about images (N, 3, 32, 32) in [-1, 1]: (N, 2), 0 or 1."""
    return torch.cat([(guide(part) > 0).float() for part in images.split(batch_size)])
