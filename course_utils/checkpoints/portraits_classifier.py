"""Reads the attributes of portraits: 17 questions, one logit each, in the order of `OUTPUTS`.

    scores = probabilities(images)                         # (N, 17), from images (N, 3, H, W) in [-1, 1]
    glasses = scores[:, OUTPUTS.index("glasses")]

An attribute of the table is one question, but for the hair style, which is six. A score is the probability of an
attribute that is there or not, and the grade, 0 to 1, of one that has grades.
"""

import math
from functools import lru_cache

import torch
from torch import Tensor
from torch.nn import functional as F

from course_utils import checkpoints
from course_utils.checkpoints.checkpoint import Checkpoint
from course_utils.datasets import portraits, to_float
from course_utils.models.judges.portrait_classifier import SIZE, PortraitClassifier
from course_utils.runtime import device, seed_everything

GRADED = ("skin_tone", "hair_colour", "age", "smile", "pose", "background", "eye_colour", "lip_colour")
YES_OR_NO = ("glasses", "hat", "beard", *portraits.HAIR_STYLES)
OUTPUTS = tuple(name for name in portraits.NAMES if name != "hair_style") + portraits.HAIR_STYLES
DRAWN = 20_000  # portraits to learn from
BATCH = 128


def targets(attributes: Tensor) -> Tensor:
    """The right answers, 0 to 1, from a table of attributes: (N, 12) to (N, 17)."""
    style = attributes[:, portraits.NAMES.index("hair_style")].long()
    others = [i for i, name in enumerate(portraits.NAMES) if name != "hair_style"]
    return torch.cat([attributes[:, others], F.one_hot(style, len(portraits.HAIR_STYLES)).float()], dim=1)


def disturb(images: Tensor) -> Tensor:
    """Move images (B, 3, H, W) by up to two pixels, and add a little noise or blur to some."""
    moves = torch.randint(5, (2,)).tolist()
    padded = F.pad(images, (2, 2, 2, 2), mode="replicate")
    moved = padded[:, :, moves[0] : moves[0] + SIZE, moves[1] : moves[1] + SIZE]
    soft = F.avg_pool2d(F.pad(moved, (1, 1, 1, 1), mode="replicate"), 3, stride=1)  # as a generator's pictures may be
    moved = torch.lerp(moved, soft, torch.rand(len(images), 1, 1, 1, device=images.device) * 0.8)
    return moved + 0.15 * torch.rand(len(images), 1, 1, 1, device=images.device) * torch.randn_like(moved)


def train(steps: int, seed: int, drawn: int = DRAWN) -> PortraitClassifier:
    """The classifier, on the CPU, after `steps` rounds on `drawn` portraits: AdamW, one cycle, cross-entropy."""
    seed_everything(seed)
    people = portraits.draw(drawn, seed=1, size=SIZE)
    answers = targets(people.attributes)
    network = PortraitClassifier(len(OUTPUTS)).to(device())
    optimiser = torch.optim.AdamW(network.parameters(), weight_decay=0.02)
    for step in range(steps):
        rows = torch.randint(drawn, (BATCH,))
        logits = network(disturb(to_float(people.images[rows].to(device()))))
        loss = F.binary_cross_entropy_with_logits(logits, answers[rows].to(device()))
        optimiser.param_groups[0]["lr"] = 3e-3 * min(1, (step + 1) / 100) * 0.5 * (1 + math.cos(math.pi * step / steps))
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()
    return network.eval().cpu()


@lru_cache(maxsize=1)
def shipped_classifier() -> PortraitClassifier:
    """The trained classifier that ships with the course, read once. Raises DataError as `checkpoints.load` does."""
    return checkpoints.load("portraits_classifier")


@torch.no_grad()
def features(images: Tensor, batch_size: int = 100) -> Tensor:
    """What the shipped classifier makes of images (N, 3, H, W) in [-1, 1], before its last layer: (N, 64)."""
    network = shipped_classifier()
    return torch.cat([network.features(part.float().cpu()) for part in images.split(batch_size)])


@torch.no_grad()
def probabilities(images: Tensor, network: PortraitClassifier | None = None, batch_size: int = 100) -> Tensor:
    """Scores, 0 to 1, of images (N, 3, H, W) in [-1, 1]: (N, 17), columns in the order of `OUTPUTS`."""
    network = network or shipped_classifier()
    return torch.cat([network(part.float().cpu()).sigmoid() for part in images.split(batch_size)])


def measure(network: PortraitClassifier) -> dict[str, float]:
    """On 2,000 portraits that it never saw: accuracy of the yes-or-no answers, mean absolute error of the grades."""
    people = portraits.draw(2000, seed=2, size=SIZE)
    answers, scores = targets(people.attributes), probabilities(to_float(people.images), network)
    right = ((scores > 0.5) == (answers > 0.5)).double().mean(dim=0)
    error = (scores - answers).abs().double().mean(dim=0)
    found = {f"accuracy_{name}": right[OUTPUTS.index(name)].item() for name in YES_OR_NO}
    return found | {f"error_{name}": error[OUTPUTS.index(name)].item() for name in GRADED}


CHECKPOINT = Checkpoint(
    name="portraits_classifier",
    network=lambda: PortraitClassifier(len(OUTPUTS)),
    train=train,
    measure=measure,
    model="course_utils.models.judges.portrait_classifier:PortraitClassifier",
    data="20,000 portraits drawn by course_utils.datasets.portraits, seed 1, 48 x 48 pixels",
    licence="MIT, as the code that drew them",
    steps=2000,
    tolerance=0.1,
)
