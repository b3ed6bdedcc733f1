"""Small judges of 8 x 8 pixels: they learn glasses, with or without an adversary, and are asked what they give away."""

from collections.abc import Callable
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from course_utils.datasets import to_float
from course_utils.metrics.odds import balanced_accuracy
from course_utils.models.reversal import reversal_schedule
from course_utils.runtime import seed_everything
from course_utils.steps.adversary import Hiders, adversary_step

WIDTH = 8  # features
NOISE = 0.1  # standard deviation of what a cheap camera adds to a thumbnail, whose colours reach from -1 to 1
STRENGTH = 0.2  # of the reversal at the end


def thumbnails(images: Tensor, seed: int = 0) -> Tensor:
    """Portraits uint8 (N, 3, 32, 32) as noisy 8 x 8 colours, (N, 192)."""
    clear = F.avg_pool2d(to_float(images), 4).flatten(1)
    return clear + NOISE * torch.randn(clear.shape, generator=torch.Generator().manual_seed(seed))


def players(rate: float = 1e-3, adversary_rate: float = 2e-2) -> Hiders:
    """An encoder of thumbnails (B, 192), a head for glasses, an adversary for hats, and their optimisers.

    The adversary learns twenty times as fast as the encoder, so that it keeps up with features that move.
    """
    encoder = nn.Sequential(nn.Linear(192, 64), nn.ReLU(), nn.Linear(64, WIDTH))
    head, adversary = nn.Linear(WIDTH, 1), guesser()
    task = torch.optim.Adam([*encoder.parameters(), *head.parameters()], rate, betas=(0.5, 0.99))
    return Hiders(encoder, head, adversary, task, torch.optim.Adam(adversary.parameters(), adversary_rate))


def guesser(width: int = WIDTH) -> nn.Sequential:
    """Features (B, width) to logits (B, 1). They are normalised first: nothing can be hidden by making it small."""
    return nn.Sequential(nn.BatchNorm1d(width, affine=False), nn.Linear(width, 64), nn.ReLU(), nn.Linear(64, 1))


def train(
    images: Tensor,
    truth: Tensor,
    steps: int,
    seed: int,
    weight: float = STRENGTH,
    weights: Tensor | None = None,
    step: Callable = adversary_step,
    made: Callable[[], Hiders] = players,
    schedule: Callable[[float], float] = reversal_schedule,
) -> tuple[Hiders, list[float]]:
    """Train on portraits uint8 (N, 3, 32, 32) with truth (N, 2) of hat and glasses; also the adversary's losses.

    ``weight`` times the schedule is the strength of the reversal. With ``weights`` (N,) people are drawn in proportion. In the
    second half the encoder's rate falls to 0, so that the adversary can catch up. Returned in evaluation mode.
    """
    seed_everything(seed)
    three, seen, guesses = made(), thumbnails(images, seed), []
    rate = three.opt_task.param_groups[0]["lr"]
    chances = torch.ones(len(seen)) if weights is None else weights
    for k in range(steps):
        rows = torch.multinomial(chances, 128, replacement=True)
        strength = weight * schedule(k / steps)
        three.opt_task.param_groups[0]["lr"] = rate * min(1.0, 2 - 2 * k / steps)
        guesses.append(step(three, seen[rows], truth[rows, 1], truth[rows, 0], strength)[1].item())
    for network in three.networks().values():
        network.eval()
    return three, guesses


class Told(NamedTuple):
    """What was found out about a judge on portraits of known truth."""

    task: float  # balanced accuracy of its answers about glasses
    training: float  # balanced accuracy of the adversary that it was trained against, about hats
    fresh: float  # the same of an adversary that was trained on its frozen features afterwards
    error: float  # standard error of both under chance


@torch.no_grad()
def features(three: Hiders, images: Tensor) -> Tensor:
    """Frozen features (N, 8) of portraits uint8 (N, 3, 32, 32)."""
    return three.encoder(thumbnails(images, seed=1000))


def fresh_adversary(x: Tensor, protected: Tensor, steps: int, seed: int = 0, rate: float = 3e-3) -> nn.Module:
    """An adversary that learns to guess ``protected`` (N,) from frozen features (N, d), and nobody works against it.

    Both answers count alike, however frequent they are. Returned in evaluation mode.
    """
    seed_everything(seed)
    adversary = guesser(x.shape[1])
    optimiser = torch.optim.Adam(adversary.parameters(), rate)
    rarer = (1 - protected.mean()) / protected.mean()
    for _ in range(steps):
        rows = torch.randint(len(x), (128,))
        loss = F.binary_cross_entropy_with_logits(adversary(x[rows]).squeeze(1), protected[rows], pos_weight=rarer)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    return adversary.eval()


def tell(three: Hiders, learn, test, steps: int) -> Told:
    """Read a judge on ``test``, after a fresh adversary learned on ``learn``: pairs of images and truth, dial 0."""
    (images, truth), (new_images, new_truth) = learn, test
    x, y = features(three, images), features(three, new_images)
    fresh = fresh_adversary(x, truth[:, 0], steps)
    with torch.no_grad():
        task, training, told = (net(y).squeeze(1) > 0 for net in (three.head, three.adversary, fresh))
    hats = [balanced_accuracy(said.float(), new_truth[:, 0]) for said in (training, told)]
    return Told(balanced_accuracy(task.float(), new_truth[:, 1])[0], hats[0][0], hats[1][0], hats[1][1])


@torch.no_grad()
def decisions(three: Hiders, images: Tensor) -> Tensor:
    """Whether a judge says glasses: (N,), 0 or 1, of portraits uint8 (N, 3, 32, 32)."""
    return (three.head(features(three, images)).squeeze(1) > 0).float()
