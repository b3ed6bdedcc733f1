"""A judge that is quick to train and often wrong: it sees 8 x 8 pixels."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from course_utils.datasets import to_float
from course_utils.runtime import seed_everything

CORNERS = [(0, 0), (0, 1), (1, 0), (1, 1)]  # truth of attributes a and b


def thumbnails(images: Tensor) -> Tensor:
    """Images uint8 (N, 3, 32, 32) as 8 x 8 colours, (N, 192), -1 to 1."""
    return F.avg_pool2d(to_float(images), 4).flatten(1)


def train_thumbnail_judge(images: Tensor, truth: Tensor, steps: int = 600, seed: int = 0) -> nn.Module:
    """A small network that answers two questions about images uint8 (N, 3, 32, 32), learned from truth (N, 2), 0 or 1."""
    seed_everything(seed)
    seen = thumbnails(images)
    judge = nn.Sequential(nn.Linear(192, 32), nn.ReLU(), nn.Linear(32, 2))  # (B, 192) to logits (B, 2)
    optimiser = torch.optim.Adam(judge.parameters(), lr=3e-3)
    for _ in range(steps):
        rows = torch.randint(len(seen), (128,))
        loss = F.binary_cross_entropy_with_logits(judge(seen[rows]), truth[rows])
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    return judge.eval()


@torch.no_grad()
def thumbnail_answers(judge: nn.Module, images: Tensor) -> Tensor:
    """What a thumbnail judge says about images uint8 (N, 3, 32, 32): (N, 2), 0 or 1."""
    return (judge(thumbnails(images)) > 0).float()


def tossed_answers(truth: Tensor, accuracy: tuple[float, float], seed: int) -> Tensor:
    """The truth (N, 2) as a judge tells it that is right this often and errs by chance alone: (N, 2), 0 or 1."""
    chance = torch.rand(len(truth), 2, generator=torch.Generator().manual_seed(seed))
    return torch.where(chance < torch.tensor(accuracy), truth, 1 - truth)


def errors_by_other(answers: Tensor, truth: Tensor) -> Tensor:
    """How often a judge is wrong about a and about b in each corner of `CORNERS`: (4, 2), from tables (N, 2)."""
    wrong = (answers != truth).double()
    return torch.stack([wrong[(truth == torch.tensor(corner)).all(dim=1)].mean(dim=0) for corner in CORNERS])
