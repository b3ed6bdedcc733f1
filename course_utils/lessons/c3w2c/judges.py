"""Judges that are trained in the notebook, and what is counted with them."""

import math
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from course_utils.checkpoints.portraits_classifier import OUTPUTS, targets
from course_utils.metrics.frechet import frechet_distance
from course_utils.metrics.psnr import psnr
from course_utils.metrics.ssim import ssim
from course_utils.models.judges.portrait_classifier import conv_block
from course_utils.models.super_resolution import back_projected, shrink

GLASSES = OUTPUTS.index("glasses")


class Judge(nn.Module):
    """Reads the attributes of portraits of 64 x 64 pixels: (B, 3, 64, 64) to logits (B, 17)."""

    def __init__(self, width: int = 16, features: int = 64):
        super().__init__()
        self.fine = conv_block(3, width)  # (B, 16, 32, 32)
        self.middle = conv_block(width, 2 * width)  # (B, 32, 16, 16)
        self.coarse = conv_block(2 * width, 4 * width)  # (B, 64, 8, 8)
        dense = nn.Linear(4 * width * 64, features, bias=False)
        self.head = nn.Sequential(
            nn.Flatten(), dense, nn.BatchNorm1d(features), nn.LeakyReLU(0.1), nn.Linear(features, len(OUTPUTS))
        )

    def forward(self, images: Tensor) -> Tensor:
        return self.head(self.coarse(self.middle(self.fine(images))))

    def features(self, images: Tensor) -> Tensor:
        """The mean over places of what the first two layers see: (B, 3, 64, 64) to (B, 48). Blur and texture show here."""
        fine = self.fine(images)
        return torch.cat([maps.mean(dim=(2, 3)) for maps in (fine, self.middle(fine))], dim=1)


def trained(images: Tensor, attributes: Tensor, steps: int, seed: int, batch_size: int = 64) -> Judge:
    """A judge after so many steps on pictures (N, 3, 64, 64), some of them softened, so that a blur is no riddle."""
    torch.manual_seed(seed)
    answers, network = targets(attributes), Judge()
    optimiser = torch.optim.AdamW(network.parameters(), weight_decay=0.02)
    for step in range(steps):
        rows = torch.randint(len(images), (batch_size,))
        real = images[rows]
        soft = F.avg_pool2d(F.pad(real, (1, 1, 1, 1), mode="replicate"), 3, stride=1)
        logits = network(torch.lerp(real, soft, 0.8 * torch.rand(batch_size, 1, 1, 1)))
        optimiser.param_groups[0]["lr"] = 3e-3 * min(1, (step + 1) / 20) * 0.5 * (1 + math.cos(math.pi * step / steps))
        loss = F.binary_cross_entropy_with_logits(logits, answers[rows])
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    return network.eval()


@torch.no_grad()
def glasses(judge: Judge, images: Tensor) -> Tensor:
    """True where the judge sees glasses: (N,)."""
    return torch.cat([judge(part)[:, GLASSES] > 0 for part in images.split(250)])


@torch.no_grad()
def distance(judge: Judge, images: Tensor, others: Tensor) -> float:
    """The Fréchet distance between two sets of pictures in the judge's features."""
    seen = [torch.cat([judge.features(part) for part in x.split(250)]).double() for x in (images, others)]
    return frechet_distance(*seen)


def of_glasses(seen: Tensor, worn: Tensor) -> tuple[float, float, float]:
    """How many are right, how many of those without glasses get some, how many of those with glasses lose them."""
    right = (seen == worn).double().mean().item()
    return right, seen[~worn].double().mean().item(), (~seen[worn]).double().mean().item()


class Measured(NamedTuple):
    """The numbers of one way to enlarge."""

    psnr: float
    ssim: float
    distance: float  # Fréchet distance to other people, in the judge's features
    right: float  # share of people whose glasses, or their lack, the judge sees
    invented: float  # share of people without glasses who get some
    lost: float  # share of people with glasses who lose them
    fits: float  # decibels of the shrunk result against the small picture
    repaired: float  # PSNR after one back-projection, clipped


def measure(large: Tensor, truth: Tensor, worn: Tensor, judge: Judge, others: Tensor, similarity=ssim) -> Measured:
    """Measure large pictures (N, 3, 64, 64), already clipped; ``others`` are other people, ``similarity`` is SSIM."""
    small = shrink(truth)
    return Measured(
        psnr(large, truth),
        similarity(large, truth),
        distance(judge, large, others),
        *of_glasses(glasses(judge, large), worn),
        psnr(shrink(large), small),
        psnr(back_projected(large, small).clamp(-1, 1), truth),
    )
