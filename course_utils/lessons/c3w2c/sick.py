"""Pictures that are made small in another way, and runs with one thing wrong, for the diagnosis: what one can print of them."""

from collections.abc import Callable
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from course_utils.lessons.c3w2c import arms
from course_utils.metrics.psnr import psnr
from course_utils.models.super_resolution import FACTOR, shrink

REACH = 2  # pixels by which a picture is moved in search of its place


class Reading(NamedTuple):
    """What one can print of a run without looking at a picture."""

    reported: float  # decibels that the run reports
    counted: float  # decibels counted here
    grey: float  # decibels of the brightness, the mean over the channels
    gain: float  # what the best of all moves by up to two pixels adds, in decibels
    fits: float  # decibels of the shrunk result against the small picture
    distance: float  # Fréchet distance to other people, in the judge's features


def thinned(images: Tensor) -> Tensor:
    """Every fourth pixel of pictures (N, C, 4h, 4w), from near the middle of each block: (N, C, h, w)."""
    return images[..., 2::4, 2::4]


def aligned_bicubic(small: Tensor, first: float = 2) -> Tensor:
    """Cubic interpolation of pixels at ``first``, ``first`` + 4, ... of the large picture: (N, C, 4h, 4w), not clipped.

    ``bicubic`` puts them in the middle of their blocks of 4 x 4, at 1.5, 5.5, ...: with ``first=1.5`` it is the same. What
    ``thinned`` takes lies half a pixel further on.
    """
    down, right = (
        2 * (torch.arange(FACTOR * side) - first) / FACTOR / (side - 1) - 1 for side in small.shape[-2:]
    )  # where each large pixel lies between the first small one, -1, and the last, 1
    y, x = torch.meshgrid(down, right, indexing="ij")
    places = torch.stack([x, y], dim=-1).expand(len(small), -1, -1, -1)  # (N, 4h, 4w, 2)
    return F.grid_sample(small, places, mode="bicubic", padding_mode="border", align_corners=True)


def moved(images: Tensor, down: int, right: int) -> Tensor:
    """Pictures whose content is moved; what leaves on one side comes in on the other."""
    return torch.roll(images, (down, right), dims=(-2, -1))


def gain_of_moves(images: Tensor, truth: Tensor) -> float:
    """How many decibels the best of all moves by up to two pixels adds, without a border that no move spoils: at least 0."""
    inside = (..., slice(REACH, -REACH), slice(REACH, -REACH))
    steps = range(-REACH, REACH + 1)
    found = [psnr(moved(images, down, right)[inside], truth[inside]) for down in steps for right in steps]
    return max(found) - psnr(images[inside], truth[inside])


def read(images: Tensor, truth: Tensor, distance: float, peak: float = 2.0) -> Reading:
    """The numbers of large pictures (N, 3, 4h, 4w); ``peak`` is the one with which the run counts."""
    counted = psnr(images, truth)
    return Reading(
        counted + 20 * torch.tensor(peak / 2).log10().item(),
        counted,
        psnr(images.mean(dim=1, keepdim=True), truth.mean(dim=1, keepdim=True)),
        gain_of_moves(images, truth),
        psnr(shrink(images), shrink(truth)),
        distance,
    )


def patients(
    warm: Callable, squared: Tensor, game: Tensor, truth: Tensor, distance: Callable[[Tensor], float]
) -> dict[str, Reading]:
    """What can be printed of the six runs of the diagnosis, by letter.

    ``warm`` is a network after its warm-up; ``squared`` and ``game`` are what the control and the heaviest game make of the
    small pictures of ``truth`` (N, 3, 4h, 4w). ``distance(pictures)`` is the Frechet distance to other people.
    ``exercises.diagnose`` says which is which.
    """
    runs = {
        "A": arms.enlarge(warm, thinned(truth)),
        "B": moved(squared, 2, 2),
        "C": squared,
        "D": game,
        "E": squared,
        "F": squared.flip(1),
    }
    return {name: read(x, truth, distance(x), 1.0 if name == "E" else 2.0) for name, x in runs.items()}
