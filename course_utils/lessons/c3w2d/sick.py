"""Runs with one thing wrong, for the diagnosis: what one can print of them."""

from typing import NamedTuple

import torch
from torch import Tensor

from course_utils.lessons.c3w2d import arms
from course_utils.metrics.inpainting import leak
from course_utils.metrics.psnr import psnr


def leaking(network, images: Tensor, masks: Tensor, z: Tensor) -> Tensor:
    """`complete` that forgets to hide: hidden pixels reach the network."""
    made = network(torch.cat([images, masks, z[:, :, None, None].expand(-1, -1, *images.shape[2:])], dim=1))
    return images * (1 - masks) + made * masks


def unmasked(network, images: Tensor, masks: Tensor, z: Tensor) -> Tensor:
    """`complete` with a mask channel of zeros."""
    known = images * (1 - masks)
    maps = z[:, :, None, None].expand(-1, -1, *images.shape[2:])
    return known + network(torch.cat([known, torch.zeros_like(masks), maps], dim=1)) * masks


def uncomposed(network, images: Tensor, masks: Tensor, z: Tensor) -> Tensor:
    """What the network makes, everywhere."""
    return network(torch.cat([images * (1 - masks), masks, z[:, :, None, None].expand(-1, -1, *images.shape[2:])], dim=1))


class Reading(NamedTuple):
    """What one can print of an inpainter without looking at a picture."""

    reported: float  # decibels that the run reports
    error: float  # root of the mean squared error in the hole, in grey levels of 255
    known_changed: float  # largest change of a known pixel, in grey levels
    leak: float  # largest change of the fill when hidden pixels are replaced by noise, in grey levels
    mask_felt: float  # largest change of what the network makes when only the mask channel is changed, in grey levels


@torch.no_grad()
def read(network, fill, images: Tensor, mask: Tensor, everywhere: bool = False) -> Reading:
    """The numbers of a run; with ``everywhere`` it reports the decibels of whole pictures."""
    masks = mask.expand(len(images), -1, -1, -1)
    none = torch.zeros(len(images), 0)
    filled = fill(network, images, masks, none)
    error = ((filled - images).square() * masks).sum() / (masks.sum() * images.shape[1])
    small = masks * arms.band(9)

    def made(given: Tensor) -> Tensor:  # the same pixels hidden, another mask told
        seen = []
        hook = network.register_forward_hook(lambda _, inputs, output: seen.append(inputs[0].clone()))
        fill(network, images * (1 - masks), given, none)
        hook.remove()
        seen[0][:, :3] = images * (1 - masks)
        return network(seen[0])

    return Reading(
        psnr(filled, images, None if everywhere else masks[:, 0]),
        127.5 * error.sqrt().item(),
        127.5 * ((filled - images) * (1 - masks)).abs().max().item(),
        127.5 * leak(lambda x, m: fill(network, x, m, none), images, masks),
        127.5 * (made(masks) - made(small)).abs().max().item(),
    )


def trained(fill, start, images: Tensor, settings: arms.Settings, seed: int = 0):
    """An inpainter without noise that was trained with this ``fill``."""
    return arms.train_mean(start, images, settings, seed, fill)


def patients(fill, start, images: Tensor, settings: arms.Settings, shown: Tensor, mask: Tensor) -> dict[str, Reading]:
    """What can be printed of the five runs of the diagnosis, by letter; ``fill`` is a sound ``complete``.

    Three networks are trained on ``images`` and read on the pictures ``shown``, whose hole ``mask`` is. ``exercises.diagnose``
    says which run is which.
    """
    sound, told_nothing, told_all = (trained(way, start, images, settings) for way in (fill, unmasked, leaking))
    return {
        "A": read(told_nothing, unmasked, shown, mask),
        "B": read(sound, uncomposed, shown, mask),
        "C": read(told_all, leaking, shown, mask),
        "D": read(sound, fill, shown, mask),
        "E": read(sound, fill, shown, mask, everywhere=True),
    }
