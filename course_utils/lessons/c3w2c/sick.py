"""Runs with one thing wrong, for the diagnosis: what one can print of them."""

from typing import NamedTuple

import torch
from torch import Tensor

from course_utils.metrics.psnr import psnr
from course_utils.models.super_resolution import shrink

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
