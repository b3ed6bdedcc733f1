"""Photographs that come with scikit-image, so that nothing is downloaded.

    picture = photographs.load("astronaut", 192)          # (1, 3, 192, 192) in [-1, 1]
    left, right = photographs.halves("gravel", 256)       # two parts of a texture that share no pixel
    patches, labels = photographs.patches("left", 40)     # (120, 3, 64, 64), brightness and contrast removed

Astronaut and Hubble's deep field are NASA's, in the public domain; brick, grass and gravel are CC0.
"""

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from course_utils.datasets import LabelledImages, to_float
from course_utils.runtime import seeded

TEXTURES = ("brick", "grass", "gravel")
COLOURFUL = {"hubble": "hubble_deep_field"}
NAMES = ("astronaut", "chelsea", "coffee", *TEXTURES, *COLOURFUL)
SIDES = ("left", "right")


def load(name: str, size: int) -> Tensor:
    """The middle square of a photograph, shrunk with antialiasing: (1, 3, size, size) in [-1, 1]. Grey has three channels.

    Raises ValueError for a name that is not in ``NAMES``.
    """
    if name not in NAMES:
        raise ValueError(f"name: expected one of {', '.join(NAMES)}, got {name!r}")
    from skimage import data

    pixels = np.asarray(getattr(data, COLOURFUL.get(name, name))())  # (H, W) or (H, W, 3), uint8
    pixels = np.repeat(pixels[..., None], 3, axis=2) if pixels.ndim == 2 else pixels[..., :3]
    side = min(pixels.shape[:2])
    top, left = ((n - side) // 2 for n in pixels.shape[:2])
    square = pixels[top : top + side, left : left + side]
    image = to_float(torch.from_numpy(square.copy()).permute(2, 0, 1)[None])  # (1, 3, side, side)
    if side == size:
        return image
    return F.interpolate(image, size=(size, size), mode="bilinear", antialias=True, align_corners=False)


def halves(name: str, size: int) -> tuple[Tensor, Tensor]:
    """The left and the right half of a photograph, each (1, 3, size, size // 2): one to learn from, one to judge by."""
    whole = load(name, size)
    return whole[..., : size // 2], whole[..., size // 2 :]


def level(patches: Tensor) -> Tensor:
    """Patches (N, 3, H, W) with mean 0 and deviation 1 each, so that brightness and contrast tell nothing."""
    centred = patches - patches.mean(dim=(1, 2, 3), keepdim=True)
    return centred / centred.std(dim=(1, 2, 3), keepdim=True).clamp(min=1e-6)


def patches(side: str, each: int, seed: int = 0, pixels: int = 64, size: int = 256) -> LabelledImages:
    """``each`` random patches of the three textures, all from one half: floats (3 * each, 3, 64, 64), levelled, with labels.

    Patches of one half overlap; patches of different halves share no pixel. ``ValueError`` for another side.
    """
    if side not in SIDES:
        raise ValueError(f"side: expected 'left' or 'right', got {side!r}")
    generator = seeded(seed)
    found = []
    for name in TEXTURES:
        half = halves(name, size)[SIDES.index(side)][0]  # (3, size, size // 2)
        for _ in range(each):
            top = torch.randint(half.shape[1] - pixels + 1, (), generator=generator).item()
            left = torch.randint(half.shape[2] - pixels + 1, (), generator=generator).item()
            found.append(half[:, top : top + pixels, left : left + pixels])
    return LabelledImages(level(torch.stack(found)), torch.arange(len(TEXTURES)).repeat_interleave(each))
